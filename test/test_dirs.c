/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* What tests leave: nothing, however they end. */

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

#define TEMPLATE "/dev/shm/groove-dirs-XXXXXX"

/* Make a directory with a file in it, say its name, and wait to be killed. */
static void
child_main(int out)
{
	char dir[] = TEMPLATE;
	char path[64];

	/* It goes with the test, too. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || test_dir_make(dir) == NULL)
		test_child_end(1);
	snprintf(path, sizeof(path), "%s/file", dir);
	close(open(path, O_CREAT | O_WRONLY, 0600));
	if (write(out, dir, sizeof(dir)) == sizeof(dir))
		pause();
	test_child_end(1);
}

static int
child_start(pid_t *pid, char *dir, size_t dir_sz)
{
	int ends[2];

	TEST_ASSERT_SUCCESS(pipe(ends), "pipe: %m");
	*pid = fork();
	if (*pid == 0)
		child_main(ends[1]);
	close(ends[1]);
	TEST_ASSERT_EQUAL(read(ends[0], dir, dir_sz), dir_sz, "child: %m");
	close(ends[0]);
	return TEST_SUCCESS;
}

static int
test_dirs(void)
{
	char alive[sizeof(TEMPLATE)], dead[sizeof(TEMPLATE)], mine[] = TEMPLATE, others[] = TEMPLATE "XX";
	pid_t pids[2];

	TEST_ASSERT_NOT_NULL(mkdtemp(others), "mkdtemp: %m");
	TEST_CALL(child_start(&pids[0], dead, sizeof(dead)));
	TEST_CALL(child_start(&pids[1], alive, sizeof(alive)));
	kill(pids[0], SIGKILL);
	waitpid(pids[0], NULL, 0);
	TEST_ASSERT_SUCCESS(access(dead, F_OK), "nobody was there to remove %s", dead);
	TEST_ASSERT_NOT_NULL(test_dir_make(mine), "mkdtemp: %m");
	TEST_ASSERT(access(dead, F_OK) != 0, "%s is left of a test that was killed", dead);
	TEST_ASSERT_SUCCESS(access(alive, F_OK), "%s is gone from under a test", alive);
	TEST_ASSERT_SUCCESS(rmdir(others), "%s is gone, whose name is no test's", others);
	kill(pids[1], SIGKILL);
	waitpid(pids[1], NULL, 0);
	test_dirs_remove();
	TEST_ASSERT(access(mine, F_OK) != 0, "%s is left", mine);
	TEST_ASSERT_NOT_NULL(test_dir_make(strcpy(mine, TEMPLATE)), "mkdtemp: %m");
	TEST_ASSERT(access(alive, F_OK) != 0, "%s is left of a test that was killed", alive);
	return TEST_SUCCESS;
}

GROOVE_TEST(dirs_autotest, fast, test_dirs);
