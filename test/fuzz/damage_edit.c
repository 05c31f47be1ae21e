/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Damage: which word an input means, and what it puts there. */

#include "damage.h"
#include "geometry.h"
#include "hdr.h"
#include "list.h"
#include "pool.h"
#include "sb_word.h"
#include "shared.h"

#define CONFIG_WORDS	 9U /* with the epoch */
#define RECORD_WORDS	 3U
#define POOL_WORDS	 9U /* with the head */
#define VOLUME_HDR_WORDS 5U /* with a word of the info */
#define BLOCK_STEP	 8U /* to a block that is no start of a superblock */

/* ---- where ---- */

/* A class: by its number, or one that the scene has. */
static uint64_t
szc_of(const struct damage_scene *scene, uint64_t byte)
{
	return byte < SHDATA_SZC_PITCH ? byte : scene->sb[(byte - SHDATA_SZC_PITCH) % scene->sb_cnt].szc;
}

static uint64_t *
shared_word(const struct damage_scene *scene, struct fuzz_input *input)
{
	return (uint64_t *)scene->shmem + fuzz_take(input, 2) % (scene->shmem_sz / sizeof(uint64_t));
}

static uint64_t *
record_word(const struct damage_scene *scene, struct fuzz_input *input)
{
	struct groove_record *record = &scene->live.shdata->record[fuzz_pick(input, DAMAGE_JOIN_MAX)];

	return (uint64_t *)record + fuzz_pick(input, RECORD_WORDS);
}

static uint64_t *
pool_word(const struct damage_scene *scene, struct fuzz_input *input, bool slot)
{
	struct pool_shared *pool = pool_shared(&scene->live.pool);
	const uint64_t i = fuzz_take(input, 2);

	return slot ? (uint64_t *)&pool->slot[i % (2UL * DAMAGE_VOLUME_MAX) / 2] + i % 2
		    : (uint64_t *)pool + i % POOL_WORDS;
}

/* Two neighbours in an array of 32 bits, where this one is. */
static uint64_t *
pair_of(uint32_t *one)
{
	return (uint64_t *)((uintptr_t)one & ~(sizeof(uint64_t) - 1));
}

static uint64_t *
sb_word(const struct damage_scene *scene, struct fuzz_input *input)
{
	const uint64_t i = fuzz_take(input, 2);
	const struct damage_sb *sb = &scene->sb[i / 2 % scene->sb_cnt];
	struct groove_sb *entry = sb_entry(&scene->live, sb->szc, sb->block);

	if (i % 2 == 0)
		return &entry->word;
	return pair_of(
		i / 2 / scene->sb_cnt % 2 == 0 ? entry_id(&scene->live, entry) : entry_link(&scene->live, entry));
}

static uint64_t *
sb_hdr_word(const struct damage_scene *scene, struct fuzz_input *input)
{
	const uint64_t i = fuzz_take(input, 2);

	return (uint64_t *)block_addr(&scene->live, scene->sb[i / 2 % scene->sb_cnt].block) + i % 2;
}

static uint64_t *
slot_word(const struct damage_scene *scene, struct fuzz_input *input)
{
	const uint64_t i = fuzz_take(input, 2);
	groove_data_hdr_t *hdr = scene->slot[i / 2 % scene->slot_cnt];

	return i % 2 == 0 ? &hdr->bits : &hdr->info;
}

static uint64_t *
volume_word(const struct damage_scene *scene, struct fuzz_input *input, uint64_t first, uint64_t cnt)
{
	const uint64_t volume = fuzz_pick(input, DAMAGE_VOLUME_IN);

	return (uint64_t *)(scene->volume0 + volume * DAMAGE_VOLUME_SZ) + first + fuzz_take(input, 3) % cnt;
}

static uint64_t *
place_word(const struct damage_scene *scene, struct fuzz_input *input)
{
	struct groove_shdata *shdata = scene->live.shdata;
	const enum damage_place place = (enum damage_place)fuzz_pick(input, DAMAGE_PLACE_CNT);
	uint64_t group;

	switch (place) {
	case DAMAGE_CONFIG:
		return (uint64_t *)scene->shmem + fuzz_take(input, 2) % CONFIG_WORDS;
	case DAMAGE_LIST:
		group = fuzz_pick(input, LIST_CNT);
		return &shdata->list[group][szc_of(scene, fuzz_take(input, 1))];
	case DAMAGE_ACTIVE:
		group = fuzz_pick(input, GROOVE_DATA_SZC_CGROUP_MAX);
		return &shdata->active[group][szc_of(scene, fuzz_take(input, 1))];
	case DAMAGE_RECORD:
		return record_word(scene, input);
	case DAMAGE_POOL:
		return pool_word(scene, input, false);
	case DAMAGE_VOLUME:
		return pool_word(scene, input, true);
	case DAMAGE_SB:
		return sb_word(scene, input);
	case DAMAGE_SB_HDR:
		return sb_hdr_word(scene, input);
	case DAMAGE_SLOT:
		return slot_word(scene, input);
	case DAMAGE_VOLUME_HDR:
		return volume_word(scene, input, 0, VOLUME_HDR_WORDS);
	case DAMAGE_TABLE:
		return volume_word(scene, input, GROOVE_BLOCK_FOOTPRINT / sizeof(uint64_t),
			table_cnt(scene->live.volume_shift) * TABLE_ENTRY_SZ / sizeof(uint64_t));
	case DAMAGE_DATA:
		return volume_word(scene, input, 0, DAMAGE_VOLUME_SZ / sizeof(uint64_t));
	default:
		return shared_word(scene, input);
	}
}

/* ---- what ---- */

static uint64_t
other_byte(struct fuzz_input *input, uint64_t old)
{
	const uint64_t shift = 8 * fuzz_pick(input, 8);

	return (old & ~(0xffUL << shift)) | fuzz_take(input, 1) << shift;
}

static uint64_t
other_block(const struct damage_scene *scene, struct fuzz_input *input, uint64_t old)
{
	const uint64_t i = fuzz_take(input, 1);
	const uint64_t block = scene->sb[i % scene->sb_cnt].block + i / scene->sb_cnt * BLOCK_STEP;

	return (old & ~(uint64_t)UINT32_MAX) | block;
}

/* Link and id, of a superblock that may or may not be there. */
static uint64_t
other_next(const struct damage_scene *scene, struct fuzz_input *input)
{
	const struct damage_sb *next = &scene->sb[fuzz_pick(input, scene->sb_cnt)];
	const struct damage_sb *self = &scene->sb[fuzz_pick(input, scene->sb_cnt)];
	const uint64_t szc = szc_of(scene, fuzz_take(input, 1));
	const uint32_t cnt = (uint32_t)fuzz_pick(input, SB_SLOT_MAX) + 1;

	return next->block | (uint64_t)sb_id(&scene->live, szc, self->block, cnt) << 32;
}

static uint64_t
other_type(struct fuzz_input *input, uint64_t old)
{
	static const uint64_t types[] = {
		GROOVE_DATA_HDR_TYPE_ALLOC,
		GROOVE_DATA_HDR_TYPE_SUPERBLOCK,
		GROOVE_DATA_HDR_TYPE_CACHED,
		GROOVE_DATA_HDR_TYPE_FREE,
		GROOVE_DATA_HDR_TYPE_FREEING,
		GROOVE_DATA_HDR_TYPE_REDIRECT,
	};

	return hdr_retype(old, types[fuzz_pick(input, sizeof(types) / sizeof(types[0]))]);
}

static uint64_t
value_of(const struct damage_scene *scene, struct fuzz_input *input, uint64_t old)
{
	const enum damage_value value = (enum damage_value)fuzz_pick(input, DAMAGE_VALUE_CNT);
	uint64_t number;

	switch (value) {
	case DAMAGE_ONES:
		return UINT64_MAX;
	case DAMAGE_BIT:
		return old ^ 1UL << fuzz_pick(input, 64);
	case DAMAGE_ADD:
		return old + (uint64_t)(int64_t)(int8_t)fuzz_take(input, 1);
	case DAMAGE_SMALL:
		return fuzz_take(input, 1);
	case DAMAGE_LITERAL:
		return fuzz_take(input, 8);
	case DAMAGE_BYTE:
		return other_byte(input, old);
	case DAMAGE_BLOCK:
		return other_block(scene, input, old);
	case DAMAGE_NEXT:
		return other_next(scene, input);
	case DAMAGE_PLACE:
		number = fuzz_pick(input, 8);
		return sb_word_next(old, (enum sb_place)number, fuzz_take(input, 4));
	case DAMAGE_TYPE:
		return other_type(input, old);
	case DAMAGE_COPY:
		return *place_word(scene, input);
	default:
		return 0;
	}
}

void
damage_edit(struct damage_scene *scene, struct fuzz_input *input)
{
	uint64_t *word = place_word(scene, input);

	*word = value_of(scene, input, *word);
}
