/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* create: a groove that is there before the programs that use it. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "complain.h"
#include "json_put.h"
#include "text.h"
#include "work.h"

/* What is gone with its last process would be gone at the end of this one. */
static int
check_driver(const struct ctl_options *options)
{
	if (options->driver == NULL) {
		app_complain("create: name the driver: --driver hugetlbfs, or file");
		return GROOVE_ERR_INVAL;
	}
	if (strcmp(options->driver, "memfd") != 0)
		return GROOVE_SUCCESS;
	app_complain("create: a groove of driver memfd is gone with its last process, which is this one: take "
		     "--driver hugetlbfs, or file");
	return GROOVE_ERR_INVAL;
}

static int
check_volumes(const struct ctl_options *options, const groove_region_cfg_t *cfg)
{
	const uint64_t most = cfg->volume_max != 0 ? cfg->volume_max : cfg->volume_cnt;
	const uint64_t volume_sz = cfg->volume_sz != 0 ? cfg->volume_sz : GROOVE_VOLUME_FOOTPRINT;

	if (options->volume_max != 0 && options->volume_max < cfg->volume_cnt) {
		app_complain("--volume-max %" PRIu64 ": less than the %" PRIu64 " of --volume-cnt", options->volume_max,
			cfg->volume_cnt);
		return GROOVE_ERR_INVAL;
	}
	return app_volumes_check(volume_sz, most);
}

static groove_region_cfg_t
cfg_of(const struct ctl_options *options)
{
	return (groove_region_cfg_t){
		.size = sizeof(groove_region_cfg_t),
		.driver = options->driver,
		.name = options->name,
		.dir = options->dir,
		.volume_sz = options->volume_sz,
		.volume_cnt = options->volume_cnt != 0 ? options->volume_cnt : 1,
		.volume_max = options->volume_max,
		.join_max = options->join_max,
		.page = options->page,
		.node = options->node != CTL_NODE_ANY ? (int)options->node : GROOVE_NODE_ANY,
		.placement = options->node != CTL_NODE_ANY ? GROOVE_PLACEMENT_BOUND : GROOVE_PLACEMENT_DEFAULT,
	};
}

enum ctl_exit
ctl_create(const struct ctl_options *options)
{
	const groove_region_cfg_t cfg = cfg_of(options);
	groove_region_t *region;
	char text[CTL_LINE_SZ];
	json_t *more;
	int err;

	if (check_driver(options) != GROOVE_SUCCESS || check_volumes(options, &cfg) != GROOVE_SUCCESS)
		return CTL_EXIT_ERROR;
	err = groove_region_create(&cfg, &region);
	if (err != GROOVE_SUCCESS)
		return ctl_exit_of(err);
	snprintf(text, sizeof(text),
		"groove %s of driver %s is made: %s volume%s of %s with memory, %s at most, %s pages", options->name,
		options->driver, app_text_count(groove_region_volume_cnt(region)).s,
		ctl_plural(groove_region_volume_cnt(region)), app_text_bytes(groove_region_volume_sz(region)).s,
		app_text_count(groove_region_volume_max(region)).s, groove_page_name(groove_region_page_sz(region)));
	more = ctl_count_json("volumes", groove_region_volume_cnt(region));
	app_json_put_count(more, "volume_max", groove_region_volume_max(region));
	app_json_put_count(more, "volume_sz", groove_region_volume_sz(region));
	app_json_put_count(more, "page_sz", groove_region_page_sz(region));
	ctl_result(options, "done", text, more);
	groove_region_detach(region);
	return CTL_EXIT_OK;
}
