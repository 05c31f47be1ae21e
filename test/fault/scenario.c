/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "scenario.h"

#include <string.h>

#include "region_private.h"

#include <counter.h>
#include <shelf.h>

/* Classes that stand for their kind, by what the table of classes says of them. */
#define SZC_IDLE   0UL	 /* 64 bytes; the first that is looked at */
#define SZC_SMALL  1UL	 /* 128 bytes; a refill takes a whole superblock */
#define SZC_512	   7UL	 /* 512 bytes; the same */
#define SZC_MEDIUM 39UL	 /* 8 KiB; a refill takes 3 of 28 */
#define SZC_16K	   47UL	 /* 16 KiB; 4 cached, 14 in a superblock */
#define SZC_LARGE  67UL	 /* 96 KiB, not cached; 6 in a superblock */
#define SZC_2M	   103UL /* looks for slots of larger classes first */
#define SZC_1M	   96UL	 /* 1 MiB */
#define SZC_10M	   121UL /* three fill a volume */

#define OWN   1000UL /* slots of the process */
#define OTHER 3000UL /* of the other join */

/* ---- steps ---- */

static int
put(struct actor *actor, uint64_t slot, uint64_t n, uint64_t szc)
{
	for (uint64_t i = 0; i < n; i++)
		TEST_CALL(actor_alloc(actor, slot + i, 0, szc_sz(szc)));
	return TEST_SUCCESS;
}

static int
take(struct actor *actor, uint64_t slot, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		TEST_CALL(actor_free(actor, slot + i));
	return TEST_SUCCESS;
}

/* Free objects of a class from a slot on until the shelf is full. Returns in *slot which comes next. */
static int
fill_shelf(struct actor *actor, uint64_t szc, uint64_t *slot)
{
	while (actor->join.shelf[szc].top != actor->join.shelf[szc].limit)
		TEST_CALL(actor_free(actor, (*slot)++));
	return TEST_SUCCESS;
}

/* Put objects into slots from one on until there is no room for any of a class or above. */
static int
fill(struct actor *actor, uint64_t slot, uint64_t szc_min)
{
	for (uint64_t szc = SZC_10M + 1; szc-- > szc_min;) {
		do
			TEST_CALL(actor_alloc(actor, slot, 0, szc_sz(szc)));
		while (actor->slots[slot++].off != 0);
	}
	return TEST_SUCCESS;
}

static int
flush(struct actor *actor)
{
	TEST_ASSERT_SUCCESS(groove_data_flush(&actor->join), "flush");
	return TEST_SUCCESS;
}

static int
trim(struct actor *actor)
{
	TEST_ASSERT_SUCCESS(groove_data_trim(&actor->join), "trim");
	return TEST_SUCCESS;
}

/* ---- what comes before ---- */

static int
prepare_at_hand(struct actor *actor)
{
	TEST_CALL(put(actor, OWN, 4, SZC_SMALL));
	return take(actor, OWN, 4);
}

/* Until none is cached: the next has to refill. */
static int
prepare_medium(struct actor *actor)
{
	uint64_t slot = OWN + 30;

	TEST_CALL(put(actor, OWN + 10, 20, SZC_MEDIUM));
	do
		TEST_CALL(actor_alloc(actor, slot++, 0, szc_sz(SZC_MEDIUM)));
	while (actor->join.shelf[SZC_MEDIUM].top[-1] != 0);
	return TEST_SUCCESS;
}

static int
prepare_large_5(struct actor *actor)
{
	return put(actor, OWN, 5, SZC_LARGE);
}

static int
prepare_large_6(struct actor *actor)
{
	return put(actor, OWN, 6, SZC_LARGE);
}

static int
prepare_large_7(struct actor *actor)
{
	return put(actor, OWN, 7, SZC_LARGE);
}

/* Two superblocks: one full, of the other one object. Of the full one all but one go. */
static int
prepare_large_one_left(struct actor *actor)
{
	TEST_CALL(put(actor, OWN, 7, SZC_LARGE));
	return take(actor, OWN + 1, 5);
}

/* The same without that one. */
static int
prepare_large_one_left_free(struct actor *actor)
{
	TEST_CALL(prepare_large_one_left(actor));
	return take(actor, OWN, 1);
}

/* Two superblocks are full, and one of them gets a slot or two back. */
static int
prepare_large_listed(struct actor *actor)
{
	TEST_CALL(put(actor, OWN + 10, 12, SZC_LARGE));
	return take(actor, OWN + 10, 1);
}

static int
prepare_large_listed_two(struct actor *actor)
{
	TEST_CALL(prepare_large_listed(actor));
	return take(actor, OWN + 11, 1);
}

static int
prepare_2m_near(struct actor *actor)
{
	return put(actor, OWN + 10, 1, SZC_2M + 1);
}

/* All but the volume that another is taking out of the groove is full. */
static int
prepare_full_but_retired(struct actor *actor)
{
	return put(actor, OWN + 10, 6, SZC_10M);
}

static int
other_one_16k(struct actor *other)
{
	TEST_ASSERT_SUCCESS(groove_data_cache_limit(&other->join, 0, 0), "cache_limit");
	return put(other, OTHER, 1, SZC_16K);
}

static int
other_some(struct actor *other)
{
	TEST_CALL(put(other, OTHER, 3, SZC_MEDIUM));
	return put(other, OTHER + 3, 7, SZC_LARGE);
}

static int
prepare_full_above_16k(struct actor *actor)
{
	return fill(actor, OWN + 10, SZC_16K + 1);
}

/* No memory but what is on the shelves. */
static int
prepare_full(struct actor *actor)
{
	TEST_CALL(put(actor, OWN + 10, 40, SZC_SMALL));
	TEST_CALL(put(actor, OWN + 50, 10, SZC_16K));
	TEST_CALL(fill(actor, OWN + 100, 0));
	TEST_CALL(take(actor, OWN + 10, 20));
	return take(actor, OWN + 50, 3);
}

/* Room for two of the largest. */
static int
prepare_full_but_two(struct actor *actor)
{
	TEST_CALL(put(actor, OWN + 50, 2, SZC_10M));
	TEST_CALL(fill(actor, OWN + 100, 0));
	return take(actor, OWN + 50, 2);
}

/* Room for few of the largest that are cached. */
static int
prepare_full_but_1m(struct actor *actor)
{
	TEST_CALL(put(actor, OWN + 50, 1, SZC_1M));
	TEST_CALL(fill(actor, OWN + 100, 0));
	return take(actor, OWN + 50, 1);
}

/* No room but single slots of 16 KiB, in superblocks that are full otherwise. */
static int
prepare_hosts(struct actor *actor)
{
	TEST_CALL(put(actor, OWN + 50, 40, SZC_16K));
	TEST_CALL(fill(actor, OWN + 100, 0));
	TEST_CALL(take(actor, OWN + 52, 1));
	TEST_CALL(take(actor, OWN + 70, 1));
	return flush(actor);
}

/* The same with the superblock of small objects in one, and one object left. */
static int
prepare_host_used(struct actor *actor)
{
	TEST_CALL(prepare_hosts(actor));
	TEST_CALL(put(actor, OWN, 1, SZC_SMALL));
	return flush(actor);
}

/* The next slow step looks at a class that has not been used since the last look, and gives back what it holds. */
static int
prepare_age(struct actor *actor)
{
	const struct groove_cache *cache = cache_of(&actor->join);
	const struct groove_shelf *shelf = &actor->join.shelf[SZC_IDLE];
	const struct cache_class *idle = &cache->class[SZC_IDLE];

	/* So that bursts stay larger than what is cached, and each of them takes slow steps. */
	TEST_ASSERT_SUCCESS(groove_data_cache_limit(&actor->join, 4 * groove_data_szc_cfg[SZC_16K].obj_footprint,
				    GROOVE_DATA_CACHE_JOIN_BYTES),
		"cache_limit");
	TEST_CALL(put(actor, OWN + 10, 4, SZC_IDLE));
	TEST_CALL(take(actor, OWN + 10, 4));
	for (uint64_t i = 0; idle->seen == 0 || cache->cursor != SZC_IDLE || cache->moved + 1 < CACHE_AGE_SLOTS; i++) {
		TEST_ASSERT(i < 100000 && shelf->top[-1] != 0, "no idle class is about to be given back");
		TEST_CALL(i % 8 < 4 ? put(actor, OWN + 20 + i % 4 * 2, 2, SZC_16K)
				    : take(actor, OWN + 20 + i % 4 * 2, 2));
	}
	return TEST_SUCCESS;
}

static int
prepare_shelf_full(struct actor *actor)
{
	uint64_t slot = OWN + 10;

	TEST_CALL(put(actor, OWN, 20, SZC_16K));
	return fill_shelf(actor, SZC_16K, &slot);
}

/* The shelf is full of slots of a superblock that is full. */
static int
prepare_shelf_of_full(struct actor *actor)
{
	uint64_t slot = OWN + 1;

	TEST_CALL(put(actor, OWN, 29, SZC_16K));
	return fill_shelf(actor, SZC_16K, &slot);
}

/* On the shelf is a whole superblock, which nothing leads to as all of its slots are out. */
static int
prepare_shelf_whole(struct actor *actor)
{
	TEST_CALL(put(actor, OWN, 32, SZC_512));
	return take(actor, OWN, 31);
}

/* Something of each kind cached, and superblocks that are full, listed and empty. */
static int
prepare_mixed(struct actor *actor)
{
	for (uint64_t szc = 0; szc < 64; szc += 9)
		TEST_CALL(put(actor, OWN + szc * 8, 40, szc));
	TEST_CALL(put(actor, OWN + 600, 20, SZC_LARGE));
	TEST_CALL(take(actor, OWN + 600, 17));
	for (uint64_t szc = 0; szc < 64; szc += 9)
		TEST_CALL(take(actor, OWN + szc * 8, 38));
	return TEST_SUCCESS;
}

static int
prepare_mixed_flushed(struct actor *actor)
{
	TEST_CALL(prepare_mixed(actor));
	return flush(actor);
}

static int
prepare_last_flushed(struct actor *actor)
{
	TEST_CALL(prepare_at_hand(actor));
	return flush(actor);
}

static int
prepare_small_8(struct actor *actor)
{
	return put(actor, OWN, 8, SZC_SMALL);
}

/* The next call in a direction is the first after as many as there are between two notes of the total. */
static void
make_due(const struct actor *actor, unsigned int dir)
{
	uint64_t *calls = actor->join.record->count[SZC_SMALL].calls;
	const uint64_t more = (1UL << GROOVE_COUNT_NOTE_BITS) - calls[dir] % (1UL << GROOVE_COUNT_NOTE_BITS);

	/* In both, so that there are as many objects as before. */
	calls[GROOVE_COUNT_ALLOC] += more;
	calls[GROOVE_COUNT_FREE] += more;
}

static int
prepare_alloc_due(struct actor *actor)
{
	TEST_CALL(prepare_at_hand(actor));
	make_due(actor, GROOVE_COUNT_ALLOC);
	return TEST_SUCCESS;
}

static int
prepare_free_due(struct actor *actor)
{
	TEST_CALL(prepare_small_8(actor));
	make_due(actor, GROOVE_COUNT_FREE);
	return TEST_SUCCESS;
}

static int
prepare_16k_40(struct actor *actor)
{
	return put(actor, OWN, 40, SZC_16K);
}

static int
prepare_large_12(struct actor *actor)
{
	return put(actor, OWN, 12, SZC_LARGE);
}

/* ---- operations ---- */

static int
alloc_small(struct actor *actor)
{
	return put(actor, OWN, 1, SZC_SMALL);
}

static int
alloc_medium(struct actor *actor)
{
	return put(actor, OWN + 5, 1, SZC_MEDIUM);
}

static int
alloc_large(struct actor *actor)
{
	return put(actor, OWN + 9, 1, SZC_LARGE);
}

static int
alloc_16k(struct actor *actor)
{
	return put(actor, OWN, 1, SZC_16K);
}

static int
alloc_below_16k(struct actor *actor)
{
	return put(actor, OWN, 1, SZC_16K - 1);
}

static int
alloc_16k_6(struct actor *actor)
{
	return put(actor, OWN + 40, 6, SZC_16K);
}

static int
alloc_2m(struct actor *actor)
{
	return put(actor, OWN, 1, SZC_2M);
}

static int
alloc_10m(struct actor *actor)
{
	return put(actor, OWN, 1, SZC_10M);
}

static int
alloc_aligned(struct actor *actor)
{
	return actor_alloc(actor, OWN, 512, 100);
}

static int
alloc_aligned_large(struct actor *actor)
{
	return actor_alloc(actor, OWN, 512, szc_sz(SZC_LARGE) - 512);
}

static int
alloc_aligned_2m(struct actor *actor)
{
	return actor_alloc(actor, OWN, 512, szc_sz(SZC_2M) - 512);
}

static int
free_first(struct actor *actor)
{
	return take(actor, OWN, 1);
}

static int
free_first_trim(struct actor *actor)
{
	TEST_CALL(take(actor, OWN, 1));
	TEST_CALL(flush(actor));
	return trim(actor);
}

static int
free_16th(struct actor *actor)
{
	return take(actor, OWN + 15, 1);
}

static int
free_others_medium(struct actor *actor)
{
	return take(actor, OTHER, 1);
}

static int
free_others_large(struct actor *actor)
{
	return take(actor, OTHER + 3, 1);
}

static int
bulk_small_8(struct actor *actor)
{
	return actor_alloc_bulk(actor, OWN, 8, szc_sz(SZC_SMALL));
}

static int
bulk_small_100(struct actor *actor)
{
	return actor_alloc_bulk(actor, OWN, 100, szc_sz(SZC_SMALL));
}

static int
bulk_large_8(struct actor *actor)
{
	return actor_alloc_bulk(actor, OWN, 8, szc_sz(SZC_LARGE));
}

static int
bulk_10m_4(struct actor *actor)
{
	return actor_alloc_bulk(actor, OWN, 4, szc_sz(SZC_10M));
}

static int
bulk_64k_30(struct actor *actor)
{
	return actor_alloc_bulk(actor, OWN + 60, 30, szc_sz(63));
}

static int
free_bulk_8(struct actor *actor)
{
	return actor_free_bulk(actor, OWN, 8);
}

static int
free_bulk_40(struct actor *actor)
{
	return actor_free_bulk(actor, OWN, 40);
}

static int
free_bulk_12(struct actor *actor)
{
	return actor_free_bulk(actor, OWN, 12);
}

static int
free_bulk_badly_8(struct actor *actor)
{
	return actor_free_bulk_badly(actor, OWN, 8);
}

static int
free_bulk_badly_40(struct actor *actor)
{
	return actor_free_bulk_badly(actor, OWN, 40);
}

/* Frees that are refused: inside an object, and of an object that is free already. */
static int
free_badly(struct actor *actor)
{
	uint8_t *obj = slot_obj(actor, OWN);

	TEST_ASSERT(groove_data_free(&actor->join, obj + 16) != GROOVE_SUCCESS, "free of the inside");
	TEST_CALL(take(actor, OWN, 1));
	TEST_ASSERT(groove_data_free(&actor->join, obj) != GROOVE_SUCCESS, "double free");
	return TEST_SUCCESS;
}

/* A free of bytes that somebody wrote, so that they look like the header of an object elsewhere. */
static int
free_forged(struct actor *actor)
{
	uint8_t *obj = slot_obj(actor, OWN);
	groove_data_hdr_t *forged = (groove_data_hdr_t *)(((uintptr_t)obj + 1024) & ~(uintptr_t)(GROOVE_LINE_SZ - 1));

	*forged = groove_data_alloc_hdr(obj);
	TEST_ASSERT(groove_data_free(&actor->join, forged + 1) != GROOVE_SUCCESS, "free of a forged object");
	return TEST_SUCCESS;
}

static int
cache_limit(struct actor *actor)
{
	TEST_ASSERT_SUCCESS(groove_data_cache_limit(&actor->join, 1024, 65536), "cache_limit");
	return TEST_SUCCESS;
}

static int
grow(struct actor *actor)
{
	const int err = groove_region_grow(actor->region, &actor->join, NULL);

	TEST_ASSERT(err == GROOVE_SUCCESS || err == GROOVE_ERR_AGAIN || err == GROOVE_ERR_FULL, "grow: %s",
		groove_strerror(err));
	return TEST_SUCCESS;
}

static int
shrink(struct actor *actor)
{
	const int err = groove_region_shrink(actor->region, &actor->join, NULL);

	TEST_ASSERT(err == GROOVE_SUCCESS || err == GROOVE_ERR_AGAIN || err == GROOVE_ERR_EMPTY, "shrink: %s",
		groove_strerror(err));
	return TEST_SUCCESS;
}

/* All volumes that there can be are in the groove. */
static int
prepare_grown(struct actor *actor)
{
	while (groove_region_volume_cnt(actor->region) < groove_region_volume_max(actor->region))
		TEST_CALL(grow(actor));
	return TEST_SUCCESS;
}

/* The memory of no volume is to spare. */
static int
prepare_no_spare(struct actor *actor)
{
	TEST_CALL(shrink(actor));
	return shrink(actor);
}

static int
prepare_no_spare_flushed(struct actor *actor)
{
	TEST_CALL(prepare_no_spare(actor));
	return prepare_last_flushed(actor);
}

static int
attach(struct actor *actor)
{
	return actor_attach(actor);
}

static int
detach(struct actor *actor)
{
	groove_region_detach(actor->region);
	return TEST_SUCCESS;
}

int
scenario_join(struct actor *actor)
{
	return actor_join(actor, 9);
}

int
scenario_recover(struct actor *actor)
{
	const int err = groove_region_recover(actor->region, &actor->join);

	TEST_ASSERT(err == GROOVE_SUCCESS || err == GROOVE_ERR_AGAIN, "recover: %s", groove_strerror(err));
	return TEST_SUCCESS;
}

static int
look_around(struct actor *actor)
{
	static groove_data_stats_t stats; /* too large for the stack */
	groove_data_volume_stats_t volume_stats;

	TEST_ASSERT_SUCCESS(groove_data_stats(&actor->join, &stats), "stats");
	TEST_ASSERT_SUCCESS(groove_data_volume_stats(&actor->join, groove_region_volume0(actor->region), &volume_stats),
		"volume_stats");
	return TEST_SUCCESS;
}

#if GROOVE_DEBUG_CHECKS
#define OVERRUN_CNT 8UL

static int
free_overrun(struct actor *actor)
{
	return actor_free_overrun(actor, OWN, 1);
}

static int
free_bulk_overrun(struct actor *actor)
{
	return actor_free_overrun(actor, OWN, OVERRUN_CNT);
}

static int
mend_first(struct actor *other)
{
	actor_mend(other, OWN);
	return TEST_SUCCESS;
}

static int
mend_last(struct actor *other)
{
	actor_mend(other, OWN + OVERRUN_CNT - 1);
	return TEST_SUCCESS;
}
#endif

/* ---- rebuild: nobody else is in the groove, or will be until it is done ---- */

static int
volume_has_memory(void *arg, uint64_t volume)
{
	const groove_region_t *region = arg;

	return !region_is_hole(region, region_volume_off(region, volume), region->fixed.volume_sz);
}

/* Its own join, if any, is gone without having left. */
static int
rebuild(struct actor *actor)
{
	groove_region_t *region = actor->region;
	const groove_data_cfg_t cfg = region_hdr_data_cfg(&region->fixed);

	actor->joined = false;
	TEST_ASSERT_SUCCESS(groove_data_rebuild(groove_region_shdata(region), &cfg, groove_region_volume0(region),
				    volume_has_memory, NULL, region),
		"rebuild");
	return TEST_SUCCESS;
}

/* Each of these objects has a redirect before it, and one of them is free. */
static int
prepare_aligned(struct actor *actor)
{
	for (uint64_t i = 0; i < 4; i++)
		TEST_CALL(actor_alloc(actor, OWN + i, 512, 100));
	TEST_CALL(take(actor, OWN + 1, 1));
	return flush(actor);
}

/* ---- what another does meanwhile ---- */

/* A superblock of its own group becomes the active one. */
static int
meddle_alloc(struct actor *other)
{
	return put(other, OTHER + 50, 1, SZC_LARGE);
}

/* All slots that there are, and more. */
static int
meddle_allocs(struct actor *other)
{
	return put(other, OTHER + 50, 14, SZC_LARGE);
}

/* Slots come back to superblocks that the process has objects in. */
static int
meddle_free(struct actor *other)
{
	return take(other, OWN + 3, 10);
}

static int
meddle_trim(struct actor *other)
{
	TEST_CALL(flush(other));
	return trim(other);
}

/* Another recovers at the same time. */
static int
meddle_recovery(struct actor *other)
{
	return scenario_recover(other);
}

static int
meddle_turns(struct actor *other)
{
	return actor_turns(other, 50);
}

/* ---- all of them ---- */

#define RECOVER(before, part)                                                                                          \
	{                                                                                                              \
		.name = "recover from " before ", " #part "/6", .operate = scenario_recover, .earlier = (before),      \
		.earlier_part = (part),                                                                                \
	}
/* Another does something in the midst of it. */
#define MEDDLED(what, before, how, with)                                                                               \
	{                                                                                                              \
		.name = what ", during " #with, .volumes = 2, .prepare = (before), .operate = (how),                   \
		.meddle = meddle_##with, .empty = true,                                                                \
	}
#define BESIDE(what, before, how)                                                                                      \
	MEDDLED(what, before, how, alloc), MEDDLED(what, before, how, allocs), MEDDLED(what, before, how, free),       \
		MEDDLED(what, before, how, trim)

#define RECOVER_MEDDLED(before, part, with)                                                                            \
	{                                                                                                              \
		.name = "recover from " before ", during " #with, .operate = scenario_recover, .earlier = (before),    \
		.earlier_part = (part), .meddle = meddle_##with,                                                       \
	}
#define RECOVER_BESIDE(before, part)                                                                                   \
	RECOVER_MEDDLED(before, part, recovery), RECOVER_MEDDLED(before, part, turns),                                 \
		RECOVER_MEDDLED(before, part, trim)

/* A volume is on its way out. */
#define RETIRED(part)                                                                                                  \
	{                                                                                                              \
		.name = "alloc without room from shrink, " #part "/6", .prepare = prepare_full_but_retired,            \
		.operate = alloc_10m, .empty = true, .earlier = "shrink", .earlier_part = (part),                      \
	}

/* ---- a volume that is being drained ---- */

static int
drain(struct actor *actor)
{
	TEST_ASSERT_SUCCESS(groove_data_volume_drain(&actor->join, 0), "drain");
	return TEST_SUCCESS;
}

static int
prepare_drained_large(struct actor *actor)
{
	TEST_CALL(put(actor, OWN, 3, SZC_LARGE));
	return drain(actor);
}

static int
prepare_drained_listed(struct actor *actor)
{
	TEST_CALL(prepare_large_listed(actor));
	return drain(actor);
}

static int
prepare_drained_mixed(struct actor *actor)
{
	TEST_CALL(prepare_mixed_flushed(actor));
	return drain(actor);
}

static int
prepare_drained_full(struct actor *actor)
{
	TEST_CALL(put(actor, OWN, 7, SZC_LARGE));
	return drain(actor);
}

/* Another died with something of each kind, and is still to be recovered. */
#define AFTER_DEATH(what, how, at)                                                                                     \
	{                                                                                                              \
		.name = what " after a death", .operate = (how), .begin = (at), .earlier = "flush", .earlier_part = 3, \
	}
/* Another died while it grew the groove, and nobody has recovered it. */
#define GROW_AFTER(part)                                                                                               \
	{                                                                                                              \
		.name = "grow from grow, " #part "/6", .operate = grow, .earlier = "grow with memory to spare",        \
		.earlier_part = (part),                                                                                \
	}
#define SHRINK_AFTER(part)                                                                                             \
	{                                                                                                              \
		.name = "shrink from grow, " #part "/6", .operate = shrink, .earlier = "grow with memory to spare",    \
		.earlier_part = (part),                                                                                \
	}

/* A part of each of these scenarios had been done. */
#define RECOVERS(part)                                                                                                 \
	RECOVER("alloc refills", part), RECOVER("alloc makes a superblock", part), RECOVER("free_bulk spills", part),  \
		RECOVER("free spills to a full superblock", part), RECOVER("flush of a whole superblock", part),       \
		RECOVER("trim empties the groove", part), RECOVER("grow with memory to spare", part),                  \
		RECOVER("shrink trims", part), RECOVER("leave", part), RECOVER("join", part)

/* A short run plays the first of those that come to a point: here are those first that have found something there. */
const struct scenario scenarios[SCENARIO_MAX] = {
	{.name = "alloc_bulk without room",
		.volumes = 1,
		.prepare = prepare_full_but_two,
		.operate = bulk_10m_4,
		.empty = true},
	{.name = "alloc beside a drained superblock",
		.volumes = 2,
		.prepare = prepare_drained_large,
		.operate = alloc_large},
	{.name = "alloc beside drained lists", .volumes = 2, .prepare = prepare_drained_listed, .operate = alloc_large},
	{.name = "alloc beside a drained volume",
		.volumes = 2,
		.prepare = drain,
		.operate = alloc_small,
		.empty = true},
	{.name = "free of a drained object", .volumes = 2, .prepare = prepare_drained_full, .operate = free_first},
	{.name = "drain", .volumes = 2, .prepare = prepare_mixed, .operate = drain},
	{.name = "trim of a drained volume", .volumes = 2, .prepare = prepare_drained_mixed, .operate = trim},
	{.name = "shrink of a drained volume", .volumes = 2, .prepare = prepare_drained_mixed, .operate = shrink},
	{.name = "alloc from the cache", .volumes = 2, .prepare = prepare_at_hand, .operate = alloc_small},
	{.name = "alloc, and a note", .volumes = 2, .prepare = prepare_alloc_due, .operate = alloc_small},
	{.name = "alloc refills", .volumes = 2, .prepare = prepare_medium, .operate = alloc_medium},
	{.name = "alloc makes a superblock",
		.volumes = 2,
		.prepare = prepare_at_hand,
		.operate = alloc_medium,
		.empty = true},
	{.name = "alloc acquires a volume", .volumes = 1, .operate = alloc_small, .empty = true},
	{.name = "alloc acquires a volume, 10 MiB", .volumes = 1, .operate = alloc_10m, .empty = true},
	{.name = "alloc of the last slot", .volumes = 2, .prepare = prepare_large_5, .operate = alloc_large},
	{.name = "alloc from a full superblock", .volumes = 2, .prepare = prepare_large_6, .operate = alloc_large},
	{.name = "alloc of the last listed slot",
		.volumes = 2,
		.prepare = prepare_large_listed,
		.operate = alloc_large},
	{.name = "alloc of a listed slot", .volumes = 2, .prepare = prepare_large_listed_two, .operate = alloc_large},
	{.name = "alloc from another group",
		.volumes = 1,
		.other = other_one_16k,
		.prepare = prepare_full_above_16k,
		.operate = alloc_16k,
		.empty = true},
	{.name = "alloc of a larger slot",
		.volumes = 1,
		.other = other_one_16k,
		.prepare = prepare_full_above_16k,
		.operate = alloc_below_16k,
		.empty = true},
	{.name = "alloc without room", .volumes = 1, .prepare = prepare_full, .operate = alloc_10m, .empty = true},
	{.name = "alloc in a host", .volumes = 1, .prepare = prepare_hosts, .operate = alloc_small, .empty = true},
	{.name = "free of the last in a host",
		.volumes = 1,
		.prepare = prepare_host_used,
		.operate = free_first_trim,
		.empty = true},
	{.name = "alloc of a near slot", .volumes = 2, .prepare = prepare_2m_near, .operate = alloc_2m},
	{.name = "alloc aligned to 512", .volumes = 2, .operate = alloc_aligned},
	{.name = "alloc aligned to 512, 96 KiB", .volumes = 2, .operate = alloc_aligned_large},
	{.name = "alloc aligned to 512, 2 MiB", .volumes = 2, .operate = alloc_aligned_2m},
	{.name = "free aligned to 512", .volumes = 2, .prepare = alloc_aligned, .operate = free_first},
	{.name = "alloc ages a class", .volumes = 2, .prepare = prepare_age, .operate = alloc_16k_6},
	{.name = "free to the cache", .volumes = 2, .prepare = prepare_small_8, .operate = free_first},
	{.name = "free, and a note", .volumes = 2, .prepare = prepare_free_due, .operate = free_first},
	{.name = "free spills", .volumes = 2, .prepare = prepare_shelf_full, .operate = free_first},
	{.name = "free spills to a full superblock",
		.volumes = 2,
		.prepare = prepare_shelf_of_full,
		.operate = free_16th},
	{.name = "free to a full superblock", .volumes = 2, .prepare = prepare_large_7, .operate = free_first},
	{.name = "free empties a superblock", .volumes = 2, .prepare = prepare_large_one_left, .operate = free_first},
	{.name = "free of another's", .volumes = 2, .other = other_some, .operate = free_others_medium},
	{.name = "free of another's large", .volumes = 2, .other = other_some, .operate = free_others_large},
	{.name = "free refused", .volumes = 2, .prepare = prepare_small_8, .operate = free_badly},
#if GROOVE_DEBUG_CHECKS
	{.name = "free of an overrun object",
		.volumes = 2,
		.prepare = prepare_small_8,
		.operate = free_overrun,
		.mend = mend_first},
	{.name = "free of an overrun large object",
		.volumes = 2,
		.prepare = prepare_large_5,
		.operate = free_overrun,
		.mend = mend_first},
	{.name = "free_bulk with an overrun object",
		.volumes = 2,
		.prepare = prepare_small_8,
		.operate = free_bulk_overrun,
		.mend = mend_last},
	{.name = "free_bulk with an overrun large object",
		.volumes = 2,
		.prepare = prepare_large_12,
		.operate = free_bulk_overrun,
		.mend = mend_last},
#endif
	{.name = "free of forged bytes", .volumes = 2, .prepare = prepare_medium, .operate = free_forged},
	{.name = "alloc_bulk from the cache", .volumes = 2, .prepare = prepare_at_hand, .operate = bulk_small_8},
	{.name = "alloc_bulk refills", .volumes = 2, .operate = bulk_small_100},
	{.name = "alloc_bulk large", .volumes = 2, .operate = bulk_large_8},
	{.name = "alloc_bulk without room, cached",
		.volumes = 1,
		.prepare = prepare_full_but_1m,
		.operate = bulk_64k_30,
		.empty = true},
	{.name = "free_bulk to the cache", .volumes = 2, .prepare = prepare_small_8, .operate = free_bulk_8},
	{.name = "free_bulk spills", .volumes = 2, .prepare = prepare_16k_40, .operate = free_bulk_40},
	{.name = "free_bulk large", .volumes = 2, .prepare = prepare_large_12, .operate = free_bulk_12},
	{.name = "free_bulk refused", .volumes = 2, .prepare = prepare_small_8, .operate = free_bulk_badly_8},
	{.name = "free_bulk refused, won", .volumes = 2, .prepare = prepare_16k_40, .operate = free_bulk_badly_40},
	{.name = "flush", .volumes = 2, .prepare = prepare_mixed, .operate = flush},
	{.name = "flush of a whole superblock", .volumes = 2, .prepare = prepare_shelf_whole, .operate = flush},
	{.name = "cache_limit", .volumes = 2, .prepare = prepare_mixed, .operate = cache_limit},
	{.name = "trim", .volumes = 2, .prepare = prepare_mixed_flushed, .operate = trim},
	{.name = "trim empties the groove",
		.volumes = 1,
		.prepare = prepare_last_flushed,
		.operate = trim,
		.empty = true},
	{.name = "grow with memory to spare", .volumes = 1, .operate = grow},
	{.name = "grow", .volumes = 3, .operate = grow},
	{.name = "grow without room", .volumes = 3, .prepare = prepare_grown, .operate = grow},
	{.name = "shrink", .volumes = 3, .operate = shrink, .empty = true},
	{.name = "shrink of memory to spare", .volumes = 1, .operate = shrink},
	{.name = "shrink trims", .volumes = 1, .prepare = prepare_no_spare_flushed, .operate = shrink, .empty = true},
	{.name = "shrink of nothing", .volumes = 1, .prepare = prepare_no_spare, .operate = shrink},
	{.name = "join", .volumes = 2, .operate = scenario_join, .begin = BEGIN_ATTACHED},
	{.name = "leave", .volumes = 2, .prepare = prepare_mixed, .operate = actor_leave},
	{.name = "attach", .volumes = 2, .operate = attach, .begin = BEGIN_OUTSIDE},
	{.name = "detach", .volumes = 2, .operate = detach, .begin = BEGIN_ATTACHED},
	{.name = "stats", .volumes = 2, .operate = look_around},
	{.name = "recover from nothing", .volumes = 2, .prepare = prepare_mixed, .operate = scenario_recover},
	{.name = "rebuild", .volumes = 1, .prepare = prepare_mixed, .operate = rebuild, .rebuilds = true},
	{.name = "rebuild of aligned objects",
		.volumes = 1,
		.prepare = prepare_aligned,
		.operate = rebuild,
		.empty = true,
		.rebuilds = true},
	AFTER_DEATH("attach", attach, BEGIN_OUTSIDE),
	AFTER_DEATH("detach", detach, BEGIN_ATTACHED),
	AFTER_DEATH("join", scenario_join, BEGIN_ATTACHED),
	AFTER_DEATH("leave", actor_leave, BEGIN_JOINED),
	AFTER_DEATH("grow", grow, BEGIN_JOINED),
	AFTER_DEATH("shrink", shrink, BEGIN_JOINED),
	RETIRED(2),
	RETIRED(3),
	RETIRED(4),
	GROW_AFTER(1),
	GROW_AFTER(3),
	GROW_AFTER(5),
	SHRINK_AFTER(1),
	SHRINK_AFTER(3),
	SHRINK_AFTER(5),
	RECOVERS(3),
	RECOVER("recover from alloc refills, 3/6", 2),
	RECOVER("recover from alloc refills, 3/6", 4),
	RECOVER("recover from trim empties the groove, 3/6", 3),
	RECOVERS(1),
	RECOVERS(5),
	RECOVERS(2),
	RECOVERS(4),
	BESIDE("alloc of the last slot", prepare_large_5, alloc_large),
	BESIDE("alloc from a full superblock", prepare_large_6, alloc_large),
	BESIDE("alloc of a listed slot", prepare_large_listed_two, alloc_large),
	BESIDE("free to a full superblock", prepare_large_7, free_first),
	BESIDE("free empties a superblock", prepare_large_one_left, free_first),
	BESIDE("trim", prepare_large_one_left_free, trim),
	RECOVER_BESIDE("alloc refills", 3),
	RECOVER_BESIDE("alloc from a full superblock", 3),
	RECOVER_BESIDE("alloc makes a superblock", 4),
	RECOVER_BESIDE("free_bulk spills", 3),
	RECOVER_BESIDE("free empties a superblock", 3),
	RECOVER_BESIDE("trim empties the groove", 2),
	RECOVER_BESIDE("grow with memory to spare", 3),
	RECOVER_BESIDE("shrink trims", 4),
};

bool
scenario_is_of_objects(const struct scenario *scenario)
{
	return strncmp(scenario->name, "alloc", 5) == 0 || strncmp(scenario->name, "free", 4) == 0;
}

const struct scenario *
scenario_find(const char *name)
{
	for (const struct scenario *each = scenarios; each->name != NULL; each++)
		if (strcmp(each->name, name) == 0)
			return each;
	return NULL;
}
