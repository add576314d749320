/* base64.c - three bytes as four characters of six bits, most significant first. */
#include <stdint.h>

#include "base64.h"

static const char alphabet[2][65] = {
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
};

size_t base64_encode(enum base64_kind kind, const void *bytes, size_t len, char *out)
{
	const char *digits = alphabet[kind];
	const uint8_t *p = bytes;
	size_t n = 0;

	for (size_t i = 0; i < len; i += 3) {
		size_t have = len - i < 3 ? len - i : 3;
		uint32_t v = (uint32_t)p[i] << 16;

		v |= have > 1 ? (uint32_t)p[i + 1] << 8 : 0;
		v |= have > 2 ? p[i + 2] : 0;
		for (size_t d = 0; d < have + 1; d++)
			out[n++] = digits[v >> (18 - 6 * d) & 63];
		for (size_t d = have + 1; d < 4 && kind == BASE64; d++)
			out[n++] = '=';
	}
	return n;
}

static int digit(enum base64_kind kind, char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == alphabet[kind][62])
		return 62;
	if (c == alphabet[kind][63])
		return 63;
	return -1;
}

bool base64_decode(enum base64_kind kind, const char *text, size_t text_len, void *ret_bytes,
		   size_t cap, size_t *ret_len)
{
	uint8_t *out = ret_bytes;
	uint32_t v = 0;
	size_t n = 0, bits = 0;

	if (kind == BASE64) {
		if (text_len % 4 != 0)
			return false;
		for (int pad = 0; pad < 2 && text_len > 0 && text[text_len - 1] == '='; pad++)
			text_len--;
	}
	if (text_len % 4 == 1)
		return false;
	for (size_t i = 0; i < text_len; i++) {
		int d = digit(kind, text[i]);

		if (d < 0)
			return false;
		v = v << 6 | (uint32_t)d;
		bits += 6;
		if (bits < 8)
			continue;
		if (n == cap)
			return false;
		bits -= 8;
		out[n++] = (uint8_t)(v >> bits);
		v &= (1u << bits) - 1;
	}
	if (v != 0)
		return false;
	*ret_len = n;
	return true;
}

bool base64_decode_exact(const char *text, size_t text_len, void *ret_bytes, size_t len)
{
	size_t n;

	return text_len == BASE64_LEN(len) &&
	       base64_decode(BASE64, text, text_len, ret_bytes, len, &n) && n == len;
}
