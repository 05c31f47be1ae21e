/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <groove_data.h>

#include "hdr.h"
#include "log.h"
#include "pool.h"
#include "tree.h"

struct walk {
	const groove_data_t *data;
	groove_data_walk_filter_t filter;
	groove_data_walk_fn fn;
	void *arg;
};

static int
walk_slot(void *arg, uint64_t szc, uint64_t block, uint64_t idx, uint64_t bits)
{
	const struct walk *walk = arg;
	groove_data_hdr_t *hdr = slot_hdr(walk->data, szc, block, idx);
	const uint64_t tag = __atomic_load_n(&hdr->info, __ATOMIC_RELAXED);

	if (hdr_type(bits) != GROOVE_DATA_HDR_TYPE_ALLOC || szc < walk->filter.szc_min || szc > walk->filter.szc_max ||
		tag < walk->filter.tag_min || tag > walk->filter.tag_max)
		return 0;
	return walk->fn(walk->arg, (uint8_t *)hdr + hdr_obj_off(hdr_align(bits)));
}

int
groove_data_walk(groove_data_t *data, const groove_data_walk_filter_t *filter, groove_data_walk_fn fn, void *arg)
{
	static const groove_data_walk_filter_t everything = {.tag_max = UINT64_MAX, .szc_max = UINT64_MAX};
	static const struct tree_ops ops = {.slot = walk_slot};
	struct walk walk = {data, filter != NULL ? *filter : everything, fn, arg};
	int err = GROOVE_SUCCESS;

	if (!join_check(data, "walk"))
		return GROOVE_ERR_INVAL;
	if (fn == NULL) {
		GROOVE_LOG(ERR, "walk: NULL function\n");
		return GROOVE_ERR_INVAL;
	}
	for (uint64_t i = 0; err == GROOVE_SUCCESS && i < data->pool.volume_max; i++)
		if (volume_state_kind(pool_state(&data->pool, i)) == VOLUME_USED)
			err = tree_walk(data, i, &ops, &walk);
	return err;
}
