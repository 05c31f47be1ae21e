/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Tiles without EAL: threads that are said to be on lcores 3, 4, 5. */

#include "tiles.h"

#include "test.h"

unsigned int tiles_cnt = 1;

struct tiles {
	groove_tile_fn fn;
	void *arg;
};

static int
tile_work(unsigned int index, void *arg)
{
	const struct tiles *tiles = arg;

	return tiles->fn(index, tiles->arg);
}

unsigned int
groove_tile_cnt(void)
{
	return tiles_cnt;
}

int
groove_tile_run(groove_tile_fn fn, void *arg, int *results)
{
	struct tiles tiles = {.fn = fn, .arg = arg};

	(void)results;
	return test_threads_run(tiles_cnt, tile_work, &tiles) == TEST_SUCCESS ? GROOVE_SUCCESS : GROOVE_ERR_CORRUPT;
}

int
groove_tile_lcore(unsigned int tile)
{
	return (int)tile + TILES_LCORE;
}

int
groove_tile_cpu(unsigned int tile)
{
	return (int)tile + TILES_CPU;
}

int
groove_tile_node(unsigned int tile)
{
	(void)tile;
	return GROOVE_ERR_KEY;
}

int
groove_tile_pinned(unsigned int tile)
{
	return tile != TILES_UNPINNED;
}

int
groove_tile_self(void)
{
	return GROOVE_ERR_KEY;
}
