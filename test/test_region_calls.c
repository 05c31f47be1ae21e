/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * How lib/region and the drivers call the kernel, seen by calls of our own in the place of the C library's: with
 * signals blocked where a kernel begins anew after each, never for ever, and to disk in the order that a power loss
 * needs.
 *
 * A program of its own, for these calls are all of its calls.
 */

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fixture.h"
#include "region_hdr.h"

#define CALL_MAX 10000U /* more is for ever */

/* ---- a kernel that is as the test wants it ---- */

static enum {
	KERNEL_AS_IT_IS,
	KERNEL_BEGINS_ANEW,  /* fallocate() ends with EINTR when a timer's signal can come */
	KERNEL_INTERRUPTS,   /* always */
	KERNEL_HAS_NO_PAGES, /* madvise(MADV_POPULATE_WRITE) ends with EAGAIN, always */
} kernel;

static unsigned int call_cnt;

static bool
timer_can_come(void)
{
	sigset_t mask;

	pthread_sigmask(SIG_SETMASK, NULL, &mask);
	return sigismember(&mask, SIGALRM) == 0 || sigismember(&mask, SIGPROF) == 0;
}

static bool
is_interrupted(void)
{
	/* For ever is an error of another kind, and ends. */
	if (++call_cnt > CALL_MAX)
		return false;
	return kernel == KERNEL_INTERRUPTS || (kernel == KERNEL_BEGINS_ANEW && timer_can_come());
}

int
fallocate(int fd, int mode, off_t offset, off_t len)
{
	if (!is_interrupted())
		return (int)syscall(SYS_fallocate, fd, mode, offset, len);
	errno = EINTR;
	return -1;
}

int
madvise(void *addr, size_t len, int advice)
{
	if (kernel == KERNEL_HAS_NO_PAGES && advice == MADV_POPULATE_WRITE && ++call_cnt <= CALL_MAX) {
		errno = EAGAIN;
		return -1;
	}
	return (int)syscall(SYS_madvise, addr, len, advice);
}

/* What was written to disk, and what the header said by then. */
static struct {
	const void *addr;
	size_t sz;
	int flags;
	uint64_t attach_seq;
	uint64_t clean_seq;
} syncs[16];

static unsigned int sync_cnt;
static const struct region_hdr *synced; /* header of the region that is watched */

int
msync(void *addr, size_t len, int flags)
{
	if (synced != NULL && sync_cnt < sizeof(syncs) / sizeof(syncs[0])) {
		syncs[sync_cnt].addr = addr;
		syncs[sync_cnt].sz = len;
		syncs[sync_cnt].flags = flags;
		syncs[sync_cnt].attach_seq = synced->attach_seq;
		syncs[sync_cnt++].clean_seq = synced->clean_seq;
	}
	return (int)syscall(SYS_msync, addr, len, flags);
}

/* ---- signals ---- */

static groove_region_cfg_t
cfg_of(const char *driver, const char *dir)
{
	return (groove_region_cfg_t){
		.driver = driver,
		.dir = dir,
		.volume_sz = VOLUME_SZ_MIN,
		.volume_max = 2,
		.page = GROOVE_PAGE_NORMAL,
		.node = GROOVE_NODE_ANY,
	};
}

static int
test_signals(const char *driver, const char *dir)
{
	const groove_region_cfg_t cfg = cfg_of(driver, dir);
	groove_region_t *region;
	groove_data_t join;
	int err = GROOVE_ERR_AGAIN;

	kernel = KERNEL_BEGINS_ANEW;
	call_cnt = 0;
	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &region), "create");
	TEST_ASSERT_NOT_NULL(groove_region_join(region, &join, 0), "join");
	TEST_ASSERT_SUCCESS(groove_region_grow(region, &join, NULL), "grow");
	while (err == GROOVE_ERR_AGAIN)
		err = groove_region_shrink(region, &join, NULL);
	TEST_ASSERT_SUCCESS(err, "shrink");
	TEST_ASSERT(call_cnt < CALL_MAX, "calls of fallocate()");
	TEST_ASSERT(timer_can_come(), "signals stay blocked");
	kernel = KERNEL_AS_IT_IS;
	TEST_ASSERT_NOT_NULL(groove_region_leave(region, &join), "leave");
	groove_region_detach(region);
	return TEST_SUCCESS;
}

/* What never works is an error in the end, and costs nothing. */
static int
refuse_growth(groove_region_t *region, groove_data_t *join, const char *why)
{
	call_cnt = 0;
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_region_grow(region, join, NULL), GROOVE_ERR_FULL, "grow");
	TEST_ASSERT_NOT_NULL(strstr(test_log_end(), why), "grow: no \"%s\"", why);
	TEST_ASSERT(call_cnt < CALL_MAX, "%u calls", call_cnt);
	kernel = KERNEL_AS_IT_IS;
	TEST_ASSERT_EQUAL(groove_region_volume_cnt(region), 0, "volumes");
	TEST_ASSERT_SUCCESS(groove_region_grow(region, join, NULL), "grow again");
	while (groove_region_shrink(region, join, NULL) == GROOVE_ERR_AGAIN)
		;
	return TEST_SUCCESS;
}

static int
test_for_ever(const char *driver, const char *dir)
{
	const groove_region_cfg_t cfg = cfg_of(driver, dir);
	groove_region_t *region;
	groove_data_t join;

	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &region), "create");
	TEST_ASSERT_NOT_NULL(groove_region_join(region, &join, 0), "join");
	kernel = KERNEL_INTERRUPTS;
	TEST_CALL(refuse_growth(region, &join, "Interrupted"));
	kernel = KERNEL_HAS_NO_PAGES;
	TEST_CALL(refuse_growth(region, &join, "no memory for 32 MiB"));
	TEST_ASSERT_NOT_NULL(groove_region_leave(region, &join), "leave");
	groove_region_detach(region);
	return TEST_SUCCESS;
}

/* ---- disk ---- */

/* Everything is on disk before the header says so, and that is there when detach returns. */
static int
test_clean(const char *dir)
{
	const groove_region_id_t id = {.driver = "file", .dir = dir, .name = "clean"};
	groove_region_cfg_t cfg = cfg_of("file", dir);
	groove_region_t *region;
	uint64_t sz;

	cfg.name = "clean";
	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &region), "create");
	synced = (const struct region_hdr *)((uintptr_t)groove_region_shdata(region) & ~(GROOVE_VOLUME_ROOM_ALIGN - 1));
	sz = (uint64_t)((const uint8_t *)groove_region_volume0(region) - (const uint8_t *)synced) +
	     cfg.volume_max * VOLUME_SZ_MIN;
	sync_cnt = 0;
	groove_region_detach(region);
	const struct region_hdr *base = synced;

	synced = NULL;
	TEST_ASSERT_EQUAL(sync_cnt, 2, "writes to disk");
	for (unsigned int i = 0; i < sync_cnt; i++) {
		TEST_ASSERT(syncs[i].addr == base, "write %u at %p", i, syncs[i].addr);
		TEST_ASSERT_EQUAL(syncs[i].flags, MS_SYNC, "flags of write %u", i);
	}
	TEST_ASSERT_EQUAL(syncs[0].sz, sz, "bytes of the first");
	TEST_ASSERT(syncs[0].clean_seq < syncs[0].attach_seq, "said to be clean before it was on disk");
	TEST_ASSERT(syncs[1].sz >= sizeof(struct region_hdr), "bytes of the second");
	TEST_ASSERT_EQUAL(syncs[1].clean_seq, syncs[1].attach_seq, "not said to be clean");
	TEST_ASSERT_SUCCESS(groove_region_destroy(&id), "destroy");
	return TEST_SUCCESS;
}

static int
test_region_calls(void)
{
	char dir[] = "/dev/shm/groove-tested-XXXXXX";

	TEST_ASSERT_NOT_NULL(test_dir_make(dir), "mkdtemp: %m");
	TEST_CALL(test_signals("memfd", NULL));
	TEST_CALL(test_signals("file", dir));
	TEST_CALL(test_signals("file", "/var/tmp"));
	TEST_CALL(test_for_ever("memfd", NULL));
	TEST_CALL(test_for_ever("file", dir));
	TEST_CALL(test_clean(dir));
	TEST_ASSERT_SUCCESS(rmdir(dir), "left something in %s: %m", dir);
	return TEST_SUCCESS;
}

GROOVE_TEST(region_calls_autotest, driver, test_region_calls);
