/* world.c - the real world: the kernel's clocks and random numbers. */
#include <stdlib.h>
#include <sys/random.h>

#include "base/world.h"

static uint64_t clock_ms(clockid_t id)
{
	struct timespec ts;

	if (clock_gettime(id, &ts) != 0)
		abort();
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static uint64_t real_now_ms(void *state)
{
	(void)state;
	return clock_ms(CLOCK_REALTIME);
}

static uint64_t real_monotonic_ms(void *state)
{
	(void)state;
	return clock_ms(CLOCK_MONOTONIC);
}

static void real_random(void *state, void *ret_bytes, size_t len)
{
	uint8_t *p = ret_bytes;

	(void)state;
	while (len > 0) {
		ssize_t n = getrandom(p, len, 0);

		if (n < 0)
			abort();
		p += n;
		len -= (size_t)n;
	}
}

static void real_pause(void *state, unsigned ms)
{
	struct timespec ts = { ms / 1000, (long)(ms % 1000) * 1000000L };

	(void)state;
	nanosleep(&ts, NULL);
}

void world_deadline(unsigned timeout_ms, struct timespec *ret)
{
	uint64_t at_ms = clock_ms(CLOCK_MONOTONIC) + timeout_ms;

	ret->tv_sec = (time_t)(at_ms / 1000);
	ret->tv_nsec = (long)(at_ms % 1000) * 1000000;
}

const struct world *world_real(void)
{
	static const struct world real = { real_now_ms, real_monotonic_ms, real_random, NULL,
					   real_pause };

	return &real;
}
