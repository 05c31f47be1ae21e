/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "sizes.h"

static uint64_t
main_draw(struct stress_rng *rng, uint64_t sz_max)
{
	const uint64_t sz = stress_draw_sz(rng, sz_max);

	return sz > 0 ? sz : 1;
}

static uint64_t
uniform_draw(struct stress_rng *rng, uint64_t sz_max)
{
	return 1 + stress_draw_below(rng, sz_max);
}

/* 64-124, 576-616 and 1,500 bytes at 58:33:9. */
static uint64_t
packets_draw(struct stress_rng *rng, uint64_t sz_max)
{
	const uint64_t percent = stress_draw_below(rng, 100);

	if (percent < 58)
		return 64 + stress_draw_below(rng, 124 - 64 + 1);
	if (percent < 58 + 33)
		return 576 + stress_draw_below(rng, 616 - 576 + 1);
	return sz_max;
}

static const struct {
	const char *name;
	const char *what;
	uint64_t (*draw)(struct stress_rng *rng, uint64_t sz_max);
	uint64_t max;
} distributions[PERF_SIZES_CNT] = {
	[PERF_MAIN64K] = {"main64k", "main job to 64 KiB", main_draw, 64UL << 10},
	[PERF_MAIN10M] = {"main10m", "main job to 10 MiB", main_draw, 10UL << 20},
	[PERF_PACKETS] = {"packets", "64-124, 576-616, 1,500 at 58:33:9", packets_draw, 1500},
	[PERF_UNIFORM4K] = {"uniform4k", "even to 4 KiB", uniform_draw, 4UL << 10},
	[PERF_UNIFORM64K] = {"uniform64k", "even to 64 KiB", uniform_draw, 64UL << 10},
	[PERF_UNIFORM1M] = {"uniform1m", "even to 1 MiB", uniform_draw, 1UL << 20},
};

const char *
perf_sizes_name(enum perf_sizes sizes)
{
	return distributions[sizes].name;
}

const char *
perf_sizes_what(enum perf_sizes sizes)
{
	return distributions[sizes].what;
}

uint64_t
perf_sizes_max(enum perf_sizes sizes)
{
	return distributions[sizes].max;
}

uint64_t
perf_sizes_draw(enum perf_sizes sizes, struct stress_rng *rng)
{
	return distributions[sizes].draw(rng, distributions[sizes].max);
}
