/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* The class table against the rules of the design, and the look-up against a linear search. */

#include "fixture.h"

#define SLICE GROOVE_DATA_SZC_SLICE

static int
test_footprints(void)
{
	TEST_ASSERT(GROOVE_DATA_SZC_CNT <= 128, "%lu classes do not fit 7 bits", GROOVE_DATA_SZC_CNT);
	TEST_ASSERT_EQUAL(SLICE, GROOVE_DATA_SZC_CNT - 1, "last class");
	for (uint64_t szc = 0; szc < SLICE; szc++) {
		const uint64_t footprint = groove_data_szc_cfg[szc].obj_footprint;

		TEST_ASSERT_EQUAL(footprint % (footprint >= 4096 ? 512 : 64), 0, "unit of class %lu", szc);
		TEST_ASSERT(szc >= 16 || footprint == 64 * (szc + 1), "class %lu is not a cache line apart", szc);
		TEST_ASSERT(
			footprint < groove_data_szc_cfg[szc + 1].obj_footprint, "class %lu is not below the next", szc);
	}
	TEST_ASSERT(groove_data_szc_cfg[SLICE - 1].obj_footprint >= (10 << 20) + 512, "the largest object has no slot");
	return TEST_SUCCESS;
}

/* The smallest object that gets a slot leaves at most an eighth of it unused. */
static int
test_inner_waste(void)
{
	for (uint64_t szc = 16; szc < SLICE; szc++) {
		const uint64_t footprint = groove_data_szc_cfg[szc].obj_footprint;
		const uint64_t sz = groove_data_szc_cfg[szc - 1].obj_footprint + 1 - 16; /* with a header of 16 bytes */

		TEST_ASSERT_EQUAL(groove_data_szc(16 + sz), szc, "class of %lu bytes", sz);
		TEST_ASSERT((footprint - sz) * 8 <= footprint, "%lu of %lu bytes unused in class %lu", footprint - sz,
			footprint, szc);
	}
	return TEST_SUCCESS;
}

/* Slots that a volume has when all of it is for one class. */
static uint64_t
slots_of_volume(uint64_t volume_sz, uint64_t szc)
{
	uint64_t cnt = volume_sz / VOLUME_SZ_MIN; /* slices */

	for (; szc != SLICE; szc = groove_data_szc_cfg[szc].parent_szc)
		cnt *= groove_data_szc_cfg[szc].obj_cnt;
	return cnt;
}

/* Share of a volume that is in no slot when all of it is for one class, averaged over classes up to a footprint. */
static double
outer_waste(uint64_t volume_sz, uint64_t least, uint64_t most)
{
	double sum = 0;
	unsigned int cnt = 0;

	for (uint64_t szc = 0; szc < SLICE; szc++) {
		const uint64_t footprint = groove_data_szc_cfg[szc].obj_footprint;

		if (footprint <= least || footprint > most)
			continue;
		sum += 1 - (double)(slots_of_volume(volume_sz, szc) * footprint) / (double)volume_sz;
		cnt++;
	}
	return sum / cnt;
}

/* Headers, tails and the volume's table take at most 2.5 % up to 64 KiB, 4 % above. */
static int
test_outer_waste(void)
{
	for (uint64_t volume_sz = VOLUME_SZ_MIN; volume_sz <= GROOVE_VOLUME_FOOTPRINT_MAX; volume_sz *= 2) {
		const double small = outer_waste(volume_sz, 0, 64 << 10);
		const double large = outer_waste(volume_sz, 64 << 10, UINT64_MAX);

		TEST_ASSERT(
			small > 0 && small <= 0.025, "volume of %lu bytes: %.2f %% to 64 KiB", volume_sz, 100 * small);
		TEST_ASSERT(large > 0 && large <= 0.04, "volume of %lu bytes: %.2f %% above", volume_sz, 100 * large);
	}
	return TEST_SUCCESS;
}

static int
test_superblocks(void)
{
	for (uint64_t szc = 0; szc < SLICE; szc++) {
		const groove_data_szc_cfg_t *cfg = &groove_data_szc_cfg[szc];
		const uint64_t header = cfg->obj_footprint % 512 ? 64 : 512;

		TEST_ASSERT((cfg->obj_cnt >= 2 && cfg->obj_cnt <= 32) || cfg->obj_cnt == 48, "%u objects in class %lu",
			cfg->obj_cnt, szc);
		TEST_ASSERT(cfg->parent_szc > szc && cfg->parent_szc <= SLICE, "parent %u of class %lu",
			cfg->parent_szc, szc);

		const uint64_t superblock = groove_data_szc_cfg[cfg->parent_szc].obj_footprint;

		TEST_ASSERT_EQUAL(superblock % 512, 0, "superblock of class %lu is not block multiple", szc);
		TEST_ASSERT_EQUAL(groove_data_superblock_first(szc), header, "first slot of class %lu", szc);
		TEST_ASSERT(header + cfg->obj_cnt * (uint64_t)cfg->obj_footprint <= superblock,
			"%u objects of %u bytes do not fit %lu", cfg->obj_cnt, cfg->obj_footprint, superblock);
	}
	return TEST_SUCCESS;
}

static int
test_cgroups(void)
{
	for (uint64_t szc = 0; szc < GROOVE_DATA_SZC_CNT; szc++) {
		const unsigned int groups = groove_data_szc_cfg[szc].cgroup_mask + 1U;

		TEST_ASSERT((groups & (groups - 1)) == 0 && groups <= GROOVE_DATA_SZC_CGROUP_MAX,
			"%u groups in class %lu", groups, szc);
	}
	return TEST_SUCCESS;
}

/* After header and superblock table (9/1024) each volume size holds one slice for each 32 MiB, side by side. */
static int
test_slices(void)
{
	const uint64_t slice = groove_data_szc_cfg[SLICE].obj_footprint;

	TEST_ASSERT_EQUAL(groove_data_szc_cfg[SLICE].parent_szc, GROOVE_DATA_SZC_VOLUME, "parent of the slice");
	TEST_ASSERT_EQUAL(groove_data_szc_cfg[SLICE].obj_cnt, (1UL << 30) / VOLUME_SZ_MIN, "slices in 1 GiB");
	TEST_ASSERT_EQUAL(slice % 512, 0, "slice is not block multiple");
	for (uint64_t volume_sz = VOLUME_SZ_MIN; volume_sz <= GROOVE_VOLUME_FOOTPRINT_MAX; volume_sz *= 2) {
		const uint64_t cnt = volume_sz / VOLUME_SZ_MIN;
		const uint64_t head = 512 + volume_sz / 1024 * 9 + (cnt > 1 ? 512 : 0);

		TEST_ASSERT(head + cnt * slice <= volume_sz, "%lu slices of %lu bytes do not fit %lu", cnt, slice,
			volume_sz);
	}
	return TEST_SUCCESS;
}

static int
test_lookup(void)
{
	const uint64_t slice = groove_data_szc_cfg[SLICE].obj_footprint;
	const uint64_t none[] = {slice + 1, 1UL << 32, 1UL << 63, UINT64_MAX};
	uint64_t tightest = 0;

	for (uint64_t footprint = 0; footprint <= slice; footprint++) {
		while (groove_data_szc_cfg[tightest].obj_footprint < footprint)
			tightest++;
		TEST_ASSERT_EQUAL(groove_data_szc(footprint), tightest, "class of footprint %lu", footprint);
	}
	TEST_ASSERT_EQUAL(groove_data_szc(GROOVE_DATA_ALLOC_FOOTPRINT_MAX), SLICE - 1, "class of the largest object");
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		TEST_ASSERT_EQUAL(groove_data_szc(none[i]), SLICE, "class of footprint %lu, which none fits", none[i]);
	return TEST_SUCCESS;
}

static int
test_szc(void)
{
	TEST_CALL(test_footprints());
	TEST_CALL(test_inner_waste());
	TEST_CALL(test_outer_waste());
	TEST_CALL(test_superblocks());
	TEST_CALL(test_cgroups());
	TEST_CALL(test_slices());
	return test_lookup();
}

GROOVE_TEST(szc_autotest, fast, test_szc);
