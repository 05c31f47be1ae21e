/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * A program closes a descriptor that is the library's, and opens a file of its own, which gets the same number. The
 * library finds that out: nobody is taken for dead by it, and nothing is done to the program's file. And of two that
 * remove one name at a time each removes only what it has looked at.
 */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixture.h"
#include "region_private.h"

#define NAME	"descriptors"
#define OBJ_CNT 100UL
#define OBJ_SZ	200UL
#define PATTERN 0x5a

static char dir[64];

static struct {
	groove_region_t *region;
	groove_data_t join;
} scene;

static groove_region_id_t
id_of(void)
{
	return (groove_region_id_t){.driver = "file", .dir = dir, .name = NAME};
}

static int
scene_open(void)
{
	const groove_region_cfg_t cfg = {
		.driver = "file",
		.dir = dir,
		.name = NAME,
		.volume_sz = VOLUME_SZ_MIN,
		.volume_cnt = 1,
		.volume_max = 2,
		.join_max = 4,
		.page = GROOVE_PAGE_NORMAL,
	};

	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &scene.region), "create");
	TEST_ASSERT_NOT_NULL(groove_region_join(scene.region, &scene.join, 0), "join");
	return TEST_SUCCESS;
}

/* ---- a file of the program's own, full of one byte, with the number of a descriptor ---- */

static int
own_open(int fd, off_t sz, int *kept)
{
	char path[sizeof(dir) + 8];
	uint8_t page[4096];
	int own;

	snprintf(path, sizeof(path), "%s/own", dir);
	own = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	TEST_ASSERT(own >= 0 && unlink(path) == 0, "open %s: %m", path);
	memset(page, PATTERN, sizeof(page));
	for (off_t off = 0; off < sz; off += (off_t)sizeof(page))
		TEST_ASSERT_EQUAL(write(own, page, sizeof(page)), (ssize_t)sizeof(page), "write: %m");
	*kept = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	TEST_ASSERT(*kept >= 0 && dup3(own, fd, O_CLOEXEC) == fd, "dup: %m");
	close(own);
	return TEST_SUCCESS;
}

/* It is as it was, and open. */
static int
own_check(int fd, off_t sz)
{
	struct stat stat_buf;
	uint8_t page[4096];

	TEST_ASSERT_SUCCESS(fstat(fd, &stat_buf), "the program's descriptor was closed: %m");
	TEST_ASSERT_EQUAL(stat_buf.st_size, sz, "size of the program's file");
	for (off_t off = 0; off < sz; off += (off_t)sizeof(page)) {
		TEST_ASSERT_EQUAL(pread(fd, page, sizeof(page), off), (ssize_t)sizeof(page), "read: %m");
		for (size_t i = 0; i < sizeof(page); i++)
			TEST_ASSERT(page[i] == PATTERN, "byte %lu is %#x", (unsigned long)off + i, page[i]);
	}
	return TEST_SUCCESS;
}

/* The library's file has its descriptor again. */
static int
own_close(int fd, int kept)
{
	TEST_ASSERT_EQUAL(dup3(kept, fd, O_CLOEXEC), fd, "dup: %m");
	close(kept);
	return TEST_SUCCESS;
}

/* ---- the descriptor that asks which processes live ---- */

/* Has cached slots, as long as a pipe is open. */
static int
living(int to, int from)
{
	const groove_region_id_t id = id_of();
	groove_region_t *region;
	groove_data_t join;
	char byte;

	TEST_ASSERT_SUCCESS(groove_region_attach(&id, &region), "attach");
	TEST_ASSERT_NOT_NULL(groove_region_join(region, &join, 1), "join");
	for (uint64_t i = 0; i < OBJ_CNT; i++) {
		void *obj = groove_data_alloc(&join, 0, OBJ_SZ, i, NULL);

		TEST_ASSERT_NOT_NULL(obj, "alloc");
		TEST_ASSERT_SUCCESS(groove_data_free(&join, obj), "free");
	}
	TEST_ASSERT_EQUAL(write(to, "", 1), 1, "write: %m");
	TEST_ASSERT_EQUAL(read(from, &byte, 1), 0, "read");
	TEST_ASSERT_NOT_NULL(groove_region_leave(region, &join), "leave");
	return groove_region_detach(region);
}

static int
living_start(pid_t *pid, int *go_on)
{
	int up[2], down[2];
	char byte;

	TEST_ASSERT(pipe2(up, O_CLOEXEC) == 0 && pipe2(down, O_CLOEXEC) == 0, "pipe: %m");
	fflush(NULL);
	*pid = fork();
	TEST_ASSERT(*pid >= 0, "fork: %m");
	if (*pid == 0) {
		close(down[1]);
		test_child_end(living(up[1], down[0]) == TEST_SUCCESS ? EXIT_SUCCESS : EXIT_FAILURE);
	}
	close(up[1]);
	close(down[0]);
	*go_on = down[1];
	TEST_ASSERT_EQUAL(read(up[0], &byte, 1), 1, "the other process has joined");
	close(up[0]);
	return TEST_SUCCESS;
}

static int
living_end(pid_t pid, int go_on)
{
	int status;

	close(go_on);
	TEST_ASSERT_EQUAL(waitpid(pid, &status, 0), pid, "waitpid: %m");
	TEST_ASSERT_SUCCESS(status, "the other process");
	return TEST_SUCCESS;
}

static uint64_t
cached_cnt(void)
{
	groove_data_stats_t stats;

	return groove_data_stats(&scene.join, &stats) == GROOVE_SUCCESS ? stats.total.cached_cnt : UINT64_MAX;
}

static int
test_probe(void)
{
	const groove_region_id_t id = id_of();
	uint64_t cached;
	int fd, kept, go_on;
	pid_t pid;

	TEST_CALL(scene_open());
	TEST_CALL(living_start(&pid, &go_on));
	cached = cached_cnt();
	TEST_ASSERT(cached > 0, "the other process has cached nothing");
	fd = scene.region->self.probe_fd;
	TEST_CALL(own_open(fd, 4096, &kept));

	test_log_begin();
	TEST_ASSERT_EQUAL(groove_region_join_is_dead(scene.region, 1), 0, "one that lives");
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), "descriptor", "closed by this program", "detach"), "its line");
	test_log_begin();
	groove_region_recover(scene.region, &scene.join);
	TEST_ASSERT_EQUAL(cached_cnt(), cached, "slots of one that lives");
	TEST_ASSERT_NOT_NULL(groove_region_leave(scene.region, &scene.join), "leave");
	TEST_ASSERT_SUCCESS(groove_region_detach(scene.region), "detach");
	test_log_end();
	TEST_CALL(own_check(fd, 4096));

	close(fd);
	close(kept);
	TEST_CALL(living_end(pid, go_on));
	TEST_ASSERT_SUCCESS(groove_region_destroy(&id), "destroy");
	return TEST_SUCCESS;
}

/* ---- the descriptor of the memory ---- */

static int
refused(int err, const char *call)
{
	test_log_end();
	TEST_ASSERT_EQUAL(err, GROOVE_ERR_INVAL, "%s", call);
	return TEST_SUCCESS;
}

/* Grow, shrink and recover do nothing to it, nor does detach. */
static int
test_memory(void)
{
	const groove_region_id_t id = id_of();
	off_t sz;
	int fd, kept;

	TEST_CALL(scene_open());
	fd = groove_region_fd(scene.region);
	/* With the start of volume 0, which shrink gives back. */
	sz = (off_t)(scene.region->fixed.front_sz + (1UL << 20));
	TEST_CALL(own_open(fd, sz, &kept));
	test_log_begin();
	TEST_CALL(refused(groove_region_shrink(scene.region, &scene.join, NULL), "shrink"));
	test_log_begin();
	TEST_CALL(refused(groove_region_recover(scene.region, &scene.join), "recover"));
	TEST_ASSERT_SUCCESS(groove_region_grow(scene.region, &scene.join, NULL), "grow by what has memory");
	test_log_begin();
	TEST_CALL(refused(groove_region_grow(scene.region, &scene.join, NULL), "grow"));
	TEST_CALL(own_check(fd, sz));

	TEST_CALL(own_close(fd, kept));
	TEST_ASSERT_SUCCESS(groove_region_shrink(scene.region, &scene.join, NULL), "shrink with its own again");
	TEST_ASSERT_SUCCESS(groove_region_grow(scene.region, &scene.join, NULL), "grow with its own again");
	TEST_ASSERT_NOT_NULL(groove_region_leave(scene.region, &scene.join), "leave");
	TEST_CALL(own_open(fd, sz, &kept));
	test_log_begin();
	TEST_ASSERT_SUCCESS(groove_region_detach(scene.region), "detach");
	test_log_end();
	TEST_CALL(own_check(fd, sz));
	close(fd);
	close(kept);
	TEST_ASSERT_SUCCESS(groove_region_destroy(&id), "destroy");
	return TEST_SUCCESS;
}

/* ---- the descriptor that guards holes ---- */

/* In a child of fork, which closes what is the library's. */
static int
own_check_forked(void *arg)
{
	return own_check(*(const int *)arg, 4096);
}

static int
test_guard(void)
{
	const groove_region_id_t id = id_of();
	int fd, kept;

	TEST_CALL(scene_open());
	TEST_ASSERT_NOT_NULL(groove_region_leave(scene.region, &scene.join), "leave");
	fd = scene.region->guard.fd;
	if (fd < 0) { /* the kernel allows none */
		TEST_ASSERT_SUCCESS(groove_region_detach(scene.region), "detach");
		return groove_region_destroy(&id);
	}
	TEST_CALL(own_open(fd, 4096, &kept));
	TEST_CALL(test_child_run(own_check_forked, &fd));
	TEST_ASSERT_SUCCESS(groove_region_detach(scene.region), "detach");
	TEST_CALL(own_check(fd, 4096));
	close(fd);
	close(kept);
	TEST_ASSERT_SUCCESS(groove_region_destroy(&id), "destroy");
	return TEST_SUCCESS;
}

/* ---- names ---- */

/*
 * Another process is between its look at the name and the removal, and is stopped there. It has the file's lock, so
 * that nobody else removes the name, and makes another file of it, meanwhile.
 */
static int
test_two_remove(void)
{
	const groove_region_id_t id = id_of();
	char path[sizeof(dir) + 32];
	int fd;

	TEST_CALL(scene_open());
	TEST_ASSERT_NOT_NULL(groove_region_leave(scene.region, &scene.join), "leave");
	TEST_ASSERT_SUCCESS(groove_region_detach(scene.region), "detach");
	snprintf(path, sizeof(path), "%s/groove." NAME, dir);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	TEST_ASSERT(fd >= 0 && flock(fd, LOCK_EX) == 0, "%s: %m", path);
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_region_destroy(&id), GROOVE_ERR_AGAIN, "destroy during another");
	TEST_ASSERT(
		TEST_LOG_IS_LINE(test_log_end(), NAME, "another process removes the name", "try again"), "its line");
	TEST_ASSERT_SUCCESS(access(path, F_OK), "the name is gone: %m");
	close(fd);
	TEST_ASSERT_SUCCESS(groove_region_destroy(&id), "destroy when that is dead");
	TEST_ASSERT(access(path, F_OK) != 0, "the name is there");
	return TEST_SUCCESS;
}

static int
test_region_descriptors(void)
{
	snprintf(dir, sizeof(dir), "/dev/shm/groove-tested-XXXXXX");
	TEST_ASSERT_NOT_NULL(test_dir_make(dir), "mkdtemp: %m");
	TEST_CALL(test_probe());
	TEST_CALL(test_memory());
	TEST_CALL(test_guard());
	TEST_CALL(test_two_remove());
	TEST_ASSERT_SUCCESS(rmdir(dir), "left something in %s: %m", dir);
	return TEST_SUCCESS;
}

GROOVE_TEST(region_descriptors_autotest, driver, test_region_descriptors);
