/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Objects that change their size or owner, or are copies. */

#include "hdr.h"
#include "heap_log.h"
#include "heap_thread.h"
#include "log.h"

/* Whether an address is one at which there may be an object, so that what lies before it may be read. */
static bool
may_be_object(const struct heap *heap, const void *obj)
{
	const uint64_t idx = heap_idx_of(&heap->shown, obj);
	const groove_region_t *region;
	uint64_t off;

	if (idx >= heap->shown.node_cnt || (uintptr_t)obj % GROOVE_DATA_HDR_ALIGN != 0)
		return false;
	region = heap->node[idx].region;
	off = (uintptr_t)obj - (uintptr_t)groove_region_volume0(region);
	/* A header lies before the object, up to a block, and no object is in the first block of a volume. */
	return off % groove_region_volume_sz(region) >= GROOVE_BLOCK_FOOTPRINT &&
	       groove_region_volume_has_memory(region, off / groove_region_volume_sz(region));
}

/* Whether there is a live object, by its header. */
static bool
is_object(const struct heap *heap, const void *obj)
{
	const groove_data_hdr_t *hdr;
	uint64_t bits;

	if (!may_be_object(heap, obj))
		return false;
	hdr = groove_data_object_hdr_const(obj);
	/* What looks like an inset's redirect may lead out of the volume. */
	if (!may_be_object(heap, hdr))
		return false;
	bits = hdr_load(hdr);
	return hdr_type(bits) == GROOVE_DATA_HDR_TYPE_ALLOC && hdr_szc(bits) < GROOVE_DATA_SZC_SLICE &&
	       hdr_object_fits(bits, (uint64_t)((const uint8_t *)obj - (const uint8_t *)hdr),
		       groove_data_szc_cfg[hdr_szc(bits)].obj_footprint);
}

/* A new object with the first bytes and the tag of another, on its node. */
static void *
move(groove_heap_t *heap, void *obj, const struct groove_heap_request *request, int *err)
{
	const size_t old_sz = groove_heap_usable_sz(obj);
	void *moved = groove_heap_alloc_slowly(heap, request, err);

	if (moved == NULL)
		return NULL;
	memcpy(moved, obj, old_sz < request->sz ? old_sz : request->sz);
	*err = groove_heap_free(heap, obj);
	if (*err == GROOVE_SUCCESS)
		return moved;
	groove_heap_free(heap, moved); /* somebody else has freed the old one, or its header is damaged */
	return NULL;
}

/* Whether an object can stay where it is. */
static bool
fits(const void *obj, size_t sz, size_t align)
{
	return sz <= groove_heap_usable_sz(obj) && (align == 0 || (uintptr_t)obj % align == 0);
}

static void *
resize(groove_heap_t *shown, void *obj, const struct groove_heap_request *request, int *err)
{
	const bool can_stay = fits(obj, request->sz, request->align);
	void *moved;

	*err = GROOVE_SUCCESS;
	if (can_stay && request->sz >= groove_heap_usable_sz(obj) / 2)
		return obj;
	moved = move(shown, obj, request, err);
	if (moved != NULL || !can_stay || (*err != GROOVE_ERR_FULL && *err != GROOVE_ERR_AGAIN))
		return moved;
	*err = GROOVE_SUCCESS;
	return obj;
}

static bool
check(groove_heap_t *heap, const void *obj, size_t align, unsigned int flags)
{
	if (!heap_is_live(heap, "realloc"))
		return false;
	if ((flags & ~(GROOVE_HEAP_NO_GROW | GROOVE_HEAP_OTHER_NODES)) != 0 || (align & (align - 1)) != 0 ||
		align > GROOVE_DATA_INSET_ALIGN_MAX) {
		HEAP_LOG_LIMITED(ERR,
			"realloc: flags %#x, alignment %zu: take bits of %#x, and a power of two up to %zu", flags,
			align, GROOVE_HEAP_NO_GROW | GROOVE_HEAP_OTHER_NODES, (size_t)GROOVE_DATA_INSET_ALIGN_MAX);
		return false;
	}
	if (is_object(heap_of(heap), obj))
		return true;
	HEAP_LOG_LIMITED(ERR, "realloc: %p is no live object of this heap", obj);
	return false;
}

void *
groove_heap_realloc(groove_heap_t *heap, void *obj, size_t sz, size_t align, unsigned int flags, int *err)
{
	struct groove_heap_request request = {.sz = sz, .align = align, .flags = flags, .node = GROOVE_HEAP_NODE_LOCAL};
	int result = GROOVE_ERR_INVAL;
	void *now = NULL;

	if (obj == NULL) {
		now = groove_heap_alloc_slowly(heap, &request, &result);
	} else if (check(heap, obj, align, flags)) {
		request.node = heap_of(heap)->node[heap_idx_of(heap, obj)].node;
		request.tag = groove_data_alloc_tag(obj);
		now = resize(heap, obj, &request, &result);
	}
	if (err != NULL)
		*err = result;
	return now;
}

int
groove_heap_retag(groove_heap_t *heap, void *obj, uint64_t old_tag, uint64_t new_tag)
{
	uint64_t *tag;

	if (!heap_is_live(heap, "retag"))
		return GROOVE_ERR_INVAL;
	if (!is_object(heap_of(heap), obj)) {
		HEAP_LOG_LIMITED(ERR, "retag: %p is no live object of this heap", obj);
		return GROOVE_ERR_INVAL;
	}
	tag = &groove_data_object_hdr(obj)->info;
	/* Release pairs with the acquire of the next: it sees what the owner before it wrote to the object. */
	return __atomic_compare_exchange_n(tag, &old_tag, new_tag, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)
		       ? GROOVE_SUCCESS
		       : GROOVE_ERR_KEY;
}

void *
groove_heap_memdup(groove_heap_t *heap, const void *src, size_t sz, size_t align, unsigned int flags)
{
	void *obj = groove_heap_alloc(heap, sz, align, flags & ~GROOVE_HEAP_ZERO);

	return obj != NULL && sz > 0 ? memcpy(obj, src, sz) : obj;
}
