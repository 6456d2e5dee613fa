/* SPDX-License-Identifier: MIT */
/* The S3 protocol: an app over a svc. */
#ifndef MX_S3_S3_H
#define MX_S3_S3_H

#include "http/http.h"
#include "svc/svc.h"

/* svc is not owned. */
struct http_app *s3_app_new(struct svc *svc);
void s3_app_free(struct http_app *app);
/* Label values of the request metrics: rows of the operation and error tables. */
const struct metrics_labels *s3_metrics_labels(void);
/* The operations page of the manual, Markdown, from the table. */
void s3_operations_manual(struct buf *out);

#endif
