/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_THREAD_END_H
#define GROOVE_THREAD_END_H

/*
 * The end of a thread: it leaves its own joins.
 */

#include <stdbool.h>

#include <groove_data.h>

/*
 * Have the calling thread leave a join when it ends, if the handle lies in memory that ends with it: its stack, or its
 * thread-local variables there. Nobody can use such a join afterwards, but through a copy of the handle, which every
 * call then refuses. Other handles may be used by any thread after this one, and are not touched. The groove must stay
 * mapped as long as joins_of() counts the join; where somebody else unmaps it is_gone() says so, and it is not left.
 */
void thread_end_leaves(groove_data_t *ljoin, bool (*is_gone)(const void *arg), const void *arg);

#endif /* GROOVE_THREAD_END_H */
