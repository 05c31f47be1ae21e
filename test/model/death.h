/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef DEATH_H
#define DEATH_H

/* Recovery from the deaths of a schedule, and what must be true after it. */

/* Recover from the deaths so far. */
void do_recover(unsigned int thread);

/*
 * A thread died, the others ended. Recovery must succeed; then what the others hold is there and nothing else but what
 * the dead one may have left, and when all is freed all volumes are empty.
 */
int check_recovered(unsigned int dead);

/* Of a schedule in which nobody died, which is the first one. */
int check_undead(void);

/* Join when all records are taken: take over that of a dead join, recover, and leave. */
void do_adopt(unsigned int thread);

#endif /* DEATH_H */
