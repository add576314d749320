/*
 * world.h - everything that makes two runs differ: time and randomness, real or simulated.
 *
 * Nothing in node/ calls time(), clock_gettime(), getrandom() or rand() but through here, so that a
 * simulation under one seed is one trace.  The network is replaced one layer up (exchange/transport.h).
 * Threads: the real world is safe from any thread.
 */
#ifndef BASE_WORLD_H
#define BASE_WORLD_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct world {
	uint64_t (*now_ms)(void *state);       /* wall clock, ms since 1970 UTC; may jump */
	uint64_t (*monotonic_ms)(void *state); /* never goes back */
	void (*random)(void *state, void *ret_bytes, size_t len);
	void *state;
	void (*pause)(void *state, unsigned ms); /* NULL: nobody waits here, a pause is none */
};

/* The world outside: clock_gettime and getrandom. */
const struct world *world_real(void);
/* The moment timeout_ms from now on CLOCK_MONOTONIC, as pthread_cond_timedwait() wants it; real, always. */
void world_deadline(unsigned timeout_ms, struct timespec *ret);

static inline uint64_t world_now_ms(const struct world *w)
{
	return w->now_ms(w->state);
}

static inline uint64_t world_monotonic_ms(const struct world *w)
{
	return w->monotonic_ms(w->state);
}

/* Gives others the processor, and whatever the caller has let go of. */
static inline void world_pause(const struct world *w, unsigned ms)
{
	if (w->pause != NULL && ms > 0)
		w->pause(w->state, ms);
}

static inline void world_random(const struct world *w, void *ret_bytes, size_t len)
{
	w->random(w->state, ret_bytes, len);
}

#endif
