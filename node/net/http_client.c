/*
 * http_client.c - libcurl, held to what sync over bad links needs.
 *
 * The order of trust: the pin is checked inside the handshake (tls.c), so a wrong key ends it
 * before a request exists; and once more just before each request goes out, by the certificate of
 * the very connection that curl chose, because a kept connection has its handshake behind it.
 * Whoever changes server, pin or kind of trust gets a new curl handle, hence no kept connection.
 *
 * curl's session cache is off: it would resume a session whose certificate was accepted under
 * another pin.  Its own limits on time are off as well but for connecting and for silence: a call
 * that moves one byte a second is a good call here.
 */
#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "base/memory.h"
#include "net/http_client.h"
#include "net/tls.h"

#define CONNECT_MS_MAX	     60000
#define SILENT_S_MAX	     180
#define RESPONSE_SLACK_BYTES (64u << 10)
/* A kept connection is tried again after up to so long; a dead one costs a round trip, not a call.
 */
#define KEPT_S_MAX  600
#define EYEBALLS_MS 1500
#define ORIGIN_SIZE 512

struct http_client {
	char *ca_file;
	char *user_agent;
	CURL *curl; /* NULL until the first call and after a change of `party` */
	struct {    /* with whom the kept connection was made */
		char origin[ORIGIN_SIZE];
		enum http_trust trust;
		struct hash pin;
	} party;
	struct tls_expect expect;
};

/* One call under way: what the callbacks share. */
struct running {
	struct http_client *client;
	const struct http_call *call;
	struct http_response response;
	struct http_call_stats stats;
	size_t head_bytes;
	size_t body_bytes_max;
	bool head_complete;
	bool aborted;
	bool too_large;
	bool bad_head;
	bool pin_mismatch;
	char error[CURL_ERROR_SIZE];
};

static void list_free(struct curl_slist **list)
{
	curl_slist_free_all(*list);
}

#define AUTO_SLIST __attribute__((cleanup(list_free))) struct curl_slist *

static void curl_start(void)
{
	CURLcode rc = curl_global_init(CURL_GLOBAL_DEFAULT);

	assert(rc == CURLE_OK);
}

bool http_client_open(const struct http_client_config *config, struct http_client **ret_client,
		      struct err *e)
{
	static pthread_once_t started = PTHREAD_ONCE_INIT;
	struct http_client *client;

	(void)e;
	pthread_once(&started, curl_start);
	client = memory_new(sizeof(*client));
	client->ca_file = config->ca_file == NULL ? NULL : memory_text(config->ca_file);
	client->user_agent = config->user_agent == NULL ? NULL : memory_text(config->user_agent);
	*ret_client = client;
	return true;
}

void http_client_close(struct http_client *client)
{
	if (client == NULL)
		return;
	curl_easy_cleanup(client->curl);
	memory_free(&client->ca_file);
	memory_free(&client->user_agent);
	memory_free(&client);
}

static size_t on_body(char *data, size_t one, size_t len, void *arg)
{
	struct running *running = arg;

	(void)one;
	if (len > running->body_bytes_max - running->response.body.len) {
		running->too_large = true;
		return 0;
	}
	buf_put(&running->response.body, data, len);
	return len;
}

/* One line of the answer's head, without its line end. */
static bool head_line(struct running *running, char *line)
{
	char *value = strchr(line, ':');

	if (strncmp(line, "HTTP/", 5) == 0) { /* also the final answer after a 1xx */
		http_fields_done(&running->response.fields);
		running->head_complete = false;
		return true;
	}
	if (*line == '\0') {
		running->head_complete = true;
		return true;
	}
	if (value == NULL)
		return false;
	*value++ = '\0';
	value += strspn(value, " \t");
	if (strcasecmp(line, "Content-Type") == 0)
		snprintf(running->response.content_type, sizeof(running->response.content_type),
			 "%s", value);
	return http_fields_put(&running->response.fields, line, value);
}

static size_t on_head(char *data, size_t one, size_t len, void *arg)
{
	struct running *running = arg;
	char line[LIMIT_HTTP_HEAD_BYTES + 1];
	size_t text_len = len;

	(void)one;
	running->head_bytes += len;
	while (text_len > 0 && strchr("\r\n \t", data[text_len - 1]) != NULL)
		text_len--;
	if (running->head_bytes > LIMIT_HTTP_HEAD_BYTES) {
		running->too_large = true;
		return 0;
	}
	memcpy(line, data, text_len);
	line[text_len] = '\0';
	if (strlen(line) != text_len || !head_line(running, line)) {
		running->bad_head = true;
		return 0;
	}
	return len;
}

static int on_progress(void *arg, curl_off_t down_all, curl_off_t down, curl_off_t up_all,
		       curl_off_t up)
{
	struct running *running = arg;

	(void)down_all;
	(void)down;
	(void)up_all;
	(void)up;
	running->aborted = running->call->abort != NULL && atomic_load(running->call->abort);
	return running->aborted;
}

/* The connection stands, new or kept; nothing of the request is out.  The last word on whom it goes
 * to. */
static int on_connected(void *arg, char *peer, char *own, int peer_port, int own_port)
{
	struct running *running = arg;
	struct http_call_stats *stats = &running->stats;
	struct curl_tlssessioninfo *tls = NULL;
	long connects = 0;

	(void)peer;
	(void)own;
	(void)peer_port;
	(void)own_port;
	curl_easy_getinfo(running->client->curl, CURLINFO_NUM_CONNECTS, &connects);
	stats->reused = connects == 0;
	curl_easy_getinfo(running->client->curl, CURLINFO_TLS_SSL_PTR, &tls);
	if (tls != NULL && tls->internals != NULL && tls->backend == CURLSSLBACKEND_OPENSSL) {
		if (!stats->reused)
			tls_wire_bytes(tls->internals, &stats->handshake_sent_bytes,
				       &stats->handshake_received_bytes);
		tls_peer_spki(tls->internals, &stats->spki);
	}
	running->pin_mismatch = running->call->trust == HTTP_TRUST_PIN &&
				!hash_equal(&stats->spki, &running->call->pin);
	return running->pin_mismatch ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

static CURLcode on_context(CURL *curl, void *context, void *arg)
{
	struct http_client *client = arg;

	(void)curl;
	tls_client_setup(context,
			 client->party.trust == HTTP_TRUST_WEBPKI ? NULL : &client->expect);
	return CURLE_OK;
}

/* "https://host:port" out of a URL; plain HTTP is for this machine alone. */
static bool origin_of(const char *url, char *ret_origin, struct err *e)
{
	static const char *const local[] = { "127.0.0.1", "[::1]", "localhost" };
	size_t scheme = strncasecmp(url, "https://", 8) == 0  ? 8
			: strncasecmp(url, "http://", 7) == 0 ? 7
							      : 0;
	size_t len = scheme + strcspn(url + scheme, "/?#");
	bool here = false;

	if (scheme == 0 || len == scheme || len >= ORIGIN_SIZE ||
	    memchr(url + scheme, '@', len - scheme) != NULL)
		return err_set(e, ERR_USAGE, "%.100s is not an https:// address", url);
	for (size_t i = 0; i < sizeof(local) / sizeof(local[0]); i++) {
		size_t n = strlen(local[i]);

		here |= strncasecmp(url + scheme, local[i], n) == 0 &&
			(scheme + n == len || url[scheme + n] == ':');
	}
	if (scheme == 7 && !here)
		return err_set(e, ERR_USAGE,
			       "%.100s is not https://; plain HTTP is for this machine only", url);
	memcpy(ret_origin, url, len);
	ret_origin[len] = '\0';
	return true;
}

/*
 * The only place where curl shows all bytes of HTTP once: its own totals count a body twice that
 * left together with its head.
 */
static int on_bytes(CURL *curl, curl_infotype type, char *data, size_t len, void *arg)
{
	struct running *running = arg;

	(void)curl;
	(void)data;
	if (type == CURLINFO_HEADER_OUT || type == CURLINFO_DATA_OUT)
		running->stats.sent_bytes += len;
	else if (type == CURLINFO_HEADER_IN || type == CURLINFO_DATA_IN)
		running->stats.received_bytes += len;
	return 0;
}

/* All options that a client has for life. */
static void curl_setup(struct http_client *client)
{
	CURL *curl = curl_easy_init();

	assert(curl != NULL);
	client->curl = curl;
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https,http");
	curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_3);
	curl_easy_setopt(curl, CURLOPT_SSL_SESSIONID_CACHE, 0L);
	curl_easy_setopt(curl, CURLOPT_TCP_NODELAY, 1L);
	curl_easy_setopt(curl, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(curl, CURLOPT_MAXCONNECTS, 1L);
	curl_easy_setopt(curl, CURLOPT_MAXAGE_CONN, (long)KEPT_S_MAX);
	curl_easy_setopt(curl, CURLOPT_HAPPY_EYEBALLS_TIMEOUT_MS, (long)EYEBALLS_MS);
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_head);
	curl_easy_setopt(curl, CURLOPT_DEBUGFUNCTION, on_bytes);
	curl_easy_setopt(curl, CURLOPT_VERBOSE, 1L); /* for on_bytes, which prints nothing */
	curl_easy_setopt(curl, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	curl_easy_setopt(curl, CURLOPT_PREREQFUNCTION, on_connected);
	curl_easy_setopt(curl, CURLOPT_SSL_CTX_FUNCTION, on_context);
	curl_easy_setopt(curl, CURLOPT_SSL_CTX_DATA, client);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, client->user_agent);
	if (client->ca_file != NULL)
		curl_easy_setopt(curl, CURLOPT_CAINFO, client->ca_file);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER,
			 client->party.trust == HTTP_TRUST_WEBPKI ? 1L : 0L);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST,
			 client->party.trust == HTTP_TRUST_WEBPKI ? 2L : 0L);
}

/* A curl handle whose kept connection, if any, is with this party. */
static bool party_meet(struct http_client *client, const struct http_call *call, struct err *e)
{
	char origin[ORIGIN_SIZE];

	if (!origin_of(call->url, origin, e))
		return false;
	if (call->trust == HTTP_TRUST_PIN && strncasecmp(origin, "http://", 7) == 0)
		return err_set(e, ERR_USAGE, "%.100s has no key to pin; use https://", call->url);
	if (client->curl != NULL && strcmp(client->party.origin, origin) == 0 &&
	    client->party.trust == call->trust && hash_equal(&client->party.pin, &call->pin))
		return true;
	curl_easy_cleanup(client->curl);
	snprintf(client->party.origin, sizeof(client->party.origin), "%s", origin);
	client->party.trust = call->trust;
	client->party.pin = call->pin;
	client->expect =
		(struct tls_expect){ .pin = call->trust == HTTP_TRUST_PIN ? &client->party.pin
									  : NULL };
	curl_setup(client);
	return true;
}

static struct curl_slist *list_add(struct curl_slist *list, const char *line)
{
	list = curl_slist_append(list, line);
	assert(list != NULL);
	return list;
}

static struct curl_slist *fields_list(const struct http_call *call)
{
	/* curl adds these on its own account; what leaves is what the caller asked for and framing
	 * needs. */
	struct curl_slist *list = list_add(NULL, "Expect:");

	if (http_fields_get(&call->fields, "Accept") == NULL)
		list = list_add(list, "Accept:");
	if (http_fields_get(&call->fields, "Content-Type") == NULL)
		list = list_add(list, "Content-Type:");
	for (size_t i = 0; i < call->fields.n; i++) {
		const struct http_field *field = &call->fields.at[i];
		AUTO_BUF line = { 0 };

		/* curl takes "name;" for a field without a value, and "name:" for one to leave out.
		 */
		buf_print(&line, field->value[0] == '\0' ? "%s;%s" : "%s: %s", field->name,
			  field->value);
		list = list_add(list, buf_string(&line));
	}
	return list;
}

static void method_setup(CURL *curl, const struct http_call *call)
{
	bool has_body = call->body.len > 0 || strcmp(call->method, "POST") == 0 ||
			strcmp(call->method, "PUT") == 0;

	/* Back to nothing first.  In this order: setting POSTFIELDS, even to NULL, makes it a POST.
	 */
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, NULL);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)-1);
	curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
	if (has_body) {
		curl_easy_setopt(curl, CURLOPT_POST, 1L);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS,
				 call->body.len > 0 ? call->body.data : "");
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body.len);
	} else if (strcmp(call->method, "HEAD") == 0) {
		curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
	}
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST,
			 strcmp(call->method, "HEAD") == 0 ? NULL : call->method);
}

static void call_setup(CURL *curl, struct running *running, struct curl_slist *fields)
{
	const struct http_call *call = running->call;

	method_setup(curl, call);
	curl_easy_setopt(curl, CURLOPT_URL, call->url);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, fields);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
			 (long)(call->connect_ms_max > 0 ? call->connect_ms_max : CONNECT_MS_MAX));
	curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME,
			 (long)(call->silent_s_max > 0 ? call->silent_s_max : SILENT_S_MAX));
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, running);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, running);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, running);
	curl_easy_setopt(curl, CURLOPT_PREREQDATA, running);
	curl_easy_setopt(curl, CURLOPT_DEBUGDATA, running);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, running->error);
}

/*
 * An answer that ends where the connection ends may have been cut, and nobody could tell: curl takes
 * even half a head for an answer.  So the end must have been announced.
 */
static bool end_is_certain(const struct running *running)
{
	const struct http_fields *fields = &running->response.fields;

	return running->head_complete &&
	       (http_fields_get(fields, "Content-Length") != NULL ||
		http_fields_get(fields, "Transfer-Encoding") != NULL || running->response.status == 204 ||
		running->response.status == 304 || strcmp(running->call->method, "HEAD") == 0);
}

/* "https://hub.example:8443": a person knows the server, and has no use for the request. */
static int server_len(const char *url)
{
	const char *host = strstr(url, "://");

	return host == NULL ? (int)strlen(url) : (int)(host + 3 - url + (long)strcspn(host + 3, "/?#"));
}

/* No TLS: whoever hangs up has gone or is going; who answers, but not by TLS, is somebody else. */
static bool hung_up(const char *detail)
{
	return strcasestr(detail, "SYSCALL") != NULL || strcasestr(detail, "reset") != NULL ||
	       strcasestr(detail, "eof") != NULL;
}

static bool no_tls(const char *server, int len, const char *detail, struct err *e)
{
	if (hung_up(detail))
		return err_set(e, ERR_NETWORK, "%.*s: it hung up before TLS was agreed on (%s)", len, server,
			       detail);
	return err_set(e, ERR_NETWORK, "%.*s: no TLS 1.3 connection, perhaps a Wi-Fi login page (%s)", len,
		       server, detail);
}

/* curl's result in our words. */
static bool result_check(const struct running *running, CURLcode rc, struct err *e)
{
	const char *url = running->call->url;
	int len = server_len(url) < 200 ? server_len(url) : 200;
	const char *detail = running->error[0] != '\0' ? running->error : curl_easy_strerror(rc);

	if (running->pin_mismatch || running->client->expect.mismatch)
		return err_set(e, ERR_PIN,
			       "%.*s: the server has another key than the one expected", len, url);
	if (running->aborted)
		return err_set(e, ERR_NETWORK, "%.*s: the call was aborted", len, url);
	if (running->too_large)
		return err_set(e, ERR_TOO_LARGE, "%.*s: the answer is larger than allowed", len, url);
	if (running->bad_head)
		return err_set(e, ERR_NETWORK, "%.*s: the answer's head is malformed", len, url);
	switch (rc) {
	case CURLE_OK:
		return end_is_certain(running) ||
		       err_set(e, ERR_NETWORK, "%.*s: the answer does not say where it ends", len, url);
	case CURLE_URL_MALFORMAT: /* another scheme was refused before; "unsupported" means no HTTP answer */
		return err_set(e, ERR_USAGE, "%.*s: %s", len, url, detail);
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
		return err_set(e, ERR_NETWORK, "%.*s: the name cannot be resolved", len, url);
	case CURLE_COULDNT_CONNECT:
		return err_set(e, ERR_NETWORK, "%.*s: nobody answers there (%s)", len, url, detail);
	case CURLE_OPERATION_TIMEDOUT:
		return err_set(e, ERR_NETWORK, "%.*s: timed out (%s)", len, url, detail);
	case CURLE_SSL_CONNECT_ERROR:
		return no_tls(url, len, detail, e);
	case CURLE_PEER_FAILED_VERIFICATION:
		return err_set(e, ERR_PIN, "%.*s: %s", len, url, detail);
	default:
		return err_set(e, ERR_NETWORK, "%.*s: the connection broke (%s)", len, url, detail);
	}
}

bool http_client_call(struct http_client *client, const struct http_call *call,
		      struct http_response *ret_response, struct http_call_stats *ret_stats,
		      struct err *e)
{
	size_t body_bytes_max = call->response_bytes_max > 0
					? call->response_bytes_max
					: LIMIT_REQUEST_BYTES + RESPONSE_SLACK_BYTES;
	struct running running = { .client = client,
				   .call = call,
				   .body_bytes_max = body_bytes_max };
	AUTO_SLIST fields = NULL;
	bool ok = party_meet(client, call, e);

	if (ok) {
		CURLcode rc;
		long status = 0;

		client->expect.mismatch = false;
		fields = fields_list(call);
		call_setup(client->curl, &running, fields);
		rc = curl_easy_perform(client->curl);
		curl_easy_getinfo(client->curl, CURLINFO_RESPONSE_CODE, &status);
		running.stats.status = running.response.status = (int)status;
		ok = result_check(&running, rc, e);
	}
	if (ret_stats != NULL)
		*ret_stats = running.stats;
	if (ok)
		*ret_response = running.response;
	else
		http_response_done(&running.response);
	return ok;
}
