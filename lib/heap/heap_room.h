/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef HEAP_ROOM_H
#define HEAP_ROOM_H

/*
 * What makes room when an allocation finds none: growth within the limit, then recovery of dead processes, then growth
 * once more, as recovery gives volumes back that a dead process was adding.
 */

#include "heap.h"

/* How far an allocation has come; zeros to begin with. */
struct heap_room {
	bool recovered;	  /* it has looked for dead processes */
	bool others_grow; /* others are adding the last volume that the limit allows */
};

/* A coarse clock, which only goes forward, in milliseconds. */
uint64_t heap_now_ms(void);

/* One more volume, if the limit allows. As groove_region_grow(); GROOVE_ERR_FULL is silent at the limit. */
int heap_room_grow(struct heap_node *node, groove_data_t *join);

/* Make room. Whether there may be some now, so that it is worth to try again. */
bool heap_room_make(struct heap_node *node, groove_data_t *join, struct heap_room *room);

#endif /* HEAP_ROOM_H */
