/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* The reference model: live objects by address. */

#include "calls_model.h"

#include <string.h>

#define END_SZ 256UL /* at most so many bytes are filled at each end */
/* Fewest bytes before an object and after it: its header, and red zones of 16 in a build with debug_checks. */
#define FRONT (GROOVE_DEBUG_CHECKS ? 32UL : 16UL)
#define BACK  (GROOVE_DEBUG_CHECKS ? 16UL : 0UL)

/* ---- what an object must look like ---- */

static uint64_t
obj_off(uint64_t align)
{
	return align > FRONT ? align : FRONT;
}

/* Bytes of the tightest slot, by a search of the table. */
static uint64_t
slot_sz_of(uint64_t align, uint64_t sz)
{
	const uint64_t unit = align > GROOVE_LINE_SZ ? GROOVE_BLOCK_ALIGN : GROOVE_LINE_SZ;

	for (uint64_t szc = 0; szc < GROOVE_DATA_SZC_SLICE; szc++) {
		const uint64_t footprint = groove_data_szc_cfg[szc].obj_footprint;

		if (footprint % unit == 0 && footprint >= obj_off(align) + sz + BACK)
			return footprint;
	}
	return 0;
}

/* Start of the slot, from what was asked for alone. */
static uintptr_t
slot_of(const struct model_obj *obj)
{
	return (uintptr_t)obj->obj - obj_off(obj->align);
}

/* End of the slot, as the library says: of what may be used, or, if a red zone is after that, by its class. */
static uintptr_t
slot_end_of(const struct model_obj *obj)
{
	if (GROOVE_DEBUG_CHECKS)
		return slot_of(obj) +
		       groove_data_szc_cfg[groove_data_hdr_szc(groove_data_alloc_hdr(obj->obj))].obj_footprint;
	return (uintptr_t)groove_data_alloc_stop_const(obj->obj);
}

static void
check_accessors(const struct model *model, const struct model_obj *obj)
{
	const uint64_t align = obj->align != 0 ? obj->align : 16;
	const uint64_t tightest = slot_sz_of(obj->align, obj->sz);
	const uint64_t slot_sz = slot_end_of(obj) - slot_of(obj);
	const uintptr_t start = (uintptr_t)groove_data_alloc_start_const(obj->obj);
	const uintptr_t stop = (uintptr_t)groove_data_alloc_stop_const(obj->obj);
	const uintptr_t end = (uintptr_t)obj->obj + obj->sz;
	const uint64_t off = (uint64_t)(obj->obj - model->volume0);
	const uint64_t volume = off / model->volume_sz;

	FUZZ_CHECK((uintptr_t)obj->obj % align == 0, "%p, alignment %lu", (void *)obj->obj, align);
	FUZZ_CHECK(
		groove_data_alloc_align(obj->obj) == align, "%lu, not %lu", groove_data_alloc_align(obj->obj), align);
	FUZZ_CHECK(groove_data_alloc_sz(obj->obj) == obj->sz, "%lu, not %lu", groove_data_alloc_sz(obj->obj), obj->sz);
	FUZZ_CHECK(
		groove_data_alloc_tag(obj->obj) == obj->tag, "%lu, not %lu", groove_data_alloc_tag(obj->obj), obj->tag);
	FUZZ_CHECK(slot_sz >= tightest && slot_sz <= 4 * tightest, "slot of %lu for %lu bytes", slot_sz, obj->sz);
	FUZZ_CHECK(start <= (uintptr_t)obj->obj && end <= stop && stop <= slot_end_of(obj),
		"object of %lu bytes at %p, slot from %#lx to %#lx", obj->sz, (void *)obj->obj, start, stop);
	FUZZ_CHECK(!GROOVE_DEBUG_CHECKS || (start == (uintptr_t)obj->obj && stop == end),
		"object of %lu bytes at %p, its own from %#lx to %#lx", obj->sz, (void *)obj->obj, start, stop);
	FUZZ_CHECK(volume < model->volume_max && (model->volumes >> volume & 1) != 0 &&
			   off % model->volume_sz + slot_sz <= model->volume_sz,
		"object in volume %lu", volume);
}

/* ---- what is in it ---- */

/* The two ends of what is an object's own: from start, and up to stop. */
struct ends {
	uint8_t *first;
	uint8_t *last;
	size_t len;
};

static struct ends
ends_of(const struct model_obj *obj)
{
	uint8_t *start = groove_data_alloc_start(obj->obj);
	uint8_t *stop = groove_data_alloc_stop(obj->obj);
	const size_t all = (size_t)(stop - start);
	const size_t len = all < END_SZ ? all : END_SZ;

	return (struct ends){start, stop - len, len};
}

/* A byte of its own for each object, and another for each place. */
static uint8_t
pattern(const struct model_obj *obj, size_t i)
{
	return (uint8_t)(obj->tag * 37 + i * 11 + 1);
}

static void
fill(const struct model_obj *obj)
{
	const struct ends ends = ends_of(obj);

	for (size_t i = 0; i < ends.len; i++)
		ends.first[i] = pattern(obj, i);
	for (size_t i = 0; i < ends.len && ends.last >= ends.first + ends.len; i++)
		ends.last[i] = pattern(obj, i);
}

static void
check_filled(const struct model_obj *obj)
{
	const struct ends ends = ends_of(obj);

	for (size_t i = 0; i < ends.len; i++)
		FUZZ_CHECK(ends.first[i] == pattern(obj, i), "object %lu: byte %zu from its start", obj->tag, i);
	for (size_t i = 0; i < ends.len && ends.last >= ends.first + ends.len; i++)
		FUZZ_CHECK(ends.last[i] == pattern(obj, i), "object %lu: byte %zu of its last", obj->tag, i);
}

/* ---- the model ---- */

/* Objects before an address. */
static uint64_t
rank_of(const struct model *model, const void *obj)
{
	uint64_t low = 0;
	uint64_t high = model->cnt;

	while (low < high) {
		const uint64_t mid = (low + high) / 2;

		if ((uintptr_t)model->live[mid].obj < (uintptr_t)obj)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static void
check_apart(const struct model_obj *left, const struct model_obj *right)
{
	FUZZ_CHECK((slot_end_of(left) - 1) / GROOVE_LINE_SZ < slot_of(right) / GROOVE_LINE_SZ,
		"objects %lu and %lu share a cache line: %#lx and %#lx", left->tag, right->tag, slot_end_of(left),
		slot_of(right));
}

static void
insert(struct model *model, const struct model_obj *obj)
{
	const uint64_t rank = rank_of(model, obj->obj);

	memmove(&model->live[rank + 1], &model->live[rank], (model->cnt - rank) * sizeof(model->live[0]));
	model->live[rank] = *obj;
	model->cnt++;
	if (rank > 0)
		check_apart(&model->live[rank - 1], obj);
	if (rank + 1 < model->cnt)
		check_apart(obj, &model->live[rank + 1]);
}

bool
model_has_room(const struct model *model, uint64_t n)
{
	return model->cnt + n <= MODEL_OBJ_MAX;
}

void
model_add(struct model *model, void *obj, uint64_t align, uint64_t sz, uint64_t tag)
{
	const struct model_obj made = {obj, align, sz, tag};

	check_accessors(model, &made);
	insert(model, &made);
	fill(&made);
	model->alloc_cnt++;
}

void
model_check(const struct model *model, uint64_t rank)
{
	check_accessors(model, &model->live[rank]);
	check_filled(&model->live[rank]);
}

void *
model_take(struct model *model, uint64_t rank)
{
	void *obj = model->live[rank].obj;

	model_check(model, rank);
	model->cnt--;
	memmove(&model->live[rank], &model->live[rank + 1], (model->cnt - rank) * sizeof(model->live[0]));
	model->free_cnt++;
	return obj;
}

uint64_t
model_find(const struct model *model, const void *obj)
{
	const uint64_t rank = rank_of(model, obj);

	return rank < model->cnt && model->live[rank].obj == obj ? rank : model->cnt;
}

bool
model_uses_volume(const struct model *model, uint64_t volume)
{
	const uint8_t *first = model->volume0 + volume * model->volume_sz;
	const uint64_t rank = rank_of(model, first);

	return rank < model->cnt && model->live[rank].obj < first + model->volume_sz;
}

void
model_check_stats(const struct model *model, const groove_data_stats_t *stats)
{
	uint64_t bytes = 0;
	uint64_t slots = 0;

	for (uint64_t i = 0; i < model->cnt; i++) {
		bytes += model->live[i].sz;
		slots += slot_end_of(&model->live[i]) - slot_of(&model->live[i]);
	}
	FUZZ_CHECK(stats->total.obj_cnt == model->cnt, "%lu objects, not %lu", stats->total.obj_cnt, model->cnt);
	/* A bulk that fails has allocated some, and freed them. */
	FUZZ_CHECK(stats->total.alloc_cnt >= model->alloc_cnt &&
			   stats->total.alloc_cnt - model->alloc_cnt == stats->total.free_cnt - model->free_cnt,
		"%lu allocs and %lu frees, not %lu and %lu", stats->total.alloc_cnt, stats->total.free_cnt,
		model->alloc_cnt, model->free_cnt);
	FUZZ_CHECK(stats->total.req_bytes == bytes && stats->total.slot_bytes == slots,
		"%lu bytes in slots of %lu, not %lu and %lu", stats->total.req_bytes, stats->total.slot_bytes, bytes,
		slots);
	FUZZ_CHECK(
		stats->volume_cnt == (uint64_t)__builtin_popcountll(model->volumes), "%lu volumes", stats->volume_cnt);
}
