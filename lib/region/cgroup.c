/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * What control groups allow, of both versions: see the kernel's admin-guide/cgroup-v2.rst and cgroup-v1/memory.rst. A
 * limit of a group holds for all groups in it, so each one up to the root that this process sees is asked.
 */

#include "cgroup.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_SZ 1024
#define TYPE_SZ 16

/* ---- where the group of this process is ---- */

/* One that is mounted, and the group in it. */
struct mount {
	char dir[CGROUP_PATH_SZ];  /* where it is mounted */
	char root[CGROUP_PATH_SZ]; /* what of the hierarchy is mounted there */
};

/* Whether a comma separated list has a word. */
static bool
list_has(const char *list, const char *word)
{
	const size_t len = strlen(word);

	for (const char *at = list; at != NULL; at = strchr(at, ',')) {
		at += *at == ',';
		if (strncmp(at, word, len) == 0 && (at[len] == ',' || at[len] == '\0'))
			return true;
	}
	return false;
}

/* A line of /proc/self/mountinfo: "36 35 98:0 ROOT DIR OPTIONS ... - TYPE SOURCE OPTIONS". */
static bool
mount_parse(char *line, const char *controller, struct mount *mount)
{
	char *rest = strstr(line, " - ");
	char type[TYPE_SZ], options[LINE_SZ] = "";

	if (rest == NULL || sscanf(rest, " - %15s %*s %1023s", type, options) != 2)
		return false;
	if (controller == NULL ? strcmp(type, "cgroup2") != 0
			       : strcmp(type, "cgroup") != 0 || !list_has(options, controller))
		return false;
	return sscanf(line, "%*s %*s %*s %511s %511s", mount->root, mount->dir) == 2;
}

/* controller: of version 1; NULL: version 2. */
static bool
mount_find(const char *controller, struct mount *mount)
{
	FILE *file = fopen("/proc/self/mountinfo", "re");
	char *line = NULL;
	size_t line_sz = 0;
	bool found = false;

	while (file != NULL && !found && getline(&line, &line_sz, file) > 0)
		found = mount_parse(line, controller, mount);
	free(line);
	if (file != NULL)
		fclose(file);
	return found;
}

/* A line of /proc/self/cgroup: "4:memory,hugetlb:PATH", of version 2 "0::PATH". */
static bool
path_find(const char *controller, char path[CGROUP_PATH_SZ])
{
	FILE *file = fopen("/proc/self/cgroup", "re");
	char line[LINE_SZ];
	bool found = false;

	while (file != NULL && !found && fgets(line, sizeof(line), file) != NULL) {
		char *names = strchr(line, ':');
		char *end = names != NULL ? strchr(names + 1, ':') : NULL;

		if (end == NULL)
			continue;
		*end = '\0';
		found = controller != NULL ? list_has(names + 1, controller) : names[1] == '\0';
		snprintf(path, CGROUP_PATH_SZ, "%.*s", (int)strcspn(end + 1, "\n"), end + 1);
	}
	if (file != NULL)
		fclose(file);
	return found;
}

/*
 * Folder of the group. A container may see a part of the hierarchy only: then its mount begins there, or, when the path
 * is not in what is mounted, the mount itself is all that can be asked.
 */
static bool
group_find(const char *controller, struct mount *mount, char dir[2 * CGROUP_PATH_SZ])
{
	char path[CGROUP_PATH_SZ];
	size_t root_len;

	if (!path_find(controller, path) || !mount_find(controller, mount))
		return false;
	root_len = strcmp(mount->root, "/") == 0 ? 0 : strlen(mount->root);
	if (strncmp(path, mount->root, root_len) != 0 || strchr("/", path[root_len]) == NULL ||
		strncmp(path, "/..", 3) == 0)
		snprintf(dir, 2UL * CGROUP_PATH_SZ, "%s", mount->dir);
	else
		snprintf(dir, 2UL * CGROUP_PATH_SZ, "%s%s", mount->dir, strcmp(path, "/") != 0 ? path + root_len : "");
	return true;
}

/* ---- what it allows ---- */

static FILE *
group_open(const char *dir, const char *name)
{
	char path[3 * CGROUP_PATH_SZ];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return fopen(path, "re");
}

/* A number; UINT64_MAX for "max", and for what is not there. */
static uint64_t
read_number(const char *dir, const char *name)
{
	FILE *file = group_open(dir, name);
	uint64_t number = UINT64_MAX;

	if (file == NULL)
		return UINT64_MAX;
	if (fscanf(file, "%" SCNu64, &number) != 1)
		number = UINT64_MAX;
	fclose(file);
	return number;
}

/* Bytes that the kernel takes back from the group before it says that there are none. */
static uint64_t
reclaimable(const char *dir, const char *const *names)
{
	FILE *file = group_open(dir, "memory.stat");
	char line[LINE_SZ], name[LINE_SZ];
	uint64_t sum = 0, value;

	while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
		if (sscanf(line, "%1023s %" SCNu64, name, &value) != 2)
			continue;
		for (size_t i = 0; names[i] != NULL; i++)
			sum += strcmp(name, names[i]) == 0 ? value : 0;
	}
	if (file != NULL)
		fclose(file);
	return sum;
}

static uint64_t
less(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

/* Bytes below a limit; UINT64_MAX where there is none. */
static uint64_t
below(const char *dir, const char *limit_name, const char *used_name, uint64_t back)
{
	const uint64_t limit = read_number(dir, limit_name);
	const uint64_t used = read_number(dir, used_name);

	/* Version 1 writes a number near the largest for "no limit". */
	if (limit >= INT64_MAX / 2 || used == UINT64_MAX)
		return UINT64_MAX;
	return less(limit, less(used, back));
}

static uint64_t
add(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static uint64_t
min(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Names of a controller's files. */
struct names {
	char limit[48];
	char used[48];
};

static uint64_t
memory_1(const char *dir, const struct names *names, uint64_t swap_free)
{
	static const char *const stats[] = {"total_inactive_file", "total_active_file", NULL};
	const uint64_t back = reclaimable(dir, stats);

	/* Memory and swap together have a limit of their own. */
	return min(add(below(dir, names->limit, names->used, back), swap_free),
		below(dir, "memory.memsw.limit_in_bytes", "memory.memsw.usage_in_bytes", back));
}

static uint64_t
memory_2(const char *dir, const struct names *names, uint64_t swap_free)
{
	static const char *const stats[] = {"inactive_file", "active_file", "slab_reclaimable", NULL};
	const uint64_t swap = below(dir, "memory.swap.max", "memory.swap.current", 0);

	return add(below(dir, names->limit, names->used, reclaimable(dir, stats)), min(swap, swap_free));
}

static uint64_t
pages(const char *dir, const struct names *names, uint64_t unused)
{
	(void)unused;
	return below(dir, names->limit, names->used, 0);
}

/* ---- all groups from that of the process up ---- */

/* A controller of one version. */
struct controller {
	const char *name; /* NULL: version 2 */
	struct names names;
	uint64_t (*room)(const char *dir, const struct names *names, uint64_t swap_free);
};

static bool
counts_up(const struct controller *controller, const char *dir)
{
	/* Of version 1 a kernel before 5.11 may count a group without those in it. */
	return controller->name == NULL || read_number(dir, "memory.use_hierarchy") != 0;
}

static uint64_t
least(const struct controller *controller, uint64_t swap_free, struct cgroup_limit *limit)
{
	char dir[2 * CGROUP_PATH_SZ];
	struct mount mount;
	uint64_t sz = UINT64_MAX;

	if (!group_find(controller->name, &mount, dir))
		return UINT64_MAX;
	for (;;) {
		const uint64_t room = controller->room(dir, &controller->names, swap_free);
		char *last = strrchr(dir, '/');

		if (room < sz) {
			sz = room;
			snprintf(limit->path, sizeof(limit->path), "%s/%s", dir, controller->names.limit);
		}
		if (last == NULL || (size_t)(last - dir) < strlen(mount.dir))
			return sz;
		*last = '\0';
		if (!counts_up(controller, dir))
			return sz;
	}
}

static uint64_t
least_of_both(struct controller controllers[2], uint64_t swap_free, struct cgroup_limit *limit)
{
	struct cgroup_limit other = {.path = ""};
	uint64_t sz, other_sz;

	limit->path[0] = '\0';
	sz = least(&controllers[0], swap_free, limit);
	other_sz = least(&controllers[1], swap_free, &other);
	if (other_sz < sz)
		*limit = other;
	return min(sz, other_sz);
}

uint64_t
cgroup_memory(uint64_t swap_free, struct cgroup_limit *limit)
{
	struct controller controllers[2] = {
		{NULL, {"memory.max", "memory.current"}, memory_2},
		{"memory", {"memory.limit_in_bytes", "memory.usage_in_bytes"}, memory_1},
	};

	return least_of_both(controllers, swap_free, limit);
}

uint64_t
cgroup_hugepages(uint64_t page_sz, struct cgroup_limit *limit)
{
	struct controller controllers[2] = {{NULL, {"", ""}, pages}, {"hugetlb", {"", ""}, pages}};
	const bool gigantic = page_sz >= 1UL << 30;
	char page[24];

	snprintf(page, sizeof(page), "hugetlb.%u%cB", (unsigned int)(page_sz >> (gigantic ? 30 : 20)),
		gigantic ? 'G' : 'M');
	for (int i = 0; i < 2; i++) {
		snprintf(controllers[i].names.limit, sizeof(controllers[i].names.limit), "%s.%s", page,
			i == 0 ? "max" : "limit_in_bytes");
		snprintf(controllers[i].names.used, sizeof(controllers[i].names.used), "%s.%s", page,
			i == 0 ? "current" : "usage_in_bytes");
	}
	return least_of_both(controllers, 0, limit);
}
