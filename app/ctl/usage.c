/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <stdio.h>

#include "options.h"

static const char usage[] = " [EAL arguments --] COMMAND [NAME] [options]\n"
			    "\n"
			    "Looks after grooves that have a name, running ones and what is left of others.\n"
			    "\n"
			    "Commands\n"
			    "  list             the grooves there are, and how they are\n"
			    "  info NAME        what is known of one; nothing of it is changed\n"
			    "  verify NAME      check all of its state; no other process may have it\n"
			    "  recover NAME     put right what processes left that died in the midst of it\n"
			    "  rebuild NAME     make good again what was in use when the machine went down\n"
			    "  destroy NAME     remove it; no process may have it\n"
			    "Options\n"
			    "  --driver NAME    grooves of this volume driver only: memfd, hugetlbfs, file,\n"
			    "                   memzone; default: of all\n"
			    "  --dir DIR        directory of their files; default: the driver's\n"
			    "  --json           print the result for machines\n"
			    "  --force          verify: also a groove that others have; what they do at that\n"
			    "                   moment may be taken for damage\n"
			    "  --trust-owner    also a groove that another user has, or may write to\n"
			    "  -h, --help       print this\n"
			    "  --version        print the version\n"
			    "\n"
			    "Driver memzone needs EAL. It is started as a secondary process of the program\n"
			    "that has the groove, with the --file-prefix of that:\n"
			    "  groove-ctl --file-prefix PREFIX -- list --driver memzone\n"
			    "Exit status: 0 done, and all is well; 1 an error, or no such groove; 2 the\n"
			    "groove is torn or damaged; 3 not now: other processes have it.\n";

void
ctl_usage(const char *program)
{
	printf("%s%s", program, usage);
}
