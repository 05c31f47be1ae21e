/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * Verify sees each kind of damage: one is done at a time to a groove that verifies, and undone again.
 */

#include <geometry.h>
#include <hdr.h>
#include <list.h>
#include <sb_word.h>
#include <string.h>

#include "fixture.h"

#define OBJ_CNT	   400U
#define VOLUMES	   3U
#define SMALL_SZ   100U	 /* many of them: a class with full, listed and active superblocks */
#define LARGE_SZ   2000U /* another class with active and listed ones */
#define ALIGNED_SZ 3000U /* aligned to 512: with a redirect */

/* A groove in which every kind of place occurs. */
struct scene {
	struct fixture fix;
	void *small[OBJ_CNT];
	void *large[OBJ_CNT];
	void *aligned;
	uint64_t small_szc;
	uint64_t large_szc;
};

/* ---- the scene ---- */

static int
scene_make(struct scene *scene)
{
	groove_data_t *data = &scene->fix.data;

	TEST_CALL(fixture_make(&scene->fix, VOLUME_SZ_MIN, VOLUMES));
	TEST_CALL(fixture_add(&scene->fix, 0, VOLUMES));
	/* Every slot is an object or in its superblock, so that the places of superblocks are what the test makes them.
	 */
	TEST_ASSERT_SUCCESS(groove_data_cache_limit(data, 0, 0), "no cache");
	for (unsigned int i = 0; i < OBJ_CNT; i++) {
		scene->small[i] = groove_data_alloc(data, 0, SMALL_SZ, i, NULL);
		scene->large[i] = groove_data_alloc(data, 0, LARGE_SZ, i, NULL);
		TEST_ASSERT(scene->small[i] != NULL && scene->large[i] != NULL, "object %u", i);
	}
	scene->aligned = groove_data_alloc(data, 512, ALIGNED_SZ, 1, NULL);
	TEST_ASSERT_NOT_NULL(scene->aligned, "aligned object");
	/* One object of every second superblock's worth, so that there are full and listed superblocks. */
	for (unsigned int i = 0; i < OBJ_CNT / 2; i += 40) {
		TEST_ASSERT_SUCCESS(groove_data_free(data, scene->small[i]), "free %u", i);
		TEST_ASSERT_SUCCESS(groove_data_free(data, scene->large[i]), "free %u", i);
		scene->small[i] = NULL;
		scene->large[i] = NULL;
	}
	scene->small_szc = expect_szc(SMALL_SZ);
	scene->large_szc = expect_szc(LARGE_SZ);
	TEST_ASSERT_SUCCESS(groove_data_verify(data), "the scene");
	return TEST_SUCCESS;
}

static int
scene_end(struct scene *scene)
{
	groove_data_t *data = &scene->fix.data;

	for (unsigned int i = 0; i < OBJ_CNT; i++) {
		if (scene->small[i] == NULL)
			continue;
		TEST_ASSERT_SUCCESS(groove_data_free(data, scene->small[i]), "small %u", i);
		TEST_ASSERT_SUCCESS(groove_data_free(data, scene->large[i]), "large %u", i);
	}
	TEST_ASSERT_SUCCESS(groove_data_free(data, scene->aligned), "aligned");
	return fixture_end(&scene->fix);
}

/* Find a superblock of a class in a place, and its block; NULL: none. */
static struct groove_sb *
find_superblock(const groove_data_t *data, uint64_t szc, enum sb_place place, uint64_t *block)
{
	struct groove_sb *table = volume_table(data, 0);

	for (uint64_t i = 0; i < table_cnt(data->volume_shift); i++) {
		if (sb_word_place(table[i].word) != place || sb_id_szc(volume_ids(data, 0)[i]) != szc)
			continue;
		*block = sb_id_block(data, &table[i], volume_ids(data, 0)[i]);
		return &table[i];
	}
	return NULL;
}

/* ---- one damage ---- */

/* Overwrite sz bytes, expect verify to see it, undo, expect verify to be content. */
static int
damage(struct scene *scene, const char *what, void *where, const void *bytes, size_t sz)
{
	const groove_data_t *data = &scene->fix.data;
	uint8_t kept[64];

	memcpy(kept, where, sz);
	TEST_ASSERT(memcmp(kept, bytes, sz) != 0, "%s: is no damage", what);
	memcpy(where, bytes, sz);

	test_log_begin();
	const int found = groove_data_verify(data);
	const unsigned int lines = test_log_lines();
	test_log_end();

	memcpy(where, kept, sz);
	TEST_ASSERT_EQUAL(found, GROOVE_ERR_CORRUPT, "%s", what);
	TEST_ASSERT(lines > 0, "%s: not logged", what);
	TEST_ASSERT_SUCCESS(groove_data_verify(data), "%s: undone", what);
	return TEST_SUCCESS;
}

static int
damage_u64(struct scene *scene, const char *what, uint64_t *where, uint64_t value)
{
	return damage(scene, what, where, &value, sizeof(value));
}

static int
damage_u32(struct scene *scene, const char *what, uint32_t *where, uint32_t value)
{
	return damage(scene, what, where, &value, sizeof(value));
}

/* ---- headers ---- */

static int
damage_object_headers(struct scene *scene)
{
	groove_data_hdr_t *hdr = groove_data_object_hdr(scene->small[1]);
	const uint64_t bits = hdr->bits;
	const uint64_t idx = hdr_idx(bits);
	const uint64_t szc = hdr_szc(bits);
	const struct {
		const char *what;
		uint64_t bits;
	} headers[] = {
		{"object: no type", bits & ~0xffffUL},
		{"object: unknown type", hdr_retype(bits, 0x1234)},
		{"object: free, not in its superblock", hdr_free(szc, idx)},
		{"object: half freed", hdr_retype(bits, GROOVE_DATA_HDR_TYPE_FREEING)},
		{"object: a superblock", hdr_retype(bits, GROOVE_DATA_HDR_TYPE_SUPERBLOCK)},
		{"object: cached by nobody", hdr_retype(bits, GROOVE_DATA_HDR_TYPE_CACHED)},
		{"object: another index", groove_data_hdr(0xfd67, idx ^ 1, szc, 16, SMALL_SZ, 0).bits},
		{"object: another class", groove_data_hdr(0xfd67, idx, szc + 1, 16, SMALL_SZ, 0).bits},
		{"object: alignment 3", groove_data_hdr(0xfd67, idx, szc, 3, SMALL_SZ, 0).bits},
		{"object: alignment 0", groove_data_hdr(0xfd67, idx, szc, 0, SMALL_SZ, 0).bits},
		{"object: alignment beyond its slot", groove_data_hdr(0xfd67, idx, szc, 512, 0, 0).bits},
		{"object: larger than its slot", groove_data_hdr(0xfd67, idx, szc, 16, 1 << 20, 0).bits},
		{"object: another size than counted", groove_data_hdr(0xfd67, idx, szc, 16, SMALL_SZ - 1, 0).bits},
	};

	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		TEST_CALL(damage_u64(scene, headers[i].what, &hdr->bits, headers[i].bits));

	groove_data_hdr_t *redirect = (groove_data_hdr_t *)(uintptr_t)groove_data_near_hdr_const(scene->aligned);

	TEST_CALL(damage_u64(scene, "redirect overwritten", &redirect->bits, 0x4141414141414141));
	return TEST_SUCCESS;
}

static int
damage_other_headers(struct scene *scene)
{
	const groove_data_t *data = &scene->fix.data;
	uint64_t block;
	struct groove_sb *sb = find_superblock(data, scene->small_szc, SB_LISTED, &block);

	TEST_ASSERT_NOT_NULL(sb, "the scene has a listed superblock");

	const uint64_t idx = (uint64_t)__builtin_ctzll(sb_word_free(sb->word));
	groove_data_hdr_t *slot = slot_hdr(data, scene->small_szc, block, idx);
	groove_data_hdr_t *hdr = (groove_data_hdr_t *)block_addr(data, block);
	groove_data_hdr_t *root = (groove_data_hdr_t *)(block_addr(data, 0) + data->data_off);

	TEST_CALL(damage_u64(scene, "free slot: no type", &slot->bits, 0));
	TEST_CALL(damage_u64(scene, "free slot: live by its header", &slot->bits,
		groove_data_hdr(GROOVE_DATA_HDR_TYPE_ALLOC, idx, scene->small_szc, 16, 1, 0).bits));
	TEST_CALL(damage_u64(scene, "free slot: stray bits", &slot->bits, slot->bits | 1UL << 50));
	TEST_CALL(damage_u64(scene, "superblock: no type", &hdr->bits, hdr_retype(hdr->bits, 0)));
	TEST_CALL(damage_u64(scene, "superblock: slots of another class", &hdr->bits, hdr->bits ^ 1UL << 29));
	TEST_CALL(damage_u64(scene, "superblock: class of another parent", &hdr->bits, hdr->bits ^ 1UL << 22));
	TEST_CALL(damage_u64(
		scene, "superblock: free by its header", &hdr->bits, hdr_free(hdr_szc(hdr->bits), hdr_idx(hdr->bits))));
	TEST_CALL(damage_u64(scene, "root: no type", &root->bits, 0));
	TEST_CALL(damage_u64(scene, "root: slots of no class", &root->bits, root->bits | 0x7fUL << 29));
	return TEST_SUCCESS;
}

/* ---- free bits and places ---- */

static int
damage_words(struct scene *scene, enum sb_place place)
{
	uint64_t block;
	struct groove_sb *sb = find_superblock(&scene->fix.data, scene->small_szc, place, &block);
	const uint32_t cnt = groove_data_szc_cfg[scene->small_szc].obj_cnt;

	TEST_ASSERT_NOT_NULL(sb, "the scene has a superblock in place %d", place);

	uint32_t *id = entry_id(&scene->fix.data, sb);
	const uint64_t free = sb_word_free(sb->word);
	const uint64_t in_use = sb_all_free(cnt) & ~free;

	TEST_CALL(damage_u64(scene, "free bit of a slot in use", &sb->word, sb->word | (in_use & -in_use)));
	if (free != 0)
		TEST_CALL(damage_u64(scene, "no free bit for a free slot", &sb->word, sb->word & ~(free & -free)));
	if (cnt < SB_SLOT_MAX)
		TEST_CALL(damage_u64(scene, "free bit beyond the slots", &sb->word, sb->word | 1UL << cnt));
	for (int other = 0; other < 8; other++)
		if (other != (int)place)
			TEST_CALL(damage_u64(scene, "another place", &sb->word,
				(sb->word & ~(7UL << SB_PLACE_SHIFT)) | (uint64_t)other << SB_PLACE_SHIFT));
	TEST_CALL(damage_u32(scene, "entry of another block", id, *id ^ 1U << 7));
	TEST_CALL(damage_u32(scene, "entry of another class", id, *id ^ 1U << SB_ID_SZC_SHIFT));
	TEST_CALL(damage_u32(scene, "entry with another count of slots", id, *id ^ 1U));
	return TEST_SUCCESS;
}

/* ---- lists and slots ---- */

static int
damage_lists(struct scene *scene)
{
	const groove_data_t *data = &scene->fix.data;
	struct groove_shdata *shdata = data->shdata;
	uint64_t *head = &shdata->list[0][scene->small_szc];
	const uint32_t first = list_head_first(*head);

	TEST_ASSERT(first != 0, "the scene has a list");

	uint32_t *link = entry_link(data, sb_entry(data, scene->small_szc, first));

	TEST_ASSERT(*link != 0, "the list has two superblocks");

	const uint32_t large = list_head_first(shdata->list[0][scene->large_szc]);
	uint64_t full_block;

	TEST_ASSERT(large != 0, "the other class has a list");
	TEST_ASSERT_NOT_NULL(find_superblock(data, scene->small_szc, SB_FULL, &full_block), "there is a full one");
	TEST_CALL(damage_u64(scene, "list cut off: superblocks in no list", head, list_head_next(*head, 0)));
	TEST_CALL(damage_u64(scene, "list without its first", head, list_head_next(*head, *link)));
	TEST_CALL(damage_u64(scene, "list out of the volumes", head, list_head_next(*head, UINT32_MAX)));
	TEST_CALL(damage_u64(scene, "list into a table", head, list_head_next(*head, 1)));
	TEST_CALL(damage_u64(scene, "list of another class", head, list_head_next(*head, large)));
	TEST_CALL(damage_u64(scene, "list of a full superblock", head, list_head_next(*head, (uint32_t)full_block)));
	TEST_CALL(damage_u32(scene, "link: end too early", link, 0));
	TEST_CALL(damage_u32(scene, "link: to itself", link, first));
	TEST_CALL(damage_u32(scene, "link: out of the volumes", link, UINT32_MAX));
	TEST_CALL(damage_u32(scene, "link: into another class's list", link, large));
	/* In two lists: the other class's list also leads here. */
	TEST_CALL(damage_u64(scene, "superblock in another class's list as well", &shdata->list[0][scene->large_szc],
		list_head_next(0, first)));
	return TEST_SUCCESS;
}

static int
damage_slots(struct scene *scene)
{
	const groove_data_t *data = &scene->fix.data;
	struct groove_shdata *shdata = data->shdata;
	uint64_t *slot = &shdata->active[0][scene->small_szc];
	const uint32_t active = list_head_first(*slot);
	const uint32_t listed = list_head_first(shdata->list[0][scene->small_szc]);

	TEST_ASSERT(active != 0 && listed != 0, "the scene has an active and a listed superblock");
	TEST_CALL(damage_u64(scene, "active superblock in no slot", slot, list_head_next(*slot, 0)));
	TEST_CALL(damage_u64(scene, "listed superblock in a slot", slot, list_head_next(*slot, listed)));
	TEST_CALL(damage_u64(scene, "slot out of the volumes", slot, list_head_next(*slot, UINT32_MAX)));
	TEST_CALL(damage_u64(
		scene, "superblock in two slots", &shdata->active[1][scene->small_szc], list_head_next(0, active)));
	TEST_CALL(damage_u64(scene, "superblock in the slot of another class", &shdata->active[1][scene->large_szc],
		list_head_next(0, active)));
	TEST_CALL(damage_u64(scene, "superblock in the slot of no class", &shdata->active[0][GROOVE_DATA_SZC_CNT],
		list_head_next(0, active)));
	TEST_CALL(damage_u64(scene, "active superblock in the list as well", &shdata->list[0][scene->small_szc],
		list_head_next(0, active)));
	return TEST_SUCCESS;
}

/* ---- volumes, pool, configuration, counters ---- */

static int
damage_volumes(struct scene *scene)
{
	struct groove_shdata *shdata = scene->fix.data.shdata;
	struct pool_shared *pool = shdata_pool(shdata);

	for (uint64_t i = 0; i < VOLUMES; i++) {
		groove_volume_t *volume = (groove_volume_t *)fixture_volume(&scene->fix, i);
		struct groove_sb *table = volume_table(&scene->fix.data, i);

		TEST_CALL(damage_u64(scene, "volume: magic", &volume->magic, 0));
		TEST_CALL(damage_u64(scene, "volume: index", &volume->idx, i + 1));
		TEST_CALL(damage_u64(scene, "volume: size", &volume->sz, 1));
		TEST_CALL(damage_u64(scene, "volume: size of info", &volume->info_sz, GROOVE_VOLUME_INFO_MAX + 1));
		TEST_CALL(damage_u64(scene, "volume: state out", &pool->slot[i].state, VOLUME_OUT));
		TEST_CALL(damage_u64(scene, "volume: state adding", &pool->slot[i].state, VOLUME_ADDING));
		TEST_CALL(damage_u64(scene, "volume: no state", &pool->slot[i].state, 7));
		TEST_CALL(
			damage_u64(scene, "volume: stray bits", &pool->slot[i].state, pool->slot[i].state | 1UL << 40));
		TEST_CALL(damage_u64(scene, "table: a superblock from nowhere",
			&table[table_cnt(scene->fix.data.volume_shift) - 1].word, 3UL << SB_PLACE_SHIFT));
	}
	TEST_CALL(damage_u64(scene, "volume: used, marked empty", &pool->slot[0].state, VOLUME_EMPTY));
	TEST_CALL(damage_u64(scene, "volume: empty, marked used", &pool->slot[2].state, VOLUME_USED));
	TEST_CALL(damage_u64(scene, "pool: lost volumes", &pool->head, list_head_next(pool->head, 0)));
	TEST_CALL(damage_u64(scene, "pool: a volume in use", &pool->head, list_head_next(pool->head, 1)));
	TEST_CALL(damage_u64(scene, "pool: no such volume", &pool->head, list_head_next(pool->head, VOLUMES + 1)));
	TEST_CALL(damage_u32(scene, "pool: a circle", &pool->slot[2].next, 2));
	TEST_CALL(damage_u64(scene, "pool: magic", &pool->magic, 0));
	TEST_CALL(damage_u64(scene, "pool: volume size", &pool->volume_sz, 1));
	TEST_CALL(damage_u64(scene, "pool: room", &pool->volume_max, VOLUMES + 1));
	TEST_CALL(damage_u64(scene, "pool: count", &pool->volume_cnt, pool->volume_cnt - 1));
	return TEST_SUCCESS;
}

static int
damage_config(struct scene *scene)
{
	struct groove_shdata *shdata = scene->fix.data.shdata;
	uint64_t *calls = scene->fix.data.record->count[scene->small_szc].calls;
	uint64_t *high = scene->fix.data.record->count_high[scene->small_szc].calls;
	uint64_t *slot_cnt = &scene->fix.data.record->slot_cnt[scene->small_szc];
	uint64_t *superblock_cnt = &scene->fix.data.record->superblock_cnt[scene->small_szc];

	TEST_CALL(damage_u64(scene, "magic", &shdata->magic, 0));
	TEST_CALL(damage_u32(scene, "volume size", &shdata->volume_shift, 30));
	TEST_CALL(damage_u64(scene, "volume_max", &shdata->volume_max, 1));
	TEST_CALL(damage_u64(scene, "join_max", &shdata->join_max, 1UL << 40));
	TEST_CALL(damage_u64(scene, "footprint", &shdata->footprint, 1));
	TEST_CALL(damage_u32(scene, "layout", &shdata->version, SHDATA_VERSION + 1));
	TEST_CALL(damage_u64(scene, "size classes", &shdata->szc_sum, 1));
	TEST_CALL(damage_u64(scene, "epoch 0", &shdata->epoch, 0));
	TEST_CALL(damage_u64(scene, "record: no state", &shdata->record[1].state, 2));
	TEST_CALL(damage_u64(scene, "record: reaches too far", &shdata->record[0].state, UINT64_MAX));
	TEST_CALL(damage_u64(scene, "record: vacant, in a call", &shdata->record[1].epoch, 1));
	TEST_CALL(damage_u64(scene, "record: vacant, holds something", &shdata->record[1].hold[0], 1));
	TEST_CALL(damage_u64(scene, "record: holds something", &shdata->record[0].hold[HOLD_MAX - 1], 1));
	TEST_CALL(damage_u64(scene, "record: moves slots", &shdata->record[0].move, 1));
	TEST_CALL(damage_u64(scene, "record: makes a superblock", &shdata->record[0].birth, 1));
	TEST_CALL(damage_u64(scene, "record: dead", &shdata->record[0].state,
		record_state_next(shdata->record[0].state, RECORD_DEAD, 1)));
	TEST_CALL(damage_u64(scene, "record: in a call of the future", &shdata->record[0].epoch, 1UL << 40));
	TEST_CALL(damage_u64(scene, "counter: slots out", slot_cnt, *slot_cnt + 1));
	TEST_CALL(damage_u64(scene, "counter of allocations", &calls[GROOVE_COUNT_ALLOC], 0));
	TEST_CALL(damage_u64(scene, "counter of frees", &calls[GROOVE_COUNT_FREE], calls[GROOVE_COUNT_FREE] + 1));
	TEST_CALL(damage_u64(scene, "counter of bytes", &calls[GROOVE_COUNT_ALLOC],
		calls[GROOVE_COUNT_ALLOC] + groove_count_delta(0, 1)));
	TEST_CALL(damage_u64(scene, "counter, high part", &high[GROOVE_COUNT_ALLOC], 1UL << 25));
	TEST_CALL(damage_u64(scene, "counter of superblocks", superblock_cnt, 0));
	return TEST_SUCCESS;
}

/* A damaged slot or entry: alloc refuses, it neither hangs nor leaves the volumes. */
static int
alloc_on_damage(struct scene *scene)
{
	groove_data_t *data = &scene->fix.data;
	uint64_t *slot = &data->shdata->active[0][scene->small_szc];
	const uint32_t other = list_head_first(data->shdata->active[0][scene->large_szc]);
	struct groove_sb *sb = sb_entry(data, scene->small_szc, list_head_first(*slot));
	const uint64_t kept_slot = *slot;
	const uint32_t kept_id = *entry_id(data, sb);
	int err = GROOVE_SUCCESS;

	TEST_ASSERT(other != 0, "the other class has an active superblock");
	*slot = list_head_next(*slot, other);
	TEST_ASSERT_NULL(groove_data_alloc(data, 0, SMALL_SZ, 0, &err), "slot of another class");
	TEST_ASSERT_EQUAL(err, GROOVE_ERR_CORRUPT, "slot of another class");
	*slot = list_head_next(kept_slot, UINT32_MAX);
	TEST_ASSERT_NULL(groove_data_alloc(data, 0, SMALL_SZ, 0, &err), "slot out of the volumes");
	TEST_ASSERT_EQUAL(err, GROOVE_ERR_CORRUPT, "slot out of the volumes");
	*slot = kept_slot;

	const uint64_t kept_word = sb->word;

	*entry_id(data, sb) = UINT32_MAX;
	TEST_ASSERT_NULL(groove_data_alloc(data, 0, SMALL_SZ, 0, &err), "entry of no class");
	TEST_ASSERT_EQUAL(err, GROOVE_ERR_CORRUPT, "entry of no class");
	*entry_id(data, sb) = kept_id;
	sb->word = kept_word;
	TEST_ASSERT_SUCCESS(groove_data_verify(data), "all undone");
	return TEST_SUCCESS;
}

/* A volume is checked by itself: damage in one is seen there, and not in another. */
static int
check_single_volumes(struct scene *scene)
{
	const groove_data_t *data = &scene->fix.data;
	groove_data_hdr_t *hdr = groove_data_object_hdr(scene->small[1]);
	const uint64_t kept = hdr->bits;

	hdr->bits = 0;
	test_log_begin();
	const int damaged = groove_data_volume_verify(data, (groove_volume_t *)fixture_volume(&scene->fix, 0));
	const int other = groove_data_volume_verify(data, (groove_volume_t *)fixture_volume(&scene->fix, 1));
	test_log_end();
	hdr->bits = kept;
	TEST_ASSERT_EQUAL(damaged, GROOVE_ERR_CORRUPT, "volume 0 is damaged");
	TEST_ASSERT_EQUAL(other, GROOVE_SUCCESS, "volume 1 is not");
	return TEST_SUCCESS;
}

/* All volumes in parts, of which one may be damaged. Returns what the parts and the counts return. */
static int
verify_in_parts(const groove_data_t *data, groove_data_stats_t *found)
{
	memset(found, 0, sizeof(*found));
	for (uint64_t i = 0; i < groove_data_volume_max(data); i++) {
		const int err = groove_data_verify_part(data, i, found);

		if (err != GROOVE_SUCCESS && err != GROOVE_ERR_EMPTY)
			return err;
	}
	return groove_data_verify_counts(data, found);
}

/* The parts together find what the counters say, and the damage of any of them; a count that differs is found. */
static int
check_parts(struct scene *scene)
{
	static groove_data_stats_t found, stats;
	groove_data_t *data = &scene->fix.data;
	groove_data_hdr_t *hdr = groove_data_object_hdr(scene->small[1]);
	const uint64_t kept = hdr->bits;

	TEST_ASSERT_SUCCESS(verify_in_parts(data, &found), "whole");
	TEST_ASSERT_SUCCESS(groove_data_stats(data, &stats), "stats");
	TEST_ASSERT(found.total.obj_cnt > 0, "no objects");
	TEST_ASSERT_EQUAL(found.total.obj_cnt, stats.total.obj_cnt, "objects");
	TEST_ASSERT_EQUAL(found.total.req_bytes, stats.total.req_bytes, "bytes");
	TEST_ASSERT_EQUAL(found.total.slot_bytes, stats.total.slot_bytes, "bytes of slots");
	TEST_ASSERT_EQUAL(found.total.superblock_cnt, stats.total.superblock_cnt, "superblocks");
	TEST_ASSERT_EQUAL(found.total.cached_cnt, stats.total.cached_cnt, "cached");
	test_log_begin();
	found.szc[groove_data_hdr_szc(*hdr)].obj_cnt++;
	TEST_ASSERT_EQUAL(groove_data_verify_counts(data, &found), GROOVE_ERR_CORRUPT, "one object more");
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), "counters say"), "one object more: no line of log");
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_data_verify_part(data, groove_data_volume_max(data), &found), GROOVE_ERR_INVAL,
		"a volume beyond the last");
	TEST_ASSERT_EQUAL(groove_data_verify_part(data, 0, NULL), GROOVE_ERR_INVAL, "nowhere to count");
	TEST_ASSERT_EQUAL(groove_data_verify_counts(data, NULL), GROOVE_ERR_INVAL, "nothing to compare with");
	TEST_ASSERT_EQUAL(groove_data_verify_part(NULL, 0, &found), GROOVE_ERR_INVAL, "no join");
	hdr->bits = 0;
	const int damaged = verify_in_parts(data, &found);

	hdr->bits = kept;
	test_log_end();
	TEST_ASSERT_EQUAL(damaged, GROOVE_ERR_CORRUPT, "a damaged header");
	return TEST_SUCCESS;
}

/* Garbage in an area: verify ends, with one of its returns. */
static int
damage_at_random(struct scene *scene, uint8_t *area, uint64_t area_sz, uint64_t seed)
{
	for (uint64_t i = 0; i < test_turns(1000); i++) {
		const uint64_t span = 1UL << test_rand(&seed) % 13;
		uint8_t *where = area + test_rand(&seed) % (area_sz - span);
		uint8_t kept[4096];

		memcpy(kept, where, span);
		for (uint64_t k = 0; k < span; k++)
			where[k] = (uint8_t)test_rand(&seed);
		test_log_begin();
		const int err = groove_data_verify(&scene->fix.data);
		test_log_end();
		memcpy(where, kept, span);
		TEST_ASSERT(err == GROOVE_SUCCESS || err == GROOVE_ERR_CORRUPT, "turn %lu: %d", i, err);
	}
	TEST_ASSERT_SUCCESS(groove_data_verify(&scene->fix.data), "all undone");
	return TEST_SUCCESS;
}

static int
damage_everywhere(struct scene *scene)
{
	const groove_data_t *data = &scene->fix.data;
	struct groove_sb *table = volume_table(data, 0);

	TEST_CALL(damage_at_random(scene, scene->fix.shmem, scene->fix.shmem_sz, 1));
	TEST_CALL(damage_at_random(scene, (uint8_t *)table, table_cnt(data->volume_shift) * TABLE_ENTRY_SZ, 2));
	return damage_at_random(scene, fixture_volume(&scene->fix, 0) + data->data_off, 1UL << 20, 3);
}

static int
test_verify(void)
{
	static struct scene scene;

	TEST_CALL(scene_make(&scene));
	TEST_CALL(damage_object_headers(&scene));
	TEST_CALL(damage_other_headers(&scene));
	TEST_CALL(damage_words(&scene, SB_FULL));
	TEST_CALL(damage_words(&scene, SB_LISTED));
	TEST_CALL(damage_words(&scene, SB_ACTIVE));
	TEST_CALL(damage_lists(&scene));
	TEST_CALL(damage_slots(&scene));
	TEST_CALL(damage_volumes(&scene));
	TEST_CALL(damage_config(&scene));
	TEST_CALL(alloc_on_damage(&scene));
	TEST_CALL(check_single_volumes(&scene));
	TEST_CALL(check_parts(&scene));
	TEST_CALL(damage_everywhere(&scene));
	return scene_end(&scene);
}

GROOVE_TEST(verify_autotest, fast, test_verify);
