/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Jobs and results go through the socket as they lie in memory: both ends are the same program. */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <groove_base.h>
#include <groove_tile.h>
#include <rte_common.h>

#include "complain.h"
#include "seat.h"
#include "signals.h"

#define CHILD_FD    3
#define LCORES_MAX  (GROOVE_TILE_MAX * 16)
#define PRELOAD	    "LD_PRELOAD="
#define PRELOAD_MAX 128

/* ---- bytes ---- */

static bool
all_write(int fd, const void *buf, size_t sz)
{
	size_t done = 0;

	while (done < sz) {
		const ssize_t n = send(fd, (const uint8_t *)buf + done, sz - done, MSG_NOSIGNAL);

		if (n < 0 && errno != EINTR)
			return false;
		done += n > 0 ? (size_t)n : 0;
	}
	return true;
}

static bool
all_read(int fd, void *buf, size_t sz)
{
	size_t done = 0;

	while (done < sz) {
		const ssize_t n = read(fd, (uint8_t *)buf + done, sz - done);

		if (n == 0 || (n < 0 && errno != EINTR))
			return false;
		done += n > 0 ? (size_t)n : 0;
	}
	return true;
}

/* ---- the parent ---- */

/* EAL's --lcores for a child: its tiles run on the CPUs of ours, one after the other as ours do. */
static void
lcores_text(char *buf, size_t buf_sz)
{
	size_t used = 0;

	for (unsigned int tile = 0; tile < groove_tile_cnt() && used < buf_sz; tile++)
		used += (size_t)snprintf(
			buf + used, buf_sz - used, "%s%u@%d", tile > 0 ? "," : "", tile, groove_tile_cpu(tile));
}

/* Our environment with this library preloaded, and no other. The caller frees the array. */
static char **
environment(char *preload)
{
	size_t cnt = 0;
	size_t used = 1;

	while (environ[cnt] != NULL)
		cnt++;

	char **env = calloc(cnt + 2, sizeof(*env));

	if (env == NULL)
		return NULL;
	env[0] = preload;
	for (size_t i = 0; i < cnt; i++) {
		if (strncmp(environ[i], PRELOAD, strlen(PRELOAD)) != 0)
			env[used++] = environ[i];
	}
	return env;
}

static int
spawn(struct perf_seat *seat, int child_fd)
{
	static char lcores[LCORES_MAX];
	char preload[PRELOAD_MAX];
	char name[PERF_NAME_MAX];
	char *argv[] = {program_invocation_short_name, "--no-huge", "-m", "16", "--no-shconf", "--lcores", lcores, "--",
		"--serve", name, NULL};
	const char *library = perf_library_of(seat->allocator);
	posix_spawn_file_actions_t actions;

	lcores_text(lcores, sizeof(lcores));
	snprintf(name, sizeof(name), "%s", seat->allocator->name);
	snprintf(preload, sizeof(preload), PRELOAD "%s", library != NULL ? library : "");

	char **env = environment(preload);

	if (env == NULL)
		return ENOMEM;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, child_fd, CHILD_FD);

	const int err = posix_spawn(&seat->pid, "/proc/self/exe", &actions, NULL, argv, env);

	posix_spawn_file_actions_destroy(&actions);
	free(env);
	return err;
}

/* How a child ended, in words. */
static void
child_reap(struct perf_seat *seat, char *buf, size_t buf_sz)
{
	int status = 0;

	waitpid(seat->pid, &status, 0);
	seat->pid = 0;
	if (WIFSIGNALED(status))
		snprintf(buf, buf_sz, "its process was ended by signal %d (%s)", WTERMSIG(status),
			strsignal(WTERMSIG(status)));
	else
		snprintf(buf, buf_sz, "its process ended with status %d", WEXITSTATUS(status));
}

int
perf_child_start(struct perf_seat *seat)
{
	struct perf_result hello;
	int fds[2];
	int err = socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0 ? 0 : errno;

	if (err == 0) {
		err = spawn(seat, fds[1]);
		close(fds[1]);
		seat->fd = fds[0];
	}
	if (err != 0) {
		app_complain("%s: no process for it: %s", seat->allocator->name, strerror(err));
		return GROOVE_ERR_FULL;
	}
	/* It starts while nobody is being timed. */
	if (!all_read(seat->fd, &hello, sizeof(hello))) {
		child_reap(seat, hello.error, sizeof(hello.error));
		close(seat->fd);
		if (!app_signals_caught())
			app_complain("%s: %s before it began", seat->allocator->name, hello.error);
		return GROOVE_ERR_FULL;
	}
	return GROOVE_SUCCESS;
}

void
perf_child_run(struct perf_seat *seat, const struct perf_job *job, struct perf_result *result)
{
	if (seat->pid != 0 && all_write(seat->fd, job, sizeof(*job)) && all_read(seat->fd, result, sizeof(*result)))
		return;
	/* Ctrl-C reaches the child, too. */
	*result = (struct perf_result){.err = GROOVE_ERR_CORRUPT, .interrupted = app_signals_caught()};
	if (seat->pid != 0)
		child_reap(seat, result->error, sizeof(result->error));
	else
		snprintf(result->error, sizeof(result->error), "its process has ended");
}

void
perf_child_end(struct perf_seat *seat)
{
	close(seat->fd);
	if (seat->pid != 0)
		waitpid(seat->pid, NULL, 0);
}

/* ---- the child ---- */

int
perf_child_serve(const struct perf_allocator *allocator)
{
	struct perf_result result = {.err = GROOVE_SUCCESS};
	struct perf_job job;

	fcntl(CHILD_FD, F_SETFD, FD_CLOEXEC);
	if (!all_write(CHILD_FD, &result, sizeof(result)))
		return 1;
	while (all_read(CHILD_FD, &job, sizeof(job))) {
		perf_job_run(allocator, &job, &result);
		if (!all_write(CHILD_FD, &result, sizeof(result)))
			return 1;
	}
	return 0;
}
