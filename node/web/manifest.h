/*
 * manifest.h - what a sealed version consists of, as one text whose SHA-256 stands for all of it.
 *
 * What belongs to it is data, in app.json:
 *
 *	"submissions": {
 *	  "table": "submission",		append-only, one row per sealed version
 *	  "columns": {"id": .., "scope": .., "object": .., "code": .., "version": .., "supersedes": ..,
 *		      "manifest": .., "sha256": .., "at": .., "by": ..},	its columns for these
 *	  "objects": {"book": {
 *	    "also": SQL,		one row: further columns of the table, by name
 *	    "about": SQL,		one row: what people call it: place, id, en, zone ...
 *	    "content": [{"name": .., "sql": SQL}],
 *	    "files": SQL,		sha256, bytes, name: what travels beside it
 *	    "missing": [SQL], "warnings": [SQL],	message_id, message_en, object_kind, object_id
 *	    "deadline": SQL		one row: due_ts, grace_hours, and what else is to be known
 *	  }}}
 *
 * All SQL may use :scope, :object and :code.  `also`, `about`, `files`, `warnings` and `deadline` may be
 * missing.  The manifest is canonical JSON (question.h):
 *
 *	{"about": {..}, "code": "B1", "content": [{"name": .., "rows": 12, "sha256": .., "sql": ..}],
 *	 "deadline": {..}, "files": [{..}], "format": "simpul-manifest-1", "object": "book", "scope": "13.73",
 *	 "sealed_at": "2023-09-21T08:58:00Z", "sealed_by": "..", "version": 1}
 *
 * The hash of a part is that of its rows: each as canonical JSON with a newline behind it, in the order of
 * their bytes; so whoever has the tables (`simpul at`) computes it again from the query that stands there.
 *
 * Memory: the plan borrows from the parsed app.json.
 */
#ifndef WEB_MANIFEST_H
#define WEB_MANIFEST_H

#include "base/json.h"
#include "base/world.h"
#include "simpul/ident.h"
#include "store/db.h"

struct manifest_ask {
	const char *scope, *object, *code;
};

struct manifest_seal {
	int64_t version;
	const char *by;	    /* who seals */
	uint64_t now_ms;
};

/* The object's plan; ERR_NOT_FOUND: nothing of that kind is submitted here. */
MUST_USE bool manifest_plan(const json_t *app, const char *object, const json_t **ret, struct err *e);
/* What the table calls a column ("sha256"); NULL: it has none for it. */
const char *manifest_column(const json_t *app, const char *what);
const char *manifest_table(const json_t *app); /* NULL: this workspace has no submissions */

/* {"complete": bool, "missing": [..], "warnings": [..]} */
MUST_USE bool manifest_check(struct db *db, const json_t *app, const struct manifest_ask *ask, json_t **ret,
			     struct err *e);
/* In the transaction of the row that it goes into.  ERR_TOO_LARGE: it does not fit into a cell. */
MUST_USE bool manifest_make(struct db *db, const json_t *app, const struct manifest_ask *ask,
			    const struct manifest_seal *seal, struct buf *out, struct err *e);
/* The row of a SQL in the plan ("deadline", "about", "also"); JSON null if there is none. */
MUST_USE bool manifest_row(struct db *db, const json_t *app, const struct manifest_ask *ask,
			   const char *what, json_t **ret, struct err *e);

/* "on_time", "in_grace", "late"; NULL: there is no deadline, or it was not received.  In seconds. */
const char *manifest_timeliness(const json_t *deadline, uint64_t received);

#endif
