/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * What a join keeps cached: how much, that it is recognised for what it is, and that it comes back.
 */

#include <geometry.h>
#include <stdlib.h>

#include "fixture.h"

#define VOLUME_CNT 24UL
#define OBJ_CNT	   2000UL
#define SZ	   100UL
#define OTHER_SZ   1000UL
#define CACHED_MAX 65536UL /* largest slot that is cached, by the design */

static void *objs[OBJ_CNT];

/* Free slots of the class of a size that joins have cached. */
static uint64_t
cached(const groove_data_t *data, uint64_t sz)
{
	groove_data_stats_t stats;

	if (groove_data_stats(data, &stats) != GROOVE_SUCCESS)
		return UINT64_MAX;
	return stats.szc[expect_szc(sz)].cached_cnt;
}

static uint64_t
cached_total(const groove_data_t *data)
{
	groove_data_stats_t stats;

	return groove_data_stats(data, &stats) == GROOVE_SUCCESS ? stats.total.cached_cnt : UINT64_MAX;
}

/* ---- how much ---- */

/* Bursts: all of them are allocated, then all are freed. */
static int
bursts(groove_data_t *data, uint64_t sz, uint64_t n, unsigned int cnt)
{
	while (cnt-- > 0) {
		TEST_CALL(objects_alloc(data, objs, sz, n));
		TEST_CALL(objects_free(data, objs, n));
	}
	return TEST_SUCCESS;
}

/* At most 512 slots and 4 MiB in each class, at most join_bytes in all, none above 64 KiB. */
static int
test_bounds(struct fixture *fix, uint64_t join_bytes)
{
	groove_data_stats_t stats;
	uint64_t bytes = 0;

	for (uint64_t szc = 0; szc < GROOVE_DATA_SZC_SLICE; szc++) {
		const uint64_t footprint = groove_data_szc_cfg[szc].obj_footprint;
		const uint64_t sz = expect_szc_room(szc);

		if (footprint > 4 * CACHED_MAX)
			break;
		TEST_CALL(bursts(&fix->data, sz, footprint > CACHED_MAX ? 2 : 700, 12));

		const uint64_t slots = cached(&fix->data, sz);
		const uint64_t held = slots * footprint;

		TEST_ASSERT(slots <= 512, "class %lu: %lu slots", szc, slots);
		TEST_ASSERT(held <= (footprint > CACHED_MAX ? 0 : 4UL << 20), "class %lu: %lu bytes", szc, held);
	}
	TEST_ASSERT_SUCCESS(groove_data_stats(&fix->data, &stats), "stats");
	for (uint64_t szc = 0; szc < GROOVE_DATA_SZC_CNT; szc++)
		bytes += stats.szc[szc].cached_cnt * groove_data_szc_cfg[szc].obj_footprint;
	TEST_ASSERT(bytes > 0, "something is cached");
	TEST_ASSERT(bytes <= join_bytes, "%lu bytes in all, %lu at most", bytes, join_bytes);
	TEST_ASSERT_SUCCESS(groove_data_verify(&fix->data), "verify");
	TEST_ASSERT_SUCCESS(groove_data_flush(&fix->data), "flush");
	TEST_ASSERT_EQUAL(cached_total(&fix->data), 0, "cached after flush");
	return TEST_SUCCESS;
}

/* The limits are settings; 0 turns caching off; bad ones change nothing. */
static int
test_limits(struct fixture *fix)
{
	TEST_CALL(objects_alloc(&fix->data, objs, SZ, OBJ_CNT));
	TEST_CALL(objects_free(&fix->data, objs, OBJ_CNT));
	TEST_ASSERT(cached(&fix->data, SZ) > 0, "cached by default");

	test_log_begin();
	const int class_err = groove_data_cache_limit(&fix->data, GROOVE_DATA_CACHE_SZC_BYTES + 1, 0);
	const int join_err = groove_data_cache_limit(&fix->data, 0, GROOVE_DATA_CACHE_JOIN_BYTES + 1);
	const unsigned int lines = test_log_lines();
	test_log_end();
	TEST_ASSERT_EQUAL(class_err, GROOVE_ERR_INVAL, "too much a class");
	TEST_ASSERT_EQUAL(join_err, GROOVE_ERR_INVAL, "too much a join");
	TEST_ASSERT_EQUAL(lines, 2, "log lines");
	TEST_ASSERT(cached(&fix->data, SZ) > 0, "still cached");

	TEST_ASSERT_SUCCESS(groove_data_cache_limit(&fix->data, 1024, GROOVE_DATA_CACHE_JOIN_BYTES), "1 KiB a class");
	TEST_ASSERT_EQUAL(cached_total(&fix->data), 0, "a new limit flushes");
	TEST_CALL(objects_alloc(&fix->data, objs, SZ, OBJ_CNT));
	TEST_CALL(objects_free(&fix->data, objs, OBJ_CNT));
	TEST_ASSERT(cached(&fix->data, SZ) <= 8, "%lu slots of 128 bytes", cached(&fix->data, SZ));

	TEST_ASSERT_SUCCESS(groove_data_cache_limit(&fix->data, GROOVE_DATA_CACHE_SZC_BYTES, 0), "no bytes");
	TEST_CALL(objects_alloc(&fix->data, objs, SZ, OBJ_CNT));
	TEST_CALL(objects_free(&fix->data, objs, OBJ_CNT));
	TEST_ASSERT_EQUAL(cached_total(&fix->data), 0, "caching is off");
	return groove_data_cache_limit(&fix->data, GROOVE_DATA_CACHE_SZC_BYTES, GROOVE_DATA_CACHE_JOIN_BYTES);
}

/* Slots of the class of a size that a join has claimed and not put back, as objects or cached. */
static uint64_t
slots_of(const groove_data_t *data, uint64_t sz)
{
	return data->record->slot_cnt[expect_szc(sz)];
}

/*
 * What comes and goes in bursts of up to 384 stays in the cache, after a few of them: no call moves a slot. In a build
 * with debug_checks half of what is cached is in quarantine.
 */
static int
test_bursts(struct fixture *fix)
{
	static const uint64_t sizes[] = {8, SZ, OTHER_SZ, 2000};
	const uint64_t burst = GROOVE_DEBUG_CHECKS ? 128 : 384;

	for (unsigned int i = 0; i < 4; i++) {
		TEST_CALL(bursts(&fix->data, sizes[i], burst, 10));

		const uint64_t before = slots_of(&fix->data, sizes[i]);

		for (uint64_t n = 0; n < burst; n++) {
			TEST_CALL(objects_alloc(&fix->data, &objs[n], sizes[i], 1));
			TEST_ASSERT_EQUAL(slots_of(&fix->data, sizes[i]), before, "alloc %lu moves slots", n);
		}
		for (uint64_t n = 0; n < burst; n++) {
			TEST_CALL(objects_free(&fix->data, &objs[n], 1));
			TEST_ASSERT_EQUAL(slots_of(&fix->data, sizes[i]), before, "free %lu moves slots", n);
		}
	}
	return groove_data_flush(&fix->data);
}

/* Memory that is only filled, and memory that is only emptied, as between two lcores: no more than is usual. */
static int
test_one_way(struct fixture *fix)
{
	groove_data_t other;

	TEST_CALL(fixture_join(fix, &other, 7));
	for (unsigned int i = 0; i < 3; i++) {
		TEST_CALL(objects_alloc(&fix->data, objs, SZ, OBJ_CNT));
		TEST_ASSERT(cached(&fix->data, SZ) <= 64 + GROOVE_DEBUG_CHECKS * 32, "%lu slots after allocs",
			cached(&fix->data, SZ));
		TEST_ASSERT_SUCCESS(groove_data_flush(&fix->data), "flush");
		TEST_CALL(objects_free(&other, objs, OBJ_CNT));
		TEST_ASSERT(cached(&fix->data, SZ) <= 64 + GROOVE_DEBUG_CHECKS * 32, "%lu slots after frees",
			cached(&fix->data, SZ));
		TEST_ASSERT_SUCCESS(groove_data_flush(&fix->data), "flush");
	}
	/* A single call caches no more than it needs. */
	TEST_ASSERT_SUCCESS(groove_data_flush(&other), "flush of the other");
	TEST_CALL(objects_alloc(&other, objs, SZ, 1));
	TEST_ASSERT_EQUAL(cached(&fix->data, SZ), 0, "cached after the first alloc");
	TEST_CALL(objects_free(&other, objs, 1));
	TEST_ASSERT_EQUAL(cached(&fix->data, SZ), 1, "cached after the first free");
	TEST_ASSERT_EQUAL(groove_data_leave(&other), &other, "leave");
	return TEST_SUCCESS;
}

/* The bytes of a join go to the class that has bursts now: one that is idle gives them back. */
static int
test_given_on(struct fixture *fix)
{
	TEST_ASSERT_SUCCESS(groove_data_cache_limit(&fix->data, GROOVE_DATA_CACHE_SZC_BYTES, 512UL * 128), "limit");
	for (unsigned int i = 0; i < 4; i++) {
		TEST_CALL(bursts(&fix->data, SZ, 512, 40));
		TEST_ASSERT(cached(&fix->data, SZ) >= 256 / (1 + GROOVE_DEBUG_CHECKS), "%lu slots of %lu bytes",
			cached(&fix->data, SZ), SZ);
		TEST_CALL(bursts(&fix->data, OTHER_SZ, 64, 400));
		TEST_ASSERT(cached(&fix->data, OTHER_SZ) >= 32 / (1 + GROOVE_DEBUG_CHECKS), "%lu slots of %lu",
			cached(&fix->data, OTHER_SZ), OTHER_SZ);
	}
	return groove_data_cache_limit(&fix->data, GROOVE_DATA_CACHE_SZC_BYTES, GROOVE_DATA_CACHE_JOIN_BYTES);
}

/* ---- recognised ---- */

/* Verify asks whether the owner of a cached slot is there: one that has not joined, and one that never can. */
static int
test_owner(struct fixture *fix, groove_data_hdr_t *hdr)
{
	const uint64_t kept = hdr->bits;

	for (uint64_t owner = 2; owner < 1024; owner += 1021) {
		hdr->bits = (kept & ~(0x3ffUL << 29)) | owner << 29;
		test_log_begin();
		const int err = groove_data_verify(&fix->data);
		test_log_end();
		TEST_ASSERT_EQUAL(err, GROOVE_ERR_CORRUPT, "cached by join %lu", owner);
	}
	hdr->bits = kept;
	return TEST_SUCCESS;
}

/*
 * What a join caches is known by its header. It comes back to the next that wants one, as an object; not from
 * quarantine, though, which is what a build with debug_checks has for it.
 */
static int
test_recognised(struct fixture *fix, groove_data_t *other)
{
	TEST_CALL(objects_alloc(&fix->data, objs, SZ, 10));
	TEST_CALL(objects_free(other, objs, 10));
	TEST_ASSERT_SUCCESS(groove_data_verify(&fix->data), "verify with cached slots");
	TEST_CALL(test_owner(fix, groove_data_object_hdr(objs[9])));

	void *again = groove_data_alloc(other, 0, SZ, 77, NULL);

	TEST_ASSERT_EQUAL(again == objs[9], !GROOVE_DEBUG_CHECKS, "last in, first out");
	TEST_ASSERT_EQUAL(groove_data_alloc_tag(again), 77, "tag");
	TEST_ASSERT_SUCCESS(groove_data_free(other, again), "free");
	return TEST_SUCCESS;
}

/* The entry of the superblock of a live object. */
static struct groove_sb *
entry_of(const struct fixture *fix, void *obj)
{
	const groove_data_hdr_t hdr = groove_data_alloc_hdr(obj);
	const uint64_t szc = groove_data_hdr_szc(hdr);
	const groove_data_hdr_t *superblock = groove_data_superblock_hdr(obj, szc, groove_data_hdr_idx(hdr));

	return sb_entry(&fix->data, szc, addr_off(&fix->data, superblock) / GROOVE_BLOCK_FOOTPRINT);
}

/* Slots cached whose superblock was damaged meanwhile: no bit is set in what may be another's. */
static int
test_damaged(struct fixture *fix)
{
	struct groove_sb *sb;
	uint64_t kept_word;
	uint32_t kept_id;

	TEST_CALL(objects_alloc(&fix->data, objs, SZ, 10));
	sb = entry_of(fix, objs[9]);
	TEST_CALL(objects_free(&fix->data, objs, 10));
	kept_word = sb->word;
	kept_id = *entry_id(&fix->data, sb);
	for (unsigned int bit = 0; bit < 32; bit++) {
		*entry_id(&fix->data, sb) = kept_id ^ 1U << bit;
		test_log_begin();
		TEST_ASSERT_SUCCESS(groove_data_flush(&fix->data), "flush");
		test_log_end();
		/* With another count of slots it is the same superblock. */
		if (bit >= SB_ID_BLOCK_SHIFT)
			TEST_ASSERT_EQUAL(sb->word, kept_word, "word with bit %u of the id flipped", bit);
		*entry_id(&fix->data, sb) = kept_id;
		/* What is not put back is lost until recovery. */
		TEST_ASSERT_SUCCESS(groove_data_recover(&fix->data, NULL, NULL), "recover");
		TEST_ASSERT_SUCCESS(groove_data_verify(&fix->data), "verify");
		TEST_CALL(objects_alloc(&fix->data, objs, SZ, 10));
		sb = entry_of(fix, objs[9]);
		TEST_CALL(objects_free(&fix->data, objs, 10));
		kept_word = sb->word;
		kept_id = *entry_id(&fix->data, sb);
	}
	return groove_data_flush(&fix->data);
}

/* ---- comes back ---- */

/* Leave gives everything back. */
static int
test_leave(struct fixture *fix)
{
	groove_data_t join;

	TEST_CALL(fixture_join(fix, &join, 3));
	TEST_CALL(objects_alloc(&join, objs, SZ, OBJ_CNT));
	TEST_CALL(objects_free(&join, objs, OBJ_CNT));
	TEST_ASSERT_SUCCESS(groove_data_flush(&fix->data), "flush of the other");
	TEST_ASSERT(cached_total(&fix->data) > 0, "the join has something cached");
	TEST_ASSERT_EQUAL(groove_data_leave(&join), &join, "leave");
	TEST_ASSERT_EQUAL(cached_total(&fix->data), 0, "cached after leave");
	return TEST_SUCCESS;
}

/* A class that is not used any more gives its slots back while others are. */
static int
test_idle_class(struct fixture *fix)
{
	TEST_CALL(objects_alloc(&fix->data, objs, OTHER_SZ, 100));
	TEST_CALL(objects_free(&fix->data, objs, 100));
	TEST_ASSERT(cached(&fix->data, OTHER_SZ) > 0, "the class is cached");
	for (unsigned int i = 0; i < 20; i++) {
		TEST_CALL(objects_alloc(&fix->data, objs, SZ, OBJ_CNT));
		TEST_CALL(objects_free(&fix->data, objs, OBJ_CNT));
	}
	TEST_ASSERT_EQUAL(cached(&fix->data, OTHER_SZ), 0, "the idle class");
	return groove_data_flush(&fix->data);
}

/* A class that is used now and then keeps what it has cached, however much is done in another. */
static int
test_used_class(struct fixture *fix)
{
	uint64_t kept;

	TEST_CALL(objects_alloc(&fix->data, objs, OTHER_SZ, 100));
	TEST_CALL(objects_free(&fix->data, objs, 100));
	kept = cached(&fix->data, OTHER_SZ);
	TEST_ASSERT(kept > 0, "the class is cached");
	for (unsigned int i = 0; i < 20; i++) {
		TEST_CALL(objects_alloc(&fix->data, objs, OTHER_SZ, 1));
		TEST_CALL(objects_free(&fix->data, objs, 1));
		TEST_CALL(objects_alloc(&fix->data, objs, SZ, OBJ_CNT));
		TEST_CALL(objects_free(&fix->data, objs, OBJ_CNT));
	}
	TEST_ASSERT_EQUAL(cached(&fix->data, OTHER_SZ), kept, "the class in use");
	return groove_data_flush(&fix->data);
}

/* Alloc gives its join's cache back before it says FULL. */
static int
test_full(struct fixture *fix)
{
	struct fixture small = {.shmem = NULL};
	uint64_t cnt = 0;
	void *obj;

	(void)fix;
	TEST_CALL(fixture_make(&small, VOLUME_SZ_MIN, 1));
	TEST_CALL(fixture_add(&small, 0, 1));
	TEST_CALL(objects_alloc(&small.data, objs, SZ, OBJ_CNT));
	TEST_CALL(objects_free(&small.data, objs, OBJ_CNT));
	TEST_ASSERT(cached_total(&small.data) > 0, "something is cached");
	/* This class needs the whole volume. */
	obj = groove_data_alloc(&small.data, 0, 10UL << 20, 0, NULL);
	TEST_ASSERT_NOT_NULL(obj, "an object of 10 MiB");
	for (; cnt < OBJ_CNT; cnt++)
		if (groove_data_alloc(&small.data, 0, 10UL << 20, 0, NULL) == NULL)
			break;
	TEST_ASSERT_EQUAL(cnt, 2, "three of them fit");
	fixture_unmap(&small);
	return TEST_SUCCESS;
}

/* ---- death ---- */

static int
die_with_cache(void *arg)
{
	struct fixture *fix = arg;
	groove_data_t join;

	TEST_CALL(fixture_join(fix, &join, 5));
	TEST_CALL(objects_alloc(&join, objs, SZ, OBJ_CNT));
	TEST_CALL(objects_free(&join, objs, OBJ_CNT - 1));
	return TEST_SUCCESS; /* the process ends here, without leaving */
}

static int
is_not_own(void *arg, uint64_t join_idx)
{
	const uint64_t *own = arg;

	return join_idx != own[0] && join_idx != own[1];
}

/* What a dead join had cached comes back; what living ones have stays with them. */
static int
test_death(struct fixture *fix, groove_data_t *other)
{
	uint64_t own[] = {groove_data_join_idx(&fix->data), groove_data_join_idx(other)};
	groove_data_stats_t stats;

	TEST_CALL(objects_alloc(other, objs, OTHER_SZ, 50));
	TEST_CALL(objects_free(other, objs, 50));

	const uint64_t kept = cached_total(&fix->data);

	TEST_ASSERT(kept > 0, "the living one has something cached");
	TEST_CALL(test_child_run(die_with_cache, fix));
	TEST_ASSERT(cached_total(&fix->data) > kept, "the dead one has, too");
	TEST_ASSERT_SUCCESS(groove_data_recover(&fix->data, is_not_own, own), "recover");
	TEST_ASSERT_SUCCESS(groove_data_verify(&fix->data), "verify");
	TEST_ASSERT_EQUAL(cached_total(&fix->data), kept, "cached after recovery");
	TEST_ASSERT_SUCCESS(groove_data_stats(&fix->data, &stats), "stats");
	TEST_ASSERT_EQUAL(stats.total.obj_cnt, 1, "the object that was handed out");
	TEST_ASSERT_EQUAL(stats.join_cnt, 2, "joins");
	return TEST_SUCCESS;
}

static int
free_it(void *arg, void *obj)
{
	return groove_data_free(arg, obj);
}

static int
test_cache(void)
{
	struct fixture fix = {.shmem = NULL};
	groove_data_t other;

	TEST_CALL(fixture_make(&fix, VOLUME_SZ_MIN, VOLUME_CNT));
	TEST_CALL(fixture_add(&fix, 0, VOLUME_CNT));
	TEST_CALL(test_bounds(&fix, 8UL << 20));
	TEST_ASSERT_SUCCESS(groove_data_cache_limit(&fix.data, GROOVE_DATA_CACHE_SZC_BYTES, 1UL << 20), "1 MiB in all");
	TEST_CALL(test_bounds(&fix, 1UL << 20));
	TEST_ASSERT_SUCCESS(
		groove_data_cache_limit(&fix.data, GROOVE_DATA_CACHE_SZC_BYTES, GROOVE_DATA_CACHE_JOIN_BYTES),
		"as by default");
	TEST_CALL(test_limits(&fix));
	TEST_CALL(test_bursts(&fix));
	TEST_CALL(test_one_way(&fix));
	TEST_CALL(test_given_on(&fix));
	TEST_CALL(test_damaged(&fix));
	TEST_CALL(test_leave(&fix));
	TEST_CALL(test_idle_class(&fix));
	TEST_CALL(test_used_class(&fix));
	TEST_CALL(test_full(&fix));
	TEST_CALL(fixture_join(&fix, &other, 1));
	TEST_CALL(test_recognised(&fix, &other));
	TEST_CALL(test_death(&fix, &other));
	TEST_ASSERT_SUCCESS(groove_data_walk(&fix.data, NULL, free_it, &fix.data), "free the rest");
	TEST_ASSERT_EQUAL(groove_data_leave(&other), &other, "leave");
	return fixture_end(&fix);
}

GROOVE_TEST(cache_autotest, fast, test_cache);
