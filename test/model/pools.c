/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * groove-interleave-pools [PREEMPTIONS]: the magazines of the mempool driver in every interleaving of a few processes
 * up to a bounded number of preemptions (2); then with a death at each point; then with recovery from it, and with the
 * death of the recoverer. Each thread is a process. After each schedule every element is in one magazine, or is had by
 * one process that lives, or is one of the dead.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <magazine.h>
#include <mp_member.h>
#include <mp_stranger.h>

#include "expect.h"
#include "pool_calls.h"
#include "schedule.h"

#define ELTS	  8U
#define ELT_SZ	  64U
#define CHECKER	  SCHEDULE_THREAD_MAX
#define NEWCOMER  (SCHEDULE_THREAD_MAX + 1U) /* comes when the place of another is vacant */
#define PROCESSES (SCHEDULE_THREAD_MAX + 2U)
#define NUMBER	  100U /* of the first process */
#define MAGAZINES 3U   /* that are watched; the others stay empty */

static struct mp_pool *pool;
static uint8_t (*elts)[ELT_SZ];
static uint8_t places[PROCESSES];
static struct member_view views[PROCESSES];

/* What a process has. */
static struct {
	void *objs[ELTS];
	unsigned int cnt;
	unsigned int failed_cnt;
} has[PROCESSES];

/* The element that one process got and another puts. */
static void *passed_on;
static bool is_putting, is_put, was_putting;
static bool caches_dropped; /* those of the dead, once */
static unsigned int wrong_cnt;

/* The newcomer's calls are made by thread 2. */
static bool
process_is_dead(unsigned int process)
{
	return process != CHECKER && schedule_is_dead(process == NEWCOMER ? 2 : process);
}

static bool
is_dead(void *arg, uint64_t number)
{
	(void)arg;
	return process_is_dead((unsigned int)(number - NUMBER));
}

/* The caches of the dead are dropped: until then nobody may list what is in them. */
static void
gone(void *arg, const uint64_t *lcores)
{
	(void)arg;
	(void)lcores;
	for (unsigned int i = 0; i < ELTS && !caches_dropped; i++)
		wrong_cnt += *mp_owner(pool, elts[i]) == OWNER_DEAD;
	caches_dropped = true;
}

/* ---- what processes do ---- */

static void
get(unsigned int process, unsigned int magazine, unsigned int n)
{
	struct magazine *last = mp_magazine(pool, magazine);
	void *objs[ELTS];

	if (!pool_get(pool, places[process], &last, objs, n)) {
		has[process].failed_cnt++;
		return;
	}
	memcpy(has[process].objs + has[process].cnt, objs, n * sizeof(*objs));
	has[process].cnt += n;
}

static void
put(unsigned int process, unsigned int magazine, unsigned int n)
{
	struct magazine *last = mp_magazine(pool, magazine);

	/* From here on it may not use them. */
	has[process].cnt -= n;
	if (pool_put(pool, places[process], &last, has[process].objs + has[process].cnt, n) != 0)
		wrong_cnt++;
}

static void
get_3_0(void)
{
	get(0, 0, 3);
}

static void
get_3_1(void)
{
	get(1, 0, 3);
}

static void
get_2_1(void)
{
	get(1, 1, 2);
}

static void
get_2_2(void)
{
	get(2, 1, 2);
}

static void
get_all_0(void)
{
	get(0, 0, 6);
}

static void
put_2_0(void)
{
	put(0, 0, 2);
}

static void
put_2_1(void)
{
	put(1, 0, 2);
}

static void
put_get_0(void)
{
	put(0, 0, 2);
	get(0, 0, 1);
}

static void
get_put_1(void)
{
	get(1, 0, 2);
	if (has[1].cnt >= 2)
		put(1, 1, 2);
}

/* In the name of strangers, which is its own before thread 1 has it. */
static void
put_strange_0(void)
{
	struct magazine *last = mp_magazine(pool, 0);

	has[0].cnt -= 2;
	wrong_cnt += stranger_put(pool, &last, has[0].objs + has[0].cnt, 2) != 0;
}

static void
put_strange_1(void)
{
	struct magazine *last = mp_magazine(pool, 0);

	get(1, 1, 1);
	if (!schedule_is_dead(0) || has[1].cnt == 0)
		return;
	has[1].cnt--;
	wrong_cnt += stranger_put(pool, &last, &has[1].objs[0], 1) != 0;
}

static void
recover_1(void)
{
	member_recover(pool, &views[1]);
}

/* Recover as well, and let another process have the place. */
static void
recover_enter_2(void)
{
	member_recover(pool, &views[2]);
	places[NEWCOMER] = member_enter(pool, &views[NEWCOMER], NULL);
	get(NEWCOMER, 1, 2);
}

/* The second process comes, and leaves elements that it owned. */
static void
enter_1(void)
{
	places[1] = member_enter(pool, &views[1], NULL);
	get(1, 0, 1);
	if (has[1].cnt > 0)
		put(1, 0, 1);
	get(1, 1, 1);
}

/* It looks for what the dead had, and gets nothing. */
static void
clear(void)
{
	magazine_clear(pool, OWNER_DEAD);
	magazine_clear_end(pool);
}

static void
put_passed_2(void)
{
	struct magazine *last = mp_magazine(pool, 0);

	is_putting = true;
	if (pool_put(pool, places[2], &last, &passed_on, 1) != 0)
		wrong_cnt++;
	is_put = true;
}

/* What it puts is where it got another element, or two are left. */
static void
get_put_passed_2(void)
{
	get(2, 0, 1);
	put_passed_2();
}

/*
 * As a walk does: what has been put must not be listed as one of the dead. But a process that lives, and is stopped in
 * the midst of a put, has not been careful.
 */
static void
walk_list_1(void)
{
	uint8_t *owner = mp_owner(pool, passed_on);

	magazine_clear(pool, OWNER_DEAD);
	was_putting = is_putting && !is_put;
	if (pool_list(owner, places[1])) {
		wrong_cnt += is_put && !was_putting;
		*owner = OWNER_DEAD;
	}
	magazine_clear_end(pool);
}

static void
walk_1(void)
{
	member_recover(pool, &views[1]);
	walk_list_1();
}

/* ---- the state at the start ---- */

static void (*arrange)(void);
static bool starts_sole; /* process 0 has made it, and no other has come yet */

static void
give(unsigned int process, unsigned int magazine, unsigned int n)
{
	get(process, magazine, n);
}

static void
pool_make(void)
{
	const size_t sz = mp_sz(ELTS);

	if (pool == NULL) {
		pool = aligned_alloc(RTE_CACHE_LINE_SIZE, RTE_ALIGN_CEIL(sz, RTE_CACHE_LINE_SIZE));
		elts = aligned_alloc(ELT_SZ, sizeof(*elts) * ELTS);
		if (pool == NULL || elts == NULL)
			abort();
	}
	memset(pool, 0, sz);
	memset(has, 0, sizeof(has));
	is_putting = is_put = was_putting = caches_dropped = false;
	wrong_cnt = 0;
	memset(places, 0, sizeof(places));
	mp_init(pool, ELTS, ELT_SZ, 1);
	for (unsigned int i = 0; i < PROCESSES; i++) {
		views[i] = (struct member_view){.number = NUMBER + i, .is_dead = is_dead, .gone = gone};
		if (i != NEWCOMER && (i == 0 || !starts_sole))
			places[i] = member_enter(pool, &views[i], NULL);
	}
	pool->sole = starts_sole ? places[0] : 0;
	for (unsigned int i = 0; i < ELTS; i++) {
		struct magazine *last = mp_magazine(pool, i % 2);
		void *obj = elts[i];

		if (!mp_note(pool, obj, places[0]) || pool_put(pool, places[0], &last, &obj, 1) != 0)
			abort();
	}
	/* Two in magazine 0, four in 1, two are out. */
	give(0, 0, 2);
}

static void
arrange_nothing(void)
{
}

static void
arrange_sole(void)
{
}

static void
arrange_put_put(void)
{
	give(1, 1, 2);
}

/* Process 0 got one, and process 2 has it. */
static void
arrange_passed(void)
{
	passed_on = has[0].objs[--has[0].cnt];
}

/* The same, and process 0 has died long ago. */
static void
arrange_passed_dead(void)
{
	arrange_passed();
	for (unsigned int i = 0; i < has[0].cnt; i++)
		__atomic_store_n(mp_owner(pool, has[0].objs[i]), OWNER_DEAD, __ATOMIC_RELAXED);
	has[0].cnt = 0;
	__atomic_store_n(mp_owner(pool, passed_on), OWNER_DEAD, __ATOMIC_RELAXED);
}

/* Before each schedule. */
static void
begin(void)
{
	pool_make();
	arrange();
}

static int
watch(void)
{
	for (unsigned int i = 0; i < MAGAZINES; i++)
		schedule_watch(&mp_magazine(pool, i)->word, sizeof(uint32_t));
	schedule_watch(mp_owners(pool), ELTS);
	schedule_watch(&pool->careful, sizeof(pool->careful));
	schedule_watch(&pool->sole, sizeof(pool->sole));
	schedule_watch(&pool->stranger, sizeof(pool->stranger));
	/* A place is what the order of coming gives. */
	for (unsigned int place = 1; place <= CHECKER; place++)
		schedule_watch(&pool->members[place].number, sizeof(uint64_t));
	return 0;
}

#define SETUP(name)                                                                                                    \
	static int setup_##name(void)                                                                                  \
	{                                                                                                              \
		arrange = arrange_##name;                                                                              \
		starts_sole = arrange == arrange_sole;                                                                 \
		begin();                                                                                               \
		return watch();                                                                                        \
	}
SETUP(nothing)
SETUP(sole)
SETUP(put_put)
SETUP(passed)
SETUP(passed_dead)

/* ---- what must be true in the end ---- */

static unsigned int
in_magazines(const void *obj)
{
	unsigned int cnt = 0;

	for (uint32_t i = 0; i < pool->magazine_cnt; i++) {
		const struct magazine *magazine = mp_magazine(pool, i);

		for (uint32_t slot = 0; slot < word_cnt(magazine->word); slot++)
			cnt += magazine->slots[slot] == obj;
	}
	return cnt;
}

/* The process that has an element; PROCESSES: none. */
static unsigned int
who_has(const void *obj)
{
	unsigned int who = PROCESSES;

	for (unsigned int i = 0; i < PROCESSES; i++) {
		for (unsigned int n = 0; n < has[i].cnt; n++) {
			if (has[i].objs[n] == obj)
				who = i;
		}
	}
	return who;
}

static int
check_elt(const void *obj, unsigned int idx)
{
	const unsigned int who = who_has(obj);
	const unsigned int cnt = in_magazines(obj);
	const uint8_t owner = *mp_owner(pool, obj);

	EXPECT(cnt <= 1, "element %u is in %u magazines", idx, cnt);
	if (obj == passed_on && !is_put) {
		EXPECT(!schedule_is_dead(2) || cnt == 1 || owner == OWNER_DEAD, "what was being put is lost");
		return 0;
	}
	if (who < PROCESSES && !process_is_dead(who)) {
		EXPECT(cnt == 0, "element %u is in a magazine, and process %u has it", idx, who);
		EXPECT(owner == places[who], "element %u is had by process %u, owner %u", idx, who, owner);
	} else if (who < PROCESSES) {
		EXPECT(cnt == 0 && owner == OWNER_DEAD, "element %u was had by process %u, owner %u", idx, who, owner);
	} else {
		EXPECT(cnt == 1 || owner == OWNER_DEAD, "element %u is lost, owner %u", idx, owner);
		EXPECT(cnt == 0 || owner != OWNER_DEAD, "element %u is in a magazine, and one of the dead", idx);
	}
	return 0;
}

static int
check_dead(unsigned int dead)
{
	(void)dead;
	EXPECT(wrong_cnt == 0, "%u calls went wrong", wrong_cnt);
	member_recover(pool, &views[CHECKER]);
	stranger_settle(pool);
	magazine_clear(pool, OWNER_DEAD);
	magazine_clear_end(pool);
	for (uint32_t i = 0; i < pool->magazine_cnt; i++)
		EXPECT(word_holder(mp_magazine(pool, i)->word) == 0, "magazine %u is held", i);
	for (unsigned int i = 0; i < ELTS; i++) {
		if (check_elt(elts[i], i) != 0)
			return -1;
	}
	for (unsigned int i = 0; i < CHECKER && places[NEWCOMER] == 0 && !starts_sole; i++)
		EXPECT((pool->members[places[i]].number == 0) == schedule_is_dead(i), "place of process %u", i);
	return 0;
}

/* Nobody died: nothing is one of the dead. */
static int
check_alive(void)
{
	unsigned int out = passed_on != NULL && !is_put;

	for (unsigned int i = 0; i < PROCESSES; i++)
		out += has[i].cnt;
	EXPECT(mp_cnt(pool, UINT64_MAX) == ELTS - out, "%lu elements are in magazines, %u are out",
		mp_cnt(pool, UINT64_MAX), out);
	return check_dead(0);
}

/* Some had died before. */
static int
check_walk(void)
{
	return check_dead(0);
}

static int
check_one_gets(void)
{
	EXPECT(has[0].failed_cnt + has[1].failed_cnt < 2, "nobody got any");
	return check_alive();
}

/* There were enough for both. */
static int
check_both_get(void)
{
	EXPECT(has[0].failed_cnt + has[1].failed_cnt == 0, "a get failed");
	return check_alive();
}

static const struct scenario scenarios[] = {
	{"get-get", 2, setup_nothing, {get_3_0, get_3_1}, check_one_gets},
	{"get-all-get", 2, setup_nothing, {get_all_0, get_2_1}, check_one_gets},
	{"get-put", 2, setup_nothing, {put_2_0, get_2_1}, check_both_get},
	{"put-put", 2, setup_put_put, {put_2_0, put_2_1}, check_alive},
	{"put-get-get-put", 2, setup_nothing, {put_get_0, get_put_1}, check_both_get},
	{"three", 3, setup_nothing, {put_2_0, get_2_1, get_2_2}, check_alive},
	{"sole-enter", 2, setup_sole, {put_get_0, enter_1}, check_alive},
	{"sole-clear", 2, setup_sole, {put_get_0, clear}, check_alive},
	{"walk-put", 3, setup_passed_dead, {get_3_0, walk_list_1, put_passed_2}, check_walk},
	/* The process that clears reads a slot that was emptied meanwhile, and filled by one that dies before it
	   counts. */
	{"clear-put", 3, setup_passed_dead, {clear, get_2_1, get_put_passed_2}, check_walk},
	{0},
};

/* Those in which the first dies, and the others go on. */
static const struct scenario recoveries[] = {
	{"get-recover", 3, setup_nothing, {get_3_0, recover_1, get_2_2}, check_alive},
	{"put-recover", 3, setup_nothing, {put_2_0, recover_1, get_2_2}, check_alive},
	{"get-all-recover", 3, setup_nothing, {get_all_0, recover_1, get_2_2}, check_alive},
	{"recover-recover", 3, setup_nothing, {get_3_0, recover_1, recover_enter_2}, check_alive},
	{"strange-strange", 3, setup_nothing, {put_strange_0, put_strange_1, get_2_2}, check_alive},
	{"get-recover-put", 3, setup_passed, {get_3_0, walk_1, put_passed_2}, check_alive},
	{0},
};

static int
tell(const struct scenario *scenario, const char *how, int err, const struct schedule_result *result)
{
	if (err != 0)
		printf("not ok - %s%s\n", scenario->name, how);
	else
		printf("ok - %-20s %8lu schedules, %u preemptions, %lu points%s\n", scenario->name, result->schedules,
			result->preemptions, result->points, how);
	fflush(stdout);
	return err;
}

static int
explore(const struct scenario *scenario, unsigned int preemptions)
{
	struct schedule_result result;
	int err = tell(scenario, "", schedule_explore(scenario, preemptions, &result), &result);

	if (err == 0)
		err = tell(scenario, ", deaths",
			schedule_explore_deaths(scenario, preemptions - 1, check_dead, &result), &result);
	return err;
}

static int
explore_recovery(const struct scenario *scenario, unsigned int preemptions)
{
	struct schedule_result result;
	int err = tell(scenario, ", recovery",
		schedule_explore_after(scenario, preemptions, false, check_dead, &result), &result);

	if (err == 0)
		err = tell(scenario, ", two deaths", schedule_explore_after(scenario, 0, true, check_dead, &result),
			&result);
	return err;
}

static int
explore_all(unsigned int preemptions, unsigned int after_death)
{
	int err = 0;

	for (const struct scenario *one = scenarios; one->name != NULL; one++) {
		passed_on = NULL;
		err |= explore(one, preemptions);
	}
	for (const struct scenario *one = recoveries; one->name != NULL; one++) {
		passed_on = NULL;
		err |= explore_recovery(one, after_death);
	}
	return err;
}

int
main(int argc, char **argv)
{
	const unsigned int preemptions = argc > 1 ? (unsigned int)strtoul(argv[1], NULL, 10) : 2;
	int err = 0;

	if (argc > 2 || preemptions < 2) {
		fprintf(stderr, "usage: groove-interleave-pools [PREEMPTIONS]    2 or more\n");
		return 2;
	}
	schedule_at_begin(begin);
	err |= explore_all(preemptions, preemptions);
	/* And one load in each schedule finds an older value, where the memory model allows it. */
	schedule_stale();
	err |= explore_all(preemptions - 1, 0);
	return err != 0;
}
