/* base64.c - RFC 4648 test vectors; only the one canonical text is read back. */
#include <string.h>

#include "base64.h"
#include "tap.h"

static const struct {
	const char *plain, *padded, *url;
} vectors[] = {
	{ "", "", "" },
	{ "f", "Zg==", "Zg" },
	{ "fo", "Zm8=", "Zm8" },
	{ "foo", "Zm9v", "Zm9v" },
	{ "foob", "Zm9vYg==", "Zm9vYg" },
	{ "fooba", "Zm9vYmE=", "Zm9vYmE" },
	{ "foobar", "Zm9vYmFy", "Zm9vYmFy" },
	{ "\xfb\xff\xbf", "+/+/", "-_-_" },
};

static void published(void)
{
	char text[16], plain[16];
	size_t len;

	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		size_t want = strlen(vectors[i].plain);

		len = base64_encode(BASE64, vectors[i].plain, want, text);
		CHECK(len == strlen(vectors[i].padded) &&
		      memcmp(text, vectors[i].padded, len) == 0);
		CHECK(base64_decode(BASE64, text, len, plain, want, &len));
		CHECK(len == want && memcmp(plain, vectors[i].plain, want) == 0);
		len = base64_encode(BASE64_URL, vectors[i].plain, want, text);
		CHECK(len == strlen(vectors[i].url) && memcmp(text, vectors[i].url, len) == 0);
		CHECK(base64_decode(BASE64_URL, text, len, plain, want, &len));
		CHECK(len == want && memcmp(plain, vectors[i].plain, want) == 0);
	}
}

static void refuses_other_spellings(void)
{
	static const char *const padded[] = {
		"Zg",	  "Zg=",   "Zg===",    "Zh==", "Zm9=", "Z",	"====",	      "=",
		"Zg==\n", " Zg==", "Zg==Zg==", "Zm-v", "Z=g=", "Zm9v=", "Zm\xc3\xb6v"
	};
	static const char *const url[] = { "Zg==", "Zm8=", "Zh", "Zm9", "Z", "Zm+v", "Zm9vY" };
	char plain[16];
	size_t len;

	for (size_t i = 0; i < sizeof(padded) / sizeof(padded[0]); i++)
		CHECK(!base64_decode(BASE64, padded[i], strlen(padded[i]), plain, sizeof(plain),
				     &len));
	for (size_t i = 0; i < sizeof(url) / sizeof(url[0]); i++)
		CHECK(!base64_decode(BASE64_URL, url[i], strlen(url[i]), plain, sizeof(plain),
				     &len));
}

static void capacity(void)
{
	char plain[3];
	size_t len;

	CHECK(base64_decode(BASE64, "Zm9v", 4, plain, 3, &len) && len == 3);
	CHECK(!base64_decode(BASE64, "Zm9v", 4, plain, 2, &len));
	CHECK(base64_decode_exact("Zm9v", 4, plain, 3));
	CHECK(!base64_decode_exact("Zm8=", 4, plain, 3));
	CHECK(!base64_decode_exact("Zm9v", 4, plain, 2));
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = { TAP(published), TAP(refuses_other_spellings),
						 TAP(capacity) };

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
