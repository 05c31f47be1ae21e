/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * Handles of a volume whose memory went and came: each generation has its own, up to the limit that regions.rst states.
 * The states of the volume are written by the test: that many cycles take too long.
 */

#include "fixture.h"

#include "region_private.h"
#include "region_state.h"

#define MIB (1UL << 20)
#define GIB (1UL << 30)

/* A region, and the generations that handles of it tell apart: 2 to the bits that the offset leaves, 32 at most. */
struct reach {
	uint64_t volume_sz;
	uint64_t volume_max;
	unsigned int gen_bits;
};

static const struct reach reaches[] = {
	{32 * MIB, 1, 32},
	{32 * MIB, 3, 32},
	{1 * GIB, 64, 32},
	{1 * GIB, 65, 31},
	{1 * GIB, 256, 30},
};

/* A volume comes to a generation. */
static void
volume_state(const groove_region_t *region, enum region_kind kind, uint64_t gen)
{
	__atomic_store_n(region_state_word(region, 0), gen << 32 | kind, __ATOMIC_RELEASE);
}

static int
check_round_trip(const groove_region_t *region, void *obj, uint64_t gen)
{
	uint64_t handle;
	uint64_t growing;

	volume_state(region, REGION_PRESENT, gen);
	handle = groove_region_handle(region, obj);
	TEST_ASSERT(handle != 0, "no handle in generation %lu", gen);
	TEST_ASSERT_EQUAL(groove_region_pointer(region, handle), obj, "generation %lu", gen);
	/* Another process finds it in the groove before the one that adds it has said so. */
	volume_state(region, REGION_GROWING, (uint32_t)(gen - 1));
	growing = groove_region_handle(region, obj);
	TEST_ASSERT_EQUAL(growing, handle, "handle while generation %lu is about to come", gen);
	TEST_ASSERT_EQUAL(groove_region_pointer(region, handle), obj, "while generation %lu is about to come", gen);
	volume_state(region, REGION_ABSENT, gen);
	TEST_ASSERT_NULL(groove_region_pointer(region, handle), "without memory");
	return TEST_SUCCESS;
}

/* A handle of a generation is none of one that comes so many changes later. */
static int
check_stale(const groove_region_t *region, void *obj, uint64_t gen, uint64_t later)
{
	uint64_t handle;

	volume_state(region, REGION_PRESENT, gen);
	handle = groove_region_handle(region, obj);
	volume_state(region, REGION_PRESENT, (uint32_t)(gen + later));
	TEST_ASSERT_NULL(groove_region_pointer(region, handle), "of generation %lu, %lu changes later", gen, later);
	return TEST_SUCCESS;
}

static int
check_generations(const struct reach *reach, const groove_region_t *region, void *obj)
{
	static const uint64_t gens[] = {0, 2, 2046, 2047, 2048, 65535, 65536, 1UL << 27, UINT32_MAX - 1, UINT32_MAX};
	const uint64_t limit = 1UL << reach->gen_bits;

	for (size_t i = 0; i < sizeof(gens) / sizeof(gens[0]); i++) {
		TEST_CALL(check_round_trip(region, obj, gens[i]));
		for (uint64_t later = 1; later < limit; later *= 2) {
			TEST_CALL(check_stale(region, obj, gens[i], later));
			TEST_CALL(check_stale(region, obj, gens[i], limit - later));
		}
		for (uint64_t cycle = 1; cycle <= 4096; cycle++)
			TEST_CALL(check_stale(region, obj, gens[i], 4 * cycle));
	}
	return TEST_SUCCESS;
}

static int
check_reach(const struct reach *reach)
{
	const groove_region_cfg_t cfg = {
		.driver = "memfd",
		.volume_sz = reach->volume_sz,
		.volume_max = reach->volume_max,
		.page = GROOVE_PAGE_NORMAL,
		.node = GROOVE_NODE_ANY,
	};
	groove_region_t *region = NULL;
	uint64_t state;
	uint8_t *volume0;

	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &region), "create %lu volumes of %lu MiB", reach->volume_max,
		reach->volume_sz / MIB);
	state = region_state_load(region_state_word(region, 0));
	volume0 = groove_region_volume0(region);
	TEST_CALL(check_generations(reach, region, volume0 + MIB));
	TEST_CALL(check_generations(reach, region, volume0 + 16));
	TEST_CALL(check_generations(reach, region, volume0 + reach->volume_sz - 16));
	__atomic_store_n(region_state_word(region, 0), state, __ATOMIC_RELEASE);
	groove_region_detach(region);
	return TEST_SUCCESS;
}

static int
test_region_handle(void)
{
	for (size_t i = 0; i < sizeof(reaches) / sizeof(reaches[0]); i++)
		TEST_CALL(check_reach(&reaches[i]));
	return TEST_SUCCESS;
}

GROOVE_TEST(region_handle_autotest, fast, test_region_handle);
