/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* The driver hugetlbfs, on mounts of its own, of 2 MiB and 1 GiB pages, as far as there are pages. */

#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <unistd.h>

#include "volume_driver.h"

#define MIB (1UL << 20)

static int
refuse(const groove_region_cfg_t *cfg, int expected, const char *word, const char *way_out)
{
	groove_region_t *region;

	test_log_begin();
	TEST_ASSERT_EQUAL(groove_region_create(cfg, &region), expected, "%s", word);
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), word, way_out), "%s", word);
	return TEST_SUCCESS;
}

static int
test_errors(const struct volume_subject *subject)
{
	groove_region_cfg_t cfg = volume_subject_cfg(subject);

	cfg.page = GROOVE_PAGE_NORMAL;
	TEST_CALL(refuse(&cfg, GROOVE_ERR_INVAL, "no normal pages", "memfd"));
	cfg.page = subject->page == GROOVE_PAGE_HUGE ? GROOVE_PAGE_GIGANTIC : GROOVE_PAGE_HUGE;
	TEST_CALL(refuse(&cfg, GROOVE_ERR_INVAL, subject->dir, "mount -t hugetlbfs"));
	cfg.page = subject->page;
	cfg.dir = "/var/tmp";
	TEST_CALL(refuse(&cfg, GROOVE_ERR_INVAL, "/var/tmp", "mount -t hugetlbfs"));
	if (subject->page != GROOVE_PAGE_GIGANTIC)
		return TEST_SUCCESS;
	cfg.dir = subject->dir;
	cfg.volume_sz = 512 * MIB;
	return refuse(&cfg, GROOVE_ERR_INVAL, "512 MiB", "volumes of 1 GiB");
}

/* The mount says how many pages it may have: when they are used up growth fails, in order, and gives back what it had.
 */
static int
test_exhausted(const struct volume_subject *subject)
{
	groove_region_cfg_t cfg = volume_subject_cfg(subject);
	groove_region_t *region;
	groove_data_t join;

	cfg.volume_cnt = 0;
	cfg.volume_max = 4;
	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &region), "create");
	TEST_ASSERT_NOT_NULL(groove_region_join(region, &join, 0), "join");
	TEST_ASSERT_SUCCESS(groove_region_grow(region, &join, NULL), "first");
	TEST_ASSERT_SUCCESS(groove_region_grow(region, &join, NULL), "second");
	for (int i = 0; i < 3; i++) {
		test_log_begin();
		TEST_ASSERT_EQUAL(groove_region_grow(region, &join, NULL), GROOVE_ERR_FULL, "third");
		TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), "32 MiB need 16 pages", "fewer"), "third");
		TEST_ASSERT_EQUAL(groove_region_volume_cnt(region), 2, "volumes with memory");
	}
	TEST_ASSERT_NOT_NULL(groove_region_leave(region, &join), "leave");
	groove_region_detach(region);
	return TEST_SUCCESS;
}

/* More at once than the mount may have: its size is named. */
static int
test_too_many(const struct volume_subject *subject)
{
	groove_region_cfg_t cfg = volume_subject_cfg(subject);

	cfg.volume_cnt = 3;
	return refuse(&cfg, GROOVE_ERR_FULL, subject->dir, "allows 40: raise that limit");
}

static uint64_t
pages(const char *file)
{
	return groove_volume_hugepages(2 * MIB, GROOVE_NODE_ANY, file);
}

/*
 * The mount has pages reserved, which are its own: it makes regions of them, and none else does. Without a wish for the
 * pages memory is had of normal ones.
 */
static int
test_reserved(const struct volume_subject *subject)
{
	groove_region_cfg_t cfg = volume_subject_cfg(subject);
	groove_region_t *region;

	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &region), "of the pages that the mount has reserved");
	groove_region_detach(region);
	cfg.driver = "memfd";
	cfg.dir = NULL;
	/* Others on this machine may give some back just now. */
	if (pages("free_hugepages") - pages("resv_hugepages") >= 33)
		return TEST_SUCCESS;
	TEST_CALL(refuse(&cfg, GROOVE_ERR_FULL, "need 33 pages of 2 MiB", "nr_hugepages"));
	cfg.page = GROOVE_PAGE_ANY;
	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &region), "any pages");
	TEST_ASSERT_EQUAL(groove_region_page_sz(region), (uint64_t)sysconf(_SC_PAGESIZE), "bytes of a page");
	groove_region_detach(region);
	return TEST_SUCCESS;
}

/* Run a part of the test on a mount of its own. */
static int
test_mounted(const char *dir, enum groove_page page, const char *options, int (*fn)(const struct volume_subject *))
{
	const struct volume_subject subject = {.driver = "hugetlbfs", .dir = dir, .page = page, .gives_back = true};
	int result;

	TEST_ASSERT_SUCCESS(mount("none", dir, "hugetlbfs", MS_NOSUID | MS_NODEV, options), "mount: %m");
	result = fn(&subject);
	if (result == TEST_SUCCESS)
		TEST_ASSERT_SUCCESS(umount(dir), "something holds %s: %m", dir);
	else
		umount2(dir, MNT_DETACH);
	return result;
}

static int
test_on(const char *dir, enum groove_page page)
{
	const char *options = page == GROOVE_PAGE_GIGANTIC ? "pagesize=1G" : "pagesize=2M";
	char text[64];

	TEST_CALL(test_mounted(dir, page, options, volume_driver_conformance));
	TEST_CALL(test_mounted(dir, page, options, test_errors));
	if (page != GROOVE_PAGE_HUGE)
		return TEST_SUCCESS;
	TEST_CALL(test_mounted(dir, page, "pagesize=2M,size=80M", test_exhausted));
	TEST_CALL(test_mounted(dir, page, "pagesize=2M,size=80M", test_too_many));
	/* All that are free. */
	snprintf(text, sizeof(text), "pagesize=2M,min_size=%luM",
		2 * (pages("free_hugepages") - pages("resv_hugepages")));
	return test_mounted(dir, page, text, test_reserved);
}

static int
test_volume_hugetlbfs(void)
{
	char dir[] = "/tmp/groove-tested-XXXXXX";
	unsigned int run = 0;
	int result = TEST_SUCCESS;

	if (geteuid() != 0)
		return test_skip("needs root, to mount hugetlbfs");
	TEST_ASSERT_NOT_NULL(test_dir_make(dir), "mkdtemp: %m");
	for (enum groove_page page = GROOVE_PAGE_HUGE; page <= GROOVE_PAGE_GIGANTIC; page++) {
		const struct volume_subject subject = {.driver = "hugetlbfs", .page = page, .gives_back = true};

		if (result != TEST_SUCCESS || !volume_subject_room(&subject))
			continue;
		run++;
		result = test_on(dir, page);
	}
	rmdir(dir);
	return run > 0 ? result : test_skip("needs 256 MiB of 2 MiB pages, or 4 GiB of 1 GiB pages: reserve some");
}

GROOVE_TEST(volume_hugetlbfs_autotest, driver, test_volume_hugetlbfs);
