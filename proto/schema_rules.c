/*
 * schema_rules.c - what of a table wins in a merge, and who may write what: as data.
 *
 * Seven items, spliced into the table's array so that nothing nests deeper than it must:
 *
 *	append     0 or 1
 *	policies   [[column, policy]...]           ascending by column; 0 (lww) is left out
 *	groups     [[column, column...]...]        ascending within, and by their first columns
 *	state      column number or null
 *	frozen     [state...]                      ascending
 *	writes     [[role, [state...], [column...], [to...]]...]   in the order of their author
 *	labels     [[column or null, language, text]...]           the table's first, then by column
 *
 * Every list has one order, so one content has one encoding.  In memory, policies, groups and labels
 * stand with their columns; what decoding takes of memory is bounded by the bytes of each list.
 */
#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "schema_rules.h"
#include "simpul/grant.h"

#define POLICIES (POLICY_TEXT + 1)

static bool is_key(const struct schema_table *t, size_t column)
{
	for (size_t i = 0; i < t->keys; i++)
		if (t->key[i] == column)
			return true;
	return false;
}

static bool bad(struct err *e, const struct schema_column *c, const char *why)
{
	return err_set(e, ERR_CANNOT_ATTACH, "column \"%.*s\" %s", (int)c->name.len, c->name.text, why);
}

static bool language_valid(const struct schema_text *t)
{
	if (t->len < 2 || t->len > LIMIT_LANGUAGE_BYTES)
		return false;
	for (uint32_t i = 0; i < t->len; i++)
		if ((t->text[i] < 'a' || t->text[i] > 'z') && t->text[i] != '-')
			return false;
	return true;
}

static bool check_labels(const struct schema_label *label, size_t labels, struct err *e)
{
	if (labels > LIMIT_LANGUAGES)
		return err_set(e, ERR_TOO_LARGE, "labels in %zu languages are over the limit", labels);
	for (size_t i = 0; i < labels; i++) {
		if (!language_valid(&label[i].language) ||
		    !name_valid(label[i].text.text, label[i].text.len))
			return err_set(e, ERR_CANNOT_ATTACH, "a label cannot be used");
		if (i > 0 && schema_text_compare(&label[i - 1].language, &label[i].language) >= 0)
			return err_set(e, ERR_CANNOT_ATTACH, "labels are out of order");
	}
	return true;
}

static bool check_policy(const struct schema_table *t, size_t at, struct err *e)
{
	const struct schema_column *c = &t->column[at];

	if (c->policy >= POLICIES)
		return bad(e, c, "has an unknown policy");
	if ((c->policy != POLICY_LWW || c->group != 0) && is_key(t, at))
		return bad(e, c, "belongs to the key, for which there is no policy or group");
	if ((c->policy != POLICY_LWW || c->group != 0) && t->flags & SCHEMA_TABLE_SCOPED &&
	    t->scope == at)
		return bad(e, c, "holds the scope, for which there is no policy or group");
	if (c->policy == POLICY_COUNTER && !schema_type_integer(&c->type))
		return bad(e, c, "is a counter, and its type is not INTEGER");
	if (c->policy == POLICY_TEXT && !schema_type_text(&c->type))
		return bad(e, c, "is to be merged as text, and its type is not TEXT");
	if (c->policy == POLICY_MANUAL && c->flags & SCHEMA_COLUMN_NOT_NULL &&
	    c->fallback.type == VALUE_NULL)
		return bad(e, c, "is manual, and has neither NULL nor a default to show");
	return true;
}

/* Groups count 1, 2, 3 by their first columns; each has two columns at least, of one policy. */
static bool check_groups(const struct schema_table *t, struct err *e)
{
	const struct schema_column *first[LIMIT_COLUMNS];
	uint16_t members[LIMIT_COLUMNS];
	size_t groups = 0;

	for (size_t i = 0; i < t->columns; i++) {
		const struct schema_column *c = &t->column[i];

		if (c->group == 0)
			continue;
		if (c->group > groups + 1)
			return bad(e, c, "is in a group that is out of order");
		if (c->policy == POLICY_COUNTER || c->policy == POLICY_TEXT)
			return bad(e, c, "is merged by itself, so it cannot be in a group");
		if (c->group == groups + 1) {
			first[groups] = c;
			members[groups++] = 0;
		}
		members[c->group - 1]++;
		if (first[c->group - 1]->policy != c->policy)
			return bad(e, c, "has another policy than its group");
	}
	for (size_t i = 0; i < groups; i++)
		if (members[i] < 2)
			return bad(e, first[i], "is alone in its group");
	return true;
}

static bool check_states(const struct schema_text *state, size_t states, bool empty_too,
			 struct err *e)
{
	if (states > LIMIT_STATES)
		return err_set(e, ERR_TOO_LARGE, "%zu states are over the limit", states);
	for (size_t i = 0; i < states; i++) {
		if (!(state[i].len == 0 && empty_too) && !name_valid(state[i].text, state[i].len))
			return err_set(e, ERR_CANNOT_ATTACH, "a state has a name that cannot be used");
		if (i > 0 && schema_text_compare(&state[i - 1], &state[i]) >= 0)
			return err_set(e, ERR_CANNOT_ATTACH, "states are out of order");
	}
	return true;
}

static bool check_write(const struct schema_table *t, const struct schema_write *w, struct err *e)
{
	if (w->role != ROLE_WRITER && w->role != ROLE_REVIEWER && w->role != ROLE_HUB)
		return err_set(e, ERR_CANNOT_ATTACH, "a role that never writes");
	if (t->rules->state < 0 && (w->states > 0 || w->tos > 0))
		return err_set(e, ERR_CANNOT_ATTACH, "states without a state column");
	if (w->columns > LIMIT_COLUMNS)
		return err_set(e, ERR_TOO_LARGE, "%u columns are over the limit", w->columns);
	for (size_t i = 0; i < w->columns; i++) {
		if (w->column[i] >= t->columns || (i > 0 && w->column[i - 1] >= w->column[i]))
			return err_set(e, ERR_CANNOT_ATTACH, "columns are unknown or out of order");
		if (is_key(t, w->column[i]))
			return bad(e, &t->column[w->column[i]], "belongs to the key, which is never written");
	}
	return check_states(w->state, w->states, true, e) && check_states(w->to, w->tos, true, e);
}

static bool check_state_column(const struct schema_table *t, struct err *e)
{
	const struct schema_column *c;

	if (t->rules->state < 0)
		return t->rules->frozens == 0 ||
		       err_set(e, ERR_CANNOT_ATTACH, "frozen states without a state column");
	if (t->rules->state >= t->columns)
		return err_set(e, ERR_CANNOT_ATTACH, "the state names no column");
	c = &t->column[t->rules->state];
	if (is_key(t, (size_t)t->rules->state))
		return bad(e, c, "belongs to the key, so it cannot be the state");
	return c->policy == POLICY_LWW || bad(e, c, "holds the state, for which there is no policy");
}

bool schema_rules_check(const struct schema_table *t, struct err *e)
{
	const struct schema_rules *rules = t->rules;

	for (size_t i = 0; i < t->columns; i++) {
		const struct schema_column *c = &t->column[i];

		if (rules == NULL && (c->policy != 0 || c->group != 0 || c->labels != 0))
			return bad(e, c, "has rules in a table without rules");
		if (!check_policy(t, i, e))
			return false;
		if (!check_labels(c->label, c->labels, e))
			return err_wrap(e, "column \"%.*s\"", (int)c->name.len, c->name.text);
	}
	if (rules == NULL)
		return true;
	if (!check_groups(t, e) || !check_state_column(t, e) || !check_labels(rules->label, rules->labels, e))
		return false;
	if (!check_states(rules->frozen, rules->frozens, false, e))
		return err_wrap(e, "frozen");
	if (rules->writes > LIMIT_WRITE_RULES)
		return err_set(e, ERR_TOO_LARGE, "%u lines of who may write are over the limit",
			       rules->writes);
	for (size_t i = 0; i < rules->writes; i++)
		if (!check_write(t, &rules->write[i], e))
			return err_wrap(e, "write[%zu]", i);
	return true;
}

static void put_texts(struct writer *w, const struct schema_text *text, size_t texts)
{
	cbor_put_array(w, texts);
	for (size_t i = 0; i < texts; i++)
		cbor_put_text(w, text[i].text, text[i].len);
}

static void put_policies(struct writer *w, const struct schema_table *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->columns; i++)
		n += t->column[i].policy != POLICY_LWW;
	cbor_put_array(w, n);
	for (size_t i = 0; i < t->columns; i++) {
		if (t->column[i].policy == POLICY_LWW)
			continue;
		cbor_put_array(w, 2);
		cbor_put_uint(w, i);
		cbor_put_uint(w, t->column[i].policy);
	}
}

static void put_groups(struct writer *w, const struct schema_table *t)
{
	size_t members[LIMIT_COLUMNS / 2 + 1] = { 0 };
	size_t groups = 0;

	for (size_t i = 0; i < t->columns; i++) {
		members[t->column[i].group]++;
		if (t->column[i].group > groups)
			groups = t->column[i].group;
	}
	cbor_put_array(w, groups);
	for (size_t g = 1; g <= groups; g++) {
		cbor_put_array(w, members[g]);
		for (size_t i = 0; i < t->columns; i++)
			if (t->column[i].group == g)
				cbor_put_uint(w, i);
	}
}

static void put_label(struct writer *w, const struct schema_label *label)
{
	cbor_put_text(w, label->language.text, label->language.len);
	cbor_put_text(w, label->text.text, label->text.len);
}

static void put_labels(struct writer *w, const struct schema_table *t)
{
	size_t n = t->rules->labels;

	for (size_t i = 0; i < t->columns; i++)
		n += t->column[i].labels;
	cbor_put_array(w, n);
	for (size_t i = 0; i < t->rules->labels; i++) {
		cbor_put_array(w, 3);
		cbor_put_null(w);
		put_label(w, &t->rules->label[i]);
	}
	for (size_t c = 0; c < t->columns; c++)
		for (size_t i = 0; i < t->column[c].labels; i++) {
			cbor_put_array(w, 3);
			cbor_put_uint(w, c);
			put_label(w, &t->column[c].label[i]);
		}
}

void schema_rules_put(struct writer *w, const struct schema_table *t)
{
	const struct schema_rules *rules = t->rules;

	cbor_put_uint(w, rules->append);
	put_policies(w, t);
	put_groups(w, t);
	if (rules->state < 0)
		cbor_put_null(w);
	else
		cbor_put_uint(w, (uint64_t)rules->state);
	put_texts(w, rules->frozen, rules->frozens);
	cbor_put_array(w, rules->writes);
	for (size_t i = 0; i < rules->writes; i++) {
		const struct schema_write *line = &rules->write[i];

		cbor_put_array(w, 4);
		cbor_put_uint(w, line->role);
		put_texts(w, line->state, line->states);
		cbor_put_array(w, line->columns);
		for (size_t c = 0; c < line->columns; c++)
			cbor_put_uint(w, line->column[c]);
		put_texts(w, line->to, line->tos);
	}
	put_labels(w, t);
}

/* A list whose items take a byte each at the least; 0 and failed if they cannot all be there. */
static uint64_t take_list(struct reader *r, uint64_t most, size_t item_bytes)
{
	uint64_t n = cbor_array(r, most);

	if (n * item_bytes <= reader_left(r))
		return n;
	r->failed = true;
	return 0;
}

static struct schema_text *take_texts(struct reader *r, struct schema_block *b, uint8_t *ret_n)
{
	uint64_t n = take_list(r, LIMIT_STATES, 1);
	struct schema_text *text = n == 0 ? NULL : schema_block_take(b, n * sizeof(*text));

	if (text == NULL)
		return NULL;
	for (uint64_t i = 0; i < n; i++)
		schema_take_text(r, &text[i]);
	*ret_n = (uint8_t)n;
	return text;
}

/* A column number, greater than the one before (-1: none). */
static size_t take_column(struct reader *r, const struct schema_table *t, int64_t before)
{
	uint64_t column = cbor_uint(r, LIMIT_COLUMNS - 1);

	if (column >= t->columns || (int64_t)column <= before)
		r->failed = true;
	return r->failed ? 0 : column;
}

static void take_policies(struct reader *r, struct schema_table *t)
{
	uint64_t n = take_list(r, t->columns, 3);
	int64_t before = -1;

	for (uint64_t i = 0; i < n && !r->failed; i++) {
		r->failed |= cbor_array(r, 2) != 2;
		before = (int64_t)take_column(r, t, before);
		t->column[before].policy = (uint8_t)cbor_uint(r, POLICIES - 1);
		r->failed |= t->column[before].policy == POLICY_LWW;
	}
}

static void take_groups(struct reader *r, struct schema_table *t)
{
	uint64_t groups = take_list(r, LIMIT_COLUMNS / 2, 3);

	for (uint64_t g = 1; g <= groups && !r->failed; g++) {
		uint64_t n = take_list(r, t->columns, 1);
		int64_t before = -1;

		r->failed |= n < 2;
		for (uint64_t i = 0; i < n && !r->failed; i++) {
			before = (int64_t)take_column(r, t, before);
			r->failed |= t->column[before].group != 0; /* one column, two groups */
			t->column[before].group = (uint8_t)g;
		}
	}
}

static void take_write(struct reader *r, const struct schema_table *t, struct schema_write *line,
		       struct schema_block *b)
{
	uint64_t n;

	r->failed |= cbor_array(r, 4) != 4;
	line->role = (uint8_t)cbor_uint(r, ROLE_HUB);
	line->state = take_texts(r, b, &line->states);
	n = take_list(r, t->columns, 1);
	line->column = n == 0 ? NULL : schema_block_take(b, n);
	if (line->column != NULL)
		line->columns = (uint16_t)n;
	for (size_t i = 0; i < line->columns; i++)
		line->column[i] = (uint8_t)cbor_uint(r, LIMIT_COLUMNS - 1);
	line->to = take_texts(r, b, &line->tos);
}

/* One array for all labels; the table and its columns point into it, which is why they are in order. */
static void take_labels(struct reader *r, struct schema_table *t, struct schema_block *b)
{
	uint64_t n = take_list(r, (uint64_t)LIMIT_LANGUAGES * (t->columns + 1u), 6);
	struct schema_label *label = n == 0 ? NULL : schema_block_take(b, n * sizeof(*label));
	int64_t before = -1;

	for (uint64_t i = 0; i < n && label != NULL && !r->failed; i++) {
		struct schema_label **first = &t->rules->label;
		uint16_t *labels = &t->rules->labels;

		r->failed |= cbor_array(r, 3) != 3;
		if (!cbor_is_null(r)) {
			int64_t column = (int64_t)take_column(r, t, before - 1);

			if (r->failed)
				return;
			first = &t->column[column].label;
			labels = &t->column[column].labels;
			before = column;
		} else if (before >= 0) {
			r->failed = true;
		}
		schema_take_text(r, &label[i].language);
		schema_take_text(r, &label[i].text);
		if (*labels == 0)
			*first = &label[i];
		*labels += 1;
	}
}

/* Bytes that these take of a document at the least, and the memory that they are decoded into. */
#define RULES_BYTES_MIN 7
#define WRITE_BYTES_MIN 5
#define LABEL_BYTES_MIN 6
static_assert(sizeof(struct schema_rules) <= RULES_BYTES_MIN * SCHEMA_MEMORY_PER_BYTE,
	      "rules fit their share");
static_assert(sizeof(struct schema_write) <= WRITE_BYTES_MIN * SCHEMA_MEMORY_PER_BYTE,
	      "a line fits its share");
static_assert(sizeof(struct schema_label) <= LABEL_BYTES_MIN * SCHEMA_MEMORY_PER_BYTE,
	      "a label fits its share");
static_assert(sizeof(struct schema_text) <= SCHEMA_MEMORY_PER_BYTE, "a state fits its share");

void schema_rules_take(struct reader *r, struct schema_table *t, struct schema_block *b)
{
	struct schema_rules *rules = schema_block_take(b, sizeof(*rules));
	uint64_t n;

	if (rules == NULL)
		return;
	t->rules = rules;
	rules->append = cbor_uint(r, 1);
	take_policies(r, t);
	take_groups(r, t);
	rules->state = cbor_is_null(r) ? -1 : (int16_t)cbor_uint(r, LIMIT_COLUMNS - 1);
	rules->frozen = take_texts(r, b, &rules->frozens);
	n = take_list(r, LIMIT_WRITE_RULES, WRITE_BYTES_MIN);
	rules->write = n == 0 ? NULL : schema_block_take(b, n * sizeof(*rules->write));
	if (rules->write != NULL)
		rules->writes = (uint8_t)n;
	for (size_t i = 0; i < rules->writes && !r->failed && !b->failed; i++)
		take_write(r, t, &rules->write[i], b);
	take_labels(r, t, b);
}
