/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * A groove whose pages are of two times, as a file may be after power loss: two snapshots of a groove at work are mixed
 * page by page, and rebuilt. What is kept and what is reported is compared with the objects that were live at either
 * time and whose header is in the mix.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "fixture.h"
#include "shared.h"

#define VOLUME_CNT 2UL
#define PAGE_SZ	   4096UL
#define SLOT_CNT   1500UL
#define TURNS	   12000UL
#define OBJ_MAX	   (4 * SLOT_CNT)
#define ROUNDS	   60UL

/* An object that was live in a snapshot: its header, and where that lies after volume 0. */
struct known {
	uint64_t off;
	groove_data_hdr_t hdr;
};

struct objects {
	struct known obj[OBJ_MAX];
	uint64_t cnt;
};

/* Where the page of a mix comes from. */
enum source {
	SOURCE_EARLY,
	SOURCE_LATE,
	SOURCE_ZEROS,
	SOURCE_GARBAGE,
};

struct scene {
	groove_data_cfg_t cfg;
	uint8_t *mem; /* shared region, then the volumes */
	uint64_t shmem_sz;
	uint64_t sz;
	uint8_t *snapshot[2];
	struct objects known[2];
	uint8_t *sources; /* by page */
	uint64_t seed;
	uint64_t valid_cnt, kept_cnt; /* of all rounds */
};

static uint8_t *
volume0_of(const struct scene *scene)
{
	return scene->mem + scene->shmem_sz;
}

static uint8_t *
at(const struct scene *scene, uint64_t off)
{
	return volume0_of(scene) + off;
}

/* ---- two snapshots of a groove at work ---- */

struct churn {
	groove_data_t join[2];
	void *objs[SLOT_CNT];
	uint64_t tag;
	uint64_t sz_max;
};

/* Superblocks go, and their memory becomes that of others. */
static int
clear_most(struct churn *churn)
{
	for (unsigned int i = 0; i < SLOT_CNT; i++) {
		if (i % 8 == 0 || churn->objs[i] == NULL)
			continue;
		TEST_ASSERT_SUCCESS(groove_data_free(&churn->join[0], churn->objs[i]), "free");
		churn->objs[i] = NULL;
	}
	groove_data_flush(&churn->join[0]);
	return groove_data_trim(&churn->join[0]);
}

static int
churn_turn(struct scene *scene, struct churn *churn)
{
	groove_data_t *join = &churn->join[test_rand(&scene->seed) % 2];
	void **slot = &churn->objs[test_rand(&scene->seed) % SLOT_CNT];
	const uint64_t align = 1UL << test_rand(&scene->seed) % 10;
	const uint64_t sz = test_rand(&scene->seed) % churn->sz_max >> test_rand(&scene->seed) % 19;

	if (*slot != NULL) {
		TEST_ASSERT_SUCCESS(groove_data_free(join, *slot), "free");
		*slot = NULL;
		return TEST_SUCCESS;
	}
	*slot = groove_data_alloc(join, align, sz, ++churn->tag, NULL);
	if (*slot != NULL)
		object_fill(*slot, churn->tag);
	return TEST_SUCCESS;
}

static void
snapshot_of(struct scene *scene, const struct churn *churn, unsigned int which)
{
	struct objects *known = &scene->known[which];

	memcpy(scene->snapshot[which], scene->mem, scene->sz);
	for (unsigned int i = 0; i < SLOT_CNT; i++) {
		const uint8_t *obj = churn->objs[i];

		if (obj == NULL)
			continue;
		known->obj[known->cnt].hdr = groove_data_alloc_hdr(obj);
		known->obj[known->cnt].off =
			(uint64_t)(obj - expect_obj_off(groove_data_alloc_align(obj)) - volume0_of(scene));
		known->cnt++;
	}
}

/* Caches are full and superblocks held at both times: nobody left. */
static int
make_snapshots(struct scene *scene)
{
	struct churn churn = {.tag = 0};

	TEST_ASSERT_EQUAL(groove_data_new_cfg(scene->mem, &scene->cfg), scene->mem, "new");
	for (unsigned int i = 0; i < 2; i++)
		TEST_ASSERT_NOT_NULL(groove_data_join(&churn.join[i], scene->mem, volume0_of(scene), 0, i), "join");
	TEST_ASSERT_SUCCESS(groove_data_volume_add(&churn.join[0], at(scene, 0), VOLUME_CNT * VOLUME_SZ_MIN, "info", 5),
		"volume_add");
	for (unsigned int which = 0; which < 2; which++) {
		TEST_CALL(clear_most(&churn));
		churn.sz_max = which == 0 ? 512UL << 10 : 100000;
		for (uint64_t i = 0; i < TURNS; i++)
			TEST_CALL(churn_turn(scene, &churn));
		snapshot_of(scene, &churn, which);
		TEST_ASSERT(scene->known[which].cnt > SLOT_CNT / 4, "%lu objects", scene->known[which].cnt);
	}
	for (unsigned int i = 0; i < 2; i++)
		groove_data_leave(&churn.join[i]);
	return TEST_SUCCESS;
}

/* ---- mixes ---- */

static void
page_fill(struct scene *scene, uint64_t page)
{
	uint64_t *words = (uint64_t *)(scene->mem + page * PAGE_SZ);

	switch ((enum source)scene->sources[page]) {
	case SOURCE_EARLY:
	case SOURCE_LATE:
		memcpy(words, scene->snapshot[scene->sources[page]] + page * PAGE_SZ, PAGE_SZ);
		break;
	case SOURCE_ZEROS:
		memset(words, 0, PAGE_SZ);
		break;
	case SOURCE_GARBAGE: /* some of it headers that are elsewhere */
		memcpy(words, scene->snapshot[1] + test_rand(&scene->seed) % (scene->sz / PAGE_SZ) * PAGE_SZ, PAGE_SZ);
		for (unsigned int i = 0; i < PAGE_SZ / sizeof(*words); i += 8)
			words[i] ^= test_rand(&scene->seed) % 4 == 0 ? 1UL << test_rand(&scene->seed) % 64 : 0;
		break;
	}
}

/* Of 16 pages so many of each kind, in runs; of the last pages none is left. */
struct recipe {
	const char *name;
	unsigned int late, zeros, garbage, run_max;
	bool cut;
};

static void
mix(struct scene *scene, const struct recipe *recipe)
{
	const uint64_t page_cnt = scene->sz / PAGE_SZ;
	const uint64_t front_cnt = scene->shmem_sz / PAGE_SZ;
	const uint64_t cut = front_cnt + test_rand(&scene->seed) % (page_cnt - front_cnt);

	for (uint64_t page = 0; page < page_cnt;) {
		const uint64_t dice = test_rand(&scene->seed) % 16;
		uint64_t run = 1 + test_rand(&scene->seed) % recipe->run_max;
		enum source source = SOURCE_EARLY;

		if (dice < recipe->late)
			source = SOURCE_LATE;
		else if (dice < recipe->late + recipe->zeros)
			source = SOURCE_ZEROS;
		else if (dice < recipe->late + recipe->zeros + recipe->garbage)
			source = SOURCE_GARBAGE;
		/* The groove's own words say which library may read it. */
		if (page == 0)
			source = recipe->zeros ? SOURCE_ZEROS : SOURCE_LATE;
		for (; page < page_cnt && run > 0; run--, page++)
			scene->sources[page] = recipe->cut && page >= cut ? SOURCE_ZEROS : (uint8_t)source;
	}
	for (uint64_t page = 0; page < page_cnt; page++)
		page_fill(scene, page);
}

/* ---- what may be kept ---- */

static int
compare_known(const void *a, const void *b)
{
	const struct known *left = a;
	const struct known *right = b;

	return (left->off > right->off) - (left->off < right->off);
}

static const struct known *
find_known(const struct objects *objects, uint64_t off)
{
	const struct known key = {.off = off};

	return bsearch(&key, objects->obj, objects->cnt, sizeof(key), compare_known);
}

/* The objects of both times whose headers are in the mix, each once, by address. */
static void
find_valid(const struct scene *scene, struct objects *valid)
{
	uint64_t cnt = 0;

	valid->cnt = 0;
	for (unsigned int which = 0; which < 2; which++) {
		for (uint64_t i = 0; i < scene->known[which].cnt; i++) {
			const struct known *known = &scene->known[which].obj[i];

			if (memcmp(at(scene, known->off), &known->hdr, sizeof(known->hdr)) == 0)
				valid->obj[valid->cnt++] = *known;
		}
	}
	qsort(valid->obj, valid->cnt, sizeof(valid->obj[0]), compare_known);
	for (uint64_t i = 0; i < valid->cnt; i++)
		if (cnt == 0 || valid->obj[cnt - 1].off != valid->obj[i].off)
			valid->obj[cnt++] = valid->obj[i];
	valid->cnt = cnt;
}

/* ---- what was kept, and what was reported ---- */

struct outcome {
	const struct scene *scene;
	struct objects kept;
	struct objects lost;
	enum groove_data_lost_why why[OBJ_MAX];
	uint64_t too_many;
};

static int
note_kept(void *arg, void *obj)
{
	struct outcome *outcome = arg;
	const groove_data_hdr_t *hdr = groove_data_object_hdr_const(obj);
	struct objects *kept = &outcome->kept;

	TEST_ASSERT(kept->cnt < OBJ_MAX, "more objects than there ever were");
	kept->obj[kept->cnt++] = (struct known){
		(uint64_t)((const uint8_t *)hdr - volume0_of(outcome->scene)), groove_data_alloc_hdr(obj)};
	return 0;
}

static void
note_lost(void *arg, const groove_data_lost_t *lost)
{
	struct outcome *outcome = arg;
	struct objects *objects = &outcome->lost;
	const uint64_t off = lost->volume * VOLUME_SZ_MIN + lost->off;

	if (objects->cnt == OBJ_MAX) {
		outcome->too_many++;
		return;
	}
	outcome->why[objects->cnt] = lost->why;
	/* All but the index in the superblock, which the header at the place has still. */
	objects->obj[objects->cnt++] =
		(struct known){off, groove_data_hdr(GROOVE_DATA_HDR_TYPE_ALLOC,
					    groove_data_hdr_idx(*(const groove_data_hdr_t *)at(outcome->scene, off)),
					    lost->szc, lost->align, lost->sz, lost->tag)};
}

/* The slots of what was kept. */
static struct span *
spans_of(const struct scene *scene, const struct objects *kept)
{
	struct span *spans = malloc((kept->cnt + 1) * sizeof(*spans));

	for (uint64_t i = 0; spans != NULL && i < kept->cnt; i++) {
		const struct known *known = &kept->obj[i];

		spans[i] = object_span(at(scene, known->off) + expect_obj_off(groove_data_hdr_align(known->hdr)));
	}
	return spans;
}

static bool
is_inside(const struct span *spans, uint64_t cnt, uintptr_t addr)
{
	for (uint64_t i = 0; i < cnt; i++)
		if (addr >= spans[i].start && addr < spans[i].stop)
			return true;
	return false;
}

/* They differ in whether a kept object is in the way. */
static int
check_reasons(const struct scene *scene, const struct outcome *outcome, const struct span *spans)
{
	for (uint64_t i = 0; i < outcome->lost.cnt; i++) {
		const bool inside = is_inside(spans, outcome->kept.cnt, (uintptr_t)at(scene, outcome->lost.obj[i].off));

		TEST_ASSERT_EQUAL(outcome->why[i], inside ? GROOVE_DATA_LOST_OVERLAPPED : GROOVE_DATA_LOST_UNREACHABLE,
			"reason of object %lu", i);
	}
	return TEST_SUCCESS;
}

/* The bytes that are the owner's are as they were in the mix. */
static int
check_bytes(const struct scene *scene, const struct known *known)
{
	const uint8_t *obj = at(scene, known->off) + expect_obj_off(groove_data_hdr_align(known->hdr));
	const uint8_t *stop = groove_data_alloc_stop_const(obj);

	for (const uint8_t *byte = groove_data_alloc_start_const(obj); byte < stop;) {
		const uint64_t off = (uint64_t)(byte - scene->mem);
		const uint64_t room = PAGE_SZ - off % PAGE_SZ;
		const uint64_t sz = (uint64_t)(stop - byte) < room ? (uint64_t)(stop - byte) : room;
		const uint8_t source = scene->sources[off / PAGE_SZ];

		if (source <= SOURCE_LATE)
			TEST_ASSERT(memcmp(byte, scene->snapshot[source] + off, sz) == 0, "bytes at %#lx", off);
		byte += sz;
	}
	return TEST_SUCCESS;
}

/* Each object with a header in the mix was kept or reported, and nothing else was. */
static int
check_complete(const struct scene *scene, const struct objects *valid, const struct outcome *outcome)
{
	TEST_ASSERT_EQUAL(outcome->too_many, 0, "reported beyond all bounds");
	for (uint64_t i = 0; i < valid->cnt; i++) {
		const struct known *known = &valid->obj[i];
		const struct known *kept = find_known(&outcome->kept, known->off);
		const struct known *lost = find_known(&outcome->lost, known->off);

		TEST_ASSERT((kept == NULL) != (lost == NULL), "object at %#lx: %s", known->off,
			kept == NULL ? "neither kept nor reported" : "kept and reported");
		TEST_ASSERT(memcmp(&(kept != NULL ? kept : lost)->hdr, &known->hdr, sizeof(known->hdr)) == 0,
			"header at %#lx", known->off);
		if (kept != NULL)
			TEST_CALL(check_bytes(scene, kept));
	}
	TEST_ASSERT_EQUAL(outcome->kept.cnt + outcome->lost.cnt, valid->cnt, "kept and reported");
	return TEST_SUCCESS;
}

/* ---- the groove afterwards ---- */

static int
check_usable(struct scene *scene, groove_data_t *join, const struct objects *kept)
{
	struct churn churn = {.tag = 1UL << 40, .sz_max = 512UL << 10};
	groove_data_stats_t stats;

	churn.join[0] = *join;
	TEST_ASSERT_NOT_NULL(groove_data_join(&churn.join[1], scene->mem, volume0_of(scene), 0, 1), "join");
	for (unsigned int i = 0; i < 2000; i++)
		TEST_CALL(churn_turn(scene, &churn));
	for (unsigned int i = 0; i < SLOT_CNT; i++)
		if (churn.objs[i] != NULL)
			TEST_ASSERT_SUCCESS(groove_data_free(&churn.join[i % 2], churn.objs[i]), "free %u", i);
	TEST_ASSERT_NOT_NULL(groove_data_leave(&churn.join[1]), "leave");
	TEST_ASSERT_SUCCESS(groove_data_verify(&churn.join[0]), "verify after work");
	for (uint64_t i = 0; i < kept->cnt; i++)
		TEST_ASSERT_SUCCESS(
			groove_data_free(&churn.join[0],
				at(scene, kept->obj[i].off) + expect_obj_off(groove_data_hdr_align(kept->obj[i].hdr))),
			"free %lu", i);
	TEST_ASSERT_SUCCESS(groove_data_flush(&churn.join[0]), "flush");
	TEST_ASSERT_SUCCESS(groove_data_trim(&churn.join[0]), "trim");
	TEST_ASSERT_SUCCESS(groove_data_verify(&churn.join[0]), "verify without objects");
	TEST_ASSERT_SUCCESS(groove_data_stats(&churn.join[0], &stats), "stats");
	TEST_ASSERT_EQUAL(stats.total.obj_cnt, 0, "live objects");
	TEST_ASSERT_EQUAL(stats.total.superblock_cnt, 0, "superblocks");
	TEST_ASSERT_EQUAL(stats.volume_empty_cnt, stats.volume_cnt, "empty volumes");
	TEST_ASSERT_NOT_NULL(groove_data_leave(&churn.join[0]), "leave");
	return TEST_SUCCESS;
}

static int
note_volume(void *arg, uint64_t volume)
{
	(void)arg;
	return volume < VOLUME_CNT;
}

/* What a read-only join sees is what rebuild keeps; and it changes nothing. */
static int
check_readonly(struct scene *scene, struct outcome *before)
{
	groove_data_t join;
	uint8_t *copy = malloc(scene->sz);

	TEST_ASSERT_NOT_NULL(copy, "out of memory");
	memcpy(copy, scene->mem, scene->sz);
	TEST_ASSERT_EQUAL(groove_data_join_readonly(&join, scene->mem, &scene->cfg, volume0_of(scene)), &join, "join");
	TEST_ASSERT_SUCCESS(groove_data_walk(&join, NULL, note_kept, before), "walk");
	TEST_ASSERT_EQUAL(groove_data_leave(&join), &join, "leave");
	TEST_ASSERT(memcmp(copy, scene->mem, scene->sz) == 0, "a read-only join changed something");
	free(copy);
	return TEST_SUCCESS;
}

static void
count_unreachable(void *arg, const groove_data_lost_t *lost)
{
	*(uint64_t *)arg += lost->why == GROOVE_DATA_LOST_UNREACHABLE;
}

/* What was reported is gone, but for the bytes of objects that were kept. */
static int
check_again(struct scene *scene)
{
	uint64_t cnt = 0;

	TEST_ASSERT_SUCCESS(
		groove_data_rebuild(scene->mem, &scene->cfg, volume0_of(scene), note_volume, count_unreachable, &cnt),
		"rebuild of what was rebuilt");
	TEST_ASSERT_EQUAL(cnt, 0, "objects reported again");
	return TEST_SUCCESS;
}

static int
check_rebuild(struct scene *scene, const struct outcome *before, struct outcome *outcome, bool exact)
{
	groove_data_stats_t stats;
	struct objects *valid = malloc(sizeof(*valid));
	struct span *spans;
	groove_data_t join;

	TEST_ASSERT_NOT_NULL(valid, "out of memory");
	find_valid(scene, valid);
	TEST_ASSERT_SUCCESS(
		groove_data_rebuild(scene->mem, &scene->cfg, volume0_of(scene), note_volume, note_lost, outcome),
		"rebuild");
	TEST_CALL(check_again(scene));
	TEST_ASSERT_NOT_NULL(groove_data_join(&join, scene->mem, volume0_of(scene), 0, 0), "join");
	TEST_ASSERT_SUCCESS(groove_data_verify(&join), "verify");
	TEST_ASSERT_SUCCESS(groove_data_walk(&join, NULL, note_kept, outcome), "walk");
	TEST_ASSERT_SUCCESS(groove_data_stats(&join, &stats), "stats");
	TEST_ASSERT_EQUAL(stats.total.obj_cnt, outcome->kept.cnt, "live objects");
	TEST_ASSERT_EQUAL(before->kept.cnt, outcome->kept.cnt, "objects that a read-only join saw");
	TEST_ASSERT(memcmp(before->kept.obj, outcome->kept.obj, outcome->kept.cnt * sizeof(struct known)) == 0,
		"a read-only join saw other objects");
	spans = spans_of(scene, &outcome->kept);
	TEST_ASSERT(spans != NULL && spans_disjoint(spans, outcome->kept.cnt), "kept objects overlap");
	TEST_CALL(check_reasons(scene, outcome, spans));
	free(spans);
	if (exact)
		TEST_CALL(check_complete(scene, valid, outcome));
	scene->valid_cnt += exact ? valid->cnt : 0;
	scene->kept_cnt += exact ? outcome->kept.cnt : 0;
	free(valid);
	return check_usable(scene, &join, &outcome->kept);
}

static int
check_mix(struct scene *scene, const struct recipe *recipe)
{
	struct outcome *before = calloc(1, sizeof(*before));
	struct outcome *outcome = calloc(1, sizeof(*outcome));
	int result = TEST_FAILED;

	mix(scene, recipe);
	if (before != NULL && outcome != NULL) {
		before->scene = scene;
		outcome->scene = scene;
		result = check_readonly(scene, before);
		if (result == TEST_SUCCESS)
			result = check_rebuild(scene, before, outcome, recipe->garbage == 0);
	}
	free(before);
	free(outcome);
	return result;
}

/* ---- calls that are refused, nothing changed ---- */

/* Of lines that come in a row the first ten are logged. */

static unsigned int refused_lines;

static int
refused(int err, const char *word)
{
	const char *logged = test_log_end();

	TEST_ASSERT_EQUAL(err, GROOVE_ERR_INVAL, "%s", word);
	if (logged[0] != '\0')
		TEST_ASSERT(TEST_LOG_IS_LINE(logged, word, "read-only", "groove_data_rebuild"), "%s", word);
	refused_lines += logged[0] != '\0';
	test_log_begin();
	return TEST_SUCCESS;
}

static int
refuse_all(struct scene *scene, groove_data_t *join)
{
	uint8_t *obj = at(scene, scene->known[1].obj[0].off) + 16;
	groove_data_volume_stats_t volume_stats;
	groove_volume_t *volume = (groove_volume_t *)at(scene, 0);
	groove_data_stats_t stats;
	void *none = NULL;
	int err;

	test_log_begin();
	TEST_ASSERT_NULL(groove_data_alloc(join, 0, 100, 1, &err), "alloc");
	TEST_CALL(refused(err, "alloc"));
	TEST_CALL(refused(groove_data_free(join, obj), "free"));
	TEST_CALL(refused(groove_data_alloc_bulk(join, 0, 100, NULL, &none, 1), "alloc"));
	TEST_ASSERT_EQUAL(groove_data_alloc_burst(join, 0, 100, NULL, &none, 1, &err), 0, "alloc_burst");
	TEST_CALL(refused(err, "alloc"));
	none = obj;
	TEST_CALL(refused(groove_data_free_bulk(join, &none, 1), "free_bulk"));
	TEST_ASSERT_EQUAL(groove_data_free_burst(join, &none, 1, &err), 0, "free_burst");
	TEST_CALL(refused(err, "free_burst"));
	TEST_CALL(
		refused(groove_data_volume_add(join, at(scene, VOLUME_SZ_MIN), VOLUME_SZ_MIN, NULL, 0), "volume_add"));
	TEST_ASSERT_NULL(groove_data_volume_remove(join), "volume_remove");
	TEST_CALL(refused(GROOVE_ERR_INVAL, "volume_remove"));
	TEST_CALL(refused(groove_data_flush(join), "flush"));
	TEST_CALL(refused(groove_data_trim(join), "trim"));
	TEST_CALL(refused(groove_data_volume_drain(join, 0), "volume_drain"));
	TEST_CALL(refused(groove_data_tidy(join), "tidy"));
	TEST_CALL(refused(groove_data_cache_limit(join, 0, 0), "cache_limit"));
	TEST_CALL(refused(groove_data_recover(join, NULL, NULL), "recover"));
	TEST_CALL(refused(groove_data_verify(join), "verify"));
	TEST_CALL(refused(groove_data_volume_verify(join, volume), "volume_verify"));
	TEST_CALL(refused(groove_data_stats(join, &stats), "stats"));
	TEST_CALL(refused(groove_data_volume_stats(join, volume, &volume_stats), "volume_stats"));
	TEST_CALL(refused(groove_data_dump(stdout, join), "dump"));
	test_log_end();
	TEST_ASSERT(refused_lines > 0, "nothing was logged");
	return TEST_SUCCESS;
}

static int
walk_in_child(void *arg)
{
	static struct outcome outcome;

	test_log_begin();
	TEST_ASSERT_EQUAL(groove_data_walk(arg, NULL, note_kept, &outcome), GROOVE_ERR_INVAL, "walk");
	TEST_ASSERT_EQUAL(outcome.kept.cnt, 0, "objects");
	test_log_end();
	return TEST_SUCCESS;
}

static int
check_refused(struct scene *scene)
{
	static const struct recipe late = {.late = 16, .run_max = 1};
	uint8_t *copy = malloc(scene->sz);
	groove_data_t join;

	TEST_ASSERT_NOT_NULL(copy, "out of memory");
	mix(scene, &late);
	memcpy(copy, scene->mem, scene->sz);
	TEST_ASSERT_NOT_NULL(groove_data_join_readonly(&join, scene->mem, &scene->cfg, volume0_of(scene)), "join");
	TEST_CALL(refuse_all(scene, &join));
	if (test_fork_wipes())
		TEST_CALL(test_child_run(walk_in_child, &join));
	TEST_ASSERT_EQUAL(groove_data_leave(&join), &join, "leave");
	test_log_begin();
	TEST_ASSERT_NULL(groove_data_leave(&join), "leave twice");
	test_log_end();
	TEST_ASSERT(memcmp(copy, scene->mem, scene->sz) == 0, "a refused call changed something");
	free(copy);
	return TEST_SUCCESS;
}

/* ---- bad arguments ---- */

static int
check_bad(struct scene *scene, void *shdata, const groove_data_cfg_t *cfg, void *volume0, const char *word)
{
	groove_data_t join;

	test_log_begin();
	TEST_ASSERT_EQUAL(groove_data_rebuild(shdata, cfg, volume0, NULL, NULL, NULL), GROOVE_ERR_INVAL, "%s", word);
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), word), "rebuild");
	test_log_begin();
	TEST_ASSERT_NULL(groove_data_join_readonly(&join, shdata, cfg, volume0), "%s", word);
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), word), "join_readonly");
	TEST_ASSERT(memcmp(scene->mem, scene->snapshot[1], scene->sz) == 0, "%s: changed something", word);
	return TEST_SUCCESS;
}

static int
check_arguments(struct scene *scene)
{
	const groove_data_cfg_t odd = {.volume_sz = 48UL << 20};
	struct groove_shdata *shdata = (struct groove_shdata *)scene->mem;
	struct groove_shdata *late = (struct groove_shdata *)scene->snapshot[1];
	uint8_t *volume0 = volume0_of(scene);

	memcpy(scene->mem, scene->snapshot[1], scene->sz);
	TEST_CALL(check_bad(scene, NULL, &scene->cfg, volume0, "not NULL"));
	TEST_CALL(check_bad(scene, scene->mem + 16, &scene->cfg, volume0, "aligned"));
	TEST_CALL(check_bad(scene, scene->mem, &scene->cfg, NULL, "not NULL"));
	TEST_CALL(check_bad(scene, scene->mem, &scene->cfg, volume0 + 16, "aligned"));
	TEST_CALL(check_bad(scene, scene->mem, &odd, volume0, "power of two"));
	shdata->version = late->version += 1;
	TEST_CALL(check_bad(scene, scene->mem, &scene->cfg, volume0, "library that made it"));
	shdata->version = late->version -= 1;
	shdata->szc_sum = late->szc_sum += 1;
	TEST_CALL(check_bad(scene, scene->mem, &scene->cfg, volume0, "library that made it"));
	shdata->szc_sum = late->szc_sum -= 1;
	test_log_begin();
	TEST_ASSERT_NULL(groove_data_join_readonly(NULL, scene->mem, &scene->cfg, volume0), "no handle");
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), "handle"), "no handle");
	return TEST_SUCCESS;
}

/* ---- the test ---- */

static const struct recipe recipes[] = {
	{"all of one time", 16, 0, 0, 1, false},
	{"half of each", 8, 0, 0, 1, false},
	{"most late", 15, 0, 0, 1, false},
	{"most early", 1, 0, 0, 1, false},
	{"long runs", 8, 0, 0, 64, false},
	{"zeros among them", 8, 1, 0, 4, false},
	{"the tail is gone", 16, 0, 0, 1, true},
	{"half of each, the tail is gone", 8, 0, 0, 8, true},
	{"nothing but zeros", 0, 16, 0, 1, false},
	{"garbage among them", 8, 0, 1, 1, false},
	{"garbage", 0, 1, 15, 1, false},
};

static int
check_mixes(struct scene *scene)
{
	const uint64_t recipe_cnt = sizeof(recipes) / sizeof(recipes[0]);
	const uint64_t rounds = test_turns(ROUNDS);

	for (uint64_t round = 0; round < rounds || round < recipe_cnt; round++) {
		const uint64_t seed = scene->seed;
		const struct recipe *recipe = &recipes[round % recipe_cnt];

		if (check_mix(scene, recipe) == TEST_SUCCESS)
			continue;
		fprintf(stderr, "round %lu, seed %#lx, %s\n", round, seed, recipe->name);
		return TEST_FAILED;
	}
	printf("of %lu objects with a header in the mixes %lu were kept\n", scene->valid_cnt, scene->kept_cnt);
	return TEST_SUCCESS;
}

static int
scene_make(struct scene *scene)
{
	*scene = (struct scene){
		.cfg = {.volume_sz = VOLUME_SZ_MIN, .volume_max = VOLUME_CNT + 1, .join_max = 8}, .seed = 5};
	scene->shmem_sz = (groove_data_footprint_cfg(&scene->cfg) + PAGE_SZ - 1) / PAGE_SZ * PAGE_SZ;
	scene->sz = scene->shmem_sz + VOLUME_CNT * VOLUME_SZ_MIN;
	scene->mem = test_mem_map(scene->sz + VOLUME_SZ_MIN);
	scene->snapshot[0] = test_mem_map(scene->sz);
	scene->snapshot[1] = test_mem_map(scene->sz);
	scene->sources = malloc(scene->sz / PAGE_SZ);
	TEST_ASSERT(scene->mem != NULL && scene->snapshot[0] != NULL && scene->snapshot[1] != NULL &&
			    scene->sources != NULL,
		"out of memory");
	return TEST_SUCCESS;
}

static int
test_rebuild(void)
{
	static struct scene scene;

	TEST_CALL(scene_make(&scene));
	TEST_CALL(make_snapshots(&scene));
	TEST_CALL(check_arguments(&scene));
	TEST_CALL(check_refused(&scene));
	TEST_CALL(check_mixes(&scene));
	free(scene.sources);
	test_mem_unmap(scene.snapshot[0], scene.sz);
	test_mem_unmap(scene.snapshot[1], scene.sz);
	test_mem_unmap(scene.mem, scene.sz + VOLUME_SZ_MIN);
	return TEST_SUCCESS;
}

GROOVE_TEST(rebuild_autotest, fast, test_rebuild);
