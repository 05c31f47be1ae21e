/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * The word of a superblock: each transition from each place, against the table in sb_word.h written down once more.
 */

#include <sb_word.h>

#include "test.h"

#define CNT 20U /* slots of the superblock of these tests */

#define NO SB_PLACE_CNT /* refused */

enum shape {
	NONE_FREE,
	SOME_FREE,
	ALL_FREE,
	SHAPE_CNT,
};

static const uint64_t shape_bits[SHAPE_CNT] = {0, 0xa5, (1UL << CNT) - 1};

/* What a transition makes of a place, by how many slots are free there. */
struct expectation {
	const char *name;
	sb_transition fn;
	uint8_t to[SB_PLACE_CNT][SHAPE_CNT];
};

#define NOWHERE                                                                                                        \
	{                                                                                                              \
		NO, NO, NO                                                                                             \
	}

static const struct expectation expectations[] = {
	/*               NONE     RETURNING     FULL     HELD     ACTIVE     LISTED */
	{"birth", sb_birth, {{SB_HELD, SB_HELD, SB_HELD}, NOWHERE, NOWHERE, NOWHERE, NOWHERE, NOWHERE}},
	{"claim", sb_claim, {NOWHERE, NOWHERE, NOWHERE, NOWHERE, {NO, SB_ACTIVE, SB_ACTIVE}, NOWHERE}},
	{"claim_held", sb_claim_held, {NOWHERE, NOWHERE, NOWHERE, {NO, SB_HELD, SB_HELD}, NOWHERE, NOWHERE}},
	{"claim_taken", sb_claim_taken, {NOWHERE, NOWHERE, NOWHERE, NOWHERE, NOWHERE, {NO, SB_ACTIVE, SB_ACTIVE}}},
	{"install", sb_install, {NOWHERE, NOWHERE, NOWHERE, {SB_ACTIVE, SB_ACTIVE, SB_ACTIVE}, NOWHERE, NOWHERE}},
	{"withdraw", sb_withdraw, {NOWHERE, NOWHERE, NOWHERE, NOWHERE, {SB_FULL, SB_HELD, SB_HELD}, NOWHERE}},
	{"shelve", sb_shelve, {NOWHERE, NOWHERE, NOWHERE, {SB_LISTED, SB_LISTED, SB_LISTED}, NOWHERE, NOWHERE}},
	{"unshelve", sb_unshelve, {NOWHERE, NOWHERE, NOWHERE, NOWHERE, NOWHERE, {SB_HELD, SB_HELD, SB_HELD}}},
	{"put", sb_put,
		{NOWHERE, NOWHERE, {SB_LISTED, SB_LISTED, NO}, {SB_HELD, SB_HELD, NO}, {SB_ACTIVE, SB_ACTIVE, NO},
			{SB_LISTED, SB_LISTED, NO}}},
	{"dissolve", sb_dissolve, {NOWHERE, NOWHERE, NOWHERE, {NO, NO, SB_RETURNING}, NOWHERE, NOWHERE}},
	{"bury", sb_bury, {NOWHERE, {SB_NONE, SB_NONE, SB_NONE}, NOWHERE, NOWHERE, NOWHERE, NOWHERE}},
	{"touch", sb_touch, {NOWHERE, NOWHERE, NOWHERE, NOWHERE, NOWHERE, {SB_LISTED, SB_LISTED, SB_LISTED}}},
	{"adopt", sb_adopt,
		{NOWHERE, {SB_RETURNING, SB_RETURNING, SB_RETURNING}, NOWHERE, {SB_FULL, SB_HELD, SB_HELD},
			{SB_FULL, SB_HELD, SB_HELD}, {SB_FULL, SB_HELD, SB_HELD}}},
};

static uint64_t
word_of(enum sb_place place, uint64_t changes, uint64_t free)
{
	return (uint64_t)place << 61 | changes << 32 | free;
}

/* The free bits that a transition leaves: claims take the lowest 2, put adds bit 1. */
static uint64_t
expected_free(sb_transition fn, uint64_t free)
{
	if (fn == sb_birth)
		return (1UL << CNT) - 1;
	if (fn == sb_claim || fn == sb_claim_held || fn == sb_claim_taken)
		return free == 0xa5 ? 0xa0 : free & ~3UL;
	if (fn == sb_put)
		return free | 2;
	return fn == sb_dissolve || fn == sb_bury ? 0 : free;
}

static int
check_one(const struct expectation *expect, enum sb_place place, enum shape shape, uint64_t changes)
{
	const uint64_t before = word_of(place, changes, shape_bits[shape]);
	const uint8_t to = expect->to[place][shape];
	struct sb_step step = {.cnt = CNT, .want = 2, .mask = 2};
	uint64_t word = before;
	const bool done = expect->fn(&word, &step);

	TEST_ASSERT_EQUAL(done, to != NO, "%s from place %d, free %#lx", expect->name, place, shape_bits[shape]);
	if (!done) {
		TEST_ASSERT_EQUAL(word, before, "%s was refused and changed the word", expect->name);
		return TEST_SUCCESS;
	}
	TEST_ASSERT_EQUAL(word,
		word_of((enum sb_place)to, (changes + 1) % (1UL << 29), expected_free(expect->fn, shape_bits[shape])),
		"%s from place %d, free %#lx, changes %#lx", expect->name, place, shape_bits[shape], changes);
	return TEST_SUCCESS;
}

static int
test_transitions(void)
{
	static const uint64_t changes[] = {0, 1, 12345, (1UL << 29) - 1};

	for (size_t i = 0; i < sizeof(expectations) / sizeof(expectations[0]); i++)
		for (int place = 0; place < SB_PLACE_CNT; place++)
			for (int shape = 0; shape < SHAPE_CNT; shape++)
				for (size_t c = 0; c < sizeof(changes) / sizeof(changes[0]); c++)
					TEST_CALL(check_one(
						&expectations[i], (enum sb_place)place, (enum shape)shape, changes[c]));
	return TEST_SUCCESS;
}

/* A claim takes the slots it names, as many as wanted and there are, and the last one of a held superblock fills it. */
static int
test_claims(void)
{
	for (uint32_t want = 1; want <= SB_SLOT_MAX; want++) {
		struct sb_step step = {.cnt = SB_SLOT_MAX, .want = want};
		uint64_t word = word_of(SB_ACTIVE, 7, 0xf0f0f0f0);
		const uint32_t got = want < 16 ? want : 16;

		TEST_ASSERT(sb_claim(&word, &step), "16 slots are free");
		TEST_ASSERT_EQUAL(__builtin_popcountll(step.mask), got, "of 16 free slots, %u wanted", want);
		TEST_ASSERT_EQUAL(step.mask | sb_word_free(word), 0xf0f0f0f0, "taken and left are what was there");
		TEST_ASSERT_EQUAL(step.mask & sb_word_free(word), 0, "nothing is both taken and left");
	}

	struct sb_step step = {.cnt = CNT, .want = 2};
	uint64_t word = word_of(SB_HELD, 7, 0x30);

	TEST_ASSERT(sb_claim_held(&word, &step), "2 slots are free");
	TEST_ASSERT_EQUAL(sb_word_place(word), SB_FULL, "nothing is left");

	word = word_of(SB_LISTED, 7, 0x30);
	TEST_ASSERT(sb_claim_taken(&word, &step), "2 slots are free");
	TEST_ASSERT_EQUAL(sb_word_place(word), SB_FULL, "nothing is left of a listed one");
	return TEST_SUCCESS;
}

/* Bits beyond the slots are no slots: none is claimed or put, nor makes a superblock one with room. */
static int
test_stray_bits(void)
{
	for (unsigned int bit = CNT; bit < SB_SLOT_MAX; bit++) {
		const uint64_t stray = 1UL << bit;
		struct sb_step step = {.cnt = CNT, .want = SB_SLOT_MAX, .mask = stray};
		uint64_t word = word_of(SB_ACTIVE, 7, stray);

		TEST_ASSERT(!sb_claim(&word, &step), "nothing is free but bit %u", bit);
		word = word_of(SB_ACTIVE, 7, stray | 5);
		TEST_ASSERT(sb_claim(&word, &step) && step.mask == 5, "claimed %#lx", step.mask);
		word = word_of(SB_HELD, 7, stray | 5);
		TEST_ASSERT(sb_claim_held(&word, &step) && step.mask == 5, "claimed %#lx of a held one", step.mask);
		TEST_ASSERT_EQUAL(sb_word_place(word), SB_FULL, "nothing is left");
		word = word_of(SB_LISTED, 7, stray | 5);
		TEST_ASSERT(sb_claim_taken(&word, &step) && step.mask == 5, "claimed %#lx of a listed one", step.mask);
		TEST_ASSERT_EQUAL(sb_word_place(word), SB_FULL, "nothing is left");
		word = word_of(SB_ACTIVE, 7, stray);
		TEST_ASSERT(sb_withdraw(&word, &step), "withdraw");
		TEST_ASSERT_EQUAL(word, word_of(SB_FULL, 8, 0), "withdrawn");
		step.mask = stray;
		word = word_of(SB_FULL, 7, 0);
		TEST_ASSERT(!sb_put(&word, &step), "bit %u is put", bit);
		step.mask = sb_all_free(CNT);
		word = word_of(SB_FULL, 7, stray);
		TEST_ASSERT(sb_put(&word, &step), "all are put");
		TEST_ASSERT_EQUAL(word, word_of(SB_HELD, 8, sb_all_free(CNT)), "all free");
		TEST_ASSERT(sb_word_empty(word_of(SB_HELD, 8, stray | sb_all_free(CNT)), CNT), "empty");
		TEST_ASSERT(!sb_word_empty(word_of(SB_HELD, 8, stray | 5), CNT), "not empty");
	}
	return TEST_SUCCESS;
}

/* The helper applies a transition to shared memory, or leaves it, and reports the words before and after. */
static int
test_update(void)
{
	struct sb_step step = {.cnt = CNT, .mask = 4};
	uint64_t before = 0;
	uint64_t word = word_of(SB_FULL, 5, 0);

	TEST_ASSERT(sb_word_update(&word, sb_put, &step, &before), "a slot in use can be put");
	TEST_ASSERT_EQUAL(before, word_of(SB_FULL, 5, 0), "before");
	TEST_ASSERT_EQUAL(word, word_of(SB_LISTED, 6, 4), "after");
	TEST_ASSERT_EQUAL(step.word, word, "the step has the new word");
	TEST_ASSERT(!sb_word_update(&word, sb_put, &step, &before), "a free slot cannot be put");
	TEST_ASSERT_EQUAL(word, word_of(SB_LISTED, 6, 4), "refused, so unchanged");
	TEST_ASSERT_EQUAL(step.word, word, "the step has the word that was refused");

	word = word_of(SB_HELD, 5, 3);
	TEST_ASSERT(!sb_word_swap(&word, word_of(SB_HELD, 4, 3), sb_adopt, &step), "not as it was read");
	TEST_ASSERT_EQUAL(word, word_of(SB_HELD, 5, 3), "so unchanged");
	TEST_ASSERT(sb_word_swap(&word, word_of(SB_HELD, 5, 3), sb_adopt, &step), "as it was read");
	TEST_ASSERT_EQUAL(word, word_of(SB_HELD, 6, 3), "adopted");

	word = word_of(SB_FULL, 5, 0);
	step.mask = (1UL << CNT) - 1;
	TEST_ASSERT(sb_word_update(&word, sb_put, &step, NULL), "all slots at once");
	TEST_ASSERT_EQUAL(word, word_of(SB_HELD, 6, (1UL << CNT) - 1), "an empty superblock is held, for its parent");
	return TEST_SUCCESS;
}

static int
test_sb_word(void)
{
	TEST_CALL(test_transitions());
	TEST_CALL(test_claims());
	TEST_CALL(test_stray_bits());
	return test_update();
}

GROOVE_TEST(sb_word_autotest, fast, test_sb_word);
