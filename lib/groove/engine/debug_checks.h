/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_DEBUG_CHECKS_H
#define GROOVE_DEBUG_CHECKS_H

/*
 * What a build with -Ddebug_checks=true does besides; in others each call is guarded by a constant 0 and is not linked.
 *
 *     live      S      S+16                   obj           obj + sz         S + obj_footprint
 *               | hdr  | red zone 0xfa ...    | its bytes   | red zone 0xfa  |
 *
 *     freed     S      S+16   S+24   S+32                                    S + obj_footprint
 *               | hdr  | bits | seal | poison 0xfd ...                       |
 *
 * A redirect, of an object aligned to more than 64, lies within the red zone before it, and both of an inset. The
 * header of a freed slot keeps the tag of the object that was, and bits what its header was; the seal says that the
 * slot is poisoned. A slot without a seal is not: it is new, or the process that freed it died.
 */

#include <stdbool.h>

#include "shelf.h"

#define DEBUG_RED_ZONE 0xfa
#define DEBUG_POISON   0xfd

/* Freed slots of a class, the oldest at first. */
#define QUARANTINE_MAX (CACHE_SLOT_MAX / 2)

/*
 * Make a slot that is held ready for an object, whose header's word will be bits: look whether it was written to since
 * it was freed, and lay the red zones. What is found is logged, and used all the same.
 */
void debug_alloc(groove_data_hdr_t *hdr, uint64_t bits);

/* Whether bytes around an object were written to. */
bool debug_is_overrun(const groove_data_hdr_t *hdr, uint64_t bits);

/* Log what is wrong around a live object. GROOVE_ERR_CORRUPT. */
int debug_refuse(const void *obj, uint64_t bits);

/* Poison the slot of an object that was won; bits: what its header was. */
void debug_poison(groove_data_hdr_t *hdr, uint64_t bits);

/* Look at the slot that a superblock is made in as debug_alloc() does, and take the seals off the slots of its own. */
void debug_birth(const groove_data_t *data, uint64_t szc, uint64_t block, bool is_root, uint32_t slot_cnt);

/*
 * For rebuild: of a slot with a header's word what may be torn is made whole, the red zones of a live object laid anew
 * and the seal of a free one taken off. What was written there in error looks the same as what is torn.
 */
void debug_rebuilt(groove_data_hdr_t *hdr, uint64_t bits);

/* For verify: log what is wrong with a slot, live or free. GROOVE_ERR_CORRUPT, or GROOVE_SUCCESS. */
int debug_verify(const groove_data_hdr_t *hdr, uint64_t bits);

/* ---- quarantine ---- */

/* How many slots of a class may be in quarantine. */
void quarantine_limit(groove_data_t *data, uint64_t szc, uint32_t cap);

/* Put a freed slot in. Returns the one that comes out for it, looked at; NULL: none. */
groove_data_hdr_t *quarantine_swap(groove_data_t *data, uint64_t szc, groove_data_hdr_t *hdr);

/* Take the oldest out, looked at; NULL: there is none. */
groove_data_hdr_t *quarantine_pop(groove_data_t *data, uint64_t szc);

#endif /* GROOVE_DEBUG_CHECKS_H */
