/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_JOINS_H
#define GROOVE_JOINS_H

/*
 * The joins that this process has, noted here as they are made: so that no memory is unmapped that one of them uses,
 * and a thread that ends can leave its own. Of this process alone; the lock that guards the notes is taken by join,
 * leave and detach only, for a few instructions. A child of fork has none.
 */

#include <stdbool.h>

#include <groove_data.h>

/* Note a join before it has its record, after which nothing may fail. 0; -1, logged: no heap. */
int joins_add(groove_data_t *data);

/* The handle of a noted join is complete. */
void joins_complete(const groove_data_t *data);

/* Of a join that has left. A note that is gone is fine. */
void joins_remove(struct groove_join_note *note);

/* Forget the joins of a groove that was at an address before: its memory is another now. */
void joins_forget(const void *shdata);

/*
 * Joins of the groove at an address. text receives the indices of the first of them, for a message; a read-only join
 * has none.
 */
unsigned int joins_of(const void *shdata, char *text, size_t text_sz);

/*
 * Note that a join ends with a thread, which is known by any address of its own. is_gone(): whether the groove was
 * unmapped by then.
 */
void joins_bind(groove_data_t *ljoin, const void *thread, bool (*is_gone)(const void *arg), const void *arg);

/*
 * One of the joins that end with a thread, which is noted as such no more; gone: what is_gone() returned. Copies of the
 * handle are refused from here on. False: none is left.
 */
bool joins_take_of(const void *thread, groove_data_t *join, bool *gone);

#endif /* GROOVE_JOINS_H */
