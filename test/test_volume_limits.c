/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * Limits: of a memory cgroup, a file system, a process. Each is an error line before it is a signal, changes nothing,
 * and what is within the limit is not refused.
 */

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <rte_common.h>

#include "volume_driver.h"

#define MIB	   (1UL << 20)
#define KIB	   (1UL << 10)
#define VOLUME_SZ  (32 * MIB)
#define VOLUME_MAX 4UL
#define LIMIT	   (128 * MIB)
#define PATH_SZ	   256

static groove_region_cfg_t
cfg_of(const char *driver, const char *dir)
{
	return (groove_region_cfg_t){
		.driver = driver,
		.dir = dir,
		.volume_sz = VOLUME_SZ,
		.volume_max = VOLUME_MAX,
		.page = GROOVE_PAGE_NORMAL,
		.node = GROOVE_NODE_ANY,
	};
}

static int
write_text(const char *dir, const char *file, const char *text)
{
	char path[2 * PATH_SZ];
	FILE *stream;

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	stream = fopen(path, "we");
	TEST_ASSERT_NOT_NULL(stream, "%s: %m", path);
	fputs(text, stream);
	TEST_ASSERT_SUCCESS(fclose(stream), "%s: %m", path);
	return TEST_SUCCESS;
}

static uint64_t
file_blocks(const groove_region_t *region)
{
	struct stat file;

	return fstat(groove_region_fd(region), &file) == 0 ? (uint64_t)file.st_blocks : 0;
}

/* A growth that is refused in one line with these words, and changes nothing. */
static int
refuse_growth(groove_region_t *region, groove_data_t *join, const char *word, const char *other)
{
	const uint64_t blocks = file_blocks(region), volume_cnt = groove_region_volume_cnt(region);

	test_log_begin();
	TEST_ASSERT_EQUAL(groove_region_grow(region, join, NULL), GROOVE_ERR_FULL, "grow");
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), word, other, "fewer or smaller volumes"), "grow");
	TEST_ASSERT_EQUAL(file_blocks(region), blocks, "memory of the file");
	TEST_ASSERT_EQUAL(groove_region_volume_cnt(region), volume_cnt, "volumes with memory");
	return TEST_SUCCESS;
}

static int
end(groove_region_t *region, groove_data_t *join)
{
	TEST_ASSERT_SUCCESS(groove_data_verify(join), "verify");
	TEST_ASSERT_NOT_NULL(groove_region_leave(region, join), "leave");
	groove_region_detach(region);
	return TEST_SUCCESS;
}

/* ---- memory cgroups ---- */

/* A group with a limit, and one in it that has none of its own. */
struct group {
	const char *limit_file;
	char outer[PATH_SZ];
	char inner[PATH_SZ + 8];
};

static int
group_limit(const struct group *group, uint64_t sz)
{
	char text[32];

	snprintf(text, sizeof(text), "%lu", sz);
	return write_text(group->outer, group->limit_file, text);
}

/* Three volumes and the front fit; the fourth does when the limit is raised. */
static int
grow_in_group(const struct group *group, const char *driver, const char *dir)
{
	const groove_region_cfg_t cfg = cfg_of(driver, dir);
	groove_region_t *region;
	groove_data_t join;

	TEST_CALL(group_limit(group, LIMIT));
	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &region), "create");
	TEST_ASSERT_NOT_NULL(groove_region_join(region, &join, 0), "join");
	for (int i = 0; i < 3; i++)
		TEST_ASSERT_SUCCESS(groove_region_grow(region, &join, NULL), "volume %d", i);
	TEST_CALL(refuse_growth(region, &join, "no memory for 32 MiB", group->limit_file));
	/* Volumes that have memory need none: there is no room for another. */
	while (groove_data_volume_remove(&join) != NULL)
		;
	for (int i = 0; i < 3; i++)
		TEST_ASSERT_SUCCESS(groove_region_grow(region, &join, NULL), "volume %d again", i);
	TEST_CALL(refuse_growth(region, &join, "no memory for 32 MiB", group->limit_file));
	TEST_CALL(group_limit(group, 2 * LIMIT));
	TEST_ASSERT_SUCCESS(groove_region_grow(region, &join, NULL), "fourth");
	return end(region, &join);
}

static int
create_in_group(const struct group *group)
{
	groove_region_cfg_t cfg = cfg_of("memfd", NULL);
	groove_region_t *region;

	TEST_CALL(group_limit(group, LIMIT));
	cfg.volume_cnt = VOLUME_MAX;
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_region_create(&cfg, &region), GROOVE_ERR_FULL, "create");
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), "no memory for 1", group->limit_file), "create");
	return TEST_SUCCESS;
}

/* What the kernel can take back is not in the way. */
static int
fill_page_cache(const char *dir)
{
	static char chunk[MIB];
	char path[PATH_SZ];
	int fd;

	snprintf(path, sizeof(path), "%s/groove-test-cache-XXXXXX", dir);
	fd = mkstemp(path);
	TEST_ASSERT(fd >= 0, "mkstemp: %m");
	unlink(path);
	for (int i = 0; i < 64; i++)
		TEST_ASSERT_EQUAL(write(fd, chunk, MIB), MIB, "write: %m");
	TEST_ASSERT_SUCCESS(fsync(fd), "fsync: %m");
	return fd;
}

static bool
is_on_disk(const char *dir)
{
	struct statfs fs;

	return statfs(dir, &fs) == 0 && fs.f_type != 0x01021994 /* TMPFS_MAGIC */;
}

/* On disk there is more room than in memory: pages are written back, and taken. */
static int
grow_on_disk(const struct group *group)
{
	groove_region_cfg_t cfg = cfg_of("file", "/var/tmp");
	groove_region_t *region;

	TEST_CALL(group_limit(group, LIMIT / 2));
	cfg.volume_cnt = VOLUME_MAX;
	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &region), "file on disk larger than the limit");
	groove_region_detach(region);
	return TEST_SUCCESS;
}

static int
limited(void *arg)
{
	const struct group *group = arg;
	int fd;

	TEST_CALL(write_text(group->inner, "cgroup.procs", "0"));
	TEST_CALL(create_in_group(group));
	TEST_CALL(grow_in_group(group, "memfd", NULL));
	TEST_CALL(grow_in_group(group, "file", "/dev/shm"));
	if (!is_on_disk("/var/tmp"))
		return TEST_SUCCESS;
	TEST_CALL(grow_on_disk(group));
	fd = fill_page_cache("/var/tmp");
	TEST_CALL(grow_in_group(group, "memfd", NULL));
	close(fd);
	return TEST_SUCCESS;
}

/* Make the groups where memory can be limited. False: not here. */
static bool
group_make(struct group *group)
{
	static const struct {
		const char *root;
		const char *limit_file;
	} places[] = {
		{"/sys/fs/cgroup/memory", "memory.limit_in_bytes"},
		{"/sys/fs/cgroup", "memory.max"},
	};
	char path[2 * PATH_SZ];

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(group->outer, sizeof(group->outer), "%s/groove-test-%d", places[i].root, (int)getpid());
		snprintf(group->inner, sizeof(group->inner), "%s/inner", group->outer);
		snprintf(path, sizeof(path), "%s/%s", group->outer, places[i].limit_file);
		group->limit_file = places[i].limit_file;
		if (mkdir(group->outer, 0755) != 0)
			continue;
		if (access(path, W_OK) == 0 && mkdir(group->inner, 0755) == 0)
			return true;
		rmdir(group->outer);
	}
	return false;
}

static int
test_group(void)
{
	struct group group;
	int result;

	if (!group_make(&group)) {
		printf("no memory cgroup can be made here\n");
		return TEST_SUCCESS;
	}
	result = test_child_run(limited, &group);
	rmdir(group.inner);
	rmdir(group.outer);
	return result;
}

/* ---- what the kernel reports of groups, in a copy of its files ---- */

struct view {
	const char *title;
	const char *cgroup;	  /* /proc/self/cgroup */
	const char *mountinfo;	  /* with a %s for where the folder is */
	const char *files[12][2]; /* name and content */
	uint64_t swap_kib;	  /* that the machine has left */
	uint64_t expected;
	const char *where;
	uint64_t page_cnt; /* hugepages of 2 MiB that are allowed; 0: not looked at */
};

#define UNLIMITED_1 "9223372036854771712"

static const struct view views[] = {
	{
		.title = "version 2, the nearest limit is of the group itself",
		.cgroup = "0::/a/b\n",
		.mountinfo = "41 31 0:33 / %s rw,relatime - cgroup2 cgroup2 rw\n",
		.files = {{"a/b/memory.max", "1000"}, {"a/b/memory.current", "600"}, {"a/memory.max", "5000"},
			{"a/memory.current", "600"}},
		.expected = 400,
		.where = "a/b/memory.max",
	},
	{
		.title = "version 2, a group around it has less",
		.cgroup = "0::/a/b\n",
		.mountinfo = "41 31 0:33 / %s rw,relatime shared:9 - cgroup2 cgroup2 rw\n",
		.files = {{"a/b/memory.max", "max"}, {"a/b/memory.current", "600"}, {"a/memory.max", "1000"},
			{"a/memory.current", "900"}, {"a/memory.stat", "anon 7\ninactive_file 30\nactive_file 20\n"}},
		.expected = 150,
		.where = "a/memory.max",
	},
	{
		.title = "version 2, in a container",
		.cgroup = "0::/\n",
		.mountinfo = "41 31 0:33 / %s rw,relatime - cgroup2 cgroup2 rw\n",
		.files = {{"memory.max", "1000"}, {"memory.current", "2000"}},
		.expected = 0,
		.where = "memory.max",
	},
	{
		.title = "version 2, seen from another",
		.cgroup = "0::/../other\n",
		.mountinfo = "41 31 0:33 / %s rw,relatime - cgroup2 cgroup2 rw\n",
		.files = {{"memory.max", "1000"}, {"memory.current", "10"}},
		.expected = 990,
		.where = "memory.max",
	},
	{
		.title = "version 1, with the host's path in a container",
		.cgroup = "9:cpu:/docker/1\n4:hugetlb,memory:/docker/1/in\n0::/\n",
		.mountinfo = "35 31 0:32 / /none rw - cgroup cgroup rw,cpu\n"
			     "36 31 0:33 /docker/1 %s rw,relatime - cgroup cgroup rw,hugetlb,memory\n",
		.files = {{"in/memory.limit_in_bytes", UNLIMITED_1}, {"in/memory.usage_in_bytes", "100"},
			{"in/memory.use_hierarchy", "1"}, {"memory.limit_in_bytes", "1000"},
			{"memory.usage_in_bytes", "900"}, {"memory.use_hierarchy", "1"},
			{"memory.stat", "cache 500\ntotal_inactive_file 40\ntotal_active_file 2\ninactive_file 4\n"}},
		.expected = 142,
		.where = "/memory.limit_in_bytes",
	},
	{
		.title = "version 1, lines that say something else, and a group whose name begins as that of the mount",
		.cgroup = "nothing\n7:nothing\n6:memory_other:/docker/1/a\n4:hugetlb,memory:/docker/10\n",
		.mountinfo = "35 31 0:32 / /none rw\n"
			     "35 31 0:32 / /none rw - cgroup\n"
			     "35 31 0:32 / /none rw - cgroup cgroup rw,memory_other\n"
			     "36 31 0:33 /docker/1 %s rw,relatime - cgroup cgroup rw,hugetlb,memory\n",
		.files = {{"memory.limit_in_bytes", "1000"}, {"memory.usage_in_bytes", "900"},
			{"memory.use_hierarchy", "1"},
			{"memory.stat", "total_inactive_file\n\ntotal_inactive_file 40\n"}},
		.expected = 140,
		.where = "/memory.limit_in_bytes",
	},
	{
		.title = "version 1, memory and swap together",
		.cgroup = "4:memory:/g\n",
		.mountinfo = "36 31 0:33 / %s rw,relatime - cgroup cgroup rw,memory\n",
		.files = {{"g/memory.limit_in_bytes", "1000"}, {"g/memory.usage_in_bytes", "100"},
			{"g/memory.memsw.limit_in_bytes", "1000"}, {"g/memory.memsw.usage_in_bytes", "800"},
			{"g/memory.use_hierarchy", "1"}},
		.swap_kib = 1000,
		.expected = 200,
		.where = "g/memory.limit_in_bytes",
	},
	{
		.title = "version 1, a group that does not count what is in it",
		.cgroup = "4:memory:/g/h\n",
		.mountinfo = "36 31 0:33 / %s rw,relatime - cgroup cgroup rw,memory\n",
		.files = {{"g/memory.limit_in_bytes", "1000"}, {"g/memory.usage_in_bytes", "999"},
			{"g/memory.use_hierarchy", "0"}, {"g/h/memory.limit_in_bytes", "1000"},
			{"g/h/memory.usage_in_bytes", "100"}},
		.expected = 900,
		.where = "g/h/memory.limit_in_bytes",
	},
	{
		.title = "version 2, with a limit of swap",
		.cgroup = "0::/g\n",
		.mountinfo = "41 31 0:33 / %s rw,relatime - cgroup2 cgroup2 rw\n",
		.files = {{"g/memory.max", "1000"}, {"g/memory.current", "600"}, {"g/memory.swap.max", "300"},
			{"g/memory.swap.current", "100"}},
		.swap_kib = 1000,
		.expected = 600,
		.where = "g/memory.max",
	},
	{
		.title = "version 2, hugepages of a group around it",
		.cgroup = "0::/g/h\n",
		.mountinfo = "41 31 0:33 / %s rw,relatime - cgroup2 cgroup2 rw\n",
		.files = {{"g/hugetlb.2MB.max", "20971520"}, {"g/hugetlb.2MB.current", "4194304"},
			{"g/h/hugetlb.2MB.max", "max"}, {"g/h/hugetlb.2MB.current", "0"}},
		.expected = 6000 * KIB,
		.where = "the machine",
		.page_cnt = 8,
	},
	{
		.title = "version 1, hugepages",
		.cgroup = "7:hugetlb:/g\n",
		.mountinfo = "41 31 0:33 / %s rw,relatime - cgroup cgroup rw,hugetlb\n",
		.files = {{"g/hugetlb.2MB.limit_in_bytes", "4194304"}, {"g/hugetlb.2MB.usage_in_bytes", "2097152"}},
		.expected = 6000 * KIB,
		.where = "the machine",
		.page_cnt = 1,
	},
	{
		.title = "no group",
		.cgroup = "0::/\n",
		.mountinfo = "41 31 0:33 / %s rw,relatime - cgroup2 cgroup2 rw\n",
		.swap_kib = 1000,
		.expected = 7000 * KIB,
		.where = "the machine",
	},
};

static int
make_folders(const char *dir, const char *file)
{
	char path[2 * PATH_SZ];

	for (const char *slash = strchr(file, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		snprintf(path, sizeof(path), "%s/%.*s", dir, (int)(slash - file), file);
		mkdir(path, 0755);
	}
	return write_text(dir, file, "");
}

static int
bind_over(const char *dir, const char *file, const char *text, const char *target)
{
	char path[2 * PATH_SZ];

	TEST_CALL(write_text(dir, file, text));
	snprintf(path, sizeof(path), "%s/%s", dir, file);
	TEST_ASSERT_SUCCESS(mount(path, target, NULL, MS_BIND, NULL), "bind %s: %m", target);
	return TEST_SUCCESS;
}

/* In name spaces of its own. */
struct look {
	const struct view *view;
	const char *dir;
};

static int
look_at_view(void *arg)
{
	const struct look *look = arg;
	const struct view *view = look->view;
	const char *dir = look->dir;
	char text[4 * PATH_SZ], where[GROOVE_VOLUME_WHERE_SZ];

	TEST_ASSERT_SUCCESS(unshare(CLONE_NEWNS), "unshare: %m");
	TEST_ASSERT_SUCCESS(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL), "private: %m");
	TEST_ASSERT_SUCCESS(mount("none", dir, "tmpfs", 0, NULL), "tmpfs: %m");
	for (size_t i = 0; i < sizeof(view->files) / sizeof(view->files[0]) && view->files[i][0] != NULL; i++) {
		TEST_CALL(make_folders(dir, view->files[i][0]));
		TEST_CALL(write_text(dir, view->files[i][0], view->files[i][1]));
	}
	snprintf(text, sizeof(text), "MemTotal: 9 kB\nMemAvailable: 6000 kB\nSwapFree: %lu kB\n", view->swap_kib);
	TEST_CALL(bind_over(dir, "proc-meminfo", text, "/proc/meminfo"));
	TEST_CALL(bind_over(dir, "proc-cgroup", view->cgroup, "/proc/self/cgroup"));
	snprintf(text, sizeof(text), view->mountinfo, dir);
	TEST_CALL(bind_over(dir, "proc-mountinfo", text, "/proc/self/mountinfo"));
	TEST_ASSERT_EQUAL(groove_volume_memory_available(where, sizeof(where)), view->expected, "%s", view->title);
	TEST_ASSERT_NOT_NULL(strstr(where, view->where), "%s: %s", view->title, where);
	if (view->page_cnt == 0)
		return TEST_SUCCESS;
	TEST_ASSERT_EQUAL(
		groove_volume_hugepages_allowed(2 * MIB, where, sizeof(where)), view->page_cnt, "%s", view->title);
	TEST_ASSERT_NOT_NULL(strstr(where, "g/hugetlb.2MB."), "%s: %s", view->title, where);
	return TEST_SUCCESS;
}

static int
test_views(void)
{
	char dir[] = "/tmp/groove-tested-XXXXXX";
	int result = TEST_SUCCESS;

	TEST_ASSERT_NOT_NULL(test_dir_make(dir), "mkdtemp: %m");
	for (size_t i = 0; result == TEST_SUCCESS && i < sizeof(views) / sizeof(views[0]); i++)
		result = test_child_run(look_at_view, &(struct look){&views[i], dir});
	rmdir(dir);
	return result;
}

/* ---- a file system of a size ---- */

/* Memory that was there before a growth failed is there after it. */
static int
grow_beside_others(const char *dir)
{
	const groove_region_cfg_t cfg = cfg_of("file", dir);
	groove_region_t *region;
	groove_data_t join;
	uint64_t blocks;

	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &region), "create");
	TEST_ASSERT_NOT_NULL(groove_region_join(region, &join, 0), "join");
	TEST_ASSERT_SUCCESS(groove_region_grow(region, &join, NULL), "first");
	TEST_ASSERT_SUCCESS(groove_region_grow(region, &join, NULL), "second");
	TEST_CALL(refuse_growth(region, &join, "no memory for 32 MiB", "its file system has"));
	while (groove_data_volume_remove(&join) != NULL)
		;
	/* A part of one is punched out, and others take it. */
	TEST_ASSERT_SUCCESS(fallocate(groove_region_fd(region), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
				    (const uint8_t *)groove_region_volume0(region) -
					    (const uint8_t *)groove_region_shdata(region) + (off_t)MIB,
				    (off_t)(16 * MIB)),
		"punch: %m");

	const int other = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	TEST_ASSERT_SUCCESS(fallocate(other, 0, 0, (off_t)(24 * MIB)), "others: %m");
	blocks = file_blocks(region);
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_region_grow(region, &join, NULL), GROOVE_ERR_FULL, "a part is missing");
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), "no memory for 32 MiB", "its file system has"), "grow");
	TEST_ASSERT(file_blocks(region) >= blocks, "memory was taken away");
	TEST_ASSERT_EQUAL(groove_region_volume_cnt(region), 2, "volumes with memory");
	close(other);
	TEST_ASSERT_SUCCESS(groove_region_grow(region, &join, NULL), "first again");
	TEST_ASSERT_SUCCESS(groove_region_grow(region, &join, NULL), "second again");
	return end(region, &join);
}

static int
test_small_file_system(void)
{
	char dir[] = "/tmp/groove-tested-XXXXXX";
	int result;

	TEST_ASSERT_NOT_NULL(test_dir_make(dir), "mkdtemp: %m");
	TEST_ASSERT_SUCCESS(mount("none", dir, "tmpfs", MS_NOSUID | MS_NODEV, "size=80M"), "mount: %m");
	result = grow_beside_others(dir);
	umount2(dir, result == TEST_SUCCESS ? 0 : MNT_DETACH);
	rmdir(dir);
	return result;
}

/* ---- limits of the process ---- */

static const struct process_limit {
	const char *title;
	__rlimit_resource_t resource;
	uint64_t too_little;
	uint64_t enough; /* UINT64_MAX: not tried, what else the process has counts */
	const char *word;
	bool locked; /* after mlockall(MCL_FUTURE), without the right to exceed it */
} process_limits[] = {
	/* The file of four volumes has 130 MiB. */
	{"size of files", RLIMIT_FSIZE, LIMIT, LIMIT + 2 * MIB, "ulimit -f", false},
	{"address space", RLIMIT_AS, LIMIT, UINT64_MAX, "ulimit -v", false},
	{"descriptors", RLIMIT_NOFILE, 3, UINT64_MAX, "ulimit -n", false},
	{"locked memory", RLIMIT_MEMLOCK, 64 * MIB, UINT64_MAX, "ulimit -l", true},
};

static int
under_process_limit(void *arg)
{
	const struct process_limit *what = arg;
	const groove_region_cfg_t cfg = cfg_of("memfd", NULL);
	struct rlimit before, little, enough;
	groove_region_t *region;
	int err;

	if (what->resource == RLIMIT_NOFILE)
		closefrom(3);
	TEST_ASSERT_SUCCESS(getrlimit(what->resource, &before), "getrlimit: %m");
	little = (struct rlimit){RTE_MIN(what->too_little, before.rlim_max), before.rlim_max};
	enough = what->enough == UINT64_MAX ? before : (struct rlimit){what->enough, before.rlim_max};
	TEST_ASSERT_SUCCESS(setrlimit(what->resource, &little), "setrlimit: %m");
	if (what->locked)
		TEST_ASSERT(setuid(65534) == 0 && mlockall(MCL_FUTURE) == 0, "mlockall: %m");
	test_log_begin();
	err = groove_region_create(&cfg, &region);
	TEST_ASSERT(err == GROOVE_ERR_FULL || err == GROOVE_ERR_INVAL, "%s: create: %d", what->title, err);
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), what->word, "raise it"), "%s", what->title);
	if (what->locked)
		TEST_ASSERT_SUCCESS(munlockall(), "munlockall: %m");
	else
		TEST_ASSERT_SUCCESS(setrlimit(what->resource, &enough), "setrlimit: %m");
	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &region), "%s: create with enough", what->title);
	groove_region_detach(region);
	return TEST_SUCCESS;
}

static int
test_process_limits(void)
{
	for (size_t i = 0; i < sizeof(process_limits) / sizeof(process_limits[0]); i++) {
		struct process_limit limit = process_limits[i];

		/* A sanitizer takes address space whenever it likes, and locks no memory. */
		if ((limit.locked && geteuid() != 0) ||
			((limit.locked || limit.resource == RLIMIT_AS) && TEST_SANITIZED))
			continue;
		TEST_CALL(test_child_run(under_process_limit, &limit));
	}
	return TEST_SUCCESS;
}

/* ---- kernels that know less ---- */

/* From here on a system call of this thread with a third argument fails. */
static int
refuse_call(unsigned int nr, unsigned int argument, unsigned int error)
{
	const struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, argument, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = {sizeof(code) / sizeof(code[0]), (struct sock_filter *)(uintptr_t)code};

	TEST_ASSERT_SUCCESS(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl: %m");
	TEST_ASSERT_SUCCESS(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), "seccomp: %m");
	return TEST_SUCCESS;
}

/* Linux before 5.14: each page is touched. */
static int
without_populate(void *arg)
{
	groove_region_cfg_t cfg = cfg_of("memfd", NULL);
	groove_region_t *region;
	unsigned char resident[2 * VOLUME_SZ / 4096];
	groove_data_t join;

	(void)arg;
	TEST_CALL(refuse_call(SYS_madvise, MADV_POPULATE_WRITE, EINVAL));
	cfg.volume_cnt = 1;
	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &region), "create");
	TEST_ASSERT_NOT_NULL(groove_region_join(region, &join, 0), "join");
	while (groove_region_volume_cnt(region) < 2)
		TEST_ASSERT_SUCCESS(groove_region_grow(region, &join, NULL), "grow");
	TEST_ASSERT_SUCCESS(mincore(groove_region_volume0(region), 2 * VOLUME_SZ, resident), "mincore: %m");
	for (size_t i = 0; i < sizeof(resident); i++)
		TEST_ASSERT_EQUAL(resident[i] & 1, 1, "page %zu", i);
	return end(region, &join);
}

static int
test_old_kernel(void)
{
	return test_child_run(without_populate, NULL);
}

static int
test_volume_limits(void)
{
	TEST_CALL(test_process_limits());
	TEST_CALL(test_old_kernel());
	if (geteuid() != 0) {
		printf("without root neither cgroups nor file systems are made\n");
		return TEST_SUCCESS;
	}
	TEST_CALL(test_small_file_system());
	TEST_CALL(test_views());
	return test_group();
}

GROOVE_TEST(volume_limits_autotest, driver, test_volume_limits);
