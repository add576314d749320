/*
 * package.c - /api/export/datapackage.zip: what the workspace calls public, as a Frictionless data package.
 *
 * app.json says what that is: "public": [{"name": .., "view": .., "title": ..}]; of each the rows of its view
 * as CSV, and datapackage.json with their columns.  Nothing else is ever in it, whoever asks.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

#include "web/export.h"
#include "web/relation.h"
#include "web/request.h"
#include "web/routes.h"

struct package {
	struct party *party;
	struct serve_job *job;
	zip_t *zip;
	zip_source_t *bytes; /* where the archive is made; kept beyond zip_close */
	json_t *resources;
};

static void package_done(struct package *k)
{
	if (k->zip != NULL)
		zip_discard(k->zip);
	if (k->bytes != NULL)
		zip_source_free(k->bytes);
	json_drop(&k->resources);
}

static bool package_open(struct package *k, struct err *e)
{
	zip_error_t problem;

	zip_error_init(&problem);
	k->resources = json_array();
	k->bytes = zip_source_buffer_create(NULL, 0, 0, &problem);
	if (k->bytes != NULL)
		k->zip = zip_open_from_source(k->bytes, ZIP_TRUNCATE, &problem);
	if (k->zip == NULL)
		return err_set(e, ERR_INTERNAL, "an archive cannot be begun: %s",
			       zip_error_strerror(&problem));
	zip_source_keep(k->bytes);
	return true;
}

/* The archive copies the bytes: libzip reads them when it is closed. */
static bool file_add(struct package *k, const char *name, const struct buf *bytes, struct err *e)
{
	void *copy = malloc(bytes->len + 1);
	zip_source_t *source;
	zip_int64_t at;

	if (copy == NULL)
		abort();
	memcpy(copy, bytes->data, bytes->len);
	source = zip_source_buffer(k->zip, copy, bytes->len, 1);
	if (source == NULL) {
		free(copy);
		return err_set(e, ERR_INTERNAL, "the archive: %s", zip_strerror(k->zip));
	}
	at = zip_file_add(k->zip, name, source, ZIP_FL_ENC_UTF_8);
	if (at < 0) {
		zip_source_free(source);
		return err_set(e, ERR_INTERNAL, "the archive: %s", zip_strerror(k->zip));
	}
	/* The same rows make the same archive. */
	return zip_file_set_mtime(k->zip, (zip_uint64_t)at, 946684800, 0) == 0 ||
	       err_set(e, ERR_INTERNAL, "the archive: %s", zip_strerror(k->zip));
}

/* [A-Za-z0-9_-]: a file name that is safe everywhere. */
static bool name_safe(const char *name)
{
	return name[0] != '\0' && strlen(name) < 100 &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
		       strlen(name);
}

static json_t *fields_json(struct stmt *s)
{
	json_t *fields = json_array();

	for (int i = 0; i < stmt_columns(s); i++)
		json_array_append_new(fields, json_pack("{s:s}", "name", stmt_column(s, i)));
	return fields;
}

static bool resource_add(struct package *k, const json_t *of, struct err *e)
{
	const char *name = json_text_or_empty(of, "name"), *title = json_text_or_empty(of, "title");
	const char *view = json_text_or_empty(of, "view");
	AUTO_BUF csv = { 0 };
	AUTO_BUF sql = { 0 };
	AUTO_STMT s = { 0 };
	char path[128];

	if (!name_safe(name) || !name_valid(view, strlen(view)))
		return err_set(e, ERR_MALFORMED, "app.json: public: \"%.80s\" of \"%.80s\"", name, view);
	buf_text(&sql, "SELECT * FROM ");
	sql_quote(&sql, view);
	snprintf(path, sizeof(path), "data/%s.csv", name);
	if (!db_prepare(k->party->db, buf_string(&sql), &s, e) || !export_csv(&s, NULL, &csv, e) ||
	    !file_add(k, path, &csv, e))
		return err_wrap(e, "public data \"%s\"", name);
	json_array_append_new(k->resources,
			      json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:I,s:{s:o}}", "name", name, "path", path,
					"title", title, "profile", "tabular-data-resource", "mediatype",
					"text/csv", "encoding", "utf-8", "bytes", (json_int_t)csv.len,
					"schema", "fields", fields_json(&s)));
	return true;
}

static bool describe(struct package *k, struct err *e)
{
	struct web *web = request_of(k->job)->web;
	const json_t *title = json_object_get(web->app, "title");
	AUTO_JSON json = NULL;
	AUTO_BUF text = { 0 };

	json = json_pack("{s:s,s:s,s:s,s:O}", "profile", "tabular-data-package", "name",
			 name_safe(web->workspace.name) ? web->workspace.name : "data", "title",
			 json_text_or_empty(title, "id"), "resources", k->resources);
	json_write(json, &text);
	return file_add(k, "datapackage.json", &text, e);
}

static bool archive_read(struct package *k, struct buf *out, struct err *e)
{
	zip_stat_t st;
	bool ok;

	if (zip_close(k->zip) != 0)
		return err_set(e, ERR_INTERNAL, "the archive: %s", zip_strerror(k->zip));
	k->zip = NULL;
	if (zip_source_stat(k->bytes, &st) != 0 || zip_source_open(k->bytes) != 0)
		return err_set(e, ERR_INTERNAL, "the archive cannot be read");
	ok = zip_source_read(k->bytes, buf_reserve(out, st.size + 1), st.size) == (zip_int64_t)st.size;
	out->len += ok ? st.size : 0;
	zip_source_close(k->bytes);
	return ok || err_set(e, ERR_INTERNAL, "the archive cannot be read");
}

static bool finish(struct party *p, struct serve_job *job, struct err *e)
{
	__attribute__((cleanup(package_done))) struct package k = { .party = p, .job = job };
	const json_t *list = json_object_get(request_of(job)->web->app, "public");
	AUTO_BUF body = { 0 };

	if (json_array_size(list) == 0)
		return err_set(e, ERR_NOT_FOUND, "this workspace has no public data");
	if (!package_open(&k, e))
		return false;
	for (size_t i = 0; i < json_array_size(list); i++)
		if (!resource_add(&k, json_array_get(list, i), e))
			return false;
	if (!describe(&k, e) || !archive_read(&k, &body, e))
		return false;
	http_response_set(job->response, 200, "application/zip", body.data, body.len);
	http_fields_put(&job->response->fields, "Content-Disposition",
			"attachment; filename=\"datapackage.zip\"");
	return true;
}

const struct serve_route package_routes[] = {
	{ "GET", "/api/export/datapackage.zip", .finish = finish },
	{ .path = NULL },
};
