/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* The driver file, on the file system of a directory made for it, and on one in memory. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "volume_driver.h"

static int
refuse(const groove_region_cfg_t *cfg, const char *word, const char *way_out)
{
	groove_region_t *region;

	test_log_begin();
	TEST_ASSERT_EQUAL(groove_region_create(cfg, &region), GROOVE_ERR_INVAL, "%s", word);
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), word, way_out), "%s", word);
	return TEST_SUCCESS;
}

static int
test_errors(const struct volume_subject *subject)
{
	groove_region_cfg_t cfg = volume_subject_cfg(subject);
	char path[128];

	cfg.page = GROOVE_PAGE_HUGE;
	TEST_CALL(refuse(&cfg, "normal pages only", "hugetlbfs"));
	cfg.page = GROOVE_PAGE_GIGANTIC;
	TEST_CALL(refuse(&cfg, "normal pages only", "hugetlbfs"));
	cfg.page = GROOVE_PAGE_NORMAL;
	cfg.dir = "/nonexistent/dir";
	TEST_CALL(refuse(&cfg, "/nonexistent/dir", "name another"));
	cfg.dir = "/proc/self";
	TEST_CALL(refuse(&cfg, "/proc/self", "name another"));
	snprintf(path, sizeof(path), "%s.link", subject->dir);
	TEST_ASSERT_SUCCESS(symlink(subject->dir, path), "symlink: %m");
	cfg.dir = path;
	TEST_CALL(refuse(&cfg, path, "no link"));
	unlink(path);
	return TEST_SUCCESS;
}

/* Its mode is as asked for, whatever the umask. */
static int
test_mode(const struct volume_subject *subject, unsigned int mode, unsigned int expected)
{
	const groove_region_id_t id = {.driver = "file", .dir = subject->dir, .name = "mode"};
	groove_region_cfg_t cfg = volume_subject_cfg(subject);
	groove_region_t *region;
	struct stat stat_buf;
	char path[160];

	cfg.name = "mode";
	cfg.mode = mode;
	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &region), "create");
	snprintf(path, sizeof(path), "%s/groove.mode", subject->dir);
	TEST_ASSERT_SUCCESS(lstat(path, &stat_buf), "no %s", path);
	TEST_ASSERT_EQUAL(stat_buf.st_mode & 07777, expected, "mode");
	TEST_ASSERT_EQUAL(stat_buf.st_nlink, 1, "names");
	groove_region_detach(region);
	TEST_ASSERT_SUCCESS(groove_region_destroy(&id), "destroy");
	return TEST_SUCCESS;
}

static int
test_in(const char *template)
{
	struct volume_subject subject = {.driver = "file", .page = GROOVE_PAGE_NORMAL, .gives_back = true};
	char dir[64];

	snprintf(dir, sizeof(dir), "%s", template);
	subject.dir = test_dir_make(dir);
	TEST_ASSERT_NOT_NULL(subject.dir, "mkdtemp %s: %m", template);
	TEST_CALL(volume_driver_conformance(&subject));
	TEST_CALL(test_errors(&subject));
	TEST_CALL(test_mode(&subject, 0, 0600));
	TEST_CALL(test_mode(&subject, 0666, 0666));
	TEST_ASSERT_SUCCESS(rmdir(dir), "left something in %s: %m", dir);
	return TEST_SUCCESS;
}

static int
test_volume_file(void)
{
	TEST_CALL(test_in("/var/tmp/groove-tested-XXXXXX"));
	return test_in("/dev/shm/groove-tested-XXXXXX");
}

GROOVE_TEST(volume_file_autotest, driver, test_volume_file);
