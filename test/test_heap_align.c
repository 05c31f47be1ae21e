/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* The heap: objects aligned to more than 512 bytes are objects like all others, for each call that takes one. */

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <groove_heap.h>

#include "heap_fixture.h"
#include "log.h"

#define MIB	  1048576UL
#define ALIGN_MIN 1024UL
#define ALIGN_MAX 4096UL
#define SZ_MAX	  (10 * MIB + 512 - ALIGN_MAX) /* of an object with that alignment */

static groove_heap_t *
small_heap(void)
{
	const groove_heap_cfg_t cfg = {.cfg_sz = sizeof(cfg),
		.page = GROOVE_PAGE_NORMAL,
		.volume_sz = 32 * MIB,
		.max_sz = 128 * MIB,
		.join_max = 8,
		.care = GROOVE_HEAP_CARE_CALLS};
	groove_heap_t *heap = NULL;

	return groove_heap_open(&cfg, &heap) == GROOVE_SUCCESS ? heap : NULL;
}

/* What an object should be; the byte that fills all of it follows from its tag. */
struct known {
	uint8_t *obj;
	size_t align;
	size_t sz;
	uint64_t tag;
};

static int
check_known(const struct known *known)
{
	const uint8_t *start = groove_data_alloc_start_const(known->obj);
	const uint8_t *stop = groove_data_alloc_stop_const(known->obj);

	TEST_ASSERT_EQUAL(
		(uintptr_t)known->obj % known->align, 0, "%p aligned to %zu", (void *)known->obj, known->align);
	TEST_ASSERT_EQUAL(groove_data_alloc_align(known->obj), known->align, "alignment");
	TEST_ASSERT_EQUAL(groove_data_alloc_sz(known->obj), known->sz, "size, aligned to %zu", known->align);
	TEST_ASSERT_EQUAL(groove_data_alloc_tag(known->obj), known->tag, "tag");
	TEST_ASSERT(start <= known->obj && known->obj + known->sz <= stop, "start and stop");
	TEST_ASSERT_EQUAL(groove_heap_usable_sz(known->obj), stop - known->obj, "usable");
	for (const uint8_t *at = start; at < stop; at++)
		TEST_ASSERT_EQUAL(*at, (uint8_t)known->tag, "byte %td of %zu", at - known->obj, known->sz);
	return TEST_SUCCESS;
}

/* Allocate one, and fill all that its owner may use. */
static int
make(groove_heap_t *heap, size_t sz, size_t align, uint64_t tag, struct known *known)
{
	int err = 1;
	uint8_t *obj = groove_heap_alloc_tagged(heap, sz, align, GROOVE_HEAP_ZERO, tag, &err);

	TEST_ASSERT(obj != NULL && err == GROOVE_SUCCESS, "%zu bytes aligned to %zu: %d", sz, align, err);
	for (size_t i = 0; i < sz; i++)
		TEST_ASSERT_EQUAL(obj[i], 0, "byte %zu", i);
	*known = (struct known){.obj = obj, .align = align, .sz = sz, .tag = tag};
	memset(groove_data_alloc_start(obj), (int)tag,
		(size_t)((uint8_t *)groove_data_alloc_stop(obj) - (uint8_t *)groove_data_alloc_start(obj)));
	return TEST_SUCCESS;
}

static int
refused(groove_heap_t *heap, void *obj, const char *what)
{
	test_log_begin();
	TEST_ASSERT(groove_heap_free(heap, obj) != GROOVE_SUCCESS, "free of %s", what);
	TEST_ASSERT_EQUAL(test_log_lines(), 1, "lines");
	test_log_end();
	return TEST_SUCCESS;
}

#define EACH 24 /* of each size and alignment: at every distance from its slot */
#define CNT  (5UL * 3 * EACH)

struct seen {
	const struct known *known;
	uint64_t cnt;
	uint64_t strange;
};

/* A walk shows each at its own address. */
static int
see(void *arg, void *obj)
{
	struct seen *seen = arg;
	const uint64_t i = groove_data_alloc_tag(obj) - 1;

	seen->cnt++;
	seen->strange += i >= CNT || seen->known[i].obj != obj;
	return 0;
}

static int
test_objects(void)
{
	static const size_t sizes[] = {0, 1, 1000, 4096, 70000};
	static struct known known[CNT];
	groove_heap_t *heap = small_heap();
	struct seen seen = {.known = known};
	uint64_t cnt = 0;

	TEST_ASSERT_NOT_NULL(heap, "open");
	for (unsigned int each = 0; each < EACH; each++) {
		for (unsigned int i = 0; i < 5; i++) {
			for (size_t align = ALIGN_MIN; align <= ALIGN_MAX; align *= 2, cnt++)
				TEST_CALL(make(heap, sizes[i], align, cnt + 1, &known[cnt]));
		}
	}
	for (uint64_t i = 0; i < cnt; i++)
		TEST_CALL(check_known(&known[i]));
	TEST_ASSERT_SUCCESS(groove_heap_verify(heap), "verify with all of them");
	TEST_ASSERT_SUCCESS(groove_heap_walk(heap, NULL, see, &seen), "walk");
	TEST_ASSERT(seen.cnt == CNT && seen.strange == 0, "walk");
	TEST_ASSERT_SUCCESS(groove_heap_free_tags(heap, 1, EACH, &cnt), "by tag");
	TEST_ASSERT_EQUAL(cnt, EACH, "by tag");
	for (uint64_t i = EACH; i < CNT; i++) {
		TEST_CALL(check_known(&known[i]));
		TEST_CALL(refused(heap, known[i].obj - 512, "a block too early"));
		TEST_ASSERT_SUCCESS(groove_heap_free(heap, known[i].obj), "free");
		TEST_CALL(refused(heap, known[i].obj, "what is free"));
	}
	return heap_end(heap);
}

/* The largest that there are, and what is refused. */
static int
test_limits(void)
{
	groove_heap_t *heap = small_heap();
	struct known known;
	void *obj = NULL;
	int err;

	TEST_ASSERT_NOT_NULL(heap, "open");
	TEST_CALL(make(heap, SZ_MAX - GROOVE_DATA_RED_ZONE, ALIGN_MAX, 3, &known));
	TEST_CALL(check_known(&known));
	TEST_ASSERT_SUCCESS(groove_heap_free(heap, known.obj), "free");
	test_log_begin();
	TEST_ASSERT_NULL(groove_heap_alloc_tagged(heap, SZ_MAX + 1, ALIGN_MAX, 0, 0, &err), "too large");
	TEST_ASSERT_EQUAL(err, GROOVE_ERR_INVAL, "too large");
	TEST_ASSERT_NULL(groove_heap_alloc_tagged(heap, SIZE_MAX, ALIGN_MAX, 0, 0, &err), "much too large");
	TEST_ASSERT_EQUAL(err, GROOVE_ERR_INVAL, "much too large");
	TEST_ASSERT_NULL(groove_heap_alloc_tagged(heap, 1, 2 * ALIGN_MAX, 0, 0, &err), "alignment 8192");
	TEST_ASSERT_EQUAL(err, GROOVE_ERR_INVAL, "alignment 8192");
	TEST_ASSERT_NULL(groove_heap_alloc_tagged(heap, 1, ALIGN_MIN + ALIGN_MAX / 2, 0, 0, &err), "alignment 3072");
	TEST_ASSERT_EQUAL(err, GROOVE_ERR_INVAL, "alignment 3072");
	TEST_ASSERT_EQUAL(groove_heap_alloc_bulk(heap, 1, 2 * ALIGN_MAX, 0, NULL, &obj, 1), GROOVE_ERR_INVAL, "bulk");
	TEST_ASSERT_EQUAL(test_log_lines(), 5, "lines");
	test_log_end();
	return heap_end(heap);
}

#define SEVERAL 64

static int
test_several(void)
{
	groove_heap_t *heap = small_heap();
	void *objs[SEVERAL];
	uint64_t tags[SEVERAL];
	int err;

	TEST_ASSERT_NOT_NULL(heap, "open");
	for (unsigned int i = 0; i < SEVERAL; i++)
		tags[i] = i + 1;
	TEST_ASSERT_SUCCESS(groove_heap_alloc_bulk(heap, 2000, 4096, 0, tags, objs, SEVERAL), "bulk");
	for (unsigned int i = 0; i < SEVERAL; i++) {
		TEST_ASSERT((uintptr_t)objs[i] % 4096 == 0 && groove_data_alloc_tag(objs[i]) == i + 1, "object %u", i);
		memset(objs[i], 0xff, 2000);
	}
	test_log_begin();
	void *twice[] = {objs[0], objs[1], objs[0]};
	TEST_ASSERT_EQUAL(groove_heap_free_bulk(heap, twice, 3), GROOVE_ERR_INVAL, "one is there twice");
	test_log_end();
	TEST_ASSERT_SUCCESS(groove_heap_free_bulk(heap, objs, SEVERAL), "free");
	TEST_ASSERT_EQUAL(groove_heap_alloc_burst(heap, 2000, 4096, GROOVE_HEAP_ZERO, NULL, objs, SEVERAL, &err),
		SEVERAL, "burst");
	for (unsigned int i = 0; i < SEVERAL; i++)
		TEST_ASSERT(((uint8_t *)objs[i])[1999] == 0, "zeroed: %u", i);
	TEST_ASSERT_EQUAL(groove_heap_free_burst(heap, objs, SEVERAL, &err), SEVERAL, "free");
	return heap_end(heap);
}

static int
test_changes(void)
{
	groove_heap_t *heap = small_heap();
	uint8_t *obj, *moved;
	int err;

	TEST_ASSERT_NOT_NULL(heap, "open");
	obj = groove_heap_memdup(heap, "four KiB", 9, 4096, 0);
	TEST_ASSERT(obj != NULL && strcmp((char *)obj, "four KiB") == 0, "memdup");
	TEST_ASSERT_SUCCESS(groove_heap_retag(heap, obj, 0, 5), "retag");
	TEST_ASSERT_EQUAL(groove_data_alloc_tag(obj), 5, "tag");
	moved = groove_heap_realloc(heap, obj, 100000, 2048, 0, &err);
	TEST_ASSERT(moved != NULL && strcmp((char *)moved, "four KiB") == 0, "realloc: %d", err);
	TEST_ASSERT((uintptr_t)moved % 2048 == 0 && groove_data_alloc_tag(moved) == 5, "aligned, and its tag");
	TEST_ASSERT_EQUAL(groove_data_alloc_sz(moved), 100000, "size");
	TEST_CALL(refused(heap, obj, "the old one"));
	obj = groove_heap_realloc(heap, moved, 100000, 16, 0, &err);
	TEST_ASSERT_EQUAL(obj, moved, "it has the room, and the alignment");
	TEST_ASSERT_SUCCESS(groove_heap_free(heap, obj), "free");
	return heap_end(heap);
}

/* ---- rebuild ---- */

#define KEPT 30

static char dir[] = "/dev/shm/groove-tested-XXXXXX";

struct rebuilt {
	groove_region_t *region;
	uint64_t lost;
};

static int
has_memory(void *arg, uint64_t volume)
{
	const struct rebuilt *rebuilt = arg;

	return groove_region_volume_has_memory(rebuilt->region, volume);
}

static void
count_lost(void *arg, const groove_data_lost_t *lost)
{
	struct rebuilt *rebuilt = arg;

	(void)lost;
	rebuilt->lost++;
}

/* Make all of a heap's state again from the headers of its objects. */
static int
rebuild(const groove_heap_cfg_t *cfg)
{
	const groove_region_id_t id = {.size = sizeof(id), .driver = cfg->driver, .dir = cfg->dir, .name = cfg->name};
	const groove_data_cfg_t data_cfg = {
		.volume_sz = cfg->volume_sz, .volume_max = cfg->max_sz / cfg->volume_sz, .join_max = cfg->join_max};
	struct rebuilt rebuilt = {0};

	TEST_ASSERT_SUCCESS(groove_region_attach(&id, &rebuilt.region), "attach");
	TEST_ASSERT_SUCCESS(groove_data_rebuild(groove_region_shdata(rebuilt.region), &data_cfg,
				    groove_region_volume0(rebuilt.region), has_memory, count_lost, &rebuilt),
		"rebuild");
	TEST_ASSERT_EQUAL(rebuilt.lost, 0, "objects that were lost");
	groove_region_detach(rebuilt.region);
	return TEST_SUCCESS;
}

/* A rebuild keeps them, each at its address with all that it was allocated with. */
static int
test_rebuild(void)
{
	groove_heap_cfg_t cfg = {.cfg_sz = sizeof(cfg),
		.name = "align",
		.driver = "file",
		.dir = dir,
		.page = GROOVE_PAGE_NORMAL,
		.volume_sz = 32 * MIB,
		.max_sz = 64 * MIB,
		.join_max = 8,
		.care = GROOVE_HEAP_CARE_CALLS};
	struct known known[KEPT];
	groove_heap_t *heap;
	uintptr_t base;

	TEST_ASSERT_NOT_NULL(test_dir_make(dir), "mkdtemp: %m");
	TEST_ASSERT_SUCCESS(groove_heap_open(&cfg, &heap), "open");
	for (unsigned int i = 0; i < KEPT; i++)
		TEST_CALL(make(heap, 100UL * i, ALIGN_MIN << i % 3, i + 1, &known[i]));
	base = heap->base;
	groove_heap_close(heap);
	TEST_CALL(rebuild(&cfg));
	TEST_ASSERT_SUCCESS(groove_heap_open(&cfg, &heap), "open again");
	TEST_ASSERT_SUCCESS(groove_heap_verify(heap), "verify");
	for (unsigned int i = 0; i < KEPT; i++) {
		known[i].obj += heap->base - base;
		TEST_CALL(check_known(&known[i]));
		TEST_ASSERT_SUCCESS(groove_heap_free(heap, known[i].obj), "free");
	}
	TEST_CALL(heap_end(heap));
	TEST_ASSERT_SUCCESS(groove_heap_destroy(&cfg), "destroy");
	TEST_ASSERT_SUCCESS(rmdir(dir), "something is left in %s: %m", dir);
	return TEST_SUCCESS;
}

/* Bytes of a user's that look like redirects lead to no object. */
static int
test_strange_redirects(void)
{
	groove_heap_t *heap = small_heap();
	const groove_data_hdr_t redirect = groove_data_hdr(GROOVE_DATA_HDR_TYPE_REDIRECT, 63, 0, 0, 0, 0);
	uint8_t *obj;

	TEST_ASSERT_NOT_NULL(heap, "open");
	obj = groove_heap_alloc(heap, 10000, 512, 0);
	TEST_ASSERT_NOT_NULL(obj, "alloc");
	memcpy(obj + 4096, &redirect, sizeof(redirect));
	memcpy(obj + 4096 + 512 - 64, &redirect, sizeof(redirect));
	TEST_CALL(refused(heap, obj + 4096 + 512, "what is before looks like redirects"));
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_heap_retag(heap, obj + 4096 + 512, 0, 1), GROOVE_ERR_INVAL, "retag");
	test_log_end();
	TEST_ASSERT_SUCCESS(groove_heap_free(heap, obj), "free");
	return heap_end(heap);
}

/* ---- headers ---- */

/* An object of a class that there is not is none: nothing is read of it. */
static int
test_strange_class(void)
{
	groove_heap_t *heap = small_heap();
	groove_data_hdr_t *hdr;
	uint64_t bits;
	void *obj;
	int err = GROOVE_SUCCESS;

	TEST_ASSERT_NOT_NULL(heap, "open");
	obj = groove_heap_alloc(heap, 1000, 4096, 0);
	TEST_ASSERT_NOT_NULL(obj, "alloc");
	hdr = groove_data_object_hdr(obj);
	bits = hdr->bits;
	for (uint64_t szc = GROOVE_DATA_SZC_SLICE; szc < 128; szc++) {
		hdr->bits =
			(bits & ~groove_data_hdr(0, 0, 127, 0, 0, 0).bits) | groove_data_hdr(0, 0, szc, 0, 0, 0).bits;
		test_log_begin();
		TEST_ASSERT_NULL(groove_heap_realloc(heap, obj, 1000, 0, 0, &err), "class %" PRIu64, szc);
		TEST_ASSERT(err == GROOVE_ERR_INVAL && test_log_lines() == 1, "class %" PRIu64 ": %d", szc, err);
		TEST_ASSERT_EQUAL(groove_heap_retag(heap, obj, 0, 1), GROOVE_ERR_INVAL, "class %" PRIu64, szc);
		test_log_end();
	}
	hdr->bits = bits;
	TEST_ASSERT_SUCCESS(groove_heap_free(heap, obj), "free");
	return heap_end(heap);
}

/* With a byte changed that nobody may write to, free and verify say so. */
static int
zone_write(groove_heap_t *heap, const struct known *known, ptrdiff_t at, const char *what)
{
	char size[64];

	snprintf(size, sizeof(size), "object of %zu bytes, tag %#" PRIx64, known->sz, known->tag);
	known->obj[at] ^= 0x55;
	test_log_begin();
	TEST_ASSERT_EQUAL(
		groove_heap_free(heap, known->obj), GROOVE_ERR_CORRUPT, "byte %td, aligned to %zu", at, known->align);
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), size, what), "byte %td, aligned to %zu", at, known->align);
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_heap_verify(heap), GROOVE_ERR_CORRUPT, "byte %td, aligned to %zu", at, known->align);
	test_log_end();
	known->obj[at] ^= 0x55;
	return TEST_SUCCESS;
}

/* In a build with debug_checks: the bytes next to each, at every distance from its slot. */
static int
test_red_zones(void)
{
	groove_heap_t *heap = small_heap();
	struct known known[EACH];

	TEST_ASSERT_NOT_NULL(heap, "open");
	for (size_t align = ALIGN_MIN; align <= ALIGN_MAX; align *= 2) {
		for (unsigned int i = 0; i < EACH; i++) {
			const uint8_t *slot;

			TEST_CALL(make(heap, 1000, align, i + 1, &known[i]));
			slot = (const uint8_t *)groove_data_object_hdr(known[i].obj);
			TEST_CALL(zone_write(heap, &known[i], 1000, "written to 1 bytes past its end"));
			TEST_CALL(zone_write(heap, &known[i], 1015, "past its end"));
			TEST_CALL(zone_write(heap, &known[i], -1, "written to 1 bytes before its start"));
			TEST_CALL(zone_write(heap, &known[i], -65, "before its start"));
			TEST_CALL(zone_write(heap, &known[i], slot + 16 - known[i].obj, "before its start"));
			TEST_CALL(check_known(&known[i]));
		}
		for (unsigned int i = 0; i < EACH; i++)
			TEST_ASSERT_SUCCESS(groove_heap_free(heap, known[i].obj), "free");
	}
	return heap_end(heap);
}

static int
test_heap_align(void)
{
	groove_log_per_second = UINT32_MAX; /* each line is looked at */
	TEST_CALL(test_objects());
	TEST_CALL(test_limits());
	TEST_CALL(test_several());
	TEST_CALL(test_changes());
	TEST_CALL(test_rebuild());
	TEST_CALL(test_strange_class());
	if (GROOVE_DEBUG_CHECKS)
		TEST_CALL(test_red_zones());
	return test_strange_redirects();
}

GROOVE_TEST(heap_align_autotest, fast, test_heap_align);
