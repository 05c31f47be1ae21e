/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Find a region: its name, its driver, and what lies there under that name. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "identity.h"
#include "region_ctl.h"
#include "region_log.h"
#include "region_name.h"
#include "region_private.h"
#include "sized.h"
#include "volume_drivers.h"

#define DRIVER_NAMES_MAX 256
#define WHAT_SZ		 (GROOVE_REGION_NAME_MAX + 48)

/* Of the configurations that first had a size: programs that leave it 0 have no more. They grow at their ends. */
#define ID_SIZE_FIRST 40U
_Static_assert(sizeof(groove_region_id_t) >= ID_SIZE_FIRST, "up to flags");

int
region_find_driver(const char *name, const groove_volume_driver_t **driver)
{
	char names[DRIVER_NAMES_MAX];

	*driver = groove_volume_driver_find(name);
	if (*driver != NULL)
		return GROOVE_SUCCESS;
	groove_region_driver_names(names, sizeof(names));
	REGION_LOG(ERR, "no volume driver %s: %s%s; EAL's -d loads more",
		name != NULL ? name : GROOVE_REGION_DRIVER_DEFAULT, names[0] != '\0' ? "take one of " : "there is none",
		names);
	return GROOVE_ERR_KEY;
}

/* A name as a message can show it: in one line, and not too long. */
static void
name_show(const char *name, char *shown, size_t sz)
{
	size_t len = 0;

	for (; name != NULL && name[len] != '\0' && len < sz - 1; len++) {
		shown[len] = name[len];
		if ((unsigned char)name[len] < ' ' || name[len] == 0x7f)
			shown[len] = '?';
	}
	shown[len] = '\0';
}

int
region_check_name(const char *name)
{
	char shown[2 * GROOVE_REGION_NAME_MAX];

	if (name != NULL && region_is_name(name))
		return GROOVE_SUCCESS;
	name_show(name, shown, sizeof(shown));
	REGION_LOG(ERR, "name \"%s\": take 1 to %d letters, digits, '_', '-' or '.', not a '.' first", shown,
		GROOVE_REGION_NAME_MAX);
	return GROOVE_ERR_INVAL;
}

bool
region_check_flags(uint64_t flags)
{
	const uint64_t known = GROOVE_REGION_TRUST | GROOVE_REGION_IF_THERE | GROOVE_REGION_READ_ONLY;

	if ((flags & ~known) == 0)
		return true;
	REGION_LOG(ERR, "flags %#" PRIx64 ": take bits of %#" PRIx64, flags, known);
	return false;
}

/* What is found mapped lies where others put it. */
int
region_check_at(const groove_volume_driver_t *driver, const void *at)
{
	if (at == NULL || driver->map != NULL)
		return GROOVE_SUCCESS;
	REGION_LOG(ERR, "driver %s cannot map a region at %p: take another driver, or leave the address out",
		driver->name, at);
	return GROOVE_ERR_INVAL;
}

bool
region_id_complete(const groove_region_id_t *id, groove_region_id_t *full, const char *call)
{
	if (id != NULL)
		return sized_copy(full, sizeof(*full), ID_SIZE_FIRST, id, "groove_region_id_t") &&
		       region_check_flags(full->flags);
	REGION_LOG(ERR, "%s() needs a name", call);
	return false;
}

/* Open by name with one driver. What is not to be used is closed, and what it is, is logged. */
static int
open_by(const groove_region_id_t *id, enum identity_use use, const groove_volume_driver_t *driver,
	groove_volume_range_t *range)
{
	char what[WHAT_SZ];
	int err;

	region_ctl_begin(driver->name, id->dir, id->name);
	err = driver->open(id->dir, id->name, range);
	if (err != GROOVE_SUCCESS)
		return err;
	if (range->fd < 0) {
		range->id = groove_volume_id(range->base);
		return GROOVE_SUCCESS;
	}
	snprintf(what, sizeof(what), "region %s of driver %s", id->name, driver->name);
	err = identity_check_owner(driver, range, use, id->flags, what);
	if (err != GROOVE_SUCCESS)
		driver->close(range);
	return err;
}

/* With each driver in turn. One that others have, or that cannot be opened, hides none that another driver finds. */
static int
open_by_any(const groove_region_id_t *id, enum identity_use use, const groove_volume_driver_t **driver,
	groove_volume_range_t *range)
{
	int first = GROOVE_ERR_KEY;

	for (const groove_volume_driver_t *each = volume_drivers_first(); each != NULL; each = each->next) {
		const int err = open_by(id, use, each, range);

		*driver = each;
		if (err == GROOVE_SUCCESS)
			return err;
		if (first == GROOVE_ERR_KEY)
			first = err;
	}
	return first;
}

int
region_open_named(const groove_region_id_t *id, enum identity_use use, const groove_volume_driver_t **driver,
	groove_volume_range_t *range)
{
	int err = region_check_name(id->name);

	if (err != GROOVE_SUCCESS)
		return err;
	if (id->driver != NULL) {
		err = region_find_driver(id->driver, driver);
		if (err != GROOVE_SUCCESS)
			return err;
		err = open_by(id, use, *driver, range);
	} else {
		err = open_by_any(id, use, driver, range);
	}
	if (err == GROOVE_ERR_KEY && (id->flags & GROOVE_REGION_IF_THERE) == 0)
		REGION_LOG(ERR, "no region %s%s%s%s%s: create it, or list those there are: %s", id->name,
			id->driver != NULL ? " of driver " : "", id->driver != NULL ? id->driver : "",
			id->dir != NULL ? " in " : "", id->dir != NULL ? id->dir : "",
			groove_volume_ctl("list", id->driver, id->dir, NULL));
	return err;
}

struct listing {
	groove_region_list_fn fn;
	void *arg;
};

/* A driver finds what lies there, and anybody may name a file, or a memory file. Only what can be a region's name gets
 * to callers, which show it. */
static int
list_named(void *arg, const char *driver, const char *name)
{
	const struct listing *listing = arg;

	return region_is_name(name) ? listing->fn(listing->arg, driver, name) : 0;
}

int
groove_region_list(const char *driver, const char *dir, groove_region_list_fn fn, void *arg)
{
	struct listing listing = {.fn = fn, .arg = arg};
	const groove_volume_driver_t *each;
	int err = GROOVE_SUCCESS;

	if (driver != NULL) {
		err = region_find_driver(driver, &each);
		return err != GROOVE_SUCCESS ? err : each->list(dir, list_named, &listing);
	}
	for (each = volume_drivers_first(); each != NULL && err == GROOVE_SUCCESS; each = each->next)
		err = each->list(dir, list_named, &listing);
	return err;
}
