/* SPDX-License-Identifier: MIT */
/*
 * maxiofs-sign: what verifying one signature costs, in microseconds of CPU, for each kind:
 * parsing what was sent and computing it anew, with the key of the day at hand as the server
 * has it. Also of a signature that is wrong and may be read in more than one way. Prints one
 * JSON object.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "auth/sigv2.h"
#include "auth/sigv4.h"
#include "base/log.h"
#include "codec/timefmt.h"

#define KEY_ID "AKIAIOSFODNN7EXAMPLE"
#define SECRET SPAN_LIT("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
#define DATE "20261123T000000Z"
#define DAY SPAN_LIT("20261123")
#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define TARGET "/photos/2026/11/holidays%20at%20the%20sea/IMG_20261123_101112.jpg"

enum { BATCH = 200, MAX_HEADERS = 16 };

struct bench {
	struct arena *setup, *a; /* a: of one verification */
	struct auth_header h[MAX_HEADERS];
	struct auth_request req;
	int64_t now_us;
	unsigned char key[32];
};

static void add(struct bench *b, const char *name, const char *value)
{
	b->h[b->req.header_count++] = (struct auth_header){span_str(name), span_str(value)};
}

/* What an SDK sends. */
static void begin(struct bench *b, const char *query)
{
	b->req = (struct auth_request){.method = SPAN_LIT("GET"),
		.path = SPAN_LIT(TARGET),
		.query = span_str(query),
		.headers = b->h};
	add(b, "host", "s3.example.com");
}

static void add_unsigned(struct bench *b)
{
	add(b, "accept-encoding", "identity");
	add(b, "user-agent",
		"Boto3/1.44.5 md/Botocore#1.44.5 ua/2.1 os/linux#6.1.0 lang/python#3.11");
	add(b, "amz-sdk-invocation-id", "0f2c1b7e-6f0e-4f57-a9d5-0a4c3a3f3f5f");
	add(b, "amz-sdk-request", "attempt=1");
}

/* ---- the kinds ---- */

static void begin_header_v4(struct bench *b)
{
	begin(b, NULL);
	add(b, "x-amz-content-sha256", EMPTY);
	add(b, "x-amz-date", DATE);
	add(b, "authorization",
		sigv4_sign(b->setup, &b->req, SPAN_LIT(KEY_ID), SECRET, SPAN_LIT("us-east-1")));
	add_unsigned(b);
}

static bool run_header_v4(struct bench *b)
{
	struct sigv4_proof proof;
	struct sigv4 sig;

	return sigv4_parse(b->a, &b->req, "us-east-1", b->now_us, &sig) == SIGV4_OK &&
		sigv4_verify_key(b->a, &b->req, &sig, b->key, &proof) == SIGV4_OK;
}

static void begin_presigned(struct bench *b)
{
	const struct sigv4_grant grant = {.access_key = SPAN_LIT(KEY_ID),
		.secret = SECRET,
		.region = SPAN_LIT("us-east-1"),
		.amz_date = DATE,
		.expires = "3600"};

	begin(b, "response-content-disposition=attachment&x-id=GetObject");
	b->req.query = span_str(sigv4_presign(b->setup, &b->req, &grant));
	add_unsigned(b);
}

static bool run_presigned(struct bench *b)
{
	struct sigv4_proof proof;
	struct sigv4 sig;

	return sigv4_parse_query(b->a, &b->req, "us-east-1", b->now_us, &sig) == SIGV4_OK &&
		sigv4_verify_key(b->a, &b->req, &sig, b->key, &proof) == SIGV4_OK;
}

static void begin_header_v2(struct bench *b)
{
	begin(b, NULL);
	add(b, "content-type", "image/jpeg");
	add(b, "x-amz-date", DATE);
	add(b, "x-amz-meta-camera", "none");
	add(b, "authorization",
		arena_printf(b->setup, "AWS " KEY_ID ":%s",
			sigv2_sign(b->setup, &b->req, SPAN_LIT(""), SPAN_NULL, SECRET)));
	add_unsigned(b);
}

static bool run_header_v2(struct bench *b)
{
	struct sigv2_proof proof;
	struct sigv2 sig;

	return sigv2_parse(&b->req, b->now_us, &sig) == SIGV2_OK &&
		sigv2_verify(b->a, &b->req, &sig, SPAN_NULL, SECRET, &proof) == SIGV2_OK;
}

#define EXPIRES "4102444800"

static void begin_query_v2(struct bench *b)
{
	begin(b, "response-content-disposition=attachment");
	b->req.query = span_str(arena_printf(b->setup,
		"%.*s&AWSAccessKeyId=" KEY_ID "&Expires=" EXPIRES "&Signature=%s",
		SPAN_FMT(b->req.query),
		sigv2_sign(b->setup, &b->req, SPAN_LIT(EXPIRES), SPAN_NULL, SECRET)));
	add_unsigned(b);
}

static bool run_query_v2(struct bench *b)
{
	struct sigv2_proof proof;
	struct sigv2 sig;

	return sigv2_parse_query(b->a, &b->req, b->now_us, &sig) == SIGV2_OK &&
		sigv2_verify(b->a, &b->req, &sig, SPAN_NULL, SECRET, &proof) == SIGV2_OK;
}

/* The most readings that a request can make us try. */
static void begin_worst_v2(struct bench *b)
{
	static const char *const names[] = {
		"x-amz-meta-a-b", "x-amz-meta-c-d", "x-amz-meta-e-f", "x-amz-meta-g-h"};

	begin(b, "acl=&versionId=a+b&retention");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		add(b, names[i], "1");
	add(b, "x-amz-date", DATE);
	add(b, "authorization", "AWS " KEY_ID ":bWq2s1WEIj+Ydj0vQ697zp+IXMU=");
	add_unsigned(b);
}

static bool run_worst_v2(struct bench *b)
{
	struct sigv2_proof proof;
	struct sigv2 sig;

	return sigv2_parse(&b->req, b->now_us, &sig) == SIGV2_OK &&
		sigv2_verify(b->a, &b->req, &sig, SPAN_NULL, SECRET, &proof) == SIGV2_MISMATCH;
}

/* ---- measuring ---- */

static double cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int order(const void *x, const void *y)
{
	const double *a = x, *b = y;

	return (*a > *b) - (*a < *b);
}

/* The median of batches: what else the machine does falls on few of them. */
static double measure(
	struct bench *b, const char *name, bool (*run)(struct bench *b), size_t batches)
{
	double *us = calloc(batches, sizeof(*us)), median;

	if (!us)
		log_die("out of memory");
	for (size_t i = 0; i < batches; i++) {
		double began = cpu_us();

		for (int k = 0; k < BATCH; k++) {
			if (!run(b))
				log_die("%s: the signature is not what it should be", name);
			arena_reset(b->a);
		}
		us[i] = (cpu_us() - began) / BATCH;
	}
	qsort(us, batches, sizeof(*us), order);
	median = us[batches / 2];
	free(us);
	return median;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*begin)(struct bench *b);
		bool (*run)(struct bench *b);
	} kinds[] = {
		{"header_v4_us", begin_header_v4, run_header_v4},
		{"presigned_v4_us", begin_presigned, run_presigned},
		{"header_v2_us", begin_header_v2, run_header_v2},
		{"query_v2_us", begin_query_v2, run_query_v2},
		{"worst_mismatch_v2_us", begin_worst_v2, run_worst_v2},
	};
	struct span asked = argc > 1 ? span_str(argv[1]) : SPAN_LIT("200");
	uint64_t batches;
	struct bench b = {.setup = arena_new(), .a = arena_new()};

	if (!timefmt_parse_amz(SPAN_LIT(DATE), &b.now_us) || !span_to_u64(asked, &batches) ||
		batches < 1 || batches > 100000)
		log_die("usage: maxiofs-sign [BATCHES]");
	sigv4_signing_key(SECRET, DAY, SPAN_LIT("us-east-1"), SPAN_LIT("s3"), b.key);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		kinds[i].begin(&b);
		printf("%s\"%s\": %.2f", i ? ", " : "{", kinds[i].name,
			measure(&b, kinds[i].name, kinds[i].run, batches));
	}
	printf("}\n");
	arena_free(b.a);
	arena_free(b.setup);
	return 0;
}
