/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* groove_volume_driver.h clause by clause: each call of a driver by itself, without lib/region around it. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "holdings.h"
#include "volume_driver.h"

#define MIB	 (1UL << 20)
#define FRONT_SZ 100000UL
#define STEP	 4096UL
#define CNT	 2UL

/* Volumes that the calls get memory for one by one; of 1 GiB there are few. */
static uint64_t
volume_cnt(const struct volume_subject *subject)
{
	return volume_subject_volume_sz(subject) > 32 * MIB ? 1 : CNT;
}

static groove_volume_request_t
request_of(const struct volume_subject *subject, const char *name)
{
	return (groove_volume_request_t){
		.name = name,
		.dir = subject->dir,
		.mode = 0640,
		.front_sz = FRONT_SZ,
		.volume_sz = volume_subject_volume_sz(subject),
		.volume_cnt = 0,
		.volume_max = volume_cnt(subject),
		.page = subject->page,
		.node = GROOVE_NODE_ANY,
	};
}

static uint8_t *
volume_at(const groove_volume_range_t *range, const groove_volume_request_t *request, uint64_t idx)
{
	return (uint8_t *)range->base + range->front_sz + idx * request->volume_sz;
}

/* Bytes of memory that a file has. */
static uint64_t
file_memory(int fd)
{
	struct stat stat_buf;

	return fstat(fd, &stat_buf) == 0 ? (uint64_t)stat_buf.st_blocks * 512 : UINT64_MAX;
}

/* A file system on disk may need some blocks more to find holes by. */
static int
check_file_memory(int fd, uint64_t expected, const char *what)
{
	const uint64_t found = file_memory(fd);

	TEST_ASSERT(found >= expected && found - expected <= 16 * STEP, "%s: %lu bytes of memory, expected %lu", what,
		found, expected);
	return TEST_SUCCESS;
}

/* ---- create ---- */

static int
check_range(const groove_volume_range_t *range, const groove_volume_request_t *request)
{
	struct stat stat_buf;

	TEST_ASSERT_EQUAL((uintptr_t)range->base % GROOVE_VOLUME_ROOM_ALIGN, 0, "base %p", range->base);
	TEST_ASSERT_EQUAL((uintptr_t)volume_at(range, request, 0) % GROOVE_VOLUME_ROOM_ALIGN, 0, "volume 0");
	TEST_ASSERT(range->front_sz >= request->front_sz, "front of %lu bytes", range->front_sz);
	TEST_ASSERT(range->sz >= range->front_sz + request->volume_max * request->volume_sz, "%lu bytes", range->sz);
	TEST_ASSERT(range->page_sz > 0 && (range->page_sz & (range->page_sz - 1)) == 0, "pages of %lu", range->page_sz);
	if (range->fd < 0)
		return TEST_SUCCESS;
	TEST_ASSERT((fcntl(range->fd, F_GETFD) & FD_CLOEXEC) != 0, "handed on by exec");
	TEST_ASSERT_SUCCESS(fstat(range->fd, &stat_buf), "fstat: %m");
	TEST_ASSERT_EQUAL(stat_buf.st_mode & 07777, request->mode, "mode");
	TEST_ASSERT_EQUAL(stat_buf.st_size, range->sz, "bytes of the file");
	TEST_ASSERT_EQUAL(stat_buf.st_uid, geteuid(), "owner");
	TEST_CALL(check_file_memory(range->fd, 0, "before it was asked for"));
	return TEST_SUCCESS;
}

static int
check_create(const struct volume_subject *subject, const groove_volume_driver_t *driver)
{
	static const uint64_t front_szs[] = {1, 4096, 2 * MIB - 1, 2 * MIB, 2 * MIB + 1};
	groove_volume_request_t request = request_of(subject, NULL);

	for (size_t i = 0; i < sizeof(front_szs) / sizeof(front_szs[0]); i++) {
		const struct holdings before = holdings_now();
		groove_volume_range_t range = {.fd = -1};

		request.front_sz = front_szs[i];
		TEST_ASSERT_SUCCESS(driver->create(&request, &range), "front of %lu bytes", front_szs[i]);
		TEST_CALL(check_range(&range, &request));
		driver->close(&range);
		TEST_ASSERT_EQUAL(holdings_now().fd_cnt, before.fd_cnt, "descriptors after close");
	}
	return TEST_SUCCESS;
}

/* ---- populate and punch ---- */

static void
mark(uint8_t *volume, uint64_t sz, uint64_t seed)
{
	for (uint64_t off = 0; off < sz; off += STEP) {
		const uint64_t word = seed + off + 1;

		memcpy(volume + off, &word, sizeof(word));
		memcpy(volume + off + STEP - sizeof(word), &word, sizeof(word));
	}
}

/* Each page has its marks at both ends; seed 0: each is zeros there. */
static int
check_marks(const uint8_t *volume, uint64_t sz, uint64_t seed, const char *what)
{
	for (uint64_t off = 0; off < sz; off += STEP) {
		const uint64_t expected = seed != 0 ? seed + off + 1 : 0;
		uint64_t first, last;

		memcpy(&first, volume + off, sizeof(first));
		memcpy(&last, volume + off + STEP - sizeof(last), sizeof(last));
		TEST_ASSERT_EQUAL(first, expected, "%s, byte %lu", what, off);
		TEST_ASSERT_EQUAL(last, expected, "%s, end of the page at byte %lu", what, off);
	}
	return TEST_SUCCESS;
}

static uint64_t
off_of(const groove_volume_range_t *range, const groove_volume_request_t *request, uint64_t idx)
{
	return range->front_sz + idx * request->volume_sz;
}

static int
populate(const groove_volume_driver_t *driver, const groove_volume_range_t *range,
	const groove_volume_request_t *request, uint64_t idx)
{
	TEST_ASSERT_SUCCESS(driver->populate(range, off_of(range, request, idx), request->volume_sz, GROOVE_NODE_ANY,
				    GROOVE_PLACEMENT_BOUND),
		"populate volume %lu", idx);
	return TEST_SUCCESS;
}

/* Just the part that was asked for has memory, zeros; it stays when it is asked for again; punched, it is gone, alone.
 */
static int
check_memory_of(const groove_volume_driver_t *driver, const groove_volume_range_t *range,
	const groove_volume_request_t *request, uint64_t cnt)
{
	const uint64_t sz = request->volume_sz;

	for (uint64_t i = cnt; i-- > 0;) {
		TEST_CALL(populate(driver, range, request, i));
		TEST_CALL(check_file_memory(range->fd, (cnt - i) * sz, "volumes from the last on"));
		TEST_CALL(check_marks(volume_at(range, request, i), sz, 0, "new memory"));
		mark(volume_at(range, request, i), sz, i + 7);
	}
	for (uint64_t i = 0; i < cnt; i++) {
		TEST_CALL(populate(driver, range, request, i));
		TEST_CALL(check_marks(volume_at(range, request, i), sz, i + 7, "memory that was there"));
	}
	TEST_CALL(check_file_memory(range->fd, cnt * sz, "all"));
	for (uint64_t i = 0; i < cnt; i++) {
		const uint64_t idx = (i + 1) % cnt;

		driver->punch(range, off_of(range, request, idx), sz);
		TEST_CALL(check_file_memory(range->fd, (cnt - 1) * sz, "without one"));
		for (uint64_t other = 0; other < cnt; other++) {
			if (other != idx)
				TEST_CALL(
					check_marks(volume_at(range, request, other), sz, other + 7, "other volumes"));
		}
		TEST_CALL(populate(driver, range, request, idx));
		TEST_CALL(check_marks(volume_at(range, request, idx), sz, 0, "memory that was punched out"));
		mark(volume_at(range, request, idx), sz, idx + 7);
	}
	for (uint64_t i = 0; i < cnt; i++)
		driver->punch(range, off_of(range, request, i), sz);
	TEST_CALL(check_file_memory(range->fd, 0, "when all is punched out"));
	return TEST_SUCCESS;
}

static int
check_memory(const struct volume_subject *subject, const groove_volume_driver_t *driver)
{
	const groove_volume_request_t request = request_of(subject, NULL);
	groove_volume_range_t range = {.fd = -1};
	int result = TEST_SUCCESS;

	if (driver->populate == NULL || driver->punch == NULL)
		return TEST_SUCCESS;
	TEST_ASSERT_SUCCESS(driver->create(&request, &range), "create");
	if (range.fd >= 0)
		result = check_memory_of(driver, &range, &request, volume_cnt(subject));
	driver->close(&range);
	return result;
}

/* ---- names ---- */

static int
find_name(void *arg, const char *driver, const char *name)
{
	unsigned int *seen = arg;

	(void)driver;
	*seen += strncmp(name, "calls-", 6) == 0;
	return 0;
}

static int
check_listed(const struct volume_subject *subject, const groove_volume_driver_t *driver, unsigned int cnt)
{
	unsigned int seen = 0;

	TEST_ASSERT_SUCCESS(driver->list(subject->dir, find_name, &seen), "list");
	TEST_ASSERT_EQUAL(seen, cnt, "names that are listed");
	return TEST_SUCCESS;
}

static int
check_absent(const struct volume_subject *subject, const groove_volume_driver_t *driver, const char *name)
{
	groove_volume_range_t range, untouched;

	memset(&range, 0x5a, sizeof(range));
	untouched = range;
	test_log_begin();
	TEST_ASSERT_EQUAL(driver->open(subject->dir, name, &range), GROOVE_ERR_KEY, "open %s", name);
	TEST_ASSERT_EQUAL(test_log_lines(), 0, "it is no error of the driver's");
	test_log_end();
	TEST_ASSERT_EQUAL(memcmp(&range, &untouched, sizeof(range)), 0, "range touched on error");
	return TEST_SUCCESS;
}

static bool
same_file(int fd, int other)
{
	struct stat one, two;

	return fstat(fd, &one) == 0 && fstat(other, &two) == 0 && one.st_dev == two.st_dev && one.st_ino == two.st_ino;
}

/* A second range of a name gets an error, the first is found as before. */
static int
check_taken(
	const struct volume_subject *subject, const groove_volume_driver_t *driver, const groove_volume_range_t *first)
{
	const groove_volume_request_t request = request_of(subject, "calls-name");
	const struct holdings before = holdings_now();
	groove_volume_range_t second = {.fd = -1}, found = {.fd = -1};
	int err;

	test_log_begin();
	err = driver->create(&request, &second);
	if (err == GROOVE_SUCCESS) {
		TEST_ASSERT_NOT_NULL(driver->publish, "created twice");
		err = driver->publish(&request, &second);
		driver->close(&second);
	}
	test_log_end();
	TEST_ASSERT_EQUAL(err, GROOVE_ERR_KEY, "a name that is taken");
	TEST_ASSERT_EQUAL(holdings_now().fd_cnt, before.fd_cnt, "descriptors");
	TEST_CALL(check_listed(subject, driver, 1));
	TEST_ASSERT_SUCCESS(driver->open(subject->dir, "calls-name", &found), "open");
	if (first->fd >= 0)
		TEST_ASSERT(same_file(found.fd, first->fd), "the name leads to another");
	else
		TEST_ASSERT_EQUAL(found.base, first->base, "the name leads to another");
	driver->close(&found);
	return TEST_SUCCESS;
}

/* What one writes, another that opened it reads; neither needs the other. */
static int
check_opened(
	const struct volume_subject *subject, const groove_volume_driver_t *driver, const groove_volume_range_t *made)
{
	groove_volume_range_t found = {.fd = -1}, handed = {.fd = -1};

	TEST_ASSERT_SUCCESS(driver->open(subject->dir, "calls-name", &found), "open");
	TEST_ASSERT_EQUAL(found.sz, made->sz, "bytes");
	TEST_ASSERT_EQUAL(found.page_sz, made->page_sz, "pages");
	if (found.fd < 0) {
		driver->close(&found);
		return TEST_SUCCESS;
	}
	TEST_ASSERT(found.fd != made->fd && (fcntl(found.fd, F_GETFD) & FD_CLOEXEC) != 0, "descriptor");
	driver->close(&found); /* not mapped */
	if (driver->open_fd == NULL)
		return TEST_SUCCESS;
	TEST_ASSERT_SUCCESS(driver->open_fd(made->fd, &handed), "open the descriptor");
	TEST_ASSERT(handed.fd != made->fd && same_file(handed.fd, made->fd), "descriptor");
	TEST_ASSERT((fcntl(handed.fd, F_GETFD) & FD_CLOEXEC) != 0, "handed on by exec");
	TEST_ASSERT_SUCCESS(driver->map(&handed), "map");
	TEST_ASSERT(handed.base != made->base && (uintptr_t)handed.base % GROOVE_VOLUME_ROOM_ALIGN == 0, "mapped at %p",
		handed.base);
	*(uint64_t *)made->base = 4711;
	TEST_ASSERT_EQUAL(*(const uint64_t *)handed.base, 4711, "what was written");
	driver->close(&handed);
	TEST_ASSERT(fcntl(made->fd, F_GETFD) >= 0, "the caller's descriptor was closed");
	return TEST_SUCCESS;
}

/* Locks of two descriptions exclude each other, those of two bytes do not; up to byte 65,535. */
static int
check_locks(const groove_volume_driver_t *driver, const groove_volume_range_t *range)
{
	static const off_t bytes[] = {0, 1, 256, 65535};
	const int one = driver->lock_open(range), two = driver->lock_open(range);

	TEST_ASSERT(one >= 0 && two >= 0 && one != two && one != range->fd, "descriptors %d, %d", one, two);
	TEST_ASSERT((fcntl(one, F_GETFD) & FD_CLOEXEC) != 0, "handed on by exec");
	for (size_t i = 0; i < sizeof(bytes) / sizeof(bytes[0]); i++) {
		struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = bytes[i], .l_len = 1};

		TEST_ASSERT_SUCCESS(fcntl(one, F_OFD_SETLK, &lock), "byte %ld: %m", bytes[i]);
		TEST_ASSERT_EQUAL(fcntl(two, F_OFD_SETLK, &lock), -1, "byte %ld twice", bytes[i]);
		TEST_ASSERT(errno == EAGAIN || errno == EACCES, "byte %ld: %m", bytes[i]);
		lock.l_start = bytes[i] ^ 2;
		TEST_ASSERT_SUCCESS(fcntl(two, F_OFD_SETLK, &lock), "another byte than %ld: %m", bytes[i]);
		lock.l_type = F_UNLCK;
		TEST_ASSERT_SUCCESS(fcntl(two, F_OFD_SETLK, &lock), "unlock: %m");
		lock.l_start = bytes[i];
		TEST_ASSERT_SUCCESS(fcntl(one, F_OFD_SETLK, &lock), "unlock: %m");
	}
	close(one);
	close(two);
	return TEST_SUCCESS;
}

/* Another file that has got the name meanwhile is left alone. */
static int
check_replaced(
	const struct volume_subject *subject, const groove_volume_driver_t *driver, const groove_volume_range_t *range)
{
	char path[160], moved[160];
	int fd, err;

	if (strcmp(driver->name, "file") != 0)
		return TEST_SUCCESS;
	snprintf(path, sizeof(path), "%s/groove.calls-name", subject->dir);
	snprintf(moved, sizeof(moved), "%s/moved", subject->dir);
	TEST_ASSERT_SUCCESS(rename(path, moved), "rename %s: %m", path);
	fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
	test_log_begin();
	err = driver->unlink(subject->dir, "calls-name", range);
	test_log_end();
	TEST_ASSERT_EQUAL(err, GROOVE_ERR_KEY, "unlink of another file");
	TEST_ASSERT_SUCCESS(unlink(path), "the other file is gone: %m");
	TEST_ASSERT_SUCCESS(rename(moved, path), "rename: %m");
	close(fd);
	return TEST_SUCCESS;
}

/* A name can be taken away once. That of a memory file goes with the mark that lib/region makes in it. */
static int
check_unlink(
	const struct volume_subject *subject, const groove_volume_driver_t *driver, const groove_volume_range_t *range)
{
	int err;

	if (strcmp(driver->name, "memfd") == 0)
		return TEST_SUCCESS;
	TEST_ASSERT_SUCCESS(driver->unlink(subject->dir, "calls-name", range), "unlink");
	TEST_CALL(check_listed(subject, driver, 0));
	TEST_CALL(check_absent(subject, driver, "calls-name"));
	test_log_begin();
	err = driver->unlink(subject->dir, "calls-name", range);
	test_log_end();
	TEST_ASSERT_EQUAL(err, GROOVE_ERR_KEY, "unlink again");
	return TEST_SUCCESS;
}

/* Nobody finds a range before it is published, nor after its name was taken away, which can be done once. */
static int
check_names(const struct volume_subject *subject, const groove_volume_driver_t *driver)
{
	const groove_volume_request_t request = request_of(subject, "calls-name");
	groove_volume_range_t range = {.fd = -1};

	/* That a name is refused there is checked with the region's own calls. */
	if (subject->alone)
		return TEST_SUCCESS;
	TEST_CALL(check_listed(subject, driver, 0));
	TEST_CALL(check_absent(subject, driver, "calls-name"));
	TEST_ASSERT_SUCCESS(driver->create(&request, &range), "create");
	if (driver->publish != NULL) {
		TEST_CALL(check_listed(subject, driver, 0));
		TEST_CALL(check_absent(subject, driver, "calls-name"));
		TEST_ASSERT_SUCCESS(driver->publish(&request, &range), "publish");
	}
	if (driver->populate != NULL)
		TEST_ASSERT_SUCCESS(
			driver->populate(&range, 0, range.front_sz, GROOVE_NODE_ANY, GROOVE_PLACEMENT_BOUND),
			"populate");
	TEST_CALL(check_listed(subject, driver, 1));
	TEST_CALL(check_absent(subject, driver, "calls-nam"));
	TEST_CALL(check_absent(subject, driver, "calls-name2"));
	TEST_CALL(check_taken(subject, driver, &range));
	TEST_CALL(check_opened(subject, driver, &range));
	TEST_CALL(check_locks(driver, &range));
	TEST_CALL(check_replaced(subject, driver, &range));
	TEST_CALL(check_unlink(subject, driver, &range));
	driver->close(&range);
	return TEST_SUCCESS;
}

int
volume_driver_check_calls(const struct volume_subject *subject)
{
	const groove_volume_driver_t *driver = groove_volume_driver_find(subject->driver);

	TEST_CALL(check_create(subject, driver));
	TEST_CALL(check_memory(subject, driver));
	/* Where no process could find a name it is refused. */
	return subject->alone ? TEST_SUCCESS : check_names(subject, driver);
}
