/* password.c - PHC strings, scrypt, and the queue before it. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base64.h"
#include "simpul/crypto.h"
#include "web/password.h"

#define SALT_BYTES 16
#define KEY_BYTES  32
#define P	   3

void password_open(struct password_desk *desk, const struct world *world, unsigned cost)
{
	pthread_mutex_init(&desk->mutex, NULL);
	pthread_cond_init(&desk->free, NULL);
	desk->busy = desk->waiting = 0;
	desk->cost = cost == 0 ? PASSWORD_COST : cost;
	desk->world = world;
}

void password_close(struct password_desk *desk)
{
	pthread_cond_destroy(&desk->free);
	pthread_mutex_destroy(&desk->mutex);
}

/* What half of all guesses begin with, here: longer lists are for whoever attacks a stolen file. */
static bool everybody_tries(const char *password)
{
	static const char *const list[] = {
		"12345678",    "123456789",    "1234567890", "11111111",      "00000000",
		"12341234",    "87654321",     "password",   "password1",     "passw0rd",
		"p@ssw0rd",    "qwertyui",     "qwertyuiop", "qwerty123",     "1q2w3e4r",
		"asdfghjkl",   "iloveyou",     "sunshine",   "princess",      "football",
		"baseball",    "welcome1",     "letmein1",   "admin123",      "administrator",
		"superman",    "starwars",     "trustno1",   "sayangku",      "sayang123",
		"bismillah",   "bismillah123", "indonesia",  "indonesia1",    "indonesia123",
		"indonesiaku", "katasandi",    "rahasia123", "rahasiaku",     "garuda123",
		"pancasila",   "merdeka45",    "jakarta123", "diskominfo",    "kominfo123",
		"smartcity",   "smartcity123", "kotacerdas", "masterplan",    "bupati123",
		"walikota123", "simpul123",    "cintaku123", "alhamdulillah", "anakku123",
		"keluarga123", "dragon123",    "abcd1234",   "abc12345",      "a1b2c3d4",
		"aa123456",    "qwer1234",     "1234qwer",   "zaq12wsx",
	};

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		if (strcasecmp(list[i], password) == 0)
			return true;
	return strspn(password, (char[]){ password[0], '\0' }) == strlen(password);
}

const struct password_fault *password_weak(const char *password, const char *login,
					   const char *name)
{
	static const struct password_fault faults[] = {
		{ "too-short", "Sandi paling sedikit 8 huruf; 15 atau lebih lebih aman.",
		  "At least 8 characters; 15 or more are safer." },
		{ "too-long", "Sandi paling banyak 256 bita.", "At most 256 bytes." },
		{ "too-common", "Sandi ini termasuk yang pertama ditebak orang; pilih yang lain.",
		  "One of the first that anybody tries; choose another." },
	};
	size_t len = strlen(password);

	if (len < PASSWORD_BYTES_MIN)
		return &faults[0];
	if (len > PASSWORD_BYTES_MAX)
		return &faults[1];
	if (everybody_tries(password) || strcasecmp(password, login) == 0 ||
	    strcasecmp(password, name) == 0)
		return &faults[2];
	return NULL;
}

static bool desk_enter(struct password_desk *desk, struct err *e)
{
	bool room;

	pthread_mutex_lock(&desk->mutex);
	room = desk->waiting < PASSWORD_WAITING;
	if (room) {
		desk->waiting++;
		while (desk->busy >= PASSWORD_AT_ONCE)
			pthread_cond_wait(&desk->free, &desk->mutex);
		desk->waiting--;
		desk->busy++;
	}
	pthread_mutex_unlock(&desk->mutex);
	return room || err_set(e, ERR_OVERLOADED, "too many sign in at this moment");
}

static void desk_leave(struct password_desk *desk)
{
	pthread_mutex_lock(&desk->mutex);
	desk->busy--;
	pthread_cond_signal(&desk->free);
	pthread_mutex_unlock(&desk->mutex);
}

static size_t phc_text(const void *bytes, size_t len, char *out)
{
	size_t n = base64_encode(BASE64, bytes, len, out);

	while (n > 0 && out[n - 1] == '=') /* PHC strings have no padding */
		n--;
	out[n] = '\0';
	return n;
}

bool password_make(struct password_desk *desk, const char *password, char ret[PASSWORD_SIZE],
		   struct err *e)
{
	char salt_text[BASE64_LEN(SALT_BYTES) + 1], key_text[BASE64_LEN(KEY_BYTES) + 1];
	uint8_t salt[SALT_BYTES], key[KEY_BYTES];
	struct crypto_scrypt how = { .cost = desk->cost,
				     .p = P,
				     .password = { password, strlen(password) },
				     .salt = { salt, sizeof(salt) } };

	if (!desk_enter(desk, e))
		return false;
	world_random(desk->world, salt, sizeof(salt));
	crypto_scrypt(&how, key, sizeof(key));
	desk_leave(desk);
	phc_text(salt, sizeof(salt), salt_text);
	phc_text(key, sizeof(key), key_text);
	snprintf(ret, PASSWORD_SIZE, "$scrypt$ln=%u,r=8,p=%u$%s$%s", how.cost, how.p, salt_text,
		 key_text);
	crypto_wipe(key, sizeof(key));
	return true;
}

/* Puts the padding back. */
static bool phc_bytes(const char *text, size_t text_len, void *ret, size_t len)
{
	char padded[BASE64_LEN(KEY_BYTES)];

	if (text_len > sizeof(padded) || BASE64_LEN(len) < text_len)
		return false;
	memset(padded, '=', sizeof(padded));
	memcpy(padded, text, text_len);
	return base64_decode_exact(padded, BASE64_LEN(len), ret, len);
}

static bool phc_read(const char *stored, struct crypto_scrypt *how, uint8_t salt[SALT_BYTES],
		     uint8_t key[KEY_BYTES])
{
	const char *salt_text, *key_text;
	int at = 0;

	if (sscanf(stored, "$scrypt$ln=%2u,r=8,p=%2u$%n", &how->cost, &how->p, &at) != 2 ||
	    at == 0 || how->cost < 1 || how->cost > 20 || how->p < 1 || how->p > 16)
		return false;
	salt_text = stored + at;
	key_text = strchr(salt_text, '$');
	return key_text != NULL &&
	       phc_bytes(salt_text, (size_t)(key_text - salt_text), salt, SALT_BYTES) &&
	       phc_bytes(key_text + 1, strlen(key_text + 1), key, KEY_BYTES);
}

bool password_check(struct password_desk *desk, const char *stored, const char *password,
		    bool *ret_right, struct err *e)
{
	uint8_t salt[SALT_BYTES] = { 0 }, key[KEY_BYTES] = { 0 }, tried[KEY_BYTES];
	struct crypto_scrypt how = { .cost = desk->cost,
				     .p = P,
				     .password = { password, strlen(password) },
				     .salt = { salt, sizeof(salt) } };

	if (stored[0] != '\0' && !phc_read(stored, &how, salt, key))
		return err_set(e, ERR_CORRUPT, "a password in the file is damaged");
	if (!desk_enter(desk, e))
		return false;
	crypto_scrypt(&how, tried, sizeof(tried));
	desk_leave(desk);
	*ret_right = crypto_equal(key, tried, sizeof(key)) && stored[0] != '\0';
	crypto_wipe(tried, sizeof(tried));
	crypto_wipe(key, sizeof(key));
	return true;
}
