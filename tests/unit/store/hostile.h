/* SPDX-License-Identifier: MIT */
/* Random object keys of the classes that break naive encodings; reproducible from the seed. */
#ifndef MX_TESTS_STORE_HOSTILE_H
#define MX_TESTS_STORE_HOSTILE_H

#include "base/span.h"
#include "model/names.h"

struct hostile {
	uint64_t seed;
	char last[NAME_KEY_MAX]; /* keys are often made from the one before */
	size_t last_n;
};

uint64_t hostile_random(struct hostile *h, uint64_t below);
/* 1 to 1024 bytes into out; returns how many. */
size_t hostile_key(struct hostile *h, char out[NAME_KEY_MAX]);

#endif
