/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef SCENARIOS_H
#define SCENARIOS_H

/* All scenarios, by subject. After the last of each comes one without a name. */

#include "schedule.h"

extern const struct scenario slot_scenarios[];
extern const struct scenario list_scenarios[];
extern const struct scenario volume_scenarios[];
extern const struct scenario drain_scenarios[];
extern const struct scenario shelf_scenarios[];
extern const struct scenario walk_scenarios[];
extern const struct scenario count_scenarios[];
extern const struct scenario full_scenarios[];

/* One with a join that comes. */
extern const struct scenario reach_scenarios[];

/* Those that watch one slot. */
extern const struct scenario reuse_scenarios[];

/* One that watches so little that it can go, and needs to, far. */
extern const struct scenario deep_scenarios[];

/* Those in which the first thread dies, and then another recovers. */
extern const struct scenario recovery_scenarios[];

/* The same, with so little watched that they can have all preemptions that they need. */
extern const struct scenario look_scenarios[];
extern const struct scenario look_move_scenarios[];

/* Those about whose a record is, with the check of a schedule in which a thread died. */
extern const struct scenario owner_scenarios[];
extern const struct scenario owner_one_scenarios[]; /* two threads are one process: without deaths */
int check_owner(unsigned int dead);

#endif /* SCENARIOS_H */
