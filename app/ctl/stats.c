/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* stats: where the memory of a groove is. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "complain.h"
#include "json_put.h"
#include "text.h"
#include "work.h"

/* A volume that is in the groove. */
struct volume {
	uint64_t idx;
	groove_data_volume_stats_t stats;
};

struct counts {
	struct ctl_work *work;
	groove_data_stats_t stats;
	struct volume *volumes; /* room for all there can be */
	uint64_t volume_cnt;
};

/* ---- reading them ---- */

static int
volumes_read(void *arg)
{
	struct counts *counts = arg;
	const groove_region_t *region = counts->work->region;
	groove_data_t *join = &counts->work->join;
	const uint8_t *volume0 = groove_region_volume0(region);

	counts->volume_cnt = 0;
	for (uint64_t i = 0; i < groove_region_volume_max(region); i++) {
		struct volume *volume = &counts->volumes[counts->volume_cnt];

		if (!groove_region_volume_has_memory(region, i))
			continue;
		volume->idx = i;
		/* Memory to spare is no volume of the groove: that is no error. */
		ctl_log_mute(true);
		if (groove_data_volume_stats(join,
			    (const groove_volume_t *)(volume0 + i * groove_region_volume_sz(region)),
			    &volume->stats) == GROOVE_SUCCESS)
			counts->volume_cnt++;
		ctl_log_mute(false);
	}
	return GROOVE_SUCCESS;
}

static enum ctl_exit
counts_read(struct counts *counts)
{
	struct ctl_work *work = counts->work;
	int err;

	counts->volumes = calloc(groove_region_volume_max(work->region), sizeof(*counts->volumes));
	if (counts->volumes == NULL) {
		app_complain("no memory for %" PRIu64 " volumes", groove_region_volume_max(work->region));
		return CTL_EXIT_ERROR;
	}
	err = groove_data_stats(&work->join, &counts->stats);
	if (err == GROOVE_SUCCESS)
		err = ctl_guarded(volumes_read, counts);
	ctl_log_mute(false);
	return err == GROOVE_ERR_AGAIN ? ctl_work_in_use(work, ctl_look_problem(err)) : ctl_exit_of(err);
}

/* ---- for people ---- */

/* Requested bytes in a hundred bytes of slots. */
static uint64_t
useful_percent(const groove_data_szc_stats_t *stats)
{
	return stats->slot_bytes != 0 ? stats->req_bytes * 100 / stats->slot_bytes : 0;
}

static void
print_total(const struct counts *counts)
{
	const groove_data_szc_stats_t *total = &counts->stats.total;

	printf("groove       %s\n", counts->work->options.name);
	printf("objects      %s of %s", app_text_count(total->obj_cnt).s, app_text_bytes(total->req_bytes).s);
	printf(", in slots of %s: %" PRIu64 " %% useful\n", app_text_bytes(total->slot_bytes).s, useful_percent(total));
	printf("so far       %s allocated, %s freed\n", app_text_count(total->alloc_cnt).s,
		app_text_count(total->free_cnt).s);
	printf("joins        %s, which cache %s free slots\n", app_text_count(counts->stats.join_cnt).s,
		app_text_count(total->cached_cnt).s);
	printf("volumes      %s in the groove, %s of them empty\n", app_text_count(counts->stats.volume_cnt).s,
		app_text_count(counts->stats.volume_empty_cnt).s);
}

static void
print_classes(const groove_data_stats_t *stats)
{
	printf("%5s %10s %11s %11s %11s %6s %11s %11s\n", "class", "slot", "objects", "requested", "in slots", "useful",
		"superblocks", "cached");
	for (uint64_t i = 0; i < GROOVE_DATA_SZC_SLICE; i++) {
		const groove_data_szc_stats_t *szc = &stats->szc[i];

		if (szc->superblock_cnt == 0 && szc->obj_cnt == 0 && szc->cached_cnt == 0)
			continue;
		printf("%5" PRIu64 " %10s %11s ", i, app_text_bytes(groove_data_szc_cfg[i].obj_footprint).s,
			app_text_count_in(szc->obj_cnt, 11).s);
		printf("%11s %11s %4" PRIu64 " %% ", app_text_bytes(szc->req_bytes).s,
			app_text_bytes(szc->slot_bytes).s, useful_percent(szc));
		printf("%11s %11s\n", app_text_count_in(szc->superblock_cnt, 11).s,
			app_text_count_in(szc->cached_cnt, 11).s);
	}
}

static void
print_volumes(const struct counts *counts)
{
	printf("%6s %11s %11s %11s\n", "volume", "used", "free", "superblocks");
	for (uint64_t i = 0; i < counts->volume_cnt; i++) {
		const struct volume *volume = &counts->volumes[i];

		printf("%6" PRIu64 " %11s %11s %11s\n", volume->idx, app_text_bytes(volume->stats.used_bytes).s,
			app_text_bytes(volume->stats.free_bytes).s,
			app_text_count_in(volume->stats.superblock_cnt, 11).s);
	}
}

/* ---- for machines ---- */

static void
put_szc(json_t *object, const groove_data_szc_stats_t *stats)
{
	app_json_put_count(object, "allocs", stats->alloc_cnt);
	app_json_put_count(object, "frees", stats->free_cnt);
	app_json_put_count(object, "objects", stats->obj_cnt);
	app_json_put_count(object, "object_bytes", stats->req_bytes);
	app_json_put_count(object, "slot_bytes", stats->slot_bytes);
	app_json_put_count(object, "superblocks", stats->superblock_cnt);
	app_json_put_count(object, "cached", stats->cached_cnt);
}

static json_t *
classes_json(const groove_data_stats_t *stats)
{
	json_t *classes = json_array();

	for (uint64_t i = 0; i < GROOVE_DATA_SZC_SLICE; i++) {
		json_t *object = json_object();

		app_json_put_count(object, "class", i);
		app_json_put_count(object, "slot_sz", groove_data_szc_cfg[i].obj_footprint);
		put_szc(object, &stats->szc[i]);
		json_array_append_new(classes, object);
	}
	return classes;
}

static json_t *
volumes_json(const struct counts *counts)
{
	json_t *volumes = json_array();

	for (uint64_t i = 0; i < counts->volume_cnt; i++) {
		const struct volume *volume = &counts->volumes[i];
		json_t *object = json_object();

		app_json_put_count(object, "volume", volume->idx);
		app_json_put_count(object, "used_bytes", volume->stats.used_bytes);
		app_json_put_count(object, "free_bytes", volume->stats.free_bytes);
		app_json_put_count(object, "superblocks", volume->stats.superblock_cnt);
		json_array_append_new(volumes, object);
	}
	return volumes;
}

static void
keep_json(const struct counts *counts)
{
	json_t *object = ctl_result_json(&counts->work->options);
	json_t *total = json_object();

	put_szc(total, &counts->stats.total);
	app_json_put_count(object, "joins", counts->stats.join_cnt);
	app_json_put_count(object, "volumes_empty", counts->stats.volume_empty_cnt);
	app_json_put(object, "total", total);
	app_json_put(object, "classes", classes_json(&counts->stats));
	app_json_put(object, "volumes", volumes_json(counts));
	ctl_json_keep(object);
}

/* ---- the whole ---- */

enum ctl_exit
ctl_stats(const struct ctl_options *options)
{
	static struct ctl_work work;
	static struct counts counts = {.work = &work};
	enum ctl_exit status = ctl_work_look(&work, options);

	if (status != CTL_EXIT_OK)
		return status;
	status = counts_read(&counts);
	if (status == CTL_EXIT_OK && options->json) {
		keep_json(&counts);
	} else if (status == CTL_EXIT_OK) {
		print_total(&counts);
		print_classes(&counts.stats);
		print_volumes(&counts);
	}
	free(counts.volumes);
	ctl_work_end(&work);
	return status;
}
