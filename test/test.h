/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef TEST_H
#define TEST_H

/**
 * @file
 * What a test file needs: registration, assertions, threads and memory.
 *
 * A test file is named after its module, test_<module>.c, and registers its command with one line:
 *
 *     GROOVE_TEST(szc_autotest, fast, test_szc);
 *
 * The same file works in groove-test (EAL) and in groove-test-plain (no EAL) unless it calls EAL itself.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __has_feature
#define TEST_BUILT_WITH(feature) __has_feature(feature)
#else
#define TEST_BUILT_WITH(feature) 0
#endif

/** Whether a sanitizer of memory or threads is there, which takes time, and address space of its own. */
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__) || TEST_BUILT_WITH(thread_sanitizer) ||              \
	TEST_BUILT_WITH(address_sanitizer)
#define TEST_SANITIZED 1
#else
#define TEST_SANITIZED 0
#endif

/* ---- registration ---- */

#define TEST_SUCCESS 0
#define TEST_FAILED  -1
#define TEST_SKIPPED 77 /**< Answered by way of test_skip(). */

enum test_suite {
	TEST_SUITE_fast,   /**< Contracts: a few seconds each. */
	TEST_SUITE_perf,   /**< Prints figures. */
	TEST_SUITE_driver, /**< Needs a back end or the programs. */
	TEST_SUITE_debug,  /**< Prints state, for people. */
};

/** A test command. Registered before main() and never removed. */
struct groove_test {
	const char *name;
	enum test_suite suite;
	int (*fn)(void);
	struct groove_test *next;
};

void groove_test_register(struct groove_test *test);

/** Register fn, an int fn(void) that returns TEST_SUCCESS, TEST_FAILED or TEST_SKIPPED, as a command of a suite. */
#define GROOVE_TEST(command, suite_name, function)                                                                     \
	static struct groove_test groove_test_##command;                                                               \
	__attribute__((__constructor__)) static void groove_test_register_##command(void)                              \
	{                                                                                                              \
		groove_test_register(&groove_test_##command);                                                          \
	}                                                                                                              \
	static struct groove_test groove_test_##command = {                                                            \
		.name = #command,                                                                                      \
		.suite = TEST_SUITE_##suite_name,                                                                      \
		.fn = (function),                                                                                      \
	}

/** Keep the reason why a test cannot run here. Returns TEST_SKIPPED: `return test_skip("needs 2 CPUs")`. */
int test_skip(const char *fmt, ...) __attribute__((__format__(__printf__, 1, 2)));

/* ---- assertions: each ends the calling function with TEST_FAILED after one line that says what, where and why ---- */

void test_complain(const char *file, int line, const char *what, const char *fmt, ...)
	__attribute__((__format__(__printf__, 4, 5)));

/** TEST_ASSERT(condition, "message with values", ...) */
#define TEST_ASSERT(cond, ...)                                                                                         \
	do {                                                                                                           \
		if (!(cond)) {                                                                                         \
			test_complain(__FILE__, __LINE__, "not true: " #cond, __VA_ARGS__);                            \
			return TEST_FAILED;                                                                            \
		}                                                                                                      \
	} while (0)

void test_complain_values(const char *file, int line, const char *what, long long found, long long expected,
	const char *fmt, ...) __attribute__((__format__(__printf__, 6, 7)));

/** Two integers or pointers are equal; prints both when not. */
#define TEST_ASSERT_EQUAL(found, expected, ...)                                                                        \
	do {                                                                                                           \
		const long long test_found = (long long)(found);                                                       \
		const long long test_expected = (long long)(expected);                                                 \
		if (test_found != test_expected) {                                                                     \
			test_complain_values(__FILE__, __LINE__, #found, test_found, test_expected, __VA_ARGS__);      \
			return TEST_FAILED;                                                                            \
		}                                                                                                      \
	} while (0)

#define TEST_ASSERT_SUCCESS(value, ...)	 TEST_ASSERT_EQUAL(value, 0, __VA_ARGS__)
#define TEST_ASSERT_NULL(value, ...)	 TEST_ASSERT((value) == NULL, __VA_ARGS__)
#define TEST_ASSERT_NOT_NULL(value, ...) TEST_ASSERT((value) != NULL, __VA_ARGS__)

/** Run a part of a test; hand on its result when it is not TEST_SUCCESS. */
#define TEST_CALL(call)                                                                                                \
	do {                                                                                                           \
		const int test_result = (call);                                                                        \
		if (test_result != TEST_SUCCESS)                                                                       \
			return test_result;                                                                            \
	} while (0)

/* ---- threads ---- */

/** What a worker runs; index counts from 0. */
typedef int (*test_worker_fn)(unsigned int index, void *arg);

/**
 * Run fn on n workers that start together, and wait for all. The workers are tiles in groove-test, threads in
 * groove-test-plain.
 *
 * @return
 *   TEST_SUCCESS when each returned that; TEST_FAILED when one did not; TEST_SKIPPED when there are fewer than n tiles.
 */
int test_threads_run(unsigned int n, test_worker_fn fn, void *arg);

/* ---- processes ---- */

/** In a child that waits to be killed: write what it has covered, in a build that counts that. */
void test_child_covered(void);

/** End a child of fork, with what it has written but without what its parent has to do at its end. */
void test_child_end(int status) __attribute__((__noreturn__));

/** Run fn(arg) in a child of fork. TEST_SUCCESS when it returned that, TEST_FAILED when not, or when it died. */
int test_child_run(int (*fn)(void *arg), void *arg);

/**
 * Whether MADV_WIPEONFORK wipes, by which a join notices fork. Some emulators of processes take the advice and do
 * nothing.
 */
bool test_fork_wipes(void);

/* ---- directories ---- */

/**
 * mkdtemp(), of a template that begins with a path. The directory, all that is in it and what is mounted there is gone
 * when the test has ended, however it does: of one that was killed the next one to use the template removes it. So a
 * template is of these tests alone: what scripts make has other names, "groove-test-" first.
 */
char *test_dir_make(char *template);

/** Run a test with the drivers that need no hugepages: memfd without a directory, file in a new one that it leaves
 * empty. */
int test_on_files(int (*test)(const char *driver, const char *dir));

/** Remove those of this process. For the runner. */
void test_dirs_remove(void);

/* ---- memory ---- */

#define TEST_MEM_ALIGN (2UL << 20)

/** Zeroed memory, shared with children, aligned to TEST_MEM_ALIGN, of which only touched pages cost; NULL: none. */
void *test_mem_map(size_t sz);
void test_mem_unmap(void *mem, size_t sz);

/* ---- logs ---- */

/** From here on keep what the libraries log, up to test_log_end(). */
void test_log_begin(void);

/** Number of lines logged since test_log_begin(). */
unsigned int test_log_lines(void);

/** Let log lines go to stderr again. Returns what was logged, until the next test_log_begin(). */
const char *test_log_end(void);

/** Whether text is exactly one line, and has each of the words up to a NULL in it; prints the text when not. */
bool test_log_is_line(const char *text, const char *const *words);

/** The same with the words as arguments. */
#define TEST_LOG_IS_LINE(text, ...) test_log_is_line(text, (const char *const[]){__VA_ARGS__, NULL})

/* ---- what is printed ---- */

/** From here on keep what goes to standard output. False: that cannot be. */
bool test_stdout_begin(void);

/** Let it through again. Returns what was printed, at most 64 KiB of it; valid until the next call. */
const char *test_stdout_end(void);

/* ---- numbers ---- */

/** Next of a row of pseudo-random numbers (splitmix64); *state is the seed. */
static inline uint64_t
test_rand(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15UL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9UL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebUL;
	return z ^ z >> 31;
}

/**
 * A turn count for this run, at least 1: less where a sanitizer makes each turn slow, or where the environment's
 * GROOVE_TEST_TURN_COST says by which factor to divide (for emulators).
 */
uint64_t test_turns(uint64_t turns);

#endif /* TEST_H */
