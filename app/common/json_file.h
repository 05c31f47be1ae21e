/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef APP_JSON_FILE_H
#define APP_JSON_FILE_H

/** @file The file of --json. */

#include <stdio.h>

#include <jansson.h>

/** Open the file before the run. NULL, printed, when it cannot be. Without a result it is as it was, or removed. */
FILE *app_json_open(const char *path);

/**
 * Write a result, and close the file.
 *
 * @param result
 *   Given up: the caller's reference is gone. NULL: no memory.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_FULL, printed.
 */
int app_json_write(FILE *file, const char *path, json_t *result);

#endif /* APP_JSON_FILE_H */
