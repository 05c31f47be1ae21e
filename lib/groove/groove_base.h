/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_BASE_H
#define GROOVE_BASE_H

/**
 * @file
 * What every part of groove shares: error codes and the units of memory.
 *
 * A call that can fail returns GROOVE_SUCCESS or one of the negative codes below, or NULL where it returns a pointer. A
 * call that fails has changed nothing.
 */

#include <stddef.h>
#include <stdint.h>

#include <groove_build_config.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GROOVE_SUCCESS	   0	/**< Done. */
#define GROOVE_ERR_INVAL   (-1) /**< An argument is not what the call takes. */
#define GROOVE_ERR_AGAIN   (-2) /**< Not now: try again later. */
#define GROOVE_ERR_CORRUPT (-3) /**< Shared state is damaged. */
#define GROOVE_ERR_EMPTY   (-4) /**< Nothing left to take. */
#define GROOVE_ERR_FULL	   (-5) /**< No room left. */
#define GROOVE_ERR_KEY	   (-6) /**< No such key, or the key exists already. */

/** Unit in which volumes are divided, bytes. */
#define GROOVE_BLOCK_ALIGN     512UL
#define GROOVE_BLOCK_FOOTPRINT 512UL /**< The same: a block is its own alignment. */

/** Unit in which lcores share memory, bytes. Two objects never share one. */
#define GROOVE_LINE_SZ 64UL

/**
 * Name of an error code.
 *
 * @param err
 *   Any integer.
 * @return
 *   A constant string, never NULL. Callable from any thread.
 */
const char *groove_strerror(int err);

#ifdef __cplusplus
}
#endif

#endif /* GROOVE_BASE_H */
