/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <stdio.h>

#include "options.h"

static const char usage[] =
	" [EAL arguments] -- [options]\n"
	"\n"
	"Burns in memory: every lcore allocates, fills, checks and frees objects of one shared groove.\n"
	"\n"
	"Where the memory comes from\n"
	"  --name NAME        use the groove of that name, together with all who name it: the first makes it, the\n"
	"                     last to leave verifies and, if it was so made, destroys it; default: a private one\n"
	"  --driver NAME      volume driver: memzone (default), or another that is linked in or loaded\n"
	"  --dir DIR          directory of its file, for drivers that make files; default: the driver's\n"
	"  --volume-cnt N     volumes to make (1); of small ones take 5 times the bytes that are live at most:\n"
	"                     a part of a volume that serves one object size serves no other\n"
	"  --volume-sz SZ     bytes of a volume, a power of two from 32M to 1G (1G)\n"
	"  --page-sz P        normal, huge or gigantic; default: the largest that has room\n"
	"  --near-cpu CPU     place memory on that CPU's NUMA node; default: the main lcore's\n"
	"  --placement P      bound: fail when that node is full (default); preferred: take others then\n"
	"What to run\n"
	"  --alloc-cnt N      allocations per tile, in twice as many turns (1048576)\n"
	"  --duration SECS    run for a time instead\n"
	"  --sz-max SZ        largest object, up to 10M (10M); small ones are the more frequent\n"
	"  --slot-cnt N       slots that the tiles share, of which two in three hold an object (8192)\n"
	"  --seed N           start of all random draws (0)\n"
	"What to tell\n"
	"  --json FILE        write the result for machines, too\n"
	"  --keep-going       count mismatches, do not stop at the first\n"
	"  --help             print this\n"
	"\n"
	"With --name the numbers of volumes and slots and their sizes, --sz-max and --page-sz belong to the groove: "
	"who\n"
	"comes later leaves them out, or gives the same.\n"
	"SZ takes K, M and G. Ctrl-C, SIGTERM or SIGHUP ends a run in order, a second one at once.\n"
	"Exit status: 0 pass; 1 the run could not be made, or no volume was left; 2 a mismatch: memory, or a call\n"
	"of groove that failed though it must not (MISMATCH: alloc fails, ...).\n"
	"\n"
	"  groove-stress --in-memory -l 0-3 -- --volume-cnt 4 --duration 3600\n"
	"  groove-stress --no-huge -m 1280 -l 0,1 -- --sz-max 64K --json result.json\n"
	"  groove-stress --in-memory -l 0 -- --name burnin --driver hugetlbfs --duration 60\n"
	"\n";

void
stress_usage(const char *program)
{
	printf("usage: %s%s", program, usage);
}
