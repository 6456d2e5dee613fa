/* SPDX-License-Identifier: MIT */
/* cmocka with what it needs, and a few helpers that every unit test uses. */
#ifndef MX_TESTS_TESTING_H
#define MX_TESTS_TESTING_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/span.h"

#define assert_span_eq(s, text) \
	do { \
		struct span assert_s_ = (s); \
		assert_int_equal(assert_s_.n, strlen(text)); \
		assert_memory_equal(assert_s_.p ? assert_s_.p : "", (text), assert_s_.n); \
	} while (0)

#endif
