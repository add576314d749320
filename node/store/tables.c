/*
 * tables.c - the data model of a node.
 *
 * A change's journey through the tables:
 *
 *	app table --trigger--> simpul_log --seal--> simpul_changeset --receipt--> simpul_receipt
 *	frame from elsewhere --accept--> simpul_changeset (or simpul_held) --merge--> app table,
 *	simpul_version_<table>, simpul_sibling
 *
 * simpul_changeset is the node's copy of everything it accepted, its own and others', in the order of
 * acceptance: n counts 1, 2, 3, without gaps but for a fork of our own that was set aside (merge/anew.h).
 * At the hub n - 1 is the index in the transparency log.  The outbox is no table of its own but the rows of
 * which custody says that the hub may lack them.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "store/tables.h"

/*
 * Acts of people: at_ms, who (of the operating system), what (store/act.h), object, why.  A changeset or
 * held frame with a discard is dismissed: off the open lists, and kept.  Since version 2.
 */
#define DDL_ACT                                                                                      \
	"CREATE TABLE simpul_act(no INTEGER PRIMARY KEY, at_ms INT NOT NULL, who TEXT NOT NULL,"     \
	" what TEXT NOT NULL, object TEXT NOT NULL, reason TEXT NOT NULL);"                          \
	"CREATE INDEX simpul_act_object ON simpul_act(object);"

/*
 * Rules filed here, per table: a schema document of that one table.  approved: documents with rules on
 * the hub's national chain; they win over rules filed here.  Since version 3.
 */
#define DDL_RULES                                                                                    \
	"CREATE TABLE simpul_rule(name TEXT PRIMARY KEY COLLATE NOCASE, document BLOB NOT NULL)"     \
	" WITHOUT ROWID;"                                                                            \
	"CREATE TABLE simpul_approved(chain_no INT, seq INT, hlc INT NOT NULL, hash BLOB NOT NULL,"  \
	" PRIMARY KEY(chain_no, seq)) WITHOUT ROWID;"
/* A grant's own place on the national chain: who got it knew the rules before it.  Since version 3. */
#define DDL_GRANTED                                                                                  \
	"ALTER TABLE simpul_grant ADD COLUMN by_no INT;"                                             \
	"ALTER TABLE simpul_grant ADD COLUMN by_seq INT;"

/*
 * What is renamed here goes on under the name by which it came to be replicated: `replicated`, NULL while
 * it still has that name.  key: numbers of the key columns as the version table knows them; "i" before an
 * alias of the rowid, "s" before a key that begins with the scope.  aside: why the table is left out for
 * now (capture/repair.h).  Since version 4.
 */
#define DDL_NAMES                                                                                    \
	"ALTER TABLE simpul_column ADD COLUMN replicated TEXT;"                                      \
	"ALTER TABLE simpul_table ADD COLUMN replicated TEXT;"                                       \
	"ALTER TABLE simpul_table ADD COLUMN key TEXT;"                                              \
	"ALTER TABLE simpul_table ADD COLUMN aside TEXT;"

/*
 * People on whose behalf programs of this node write (capture/actor.h).  In the log: a, the person's
 * number, NULL for an application; o, how far the person had seen the own chain, NULL for all of it.
 * Since version 5.
 */
#define DDL_ACTOR                                                                                    \
	"CREATE TABLE simpul_actor(no INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);"              \
	"ALTER TABLE simpul_log ADD COLUMN a INT;"                                                   \
	"ALTER TABLE simpul_log ADD COLUMN o INT;"

/*
 * Texts of the application that this file was made with (workspace/workspace.h): name, and for one that is
 * no part of the program, access, app; views: those that are in the file.  Since version 6.
 */
#define DDL_WORKSPACE                                                                                \
	"CREATE TABLE simpul_workspace(name TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;"

/*
 * People who use this node by the web (web/account.h), never replicated.  role: of access.json.  password: a
 * PHC string.  Sessions and tokens by the SHA-256 of their secret.  Since version 7.
 */
#define DDL_ACCOUNT                                                                                  \
	"CREATE TABLE simpul_account(id TEXT PRIMARY KEY, login TEXT NOT NULL UNIQUE,"               \
	" name TEXT NOT NULL UNIQUE COLLATE NOCASE, role TEXT NOT NULL, org_id TEXT,"                \
	" language TEXT NOT NULL, password TEXT NOT NULL, failures INT NOT NULL DEFAULT 0,"          \
	" locked_until_ms INT NOT NULL DEFAULT 0, disabled INT NOT NULL DEFAULT 0,"                  \
	" created_ms INT NOT NULL) WITHOUT ROWID;"                                                   \
	"CREATE TABLE simpul_session(hash BLOB PRIMARY KEY, account TEXT NOT NULL, csrf TEXT NOT NULL,"\
	" created_ms INT NOT NULL, used_ms INT NOT NULL) WITHOUT ROWID;"                             \
	"CREATE TABLE simpul_token(id TEXT PRIMARY KEY, hash BLOB NOT NULL UNIQUE,"                  \
	" account TEXT NOT NULL, name TEXT NOT NULL, role TEXT NOT NULL, created_ms INT NOT NULL,"   \
	" expires_ms INT NOT NULL) WITHOUT ROWID;"

/*
 * Offices that ask a hub to be enrolled, by key and scope; token_hash becomes an invitation when the
 * operator approves.  answered_ms NULL: they wait.  Since version 8.
 */
#define DDL_REQUEST                                                                                  \
	"CREATE TABLE simpul_request(key BLOB, scope TEXT, token_hash BLOB NOT NULL,"                \
	" name TEXT NOT NULL, asked_ms INT NOT NULL, answered_ms INT, approved INT NOT NULL DEFAULT 0," \
	" PRIMARY KEY(key, scope)) WITHOUT ROWID;"

/*
 * Attachments that a node has asked its hub about (blob/): origin, the log under which the hub said that it
 * has the file, so a restored hub is asked again; problem, why it does not take it.  Which files are here
 * stands in no table: the directory says so.  Since version 9.
 */
#define DDL_FILE                                                                                     \
	"CREATE TABLE simpul_file(hash BLOB PRIMARY KEY, origin TEXT, problem TEXT,"                 \
	" problem_text TEXT, tried_ms INT NOT NULL) WITHOUT ROWID;"                                  \
	/* At the hub: who brought a file, for which scope. */                                       \
	"CREATE TABLE simpul_file_from(hash BLOB, scope TEXT, size INT NOT NULL, key BLOB NOT NULL," \
	" arrived_ms INT NOT NULL, PRIMARY KEY(hash, scope)) WITHOUT ROWID;"                         \
	"CREATE INDEX simpul_file_from_scope ON simpul_file_from(scope);"

/*
 * When the nodes of a hub spoke last (exchange/contact.h): key, at_ms; skew_ms, how far its clock is ahead;
 * version of its program.  Since version 10.
 */
#define DDL_CONTACT                                                                                  \
	"CREATE TABLE simpul_contact(key BLOB PRIMARY KEY, at_ms INT NOT NULL, skew_ms INT,"          \
	" version TEXT NOT NULL) WITHOUT ROWID;"

static const char ddl[] =
	/* version, role (node|hub), name, salt, hlc, hub_key, hub_url, origin, epoch ... */
	"CREATE TABLE simpul_meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID;"

	/*
	 * The change log: hints that triggers append, "look at this row".  No constraint, index or
	 * default, on purpose: each would make SQLite copy every page that a captured statement touches.
	 *   t table number; m bits = changed columns (bit 62 = any column from 62 up), -1 inserted,
	 *   0 look at the row; ts the time (capture/trigger.h), NULL for deletes; k1.. key values,
	 *   typed; s the row's simpul_scope in tables that have it in their key.  Bit n is
	 *   simpul_column.no n.  a, o: DDL_ACTOR.
	 */
	"CREATE TABLE simpul_log(seq INTEGER PRIMARY KEY, t INT, m INT, ts INT, k1, k2, k3, k4, s);"

	/*
	 * Replicated tables.  scope or scope_column says which scope a row belongs to; a table that Simpul
	 * made for several scopes has scope_column = 'simpul_scope'.  made = 1: made here from a schema
	 * document.  columns: how many columns the triggers know; schema_hash: the current document's.
	 */
	"CREATE TABLE simpul_table(no INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, scope TEXT,"
	" scope_column TEXT, made INT NOT NULL DEFAULT 0, columns INT NOT NULL DEFAULT 0);"
	/*
	 * Numbers of columns that stay put when the table changes: version blobs and log masks use them.
	 * at: the position in the table when it was last looked at; NULL: the column is gone, its number
	 * is not given again.
	 */
	"CREATE TABLE simpul_column(table_no INT, no INT, name TEXT NOT NULL, at INT,"
	" PRIMARY KEY(table_no, no)) WITHOUT ROWID;"

	/* Schema documents by hash; signed ones come in SCHEMA changesets. */
	"CREATE TABLE simpul_schema(hash BLOB PRIMARY KEY, document BLOB NOT NULL) WITHOUT ROWID;"

	/*
	 * Chains, ours (own = 1) and others'.  head: accepted; merged: merged into the tables.  void_after:
	 * revoked behind that seq.  frozen: 1 a fork was seen, 2 likewise, and what only we had of it is set
	 * aside (merge/anew.h), more: the hub has another branch (merge/branch.h).  role NULL: none.
	 * Of our own chains
	 * also what they told already: schema_hash, the last document announced; told_size, the checkpoint.
	 */
	"CREATE TABLE simpul_chain(no INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, scope TEXT NOT NULL,"
	" key BLOB NOT NULL, name TEXT NOT NULL, own INT NOT NULL DEFAULT 0, role INT,"
	" head_seq INT NOT NULL DEFAULT 0, head_id BLOB, head_hlc INT NOT NULL DEFAULT 0,"
	" merged_seq INT NOT NULL DEFAULT 0, void_after INT, frozen INT NOT NULL DEFAULT 0,"
	" schema_hash BLOB, told_size INT NOT NULL DEFAULT 0);"
	/* Grants seen on the national chain, whether or not the chain itself has arrived. */
	"CREATE TABLE simpul_grant(chain BLOB PRIMARY KEY, key BLOB NOT NULL, scope TEXT NOT NULL,"
	" role INT NOT NULL, name TEXT NOT NULL, void_after INT, reason TEXT) WITHOUT ROWID;"

	/*
	 * state: 0 accepted, 1 merged, 2 quarantined, 3 void, 4 void but still to be taken out of the
	 * tables.  reason: why quarantined or void.  custody: 0 not
	 * known to be at the hub, 1 ours and at the hub but without its receipt, 2 nothing more to do (its
	 * receipt is filed, or it came from the hub).
	 */
	"CREATE TABLE simpul_changeset(n INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE,"
	" chain_no INT NOT NULL, seq INT NOT NULL, scope TEXT NOT NULL, kind INT NOT NULL,"
	" state INT NOT NULL DEFAULT 0, changes INT NOT NULL, hlc INT NOT NULL, arrived_ms INT NOT NULL,"
	" reason TEXT, custody INT NOT NULL DEFAULT 0, frame BLOB NOT NULL, UNIQUE(chain_no, seq));"
	"CREATE INDEX simpul_outbox ON simpul_changeset(custody, n) WHERE custody < 2;"
	"CREATE INDEX simpul_changeset_scope ON simpul_changeset(scope, n);"
	"CREATE INDEX simpul_unmerged ON simpul_changeset(chain_no, seq) WHERE state = 0;"
	/*
	 * Kept but not accepted.  missing: ancestor, chain, grant, schema, or fork (evidence, stays).
	 * need, need_seq: tried again once chain `need` has that head; a schema's prefix for schema; for a
	 * fork of our own, the chain on which it was sealed anew, and its n before.
	 */
	"CREATE TABLE simpul_held(id BLOB PRIMARY KEY, chain BLOB NOT NULL, seq INT NOT NULL,"
	" missing TEXT NOT NULL, detail TEXT NOT NULL, arrived_ms INT NOT NULL, frame BLOB NOT NULL,"
	" need BLOB, need_seq INT NOT NULL DEFAULT 0);"
	"CREATE INDEX simpul_held_chain ON simpul_held(chain, seq);"
	"CREATE INDEX simpul_held_need ON simpul_held(need, need_seq);"

	/* The context of each chain's last merged changeset: it has seen about_no up to seq. */
	"CREATE TABLE simpul_context(chain_no INT, about_no INT, seq INT NOT NULL,"
	" PRIMARY KEY(chain_no, about_no)) WITHOUT ROWID;"

	/* The hub's proof per changeset n: log index, inclusion hashes (32 bytes each), checkpoint. */
	"CREATE TABLE simpul_receipt(n INTEGER PRIMARY KEY, log_index INT NOT NULL,"
	" checkpoint_no INT NOT NULL, proof BLOB NOT NULL, filed_ms INT NOT NULL);"
	/*
	 * Checkpoints: the hub's own signed heads, or those of its hub that a node verified.  consistent:
	 * proven to continue the ones before it (not yet, if it came by stick or neighbour).
	 */
	"CREATE TABLE simpul_checkpoint(no INTEGER PRIMARY KEY, origin TEXT NOT NULL, size INT NOT NULL,"
	" root BLOB NOT NULL, note TEXT NOT NULL, consistent INT NOT NULL, UNIQUE(origin, size));"
	/* The hub's Merkle tree, C2SP tlog-tiles: id = level << 48 | tile. */
	"CREATE TABLE simpul_tile(id INTEGER PRIMARY KEY, data BLOB NOT NULL);"

	/* Whom to exchange with: the hub (no = 1) and neighbours.  cursor: their n up to which we hold. */
	"CREATE TABLE simpul_peer(no INTEGER PRIMARY KEY, url TEXT NOT NULL UNIQUE, key BLOB, pin BLOB,"
	" is_hub INT NOT NULL DEFAULT 0, epoch TEXT, cursor INT NOT NULL DEFAULT 0,"
	" contact_ms INT, try_ms INT, error TEXT, error_text TEXT,"
	" sent_bytes INT NOT NULL DEFAULT 0, received_bytes INT NOT NULL DEFAULT 0);"

	/* Invitations of the hub, by the SHA-256 of their token. */
	"CREATE TABLE simpul_invitation(token_hash BLOB PRIMARY KEY, scope TEXT NOT NULL, role INT NOT NULL,"
	" expires_ms INT NOT NULL, used_ms INT, used_by BLOB) WITHOUT ROWID;"

	/*
	 * Concurrent values that did not win the display.  vkey: rowid in simpul_version_<table>.
	 * superseded_n NULL: still waiting for a person; else the changeset whose context covered it.
	 */
	"CREATE TABLE simpul_sibling(no INTEGER PRIMARY KEY, table_no INT NOT NULL, vkey INT NOT NULL,"
	" column_no INT NOT NULL, chain_no INT NOT NULL, seq INT NOT NULL, hlc INT NOT NULL, value,"
	" superseded_n INT);"
	"CREATE INDEX simpul_sibling_cell ON simpul_sibling(table_no, vkey, column_no)"
	" WHERE superseded_n IS NULL;"
	/* Rows that a NOT NULL, UNIQUE or other rule of the table keeps out of it. */
	"CREATE TABLE simpul_violation(table_no INT, vkey INT, reason TEXT NOT NULL, detail TEXT NOT NULL,"
	" PRIMARY KEY(table_no, vkey)) WITHOUT ROWID;"
	/* Frames refused, per problem type: nothing else of them is kept. */
	"CREATE TABLE simpul_refused(problem TEXT PRIMARY KEY, count INT NOT NULL, last_ms INT NOT NULL,"
	" last_text TEXT NOT NULL) WITHOUT ROWID;"
	DDL_ACT DDL_RULES DDL_GRANTED DDL_NAMES DDL_ACTOR DDL_WORKSPACE DDL_ACCOUNT
	DDL_REQUEST DDL_FILE DDL_CONTACT;

/* What a file of version i + 1 lacks of version i + 2. */
static const char *const upgrades[] = { DDL_ACT, DDL_RULES DDL_GRANTED, DDL_NAMES,
					DDL_ACTOR, DDL_WORKSPACE, DDL_ACCOUNT, DDL_REQUEST,
					DDL_FILE, DDL_CONTACT };
static_assert(TABLES_VERSION == sizeof(upgrades) / sizeof(upgrades[0]) + 1, "a step for each version");

bool tables_exist(struct db *db, bool *ret, struct err *e)
{
	int64_t n;

	if (!db_int(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'simpul_meta'", 0, &n, e))
		return false;
	*ret = n > 0;
	return true;
}

bool tables_create(struct db *db, struct err *e)
{
	bool exist;

	if (!tables_exist(db, &exist, e))
		return false;
	if (exist)
		return err_set(e, ERR_EXISTS, "%s is a Simpul node already", db->path);
	return db_exec(db, ddl, e) && meta_put_int(db, "version", TABLES_VERSION, e);
}

/* All steps or none. */
static bool upgrade_from(struct db *db, int64_t version, struct err *e)
{
	AUTO_TXN txn = { 0 };

	if (version < 1)
		return err_set(e, ERR_CORRUPT, "%s has no version", db->path);
	if (!txn_begin(&txn, db, e))
		return err_wrap(e, "bringing %s up to date", db->path);
	for (; version < TABLES_VERSION; version++)
		if (!db_exec(db, upgrades[version - 1], e))
			return err_wrap(e, "bringing %s up to date", db->path);
	return meta_put_int(db, "version", TABLES_VERSION, e) && txn_commit(&txn, e);
}

bool tables_upgrade(struct db *db, struct err *e)
{
	int64_t version;
	bool exist;

	if (!tables_exist(db, &exist, e))
		return false;
	if (!exist)
		return err_set(e, ERR_NOT_SIMPUL, "%s is not a Simpul node", db->path);
	if (!meta_get_int(db, "version", 0, &version, e))
		return false;
	if (version > TABLES_VERSION)
		return err_set(e, ERR_UNSUPPORTED, "%s was written by a newer Simpul (tables %lld, here %d)",
			       db->path, (long long)version, TABLES_VERSION);
	return version == TABLES_VERSION || upgrade_from(db, version, e);
}

bool tables_old(struct db *db, bool *ret, struct err *e)
{
	int64_t version;
	bool exist;

	*ret = false;
	if (!tables_exist(db, &exist, e))
		return false;
	if (!exist)
		return err_set(e, ERR_NOT_SIMPUL, "%s is not a Simpul node", db->path);
	if (!meta_get_int(db, "version", 0, &version, e))
		return false;
	*ret = version < TABLES_VERSION;
	return true;
}

bool tables_drop(struct db *db, struct err *e)
{
	static const char find[] = "SELECT type, name FROM sqlite_schema WHERE name GLOB 'simpul_*'"
				   " AND type IN ('trigger', 'table')"
				   " ORDER BY type = 'table' LIMIT 1";

	for (;;) {
		__attribute__((cleanup(buf_done))) struct buf sql = { 0 };
		AUTO_STMT s = { 0 };
		bool row;

		if (!db_prepare(db, find, &s, e) || !stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		buf_print(&sql, "DROP %s ", stmt_get_text(&s, 0));
		sql_quote(&sql, stmt_get_text(&s, 1));
		stmt_reset(&s);
		db_forget_statements(db);
		if (!db_exec(db, buf_string(&sql), e))
			return false;
	}
}

static bool meta_statement(struct db *db, const char *key, struct stmt *ret, struct err *e)
{
	if (!db_statement(db, "INSERT OR REPLACE INTO simpul_meta(key, value) VALUES(?1, ?2)", ret, e))
		return false;
	stmt_text(ret, 1, key);
	return true;
}

bool meta_put_text(struct db *db, const char *key, const char *value, struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!meta_statement(db, key, &s, e))
		return false;
	stmt_text(&s, 2, value);
	return stmt_done(&s, e);
}

bool meta_put_int(struct db *db, const char *key, int64_t value, struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!meta_statement(db, key, &s, e))
		return false;
	stmt_int(&s, 2, value);
	return stmt_done(&s, e);
}

static bool meta_find(struct db *db, const char *key, struct stmt *ret, bool *ret_row, struct err *e)
{
	if (!db_statement(db, "SELECT value FROM simpul_meta WHERE key = ?1", ret, e))
		return false;
	stmt_text(ret, 1, key);
	return stmt_row(ret, ret_row, e);
}

bool meta_get_text(struct db *db, const char *key, char *ret_text, size_t cap, struct err *e)
{
	AUTO_RESET s = { 0 };
	bool row;

	if (!meta_find(db, key, &s, &row, e))
		return false;
	snprintf(ret_text, cap, "%s", row ? stmt_get_text(&s, 0) : "");
	return true;
}

bool meta_get_int(struct db *db, const char *key, int64_t missing, int64_t *ret, struct err *e)
{
	AUTO_RESET s = { 0 };
	bool row;

	if (!meta_find(db, key, &s, &row, e))
		return false;
	*ret = row && !stmt_get_null(&s, 0) ? stmt_get_int(&s, 0) : missing;
	return true;
}
