/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "fuzz.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rte_log.h>

#define LINE	  64UL
#define MAP_ALIGN (2UL << 20)

uint64_t
fuzz_take(struct fuzz_input *input, unsigned int bytes)
{
	uint64_t number = 0;

	for (unsigned int i = 0; i < bytes && input->left > 0; i++, input->left--)
		number |= (uint64_t)*input->next++ << (8 * i);
	return number;
}

void
fuzz_fail(const char *file, int line, const char *cond, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fprintf(stderr, "%s:%d: not true: %s: ", file, line, cond);
	vfprintf(stderr, fmt, args);
	fputc('\n', stderr);
	va_end(args);
	abort();
}

/* ---- memory ---- */

static void *
map(size_t sz, int prot)
{
	void *mem = mmap(NULL, sz, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	FUZZ_CHECK(mem != MAP_FAILED, "no %zu bytes: %m", sz);
	return mem;
}

void *
fuzz_map_guarded(size_t sz)
{
	const size_t page_sz = (size_t)sysconf(_SC_PAGESIZE);
	const size_t used = (sz + LINE - 1) & ~(LINE - 1);
	const size_t pages = (used + page_sz - 1) & ~(page_sz - 1);
	uint8_t *mem = map(pages + 2 * page_sz, PROT_NONE);

	FUZZ_CHECK(mprotect(mem + page_sz, pages, PROT_READ | PROT_WRITE) == 0, "%m");
	return mem + page_sz + pages - used;
}

void *
fuzz_reserve(size_t sz)
{
	uint8_t *mem = map(3 * sz + MAP_ALIGN, PROT_NONE);

	return mem + sz + (-(uintptr_t)(mem + sz) & (MAP_ALIGN - 1));
}

/* ---- logs ---- */

static uint64_t log_cnt;
static bool log_is_shown;

static ssize_t
count_lines(void *cookie, const char *text, size_t sz)
{
	(void)cookie;
	if (log_is_shown)
		fprintf(stderr, "%.*s", (int)sz, text);
	for (size_t i = 0; i < sz; i++)
		log_cnt += text[i] == '\n';
	return (ssize_t)sz;
}

void
fuzz_log_drop(void)
{
	static const cookie_io_functions_t functions = {.write = count_lines};
	FILE *stream = fopencookie(NULL, "w", functions);

	log_is_shown = getenv("FUZZ_LOG") != NULL;
	FUZZ_CHECK(stream != NULL && rte_openlog_stream(stream) == 0, "no stream for logs: %m");
}

uint64_t
fuzz_log_cnt(void)
{
	return log_cnt;
}

/* ---- inputs ---- */

/* A fuzzer that has some has its own. */
__attribute__((__weak__)) size_t
fuzz_bit_input(uint64_t number, uint8_t *bytes)
{
	(void)number;
	(void)bytes;
	return 0;
}

/* ---- seeds ---- */

static void
seed_write(const char *dir, const struct fuzz_seed *seed)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", dir, seed->name);
	file = fopen(path, "we");
	FUZZ_CHECK(file != NULL, "%s: %m", path);
	FUZZ_CHECK(fwrite(seed->bytes, 1, seed->sz, file) == seed->sz && fclose(file) == 0, "%s: %m", path);
}

static void
seeds_write(const char *dir)
{
	mkdir(dir, 0755);
	for (size_t i = 0; i < fuzz_seed_cnt; i++)
		seed_write(dir, &fuzz_seeds[i]);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const char option[] = "--seeds=";

	if (*argc > 1 && strncmp((*argv)[1], option, strlen(option)) == 0) {
		seeds_write((*argv)[1] + strlen(option));
		exit(EXIT_SUCCESS);
	}
	fuzz_log_drop();
	fuzz_setup();
	return 0;
}
