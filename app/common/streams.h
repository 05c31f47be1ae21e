/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef APP_STREAMS_H
#define APP_STREAMS_H

/** @file The process's standard streams: there from the start, and written in full at the end. */

/** Before anything else opens a file. A stream that is closed becomes one that fails; a reader that left is no end. */
void app_streams_open(void);

/** Write what is left. Returns the exit status: a pass that could not be written is none, and stderr says so. */
int app_streams_close(int status);

#endif /* APP_STREAMS_H */
