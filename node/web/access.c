/*
 * access.c - access.json read:
 *
 *	{"roles": {"opd": {"label": {"id": ..., "en": ...}, "on": "node|hub|any", "manage": true,
 *"choose": true, "write": {"issue": "own", "note": "all"}, "read": {"*": "all"}}}, "own": {"issue":
 *"org_id", "issue_note": {"through": "issue", "by": "issue_id", "own": "org_id"}}, "signed":
 *{"issue_note": "author"}, "local": {"local_reporter": ["operator"]}}
 *
 * "*" stands for every table that is not named.  "read" absent: all.  A local table is nobody's but
 *its roles', whatever "*" says.
 */
#include <string.h>

#include "base/buf.h"
#include "web/access.h"

#define FILE_BYTES_MAX (1u << 20)

static const char usual[] = "{\"roles\":{\"operator\":{\"label\":{\"id\":\"Operator\",\"en\":"
			    "\"Operator\"},\"manage\":true,\"choose\":true,\"submit\":true,"
			    "\"enrol\":true,"
			    "\"write\":{\"*\":\"all\"}},\"reader\":{\"label\":{\"id\":\"Pembaca\","
			    "\"en\":\"Reader\"}}}}";

bool access_parse(const struct buf *text, json_t **ret_file, struct err *e)
{
	if (text->len == 0)
		return json_parse(usual, strlen(usual), ret_file, e);
	if (text->len > FILE_BYTES_MAX)
		return err_set(e, ERR_TOO_LARGE, "access.json is larger than 1 MiB");
	return json_parse(text->data, text->len, ret_file, e) || err_wrap(e, "access.json");
}

static const json_t *role_of(const json_t *file, bool hub, const char *name)
{
	const json_t *role = json_object_get(json_object_get(file, "roles"), name);
	const char *on = json_text_or_empty(role, "on");

	bool here =
		on[0] == '\0' || strcmp(on, "any") == 0 || strcmp(on, hub ? "hub" : "node") == 0;

	return here ? role : NULL;
}

void access_open(const json_t *file, bool hub, const char *role, struct access *ret)
{
	*ret = (struct access){ .file = file };
	access_add(ret, hub, role);
}

void access_add(struct access *a, bool hub, const char *role)
{
	a->role[a->roles] = role_of(a->file, hub, role);
	a->name[a->roles++] = role;
}

bool access_role_exists(const json_t *file, bool hub, const char *name)
{
	return role_of(file, hub, name) != NULL;
}

const char *access_first_role(const json_t *file, bool hub)
{
	json_t *roles = json_object_get(file, "roles"), *role;
	const char *name;

	json_object_foreach(roles, name,
			    role) if (role_of(file, hub, name) != NULL &&
				      json_is_true(json_object_get(role, "manage"))) return name;
	return "";
}

bool access_may(const struct access *a, const char *what)
{
	bool may = a->roles > 0;

	for (int i = 0; i < a->roles; i++)
		may = may && json_is_true(json_object_get(a->role[i], what));
	return may;
}

/* What "write" or "read" says of a table, itself or by "*". */
static const char *says(const json_t *of, const char *table)
{
	const json_t *value = json_object_get(of, table);

	if (value == NULL)
		value = json_object_get(of, "*");
	return json_is_string(value) ? json_string_value(value) : "none";
}

static bool local_role(const struct access *a, const char *table)
{
	const json_t *roles = json_object_get(json_object_get(a->file, "local"), table);
	int found = 0;

	for (int k = 0; k < a->roles; k++)
		for (size_t i = 0; i < json_array_size(roles); i++) {
			const char *name = json_string_value(json_array_get(roles, i));

			if (name != NULL && a->role[k] != NULL && strcmp(name, a->name[k]) == 0) {
				found++;
				break;
			}
		}
	return a->roles > 0 && found == a->roles;
}

bool access_local(const json_t *file, const char *table)
{
	return json_object_get(json_object_get(file, "local"), table) != NULL;
}

enum access_write access_write(const struct access *a, const char *table)
{
	enum access_write least = a->roles > 0 ? ACCESS_ALL : ACCESS_NONE;

	if (access_local(a->file, table))
		return local_role(a, table) ? ACCESS_ALL : ACCESS_NONE;
	for (int i = 0; i < a->roles; i++) {
		const char *what = says(json_object_get(a->role[i], "write"), table);
		enum access_write may = strcmp(what, "all") == 0   ? ACCESS_ALL
					: strcmp(what, "own") == 0 ? ACCESS_OWN
								   : ACCESS_NONE;

		if (may < least)
			least = may;
	}
	return least;
}

bool access_read(const struct access *a, const char *table)
{
	bool may = a->roles > 0;

	if (access_local(a->file, table))
		return local_role(a, table);
	for (int i = 0; i < a->roles; i++) {
		const json_t *read = json_object_get(a->role[i], "read");

		may = may && a->role[i] != NULL &&
		      (read == NULL || strcmp(says(read, table), "all") == 0);
	}
	return may;
}

bool access_own(const json_t *file, const char *table, struct access_own *ret)
{
	const json_t *own = json_object_get(json_object_get(file, "own"), table);

	*ret = (struct access_own){ .column = json_string_value(own) };
	if (json_is_object(own)) {
		ret->through = json_string_value(json_object_get(own, "through"));
		ret->by = json_string_value(json_object_get(own, "by"));
		ret->column = json_string_value(json_object_get(own, "own"));
		return ret->through != NULL && ret->by != NULL && ret->column != NULL;
	}
	return ret->column != NULL;
}

const char *access_signed(const json_t *file, const char *table)
{
	return json_string_value(json_object_get(json_object_get(file, "signed"), table));
}
