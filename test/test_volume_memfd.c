/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* The driver memfd: normal pages always, hugepages where there are any. */

#include <sys/mman.h>
#include <unistd.h>

#include "volume_driver.h"

#define MIB (1UL << 20)

/* A descriptor that was handed over, in a process that has nothing else. */
static int
by_descriptor(void *arg)
{
	const int fd = *(const int *)arg;
	groove_region_t *region;
	groove_data_t join;

	TEST_ASSERT_SUCCESS(groove_region_attach_fd(fd, &region), "attach");
	TEST_ASSERT(groove_region_fd(region) != fd, "the caller's descriptor was kept");
	TEST_ASSERT_NOT_NULL(groove_region_join(region, &join, 0), "join");
	TEST_ASSERT_NOT_NULL(groove_data_alloc(&join, 0, 1000, 4711, NULL), "alloc");
	TEST_ASSERT_NOT_NULL(groove_region_leave(region, &join), "leave");
	groove_region_detach(region);
	return TEST_SUCCESS;
}

static int
count(void *arg, void *obj)
{
	*(uint64_t *)arg += groove_data_alloc_tag(obj);
	return 0;
}

static int
test_descriptor(const groove_region_cfg_t *cfg)
{
	groove_region_t *region;
	groove_data_t join;
	uint64_t tags = 0;
	int fd;

	TEST_ASSERT_SUCCESS(groove_region_create(cfg, &region), "create");
	TEST_ASSERT_NOT_NULL(groove_region_join(region, &join, 0), "join");
	TEST_ASSERT_SUCCESS(groove_region_grow(region, &join, NULL), "grow");
	fd = groove_region_fd(region);
	TEST_ASSERT(fd >= 0, "no descriptor");
	TEST_CALL(test_child_run(by_descriptor, &fd));
	TEST_ASSERT_SUCCESS(groove_data_walk(&join, NULL, count, &tags), "walk");
	TEST_ASSERT_EQUAL(tags, 4711, "the other's object");
	TEST_ASSERT_NOT_NULL(groove_region_leave(region, &join), "leave");
	groove_region_detach(region);
	return TEST_SUCCESS;
}

/* Nobody can make the file shorter, whichever process has the descriptor. */
static int
test_sealed(const groove_region_cfg_t *cfg)
{
	groove_region_t *region;

	TEST_ASSERT_SUCCESS(groove_region_create(cfg, &region), "create");
	TEST_ASSERT_EQUAL(ftruncate(groove_region_fd(region), 4096), -1, "cut");
	TEST_ASSERT_EQUAL(ftruncate(groove_region_fd(region), 1L << 40), -1, "made longer");
	groove_region_detach(region);
	return TEST_SUCCESS;
}

static int
refuse_fd(int fd, const char *word)
{
	groove_region_t *region;

	test_log_begin();
	TEST_ASSERT_EQUAL(groove_region_attach_fd(fd, &region), GROOVE_ERR_INVAL, "descriptor %d", fd);
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), "hand over", word), "descriptor %d", fd);
	close(fd);
	return TEST_SUCCESS;
}

static int
test_foreign(void)
{
	int ends[2];

	TEST_CALL(refuse_fd(memfd_create("foreign", MFD_CLOEXEC), "no region"));
	TEST_CALL(refuse_fd(-1, "no region"));
	TEST_ASSERT_SUCCESS(pipe(ends), "pipe");
	close(ends[1]);
	return refuse_fd(ends[0], "no region");
}

static int
test_volume_memfd(void)
{
	struct volume_subject subject = {.driver = "memfd", .page = GROOVE_PAGE_NORMAL, .gives_back = true};
	groove_region_cfg_t cfg = volume_subject_cfg(&subject);

	TEST_CALL(volume_driver_conformance(&subject));
	TEST_CALL(test_descriptor(&cfg));
	TEST_CALL(test_sealed(&cfg));
	TEST_CALL(test_foreign());
	for (subject.page = GROOVE_PAGE_HUGE; subject.page <= GROOVE_PAGE_GIGANTIC; subject.page++) {
		if (volume_subject_room(&subject))
			TEST_CALL(volume_driver_conformance(&subject));
	}
	subject.page = GROOVE_PAGE_ANY;
	return volume_driver_conformance(&subject);
}

GROOVE_TEST(volume_memfd_autotest, driver, test_volume_memfd);
