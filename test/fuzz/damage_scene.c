/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* The groove that is damaged: made once, and put back for each input. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <rte_common.h>

#include "damage.h"
#include "geometry.h"
#include "hdr.h"
#include "pool.h"
#include "sb_word.h"
#include "shared.h"
#include "shelf.h"
#include "tree.h"

#define IN_SZ  (DAMAGE_VOLUME_IN * DAMAGE_VOLUME_SZ)
#define ALL_SZ (DAMAGE_VOLUME_MAX * DAMAGE_VOLUME_SZ)

static const groove_data_cfg_t cfg = {
	.volume_sz = DAMAGE_VOLUME_SZ,
	.volume_max = DAMAGE_VOLUME_MAX,
	.join_max = DAMAGE_JOIN_MAX,
};

/* As it was made. */
static struct {
	uint8_t *shmem;
	groove_data_t live;
	struct groove_cache cache;
	int volumes_fd;
} kept;

/* ---- what is in it ---- */

/* Small objects, of which there are full, listed and active superblocks, and some of each kind of slot. */
static const struct {
	uint64_t align;
	uint64_t sz;
	unsigned int cnt;
} fill[] = {
	{0, 100, 150},
	{32, 1000, 40},
	{512, 3000, 20},
	{128, 0, 3},
	{64, 100000, 3},
	{256, 2UL << 20, 1},
	{16, 10UL << 20, 2},
	{0, 11000000 >> 1, 1},
};

/* The size that takes the same slot in a build with debug_checks, which has red zones in it. */
static uint64_t
fill_sz(size_t i)
{
	return fill[i].sz - RTE_MIN(fill[i].sz, 2 * GROOVE_DATA_RED_ZONE);
}

static void
objects_make(struct damage_scene *scene, groove_data_t *join, uint64_t tag)
{
	for (size_t i = 0; i < sizeof(fill) / sizeof(fill[0]); i++) {
		for (unsigned int j = 0; j < fill[i].cnt; j++) {
			void *obj = groove_data_alloc(join, fill[i].align, fill_sz(i), tag + scene->obj_cnt, NULL);

			FUZZ_CHECK(obj != NULL && scene->obj_cnt < DAMAGE_OBJ_MAX, "object of %lu bytes", fill_sz(i));
			scene->obj[scene->obj_cnt++] = obj;
		}
	}
}

/* Free some of them: what is in no cache then is in lists and slots. */
static void
objects_thin(struct damage_scene *scene, groove_data_t *join, uint64_t first, uint64_t cnt)
{
	for (uint64_t i = first; i < first + cnt; i++)
		FUZZ_CHECK(groove_data_free(join, scene->obj[i]) == GROOVE_SUCCESS, "free %lu", i);
	scene->obj_cnt -= cnt;
	memmove(&scene->obj[first], &scene->obj[first + cnt], (scene->obj_cnt - first) * sizeof(scene->obj[0]));
}

static void
groove_fill(struct damage_scene *scene)
{
	groove_data_t dead;

	FUZZ_CHECK(groove_data_join(&scene->live, scene->shmem, scene->volume0, 0, 0) != NULL, "join");
	FUZZ_CHECK(groove_data_join(&dead, scene->shmem, scene->volume0, 0, 1) != NULL, "join");
	FUZZ_CHECK(groove_data_volume_add(&scene->live, scene->volume0, IN_SZ, "info", 4) == GROOVE_SUCCESS, "add");
	FUZZ_CHECK(groove_data_cache_limit(&scene->live, 4096, 65536) == GROOVE_SUCCESS, "cache");
	objects_make(scene, &dead, 1000);
	objects_thin(scene, &dead, 10, 90);
	FUZZ_CHECK(groove_data_flush(&dead) == GROOVE_SUCCESS, "flush");
	objects_thin(scene, &scene->live, 10, 30);
	objects_thin(scene, &dead, 20, 20);
	/* It died in a call, so that what is retired stays so. */
	dead.record->epoch = 1;
	FUZZ_CHECK(groove_data_volume_remove(&scene->live) == NULL, "a volume is retired");
}

/* ---- what can be damaged ---- */

static int
note_superblock(void *arg, uint64_t szc, uint64_t block, uint32_t cnt)
{
	struct damage_scene *scene = arg;

	(void)cnt;
	FUZZ_CHECK(scene->sb_cnt < DAMAGE_SB_MAX, "superblocks");
	scene->sb[scene->sb_cnt++] = (struct damage_sb){szc, block};
	return 0;
}

static int
note_slot(void *arg, uint64_t szc, uint64_t block, uint64_t idx, uint64_t bits)
{
	struct damage_scene *scene = arg;

	(void)bits;
	FUZZ_CHECK(scene->slot_cnt < DAMAGE_SLOT_MAX, "slots");
	scene->slot[scene->slot_cnt++] = slot_hdr(&scene->live, szc, block, idx);
	return 0;
}

/* All that the scene is for is there. */
static void
scene_check(const struct damage_scene *scene)
{
	static const enum volume_kind kinds[DAMAGE_VOLUME_MAX] = {
		VOLUME_USED, VOLUME_USED, VOLUME_RETIRED, VOLUME_EMPTY, VOLUME_OUT, VOLUME_OUT};
	unsigned int places = 0;

	for (uint64_t i = 0; i < scene->sb_cnt; i++)
		places |= 1U << sb_word_place(sb_entry(&scene->live, scene->sb[i].szc, scene->sb[i].block)->word);
	FUZZ_CHECK(places == (1U << SB_FULL | 1U << SB_ACTIVE | 1U << SB_LISTED), "places of superblocks: %#x", places);
	for (uint64_t i = 0; i < DAMAGE_VOLUME_MAX; i++)
		FUZZ_CHECK(volume_state_kind(pool_state(&scene->live.pool, i)) == kinds[i], "state of volume %lu", i);
}

static void
scene_note(struct damage_scene *scene)
{
	static const struct tree_ops ops = {.enter = note_superblock, .slot = note_slot};

	for (uint64_t i = 0; i < DAMAGE_VOLUME_IN; i++)
		if (volume_state_kind(pool_state(&scene->live.pool, i)) == VOLUME_USED)
			FUZZ_CHECK(tree_walk(&scene->live, i, &ops, scene) == GROOVE_SUCCESS, "walk");
	scene_check(scene);
}

/* ---- make and reset ---- */

static void
volumes_map(const struct damage_scene *scene, int flags)
{
	const void *mem = mmap(
		scene->volume0, IN_SZ, PROT_READ | PROT_WRITE, flags | MAP_FIXED | MAP_NORESERVE, kept.volumes_fd, 0);

	FUZZ_CHECK(mem == scene->volume0, "map: %m");
}

void
damage_scene_make(struct damage_scene *scene)
{
	memset(scene, 0, sizeof(*scene));
	scene->shmem_sz = groove_data_footprint_cfg(&cfg);
	scene->shmem = fuzz_map_guarded(scene->shmem_sz);
	scene->volume0 = fuzz_reserve(ALL_SZ);
	kept.volumes_fd = memfd_create("fuzz", MFD_CLOEXEC);
	FUZZ_CHECK(kept.volumes_fd >= 0 && ftruncate(kept.volumes_fd, (off_t)IN_SZ) == 0, "%m");
	volumes_map(scene, MAP_SHARED);
	FUZZ_CHECK(groove_data_new_cfg(scene->shmem, &cfg) == scene->shmem, "new");
	groove_fill(scene);
	scene_note(scene);

	kept.shmem = malloc(scene->shmem_sz);
	FUZZ_CHECK(kept.shmem != NULL, "memory");
	memcpy(kept.shmem, scene->shmem, scene->shmem_sz);
	kept.live = scene->live;
	kept.cache = *cache_of(&scene->live);
	volumes_map(scene, MAP_PRIVATE); /* what is written from now on is dropped by each reset */
}

void
damage_scene_reset(struct damage_scene *scene)
{
	memcpy(scene->shmem, kept.shmem, scene->shmem_sz);
	scene->live = kept.live;
	*cache_of(&scene->live) = kept.cache;
	FUZZ_CHECK(madvise(scene->volume0, IN_SZ, MADV_DONTNEED) == 0, "%m");
	damage_scene_guard(scene, false);
}

/* ---- guards ---- */

/* Set the protection of volumes, if it is another. */
static void
protect(const struct damage_scene *scene, uint64_t first, uint64_t cnt, int prot)
{
	static int now[DAMAGE_VOLUME_MAX] = {PROT_READ | PROT_WRITE};

	if (now[first] == prot)
		return;
	FUZZ_CHECK(mprotect(scene->volume0 + first * DAMAGE_VOLUME_SZ, cnt * DAMAGE_VOLUME_SZ, prot) == 0, "%m");
	now[first] = prot;
}

void
damage_scene_guard(const struct damage_scene *scene, bool read_only)
{
	protect(scene, 0, DAMAGE_VOLUME_IN, read_only ? PROT_READ : PROT_READ | PROT_WRITE);
	/* What has no volume reads as zeros. */
	for (uint64_t i = DAMAGE_VOLUME_IN; i < DAMAGE_VOLUME_MAX; i++)
		protect(scene, i, 1, PROT_READ);
}

bool
damage_is_beyond_memory(const struct damage_scene *scene)
{
	const struct groove_shdata *shdata = (const struct groove_shdata *)scene->shmem;
	const groove_data_cfg_t damaged = {
		.volume_sz = shdata->volume_shift < 64 ? 1UL << shdata->volume_shift : 1,
		.volume_max = shdata->volume_max,
		.join_max = shdata->join_max,
	};
	const uint64_t footprint = groove_data_footprint_cfg(&damaged);

	return footprint != 0 && footprint == shdata->footprint &&
	       (footprint > scene->shmem_sz || damaged.volume_sz != DAMAGE_VOLUME_SZ ||
		       damaged.volume_max != DAMAGE_VOLUME_MAX);
}
