/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * Every call on one groove by one thread: what it returns for good input. Making, joining and growing it: that bad
 * input changes nothing; of all other calls that is in test_bad_call.c.
 */

#include <stdlib.h>
#include <string.h>

#include "fixture.h"

#define HEAD_SZ (384UL << 10) /* of a volume: header, superblock table and what these tests put after it */

/* Sizes of different kinds may need a volume each, when volumes are small. */
#define VOLUMES_FOR_ALL_SIZES 16UL

static const uint64_t alignments[] = {0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512};

#define ALIGNMENT_CNT (sizeof(alignments) / sizeof(alignments[0]))

/* ---- bad calls ---- */

/* What a call must not have changed, and how often it must have logged. */
struct bad_call {
	const struct fixture *fix;
	struct snapshot before;
};

static int
bad_call_begin(struct bad_call *call, const struct fixture *fix)
{
	call->fix = fix;
	TEST_CALL(snapshot_take(&call->before, fix, HEAD_SZ));
	test_log_begin();
	return TEST_SUCCESS;
}

static int
bad_call_end(struct bad_call *call, const char *what)
{
	const bool same = snapshot_same(&call->before, call->fix);

	test_log_end();
	snapshot_drop(&call->before);
	TEST_ASSERT(same, "state has changed: %s", what);
	return TEST_SUCCESS;
}

/* Evaluate a call that must return a value, change nothing, and log so many lines: 0 or 1. */
#define BAD_CALL_LOGS(fix, expr, answer, lines)                                                                        \
	do {                                                                                                           \
		struct bad_call call;                                                                                  \
		TEST_CALL(bad_call_begin(&call, fix));                                                                 \
		const long long found = (long long)(expr);                                                             \
		const unsigned int logged = test_log_lines();                                                          \
		TEST_CALL(bad_call_end(&call, #expr));                                                                 \
		TEST_ASSERT_EQUAL(found, answer, #expr);                                                               \
		TEST_ASSERT_EQUAL(logged, lines, "log lines of " #expr);                                               \
	} while (0)

/* ---- construction ---- */

static int
test_footprint(void)
{
	const groove_data_cfg_t zero = {0};
	const groove_data_cfg_t most = {.volume_sz = VOLUME_SZ_MIN, .join_max = 1023};
	const groove_data_cfg_t bad[] = {
		{.volume_sz = 1},
		{.volume_sz = VOLUME_SZ_MIN / 2},
		{.volume_sz = VOLUME_SZ_MIN + 512},
		{.volume_sz = 3UL << 26},
		{.volume_sz = 1UL << 31},
		{.volume_sz = 1UL << 63},
		{.volume_max = 2049},
		{.volume_sz = VOLUME_SZ_MIN, .volume_max = 65537},
		{.volume_max = UINT64_MAX},
		{.join_max = 1025},
		{.join_max = UINT64_MAX},
	};
	const uint64_t align = groove_data_align();

	TEST_ASSERT(align > 0 && (align & (align - 1)) == 0, "alignment %lu is no power of two", align);
	TEST_ASSERT(groove_data_footprint() > 0, "footprint");
	TEST_ASSERT(groove_data_footprint() < 1UL << 20, "footprint %lu is not under 1 MiB", groove_data_footprint());
	TEST_ASSERT_EQUAL(groove_data_footprint_cfg(NULL), groove_data_footprint(), "footprint of defaults");
	TEST_ASSERT_EQUAL(groove_data_footprint_cfg(&zero), groove_data_footprint(), "footprint of zeros");
	TEST_ASSERT(groove_data_footprint_cfg(&most) > groove_data_footprint(), "largest footprint");
	TEST_ASSERT(groove_data_footprint_cfg(&most) <= 8UL << 20, "largest footprint %lu is over 8 MiB",
		groove_data_footprint_cfg(&most));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		test_log_begin();
		const uint64_t footprint = groove_data_footprint_cfg(&bad[i]);
		const unsigned int lines = test_log_lines();
		test_log_end();

		TEST_ASSERT_EQUAL(footprint, 0, "footprint of bad configuration %zu", i);
		TEST_ASSERT(lines > 0, "no log line for bad configuration %zu", i);
	}
	return TEST_SUCCESS;
}

static bool
all_bytes(const uint8_t *mem, uint64_t sz, uint8_t byte)
{
	for (uint64_t i = 0; i < sz; i++)
		if (mem[i] != byte)
			return false;
	return true;
}

static int
test_new(void)
{
	const groove_data_cfg_t bad = {.volume_sz = 12345};
	const uint64_t sz = groove_data_footprint();
	uint8_t *shmem = test_mem_map(sz + 64);

	TEST_ASSERT_NOT_NULL(shmem, "no memory");
	memset(shmem, 0xa5, sz + 64);
	test_log_begin();
	TEST_ASSERT_NULL(groove_data_new(NULL), "new at NULL");
	TEST_ASSERT_EQUAL(test_log_lines(), 1, "log lines");
	TEST_ASSERT_NULL(groove_data_new_cfg(NULL, NULL), "new at NULL");
	TEST_ASSERT_EQUAL(test_log_lines(), 2, "log lines");
	for (uint64_t off = 1; off < groove_data_align(); off++)
		TEST_ASSERT_NULL(groove_data_new(shmem + off), "new at misaligned memory, %lu", off);
	TEST_ASSERT_EQUAL(test_log_lines(), 2 + groove_data_align() - 1, "log lines");
	TEST_ASSERT_NULL(groove_data_new_cfg(shmem, &bad), "new with a bad volume size");
	TEST_ASSERT(test_log_lines() > 1 + groove_data_align(), "log lines");
	test_log_end();
	TEST_ASSERT(all_bytes(shmem, sz + 64, 0xa5), "bad new wrote to memory");

	TEST_ASSERT_EQUAL(groove_data_new(shmem), shmem, "new");
	TEST_ASSERT(all_bytes(shmem + sz, 64, 0xa5), "new wrote beyond its footprint");
	TEST_ASSERT_EQUAL(groove_data_delete(shmem), shmem, "delete");
	test_mem_unmap(shmem, sz + 64);
	return TEST_SUCCESS;
}

/* ---- joining ---- */

static int
test_join_bad(struct fixture *fix)
{
	groove_data_t ljoin;
	uint8_t *misaligned = (uint8_t *)&ljoin;
	uint8_t *shmem = fix->shmem;
	uint8_t *volume0 = fix->volume0;
	const uint64_t max = fix->cfg.volume_max;

	BAD_CALL_LOGS(fix, groove_data_join(NULL, shmem, volume0, max, 0), 0, 1);
	BAD_CALL_LOGS(fix, groove_data_join((groove_data_t *)(void *)(misaligned + 1), shmem, volume0, max, 0), 0, 1);
	BAD_CALL_LOGS(fix, groove_data_join((groove_data_t *)(void *)(misaligned + 32), shmem, volume0, max, 0), 0, 1);
	BAD_CALL_LOGS(fix, groove_data_join(&ljoin, NULL, volume0, max, 0), 0, 1);
	BAD_CALL_LOGS(fix, groove_data_join(&ljoin, shmem + 1, volume0, max, 0), 0, 1);
	BAD_CALL_LOGS(fix, groove_data_join(&ljoin, shmem + 64, volume0, max, 0), 0, 1);
	BAD_CALL_LOGS(fix, groove_data_join(&ljoin, shmem, NULL, max, 0), 0, 1);
	BAD_CALL_LOGS(fix, groove_data_join(&ljoin, shmem, volume0 + 1, max, 0), 0, 1);
	BAD_CALL_LOGS(fix, groove_data_join(&ljoin, shmem, volume0 + 256, max, 0), 0, 1);
	BAD_CALL_LOGS(fix, groove_data_join(&ljoin, shmem, volume0, max + 1, 0), 0, 1);
	BAD_CALL_LOGS(fix, groove_data_join(&ljoin, shmem, volume0, UINT64_MAX, 0), 0, 1);
	return TEST_SUCCESS;
}

/* A volume in use that the join has no room for: even when a lower one is free. */
static int
test_join_volume_in_use(struct fixture *fix)
{
	groove_data_t ljoin;

	TEST_CALL(fixture_add(fix, 2, 1));
	BAD_CALL_LOGS(fix, groove_data_join(&ljoin, fix->shmem, fix->volume0, 2, 0), 0, 1);
	TEST_ASSERT_EQUAL(groove_data_join(&ljoin, fix->shmem, fix->volume0, 3, 0), &ljoin, "join with room for 3");
	TEST_ASSERT_EQUAL(groove_data_volume_max(&ljoin), 3, "volume_max");
	TEST_ASSERT_EQUAL(groove_data_leave(&ljoin), &ljoin, "leave");
	return fixture_remove_all(fix, 1);
}

static int
test_accessors(struct fixture *fix)
{
	const uint64_t max = fix->cfg.volume_max;
	groove_data_t ljoin;

	TEST_ASSERT_EQUAL(
		groove_data_join(&ljoin, fix->shmem, fix->volume0, max - 1, 0x123456789abcdef0), &ljoin, "join");
	TEST_ASSERT_EQUAL(groove_data_shdata(&ljoin), fix->shmem, "shdata");
	TEST_ASSERT_EQUAL(groove_data_shdata_const(&ljoin), fix->shmem, "shdata");
	TEST_ASSERT_EQUAL(groove_data_volume0(&ljoin), fix->volume0, "volume0");
	TEST_ASSERT_EQUAL(groove_data_volume0_const(&ljoin), fix->volume0, "volume0");
	TEST_ASSERT_EQUAL(groove_data_volume_max(&ljoin), max - 1, "volume_max");
	TEST_ASSERT_EQUAL(groove_data_volume_sz(&ljoin), fix->cfg.volume_sz, "volume size");
	TEST_ASSERT_EQUAL(groove_data_volume1(&ljoin), fixture_volume(fix, max - 1), "volume1");
	TEST_ASSERT_EQUAL(groove_data_volume1_const(&ljoin), fixture_volume(fix, max - 1), "volume1");
	TEST_ASSERT_EQUAL(groove_data_cgroup_hint(&ljoin), 0x123456789abcdef0, "cgroup hint");
	TEST_ASSERT(groove_data_join_idx(&ljoin) != groove_data_join_idx(&fix->data), "two joins have index %lu",
		groove_data_join_idx(&ljoin));
	TEST_ASSERT(groove_data_join_idx(&ljoin) < GROOVE_DATA_JOIN_DEFAULT, "index %lu", groove_data_join_idx(&ljoin));
	TEST_ASSERT_EQUAL(groove_data_leave(&ljoin), &ljoin, "leave");

	TEST_ASSERT_EQUAL(groove_data_join(&ljoin, fix->shmem, fix->volume0, 0, 0), &ljoin, "join");
	TEST_ASSERT_EQUAL(groove_data_volume_max(&ljoin), max, "volume_max of 0");
	TEST_ASSERT_EQUAL(groove_data_leave(&ljoin), &ljoin, "leave");
	return TEST_SUCCESS;
}

/* As many joins as were configured, each with an index of its own, and a record that leave gives back. */
static int
test_join_records(void)
{
	struct fixture fix = {.cfg = {.volume_sz = VOLUME_SZ_MIN, .volume_max = 1, .join_max = 3}};
	const uint64_t sz = groove_data_footprint_cfg(&fix.cfg);
	groove_data_t joins[3];
	groove_data_t late;

	fix.shmem_sz = sz;
	fix.shmem = test_mem_map(sz);
	fix.volume0 = test_mem_map(VOLUME_SZ_MIN);
	fix.volumes_sz = VOLUME_SZ_MIN;
	TEST_ASSERT(fix.shmem != NULL && fix.volume0 != NULL, "no memory");
	TEST_ASSERT_EQUAL(groove_data_new_cfg(fix.shmem, &fix.cfg), fix.shmem, "new");
	for (unsigned int i = 0; i < 3; i++) {
		TEST_CALL(fixture_join(&fix, &joins[i], i));
		for (unsigned int j = 0; j < i; j++)
			TEST_ASSERT(groove_data_join_idx(&joins[i]) != groove_data_join_idx(&joins[j]),
				"joins %u and %u have index %lu", i, j, groove_data_join_idx(&joins[i]));
		TEST_ASSERT(groove_data_join_idx(&joins[i]) < 3, "index %lu", groove_data_join_idx(&joins[i]));
	}
	BAD_CALL_LOGS(&fix, groove_data_join(&late, fix.shmem, fix.volume0, 0, 0), 0, 1);
	TEST_ASSERT_EQUAL(groove_data_leave(&joins[1]), &joins[1], "leave");
	TEST_CALL(fixture_join(&fix, &late, 7));
	TEST_ASSERT_EQUAL(groove_data_leave(&late), &late, "leave");
	TEST_ASSERT_EQUAL(groove_data_leave(&joins[0]), &joins[0], "leave");
	BAD_CALL_LOGS(&fix, groove_data_delete(fix.shmem), 0, 1);
	TEST_ASSERT_EQUAL(groove_data_leave(&joins[2]), &joins[2], "leave");
	TEST_ASSERT_EQUAL(groove_data_delete(fix.shmem), fix.shmem, "delete");
	BAD_CALL_LOGS(&fix, groove_data_delete(fix.shmem), 0, 1);
	BAD_CALL_LOGS(&fix, groove_data_join(&late, fix.shmem, fix.volume0, 0, 0), 0, 1);
	fixture_unmap(&fix);
	return TEST_SUCCESS;
}

static int
test_join(void)
{
	struct fixture fix;

	TEST_CALL(fixture_make(&fix, VOLUME_SZ_MIN, 4));
	TEST_CALL(test_join_bad(&fix));
	TEST_CALL(test_join_volume_in_use(&fix));
	TEST_CALL(test_accessors(&fix));
	BAD_CALL_LOGS(&fix, groove_data_leave(NULL), 0, 1);
	BAD_CALL_LOGS(&fix, groove_data_delete(NULL), 0, 1);
	BAD_CALL_LOGS(&fix, groove_data_delete((uint8_t *)fix.shmem + 1), 0, 1);
	BAD_CALL_LOGS(&fix, groove_data_delete((uint8_t *)fix.shmem + 64), 0, 1);
	BAD_CALL_LOGS(&fix, groove_data_delete(fix.shmem), 0, 1);
	TEST_CALL(fixture_end(&fix));
	return test_join_records();
}

/* ---- headers ---- */

static int
test_hdr(void)
{
	const groove_data_hdr_t ones = groove_data_hdr(UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, 0);
	const groove_data_hdr_t hdr = groove_data_hdr(0xfd67, 0x2b, 0x55, 0x200, 0x1abcdef, 0x0123456789abcdef);

	TEST_ASSERT_EQUAL(sizeof(hdr), 16, "header size");
	TEST_ASSERT_EQUAL(ones.bits, UINT64_MAX, "all fields full");
	TEST_ASSERT_EQUAL(ones.info, 0, "info");
	TEST_ASSERT_EQUAL(groove_data_hdr_type(ones), 0xffff, "16 bits of type");
	TEST_ASSERT_EQUAL(groove_data_hdr_idx(ones), 0x3f, "6 bits of index");
	TEST_ASSERT_EQUAL(groove_data_hdr_szc(ones), 0x7f, "7 bits of class");
	TEST_ASSERT_EQUAL(groove_data_hdr_align(ones), 0x3ff, "10 bits of alignment");
	TEST_ASSERT_EQUAL(groove_data_hdr_sz(ones), 0x1ffffff, "25 bits of size");
	TEST_ASSERT_EQUAL(
		hdr.bits, 0xfd67UL | 0x2bUL << 16 | 0x55UL << 22 | 0x200UL << 29 | 0x1abcdefUL << 39, "layout");
	TEST_ASSERT_EQUAL(groove_data_hdr_type(hdr), 0xfd67, "type");
	TEST_ASSERT_EQUAL(groove_data_hdr_idx(hdr), 0x2b, "index");
	TEST_ASSERT_EQUAL(groove_data_hdr_szc(hdr), 0x55, "class");
	TEST_ASSERT_EQUAL(groove_data_hdr_align(hdr), 0x200, "alignment");
	TEST_ASSERT_EQUAL(groove_data_hdr_sz(hdr), 0x1abcdef, "size");
	TEST_ASSERT_EQUAL(groove_data_hdr_info(hdr), 0x0123456789abcdef, "info");
	return TEST_SUCCESS;
}

/* ---- volumes ---- */

static int
test_volume_add_bad(struct fixture *fix)
{
	const uint64_t sz = fix->cfg.volume_sz;
	const uint64_t max = fix->cfg.volume_max;
	groove_data_t *data = &fix->data;
	uint8_t *volume0 = fix->volume0;
	uint8_t info[GROOVE_VOLUME_INFO_MAX + 1] = {0};

	BAD_CALL_LOGS(fix, groove_data_volume_add(NULL, volume0, sz, NULL, 0), -1, 1);
	BAD_CALL_LOGS(fix, groove_data_volume_add(data, NULL, sz, NULL, 0), -1, 1);
	BAD_CALL_LOGS(fix, groove_data_volume_add(data, volume0 + 1, sz, NULL, 0), -1, 1);
	BAD_CALL_LOGS(fix, groove_data_volume_add(data, volume0 + 512, sz, NULL, 0), -1, 1);
	BAD_CALL_LOGS(fix, groove_data_volume_add(data, volume0 + sz / 2, sz, NULL, 0), -1, 1);
	BAD_CALL_LOGS(fix, groove_data_volume_add(data, volume0 - sz, sz, NULL, 0), -1, 1);
	BAD_CALL_LOGS(fix, groove_data_volume_add(data, volume0 + max * sz, sz, NULL, 0), -1, 1);
	BAD_CALL_LOGS(fix, groove_data_volume_add(data, volume0, 0, NULL, 0), -1, 1);
	BAD_CALL_LOGS(fix, groove_data_volume_add(data, volume0, 1, NULL, 0), -1, 1);
	BAD_CALL_LOGS(fix, groove_data_volume_add(data, volume0, sz - 1, NULL, 0), -1, 1);
	BAD_CALL_LOGS(fix, groove_data_volume_add(data, volume0, sz + 512, NULL, 0), -1, 1);
	BAD_CALL_LOGS(fix, groove_data_volume_add(data, volume0, (max + 1) * sz, NULL, 0), -1, 1);
	BAD_CALL_LOGS(fix, groove_data_volume_add(data, volume0 + sz, max * sz, NULL, 0), -1, 1);
	BAD_CALL_LOGS(fix, groove_data_volume_add(data, volume0, -sz, NULL, 0), -1, 1);
	BAD_CALL_LOGS(fix, groove_data_volume_add(data, volume0, sz, NULL, 1), -1, 1);
	BAD_CALL_LOGS(fix, groove_data_volume_add(data, volume0, sz, info, GROOVE_VOLUME_INFO_MAX + 1), -1, 1);
	BAD_CALL_LOGS(fix, groove_data_volume_add(data, volume0, sz, info, UINT64_MAX), -1, 1);
	return TEST_SUCCESS;
}

/* A range is added as a whole or not at all, with the info in each volume. */
static int
test_volume_add_range(struct fixture *fix)
{
	const uint64_t sz = fix->cfg.volume_sz;
	groove_data_stats_t stats;
	uint8_t info[GROOVE_VOLUME_INFO_MAX];

	for (size_t i = 0; i < sizeof(info); i++)
		info[i] = (uint8_t)(i * 7 + 1);
	TEST_ASSERT_SUCCESS(groove_data_volume_add(&fix->data, fixture_volume(fix, 1), 2 * sz, info, sizeof(info)),
		"add 2 volumes at 1");
	for (uint64_t idx = 1; idx <= 2; idx++) {
		const groove_volume_t *volume = (const groove_volume_t *)(void *)fixture_volume(fix, idx);

		TEST_ASSERT_EQUAL(volume->magic, GROOVE_VOLUME_MAGIC, "magic of volume %lu", idx);
		TEST_ASSERT_EQUAL(volume->idx, idx, "index of volume %lu", idx);
		TEST_ASSERT_EQUAL(volume->sz, sz, "size of volume %lu", idx);
		TEST_ASSERT_EQUAL(volume->info_sz, sizeof(info), "info of volume %lu", idx);
		TEST_ASSERT_SUCCESS(memcmp(volume->info, info, sizeof(info)), "info of volume %lu", idx);
		TEST_ASSERT_SUCCESS(groove_data_volume_verify(&fix->data, volume), "verify volume %lu", idx);
	}
	TEST_ASSERT_SUCCESS(groove_data_stats(&fix->data, &stats), "stats");
	TEST_ASSERT_EQUAL(stats.volume_cnt, 2, "volumes");
	TEST_ASSERT_EQUAL(stats.volume_empty_cnt, 2, "empty volumes");

	BAD_CALL_LOGS(fix, groove_data_volume_add(&fix->data, fixture_volume(fix, 1), sz, NULL, 0), -1, 1);
	BAD_CALL_LOGS(fix, groove_data_volume_add(&fix->data, fixture_volume(fix, 0), 2 * sz, NULL, 0), -1, 1);
	BAD_CALL_LOGS(fix, groove_data_volume_add(&fix->data, fixture_volume(fix, 2), 2 * sz, NULL, 0), -1, 1);
	return fixture_remove_all(fix, 2);
}

/* No volume is added that a join cannot reach; when it has left, the volume is. */
static int
test_volume_reach(struct fixture *fix)
{
	const uint64_t sz = fix->cfg.volume_sz;
	groove_data_t narrow;

	TEST_ASSERT_NOT_NULL(groove_data_join(&narrow, fix->shmem, fix->volume0, 1, 0), "join that reaches 1 volume");
	BAD_CALL_LOGS(fix, groove_data_volume_add(&fix->data, fixture_volume(fix, 1), sz, NULL, 0), -1, 1);
	BAD_CALL_LOGS(fix, groove_data_volume_add(&fix->data, fixture_volume(fix, 0), 2 * sz, NULL, 0), -1, 1);
	TEST_CALL(fixture_add(fix, 0, 1));

	void *obj = groove_data_alloc(&narrow, 0, 100, 1, NULL);

	TEST_ASSERT_NOT_NULL(obj, "object in volume 0");
	TEST_ASSERT_SUCCESS(groove_data_free(&narrow, obj), "free");
	TEST_ASSERT_NOT_NULL(groove_data_leave(&narrow), "leave");
	TEST_CALL(fixture_add(fix, 1, 1));
	return fixture_remove_all(fix, 2);
}

/* A removed volume can be added with the info that is still in its header. */
static int
test_volume_again(struct fixture *fix)
{
	static const char info[] = "kept with the volume";

	TEST_ASSERT_SUCCESS(
		groove_data_volume_add(&fix->data, fix->volume0, fix->cfg.volume_sz, info, sizeof(info)), "add");

	groove_volume_t *volume = groove_data_volume_remove(&fix->data);

	TEST_ASSERT_NOT_NULL(volume, "remove");
	TEST_ASSERT_SUCCESS(
		groove_data_volume_add(&fix->data, volume, fix->cfg.volume_sz, volume->info, volume->info_sz), "again");
	TEST_ASSERT_EQUAL(volume->info_sz, sizeof(info), "size of info");
	TEST_ASSERT_SUCCESS(memcmp(volume->info, info, sizeof(info)), "info");
	return fixture_remove_all(fix, 1);
}

/* Of a range the lowest volume is used first; it cannot be removed while an object is in it. */
static int
test_volume_order(struct fixture *fix)
{
	int err;

	TEST_CALL(fixture_add(fix, 0, 4));

	uint8_t *obj = groove_data_alloc(&fix->data, 0, 100, 1, &err);

	TEST_ASSERT(obj >= fixture_volume(fix, 0) && obj < fixture_volume(fix, 1), "object at %p, volume 0 at %p",
		(void *)obj, (void *)fix->volume0);
	for (unsigned int i = 0, removed = 0; i < 16; i++) {
		const uint8_t *volume = (const uint8_t *)groove_data_volume_remove(&fix->data);

		TEST_ASSERT(volume != fix->volume0, "removed the volume of a live object");
		removed += volume != NULL;
		TEST_ASSERT(removed <= 3, "removed %u of 3 empty volumes", removed);
	}
	TEST_ASSERT_SUCCESS(groove_data_free(&fix->data, obj), "free");
	return fixture_remove_all(fix, 1);
}

static int
test_volumes(void)
{
	struct fixture fix;

	TEST_ASSERT_NULL(groove_data_volume_remove(NULL), "remove from NULL");
	TEST_CALL(fixture_make(&fix, VOLUME_SZ_MIN, 4));
	TEST_ASSERT_NULL(groove_data_volume_remove(&fix.data), "remove from a groove without volumes");
	TEST_CALL(test_volume_add_bad(&fix));
	TEST_CALL(test_volume_add_range(&fix));
	TEST_CALL(test_volume_reach(&fix));
	TEST_CALL(test_volume_again(&fix));
	TEST_CALL(test_volume_order(&fix));
	TEST_CALL(fixture_add(&fix, 0, 4));
	TEST_CALL(test_volume_add_bad(&fix));
	return fixture_end(&fix);
}

/* ---- no room ---- */

/* Without a volume each good alloc is FULL, silent, and changes nothing. */
static int
test_alloc_full(void)
{
	struct fixture fix;
	int err = 1234;

	TEST_CALL(fixture_make(&fix, VOLUME_SZ_MIN, 1));
	BAD_CALL_LOGS(&fix, groove_data_alloc(&fix.data, 0, 100, 1, &err), 0, 0);
	TEST_ASSERT_EQUAL(err, GROOVE_ERR_FULL, "no volume");
	BAD_CALL_LOGS(&fix, groove_data_alloc(&fix.data, 512, 10 << 20, 1, &err), 0, 0);
	TEST_ASSERT_EQUAL(err, GROOVE_ERR_FULL, "no volume");
	BAD_CALL_LOGS(&fix, groove_data_alloc(&fix.data, 512, 10 << 20, 1, NULL), 0, 0);
	return fixture_end(&fix);
}

/* ---- all classes, all alignments, smallest and largest size of each ---- */

struct kept {
	void *obj;
	uint64_t align;
	uint64_t sz;
};

#define TAG_STEP    0x9e3779b97f4a7c15UL
#define KEPT_SZ_MAX (128UL << 20) /* memory that one batch of objects fills */

/* The class of a slot of so many bytes. */
static const groove_data_szc_cfg_t *
cfg_of(uint64_t slot_sz)
{
	const groove_data_szc_cfg_t *cfg = groove_data_szc_cfg;

	while (cfg->obj_footprint != slot_sz)
		cfg++;
	return cfg;
}

/* While there is memory an object has the tightest slot, or one that costs no more: as many fit into as large a
 * superblock. */
static int
slot_check(const void *obj, uint64_t align, uint64_t sz)
{
	const struct span slot = object_span(obj);
	const groove_data_szc_cfg_t *tightest = cfg_of(expect_slot_sz(align, sz));
	const groove_data_szc_cfg_t *cfg = cfg_of(slot.stop - slot.start);

	TEST_ASSERT(cfg->parent_szc == tightest->parent_szc && cfg->obj_cnt == tightest->obj_cnt,
		"%lu bytes of slot for align %lu, %lu bytes", slot.stop - slot.start, align, sz);
	return TEST_SUCCESS;
}

/* Allocate one object, unless the alignment has no such size; keep it in *kept. */
static int
keep_object(struct fixture *fix, uint64_t align, uint64_t sz, struct kept *kept, uint64_t *cnt)
{
	int err = 1234;

	if (sz > expect_sz_max(align))
		return TEST_SUCCESS;

	const uint64_t tag = *cnt * TAG_STEP;
	void *obj = groove_data_alloc(&fix->data, align, sz, tag, &err);

	TEST_ASSERT_NOT_NULL(obj, "alignment %lu, %lu bytes: %d", align, sz, err);
	TEST_ASSERT_EQUAL(err, GROOVE_SUCCESS, "alignment %lu, %lu bytes", align, sz);
	TEST_CALL(object_check(obj, align, sz, tag));
	TEST_CALL(slot_check(obj, align, sz));
	kept[*cnt] = (struct kept){.obj = obj, .align = align, .sz = sz};
	(*cnt)++;
	return TEST_SUCCESS;
}

/* The largest and the smallest object that the slots of a class are the tightest for. */
static int
keep_class(struct fixture *fix, uint64_t szc, uint64_t align, struct kept *kept, uint64_t *cnt)
{
	const uint64_t off = expect_obj_off(align);
	const uint64_t least = szc > 0 ? groove_data_szc_cfg[szc - 1].obj_footprint + 1UL : 1;
	uint64_t most = groove_data_szc_cfg[szc].obj_footprint;

	if (most > GROOVE_DATA_ALLOC_FOOTPRINT_MAX)
		most = GROOVE_DATA_ALLOC_FOOTPRINT_MAX; /* the last slot is larger than the largest object */
	if (most >= off)
		TEST_CALL(keep_object(fix, align, most - off, kept, cnt));
	if (least >= off)
		TEST_CALL(keep_object(fix, align, least - off, kept, cnt));
	return TEST_SUCCESS;
}

/* Every object whole and where it was, every slot apart from all others; then free all. */
static int
check_and_free(struct fixture *fix, const struct kept *kept, uint64_t cnt)
{
	struct span *spans = malloc(cnt * sizeof(*spans));

	TEST_ASSERT_NOT_NULL(spans, "out of memory");
	for (uint64_t i = 0; i < cnt; i++)
		object_fill(kept[i].obj, i);
	for (uint64_t i = 0; i < cnt; i++) {
		TEST_CALL(object_check(kept[i].obj, kept[i].align, kept[i].sz, i * TAG_STEP));
		TEST_ASSERT(object_intact(kept[i].obj, i), "object %lu: alignment %lu, %lu bytes", i, kept[i].align,
			kept[i].sz);
		spans[i] = object_span(kept[i].obj);
	}
	TEST_ASSERT(spans_disjoint(spans, cnt), "objects overlap, or share a cache line");
	free(spans);
	TEST_ASSERT_SUCCESS(groove_data_verify(&fix->data), "verify with %lu objects", cnt);
	for (uint64_t i = 0; i < cnt; i++)
		TEST_ASSERT_SUCCESS(groove_data_free(&fix->data, kept[i].obj), "free %lu", i);
	return TEST_SUCCESS;
}

static int
test_all_classes(void)
{
	struct kept kept[GROOVE_DATA_SZC_SLICE * ALIGNMENT_CNT * 2];
	struct fixture fix;
	uint64_t kept_sz = 0;
	uint64_t cnt = 0;

	TEST_CALL(fixture_make(&fix, GROOVE_VOLUME_FOOTPRINT, 8));
	TEST_CALL(fixture_add(&fix, 0, 8));
	for (uint64_t szc = 0; szc < GROOVE_DATA_SZC_SLICE; szc++) {
		for (size_t i = 0; i < ALIGNMENT_CNT; i++)
			TEST_CALL(keep_class(&fix, szc, alignments[i], kept, &cnt));
		kept_sz += 2 * ALIGNMENT_CNT * groove_data_szc_cfg[szc].obj_footprint;
		if (kept_sz < KEPT_SZ_MAX && szc < GROOVE_DATA_SZC_SLICE - 1)
			continue;
		TEST_CALL(check_and_free(&fix, kept, cnt));
		kept_sz = 0;
		cnt = 0;
	}
	return fixture_end(&fix);
}

/* Objects of no bytes are objects: each is unique and must be freed. */
static int
test_zero_bytes(void)
{
	struct fixture fix;
	struct span spans[1000];
	void *objs[1000];

	TEST_CALL(fixture_make(&fix, VOLUME_SZ_MIN, VOLUMES_FOR_ALL_SIZES));
	TEST_CALL(fixture_add(&fix, 0, VOLUMES_FOR_ALL_SIZES));
	for (unsigned int i = 0; i < 1000; i++) {
		objs[i] = groove_data_alloc(&fix.data, alignments[i % ALIGNMENT_CNT], 0, i, NULL);
		TEST_ASSERT_NOT_NULL(objs[i], "object %u", i);
		TEST_CALL(object_check(objs[i], alignments[i % ALIGNMENT_CNT], 0, i));
		spans[i] = object_span(objs[i]);
	}
	TEST_ASSERT(spans_disjoint(spans, 1000), "objects of 0 bytes overlap");
	for (unsigned int i = 0; i < 1000; i++)
		TEST_ASSERT_SUCCESS(groove_data_free(&fix.data, objs[i]), "free %u", i);
	return fixture_end(&fix);
}

/* An object is freed by a join other than the one that allocated it, also after that one left. */
static int
test_free_by_other_join(void)
{
	struct fixture fix;
	groove_data_t other;
	void *objs[100];

	TEST_CALL(fixture_make(&fix, VOLUME_SZ_MIN, VOLUMES_FOR_ALL_SIZES));
	TEST_CALL(fixture_add(&fix, 0, VOLUMES_FOR_ALL_SIZES));
	TEST_CALL(fixture_join(&fix, &other, 1));
	for (unsigned int i = 0; i < 100; i++) {
		objs[i] = groove_data_alloc(&other, 0, i * 10UL, i, NULL);
		TEST_ASSERT_NOT_NULL(objs[i], "object %u", i);
	}
	for (unsigned int i = 0; i < 50; i++)
		TEST_ASSERT_SUCCESS(groove_data_free(&fix.data, objs[i]), "free %u", i);
	TEST_ASSERT_EQUAL(groove_data_leave(&other), &other, "leave");
	for (unsigned int i = 50; i < 100; i++) {
		TEST_CALL(object_check(objs[i], 0, i * 10UL, i));
		TEST_ASSERT_SUCCESS(groove_data_free(&fix.data, objs[i]), "free %u", i);
	}
	return fixture_end(&fix);
}

static int
test_groove_data(void)
{
	TEST_CALL(test_footprint());
	TEST_CALL(test_new());
	TEST_CALL(test_join());
	TEST_CALL(test_hdr());
	TEST_CALL(test_volumes());
	TEST_CALL(test_alloc_full());
	TEST_CALL(test_all_classes());
	TEST_CALL(test_zero_bytes());
	return test_free_by_other_join();
}

GROOVE_TEST(groove_data_autotest, fast, test_groove_data);
