/* log.c - log lines on stderr, with repeats held back. */
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/world.h"

#define ONCE_SLOTS 64
#define LINE_BYTES 1024

static enum log_level level_most = LOG_NOTICE;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
	char key[64];
	uint64_t last_ms;
	unsigned long left_out;
} once[ONCE_SLOTS];
static unsigned once_next;

void log_set_level(enum log_level most)
{
	level_most = most;
}

/*
 * Texts carry words from outside: a control character there must not make a line of its own.  Several
 * lines become one, with \n between them.
 */
static void keep_one_line(const char *text, char *ret, size_t size)
{
	size_t len = strlen(text), n = 0;

	while (len > 0 && text[len - 1] == '\n')
		len--;
	for (size_t i = 0; i < len && n + 5 <= size; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == '\n')
			n += (size_t)snprintf(ret + n, size - n, "\\n");
		else if (c < 0x20 || c == 0x7f)
			n += (size_t)snprintf(ret + n, size - n, "\\x%02x", c);
		else
			ret[n++] = (char)c;
	}
	ret[n] = '\0';
}

static void log_write(enum log_level level, const char *area, const char *text, unsigned long left_out)
{
	static const char *const names[] = { "error", "warning", "notice", "debug" };
	time_t now = (time_t)(world_now_ms(world_real()) / 1000);
	char stamp[32], more[48] = "", line[LINE_BYTES];
	struct tm tm;

	keep_one_line(text, line, sizeof(line));
	gmtime_r(&now, &tm);
	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", &tm);
	if (left_out > 0)
		snprintf(more, sizeof(more), " (and %lu more like it)", left_out);
	fprintf(stderr, "%s %s %s: %s%s\n", stamp, names[level], area, line, more);
}

void log_line(enum log_level level, const char *area, const char *fmt, ...)
{
	char text[LINE_BYTES];
	va_list ap;

	if (level > level_most)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	log_write(level, area, text, 0);
}

/* True if the key may be written now; counts it as left out else. */
static bool once_take(const char *key, unsigned long *ret_left_out)
{
	uint64_t now_ms = world_monotonic_ms(world_real());
	unsigned slot;

	for (slot = 0; slot < ONCE_SLOTS; slot++)
		if (strncmp(once[slot].key, key, sizeof(once[slot].key) - 1) == 0)
			break;
	if (slot == ONCE_SLOTS) {
		slot = once_next++ % ONCE_SLOTS;
		snprintf(once[slot].key, sizeof(once[slot].key), "%s", key);
		once[slot].left_out = 0;
	} else if (now_ms - once[slot].last_ms < LOG_ONCE_MS) {
		once[slot].left_out++;
		return false;
	}
	once[slot].last_ms = now_ms;
	*ret_left_out = once[slot].left_out;
	once[slot].left_out = 0;
	return true;
}

void log_once(enum log_level level, const char *area, const char *key, const char *fmt, ...)
{
	unsigned long left_out = 0;
	char text[LINE_BYTES];
	bool write;
	va_list ap;

	if (level > level_most)
		return;
	pthread_mutex_lock(&lock);
	write = once_take(key, &left_out);
	pthread_mutex_unlock(&lock);
	if (!write)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	log_write(level, area, text, left_out);
}
