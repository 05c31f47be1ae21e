/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * A groove is filled until it says FULL, and emptied: nothing is stranded. The memory serves any other size then, and
 * all volumes can be removed.
 */

#include <stdlib.h>

#include "fixture.h"

#define JOIN_CNT 3
#define MIB	 (1UL << 20)

/* Share of the volumes that holds bytes asked for when they are full, at least. */
#define SHARE_100    0.73
#define SHARE_1M     0.9
#define SHARE_10M    0.92
#define SHARE_PACKET 0.84
#define SHARE_LOG    0.4

/* Live objects as a chain through their first bytes, so that they need no table however many there are. */
struct chain {
	void **first;
	uint64_t cnt;
	uint64_t slot_bytes;
	uint64_t sz; /* asked for */
};

struct run {
	struct fixture fix;
	groove_data_t joins[JOIN_CNT];
	uint64_t seed;
};

/* How the sizes of a fill are chosen; the result has room for the link of the chain. */
typedef uint64_t (*size_fn)(uint64_t *seed);

static uint64_t
size_100(uint64_t *seed)
{
	(void)seed;
	return 100;
}

static uint64_t
size_400k(uint64_t *seed)
{
	(void)seed;
	return 400UL << 10;
}

static uint64_t
size_1m(uint64_t *seed)
{
	(void)seed;
	return MIB;
}

static uint64_t
size_10m(uint64_t *seed)
{
	(void)seed;
	return 10 * MIB;
}

/* Each power of two up to 10 MiB as often as any other. */
static uint64_t
size_log(uint64_t *seed)
{
	return 8 + (test_rand(seed) % (10 * MIB) >> test_rand(seed) % 21);
}

/* Packets: small, middle and full ones as 58:33:9. */
static uint64_t
size_packet(uint64_t *seed)
{
	const uint64_t dice = test_rand(seed) % 100;

	if (dice < 58)
		return 64 + test_rand(seed) % 61;
	return dice < 91 ? 576 + test_rand(seed) % 41 : 1500;
}

/* Allocate from the joins in turn until FULL. */
static int
fill(struct run *run, size_fn size, struct chain *chain)
{
	for (uint64_t turn = 0;; turn++) {
		const uint64_t sz = size(&run->seed);
		int err;
		void **obj = groove_data_alloc(&run->joins[turn % JOIN_CNT], 0, sz, chain->cnt, &err);

		if (obj == NULL) {
			TEST_ASSERT_EQUAL(err, GROOVE_ERR_FULL, "alloc of %lu bytes", sz);
			return TEST_SUCCESS;
		}
		TEST_ASSERT_EQUAL(groove_data_alloc_sz(obj), sz, "size");

		const struct span slot = object_span(obj);

		*obj = (void *)chain->first;
		chain->first = obj;
		chain->cnt++;
		chain->slot_bytes += slot.stop - slot.start;
		chain->sz += sz;
	}
}

/* Free the chain from the joins in turn: not the ones that allocated. Tags count down, so nobody wrote into an object.
 */
static int
drain(struct run *run, struct chain *chain)
{
	while (chain->first != NULL) {
		void **obj = chain->first;

		chain->first = *obj;
		chain->cnt--;
		TEST_ASSERT_EQUAL(groove_data_alloc_tag(obj), chain->cnt, "tag");
		TEST_ASSERT_SUCCESS(groove_data_free(&run->joins[(chain->cnt + 1) % JOIN_CNT], obj), "free");
	}
	TEST_ASSERT_EQUAL(chain->cnt, 0, "objects in the chain");
	return TEST_SUCCESS;
}

/* Fill, check that bytes asked for are a fair share of the volumes, drain. */
static int
fill_and_drain(struct run *run, size_fn size, double share_min)
{
	const uint64_t sz = run->fix.volumes_sz;
	struct chain chain = {0};
	groove_data_stats_t stats;

	TEST_CALL(fill(run, size, &chain));
	/* Red zones take as much as small objects do. */
	TEST_ASSERT((double)chain.sz >= (GROOVE_DEBUG_CHECKS ? share_min / 2 : share_min) * (double)sz,
		"full with %lu objects of %lu bytes in %lu", chain.cnt, chain.sz, sz);
	TEST_ASSERT_SUCCESS(groove_data_verify(&run->fix.data), "verify when full");
	TEST_ASSERT_SUCCESS(groove_data_stats(&run->fix.data, &stats), "stats");
	TEST_ASSERT_EQUAL(stats.total.obj_cnt, chain.cnt, "live objects");
	TEST_ASSERT_EQUAL(stats.total.slot_bytes, chain.slot_bytes, "bytes in slots");
	TEST_CALL(drain(run, &chain));
	TEST_ASSERT_SUCCESS(groove_data_verify(&run->fix.data), "verify when drained");
	/* What one join has cached keeps a superblock of that size in being, and with it a slice. */
	for (unsigned int i = 0; i < JOIN_CNT; i++)
		TEST_ASSERT_SUCCESS(groove_data_flush(&run->joins[i]), "flush");
	return TEST_SUCCESS;
}

static int
run_begin(struct run *run, uint64_t volume_sz, uint64_t volume_cnt)
{
	static const uint64_t hints[JOIN_CNT] = {0, 1, 77};

	run->seed = volume_sz + volume_cnt;
	TEST_CALL(fixture_make(&run->fix, volume_sz, volume_cnt));
	TEST_CALL(fixture_add(&run->fix, 0, volume_cnt));
	for (unsigned int i = 0; i < JOIN_CNT; i++)
		TEST_CALL(fixture_join(&run->fix, &run->joins[i], hints[i]));
	return TEST_SUCCESS;
}

/* Some joins leave, others only flush: the volumes can be removed all the same. */
static int
run_end(struct run *run)
{
	groove_data_stats_t stats;

	TEST_ASSERT_EQUAL(groove_data_leave(&run->joins[0]), &run->joins[0], "leave");
	for (unsigned int i = 1; i < JOIN_CNT; i++)
		TEST_ASSERT_SUCCESS(groove_data_flush(&run->joins[i]), "flush");
	TEST_ASSERT_SUCCESS(groove_data_stats(&run->fix.data, &stats), "stats");
	TEST_CALL(fixture_remove_all(&run->fix, stats.volume_cnt));
	TEST_ASSERT_SUCCESS(groove_data_verify(&run->fix.data), "verify");
	for (unsigned int i = 1; i < JOIN_CNT; i++)
		TEST_ASSERT_EQUAL(groove_data_leave(&run->joins[i]), &run->joins[i], "leave");
	return fixture_end(&run->fix);
}

/*
 * Memory that was full of one size serves every other, each time all of it. 100 bytes take a slot of 128: 0.78 of what
 * is in slots.
 */
static int
test_sizes_in_turn(uint64_t volume_sz, uint64_t volume_cnt)
{
	struct run run;

	TEST_CALL(run_begin(&run, volume_sz, volume_cnt));
	TEST_CALL(fill_and_drain(&run, size_100, SHARE_100));
	TEST_CALL(fill_and_drain(&run, size_1m, SHARE_1M));
	TEST_CALL(fill_and_drain(&run, size_100, SHARE_100));
	TEST_CALL(fill_and_drain(&run, size_10m, SHARE_10M));
	TEST_CALL(fill_and_drain(&run, size_1m, SHARE_1M));
	return run_end(&run);
}

/* The same with mixes. The more sizes there are, the more volumes it takes until each has a superblock of its own. */
static int
test_mixes_in_turn(uint64_t volume_sz, uint64_t volume_cnt)
{
	struct run run;

	TEST_CALL(run_begin(&run, volume_sz, volume_cnt));
	TEST_CALL(fill_and_drain(&run, size_packet, SHARE_PACKET));
	TEST_CALL(fill_and_drain(&run, size_1m, SHARE_1M));
	TEST_CALL(fill_and_drain(&run, size_log, SHARE_LOG));
	TEST_CALL(fill_and_drain(&run, size_packet, SHARE_PACKET));
	return run_end(&run);
}

/* A volume size, filled with large objects (few pages are touched) and given back. */
static int
test_volume_size(uint64_t volume_sz)
{
	struct run run;

	TEST_CALL(run_begin(&run, volume_sz, 2));
	TEST_CALL(fill_and_drain(&run, size_1m, SHARE_1M));
	TEST_CALL(fill_and_drain(&run, size_log, 0));
	TEST_CALL(fill_and_drain(&run, size_10m, SHARE_10M));
	return run_end(&run);
}

/* Every other object is freed: the volumes stay until the rest is freed as well. */
static int
test_half(void)
{
	struct chain chain = {0};
	struct chain half = {0};
	struct run run;
	groove_data_stats_t stats;

	TEST_CALL(run_begin(&run, VOLUME_SZ_MIN, 6));
	TEST_CALL(fill(&run, size_packet, &chain));
	for (void **obj = chain.first, **next; obj != NULL; obj = next) {
		next = *obj;
		if (groove_data_alloc_tag(obj) % 2 == 0) {
			TEST_ASSERT_SUCCESS(groove_data_free(&run.joins[0], obj), "free");
			continue;
		}
		*obj = (void *)half.first;
		half.first = obj;
	}
	TEST_ASSERT_NULL(groove_data_volume_remove(&run.fix.data), "removed a volume with live objects");
	TEST_ASSERT_SUCCESS(groove_data_verify(&run.fix.data), "verify");
	TEST_ASSERT_SUCCESS(groove_data_stats(&run.fix.data, &stats), "stats");
	TEST_ASSERT_EQUAL(stats.total.obj_cnt, chain.cnt / 2, "live objects");
	for (void **obj = half.first, **next; obj != NULL; obj = next) {
		next = *obj;
		TEST_ASSERT_SUCCESS(groove_data_free(&run.joins[1], obj), "free");
	}
	return run_end(&run);
}

/*
 * Three objects of 10 MiB fill a volume of 32 MiB, and a fourth takes another. When the three are freed their volume is
 * empty at once: nobody has to trim for it.
 */
static int
test_emptied(void)
{
	struct fixture fix = {.shmem = NULL};
	groove_data_stats_t stats;
	void *objs[4];

	TEST_CALL(fixture_make(&fix, VOLUME_SZ_MIN, 2));
	TEST_CALL(fixture_add(&fix, 0, 2));
	for (unsigned int i = 0; i < 4; i++) {
		objs[i] = groove_data_alloc(&fix.data, 0, 10 * MIB, i, NULL);
		TEST_ASSERT_NOT_NULL(objs[i], "object %u", i);
	}
	for (unsigned int i = 0; i < 3; i++) {
		TEST_ASSERT_SUCCESS(groove_data_stats(&fix.data, &stats), "stats");
		TEST_ASSERT_EQUAL(stats.volume_empty_cnt, 0, "empty volumes with %u objects freed", i);
		TEST_ASSERT_SUCCESS(groove_data_free(&fix.data, objs[i]), "free %u", i);
	}
	TEST_ASSERT_SUCCESS(groove_data_stats(&fix.data, &stats), "stats");
	TEST_ASSERT_EQUAL(stats.volume_empty_cnt, 1, "empty volumes");
	TEST_ASSERT_EQUAL(stats.total.superblock_cnt, 1, "superblocks");
	TEST_ASSERT_SUCCESS(groove_data_free(&fix.data, objs[3]), "free");
	return fixture_end(&fix);
}

static int
free_one(void *arg, void *obj)
{
	return groove_data_free(arg, obj);
}

/* Objects of a size that the groove still takes. */
static int
count_left(struct run *run, size_fn size, uint64_t *cnt)
{
	struct chain chain = {0};

	TEST_CALL(fill(run, size, &chain));
	*cnt = chain.cnt;
	return drain(run, &chain);
}

/*
 * While there are objects of 10 MiB the last places for more of them are kept as long as a smaller object finds a slot
 * elsewhere that is not much too large for it. Nothing is kept when there is none of them.
 */
static int
test_reserve(bool large_are_live)
{
	const uint64_t roomy_sz = 1300UL << 10;
	const uint64_t small_sz = 1100UL << 10;
	struct run run;
	uint64_t roomy_slot;
	uint64_t left;
	void *large = NULL;
	void *roomy;
	void *obj;

	TEST_CALL(run_begin(&run, VOLUME_SZ_MIN, 8));
	if (large_are_live)
		large = groove_data_alloc(&run.joins[0], 0, 10 * MIB, 0, NULL);
	TEST_ASSERT(large != NULL || !large_are_live, "large object");
	/* Its superblock has slots for more, which a small object takes only in need. */
	roomy = groove_data_alloc(&run.joins[0], 0, roomy_sz, 0, NULL);
	TEST_ASSERT_NOT_NULL(roomy, "roomy object");
	roomy_slot = object_span(roomy).stop - object_span(roomy).start;
	do {
		obj = groove_data_alloc(&run.joins[0], 0, small_sz, 0, NULL);
		TEST_ASSERT_NOT_NULL(obj, "small object");
	} while (object_span(obj).stop - object_span(obj).start < roomy_slot);
	TEST_CALL(count_left(&run, size_10m, &left));
	TEST_ASSERT((left > 0) == large_are_live, "%lu places for 10 MiB are left, large objects are live: %d", left,
		large_are_live);
	TEST_ASSERT_SUCCESS(groove_data_walk(&run.fix.data, NULL, free_one, &run.fix.data), "walk");
	return run_end(&run);
}

/* Fill with objects of 10 MiB, free so many of them, and fill with those of 400 KiB. Places for 10 MiB that are left.
 */
static int
kept_for_large(uint64_t freed_cnt, uint64_t *left)
{
	struct chain chain = {0};
	struct run run;

	TEST_CALL(run_begin(&run, VOLUME_SZ_MIN, 8));
	TEST_CALL(fill(&run, size_10m, &chain));
	for (uint64_t i = 0; i < freed_cnt; i++) {
		void **obj = chain.first;

		TEST_ASSERT_NOT_NULL(obj, "%lu large objects", i);
		chain.first = *obj;
		TEST_ASSERT_SUCCESS(groove_data_free(&run.joins[0], obj), "free");
	}
	chain.cnt = 0;
	TEST_CALL(fill(&run, size_400k, &chain));
	TEST_ASSERT(chain.cnt > 0, "no small object");
	TEST_CALL(count_left(&run, size_10m, left));
	TEST_ASSERT_SUCCESS(groove_data_walk(&run.fix.data, NULL, free_one, &run.fix.data), "walk");
	return run_end(&run);
}

/*
 * Large objects that were freed are looked for to come again: for every four that are live a place is left when all
 * else is full, at most an eighth of the 24 that eight volumes have. None when none is live.
 */
static int
test_kept_when_full(void)
{
	uint64_t left;

	TEST_CALL(kept_for_large(8, &left));
	TEST_ASSERT(left > 0 && left <= 24 / 8, "%lu places for 10 MiB are left of 24, 16 in use", left);
	TEST_CALL(kept_for_large(24, &left));
	TEST_ASSERT_EQUAL(left, 0, "places for 10 MiB that are left when there are no such objects");
	return TEST_SUCCESS;
}

static int
test_lifecycle(void)
{
	TEST_CALL(test_kept_when_full());
	TEST_CALL(test_reserve(true));
	TEST_CALL(test_reserve(false));
	TEST_CALL(test_emptied());

	TEST_CALL(test_sizes_in_turn(VOLUME_SZ_MIN, 1));
	TEST_CALL(test_sizes_in_turn(VOLUME_SZ_MIN, 3));
	TEST_CALL(test_mixes_in_turn(VOLUME_SZ_MIN, 12));
	TEST_CALL(test_mixes_in_turn(4 * VOLUME_SZ_MIN, 2));
	for (uint64_t volume_sz = VOLUME_SZ_MIN; volume_sz <= GROOVE_VOLUME_FOOTPRINT_MAX; volume_sz *= 2)
		TEST_CALL(test_volume_size(volume_sz));
	return test_half();
}

GROOVE_TEST(lifecycle_autotest, fast, test_lifecycle);
