/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef MP_SELF_H
#define MP_SELF_H

/*
 * This process, as a member of pools. It has a random number, and a lock on the byte of that number in a file among
 * those that EAL's processes share. The kernel drops the lock when the address space of the process is gone, whatever
 * ended it: so the numbers of the dead are known by their bytes, and process numbers mean nothing. The child of a fork
 * has the memory of the pools, but reads zeros where its parent keeps its number: it is a process of its own.
 */

#include "mp_member.h"

/* What a process keeps of itself; a child of fork reads zeros. */
struct self {
	uint64_t number; /* 0: it has none yet */
};

extern struct self *self_page;

static inline uint64_t
self_number(void)
{
	/* Acquire: with the release in page_map(), for a page that is zeroed. */
	const struct self *self = __atomic_load_n(&self_page, __ATOMIC_ACQUIRE);

	/* Relaxed: the number alone says all. */
	return __atomic_load_n(&self->number, __ATOMIC_RELAXED);
}

/* The place of this process in a pool, which it takes at its first call. 0: it can have none, logged. */
uint8_t self_enter(struct mp_pool *pool);

/* Note in a new pool by which file it is known which processes live. 0, or a negative errno, logged. */
int self_note_file(struct mp_pool *pool);

/* Recover from all deaths. Returns from how many, or a negative errno, logged. */
int self_recover(struct mp_pool *pool);

/* Lock out other strangers, until unlocked or dead. Returns a descriptor; -1: it has to be tried again. */
int self_lock_strangers(const struct mp_pool *pool);
void self_unlock_strangers(int fd);

#endif /* MP_SELF_H */
