/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner.h"
#include "test.h"

#define NAME_MAX_LEN 64
#define NEAR_EDITS   3

static struct groove_test *tests;
static char skip_reason[256];

static const char *const suite_names[] = {
	[TEST_SUITE_fast] = "fast",
	[TEST_SUITE_perf] = "perf",
	[TEST_SUITE_driver] = "driver",
	[TEST_SUITE_debug] = "debug",
};

void
groove_test_register(struct groove_test *test)
{
	struct groove_test **link = &tests;

	while (*link != NULL && strcmp((*link)->name, test->name) < 0)
		link = &(*link)->next;
	test->next = *link;
	*link = test;
}

int
test_skip(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(skip_reason, sizeof(skip_reason), fmt, args);
	va_end(args);
	return TEST_SKIPPED;
}

static void
complain(const char *file, int line, const char *what, const char *values, const char *fmt, va_list args)
{
	const char *base = strrchr(file, '/');
	char why[512];

	vsnprintf(why, sizeof(why), fmt, args);
	fprintf(stderr, "%s:%d: %s%s: %s\n", base ? base + 1 : file, line, what, values, why);
}

void
test_complain(const char *file, int line, const char *what, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	complain(file, line, what, "", fmt, args);
	va_end(args);
}

void
test_complain_values(
	const char *file, int line, const char *what, long long found, long long expected, const char *fmt, ...)
{
	char values[128];
	va_list args;

	snprintf(values, sizeof(values), " is %lld (0x%llx), expected %lld (0x%llx)", found, (unsigned long long)found,
		expected, (unsigned long long)expected);
	va_start(args, fmt);
	complain(file, line, what, values, fmt, args);
	va_end(args);
}

const char *
runner_name(unsigned int i)
{
	const struct groove_test *test = tests;

	for (; test != NULL && i > 0; i--)
		test = test->next;
	return test != NULL ? test->name : NULL;
}

static void
list(FILE *stream)
{
	for (const struct groove_test *test = tests; test != NULL; test = test->next)
		fprintf(stream, "%-32s %s\n", test->name, suite_names[test->suite]);
}

void
runner_list(void)
{
	list(stdout);
}

static const struct groove_test *
find(const char *name)
{
	const struct groove_test *test = tests;

	while (test != NULL && strcmp(test->name, name) != 0)
		test = test->next;
	return test;
}

bool
runner_has(const char *name)
{
	return find(name) != NULL;
}

static size_t
least(size_t a, size_t b, size_t c)
{
	const size_t ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/* Levenshtein distance of two names, each cut to NAME_MAX_LEN. */
static size_t
edits(const char *a, const char *b)
{
	const size_t a_len = strnlen(a, NAME_MAX_LEN);
	const size_t b_len = strnlen(b, NAME_MAX_LEN);
	size_t row[NAME_MAX_LEN + 1];

	for (size_t j = 0; j <= b_len; j++)
		row[j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			const size_t above = row[j];

			row[j] = least(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
			diagonal = above;
		}
	}
	return row[b_len];
}

static void
report_unknown(FILE *stream, const char *name, const char *way_out)
{
	unsigned int near_cnt = 0;

	fprintf(stream, "no test \"%s\"", name);
	for (const struct groove_test *test = tests; test != NULL; test = test->next) {
		if (name[0] == '\0' || (strstr(test->name, name) == NULL && edits(test->name, name) > NEAR_EDITS))
			continue;
		fprintf(stream, "%s %s", near_cnt++ == 0 ? ", near it:" : "", test->name);
	}
	fprintf(stream, "; %s\n", way_out);
}

void
runner_run(const char *name, struct runner_tally *tally)
{
	const struct groove_test *test = find(name);
	int result;

	if (test == NULL) {
		report_unknown(stdout, name, "dump_tests (at the command line: --list) lists all");
		tally->unknown++;
		return;
	}
	snprintf(skip_reason, sizeof(skip_reason), "no reason given");
	printf("%s\n", test->name);
	fflush(stdout);
	result = test->fn();
	test_dirs_remove();
	switch (result) {
	case TEST_SUCCESS:
		tally->passed++;
		printf("Test OK\n");
		break;
	case TEST_SKIPPED:
		tally->skipped++;
		printf("Test Skipped: %s\n", skip_reason);
		break;
	default:
		tally->failed++;
		printf("Test Failed\n");
	}
	fflush(stdout);
}

void
runner_run_list(const char *names, struct runner_tally *tally)
{
	char *copy = strdup(names);
	char *rest = copy;
	const char *name;

	if (copy == NULL) {
		tally->failed++;
		return;
	}
	while ((name = strsep(&rest, ",")) != NULL)
		runner_run(name, tally);
	free(copy);
}

/* ---- the command line ---- */

/* An option among the words: the exit status after it. */
static int
run_option(const char *option, const char *usage)
{
	if (strcmp(option, "--help") == 0 || strcmp(option, "-h") == 0) {
		fputs(usage, stdout);
		return EXIT_SUCCESS;
	}
	if (strcmp(option, "--list") == 0) {
		runner_list();
		return EXIT_SUCCESS;
	}
	fprintf(stderr, "%s: no such option, see --help\n", option);
	return EXIT_FAILURE;
}

int
runner_words(int cnt, char *const *words, const char *usage)
{
	unsigned int unknown = 0;

	for (int i = 0; i < cnt; i++) {
		if (words[i][0] == '-')
			return run_option(words[i], usage);
	}
	for (int i = 0; i < cnt; i++) {
		if (find(words[i]) == NULL) {
			report_unknown(stderr, words[i], "there are these:");
			unknown++;
		}
	}
	if (unknown == 0)
		return RUNNER_GO_ON;
	list(stderr);
	return EXIT_FAILURE;
}

int
runner_status(const struct runner_tally *tally)
{
	if (tally->failed > 0 || tally->unknown > 0)
		return EXIT_FAILURE;
	if (tally->passed > 0 || tally->skipped == 0)
		return EXIT_SUCCESS;
	printf("SKIP: %s\n", skip_reason);
	return TEST_SKIPPED;
}
