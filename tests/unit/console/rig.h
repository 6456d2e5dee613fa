/* SPDX-License-Identifier: MIT */
/* A console app over a svc in memory, and a client that sends JSON to it. */
#ifndef MX_TESTS_CONSOLE_RIG_H
#define MX_TESTS_CONSOLE_RIG_H

#include "tests/unit/testing.h"

#include "codec/json.h"
#include "console/console.h"
#include "http/double.h"

enum { RIG_SESSION_S = 3600 };
#define RIG_PASSWORD "correct horse battery"
#define RIG_SECOND_US ((int64_t)1000000)

struct rig {
	struct cfg cfg;
	struct clock clock;
	struct metrics *metrics;
	struct meta *meta; /* the fault wrapper */
	struct svc *svc;
	struct http_app *app;
	struct arena *a;
	struct meta_user root; /* global admin "root" */
	struct meta_user boss; /* tenant admin of acme */
	struct meta_user ann;  /* user of acme */
	struct meta_user bob;  /* user of globex */
	struct meta_tenant acme, globex;
	struct err e;

	/* the last call */
	struct http_double d;
	bool called;
	const char *token;         /* sent with each call; NULL: none */
	const char *remote;        /* NULL: 127.0.0.1 */
	const char *content_type;  /* NULL: application/json */
	const struct json *answer; /* NULL when it is no JSON object */
};

void rig_open(struct rig *r);
void rig_close(struct rig *r);
/* body NULL: none. Gives the status. */
int rig_call(struct rig *r, const char *method, const char *target, const char *body);
/* Prepares r->d for a test that sets more of the request; rig_run then sends it. */
void rig_prepare(struct rig *r, const char *method, const char *target, const char *body);
int rig_run(struct rig *r);
/* Logs in and keeps the token. */
int rig_login(struct rig *r, const char *tenant, const char *user, const char *password);
struct span rig_text(const struct json *object, const char *name);
int64_t rig_number(const struct json *object, const char *name);
void rig_advance(struct rig *r, int64_t seconds);
struct meta_bucket rig_bucket(struct rig *r, const struct meta_user *owner, const char *name);

#define assert_ok(rig, call) \
	do { \
		if ((call) < 0) \
			fail_msg("%s: %s", #call, (rig)->e.text); \
	} while (0)
#define assert_code(rig, code) assert_span_eq(rig_text((rig)->answer, "code"), code)

#endif
