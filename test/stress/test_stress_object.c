/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * What the main job does to one object: each byte of the usable range has the pattern and is checked, each accessor is
 * compared, when the object is new and later; FULL is believed only when it is said again; what a call says is not
 * lost. Then what it draws: every value that can be drawn, as often as it should be.
 */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <pattern.h>
#include <pthread.h>
#include <tile.h>

#include "fixture.h"
#include "hook.h"

#define SLOT_CNT 400UL
#define SZ_MAX	 5000UL

struct stress_hook stress_hook;

struct scene {
	struct fixture fix;
	struct stress stress;
	struct stress_tile tile;
	uint64_t found_cnt;
	struct stress_finding found; /* the last */
};

static struct scene scene;

static void
keep_finding(void *arg, const struct stress_finding *finding)
{
	(void)arg;
	scene.found_cnt++;
	scene.found = *finding;
}

static int
scene_open(uint64_t slot_cnt, uint64_t sz_max, unsigned int tile_cnt)
{
	const struct stress_cfg cfg = {
		.tile_cnt = tile_cnt,
		.slot_cnt = slot_cnt,
		.volume_cnt = 3,
		.sz_max = sz_max,
		.seed = 11,
		.keep_going = true,
	};

	memset(&scene, 0, sizeof(scene));
	stress_hook = (struct stress_hook){0};
	TEST_CALL(fixture_make(&scene.fix, VOLUME_SZ_MIN, cfg.volume_cnt));
	TEST_ASSERT_SUCCESS(stress_init(&scene.stress, &cfg, keep_finding, NULL), "init");
	stress_tile_init(&scene.tile, &scene.stress, 0, &scene.fix.data, 0);
	stress_seat_take(scene.tile.seat, STRESS_SEAT_TILE);
	return TEST_SUCCESS;
}

static void
scene_close(void)
{
	stress_hook = (struct stress_hook){0};
	stress_fini(&scene.stress);
	groove_data_leave(&scene.fix.data);
	fixture_unmap(&scene.fix);
}

static struct stress_slot *
slot_of(uint64_t idx)
{
	return &scene.stress.slots[idx];
}

static uint8_t *
obj_of(const struct stress_slot *slot)
{
	return stress_addr(&scene.tile, slot->off);
}

/* Check one object, and expect so many findings. */
static int
look(struct stress_slot *slot, uint64_t expected, const char *why)
{
	scene.found_cnt = 0;
	stress_object_settle(&scene.tile, slot, false);
	TEST_ASSERT_EQUAL(scene.found_cnt, expected, "findings, %s, object of %lu bytes, alignment %lu", why, slot->sz,
		slot->align);
	return TEST_SUCCESS;
}

/* ---- every byte ---- */

/* The range as the contract has it, read by the accessors of the library. */
static int
check_filled(const struct stress_slot *slot)
{
	const uint8_t *obj = obj_of(slot);
	const uint8_t *start = groove_data_alloc_start_const(obj);
	const uint8_t *stop = groove_data_alloc_stop_const(obj);

	TEST_ASSERT(start <= obj && obj + slot->sz <= stop, "range");
	if (GROOVE_DEBUG_CHECKS)
		stop -= (stop - start) % 8; /* whole words: it ends where the object does */
	for (const uint8_t *at = start; at < stop; at++)
		TEST_ASSERT_EQUAL(*at, stress_pattern_byte(slot->tag ^ scene.stress.salt, (size_t)(at - start)),
			"byte %ld of %ld", at - start, stop - start);
	return TEST_SUCCESS;
}

/* A flip is found in the byte where it is, by one finding, and the object is given back: another comes. */
static int
flip(struct stress_slot *slot, uint64_t at)
{
	uint8_t *obj = obj_of(slot);
	uint8_t *byte = (uint8_t *)groove_data_alloc_start(obj) + at;

	*byte ^= (uint8_t)(1U << at % 8);
	TEST_CALL(look(slot, 1, "flip"));
	TEST_ASSERT_EQUAL(scene.found.fault, STRESS_FAULT_PATTERN, "flip at %lu", at);
	TEST_ASSERT_EQUAL(scene.found.at, stress_off(&scene.tile, byte), "place of a flip at %lu", at);
	TEST_ASSERT_EQUAL(slot->off, 0, "it is still there");
	TEST_ASSERT(stress_object_make(&scene.tile, slot), "another");
	return TEST_SUCCESS;
}

static int
flips(struct stress_slot *slot)
{
	const uint64_t sz = stress_object_range(obj_of(slot));
	const uint64_t places[] = {0, 7, 8, sz / 2, sz - 9, sz - 8, sz - 2, sz - 1};

	TEST_CALL(check_filled(slot));
	TEST_CALL(look(slot, 0, "as it was made"));
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		/* another object each time, which may be shorter */
		if (places[i] < stress_object_range(obj_of(slot)))
			TEST_CALL(flip(slot, places[i]));
	}
	return TEST_SUCCESS;
}

/* The last byte of one and the same object, and of the longest. */
static int
flip_last(struct stress_slot *slot)
{
	const uint64_t sz = stress_object_range(obj_of(slot));

	return sz > 0 ? flip(slot, sz - 1) : TEST_SUCCESS;
}

static int
test_bytes(void)
{
	TEST_CALL(scene_open(SLOT_CNT, SZ_MAX, 1));
	for (uint64_t i = 0; i < SLOT_CNT; i++)
		TEST_ASSERT(stress_object_make(&scene.tile, slot_of(i)), "object %lu", i);
	for (uint64_t i = 0; i < SLOT_CNT; i++)
		TEST_CALL(flips(slot_of(i)));
	for (uint64_t i = 0; i < SLOT_CNT; i++)
		TEST_CALL(flip_last(slot_of(i)));
	scene_close();
	return TEST_SUCCESS;
}

/* Each bit of both words of the header. */
static int
test_header(void)
{
	TEST_CALL(scene_open(4, SZ_MAX, 1));
	for (uint64_t bit = 0; bit < 128; bit++) {
		struct stress_slot *slot = slot_of(bit % 4);
		uint8_t *hdr;

		TEST_ASSERT(stress_object_make(&scene.tile, slot), "object");
		hdr = stress_addr(&scene.tile, slot->hdr_off);
		hdr[bit / 8] ^= (uint8_t)(1U << bit % 8);
		TEST_CALL(look(slot, 1, "header"));
		TEST_ASSERT_EQUAL(scene.found.fault, STRESS_FAULT_HEADER, "bit %lu of the header", bit);
		TEST_ASSERT_EQUAL(scene.found.at, stress_off(&scene.tile, hdr) + bit / 8, "place of bit %lu", bit);
		TEST_ASSERT_EQUAL(slot->off, 0, "it is still there");
	}
	TEST_ASSERT_EQUAL(stress_sum(&scene.stress).lost, 128, "objects that cannot be freed");
	scene_close();
	return TEST_SUCCESS;
}

/* ---- every accessor ---- */

struct accessor {
	const char *name;
	int64_t *off;
};

/* A new object, of which the accessor says something else, is found, and left alone. */
static int
accessor_of_new(const struct accessor *accessor, int64_t off)
{
	struct stress_slot *slot = slot_of(0);
	const uint64_t lost = stress_sum(&scene.stress).lost;

	scene.found_cnt = 0;
	*accessor->off = off;
	TEST_ASSERT(!stress_object_make(&scene.tile, slot), "%s off by %ld in a new object is not noticed",
		accessor->name, off);
	*accessor->off = 0;
	TEST_ASSERT_EQUAL(scene.found_cnt, 1, "%s off by %ld: findings", accessor->name, off);
	TEST_ASSERT_EQUAL(scene.found.fault, STRESS_FAULT_ACCESSOR, "%s off by %ld", accessor->name, off);
	TEST_ASSERT(strstr(scene.found.what, accessor->name) != NULL, "%s off by %ld: %s", accessor->name, off,
		scene.found.what);
	TEST_ASSERT(
		scene.found.found != scene.found.expected, "%s: %lu, as expected", accessor->name, scene.found.found);
	TEST_ASSERT_EQUAL(stress_sum(&scene.stress).lost, lost + 1, "%s: it was not left alone", accessor->name);
	return TEST_SUCCESS;
}

/* The same of one that was good when it was new. */
static int
accessor_of_old(const struct accessor *accessor, int64_t off)
{
	struct stress_slot *slot = slot_of(1);

	TEST_ASSERT(stress_object_make(&scene.tile, slot), "object");
	*accessor->off = off;
	TEST_CALL(look(slot, 1, accessor->name));
	*accessor->off = 0;
	TEST_ASSERT_EQUAL(scene.found.fault, STRESS_FAULT_ACCESSOR, "%s off by %ld", accessor->name, off);
	TEST_ASSERT_EQUAL(slot->off, 0, "%s: it is still there", accessor->name);
	return TEST_SUCCESS;
}

static int
test_accessors(void)
{
	const struct accessor accessors[] = {
		{"alloc_align", &stress_hook.align},
		{"alloc_sz", &stress_hook.sz},
		{"alloc_tag", &stress_hook.tag},
		{"alloc_start", &stress_hook.start},
		{"alloc_stop", &stress_hook.stop},
	};

	TEST_CALL(scene_open(4, SZ_MAX, 1));
	for (size_t i = 0; i < sizeof(accessors) / sizeof(accessors[0]); i++) {
		for (int64_t off = -1; off <= 1; off += 2) {
			/* where the range ends with the object, a byte more of it is no contradiction */
			if (GROOVE_DEBUG_CHECKS && accessors[i].off == &stress_hook.stop && off > 0)
				continue;
			for (unsigned int turn = 0; turn < 20; turn++) {
				TEST_CALL(accessor_of_new(&accessors[i], off));
				TEST_CALL(accessor_of_old(&accessors[i], off));
			}
		}
	}
	scene_close();
	return TEST_SUCCESS;
}

/* A range that is wrong by whole words: it ends before the object does, or reaches into the next volume. */
static int
test_range(void)
{
	const struct accessor start = {"alloc_start", &stress_hook.start};
	const struct accessor stop = {"alloc_stop", &stress_hook.stop};

	TEST_CALL(scene_open(4, 64, 1));
	for (unsigned int turn = 0; turn < 20; turn++) {
		TEST_CALL(accessor_of_new(&start, 1 << 20));
		TEST_CALL(accessor_of_new(&stop, -(1 << 20)));
		TEST_CALL(accessor_of_new(&start, -(int64_t)VOLUME_SZ_MIN));
		TEST_CALL(accessor_of_new(&stop, (int64_t)VOLUME_SZ_MIN));
	}
	scene_close();
	return TEST_SUCCESS;
}

/* A range that ends in the midst of the object, at the last whole word before its end. */
static int
test_short_range(void)
{
	struct stress_slot *slot;
	unsigned int cnt = 0;

	TEST_CALL(scene_open(4, SZ_MAX, 1));
	for (unsigned int turn = 0; turn < 200; turn++) {
		const uint8_t *obj;

		slot = slot_of(turn % 4);
		TEST_ASSERT(stress_object_make(&scene.tile, slot), "object");
		obj = obj_of(slot);
		if (slot->sz >= 16) {
			stress_hook.stop =
				(obj + (slot->sz - 1) / 8 * 8) - (const uint8_t *)groove_data_alloc_stop_const(obj);
			TEST_CALL(look(slot, 1, "short range"));
			stress_hook.stop = 0;
			TEST_ASSERT(strstr(scene.found.what, "alloc_stop") != NULL, "%s", scene.found.what);
			cnt++;
		} else {
			stress_object_settle(&scene.tile, slot, true);
		}
	}
	TEST_ASSERT(cnt > 50, "%u objects", cnt);
	scene_close();
	return TEST_SUCCESS;
}

/* An address that is off alignment, in the midst of the object, or beyond all volumes. */
static int
test_address(void)
{
	static const int64_t offs[] = {8, 16, 512, 8L * (int64_t)VOLUME_SZ_MIN, -8L * (int64_t)VOLUME_SZ_MIN};

	TEST_CALL(scene_open(4, 64, 1));
	for (size_t i = 0; i < sizeof(offs) / sizeof(offs[0]); i++) {
		scene.found_cnt = 0;
		stress_hook.obj = offs[i];
		TEST_ASSERT(
			!stress_object_make(&scene.tile, slot_of(0)), "an address off by %ld is not noticed", offs[i]);
		TEST_ASSERT_EQUAL(scene.found_cnt, 1, "an address off by %ld", offs[i]);
		TEST_ASSERT_EQUAL(scene.found.fault, STRESS_FAULT_ACCESSOR, "an address off by %ld", offs[i]);
	}
	scene_close();
	return TEST_SUCCESS;
}

/* ---- what calls say ---- */

/* FULL once is no reason for a volume; FULL twice is, and for one. */
static int
test_full(void)
{
	uint64_t events = 0;

	TEST_CALL(scene_open(16, 64, 1));
	for (uint64_t i = 0; i < 16; i++) {
		const uint64_t before = stress_volumes_seen(&scene.stress);
		const unsigned int full_cnt = i == 0 ? 0 : (unsigned int)i % 3;

		stress_hook.full_cnt = full_cnt;
		stress_hook.alloc_cnt = 0;
		TEST_ASSERT(stress_object_make(&scene.tile, slot_of(i)), "object %lu", i);
		if (i == 0)
			continue; /* a groove without volumes */
		events += full_cnt > 0;
		if (before < 3)
			TEST_ASSERT_EQUAL(stress_volumes_seen(&scene.stress), before + (full_cnt == 2),
				"volumes after FULL said %u times", full_cnt);
		TEST_ASSERT_EQUAL(stress_hook.alloc_cnt, full_cnt + 1, "asked");
		TEST_ASSERT_EQUAL(scene.tile.counters->full_events, events + 1, "times that it was full");
	}
	TEST_ASSERT_EQUAL(stress_stopped(&scene.stress), STRESS_STOP_NONE, "stopped");
	TEST_ASSERT_EQUAL(stress_volumes_seen(&scene.stress), 3, "volumes");
	scene_close();
	return TEST_SUCCESS;
}

/* Without a volume left it takes more to end a run, but not for ever. */
static int
test_full_for_good(void)
{
	TEST_CALL(scene_open(4, 64, 1));
	stress_hook.full_cnt = UINT32_MAX;
	TEST_ASSERT(!stress_object_make(&scene.tile, slot_of(0)), "an object of nothing");
	TEST_ASSERT_EQUAL(stress_stopped(&scene.stress), STRESS_STOP_NO_VOLUME, "stopped");
	TEST_ASSERT_EQUAL(stress_volumes_seen(&scene.stress), 3, "volumes");
	TEST_ASSERT_EQUAL(scene.found_cnt, 0, "findings");
	TEST_ASSERT_EQUAL(slot_of(0)->off, 0, "the slot");
	TEST_ASSERT(stress_hook.alloc_cnt >= 3 * 2 + 2, "asked %u times", stress_hook.alloc_cnt);
	scene_close();
	return TEST_SUCCESS;
}

/*
 * Another tile may carry the memory to its place just now: FULL is asked again only when that one has moved. It moves
 * once it has seen the first question.
 */
static struct {
	unsigned int asked;
	bool moved;
	bool asked_before;
} other;

static void
other_asked(void)
{
	/* Acquire and release: between the two threads. */
	if (__atomic_add_fetch(&other.asked, 1, __ATOMIC_ACQ_REL) > 1 &&
		!__atomic_load_n(&other.moved, __ATOMIC_ACQUIRE))
		other.asked_before = true;
}

static void *
other_tile(void *arg)
{
	struct stress_seat *seat = arg;

	while (__atomic_load_n(&other.asked, __ATOMIC_ACQUIRE) == 0)
		sched_yield();
	/* time to be overtaken, if nobody waits */
	for (unsigned int i = 0; i < 1000; i++)
		sched_yield();
	__atomic_store_n(&other.moved, true, __ATOMIC_RELEASE);
	while (stress_seat_kind(seat) == STRESS_SEAT_TILE) {
		__atomic_fetch_add(&seat->beats, 1, __ATOMIC_RELEASE);
		sched_yield();
	}
	return NULL;
}

static int
test_full_beside_another(void)
{
	struct stress_seat *seat;
	pthread_t thread;

	TEST_CALL(scene_open(4, 64, 2));
	TEST_ASSERT(stress_object_make(&scene.tile, slot_of(0)), "object");
	memset(&other, 0, sizeof(other));
	seat = stress_seat(&scene.stress, 1);
	stress_seat_take(seat, STRESS_SEAT_TILE);
	TEST_ASSERT_EQUAL(pthread_create(&thread, NULL, other_tile, seat), 0, "thread");
	stress_hook.on_alloc = other_asked;
	stress_hook.full_cnt = 1;
	TEST_ASSERT(stress_object_make(&scene.tile, slot_of(1)), "object");
	stress_seat_leave(seat);
	pthread_join(thread, NULL);
	TEST_ASSERT(!other.asked_before, "asked again before the other tile had moved");
	TEST_ASSERT_EQUAL(other.asked, 2, "asked");
	TEST_ASSERT_EQUAL(stress_volumes_seen(&scene.stress), 1, "volumes");
	scene_close();
	return TEST_SUCCESS;
}

static int
test_errors(void)
{
	TEST_CALL(scene_open(4, 64, 1));
	TEST_ASSERT(stress_object_make(&scene.tile, slot_of(0)), "object");
	stress_hook.alloc_err = GROOVE_ERR_CORRUPT;
	TEST_ASSERT(!stress_object_make(&scene.tile, slot_of(1)), "an object that was not made");
	TEST_ASSERT_EQUAL(scene.found_cnt, 1, "findings");
	TEST_ASSERT_EQUAL(scene.found.fault, STRESS_FAULT_ALLOC, "alloc");
	TEST_ASSERT_EQUAL(scene.found.err, GROOVE_ERR_CORRUPT, "what alloc said");

	stress_hook.free_err = GROOVE_ERR_AGAIN;
	stress_object_settle(&scene.tile, slot_of(0), true);
	stress_hook.free_err = 0;
	TEST_ASSERT_EQUAL(scene.found_cnt, 2, "findings");
	TEST_ASSERT_EQUAL(scene.found.fault, STRESS_FAULT_FREE, "free");
	TEST_ASSERT_EQUAL(scene.found.err, GROOVE_ERR_AGAIN, "what free said");
	TEST_ASSERT_EQUAL(scene.tile.counters->frees, 0, "frees");
	TEST_ASSERT_EQUAL(stress_sum(&scene.stress).lost, 1, "lost");
	TEST_ASSERT_EQUAL(stress_sum(&scene.stress).counters.findings, 2, "findings that the tile counts");
	scene_close();
	return TEST_SUCCESS;
}

/* Each damage is one finding when a run goes on, and stops it when it does not. */
static int
test_keep_going(bool keep_going)
{
	TEST_CALL(scene_open(64, SZ_MAX, 1));
	scene.stress.cfg.keep_going = keep_going;
	for (uint64_t i = 0; i < 64; i++)
		TEST_ASSERT(stress_object_make(&scene.tile, slot_of(i)), "object %lu", i);
	for (uint64_t i = 0; i < 64; i++) {
		if (i % 7 == 0)
			*(uint64_t *)groove_data_alloc_start(obj_of(slot_of(i))) ^= 1UL << i;
	}
	TEST_ASSERT_EQUAL(stress_stopped(&scene.stress), STRESS_STOP_NONE, "stopped");
	stress_sweep(&scene.stress, 0, &scene.fix.data);
	TEST_ASSERT_EQUAL(scene.found_cnt, GROOVE_DEBUG_CHECKS ? scene.found_cnt : 10, "findings");
	TEST_ASSERT_EQUAL(stress_sum(&scene.stress).counters.findings, scene.found_cnt, "findings that are counted");
	TEST_ASSERT_EQUAL(
		stress_stopped(&scene.stress), keep_going ? STRESS_STOP_NONE : STRESS_STOP_FINDING, "stopped");
	for (uint64_t i = 0; i < 64; i++)
		TEST_ASSERT_EQUAL(slot_of(i)->off, 0, "slot %lu after the sweep", i);
	scene_close();
	return TEST_SUCCESS;
}

/* ---- what the loop draws ---- */

struct drawn {
	uint64_t tag, sz, align, off;
};

static int
run_drawn(uint64_t seed, struct drawn *drawn, struct stress_counters *counters)
{
	TEST_CALL(scene_open(64, SZ_MAX, 1));
	scene.stress.cfg.seed = seed;
	scene.stress.cfg.turn_cnt = 20000;
	stress_loop(&scene.stress, 0, &scene.fix.data);
	TEST_ASSERT_EQUAL(scene.found_cnt, 0, "findings");
	for (uint64_t i = 0; i < 64; i++)
		drawn[i] = (struct drawn){slot_of(i)->tag, slot_of(i)->sz, slot_of(i)->align, slot_of(i)->off};
	*counters = stress_sum(&scene.stress).counters;
	scene_close();
	return TEST_SUCCESS;
}

/* One tile with one seed does the same each time: which slots, sizes, alignments, tosses, places. */
static int
test_seed(void)
{
	struct drawn first[64], second[64], another[64];
	struct stress_counters counters, same, differ;
	const double turns = 20000;

	TEST_CALL(run_drawn(5, first, &counters));
	TEST_CALL(run_drawn(5, second, &same));
	TEST_CALL(run_drawn(6, another, &differ));
	TEST_ASSERT_EQUAL(memcmp(first, second, sizeof(first)), 0, "the same seed draws something else");
	TEST_ASSERT_EQUAL(memcmp(&counters, &same, sizeof(counters)), 0, "the same seed counts something else");
	TEST_ASSERT(memcmp(first, another, sizeof(first)) != 0, "another seed draws the same");

	/* every slot comes, the first and the last, about as often as any: some 200 objects each */
	for (uint64_t i = 0; i < 64; i++)
		TEST_ASSERT(stress_tag_seq(first[i].tag) > 50 && stress_tag_seq(first[i].tag) < 150,
			"slot %lu had %lu objects", i, stress_tag_seq(first[i].tag));
	/* a turn makes an object or looks at one, which a toss frees: five deviations of the toss */
	TEST_ASSERT_EQUAL(counters.turns, 20000, "turns");
	TEST_ASSERT_EQUAL(counters.allocs + counters.validations, counters.turns, "turns that did nothing");
	TEST_ASSERT(fabs((double)counters.frees - (double)counters.validations / 2) < 2.5 * sqrt(turns),
		"%lu of %lu objects freed", counters.frees, counters.validations);
	return TEST_SUCCESS;
}

/* With a small largest size every size from 0 up to it comes, and none beyond. */
static int
test_sizes(void)
{
	static const uint64_t sz_maxs[] = {0, 1, 2, 3, 7, 8, 9, 100, 255, 256};
	static unsigned int seen[258];

	for (size_t i = 0; i < sizeof(sz_maxs) / sizeof(sz_maxs[0]); i++) {
		struct stress_rng rng;

		stress_rng_seed(&rng, 3, 0);
		memset(seen, 0, sizeof(seen));
		for (unsigned int k = 0; k < 100000; k++) {
			const uint64_t sz = stress_draw_sz(&rng, sz_maxs[i]);

			TEST_ASSERT(sz <= sz_maxs[i], "size %lu of at most %lu", sz, sz_maxs[i]);
			seen[sz]++;
		}
		for (uint64_t sz = 0; sz <= sz_maxs[i]; sz++)
			TEST_ASSERT(seen[sz] > 0, "size %lu of at most %lu never comes", sz, sz_maxs[i]);
	}
	return TEST_SUCCESS;
}

/* The eleven alignments come equally often: within five deviations. */
static int
test_aligns(void)
{
	static const uint64_t aligns[] = {0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512};
	const double each = 110000. / 11;
	unsigned int seen[11] = {0};
	struct stress_rng rng;

	stress_rng_seed(&rng, 4, 0);
	for (unsigned int k = 0; k < 110000; k++) {
		const uint64_t align = stress_draw_align(&rng);

		for (unsigned int i = 0; i < 11; i++)
			seen[i] += aligns[i] == align;
	}
	for (unsigned int i = 0; i < 11; i++)
		TEST_ASSERT(fabs(seen[i] - each) < 5 * sqrt(each), "alignment %lu came %u times", aligns[i], seen[i]);
	return TEST_SUCCESS;
}

/* A number below n is each of them; the first and the last as often as the others. */
static int
test_below(void)
{
	static const uint64_t ns[] = {1, 2, 3, 10, 1000};
	static unsigned int seen[1000];

	for (size_t i = 0; i < sizeof(ns) / sizeof(ns[0]); i++) {
		const double each = 1000000. / (double)ns[i];
		struct stress_rng rng;

		stress_rng_seed(&rng, 6, 1);
		memset(seen, 0, sizeof(seen));
		for (unsigned int k = 0; k < 1000000; k++) {
			const uint64_t draw = stress_draw_below(&rng, ns[i]);

			TEST_ASSERT(draw < ns[i], "%lu is not below %lu", draw, ns[i]);
			seen[draw]++;
		}
		for (uint64_t k = 0; k < ns[i]; k++)
			TEST_ASSERT(
				fabs(seen[k] - each) <= 6 * sqrt(each), "%lu of %lu came %u times", k, ns[i], seen[k]);
	}
	return TEST_SUCCESS;
}

static int
test_stress_object(void)
{
	TEST_CALL(test_bytes());
	TEST_CALL(test_header());
	TEST_CALL(test_accessors());
	if (!GROOVE_DEBUG_CHECKS)
		TEST_CALL(test_range());
	if (!GROOVE_DEBUG_CHECKS)
		TEST_CALL(test_short_range());
	TEST_CALL(test_address());
	TEST_CALL(test_full());
	TEST_CALL(test_full_for_good());
	TEST_CALL(test_full_beside_another());
	TEST_CALL(test_errors());
	TEST_CALL(test_keep_going(true));
	TEST_CALL(test_keep_going(false));
	TEST_CALL(test_seed());
	TEST_CALL(test_sizes());
	TEST_CALL(test_aligns());
	return test_below();
}

GROOVE_TEST(stress_object_autotest, fast, test_stress_object);
