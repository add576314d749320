/* tls.c - identity files: made once, complete or absent, for no other eyes; ticket keys by age. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/tls.h"
#include "tap.h"

#define DAY_MS (24ull * 60 * 60 * 1000)

static const char *fresh_directory(char *path, size_t size)
{
	static unsigned n;

	snprintf(path, size, "%s/%u", tap_directory(), n++);
	if (mkdir(path, 0700) != 0)
		abort();
	return path;
}

static const char *in(const char *directory, const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	return path;
}

static size_t file_bytes(const char *path, char *out, size_t size)
{
	FILE *file = fopen(path, "rb");
	size_t len = file == NULL ? 0 : fread(out, 1, size, file);

	if (file != NULL)
		fclose(file);
	return len;
}

static void file_put(const char *path, const char *text)
{
	FILE *file = fopen(path, "wb");

	fputs(text, file);
	fclose(file);
	chmod(path, 0600);
}

static void server_close(struct tls_server **server)
{
	tls_server_close(*server);
}

#define AUTO_SERVER __attribute__((cleanup(server_close))) struct tls_server *

static void identity_is_made_once(void)
{
	AUTO_SERVER first = NULL;
	AUTO_SERVER second = NULL;
	struct hash a, b;
	char directory[128];
	struct stat st;
	struct err e;

	fresh_directory(directory, sizeof(directory));
	CHECK_OK(tls_server_open(directory, "hub.example,10.0.0.1,::1", &first, &e), &e);
	CHECK(stat(in(directory, "tls-key.pem"), &st) == 0 && (st.st_mode & 0777) == 0600);
	CHECK(stat(in(directory, "tls-cert.pem"), &st) == 0 && (st.st_mode & 0777) == 0600);
	CHECK_OK(tls_server_open(directory, NULL, &second, &e), &e);
	tls_server_pin(first, &a);
	tls_server_pin(second, &b);
	CHECK(hash_equal(&a, &b));
}

static void pin_is_of_the_key_not_of_the_certificate(void)
{
	AUTO_SERVER first = NULL;
	AUTO_SERVER again = NULL;
	AUTO_SERVER other = NULL;
	struct hash a, b, c;
	char directory[128], elsewhere[128];
	struct err e;

	fresh_directory(directory, sizeof(directory));
	fresh_directory(elsewhere, sizeof(elsewhere));
	CHECK_OK(tls_server_open(directory, NULL, &first, &e), &e);
	unlink(in(directory, "tls-cert.pem")); /* as after a crash between the two files */
	CHECK_OK(tls_server_open(directory, "other.example", &again, &e), &e);
	CHECK_OK(tls_server_open(elsewhere, NULL, &other, &e), &e);
	tls_server_pin(first, &a);
	tls_server_pin(again, &b);
	tls_server_pin(other, &c);
	CHECK(hash_equal(&a, &b) && !hash_equal(&a, &c));
}

static void bad_files_are_named(void)
{
	AUTO_SERVER made = NULL;
	struct tls_server *server = NULL;
	char directory[128], elsewhere[128];
	struct err e;

	fresh_directory(directory, sizeof(directory));
	fresh_directory(elsewhere, sizeof(elsewhere));
	CHECK_OK(tls_server_open(directory, NULL, &made, &e), &e);
	chmod(in(directory, "tls-key.pem"), 0640);
	CHECK(!tls_server_open(directory, NULL, &server, &e) && e.code == ERR_PERMISSIONS);
	CHECK(strstr(e.text, "tls-key.pem") != NULL);
	file_put(in(directory, "tls-key.pem"), "nonsense");
	CHECK(!tls_server_open(directory, NULL, &server, &e) && e.code == ERR_MALFORMED);
	/* A new key beside the old certificate: no pair. */
	unlink(in(directory, "tls-key.pem"));
	CHECK(!tls_server_open(directory, NULL, &server, &e) && e.code == ERR_MALFORMED);
	file_put(in(directory, "tls-cert.pem"), "nonsense");
	CHECK(!tls_server_open(directory, NULL, &server, &e) && e.code == ERR_MALFORMED);
	CHECK(!tls_server_open(elsewhere, "a b", &server, &e) && e.code == ERR_USAGE);
	CHECK(!tls_server_open(elsewhere, "a,,b", &server, &e) && e.code == ERR_USAGE);
	CHECK(!tls_server_open("/nonexistent", NULL, &server, &e) && e.code == ERR_STORAGE);
}

static void ticket_keys_are_renewed_by_age(void)
{
	AUTO_SERVER server = NULL;
	AUTO_SERVER restarted = NULL;
	char directory[128], day0[512], now[512];
	size_t len;
	struct stat st;
	struct err e;

	fresh_directory(directory, sizeof(directory));
	CHECK_OK(tls_server_open(directory, NULL, &server, &e), &e);
	CHECK_OK(tls_server_renew(server, 10 * DAY_MS, &e), &e);
	len = file_bytes(in(directory, "tls-tickets"), day0, sizeof(day0));
	CHECK(len == 88 && stat(in(directory, "tls-tickets"), &st) == 0 &&
	      (st.st_mode & 0777) == 0600);
	CHECK_OK(tls_server_renew(server, 11 * DAY_MS - 1, &e), &e);
	CHECK(file_bytes(in(directory, "tls-tickets"), now, sizeof(now)) == 88 &&
	      memcmp(day0, now, 88) == 0);
	CHECK_OK(tls_server_open(directory, NULL, &restarted, &e),
		 &e); /* a restart is no reason either */
	CHECK_OK(tls_server_renew(restarted, 11 * DAY_MS - 1, &e), &e);
	CHECK(file_bytes(in(directory, "tls-tickets"), now, sizeof(now)) == 88);
	CHECK_OK(tls_server_renew(restarted, 11 * DAY_MS, &e), &e);
	CHECK(file_bytes(in(directory, "tls-tickets"), now, sizeof(now)) == 176 &&
	      memcmp(day0, now + 88, 88) == 0);
	for (unsigned day = 12; day < 20; day++)
		CHECK_OK(tls_server_renew(restarted, day * DAY_MS, &e), &e);
	CHECK(file_bytes(in(directory, "tls-tickets"), now, sizeof(now)) == 264);
}

static void ticket_file_that_is_none_of_ours_counts_as_none(void)
{
	AUTO_SERVER server = NULL;
	char directory[128], now[512];
	struct err e;

	fresh_directory(directory, sizeof(directory));
	file_put(in(directory, "tls-tickets"), "not a multiple of 88");
	CHECK_OK(tls_server_open(directory, NULL, &server, &e), &e);
	CHECK_OK(tls_server_renew(server, DAY_MS, &e), &e);
	CHECK(file_bytes(in(directory, "tls-tickets"), now, sizeof(now)) == 88);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(identity_is_made_once),
		TAP(pin_is_of_the_key_not_of_the_certificate),
		TAP(bad_files_are_named),
		TAP(ticket_keys_are_renewed_by_age),
		TAP(ticket_file_that_is_none_of_ours_counts_as_none),
	};

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
