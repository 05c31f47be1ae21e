/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * Region: an input damages a file that holds a region, before and after it is attached. Attaching says in one line what
 * is wrong, or succeeds, and then no call on the region leaves its memory. What is damaged can be destroyed.
 */

#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <groove_volume_driver.h>

#include "fuzz.h"
#include "region_private.h"
#include "region_state.h"
#include "shared.h"

#define VOLUME_SZ  GROOVE_VOLUME_FOOTPRINT_MIN
#define VOLUME_MAX 3UL
#define VOLUME_CNT 2UL /* in the groove */
#define JOIN_MAX   3UL
#define POPULATE   (4UL << 20) /* more than an attach may ask for */
#define DRIVER	   "fuzz"
#define SEALS	   (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)

/* How the file is found. By a descriptor it is the fastest, so most numbers mean that. */
enum way {
	WAY_NAME,
	WAY_MEMFD,
	WAY_FD,
	WAY_CNT = 8,
};

enum op {
	OP_EDIT,
	OP_SEAL,   /* make the sum right again */
	OP_RESIZE, /* before it is attached */
	OP_ATTACH, /* or detach */
	OP_JOIN,   /* or leave */
	OP_GROW,
	OP_SHRINK,
	OP_RECOVER,
	OP_HANDLE,
	OP_ASK,
	OP_VERIFY,
	OP_CNT,
};

enum place {
	PLACE_HDR,
	PLACE_STATE, /* counts, and the application's words */
	PLACE_MEMBER,
	PLACE_WORDS, /* of volumes and owners */
	PLACE_SHDATA,
	PLACE_POOL,
	PLACE_ANY,
	PLACE_CNT,
};

enum value {
	VALUE_ZERO,
	VALUE_ONES,
	VALUE_BIT,
	VALUE_ADD,
	VALUE_SMALL,
	VALUE_LITERAL,
	VALUE_BYTE,
	VALUE_SHIFT,
	VALUE_CNT,
};

static struct {
	char dir[32];
	char path[64];
	int fd;
	uint8_t *image; /* what is written into the file: the front, as far as it is used, */
	uint64_t image_sz;
	uint8_t volume_hdr[VOLUME_CNT][GROOVE_BLOCK_FOOTPRINT]; /* and the first block of each volume */
	uint64_t file_sz;
} made;

static struct {
	struct fuzz_input input;
	enum way way;
	uint8_t *front; /* damaged */
	uint64_t sz;
	groove_region_t *region; /* NULL: not attached */
	groove_data_t join;
	bool is_in;
	bool has_grown;
	bool is_damaged;
} run;

static const groove_region_id_t id = {.driver = DRIVER, .dir = made.dir, .name = "case"};

/*
 * The volumes are holes of the file, so that a case is cheap. The library, which would take that for damage, hears
 * that there are none; that it finds them is tested with real ones (test_region_attach.c).
 */
off_t fuzz_lseek(int fd, off_t off, int whence) __asm__("lseek64"); /* what lseek() is called with files of 64 bits */

off_t
fuzz_lseek(int fd, off_t off, int whence)
{
	struct stat stat_buf;

	if (whence != SEEK_HOLE)
		return (off_t)syscall(SYS_lseek, fd, off, whence);
	return fstat(fd, &stat_buf) == 0 ? stat_buf.st_size : -1;
}

/* Nor are holes guarded: the volumes and most of the front get pages as they are touched. */
int
ioctl(int fd, unsigned long request, ...)
{
	va_list args;
	void *arg;

	if (request == UFFDIO_API) {
		errno = EPERM;
		return -1;
	}
	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	return (int)syscall(SYS_ioctl, fd, request, arg);
}

/* ---- a driver: that of files, but that makes pages only for what is used of the front; others as they are touched
 * ---- */

static groove_volume_driver_t driver;
static const groove_volume_driver_t *file_driver;

static int
populate(const groove_volume_range_t *range, uint64_t off, uint64_t sz, int node, enum groove_placement placement)
{
	if (off != 0)
		return GROOVE_SUCCESS;
	FUZZ_CHECK(sz <= POPULATE, "a front of %lu bytes", sz);
	return file_driver->populate(range, off, made.image_sz != 0 ? made.image_sz : sz, node, placement);
}

static void
driver_make(void)
{
	file_driver = groove_volume_driver_find("file");
	FUZZ_CHECK(file_driver != NULL, "driver");
	driver = *file_driver;
	driver.name = DRIVER;
	driver.populate = populate;
	groove_volume_driver_register(&driver);
}

/* ---- the good one ---- */

static const groove_region_id_t good = {.driver = DRIVER, .dir = made.dir, .name = "good"};

/* A process that joins the good one and ends without a word. */
static void
region_die_in(void)
{
	const pid_t pid = fork();
	groove_region_t *region;
	groove_data_t dead;
	int status;

	FUZZ_CHECK(pid >= 0, "%m");
	if (pid == 0)
		_exit(groove_region_attach(&good, &region) == GROOVE_SUCCESS &&
					groove_region_join(region, &dead, 1) != NULL
				? EXIT_SUCCESS
				: EXIT_FAILURE);
	FUZZ_CHECK(waitpid(pid, &status, 0) == pid && status == 0, "join of another process");
}

/* A groove that one process has left, and another died in. */
static uint64_t
region_make(void)
{
	const groove_region_cfg_t cfg = {
		.driver = DRIVER,
		.dir = made.dir,
		.name = "good",
		.volume_sz = VOLUME_SZ,
		.volume_max = VOLUME_MAX,
		.join_max = JOIN_MAX,
		.node = GROOVE_NODE_ANY,
	};
	groove_region_t *region;
	groove_data_t join;
	uint64_t used;

	FUZZ_CHECK(groove_region_create(&cfg, &region) == GROOVE_SUCCESS, "create");
	FUZZ_CHECK(groove_region_join(region, &join, 0) != NULL, "join");
	for (uint64_t i = 0; i < VOLUME_CNT; i++)
		FUZZ_CHECK(groove_region_grow(region, &join, NULL) == GROOVE_SUCCESS, "grow");
	region_die_in();
	FUZZ_CHECK(groove_region_leave(region, &join) == &join, "leave");
	used = region->fixed.shdata_off + region->fixed.shdata_sz;
	FUZZ_CHECK(groove_region_detach(region) == GROOVE_SUCCESS, "detach");
	return used;
}

/* Where a volume is in a good file. */
static off_t
volume_off(uint64_t idx)
{
	return (off_t)(((const struct region_hdr *)made.image)->fixed.front_sz + idx * VOLUME_SZ);
}

static void
image_make(void)
{
	char path[64];
	int fd;

	made.image_sz = region_make();
	snprintf(path, sizeof(path), "%s/groove.good", made.dir);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	made.image = malloc(made.image_sz);
	run.front = malloc(made.image_sz);
	FUZZ_CHECK(fd >= 0 && made.image != NULL && run.front != NULL, "%m");
	FUZZ_CHECK(pread(fd, made.image, made.image_sz, 0) == (ssize_t)made.image_sz, "%m");
	for (uint64_t i = 0; i < VOLUME_CNT; i++)
		FUZZ_CHECK(pread(fd, made.volume_hdr[i], GROOVE_BLOCK_FOOTPRINT, volume_off(i)) ==
				   (ssize_t)GROOVE_BLOCK_FOOTPRINT,
			"%m");
	made.file_sz = (uint64_t)lseek(fd, 0, SEEK_END);
	close(fd);
	FUZZ_CHECK(groove_region_destroy(&good) == GROOVE_SUCCESS, "destroy");
}

static void
tidy(void)
{
	unlink(made.path);
	rmdir(made.dir);
}

void
fuzz_setup(void)
{
	snprintf(made.dir, sizeof(made.dir), "/dev/shm/groove-fuzz-XXXXXX");
	FUZZ_CHECK(mkdtemp(made.dir) != NULL, "%m");
	snprintf(made.path, sizeof(made.path), "%s/groove.case", made.dir);
	atexit(tidy);
	driver_make();
	image_make();
	made.fd = memfd_create("fuzz", MFD_CLOEXEC);
	FUZZ_CHECK(made.fd >= 0, "%m");
}

/* ---- damage ---- */

static struct region_hdr *
hdr_now(void)
{
	return run.region != NULL ? run.region->hdr : (struct region_hdr *)run.front;
}

static uint64_t *
take_word(void)
{
	const struct region_hdr *good = (const struct region_hdr *)made.image;
	struct region_hdr *hdr = hdr_now();
	uint64_t *words = (uint64_t *)hdr;
	struct groove_shdata *shdata = (struct groove_shdata *)((uint8_t *)hdr + good->fixed.shdata_off);
	const enum place place = (enum place)fuzz_pick(&run.input, PLACE_CNT);
	const uint64_t i = fuzz_take(&run.input, 2);

	switch (place) {
	case PLACE_HDR:
		return &words[i % (offsetof(struct region_hdr, attach_seq) / sizeof(*words))];
	case PLACE_STATE:
		return &hdr->attach_seq + i % 16;
	case PLACE_MEMBER:
		return (uint64_t *)&hdr->member[i % REGION_MEMBER_CNT] + i / REGION_MEMBER_CNT % 3;
	case PLACE_WORDS:
		return &hdr->words[i % VOLUME_MAX];
	case PLACE_SHDATA:
		return (uint64_t *)shdata + i % 17;
	case PLACE_POOL:
		return (uint64_t *)((uint8_t *)shdata + shdata_pool_off(JOIN_MAX)) +
		       i % (sizeof(struct pool_shared) / sizeof(*words) + 2 * VOLUME_MAX);
	default:
		return &words[i % (made.image_sz / sizeof(*words))];
	}
}

static void
run_edit(void)
{
	uint64_t *word = take_word();
	const enum value value = (enum value)fuzz_pick(&run.input, VALUE_CNT);
	uint64_t number = fuzz_take(&run.input, value == VALUE_LITERAL ? 8 : 1);

	switch (value) {
	case VALUE_ONES:
		number = UINT64_MAX;
		break;
	case VALUE_BIT:
		number = *word ^ 1UL << number % 64;
		break;
	case VALUE_ADD:
		number = *word + (uint64_t)(int64_t)(int8_t)number;
		break;
	case VALUE_BYTE:
		number = (*word & ~(0xffUL << number % 64)) | fuzz_take(&run.input, 1) << number % 64;
		break;
	case VALUE_SHIFT:
		number = *word << number % 64;
		break;
	case VALUE_SMALL:
	case VALUE_LITERAL:
		break;
	default:
		number = 0;
	}
	/* One that may be torn is mapped for reading only. */
	if (groove_region_needs_rebuild(run.region))
		return;
	*word = number;
	run.is_damaged = true;
}

static void
run_seal(void)
{
	struct region_hdr *hdr = hdr_now();

	if (!groove_region_needs_rebuild(run.region))
		hdr->sum = region_hdr_sum(&hdr->fixed);
}

/* To a length of its own, or to what the header says. */
static void
run_resize(void)
{
	const uint64_t kind = fuzz_pick(&run.input, 4);
	const uint64_t number = fuzz_take(&run.input, 3);

	run.is_damaged = true;
	switch (kind) {
	case 0:
		run.sz = number;
		break;
	case 1:
		run.sz = made.file_sz - number % made.file_sz;
		break;
	case 2:
		run.sz = number << 21;
		break;
	default:
		run.sz = hdr_now()->fixed.sz % (1UL << 46);
	}
}

/* ---- attach ---- */

/* The file as the input wants it. */
static int
file_make(void)
{
	int fd = made.fd;

	if (run.way == WAY_NAME)
		fd = open(made.path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (run.way == WAY_MEMFD)
		fd = memfd_create("fuzz", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	FUZZ_CHECK(fd >= 0 && ftruncate(fd, 0) == 0, "%m");
	/* What cannot be that long has the length that it had. */
	if (ftruncate(fd, (off_t)run.sz) != 0) {
		run.sz = made.file_sz;
		FUZZ_CHECK(ftruncate(fd, (off_t)run.sz) == 0, "%m");
	}

	const size_t written = run.sz < made.image_sz ? run.sz : made.image_sz;

	FUZZ_CHECK(pwrite(fd, run.front, written, 0) == (ssize_t)written, "%m");
	for (uint64_t i = 0; run.sz == made.file_sz && i < VOLUME_CNT; i++)
		FUZZ_CHECK(pwrite(fd, made.volume_hdr[i], GROOVE_BLOCK_FOOTPRINT, volume_off(i)) ==
				   (ssize_t)GROOVE_BLOCK_FOOTPRINT,
			"%m");
	if (run.way == WAY_MEMFD)
		FUZZ_CHECK(fcntl(fd, F_ADD_SEALS, SEALS) == 0, "%m");
	return fd;
}

/* Whatever is wrong with it; only what is no region of this library any more is left where it is. */
static void
run_destroy(void)
{
	int err;

	if (run.way != WAY_NAME)
		return;
	err = groove_region_destroy(&id);
	FUZZ_CHECK(err == GROOVE_SUCCESS || err == GROOVE_ERR_INVAL, "destroy: %d", err);
	FUZZ_CHECK((unlink(made.path) == 0) == (err == GROOVE_ERR_INVAL), "destroy: %d, and the file", err);
}

static void
run_attach(void)
{
	const int fd = file_make();
	const uint64_t lines = fuzz_log_cnt();
	const int err =
		run.way == WAY_NAME ? groove_region_attach(&id, &run.region) : groove_region_attach_fd(fd, &run.region);

	FUZZ_CHECK(err <= 0 && err >= GROOVE_ERR_KEY && err != GROOVE_ERR_EMPTY, "attach: %d", err);
	FUZZ_CHECK(fuzz_log_cnt() - lines == (err != GROOVE_SUCCESS || groove_region_needs_rebuild(run.region)),
		"attach: %d, %lu lines", err, fuzz_log_cnt() - lines);
	if (fd != made.fd)
		close(fd);
	if (err != GROOVE_SUCCESS)
		run_destroy();
}

static void
run_leave(void)
{
	if (!run.is_in)
		return;
	FUZZ_CHECK(groove_region_leave(run.region, &run.join) == &run.join, "leave");
	run.is_in = false;
}

static void
run_detach(void)
{
	run_leave();
	/* As the others see it when this one has gone. */
	memcpy(run.front, run.region->range.base, made.image_sz);
	run.is_damaged = true; /* the next file has volumes as they were at first */
	groove_region_detach(run.region);
	run.region = NULL;
	run.has_grown = false;
	run_destroy();
}

/* ---- calls on a region that is attached ---- */

static void
run_join(void)
{
	if (run.is_in)
		return run_leave();
	run.is_in = groove_region_join(run.region, &run.join, fuzz_take(&run.input, 1)) != NULL;
}

static void
run_grow(void)
{
	uint64_t idx = UINT64_MAX;

	/* Once: the driver for memory files makes its pages at once. */
	if (!run.is_in || run.has_grown || run.way == WAY_MEMFD)
		return;
	run.has_grown = true;
	if (groove_region_grow(run.region, &run.join, &idx) == GROOVE_SUCCESS)
		FUZZ_CHECK(idx < VOLUME_MAX, "grown by %lu", idx);
}

static void
run_shrink(void)
{
	uint64_t idx = UINT64_MAX;

	if (run.is_in && groove_region_shrink(run.region, &run.join, &idx) == GROOVE_SUCCESS)
		FUZZ_CHECK(idx < VOLUME_MAX, "shrunk by %lu", idx);
}

/* What one died in, nobody has damaged, can be recovered. */
static void
run_recover(void)
{
	int err;

	if (!run.is_in)
		return;
	err = groove_region_recover(run.region, &run.join);
	FUZZ_CHECK(err <= 0 && (run.is_damaged || err == GROOVE_SUCCESS), "recover: %d", err);
}

static void
run_handle(void)
{
	const uint8_t *volume0 = groove_region_volume0(run.region);
	const uint64_t off = fuzz_take(&run.input, 4) * 16;
	const uint64_t handle = groove_region_handle(run.region, volume0 + off);

	if (handle != 0)
		FUZZ_CHECK(groove_region_pointer(run.region, handle) == volume0 + off, "handle %#lx", handle);
	groove_region_pointer(run.region, fuzz_take(&run.input, 8));
}

static void
run_ask(void)
{
	uint64_t phys;

	FUZZ_CHECK(groove_region_volume_cnt(run.region) <= VOLUME_MAX, "volumes");
	FUZZ_CHECK(groove_region_volume_max(run.region) == VOLUME_MAX, "volumes");
	FUZZ_CHECK(groove_region_volume_sz(run.region) == VOLUME_SZ, "volumes");
	FUZZ_CHECK(strlen(groove_region_name(run.region)) < sizeof(run.region->fixed.name), "name");
	groove_region_node(run.region);
	groove_region_phys(run.region, groove_region_root(run.region, 0), &phys);
}

static void
run_verify(void)
{
	if (run.is_in)
		groove_data_verify(&run.join);
}

static void
run_op(enum op op)
{
	switch (op) {
	case OP_EDIT:
		return run_edit();
	case OP_SEAL:
		return run_seal();
	case OP_RESIZE:
		return run_resize();
	case OP_ATTACH:
		return run.region == NULL ? run_attach() : run_detach();
	default:
		break;
	}
	if (run.region == NULL)
		return;
	switch (op) {
	case OP_JOIN:
		return run_join();
	case OP_GROW:
		return run_grow();
	case OP_SHRINK:
		return run_shrink();
	case OP_RECOVER:
		return run_recover();
	case OP_HANDLE:
		return run_handle();
	case OP_ASK:
		return run_ask();
	default:
		return run_verify();
	}
}

/* ---- the fuzzer ---- */

/* For a driver, the one that the header names. */
static void
begin(const uint8_t *bytes, size_t sz)
{
	struct region_hdr *hdr = (struct region_hdr *)run.front;

	run.input = (struct fuzz_input){bytes, sz};
	run.sz = made.file_sz;
	run.is_damaged = false;
	memcpy(run.front, made.image, made.image_sz);
	run.way = (enum way)fuzz_pick(&run.input, WAY_CNT);
	if (run.way == WAY_MEMFD)
		snprintf(hdr->fixed.driver, sizeof(hdr->fixed.driver), "memfd");
	run_seal();
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t sz)
{
	begin(bytes, sz);
	while (run.input.left > 0)
		run_op((enum op)fuzz_pick(&run.input, OP_CNT));
	if (run.region == NULL)
		run_attach();
	if (run.region != NULL)
		run_detach();
	return 0;
}

/* ---- one bit, of each word ---- */

/* Words of each place; of members two have all that there is. */
static const struct {
	enum place place;
	uint16_t cnt;
} bit_places[] = {
	{PLACE_HDR, offsetof(struct region_hdr, attach_seq) / sizeof(uint64_t)},
	{PLACE_STATE, 16},
	{PLACE_MEMBER, 2},
	{PLACE_MEMBER, 2},
	{PLACE_MEMBER, 2},
	{PLACE_WORDS, VOLUME_MAX + JOIN_MAX},
	{PLACE_POOL, sizeof(struct pool_shared) / sizeof(uint64_t) + 2 * VOLUME_MAX},
};

/* When the bit is changed. */
enum moment {
	MOMENT_FILE,   /* before it is attached, */
	MOMENT_SEALED, /* also with a sum that is right */
	MOMENT_JOINED,
	MOMENT_CNT,
};

/* The place and index of a word, as edits have them. False: there is no such word. */
static bool
bit_word(uint64_t word, enum place *place, uint16_t *idx)
{
	for (size_t i = 0; i < sizeof(bit_places) / sizeof(bit_places[0]); word -= bit_places[i++].cnt) {
		/* The words of a member are that far apart in the index. */
		const uint64_t member = bit_places[i].place == PLACE_MEMBER ? (i - 2) * GROOVE_REGION_MEMBER_MAX : 0;

		if (word >= bit_places[i].cnt)
			continue;
		*place = bit_places[i].place;
		*idx = (uint16_t)(member + word);
		return true;
	}
	return false;
}

size_t
fuzz_bit_input(uint64_t number, uint8_t *bytes)
{
	static const uint8_t calls[] = {OP_GROW, OP_ASK, OP_HANDLE, FUZZ_U32(64), FUZZ_U64(1), OP_VERIFY, OP_RECOVER,
		OP_SHRINK, OP_SHRINK, OP_GROW, OP_JOIN, OP_ATTACH, OP_ATTACH, OP_JOIN, 1, OP_GROW, OP_RECOVER, OP_JOIN,
		OP_ATTACH};
	const enum moment moment = (enum moment)(number % MOMENT_CNT);
	const uint64_t bit = number / MOMENT_CNT;
	uint8_t *next = bytes;
	enum place place;
	uint16_t idx;

	if (!bit_word(bit / 64, &place, &idx))
		return 0;
	*next++ = WAY_FD;
	if (moment == MOMENT_JOINED)
		next = memcpy(next, (uint8_t[]){OP_ATTACH, OP_JOIN, 1}, 3) + 3;
	next = memcpy(next, (uint8_t[]){OP_EDIT, place, FUZZ_U16(idx), VALUE_BIT, (uint8_t)(bit % 64)}, 6) + 6;
	if (moment == MOMENT_SEALED)
		*next++ = OP_SEAL;
	if (moment != MOMENT_JOINED)
		next = memcpy(next, (uint8_t[]){OP_ATTACH, OP_JOIN, 1}, 3) + 3;
	memcpy(next, calls, sizeof(calls));
	return (size_t)(next - bytes) + sizeof(calls);
}

/* ---- seeds: one for each way, then what was found ---- */

#define U16			 FUZZ_U16
#define U64			 FUZZ_U64
#define EDIT(place, word, ...)	 OP_EDIT, place, U16(word), __VA_ARGS__
#define WORD(struct_name, field) (offsetof(struct struct_name, field) / sizeof(uint64_t))
#define FRONT_LONG		 (1UL << 30)

const struct fuzz_seed fuzz_seeds[] = {
	FUZZ_SEED("each_call", WAY_FD, OP_ATTACH, OP_JOIN, 1, OP_GROW, OP_ASK, OP_HANDLE, FUZZ_U32(64), U64(1),
		OP_VERIFY, OP_RECOVER, OP_SHRINK, OP_JOIN, OP_ATTACH),
	FUZZ_SEED("by_name", WAY_NAME, OP_ATTACH, OP_JOIN, 1, OP_GROW, OP_SHRINK, OP_ATTACH),
	FUZZ_SEED("memfd", WAY_MEMFD, OP_ATTACH, OP_JOIN, 1, OP_SHRINK, OP_ASK, OP_ATTACH),
	FUZZ_SEED("short", WAY_NAME, OP_RESIZE, 1, 1, 0, 0, OP_ATTACH),
	/* A volume that an impossible member works on. */
	FUZZ_SEED("no_member", WAY_FD, OP_ATTACH, OP_JOIN, 1,
		EDIT(PLACE_WORDS, 0, VALUE_LITERAL, U64(300 << 3 | REGION_GROWING)), OP_GROW),
	/* Where the owners are is not asked of the header again. */
	FUZZ_SEED("owners", WAY_FD, OP_ATTACH,
		EDIT(PLACE_HDR, WORD(region_hdr, fixed.volume_max), VALUE_LITERAL, U64(1UL << 40)), OP_JOIN, 1,
		OP_RECOVER),
	/* No driver makes a front of which so little is used. */
	FUZZ_SEED("long_front", WAY_FD,
		EDIT(PLACE_HDR, WORD(region_hdr, fixed.front_sz), VALUE_LITERAL, U64(FRONT_LONG)),
		EDIT(PLACE_HDR, WORD(region_hdr, fixed.sz), VALUE_LITERAL, U64(FRONT_LONG + VOLUME_MAX * VOLUME_SZ)),
		OP_SEAL, OP_RESIZE, 3, 0, 0, 0, OP_ATTACH),
	/* One line says what is wrong. */
	FUZZ_SEED("many_joins", WAY_FD,
		EDIT(PLACE_SHDATA, WORD(groove_shdata, join_max), VALUE_LITERAL, U64(GROOVE_DATA_JOIN_MAX + 1)),
		OP_ATTACH),
};
const size_t fuzz_seed_cnt = sizeof(fuzz_seeds) / sizeof(fuzz_seeds[0]);
