/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "check.h"

struct outcome
outcomes_sum(void)
{
	struct outcome sum = {.obj_cnt = 0};

	for (unsigned int t = 0; t < SCHEDULE_THREAD_MAX; t++) {
		sum.obj_cnt += outcomes[t].obj_cnt;
		sum.full_cnt += outcomes[t].full_cnt;
		sum.freed_cnt += outcomes[t].freed_cnt;
		sum.refused_cnt += outcomes[t].refused_cnt;
	}
	return sum;
}

/* No object is in two hands, and each is in no volume that was removed. */
static int
check_objects(void)
{
	for (unsigned int t = 0; t < SCHEDULE_THREAD_MAX; t++)
		for (unsigned int i = 0; i < outcomes[t].obj_cnt; i++) {
			const uint8_t *obj = outcomes[t].obj[i];

			EXPECT(groove_data_alloc_tag(obj) == t, "object of thread %u has tag %lu", t,
				groove_data_alloc_tag(obj));
			for (unsigned int u = 0; u <= t; u++) {
				const uint8_t *removed = (const uint8_t *)outcomes[u].removed;

				for (unsigned int k = 0; k < (u == t ? i : outcomes[u].obj_cnt); k++)
					EXPECT(outcomes[u].obj[k] != obj, "%p is in two hands", (const void *)obj);
				EXPECT(removed == NULL || obj < removed || obj >= removed + GROOVE_VOLUME_FOOTPRINT_MIN,
					"%p is in a removed volume", (const void *)obj);
			}
		}
	return 0;
}

int
check_end(unsigned int freed)
{
	groove_data_t *join = &world.join[CHECKER];
	unsigned int gone = 0;
	groove_data_stats_t stats;

	EXPECT(check_objects() == 0, "objects");
	for (unsigned int t = 0; t < SCHEDULE_THREAD_MAX; t++)
		EXPECT(outcomes[t].wrong_cnt == 0, "a call of thread %u reported damage", t);
	EXPECT(groove_data_verify(join) == GROOVE_SUCCESS, "verify after the threads");
	for (unsigned int t = 0; t < SCHEDULE_THREAD_MAX; t++)
		for (unsigned int i = 0; i < outcomes[t].obj_cnt; i++)
			EXPECT(groove_data_free(join, outcomes[t].obj[i]) == GROOVE_SUCCESS, "free of thread %u", t);
	for (unsigned int i = 0; i < world.kept_cnt; i++)
		if (world.kept[i] != NULL &&
			groove_data_object_hdr(world.kept[i])->bits % 65536 != GROOVE_DATA_HDR_TYPE_ALLOC)
			gone++;
		else if (world.kept[i] != NULL)
			EXPECT(groove_data_free(join, world.kept[i]) == GROOVE_SUCCESS, "free of kept %u", i);
	for (unsigned int i = 0; i < JOINS; i++)
		EXPECT(groove_data_flush(&world.join[i]) == GROOVE_SUCCESS, "flush of %u", i);
	EXPECT(gone == freed, "%u kept objects are gone, %u were freed", gone, freed);
	groove_data_trim(join);
	EXPECT(groove_data_verify(join) == GROOVE_SUCCESS, "verify after all was freed");
	EXPECT(groove_data_stats(join, &stats) == GROOVE_SUCCESS, "stats");
	EXPECT(stats.total.obj_cnt == 0 && stats.total.superblock_cnt == 0 &&
			stats.volume_empty_cnt == stats.volume_cnt,
		"left: %lu objects, %lu superblocks, %lu of %lu volumes", stats.total.obj_cnt,
		stats.total.superblock_cnt, stats.volume_cnt - stats.volume_empty_cnt, stats.volume_cnt);
	return 0;
}

int
check_all(unsigned int objs, unsigned int full_max, unsigned int freed, unsigned int refused)
{
	const struct outcome sum = outcomes_sum();

	EXPECT(sum.obj_cnt + sum.full_cnt == objs, "%u objects and %u times full", sum.obj_cnt, sum.full_cnt);
	EXPECT(sum.full_cnt <= full_max, "%u times full", sum.full_cnt);
	EXPECT(sum.freed_cnt == freed, "%u freed", sum.freed_cnt);
	EXPECT(sum.refused_cnt == refused, "%u refused", sum.refused_cnt);
	return check_end(freed);
}
