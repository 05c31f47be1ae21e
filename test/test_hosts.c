/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * Superblocks lie where there is room for them: each is found by its entry in the table, in whatever slot it lies, with
 * as many slots as fit there.
 */

#include <rte_common.h>

#include "fixture.h"
#include "geometry.h"
#include "hdr.h"
#include "list.h"

#define LARGE_SZ  (5UL << 20)
#define LARGE_MAX 256U
#define LARGE_END 6U /* freed at the end of a volume */

/* ---- ids ---- */

/* Check that the id of an entry in use names the superblock that the headers show there, and count it. */
static int
check_entry(const struct fixture *fix, const struct groove_sb *sb, uint64_t *cnt, uint64_t *high)
{
	const groove_data_t *data = &fix->data;
	const uint32_t id = *entry_id(data, sb);
	const uint64_t szc = sb_id_szc(id);
	const uint64_t block = sb_id_block(data, sb, id);

	TEST_ASSERT(szc < GROOVE_DATA_SZC_CNT, "class %lu", szc);

	const uint64_t footprint = groove_data_szc_cfg[szc].obj_footprint;
	const uint64_t first = footprint % 512 != 0 ? 64 : 512;
	const uint8_t *start = fix->volume0 + block * 512;
	const uint64_t bits = ((const groove_data_hdr_t *)start)->bits;
	const uint64_t last = ((const groove_data_hdr_t *)(start + first + (sb_id_cnt(id) - 1) * footprint))->bits;
	const uint64_t host = hdr_szc(bits);
	const uint64_t room = host < GROOVE_DATA_SZC_CNT ? groove_data_szc_cfg[host].obj_footprint
							 : data->pool.volume_sz - data->data_off;

	TEST_ASSERT(hdr_type(bits) == GROOVE_DATA_HDR_TYPE_SUPERBLOCK && hdr_align(bits) == szc,
		"class %lu at block %lu: header %#lx", szc, block, bits);
	TEST_ASSERT(hdr_szc(last) == szc && hdr_idx(last) == sb_id_cnt(id) - 1,
		"class %lu at block %lu: header of its last slot %#lx", szc, block, last);
	TEST_ASSERT_EQUAL(
		sb_id_cnt(id), RTE_MIN((room - first) / footprint, 32UL), "slots of class %lu in %lu", szc, host);
	(*cnt)++;
	*high += block * 512 >= 512UL << 20;
	return TEST_SUCCESS;
}

/* Objects of a size until there is no room, and how many; the last few freed again. */
static int
fill_but_some(struct fixture *fix, void **objs, unsigned int *cnt)
{
	for (*cnt = 0; *cnt < LARGE_MAX; (*cnt)++) {
		objs[*cnt] = groove_data_alloc(&fix->data, 0, LARGE_SZ, 0, NULL);
		if (objs[*cnt] == NULL)
			break;
	}
	TEST_ASSERT(*cnt >= LARGE_END, "%u objects of 5 MiB", *cnt);
	*cnt -= LARGE_END;
	return objects_free(&fix->data, objs + *cnt, LARGE_END);
}

/* Where superblocks of many classes lie at the end of a volume, and the root at its front. */
static int
test_ids(uint64_t volume_sz)
{
	struct fixture fix;
	void *large[LARGE_MAX];
	void *small[GROOVE_DATA_SZC_CNT];
	unsigned int large_cnt;
	uint64_t small_cnt = 0;
	uint64_t found = 0;
	uint64_t high = 0;
	groove_data_volume_stats_t stats;

	TEST_CALL(fixture_make(&fix, volume_sz, 1));
	TEST_CALL(fixture_add(&fix, 0, 1));
	TEST_CALL(fill_but_some(&fix, large, &large_cnt));
	for (uint64_t szc = 0; szc < 64; szc += 3) {
		small[small_cnt] = groove_data_alloc(&fix.data, 0, expect_szc_room(szc), szc, NULL);
		TEST_ASSERT_NOT_NULL(small[small_cnt], "object of class %lu", szc);
		small_cnt++;
	}

	struct groove_sb *table = volume_table(&fix.data, 0);

	for (uint64_t i = 0; i < table_cnt(fix.data.volume_shift); i++)
		if (sb_word_place(table[i].word) != SB_NONE)
			TEST_CALL(check_entry(&fix, &table[i], &found, &high));
	TEST_ASSERT_SUCCESS(groove_data_volume_stats(&fix.data, (void *)fix.volume0, &stats), "stats");
	TEST_ASSERT_EQUAL(stats.superblock_cnt, found, "superblocks, and entries");
	TEST_ASSERT(volume_sz <= 512UL << 20 ? high == 0 : high >= 20, "%lu superblocks in the upper half", high);
	TEST_ASSERT_SUCCESS(groove_data_verify(&fix.data), "verify");
	TEST_CALL(objects_free(&fix.data, small, small_cnt));
	TEST_CALL(objects_free(&fix.data, large, large_cnt));
	return fixture_end(&fix);
}

/* What looks like the header of a live object is none where no slot begins, and beyond the slots that there are. */
static int
test_forged(void)
{
	const uint64_t szc = expect_szc(520);
	const uint64_t footprint = groove_data_szc_cfg[szc].obj_footprint;
	const uint64_t cnt = groove_data_szc_cfg[szc].obj_cnt;
	const uint64_t tail =
		groove_data_szc_cfg[groove_data_szc_cfg[szc].parent_szc].obj_footprint - 64 - cnt * footprint;
	struct fixture fix;
	groove_data_hdr_t *fake;
	uint8_t *obj;
	uint64_t idx;

	TEST_ASSERT(
		footprint % 512 != 0 && cnt < 32 && tail >= 64, "class %lu has %lu bytes after its slots", szc, tail);
	TEST_CALL(fixture_make(&fix, VOLUME_SZ_MIN, 1));
	TEST_CALL(fixture_add(&fix, 0, 1));
	obj = groove_data_alloc(&fix.data, 16, 0, 0, NULL);
	TEST_ASSERT_NOT_NULL(obj, "alloc");
	TEST_ASSERT_SUCCESS(groove_data_free(&fix.data, obj), "free");
	obj = groove_data_alloc(&fix.data, 16, 520, 0, NULL);
	TEST_ASSERT_NOT_NULL(obj, "alloc");
	idx = hdr_idx(groove_data_alloc_hdr(obj).bits);

	/* As it is, a cache line on. */
	fake = (groove_data_hdr_t *)(obj - 16 + 64);
	fake->bits = groove_data_alloc_hdr(obj).bits;
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_data_free(&fix.data, (uint8_t *)fake + 16), GROOVE_ERR_CORRUPT, "misplaced");
	TEST_ASSERT(test_log_lines() > 0, "log lines");

	/* After the last slot, as if there were one more. */
	fake = (groove_data_hdr_t *)(obj - 16 + (cnt - idx) * footprint);
	fake->bits = groove_data_hdr(GROOVE_DATA_HDR_TYPE_ALLOC, cnt, szc, 16, 0, 0).bits;
	TEST_ASSERT_EQUAL(groove_data_free(&fix.data, (uint8_t *)fake + 16), GROOVE_ERR_CORRUPT, "beyond the slots");
	test_log_end();
	fake->bits = 0;
	TEST_ASSERT_SUCCESS(groove_data_free(&fix.data, obj), "free");
	return fixture_end(&fix);
}

static int
test_hosts(void)
{
	TEST_CALL(test_forged());
	for (uint64_t sz = VOLUME_SZ_MIN; sz <= GROOVE_VOLUME_FOOTPRINT_MAX; sz *= 2)
		TEST_CALL(test_ids(sz));
	return TEST_SUCCESS;
}

GROOVE_TEST(hosts_autotest, fast, test_hosts);
