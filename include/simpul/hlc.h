/*
 * hlc.h - hybrid logical clock stamps (Kulkarni et al. 2014): 47 bits of ms, 16 bits of counter.
 *
 * For the order in which values are shown and for tie-breaks; never for causality or refusal.  A
 * stamp is one uint64: milliseconds since 1970 UTC << 16 | counter, so plain comparison orders it.
 * The top bit stays 0 (until the year 6429), so that SQLite's signed integers order it as well.
 */
#ifndef SIMPUL_HLC_H
#define SIMPUL_HLC_H

#include <stdint.h>

#define HLC_MS_MAX ((UINT64_C(1) << 47) - 1)
#define HLC_MAX (HLC_MS_MAX << 16 | UINT16_MAX)

static inline uint64_t hlc_make(uint64_t ms, uint16_t counter)
{
	return (ms > HLC_MS_MAX ? HLC_MS_MAX : ms) << 16 | counter;
}

static inline uint64_t hlc_ms(uint64_t hlc)
{
	return hlc >> 16;
}

/* The stamp of a local event at ms: after `previous` always, at `ms` where that is later. */
static inline uint64_t hlc_next(uint64_t previous, uint64_t ms)
{
	uint64_t now = hlc_make(ms, 0);

	return now > previous ? now : previous + 1;
}

#endif
