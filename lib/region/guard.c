/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "guard.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "region_log.h"

/* ---- the kernel's part ---- */

/*
 * Of the process alone (UFFD_USER_MODE_ONLY), so that no right is needed. Nobody reads from the descriptor: what would
 * wait for a page gets SIGBUS or an error. It guards as long as it is open.
 */
static int
watch(void *base, uint64_t sz)
{
	struct uffdio_api api = {
		.api = UFFD_API,
		.features = UFFD_FEATURE_SIGBUS | UFFD_FEATURE_MISSING_SHMEM | UFFD_FEATURE_MISSING_HUGETLBFS,
	};
	struct uffdio_register range = {
		.range = {.start = (uintptr_t)base, .len = sz},
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	const int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK | UFFD_USER_MODE_ONLY);
	int error;

	if (fd < 0)
		return -1;
	if (ioctl(fd, UFFDIO_API, &api) == 0 && ioctl(fd, UFFDIO_REGISTER, &range) == 0)
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

/* ---- fork: a child's mapping is not watched, and it has a copy of the descriptor ---- */

static pthread_mutex_t guards_lock = PTHREAD_MUTEX_INITIALIZER; /* guards the list; of this process alone */
static struct region_guard *guards;

static void
guard_open(struct region_guard *guard)
{
	guard->fd = watch(guard->base, guard->sz);
	if (guard->fd >= 0)
		fd_mark_note(&guard->mark, guard->fd);
}

/* Unless a file of the program has its number by now. */
static void
guard_close(struct region_guard *guard)
{
	if (guard->fd >= 0 && fd_mark_holds(&guard->mark, guard->fd))
		close(guard->fd);
	guard->fd = -1;
}

static void
fork_before(void)
{
	pthread_mutex_lock(&guards_lock);
}

static void
fork_parent(void)
{
	pthread_mutex_unlock(&guards_lock);
}

static void
fork_child(void)
{
	for (struct region_guard *guard = guards; guard != NULL; guard = guard->next) {
		const bool watched = guard->fd >= 0;

		guard_close(guard);
		if (watched)
			guard_open(guard);
	}
	pthread_mutex_unlock(&guards_lock);
}

static void
fork_watch(void)
{
	pthread_atfork(fork_before, fork_parent, fork_child);
}

/* ---- guards ---- */

void
region_guard_begin(struct region_guard *guard, void *base, uint64_t sz)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	/* What a core dump leaves out it does not look at. */
	madvise(base, sz, MADV_DONTDUMP);
	pthread_once(&once, fork_watch);
	pthread_mutex_lock(&guards_lock);
	*guard = (struct region_guard){.base = base, .sz = sz, .next = guards};
	guard_open(guard);
	if (guard->fd < 0)
		REGION_LOG(INFO, "holes are not guarded (userfaultfd: %s): call mlockall() before attaching, if at all",
			strerror(errno));
	guards = guard;
	pthread_mutex_unlock(&guards_lock);
}

void
region_guard_end(struct region_guard *guard)
{
	struct region_guard **link = &guards;

	if (guard->base == NULL)
		return;
	pthread_mutex_lock(&guards_lock);
	while (*link != NULL && *link != guard)
		link = &(*link)->next;
	if (*link != NULL)
		*link = guard->next;
	guard_close(guard);
	guard->base = NULL;
	pthread_mutex_unlock(&guards_lock);
}
