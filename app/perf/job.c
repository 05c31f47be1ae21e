/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* One repetition: the same steps on every allocator, in whichever process it lives. */

#include <inttypes.h>
#include <string.h>

#include <groove_base.h>
#include <groove_tile.h>

#include "clock.h"
#include "perf.h"
#include "signals.h"

#define WARM_SHARE 4	/* a quarter of the time besides, before it is taken */
#define PROBE_SZ   1024 /* an object to see where objects lie */

/* ---- the workers ---- */

/* Do rounds for a time. */
static void
rounds(struct perf_worker *worker, perf_step_fn round, uint64_t for_ns)
{
	const uint64_t cpu_start = app_clock_cpu_ns();
	const uint64_t start = app_clock_ns();
	uint64_t now = start;

	worker->ops = 0;
	for (unsigned int i = 0; i < PERF_LATENCY_CALLS; i++)
		worker->ticks[i] = 0;
	while (now - start < for_ns && !perf_failed(worker->scene) && !app_signals_caught()) {
		worker->ops += round(worker);
		now = app_clock_ns();
	}
	worker->ns = now - start;
	worker->cpu_ns = app_clock_cpu_ns() - cpu_start;
}

static perf_step_fn
step_of(const perf_step_fn *steps, const struct perf_scene *scene)
{
	return steps != NULL ? steps[scene->allocator->family] : NULL;
}

static void
step_run(struct perf_worker *worker, const perf_step_fn *steps)
{
	const perf_step_fn step = step_of(steps, worker->scene);

	if (step != NULL)
		step(worker);
}

static void
watch(struct perf_worker *worker, bool begins)
{
	if (worker->scene->allocator->watch != NULL)
		worker->scene->allocator->watch(worker, begins);
}

static void
place_probe(struct perf_worker *worker)
{
	struct perf_scene *scene = worker->scene;
	const uint64_t fixed_sz = scene->job->fixed_sz;
	void *obj = scene->allocator->calls->alloc(worker, fixed_sz > 0 ? fixed_sz : PROBE_SZ);

	if (obj == NULL)
		return;
	*(uint8_t *)obj = 0;
	perf_place_read(obj, scene->result);
	scene->allocator->calls->free(worker, obj);
}

/* Steps may have barriers, so all workers do all of them; only rounds end when one failed. */
static void
worker_run(struct perf_worker *worker)
{
	const struct perf_job *job = worker->scene->job;
	const struct perf_workload *workload = perf_workloads[job->workload];
	const perf_step_fn round = step_of(workload->round, worker->scene);

	step_run(worker, workload->prepare);
	perf_barrier(worker);
	if (round != NULL) {
		rounds(worker, round, job->rep_ns / WARM_SHARE);
		step_run(worker, workload->warmed);
		perf_barrier(worker);
		watch(worker, true);
		rounds(worker, round, job->rep_ns);
		watch(worker, false);
		perf_barrier(worker);
	}
	step_run(worker, workload->clean);
}

/* Whether all workers are there. Between two barriers, so that it is the same for all. */
static bool
all_ready(struct perf_worker *worker)
{
	bool ready;

	perf_barrier(worker);
	ready = !perf_failed(worker->scene);
	perf_barrier(worker);
	return ready;
}

static int
tile_main(unsigned int tile, void *arg)
{
	struct perf_scene *scene = arg;
	const struct perf_allocator *allocator = scene->allocator;

	if (tile >= scene->job->lcore_cnt)
		return 0;

	struct perf_worker *worker = &scene->workers[tile];

	worker->idx = tile;
	worker->scene = scene;
	stress_rng_seed(&worker->rng, scene->job->seed, tile);

	const bool joined = allocator->join == NULL || allocator->join(worker);

	if (joined && tile == 0)
		place_probe(worker);
	if (all_ready(worker))
		worker_run(worker);
	if (joined && allocator->leave != NULL)
		allocator->leave(worker);
	return 0;
}

/* ---- the job ---- */

/* Time on all lcores over calls on all lcores: the time of a call on one. */
static void
collect_time(struct perf_scene *scene)
{
	uint64_t ops = 0;
	uint64_t ns = 0;
	uint64_t cpu_ns = 0;

	for (unsigned int i = 0; i < scene->job->lcore_cnt; i++) {
		ops += scene->workers[i].ops;
		ns += scene->workers[i].ns;
		cpu_ns += scene->workers[i].cpu_ns;
	}
	if (ops == 0) {
		perf_scene_fail(scene, GROOVE_ERR_AGAIN, "no call in %" PRIu64 " ms, raise --rep-ms",
			scene->job->rep_ns / 1000000);
		return;
	}
	scene->result->ns_per_op = (double)ns / (double)ops;
	scene->result->cpu_share = (double)cpu_ns / (double)ns;
}

static void
tiles_run(struct perf_scene *scene)
{
	const struct perf_workload *workload = perf_workloads[scene->job->workload];
	const int err = groove_tile_run(tile_main, scene, NULL);

	if (err != GROOVE_SUCCESS)
		perf_scene_fail(scene, err, "the lcores cannot start: %s", groove_strerror(err));
	if (perf_failed(scene))
		return;
	if (workload->round != NULL)
		collect_time(scene);
	if (workload->collect != NULL)
		workload->collect(scene);
}

static void
limited_run(struct perf_scene *scene)
{
	const struct perf_allocator *allocator = scene->allocator;
	const bool has_limit = scene->job->bounded && allocator->limit != NULL;

	if (has_limit && !allocator->limit(perf_capacity(scene->job))) {
		perf_scene_fail(scene, GROOVE_ERR_FULL, "the address space cannot be limited to %" PRIu64 " MiB more",
			perf_capacity(scene->job) >> 20);
		return;
	}
	tiles_run(scene);
	if (has_limit)
		allocator->limit(0);
}

static void
scene_run(struct perf_scene *scene)
{
	const struct perf_workload *workload = perf_workloads[scene->job->workload];

	if (workload->set_up != NULL && !workload->set_up(scene))
		return;
	limited_run(scene);
	if (workload->tear_down != NULL)
		workload->tear_down(scene);
}

void
perf_job_run(const struct perf_allocator *allocator, const struct perf_job *job, struct perf_result *result)
{
	const uint64_t workers_sz = job->lcore_cnt * sizeof(struct perf_worker);
	struct perf_scene scene = {.job = job, .allocator = allocator, .result = result};

	*result = (struct perf_result){.node = GROOVE_ERR_KEY};
	allocator->version(result->version, sizeof(result->version));
	scene.workers = perf_room(workers_sz);
	if (scene.workers == NULL) {
		perf_scene_fail(&scene, GROOVE_ERR_FULL, "no memory for %" PRIu32 " workers", job->lcore_cnt);
		return;
	}
	scene_run(&scene);
	perf_room_back(scene.workers, workers_sz);
	result->interrupted = app_signals_caught();
}
