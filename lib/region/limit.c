/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Limits of the process and the machine: how much is left, and which one it was that a system call ran into. */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include <groove_volume_driver.h>

#include "cgroup.h"

/* ---- memory ---- */

/* Bytes of a line of /proc/meminfo; UINT64_MAX: it is not there. */
static uint64_t
meminfo(const char *name)
{
	FILE *file = fopen("/proc/meminfo", "re");
	char line[128], found[64];
	uint64_t kib, sz = UINT64_MAX;

	while (file != NULL && sz == UINT64_MAX && fgets(line, sizeof(line), file) != NULL) {
		if (sscanf(line, "%63[^:]: %" SCNu64, found, &kib) == 2 && strcmp(found, name) == 0)
			sz = kib << 10;
	}
	if (file != NULL)
		fclose(file);
	return sz;
}

uint64_t
groove_volume_memory_available(char *where, size_t where_sz)
{
	const uint64_t swap = meminfo("SwapFree");
	const uint64_t swap_free = swap != UINT64_MAX ? swap : 0;
	const uint64_t available = meminfo("MemAvailable");
	const uint64_t machine = available != UINT64_MAX ? available + swap_free : UINT64_MAX;
	struct cgroup_limit limit;
	const uint64_t group = cgroup_memory(swap_free, &limit);

	if (group < machine)
		snprintf(where, where_sz, "%s", limit.path);
	else
		snprintf(where, where_sz, "the machine");
	return group < machine ? group : machine;
}

uint64_t
groove_volume_hugepages_allowed(uint64_t page_sz, char *where, size_t where_sz)
{
	struct cgroup_limit limit;
	const uint64_t sz = cgroup_hugepages(page_sz, &limit);

	snprintf(where, where_sz, "%s", limit.path);
	return sz != UINT64_MAX ? sz / page_sz : UINT64_MAX;
}

/* ---- limits of the process ---- */

static const struct {
	int error;
	int resource;
	unsigned int shift; /* of bytes to the unit that ulimit takes */
	const char *option; /* of ulimit */
	const char *what;
} limits[] = {
	{EMFILE, RLIMIT_NOFILE, 0, "-n", "descriptors"},
	{ENOMEM, RLIMIT_AS, 10, "-v", "KiB"},
	{EAGAIN, RLIMIT_MEMLOCK, 10, "-l", "KiB, and mlockall(MCL_FUTURE) locks all"},
	{EFBIG, RLIMIT_FSIZE, 10, "-f", "KiB"},
};

const char *
groove_volume_error_text(int error, char text[GROOVE_VOLUME_ERROR_SZ])
{
	struct rlimit limit;

	snprintf(text, GROOVE_VOLUME_ERROR_SZ, "%s", strerror(error));
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		if (limits[i].error != error || getrlimit((__rlimit_resource_t)limits[i].resource, &limit) != 0 ||
			limit.rlim_cur == RLIM_INFINITY)
			continue;
		snprintf(text, GROOVE_VOLUME_ERROR_SZ, "%s (ulimit %s is %" PRIu64 " %s, raise it)", strerror(error),
			limits[i].option, (uint64_t)limit.rlim_cur >> limits[i].shift, limits[i].what);
	}
	if (error == EDQUOT)
		snprintf(text, GROOVE_VOLUME_ERROR_SZ, "%s (raise the quota of this user)", strerror(error));
	return text;
}

uint64_t
groove_volume_file_sz_max(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
		return UINT64_MAX;
	return limit.rlim_cur;
}
