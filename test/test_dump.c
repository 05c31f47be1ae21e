/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"

/* The text that dump writes; the caller frees it. NULL when dump fails. */
static char *
dump_text(const struct fixture *fix)
{
	char *text = NULL;
	size_t text_sz;
	FILE *file = open_memstream(&text, &text_sz);

	if (file == NULL)
		return NULL;

	const int err = groove_data_dump(file, &fix->data);

	fclose(file);
	if (err == GROOVE_SUCCESS)
		return text;
	free(text);
	return NULL;
}

/* Lines end, and a groove with objects in it reads differently from one without. */
static int
test_text(struct fixture *fix)
{
	char *empty = dump_text(fix);
	void *obj;

	TEST_CALL(fixture_add(fix, 0, 1));
	obj = groove_data_alloc(&fix->data, 0, 100, 0, NULL);
	TEST_ASSERT_NOT_NULL(obj, "alloc");

	char *text = dump_text(fix);

	TEST_ASSERT(empty != NULL && text != NULL, "dump");
	TEST_ASSERT(strlen(empty) > 0 && empty[strlen(empty) - 1] == '\n', "last line of an empty groove");
	TEST_ASSERT(strlen(text) > 0 && text[strlen(text) - 1] == '\n', "last line");
	TEST_ASSERT(strcmp(empty, text) != 0, "an object makes no difference");
	free(empty);
	free(text);
	TEST_ASSERT_SUCCESS(groove_data_free(&fix->data, obj), "free");
	return TEST_SUCCESS;
}

static int
test_bad_file(struct fixture *fix)
{
	FILE *full = fopen("/dev/full", "w");
	FILE *closed = fopen("/dev/null", "r");

	TEST_ASSERT(full != NULL && closed != NULL, "cannot open /dev/full or /dev/null: %m");

	const int full_err = groove_data_dump(full, &fix->data);
	const int closed_err = groove_data_dump(closed, &fix->data);
	const int null_file_err = groove_data_dump(NULL, &fix->data);
	const int null_data_err = groove_data_dump(stdout, NULL);

	TEST_ASSERT_EQUAL(full_err, GROOVE_ERR_INVAL, "dump to a full disk");
	TEST_ASSERT_EQUAL(closed_err, GROOVE_ERR_INVAL, "dump to a file that is open for reading");
	TEST_ASSERT_EQUAL(null_file_err, GROOVE_ERR_INVAL, "dump to NULL");
	TEST_ASSERT_EQUAL(null_data_err, GROOVE_ERR_INVAL, "dump of NULL");
	fclose(full);
	fclose(closed);
	return TEST_SUCCESS;
}

/* Reading changes nothing. */
static int
test_unchanged(struct fixture *fix)
{
	struct snapshot snap;
	char *text;

	TEST_CALL(snapshot_take(&snap, fix, 1UL << 20));
	text = dump_text(fix);
	TEST_ASSERT_NOT_NULL(text, "dump");
	TEST_ASSERT(snapshot_same(&snap, fix), "dump changed state");
	free(text);
	snapshot_drop(&snap);
	return TEST_SUCCESS;
}

static int
test_dump(void)
{
	struct fixture fix;

	TEST_CALL(fixture_make(&fix, VOLUME_SZ_MIN, 2));
	TEST_CALL(test_text(&fix));
	TEST_CALL(test_bad_file(&fix));
	TEST_CALL(test_unchanged(&fix));
	return fixture_end(&fix);
}

GROOVE_TEST(dump_autotest, fast, test_dump);
