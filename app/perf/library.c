/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <link.h>

#include "seat.h"

/* Folders that the loader searches for this program; the caller frees them. NULL: not known. */
static Dl_serinfo *
folders_read(void)
{
	void *self = dlopen(NULL, RTLD_LAZY);
	Dl_serinfo size;
	Dl_serinfo *folders = NULL;

	if (self != NULL && dlinfo(self, RTLD_DI_SERINFOSIZE, &size) == 0)
		folders = malloc(size.dls_size);
	if (folders != NULL &&
		(dlinfo(self, RTLD_DI_SERINFOSIZE, folders) != 0 || dlinfo(self, RTLD_DI_SERINFO, folders) != 0)) {
		free(folders);
		folders = NULL;
	}
	if (self != NULL)
		dlclose(self);
	return folders;
}

/* By looking, not by loading: this process must not get a second malloc. */
static bool
library_present(const Dl_serinfo *folders, const char *name)
{
	for (unsigned int i = 0; i < folders->dls_cnt; i++) {
		char path[PATH_MAX];

		snprintf(path, sizeof(path), "%s/%s", folders->dls_serpath[i].dls_name, name);
		if (access(path, R_OK) == 0)
			return true;
	}
	return false;
}

const char *
perf_library_of(const struct perf_allocator *allocator)
{
	const char *const *library = allocator->libraries;

	if (library == NULL)
		return NULL;

	Dl_serinfo *folders = folders_read();

	while (folders != NULL && *library != NULL && !library_present(folders, *library))
		library++;
	if (folders == NULL)
		return NULL;
	free(folders);
	return *library;
}
