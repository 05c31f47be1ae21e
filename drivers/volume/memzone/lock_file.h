/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef LOCK_FILE_H
#define LOCK_FILE_H

/*
 * Lock files, by which it is seen which processes of a region live: one for each region, among the files that EAL's
 * processes share. Where EAL shares nothing it is a memory file, for the region's descriptors to be opened from.
 * Private to the memzone driver.
 */

#include <stdint.h>

#include <groove_volume_driver.h>

/* Make that of a region. GROOVE_SUCCESS; GROOVE_ERR_INVAL, logged. */
int lock_file_make(uint64_t id);

/*
 * A descriptor that a process keeps with the file it made, as long as it is making the region: keep one (fd), or take
 * it back (-1). Returns the one that was kept; -1: none.
 */
int lock_file_maker(uint64_t id, int fd);

/* Open that of a region. A descriptor; GROOVE_ERR_INVAL, logged. */
int lock_file_open(const groove_volume_range_t *range);

/* Remove that of a region, and no other file that has its name by now. */
void lock_file_drop(const groove_volume_range_t *range);

#endif /* LOCK_FILE_H */
