/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* What all workers of a repetition share: how it fails, and where they wait for each other. */

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include <groove_base.h>
#include <rte_pause.h>

#include "perf.h"

void
perf_scene_fail(struct perf_scene *scene, int err, const char *fmt, ...)
{
	uint32_t none = 0;
	va_list args;

	/* Relaxed: the winner writes the error; it is read after the tiles were waited for. */
	if (!__atomic_compare_exchange_n(&scene->failed, &none, 1, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		return;
	scene->result->err = err;
	va_start(args, fmt);
	vsnprintf(scene->result->error, sizeof(scene->result->error), fmt, args);
	va_end(args);
}

uint64_t
perf_no_memory(struct perf_worker *worker, uint64_t sz)
{
	perf_scene_fail(worker->scene, GROOVE_ERR_FULL,
		"lcore %u of %u gets no memory for %" PRIu64 " bytes, raise --volume-cnt (groove) or EAL's memory",
		worker->idx + 1, worker->scene->job->lcore_cnt, sz);
	return 0;
}

void
perf_barrier(struct perf_worker *worker)
{
	struct perf_scene *scene = worker->scene;
	const uint32_t phase = __atomic_load_n(&scene->phase, __ATOMIC_RELAXED);

	/* Acquire and release: what each worker did before is seen by all after the barrier. */
	if (__atomic_add_fetch(&scene->arrived, 1, __ATOMIC_ACQ_REL) == scene->job->lcore_cnt) {
		__atomic_store_n(&scene->arrived, 0, __ATOMIC_RELAXED);
		__atomic_store_n(&scene->phase, phase + 1, __ATOMIC_RELEASE);
		return;
	}
	/* Pairs with the release above. */
	while (__atomic_load_n(&scene->phase, __ATOMIC_ACQUIRE) == phase)
		rte_pause();
}
