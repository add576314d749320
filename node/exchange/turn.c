/*
 * turn.c - how long a part may be, and how long the pause after it.
 *
 * Nothing tells a transaction that somebody waits for its end.  What can be seen is PRAGMA data_version: it
 * moves when another connection has committed, and whoever wrote a moment ago will write again.  Before
 * anything was seen, somebody may be there: the first parts are short.
 *
 * Who waits for SQLite's lock asks again after these times: 1, 2, 5, 10, 15, 20, 25, 25, 25, 50, 50 and then
 * every 100 ms.  Whenever within a part it began to wait, its next question comes at most one of these later
 * than the part's end: the one that is due after as long a wait as the part was.  So a pause of that length
 * lets everybody in who waited for this part, and a shorter one only some, by luck.
 */
#include "exchange/turn.h"

#define SLACK_MS 4 /* a sleep ends a little late, and the lock has to be taken */

static bool others_write(const struct turn *t, uint64_t now_ms)
{
	return t->others && now_ms - t->others_ms < TURN_SEEN_MS;
}

/*
 * For the work of a part.  The commit, which no choice makes shorter, counts as well; but a part that does
 * less than its commit takes would do nearly nothing but commits where the disk is slow.
 */
static uint64_t aim_ms(const struct turn *t, uint64_t now_ms)
{
	uint64_t aim = others_write(t, now_ms) ? TURN_SHORT_MS : TURN_LONG_MS;

	return aim > 2 * t->commit_ms ? aim - t->commit_ms : t->commit_ms;
}

void turn_begin(struct turn *t, const struct world *world)
{
	t->begun_ms = world_monotonic_ms(world);
	t->worked_ms = t->begun_ms;
	t->changes = 0;
	if (t->changes_max == 0) {
		t->changes_max = TURN_CHANGES_FIRST;
		t->others = true;
		t->others_ms = t->begun_ms - (TURN_SEEN_MS - TURN_FIRST_MS);
	}
	if (t->begun_ms - t->ended_ms >= TURN_PAUSE_MS) /* there was other work, or none */
		t->paused_ms = t->begun_ms;
}

bool turn_over(const struct turn *t, const struct world *world)
{
	uint64_t now_ms = world_monotonic_ms(world);

	return now_ms - t->begun_ms >= aim_ms(t, now_ms);
}

void turn_worked(struct turn *t, const struct world *world, size_t changes)
{
	t->worked_ms = world_monotonic_ms(world);
	t->changes = changes;
}

/* As many as fit into the time; of a part that had few to do, the speed is not known well. */
static size_t fitting(const struct turn *t, uint64_t now_ms)
{
	uint64_t next = (uint64_t)t->changes * aim_ms(t, now_ms) / (t->worked_ms - t->begun_ms + 1);
	uint64_t most = (uint64_t)t->changes_max * (t->changes < TURN_CHANGES_FIRST ? 4 : 32);

	if (most > TURN_CHANGES_MAX)
		most = TURN_CHANGES_MAX;
	if (next > most)
		return (size_t)most;
	return next < TURN_CHANGES_MIN ? TURN_CHANGES_MIN : (size_t)next;
}

static unsigned pause_for(uint64_t held_ms)
{
	static const unsigned sleep_ms[] = { 1, 2, 5, 10, 15, 20, 25, 25, 25, 50, 50, 100 };
	uint64_t asked_ms = 0;
	size_t i = 0;

	for (; i + 1 < sizeof(sleep_ms) / sizeof(sleep_ms[0]); i++) {
		asked_ms += sleep_ms[i];
		if (asked_ms > held_ms)
			break;
	}
	return sleep_ms[i] + SLACK_MS;
}

bool turn_end(struct turn *t, struct db *db, const struct world *world, unsigned *ret_pause_ms,
	      struct err *e)
{
	uint64_t now_ms = world_monotonic_ms(world);
	int64_t version;

	if (!db_int(db, "PRAGMA data_version", 0, &version, e))
		return false;
	if (t->data_version != 0 && version != t->data_version) {
		t->others = true;
		t->others_ms = now_ms;
	}
	t->data_version = version;
	t->commit_ms = (3 * t->commit_ms + (now_ms - t->worked_ms)) / 4;
	if (t->changes > 0)
		t->changes_max = fitting(t, now_ms);
	*ret_pause_ms = 0;
	if (others_write(t, now_ms))
		*ret_pause_ms = pause_for(now_ms - t->begun_ms);
	else if (now_ms - t->paused_ms >= TURN_LONGEST_MS)
		*ret_pause_ms = TURN_PAUSE_MS;
	t->ended_ms = now_ms + *ret_pause_ms;
	if (*ret_pause_ms == TURN_PAUSE_MS)
		t->paused_ms = t->ended_ms;
	return true;
}
