/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * groove-interleave: scenarios of lib/groove in every interleaving up to a bounded number of preemptions.
 *
 *     groove-interleave [--preemptions N] [NAME...]     explore (all scenarios)
 *     groove-interleave --list                          their names
 *     groove-interleave --deaths [--records] [--preemptions N] [NAME...]
 *
 * the same, and in each schedule a thread dies at each point; with --records also at what it writes into its record.
 * Were the thread only stopped, recovery would take nothing from it.
 *
 *     groove-interleave --recovery [--second] [--preemptions N] [NAME...]
 *
 * other scenarios (--recovery --list), in which the first thread dies at each point, and after that one that recovers
 * and one that works are interleaved; with --second the one that recovers dies as well.
 *
 *     groove-interleave --replay "TO@POINT ..." NAME    run one schedule, as a failure prints it
 *
 * Three threads have so many more interleavings that their preemptions are one less than asked for.
 *
 * The scenarios use three classes in volumes of 32 MiB: LARGE has 3 slots in a volume of its own, NESTED has
 * superblocks in the slots of LARGE, CACHED is the largest class that joins cache. After each schedule every thread's
 * objects must be as they should, the groove must verify, and once all is freed and trimmed every volume must be empty:
 * nothing is lost, doubled or stranded.
 */

#include <alloc.h>
#include <cache.h>
#include <geometry.h>
#include <getopt.h>
#include <groove.h>
#include <pool.h>
#include <rte_log.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "schedule.h"

#define VOLUMES	    2U
#define JOINS	    (SCHEDULE_THREAD_MAX + 1U)
#define CHECKER	    SCHEDULE_THREAD_MAX /* the join of setup and check */
#define LARGE_SZ    (10UL << 20)
#define CACHED_SZC  (CACHE_SZC_CNT - 1UL)
#define OBJ_MAX	    8U
#define LARGE_SLOTS 3U
#define KEPT_TAG    100U /* of objects that are there before the threads start */

/* Which accesses are points. */
enum watch {
	WATCH_SHARED,  /* what the threads of a scenario share: heads and slots of its classes, epochs, pool, volumes */
	WATCH_RECORDS, /* and all that joins write down: it matters where they die */
	WATCH_RECOVERY, /* and what they hold; but of the tables only the entries that scenarios use */
};

#define WATCH_HOLDS 4 /* of each join: no scenario has more */

/* What a thread has got, and what it was told. */
struct outcome {
	void *obj[OBJ_MAX];
	unsigned int obj_cnt;
	unsigned int full_cnt;
	unsigned int freed_cnt;
	unsigned int refused_cnt;
	unsigned int wrong_cnt; /* refused, but not by the code that is due; walked, and not what is there */
	const void *walked;	/* the last object */
	unsigned int anchor_cnt;
	groove_volume_t *removed;
};

static struct {
	void *shmem;
	uint64_t shmem_sz;
	uint8_t *volume0;
	groove_data_t join[JOINS];
	uint64_t nested_szc;
	uint64_t nested_sz;
	uint64_t nested_slots;
	uint64_t cached_sz;
	unsigned int cached_slots; /* in a superblock of CACHED */
	uint64_t sibling_szc[2];   /* two classes with superblocks in slots of the same class */
	uint64_t sibling_sz[2];
	void *passing;	/* allocated by setup, freed by a thread in any case */
	void *kept[64]; /* allocated by setup */
	unsigned int kept_cnt;
	enum watch watch;
} world;

static struct outcome outcomes[SCHEDULE_THREAD_MAX];

#define EXPECT(cond, ...)                                                                                              \
	do {                                                                                                           \
		if (!(cond)) {                                                                                         \
			printf("  not true: " #cond ": " __VA_ARGS__);                                                 \
			putchar('\n');                                                                                 \
			return -1;                                                                                     \
		}                                                                                                      \
	} while (0)

/* ---- the world ---- */

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
	const uint64_t large = groove_data_szc(LARGE_SZ + GROOVE_DATA_HDR_FOOTPRINT);

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

/* The largest two classes with one parent that is no slice, and with objects of their own. */
static void
choose_siblings(void)
{
	for (uint64_t b = GROOVE_DATA_SZC_SLICE; b-- > 0;)
		for (uint64_t a = b; a-- > 0;) {
			if (groove_data_szc_cfg[a].parent_szc != groove_data_szc_cfg[b].parent_szc ||
				groove_data_szc_cfg[a].parent_szc == GROOVE_DATA_SZC_SLICE || alloc_szc_widest(a) != a)
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

static void
watch_world(void)
{
	struct groove_shdata *shdata = world.shmem;

	const uint64_t classes[] = {
		groove_data_szc(LARGE_SZ + GROOVE_DATA_HDR_FOOTPRINT),
		world.nested_szc,
		world.sibling_szc[0],
		world.sibling_szc[1],
		groove_data_szc_cfg[world.sibling_szc[0]].parent_szc,
		CACHED_SZC,
	};
	const unsigned int class_cnt = sizeof(classes) / sizeof(classes[0]);

	/* Of the groups' slots and lists only those that a join here may fill. */
	for (unsigned int i = 0; i < class_cnt; i++) {
		const uint64_t groups = groove_data_szc_cfg[classes[i]].cgroup_mask + 1UL;

		for (uint64_t group = 0; group < groups && group < JOINS; group++) {
			schedule_watch(&shdata->list[group % LIST_GROUP_CNT][classes[i]], 8);
			schedule_watch(&shdata->active[group][classes[i]], 8);
		}
		schedule_watch(&shdata->list[LIST_DRAIN][classes[i]], 8);
		schedule_watch(&shdata->list[LIST_ASIDE][classes[i]], 8);
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

/* A groove with the first volumes added, and a join for each thread and the checks. */
static int
world_make(uint64_t volumes)
{
	const groove_data_cfg_t cfg = {
		.volume_sz = GROOVE_VOLUME_FOOTPRINT_MIN,
		.volume_max = VOLUMES,
		.join_max = JOINS,
	};

	choose_nested();
	choose_siblings();
	world.cached_sz = szc_obj_sz(CACHED_SZC);
	world.cached_slots = groove_data_szc_cfg[CACHED_SZC].obj_cnt;
	joins_drop();
	world.kept_cnt = 0;
	world.shmem_sz = groove_data_footprint_cfg(&cfg);
	if (world.shmem == NULL) {
		world.shmem = map(world.shmem_sz);
		world.volume0 = map(VOLUMES * GROOVE_VOLUME_FOOTPRINT_MIN);
	}
	EXPECT(world.shmem != NULL && world.volume0 != NULL, "no memory");
	/* Zeros, so that no header of an earlier schedule is taken for one of this. */
	EXPECT(madvise(world.volume0, VOLUMES * GROOVE_VOLUME_FOOTPRINT_MIN, MADV_DONTNEED) == 0, "madvise");
	EXPECT(groove_data_new_cfg(world.shmem, &cfg) != NULL, "new");
	for (unsigned int i = 0; i < JOINS; i++)
		EXPECT(groove_data_join(&world.join[i], world.shmem, world.volume0, 0, i) != NULL, "join %u", i);
	EXPECT(world.join[CHECKER].shelf[CACHED_SZC].cap > 0, "class %lu is not cached", CACHED_SZC);
	EXPECT(groove_data_volume_add(&world.join[CHECKER], world.volume0, volumes * GROOVE_VOLUME_FOOTPRINT_MIN, NULL,
		       0) == GROOVE_SUCCESS,
		"add");
	watch_world();
	return 0;
}

/* Objects that are there before the threads start. */
static int
keep(uint64_t sz, unsigned int cnt)
{
	for (unsigned int i = 0; i < cnt; i++) {
		void *obj = groove_data_alloc(&world.join[CHECKER], 0, sz, KEPT_TAG, NULL);

		EXPECT(obj != NULL, "kept object %u", i);
		world.kept[world.kept_cnt++] = obj;
	}
	return 0;
}

/* Free a kept object in setup. */
static void
drop(unsigned int idx)
{
	groove_data_free(&world.join[CHECKER], world.kept[idx]);
	world.kept[idx] = NULL;
}

/* ---- what threads do ---- */

static void
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

/* Free a kept object. It stays in kept, so that others may try as well; check knows by freed_cnt. */
static void
do_free(unsigned int thread, unsigned int idx)
{
	const int err = groove_data_free(&world.join[thread], world.kept[idx]);

	if (err == GROOVE_SUCCESS)
		outcomes[thread].freed_cnt++;
	else
		outcomes[thread].refused_cnt++;
	outcomes[thread].wrong_cnt += err != GROOVE_SUCCESS && err != GROOVE_ERR_INVAL;
}

static void
do_trim(unsigned int thread)
{
	groove_data_trim(&world.join[thread]);
}

static void
do_remove(unsigned int thread)
{
	outcomes[thread].removed = groove_data_volume_remove(&world.join[thread]);
	if (outcomes[thread].removed != NULL)
		schedule_forbid(outcomes[thread].removed, GROOVE_VOLUME_FOOTPRINT_MIN);
}

static void
do_add(unsigned int thread, unsigned int volume)
{
	if (groove_data_volume_add(&world.join[thread], world.volume0 + volume * GROOVE_VOLUME_FOOTPRINT_MIN,
		    GROOVE_VOLUME_FOOTPRINT_MIN, NULL, 0) != GROOVE_SUCCESS)
		outcomes[thread].refused_cnt++;
}

/* ---- checks ---- */

/* No object is in two hands, and each is in no volume that was removed. */
static int
check_objects(void)
{
	for (unsigned int t = 0; t < SCHEDULE_THREAD_MAX; t++)
		for (unsigned int i = 0; i < outcomes[t].obj_cnt; i++) {
			const uint8_t *obj = outcomes[t].obj[i];

			EXPECT(groove_data_alloc_tag(obj) == t, "object of thread %u has tag %lu", t,
				groove_data_alloc_tag(obj));
			for (unsigned int u = 0; u <= t; u++) {
				const uint8_t *removed = (const uint8_t *)outcomes[u].removed;

				for (unsigned int k = 0; k < (u == t ? i : outcomes[u].obj_cnt); k++)
					EXPECT(outcomes[u].obj[k] != obj, "%p is in two hands", (const void *)obj);
				EXPECT(removed == NULL || obj < removed || obj >= removed + GROOVE_VOLUME_FOOTPRINT_MIN,
					"%p is in a removed volume", (const void *)obj);
			}
		}
	return 0;
}

/* Free all there is; then all volumes that are left must be empty. freed: kept objects that threads have freed. */
static int
check_end(unsigned int freed)
{
	groove_data_t *join = &world.join[CHECKER];
	unsigned int gone = 0;
	groove_data_stats_t stats;

	EXPECT(check_objects() == 0, "objects");
	for (unsigned int t = 0; t < SCHEDULE_THREAD_MAX; t++)
		EXPECT(outcomes[t].wrong_cnt == 0, "thread %u was told of damage", t);
	EXPECT(groove_data_verify(join) == GROOVE_SUCCESS, "verify after the threads");
	for (unsigned int t = 0; t < SCHEDULE_THREAD_MAX; t++)
		for (unsigned int i = 0; i < outcomes[t].obj_cnt; i++)
			EXPECT(groove_data_free(join, outcomes[t].obj[i]) == GROOVE_SUCCESS, "free of thread %u", t);
	for (unsigned int i = 0; i < world.kept_cnt; i++)
		if (world.kept[i] != NULL &&
			groove_data_object_hdr(world.kept[i])->bits % 65536 != GROOVE_DATA_HDR_TYPE_ALLOC)
			gone++;
		else if (world.kept[i] != NULL)
			EXPECT(groove_data_free(join, world.kept[i]) == GROOVE_SUCCESS, "free of kept %u", i);
	for (unsigned int i = 0; i < JOINS; i++)
		EXPECT(groove_data_flush(&world.join[i]) == GROOVE_SUCCESS, "flush of %u", i);
	EXPECT(gone == freed, "%u kept objects are gone, %u were freed", gone, freed);
	groove_data_trim(join);
	EXPECT(groove_data_verify(join) == GROOVE_SUCCESS, "verify after all was freed");
	EXPECT(groove_data_stats(join, &stats) == GROOVE_SUCCESS, "stats");
	EXPECT(stats.total.obj_cnt == 0 && stats.total.superblock_cnt == 0 &&
			stats.volume_empty_cnt == stats.volume_cnt,
		"left: %lu objects, %lu superblocks, %lu of %lu volumes", stats.total.obj_cnt,
		stats.total.superblock_cnt, stats.volume_cnt - stats.volume_empty_cnt, stats.volume_cnt);
	return 0;
}

/* ---- deaths ---- */

static int
is_dead(void *arg, uint64_t join_idx)
{
	(void)arg;
	for (unsigned int t = 0; t < SCHEDULE_THREAD_MAX; t++)
		if (schedule_is_dead(t) && join_idx == groove_data_join_idx(&world.join[t]))
			return 1;
	return 0;
}

static unsigned int
dead_cnt(void)
{
	unsigned int cnt = 0;

	for (unsigned int t = 0; t < SCHEDULE_THREAD_MAX; t++)
		cnt += schedule_is_dead(t);
	return cnt;
}

/* Recover from the deaths so far. */
static void
do_recover(unsigned int thread)
{
	const int err = groove_data_recover(&world.join[thread], is_dead, NULL);

	outcomes[thread].wrong_cnt += err != GROOVE_SUCCESS && err != GROOVE_ERR_AGAIN;
}

/* Objects by whose they are: tags tell. */
struct census {
	unsigned int of[SCHEDULE_THREAD_MAX];
	unsigned int kept;
	unsigned int unknown;
};

static int
census_count(void *arg, void *obj)
{
	struct census *census = arg;
	const uint64_t tag = groove_data_alloc_tag(obj);

	if (tag < SCHEDULE_THREAD_MAX)
		census->of[tag]++;
	else if (tag == KEPT_TAG)
		census->kept++;
	else
		census->unknown++;
	return 0;
}

static int
free_each(void *arg, void *obj)
{
	(void)arg;
	return groove_data_free(&world.join[CHECKER], obj);
}

/* Kept objects that setup did not drop. */
static unsigned int
kept_left(void)
{
	unsigned int left = 0;

	for (unsigned int i = 0; i < world.kept_cnt; i++)
		left += world.kept[i] != NULL;
	return left;
}

/* A thread is stopped, not dead: recovery leaves what it has in hand alone. What it took would be there twice below. */
static int
check_stopped(void)
{
	/* A recovery that has died as well has begun to take from it. */
	for (unsigned int i = 0; i < JOINS; i++)
		if (record_kind(world.join[i].record->state) >= RECORD_DEAD)
			return 0;
	EXPECT(groove_data_recover(&world.join[CHECKER], NULL, NULL) == GROOVE_SUCCESS,
		"recover beside a stopped join");
	return 0;
}

/*
 * A thread died, the others ended. Recovery must succeed; then what the others hold is there and nothing else but what
 * the dead one may have left, and when all is freed all volumes are empty.
 */
static int
check_recovered(unsigned int dead)
{
	groove_data_t *join = &world.join[CHECKER];
	struct census census = {.kept = 0};
	unsigned int freed = 0;
	groove_data_stats_t stats;

	EXPECT(check_stopped() == 0, "were %u only stopped", dead);
	EXPECT(groove_data_recover(join, is_dead, NULL) == GROOVE_SUCCESS, "recover from the death of %u", dead);
	EXPECT(groove_data_verify(join) == GROOVE_SUCCESS, "verify after recovery");
	EXPECT(groove_data_walk(join, NULL, census_count, &census) == GROOVE_SUCCESS, "walk");
	EXPECT(census.unknown == 0, "%u unknown objects", census.unknown);
	for (unsigned int t = 0; t < SCHEDULE_THREAD_MAX; t++) {
		EXPECT(outcomes[t].wrong_cnt == 0, "thread %u was told of damage", t);
		EXPECT(schedule_is_dead(t) ? census.of[t] >= outcomes[t].obj_cnt : census.of[t] == outcomes[t].obj_cnt,
			"%u objects of thread %u, which has %u", census.of[t], t, outcomes[t].obj_cnt);
		freed += outcomes[t].freed_cnt;
	}
	/* The dead one may have freed up to a bulk of three more than it was told. */
	EXPECT(census.kept + freed <= kept_left() && census.kept + freed + 3 >= kept_left(),
		"%u of %u kept objects are there, %u were freed", census.kept, kept_left(), freed);
	EXPECT(groove_data_walk(join, NULL, free_each, NULL) == GROOVE_SUCCESS, "free all");
	for (unsigned int i = 0; i < JOINS; i++)
		EXPECT((i < CHECKER && schedule_is_dead(i)) || groove_data_flush(&world.join[i]) == GROOVE_SUCCESS,
			"flush of %u", i);
	groove_data_trim(join);
	EXPECT(groove_data_verify(join) == GROOVE_SUCCESS, "verify after all was freed");
	EXPECT(groove_data_stats(join, &stats) == GROOVE_SUCCESS, "stats");
	EXPECT(stats.total.obj_cnt == 0 && stats.total.superblock_cnt == 0 &&
			stats.volume_empty_cnt == stats.volume_cnt && stats.join_cnt == JOINS - dead_cnt(),
		"left: %lu objects, %lu superblocks, %lu of %lu volumes, %lu joins", stats.total.obj_cnt,
		stats.total.superblock_cnt, stats.volume_cnt - stats.volume_empty_cnt, stats.volume_cnt,
		stats.join_cnt);
	return 0;
}

/* What all threads were told together. */
static struct outcome
outcomes_sum(void)
{
	struct outcome sum = {.obj_cnt = 0};

	for (unsigned int t = 0; t < SCHEDULE_THREAD_MAX; t++) {
		sum.obj_cnt += outcomes[t].obj_cnt;
		sum.full_cnt += outcomes[t].full_cnt;
		sum.freed_cnt += outcomes[t].freed_cnt;
		sum.refused_cnt += outcomes[t].refused_cnt;
	}
	return sum;
}

/* The kept objects that threads freed must be as many as were freed with success; every refusal must be due. */
static int
check_all(unsigned int objs, unsigned int full_max, unsigned int freed, unsigned int refused)
{
	const struct outcome sum = outcomes_sum();

	EXPECT(sum.obj_cnt + sum.full_cnt == objs, "%u objects and %u times full", sum.obj_cnt, sum.full_cnt);
	EXPECT(sum.full_cnt <= full_max, "%u times full", sum.full_cnt);
	EXPECT(sum.freed_cnt == freed, "%u freed", sum.freed_cnt);
	EXPECT(sum.refused_cnt == refused, "%u refused", sum.refused_cnt);
	return check_end(freed);
}

/* ---- scenarios ---- */

/* Two threads want the last slot: one gets it. */
static int
setup_last_slot(void)
{
	return world_make(1) != 0 || keep(LARGE_SZ, LARGE_SLOTS - 1) != 0 ? -1 : 0;
}

static void
alloc_0(void)
{
	do_alloc(0, LARGE_SZ);
}

static void
alloc_1(void)
{
	do_alloc(1, LARGE_SZ);
}

static int
check_one_of_two(void)
{
	EXPECT(outcomes_sum().obj_cnt == 1, "%u got the one slot", outcomes_sum().obj_cnt);
	return check_all(2, 1, 0, 0);
}

/* Two threads allocate from nothing: each makes a superblock, one is the active one. */
static int
setup_empty(void)
{
	return world_make(2);
}

static int
check_two(void)
{
	return check_all(2, 0, 0, 0);
}

/* The first free of a full superblock, and a thread that wants the slot. */
static int
setup_full(void)
{
	return world_make(1) != 0 || keep(LARGE_SZ, LARGE_SLOTS) != 0 ? -1 : 0;
}

static void
free_1(void)
{
	do_free(1, 0);
}

static int
check_alloc_or_full(void)
{
	return check_all(1, 1, 1, 0);
}

/* One object, freed by two at the same moment: one wins. */
static void
free_same_0(void)
{
	do_free(0, 0);
}

static int
check_free_same(void)
{
	return check_all(0, 0, 1, 1);
}

/* Two full superblocks, none of them active. */
static int
setup_two_full(void)
{
	if (world_make(2) != 0 || keep(LARGE_SZ, 2 * LARGE_SLOTS) != 0)
		return -1;
	/* The second is active until somebody finds it full. */
	EXPECT(groove_data_alloc(&world.join[CHECKER], 0, LARGE_SZ, 0, NULL) == NULL, "both are full");
	return 0;
}

/* Two listed superblocks: one thread pops the first while the other takes both and puts the first back alone. */
static int
setup_listed(void)
{
	if (setup_two_full() != 0)
		return -1;
	drop(0);
	drop(LARGE_SLOTS);
	return 0;
}

static void
reuse_1(void)
{
	do_alloc(1, LARGE_SZ);
	do_alloc(1, LARGE_SZ);
	do_free(1, LARGE_SLOTS + 1);
}

static int
check_reuse(void)
{
	const struct outcome sum = outcomes_sum();

	EXPECT(sum.refused_cnt == 0 && sum.freed_cnt == 1, "%u refused, %u freed", sum.refused_cnt, sum.freed_cnt);
	return check_end(1);
}

/* The last object of a listed superblock is freed, so it goes back to the pool, while another wants a slot of it. */
static int
setup_nearly_empty(void)
{
	if (setup_full() != 0)
		return -1;
	drop(1);
	drop(2);
	return 0;
}

/* The same one level deeper. */
static int
setup_nested(void)
{
	if (world_make(1) != 0 || keep(world.nested_sz, (unsigned int)world.nested_slots) != 0)
		return -1;
	for (unsigned int i = 1; i < world.nested_slots; i++)
		drop(i);
	return 0;
}

static void
alloc_nested_0(void)
{
	do_alloc(0, world.nested_sz);
}

static void
alloc_nested_1(void)
{
	do_alloc(1, world.nested_sz);
}

/* An active superblock is emptied and returned, and its memory is made one of another class, under a thread's nose. */
static int
setup_active(void)
{
	return world_make(1) != 0 || keep(world.nested_sz, 1) != 0 ? -1 : 0;
}

static void
recycle_1(void)
{
	do_free(1, 0);
	do_trim(1);
	do_alloc(1, LARGE_SZ);
	do_trim(1);
}

static int
check_recycle(void)
{
	const struct outcome sum = outcomes_sum();

	EXPECT(sum.refused_cnt == 0 && sum.freed_cnt == 1, "%u refused, %u freed", sum.refused_cnt, sum.freed_cnt);
	/* Full is due when a thread is stopped just while it holds the memory of the one volume. */
	EXPECT(sum.full_cnt <= 1, "%u times full", sum.full_cnt);
	return check_end(1);
}

/* The same, but the memory becomes a superblock of another class, active as well, with the same entry in the table. */
static int
setup_siblings(void)
{
	return world_make(1) != 0 || keep(world.sibling_sz[0], 1) != 0 ? -1 : 0;
}

static void
alloc_sibling_0(void)
{
	do_alloc(0, world.sibling_sz[0]);
}

static void
replace_1(void)
{
	do_free(1, 0);
	do_trim(1);
	do_alloc(1, world.sibling_sz[1]);
}

/* Trim looks through slots and lists while another frees, allocates or trims. */
static void
trim_0(void)
{
	do_trim(0);
}

static void
trim_1(void)
{
	do_trim(1);
}

static int
check_trimmed(void)
{
	return check_all(0, 0, 0, 0);
}

static int
check_trim_free(void)
{
	return check_all(0, 0, 1, 0);
}

/* A volume is added while another wants room. */
static void
add_1(void)
{
	do_add(1, 1);
}

static int
check_alloc_may_fail(void)
{
	return check_all(1, 1, 0, 0);
}

/* A volume is removed while another wants room. */
static int
setup_two_volumes(void)
{
	return world_make(2) != 0 || keep(LARGE_SZ, 1) != 0 ? -1 : 0;
}

static void
remove_1(void)
{
	do_remove(1);
}

/* The last object of the first listed superblock is freed and its volume removed, under the nose of one who pops it. */
static int
setup_removable(void)
{
	if (setup_two_full() != 0)
		return -1;
	drop(0);
	drop(1);
	return 0;
}

static void
free_and_remove_1(void)
{
	do_free(1, 2);
	do_remove(1);
}

static int
check_free_remove(void)
{
	return check_all(1, 1, 1, 0);
}

/* The same with two listed superblocks, and the volume of the first is drained. */
static void
drain_and_remove_1(void)
{
	groove_data_volume_drain(&world.join[1], 0);
	do_free(1, 2);
	do_remove(1);
}

/* The volume of an active superblock is drained while another claims from it, and there is no other. */
static void
drain_1(void)
{
	groove_data_volume_drain(&world.join[1], 0);
	do_alloc(1, LARGE_SZ);
}

static int
check_drain(void)
{
	return check_all(2, 0, 0, 0);
}

/* The same, and the volume comes back at once. */
static void
free_remove_add_1(void)
{
	groove_volume_t *removed;

	do_free(1, 2);
	removed = groove_data_volume_remove(&world.join[1]);
	if (removed != NULL)
		do_add(1, (unsigned int)(((uint8_t *)removed - world.volume0) / GROOVE_VOLUME_FOOTPRINT_MIN));
}

/* Two remove the one empty volume: one gets it. */
static void
remove_0(void)
{
	do_remove(0);
}

static int
check_removers(void)
{
	EXPECT((outcomes[0].removed != NULL) + (outcomes[1].removed != NULL) <= 1, "removed twice");
	return check_all(0, 0, 0, 0);
}

/* Bulk free wins all or none against a free of one of them. */
static void
bulk_free_0(void)
{
	void *objs[] = {world.kept[0], world.kept[1]};

	if (groove_data_free_bulk(&world.join[0], objs, 2) == GROOVE_SUCCESS)
		outcomes[0].freed_cnt += 2;
	else
		outcomes[0].refused_cnt++;
}

static void
free_second_1(void)
{
	do_free(1, 1);
}

static int
check_bulk(void)
{
	const struct outcome sum = outcomes_sum();

	EXPECT(outcomes[0].freed_cnt + outcomes[1].freed_cnt >= 1 || sum.refused_cnt == 2, "nobody won");
	EXPECT(outcomes[0].freed_cnt == 0 || outcomes[1].freed_cnt == 0, "object freed twice");
	return check_end(sum.freed_cnt);
}

/* Objects of a class that joins cache. Each thread's first alloc claims, each free of a kept object caches and spills.
 */
static int
setup_cached(void)
{
	return world_make(1) != 0 || keep(world.cached_sz, 3) != 0 ? -1 : 0;
}

static void
cached_0(void)
{
	do_alloc(0, world.cached_sz);
	do_free(0, 0);
	do_alloc(0, world.cached_sz);
}

static void
cached_1(void)
{
	do_free(1, 1);
	do_alloc(1, world.cached_sz);
	groove_data_flush(&world.join[1]);
}

static int
check_cached(void)
{
	return check_all(3, 0, 2, 0);
}

/* The last object of a superblock is cached by one, and freed by another at the same moment. */
static int
setup_cached_one(void)
{
	if (world_make(1) != 0 || keep(world.cached_sz, 1) != 0)
		return -1;
	return groove_data_flush(&world.join[CHECKER]);
}

/* One looks for room for LARGE, which needs what the other has at hand to be given back. */
static void
cached_trim_0(void)
{
	do_free(0, 0);
	do_alloc(0, LARGE_SZ);
}

static int
check_cached_trim(void)
{
	return check_all(1, 1, 1, 1);
}

/*
 * Shelves of two slots, and a full superblock of three times as many objects that each of two threads frees half of.
 * The third free of each spills.
 */
#define SHELF_SLOTS 2U
#define SHELF_FREES (SHELF_SLOTS + 1U)

static int
shelves_shorten(void)
{
	for (unsigned int i = 0; i < JOINS; i++)
		EXPECT(groove_data_cache_limit(&world.join[i],
			       SHELF_SLOTS * groove_data_szc_cfg[CACHED_SZC].obj_footprint,
			       GROOVE_DATA_CACHE_JOIN_BYTES) == GROOVE_SUCCESS,
			"cache_limit");
	return 0;
}

/* A full superblock with more objects than the threads free. */
static int
setup_spill(void)
{
	return world_make(2) != 0 || shelves_shorten() != 0 || keep(world.cached_sz, world.cached_slots) != 0 ? -1 : 0;
}

/* No more than the threads free: the last spill empties it. */
static int
setup_spill_all(void)
{
	if (setup_spill() != 0)
		return -1;
	for (unsigned int i = 2 * SHELF_FREES; i < world.cached_slots; i++)
		drop(i);
	return groove_data_flush(&world.join[CHECKER]);
}

static void
spill_0(void)
{
	for (unsigned int i = 0; i < SHELF_FREES; i++)
		do_free(0, i);
}

static void
spill_1(void)
{
	for (unsigned int i = 0; i < SHELF_FREES; i++)
		do_free(1, SHELF_FREES + i);
}

static void
spill_flush_0(void)
{
	spill_0();
	groove_data_flush(&world.join[0]);
}

static void
spill_flush_1(void)
{
	spill_1();
	groove_data_flush(&world.join[1]);
}

static int
check_spills(void)
{
	return check_all(0, 0, 2 * SHELF_FREES, 0);
}

static void
alloc_cached_1(void)
{
	do_alloc(1, world.cached_sz);
	do_alloc(1, world.cached_sz);
}

static int
check_spill_claim(void)
{
	return check_all(2, 0, SHELF_FREES, 0);
}

/*
 * An active superblock without objects: one refills from it, another trims it away. Full is due, each time, while the
 * one that trims is stopped with the memory of the one volume in hand.
 */
static int
setup_refill(void)
{
	if (world_make(1) != 0 || shelves_shorten() != 0 || keep(world.cached_sz, 1) != 0)
		return -1;
	drop(0);
	return groove_data_flush(&world.join[CHECKER]);
}

static void
alloc_cached_0(void)
{
	do_alloc(0, world.cached_sz);
	do_alloc(0, world.cached_sz);
}

static int
check_refill_trim(void)
{
	return check_all(2, 2, 0, 0);
}

/* The last objects of a volume are freed, in no epoch, while another removes it. */
static void
remove_twice_1(void)
{
	do_remove(1);
	if (outcomes[1].removed == NULL)
		do_remove(1);
}

static int
check_shrink_free(void)
{
	return check_all(0, 0, 1, 0);
}

static int
check_shrink_spill(void)
{
	return check_all(0, 0, SHELF_FREES, 0);
}

static int
setup_shrink_spill(void)
{
	if (setup_spill() != 0)
		return -1;
	for (unsigned int i = SHELF_FREES; i < world.cached_slots; i++)
		drop(i);
	return groove_data_flush(&world.join[CHECKER]);
}

/* A bulk free of more than there is room for at hand: some objects are freed at once, one is won and put later. */
static void
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

static void
bulk_cached_0(void)
{
	do_bulk(0, (const unsigned int[]){0, 1, 2}, 3);
}

static void
bulk_reverse_1(void)
{
	do_bulk(1, (const unsigned int[]){3, 2, 1}, 3);
}

/* The last is a duplicate, so all are made live again. */
static void
bulk_undo_0(void)
{
	do_bulk(0, (const unsigned int[]){0, 1, 2, 0}, 4);
}

static void
free_two_1(void)
{
	do_free(1, 0);
	do_free(1, 2);
}

/* Of two bulks that share objects at most one is done; both may be refused, if each had one that the other wants. */
static int
check_bulk_bulk(void)
{
	const struct outcome sum = outcomes_sum();

	EXPECT(sum.freed_cnt == 0 || sum.freed_cnt == 3, "%u freed", sum.freed_cnt);
	EXPECT(sum.freed_cnt / 3 + sum.refused_cnt == 2, "%u refused", sum.refused_cnt);
	return check_end(sum.freed_cnt);
}

static int
check_bulk_single(void)
{
	const struct outcome sum = outcomes_sum();

	EXPECT(outcomes[0].freed_cnt == 0 || outcomes[1].freed_cnt == 0, "object freed twice");
	return check_end(sum.freed_cnt);
}

static int
check_bulk_undo(void)
{
	EXPECT(outcomes[0].freed_cnt == 0, "a bulk with a duplicate was done");
	EXPECT(outcomes[1].freed_cnt + outcomes[1].refused_cnt == 2, "%u freed", outcomes[1].freed_cnt);
	return check_end(outcomes[1].freed_cnt);
}

/* ---- walks: what lives all the time is visited once, and nothing that is no object ---- */

#define FALSE_TAG 101U /* in bytes that look like headers */

static int
walk_one(void *arg, void *obj)
{
	struct outcome *outcome = arg;

	outcome->wrong_cnt += obj <= outcome->walked || groove_data_alloc_tag(obj) == FALSE_TAG;
	outcome->anchor_cnt += world.kept_cnt > 0 && obj == world.kept[world.kept_cnt - 1];
	outcome->walked = obj;
	return 0;
}

static void
walk_0(void)
{
	if (groove_data_walk(&world.join[0], NULL, walk_one, &outcomes[0]) != GROOVE_SUCCESS)
		outcomes[0].wrong_cnt++;
}

/* An object of LARGE where there were nested ones, with what looks like their headers in its bytes. */
static void
alloc_false_1(void)
{
	const struct outcome *outcome = &outcomes[1];

	do_alloc(1, LARGE_SZ);
	for (uint64_t i = 0; outcome->obj_cnt > 0 && i < world.nested_slots; i++) {
		const groove_data_t *join = &world.join[1];
		const uint64_t off = addr_off(join, groove_data_object_hdr(outcome->obj[0]));
		groove_data_hdr_t *hdr = slot_hdr(join, world.nested_szc, off / GROOVE_BLOCK_FOOTPRINT, i);

		schedule_write(hdr, sizeof(*hdr));
		*hdr = groove_data_hdr(GROOVE_DATA_HDR_TYPE_ALLOC, i, world.nested_szc, 16, 1, FALSE_TAG);
	}
}

static void
recycle_false_1(void)
{
	if (groove_data_free(&world.join[1], world.passing) != GROOVE_SUCCESS)
		outcomes[1].wrong_cnt++;
	do_trim(1);
	alloc_false_1();
}

/* A nested object of thread 1 that goes, and an anchor that stays. */
static int
setup_walk(void)
{
	if (world_make(1) != 0 || keep(LARGE_SZ, 1) != 0)
		return -1;
	world.passing = groove_data_alloc(&world.join[CHECKER], 0, world.nested_sz, 1, NULL);
	EXPECT(world.passing != NULL, "alloc");
	return 0;
}

static int
check_walk_anchor(void)
{
	EXPECT(outcomes[0].anchor_cnt == 1, "the anchor was visited %u times", outcomes[0].anchor_cnt);
	return check_all(1, 0, 0, 0);
}

static int
check_walk_free(void)
{
	EXPECT(outcomes[0].anchor_cnt == 1, "the anchor was visited %u times", outcomes[0].anchor_cnt);
	return check_all(0, 0, 1, 0);
}

static int
check_walk_alloc(void)
{
	return check_all(1, 0, 0, 0);
}

/* The volume that is walked goes. */
static int
setup_walk_shrink(void)
{
	return world_make(1) != 0 || keep(LARGE_SZ, 1) != 0 ? -1 : 0;
}

static void
free_and_remove_twice_1(void)
{
	do_free(1, 0);
	remove_twice_1();
}

/* Two that find the same active superblock full: one makes another the active one. */
static int
setup_full_slot(void)
{
	return world_make(2) != 0 || keep(LARGE_SZ, LARGE_SLOTS) != 0 ? -1 : 0;
}

/* The first frees of two full superblocks, which both go into one list. */
static void
free_of_second_1(void)
{
	do_free(1, LARGE_SLOTS);
}

static int
check_free_two(void)
{
	return check_all(0, 0, 2, 0);
}

/*
 * An object is freed by one, while another frees it, returns its superblock, and does it all again: what the first
 * reads of header and id contradicts itself, twice. Whatever it frees then, or not, nothing is damaged. With this
 * alignment free looks thoroughly at once.
 */
#define AGAIN_ALIGN 128U

static int
setup_again(void)
{
	if (world_make(1) != 0)
		return -1;
	world.kept[world.kept_cnt++] = groove_data_alloc(&world.join[CHECKER], AGAIN_ALIGN, LARGE_SZ, KEPT_TAG, NULL);
	if (world.kept[0] == NULL)
		return -1;

	const groove_data_hdr_t *hdr = groove_data_object_hdr(world.kept[0]);
	const uint64_t szc = groove_data_hdr_szc(*hdr);
	const groove_data_hdr_t *superblock = groove_data_superblock_hdr(world.kept[0], szc, groove_data_hdr_idx(*hdr));
	const groove_data_t *join = &world.join[CHECKER];

	schedule_watch_nothing();
	schedule_watch(hdr, sizeof(hdr->bits));
	schedule_watch(entry_id(join, sb_entry(join, szc, addr_off(join, superblock) / GROOVE_BLOCK_FOOTPRINT)), 4);
	return 0;
}

static void
free_again_1(void)
{
	int err;

	do_free(1, 0);
	groove_data_trim(&world.join[1]);

	void *obj = groove_data_alloc(&world.join[1], AGAIN_ALIGN, LARGE_SZ, 1, NULL);

	if (obj == NULL) {
		outcomes[1].full_cnt++;
		return;
	}
	err = groove_data_free(&world.join[1], obj);
	outcomes[1].freed_cnt += err == GROOVE_SUCCESS;
	outcomes[1].wrong_cnt += err != GROOVE_SUCCESS && err != GROOVE_ERR_INVAL;
	groove_data_trim(&world.join[1]);
}

/* Of the kept object and, if there was one, that of the slot each was freed once. */
static int
check_again(void)
{
	const struct outcome sum = outcomes_sum();

	EXPECT(sum.freed_cnt == 2 - sum.full_cnt, "%u freed, %u times full", sum.freed_cnt, sum.full_cnt);
	return check_end(1);
}

/* Three at once: allocate, free the last of a full superblock, trim. */
static void
trim_2(void)
{
	do_trim(2);
}

static void
alloc_2(void)
{
	do_alloc(2, LARGE_SZ);
}

static int
check_one_of_three(void)
{
	EXPECT(outcomes_sum().obj_cnt == 1, "%u got the one slot", outcomes_sum().obj_cnt);
	return check_all(3, 2, 0, 0);
}

static void
free_same_2(void)
{
	do_free(2, 0);
}

static int
check_free_same_three(void)
{
	return check_all(0, 0, 1, 2);
}

/* Each frees another object: one lists the superblock, one returns it. */
static void
free_third_2(void)
{
	do_free(2, 2);
}

static int
check_free_three(void)
{
	return check_all(0, 0, 3, 0);
}

/* Two that want a slot may both be told full while the third has the memory in hand. */
static int
check_two_or_full(void)
{
	return check_all(2, 2, outcomes_sum().freed_cnt, 0);
}

static const struct scenario scenarios[] = {
	{"last-slot", 2, setup_last_slot, {alloc_0, alloc_1}, check_one_of_two},
	{"first-superblock", 2, setup_empty, {alloc_0, alloc_1}, check_two},
	{"full-slot", 2, setup_full_slot, {alloc_0, alloc_1}, check_two_or_full},
	{"list-list", 2, setup_two_full, {free_same_0, free_of_second_1}, check_free_two},
	{"first-free", 2, setup_full, {alloc_0, free_1}, check_alloc_or_full},
	{"double-free", 2, setup_full, {free_same_0, free_1}, check_free_same},
	{"pop-reuse", 2, setup_listed, {alloc_0, reuse_1}, check_reuse},
	{"return", 2, setup_nearly_empty, {alloc_0, free_1}, check_alloc_or_full},
	{"return-nested", 2, setup_nested, {alloc_nested_0, free_1}, check_alloc_or_full},
	{"return-under-parent", 2, setup_nested, {alloc_0, free_1}, check_alloc_or_full},
	{"recycle", 2, setup_active, {alloc_nested_0, recycle_1}, check_recycle},
	{"replace", 2, setup_siblings, {alloc_sibling_0, replace_1}, check_recycle},
	{"trim-trim", 2, setup_listed, {trim_0, trim_1}, check_trimmed},
	{"trim-free", 2, setup_nearly_empty, {trim_0, free_1}, check_trim_free},
	{"trim-alloc", 2, setup_listed, {trim_0, alloc_1}, check_alloc_may_fail},
	{"trim-alloc-nested", 2, setup_active, {trim_0, alloc_nested_1}, check_alloc_may_fail},
	{"grow", 2, setup_full, {alloc_0, add_1}, check_alloc_may_fail},
	{"shrink", 2, setup_two_volumes, {alloc_0, remove_1}, check_alloc_may_fail},
	{"shrink-pop", 2, setup_removable, {alloc_0, free_and_remove_1}, check_free_remove},
	{"drain-pop", 2, setup_removable, {alloc_0, drain_and_remove_1}, check_free_remove},
	{"drain-claim", 2, setup_two_volumes, {alloc_0, drain_1}, check_drain},
	{"drain-listed", 2, setup_listed, {alloc_0, drain_1}, check_drain},
	{"shrink-grow", 2, setup_removable, {alloc_0, free_remove_add_1}, check_free_remove},
	{"shrink-shrink", 2, setup_two_volumes, {remove_0, remove_1}, check_removers},
	{"bulk-free", 2, setup_full, {bulk_free_0, free_second_1}, check_bulk},
	{"cached", 2, setup_cached, {cached_0, cached_1}, check_cached},
	{"cached-double-free", 2, setup_cached_one, {free_same_0, free_1}, check_free_same},
	{"cached-return", 2, setup_cached_one, {cached_trim_0, free_1}, check_cached_trim},
	{"spill-spill", 2, setup_spill, {spill_0, spill_1}, check_spills},
	{"spill-empty", 2, setup_spill_all, {spill_flush_0, spill_flush_1}, check_spills},
	{"spill-claim", 2, setup_spill, {spill_0, alloc_cached_1}, check_spill_claim},
	{"spill-empty-claim", 2, setup_shrink_spill, {spill_flush_0, alloc_cached_1}, check_spill_claim},
	{"refill-trim", 2, setup_refill, {alloc_cached_0, trim_1}, check_refill_trim},
	{"shrink-free", 2, setup_two_volumes, {free_same_0, remove_twice_1}, check_shrink_free},
	{"shrink-spill", 2, setup_shrink_spill, {spill_flush_0, remove_twice_1}, check_shrink_spill},
	{"bulk-spill", 2, setup_spill, {bulk_cached_0, free_two_1}, check_bulk_single},
	{"bulk-bulk", 2, setup_spill, {bulk_cached_0, bulk_reverse_1}, check_bulk_bulk},
	{"bulk-undo", 2, setup_spill, {bulk_undo_0, free_two_1}, check_bulk_undo},
	{"walk-recycle", 2, setup_walk, {walk_0, recycle_false_1}, check_walk_anchor},
	{"walk-alloc", 2, setup_empty, {walk_0, alloc_nested_1}, check_walk_alloc},
	{"walk-cached", 2, setup_cached, {walk_0, free_1}, check_walk_free},
	{"walk-shrink", 2, setup_walk_shrink, {walk_0, free_and_remove_twice_1}, check_shrink_free},
	{"free-again", 2, setup_again, {free_same_0, free_again_1}, check_again},
	{"three", 3, setup_full, {alloc_0, free_1, trim_2}, check_alloc_or_full},
	{"three-last-slot", 3, setup_last_slot, {alloc_0, alloc_1, alloc_2}, check_one_of_three},
	{"three-double-free", 3, setup_full, {free_same_0, free_1, free_same_2}, check_free_same_three},
	{"three-last-free", 3, setup_full, {free_same_0, free_second_1, free_third_2}, check_free_three},
	{"three-pop-reuse", 3, setup_listed, {alloc_0, reuse_1, alloc_2}, check_reuse},
	{"three-return", 3, setup_nearly_empty, {alloc_0, free_1, alloc_2}, check_two_or_full},
	{"three-grow", 3, setup_full, {alloc_0, add_1, alloc_2}, check_two_or_full},
	{"three-shrink-pop", 3, setup_removable, {alloc_0, free_and_remove_1, trim_2}, check_free_remove},
};

#define SCENARIO_CNT (sizeof(scenarios) / sizeof(scenarios[0]))

/*
 * Thread 0 dies at each of its points. Then another recovers from that while a third one works: each may be preempted
 * by the other anywhere.
 */
static void
recover_1(void)
{
	do_recover(1);
}

static void
recover_2(void)
{
	do_recover(2);
}

static void
alloc_nested_2(void)
{
	do_alloc(2, world.nested_sz);
}

static void
free_2(void)
{
	do_free(2, 0);
}

static void
cached_2(void)
{
	do_free(2, 1);
	do_alloc(2, world.cached_sz);
	groove_data_flush(&world.join[2]);
}

static void
alloc_cached_2(void)
{
	do_alloc(2, world.cached_sz);
	do_alloc(2, world.cached_sz);
}

static void
spill_2(void)
{
	for (unsigned int i = 0; i < SHELF_FREES; i++)
		do_free(2, SHELF_FREES + i);
	groove_data_flush(&world.join[2]);
}

static void
remove_2(void)
{
	do_remove(2);
}

/* Of a schedule in which nobody died, which is the first one. */
static int
check_undead(void)
{
	return check_recovered(SCHEDULE_THREAD_MAX);
}

static const struct scenario recoveries[] = {
	{"birth-alloc", 3, setup_empty, {alloc_0, recover_1, alloc_2}, check_undead},
	{"birth-nested-alloc", 3, setup_empty, {alloc_nested_0, recover_1, alloc_nested_2}, check_undead},
	{"claim-free", 3, setup_nearly_empty, {alloc_0, recover_1, free_2}, check_undead},
	{"return-alloc", 3, setup_nearly_empty, {free_same_0, recover_1, alloc_2}, check_undead},
	{"return-nested-alloc", 3, setup_nested, {free_same_0, recover_1, alloc_nested_2}, check_undead},
	{"pop-alloc", 3, setup_listed, {alloc_0, recover_1, alloc_2}, check_undead},
	{"trim-alloc", 3, setup_listed, {trim_0, recover_1, alloc_2}, check_undead},
	{"remove-alloc", 3, setup_two_volumes, {remove_0, recover_1, alloc_2}, check_undead},
	{"birth-remove", 3, setup_empty, {alloc_0, recover_1, remove_2}, check_undead},
	{"cached-cached", 3, setup_cached, {cached_0, recover_1, cached_2}, check_undead},
	{"spill-claim", 3, setup_spill, {spill_0, recover_1, alloc_cached_2}, check_undead},
	{"spill-spill", 3, setup_spill_all, {spill_flush_0, recover_1, spill_2}, check_undead},
	{"bulk-claim", 3, setup_spill, {bulk_cached_0, recover_1, alloc_cached_2}, check_undead},
	/* The same with the one that works first, so that it is stopped while the other recovers. */
	{"alloc-birth", 3, setup_empty, {alloc_0, alloc_1, recover_2}, check_undead},
	{"alloc-birth-nested", 3, setup_empty, {alloc_nested_0, alloc_nested_1, recover_2}, check_undead},
	{"free-claim", 3, setup_nearly_empty, {alloc_0, free_1, recover_2}, check_undead},
	{"alloc-return", 3, setup_nearly_empty, {free_same_0, alloc_1, recover_2}, check_undead},
	{"alloc-return-nested", 3, setup_nested, {free_same_0, alloc_nested_1, recover_2}, check_undead},
	{"alloc-pop", 3, setup_listed, {alloc_0, alloc_1, recover_2}, check_undead},
	{"alloc-trim", 3, setup_listed, {trim_0, alloc_1, recover_2}, check_undead},
	{"remove-birth", 3, setup_empty, {alloc_0, remove_1, recover_2}, check_undead},
	{"claim-spill", 3, setup_spill, {spill_0, alloc_cached_1, recover_2}, check_undead},
	{"spill-spill-first", 3, setup_spill_all, {spill_flush_0, spill_flush_1, recover_2}, check_undead},
	{"two-birth", 3, setup_empty, {alloc_nested_0, recover_1, recover_2}, check_undead},
	{"two-return", 3, setup_nested, {free_same_0, recover_1, recover_2}, check_undead},
	{"two-spill", 3, setup_spill_all, {spill_flush_0, recover_1, recover_2}, check_undead},
	{"two-trim", 3, setup_listed, {trim_0, recover_1, recover_2}, check_undead},
};

#define RECOVERY_CNT (sizeof(recoveries) / sizeof(recoveries[0]))

/* ---- the program ---- */

static void
outcomes_clear(void)
{
	memset(outcomes, 0, sizeof(outcomes));
}

/* The scenarios of a mode. */
static const struct scenario *
scenarios_of(bool recovery, size_t *cnt)
{
	*cnt = recovery ? RECOVERY_CNT : SCENARIO_CNT;
	return recovery ? recoveries : scenarios;
}

static const struct scenario *
scenario_find(bool recovery, const char *name)
{
	size_t cnt;
	const struct scenario *all = scenarios_of(recovery, &cnt);

	for (size_t i = 0; i < cnt; i++)
		if (strcmp(all[i].name, name) == 0)
			return &all[i];
	fprintf(stderr, "groove-interleave: no scenario '%s': see --list\n", name);
	return NULL;
}

/* What the command line asks for. */
struct request {
	unsigned int preemptions;
	bool deaths;
	bool recovery;
	bool second;
	const char *schedule; /* to replay; NULL: explore */
};

/* Whether a scenario watches so little that it can go, and needs to, as deep as this whatever is asked for. */
#define DEEP_PREEMPTIONS 5U

static bool
is_deep(const struct scenario *scenario)
{
	return scenario->setup == setup_again;
}

/* Preemptions for a scenario. */
static unsigned int
preemptions(const struct scenario *scenario, unsigned int asked)
{
	if (is_deep(scenario))
		return DEEP_PREEMPTIONS;
	return scenario->thread_cnt > 2 && asked > 0 ? asked - 1 : asked;
}

static int
explore(const struct scenario *scenario, const struct request *request)
{
	const unsigned int most = preemptions(scenario, request->preemptions);
	struct schedule_result result;
	int err;

	if (request->recovery)
		err = schedule_explore_after(scenario, most, request->second, check_recovered, &result);
	else if (request->deaths)
		err = schedule_explore_deaths(scenario, most, check_recovered, &result);
	else
		err = schedule_explore(scenario, most, &result);

	if (err != 0) {
		printf("not ok - %s\n", scenario->name);
		return -1;
	}
	printf("ok - %-20s %8lu schedules, %u preemptions, %lu points%s\n", scenario->name, result.schedules,
		result.preemptions, result.points,
		request->second	    ? ", two deaths"
		: request->recovery ? ", recovery"
		: request->deaths   ? ", deaths"
				    : "");
	fflush(stdout);
	return 0;
}

static int
replay(const struct scenario *scenario, const char *schedule)
{
	const int err = schedule_replay(scenario, schedule, check_recovered);

	if (err == -2)
		fprintf(stderr, "groove-interleave: '%s' is no schedule: TO@POINT ...\n", schedule);
	else
		printf("%s - %s, schedule%s\n", err == 0 ? "ok" : "not ok", scenario->name, schedule);
	return err;
}

static int
list_all(bool recovery)
{
	size_t cnt;
	const struct scenario *all = scenarios_of(recovery, &cnt);

	for (size_t i = 0; i < cnt; i++)
		puts(all[i].name);
	return 0;
}

static int
run_names(char *const *names, int cnt, const struct request *request)
{
	size_t all_cnt;
	const struct scenario *all = scenarios_of(request->recovery, &all_cnt);
	int failed = 0;

	for (int i = 0; i < (cnt != 0 ? cnt : (int)all_cnt); i++) {
		const struct scenario *scenario = cnt != 0 ? scenario_find(request->recovery, names[i]) : &all[i];

		if (scenario == NULL)
			return 1;
		if (request->deaths && is_deep(scenario))
			continue; /* deaths need few preemptions */
		failed |= request->schedule != NULL ? replay(scenario, request->schedule) : explore(scenario, request);
	}
	return failed != 0;
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {
		{"deaths", no_argument, NULL, 'd'},
		{"records", no_argument, NULL, 'w'},
		{"recovery", no_argument, NULL, 'y'},
		{"second", no_argument, NULL, 's'},
		{"preemptions", required_argument, NULL, 'p'},
		{"replay", required_argument, NULL, 'r'},
		{"list", no_argument, NULL, 'l'},
		{0},
	};
	struct request request = {.preemptions = 2};
	int opt;

	schedule_at_begin(outcomes_clear);
	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (opt) {
		case 'd':
			request.deaths = true;
			break;
		case 'w':
			world.watch = WATCH_RECORDS;
			break;
		case 'y':
			request.recovery = true;
			world.watch = WATCH_RECOVERY;
			break;
		case 's':
			request.second = true;
			break;
		case 'p':
			request.preemptions = (unsigned int)strtoul(optarg, NULL, 10);
			break;
		case 'r':
			request.schedule = optarg;
			break;
		case 'l':
			return list_all(request.recovery);
		default:
			return 1;
		}
	}
	/* Refusals are part of the scenarios; what verify finds is printed by a replay. */
	if (request.schedule == NULL)
		rte_log_set_level_pattern("lib.groove", RTE_LOG_EMERG);
	return run_names(argv + optind, argc - optind, &request);
}
