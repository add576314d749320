/*
 * tls.h - TLS 1.3 and the certificates for it; the one file that touches OpenSSL's SSL.
 *
 * A server's identity is an ECDSA P-256 key (browsers refuse Ed25519 ones) in DIRECTORY/tls-key.pem
 * and a certificate in DIRECTORY/tls-cert.pem, made here unless the operator put his own there.
 * Nodes do not trust the certificate but the pin: the SHA-256 of its SubjectPublicKeyInfo.
 *
 * Memory: struct tls_server is owned by whoever opened it.  Threads: open and renew belong to one
 * thread, connections may live in any.
 */
#ifndef NET_TLS_H
#define NET_TLS_H

#include <openssl/types.h>

#include "simpul/ident.h"

struct tls_server;

/*
 * Makes what is missing of key and certificate (files 0600, complete or absent after a crash), then
 * loads them.  names: host names and addresses for the certificate, comma-separated; NULL for
 * "localhost,127.0.0.1,::1".  ERR_PERMISSIONS if others can read the key, ERR_STORAGE,
 * ERR_MALFORMED.
 */
MUST_USE bool tls_server_open(const char *directory, const char *names,
			      struct tls_server **ret_server, struct err *e);
void tls_server_close(struct tls_server *server); /* NULL is fine */
/* A new server-side connection state; the caller frees it (bufferevents do). */
SSL *tls_server_session(struct tls_server *server);
/* What clients pin. */
void tls_server_pin(const struct tls_server *server, struct hash *ret_pin);
/*
 * Ticket keys are kept in DIRECTORY/tls-tickets (so that resumption outlives a restart) and renewed
 * when a day old; two old ones still open tickets.  Call now and then; failure leaves the old keys.
 */
MUST_USE bool tls_server_renew(struct tls_server *server, uint64_t now_ms, struct err *e);

/* The SHA-256 of the certificate's SubjectPublicKeyInfo in DER. */
void tls_spki_hash(X509 *certificate, struct hash *ret_hash);

/* What a client expects of the server, filled in during the handshake.  Outlives the SSL_CTX. */
struct tls_expect {
	const struct hash
		*pin;	  /* NULL: any certificate, the caller checks ret_spki by other means */
	struct hash spki; /* of the certificate seen last */
	bool seen;
	bool mismatch; /* the handshake was ended because spki is not the pin */
};

/*
 * Sets up a client's context: TLS 1.3 only and, if expect is not NULL, the pin instead of
 * certificate authorities.  A wrong pin ends the handshake, before any byte of a request.
 */
void tls_client_setup(SSL_CTX *context, struct tls_expect *expect);
/* The pin of the peer of a live connection; false if there is no certificate. */
bool tls_peer_spki(SSL *ssl, struct hash *ret_spki);
/* Bytes that went over the wire below TLS so far, both ways. */
void tls_wire_bytes(SSL *ssl, uint64_t *ret_sent, uint64_t *ret_received);
/* Sends close_notify without waiting for the peer's. */
void tls_shutdown(SSL *ssl);

#endif
