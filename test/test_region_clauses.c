/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * groove_region.h clause by clause, where a limit has two sides: the last value that is taken and the first that is
 * not, for names, numbers, modes, nodes, roots and handles; what an error leaves; what a list reports.
 */

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <numa.h>

#include "holdings.h"
#include "volume_driver.h"

#define MIB	     (1UL << 20)
#define NAME_MAX_LEN 48

static char dir[64];

/* Without any volume that has memory, so that what is large is so in name only. */
static groove_region_cfg_t
cfg_of(const char *name)
{
	const struct volume_subject subject = {.driver = "file", .dir = dir, .page = GROOVE_PAGE_NORMAL};
	groove_region_cfg_t cfg = volume_subject_cfg(&subject);

	cfg.name = name;
	cfg.volume_cnt = 0;
	cfg.volume_max = 2;
	return cfg;
}

static groove_region_id_t
id_of(const char *name)
{
	return (groove_region_id_t){.driver = "file", .dir = dir, .name = name};
}

/* ---- errors leave nothing ---- */

static int
same_holdings(const struct holdings *before, const char *what)
{
	const struct holdings after = holdings_now();

	TEST_ASSERT_EQUAL(after.fd_cnt, before->fd_cnt, "%s: descriptors", what);
	TEST_ASSERT_EQUAL(after.mapped_sz, before->mapped_sz, "%s: bytes of address space", what);
	return TEST_SUCCESS;
}

/* One line, the region not touched, nothing kept, and no name. */
static int
refused(const groove_region_cfg_t *cfg, int expected, const char *what)
{
	groove_region_t *const untouched = (groove_region_t *)dir;
	const struct holdings before = holdings_now();
	groove_region_t *region = untouched;
	int err;

	test_log_begin();
	err = groove_region_create(cfg, &region);
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), ": "), "%s", what);
	TEST_ASSERT_EQUAL(err, expected, "%s", what);
	TEST_ASSERT_EQUAL(region, untouched, "%s: region touched on error", what);
	return same_holdings(&before, what);
}

/* Made, described as asked for, detached: nothing is left but the name, which is destroyed. */
static int
accepted(const groove_region_cfg_t *cfg, const char *what)
{
	const struct holdings before = holdings_now();
	const groove_region_id_t id = id_of(cfg->name);
	groove_region_t *region;

	TEST_ASSERT_SUCCESS(groove_region_create(cfg, &region), "%s", what);
	TEST_ASSERT_EQUAL(groove_region_volume_sz(region), cfg->volume_sz, "%s: bytes of a volume", what);
	TEST_ASSERT_EQUAL(groove_region_volume_cnt(region), cfg->volume_cnt, "%s: volumes with memory", what);
	TEST_ASSERT_EQUAL(groove_region_volume_max(region), cfg->volume_max, "%s: volumes", what);
	TEST_ASSERT_EQUAL(strcmp(groove_region_name(region), cfg->name), 0, "%s: name", what);
	TEST_ASSERT_EQUAL(
		holdings_now().inherited, before.inherited, "%s: descriptors that are handed on by exec", what);
	TEST_ASSERT(holdings_now().mapped_sz >= before.mapped_sz + cfg->volume_max * cfg->volume_sz,
		"%s: address space", what);
	groove_region_detach(region);
	TEST_ASSERT_SUCCESS(groove_region_destroy(&id), "%s: destroy", what);
	return same_holdings(&before, what);
}

/* ---- names ---- */

static int
count_name(void *arg, const char *driver, const char *name)
{
	const char *const *wanted = arg;

	return strcmp(driver, "file") == 0 && strcmp(name, *wanted) == 0 ? 7 : 0;
}

/* Names of every length up to the longest can be made, listed, attached and destroyed. */
static int
check_name(const char *name)
{
	groove_region_cfg_t cfg = cfg_of(name);
	const groove_region_id_t id = id_of(name);
	groove_region_t *made, *attached;

	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &made), "create %s", name);
	TEST_ASSERT_SUCCESS(groove_region_attach(&id, &attached), "attach %s", name);
	TEST_ASSERT_EQUAL(
		strcmp(groove_region_name(attached), name), 0, "%s is called %s", name, groove_region_name(attached));
	TEST_ASSERT_EQUAL(groove_region_list("file", dir, count_name, &name), 7, "%s is not listed", name);
	groove_region_detach(made);
	groove_region_detach(attached);
	TEST_ASSERT_SUCCESS(groove_region_destroy(&id), "destroy %s", name);
	TEST_ASSERT_EQUAL(groove_region_list("file", dir, count_name, &name), 0, "%s is still listed", name);
	return TEST_SUCCESS;
}

static int
test_name_lengths(void)
{
	static const char long_name[] = "a23456789-b23456789-c23456789-d23456789-e23456789-";
	char name[sizeof(long_name)];
	groove_region_cfg_t cfg;

	for (size_t len = 1; len <= NAME_MAX_LEN; len += len == 1 ? 1 : len < 46 ? 15 : 1) {
		snprintf(name, sizeof(name), "%.*s", (int)len, long_name);
		TEST_CALL(check_name(name));
	}
	for (size_t len = NAME_MAX_LEN + 1; len < sizeof(long_name); len++) {
		const groove_region_id_t id = id_of(name);
		groove_region_t *region;

		snprintf(name, sizeof(name), "%.*s", (int)len, long_name);
		cfg = cfg_of(name);
		TEST_CALL(refused(&cfg, GROOVE_ERR_INVAL, name));
		test_log_begin();
		TEST_ASSERT_EQUAL(groove_region_attach(&id, &region), GROOVE_ERR_INVAL, "attach %zu bytes", len);
		TEST_ASSERT_EQUAL(groove_region_destroy(&id), GROOVE_ERR_INVAL, "destroy %zu bytes", len);
		test_log_end();
	}
	return TEST_SUCCESS;
}

/* Letters, digits, '_', '-', '.', the first no '.': each byte, in the first place and in the last. */
static int
test_name_bytes(void)
{
	for (int c = 1; c < 256; c++) {
		const bool inside = c < 128 && (isalnum(c) || strchr("_-.", c) != NULL);
		const char first[] = {(char)c, 'x', '\0'};
		const char last[] = {'x', (char)c, '\0'};
		groove_region_cfg_t cfg = cfg_of(last);

		if (!inside)
			TEST_CALL(refused(&cfg, GROOVE_ERR_INVAL, last));
		else if (strchr("azAZ09_-.", c) != NULL)
			TEST_CALL(accepted(&cfg, last));
		cfg.name = first;
		if (!inside || c == '.')
			TEST_CALL(refused(&cfg, GROOVE_ERR_INVAL, first));
		else if (strchr("azAZ09_-", c) != NULL)
			TEST_CALL(accepted(&cfg, first));
	}
	return TEST_SUCCESS;
}

/* ---- numbers ---- */

/* Each power of two from 32 MiB to 1 GiB is a size, its neighbours are none; all volumes span 2 TiB at most. */
static int
test_volume_szs(void)
{
	static const uint64_t near[] = {-4096UL, -1UL, 1, 4096};
	groove_region_cfg_t cfg = cfg_of("sizes");

	for (uint64_t sz = 16 * MIB; sz <= 2048 * MIB; sz *= 2) {
		const bool good = sz >= 32 * MIB && sz <= 1024 * MIB;
		char what[32];

		snprintf(what, sizeof(what), "volumes of %lu MiB", sz / MIB);
		cfg.volume_sz = sz;
		cfg.volume_max = 1;
		TEST_CALL(good ? accepted(&cfg, what) : refused(&cfg, GROOVE_ERR_INVAL, what));
		if (!good)
			continue;
		for (unsigned int i = 0; i < sizeof(near) / sizeof(near[0]); i++) {
			cfg.volume_sz = sz + near[i];
			TEST_CALL(refused(&cfg, GROOVE_ERR_INVAL, what));
		}
		cfg.volume_sz = sz / 2 * 3;
		TEST_CALL(refused(&cfg, GROOVE_ERR_INVAL, what));
		cfg.volume_sz = sz;
		cfg.volume_max = (1UL << 41) / sz + 1;
		TEST_CALL(refused(&cfg, GROOVE_ERR_INVAL, what));
	}
	cfg.volume_sz = 1024 * MIB;
	cfg.volume_max = (1UL << 41) / cfg.volume_sz;
	return accepted(&cfg, "2 TiB of volumes");
}

static int
test_volume_cnts(void)
{
	groove_region_cfg_t cfg = cfg_of("counts");

	cfg.volume_max = 0;
	TEST_CALL(refused(&cfg, GROOVE_ERR_INVAL, "no volumes"));
	for (cfg.volume_max = 1; cfg.volume_max <= 3; cfg.volume_max++) {
		for (cfg.volume_cnt = 0; cfg.volume_cnt <= cfg.volume_max && cfg.volume_cnt < 2; cfg.volume_cnt++)
			TEST_CALL(accepted(&cfg, "volumes"));
		cfg.volume_cnt = cfg.volume_max + 1;
		TEST_CALL(refused(&cfg, GROOVE_ERR_INVAL, "more with memory than there can be"));
		cfg.volume_cnt = 0;
	}
	return TEST_SUCCESS;
}

/* So many joins, and no more. */
static int
check_join_max(uint64_t join_max)
{
	groove_data_t *joins = aligned_alloc(_Alignof(groove_data_t), (join_max + 1) * sizeof(*joins));
	groove_region_cfg_t cfg = cfg_of("joins");
	const groove_region_id_t id = id_of("joins");
	groove_region_t *region;

	cfg.join_max = join_max;
	TEST_ASSERT_NOT_NULL(joins, "memory");
	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &region), "%lu joins", join_max);
	for (uint64_t i = 0; i < join_max; i++)
		TEST_ASSERT_NOT_NULL(groove_region_join(region, &joins[i], i), "join %lu of %lu", i, join_max);
	test_log_begin();
	TEST_ASSERT_NULL(groove_region_join(region, &joins[join_max], 0), "one more than %lu", join_max);
	test_log_end();
	for (uint64_t i = 0; i < join_max; i++)
		TEST_ASSERT_NOT_NULL(groove_region_leave(region, &joins[i]), "join %lu leaves", i);
	groove_region_detach(region);
	TEST_ASSERT_SUCCESS(groove_region_destroy(&id), "destroy");
	free(joins);
	return TEST_SUCCESS;
}

static int
test_join_max(void)
{
	static const uint64_t too_many[] = {1025, 65536, UINT64_MAX};
	groove_region_cfg_t cfg = cfg_of("joins");

	TEST_CALL(check_join_max(1));
	TEST_CALL(check_join_max(2));
	TEST_CALL(check_join_max(1024));
	for (size_t i = 0; i < sizeof(too_many) / sizeof(too_many[0]); i++) {
		cfg.join_max = too_many[i];
		TEST_CALL(refused(&cfg, GROOVE_ERR_INVAL, "joins"));
	}
	return TEST_SUCCESS;
}

/* ---- modes ---- */

/* The file has the bits that were asked for, whatever the umask takes away from others. */
static int
check_mode(unsigned int mode, mode_t mask)
{
	const groove_region_id_t id = id_of("mode");
	const mode_t before = umask(mask);
	groove_region_cfg_t cfg = cfg_of("mode");
	groove_region_t *region;
	struct stat stat_buf;
	int err;

	cfg.mode = mode;
	err = groove_region_create(&cfg, &region);
	umask(before);
	TEST_ASSERT_SUCCESS(err, "mode 0%o, umask 0%o", mode, mask);
	TEST_ASSERT_SUCCESS(fstat(groove_region_fd(region), &stat_buf), "fstat: %m");
	TEST_ASSERT_EQUAL(stat_buf.st_mode & 07777, mode != 0 ? mode : 0600, "mode 0%o, umask 0%o", mode, mask);
	groove_region_detach(region);
	TEST_ASSERT_SUCCESS(groove_region_destroy(&id), "destroy");
	return TEST_SUCCESS;
}

static int
test_modes(void)
{
	static const unsigned int good[] = {0, 0600, 0640, 0660, 0644, 0666};
	static const mode_t masks[] = {0, 022, 077, 0777};
	groove_region_cfg_t cfg = cfg_of("mode");

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		for (size_t k = 0; k < sizeof(masks) / sizeof(masks[0]); k++)
			TEST_CALL(check_mode(good[i], masks[k]));
	}
	for (unsigned int bit = 0; bit < 32; bit++) {
		cfg.mode = 0600 | 1U << bit;
		if ((1U << bit & 0666) == 0)
			TEST_CALL(refused(&cfg, GROOVE_ERR_INVAL, "mode"));
	}
	return TEST_SUCCESS;
}

/* ---- nodes and pages ---- */

static int
test_nodes(void)
{
	groove_region_cfg_t cfg = cfg_of("node");
	groove_region_t *region;
	const groove_region_id_t id = id_of("node");
	const int last = numa_available() >= 0 ? numa_max_node() : 0;

	for (cfg.node = 0; cfg.node <= last; cfg.node++) {
		if (numa_available() >= 0 && !numa_bitmask_isbitset(numa_all_nodes_ptr, (unsigned int)cfg.node))
			continue;
		for (cfg.placement = GROOVE_PLACEMENT_BOUND; cfg.placement <= GROOVE_PLACEMENT_PREFERRED;
			cfg.placement++) {
			TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &region), "node %d", cfg.node);
			TEST_ASSERT_EQUAL(groove_region_node_wanted(region), cfg.node, "node");
			TEST_ASSERT_EQUAL(
				groove_region_placement(region), cfg.placement, "placement on node %d", cfg.node);
			groove_region_detach(region);
			TEST_ASSERT_SUCCESS(groove_region_destroy(&id), "destroy");
		}
		TEST_CALL(refused(&cfg, GROOVE_ERR_INVAL, "no such placement"));
	}
	cfg.placement = GROOVE_PLACEMENT_BOUND;
	cfg.node = last + 1;
	TEST_CALL(refused(&cfg, GROOVE_ERR_INVAL, "the node after the last"));
	cfg.node = GROOVE_NODE_MAX;
	TEST_CALL(refused(&cfg, GROOVE_ERR_INVAL, "node 1024"));
	cfg.node = INT32_MAX;
	return refused(&cfg, GROOVE_ERR_INVAL, "the highest number");
}

/* The node of each CPU, as sysfs has it. */
static int
test_cpu_nodes(void)
{
	const int cpu_cnt = (int)sysconf(_SC_NPROCESSORS_CONF);
	int known = 0;

	for (int cpu = 0; cpu < cpu_cnt; cpu++) {
		for (int node = 0; node < GROOVE_NODE_MAX; node++) {
			char path[96];

			snprintf(path, sizeof(path), "/sys/devices/system/node/node%d/cpu%d", node, cpu);
			if (access(path, F_OK) != 0)
				continue;
			TEST_ASSERT_EQUAL(groove_region_cpu_node(cpu), node, "CPU %d", cpu);
			known++;
		}
	}
	for (int i = 0; i < 2; i++) {
		test_log_begin();
		TEST_ASSERT_EQUAL(groove_region_cpu_node(i == 0 ? -1 : 1 << 20), GROOVE_ERR_KEY, "no such CPU");
		TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), i == 0 ? "-1" : "1048576"), "no such CPU");
	}
	return known > 0 || numa_available() < 0 ? TEST_SUCCESS : test_skip("sysfs has no node of any CPU");
}

static int
test_words(void)
{
	static const struct {
		const char *name;
		enum groove_page page;
		uint64_t sz;
	} pages[] = {
		{"normal", GROOVE_PAGE_NORMAL, 4096},
		{"huge", GROOVE_PAGE_HUGE, 2 * MIB},
		{"gigantic", GROOVE_PAGE_GIGANTIC, 1024 * MIB},
	};
	static const char *const none[] = {"", "hug", "hugee", "Huge", " huge", "other", "any", "2M"};
	enum groove_placement placement = (enum groove_placement)77;
	enum groove_page page;

	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		const uint64_t sz = pages[i].page == GROOVE_PAGE_NORMAL ? (uint64_t)sysconf(_SC_PAGESIZE) : pages[i].sz;

		TEST_ASSERT_SUCCESS(groove_page_parse(pages[i].name, &page), "%s", pages[i].name);
		TEST_ASSERT_EQUAL(page, pages[i].page, "%s", pages[i].name);
		TEST_ASSERT_EQUAL(groove_page_sz(pages[i].page), sz, "%s", pages[i].name);
		TEST_ASSERT_EQUAL(strcmp(groove_page_name(sz), pages[i].name), 0, "%s", groove_page_name(sz));
		TEST_ASSERT_EQUAL(strcmp(groove_page_name(sz + 1), "other"), 0, "%lu bytes", sz + 1);
		TEST_ASSERT_EQUAL(strcmp(groove_page_name(sz - 1), "other"), 0, "%lu bytes", sz - 1);
	}
	page = (enum groove_page)77;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		TEST_ASSERT_EQUAL(groove_page_parse(none[i], &page), GROOVE_ERR_KEY, "%s", none[i]);
		TEST_ASSERT_EQUAL(groove_placement_parse(none[i], &placement), GROOVE_ERR_KEY, "%s", none[i]);
	}
	TEST_ASSERT(page == (enum groove_page)77 && placement == (enum groove_placement)77, "touched on error");
	TEST_ASSERT_EQUAL(groove_page_sz(GROOVE_PAGE_ANY), 0, "any page");
	TEST_ASSERT_EQUAL(groove_page_sz((enum groove_page)(GROOVE_PAGE_GIGANTIC + 1)), 0, "no page");
	TEST_ASSERT_SUCCESS(groove_placement_parse("bound", &placement), "bound");
	TEST_ASSERT_EQUAL(placement, GROOVE_PLACEMENT_BOUND, "bound");
	TEST_ASSERT_SUCCESS(groove_placement_parse("preferred", &placement), "preferred");
	TEST_ASSERT_EQUAL(placement, GROOVE_PLACEMENT_PREFERRED, "preferred");
	TEST_ASSERT_EQUAL(strcmp(groove_placement_name(GROOVE_PLACEMENT_BOUND), "bound"), 0, "name");
	TEST_ASSERT_EQUAL(strcmp(groove_placement_name(GROOVE_PLACEMENT_PREFERRED), "preferred"), 0, "name");
	TEST_ASSERT_EQUAL(
		strcmp(groove_placement_name((enum groove_placement)(GROOVE_PLACEMENT_PREFERRED + 1)), "other"), 0,
		"name");
	return TEST_SUCCESS;
}

/* ---- lists ---- */

#define LIST_CNT 30U

struct listing {
	unsigned int seen[LIST_CNT];
	unsigned int calls;
	unsigned int end_at; /* 0: never */
};

static int
list_one(void *arg, const char *driver, const char *name)
{
	struct listing *listing = arg;
	unsigned int idx;

	(void)driver;
	listing->calls++;
	if (sscanf(name, "list%u", &idx) == 1 && idx < LIST_CNT)
		listing->seen[idx]++;
	return listing->calls == listing->end_at ? -77 : 0;
}

/* Each name once; what is in the directory besides is none; the list ends when its callback says so. */
static int
test_lists(void)
{
	groove_region_t *regions[LIST_CNT];
	struct listing all = {0}, ended;
	char path[128], odd_path[128];
	int fd;

	snprintf(odd_path, sizeof(odd_path), "%s/groove.list0;$(id)", dir);
	close(open(odd_path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	snprintf(path, sizeof(path), "%s/other.list0", dir);
	fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	for (unsigned int i = 0; i < LIST_CNT; i++) {
		char name[16];
		groove_region_cfg_t cfg = cfg_of(name);

		snprintf(name, sizeof(name), "list%u", i);
		TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &regions[i]), "%s", name);
	}
	TEST_ASSERT_SUCCESS(groove_region_list("file", dir, list_one, &all), "list");
	TEST_ASSERT_EQUAL(all.calls, LIST_CNT, "names");
	for (unsigned int i = 0; i < LIST_CNT; i++)
		TEST_ASSERT_EQUAL(all.seen[i], 1, "name %u", i);
	for (unsigned int end_at = 1; end_at <= LIST_CNT; end_at += LIST_CNT - 1) {
		ended = (struct listing){.end_at = end_at};
		TEST_ASSERT_EQUAL(groove_region_list("file", dir, list_one, &ended), -77, "what ended the list");
		TEST_ASSERT_EQUAL(ended.calls, end_at, "calls");
	}
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_region_list("nosuch", dir, list_one, &all), GROOVE_ERR_KEY, "no such driver");
	test_log_end();
	for (unsigned int i = 0; i < LIST_CNT; i++) {
		char name[16];
		const groove_region_id_t id = id_of(name);

		snprintf(name, sizeof(name), "list%u", i);
		groove_region_detach(regions[i]);
		TEST_ASSERT_SUCCESS(groove_region_destroy(&id), "%s", name);
	}
	close(fd);
	unlink(path);
	unlink(odd_path);
	return TEST_SUCCESS;
}

/* ---- a name that is taken ---- */

static int
test_taken(void)
{
	const groove_region_id_t id = id_of("taken");
	groove_region_cfg_t cfg = cfg_of("taken");
	groove_region_t *region, *again;

	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &region), "create");
	*groove_region_root(region, 3) = 4711;
	TEST_CALL(refused(&cfg, GROOVE_ERR_KEY, "a name that is taken"));
	TEST_ASSERT_SUCCESS(groove_region_attach(&id, &again), "attach");
	TEST_ASSERT_EQUAL(*groove_region_root(again, 3), 4711, "it is another");
	groove_region_detach(again);
	groove_region_detach(region);
	TEST_ASSERT_SUCCESS(groove_region_destroy(&id), "destroy");
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_region_destroy(&id), GROOVE_ERR_KEY, "destroy again");
	TEST_ASSERT_EQUAL(groove_region_attach(&id, &again), GROOVE_ERR_KEY, "attach what is gone");
	test_log_end();
	return TEST_SUCCESS;
}

/* ---- roots and handles ---- */

/* Eight words, zeros at first, no two the same, the same in another mapping. */
static int
check_roots(groove_region_t *region, groove_region_t *other)
{
	static const unsigned int out[] = {8, 9, UINT32_MAX};

	TEST_ASSERT_EQUAL(GROOVE_REGION_ROOT_CNT, 8, "words");
	for (unsigned int i = 0; i < 8; i++)
		TEST_ASSERT_EQUAL(*groove_region_root(region, i), 0, "word %u", i);
	for (unsigned int i = 0; i < 8; i++)
		*groove_region_root(region, i) = ~(uint64_t)i;
	for (unsigned int i = 0; i < 8; i++)
		TEST_ASSERT_EQUAL(*groove_region_root(other, i), ~(uint64_t)i, "word %u", i);
	for (size_t i = 0; i < sizeof(out) / sizeof(out[0]); i++) {
		test_log_begin();
		TEST_ASSERT_NULL(groove_region_root(region, out[i]), "word %u", out[i]);
		TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), "root"), "word %u", out[i]);
	}
	return TEST_SUCCESS;
}

/* From the first 16 bytes after a volume's header to the last 16 of the last volume, in both mappings. */
static int
check_handles(const groove_region_t *region, const groove_region_t *other, uint64_t volume_cnt)
{
	const uint64_t volume_sz = groove_region_volume_sz(region);
	const uint8_t *volume0 = groove_region_volume0(region);
	const uint8_t *volume0_there = groove_region_volume0(other);
	const uint64_t offs[] = {16, 512, volume_sz / 2, volume_sz - 16};

	for (uint64_t volume = 0; volume < volume_cnt; volume++) {
		for (size_t i = 0; i < sizeof(offs) / sizeof(offs[0]); i++) {
			const uint64_t off = volume * volume_sz + offs[i];
			const uint64_t handle = groove_region_handle(region, volume0 + off);
			unsigned int led = 0;

			TEST_ASSERT(handle != 0, "no handle for volume %lu, byte %lu", volume, offs[i]);
			TEST_ASSERT_EQUAL(groove_region_pointer(region, handle), volume0 + off, "back");
			TEST_ASSERT_EQUAL(
				groove_region_pointer(other, handle), volume0_there + off, "in the other mapping");
			TEST_ASSERT_EQUAL(groove_region_handle(region, volume0 + off + 8), 0, "misaligned");
			/* 16 bits check the rest: that two of 64 get past them is one chance in millions */
			for (unsigned int bit = 0; bit < 64; bit++)
				led += groove_region_pointer(region, handle ^ 1UL << bit) != NULL;
			TEST_ASSERT(led <= 1, "%u of 64 damaged handles lead somewhere", led);
		}
	}
	TEST_ASSERT_EQUAL(groove_region_handle(region, volume0 - 16), 0, "in front of volume 0");
	TEST_ASSERT_EQUAL(
		groove_region_handle(region, volume0 + volume_cnt * volume_sz + 16), 0, "after the last volume");
	TEST_ASSERT_EQUAL(groove_region_handle(region, NULL), 0, "NULL");
	TEST_ASSERT_NULL(groove_region_pointer(region, 0), "handle 0");
	return TEST_SUCCESS;
}

/* Memory comes and goes: what is reported of each volume, in both directions. */
static int
check_has_memory(const groove_region_t *region, uint64_t has)
{
	uint64_t cnt = 0;

	for (uint64_t i = 0; i < 64; i++) {
		TEST_ASSERT_EQUAL(groove_region_volume_has_memory(region, i), (has >> i) & 1, "volume %lu", i);
		cnt += (has >> i) & 1;
	}
	TEST_ASSERT_EQUAL(groove_region_volume_has_memory(region, UINT64_MAX), 0, "no such volume");
	TEST_ASSERT_EQUAL(groove_region_volume_cnt(region), cnt, "volumes with memory");
	return TEST_SUCCESS;
}

static int
shrink(groove_region_t *region, groove_data_t *join, uint64_t *idx)
{
	int err;

	do
		err = groove_region_shrink(region, join, idx);
	while (err == GROOVE_ERR_AGAIN);
	return err;
}

static int
check_comes_and_goes(groove_region_t *region, groove_region_t *other, groove_data_t *join)
{
	uint64_t idx, has = 0;

	for (unsigned int i = 0; i < 2; i++) {
		TEST_ASSERT_SUCCESS(groove_region_grow(region, join, &idx), "grow");
		has |= 1UL << idx;
		TEST_CALL(check_has_memory(region, has));
		TEST_CALL(check_has_memory(other, has));
	}
	TEST_CALL(check_handles(region, other, 2));
	for (unsigned int i = 0; i < 2; i++) {
		const uint64_t volume_sz = groove_region_volume_sz(region);
		uint8_t *volumes = groove_region_volume0(region);
		const uint64_t handles[] = {groove_region_handle(region, volumes + 1024),
			groove_region_handle(region, volumes + volume_sz + 1024)};

		TEST_ASSERT_SUCCESS(shrink(region, join, &idx), "shrink");
		has &= ~(1UL << idx);
		TEST_CALL(check_has_memory(region, has));
		TEST_CALL(check_has_memory(other, has));
		TEST_ASSERT_NULL(groove_region_pointer(other, handles[idx]), "handle into a volume that went");
	}
	TEST_ASSERT_EQUAL(shrink(region, join, &idx), GROOVE_ERR_EMPTY, "none is left");
	return TEST_SUCCESS;
}

static int
test_roots_and_handles(void)
{
	const groove_region_id_t id = id_of("roots");
	groove_region_cfg_t cfg = cfg_of("roots");
	groove_region_t *region, *again;
	groove_data_t join;

	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &region), "create");
	TEST_ASSERT_SUCCESS(groove_region_attach(&id, &again), "attach");
	TEST_CALL(check_roots(region, again));
	TEST_ASSERT_NOT_NULL(groove_region_join(region, &join, 0), "join");
	TEST_CALL(check_comes_and_goes(region, again, &join));
	TEST_CALL(check_comes_and_goes(region, again, &join));

	TEST_ASSERT_NOT_NULL(groove_region_leave(region, &join), "leave");
	groove_region_detach(again);
	groove_region_detach(region);
	TEST_ASSERT_SUCCESS(groove_region_destroy(&id), "destroy");
	return TEST_SUCCESS;
}

static int
volume_of(const char *name, groove_region_t **region)
{
	groove_region_cfg_t cfg = cfg_of(name);

	cfg.volume_cnt = 1;
	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, region), "create %s", name);
	return TEST_SUCCESS;
}

/* The same places in two regions that are alike have other handles: 16 bits tell them apart. */
static int
test_foreign_handles(void)
{
	const groove_region_id_t id = id_of("one"), other_id = id_of("two");
	groove_region_t *region, *other;
	unsigned int led = 0;

	TEST_CALL(volume_of("one", &region));
	TEST_CALL(volume_of("two", &other));
	for (uint64_t off = 4096; off <= 4UL * 4096; off += 4096) {
		const uint64_t handle = groove_region_handle(other, (uint8_t *)groove_region_volume0(other) + off);

		TEST_ASSERT(
			groove_region_handle(region, (uint8_t *)groove_region_volume0(region) + off) != 0, "handle");
		TEST_ASSERT(handle != 0, "no handle");
		led += groove_region_pointer(region, handle) != NULL;
	}
	TEST_ASSERT(led <= 1, "%u of 4 handles of another region lead somewhere", led);
	groove_region_detach(other);
	groove_region_detach(region);
	TEST_ASSERT_SUCCESS(groove_region_destroy(&id), "destroy");
	TEST_ASSERT_SUCCESS(groove_region_destroy(&other_id), "destroy");
	return TEST_SUCCESS;
}

/* ---- a join of another region ---- */

static int
test_foreign_join(void)
{
	const groove_region_id_t id = id_of("one"), other_id = id_of("two");
	groove_region_cfg_t cfg = cfg_of("one"), other_cfg = cfg_of("two");
	groove_region_t *region, *other;
	groove_data_t join;
	uint64_t idx = 77;

	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &region), "create");
	TEST_ASSERT_SUCCESS(groove_region_create(&other_cfg, &other), "create");
	TEST_ASSERT_NOT_NULL(groove_region_join(other, &join, 0), "join");
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_region_grow(region, &join, &idx), GROOVE_ERR_INVAL, "grow by a join of another");
	TEST_ASSERT_EQUAL(groove_region_shrink(region, &join, &idx), GROOVE_ERR_INVAL, "shrink");
	TEST_ASSERT_EQUAL(groove_region_recover(region, &join), GROOVE_ERR_INVAL, "recover");
	TEST_ASSERT_EQUAL(groove_region_grow(region, NULL, &idx), GROOVE_ERR_INVAL, "grow without a join");
	test_log_end();
	TEST_ASSERT_EQUAL(idx, 77, "touched on error");
	TEST_CALL(check_has_memory(region, 0));
	TEST_CALL(check_has_memory(other, 0));
	TEST_ASSERT_NOT_NULL(groove_region_leave(other, &join), "leave");
	groove_region_detach(other);
	groove_region_detach(region);
	TEST_ASSERT_SUCCESS(groove_region_destroy(&id), "destroy");
	TEST_ASSERT_SUCCESS(groove_region_destroy(&other_id), "destroy");
	return TEST_SUCCESS;
}

/* ---- attach by a descriptor ---- */

static int
test_descriptor(void)
{
	const groove_region_id_t id = id_of("fd");
	groove_region_cfg_t cfg = cfg_of("fd");
	const struct holdings before = holdings_now();
	groove_region_t *region, *again;
	int fd;

	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &region), "create");
	fd = groove_region_fd(region);
	TEST_ASSERT(fd >= 0 && (fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0, "descriptor %d", fd);
	fd = dup(fd);
	TEST_ASSERT_SUCCESS(groove_region_attach_fd(fd, &again), "attach");
	*groove_region_root(region, 0) = 5;
	TEST_ASSERT_EQUAL(*groove_region_root(again, 0), 5, "it is another");
	close(fd);
	*groove_region_root(again, 0) = 6;
	TEST_ASSERT_EQUAL(*groove_region_root(region, 0), 6, "the caller's descriptor was kept");
	groove_region_detach(again);
	TEST_ASSERT(fcntl(groove_region_fd(region), F_GETFD) >= 0, "the caller's descriptor was closed");
	groove_region_detach(region);
	TEST_ASSERT_SUCCESS(groove_region_destroy(&id), "destroy");
	return same_holdings(&before, "descriptor");
}

static int
check_all(void)
{
	TEST_CALL(test_name_lengths());
	TEST_CALL(test_name_bytes());
	TEST_CALL(test_volume_szs());
	TEST_CALL(test_volume_cnts());
	TEST_CALL(test_join_max());
	TEST_CALL(test_modes());
	TEST_CALL(test_nodes());
	TEST_CALL(test_words());
	TEST_CALL(test_lists());
	TEST_CALL(test_taken());
	TEST_CALL(test_roots_and_handles());
	TEST_CALL(test_foreign_handles());
	TEST_CALL(test_foreign_join());
	TEST_CALL(test_descriptor());
	return test_cpu_nodes();
}

/* What a part that failed has left. */
static void
dir_clear(void)
{
	DIR *entries = opendir(dir);
	const struct dirent *entry;

	while (entries != NULL && (entry = readdir(entries)) != NULL)
		unlinkat(dirfd(entries), entry->d_name, 0);
	if (entries != NULL)
		closedir(entries);
	rmdir(dir);
}

static int
test_region_clauses(void)
{
	int result;

	snprintf(dir, sizeof(dir), "/dev/shm/groove-tested-XXXXXX");
	TEST_ASSERT_NOT_NULL(test_dir_make(dir), "mkdtemp: %m");
	result = check_all();
	if (result != TEST_SUCCESS && result != TEST_SKIPPED)
		dir_clear();
	else
		TEST_ASSERT_SUCCESS(rmdir(dir), "left something in %s: %m", dir);
	return result;
}

GROOVE_TEST(region_clauses_autotest, driver, test_region_clauses);
