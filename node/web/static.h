/*
 * static.h - the app's files, which are part of the program: everything in build/app when it was
 * built.
 *
 * A path that is no file is the app itself (index.html), which finds out what it means.  NAME.gz
 * beside (or instead of) NAME is sent to whoever takes gzip.  Files in assets/ have the hash of
 * their content in their name and never change.
 */
#ifndef WEB_STATIC_H
#define WEB_STATIC_H

#include "net/http.h"

void static_answer(const struct http_request *request, struct http_response *response);
/* The media type by the name's ending; "application/octet-stream" if it is not known. */
const char *static_type(const char *name);

#endif
