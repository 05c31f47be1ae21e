/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "zone_unlink.h"

#include <fcntl.h>
#include <sys/file.h>

#include "lock_file.h"
#include "memzone_eal.h"
#include "name_lock.h"
#include "zone.h"
#include "zone_reserve.h"

static int
unlink_locked(const char *name, const groove_volume_range_t *range, bool is_maker)
{
	const struct rte_memzone *zone = zone_find(name);

	/* The name, and the address, may be those of a later one. */
	if (zone == NULL || zone->addr != range->base || (!is_maker && groove_volume_id(zone->addr) != range->id))
		return GROOVE_ERR_KEY;
	lock_file_drop(range);
	zone_release(zone);
	return GROOVE_SUCCESS;
}

/*
 * Of two that remove a name at one time one looks when the other is done: then it is gone, or a later one. So each
 * gives up its share of the lock first.
 */
static int
unlink_alone(const char *name, const groove_volume_range_t *range, bool is_maker)
{
	int err;
	int fd;

	if (!memzone_eal_is_there())
		return GROOVE_ERR_KEY;
	if (range->keep_fd != 0)
		name_unlock(name, range->keep_fd - 1);
	fd = name_lock(name, F_WRLCK);
	if (fd < 0)
		return GROOVE_ERR_AGAIN;
	err = unlink_locked(name, range, is_maker);
	lock_release(fd);
	return err;
}

/*
 * Its memory is only looked at by one that removes names alone: another that removed it meanwhile would have unmapped
 * it.
 */
void
zone_unlink_left(const char *name)
{
	const struct rte_memzone *zone;
	groove_volume_range_t range;
	int fd;

	if (zone_find(name) == NULL)
		return;
	fd = name_lock(name, F_WRLCK);
	if (fd < 0)
		return;
	zone = zone_find(name);
	if (zone != NULL && groove_volume_is_destroyed(zone->addr)) {
		zone_range(zone, &range);
		range.id = groove_volume_id(range.base);
		unlink_locked(name, &range, false);
	}
	lock_release(fd);
}

int
zone_unlink(const char *name, const groove_volume_range_t *range)
{
	const int maker_fd = lock_file_maker(range->id, -1);
	int err = GROOVE_ERR_AGAIN;
	int fd;

	if (maker_fd >= 0) {
		err = unlink_alone(name, range, true);
		lock_release(maker_fd);
		return err;
	}
	if (zone_is_gone(range) || !zone_is_half_made(range))
		return unlink_alone(name, range, false);
	fd = makers_lock(LOCK_EX, name);
	if (fd < 0)
		return err;
	/* Else it was finished meanwhile. */
	if (zone_is_half_made(range))
		err = unlink_alone(name, range, false);
	lock_release(fd);
	return err;
}
