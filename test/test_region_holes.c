/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * Only what was grown has memory, whatever is done to a mapping: mlockall() before and after, a core dump, a debugger's
 * read, a fork. What another process grows can be used at once all the same. Where the kernel does not guard holes
 * (userfaultfd is refused), what came into them goes back.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <linux/userfaultfd.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixture.h"
#include "volume_driver.h"

#define MIB	   (1UL << 20)
#define VOLUME_SZ  (32 * MIB)
#define VOLUME_MAX 6UL
#define NAME_SZ	   32
#define TAG	   4711UL

/* Of each driver with holes. */
struct subject {
	const char *driver;
	const char *dir;
	enum groove_page page;
	bool guarded; /* the kernel guards holes of such files */
};

/* A region with one volume that has memory, and a join. */
struct scene {
	const struct subject *subject;
	char name[NAME_SZ];
	groove_region_t *region;
	groove_data_t join;
	uint64_t mib; /* of its file */
};

/* Whether this kernel, and the settings of this container, let a process guard holes. */
static bool
kernel_guards(void)
{
	const int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK | UFFD_USER_MODE_ONLY);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* MiB of memory: on disk a file has blocks of the file system's own, too. */
static uint64_t
mib_of(const struct scene *scene)
{
	struct stat file;

	return fstat(groove_region_fd(scene->region), &file) == 0 ? (uint64_t)file.st_blocks * 512 / MIB : 0;
}

static groove_region_id_t
id_of(const struct scene *scene)
{
	return (groove_region_id_t){
		.driver = scene->subject->driver,
		.dir = scene->subject->dir,
		.name = scene->name,
	};
}

static int
scene_begin(struct scene *scene, const struct subject *subject)
{
	const groove_region_cfg_t cfg = {
		.driver = subject->driver,
		.dir = subject->dir,
		.page = subject->page,
		.name = scene->name,
		.volume_sz = VOLUME_SZ,
		.volume_max = VOLUME_MAX,
		.node = GROOVE_NODE_ANY,
	};

	scene->subject = subject;
	snprintf(scene->name, sizeof(scene->name), "holes-%d", (int)getpid());
	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &scene->region), "create");
	/* Before a growth, which would give back what came into holes. */
	TEST_ASSERT(mib_of(scene) * MIB < VOLUME_SZ, "%lu MiB without a volume", mib_of(scene));
	TEST_ASSERT_NOT_NULL(groove_region_join(scene->region, &scene->join, 0), "join");
	TEST_ASSERT_SUCCESS(groove_region_grow(scene->region, &scene->join, NULL), "grow");
	scene->mib = mib_of(scene);
	return TEST_SUCCESS;
}

static int
scene_end(struct scene *scene)
{
	const groove_region_id_t id = id_of(scene);
	const int fd = dup(groove_region_fd(scene->region)); /* of driver memfd the name goes with the last */

	TEST_ASSERT_SUCCESS(groove_data_verify(&scene->join), "verify");
	TEST_ASSERT_NOT_NULL(groove_region_leave(scene->region, &scene->join), "leave");
	groove_region_detach(scene->region);
	TEST_ASSERT_SUCCESS(groove_region_destroy(&id), "destroy");
	close(fd);
	return TEST_SUCCESS;
}

/* An object of each volume can be written and read. */
static int
use_volumes(struct scene *scene)
{
	void *objs[VOLUME_MAX * 8];
	unsigned int cnt = 0;

	while (cnt < VOLUME_MAX * 8 && (objs[cnt] = groove_data_alloc(&scene->join, 0, 8 * MIB, TAG, NULL)) != NULL) {
		object_fill(objs[cnt], cnt);
		cnt++;
	}
	TEST_ASSERT(cnt >= groove_region_volume_cnt(scene->region), "%u objects", cnt);
	while (cnt-- > 0) {
		TEST_ASSERT(object_intact(objs[cnt], cnt), "object %u", cnt);
		TEST_ASSERT_SUCCESS(groove_data_free(&scene->join, objs[cnt]), "free");
	}
	return TEST_SUCCESS;
}

/* ---- another process grows ---- */

static int
grow_there(void *arg)
{
	const struct scene *scene = arg;
	const groove_region_id_t id = id_of(scene);
	groove_region_t *region;
	groove_data_t join;

	TEST_ASSERT_SUCCESS(groove_region_attach(&id, &region), "attach");
	TEST_ASSERT_NOT_NULL(groove_region_join(region, &join, 0), "join");
	TEST_ASSERT_SUCCESS(groove_region_grow(region, &join, NULL), "grow");
	TEST_ASSERT_NOT_NULL(groove_region_leave(region, &join), "leave");
	groove_region_detach(region);
	return TEST_SUCCESS;
}

/* Grown there and here, used here, and given back: each time the file has what the volumes have. */
static int
check_growth(struct scene *scene)
{
	const uint64_t cnt = groove_region_volume_cnt(scene->region);
	int err = GROOVE_ERR_AGAIN;

	TEST_CALL(test_child_run(grow_there, scene));
	TEST_ASSERT_EQUAL(groove_region_volume_cnt(scene->region), cnt + 1, "volumes");
	TEST_CALL(use_volumes(scene));
	TEST_ASSERT_SUCCESS(groove_region_grow(scene->region, &scene->join, NULL), "grow");
	TEST_CALL(use_volumes(scene));
	for (unsigned int left = 2; left > 0; left -= err == GROOVE_SUCCESS) {
		groove_data_flush(&scene->join);
		err = groove_region_shrink(scene->region, &scene->join, NULL);
		TEST_ASSERT(err == GROOVE_SUCCESS || err == GROOVE_ERR_AGAIN, "shrink: %d", err);
	}
	TEST_ASSERT_EQUAL(mib_of(scene), scene->mib, "memory of the file");
	return TEST_SUCCESS;
}

/* ---- mlockall() ---- */

static int
locked_before(void *arg)
{
	const struct subject *subject = arg;
	struct scene scene;

	TEST_ASSERT_SUCCESS(mlockall(MCL_CURRENT | MCL_FUTURE), "mlockall: %m");
	TEST_CALL(scene_begin(&scene, subject));
	TEST_ASSERT_EQUAL(scene.mib * MIB / VOLUME_SZ, 1, "volumes in the file");
	TEST_CALL(check_growth(&scene));
	TEST_ASSERT_SUCCESS(munlockall(), "munlockall: %m");
	return scene_end(&scene);
}

/* What came into holes goes back. */
static int
check_returned(struct scene *scene, bool by_recover)
{
	if (by_recover)
		TEST_ASSERT_SUCCESS(groove_region_recover(scene->region, &scene->join), "recover");
	else
		TEST_ASSERT_EQUAL(groove_region_shrink(scene->region, &scene->join, NULL), GROOVE_ERR_EMPTY, "shrink");
	TEST_ASSERT_EQUAL(mib_of(scene), scene->mib, "memory of the file");
	return TEST_SUCCESS;
}

static int
lock_all(struct scene *scene)
{
	TEST_ASSERT_SUCCESS(mlockall(MCL_CURRENT), "mlockall: %m");
	if (scene->subject->guarded)
		TEST_ASSERT_EQUAL(mib_of(scene), scene->mib, "memory of the file");
	TEST_ASSERT_SUCCESS(munlockall(), "munlockall: %m");
	return TEST_SUCCESS;
}

static int
lock_in_child(void *arg)
{
	return lock_all(arg);
}

static int
locked_after(void *arg)
{
	const struct subject *subject = arg;
	struct scene scene;
	void *obj;

	TEST_CALL(scene_begin(&scene, subject));
	obj = groove_data_alloc(&scene.join, 0, 100, TAG, NULL);
	TEST_ASSERT_NOT_NULL(obj, "alloc");
	TEST_CALL(lock_all(&scene));
	TEST_CALL(check_returned(&scene, true));
	TEST_CALL(test_child_run(lock_in_child, &scene));
	TEST_CALL(check_returned(&scene, false));
	TEST_ASSERT_SUCCESS(groove_data_free(&scene.join, obj), "free");
	TEST_CALL(check_growth(&scene));
	return scene_end(&scene);
}

/* As in a container that does not allow userfaultfd: no system call fails, and all of it goes back. */
static int
locked_unguarded(void *arg)
{
	const struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_userfaultfd, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = {sizeof(code) / sizeof(code[0]), (struct sock_filter *)(uintptr_t)code};
	struct subject subject = *(const struct subject *)arg;

	subject.guarded = false;
	TEST_ASSERT_SUCCESS(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl: %m");
	TEST_ASSERT_SUCCESS(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), "seccomp: %m");
	TEST_CALL(locked_after(&subject));
	TEST_CALL(locked_before(&subject));
	return TEST_SUCCESS;
}

/* ---- core dumps ---- */

/* What a process does before it crashes. */
struct crash {
	struct scene *scene;
	const char *dir; /* for the core */
	bool attaches;	 /* or has what its parent had mapped */
	bool dumps;	 /* volumes are wanted */
};

static void
crash(const struct crash *what)
{
	const struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};
	const groove_region_id_t id = id_of(what->scene);
	groove_region_t *region = what->scene->region;

	if (chdir(what->dir) != 0 || setrlimit(RLIMIT_CORE, &unlimited) != 0)
		_exit(1);
	if (what->attaches && groove_region_attach(&id, &region) != GROOVE_SUCCESS)
		_exit(1);
	if (what->dumps && groove_region_dump(region, 1) != GROOVE_SUCCESS)
		_exit(1);
	signal(SIGABRT, SIG_DFL);
	abort();
}

/* Bytes of the file in a folder, which is removed; 0: the kernel has other places for cores. */
static uint64_t
core_take(const char *dir)
{
	DIR *stream = opendir(dir);
	const struct dirent *entry;
	uint64_t sz = 0;

	while (stream != NULL && (entry = readdir(stream)) != NULL) {
		struct stat core;

		if (entry->d_name[0] == '.' || fstatat(dirfd(stream), entry->d_name, &core, 0) != 0)
			continue;
		sz = (uint64_t)core.st_size;
		unlinkat(dirfd(stream), entry->d_name, 0);
	}
	if (stream != NULL)
		closedir(stream);
	return sz;
}

static int
check_core(const struct crash *what)
{
	struct scene *scene = what->scene;
	uint64_t core_sz;
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	TEST_ASSERT(pid >= 0, "fork: %m");
	if (pid == 0)
		crash(what);
	TEST_ASSERT_EQUAL(waitpid(pid, &status, 0), pid, "waitpid: %m");
	TEST_ASSERT(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, "status %#x", status);
	TEST_ASSERT_EQUAL(mib_of(scene), scene->mib, "memory of the file after a core dump");
	core_sz = core_take(what->dir);
	/* What a sanitizer has is in it, too. By default no core has shared hugepages and files with a name:
	 * /proc/PID/coredump_filter. */
	if (TEST_SANITIZED || core_sz == 0 || scene->subject->page != GROOVE_PAGE_NORMAL || scene->subject->dir != NULL)
		return TEST_SUCCESS;
	TEST_ASSERT((core_sz > VOLUME_SZ) == what->dumps, "a core of %lu bytes", core_sz);
	return TEST_SUCCESS;
}

static int
test_core(const struct subject *subject)
{
	char dir[] = "/tmp/groove-tested-XXXXXX";
	struct scene scene;
	int result = TEST_SUCCESS;

	TEST_ASSERT_NOT_NULL(test_dir_make(dir), "mkdtemp: %m");
	TEST_CALL(scene_begin(&scene, subject));
	for (unsigned int i = 0; result == TEST_SUCCESS && i < 3; i++)
		result = check_core(&(struct crash){&scene, dir, i > 0, i > 1});
	rmdir(dir);
	TEST_CALL(result);
	TEST_ASSERT_SUCCESS(groove_region_recover(scene.region, &scene.join), "recover");
	return scene_end(&scene);
}

/* ---- a debugger, and a stray pointer ---- */

/* Another process looks at each page of the volumes, as a debugger does. */
static int
check_looked_at(const struct scene *scene)
{
	const uint8_t *volume0 = groove_region_volume0(scene->region);
	const int mem = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	uint64_t seen = 0;
	char byte;

	TEST_ASSERT(mem >= 0, "/proc/self/mem: %m");
	for (uint64_t off = 0; off < VOLUME_MAX * VOLUME_SZ; off += 2 * MIB) {
		struct iovec local = {&byte, 1}, remote = {(void *)(uintptr_t)(volume0 + off), 1};

		seen += pread(mem, &byte, 1, (off_t)(uintptr_t)(volume0 + off)) == 1;
		process_vm_readv(getpid(), &local, 1, &remote, 1, 0);
	}
	close(mem);
	if (!scene->subject->guarded)
		return TEST_SUCCESS;
	TEST_ASSERT_EQUAL(seen, VOLUME_SZ / (2 * MIB), "pages that were seen");
	TEST_ASSERT_EQUAL(mib_of(scene), scene->mib, "memory of the file");
	return TEST_SUCCESS;
}

static int
read_hole(void *arg)
{
	const struct scene *scene = arg;
	const volatile uint8_t *hole = (const uint8_t *)groove_region_volume0(scene->region) + 3 * VOLUME_SZ;

	return *hole;
}

/* A wrong pointer is an error, wherever it leads. */
static int
check_stray_pointer(struct scene *scene)
{
	uint8_t *volume0 = groove_region_volume0(scene->region);
	int status;
	pid_t pid;

	for (uint64_t i = 1; i < VOLUME_MAX; i++) {
		test_log_begin();
		TEST_ASSERT_EQUAL(groove_data_free(&scene->join, volume0 + i * VOLUME_SZ + 4096), GROOVE_ERR_INVAL,
			"free in a hole");
		TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), "volume that is not in use"), "free in a hole");
	}
	if (!scene->subject->guarded)
		return TEST_SUCCESS;
	fflush(NULL);
	pid = fork();
	TEST_ASSERT(pid >= 0, "fork: %m");
	if (pid == 0) {
		signal(SIGBUS, SIG_DFL);
		_exit(read_hole(scene));
	}
	TEST_ASSERT_EQUAL(waitpid(pid, &status, 0), pid, "waitpid: %m");
	TEST_ASSERT(WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS, "a hole was read: status %#x", status);
	TEST_ASSERT_EQUAL(mib_of(scene), scene->mib, "memory of the file");
	return TEST_SUCCESS;
}

static int
test_looks(const struct subject *subject)
{
	struct scene scene;

	TEST_CALL(scene_begin(&scene, subject));
	TEST_CALL(check_looked_at(&scene));
	TEST_CALL(check_stray_pointer(&scene));
	TEST_ASSERT_SUCCESS(groove_region_recover(scene.region, &scene.join), "recover");
	TEST_ASSERT_EQUAL(mib_of(&scene), scene.mib, "memory of the file");
	return scene_end(&scene);
}

/* ---- all of it ---- */

static bool
may_lock(void)
{
	struct rlimit limit;

	return geteuid() == 0 || (getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur == RLIM_INFINITY);
}

static int
test_subject(struct subject subject)
{
	TEST_CALL(test_core(&subject));
	TEST_CALL(test_looks(&subject));
	if (!may_lock() || (subject.dir != NULL && strcmp(subject.dir, "/dev/shm") == 0))
		return TEST_SUCCESS;
	TEST_CALL(test_child_run(locked_before, &subject));
	TEST_CALL(test_child_run(locked_after, &subject));
	return test_child_run(locked_unguarded, &subject);
}

static int
test_region_holes(void)
{
	const struct volume_subject huge = {.driver = "memfd", .page = GROOVE_PAGE_HUGE};
	const bool guarded = kernel_guards();

	TEST_CALL(test_subject((struct subject){"memfd", NULL, GROOVE_PAGE_NORMAL, guarded}));
	TEST_CALL(test_subject((struct subject){"file", "/dev/shm", GROOVE_PAGE_NORMAL, guarded}));
	TEST_CALL(test_subject((struct subject){"file", "/var/tmp", GROOVE_PAGE_NORMAL, false}));
	if (volume_subject_room(&huge))
		TEST_CALL(test_subject((struct subject){"memfd", NULL, GROOVE_PAGE_HUGE, guarded}));
	return TEST_SUCCESS;
}

GROOVE_TEST(region_holes_autotest, driver, test_region_holes);
