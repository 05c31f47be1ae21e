/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* malloc of the C library, and libraries that take its place in a process of their own. */

#include <dlfcn.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <gnu/libc-version.h>
#include <groove_base.h>

#include "calls_libc.h"
#include "perf.h"

/* ---- versions ---- */

static void
glibc_version(char *buf, size_t buf_sz)
{
	snprintf(buf, buf_sz, "%s", gnu_get_libc_version());
}

/* "5.3.0-0-g54eaed1": up to the dash. */
static void
jemalloc_version(char *buf, size_t buf_sz)
{
	int (*mallctl)(const char *name, void *old, size_t *old_sz, void *new, size_t new_sz);
	const char *text = NULL;
	size_t text_sz = sizeof(const char *);

	*(void **)&mallctl = dlsym(RTLD_DEFAULT, "mallctl");
	if (mallctl == NULL || mallctl("version", &text, &text_sz, NULL, 0) != 0 || text == NULL)
		snprintf(buf, buf_sz, "not loaded");
	else
		snprintf(buf, buf_sz, "%.*s", (int)strcspn(text, "-"), text);
}

/* 209: 2.0.9 */
static void
mimalloc_version(char *buf, size_t buf_sz)
{
	int (*mi_version)(void);

	*(void **)&mi_version = dlsym(RTLD_DEFAULT, "mi_version");
	if (mi_version == NULL)
		snprintf(buf, buf_sz, "not loaded");
	else
		snprintf(buf, buf_sz, "%d.%d.%d", mi_version() / 100, mi_version() / 10 % 10, mi_version() % 10);
}

static void
tcmalloc_version(char *buf, size_t buf_sz)
{
	const char *(*tc_version)(int *major, int *minor, const char **patch);
	int major;
	int minor;

	*(void **)&tc_version = dlsym(RTLD_DEFAULT, "tc_version");
	if (tc_version == NULL || tc_version(&major, &minor, NULL) == NULL)
		snprintf(buf, buf_sz, "not loaded");
	else
		snprintf(buf, buf_sz, "%d.%d", major, minor);
}

/* ---- a bounded memory ---- */

/* Bytes of address space that the process has now; 0: not known. */
static uint64_t
address_space(void)
{
	FILE *statm = fopen("/proc/self/statm", "re");
	uint64_t pages = 0;

	if (statm != NULL && fscanf(statm, "%" SCNu64, &pages) != 1)
		pages = 0;
	if (statm != NULL)
		fclose(statm);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static bool
libc_limit(uint64_t bytes)
{
	const uint64_t now = address_space();
	struct rlimit limit;

	if (now == 0 || getrlimit(RLIMIT_AS, &limit) != 0)
		return false;
	limit.rlim_cur = bytes > 0 ? now + bytes : limit.rlim_max;
	return setrlimit(RLIMIT_AS, &limit) == 0;
}

const struct perf_allocator perf_glibc = {
	.name = "glibc",
	.family = PERF_LIBC,
	.calls = &perf_calls_libc,
	.own_process = true,
	.version = glibc_version,
	.limit = libc_limit,
};

const struct perf_allocator perf_jemalloc = {
	.name = "jemalloc",
	.family = PERF_LIBC,
	.calls = &perf_calls_libc,
	.libraries = (const char *const[]){"libjemalloc.so.2", NULL},
	.package = "libjemalloc2",
	.own_process = true,
	.version = jemalloc_version,
	.limit = libc_limit,
};

const struct perf_allocator perf_mimalloc = {
	.name = "mimalloc",
	.family = PERF_LIBC,
	.calls = &perf_calls_libc,
	.libraries = (const char *const[]){"libmimalloc.so.3", "libmimalloc.so.2", "libmimalloc.so.2.0", NULL},
	.package = "libmimalloc2.0 or libmimalloc3",
	.own_process = true,
	.version = mimalloc_version,
	.limit = libc_limit,
};

const struct perf_allocator perf_tcmalloc = {
	.name = "tcmalloc",
	.family = PERF_LIBC,
	.calls = &perf_calls_libc,
	.libraries = (const char *const[]){"libtcmalloc_minimal.so.4", NULL},
	.package = "libtcmalloc-minimal4 or libtcmalloc-minimal4t64",
	.own_process = true,
	.version = tcmalloc_version,
	.limit = libc_limit,
};
