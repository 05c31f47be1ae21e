/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * A process that has a heap open and does what it reads, a line each: for heap_processes.py.
 *
 * usage: groove-heap-process NAME [EAL arguments]    without these it is a process without EAL
 *
 *     alloc N TAG    allocate N objects             free TAG    free all objects of a tag, whoever allocated them
 *     lcores N       each lcore allocates and frees N times      verify    check the heap
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_launch.h>
#include <rte_lcore.h>

#include <groove_heap.h>

#define OBJ_SZ 1000UL

static groove_heap_t *heap;
static uint64_t turn_cnt;

static int
alloc(uint64_t n, uint64_t tag)
{
	for (uint64_t i = 0; i < n; i++) {
		uint64_t *obj = groove_heap_alloc_tagged(heap, OBJ_SZ, 0, GROOVE_HEAP_ZERO, tag, NULL);

		if (obj == NULL)
			return -1;
		obj[0] = i;
		obj[OBJ_SZ / sizeof(*obj) - 1] = ~i;
	}
	printf("allocated %" PRIu64 "\n", n);
	return 0;
}

struct count {
	uint64_t good;
	uint64_t bad;
};

static int
free_one(void *arg, void *obj)
{
	const uint64_t *words = obj;
	struct count *count = arg;
	const int good = words[0] == ~words[OBJ_SZ / sizeof(*words) - 1];

	if (groove_heap_free(heap, obj) == GROOVE_SUCCESS && good)
		count->good++;
	else
		count->bad++;
	return 0;
}

static int
free_tag(uint64_t tag)
{
	const groove_data_walk_filter_t filter = {.tag_min = tag, .tag_max = tag, .szc_max = UINT64_MAX};
	struct count count = {0};
	const int err = groove_heap_walk(heap, &filter, free_one, &count);

	printf("freed %" PRIu64 ", bad %" PRIu64 "\n", count.good, count.bad);
	return err;
}

static int
turns(void *arg)
{
	(void)arg;
	for (uint64_t i = 0; i < turn_cnt; i++) {
		const size_t sz = 8 + i * 37 % 4000;
		uint8_t *obj = groove_heap_alloc(heap, sz, 0, 0);

		if (obj == NULL)
			return -1;
		memset(obj, (int)i, sz);
		if (obj[sz - 1] != (uint8_t)i || groove_heap_free(heap, obj) != GROOVE_SUCCESS)
			return -1;
	}
	return 0;
}

static int
on_lcores(uint64_t n)
{
	unsigned int lcore;
	int bad = 0;

	turn_cnt = n;
	if (rte_lcore_count() == 0)
		return -1;
	rte_eal_mp_remote_launch(turns, NULL, CALL_MAIN);
	RTE_LCORE_FOREACH_WORKER(lcore)
	{
		bad |= rte_eal_wait_lcore(lcore);
	}
	printf("lcores %u\n", rte_lcore_count());
	return bad;
}

static int
act(const char *line)
{
	uint64_t n, tag;

	if (sscanf(line, "alloc %" SCNu64 " %" SCNu64, &n, &tag) == 2)
		return alloc(n, tag);
	if (sscanf(line, "free %" SCNu64, &tag) == 1)
		return free_tag(tag);
	if (sscanf(line, "lcores %" SCNu64, &n) == 1)
		return on_lcores(n);
	if (strcmp(line, "verify\n") == 0) {
		printf("verify: %s\n", groove_strerror(groove_heap_verify(heap)));
		return 0;
	}
	return -1;
}

int
main(int argc, char **argv)
{
	const groove_heap_cfg_t cfg = {.cfg_sz = sizeof(cfg),
		.name = argc > 1 ? argv[1] : "",
		.page = GROOVE_PAGE_NORMAL,
		.limit_sz = 256UL << 20};
	char line[64];
	int bad = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc > 2 && rte_eal_init(argc - 1, argv + 1) < 0)
		return EXIT_FAILURE;
	if (groove_heap_open(&cfg, &heap) != GROOVE_SUCCESS)
		return EXIT_FAILURE;
	printf("open\n");
	while (bad == 0 && fgets(line, sizeof(line), stdin) != NULL)
		bad = act(line);
	groove_heap_close(heap);
	if (argc > 2)
		rte_eal_cleanup();
	return bad == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
