/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef REGION_FD_MARK_H
#define REGION_FD_MARK_H

/*
 * What a descriptor led to when it was opened. A program may close any descriptor, and open a file of its own, which
 * gets the same number: then nothing may be done by it, least of all close it.
 */

#include <stdbool.h>

#include <sys/stat.h>

struct fd_mark {
	dev_t dev;
	ino_t ino;
};

/* Note what a descriptor leads to. False when it cannot be looked at: then it is never as noted. */
static inline bool
fd_mark_note(struct fd_mark *mark, int fd)
{
	struct stat file;
	const bool known = fd >= 0 && fstat(fd, &file) == 0;

	*mark = known ? (struct fd_mark){.dev = file.st_dev, .ino = file.st_ino} : (struct fd_mark){.ino = 0};
	return known;
}

/* Whether it leads there still. */
static inline bool
fd_mark_holds(const struct fd_mark *mark, int fd)
{
	struct stat file;

	return mark->ino != 0 && fstat(fd, &file) == 0 && file.st_dev == mark->dev && file.st_ino == mark->ino;
}

#endif /* REGION_FD_MARK_H */
