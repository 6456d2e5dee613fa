/* SPDX-License-Identifier: MIT */
/* Inside lib/console: the app, one call of it, and the route table. */
#ifndef MX_CONSOLE_APP_H
#define MX_CONSOLE_APP_H

#include "auth/token.h"
#include "codec/json.h"
#include "codec/uri.h"
#include "console/console.h"
#include "console/problem.h"
#include "console/throttle.h"

enum {
	CONSOLE_MAX_BODY = 64 * 1024,
	CONSOLE_MAX_ANSWER = 4 * 1024 * 1024,
	CONSOLE_MAX_TOKEN = 4096,
	CONSOLE_PAGE_DEFAULT = 100,
	CONSOLE_PAGE_MAX = 1000
};

struct console {
	struct http_app app; /* first */
	struct svc *svc;
	struct throttle *throttle;
	unsigned char token_key[32];
	unsigned char cursor_key[32];
};

struct console_route;

/* One request on its way through the stages; lives on the stack of serve. */
struct console_call {
	struct console *con;
	struct http_req *r;
	struct arena *arena;
	const struct console_route *route; /* NULL: none matched */
	const struct json *in;             /* the body; NULL for routes without one */
	struct uri_param *params;
	size_t param_count;

	/* who; filled by the authentication or by login */
	bool authenticated;
	struct meta_user user;
	struct meta_tenant tenant; /* id 0 for a user of the global namespace */
	struct caller caller;
	struct token_claims claims;

	/* answer */
	struct jsonw json;
	const char *bad_field; /* of PROBLEM_INVALID_PARAMETER: "/password"; NULL: none */
	const char *bad_why;   /* its message; static */
	const char *allow;     /* of PROBLEM_METHOD_NOT_ALLOWED */
	unsigned retry_after_s;
	struct err cause; /* kind ERR_NONE: nothing to log */
};

/* Writes members of the answer's object to c->json and returns PROBLEM_OK, or says what was
 * wrong. */
typedef enum problem console_handler(struct console_call *c);

enum console_access { CONSOLE_PUBLIC, CONSOLE_SIGNED_IN };

struct console_route {
	const char *name; /* label of metrics and log */
	const char *method;
	const char *path;
	enum console_access access;
	enum authz_action action; /* of CONSOLE_SIGNED_IN */
	bool has_body;
	int status; /* of success; 204 sends no body */
	console_handler *run;
};

const struct console_route *console_routes(size_t *n_r);
/* NULL: no row; then *allow_r says which methods the path has (arena, "" when it is unknown).
 */
const struct console_route *console_route_find(
	struct span method, struct span path, struct arena *a, const char **allow_r);

/* body.c: reads the body into c->in. */
enum problem console_body_read(struct console_call *c);
/* A member of the body as text of at most max bytes. Absent or null: the absent span, which is
 * fine unless required. Sets bad_field. pointer is "/" and the member's name. */
enum problem console_body_text(struct console_call *c, const char *pointer, bool required,
	size_t max, struct span *out_r);
enum problem console_bad_field(struct console_call *c, const char *pointer, const char *why);
/* The first query parameter of that name; absent if none. */
struct span console_param(const struct console_call *c, const char *name);

/* session.c: who calls; voids sessions that were revoked or whose user may no longer act. */
enum problem console_authenticate(struct console_call *c);
/* Loads c->tenant and c->caller of c->user, and says whether user and tenant are active. */
int console_load_user(struct console_call *c, bool *active_r, struct err *e) MX_MUST_CHECK;
console_handler console_login, console_refresh, console_logout;

/* me.c */
console_handler console_me;
/* Members "user" and "tenant". */
void console_write_identity(struct console_call *c);

/* buckets.c */
console_handler console_buckets;

/* cursor.c: an opaque text that holds `after`, valid for this `scope` only. */
const char *console_cursor_make(
	const struct console *con, struct arena *a, struct span scope, struct span after);
bool console_cursor_read(const struct console *con, struct arena *a, struct span scope,
	struct span cursor, struct span *after_r);

/* Keeps *e for the log and gives its row. */
enum problem console_failed(struct console_call *c, const struct err *e);

#endif
