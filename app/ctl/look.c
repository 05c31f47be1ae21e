/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* list and info: what looks and changes nothing. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <rte_log.h>

#include "complain.h"
#include "ctl.h"
#include "text.h"

/* ---- list ---- */

struct listing {
	const struct ctl_options *options;
	json_t *regions; /* NULL: printed as they come */
	unsigned int cnt;
};

static void
print_head(void)
{
	printf("%-10s %-24s %-10s %9s %9s %9s %10s\n", "driver", "name", "state", "processes", "volumes", "objects",
		"memory");
}

static uint64_t
memory_of(const groove_region_report_t *report)
{
	return report->volume_memory_cnt * report->volume_sz;
}

static void
print_row(const char *driver, const char *name, const groove_region_report_t *report)
{
	printf("%-10s %-24s %-10s %9" PRIu64 " %5" PRIu64 "/%-3" PRIu64 " ", driver, name,
		ctl_state_name(report->state), report->member_cnt, report->volume_memory_cnt, report->volume_max);
	printf("%9s %10s\n", app_text_count_in(report->obj_cnt, 9).s, app_text_bytes(memory_of(report)).s);
}

static int
list_add(void *arg, const char *driver, const char *name)
{
	struct listing *listing = arg;
	groove_region_report_t report = {.size = sizeof(report)};
	const groove_region_id_t id = {.driver = driver,
		.name = name,
		.dir = listing->options->dir,
		.flags = listing->options->trust_owner ? GROOVE_REGION_TRUST : 0};
	const int err = groove_region_inspect(&id, &report);

	if (err == GROOVE_ERR_KEY) /* gone meanwhile */
		return 0;
	if (err != GROOVE_SUCCESS)
		report = (groove_region_report_t){.state = GROOVE_REGION_FOREIGN};
	report.driver = driver;
	if (listing->regions != NULL)
		json_array_append_new(listing->regions, ctl_region_json(listing->options, name, &report));
	else if (listing->cnt == 0)
		print_head();
	if (listing->regions == NULL)
		print_row(driver, name, &report);
	listing->cnt++;
	return 0;
}

enum ctl_exit
ctl_list(const struct ctl_options *options)
{
	struct listing listing = {.options = options, .regions = options->json ? json_array() : NULL};
	json_t *object;
	int err;

	/* The state of each is in the list; info says more of one. */
	rte_log_set_level_pattern("lib.groove*", RTE_LOG_EMERG);
	rte_log_set_level_pattern("volume.*", RTE_LOG_EMERG);
	err = groove_region_list(options->driver, options->dir, list_add, &listing);
	if (err != GROOVE_SUCCESS) {
		json_decref(listing.regions);
		return ctl_complain_of_driver(options);
	}
	if (options->json) {
		object = ctl_result_json(options);
		json_object_set_new(object, "regions", listing.regions);
		ctl_json_keep(object);
	} else if (listing.cnt == 0) {
		puts("no grooves that have a name");
	}
	return CTL_EXIT_OK;
}

/* ---- info ---- */

static void
print_pids(const groove_region_report_t *report)
{
	const char *before = ": ";

	printf("processes    %s", app_text_count(report->member_cnt).s);
	for (uint64_t i = 0; i < report->member_cnt; i++) {
		if (report->member_pid[i] == 0)
			continue;
		printf("%s%" PRIu64, before, report->member_pid[i]);
		before = " ";
	}
	if (report->reader_cnt > 0)
		printf(", %s of them only look", app_text_count(report->reader_cnt).s);
	putchar('\n');
}

static void
print_place(const groove_region_report_t *report)
{
	if (report->node == GROOVE_NODE_ANY)
		puts("NUMA node    any");
	else
		printf("NUMA node    %d, %s\n", report->node, groove_placement_name(report->placement));
}

static void
print_report(const struct ctl_options *options, const groove_region_report_t *report)
{
	printf("groove       %s\n", options->name);
	printf("driver       %s\n", report->driver);
	printf("state        %s\n", ctl_state_name(report->state));
	printf("range        %s of address space\n", app_text_bytes(report->bytes).s);
	if (report->page_sz == 0)
		return;
	printf("pages        %s\n", groove_page_name(report->page_sz));
	print_place(report);
	printf("volumes      %s in the groove, %s with memory, %s at most, of %s each\n",
		app_text_count(report->volume_cnt).s, app_text_count(report->volume_memory_cnt).s,
		app_text_count(report->volume_max).s, app_text_bytes(report->volume_sz).s);
	print_pids(report);
	printf("joins        %s of %s, %s of them of processes that have ended\n", app_text_count(report->join_cnt).s,
		app_text_count(report->join_max).s, app_text_count(report->join_dead_cnt).s);
	printf("objects      %s", app_text_count(report->obj_cnt).s);
	printf(" of %s\n", app_text_bytes(report->obj_bytes).s);
}

enum ctl_exit
ctl_info(const struct ctl_options *options_given)
{
	struct ctl_options options = *options_given;
	groove_region_report_t report;
	char line[CTL_LINE_SZ];
	json_t *object;

	if (ctl_find(&options, &report) != GROOVE_SUCCESS)
		return CTL_EXIT_ERROR;
	if (options.json) {
		object = ctl_result_json(&options);
		json_object_set_new(object, "region", ctl_region_json(&options, options.name, &report));
		ctl_json_keep(object);
	} else {
		print_report(&options, &report);
		if (report.state == GROOVE_REGION_WHOLE && report.join_dead_cnt > 0)
			printf("next         %s\n", ctl_line(&options, CTL_RECOVER, line));
	}
	return ctl_check_state(&options, &report);
}
