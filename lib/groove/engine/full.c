/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "full.h"

#include "news.h"

void
full_look_begin(groove_data_t *data, uint64_t szc)
{
	struct groove_full *full = &cache_of(data)->full;

	/* Sums, from the largest class down; of volumes first. */
	for (uint64_t i = NEWS_CNT; i-- > szc >> NEWS_SHIFT;) {
		full->came_there[i] = news_sum_came(data, i << NEWS_SHIFT);
		full->came[i] = full->came[i + 1] + full->came_there[i];
	}
	full->looks = true;
}

bool
full_has_news(const groove_data_t *data, uint64_t szc)
{
	uint64_t came = 0;

	for (uint64_t i = NEWS_CNT; i-- > szc >> NEWS_SHIFT;)
		came += news_sum_came(data, i << NEWS_SHIFT);
	return came != cache_of(data)->full.came[szc >> NEWS_SHIFT];
}

bool
full_is_remembered(groove_data_t *data, uint64_t szc)
{
	struct groove_full *full = &cache_of(data)->full;
	const bool looks = full->looks;

	if (!full_was_said(data, szc))
		return false;
	if (!looks)
		full_look_begin(data, szc);
	full->looks = looks;
	if (full_is_noted(data, FULL_ANY, szc))
		return true;
	full->full[0][FULL_ANY][szc] = 0;
	return false;
}
