/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Attach. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "config.h"
#include "identity.h"
#include "joins.h"
#include "region_ctl.h"
#include "region_log.h"
#include "region_private.h"
#include "region_registry.h"

#define WHAT_SZ (GROOVE_REGION_NAME_MAX + 48)

static int
complain_destroyed(const char *what)
{
	REGION_LOG(ERR, "%s was destroyed: make a new one; destroy it again where its name is still there: %s", what,
		region_ctl("destroy"));
	return GROOVE_ERR_KEY;
}

/* Whether nobody destroyed it between the look and the lock. */
static int
check_not_destroyed(const groove_region_t *region, const char *what)
{
	return region_is_destroyed(region->hdr) ? complain_destroyed(what) : GROOVE_SUCCESS;
}

/* Nor began to rebuild it. */
static int
check_whole(const groove_region_t *region, const char *what)
{
	if (identity_of(region->hdr, region->driver, &region->range) == IDENTITY_WHOLE)
		return GROOVE_SUCCESS;
	REGION_LOG(ERR, "%s is being rebuilt: try again", what);
	return GROOVE_ERR_AGAIN;
}

static int
check_alive(const groove_region_t *region, const char *what)
{
	const int err = check_not_destroyed(region, what);

	return err == GROOVE_SUCCESS ? check_whole(region, what) : err;
}

/* Say why a region is read-only, or cannot be attached at all. where: a hole; NULL: its identity. */
static int
explain_damage(const groove_region_t *region, enum identity identity, const uint64_t *where, const char *what)
{
	static const char *const way_out = "it is read-only, for groove_data_walk(), until groove_region_rebuild() or";

	if (region->driver->sync == NULL) {
		REGION_LOG(ERR, "%s %s: destroy it: %s", what,
			where != NULL ? "lacks memory that it had, somebody punched a hole or cut it"
				      : identity_text(identity),
			region_ctl("destroy"));
		return GROOVE_ERR_CORRUPT;
	}
	if (config_is_foreign(groove_region_shdata(region))) {
		REGION_LOG(
			ERR, "%s: its groove is of a library with another layout or size classes: use that one", what);
		return GROOVE_ERR_CORRUPT;
	}
	if (where != NULL)
		REGION_LOG(WARNING, "%s has a hole at byte %" PRIu64 " where there was memory, punched or cut: %s %s",
			what, *where, way_out, region_ctl("rebuild"));
	else
		REGION_LOG(WARNING, "%s %s: %s %s", what, identity_text(identity), way_out, region_ctl("rebuild"));
	return GROOVE_SUCCESS;
}

/* Nothing in it can be changed by mistake. Memory that open found mapped is also that of others in this process. */
static int
protect(const groove_region_t *region, const char *what)
{
	if (region->driver->map == NULL || mprotect(region->range.base, region->range.sz, PROT_READ) == 0)
		return GROOVE_SUCCESS;
	REGION_LOG(ERR, "%s cannot be mapped read-only: %m; take fewer or smaller volumes", what);
	return GROOVE_ERR_FULL;
}

/* As check_alive(), but nothing is written: an intent to destroy it stays. */
static int
check_alive_looking(const groove_region_t *region, const char *what)
{
	const uint64_t mark = region_destroy_mark(region->hdr);

	if (mark == 0 || mark == REGION_DESTROYED)
		return mark == 0 ? check_whole(region, what) : complain_destroyed(what);
	REGION_LOG(ERR, "%s: a process destroys it, or died as it began to: try again, or destroy it: %s", what,
		region_ctl("destroy"));
	return GROOVE_ERR_AGAIN;
}

/* Attach what may be torn, or what is whole and only looked at. */
static int
enter_readonly(groove_region_t *region, bool torn, const char *what)
{
	int err = torn ? GROOVE_SUCCESS : region_hdr_check_groove(region->hdr, &region->fixed, what);

	if (err == GROOVE_SUCCESS)
		err = region_member_enter(&region->self, region->driver, &region->range, NULL, what);
	if (err != GROOVE_SUCCESS)
		return err;
	region_dump_nothing(region);
	/* The first may take an intent back, so before the protection. */
	err = torn ? check_not_destroyed(region, what) : check_alive_looking(region, what);
	if (err == GROOVE_SUCCESS)
		err = protect(region, what);
	if (err != GROOVE_SUCCESS)
		region_member_leave(&region->self);
	region->readonly = err == GROOVE_SUCCESS;
	region->torn = torn && err == GROOVE_SUCCESS;
	return err;
}

static int
enter_writable(groove_region_t *region, const char *what)
{
	int err = GROOVE_SUCCESS;

	/* Maps its pages now, so that nothing of it faults later. */
	if (region->driver->populate != NULL)
		err = region->driver->populate(&region->range, 0, region->fixed.front_sz, (int)region->fixed.node,
			(enum groove_placement)region->fixed.placement);
	if (err == GROOVE_SUCCESS)
		err = region_hdr_check_groove(region->hdr, &region->fixed, what);
	if (err == GROOVE_SUCCESS)
		err = region_member_enter(&region->self, region->driver, &region->range, region->hdr, what);
	if (err != GROOVE_SUCCESS)
		return err;
	err = check_alive(region, what);
	if (err == GROOVE_SUCCESS)
		err = region_mark_in_use(region, what);
	if (err != GROOVE_SUCCESS)
		region_member_leave(&region->self);
	return err;
}

/* Map what was opened and is a region by its header. */
static int
region_enter(groove_region_t *region, uint64_t flags, const char *what)
{
	int err = region->driver->map != NULL ? region->driver->map(&region->range) : GROOVE_SUCCESS;
	enum identity identity;
	uint64_t where;

	if (err != GROOVE_SUCCESS)
		return err;
	region->hdr = region->range.base;
	/* What was mapped just now has no joins. Memory of EAL may be attached already, and have some. */
	if (region->range.fd >= 0)
		joins_forget(groove_region_shdata(region));
	identity = identity_of(region->hdr, region->driver, &region->range);
	if (identity == IDENTITY_WHOLE && !region_has_hole(region, &where)) {
		region_guard_holes(region);
		return (flags & GROOVE_REGION_READ_ONLY) != 0 ? enter_readonly(region, false, what)
							      : enter_writable(region, what);
	}
	err = explain_damage(region, identity, identity != IDENTITY_WHOLE ? NULL : &where, what);
	return err == GROOVE_SUCCESS ? enter_readonly(region, true, what) : err;
}

/* Whether the lock file of a range without a file is the one that it was made with, and the caller's. */
static int
check_lock_file(
	const groove_volume_driver_t *driver, const groove_volume_range_t *range, uint64_t flags, const char *what)
{
	const int fd = driver->lock_open(range);
	bool owned;

	if (fd < 0)
		return fd;
	owned = groove_volume_owns(range, fd);
	close(fd);
	if (owned)
		return identity_check_owner(driver, range, IDENTITY_ATTACH, flags, what);
	REGION_LOG(ERR,
		"%s has another lock file than it was made with, so its processes are unknown: end them, and make "
		"a new one",
		what);
	return GROOVE_ERR_INVAL;
}

/* Attach an open range, which is closed on error. */
static int
attach_range(const groove_volume_driver_t *driver, groove_volume_range_t *range, uint64_t flags, const char *what,
	groove_region_t **region)
{
	groove_region_t *made = NULL;
	struct region_hdr hdr;
	int err = region_hdr_read(range, &hdr, sizeof(hdr), what) == GROOVE_SUCCESS ? GROOVE_SUCCESS : GROOVE_ERR_INVAL;

	if (err == GROOVE_SUCCESS)
		err = region_hdr_check(&hdr, range, driver->name, what);
	if (err == GROOVE_SUCCESS && range->fd < 0)
		err = check_lock_file(driver, range, flags, what);
	if (err == GROOVE_SUCCESS) {
		made = region_alloc(driver);
		err = made != NULL ? GROOVE_SUCCESS : GROOVE_ERR_FULL;
	}
	if (err != GROOVE_SUCCESS) {
		driver->close(range);
		return err;
	}
	made->range = *range;
	region_file_note(made);
	made->range.front_sz = hdr.fixed.front_sz;
	made->fixed = hdr.fixed;
	err = region_enter(made, flags, what);
	if (err != GROOVE_SUCCESS) {
		region_guard_end(&made->guard);
		driver->close(&made->range);
		free(made);
		return err;
	}
	if (driver->attached != NULL)
		driver->attached(&made->range);
	region_registry_add(made);
	*region = made;
	return GROOVE_SUCCESS;
}

int
groove_region_attach(const groove_region_id_t *id, groove_region_t **region)
{
	const groove_volume_driver_t *driver;
	groove_volume_range_t range = {.fd = -1};
	groove_region_id_t full;
	char what[WHAT_SZ];
	int err;

	if (region == NULL) {
		REGION_LOG(ERR, "groove_region_attach() needs a place for the region");
		return GROOVE_ERR_INVAL;
	}
	if (!region_id_complete(id, &full, "groove_region_attach"))
		return GROOVE_ERR_INVAL;
	err = region_open_named(&full, IDENTITY_ATTACH, &driver, &range);
	if (err != GROOVE_SUCCESS)
		return err;
	err = region_check_at(driver, full.at);
	if (err != GROOVE_SUCCESS) {
		driver->close(&range);
		return err;
	}
	range.at = full.at;
	snprintf(what, sizeof(what), "region %s", full.name);
	return attach_range(driver, &range, full.flags, what, region);
}

/* The driver that made what a descriptor leads to; NULL when that is unknown. */
static const groove_volume_driver_t *
driver_of_fd(int fd)
{
	struct region_hdr hdr;
	const groove_volume_driver_t *driver;

	if (pread(fd, &hdr, sizeof(hdr), 0) != (ssize_t)sizeof(hdr) || hdr.magic != REGION_MAGIC)
		return NULL;
	hdr.fixed.driver[sizeof(hdr.fixed.driver) - 1] = '\0';
	driver = groove_volume_driver_find(hdr.fixed.driver);
	return driver != NULL && driver->open_fd != NULL ? driver : NULL;
}

int
groove_region_attach_fd_flags(int fd, uint64_t flags, groove_region_t **region)
{
	const groove_volume_driver_t *driver;
	groove_volume_range_t range = {.fd = -1};
	char what[32];
	int err;

	if (region == NULL) {
		REGION_LOG(ERR, "groove_region_attach_fd() needs a place for the region");
		return GROOVE_ERR_INVAL;
	}
	region_ctl_begin(NULL, NULL, NULL);
	snprintf(what, sizeof(what), "descriptor %d", fd);
	driver = driver_of_fd(fd);
	if (driver == NULL) {
		REGION_LOG(ERR,
			"%s is no region, of none of the drivers there are: hand over what groove_region_fd() "
			"returns",
			what);
		return GROOVE_ERR_INVAL;
	}
	if (!region_check_flags(flags))
		return GROOVE_ERR_INVAL;
	err = driver->open_fd(fd, &range);
	if (err != GROOVE_SUCCESS)
		return err;
	err = identity_check_owner(driver, &range, IDENTITY_ATTACH, flags, what);
	if (err == GROOVE_SUCCESS)
		return attach_range(driver, &range, flags, what, region);
	driver->close(&range);
	return err;
}

int
groove_region_attach_fd(int fd, groove_region_t **region)
{
	return groove_region_attach_fd_flags(fd, 0, region);
}
