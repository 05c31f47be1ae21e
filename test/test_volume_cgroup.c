/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * A cgroup that allows fewer hugepages than are free: the kernel would end with a signal a process that touches one too
 * many. groove finds out when it grows.
 */

#include <fcntl.h>
#include <mntent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "volume_driver.h"

#define MIB	   (1UL << 20)
#define PATH_SZ	   256
#define VOLUME_SZ  (32 * MIB)
#define VOLUME_MAX 4UL

/* ---- the cgroup ---- */

static bool
write_file(const char *dir, const char *file, const char *text)
{
	char path[2 * PATH_SZ];
	int fd;
	bool good;

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	good = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	close(fd);
	return good;
}

static bool
file_has(const char *dir, const char *file, const char *word)
{
	char path[2 * PATH_SZ], line[512] = "";
	FILE *stream;

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	stream = fopen(path, "re");
	if (stream == NULL)
		return false;
	if (fgets(line, sizeof(line), stream) == NULL)
		line[0] = '\0';
	fclose(stream);
	return strstr(line, word) != NULL;
}

static bool
root_find(char root[PATH_SZ])
{
	struct mntent entry;
	char line[1024];
	FILE *mounts = setmntent("/proc/self/mounts", "re");

	root[0] = '\0';
	while (mounts != NULL && getmntent_r(mounts, &entry, line, sizeof(line)) != NULL) {
		if (strcmp(entry.mnt_type, "cgroup2") == 0)
			snprintf(root, PATH_SZ, "%s", entry.mnt_dir);
	}
	if (mounts != NULL)
		endmntent(mounts);
	return root[0] != '\0' && file_has(root, "cgroup.controllers", "hugetlb");
}

/* ---- in it ---- */

/* Front and two volumes fit, the third does not. */
static int
limited(void *arg)
{
	const char *cgroup = arg;
	const groove_region_cfg_t cfg = {
		.driver = "memfd",
		.volume_sz = VOLUME_SZ,
		.volume_max = VOLUME_MAX,
		.page = GROOVE_PAGE_HUGE,
		.node = GROOVE_NODE_ANY,
	};
	groove_region_t *region;
	groove_data_t join;

	TEST_ASSERT(write_file(cgroup, "cgroup.procs", "0"), "not moved to %s: %m", cgroup);
	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &region), "create");
	TEST_ASSERT_NOT_NULL(groove_region_join(region, &join, 0), "join");
	TEST_ASSERT_SUCCESS(groove_region_grow(region, &join, NULL), "first");
	TEST_ASSERT_SUCCESS(groove_region_grow(region, &join, NULL), "second");
	for (int i = 0; i < 3; i++) {
		struct stat before, after;

		TEST_ASSERT_SUCCESS(fstat(groove_region_fd(region), &before), "fstat");
		test_log_begin();
		TEST_ASSERT_EQUAL(groove_region_grow(region, &join, NULL), GROOVE_ERR_FULL, "third");
		TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), "32 MiB need 16 pages", "cgroup"), "third");
		TEST_ASSERT_SUCCESS(fstat(groove_region_fd(region), &after), "fstat");
		TEST_ASSERT_EQUAL(after.st_blocks, before.st_blocks, "pages kept");
	}
	TEST_ASSERT_SUCCESS(groove_data_verify(&join), "verify");
	TEST_ASSERT_NOT_NULL(groove_region_leave(region, &join), "leave");
	groove_region_detach(region);
	return TEST_SUCCESS;
}

static int
test_in(const char *root)
{
	const bool enabled = file_has(root, "cgroup.subtree_control", "hugetlb");
	char cgroup[PATH_SZ + 32];
	int result;

	if (!enabled && !write_file(root, "cgroup.subtree_control", "+hugetlb"))
		return test_skip("cannot enable the hugetlb controller in %s", root);
	snprintf(cgroup, sizeof(cgroup), "%s/groove-test-%d", root, (int)getpid());
	TEST_ASSERT_SUCCESS(mkdir(cgroup, 0755), "mkdir %s: %m", cgroup);
	result = write_file(cgroup, "hugetlb.2MB.max", "80M") ? test_child_run(limited, cgroup)
							      : test_skip("no limit in %s", cgroup);
	rmdir(cgroup);
	if (!enabled)
		write_file(root, "cgroup.subtree_control", "-hugetlb");
	return result;
}

static int
test_volume_cgroup(void)
{
	const struct volume_subject subject = {.driver = "memfd", .page = GROOVE_PAGE_HUGE, .gives_back = true};
	char root[PATH_SZ];

	if (geteuid() != 0 || !root_find(root))
		return test_skip("needs root and the hugetlb controller of cgroup2");
	if (!volume_subject_room(&subject))
		return test_skip("needs 256 MiB of 2 MiB pages: reserve some");
	return test_in(root);
}

GROOVE_TEST(volume_cgroup_autotest, driver, test_volume_cgroup);
