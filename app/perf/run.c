/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * The order of a run. The allocators of a workload are ready together, and take turns in each repetition, so that what
 * happens to the machine meanwhile happens to all. For fill each has the memory for itself.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <groove_base.h>

#include "clock.h"
#include "complain.h"
#include "run.h"
#include "screen.h"
#include "seat.h"
#include "signals.h"
#include "text.h"

#define LINE_MAX_SZ    256
#define SHOW_NS	       (APP_NS_PER_S * 5) /* between lines, where there is no terminal */
#define CPU_SHARE_GOOD 0.95		  /* of the time of a repetition */

/* ---- progress ---- */

static void
progress_show(struct perf_run *run, const struct perf_cell *cell, uint32_t rep)
{
	const uint64_t now_ns = app_clock_ns();
	const double elapsed_s = (double)(now_ns - run->start_ns) / APP_NS_PER_S;
	const double left_s = run->done > 0 ? elapsed_s * (run->todo - run->done) / run->done : 0;
	const struct perf_workload *workload = perf_workloads[cell->workload];
	const struct perf_variant variant = perf_variant_of(workload, cell->variant);
	char line[LINE_MAX_SZ];

	if (!app_screen_is_live() && now_ns - run->shown_ns < SHOW_NS)
		return;
	run->shown_ns = now_ns;
	snprintf(line, sizeof(line),
		"%3u %%  %s%s%s  %s  %" PRIu32 " lcore%s  repetition %" PRIu32 "/%" PRIu32 "  %s to go",
		(unsigned int)(100.0 * run->done / run->todo), workload->name, variant.name[0] != '\0' ? " " : "",
		variant.name, cell->allocator->name, cell->lcore_cnt, cell->lcore_cnt == 1 ? "" : "s", rep + 1,
		cell->sample_cnt, app_text_time((uint64_t)left_s).s);
	app_screen_live(line);
}

/* ---- one repetition ---- */

/* Left out from here on is what a signal came before. */
static void
run_interrupt(struct perf_run *run)
{
	if (!run->interrupted)
		app_screen_print("interrupted: ending cleanly\n");
	run->interrupted = true;
}

static void
sample_take(struct perf_run *run, struct perf_cell *cell, struct perf_seat *seat, uint32_t rep)
{
	const struct perf_job job = perf_plan_job(run, cell, rep);
	struct perf_result *sample = &cell->samples[rep];

	progress_show(run, cell, rep);
	run->done++;
	if (cell->failed || seat->allocator == NULL)
		return;
	perf_seat_run(seat, &job, sample);
	if (sample->interrupted) {
		run_interrupt(run);
		return;
	}
	if (sample->err != GROOVE_SUCCESS) {
		app_screen_live_end();
		app_complain("%s: %s: %s", perf_workloads[cell->workload]->name, cell->allocator->name, sample->error);
		cell->failed = true;
		run->errors++;
	}
	cell->taken++;
}

/* ---- workloads ---- */

/* The cells [first, end) of one workload that are run together: up to the next of another one. */
static uint32_t
cells_end(const struct perf_run *run, uint32_t first)
{
	uint32_t end = first + 1;

	if (perf_is_bounded(perf_workloads[run->cells[first].workload]))
		return end;
	while (end < run->cell_cnt && run->cells[end].workload == run->cells[first].workload)
		end++;
	return end;
}

/* The cells that are the first's beside. */
static uint32_t
beside_end(const struct perf_run *run, uint32_t first, uint32_t end)
{
	uint32_t i = first;

	while (i < end && perf_cell_beside(&run->cells[i], &run->cells[first]))
		i++;
	return i;
}

static void
seat_open(struct perf_run *run, struct perf_seat *seat, struct perf_cell *cell)
{
	const struct perf_job job = perf_plan_job(run, cell, 0);

	if (perf_seat_open(seat, cell->allocator, &job) == GROOVE_SUCCESS)
		return;
	seat->allocator = NULL;
	if (app_signals_caught()) {
		run_interrupt(run);
		return;
	}
	cell->failed = true;
	run->errors++;
}

static void
seats_open(struct perf_run *run, struct perf_seat *seats, uint32_t first, uint32_t end)
{
	for (uint32_t i = first; i < end; i++)
		seat_open(run, &seats[i - first], &run->cells[i]);
}

/* Open anew what makes objects of one size, and was opened for another. */
static void
seats_fit(struct perf_run *run, struct perf_seat *seats, uint32_t first, uint32_t end)
{
	for (uint32_t i = first; i < end; i++) {
		struct perf_seat *seat = &seats[i - first];
		const struct perf_job job = perf_plan_job(run, &run->cells[i], 0);

		if (seat->allocator == NULL || perf_seat_fits(seat, &job))
			continue;
		if (perf_seat_close(seat) != GROOVE_SUCCESS)
			run->errors++;
		seat_open(run, seat, &run->cells[i]);
	}
}

static void
seats_close(struct perf_run *run, struct perf_seat *seats, uint32_t cnt)
{
	for (uint32_t i = 0; i < cnt; i++) {
		if (seats[i].allocator != NULL && perf_seat_close(&seats[i]) != GROOVE_SUCCESS)
			run->errors++;
	}
}

static void
cells_settle(struct perf_run *run, uint32_t first, uint32_t end)
{
	for (uint32_t i = first; i < end; i++) {
		if (perf_cell_has_figure(&run->cells[i]))
			perf_cell_settle(&run->cells[i]);
	}
}

/* Interleaved: each repetition goes through all allocators. */
static void
samples_take(struct perf_run *run, struct perf_seat *seats, uint32_t first, uint32_t end)
{
	for (uint32_t rep = 0; rep < run->cells[first].sample_cnt; rep++) {
		for (uint32_t i = first; i < end && !run->interrupted; i++)
			sample_take(run, &run->cells[i], &seats[i - first], rep);
	}
	cells_settle(run, first, end);
}

/* Each repetition of a fill begins with memory that nobody has used. */
static void
fill_run(struct perf_run *run, uint32_t idx)
{
	for (uint32_t rep = 0; rep < run->cells[idx].sample_cnt && !run->interrupted; rep++) {
		struct perf_seat seat = {0};

		seats_open(run, &seat, idx, idx + 1);
		sample_take(run, &run->cells[idx], &seat, rep);
		seats_close(run, &seat, 1);
	}
	cells_settle(run, idx, idx + 1);
}

/* The same allocators, first on one lcore, then on all, in each form of the workload. */
static void
cells_run(struct perf_run *run, uint32_t first, uint32_t end)
{
	struct perf_seat seats[PERF_LIST_MAX] = {0};
	const uint32_t seat_cnt = beside_end(run, first, end) - first;

	if (perf_is_bounded(perf_workloads[run->cells[first].workload])) {
		fill_run(run, first);
		return;
	}
	seats_open(run, seats, first, first + seat_cnt);
	for (uint32_t i = first; i < end; i += seat_cnt) {
		for (uint32_t j = 0; j < seat_cnt; j++)
			run->cells[i + j].failed |= run->cells[first + j].failed;
		seats_fit(run, seats, i, i + seat_cnt);
		samples_take(run, seats, i, i + seat_cnt);
	}
	seats_close(run, seats, seat_cnt);
}

/* What makes figures worthless must not go unsaid. */
static void
cpu_share_show(const struct perf_run *run)
{
	const double share = perf_cell_cpu_share(run);

	if (share < CPU_SHARE_GOOD)
		app_warn("do not trust the times: other programs ran on these CPUs, the lcores had only %.0f %% of "
			 "them at worst",
			share * 100);
}

int
perf_run(struct perf_run *run)
{
	uint32_t end;

	run->start_ns = app_clock_ns();
	for (uint32_t first = 0; first < run->cell_cnt && !run->interrupted; first = end) {
		end = cells_end(run, first);
		cells_run(run, first, end);
		if (end == run->cell_cnt || run->interrupted ||
			run->cells[end].workload != run->cells[first].workload) {
			app_screen_print(""); /* takes the live line away */
			if (!run->interrupted || perf_run_has_figure(run, perf_workloads[run->cells[first].workload]))
				perf_table_show(run, run->cells[first].workload);
		}
	}
	perf_ratios_show(run);
	cpu_share_show(run);
	return run->errors == 0 ? GROOVE_SUCCESS : GROOVE_ERR_CORRUPT;
}

bool
perf_run_has_figure(const struct perf_run *run, const struct perf_workload *workload)
{
	for (uint32_t i = 0; i < run->cell_cnt; i++) {
		if (perf_cell_has_figure(&run->cells[i]) &&
			(workload == NULL || perf_workloads[run->cells[i].workload] == workload))
			return true;
	}
	return false;
}

void
perf_run_free(struct perf_run *run)
{
	for (uint32_t i = 0; i < run->cell_cnt; i++)
		free(run->cells[i].samples);
	free(run->cells);
}
