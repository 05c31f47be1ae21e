/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Becoming and ceasing to be attached. */

#include <stdlib.h>
#include <string.h>

#include "identity.h"
#include "joins.h"
#include "region_log.h"
#include "region_private.h"
#include "region_registry.h"

int
region_sync_part(const groove_region_t *region, uint64_t sz)
{
	if (region->driver->sync == NULL || region->fixed.name[0] == '\0')
		return GROOVE_SUCCESS;
	return region->driver->sync(&region->range, 0, sz);
}

int
region_mark_in_use(groove_region_t *region, const char *what)
{
	struct region_hdr *hdr = region->hdr;
	const int err = region_member_vouch(&region->self, region->driver, &region->range, what);

	if (err != GROOVE_SUCCESS)
		return err;
	identity_note(hdr, region->driver, &region->range);
	/* Pairs with mark_clean(), the byte was locked before; and with identity_of(), which looks in the other order.
	 */
	__atomic_add_fetch(&hdr->attach_seq, 1, __ATOMIC_SEQ_CST);
	/* On disk before anything else is: else a torn region would look clean. */
	return region_sync_part(region, sizeof(*hdr));
}

/*
 * If no other process is attached, but for those that only look, all that was written is there after a new start of the
 * machine, too.
 *
 * This process is no member any more: of several that detach at one time the last one sees nobody, and the counts of
 * all. A process that attached by the count that was read had locked its byte before, so it has ended all it did when
 * it is not seen; one that attaches later moves the count on.
 */
static void
mark_clean(groove_region_t *region)
{
	struct region_hdr *hdr = region->hdr;
	const uint64_t seq = __atomic_load_n(&hdr->attach_seq, __ATOMIC_SEQ_CST);
	uint64_t clean = __atomic_load_n(&hdr->clean_seq, __ATOMIC_SEQ_CST);
	uint32_t owner;

	if (region_member_other_writes(&region->self, &owner) ||
		region_sync_part(region, region->range.sz) != GROOVE_SUCCESS)
		return;
	while (clean < seq &&
		!__atomic_compare_exchange_n(&hdr->clean_seq, &clean, seq, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		;
	region_sync_part(region, sizeof(*hdr));
}

int
region_check_left(const groove_region_t *region, const char *call)
{
	char list[128];
	const unsigned int cnt = joins_of(groove_region_shdata(region), list, sizeof(list));

	if (cnt == 0)
		return GROOVE_SUCCESS;
	REGION_LOG(ERR, "%s: region %s has %u joins of this process:%s%s: leave them first", call,
		region->fixed.name[0] != '\0' ? region->fixed.name : "without a name", cnt,
		list[0] != '\0' ? list : " read-only", strlen(list) + 1 == sizeof(list) ? "..." : "");
	return GROOVE_ERR_AGAIN;
}

int
groove_region_detach(groove_region_t *region)
{
	bool is_self;

	if (region == NULL)
		return GROOVE_SUCCESS;
	/* Joins in memory that went with EAL cannot leave any more. */
	if (region_member_is_self(&region->self) && region_is_gone(region))
		joins_forget(groove_region_shdata(region));
	region_registry_remove(region); /* first: a thread that looks at it may have a join for the moment */
	if (region_check_left(region, "detach") != GROOVE_SUCCESS) {
		region_registry_add(region);
		return GROOVE_ERR_AGAIN;
	}
	is_self = region_member_is_self(&region->self);
	if (is_self && region->dma != NULL && groove_volume_is_mapped(region->dma))
		groove_region_dma_unregister(region);
	if (is_self && !region->readonly && !region_is_gone(region)) {
		region_member_unlock(&region->self);
		mark_clean(region);
	}
	region_member_leave(&region->self);
	region_guard_end(&region->guard);
	/* In a child of fork what has no file is the parent's, which may still use it. */
	if (is_self && region_file_is_lost(region, "detach"))
		region->range.fd = -1; /* it is the program's by now */
	if (is_self || region->range.fd >= 0)
		region->driver->close(&region->range);
	free(region);
	return GROOVE_SUCCESS;
}
