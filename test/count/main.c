/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * groove-perf-count [EAL arguments] -- [options]: the workloads of groove-perf on an instrumented groove. What is
 * reported is no time but a count: atomics on shared memory for each call.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <groove_tile.h>

#include "clock.h"
#include "complain.h"
#include "count.h"
#include "counts.h"
#include "json_file.h"
#include "program.h"
#include "signals.h"

#define EXIT_TOO_MANY 2
#define REP_NS_MIN    (APP_NS_PER_S / 2)
#define REP_NS_MAX    (APP_NS_PER_S * 3600) /* a machine may be slow, or have much else to do */
#define WORKERS_MAX   GROOVE_TILE_MAX

static struct count_options options;

/* ---- workers ---- */

static struct count_tally worker_tally[WORKERS_MAX][COUNT_CALL_CNT];

/* Every call that the workload says it made must have been seen. */
static void
worker_check(const struct perf_worker *worker)
{
	const struct count_tally *tally = worker_tally[worker->idx];
	const uint64_t calls = tally[COUNT_ALLOC].calls + tally[COUNT_FREE].calls;

	if (calls != worker->ops && !perf_failed(worker->scene))
		perf_scene_fail(worker->scene, GROOVE_ERR_CORRUPT,
			"lcore %u made %" PRIu64 " calls, of which %" PRIu64 " were counted", worker->idx + 1,
			worker->ops, calls);
}

static void
worker_watch(struct perf_worker *worker, bool begins)
{
	if (begins) {
		count_begin(worker->handle);
		return;
	}
	memcpy(worker_tally[worker->idx], count_end(), sizeof(worker_tally[0]));
	worker_check(worker);
}

static void
tally_add(struct count_tally *sum, const struct count_tally *tally)
{
	sum->calls += tally->calls;
	sum->header += tally->header;
	sum->shared += tally->shared;
	sum->record += tally->record;
	sum->stores += tally->stores;
	sum->seen += tally->seen;
}

/* What all workers did, by call, and at COUNT_CALL_CNT all together. */
static void
tallies_sum(struct count_row *row)
{
	memset(row->tally, 0, sizeof(row->tally));
	for (unsigned int call = 0; call < COUNT_CALL_CNT; call++) {
		for (uint32_t i = 0; i < row->lcore_cnt; i++)
			tally_add(&row->tally[call], &worker_tally[i][call]);
		tally_add(&row->tally[COUNT_CALL_CNT], &row->tally[call]);
	}
}

/* ---- one workload ---- */

static struct perf_job
row_job(const struct count_row *row)
{
	struct perf_job job = {
		.lcore_cnt = row->lcore_cnt,
		.sz_max = options.sz_max,
		.seed = options.seed,
		.rep_ns = REP_NS_MIN,
		.volume_sz = options.volume_sz,
		.volume_cnt = options.volume_cnt,
	};

	perf_job_form(&job, row->workload, 0);
	return job;
}

/* For as long as it takes to make the calls, after a quarter of that to warm up. */
static int
row_count(const struct perf_allocator *allocator, struct count_row *row)
{
	struct perf_job job = row_job(row);
	struct perf_result result;

	for (; job.rep_ns <= REP_NS_MAX; job.rep_ns *= 2) {
		perf_job_run(allocator, &job, &result);
		if (result.interrupted)
			return GROOVE_ERR_AGAIN;
		if (result.err != GROOVE_SUCCESS) {
			app_complain("%s: %s", perf_workloads[row->workload]->name, result.error);
			return result.err;
		}
		tallies_sum(row);
		if (row->tally[COUNT_CALL_CNT].calls >= options.calls)
			return GROOVE_SUCCESS;
	}
	app_complain("%s: %" PRIu64 " calls in %lu s, lower --calls", perf_workloads[row->workload]->name,
		row->tally[COUNT_CALL_CNT].calls, (unsigned long)(REP_NS_MAX / APP_NS_PER_S));
	return GROOVE_ERR_AGAIN;
}

/* ---- the run ---- */

static int
row_run(const struct perf_allocator *allocator, struct count_rows *rows, uint32_t workload, uint32_t lcore_cnt)
{
	struct count_row *row = &rows->row[rows->cnt];
	int err;

	*row = (struct count_row){.allocator = allocator, .workload = workload, .lcore_cnt = lcore_cnt};
	err = row_count(allocator, row);
	if (err != GROOVE_SUCCESS)
		return err;
	if (row->tally[COUNT_CALL_CNT].seen == 0) {
		app_complain("%s: no write to shared memory was seen, groove is not instrumented",
			perf_workloads[workload]->name);
		return GROOVE_ERR_CORRUPT;
	}
	count_row_show(row);
	rows->cnt++;
	return GROOVE_SUCCESS;
}

static int
workload_run(const struct perf_allocator *allocator, struct count_rows *rows, uint32_t workload)
{
	const uint32_t most = perf_workload_lcores(perf_workloads[workload], groove_tile_cnt());
	int err = GROOVE_SUCCESS;

	if (most == 0)
		app_warn("%s: left out, it takes two lcores; give -l more", perf_workloads[workload]->name);
	if (perf_workloads[workload]->lcore_min <= 1)
		err = row_run(allocator, rows, workload, 1);
	if (err == GROOVE_SUCCESS && most > 1)
		err = row_run(allocator, rows, workload, most);
	return err;
}

static int
workloads_run(const struct perf_allocator *allocator, struct count_rows *rows)
{
	int err = GROOVE_SUCCESS;

	count_head_show();
	for (uint32_t i = 0; i < perf_workload_cnt && err == GROOVE_SUCCESS; i++) {
		/* what is of mempools alone makes no objects */
		if (options.workloads[i] && !perf_is_bounded(perf_workloads[i]) &&
			perf_variant_of(perf_workloads[i], 0).pool == 0)
			err = workload_run(allocator, rows, i);
	}
	return err;
}

static int
all_run(struct count_rows *rows)
{
	struct perf_allocator allocator = options.no_cache ? perf_groove_nocache : perf_groove;
	const struct perf_job job = {.volume_sz = options.volume_sz, .volume_cnt = options.volume_cnt};
	int err;

	if (groove_tile_cnt() > WORKERS_MAX) {
		app_complain("%u lcores: at most %u", groove_tile_cnt(), WORKERS_MAX);
		return GROOVE_ERR_INVAL;
	}
	allocator.watch = worker_watch;
	err = allocator.open(&job);
	if (err != GROOVE_SUCCESS)
		return err;
	err = workloads_run(&allocator, rows);
	return allocator.close(err == GROOVE_SUCCESS) == GROOVE_SUCCESS ? err : GROOVE_ERR_CORRUPT;
}

/* ---- what the program is ---- */

static int
parse(int argc, char **argv)
{
	return count_options_parse(argc, argv, &options);
}

static int
run(void)
{
	static struct count_rows rows;
	int err;

	if (app_signals_caught())
		return app_program_interrupted();
	err = all_run(&rows);
	app_json_keep(count_json(&rows));
	if (!app_signals_caught() && err != GROOVE_SUCCESS)
		return EXIT_FAILURE;
	if (!count_rows_judge(&rows))
		return EXIT_TOO_MANY;
	return app_signals_caught() ? app_program_interrupted() : EXIT_SUCCESS;
}

int
main(int argc, char **argv)
{
	static const struct app_program program = {
		.options = count_option_table,
		.parse = parse,
		.help = &options.help,
		.version = &options.version,
		.allow_interrupt = &options.allow_interrupt,
		.usage = count_usage,
		.json_path = &options.json_path,
		.run = run,
	};

	return app_program_main(&program, argc, argv);
}
