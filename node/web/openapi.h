/*
 * openapi.h - the API described for programs: OpenAPI 3.1, at GET /api/openapi.json.
 *
 * Each route of web_tables has a line in openapi.c; a test holds them against each other, both
 * ways.
 */
#ifndef WEB_OPENAPI_H
#define WEB_OPENAPI_H

#include "base/json.h"

/* The document; the caller owns it. */
json_t *openapi_document(const char *version);
/* "/api/rows/{table}": how the document names the path of a route that ends with a star; NULL: it
 * does not. */
const char *openapi_path(const char *method, const char *route);

#endif
