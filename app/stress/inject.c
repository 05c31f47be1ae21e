/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * Deliberate damage, to see that the run finds it. One tile does it while the others work; a run that ends before there
 * was anything to damage has it done afterwards. The second free comes when all tiles have ended, always: a free object
 * may be handed out again at once, and then the second free would hit somebody else's.
 */

#include "tile.h"

#define INJECT_TILE   0
#define INJECT_STREAM 1

static void
flip_bit(struct stress_tile *tile, uint8_t *bytes, size_t sz)
{
	uint8_t *byte = &bytes[stress_draw_below(&tile->rng, sz)];
	const uint8_t bit = (uint8_t)(1U << stress_draw_below(&tile->rng, 8));

	/* Relaxed: the header is read as a word by others that look at any address. */
	__atomic_fetch_xor(byte, bit, __ATOMIC_RELAXED);
	tile->stress->injected_off = stress_off(tile, byte);
}

static void
flip_pattern(struct stress_tile *tile, const struct stress_slot *slot)
{
	void *obj = stress_addr(tile, slot->off);
	const size_t sz = stress_object_range(obj);

	/* One without a pattern, if there is no other, has its red zone there: free will see it. */
	flip_bit(tile, groove_data_alloc_start(obj), sz > 0 ? sz : sizeof(uint64_t));
}

static void
flip_header(struct stress_tile *tile, const struct stress_slot *slot)
{
	flip_bit(tile, stress_addr(tile, slot->hdr_off), sizeof(groove_data_hdr_t));
}

static void
forget(struct stress_tile *tile, struct stress_slot *slot)
{
	tile->stress->injected_off = slot->off;
	slot->off = 0;
	stress_step(slot, STRESS_STEP_EMPTY);
}

static void
free_twice(struct stress_tile *tile, struct stress_slot *slot)
{
	struct stress_finding finding = stress_finding_of(tile, slot, STRESS_FAULT_DOUBLE_FREE);
	void *obj = stress_addr(tile, slot->off);

	tile->stress->injected_off = slot->off;
	stress_object_settle(tile, slot, true);
	finding.err = groove_data_free(tile->join, obj);
	stress_found(tile, &finding);
}

static void
inject(struct stress_tile *tile, struct stress_slot *slot)
{
	tile->stress->injected = true;
	switch (tile->stress->cfg.inject) {
	case STRESS_INJECT_FLIP:
		flip_pattern(tile, slot);
		break;
	case STRESS_INJECT_HEADER:
		flip_header(tile, slot);
		break;
	case STRESS_INJECT_LEAK:
		forget(tile, slot);
		break;
	case STRESS_INJECT_DOUBLE_FREE:
		free_twice(tile, slot);
		break;
	case STRESS_INJECT_NONE:
		break;
	}
}

/* Whether a slot has an object to damage. Shorter than a word it has no pattern in a build with debug_checks. */
static bool
is_target(const struct stress_tile *tile, const struct stress_slot *slot)
{
	const bool has_pattern = !GROOVE_DEBUG_CHECKS || slot->sz >= sizeof(uint64_t);

	return slot->off != 0 && (has_pattern || tile->stress->cfg.inject != STRESS_INJECT_FLIP);
}

void
stress_inject_turn(struct stress_tile *tile, struct stress_slot *slot)
{
	const enum stress_inject what = tile->stress->cfg.inject;

	if (what == STRESS_INJECT_NONE || what == STRESS_INJECT_DOUBLE_FREE || tile->tile != INJECT_TILE)
		return;
	if (!tile->stress->injected && is_target(tile, slot) && stress_half_way(tile))
		inject(tile, slot);
}

/* A slot with an object to damage, in a circle from a random one; else one with a new object. NULL: no volume left. */
static struct stress_slot *
live_slot(struct stress_tile *tile)
{
	struct stress *stress = tile->stress;
	const uint64_t cnt = stress->cfg.slot_cnt;
	const uint64_t first = stress_draw_below(&tile->rng, cnt);

	for (uint64_t i = 0; i < cnt; i++) {
		struct stress_slot *slot = &stress->slots[(first + i) % cnt];

		if (is_target(tile, slot))
			return slot;
	}
	for (uint64_t i = 0; i < cnt; i++) {
		struct stress_slot *slot = &stress->slots[(first + i) % cnt];

		if (slot->off == 0 && !stress_object_make(tile, slot))
			return NULL;
		if (is_target(tile, slot))
			return slot;
	}
	return &stress->slots[first];
}

void
stress_inject_late(struct stress *stress, groove_data_t *join)
{
	struct stress_tile tile;

	if (stress->cfg.inject == STRESS_INJECT_NONE || stress->injected)
		return;
	stress_tile_init(&tile, stress, INJECT_TILE, join, INJECT_STREAM);

	struct stress_slot *slot = live_slot(&tile);

	if (slot != NULL)
		inject(&tile, slot);
}
