/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Regions over a volume driver of the test's own, which shows what it is asked for and fails on request. */

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <groove_volume_driver.h>

#include "region_state.h"
#include "test.h"

#define MIB (1UL << 20)

/* ---- the driver ---- */

static struct {
	groove_volume_request_t request; /* the last */
	int err;			 /* what create returns */
	int populate_err;		 /* what populate returns */
	size_t skew;			 /* bytes that the range is off its alignment */
	unsigned int create_cnt;
	unsigned int close_cnt;
	uint64_t populated_sz;
	int populated_node;
	enum groove_placement populated_placement;
	int lock_fd;
} toy;

static uint64_t
toy_front_sz(void)
{
	return (toy.request.front_sz + 2 * MIB - 1) / (2 * MIB) * (2 * MIB);
}

static uint64_t
toy_sz(void)
{
	return toy_front_sz() + toy.request.volume_max * toy.request.volume_sz;
}

static int
toy_create(const groove_volume_request_t *request, groove_volume_range_t *range)
{
	toy.request = *request;
	toy.create_cnt++;
	if (toy.err != GROOVE_SUCCESS)
		return toy.err;
	range->base = (uint8_t *)test_mem_map(toy_sz() + MIB) + toy.skew;
	range->sz = toy_sz();
	range->front_sz = toy_front_sz();
	range->page_sz = (uint64_t)sysconf(_SC_PAGESIZE);
	range->fd = -1;
	toy.lock_fd = memfd_create("toy", MFD_CLOEXEC);
	return GROOVE_SUCCESS;
}

static void
toy_close(groove_volume_range_t *range)
{
	toy.close_cnt++;
	close(toy.lock_fd);
	test_mem_unmap((uint8_t *)range->base - toy.skew, toy_sz() + MIB);
}

static int
toy_populate(const groove_volume_range_t *range, uint64_t off, uint64_t sz, int node, enum groove_placement placement)
{
	(void)range;
	toy.populated_node = node;
	toy.populated_placement = placement;
	toy.populated_sz += off == 0 ? sz : 0;
	return toy.populate_err;
}

static int
toy_lock_open(const groove_volume_range_t *range)
{
	char path[32];

	(void)range;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", toy.lock_fd);
	return open(path, O_RDWR | O_CLOEXEC);
}

static int
toy_open(const char *dir, const char *name, groove_volume_range_t *range)
{
	(void)dir;
	(void)name;
	(void)range;
	return GROOVE_ERR_KEY;
}

static int
toy_list(const char *dir, groove_region_list_fn fn, void *arg)
{
	(void)dir;
	return fn(arg, "toy", "only");
}

static groove_volume_driver_t toy_driver = {
	.name = "toy",
	.create = toy_create,
	.open = toy_open,
	.close = toy_close,
	.populate = toy_populate,
	.lock_open = toy_lock_open,
	.list = toy_list,
};

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
	.placement = GROOVE_PLACEMENT_BOUND,
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
	TEST_ASSERT_NOT_NULL(groove_volume_driver_find(NULL), "no default driver");
	TEST_ASSERT_EQUAL(strcmp(groove_volume_driver_find(NULL)->name, "memfd"), 0, "default %s",
		groove_volume_driver_find(NULL)->name);

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
	TEST_ASSERT_EQUAL(toy.create_cnt, 0, "the driver was asked");
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
	REFUSED(volume_max, 2, GROOVE_ERR_INVAL, "3 volumes", "volume_max 2");
	REFUSED(volume_max, UINT64_MAX, GROOVE_ERR_INVAL, "18446744073709551615 volumes", "65536");
	REFUSED(mode, 0777, GROOVE_ERR_INVAL, "0777", "0666");
	REFUSED(name, "", GROOVE_ERR_INVAL, "name \"\"", "letters");
	REFUSED(name, ".hidden", GROOVE_ERR_INVAL, ".hidden", "letters");
	REFUSED(name, "a/b", GROOVE_ERR_INVAL, "a/b", "letters");
	REFUSED(name, "a b", GROOVE_ERR_INVAL, "a b", "letters");
	REFUSED(name, "..", GROOVE_ERR_INVAL, "..", "letters");
	REFUSED(name, "\303\244", GROOVE_ERR_INVAL, "letters");
	REFUSED(name, "a23456789b123456789c123456789d123456789e123456789", GROOVE_ERR_INVAL, "e123456789", "1 to 48");
	REFUSED(join_max, 1025, GROOVE_ERR_INVAL, "1025", "1024");
	REFUSED(page, (enum groove_page)4, GROOVE_ERR_INVAL, "page size 4", "huge");
	REFUSED(node, 1000000, GROOVE_ERR_INVAL, "node 1000000", "has_memory");
	REFUSED(node, -2, GROOVE_ERR_INVAL, "node -2", "has_memory");
	REFUSED(placement, (enum groove_placement)3, GROOVE_ERR_INVAL, "placement 3", "preferred");
	REFUSED(size, 7, GROOVE_ERR_INVAL, "groove_region_cfg_t", "size 7");
	REFUSED(size, SIZE_MAX, GROOVE_ERR_INVAL, "groove_region_cfg_t", "size 18446744073709551615");

	test_log_begin();
	TEST_ASSERT_EQUAL(groove_region_create(NULL, &region), GROOVE_ERR_INVAL, "no configuration");
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), "groove_region_create"), "no configuration");
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_region_create(&good_cfg, NULL), GROOVE_ERR_INVAL, "no place for the region");
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), "groove_region_create"), "no place for the region");
	groove_region_detach(NULL);
	return TEST_SUCCESS;
}

/* ---- failures after the checks: all that was reserved is given back ---- */

static int
test_driver_error(int err)
{
	groove_region_t *const untouched = (groove_region_t *)&toy;
	groove_region_t *region = untouched;

	toy_reset();
	toy.err = err;
	TEST_ASSERT_EQUAL(groove_region_create(&good_cfg, &region), err, "the driver's error is handed on");
	TEST_ASSERT_EQUAL(region, untouched, "region touched on error");
	TEST_ASSERT_EQUAL(toy.create_cnt, 1, "create");
	TEST_ASSERT_EQUAL(toy.close_cnt, 0, "closed what was not made");

	toy_reset();
	toy.populate_err = err;
	TEST_ASSERT_EQUAL(groove_region_create(&good_cfg, &region), err, "no memory");
	TEST_ASSERT_EQUAL(region, untouched, "region touched on error");
	TEST_ASSERT_EQUAL(toy.close_cnt, 1, "not given back");
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
	TEST_ASSERT_EQUAL(toy.close_cnt, 1, "not given back");
	return TEST_SUCCESS;
}

/* ---- good ones ---- */

static int
check_request(const groove_region_cfg_t *cfg, uint64_t volume_sz)
{
	const groove_data_cfg_t data_cfg = {
		.volume_sz = volume_sz,
		.volume_max = cfg->volume_max != 0 ? cfg->volume_max : cfg->volume_cnt,
		.join_max = cfg->join_max,
	};

	TEST_ASSERT(toy.request.front_sz >= groove_data_footprint_cfg(&data_cfg), "shared region");
	TEST_ASSERT(toy.request.front_sz < groove_data_footprint_cfg(&data_cfg) + MIB, "%lu bytes of front",
		toy.request.front_sz);
	TEST_ASSERT_EQUAL(toy.request.volume_sz, volume_sz, "volume size");
	TEST_ASSERT_EQUAL(toy.request.volume_cnt, cfg->volume_cnt, "volumes with memory");
	TEST_ASSERT_EQUAL(toy.request.volume_max, cfg->volume_max != 0 ? cfg->volume_max : cfg->volume_cnt, "volumes");
	TEST_ASSERT_EQUAL(toy.populated_sz, toy_front_sz() + cfg->volume_cnt * volume_sz, "populated");
	TEST_ASSERT_EQUAL(toy.request.mode, cfg->mode != 0 ? cfg->mode : 0600, "mode");
	TEST_ASSERT_EQUAL(toy.request.page, cfg->page, "pages");
	TEST_ASSERT_EQUAL(toy.request.node, cfg->node, "node");
	TEST_ASSERT_EQUAL(toy.request.placement, cfg->placement, "placement");
	TEST_ASSERT_EQUAL(toy.populated_node, cfg->node, "node of the memory");
	TEST_ASSERT_EQUAL(toy.populated_placement, cfg->placement, "placement of the memory");
	return TEST_SUCCESS;
}

static int
check_shape(const groove_region_t *region, const groove_region_cfg_t *cfg, uint64_t volume_sz)
{
	TEST_ASSERT_EQUAL(strcmp(groove_region_driver(region), "toy"), 0, "%s", groove_region_driver(region));
	TEST_ASSERT_EQUAL(groove_region_volume_sz(region), volume_sz, "volume size");
	TEST_ASSERT_EQUAL(groove_region_volume_cnt(region), cfg->volume_cnt, "volumes with memory");
	for (uint64_t i = 0; i <= groove_region_volume_max(region); i++)
		TEST_ASSERT_EQUAL(
			groove_region_volume_has_memory(region, i), i < cfg->volume_cnt, "memory of volume %lu", i);
	TEST_ASSERT_EQUAL(
		groove_region_volume_max(region), cfg->volume_max != 0 ? cfg->volume_max : cfg->volume_cnt, "volumes");
	TEST_ASSERT_EQUAL(groove_region_name(region)[0], '\0', "a name");
	TEST_ASSERT_EQUAL(groove_region_fd(region), GROOVE_ERR_INVAL, "a descriptor");
	TEST_ASSERT_EQUAL(groove_region_page_sz(region), sysconf(_SC_PAGESIZE), "pages");
	TEST_ASSERT_EQUAL(groove_region_node_wanted(region), cfg->node, "node");
	TEST_ASSERT_EQUAL(groove_region_placement(region), cfg->placement, "placement");
	TEST_ASSERT_NOT_NULL(groove_region_shdata(region), "no shared region");
	TEST_ASSERT_NOT_NULL(groove_region_volume0(region), "no volumes");
	return TEST_SUCCESS;
}

/* The groove in the region is one, with all volumes that have memory and nothing in them, and with room for just these
 * volumes and joins. */
static int
check_groove(const groove_region_t *region, const groove_region_cfg_t *cfg)
{
	const uint64_t cnt = groove_region_volume_max(region);
	groove_data_t data[2];

	TEST_ASSERT_NOT_NULL(
		groove_data_join(&data[0], groove_region_shdata(region), groove_region_volume0(region), 0, 0), "join");
	TEST_ASSERT_EQUAL(groove_data_volume_max(&data[0]), cnt, "room for volumes");
	TEST_ASSERT_EQUAL(groove_data_volume_sz(&data[0]), groove_region_volume_sz(region), "volume size");
	for (uint64_t i = 0; i < cfg->volume_cnt; i++)
		TEST_ASSERT_NOT_NULL(groove_data_volume_remove(&data[0]), "volume %lu was not in it", i);
	TEST_ASSERT_NULL(groove_data_volume_remove(&data[0]), "one more volume was in it");
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
	groove_region_detach(region);
	TEST_ASSERT_EQUAL(toy.create_cnt, 1, "create");
	TEST_ASSERT_EQUAL(toy.close_cnt, 1, "close");
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
	cfg.placement = GROOVE_PLACEMENT_PREFERRED;
	TEST_CALL(test_good_cfg(cfg));
	cfg.volume_sz = 1024 * MIB;
	cfg.volume_cnt = 1;
	cfg.join_max = 1;
	cfg.page = GROOVE_PAGE_GIGANTIC;
	TEST_CALL(test_good_cfg(cfg));
	cfg.volume_sz = 64 * MIB;
	cfg.volume_cnt = 100;
	cfg.join_max = 1024;
	cfg.page = GROOVE_PAGE_NORMAL;
	TEST_CALL(test_good_cfg(cfg));
	cfg.volume_cnt = 0;
	cfg.volume_max = 7;
	cfg.mode = 0660;
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

/* A process that may not see physical addresses gets none, and no zero for one. */
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
	const uint8_t *start = volume0 - toy_front_sz();
	const uint8_t *volumes_end = volume0 + good_cfg.volume_cnt * good_cfg.volume_sz;

	TEST_ASSERT(start < shared && shared < volume0, "shared region at %p, volumes at %p", (const void *)shared,
		(const void *)volume0);
	TEST_ASSERT(groove_region_phys(region, start, &phys) != GROOVE_ERR_INVAL, "first byte");
	TEST_ASSERT(groove_region_phys(region, shared, &phys) != GROOVE_ERR_INVAL, "first byte shared");
	TEST_ASSERT(groove_region_phys(region, volume0, &phys) != GROOVE_ERR_INVAL, "first byte of the volumes");
	TEST_ASSERT(groove_region_phys(region, volumes_end - 1, &phys) != GROOVE_ERR_INVAL, "last byte of the volumes");
	TEST_ASSERT_EQUAL(groove_region_phys(region, start - 1, &phys), GROOVE_ERR_INVAL, "before");
	TEST_ASSERT_EQUAL(groove_region_phys(region, volumes_end, &phys), GROOVE_ERR_INVAL, "after the volumes");
	TEST_ASSERT_EQUAL(groove_region_phys(region, NULL, &phys), GROOVE_ERR_INVAL, "NULL");
	groove_region_detach(region);
	return TEST_SUCCESS;
}

/* What is no region, no join of it, or no word of it. */
static int
test_bad_calls(void)
{
	groove_data_t join, stranger = {0};
	groove_region_t *region;

	toy_reset();
	groove_region_detach(NULL);
	TEST_ASSERT_EQUAL(groove_region_needs_rebuild(NULL), 0, "needs_rebuild of NULL");
	TEST_ASSERT_SUCCESS(groove_region_create(&good_cfg, &region), "create");
	TEST_ASSERT_NOT_NULL(groove_region_join(region, &join, 0), "join");
	TEST_ASSERT_NOT_NULL(groove_region_root(region, GROOVE_REGION_ROOT_CNT - 1), "last root word");
	test_log_begin();
	TEST_ASSERT_NULL(groove_region_root(region, GROOVE_REGION_ROOT_CNT), "root word beyond the last");
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), "root word", "take 0 to"), "root word beyond the last");
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_region_attach_fd(0, NULL), GROOVE_ERR_INVAL, "attach to nowhere");
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), "place"), "attach to nowhere");
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_region_grow(region, NULL, NULL), GROOVE_ERR_INVAL, "grow of no join");
	TEST_ASSERT_EQUAL(groove_region_shrink(region, &stranger, NULL), GROOVE_ERR_INVAL, "shrink of another's");
	TEST_ASSERT_EQUAL(groove_region_recover(region, &stranger), GROOVE_ERR_INVAL, "recover of another's");

	const unsigned int lines = test_log_lines();
	const char *logged = test_log_end();

	TEST_ASSERT_EQUAL(lines, 3, "said \"%s\"", logged);
	TEST_ASSERT_EQUAL(groove_region_volume_cnt(region), good_cfg.volume_cnt, "volumes");
	TEST_ASSERT_NOT_NULL(groove_region_leave(region, &join), "leave");
	groove_region_detach(region);
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

/* ---- states of volumes ---- */

/* A word that somebody changed in between cannot be claimed, though it reads the same again. */
static int
test_states(void)
{
	const uint32_t owner = REGION_OWNER_CNT - 1;
	uint64_t word = 0;
	const uint64_t absent = region_state_load(&word);
	uint64_t present;

	TEST_ASSERT_EQUAL(region_state_kind(absent), REGION_ABSENT, "zeros");
	TEST_ASSERT(region_state_swap(&word, absent, REGION_GROWING, owner), "claim");
	TEST_ASSERT_EQUAL(region_state_kind(word), REGION_GROWING, "claimed");
	TEST_ASSERT(region_state_is_held(word), "claimed");
	TEST_ASSERT_EQUAL(region_state_owner(word), owner, "owner");
	TEST_ASSERT_EQUAL(region_state_gen(word), 1, "generation");
	TEST_ASSERT(!region_state_swap(&word, absent, REGION_GROWING, owner), "claimed twice");
	TEST_ASSERT_EQUAL(region_state_gen(word), 1, "changed by a claim that failed");
	present = region_state_next(word, REGION_PRESENT, 0);
	TEST_ASSERT(region_state_swap(&word, word, REGION_PRESENT, 0), "done");
	TEST_ASSERT_EQUAL(word, present, "done");
	TEST_ASSERT(!region_state_is_held(word), "still claimed");
	TEST_ASSERT(region_state_swap(&word, word, REGION_SHRINKING, owner), "shrink");
	TEST_ASSERT(region_state_swap(&word, word, REGION_ABSENT, 0), "gone");
	TEST_ASSERT_EQUAL(region_state_kind(word), region_state_kind(absent), "absent again");
	TEST_ASSERT(!region_state_swap(&word, absent, REGION_GROWING, owner), "claimed by what was read before");
	word = region_state_next((uint64_t)UINT32_MAX << 32, REGION_PRESENT, owner);
	TEST_ASSERT_EQUAL(region_state_gen(word), 0, "generation after the last");
	TEST_ASSERT_EQUAL(region_state_owner(word), owner, "owner next to it");
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

/* ---- placements ---- */

static int
test_placements(void)
{
	enum groove_placement placement = GROOVE_PLACEMENT_BOUND;

	TEST_ASSERT_SUCCESS(groove_placement_parse("preferred", &placement), "preferred");
	TEST_ASSERT_EQUAL(placement, GROOVE_PLACEMENT_PREFERRED, "preferred");
	TEST_ASSERT_EQUAL(groove_placement_parse("Bound", &placement), GROOVE_ERR_KEY, "no placement");
	TEST_ASSERT_EQUAL(groove_placement_parse(NULL, &placement), GROOVE_ERR_KEY, "NULL");
	TEST_ASSERT_EQUAL(placement, GROOVE_PLACEMENT_PREFERRED, "touched on error");
	TEST_ASSERT_SUCCESS(groove_placement_parse("bound", &placement), "bound");
	TEST_ASSERT_EQUAL(placement, GROOVE_PLACEMENT_BOUND, "bound");
	TEST_ASSERT_EQUAL(strcmp(groove_placement_name(GROOVE_PLACEMENT_PREFERRED), "preferred"), 0, "name");
	TEST_ASSERT_EQUAL(strcmp(groove_placement_name(GROOVE_PLACEMENT_DEFAULT), "other"), 0, "default");
	TEST_ASSERT_EQUAL(strcmp(groove_placement_name((enum groove_placement)3), "other"), 0, "3");
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
	TEST_CALL(test_states());
	TEST_CALL(test_place());
	TEST_CALL(test_bounds());
	TEST_CALL(test_bad_calls());
	TEST_CALL(test_cpu_node());
	TEST_CALL(test_child_run(phys_of_nobody, &toy));
	TEST_CALL(test_placements());
	return test_pages();
}

GROOVE_TEST(region_autotest, fast, test_region);
