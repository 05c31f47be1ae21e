/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * The steps of the reference's test program, in its order, with its names but for the prefix: what was written against
 * the reference ports by renaming. Left out is its assertion of 32 size classes, which are ours to choose.
 */

#include <string.h>

#include <groove.h>

#include "test.h"

#define SHMEM_MAX  (1UL << 20)
#define VOLUME_CNT 4UL
#define SLOT_CNT   8192UL
#define ALLOC_CNT  65536UL
#define SZ_MAX	   (1UL << 20)
#define HDR_TRIPS  10000000UL

_Static_assert(GROOVE_BLOCK_ALIGN == 512UL, "unit test");
_Static_assert(GROOVE_BLOCK_FOOTPRINT == 512UL, "unit test");
_Static_assert(GROOVE_VOLUME_ALIGN == GROOVE_BLOCK_ALIGN, "unit test");
_Static_assert(GROOVE_VOLUME_FOOTPRINT == 1UL << 30, "unit test");
_Static_assert(GROOVE_VOLUME_FOOTPRINT == sizeof(groove_volume_t), "unit test");
_Static_assert(GROOVE_VOLUME_FOOTPRINT % GROOVE_BLOCK_FOOTPRINT == 0, "unit test");
_Static_assert(GROOVE_VOLUME_ALIGN == _Alignof(groove_volume_t), "unit test");
_Static_assert(GROOVE_VOLUME_INFO_MAX == 480UL, "unit test");
_Static_assert(GROOVE_VOLUME_INFO_MAX == sizeof(((groove_volume_t *)0)->info), "unit test");
_Static_assert(GROOVE_VOLUME_DATA_FOOTPRINT == sizeof(((groove_volume_t *)0)->data), "unit test");
_Static_assert(GROOVE_VOLUME_DATA_FOOTPRINT == (1UL << 30) - 512, "unit test");
_Static_assert(GROOVE_VOLUME_DATA_MAX == GROOVE_VOLUME_DATA_FOOTPRINT, "unit test");
_Static_assert(GROOVE_VOLUME_MAGIC != GROOVE_DATA_MAGIC, "unit test");
_Static_assert(GROOVE_VOLUME_MAGIC != GROOVE_VOLUME_POOL_MAGIC, "unit test");
_Static_assert(GROOVE_DATA_MAGIC != GROOVE_VOLUME_POOL_MAGIC, "unit test");
_Static_assert(GROOVE_DATA_HDR_ALIGN == 16UL, "unit test");
_Static_assert(GROOVE_DATA_HDR_ALIGN == _Alignof(groove_data_hdr_t), "unit test");
_Static_assert(GROOVE_DATA_HDR_FOOTPRINT == 16UL, "unit test");
_Static_assert(GROOVE_DATA_HDR_FOOTPRINT == sizeof(groove_data_hdr_t), "unit test");
_Static_assert(GROOVE_DATA_HDR_TYPE_ALLOC == 0xfd67UL, "unit test");
_Static_assert(GROOVE_DATA_HDR_TYPE_SUPERBLOCK == 0x0298UL, "unit test");
_Static_assert(GROOVE_DATA_ALLOC_ALIGN_DEFAULT == 16UL, "unit test");
_Static_assert(GROOVE_DATA_ALLOC_ALIGN_MAX == 512UL, "unit test");
_Static_assert(GROOVE_DATA_ALLOC_FOOTPRINT_MAX == 10486272UL, "unit test");
_Static_assert(GROOVE_DATA_SZC_CGROUP_MAX == 64UL, "unit test");

static uint8_t shmem[SHMEM_MAX] __attribute__((__aligned__(4096)));
static uint64_t shmem_cnt;

/* Objects that all tiles allocate, validate and free; lock is a try-lock. */
static struct {
	int lock;
	uint8_t *mem;
	uint64_t align;
	uint64_t sz;
	uint64_t tag;
	uint8_t pat;
} test_slot[SLOT_CNT] __attribute__((__aligned__(128)));

static uint64_t volume_avail_pmap;
static void *_shdata;
static void *_volume;

static void *
shmem_alloc(uint64_t a, uint64_t s)
{
	const uintptr_t base = (uintptr_t)shmem;
	const uintptr_t m = (base + shmem_cnt + a - 1) & ~(a - 1);

	shmem_cnt = m + s - base;
	return shmem_cnt <= SHMEM_MAX ? (void *)m : NULL;
}

/* Add a random one of the volumes that are not in use. */
static int
grow_data(groove_data_t *data, uint64_t *rng)
{
	groove_volume_t *volume0 = groove_data_volume0(data);
	uint64_t avail = __atomic_load_n(&volume_avail_pmap, __ATOMIC_RELAXED);
	unsigned int idx;

	do {
		if (avail == 0)
			return GROOVE_ERR_FULL;
		idx = (unsigned int)(test_rand(rng) % VOLUME_CNT);
		while (!(avail >> idx & 1))
			idx = (idx + 1) % VOLUME_CNT;
	} while (!__atomic_compare_exchange_n(
		&volume_avail_pmap, &avail, avail & ~(1UL << idx), 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
	return groove_data_volume_add(data, volume0 + idx, GROOVE_VOLUME_FOOTPRINT, NULL, 0);
}

static int
tile_alloc(groove_data_t *data, uint64_t *rng, uint64_t slot_idx)
{
	const uint64_t sz = test_rand(rng) % SZ_MAX >> test_rand(rng) % 20;
	const uint64_t lg_align = test_rand(rng) % 11;
	const uint64_t align = lg_align < 10 ? 1UL << lg_align : 0;
	const uint64_t tag = test_rand(rng);
	const uint8_t pat = (uint8_t)test_rand(rng);
	uint8_t *mem;
	int err;

	while ((mem = groove_data_alloc(data, align, sz, tag, &err)) == NULL) {
		TEST_ASSERT_EQUAL(err, GROOVE_ERR_FULL, "alloc of %lu bytes aligned to %lu", sz, align);
		TEST_ASSERT_SUCCESS(grow_data(data, rng), "grow");
	}
	TEST_ASSERT_SUCCESS(err, "alloc");
	TEST_ASSERT_SUCCESS((uintptr_t)mem % (align ? align : GROOVE_DATA_ALLOC_ALIGN_DEFAULT), "alignment");
	memset(groove_data_alloc_start(mem), pat,
		(size_t)((uint8_t *)groove_data_alloc_stop(mem) - (uint8_t *)groove_data_alloc_start(mem)));
	test_slot[slot_idx].mem = mem;
	test_slot[slot_idx].align = align;
	test_slot[slot_idx].sz = sz;
	test_slot[slot_idx].tag = tag;
	test_slot[slot_idx].pat = pat;
	return TEST_SUCCESS;
}

static int
tile_validate(uint64_t slot_idx)
{
	const uint8_t *mem = test_slot[slot_idx].mem;
	const uint64_t align = test_slot[slot_idx].align;
	const uint8_t pat = test_slot[slot_idx].pat;
	const uint8_t *start = groove_data_alloc_start_const(mem);
	const uint8_t *stop = groove_data_alloc_stop_const(mem);

	TEST_ASSERT_EQUAL(groove_data_alloc_align(mem), align ? align : GROOVE_DATA_ALLOC_ALIGN_DEFAULT, "alignment");
	TEST_ASSERT_EQUAL(groove_data_alloc_sz(mem), test_slot[slot_idx].sz, "size");
	TEST_ASSERT_EQUAL(groove_data_alloc_tag(mem), test_slot[slot_idx].tag, "tag");
	TEST_ASSERT(start <= mem && mem + test_slot[slot_idx].sz <= stop, "object outside of its range");
	for (const uint8_t *p = start; p < stop; p++)
		if (*p != pat)
			TEST_ASSERT_EQUAL(*p, pat, "byte %ld of slot %lu", (long)(p - start), slot_idx);
	return TEST_SUCCESS;
}

/* One turn on a slot whose lock is held. */
static int
tile_turn(groove_data_t *data, uint64_t *rng, uint64_t slot_idx)
{
	if (test_slot[slot_idx].mem == NULL)
		return tile_alloc(data, rng, slot_idx);
	TEST_CALL(tile_validate(slot_idx));
	if (test_rand(rng) & 1) {
		TEST_ASSERT_SUCCESS(groove_data_free(data, test_slot[slot_idx].mem), "free");
		test_slot[slot_idx].mem = NULL;
	}
	return TEST_SUCCESS;
}

static int
tile_main(unsigned int tile_idx, void *arg)
{
	const uint64_t turns = 2 * test_turns(ALLOC_CNT);
	groove_data_t data[1];
	uint64_t rng = tile_idx;

	(void)arg;
	TEST_ASSERT_EQUAL(groove_data_join(data, _shdata, _volume, VOLUME_CNT, tile_idx), data, "join");
	for (uint64_t turn = 0; turn < turns; turn++) {
		const uint64_t slot_idx = test_rand(&rng) % SLOT_CNT;

		/* Acquire pairs with the release of the tile that held the lock before. */
		if (__atomic_exchange_n(&test_slot[slot_idx].lock, 1, __ATOMIC_ACQUIRE))
			continue;

		const int result = tile_turn(data, &rng, slot_idx);

		__atomic_store_n(&test_slot[slot_idx].lock, 0, __ATOMIC_RELEASE);
		TEST_CALL(result);
	}
	TEST_ASSERT_EQUAL(groove_data_leave(data), data, "leave");
	return TEST_SUCCESS;
}

static int
test_construction(void **shdata)
{
	const uint64_t align = groove_data_align();
	const uint64_t footprint = groove_data_footprint();

	TEST_ASSERT(align > 0 && (align & (align - 1)) == 0, "align %lu", align);
	TEST_ASSERT(footprint > 0 && footprint % align == 0, "footprint %lu", footprint);

	void *mem = shmem_alloc(align, footprint);

	TEST_ASSERT_NOT_NULL(mem, "footprint %lu", footprint);
	TEST_ASSERT_NULL(groove_data_new(NULL), "NULL shmem");
	TEST_ASSERT_NULL(groove_data_new((void *)1UL), "misaligned shmem");
	*shdata = groove_data_new(mem);
	TEST_ASSERT_EQUAL(*shdata, mem, "new");
	TEST_ASSERT_EQUAL(*(const uint64_t *)*shdata, GROOVE_DATA_MAGIC, "magic");
	return TEST_SUCCESS;
}

static int
test_joining(groove_data_t *ljoin, void *shdata, void *volume)
{
	TEST_ASSERT_NULL(groove_data_join(NULL, shdata, volume, VOLUME_CNT, 0), "NULL ljoin");
	TEST_ASSERT_NULL(groove_data_join((void *)1UL, shdata, volume, VOLUME_CNT, 0), "misaligned ljoin");
	TEST_ASSERT_NULL(groove_data_join(ljoin, NULL, volume, VOLUME_CNT, 0), "NULL shdata");
	TEST_ASSERT_NULL(groove_data_join(ljoin, (void *)1UL, volume, VOLUME_CNT, 0), "misaligned shdata");
	TEST_ASSERT_NULL(groove_data_join(ljoin, shdata, NULL, VOLUME_CNT, 0), "NULL volume0");
	TEST_ASSERT_NULL(groove_data_join(ljoin, shdata, (void *)1UL, VOLUME_CNT, 0), "misaligned volume0");
	TEST_ASSERT_NULL(groove_data_join(ljoin, shdata, volume, UINT64_MAX, 0), "volume_max too large");
	TEST_ASSERT_EQUAL(groove_data_join(ljoin, shdata, volume, VOLUME_CNT, 1234), ljoin, "join");
	return TEST_SUCCESS;
}

static int
test_accessors(groove_data_t *data, void *shdata, groove_volume_t *volume)
{
	TEST_ASSERT_SUCCESS(groove_data_verify(data), "verify");
	TEST_ASSERT_EQUAL(groove_data_verify(NULL), GROOVE_ERR_INVAL, "verify NULL");
	TEST_ASSERT_EQUAL(groove_data_volume_verify(NULL, volume), GROOVE_ERR_INVAL, "volume_verify NULL");
	TEST_ASSERT_EQUAL(groove_data_volume_verify(data, NULL), GROOVE_ERR_INVAL, "volume_verify NULL");
	TEST_ASSERT_EQUAL(groove_data_shdata(data), shdata, "shdata");
	TEST_ASSERT_EQUAL(groove_data_shdata_const(data), shdata, "shdata_const");
	TEST_ASSERT_EQUAL(groove_data_volume0(data), volume, "volume0");
	TEST_ASSERT_EQUAL(groove_data_volume0_const(data), volume, "volume0_const");
	TEST_ASSERT_EQUAL(groove_data_volume_max(data), VOLUME_CNT, "volume_max");
	TEST_ASSERT_EQUAL(groove_data_cgroup_hint(data), 1234, "cgroup_hint");
	TEST_ASSERT_EQUAL(groove_data_volume1(data), volume + VOLUME_CNT, "volume1");
	TEST_ASSERT_EQUAL(groove_data_volume1_const(data), volume + VOLUME_CNT, "volume1_const");
	return TEST_SUCCESS;
}

static int
test_hdr_trips(void)
{
	uint64_t rng = 0;

	for (uint64_t trip = 0; trip < HDR_TRIPS; trip++) {
		const uint64_t word = test_rand(&rng);
		const uint64_t info = test_rand(&rng);
		const uint64_t type = word & 0xffff;
		const uint64_t idx = word >> 16 & 0x3f;
		const uint64_t szc = word >> 22 & 0x7f;
		const uint64_t align = word >> 29 & 0x3ff;
		const uint64_t sz = word >> 39;
		const groove_data_hdr_t hdr = groove_data_hdr(type, idx, szc, align, sz, info);

		TEST_ASSERT_EQUAL(groove_data_hdr_type(hdr), type, "type");
		TEST_ASSERT_EQUAL(groove_data_hdr_idx(hdr), idx, "idx");
		TEST_ASSERT_EQUAL(groove_data_hdr_szc(hdr), szc, "szc");
		TEST_ASSERT_EQUAL(groove_data_hdr_align(hdr), align, "align");
		TEST_ASSERT_EQUAL(groove_data_hdr_sz(hdr), sz, "sz");
		TEST_ASSERT_EQUAL(groove_data_hdr_info(hdr), info, "info");
	}
	return TEST_SUCCESS;
}

static int
test_szc_cfg(void)
{
	for (uint64_t szc = 0; szc < GROOVE_DATA_SZC_CNT; szc++) {
		const uint64_t footprint = groove_data_szc_cfg[szc].obj_footprint;
		const uint64_t cgroup_cnt = groove_data_szc_cfg[szc].cgroup_mask + 1UL;

		TEST_ASSERT_SUCCESS(footprint % GROOVE_DATA_HDR_ALIGN, "footprint of class %lu", szc);
		TEST_ASSERT((cgroup_cnt & (cgroup_cnt - 1)) == 0 && cgroup_cnt <= GROOVE_DATA_SZC_CGROUP_MAX,
			"groups of class %lu", szc);
		TEST_ASSERT(szc == 0 || footprint > groove_data_szc_cfg[szc - 1].obj_footprint, "class %lu", szc);
		TEST_ASSERT_EQUAL(groove_data_szc(footprint), szc, "class of %lu", footprint);
	}
	TEST_ASSERT_EQUAL(groove_data_szc(0), 0, "class of no bytes");
	TEST_ASSERT_EQUAL(groove_data_szc(UINT64_MAX), GROOVE_DATA_SZC_CNT - 1, "class of what none fits");
	return TEST_SUCCESS;
}

/* Where a superblock would be: address space of nobody, which is not read. */
static int
test_superblock_hdr(void)
{
	uint8_t *const superblock = (uint8_t *)(1UL << 46);

	for (uint64_t szc = 0; szc < GROOVE_DATA_SZC_CNT; szc++) {
		const uint64_t footprint = groove_data_szc_cfg[szc].obj_footprint;
		const uint64_t align_max = footprint % GROOVE_BLOCK_FOOTPRINT == 0 ? GROOVE_DATA_ALLOC_ALIGN_MAX : 64;

		for (uint64_t idx = 0; idx < groove_data_szc_cfg[szc].obj_cnt; idx++) {
			for (uint64_t align = GROOVE_DATA_ALLOC_ALIGN_DEFAULT; align <= align_max; align *= 2) {
				uint8_t *obj = superblock + groove_data_superblock_first(szc) + idx * footprint +
					       groove_data_obj_off(align);

				TEST_ASSERT_EQUAL((const void *)groove_data_superblock_hdr(obj, szc, idx), superblock,
					"class %lu, slot %lu, alignment %lu", szc, idx, align);
				TEST_ASSERT_EQUAL((const void *)groove_data_superblock_hdr_const(obj, szc, idx),
					superblock, "class %lu, slot %lu, alignment %lu, const", szc, idx, align);
			}
		}
	}
	return TEST_SUCCESS;
}

static int
test_volumes(groove_data_t *data, groove_volume_t *volume)
{
	const uint64_t sz = GROOVE_VOLUME_FOOTPRINT;
	uint8_t info[GROOVE_VOLUME_INFO_MAX] = {1, 2, 3};

	TEST_ASSERT_NULL(groove_data_volume_remove(NULL), "remove from NULL");
	TEST_ASSERT_NULL(groove_data_volume_remove(data), "remove from an empty groove");
	TEST_ASSERT_EQUAL(groove_data_volume_add(NULL, volume, sz, NULL, 0), GROOVE_ERR_INVAL, "NULL data");
	TEST_ASSERT_EQUAL(groove_data_volume_add(data, NULL, sz, NULL, 0), GROOVE_ERR_INVAL, "NULL volume");
	TEST_ASSERT_EQUAL(groove_data_volume_add(data, (void *)1UL, sz, NULL, 0), GROOVE_ERR_INVAL, "misaligned");
	TEST_ASSERT_EQUAL(groove_data_volume_add(data, volume - 1, sz, NULL, 0), GROOVE_ERR_INVAL, "below volume0");
	TEST_ASSERT_EQUAL(
		groove_data_volume_add(data, volume + VOLUME_CNT, sz, NULL, 0), GROOVE_ERR_INVAL, "at volume1");
	TEST_ASSERT_EQUAL(groove_data_volume_add(data, volume, 0, NULL, 0), GROOVE_ERR_INVAL, "no bytes");
	TEST_ASSERT_EQUAL(groove_data_volume_add(data, volume, 1, NULL, 0), GROOVE_ERR_INVAL, "one byte");
	TEST_ASSERT_EQUAL(groove_data_volume_add(data, volume, sz, NULL, 1), GROOVE_ERR_INVAL, "NULL info");
	TEST_ASSERT_EQUAL(
		groove_data_volume_add(data, volume, sz, info, sizeof(info) + 1), GROOVE_ERR_INVAL, "long info");

	TEST_ASSERT_SUCCESS(groove_data_volume_add(data, volume, VOLUME_CNT * sz, info, sizeof(info)), "add all");
	TEST_ASSERT_SUCCESS(groove_data_verify(data), "verify");
	for (uint64_t idx = 0; idx < VOLUME_CNT; idx++)
		TEST_ASSERT_SUCCESS(groove_data_volume_verify(data, volume + idx), "verify volume %lu", idx);
	for (uint64_t idx = 0; idx < VOLUME_CNT; idx++) {
		const groove_volume_t *removed = groove_data_volume_remove(data);

		/* The grace period may ask for another call. */
		if (removed == NULL)
			removed = groove_data_volume_remove(data);
		TEST_ASSERT_EQUAL(removed, volume + idx, "remove %lu", idx);
	}
	TEST_ASSERT_NULL(groove_data_volume_remove(data), "remove one more");
	TEST_ASSERT_SUCCESS(groove_data_verify(data), "verify");
	return TEST_SUCCESS;
}

static int
test_alloc_free(groove_data_t *data, groove_volume_t *volume)
{
	int err = 0;

	TEST_ASSERT_NULL(groove_data_alloc(data, 0, 1, 0, &err), "no volume");
	TEST_ASSERT_EQUAL(err, GROOVE_ERR_FULL, "no volume");
	TEST_ASSERT_NULL(groove_data_alloc(NULL, 0, 1, 0, &err), "NULL data");
	TEST_ASSERT_EQUAL(err, GROOVE_ERR_INVAL, "NULL data");
	TEST_ASSERT_NULL(groove_data_alloc(data, 3, 1, 0, &err), "alignment 3");
	TEST_ASSERT_EQUAL(err, GROOVE_ERR_INVAL, "alignment 3");
	TEST_ASSERT_NULL(groove_data_alloc(data, 2 * GROOVE_DATA_ALLOC_ALIGN_MAX, 1, 0, &err), "alignment 1024");
	TEST_ASSERT_EQUAL(err, GROOVE_ERR_INVAL, "alignment 1024");
	TEST_ASSERT_NULL(groove_data_alloc(data, 0, UINT64_MAX, 0, &err), "largest size");
	TEST_ASSERT_EQUAL(err, GROOVE_ERR_INVAL, "largest size");
	TEST_ASSERT_NULL(
		groove_data_alloc(data, 0, GROOVE_DATA_ALLOC_FOOTPRINT_MAX, 0, NULL), "no room for the header");
	TEST_ASSERT_EQUAL(groove_data_free(NULL, volume), GROOVE_ERR_INVAL, "free, NULL data");
	TEST_ASSERT_EQUAL(groove_data_free(data, NULL), GROOVE_ERR_INVAL, "free of NULL");
	TEST_ASSERT_EQUAL(groove_data_free(data, volume - 1), GROOVE_ERR_INVAL, "free below volume0");
	TEST_ASSERT_EQUAL(groove_data_free(data, volume + VOLUME_CNT), GROOVE_ERR_INVAL, "free at volume1");
	TEST_ASSERT_SUCCESS(groove_data_verify(data), "verify");
	return TEST_SUCCESS;
}

static int
free_outstanding(groove_data_t *data)
{
	for (uint64_t slot_idx = 0; slot_idx < SLOT_CNT; slot_idx++) {
		if (test_slot[slot_idx].mem == NULL)
			continue;
		TEST_CALL(tile_validate(slot_idx));
		TEST_ASSERT_SUCCESS(groove_data_free(data, test_slot[slot_idx].mem), "free slot %lu", slot_idx);
		test_slot[slot_idx].mem = NULL;
	}
	return TEST_SUCCESS;
}

static int
test_destruction(groove_data_t *data, void *shdata)
{
	TEST_ASSERT_NULL(groove_data_leave(NULL), "leave NULL");
	TEST_ASSERT_EQUAL(groove_data_leave(data), data, "leave");
	TEST_ASSERT_NULL(groove_data_delete(NULL), "delete NULL");
	TEST_ASSERT_NULL(groove_data_delete((void *)1UL), "delete misaligned");
	TEST_ASSERT_EQUAL(groove_data_delete(shdata), shdata, "delete");
	TEST_ASSERT_NULL(groove_data_delete(shdata), "delete twice");
	return TEST_SUCCESS;
}

static int
test_steps(groove_volume_t *volume)
{
	groove_data_t data[1];
	void *shdata;

	shmem_cnt = 0;
	volume_avail_pmap = (1UL << VOLUME_CNT) - 1;
	memset(test_slot, 0, sizeof(test_slot));
	TEST_CALL(test_construction(&shdata));
	TEST_CALL(test_joining(data, shdata, volume));
	TEST_CALL(test_accessors(data, shdata, volume));
	TEST_CALL(test_hdr_trips());
	TEST_CALL(test_szc_cfg());
	TEST_CALL(test_superblock_hdr());
	TEST_CALL(test_volumes(data, volume));
	TEST_CALL(test_alloc_free(data, volume));
	_shdata = shdata;
	_volume = volume;
	TEST_CALL(test_threads_run(2, tile_main, NULL));
	TEST_ASSERT_SUCCESS(groove_data_verify(data), "verify after the tiles");
	TEST_CALL(free_outstanding(data));
	TEST_ASSERT_SUCCESS(groove_data_verify(data), "verify after freeing all");
	return test_destruction(data, shdata);
}

static int
test_reference(void)
{
	groove_volume_t *volume = test_mem_map(VOLUME_CNT * GROOVE_VOLUME_FOOTPRINT);

	TEST_ASSERT_NOT_NULL(volume, "no memory");

	const int result = test_steps(volume);

	test_mem_unmap(volume, VOLUME_CNT * GROOVE_VOLUME_FOOTPRINT);
	return result;
}

GROOVE_TEST(reference_autotest, fast, test_reference);
