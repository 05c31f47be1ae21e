/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* groove-test-plain [NAME...]: the tests that need no EAL, without it. No name: all of them. */

#include <string.h>

#include "runner.h"

static const char usage[] =
	"usage: groove-test-plain [NAME...]\n"
	"\n"
	"Runs the tests of these names, or all.\n"
	"\n"
	"  --list      print their names, with the suite of each\n"
	"  -h, --help  print this\n"
	"\n"
	"Exit status: 0 none failed; 77 all were skipped; 1 one failed, or there is none of a name.\n";

int
main(int argc, char **argv)
{
	struct runner_tally tally = {0};
	const char *name;
	int status;

	if (argc > 1 && strcmp(argv[1], "--") == 0) { /* no EAL, no arguments of its */
		argc--;
		argv++;
	}
	status = runner_words(argc - 1, argv + 1, usage);

	if (status != RUNNER_GO_ON)
		return status;
	for (int i = 1; i < argc; i++)
		runner_run(argv[i], &tally);
	if (argc == 1)
		for (unsigned int i = 0; (name = runner_name(i)) != NULL; i++)
			runner_run(name, &tally);
	return runner_status(&tally);
}
