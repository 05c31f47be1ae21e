/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * The main job's loop in a groove that processes share: two parties with one slot table in the groove lose nothing;
 * what a dead one held in a slot is settled, whichever step it was in; damage to the table is found.
 */

#include <string.h>

#include <stress_loop.h>
#include <tile.h>

#include "fixture.h"

#define PARTY_CNT  2
#define SLOT_CNT   64UL
#define SZ_MAX	   20000UL
#define ALIVE_JOIN 99UL
#define DEAD_JOIN  100UL

/* Parties are what processes are: each has a struct stress and a join of its own, and knows the table. */
struct scene {
	struct fixture fix;
	struct stress_table *table;
	struct stress party[PARTY_CNT];
	groove_data_t join[PARTY_CNT];
	uint64_t found_cnt;
	struct stress_finding found; /* the last */
};

/* ---- what a party asks for ---- */

static uint64_t
volume_cnt(void *arg, const groove_data_t *join)
{
	groove_data_stats_t stats;

	(void)arg;
	return groove_data_stats(join, &stats) == GROOVE_SUCCESS ? stats.volume_cnt : 0;
}

static int
grow(void *arg, groove_data_t *join)
{
	struct scene *scene = arg;
	const uint64_t idx = volume_cnt(NULL, join);

	if (idx == scene->fix.cfg.volume_max)
		return GROOVE_ERR_FULL;
	groove_data_volume_add(join, fixture_volume(&scene->fix, idx), scene->fix.cfg.volume_sz, NULL, 0);
	return GROOVE_SUCCESS;
}

static bool
is_dead(void *arg, uint64_t join_idx)
{
	(void)arg;
	return join_idx == DEAD_JOIN;
}

static void
keep_finding(void *arg, const struct stress_finding *finding)
{
	struct scene *scene = arg;

	/* Only where one party works at a time is the last looked at. */
	__atomic_fetch_add(&scene->found_cnt, 1, __ATOMIC_RELAXED);
	scene->found = *finding;
}

/* ---- a scene ---- */

static int
scene_open(struct scene *scene, uint64_t slot_cnt, uint64_t turn_cnt)
{
	const struct stress_cfg cfg = {.tile_cnt = 1, .turn_cnt = turn_cnt, .volume_cnt = 4};
	void *mem;

	memset(scene, 0, sizeof(*scene));
	TEST_CALL(fixture_make(&scene->fix, VOLUME_SZ_MIN, cfg.volume_cnt));
	TEST_CALL(fixture_add(&scene->fix, 0, 1));
	mem = groove_data_alloc(&scene->fix.data, STRESS_ALIGN, stress_table_sz(slot_cnt, GROOVE_DATA_JOIN_DEFAULT),
		STRESS_TAG_TABLE, NULL);
	TEST_ASSERT_NOT_NULL(mem, "table");
	scene->table = stress_table_new(mem, slot_cnt, GROOVE_DATA_JOIN_DEFAULT, SZ_MAX, 1);
	for (unsigned int i = 0; i < PARTY_CNT; i++) {
		const struct stress_shared shared = {
			.table = scene->table,
			.grow = grow,
			.volume_cnt = volume_cnt,
			.is_dead = is_dead,
			.arg = scene,
		};

		TEST_ASSERT_SUCCESS(
			stress_init_shared(&scene->party[i], &cfg, &shared, keep_finding, scene), "party %u", i);
		TEST_ASSERT_EQUAL(scene->party[i].number, i, "number");
		TEST_CALL(fixture_join(&scene->fix, &scene->join[i], i));
	}
	return TEST_SUCCESS;
}

static int
scene_close(struct scene *scene)
{
	for (unsigned int i = 0; i < PARTY_CNT; i++) {
		stress_fini(&scene->party[i]);
		TEST_ASSERT_NOT_NULL(groove_data_leave(&scene->join[i]), "leave");
	}
	TEST_ASSERT_SUCCESS(groove_data_free(&scene->fix.data, scene->table), "free of the table");
	return fixture_end(&scene->fix);
}

static int
loop_worker(unsigned int index, void *arg)
{
	struct scene *scene = arg;

	stress_loop(&scene->party[index], 0, &scene->join[index]);
	return TEST_SUCCESS;
}

static uint64_t
obj_cnt(const struct scene *scene)
{
	groove_data_stats_t stats;

	return groove_data_stats(&scene->fix.data, &stats) == GROOVE_SUCCESS ? stats.total.obj_cnt : UINT64_MAX;
}

/* ---- sharing ---- */

/* Each frees what the other made, and the one that sweeps frees the rest. */
static int
test_two_parties(void)
{
	static struct scene scene;
	struct stress_sum sum[PARTY_CNT];

	TEST_CALL(scene_open(&scene, SLOT_CNT, test_turns(200000)));
	TEST_CALL(test_threads_run(PARTY_CNT, loop_worker, &scene));
	for (unsigned int i = 0; i < PARTY_CNT; i++) {
		TEST_ASSERT_EQUAL(stress_stopped(&scene.party[i]), STRESS_STOP_NONE, "party %u stopped", i);
		TEST_ASSERT_EQUAL(stress_sum(&scene.party[i]).live_objs, stress_slots_full(&scene.party[i]), "live");
	}
	TEST_ASSERT_EQUAL(obj_cnt(&scene), stress_slots_full(&scene.party[0]) + 1, "objects, with the table");
	stress_sweep(&scene.party[1], 0, &scene.join[1]);
	for (unsigned int i = 0; i < PARTY_CNT; i++)
		sum[i] = stress_sum(&scene.party[i]);
	TEST_ASSERT_EQUAL(scene.found_cnt, 0, "findings");
	TEST_ASSERT(sum[0].counters.allocs != sum[0].counters.frees, "it freed as many as it made: unlikely");
	TEST_ASSERT_EQUAL(sum[0].counters.allocs + sum[1].counters.allocs,
		sum[0].counters.frees + sum[1].counters.frees, "frees");
	TEST_ASSERT_EQUAL(sum[0].live_objs, 0, "live objects");
	TEST_ASSERT_EQUAL(sum[0].live_bytes, 0, "live bytes");
	return scene_close(&scene);
}

/* What a table gave is a leak when no slot has it; what it cannot have given is somebody else's. */
static int
test_whose_object(void)
{
	static struct scene scene;
	struct stress *party = &scene.party[0];
	groove_data_t *join = &scene.join[0];
	void *objs[5];

	TEST_CALL(scene_open(&scene, SLOT_CNT, 100));
	party->slots[3].tag = stress_tag_next(stress_tag_next(0, 3), 3);

	const uint64_t tags[5] = {
		stress_tag_next(0, 3),			 /* the first of slot 3, which had two: ours */
		party->slots[3].tag,			 /* the second: ours */
		stress_tag_next(party->slots[3].tag, 3), /* it had no third */
		stress_tag_next(0, 4),			 /* slot 4 had none */
		stress_tag_next(0, SLOT_CNT),		 /* there is no such slot */
	};

	for (unsigned int i = 0; i < 5; i++) {
		objs[i] = groove_data_alloc(join, 0, 100, tags[i], NULL);
		TEST_ASSERT_NOT_NULL(objs[i], "object %u", i);
	}
	TEST_ASSERT_SUCCESS(stress_find_leaks(party, join), "walk");
	TEST_ASSERT_EQUAL(scene.found_cnt, 2, "leaks");
	TEST_ASSERT_EQUAL(party->foreign_cnt, 3, "objects of others");
	TEST_ASSERT_SUCCESS(groove_data_free_bulk(join, objs, 5), "free");
	return scene_close(&scene);
}

/* ---- deaths ---- */

/* What one that died left in a slot. */
struct death {
	enum stress_step step;
	bool has_obj;	/* with the slot's tag */
	bool in_slot;	/* and the slot has it */
	bool is_locked; /* else nobody died */
	bool is_freed;	/* what must come of it */
};

static const struct death deaths[] = {
	{STRESS_STEP_EMPTY, false, false, true, false},
	{STRESS_STEP_MAKING, false, false, true, false},
	{STRESS_STEP_MAKING, true, false, true, true}, /* caught between alloc and its slot */
	{STRESS_STEP_MAKING, true, true, true, true},  /* not filled, perhaps */
	{STRESS_STEP_FULL, true, true, true, false},
	{STRESS_STEP_FREEING, true, true, true, true},
	{STRESS_STEP_FREEING, false, true, true, false}, /* freed already, another may be there */
	{STRESS_STEP_FULL, true, true, false, false},
	{STRESS_STEP_EMPTY, false, false, false, false},
};

#define DEATH_CNT (sizeof(deaths) / sizeof(deaths[0]))

/*
 * Let the place of an object that was freed be taken by another with this tag. In a build with debug_checks it is in
 * quarantine until the flush; then its superblock has it, and hands out each of its slots.
 */
static int
take_place(struct scene *scene, const void *gone, uint64_t tag)
{
	void *obj = NULL;

	TEST_ASSERT_SUCCESS(groove_data_flush(&scene->join[0]), "flush");
	for (unsigned int i = 0; i < 64 && obj != gone; i++) {
		obj = groove_data_alloc(&scene->join[0], 0, 1000, tag, NULL);
		TEST_ASSERT_NOT_NULL(obj, "object %u after it", i);
	}
	TEST_ASSERT_EQUAL(obj, gone, "next objects");
	return TEST_SUCCESS;
}

/* The object that a slot has is a live one of the loop, where one is to stay. */
static int
die(struct scene *scene, const struct death *death, uint64_t idx, void **obj)
{
	struct stress_slot *slot = &scene->party[0].slots[idx];
	void *gone = groove_data_alloc(&scene->join[0], 0, 1000, stress_tag_next(0, idx), NULL);

	*obj = gone;
	TEST_ASSERT_NOT_NULL(gone, "object");
	slot->tag = stress_tag_next(0, idx);
	slot->step = death->step;
	slot->lock = death->is_locked ? DEAD_JOIN + 1 : 0;
	if (death->in_slot)
		slot->off = (uint64_t)((uint8_t *)gone - scene->fix.volume0);
	if (death->has_obj)
		return TEST_SUCCESS;
	*obj = NULL;
	TEST_ASSERT_SUCCESS(groove_data_free(&scene->join[0], gone), "free");
	return take_place(scene, gone, UINT64_MAX - idx); /* none of this slot's */
}

static int
check_death(const struct scene *scene, const struct death *death, uint64_t idx, const void *obj)
{
	const struct stress_slot *slot = &scene->party[0].slots[idx];
	const bool stays = death->step == STRESS_STEP_FULL;

	TEST_ASSERT_EQUAL(slot->lock, 0, "lock of slot %lu", idx);
	TEST_ASSERT_EQUAL(slot->step, stays ? STRESS_STEP_FULL : STRESS_STEP_EMPTY, "step of slot %lu", idx);
	TEST_ASSERT_EQUAL(slot->off, stays ? (uint64_t)((const uint8_t *)obj - scene->fix.volume0) : 0,
		"object of slot %lu", idx);
	return TEST_SUCCESS;
}

static int
free_any(void *arg, void *obj)
{
	const struct scene *scene = arg;

	return obj != scene->table ? groove_data_free(&((struct scene *)arg)->join[0], obj) : 0;
}

static int
test_deaths(void)
{
	static struct scene scene;
	struct stress_settled settled = {0};
	void *objs[DEATH_CNT];
	uint64_t freed = 1; /* the second table */
	uint64_t before;

	TEST_CALL(scene_open(&scene, SLOT_CNT, 100));
	for (uint64_t i = 0; i < DEATH_CNT; i++) {
		TEST_CALL(die(&scene, &deaths[i], i, &objs[i]));
		freed += deaths[i].is_freed;
	}
	TEST_ASSERT_NOT_NULL(groove_data_alloc(&scene.join[0], 0, 100, STRESS_TAG_TABLE, NULL), "table of a dead");
	before = obj_cnt(&scene);
	TEST_ASSERT_SUCCESS(stress_settle(&scene.party[0], &scene.join[0], &settled), "settle");
	TEST_ASSERT_EQUAL(settled.slot_cnt, 7, "slots");
	TEST_ASSERT_EQUAL(settled.obj_cnt, freed, "objects");
	TEST_ASSERT_EQUAL(obj_cnt(&scene), before - freed, "live objects");
	for (uint64_t i = 0; i < DEATH_CNT; i++)
		TEST_CALL(check_death(&scene, &deaths[i], i, objs[i]));
	TEST_ASSERT_EQUAL(stress_slots_full(&scene.party[0]), 2, "slots with objects");
	TEST_ASSERT_SUCCESS(groove_data_walk(&scene.join[0], NULL, free_any, &scene), "walk");
	return scene_close(&scene);
}

/* A process that has a slot locked does not keep the others from ending; a slot whose owner lives may come back. */
static int
test_no_slot_left(void)
{
	static struct scene scene;

	TEST_CALL(scene_open(&scene, 2, 100));
	scene.party[0].slots[0].lock = DEAD_JOIN + 1;
	stress_loop(&scene.party[0], 0, &scene.join[0]);
	TEST_ASSERT_EQUAL(stress_stopped(&scene.party[0]), STRESS_STOP_NONE, "stopped with a slot left");
	stress_sweep(&scene.party[0], 0, &scene.join[0]);
	scene.party[1].slots[1].lock = ALIVE_JOIN + 1;
	scene.party[1].cfg.duration_ns = 1000000;
	stress_loop(&scene.party[1], 0, &scene.join[1]);
	TEST_ASSERT_EQUAL(stress_stopped(&scene.party[1]), STRESS_STOP_NONE, "stopped with a slot that may come back");
	scene.party[1].slots[1].lock = DEAD_JOIN + 1;
	stress_loop(&scene.party[1], 0, &scene.join[1]);
	TEST_ASSERT_EQUAL(stress_stopped(&scene.party[1]), STRESS_STOP_NO_SLOT, "stopped without");
	TEST_ASSERT_EQUAL(stress_sum(&scene.party[1]).counters.turns, 0, "turns without");
	return scene_close(&scene);
}

/* All that take part are counted, but the dead. */
static int
test_processes(void)
{
	static struct scene scene;
	struct stress *party = &scene.party[0];

	TEST_CALL(scene_open(&scene, SLOT_CNT, 100));
	stress_seat_take(stress_seat(party, 7), STRESS_SEAT_PROCESS);
	stress_seat_take(stress_seat(party, 9), STRESS_SEAT_TILE);
	stress_seat_take(stress_seat(party, 11), STRESS_SEAT_PROCESS);
	stress_seat_take(stress_seat(party, DEAD_JOIN), STRESS_SEAT_PROCESS);
	TEST_ASSERT_EQUAL(stress_processes(&scene.party[1], 0), 2, "processes");
	TEST_ASSERT_EQUAL(stress_processes(&scene.party[1], 11), 1, "others than one of them");
	stress_seat_leave(stress_seat(party, 7));
	TEST_ASSERT_EQUAL(stress_processes(&scene.party[1], 11), 0, "others when one left");
	return scene_close(&scene);
}

/* The seats of the dead are given back once, and what they locked stays theirs when others have the seats. */
static int
test_cleared(void)
{
	static struct scene scene;
	struct stress *party = &scene.party[0];
	struct stress_seat *seat;
	uint32_t lock;

	TEST_CALL(scene_open(&scene, SLOT_CNT, 100));
	seat = stress_seat(party, DEAD_JOIN);
	stress_seat_take(stress_seat(party, ALIVE_JOIN), STRESS_SEAT_TILE);
	stress_seat_take(seat, STRESS_SEAT_TILE);
	TEST_ASSERT_EQUAL(stress_seats_clear(party), 1, "dead");
	TEST_ASSERT_EQUAL(stress_seats_clear(&scene.party[1]), 0, "dead, again");
	TEST_ASSERT_EQUAL(stress_seat_kind(seat), STRESS_SEAT_VACANT, "seat of the dead");
	TEST_ASSERT_EQUAL(stress_seat_kind(stress_seat(party, ALIVE_JOIN)), STRESS_SEAT_TILE, "seat of the living");

	seat = stress_seat(party, ALIVE_JOIN);
	lock = stress_seat_lock(ALIVE_JOIN, seat->state);
	TEST_ASSERT(!stress_lock_is_dead(party, lock), "a lock of one that lives");
	stress_seat_leave(seat);
	stress_seat_take(seat, STRESS_SEAT_TILE);
	TEST_ASSERT(stress_lock_is_dead(party, lock), "a lock of one before it");
	TEST_ASSERT(!stress_lock_is_dead(party, stress_seat_lock(ALIVE_JOIN, seat->state)), "a lock of its own");
	TEST_ASSERT(!stress_lock_is_dead(party, UINT32_MAX), "a lock of no seat");
	return scene_close(&scene);
}

/* ---- damage to the table itself ---- */

static void
damage_off(struct stress_slot *slot)
{
	slot->off |= 1UL << 60;
}

static void
damage_off_low(struct stress_slot *slot)
{
	slot->off ^= 4;
}

static void
damage_hdr(struct stress_slot *slot)
{
	slot->hdr_off ^= 1UL << 40;
}

static void
damage_tag(struct stress_slot *slot)
{
	slot->tag ^= 2;
}

static void
damage_sz(struct stress_slot *slot)
{
	slot->sz |= 1UL << 33;
}

static void
damage_step(struct stress_slot *slot)
{
	slot->step = STRESS_STEP_EMPTY;
}

static void (*const damages[])(struct stress_slot *slot) = {
	damage_off,
	damage_off_low,
	damage_hdr,
	damage_tag,
	damage_sz,
	damage_step,
};

static int
test_damaged_slot(void (*damage)(struct stress_slot *slot))
{
	static struct scene scene;
	struct stress_slot *slot;

	TEST_CALL(scene_open(&scene, 1, 1));
	slot = &scene.party[0].slots[0];
	stress_loop(&scene.party[0], 0, &scene.join[0]);
	TEST_ASSERT(slot->off != 0, "no object");

	void *obj = scene.fix.volume0 + slot->off;

	damage(slot);
	stress_sweep(&scene.party[1], 0, &scene.join[1]);
	TEST_ASSERT_EQUAL(scene.found_cnt, 1, "findings");
	TEST_ASSERT_EQUAL(scene.found.fault, STRESS_FAULT_SLOT, "fault");
	TEST_ASSERT_EQUAL(scene.found.at, (uint64_t)((uint8_t *)slot - scene.fix.volume0), "place");
	TEST_ASSERT_EQUAL(stress_sum(&scene.party[0]).lost, 1, "lost, as the other party sees it");
	TEST_ASSERT_EQUAL(slot->off, 0, "the slot still has it");
	TEST_ASSERT_SUCCESS(groove_data_free(&scene.join[0], obj), "free");
	return scene_close(&scene);
}

static int
test_damaged_table(void)
{
	const uint64_t sz = stress_table_sz(4, 8);
	_Alignas(STRESS_ALIGN) uint8_t mem[4096];
	struct stress_table *table = stress_table_new(mem, 4, 8, SZ_MAX, 0);

	TEST_ASSERT(sz <= sizeof(mem), "%lu bytes", sz);
	TEST_ASSERT(stress_table_is_sound(table, sz), "a good one");
	TEST_ASSERT(!stress_table_is_sound(table, sz - 1), "cut");
	TEST_ASSERT(!stress_table_is_sound(table, 8), "cut short");
	for (uint64_t bit = 0; bit < 64; bit++) {
		table->magic ^= 1UL << bit;
		TEST_ASSERT(!stress_table_is_sound(table, sz), "magic, bit %lu", bit);
		table->magic ^= 1UL << bit;
	}
	table->slot_cnt = UINT64_MAX / sizeof(struct stress_slot) + 2;
	TEST_ASSERT(!stress_table_is_sound(table, sz), "slots that overflow");
	table->slot_cnt = 0;
	TEST_ASSERT(!stress_table_is_sound(table, sz), "no slots");
	table->slot_cnt = 4;
	table->seat_cnt = UINT64_MAX / sizeof(struct stress_seat) + 2;
	TEST_ASSERT(!stress_table_is_sound(table, sz), "seats that overflow");
	return TEST_SUCCESS;
}

static int
test_stress_share(void)
{
	TEST_CALL(test_two_parties());
	TEST_CALL(test_whose_object());
	TEST_CALL(test_deaths());
	TEST_CALL(test_no_slot_left());
	TEST_CALL(test_processes());
	TEST_CALL(test_cleared());
	for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++)
		TEST_CALL(test_damaged_slot(damages[i]));
	return test_damaged_table();
}

GROOVE_TEST(stress_share_autotest, fast, test_stress_share);
