/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * What a region is: whose, of which start of the machine, in which file, under which name. What others planted is
 * refused, a container's boot id says nothing about a region that lives, a copy is a copy, and a name that cannot be
 * claimed is not called taken. As root; other users have what they may.
 */

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixture.h"
#include "groove_volume_driver.h"
#include "region_hdr.h"

#define NOBODY 65534
#define NAME   "identity"

static char dir[64];
static char path[96];
static char name[32]; /* of memory files, which all processes see */

static groove_region_cfg_t
cfg_of(const char *driver)
{
	const groove_region_cfg_t cfg = {
		.driver = driver,
		.dir = dir,
		.name = strcmp(driver, "file") == 0 ? NAME : name,
		.volume_sz = VOLUME_SZ_MIN,
		.volume_cnt = 1,
		.page = GROOVE_PAGE_NORMAL,
	};

	return cfg;
}

static groove_region_id_t
id_of(const char *driver, uint64_t flags)
{
	const bool is_file = driver == NULL || strcmp(driver, "file") == 0;
	const groove_region_id_t id = {.driver = driver, .dir = dir, .name = is_file ? NAME : name, .flags = flags};

	return id;
}

static int
refused(const groove_region_id_t *id, const char *word)
{
	groove_region_t *region = NULL;
	const char *logged;
	int err;

	test_log_begin();
	err = groove_region_attach(id, &region);
	logged = test_log_end();
	TEST_ASSERT_EQUAL(err, GROOVE_ERR_INVAL, "attach, said \"%s\"", logged);
	TEST_ASSERT(TEST_LOG_IS_LINE(logged, id->name, word, "GROOVE_REGION_TRUST"), "attach");
	TEST_ASSERT_NULL(region, "region touched on error");
	return TEST_SUCCESS;
}

/* line: that must be logged; NULL: none. */
static int
attached(const groove_region_id_t *id, const char *line, bool torn)
{
	groove_region_t *region = NULL;
	const char *logged;
	int err;

	test_log_begin();
	err = groove_region_attach(id, &region);
	logged = test_log_end();
	TEST_ASSERT_EQUAL(err, GROOVE_SUCCESS, "attach, said \"%s\"", logged);
	if (line != NULL)
		TEST_ASSERT(TEST_LOG_IS_LINE(logged, id->name, line), "attach");
	else
		TEST_ASSERT_EQUAL(logged[0], '\0', "attach, said \"%s\"", logged);
	TEST_ASSERT_EQUAL(groove_region_needs_rebuild(region), torn, "needs a rebuild, said \"%s\"", logged);
	groove_region_detach(region);
	return TEST_SUCCESS;
}

/* ---- another process that has a region, until it is sent away ---- */

struct holder {
	const char *driver;
	unsigned int mode;
	uid_t uid;
	bool attaches; /* else it makes it */
	pid_t pid;
	int to[2];
	int from[2];
};

static int
hold(const struct holder *holder)
{
	groove_region_cfg_t cfg = cfg_of(holder->driver);
	const groove_region_id_t id = id_of(holder->driver, 0);
	groove_region_t *region;
	groove_data_t join;
	char word;

	alarm(60); /* if nobody sends it away */
	if (holder->uid != geteuid())
		TEST_ASSERT(setresgid(holder->uid, holder->uid, holder->uid) == 0 &&
				    setresuid(holder->uid, holder->uid, holder->uid) == 0,
			"cannot be user %u: %m", holder->uid);
	cfg.mode = holder->mode;
	if (holder->attaches)
		TEST_ASSERT_SUCCESS(groove_region_attach(&id, &region), "attach");
	else
		TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &region), "create");
	TEST_ASSERT_NOT_NULL(groove_region_join(region, &join, 0), "join");
	TEST_ASSERT_EQUAL(write(holder->from[1], "h", 1), 1, "pipe: %m");
	TEST_ASSERT_EQUAL(read(holder->to[0], &word, 1), 1, "pipe: %m");
	TEST_ASSERT_NOT_NULL(groove_region_leave(region, &join), "leave");
	groove_region_detach(region);
	return TEST_SUCCESS;
}

static int
holder_start(struct holder *holder)
{
	char word = 0;

	TEST_ASSERT(pipe(holder->to) == 0 && pipe(holder->from) == 0, "pipes: %m");
	fflush(NULL);
	holder->pid = fork();
	if (holder->pid == 0)
		test_child_end(hold(holder) == TEST_SUCCESS ? EXIT_SUCCESS : EXIT_FAILURE);
	close(holder->from[1]);
	TEST_ASSERT_EQUAL(read(holder->from[0], &word, 1), 1, "the other has no region");
	return TEST_SUCCESS;
}

/* Let it detach, or end it where it is. */
static int
holder_end(struct holder *holder, bool killed)
{
	int status = 0;

	if (killed)
		TEST_ASSERT_SUCCESS(kill(holder->pid, SIGKILL), "kill: %m");
	else
		TEST_ASSERT_EQUAL(write(holder->to[1], "g", 1), 1, "pipe: %m");
	TEST_ASSERT_EQUAL(waitpid(holder->pid, &status, 0), holder->pid, "waitpid: %m");
	TEST_ASSERT(killed || status == 0, "the other ended with status %#x", status);
	close(holder->to[0]);
	close(holder->to[1]);
	close(holder->from[0]);
	return TEST_SUCCESS;
}

/* ---- whose it is ---- */

/* Planted by another user under a name: refused, and cutting it ends nobody. */
static int
test_planted(const char *driver)
{
	struct holder planter = {.driver = driver, .uid = NOBODY};
	const groove_region_id_t id = id_of(driver, 0), any = id_of(NULL, 0);
	const groove_region_id_t trusting = id_of(driver, GROOVE_REGION_TRUST);

	TEST_ASSERT_SUCCESS(chown(dir, NOBODY, NOBODY), "chown: %m");
	TEST_CALL(holder_start(&planter));
	TEST_CALL(refused(&id, "belongs to user 65534"));
	TEST_CALL(attached(&trusting, "trusted, as asked", false));
	if (strcmp(driver, "file") == 0) {
		TEST_CALL(refused(&any, "belongs to user 65534"));
		test_log_begin();
		TEST_ASSERT_EQUAL(groove_region_destroy(&id), GROOVE_ERR_INVAL, "destroy");
		test_log_end();
		TEST_ASSERT_SUCCESS(truncate(path, 4096), "cut: %m");
		TEST_CALL(refused(&id, "belongs to user 65534"));
	}
	TEST_CALL(holder_end(&planter, true));
	TEST_ASSERT_SUCCESS(chown(dir, 0, 0), "chown: %m");
	unlink(path);
	return TEST_SUCCESS;
}

/* A name that another user planted in memory is free for one's own, which is then what the name leads to. */
static int
test_planted_name(void)
{
	struct holder planter = {.driver = "memfd", .uid = NOBODY};
	const groove_region_cfg_t cfg = cfg_of("memfd");
	const groove_region_id_t id = id_of("memfd", 0);
	groove_region_t *region;

	TEST_CALL(holder_start(&planter));
	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &region), "create");
	TEST_CALL(attached(&id, NULL, false));
	groove_region_detach(region);
	return holder_end(&planter, true);
}

/* A descriptor that another user handed over. */
static int
test_planted_descriptor(void)
{
	struct holder planter = {.driver = "file", .uid = NOBODY};
	groove_region_t *region;
	int fd;

	TEST_ASSERT_SUCCESS(chown(dir, NOBODY, NOBODY), "chown: %m");
	TEST_CALL(holder_start(&planter));
	fd = open(path, O_RDWR | O_CLOEXEC);
	TEST_ASSERT(fd >= 0, "%s: %m", path);
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_region_attach_fd(fd, &region), GROOVE_ERR_INVAL, "attach");
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), "descriptor", "belongs to user 65534"), "attach");
	test_log_begin();
	TEST_ASSERT_SUCCESS(groove_region_attach_fd_flags(fd, GROOVE_REGION_TRUST, &region), "trusting");
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), "descriptor", "trusted"), "trusting");
	groove_region_detach(region);
	close(fd);
	TEST_CALL(holder_end(&planter, true));
	TEST_ASSERT_SUCCESS(chown(dir, 0, 0), "chown: %m");
	unlink(path);
	return TEST_SUCCESS;
}

/* One's own that others may write to, and in directories that others may change. */
static int
test_modes(void)
{
	static const unsigned int modes[] = {0620, 0602, 0660, 0666};
	const groove_region_id_t id = id_of("file", 0), trusting = id_of("file", GROOVE_REGION_TRUST);
	const groove_region_id_t bad = id_of("file", 8);
	groove_region_cfg_t cfg = cfg_of("file");
	groove_region_t *region;

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		cfg.mode = modes[i];
		TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &region), "create");
		groove_region_detach(region);
		TEST_CALL(refused(&id, "others may write"));
		TEST_CALL(attached(&trusting, "trusted, as asked", false));
		TEST_ASSERT_SUCCESS(groove_region_destroy(&id), "one's own is destroyed without");
	}
	cfg.mode = 0644;
	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &region), "create");
	groove_region_detach(region);
	TEST_CALL(attached(&id, NULL, false));
	TEST_ASSERT_SUCCESS(chmod(dir, 0777), "chmod: %m");
	TEST_CALL(refused(&id, "directory that other users may change"));
	TEST_CALL(attached(&trusting, "trusted, as asked", false));
	TEST_ASSERT_SUCCESS(chmod(dir, 01777), "chmod: %m");
	TEST_CALL(attached(&id, NULL, false));
	TEST_ASSERT_SUCCESS(chmod(dir, 0700), "chmod: %m");
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_region_attach(&bad, &region), GROOVE_ERR_INVAL, "unknown flags");
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), "flags 0x8"), "unknown flags");
	TEST_ASSERT_SUCCESS(groove_region_destroy(&id), "destroy");
	return TEST_SUCCESS;
}

/* Without a directory: one of the user's own, which nobody else can write to. */
static int
test_default_dir(void *arg)
{
	char made[128];
	groove_region_cfg_t cfg = cfg_of("file");
	groove_region_id_t id = id_of("file", 0);
	groove_region_t *region;
	struct stat stat_buf;

	(void)arg;
	cfg.dir = NULL;
	id.dir = NULL;
	if (geteuid() == 0)
		TEST_ASSERT(chown(dir, NOBODY, NOBODY) == 0 && setresuid(NOBODY, NOBODY, NOBODY) == 0, "%m");
	setenv("XDG_STATE_HOME", dir, 1);
	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &region), "create");
	groove_region_detach(region);
	snprintf(made, sizeof(made), "%s/groove", dir);
	TEST_ASSERT_SUCCESS(stat(made, &stat_buf), "%s: %m", made);
	TEST_ASSERT_EQUAL(stat_buf.st_mode & 07777, 0700, "mode of %s", made);
	TEST_CALL(attached(&id, NULL, false));
	TEST_ASSERT_SUCCESS(groove_region_destroy(&id), "destroy");
	TEST_ASSERT_SUCCESS(rmdir(made), "%s: %m", made);
	return TEST_SUCCESS;
}

/* ---- which start of the machine ---- */

struct container {
	const char *boot_id; /* that it has; NULL: none can be read */
	const char *driver;
	const char *line; /* that attach logs; NULL: none */
};

/* In a mount namespace of its own /proc/sys says something else. False: this user may have none. */
static bool
enter(const struct container *container)
{
	static const char file[] = "/proc/sys/kernel/random/boot_id";
	char copy[96];
	FILE *stream;

	if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
		return false;
	if (container->boot_id == NULL)
		return mount("none", "/proc/sys", "tmpfs", 0, NULL) == 0;
	snprintf(copy, sizeof(copy), "%s/boot_id", dir);
	stream = fopen(copy, "we");
	if (stream == NULL)
		return false;
	fprintf(stream, "%s\n", container->boot_id);
	fclose(stream);
	if (mount(copy, file, NULL, MS_BIND, NULL) != 0)
		return false;
	unlink(copy);
	return true;
}

static int
attach_there(void *arg)
{
	const struct container *container = arg;
	const groove_region_id_t id = id_of(container->driver, 0);

	return enter(container) ? attached(&id, container->line, container->line != NULL) : TEST_SUCCESS;
}

/* Makes one where no boot id can be read, and dies. */
static int
make_there(void *arg)
{
	const groove_region_cfg_t cfg = cfg_of("file");
	groove_region_t *region;

	if (!enter(arg))
		return TEST_FAILED;
	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &region), "create");
	return TEST_SUCCESS; /* and ends, attached */
}

static struct container containers[] = {
	{.boot_id = "01234567-89ab-cdef-0123-456789abcdef"},
	{.boot_id = NULL},
};

#define CONTAINER_CNT (sizeof(containers) / sizeof(containers[0]))

/* A container calls the machine's start as it likes: a region that a process lives in is of this one. */
static int
test_containers(const char *driver)
{
	struct holder holder = {.driver = driver, .uid = geteuid()};
	const groove_region_id_t id = id_of(driver, 0);

	TEST_CALL(holder_start(&holder));
	for (size_t i = 0; i < CONTAINER_CNT; i++) {
		containers[i].driver = driver;
		containers[i].line = NULL;
		TEST_CALL(test_child_run(attach_there, &containers[i]));
	}
	TEST_CALL(attached(&id, NULL, false));
	if (strcmp(driver, "file") != 0)
		return holder_end(&holder, false);
	/* No process lives in it, and it was in use: what cannot be known counts as torn. */
	TEST_CALL(holder_end(&holder, true));
	containers[0].line = "was in use when the machine went down";
	containers[1].line = "whether the machine went down since is unknown";
	for (size_t i = 0; i < CONTAINER_CNT; i++)
		TEST_CALL(test_child_run(attach_there, &containers[i]));
	TEST_CALL(attached(&id, NULL, false)); /* here it is known; and clean from here on */
	for (size_t i = 0; i < CONTAINER_CNT; i++) {
		containers[i].line = NULL;
		TEST_CALL(test_child_run(attach_there, &containers[i]));
	}
	TEST_ASSERT_SUCCESS(groove_region_destroy(&id), "destroy");
	return TEST_SUCCESS;
}

/* Unknown then and unknown now are not the same. */
static int
test_unknown_twice(void)
{
	const groove_region_id_t id = id_of("file", 0);
	struct container unknown = {.driver = "file", .line = "whether the machine went down since is unknown"};

	if (test_child_run(make_there, &unknown) != TEST_SUCCESS) {
		TEST_ASSERT(geteuid() != 0, "root has no mount namespace");
		return TEST_SUCCESS;
	}
	TEST_CALL(test_child_run(attach_there, &unknown));
	TEST_CALL(attached(&id, unknown.line, true));
	TEST_ASSERT_SUCCESS(groove_region_destroy(&id), "destroy");
	return TEST_SUCCESS;
}

/* ---- which file ---- */

static int
copy_file(const char *from, const char *to)
{
	const int in = open(from, O_RDONLY | O_CLOEXEC);
	const int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	static char bytes[1 << 20];
	ssize_t len;

	TEST_ASSERT(in >= 0 && out >= 0, "%s to %s: %m", from, to);
	while ((len = read(in, bytes, sizeof(bytes))) > 0)
		TEST_ASSERT_EQUAL(write(out, bytes, (size_t)len), len, "%s: %m", to);
	close(in);
	close(out);
	return TEST_SUCCESS;
}

/* A copy made while the region was in use is torn, also at its old place, and when its users were killed later. */
static int
test_copies(void)
{
	struct holder holder = {.driver = "file", .uid = geteuid()};
	const groove_region_id_t id = id_of("file", 0);
	groove_region_id_t copy = id_of("file", 0);
	char copy_path[128], clean_path[128];

	snprintf(copy_path, sizeof(copy_path), "%s/groove.copy", dir);
	snprintf(clean_path, sizeof(clean_path), "%s/groove.clean", dir);
	copy.name = "copy";
	TEST_CALL(holder_start(&holder));
	TEST_CALL(copy_file(path, copy_path));
	TEST_CALL(attached(&copy, "is a copy", true));
	TEST_CALL(holder_end(&holder, true));
	TEST_CALL(attached(&copy, "is a copy", true));
	/* The file itself, under whatever name, is what its users wrote. */
	TEST_ASSERT_SUCCESS(rename(path, clean_path), "rename: %m");
	TEST_ASSERT_SUCCESS(rename(copy_path, path), "rename: %m");
	TEST_CALL(attached(&id, "is a copy", true));
	TEST_ASSERT_SUCCESS(groove_region_destroy(&id), "destroy");
	copy.name = "clean";
	TEST_CALL(attached(&copy, NULL, false));
	/* All had detached: a copy is as good. */
	TEST_CALL(copy_file(clean_path, path));
	TEST_CALL(attached(&id, NULL, false));
	TEST_ASSERT_SUCCESS(groove_region_destroy(&id), "destroy");
	TEST_ASSERT_SUCCESS(groove_region_destroy(&copy), "destroy");
	return TEST_SUCCESS;
}

/* The file is replaced after it was opened: the name of the other stays. */
static int
test_replaced(void)
{
	const groove_volume_driver_t *driver = groove_volume_driver_find("file");
	const groove_region_cfg_t cfg = cfg_of("file");
	const groove_region_id_t id = id_of("file", 0);
	groove_volume_range_t range = {.fd = -1};
	groove_region_t *region;

	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &region), "create");
	groove_region_detach(region);
	TEST_ASSERT_SUCCESS(driver->open(dir, NAME, &range), "open");
	TEST_ASSERT_SUCCESS(unlink(path), "unlink: %m");
	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &region), "create another");
	groove_region_detach(region);
	test_log_begin();
	TEST_ASSERT_EQUAL(driver->unlink(dir, NAME, &range), GROOVE_ERR_KEY, "unlink");
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), "another file than was opened"), "unlink");
	driver->close(&range);
	TEST_CALL(attached(&id, NULL, false));
	TEST_ASSERT_SUCCESS(groove_region_destroy(&id), "destroy");
	return TEST_SUCCESS;
}

/* ---- which name ---- */

/* A destroyer that died after its mark left the name: no region is there, and the name is free. */
static int
test_name_left(void)
{
	const groove_region_cfg_t cfg = cfg_of("file");
	const groove_region_id_t id = id_of("file", 0);
	const uint64_t mark = REGION_DESTROYED;
	groove_region_t *region;
	int fd;

	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &region), "create");
	groove_region_detach(region);
	fd = open(path, O_RDWR | O_CLOEXEC);
	TEST_ASSERT_EQUAL(pwrite(fd, &mark, sizeof(mark), offsetof(struct region_hdr, destroyed)), sizeof(mark), "%m");
	close(fd);
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_region_attach(&id, &region), GROOVE_ERR_KEY, "attach");
	test_log_end();
	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &region), "create, where attach says that there is none");
	groove_region_detach(region);
	TEST_CALL(attached(&id, NULL, false));
	TEST_ASSERT_SUCCESS(groove_region_destroy(&id), "destroy");
	return TEST_SUCCESS;
}

/* Another process has the address by which a name is claimed: the region is not there, and not called so. */
static int
test_address_taken(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const groove_region_cfg_t cfg = cfg_of("memfd");
	const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	groove_region_t *region;
	int len;

	len = snprintf(address.sun_path + 1, sizeof(address.sun_path) - 1, "groove.memfd.%u.%s", geteuid(), name);
	TEST_ASSERT_SUCCESS(bind(fd, (const struct sockaddr *)&address,
				    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1) + (socklen_t)len),
		"bind: %m");
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_region_create(&cfg, &region), GROOVE_ERR_AGAIN, "create");
	TEST_ASSERT(
		TEST_LOG_IS_LINE(test_log_end(), name, "another process has the address", "another name"), "create");
	close(fd);
	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &region), "create, when it is free");
	groove_region_detach(region);
	return TEST_SUCCESS;
}

/* With any number of descriptors: made, or refused for what lacks; there, or not known; never "exists", never "none".
 */
static int
few_descriptors(void *arg)
{
	const char *driver = arg;
	const groove_region_cfg_t cfg = cfg_of(driver);
	const groove_region_id_t id = id_of(driver, 0);
	const int lowest = dup(0);
	groove_region_t *region = NULL;
	int err = GROOVE_ERR_INVAL;

	close(lowest);
	for (rlim_t more = 0; err != GROOVE_SUCCESS; more++) {
		const struct rlimit limit = {.rlim_cur = (rlim_t)lowest + more, .rlim_max = 1024};

		TEST_ASSERT(more < 32, "%s needs %lu descriptors", driver, (unsigned long)more);
		TEST_ASSERT_SUCCESS(setrlimit(RLIMIT_NOFILE, &limit), "setrlimit: %m");
		test_log_begin();
		err = groove_region_create(&cfg, &region);
		TEST_ASSERT(strstr(test_log_end(), "exists") == NULL, "%lu more descriptors", (unsigned long)more);
		TEST_ASSERT(err == GROOVE_SUCCESS || err == GROOVE_ERR_INVAL, "%lu more descriptors: %d",
			(unsigned long)more, err);
	}
	err = GROOVE_ERR_INVAL;
	for (rlim_t more = 0; err != GROOVE_SUCCESS; more++) {
		const struct rlimit limit = {.rlim_cur = (rlim_t)lowest + more, .rlim_max = 1024};
		groove_region_t *other;

		TEST_ASSERT(more < 32, "%s needs %lu descriptors", driver, (unsigned long)more);
		TEST_ASSERT_SUCCESS(setrlimit(RLIMIT_NOFILE, &limit), "setrlimit: %m");
		test_log_begin();
		err = groove_region_attach(&id, &other);
		test_log_end();
		TEST_ASSERT(err == GROOVE_SUCCESS || err == GROOVE_ERR_INVAL, "%lu more descriptors: %d",
			(unsigned long)more, err);
		if (err == GROOVE_SUCCESS)
			groove_region_detach(other);
	}
	groove_region_detach(region);
	if (strcmp(driver, "file") == 0)
		TEST_ASSERT_SUCCESS(groove_region_destroy(&id), "destroy");
	return TEST_SUCCESS;
}

/* ---- the test ---- */

static int
test_owners(void)
{
	TEST_CALL(test_modes());
	TEST_CALL(test_child_run(test_default_dir, NULL));
	if (geteuid() != 0)
		return TEST_SUCCESS;
	TEST_ASSERT_SUCCESS(chown(dir, 0, 0), "chown: %m");
	TEST_CALL(test_planted("file"));
	TEST_CALL(test_planted("memfd"));
	TEST_CALL(test_planted_name());
	return test_planted_descriptor();
}

static int
test_region_identity(void)
{
	snprintf(dir, sizeof(dir), "/dev/shm/groove-tested-XXXXXX");
	TEST_ASSERT_NOT_NULL(test_dir_make(dir), "mkdtemp: %m");
	snprintf(path, sizeof(path), "%s/groove." NAME, dir);
	snprintf(name, sizeof(name), "identity-%d", (int)getpid());
	TEST_CALL(test_owners());
	TEST_CALL(test_containers("file"));
	TEST_CALL(test_containers("memfd"));
	TEST_CALL(test_unknown_twice());
	TEST_CALL(test_copies());
	TEST_CALL(test_replaced());
	TEST_CALL(test_name_left());
	TEST_CALL(test_address_taken());
	TEST_CALL(test_child_run(few_descriptors, (void *)(uintptr_t) "file"));
	TEST_CALL(test_child_run(few_descriptors, (void *)(uintptr_t) "memfd"));
	TEST_ASSERT_SUCCESS(rmdir(dir), "left something in %s: %m", dir);
	return TEST_SUCCESS;
}

GROOVE_TEST(region_identity_autotest, driver, test_region_identity);
