/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * The file of the result for machines. It is opened before the run, so that no result is lost for want of one, and
 * stays as it was until there is a result; a new one that got none is removed.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <groove_base.h>

#include "complain.h"
#include "json_file.h"

/* At the end of the process there is no argument of ours. */
static const char *new_path; /* NULL: was there before, or has its result */

static void
remove_new(void)
{
	if (new_path != NULL)
		unlink(new_path);
}

FILE *
app_json_open(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	const bool is_new = fd >= 0;
	FILE *file = NULL;

	if (fd < 0 && errno == EEXIST)
		fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	if (is_new) {
		new_path = path;
		atexit(remove_new);
	}
	if (fd >= 0)
		file = fdopen(fd, "w");
	if (file == NULL) {
		app_complain("--json %s: %s, name a file that can be written", path, strerror(errno));
		if (fd >= 0)
			close(fd);
	}
	return file;
}

/* A pipe or a device has no old contents. */
static int
old_drop(FILE *file)
{
	struct stat stat;

	if (fstat(fileno(file), &stat) != 0)
		return -1;
	return S_ISREG(stat.st_mode) ? ftruncate(fileno(file), 0) : 0;
}

int
app_json_write(FILE *file, const char *path, json_t *result)
{
	char *text = json_dumps(result, JSON_INDENT(2));
	int err = text == NULL ? ENOMEM : 0;

	json_decref(result);
	if (err == 0 && (old_drop(file) != 0 || fputs(text, file) == EOF || fputc('\n', file) == EOF))
		err = errno;
	free(text);
	/* A full disk may show at close only. */
	if (fclose(file) != 0 && err == 0)
		err = errno;
	if (err != 0) {
		app_complain("--json %s: %s, the result is lost", path, strerror(err));
		return GROOVE_ERR_FULL;
	}
	new_path = NULL;
	return GROOVE_SUCCESS;
}
