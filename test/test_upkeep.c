/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * What groove_data.h promises of memory that is cached, listed, drained, shown and made anew: at limits that are no
 * round numbers, for all classes at once, the last one too.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <drain.h>
#include <geometry.h>
#include <list.h>
#include <pool.h>
#include <rte_common.h>
#include <sb_word.h>

#include "fixture.h"

#define VOLUME_CNT 6UL
#define OBJ_MAX	   2048UL

/* By the contract of groove_data_cache_limit(). */
#define CACHED_CLASSES 64UL
#define CACHED_SLOTS   512UL

static void *objs[OBJ_MAX];

/* ---- how much is cached ---- */

/* Most slots of a class that may be cached within a number of bytes for it. */
static uint64_t
slots_most(uint64_t szc, uint64_t szc_bytes)
{
	const uint64_t fit = szc_bytes / groove_data_szc_cfg[szc].obj_footprint;

	return fit < CACHED_SLOTS ? fit : CACHED_SLOTS;
}

static uint64_t
slots_cached(const groove_data_t *data, uint64_t szc)
{
	groove_data_stats_t stats;

	return groove_data_stats(data, &stats) == GROOVE_SUCCESS ? stats.szc[szc].cached_cnt : UINT64_MAX;
}

/*
 * Have as many slots of a class cached as there ever are: after bursts, free until there are fewer than before, and on
 * until there are as many again. other: a join that caches nothing.
 */
static int
shelf_fill(groove_data_t *data, groove_data_t *other, uint64_t szc, uint64_t *most)
{
	const uint64_t cnt = 2 * CACHED_SLOTS + 8;
	uint64_t next = 0;
	uint64_t now;

	for (unsigned int i = 0; i < 4; i++) {
		TEST_CALL(objects_alloc(data, objs, expect_szc_room(szc), CACHED_SLOTS));
		TEST_CALL(objects_free(data, objs, CACHED_SLOTS));
	}
	now = slots_cached(data, szc);
	TEST_CALL(objects_alloc(other, objs, expect_szc_room(szc), cnt));
	do {
		*most = now;
		TEST_CALL(objects_free(data, &objs[next++], 1));
		now = slots_cached(data, szc);
	} while (now > *most);
	for (; now < *most; now = slots_cached(data, szc))
		TEST_CALL(objects_free(data, &objs[next++], 1));
	TEST_ASSERT(next <= cnt, "class %lu: more than twice what is cached", szc);
	return objects_free(other, &objs[next], cnt - next);
}

/* One class after the other is full: each is within its limit, and all are within the join's. */
static int
check_limits(groove_data_t *data, groove_data_t *other, uint64_t szc_bytes, uint64_t join_bytes)
{
	uint64_t bytes = 0;

	TEST_ASSERT_SUCCESS(groove_data_cache_limit(data, szc_bytes, join_bytes), "limit");
	for (uint64_t szc = 0; szc < CACHED_CLASSES; szc++) {
		uint64_t most;

		TEST_CALL(shelf_fill(data, other, szc, &most));
		TEST_ASSERT(most <= slots_most(szc, szc_bytes), "class %lu: %lu slots, within %lu bytes", szc, most,
			szc_bytes);
		bytes = RTE_MAX(bytes, fixture_cached_bytes(data));
	}
	TEST_ASSERT(bytes <= join_bytes, "%lu bytes in all, within %lu", bytes, join_bytes);
	TEST_ASSERT(bytes > 0 || szc_bytes < 64 || join_bytes < 64, "nothing is cached within %lu and %lu bytes",
		szc_bytes, join_bytes);
	return TEST_SUCCESS;
}

static int
test_limits(struct fixture *fix, groove_data_t *other)
{
	static const uint64_t szc_bytes[] = {0, 63, 64, 100, 127, 1000, 2305, 4095, GROOVE_DATA_CACHE_SZC_BYTES};
	static const uint64_t join_bytes[] = {100000, 1000003, GROOVE_DATA_CACHE_JOIN_BYTES};

	TEST_ASSERT(groove_data_szc_cfg[CACHED_CLASSES - 1].obj_footprint <= GROOVE_DATA_CACHE_SLOT_SZ &&
			    groove_data_szc_cfg[CACHED_CLASSES].obj_footprint > GROOVE_DATA_CACHE_SLOT_SZ,
		"%lu classes are cached", CACHED_CLASSES);
	for (size_t i = 0; i < sizeof(szc_bytes) / sizeof(szc_bytes[0]); i++)
		TEST_CALL(check_limits(&fix->data, other, szc_bytes[i], GROOVE_DATA_CACHE_JOIN_BYTES));
	for (size_t i = 0; i < sizeof(join_bytes) / sizeof(join_bytes[0]); i++)
		TEST_CALL(check_limits(&fix->data, other, GROOVE_DATA_CACHE_SZC_BYTES, join_bytes[i]));
	return groove_data_cache_limit(&fix->data, GROOVE_DATA_CACHE_SZC_BYTES, GROOVE_DATA_CACHE_JOIN_BYTES);
}

/* Slots of every class are cached, then one class alone is used: those of all others go back by themselves. */
static int
test_ageing(struct fixture *fix)
{
	const uint64_t used = expect_szc(100);

	for (uint64_t szc = 0; szc < CACHED_CLASSES; szc++) {
		TEST_CALL(objects_alloc(&fix->data, objs, expect_szc_room(szc), 1));
		TEST_CALL(objects_free(&fix->data, objs, 1));
		TEST_ASSERT(slots_cached(&fix->data, szc) > 0, "class %lu is cached", szc);
	}
	for (unsigned int i = 0; i < 40; i++) {
		TEST_CALL(objects_alloc(&fix->data, objs, 100, OBJ_MAX));
		TEST_CALL(objects_free(&fix->data, objs, OBJ_MAX));
	}
	for (uint64_t szc = 0; szc < GROOVE_DATA_SZC_CNT; szc++)
		TEST_ASSERT(szc == used || slots_cached(&fix->data, szc) == 0, "class %lu, idle, has %lu slots cached",
			szc, slots_cached(&fix->data, szc));
	return groove_data_flush(&fix->data);
}

/* A join that a thread still had when it ended can be left by any other: nothing of it stays mapped. */
static int
joins_in_thread(unsigned int index, void *arg)
{
	const struct fixture *fix = ((void **)arg)[0];
	groove_data_t *joins = ((void **)arg)[1];

	(void)index;
	for (unsigned int i = 0; i < 8; i++)
		TEST_CALL(fixture_join(fix, &joins[i], i));
	return TEST_SUCCESS;
}

static uint64_t
mapped_kib(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	unsigned long pages = 0;

	if (file == NULL)
		return 0;
	if (fscanf(file, "%lu", &pages) != 1)
		pages = 0;
	fclose(file);
	return pages * 4;
}

static int
test_left_by_another(struct fixture *fix)
{
	static groove_data_t joins[8];
	void *arg[] = {fix, joins};
	uint64_t before = 0;

	/* The second time nothing is new but what stays, and what the C library takes now and then. */
	for (unsigned int turn = 0; turn < 18; turn++) {
		TEST_CALL(test_threads_run(1, joins_in_thread, arg));
		for (unsigned int i = 0; i < 8; i++)
			TEST_ASSERT_EQUAL(groove_data_leave(&joins[i]), &joins[i], "leave");
		if (turn == 1)
			before = mapped_kib();
	}
	/* 16 turns of 8 caches, each of 32 KiB or more, would be 4 MiB. */
	TEST_ASSERT(mapped_kib() < before + 1024, "%lu KiB mapped, %lu before", mapped_kib(), before);
	return TEST_SUCCESS;
}

/* ---- bulk ---- */

/* Object i has tags[i], also where the call goes on in a larger class when its own is full. */
static int
check_tags(uint64_t n, uint64_t first)
{
	uint64_t larger = 0;

	for (uint64_t i = 0; i < n; i++) {
		TEST_ASSERT_EQUAL(groove_data_alloc_tag(objs[i]), first + i, "tag of object %lu of %lu", i, n);
		larger += groove_data_hdr_szc(groove_data_alloc_hdr(objs[i])) !=
			  groove_data_hdr_szc(groove_data_alloc_hdr(objs[0]));
	}
	TEST_ASSERT(larger > 0 && larger < n - 1, "%lu of %lu objects are in a larger class", larger, n);
	return TEST_SUCCESS;
}

#define FULL_SZ	  20000UL /* fills the groove; */
#define OWN_SZ	  16000UL /* finds slots of its own, then those */
#define BURST_CNT 16UL

static int
test_tags_when_full(bool bulk)
{
	static void *full[4096];
	struct fixture fix = {.shmem = NULL};
	uint64_t tags[BURST_CNT];
	uint64_t full_cnt = 0;
	uint64_t done = BURST_CNT;
	uint64_t room;
	int err = GROOVE_SUCCESS;

	TEST_CALL(fixture_make(&fix, VOLUME_SZ_MIN, 1));
	TEST_CALL(fixture_add(&fix, 0, 1));
	/* One superblock of the own class, with some room left. */
	TEST_CALL(objects_alloc(&fix.data, objs, OWN_SZ, 1));
	room = groove_data_szc_cfg[groove_data_hdr_szc(groove_data_alloc_hdr(objs[0]))].obj_cnt - 1U;
	for (uint64_t i = 5; i < room; i++)
		TEST_ASSERT_NOT_NULL(groove_data_alloc(&fix.data, 0, OWN_SZ, 0, NULL), "alloc");
	TEST_ASSERT_SUCCESS(groove_data_flush(&fix.data), "flush");
	while (full_cnt < 4096 && (full[full_cnt] = groove_data_alloc(&fix.data, 0, FULL_SZ, 0, &err)) != NULL)
		full_cnt++;
	TEST_ASSERT_EQUAL(err, GROOVE_ERR_FULL, "full");
	for (uint64_t i = 0; i < 2 * BURST_CNT; i++)
		TEST_ASSERT_SUCCESS(groove_data_free(&fix.data, full[(i + 1) * full_cnt / 64]), "free");
	for (uint64_t i = 0; i < BURST_CNT; i++)
		tags[i] = 1000 + i;
	if (bulk)
		err = groove_data_alloc_bulk(&fix.data, 0, OWN_SZ, tags, objs, BURST_CNT);
	else
		done = groove_data_alloc_burst(&fix.data, 0, OWN_SZ, tags, objs, BURST_CNT, &err);
	TEST_ASSERT_SUCCESS(err, "%s of %lu", bulk ? "bulk" : "burst", BURST_CNT);
	TEST_ASSERT_EQUAL(done, BURST_CNT, "objects");
	TEST_CALL(check_tags(BURST_CNT, 1000));
	fixture_unmap(&fix);
	return TEST_SUCCESS;
}

/* ---- lists ---- */

/* Superblocks with a place, by all tables. */
static uint64_t
places(const struct fixture *fix, enum sb_place place)
{
	const groove_data_t *data = &fix->data;
	uint64_t cnt = 0;

	for (uint64_t volume = 0; volume < data->pool.volume_max; volume++) {
		if (volume_state_kind(pool_state(&data->pool, volume)) != VOLUME_USED)
			continue;
		for (uint64_t i = 0; i < table_cnt(data->volume_shift); i++)
			cnt += sb_word_place(volume_table(data, volume)[i].word) == place;
	}
	return cnt;
}

static uint64_t
lines_of(const char *text, const char *word)
{
	uint64_t cnt = 0;

	for (const char *at = strstr(text, word); at != NULL; at = strstr(at + 1, word))
		cnt++;
	return cnt;
}

/* Dump shows each superblock that is active or in a list, in whichever list. */
static int
check_dump(const struct fixture *fix)
{
	char *text = NULL;
	size_t text_sz;
	FILE *file = open_memstream(&text, &text_sz);

	TEST_ASSERT_NOT_NULL(file, "no memory");
	TEST_ASSERT_SUCCESS(groove_data_dump(file, &fix->data), "dump");
	fclose(file);
	TEST_ASSERT_EQUAL(lines_of(text, "  listed: "), places(fix, SB_LISTED), "listed superblocks");
	TEST_ASSERT_EQUAL(lines_of(text, "  active: "), places(fix, SB_ACTIVE), "active superblocks");
	free(text);
	return TEST_SUCCESS;
}

/* Superblocks in a list. */
static uint64_t
list_length(const groove_data_t *data, uint64_t group, uint64_t szc)
{
	uint64_t cnt = 0;

	for (uint64_t block = list_head_first(data->shdata->list[group][szc]); block != 0;
		block = *entry_link(data, sb_entry(data, szc, block)))
		cnt++;
	return cnt;
}

#define LISTED_SZ 40000UL
#define LISTED	  4U /* superblocks of each of two groups */

/* Free one object of each of some full superblocks: they go into the list of the join that frees. */
static int
list_some(groove_data_t *data, void **first, uint64_t slots)
{
	for (unsigned int i = 0; i < LISTED; i++)
		TEST_ASSERT_SUCCESS(groove_data_free(data, first[i * slots]), "free");
	return groove_data_flush(data);
}

/*
 * Two groups have superblocks in their lists. A trim by either leaves them there, and recovery does; and dump shows
 * them, also those in the list of what is being drained.
 */
static int
test_lists(struct fixture *fix, groove_data_t *other)
{
	const uint64_t szc = expect_szc(LISTED_SZ);
	const uint64_t slots = groove_data_szc_cfg[szc].obj_cnt;
	groove_data_t *joins[] = {&fix->data, other};

	TEST_ASSERT(groove_data_szc_cfg[szc].cgroup_mask > 0, "class %lu has groups", szc);
	for (unsigned int i = 0; i < 2; i++)
		TEST_ASSERT_SUCCESS(groove_data_cache_limit(joins[i], 0, 0), "no caching");
	TEST_CALL(objects_alloc(&fix->data, objs, LISTED_SZ, (2 * LISTED + 1) * slots));
	TEST_CALL(list_some(&fix->data, objs, slots));
	TEST_CALL(list_some(other, objs + LISTED * slots, slots));
	TEST_ASSERT_EQUAL(list_length(&fix->data, 0, szc), LISTED, "list of the first group");
	TEST_ASSERT_EQUAL(list_length(&fix->data, 1, szc), LISTED, "list of the second group");
	TEST_CALL(check_dump(fix));
	for (unsigned int i = 0; i < 4; i++) {
		if (i < 2)
			TEST_ASSERT_SUCCESS(groove_data_trim(joins[i % 2]), "trim");
		else
			TEST_ASSERT_SUCCESS(groove_data_recover(joins[i % 2], NULL, NULL), "recover");
		TEST_ASSERT_EQUAL(list_length(&fix->data, 0, szc), LISTED, "of the first group, %u", i);
		TEST_ASSERT_EQUAL(list_length(&fix->data, 1, szc), LISTED, "of the second group, %u", i);
		TEST_CALL(check_dump(fix));
	}
	TEST_ASSERT_SUCCESS(groove_data_volume_drain(&fix->data, addr_volume(&fix->data, objs[0])), "drain");
	TEST_ASSERT_SUCCESS(groove_data_trim(other), "trim");
	TEST_ASSERT(list_length(&fix->data, LIST_DRAIN, szc) > 0, "something is drained");
	TEST_CALL(check_dump(fix));
	TEST_ASSERT_SUCCESS(groove_data_volume_drain(&fix->data, GROOVE_VOLUME_NONE), "no drain");
	TEST_ASSERT_SUCCESS(groove_data_verify(&fix->data), "verify");
	for (uint64_t i = 0; i < (2UL * LISTED + 1) * slots; i++)
		if (i % slots != 0 || i >= 2UL * LISTED * slots)
			TEST_CALL(objects_free(&fix->data, &objs[i], 1));
	return TEST_SUCCESS;
}

/* ---- volumes ---- */

/* Remove a volume; GROOVE_VOLUME_NONE when none is empty. */
static uint64_t
remove_one(struct fixture *fix)
{
	groove_volume_t *volume = NULL;

	for (unsigned int i = 0; i < 8 && volume == NULL; i++)
		volume = groove_data_volume_remove(&fix->data);
	return volume != NULL ? (uint64_t)((uint8_t *)volume - fix->volume0) / VOLUME_SZ_MIN : GROOVE_VOLUME_NONE;
}

/* The join that removed a drained volume died before it ended the drain: when the volume comes back it is not drained.
 */
static int
test_drain_left(struct fixture *fix)
{
	const uint64_t idx = remove_one(fix);
	const uint64_t another = remove_one(fix);

	TEST_ASSERT(idx != GROOVE_VOLUME_NONE && another != GROOVE_VOLUME_NONE, "two volumes are empty");
	fix->data.shdata->drain = idx + 1;
	TEST_CALL(fixture_add(fix, another, 1));
	TEST_ASSERT_EQUAL(drain_volume(&fix->data), idx + 1, "drained, plus 1, when another came back");
	TEST_CALL(fixture_add(fix, idx, 1));
	TEST_ASSERT_EQUAL(drain_volume(&fix->data), 0, "drained, plus 1, when it came back");
	return TEST_SUCCESS;
}

/* ---- one wrong bit ---- */

static int
count_objects(void *arg, void *obj)
{
	(void)obj;
	++*(uint64_t *)arg;
	return 0;
}

/* All memory that is left is used: an object that lives is still there, and nothing lies over it. */
static int
check_alone(struct fixture *fix, void *obj)
{
	const groove_data_hdr_t hdr = groove_data_alloc_hdr(obj);
	const struct span own = object_span(obj);
	uint64_t cnt = 0;
	void *other;

	test_log_begin();
	for (uint64_t sz = 10UL << 20; sz > 1000; sz /= 10)
		while ((other = groove_data_alloc(&fix->data, 0, sz, 0, NULL)) != NULL) {
			const struct span span = object_span(other);

			TEST_ASSERT(
				span.stop <= own.start || span.start >= own.stop, "an object of %lu bytes over it", sz);
		}
	test_log_end();
	TEST_ASSERT_SUCCESS(groove_data_walk(&fix->data, NULL, count_objects, &cnt), "walk");
	TEST_ASSERT_EQUAL(memcmp(&hdr, groove_data_object_hdr(obj), sizeof(hdr)), 0, "the object's header");
	TEST_ASSERT(cnt > 0 && object_intact(obj, 1), "the object");
	return TEST_SUCCESS;
}

/* The last object of a superblock is free by the word, so the superblock is empty by it. */
static int
test_stray_empty(void)
{
	struct fixture fix = {.shmem = NULL};
	const uint64_t szc = expect_szc(100000);
	struct groove_sb *sb;
	groove_data_hdr_t hdr;
	void *obj;

	TEST_CALL(fixture_make(&fix, VOLUME_SZ_MIN, 1));
	TEST_CALL(fixture_add(&fix, 0, 1));
	obj = groove_data_alloc(&fix.data, 0, 100000, 0, NULL);
	TEST_ASSERT_NOT_NULL(obj, "alloc");
	object_fill(obj, 1);
	hdr = groove_data_alloc_hdr(obj);
	sb = sb_entry(&fix.data, groove_data_hdr_szc(hdr),
		slot_superblock(
			&fix.data, groove_data_hdr_szc(hdr), groove_data_object_hdr(obj), groove_data_hdr_idx(hdr)));
	sb->word |= 1UL << groove_data_hdr_idx(hdr);
	TEST_ASSERT(sb_word_empty(sb->word, groove_data_szc_cfg[szc].obj_cnt), "empty by its word");
	test_log_begin();
	TEST_ASSERT_SUCCESS(groove_data_trim(&fix.data), "trim");
	TEST_ASSERT(test_log_lines() > 0, "log lines");
	test_log_end();
	TEST_CALL(check_alone(&fix, obj));
	fixture_unmap(&fix);
	return TEST_SUCCESS;
}

/* A live object is free by the word. It can be freed all the same, once; its slot is put nowhere twice. */
static int
test_stray_free(void)
{
	struct fixture fix = {.shmem = NULL};
	groove_data_hdr_t hdr;
	void *obj;

	TEST_CALL(fixture_make(&fix, VOLUME_SZ_MIN, 1));
	TEST_CALL(fixture_add(&fix, 0, 1));
	TEST_ASSERT_SUCCESS(groove_data_cache_limit(&fix.data, 0, 0), "cache_limit");
	obj = groove_data_alloc(&fix.data, 0, 3000, 0, NULL);
	TEST_ASSERT_NOT_NULL(obj, "alloc");
	hdr = groove_data_alloc_hdr(obj);
	sb_entry(&fix.data, groove_data_hdr_szc(hdr),
		slot_superblock(
			&fix.data, groove_data_hdr_szc(hdr), groove_data_object_hdr(obj), groove_data_hdr_idx(hdr)))
		->word |= 1UL << groove_data_hdr_idx(hdr);
	test_log_begin();
	if (GROOVE_DEBUG_CHECKS) {
		TEST_ASSERT_EQUAL(groove_data_free(&fix.data, obj), GROOVE_ERR_CORRUPT, "free by its superblock");
	} else {
		TEST_ASSERT_SUCCESS(groove_data_free(&fix.data, obj), "free");
		TEST_ASSERT_EQUAL(groove_data_free(&fix.data, obj), GROOVE_ERR_INVAL, "free again");
	}
	test_log_end();
	fixture_unmap(&fix);
	return TEST_SUCCESS;
}

/* The pool leads to a volume that is in use. */
static int
test_stray_pool(void)
{
	struct fixture fix = {.shmem = NULL};
	struct pool_shared *pool;
	void *obj;

	TEST_CALL(fixture_make(&fix, VOLUME_SZ_MIN, 2));
	TEST_CALL(fixture_add(&fix, 0, 2));
	obj = groove_data_alloc(&fix.data, 0, 10UL << 20, 0, NULL);
	TEST_ASSERT_NOT_NULL(obj, "alloc");
	object_fill(obj, 1);
	pool = pool_shared(&fix.data.pool);
	TEST_ASSERT_EQUAL(list_head_first(pool->head), 2, "volume 1 is the next, plus 1");
	pool->head ^= 3;
	TEST_CALL(check_alone(&fix, obj));
	fixture_unmap(&fix);
	return TEST_SUCCESS;
}

/* ---- delete ---- */

/* No groove is deleted while somebody has joined, is dead and not recovered, or unknown. */
static int
test_delete(void)
{
	struct fixture fix = {.shmem = NULL};
	groove_data_t join;

	TEST_CALL(fixture_make(&fix, VOLUME_SZ_MIN, 1));
	TEST_CALL(fixture_join(&fix, &join, 0));

	struct groove_record *record = join.record;
	const uint64_t live = record->state;
	const uint64_t states[] = {
		live,
		record_state_next(live, RECORD_DEAD, 0),
		record_state_next(live, RECORD_SETTLED, 0),
		live ^ 1,
	};

	TEST_ASSERT_EQUAL(groove_data_leave(&fix.data), &fix.data, "leave");
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		record->state = states[i];
		test_log_begin();
		TEST_ASSERT_NULL(groove_data_delete(fix.shmem), "deleted with a record in state %#lx", states[i]);
		TEST_ASSERT_EQUAL(test_log_lines(), 1, "log lines");
		test_log_end();
	}
	record->state = live;
	TEST_ASSERT_EQUAL(groove_data_leave(&join), &join, "leave");
	TEST_ASSERT_EQUAL(groove_data_delete(fix.shmem), fix.shmem, "delete");
	fixture_unmap(&fix);
	return TEST_SUCCESS;
}

/* ---- rebuild ---- */

/* A volume's info as it was found stays, unless its size cannot be; the groove is good again in any case. */
static int
test_rebuild_info(void)
{
	static const uint64_t sizes[] = {0, 1, 4, 479, 480, 481, 1UL << 20, 1UL << 40, UINT64_MAX};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct fixture fix = {.shmem = NULL};
		groove_volume_t *volume;

		TEST_CALL(fixture_make(&fix, VOLUME_SZ_MIN, 1));
		TEST_CALL(fixture_add(&fix, 0, 1));
		TEST_CALL(objects_alloc(&fix.data, objs, 100, 1));
		TEST_ASSERT_EQUAL(groove_data_leave(&fix.data), &fix.data, "leave");
		volume = (groove_volume_t *)fix.volume0;
		volume->info_sz = sizes[i];
		TEST_ASSERT_SUCCESS(groove_data_rebuild(fix.shmem, &fix.cfg, fix.volume0, NULL, NULL, NULL), "rebuild");
		TEST_ASSERT_EQUAL(volume->info_sz, sizes[i] <= GROOVE_VOLUME_INFO_MAX ? sizes[i] : 0,
			"bytes of info, which were %lu", sizes[i]);
		TEST_CALL(fixture_join(&fix, &fix.data, 0));
		TEST_ASSERT_SUCCESS(groove_data_verify(&fix.data), "verify, with %lu bytes of info", sizes[i]);
		fixture_unmap(&fix);
	}
	return TEST_SUCCESS;
}

static int
test_upkeep(void)
{
	struct fixture fix = {.shmem = NULL};
	groove_data_t other;

	TEST_CALL(fixture_make(&fix, VOLUME_SZ_MIN, VOLUME_CNT));
	TEST_CALL(fixture_add(&fix, 0, VOLUME_CNT));
	TEST_CALL(fixture_join(&fix, &other, 1));
	TEST_ASSERT_SUCCESS(groove_data_cache_limit(&other, 0, 0), "no caching");
	TEST_CALL(test_limits(&fix, &other));
	TEST_CALL(test_ageing(&fix));
	TEST_CALL(test_left_by_another(&fix));
	TEST_CALL(test_lists(&fix, &other));
	TEST_CALL(test_drain_left(&fix));
	TEST_ASSERT_EQUAL(groove_data_leave(&other), &other, "leave");
	TEST_CALL(fixture_end(&fix));
	TEST_CALL(test_tags_when_full(false));
	TEST_CALL(test_tags_when_full(true));
	TEST_CALL(test_stray_empty());
	TEST_CALL(test_stray_free());
	TEST_CALL(test_stray_pool());
	TEST_CALL(test_delete());
	return test_rebuild_info();
}

GROOVE_TEST(upkeep_autotest, fast, test_upkeep);
