/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef MP_SEAT_H
#define MP_SEAT_H

/*
 * What a thread keeps of a pool: the place of its process, and the magazine that it used last. There it looks first: so
 * it finds what it put, in the caches of its own CPU, and threads are apart.
 */

#include "magazine.h"
#include "mp_self.h"

#define SEAT_CNT 16U

struct seat {
	uint64_t pool;	 /* its id, */
	uint64_t number; /* and that of the process: a child of fork has another */
	struct magazine *last;
	uint8_t member;
};

/* Static TLS, as an access by a call would take longer than a get of few elements. */
extern __thread struct seat seats[SEAT_CNT] __attribute__((__tls_model__("initial-exec")));

/* The first use of a pool by a thread, or the first after that of too many others. False: the process can have no
 * place; logged. */
bool seat_take(struct mp_pool *pool, struct seat *seat);

/* That of the calling thread. NULL: the process can have no place in the pool, logged. */
static inline struct seat *
seat_of(struct mp_pool *pool)
{
	struct seat *seat = &seats[pool->id % SEAT_CNT];

	if (unlikely(seat->pool != pool->id || seat->number != self_number()) && !seat_take(pool, seat))
		return NULL;
	return seat;
}

#endif /* MP_SEAT_H */
