/* SPDX-License-Identifier: MIT */
/* Plain CGI (RFC 3875): one request, this process, standard input and output. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fcgi/exchange.h"
#include "fcgi/serve.h"

struct cgi {
	struct exchange x; /* first */
	int in_fd;
};

bool cgi_is_request(char **env)
{
	const char *gateway = params_get(env, "GATEWAY_INTERFACE");

	return gateway && strncmp(gateway, "CGI/", 4) == 0 && params_get(env, "REQUEST_METHOD");
}

/* Never past Content-Length: nobody promises an end of file there (RFC 3875 section 4.2). */
static size_t pull(struct input *in, void *p, size_t n)
{
	struct cgi *c = (struct cgi *)((char *)in - offsetof(struct cgi, x.in));
	size_t got = 0;

	if (in->length >= 0 ? in->got >= (uint64_t)in->length : !in->unbounded) {
		in->ended = true;
		return 0;
	}
	while (got < n) {
		ssize_t r = read(c->in_fd, (char *)p + got, n - got);

		if (r < 0 && errno == EINTR)
			continue;
		in->broken = in->broken || r < 0;
		in->ended = in->ended || r == 0;
		if (r <= 0)
			break;
		got += (size_t)r;
	}
	return got;
}

int cgi_serve(struct http_app *app, char **env, int in_fd, int out_fd, struct err *e)
{
	struct cgi c = {.in_fd = in_fd};
	unsigned char *buf = malloc(OUTPUT_BUF_BYTES);
	struct arena *a = arena_new();
	int rc;

	if (!buf)
		return err_fail(e, ERR_INTERNAL, "out of memory");
	input_init(&c.x.in, pull, NULL, -1);
	output_init(&c.x.out, out_fd, buf);
	exchange_run(&c.x, env, a, app);
	rc = output_end(&c.x.out, false, e);
	arena_free(a);
	free(buf);
	return rc;
}
