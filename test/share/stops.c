/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* region_stops_autotest with driver memzone, as EAL's primary. EAL's arguments come from share_cli.py. */

#include <stdlib.h>
#include <string.h>

#include <rte_eal.h>

#include "runner.h"

/* For two regions at a time, from the start: EAL takes no page, and gives none back, while a process may be killed. */
#define MEMORY_MIB "640"

int
main(int argc, char **argv)
{
	char option[] = "-m";
	char memory[] = MEMORY_MIB;
	struct runner_tally tally = {0};
	char **eal_argv = calloc((size_t)argc + 3, sizeof(*eal_argv));

	if (eal_argv == NULL)
		return EXIT_FAILURE;
	memcpy(eal_argv, argv, (size_t)argc * sizeof(*argv));
	eal_argv[argc] = option;
	eal_argv[argc + 1] = memory;
	if (rte_eal_init(argc + 2, eal_argv) < 0)
		return EXIT_FAILURE;
	runner_run("region_stops_autotest", &tally);
	rte_eal_cleanup();
	free(eal_argv);
	return runner_status(&tally);
}
