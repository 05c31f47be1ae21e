/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Workers of tests as tiles: the main lcore is worker 0, tiles beyond the last worker stay idle. */

#include <groove_tile.h>

#include "test.h"

struct job {
	unsigned int n;
	test_worker_fn fn;
	void *arg;
};

static int
work(unsigned int tile, void *arg)
{
	const struct job *job = arg;

	return tile < job->n ? job->fn(tile, job->arg) : TEST_SUCCESS;
}

int
test_threads_run(unsigned int n, test_worker_fn fn, void *arg)
{
	struct job job = {.n = n, .fn = fn, .arg = arg};

	if (groove_tile_cnt() < n)
		return test_skip("needs %u tiles, there is %u: start with more lcores (-l)", n, groove_tile_cnt());
	return groove_tile_run(work, &job, NULL) == GROOVE_SUCCESS ? TEST_SUCCESS : TEST_FAILED;
}
