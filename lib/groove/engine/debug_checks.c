/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "debug_checks.h"

#include <inttypes.h>
#include <string.h>

#include "geometry.h"
#include "log.h"

/* What a freed slot has after its header. */
struct poisoned {
	groove_data_hdr_t hdr; /* its info: tag of the object that was */
	uint64_t bits;	       /* what the object's header was */
	uint64_t seal;	       /* seal_of() */
	uint8_t poison[];
};
_Static_assert(offsetof(struct poisoned, bits) == GROOVE_DATA_HDR_FOOTPRINT, "after the header");

static uint64_t
seal_of(uint64_t bits, uint64_t tag)
{
	return (bits ^ tag * 0x9e3779b97f4a7c15UL) * 0xd1342543de82ef95UL ^ 0x706f69736f6e6564UL;
}

/* First byte of a range that is not what all were; to: none. */
static const uint8_t *
first_other(const uint8_t *from, const uint8_t *to, uint8_t byte)
{
	/* All are the same if the first is, and each the one before it. */
	if (from < to && *from == byte && memcmp(from, from + 1, (size_t)(to - from) - 1) == 0)
		return to;
	while (from < to && *from == byte)
		from++;
	return from;
}

static uint64_t
footprint_of(uint64_t bits)
{
	return groove_data_szc_cfg[hdr_szc(bits)].obj_footprint;
}

static const uint8_t *
obj_of(const groove_data_hdr_t *hdr, uint64_t bits)
{
	return (const uint8_t *)hdr + hdr_obj_off(bits);
}

/* Bytes of an object, which are fewer than what is counted where it is an inset. */
static uint64_t
sz_of(uint64_t bits)
{
	return groove_data_hdr_asked_sz((groove_data_hdr_t){.bits = bits});
}

/* ---- red zones ---- */

#define ZONE_CNT 4

/*
 * Bytes that are red zones: all of the slot but the object, its header, and what leads to that. A redirect stays as it
 * is: a death in the midst of a rebuild must not take it.
 */
static void
zones_of(groove_data_hdr_t *hdr, uint64_t bits, uint8_t *zones[ZONE_CNT][2])
{
	uint8_t *obj = (uint8_t *)hdr + hdr_obj_off(bits);
	uint8_t *near_hdr = hdr_align(bits) > GROOVE_LINE_SZ ? obj - GROOVE_LINE_SZ : (uint8_t *)hdr;
	/* The second redirect of an inset. */
	uint8_t *far_hdr = hdr_inset_blocks(bits) != 0 ? obj - GROOVE_BLOCK_FOOTPRINT : (uint8_t *)hdr;

	zones[0][0] = (uint8_t *)(hdr + 1);
	zones[0][1] = RTE_MAX(far_hdr, zones[0][0]);
	zones[1][0] = far_hdr + GROOVE_DATA_HDR_FOOTPRINT;
	zones[1][1] = RTE_MAX(near_hdr, zones[1][0]);
	zones[2][0] = near_hdr + GROOVE_DATA_HDR_FOOTPRINT;
	zones[2][1] = obj;
	zones[3][0] = obj + sz_of(bits);
	zones[3][1] = (uint8_t *)hdr + footprint_of(bits);
}

static void
zones_fill(groove_data_hdr_t *hdr, uint64_t bits)
{
	uint8_t *zones[ZONE_CNT][2];

	zones_of(hdr, bits, zones);
	for (unsigned int i = 0; i < ZONE_CNT; i++)
		memset(zones[i][0], DEBUG_RED_ZONE, (size_t)(zones[i][1] - zones[i][0]));
}

/* First byte of the red zones of a live object that was written to; NULL: none. */
static const uint8_t *
zones_damage(const groove_data_hdr_t *hdr, uint64_t bits)
{
	uint8_t *zones[ZONE_CNT][2];

	zones_of((groove_data_hdr_t *)(uintptr_t)hdr, bits, zones);
	for (unsigned int i = 0; i < ZONE_CNT; i++) {
		const uint8_t *at = first_other(zones[i][0], zones[i][1], DEBUG_RED_ZONE);

		if (at < zones[i][1])
			return at;
	}
	return NULL;
}

static void
zones_log(const char *call, const groove_data_hdr_t *hdr, uint64_t bits, const uint8_t *at)
{
	const uint8_t *obj = obj_of(hdr, bits);
	const uint8_t *end = obj + sz_of(bits);

	GROOVE_LOG(ERR, "%s: %p: object of %" PRIu64 " bytes, tag %#" PRIx64 ": written to %td bytes %s: %#x at %p\n",
		call, (const void *)obj, sz_of(bits), __atomic_load_n(&hdr->info, __ATOMIC_RELAXED),
		at < obj ? obj - at : at - end + 1, at < obj ? "before its start" : "past its end", *at,
		(const void *)at);
}

int
debug_refuse(const void *obj, uint64_t bits)
{
	const groove_data_hdr_t *hdr = groove_data_object_hdr_const(obj);
	const uint8_t *at = zones_damage(hdr, bits);

	if (groove_log_admit())
		zones_log("free", hdr, bits, at != NULL ? at : (const uint8_t *)obj - 1);
	return GROOVE_ERR_CORRUPT;
}

bool
debug_is_overrun(const groove_data_hdr_t *hdr, uint64_t bits)
{
	return zones_damage(hdr, bits) != NULL;
}

/* ---- poison ---- */

/* First byte of a freed slot that was written to; NULL: none, or it is not poisoned. */
static const uint8_t *
poison_damage(const groove_data_hdr_t *hdr)
{
	const struct poisoned *slot = (const struct poisoned *)hdr;
	const uint64_t now = hdr_load(hdr);

	if (slot->seal != seal_of(slot->bits, slot->hdr.info) || hdr_szc(slot->bits) != hdr_szc(now) ||
		hdr_idx(slot->bits) != hdr_idx(now))
		return NULL;

	const uint8_t *stop = (const uint8_t *)hdr + footprint_of(slot->bits);
	const uint8_t *at = first_other(slot->poison, stop, DEBUG_POISON);

	return at < stop ? at : NULL;
}

static void
poison_log(const char *call, const groove_data_hdr_t *hdr, const uint8_t *at)
{
	const struct poisoned *slot = (const struct poisoned *)hdr;
	const uint8_t *obj = obj_of(hdr, slot->bits);

	GROOVE_LOG(ERR,
		"%s: %p: object of %" PRIu64 " bytes, tag %#" PRIx64
		": written to after it was freed, %td bytes from its start: %#x at %p\n",
		call, (const void *)obj, sz_of(slot->bits), slot->hdr.info, at - obj, *at, (const void *)at);
}

/* Take the seal off a slot: from now on its bytes are somebody's. */
static void
poison_forget(groove_data_hdr_t *hdr)
{
	((struct poisoned *)hdr)->seal = 0;
}

/* Log what was written to a slot since it was freed. */
static void
poison_check(const char *call, const groove_data_hdr_t *hdr)
{
	const uint8_t *at = poison_damage(hdr);

	if (at != NULL && groove_log_admit())
		poison_log(call, hdr, at);
}

void
debug_poison(groove_data_hdr_t *hdr, uint64_t bits)
{
	struct poisoned *slot = (struct poisoned *)hdr;

	memset(slot->poison, DEBUG_POISON, footprint_of(bits) - sizeof(*slot));
	slot->bits = bits;
	slot->seal = seal_of(bits, slot->hdr.info);
}

void
debug_alloc(groove_data_hdr_t *hdr, uint64_t bits)
{
	poison_check("alloc", hdr);
	poison_forget(hdr);
	zones_fill(hdr, bits);
}

void
debug_birth(const groove_data_t *data, uint64_t szc, uint64_t block, bool is_root, uint32_t slot_cnt)
{
	groove_data_hdr_t *hdr = (groove_data_hdr_t *)block_addr(data, block);

	if (!is_root)
		poison_check("alloc", hdr);
	poison_forget(hdr);
	for (uint32_t i = 0; i < slot_cnt; i++)
		poison_forget(slot_hdr(data, szc, block, i));
}

void
debug_rebuilt(groove_data_hdr_t *hdr, uint64_t bits)
{
	if (hdr_type(bits) == GROOVE_DATA_HDR_TYPE_ALLOC)
		zones_fill(hdr, bits);
	else
		poison_forget(hdr);
}

int
debug_verify(const groove_data_hdr_t *hdr, uint64_t bits)
{
	const bool is_live = hdr_type(bits) == GROOVE_DATA_HDR_TYPE_ALLOC;
	const uint8_t *at = is_live ? zones_damage(hdr, bits) : poison_damage(hdr);

	if (at == NULL)
		return GROOVE_SUCCESS;
	if (is_live)
		zones_log("verify", hdr, bits, at);
	else
		poison_log("verify", hdr, at);
	return GROOVE_ERR_CORRUPT;
}

/* ---- quarantine ---- */

void
quarantine_limit(groove_data_t *data, uint64_t szc, uint32_t cap)
{
	cache_of(data)->quarantine[szc].cap = cap;
}

groove_data_hdr_t *
quarantine_pop(groove_data_t *data, uint64_t szc)
{
	struct quarantine *quarantine = &cache_of(data)->quarantine[szc];

	if (quarantine->cnt == 0)
		return NULL;

	groove_data_hdr_t *hdr = quarantine->slot[quarantine->first];
	const uint8_t *at = poison_damage(hdr);

	quarantine->first = (quarantine->first + 1) % QUARANTINE_MAX;
	quarantine->cnt--;
	if (at != NULL) {
		if (groove_log_admit())
			poison_log("quarantine", hdr, at);
		debug_poison(hdr, ((struct poisoned *)hdr)->bits); /* so that it is reported once */
	}
	return hdr;
}

groove_data_hdr_t *
quarantine_swap(groove_data_t *data, uint64_t szc, groove_data_hdr_t *hdr)
{
	struct quarantine *quarantine = &cache_of(data)->quarantine[szc];
	groove_data_hdr_t *oldest = quarantine->cnt == quarantine->cap ? quarantine_pop(data, szc) : NULL;

	if (quarantine->cap == 0)
		return hdr;
	quarantine->slot[(quarantine->first + quarantine->cnt++) % QUARANTINE_MAX] = hdr;
	return oldest;
}
