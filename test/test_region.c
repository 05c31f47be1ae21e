/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Regions over a volume driver of the test's own, which shows what it is asked for and fails when told to. */

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <groove_volume_driver.h>

#include "test.h"

#define MIB (1UL << 20)

/* ---- the driver ---- */

static struct {
	groove_volume_request_t request; /* the last */
	int err;			 /* what reserve answers */
	size_t skew;			 /* bytes that the shared region is off its alignment */
	unsigned int reserve_cnt;
	unsigned int release_cnt;
} toy;

static int
toy_reserve(const groove_volume_request_t *request, groove_volume_range_t *range)
{
	toy.request = *request;
	toy.reserve_cnt++;
	if (toy.err != GROOVE_SUCCESS)
		return toy.err;
	range->shared = (uint8_t *)test_mem_map(request->shared_sz + MIB) + toy.skew;
	range->volume0 = test_mem_map(request->volume_cnt * request->volume_sz);
	range->page_sz = (uint64_t)sysconf(_SC_PAGESIZE);
	range->priv = &toy;
	return GROOVE_SUCCESS;
}

static void
toy_release(groove_volume_range_t *range)
{
	toy.release_cnt++;
	test_mem_unmap((uint8_t *)range->shared - toy.skew, toy.request.shared_sz + MIB);
	test_mem_unmap(range->volume0, toy.request.volume_cnt * toy.request.volume_sz);
}

static groove_volume_driver_t toy_driver = {.name = "toy", .reserve = toy_reserve, .release = toy_release};

static void
toy_reset(void)
{
	static int registered;

	if (!registered++)
		groove_volume_driver_register(&toy_driver);
	memset(&toy, 0, sizeof(toy));
}

static const groove_region_cfg_t good_cfg = {
	.driver = "toy",
	.volume_sz = 32 * MIB,
	.volume_cnt = 3,
	.join_max = 5,
	.page = GROOVE_PAGE_ANY,
	.node = GROOVE_NODE_ANY,
};

/* ---- the registry ---- */

static int
test_registry(void)
{
	static groove_volume_driver_t twin = {.name = "toy"};
	char names[256], short_names[3];
	const char *logged;

	toy_reset();
	TEST_ASSERT_EQUAL(groove_volume_driver_find("toy"), &toy_driver, "not found by name");
	TEST_ASSERT_NULL(groove_volume_driver_find("to"), "found by half a name");
	TEST_ASSERT_NULL(groove_volume_driver_find(""), "found without a name");
	TEST_ASSERT_NOT_NULL(groove_volume_driver_find(NULL), "no first driver");

	test_log_begin();
	groove_volume_driver_register(&twin);
	logged = test_log_end();
	TEST_ASSERT(TEST_LOG_IS_LINE(logged, "toy", "load it once"), "second driver of a name");
	TEST_ASSERT_EQUAL(groove_volume_driver_find("toy"), &toy_driver, "the second took the place of the first");

	groove_region_driver_names(names, sizeof(names));
	TEST_ASSERT_NOT_NULL(strstr(names, "toy"), "names are \"%s\"", names);
	TEST_ASSERT_NULL(strstr(strstr(names, "toy") + 1, "toy"), "twice in \"%s\"", names);
	memset(short_names, 'x', sizeof(short_names));
	groove_region_driver_names(short_names, sizeof(short_names));
	TEST_ASSERT_EQUAL(strlen(short_names), sizeof(short_names) - 1, "not cut to the buffer");
	TEST_ASSERT_EQUAL(strncmp(names, short_names, sizeof(short_names) - 1), 0, "cut to something else");
	memset(names, 'x', sizeof(names));
	groove_region_driver_names(names, 0);
	groove_region_driver_names(NULL, 1);
	TEST_ASSERT_EQUAL(names[0], 'x', "written to a buffer of no bytes");
	return TEST_SUCCESS;
}

/* ---- bad configurations: no driver is asked, and the region is not touched ---- */

static int
refused(groove_region_cfg_t cfg, int expected, const char *const *words)
{
	groove_region_t *const untouched = (groove_region_t *)&toy;
	groove_region_t *region = untouched;
	int err;

	toy_reset();
	test_log_begin();
	err = groove_region_create(&cfg, &region);
	TEST_ASSERT(test_log_is_line(test_log_end(), words), "the line of an error %d", expected);
	TEST_ASSERT_EQUAL(err, expected, "create");
	TEST_ASSERT_EQUAL(region, untouched, "region touched on error");
	TEST_ASSERT_EQUAL(toy.reserve_cnt, 0, "the driver was asked");
	return TEST_SUCCESS;
}

#define REFUSED(field, value, expected, ...)                                                                           \
	do {                                                                                                           \
		groove_region_cfg_t cfg = good_cfg;                                                                    \
                                                                                                                       \
		cfg.field = (value);                                                                                   \
		TEST_CALL(refused(cfg, expected, (const char *const[]){__VA_ARGS__, NULL}));                           \
	} while (0)

static int
test_bad_cfg(void)
{
	groove_region_t *region;

	REFUSED(driver, "nosuch", GROOVE_ERR_KEY, "nosuch", "toy");
	REFUSED(driver, "", GROOVE_ERR_KEY, "toy");
	REFUSED(volume_sz, 16 * MIB, GROOVE_ERR_INVAL, "16777216", "33554432", "1073741824");
	REFUSED(volume_sz, 2048 * MIB, GROOVE_ERR_INVAL, "2147483648", "33554432", "1073741824");
	REFUSED(volume_sz, 48 * MIB, GROOVE_ERR_INVAL, "50331648", "power of two");
	REFUSED(volume_sz, 32 * MIB + 1, GROOVE_ERR_INVAL, "33554433", "power of two");
	REFUSED(volume_sz, UINT64_MAX, GROOVE_ERR_INVAL, "18446744073709551615", "power of two");
	REFUSED(volume_cnt, 0, GROOVE_ERR_INVAL, "0 volumes", "1 or more");
	REFUSED(volume_cnt, 65537, GROOVE_ERR_INVAL, "65537 volumes", "65536");
	REFUSED(volume_cnt, UINT64_MAX, GROOVE_ERR_INVAL, "18446744073709551615 volumes", "65536");
	REFUSED(join_max, 1025, GROOVE_ERR_INVAL, "1025", "1024");
	REFUSED(page, (enum groove_page)4, GROOVE_ERR_INVAL, "page size 4", "huge");
	REFUSED(node, 1000000, GROOVE_ERR_INVAL, "node 1000000", "has_memory");
	REFUSED(node, -2, GROOVE_ERR_INVAL, "node -2", "has_memory");

	test_log_begin();
	TEST_ASSERT_EQUAL(groove_region_create(NULL, &region), GROOVE_ERR_INVAL, "no configuration");
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), "groove_region_create"), "no configuration");
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_region_create(&good_cfg, NULL), GROOVE_ERR_INVAL, "no place for the region");
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), "groove_region_create"), "no place for the region");
	groove_region_destroy(NULL);
	return TEST_SUCCESS;
}

/* ---- failures behind the checks: all that was reserved is given back ---- */

static int
test_driver_error(int err)
{
	groove_region_t *const untouched = (groove_region_t *)&toy;
	groove_region_t *region = untouched;

	toy_reset();
	toy.err = err;
	TEST_ASSERT_EQUAL(groove_region_create(&good_cfg, &region), err, "the driver's error is handed on");
	TEST_ASSERT_EQUAL(region, untouched, "region touched on error");
	TEST_ASSERT_EQUAL(toy.reserve_cnt, 1, "reserve");
	TEST_ASSERT_EQUAL(toy.release_cnt, 0, "released what was not reserved");
	return TEST_SUCCESS;
}

static int
test_bad_memory(void)
{
	groove_region_t *const untouched = (groove_region_t *)&toy;
	groove_region_t *region = untouched;

	toy_reset();
	toy.skew = 8;
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_region_create(&good_cfg, &region), GROOVE_ERR_INVAL, "misaligned shared region");
	TEST_ASSERT(test_log_end()[0] != '\0', "silent");
	TEST_ASSERT_EQUAL(region, untouched, "region touched on error");
	TEST_ASSERT_EQUAL(toy.release_cnt, 1, "not given back");
	return TEST_SUCCESS;
}

/* ---- good ones ---- */

static int
check_request(const groove_region_cfg_t *cfg, uint64_t volume_sz)
{
	const groove_data_cfg_t data_cfg = {
		.volume_sz = volume_sz,
		.volume_max = cfg->volume_cnt,
		.join_max = cfg->join_max,
	};

	TEST_ASSERT_EQUAL(toy.request.shared_sz, groove_data_footprint_cfg(&data_cfg), "shared region");
	TEST_ASSERT_EQUAL(toy.request.volume_sz, volume_sz, "volume size");
	TEST_ASSERT_EQUAL(toy.request.volume_cnt, cfg->volume_cnt, "volumes");
	TEST_ASSERT_EQUAL(toy.request.page, cfg->page, "pages");
	TEST_ASSERT_EQUAL(toy.request.node, cfg->node, "node");
	return TEST_SUCCESS;
}

static int
check_shape(const groove_region_t *region, const groove_region_cfg_t *cfg, uint64_t volume_sz)
{
	TEST_ASSERT_EQUAL(strcmp(groove_region_driver(region), "toy"), 0, "%s", groove_region_driver(region));
	TEST_ASSERT_EQUAL(groove_region_volume_sz(region), volume_sz, "volume size");
	TEST_ASSERT_EQUAL(groove_region_volume_cnt(region), cfg->volume_cnt, "volumes");
	TEST_ASSERT_EQUAL(groove_region_page_sz(region), sysconf(_SC_PAGESIZE), "pages");
	TEST_ASSERT_NOT_NULL(groove_region_shdata(region), "no shared region");
	TEST_ASSERT_NOT_NULL(groove_region_volume0(region), "no volumes");
	return TEST_SUCCESS;
}

/* The groove in the region is one, empty, with room for just these volumes and joins. */
static int
check_groove(const groove_region_t *region, const groove_region_cfg_t *cfg)
{
	const uint64_t cnt = groove_region_volume_cnt(region);
	groove_data_t data[2];

	TEST_ASSERT_NOT_NULL(
		groove_data_join(&data[0], groove_region_shdata(region), groove_region_volume0(region), 0, 0), "join");
	TEST_ASSERT_EQUAL(groove_data_volume_max(&data[0]), cnt, "room for volumes");
	TEST_ASSERT_EQUAL(groove_data_volume_sz(&data[0]), groove_region_volume_sz(region), "volume size");
	TEST_ASSERT_NULL(groove_data_volume_remove(&data[0]), "a volume was in it");
	if (cfg->join_max == 1) {
		test_log_begin();
		TEST_ASSERT_NULL(
			groove_data_join(&data[1], groove_region_shdata(region), groove_region_volume0(region), 0, 0),
			"second join of one");
		TEST_ASSERT(test_log_end()[0] != '\0', "silent");
	}
	TEST_ASSERT_NOT_NULL(groove_data_leave(&data[0]), "leave");
	TEST_ASSERT_EQUAL(groove_data_delete(groove_region_shdata(region)), groove_region_shdata(region), "delete");
	return TEST_SUCCESS;
}

static int
test_good_cfg(groove_region_cfg_t cfg)
{
	const uint64_t volume_sz = cfg.volume_sz != 0 ? cfg.volume_sz : 1024 * MIB;
	groove_region_t *region = NULL;

	toy_reset();
	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &region), "create");
	TEST_CALL(check_request(&cfg, volume_sz));
	TEST_CALL(check_shape(region, &cfg, volume_sz));
	TEST_CALL(check_groove(region, &cfg));
	groove_region_destroy(region);
	TEST_ASSERT_EQUAL(toy.reserve_cnt, 1, "reserve");
	TEST_ASSERT_EQUAL(toy.release_cnt, 1, "release");
	return TEST_SUCCESS;
}

static int
test_good_cfgs(void)
{
	groove_region_cfg_t cfg = good_cfg;

	TEST_CALL(test_good_cfg(cfg));
	cfg.volume_sz = 0;
	cfg.join_max = 0;
	cfg.node = groove_region_addr_node(&cfg);
	TEST_CALL(test_good_cfg(cfg));
	cfg.volume_sz = 1024 * MIB;
	cfg.volume_cnt = 1;
	cfg.join_max = 1;
	cfg.page = GROOVE_PAGE_GIGANTIC;
	TEST_CALL(test_good_cfg(cfg));
	cfg.volume_sz = 64 * MIB;
	cfg.volume_cnt = 1000;
	cfg.join_max = 1024;
	cfg.page = GROOVE_PAGE_NORMAL;
	return test_good_cfg(cfg);
}

/* ---- where memory lies ---- */

static int
test_place(void)
{
	const size_t sz = 2 * MIB;
	const size_t page_sz = (size_t)sysconf(_SC_PAGESIZE);
	uint8_t *mem = test_mem_map(sz);
	uint64_t phys = 1, next = 1;
	unsigned char present = 0;
	int err;

	TEST_ASSERT_NOT_NULL(mem, "memory");
	TEST_ASSERT_EQUAL(groove_region_addr_node(mem), GROOVE_ERR_KEY, "a page that is not there");
	TEST_ASSERT_EQUAL(groove_region_addr_phys(mem, &phys), GROOVE_ERR_KEY, "a page that is not there");
	TEST_ASSERT_EQUAL(phys, 1, "touched on error");
	TEST_ASSERT_SUCCESS(mincore(mem, page_sz, &present), "mincore");
	TEST_ASSERT_EQUAL(present & 1, 0, "asking made the page");

	memset(mem, 1, 2 * page_sz);
	TEST_ASSERT(groove_region_addr_node(mem) >= 0, "node of a page");
	TEST_ASSERT_EQUAL(groove_region_addr_node(mem), groove_region_addr_node(mem + 1), "one page, two nodes");
	TEST_ASSERT_SUCCESS(mlock(mem, 2 * page_sz), "mlock: %m");
	err = groove_region_addr_phys(mem + 100, &phys);
	if (geteuid() == 0) {
		TEST_ASSERT_SUCCESS(err, "physical address");
		TEST_ASSERT_EQUAL(phys % page_sz, 100, "byte in the page");
		TEST_ASSERT_SUCCESS(groove_region_addr_phys(mem + page_sz + 100, &next), "physical address");
		TEST_ASSERT(phys != next, "two pages in one place");
	}
	test_mem_unmap(mem, sz);
	TEST_ASSERT_EQUAL(groove_region_addr_node(mem), GROOVE_ERR_KEY, "memory that is not mapped");
	TEST_ASSERT_EQUAL(groove_region_addr_phys(mem, &phys), GROOVE_ERR_KEY, "memory that is not mapped");
	return TEST_SUCCESS;
}

/* Who may not see physical addresses gets none, and no zero for one. */
static int
phys_of_nobody(void *arg)
{
	uint64_t phys = 1;

	if (geteuid() == 0) {
		TEST_ASSERT_SUCCESS(setresuid(65534, 65534, 65534), "%m");
		TEST_ASSERT_SUCCESS(prctl(PR_SET_DUMPABLE, 1), "%m");
	}
	TEST_ASSERT_EQUAL(groove_region_addr_phys(arg, &phys), GROOVE_ERR_KEY, "physical address 0x%lx", phys);
	TEST_ASSERT_EQUAL(phys, 1, "touched on error");
	return TEST_SUCCESS;
}

static int
test_bounds(void)
{
	groove_region_t *region;
	uint64_t phys;

	toy_reset();
	TEST_ASSERT_SUCCESS(groove_region_create(&good_cfg, &region), "create");

	const uint8_t *shared = groove_region_shdata(region);
	const uint8_t *volume0 = groove_region_volume0(region);
	const uint8_t *volumes_end = volume0 + good_cfg.volume_cnt * good_cfg.volume_sz;

	TEST_ASSERT(groove_region_phys(region, shared, &phys) != GROOVE_ERR_INVAL, "first byte shared");
	TEST_ASSERT(groove_region_phys(region, shared + toy.request.shared_sz - 1, &phys) != GROOVE_ERR_INVAL,
		"last byte shared");
	TEST_ASSERT(groove_region_phys(region, volume0, &phys) != GROOVE_ERR_INVAL, "first byte of the volumes");
	TEST_ASSERT(groove_region_phys(region, volumes_end - 1, &phys) != GROOVE_ERR_INVAL, "last byte of the volumes");
	TEST_ASSERT_EQUAL(groove_region_phys(region, shared - 1, &phys), GROOVE_ERR_INVAL, "before");
	TEST_ASSERT_EQUAL(
		groove_region_phys(region, shared + toy.request.shared_sz, &phys), GROOVE_ERR_INVAL, "behind");
	TEST_ASSERT_EQUAL(groove_region_phys(region, volume0 - 1, &phys), GROOVE_ERR_INVAL, "before the volumes");
	TEST_ASSERT_EQUAL(groove_region_phys(region, volumes_end, &phys), GROOVE_ERR_INVAL, "behind the volumes");
	TEST_ASSERT_EQUAL(groove_region_phys(region, NULL, &phys), GROOVE_ERR_INVAL, "NULL");
	groove_region_destroy(region);
	return TEST_SUCCESS;
}

/* The node that sysfs has for a CPU: a link cpu/cpuN/nodeM. */
static int
sysfs_node(int cpu)
{
	char path[96];

	for (int node = 0; node < 1024; node++) {
		snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/node%d", cpu, node);
		if (access(path, F_OK) == 0)
			return node;
	}
	return 0;
}

static int
test_cpu_node(void)
{
	static const int no_cpus[] = {-1, -1000, 1000000, INT32_MAX, INT32_MIN};
	char name[16];
	cpu_set_t set;

	TEST_ASSERT_SUCCESS(pthread_getaffinity_np(pthread_self(), sizeof(set), &set), "affinity");
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (CPU_ISSET(cpu, &set))
			TEST_ASSERT_EQUAL(groove_region_cpu_node(cpu), sysfs_node(cpu), "CPU %d", cpu);
	}
	for (size_t i = 0; i < sizeof(no_cpus) / sizeof(no_cpus[0]); i++) {
		snprintf(name, sizeof(name), "CPU %d", no_cpus[i]);
		test_log_begin();
		TEST_ASSERT_EQUAL(groove_region_cpu_node(no_cpus[i]), GROOVE_ERR_KEY, "%s", name);
		TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), name, "online"), "%s", name);
	}
	return TEST_SUCCESS;
}

/* ---- pages ---- */

static int
test_pages(void)
{
	static const struct {
		const char *name;
		enum groove_page page;
		uint64_t sz;
	} pages[] = {
		{"huge", GROOVE_PAGE_HUGE, 2097152},
		{"gigantic", GROOVE_PAGE_GIGANTIC, 1073741824},
	};
	static const char *const no_pages[] = {"", "any", "Huge", "huge ", "2M", NULL};
	enum groove_page page = GROOVE_PAGE_ANY;

	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		TEST_ASSERT_SUCCESS(groove_page_parse(pages[i].name, &page), "%s", pages[i].name);
		TEST_ASSERT_EQUAL(page, pages[i].page, "%s", pages[i].name);
		TEST_ASSERT_EQUAL(groove_page_sz(page), pages[i].sz, "%s", pages[i].name);
		TEST_ASSERT_EQUAL(strcmp(groove_page_name(pages[i].sz), pages[i].name), 0, "%s", pages[i].name);
	}
	TEST_ASSERT_SUCCESS(groove_page_parse("normal", &page), "normal");
	TEST_ASSERT_EQUAL(page, GROOVE_PAGE_NORMAL, "normal");
	TEST_ASSERT_EQUAL(groove_page_sz(page), sysconf(_SC_PAGESIZE), "normal");
	TEST_ASSERT_EQUAL(strcmp(groove_page_name((uint64_t)sysconf(_SC_PAGESIZE)), "normal"), 0, "normal");
	for (size_t i = 0; i < sizeof(no_pages) / sizeof(no_pages[0]); i++) {
		TEST_ASSERT_EQUAL(groove_page_parse(no_pages[i], &page), GROOVE_ERR_KEY, "entry %zu", i);
		TEST_ASSERT_EQUAL(page, GROOVE_PAGE_NORMAL, "touched on error, entry %zu", i);
	}
	TEST_ASSERT_EQUAL(groove_page_sz(GROOVE_PAGE_ANY), 0, "any");
	TEST_ASSERT_EQUAL(groove_page_sz((enum groove_page)4), 0, "no page size");
	TEST_ASSERT_EQUAL(strcmp(groove_page_name(0), "other"), 0, "0");
	TEST_ASSERT_EQUAL(strcmp(groove_page_name(32 * MIB), "other"), 0, "32 MiB");
	return TEST_SUCCESS;
}

static int
test_region(void)
{
	TEST_CALL(test_registry());
	TEST_CALL(test_bad_cfg());
	TEST_CALL(test_driver_error(GROOVE_ERR_INVAL));
	TEST_CALL(test_driver_error(GROOVE_ERR_FULL));
	TEST_CALL(test_bad_memory());
	TEST_CALL(test_good_cfgs());
	TEST_CALL(test_place());
	TEST_CALL(test_bounds());
	TEST_CALL(test_cpu_node());
	TEST_CALL(test_child_run(phys_of_nobody, &toy));
	return test_pages();
}

GROOVE_TEST(region_autotest, fast, test_region);
