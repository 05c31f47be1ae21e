/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "stale.h"

#include <stdlib.h>
#include <string.h>

#include "schedule.h"

#define WORD_MAX 8192U /* words that one schedule stores to, and more; a power of two */

/* How far a thread, or what is known of others, has come: accesses of each. */
struct clock {
	uint32_t of[SCHEDULE_THREAD_MAX];
};

/* A value of a word: what a load with acquire learns by it. */
struct value {
	uint64_t bits;
	struct clock release;
};

struct word {
	const void *addr; /* NULL: none */
	uint64_t sz;
	struct value older;
	struct clock release; /* of the last value */
	unsigned int writer;  /* of that */
	struct clock known;   /* when each stored or first read it; 0: it has not */
};

static struct word words[WORD_MAX];
static uint32_t used[WORD_MAX]; /* indices of those in use */
static unsigned int used_cnt;
static struct clock clocks[SCHEDULE_THREAD_MAX];

void
stale_begin(void)
{
	while (used_cnt > 0)
		words[used[--used_cnt]].addr = NULL;
	memset(clocks, 0, sizeof(clocks));
}

/* The place of a word, or for it. */
static struct word *
word_of(const void *addr)
{
	uint64_t idx = ((uintptr_t)addr / sizeof(uint32_t) * 0x9e3779b97f4a7c15UL) >> 32 & (WORD_MAX - 1);

	while (words[idx].addr != NULL && words[idx].addr != addr)
		idx = (idx + 1) & (WORD_MAX - 1);
	return &words[idx];
}

static void
clock_join(struct clock *clock, const struct clock *other)
{
	for (unsigned int i = 0; i < SCHEDULE_THREAD_MAX; i++)
		if (clock->of[i] < other->of[i])
			clock->of[i] = other->of[i];
}

void
stale_death(unsigned int thread)
{
	for (unsigned int i = 0; i < SCHEDULE_THREAD_MAX; i++)
		clock_join(&clocks[i], &clocks[thread]);
}

static bool
is_acquire(int mo)
{
	return mo != __ATOMIC_RELAXED && mo != __ATOMIC_RELEASE;
}

static bool
is_release(int mo)
{
	return mo == __ATOMIC_RELEASE || mo == __ATOMIC_ACQ_REL || mo == __ATOMIC_SEQ_CST;
}

/* A new last value. sequence: it goes on with the release sequence of the one before. */
static void
word_store(unsigned int thread, const void *addr, uint64_t sz, int mo, uint64_t before, bool sequence)
{
	struct word *word = word_of(addr);
	const bool is_new = word->addr == NULL;
	struct clock release = {0};

	if (is_new) {
		if (used_cnt == WORD_MAX / 2)
			abort();
		*word = (struct word){.addr = addr};
		used[used_cnt++] = (uint32_t)(word - words);
	}
	clocks[thread].of[thread]++;
	if (sequence)
		release = word->release;
	if (is_release(mo))
		clock_join(&release, &clocks[thread]);
	word->sz = sz;
	word->older = (struct value){before, word->release};
	word->release = release;
	word->writer = thread;
	word->known = (struct clock){0};
	word->known.of[thread] = clocks[thread].of[thread];
}

void
stale_store(unsigned int thread, const void *addr, uint64_t sz, int mo, uint64_t before)
{
	word_store(thread, addr, sz, mo, before, false);
}

void
stale_modify(unsigned int thread, const void *addr, uint64_t sz, int mo, uint64_t before)
{
	const struct word *word = word_of(addr);

	if (is_acquire(mo) && word->addr != NULL)
		clock_join(&clocks[thread], &word->release);
	word_store(thread, addr, sz, mo, before, true);
}

void
stale_read(unsigned int thread, const void *addr, int mo)
{
	struct word *word = word_of(addr);

	if (word->addr == NULL)
		return;
	if (is_acquire(mo))
		clock_join(&clocks[thread], &word->release);
	clocks[thread].of[thread]++;
	if (word->known.of[thread] == 0)
		word->known.of[thread] = clocks[thread].of[thread];
}

bool
stale_is_possible(unsigned int thread, const void *addr, uint64_t sz, int mo)
{
	const struct word *word = word_of(addr);

	if (word->addr == NULL || word->sz != sz || mo == __ATOMIC_SEQ_CST)
		return false;
	for (unsigned int i = 0; i < SCHEDULE_THREAD_MAX; i++)
		if (word->known.of[i] != 0 && clocks[thread].of[i] >= word->known.of[i])
			return false;
	return true;
}

uint64_t
stale_take(unsigned int thread, const void *addr, int mo)
{
	const struct word *word = word_of(addr);

	if (is_acquire(mo))
		clock_join(&clocks[thread], &word->older.release);
	return word->older.bits;
}
