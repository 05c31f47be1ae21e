/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * Superblocks lie where there is room for them: each is found by its entry in the table, in whatever slot it lies, with
 * as many slots as fit there.
 */

#include <stdlib.h>

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
	uint8_t *hdr;
	ptrdiff_t off;
	uint64_t bits;

	TEST_ASSERT(
		footprint % 512 != 0 && cnt < 32 && tail >= 64, "class %lu has %lu bytes after its slots", szc, tail);
	TEST_CALL(fixture_make(&fix, VOLUME_SZ_MIN, 1));
	TEST_CALL(fixture_add(&fix, 0, 1));
	obj = groove_data_alloc(&fix.data, 16, 0, 0, NULL);
	TEST_ASSERT_NOT_NULL(obj, "alloc");
	TEST_ASSERT_SUCCESS(groove_data_free(&fix.data, obj), "free");
	obj = groove_data_alloc(&fix.data, 16, 520, 0, NULL);
	TEST_ASSERT_NOT_NULL(obj, "alloc");
	hdr = (uint8_t *)groove_data_object_hdr(obj);
	off = obj - hdr;
	bits = groove_data_alloc_hdr(obj).bits;

	/* As it is, a cache line on. */
	fake = (groove_data_hdr_t *)(hdr + 64);
	fake->bits = bits;
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_data_free(&fix.data, (uint8_t *)fake + off), GROOVE_ERR_CORRUPT, "misplaced");
	TEST_ASSERT(test_log_lines() > 0, "log lines");

	/* After the last slot, as if there were one more. */
	fake = (groove_data_hdr_t *)(hdr + (cnt - hdr_idx(bits)) * footprint);
	fake->bits = groove_data_hdr(GROOVE_DATA_HDR_TYPE_ALLOC, cnt, szc, hdr_align(bits), 0, 0).bits;
	TEST_ASSERT_EQUAL(groove_data_free(&fix.data, (uint8_t *)fake + off), GROOVE_ERR_CORRUPT, "beyond the slots");
	test_log_end();
	fake->bits = 0;
	TEST_ASSERT_SUCCESS(groove_data_free(&fix.data, obj), "free");
	return fixture_end(&fix);
}

/* ---- the table ---- */

static uint64_t
footprint_of(uint64_t szc)
{
	return groove_data_szc_cfg[szc].obj_footprint;
}

static bool
may_lie_in(uint64_t szc, uint64_t host)
{
	return (szc_hosts[szc].mask[host / 64] >> host % 64 & 1) != 0;
}

/* Slots of a class in a slot of a host. */
static uint64_t
slots_in(uint64_t szc, uint64_t host)
{
	return RTE_MIN((footprint_of(host) - groove_data_superblock_first(szc)) / footprint_of(szc), 32UL);
}

/* Superblocks are in whole blocks with room for two slots; those of one level cannot be in each other. */
static int
test_table(void)
{
	for (uint64_t szc = 0; szc < GROOVE_DATA_SZC_SLICE; szc++) {
		const uint64_t level = szc_hosts[szc].level;
		uint64_t least = UINT64_MAX;

		TEST_ASSERT(may_lie_in(szc, groove_data_szc_cfg[szc].parent_szc), "class %lu not in its parent's", szc);
		for (uint64_t host = 0; host < 128; host++) {
			if (!may_lie_in(szc, host))
				continue;
			TEST_ASSERT(host > szc && host < GROOVE_DATA_SZC_CNT, "class %lu in %lu", szc, host);
			TEST_ASSERT(
				footprint_of(host) % 512 == 0 && footprint_of(host) >= 2048 && slots_in(szc, host) >= 2,
				"class %lu in %lu", szc, host);
			TEST_ASSERT(host == GROOVE_DATA_SZC_SLICE ||
					    (szc_hosts[host].level > level && szc_hosts[host].level >= 15),
				"class %lu of level %lu in %lu of level %u", szc, level, host, szc_hosts[host].level);
			least = RTE_MIN(least, footprint_of(host));
		}
		TEST_ASSERT(least >> level >= 1 && (level == 11 ? least < 32768 : level >= 15 && least >> level == 1),
			"class %lu of level %lu: in %lu bytes", szc, level, least);
	}
	return TEST_SUCCESS;
}

/* ---- what was freed serves another size ---- */

#define SHIFT_VOLUME_SZ (128UL << 20)
#define SHIFT_OBJ_MAX	(1UL << 20)

struct shift {
	uint64_t from;	 /* bytes of the objects that fill the groove */
	uint64_t to;	 /* of those that come then */
	uint64_t one_in; /* of the first so many stay: 2, or 64 */
	double share;	 /* of what the freed slots have room for, one by one, at least */
};

/* Most objects of a class that a slot of another gives, by a search through all that its superblocks may lie in. */
static uint64_t
most_in(uint64_t szc, uint64_t host, uint64_t depth)
{
	uint64_t most = may_lie_in(szc, host) ? slots_in(szc, host) : 0;

	for (uint64_t between = szc + 1; depth > 0 && between < host; between++)
		if (may_lie_in(between, host))
			most = RTE_MAX(most, slots_in(between, host) * most_in(szc, between, depth - 1));
	return most;
}

static uint64_t
fill(struct fixture *fix, void **objs, uint64_t sz)
{
	uint64_t cnt = 0;
	int err = GROOVE_SUCCESS;

	while (cnt < SHIFT_OBJ_MAX && (objs[cnt] = groove_data_alloc(&fix->data, 0, sz, sz, &err)) != NULL)
		cnt++;
	return err == GROOVE_ERR_FULL ? cnt : 0;
}

static uint64_t
draw(uint64_t *rng, uint64_t below)
{
	*rng = *rng * 6364136223846793005UL + 1442695040888963407UL;
	return (*rng >> 33) % below;
}

/* Free at random, in any order, all but one in so many. Returns how many are left, in front. */
static uint64_t
thin(struct fixture *fix, void **objs, uint64_t cnt, uint64_t one_in)
{
	uint64_t left = 0;
	uint64_t rng = 1;

	for (uint64_t i = cnt; i-- > 0;) {
		const uint64_t other = draw(&rng, i + 1);
		void *obj = objs[i];

		objs[i] = objs[other];
		objs[other] = obj;
	}
	for (uint64_t i = 0; i < cnt; i++)
		if (draw(&rng, one_in) == 0)
			objs[left++] = objs[i];
		else if (groove_data_free(&fix->data, objs[i]) != GROOVE_SUCCESS)
			return 0;
	return left;
}

/* The objects that are live by a walk. */
static int
count_visit(void *arg, void *obj)
{
	(void)obj;
	++*(uint64_t *)arg;
	return 0;
}

static int
check_live(struct fixture *fix, uint64_t expected)
{
	uint64_t cnt = 0;

	TEST_ASSERT_SUCCESS(groove_data_flush(&fix->data), "flush");
	TEST_ASSERT_SUCCESS(groove_data_verify(&fix->data), "verify");
	TEST_ASSERT_SUCCESS(groove_data_walk(&fix->data, NULL, count_visit, &cnt), "walk");
	TEST_ASSERT_EQUAL(cnt, expected, "live objects");
	return TEST_SUCCESS;
}

/* The headers alone tell what lies where. */
static int
rebuild(struct fixture *fix)
{
	TEST_ASSERT(groove_data_leave(&fix->data) != NULL, "leave");
	TEST_ASSERT_SUCCESS(groove_data_rebuild(fix->shmem, &fix->cfg, fix->volume0, NULL, NULL, NULL), "rebuild");
	return fixture_join(fix, &fix->data, 0);
}

static int
test_shift_one(const struct shift *shift, void **objs)
{
	const uint64_t from = expect_szc(shift->from);
	const uint64_t to = expect_szc(shift->to);
	struct fixture fix;
	uint64_t all;
	uint64_t left;
	uint64_t came;

	TEST_CALL(fixture_make(&fix, SHIFT_VOLUME_SZ, 1));
	TEST_CALL(fixture_add(&fix, 0, 1));
	all = fill(&fix, objs, shift->from);
	left = thin(&fix, objs, all, shift->one_in);
	TEST_ASSERT(left > 0 && left < all, "%lu of %lu objects of %lu bytes left", left, all, shift->from);
	for (uint64_t i = 0; i < left; i++)
		object_fill(objs[i], i);
	came = fill(&fix, objs + left, shift->to);
	for (uint64_t i = left; i < left + came; i++)
		object_fill(objs[i], i);
	for (uint64_t i = 0; i < left + came; i++)
		TEST_ASSERT(object_intact(objs[i], i), "object %lu", i);

	const uint64_t room = (footprint_of(from) - EXPECT_FRONT - EXPECT_BACK) / footprint_of(to);
	const double share = (double)came / (double)((all - left) * room);

	TEST_ASSERT(share >= shift->share,
		"%lu to %lu bytes, 1 in %lu left: %lu objects for %lu freed, %.3f of %lu each", shift->from, shift->to,
		shift->one_in, came, all - left, share, room);
	/* Red zones make other classes of these sizes: some that go to the next larger one. */
	TEST_ASSERT(GROOVE_DEBUG_CHECKS || shift->share > 1 || most_in(to, from, 2) >= (uint64_t)(shift->share * room),
		"%lu to %lu bytes", shift->from, shift->to);
	TEST_CALL(check_live(&fix, left + came));
	TEST_CALL(rebuild(&fix));
	TEST_CALL(check_live(&fix, left + came));
	TEST_CALL(objects_free(&fix.data, objs, left + came));
	return fixture_end(&fix);
}

/* ---- what cannot be is found ---- */

static int
expect_damage(struct fixture *fix, const char *what)
{
	test_log_begin();

	const int found = groove_data_verify(&fix->data);
	const unsigned int lines = test_log_lines();

	test_log_end();
	TEST_ASSERT_EQUAL(found, GROOVE_ERR_CORRUPT, "%s", what);
	TEST_ASSERT(lines > 0, "%s: no log line", what);
	return TEST_SUCCESS;
}

/* A superblock in a slot of a class that is not its parent, with damage of each kind. */
static int
test_damage(void **objs)
{
	const uint64_t host = expect_szc(64000);
	const uint64_t szc = expect_szc(1900);
	const uint64_t stranger = expect_szc(50000); /* of which one fits there */
	struct fixture fix;
	uint64_t left;
	void *obj;

	TEST_CALL(fixture_make(&fix, VOLUME_SZ_MIN, 1));
	TEST_CALL(fixture_add(&fix, 0, 1));
	left = thin(&fix, objs, fill(&fix, objs, 64000), 2);
	obj = groove_data_alloc(&fix.data, 0, 1900, 0, NULL);
	TEST_ASSERT(left > 0 && obj != NULL, "the scene");

	groove_data_hdr_t *hdr = groove_data_superblock_hdr(obj, szc, hdr_idx(groove_data_alloc_hdr(obj).bits));
	uint32_t *id = entry_id(&fix.data, sb_entry(&fix.data, szc, addr_off(&fix.data, hdr) / 512));
	const uint64_t bits = hdr->bits;

	TEST_ASSERT(hdr_szc(bits) == host && host != groove_data_szc_cfg[szc].parent_szc, "header %#lx", bits);
	TEST_ASSERT_EQUAL(sb_id_cnt(*id), slots_in(szc, host), "slots");
	TEST_CALL(check_live(&fix, left + 1));
	hdr->bits = hdr_superblock(szc, host + 1, hdr_idx(bits));
	TEST_CALL(expect_damage(&fix, "another host"));
	hdr->bits = hdr_superblock(szc, host, hdr_idx(bits) ^ 1);
	TEST_CALL(expect_damage(&fix, "another slot of its host"));
	TEST_ASSERT(!may_lie_in(stranger, host), "class %lu in %lu", stranger, host);
	hdr->bits = hdr_superblock(stranger, host, hdr_idx(bits));
	TEST_CALL(expect_damage(&fix, "a class that may not lie there"));
	hdr->bits = bits;
	--*id;
	TEST_CALL(expect_damage(&fix, "a slot less"));
	++*id;
	/* It stays where it is as long as its header names no place where it can be. */
	hdr->bits = hdr_superblock(szc, host + 1, hdr_idx(bits));
	test_log_begin();
	TEST_ASSERT_SUCCESS(groove_data_free(&fix.data, obj), "free");
	TEST_ASSERT_SUCCESS(groove_data_flush(&fix.data), "flush");
	TEST_ASSERT_SUCCESS(groove_data_trim(&fix.data), "trim");

	const unsigned int lines = test_log_lines();

	test_log_end();
	TEST_ASSERT(lines > 0, "no log line");
	hdr->bits = bits;
	TEST_CALL(check_live(&fix, left));
	TEST_CALL(objects_free(&fix.data, objs, left));
	return fixture_end(&fix);
}

static int
test_shift(void)
{
	static const struct shift shifts[] = {
		{16000, 1900, 2, .90}, {64000, 1900, 2, .90}, {64000, 16000, 2, .90}, {250000, 64000, 2, .90},
		{1000000, 250000, 2, .90}, {64000, 64, 2, .90}, {1000000, 64, 2, .90}, {250000, 4000, 2, .90},
		{5000000, 100000, 2, .90}, {16000, 1900, 64, .90}, {64000, 1900, 64, .90}, {250000, 64000, 64, .90},
		{64000, 16000, 64, 1.15}, /* what is empty is larger in one piece */
	};
	void **objs = calloc(SHIFT_OBJ_MAX, sizeof(*objs));
	int result = objs != NULL ? TEST_SUCCESS : TEST_FAILED;

	for (size_t i = 0; result == TEST_SUCCESS && i < sizeof(shifts) / sizeof(shifts[0]); i++)
		result = test_shift_one(&shifts[i], objs);
	if (result == TEST_SUCCESS)
		result = test_damage(objs);
	free(objs);
	return result;
}

static int
test_hosts(void)
{
	TEST_CALL(test_table());
	TEST_CALL(test_shift());
	TEST_CALL(test_forged());
	for (uint64_t sz = VOLUME_SZ_MIN; sz <= GROOVE_VOLUME_FOOTPRINT_MAX; sz *= 2)
		TEST_CALL(test_ids(sz));
	return TEST_SUCCESS;
}

GROOVE_TEST(hosts_autotest, fast, test_hosts);
