/* ident.c - names of things: comparing, hex, and what is a well-formed name. */
#include <string.h>

#include "simpul/ident.h"

bool hash_equal(const struct hash *a, const struct hash *b)
{
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

int chain_compare(const struct chain_id *a, const struct chain_id *b)
{
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

bool key_equal(const struct public_key *a, const struct public_key *b)
{
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

static bool scope_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '.' || c == '_' || c == '-';
}

bool scope_parse(const char *text, size_t len, struct scope *ret_scope, struct err *e)
{
	if (len == 0 || len > LIMIT_SCOPE_BYTES)
		return err_set(e, ERR_USAGE, "a scope has 1 to %u characters, not %zu",
			       LIMIT_SCOPE_BYTES, len);
	for (size_t i = 0; i < len; i++)
		if (!scope_char(text[i]))
			return err_set(e, ERR_USAGE,
				       "a scope holds only 0-9 a-z . _ -, as in 13.73");
	memset(ret_scope, 0, sizeof(*ret_scope));
	memcpy(ret_scope->name, text, len);
	return true;
}

bool scope_equal(const struct scope *a, const struct scope *b)
{
	return strcmp(a->name, b->name) == 0;
}

void hex_encode(const void *bytes, size_t len, char *out)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *p = bytes;

	for (size_t i = 0; i < len; i++) {
		*out++ = digits[p[i] >> 4];
		*out++ = digits[p[i] & 15];
	}
	*out = '\0';
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool hex_decode(const char *text, size_t text_len, void *ret_bytes, size_t len)
{
	uint8_t *p = ret_bytes;

	if (text_len != 2 * len)
		return false;
	for (size_t i = 0; i < len; i++) {
		int hi = hex_digit(text[2 * i]), lo = hex_digit(text[2 * i + 1]);

		if (hi < 0 || lo < 0)
			return false;
		p[i] = (uint8_t)(hi << 4 | lo);
	}
	return true;
}

/* A hexadecimal digit in lower case as its value; all else has bits above. */
static uint8_t lower_digit(uint8_t c)
{
	static const uint8_t value[256] = {
		['0'] = 0x10, ['1'] = 0x11, ['2'] = 0x12, ['3'] = 0x13, ['4'] = 0x14, ['5'] = 0x15,
		['6'] = 0x16, ['7'] = 0x17, ['8'] = 0x18, ['9'] = 0x19, ['a'] = 0x1a, ['b'] = 0x1b,
		['c'] = 0x1c, ['d'] = 0x1d, ['e'] = 0x1e, ['f'] = 0x1f,
	};

	return value[c] ^ 0x10;
}

/* Keys mostly are UUIDs, and digits are as good as random: no branch goes by what a digit is. */
bool uuid_parse(const uint8_t *text, size_t len, uint8_t ret_bytes[16])
{
	static const uint8_t at[16] = { 0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34 };
	uint8_t wrong = 0;

	if (len != UUID_TEXT_BYTES || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-')
		return false;
	for (size_t i = 0; i < sizeof(at); i++) {
		uint8_t hi = lower_digit(text[at[i]]), lo = lower_digit(text[at[i] + 1]);

		wrong |= hi | lo;
		ret_bytes[i] = (uint8_t)(hi << 4 | lo);
	}
	return wrong < 0x10;
}

/* Length of the UTF-8 sequence at p (RFC 3629: no surrogates, no overlong forms), 0 if ill-formed. */
static size_t utf8_sequence(const uint8_t *p, size_t left)
{
	static const struct {
		uint8_t lo, hi, second_lo, second_hi, len;
	} forms[] = {
		{ 0x00, 0x7f, 0, 0, 1 },	  { 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 }, { 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 },
		{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};

	for (size_t f = 0; f < sizeof(forms) / sizeof(forms[0]); f++) {
		if (p[0] < forms[f].lo || p[0] > forms[f].hi)
			continue;
		if (forms[f].len > left)
			return 0;
		if (forms[f].len > 1 && (p[1] < forms[f].second_lo || p[1] > forms[f].second_hi))
			return 0;
		for (size_t i = 2; i < forms[f].len; i++)
			if (p[i] < 0x80 || p[i] > 0xbf)
				return 0;
		return forms[f].len;
	}
	return 0;
}

bool utf8_valid(const uint8_t *text, size_t len)
{
	for (size_t i = 0; i < len;) {
		uint64_t eight;
		size_t n;

		/* Most text is ASCII: eight bytes at a step while none has its top bit set. */
		while (len - i >= sizeof(eight)) {
			memcpy(&eight, text + i, sizeof(eight));
			if ((eight & UINT64_C(0x8080808080808080)) != 0)
				break;
			i += sizeof(eight);
		}
		if (i == len)
			break;
		n = utf8_sequence(text + i, len - i);

		if (n == 0)
			return false;
		i += n;
	}
	return true;
}

bool name_valid(const char *text, size_t len)
{
	const uint8_t *p = (const uint8_t *)text;

	if (len == 0 || len > LIMIT_NAME_BYTES || !utf8_valid(p, len))
		return false;
	for (size_t i = 0; i < len; i++)
		if (p[i] < 0x20 || p[i] == 0x7f || (p[i] == 0xc2 && i + 1 < len && p[i + 1] < 0xa0))
			return false;
	return true;
}
