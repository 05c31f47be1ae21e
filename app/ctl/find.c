/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Which region is meant: that of the driver that was named, or the only one of its name. */

#include <stdio.h>
#include <string.h>

#include "commands.h"
#include <groove_volume_driver.h>

#include "complain.h"
#include "ctl.h"

#define DRIVERS_SZ 128
#define DRIVER_SZ  16

/* Drivers that have a region of a name. */
struct search {
	const char *name;
	unsigned int cnt;
	char last[DRIVER_SZ];
	char drivers[DRIVERS_SZ]; /* with commas between */
};

static int
search_add(void *arg, const char *driver, const char *name)
{
	struct search *search = arg;
	size_t used = strlen(search->drivers);

	/* Names of several directories of one driver look alike: it opens the first. */
	if (strcmp(name, search->name) != 0 || strcmp(driver, search->last) == 0)
		return 0;
	search->cnt++;
	snprintf(search->last, sizeof(search->last), "%s", driver);
	snprintf(search->drivers + used, sizeof(search->drivers) - used, "%s%s", used > 0 ? ", " : "", driver);
	return 0;
}

static int
complain_of_none(const struct ctl_options *options)
{
	char line[CTL_LINE_SZ];

	app_complain("no groove %s%s%s%s%s: list them: %s%s", options->name,
		options->driver != NULL ? " of driver " : "", options->driver != NULL ? options->driver : "",
		options->dir != NULL ? " in " : "", options->dir != NULL ? options->dir : "",
		ctl_line(options, CTL_LIST, line),
		options->driver == NULL && options->eal == NULL
			? ", those of memzone with EAL's arguments before a \"--\""
			: "");
	return GROOVE_ERR_KEY;
}

/* Whether a name that is not listed leads to nothing: a directory may let it be opened and not be read. */
static bool
is_absent(const struct ctl_options *options)
{
	const groove_region_id_t id = ctl_id(options);
	groove_region_report_t report = {.size = sizeof(report)};
	int err;

	if (options->driver == NULL)
		return true;
	ctl_log_mute(true);
	err = groove_region_inspect(&id, &report);
	ctl_log_mute(false);
	return err == GROOVE_ERR_KEY;
}

static int
complain_of_several(const struct ctl_options *options, const struct search *search)
{
	app_complain("grooves %s of several drivers: name one of them by --driver: %s", options->name, search->drivers);
	return GROOVE_ERR_INVAL;
}

int
ctl_find(struct ctl_options *options, groove_region_report_t *report)
{
	static struct search search;
	groove_region_id_t id;
	int err;

	*report = (groove_region_report_t){.size = sizeof(*report)};
	search = (struct search){.name = options->name};
	err = groove_region_list(options->driver, options->dir, search_add, &search);
	if (err != GROOVE_SUCCESS)
		return err;
	if (search.cnt == 0 && is_absent(options))
		return complain_of_none(options);
	if (search.cnt > 1)
		return complain_of_several(options, &search);
	if (options->driver == NULL)
		options->driver = search.last;
	id = ctl_id(options);
	return groove_region_inspect(&id, report);
}

enum ctl_exit
ctl_complain_of_driver(const struct ctl_options *options)
{
	char names[CTL_LINE_SZ];

	groove_region_driver_names(names, sizeof(names));
	app_complain("--driver %s: no such driver, take one of %s", options->driver, names);
	return CTL_EXIT_ERROR;
}

enum ctl_exit
ctl_check_state(const struct ctl_options *options, const groove_region_report_t *report)
{
	char line[CTL_LINE_SZ];

	switch (report->state) {
	case GROOVE_REGION_WHOLE:
		return CTL_EXIT_OK;
	case GROOVE_REGION_TORN:
		app_complain("groove %s is torn: %s makes it good again, or %s", options->name,
			ctl_line(options, CTL_REBUILD, line), "destroy removes it");
		return CTL_EXIT_DAMAGED;
	case GROOVE_REGION_HALF_MADE:
		app_complain("groove %s is being made, or its maker died: try again, or %s", options->name,
			ctl_line(options, CTL_DESTROY, line));
		return CTL_EXIT_IN_USE;
	case GROOVE_REGION_DAMAGED:
		app_complain("groove %s is damaged: %s", options->name, ctl_line(options, CTL_DESTROY, line));
		return CTL_EXIT_DAMAGED;
	default:
		app_complain("%s is no groove, or one of a library with another layout: use that one", options->name);
		return CTL_EXIT_ERROR;
	}
}

const char *
ctl_line(const struct ctl_options *options, enum ctl_command command, char buf[CTL_LINE_SZ])
{
	const bool named = ctl_commands[command].takes != CTL_TAKES_NOTHING && options->name != NULL;

	const char *line = groove_volume_ctl(
		ctl_commands[command].name, options->driver, options->dir, named ? options->name : NULL);

	snprintf(buf, CTL_LINE_SZ, "groove-ctl%s%s%s%s", options->eal != NULL ? options->eal : "",
		options->eal != NULL ? " --" : "", line + strlen("groove-ctl"),
		options->trust_owner ? " --trust-owner" : "");
	return buf;
}
