/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <stdlib.h>
#include <string.h>

#include "fixture.h"

#define LINE 64UL

int
fixture_make(struct fixture *fix, uint64_t volume_sz, uint64_t volume_max)
{
	memset(fix, 0, sizeof(*fix));
	fix->cfg.volume_sz = volume_sz;
	fix->cfg.volume_max = volume_max;
	fix->shmem_sz = groove_data_footprint_cfg(&fix->cfg);
	TEST_ASSERT(fix->shmem_sz > 0, "footprint for %lu volumes of %lu", volume_max, volume_sz);
	fix->volumes_sz = volume_max * volume_sz;
	fix->shmem = test_mem_map(fix->shmem_sz);
	fix->volume0 = test_mem_map(fix->volumes_sz);
	TEST_ASSERT(
		fix->shmem != NULL && fix->volume0 != NULL, "no memory for %lu volumes of %lu", volume_max, volume_sz);
	TEST_ASSERT_EQUAL(groove_data_new_cfg(fix->shmem, &fix->cfg), fix->shmem, "new");
	return fixture_join(fix, &fix->data, 0);
}

uint8_t *
fixture_volume(const struct fixture *fix, uint64_t idx)
{
	return fix->volume0 + idx * fix->cfg.volume_sz;
}

int
fixture_add(struct fixture *fix, uint64_t idx, uint64_t cnt)
{
	TEST_ASSERT_SUCCESS(
		groove_data_volume_add(&fix->data, fixture_volume(fix, idx), cnt * fix->cfg.volume_sz, NULL, 0),
		"add %lu volumes at %lu", cnt, idx);
	return TEST_SUCCESS;
}

int
fixture_join(const struct fixture *fix, groove_data_t *data, uint64_t cgroup_hint)
{
	TEST_ASSERT_EQUAL(groove_data_join(data, fix->shmem, fix->volume0, fix->cfg.volume_max, cgroup_hint), data,
		"join with hint %lu", cgroup_hint);
	return TEST_SUCCESS;
}

int
fixture_remove_all(struct fixture *fix, uint64_t cnt)
{
	uint8_t *seen = calloc(fix->cfg.volume_max, 1);
	uint64_t removed = 0;

	TEST_ASSERT_NOT_NULL(seen, "out of memory");
	TEST_ASSERT_SUCCESS(groove_data_trim(&fix->data), "trim");
	/* A volume may need calls of its own to pass the grace period; in an idle groove a few are plenty. */
	for (uint64_t turn = 0; removed < cnt && turn < 4 * cnt + 4; turn++) {
		const uint8_t *volume = (const uint8_t *)groove_data_volume_remove(&fix->data);

		if (volume == NULL)
			continue;

		const uint64_t idx = (uint64_t)(volume - fix->volume0) / fix->cfg.volume_sz;

		TEST_ASSERT(idx < fix->cfg.volume_max && volume == fixture_volume(fix, idx), "removed %p is no volume",
			(const void *)volume);
		TEST_ASSERT_EQUAL(seen[idx]++, 0, "volume %lu removed before", idx);
		removed++;
	}
	free(seen);
	TEST_ASSERT_EQUAL(removed, cnt, "volumes removed");
	TEST_ASSERT_NULL(groove_data_volume_remove(&fix->data), "more than %lu volumes", cnt);
	return TEST_SUCCESS;
}

int
fixture_end(struct fixture *fix)
{
	groove_data_stats_t stats;

	TEST_ASSERT_SUCCESS(groove_data_verify(&fix->data), "verify");
	TEST_ASSERT_SUCCESS(groove_data_stats(&fix->data, &stats), "stats");
	TEST_ASSERT_EQUAL(stats.total.obj_cnt, 0, "live objects");
	TEST_ASSERT_EQUAL(stats.total.req_bytes, 0, "live bytes");
	TEST_ASSERT_EQUAL(stats.total.alloc_cnt, stats.total.free_cnt, "allocations and frees");
	TEST_CALL(fixture_remove_all(fix, stats.volume_cnt));
	TEST_ASSERT_SUCCESS(groove_data_verify(&fix->data), "verify without volumes");
	TEST_ASSERT_EQUAL(groove_data_leave(&fix->data), &fix->data, "leave");
	TEST_ASSERT_EQUAL(groove_data_delete(fix->shmem), fix->shmem, "delete");
	fixture_unmap(fix);
	return TEST_SUCCESS;
}

void
fixture_unmap(struct fixture *fix)
{
	test_mem_unmap(fix->shmem, fix->shmem_sz);
	test_mem_unmap(fix->volume0, fix->volumes_sz);
	fix->shmem = NULL;
	fix->volume0 = NULL;
}

int
snapshot_take(struct snapshot *snap, const struct fixture *fix, uint64_t head_sz)
{
	snap->head_sz = head_sz;
	snap->shmem = malloc(fix->shmem_sz);
	snap->heads = malloc(fix->cfg.volume_max * head_sz);
	TEST_ASSERT(snap->shmem != NULL && snap->heads != NULL, "out of memory");
	memcpy(snap->shmem, fix->shmem, fix->shmem_sz);
	for (uint64_t i = 0; i < fix->cfg.volume_max; i++)
		memcpy(snap->heads + i * head_sz, fixture_volume(fix, i), head_sz);
	memcpy(&snap->data, &fix->data, sizeof(snap->data)); /* with the padding */
	return TEST_SUCCESS;
}

bool
snapshot_same(const struct snapshot *snap, const struct fixture *fix)
{
	for (uint64_t i = 0; i < fix->cfg.volume_max; i++)
		if (memcmp(snap->heads + i * snap->head_sz, fixture_volume(fix, i), snap->head_sz) != 0)
			return false;
	return memcmp(snap->shmem, fix->shmem, fix->shmem_sz) == 0 &&
	       memcmp(&snap->data, &fix->data, sizeof(snap->data)) == 0;
}

void
snapshot_drop(struct snapshot *snap)
{
	free(snap->shmem);
	free(snap->heads);
}

uint64_t
expect_obj_off(uint64_t align)
{
	return align > EXPECT_FRONT ? align : EXPECT_FRONT;
}

uint64_t
expect_sz_max(uint64_t align)
{
	return (10UL << 20) + 512 - (align > 16 ? align : 16);
}

uint64_t
expect_slot_sz(uint64_t align, uint64_t sz)
{
	const uint64_t unit = align > LINE ? 512 : LINE;

	if (sz > expect_sz_max(align))
		return 0;
	for (uint64_t szc = 0; szc < GROOVE_DATA_SZC_SLICE; szc++) {
		const uint64_t footprint = groove_data_szc_cfg[szc].obj_footprint;

		if (footprint % unit == 0 && footprint >= expect_obj_off(align) + sz + EXPECT_BACK)
			return footprint;
	}
	return 0;
}

int
object_check(const void *obj, uint64_t align, uint64_t sz, uint64_t tag)
{
	const uint64_t tightest = expect_slot_sz(align, sz);
	const uint64_t obj_off = expect_obj_off(align);
	const uintptr_t slot = (uintptr_t)obj - obj_off;
	const uintptr_t first = slot + (obj_off > LINE ? obj_off - LINE : 0) + 16;
	const uintptr_t start = GROOVE_DEBUG_CHECKS ? (uintptr_t)obj : first;
	const groove_data_hdr_t *hdr = groove_data_object_hdr_const(obj);
	const uint64_t szc = groove_data_hdr_szc(*hdr);
	const uint64_t idx = groove_data_hdr_idx(*hdr);
	const uint64_t bits = 0xfd67UL | idx << 16 | szc << 22 | (align ? align : 16) << 29 | sz << 39;
	const uint64_t slot_sz = szc < GROOVE_DATA_SZC_CNT ? groove_data_szc_cfg[szc].obj_footprint : 0;
	const uintptr_t stop = GROOVE_DEBUG_CHECKS ? (uintptr_t)obj + sz : slot + slot_sz;

	TEST_ASSERT_EQUAL((uintptr_t)obj % (align ? align : 16), 0, "%p is not aligned to %lu", obj, align);
	TEST_ASSERT_EQUAL(hdr, slot, "header of object %p", obj);
	TEST_ASSERT_EQUAL(groove_data_hdr_type(*hdr), 0xfd67, "type of object %p", obj);
	TEST_ASSERT(szc < GROOVE_DATA_SZC_CNT, "class %lu of object %p", szc, obj);
	TEST_ASSERT_EQUAL(slot % (slot_sz % 512 ? LINE : 512), 0, "slot of %lu bytes at %#lx", slot_sz, slot);
	TEST_ASSERT(slot_sz >= tightest && slot_sz <= 4 * tightest, "slot of %lu for align %lu, %lu bytes", slot_sz,
		align, sz);
	TEST_ASSERT(idx < 32, "index %lu in class %lu", idx, szc);
	TEST_ASSERT_EQUAL(groove_data_hdr_type(*groove_data_superblock_hdr_const(obj, szc, idx)), 0x0298,
		"superblock of object %p, class %lu, index %lu", obj, szc, idx);
	TEST_ASSERT_EQUAL(groove_data_superblock_hdr((void *)(uintptr_t)obj, szc, idx),
		groove_data_superblock_hdr_const(obj, szc, idx), "superblock of object %p, to write", obj);
	TEST_ASSERT_EQUAL(groove_data_alloc_hdr(obj).bits, bits, "header of alignment %lu, %lu bytes", align, sz);
	TEST_ASSERT_EQUAL(groove_data_alloc_hdr(obj).info, tag, "tag in the header");
	TEST_ASSERT_EQUAL(groove_data_alloc_align(obj), align ? align : 16, "alignment of %lu bytes", sz);
	TEST_ASSERT_EQUAL(groove_data_alloc_sz(obj), sz, "size with alignment %lu", align);
	TEST_ASSERT_EQUAL(groove_data_alloc_tag(obj), tag, "tag");
	TEST_ASSERT_EQUAL(groove_data_alloc_start_const(obj), start, "start, alignment %lu", align);
	TEST_ASSERT_EQUAL(groove_data_alloc_stop_const(obj), stop, "stop, alignment %lu", align);
	return TEST_SUCCESS;
}

/* Any constant without a pattern of its own will do: each word of each object becomes its own. */
#define PATTERN_STEP 0xd1342543de82ef95UL

static uint64_t
range_sz(const void *obj)
{
	return (uint64_t)((const uint8_t *)groove_data_alloc_stop_const(obj) -
			  (const uint8_t *)groove_data_alloc_start_const(obj));
}

void
object_fill(void *obj, uint64_t seed)
{
	uint64_t *word = groove_data_alloc_start(obj);
	const uint64_t sz = range_sz(obj);

	for (uint64_t i = 0; i < sz / 8; i++)
		*word++ = seed += PATTERN_STEP;
	memset(word, (uint8_t)seed, sz % 8);
}

bool
object_intact(const void *obj, uint64_t seed)
{
	const uint64_t *word = groove_data_alloc_start_const(obj);
	const uint64_t sz = range_sz(obj);

	for (uint64_t i = 0; i < sz / 8; i++)
		if (*word++ != (seed += PATTERN_STEP))
			return false;
	for (uint64_t i = 0; i < sz % 8; i++)
		if (((const uint8_t *)word)[i] != (uint8_t)seed)
			return false;
	return true;
}

int
objects_alloc(groove_data_t *data, void **objs, uint64_t sz, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++) {
		objs[i] = groove_data_alloc(data, 0, sz, i, NULL);
		TEST_ASSERT_NOT_NULL(objs[i], "object %lu of %lu bytes", i, sz);
	}
	return TEST_SUCCESS;
}

int
objects_free(groove_data_t *data, void *const *objs, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		TEST_ASSERT_SUCCESS(groove_data_free(data, objs[i]), "free %lu", i);
	return TEST_SUCCESS;
}

struct span
object_span(const void *obj)
{
	const uintptr_t start = (uintptr_t)groove_data_object_hdr_const(obj);

	return (struct span){
		.start = start,
		.stop = start + groove_data_szc_cfg[groove_data_hdr_szc(groove_data_alloc_hdr(obj))].obj_footprint,
	};
}

static int
span_compare(const void *a, const void *b)
{
	const struct span *left = a;
	const struct span *right = b;

	return (left->start > right->start) - (left->start < right->start);
}

bool
spans_disjoint(struct span *spans, uint64_t n)
{
	qsort(spans, n, sizeof(*spans), span_compare);
	for (uint64_t i = 1; i < n; i++)
		if ((spans[i - 1].stop + LINE - 1) / LINE > spans[i].start / LINE)
			return false;
	return true;
}

uint64_t
fixture_cached_bytes(const groove_data_t *data)
{
	groove_data_stats_t stats;
	uint64_t bytes = 0;

	if (groove_data_stats(data, &stats) != GROOVE_SUCCESS)
		return UINT64_MAX;
	for (uint64_t szc = 0; szc < GROOVE_DATA_SZC_CNT; szc++)
		bytes += stats.szc[szc].cached_cnt * groove_data_szc_cfg[szc].obj_footprint;
	return bytes;
}
