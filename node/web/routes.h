/*
 * routes.h - every table of routes of the web: a line here, and one in web_tables (web.c), for a
 * new one.
 */
#ifndef WEB_ROUTES_H
#define WEB_ROUTES_H

#include "exchange/serve.h"

extern const struct serve_route session_routes[];
extern const struct serve_route accounts_routes[];
extern const struct serve_route tokens_routes[];
extern const struct serve_route rows_routes[];
extern const struct serve_route export_routes[];
extern const struct serve_route history_routes[];
extern const struct serve_route nodes_routes[];
extern const struct serve_route package_routes[];
extern const struct serve_route review_routes[];
extern const struct serve_route submissions_routes[];
extern const struct serve_route files_routes[];
extern const struct serve_route meta_routes[];
extern const struct serve_route events_routes[];
extern const struct serve_route status_routes[];
extern const struct serve_route openapi_routes[];

#endif
