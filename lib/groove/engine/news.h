/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_NEWS_H
#define GROOVE_NEWS_H

/*
 * News: what comes into circulation is counted, by class, so that a join that found nothing knows without another look
 * whether there can be something by now.
 *
 * An event is counted after it has happened, with release; a join reads the counts, with acquire, before it looks. So
 * what is in its counts its look has seen; and what its look has missed is counted later, and makes the counts others
 * than those that the join remembers. The programmer's guide, "FULL is remembered", has the argument. A join that dies
 * between an event and its count has not finished its call; recovery counts for it, in every count, as nothing says in
 * which it was missed.
 *
 * Each list group has counts of its own, as what they count goes to the lists and slots of the group.
 */

#include <stdbool.h>

#include "shared.h"

#define NEWS_VOLUME GROOVE_DATA_SZC_VOLUME /* in the place of a class: a volume came into the pool, or was retired */

static inline struct groove_news *
news_of(const groove_data_t *data)
{
	return &data->shdata->news[data->cgroup_hint % LIST_GROUP_CNT];
}

/* A superblock of a class, with free slots, came into a slot or a list; or a slot of a large one that was there. */
static inline void
news_came(const groove_data_t *data, uint64_t szc)
{
	/* Release pairs with the acquire of news_sum(). */
	__atomic_fetch_add(&news_of(data)->came[szc >> NEWS_SHIFT], 1, __ATOMIC_RELEASE);
}

#define NEWS_SZC_SHIFT 7 /* classes are less */
#define NEWS_TAG_SHIFT (32 + NEWS_SZC_SHIFT)

/* What is kept of the n-th superblock that became empty, from 0: never what is there before. */
static inline uint64_t
news_emptied_word(uint64_t n, uint64_t szc, uint64_t block)
{
	return (n + 1) << NEWS_TAG_SHIFT | block << NEWS_SZC_SHIFT | szc;
}

/* A superblock became empty in its slot or list, where no claim that looks for its memory finds it. */
static inline void
news_emptied(const groove_data_t *data, uint64_t szc, uint64_t block)
{
	struct groove_news *news = news_of(data);
	const uint64_t n = __atomic_fetch_add(&news->emptied, 1, __ATOMIC_RELEASE); /* as above */

	/* Release pairs with the acquire of news_emptied_at(): what is read of the superblock is not older. */
	__atomic_store_n(&news->emptied_last[n % NEWS_EMPTIED], news_emptied_word(n, szc, block), __ATOMIC_RELEASE);
}

/* The n-th superblock that became empty in a group. False: it is not written down yet, or not any more. */
static inline bool
news_emptied_at(const struct groove_news *news, uint64_t n, uint64_t *szc, uint64_t *block)
{
	const uint64_t word = __atomic_load_n(&news->emptied_last[n % NEWS_EMPTIED], __ATOMIC_ACQUIRE);

	*szc = word & ((1UL << NEWS_SZC_SHIFT) - 1);
	*block = (uint32_t)(word >> NEWS_SZC_SHIFT);
	return word == news_emptied_word(n, *szc, *block);
}

/* Slots came back that count nowhere else: what a join cached, or a dead one held. */
static inline void
news_back(const groove_data_t *data)
{
	__atomic_fetch_add(&news_of(data)->back, 1, __ATOMIC_RELEASE); /* as above */
}

/* Anything may have come, of any class: what a dead join put somewhere and did not count, and what it held. */
static inline void
news_any(const groove_data_t *data)
{
	for (uint64_t i = 0; i < NEWS_CNT; i++)
		news_came(data, i << NEWS_SHIFT);
	news_back(data);
}

/* Events of one kind, by all groups. counter: that of the first. */
static inline uint64_t
news_sum(const uint64_t *counter)
{
	const uint64_t pitch = sizeof(struct groove_news) / sizeof(*counter);
	uint64_t sum = 0;

	/* Acquire pairs with the release of the events: the look that follows sees what they count. */
	for (uint64_t group = 0; group < LIST_GROUP_CNT; group++)
		sum += __atomic_load_n(&counter[group * pitch], __ATOMIC_ACQUIRE);
	return sum;
}

/* What came of a class, and of those that share its count. */
static inline uint64_t
news_sum_came(const groove_data_t *data, uint64_t szc)
{
	return news_sum(&data->shdata->news[0].came[szc >> NEWS_SHIFT]);
}

/* All news that concern a class: what came of it and of all larger ones, and what came back or became empty. */
static inline uint64_t
news_sum_all(const groove_data_t *data, uint64_t szc)
{
	uint64_t sum = 0;

	/* Acquire as above. */
	for (uint64_t group = 0; group < LIST_GROUP_CNT; group++) {
		const struct groove_news *news = &data->shdata->news[group];

		for (uint64_t i = szc >> NEWS_SHIFT; i < NEWS_CNT; i++)
			sum += __atomic_load_n(&news->came[i], __ATOMIC_ACQUIRE);
		sum += __atomic_load_n(&news->back, __ATOMIC_ACQUIRE);
		sum += __atomic_load_n(&news->emptied, __ATOMIC_ACQUIRE);
	}
	return sum;
}

#endif /* GROOVE_NEWS_H */
