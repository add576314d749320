/* static.c - paths to embedded files. */
#include <stdio.h>
#include <string.h>

#include "base/embedded.h"
#include "web/static.h"

#define NAME_MAX_BYTES 256

/* For a program that was built without the app. */
static const char plain_page[] =
	"<!doctype html>\n<html lang=\"id\"><meta charset=\"utf-8\">"
	"<meta name=\"viewport\" content=\"width=device-width\"><title>Simpul</title>\n"
	"<h1>Simpul berjalan</h1>\n<p>Program ini dibangun tanpa aplikasi web. API tersedia di"
	" <a href=\"/api/openapi.json\">/api/openapi.json</a>.\n"
	"<p lang=\"en\">Simpul runs. This program was built without the web app; the API is "
	"there.\n";

const char *static_type(const char *name)
{
	static const struct {
		const char *ending, *type;
	} types[] = {
		{ ".html", "text/html; charset=utf-8" },
		{ ".js", "text/javascript; charset=utf-8" },
		{ ".css", "text/css; charset=utf-8" },
		{ ".json", "application/json" },
		{ ".svg", "image/svg+xml" },
		{ ".png", "image/png" },
		{ ".ico", "image/x-icon" },
		{ ".webmanifest", "application/manifest+json" },
		{ ".txt", "text/plain; charset=utf-8" },
		{ ".woff2", "font/woff2" },
		{ ".webp", "image/webp" },
		{ ".map", "application/json" },
	};
	size_t len = strlen(name);

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		size_t ending = strlen(types[i].ending);

		if (len > ending && strcmp(name + len - ending, types[i].ending) == 0)
			return types[i].type;
	}
	return "application/octet-stream";
}

/* "gzip" in the list, and not with q=0. */
static bool takes_gzip(const struct http_request *request)
{
	const char *field = http_request_header(request, "Accept-Encoding");
	const char *at = field == NULL ? NULL : strstr(field, "gzip");

	if (at == NULL)
		return false;
	at += strlen("gzip");
	at += strspn(at, " \t");
	return strncmp(at, ";q=0", 4) != 0 ||
	       (at[4] == '.' && strspn(at + 5, "0") < 3 && at[5] != '\0');
}

static bool send_file(const struct http_request *request, const char *name, bool for_ever,
		      struct http_response *response)
{
	char path[NAME_MAX_BYTES];
	const struct embedded_file *file, *packed;
	bool gzip;

	if (snprintf(path, sizeof(path), "app/%s.gz", name) >= (int)sizeof(path))
		return false;
	packed = embedded_find(path);
	path[strlen(path) - strlen(".gz")] = '\0';
	file = embedded_find(path);
	gzip = packed != NULL && (file == NULL || takes_gzip(request));
	if (gzip)
		file = packed;
	if (file == NULL)
		return false;
	http_response_set(response, 200, static_type(name), file->from,
			  (size_t)(file->to - file->from));
	if (gzip)
		http_fields_put(&response->fields, "Content-Encoding", "gzip");
	if (packed != NULL)
		http_fields_put(&response->fields, "Vary", "Accept-Encoding");
	http_fields_put(&response->fields, "Cache-Control",
			for_ever ? "public, max-age=31536000, immutable" : "no-cache");
	return true;
}

void static_answer(const struct http_request *request, struct http_response *response)
{
	const char *name = request->path + 1;
	bool asset = strncmp(name, "assets/", strlen("assets/")) == 0;

	if (strcmp(request->method, "GET") != 0 && strcmp(request->method, "HEAD") != 0) {
		http_response_print(response, 405, "text/plain", "GET or HEAD only\n");
		http_fields_put(&response->fields, "Allow", "GET, HEAD");
		return;
	}
	/* A file that is not there is no page: else a browser takes HTML for a script of an older
	 * version. */
	if (asset) {
		if (!send_file(request, name + strlen("assets/"), true, response))
			http_response_print(response, 404, "text/plain", "no such file\n");
		return;
	}
	if ((name[0] != '\0' && send_file(request, name, false, response)) ||
	    send_file(request, "index.html", false, response))
		return;
	http_response_set(response, 200, "text/html; charset=utf-8", plain_page,
			  strlen(plain_page));
	http_fields_put(&response->fields, "Cache-Control", "no-cache");
}
