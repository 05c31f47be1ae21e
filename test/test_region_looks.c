/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * Looks at a region from outside: what of it core dumps have, as the kernel says, what groove_region_inspect()
 * reports, and what attach looks at of its file.
 */

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <rte_common.h>

#include "volume_driver.h"

#define VOLUME_MAX 3
#define FILLED_CNT 2 /* volumes that have memory at first */

static char dir[64];

static groove_region_cfg_t
cfg_of(const char *driver, const char *name)
{
	const struct volume_subject subject = {
		.driver = driver, .dir = name != NULL ? dir : NULL, .page = GROOVE_PAGE_NORMAL};
	groove_region_cfg_t cfg = volume_subject_cfg(&subject);

	cfg.name = name;
	cfg.volume_cnt = FILLED_CNT;
	cfg.volume_max = VOLUME_MAX;
	return cfg;
}

/* ---- core dumps ---- */

/* Whether the kernel leaves a byte out of core dumps; -1: the byte is not mapped. */
static int
is_left_out(const void *addr)
{
	FILE *smaps = fopen("/proc/self/smaps", "re");
	bool inside = false;
	int left_out = -1;
	char line[512];

	while (smaps != NULL && left_out < 0 && fgets(line, sizeof(line), smaps) != NULL) {
		uintptr_t start, stop;

		if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " ", &start, &stop) == 2)
			inside = (uintptr_t)addr >= start && (uintptr_t)addr < stop;
		else if (inside && strncmp(line, "VmFlags:", 8) == 0)
			left_out = strstr(line, " dd") != NULL;
	}
	if (smaps != NULL)
		fclose(smaps);
	return left_out;
}

/* The front, and of the volumes those of a mask, are in dumps; nothing else is. */
static int
check_dumped(groove_region_t *region, bool front, unsigned int mask, const char *when)
{
	const uint8_t *volumes = groove_region_volume0(region);

	TEST_ASSERT_EQUAL(is_left_out(groove_region_shdata(region)), !front, "%s: the front is left out", when);
	for (unsigned int i = 0; i < VOLUME_MAX; i++)
		TEST_ASSERT_EQUAL(is_left_out(volumes + i * groove_region_volume_sz(region)), (mask >> i & 1) == 0,
			"%s: volume %u is left out", when, i);
	return TEST_SUCCESS;
}

static int
shrink(groove_region_t *region, groove_data_t *join)
{
	int err;

	do
		err = groove_region_shrink(region, join, NULL);
	while (err == GROOVE_ERR_AGAIN);
	return err;
}

static int
test_dumps(void)
{
	const groove_region_cfg_t cfg = cfg_of("memfd", NULL);
	groove_region_t *region;
	groove_data_t join;

	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &region), "create");
	TEST_ASSERT_NOT_NULL(groove_region_join(region, &join, 0), "join");
	TEST_CALL(check_dumped(region, false, 0, "not asked for"));
	TEST_ASSERT_SUCCESS(groove_region_dump(region, 1), "dump");
	TEST_CALL(check_dumped(region, true, 3, "asked for"));
	/* the first ones hand out the volumes that it was made with */
	for (unsigned int i = 0; i <= FILLED_CNT; i++)
		TEST_ASSERT_SUCCESS(groove_region_grow(region, &join, NULL), "grow");
	TEST_CALL(check_dumped(region, true, 7, "grown"));
	TEST_ASSERT_SUCCESS(shrink(region, &join), "shrink");
	TEST_ASSERT_SUCCESS(groove_region_dump(region, 0), "no dump");
	TEST_CALL(check_dumped(region, false, 0, "taken back"));
	TEST_ASSERT_SUCCESS(groove_region_grow(region, &join, NULL), "grow again");
	TEST_CALL(check_dumped(region, false, 0, "grown again"));

	TEST_ASSERT_NOT_NULL(groove_region_leave(region, &join), "leave");
	groove_region_detach(region);
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_region_dump(NULL, 1), GROOVE_ERR_INVAL, "no region");
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), "dump"), "no region: no line of log");
	return TEST_SUCCESS;
}

/* ---- what attach and inspect look at, and what happens meanwhile ---- */

/* Bytes of files in which the kernel was asked to find a hole, each as often as it was looked at; and how often. */
static struct {
	uint64_t bytes;
	unsigned int cnt;
} looked;

/* From which region a volume is given back just after the front was read. */
static struct {
	groove_region_t *region;
	groove_data_t *join;
	size_t front_sz; /* the header alone is less */
	int err;
} meanwhile;

off_t counted_lseek(int fd, off_t off, int whence) __asm__(
	"lseek64"); /* what lseek() is called with files of 64 bits */

off_t
counted_lseek(int fd, off_t off, int whence)
{
	const off_t found = (off_t)syscall(SYS_lseek, fd, off, whence);

	if (whence == SEEK_HOLE && found >= 0) {
		looked.bytes += (uint64_t)(found - off);
		looked.cnt++;
	}
	return found;
}

ssize_t looked_pread(int fd, void *mem, size_t sz, off_t off) __asm__("pread64");

ssize_t
looked_pread(int fd, void *mem, size_t sz, off_t off)
{
	groove_region_t *region = meanwhile.region;
	const ssize_t got = syscall(SYS_pread64, fd, mem, sz, off);

	if (region != NULL && sz >= meanwhile.front_sz) {
		meanwhile.region = NULL;
		meanwhile.err = shrink(region, meanwhile.join);
	}
	return got;
}

/* ---- inspect ---- */

static int
check_untouched(const groove_region_id_t *id, int want, const char *word)
{
	groove_region_report_t report, before;

	memset(&report, 0xa5, sizeof(report));
	before = report;
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_region_inspect(id, &report), want, "%s", word);
	TEST_ASSERT(want == GROOVE_ERR_KEY || TEST_LOG_IS_LINE(test_log_end(), word), "%s: no line of log", word);
	test_log_end();
	TEST_ASSERT(memcmp(&report, &before, sizeof(report)) == 0, "%s: the report was touched", word);
	return TEST_SUCCESS;
}

static int
test_bad_looks(const groove_region_id_t *id)
{
	groove_region_id_t bad = *id;

	test_log_begin();
	TEST_ASSERT_EQUAL(groove_region_inspect(id, NULL), GROOVE_ERR_INVAL, "no place for what is found");
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), "inspect"), "no place: no line of log");
	TEST_CALL(check_untouched(NULL, GROOVE_ERR_INVAL, "inspect"));
	bad.name = NULL;
	TEST_CALL(check_untouched(&bad, GROOVE_ERR_INVAL, "name"));
	bad.name = "nosuch";
	return check_untouched(&bad, GROOVE_ERR_KEY, "nosuch");
}

/* A program that was built with a shorter report gets so much of it, one that has not said how long it is, the first.
 */
static int
test_report_sizes(const groove_region_id_t *id)
{
	const size_t sizes[] = {offsetof(groove_region_report_t, node), offsetof(groove_region_report_t, member_cnt),
		sizeof(groove_region_report_t), 0, sizeof(groove_region_report_t) + 64};
	groove_region_report_t whole = {.size = sizeof(whole)};

	TEST_ASSERT_SUCCESS(groove_region_inspect(id, &whole), "inspect");
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		const size_t said = sizes[i] != 0 ? sizes[i] : offsetof(groove_region_report_t, reader_cnt);
		const size_t sz = RTE_MIN(said, sizeof(whole));
		uint8_t bytes[sizeof(whole) + 64];
		groove_region_report_t *report = (groove_region_report_t *)(void *)bytes;

		memset(bytes, 0xa5, sizeof(bytes));
		report->size = sizes[i];
		TEST_ASSERT_SUCCESS(groove_region_inspect(id, report), "inspect, size %zu", sizes[i]);
		TEST_ASSERT_EQUAL(report->size, sizes[i], "size");
		TEST_ASSERT(
			memcmp(bytes + sizeof(size_t), (uint8_t *)&whole + sizeof(size_t), sz - sizeof(size_t)) == 0,
			"size %zu: another report", sizes[i]);
		for (size_t at = sz; at < sizeof(bytes); at++)
			TEST_ASSERT_EQUAL(bytes[at], 0xa5, "size %zu: byte %zu was written", sizes[i], at);
	}
	return TEST_SUCCESS;
}

static int
test_reports(void)
{
	const groove_region_id_t id = {.driver = "file", .dir = dir, .name = "seen"};
	const groove_region_cfg_t cfg = cfg_of("file", "seen");
	groove_region_report_t report = {.size = sizeof(report)};
	groove_region_t *region;
	groove_data_t join;
	void *obj;

	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &region), "create");
	TEST_ASSERT_NOT_NULL(groove_region_join(region, &join, 0), "join");
	obj = groove_data_alloc(&join, 0, 100, 1, NULL);
	TEST_ASSERT_NOT_NULL(obj, "alloc");
	TEST_ASSERT_SUCCESS(groove_region_inspect(&id, &report), "inspect");
	TEST_ASSERT_EQUAL(report.state, GROOVE_REGION_WHOLE, "state");
	TEST_ASSERT_EQUAL(report.volume_memory_cnt, FILLED_CNT, "volumes with memory");
	TEST_ASSERT_EQUAL(report.volume_max, VOLUME_MAX, "volumes there can be");
	TEST_ASSERT_EQUAL(report.join_cnt, 1, "joins");
	TEST_ASSERT_EQUAL(report.member_cnt, 1, "members");
	TEST_ASSERT_EQUAL(report.member_pid[0], (uint64_t)getpid(), "its number");
	TEST_CALL(test_bad_looks(&id));
	TEST_CALL(test_report_sizes(&id));

	TEST_ASSERT_SUCCESS(groove_data_free(&join, obj), "free");
	TEST_ASSERT_NOT_NULL(groove_region_leave(region, &join), "leave");
	groove_region_detach(region);
	TEST_ASSERT_SUCCESS(groove_region_destroy(&id), "destroy");
	return TEST_SUCCESS;
}

/* A volume that another gives back while the region is looked at is not missing; one that nobody gave back is. */
static int
test_report_shrinks(const char *driver, enum groove_page page)
{
	const groove_region_id_t id = {
		.driver = driver, .dir = strcmp(driver, "file") == 0 ? dir : NULL, .name = "shrinks"};
	groove_region_cfg_t cfg = cfg_of(driver, "shrinks");
	groove_region_report_t report = {.size = sizeof(report)};
	groove_region_t *region;
	groove_data_t join;
	uint64_t front_sz;
	int punched;

	cfg.dir = id.dir;
	cfg.page = page;
	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &region), "create");
	TEST_ASSERT_NOT_NULL(groove_region_join(region, &join, 0), "join");
	for (unsigned int i = 0; i < FILLED_CNT; i++) /* hands out the volumes that it was made with */
		TEST_ASSERT_SUCCESS(groove_region_grow(region, &join, NULL), "grow");
	TEST_ASSERT_SUCCESS(groove_region_inspect(&id, &report), "inspect");
	front_sz = report.bytes - VOLUME_MAX * groove_region_volume_sz(region);
	meanwhile.front_sz =
		front_sz - (size_t)((uint8_t *)groove_region_volume0(region) - (uint8_t *)groove_region_shdata(region));
	meanwhile.region = region;
	meanwhile.join = &join;
	meanwhile.err = 1;
	TEST_ASSERT_SUCCESS(groove_region_inspect(&id, &report), "inspect");
	TEST_ASSERT_SUCCESS(meanwhile.err, "shrink");
	TEST_ASSERT_EQUAL(report.state, GROOVE_REGION_WHOLE, "state");
	TEST_ASSERT_EQUAL(groove_region_volume_cnt(region), FILLED_CNT - 1, "volumes that are left");

	punched = fallocate(groove_region_fd(region), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)front_sz,
		(off_t)(VOLUME_MAX * groove_region_volume_sz(region)));
	TEST_ASSERT_SUCCESS(punched, "fallocate: %m");
	TEST_ASSERT_SUCCESS(groove_region_inspect(&id, &report), "inspect");
	TEST_ASSERT(report.state != GROOVE_REGION_WHOLE, "state with a hole");

	TEST_ASSERT_NOT_NULL(groove_region_leave(region, &join), "leave");
	groove_region_detach(region);
	if (id.dir != NULL) /* a region of memfd goes with its last process */
		TEST_ASSERT_SUCCESS(groove_region_destroy(&id), "destroy");
	return TEST_SUCCESS;
}

/* ---- what attach looks at ---- */

#define LOOKED_MAX 5 /* volumes */

/* Attach to a file once more: what was looked at of it. */
static int
attach_looks(const groove_region_t *region)
{
	groove_region_t *again;
	const int fd = dup(groove_region_fd(region));

	TEST_ASSERT(fd >= 0, "dup: %m");
	memset(&looked, 0, sizeof(looked));
	TEST_ASSERT_SUCCESS(groove_region_attach_fd(fd, &again), "attach");
	groove_region_detach(again);
	close(fd);
	return TEST_SUCCESS;
}

/* Each byte that has memory is looked at once, however many volumes there are, and a volume that has none not at all.
 */
static int
test_attach_looks(void)
{
	groove_region_cfg_t cfg = cfg_of("memfd", NULL);
	uint64_t front, sz;
	groove_region_t *region;
	groove_data_t join;

	cfg.volume_cnt = 0;
	cfg.volume_max = LOOKED_MAX;
	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &region), "create");
	TEST_ASSERT_NOT_NULL(groove_region_join(region, &join, 0), "join");
	TEST_CALL(attach_looks(region));
	front = looked.bytes;
	sz = groove_region_volume_sz(region);
	TEST_ASSERT(front > 0 && front < sz, "no volume: looked at %lu bytes", front);
	for (uint64_t cnt = 1; cnt < LOOKED_MAX; cnt++) {
		TEST_ASSERT_SUCCESS(groove_region_grow(region, &join, NULL), "grow");
		TEST_CALL(attach_looks(region));
		TEST_ASSERT_EQUAL(
			looked.bytes, front + 2 * cnt * sz, "bytes looked at with %lu volumes of %lu", cnt, sz);
		TEST_ASSERT(looked.cnt <= cnt + 2, "%lu volumes: %u looks", cnt, looked.cnt);
	}
	TEST_ASSERT_NOT_NULL(groove_region_leave(region, &join), "leave");
	groove_region_detach(region);
	return TEST_SUCCESS;
}

static int
test_region_looks(void)
{
	const struct volume_subject huge = {.driver = "memfd", .page = GROOVE_PAGE_HUGE};

	snprintf(dir, sizeof(dir), "/dev/shm/groove-tested-XXXXXX");
	TEST_ASSERT_NOT_NULL(test_dir_make(dir), "mkdtemp: %m");
	TEST_CALL(test_dumps());
	TEST_CALL(test_attach_looks());
	TEST_CALL(test_report_shrinks("file", GROOVE_PAGE_NORMAL));
	if (volume_subject_room(&huge))
		TEST_CALL(test_report_shrinks(huge.driver, huge.page));
	return test_reports();
}

GROOVE_TEST(region_looks_autotest, driver, test_region_looks);
