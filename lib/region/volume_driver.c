/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * The registry of volume drivers: a list of those that are part of the library, then of others in the order of their
 * registration. Written before threads start only.
 */

#include <stdio.h>
#include <string.h>

#include "volume_drivers.h"

#include "region_log.h"

static groove_volume_driver_t *drivers;

void
groove_volume_driver_register(groove_volume_driver_t *driver)
{
	groove_volume_driver_t **last = &drivers;

	for (; *last != NULL; last = &(*last)->next) {
		if (strcmp((*last)->name, driver->name) == 0) {
			REGION_LOG(ERR, "volume driver %s is there already: the second is ignored, load it once",
				driver->name);
			return;
		}
	}
	driver->next = NULL;
	*last = driver;
}

/* The table refers to each, so that a linker takes their objects from libgroove.a. */
__attribute__((__constructor__)) static void
linked_in_register(void)
{
	for (groove_volume_driver_t *const *driver = volume_drivers_linked_in; *driver != NULL; driver++)
		groove_volume_driver_register(*driver);
}

const groove_volume_driver_t *
volume_drivers_first(void)
{
	return drivers;
}

const groove_volume_driver_t *
groove_volume_driver_find(const char *name)
{
	const groove_volume_driver_t *driver = drivers;

	if (name == NULL)
		name = GROOVE_REGION_DRIVER_DEFAULT;
	while (driver != NULL && strcmp(driver->name, name) != 0)
		driver = driver->next;
	return driver;
}

void
groove_region_driver_names(char *buf, size_t buf_sz)
{
	size_t used = 0;

	if (buf == NULL || buf_sz == 0)
		return;
	buf[0] = '\0';
	for (const groove_volume_driver_t *driver = drivers; driver != NULL && used < buf_sz; driver = driver->next)
		used += (size_t)snprintf(buf + used, buf_sz - used, "%s%s", used > 0 ? ", " : "", driver->name);
}
