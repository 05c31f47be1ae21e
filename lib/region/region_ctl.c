/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "region_ctl.h"

#include <stdio.h>
#include <string.h>

#define DRIVER_SZ 16
#define DIR_SZ	  256
#define LINE_SZ	  1536 /* a byte of a word takes 4 at most */

static _Thread_local struct {
	char driver[DRIVER_SZ];
	char dir[DIR_SZ]; /* "": the driver's default */
	char name[GROOVE_REGION_NAME_MAX + 1];
} opened;

void
region_ctl_begin(const char *driver, const char *dir, const char *name)
{
	snprintf(opened.driver, sizeof(opened.driver), "%s", driver != NULL ? driver : "");
	snprintf(opened.dir, sizeof(opened.dir), "%s", dir != NULL ? dir : "");
	snprintf(opened.name, sizeof(opened.name), "%s", name != NULL ? name : "NAME");
}

/* ---- a command line ---- */

struct line {
	char text[LINE_SZ];
	size_t used;
};

static void
put(struct line *line, const char *text)
{
	line->used += (size_t)snprintf(line->text + line->used, LINE_SZ - line->used, "%s", text);
	if (line->used >= LINE_SZ)
		line->used = LINE_SZ - 1;
}

static bool
is_plain(const char *word)
{
	return word[0] != '\0' && strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
					       "_-./,:@+=%") == strlen(word);
}

/* A word as a shell reads it back, and as a terminal may show it: a path may hold any byte but 0. */
static void
put_word(struct line *line, const char *word)
{
	char escape[8];

	if (is_plain(word)) {
		put(line, word);
		return;
	}
	put(line, "$'");
	for (; *word != '\0'; word++) {
		const unsigned char c = (unsigned char)*word;

		if (c < ' ' || c == 0x7f)
			snprintf(escape, sizeof(escape), "\\%03o", c);
		else
			snprintf(escape, sizeof(escape), "%s%c", c == '\'' || c == '\\' ? "\\" : "", c);
		put(line, escape);
	}
	put(line, "'");
}

static void
put_option(struct line *line, const char *option, const char *word)
{
	if (word == NULL)
		return;
	put(line, option);
	put_word(line, word);
}

const char *
groove_volume_ctl(const char *command, const char *driver, const char *dir, const char *name)
{
	static _Thread_local struct line line;

	line.used = 0;
	put(&line, "groove-ctl ");
	put(&line, command);
	put_option(&line, " ", name);
	put_option(&line, " --driver ", driver);
	put_option(&line, " --dir ", dir);
	return line.text;
}

const char *
region_ctl(const char *command)
{
	return groove_volume_ctl(command, opened.driver[0] != '\0' ? opened.driver : NULL,
		opened.dir[0] != '\0' ? opened.dir : NULL, opened.name[0] != '\0' ? opened.name : "NAME");
}
