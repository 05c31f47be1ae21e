/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_DATA_H
#define GROOVE_DATA_H

/**
 * @file
 * Lock-free allocation of variable-size, tagged objects in shared memory: alloc, free, and what belongs to them. The
 * headers that it includes have the rest.
 *
 * A groove is a *shared region* (everything that coordinates the joins, under 1 MiB by default) and *volumes* (the
 * memory of the objects). Shared state holds offsets only, so every process may map both elsewhere.
 *
 * A join is one thread's access. Any number of joins in any number of threads and processes call alloc, free, bulk
 * calls, volume_add, volume_remove, volume_drain, flush, trim, tidy, stats and walk at the same time, and none ever
 * waits for another. One join is used by one thread at a time, never from a signal handler, and does not survive fork:
 * in the child each call on it returns GROOVE_ERR_INVAL (or NULL).
 */

#include <groove_base.h>
#include <groove_cache.h>
#include <groove_data_care.h>
#include <groove_data_hdr.h>
#include <groove_data_join.h>
#include <groove_data_object.h>
#include <groove_szc.h>
#include <groove_volume.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- objects ---- */

/**
 * Whether a handle is a join of this process: not NULL, not left, not copied by fork.
 *
 * @param data
 *   A handle, or NULL.
 * @return
 *   1: it is; 0: it is not.
 */
static inline int
groove_data_is_live(const groove_data_t *data)
{
	return data != NULL && __atomic_load_n(data->fork_guard, __ATOMIC_RELAXED) == data->fork_key;
}

/**
 * Write down the header of an object that a join is about to allocate or free, for the library: its recoverer needs the
 * size if the join dies before it has counted the call.
 *
 * @param data
 *   A join.
 * @param bits
 *   Word of the header, with any index.
 */
static inline void
groove_data_doing(groove_data_t *data, uint64_t bits)
{
	/* Its record begins with it. Relaxed: the header, stored or swapped next with release, comes after it. */
	__atomic_store_n((uint64_t *)data->record, bits, __ATOMIC_RELAXED);
}

/**
 * Make a slot that a join holds an object: the last step of each allocation but to count it, for the library.
 *
 * Release: a thread that sees the header sees the tag.
 *
 * @param slot
 *   The slot.
 * @param bits
 *   Word of its header.
 * @param off
 *   Bytes from the slot to the object.
 * @param tag
 *   Any number, kept with the object.
 * @return
 *   The object.
 */
static inline void *
groove_data_slot_fill(void *slot, uint64_t bits, uint64_t off, uint64_t tag)
{
	groove_data_hdr_t *hdr = (groove_data_hdr_t *)slot;

	__atomic_store_n(&hdr->info, tag, __ATOMIC_RELAXED);
	__atomic_store_n(&hdr->bits, bits, __ATOMIC_RELEASE);
	return (uint8_t *)slot + off;
}

/**
 * groove_data_alloc() when no slot is cached, or the request needs a closer look.
 *
 * @param data
 *   A join.
 * @param align
 *   Alignment, bytes.
 * @param sz
 *   Size, bytes.
 * @param tag
 *   Any number, kept with the object.
 * @param err
 *   Receives GROOVE_SUCCESS or the error. May be NULL.
 * @return
 *   As groove_data_alloc().
 */
void *groove_data_alloc_slowly(groove_data_t *data, uint64_t align, uint64_t sz, uint64_t tag, int *err);

#if !GROOVE_DEBUG_CHECKS
/** What all objects of a size and an alignment have in common, for the library. */
struct groove_data_form {
	uint64_t bits;	/**< Words of their headers, but for the index. */
	uint64_t szc;	/**< Their class. */
	uint64_t off;	/**< Bytes from a slot to an object. */
	uint64_t delta; /**< What each adds to the count. */
};

/**
 * Whether objects of a size and an alignment can be made of cached slots, compiled into the caller.
 *
 * @param align
 *   Alignment, bytes.
 * @param sz
 *   Size, bytes.
 * @return
 *   1: they can; 0: groove_data_alloc_slowly() makes them, or says what is wrong.
 */
static inline __attribute__((__always_inline__)) int
groove_data_form_is_usual(uint64_t align, uint64_t sz)
{
	return align <= GROOVE_LINE_SZ && (align & (align - 1)) == 0 &&
	       sz <= GROOVE_DATA_CACHE_SLOT_SZ - GROOVE_LINE_SZ;
}

/**
 * Form of such objects.
 *
 * @param align
 *   Alignment, bytes.
 * @param sz
 *   Size, bytes.
 * @return
 *   Their form.
 */
static inline __attribute__((__always_inline__)) struct groove_data_form
groove_data_form(uint64_t align, uint64_t sz)
{
	const uint64_t slot_align = align != 0 ? align : GROOVE_DATA_ALLOC_ALIGN_DEFAULT;
	const uint64_t off = groove_data_obj_off(slot_align);
	const uint64_t szc = groove_data_szc(off + sz);
	struct groove_data_form form;

	form.bits = groove_data_hdr(GROOVE_DATA_HDR_TYPE_ALLOC, 0, szc, slot_align, sz, 0).bits;
	form.szc = szc;
	form.off = off;
	form.delta = groove_count_delta(1, sz);
	return form;
}

/**
 * Make an object of a cached slot.
 *
 * @param data
 *   A join that is live.
 * @param form
 *   The object's form.
 * @param tag
 *   Any number, kept with the object.
 * @return
 *   The object; NULL: this takes groove_data_alloc_slowly().
 */
static inline __attribute__((__always_inline__)) void *
groove_data_alloc_cached(groove_data_t *data, const struct groove_data_form *form, uint64_t tag)
{
	struct groove_shelf *shelf = &data->shelf[form->szc];
	uint64_t *count = &shelf->count->calls[GROOVE_COUNT_ALLOC];
	const uint64_t slot = shelf->top[-1];

	if (__builtin_expect(slot == 0 || groove_count_is_due(__atomic_load_n(count, __ATOMIC_RELAXED)), 0))
		return NULL;

	const uint64_t bits = form->bits | groove_shelf_idx(slot) << GROOVE_DATA_HDR_IDX_SHIFT;

	shelf->top--;
	groove_data_doing(data, bits);

	void *obj = groove_data_slot_fill(groove_shelf_hdr(slot), bits, form->off, tag);

	groove_count_add(count, form->delta);
	return obj;
}

/**
 * groove_data_alloc(), to be compiled into its caller.
 *
 * @param data
 *   A join.
 * @param align
 *   Alignment, bytes.
 * @param sz
 *   Size, bytes.
 * @param tag
 *   Any number, kept with the object.
 * @param err
 *   Receives GROOVE_SUCCESS or the error. May be NULL.
 * @return
 *   As groove_data_alloc().
 */
static inline __attribute__((__always_inline__)) void *
groove_data_alloc_quickly(groove_data_t *data, uint64_t align, uint64_t sz, uint64_t tag, int *err)
{
	if (__builtin_expect(groove_data_is_live(data) && groove_data_form_is_usual(align, sz), 1)) {
		const struct groove_data_form form = groove_data_form(align, sz);
		void *obj = groove_data_alloc_cached(data, &form, tag);

		if (__builtin_expect(obj != NULL, 1)) {
			if (err != NULL)
				*err = GROOVE_SUCCESS;
			return obj;
		}
	}
	return groove_data_alloc_slowly(data, align, sz, tag, err);
}
#endif

/**
 * Allocate an object.
 *
 * The object's bytes [start, stop) are the caller's until free, whatever is in them. Its slot is the tightest there is,
 * or above 64 KiB a larger one that costs no more memory; when memory is short it may be up to four times as large.
 *
 * @param data
 *   A join.
 * @param align
 *   A power of two up to GROOVE_DATA_ALLOC_ALIGN_MAX; 0: GROOVE_DATA_ALLOC_ALIGN_DEFAULT.
 * @param sz
 *   Bytes, from 0; the header, padded to the alignment, and sz together up to GROOVE_DATA_ALLOC_FOOTPRINT_MAX.
 * @param tag
 *   Any number, kept with the object.
 * @param err
 *   Receives GROOVE_SUCCESS; GROOVE_ERR_INVAL, logged (limited in rate): bad join, alignment or size; GROOVE_ERR_FULL:
 *   no room in the volumes there are, or none but for objects above 5.5 MiB, where such come and go: add one (or try
 *   again, when other joins may just be about to put some back);
 *   GROOVE_ERR_CORRUPT, logged: shared state is damaged. May be NULL.
 * @return
 *   The object, unique also when sz is 0; NULL on error.
 */
/* the library's, for what instruments or wraps calls */
#if defined(GROOVE_DATA_NO_INLINE) || GROOVE_DEBUG_CHECKS
void *groove_data_alloc(groove_data_t *data, uint64_t align, uint64_t sz, uint64_t tag, int *err);
#else
static inline __attribute__((__always_inline__)) void *
groove_data_alloc(groove_data_t *data, uint64_t align, uint64_t sz, uint64_t tag, int *err)
{
	return groove_data_alloc_quickly(data, align, sz, tag, err);
}
#endif

/**
 * Free an object that any join of the groove allocated.
 *
 * @param data
 *   A join.
 * @param obj
 *   The object; NULL is refused.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL, nothing changed: silent for a NULL obj, else logged (limited in rate): NULL
 *   join, address misaligned, out of range or in no volume in use, no live object there;
 *   GROOVE_ERR_CORRUPT, logged, nothing changed: the header contradicts the address or the superblock; in a build with
 *   debug_checks, also: the slot is free by its superblock, or bytes around the object were written to.
 */
int groove_data_free(groove_data_t *data, void *obj);

/**
 * Allocate n objects of one alignment and size: all of them, or none.
 *
 * @param data
 *   A join.
 * @param align
 *   As for groove_data_alloc().
 * @param sz
 *   As for groove_data_alloc().
 * @param tags
 *   n tags; NULL: all zero.
 * @param objs
 *   Receives the n objects; what it holds after an error means nothing.
 * @param n
 *   Objects, from 0.
 * @return
 *   0; else as the err of groove_data_alloc(), and nothing is allocated.
 */
int groove_data_alloc_bulk(
	groove_data_t *data, uint64_t align, uint64_t sz, const uint64_t *tags, void **objs, uint64_t n);

/**
 * Allocate up to n objects of one alignment and size.
 *
 * @param data
 *   A join.
 * @param align
 *   As for groove_data_alloc().
 * @param sz
 *   As for groove_data_alloc().
 * @param tags
 *   n tags; NULL: all zero.
 * @param objs
 *   Receives the objects.
 * @param n
 *   Objects, from 0.
 * @param err
 *   Receives GROOVE_SUCCESS when n were allocated, else why not. May be NULL.
 * @return
 *   Objects allocated, [0, n].
 */
uint64_t groove_data_alloc_burst(
	groove_data_t *data, uint64_t align, uint64_t sz, const uint64_t *tags, void **objs, uint64_t n, int *err);

/**
 * Free n objects of any sizes: checks all of them first, then frees all or none.
 *
 * @param data
 *   A join.
 * @param objs
 *   n objects.
 * @param n
 *   Objects, from 0.
 * @return
 *   0; else as groove_data_free() of the first bad one, and nothing is freed. An object that appears twice, or that
 *   another thread frees during the call, counts as bad.
 */
int groove_data_free_bulk(groove_data_t *data, void *const *objs, uint64_t n);

/**
 * Free the good ones of n objects.
 *
 * @param data
 *   A join.
 * @param objs
 *   n objects.
 * @param n
 *   Objects, from 0.
 * @param err
 *   Receives GROOVE_SUCCESS when all were freed, else the first error. May be NULL.
 * @return
 *   Objects freed, [0, n].
 */
uint64_t groove_data_free_burst(groove_data_t *data, void *const *objs, uint64_t n, int *err);

/* ---- upkeep ---- */

#define GROOVE_DATA_CACHE_SZC_BYTES  (4UL << 20) /**< Most that a join caches in a class, and the default, bytes. */
#define GROOVE_DATA_CACHE_JOIN_BYTES (8UL << 20) /**< Most that a join caches in all, and the default, bytes. */

/**
 * Set how much free memory this join may cache. Flushes.
 *
 * That begins with nothing and grows with use: of slots of up to 2,304 bytes to 64, of larger ones to 40 KiB or 4
 * slots. Where allocs and frees come in bursts that are larger it grows on, to 512 slots of a class. Slots above 64 KiB
 * are not cached. The settings can only make it less. All joins together cache a sixty-fourth of the groove at most.
 * alloc gives back what makes room before it says FULL, and what is not used goes back by itself while the join's other
 * classes are.
 *
 * @param data
 *   A join.
 * @param szc_bytes
 *   Bytes in each class, [0, GROOVE_DATA_CACHE_SZC_BYTES]. Classes of larger slots are not cached; 0: none is.
 * @param join_bytes
 *   Bytes in all classes together, [0, GROOVE_DATA_CACHE_JOIN_BYTES]. 0: nothing is cached.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL, logged, nothing changed.
 */
int groove_data_cache_limit(groove_data_t *data, uint64_t szc_bytes, uint64_t join_bytes);

/**
 * Return everything the join holds to circulation. GROOVE_SUCCESS; GROOVE_ERR_INVAL, logged, for a bad join.
 *
 * @param data
 *   A join.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL, logged, for a bad join.
 */
int groove_data_flush(groove_data_t *data);

/**
 * Return empty superblocks to their parents, and empty volumes to the pool. alloc does it before it says FULL, where
 * that makes room.
 *
 * @param data
 *   A join.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL, logged, for a bad join.
 */
int groove_data_trim(groove_data_t *data);

#ifdef __cplusplus
}
#endif

#endif /* GROOVE_DATA_H */
