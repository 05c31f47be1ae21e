/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * groove-numa [EAL arguments --] DRIVER DIR PAGE NODE PLACEMENT VOLUMES MORE [self|other]: makes a private region of so
 * many volumes of 32 MiB on a node, grows it MORE times, by itself or by another process that attaches it, and writes
 * to every byte that a groove in it gives out. DIR - is the driver's default.
 *
 * Prints what it came to, a step a line, for a script to read: "STEP STATUS KIB", the memory of the region, then the
 * free pages of 2 MiB of each node. When there is a region: "told", the pages on each node as the library counts them,
 * and how many it cannot tell of; "found", the same as the kernel has it in numa_maps; "node", the one that the library
 * names for all.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <groove_region.h>
#include <rte_eal.h>

#define MIB	  (1UL << 20)
#define VOLUME_SZ (32 * MIB)
#define OBJ_SZ	  MIB

/* Nodes of the machine. */
static unsigned int node_cnt;

/* ---- what the kernel has, asked without the library ---- */

static FILE *
node_open(unsigned int node)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/devices/system/node/node%u/hugepages/hugepages-2048kB/free_hugepages", node);
	return fopen(path, "re");
}

static void
nodes_count(void)
{
	FILE *file;

	while ((file = node_open(node_cnt)) != NULL) {
		node_cnt++;
		fclose(file);
	}
}

/* Of a region in a file. */
static uint64_t
memory_kib(const groove_region_t *region)
{
	struct stat file;

	if (region == NULL || fstat(groove_region_fd(region), &file) != 0)
		return 0;
	return (uint64_t)file.st_blocks / 2;
}

static void
print_step(const char *step, int status, const groove_region_t *region)
{
	printf("%s %d %" PRIu64, step, status, memory_kib(region));
	for (unsigned int node = 0; node < node_cnt; node++) {
		FILE *file = node_open(node);
		unsigned long cnt = 0;

		if (file == NULL || fscanf(file, "%lu", &cnt) != 1)
			cnt = 0;
		if (file != NULL)
			fclose(file);
		printf(" %lu", cnt);
	}
	printf("\n");
}

/* A line of numa_maps: an address, words, and for each node with pages of the mapping "N<node>=<pages>". */
static void
line_add(char *line, uintptr_t start, uintptr_t end, uint64_t *page_cnt)
{
	const uintptr_t addr = strtoul(line, NULL, 16);
	unsigned int node;
	uint64_t cnt;

	if (addr < start || addr >= end)
		return;
	for (const char *word = strtok(line, " \n"); word != NULL; word = strtok(NULL, " \n")) {
		if (sscanf(word, "N%u=%" SCNu64, &node, &cnt) == 2 && node < GROOVE_NODE_MAX)
			page_cnt[node] += cnt;
	}
}

static void
print_found(const groove_region_t *region)
{
	/* The front begins where a page does. */
	const uintptr_t start = (uintptr_t)groove_region_shdata(region) & ~(2 * MIB - 1);
	const uintptr_t end = (uintptr_t)groove_region_volume0(region) + groove_region_volume_max(region) * VOLUME_SZ;
	static uint64_t page_cnt[GROOVE_NODE_MAX];
	FILE *file = fopen("/proc/self/numa_maps", "re");
	char *line = NULL;
	size_t line_sz = 0;

	while (file != NULL && getline(&line, &line_sz, file) > 0)
		line_add(line, start, end, page_cnt);
	free(line);
	if (file != NULL)
		fclose(file);
	printf("found");
	for (unsigned int node = 0; node < node_cnt; node++)
		printf(" %" PRIu64, page_cnt[node]);
	printf("\n");
}

static void
print_told(const groove_region_t *region)
{
	uint64_t page_cnt[GROOVE_NODE_MAX];
	const uint64_t untold = groove_region_node_pages(region, page_cnt, node_cnt);

	printf("told");
	for (unsigned int node = 0; node < node_cnt; node++)
		printf(" %" PRIu64, page_cnt[node]);
	printf(" %" PRIu64 "\nnode %d\n", untold, groove_region_node(region));
}

/* ---- growth ---- */

static void
grow(groove_region_t *region, unsigned int more)
{
	groove_data_t join;

	if (groove_region_join(region, &join, 0) == NULL)
		return;
	while (more-- > 0)
		print_step("grow", groove_region_grow(region, &join, NULL), region);
	groove_region_leave(region, &join);
}

static void
grow_by_other(int fd, unsigned int more)
{
	groove_region_t *region;
	const pid_t pid = fork();

	if (pid == 0) {
		if (groove_region_attach_fd(fd, &region) != GROOVE_SUCCESS)
			_exit(EXIT_FAILURE);
		grow(region, more);
		groove_region_detach(region);
		fflush(stdout);
		_exit(EXIT_SUCCESS);
	}
	waitpid(pid, NULL, 0);
}

/* ---- use ---- */

static int
free_obj(void *arg, void *obj)
{
	return groove_data_free(arg, obj);
}

/* Write to all there is: were a page missing, this would end by SIGBUS. */
static int
use(groove_region_t *region)
{
	groove_data_t join;
	uint64_t cnt = 0;
	void *obj;
	int err;

	if (groove_region_join(region, &join, 0) == NULL)
		return GROOVE_ERR_INVAL;
	for (; (obj = groove_data_alloc(&join, 0, OBJ_SZ, cnt, NULL)) != NULL; cnt++)
		memset(obj, 0xa5, OBJ_SZ);
	err = groove_data_walk(&join, NULL, free_obj, &join);
	if (err == GROOVE_SUCCESS)
		err = groove_data_verify(&join);
	groove_region_leave(region, &join);
	printf("objects %" PRIu64 "\n", cnt);
	return err;
}

/* ---- the command line ---- */

static int
parse(char **argv, groove_region_cfg_t *cfg, unsigned int *more)
{
	*cfg = (groove_region_cfg_t){
		.driver = argv[0],
		.dir = strcmp(argv[1], "-") != 0 ? argv[1] : NULL,
		.volume_sz = VOLUME_SZ,
		.node = atoi(argv[3]),
		.volume_cnt = strtoul(argv[5], NULL, 10),
	};
	*more = (unsigned int)atoi(argv[6]);
	cfg->volume_max = cfg->volume_cnt + *more;
	if (groove_page_parse(argv[2], &cfg->page) != GROOVE_SUCCESS)
		return GROOVE_ERR_INVAL;
	return groove_placement_parse(argv[4], &cfg->placement);
}

static int
run(const groove_region_cfg_t *cfg, unsigned int more, bool by_other)
{
	groove_region_t *region = NULL;
	int err;

	print_step("start", GROOVE_SUCCESS, NULL);
	err = groove_region_create(cfg, &region);
	print_step("create", err, region);
	if (err != GROOVE_SUCCESS)
		return EXIT_SUCCESS;
	/* What a region has from the start is to be added, too. */
	grow(region, (unsigned int)cfg->volume_cnt);
	if (by_other)
		grow_by_other(groove_region_fd(region), more);
	else
		grow(region, more);
	err = use(region);
	print_told(region);
	print_found(region);
	groove_region_detach(region);
	print_step("detach", err, NULL);
	return err == GROOVE_SUCCESS ? EXIT_SUCCESS : EXIT_FAILURE;
}

int
main(int argc, char **argv)
{
	groove_region_cfg_t cfg;
	unsigned int more;
	int used = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	nodes_count();
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--") == 0)
			used = rte_eal_init(argc, argv);
	}
	if (used < 0)
		return EXIT_FAILURE;
	argc -= used + 1;
	argv += used + 1;
	if (argc < 7 || parse(argv, &cfg, &more) != GROOVE_SUCCESS) {
		fprintf(stderr, "usage: groove-numa [EAL arguments --] DRIVER DIR PAGE NODE PLACEMENT VOLUMES MORE "
				"[self|other]\n");
		return EXIT_FAILURE;
	}
	return run(&cfg, more, argc > 7 && strcmp(argv[7], "other") == 0);
}
