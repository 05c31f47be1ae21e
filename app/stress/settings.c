/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * What belongs to a groove that is there already: a process that comes to it takes it from there, and may have asked
 * for the same only.
 */

#include <inttypes.h>
#include <stdio.h>

#include "option.h"
#include "run.h"

static int
contradicts(const struct stress_run *run, const char *option, const char *asked, const char *has)
{
	app_complain("--%s %s: groove %s has %s, leave --%s out or take another --name", option, asked,
		run->options.name, has, option);
	return GROOVE_ERR_INVAL;
}

/* Take a number of the groove's, unless another was asked for. */
static int
adopt(const struct stress_run *run, const char *option, uint64_t *value, uint64_t has, enum app_unit unit)
{
	char asked_text[32];
	char has_text[32];

	if (*value != STRESS_NOT_GIVEN && *value != has)
		return contradicts(run, option, app_number_text(*value, unit, asked_text, sizeof(asked_text)),
			app_number_text(has, unit, has_text, sizeof(has_text)));
	*value = has;
	return GROOVE_SUCCESS;
}

static int
check_page(const struct stress_run *run)
{
	const enum groove_page page = run->options.page;
	const uint64_t has = groove_region_page_sz(run->region);
	char has_text[64];

	if (page == GROOVE_PAGE_ANY || groove_page_sz(page) == has)
		return GROOVE_SUCCESS;
	snprintf(has_text, sizeof(has_text), "%s pages", groove_page_name(has));
	return contradicts(run, "page-sz", groove_page_name(groove_page_sz(page)), has_text);
}

static int
adopt_placement(struct stress_run *run)
{
	struct stress_options *options = &run->options;
	const enum groove_placement has = groove_region_placement(run->region);
	char has_text[64];

	if (options->placement_given && options->placement != has) {
		snprintf(has_text, sizeof(has_text), "%s memory", groove_placement_name(has));
		return contradicts(run, "placement", groove_placement_name(options->placement), has_text);
	}
	options->placement = has;
	return GROOVE_SUCCESS;
}

static int
check_cpu(const struct stress_run *run)
{
	const uint64_t cpu = run->options.near_cpu;
	const int has = groove_region_addr_node(groove_region_shdata(run->region));
	char asked_text[64];
	char has_text[64];
	int node;

	if (cpu == STRESS_NOT_GIVEN)
		return GROOVE_SUCCESS;
	node = groove_region_cpu_node((int)cpu);
	if (node < 0)
		return GROOVE_ERR_KEY;
	if (has < 0 || has == node)
		return GROOVE_SUCCESS;
	snprintf(asked_text, sizeof(asked_text), "%" PRIu64 " (NUMA node %d)", cpu, node);
	snprintf(has_text, sizeof(has_text), "its memory on NUMA node %d", has);
	return contradicts(run, "near-cpu", asked_text, has_text);
}

int
stress_settings_region(struct stress_run *run)
{
	struct stress_options *options = &run->options;
	int err = adopt(run, "volume-sz", &options->volume_sz, groove_region_volume_sz(run->region), APP_UNIT_SZ);

	if (err == GROOVE_SUCCESS)
		err = adopt(
			run, "volume-cnt", &options->volume_cnt, groove_region_volume_max(run->region), APP_UNIT_NONE);
	if (err == GROOVE_SUCCESS && !run->share.made)
		err = check_page(run);
	if (err == GROOVE_SUCCESS)
		err = adopt_placement(run);
	if (err == GROOVE_SUCCESS && !run->share.made)
		err = check_cpu(run);
	return err;
}

int
stress_settings_table(struct stress_run *run)
{
	struct stress_options *options = &run->options;
	const struct stress_table *table = run->share.table;
	int err;

	if (table == NULL) {
		stress_options_default(options);
		return GROOVE_SUCCESS;
	}
	err = adopt(run, "slot-cnt", &options->slot_cnt, table->slot_cnt, APP_UNIT_NONE);
	return err == GROOVE_SUCCESS ? adopt(run, "sz-max", &options->sz_max, table->sz_max, APP_UNIT_SZ) : err;
}
