/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "heap_thread.h"

#include <sched.h>
#include <stdlib.h>

#include "heap_log.h"
#include "log.h"
#include "shared.h"

#define TRY_EACH 64U /* calls of a thread without a join, of which one looks whether there is a record by now */

/* A thread that has used a heap. */
struct heap_thread {
	struct groove_heap_seats seats; /* first: what the inline calls read */
	/* The handles as they were made: what is left when a thread was cancelled in the midst of a call. */
	groove_data_t *made[GROOVE_HEAP_SEAT_MAX];
	uint32_t shares[GROOVE_HEAP_SEAT_MAX]; /* calls with the common join */
	uint16_t home[GROOVE_HEAP_SEAT_MAX];   /* index of the own node, plus 1; 0: unknown */
	struct heap_thread *next;
};

static struct groove_heap_seats no_seats;
__thread struct groove_heap_seats *groove_heap_self = &no_seats;

static pthread_mutex_t threads_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t join_lock =
	PTHREAD_MUTEX_INITIALIZER; /* of threads that look for a record: one takes the last */
static struct heap_thread *threads;
static groove_region_t *seat_region[GROOVE_HEAP_SEAT_MAX]; /* whose join is in a seat; NULL: the seat is free */
static pthread_key_t threads_key;
static bool has_threads_key;
static __thread bool has_ended; /* destructors of the program may make calls still: with the common join */

/* ---- leaving ---- */

static void
seat_clear(struct heap_thread *thread, unsigned int seat)
{
	free(thread->made[seat]);
	thread->made[seat] = NULL;
	thread->seats.join[seat] = NULL;
	thread->shares[seat] = 0;
	thread->home[seat] = 0;
}

/*
 * By the handle as it was made, which lies before the one in use: a thread that was cancelled in the midst of a call
 * has left the other as if that went on.
 */
static void
seat_leave(struct heap_thread *thread, unsigned int seat)
{
	if (thread->made[seat] != NULL)
		groove_region_leave(seat_region[seat], thread->made[seat]);
	seat_clear(thread, seat);
}

static void
unlink_thread(const struct heap_thread *thread)
{
	struct heap_thread **link = &threads;

	while (*link != NULL && *link != thread)
		link = &(*link)->next;
	if (*link != NULL)
		*link = thread->next;
}

/*
 * A destructor of the program's that runs later and makes calls gets no table any more: nobody is sure to call this
 * again.
 */
static void
thread_end(void *arg)
{
	struct heap_thread *thread = arg;

	has_ended = true;
	groove_heap_self = &no_seats;
	pthread_mutex_lock(&threads_lock);
	for (unsigned int seat = 0; seat < GROOVE_HEAP_SEAT_MAX; seat++)
		seat_leave(thread, seat);
	unlink_thread(thread);
	pthread_mutex_unlock(&threads_lock);
	free(thread);
}

/* ---- fork: the child has one thread, which has no joins ---- */

static void
fork_before(void)
{
	pthread_mutex_lock(&join_lock);
	pthread_mutex_lock(&threads_lock);
}

static void
fork_after(void)
{
	pthread_mutex_unlock(&threads_lock);
	pthread_mutex_unlock(&join_lock);
}

static void
fork_child(void)
{
	struct heap_thread *self = (struct heap_thread *)groove_heap_self;

	threads = NULL;
	if (groove_heap_self != &no_seats) {
		for (unsigned int seat = 0; seat < GROOVE_HEAP_SEAT_MAX; seat++)
			seat_clear(self, seat);
		self->next = NULL;
		threads = self;
	}
	fork_after();
}

static void
watch(void)
{
	has_threads_key = pthread_key_create(&threads_key, thread_end) == 0 &&
			  pthread_atfork(fork_before, fork_after, fork_child) == 0;
}

/* ---- seats ---- */

/* The first of so many free seats in a row; GROOVE_HEAP_SEAT_MAX: there are none. */
static unsigned int
seats_find(unsigned int cnt)
{
	unsigned int row = 0;

	for (unsigned int seat = 0; seat < GROOVE_HEAP_SEAT_MAX; seat++) {
		row = seat_region[seat] == NULL ? row + 1 : 0;
		if (row == cnt)
			return seat + 1 - cnt;
	}
	return GROOVE_HEAP_SEAT_MAX;
}

bool
heap_seats_take(struct heap *heap)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	const unsigned int cnt = 1 + heap->shown.node_cnt;

	pthread_once(&once, watch);
	if (!has_threads_key) {
		HEAP_LOG(ERR, "no key for what ends with threads: have fewer (PTHREAD_KEYS_MAX)");
		return false;
	}
	pthread_mutex_lock(&threads_lock);
	heap->shown.seat = seats_find(cnt);
	if (heap->shown.seat < GROOVE_HEAP_SEAT_MAX) {
		for (unsigned int i = 0; i < cnt; i++)
			seat_region[heap->shown.seat + i] = heap->node[i > 0 ? i - 1 : 0].region;
	}
	pthread_mutex_unlock(&threads_lock);
	if (heap->shown.seat < GROOVE_HEAP_SEAT_MAX)
		return true;
	HEAP_LOG(ERR, "too many heaps are open in this process: %u seats, and each takes one, and one for each node",
		(unsigned int)GROOVE_HEAP_SEAT_MAX);
	return false;
}

void
heap_seats_give(struct heap *heap)
{
	pthread_mutex_lock(&threads_lock);
	for (unsigned int i = 0; i <= heap->shown.node_cnt; i++) {
		for (struct heap_thread *thread = threads; thread != NULL; thread = thread->next)
			seat_leave(thread, heap->shown.seat + i);
	}
	for (unsigned int i = 0; i <= heap->shown.node_cnt; i++)
		seat_region[heap->shown.seat + i] = NULL;
	pthread_mutex_unlock(&threads_lock);
}

/* ---- joining ---- */

/* The calling thread's table; NULL: there is no memory for one, or the thread is at its end. */
static struct heap_thread *
thread_self(void)
{
	struct heap_thread *thread = (struct heap_thread *)groove_heap_self;

	if (groove_heap_self != &no_seats)
		return thread;
	if (has_ended)
		return NULL;
	thread = calloc(1, sizeof(*thread));
	if (thread == NULL || pthread_setspecific(threads_key, thread) != 0) {
		free(thread);
		return NULL;
	}
	pthread_mutex_lock(&threads_lock);
	thread->next = threads;
	threads = thread;
	pthread_mutex_unlock(&threads_lock);
	groove_heap_self = &thread->seats;
	return thread;
}

/*
 * Whether a join would find a record: a vacant one, or that of a dead process. One that does not is not tried, for it
 * logs an error, and threads come and go.
 */
static bool
has_record(const struct heap_node *node, uint32_t shares)
{
	const struct groove_shdata *shdata = groove_region_shdata(node->region);

	for (uint64_t i = 0; i < node->common->join_max; i++) {
		/* Relaxed: a hint, the join looks for itself. */
		if (record_kind(__atomic_load_n(&shdata->record[i].state, __ATOMIC_RELAXED)) == RECORD_VACANT)
			return true;
	}
	return shares == 0 && groove_region_join_dead_cnt(node->region) > 0;
}

/* A handle, and after it the copy of what it was made as; NULL: no memory, or no record. */
static groove_data_t *
handles_make(struct heap_node *node)
{
	groove_data_t *made = aligned_alloc(_Alignof(groove_data_t), 2 * sizeof(*made));
	unsigned int cpu = 0;

	getcpu(&cpu, NULL);
	if (made == NULL || groove_region_join(node->region, made, cpu) == NULL) {
		free(made);
		return NULL;
	}
	made[1] = made[0];
	return made;
}

/* Join if there is a record. NULL: there is none. */
static groove_data_t *
join_try(struct heap_node *node, uint32_t shares)
{
	groove_data_t *made = NULL;
	int cancel, unused;

	/* A thread that is cancelled has the lock no more. */
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	pthread_mutex_lock(&join_lock);
	if (has_record(node, shares))
		made = handles_make(node);
	pthread_mutex_unlock(&join_lock);
	pthread_setcancelstate(cancel, &unused);
	return made;
}

static void
log_shared(struct heap *heap, const struct heap_node *node)
{
	/* Relaxed: it decides which thread logs, and nothing else. */
	if (__atomic_exchange_n(&heap->shared_line, 1, __ATOMIC_RELAXED) != 0)
		return;
	HEAP_LOG(NOTICE,
		"%s: no join record is left: from now on threads without one share a join, one at a time; make the "
		"heap "
		"with a larger join_max",
		groove_region_name(node->region)[0] != '\0' ? groove_region_name(node->region) : "without a name");
}

static unsigned int
home_of(const struct heap *heap, struct heap_thread *thread)
{
	uint16_t *home = &thread->home[heap->shown.seat];
	unsigned int node = 0;

	if (*home == 0) {
		getcpu(NULL, &node);
		*home = (uint16_t)(heap_node_near(heap, (int)node) + 1);
	}
	return *home - 1U;
}

/* The calling thread's own join of a node; NULL: it has none. */
static groove_data_t *
own_join(struct heap *heap, unsigned int idx)
{
	struct heap_thread *thread = thread_self();
	const unsigned int seat = heap->shown.seat + 1 + idx;
	struct heap_node *node = &heap->node[idx];

	if (thread == NULL)
		return NULL;
	if (thread->seats.join[seat] != NULL)
		return thread->seats.join[seat];
	if (thread->shares[seat]++ % TRY_EACH != 0)
		return NULL;
	thread->made[seat] = join_try(node, thread->shares[seat] - 1);
	if (thread->made[seat] == NULL) {
		log_shared(heap, node);
		return NULL;
	}
	thread->seats.join[seat] = &thread->made[seat][1];
	if (idx == home_of(heap, thread))
		thread->seats.join[heap->shown.seat] = &thread->made[seat][1];
	return thread->seats.join[seat];
}

unsigned int
heap_home(struct heap *heap)
{
	struct heap_thread *thread = thread_self();
	unsigned int node = 0;

	if (thread != NULL)
		return home_of(heap, thread);
	getcpu(NULL, &node);
	return heap_node_near(heap, (int)node);
}

void
heap_enter(struct heap *heap, unsigned int idx, struct heap_access *access)
{
	struct heap_node *node = &heap->node[idx];

	*access = (struct heap_access){.join = own_join(heap, idx)};
	if (access->join != NULL)
		return;
	/* A thread that is cancelled has the lock no more. */
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &access->cancel);
	pthread_mutex_lock(&node->lock);
	access->join = node->common;
	access->locked = node;
}

bool
heap_enter_try(struct heap *heap, unsigned int idx, struct heap_access *access)
{
	struct heap_node *node = &heap->node[idx];
	int unused;

	*access = (struct heap_access){.join = own_join(heap, idx)};
	if (access->join != NULL)
		return true;
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &access->cancel);
	if (pthread_mutex_trylock(&node->lock) != 0) {
		pthread_setcancelstate(access->cancel, &unused);
		return false;
	}
	access->join = node->common;
	access->locked = node;
	return true;
}

void
heap_leave(const struct heap_access *access)
{
	int unused;

	if (access->locked == NULL)
		return;
	pthread_mutex_unlock(&access->locked->lock);
	pthread_setcancelstate(access->cancel, &unused);
}
