/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * The kernel says no: each system call that a call of the library makes fails once, in turn. The call then succeeds all
 * the same, or returns an error, says why, and leaves nothing: no descriptor, no address space, and made again
 * it succeeds.
 *
 * A filter (seccomp) in a child has the kernel ask another thread of the child about each of these system calls.
 *
 * A program of its own, in which nothing has joined a groove before: the first join of a process does more.
 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <groove_region.h>

#include "fixture.h"
#include "region_hdr.h"

/* ---- what fails ---- */

static const struct watched {
	unsigned int nr;
	int err; /* one that the kernel may answer there */
} watched[] = {
	{SYS_mmap, ENOMEM},
	{SYS_madvise, EFAULT},
	{SYS_mprotect, ENOMEM},
	{SYS_msync, EIO},
	{SYS_mbind, EIO},
	{SYS_get_mempolicy, ENOSYS},
	{SYS_move_pages, EACCES},
	{SYS_getrandom, ENOSYS},
	{SYS_memfd_create, EMFILE},
	{SYS_userfaultfd, EPERM},
	{SYS_ioctl, EINVAL},
	{SYS_openat, EMFILE},
	{SYS_fcntl, EINVAL},
	{SYS_newfstatat, EIO},
	{SYS_fstatfs, EIO},
	{SYS_statfs, EIO},
	{SYS_ftruncate, EFBIG},
	{SYS_fallocate, ENOSPC},
	{SYS_fchmod, EPERM},
	{SYS_pread64, EIO},
	{SYS_linkat, EACCES},
	{SYS_unlinkat, EACCES},
	{SYS_socket, EMFILE},
	{SYS_bind, ENOMEM},
	{SYS_getdents64, EIO},
#ifdef SYS_unlink
	{SYS_unlink, EACCES},
#endif
};

#define WATCHED_CNT (sizeof(watched) / sizeof(watched[0]))

/* The thread that the kernel asks. */
struct judge {
	int listener;	  /* -1: not there yet */
	uint64_t seen;	  /* system calls so far */
	uint64_t fail_at; /* which of them fails, from 0; UINT64_MAX: none */
	int failed;	  /* number of the system call that failed; -1: none did */
};

static int
error_of(int nr)
{
	for (size_t i = 0; i < WATCHED_CNT; i++)
		if (watched[i].nr == (unsigned int)nr)
			return watched[i].err;
	return 0;
}

static void
judge_one(struct judge *judge, const struct seccomp_notif *request)
{
	struct seccomp_notif_resp answer = {.id = request->id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};

	/* Relaxed: a thread that asks waits for the answer. */
	if (judge->seen++ == __atomic_load_n(&judge->fail_at, __ATOMIC_RELAXED)) {
		answer.flags = 0;
		answer.error = -error_of(request->data.nr);
		__atomic_store_n(&judge->failed, request->data.nr, __ATOMIC_RELAXED);
	}
	ioctl(judge->listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
}

static void *
judge_run(void *arg)
{
	struct judge *judge = arg;
	struct seccomp_notif request;

	/* Acquire pairs with watch_begin(). */
	while (__atomic_load_n(&judge->listener, __ATOMIC_ACQUIRE) < 0)
		sched_yield();
	for (;;) {
		memset(&request, 0, sizeof(request));
		if (ioctl(judge->listener, SECCOMP_IOCTL_NOTIF_RECV, &request) == 0)
			judge_one(judge, &request);
		else if (errno != EINTR && errno != ENOENT)
			return NULL;
	}
}

/* From here on system calls of this thread are judged. False when the kernel has no such filters. */
static bool
watch_begin(struct judge *judge)
{
	struct sock_filter code[WATCHED_CNT + 3];
	const struct sock_fprog program = {.len = WATCHED_CNT + 3, .filter = code};
	pthread_t thread;
	int listener;

	code[0] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (unsigned int i = 0; i < WATCHED_CNT; i++)
		code[i + 1] = (struct sock_filter)BPF_JUMP(
			BPF_JMP | BPF_JEQ | BPF_K, watched[i].nr, (unsigned char)(WATCHED_CNT - i), 0);
	code[WATCHED_CNT + 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	code[WATCHED_CNT + 2] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
	if (pthread_create(&thread, NULL, judge_run, judge) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return false;
	listener = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
	__atomic_store_n(&judge->listener, listener, __ATOMIC_RELEASE);
	return listener >= 0;
}

/* ---- what is called ---- */

#define VOLUME_MAX 2UL
#define BROKEN	   INT_MIN /* what no call returns */

struct bench {
	const char *driver;
	const char *dir;  /* NULL: of a driver without files */
	const char *name; /* NULL: private */
	groove_region_t *region;
	groove_data_t join;
	struct fixture fix;
	bool joined;
};

static groove_region_cfg_t
bench_cfg(const struct bench *bench)
{
	return (groove_region_cfg_t){
		.driver = bench->driver,
		.dir = bench->dir,
		.name = bench->name,
		.volume_sz = VOLUME_SZ_MIN,
		.volume_cnt = 0,
		.volume_max = VOLUME_MAX,
		.page = GROOVE_PAGE_NORMAL,
		.node = GROOVE_NODE_ANY,
	};
}

static groove_region_id_t
bench_id(const struct bench *bench)
{
	return (groove_region_id_t){
		.driver = bench->driver,
		.name = bench->name,
		.dir = bench->dir,
	};
}

static int
create(struct bench *bench)
{
	const groove_region_cfg_t cfg = bench_cfg(bench);

	return groove_region_create(&cfg, &bench->region);
}

static int
create_filled(struct bench *bench)
{
	groove_region_cfg_t cfg = bench_cfg(bench);

	cfg.volume_cnt = 1;
	cfg.node = 0;
	return groove_region_create(&cfg, &bench->region);
}

static int
attach(struct bench *bench)
{
	const groove_region_id_t id = bench_id(bench);

	return groove_region_attach(&id, &bench->region);
}

static int
attach_fd(struct bench *bench)
{
	groove_region_t *again;
	const int err = groove_region_attach_fd(groove_region_fd(bench->region), &again);

	if (err == GROOVE_SUCCESS)
		groove_region_detach(again);
	return err;
}

static int
join(struct bench *bench)
{
	return groove_region_join(bench->region, &bench->join, 0) != NULL ? GROOVE_SUCCESS : GROOVE_ERR_INVAL;
}

static int
prepare_join(struct bench *bench)
{
	const int err = create(bench);

	return err == GROOVE_SUCCESS ? join(bench) : err;
}

static int
grow(struct bench *bench)
{
	return groove_region_grow(bench->region, &bench->join, NULL);
}

static int
prepare_grown(struct bench *bench)
{
	const int err = prepare_join(bench);

	return err == GROOVE_SUCCESS ? grow(bench) : err;
}

static int
shrink(struct bench *bench)
{
	int err = GROOVE_ERR_AGAIN;

	for (unsigned int i = 0; i < 8 && err == GROOVE_ERR_AGAIN; i++)
		err = groove_region_shrink(bench->region, &bench->join, NULL);
	return err;
}

static int
recover(struct bench *bench)
{
	return groove_region_recover(bench->region, &bench->join);
}

static int
verify(struct bench *bench)
{
	return groove_data_verify(&bench->join);
}

static int
destroy(struct bench *bench)
{
	const groove_region_id_t id = bench_id(bench);

	return groove_region_destroy(&id);
}

static int
prepare_destroy(struct bench *bench)
{
	const int err = create(bench);

	if (err == GROOVE_SUCCESS)
		groove_region_detach(bench->region);
	return err;
}

/* As when the machine went down while it was in use: another start of it, and attached once more than left. */
static int
tear(const struct bench *bench)
{
	struct region_hdr hdr;
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/groove.%s", bench->dir, bench->name);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (pread(fd, &hdr, sizeof(hdr), 0) != (ssize_t)sizeof(hdr))
		return GROOVE_ERR_KEY;
	hdr.boot ^= 2;
	hdr.attach_seq++;
	return pwrite(fd, &hdr, sizeof(hdr), 0) == (ssize_t)sizeof(hdr) && close(fd) == 0 ? GROOVE_SUCCESS
											  : GROOVE_ERR_KEY;
}

static int
prepare_torn(struct bench *bench)
{
	int err = prepare_grown(bench);

	if (err != GROOVE_SUCCESS)
		return err;
	groove_region_leave(bench->region, &bench->join);
	groove_region_detach(bench->region);
	return tear(bench);
}

static int
prepare_readonly(struct bench *bench)
{
	int err = prepare_torn(bench);

	test_log_begin();
	if (err == GROOVE_SUCCESS)
		err = attach(bench);
	test_log_end();
	return err;
}

static int
rebuild(struct bench *bench)
{
	const int err = groove_region_rebuild(bench->region, NULL, NULL);

	/* It is what it says. */
	return groove_region_needs_rebuild(bench->region) == (err != GROOVE_SUCCESS) ? err : BROKEN;
}

/* Where it lies: each page is counted, of a node or of an unknown one. */
static int
where(struct bench *bench)
{
	const uint64_t volumes_sz = groove_region_volume_cnt(bench->region) * VOLUME_SZ_MIN;
	const int node = groove_region_addr_node(groove_region_shdata(bench->region));
	uint64_t page_cnt[4];
	uint64_t all = groove_region_node_pages(bench->region, page_cnt, 4);
	uint64_t phys;

	for (unsigned int i = 0; i < 4; i++)
		all += page_cnt[i];
	if (all * groove_region_page_sz(bench->region) < volumes_sz || (node < 0 && node != GROOVE_ERR_KEY))
		return BROKEN;
	/* Not everybody may know. */
	if (groove_region_phys(bench->region, groove_region_shdata(bench->region), &phys) > GROOVE_SUCCESS)
		return BROKEN;
	return node < 0 ? node : GROOVE_SUCCESS;
}

static int
ignore_region(void *arg, const char *driver, const char *name)
{
	(void)arg;
	(void)driver;
	(void)name;
	return 0;
}

static int
list(struct bench *bench)
{
	return groove_region_list(bench->driver, bench->dir, ignore_region, NULL);
}

static int
dump(struct bench *bench)
{
	return groove_region_dump(bench->region, 1);
}

/* What cannot be read is damaged. */
static int
inspect(struct bench *bench)
{
	const groove_region_id_t id = bench_id(bench);
	groove_region_report_t report = {.size = sizeof(report)};
	const int err = groove_region_inspect(&id, &report);

	if (err == GROOVE_SUCCESS && report.state != GROOVE_REGION_WHOLE)
		return report.state == GROOVE_REGION_DAMAGED || report.state == GROOVE_REGION_FOREIGN
			       ? GROOVE_ERR_CORRUPT
			       : BROKEN;
	return err;
}

/* The first join of a process, without lib/region. */
static int
prepare_groove(struct bench *bench)
{
	struct fixture *fix = &bench->fix;

	fix->cfg = (groove_data_cfg_t){.volume_sz = VOLUME_SZ_MIN, .volume_max = 1};
	fix->shmem = test_mem_map(groove_data_footprint_cfg(&fix->cfg));
	fix->volume0 = test_mem_map(VOLUME_SZ_MIN);
	return fix->shmem != NULL && fix->volume0 != NULL && groove_data_new_cfg(fix->shmem, &fix->cfg) != NULL
		       ? GROOVE_SUCCESS
		       : GROOVE_ERR_FULL;
}

static int
first_join(struct bench *bench)
{
	groove_data_t *made = groove_data_join(&bench->join, bench->fix.shmem, bench->fix.volume0, 0, 0);

	if (made == NULL)
		return GROOVE_ERR_INVAL;
	/* It has a record, and no other has. */
	groove_data_stats_t stats;

	return groove_data_stats(made, &stats) == GROOVE_SUCCESS && stats.join_cnt == 1 ? GROOVE_SUCCESS
											: GROOVE_ERR_CORRUPT;
}

static const struct operation {
	const char *name;
	int (*prepare)(struct bench *bench); /* may be NULL */
	int (*run)(struct bench *bench);
	bool named;  /* with regions that have a name only */
	bool silent; /* an error may be one that is not logged */
} operations[] = {
	{"create", NULL, create, false, false},
	{"create with a volume", NULL, create_filled, false, false},
	{"attach", create, attach, true, false},
	{"attach by descriptor", create, attach_fd, false, false},
	{"join", create, join, false, false},
	{"grow", prepare_join, grow, false, false},
	{"shrink", prepare_grown, shrink, false, true},
	{"recover", prepare_grown, recover, false, true},
	{"dump", create_filled, dump, false, false},
	{"inspect", prepare_destroy, inspect, true, false},
	{"attach what is torn", prepare_torn, attach, true, false},
	{"rebuild", prepare_readonly, rebuild, true, false},
	{"where", create, where, false, true},
	{"verify", prepare_grown, verify, false, false},
	{"destroy", prepare_destroy, destroy, true, false},
	{"list", create, list, true, false},
	{"first join", prepare_groove, first_join, false, false},
};

#define OPERATION_CNT (sizeof(operations) / sizeof(operations[0]))

/* ---- one attempt, in a child ---- */

enum ending {
	ENDED_WELL,
	ENDED_BADLY,
	ENDED_UNHARMED, /* there was no such system call: the last has been */
};

struct attempt {
	const struct operation *operation;
	struct bench *bench;
	uint64_t fail_at;
};

/* Pages of address space of this process. */
static unsigned long
address_space(void)
{
	unsigned long pages = 0;
	FILE *file = fopen("/proc/self/statm", "re");

	if (file == NULL || fscanf(file, "%lu", &pages) != 1)
		pages = 0;
	if (file != NULL)
		fclose(file);
	return pages;
}

static unsigned int
descriptors(void)
{
	unsigned int cnt = 0;

	for (int fd = 0; fd < 256; fd++)
		cnt += syscall(SYS_fcntl, fd, 1 /* F_GETFD */) >= 0;
	return cnt;
}

static int
attempt_check(const struct attempt *attempt, struct judge *judge)
{
	const struct operation *operation = attempt->operation;
	const unsigned int fds = descriptors();
	const unsigned long pages = address_space();
	unsigned int lines;
	int err;

	test_log_begin();
	judge->seen = 0;
	__atomic_store_n(&judge->fail_at, attempt->fail_at, __ATOMIC_RELAXED);
	err = operation->run(attempt->bench);
	__atomic_store_n(&judge->fail_at, UINT64_MAX, __ATOMIC_RELAXED);
	lines = test_log_lines();
	test_log_end();

	const int nr = __atomic_load_n(&judge->failed, __ATOMIC_RELAXED);

	if (err == GROOVE_SUCCESS)
		return TEST_SUCCESS;
	TEST_ASSERT(nr >= 0, "%s: %d, nothing has failed", operation->name, err);
	TEST_ASSERT(
		err < 0 && err >= GROOVE_ERR_KEY, "%s: returns %d when system call %d fails", operation->name, err, nr);
	TEST_ASSERT(lines > 0 || operation->silent, "%s: %d without a word when system call %d fails", operation->name,
		err, nr);
	TEST_ASSERT_EQUAL(descriptors(), fds, "%s: descriptors when system call %d failed", operation->name, nr);
	TEST_ASSERT(address_space() < pages + 2048, "%s: address space from %lu to %lu pages, system call %d failed",
		operation->name, pages, address_space(), nr);
	err = operation->run(attempt->bench);
	TEST_ASSERT_EQUAL(err, GROOVE_SUCCESS, "%s: again, after system call %d had failed", operation->name, nr);
	return TEST_SUCCESS;
}

static enum ending
attempt_run(const struct attempt *attempt)
{
	static struct judge judge = {.listener = -1, .fail_at = UINT64_MAX, .failed = -1};
	const struct operation *operation = attempt->operation;

	if (operation->prepare != NULL && operation->prepare(attempt->bench) != GROOVE_SUCCESS) {
		fprintf(stderr, "%s: not prepared\n", operation->name);
		return ENDED_BADLY;
	}
	if (!watch_begin(&judge)) {
		fprintf(stderr, "no filter: %m\n");
		return ENDED_BADLY;
	}
	if (attempt_check(attempt, &judge) != TEST_SUCCESS) {
		fprintf(stderr, "driver %s, system call %lu of it\n", attempt->bench->driver, attempt->fail_at);
		return ENDED_BADLY;
	}
	return judge.failed >= 0 ? ENDED_WELL : ENDED_UNHARMED;
}

static int
attempt_in_child(const struct attempt *attempt, enum ending *ending)
{
	int status;

	fflush(NULL);

	const pid_t pid = fork();

	TEST_ASSERT(pid >= 0, "fork: %m");
	if (pid == 0)
		test_child_end((int)attempt_run(attempt));
	TEST_ASSERT_EQUAL(waitpid(pid, &status, 0), pid, "waitpid: %m");
	TEST_ASSERT(WIFEXITED(status), "%s, system call %lu: ended by signal %d", attempt->operation->name,
		attempt->fail_at, WTERMSIG(status));
	*ending = (enum ending)WEXITSTATUS(status);
	TEST_ASSERT(*ending == ENDED_WELL || *ending == ENDED_UNHARMED, "%s, system call %lu", attempt->operation->name,
		attempt->fail_at);
	return TEST_SUCCESS;
}

/* ---- all attempts ---- */

/* What an attempt made under a name. */
static void
clean_up(const struct bench *bench)
{
	const groove_region_id_t id = bench_id(bench);

	if (bench->name == NULL)
		return;
	test_log_begin();
	groove_region_destroy(&id);
	test_log_end();
}

static int
sweep(const struct operation *operation, struct bench *bench)
{
	struct attempt attempt = {.operation = operation, .bench = bench};
	enum ending ending = ENDED_WELL;

	for (; ending != ENDED_UNHARMED; attempt.fail_at++) {
		TEST_ASSERT(attempt.fail_at < 1000, "%s: no end of system calls", operation->name);
		TEST_CALL(attempt_in_child(&attempt, &ending));
		clean_up(bench);
	}
	printf("%s, %s: %lu system calls\n", bench->driver, operation->name, attempt.fail_at - 1);
	return TEST_SUCCESS;
}

static int
sweep_driver(const char *driver, const char *dir, const char *name)
{
	static struct bench bench;

	memset(&bench, 0, sizeof(bench));
	bench.driver = driver;
	bench.dir = dir;
	bench.name = name;
	for (size_t i = 0; i < OPERATION_CNT; i++)
		if (name != NULL || !operations[i].named)
			TEST_CALL(sweep(&operations[i], &bench));
	return TEST_SUCCESS;
}

/* ---- no heap ---- */

struct chunk {
	struct chunk *next;
};

/* Take all heap that there is. */
static struct chunk *
heap_take(void)
{
	const rlim_t space = address_space() * (rlim_t)sysconf(_SC_PAGESIZE);
	const struct rlimit limit = {space, space};
	struct chunk *first = NULL;

	if (setrlimit(RLIMIT_AS, &limit) != 0)
		return NULL;
	for (size_t sz = 1UL << 20; sz >= sizeof(*first); sz /= 2) {
		for (struct chunk *chunk = malloc(sz); chunk != NULL; chunk = malloc(sz)) {
			chunk->next = first;
			first = chunk;
		}
	}
	return first;
}

static void
heap_give(struct chunk *first)
{
	while (first != NULL) {
		struct chunk *next = first->next;

		free(first);
		first = next;
	}
}

static int
starve(void *arg)
{
	struct bench *bench = arg;
	groove_region_t *again = NULL;
	struct chunk *heap;

	TEST_ASSERT_SUCCESS(prepare_grown(bench), "region");
	heap = heap_take();

	const int verify_err = groove_data_verify(&bench->join);
	const int volume_err = groove_data_volume_verify(&bench->join, groove_region_volume0(bench->region));
	const int attach_err = groove_region_attach_fd(groove_region_fd(bench->region), &again);

	heap_give(heap);
	TEST_ASSERT_NOT_NULL(heap, "no limit of address space: %m");
	TEST_ASSERT_EQUAL(verify_err, GROOVE_ERR_AGAIN, "verify without heap");
	TEST_ASSERT_EQUAL(volume_err, GROOVE_ERR_AGAIN, "verify of a volume without heap");
	TEST_ASSERT_EQUAL(attach_err, GROOVE_ERR_FULL, "attach without heap");
	TEST_ASSERT_SUCCESS(groove_data_verify(&bench->join), "verify");
	return TEST_SUCCESS;
}

static int
test_no_heap(void)
{
	struct bench bench = {.driver = "memfd"};

	return test_child_run(starve, &bench);
}

static int
filters_work(void *arg)
{
	static struct judge judge = {.listener = -1, .fail_at = UINT64_MAX, .failed = -1};

	(void)arg;
	return watch_begin(&judge) ? TEST_SUCCESS : TEST_FAILED;
}

static int
test_syscall_fail(void)
{
	char dir[] = "/dev/shm/groove-tested-XXXXXX";
	int result;

	TEST_CALL(test_no_heap());
	if (test_child_run(filters_work, NULL) != TEST_SUCCESS)
		return test_skip("the kernel lets nobody judge system calls here (seccomp)");
	/* Names of memfd are looked for in all of /proc: too many system calls. */
	TEST_CALL(sweep_driver("memfd", NULL, NULL));
	TEST_ASSERT_NOT_NULL(test_dir_make(dir), "mkdtemp: %m");
	result = sweep_driver("file", dir, "fails");
	TEST_ASSERT_SUCCESS(rmdir(dir), "left something in %s: %m", dir);
	return result;
}

GROOVE_TEST(syscall_fail_autotest, driver, test_syscall_fail);
