/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <stdio.h>

#include "options.h"
#include "sizes.h"

static const char head[] = " [EAL arguments] -- [options]\n"
			   "\n"
			   "Times groove and the allocators that could be used instead: the same loops,\n"
			   "sizes and seeds, one after the other in each repetition, medians of all. Each\n"
			   "workload runs on one lcore and on all lcores of -l.\n"
			   "\n"
			   "What to run\n"
			   "  --workload LIST    (all but shift, drift and mempool)\n";
static const char middle[] = "  --allocator LIST   (all)\n";
static const char sizes_head[] = "  --sizes LIST       distributions for fill (all)\n";
static const char tail[] = "  --sz LIST          bytes of an object in tight, batch and bulk (all)\n"
			   "    " PERF_SZ_NAMES "\n"
			   "  --n LIST           objects at a time in tight, batch, bulk, work,\n"
			   "                     mempool (all)\n"
			   "    " PERF_N_NAMES "\n"
			   "  --from LIST, --to LIST  bytes of an object in shift, before and after (all)\n"
			   "    " PERF_SHIFT_NAMES "\n"
			   "  --kept LIST        of how many objects one stays in shift (2), of\n"
			   "    " PERF_KEPT_NAMES "\n"
			   "  --turns N          of drift (10000000)\n"
			   "  --sz-max SZ        largest object of churn, mixed-free, latency, drift, to 10M\n"
			   "                     (64K)\n"
			   "  --reps N           repetitions (5) of what is timed\n"
			   "  --rep-ms TIME      time of each (100): 50, 200ms, 1s; without a unit, ms;\n"
			   "                     a tenth of it for each form of tight, batch, bulk, work\n"
			   "  --fill-reps N      repetitions (1) of fill, shift and drift, each with the\n"
			   "                     next seed: how full the memory gets before a rare large\n"
			   "                     object fails is luck as well\n"
			   "  --fill-s TIME      most time of a fill or a shift (10), a tenth of that of a\n"
			   "                     drift: 90s, 10m; without a unit, seconds; one that takes\n"
			   "                     longer has no figure\n"
			   "  --volume-cnt N     volumes of groove (2)\n"
			   "  --volume-sz SZ     32M ... 1G (1G); for fill, shift and drift every\n"
			   "                     allocator gets as much as groove, and no more\n"
			   "  --seed N           start of all random draws (0)\n"
			   "What to print\n"
			   "  --json FILE        write the figures for machines, too; \"-\": to standard\n"
			   "                     output, and all else to standard error\n"
			   "  --plot FILE.svg    draw them, too (needs gnuplot)\n"
			   "  --allow-interrupt  a run that a signal ends has exit status 0\n"
			   "  --version          print the version\n"
			   "  -h, --help         print this\n"
			   "\n"
			   "A call is an alloc or a free of one object; ns per call is the time of all\n"
			   "lcores over the calls of all lcores. Allocators without bulk calls do as many\n"
			   "single ones. Those of a whole process (glibc and what replaces its malloc) run\n"
			   "in a child process each, on the same CPUs; fill bounds their address space.\n"
			   "\n"
			   "Ctrl-C, SIGTERM or SIGHUP ends a run cleanly, with the figures it has by then;\n"
			   "a second one at once.\n"
			   "Exit status: 0 pass; 1 a figure could not be taken, or the run not be made; 130,\n"
			   "143 or 129 interrupted by Ctrl-C, SIGTERM or SIGHUP.\n"
			   "\n"
			   "  groove-perf --in-memory -l 0-3 -- --json perf.json --plot perf.svg\n"
			   "  groove-perf --in-memory -l 0,1 -- --workload churn --allocator groove,mimalloc\n"
			   "\n";

void
perf_usage(const char *program)
{
	printf("usage: %s%s", program, head);
	for (unsigned int i = 0; i < perf_workload_cnt; i++)
		printf("    %-13s %s\n", perf_workloads[i]->name, perf_workloads[i]->what);
	fputs(middle, stdout);
	for (unsigned int i = 0; i < perf_allocator_cnt; i++) {
		const char *package = perf_allocators[i]->package;

		printf("    %s%s%s%s\n", perf_allocators[i]->name, package != NULL ? " (Debian package " : "",
			package != NULL ? package : "", package != NULL ? ")" : "");
	}
	fputs(sizes_head, stdout);
	for (unsigned int i = 0; i < PERF_SIZES_CNT; i++)
		printf("    %-13s %s\n", perf_sizes_name((enum perf_sizes)i), perf_sizes_what((enum perf_sizes)i));
	fputs(tail, stdout);
}
