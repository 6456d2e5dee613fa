/* SPDX-License-Identifier: MIT */
/*
 * The body of a request: its length, its coding, and what the client claims about it, made into
 * the svc_body that services verify while they read.
 */
#ifndef MX_S3_BODY_H
#define MX_S3_BODY_H

#include "codec/xmlr.h"
#include "s3/req.h"

/* Of what are the x-amz-checksum-* headers? Of CompleteMultipartUpload they are the object's.
 */
enum s3_checksum_of { S3_CHECKSUM_OF_BODY, S3_CHECKSUM_OF_OBJECT };

/* Checks all headers, then, if there is anything to read, moves the request to a transfer
 * thread. */
int s3_body_open(struct s3_req *q, enum s3_checksum_of of, struct svc_body *b) MX_MUST_CHECK;
/* The raw body of a request that holds other things beside the object, of at most slack bytes; the
 * request moves to a transfer thread. */
int s3_body_begin(struct s3_req *q, uint64_t slack, struct source **src_r) MX_MUST_CHECK;
/* What headers claim of b->src, when it is not the body as it was sent: digests and checksum. */
int s3_body_claims(struct s3_req *q, struct svc_body *b) MX_MUST_CHECK;
/* Refuses a document that is not what S3 takes: MalformedXML. */
static inline int s3_fail_xml(struct s3_req *q)
{
	return s3_fail(&q->call, S3_MalformedXML, NULL);
}
/* Reads and verifies an XML body of at most the row's cap. *root_r is NULL for an empty body;
 * else its root element has that name. Fails with MalformedXML. */
int s3_body_xml(struct s3_req *q, enum s3_checksum_of of, const char *root,
	const struct xml_node **root_r) MX_MUST_CHECK;
/* The same of an operation that its document belongs to: an empty body is MalformedXML as well. */
int s3_body_document(
	struct s3_req *q, const char *root, const struct xml_node **root_r) MX_MUST_CHECK;
/* Reads away the body that an operation does not want, so that the connection can be used
 * again. */
int s3_body_discard(struct s3_req *q) MX_MUST_CHECK;

/* The one x-amz-checksum-<algorithm> header; alg NONE if there is none. */
int s3_checksum_header(struct s3_req *q, struct checksum *c_r) MX_MUST_CHECK;

/* x-amz-checksum-algorithm: the one to compute; NONE if there is none. */
int s3_checksum_algorithm(struct s3_req *q, enum checksum_alg *alg_r) MX_MUST_CHECK;

/* A source that reads b->src and at its end checks all that b claims (verify.c). Lives in the
 * arena. */
struct source *s3_verify_new(struct arena *a, const struct svc_body *b);

#endif
