/* SPDX-License-Identifier: MIT */
#include "tests/unit/console/rig.h"

#include <stdlib.h>
#include <unistd.h>

#include "auth/token.h"
#include "base/log.h"
#include "console/app.h"

static void login_gives_a_token_that_opens_me(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r);
	assert_int_equal(rig_login(&r, NULL, "root", RIG_PASSWORD), 200);
	assert_span_eq(rig_text(json_get(r.answer, "user"), "role"), "globalAdmin");
	assert_true(json_is_null(json_get(r.answer, "tenant")));
	assert_true(rig_text(r.answer, "expiresAt").n > 0);
	assert_true(r.d.entered_transfer);
	assert_span_eq(http_double_get(&r.d, "Cache-Control"), "no-store");
	assert_int_equal(rig_call(&r, "GET", "/api/v1/me", NULL), 200);
	assert_span_eq(rig_text(json_get(r.answer, "user"), "name"), "root");
	assert_span_eq(rig_text(r.answer, "s3Url"), "http://console.test:8080");
	assert_int_equal(json_len(json_get(r.answer, "capabilities")), 2);
	assert_int_equal(
		rig_number(json_get(r.answer, "limits"), "sessionSeconds"), RIG_SESSION_S);
	rig_close(&r);
}

static void a_tenants_user_logs_in_with_its_name_or_id(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r);
	assert_int_equal(rig_login(&r, "acme", "ann", RIG_PASSWORD), 200);
	assert_span_eq(rig_text(json_get(r.answer, "tenant"), "id"), r.acme.pub);
	assert_int_equal(rig_login(&r, r.acme.pub, "ann", RIG_PASSWORD), 200);
	assert_int_equal(rig_login(&r, "globex", "ann", RIG_PASSWORD), 401);
	assert_int_equal(rig_login(&r, NULL, "ann", RIG_PASSWORD), 401);
	assert_int_equal(rig_login(&r, "", "root", RIG_PASSWORD), 200);
	rig_close(&r);
}

/* The answer without what names the request. */
static char *anonymous_answer(struct rig *r)
{
	char *text = arena_strndup(r->a, buf_span(&r->d.out));
	struct span id = rig_text(r->answer, "requestId");
	char *at = id.n ? strstr(text, arena_strndup(r->a, id)) : NULL;

	assert_non_null(at);
	memset(at, 'x', id.n);
	return text;
}

static void refused_logins_look_alike(void **state)
{
	struct meta_user suspended;
	struct rig r;
	char *wrong, *unknown, *barred;

	(void)state;
	rig_open(&r);
	suspended = r.ann;
	suspended.status = META_SUSPENDED;
	assert_ok(&r, r.meta->ops->user_update(r.meta, &suspended, META_SET_STATUS, &r.e));
	assert_int_equal(rig_login(&r, NULL, "root", "not it at all"), 401);
	assert_span_eq(http_double_get(&r.d, "WWW-Authenticate"), "Bearer");
	assert_code(&r, "InvalidCredentials");
	wrong = anonymous_answer(&r);
	assert_int_equal(rig_login(&r, NULL, "nobody", "not it at all"), 401);
	unknown = anonymous_answer(&r);
	assert_int_equal(rig_login(&r, "acme", "ann", RIG_PASSWORD), 401);
	barred = anonymous_answer(&r);
	assert_string_equal(wrong, unknown);
	assert_string_equal(wrong, barred);
	assert_int_equal(rig_login(&r, "no such tenant", "../..", "\x01"), 401);
	rig_close(&r);
}

static void logout_ends_every_token_of_the_session(void **state)
{
	struct rig r;
	const char *first, *second, *other;

	(void)state;
	rig_open(&r);
	assert_int_equal(rig_login(&r, NULL, "root", RIG_PASSWORD), 200);
	other = r.token;
	assert_int_equal(rig_login(&r, NULL, "root", RIG_PASSWORD), 200);
	first = r.token;
	rig_advance(&r, 60);
	assert_int_equal(rig_call(&r, "POST", "/api/v1/auth/refresh", NULL), 200);
	second = arena_strndup(r.a, rig_text(r.answer, "token"));
	assert_string_not_equal(first, second);
	assert_int_equal(rig_call(&r, "POST", "/api/v1/auth/logout", NULL), 204);
	assert_int_equal(r.d.out.n, 0);
	assert_int_equal(rig_call(&r, "GET", "/api/v1/me", NULL), 401);
	assert_code(&r, "SessionEnded");
	r.token = second;
	assert_int_equal(rig_call(&r, "GET", "/api/v1/me", NULL), 401);
	assert_int_equal(rig_call(&r, "POST", "/api/v1/auth/refresh", NULL), 401);
	r.token = other;
	assert_int_equal(rig_call(&r, "GET", "/api/v1/me", NULL), 200);
	rig_close(&r);
}

static void a_session_ends_by_time_and_a_refreshed_one_lives_on(void **state)
{
	struct rig r;
	const char *old;

	(void)state;
	rig_open(&r);
	assert_int_equal(rig_login(&r, NULL, "root", RIG_PASSWORD), 200);
	old = r.token;
	rig_advance(&r, RIG_SESSION_S - 10);
	assert_int_equal(rig_call(&r, "POST", "/api/v1/auth/refresh", NULL), 200);
	r.token = arena_strndup(r.a, rig_text(r.answer, "token"));
	rig_advance(&r, 20);
	assert_int_equal(rig_call(&r, "GET", "/api/v1/me", NULL), 200);
	r.token = old;
	assert_int_equal(rig_call(&r, "GET", "/api/v1/me", NULL), 401);
	rig_close(&r);
}

static void who_may_no_longer_act_has_no_session(void **state)
{
	struct meta_user u;
	struct meta_tenant t;
	struct rig r;

	(void)state;
	rig_open(&r);
	assert_int_equal(rig_login(&r, "acme", "ann", RIG_PASSWORD), 200);
	assert_int_equal(rig_call(&r, "GET", "/api/v1/me", NULL), 200);

	t = r.acme;
	t.status = META_SUSPENDED;
	assert_ok(&r, r.meta->ops->tenant_update(r.meta, &t, META_SET_STATUS, &r.e));
	assert_int_equal(rig_call(&r, "GET", "/api/v1/me", NULL), 401);
	assert_ok(&r, r.meta->ops->tenant_update(r.meta, &r.acme, META_SET_STATUS, &r.e));
	assert_int_equal(rig_call(&r, "GET", "/api/v1/me", NULL), 200);

	assert_ok(&r, r.meta->ops->user_get(r.meta, r.ann.id, r.a, &u, &r.e));
	u.status = META_SUSPENDED;
	assert_ok(&r, r.meta->ops->user_update(r.meta, &u, META_SET_STATUS, &r.e));
	assert_int_equal(rig_call(&r, "GET", "/api/v1/me", NULL), 401);
	u.status = META_ACTIVE;
	assert_ok(&r, r.meta->ops->user_update(r.meta, &u, META_SET_STATUS, &r.e));
	assert_int_equal(rig_call(&r, "GET", "/api/v1/me", NULL), 401);
	assert_int_equal(rig_login(&r, "acme", "ann", RIG_PASSWORD), 200);
	assert_int_equal(rig_call(&r, "GET", "/api/v1/me", NULL), 200);

	assert_ok(&r, r.meta->ops->user_delete(r.meta, r.ann.id, &r.e));
	assert_int_equal(rig_call(&r, "GET", "/api/v1/me", NULL), 401);
	rig_close(&r);
}

static void a_changed_password_voids_the_sessions_before_it(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r);
	assert_int_equal(rig_login(&r, NULL, "root", RIG_PASSWORD), 200);
	rig_advance(&r, 1);
	assert_ok(&r,
		svc_user_set_password(
			r.svc, r.root.id, SPAN_LIT("another one entirely"), r.a, &r.e));
	assert_int_equal(rig_call(&r, "GET", "/api/v1/me", NULL), 401);
	assert_int_equal(rig_login(&r, NULL, "root", RIG_PASSWORD), 401);
	assert_int_equal(rig_login(&r, NULL, "root", "another one entirely"), 200);
	assert_int_equal(rig_call(&r, "GET", "/api/v1/me", NULL), 200);
	rig_close(&r);
}

/* At the same microsecond, too: what counts is the state that was judged, not the time. */
static void a_session_of_another_role_or_password_is_void_at_once(void **state)
{
	struct meta_user u;
	struct rig r;

	(void)state;
	rig_open(&r);
	assert_int_equal(rig_login(&r, "acme", "ann", RIG_PASSWORD), 200);
	u = r.ann;
	u.email = "ann@example.org";
	assert_ok(&r, r.meta->ops->user_update(r.meta, &u, META_SET_EMAIL, &r.e));
	assert_int_equal(rig_call(&r, "GET", "/api/v1/me", NULL), 200);
	u.role = META_ROLE_TENANT_ADMIN;
	assert_ok(&r, r.meta->ops->user_update(r.meta, &u, META_SET_ROLE, &r.e));
	assert_int_equal(rig_call(&r, "GET", "/api/v1/me", NULL), 401);
	assert_int_equal(rig_login(&r, "acme", "ann", RIG_PASSWORD), 200);
	assert_ok(&r, svc_user_set_password(r.svc, u.id, SPAN_LIT("another one"), r.a, &r.e));
	assert_int_equal(rig_call(&r, "GET", "/api/v1/me", NULL), 401);
	assert_int_equal(rig_call(&r, "POST", "/api/v1/auth/refresh", NULL), 401);
	rig_close(&r);
}

static void forged_tokens_are_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"x",
		"a.b.c",
		/* {"alg":"none"}.{"sub":"1"}. */
		"eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.",
	};
	const unsigned char other_key[32] = {1};
	struct token_claims claims = {.user_id = 1};
	const char *token;
	struct rig r;

	(void)state;
	rig_open(&r);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		r.token = bad[i];
		assert_int_equal(rig_call(&r, "GET", "/api/v1/me", NULL), 401);
	}
	claims.user_id = r.root.id;
	claims.issued_us = clock_now_us(&r.clock);
	claims.expires_us = claims.issued_us + 60 * RIG_SECOND_US;
	assert_ok(&r, token_issue(r.a, other_key, &claims, &token, &r.e));
	r.token = token;
	assert_int_equal(rig_call(&r, "GET", "/api/v1/me", NULL), 401);

	assert_int_equal(rig_login(&r, NULL, "root", RIG_PASSWORD), 200);
	rig_prepare(&r, "GET", "/api/v1/me", NULL);
	http_double_header(&r.d, "Authorization", "Bearer x");
	assert_int_equal(rig_run(&r), 401);
	token = r.token;
	r.token = NULL;
	rig_prepare(&r, "GET", "/api/v1/me", NULL);
	http_double_header(&r.d, "Authorization", arena_printf(r.a, "Basic %s", token));
	assert_int_equal(rig_run(&r), 401);
	assert_int_equal(
		rig_call(&r, "GET", arena_printf(r.a, "/api/v1/me?token=%s", token), NULL),
		401);
	rig_close(&r);
}

static void guessing_is_slowed_for_that_address_and_user_only(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r);
	for (int i = 0; i < 6; i++)
		assert_int_equal(rig_login(&r, NULL, "root", "a wrong guess"), 401);
	assert_int_equal(rig_login(&r, NULL, "root", RIG_PASSWORD), 429);
	assert_code(&r, "TooManyAttempts");
	assert_span_eq(http_double_get(&r.d, "Retry-After"), "1");
	assert_int_equal(rig_login(&r, "acme", "ann", RIG_PASSWORD), 200);
	r.remote = "192.0.2.7";
	assert_int_equal(rig_login(&r, NULL, "root", RIG_PASSWORD), 200);
	r.remote = NULL;
	rig_advance(&r, 1);
	assert_int_equal(rig_login(&r, NULL, "root", RIG_PASSWORD), 200);
	assert_int_equal(rig_login(&r, NULL, "root", "a wrong guess"), 401);
	rig_close(&r);
}

static void who_finds_no_place_has_not_guessed(void **state)
{
	struct throttle *t;
	struct rig r;

	(void)state;
	rig_open(&r);
	t = ((struct console *)r.app)->throttle;
	while (throttle_enter(t, SPAN_LIT("127.0.0.1")))
		;
	for (int i = 0; i < 10; i++)
		assert_int_equal(rig_login(&r, NULL, "root", RIG_PASSWORD), 503);
	assert_code(&r, "Busy");
	assert_span_eq(http_double_get(&r.d, "Retry-After"), "1");
	r.remote = "192.0.2.7";
	assert_int_equal(rig_login(&r, NULL, "root", RIG_PASSWORD), 200);
	r.remote = NULL;
	throttle_leave(t, SPAN_LIT("127.0.0.1"));
	for (int i = 0; i < 3; i++)
		assert_int_equal(rig_login(&r, NULL, "root", RIG_PASSWORD), 200);
	rig_close(&r);
}

static void broken_metadata_is_a_500_and_never_a_login(void **state)
{
	struct rig r;
	unsigned n = 1;
	int status;

	(void)state;
	rig_open(&r);
	for (;; n++) {
		meta_fault_arm(r.meta, n);
		status = rig_login(&r, "acme", "ann", RIG_PASSWORD);
		meta_fault_arm(r.meta, 0);
		if (status == 200)
			break;
		assert_int_equal(status, 500);
		assert_code(&r, "InternalError");
		assert_true(n < 20);
	}
	assert_true(n > 1);
	for (n = 1;; n++) {
		meta_fault_arm(r.meta, n);
		status = rig_call(&r, "GET", "/api/v1/me", NULL);
		meta_fault_arm(r.meta, 0);
		if (status == 200)
			break;
		assert_int_equal(status, 500);
		assert_true(n < 20);
	}
	assert_true(n > 2);
	rig_close(&r);
}

static void the_log_has_a_line_and_no_secret(void **state)
{
	char path[] = "/tmp/mx-console-XXXXXX", text[65536];
	struct rig r;
	ssize_t n;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	unlink(path);
	log_to_fd(fd);
	log_setup(LOG_DEBUG, LOG_JSON, "test");
	rig_open(&r);
	assert_int_equal(rig_login(&r, "acme", "ann", RIG_PASSWORD), 200);
	assert_int_equal(rig_call(&r, "GET", "/api/v1/buckets?cursor=secretish", NULL), 400);
	assert_int_equal(rig_login(&r, "acme", "ann", "not hers"), 401);
	r.token = "a.b.c";
	assert_int_equal(rig_call(&r, "GET", "/api/v1/me", NULL), 401);
	n = pread(fd, text, sizeof(text) - 1, 0);
	log_to_fd(STDERR_FILENO);
	log_setup(LOG_WARN, LOG_TEXT, "test");
	assert_true(n > 0);
	text[n] = '\0';
	assert_non_null(strstr(text, "auth.login"));
	assert_non_null(strstr(text, "buckets.list"));
	assert_non_null(strstr(text, "InvalidCursor"));
	assert_non_null(strstr(text, "wrong password"));
	assert_non_null(strstr(text, "signature or form is wrong"));
	assert_null(strstr(text, "not hers"));
	assert_non_null(strstr(text, r.acme.pub));
	assert_null(strstr(text, RIG_PASSWORD));
	assert_null(strstr(text, r.token));
	assert_null(strstr(text, "secretish"));
	rig_close(&r);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(login_gives_a_token_that_opens_me),
		cmocka_unit_test(a_tenants_user_logs_in_with_its_name_or_id),
		cmocka_unit_test(refused_logins_look_alike),
		cmocka_unit_test(logout_ends_every_token_of_the_session),
		cmocka_unit_test(a_session_ends_by_time_and_a_refreshed_one_lives_on),
		cmocka_unit_test(who_may_no_longer_act_has_no_session),
		cmocka_unit_test(a_changed_password_voids_the_sessions_before_it),
		cmocka_unit_test(a_session_of_another_role_or_password_is_void_at_once),
		cmocka_unit_test(forged_tokens_are_refused),
		cmocka_unit_test(guessing_is_slowed_for_that_address_and_user_only),
		cmocka_unit_test(who_finds_no_place_has_not_guessed),
		cmocka_unit_test(broken_metadata_is_a_500_and_never_a_login),
		cmocka_unit_test(the_log_has_a_line_and_no_secret),
	};

	log_setup(LOG_WARN, LOG_TEXT, "test");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
