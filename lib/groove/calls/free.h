/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_FREE_H
#define GROOVE_FREE_H

/*
 * What single and bulk free share. The usual way is free_find_usual(), free_win() and cache_push(). free_find() makes
 * the same checks for any object, and says what is wrong.
 */

#include <rte_common.h>

#include "hdr.h"
#include "intent.h"
#include "pool.h"
#include "prefetch.h"
#include "sb_word.h"
#include "shelf.h"

/* A live object that was found where its address says. */
struct free_target {
	groove_data_hdr_t *hdr;
	uint64_t bits;		    /* the header's word when it was checked */
	struct groove_shelf *shelf; /* of the class */
};

/* What there is at an address. */
enum free_finding {
	FIND_OBJECT,
	FIND_MISALIGNED,
	FIND_OUTSIDE,	   /* of the volumes */
	FIND_UNUSED,	   /* in a volume that is not in use */
	FIND_TYPE,	   /* no header of a live object */
	FIND_DAMAGED,	   /* a header that cannot be, or not of an object at this address */
	FIND_CONTRADICTED, /* a header that belongs to another place, by the table */
	FIND_LATE,	   /* an object that another freed just now */
	FIND_OVERRUN,	   /* an object with bytes around it that were written to (debug_checks.h) */
};

/*
 * Find the header of a live object: alignment, range and volume are checked before anything near the address is read.
 * They are those of the header, which is a cache line before the object at most.
 */
static inline enum free_finding
free_find_hdr(const groove_data_t *data, void *obj, struct free_target *target)
{
	const uint64_t volume = addr_off(data, groove_data_near_hdr_const(obj)) >> data->volume_shift;

	if ((uintptr_t)obj % GROOVE_DATA_HDR_ALIGN != 0)
		return FIND_MISALIGNED;
	/* An address below volume 0 is far beyond the last. */
	if (volume >= data->pool.volume_max)
		return FIND_OUTSIDE;
	if (!volume_state_looks_used(pool_state(&data->pool, volume)))
		return FIND_UNUSED;
	target->hdr = groove_data_object_hdr(obj);
	/* What looks like an inset's redirect may lead out of the volume. */
	if (addr_volume(data, target->hdr) != volume)
		return FIND_TYPE;
	target->bits = hdr_load(target->hdr);
	return hdr_type(target->bits) == GROOVE_DATA_HDR_TYPE_ALLOC ? FIND_OBJECT : FIND_TYPE;
}

/* Check that a header can be that of an object at an address. */
static inline enum free_finding
free_find_fit(const groove_data_t *data, const void *obj, struct free_target *target)
{
	const uint64_t bits = target->bits;
	const struct groove_shelf *shelf = &data->shelf[hdr_szc(bits)];
	const uint64_t at = (uint64_t)((uintptr_t)obj - (uintptr_t)target->hdr);

	target->shelf = &data->shelf[hdr_szc(bits)];
	return hdr_object_fits(bits, at, shelf->footprint) ? FIND_OBJECT : FIND_DAMAGED;
}

/* Bytes from its volume's start to the superblock that a header says it is in; anywhere in the volume if it lies. */
static __rte_always_inline uint64_t
free_superblock_off(const groove_data_t *data, const struct free_target *target)
{
	const struct groove_shelf *shelf = target->shelf;

	return (addr_off(data, target->hdr) - shelf->first - hdr_idx(target->bits) * shelf->footprint) &
	       (data->pool.volume_sz - 1);
}

/* Entry of that superblock. */
static inline const struct groove_sb *
free_entry(const groove_data_t *data, const struct free_target *target)
{
	const uint64_t block = volume_block(data, addr_volume(data, target->hdr));

	return sb_entry(
		data, hdr_szc(target->bits), block + free_superblock_off(data, target) / GROOVE_BLOCK_FOOTPRINT);
}

/* Whether an id is that of the superblock that a header says it is in, at bytes from its volume's start, with such a
 * slot. */
static __rte_always_inline bool
free_id_fits(const struct free_target *target, uint64_t off, uint32_t id)
{
	const uint32_t last = sb_id_last(id, target->shelf->id, off);

	return last < SB_SLOT_MAX && hdr_idx(target->bits) <= last;
}

/*
 * Check that a header is where it says, in a slot of the superblock that it says. What it says may lead to any entry of
 * the volume's table, but only to that of its own superblock if the id there is that of the place it says.
 *
 * The id, and not the word: as long as a header says live its slot is in use by the word as well, and words are in the
 * CPU caches of the joins that claimed and put last, together with those of neighbouring superblocks.
 */
static __rte_always_inline enum free_finding
free_find_slot(const groove_data_t *data, const struct free_target *target)
{
	const struct groove_shelf *shelf = target->shelf;
	const uint64_t off = free_superblock_off(data, target);
	const uint64_t in_volume = addr_off(data, target->hdr) & (data->pool.volume_sz - 1);
	const uint8_t *ids = (const uint8_t *)target->hdr - in_volume + shelf->level_id_off;
	/* Relaxed: it was stored before the superblock was born, and so before the header that was read. */
	const uint32_t id = __atomic_load_n((const uint32_t *)ids + (off >> shelf->level_shift), __ATOMIC_RELAXED);

	return free_id_fits(target, off, id) ? FIND_OBJECT : FIND_CONTRADICTED;
}

/*
 * Check as well that the word of the superblock has the slot in use. It has unless somebody wrote a header that was
 * live over one that is not, so only a build with debug_checks looks.
 */
static inline enum free_finding
free_find_word(const groove_data_t *data, const struct free_target *target)
{
	if (!GROOVE_DEBUG_CHECKS)
		return FIND_OBJECT;

	/* Acquire pairs with sb_word_update(). */
	const uint64_t word = __atomic_load_n(&free_entry(data, target)->word, __ATOMIC_ACQUIRE);

	return sb_word_has_out(word, hdr_idx(target->bits)) ? FIND_OBJECT : FIND_CONTRADICTED;
}

/* Find a live object and check everything about it. */
static inline enum free_finding
free_find(const groove_data_t *data, void *obj, struct free_target *target)
{
	enum free_finding finding = free_find_hdr(data, obj, target);

	if (finding == FIND_OBJECT)
		finding = free_find_fit(data, obj, target);
	if (finding == FIND_OBJECT)
		finding = free_find_slot(data, target);
	return finding == FIND_OBJECT ? free_find_word(data, target) : finding;
}

/* As free_win(), in a build with debug_checks. */
enum free_finding debug_win(groove_data_t *data, const struct free_target *target, uint64_t word);

/*
 * Win a live object: its header goes to another word, once. Release pairs with the hdr_load() of a second free; acquire
 * with nothing, what comes next is ordered by the put. Its size is in groove_data_doing() before, or stays in the word.
 */
static __rte_always_inline enum free_finding
free_win(groove_data_t *data, const struct free_target *target, uint64_t word)
{
	uint64_t bits = target->bits;

	if (GROOVE_DEBUG_CHECKS)
		return debug_win(data, target, word);
	return __atomic_compare_exchange_n(&target->hdr->bits, &bits, word, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)
		       ? FIND_OBJECT
		       : FIND_LATE;
}

/*
 * free_find(), and when header and id contradict each other a second look: they are two reads, and another may have
 * freed the object in between, and others made another superblock there. It is damage only if they contradict each
 * other while the superblock's word, which counts its changes, does not change.
 */
enum free_finding free_find_surely(const groove_data_t *data, void *obj, struct free_target *target);

/* Log why an object, with what was read as its header, is not freed. GROOVE_ERR_INVAL or _CORRUPT. */
int free_refuse(void *obj, enum free_finding finding, uint64_t bits);

/* Count objects that were won, and bytes of all of them. */
static inline void
free_count(groove_data_t *data, uint64_t szc, uint64_t n, uint64_t bytes)
{
	counter_add(data->record, szc, GROOVE_COUNT_FREE, n, bytes);
}

/*
 * Find a live object. False: not this way, free_find() says why.
 *
 * The same checks as those of free_find() with fewer instructions, which make nothing of objects of another alignment
 * than 16, 32 or 64. A misaligned address is found by what its header says.
 */
static __rte_always_inline bool
free_find_usual(const groove_data_t *data, void *obj, struct free_target *target)
{
	groove_data_hdr_t *hdr = (groove_data_hdr_t *)(uintptr_t)groove_data_near_hdr_const(obj);
	const uint64_t volume = addr_off(data, hdr) >> data->volume_shift;
	const uint64_t at = (uint64_t)((uintptr_t)obj - (uintptr_t)hdr); /* in [16, 80) */

	prefetch_write(hdr); /* at any address: this is no access */
	/* Range and volume, before anything there is read. */
	if (volume >= data->pool.volume_max || !volume_state_looks_used(pool_state(&data->pool, volume)))
		return false;

	const uint64_t bits = hdr_load(hdr);
	struct groove_shelf *shelf = &data->shelf[hdr_szc(bits)];

	/* The header: of a live object that is as far from it as its alignment says, a power of two. */
	if ((hdr_type_align(bits ^ hdr_live_at(at)) | (at & (at - 1))) != 0 || at + hdr_sz(bits) > shelf->footprint)
		return false;
	target->hdr = hdr;
	target->bits = bits;
	target->shelf = shelf;
	/* The superblock: it is the one that the header names. */
	return __builtin_expect(free_find_slot(data, target) == FIND_OBJECT, 1);
}

/*
 * Keep the slot of an object that was won, whose header says cached, in the cache, which has room; or put it back. The
 * object is free whatever becomes of the slot, so nothing of it is an error of the call.
 */
void free_keep(groove_data_t *data, const struct free_target *target, bool cached);

/* Free a live object, wherever it is. As groove_data_free(). */
int free_any(groove_data_t *data, void *obj);

#endif /* GROOVE_FREE_H */
