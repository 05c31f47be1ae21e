/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "replace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_SZ 4096

/* Mode of a file that replaces another, or is new. */
static mode_t
mode_of(const char *path)
{
	const mode_t mask = umask(0);
	struct stat stat_buf;

	umask(mask);
	return stat(path, &stat_buf) == 0 ? stat_buf.st_mode & 0777 : 0666 & ~mask;
}

/* Returns 0 or errno. A full disk may show at close only. */
static int
stream_write(FILE *stream, app_replace_fn fn, const void *arg)
{
	int err;

	errno = 0;
	fn(stream, arg);
	err = ferror(stream) == 0 ? 0 : errno != 0 ? errno : EIO;
	if (fclose(stream) != 0 && err == 0)
		err = errno;
	return err;
}

/* Replace the file where it lies. Returns 0 or errno. */
static int
replace_at(const char *path, app_replace_fn fn, const void *arg)
{
	char temporary[PATH_SZ];
	FILE *stream;
	int err;
	int fd;

	if (snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path) >= (int)sizeof(temporary))
		return ENAMETOOLONG;
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return errno;
	stream = fchmod(fd, mode_of(path)) == 0 ? fdopen(fd, "w") : NULL;
	if (stream == NULL) {
		err = errno;
		close(fd);
	} else {
		err = stream_write(stream, fn, arg);
	}
	if (err == 0 && rename(temporary, path) != 0)
		err = errno;
	if (err != 0)
		unlink(temporary);
	return err;
}

int
app_replace(const char *path, app_replace_fn fn, const void *arg)
{
	struct stat stat_buf;
	char *resolved;
	FILE *stream;
	int err;

	if (stat(path, &stat_buf) == 0 && !S_ISREG(stat_buf.st_mode)) {
		stream = fopen(path, "we");
		return stream != NULL ? stream_write(stream, fn, arg) : errno;
	}
	resolved = realpath(path, NULL);
	err = replace_at(resolved != NULL ? resolved : path, fn, arg);
	free(resolved);
	return err;
}
