/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * Volume driver memzone: memory of EAL, one memzone for a whole region, since separate ones do not lie side by side.
 *
 *     | shared region, rounded up to 2 MiB | volume 0 | volume 1 | ...
 *
 * The shared region comes first, so that whoever writes beyond an object does not run into it. All memory is reserved
 * at once and goes back to EAL at release: a region neither grows nor shrinks here.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <numa.h>
#include <numaif.h>
#include <rte_common.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_memzone.h>

#include "room.h"

RTE_LOG_REGISTER(memzone_logtype, volume.memzone, NOTICE)

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

static uint64_t
shared_room(const groove_volume_request_t *request)
{
	return RTE_ALIGN_CEIL(request->shared_sz, ZONE_ALIGN);
}

static const struct rte_memzone *
zone_reserve(const struct need *need, unsigned int flags)
{
	static unsigned int zone_cnt;
	char name[RTE_MEMZONE_NAMESIZE];

	/* Relaxed: only has to be another number each time. */
	snprintf(name, sizeof(name), "groove_%d_%u", (int)getpid(), __atomic_fetch_add(&zone_cnt, 1, __ATOMIC_RELAXED));
	return rte_memzone_reserve_aligned(name, need->zone_sz, need->request->node, flags, ZONE_ALIGN);
}

/* EAL says ENOMEM for want of memory, and other things for want of memzones and the like. */
static int
zone_explain_other(void)
{
	MEMZONE_LOG(ERR, "EAL reserves no memzone: %s (%d): free some, or use fewer regions", rte_strerror(rte_errno),
		rte_errno);
	return GROOVE_ERR_FULL;
}

static bool
wanted(const groove_volume_request_t *request, const struct hugepage *hugepage)
{
	if (request->page != GROOVE_PAGE_ANY)
		return request->page == hugepage->page;
	return room_stretch(hugepage->sz, request->node) > 0;
}

static const struct rte_memzone *
zone_try(const struct need *need, const struct hugepage *hugepage)
{
	if (room_hopeless(need, hugepage)) {
		rte_errno = ENOMEM;
		return NULL;
	}
	return zone_reserve(need, hugepage->zone_flag);
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
			*err = zone_explain_other();
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

static void
zone_release(const struct rte_memzone *zone)
{
	if (!rte_eal_has_hugepages())
		mbind(zone->addr, zone->len, MPOL_DEFAULT, NULL, 0, 0);
	rte_memzone_free(zone);
}

/* With --no-huge EAL has neither nodes nor pages behind its memory. */
static const struct rte_memzone *
reserve_normal(const struct need *need, int *err)
{
	const struct rte_memzone *zone;

	*err = room_check_normal(need);
	if (*err != GROOVE_SUCCESS)
		return NULL;
	zone = zone_reserve(need, 0);
	if (zone == NULL) {
		*err = rte_errno == ENOMEM ? room_explain_normal(need) : zone_explain_other();
		return NULL;
	}

	prefer_node(zone, need->request->node);
	if (madvise(zone->addr, zone->len, MADV_POPULATE_WRITE) != 0) {
		MEMZONE_LOG(ERR, "no pages for %zu MiB: %s: take fewer or smaller volumes", zone->len >> 20,
			strerror(errno));
		zone_release(zone);
		*err = GROOVE_ERR_FULL;
		return NULL;
	}
	return zone;
}

/* Whether EAL was started so that there can be such pages. */
static int
check_setup(const groove_volume_request_t *request)
{
	const bool normal = request->page == GROOVE_PAGE_NORMAL;

	if (rte_lcore_count() == 0) {
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

static int
memzone_reserve(const groove_volume_request_t *request, groove_volume_range_t *range)
{
	const struct need need = {
		.request = request,
		.zone_sz = shared_room(request) + request->volume_cnt * request->volume_sz,
	};
	const struct rte_memzone *zone;
	int err = check_setup(request);

	if (err != GROOVE_SUCCESS)
		return err;
	zone = rte_eal_has_hugepages() ? reserve_hugepages(&need, &err) : reserve_normal(&need, &err);
	if (zone == NULL)
		return err;

	/* EAL zeroes what is freed, not what it is given: memory may be old. */
	memset(zone->addr, 0, shared_room(request));
	range->shared = zone->addr;
	range->volume0 = (uint8_t *)zone->addr + shared_room(request);
	range->page_sz = zone->hugepage_sz;
	range->priv = (void *)(uintptr_t)zone;
	return GROOVE_SUCCESS;
}

static void
memzone_release(groove_volume_range_t *range)
{
	zone_release(range->priv);
}

static groove_volume_driver_t memzone_driver = {
	.name = "memzone",
	.reserve = memzone_reserve,
	.release = memzone_release,
};

GROOVE_VOLUME_DRIVER(memzone_driver)
