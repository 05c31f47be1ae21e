/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "gate.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <groove_base.h>

#include "complain.h"
#include "screen.h"

#define WAIT_NS	   (10L * 1000 * 1000)
#define WAITS_TOLD 100 /* a second */

/* Abstract: the path begins with a zero byte. A longer name than a groove can have is cut, and refused later. */
static socklen_t
address_make(struct sockaddr_un *address, const char *driver, const char *name)
{
	int len;

	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	len = snprintf(address->sun_path + 1, sizeof(address->sun_path) - 1, "groove-stress.%.16s.%.64s", driver, name);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1) + (socklen_t)len;
}

/* A descriptor; GROOVE_ERR_AGAIN: another is inside; GROOVE_ERR_INVAL. */
static int
gate_try(const char *driver, const char *name)
{
	struct sockaddr_un address;
	const socklen_t len = address_make(&address, driver, name);
	const int gate = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int err;

	if (gate >= 0 && bind(gate, (const struct sockaddr *)&address, len) == 0)
		return gate;
	err = errno == EADDRINUSE ? GROOVE_ERR_AGAIN : GROOVE_ERR_INVAL;
	if (err == GROOVE_ERR_INVAL)
		app_complain(
			"--name %s: no socket to agree with other processes: %s; allow AF_UNIX, or leave --name out",
			name, strerror(errno));
	if (gate >= 0)
		close(gate);
	return err;
}

static void
tell_waiting(const char *name)
{
	char line[128];

	snprintf(line, sizeof(line), "waiting: another process comes to or goes from groove %.64s\n", name);
	app_screen_print(line);
}

int
stress_gate_in(const char *driver, const char *name, bool (*stop)(void))
{
	const struct timespec wait = {.tv_nsec = WAIT_NS};
	int gate = gate_try(driver, name);

	for (unsigned int waits = 1; gate == GROOVE_ERR_AGAIN && !stop(); waits++) {
		if (waits == WAITS_TOLD)
			tell_waiting(name);
		nanosleep(&wait, NULL);
		gate = gate_try(driver, name);
	}
	return gate;
}

void
stress_gate_out(int gate)
{
	if (gate >= 0)
		close(gate);
}
