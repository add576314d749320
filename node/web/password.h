/*
 * password.h - passwords as scrypt keys, and few of them computed at a time.
 *
 * A stored password is a PHC string: $scrypt$ln=15,r=8,p=3$SALT$KEY, so that later ones can cost
 * more. One costs 32 MiB and about half a second of a core on purpose; the desk lets
 * PASSWORD_AT_ONCE be worked on, lets a few wait and sends the rest away, so that strangers who
 * guess cannot take the machine.
 *
 * Threads: a desk is shared; its calls block, so not under the party's lock.
 */
#ifndef WEB_PASSWORD_H
#define WEB_PASSWORD_H

#include <pthread.h>

#include "base/world.h"
#include "simpul/err.h"

#define PASSWORD_SIZE	   160 /* of a PHC string, with its NUL */
#define PASSWORD_BYTES_MIN 8
#define PASSWORD_BYTES_MAX 256
#define PASSWORD_AT_ONCE   2
#define PASSWORD_WAITING   30
#define PASSWORD_COST	   15

struct password_desk {
	pthread_mutex_t mutex;
	pthread_cond_t free;
	unsigned busy, waiting;
	unsigned cost;
	const struct world *world;
};

void password_open(struct password_desk *desk, const struct world *world, unsigned cost);
void password_close(struct password_desk *desk);

/* Why this password is not taken, for a person; NULL: it is.  login, name: what everybody guesses
 * first. */
struct password_fault {
	const char *code, *id, *en;
};
const struct password_fault *password_weak(const char *password, const char *login,
					   const char *name);

/* ERR_OVERLOADED: too many wait. */
MUST_USE bool password_make(struct password_desk *desk, const char *password,
			    char ret[PASSWORD_SIZE], struct err *e);
/*
 * *ret_right; stored "" (nobody has that login) takes as long and is wrong.  ERR_OVERLOADED;
 * ERR_CORRUPT if what is stored is no PHC string of ours.
 */
MUST_USE bool password_check(struct password_desk *desk, const char *stored, const char *password,
			     bool *ret_right, struct err *e);

#endif
