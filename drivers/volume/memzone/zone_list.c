/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "zone_list.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memzone_eal.h"
#include "memzone_log.h"
#include "zone.h"

/* How many zones EAL can hold is set when a program starts, so the list grows as it is filled. */
struct listing {
	char (*names)[RTE_MEMZONE_NAMESIZE];
	size_t cnt;
	size_t cap;
	bool full;
};

static bool
listing_grow(struct listing *listing)
{
	const size_t cap = listing->cap != 0 ? 2 * listing->cap : 64;
	void *names = reallocarray(listing->names, cap, sizeof(*listing->names));

	if (names == NULL) {
		listing->full = true;
		return false;
	}
	listing->names = names;
	listing->cap = cap;
	return true;
}

static void
listing_add(const struct rte_memzone *zone, void *arg)
{
	struct listing *listing = arg;

	if (listing->full || !zone_is_named(zone) || (listing->cnt == listing->cap && !listing_grow(listing)))
		return;
	snprintf(listing->names[listing->cnt++], sizeof(*listing->names), "%s", zone->name + strlen(ZONE_NAME_PREFIX));
}

/* EAL holds its lock while it walks, so what is called back for each comes after. */
int
zone_list(groove_region_list_fn fn, void *arg)
{
	struct listing listing = {0};
	int err = GROOVE_SUCCESS;

	if (!memzone_eal_is_there())
		return GROOVE_SUCCESS;
	rte_memzone_walk(listing_add, &listing);
	if (listing.full) {
		MEMZONE_LOG(ERR, "no heap for the names of more than %zu memzones", listing.cnt);
		err = GROOVE_ERR_FULL;
	}
	for (size_t i = 0; err == GROOVE_SUCCESS && i < listing.cnt; i++)
		err = fn(arg, "memzone", listing.names[i]);
	free(listing.names);
	return err;
}
