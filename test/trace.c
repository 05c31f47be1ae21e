/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "trace.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

#define AT_CALL (SIGTRAP | 0x80) /* PTRACE_O_TRACESYSGOOD */

void
trace_mark(void)
{
	raise(SIGSTOP);
}

/* Let it go on to its next stop, by one way or another. False: it has ended, or is not there. */
static bool
go_on(pid_t pid, int way, int *status)
{
	return ptrace(way, pid, NULL, NULL) == 0 && waitpid(pid, status, 0) == pid && WIFSTOPPED(*status);
}

pid_t
trace_start(int (*fn)(void *arg), void *arg)
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
			test_child_end(EXIT_FAILURE);
		test_child_end(fn(arg) == TEST_SUCCESS ? EXIT_SUCCESS : EXIT_FAILURE);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status) || WSTOPSIG(status) != SIGSTOP)
		return -1;
	return ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL) == 0 ? pid : -1;
}

/* Run it to the entry of its next call between the marks. -1: it is at the second mark, or has ended. */
static int
next_call(pid_t pid)
{
	struct __ptrace_syscall_info info;
	int status;

	while (go_on(pid, PTRACE_SYSCALL, &status) && WSTOPSIG(status) == AT_CALL) {
		if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) < 0)
			return -1;
		if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
			return (int)info.entry.nr;
	}
	return -1;
}

void
trace_list(pid_t pid, struct trace_calls *calls)
{
	int nr;

	for (calls->cnt = 0; (nr = next_call(pid)) >= 0;)
		if (calls->cnt < calls->max)
			calls->nr[calls->cnt++] = (uint16_t)nr;
}

bool
trace_to_call(pid_t pid, uint16_t nr, uint64_t nth)
{
	int at;

	while ((at = next_call(pid)) >= 0)
		if (at == nr && nth-- == 0)
			return true;
	return false;
}

int
trace_end(pid_t pid)
{
	int status = 0;

	while (go_on(pid, PTRACE_CONT, &status))
		;
	return status;
}

void
trace_kill(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}
