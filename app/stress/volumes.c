/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Which volumes are not in the groove yet. A set bit is an unused volume; clearing it claims the volume. */

#include <sched.h>
#include <stdlib.h>

#include <rte_pause.h>

#include "tile.h"

#define WORD_BITS 64

#define TRIES_TO_GROW 2
#define TRIES_TO_END  32

static uint64_t
word_cnt(const struct stress *stress)
{
	return (stress->cfg.volume_cnt + WORD_BITS - 1) / WORD_BITS;
}

int
stress_volumes_init(struct stress *stress)
{
	stress->unused = calloc(word_cnt(stress), sizeof(*stress->unused));
	if (stress->unused == NULL)
		return GROOVE_ERR_FULL;
	for (uint64_t i = 0; i < stress->cfg.volume_cnt; i++)
		stress->unused[i / WORD_BITS] |= 1UL << i % WORD_BITS;
	stress->volume_added = 0;
	return GROOVE_SUCCESS;
}

void
stress_volumes_fini(struct stress *stress)
{
	free(stress->unused);
	stress->unused = NULL;
}

uint64_t
stress_volumes_added(const struct stress *stress)
{
	/* Pairs with the release in stress_volumes_grow(): volumes counted here are in the groove for the caller. */
	return __atomic_load_n(&stress->volume_added, __ATOMIC_ACQUIRE);
}

static bool
claim(struct stress *stress, uint64_t idx)
{
	const uint64_t bit = 1UL << idx % WORD_BITS;

	/* Relaxed: claiming a number; the volume itself is untouched until then. */
	return (__atomic_fetch_and(&stress->unused[idx / WORD_BITS], ~bit, __ATOMIC_RELAXED) & bit) != 0;
}

/* Claim the first unused volume from a random one on, in a circle; there is one. */
static uint64_t
claim_random(struct stress *stress, struct stress_rng *rng)
{
	const uint64_t cnt = stress->cfg.volume_cnt;
	uint64_t idx = stress_draw_below(rng, cnt);

	while (!claim(stress, idx))
		idx = (idx + 1) % cnt;
	return idx;
}

static bool
add(struct stress_tile *tile, uint64_t idx)
{
	const uint64_t volume_sz = groove_data_volume_sz(tile->join);
	const uint64_t off = idx * volume_sz;
	const int err = groove_data_volume_add(tile->join, stress_addr(tile, off), volume_sz, NULL, 0);

	if (err != GROOVE_SUCCESS) {
		const struct stress_finding finding = {
			.fault = STRESS_FAULT_ADD, .tile = tile->tile, .at = off, .err = err};

		stress_found(tile, &finding);
		stress_stop(tile->stress, STRESS_STOP_FINDING);
		return false;
	}
	/* Release: pairs with the acquire in stress_volumes_added(). */
	__atomic_fetch_add(&tile->stress->volume_added, 1, __ATOMIC_RELEASE);
	return true;
}

/* ---- whether FULL is to be believed ---- */

static bool
is_over(const struct stress *stress, unsigned int idx)
{
	return __atomic_load_n(&stress->counters[idx].over, __ATOMIC_RELAXED) ||
	       stress_stopped(stress) != STRESS_STOP_NONE;
}

/*
 * Wait until each other tile has been outside of groove's calls at least once. One that is inside may hold the only
 * memory that is left, on its way from one place to another: groove does not wait for it and says FULL.
 */
static void
others_move(struct stress_tile *tile)
{
	const struct stress *stress = tile->stress;

	for (unsigned int i = 0; i < stress->cfg.tile_cnt; i++) {
		const uint64_t *beats = &stress->counters[i].beats;
		const uint64_t before = __atomic_load_n(beats, __ATOMIC_RELAXED);

		while (i != tile->tile && __atomic_load_n(beats, __ATOMIC_RELAXED) == before && !is_over(stress, i)) {
			stress_beat(tile); /* it may be waiting for this one */
			sched_yield();	   /* and on the same CPU */
		}
	}
}

/* Count a FULL. Answers whether it can be believed: others may bring memory back, and one try is not enough of a proof.
 */
static bool
is_full(const struct stress_tile *tile, struct stress_full *full, uint64_t added)
{
	const unsigned int enough = added < tile->stress->cfg.volume_cnt ? TRIES_TO_GROW : TRIES_TO_END;

	if (full->added != added)
		*full = (struct stress_full){.added = added};
	full->tries++;
	return full->tries >= enough;
}

bool
stress_volumes_grow(struct stress_tile *tile, struct stress_full *full, uint64_t added)
{
	struct stress *stress = tile->stress;
	uint64_t claimed = added;

	if (full->tries == 0)
		stress_count(&tile->counters->full_events, 1);
	stress_beat(tile);
	if (!is_full(tile, full, added)) {
		others_move(tile);
		return true;
	}
	if (added == stress->cfg.volume_cnt) {
		stress_stop(stress, STRESS_STOP_NO_VOLUME);
		return false;
	}
	/* Relaxed: picks one of the tiles that found these volumes full, so that they do not add one each. */
	if (!__atomic_compare_exchange_n(
		    &stress->volume_claimed, &claimed, added + 1, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
		rte_pause();
		return true;
	}
	return add(tile, claim_random(stress, &tile->rng));
}
