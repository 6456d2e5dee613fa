/* SPDX-License-Identifier: MIT */
#include "tools/serve_options.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/span.h"

static const char *take_listen(struct serve_options *o, const char *value)
{
	struct in_addr address;

	o->listen = value;
	return inet_pton(AF_INET, value, &address) == 1 ? NULL : "must be an IPv4 address";
}

static const char *take_port(int *port_r, const char *value)
{
	uint64_t v;

	if (!span_to_u64(span_str(value), &v) || v > 65535)
		return "must be a port, 0 to 65535";
	*port_r = (int)v;
	return NULL;
}

static const char *take_s3_port(struct serve_options *o, const char *value)
{
	return take_port(&o->s3_port, value);
}

static const char *take_console_port(struct serve_options *o, const char *value)
{
	return take_port(&o->console_port, value);
}

static const char *take_front(struct serve_options *o, const char *value)
{
	o->front = strcmp(value, "apache") == 0 ? FRONT_APACHE : FRONT_NGINX;
	return o->front == FRONT_APACHE || strcmp(value, "nginx") == 0
		? NULL
		: "must be nginx or apache";
}

static const char *take_detach(struct serve_options *o, const char *value)
{
	(void)value;
	o->detach = true;
	return NULL;
}

static const char *take_stop(struct serve_options *o, const char *value)
{
	(void)value;
	o->stop = true;
	return NULL;
}

static const char *take_json(struct serve_options *o, const char *value)
{
	(void)value;
	o->json = true;
	return NULL;
}

const struct tool_option serve_option_rows[] = {
	{"--listen", "ADDR", "address to listen on (default 127.0.0.1)", false},
	{"--s3-port", "N",
		"port of the S3 protocol (default: the setting s3_port; 0: any free one)",
		false},
	{"--console-port", "N", "port of the web console (default 8081; 0: any free one)",
		false},
	{"--front", "NAME", "nginx (default) or apache", false},
	{"--detach", NULL, "go to the background once everything answers", false},
	{"--stop", NULL, "end the group that serves this data directory", false},
	{"--json", NULL, "print endpoints and credentials as one JSON object", false},
	{NULL, NULL, NULL, false},
};

/* NULL, or what the value must be. In the order of serve_option_rows. */
static const char *(*const takes[])(struct serve_options *o, const char *value) = {take_listen,
	take_s3_port, take_console_port, take_front, take_detach, take_stop, take_json};

static const struct tool_option *find_row(const char *arg)
{
	size_t n = strcspn(arg, "=");

	for (const struct tool_option *r = serve_option_rows; r->name; r++)
		if (strlen(r->name) == n && memcmp(r->name, arg, n) == 0)
			return r;
	return NULL;
}

/* argv[*i], which is r's option, and its value, which may be the next argument. */
static int take(struct serve_options *o, const struct tool_option *r, int argc, char **argv,
	int *i, struct err *e)
{
	const char *value = strchr(argv[*i], '='), *wrong;

	if (value && !r->value)
		return err_fail(e, ERR_INVALID, "%s: takes no value", r->name);
	if (value)
		value++;
	else if (r->value && *i + 1 == argc)
		return err_fail(e, ERR_INVALID, "%s: needs a value", r->name);
	else if (r->value)
		value = argv[++*i];
	wrong = takes[r - serve_option_rows](o, value);
	return wrong ? err_fail(e, ERR_INVALID, "%s %s: %s", r->name, value, wrong) : 0;
}

int serve_options_parse(struct serve_options *o, int argc, char **argv, struct err *e)
{
	*o = (struct serve_options){
		.listen = "127.0.0.1", .s3_port = SERVE_PORT_SETTING, .console_port = 8081};
	o->settings = calloc((size_t)argc + 1, sizeof(char *));
	if (!o->settings)
		log_die("out of memory");
	o->settings[o->setting_count++] = argv[0];
	for (int i = 1; i < argc; i++) {
		const struct tool_option *r = find_row(argv[i]);

		if (!r)
			o->settings[o->setting_count++] = argv[i];
		else if (take(o, r, argc, argv, &i, e) < 0)
			return -1;
	}
	if (o->detach && o->stop)
		return err_fail(e, ERR_INVALID, "--detach and --stop exclude each other");
	return 0;
}

void serve_options_fini(struct serve_options *o)
{
	free(o->settings);
}
