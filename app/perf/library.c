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

/* By looking, not by loading: a second malloc in this process is not what anybody wants. */
bool
perf_library_present(const char *name)
{
	Dl_serinfo *folders = folders_read();
	bool present = false;

	for (unsigned int i = 0; folders != NULL && i < folders->dls_cnt && !present; i++) {
		char path[PATH_MAX];

		snprintf(path, sizeof(path), "%s/%s", folders->dls_serpath[i].dls_name, name);
		present = access(path, R_OK) == 0;
	}
	free(folders);
	return present;
}
