/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef APP_REPLACE_H
#define APP_REPLACE_H

/** @file A file that is written as a whole, or stays as it is: nobody reads half of one, and a full disk takes none
 * away. */

#include <stdio.h>

/** Writes what the file should hold. Its errors are those of the stream. */
typedef void (*app_replace_fn)(FILE *stream, const void *arg);

/**
 * Write a new file next to the old one and have it take its place, with its mode, and by way of a link where that
 * leads. What is there and no regular file, as a device, is written to.
 *
 * @param path
 *   The file.
 * @param fn
 *   Writes it.
 * @param arg
 *   What fn is called with.
 * @return
 *   0 or errno; then the old file is as it was.
 */
int app_replace(const char *path, app_replace_fn fn, const void *arg);

#endif /* APP_REPLACE_H */
