/* settle.c - parts and pauses. */
#include "exchange/settle.h"
#include "merge/apply.h"

static bool settle_part(struct party *p, struct apply_part *part, struct err *e)
{
	AUTO_TXN txn = { 0 };

	if (!txn_begin(&txn, p->db, e))
		return false;
	turn_begin(&p->turn, p->world); /* the time spent waiting for others is not ours */
	part->changes_max = p->turn.changes_max;
	part->more = false;
	part->changes = 0;
	if (!party_settle_part(p, part, e))
		return false;
	turn_worked(&p->turn, p->world, part->changes);
	return txn_commit(&txn, e) && (p->hub == NULL || p->hub->sign(p, e));
}

bool settle_pause(struct party *p, struct err *e)
{
	unsigned pause_ms = 0;
	bool ok;

	party_lock(p);
	ok = turn_end(&p->turn, p->db, p->world, &pause_ms, e);
	party_unlock(p);
	world_pause(p->world, pause_ms);
	return ok;
}

static bool give_back_memory(struct party *p, struct err *e)
{
	PARTY_LOCKED(p);
	return db_grow_cache(p->db, false, e);
}

bool settle_some(struct party *p, struct apply_part *part, struct err *e)
{
	bool ok;

	party_lock(p);
	ok = settle_part(p, part, e);
	party_unlock(p);
	return ok && settle_pause(p, e) && (part->more || give_back_memory(p, e));
}

bool settle_parts(struct party *p, struct err *e)
{
	struct apply_part part = { .more = true };

	while (part.more)
		if (!settle_some(p, &part, e))
			return false;
	return true;
}
