/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* A tile, and when its run ends. */

#include "tile.h"
#include "clock.h"

#define PROCESS_STEP 0x9e3779b97f4a7c15UL /* between the seeds of processes that share a groove */

void
stress_stop(struct stress *stress, enum stress_stop why)
{
	uint32_t none = STRESS_STOP_NONE;

	/* Relaxed: a request; what led to it is read after the tiles were waited for. */
	__atomic_compare_exchange_n(&stress->stop, &none, why, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

enum stress_stop
stress_stopped(const struct stress *stress)
{
	return __atomic_load_n(&stress->stop, __ATOMIC_RELAXED);
}

void
stress_tile_init(
	struct stress_tile *tile, struct stress *stress, unsigned int idx, groove_data_t *join, uint64_t stream)
{
	const uint64_t seat_idx = stress->shared.table != NULL ? groove_data_join_idx(join) : idx;

	*tile = (struct stress_tile){
		.stress = stress,
		.join = join,
		.counters = &stress->counters[idx],
		.seat = stress_seat(stress, seat_idx),
		.seat_idx = (uint32_t)seat_idx,
		.tile = idx,
		.start_ns = app_clock_ns(),
	};
	tile->lock = stress_seat_lock(seat_idx, tile->seat->state);
	stress_rng_seed(
		&tile->rng, stress->cfg.seed + stress->number * PROCESS_STEP, stream * stress->cfg.tile_cnt + idx);
}

bool
stress_part_over(const struct stress_tile *tile, uint64_t part)
{
	const struct stress_cfg *cfg = &tile->stress->cfg;

	if (cfg->turn_cnt > 0 && tile->counters->turns >= cfg->turn_cnt / part)
		return true;
	return cfg->duration_ns > 0 && app_clock_ns() - tile->start_ns >= cfg->duration_ns / part;
}

bool
stress_half_way(const struct stress_tile *tile)
{
	return stress_part_over(tile, 2);
}
