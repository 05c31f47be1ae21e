/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef APP_JSON_FILE_H
#define APP_JSON_FILE_H

/**
 * @file
 * The file of --json: the result of this run, of whatever run it is.
 *
 * A file that is there is replaced as a whole when the run begins, by one that says "unfinished", and again at its end.
 * So no result of another run passes for one of this, and nobody reads half of one. A process has one such file.
 *
 *     app_json_open()     as soon as the path is known
 *     app_json_keep()     what the run found, if there was one
 *     app_json_close()    writes it; a process that exits before is one whose run could not be made
 */

#include <stdbool.h>

#include <jansson.h>

/** Number of the keys below and of what they mean. Grows when one goes or means something else. */
#define APP_JSON_SCHEMA 1

/**
 * Open it: "-" is standard output, and what else goes there goes to standard error from then on.
 *
 * @param path
 *   Must outlive the process's output. NULL: there is none, and the calls below do nothing.
 * @param argv
 *   The command line, kept in the result.
 * @param quiet
 *   Do not print why it cannot be.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_FULL, printed.
 */
int app_json_open(const char *path, int argc, char *const *argv, bool quiet);

/** Keep the keys of an object for the file. Given up: the caller's reference is gone. NULL: no memory. */
void app_json_keep(json_t *result);

/** Whether something was kept. */
bool app_json_has(void);

/**
 * Write the file: schema, program, version, dpdk, command, start, end, result, exit_status and error, then what was
 * kept.
 *
 * @param result
 *   pass, FAIL, interrupted or "not run".
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_FULL, printed.
 */
int app_json_close(const char *result, int exit_status);

#endif /* APP_JSON_FILE_H */
