/* SPDX-License-Identifier: MIT */
/*
 * Reasons: the domain's finer words for err.reason. A lower layer says what was wrong; only the
 * protocol layers turn kind and reason into their own codes.
 */
#ifndef MX_BASE_REASON_H
#define MX_BASE_REASON_H

enum reason {
	REASON_NONE = 0,
	/* what was not found, or exists */
	REASON_BUCKET,
	REASON_KEY,
	REASON_VERSION,
	REASON_MARKER,		 /* the key's current version is a delete marker */
	REASON_MARKER_VERSION,	 /* the version named is one: nothing can be read of it */
	REASON_UPLOAD,
	REASON_TENANT,
	REASON_USER,
	REASON_ACCESS_KEY,
	REASON_DOMAIN,		 /* another tenant's, or above or below one of his */
	/* bucket */
	REASON_BUCKET_NAME,	 /* not a legal name */
	REASON_BUCKET_NOT_EMPTY,
	REASON_CONFIG,		 /* nothing of that kind is configured */
	REASON_BUCKET_OWNED,	 /* exists and belongs to the caller */
	REASON_BUCKET_TAKEN,	 /* exists, of another owner in the namespace */
	REASON_BUCKET_STATE,	 /* versioning and Object Lock do not allow it */
	/* locks */
	REASON_LOCKED,		 /* a version's lock does not permit it */
	REASON_NO_LOCK,		 /* the bucket has no Object Lock */
	REASON_LOCK_DATE,	 /* a retention that is over before it begins */
	/* multipart */
	REASON_PART,		 /* a listed part is unknown or its ETag differs */
	REASON_PART_ORDER,
	REASON_PART_TOO_SMALL,
	REASON_PART_CHECKSUM,	 /* a listed part's checksum differs from the stored one */
	REASON_MP_SIZE,		 /* x-amz-mp-object-size differs */
	/* body */
	REASON_DIGEST,		 /* Content-MD5 or checksum mismatch */
	REASON_SHA256,		 /* x-amz-content-sha256 mismatch */
	REASON_TOO_LARGE,
	REASON_SHORT_BODY,
	REASON_CHUNK_FRAMING,
	REASON_CHUNK_SIGNATURE,
	REASON_CHUNK_SIZE,
	REASON_TRAILER,
	REASON_TRAILER_VALUE,	 /* the trailer's checksum cannot be decoded */
	REASON_TOO_SMALL,	 /* below the least that a form's policy allows */
	REASON_FORM,		 /* malformed or cut off form data */
	REASON_FORM_FIELDS,	 /* too many or too large fields before a form's file */
	REASON_KEY_TOO_LONG,
	/* people */
	REASON_SUSPENDED_TENANT,
	REASON_SUSPENDED_USER,
	REASON_KEY_DISABLED,
	REASON_KEY_EXPIRED,
	REASON_NAME,		 /* a name that is not allowed or not unique */
	REASON_PASSWORD,
	REASON_IN_USE,		 /* cannot be removed while something depends on it */
	REASON_COUNT
};

#endif
