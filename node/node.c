/* node.c - making a node, opening it, and everything that must be right before it may act. */
#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "capture/repair.h"
#include "node.h"
#include "outbox/outbox.h"
#include "store/keys.h"
#include "store/tables.h"

/* "Pusat Kota Cerdas" -> "pusat-kota-cerdas/1f2e3d4c": the log's name, new with each epoch. */
static void origin_make(const char *name, const struct world *world, char out[LIMIT_NAME_BYTES + 1])
{
	uint8_t epoch[4];
	char hex[HEX_SIZE(sizeof(epoch))];
	size_t len = 0;

	for (const char *p = name; *p != '\0' && len < 64; p++) {
		bool plain = isalnum((unsigned char)*p) || *p == '.';

		if (plain)
			out[len++] = (char)tolower((unsigned char)*p);
		else if (len > 0 && out[len - 1] != '-')
			out[len++] = '-';
	}
	if (len == 0)
		len = (size_t)sprintf(out, "hub");
	world_random(world, epoch, sizeof(epoch));
	hex_encode(epoch, sizeof(epoch), hex);
	snprintf(out + len, LIMIT_NAME_BYTES + 1 - len, "/%s", hex);
}

static bool settings_put(struct db *db, const struct node_plan *plan, const struct world *world,
			 const struct secret_key *secret, struct err *e)
{
	char origin[LIMIT_NAME_BYTES + 1], hex[HEX_SIZE(sizeof(struct public_key))];
	struct public_key key;

	if (!meta_put_text(db, "name", plan->name, e) ||
	    !meta_put_text(db, "role", plan->hub ? "hub" : "node", e) ||
	    !meta_put_text(db, "listen", plan->listen == NULL ? "" : plan->listen, e) ||
	    !meta_put_text(db, "url", plan->url == NULL ? "" : plan->url, e) ||
	    !meta_put_text(db, "scope", plan->scope == NULL ? "" : plan->scope, e))
		return false;
	crypto_public_key(secret, &key);
	hex_encode(key.bytes, sizeof(key.bytes), hex);
	if (!meta_put_text(db, "key", hex, e))
		return false;
	if (!plan->hub)
		return true;
	origin_make(plan->name, world, origin);
	return meta_put_text(db, "hub_key", hex, e) && meta_put_text(db, "origin", origin, e);
}

/* The national chain: the hub's own, on which grants stand. */
static bool national_open(struct db *db, const struct node_plan *plan, const struct world *world,
			  const struct secret_key *secret, struct err *e)
{
	struct outbox_author author = { .key = secret, .world = world, .name = plan->name };
	struct scope national;
	AUTO_RESET s = { 0 };
	int64_t no;

	if (!scope_parse(SCOPE_NATIONAL, strlen(SCOPE_NATIONAL), &national, e) ||
	    !outbox_open_chain(db, &author, &national, NULL, &no, e))
		return false;
	if (!db_statement(db, "UPDATE simpul_chain SET role = ?2 WHERE no = ?1", &s, e))
		return false;
	stmt_int(&s, 1, no);
	stmt_int(&s, 2, ROLE_HUB);
	return stmt_done(&s, e);
}

static bool fill_in(const char *path, const struct node_plan *plan, const struct world *world,
		    bool *made_keys, struct err *e)
{
	struct secret_key secret;
	enum workspace_rows rows = plan->practice ? WORKSPACE_TO_PRACTISE :
				   plan->hub	  ? WORKSPACE_AS_HUB :
						    WORKSPACE_EMPTY;
	AUTO_DB db = { 0 };
	AUTO_TXN txn = { 0 };
	bool ok;

	if (!db_open(&db, path, DB_NODE, true, e) || !txn_begin(&txn, &db, e) ||
	    !tables_create(&db, e) || !keys_make(path, world, &secret, e))
		return false;
	*made_keys = true;
	ok = settings_put(&db, plan, world, &secret, e) &&
	     (!plan->hub || national_open(&db, plan, world, &secret, e)) &&
	     (plan->workspace == NULL ||
	      workspace_install(plan->workspace, &db, rows, world, e)) &&
	     txn_commit(&txn, e);
	crypto_wipe(&secret, sizeof(secret));
	return ok;
}

static void remove_database(const char *path)
{
	char journal[4096];

	unlink(path);
	if (snprintf(journal, sizeof(journal), "%s-journal", path) < (int)sizeof(journal))
		unlink(journal);
}

static bool is_node(const char *path, struct err *e)
{
	AUTO_DB db = { 0 };
	bool exist;

	/* Looked at read-only first: opening for writing changes the journal mode of any database. */
	if (!db_open(&db, path, DB_READ_ONLY, false, e) || !tables_exist(&db, &exist, e))
		return false;
	return exist || err_set(e, ERR_NOT_SIMPUL, "%s is not a Simpul node", path);
}

static bool no_directory(const char *path, struct err *e)
{
	struct stat st;

	return stat(path, &st) != 0 || !S_ISDIR(st.st_mode) ||
	       err_set(e, ERR_NOT_SIMPUL, "%s is a directory, not a file", path);
}

/* Keys without their file: whose they are cannot be known, and they are not written over. */
static bool no_orphaned_keys(const char *path, bool existed, struct err *e)
{
	char key[4096];
	struct err why;

	if (!keys_path(path, "node.key", key, sizeof(key), e))
		return false;
	if (access(key, F_OK) != 0 || (existed && is_node(path, &why)))
		return true;
	return err_set(e, ERR_EXISTS, "%s%s holds the key of another node: put that node's file back, or move"
				      " the directory away", path, KEYS_DIRECTORY_SUFFIX);
}

bool node_make(const char *path, const struct node_plan *plan, const struct world *world, struct err *e)
{
	bool existed = access(path, F_OK) == 0, made_keys = false;
	struct scope scope;
	char keys[4096];

	if (!name_valid(plan->name, strlen(plan->name)))
		return err_set(e, ERR_USAGE, "--name must be 1 to %u bytes of UTF-8 without control"
					     " characters", LIMIT_NAME_BYTES);
	if (plan->practice && (plan->hub || plan->workspace == NULL || plan->scope == NULL))
		return err_set(e, ERR_USAGE,
			       "--sample is for a node with --workspace and --scope, not a hub");
	if (plan->scope != NULL && plan->hub)
		return err_set(e, ERR_USAGE, "a hub serves all scopes: leave --scope out");
	if (plan->scope != NULL && !scope_parse(plan->scope, strlen(plan->scope), &scope, e))
		return err_wrap(e, "--scope");
	if (!no_directory(path, e) || !no_orphaned_keys(path, existed, e))
		return false;
	if (fill_in(path, plan, world, &made_keys, e))
		return true;
	/* Nothing half-done: what this call made goes again. */
	if (made_keys) {
		static const char *const names[] = { "node.key", "lock" };

		for (size_t i = 0; i < 2; i++)
			if (snprintf(keys, sizeof(keys), "%s%s/%s", path, KEYS_DIRECTORY_SUFFIX,
				     names[i]) < (int)sizeof(keys))
				unlink(keys);
		snprintf(keys, sizeof(keys), "%s%s", path, KEYS_DIRECTORY_SUFFIX);
		rmdir(keys);
	}
	if (!existed && (made_keys || e->code != ERR_EXISTS))
		remove_database(path);
	return false;
}

static bool party_fill(struct node *node, struct err *e)
{
	struct party *p = &node->party;
	struct db *db = &node->db;
	char role[8], hex[HEX_SIZE(sizeof(struct public_key))];

	p->db = db;
	p->catalog = &node->catalog;
	p->catalog_arena = &node->catalog_arena;
	p->lock = &node->mutex;
	if (!meta_get_text(db, "name", p->name, sizeof(p->name), e) ||
	    !meta_get_text(db, "role", role, sizeof(role), e) ||
	    !meta_get_text(db, "origin", p->origin, sizeof(p->origin), e) ||
	    !meta_get_text(db, "url", p->public_url, sizeof(p->public_url), e) ||
	    !meta_get_text(db, "key", hex, sizeof(hex), e))
		return false;
	if (!hex_decode(hex, strlen(hex), p->key.bytes, sizeof(p->key.bytes)))
		return err_set(e, ERR_CORRUPT, "the node's key is not in its settings");
	if (!meta_get_text(db, "hub_key", hex, sizeof(hex), e))
		return false;
	if (hex[0] != '\0' && !hex_decode(hex, strlen(hex), p->hub_key.bytes, sizeof(p->hub_key.bytes)))
		return err_set(e, ERR_CORRUPT, "the hub's key in the settings is damaged");
	node->is_hub = strcmp(role, "hub") == 0;
	return true;
}

static bool begin(struct node *node, const char *path, const struct world *world, struct err *e)
{
	memset(node, 0, sizeof(*node));
	node->lock = -1;
	node->party.world = world;
	arena_init(&node->catalog_arena);
	pthread_mutex_init(&node->mutex, NULL);
	if (realpath(path, node->path) == NULL)
		return err_set(e, ERR_NOT_FOUND, "there is no file %s", path);
	return no_directory(path, e);
}

static bool own_key(struct node *node, struct err *e)
{
	struct public_key key;

	if (!keys_load(node->path, &node->party.secret, e))
		return false;
	crypto_public_key(&node->party.secret, &key);
	if (!key_equal(&key, &node->party.key))
		return err_set(e, ERR_PERMISSIONS, "the key in %s%s belongs to another node", node->path,
			       KEYS_DIRECTORY_SUFFIX);
	return true;
}

static bool open_for_writing(struct node *node, struct err *e)
{
	AUTO_BUF report = { 0 };

	if (!is_node(node->path, e) || !keys_lock(node->path, &node->lock, e) ||
	    !db_open(&node->db, node->path, DB_NODE, false, e) || !tables_upgrade(&node->db, e) ||
	    !party_fill(node, e) || !own_key(node, e) ||
	    !repair_run(&node->db, node->party.world, &report, e))
		return false;
	if (report.len > 0)
		log_line(LOG_WARNING, "repair", "%s", buf_string(&report));
	return !node->is_hub || hub_open(&node->hub, &node->party, e);
}

bool node_open(struct node *node, const char *path, const struct world *world, struct err *e)
{
	if (begin(node, path, world, e) && open_for_writing(node, e))
		return true;
	node_close(node);
	return false;
}

/* A file that an older Simpul left gets its new tables before the first look at it. */
static bool upgrade_first(struct node *node, struct err *e)
{
	AUTO_DB db = { 0 };
	bool old;

	if (!tables_old(&node->db, &old, e))
		return false;
	if (!old)
		return true;
	return db_open(&db, node->path, DB_NODE, false, e) && tables_upgrade(&db, e);
}

bool node_view(struct node *node, const char *path, const struct world *world, struct err *e)
{
	if (begin(node, path, world, e) && db_open(&node->db, path, DB_READ_ONLY, false, e) &&
	    upgrade_first(node, e) && tables_upgrade(&node->db, e) && party_fill(node, e))
		return true;
	node_close(node);
	return false;
}

void node_close(struct node *node)
{
	if (node->hub.party != NULL)
		hub_close(&node->hub);
	party_close(&node->party);
	if (node->db.handle != NULL)
		db_close(&node->db);
	crypto_wipe(&node->party.secret, sizeof(node->party.secret));
	arena_done(&node->catalog_arena);
	if (node->lock >= 0)
		keys_unlock(node->lock);
	node->lock = -1;
	pthread_mutex_destroy(&node->mutex);
}
