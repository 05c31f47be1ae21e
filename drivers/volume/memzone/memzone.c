/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * Volume driver memzone: memory of EAL, one memzone for a whole region, since separate ones do not lie side by side.
 *
 * All volumes have memory from the start, and keep it: a groove here grows and shrinks within, and no page goes back to
 * the operating system before the region is destroyed. Secondary processes find the region by its name.
 */

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>

#include <rte_common.h>

#include "lock_file.h"
#include "memzone_eal.h"
#include "memzone_log.h"
#include "name_lock.h"
#include "zone.h"
#include "zone_list.h"
#include "zone_reserve.h"
#include "zone_unlink.h"

/* ---- create ---- */

static int
check_name(const char *name)
{
	char unused[RTE_MEMZONE_NAMESIZE];

	if (name == NULL || zone_name(unused, name))
		return GROOVE_SUCCESS;
	MEMZONE_LOG(ERR, "name %s: EAL has room for %zu bytes, take a shorter one", name,
		RTE_MEMZONE_NAMESIZE - sizeof(ZONE_NAME_PREFIX));
	return GROOVE_ERR_INVAL;
}

/* A name is for others to find. */
static int
check_shared(const char *name)
{
	if (name == NULL || memzone_eal_shares())
		return GROOVE_SUCCESS;
	MEMZONE_LOG(ERR,
		"region %s: with --in-memory, --no-shconf or --no-huge EAL shares no memory, so no process could find "
		"it: start EAL without, leave the name out, or take another driver",
		name);
	return GROOVE_ERR_INVAL;
}

static int
check_request(const groove_volume_request_t *request)
{
	int err = zone_check_setup(request);

	if (err == GROOVE_SUCCESS)
		err = check_name(request->name);
	if (err == GROOVE_SUCCESS)
		err = check_shared(request->name);
	return err;
}

/* A memzone that knows its number, with a lock file, for a name that is free or none. NULL, logged, with the error. */
static const struct rte_memzone *
make(const groove_volume_request_t *request, uint64_t front_sz, int *err)
{
	const struct need need = {
		.request = request,
		.zone_sz = front_sz + request->volume_max * request->volume_sz,
	};
	const struct rte_memzone *zone;

	if (request->name != NULL)
		zone_unlink_left(request->name);
	zone = zone_make(&need, err);
	if (zone == NULL)
		return NULL;

	/* EAL zeroes what is freed, not what it is given: memory may be old. */
	memset(zone->addr, 0, front_sz);
	/* First: what removes it when this process has died finds the lock file by it. */
	groove_volume_id_note(zone->addr, request->id);
	*err = lock_file_make(request->id);
	if (*err == GROOVE_SUCCESS)
		return zone;
	zone_release(zone);
	return NULL;
}

static int
memzone_create(const groove_volume_request_t *request, groove_volume_range_t *range)
{
	const uint64_t front_sz = RTE_ALIGN_CEIL(request->front_sz, ZONE_ALIGN);
	const struct rte_memzone *zone;
	int err = check_request(request);
	int maker_fd = -1;

	if (err != GROOVE_SUCCESS)
		return err;
	/* Before it can be found. */
	if (request->name != NULL) {
		maker_fd = makers_lock(LOCK_SH, request->name);
		if (maker_fd < 0)
			return GROOVE_ERR_AGAIN;
	}
	zone = make(request, front_sz, &err);
	if (zone == NULL) {
		lock_release(maker_fd);
		return err;
	}
	lock_file_maker(request->id, maker_fd);
	zone_range(zone, range);
	range->front_sz = front_sz;
	range->id = request->id;
	return GROOVE_SUCCESS;
}

static void
memzone_made(const groove_volume_range_t *range)
{
	lock_release(lock_file_maker(range->id, -1));
}

/* ---- open, close ---- */

static int
memzone_open(const char *dir, const char *name, groove_volume_range_t *range)
{
	const struct rte_memzone *zone;
	int fd;

	(void)dir;
	if (zone_find(name) == NULL)
		return GROOVE_ERR_KEY;
	fd = name_lock(name, F_RDLCK);
	if (fd < 0)
		return GROOVE_ERR_AGAIN;
	zone = zone_find(name); /* once more, now that it stays */
	if (zone == NULL) {
		lock_release(fd);
		return GROOVE_ERR_KEY;
	}
	zone_range(zone, range);
	range->keep_fd = fd + 1;
	return GROOVE_SUCCESS;
}

static void
memzone_attached(groove_volume_range_t *range)
{
	lock_release(range->keep_fd - 1);
	range->keep_fd = 0;
}

/* Of a region with a name the memory stays, until it is destroyed or EAL's processes have ended. */
static void
memzone_close(groove_volume_range_t *range)
{
	memzone_attached(range);
	if (range->priv == NULL)
		return;
	lock_file_drop(range);
	if (!zone_is_gone(range))
		zone_release(range->priv);
}

/* ---- what is by name: EAL has one directory ---- */

static int
memzone_unlink(const char *dir, const char *name, const groove_volume_range_t *range)
{
	(void)dir;
	return zone_unlink(name, range);
}

static int
memzone_list(const char *dir, groove_region_list_fn fn, void *arg)
{
	(void)dir;
	return zone_list(fn, arg);
}

static groove_volume_driver_t memzone_driver = {
	.name = "memzone",
	.create = memzone_create,
	.made = memzone_made,
	.open = memzone_open,
	.attached = memzone_attached,
	.is_gone = zone_is_gone,
	.close = memzone_close,
	.lock_open = lock_file_open,
	.unlink = memzone_unlink,
	.list = memzone_list,
};

GROOVE_VOLUME_DRIVER(memzone_driver)
