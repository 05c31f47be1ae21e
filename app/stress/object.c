/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* The life of one object: made, filled, checked, freed. The caller has locked its slot. */

#include <string.h>

#include "pattern.h"
#include "tile.h"

static const uint8_t *
obj_start(const void *obj)
{
	return groove_data_alloc_start_const(obj);
}

size_t
stress_object_range(const void *obj)
{
	return (size_t)((const uint8_t *)groove_data_alloc_stop_const(obj) - obj_start(obj)) & ~7UL;
}

/* ---- accessors ---- */

static void
found_accessor(
	struct stress_tile *tile, const struct stress_slot *slot, const char *what, uint64_t expected, uint64_t found)
{
	struct stress_finding finding = stress_finding_of(tile, slot, STRESS_FAULT_ACCESSOR);

	finding.what = what;
	finding.expected = expected;
	finding.found = found;
	stress_found(tile, &finding);
}

static bool
accessor_is(
	struct stress_tile *tile, const struct stress_slot *slot, const char *what, uint64_t expected, uint64_t found)
{
	if (found == expected)
		return true;
	found_accessor(tile, slot, what, expected, found);
	return false;
}

static bool
accessor_at_most(
	struct stress_tile *tile, const struct stress_slot *slot, const char *what, uint64_t limit, uint64_t found)
{
	if (found <= limit)
		return true;
	found_accessor(tile, slot, what, limit, found);
	return false;
}

/* Whether header and object can be read at all: both in the volumes, and the header is that of a live object. */
static bool
place_holds(struct stress_tile *tile, const struct stress_slot *slot, const void *obj)
{
	const uint64_t reach = groove_data_volume_max(tile->join) * groove_data_volume_sz(tile->join);

	if (!accessor_at_most(tile, slot, "offset of the object", reach - 1, slot->off))
		return false;

	const groove_data_hdr_t hdr = groove_data_alloc_hdr(obj);

	return accessor_at_most(tile, slot, "offset of the header", slot->off,
		       stress_off(tile, groove_data_object_hdr_const(obj))) &&
	       accessor_is(tile, slot, "type in the header", GROOVE_DATA_HDR_TYPE_ALLOC, groove_data_hdr_type(hdr)) &&
	       accessor_at_most(
		       tile, slot, "size class in the header", GROOVE_DATA_SZC_CNT - 1, groove_data_hdr_szc(hdr));
}

/* Whether each accessor says what was asked for, and the usable range holds the object inside one volume. */
static bool
accessors_hold(struct stress_tile *tile, const struct stress_slot *slot, const void *obj)
{
	const uint64_t align = slot->align > 0 ? slot->align : GROOVE_DATA_ALLOC_ALIGN_DEFAULT;
	const uint64_t volume = slot->off / groove_data_volume_sz(tile->join);
	const uint64_t start = stress_off(tile, groove_data_alloc_start_const(obj));
	const uint64_t stop = stress_off(tile, groove_data_alloc_stop_const(obj));

	return accessor_is(tile, slot, "alloc_align", align, groove_data_alloc_align(obj)) &&
	       accessor_is(tile, slot, "alloc_sz", slot->sz, groove_data_alloc_sz(obj)) &&
	       accessor_is(tile, slot, "alloc_tag", slot->tag, groove_data_alloc_tag(obj)) &&
	       accessor_is(tile, slot, "address modulo alignment", 0, (uintptr_t)obj % align) &&
	       accessor_at_most(tile, slot, "alloc_start, up to the object", slot->off, start) &&
	       accessor_at_most(tile, slot, "end of the object, up to alloc_stop", stop, slot->off + slot->sz) &&
	       accessor_is(tile, slot, "volume of alloc_start", volume, start / groove_data_volume_sz(tile->join)) &&
	       accessor_is(
		       tile, slot, "volume of alloc_stop", volume, (stop - 1) / groove_data_volume_sz(tile->join)) &&
	       accessor_is(tile, slot, "alloc_start modulo 8", 0, start % 8) &&
	       (GROOVE_DEBUG_CHECKS || accessor_is(tile, slot, "alloc_stop modulo 8", 0, stop % 8));
}

/* ---- bytes ---- */

/* Show what lies in memory at byte_off and what should; `at` becomes the first byte that differs. */
static void
found_bytes(struct stress_tile *tile, struct stress_finding *finding)
{
	unsigned int i = 0;

	memcpy(finding->found_bytes, stress_addr(tile, finding->byte_off), finding->byte_cnt);
	while (i + 1 < finding->byte_cnt && finding->expected_bytes[i] == finding->found_bytes[i])
		i++;
	finding->at = finding->byte_off + i;
	stress_found(tile, finding);
}

static bool
pattern_holds(struct stress_tile *tile, const struct stress_slot *slot, const void *obj)
{
	const size_t range = stress_object_range(obj);
	const uint64_t key = slot->tag ^ tile->stress->salt;
	const size_t wrong = stress_pattern_check(obj_start(obj), range, key);

	if (wrong == range)
		return true;

	struct stress_finding finding = stress_finding_of(tile, slot, STRESS_FAULT_PATTERN);
	const size_t first = wrong & ~(size_t)7;

	finding.byte_off = stress_off(tile, obj_start(obj)) + first;
	finding.byte_cnt = range - first < STRESS_BYTES_MAX ? (unsigned int)(range - first) : STRESS_BYTES_MAX;
	for (unsigned int i = 0; i < finding.byte_cnt; i++)
		finding.expected_bytes[i] = stress_pattern_byte(key, first + i);
	found_bytes(tile, &finding);
	return false;
}

static void
found_header(struct stress_tile *tile, const struct stress_slot *slot)
{
	const groove_data_hdr_t hdr = {.bits = slot->hdr_bits, .info = slot->tag};
	struct stress_finding finding = stress_finding_of(tile, slot, STRESS_FAULT_HEADER);

	finding.byte_off = slot->hdr_off;
	finding.byte_cnt = sizeof(hdr);
	memcpy(finding.expected_bytes, &hdr, sizeof(hdr));
	found_bytes(tile, &finding);
}

/* An over-aligned object has a second header that leads to the first: only its type is known here. */
static void
found_redirect(struct stress_tile *tile, const struct stress_slot *slot, const void *obj)
{
	const uint64_t bits = groove_data_near_hdr_const(obj)->bits >> 16 << 16 | GROOVE_DATA_HDR_TYPE_REDIRECT;
	struct stress_finding finding = stress_finding_of(tile, slot, STRESS_FAULT_HEADER);

	finding.byte_off = stress_off(tile, groove_data_near_hdr_const(obj));
	finding.byte_cnt = sizeof(bits);
	memcpy(finding.expected_bytes, &bits, sizeof(bits));
	found_bytes(tile, &finding);
}

/* Whether the header is, bit for bit, where and what it was when the object was new. */
static bool
header_holds(struct stress_tile *tile, const struct stress_slot *slot, const void *obj)
{
	const bool direct = stress_off(tile, groove_data_near_hdr_const(obj)) == slot->hdr_off;
	const bool in_place = stress_off(tile, groove_data_object_hdr_const(obj)) == slot->hdr_off;

	if (!in_place && !direct) {
		found_redirect(tile, slot, obj);
		return false;
	}

	const groove_data_hdr_t hdr = groove_data_alloc_hdr(obj);

	if (in_place && hdr.bits == slot->hdr_bits && hdr.info == slot->tag)
		return true;
	found_header(tile, slot);
	return false;
}

/* ---- life ---- */

/* An object, with volumes added as it takes. NULL: no volume left, or a finding. */
static void *
alloc_growing(struct stress_tile *tile, const struct stress_slot *slot)
{
	struct stress_full full = {0};

	for (;;) {
		const uint64_t added = stress_volumes_seen(tile->stress);
		int err;
		void *obj = groove_data_alloc(tile->join, slot->align, slot->sz, slot->tag, &err);

		if (obj != NULL)
			return obj;
		if (err != GROOVE_ERR_FULL) {
			struct stress_finding finding = stress_finding_of(tile, slot, STRESS_FAULT_ALLOC);

			finding.err = err;
			stress_found(tile, &finding);
			return NULL;
		}
		if (!stress_volumes_grow(tile, &full, added))
			return NULL;
	}
}

/* Leave an object alone that cannot be freed. */
static void
lose(struct stress_tile *tile, struct stress_slot *slot)
{
	stress_count(&tile->seat->lost, 1);
	slot->off = 0;
	stress_step(slot, STRESS_STEP_EMPTY);
}

static void
draw_object(struct stress_tile *tile, struct stress_slot *slot)
{
	const struct stress_cfg *cfg = &tile->stress->cfg;

	slot->align = stress_draw_align(&tile->rng);
	slot->sz = stress_draw_sz(&tile->rng, cfg->sz_max);
	/* No two objects of a table share a tag, and with it a pattern. */
	slot->tag = stress_tag_next(slot->tag, (uint64_t)(slot - tile->stress->slots));
	stress_step(slot, STRESS_STEP_MAKING);
}

bool
stress_object_make(struct stress_tile *tile, struct stress_slot *slot)
{
	draw_object(tile, slot);

	void *obj = alloc_growing(tile, slot);

	if (obj == NULL) {
		stress_step(slot, STRESS_STEP_EMPTY);
		return false;
	}
	slot->off = stress_off(tile, obj);
	stress_count(&tile->counters->allocs, 1);
	stress_count_signed(&tile->seat->live_objs, 1);
	stress_count_signed(&tile->seat->live_bytes, (int64_t)slot->sz);
	if (!place_holds(tile, slot, obj) || !accessors_hold(tile, slot, obj)) {
		lose(tile, slot);
		return false;
	}
	slot->hdr_off = stress_off(tile, groove_data_object_hdr_const(obj));
	slot->hdr_bits = groove_data_alloc_hdr(obj).bits;
	stress_pattern_fill(groove_data_alloc_start(obj), stress_object_range(obj), slot->tag ^ tile->stress->salt);
	stress_step(slot, STRESS_STEP_FULL);
	return true;
}

static enum stress_health
look(struct stress_tile *tile, const struct stress_slot *slot)
{
	const void *obj = stress_addr(tile, slot->off);

	if (!header_holds(tile, slot, obj) || !accessors_hold(tile, slot, obj))
		return STRESS_LOST;
	return pattern_holds(tile, slot, obj) ? STRESS_GOOD : STRESS_SPOILT;
}

static void
release(struct stress_tile *tile, struct stress_slot *slot)
{
	int err;

	stress_step(slot, STRESS_STEP_FREEING);
	err = groove_data_free(tile->join, stress_addr(tile, slot->off));
	if (err != GROOVE_SUCCESS) {
		struct stress_finding finding = stress_finding_of(tile, slot, STRESS_FAULT_FREE);

		finding.err = err;
		stress_found(tile, &finding);
		lose(tile, slot);
		return;
	}
	stress_count(&tile->counters->frees, 1);
	stress_count_signed(&tile->seat->live_objs, -1);
	stress_count_signed(&tile->seat->live_bytes, -(int64_t)slot->sz);
	slot->off = 0;
	stress_step(slot, STRESS_STEP_EMPTY);
}

/* The slots may lie in the memory that is being tested: whether one can be believed as far as the object is read. */
static bool
slot_holds(struct stress_tile *tile, const struct stress_slot *slot)
{
	const uint64_t reach = groove_data_volume_max(tile->join) * groove_data_volume_sz(tile->join);
	const struct stress_cfg *cfg = &tile->stress->cfg;

	if (slot->off < reach && slot->off % GROOVE_DATA_HDR_ALIGN == 0 && slot->hdr_off < slot->off &&
		slot->off - slot->hdr_off <= GROOVE_DATA_ALLOC_ALIGN_MAX && slot->sz <= cfg->sz_max &&
		slot->step == STRESS_STEP_FULL && stress_tag_slot(slot->tag) == (uint64_t)(slot - tile->stress->slots))
		return true;

	struct stress_finding finding = stress_finding_of(tile, slot, STRESS_FAULT_SLOT);

	finding.at = stress_off(tile, slot);
	stress_found(tile, &finding);
	return false;
}

void
stress_object_settle(struct stress_tile *tile, struct stress_slot *slot, bool free_it)
{
	enum stress_health health = STRESS_LOST;

	if (tile->stress->shared.table == NULL || slot_holds(tile, slot))
		health = look(tile, slot);
	stress_count(&tile->counters->validations, 1);
	if (health == STRESS_LOST)
		lose(tile, slot);
	else if (health == STRESS_SPOILT || free_it)
		release(tile, slot);
}
