/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * A primary process locks its configuration file as long as it lives, and writes RTE_MAGIC to its first word at the end
 * of its start. A primary that begins its start after the look here is waited for by EAL.
 */

#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <groove_base.h>
#include <rte_eal.h>

#include "complain.h"
#include "eal_primary.h"

/* What EAL was asked. */
struct wanted {
	const char *proc_type;
	const char *prefix;
	const char *alone; /* the option by which it shares nothing; NULL: it shares its files */
};

/* What its configuration file says. */
struct state {
	bool is_there;
	bool has_started;
	bool is_alive;
	pid_t pid; /* of the one that lives; 0: it is of another PID namespace */
};

/* ---- the arguments ---- */

/* Take the value of argv[i] if that is the option, which has it after "=" or as the next word. */
static void
value_take(int argc, char **argv, int i, const char *option, const char **value)
{
	const size_t len = strcspn(argv[i], "=");

	/* EAL takes an option by its first letters, too: "--" and three tell these from all others. */
	if (len < strlen("--fil") || strncmp(argv[i], option, len) != 0)
		return;
	if (argv[i][len] == '=')
		*value = argv[i] + len + 1;
	else if (argv[i][len] == '\0' && i + 1 < argc)
		*value = argv[i + 1];
}

static void
words_read(int argc, char **argv, struct wanted *wanted)
{
	*wanted = (struct wanted){.proc_type = "primary", .prefix = "rte"};
	for (int i = 1; i < argc; i++) {
		value_take(argc, argv, i, "--proc-type", &wanted->proc_type);
		value_take(argc, argv, i, "--file-prefix", &wanted->prefix);
		if (strcmp(argv[i], "--in-memory") == 0 || strcmp(argv[i], "--no-shconf") == 0)
			wanted->alone = argv[i];
	}
}

/* ---- the primary ---- */

/* Where EAL has its files. */
static void
config_path(char path[PATH_MAX], const char *prefix)
{
	const char *dir = getenv("RUNTIME_DIRECTORY");

	if (dir == NULL)
		dir = getuid() == 0 ? "/var/run" : getenv("XDG_RUNTIME_DIR");
	snprintf(path, PATH_MAX, "%s/dpdk/%s/config", dir != NULL ? dir : "/tmp", prefix);
}

static void
config_look(const char *prefix, struct state *state)
{
	struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
	char path[PATH_MAX];
	uint32_t magic;
	int fd;

	*state = (struct state){0};
	config_path(path, prefix);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	/* The lock first: a primary that dies between the two looks has written what it could. */
	state->is_there = fcntl(fd, F_GETLK, &lock) == 0;
	state->is_alive = state->is_there && lock.l_type != F_UNLCK;
	state->pid = lock.l_pid;
	state->has_started = pread(fd, &magic, sizeof(magic), 0) == sizeof(magic) && magic == RTE_MAGIC;
	close(fd);
}

#define START_TRIES 1000 /* of a hundredth of a second: one that lives, and is not stopped, has started by then */

/* The same; of one that lives, when it has started, died, or taken too long. */
static void
config_wait(const char *prefix, struct state *state)
{
	const struct timespec pause = {.tv_nsec = 10000000};

	config_look(prefix, state);
	for (unsigned int i = 0; i < START_TRIES && state->is_alive && !state->has_started; i++) {
		nanosleep(&pause, NULL);
		config_look(prefix, state);
	}
}

static int
complain(const char *prefix, const struct state *state)
{
	if (state->is_alive)
		app_complain("the DPDK primary process of --file-prefix %s, process %d, has not finished its start: "
			     "try again when it has, or end it",
			prefix, (int)state->pid);
	else
		app_complain("the DPDK primary process of --file-prefix %s failed or died before it finished its "
			     "start: start it again, or name another --file-prefix",
			prefix);
	return GROOVE_ERR_INVAL;
}

int
app_eal_primary_check(int argc, char **argv, bool *is_orphan)
{
	struct wanted wanted;
	struct state state;
	bool is_secondary;

	*is_orphan = false;
	words_read(argc, argv, &wanted);
	is_secondary = strcmp(wanted.proc_type, "secondary") == 0;
	if (is_secondary && wanted.alone != NULL) {
		app_complain("%s: a secondary process of DPDK works with the files of its primary, leave it out",
			wanted.alone);
		return GROOVE_ERR_INVAL;
	}
	if (wanted.alone != NULL || (!is_secondary && strcmp(wanted.proc_type, "auto") != 0))
		return GROOVE_SUCCESS;
	config_wait(wanted.prefix, &state);
	is_secondary = is_secondary || state.is_alive;
	if (!is_secondary || !state.is_there)
		return GROOVE_SUCCESS;
	if (!state.has_started)
		return complain(wanted.prefix, &state);
	*is_orphan = !state.is_alive;
	return GROOVE_SUCCESS;
}
