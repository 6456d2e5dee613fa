/* SPDX-License-Identifier: MIT */
/*
 * A call: what the `run` of an operation sees. Who calls, which bucket and key, and where to
 * put a failure; no HTTP and no XML.
 */
#ifndef MX_S3_CALL_H
#define MX_S3_CALL_H

#include "s3/error.h"
#include "svc/svc.h"

struct s3_op;

enum { S3_FAILURE_EXTRAS = 8 };

/* Why a request is refused. Strings are static or live in the arena. */
struct s3_failure {
	enum s3_code code;   /* S3_OK: nothing failed */
	const char *message; /* NULL: the table's */
	struct {
		const char *name; /* an element of the error's XML */
		struct span value;
	} extra[S3_FAILURE_EXTRAS];
	unsigned extra_count;
	const struct meta_object *marker; /* the delete marker that was met; NULL: none */
	struct err cause; /* for the log; kind ERR_NONE when there is nothing to tell */
};

struct s3_call {
	struct svc *svc;
	struct arena *arena;
	int64_t now_us;
	const struct s3_op *op;
	struct caller caller;
	const struct svc_principal *principal; /* NULL: anonymous */
	struct span bucket_name, key;          /* as named by the request; empty if not */
	const struct version_id *version;      /* named by the request; NULL: none */
	struct span explicit_name;             /* the bucket's, with its namespace where the host says so */
	const struct version_id *source_version; /* of what is copied; NULL: not to be told */
	struct meta_bucket bucket;             /* loaded, unless the operation has none */
	struct span payer;                     /* x-amz-request-payer; absent: not said */
	bool charged;                          /* for a bucket whose users pay */
	struct s3_failure fail;
	/* To be called now and then by what takes long; fails when nobody waits any more. */
	int (*keep_waiting)(void *call, struct err *e);
};

/* May the caller do this, too, with the bucket? For what a request asks beside its operation. */
bool s3_may(const struct s3_call *c, enum authz_action action);

/* All return -1, so that callers write `return s3_fail(...)`. message NULL: the table's. */
int s3_fail(struct s3_call *c, enum s3_code code, const char *message);
/* InvalidArgument, with ArgumentName and ArgumentValue. */
int s3_fail_argument(
	struct s3_call *c, const char *name, struct span value, const char *message);
int s3_fail_err(struct s3_call *c, const struct err *e);
/* The same of another bucket and key than the request's. */
struct s3_place {
	struct span bucket, key;
};
int s3_fail_at(struct s3_call *c, enum s3_code code, const struct s3_place *at);
int s3_fail_err_at(struct s3_call *c, const struct err *e, const struct s3_place *at);
/* May the caller use b, if its users pay? Then he is charged. Fails with AccessDenied. */
int s3_check_payer(struct s3_call *c, const struct meta_bucket *b) MX_MUST_CHECK;
/* Adds an element to the error's XML. */
void s3_fail_add(struct s3_call *c, const char *name, struct span value);

/* Canonical id and display name of a user; the last one asked is remembered in *memo. */
struct s3_owner {
	int64_t user_id;
	const char *id, *name; /* arena */
};
int s3_owner_get(struct s3_call *c, int64_t user_id, struct s3_owner *memo) MX_MUST_CHECK;

#endif
