/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_RECOVER_H
#define GROOVE_RECOVER_H

/*
 * groove_data_recover() that tells what it did.
 */

#include <groove_data.h>

struct recover_report {
	uint64_t join_cnt;   /* records given back */
	uint64_t slot_cnt;   /* slots put back */
	uint64_t header_cnt; /* headers read */
};

int recover(groove_data_t *data, groove_data_dead_fn dead, void *arg, struct recover_report *report);

#endif /* GROOVE_RECOVER_H */
