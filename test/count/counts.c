/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "counts.h"

#include <inttypes.h>
#include <string.h>

#include <rte_common.h>

#include "complain.h"
#include "text.h"

/* Most atomics a call on shared memory other than the header of the call's object. */
static const struct {
	const char *workload;
	double most;
} bounds[] = {
	{"churn", 0.1},
	{"pair", 0},
};

static const char *
call_name(unsigned int call)
{
	static const char *const names[] = {"alloc", "free", "all"};

	return names[call];
}

static double
per_call(uint64_t cnt, const struct count_tally *tally)
{
	return tally->calls > 0 ? (double)cnt / (double)tally->calls : 0;
}

/* ---- the table ---- */

void
count_head_show(void)
{
	printf("writes to shared memory for each call, after warm-up\n"
	       "                                            atomics and seq_cst stores        other stores\n"
	       "%-12s %6s  %-5s %14s  %8s %9s %10s  %10s\n",
		"", "lcores", "call", "calls", "header", "elsewhere", "own record", "elsewhere");
}

void
count_row_show(const struct count_row *row)
{
	for (unsigned int call = 0; call <= COUNT_CALL_CNT; call++) {
		const struct count_tally *tally = &row->tally[call];

		printf("%-12s %6" PRIu32 "  %-5s %14s  %8.3f %9.6f %10.6f  %10.6f\n",
			perf_workloads[row->workload]->name, row->lcore_cnt, call_name(call),
			app_text_count(tally->calls).s, per_call(tally->header, tally), per_call(tally->shared, tally),
			per_call(tally->record, tally), per_call(tally->stores, tally));
	}
}

/* ---- the bounds ---- */

static bool
row_judge(const struct count_row *row)
{
	const struct count_tally *tally = &row->tally[COUNT_CALL_CNT];
	const char *name = perf_workloads[row->workload]->name;
	bool good = true;

	for (size_t i = 0; i < RTE_DIM(bounds); i++) {
		if (strcmp(name, bounds[i].workload) != 0 || per_call(tally->shared, tally) <= bounds[i].most)
			continue;
		app_complain("%s, %" PRIu32 " lcore%s: %.6f atomics a call on shared memory other than the object's "
			     "header, at most %g",
			name, row->lcore_cnt, row->lcore_cnt == 1 ? "" : "s", per_call(tally->shared, tally),
			bounds[i].most);
		good = false;
	}
	return good;
}

bool
count_rows_judge(const struct count_rows *rows)
{
	bool good = true;

	for (uint32_t i = 0; i < rows->cnt; i++)
		good &= row_judge(&rows->row[i]);
	return good;
}

/* ---- for machines ---- */

static json_t *
record(const struct count_row *row, unsigned int call)
{
	const struct count_tally *tally = &row->tally[call];

	return json_pack("{s:s, s:s, s:i, s:s, s:I, s:I, s:I, s:I, s:I}", "workload",
		perf_workloads[row->workload]->name, "allocator", row->allocator->name, "lcores", (int)row->lcore_cnt,
		"call", call_name(call), "calls", (json_int_t)tally->calls, "atomics_header", (json_int_t)tally->header,
		"atomics_elsewhere", (json_int_t)tally->shared, "atomics_own_record", (json_int_t)tally->record,
		"stores_elsewhere", (json_int_t)tally->stores);
}

json_t *
count_json(const struct count_rows *rows)
{
	json_t *records = json_array();

	for (uint32_t i = 0; i < rows->cnt; i++) {
		for (unsigned int call = 0; call <= COUNT_CALL_CNT; call++)
			json_array_append_new(records, record(&rows->row[i], call));
	}
	return json_pack("{s:o}", "records", records);
}
