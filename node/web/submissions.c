/* submissions.c - /api/submissions: what is missing, sealing, receipts and proofs. */
#include <string.h>

#include "store/tables.h"
#include "web/routes.h"
#include "web/request.h"
#include "web/submission.h"

/* The scope of this node's own chain, else the one that it was made for; "" for a hub. */
static bool own_scope(struct party *p, char out[LIMIT_SCOPE_BYTES + 1], struct err *e)
{
	AUTO_RESET s = { 0 };
	bool row;

	if (!db_statement(p->db,
			  "SELECT scope FROM simpul_chain WHERE own = 1 AND scope <> '" SCOPE_NATIONAL
			  "' ORDER BY no DESC LIMIT 1",
			  &s, e) ||
	    !stmt_row(&s, &row, e))
		return false;
	if (!row)
		return meta_get_text(p->db, "scope", out, LIMIT_SCOPE_BYTES + 1, e);
	snprintf(out, LIMIT_SCOPE_BYTES + 1, "%s", stmt_get_text(&s, 0));
	return true;
}

static bool may_read(struct serve_job *job, struct err *e)
{
	const struct web_request *r = request_of(job);
	const char *table = manifest_table(r->web->app);

	if (table == NULL)
		return err_set(e, ERR_NOT_FOUND, "nothing is submitted in this workspace");
	return access_read(&r->access, table) ||
	       err_set(e, ERR_NO_RIGHT, "this account may not read submissions");
}

static bool list_finish(struct party *p, struct serve_job *job, struct err *e)
{
	json_t *list = NULL;

	if (!may_read(job, e) || !submission_list(p, request_of(job)->web->app, NULL, &list, e))
		return false;
	request_answer(job, 200, json_pack("{s:o}", "submissions", list));
	return true;
}

static bool check_finish(struct party *p, struct serve_job *job, struct err *e)
{
	char object[64], code[256], own[LIMIT_SCOPE_BYTES + 1], asked[LIMIT_SCOPE_BYTES + 1];
	struct manifest_ask ask = { own, object, code };
	json_t *json = NULL;

	if (!http_query(job->request, "object", object, sizeof(object)) ||
	    !http_query(job->request, "code", code, sizeof(code)))
		return err_set(e, ERR_MALFORMED, "the request needs ?object= and &code=");
	if (!may_read(job, e) || !own_scope(p, own, e))
		return false;
	if (http_query(job->request, "scope", asked, sizeof(asked)))
		ask.scope = asked;
	if (!manifest_check(p->db, request_of(job)->web->app, &ask, &json, e))
		return false;
	request_answer(job, 200, json);
	return true;
}

/* What is still missing becomes the faults of the request. */
static bool complete(struct party *p, struct serve_job *job, const struct manifest_ask *ask, struct err *e)
{
	AUTO_JSON check = NULL;
	const json_t *missing, *one;
	size_t i;

	if (!manifest_check(p->db, request_of(job)->web->app, ask, &check, e))
		return false;
	missing = json_object_get(check, "missing");
	json_array_foreach(missing, i, one) {
		request_fault(job, &(struct request_fault){ -1, NULL, "missing",
							    json_text_or_empty(one, "message_id"),
							    json_text_or_empty(one, "message_en") });
	}
	return request_valid(job, e);
}

static bool seal_write(struct party *p, struct serve_job *job, struct err *e)
{
	struct web_request *r = request_of(job);
	char scope[LIMIT_SCOPE_BYTES + 1];
	struct manifest_ask ask = { .scope = scope };
	AUTO_JSON row = NULL;
	json_t *json;

	if (!may_read(job, e))
		return false;
	if (!access_may(&r->access, "submit"))
		return err_set(e, ERR_NO_RIGHT, "this account may not hand anything over");
	ask.object = request_text(job, &(struct request_text){ "object", 1, 63 });
	ask.code = request_text(job, &(struct request_text){ "code", 1, 255 });
	if (!request_valid(job, e) || !own_scope(p, scope, e))
		return false;
	if (scope[0] == '\0')
		return err_set(e, ERR_FORBIDDEN, "this node belongs to no region");
	if (!complete(p, job, &ask, e) ||
	    !submission_seal(p, r->web->app, &ask, r->who.name, &row, e))
		return false;
	json = json_pack("{s:O,s:O,s:O}", "id", json_object_get(row, manifest_column(r->web->app, "id")),
			 "version", json_object_get(row, manifest_column(r->web->app, "version")),
			 "manifest_sha256",
			 json_object_get(row, manifest_column(r->web->app, "sha256")));
	job->settles = true;
	request_result(job, 201, json);
	return true;
}

/* ID/receipt, or ID/proof: the text alone, as a file. */
static bool one_finish(struct party *p, struct serve_job *job, struct err *e)
{
	const char *rest = request_rest(job), *slash = strrchr(rest, '/');
	const char *what = slash == NULL ? "" : slash + 1;
	AUTO_JSON json = NULL;
	const char *proof;
	char id[256];

	if ((strcmp(what, "receipt") != 0 && strcmp(what, "proof") != 0) ||
	    (size_t)(slash - rest) >= sizeof(id))
		return err_set(e, ERR_NOT_FOUND, "a submission has a receipt and a proof");
	snprintf(id, sizeof(id), "%.*s", (int)(slash - rest), rest);
	if (!may_read(job, e) || !submission_receipt(p, request_of(job)->web->app, id, NULL, &json, e))
		return false;
	if (strcmp(what, "receipt") == 0) {
		request_answer(job, 200, json_incref(json));
		return true;
	}
	proof = json_text_or_empty(json, "proof");
	if (proof[0] == '\0')
		return err_set(e, ERR_NOT_FOUND, "there is no receipt of the hub yet");
	http_response_set(job->response, 200, "text/plain; charset=utf-8", proof, strlen(proof));
	return true;
}

const struct serve_route submissions_routes[] = {
	{ "GET", "/api/submissions", .finish = list_finish },
	{ "POST", "/api/submissions", .writes = true, .write = seal_write, .finish = request_finish },
	{ "GET", "/api/submissions/check", .finish = check_finish },
	{ "GET", "/api/submissions/*", .finish = one_finish },
	{ .path = NULL },
};
