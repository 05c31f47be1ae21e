/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* The loop: slots, turns, and when it ends. */

#include <stdlib.h>
#include <string.h>

#include <rte_pause.h>

#include "clock.h"
#include "tile.h"

#define LOOK_EVERY 64 /* turns between looks at the clock and at all tiles' live bytes */

/* ---- a run ---- */

static void *
zeroed(uint64_t cnt, size_t sz)
{
	void *mem = aligned_alloc(STRESS_ALIGN, cnt * sz);

	if (mem != NULL)
		memset(mem, 0, cnt * sz);
	return mem;
}

int
stress_init(struct stress *stress, const struct stress_cfg *cfg, stress_finding_fn on_finding, void *arg)
{
	*stress = (struct stress){.cfg = *cfg, .on_finding = on_finding, .arg = arg};
	stress->slots = zeroed(cfg->slot_cnt, sizeof(*stress->slots));
	stress->counters = zeroed(cfg->tile_cnt, sizeof(*stress->counters));
	if (stress->slots == NULL || stress->counters == NULL || stress_volumes_init(stress) != GROOVE_SUCCESS) {
		stress_fini(stress);
		return GROOVE_ERR_FULL;
	}
	return GROOVE_SUCCESS;
}

void
stress_fini(struct stress *stress)
{
	stress_volumes_fini(stress);
	free(stress->counters);
	free(stress->slots);
	stress->counters = NULL;
	stress->slots = NULL;
}

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

/* ---- live bytes ---- */

/* All tiles' live bytes. Tiles go on meanwhile, so it can be off by the turns of this moment, also below zero. */
static uint64_t
live_bytes(const struct stress *stress)
{
	int64_t sum = 0;

	for (unsigned int i = 0; i < stress->cfg.tile_cnt; i++)
		sum += __atomic_load_n(&stress->counters[i].live_bytes, __ATOMIC_RELAXED);
	return sum > 0 ? (uint64_t)sum : 0;
}

static void
sample_live(struct stress_tile *tile)
{
	const uint64_t live = live_bytes(tile->stress);

	if (live > tile->counters->live_peak)
		__atomic_store_n(&tile->counters->live_peak, live, __ATOMIC_RELAXED);
}

struct stress_counters
stress_sum(const struct stress *stress)
{
	struct stress_counters sum = {.live_peak = live_bytes(stress)};

	for (unsigned int i = 0; i < stress->cfg.tile_cnt; i++) {
		const struct stress_counters *tile = &stress->counters[i];
		const uint64_t peak = __atomic_load_n(&tile->live_peak, __ATOMIC_RELAXED);

		sum.turns += __atomic_load_n(&tile->turns, __ATOMIC_RELAXED);
		sum.allocs += __atomic_load_n(&tile->allocs, __ATOMIC_RELAXED);
		sum.frees += __atomic_load_n(&tile->frees, __ATOMIC_RELAXED);
		sum.validations += __atomic_load_n(&tile->validations, __ATOMIC_RELAXED);
		sum.full_events += __atomic_load_n(&tile->full_events, __ATOMIC_RELAXED);
		sum.findings += __atomic_load_n(&tile->findings, __ATOMIC_RELAXED);
		sum.lost += __atomic_load_n(&tile->lost, __ATOMIC_RELAXED);
		sum.live_objs += __atomic_load_n(&tile->live_objs, __ATOMIC_RELAXED);
		sum.live_bytes += __atomic_load_n(&tile->live_bytes, __ATOMIC_RELAXED);
		sum.live_peak = peak > sum.live_peak ? peak : sum.live_peak;
	}
	return sum;
}

/* ---- slots ---- */

/* Lock a random slot that nobody works in. NULL: the run was stopped. */
static struct stress_slot *
slot_lock(struct stress_tile *tile)
{
	struct stress *stress = tile->stress;

	while (stress_stopped(stress) == STRESS_STOP_NONE) {
		struct stress_slot *slot = &stress->slots[stress_draw_below(&tile->rng, stress->cfg.slot_cnt)];
		uint32_t unlocked = 0;

		/* Acquire: pairs with the release in slot_unlock() of the tile that was here before. */
		if (__atomic_compare_exchange_n(
			    &slot->lock, &unlocked, tile->tile + 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			return slot;
		stress_beat(tile); /* who works there may wait for this tile */
		rte_pause();
	}
	return NULL;
}

static void
slot_unlock(struct stress_slot *slot)
{
	/* Release: hands the slot, its object and the bytes in it to the next slot_lock(). */
	__atomic_store_n(&slot->lock, 0, __ATOMIC_RELEASE);
}

/* ---- turns ---- */

void
stress_tile_init(
	struct stress_tile *tile, struct stress *stress, unsigned int idx, groove_data_t *join, uint64_t stream)
{
	*tile = (struct stress_tile){
		.stress = stress,
		.join = join,
		.counters = &stress->counters[idx],
		.tile = idx,
		.start_ns = app_clock_ns(),
	};
	stress_rng_seed(&tile->rng, stress->cfg.seed, stream * stress->cfg.tile_cnt + idx);
}

static bool
part_over(const struct stress_tile *tile, uint64_t part)
{
	const struct stress_cfg *cfg = &tile->stress->cfg;

	if (cfg->turn_cnt > 0 && tile->counters->turns >= cfg->turn_cnt / part)
		return true;
	return cfg->duration_ns > 0 && app_clock_ns() - tile->start_ns >= cfg->duration_ns / part;
}

bool
stress_half_way(const struct stress_tile *tile)
{
	return part_over(tile, 2);
}

/* The clock is read now and then only: a turn on a small object is shorter than that. */
static bool
over(struct stress_tile *tile)
{
	const struct stress_cfg *cfg = &tile->stress->cfg;

	if (tile->counters->turns % LOOK_EVERY == 0) {
		sample_live(tile);
		return part_over(tile, 1);
	}
	return cfg->turn_cnt > 0 && tile->counters->turns >= cfg->turn_cnt;
}

/* False: the run was stopped, or has to be. */
static bool
turn(struct stress_tile *tile)
{
	struct stress_slot *slot = slot_lock(tile);

	if (slot == NULL)
		return false;
	if (slot->off != 0)
		stress_object_settle(tile, slot, stress_draw(&tile->rng) & 1);
	else
		stress_object_make(tile, slot);
	stress_inject_turn(tile, slot);
	slot_unlock(slot);
	stress_count(&tile->counters->turns, 1);
	stress_beat(tile);
	return true;
}

void
stress_loop(struct stress *stress, unsigned int idx, groove_data_t *join)
{
	struct stress_tile tile;

	stress_tile_init(&tile, stress, idx, join, 0);
	while (!over(&tile)) {
		if (!turn(&tile))
			break;
	}
	sample_live(&tile);
	/* Relaxed: others stop waiting for this tile's beats. */
	__atomic_store_n(&tile.counters->over, true, __ATOMIC_RELAXED);
}
