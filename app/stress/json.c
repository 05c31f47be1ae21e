/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * The result for machines: what the run did. allocs, frees and validations of tiles and totals contain the final sweep,
 * so that allocs = frees when all went well; turns, elapsed_s and turns_per_s are of the loop alone. bytes_live_peak
 * counts bytes asked for; each tile samples the sum over all tiles every 64 turns and at its end. In a groove with a
 * name allocs and frees are equal in the sum over all processes, and bytes_live_peak is of all of them.
 */

#include <stdio.h>

#include <groove_tile.h>
#include <jansson.h>

#include "clock.h"
#include "json_put.h"
#include "run.h"

static void
put_counters(json_t *object, const struct stress_counters *counters)
{
	app_json_put_count(object, "turns", counters->turns);
	app_json_put_count(object, "allocs", counters->allocs);
	app_json_put_count(object, "frees", counters->frees);
	app_json_put_count(object, "validations", counters->validations);
	app_json_put_count(object, "full_events", counters->full_events);
}

/* A number that is not known is null. */
static void
put_known(json_t *object, const char *key, int number)
{
	app_json_put(object, key, number >= 0 ? json_integer(number) : json_null());
}

static json_t *
tiles_json(const struct stress_run *run)
{
	json_t *tiles = json_array();

	for (unsigned int tile = 0; tile < run->tile_cnt; tile++) {
		json_t *object = json_object();

		app_json_put_count(object, "tile", tile);
		put_known(object, "lcore", groove_tile_lcore(tile));
		put_known(object, "cpu", groove_tile_cpu(tile));
		put_known(object, "numa_node", groove_tile_node(tile));
		app_json_put(object, "pinned", json_boolean(run->pinned[tile]));
		put_counters(object, &run->stress.counters[tile]);
		app_json_put_count(object, "errors", run->stress.counters[tile].findings);
		json_array_append_new(tiles, object);
	}
	return tiles;
}

/* Pages by their node, each node that has some. */
static json_t *
nodes_json(const struct stress_run *run)
{
	json_t *nodes = json_object();
	uint64_t page_cnt[GROOVE_NODE_MAX];
	char node[16];

	groove_region_node_pages(run->region, page_cnt, GROOVE_NODE_MAX);
	for (unsigned int i = 0; i < GROOVE_NODE_MAX; i++) {
		snprintf(node, sizeof(node), "%u", i);
		if (page_cnt[i] > 0)
			app_json_put_count(nodes, node, page_cnt[i]);
	}
	return nodes;
}

static void
put_memory(json_t *object, const struct stress_run *run)
{
	app_json_put_count(object, "volumes", run->memory.volume_used);
	app_json_put_count(object, "bytes_live_peak", run->looped.counters.live_peak);
	app_json_put(object, "driver", json_string(groove_region_driver(run->region)));
	app_json_put_count(object, "page_sz", groove_region_page_sz(run->region));
	put_known(object, "numa_node", run->memory.node);
	app_json_put(object, "numa_pages", nodes_json(run));
}

static void
put_result(json_t *object, const struct stress_run *run)
{
	static const char *const verify_names[] = {
		[STRESS_VERIFY_NOT_DONE] = "not done",
		[STRESS_VERIFY_PASS] = "pass",
		[STRESS_VERIFY_FAIL] = "FAIL",
	};
	const struct stress_errors *errors = &run->errors;

	app_json_put_count(object, "errors", errors->cnt);
	app_json_put(object, "first_error", errors->cnt > 0 ? json_string(errors->first) : json_null());
	app_json_put(object, "per_tile", tiles_json(run));
	app_json_put(object, "interrupted", json_boolean(run->interrupted));
	app_json_put(object, "name", run->options.name != NULL ? json_string(run->options.name) : json_null());
	app_json_put(object, "last", json_boolean(!stress_run_is_shared(run) || run->share.last));
	app_json_put(object, "verify", json_string(verify_names[run->verify]));
	app_json_put(object, "result",
		json_string(errors->cnt > 0 ? "FAIL" : "pass")); /* of what was done; a signal is not in it */
}

json_t *
stress_json(const struct stress_run *run)
{
	const struct stress_counters sum = run->sum.counters;
	const double elapsed_s = (double)run->elapsed_ns / APP_NS_PER_S;
	json_t *object = json_object();

	app_json_put_count(object, "tiles", run->tile_cnt);
	put_counters(object, &sum);
	app_json_put(object, "elapsed_s", json_real(elapsed_s));
	app_json_put(object, "turns_per_s", json_real((double)sum.turns / elapsed_s));
	put_memory(object, run);
	app_json_put_count(object, "seed", run->options.seed);
	put_result(object, run);
	return object;
}
