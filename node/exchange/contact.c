/* contact.c - a small table in memory, in front of simpul_contact. */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "exchange/contact.h"

#define CLOCK_FIELD "Simpul-Clock-Offset"
#define SKEW_MAX_MS (INT64_C(100) * 366 * 86400 * 1000)

struct contacts {
	size_t n, cap;
	struct contact *at;
};

void contact_tell(struct http_fields *fields, int64_t offset_ms)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, offset_ms);
	http_fields_put(fields, "User-Agent", "simpul/" CONTACT_VERSION);
	http_fields_put(fields, CLOCK_FIELD, text);
}

static struct contact *in_memory(struct party *p, const struct public_key *key)
{
	for (size_t i = 0; p->contacts != NULL && i < p->contacts->n; i++)
		if (key_equal(&p->contacts->at[i].key, key))
			return &p->contacts->at[i];
	return NULL;
}

static bool granted(struct party *p, const struct public_key *key, bool *ret, struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(p->db, "SELECT 1 FROM simpul_grant WHERE key = ?1 LIMIT 1", &s, e))
		return false;
	stmt_blob(&s, 1, key->bytes, sizeof(key->bytes));
	return stmt_row(&s, ret, e);
}

static struct contact *add(struct party *p, const struct public_key *key)
{
	struct contacts *list = p->contacts;

	if (list == NULL)
		list = p->contacts = memory_new(sizeof(*list));
	if (list->n == list->cap) {
		list->cap = list->cap == 0 ? 16 : 2 * list->cap;
		list->at = memory_resize(list->at, list->cap * sizeof(*list->at));
	}
	list->at[list->n] = (struct contact){ .key = *key };
	return &list->at[list->n++];
}

/* Letters, digits and what stands in versions; anything else ends it. */
static void version_take(const char *agent, char out[CONTACT_VERSION_SIZE])
{
	size_t n = 0;

	out[0] = '\0';
	if (agent == NULL || strncmp(agent, "simpul/", strlen("simpul/")) != 0)
		return;
	for (agent += strlen("simpul/"); n + 1 < CONTACT_VERSION_SIZE; n++, agent++) {
		if (!isalnum((unsigned char)*agent) && strchr(".-+~", *agent) == NULL)
			break;
		if (*agent == '\0')
			break;
		out[n] = *agent;
	}
	out[n] = '\0';
}

static void skew_take(const char *offset, struct contact *c)
{
	char *end;
	long long ms = offset == NULL ? 0 : strtoll(offset, &end, 10);

	c->skewed = offset != NULL && *offset != '\0' && *end == '\0' && ms > -SKEW_MAX_MS &&
		    ms < SKEW_MAX_MS;
	c->skew_ms = c->skewed ? -ms : 0;
}

bool contact_note(struct party *p, const struct public_key *key, const struct http_request *request,
		  struct err *e)
{
	struct contact *c = in_memory(p, key);
	bool known = true;

	if (p->hub == NULL || key_equal(key, &p->key))
		return true;
	if (c == NULL && !granted(p, key, &known, e))
		return false;
	if (!known || (c == NULL && p->contacts != NULL && p->contacts->n >= CONTACT_MAX))
		return true;
	if (c == NULL)
		c = add(p, key);
	c->at_ms = world_now_ms(p->world);
	version_take(http_request_header(request, "User-Agent"), c->version);
	skew_take(http_request_header(request, CLOCK_FIELD), c);
	return true;
}

static bool put(struct party *p, const struct contact *c, struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(p->db, "INSERT OR REPLACE INTO simpul_contact(key, at_ms, skew_ms, version)"
				 " VALUES(?1, ?2, ?3, ?4)", &s, e))
		return false;
	stmt_blob(&s, 1, c->key.bytes, sizeof(c->key.bytes));
	stmt_int(&s, 2, (int64_t)c->at_ms);
	if (c->skewed)
		stmt_int(&s, 3, c->skew_ms);
	else
		stmt_null(&s, 3);
	stmt_text(&s, 4, c->version);
	return stmt_done(&s, e);
}

bool contact_file(struct party *p, bool all, struct err *e)
{
	for (size_t i = 0; p->contacts != NULL && i < p->contacts->n; i++) {
		struct contact *c = &p->contacts->at[i];

		if (c->at_ms <= c->filed_ms + (all ? 0 : CONTACT_FILE_MS) && c->filed_ms != 0)
			continue;
		if (!put(p, c, e))
			return false;
		c->filed_ms = c->at_ms; /* if the transaction fails, the next request is filed in its place */
	}
	return true;
}

bool contact_find(struct party *p, const struct public_key *key, struct contact *ret, struct err *e)
{
	const struct contact *c = in_memory(p, key);
	AUTO_RESET s = { 0 };
	bool row;

	*ret = c != NULL ? *c : (struct contact){ .key = *key };
	if (c != NULL)
		return true;
	if (!db_statement(p->db, "SELECT at_ms, skew_ms, version FROM simpul_contact WHERE key = ?1", &s, e))
		return false;
	stmt_blob(&s, 1, key->bytes, sizeof(key->bytes));
	if (!stmt_row(&s, &row, e))
		return false;
	if (!row)
		return true;
	ret->at_ms = (uint64_t)stmt_get_int(&s, 0);
	ret->skewed = !stmt_get_null(&s, 1);
	ret->skew_ms = stmt_get_int(&s, 1);
	snprintf(ret->version, sizeof(ret->version), "%s", stmt_get_text(&s, 2));
	return true;
}

void contact_close(struct party *p)
{
	AUTO_TXN txn = { 0 };
	struct err e;

	if (p->contacts == NULL)
		return;
	/* At the end of a program; that it was not filed is no reason to fail. */
	if (txn_begin(&txn, p->db, &e) && contact_file(p, true, &e))
		(void)!txn_commit(&txn, &e);
	memory_free(&p->contacts->at);
	memory_free(&p->contacts);
}
