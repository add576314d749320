/* world.c - the real world answers in the right units; a simulated one takes its place. */
#include <string.h>
#include <time.h>

#include "base/world.h"
#include "tap.h"

static void real_clock_is_unix_time_in_ms(void)
{
	uint64_t before = (uint64_t)time(NULL) * 1000;
	uint64_t now = world_now_ms(world_real());
	uint64_t after = ((uint64_t)time(NULL) + 1) * 1000;

	CHECK(before <= now + 1000 && now <= after);
}

static void monotonic_never_goes_back(void)
{
	uint64_t last = world_monotonic_ms(world_real());

	for (int i = 0; i < 10000; i++) {
		uint64_t now = world_monotonic_ms(world_real());

		CHECK(now >= last);
		last = now;
	}
}

static void random_fills_all_of_it(void)
{
	uint8_t a[1000], b[1000];
	unsigned seen[256] = { 0 }, values = 0;

	memset(a, 0, sizeof(a));
	memset(b, 0, sizeof(b));
	world_random(world_real(), a, sizeof(a));
	world_random(world_real(), b, sizeof(b));
	CHECK(memcmp(a, b, sizeof(a)) != 0);
	for (size_t i = 0; i < sizeof(a); i++)
		values += seen[a[i]]++ == 0;
	CHECK(values > 200); /* of 256; 1000 draws leave 5 out on average */
	CHECK(memcmp(a + 900, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16) != 0);
	world_random(world_real(), a, 0);
}

static uint64_t fixed_ms(void *state)
{
	return *(uint64_t *)state;
}

static void seven(void *state, void *ret_bytes, size_t len)
{
	(void)state;
	memset(ret_bytes, 7, len);
}

static void simulated_world_takes_its_place(void)
{
	uint64_t ms = 42;
	struct world world = { fixed_ms, fixed_ms, seven, &ms, NULL };
	uint8_t bytes[3];

	CHECK(world_now_ms(&world) == 42);
	ms = 43;
	CHECK(world_monotonic_ms(&world) == 43);
	world_random(&world, bytes, sizeof(bytes));
	CHECK(bytes[0] == 7 && bytes[2] == 7);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(real_clock_is_unix_time_in_ms), TAP(monotonic_never_goes_back),
		TAP(random_fills_all_of_it), TAP(simulated_world_takes_its_place)
	};

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
