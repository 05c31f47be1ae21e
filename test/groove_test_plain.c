/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* groove-test-plain [--list] [name...]: the tests that need no EAL, without it. No name: all of them. */

#include <string.h>

#include "runner.h"

int
main(int argc, char **argv)
{
	struct runner_tally tally = {0};
	const char *name;

	if (argc == 2 && strcmp(argv[1], "--list") == 0) {
		runner_list();
		return 0;
	}
	for (int i = 1; i < argc; i++)
		runner_run(argv[i], &tally);
	if (argc == 1)
		for (unsigned int i = 0; (name = runner_name(i)) != NULL; i++)
			runner_run(name, &tally);
	return runner_status(&tally);
}
