/* contact.c - when a node spoke last, and what it said of itself: known at the hub, also after a restart. */
#include <stdio.h>
#include <string.h>

#include "cluster.h"
#include "exchange/contact.h"
#include "tap.h"

#define HOUR_MS 3600000

static bool office(struct cluster *c, struct err *e)
{
	cluster_begin(c, 5);
	return cluster_add(c, "hub", NULL, e) && cluster_add(c, "ayu", "13.73", e) &&
	       cluster_enrol(c, 1, e) && cluster_settle(c, e);
}

static struct contact of(struct cluster *c, const struct public_key *key)
{
	struct contact found = { 0 };
	struct err e;

	if (!contact_find(&c->member[0].party, key, &found, &e))
		tap_note("%s", e.text);
	return found;
}

static void each_request_is_noted(void)
{
	AUTO_CLUSTER c = { 0 };
	struct public_key stranger = { { 9 } };
	struct contact contact;
	struct err e;

	CHECK_OK(office(&c, &e), &e);
	c.member[1].skew_ms = 540000; /* nine minutes too fast */
	CHECK_OK(cluster_restart(&c.member[1], &e), &e);
	c.now_ms += HOUR_MS;
	CHECK_OK(cluster_sync(&c, 1, 0, &e), &e);
	contact = of(&c, &c.member[1].party.key);
	CHECK(contact.at_ms == c.now_ms);
	CHECK(contact.skewed && contact.skew_ms == 540000);
	CHECK(strcmp(contact.version, CONTACT_VERSION) == 0);
	CHECK(of(&c, &stranger).at_ms == 0);
}

static void it_outlives_the_program(void)
{
	AUTO_CLUSTER c = { 0 };
	struct contact before, after;
	struct err e;

	CHECK_OK(office(&c, &e), &e);
	c.now_ms += HOUR_MS;
	CHECK_OK(cluster_sync(&c, 1, 0, &e), &e); /* nothing to settle */
	before = of(&c, &c.member[1].party.key);
	CHECK(before.at_ms == c.now_ms);
	CHECK_OK(cluster_restart(&c.member[0], &e), &e);
	CHECK(c.member[0].party.contacts == NULL);
	after = of(&c, &c.member[1].party.key);
	CHECK(after.at_ms == before.at_ms && strcmp(after.version, before.version) == 0);
	CHECK(after.skewed == before.skewed && after.skew_ms == before.skew_ms);
}

/* Whoever signs with a key that nobody granted anything leaves nothing; odd fields are no fields. */
static void what_is_not_noted(void)
{
	static const char *const odd[] = { "", "abc", "12x", "99999999999999999999", "-99999999999999999" };
	AUTO_CLUSTER c = { 0 };
	struct public_key stranger = { { 9 } };
	struct http_request request = { 0 };
	struct party *hub = &c.member[0].party;
	struct contact contact;
	struct err e;
	size_t known;

	CHECK_OK(office(&c, &e), &e);
	CHECK(hub->contacts != NULL);
	CHECK_OK(contact_note(hub, &stranger, &request, &e), &e);
	CHECK(of(&c, &stranger).at_ms == 0);
	for (known = 0; known < sizeof(odd) / sizeof(odd[0]); known++) {
		http_fields_done(&request.fields);
		request.fields = (struct http_fields){ 0 };
		http_fields_put(&request.fields, "Simpul-Clock-Offset", odd[known]);
		http_fields_put(&request.fields, "User-Agent", "simpul/1.2<script>");
		CHECK_OK(contact_note(hub, &c.member[1].party.key, &request, &e), &e);
		contact = of(&c, &c.member[1].party.key);
		CHECK(!contact.skewed && strcmp(contact.version, "1.2") == 0);
	}
	http_fields_done(&request.fields);
	/* A node keeps no such list. */
	CHECK_OK(contact_note(&c.member[1].party, &hub->key, &request, &e), &e);
	CHECK(c.member[1].party.contacts == NULL);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(each_request_is_noted),
		TAP(it_outlives_the_program),
		TAP(what_is_not_noted),
	};

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
