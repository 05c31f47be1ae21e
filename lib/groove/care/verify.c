/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * Verify compares what the shared region says with what the headers say, superblock by superblock:
 * 1. walk all active slots and lists, and mark in a copy of each table which superblocks they lead to;
 * 2. walk the headers of each volume, and compare each superblock's word, mark and slots;
 * 3. look for superblocks in the tables that neither has met;
 * 4. compare the counters with what was found.
 */

#include <groove_data.h>

#include <inttypes.h>

#include "config.h"
#include "debug_checks.h"
#include "hdr.h"
#include "join_handle.h"
#include "list.h"
#include "log.h"
#include "pool.h"
#include "sb_word.h"
#include "shelf.h"
#include "stats.h"
#include "tree.h"
#include "verify_marks.h"

struct verify {
	struct marks marks;
	struct szc_sum found[GROOVE_DATA_SZC_CNT];
};

/* ---- volumes ---- */

/* What is wrong with a superblock's place; NULL: nothing. */
static const char *
place_problem(uint64_t word, uint8_t mark)
{
	const bool in_slot = (mark & MARK_IN_SLOT) != 0;
	const bool in_list = (mark & MARK_IN_LIST) != 0;

	switch (sb_word_place(word)) {
	case SB_FULL:
		return sb_word_free(word) != 0 ? "has free slots and is in no slot or list, marked full" : NULL;
	case SB_ACTIVE:
		return in_slot ? NULL : "marked active and in no slot";
	case SB_LISTED:
		if (!in_list)
			return "marked listed and in no list";
		return sb_word_free(word) == 0 ? "in a list without free slots" : NULL;
	case SB_HELD:
	case SB_RETURNING:
		return "held by a join, in an idle groove: lost by a dead one?";
	default:
		return "has no place";
	}
}

static int
verify_enter(void *arg, uint64_t szc, uint64_t block, uint32_t cnt)
{
	struct verify *verify = arg;
	const groove_data_t *data = verify->marks.data;
	const struct groove_sb *sb = sb_entry(data, szc, block);
	uint8_t *mark = mark_of(&verify->marks, szc, block);

	if (!sb_is(data, sb, szc, block))
		return mark_damage(data, szc, block, "its entry in the table is another's");
	if (sb_cnt(data, sb, szc, block) != cnt)
		return mark_damage(data, szc, block, "not as many slots as fit in its own, by its entry in the table");
	if ((sb_word_free(sb->word) & ~sb_all_free(cnt)) != 0)
		return mark_damage(data, szc, block, "free bits beyond its slots");

	const char *problem = place_problem(sb->word, *mark);

	if (problem != NULL)
		return mark_damage(data, szc, block, problem);
	*mark |= MARK_MET;
	verify->found[szc].superblock_cnt++;
	return GROOVE_SUCCESS;
}

/* Whether a join is there. */
static bool
owner_lives(const groove_data_t *data, uint64_t join_idx)
{
	return join_idx < data->join_max &&
	       record_kind(__atomic_load_n(&data->shdata->record[join_idx].state, __ATOMIC_ACQUIRE)) == RECORD_LIVE;
}

static int
verify_slot(void *arg, uint64_t szc, uint64_t block, uint64_t idx, uint64_t bits)
{
	struct verify *verify = arg;
	const groove_data_t *data = verify->marks.data;
	const bool bit_free = (sb_word_free(sb_entry(data, szc, block)->word) >> idx & 1) != 0;
	const uint64_t type = hdr_type(bits);

	if (hdr_is_freeing(bits))
		return tree_damage(data, slot_hdr(data, szc, block, idx), "object half freed, in an idle groove");
	if (GROOVE_DEBUG_CHECKS && debug_verify(slot_hdr(data, szc, block, idx), bits) != GROOVE_SUCCESS)
		return GROOVE_ERR_CORRUPT;
	if (type == GROOVE_DATA_HDR_TYPE_CACHED && !owner_lives(data, hdr_owner(bits)))
		return tree_damage(data, slot_hdr(data, szc, block, idx), "cached by a join that is not there");
	if (type == GROOVE_DATA_HDR_TYPE_CACHED && szc >= CACHE_SZC_CNT)
		return tree_damage(data, slot_hdr(data, szc, block, idx), "cached, of a class that is not");
	if (bit_free != (type == GROOVE_DATA_HDR_TYPE_FREE))
		return tree_damage(data, slot_hdr(data, szc, block, idx),
			bit_free ? "in use by its header, free by its superblock"
				 : "free by its header, in use by its superblock");
	verify->found[szc].slot_cnt += type == GROOVE_DATA_HDR_TYPE_CACHED || type == GROOVE_DATA_HDR_TYPE_ALLOC;
	if (type == GROOVE_DATA_HDR_TYPE_ALLOC) {
		verify->found[szc].obj_cnt++;
		verify->found[szc].req_bytes += hdr_sz(bits);
	}
	return GROOVE_SUCCESS;
}

/* Superblocks in the table of a volume that the headers do not lead to. */
static int
verify_table(const struct verify *verify, uint64_t volume)
{
	const groove_data_t *data = verify->marks.data;
	const struct groove_sb *table = volume_table(data, volume);
	const uint32_t *ids = volume_ids(data, volume);

	for (uint64_t i = 0; i < table_cnt(data->volume_shift); i++) {
		if (sb_word_place(table[i].word) == SB_NONE || (verify->marks.volume[volume][i] & MARK_MET) != 0)
			continue;
		return mark_damage(data, sb_id_szc(ids[i]), sb_id_block(data, &table[i], ids[i]),
			"in the table, but no header leads to it");
	}
	return GROOVE_SUCCESS;
}

static int
verify_volume(struct verify *verify, uint64_t volume)
{
	static const struct tree_ops ops = {.enter = verify_enter, .slot = verify_slot};
	int err = GROOVE_SUCCESS;

	if (volume_state_kind(pool_state(&verify->marks.data->pool, volume)) == VOLUME_USED)
		err = tree_walk(verify->marks.data, volume, &ops, verify);
	return err == GROOVE_SUCCESS ? verify_table(verify, volume) : err;
}

/* ---- the whole ---- */

static int
verify_counters(const groove_data_t *data, const struct szc_sum all[GROOVE_DATA_SZC_CNT])
{
	for (uint64_t szc = 0; szc < GROOVE_DATA_SZC_CNT; szc++) {
		const struct szc_sum *found = &all[szc];
		const struct szc_sum sum = stats_sum(data, szc);

		if (sum.obj_cnt == found->obj_cnt && sum.req_bytes == found->req_bytes &&
			sum.superblock_cnt == found->superblock_cnt && sum.slot_cnt == found->slot_cnt)
			continue;
		GROOVE_LOG(ERR,
			"class %" PRIu64 ": counters say %" PRIu64 " objects of %" PRIu64 " bytes in %" PRIu64
			" superblocks, %" PRIu64 " slots out, headers say %" PRIu64 ", %" PRIu64 ", %" PRIu64
			", %" PRIu64 "\n",
			szc, sum.obj_cnt, sum.req_bytes, sum.superblock_cnt, sum.slot_cnt, found->obj_cnt,
			found->req_bytes, found->superblock_cnt, found->slot_cnt);
		return GROOVE_ERR_CORRUPT;
	}
	return GROOVE_SUCCESS;
}

/* What is wrong with a join's record; NULL: nothing. */
static const char *
record_problem(const groove_data_t *data, const struct groove_record *record)
{
	uint64_t in_hand = record->move | record->birth;

	for (uint64_t i = 0; i < HOLD_MAX; i++)
		in_hand |= record->hold[i];
	switch (record_kind(record->state)) {
	case RECORD_VACANT:
		if (record->state != record_state_vacant(record->state) || record->epoch != 0)
			return "damaged";
		break;
	case RECORD_DAMAGED:
		return "damaged";
	case RECORD_LIVE:
		if (record_volume_max(record->state) > data->shdata->volume_max || record->epoch > data->shdata->epoch)
			return "damaged";
		break;
	default:
		return "of a dead join, recover";
	}
	return in_hand != 0 ? "something held, in an idle groove: recover if the join is dead" : NULL;
}

static int
verify_records(const groove_data_t *data)
{
	for (uint64_t i = 0; i < data->join_max; i++) {
		const struct groove_record *record = &data->shdata->record[i];
		const char *problem = record_problem(data, record);

		if (problem == NULL)
			continue;
		GROOVE_LOG(ERR, "record %" PRIu64 ": %s: state %#" PRIx64 ", epoch %" PRIu64 " of %" PRIu64 "\n", i,
			problem, record->state, record->epoch, data->shdata->epoch);
		return GROOVE_ERR_CORRUPT;
	}
	return GROOVE_SUCCESS;
}

/* The volumes' states that the pool knows nothing of, and what it only counts. */
static int
verify_volume_states(const groove_data_t *data)
{
	uint64_t cnt = 0;

	for (uint64_t i = 0; i < data->pool.volume_max; i++) {
		const uint64_t state = pool_state(&data->pool, i);

		cnt += volume_state_kind(state) != VOLUME_OUT;
		if (volume_state_kind(state) != VOLUME_RETIRED ||
			(volume_state_epoch(state) != 0 && volume_state_epoch(state) <= data->shdata->epoch))
			continue;
		GROOVE_LOG(ERR, "volume %" PRIu64 ": retired in epoch %" PRIu64 ", now is %" PRIu64 "\n", i,
			volume_state_epoch(state), data->shdata->epoch);
		return GROOVE_ERR_CORRUPT;
	}
	if (cnt == pool_volume_cnt(pool_shared(&data->pool)))
		return GROOVE_SUCCESS;
	GROOVE_LOG(ERR, "%" PRIu64 " volumes are in the groove, %" PRIu64 " are counted\n", cnt,
		pool_volume_cnt(pool_shared(&data->pool)));
	return GROOVE_ERR_CORRUPT;
}

static int
verify_config(const groove_data_t *data)
{
	const struct groove_shdata *shdata = data->shdata;
	int err;

	if (!config_is_sound(data) || shdata->epoch == 0) {
		GROOVE_LOG(ERR, "shared region at %p: damaged configuration or epoch\n", (const void *)shdata);
		return GROOVE_ERR_CORRUPT;
	}
	err = groove_volume_pool_verify(&data->pool);
	if (err == GROOVE_SUCCESS)
		err = verify_volume_states(data);
	return err == GROOVE_SUCCESS ? verify_records(data) : err;
}

int
groove_data_verify(const groove_data_t *data)
{
	struct verify verify = {0};
	int err;

	if (!join_check_look(data, "verify"))
		return GROOVE_ERR_INVAL;
	err = verify_config(data);
	if (err != GROOVE_SUCCESS)
		return err;
	err = marks_open(&verify.marks, data, 0, data->pool.volume_max - 1);
	if (err != GROOVE_SUCCESS)
		return err;
	err = mark_all(&verify.marks);
	for (uint64_t i = 0; err == GROOVE_SUCCESS && i < data->pool.volume_max; i++)
		if (pool_in_groove(&data->pool, i))
			err = verify_volume(&verify, i);
	if (err == GROOVE_SUCCESS)
		err = verify_counters(data, verify.found);
	marks_close(&verify.marks);
	return err;
}

/* Check a volume that is in the groove. found: what its headers show. */
static int
verify_one(const groove_data_t *data, uint64_t idx, struct verify *verify)
{
	int err = verify_config(data);

	if (err != GROOVE_SUCCESS)
		return err;
	err = marks_open(&verify->marks, data, idx, idx);
	if (err != GROOVE_SUCCESS)
		return err;
	err = mark_all(&verify->marks);
	if (err == GROOVE_SUCCESS)
		err = verify_volume(verify, idx);
	marks_close(&verify->marks);
	return err;
}

int
groove_data_volume_verify(const groove_data_t *data, const groove_volume_t *volume)
{
	struct verify verify = {0};

	if (!join_check_look(data, "volume_verify"))
		return GROOVE_ERR_INVAL;

	const uint64_t off = addr_off(data, volume);
	const uint64_t idx = off >> data->volume_shift;

	if (volume == NULL || idx >= data->pool.volume_max || (off & (data->pool.volume_sz - 1)) != 0 ||
		!pool_in_groove(&data->pool, idx)) {
		GROOVE_LOG(ERR, "volume_verify: %p is no volume of this groove\n", (const void *)volume);
		return GROOVE_ERR_INVAL;
	}
	return verify_one(data, idx, &verify);
}

/* ---- in parts ---- */

static void
found_add(groove_data_szc_stats_t *stats, const struct szc_sum *sum, uint64_t slot_sz)
{
	stats->obj_cnt += sum->obj_cnt;
	stats->req_bytes += sum->req_bytes;
	stats->slot_bytes += sum->obj_cnt * slot_sz;
	stats->superblock_cnt += sum->superblock_cnt;
	stats->cached_cnt += sum->slot_cnt - sum->obj_cnt;
}

int
groove_data_verify_part(const groove_data_t *data, uint64_t volume, groove_data_stats_t *found)
{
	struct verify verify = {0};
	int err;

	if (!join_check_look(data, "verify_part"))
		return GROOVE_ERR_INVAL;
	if (volume >= data->pool.volume_max || found == NULL) {
		GROOVE_LOG(ERR, "verify_part: volume %" PRIu64 " of %" PRIu64 ", and a place for what is found: %p\n",
			volume, data->pool.volume_max, (void *)found);
		return GROOVE_ERR_INVAL;
	}
	if (!pool_in_groove(&data->pool, volume))
		return GROOVE_ERR_EMPTY;
	err = verify_one(data, volume, &verify);
	for (uint64_t szc = 0; szc < GROOVE_DATA_SZC_CNT; szc++) {
		const uint64_t slot_sz = groove_data_szc_cfg[szc].obj_footprint;

		found_add(&found->szc[szc], &verify.found[szc], slot_sz);
		found_add(&found->total, &verify.found[szc], slot_sz);
	}
	return err;
}

int
groove_data_verify_counts(const groove_data_t *data, const groove_data_stats_t *found)
{
	struct szc_sum all[GROOVE_DATA_SZC_CNT] = {0};

	if (!join_check_look(data, "verify_counts"))
		return GROOVE_ERR_INVAL;
	if (found == NULL) {
		GROOVE_LOG(ERR, "verify_counts: nothing to compare with: NULL\n");
		return GROOVE_ERR_INVAL;
	}
	for (uint64_t szc = 0; szc < GROOVE_DATA_SZC_CNT; szc++) {
		const groove_data_szc_stats_t *stats = &found->szc[szc];

		all[szc] = (struct szc_sum){
			.obj_cnt = stats->obj_cnt,
			.req_bytes = stats->req_bytes,
			.superblock_cnt = stats->superblock_cnt,
			.slot_cnt = stats->obj_cnt + stats->cached_cnt,
		};
	}
	return verify_counters(data, all);
}
