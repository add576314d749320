/*
 * log.h - lines for the operator on stderr: "2026-11-22T15:04:05Z level area: text".
 *
 * One event, one line.  log_once keeps a repeated cause from flooding: the same key is written again
 * only after LOG_ONCE_MS, with the count of what was left out.  Threads: safe from any thread.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#define LOG_ONCE_MS 60000

enum log_level { LOG_ERROR, LOG_WARNING, LOG_NOTICE, LOG_DEBUG };

void log_set_level(enum log_level most); /* default LOG_NOTICE */
void log_line(enum log_level level, const char *area, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void log_once(enum log_level level, const char *area, const char *key, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

#endif
