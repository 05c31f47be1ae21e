/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <stdio.h>

#include "options.h"

static const char usage[] = " [EAL arguments] -- [options]\n"
			    "\n"
			    "Tests memory under load: every lcore allocates, fills, checks and frees objects\n"
			    "of one shared groove.\n"
			    "\n"
			    "Where the memory comes from\n"
			    "  --name NAME        use the groove of that name, with all processes that name\n"
			    "                     it: the first makes it, the last to leave verifies and, if\n"
			    "                     it was so made, destroys it; default: a private one\n"
			    "  --driver NAME      volume driver: memzone (default), or another that is linked\n"
			    "                     in or loaded\n"
			    "  --dir DIR          directory of its file, for drivers that make files;\n"
			    "                     default: the driver's\n"
			    "  --trust-owner      take a groove that another user has, or may write to\n"
			    "  --volume-cnt N     volumes to make (1); of small ones take 5 times the bytes\n"
			    "                     that are live at most: a part of a volume that serves one\n"
			    "                     object size serves no other\n"
			    "  --volume-sz SZ     bytes of a volume, a power of two from 32M to 1G (1G)\n"
			    "  --page-sz P        normal, huge or gigantic; default: the largest that has\n"
			    "                     room\n"
			    "  --near-cpu CPU     place memory on that CPU's NUMA node; default: the main\n"
			    "                     lcore's\n"
			    "  --placement P      bound: fail when that node is full (default); preferred:\n"
			    "                     take others then\n"
			    "What to run\n"
			    "  --alloc-cnt N      allocations per tile, in twice as many turns (1048576)\n"
			    "  --duration TIME    run for a time instead: 90s, 10m, 2h, 1d; without a unit,\n"
			    "                     seconds\n"
			    "  --sz-max SZ        largest object, up to 10M (10M); small ones are the more\n"
			    "                     frequent\n"
			    "  --slot-cnt N       slots that the tiles share, of which two in three hold an\n"
			    "                     object (8192)\n"
			    "  --seed N           start of all random draws (0)\n"
			    "  --inject DAMAGE    do a damage that must be found: flip (a bit of an object),\n"
			    "                     header (a bit of one's header), leak or double-free\n"
			    "What to print\n"
			    "  --json FILE        write the result for machines, too; \"-\": to standard\n"
			    "                     output, and all else to standard error\n"
			    "  --keep-going       count mismatches, do not stop at the first\n"
			    "  --allow-interrupt  a run that a signal ends has exit status 0\n"
			    "  --version          print the version\n"
			    "  -h, --help         print this\n"
			    "\n"
			    "With --name the numbers of volumes and slots and their sizes, --sz-max and\n"
			    "--page-sz belong to the groove: a process that comes later leaves them out, or\n"
			    "gives the same.\n"
			    "SZ takes K, M and G. Ctrl-C, SIGTERM or SIGHUP ends a run cleanly, a second one\n"
			    "at once.\n"
			    "Exit status: 0 pass; 1 the run could not be made, or no volume was left; 2 a\n"
			    "mismatch: memory, or a call of groove that failed though it must not (MISMATCH:\n"
			    "alloc fails, ...); 130, 143 or 129 interrupted by Ctrl-C, SIGTERM or SIGHUP.\n"
			    "\n"
			    "  groove-stress --in-memory -l 0-3 -- --volume-cnt 4 --duration 1h\n"
			    "  groove-stress --no-huge -m 1280 -l 0,1 -- --sz-max 64K --json result.json\n"
			    "  groove-stress --in-memory -l 0 -- --name burn --driver hugetlbfs --duration 1m\n"
			    "\n";

void
stress_usage(const char *program)
{
	printf("usage: %s%s", program, usage);
}
