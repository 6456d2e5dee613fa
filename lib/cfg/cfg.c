/* SPDX-License-Identifier: MIT */
/*
 * Reads the table of settings from its sources. Every value is checked, even one that another
 * source overrides, so that a mistake in the file does not wait for the flag to go away.
 */
#include "cfg/cfg.h"

#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fio.h"
#include "base/span.h"
#include "cfg/check.h"

enum row_type { ROW_STR, ROW_INT, ROW_BOOL, ROW_ENUM };

struct row {
	const char *name;
	enum row_type type;
	size_t offset;
	const char *def;
	int64_t min, max;
	const char *words, *unit, *help; /* words: of an ENUM, or the name of a STR's check */
};

#define OFFSET(name) offsetof(struct cfg, name)
static const struct row rows[] = {
#define CFG_STR(name, def, check, help) \
	{#name, ROW_STR, OFFSET(name), def, 0, 0, #check, "", help},
#define CFG_INT(name, def, min, max, unit, help) \
	{#name, ROW_INT, OFFSET(name), #def, min, max, "", unit, help},
#define CFG_BOOL(name, def, help) {#name, ROW_BOOL, OFFSET(name), #def, 0, 0, "", "", help},
#define CFG_ENUM(name, def, words, help) \
	{#name, ROW_ENUM, OFFSET(name), def, 0, 0, words, "", help},
#include "cfg/settings.def"
#undef CFG_STR
#undef CFG_INT
#undef CFG_BOOL
#undef CFG_ENUM
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]), FILE_MAX = 1024 * 1024 };

/* Greater wins. */
enum origin { FROM_DEFAULT, FROM_FILE, FROM_ENVIRONMENT, FROM_FLAG };
static const char *const origin_names[] = {"default", "file", "environment", "flag"};

/* Of every row, in the order of the table. */
struct origins {
	enum origin of[ROWS];
};

/* ---- setting one value
 * ------------------------------------------------------------------------- */

static const struct row *find_row(struct span name)
{
	for (size_t i = 0; i < ROWS; i++)
		if (span_eq_str(name, rows[i].name))
			return &rows[i];
	return NULL;
}

static bool parse_i64(struct span text, int64_t *v_r)
{
	bool negative = text.n > 1 && text.p[0] == '-';
	uint64_t v;

	if (!span_to_u64(negative ? span_from(text, 1) : text, &v) || v > INT64_MAX)
		return false;
	*v_r = negative ? -(int64_t)v : (int64_t)v;
	return true;
}

static bool parse_bool(struct span text, bool *v_r)
{
	*v_r = span_eq_str(text, "true") || span_eq_str(text, "yes") ||
		span_eq_str(text, "on") || span_eq_str(text, "1");
	return *v_r || span_eq_str(text, "false") || span_eq_str(text, "no") ||
		span_eq_str(text, "off") || span_eq_str(text, "0");
}

static bool is_word(const char *words, struct span text)
{
	struct span rest = span_str(words), one;

	while (span_cut(&rest, '|', &one))
		if (span_eq(one, text))
			return true;
	return false;
}

static int store_int(
	struct cfg *c, const struct row *r, struct span text, const char *source, struct err *e)
{
	int64_t *at = (int64_t *)((char *)c + r->offset), v;

	if (!parse_i64(text, &v) || v < r->min || v > r->max)
		return err_fail(e, ERR_INVALID, "%s%s: must be %lld to %lld %s", source,
			r->name, (long long)r->min, (long long)r->max, r->unit);
	*at = v;
	return 0;
}

static int store_value(
	struct cfg *c, const struct row *r, struct span text, const char *source, struct err *e)
{
	const char **str_at = (const char **)((char *)c + r->offset);
	const char *why;

	switch (r->type) {
	case ROW_INT:
		return store_int(c, r, text, source, e);
	case ROW_BOOL:
		if (!parse_bool(text, (bool *)((char *)c + r->offset)))
			return err_fail(
				e, ERR_INVALID, "%s%s: must be true or false", source, r->name);
		return 0;
	case ROW_ENUM:
		if (!is_word(r->words, text))
			return err_fail(e, ERR_INVALID, "%s%s: must be one of %s", source,
				r->name, r->words);
		break;
	case ROW_STR:
		why = cfg_check(r->words, text);
		if (why)
			return err_fail(e, ERR_INVALID, "%s%s: %s", source, r->name, why);
		break;
	}
	*str_at = arena_strndup(c->arena, text);
	return 0;
}

static struct origins *origins(const struct cfg *c)
{
	return c->origins;
}

static int set(struct cfg *c, const struct row *r, struct span text, enum origin from,
	const char *source, struct err *e)
{
	enum origin *have = &origins(c)->of[r - rows];

	if (*have > from) {
		struct cfg scratch = *c; /* what is overridden must be valid all the same */

		return store_value(&scratch, r, text, source, e);
	}
	*have = from;
	return store_value(c, r, text, source, e);
}

/* ---- flags
 * ---------------------------------------------------------------------------------------- */

static const struct row *flag_row(const char *flag, struct span *value_r, bool *negated_r)
{
	struct span rest = span_str(flag + 2), name;
	char text[64];
	const struct row *r;

	if (!span_cut(&rest, '=', &name) || name.n == 0 || name.n >= sizeof(text))
		return NULL;
	for (size_t i = 0; i < name.n; i++)
		text[i] = name.p[i] == '-' ? '_' : name.p[i];
	*value_r = rest;
	*negated_r = false;
	r = find_row(span_of(text, name.n));
	if (!r && span_starts(name, SPAN_LIT("no-"))) {
		r = find_row(span_from(span_of(text, name.n), 3));
		*negated_r = true;
		if (r && (r->type != ROW_BOOL || !span_absent(rest)))
			return NULL;
	}
	return r;
}

struct flags {
	const char *config; /* --config */
	int rest;
};

static int read_flags(struct cfg *c, int argc, char **argv, struct flags *f, struct err *e)
{
	int i;

	for (i = 1; i < argc && strncmp(argv[i], "--", 2) == 0 && argv[i][2]; i++) {
		struct span value;
		bool negated;
		const struct row *r;

		if (strncmp(argv[i], "--config=", 9) == 0) {
			f->config = argv[i] + 9;
			continue;
		}
		if (strcmp(argv[i], "--config") == 0) {
			if (i + 1 == argc)
				return err_fail(e, ERR_INVALID, "%s: needs a value", argv[i]);
			f->config = argv[++i];
			continue;
		}
		r = flag_row(argv[i], &value, &negated);
		if (!r)
			break;
		if (r->type == ROW_BOOL && span_absent(value))
			value = negated ? SPAN_LIT("false") : SPAN_LIT("true");
		if (span_absent(value) && i + 1 == argc)
			return err_fail(e, ERR_INVALID, "%s: needs a value", argv[i]);
		if (span_absent(value))
			value = span_str(argv[++i]);
		if (set(c, r, value, FROM_FLAG, "command line: ", e) < 0)
			return -1;
	}
	f->rest = i;
	return 0;
}

/* ---- environment
 * -------------------------------------------------------------------------------------- */

static int read_variable(struct cfg *c, const char *variable, struct flags *f, struct err *e)
{
	struct span rest = span_from(span_str(variable), 8), name;
	char text[64];
	const struct row *r;

	if (!span_cut(&rest, '=', &name) || span_absent(rest))
		return 0;
	if (span_eq_str(name, "ADMIN_PASSWORD") || span_starts(name, SPAN_LIT("TEST_")))
		return 0;
	if (span_eq_str(name, "CONFIG")) {
		if (!f->config && rest.n)
			f->config = rest.p;
		return 0;
	}
	for (size_t i = 0; i < name.n && i < sizeof(text); i++)
		text[i] = (char)(name.p[i] >= 'A' && name.p[i] <= 'Z' ? name.p[i] + 32
								      : name.p[i]);
	r = name.n <= sizeof(text) ? find_row(span_of(text, name.n)) : NULL;
	if (!r)
		return err_fail(e, ERR_INVALID, "environment: MAXIOFS_%.*s: no such setting",
			SPAN_FMT(name));
	return set(c, r, rest, FROM_ENVIRONMENT, "environment: ", e);
}

static int read_environment(struct cfg *c, char **env, struct flags *f, struct err *e)
{
	for (; env && *env; env++)
		if (strncmp(*env, "MAXIOFS_", 8) == 0 && read_variable(c, *env, f, e) < 0)
			return -1;
	return 0;
}

/* ---- file
 * ---------------------------------------------------------------------------------------------
 */

struct file {
	struct cfg *c;
	const char *path;
	bool is_default;
	bool seen[ROWS];
	struct err why;
};

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* inih's callback: 1 to go on, 0 for an error, whose line ini_parse_string then returns. Of
 * several errors the first is kept. */
static int file_line(void *user, const char *section, const char *name, const char *value)
{
	struct file *f = user;
	const struct row *r = find_row(span_str(name));

	if (f->why.kind != ERR_NONE)
		return 0;
	if (*section)
		return err_fail(&f->why, ERR_INVALID, "sections are not used here"), 0;
	if (!r)
		return err_fail(&f->why, ERR_INVALID, "%s: no such setting", name), 0;
	if (f->seen[r - rows])
		return err_fail(&f->why, ERR_INVALID, "%s: given twice", name), 0;
	if (f->is_default && strcmp(name, "data_dir") == 0)
		return err_fail(&f->why, ERR_INVALID,
			       "data_dir: this file lies in the data directory"),
		       0;
	f->seen[r - rows] = true;
	return set(f->c, r, span_str(value), FROM_FILE, "", &f->why) == 0;
}

/* inih cuts a line that its buffer cannot hold in two and says nothing: such a line is refused.
 */
struct lines {
	struct span rest;
	int count, too_long; /* too_long: number of the first such line, 0 for none */
};

static char *next_line(char *out, int cap, void *stream)
{
	struct lines *l = stream;
	struct span line;

	if (l->rest.n == 0 || !span_cut(&l->rest, '\n', &line))
		return NULL;
	l->count++;
	if (line.n + 2 > (size_t)cap) {
		if (!l->too_long)
			l->too_long = l->count;
		line = SPAN_LIT("");
	}
	if (line.n)
		memcpy(out, line.p, line.n);
	out[line.n] = '\n';
	out[line.n + 1] = '\0';
	return out;
}

static int parse_file(struct file *f, struct span text, struct err *e)
{
	struct lines l = {.rest = text};
	const char *why = "not of the form name = value";
	int line;

	if (span_find_byte(text, '\0') >= 0)
		return err_fail(e, ERR_INVALID, "%s: holds a NUL byte", base_name(f->path));
	line = ini_parse_stream(next_line, &l, file_line, f);
	if (line < 0)
		return err_fail(e, ERR_INTERNAL, "%s: cannot be parsed", base_name(f->path));
	if (l.too_long && (line == 0 || l.too_long < line)) {
		line = l.too_long;
		why = "the line is too long; use the environment for such a value";
	} else if (f->why.kind != ERR_NONE) {
		why = f->why.text;
	}
	return line == 0 ? 0
			 : err_fail(e, ERR_INVALID, "%s:%d: %s", base_name(f->path), line, why);
}

static int read_file(struct cfg *c, const char *config, struct err *e)
{
	struct file f = {.c = c, .is_default = !config};
	struct span text;

	f.path = config ? config
			: arena_printf(c->arena, "%s/.maxiofs/maxiofs.conf", c->data_dir);
	if (fio_read_file(AT_FDCWD, f.path, FILE_MAX, c->arena, &text, e) < 0)
		return f.is_default && e->kind == ERR_NOT_FOUND ? 0 : -1;
	return parse_file(&f, text, e);
}

/* ---- all of it
 * ------------------------------------------------------------------------------------------ */

static int load(struct cfg *c, int argc, char **argv, char **env, int *rest_r, struct err *e)
{
	struct flags f = {.rest = 1};

	for (size_t i = 0; i < ROWS; i++)
		if (set(c, &rows[i], span_str(rows[i].def), FROM_DEFAULT, "default: ", e) < 0)
			return -1;
	if (read_flags(c, argc, argv, &f, e) < 0 || read_environment(c, env, &f, e) < 0 ||
		read_file(c, f.config, e) < 0)
		return -1;
	*rest_r = f.rest;
	return 0;
}

int cfg_load(struct cfg *c, int argc, char **argv, char **env, int *rest_r, struct err *e)
{
	struct err own = {0};
	int rc;

	memset(c, 0, sizeof(*c));
	c->arena = arena_new();
	c->origins = arena_new_of(c->arena, struct origins);
	rc = load(c, argc, argv, env, rest_r, e ? e : &own);
	if (rc < 0)
		cfg_fini(c);
	return rc;
}

void cfg_fini(struct cfg *c)
{
	arena_free(c->arena);
	memset(c, 0, sizeof(*c));
}

const char *cfg_origin(const struct cfg *c, const char *name)
{
	const struct row *r = find_row(span_str(name));

	return r ? origin_names[origins(c)->of[r - rows]] : NULL;
}

/* ---- the table at run time
 * -------------------------------------------------------------------------------- */

#define RANGE_2(min, max) #min " to " #max
const struct cfg_row *cfg_rows(size_t *n_r)
{
	static const struct cfg_row shown[] = {
#define CFG_STR(name, def, check, help) {#name, "string", def, "", "", help},
#define CFG_INT(name, def, min, max, unit, help) \
	{#name, "integer", #def, RANGE_2(min, max), unit, help},
#define CFG_BOOL(name, def, help) {#name, "boolean", #def, "", "", help},
#define CFG_ENUM(name, def, words, help) {#name, "word", def, words, "", help},
#include "cfg/settings.def"
#undef CFG_STR
#undef CFG_INT
#undef CFG_BOOL
#undef CFG_ENUM
	};

	*n_r = ROWS;
	return shown;
}

const char *cfg_value(const struct cfg *c, const char *name, struct arena *a)
{
	const struct row *r = find_row(span_str(name));
	const char *at;

	if (!r)
		return NULL;
	at = (const char *)c + r->offset;
	switch (r->type) {
	case ROW_INT:
		return arena_printf(a, "%lld", (long long)*(const int64_t *)at);
	case ROW_BOOL:
		return *(const bool *)at ? "true" : "false";
	case ROW_STR:
	case ROW_ENUM:
		break;
	}
	return *(const char *const *)at;
}

bool cfg_is_secret(const char *name)
{
	const struct row *r = find_row(span_str(name));

	return r && r->type == ROW_STR && strcmp(r->words, "secret") == 0;
}

void cfg_manual(struct buf *out)
{
	size_t n;
	const struct cfg_row *r = cfg_rows(&n);

	buf_add_str(out,
		"# Settings\n\nEach setting may be given as a flag (`--log-level=debug`), in the "
		"environment (`MAXIOFS_LOG_LEVEL=debug`),\nor in a file (`log_level = debug`): "
		"`{data_dir}/.maxiofs/maxiofs.conf`, or the one that `--config` or\n`MAXIOFS_CONFIG` names, "
		"which alone may say `data_dir`. The first of these that names it wins. What is\nunknown or "
		"wrong is refused at start, with its place; `maxiofs config check` checks, `maxiofs config "
		"show`\ntells each value and where it came from.\n\n"
		"A line of the file is `name = value`. What follows a `#` or `;` at the start of a line is a "
		"comment, and so is\nwhat follows a blank and a `;`. There are no sections and no quotes.\n\n"
		"| Setting | Type | Default | Range | Meaning |\n|---|---|---|---|---|\n");
	for (size_t i = 0; i < n; i++) {
		buf_printf(out, "| `%s` | %s | %s%s%s | ", r[i].name, r[i].type,
			*r[i].def ? "`" : "", r[i].def, *r[i].def ? "`" : "");
		for (const char *p = r[i].range; *p; p++) {
			if (*p == '|')
				buf_add_str(out, ", ");
			else
				buf_add_char(out, *p);
		}
		buf_printf(out, "%s%s | %s |\n", *r[i].unit ? " " : "", r[i].unit, r[i].help);
	}
}
