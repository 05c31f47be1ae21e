/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <stdio.h>

#include "options.h"
#include "sizes.h"

static const char head[] =
	" [EAL arguments] -- [options]\n"
	"\n"
	"Times groove beside the allocators that could be used instead: the same loops, sizes and seeds, one after "
	"the\n"
	"other in each repetition, medians of all. Each workload runs on one lcore and on all lcores of -l.\n"
	"\n"
	"What to run\n"
	"  --workload LIST    (all)\n";
static const char middle[] = "  --allocator LIST   (all)\n";
static const char sizes_head[] = "  --sizes LIST       distributions for fill (all)\n";
static const char tail[] =
	"  --sz-max SZ        largest object of churn, mixed-free and latency, up to 10M (64K)\n"
	"  --reps N           repetitions (5) of what is timed\n"
	"  --fill-reps N      repetitions (1) of fill, each with the next seed: how full the memory gets before a "
	"rare\n"
	"                     large object fails is luck as well\n"
	"  --rep-ms N         time of each, ms (100)\n"
	"  --fill-s SECS      most time of a fill (10); what takes longer is not told\n"
	"  --volume-cnt N     volumes of groove (2)       --volume-sz SZ   32M ... 1G (1G)\n"
	"                     for fill every allocator gets as much, and no more\n"
	"  --seed N           start of all random draws (0)\n"
	"What to tell\n"
	"  --json FILE        write the figures for machines, too\n"
	"  --plot FILE.svg    draw them, too (needs gnuplot)\n"
	"  --help             print this\n"
	"\n"
	"A call is an alloc or a free of one object; ns per call is the time of all lcores over the calls of all "
	"lcores.\n"
	"Allocators without bulk calls do as many single ones. Those of a whole process (glibc and what replaces its\n"
	"malloc) run in a child process each, on the same CPUs; fill bounds their address space.\n"
	"\n"
	"Ctrl-C, SIGTERM or SIGHUP ends a run in order, with the figures it has by then; a second one at once.\n"
	"\n"
	"  groove-perf --in-memory -l 0-3 -- --json perf.json --plot perf.svg\n"
	"  groove-perf --in-memory -l 0,1 -- --workload churn,latency --allocator groove,mimalloc --sz-max 10M\n"
	"\n";

void
perf_usage(const char *program)
{
	printf("usage: %s%s", program, head);
	for (unsigned int i = 0; i < perf_workload_cnt; i++)
		printf("    %-16s %s\n", perf_workloads[i]->name, perf_workloads[i]->what);
	fputs(middle, stdout);
	for (unsigned int i = 0; i < perf_allocator_cnt; i++) {
		const char *package = perf_allocators[i]->package;

		printf("    %s%s%s%s\n", perf_allocators[i]->name, package != NULL ? " (Debian package " : "",
			package != NULL ? package : "", package != NULL ? ")" : "");
	}
	fputs(sizes_head, stdout);
	for (unsigned int i = 0; i < PERF_SIZES_CNT; i++)
		printf("    %-16s %s\n", perf_sizes_name((enum perf_sizes)i), perf_sizes_what((enum perf_sizes)i));
	fputs(tail, stdout);
}
