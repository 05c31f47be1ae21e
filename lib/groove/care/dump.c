/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Print the state of a groove for people: joins, volumes, classes, superblocks. */

#include <groove_data.h>

#include <inttypes.h>

#include "join_handle.h"
#include "list.h"
#include "log.h"
#include "pool.h"
#include "sb_word.h"

static void
dump_head(FILE *file, const groove_data_t *data, const groove_data_stats_t *stats)
{
	fprintf(file,
		"groove at %p, volumes of %" PRIu64 " MiB at %p\n"
		"joins    %" PRIu64 " of %" PRIu64 "\n"
		"volumes  %" PRIu64 " of %" PRIu64 ", %" PRIu64 " empty\n"
		"objects  %" PRIu64 ", %" PRIu64 " bytes in slots of %" PRIu64 "\n",
		(const void *)data->shdata, data->pool.volume_sz >> 20, data->pool.volume0, stats->join_cnt,
		data->join_max, stats->volume_cnt, data->pool.volume_max, stats->volume_empty_cnt, stats->total.obj_cnt,
		stats->total.req_bytes, stats->total.slot_bytes);
}

static void
dump_volumes(FILE *file, const groove_data_t *data)
{
	static const char *const kinds[VOLUME_KIND_CNT] = {"out", "adding", "empty", "used", "retired", "removing"};

	for (uint64_t i = 0; i < data->pool.volume_max; i++) {
		const enum volume_kind kind = volume_state_kind(pool_state(&data->pool, i));

		if (kind != VOLUME_OUT)
			fprintf(file, "volume %" PRIu64 ": %s\n", i, kind < VOLUME_KIND_CNT ? kinds[kind] : "damaged");
	}
}

static void
dump_superblock(FILE *file, const groove_data_t *data, uint64_t szc, uint64_t block, const char *where)
{
	const struct groove_sb *sb = sb_entry(data, szc, block);
	const uint64_t word = __atomic_load_n(&sb->word, __ATOMIC_RELAXED);
	const uint32_t cnt = sb_cnt(data, sb, szc, block);

	fprintf(file, "  %s: volume %" PRIu64 " offset %#" PRIx64 ", %d of %u slots free\n", where,
		block_volume(data, block), block_in_volume(data, block) * GROOVE_BLOCK_FOOTPRINT,
		__builtin_popcountll(sb_word_slots(word, cnt)), cnt);
}

/*
 * Superblocks in a list of a class; stops where a damaged list leaves the volumes in use. left: superblocks that lists
 * may have still, lest a damaged one has no end.
 */
static void
dump_list(FILE *file, const groove_data_t *data, uint64_t szc, const uint64_t *list, uint64_t *left)
{
	uint64_t block = list_head_first(__atomic_load_n(list, __ATOMIC_ACQUIRE));

	for (; *left > 0 && pool_uses_block(data, block); (*left)--) {
		dump_superblock(file, data, szc, block, "listed");
		block = __atomic_load_n(entry_link(data, sb_entry(data, szc, block)), __ATOMIC_RELAXED);
	}
}

static void
dump_szc(FILE *file, const groove_data_t *data, uint64_t szc, const groove_data_szc_stats_t *stats, uint64_t *left)
{
	if (stats->superblock_cnt == 0)
		return;
	fprintf(file,
		"class %" PRIu64 ": %u bytes, %" PRIu64 " superblocks, %" PRIu64 " objects of %" PRIu64 " bytes\n", szc,
		groove_data_szc_cfg[szc].obj_footprint, stats->superblock_cnt, stats->obj_cnt, stats->req_bytes);
	for (uint64_t group = 0; group <= groove_data_szc_cfg[szc].cgroup_mask; group++) {
		const uint64_t head = __atomic_load_n(&data->shdata->active[group][szc], __ATOMIC_ACQUIRE);

		if (pool_uses_block(data, list_head_first(head)))
			dump_superblock(file, data, szc, list_head_first(head), "active");
	}
	for (uint64_t group = 0; group < LIST_CNT; group++)
		dump_list(file, data, szc, &data->shdata->list[group][szc], left);
}

int
groove_data_dump(FILE *file, const groove_data_t *data)
{
	groove_data_stats_t stats;
	uint64_t left;

	if (!join_check_look(data, "dump"))
		return GROOVE_ERR_INVAL;
	if (file == NULL) {
		GROOVE_LOG(ERR, "dump: nowhere to write to: NULL\n");
		return GROOVE_ERR_INVAL;
	}
	groove_data_stats(data, &stats);
	dump_head(file, data, &stats);
	dump_volumes(file, data);
	left = stats.volume_cnt * table_cnt(data->volume_shift);
	for (uint64_t szc = 0; szc < GROOVE_DATA_SZC_CNT; szc++)
		if (szc_in_use(data, szc))
			dump_szc(file, data, szc, &stats.szc[szc], &left);
	if (fflush(file) != 0 || ferror(file) != 0) {
		GROOVE_LOG(ERR, "dump: cannot write\n");
		return GROOVE_ERR_INVAL;
	}
	return GROOVE_SUCCESS;
}
