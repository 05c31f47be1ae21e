/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "zone_reserve.h"

#include <errno.h>
#include <sys/mman.h>

#include <numa.h>
#include <numaif.h>
#include <rte_common.h>
#include <rte_eal.h>
#include <rte_errno.h>

#include "memzone_eal.h"
#include "memzone_log.h"
#include "zone.h"

/* Largest first: the order of GROOVE_PAGE_ANY. */
static const struct hugepage hugepages[] = {
	{
		.page = GROOVE_PAGE_GIGANTIC,
		.sz = 1UL << 30,
		.zone_flag = RTE_MEMZONE_1GB,
		.text = "1 GiB",
		.too_few = "take --page-sz huge, or fewer or smaller volumes",
		.too_short = "take fewer or smaller volumes",
	},
	{
		.page = GROOVE_PAGE_HUGE,
		.sz = 2UL << 20,
		.zone_flag = RTE_MEMZONE_2MB,
		.text = "2 MiB",
		.too_few = "take fewer or smaller volumes",
		.too_short = "take --page-sz gigantic, or fewer or smaller volumes",
	},
};

static const struct rte_memzone *
zone_reserve(const struct need *need, int node, unsigned int flags)
{
	char name[RTE_MEMZONE_NAMESIZE];

	if (need->request->name == NULL || !zone_name(name, need->request->name))
		zone_name_private(name, need->request->id);
	return rte_memzone_reserve_aligned(name, need->zone_sz, node, flags, ZONE_ALIGN);
}

/* EAL says ENOMEM for want of memory, and other things for want of memzones and the like. */
static int
zone_explain_other(const struct need *need)
{
	if (rte_errno == EEXIST) {
		if (!need->request->if_new)
			MEMZONE_LOG(ERR, "region %s exists: attach or destroy it, or take another name",
				need->request->name != NULL ? need->request->name : "of this random number");
		return GROOVE_ERR_KEY;
	}
	MEMZONE_LOG(ERR, "EAL reserves no memzone: %s (%d): free some, or use fewer regions", rte_strerror(rte_errno),
		rte_errno);
	return GROOVE_ERR_FULL;
}

static bool
wanted(const groove_volume_request_t *request, const struct hugepage *hugepage)
{
	if (request->page != GROOVE_PAGE_ANY)
		return request->page == hugepage->page;
	return room_stretch(hugepage->sz, groove_volume_node_bound(request)) > 0;
}

static const struct rte_memzone *
zone_try_on(const struct need *need, const struct hugepage *hugepage, int node)
{
	if (room_hopeless(need, hugepage, node)) {
		rte_errno = ENOMEM;
		return NULL;
	}
	return zone_reserve(need, node, hugepage->zone_flag);
}

/* EAL has no memzone on two nodes: one that is preferred lies elsewhere as a whole when it does not fit. */
static const struct rte_memzone *
zone_try(const struct need *need, const struct hugepage *hugepage)
{
	const int bound = groove_volume_node_bound(need->request);
	const struct rte_memzone *zone = zone_try_on(need, hugepage, need->request->node);

	if (zone == NULL && rte_errno == ENOMEM && need->request->node != bound)
		zone = zone_try_on(need, hugepage, bound);
	return zone;
}

static const struct rte_memzone *
reserve_hugepages(const struct need *need, int *err)
{
	const struct hugepage *nearest = NULL;

	for (size_t i = 0; i < RTE_DIM(hugepages); i++) {
		const struct hugepage *hugepage = &hugepages[i];
		const struct rte_memzone *zone;

		if (!wanted(need->request, hugepage))
			continue;
		zone = zone_try(need, hugepage);
		if (zone != NULL)
			return zone;
		if (rte_errno != ENOMEM) {
			*err = zone_explain_other(need);
			return NULL;
		}
		if (nearest == NULL || room_missing(need, hugepage) < room_missing(need, nearest))
			nearest = hugepage;
	}
	*err = room_explain_hugepage(need, nearest != NULL ? nearest : &hugepages[0]);
	return NULL;
}

/* Prefer a node for memory. Where that is forbidden the default policy counts: lib/region looks where pages lie. */
static void
prefer_node(const struct rte_memzone *zone, int node)
{
	struct bitmask *nodes;

	if (node == GROOVE_NODE_ANY || numa_available() < 0)
		return;
	nodes = numa_allocate_nodemask();
	numa_bitmask_setbit(nodes, (unsigned int)node);
	mbind(zone->addr, zone->len, MPOL_PREFERRED, nodes->maskp, nodes->size, MPOL_MF_MOVE);
	numa_free_nodemask(nodes);
}

void
zone_release(const struct rte_memzone *zone)
{
	if (!rte_eal_has_hugepages())
		mbind(zone->addr, zone->len, MPOL_DEFAULT, NULL, 0, 0);
	rte_memzone_free(zone);
}

/* With --no-huge EAL has neither nodes nor hugepages for its memory. */
static const struct rte_memzone *
reserve_normal(const struct need *need, int *err)
{
	const struct rte_memzone *zone;

	*err = room_check_normal(need);
	if (*err != GROOVE_SUCCESS)
		return NULL;
	zone = zone_reserve(need, need->request->node, 0);
	if (zone == NULL) {
		*err = rte_errno == ENOMEM ? room_explain_normal(need) : zone_explain_other(need);
		return NULL;
	}

	prefer_node(zone, need->request->node);
	if (madvise(zone->addr, zone->len, MADV_POPULATE_WRITE) != 0) {
		MEMZONE_LOG(ERR, "no pages for %zu MiB: %s: take fewer or smaller volumes", zone->len >> 20,
			groove_volume_error_text(errno, (char[GROOVE_VOLUME_ERROR_SZ]){0}));
		zone_release(zone);
		*err = GROOVE_ERR_FULL;
		return NULL;
	}
	return zone;
}

const struct rte_memzone *
zone_make(const struct need *need, int *err)
{
	return rte_eal_has_hugepages() ? reserve_hugepages(need, err) : reserve_normal(need, err);
}

int
zone_check_setup(const groove_volume_request_t *request)
{
	const bool normal = request->page == GROOVE_PAGE_NORMAL;

	if (!memzone_eal_is_there()) {
		MEMZONE_LOG(ERR, "needs EAL: call rte_eal_init() first, or take another driver");
		return GROOVE_ERR_INVAL;
	}
	if (normal && rte_eal_has_hugepages()) {
		MEMZONE_LOG(ERR,
			"EAL has hugepages only: start it with --no-huge -m MEGABYTES, or without --page-sz normal");
		return GROOVE_ERR_INVAL;
	}
	if (request->page != GROOVE_PAGE_ANY && !normal && !rte_eal_has_hugepages()) {
		MEMZONE_LOG(ERR, "EAL was started with --no-huge: leave that out, or take --page-sz normal");
		return GROOVE_ERR_INVAL;
	}
	return GROOVE_SUCCESS;
}
