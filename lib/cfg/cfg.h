/* SPDX-License-Identifier: MIT */
/*
 * Settings. One row each in settings.def makes the struct member, the checks, the environment name
 * MAXIOFS_<NAME>, the flag --<name-with-dashes>, the file key and the text of the manual.
 * Precedence: flag, environment, file ({data_dir}/.maxiofs/maxiofs.conf or --config), default.
 */
#ifndef MX_CFG_CFG_H
#define MX_CFG_CFG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"

struct origins;

/* Types: STR (arena-owned, may be ""), INT (int64_t with range), BOOL, ENUM (a word of a list). */
struct cfg {
#define CFG_STR(name, def, check, help) const char *name;
#define CFG_INT(name, def, min, max, unit, help) int64_t name;
#define CFG_BOOL(name, def, help) bool name;
#define CFG_ENUM(name, def, words, help) const char *name;
#include "cfg/settings.def"
#undef CFG_STR
#undef CFG_INT
#undef CFG_BOOL
#undef CFG_ENUM
	struct arena *arena; /* owns the strings */
	struct origins *origins; /* where each value came from */
};

/*
 * Loads from all sources. argc/argv: `--name=value`, `--name value`, for BOOL also `--name` and
 * `--no-name`; parsing stops at the first argument that is no flag of the table, whose index goes to
 * *rest_r (a caller with flags of its own removes them first). env: as environ, only MAXIOFS_*
 * names are looked at and an unknown one is refused, except MAXIOFS_ADMIN_PASSWORD and MAXIOFS_TEST_*.
 * err: ERR_INVALID with source, line and reason: "maxiofs.conf:7: s3_threads: must be 1 to 256".
 */
int cfg_load(struct cfg *c, int argc, char **argv, char **env, int *rest_r, struct err *e) MX_MUST_CHECK;
void cfg_fini(struct cfg *c);
/* Where a setting's value came from: "flag", "environment", "file", "default"; NULL if no such name. */
const char *cfg_origin(const struct cfg *c, const char *name);

/* One row at run time, for `config show`, --help and the manual. */
struct cfg_row {
	const char *name, *type, *def, *range, *unit, *help;
};
const struct cfg_row *cfg_rows(size_t *n_r);
/* The current value as text, into the arena. */
const char *cfg_value(const struct cfg *c, const char *name, struct arena *a);
/* Is its value one to keep to oneself? */
bool cfg_is_secret(const char *name);
/* The settings page of the manual, Markdown. */
void cfg_manual(struct buf *out);

#endif
