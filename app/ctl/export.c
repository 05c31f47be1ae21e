/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * export: what stats and list show, in the text form that Prometheus reads. All samples of a metric stand together, so
 * the grooves are looked at first.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "complain.h"
#include "json_put.h"
#include "work.h"

/* A groove that was looked at. */
struct seen {
	struct seen *next;
	char driver[16];
	char name[GROOVE_REGION_NAME_MAX + 1];
	groove_region_report_t report;
	bool has_stats; /* it could be attached, too */
	groove_data_stats_t stats;
};

struct all {
	const struct ctl_options *options;
	struct seen *first;
	struct seen **last;
	json_t *metrics; /* NULL: printed as text */
};

/* ---- looking ---- */

static void
stats_read(const struct ctl_options *options, struct seen *seen)
{
	static struct ctl_work work;

	work = (struct ctl_work){.options = *options};
	work.options.driver = seen->driver;
	work.options.name = seen->name;
	if (seen->report.state != GROOVE_REGION_WHOLE ||
		ctl_work_attach(&work, GROOVE_REGION_READ_ONLY | GROOVE_REGION_IF_THERE) != CTL_EXIT_OK)
		return;
	seen->has_stats =
		ctl_work_join(&work) == CTL_EXIT_OK && groove_data_stats(&work.join, &seen->stats) == GROOVE_SUCCESS;
	ctl_work_end(&work);
}

static int
look(void *arg, const char *driver, const char *name)
{
	struct all *all = arg;
	const groove_region_id_t id = {.driver = driver, .name = name, .dir = all->options->dir};
	struct seen *seen;

	if (all->options->name != NULL && strcmp(all->options->name, name) != 0)
		return 0;
	seen = calloc(1, sizeof(*seen));
	if (seen == NULL) {
		app_complain("no memory for what is known of groove %s", name);
		return GROOVE_ERR_FULL;
	}
	snprintf(seen->driver, sizeof(seen->driver), "%s", driver);
	snprintf(seen->name, sizeof(seen->name), "%s", name);
	seen->report.size = sizeof(seen->report);
	if (groove_region_inspect(&id, &seen->report) != GROOVE_SUCCESS)
		seen->report.state = GROOVE_REGION_FOREIGN;
	stats_read(all->options, seen);
	*all->last = seen;
	all->last = &seen->next;
	return 0;
}

/* ---- metrics ---- */

/* Of a groove, or of one of its size classes. */
struct metric {
	const char *name;
	const char *type;
	const char *help;
	uint64_t (*of_groove)(const struct seen *seen);
	uint64_t (*of_class)(const groove_data_szc_stats_t *stats);
};

#define OF_REPORT(field)                                                                                               \
	static uint64_t groove_##field(const struct seen *seen)                                                        \
	{                                                                                                              \
		return seen->report.field;                                                                             \
	}
#define OF_CLASS(field)                                                                                                \
	static uint64_t class_##field(const groove_data_szc_stats_t *stats)                                            \
	{                                                                                                              \
		return stats->field;                                                                                   \
	}
OF_REPORT(member_cnt)
OF_REPORT(join_cnt)
OF_REPORT(join_dead_cnt)
OF_REPORT(join_max)
OF_REPORT(volume_cnt)
OF_REPORT(volume_memory_cnt)
OF_REPORT(volume_max)
OF_REPORT(volume_sz)
OF_REPORT(obj_cnt)
OF_REPORT(obj_bytes)
OF_CLASS(alloc_cnt)
OF_CLASS(free_cnt)
OF_CLASS(obj_cnt)
OF_CLASS(req_bytes)
OF_CLASS(slot_bytes)
OF_CLASS(superblock_cnt)
OF_CLASS(cached_cnt)

static uint64_t
groove_whole(const struct seen *seen)
{
	return seen->report.state == GROOVE_REGION_WHOLE;
}

static const struct metric metrics[] = {
	{"groove_whole", "gauge", "1: it can be attached and used; 0: groove-ctl info says why not", groove_whole,
		NULL},
	{"groove_processes", "gauge", "Processes that have it attached", groove_member_cnt, NULL},
	{"groove_joins", "gauge", "Joins that have not left", groove_join_cnt, NULL},
	{"groove_joins_dead", "gauge", "Joins of processes that have ended: to be recovered", groove_join_dead_cnt,
		NULL},
	{"groove_joins_max", "gauge", "Joins there can be", groove_join_max, NULL},
	{"groove_volumes", "gauge", "Volumes in the groove", groove_volume_cnt, NULL},
	{"groove_volumes_with_memory", "gauge", "Volumes that have memory", groove_volume_memory_cnt, NULL},
	{"groove_volumes_max", "gauge", "Volumes there can be", groove_volume_max, NULL},
	{"groove_volume_bytes", "gauge", "Bytes of a volume", groove_volume_sz, NULL},
	{"groove_objects", "gauge", "Live objects", groove_obj_cnt, NULL},
	{"groove_object_bytes", "gauge", "Bytes asked for by the live objects", groove_obj_bytes, NULL},
	{"groove_class_allocs_total", "counter", "Objects allocated", NULL, class_alloc_cnt},
	{"groove_class_frees_total", "counter", "Objects freed", NULL, class_free_cnt},
	{"groove_class_objects", "gauge", "Live objects", NULL, class_obj_cnt},
	{"groove_class_object_bytes", "gauge", "Bytes asked for by the live objects", NULL, class_req_bytes},
	{"groove_class_slot_bytes", "gauge", "Bytes of the live objects' slots", NULL, class_slot_bytes},
	{"groove_class_superblocks", "gauge", "Superblocks", NULL, class_superblock_cnt},
	{"groove_class_cached_slots", "gauge", "Free slots that joins cache", NULL, class_cached_cnt},
};

/* A label, whose value Prometheus reads with escapes. */
static void
put_label(const char *before, const char *label, const char *value)
{
	printf("%s%s=\"", before, label);
	for (; *value != '\0'; value++) {
		if (*value == '\n')
			fputs("\\n", stdout);
		else
			printf("%s%c", *value == '"' || *value == '\\' ? "\\" : "", *value);
	}
	putchar('"');
}

/* szc: a size class; GROOVE_DATA_SZC_CNT: the groove itself. */
static void
put_text(const struct metric *metric, const struct seen *seen, uint64_t szc, uint64_t value)
{
	fputs(metric->name, stdout);
	put_label("{", "groove", seen->name);
	put_label(",", "driver", seen->driver);
	if (szc < GROOVE_DATA_SZC_CNT)
		printf(",class=\"%" PRIu64 "\",slot=\"%u\"", szc, groove_data_szc_cfg[szc].obj_footprint);
	printf("} %" PRIu64 "\n", value);
}

static json_t *
sample_json(const struct metric *metric, const struct seen *seen, uint64_t szc, uint64_t value)
{
	json_t *sample = json_object();

	app_json_put(sample, "metric", json_string(metric->name));
	app_json_put(sample, "groove", app_json_text(seen->name));
	app_json_put(sample, "driver", json_string(seen->driver));
	if (szc < GROOVE_DATA_SZC_CNT)
		app_json_put_count(sample, "class", szc);
	app_json_put_count(sample, "value", value);
	return sample;
}

static void
put(const struct all *all, const struct metric *metric, const struct seen *seen, uint64_t szc, uint64_t value)
{
	if (all->metrics != NULL)
		json_array_append_new(all->metrics, sample_json(metric, seen, szc, value));
	else
		put_text(metric, seen, szc, value);
}

/* Classes that nothing was allocated of have no samples. */
static void
put_classes(const struct all *all, const struct metric *metric, const struct seen *seen)
{
	for (uint64_t szc = 0; seen->has_stats && szc < GROOVE_DATA_SZC_SLICE; szc++) {
		const groove_data_szc_stats_t *stats = &seen->stats.szc[szc];

		if (stats->alloc_cnt != 0 || stats->obj_cnt != 0 || stats->superblock_cnt != 0)
			put(all, metric, seen, szc, metric->of_class(stats));
	}
}

static void
put_all(const struct all *all)
{
	for (size_t i = 0; i < sizeof(metrics) / sizeof(metrics[0]); i++) {
		const struct metric *metric = &metrics[i];

		if (all->metrics == NULL)
			printf("# HELP %s %s.\n# TYPE %s %s\n", metric->name, metric->help, metric->name, metric->type);
		for (const struct seen *seen = all->first; seen != NULL; seen = seen->next) {
			if (metric->of_groove != NULL)
				put(all, metric, seen, GROOVE_DATA_SZC_CNT, metric->of_groove(seen));
			else
				put_classes(all, metric, seen);
		}
	}
}

/* ---- the whole ---- */

static void
all_free(struct all *all)
{
	while (all->first != NULL) {
		struct seen *next = all->first->next;

		free(all->first);
		all->first = next;
	}
}

/* A groove that may not be attached, or goes meanwhile, has the samples that there are of it: so what is logged of it
 * is dropped. */
static int
look_at_all(struct all *all)
{
	int err;

	ctl_log_mute(true);
	err = groove_region_list(all->options->driver, all->options->dir, look, all);
	ctl_log_mute(false);
	return err;
}

enum ctl_exit
ctl_export(const struct ctl_options *options)
{
	struct all all = {.options = options, .last = &all.first};
	enum ctl_exit status;
	json_t *object;
	int err;

	err = look_at_all(&all);
	status = err == GROOVE_ERR_KEY ? ctl_complain_of_driver(options) : ctl_exit_of(err);
	if (status == CTL_EXIT_OK && options->name != NULL && all.first == NULL) {
		struct ctl_options named = *options;
		groove_region_report_t report;

		/* It says what was found of that name, or why nothing was. */
		ctl_find(&named, &report);
		status = CTL_EXIT_ERROR;
	}
	if (status == CTL_EXIT_OK) {
		all.metrics = options->json ? json_array() : NULL;
		put_all(&all);
	}
	if (status == CTL_EXIT_OK && options->json) {
		object = ctl_result_json(options);
		app_json_put(object, "metrics", all.metrics);
		ctl_json_keep(object);
	}
	all_free(&all);
	return status;
}
