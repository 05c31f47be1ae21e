/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * groove-ctl-maker [EAL arguments --] DRIVER DIR NAME PAGE JOINS [OBJECTS [DRIVER [ALIGN]]]: makes a region with a
 * name, of one volume, joins it as often, allocates as many objects (1) of 1,000 bytes by each join, says "ready", and
 * waits for the end of its input. Then it leaves and detaches. Killed before, it leaves what a program leaves that is
 * killed. The tag of an object is its number. DRIVER is for an empty region of the same name, of another driver, beside
 * it; "-": none. The objects have the alignment ALIGN.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <groove_region.h>
#include <rte_eal.h>

#define JOIN_MAX  8
#define VOLUME_SZ (32UL << 20)
#define OBJECT_SZ 1000

static groove_data_t joins[JOIN_MAX];

static int
make(char **argv, const char *driver, groove_region_t **region)
{
	groove_region_cfg_t cfg = {
		.driver = driver,
		.dir = driver == argv[0] && strcmp(argv[1], "-") != 0 ? argv[1] : NULL,
		.name = argv[2],
		.volume_sz = VOLUME_SZ,
		.volume_cnt = 1,
		.volume_max = 4,
		.join_max = JOIN_MAX,
	};

	return groove_page_parse(argv[3], &cfg.page) == GROOVE_SUCCESS ? groove_region_create(&cfg, region)
								       : GROOVE_ERR_INVAL;
}

static int
use(groove_region_t *region, unsigned int join_cnt, unsigned int obj_cnt, unsigned int align)
{
	for (unsigned int i = 0; i < join_cnt; i++) {
		if (groove_region_join(region, &joins[i], i) == NULL ||
			(i == 0 && groove_region_grow(region, &joins[0], NULL) != GROOVE_SUCCESS))
			return GROOVE_ERR_FULL;
		for (unsigned int j = 0; j < obj_cnt; j++) {
			if (groove_data_alloc(&joins[i], align, OBJECT_SZ, i * obj_cnt + j, NULL) == NULL)
				return GROOVE_ERR_FULL;
		}
	}
	return GROOVE_SUCCESS;
}

int
main(int argc, char **argv)
{
	groove_region_t *region;
	groove_region_t *second = NULL;
	unsigned int join_cnt;
	unsigned int obj_cnt;
	unsigned int align = 0;
	int used = 0;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--") == 0)
			used = rte_eal_init(argc, argv);
	}
	argv += used + 1;
	if (used < 0 || argc - used < 6 || make(argv, argv[0], &region) != GROOVE_SUCCESS)
		return EXIT_FAILURE;
	join_cnt = (unsigned int)atoi(argv[4]);
	obj_cnt = argv[5] != NULL ? (unsigned int)atoi(argv[5]) : 1;
	if (argv[5] != NULL && argv[6] != NULL && argv[7] != NULL)
		align = (unsigned int)atoi(argv[7]);
	if (argv[5] != NULL && argv[6] != NULL && strcmp(argv[6], "-") != 0 &&
		make(argv, argv[6], &second) != GROOVE_SUCCESS)
		return EXIT_FAILURE;
	if (join_cnt > JOIN_MAX || use(region, join_cnt, obj_cnt, align) != GROOVE_SUCCESS)
		return EXIT_FAILURE;
	puts("ready");
	fflush(stdout);
	while (getchar() != EOF)
		;
	for (unsigned int i = 0; i < join_cnt; i++)
		groove_region_leave(region, &joins[i]);
	groove_region_detach(region);
	groove_region_detach(second);
	return EXIT_SUCCESS;
}
