/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <inttypes.h>
#include <stdio.h>

#include <groove_tile.h>

#include "clock.h"
#include "run.h"
#include "text.h"

/* ---- before ---- */

void
stress_show_job(const struct stress_run *run)
{
	const struct stress_options *options = &run->options;

	printf("%u tile%s, %s slots, objects up to %s, ", run->tile_cnt, run->tile_cnt > 1 ? "s" : "",
		app_text_count(options->slot_cnt).s, app_text_bytes(options->sz_max).s);
	if (options->duration_s > 0)
		printf("for %s", app_text_time(options->duration_s).s);
	else
		printf("%s turns per tile", app_text_count(2 * options->alloc_cnt).s);
	printf(", seed %" PRIu64 "\n", options->seed);
}

/* Where the memory really is, as the kernel reports it. */
static void
print_nodes(const groove_region_t *region)
{
	const int node = groove_region_node(region);
	uint64_t page_cnt[GROOVE_NODE_MAX];
	const char *before = "NUMA nodes ";
	uint64_t untold;

	if (node >= 0) {
		printf("NUMA node %d\n", node);
		return;
	}
	untold = groove_region_node_pages(region, page_cnt, GROOVE_NODE_MAX);
	for (unsigned int i = 0; i < GROOVE_NODE_MAX; i++) {
		if (page_cnt[i] == 0)
			continue;
		printf("%s%u (%s pages)", before, i, app_text_count(page_cnt[i]).s);
		before = ", ";
	}
	if (untold > 0)
		printf("%sunknown for %s pages", before, app_text_count(untold).s);
	printf("\n");
}

static void
print_memory(const struct stress_run *run)
{
	const groove_region_t *region = run->region;
	const uint64_t volume_cnt = run->memory.volume_cnt;
	const uint64_t page_sz = groove_region_page_sz(region);
	printf("%s volume%s of %s, driver %s, %s pages (%s), ", app_text_count(volume_cnt).s,
		volume_cnt != 1 ? "s" : "", app_text_bytes(groove_region_volume_sz(region)).s,
		groove_region_driver(region), groove_page_name(page_sz), app_text_bytes(page_sz).s);
	print_nodes(region);
}

static void
print_unpinned(const struct stress_run *run)
{
	unsigned int first = 0;
	unsigned int cnt = 0;

	for (unsigned int tile = run->tile_cnt; tile-- > 0;) {
		if (!run->pinned[tile]) {
			first = tile;
			cnt++;
		}
	}
	if (cnt > 0)
		printf("warning: %u of %u tiles not pinned to one CPU, tile %u (lcore %d) the first: give each lcore "
		       "its own, "
		       "as --lcores 0@0,1@1\n",
			cnt, run->tile_cnt, first, groove_tile_lcore(first));
}

void
stress_show_place(const struct stress_run *run)
{
	if (stress_run_is_shared(run))
		stress_show_share(run);
	print_memory(run);
	print_unpinned(run);
	fflush(stdout);
}

/* ---- after ---- */

/* The row is 80 columns wide: a number that is too long for its column is cut to its first digits. */
static void
print_counters(const struct stress_counters *counters)
{
	printf(" %11s", app_text_count_in(counters->turns, 11).s);
	printf(" %11s", app_text_count_in(counters->allocs, 11).s);
	printf(" %11s", app_text_count_in(counters->frees, 11).s);
	printf(" %11s", app_text_count_in(counters->validations, 11).s);
	printf(" %4s %4s\n", app_text_count_in(counters->full_events, 4).s, app_text_count_in(counters->findings, 4).s);
}

static void
print_table(const struct stress_run *run, const struct stress_counters *sum)
{
	printf("\ntile lcore cpu node %11s %11s %11s %11s %4s %4s\n", "turns", "allocs", "frees", "validations", "full",
		"err");
	for (unsigned int tile = 0; tile < run->tile_cnt; tile++) {
		printf("%4u %5d %3d %4d", tile, groove_tile_lcore(tile), groove_tile_cpu(tile), groove_tile_node(tile));
		print_counters(&run->stress.counters[tile]);
	}
	printf("%-19s", " all");
	print_counters(sum);
}

static void
print_inject(const struct stress_run *run)
{
	const uint64_t volume_sz = groove_region_volume_sz(run->region);
	const uint64_t off = run->stress.injected_off;

	if (run->stress.injected)
		printf("injected: %s at volume %" PRIu64 " offset %#" PRIx64 "\n",
			stress_inject_name(run->options.inject), off / volume_sz, off % volume_sz);
}

void
stress_show_summary(const struct stress_run *run)
{
	const struct stress_counters sum = run->sum.counters;
	const double elapsed_s = (double)run->elapsed_ns / APP_NS_PER_S;

	print_table(run, &sum);
	printf("\n%s turns/s for %.1f s, at most %s live in %s of %s volumes\n",
		app_text_rate((double)sum.turns / elapsed_s).s, elapsed_s,
		app_text_bytes(run->looped.counters.live_peak).s, app_text_count(run->memory.volume_used).s,
		app_text_count(run->stress.cfg.volume_cnt).s);
	print_memory(run);
	print_unpinned(run);
	print_inject(run);
	if (run->errors.cnt > 0)
		printf("%s error%s, the first: %s\n", app_text_count(run->errors.cnt).s, run->errors.cnt > 1 ? "s" : "",
			run->errors.first);
}
