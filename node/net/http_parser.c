/*
 * http_parser.c - the request grammar of RFC 9112, and nothing besides it.
 *
 * Line by line: a line counts only when its CRLF is there, and every byte of it is looked at once
 *(the parser remembers how far it has looked), so a client that sends one byte at a time costs no
 *more than one that sends all.  Each line has a budget; the head's is LIMIT_HTTP_HEAD_BYTES in all.
 *
 *	request = method SP target SP "HTTP/1.1" CRLF *( name ":" OWS value OWS CRLF ) CRLF [ body ]
 *	body    = Content-Length bytes
 *	        | *( 1*8HEX CRLF bytes CRLF ) 1*8"0" CRLF CRLF
 *
 * Stricter than the RFC where it lets a server be lenient (empty lines before the request line,
 *bare LF, folding) and where it asks for something that nobody of ours sends (absolute-form
 *targets, chunk extensions, trailers): each has carried a smuggling attack somewhere.
 */
#include <string.h>
#include <strings.h>

#include "net/http_parser.h"

#define CHUNK_LINE_BYTES 10 /* 8 digits, CRLF */
#define METHOD_BYTES	 7

enum parser_state {
	AT_LINE,
	AT_FIELD,
	AT_BODY,
	AT_CHUNK_SIZE,
	AT_CHUNK,
	AT_CHUNK_END,
	AT_TRAILER,
	AT_END,
	AT_REFUSED
};

void http_parser_init(struct http_parser *p, uint64_t body_max)
{
	*p = (struct http_parser){ .state = AT_LINE, .body_max = body_max };
}

bool http_parser_idle(const struct http_parser *p)
{
	return p->state == AT_LINE && p->scanned == 0;
}

static bool refuse(struct http_parser *p, int status, const char *reason)
{
	p->state = AT_REFUSED;
	p->refused_status = status;
	p->refused_reason = reason;
	return false;
}

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool is_alpha(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_hex(uint8_t c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_one_of(uint8_t c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

/* tchar of RFC 9110, 5.6.2 */
static bool is_token(uint8_t c)
{
	return is_digit(c) || is_alpha(c) || is_one_of(c, "!#$%&'*+-.^_`|~");
}

static bool is_text(struct bytes text, const char *expected)
{
	return text.len == strlen(expected) && strncasecmp(text.data, expected, text.len) == 0;
}

/*
 * Looks for the end of the line.  Returns true with *ret_line once it is complete; false if more is
 * needed or the line is refused.
 */
static bool line_find(struct http_parser *p, struct bytes in, size_t budget, struct bytes *ret_line)
{
	const uint8_t *bytes = in.data;
	int too_long = p->state == AT_LINE || p->state == AT_FIELD ? 431 : 400;

	for (; p->scanned < in.len && p->scanned < budget; p->scanned++) {
		uint8_t c = bytes[p->scanned], before = p->scanned > 0 ? bytes[p->scanned - 1] : 0;

		if (c == '\n' && before == '\r') {
			*ret_line = (struct bytes){ bytes, p->scanned - 1 };
			p->scanned = 0;
			return true;
		}
		if (c == '\n' || before == '\r')
			return refuse(p, 400, "a line end that is not CR LF");
		if ((c < ' ' && c != '\t' && c != '\r') || c == 0x7f)
			return refuse(p, 400, "a control character");
	}
	if (p->scanned >= budget)
		return refuse(p, too_long, "a line or the head is too long");
	return false;
}

/* Characters of RFC 3986 for path and query, escapes complete, origin form. */
static bool target_valid(struct bytes target)
{
	const uint8_t *c = target.data;

	if (target.len == 0 || c[0] != '/')
		return false;
	for (size_t i = 0; i < target.len; i++) {
		if (c[i] == '%') {
			if (target.len - i < 3 || !is_hex(c[i + 1]) || !is_hex(c[i + 2]))
				return false;
			i += 2;
		} else if (!is_digit(c[i]) && !is_alpha(c[i]) &&
			   !is_one_of(c[i], "-._~!$&'()*+,;=:@/?")) {
			return false;
		}
	}
	return true;
}

static bool method_check(struct http_parser *p, struct bytes method)
{
	for (size_t i = 0; i < method.len; i++)
		if (((const uint8_t *)method.data)[i] < 'A' ||
		    ((const uint8_t *)method.data)[i] > 'Z')
			return refuse(p, 400, "the method is not in capitals");
	if (method.len == 0)
		return refuse(p, 400, "no method");
	return method.len <= METHOD_BYTES || refuse(p, 501, "no such method");
}

static bool version_check(struct http_parser *p, const uint8_t *text, size_t len)
{
	if (len == 8 && memcmp(text, "HTTP/1.1", 8) == 0)
		return true;
	if (len == 8 && memcmp(text, "HTTP/", 5) == 0 && is_digit(text[5]) && text[6] == '.' &&
	    is_digit(text[7]))
		return refuse(p, 505, "this server speaks HTTP/1.1");
	return refuse(p, 400, "not an HTTP request line");
}

static bool line_take(struct http_parser *p, struct bytes line, struct http_event *event)
{
	const uint8_t *text = line.data;
	const uint8_t *first = memchr(text, ' ', line.len);
	const uint8_t *second =
		first == NULL ? NULL
			      : memchr(first + 1, ' ', line.len - (size_t)(first + 1 - text));

	if (second == NULL)
		return refuse(p, 400, "not an HTTP request line");
	event->name = (struct bytes){ text, (size_t)(first - text) };
	event->value = (struct bytes){ first + 1, (size_t)(second - first - 1) };
	if (!method_check(p, event->name) ||
	    !version_check(p, second + 1, line.len - (size_t)(second + 1 - text)))
		return false;
	if (!target_valid(event->value))
		return refuse(p, 400, "the target is not a path");
	event->kind = HTTP_LINE;
	p->keep_alive = true;
	p->expects_continue = p->has_body = p->chunked = p->has_length = false;
	p->fields = 0;
	p->hosts = 0;
	p->left = p->body_bytes = 0;
	p->state = AT_FIELD;
	return true;
}

static bool length_take(struct http_parser *p, struct bytes value)
{
	const uint8_t *digit = value.data;

	if (p->has_length)
		return refuse(p, 400, "two lengths");
	/* 18 digits are below 2^63: nothing can overflow. */
	if (value.len == 0 || value.len > 18)
		return refuse(p, value.len == 0 ? 400 : 413, "not a length that can be");
	for (size_t i = 0; i < value.len; i++) {
		if (!is_digit(digit[i]))
			return refuse(p, 400, "the length is not a number");
		p->left = p->left * 10 + (uint64_t)(digit[i] - '0');
	}
	p->has_length = true;
	return true;
}

static bool host_take(struct http_parser *p, struct bytes value)
{
	const uint8_t *c = value.data;

	if (p->hosts++ > 0)
		return refuse(p, 400, "two Hosts");
	for (size_t i = 0; i < value.len; i++)
		if (!is_digit(c[i]) && !is_alpha(c[i]) && !is_one_of(c[i], ".-_:[]"))
			return refuse(p, 400, "the Host is not a name or address");
	return value.len > 0 || refuse(p, 400, "the Host is empty");
}

/* A list of options, of which only "close" concerns us. */
static void connection_take(struct http_parser *p, struct bytes value)
{
	const uint8_t *c = value.data, *end = c + value.len;

	while (c < end) {
		const uint8_t *from = c;

		while (c < end && is_token(*c))
			c++;
		if (is_text((struct bytes){ from, (size_t)(c - from) }, "close"))
			p->keep_alive = false;
		while (c < end && !is_token(*c))
			c++;
	}
}

/* The fields that decide where this message ends. */
static bool framing_take(struct http_parser *p, struct bytes name, struct bytes value)
{
	if (is_text(name, "Content-Length"))
		return length_take(p, value);
	if (is_text(name, "Host"))
		return host_take(p, value);
	if (is_text(name, "Transfer-Encoding")) {
		if (p->chunked)
			return refuse(p, 400, "two transfer encodings");
		if (!is_text(value, "chunked"))
			return refuse(p, 501, "no transfer encoding but chunked");
		p->chunked = true;
	} else if (is_text(name, "Connection")) {
		connection_take(p, value);
	} else if (is_text(name, "Expect")) {
		if (!is_text(value, "100-continue"))
			return refuse(p, 417, "no expectation but 100-continue");
		p->expects_continue = true;
	}
	return true;
}

static bool field_take(struct http_parser *p, struct bytes line, struct http_event *event)
{
	const uint8_t *text = line.data;
	const uint8_t *end = text + line.len, *colon = memchr(text, ':', line.len);
	const uint8_t *from;

	if (++p->fields > LIMIT_HTTP_FIELDS)
		return refuse(p, 431, "too many fields");
	if (colon == NULL || colon == text)
		return refuse(p, 400, "a field without a name");
	/* This also finds folded lines and blanks before the colon: a blank is no token character.
	 */
	for (const uint8_t *c = text; c < colon; c++)
		if (!is_token(*c))
			return refuse(p, 400, "a field name that is no token");
	for (from = colon + 1; from < end && is_one_of(*from, " \t");)
		from++;
	while (end > from && is_one_of(end[-1], " \t"))
		end--;
	event->kind = HTTP_FIELD;
	event->name = (struct bytes){ text, (size_t)(colon - text) };
	event->value = (struct bytes){ from, (size_t)(end - from) };
	return framing_take(p, event->name, event->value);
}

static bool head_take(struct http_parser *p, struct http_event *event)
{
	if (p->hosts != 1)
		return refuse(p, 400, "no Host");
	if (p->chunked && p->has_length)
		return refuse(p, 400, "both Transfer-Encoding and Content-Length");
	if (p->left > p->body_max)
		return refuse(p, 413, "the body is too large");
	p->head_bytes = 0;
	p->body_bytes = p->left;
	p->has_body = p->chunked || p->left > 0;
	p->state = p->chunked ? AT_CHUNK_SIZE : p->left > 0 ? AT_BODY : AT_END;
	event->kind = HTTP_HEAD;
	return true;
}

static bool chunk_size_take(struct http_parser *p, struct bytes line)
{
	const char *c = line.data;

	if (line.len == 0)
		return refuse(p, 400, "a chunk without a size");
	p->left = 0;
	for (size_t i = 0; i < line.len; i++) {
		uint8_t digit = (uint8_t)c[i];

		if (!is_hex(digit))
			return refuse(p, 400, "a chunk size that is no number");
		p->left = p->left * 16 +
			  (is_digit(digit) ? digit - (uint64_t)'0' : (digit | 0x20u) - 'a' + 10);
	}
	p->body_bytes += p->left;
	if (p->body_bytes > p->body_max)
		return refuse(p, 413, "the body is too large");
	p->state = p->left > 0 ? AT_CHUNK : AT_TRAILER;
	return true;
}

/* One complete line in a state that reads lines; event->kind stays HTTP_MORE if it reports nothing.
 */
static bool state_take_line(struct http_parser *p, struct bytes line, struct http_event *event)
{
	switch ((enum parser_state)p->state) {
	case AT_LINE:
		return line_take(p, line, event);
	case AT_FIELD:
		return line.len == 0 ? head_take(p, event) : field_take(p, line, event);
	case AT_CHUNK_SIZE:
		return chunk_size_take(p, line);
	case AT_CHUNK_END: /* the budget of two bytes leaves room for nothing but CRLF */
		p->state = AT_CHUNK_SIZE;
		return true;
	default: /* AT_TRAILER, the same */
		p->state = AT_END;
		return true;
	}
}

static size_t line_budget(const struct http_parser *p)
{
	if (p->state == AT_LINE || p->state == AT_FIELD)
		return LIMIT_HTTP_HEAD_BYTES - p->head_bytes;
	return p->state == AT_CHUNK_SIZE ? CHUNK_LINE_BYTES : 2;
}

static size_t body_take(struct http_parser *p, struct bytes in, struct http_event *event)
{
	size_t len = in.len < p->left ? in.len : (size_t)p->left;

	if (len == 0)
		return 0;
	event->kind = HTTP_BODY;
	event->value = (struct bytes){ in.data, len };
	p->left -= len;
	if (p->left == 0)
		p->state = p->state == AT_CHUNK ? AT_CHUNK_END : AT_END;
	return len;
}

size_t http_parser_step(struct http_parser *p, const void *bytes, size_t len,
			struct http_event *event)
{
	size_t taken = 0;

	*event = (struct http_event){ .kind = HTTP_MORE };
	while (event->kind == HTTP_MORE && p->state != AT_REFUSED) {
		struct bytes in = { (const uint8_t *)bytes + taken, len - taken }, line;

		if (p->state == AT_END) {
			event->kind = HTTP_END;
			p->state = AT_LINE;
			break;
		}
		if (p->state == AT_BODY || p->state == AT_CHUNK) {
			taken += body_take(p, in, event);
			break;
		}
		if (!line_find(p, in, line_budget(p), &line))
			break;
		if (p->state == AT_LINE || p->state == AT_FIELD)
			p->head_bytes += (uint32_t)line.len + 2;
		taken += line.len + 2;
		if (!state_take_line(p, line, event))
			break;
	}
	if (p->state == AT_REFUSED)
		*event = (struct http_event){ .kind = HTTP_REFUSED };
	return taken;
}
