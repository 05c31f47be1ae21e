/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "region_registry.h"

#include <pthread.h>

static pthread_mutex_t regions_lock = PTHREAD_MUTEX_INITIALIZER;
static groove_region_t *regions;

/* ---- fork ---- */

static void
fork_before(void)
{
	pthread_mutex_lock(&regions_lock);
}

static void
fork_parent(void)
{
	pthread_mutex_unlock(&regions_lock);
}

static void
fork_child(void)
{
	regions = NULL;
	pthread_mutex_unlock(&regions_lock);
}

static void
fork_watch(void)
{
	pthread_atfork(fork_before, fork_parent, fork_child);
}

/* ---- the list ---- */

static groove_region_t **
link_of(const groove_region_t *region)
{
	groove_region_t **link = &regions;

	while (*link != NULL && *link != region)
		link = &(*link)->next;
	return link;
}

void
region_registry_add(groove_region_t *region)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, fork_watch);
	pthread_mutex_lock(&regions_lock);
	region->next = NULL;
	*link_of(NULL) = region;
	pthread_mutex_unlock(&regions_lock);
}

void
region_registry_remove(groove_region_t *region)
{
	groove_region_t **link;

	pthread_mutex_lock(&regions_lock);
	link = link_of(region);
	if (*link != NULL)
		*link = region->next;
	pthread_mutex_unlock(&regions_lock);
}

int
region_registry_each(int (*fn)(void *arg, groove_region_t *region), void *arg)
{
	int err = 0;

	pthread_mutex_lock(&regions_lock);
	for (groove_region_t *region = regions; err == 0 && region != NULL; region = region->next)
		err = fn(arg, region);
	pthread_mutex_unlock(&regions_lock);
	return err;
}
