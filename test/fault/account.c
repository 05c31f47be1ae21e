/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "account.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* Structs and constants of the layout, of which no function is called. */
#include <sb_word.h>
#include <shared.h>
#include <szc_hosts.h>

#define BLOCK	   512UL
#define TABLE_WORD 8UL /* bytes of an entry: its word, */
#define TABLE_LINK 4UL /* its link, */
#define TABLE_ID   4UL /* and its id, in three arrays, one after the other */
/* Where the object with the smallest alignment begins in its slot: after a red zone, in a build that has them. */
#define OBJ_FIRST (16UL + (GROOVE_DEBUG_CHECKS ? 16UL : 0UL))

struct walk {
	const struct groove_shdata *shdata;
	const struct pool_shared *pool;
	const uint8_t *volume0;
	uint64_t volume_sz;
	uint64_t volume_max;
	uint64_t table_sz;     /* bytes of a volume's table */
	uint8_t *led;	       /* by block: times that a slot or list leads to a superblock there; its class after */
	uint64_t *volumes_led; /* by volume: times that the pool leads to it */
	account_fn fn;
	void *arg;
	struct account *account;
};

__attribute__((__format__(__printf__, 3, 4))) static void
lose(struct walk *walk, uint64_t bytes, const char *fmt, ...)
{
	va_list args;

	walk->account->lost += bytes;
	if (walk->account->lost_cnt++ > 0)
		return;
	va_start(args, fmt);
	vsnprintf(walk->account->first_loss, sizeof(walk->account->first_loss), fmt, args);
	va_end(args);
}

/* ---- where things lie ---- */

static uint32_t
log2_of(uint64_t x)
{
	uint32_t log2 = 0;

	while (x >>= 1)
		log2++;
	return log2;
}

/* One entry for each 2 KiB, then two for each power of two from 32 KiB to the volume, and two that are not used. */
static uint64_t
table_entries(uint64_t volume_sz)
{
	uint64_t entries = volume_sz / 2048 + 2;

	for (uint64_t sz = volume_sz / 2; sz >= 32768; sz /= 2)
		entries += volume_sz / sz;
	return entries;
}

static uint64_t
data_off(const struct walk *walk)
{
	return BLOCK + walk->table_sz;
}

/* Class of the slot around superblocks of a class; a volume of 32 MiB is one slice. */
static uint64_t
parent_of(const struct walk *walk, uint64_t szc)
{
	const uint64_t parent = groove_data_szc_cfg[szc].parent_szc;

	return parent == GROOVE_DATA_SZC_SLICE && walk->volume_sz >> 25 == 1 ? GROOVE_DATA_SZC_VOLUME : parent;
}

/* Bytes of a slot of a class; of a root's. */
static uint64_t
room_of(const struct walk *walk, uint64_t host)
{
	return host == GROOVE_DATA_SZC_VOLUME ? walk->volume_sz - data_off(walk)
					      : groove_data_szc_cfg[host].obj_footprint;
}

static uint64_t
first_slot(uint64_t szc)
{
	return groove_data_szc_cfg[szc].obj_footprint % BLOCK == 0 ? BLOCK : 64;
}

/* Slots of a superblock of a class in a slot of another. */
static uint64_t
slots_of(const struct walk *walk, uint64_t szc, uint64_t host)
{
	const uint64_t fit = (room_of(walk, host) - first_slot(szc)) / groove_data_szc_cfg[szc].obj_footprint;

	return fit < 32 ? fit : 32;
}

/* Whether superblocks of a class may be in slots of another. */
static bool
may_lie_in(const struct walk *walk, uint64_t szc, uint64_t host)
{
	return host == parent_of(walk, szc) ||
	       (host < GROOVE_DATA_SZC_SLICE && (szc_hosts[szc].mask[host / 64] >> host % 64 & 1) != 0);
}

/* Bytes of the smallest slot that superblocks of a class may be. */
static uint64_t
least_room(const struct walk *walk, uint64_t szc)
{
	for (uint64_t host = szc + 1; host < GROOVE_DATA_SZC_SLICE; host++)
		if (may_lie_in(walk, szc, host))
			return room_of(walk, host);
	return room_of(walk, parent_of(walk, szc));
}

/* Index of a superblock's entry in its volume's table. off: bytes from volume 0. */
static uint64_t
entry_of(const struct walk *walk, uint64_t szc, uint64_t off)
{
	const uint64_t in_volume = off % walk->volume_sz;
	const uint64_t sz = least_room(walk, szc);
	uint64_t idx = in_volume / 2048;

	if (sz >= 32768) {
		const uint64_t step = 1UL << log2_of(sz);

		idx = walk->volume_sz / 2048 + walk->volume_sz / step + in_volume / step;
	}
	return idx;
}

static const uint8_t *
table_of(const struct walk *walk, uint64_t off)
{
	return walk->volume0 + off / walk->volume_sz * walk->volume_sz + BLOCK;
}

static uint64_t
word_of(const struct walk *walk, uint64_t szc, uint64_t off)
{
	return ((const uint64_t *)table_of(walk, off))[entry_of(walk, szc, off)];
}

static uint32_t
link_of(const struct walk *walk, uint64_t szc, uint64_t off)
{
	const uint8_t *links = table_of(walk, off) + table_entries(walk->volume_sz) * TABLE_WORD;

	return ((const uint32_t *)links)[entry_of(walk, szc, off)];
}

/* ---- what slots and lists lead to ---- */

/* Whether a block can be the start of a superblock. */
static bool
is_block(const struct walk *walk, uint64_t block)
{
	return block != 0 && block * BLOCK / walk->volume_sz < walk->volume_max &&
	       (walk->pool->slot[block * BLOCK / walk->volume_sz].state & 7) == VOLUME_USED;
}

static void
lead(struct walk *walk, uint64_t szc, uint64_t block)
{
	uint8_t *led = &walk->led[block * 2];

	if (led[0] < UINT8_MAX)
		led[0]++;
	led[1] = (uint8_t)szc;
}

static void
lead_list(struct walk *walk, uint64_t szc, uint64_t block)
{
	uint64_t left = walk->volume_max * walk->volume_sz / 2048; /* there are no more superblocks */

	for (; is_block(walk, block) && left-- > 0; block = link_of(walk, szc, block * BLOCK))
		lead(walk, szc, block);
	if (block != 0)
		lose(walk, 0, "list of class %" PRIu64 " leads to block %" PRIu64, szc, block);
}

static void
lead_all(struct walk *walk)
{
	for (uint64_t szc = 0; szc < GROOVE_DATA_SZC_CNT; szc++) {
		const uint64_t groups = groove_data_szc_cfg[szc].cgroup_mask + 1UL;

		for (uint64_t group = 0; group < groups; group++) {
			const uint64_t block = walk->shdata->active[group][szc] & UINT32_MAX;

			if (is_block(walk, block))
				lead(walk, szc, block);
			else if (block != 0)
				lose(walk, 0, "active slot of class %" PRIu64 " leads to block %" PRIu64, szc, block);
		}
		for (uint64_t group = 0; group < LIST_CNT; group++)
			if (group < groups || group >= LIST_GROUP_CNT)
				lead_list(walk, szc, walk->shdata->list[group][szc] & UINT32_MAX);
	}
}

static void
lead_volumes(struct walk *walk)
{
	uint64_t left = walk->volume_max;
	uint64_t next = walk->pool->head & UINT32_MAX;

	for (; next != 0 && next <= walk->volume_max && left-- > 0; next = walk->pool->slot[next - 1].next)
		walk->volumes_led[next - 1]++;
	if (next != 0)
		lose(walk, 0, "the pool leads to volume %" PRIu64, next - 1);
}

/* ---- superblocks ---- */

static void walk_superblock(struct walk *walk, uint64_t host, uint64_t off);

static void
walk_object(struct walk *walk, uint64_t off, uint64_t bits)
{
	const groove_data_hdr_t *hdr = (const groove_data_hdr_t *)(walk->volume0 + off);
	const uint64_t align = bits >> 29 & 0x3ff;

	walk->account->live += groove_data_szc_cfg[bits >> 22 & 0x7f].obj_footprint;
	walk->account->live_cnt++;
	walk->fn(walk->arg, off + (align > OBJ_FIRST ? align : OBJ_FIRST), hdr->info);
}

static void
walk_cached(struct walk *walk, uint64_t off, uint64_t bits)
{
	const uint64_t sz = groove_data_szc_cfg[bits >> 22 & 0x7f].obj_footprint;
	const uint64_t owner = bits >> 29 & 0x3ff;

	if (owner >= walk->shdata->join_max || (walk->shdata->record[owner].state & 3) != RECORD_LIVE) {
		lose(walk, sz,
			"slot at %#" PRIx64 ", class %" PRIu64 ": cached by join %" PRIu64 ", which is not there", off,
			bits >> 22 & 0x7f, owner);
		return;
	}
	walk->account->cached += sz;
	walk->account->cached_cnt++;
	walk->account->cached_by[owner]++;
}

/* A slot of a superblock. bit: free, and some alloc can find the superblock. */
static void
walk_slot(struct walk *walk, uint64_t szc, uint64_t off, uint64_t idx, bool bit, bool found)
{
	const uint64_t bits = ((const groove_data_hdr_t *)(walk->volume0 + off))->bits;
	const uint64_t sz = groove_data_szc_cfg[szc].obj_footprint;
	const uint64_t type = bits & 0xffff;

	if ((bits >> 16 & 0x3f) != idx || (bits >> 22 & 0x7f) != szc)
		lose(walk, sz, "slot at %#" PRIx64 ", class %" PRIu64 ": header %#" PRIx64 " of another", off, szc,
			bits);
	else if (bit != (type == GROOVE_DATA_HDR_TYPE_FREE))
		lose(walk, sz, "slot at %#" PRIx64 ", class %" PRIu64 ": header %#" PRIx64 ", %s by its superblock",
			off, szc, bits, bit ? "free" : "in use");
	else if (bit && !found)
		lose(walk, sz, "slot at %#" PRIx64 ", class %" PRIu64 ": free, and nothing leads to its superblock",
			off, szc);
	else if (bit)
		walk->account->free += sz;
	else if (type == GROOVE_DATA_HDR_TYPE_ALLOC)
		walk_object(walk, off, bits);
	else if (type == GROOVE_DATA_HDR_TYPE_CACHED)
		walk_cached(walk, off, bits);
	else if (type == GROOVE_DATA_HDR_TYPE_SUPERBLOCK)
		walk_superblock(walk, szc, off);
	else
		lose(walk, sz, "slot at %#" PRIx64 ", class %" PRIu64 ": header %#" PRIx64, off, szc, bits);
}

/* Whether some alloc can find a superblock: one slot or list leads to it, and its word says so. */
static bool
is_found(struct walk *walk, uint64_t szc, uint64_t off, uint64_t word)
{
	uint8_t *led = &walk->led[off / BLOCK * 2];
	const uint64_t place = word >> SB_PLACE_SHIFT;
	const bool found = led[0] == 1 && led[1] == szc && (place == SB_ACTIVE || place == SB_LISTED);

	if (led[0] > 1)
		lose(walk, 0, "%u slots and lists lead to the superblock at %#" PRIx64, led[0], off);
	led[0] = 0; /* what stays leads to no superblock */
	return found;
}

static void
walk_superblock(struct walk *walk, uint64_t host, uint64_t off)
{
	const uint64_t bits = ((const groove_data_hdr_t *)(walk->volume0 + off))->bits;
	const uint64_t szc = bits >> 29 & 0x3ff;

	if (szc >= GROOVE_DATA_SZC_CNT || !may_lie_in(walk, szc, host)) {
		lose(walk, 0, "superblock at %#" PRIx64 " of class %" PRIu64 " in one of %" PRIu64, off, szc, host);
		return;
	}

	const uint64_t word = word_of(walk, szc, off);
	const uint64_t sz = groove_data_szc_cfg[szc].obj_footprint;
	const bool found = is_found(walk, szc, off, word);
	const uint64_t cnt = slots_of(walk, szc, host);

	walk->account->header += first_slot(szc);
	walk->account->tail += room_of(walk, host) - first_slot(szc) - cnt * sz;
	for (uint64_t i = 0; i < cnt; i++)
		walk_slot(walk, szc, off + first_slot(szc) + i * sz, i, (word >> i & 1) != 0, found);
}

/* ---- volumes ---- */

static void
walk_volume(struct walk *walk, uint64_t volume)
{
	const uint64_t kind = walk->pool->slot[volume].state & 7;
	const uint64_t root = volume * walk->volume_sz + data_off(walk);
	const uint64_t data_sz = walk->volume_sz - data_off(walk);

	if (kind == VOLUME_OUT)
		return; /* it may have no memory */

	const uint64_t root_bits = ((const groove_data_hdr_t *)(walk->volume0 + root))->bits;

	walk->account->volume_cnt++;
	walk->account->volumes_sz += walk->volume_sz;
	walk->account->header += BLOCK;
	walk->account->table += walk->table_sz;
	if (kind == VOLUME_USED && (root_bits & 0xffff) == GROOVE_DATA_HDR_TYPE_SUPERBLOCK)
		walk_superblock(walk, GROOVE_DATA_SZC_VOLUME, root);
	else if (kind == VOLUME_RETIRED || (kind == VOLUME_EMPTY && walk->volumes_led[volume] == 1))
		walk->account->free += data_sz;
	else
		lose(walk, data_sz, "volume %" PRIu64 " in state %" PRIu64 ", %" PRIu64 " times in the pool", volume,
			kind, walk->volumes_led[volume]);
}

void
account_take(const void *shdata, const void *volume0, account_fn fn, void *arg, struct account *account)
{
	struct walk walk = {.shdata = shdata, .volume0 = volume0, .fn = fn, .arg = arg, .account = account};

	memset(account, 0, sizeof(*account));
	walk.pool = (const struct pool_shared *)(walk.shdata->record + walk.shdata->join_max);
	walk.volume_sz = walk.pool->volume_sz;
	walk.volume_max = walk.pool->volume_max;
	walk.table_sz = (TABLE_WORD + TABLE_LINK + TABLE_ID) * table_entries(walk.volume_sz);
	walk.led = calloc(walk.volume_max * walk.volume_sz / BLOCK, 2);
	walk.volumes_led = calloc(walk.volume_max, sizeof(*walk.volumes_led));
	if (walk.led == NULL || walk.volumes_led == NULL)
		abort();
	lead_all(&walk);
	lead_volumes(&walk);
	for (uint64_t i = 0; i < walk.volume_max; i++)
		walk_volume(&walk, i);
	for (uint64_t i = 0; i < walk.volume_max * walk.volume_sz / BLOCK; i++)
		if (walk.led[i * 2] != 0)
			lose(&walk, 0, "a slot or list leads to block %" PRIu64 ", where no superblock is", i);
	free(walk.led);
	free(walk.volumes_led);
}

static uint64_t
sum_of(const struct account *account)
{
	return account->live + account->cached + account->free + account->header + account->table + account->tail;
}

bool
account_balances(const struct account *account)
{
	return account->lost == 0 && account->lost_cnt == 0 && sum_of(account) == account->volumes_sz;
}

void
account_print(FILE *file, const struct account *account)
{
	fprintf(file,
		"%" PRIu64 " volumes of %" PRIu64 " bytes in all: live %" PRIu64 " + cached %" PRIu64 " + free %" PRIu64
		" + headers %" PRIu64 " + tables %" PRIu64 " + tails %" PRIu64 " = %" PRIu64 ", lost %" PRIu64 "\n",
		account->volume_cnt, account->volumes_sz, account->live, account->cached, account->free,
		account->header, account->table, account->tail, sum_of(account), account->lost);
	if (account->lost_cnt > 0)
		fprintf(file, "lost in %" PRIu64 " places, the first: %s\n", account->lost_cnt, account->first_loss);
}
