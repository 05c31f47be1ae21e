/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * Calls that no good program makes: each returns its error, logs one line that says what was wrong, and changes
 * nothing. And frees of one object at the same moment: one succeeds.
 */

#include <epoch.h>
#include <log.h>
#include <pool.h>
#include <sched.h>
#include <shelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"

#define HEAD_SZ	   (384UL << 10) /* of a volume: header, superblock table and what these tests put after it */
#define BIG_SZ	   (10UL << 20)
#define VOLUME_CNT 5UL

/* Volumes of the scene: 0 and 1 hold live objects. */
#define REMOVED 2UL
#define RETIRED 3UL
#define ABSENT	4UL

/* ---- a groove in which each kind of thing can be mistaken for an object ---- */

struct scene {
	struct fixture fix;
	struct fixture elsewhere; /* another groove, with an object of its own */
	groove_data_t other;	  /* another join, inside a call */
	groove_data_t left;	  /* a join that has left */
	uint8_t *small;
	uint8_t *wide;	 /* aligned to 256 */
	uint8_t *beside; /* in the superblock of the one in circulation */
	uint8_t *big[8];
	unsigned int big_cnt;
	uint8_t *removed; /* was an object in the volume that was removed; and so on */
	uint8_t *retired;
	uint8_t *dissolved; /* with its superblock */
	uint8_t *cached;
	uint8_t *cached_by_other;
	uint8_t *free;
	uint8_t *stranger; /* object of the other groove */
	uint64_t dissolved_bits;
	uint64_t free_bits;
};

static int
alloc_into(uint8_t **obj, groove_data_t *data, uint64_t align, uint64_t sz)
{
	*obj = groove_data_alloc(data, align, sz, sz, NULL);
	TEST_ASSERT_NOT_NULL(*obj, "%lu bytes aligned to %lu", sz, align);
	object_fill(*obj, sz);
	return TEST_SUCCESS;
}

/* Allocate the largest objects until one lies in a volume; keep those before it. */
static int
fill_up_to(struct scene *scene, uint64_t volume, uint8_t **obj)
{
	for (;;) {
		TEST_CALL(alloc_into(obj, &scene->fix.data, 0, BIG_SZ));
		if (*obj >= fixture_volume(&scene->fix, volume))
			return TEST_SUCCESS;
		TEST_ASSERT(scene->big_cnt < 8, "too many objects before volume %lu", volume);
		scene->big[scene->big_cnt++] = *obj;
	}
}

/* A volume that had an object and is empty again. */
static int
fill_and_empty(struct scene *scene, uint64_t volume, uint8_t **obj)
{
	TEST_CALL(fixture_add(&scene->fix, volume, 1));
	TEST_CALL(fill_up_to(scene, volume, obj));
	TEST_ASSERT_SUCCESS(groove_data_free(&scene->fix.data, *obj), "free");
	TEST_ASSERT_SUCCESS(groove_data_trim(&scene->fix.data), "trim");
	return TEST_SUCCESS;
}

static int
scene_volumes(struct scene *scene)
{
	struct fixture *fix = &scene->fix;
	groove_volume_t *volume = NULL;

	TEST_CALL(fill_up_to(scene, 1, &scene->big[7]));
	TEST_CALL(fill_and_empty(scene, REMOVED, &scene->removed));
	for (unsigned int i = 0; i < 8 && volume == NULL; i++)
		volume = groove_data_volume_remove(&fix->data);
	TEST_ASSERT_EQUAL(volume, fixture_volume(fix, REMOVED), "removed");
	TEST_CALL(fill_and_empty(scene, RETIRED, &scene->retired));
	epoch_enter(&scene->other); /* so that the grace period does not end */
	TEST_ASSERT_NULL(groove_data_volume_remove(&fix->data), "a volume is handed out while a join may read it");
	TEST_ASSERT_EQUAL(volume_state_kind(pool_state(&fix->data.pool, RETIRED)), VOLUME_RETIRED, "state");
	return TEST_SUCCESS;
}

/* All at first: what is allocated later would bring the volume that is on its way out back. */
static int
scene_objects(struct scene *scene)
{
	groove_data_t *data = &scene->fix.data;

	TEST_CALL(fixture_add(&scene->fix, 0, 2));
	TEST_CALL(alloc_into(&scene->small, data, 0, 100));
	TEST_CALL(alloc_into(&scene->wide, data, 256, 1000));
	TEST_CALL(alloc_into(&scene->cached, data, 0, 100));
	TEST_CALL(alloc_into(&scene->cached_by_other, &scene->other, 0, 500));
	TEST_CALL(alloc_into(&scene->beside, data, 0, 100000));
	TEST_CALL(alloc_into(&scene->free, data, 0, 100000));
	TEST_CALL(alloc_into(&scene->dissolved, &scene->left, 0, 3000));
	scene->free_bits = groove_data_alloc_hdr(scene->free).bits;
	scene->dissolved_bits = groove_data_alloc_hdr(scene->dissolved).bits;
	return TEST_SUCCESS;
}

static int
scene_frees(struct scene *scene)
{
	groove_data_t *data = &scene->fix.data;

	TEST_ASSERT_SUCCESS(groove_data_free(&scene->other, scene->cached_by_other), "free");
	TEST_ASSERT_SUCCESS(groove_data_free(data, scene->free), "free");
	TEST_ASSERT_SUCCESS(groove_data_free(&scene->left, scene->dissolved), "free");
	TEST_ASSERT_NOT_NULL(groove_data_leave(&scene->left), "leave");
	TEST_ASSERT_SUCCESS(groove_data_trim(data), "trim");
	TEST_ASSERT_SUCCESS(groove_data_free(data, scene->cached), "free");
	TEST_ASSERT_EQUAL(groove_data_hdr_type(groove_data_alloc_hdr(scene->cached)), GROOVE_DATA_HDR_TYPE_CACHED,
		"type of a cached slot");
	TEST_ASSERT_EQUAL(groove_data_hdr_type(groove_data_alloc_hdr(scene->free)), GROOVE_DATA_HDR_TYPE_FREE,
		"type of a slot in circulation");
	return TEST_SUCCESS;
}

static int
scene_make(struct scene *scene)
{
	struct fixture *fix = &scene->fix;

	TEST_CALL(fixture_make(fix, VOLUME_SZ_MIN, VOLUME_CNT));
	TEST_CALL(fixture_make(&scene->elsewhere, VOLUME_SZ_MIN, 1));
	TEST_CALL(fixture_add(&scene->elsewhere, 0, 1));
	TEST_CALL(alloc_into(&scene->stranger, &scene->elsewhere.data, 0, 100));
	TEST_CALL(fixture_join(fix, &scene->other, 1));
	TEST_CALL(fixture_join(fix, &scene->left, 2));
	TEST_CALL(scene_objects(scene));
	TEST_CALL(scene_volumes(scene));
	return scene_frees(scene);
}

/* Everything is where it was, and can be put away. */
static int
scene_end(struct scene *scene)
{
	struct fixture *fix = &scene->fix;

	epoch_leave(&scene->other);
	TEST_CALL(object_check(scene->small, 0, 100, 100));
	TEST_CALL(object_check(scene->wide, 256, 1000, 1000));
	TEST_ASSERT(object_intact(scene->small, 100) && object_intact(scene->wide, 1000), "objects have changed");
	TEST_ASSERT_SUCCESS(groove_data_verify(&fix->data), "verify");
	TEST_ASSERT_SUCCESS(groove_data_free(&fix->data, scene->small), "free");
	TEST_ASSERT_SUCCESS(groove_data_free(&fix->data, scene->wide), "free");
	TEST_ASSERT_SUCCESS(groove_data_free(&fix->data, scene->beside), "free");
	scene->big[scene->big_cnt++] = scene->big[7];
	for (unsigned int i = 0; i < scene->big_cnt; i++)
		TEST_ASSERT_SUCCESS(groove_data_free(&fix->data, scene->big[i]), "free %u", i);
	TEST_ASSERT_SUCCESS(groove_data_free(&scene->elsewhere.data, scene->stranger), "free");
	TEST_ASSERT_NOT_NULL(groove_data_leave(&scene->other), "leave");
	TEST_CALL(fixture_end(&scene->elsewhere));
	return fixture_end(fix);
}

/* ---- what a bad call must not change, and must say ---- */

struct watch {
	const struct fixture *fix;
	struct snapshot before;
	struct groove_cache cache; /* what the join has cached */
};

static int
watch_begin(struct watch *watch, const struct fixture *fix, uint64_t head_sz)
{
	watch->fix = fix;
	memcpy(&watch->cache, cache_of(&fix->data), sizeof(watch->cache));
	return snapshot_take(&watch->before, fix, head_sz);
}

static bool
watch_same(const struct watch *watch)
{
	return snapshot_same(&watch->before, watch->fix) &&
	       memcmp(&watch->cache, cache_of(&watch->fix->data), sizeof(watch->cache)) == 0;
}

/* Check what a call returned, what it logged since test_log_begin(), and that nothing has changed. */
static int
watch_check(const struct watch *watch, const char *what, int found, int expected, const char *said)
{
	const char *logged = test_log_end();

	TEST_ASSERT_EQUAL(found, expected, "%s", what);
	TEST_ASSERT(TEST_LOG_IS_LINE(logged, said), "%s", what);
	TEST_ASSERT(watch_same(watch), "state has changed: %s", what);
	return TEST_SUCCESS;
}

/* ---- frees ---- */

/* An address that is no live object's. */
struct bad_place {
	const char *what;
	void *obj;
	int err;
	const char *said;
};

static int
free_everyhow(const struct watch *watch, groove_data_t *data, const struct bad_place *place)
{
	void *objs[] = {place->obj};
	int err = 1234;

	test_log_begin();
	TEST_CALL(watch_check(watch, place->what, groove_data_free(data, place->obj), place->err, place->said));
	test_log_begin();
	TEST_CALL(watch_check(watch, place->what, groove_data_free_bulk(data, objs, 1), place->err, place->said));
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_data_free_burst(data, objs, 1, &err), 0, "%s", place->what);
	return watch_check(watch, place->what, err, place->err, place->said);
}

static int
test_places(struct scene *scene, const struct watch *watch)
{
	struct fixture *fix = &scene->fix;
	uint8_t *superblock = (uint8_t *)groove_data_superblock_hdr(scene->small,
		groove_data_hdr_szc(groove_data_alloc_hdr(scene->small)),
		groove_data_hdr_idx(groove_data_alloc_hdr(scene->small)));
	uint64_t local[16] = {0};
	uint8_t *on_stack = (uint8_t *)(((uintptr_t)local + 63) & ~(uintptr_t)63);
	const struct bad_place places[] = {
		{"double free, cached here", scene->cached, GROOVE_ERR_INVAL, "double free"},
		{"double free, cached by another", scene->cached_by_other, GROOVE_ERR_INVAL, "double free"},
		{"double free, in circulation", scene->free, GROOVE_ERR_INVAL, "double free"},
		{"double free, its superblock is gone", scene->dissolved, GROOVE_ERR_INVAL, "double free"},
		{"one byte into an object", scene->small + 1, GROOVE_ERR_INVAL, "not aligned"},
		{"8 bytes into an object", scene->small + 8, GROOVE_ERR_INVAL, "not aligned"},
		{"one byte before an object", scene->small - 1, GROOVE_ERR_INVAL, "not aligned"},
		{"16 bytes into an object", scene->small + 16, GROOVE_ERR_CORRUPT, "is inside the object at"},
		{"64 bytes into an object", scene->small + 64, GROOVE_ERR_INVAL, "no header"},
		{"16 bytes into a wide object", scene->wide + 16, GROOVE_ERR_INVAL, "no header"},
		{"in front of a wide object", scene->wide - 16, GROOVE_ERR_CORRUPT, "is inside the object at"},
		{"deep in an object", scene->big[7] + BIG_SZ / 2, GROOVE_ERR_INVAL, "no header"},
		{"a superblock", superblock + 16, GROOVE_ERR_INVAL, "superblock"},
		{"a volume's header", fix->volume0 + 16, GROOVE_ERR_INVAL, "no header"},
		{"a volume's table", fix->volume0 + 512 + 16, GROOVE_ERR_INVAL, "no header"},
		{"a volume's last bytes", fixture_volume(fix, 1) - 16, GROOVE_ERR_INVAL, "no header"},
		{"on the stack", on_stack, GROOVE_ERR_INVAL, "not in the volumes"},
		{"an object of another groove", scene->stranger, GROOVE_ERR_INVAL, "not in the volumes"},
		{"the shared region", (uint8_t *)fix->shmem + 64, GROOVE_ERR_INVAL, "not in the volumes"},
		{"before volume 0", fix->volume0 - 16, GROOVE_ERR_INVAL, "not in the volumes"},
		{"after the last volume", groove_data_volume1(&fix->data), GROOVE_ERR_INVAL, "not in use"},
		{"further after", (uint8_t *)groove_data_volume1(&fix->data) + 64, GROOVE_ERR_INVAL,
			"not in the volumes"},
		{"address 16", (void *)16, GROOVE_ERR_INVAL, "not in the volumes"},
		{"the last address", (void *)(UINTPTR_MAX - 15), GROOVE_ERR_INVAL, "not in the volumes"},
		{"in a volume that was removed", scene->removed, GROOVE_ERR_INVAL, "not in use"},
		{"in a volume on its way out", scene->retired, GROOVE_ERR_INVAL, "not in use"},
		{"where no volume ever was", fixture_volume(fix, ABSENT) + (1 << 20), GROOVE_ERR_INVAL, "not in use"},
	};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		TEST_CALL(free_everyhow(watch, &fix->data, &places[i]));
	return TEST_SUCCESS;
}

/* A NULL object is refused in silence, as free(NULL) is. */
static int
test_null_object(const struct scene *scene, const struct watch *watch)
{
	test_log_begin();
	const int err = groove_data_free((groove_data_t *)(uintptr_t)&scene->fix.data, NULL);
	const unsigned int lines = test_log_lines();
	test_log_end();

	TEST_ASSERT_EQUAL(err, GROOVE_ERR_INVAL, "free of NULL");
	TEST_ASSERT_EQUAL(lines, 0, "lines logged");
	TEST_ASSERT(watch_same(watch), "state has changed");
	return TEST_SUCCESS;
}

/* ---- damaged headers ---- */

/* What a header's word is changed to. */
struct bad_bits {
	const char *what;
	uint8_t *obj;
	uint64_t bits;
	int err;
	const char *said;
};

static int
test_headers(struct scene *scene)
{
	const uint64_t good = groove_data_alloc_hdr(scene->small).bits;
	const uint64_t wide = groove_data_alloc_hdr(scene->wide).bits;
	const struct bad_bits table[] = {
		{"type", scene->small, good ^ 1, GROOVE_ERR_INVAL, "no header"},
		{"all zeros", scene->small, 0, GROOVE_ERR_INVAL, "no header"},
		{"all ones", scene->small, UINT64_MAX, GROOVE_ERR_INVAL, "no header"},
		{"index of another slot", scene->small, good ^ 1UL << 16, GROOVE_ERR_CORRUPT, "by its header"},
		{"index beyond the slots", scene->small, good | 63UL << 16, GROOVE_ERR_CORRUPT, "by its header"},
		{"class of another size", scene->small, good ^ 4UL << 22, GROOVE_ERR_CORRUPT, "by its header"},
		{"class that is none", scene->small, good | 127UL << 22, GROOVE_ERR_CORRUPT, "damaged header"},
		{"no alignment", scene->small, good & ~(0x3ffUL << 29), GROOVE_ERR_CORRUPT, "damaged header"},
		{"alignment of 17", scene->small, good | 1UL << 29, GROOVE_ERR_CORRUPT, "damaged header"},
		{"size beyond the slot", scene->small, good | 1UL << 63, GROOVE_ERR_CORRUPT, "damaged header"},
		{"alignment of a wide object", scene->wide, wide ^ 0x300UL << 29, GROOVE_ERR_CORRUPT, "object at"},
#if GROOVE_DEBUG_CHECKS
		{"live again, in circulation", scene->free, scene->free_bits, GROOVE_ERR_CORRUPT, "by its header"},
#endif
		{"live again, superblock gone", scene->dissolved, scene->dissolved_bits, GROOVE_ERR_CORRUPT,
			"by its header"},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const struct bad_place place = {table[i].what, table[i].obj, table[i].err, table[i].said};
		groove_data_hdr_t *hdr = groove_data_object_hdr(table[i].obj);
		const uint64_t kept = hdr->bits;
		struct watch watch;

		hdr->bits = table[i].bits;
		TEST_CALL(watch_begin(&watch, &scene->fix, HEAD_SZ));
		TEST_CALL(free_everyhow(&watch, &scene->fix.data, &place));
		snapshot_drop(&watch.before);
		TEST_ASSERT_EQUAL(hdr->bits, table[i].bits, "header: %s", table[i].what);
		hdr->bits = kept;
	}
	return TEST_SUCCESS;
}

static bool
is_refusal(int err)
{
	return err == GROOVE_ERR_INVAL || err == GROOVE_ERR_CORRUPT;
}

/* Every 16 bytes of the slot, whatever the user wrote there. */
static int
test_interior(struct scene *scene, uint8_t *obj)
{
	const groove_data_hdr_t *hdr = groove_data_object_hdr(obj);
	const uint8_t *stop = (const uint8_t *)hdr +
			      groove_data_szc_cfg[groove_data_hdr_szc(groove_data_alloc_hdr(obj))].obj_footprint;

	for (uint8_t *at = (uint8_t *)groove_data_object_hdr(obj); at <= stop; at += 16) {
		if (at == obj)
			continue;

		const int err = groove_data_free(&scene->fix.data, at);

		TEST_ASSERT(is_refusal(err), "free of object + %ld: %d", (long)(at - obj), err);
	}
	return TEST_SUCCESS;
}

/* Each bit that says what and where the object is. */
static int
test_bits(struct scene *scene, uint8_t *obj)
{
	groove_data_hdr_t *hdr = groove_data_object_hdr(obj);
	const uint64_t good = hdr->bits;

	for (unsigned int bit = 0; bit < 16 + 6 + 7 + 10; bit++) {
		hdr->bits = good ^ 1UL << bit;

		const int err = groove_data_free(&scene->fix.data, obj);

		TEST_ASSERT_EQUAL(hdr->bits, good ^ 1UL << bit, "header after free with bit %u flipped", bit);
		hdr->bits = good;
		TEST_ASSERT(is_refusal(err), "free with bit %u of the header flipped: %d", bit, err);
	}
	return TEST_SUCCESS;
}

/* Each alignment that is none, at each place in the first cache line of the slot: also where it says that obj is. */
static int
test_no_alignment(struct scene *scene, uint8_t *obj)
{
	groove_data_hdr_t *hdr = groove_data_object_hdr(obj);
	const uint64_t good = hdr->bits;

	for (uint64_t align = 0; align < 1024; align++) {
		if (align != 0 && (align & (align - 1)) == 0)
			continue;
		hdr->bits = (good & ~(0x3ffUL << 29)) | align << 29;
		for (unsigned int at = 16; at <= 64; at += 16) {
			void *place = (uint8_t *)hdr + at;
			const int err = groove_data_free(&scene->fix.data, place);
			const int bulk_err = groove_data_free_bulk(&scene->fix.data, &place, 1);

			TEST_ASSERT(is_refusal(err), "free at %u of alignment %lu: %d", at, align, err);
			TEST_ASSERT(is_refusal(bulk_err), "bulk at %u of alignment %lu: %d", at, align, bulk_err);
		}
	}
	hdr->bits = good;
	return TEST_SUCCESS;
}

static int
test_everywhere(struct scene *scene)
{
	uint8_t *const objs[] = {scene->small, scene->wide};

	for (unsigned int i = 0; i < 2; i++) {
		TEST_CALL(test_interior(scene, objs[i]));
		TEST_CALL(test_bits(scene, objs[i]));
		TEST_CALL(test_no_alignment(scene, objs[i]));
	}
	return TEST_SUCCESS;
}

/* ---- alloc ---- */

static int
test_bad_alloc(struct scene *scene, const struct watch *watch)
{
	const struct {
		uint64_t align;
		uint64_t sz;
		const char *said;
	} table[] = {
		{3, 1, "alignment 3"},
		{17, 0, "alignment 17"},
		{48, 1, "alignment 48"},
		{513, 1, "alignment 513"},
		{1024, 1, "alignment 1024: 0 or a power of two up to 512"},
		{1UL << 63, 1, "alignment 9223372036854775808"},
		{UINT64_MAX, 1, "alignment 18446744073709551615"},
		{0, expect_sz_max(0) + 1, "10486257 bytes aligned to 0: at most 10486256"},
		{16, expect_sz_max(16) + 1, "at most 10486256"},
		{64, expect_sz_max(64) + 1, "at most 10486208"},
		{512, expect_sz_max(512) + 1, "at most 10485760"},
		{0, 1UL << 25, "33554432 bytes"},
		{0, UINT64_MAX, "18446744073709551615 bytes"},
		{512, -512UL, "18446744073709551104 bytes"},
	};
	groove_data_t *data = &scene->fix.data;
	void *objs[1];

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		int err = 1234;

		test_log_begin();
		TEST_ASSERT_NULL(groove_data_alloc(data, table[i].align, table[i].sz, 1, &err), "%s", table[i].said);
		TEST_CALL(watch_check(watch, "alloc", err, GROOVE_ERR_INVAL, table[i].said));
		test_log_begin();
		TEST_CALL(watch_check(watch, "bulk",
			groove_data_alloc_bulk(data, table[i].align, table[i].sz, NULL, objs, 1), GROOVE_ERR_INVAL,
			table[i].said));
		test_log_begin();
		TEST_ASSERT_NULL(groove_data_alloc(data, table[i].align, table[i].sz, 1, NULL), "%s", table[i].said);
		TEST_CALL(watch_check(watch, "alloc without err", 0, 0, table[i].said));
	}
	return TEST_SUCCESS;
}

/* ---- calls on what is no join ---- */

static int
ignore_object(void *arg, void *obj)
{
	(void)arg;
	(void)obj;
	return 0;
}

/* Make call i, and say which it was; NULL when there is none. */
static const char *
call_make(unsigned int i, groove_data_t *data, struct scene *scene, int *err)
{
	const groove_volume_t *volume = (const groove_volume_t *)(void *)scene->fix.volume0;
	groove_data_volume_stats_t volume_stats;
	groove_data_stats_t stats;
	void *objs[1] = {scene->small};

	switch (i) {
	case 0:
		return groove_data_alloc(data, 0, 1, 1, err) == NULL ? "alloc" : "alloc, which returns an object";
	case 1:
		*err = groove_data_free(data, scene->small);
		return "free";
	case 2:
		*err = groove_data_alloc_bulk(data, 0, 1, NULL, objs, 1);
		return "alloc";
	case 3:
		return groove_data_alloc_burst(data, 0, 1, NULL, objs, 1, err) == 0 ? "alloc" : "alloc of a burst";
	case 4:
		*err = groove_data_free_bulk(data, objs, 1);
		return "free_bulk";
	case 5:
		return groove_data_free_burst(data, objs, 1, err) == 0 ? "free_burst" : "free of a burst";
	case 6:
		*err = groove_data_flush(data);
		return "flush";
	case 7:
		*err = groove_data_trim(data);
		return "trim";
	case 8:
		*err = groove_data_stats(data, &stats);
		return "stats";
	case 9:
		*err = groove_data_volume_stats(data, volume, &volume_stats);
		return "volume_stats";
	case 10:
		*err = groove_data_walk(data, NULL, ignore_object, NULL);
		return "walk";
	case 11:
		*err = groove_data_recover(data, NULL, NULL);
		return "recover";
	case 12:
		*err = groove_data_verify(data);
		return "verify";
	case 13:
		*err = groove_data_volume_verify(data, volume);
		return "volume_verify";
	case 14:
		*err = groove_data_cache_limit(data, 0, 0);
		return "cache_limit";
	case 15:
		*err = groove_data_dump(stderr, data);
		return "dump";
	case 16:
		*err = groove_data_volume_add(data, fixture_volume(&scene->fix, ABSENT), VOLUME_SZ_MIN, NULL, 0);
		return "volume_add";
	case 17:
		*err = groove_data_volume_remove(data) == NULL ? GROOVE_ERR_INVAL : GROOVE_SUCCESS;
		return "volume_remove";
	case 18:
		*err = groove_data_leave(data) == NULL ? GROOVE_ERR_INVAL : GROOVE_SUCCESS;
		return "leave";
	default:
		return NULL;
	}
}

static int
test_no_join(struct scene *scene, const struct watch *watch, groove_data_t *data)
{
	for (unsigned int i = 0;; i++) {
		int err = 1234;

		test_log_begin();

		const char *call = call_make(i, data, scene, &err);
		char said[64];

		if (call == NULL) {
			test_log_end();
			return TEST_SUCCESS;
		}
		snprintf(said, sizeof(said), "%s: ", call);
		TEST_CALL(watch_check(watch, call, err, GROOVE_ERR_INVAL, said));
	}
}

/* Calls of a join with something else missing. */
static int
test_arguments(struct scene *scene, const struct watch *watch)
{
	const groove_volume_t *absent = (const groove_volume_t *)(void *)fixture_volume(&scene->fix, ABSENT);
	const groove_volume_t *inside = (const groove_volume_t *)(void *)(scene->fix.volume0 + 512);
	groove_data_t *data = &scene->fix.data;
	groove_data_volume_stats_t volume_stats;
	int err = 1234;

#define REFUSED(expr, said)                                                                                            \
	do {                                                                                                           \
		test_log_begin();                                                                                      \
		TEST_CALL(watch_check(watch, #expr, expr, GROOVE_ERR_INVAL, said));                                    \
	} while (0)
	REFUSED(groove_data_stats(data, NULL), "stats: nowhere to write to");
	REFUSED(groove_data_volume_stats(data, absent, NULL), "volume_stats: nowhere to write to");
	REFUSED(groove_data_volume_stats(data, absent, &volume_stats), "no volume of this groove");
	REFUSED(groove_data_walk(data, NULL, NULL, NULL), "walk: NULL function");
	REFUSED(groove_data_volume_verify(data, NULL), "no volume of this groove");
	REFUSED(groove_data_volume_verify(data, absent), "no volume of this groove");
	REFUSED(groove_data_volume_verify(data, inside), "no volume of this groove");
	REFUSED(groove_data_dump(NULL, data), "dump: ");
	REFUSED(groove_data_alloc_bulk(data, 0, 1, NULL, NULL, 1), "alloc_bulk: NULL array");
	REFUSED(groove_data_free_bulk(data, NULL, 1), "free_bulk: NULL array");
	REFUSED((groove_data_alloc_burst(data, 0, 1, NULL, NULL, 1, &err), err), "alloc_burst: NULL array");
	REFUSED((groove_data_free_burst(data, NULL, 1, &err), err), "free_burst: NULL array");
#undef REFUSED
	return TEST_SUCCESS;
}

/* Bulks of no objects are no bad calls. */
static int
test_nothing(struct scene *scene, const struct watch *watch)
{
	groove_data_t *data = &scene->fix.data;
	int alloc_err = 1234;
	int free_err = 1234;

	TEST_ASSERT_SUCCESS(groove_data_alloc_bulk(data, 0, 1, NULL, NULL, 0), "alloc_bulk of none");
	TEST_ASSERT_SUCCESS(groove_data_free_bulk(data, NULL, 0), "free_bulk of none");
	TEST_ASSERT_EQUAL(groove_data_alloc_burst(data, 0, 1, NULL, NULL, 0, &alloc_err), 0, "alloc_burst of none");
	TEST_ASSERT_EQUAL(groove_data_free_burst(data, NULL, 0, &free_err), 0, "free_burst of none");
	TEST_ASSERT_EQUAL(groove_data_alloc_burst(data, 0, 1, NULL, NULL, 0, NULL), 0, "without err");
	TEST_ASSERT_EQUAL(groove_data_free_burst(data, NULL, 0, NULL), 0, "without err");
	TEST_ASSERT_SUCCESS(alloc_err, "alloc_burst of none");
	TEST_ASSERT_SUCCESS(free_err, "free_burst of none");
	TEST_ASSERT(watch_same(watch), "state has changed");
	return TEST_SUCCESS;
}

/* ---- a damaged configuration ---- */

/* Each field that a join relies on, changed: nobody joins what another library made, or somebody wrote over. */
static int
test_configuration(struct scene *scene)
{
	struct groove_shdata *shdata = scene->fix.shmem;
	const struct groove_shdata kept = *shdata;
	struct groove_shdata bad[9];
	static const char *const said[] = {"no groove", "layout", "other size classes", "damaged configuration",
		"damaged configuration", "damaged configuration", "damaged configuration", "damaged configuration",
		"damaged configuration"};

	for (unsigned int i = 0; i < 9; i++)
		bad[i] = kept;
	bad[0].magic ^= 1;
	bad[1].version++;
	bad[2].szc_sum ^= 1;
	bad[3].volume_shift = 64;
	bad[4].volume_shift = 5;
	bad[5].volume_max = 0;
	bad[6].volume_max *= 1000;
	bad[7].join_max = 0;
	bad[8].footprint--;
	for (unsigned int i = 0; i < 9; i++) {
		groove_data_t join;
		bool same;

		memcpy(shdata, &bad[i], offsetof(struct groove_shdata, epoch));
		test_log_begin();
		void *joined = groove_data_join(&join, shdata, scene->fix.volume0, 0, 0);
		const char *logged = test_log_end();

		same = memcmp(shdata, &bad[i], offsetof(struct groove_shdata, epoch)) == 0;
		memcpy(shdata, &kept, offsetof(struct groove_shdata, epoch));
		TEST_ASSERT_NULL(joined, "configuration %u", i);
		TEST_ASSERT(strstr(logged, said[i]) != NULL, "configuration %u: %s", i, logged);
		TEST_ASSERT(same, "configuration %u has changed", i);
	}
	return TEST_SUCCESS;
}

/* ---- how often it logs ---- */

/* A program that goes on making bad calls cannot fill a disk with what they log. */
static int
test_log_limit(struct scene *scene)
{
	unsigned int lines;

	groove_log_per_second = 10;
	test_log_begin();
	for (unsigned int i = 0; i < 100000; i++)
		groove_data_free(&scene->fix.data, scene->cached);
	lines = test_log_lines();
	test_log_end();
	groove_log_per_second = UINT32_MAX;
	TEST_ASSERT(lines <= 200, "%u lines in a fraction of a second", lines);
	return TEST_SUCCESS;
}

/* ---- two at the same moment ---- */

#define RACE_CNT   100000UL /* attempts; GROOVE_TEST_DOUBLE_FREES in the environment sets another number */
#define RACE_BATCH 1000U

struct race {
	struct fixture fix;
	uint64_t turns;
	uint64_t step[2]; /* where each worker is, to meet */
	int stop;	  /* one has failed */
	void *objs[RACE_BATCH];
	int err[2][RACE_BATCH];
};

static void
race_stop(struct race *race)
{
	__atomic_store_n(&race->stop, 1, __ATOMIC_RELAXED);
}

/* Go on to the next step when the other does. Release pairs with acquire in both directions. */
static void
race_meet(struct race *race, unsigned int index)
{
	const uint64_t step = race->step[index] + 1;

	__atomic_store_n(&race->step[index], step, __ATOMIC_RELEASE);
	for (unsigned int spin = 0; __atomic_load_n(&race->step[1 - index], __ATOMIC_ACQUIRE) < step; spin++) {
		if (__atomic_load_n(&race->stop, __ATOMIC_RELAXED))
			return;
		if (spin > 1000)
			sched_yield();
	}
}

/* Sizes that are cached and one that is not, so that both ways to free are met. */
static int
race_alloc(struct race *race, groove_data_t *data, uint64_t batch)
{
	static const uint64_t sizes[] = {48, 1000, 70000};

	for (unsigned int i = 0; i < RACE_BATCH; i++) {
		race->objs[i] = groove_data_alloc(data, 0, sizes[batch % 3], i, NULL);
		TEST_ASSERT_NOT_NULL(race->objs[i], "object %u of batch %lu", i, batch);
	}
	return TEST_SUCCESS;
}

/* A batch of attempts, alone or in bulks of one, with no allocation in between: what is freed stays free. */
static void
race_free(struct race *race, groove_data_t *data, unsigned int index, uint64_t batch)
{
	const bool bulk = (batch / 3 >> index & 1) != 0;

	for (unsigned int i = 0; i < RACE_BATCH; i++) {
		race_meet(race, index);
		race->err[index][i] =
			bulk ? groove_data_free_bulk(data, &race->objs[i], 1) : groove_data_free(data, race->objs[i]);
	}
	race_meet(race, index);
}

static int
race_check(const struct race *race, uint64_t batch)
{
	for (unsigned int i = 0; i < RACE_BATCH; i++) {
		const int first = race->err[0][i];
		const int second = race->err[1][i];

		TEST_ASSERT_EQUAL((first == GROOVE_SUCCESS) + (second == GROOVE_SUCCESS), 1,
			"frees that succeeded, object %u of batch %lu", i, batch);
		TEST_ASSERT_EQUAL(first + second, GROOVE_SUCCESS + GROOVE_ERR_INVAL,
			"the other, object %u of batch %lu", i, batch);
	}
	return TEST_SUCCESS;
}

static int
race_run(struct race *race, groove_data_t *data, unsigned int index)
{
	for (uint64_t batch = 0; batch * RACE_BATCH < race->turns; batch++) {
		if (index == 0)
			TEST_CALL(race_alloc(race, data, batch));
		race_free(race, data, index, batch);
		if (__atomic_load_n(&race->stop, __ATOMIC_RELAXED))
			return TEST_SUCCESS;
		if (index == 0)
			TEST_CALL(race_check(race, batch));
	}
	return TEST_SUCCESS;
}

static int
race_worker(unsigned int index, void *arg)
{
	struct race *race = arg;
	groove_data_t data;
	int result = fixture_join(&race->fix, &data, index);

	if (result == TEST_SUCCESS)
		result = race_run(race, &data, index);
	if (result != TEST_SUCCESS)
		race_stop(race);
	else
		TEST_ASSERT_NOT_NULL(groove_data_leave(&data), "leave");
	return result;
}

/* Each object is freed by both workers, which meet before each attempt: exactly one succeeds. */
static int
test_double_free(void)
{
	static struct race race;
	const char *turns = getenv("GROOVE_TEST_DOUBLE_FREES");
	groove_data_stats_t stats;
	int result;

	memset(&race, 0, sizeof(race));
	race.turns = turns != NULL ? strtoull(turns, NULL, 10) : test_turns(RACE_CNT);
	TEST_CALL(fixture_make(&race.fix, VOLUME_SZ_MIN, 8));
	TEST_CALL(fixture_add(&race.fix, 0, 8));
	test_log_begin(); /* of 10 a second, each says the same */
	result = test_threads_run(2, race_worker, &race);
	test_log_end();
	TEST_CALL(result);
	TEST_ASSERT_SUCCESS(groove_data_stats(&race.fix.data, &stats), "stats");
	TEST_ASSERT(stats.total.free_cnt >= race.turns, "%lu attempts of %lu", stats.total.free_cnt, race.turns);
	printf("%lu objects freed twice at once\n", stats.total.free_cnt);
	return fixture_end(&race.fix);
}

static int
test_scene(struct scene *scene)
{
	struct watch whole;
	struct watch watch;

	TEST_CALL(scene_make(scene));
	TEST_CALL(watch_begin(&whole, &scene->fix, VOLUME_SZ_MIN));
	TEST_CALL(watch_begin(&watch, &scene->fix, HEAD_SZ));
	TEST_CALL(test_places(scene, &watch));
	TEST_CALL(test_null_object(scene, &watch));
	TEST_CALL(test_headers(scene));
	TEST_CALL(test_bad_alloc(scene, &watch));
	TEST_CALL(test_no_join(scene, &watch, NULL));
	TEST_CALL(test_no_join(scene, &watch, &scene->left));
	TEST_CALL(test_arguments(scene, &watch));
	TEST_CALL(test_configuration(scene));
	TEST_CALL(test_nothing(scene, &watch));
	TEST_CALL(test_log_limit(scene));
	test_log_begin();
	TEST_CALL(test_everywhere(scene));
	test_log_end();
	TEST_ASSERT(watch_same(&whole), "memory of the volumes has changed");
	snapshot_drop(&watch.before);
	snapshot_drop(&whole.before);
	return scene_end(scene);
}

static int
test_bad_call(void)
{
	static struct scene scene;
	const uint32_t per_second = groove_log_per_second;
	int result;

	memset(&scene, 0, sizeof(scene));
	groove_log_per_second = UINT32_MAX;
	result = test_scene(&scene);
	groove_log_per_second = per_second;
	TEST_CALL(result);
	return test_double_free();
}

GROOVE_TEST(bad_call_autotest, fast, test_bad_call);
