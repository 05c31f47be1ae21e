/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "schedule.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#include "stale.h"

#define STACK_SZ   (256UL << 10)
#define POINT_MAX  20000U /* in one schedule: more means that a thread does not end */
#define SWITCH_MAX 64U	  /* in one schedule */
#define RANGE_MAX  128U
#define UNDO_MAX   (1U << 20) /* bytes written in one schedule and its check */
#define NOBODY	   SCHEDULE_THREAD_MAX

/* A switch that is no end of a thread: at which point, to which thread. */
struct preemption {
	uint32_t point;
	uint32_t to;
};

/*
 * A schedule is given by its preemptions. Between them the running thread runs on, and when it ends the lowest that has
 * not ended follows. Exploring: run a schedule, and for each point after its last preemption and each other thread that
 * could run there, the schedule with this preemption more.
 */
struct schedule {
	struct preemption switches[SWITCH_MAX];
	unsigned int cnt;
	uint32_t death;	 /* point at which the running thread dies; POINT_MAX: none does */
	uint32_t death2; /* the same, of a second thread */
	uint32_t stale;	 /* point whose load finds the value before the last; POINT_MAX: none does */
};

struct range {
	uintptr_t start;
	uintptr_t stop;
};

struct ranges {
	struct range range[RANGE_MAX];
	unsigned int cnt;
};

static struct ranges watched;
#define LINE_SZ	  64U
#define LINE_BITS 65536U
static uint64_t watched_lines[LINE_BITS / 64];
static struct ranges undoable;
static struct ranges forbidden;
static void (*at_begin)(void);
static uint32_t share_first;
static uint32_t share_cnt = 1;
static int (*check_death)(unsigned int dead);
static bool stale_wanted;

static const struct schedule no_switch = {.death = POINT_MAX, .death2 = POINT_MAX, .stale = POINT_MAX};

static struct {
	uint8_t *addr;
	uint8_t old;
} undo_log[UNDO_MAX];
static unsigned int undo_cnt;

static struct {
	const struct scenario *scenario;
	const struct schedule *schedule;
	unsigned int next_switch;
	uint32_t point;
	unsigned int running; /* NOBODY: the main context, points do not count */
	bool ended[SCHEDULE_THREAD_MAX];
	bool endless;
	bool touched;	   /* what is forbidden */
	unsigned int dead; /* thread that died last; NOBODY: all live */
	bool is_dead[SCHEDULE_THREAD_MAX];
	uint8_t runnable[POINT_MAX]; /* at each point: bits of the threads that had not ended */
	uint8_t runner[POINT_MAX];
	bool stale[POINT_MAX];		      /* whether a load there may find the value before the last */
	uint32_t access[SCHEDULE_THREAD_MAX]; /* point of the access that each thread is about to make; POINT_MAX: none
					       */
	ucontext_t main_context;
	ucontext_t context[SCHEDULE_THREAD_MAX];
	uint8_t *stack[SCHEDULE_THREAD_MAX];
} run = {.running = NOBODY};

static void
switch_to(unsigned int thread)
{
	const unsigned int from = run.running;

	run.running = thread;
	swapcontext(&run.context[from], &run.context[thread]);
}

static void
ranges_add(struct ranges *ranges, const void *addr, uint64_t sz)
{
	if (ranges->cnt == RANGE_MAX)
		abort();
	ranges->range[ranges->cnt++] = (struct range){(uintptr_t)addr, (uintptr_t)addr + sz};
}

static bool
ranges_have(const struct ranges *ranges, const void *addr)
{
	for (unsigned int i = 0; i < ranges->cnt; i++)
		if ((uintptr_t)addr >= ranges->range[i].start && (uintptr_t)addr < ranges->range[i].stop)
			return true;
	return false;
}

/* Whether a range may have a line; so that most accesses, which are to none, are seen to be so at once. */
static uint64_t *
line_bit(uintptr_t addr, uint64_t *bit)
{
	const uint64_t line = addr / LINE_SZ % LINE_BITS;

	*bit = 1UL << line % 64;
	return &watched_lines[line / 64];
}

void
schedule_watch(const void *addr, uint64_t sz)
{
	ranges_add(&watched, addr, sz);
	if (sz >= LINE_SZ * LINE_BITS) {
		memset(watched_lines, 0xff, sizeof(watched_lines));
		return;
	}
	for (uint64_t at = 0; at < sz + LINE_SZ - 1; at += LINE_SZ) {
		uint64_t bit;

		*line_bit((uintptr_t)addr + at, &bit) |= bit;
	}
}

static bool
is_watched(const void *addr)
{
	uint64_t bit;

	return (*line_bit((uintptr_t)addr, &bit) & bit) != 0 && ranges_have(&watched, addr);
}

static void
watched_clear(void)
{
	watched.cnt = 0;
	memset(watched_lines, 0, sizeof(watched_lines));
}

void
schedule_watch_nothing(void)
{
	watched.cnt = 0;
}

void
schedule_undo(const void *addr, uint64_t sz)
{
	ranges_add(&undoable, addr, sz);
}

void
schedule_forbid(const void *addr, uint64_t sz)
{
	ranges_add(&forbidden, addr, sz);
}

void
schedule_write(const void *addr, uint64_t sz)
{
	if (!ranges_have(&undoable, addr))
		return;
	if (undo_cnt + sz > UNDO_MAX)
		abort();
	for (uint64_t i = 0; i < sz; i++) {
		uint8_t *byte = (uint8_t *)(uintptr_t)addr + i;

		undo_log[undo_cnt].addr = byte;
		undo_log[undo_cnt++].old = *byte;
	}
}

void
schedule_at_begin(void (*begin)(void))
{
	at_begin = begin;
}

void
schedule_share(uint32_t share, uint32_t cnt)
{
	share_first = share - 1;
	share_cnt = cnt;
}

static void
undo_all(void)
{
	while (undo_cnt > 0) {
		undo_cnt--;
		*undo_log[undo_cnt].addr = undo_log[undo_cnt].old;
	}
}

/* The running thread never runs again: the lowest that has not ended follows, or the main context. */
static void
thread_end(void)
{
	run.ended[run.running] = true;
	for (unsigned int i = 0; i < run.scenario->thread_cnt; i++) {
		if (run.ended[i])
			continue;
		run.running = i;
		setcontext(&run.context[i]);
	}
	setcontext(&run.main_context);
}

/* Count a point, and switch if the schedule says so. */
static void
point_pass(void)
{
	if (run.point == POINT_MAX) {
		run.endless = true;
		setcontext(&run.main_context);
	}

	uint8_t runnable = 0;

	for (unsigned int i = 0; i < run.scenario->thread_cnt; i++)
		runnable |= (uint8_t)(!run.ended[i] << i);
	run.runnable[run.point] = runnable;
	run.runner[run.point] = (uint8_t)run.running;
	run.stale[run.point] = false;
	run.access[run.running] = run.point;

	const struct schedule *schedule = run.schedule;
	const uint32_t point = run.point++;

	if (point == schedule->death || point == schedule->death2) {
		run.dead = run.running;
		run.is_dead[run.running] = true;
		stale_death(run.running);
		thread_end();
	}
	if (run.next_switch == schedule->cnt || schedule->switches[run.next_switch].point != point)
		return;

	const uint32_t to = schedule->switches[run.next_switch++].to;

	if (to != run.running && !run.ended[to])
		switch_to(to);
}

void
schedule_point(const void *addr)
{
	if (run.running == NOBODY)
		return;
	run.access[run.running] = POINT_MAX;
	if (is_watched(addr))
		point_pass();
	/* After the switch: another thread may have forbidden it meanwhile. */
	if (ranges_have(&forbidden, addr))
		run.touched = true;
}

/* Whether a schedule has a load that finds an older value, or schedules that have one follow from it. */
static bool
is_stale_explored(const struct schedule *schedule)
{
	return stale_wanted || schedule->stale != POINT_MAX;
}

/* What a load finds that was made at a point. */
static uint64_t
load_made(const void *addr, uint64_t sz, int mo, uint64_t value)
{
	const uint32_t point = run.access[run.running];

	if (point != POINT_MAX && stale_is_possible(run.running, addr, sz, mo)) {
		if (point == run.schedule->stale)
			return stale_take(run.running, addr, mo);
		run.stale[point] = true;
	}
	stale_read(run.running, addr, mo);
	return value;
}

uint64_t
schedule_made(const void *addr, uint64_t sz, enum hooks_op op, int mo, uint64_t before)
{
	if (run.running == NOBODY || !is_stale_explored(run.schedule))
		return before;
	switch (op) {
	case HOOKS_LOAD:
		return load_made(addr, sz, mo, before);
	case HOOKS_STORE:
		stale_store(run.running, addr, sz, mo, before);
		break;
	case HOOKS_MODIFY:
		stale_modify(run.running, addr, sz, mo, before);
		break;
	case HOOKS_MISS:
		stale_read(run.running, addr, mo);
		break;
	}
	return before;
}

void
schedule_stale(void)
{
	stale_wanted = true;
}

/* A thread's context runs this. */
static void
thread_main(unsigned int thread)
{
	run.scenario->thread[thread]();
	thread_end();
}

static void
thread_make(unsigned int thread)
{
	ucontext_t *context = &run.context[thread];

	getcontext(context);
	context->uc_stack.ss_sp = run.stack[thread];
	context->uc_stack.ss_size = STACK_SZ;
	context->uc_link = NULL;
	makecontext(context, (void (*)(void))thread_main, 1, thread);
	run.ended[thread] = false;
}

static void
print_schedule(const struct scenario *scenario, const struct schedule *schedule)
{
	printf("  schedule of %s:", scenario->name);
	for (unsigned int i = 0; i < schedule->cnt; i++)
		printf(" %u@%u", schedule->switches[i].to, schedule->switches[i].point);
	if (schedule->death != POINT_MAX)
		printf(" death@%u", schedule->death);
	if (schedule->death2 != POINT_MAX)
		printf(" second@%u", schedule->death2);
	if (schedule->stale != POINT_MAX)
		printf(" stale@%u", schedule->stale);
	printf("%s\n", schedule->cnt == 0 ? " no preemption" : "");
}

/* Put back the state that setup made. A recovery changes too much to be undone, so after it setup makes it anew. */
static int
state_restore(const struct scenario *scenario)
{
	if (check_death == NULL) {
		undo_all();
		return 0;
	}
	watched_clear();
	undoable.cnt = 0;
	if (scenario->setup() != 0)
		return -1;
	undoable.cnt = 0;
	undo_cnt = 0;
	return 0;
}

static int
run_schedule(const struct scenario *scenario, const struct schedule *schedule)
{
	if (state_restore(scenario) != 0)
		return -1;
	at_begin();
	stale_begin();
	forbidden.cnt = 0;
	run.touched = false;
	run.scenario = scenario;
	run.schedule = schedule;
	run.next_switch = 0;
	run.point = 0;
	run.endless = false;
	run.dead = NOBODY;
	memset(run.is_dead, 0, sizeof(run.is_dead));
	for (unsigned int i = 0; i < scenario->thread_cnt; i++)
		thread_make(i);
	run.running = 0;
	swapcontext(&run.main_context, &run.context[0]);
	run.running = NOBODY;

	if (run.endless)
		printf("  %s: a thread does not end in %u points\n", scenario->name, POINT_MAX);
	if (run.touched)
		printf("  %s: memory was used that is given back\n", scenario->name);
	if (run.endless || run.touched || (run.dead != NOBODY ? check_death(run.dead) : scenario->check()) != 0) {
		print_schedule(scenario, schedule);
		return -1;
	}
	return 0;
}

/* Run a schedule once for each point after its last preemption, with a death there. */
static int
explore_deaths(const struct scenario *scenario, const struct schedule *schedule, struct schedule_result *result)
{
	struct schedule deadly = *schedule;
	const uint32_t cnt = run.point;

	for (deadly.death = schedule->cnt != 0 ? schedule->switches[schedule->cnt - 1].point + 1 : 0;
		deadly.death < cnt; deadly.death++) {
		if (run_schedule(scenario, &deadly) != 0)
			return -1;
		result->schedules++;
	}
	return 0;
}

/* Run a schedule, and count it. */
static int
explore_one(const struct scenario *scenario, const struct schedule *schedule, struct schedule_result *result)
{
	if (run_schedule(scenario, schedule) != 0)
		return -1;
	result->schedules++;
	if (run.point > result->points)
		result->points = run.point;
	return 0;
}

/* Point from which on a schedule can have more in it. */
static uint32_t
schedule_end(const struct schedule *schedule)
{
	uint32_t end = schedule->cnt != 0 ? schedule->switches[schedule->cnt - 1].point + 1 : 0;

	if (schedule->death != POINT_MAX && schedule->death >= end)
		end = schedule->death + 1;
	if (schedule->stale != POINT_MAX && schedule->stale >= end)
		end = schedule->stale + 1;
	return end;
}

/* Whether the share that is explored has what goes on with a preemption at a point: see schedule_share(). */
static bool
is_in_share(const struct schedule *schedule, uint32_t point, unsigned int most)
{
	const uint32_t before = schedule->cnt != 0 ? schedule->switches[0].point : 0;

	return schedule->cnt + 1 != (most > 1 ? 2 : 1) || (before + point) % share_cnt == share_first;
}

/* What may follow at a point of a schedule that was run. */
struct choice {
	uint8_t others; /* bits of the threads that may run on instead */
	bool stale;	/* a load there may find the value before the last */
};

static int explore(
	const struct scenario *scenario, struct schedule *schedule, bool deaths, struct schedule_result *result);

/* Run a schedule with each of the choices at a point, and all that have more after it. */
static int
explore_point(const struct scenario *scenario, struct schedule *schedule, bool deaths, struct schedule_result *result,
	uint32_t point, const struct choice *choice)
{
	int err = 0;

	if (choice->stale) {
		schedule->stale = point;
		err = explore(scenario, schedule, deaths, result);
		schedule->stale = POINT_MAX;
	}
	if (schedule->cnt == result->preemptions || !is_in_share(schedule, point, result->preemptions))
		return err;
	for (uint32_t to = 0; err == 0 && to < scenario->thread_cnt; to++) {
		if ((choice->others >> to & 1) == 0)
			continue;
		schedule->switches[schedule->cnt++] = (struct preemption){point, to};
		err = explore(scenario, schedule, deaths, result);
		schedule->cnt--;
	}
	return err;
}

/* Run a schedule and all that have more preemptions after it, up to the bound. deaths: and a death after those. */
static int
explore(const struct scenario *scenario, struct schedule *schedule, bool deaths, struct schedule_result *result)
{
	if (explore_one(scenario, schedule, result) != 0)
		return -1;

	const bool stale = stale_wanted && schedule->stale == POINT_MAX;

	if (schedule->cnt == result->preemptions && !stale)
		return deaths ? explore_deaths(scenario, schedule, result) : 0;

	const uint32_t first = schedule_end(schedule);
	const uint32_t cnt = run.point;
	struct choice *choices = malloc(cnt * sizeof(*choices));
	int err = choices != NULL ? 0 : -1;

	for (uint32_t point = first; err == 0 && point < cnt; point++)
		choices[point] = (struct choice){
			.others = run.runnable[point] & (uint8_t) ~(1U << run.runner[point]),
			.stale = stale && run.stale[point],
		};
	if (err == 0 && deaths)
		err = explore_deaths(scenario, schedule, result);
	for (uint32_t point = first; err == 0 && point < cnt; point++)
		err = explore_point(scenario, schedule, deaths, result, point, &choices[point]);
	free(choices);
	return err;
}

/* Stacks for the threads, for good. */
static int
stacks_make(void)
{
	for (unsigned int i = 0; i < SCHEDULE_THREAD_MAX; i++) {
		if (run.stack[i] == NULL)
			run.stack[i] = malloc(STACK_SZ);
		if (run.stack[i] == NULL)
			return -1;
	}
	return 0;
}

static int
prepare(const struct scenario *scenario)
{
	watched_clear();
	undoable.cnt = 0;
	undo_cnt = 0;
	if (stacks_make() != 0 || scenario->setup() != 0)
		return -1;
	undo_cnt = 0;
	return 0;
}

int
schedule_explore(const struct scenario *scenario, unsigned int preemptions, struct schedule_result *result)
{
	struct schedule schedule = no_switch;

	*result = (struct schedule_result){.preemptions = preemptions < SWITCH_MAX ? preemptions : SWITCH_MAX};
	if (prepare(scenario) != 0)
		return -1;
	return explore(scenario, &schedule, check_death != NULL, result);
}

int
schedule_explore_deaths(const struct scenario *scenario, unsigned int preemptions, int (*check)(unsigned int dead),
	struct schedule_result *result)
{
	int err;

	check_death = check;
	err = schedule_explore(scenario, preemptions, result);
	check_death = NULL;
	return err;
}

/* A thread that runs after the first death dies as well, at each of its points. */
static int
explore_second(const struct scenario *scenario, struct schedule *schedule, struct schedule_result *result)
{
	const uint32_t first = schedule->death + 1;
	uint32_t end = first;
	int err = 0;

	while (end < run.point && run.runner[end] == run.runner[first])
		end++;
	for (schedule->death2 = first; err == 0 && schedule->death2 < end; schedule->death2++)
		err = explore_one(scenario, schedule, result);
	schedule->death2 = POINT_MAX;
	return err;
}

int
schedule_explore_after(const struct scenario *scenario, unsigned int preemptions, bool second,
	int (*check)(unsigned int dead), struct schedule_result *result)
{
	struct schedule schedule = no_switch;
	uint32_t victim_end = 0;
	int err;

	*result = (struct schedule_result){.preemptions = preemptions < SWITCH_MAX ? preemptions : SWITCH_MAX};
	check_death = check;
	err = prepare(scenario) != 0 ? -1 : explore_one(scenario, &schedule, result);
	while (err == 0 && victim_end < run.point && run.runner[victim_end] == 0)
		victim_end++;
	for (schedule.death = 0; err == 0 && schedule.death < victim_end; schedule.death++) {
		if (!second) {
			err = explore(scenario, &schedule, false, result);
			continue;
		}
		err = explore_one(scenario, &schedule, result);
		if (err == 0)
			err = explore_second(scenario, &schedule, result);
	}
	check_death = NULL;
	return err;
}

bool
schedule_is_dead(unsigned int thread)
{
	return run.is_dead[thread];
}

/* Read "TO@POINT ... death@POINT second@POINT stale@POINT". 0; -1 when the text is something else. */
static int
schedule_parse(const struct scenario *scenario, const char *text, struct schedule *schedule)
{
	int used = 0;

	*schedule = no_switch;
	for (; *text != '\0'; text += used) {
		struct preemption *next = &schedule->switches[schedule->cnt];

		if (sscanf(text, " death@%u%n", &schedule->death, &used) == 1 ||
			sscanf(text, " second@%u%n", &schedule->death2, &used) == 1 ||
			sscanf(text, " stale@%u%n", &schedule->stale, &used) == 1)
			continue;
		if (sscanf(text, " %u@%u%n", &next->to, &next->point, &used) != 2 || next->to >= scenario->thread_cnt ||
			++schedule->cnt == SWITCH_MAX)
			return -1;
	}
	return 0;
}

int
schedule_replay(const struct scenario *scenario, const char *text, int (*check)(unsigned int dead))
{
	struct schedule schedule;
	int err;

	if (schedule_parse(scenario, text, &schedule) != 0)
		return -2;
	check_death = schedule.death != POINT_MAX ? check : NULL;
	err = prepare(scenario) != 0 ? -1 : run_schedule(scenario, &schedule);
	check_death = NULL;
	return err;
}
