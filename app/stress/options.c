/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "option.h"
#include "options.h"

#define ALLOC_CNT_DEFAULT  1048576UL
#define ALLOC_CNT_MAX	   (1UL << 62)
#define DURATION_MAX	   (100UL * 366 * 24 * 3600)
#define SZ_MAX_DEFAULT	   (10UL << 20)
#define SLOT_CNT_DEFAULT   8192UL
#define VOLUME_CNT_DEFAULT 1UL
#define CPU_MAX		   INT32_MAX

static_assert(SZ_MAX_DEFAULT <= STRESS_SZ_MAX, "the default must be a size that an object can have");

/* ---- options that take a name ---- */

static const char *const inject_names[] = {
	[STRESS_INJECT_NONE] = "none",
	[STRESS_INJECT_FLIP] = "flip",
	[STRESS_INJECT_HEADER] = "header",
	[STRESS_INJECT_LEAK] = "leak",
	[STRESS_INJECT_DOUBLE_FREE] = "double-free",
};

const char *
stress_inject_name(enum stress_inject inject)
{
	return inject_names[inject];
}

static int
inject_parse(const char *text, void *values)
{
	struct stress_options *options = values;

	for (size_t i = 1; i < sizeof(inject_names) / sizeof(inject_names[0]); i++) {
		if (strcmp(text, inject_names[i]) == 0) {
			options->inject = (enum stress_inject)i;
			return GROOVE_SUCCESS;
		}
	}
	app_complain("--inject %s: must be flip, header, leak or double-free", text);
	return GROOVE_ERR_INVAL;
}

static int
page_parse(const char *text, void *values)
{
	struct stress_options *options = values;

	if (groove_page_parse(text, &options->page) == GROOVE_SUCCESS)
		return GROOVE_SUCCESS;
	app_complain("--page-sz %s: must be normal, huge or gigantic", text);
	return GROOVE_ERR_INVAL;
}

static int
placement_parse(const char *text, void *values)
{
	struct stress_options *options = values;

	options->placement_given = true;
	if (groove_placement_parse(text, &options->placement) == GROOVE_SUCCESS)
		return GROOVE_SUCCESS;
	app_complain("--placement %s: must be bound or preferred", text);
	return GROOVE_ERR_INVAL;
}

/* ---- the command line ---- */

#define FIELD(name) offsetof(struct stress_options, name)

const struct app_option stress_option_table[] = {
	APP_WORD("name", FIELD(name)),
	APP_WORD("driver", FIELD(driver)),
	APP_WORD("dir", FIELD(dir)),
	APP_FLAG("trust-owner", FIELD(trust_owner)),
	APP_VOLUMES(FIELD(volume_cnt), FIELD(volume_sz)),
	APP_TEXT("page-sz", page_parse),
	APP_NUMBER("near-cpu", FIELD(near_cpu), 0, CPU_MAX, APP_UNIT_NONE),
	APP_TEXT("placement", placement_parse),
	APP_NUMBER("alloc-cnt", FIELD(alloc_cnt), 1, ALLOC_CNT_MAX, APP_UNIT_NONE),
	APP_NUMBER("duration", FIELD(duration_s), 1, DURATION_MAX, APP_UNIT_S),
	APP_NUMBER("sz-max", FIELD(sz_max), 0, STRESS_SZ_MAX, APP_UNIT_SZ),
	APP_NUMBER("slot-cnt", FIELD(slot_cnt), 1, STRESS_SLOT_CNT_MAX, APP_UNIT_NONE),
	APP_NUMBER("seed", FIELD(seed), 0, APP_SEED_MAX, APP_UNIT_NONE),
	APP_WORD("json", FIELD(json_path)),
	APP_FLAG("allow-interrupt", FIELD(allow_interrupt)),
	APP_FLAG("keep-going", FIELD(keep_going)),
	APP_TEXT("inject", inject_parse),
	APP_FLAG("help", FIELD(help)),
	APP_FLAG("version", FIELD(version)),
	APP_OPTIONS_END,
};

/* What no option alone can show. */
static int
check_together(const struct stress_options *options)
{
	struct stress_options all = *options;
	int err;

	stress_options_default(&all);
	err = app_volumes_check(all.volume_sz, all.volume_cnt);
	if (err != GROOVE_SUCCESS)
		return err;
	if (options->alloc_cnt > 0 && options->duration_s > 0) {
		app_complain("--alloc-cnt %" PRIu64 " and --duration %" PRIu64 ": leave one of them out",
			options->alloc_cnt, options->duration_s);
		return GROOVE_ERR_INVAL;
	}
	return app_dir_check(options->driver, options->dir);
}

/* The slots of a groove with a name are one object in it. */
static int
check_shared_slots(const struct stress_options *options)
{
	if (options->name == NULL || options->slot_cnt == STRESS_NOT_GIVEN ||
		options->slot_cnt <= STRESS_SHARED_SLOT_MAX)
		return GROOVE_SUCCESS;
	app_complain("--slot-cnt %" PRIu64 ": at most %lu with --name, where the slots are one object in the groove",
		options->slot_cnt, STRESS_SHARED_SLOT_MAX);
	return GROOVE_ERR_INVAL;
}

static int
options_check(struct stress_options *options)
{
	int err = check_together(options);

	if (err == GROOVE_SUCCESS)
		err = check_shared_slots(options);
	if (options->name == NULL)
		stress_options_default(options);
	if (options->duration_s == 0 && options->alloc_cnt == 0)
		options->alloc_cnt = ALLOC_CNT_DEFAULT;
	return err;
}

static void
default_to(uint64_t *value, uint64_t number)
{
	if (*value == STRESS_NOT_GIVEN)
		*value = number;
}

void
stress_options_default(struct stress_options *options)
{
	default_to(&options->volume_cnt, VOLUME_CNT_DEFAULT);
	default_to(&options->volume_sz, GROOVE_VOLUME_FOOTPRINT);
	default_to(&options->sz_max, SZ_MAX_DEFAULT);
	default_to(&options->slot_cnt, SLOT_CNT_DEFAULT);
}

int
stress_options_parse(int argc, char **argv, struct stress_options *options)
{
	int err;

	*options = (struct stress_options){
		.driver = "memzone",
		.volume_cnt = STRESS_NOT_GIVEN,
		.volume_sz = STRESS_NOT_GIVEN,
		.page = GROOVE_PAGE_ANY,
		.near_cpu = STRESS_NOT_GIVEN,
		.placement = GROOVE_PLACEMENT_BOUND,
		.sz_max = STRESS_NOT_GIVEN,
		.slot_cnt = STRESS_NOT_GIVEN,
	};
	err = app_options_parse(stress_option_table, NULL, argc, argv, options);
	return err == GROOVE_SUCCESS && !options->help ? options_check(options) : err;
}
