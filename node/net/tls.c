/*
 * tls.c - keys and certificates on disk, contexts for both sides, pins.
 *
 * The certificate says nothing but the public key: it is valid from 2000 to 9999 (RFC 5280's "no
 * well-defined end"), because an office computer whose clock is years off must still connect, and a
 * pin has no date.
 *
 * Ticket file: up to three records of 88 bytes, newest first: made (ms since 1970, big-endian, 8),
 * name (16), AES-256 key (32), HMAC key (32).  Whoever has it can read recorded sessions that were
 * resumed without a key exchange; OpenSSL resumes TLS 1.3 with one (psk_dhe_ke), so a leak lets
 * somebody resume, never read.
 */
#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/buf.h"
#include "base/memory.h"
#include "net/tls.h"
#include "simpul/crypto.h"

#define PATH_SIZE	    4096
#define TICKET_KEYS	    3
#define TICKET_RECORD_BYTES 88
#define TICKET_KEY_AGE_MS   (24ull * 60 * 60 * 1000)
#define TICKET_LIFE_S	    (2 * 24 * 60 * 60)

struct ticket_key {
	uint64_t made_ms;
	uint8_t name[16];
	uint8_t aes[32];
	uint8_t hmac[32];
};

struct tls_server {
	SSL_CTX *context;
	char *directory;
	struct hash pin;
	pthread_mutex_t lock; /* the ticket keys: handshakes may run in several threads */
	struct ticket_key keys[TICKET_KEYS];
	size_t n_keys;
};

static void bio_free(BIO **bio)
{
	BIO_free(*bio);
}

static void pkey_free(EVP_PKEY **key)
{
	EVP_PKEY_free(*key);
}

static void x509_free(X509 **certificate)
{
	X509_free(*certificate);
}

static void descriptor_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

#define AUTO_BIO  __attribute__((cleanup(bio_free))) BIO *
#define AUTO_PKEY __attribute__((cleanup(pkey_free))) EVP_PKEY *
#define AUTO_X509 __attribute__((cleanup(x509_free))) X509 *
#define AUTO_FD	  __attribute__((cleanup(descriptor_close))) int

/* OpenSSL's reason for what just failed; empties its queue. */
static bool openssl_error(struct err *e, enum err_code code, const char *what)
{
	char text[160] = "no reason given";
	unsigned long error = ERR_peek_last_error();

	if (error != 0)
		ERR_error_string_n(error, text, sizeof(text));
	ERR_clear_error();
	return err_set(e, code, "%s: %s", what, text);
}

static bool path_join(const char *directory, const char *name, char *out, struct err *e)
{
	if (snprintf(out, PATH_SIZE, "%s/%s", directory, name) >= PATH_SIZE)
		return err_set(e, ERR_USAGE, "the path %.60s... is too long", directory);
	return true;
}

static bool write_all(int fd, const uint8_t *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		data += n;
		len -= (size_t)n;
	}
	return true;
}

static bool directory_sync(const char *directory)
{
	AUTO_FD fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd >= 0 && fsync(fd) == 0;
}

/* Complete or absent: written beside, synced, renamed over, the directory synced. */
static bool file_write(const char *directory, const char *name, const void *data, size_t len,
		       struct err *e)
{
	char path[PATH_SIZE], beside[PATH_SIZE + 8];
	AUTO_FD fd = -1;

	if (!path_join(directory, name, path, e))
		return false;
	snprintf(beside, sizeof(beside), "%s.new", path);
	if (unlink(beside) != 0 && errno != ENOENT)
		return err_set(e, ERR_STORAGE, "%s: %s", beside, strerror(errno));
	fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || !write_all(fd, data, len) || fsync(fd) != 0 || rename(beside, path) != 0 ||
	    !directory_sync(directory))
		return err_set(e, errno == ENOSPC ? ERR_DISK_FULL : ERR_STORAGE, "%s: %s", path,
			       strerror(errno));
	return true;
}

/* True with *ret_exists = false if there is no such file. */
static bool file_read(const char *directory, const char *name, bool secret, struct buf *ret_data,
		      bool *ret_exists, struct err *e)
{
	char path[PATH_SIZE];
	struct stat st;
	AUTO_FD fd = -1;
	ssize_t n;

	if (!path_join(directory, name, path, e))
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	*ret_exists = fd >= 0;
	if (fd < 0)
		return errno == ENOENT || err_set(e, ERR_STORAGE, "%s: %s", path, strerror(errno));
	if (fstat(fd, &st) != 0 || st.st_size > 1 << 20)
		return err_set(e, ERR_MALFORMED, "%s is not a key or certificate", path);
	if (secret && (st.st_mode & 077) != 0)
		return err_set(e, ERR_PERMISSIONS, "%s can be read by others (mode %o)", path,
			       (unsigned)st.st_mode & 0777);
	n = read(fd, buf_reserve(ret_data, (size_t)st.st_size + 1), (size_t)st.st_size);
	if (n != st.st_size)
		return err_set(e, ERR_STORAGE, "%s: read stopped short", path);
	ret_data->len = (size_t)n;
	return true;
}

static bool bio_save(BIO *bio, const char *directory, const char *name, struct err *e)
{
	char *data;
	long len = BIO_get_mem_data(bio, &data);

	return file_write(directory, name, data, (size_t)len, e);
}

static bool key_load(const char *directory, EVP_PKEY **ret_key, struct err *e)
{
	AUTO_BUF pem = { 0 };
	AUTO_BIO bio = NULL;
	bool exists;

	if (!file_read(directory, "tls-key.pem", true, &pem, &exists, e))
		return false;
	if (exists) {
		bio = BIO_new_mem_buf(pem.data, (int)pem.len);
		*ret_key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
		crypto_wipe(pem.data, pem.len);
		return *ret_key != NULL || openssl_error(e, ERR_MALFORMED, "tls-key.pem");
	}
	*ret_key = EVP_EC_gen("P-256");
	bio = BIO_new(BIO_s_secmem());
	if (*ret_key == NULL || bio == NULL ||
	    PEM_write_bio_PKCS8PrivateKey(bio, *ret_key, NULL, NULL, 0, NULL, NULL) != 1)
		return openssl_error(e, ERR_INTERNAL, "making a TLS key");
	return bio_save(bio, directory, "tls-key.pem", e);
}

static bool extension_add(X509 *certificate, int nid, const char *value)
{
	X509V3_CTX context;
	X509_EXTENSION *extension;
	bool ok;

	X509V3_set_ctx_nodb(&context);
	X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	ok = extension != NULL && X509_add_ext(certificate, extension, -1) == 1;
	X509_EXTENSION_free(extension);
	return ok;
}

/* "a,10.0.0.2" becomes "DNS:a,IP:10.0.0.2".  Names go into OpenSSL's little language: check them.
 */
static bool alternative_names(const char *names, struct buf *ret_text, struct err *e)
{
	while (*names != '\0') {
		size_t len = strcspn(names, ",");
		char name[256];
		uint8_t address[16];
		bool is_address;

		if (len == 0 || len >= sizeof(name) ||
		    strspn(names,
			   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:") <
			    len)
			return err_set(e, ERR_USAGE, "%.200s is not a list of host names", names);
		snprintf(name, sizeof(name), "%.*s", (int)len, names);
		is_address = inet_pton(AF_INET, name, address) == 1 ||
			     inet_pton(AF_INET6, name, address) == 1;
		buf_print(ret_text, "%s%s:%s", ret_text->len > 0 ? "," : "",
			  is_address ? "IP" : "DNS", name);
		names += len + (names[len] == ',');
	}
	return true;
}

static bool certificate_fill(X509 *certificate, EVP_PKEY *key, const char *names)
{
	X509_NAME *name = X509_get_subject_name(certificate);
	uint8_t serial[16];
	BIGNUM *number;
	bool ok;

	if (RAND_bytes(serial, sizeof(serial)) != 1)
		return false;
	serial[0] &= 0x7f;
	number = BN_bin2bn(serial, sizeof(serial), NULL);
	ok = number != NULL &&
	     BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != NULL;
	BN_free(number);
	return ok && X509_set_version(certificate, X509_VERSION_3) == 1 &&
	       ASN1_TIME_set_string_X509(X509_getm_notBefore(certificate), "20000101000000Z") ==
		       1 &&
	       ASN1_TIME_set_string_X509(X509_getm_notAfter(certificate), "99991231235959Z") == 1 &&
	       X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const uint8_t *)"Simpul", -1,
					  -1, 0) == 1 &&
	       X509_set_issuer_name(certificate, name) == 1 &&
	       X509_set_pubkey(certificate, key) == 1 &&
	       extension_add(certificate, NID_basic_constraints, "critical,CA:FALSE") &&
	       extension_add(certificate, NID_ext_key_usage, "serverAuth") &&
	       extension_add(certificate, NID_subject_alt_name, names) &&
	       X509_sign(certificate, key, EVP_sha256()) > 0;
}

static bool certificate_make(const char *directory, const char *names, EVP_PKEY *key, struct err *e)
{
	AUTO_X509 certificate = X509_new();
	AUTO_BIO bio = BIO_new(BIO_s_mem());
	AUTO_BUF text = { 0 };

	if (!alternative_names(names == NULL ? "localhost,127.0.0.1,::1" : names, &text, e))
		return false;
	if (certificate == NULL || bio == NULL ||
	    !certificate_fill(certificate, key, buf_string(&text)) ||
	    PEM_write_bio_X509(bio, certificate) != 1)
		return openssl_error(e, ERR_INTERNAL, "making a certificate");
	return bio_save(bio, directory, "tls-cert.pem", e);
}

static bool identity_load(struct tls_server *server, const char *names, struct err *e)
{
	AUTO_PKEY key = NULL;
	AUTO_BUF pem = { 0 };
	char path[PATH_SIZE];
	bool exists;

	if (!key_load(server->directory, &key, e) ||
	    !file_read(server->directory, "tls-cert.pem", false, &pem, &exists, e))
		return false;
	if (!exists && !certificate_make(server->directory, names, key, e))
		return false;
	if (!path_join(server->directory, "tls-cert.pem", path, e))
		return false;
	if (SSL_CTX_use_certificate_chain_file(server->context, path) != 1)
		return openssl_error(e, ERR_MALFORMED, path);
	if (SSL_CTX_use_PrivateKey(server->context, key) != 1)
		return openssl_error(e, ERR_MALFORMED, "tls-cert.pem and tls-key.pem are no pair");
	tls_spki_hash(SSL_CTX_get0_certificate(server->context), &server->pin);
	return true;
}

static void ticket_key_make(struct ticket_key *key, uint64_t now_ms)
{
	int ok = RAND_bytes(key->name, sizeof(key->name)) == 1 &&
		 RAND_priv_bytes(key->aes, sizeof(key->aes)) == 1 &&
		 RAND_priv_bytes(key->hmac, sizeof(key->hmac)) == 1;

	assert(ok);
	key->made_ms = now_ms;
}

static bool tickets_save(struct tls_server *server, const struct ticket_key *keys, size_t n,
			 struct err *e)
{
	uint8_t file[TICKET_KEYS * TICKET_RECORD_BYTES];
	bool ok;

	for (size_t i = 0; i < n; i++) {
		uint8_t *record = file + i * TICKET_RECORD_BYTES;

		for (int b = 0; b < 8; b++)
			record[b] = (uint8_t)(keys[i].made_ms >> (56 - 8 * b));
		memcpy(record + 8, keys[i].name, 16);
		memcpy(record + 24, keys[i].aes, 32);
		memcpy(record + 56, keys[i].hmac, 32);
	}
	ok = file_write(server->directory, "tls-tickets", file, n * TICKET_RECORD_BYTES, e);
	crypto_wipe(file, sizeof(file));
	return ok;
}

/* A file that is not ours to understand counts as none: resumption is a comfort, not a right. */
static bool tickets_load(struct tls_server *server, struct err *e)
{
	AUTO_BUF file = { 0 };
	bool exists;

	if (!file_read(server->directory, "tls-tickets", true, &file, &exists, e))
		return false;
	if (file.len % TICKET_RECORD_BYTES != 0 || file.len > TICKET_KEYS * TICKET_RECORD_BYTES)
		file.len = 0;
	for (size_t at = 0; at < file.len; at += TICKET_RECORD_BYTES) {
		struct ticket_key *key = &server->keys[server->n_keys++];
		const uint8_t *record = file.data + at;

		for (int b = 0; b < 8; b++)
			key->made_ms = key->made_ms << 8 | record[b];
		memcpy(key->name, record + 8, 16);
		memcpy(key->aes, record + 24, 32);
		memcpy(key->hmac, record + 56, 32);
	}
	if (file.len > 0)
		crypto_wipe(file.data, file.len);
	return true;
}

bool tls_server_renew(struct tls_server *server, uint64_t now_ms, struct err *e)
{
	struct ticket_key keys[TICKET_KEYS];
	size_t n = server->n_keys < TICKET_KEYS ? server->n_keys + 1 : TICKET_KEYS;
	const struct ticket_key *newest = &server->keys[0];
	bool ok;

	/* A clock that went back makes a new key too: ages mean nothing then. */
	if (server->n_keys > 0 && now_ms >= newest->made_ms &&
	    now_ms - newest->made_ms < TICKET_KEY_AGE_MS)
		return true;
	ticket_key_make(&keys[0], now_ms);
	memcpy(keys + 1, server->keys, (n - 1) * sizeof(keys[0]));
	ok = tickets_save(server, keys, n, e);
	if (ok) {
		pthread_mutex_lock(&server->lock);
		memcpy(server->keys, keys, n * sizeof(keys[0]));
		server->n_keys = n;
		pthread_mutex_unlock(&server->lock);
	}
	crypto_wipe(keys, sizeof(keys));
	return ok;
}

static bool ticket_cipher(const struct ticket_key *key, uint8_t *iv, EVP_CIPHER_CTX *cipher,
			  EVP_MAC_CTX *mac, int encrypt)
{
	char digest[] = "SHA256";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_octet_string("key", (void *)(uintptr_t)key->hmac,
						  sizeof(key->hmac)),
		OSSL_PARAM_construct_utf8_string("digest", digest, 0),
		OSSL_PARAM_construct_end(),
	};

	return EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), NULL, key->aes, iv, encrypt) == 1 &&
	       EVP_MAC_CTX_set_params(mac, params) == 1;
}

/* OpenSSL's contract: 1 = done, 2 = done but issue a new one, 0 = no such key, -1 = failed. */
static int ticket_key_pick(SSL *ssl, unsigned char name[16], unsigned char *iv,
			   EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int encrypt)
{
	struct tls_server *server = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
	int answer = 0;

	pthread_mutex_lock(&server->lock);
	if (encrypt && server->n_keys > 0 && RAND_bytes(iv, EVP_MAX_IV_LENGTH) == 1) {
		memcpy(name, server->keys[0].name, 16);
		answer = ticket_cipher(&server->keys[0], iv, cipher, mac, 1) ? 1 : -1;
	}
	for (size_t i = 0; !encrypt && i < server->n_keys; i++)
		if (memcmp(name, server->keys[i].name, 16) == 0)
			answer = !ticket_cipher(&server->keys[i], iv, cipher, mac, 0) ? -1
				 : i == 0					      ? 1
										      : 2;
	pthread_mutex_unlock(&server->lock);
	return answer;
}

/* http/1.1 and nothing else: a client that speaks only another protocol is told so in the
 * handshake. */
static int protocol_pick(SSL *ssl, const unsigned char **out, unsigned char *out_len,
			 const unsigned char *offered, unsigned offered_len, void *arg)
{
	static const unsigned char ours[] = "\x08http/1.1";

	(void)ssl;
	(void)arg;
	for (unsigned at = 0; at < offered_len; at += 1u + offered[at])
		if (offered_len - at >= 9 && memcmp(offered + at, ours, 9) == 0) {
			*out = offered + at + 1;
			*out_len = 8;
			return SSL_TLSEXT_ERR_OK;
		}
	return SSL_TLSEXT_ERR_ALERT_FATAL;
}

static bool context_setup(struct tls_server *server, struct err *e)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());

	if (context == NULL)
		return openssl_error(e, ERR_INTERNAL, "TLS context");
	server->context = context;
	SSL_CTX_set_app_data(context, server);
	SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
	SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
					  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_timeout(context, TICKET_LIFE_S);
	SSL_CTX_set_max_early_data(context, 0);
	SSL_CTX_set_alpn_select_cb(context, protocol_pick, NULL);
	if (SSL_CTX_set_num_tickets(context, 1) != 1 ||
	    SSL_CTX_set_tlsext_ticket_key_evp_cb(context, ticket_key_pick) != 1)
		return openssl_error(e, ERR_INTERNAL, "TLS context");
	return true;
}

bool tls_server_open(const char *directory, const char *names, struct tls_server **ret_server,
		     struct err *e)
{
	struct tls_server *server = memory_new(sizeof(*server));

	pthread_mutex_init(&server->lock, NULL);
	server->directory = memory_text(directory);
	if (!context_setup(server, e) || !identity_load(server, names, e) ||
	    !tickets_load(server, e)) {
		tls_server_close(server);
		return false;
	}
	*ret_server = server;
	return true;
}

void tls_server_close(struct tls_server *server)
{
	if (server == NULL)
		return;
	SSL_CTX_free(server->context);
	pthread_mutex_destroy(&server->lock);
	crypto_wipe(server->keys, sizeof(server->keys));
	memory_free(&server->directory);
	memory_free(&server);
}

SSL *tls_server_session(struct tls_server *server)
{
	SSL *ssl = SSL_new(server->context);

	assert(ssl != NULL); /* memory ran out */
	return ssl;
}

void tls_server_pin(const struct tls_server *server, struct hash *ret_pin)
{
	*ret_pin = server->pin;
}

void tls_spki_hash(X509 *certificate, struct hash *ret_hash)
{
	uint8_t *der = NULL;
	int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);

	assert(len > 0);
	crypto_sha256(der, (size_t)len, ret_hash);
	OPENSSL_free(der);
}

/* In place of OpenSSL's chain check.  The peer has proved by its handshake signature that it has
 * the key. */
static int expect_check(X509_STORE_CTX *store, void *arg)
{
	struct tls_expect *expect = arg;
	X509 *certificate = X509_STORE_CTX_get0_cert(store);

	if (certificate == NULL)
		return 0;
	tls_spki_hash(certificate, &expect->spki);
	expect->seen = true;
	expect->mismatch = expect->pin != NULL && !hash_equal(expect->pin, &expect->spki);
	X509_STORE_CTX_set_error(store, expect->mismatch ? X509_V_ERR_APPLICATION_VERIFICATION
							 : X509_V_OK);
	return !expect->mismatch;
}

void tls_client_setup(SSL_CTX *context, struct tls_expect *expect)
{
	SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
	SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
	if (expect == NULL)
		return;
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_cert_verify_callback(context, expect_check, expect);
}

bool tls_peer_spki(SSL *ssl, struct hash *ret_spki)
{
	X509 *certificate = SSL_get0_peer_certificate(ssl);

	if (certificate == NULL)
		return false;
	tls_spki_hash(certificate, ret_spki);
	return true;
}

void tls_wire_bytes(SSL *ssl, uint64_t *ret_sent, uint64_t *ret_received)
{
	BIO *out = SSL_get_wbio(ssl), *in = SSL_get_rbio(ssl);

	*ret_sent = out == NULL ? 0 : BIO_number_written(out);
	*ret_received = in == NULL ? 0 : BIO_number_read(in);
}

void tls_shutdown(SSL *ssl)
{
	if (!SSL_in_init(ssl))
		SSL_shutdown(ssl);
	ERR_clear_error();
}
