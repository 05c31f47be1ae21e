/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Configurations: zero is the default in each field, and a struct may be that of an older or a newer library. */

#include <string.h>

#include <groove_region.h>

#include "test.h"

#define MIB 1048576UL

/* What a program has that was built for a library with one more word in each struct. */
struct newer_region_cfg {
	groove_region_cfg_t cfg;
	uint64_t more;
};

struct newer_region_id {
	groove_region_id_t id;
	uint64_t more;
};

struct newer_data_cfg {
	groove_data_cfg_t cfg;
	uint64_t more;
};

/* No memory but that of the front, so that it is quick. */
static const groove_region_cfg_t small_cfg = {
	.driver = "memfd", .volume_sz = 32 * MIB, .volume_max = 1, .page = GROOVE_PAGE_NORMAL};

static int
check_created(const groove_region_cfg_t *cfg, int node, enum groove_placement placement)
{
	groove_region_t *region = NULL;

	TEST_ASSERT_SUCCESS(groove_region_create(cfg, &region), "create");
	TEST_ASSERT_EQUAL(groove_region_node_wanted(region), node, "node");
	TEST_ASSERT_EQUAL(groove_region_placement(region), placement, "placement");
	TEST_ASSERT_EQUAL(groove_region_volume_sz(region), cfg->volume_sz, "volume size");
	groove_region_detach(region);
	return TEST_SUCCESS;
}

/* ---- zero ---- */

static int
test_node(void)
{
	groove_region_cfg_t cfg = small_cfg;

	TEST_CALL(check_created(&cfg, GROOVE_NODE_ANY, GROOVE_PLACEMENT_BOUND));
	cfg.node = GROOVE_NODE_ANY;
	for (int i = GROOVE_PLACEMENT_BOUND; i <= GROOVE_PLACEMENT_PREFERRED; i++) {
		cfg.placement = (enum groove_placement)i;
		TEST_CALL(check_created(&cfg, GROOVE_NODE_ANY, cfg.placement));
	}
	cfg.node = groove_region_cpu_node(0);
	TEST_ASSERT(cfg.node >= 0, "node of CPU 0");
	for (int i = GROOVE_PLACEMENT_BOUND; i <= GROOVE_PLACEMENT_PREFERRED; i++) {
		cfg.placement = (enum groove_placement)i;
		TEST_CALL(check_created(&cfg, cfg.node, cfg.placement));
	}
	return TEST_SUCCESS;
}

/* ---- sizes ---- */

static int
refused(const groove_region_cfg_t *cfg, const char *value)
{
	groove_region_t *const untouched = (groove_region_t *)(uintptr_t)&small_cfg;
	groove_region_t *region = untouched;
	int err;

	test_log_begin();
	err = groove_region_create(cfg, &region);
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), "groove_region_cfg_t", value), "the line that names %s", value);
	TEST_ASSERT_EQUAL(err, GROOVE_ERR_INVAL, "size %zu", cfg->size);
	TEST_ASSERT_EQUAL(region, untouched, "region touched on error");
	return TEST_SUCCESS;
}

static int
test_region_cfg(void)
{
	struct newer_region_cfg newer = {.cfg = small_cfg};
	groove_region_cfg_t cfg = small_cfg;
	char byte[32];

	cfg.size = sizeof(cfg);
	TEST_CALL(check_created(&cfg, GROOVE_NODE_ANY, GROOVE_PLACEMENT_BOUND));
	/* Given a size that ends before a field, then what lies there is not the program's configuration. */
	cfg.size = offsetof(groove_region_cfg_t, node);
	cfg.node = 1000000;
	cfg.placement = (enum groove_placement)77;
	TEST_CALL(check_created(&cfg, GROOVE_NODE_ANY, GROOVE_PLACEMENT_BOUND));

	newer.cfg.size = sizeof(newer);
	TEST_CALL(check_created(&newer.cfg, GROOVE_NODE_ANY, GROOVE_PLACEMENT_BOUND));
	newer.more = 1UL << 56;
	snprintf(byte, sizeof(byte), "byte %zu ", offsetof(struct newer_region_cfg, more) + 7);
	TEST_CALL(refused(&newer.cfg, byte));
	newer.cfg.size = 0;
	TEST_CALL(check_created(&newer.cfg, GROOVE_NODE_ANY, GROOVE_PLACEMENT_BOUND));
	for (size_t size = 1; size < sizeof(size_t); size++) {
		newer.cfg.size = size;
		TEST_CALL(refused(&newer.cfg, "sizeof"));
	}
	newer.cfg.size = 0xa5a5a5a5a5a5a5a5UL;
	return refused(&newer.cfg, "sizeof");
}

static int
check_id(const groove_region_id_t *id, int expected, const char *word)
{
	groove_region_t *region = NULL;

	test_log_begin();
	TEST_ASSERT_EQUAL(groove_region_attach(id, &region), expected, "attach");
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), word), "the line of attach that names %s", word);
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_region_destroy(id), expected, "destroy");
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), word), "the line of destroy that names %s", word);
	return TEST_SUCCESS;
}

/* A name that is not there: what is refused is refused before anybody looks for it. */
static int
test_region_id(void)
{
	struct newer_region_id newer = {.id = {.driver = "memfd", .name = "cfg-size-test"}};
	const size_t good[] = {0, sizeof(groove_region_id_t), sizeof(newer)};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		newer.id.size = good[i];
		TEST_CALL(check_id(&newer.id, GROOVE_ERR_KEY, "no region cfg-size-test of driver memfd"));
	}
	newer.more = 1;
	TEST_CALL(check_id(&newer.id, GROOVE_ERR_INVAL, "groove_region_id_t"));
	newer.id.size = 4;
	TEST_CALL(check_id(&newer.id, GROOVE_ERR_INVAL, "groove_region_id_t"));
	newer.id.size = offsetof(groove_region_id_t, name);
	return check_id(&newer.id, GROOVE_ERR_INVAL, "name \"\"");
}

static int
check_footprint(const groove_data_cfg_t *cfg, uint64_t expected)
{
	const char *logged;

	test_log_begin();
	TEST_ASSERT_EQUAL(groove_data_footprint_cfg(cfg), expected, "size %zu", cfg->size);
	TEST_ASSERT_EQUAL(test_log_lines(), expected == 0, "log lines");
	logged = test_log_end();
	TEST_ASSERT(expected != 0 || strstr(logged, "groove_data_cfg_t") != NULL, "the line names no struct");
	return TEST_SUCCESS;
}

static int
test_data_cfg(void)
{
	struct newer_data_cfg newer = {.cfg = {.volume_sz = 64 * MIB, .volume_max = 3, .join_max = 1024}};
	const groove_data_cfg_t by_default = {.volume_sz = 64 * MIB, .volume_max = 3};
	const uint64_t sz = groove_data_footprint_cfg(&newer.cfg);

	TEST_ASSERT(sz > groove_data_footprint_cfg(&by_default), "%lu bytes for 1,024 joins", sz);
	newer.cfg.size = sizeof(newer.cfg);
	TEST_CALL(check_footprint(&newer.cfg, sz));
	newer.cfg.size = sizeof(newer);
	TEST_CALL(check_footprint(&newer.cfg, sz));
	newer.cfg.size = offsetof(groove_data_cfg_t, join_max);
	TEST_CALL(check_footprint(&newer.cfg, groove_data_footprint_cfg(&by_default)));
	newer.more = 1;
	newer.cfg.size = sizeof(newer);
	TEST_CALL(check_footprint(&newer.cfg, 0));
	newer.cfg.size = 3;
	return check_footprint(&newer.cfg, 0);
}

static int
test_cfg_size(void)
{
	TEST_CALL(test_node());
	TEST_CALL(test_region_cfg());
	TEST_CALL(test_region_id());
	return test_data_cfg();
}

GROOVE_TEST(cfg_size_autotest, fast, test_cfg_size);
