/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <groove_base.h>

#include "complain.h"
#include "seat.h"

bool
perf_seat_possible(const struct perf_allocator *allocator)
{
	if (allocator->libraries == NULL || perf_library_of(allocator) != NULL)
		return true;
	app_warn("%s: no %s here, left out; apt-get install %s", allocator->name, allocator->libraries[0],
		allocator->package);
	return false;
}

int
perf_seat_open(struct perf_seat *seat, const struct perf_allocator *allocator, const struct perf_job *job)
{
	*seat = (struct perf_seat){
		.allocator = allocator,
		.all_freed = true,
		.fixed_sz = job->fixed_sz,
		.pool = job->pool,
	};
	if (allocator->own_process)
		return perf_child_start(seat);
	return allocator->open != NULL ? allocator->open(job) : GROOVE_SUCCESS;
}

bool
perf_seat_fits(const struct perf_seat *seat, const struct perf_job *job)
{
	return !seat->allocator->only_fixed || (seat->fixed_sz == job->fixed_sz && seat->pool == job->pool);
}

void
perf_seat_run(struct perf_seat *seat, const struct perf_job *job, struct perf_result *result)
{
	if (seat->allocator->own_process)
		perf_child_run(seat, job, result);
	else
		perf_job_run(seat->allocator, job, result);
	seat->all_freed &= result->err == GROOVE_SUCCESS;
}

int
perf_seat_close(struct perf_seat *seat)
{
	if (seat->allocator->own_process) {
		perf_child_end(seat);
		return GROOVE_SUCCESS;
	}
	return seat->allocator->close != NULL ? seat->allocator->close(seat->all_freed) : GROOVE_SUCCESS;
}
