/* SPDX-License-Identifier: MIT */
#include "s3/s3.h"

#include "fcgi/responder.h"

static const char *listen_setting(const struct cfg *c)
{
	return c->s3_listen;
}

int main(int argc, char **argv)
{
	static const struct responder responder = {
		.name = "s3.fcgi",
		.app_new = s3_app_new,
		.app_free = s3_app_free,
		.labels = s3_metrics_labels,
		.listen = listen_setting,
		.background = true,
	};

	return responder_main(&responder, argc, argv);
}
