/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * Directories of tests. One is locked as long as its test lives: so the next test can tell what is left of one that was
 * killed, and removes it.
 */

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test.h"

#define DIR_MAX	  16
#define PATH_SZ	  256
#define UNIQUE_SZ 6 /* of the template of mkdtemp() */

static struct {
	char path[PATH_SZ];
	pid_t pid; /* a child of fork leaves it alone */
	int lock;
} dirs[DIR_MAX];
static unsigned int dir_cnt;

static int
drop(const char *path, const struct stat *stat_buf, int type, struct FTW *ftw)
{
	(void)stat_buf;
	(void)type;
	(void)ftw;
	return remove(path);
}

/* With what is mounted there. */
static void
tree_remove(const char *path)
{
	umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW);
	nftw(path, drop, 4, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

static int
lock_open(const char *path)
{
	return open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* Whose test has ended, of which the kernel has dropped the lock. */
static void
stale_remove(const char *path)
{
	const int fd = lock_open(path);
	struct stat stat_buf;

	if (fd < 0)
		return;
	if (fstat(fd, &stat_buf) == 0 && stat_buf.st_uid == geteuid() && flock(fd, LOCK_EX | LOCK_NB) == 0)
		tree_remove(path);
	close(fd);
}

/* All that a template can have become: a name that is longer or shorter is another program's. */
static void
siblings_sweep(const char *template)
{
	const char *name = strrchr(template, '/') + 1;
	const size_t len = strlen(name) - UNIQUE_SZ;
	char path[2 * PATH_SZ];
	struct dirent *entry;
	DIR *parent;

	snprintf(path, sizeof(path), "%.*s", (int)(name - template), template);
	parent = opendir(path);
	while (parent != NULL && (entry = readdir(parent)) != NULL) {
		if (strncmp(entry->d_name, name, len) != 0 || strlen(entry->d_name) != len + UNIQUE_SZ)
			continue;
		snprintf(path, sizeof(path), "%.*s%.*s", (int)(name - template), template, PATH_SZ - 1, entry->d_name);
		stale_remove(path);
	}
	if (parent != NULL)
		closedir(parent);
}

/* Lock a new directory. False: a sweep of another test was faster. */
static bool
lock_take(const char *path, int *lock)
{
	struct stat held, found;

	*lock = lock_open(path);
	if (*lock >= 0 && flock(*lock, LOCK_EX) == 0 && fstat(*lock, &held) == 0 && stat(path, &found) == 0 &&
		held.st_ino == found.st_ino)
		return true;
	if (*lock >= 0)
		close(*lock);
	return false;
}

char *
test_dir_make(char *template)
{
	char made[PATH_SZ];
	int lock;

	if (dir_cnt == DIR_MAX)
		return NULL;
	siblings_sweep(template);
	do {
		snprintf(made, sizeof(made), "%s", template);
		if (mkdtemp(made) == NULL)
			return NULL;
	} while (!lock_take(made, &lock));
	memcpy(template, made, strlen(made) + 1);
	snprintf(dirs[dir_cnt].path, PATH_SZ, "%s", made);
	dirs[dir_cnt].pid = getpid();
	dirs[dir_cnt++].lock = lock;
	return template;
}

void
test_dirs_remove(void)
{
	for (; dir_cnt > 0 && dirs[dir_cnt - 1].pid == getpid(); dir_cnt--) {
		tree_remove(dirs[dir_cnt - 1].path);
		close(dirs[dir_cnt - 1].lock);
	}
}

int
test_on_files(int (*test)(const char *driver, const char *dir))
{
	char dir[] = "/dev/shm/groove-tested-XXXXXX";

	TEST_CALL(test("memfd", NULL));
	TEST_ASSERT_NOT_NULL(test_dir_make(dir), "mkdtemp: %m");
	TEST_CALL(test("file", dir));
	TEST_ASSERT_SUCCESS(rmdir(dir), "something is left in %s: %m", dir);
	return TEST_SUCCESS;
}
