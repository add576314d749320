/* hlc.c - stamps: always after the one before, at the clock where the clock is later. */
#include "simpul/hlc.h"
#include "tap.h"

static void orders_like_time(void)
{
	CHECK(hlc_make(1, 0) < hlc_make(1, 1));
	CHECK(hlc_make(1, UINT16_MAX) < hlc_make(2, 0));
	CHECK(hlc_ms(hlc_make(1732287600000, 65535)) == 1732287600000);
}

static void next_follows_the_clock_or_the_last(void)
{
	uint64_t last = hlc_make(1000, 5);

	CHECK(hlc_next(last, 2000) == hlc_make(2000, 0));
	CHECK(hlc_next(last, 1000) == hlc_make(1000, 6));
	CHECK(hlc_next(last, 1) == hlc_make(1000, 6)); /* the clock was set back */
	CHECK(hlc_next(0, 0) == 1);
}

static void counter_runs_over_into_the_next_ms(void)
{
	CHECK(hlc_next(hlc_make(1000, UINT16_MAX), 1000) == hlc_make(1001, 0));
}

static void clock_beyond_48_bits_is_held_at_the_limit(void)
{
	CHECK(hlc_make(HLC_MS_MAX, 0) == hlc_make(HLC_MS_MAX + 1, 0));
	CHECK(hlc_ms(hlc_make(UINT64_MAX, 0)) == HLC_MS_MAX);
}

static void a_million_events_with_a_jumping_clock_only_rise(void)
{
	uint64_t last = 0, ms = 5000;

	for (unsigned i = 0; i < 1000000; i++) {
		uint64_t next;

		ms += i * UINT32_C(2654435761) % 7;
		next = hlc_next(last, i % 1000 < 500 ? ms : ms / 2);
		CHECK(next > last);
		last = next;
	}
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(orders_like_time),
		TAP(next_follows_the_clock_or_the_last),
		TAP(counter_runs_over_into_the_next_ms),
		TAP(clock_beyond_48_bits_is_held_at_the_limit),
		TAP(a_million_events_with_a_jumping_clock_only_rise),
	};

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
