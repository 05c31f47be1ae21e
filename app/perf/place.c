/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Where an object lies, as the kernel reports it: the same question for every allocator. */

#include <inttypes.h>
#include <stdio.h>

#include <groove_region.h>

#include "perf.h"

#define LINE_SZ 256

/* Read what the entry of /proc/self/smaps that the file stands in says, up to the next entry. */
static void
entry_read(FILE *smaps, struct perf_result *result)
{
	uint64_t begin;
	uint64_t end;
	uint64_t kb;
	char line[LINE_SZ];

	while (fgets(line, sizeof(line), smaps) != NULL) {
		if (sscanf(line, "%" SCNx64 "-%" SCNx64, &begin, &end) == 2)
			return;
		if (sscanf(line, "KernelPageSize: %" SCNu64, &kb) == 1)
			result->page_sz = kb << 10;
		else if (sscanf(line, "AnonHugePages: %" SCNu64, &kb) == 1)
			result->thp = kb > 0;
	}
}

void
perf_place_read(const void *obj, struct perf_result *result)
{
	const uint64_t addr = (uint64_t)(uintptr_t)obj;
	FILE *smaps = fopen("/proc/self/smaps", "re");
	char line[LINE_SZ];
	uint64_t begin;
	uint64_t end;

	result->node = groove_region_addr_node(obj);
	while (smaps != NULL && fgets(line, sizeof(line), smaps) != NULL) {
		if (sscanf(line, "%" SCNx64 "-%" SCNx64, &begin, &end) == 2 && addr >= begin && addr < end) {
			entry_read(smaps, result);
			break;
		}
	}
	if (smaps != NULL)
		fclose(smaps);
}
