/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * What a running program's regions are, by DPDK's telemetry: /groove/list, and by the name of a region /groove/info,
 * /groove/stats, /groove/classes and /groove/joins. The commands are registered before main(), and answered by EAL's
 * telemetry thread. It looks as an observer does, at a copy of the front, so no join is taken, nothing is written, and
 * no volume that is given back is read. The kernel makes the copy: memory that is not there any more, as the file was
 * cut or EAL is ending, is an error of a call then, and ends no process.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include <rte_common.h>
#include <rte_telemetry.h>
#include <rte_version.h>

#include "region_registry.h"
#include "region_state.h"
#include "shared.h"

/*
 * Weak, so that what is linked with libgroove.a goes on to need no more of DPDK than EAL, which has telemetry itself.
 * DPDK 23.03 gave two of them other names.
 */
#pragma weak rte_telemetry_register_cmd
#pragma weak rte_tel_data_alloc
#pragma weak rte_tel_data_free
#pragma weak rte_tel_data_start_dict
#pragma weak rte_tel_data_start_array
#pragma weak rte_tel_data_add_dict_int
#pragma weak rte_tel_data_add_dict_string
#pragma weak rte_tel_data_add_dict_container
#pragma weak rte_tel_data_add_array_string
#if RTE_VERSION >= RTE_VERSION_NUM(23, 3, 0, 0)
#pragma weak rte_tel_data_add_dict_uint
#pragma weak rte_tel_data_add_array_uint
#define TEL_NUMBER    RTE_TEL_UINT_VAL
#define tel_put	      rte_tel_data_add_dict_uint
#define tel_array_add rte_tel_data_add_array_uint
#else
#pragma weak rte_tel_data_add_dict_u64
#pragma weak rte_tel_data_add_array_u64
#define TEL_NUMBER    RTE_TEL_U64_VAL
#define tel_put	      rte_tel_data_add_dict_u64
#define tel_array_add rte_tel_data_add_array_u64
#endif

/* ---- names ---- */

/* NAME, or DRIVER/NAME, which is needed where two drivers have one of that name. */
static bool
is_named(const groove_region_t *region, const char *name)
{
	const char *driver = region->driver->name;
	const size_t len = strlen(driver);

	if (strncmp(name, driver, len) == 0 && name[len] == '/')
		name += len + 1;
	return region->fixed.name[0] != '\0' && strcmp(region->fixed.name, name) == 0;
}

/* What a region is asked for; data receives the answer. 0, or a negative errno. */
typedef int (*answer_fn)(groove_region_t *region, struct rte_tel_data *data);

struct search {
	const char *name;
	groove_region_t *found;
	unsigned int cnt;
};

/* Two handles of one region are as good as one. Two directories of a driver may each have one of a name. */
static int
search_at(void *arg, groove_region_t *region)
{
	struct search *search = arg;

	if (!is_named(region, search->name))
		return 0;
	search->cnt += search->found == NULL || search->found->driver != region->driver ||
		       search->found->fixed.id != region->fixed.id;
	search->found = region;
	return 0;
}

struct question {
	struct search search;
	answer_fn answer;
	struct rte_tel_data *data;
};

/* Have a view of a region, whose front is a copy. 0, or a negative errno; then there is nothing to free. */
static int
view_make(const groove_region_t *region, groove_region_t *view)
{
	const uint64_t sz = region->fixed.shdata_off + region->fixed.shdata_sz;
	const uint64_t align = groove_data_align();
	const struct iovec from = {.iov_base = region->range.base, .iov_len = sz};
	struct iovec to = {.iov_len = sz};

	to.iov_base = aligned_alloc(align, (sz + align - 1) / align * align);
	if (to.iov_base == NULL)
		return -ENOMEM;
	if (process_vm_readv(getpid(), &to, 1, &from, 1, 0) != (ssize_t)sz) {
		free(to.iov_base);
		return -ENODEV;
	}
	*view = *region;
	view->hdr = to.iov_base;
	view->range.base = to.iov_base;
	return 0;
}

/* The region is found and asked under the same lock: it stays attached. */
static int
ask_at(void *arg, groove_region_t *region)
{
	struct question *question = arg;
	groove_region_t view;
	int err;

	if (region != question->search.found)
		return 0;
	if (region_is_gone(region))
		return -ENODEV;
	err = view_make(region, &view);
	if (err != 0)
		return err;
	err = question->answer(&view, question->data);
	free(view.hdr);
	return err;
}

static int
ask(const char *name, answer_fn answer, struct rte_tel_data *data)
{
	struct question question = {.search = {.name = name}, .answer = answer, .data = data};

	if (name == NULL || name[0] == '\0')
		return -EINVAL;
	region_registry_each(search_at, &question.search);
	if (question.search.cnt != 1)
		return question.search.cnt == 0 ? -ENOENT : -ENOTUNIQ;
	return region_registry_each(ask_at, &question);
}

/* ---- answers ---- */

static int
list_at(void *arg, groove_region_t *region)
{
	if (region->fixed.name[0] != '\0')
		rte_tel_data_add_array_string(arg, region->fixed.name);
	return 0;
}

static int
answer_info(groove_region_t *region, struct rte_tel_data *data)
{
	const struct region_fixed *fixed = &region->fixed;

	rte_tel_data_start_dict(data);
	rte_tel_data_add_dict_string(data, "name", fixed->name);
	rte_tel_data_add_dict_string(data, "driver", region->driver->name);
	rte_tel_data_add_dict_string(
		data, "access", region->torn ? "torn" : (region->readonly ? "read-only" : "read-write"));
	rte_tel_data_add_dict_int(data, "numa_node", (int)fixed->node);
	tel_put(data, "bytes", region->range.sz);
	tel_put(data, "page_sz", fixed->page_sz);
	tel_put(data, "volume_sz", fixed->volume_sz);
	tel_put(data, "volume_max", fixed->volume_max);
	tel_put(data, "volume_limit", groove_region_limit(region));
	tel_put(data, "volumes_with_memory", groove_region_volume_cnt(region));
	tel_put(data, "join_max", fixed->join_max);
	return 0;
}

/* One at a time: EAL answers each connection by a thread of its own, and each question under the registry's lock. */
static groove_data_t observer;
static groove_data_stats_t stats;

static int
stats_read(groove_region_t *region)
{
	void *const nowhere = (void *)(uintptr_t)GROOVE_VOLUME_ALIGN; /* no volume is looked into */
	int err;

	if (region->torn)
		return -EUCLEAN;
	if (groove_data_join_observer(&observer, groove_region_shdata(region), nowhere, region->fixed.volume_max) ==
		NULL)
		return -EIO;
	err = groove_data_stats(&observer, &stats);
	groove_data_leave(&observer);
	return err == GROOVE_SUCCESS ? 0 : -EIO;
}

static int
answer_stats(groove_region_t *region, struct rte_tel_data *data)
{
	const groove_data_szc_stats_t *total = &stats.total;
	const int err = stats_read(region);

	if (err != 0)
		return err;
	rte_tel_data_start_dict(data);
	tel_put(data, "joins", stats.join_cnt);
	tel_put(data, "volumes", stats.volume_cnt);
	tel_put(data, "volumes_empty", stats.volume_empty_cnt);
	tel_put(data, "allocs", total->alloc_cnt);
	tel_put(data, "frees", total->free_cnt);
	tel_put(data, "objects", total->obj_cnt);
	tel_put(data, "object_bytes", total->req_bytes);
	tel_put(data, "slot_bytes", total->slot_bytes);
	tel_put(data, "superblocks", total->superblock_cnt);
	tel_put(data, "cached", total->cached_cnt);
	return 0;
}

/* A column of a table: an array for each, as an answer has no room for a name beside each number. */
enum column {
	COLUMN_CLASS,
	COLUMN_SLOT,
	COLUMN_OBJECTS,
	COLUMN_BYTES,
	COLUMN_SUPERBLOCKS,
	COLUMN_CACHED,
	COLUMN_CNT,
};

static uint64_t
cell(enum column column, uint64_t szc)
{
	switch (column) {
	case COLUMN_CLASS:
		return szc;
	case COLUMN_SLOT:
		return groove_data_szc_cfg[szc].obj_footprint;
	case COLUMN_OBJECTS:
		return stats.szc[szc].obj_cnt;
	case COLUMN_BYTES:
		return stats.szc[szc].req_bytes;
	case COLUMN_SUPERBLOCKS:
		return stats.szc[szc].superblock_cnt;
	default:
		return stats.szc[szc].cached_cnt;
	}
}

/* Classes that have superblocks. */
static struct rte_tel_data *
column_make(enum column column)
{
	struct rte_tel_data *array = rte_tel_data_alloc();

	if (array == NULL)
		return NULL;
	rte_tel_data_start_array(array, TEL_NUMBER);
	for (uint64_t szc = 0; szc < GROOVE_DATA_SZC_SLICE; szc++) {
		if (stats.szc[szc].superblock_cnt != 0)
			tel_array_add(array, cell(column, szc));
	}
	return array;
}

/* Give arrays to an answer, all or none: those of an answer that is an error are freed by nobody. */
static int
arrays_put(struct rte_tel_data *data, const char *const *names, struct rte_tel_data **arrays, unsigned int cnt)
{
	bool complete = true;

	for (unsigned int i = 0; i < cnt; i++)
		complete = complete && arrays[i] != NULL;
	for (unsigned int i = 0; i < cnt; i++) {
		if (complete)
			rte_tel_data_add_dict_container(data, names[i], arrays[i], 0);
		else
			rte_tel_data_free(arrays[i]);
	}
	return complete ? 0 : -ENOMEM;
}

static int
answer_classes(groove_region_t *region, struct rte_tel_data *data)
{
	static const char *const names[COLUMN_CNT] = {
		"class", "slot_sz", "objects", "object_bytes", "superblocks", "cached"};
	struct rte_tel_data *arrays[COLUMN_CNT];
	const int err = stats_read(region);

	if (err != 0)
		return err;
	rte_tel_data_start_dict(data);
	for (unsigned int i = 0; i < COLUMN_CNT; i++)
		arrays[i] = column_make((enum column)i);
	return arrays_put(data, names, arrays, COLUMN_CNT);
}

/* Joins there are, of the living or of the dead: as many as an array can have, and their number. */
static struct rte_tel_data *
joins_make(groove_region_t *region, bool dead, uint64_t *cnt)
{
	const struct groove_shdata *shdata = groove_region_shdata(region);
	struct rte_tel_data *array = rte_tel_data_alloc();

	if (array == NULL)
		return NULL;
	rte_tel_data_start_array(array, TEL_NUMBER);
	for (uint64_t i = 0; i < region->fixed.join_max; i++) {
		/* Relaxed: what is vacant is nobody's; of the others the owner is asked. */
		if (record_kind(__atomic_load_n(&shdata->record[i].state, __ATOMIC_RELAXED)) == RECORD_VACANT ||
			(region_join_is_dead(region, i) != 0) != dead)
			continue;
		tel_array_add(array, i);
		(*cnt)++;
	}
	return array;
}

static int
answer_joins(groove_region_t *region, struct rte_tel_data *data)
{
	static const char *const names[] = {"alive", "dead"};
	static const char *const counts[] = {"alive_cnt", "dead_cnt"};
	struct rte_tel_data *arrays[RTE_DIM(names)];

	if (region->torn)
		return -EUCLEAN;
	rte_tel_data_start_dict(data);
	tel_put(data, "join_max", region->fixed.join_max);
	for (unsigned int i = 0; i < RTE_DIM(names); i++) {
		uint64_t cnt = 0;

		arrays[i] = joins_make(region, i != 0, &cnt);
		tel_put(data, counts[i], cnt);
	}
	return arrays_put(data, names, arrays, RTE_DIM(names));
}

/* ---- commands ---- */

static int
on_list(const char *cmd, const char *params, struct rte_tel_data *data)
{
	RTE_SET_USED(cmd);
	RTE_SET_USED(params);
	rte_tel_data_start_array(data, RTE_TEL_STRING_VAL);
	return region_registry_each(list_at, data);
}

static int
on_info(const char *cmd, const char *params, struct rte_tel_data *data)
{
	RTE_SET_USED(cmd);
	return ask(params, answer_info, data);
}

static int
on_stats(const char *cmd, const char *params, struct rte_tel_data *data)
{
	RTE_SET_USED(cmd);
	return ask(params, answer_stats, data);
}

static int
on_classes(const char *cmd, const char *params, struct rte_tel_data *data)
{
	RTE_SET_USED(cmd);
	return ask(params, answer_classes, data);
}

static int
on_joins(const char *cmd, const char *params, struct rte_tel_data *data)
{
	RTE_SET_USED(cmd);
	return ask(params, answer_joins, data);
}

RTE_INIT(telemetry_init)
{
	if (rte_telemetry_register_cmd == NULL)
		return;
	rte_telemetry_register_cmd(
		"/groove/list", on_list, "Names of the groove regions of this process. No parameters");
	rte_telemetry_register_cmd("/groove/info", on_info, "What a region is. Parameter: NAME or DRIVER/NAME");
	rte_telemetry_register_cmd("/groove/stats", on_stats, "Counts of a region. Parameter: NAME or DRIVER/NAME");
	rte_telemetry_register_cmd(
		"/groove/classes", on_classes, "Counts of a region by size class. Parameter: NAME or DRIVER/NAME");
	rte_telemetry_register_cmd("/groove/joins", on_joins, "Joins of a region. Parameter: NAME or DRIVER/NAME");
}
