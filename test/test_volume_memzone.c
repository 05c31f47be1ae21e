/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * The driver memzone, on the memory that EAL was started with: hugepages, or normal pages with --no-huge. EAL shares
 * none of it here; test/share and stress_named.py have processes that do.
 */

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_malloc.h>
#include <rte_memory.h>
#include <rte_memzone.h>

#include "volume_driver.h"

#define MIB 1048576UL

/* As volume_driver_conformance_sz() has it for the pages that EAL gives. */
#define NEED_SZ (256 * MIB)

/* ---- what EAL holds ---- */

struct held {
	unsigned int zone_cnt;
	unsigned int alloc_cnt; /* allocations from the heap of node 0 */
	size_t alloc_sz;
};

static void
zone_count(const struct rte_memzone *zone, void *arg)
{
	(void)zone;
	(*(unsigned int *)arg)++;
}

static struct held
held_now(void)
{
	struct rte_malloc_socket_stats stats = {0};
	struct held held = {0};

	rte_memzone_walk(zone_count, &held.zone_cnt);
	rte_malloc_get_socket_stats(0, &stats);
	held.alloc_cnt = stats.alloc_count;
	held.alloc_sz = stats.heap_allocsz_bytes;
	return held;
}

static int
check_held(struct held before)
{
	const struct held after = held_now();

	TEST_ASSERT_EQUAL(after.zone_cnt, before.zone_cnt, "memzones");
	TEST_ASSERT_EQUAL(after.alloc_cnt, before.alloc_cnt, "allocations");
	TEST_ASSERT_EQUAL(after.alloc_sz, before.alloc_sz, "bytes allocated");
	return TEST_SUCCESS;
}

/* ---- errors: one line that names the value and the way out, and nothing kept ---- */

static int
refused(groove_region_cfg_t cfg, int expected, const char *const *words)
{
	const struct held before = held_now();
	groove_region_t *const untouched = (groove_region_t *)&cfg;
	groove_region_t *region = untouched;
	int err;

	test_log_begin();
	err = groove_region_create(&cfg, &region);
	TEST_ASSERT(test_log_is_line(test_log_end(), words), "the line of an error %d", expected);
	TEST_ASSERT_EQUAL(err, expected, "create");
	TEST_ASSERT_EQUAL(region, untouched, "region touched on error");
	return check_held(before);
}

#define REFUSED(cfg, expected, ...) TEST_CALL(refused(cfg, expected, (const char *const[]){__VA_ARGS__, NULL}))

static groove_region_cfg_t
cfg_of(uint64_t volume_cnt, uint64_t volume_sz, enum groove_page page)
{
	const groove_region_cfg_t cfg = {
		.driver = "memzone",
		.volume_cnt = volume_cnt,
		.volume_sz = volume_sz,
		.page = page,
		.node = 0,
		.placement = GROOVE_PLACEMENT_BOUND,
	};

	return cfg;
}

static int
page_sz_is(const struct rte_memseg_list *list, void *arg)
{
	return !list->external && list->page_sz == *(const uint64_t *)arg;
}

/* EAL was started without these pages: not mounted, and not --in-memory. */
static int
test_no_pages(enum groove_page page, const char *page_text)
{
	REFUSED(cfg_of(1, 32 * MIB, page), GROOVE_ERR_INVAL, "without pages", page_text, "--in-memory", "hugetlbfs");
	return TEST_SUCCESS;
}

/* EAL's own limit, whatever is reserved. */
static int
test_too_long(enum groove_page page, uint64_t volume_cnt, const char *need_text, const char *most_text)
{
	REFUSED(cfg_of(volume_cnt, 1024 * MIB, page), GROOVE_ERR_FULL, need_text, most_text, "smaller volumes");
	return TEST_SUCCESS;
}

static uint64_t
free_hugepages(enum groove_page page)
{
	char path[96];
	uint64_t cnt = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/sys/kernel/mm/hugepages/hugepages-%" PRIu64 "kB/free_hugepages",
		groove_page_sz(page) >> 10);
	file = fopen(path, "re");
	if (file == NULL)
		return 0;
	if (fscanf(file, "%" SCNu64, &cnt) != 1)
		cnt = 0;
	fclose(file);
	return cnt;
}

/* In EAL's reach, but hardly there: the line counts what is missing. */
static int
test_too_few(enum groove_page page, uint64_t volume_cnt, const char *need_text, const char *page_text)
{
	const groove_region_cfg_t cfg = cfg_of(volume_cnt, 1024 * MIB, page);
	const struct held before = held_now();
	groove_region_t *region;
	const char *logged;
	char free_text[48];
	uint64_t free_cnt;
	int err;

	if (free_hugepages(page) * groove_page_sz(page) >= volume_cnt * 1024 * MIB)
		return TEST_SUCCESS;
	/* Hugepages are the machine's: others may take or add some meanwhile. */
	do {
		free_cnt = free_hugepages(page);
		test_log_begin();
		err = groove_region_create(&cfg, &region);
		logged = test_log_end();
		TEST_ASSERT_EQUAL(err, GROOVE_ERR_FULL, "create");
	} while (free_hugepages(page) != free_cnt);

	snprintf(free_text, sizeof(free_text), ", %" PRIu64 " are free: echo ", free_cnt);
	TEST_ASSERT(
		TEST_LOG_IS_LINE(logged, need_text, page_text, "node 0", free_text, "nr_hugepages", "smaller volumes"),
		"too few pages");
	return check_held(before);
}

static int
test_errors_hugepages(void)
{
	uint64_t gigantic = groove_page_sz(GROOVE_PAGE_GIGANTIC);
	uint64_t huge = groove_page_sz(GROOVE_PAGE_HUGE);

	REFUSED(cfg_of(1, 32 * MIB, GROOVE_PAGE_NORMAL), GROOVE_ERR_INVAL, "memzone", "--no-huge -m", "--page-sz");
	if (rte_memseg_list_walk(page_sz_is, &gigantic) == 0) {
		TEST_CALL(test_no_pages(GROOVE_PAGE_GIGANTIC, "of 1 GiB"));
	} else {
		TEST_CALL(test_too_long(GROOVE_PAGE_GIGANTIC, 32, "33792 MiB", "32768 MiB"));
		TEST_CALL(test_too_few(GROOVE_PAGE_GIGANTIC, 31, "need 32 pages", "of 1 GiB"));
	}
	if (rte_memseg_list_walk(page_sz_is, &huge) == 0) {
		TEST_CALL(test_no_pages(GROOVE_PAGE_HUGE, "of 2 MiB"));
	} else {
		TEST_CALL(test_too_long(GROOVE_PAGE_HUGE, 16, "16388 MiB", "16384 MiB"));
		TEST_CALL(test_too_few(GROOVE_PAGE_HUGE, 15, "need 7682 pages", "of 2 MiB"));
	}
	return TEST_SUCCESS;
}

static int
test_errors_normal(void)
{
	struct rte_malloc_socket_stats stats = {0};
	char need_text[64], left_text[64];

	REFUSED(cfg_of(1, 32 * MIB, GROOVE_PAGE_HUGE), GROOVE_ERR_INVAL, "memzone", "--no-huge", "--page-sz normal");
	REFUSED(cfg_of(1, 32 * MIB, GROOVE_PAGE_GIGANTIC), GROOVE_ERR_INVAL, "memzone", "--no-huge",
		"--page-sz normal");

	/* One volume more than all of EAL's memory. */
	rte_malloc_get_socket_stats(0, &stats);
	snprintf(need_text, sizeof(need_text), "%zu x 32 MiB", stats.heap_totalsz_bytes / (32 * MIB) + 1);
	snprintf(left_text, sizeof(left_text), "%zu left", stats.greatest_free_size / MIB);
	REFUSED(cfg_of(stats.heap_totalsz_bytes / (32 * MIB) + 1, 32 * MIB, GROOVE_PAGE_NORMAL), GROOVE_ERR_FULL,
		need_text, left_text, "--no-huge -m ");
	return TEST_SUCCESS;
}

/* ---- a list longer than any program has by default ---- */

#define ZONE_CNT 200U

static int
count_name(void *arg, const char *driver, const char *name)
{
	(void)driver;
	if (strncmp(name, "list", strlen("list")) == 0)
		(*(unsigned int *)arg)++;
	return 0;
}

static int
test_list(void)
{
	const struct rte_memzone *zones[ZONE_CNT];
	char name[RTE_MEMZONE_NAMESIZE];
	unsigned int listed_cnt = 0;

	for (unsigned int i = 0; i < ZONE_CNT; i++) {
		snprintf(name, sizeof(name), "groove.list%u", i);
		zones[i] = rte_memzone_reserve(name, 64, SOCKET_ID_ANY, 0);
		TEST_ASSERT(zones[i] != NULL, "%s: %s", name, rte_strerror(rte_errno));
	}
	TEST_ASSERT_EQUAL(groove_region_list("memzone", NULL, count_name, &listed_cnt), GROOVE_SUCCESS, "list");
	TEST_ASSERT_EQUAL(listed_cnt, ZONE_CNT, "names listed");
	for (unsigned int i = 0; i < ZONE_CNT; i++)
		TEST_ASSERT_EQUAL(rte_memzone_free(zones[i]), 0, "memzone %u", i);
	return TEST_SUCCESS;
}

/* ---- until nothing is left, and again ---- */

#define REGION_MAX 16U

static unsigned int
fill(groove_region_t *regions[REGION_MAX])
{
	const groove_region_cfg_t cfg = cfg_of(1, 32 * MIB, GROOVE_PAGE_ANY);
	unsigned int cnt = 0;

	test_log_begin();
	while (cnt < REGION_MAX && groove_region_create(&cfg, &regions[cnt]) == GROOVE_SUCCESS)
		cnt++;
	test_log_end();
	return cnt;
}

static int
test_exhaust(void)
{
	const struct held before = held_now();
	unsigned int first_cnt = 0;

	for (int round = 0; round < 3; round++) {
		groove_region_t *regions[REGION_MAX];
		const unsigned int cnt = fill(regions);

		TEST_ASSERT(cnt > 1, "%u regions", cnt);
		if (round == 0)
			first_cnt = cnt;
		/* Hugepages are the machine's: others may take some meanwhile. */
		if (!rte_eal_has_hugepages())
			TEST_ASSERT_EQUAL(cnt, first_cnt, "round %d", round);
		/* Every other one first, so that they are not given back in the order they were had. */
		for (unsigned int i = 0; i < cnt; i += 2)
			groove_region_detach(regions[i]);
		for (unsigned int i = 1; i < cnt; i += 2)
			groove_region_detach(regions[i]);
		TEST_CALL(check_held(before));
	}
	return TEST_SUCCESS;
}

/* ---- */

/* Whether there is the memory that the tests need. */
static bool
room(void)
{
	struct rte_malloc_socket_stats stats = {0};

	if (rte_eal_has_hugepages())
		return free_hugepages(GROOVE_PAGE_GIGANTIC) > 1 ||
		       free_hugepages(GROOVE_PAGE_HUGE) * (2 * MIB) >= NEED_SZ;
	rte_malloc_get_socket_stats(0, &stats);
	return stats.greatest_free_size >= NEED_SZ;
}

static int
test_volume_memzone(void)
{
	const bool hugepages = rte_eal_has_hugepages();
	const struct volume_subject any = {.driver = "memzone", .page = GROOVE_PAGE_ANY, .alone = true};
	const struct volume_subject normal = {.driver = "memzone", .page = GROOVE_PAGE_NORMAL, .alone = true};
	struct held before;

	if (!room())
		return test_skip("needs %lu MiB: reserve hugepages, or start with --no-huge -m 512", NEED_SZ / MIB);
	before = held_now();
	TEST_CALL(volume_driver_conformance(&any));
	TEST_CALL(check_held(before));
	if (hugepages) {
		TEST_CALL(test_errors_hugepages());
	} else {
		TEST_CALL(volume_driver_conformance(&normal));
		TEST_CALL(test_errors_normal());
	}
	TEST_CALL(test_list());
	TEST_CALL(check_held(before));
	return test_exhaust();
}

GROOVE_TEST(volume_memzone_autotest, driver, test_volume_memzone);
