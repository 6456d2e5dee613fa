/* SPDX-License-Identifier: MIT */
/* The error table and the mapping of kinds and reasons onto it. */
#include "s3/error.h"

#include "base/reason.h"

const char *const s3_code_names[S3_CODE_COUNT] = {
	"OK",
#define ERROR(code, status, message) #code,
#include "s3/errors.def"
#undef ERROR
};

static const struct {
	int status;
	const char *message;
} rows[S3_CODE_COUNT] = {
	{200, ""},
#define ERROR(code, status, message) {status, message},
#include "s3/errors.def"
#undef ERROR
};

static const enum s3_code by_reason[REASON_COUNT] = {
	[REASON_BUCKET] = S3_NoSuchBucket,
	[REASON_KEY] = S3_NoSuchKey,
	[REASON_VERSION] = S3_NoSuchVersion,
	[REASON_MARKER] = S3_NoSuchKey,
	[REASON_MARKER_VERSION] = S3_MethodNotAllowed,
	[REASON_UPLOAD] = S3_NoSuchUpload,
	[REASON_ACCESS_KEY] = S3_InvalidAccessKeyId,
	[REASON_BUCKET_NAME] = S3_InvalidBucketName,
	[REASON_BUCKET_NOT_EMPTY] = S3_BucketNotEmpty,
	[REASON_BUCKET_TAKEN] = S3_BucketAlreadyExists,
	[REASON_BUCKET_STATE] = S3_InvalidBucketState,
	[REASON_LOCKED] = S3_AccessDenied,
	[REASON_NO_LOCK] = S3_InvalidRequest,
	[REASON_LOCK_DATE] = S3_InvalidArgument,
	[REASON_PART] = S3_InvalidPart,
	[REASON_PART_ORDER] = S3_InvalidPartOrder,
	[REASON_PART_TOO_SMALL] = S3_EntityTooSmall,
	[REASON_PART_CHECKSUM] = S3_InvalidPart,
	[REASON_MP_SIZE] = S3_InvalidRequest,
	[REASON_DIGEST] = S3_BadDigest,
	[REASON_SHA256] = S3_XAmzContentSHA256Mismatch,
	[REASON_TOO_LARGE] = S3_EntityTooLarge,
	[REASON_SHORT_BODY] = S3_IncompleteBody,
	[REASON_CHUNK_FRAMING] = S3_IncompleteBody,
	[REASON_CHUNK_SIGNATURE] = S3_SignatureDoesNotMatch,
	[REASON_CHUNK_SIZE] = S3_InvalidChunkSizeError,
	[REASON_TRAILER] = S3_MalformedTrailerError,
	[REASON_TRAILER_VALUE] = S3_InvalidRequest,
	[REASON_TOO_SMALL] = S3_EntityTooSmall,
	[REASON_FORM] = S3_MalformedPOSTRequest,
	[REASON_FORM_FIELDS] = S3_MaxPostPreDataLengthExceeded,
	[REASON_KEY_TOO_LONG] = S3_KeyTooLongError,
	[REASON_SUSPENDED_TENANT] = S3_AccessDenied,
	[REASON_SUSPENDED_USER] = S3_InvalidAccessKeyId,
	[REASON_KEY_DISABLED] = S3_InvalidAccessKeyId,
	[REASON_KEY_EXPIRED] = S3_InvalidAccessKeyId,
};

static const enum s3_code by_kind[ERR_KIND_COUNT] = {
	[ERR_NONE] = S3_InternalError,
	[ERR_NOT_FOUND] = S3_InternalError, /* without a reason: something of ours is missing */
	[ERR_EXISTS] = S3_OperationAborted,
	[ERR_PRECONDITION] = S3_PreconditionFailed,
	[ERR_QUOTA] = S3_QuotaExceeded,
	[ERR_DENIED] = S3_AccessDenied,
	[ERR_INVALID] = S3_InvalidRequest,
	[ERR_LIMIT] = S3_EntityTooLarge,
	[ERR_INCOMPLETE] = S3_IncompleteBody,
	[ERR_IO] = S3_InternalError,
	[ERR_FULL] = S3_InsufficientStorage,
	[ERR_BUSY] = S3_SlowDown,
	[ERR_UNSUPPORTED] = S3_NotImplemented,
	[ERR_INTERNAL] = S3_InternalError,
};

static bool kind_is_the_clients(enum err_kind kind)
{
	switch (kind) {
	case ERR_NOT_FOUND:
	case ERR_EXISTS:
	case ERR_PRECONDITION:
	case ERR_DENIED:
	case ERR_INVALID:
	case ERR_LIMIT:
		return true;
	case ERR_NONE:
	case ERR_QUOTA:
	case ERR_INCOMPLETE:
	case ERR_IO:
	case ERR_FULL:
	case ERR_BUSY:
	case ERR_UNSUPPORTED:
	case ERR_INTERNAL:
	case ERR_KIND_COUNT:
		break;
	}
	return false;
}

enum s3_code s3_code_of(const struct err *e)
{
	if (e->kind >= ERR_KIND_COUNT)
		return S3_InternalError;
	if (e->reason > 0 && e->reason < REASON_COUNT && by_reason[e->reason] != S3_OK &&
		(kind_is_the_clients(e->kind) || e->kind == ERR_INCOMPLETE))
		return by_reason[e->reason];
	/* EACCES or ENOENT below the data directory says nothing about the client. */
	if (e->sys != 0 && kind_is_the_clients(e->kind))
		return S3_InternalError;
	return by_kind[e->kind];
}

const char *s3_code_name(enum s3_code code)
{
	return s3_code_names[code];
}

int s3_code_status(enum s3_code code)
{
	return rows[code].status;
}

const char *s3_code_message(enum s3_code code)
{
	return rows[code].message;
}
