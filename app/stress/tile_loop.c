/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* The loop: slots and turns. */

#include <stdlib.h>
#include <string.h>

#include <rte_pause.h>

#include "tile.h"

#define LOOK_EVERY     64	  /* turns between looks at the clock and at all tiles' live bytes */
#define TRIES_TO_DOUBT (1U << 14) /* of locks in a row, between looks at the clock and at the holders of the locks */

/* ---- a run ---- */

static struct stress_table *
own_table(const struct stress_cfg *cfg)
{
	void *mem = aligned_alloc(STRESS_ALIGN, stress_table_sz(cfg->slot_cnt, cfg->tile_cnt));

	return mem != NULL ? stress_table_new(mem, cfg->slot_cnt, cfg->tile_cnt, cfg->sz_max, cfg->seed) : NULL;
}

static int
init(struct stress *stress, struct stress_table *table)
{
	const size_t sz = stress->cfg.tile_cnt * sizeof(*stress->counters);

	stress->counters = aligned_alloc(STRESS_ALIGN, sz);
	if (table == NULL || stress->counters == NULL || stress_volumes_init(stress) != GROOVE_SUCCESS) {
		stress_fini(stress);
		return GROOVE_ERR_FULL;
	}
	memset(stress->counters, 0, sz);
	stress->seat_cnt = table->seat_cnt;
	stress->seats = stress_table_seats(table);
	stress->slots = stress_table_slots(table);
	stress->salt = table->salt;
	return GROOVE_SUCCESS;
}

int
stress_init(struct stress *stress, const struct stress_cfg *cfg, stress_finding_fn on_finding, void *arg)
{
	*stress = (struct stress){.cfg = *cfg, .on_finding = on_finding, .arg = arg};
	stress->table = own_table(cfg);
	return init(stress, stress->table);
}

int
stress_init_shared(struct stress *stress, const struct stress_cfg *cfg, const struct stress_shared *shared,
	stress_finding_fn on_finding, void *arg)
{
	*stress = (struct stress){.cfg = *cfg, .shared = *shared, .on_finding = on_finding, .arg = arg};
	stress->table = shared->table;
	stress->cfg.slot_cnt = shared->table->slot_cnt;
	stress->cfg.sz_max = shared->table->sz_max;
	/* Relaxed: a number of one's own is all that is asked for. */
	stress->number = __atomic_fetch_add(&shared->table->process_cnt, 1, __ATOMIC_RELAXED);
	return init(stress, stress->table);
}

void
stress_fini(struct stress *stress)
{
	stress_volumes_fini(stress);
	free(stress->counters);
	if (stress->shared.table == NULL)
		free(stress->table);
	stress->counters = NULL;
	stress->table = NULL;
}

/* ---- live bytes ---- */

/* All live bytes. Tiles go on meanwhile, so it can be off by the turns of this moment, also below zero. */
static uint64_t
live_bytes(const struct stress *stress)
{
	const uint64_t top = stress_seat_top(stress);
	int64_t sum = 0;

	for (uint64_t i = 0; i < top; i++)
		sum += __atomic_load_n(&stress->seats[i].live_bytes, __ATOMIC_RELAXED);
	return sum > 0 ? (uint64_t)sum : 0;
}

static void
sample_live(struct stress_tile *tile)
{
	const uint64_t live = live_bytes(tile->stress);

	if (live > tile->counters->live_peak)
		__atomic_store_n(&tile->counters->live_peak, live, __ATOMIC_RELAXED);
}

static void
sum_counters(const struct stress *stress, struct stress_counters *sum)
{
	for (unsigned int i = 0; i < stress->cfg.tile_cnt; i++) {
		const struct stress_counters *tile = &stress->counters[i];
		const uint64_t peak = __atomic_load_n(&tile->live_peak, __ATOMIC_RELAXED);

		sum->turns += __atomic_load_n(&tile->turns, __ATOMIC_RELAXED);
		sum->allocs += __atomic_load_n(&tile->allocs, __ATOMIC_RELAXED);
		sum->frees += __atomic_load_n(&tile->frees, __ATOMIC_RELAXED);
		sum->validations += __atomic_load_n(&tile->validations, __ATOMIC_RELAXED);
		sum->full_events += __atomic_load_n(&tile->full_events, __ATOMIC_RELAXED);
		sum->findings += __atomic_load_n(&tile->findings, __ATOMIC_RELAXED);
		sum->live_peak = peak > sum->live_peak ? peak : sum->live_peak;
	}
}

struct stress_sum
stress_sum(const struct stress *stress)
{
	struct stress_sum sum = {.counters.live_peak = live_bytes(stress)};
	const uint64_t top = stress_seat_top(stress);

	sum_counters(stress, &sum.counters);
	for (uint64_t i = 0; i < top; i++) {
		const struct stress_seat *seat = &stress->seats[i];

		sum.live_objs += __atomic_load_n(&seat->live_objs, __ATOMIC_RELAXED);
		sum.live_bytes += __atomic_load_n(&seat->live_bytes, __ATOMIC_RELAXED);
		sum.lost += __atomic_load_n(&seat->lost, __ATOMIC_RELAXED);
	}
	return sum;
}

/* ---- slots ---- */

bool
stress_slot_lock(const struct stress_tile *tile, struct stress_slot *slot)
{
	uint32_t unlocked = 0;

	/* Acquire: pairs with the release in stress_slot_unlock() of the tile that was here before. */
	return __atomic_compare_exchange_n(
		&slot->lock, &unlocked, tile->lock, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

void
stress_slot_unlock(struct stress_slot *slot)
{
	/* Release: hands the slot, its object and the bytes in it to the next stress_slot_lock(). */
	__atomic_store_n(&slot->lock, 0, __ATOMIC_RELEASE);
}

/* Whether each slot is locked by one that died. */
static bool
no_slot_left(const struct stress *stress)
{
	for (uint64_t i = 0; i < stress->cfg.slot_cnt; i++) {
		const uint32_t lock = __atomic_load_n(&stress->slots[i].lock, __ATOMIC_RELAXED);

		if (lock == 0 || !stress_lock_is_dead(stress, lock))
			return false;
	}
	return true;
}

/* Many slots in a row were locked. False: that is the end of it. */
static bool
doubt_slots(const struct stress_tile *tile)
{
	if (no_slot_left(tile->stress))
		stress_stop(tile->stress, STRESS_STOP_NO_SLOT);
	return !stress_part_over(tile, 1);
}

/* Lock a random slot that nobody works in. NULL: the run is over. */
static struct stress_slot *
slot_take(struct stress_tile *tile)
{
	struct stress *stress = tile->stress;
	unsigned int tries = 0;

	while (stress_stopped(stress) == STRESS_STOP_NONE) {
		struct stress_slot *slot = &stress->slots[stress_draw_below(&tile->rng, stress->cfg.slot_cnt)];

		if (stress_slot_lock(tile, slot))
			return slot;
		if (++tries % TRIES_TO_DOUBT == 0 && !doubt_slots(tile))
			break;
		stress_beat(tile); /* the process that works there may wait for this tile */
		rte_pause();
	}
	return NULL;
}

uint64_t
stress_slots_full(const struct stress *stress)
{
	uint64_t cnt = 0;

	for (uint64_t i = 0; i < stress->cfg.slot_cnt; i++)
		cnt += stress->slots[i].off != 0;
	return cnt;
}

/* ---- turns ---- */

/* The clock is read now and then only: a turn on a small object is shorter than that. */
static bool
over(struct stress_tile *tile)
{
	const struct stress_cfg *cfg = &tile->stress->cfg;

	if (tile->counters->turns % LOOK_EVERY == 0) {
		sample_live(tile);
		return stress_part_over(tile, 1);
	}
	return cfg->turn_cnt > 0 && tile->counters->turns >= cfg->turn_cnt;
}

/* False: the run was stopped, or has to be. */
static bool
turn(struct stress_tile *tile)
{
	struct stress_slot *slot = slot_take(tile);

	if (slot == NULL)
		return false;
	if (slot->off != 0)
		stress_object_settle(tile, slot, stress_draw(&tile->rng) & 1);
	else
		stress_object_make(tile, slot);
	stress_inject_turn(tile, slot);
	stress_slot_unlock(slot);
	stress_count(&tile->counters->turns, 1);
	stress_beat(tile);
	return true;
}

void
stress_loop(struct stress *stress, unsigned int idx, groove_data_t *join)
{
	struct stress_tile tile;

	stress_tile_init(&tile, stress, idx, join, 0);
	stress_seat_take(tile.seat, STRESS_SEAT_TILE);
	tile.lock = stress_seat_lock(tile.seat_idx, tile.seat->state);
	while (!over(&tile)) {
		if (!turn(&tile))
			break;
	}
	sample_live(&tile);
	stress_seat_leave(tile.seat);
}
