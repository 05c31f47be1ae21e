/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_JOIN_HANDLE_H
#define GROOVE_JOIN_HANDLE_H

/*
 * The handle of a join: whether it is one, of this process, and where it finds things.
 */

#include <stdbool.h>

#include "geometry.h"

/* groove_data_is_live(); logs, naming the call, when not. */
bool join_check(const groove_data_t *data, const char *call);

/* The same for a call that changes nothing: also a handle of groove_data_join_observer(). */
bool join_check_look(const groove_data_t *data, const char *call);

/* Whether a handle has no record: of groove_data_join_readonly() or _observer(), of this process. */
bool join_is_readonly(const groove_data_t *data);

/* Whether it is of groove_data_join_readonly(), so that what it reads may be torn. */
bool join_is_torn(const groove_data_t *data);

/* Whether there can be a handle at an address. Logs when not. */
bool handle_check(const groove_data_t *ljoin);

/* Fill in a handle that knows its groove: where things are in it. False, logged, when there is no groove. */
bool handle_open(groove_data_t *data, void *volume0, uint64_t volume_max);

/* A handle that every call refuses. */
void handle_close(groove_data_t *data);

/* A handle that knows where things lie, and has no record and no cache. False, logged, when an argument is wrong. */
bool join_view(groove_data_t *data, void *shdata, const groove_data_cfg_t *cfg, void *volume0, const char *call);

#endif /* GROOVE_JOIN_HANDLE_H */
