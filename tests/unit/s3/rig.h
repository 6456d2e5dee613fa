/* SPDX-License-Identifier: MIT */
/*
 * The S3 app over drivers in memory, with people to call it: two tenants with a user each (ann
 * of north, ben of south), a second user and the admin of north, and the global admin.
 */
#ifndef MX_TESTS_S3_RIG_H
#define MX_TESTS_S3_RIG_H

#include "auth/sigv4.h"
#include "http/double.h"
#include "s3/error.h"
#include "s3/op.h"
#include "s3/s3.h"
#include "tests/unit/testing.h"

enum who { ROOT, ANN, BEN, CLEO, BOSS, WHO_COUNT, NOBODY };

struct person {
	const char *access_key, *secret;
	struct meta_user user;
	const char *tenant_pub;
};

struct rig {
	struct arena *arena;
	struct cfg cfg;
	struct clock clock;
	struct metrics *metrics;
	struct svc *svc;
	struct http_app *app;
	struct store *store; /* a fault wrapper: of the svc */
	struct meta *meta;   /* the same */
	int log_fd;          /* nowhere */
	struct person people[WHO_COUNT];
};

/* As cmocka's setup and teardown of a group or a test; *state is the rig. */
int rig_setup(void **state);
int rig_teardown(void **state);

/* One request. Filled by the ask_* functions, sent by ask_send, ended by ask_end. */
struct ask {
	struct rig *rig;
	struct http_double d;
	enum who who;
	struct span access_key, secret; /* absent: of who */
	struct span body;
	const char *sha256; /* x-amz-content-sha256; NULL: the true hash */
	const char *region; /* of the signature; NULL: the right one */
	int64_t skew_us;    /* of x-amz-date */
	bool chunked;       /* no Content-Length */
	bool no_length;
	const char *host; /* NULL: localhost */
	bool finished;
};
void ask_begin(
	struct ask *q, struct rig *r, enum who who, const char *method, const char *target);
void ask_header(struct ask *q, const char *name, const char *value);
void ask_body(struct ask *q, const char *text);
void ask_send(struct ask *q);
void ask_end(struct ask *q);
/* Status and error code ("" for none); the double's answer must be whole. */
const char *ask_code(struct ask *q);
#define ask_expect(q, want_status, want_code) \
	do { \
		ask_send(q); \
		if ((q)->d.status != (want_status) || strcmp(ask_code(q), (want_code)) != 0) \
			fail_msg("%.*s %.*s: %d %s, not %d %s: %.*s", \
				SPAN_FMT((q)->d.req.method), SPAN_FMT((q)->d.req.uri), \
				(q)->d.status, ask_code(q), want_status, want_code, \
				(int)(q)->d.out.n, (q)->d.out.p ? (q)->d.out.p : ""); \
	} while (0)

/* The whole thing in one call, without headers; body may be NULL. */
#define rig_expect(r, who, method, target, body, status, code) \
	do { \
		struct ask q_; \
		ask_begin(&q_, r, who, method, target); \
		ask_body(&q_, body); \
		ask_expect(&q_, status, code); \
		ask_end(&q_); \
	} while (0)

/* A table of requests and their answers. headers: "name: value" lines separated by '\n', or
 * NULL. */
struct rig_row {
	enum who who;
	const char *method, *target, *headers, *body;
	int status;
	const char *code;
};
#define rig_table(r, rows) \
	do { \
		for (size_t i_ = 0; i_ < sizeof(rows) / sizeof((rows)[0]); i_++) { \
			struct ask q_; \
			ask_begin_row(&q_, r, &(rows)[i_]); \
			ask_expect(&q_, (rows)[i_].status, (rows)[i_].code); \
			ask_end(&q_); \
		} \
	} while (0)
void ask_begin_row(struct ask *q, struct rig *r, const struct rig_row *row);

struct span ask_response(const struct ask *q);
/* Is the text in the response's body? */
bool ask_has(const struct ask *q, const char *text);
/* The text of the first <name> in the response; arena of the ask. */
struct span ask_element(const struct ask *q, const char *name);
struct span ask_response_header(const struct ask *q, const char *name);

/* aws-chunked: the body encoded for a payload kind, signed with the ask's credential. Call
 * before ask_send and after all headers; spoil names what is made wrong. */
enum spoil {
	SPOIL_NOTHING,
	SPOIL_CHUNK,
	SPOIL_TRAILER_SIGNATURE,
	SPOIL_TRUNCATE,
	SPOIL_TRAILER_NAME
};
struct chunking {
	enum sigv4_payload kind;
	size_t chunk_bytes;
	const char *trailer_name, *trailer_value;
	enum spoil spoil;
};
void ask_chunked(struct ask *q, const struct chunking *how, struct span data);

#endif
