/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "table.h"

#include <assert.h>
#include <string.h>

#include "stress_draw.h"

/* "stress" and the version of the layout. */
#define TABLE_MAGIC 0x7374726573730002UL

static_assert(sizeof(struct stress_table) == 128 && sizeof(struct stress_seat) == 128 &&
		      sizeof(struct stress_slot) == 128 && offsetof(struct stress_slot, tag) == 32,
	"layout 2");

uint64_t
stress_table_sz(uint64_t slot_cnt, uint64_t seat_cnt)
{
	return sizeof(struct stress_table) + seat_cnt * sizeof(struct stress_seat) +
	       slot_cnt * sizeof(struct stress_slot);
}

struct stress_table *
stress_table_new(void *mem, uint64_t slot_cnt, uint64_t seat_cnt, uint64_t sz_max, uint64_t seed)
{
	struct stress_table *table = mem;

	memset(mem, 0, stress_table_sz(slot_cnt, seat_cnt));
	table->magic = TABLE_MAGIC;
	table->slot_cnt = slot_cnt;
	table->seat_cnt = seat_cnt;
	table->sz_max = sz_max;
	table->salt = stress_mix(seed);
	return table;
}

bool
stress_table_is_sound(const struct stress_table *table, uint64_t sz)
{
	return sz >= sizeof(*table) && table->magic == TABLE_MAGIC && table->slot_cnt > 0 &&
	       table->slot_cnt <= STRESS_SLOT_CNT_MAX && table->seat_cnt <= sz / sizeof(struct stress_seat) &&
	       stress_table_sz(table->slot_cnt, table->seat_cnt) <= sz;
}

struct stress_seat *
stress_table_seats(struct stress_table *table)
{
	return (struct stress_seat *)(table + 1);
}

struct stress_slot *
stress_table_slots(struct stress_table *table)
{
	return (struct stress_slot *)(stress_table_seats(table) + table->seat_cnt);
}
