/* SPDX-License-Identifier: MIT */
#include "tools/printer.h"

#include <inttypes.h>
#include <string.h>

#include "codec/timefmt.h"

enum { JSON_MAX = 1 << 30 };

struct printer_row {
	struct printer_row *next;
	const char *cells[PRINTER_FIELDS_MAX];
};

void printer_init(struct printer *p, struct arena *a, bool json)
{
	memset(p, 0, sizeof(*p));
	p->arena = a;
	p->json = json;
	buf_init(&p->text, JSON_MAX);
	jsonw_init(&p->w, &p->text);
}

void printer_fini(struct printer *p)
{
	buf_fini(&p->text);
}

void printer_list(struct printer *p)
{
	p->list = true;
	if (p->json)
		jsonw_array(&p->w, NULL);
}

void printer_record(struct printer *p)
{
	p->field = 0;
	if (p->json) {
		jsonw_object(&p->w, NULL);
		return;
	}
	p->row = arena_new_of(p->arena, struct printer_row);
	if (p->last)
		p->last->next = p->row;
	else
		p->first = p->row;
	p->last = p->row;
}

void printer_end_record(struct printer *p)
{
	if (p->json)
		jsonw_end_object(&p->w);
}

static void cell(struct printer *p, const char *name, const char *v)
{
	if (p->field == PRINTER_FIELDS_MAX)
		return;
	p->names[p->field] = name;
	p->row->cells[p->field++] = arena_strdup(p->arena, v ? v : "");
}

void printer_str(struct printer *p, const char *name, const char *v)
{
	if (p->json)
		jsonw_str(&p->w, name, v);
	else
		cell(p, name, v);
}

void printer_u64(struct printer *p, const char *name, uint64_t v)
{
	if (p->json)
		jsonw_u64(&p->w, name, v);
	else
		cell(p, name, arena_printf(p->arena, "%" PRIu64, v));
}

void printer_time(struct printer *p, const char *name, int64_t at_us)
{
	char text[TIMEFMT_MAX];

	if (at_us == 0) {
		printer_str(p, name, p->json ? NULL : "never");
		return;
	}
	timefmt_iso8601(text, at_us);
	printer_str(p, name, text);
}

/* Columns on a terminal: characters, not bytes. */
static unsigned width(const char *s)
{
	unsigned n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

static void pad(FILE *out, const char *s, unsigned to)
{
	fputs(s, out);
	for (unsigned n = width(s); n < to; n++)
		fputc(' ', out);
}

/* accessKey -> "ACCESS KEY" for a column's head, "access key" beside a value. */
static const char *spoken(struct printer *p, const char *name, bool upper)
{
	char *out = arena_alloc(p->arena, 2 * strlen(name) + 1), *at = out;

	for (; *name; name++) {
		bool is_upper = *name >= 'A' && *name <= 'Z',
		     is_lower = *name >= 'a' && *name <= 'z';
		char c = *name;

		if (is_upper)
			*at++ = ' ';
		if (is_upper && !upper)
			c = (char)(c + 32);
		if (is_lower && upper)
			c = (char)(c - 32);
		*at++ = c;
	}
	return out;
}

static void flush_table(struct printer *p, FILE *out)
{
	unsigned widths[PRINTER_FIELDS_MAX] = {0};
	const char *heads[PRINTER_FIELDS_MAX];

	if (!p->first)
		return;
	for (unsigned i = 0; i < p->field; i++) {
		heads[i] = spoken(p, p->names[i], true);
		widths[i] = width(heads[i]);
		for (const struct printer_row *r = p->first; r; r = r->next)
			if (width(r->cells[i]) > widths[i])
				widths[i] = width(r->cells[i]);
	}
	for (unsigned i = 0; i < p->field; i++)
		pad(out, heads[i], i + 1 < p->field ? widths[i] + 2 : 0);
	fputc('\n', out);
	for (const struct printer_row *r = p->first; r; r = r->next) {
		for (unsigned i = 0; i < p->field; i++)
			pad(out, r->cells[i], i + 1 < p->field ? widths[i] + 2 : 0);
		fputc('\n', out);
	}
}

static void flush_record(struct printer *p, FILE *out)
{
	unsigned widest = 0;

	for (unsigned i = 0; p->first && i < p->field; i++)
		if (width(spoken(p, p->names[i], false)) > widest)
			widest = width(spoken(p, p->names[i], false));
	for (unsigned i = 0; p->first && i < p->field; i++) {
		pad(out, spoken(p, p->names[i], false), widest + 2);
		fprintf(out, "%s\n", p->first->cells[i]);
	}
}

int printer_flush(struct printer *p, FILE *out)
{
	if (p->json && p->list)
		jsonw_end_array(&p->w);
	if (p->json && p->text.n) {
		fwrite(p->text.p, 1, p->text.n, out);
		fputc('\n', out);
	} else if (p->list) {
		flush_table(p, out);
	} else {
		flush_record(p, out);
	}
	return fflush(out) == 0 && !ferror(out) && buf_ok(&p->text) ? 0 : -1;
}

void print_error(int fd, const char *who, const struct err *e)
{
	dprintf(fd, "%s: %s%s%s\n", who, e->text[0] ? e->text : err_kind_name(e->kind),
		e->sys ? ": " : "", e->sys ? strerror(e->sys) : "");
}
