/* SPDX-License-Identifier: MIT */
/* The console's REST API below /api/v1: an app over a svc. */
#ifndef MX_CONSOLE_CONSOLE_H
#define MX_CONSOLE_CONSOLE_H

#include "http/http.h"
#include "svc/svc.h"

/* svc is not owned. */
struct http_app *console_app_new(struct svc *svc);
void console_app_free(struct http_app *app);
const struct metrics_labels *console_metrics_labels(void);

#endif
