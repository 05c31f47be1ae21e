/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_TILE_H
#define GROOVE_TILE_H

/**
 * @file
 * Tiles: one worker per EAL lcore, known by its tile index.
 *
 * Tile 0 is the main lcore; the others follow in ascending order of lcore id. Works for the lcores that EAL started
 * from its arguments (-l, --lcores, -c) only: neither service lcores nor threads registered later are tiles.
 * rte_eal_init() must have been called. Launch, run, wait and the question whether another tile is pinned are for tile
 * 0 alone; all else may be called by any thread at any time.
 */

#include <groove_base.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GROOVE_TILE_MAX 1024U /**< More tiles than EAL can have lcores. */

/** What a tile runs. What it returns is the tile's result. */
typedef int (*groove_tile_fn)(unsigned int tile, void *arg);

/**
 * Number of tiles, at least 1.
 *
 * @return
 *   Tiles.
 */
unsigned int groove_tile_cnt(void);

/**
 * Index of the calling tile; GROOVE_ERR_KEY when the caller is no tile. Looks through the lcores: keep the result.
 *
 * @return
 *   The index, or GROOVE_ERR_KEY.
 */
int groove_tile_self(void);

/**
 * EAL lcore id of a tile; GROOVE_ERR_KEY when there is no such tile.
 *
 * @param tile
 *   Index of a tile, [0, groove_tile_cnt()).
 * @return
 *   The lcore, or GROOVE_ERR_KEY.
 */
int groove_tile_lcore(unsigned int tile);

/**
 * First CPU that the tile's lcore may run on; GROOVE_ERR_KEY when there is no such tile.
 *
 * @param tile
 *   Index of a tile, [0, groove_tile_cnt()).
 * @return
 *   The CPU, or GROOVE_ERR_KEY.
 */
int groove_tile_cpu(unsigned int tile);

/**
 * NUMA node of groove_tile_cpu(); GROOVE_ERR_KEY when there is no such tile, or the kernel does not say.
 *
 * @param tile
 *   Index of a tile, [0, groove_tile_cnt()).
 * @return
 *   The node, or GROOVE_ERR_KEY.
 */
int groove_tile_node(unsigned int tile);

/**
 * Whether the tile's thread really is pinned: 1 when the kernel lets it run on exactly one CPU, and that is
 * groove_tile_cpu(); 0 when not; GROOVE_ERR_KEY when there is no such tile, or the kernel does not say;
 * GROOVE_ERR_AGAIN when the tile is busy, or the caller is neither that tile nor tile 0 (the question is put to the
 * thread itself). A result that groove_tile_wait() has not collected yet is kept.
 *
 * @param tile
 *   Index of a tile, [0, groove_tile_cnt()).
 * @return
 *   1, 0, GROOVE_ERR_KEY or GROOVE_ERR_AGAIN, as above.
 */
int groove_tile_pinned(unsigned int tile);

/**
 * Start a function on one tile other than tile 0.
 *
 * @param tile
 *   Index of a tile, [0, groove_tile_cnt()).
 * @param fn
 *   What the tile runs.
 * @param arg
 *   What fn is called with.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_KEY: no such tile; GROOVE_ERR_INVAL: tile 0, a NULL fn, or not called by tile 0;
 *   GROOVE_ERR_AGAIN: it is busy.
 */
int groove_tile_launch(unsigned int tile, groove_tile_fn fn, void *arg);

/**
 * Wait until a launched tile is done.
 *
 * @param tile
 *   Index of a tile, [0, groove_tile_cnt()).
 * @param result
 *   Receives what its function returned; 0 when none was launched since the last wait. May be NULL.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_KEY: no such tile; GROOVE_ERR_INVAL: tile 0, or not called by tile 0.
 */
int groove_tile_wait(unsigned int tile, int *result);

/**
 * Start a function on all tiles together and wait for all: each waits at the start until every one has arrived.
 *
 * @param fn
 *   What each tile runs.
 * @param arg
 *   What fn is called with.
 * @param results
 *   Receives groove_tile_cnt() results. May be NULL.
 * @return
 *   GROOVE_SUCCESS when all functions returned 0; GROOVE_ERR_INVAL: NULL fn, or not called by tile 0;
 *   GROOVE_ERR_AGAIN: a tile is busy, nothing was started; GROOVE_ERR_CORRUPT: a function returned something else.
 */
int groove_tile_run(groove_tile_fn fn, void *arg, int *results);

#ifdef __cplusplus
}
#endif

#endif /* GROOVE_TILE_H */
