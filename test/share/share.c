/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * groove-share [EAL arguments --] ROLE DRIVER DIR NAME: one of several processes in a named region, of EAL or plain.
 *
 *   make     creates the region, and keeps it attached until its input ends
 *   found    creates the region, and works in it until a line of input comes; keeps it attached until its input ends
 *   work     makes, checks and frees objects in slots that all processes share, until its input ends
 *   cycle    so many times at least, and until its input ends: adds a volume, fills it, has it drained, gives it back
 *   check    when all others are gone: checks every object, frees it, and verifies
 *   destroy  takes the region away
 *
 * DIR - is the driver's default. Prints what it came to, in words that a script reads.
 */

#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rte_eal.h>

#include "fixture.h"
#include "groove_region.h"

#define VOLUME_MAX 8UL
#define SLOT_CNT   256UL
#define SZ_MAX	   2000UL
#define TABLE_TAG  UINT64_MAX

/* What fills most of a volume with at least 1,000 objects. */
#define CYCLE_OBJ_MAX 12000UL
#define CYCLE_OBJ_SZ  20000UL
#define CYCLE_OBJ_MIN 1000UL

#define HUGEPAGE_SZ (1L << 21)

struct share {
	groove_region_id_t id;
	groove_region_t *region;
	groove_data_t join;
	uint64_t *slots; /* handles; in the groove */
	uint64_t grown;	 /* the last volume that this process added */
	uint64_t alloc_cnt;
	uint64_t free_cnt;
	uint64_t cycle_cnt; /* to make */
};

/* Whether the starter of this program has closed its input. */
static bool
is_told_to_end(void)
{
	struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};

	return poll(&input, 1, 0) != 0;
}

/* ---- objects ---- */

static void *
make_object(struct share *share, uint64_t sz, uint64_t tag)
{
	int err = GROOVE_SUCCESS;
	void *obj = groove_data_alloc(&share->join, 0, sz, tag, &err);

	/* Another may have grown it meanwhile, or be about to: then the next try is good. */
	while (obj == NULL && err == GROOVE_ERR_FULL) {
		const int grown = groove_region_grow(share->region, &share->join, &share->grown);

		if (grown != GROOVE_SUCCESS && grown != GROOVE_ERR_AGAIN)
			return NULL;
		obj = groove_data_alloc(&share->join, 0, sz, tag, &err);
	}
	if (obj == NULL)
		return NULL;
	object_fill(obj, tag);
	share->alloc_cnt++;
	return obj;
}

static int
end_object(struct share *share, void *obj)
{
	const uint64_t tag = groove_data_alloc_tag(obj);

	TEST_ASSERT(object_intact(obj, tag), "pattern of tag %lu at %p", tag, obj);
	TEST_ASSERT_SUCCESS(groove_data_free(&share->join, obj), "free of tag %lu", tag);
	share->free_cnt++;
	return TEST_SUCCESS;
}

/* The table of slots is an object, too: the first process makes it. */
static int
find_slots(struct share *share)
{
	uint64_t *root = groove_region_root(share->region, 0);
	uint64_t handle = __atomic_load_n(root, __ATOMIC_ACQUIRE); /* pairs with the swap below */

	if (handle == 0) {
		void *table = make_object(share, SLOT_CNT * sizeof(*share->slots), TABLE_TAG);
		uint64_t made;

		TEST_ASSERT_NOT_NULL(table, "no table");
		memset(table, 0, SLOT_CNT * sizeof(*share->slots));
		made = groove_region_handle(share->region, table);
		/* Release: hands the table over. */
		if (__atomic_compare_exchange_n(root, &handle, made, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
			handle = made;
		} else {
			TEST_ASSERT_SUCCESS(groove_data_free(&share->join, table), "free of a second table");
			share->free_cnt++;
		}
	}
	share->slots = groove_region_pointer(share->region, handle);
	TEST_ASSERT_NOT_NULL(share->slots, "handle 0x%lx of the table", handle);
	return TEST_SUCCESS;
}

/* ---- work ---- */

/* Take what is in a slot, or put something in. */
static int
turn(struct share *share, uint64_t *state)
{
	uint64_t *slot = &share->slots[test_rand(state) % SLOT_CNT];
	uint64_t handle = __atomic_exchange_n(slot, 0, __ATOMIC_ACQUIRE); /* pairs with the release below */
	void *obj;

	if (handle != 0) {
		obj = groove_region_pointer(share->region, handle);
		TEST_ASSERT_NOT_NULL(obj, "handle 0x%lx in a slot", handle);
		return end_object(share, obj);
	}
	obj = make_object(share, test_rand(state) % SZ_MAX, test_rand(state) >> 1);
	if (obj == NULL)
		return TEST_SUCCESS; /* the cycler has filled all volumes, and is about to empty them */
	if (__atomic_compare_exchange_n(
		    slot, &handle, groove_region_handle(share->region, obj), false, __ATOMIC_RELEASE, __ATOMIC_RELAXED))
		return TEST_SUCCESS;
	return end_object(share, obj);
}

static int
work(struct share *share)
{
	uint64_t state = (uint64_t)getpid();

	TEST_CALL(find_slots(share));
	while (!is_told_to_end()) {
		for (int i = 0; i < 64; i++)
			TEST_CALL(turn(share, &state));
		TEST_ASSERT_SUCCESS(groove_data_tidy(&share->join), "tidy");
	}
	return TEST_SUCCESS;
}

/* ---- cycle ---- */

static uint64_t
volume_of(const struct share *share, const void *obj)
{
	return (uint64_t)((const uint8_t *)obj - (const uint8_t *)groove_region_volume0(share->region)) /
	       groove_region_volume_sz(share->region);
}

/* Memory that the system has for hugepages of the region: free pages; and that the region's file has, in bytes. */
struct memory {
	int64_t free_pages;
	int64_t file_sz;
};

static struct memory
memory_now(const struct share *share)
{
	struct memory now = {0};
	struct stat stat_buf;
	FILE *file;

	if (groove_region_fd(share->region) < 0)
		return now;
	if (fstat(groove_region_fd(share->region), &stat_buf) == 0)
		now.file_sz = (int64_t)stat_buf.st_blocks * 512;
	file = fopen("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "r");
	if (file != NULL) {
		if (fscanf(file, "%" SCNd64, &now.free_pages) != 1)
			now.free_pages = 0;
		fclose(file);
	}
	return now;
}

/* Whether a volume's memory went back to where it came from. Another may have grown the region in between. */
static bool
memory_is_back(const struct share *share, const struct memory *before)
{
	const struct memory now = memory_now(share);
	const int64_t volume_sz = (int64_t)groove_region_volume_sz(share->region);

	if (groove_region_fd(share->region) < 0)
		return true; /* the driver keeps it */
	return before->file_sz - now.file_sz == volume_sz &&
	       (strcmp(share->id.driver, "hugetlbfs") != 0 ||
		       (now.free_pages - before->free_pages) * HUGEPAGE_SZ == volume_sz);
}

/* Have a volume given back: as soon as the others have freed their objects in it. */
static int
shrink(struct share *share, uint64_t idx, bool *counts)
{
	uint64_t gone = VOLUME_MAX;

	*counts = false;
	while (gone != idx) {
		const struct memory before = memory_now(share);
		int err;

		TEST_ASSERT_SUCCESS(groove_data_volume_drain(&share->join, idx), "drain");
		err = groove_region_shrink(share->region, &share->join, &gone);
		TEST_ASSERT(err == GROOVE_SUCCESS || err == GROOVE_ERR_EMPTY || err == GROOVE_ERR_AGAIN, "shrink is %d",
			err);
		*counts = err == GROOVE_SUCCESS && memory_is_back(share, &before);
	}
	return TEST_SUCCESS;
}

/* Add a volume, use it, and give it back. */
static int
cycle_once(struct share *share, uint64_t *cycles, uint64_t *state)
{
	static void *objs[CYCLE_OBJ_MAX];
	uint64_t in = 0;
	uint64_t cnt = 0;
	bool counts;

	int err;

	do
		err = groove_region_grow(share->region, &share->join, &share->grown);
	while (err == GROOVE_ERR_AGAIN); /* another grows it, too */
	TEST_ASSERT_SUCCESS(err, "grow");

	const uint64_t idx = share->grown;

	for (; cnt < CYCLE_OBJ_MAX && in < CYCLE_OBJ_MIN; cnt++) {
		objs[cnt] = make_object(share, CYCLE_OBJ_SZ, test_rand(state) >> 1);
		TEST_ASSERT_NOT_NULL(objs[cnt], "object %lu", cnt);
		in += volume_of(share, objs[cnt]) == idx;
	}
	while (cnt > 0)
		TEST_CALL(end_object(share, objs[--cnt]));
	TEST_CALL(shrink(share, idx, &counts));
	*cycles += counts && in >= CYCLE_OBJ_MIN;
	return TEST_SUCCESS;
}

static int
cycle(struct share *share)
{
	uint64_t state = (uint64_t)getpid();
	uint64_t cycles = 0;

	/* The table stays: it must lie in no volume that is to go. */
	TEST_CALL(find_slots(share));
	while (cycles < share->cycle_cnt || !is_told_to_end())
		TEST_CALL(cycle_once(share, &cycles, &state));
	printf("cycles %" PRIu64 "\n", cycles);
	return TEST_SUCCESS;
}

/* ---- check ---- */

static int
check_object(void *arg, void *obj)
{
	struct share *share = arg;

	if (groove_data_alloc_tag(obj) != TABLE_TAG)
		return end_object(share, obj);
	share->free_cnt++;
	return groove_data_free(&share->join, obj);
}

static int
check(struct share *share)
{
	static groove_data_stats_t stats; /* too large for the stack */

	TEST_ASSERT_SUCCESS(groove_data_verify(&share->join), "verify");
	TEST_ASSERT_SUCCESS(groove_data_walk(&share->join, NULL, check_object, share), "walk");
	TEST_ASSERT_SUCCESS(groove_data_verify(&share->join), "verify without objects");
	TEST_ASSERT_SUCCESS(groove_data_stats(&share->join, &stats), "stats");
	TEST_ASSERT_EQUAL(stats.total.obj_cnt, 0, "live objects");
	TEST_ASSERT_EQUAL(stats.total.alloc_cnt, stats.total.free_cnt, "allocs and frees");
	printf("in all allocs %" PRIu64 " frees %" PRIu64 "\n", stats.total.alloc_cnt, stats.total.free_cnt);
	return TEST_SUCCESS;
}

/* ---- roles ---- */

static int
create(struct share *share)
{
	const groove_region_cfg_t cfg = {
		.driver = share->id.driver,
		.dir = share->id.dir,
		.name = share->id.name,
		.volume_sz = VOLUME_SZ_MIN,
		.volume_max = VOLUME_MAX,
		.node = GROOVE_NODE_ANY,
	};

	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &share->region), "create");
	printf("made\n");
	fflush(stdout);
	return TEST_SUCCESS;
}

/* Keep the region attached until the input ends. */
static int
hold(struct share *share)
{
	while (getchar() != EOF)
		;
	groove_region_detach(share->region);
	return TEST_SUCCESS;
}

static int
make(struct share *share)
{
	TEST_CALL(create(share));
	return hold(share);
}

/* Do something in the region that is attached. */
static int
join_in(struct share *share, int (*role)(struct share *share))
{
	printf("base %p\n", groove_region_volume0(share->region));
	fflush(stdout);
	TEST_ASSERT_NOT_NULL(groove_region_join(share->region, &share->join, (uint64_t)getpid()), "join");
	TEST_CALL(role(share));
	TEST_ASSERT_NOT_NULL(groove_region_leave(share->region, &share->join), "leave");
	printf("allocs %" PRIu64 " frees %" PRIu64 "\n", share->alloc_cnt, share->free_cnt);
	fflush(stdout);
	return TEST_SUCCESS;
}

static int
play(struct share *share, int (*role)(struct share *share))
{
	TEST_ASSERT_SUCCESS(groove_region_attach(&share->id, &share->region), "attach");
	TEST_CALL(join_in(share, role));
	groove_region_detach(share->region);
	return TEST_SUCCESS;
}

static int
found(struct share *share)
{
	TEST_CALL(create(share));
	TEST_CALL(join_in(share, work));
	return hold(share);
}

static int
run(const char *role, struct share *share)
{
	if (strcmp(role, "make") == 0)
		return make(share);
	if (strcmp(role, "destroy") == 0)
		return groove_region_destroy(&share->id) == GROOVE_SUCCESS ? TEST_SUCCESS : TEST_FAILED;
	if (strcmp(role, "found") == 0)
		return found(share);
	if (strcmp(role, "work") == 0)
		return play(share, work);
	if (strcmp(role, "cycle") == 0)
		return play(share, cycle);
	if (strcmp(role, "check") == 0)
		return play(share, check);
	fprintf(stderr, "groove-share: no role %s: give make, found, work, cycle, check or destroy\n", role);
	return TEST_FAILED;
}

static const char usage[] = "usage: groove-share [EAL arguments --] ROLE DRIVER DIR NAME [CYCLES]\n"
			    "\n"
			    "  ROLE    make, found, work, cycle, check or destroy; DIR \"-\": the driver's\n"
			    "  CYCLES  of cycle: in which a volume comes and goes\n";

int
main(int argc, char **argv)
{
	int used = 0;

	if (argc > 1 && (strcmp(argv[argc - 1], "--help") == 0 || strcmp(argv[argc - 1], "-h") == 0)) {
		fputs(usage, stdout);
		return EXIT_SUCCESS;
	}
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--") == 0)
			used = rte_eal_init(argc, argv);
	}
	if (used < 0 || argc - used < 5 || argc - used > 6) {
		fputs(usage, stderr);
		return EXIT_FAILURE;
	}
	argv += used;

	prctl(PR_SET_PDEATHSIG, SIGKILL); /* nothing is left of a test that fails */

	static struct share share; /* zeroed */

	share.id.driver = argv[2];
	share.id.dir = strcmp(argv[3], "-") != 0 ? argv[3] : NULL;
	share.id.name = argv[4];
	share.cycle_cnt = argc - used == 6 ? strtoull(argv[5], NULL, 10) : 0;

	const int result = run(argv[1], &share);

	if (used > 0)
		rte_eal_cleanup();
	return result == TEST_SUCCESS ? EXIT_SUCCESS : EXIT_FAILURE;
}
