/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "world.h"

#include <alloc.h>
#include <cache.h>
#include <geometry.h>
#include <pool.h>
#include <shelf.h>
#include <sys/mman.h>

#define WATCH_HOLDS 4 /* of each join: no scenario has more */

struct world world;
struct outcome outcomes[SCHEDULE_THREAD_MAX];

static uint64_t
szc_obj_sz(uint64_t szc)
{
	return groove_data_szc_cfg[szc].obj_footprint - GROOVE_DATA_HDR_FOOTPRINT;
}

/* A class whose superblocks are slots of LARGE, with the fewest slots; the largest of those, which has their objects.
 */
static void
choose_nested(void)
{
	const uint64_t large = LARGE_SZC;

	world.nested_slots = UINT64_MAX;
	for (uint64_t szc = 0; szc < large; szc++) {
		const groove_data_szc_cfg_t *cfg = &groove_data_szc_cfg[szc];

		if (cfg->parent_szc != large || cfg->obj_cnt > world.nested_slots)
			continue;
		world.nested_szc = szc;
		world.nested_slots = cfg->obj_cnt;
		world.nested_sz = szc_obj_sz(szc);
	}
}

/* The largest class whose superblocks lie in slots of LARGE, or with two slots in one of NESTED. */
static void
choose_inner(void)
{
	const uint64_t nested = world.nested_szc;

	for (uint64_t szc = nested; szc-- > 0;)
		if (groove_data_szc_cfg[szc].parent_szc == LARGE_SZC && alloc_szc_widest(szc) == szc &&
			(szc_hosts[szc].mask[nested / 64] >> nested % 64 & 1) != 0) {
			world.inner_szc = szc;
			world.inner_sz = szc_obj_sz(szc);
			return;
		}
}

/* The largest two classes with one parent that is no slice, one level of the table, and objects of their own. */
static void
choose_siblings(void)
{
	for (uint64_t b = GROOVE_DATA_SZC_SLICE; b-- > 0;)
		for (uint64_t a = b; a-- > 0;) {
			if (groove_data_szc_cfg[a].parent_szc != groove_data_szc_cfg[b].parent_szc ||
				groove_data_szc_cfg[a].parent_szc == GROOVE_DATA_SZC_SLICE ||
				szc_hosts[a].level != szc_hosts[b].level || alloc_szc_widest(a) != a)
				continue;
			world.sibling_szc[0] = a;
			world.sibling_szc[1] = b;
			world.sibling_sz[0] = szc_obj_sz(a);
			world.sibling_sz[1] = szc_obj_sz(b);
			return;
		}
}

/* The entries that scenarios use: the first two of each level, as their classes have superblocks of 32 KiB and more. */
static void
watch_table(unsigned int volume)
{
	const groove_data_t *join = &world.join[CHECKER];
	const uint64_t pyramid = 1UL << (join->volume_shift - TABLE_LEAF_SHIFT);

	for (uint64_t first = 2; first < 2UL << (join->volume_shift - TABLE_PYRAMID_SHIFT); first *= 2) {
		schedule_watch(&volume_table(join, volume)[pyramid + first], 2 * sizeof(struct groove_sb));
		schedule_watch(&volume_links(join, volume)[pyramid + first], 2 * sizeof(uint32_t));
		schedule_watch(&volume_ids(join, volume)[pyramid + first], 2 * sizeof(uint32_t));
	}
}

static void
watch_record(struct groove_record *record, const uint64_t *classes, unsigned int class_cnt)
{
	if (world.watch == WATCH_SHARED) {
		schedule_watch(&record->epoch, 8);
		return;
	}
	if (world.watch == WATCH_RECOVERY) {
		schedule_watch(&record->state, 16);
		schedule_watch(record->hold, WATCH_HOLDS * 8);
		return;
	}
	schedule_watch(record, offsetof(struct groove_record, superblock_cnt));
	for (unsigned int i = 0; i < class_cnt; i++)
		schedule_watch(&record->superblock_cnt[classes[i]], 8);
}

static void
watch_volume(unsigned int volume)
{
	const uint64_t data_off = world.join[CHECKER].data_off;
	uint8_t *start = world.volume0 + volume * GROOVE_VOLUME_FOOTPRINT_MIN;

	if (world.watch != WATCH_RECOVERY) {
		schedule_watch(start, GROOVE_VOLUME_FOOTPRINT_MIN);
		return;
	}
	watch_table(volume);
	schedule_watch(start + data_off, GROOVE_VOLUME_FOOTPRINT_MIN - data_off);
}

void
watch_slots(uint64_t szc)
{
	struct groove_shdata *shdata = world.shmem;

	for (uint64_t group = 0; group <= groove_data_szc_cfg[szc].cgroup_mask && group < JOINS; group++)
		schedule_watch(&shdata->active[group][szc], 8);
}

void
watch_lists(uint64_t szc)
{
	struct groove_shdata *shdata = world.shmem;

	for (uint64_t group = 0; group <= groove_data_szc_cfg[szc].cgroup_mask && group < JOINS; group++)
		schedule_watch(&shdata->list[group % LIST_GROUP_CNT][szc], 8);
	schedule_watch(&shdata->list[LIST_DRAIN][szc], 8);
	schedule_watch(&shdata->list[LIST_ASIDE][szc], 8);
}

static void
watch_world(void)
{
	struct groove_shdata *shdata = world.shmem;

	const uint64_t classes[] = {
		LARGE_SZC,
		world.nested_szc,
		world.inner_szc,
		world.sibling_szc[0],
		world.sibling_szc[1],
		groove_data_szc_cfg[world.sibling_szc[0]].parent_szc,
		CACHED_SZC,
	};
	const unsigned int class_cnt = sizeof(classes) / sizeof(classes[0]);

	for (unsigned int i = 0; i < class_cnt; i++) {
		watch_slots(classes[i]);
		watch_lists(classes[i]);
	}
	schedule_watch(&shdata->drain, 8);
	schedule_watch(&shdata->epoch, 8);
	for (unsigned int i = 0; i < JOINS; i++) {
		watch_record(&shdata->record[i], classes, class_cnt);
		schedule_undo(&world.join[i], sizeof(world.join[i]));
		schedule_undo(world.join[i].shelf, sizeof(struct groove_cache));
	}
	schedule_watch(shdata_pool(shdata),
		(uint64_t)((uint8_t *)world.shmem + world.shmem_sz - (uint8_t *)shdata_pool(shdata)));
	for (unsigned int i = 0; i < VOLUMES; i++)
		watch_volume(i);
	schedule_undo(world.shmem, world.shmem_sz);
	schedule_undo(world.volume0, VOLUMES * GROOVE_VOLUME_FOOTPRINT_MIN);
}

static void *
map(uint64_t sz)
{
	void *mem = mmap(NULL, sz, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return mem != MAP_FAILED ? mem : NULL;
}

/* Joins of the last setup: the groove they were of is gone. */
static void
joins_drop(void)
{
	for (unsigned int i = 0; i < JOINS; i++) {
		if (world.join[i].shelf != NULL)
			cache_drop(&world.join[i]);
		world.join[i].shelf = NULL;
	}
}

static groove_data_cfg_t
cfg_of(uint64_t join_max)
{
	return (groove_data_cfg_t){
		.volume_sz = GROOVE_VOLUME_FOOTPRINT_MIN,
		.volume_max = VOLUMES,
		.join_max = join_max,
	};
}

int
world_make(uint64_t volumes)
{
	return world_make_joins(volumes, JOINS);
}

int
world_make_joins(uint64_t volumes, uint64_t join_max)
{
	const groove_data_cfg_t cfg = cfg_of(join_max);
	const groove_data_cfg_t largest = cfg_of(JOINS_MAX);

	choose_nested();
	choose_inner();
	choose_siblings();
	world.cached_sz = szc_obj_sz(CACHED_SZC);
	world.cached_slots = groove_data_szc_cfg[CACHED_SZC].obj_cnt;
	joins_drop();
	world.kept_cnt = 0;
	world.shmem_sz = groove_data_footprint_cfg(&cfg);
	if (world.shmem == NULL) {
		world.shmem = map(groove_data_footprint_cfg(&largest));
		world.volume0 = map(VOLUMES * GROOVE_VOLUME_FOOTPRINT_MIN);
	}
	EXPECT(world.shmem != NULL && world.volume0 != NULL, "no memory");
	/* Zeros, so that no header of an earlier schedule is taken for one of this. */
	EXPECT(madvise(world.volume0, VOLUMES * GROOVE_VOLUME_FOOTPRINT_MIN, MADV_DONTNEED) == 0, "madvise");
	EXPECT(groove_data_new_cfg(world.shmem, &cfg) != NULL, "new");
	for (unsigned int i = 0; i < JOINS; i++)
		EXPECT(groove_data_join(&world.join[i], world.shmem, world.volume0, 0, i) != NULL, "join %u", i);
	EXPECT(cache_of(&world.join[CHECKER])->class[CACHED_SZC].most > 0, "class %lu is not cached", CACHED_SZC);
	EXPECT(groove_data_volume_add(&world.join[CHECKER], world.volume0, volumes * GROOVE_VOLUME_FOOTPRINT_MIN, NULL,
		       0) == GROOVE_SUCCESS,
		"add");
	watch_world();
	return 0;
}

int
keep(uint64_t sz, unsigned int cnt)
{
	for (unsigned int i = 0; i < cnt; i++) {
		void *obj = groove_data_alloc(&world.join[CHECKER], 0, sz, KEPT_TAG, NULL);

		EXPECT(obj != NULL, "kept object %u", i);
		world.kept[world.kept_cnt++] = obj;
	}
	return 0;
}

void
drop(unsigned int idx)
{
	groove_data_free(&world.join[CHECKER], world.kept[idx]);
	world.kept[idx] = NULL;
}

/* Header of the superblock that a kept object is in. */
static const groove_data_hdr_t *
kept_superblock(unsigned int idx)
{
	const groove_data_hdr_t hdr = *groove_data_object_hdr(world.kept[idx]);

	return groove_data_superblock_hdr(world.kept[idx], groove_data_hdr_szc(hdr), groove_data_hdr_idx(hdr));
}

/* Entry of that superblock. */
static struct groove_sb *
kept_entry(unsigned int idx)
{
	const groove_data_t *join = &world.join[CHECKER];
	const uint64_t szc = groove_data_hdr_szc(*groove_data_object_hdr(world.kept[idx]));

	return sb_entry(join, szc, addr_off(join, kept_superblock(idx)) / GROOVE_BLOCK_FOOTPRINT);
}

void
watch_kept_id(unsigned int idx)
{
	schedule_watch(groove_data_object_hdr(world.kept[idx]), 8);
	schedule_watch(entry_id(&world.join[CHECKER], kept_entry(idx)), 4);
}

void
watch_kept(unsigned int idx)
{
	const groove_data_t *join = &world.join[CHECKER];
	const uint64_t szc = groove_data_hdr_szc(*groove_data_object_hdr(world.kept[idx]));
	const uint64_t block = addr_off(join, kept_superblock(idx)) / GROOVE_BLOCK_FOOTPRINT;

	schedule_watch(&kept_entry(idx)->word, 8);
	for (uint64_t i = 0; i < groove_data_szc_cfg[szc].obj_cnt; i++)
		schedule_watch(&slot_hdr(join, szc, block, i)->bits, 8);
}

void
do_alloc(unsigned int thread, uint64_t sz)
{
	struct outcome *outcome = &outcomes[thread];
	int err;
	void *obj = groove_data_alloc(&world.join[thread], 0, sz, thread, &err);

	if (obj != NULL)
		outcome->obj[outcome->obj_cnt++] = obj;
	else if (err == GROOVE_ERR_FULL)
		outcome->full_cnt++;
	else
		outcome->refused_cnt++;
}

void
do_free(unsigned int thread, unsigned int idx)
{
	const int err = groove_data_free(&world.join[thread], world.kept[idx]);

	if (err == GROOVE_SUCCESS)
		outcomes[thread].freed_cnt++;
	else
		outcomes[thread].refused_cnt++;
	outcomes[thread].wrong_cnt += err != GROOVE_SUCCESS && err != GROOVE_ERR_INVAL;
}

void
do_trim(unsigned int thread)
{
	groove_data_trim(&world.join[thread]);
}

void
do_remove(unsigned int thread)
{
	outcomes[thread].removed = groove_data_volume_remove(&world.join[thread]);
	if (outcomes[thread].removed != NULL)
		schedule_forbid(outcomes[thread].removed, GROOVE_VOLUME_FOOTPRINT_MIN);
}

void
do_add(unsigned int thread, unsigned int volume)
{
	if (groove_data_volume_add(&world.join[thread], world.volume0 + volume * GROOVE_VOLUME_FOOTPRINT_MIN,
		    GROOVE_VOLUME_FOOTPRINT_MIN, NULL, 0) != GROOVE_SUCCESS)
		outcomes[thread].refused_cnt++;
}

void
do_bulk(unsigned int thread, const unsigned int *idx, unsigned int cnt)
{
	void *objs[OBJ_MAX];
	int err;

	for (unsigned int i = 0; i < cnt; i++)
		objs[i] = world.kept[idx[i]];
	err = groove_data_free_bulk(&world.join[thread], objs, cnt);
	if (err == GROOVE_SUCCESS)
		outcomes[thread].freed_cnt += cnt;
	else
		outcomes[thread].refused_cnt++;
	outcomes[thread].wrong_cnt += err != GROOVE_SUCCESS && err != GROOVE_ERR_INVAL;
}
