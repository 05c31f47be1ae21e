/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "region_ctl.h"

#include <stdio.h>

#define DRIVER_SZ 16
#define DIR_SZ	  256
#define LINE_SZ	  384

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

const char *
groove_volume_ctl(const char *command, const char *driver, const char *dir, const char *name)
{
	static _Thread_local char line[LINE_SZ];

	snprintf(line, sizeof(line), "groove-ctl %s%s%s%s%s%s%s", command, name != NULL ? " " : "",
		name != NULL ? name : "", driver != NULL ? " --driver " : "", driver != NULL ? driver : "",
		dir != NULL ? " --dir " : "", dir != NULL ? dir : "");
	return line;
}

const char *
region_ctl(const char *command)
{
	return groove_volume_ctl(command, opened.driver[0] != '\0' ? opened.driver : NULL,
		opened.dir[0] != '\0' ? opened.dir : NULL, opened.name[0] != '\0' ? opened.name : "NAME");
}
