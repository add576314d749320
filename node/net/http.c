/*
 * http.c - requests and answers as values: fields, targets, queries.
 *
 * A target is decoded once, here, and anything that could mean two things to two readers is refused
 * on the way: %2F (a separator or a character?), %00 (an end or a byte?), dot segments (this path
 * or another?).  So routes and access rules compare plain strings.
 */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/memory.h"
#include "net/http.h"
#include "simpul/ident.h"

static bool name_ok(const char *name)
{
	if (*name == '\0')
		return false;
	for (; *name != '\0'; name++)
		if ((unsigned char)*name <= ' ' || (unsigned char)*name >= 0x7f ||
		    strchr("\"(),/:;<=>?@[\\]{}", *name) != NULL)
			return false;
	return true;
}

static bool value_ok(const char *value)
{
	for (; *value != '\0'; value++)
		if (((unsigned char)*value < ' ' && *value != '\t') || *value == 0x7f)
			return false;
	return true;
}

bool http_fields_put(struct http_fields *fields, const char *name, const char *value)
{
	size_t name_size = strlen(name) + 1, value_size = strlen(value) + 1;
	struct http_field *field;

	if (fields->n == LIMIT_HTTP_FIELDS || !name_ok(name) || !value_ok(value))
		return false;
	field = &fields->at[fields->n++];
	field->name = memory_new(name_size + value_size);
	field->value = field->name + name_size;
	memcpy(field->name, name, name_size);
	memcpy(field->value, value, value_size);
	return true;
}

static struct http_field *field_find(const struct http_fields *fields, const char *name)
{
	for (size_t i = 0; i < fields->n; i++)
		if (strcasecmp(fields->at[i].name, name) == 0)
			return (struct http_field *)(uintptr_t)&fields->at[i];
	return NULL;
}

bool http_fields_join(struct http_fields *fields, const char *name, const char *value)
{
	struct http_field *field = field_find(fields, name);
	size_t name_size, old_len, value_size = strlen(value) + 1;

	if (field == NULL)
		return http_fields_put(fields, name, value);
	if (!value_ok(value))
		return false;
	name_size = strlen(field->name) + 1;
	old_len = strlen(field->value);
	field->name = memory_resize(field->name, name_size + old_len + 2 + value_size);
	field->value = field->name + name_size;
	memcpy(field->value + old_len, ", ", 2);
	memcpy(field->value + old_len + 2, value, value_size);
	return true;
}

const char *http_fields_get(const struct http_fields *fields, const char *name)
{
	const struct http_field *field = field_find(fields, name);

	return field == NULL ? NULL : field->value;
}

void http_fields_done(struct http_fields *fields)
{
	for (size_t i = 0; i < fields->n; i++)
		memory_free(&fields->at[i].name);
	fields->n = 0;
}

/* The byte that the escape at text ("%xx") stands for; -1 if it is none. */
static int escape_decode(const char *text, size_t len)
{
	uint8_t byte;

	return len >= 3 && text[0] == '%' && hex_decode(text + 1, 2, &byte, 1) ? byte : -1;
}

/* Decodes len bytes into out (room for len + 1). */
static bool path_decode(const char *text, size_t len, char *out, struct err *e)
{
	for (size_t i = 0; i < len; i++) {
		int byte = (unsigned char)text[i];

		if (byte == '%') {
			byte = escape_decode(text + i, len - i);
			if (byte <= 0 || byte == '/')
				return err_set(e, ERR_MALFORMED, "the path has a bad escape");
			i += 2;
		}
		*out++ = (char)byte;
	}
	*out = '\0';
	return true;
}

static bool dot_segments(const char *path)
{
	for (const char *p = strchr(path, '/'); p != NULL; p = strchr(p + 1, '/')) {
		size_t len = strcspn(p + 1, "/");

		if ((len == 1 && p[1] == '.') || (len == 2 && p[1] == '.' && p[2] == '.'))
			return true;
	}
	return false;
}

bool http_request_init(struct http_request *request, const char *method, const char *target,
		       struct err *e)
{
	AUTO_MEMORY char *path = NULL;
	size_t path_len = strcspn(target, "?");

	if (strlen(method) >= sizeof(request->method))
		return err_set(e, ERR_METHOD, "the method %.20s is not known", method);
	if (target[0] != '/')
		return err_set(e, ERR_MALFORMED, "the request target does not begin with /");
	for (const char *p = target; *p != '\0'; p++)
		if (*p <= ' ' || *p >= 0x7f || strchr("\"#<>\\^`{|}", *p) != NULL)
			return err_set(e, ERR_MALFORMED,
				       "the request target holds a byte that no URI can");
	path = memory_new(path_len + 1);
	if (!path_decode(target, path_len, path, e))
		return false;
	if (dot_segments(path))
		return err_set(e, ERR_MALFORMED, "the path has a dot segment");
	*request = (struct http_request){ 0 };
	snprintf(request->method, sizeof(request->method), "%s", method);
	request->target = memory_text(target);
	request->query = request->target + path_len + (target[path_len] == '?');
	request->path = path;
	path = NULL;
	return true;
}

void http_request_done(struct http_request *request)
{
	memory_free(&request->target);
	memory_free(&request->path);
	http_fields_done(&request->fields);
	buf_done(&request->body);
	*request = (struct http_request){ 0 };
}

const char *http_request_header(const struct http_request *request, const char *name)
{
	return http_fields_get(&request->fields, name);
}

/* Decodes len bytes of a query into out; false if an escape is bad or out too small. */
static bool query_decode(const char *text, size_t len, char *out, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		int byte = text[i] == '+' ? ' ' : (unsigned char)text[i];

		if (byte == '%') {
			byte = escape_decode(text + i, len - i);
			i += 2;
		}
		if (byte <= 0 || n + 1 >= size)
			return false;
		out[n++] = (char)byte;
	}
	out[n] = '\0';
	return true;
}

bool http_query(const struct http_request *request, const char *name, char *out, size_t size)
{
	size_t name_len = strlen(name);
	const char *p = request->query;

	assert(size > 0);
	out[0] = '\0';
	while (p != NULL && *p != '\0') {
		size_t len = strcspn(p, "&");

		if (len >= name_len && strncmp(p, name, name_len) == 0 &&
		    (len == name_len || p[name_len] == '=')) {
			size_t skip = len == name_len ? len : name_len + 1;
			bool ok = query_decode(p + skip, len - skip, out, size);

			if (!ok)
				out[0] = '\0';
			return ok;
		}
		p += len + (p[len] == '&');
	}
	return false;
}

static void file_close(struct http_response *response)
{
	if (response->file_bytes > 0)
		close(response->file);
	response->file_bytes = 0;
}

static void response_start(struct http_response *response, int status, const char *content_type)
{
	response->status = status;
	snprintf(response->content_type, sizeof(response->content_type), "%s", content_type);
	buf_reset(&response->body);
	file_close(response);
}

void http_response_file(struct http_response *response, int fd, uint64_t from, uint64_t bytes)
{
	file_close(response);
	response->file = fd;
	response->file_from = from;
	response->file_bytes = bytes;
	if (bytes == 0)
		close(fd);
}

void http_response_set(struct http_response *response, int status, const char *content_type,
		       const void *body, size_t len)
{
	response_start(response, status, content_type);
	buf_put(&response->body, body, len);
}

void http_response_print(struct http_response *response, int status, const char *content_type,
			 const char *fmt, ...)
{
	va_list ap;
	int len;

	response_start(response, status, content_type);
	va_start(ap, fmt);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (len <= 0)
		return;
	va_start(ap, fmt);
	vsnprintf((char *)buf_reserve(&response->body, (size_t)len + 1), (size_t)len + 1, fmt, ap);
	va_end(ap);
	response->body.len = (size_t)len;
}

const char *http_response_header(const struct http_response *response, const char *name)
{
	return http_fields_get(&response->fields, name);
}

void http_response_done(struct http_response *response)
{
	file_close(response);
	http_fields_done(&response->fields);
	buf_done(&response->body);
	*response = (struct http_response){ 0 };
}

const char *http_reason(int status)
{
	static const struct {
		int status;
		const char *reason;
	} reasons[] = {
		{ 200, "OK" },
		{ 201, "Created" },
		{ 202, "Accepted" },
		{ 204, "No Content" },
		{ 206, "Partial Content" },
		{ 303, "See Other" },
		{ 304, "Not Modified" },
		{ 400, "Bad Request" },
		{ 401, "Unauthorized" },
		{ 403, "Forbidden" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 408, "Request Timeout" },
		{ 409, "Conflict" },
		{ 412, "Precondition Failed" },
		{ 413, "Content Too Large" },
		{ 415, "Unsupported Media Type" },
		{ 417, "Expectation Failed" },
		{ 421, "Misdirected Request" },
		{ 422, "Unprocessable Content" },
		{ 429, "Too Many Requests" },
		{ 431, "Request Header Fields Too Large" },
		{ 500, "Internal Server Error" },
		{ 501, "Not Implemented" },
		{ 503, "Service Unavailable" },
		{ 505, "HTTP Version Not Supported" },
		{ 507, "Insufficient Storage" },
	};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "Status";
}
