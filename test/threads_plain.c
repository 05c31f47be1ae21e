/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Workers of tests as threads of their own; the caller is worker 0. */

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "test.h"

#define WORKER_MAX 64

struct worker {
	pthread_t thread;
	pthread_barrier_t *start;
	test_worker_fn fn;
	void *arg;
	unsigned int index;
	int result;
};

static void *
work(void *arg)
{
	struct worker *worker = arg;

	pthread_barrier_wait(worker->start);
	worker->result = worker->fn(worker->index, worker->arg);
	return NULL;
}

int
test_threads_run(unsigned int n, test_worker_fn fn, void *arg)
{
	struct worker workers[WORKER_MAX];
	pthread_barrier_t start;
	int result = TEST_SUCCESS;

	TEST_ASSERT(n >= 1 && n <= WORKER_MAX, "%u workers asked for, 1 to %d possible", n, WORKER_MAX);
	pthread_barrier_init(&start, NULL, n);
	for (unsigned int i = 0; i < n; i++) {
		workers[i] = (struct worker){.start = &start, .fn = fn, .arg = arg, .index = i};
		if (i > 0 && pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0) {
			fprintf(stderr, "no thread for worker %u of %u: %m\n", i, n);
			abort(); /* those started wait at the barrier, on this stack */
		}
	}
	work(&workers[0]);
	for (unsigned int i = 0; i < n; i++) {
		if (i > 0)
			pthread_join(workers[i].thread, NULL);
		if (workers[i].result != TEST_SUCCESS)
			result = TEST_FAILED;
	}
	pthread_barrier_destroy(&start);
	return result;
}
