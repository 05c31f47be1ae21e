/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "room.h"

#include <rte_common.h>

#include "alloc.h"
#include "cache.h"
#include "drain.h"
#include "hdr.h"
#include "news.h"
#include "pool.h"
#include "superblock.h"
#include "superblock_trim.h"
#include "volume.h"

/*
 * After so many calls that found nothing all is given back, whatever is known: others may have put the last slots of a
 * superblock of which the rest is cached here, which no news tell. After more where that means to look through long
 * lists: so it adds little to what these calls cost.
 */
#define PASS_LEAST 1024UL

static struct groove_room *
room_of(const groove_data_t *data)
{
	return &cache_of(data)->room;
}

/* ---- whether giving back what is cached, and what is empty, makes room ---- */

/* Whether a superblock is there, and has the same word as before: what was read of its slots were headers then. */
static bool
is_still(const groove_data_t *data, uint64_t szc, uint64_t block, uint64_t word)
{
	const struct groove_sb *sb = sb_entry(data, szc, block);

	/* After the headers, as these are loaded with acquire. Pairs with sb_word_update(). */
	return __atomic_load_n(&sb->word, __ATOMIC_ACQUIRE) == word && sb_is(data, sb, szc, block);
}

static void
set_add(uint64_t *set, uint64_t i)
{
	set[i / 64] |= 1UL << i % 64;
}

/*
 * Whether nobody but this join has anything in a superblock: its slots are free, cached by this join, or superblocks of
 * which the same is true. A hint: others may be at it. Adds the classes of these to a set.
 */
static bool
is_idle(const groove_data_t *data, uint64_t szc, uint64_t block, uint64_t *set)
{
	const struct groove_sb *sb = sb_entry(data, szc, block);
	const uint64_t word = __atomic_load_n(&sb->word, __ATOMIC_ACQUIRE); /* pairs with sb_word_update() */
	const uint32_t cnt = sb_cnt(data, sb, szc, block);

	if (cnt == 0 || sb_word_place(word) < SB_FULL)
		return false;
	for (uint64_t rest = sb_all_free(cnt) & ~word; rest != 0; rest &= rest - 1) {
		const uint64_t idx = (uint64_t)__builtin_ctzll(rest);
		const groove_data_hdr_t *hdr = slot_hdr(data, szc, block, idx);
		const uint64_t bits = hdr_load(hdr);
		const uint64_t nested = addr_off(data, hdr) / GROOVE_BLOCK_FOOTPRINT;

		if (bits == hdr_cached(szc, idx, data->join_idx))
			continue;
		/* Of a smaller class, so this ends. */
		if (hdr_type(bits) != GROOVE_DATA_HDR_TYPE_SUPERBLOCK || hdr_align(bits) >= szc ||
			!szc_may_lie_in(data, hdr_align(bits), szc) || !is_idle(data, hdr_align(bits), nested, set))
			return false;
	}
	set_add(set, szc);
	return is_still(data, szc, block, word);
}

/*
 * Note what has to be given back for a superblock to go, and up to which class that makes room: the class of the slot
 * that it is in, or that is in for what goes with it.
 */
static void
note_room(groove_data_t *data, uint64_t szc, uint64_t block)
{
	struct groove_room *room = room_of(data);
	uint64_t set[2] = {0};

	while (pool_uses_block(data, block) && is_idle(data, szc, block, set) &&
		superblock_is_finished(data, szc, block)) {
		const groove_data_hdr_t *hdr = (const groove_data_hdr_t *)block_addr(data, block);
		const uint64_t bits = hdr_load(hdr);
		const uint64_t host = hdr_szc(bits);

		/* It may have gone since. */
		if (hdr_type(bits) != GROOVE_DATA_HDR_TYPE_SUPERBLOCK || !szc_may_lie_in(data, szc, host))
			return;
		room->szc[0] |= set[0];
		room->szc[1] |= set[1];
		room->szc_most = RTE_MAX(room->szc_most, host);
		if (host == GROOVE_DATA_SZC_VOLUME)
			return;
		block = slot_superblock(data, host, hdr, hdr_idx(bits));
		szc = host;
	}
}

/*
 * Look at the slots of a class that were freed since the last time and are on the shelf: they are on top; or if some
 * were claimed for it, at all that are. Returns whether any were freed.
 */
static bool
look_at_shelf(groove_data_t *data, uint64_t szc)
{
	struct groove_room *room = room_of(data);
	const struct groove_shelf *shelf = &data->shelf[szc];
	const uint64_t word = shelf->count->calls[GROOVE_COUNT_FREE]; /* our own */
	const bool freed = word != room->frees_word[szc];
	const bool refilled = (room->refilled >> szc & 1) != 0;
	uint64_t frees, fresh;
	uint64_t last = 0;

	if (!freed && !refilled)
		return false;
	frees = counter_read(data->record, szc, GROOVE_COUNT_FREE).calls;
	fresh = refilled ? CACHE_SLOT_MAX : frees - room->frees[szc];
	fresh = RTE_MIN(fresh, (uint64_t)shelf_cnt(data, szc));
	room->frees_word[szc] = word;
	room->frees[szc] = frees;
	for (uint64_t i = 1; i <= fresh; i++) {
		const uint64_t slot = shelf->top[-(int64_t)i];
		const uint64_t block = slot_superblock(data, szc, groove_shelf_hdr(slot), groove_shelf_idx(slot));

		if (block != last)
			note_room(data, szc, block);
		last = block;
	}
	return freed;
}

/* Look at the superblocks into which this join has put slots since the last time. False: they are not known any more.
 */
static bool
look_at_puts(groove_data_t *data)
{
	struct groove_room *room = room_of(data);
	const bool known = room->put_cnt - room->put_seen <= ROOM_PUTS;

	for (; known && room->put_seen != room->put_cnt; room->put_seen++) {
		const uint64_t put = room->put[room->put_seen % ROOM_PUTS];

		note_room(data, put & ((1UL << NEWS_SZC_SHIFT) - 1), put >> NEWS_SZC_SHIFT);
	}
	return known;
}

/*
 * Look at what became empty in a group. False: it is not known any more. A join may be stopped before it has written
 * down what it counted: what comes after that is looked at now, and again the next time. What is not written down by
 * then will not be soon, or one that was stopped for long has written over it.
 */
static bool
look_at_emptied(groove_data_t *data, uint64_t group)
{
	const struct groove_news *news = &data->shdata->news[group];
	struct groove_room *room = room_of(data);
	const uint64_t seen = room->emptied[group];
	/* Acquire pairs with the release of news_emptied(). */
	const uint64_t now = __atomic_load_n(&news->emptied, __ATOMIC_ACQUIRE);
	const bool waited = (room->waits >> group & 1) != 0;
	uint64_t first = now; /* that is not written down */
	uint64_t szc, block;

	if (now - seen > NEWS_EMPTIED)
		return false;
	for (uint64_t n = now; n-- != seen;)
		if (!news_emptied_at(news, n, &szc, &block))
			first = n;
		else if (szc_in_use(data, szc))
			note_room(data, szc, block);
	room->emptied[group] = first;
	room->waits &= ~(1UL << group);
	room->waits |= (uint64_t)(first != now) << group;
	return !waited || first == now || first != seen;
}

/* Look at all that this join freed and cached, and at what became empty. False: all that can be has to be given back.
 */
static bool
look(groove_data_t *data)
{
	struct groove_room *room = room_of(data);
	bool known = room->back == news_sum(&data->shdata->news[0].back) && ++room->passed < room->pass_most;
	bool freed = false;

	for (uint64_t i = 0; i < CACHE_SZC_CNT; i++)
		freed |= look_at_shelf(data, i);
	room->refilled = 0;
	room->refill_seen = room->refill_cnt;
	known &= look_at_puts(data);
	for (uint64_t i = 0; i < LIST_GROUP_CNT; i++)
		known &= look_at_emptied(data, i);
	/* What is in quarantine is not on the shelf. */
	return known && !(GROOVE_DEBUG_CHECKS && freed);
}

/* ---- making it ---- */

static void
room_forget(groove_data_t *data)
{
	struct groove_room *room = room_of(data);

	room->szc[0] = 0;
	room->szc[1] = 0;
	room->szc_most = 0;
}

/* Give back everything. What others do meanwhile is looked at the next time. */
static void
give_back_all(groove_data_t *data)
{
	struct groove_room *room = room_of(data);
	const struct groove_news *news = data->shdata->news;

	room->back = news_sum(&news->back);
	for (uint64_t i = 0; i < LIST_GROUP_CNT; i++)
		room->emptied[i] = __atomic_load_n(&news[i].emptied, __ATOMIC_ACQUIRE); /* as above */
	room->waits = 0;
	room_forget(data);
	room->passed = 0;
	cache_flush(data);
	room->pass_most = RTE_MAX(PASS_LEAST, trim_all(data));
	room->put_seen = room->put_cnt; /* trim has seen them */
}

/* Give back what was noted. From the smallest class: what it returns may empty a superblock of a larger one. */
static void
give_back_noted(groove_data_t *data)
{
	const struct groove_room noted = *room_of(data);

	room_forget(data);
	for (uint64_t szc = 0; szc < GROOVE_DATA_SZC_CNT; szc++) {
		if ((noted.szc[szc / 64] >> szc % 64 & 1) == 0)
			continue;
		if (szc < CACHE_SZC_CNT)
			cache_flush_szc(data, szc);
		superblock_trim(data, szc);
	}
}

/*
 * The cached classes whose slots serve an object that may be in slots of szc or larger ones: as they are, or as
 * superblocks of these. What superblocks of a larger class may lie in those of szc may as well, or it has a lower level
 * (claim.c).
 */
static uint64_t
szc_serving(uint64_t align, uint64_t szc)
{
	const uint64_t most = RTE_MIN(alloc_szc_most(szc, ALLOC_FAR_QUARTERS), CACHE_SZC_CNT - 1UL);
	uint64_t set = 0;

	for (uint64_t i = szc; i <= most; i++) {
		const struct szc_way *way = &szc_ways[szc_hosts[i].way_first];

		if (i != szc && !alloc_is_upward(align, i))
			continue;
		set |= 1UL << i;
		if (i != szc && szc_hosts[i].level >= szc_hosts[szc].level)
			continue;
		for (uint64_t cnt = szc_hosts[i].way_cnt; cnt > 0; cnt--, way++)
			if (way->host < CACHE_SZC_CNT)
				set |= 1UL << way->host;
	}
	return set;
}

/* Return what is cached in slots that serve an object of a class. */
static bool
shelves_give(groove_data_t *data, uint64_t align, uint64_t szc)
{
	bool given = false;

	for (uint64_t set = szc_serving(align, szc); set != 0; set &= set - 1) {
		const uint64_t i = (uint64_t)__builtin_ctzll(set);

		if (shelf_cnt(data, i) == 0)
			continue;
		cache_flush_szc(data, i);
		given = true;
	}
	return given;
}

/* Put retired volumes back into the pool, if any came. */
static bool
volumes_give(groove_data_t *data)
{
	struct groove_room *room = room_of(data);
	const uint64_t came = news_sum_came(data, NEWS_VOLUME);

	if (room->volumes == came)
		return false;
	room->volumes = came;
	volume_unretire(data);
	return true;
}

/* ---- whether there still is none ---- */

/* What the last look has seen of all that a look for a class depends on. */
static struct full_said
said_then(const groove_data_t *data, uint64_t szc)
{
	const struct groove_room *room = &cache_of(data)->room;
	struct full_said said = {
		cache_of(data)->full.came[szc >> NEWS_SHIFT] + room->back + 1, room->put_seen + room->refill_seen};

	for (uint64_t i = 0; i < LIST_GROUP_CNT; i++)
		said.news += room->emptied[i];
	for (uint64_t i = 0; i < CACHE_SZC_CNT; i++)
		said.own += room->frees_word[i];
	return said;
}

/* The same as it is now. */
static struct full_said
said_now(const groove_data_t *data, uint64_t szc)
{
	const struct groove_room *room = &cache_of(data)->room;
	struct full_said said = {news_sum_all(data, szc) + 1, room->put_cnt + room->refill_cnt};

	for (uint64_t i = 0; i < CACHE_SZC_CNT; i++)
		said.own += data->record->count[i].calls[GROOVE_COUNT_FREE];
	return said;
}

static struct full_said *
said_of(const groove_data_t *data, uint64_t align, uint64_t szc)
{
	return &cache_of(data)->full.said[align > GROOVE_LINE_SZ][szc];
}

void
room_note_none(groove_data_t *data, uint64_t align, uint64_t szc)
{
	*said_of(data, align, szc) = said_then(data, szc);
}

bool
room_is_none_still(groove_data_t *data, uint64_t align, uint64_t szc)
{
	struct full_said *said = said_of(data, align, szc);
	struct groove_room *room = room_of(data);
	struct full_said now;

	if (__builtin_expect(said->news == 0, 1))
		return false;
	now = said_now(data, szc);
	if (now.news == said->news && now.own == said->own && ++room->passed < room->pass_most)
		return true;
	said->news = 0; /* so that calls that succeed are not asked */
	return false;
}

bool
room_make(groove_data_t *data, uint64_t align, uint64_t szc)
{
	const bool known = look(data);
	bool made = volumes_give(data);

	drain_end(data);
	if (!known) {
		give_back_all(data);
		return true;
	}
	if (room_of(data)->szc_most >= szc && room_of(data)->szc_most != 0) {
		give_back_noted(data);
		made = true;
	}
	return shelves_give(data, align, szc) || made;
}
