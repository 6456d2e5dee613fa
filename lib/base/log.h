/* SPDX-License-Identifier: MIT */
/*
 * The log: one line per event on a descriptor (stderr by default), text or JSON, written with one
 * write(2) so that lines of threads and processes never mix. Secrets and query strings of presigned
 * requests never come here. The only mutable global besides the mains.
 */
#ifndef MX_BASE_LOG_H
#define MX_BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/span.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR, LOG_LEVEL_COUNT };
enum log_format { LOG_TEXT, LOG_JSON };

/* A field of a structured line; made by the log_* helpers below. */
struct log_field {
	const char *name; /* NULL ends the list */
	enum { LOG_F_STR, LOG_F_INT, LOG_F_UINT } type;
	struct span s;
	int64_t i;
	uint64_t u;
};

#define LF_STR(name_, span_) {.name = (name_), .type = LOG_F_STR, .s = (span_)}
#define LF_INT(name_, v_) {.name = (name_), .type = LOG_F_INT, .i = (int64_t)(v_)}
#define LF_UINT(name_, v_) {.name = (name_), .type = LOG_F_UINT, .u = (uint64_t)(v_)}
#define LF_END {.name = NULL}

void log_setup(enum log_level least, enum log_format format, const char *program);
/* Further lines go to fd (kept open by the caller). */
void log_to_fd(int fd);
bool log_wants(enum log_level level);
void log_msg(enum log_level level, const char *fmt, ...) MX_PRINTF(2, 3);
/* A message with fields; a list of absent spans and all is fine. Values are escaped. */
void log_event(enum log_level level, const char *msg, const struct log_field *fields);
/* Logs an error value with what was being done. */
void log_err(enum log_level level, const struct err *e, const char *fmt, ...) MX_PRINTF(3, 4);
void log_die(const char *fmt, ...) MX_PRINTF(1, 2) __attribute__((noreturn));

#define log_debug(...) log_msg(LOG_DEBUG, __VA_ARGS__)
#define log_info(...) log_msg(LOG_INFO, __VA_ARGS__)
#define log_warn(...) log_msg(LOG_WARN, __VA_ARGS__)
#define log_error(...) log_msg(LOG_ERROR, __VA_ARGS__)

#endif
