/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* What a finding says to the operator: which memory, and what is in it. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <groove_tile.h>

#include "run.h"
#include "screen.h"

#define SHOWN_MAX 10 /* findings printed in full; all are counted */

/* ---- one line ---- */

static void
write_fault(FILE *file, const struct stress_finding *finding)
{
	static const char *const faults[] = {
		[STRESS_FAULT_PATTERN] = "pattern of a live object is damaged",
		[STRESS_FAULT_HEADER] = "header of a live object is damaged",
		[STRESS_FAULT_ACCESSOR] = "of a live object is wrong",
		[STRESS_FAULT_FREE] = "free of a live object fails",
		[STRESS_FAULT_ALLOC] = "alloc fails",
		[STRESS_FAULT_ADD] = "a volume cannot be added",
		[STRESS_FAULT_LEAK] = "leak of an object",
		[STRESS_FAULT_DOUBLE_FREE] = "double free of an object",
		[STRESS_FAULT_SLOT] = "slot of a live object is damaged",
	};

	if (finding->fault == STRESS_FAULT_ACCESSOR)
		fprintf(file, "%s ", finding->what);
	fputs(faults[finding->fault], file);
}

/* Whether it is about memory, rather than about a call that returned an error. */
static bool
has_place(const struct stress_finding *finding)
{
	return finding->fault != STRESS_FAULT_ALLOC;
}

static void
write_details(FILE *file, const struct stress_finding *finding)
{
	const uint64_t i = finding->at - finding->byte_off;

	switch (finding->fault) {
	case STRESS_FAULT_PATTERN:
	case STRESS_FAULT_HEADER:
		fprintf(file, "expected %02x, found %02x", finding->expected_bytes[i], finding->found_bytes[i]);
		break;
	case STRESS_FAULT_ACCESSOR:
		fprintf(file, "expected %#" PRIx64 ", found %#" PRIx64, finding->expected, finding->found);
		break;
	case STRESS_FAULT_LEAK:
		fprintf(file, "it is live, and in no slot");
		break;
	case STRESS_FAULT_SLOT:
		fprintf(file, "what it says of the object cannot be");
		break;
	case STRESS_FAULT_DOUBLE_FREE:
		fprintf(file, "groove %s it, ", finding->err != GROOVE_SUCCESS ? "refused" : "took");
		/* fallthrough */
	default:
		fprintf(file, "%s (%d)", groove_strerror(finding->err), finding->err);
		break;
	}
}

static void
write_line(FILE *file, const struct stress_run *run, const struct stress_finding *finding)
{
	const uint64_t volume_sz = groove_region_volume_sz(run->region);

	write_fault(file, finding);
	if (has_place(finding))
		fprintf(file, " at volume %" PRIu64 " offset %#" PRIx64, finding->at / volume_sz,
			finding->at % volume_sz);
	fputs(": ", file);
	write_details(file, finding);
}

/* ---- in full ---- */

static void
write_tile(FILE *file, const struct stress_finding *finding)
{
	if (finding->tile == STRESS_NO_TILE)
		return;
	fprintf(file, "  found by  tile %u, lcore %d, CPU %d\n", finding->tile, groove_tile_lcore(finding->tile),
		groove_tile_cpu(finding->tile));
}

static void
write_address(FILE *file, const struct stress_run *run, const struct stress_finding *finding)
{
	const uint8_t *addr = (const uint8_t *)groove_region_volume0(run->region) + finding->at;
	const int node = groove_region_addr_node(addr);
	uint64_t phys;

	fprintf(file, "  address   virtual %p, physical ", (const void *)addr);
	if (groove_region_phys(run->region, addr, &phys) == GROOVE_SUCCESS)
		fprintf(file, "%#" PRIx64, phys);
	else
		fprintf(file, "not readable (needs root)");
	if (node >= 0)
		fprintf(file, ", NUMA node %d\n", node);
	else
		fprintf(file, ", NUMA node unknown\n");
}

static void
write_object(FILE *file, const struct stress_run *run, const struct stress_finding *finding)
{
	const uint64_t volume_sz = groove_region_volume_sz(run->region);

	fprintf(file, "  object    tag %#018" PRIx64 ", size %" PRIu64 ", alignment %" PRIu64, finding->tag,
		finding->sz, finding->align);
	if (finding->obj_off != 0)
		fprintf(file, ", at volume %" PRIu64 " offset %#" PRIx64, finding->obj_off / volume_sz,
			finding->obj_off % volume_sz);
	fputc('\n', file);
}

static void
write_row(FILE *file, const char *name, const uint8_t *bytes, unsigned int cnt)
{
	fprintf(file, "  %-9s", name);
	for (unsigned int i = 0; i < cnt; i++)
		fprintf(file, " %02x", bytes[i]);
	fputc('\n', file);
}

/* Both rows, and a mark under each byte that differs. */
static void
write_bytes(FILE *file, const struct stress_finding *finding)
{
	const unsigned int cnt = finding->byte_cnt;
	int blanks = 12;

	if (cnt == 0)
		return;
	write_row(file, "expected", finding->expected_bytes, cnt);
	write_row(file, "found", finding->found_bytes, cnt);
	for (unsigned int i = 0; i < cnt; i++, blanks += 3) {
		if (finding->expected_bytes[i] == finding->found_bytes[i])
			continue;
		fprintf(file, "%*s^^", blanks, "");
		blanks = -2;
	}
	fputc('\n', file);
}

static void
write_all(FILE *file, const struct stress_run *run, const struct stress_finding *finding)
{
	fprintf(file, "MISMATCH: ");
	write_line(file, run, finding);
	fputc('\n', file);
	write_tile(file, finding);
	if (has_place(finding))
		write_address(file, run, finding);
	if (finding->fault != STRESS_FAULT_ADD)
		write_object(file, run, finding);
	write_bytes(file, finding);
}

/* ---- for the loop ---- */

void
stress_show_finding(void *arg, const struct stress_finding *finding)
{
	struct stress_run *run = arg;
	char line[STRESS_ERROR_MAX] = "";
	char *text = NULL;
	size_t text_sz;
	FILE *file = fmemopen(line, sizeof(line), "w");

	if (file != NULL) {
		write_line(file, run, finding);
		fclose(file);
	}

	const uint64_t before = stress_run_count_error(run, STRESS_EXIT_MISMATCH, line);

	file = before < SHOWN_MAX ? open_memstream(&text, &text_sz) : NULL;
	if (file == NULL)
		return;
	write_all(file, run, finding);
	if (before == SHOWN_MAX - 1)
		fprintf(file, "further mismatches are counted, not shown\n");
	fclose(file);
	app_screen_print(text);
	free(text);
}
