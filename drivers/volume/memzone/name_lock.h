/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef NAME_LOCK_H
#define NAME_LOCK_H

/*
 * Locks of one file of EAL, which the kernel drops when a process dies. It is one that EAL itself never locks: by its
 * lock of "config" EAL knows that the primary lives, and the primary would drop it by closing "config" here. Private to
 * the memzone driver.
 */

/*
 * The lock of makers. A memzone has its name from the start, and nothing in it says which process makes it. So the
 * makers share this lock meanwhile (LOCK_SH); to remove what was half made a process has it alone (LOCK_EX). Returns a
 * descriptor that holds it; -1, logged.
 */
int makers_lock(int operation, const char *name);

/*
 * The lock of a name, of another kind than that of makers, one byte of the same file for each name, or for some names
 * together. EAL unmaps what is removed in all its processes. So a process that removes a name has the lock alone
 * (F_WRLCK), and one that has opened it shares it (F_RDLCK) until lib/region's own locks keep the range. Waits for a
 * while. Returns a descriptor that holds it; -1, logged.
 */
int name_lock(const char *name, short type);

/* Give up the lock of a name, and keep the descriptor. */
void name_unlock(const char *name, int fd);

/* Give up either lock, and close its descriptor; -1: there is none. */
void lock_release(int fd);

#endif /* NAME_LOCK_H */
