/*
 * seen.c - the token, and who wrote what since.
 *
 * A token is BOOT.SEALS.HINT.CHANGESET.MS: the last hint and the last changeset there were. Numbers
 * of hints begin anew when the log is sealed, so they are compared only while party.seals is the
 * same.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/trigger.h"
#include "simpul/hlc.h"
#include "store/history.h"
#include "store/version.h"
#include "web/seen.h"

bool seen_now(struct party *p, const struct web *web, char out[SEEN_SIZE], struct err *e)
{
	int64_t hint, changeset;

	if (!actor_since(p->db, &hint, e) ||
	    !db_int(p->db, "SELECT max(n) FROM simpul_changeset", 0, &changeset, e))
		return false;
	snprintf(out, SEEN_SIZE, "%s.%" PRIu64 ".%" PRId64 ".%" PRId64 ".%" PRIu64, web->boot,
		 p->seals, hint, changeset, world_now_ms(p->world));
	return true;
}

/* Digits up to the dot or the end. */
static bool number(const char **at, uint64_t *ret)
{
	char *end;

	if (**at < '0' || **at > '9')
		return false;
	*ret = strtoull(*at, &end, 10);
	if ((*end != '.' && *end != '\0') || *ret > INT64_MAX)
		return false;
	*at = end + (*end == '.');
	return true;
}

bool seen_parse(const struct web *web, const char *text, struct seen_token *ret, struct err *e)
{
	const char *at = text == NULL ? "" : text;
	size_t boot = strcspn(at, ".");
	uint64_t hint, changeset;

	*ret = (struct seen_token){ 0 };
	if (at[0] == '\0')
		return true;
	ret->given = true;
	ret->same_boot = boot == strlen(web->boot) && memcmp(at, web->boot, boot) == 0;
	at += boot + (at[boot] == '.');
	if (strlen(text) >= SEEN_SIZE || !number(&at, &ret->seals) || !number(&at, &hint) ||
	    !number(&at, &changeset) || !number(&at, &ret->ms) || *at != '\0')
		return err_set(e, ERR_MALFORMED, "the member seen is not one that was given out");
	ret->hint = (int64_t)hint;
	ret->changeset = (int64_t)changeset;
	return true;
}

struct judge {
	struct party *p;
	const struct seen_token *token;
	const struct seen_write *write;
	int64_t mask;
	int64_t own_no; /* our chain of the scope; 0: none */
	uint64_t own_head;
	enum seen verdict;
	uint64_t own; /* what the write may claim to have seen */
};

static bool meets(const struct judge *j, int64_t mask)
{
	return j->mask <= 0 || mask <= 0 ||
	       (j->mask & trigger_whole_groups(j->write->table, mask)) != 0;
}

static void stale(struct judge *j, uint64_t own)
{
	if (j->verdict == SEEN_ALL || own < j->own)
		j->own = own;
	if (j->verdict == SEEN_ALL)
		j->verdict = SEEN_STALE;
}

static bool look_for_chain(struct judge *j, struct err *e)
{
	AUTO_RESET s = { 0 };
	bool row;

	if (!db_statement(j->p->db,
			  "SELECT no, head_seq FROM simpul_chain WHERE own = 1 AND scope = ?1"
			  " ORDER BY no DESC LIMIT 1",
			  &s, e))
		return false;
	stmt_text(&s, 1, j->write->scope);
	if (!stmt_row(&s, &row, e))
		return false;
	j->own_no = row ? stmt_get_int(&s, 0) : 0;
	j->own_head = row ? (uint64_t)stmt_get_int(&s, 1) : 0;
	return true;
}

/* What others wrote and nobody sealed yet. */
static bool look_at_hints(struct judge *j, struct err *e)
{
	const struct seen_write *w = j->write;
	const bool exact = j->token->same_boot && j->token->seals == j->p->seals;
	AUTO_RESET s = { 0 };
	bool row;

	if (!db_statement(
		    j->p->db,
		    "SELECT l.seq, l.m, " TRIGGER_MS " FROM simpul_log l"
		    " LEFT JOIN simpul_actor a ON a.no = l.a WHERE a.name IS NOT ?1 AND t = ?2"
		    " AND k1 IS ?3 AND k2 IS ?4 AND k3 IS ?5 AND k4 IS ?6 AND s IS ?7",
		    &s, e))
		return false;
	stmt_text(&s, 1, w->name);
	stmt_int(&s, 2, w->table->no);
	for (int i = 0; i < (int)LIMIT_KEY_COLUMNS; i++)
		i < w->table->keys ? stmt_value(&s, 3 + i, &w->key[i]) : stmt_null(&s, 3 + i);
	w->scope_key != NULL ? stmt_value(&s, 7, w->scope_key) : stmt_null(&s, 7);
	for (;;) {
		bool after;

		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		if (exact)
			after = stmt_get_int(&s, 0) > j->token->hint;
		else /* a hint of a delete carries no time */
			after = stmt_get_null(&s, 2) ||
				(uint64_t)stmt_get_int(&s, 2) >= j->token->ms;
		if (after && meets(j, stmt_get_int(&s, 1)))
			stale(j, j->own_head);
	}
}

/* n of the changeset in which the entry was written. */
static bool number_of(struct db *db, const struct merge_entry *entry, int64_t *ret, struct err *e)
{
	AUTO_RESET s = { 0 };
	bool row;

	if (!db_statement(db, "SELECT n FROM simpul_changeset WHERE chain_no = ?1 AND seq = ?2", &s,
			  e))
		return false;
	stmt_int(&s, 1, entry->chain);
	stmt_int(&s, 2, (int64_t)entry->seq);
	if (!stmt_row(&s, &row, e))
		return false;
	*ret = row ? stmt_get_int(&s, 0) : 0;
	return true;
}

/* Is the write of this entry in this column one of the same person? */
static bool same_person(struct judge *j, struct history *h, const struct merge_entry *entry,
			int column_no, bool *ret, struct err *e)
{
	const struct history_cell cell = { .chain = entry->chain,
					   .seq = entry->seq,
					   .hlc = entry->hlc,
					   .tally = entry->tally,
					   .table = j->write->table,
					   .key = j->write->key,
					   .column_no = column_no };
	const struct history_set *set;
	const struct change *change;
	const struct value *ignored;

	*ret = false;
	if (!history_set_find(h, entry->chain, entry->seq, &set, e))
		return false;
	change = set == NULL ? NULL : history_change(set, &cell, &ignored);
	if (change == NULL || change->actor == 0 || change->actor > set->actors)
		return true;
	*ret = set->actor[change->actor - 1].len == strlen(j->write->name) &&
	       memcmp(set->actor[change->actor - 1].text, j->write->name, strlen(j->write->name)) ==
		       0;
	return true;
}

static int column_met(const struct judge *j, const struct merge_entry *entry)
{
	for (int i = 0; i < j->write->table->columns; i++) {
		const int no = j->write->table->column[i].no;

		if (column_set_has(&entry->columns, (unsigned)no) &&
		    (j->mask <= 0 || (j->mask & trigger_bit(no)) != 0))
			return no;
	}
	return -1;
}

static bool look_at_entry(struct judge *j, struct history *h, const struct merge_entry *entry,
			  struct err *e)
{
	const int column_no = column_met(j, entry);
	bool mine;
	int64_t n;

	if (column_no < 0 || entry->dead)
		return true;
	if (!number_of(j->p->db, entry, &n, e))
		return false;
	if (n <= j->token->changeset)
		return true;
	if (entry->chain != (uint32_t)j->own_no) {
		j->verdict = SEEN_MOVED;
		return true;
	}
	/* Written before the form was read, sealed after. */
	if (hlc_ms(entry->hlc) < j->token->ms)
		return true;
	if (!same_person(j, h, entry, column_no, &mine, e))
		return false;
	if (!mine)
		stale(j, entry->seq - 1);
	return true;
}

static bool look_at_entries(struct judge *j, struct err *e)
{
	const struct catalog_table *table = j->write->table;
	struct value key[VERSION_KEYS_MAX];
	AUTO_VERSION versions = { 0 };
	const struct catalog *catalog;
	struct version_shape shape;
	AUTO_HISTORY h = { 0 };
	struct version found;
	int n = 0;

	if (table->scope_in_key)
		key[n++] = *j->write->scope_key;
	for (int i = 0; i < table->keys; i++)
		key[n++] = j->write->key[i];
	version_shape_of(table, &shape);
	if (!version_open(&versions, j->p->db, &shape, e) ||
	    !version_find(&versions, key, NULL, &found, e))
		return false;
	if (found.n == 0)
		return true;
	if (!party_catalog(j->p, &catalog, e) || !history_open(&h, j->p->db, catalog, e))
		return false;
	for (size_t i = 0; i < found.n && j->verdict != SEEN_MOVED; i++)
		if (!look_at_entry(j, &h, &found.entry[i], e))
			return false;
	return true;
}

bool seen_judge(struct party *p, const struct seen_token *token, const struct seen_write *write,
		enum seen *ret, uint64_t *ret_own, struct err *e)
{
	struct judge j = { .p = p,
			   .token = token,
			   .write = write,
			   .mask = write->mask <= 0
					   ? write->mask
					   : trigger_whole_groups(write->table, write->mask) };

	*ret = SEEN_ALL;
	*ret_own = 0;
	if (!token->given)
		return true;
	if (!look_for_chain(&j, e) || !look_at_hints(&j, e) || !look_at_entries(&j, e))
		return false;
	if (j.verdict == SEEN_STALE && j.own_no == 0) /* without a chain there are no two values */
		j.verdict = SEEN_MOVED;
	*ret = j.verdict;
	*ret_own = j.own;
	return true;
}
