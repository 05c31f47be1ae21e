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
 * Have the calling thread leave a join when it ends, if the handle lies in memory that ends with it: its stack, or its
 * thread-local variables there. Nobody can use such a join afterwards, but through a copy of the handle, which every
 * call then refuses. Other handles may be used by any thread after this one, and are not touched. The groove must stay
 * mapped as long as joins_of() counts the join; where somebody else unmaps it is_gone() says so, and it is not left.
 */
void joins_bind(groove_data_t *ljoin, bool (*is_gone)(const void *arg), const void *arg);

#endif /* GROOVE_JOINS_H */
