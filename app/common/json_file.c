/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <groove_base.h>

#include "complain.h"
#include "json_file.h"
#include "json_put.h"
#include "replace.h"
#include "version.h"

#define TIME_SZ 32

/* At the end of the process there is no argument of ours. */
static struct {
	const char *path; /* NULL: none is open */
	FILE *stream;	  /* of what is no regular file; NULL: it is one */
	pid_t pid;	  /* the process that has the file: a child of fork leaves it alone */
	json_t *head;
	json_t *kept;
} file;

/* ---- what is written ---- */

static void
put_now(json_t *object, const char *key)
{
	const time_t now = time(NULL);
	char text[TIME_SZ];
	struct tm tm;

	gmtime_r(&now, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	app_json_put(object, key, json_string(text));
}

static json_t *
head_make(int argc, char *const *argv)
{
	json_t *head = json_object();
	json_t *command = json_array();

	for (int i = 0; i < argc; i++)
		json_array_append_new(command, app_json_text(argv[i]));
	app_json_put(head, "schema", json_integer(APP_JSON_SCHEMA));
	app_json_put(head, "program", json_string(program_invocation_short_name));
	app_json_put(head, "version", json_string(APP_VERSION));
	app_json_put(head, "dpdk", json_string(app_version_dpdk()));
	app_json_put(head, "command", command);
	put_now(head, "start");
	return head;
}

static char *
text_make(const char *result, int exit_status)
{
	json_t *object = json_copy(file.head);
	char *text;

	put_now(object, "end");
	app_json_put(object, "result", json_string(result));
	app_json_put(object, "exit_status", exit_status >= 0 ? json_integer(exit_status) : json_null());
	app_json_put(object, "error", app_complaint()[0] != '\0' ? app_json_text(app_complaint()) : json_null());
	if (file.kept != NULL)
		json_object_update_missing(object, file.kept);
	text = json_dumps(object, JSON_INDENT(2));
	json_decref(object);
	return text;
}

/* ---- how it is written ---- */

/* Returns 0 or errno. A full disk may show at close only. */
static int
stream_write(FILE *stream, const char *text)
{
	int err = fputs(text, stream) == EOF || fputc('\n', stream) == EOF ? errno : 0;

	if (fclose(stream) != 0 && err == 0)
		err = errno;
	return err;
}

static void
text_put(FILE *stream, const void *text)
{
	fprintf(stream, "%s\n", (const char *)text);
}

/* ---- open ---- */

/* A process that exits by itself, as EAL does after its usage, has made no run. */
static void
close_unfinished(void)
{
	if (file.path != NULL && file.pid == getpid())
		app_json_close("not run", -1);
}

/* Standard output for the result, and standard error for all else. */
static FILE *
stdout_take(void)
{
	const int fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);

	fflush(stdout);
	if (fd < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
		return NULL;
	return fdopen(fd, "w");
}

static int
path_open(void)
{
	struct stat stat_buf;
	char *text;
	int err;

	if (strcmp(file.path, "-") == 0)
		return (file.stream = stdout_take()) != NULL ? 0 : errno;
	if (stat(file.path, &stat_buf) == 0 && !S_ISREG(stat_buf.st_mode))
		return (file.stream = fopen(file.path, "we")) != NULL ? 0 : errno;
	text = text_make("unfinished", -1);
	err = text != NULL ? app_replace(file.path, text_put, text) : ENOMEM;
	free(text);
	return err;
}

int
app_json_open(const char *path, int argc, char *const *argv, bool quiet)
{
	int err;

	if (path == NULL)
		return GROOVE_SUCCESS;
	file.path = path;
	file.pid = getpid();
	file.head = head_make(argc, argv);
	err = path_open();
	if (err == 0) {
		atexit(close_unfinished);
		return GROOVE_SUCCESS;
	}
	file.path = NULL;
	if (!quiet)
		app_complain("--json %s: %s, name a file that can be written", path, strerror(err));
	return GROOVE_ERR_FULL;
}

/* ---- the end ---- */

void
app_json_keep(json_t *result)
{
	if (file.kept != NULL)
		json_decref(file.kept);
	file.kept = result;
}

bool
app_json_has(void)
{
	return file.kept != NULL;
}

int
app_json_close(const char *result, int exit_status)
{
	const char *path = file.path;
	char *text;
	int err = ENOMEM;

	if (path == NULL)
		return GROOVE_SUCCESS;
	text = text_make(result, exit_status);
	if (text != NULL)
		err = file.stream != NULL ? stream_write(file.stream, text) : app_replace(file.path, text_put, text);
	free(text);
	json_decref(file.head);
	app_json_keep(NULL);
	file.path = NULL;
	if (err == 0)
		return GROOVE_SUCCESS;
	app_complain("--json %s: %s, the result is lost", path, strerror(err));
	return GROOVE_ERR_FULL;
}
