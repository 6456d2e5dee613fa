/* SPDX-License-Identifier: MIT */
/* config, version, gc, scan, recount. */
#include "config.h"

#include "codec/digest.h"
#include "tools/tool.h"

int config_show(struct tool *t, struct err *e)
{
	size_t n;
	const struct cfg_row *rows = cfg_rows(&n);

	(void)e;
	printer_list(&t->out);
	for (size_t i = 0; i < n; i++) {
		const char *value = cfg_value(&t->cfg, rows[i].name, t->arena);

		printer_record(&t->out);
		printer_str(&t->out, "name", rows[i].name);
		printer_str(&t->out, "value",
			*value && cfg_is_secret(rows[i].name) ? "(set)" : value);
		printer_str(&t->out, "origin", cfg_origin(&t->cfg, rows[i].name));
		printer_str(&t->out, "unit", rows[i].unit ? rows[i].unit : "");
		printer_end_record(&t->out);
	}
	return 0;
}

/* Loading is the check. */
int config_check(struct tool *t, struct err *e)
{
	(void)e;
	printer_record(&t->out);
	printer_str(&t->out, "config", "ok");
	printer_end_record(&t->out);
	return 0;
}

int version_show(struct tool *t, struct err *e)
{
	(void)e;
	printer_record(&t->out);
	printer_str(&t->out, "name", PACKAGE_NAME);
	printer_str(&t->out, "version", PACKAGE_VERSION);
	printer_str(&t->out, "build", BUILD_SUMMARY);
	printer_str(&t->out, "crc64nvme", digest_crc64nvme_impl());
	printer_end_record(&t->out);
	return 0;
}

int gc_run(struct tool *t, struct err *e)
{
	uint64_t removed;
	int rc = svc_gc_run(t->svc, &removed, e);

	printer_record(&t->out);
	printer_u64(&t->out, "removed", removed);
	printer_end_record(&t->out);
	return rc;
}

int scan_run(struct tool *t, struct err *e)
{
	uint64_t seen, removed;
	int rc = svc_orphan_scan(t->svc, &seen, &removed, e);

	printer_record(&t->out);
	printer_u64(&t->out, "seen", seen);
	printer_u64(&t->out, "removed", removed);
	printer_end_record(&t->out);
	return rc;
}

int recount_run(struct tool *t, struct err *e)
{
	struct meta *m = svc_meta(t->svc);
	bool repair = tool_option(t, "--dry-run") == NULL;
	uint64_t wrong;

	if (m->ops->recount(m, repair, &wrong, e) < 0)
		return -1;
	printer_record(&t->out);
	printer_u64(&t->out, "wrong", wrong);
	printer_u64(&t->out, "repaired", repair ? wrong : 0);
	printer_end_record(&t->out);
	return 0;
}
