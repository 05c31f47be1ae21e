/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "point.h"

#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "hooks.h"

extern const char __executable_start; /* the linker's */

static struct {
	uintptr_t watched;
	uint64_t watched_sz;
	uint64_t map_sz; /* of the mapping to watch; 0: none */
	struct points *points;
	struct point_order order;
} self;

/* ---- the table ---- */

static struct point *
entry(struct points *points, uint32_t site)
{
	for (uint32_t i = 0; i < POINT_MAX; i++) {
		struct point *point = &points->point[(site + i) % POINT_MAX];

		if (point->site == site || point->site == 0)
			return point;
	}
	fprintf(stderr, "more than %u points: raise POINT_MAX\n", POINT_MAX);
	abort();
}

struct point *
point_find(struct points *points, uint32_t site)
{
	struct point *point = entry(points, site);

	return point->site != 0 ? point : NULL;
}

void
point_forget(struct points *points)
{
	points->events = 0;
	for (uint32_t i = 0; i < POINT_MAX; i++)
		points->point[i].hits = 0;
}

static void
count(uint32_t site)
{
	struct point *point = entry(self.points, site);

	point->site = site;
	point->last = ++self.points->events;
	if (point->hits++ == 0)
		point->first = point->last;
}

/* ---- what happens there ---- */

static void
die(void)
{
	kill(getpid(), SIGKILL);
	for (;;)
		pause();
}

static void
reach(const void *addr, const void *return_address)
{
	const uint32_t site = (uint32_t)((uintptr_t)return_address - (uintptr_t)&__executable_start);

	if (self.order.mode == POINT_PASS || (uintptr_t)addr - self.watched >= self.watched_sz)
		return;
	if (self.order.pause_at > 0) {
		if (--self.order.pause_at > 0)
			return;
		raise(SIGSTOP);
	}
	if (self.order.mode == POINT_COUNT) {
		count(site);
		return;
	}
	if ((self.order.site != 0 && self.order.site != site) || --self.order.nth != 0)
		return;
	if (self.order.mode == POINT_DIE)
		die();
	self.order.mode = POINT_PASS;
	raise(SIGSTOP);
}

void
hooks_write(void *addr, uint64_t sz, const void *site)
{
	if (sz != 0)
		reach(addr, site);
}

void
hooks_atomic(void *addr, uint64_t sz, enum hooks_op op, int mo, const void *site)
{
	(void)sz;
	(void)op;
	(void)mo;
	reach(addr, site);
}

/* ---- what is watched ---- */

void
point_watch(const void *addr, uint64_t sz)
{
	self.watched = (uintptr_t)addr;
	self.watched_sz = sz;
	self.map_sz = 0;
}

void
point_watch_map(uint64_t sz)
{
	point_watch(NULL, 0);
	self.map_sz = sz;
}

/* The linker's --wrap leads mmap() here, which has this name where offsets have 64 bits. */
void *__real_mmap64(void *addr, size_t sz, int prot, int flags, int fd, off_t off);
void *__wrap_mmap64(void *addr, size_t sz, int prot, int flags, int fd, off_t off);

void *
__wrap_mmap64(void *addr, size_t sz, int prot, int flags, int fd, off_t off)
{
	void *map = __real_mmap64(addr, sz, prot, flags, fd, off);

	if (map != MAP_FAILED && sz == self.map_sz && (flags & MAP_SHARED) != 0)
		point_watch(map, sz);
	return map;
}

void
point_obey(struct points *points, const struct point_order *order)
{
	self.points = points;
	self.order = *order;
	if (order->mode == POINT_COUNT)
		point_forget(points);
}
