/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <rte_log.h>

#include "test.h"

#define TURN_COST (TEST_SANITIZED ? 8 : 1)

/* Writes what was covered, in a build that counts it: only exit() does that by itself. */
void __gcov_dump(void) __attribute__((__weak__));

void
test_child_covered(void)
{
	if (__gcov_dump != NULL)
		__gcov_dump();
}

void
test_child_end(int status)
{
	fflush(NULL);
	test_child_covered();
	_exit(status);
}

int
test_child_run(int (*fn)(void *arg), void *arg)
{
	int status;

	fflush(NULL);

	const pid_t pid = fork();

	TEST_ASSERT(pid >= 0, "fork: %m");
	if (pid == 0) {
		test_child_end(fn(arg) == TEST_SUCCESS ? EXIT_SUCCESS : EXIT_FAILURE);
	}
	TEST_ASSERT_EQUAL(waitpid(pid, &status, 0), pid, "waitpid: %m");
	TEST_ASSERT(WIFEXITED(status), "child ended by signal %d", WTERMSIG(status));
	return WEXITSTATUS(status) == EXIT_SUCCESS ? TEST_SUCCESS : TEST_FAILED;
}

void *
test_mem_map(size_t sz)
{
	const size_t slack_sz = sz + TEST_MEM_ALIGN;
	uint8_t *map = mmap(NULL, slack_sz, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (map == MAP_FAILED) {
		fprintf(stderr, "no %zu bytes of address space: %m\n", slack_sz);
		return NULL;
	}

	const size_t head_sz = -(uintptr_t)map & (TEST_MEM_ALIGN - 1);

	if (head_sz > 0)
		munmap(map, head_sz);
	if (head_sz < TEST_MEM_ALIGN)
		munmap(map + head_sz + sz, TEST_MEM_ALIGN - head_sz);
	return map + head_sz;
}

void
test_mem_unmap(void *mem, size_t sz)
{
	if (mem != NULL)
		munmap(mem, sz);
}

static struct {
	int kept; /* standard output as it is else */
	int fd;
	char text[65536];
} printed;

bool
test_stdout_begin(void)
{
	fflush(stdout);
	printed.kept = dup(STDOUT_FILENO);
	printed.fd = memfd_create("stdout", MFD_CLOEXEC);
	return printed.kept >= 0 && printed.fd >= 0 && dup2(printed.fd, STDOUT_FILENO) >= 0;
}

const char *
test_stdout_end(void)
{
	ssize_t sz;

	fflush(stdout);
	dup2(printed.kept, STDOUT_FILENO);
	sz = pread(printed.fd, printed.text, sizeof(printed.text) - 1, 0);
	printed.text[sz > 0 ? sz : 0] = '\0';
	close(printed.kept);
	close(printed.fd);
	return printed.text;
}

static FILE *log_stream;
static char *log_text;
static size_t log_text_sz;

void
test_log_begin(void)
{
	free(log_text);
	log_text = NULL;
	log_stream = open_memstream(&log_text, &log_text_sz);
	if (log_stream != NULL)
		rte_openlog_stream(log_stream);
}

unsigned int
test_log_lines(void)
{
	unsigned int lines = 0;

	if (log_stream == NULL)
		return 0;
	fflush(log_stream);
	for (size_t i = 0; i < log_text_sz; i++)
		lines += log_text[i] == '\n';
	return lines;
}

const char *
test_log_end(void)
{
	if (log_stream != NULL) {
		rte_openlog_stream(NULL);
		fclose(log_stream);
		log_stream = NULL;
	}
	return log_text != NULL ? log_text : "";
}

bool
test_log_is_line(const char *logged, const char *const *words)
{
	const char *end = strchr(logged, '\n');
	bool good = end != NULL && end[1] == '\0';

	if (!good)
		fprintf(stderr, "not one line was logged but \"%s\"\n", logged);
	for (; *words != NULL; words++) {
		if (strstr(logged, *words) == NULL) {
			fprintf(stderr, "no \"%s\" in \"%s\"\n", *words, logged);
			good = false;
		}
	}
	return good;
}

uint64_t
test_turns(uint64_t turns)
{
	const char *cost = getenv("GROOVE_TEST_TURN_COST");
	const uint64_t divisor = cost != NULL ? strtoull(cost, NULL, 10) : TURN_COST;
	const uint64_t fewer = divisor > 0 ? turns / divisor : turns;

	return fewer > 0 ? fewer : 1;
}

/* Returns whether the page that its parent wrote to was wiped. */
static int
child_sees_wiped(void *page)
{
	return *(const uint64_t *)page == 0 ? TEST_SUCCESS : TEST_FAILED;
}

bool
test_fork_wipes(void)
{
	const size_t sz = (size_t)sysconf(_SC_PAGESIZE);
	uint64_t *page = mmap(NULL, sz, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	bool wipes = false;

	if (page == MAP_FAILED)
		return false;
	*page = 1;
	if (madvise(page, sz, MADV_WIPEONFORK) == 0)
		wipes = test_child_run(child_sees_wiped, page) == TEST_SUCCESS;
	munmap(page, sz);
	return wipes;
}
