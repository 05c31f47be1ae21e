/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_RECOVER_H
#define GROOVE_RECOVER_H

/*
 * groove_data_recover() that reports what it did.
 */

#include <groove_data.h>

struct recover_report {
	uint64_t join_cnt;   /* records given back */
	uint64_t slot_cnt;   /* slots put back */
	uint64_t header_cnt; /* headers read */
};

int recover(groove_data_t *data, groove_data_dead_fn dead, void *arg, struct recover_report *report);

/*
 * Recover the dead join whose record this join has taken over (adopt.c): settle its counters, return what it had
 * cached. What it had named as held is found by a search through all superblocks, which the next recover() of any join
 * makes: shdata->search says that one is due.
 */
void recover_own(groove_data_t *data);

/*
 * shdata->search: how often a search became due, and in the lowest bit whether it still is. One search covers all that
 * became due before it began.
 */
#define SEARCH_DUE 1UL

#endif /* GROOVE_RECOVER_H */
