/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "holdings.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "test.h"

static void
fds_count(struct holdings *now)
{
	DIR *fds = opendir("/proc/self/fd");
	const struct dirent *entry;

	while (fds != NULL && (entry = readdir(fds)) != NULL) {
		const int fd = atoi(entry->d_name);

		if (entry->d_name[0] == '.' || fd == dirfd(fds))
			continue;
		now->fd_cnt++;
		now->inherited += (fcntl(fd, F_GETFD) & FD_CLOEXEC) == 0;
	}
	if (fds != NULL)
		closedir(fds);
}

/* Private memory that can be written to is the heap's, which grows and shrinks as it likes; so is what a sanitizer has.
 */
static void
mappings_count(struct holdings *now)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[512];
	char access[5];
	uint64_t begin;
	uint64_t end;

	while (maps != NULL && fgets(line, sizeof(line), maps) != NULL) {
		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s", &begin, &end, access) == 3 &&
			(access[3] == 's' || (!TEST_SANITIZED && access[1] == '-' && end - begin >= 16UL << 20)))
			now->mapped_sz += end - begin;
	}
	if (maps != NULL)
		fclose(maps);
}

static void
hugepages_count(struct holdings *now)
{
	FILE *status = fopen("/proc/self/status", "re");
	char line[128];

	while (status != NULL && fgets(line, sizeof(line), status) != NULL) {
		if (sscanf(line, "HugetlbPages: %" SCNu64, &now->hugepage_kib) == 1)
			break;
	}
	if (status != NULL)
		fclose(status);
}

struct holdings
holdings_now(void)
{
	struct holdings now = {0};

	fds_count(&now);
	mappings_count(&now);
	hugepages_count(&now);
	return now;
}
