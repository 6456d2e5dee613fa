/* SPDX-License-Identifier: MIT */
/* Configurations of a bucket: set, read, taken away; one handler each for all of them. */
#ifndef MX_S3_CONFIG_H
#define MX_S3_CONFIG_H

#include "s3/handler.h"

struct s3_config;

struct s3_config_put_in {
	const struct s3_config *what;
	struct span document; /* as it is kept and read again; absent: the same as none */
};
struct s3_config_put_out {
	const struct s3_config *what;
};
S3_HANDLER(config_put);

struct s3_config_get_in {
	const struct s3_config *what;
};
struct s3_config_get_out {
	const struct s3_config *what;
	struct span document; /* absent: none is set, which has an answer of its own */
};
S3_HANDLER(config_get);

struct s3_config_delete_in {
	const struct s3_config *what;
};
struct s3_config_delete_out {
};
S3_HANDLER(config_delete);

#endif
