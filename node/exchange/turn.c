/*
 * turn.c - how long a part may be, and how long the pause after it.
 *
 * Nothing tells a transaction that somebody waits for its end.  What can be seen is PRAGMA data_version: it
 * moves when another connection has committed, and whoever wrote a moment ago will write again.
 */
#include "exchange/turn.h"

static bool others_write(const struct turn *t, uint64_t now_ms)
{
	return t->others && now_ms - t->others_ms < TURN_SEEN_MS;
}

static uint64_t aim_ms(const struct turn *t, uint64_t now_ms)
{
	return others_write(t, now_ms) ? TURN_SHORT_MS : TURN_LONG_MS;
}

void turn_begin(struct turn *t, const struct world *world)
{
	t->begun_ms = world_monotonic_ms(world);
	if (t->changes_max == 0)
		t->changes_max = 20 * TURN_CHANGES_MIN;
	if (t->begun_ms - t->ended_ms >= TURN_PAUSE_MS) /* there was other work, or none */
		t->paused_ms = t->begun_ms;
}

bool turn_over(const struct turn *t, const struct world *world)
{
	uint64_t now_ms = world_monotonic_ms(world);

	return now_ms - t->begun_ms >= aim_ms(t, now_ms);
}

/* As many as fit into the time; never many times more than the last part, which may have had few to do. */
static size_t fitting(size_t changes, uint64_t took_ms, uint64_t aim)
{
	uint64_t next = took_ms < aim / 2 ? (uint64_t)changes * 2 : (uint64_t)changes * aim / (took_ms + 1);

	if (next < TURN_CHANGES_MIN)
		return TURN_CHANGES_MIN;
	return next > TURN_CHANGES_MAX ? TURN_CHANGES_MAX : (size_t)next;
}

bool turn_end(struct turn *t, struct db *db, const struct world *world, unsigned *ret_pause_ms,
	      struct err *e)
{
	uint64_t now_ms = world_monotonic_ms(world), took_ms = now_ms - t->begun_ms;
	int64_t version;

	if (!db_int(db, "PRAGMA data_version", 0, &version, e))
		return false;
	if (t->data_version != 0 && version != t->data_version) {
		t->others = true;
		t->others_ms = now_ms;
	}
	t->data_version = version;
	t->changes_max = fitting(t->changes_max, took_ms, aim_ms(t, now_ms));
	*ret_pause_ms = 0;
	if (others_write(t, now_ms))
		*ret_pause_ms = took_ms / 2 > TURN_PAUSE_MS ? TURN_PAUSE_MS : (unsigned)(took_ms / 2);
	else if (now_ms - t->paused_ms >= TURN_LONGEST_MS)
		*ret_pause_ms = TURN_PAUSE_MS;
	t->ended_ms = now_ms + *ret_pause_ms;
	if (*ret_pause_ms == TURN_PAUSE_MS)
		t->paused_ms = t->ended_ms;
	return true;
}
