/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "actor.h"

#include <rte_common.h>
#include <rte_log.h>

#include <debug_checks.h>
#include <shelf.h>

#include "point.h"
#include "region_private.h"

#define MARK_SZ	       128UL /* at each end */
#define MARK_STEP      0xd1342543de82ef95UL
#define SZC_CACHED_CNT 64UL  /* classes of up to 64 KiB */
#define SZC_SHARED_CNT 115UL /* classes whose superblocks share volumes; of those above one fills a volume */
#define SWEEP_SLOTS    8UL   /* the last: for objects that are freed at once */
#define TURN_BULK_CNT  8UL
#define TURN_KINDS     512UL

/* ---- objects ---- */

/* Words that are marked: at one end, or at both when they do not meet. */
static uint64_t
mark_word(uint64_t tag, uint64_t i)
{
	return (tag + 1) * MARK_STEP ^ i;
}

/* Whole words that may be used. */
static uint64_t
word_cnt(const void *obj)
{
	const uint8_t *start = groove_data_alloc_start_const(obj);
	const uint8_t *stop = groove_data_alloc_stop_const(obj);

	return (uint64_t)(stop - start) / sizeof(uint64_t);
}

static uint64_t
mark_cnt(const void *obj)
{
	return RTE_MIN(word_cnt(obj), MARK_SZ / sizeof(uint64_t));
}

void
object_mark(void *obj, uint64_t tag)
{
	uint64_t *first = groove_data_alloc_start(obj);
	uint64_t *last = first + word_cnt(obj) - 1;

	for (uint64_t i = 0; i < mark_cnt(obj); i++)
		first[i] = mark_word(tag, i);
	for (uint64_t i = 0; i < mark_cnt(obj); i++)
		last[-(int64_t)i] = mark_word(tag, ~i);
}

bool
object_is_marked(const void *obj, uint64_t tag)
{
	const uint64_t *last = (const uint64_t *)groove_data_alloc_start_const(obj) + word_cnt(obj) - 1;
	bool good = true;

	/* From the end: what was written last lies there where both meet. */
	for (uint64_t i = 0; i < mark_cnt(obj); i++)
		good = good && last[-(int64_t)i] == mark_word(tag, ~i);
	return good;
}

/* ---- coming and going ---- */

int
actor_attach(struct actor *actor)
{
	TEST_ASSERT_SUCCESS(groove_region_attach_fd(actor->fd, &actor->region), "attach");
	point_watch(actor->region->range.base, actor->region->range.sz);
	return TEST_SUCCESS;
}

int
actor_join(struct actor *actor, uint64_t cgroup_hint)
{
	/* That no volume is left is no news here. */
	rte_log_set_level_pattern("lib.groove.region", RTE_LOG_CRIT);
	TEST_ASSERT_NOT_NULL(groove_region_join(actor->region, &actor->join, cgroup_hint), "join");
	actor->joined = true;
	return TEST_SUCCESS;
}

int
actor_leave(struct actor *actor)
{
	TEST_ASSERT_NOT_NULL(groove_region_leave(actor->region, &actor->join), "leave");
	actor->joined = false;
	return TEST_SUCCESS;
}

uint64_t
actor_at_hand(const struct actor *actor)
{
	uint64_t cnt = 0;

	for (uint64_t szc = 0; actor->joined && szc < GROOVE_DATA_SZC_CNT; szc++) {
		for (const uint64_t *top = actor->join.shelf[szc].top; top[-1] != 0; top--)
			cnt++;
#if GROOVE_DEBUG_CHECKS
		cnt += szc < CACHE_SZC_CNT ? cache_of(&actor->join)->quarantine[szc].cnt : 0;
#endif
	}
	return cnt;
}

/* ---- slots ---- */

static bool
lock(const struct actor *actor, uint64_t slot)
{
	uint64_t nobody = 0;

	/* Acquire pairs with unlock(). */
	return __atomic_compare_exchange_n(
		&actor->slots[slot].lock, &nobody, actor_id(actor), false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

/* Release: hands the object over. */
static void
unlock(const struct actor *actor, uint64_t slot)
{
	__atomic_store_n(&actor->slots[slot].lock, 0, __ATOMIC_RELEASE);
}

static void
unlock_range(const struct actor *actor, uint64_t slot, uint64_t n)
{
	while (n-- > 0)
		unlock(actor, slot + n);
}

/* Lock n slots that are all full, or all empty. */
static bool
lock_range(const struct actor *actor, uint64_t slot, uint64_t n, bool full)
{
	for (uint64_t i = 0; i < n; i++) {
		if (!lock(actor, slot + i)) {
			unlock_range(actor, slot, i);
			return false;
		}
		if ((actor->slots[slot + i].off != 0) == full)
			continue;
		unlock_range(actor, slot, i + 1);
		return false;
	}
	return true;
}

/* The tag of the next object of a slot that is locked. */
static uint64_t
next_tag(const struct actor *actor, uint64_t slot)
{
	return slot_tag(slot, ++actor->slots[slot].seq);
}

/* A locked slot has an object. */
static void
keep(const struct actor *actor, uint64_t slot, void *obj)
{
	object_mark(obj, groove_data_alloc_tag(obj));
	actor->slots[slot].off = (uint64_t)((uint8_t *)obj - (uint8_t *)groove_region_volume0(actor->region));
	/* Of the class that it needs: its slot may be of a larger one. */
	if (actor->alloc_cnt != NULL)
		__atomic_fetch_add(
			&actor->alloc_cnt[groove_data_szc(OVERHEAD + groove_data_alloc_sz(obj))], 1, __ATOMIC_RELAXED);
}

/* ---- work ---- */

static int
alloc_locked(struct actor *actor, uint64_t slot, uint64_t align, uint64_t sz)
{
	const uint64_t tag = next_tag(actor, slot);
	int err;
	void *obj = groove_data_alloc(&actor->join, align, sz, tag, &err);

	TEST_ASSERT(obj != NULL || err == GROOVE_ERR_FULL, "alloc of %lu bytes: %s", sz, groove_strerror(err));
	if (obj != NULL)
		keep(actor, slot, obj);
	return TEST_SUCCESS;
}

/* Whether the object in a locked slot is the one that was put there. */
static int
check_locked(const struct actor *actor, uint64_t slot)
{
	const void *obj = slot_obj(actor, slot);
	const uint64_t tag = slot_tag(slot, actor->slots[slot].seq);

	TEST_ASSERT_EQUAL(groove_data_alloc_tag(obj), tag, "tag of the object in slot %lu", slot);
	TEST_ASSERT(object_is_marked(obj, tag), "the object in slot %lu has changed", slot);
	return TEST_SUCCESS;
}

static int
free_locked(struct actor *actor, uint64_t slot)
{
	void *obj = slot_obj(actor, slot);

	TEST_CALL(check_locked(actor, slot));
	TEST_ASSERT_SUCCESS(groove_data_free(&actor->join, obj), "free of slot %lu", slot);
	actor->slots[slot].off = 0;
	return TEST_SUCCESS;
}

int
actor_alloc(struct actor *actor, uint64_t slot, uint64_t align, uint64_t sz)
{
	if (!lock_range(actor, slot, 1, false))
		return TEST_SUCCESS;
	TEST_CALL(alloc_locked(actor, slot, align, sz));
	unlock(actor, slot);
	return TEST_SUCCESS;
}

int
actor_free(struct actor *actor, uint64_t slot)
{
	if (!lock_range(actor, slot, 1, true))
		return TEST_SUCCESS;
	TEST_CALL(free_locked(actor, slot));
	unlock(actor, slot);
	return TEST_SUCCESS;
}

int
actor_alloc_bulk(struct actor *actor, uint64_t slot, uint64_t n, uint64_t sz)
{
	uint64_t tags[BULK_MAX];
	void *objs[BULK_MAX];
	int err;

	if (!lock_range(actor, slot, n, false))
		return TEST_SUCCESS;
	for (uint64_t i = 0; i < n; i++)
		tags[i] = next_tag(actor, slot + i);
	err = groove_data_alloc_bulk(&actor->join, 0, sz, tags, objs, n);
	TEST_ASSERT(err == GROOVE_SUCCESS || err == GROOVE_ERR_FULL, "alloc_bulk of %lu: %s", n, groove_strerror(err));
	for (uint64_t i = 0; err == GROOVE_SUCCESS && i < n; i++)
		keep(actor, slot + i, objs[i]);
	unlock_range(actor, slot, n);
	return TEST_SUCCESS;
}

/* The objects of n slots that are locked. */
static int
collect(const struct actor *actor, uint64_t slot, uint64_t n, void **objs)
{
	for (uint64_t i = 0; i < n; i++) {
		TEST_CALL(check_locked(actor, slot + i));
		objs[i] = slot_obj(actor, slot + i);
	}
	return TEST_SUCCESS;
}

int
actor_free_bulk(struct actor *actor, uint64_t slot, uint64_t n)
{
	void *objs[BULK_MAX];

	if (!lock_range(actor, slot, n, true))
		return TEST_SUCCESS;
	TEST_CALL(collect(actor, slot, n, objs));
	TEST_ASSERT_SUCCESS(groove_data_free_bulk(&actor->join, objs, n), "free_bulk of %lu", n);
	for (uint64_t i = 0; i < n; i++)
		actor->slots[slot + i].off = 0;
	unlock_range(actor, slot, n);
	return TEST_SUCCESS;
}

int
actor_free_bulk_badly(struct actor *actor, uint64_t slot, uint64_t n)
{
	void *objs[BULK_MAX + 1];

	if (!lock_range(actor, slot, n, true))
		return TEST_SUCCESS;
	TEST_CALL(collect(actor, slot, n, objs));
	objs[n] = NULL;
	TEST_ASSERT_EQUAL(
		groove_data_free_bulk(&actor->join, objs, n + 1), GROOVE_ERR_INVAL, "free_bulk of %lu and NULL", n);
	unlock_range(actor, slot, n);
	return TEST_SUCCESS;
}

#if GROOVE_DEBUG_CHECKS
/* The first byte after the object in a slot. */
static uint8_t *
byte_behind(const struct actor *actor, uint64_t slot)
{
	return groove_data_alloc_stop(slot_obj(actor, slot));
}

int
actor_free_overrun(struct actor *actor, uint64_t slot, uint64_t n)
{
	void *objs[BULK_MAX];
	int err;

	if (!lock_range(actor, slot, n, true))
		return TEST_SUCCESS;
	TEST_CALL(collect(actor, slot, n, objs));
	*byte_behind(actor, slot + n - 1) ^= 0xff;
	err = n > 1 ? groove_data_free_bulk(&actor->join, objs, n) : groove_data_free(&actor->join, objs[0]);
	TEST_ASSERT_EQUAL(err, GROOVE_ERR_CORRUPT, "free of slots %lu to %lu", slot, slot + n - 1);
	actor_mend(actor, slot + n - 1);
	unlock_range(actor, slot, n);
	return TEST_SUCCESS;
}

void
actor_mend(const struct actor *actor, uint64_t slot)
{
	*byte_behind(actor, slot) = DEBUG_RED_ZONE;
}
#endif

int
actor_sweep(struct actor *actor, uint64_t szc)
{
	const uint64_t slot = SLOT_CNT - 1 - actor->number % SWEEP_SLOTS;

	TEST_CALL(actor_alloc(actor, slot, 0, szc_sz(szc)));
	if (actor->slots[slot].off == 0) {
		const int err = groove_region_grow(actor->region, &actor->join, NULL);

		TEST_ASSERT(err == GROOVE_SUCCESS || err == GROOVE_ERR_AGAIN || err == GROOVE_ERR_FULL, "grow: %s",
			groove_strerror(err));
		TEST_CALL(actor_alloc(actor, slot, 0, szc_sz(szc)));
	}
	return actor_free(actor, slot);
}

/* ---- turns ---- */

/* A size that is drawn for a slot of those that turns fill. */
static uint64_t
draw_sz(struct actor *actor, uint64_t slot)
{
	const bool large = slot % SLOT_LARGE_STEP == 0;
	const uint64_t szc = test_rand(&actor->seed) % (large ? SZC_SHARED_CNT : SZC_CACHED_CNT);

	return szc_sz(szc) - test_rand(&actor->seed) % GROOVE_LINE_SZ % (szc_sz(szc) + 1);
}

static int
turn_single(struct actor *actor)
{
	const uint64_t slot = test_rand(&actor->seed) % SLOT_TURNS;
	const uint64_t align = test_rand(&actor->seed) % 16 == 0 ? 1UL << test_rand(&actor->seed) % 10 : 0;
	const uint64_t sz = draw_sz(actor, slot);

	if (!lock(actor, slot))
		return TEST_SUCCESS;
	TEST_CALL(actor->slots[slot].off != 0 ? free_locked(actor, slot)
					      : alloc_locked(actor, slot, align, align > 64 ? sz / 2 : sz));
	unlock(actor, slot);
	return TEST_SUCCESS;
}

static int
turn_bulk(struct actor *actor)
{
	const uint64_t slot = test_rand(&actor->seed) % (SLOT_TURNS / TURN_BULK_CNT) * TURN_BULK_CNT;
	const uint64_t sz = draw_sz(actor, 1);

	/* Of these another may have taken one between both: then neither does anything. */
	TEST_CALL(actor_free_bulk(actor, slot, TURN_BULK_CNT));
	return test_rand(&actor->seed) % 2 == 0 ? actor_alloc_bulk(actor, slot, TURN_BULK_CNT, sz) : TEST_SUCCESS;
}

/* Now and then a volume goes, and another comes. */
static int
turn_volume(struct actor *actor)
{
	const bool shrink = test_rand(&actor->seed) % 2 == 0;
	const int err = shrink ? groove_region_shrink(actor->region, &actor->join, NULL)
			       : groove_region_grow(actor->region, &actor->join, NULL);

	TEST_ASSERT(
		err == GROOVE_SUCCESS || err == GROOVE_ERR_AGAIN || err == GROOVE_ERR_EMPTY || err == GROOVE_ERR_FULL,
		"%s: %s", shrink ? "shrink" : "grow", groove_strerror(err));
	return TEST_SUCCESS;
}

static int
turn_recover(struct actor *actor)
{
	const int err = groove_region_recover(actor->region, &actor->join);

	TEST_ASSERT(err == GROOVE_SUCCESS || err == GROOVE_ERR_AGAIN, "recover: %s", groove_strerror(err));
	return TEST_SUCCESS;
}

static int
turn(struct actor *actor)
{
	const uint64_t draw = test_rand(&actor->seed) % TURN_KINDS;

	/* Seldom, as it takes long. */
	if (draw == 0 && actor->keeps && test_rand(&actor->seed) % 8 == 0)
		return turn_volume(actor);
	if (draw < 3 && actor->keeps)
		return turn_recover(actor);
	if (draw < 4)
		return groove_data_flush(&actor->join) == GROOVE_SUCCESS ? TEST_SUCCESS : TEST_FAILED;
	if (draw < 8)
		return groove_data_trim(&actor->join) == GROOVE_SUCCESS ? TEST_SUCCESS : TEST_FAILED;
	if (draw < 12)
		return actor_sweep(actor, test_rand(&actor->seed) % GROOVE_DATA_SZC_SLICE);
	if (draw < 76)
		return turn_bulk(actor);
	if (draw < 84)
		return actor_free(actor, test_rand(&actor->seed) % SLOT_CNT);
	return turn_single(actor);
}

int
actor_turns(struct actor *actor, uint64_t cnt)
{
	for (uint64_t i = 0; i < cnt; i++, actor->turn_cnt++)
		TEST_CALL(turn(actor));
	return TEST_SUCCESS;
}
