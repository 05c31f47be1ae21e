/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * How a groove grows. In one of one's own a set bit is an unused volume; clearing it claims the volume. In one that
 * processes share the region has them; a count of the turns at growing picks one of those that found it full.
 */

#include <sched.h>
#include <stdlib.h>

#include <rte_pause.h>

#include "clock.h"
#include "tile.h"

#define WORD_BITS 64

#define TRIES_TO_GROW 2
#define TRIES_TO_END  32

/* What a tile of another process is waited for: it may have been stopped, or killed. */
#define MOVE_SPINS (1U << 10) /* between looks */
#define MOVE_NS	   (APP_NS_PER_S / 5)

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
stress_volumes_seen(const struct stress *stress)
{
	/* Pairs with the release in add(): volumes counted here are in the groove for the caller. What counts in a
	 * shared one are turns, and a volume of one may be on its way. */
	return __atomic_load_n(
		stress->shared.table != NULL ? &stress->table->grow_cnt : &stress->volume_added, __ATOMIC_ACQUIRE);
}

uint64_t
stress_volumes_added(const struct stress *stress, const groove_data_t *join)
{
	return stress->shared.table != NULL ? stress->shared.volume_cnt(stress->shared.arg, join)
					    : stress_volumes_seen(stress);
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
	/* Release: pairs with the acquire in stress_volumes_seen(). */
	__atomic_fetch_add(&tile->stress->volume_added, 1, __ATOMIC_RELEASE);
	return true;
}

/* ---- whether FULL is to be believed ---- */

static bool
is_over(const struct stress *stress, const struct stress_seat *seat)
{
	return stress_seat_kind(seat) != STRESS_SEAT_TILE || stress_stopped(stress) != STRESS_STOP_NONE;
}

/* Whether a tile of another process will not move, or not soon. */
static bool
is_stuck(const struct stress *stress, uint64_t idx, uint64_t since_ns)
{
	return stress->shared.table != NULL &&
	       (stress_seat_is_dead(stress, idx) || app_clock_ns() - since_ns >= MOVE_NS);
}

static void
other_moves(struct stress_tile *tile, uint64_t idx)
{
	const struct stress *stress = tile->stress;
	const struct stress_seat *seat = &stress->seats[idx];
	const uint64_t before = __atomic_load_n(&seat->beats, __ATOMIC_RELAXED);
	const uint64_t since_ns = app_clock_ns();
	unsigned int spins = 0;

	while (__atomic_load_n(&seat->beats, __ATOMIC_RELAXED) == before && !is_over(stress, seat)) {
		stress_beat(tile); /* it may be waiting for this one */
		sched_yield();	   /* and on the same CPU */
		if (++spins % MOVE_SPINS == 0 && is_stuck(stress, idx, since_ns))
			break;
	}
}

/*
 * Wait until each other tile has been outside of groove's calls at least once. One that is inside may hold the only
 * memory that is left, on its way from one place to another: groove does not wait for it and says FULL.
 */
static void
others_move(struct stress_tile *tile)
{
	const uint64_t top = stress_seat_top(tile->stress);

	for (uint64_t i = 0; i < top; i++) {
		if (i != tile->seat_idx)
			other_moves(tile, i);
	}
}

static bool
volumes_left(const struct stress_tile *tile)
{
	return stress_volumes_added(tile->stress, tile->join) < tile->stress->cfg.volume_cnt;
}

/* Count a FULL. Returns whether it can be believed: others may bring memory back, and one try is not enough of a proof.
 */
static bool
is_full(struct stress_full *full, uint64_t added, bool left)
{
	if (full->added != added || full->left != left)
		*full = (struct stress_full){.added = added, .left = left};
	full->tries++;
	return full->tries >= (left ? TRIES_TO_GROW : TRIES_TO_END);
}

/* ---- growth ---- */

/* Have the turn at growing; others found these volumes full as well. */
static bool
take_turn(uint64_t *turn, uint64_t added)
{
	/* Relaxed: picks one of them, so that they do not add a volume each. */
	return __atomic_compare_exchange_n(turn, &added, added + 1, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

/* A process that dies now has had its turn all the same: then the others find the groove full once more, and it is the
 * next one's.
 */
static bool
grow_shared(struct stress_tile *tile, uint64_t added)
{
	const struct stress_shared *shared = &tile->stress->shared;
	int err;

	if (!take_turn(&tile->stress->table->grow_cnt, added)) {
		others_move(tile);
		return true;
	}
	err = shared->grow(shared->arg, tile->join);
	if (err == GROOVE_SUCCESS || err == GROOVE_ERR_AGAIN || !volumes_left(tile))
		return true;
	stress_stop(tile->stress, STRESS_STOP_NO_MEMORY);
	return false;
}

static bool
grow_own(struct stress_tile *tile, uint64_t added)
{
	if (!take_turn(&tile->stress->volume_claimed, added)) {
		rte_pause();
		return true;
	}
	return add(tile, claim_random(tile->stress, &tile->rng));
}

bool
stress_volumes_grow(struct stress_tile *tile, struct stress_full *full, uint64_t added)
{
	const bool left = volumes_left(tile);

	if (full->tries == 0)
		stress_count(&tile->counters->full_events, 1);
	stress_beat(tile);
	if (!is_full(full, added, left)) {
		others_move(tile);
		return true;
	}
	if (!left) {
		stress_stop(tile->stress, STRESS_STOP_NO_VOLUME);
		return false;
	}
	return tile->stress->shared.table != NULL ? grow_shared(tile, added) : grow_own(tile, added);
}
