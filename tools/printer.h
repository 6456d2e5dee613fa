/* SPDX-License-Identifier: MIT */
/* Prints records: as JSON (one object, or an array of objects), or as aligned text for people.
 */
#ifndef MX_TOOLS_PRINTER_H
#define MX_TOOLS_PRINTER_H

#include <stdio.h>

#include "base/arena.h"
#include "base/buf.h"
#include "codec/json.h"

enum { PRINTER_FIELDS_MAX = 16 };

struct printer_row;

struct printer {
	struct arena *arena;
	bool json, list;
	struct buf text; /* the JSON */
	struct jsonw w;
	const char *names[PRINTER_FIELDS_MAX];
	struct printer_row *first, *last, *row;
	unsigned field;
};

void printer_init(struct printer *p, struct arena *a, bool json);
void printer_fini(struct printer *p);
/* Before the first record of a list; without it there is exactly one record. */
void printer_list(struct printer *p);
void printer_record(struct printer *p);
void printer_end_record(struct printer *p);
/* Names are camelCase and static. NULL prints as nothing, in JSON as null. */
void printer_str(struct printer *p, const char *name, const char *v);
void printer_u64(struct printer *p, const char *name, uint64_t v);
void printer_time(struct printer *p, const char *name, int64_t at_us); /* 0: never */
/* Writes everything to out; returns 0, or -1 when out did not take it. */
int printer_flush(struct printer *p, FILE *out);

/* A line for people: who, what failed, and what the system says of it. */
void print_error(int fd, const char *who, const struct err *e);

#endif
