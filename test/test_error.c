/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <limits.h>
#include <string.h>

#include <groove_base.h>

#include "test.h"

static int
test_values(void)
{
	TEST_ASSERT_EQUAL(GROOVE_SUCCESS, 0, "success");
	TEST_ASSERT_EQUAL(GROOVE_ERR_INVAL, -1, "invalid");
	TEST_ASSERT_EQUAL(GROOVE_ERR_AGAIN, -2, "again");
	TEST_ASSERT_EQUAL(GROOVE_ERR_CORRUPT, -3, "corrupt");
	TEST_ASSERT_EQUAL(GROOVE_ERR_EMPTY, -4, "empty");
	TEST_ASSERT_EQUAL(GROOVE_ERR_FULL, -5, "full");
	TEST_ASSERT_EQUAL(GROOVE_ERR_KEY, -6, "key");
	return TEST_SUCCESS;
}

/* Each code has a string of its own, other than that of a number that is no code. */
static int
test_codes(void)
{
	for (int err = -7; err <= 0; err++) {
		const char *text = groove_strerror(err);

		TEST_ASSERT(text != NULL && text[0] != '\0', "no text for %d", err);
		TEST_ASSERT_EQUAL(groove_strerror(err), text, "text of %d is not constant", err);
		for (int other = -7; other < err; other++)
			TEST_ASSERT(strcmp(text, groove_strerror(other)) != 0, "%d and %d are both \"%s\"", err, other,
				text);
	}
	return TEST_SUCCESS;
}

static int
test_any_int(void)
{
	static const int ends[] = {INT_MIN, INT_MIN + 1, -8, 1, 2, 1000, INT_MAX};
	uint64_t seed = 1;

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		TEST_ASSERT_NOT_NULL(groove_strerror(ends[i]), "%d", ends[i]);
	for (int i = 0; i < 100000; i++) {
		const int err = (int)test_rand(&seed);
		const char *text = groove_strerror(err);

		TEST_ASSERT(text != NULL && text[0] != '\0', "no text for %d", err);
		TEST_ASSERT_EQUAL(groove_strerror(err), text, "text of %d is not constant", err);
	}
	return TEST_SUCCESS;
}

static int
test_error(void)
{
	TEST_CALL(test_values());
	TEST_CALL(test_codes());
	return test_any_int();
}

GROOVE_TEST(error_autotest, fast, test_error);
