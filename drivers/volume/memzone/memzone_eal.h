/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef MEMZONE_EAL_H
#define MEMZONE_EAL_H

/* EAL, which may come after the library and go before it, and may share its memory with other processes, or not. */

#include <stdbool.h>

#include <rte_memzone.h>

/* That address space of EAL is in use, by which it is seen later that EAL has gone. */
void memzone_eal_note(const struct rte_memzone *zone);

bool memzone_eal_is_there(void);

/*
 * Whether EAL shares memory with other processes. Asked of EAL: files in its directory may be of others that were
 * started with the same --file-prefix. With --no-huge it shares its files, but no memory.
 */
bool memzone_eal_shares(void);

#endif /* MEMZONE_EAL_H */
