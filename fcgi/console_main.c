/* SPDX-License-Identifier: MIT */
#include "console/console.h"

#include "fcgi/responder.h"

static const char *listen_setting(const struct cfg *c)
{
	return c->console_listen;
}

int main(int argc, char **argv)
{
	static const struct responder responder = {
		.name = "console.fcgi",
		.app_new = console_app_new,
		.app_free = console_app_free,
		.labels = console_metrics_labels,
		.listen = listen_setting,
		.background = false,
	};

	return responder_main(&responder, argc, argv);
}
