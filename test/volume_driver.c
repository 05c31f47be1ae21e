/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <numaif.h>

#include "holdings.h"
#include "volume_driver.h"

#define MIB	   (1UL << 20)
#define VOLUME_CNT 2UL
#define REGION_CNT 3U
#define TELL_MAX   100 /* times to ask where pages lie */

/* Smallest page there is: what is true of each of these bytes is true of all pages. */
#define STEP 4096UL

uint64_t
volume_subject_volume_sz(const struct volume_subject *subject)
{
	return subject->gives_back && subject->page == GROOVE_PAGE_GIGANTIC ? 1024 * MIB : 32 * MIB;
}

/* Several pages of 1 GiB for each would be more than many machines have. */
static unsigned int
region_cnt(const struct volume_subject *subject)
{
	return subject->page == GROOVE_PAGE_GIGANTIC ? 1 : REGION_CNT;
}

uint64_t
volume_driver_conformance_sz(const struct volume_subject *subject)
{
	if (subject->page == GROOVE_PAGE_GIGANTIC)
		return 4UL * 1024 * MIB;
	return 256 * MIB;
}

bool
volume_subject_room(const struct volume_subject *subject)
{
	const uint64_t page_sz = groove_page_sz(subject->page);

	return groove_volume_hugepages(page_sz, GROOVE_NODE_ANY, "free_hugepages") * page_sz >=
	       volume_driver_conformance_sz(subject);
}

groove_region_cfg_t
volume_subject_cfg(const struct volume_subject *subject)
{
	const groove_region_cfg_t cfg = {
		.driver = subject->driver,
		.dir = subject->dir,
		.volume_sz = volume_subject_volume_sz(subject),
		.volume_cnt = VOLUME_CNT,
		.page = subject->page,
		.node = GROOVE_NODE_ANY,
	};

	return cfg;
}

static groove_region_t *
make(const struct volume_subject *subject)
{
	const groove_region_cfg_t cfg = volume_subject_cfg(subject);
	groove_region_t *region = NULL;

	return groove_region_create(&cfg, &region) == GROOVE_SUCCESS ? region : NULL;
}

/* Bytes of all volumes. */
static uint64_t
volumes_sz(const groove_region_t *region)
{
	return VOLUME_CNT * groove_region_volume_sz(region);
}

/* ---- one region ---- */

static int
check_shape(const struct volume_subject *subject, const groove_region_t *region)
{
	const uintptr_t shared = (uintptr_t)groove_region_shdata(region);
	const uintptr_t volume0 = (uintptr_t)groove_region_volume0(region);
	const uint64_t page_sz = groove_region_page_sz(region);

	TEST_ASSERT_EQUAL(strcmp(groove_region_driver(region), subject->driver), 0, "%s", groove_region_driver(region));
	TEST_ASSERT_EQUAL(groove_region_volume_cnt(region), VOLUME_CNT, "volumes");
	TEST_ASSERT_EQUAL(groove_region_volume_sz(region), volume_subject_volume_sz(subject), "volume size");
	TEST_ASSERT_EQUAL(shared % groove_data_align(), 0, "shared region at %p", groove_region_shdata(region));
	TEST_ASSERT_EQUAL(volume0 % (2 * MIB), 0, "volume 0 at %p", groove_region_volume0(region));
	TEST_ASSERT(shared + groove_data_footprint() <= volume0 || volume0 + volumes_sz(region) <= shared,
		"shared region and volumes overlap");
	if (subject->page == GROOVE_PAGE_ANY)
		TEST_ASSERT(strcmp(groove_page_name(page_sz), "other") != 0, "pages of %lu bytes", page_sz);
	else
		TEST_ASSERT_EQUAL(page_sz, groove_page_sz(subject->page), "page size");
	return TEST_SUCCESS;
}

static const void *
page_of(const void *addr)
{
	return (const void *)((uintptr_t)addr & ~((uintptr_t)sysconf(_SC_PAGESIZE) - 1));
}

/* Every page is there before it is touched, so that none can be missing later. */
static int
check_populated(const void *mem, uint64_t sz)
{
	const uint64_t page_sz = (uint64_t)sysconf(_SC_PAGESIZE);
	unsigned char resident;

	for (uint64_t off = 0; off < sz; off += page_sz) {
		TEST_ASSERT_SUCCESS(mincore((uint8_t *)(uintptr_t)mem + off, page_sz, &resident), "mincore: %m");
		TEST_ASSERT_EQUAL(resident & 1, 1, "no page %lu bytes after %p", off, mem);
	}
	return TEST_SUCCESS;
}

static uint64_t
sum(const void *mem, uint64_t sz)
{
	const uint64_t *words = mem;
	uint64_t result = 0;

	for (uint64_t i = 0; i < sz / sizeof(*words); i++)
		result = result * 31 + words[i];
	return result;
}

/* No two pages of the volumes are the same memory, and none is the shared region's. */
static int
check_distinct(const groove_region_t *region)
{
	const uint64_t shared_sum = sum(groove_region_shdata(region), groove_data_footprint());
	uint8_t *volume0 = groove_region_volume0(region);

	for (uint64_t off = 0; off < volumes_sz(region); off += STEP) {
		const uint64_t mark = ~off;

		memcpy(volume0 + off, &mark, sizeof(mark));
		memcpy(volume0 + off + STEP - sizeof(off), &off, sizeof(off));
	}
	for (uint64_t off = 0; off < volumes_sz(region); off += STEP) {
		uint64_t mark, tail;

		memcpy(&mark, volume0 + off, sizeof(mark));
		memcpy(&tail, volume0 + off + STEP - sizeof(tail), sizeof(tail));
		TEST_ASSERT_EQUAL(mark, ~off, "at offset 0x%lx", off);
		TEST_ASSERT_EQUAL(tail, off, "at the end of offset 0x%lx", off);
	}
	TEST_ASSERT_EQUAL(sum(groove_region_shdata(region), groove_data_footprint()), shared_sum,
		"writing to the volumes changed the shared region");
	return TEST_SUCCESS;
}

static int
check_phys(const groove_region_t *region)
{
	const uint8_t *volume0 = groove_region_volume0(region);
	const uint64_t page_sz = groove_region_page_sz(region);
	uint64_t first = 0, inside = 0, far = 0;

	TEST_ASSERT_EQUAL(groove_region_phys(region, &first, &first), GROOVE_ERR_INVAL, "an address elsewhere");
	if (geteuid() != 0)
		return TEST_SUCCESS;
	TEST_ASSERT_SUCCESS(groove_region_phys(region, volume0, &first), "first byte");
	TEST_ASSERT_SUCCESS(groove_region_phys(region, volume0 + 4000, &inside), "byte 4000");
	TEST_ASSERT_SUCCESS(groove_region_phys(region, volume0 + groove_region_volume_sz(region), &far), "next volume");
	TEST_ASSERT_EQUAL(inside - first, 4000, "one page in two places");
	TEST_ASSERT(first != far, "two volumes in one place");
	TEST_ASSERT_EQUAL(first % page_sz, (uintptr_t)volume0 % page_sz, "place in the page");
	return TEST_SUCCESS;
}

/* The region serves a groove: it can be filled with objects and emptied again. */
static int
check_groove(const groove_region_t *region)
{
	const uint64_t obj_sz = 1 * MIB;
	uint8_t *objs[VOLUME_CNT * 1024];
	unsigned int obj_cnt = 0;
	groove_data_t data;
	int err = GROOVE_SUCCESS;

	TEST_ASSERT_NOT_NULL(
		groove_data_join(&data, groove_region_shdata(region), groove_region_volume0(region), VOLUME_CNT, 0),
		"join");
	while ((objs[obj_cnt] = groove_data_alloc(&data, 0, obj_sz, obj_cnt, &err)) != NULL) {
		memset(objs[obj_cnt], (int)obj_cnt, obj_sz);
		obj_cnt++;
	}
	TEST_ASSERT_EQUAL(err, GROOVE_ERR_FULL, "after %u objects", obj_cnt);
	TEST_ASSERT(obj_cnt > volumes_sz(region) / 2 / MIB, "only %u objects of 1 MiB", obj_cnt);
	while (obj_cnt-- > 0) {
		for (uint64_t i = 0; i < obj_sz; i += STEP - 1)
			TEST_ASSERT_EQUAL(objs[obj_cnt][i], obj_cnt & 0xff, "object %u, byte %lu", obj_cnt, i);
		TEST_ASSERT_SUCCESS(groove_data_free(&data, objs[obj_cnt]), "object %u", obj_cnt);
	}
	TEST_ASSERT_NOT_NULL(groove_data_leave(&data), "leave");
	TEST_ASSERT_NOT_NULL(groove_data_delete(groove_region_shdata(region)), "delete");
	return TEST_SUCCESS;
}

static int
check_region(const struct volume_subject *subject)
{
	groove_region_t *region = make(subject);

	TEST_ASSERT_NOT_NULL(region, "no region");
	TEST_CALL(check_shape(subject, region));
	TEST_CALL(check_populated(page_of(groove_region_shdata(region)), groove_data_footprint()));
	TEST_CALL(check_populated(groove_region_volume0(region), volumes_sz(region)));
	TEST_CALL(check_distinct(region));
	TEST_CALL(check_phys(region));
	TEST_CALL(check_groove(region));
	groove_region_detach(region);
	return TEST_SUCCESS;
}

/* ---- its node ---- */

/* Where a page lies by another call than the library's; a negative number when the kernel does not tell. */
static int
node_of(const uint8_t *page)
{
	int node;

	return get_mempolicy(&node, NULL, 0, (void *)(uintptr_t)page, MPOL_F_NODE | MPOL_F_ADDR) == 0 ? node : -1;
}

/* Pages of a region: from that which has the start of the front, in front of the groove's part, to that of the end. */
static uint64_t
pages_of(const groove_region_t *region)
{
	const uint64_t page_sz = groove_region_page_sz(region);
	const uintptr_t start = (uintptr_t)groove_region_shdata(region) / GROOVE_VOLUME_ROOM_ALIGN;
	const uintptr_t end = (uintptr_t)groove_region_volume0(region) + volumes_sz(region);

	return (end - 1) / page_sz - start * GROOVE_VOLUME_ROOM_ALIGN / page_sz + 1;
}

/* Each page of the volumes lies on a node, and so says the region, of these and of the front. */
static int
check_pages(const groove_region_t *region, int node)
{
	const uint8_t *volume0 = groove_region_volume0(region);
	const uint64_t page_sz = groove_region_page_sz(region);
	uint64_t page_cnt[GROOVE_NODE_MAX], cnt = 0, untold = 1;

	/* Others on this machine may have the kernel move pages about. */
	for (int i = 0; i < TELL_MAX && untold > 0; i++)
		untold = groove_region_node_pages(region, page_cnt, GROOVE_NODE_MAX);
	TEST_ASSERT_EQUAL(untold, 0, "pages without a node");
	for (int i = 0; i < GROOVE_NODE_MAX; i++) {
		cnt += page_cnt[i];
		if (i != node)
			TEST_ASSERT_EQUAL(page_cnt[i], 0, "pages on node %d", i);
	}
	TEST_ASSERT_EQUAL(cnt, pages_of(region), "pages of %lu bytes", page_sz);
	TEST_ASSERT_EQUAL(groove_region_node_pages(region, page_cnt, 0), cnt, "room for no node");
	for (int i = 0; i < TELL_MAX && groove_region_node(region) == GROOVE_ERR_KEY; i++)
		;
	TEST_ASSERT_EQUAL(groove_region_node(region), node, "node");
	for (uint64_t off = 0; off < volumes_sz(region); off += page_sz)
		TEST_ASSERT_EQUAL(node_of(volume0 + off), node, "page at offset 0x%lx", off);
	return TEST_SUCCESS;
}

/* A node that has room gets all of it, bound or preferred. */
static int
check_node(const struct volume_subject *subject)
{
	groove_region_cfg_t cfg = volume_subject_cfg(subject);
	groove_region_t *region;

	cfg.node = groove_region_cpu_node(sched_getcpu());
	for (cfg.placement = GROOVE_PLACEMENT_BOUND; cfg.placement <= GROOVE_PLACEMENT_PREFERRED; cfg.placement++) {
		TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &region), "%s on node %d",
			groove_placement_name(cfg.placement), cfg.node);
		TEST_ASSERT_EQUAL(groove_region_node_wanted(region), cfg.node, "node");
		TEST_ASSERT_EQUAL(groove_region_placement(region), cfg.placement, "placement");
		TEST_CALL(check_pages(region, cfg.node));
		groove_region_detach(region);
	}
	return TEST_SUCCESS;
}

/* ---- several at one time ---- */

static int
check_several(const struct volume_subject *subject)
{
	groove_region_t *regions[REGION_CNT];

	for (unsigned int i = 0; i < region_cnt(subject); i++) {
		regions[i] = make(subject);
		TEST_ASSERT_NOT_NULL(regions[i], "region %u", i);
		memset(groove_region_shdata(regions[i]), (int)i, groove_data_footprint());
		memset(groove_region_volume0(regions[i]), (int)i, volumes_sz(regions[i]));
	}
	for (unsigned int i = 0; i < region_cnt(subject); i++) {
		const uint64_t word = i * 0x0101010101010101UL;
		const uint64_t *shared = groove_region_shdata(regions[i]);
		const uint64_t *volumes = groove_region_volume0(regions[i]);

		for (uint64_t at = 0; at < groove_data_footprint() / sizeof(word); at++)
			TEST_ASSERT_EQUAL(shared[at], word, "shared region of region %u", i);
		for (uint64_t at = 0; at < volumes_sz(regions[i]) / sizeof(word); at++)
			TEST_ASSERT_EQUAL(volumes[at], word, "volumes of region %u", i);
		groove_region_detach(regions[i]);
	}
	return TEST_SUCCESS;
}

/* ---- the driver's own calls ---- */

/* The front is zeroed also when its memory was used before. */
static int
check_zeroed(const struct volume_subject *subject)
{
	const groove_volume_driver_t *driver = groove_volume_driver_find(subject->driver);
	const groove_volume_request_t request = {
		.front_sz = 1000000,
		.volume_sz = volume_subject_volume_sz(subject),
		.volume_cnt = 1,
		.volume_max = 1,
		.mode = 0600,
		.dir = subject->dir,
		.page = subject->page,
		.node = GROOVE_NODE_ANY,
	};

	for (int round = 0; round < 3; round++) {
		groove_volume_range_t range = {.fd = -1};

		TEST_ASSERT_SUCCESS(driver->create(&request, &range), "round %d", round);
		TEST_ASSERT(range.front_sz >= request.front_sz, "front of %lu bytes", range.front_sz);
		TEST_ASSERT(range.sz >= range.front_sz + request.volume_sz, "range of %lu bytes", range.sz);
		if (driver->populate != NULL)
			TEST_ASSERT_SUCCESS(
				driver->populate(&range, 0, range.sz, GROOVE_NODE_ANY, GROOVE_PLACEMENT_BOUND),
				"populate");
		for (uint64_t i = 0; i < request.front_sz; i++)
			TEST_ASSERT_EQUAL(((const uint8_t *)range.base)[i], 0, "byte %lu, round %d", i, round);
		memset(range.base, 0xa5, range.front_sz + request.volume_sz);
		driver->close(&range);
	}
	return TEST_SUCCESS;
}

/* The most memory, KiB, that this process ever had mapped. */
static unsigned long
most_kib(void)
{
	FILE *status = fopen("/proc/self/status", "re");
	unsigned long kib = 0;
	char line[128];

	while (status != NULL && fgets(line, sizeof(line), status) != NULL) {
		if (sscanf(line, "VmHWM: %lu", &kib) == 1)
			break;
	}
	if (status != NULL)
		fclose(status);
	return kib;
}

/* More than there is: one line, nothing kept, and not all there is taken to find out. */
static int
check_too_much(const struct volume_subject *subject)
{
	groove_region_t *const untouched = (groove_region_t *)(uintptr_t)subject;
	groove_region_cfg_t cfg = volume_subject_cfg(subject);
	groove_region_t *region = untouched;
	const unsigned long before_kib = most_kib();
	const char *logged;
	int err;

	cfg.volume_sz = 1024 * MIB;
	cfg.volume_cnt = 2048;
	test_log_begin();
	err = groove_region_create(&cfg, &region);
	logged = test_log_end();
	TEST_ASSERT_EQUAL(err, GROOVE_ERR_FULL, "2 TiB");
	TEST_ASSERT(TEST_LOG_IS_LINE(logged, "MiB"), "2 TiB");
	TEST_ASSERT(most_kib() - before_kib < 1024UL * 1024, "%lu MiB taken before it failed",
		(most_kib() - before_kib) / 1024);
	TEST_ASSERT_EQUAL(region, untouched, "region touched on error");
	return TEST_SUCCESS;
}

int
volume_driver_conformance(const struct volume_subject *subject)
{
	struct holdings before, after;

	TEST_ASSERT_NOT_NULL(groove_volume_driver_find(subject->driver), "no volume driver %s", subject->driver);
	/* The first makes what a driver or EAL keeps for good. */
	TEST_CALL(check_region(subject));
	before = holdings_now();
	TEST_CALL(check_region(subject));
	TEST_CALL(check_node(subject));
	TEST_CALL(check_several(subject));
	TEST_CALL(check_zeroed(subject));
	TEST_CALL(check_too_much(subject));
	TEST_CALL(volume_driver_check_calls(subject));
	TEST_CALL(volume_driver_check_resize(subject));
	TEST_CALL(volume_driver_check_named(subject));
	after = holdings_now();
	TEST_ASSERT_EQUAL(after.fd_cnt, before.fd_cnt, "file descriptors left open");
	TEST_ASSERT_EQUAL(after.inherited, before.inherited, "descriptors that are handed on by exec");
	TEST_ASSERT_EQUAL(after.mapped_sz, before.mapped_sz, "bytes of address space kept");
	TEST_ASSERT_EQUAL(after.hugepage_kib, before.hugepage_kib, "KiB of hugepages kept");
	return TEST_SUCCESS;
}
