/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * A groove without room. An alloc that says FULL changes nothing for the calls that come after, and the next one says
 * so at once; but whatever brings room back, by whichever join, is found by the next alloc. What there is room for is
 * worked out apart from the library: from where objects lie, and by joins that remember nothing.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <epoch.h>
#include <shared.h>

#include "fixture.h"

#define LARGEST_SZ (10UL << 20)
#define LARGE_SZ   300000UL /* not cached */
#define SMALL_SZ   1000UL   /* cached */
#define HOST_SZ	   197000UL /* not cached, and in its slots there may be superblocks of: */
#define NESTED_SZ  16000UL
#define THIRD_SZ   305000UL /* not cached, three of them to a superblock, in whose place there is one of: */
#define REFILL_SZ  24000UL  /* cached, three of them to a superblock, in whose place there is one of: */
#define AROUND_SZ  72000UL  /* not cached */
#define WHOLE_SZ   916000UL
#define PLACE_MAX  8UL /* slots for objects of the largest size */
#define OBJ_MAX	   65536UL

struct scene {
	struct fixture fix;
	groove_data_t other;
	struct span place[PLACE_MAX]; /* where objects of the largest size can be */
	uint64_t place_cnt;
	void *objs[OBJ_MAX];
	uint64_t cnt;
	uint64_t seed;
	uint64_t doublings; /* of the sizes that are drawn */
};

static struct scene scene;

static uint64_t
draw(uint64_t n)
{
	scene.seed = scene.seed * 6364136223846793005UL + 1442695040888963407UL;
	return (scene.seed >> 33) % n;
}

static int
begin(uint64_t volume_cnt)
{
	memset(&scene, 0, sizeof(scene));
	TEST_CALL(fixture_make(&scene.fix, VOLUME_SZ_MIN, volume_cnt + 1));
	TEST_CALL(fixture_add(&scene.fix, 0, volume_cnt));
	return fixture_join(&scene.fix, &scene.other, 1);
}

static int
end(void)
{
	TEST_ASSERT_SUCCESS(groove_data_verify(&scene.fix.data), "verify");
	TEST_CALL(objects_free(&scene.fix.data, scene.objs, scene.cnt));
	TEST_ASSERT_EQUAL(groove_data_leave(&scene.other), &scene.other, "leave");
	return fixture_end(&scene.fix);
}

static void *
try_alloc(groove_data_t *data, uint64_t sz)
{
	int err;
	void *obj = groove_data_alloc(data, 0, sz, 0, &err);

	if (obj == NULL && err != GROOVE_ERR_FULL) {
		fprintf(stderr, "alloc of %lu bytes: %s\n", sz, groove_strerror(err));
		abort();
	}
	return obj;
}

/* There is no room for an object. */
static int
check_full(groove_data_t *data, uint64_t sz, const char *when)
{
	void *obj = try_alloc(data, sz);

	TEST_ASSERT_NULL(obj, "%s: %lu bytes fit", when, sz);
	return TEST_SUCCESS;
}

/* There is, once. */
static int
check_room(groove_data_t *data, uint64_t sz, const char *when)
{
	void *obj = try_alloc(data, sz);

	TEST_ASSERT_NOT_NULL(obj, "%s: no room for %lu bytes", when, sz);
	TEST_CALL(check_full(data, sz, when));
	scene.objs[scene.cnt++] = obj;
	return TEST_SUCCESS;
}

/* Allocate objects of a size until it is full. */
static int
fill(groove_data_t *data, uint64_t sz)
{
	void *obj;

	while ((obj = try_alloc(data, sz)) != NULL) {
		TEST_ASSERT(scene.cnt < OBJ_MAX, "%lu objects", scene.cnt);
		scene.objs[scene.cnt++] = obj;
	}
	return TEST_SUCCESS;
}

/* Take an object out of those that live. */
static void *
pick(uint64_t i)
{
	void *obj = scene.objs[i];

	scene.objs[i] = scene.objs[--scene.cnt];
	return obj;
}

/* ---- what FULL costs others ---- */

static int
cached_cnt(uint64_t *cnt)
{
	groove_data_stats_t stats;

	TEST_ASSERT_SUCCESS(groove_data_stats(&scene.fix.data, &stats), "stats");
	*cnt = stats.total.cached_cnt;
	return TEST_SUCCESS;
}

static int
superblock_cnt(uint64_t *cnt)
{
	groove_data_stats_t stats;

	TEST_ASSERT_SUCCESS(groove_data_stats(&scene.fix.data, &stats), "stats");
	*cnt = stats.total.superblock_cnt;
	return TEST_SUCCESS;
}

/*
 * Small objects come and go in a groove that has no room for a large one. What the join caches stays cached, and its
 * superblocks stay, however often the large one is asked for.
 */
static int
test_leaves_alone(void)
{
	groove_data_t *data = &scene.fix.data;
	uint64_t cached, superblocks, cached_now, superblocks_now;

	TEST_CALL(begin(1));
	TEST_CALL(fill(data, LARGEST_SZ));
	TEST_ASSERT(scene.cnt > 1, "%lu objects of %lu bytes in a volume", scene.cnt, LARGEST_SZ);
	TEST_ASSERT_SUCCESS(groove_data_free(data, pick(0)), "free");
	for (uint64_t i = 0; i < 64; i++) {
		scene.objs[scene.cnt] = try_alloc(data, SMALL_SZ);
		TEST_ASSERT_NOT_NULL(scene.objs[scene.cnt++], "a small one");
	}
	for (uint64_t i = 0; i < 24; i++)
		TEST_ASSERT_SUCCESS(groove_data_free(data, scene.objs[--scene.cnt]), "free");
	/* The first time for this join: it gives all back. */
	TEST_CALL(check_full(data, LARGEST_SZ, "first"));
	for (uint64_t i = 0; i < 8; i++)
		TEST_ASSERT_SUCCESS(groove_data_free(data, scene.objs[--scene.cnt]), "free");
	TEST_CALL(cached_cnt(&cached));
	TEST_CALL(superblock_cnt(&superblocks));
	TEST_ASSERT(cached > 0 && superblocks > 0, "%lu cached", cached);
	for (uint64_t i = 0; i < 100; i++) {
		void *obj = try_alloc(data, SMALL_SZ);

		TEST_ASSERT_NOT_NULL(obj, "a small one");
		TEST_ASSERT_SUCCESS(groove_data_free(data, obj), "free");
		TEST_CALL(check_full(data, LARGEST_SZ, "again"));
		TEST_CALL(cached_cnt(&cached_now));
		TEST_CALL(superblock_cnt(&superblocks_now));
		if (GROOVE_DEBUG_CHECKS)
			continue;
		TEST_ASSERT_EQUAL(cached_now, cached, "slots cached after %lu", i);
		TEST_ASSERT_EQUAL(superblocks_now, superblocks, "superblocks after %lu", i);
	}
	return end();
}

/* ---- what brings room back ---- */

/* One object is freed, by this join or by another. */
static int
test_one_freed(uint64_t sz)
{
	groove_data_t *data = &scene.fix.data;
	int err;

	TEST_CALL(begin(1));
	TEST_CALL(fill(data, sz));
	for (unsigned int i = 0; i < 20; i++) {
		TEST_CALL(check_full(data, sz, "before"));
		TEST_ASSERT_EQUAL(groove_data_alloc_burst(data, 0, sz, NULL, (void *[]){NULL}, 0, &err), 0, "none");
		TEST_ASSERT_SUCCESS(err, "none");
		TEST_ASSERT_SUCCESS(groove_data_free(&scene.other, pick(draw(scene.cnt))), "free");
		if (sz < 65536)
			TEST_ASSERT_SUCCESS(groove_data_flush(&scene.other), "flush");
		TEST_CALL(check_room(data, sz, "freed by another"));
		TEST_ASSERT_SUCCESS(groove_data_free(data, pick(draw(scene.cnt))), "free");
		TEST_CALL(check_room(data, sz, "freed by itself"));
		/* one that is needed for a larger slot */
		TEST_CALL(check_full(data, sz * 4, "four times as large"));
	}
	return end();
}

/* What another join caches comes back when it leaves. */
static int
test_left(void)
{
	groove_data_t *data = &scene.fix.data;
	groove_data_t third;

	TEST_CALL(begin(1));
	TEST_CALL(fixture_join(&scene.fix, &third, 2));
	TEST_CALL(fill(data, SMALL_SZ));
	TEST_ASSERT_SUCCESS(groove_data_free(&third, pick(7)), "free");
	TEST_CALL(check_full(data, SMALL_SZ, "cached by another"));
	TEST_CALL(check_full(data, SMALL_SZ, "and still is"));
	TEST_ASSERT_EQUAL(groove_data_leave(&third), &third, "leave");
	TEST_CALL(check_room(data, SMALL_SZ, "it has left"));
	return end();
}

static int
is_other(void *arg, uint64_t join_idx)
{
	return join_idx == *(uint64_t *)arg;
}

/* What a dead join had cached comes back when it is recovered. */
static int
test_recovered(void)
{
	groove_data_t *data = &scene.fix.data;
	groove_data_t dead;
	uint64_t idx;

	TEST_CALL(begin(1));
	TEST_CALL(fixture_join(&scene.fix, &dead, 2));
	TEST_CALL(fill(data, SMALL_SZ));
	idx = groove_data_join_idx(&dead);
	TEST_ASSERT_SUCCESS(groove_data_free(&dead, pick(7)), "free");
	TEST_CALL(check_full(data, SMALL_SZ, "cached by one that is dead"));
	TEST_ASSERT_SUCCESS(groove_data_recover(&scene.other, is_other, &idx), "recover");
	TEST_CALL(check_room(data, SMALL_SZ, "it was recovered"));
	return end();
}

/* A join dies when it has made a superblock with a free slot the active one, and not let anybody know. */
static int
test_recovered_silent(void)
{
	groove_data_t *data = &scene.fix.data;
	struct groove_news news[LIST_GROUP_CNT];
	groove_data_t dead;
	uint64_t idx;

	TEST_CALL(begin(1));
	TEST_CALL(fixture_join(&scene.fix, &dead, 2));
	TEST_CALL(fill(data, LARGE_SZ));
	TEST_CALL(check_full(data, LARGE_SZ, "before"));
	idx = groove_data_join_idx(&dead);
	memcpy(news, data->shdata->news, sizeof(news));
	/* of one superblock: they were allocated one after the other */
	TEST_ASSERT_SUCCESS(groove_data_free(&dead, pick(1)), "free");
	TEST_ASSERT_SUCCESS(groove_data_free(&dead, pick(0)), "free");
	scene.objs[scene.cnt] = try_alloc(&dead, LARGE_SZ);
	TEST_ASSERT_NOT_NULL(scene.objs[scene.cnt++], "alloc");
	memcpy(data->shdata->news, news, sizeof(news));
	TEST_ASSERT_SUCCESS(groove_data_recover(&scene.other, is_other, &idx), "recover");
	TEST_CALL(check_room(data, LARGE_SZ, "it was recovered"));
	return end();
}

/*
 * The same, and what it let nobody know of is of use to another class, whose superblocks may lie there. by_adopting:
 * another takes over the record of the dead one, and does not recover otherwise.
 */
static int
test_recovered_host(bool by_adopting)
{
	groove_data_t *data = &scene.fix.data;
	struct groove_news news[LIST_GROUP_CNT];
	groove_data_t joins[GROOVE_DATA_JOIN_DEFAULT], adopted;
	uint64_t first, idx, cnt = 0;

	TEST_CALL(begin(1));
	while (groove_data_join(&joins[cnt], scene.fix.shmem, scene.fix.volume0, 0, 1) != NULL)
		TEST_ASSERT(++cnt < GROOVE_DATA_JOIN_DEFAULT, "%lu joins", cnt);
	idx = groove_data_join_idx(&joins[--cnt]);
	TEST_CALL(fill(data, HOST_SZ));
	first = scene.cnt / 2;
	TEST_CALL(fill(data, NESTED_SZ));
	TEST_CALL(check_full(data, NESTED_SZ, "before"));
	memcpy(news, data->shdata->news, sizeof(news));
	TEST_ASSERT_SUCCESS(groove_data_free(&joins[cnt], pick(first + 1)), "free");
	TEST_ASSERT_SUCCESS(groove_data_free(&joins[cnt], pick(first)), "free");
	scene.objs[scene.cnt] = try_alloc(&joins[cnt], HOST_SZ);
	TEST_ASSERT_NOT_NULL(scene.objs[scene.cnt++], "alloc");
	memcpy(data->shdata->news, news, sizeof(news));
	if (by_adopting) {
		TEST_ASSERT_NOT_NULL(
			groove_data_join_recover(&adopted, scene.fix.shmem, scene.fix.volume0, 0, 1, is_other, &idx),
			"join in place of the dead");
		TEST_ASSERT_EQUAL(groove_data_leave(&adopted), &adopted, "leave");
	} else {
		TEST_ASSERT_SUCCESS(groove_data_recover(&scene.other, is_other, &idx), "recover");
	}
	scene.objs[scene.cnt] = try_alloc(data, NESTED_SZ);
	TEST_ASSERT_NOT_NULL(scene.objs[scene.cnt++], "no room in the slot that the dead one left");
	while (cnt-- > 0)
		TEST_ASSERT_EQUAL(groove_data_leave(&joins[cnt]), &joins[cnt], "leave");
	return end();
}

/* A recovery from nobody's death is no news: nobody has to look, or to give anything back, for it. */
static int
test_recovered_nobody(void)
{
	const struct groove_shdata *shdata;
	struct groove_news news[LIST_GROUP_CNT];
	uint64_t nobody = UINT64_MAX;

	TEST_CALL(begin(1));
	shdata = scene.fix.data.shdata;
	TEST_CALL(fill(&scene.fix.data, LARGE_SZ));
	memcpy(news, shdata->news, sizeof(news));
	TEST_ASSERT_SUCCESS(groove_data_recover(&scene.other, is_other, &nobody), "recover");
	TEST_ASSERT_SUCCESS(groove_data_recover(&scene.other, NULL, NULL), "recover");
	TEST_ASSERT_EQUAL(memcmp(shdata->news, news, sizeof(news)), 0, "news of nobody's death");
	return end();
}

/*
 * A join is stopped when it has counted a superblock that became empty, and not written it down. What others leave
 * empty after that is found, by the next call. If they are written over, when one goes on that was stopped for long, by
 * the one after that.
 */
static int
test_emptied_beside(bool written_over)
{
	groove_data_t *data = &scene.fix.data;
	struct groove_news *news;
	void *obj;

	TEST_CALL(begin(1));
	news = &data->shdata->news[1]; /* of the group of the other */
	TEST_CALL(fill(data, THIRD_SZ));
	TEST_CALL(check_full(data, WHOLE_SZ, "before"));
	news->emptied++;
	for (uint64_t i = 0; i < 2; i++)
		TEST_ASSERT_SUCCESS(groove_data_free(&scene.other, pick(i)), "free");
	obj = try_alloc(&scene.other, THIRD_SZ); /* so that their superblock is active */
	TEST_ASSERT_NOT_NULL(obj, "alloc");
	TEST_ASSERT_SUCCESS(groove_data_free(&scene.other, pick(2)), "free");
	TEST_ASSERT_SUCCESS(groove_data_free(&scene.other, obj), "free");
	TEST_ASSERT_EQUAL(news->emptied, 2UL, "superblocks empty in their places");
	if (written_over) {
		news->emptied_last[1] = 0;
		obj = try_alloc(data, WHOLE_SZ);
		if (obj != NULL)
			TEST_ASSERT_SUCCESS(groove_data_free(data, obj), "free");
	}
	TEST_CALL(check_room(data, WHOLE_SZ, "one was left empty"));
	return end();
}

/* Now and then the join is to have looked at all that it did, so that it does not give back all when it is full. */
static int
look_at_times(groove_data_t *data, uint64_t i)
{
	return i % 2 == 0 ? check_full(data, LARGEST_SZ, "in between") : TEST_SUCCESS;
}

/* Allocate objects of a size from the cache, until that is empty or (filled) was filled again. */
static int
drain_cache(groove_data_t *data, uint64_t sz, bool filled)
{
	uint64_t cnt;

	for (;;) {
		TEST_CALL(cached_cnt(&cnt));
		if ((cnt != 0) == filled)
			return TEST_SUCCESS;
		scene.objs[scene.cnt] = try_alloc(data, sz);
		TEST_ASSERT_NOT_NULL(scene.objs[scene.cnt++], "alloc");
		if (!filled)
			TEST_CALL(look_at_times(data, scene.cnt));
	}
}

/* Free every other object from one on, and allocate as many: in bursts, so that their class caches more. */
static int
burst(groove_data_t *data, uint64_t first, uint64_t sz)
{
	for (uint64_t i = first; i < scene.cnt; i += 2) {
		TEST_ASSERT_SUCCESS(groove_data_free(data, scene.objs[i]), "free");
		TEST_CALL(look_at_times(data, (i - first) / 2));
	}
	for (uint64_t i = first; i < scene.cnt; i += 2) {
		scene.objs[i] = try_alloc(data, sz);
		TEST_ASSERT_NOT_NULL(scene.objs[i], "alloc");
		TEST_CALL(look_at_times(data, (i - first) / 2));
	}
	return TEST_SUCCESS;
}

/* Superblocks of which nothing but the cache of the join has any slots are room, though it has never used them. */
static int
test_refilled(void)
{
	groove_data_t *data = &scene.fix.data;
	uint64_t first;

	TEST_CALL(begin(4));
	TEST_CALL(fill(data, AROUND_SZ));
	for (uint64_t i = 0; i < 60; i++)
		TEST_ASSERT_SUCCESS(groove_data_free(data, scene.objs[--scene.cnt]), "free");
	first = scene.cnt;
	for (uint64_t i = 0; i < 48; i++) {
		scene.objs[scene.cnt] = try_alloc(data, REFILL_SZ);
		TEST_ASSERT_NOT_NULL(scene.objs[scene.cnt++], "alloc");
	}
	for (uint64_t i = 0; i < 12; i++)
		TEST_CALL(burst(data, first, REFILL_SZ));
	TEST_CALL(drain_cache(data, REFILL_SZ, false));
	TEST_CALL(fill(data, AROUND_SZ));
	for (uint64_t i = 0; i < 8; i++)
		TEST_ASSERT_SUCCESS(groove_data_free(data, scene.objs[--scene.cnt]), "free");
	TEST_CALL(drain_cache(data, REFILL_SZ, true));
	TEST_CALL(fill(data, AROUND_SZ));
	/* What it gives back by itself now and then has nothing more. */
	TEST_ASSERT_SUCCESS(groove_data_flush(data), "flush");
	TEST_CALL(check_full(data, AROUND_SZ, "the cache was flushed"));
	return end();
}

/* Volumes come, are drained, and go. */
static int
test_volumes(uint64_t sz)
{
	groove_data_t *data = &scene.fix.data;
	groove_data_t third;
	uint64_t first;

	TEST_CALL(begin(1));
	TEST_CALL(fixture_join(&scene.fix, &third, 2));
	TEST_CALL(fill(data, sz));
	first = scene.cnt;
	TEST_CALL(check_full(data, sz, "one volume"));
	TEST_CALL(fixture_add(&scene.fix, 1, 1));
	TEST_CALL(fill(data, sz));
	TEST_ASSERT_EQUAL(scene.cnt, 2 * first, "objects in two volumes");
	TEST_CALL(check_full(data, sz, "two volumes"));

	/* set apart for a remove that nobody ends, by another join */
	while (scene.cnt > first)
		TEST_ASSERT_SUCCESS(groove_data_free(&scene.other, scene.objs[--scene.cnt]), "free");
	TEST_ASSERT_SUCCESS(groove_data_flush(&scene.other), "flush");
	TEST_ASSERT_SUCCESS(groove_data_trim(&scene.other), "trim");
	epoch_enter(&third);
	TEST_ASSERT_NULL(groove_data_volume_remove(&scene.other), "remove while another is in a call");
	epoch_leave(&third);
	TEST_CALL(fill(data, sz));
	TEST_ASSERT_EQUAL(scene.cnt, 2 * first, "objects in two volumes again");

	/* what lies in a volume that is drained is memory as well */
	TEST_ASSERT_SUCCESS(groove_data_volume_drain(&scene.other, 0), "drain");
	TEST_ASSERT_SUCCESS(groove_data_free(&scene.other, pick(0)), "free");
	TEST_ASSERT_SUCCESS(groove_data_flush(&scene.other), "flush");
	TEST_CALL(check_room(data, sz, "in a drained volume"));
	TEST_ASSERT_EQUAL(groove_data_leave(&third), &third, "leave");
	return end();
}

/* ---- room for the largest, where small objects were ---- */

/* Places for the largest objects, in an empty groove. */
static int
find_places(void)
{
	TEST_CALL(fill(&scene.fix.data, LARGEST_SZ));
	TEST_ASSERT(scene.cnt <= PLACE_MAX, "%lu objects of the largest size", scene.cnt);
	scene.place_cnt = scene.cnt;
	for (uint64_t i = 0; i < scene.cnt; i++)
		scene.place[i] = object_span(scene.objs[i]);
	while (scene.cnt > 0)
		TEST_ASSERT_SUCCESS(groove_data_free(&scene.fix.data, scene.objs[--scene.cnt]), "free");
	return TEST_SUCCESS;
}

/* Whether nothing that lives is in one of the places. */
static bool
has_empty_place(void)
{
	for (uint64_t p = 0; p < scene.place_cnt; p++) {
		bool empty = true;

		for (uint64_t i = 0; i < scene.cnt && empty; i++)
			empty = (uintptr_t)scene.objs[i] - scene.place[p].start >=
				scene.place[p].stop - scene.place[p].start;
		if (empty)
			return true;
	}
	return false;
}

/* Sizes from 500 bytes, each of so many doublings as often as the others. */
static uint64_t
draw_sz(void)
{
	const uint64_t sz = 500UL << draw(scene.doublings);

	return sz + draw(sz);
}

/* Fill with objects of sizes that differ. */
static int
fill_mixed(groove_data_t *data)
{
	for (uint64_t full = 0; full < 10;) {
		void *obj = try_alloc(data, draw_sz());

		full += obj == NULL;
		if (obj != NULL)
			scene.objs[scene.cnt++] = obj;
		TEST_ASSERT(scene.cnt < OBJ_MAX, "%lu objects", scene.cnt);
	}
	return TEST_SUCCESS;
}

/* By which join objects are freed. */
enum freed_by {
	BY_ITSELF,
	BY_HALVES,   /* by turns, another: which flushes, */
	BY_UNCACHED, /* or which caches nothing */
};

/*
 * Objects are freed one by one, in no order, and after each the largest is asked for: there is room for it exactly when
 * nothing is left in one of its places.
 */
static int
test_places(uint64_t seed, uint64_t doublings, enum freed_by freed_by)
{
	groove_data_t *data = &scene.fix.data;
	uint64_t found = 0;

	TEST_CALL(begin(1));
	scene.seed = seed;
	scene.doublings = doublings;
	if (freed_by == BY_UNCACHED)
		TEST_ASSERT_SUCCESS(groove_data_cache_limit(&scene.other, 0, 0), "limit");
	TEST_CALL(find_places());
	TEST_CALL(fill_mixed(data));
	while (scene.cnt > 0) {
		groove_data_t *by = freed_by != BY_ITSELF && draw(2) == 0 ? &scene.other : data;
		void *obj = pick(draw(scene.cnt));

		TEST_ASSERT_SUCCESS(groove_data_free(by, obj), "free");
		if (by != data && freed_by == BY_HALVES)
			TEST_ASSERT_SUCCESS(groove_data_flush(by), "flush");
		obj = try_alloc(data, LARGEST_SZ);
		TEST_ASSERT_EQUAL(obj != NULL, has_empty_place(), "seed %lu: room for the largest, %lu objects left",
			seed, scene.cnt);
		if (obj != NULL)
			TEST_ASSERT_SUCCESS(groove_data_free(data, obj), "free");
		found += obj != NULL;
	}
	TEST_ASSERT(found > 0, "no room was ever found");
	return end();
}

/* ---- against joins that remember nothing ---- */

/* What a join that was made just now can have. */
static int
ask_another(uint64_t sz, bool *fits)
{
	groove_data_t fresh;
	void *obj;

	TEST_CALL(fixture_join(&scene.fix, &fresh, draw(64)));
	obj = try_alloc(&fresh, sz);
	*fits = obj != NULL;
	if (obj != NULL)
		TEST_ASSERT_SUCCESS(groove_data_free(&fresh, obj), "free");
	TEST_ASSERT_EQUAL(groove_data_leave(&fresh), &fresh, "leave");
	return TEST_SUCCESS;
}

/*
 * A join allocates and frees objects of all sizes in a groove that is nearly full, and now and then another frees some.
 * When it found the groove full several times, a join that was made just now finds the same.
 */
static int
test_agrees(uint64_t seed)
{
	groove_data_t *data = &scene.fix.data;
	uint64_t full_cnt = 0;

	TEST_CALL(begin(1));
	scene.seed = seed;
	scene.doublings = 12;
	TEST_CALL(fill_mixed(data));
	for (unsigned int turn = 0; turn < 20000; turn++) {
		const uint64_t sz = draw_sz();
		bool fits;

		if (draw(100) < 45) {
			groove_data_t *by = draw(32) == 0 ? &scene.other : data;

			TEST_ASSERT_SUCCESS(groove_data_free(by, pick(draw(scene.cnt))), "free");
			if (by != data)
				TEST_ASSERT_SUCCESS(groove_data_flush(by), "flush");
			continue;
		}
		scene.objs[scene.cnt] = try_alloc(data, sz);
		if (scene.objs[scene.cnt] != NULL) {
			scene.cnt++;
			continue;
		}
		if (++full_cnt % 8 != 0)
			continue;
		TEST_CALL(ask_another(sz, &fits));
		TEST_ASSERT(!fits, "seed %lu, turn %u: FULL for %lu bytes, which fit", seed, turn, sz);
	}
	TEST_ASSERT(full_cnt > 100, "only %lu times full", full_cnt);
	return end();
}

static int
test_full(void)
{
	TEST_CALL(test_leaves_alone());
	TEST_CALL(test_one_freed(SMALL_SZ));
	TEST_CALL(test_one_freed(LARGE_SZ));
	TEST_CALL(test_left());
	TEST_CALL(test_recovered());
	TEST_CALL(test_recovered_silent());
	TEST_CALL(test_recovered_host(false));
	TEST_CALL(test_recovered_host(true));
	TEST_CALL(test_recovered_nobody());
	TEST_CALL(test_refilled());
	TEST_CALL(test_emptied_beside(false));
	TEST_CALL(test_emptied_beside(true));
	TEST_CALL(test_volumes(LARGE_SZ));
	TEST_CALL(test_volumes(SMALL_SZ));
	for (uint64_t seed = 1; seed <= 3; seed++) {
		for (uint64_t doublings = 7; doublings <= 12; doublings += 5) {
			TEST_CALL(test_places(seed, doublings, BY_ITSELF));
			TEST_CALL(test_places(seed, doublings, BY_HALVES));
			TEST_CALL(test_places(seed, doublings, BY_UNCACHED));
		}
		TEST_CALL(test_agrees(seed));
	}
	return TEST_SUCCESS;
}

GROOVE_TEST(full_autotest, fast, test_full);
