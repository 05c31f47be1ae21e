/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* The thread of the caretaker: begins with the first heap that wants it, and ends with the last. */

#include "heap_care.h"

#include <sched.h>
#include <signal.h>
#include <time.h>

#include <rte_lcore.h>

#include "heap_log.h"

#define ROUND_MS 100 /* from the end of a round to the next: the dead are recovered within a second */

static pthread_mutex_t care_lock = PTHREAD_MUTEX_INITIALIZER; /* guards what follows, and is held during a round */
static pthread_cond_t care_change;
static struct heap *cared; /* heaps, linked */
static pthread_t caretaker;
static bool is_running;
static uint64_t turn; /* counts the threads that there have been: one that is not the last ends */

static bool
change_make(void)
{
	pthread_condattr_t attr;
	bool made;

	if (pthread_condattr_init(&attr) != 0)
		return false;
	made = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0 && pthread_cond_init(&care_change, &attr) == 0;
	pthread_condattr_destroy(&attr);
	return made;
}

/* ---- fork: the child has no caretaker ---- */

static void
fork_before(void)
{
	pthread_mutex_lock(&care_lock);
}

static void
fork_parent(void)
{
	pthread_mutex_unlock(&care_lock);
}

static void
fork_child(void)
{
	cared = NULL;
	is_running = false;
	change_make();
	pthread_mutex_unlock(&care_lock);
}

static bool can_watch;

static void
watch(void)
{
	can_watch = change_make() && pthread_atfork(fork_before, fork_parent, fork_child) == 0;
}

/* ---- the thread ---- */

/* Not on the CPUs of lcores, where there are others: this thread began on that of the one that opened the heap. */
static void
step_aside(void)
{
	cpu_set_t cpus;
	unsigned int lcore;

	if (rte_lcore_count() == 0)
		return;
	CPU_ZERO(&cpus);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		CPU_SET(cpu, &cpus);
	RTE_LCORE_FOREACH(lcore)
	{
		const rte_cpuset_t own = rte_lcore_cpuset(lcore);

		for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
			if (CPU_ISSET(cpu, &own))
				CPU_CLR(cpu, &cpus);
		}
	}
	/* Where lcores have all CPUs that may be used the kernel refuses. */
	pthread_setaffinity_np(pthread_self(), sizeof(cpus), &cpus);
}

static struct timespec
next_round(void)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	at.tv_nsec += ROUND_MS * 1000000L;
	at.tv_sec += at.tv_nsec / 1000000000L;
	at.tv_nsec %= 1000000000L;
	return at;
}

static void *
run(void *arg)
{
	const uint64_t own = (uintptr_t)arg;

	step_aside();
	pthread_mutex_lock(&care_lock);
	while (own == turn) {
		const struct timespec at = next_round();

		for (struct heap *heap = cared; heap != NULL; heap = heap->care_next)
			groove_heap_care(&heap->shown);
		pthread_cond_timedwait(&care_change, &care_lock, &at);
	}
	pthread_mutex_unlock(&care_lock);
	return NULL;
}

/* Signals are the program's. */
static bool
thread_start(void)
{
	sigset_t all, old;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	error = pthread_create(&caretaker, NULL, run, (void *)(uintptr_t)++turn);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (error != 0)
		return false;
	pthread_setname_np(caretaker, "groove-care");
	return true;
}

/* ---- heaps ---- */

bool
heap_care_begin(struct heap *heap)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, watch);
	pthread_mutex_lock(&care_lock);
	heap->care_next = cared;
	cared = heap;
	if (!is_running)
		is_running = can_watch && thread_start();
	if (!is_running)
		cared = heap->care_next;
	heap->is_cared = is_running;
	pthread_mutex_unlock(&care_lock);
	if (!heap->is_cared)
		HEAP_LOG(ERR,
			"no thread for the caretaker: raise the limit of threads, or call groove_heap_care() now and "
			"then (GROOVE_HEAP_CARE_CALLS)");
	return heap->is_cared;
}

void
heap_care_end(struct heap *heap)
{
	struct heap **link = &cared;
	pthread_t ended = {0};
	bool is_last;

	if (!heap->is_cared)
		return;
	pthread_mutex_lock(&care_lock);
	while (*link != NULL && *link != heap)
		link = &(*link)->care_next;
	if (*link != NULL)
		*link = heap->care_next;
	is_last = cared == NULL && is_running;
	if (is_last) {
		is_running = false;
		ended = caretaker;
		turn++;
		pthread_cond_signal(&care_change);
	}
	pthread_mutex_unlock(&care_lock);
	if (is_last)
		pthread_join(ended, NULL);
}

void
heap_care_pause(void)
{
	pthread_mutex_lock(&care_lock);
}

void
heap_care_resume(void)
{
	pthread_mutex_unlock(&care_lock);
}
