/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* How results are printed: one line for people, or one object for machines. */

#include <inttypes.h>
#include <stdio.h>

#include "commands.h"
#include "complain.h"
#include "ctl.h"
#include "json_put.h"
#include "plain.h"

#define SCHEMA 1 /* of the JSON: goes up when a key changes its meaning or goes */

static json_t *kept; /* until the exit status is known */

const char *
ctl_state_name(enum groove_region_state state)
{
	static const char *const names[] = {
		[GROOVE_REGION_WHOLE] = "whole",
		[GROOVE_REGION_TORN] = "torn",
		[GROOVE_REGION_DAMAGED] = "damaged",
		[GROOVE_REGION_HALF_MADE] = "half made",
		[GROOVE_REGION_FOREIGN] = "foreign",
	};

	return (size_t)state < sizeof(names) / sizeof(names[0]) ? names[state] : "other";
}

static json_t *
text_or_null(const char *text)
{
	return text != NULL ? app_json_text(text) : json_null();
}

json_t *
ctl_region_json(const struct ctl_options *options, const char *name, const groove_region_report_t *report)
{
	json_t *object = json_object();
	json_t *pids = json_array();

	app_json_put(object, "name", app_json_text(name));
	app_json_put(object, "driver", text_or_null(report->driver));
	app_json_put(object, "dir", text_or_null(options->dir));
	app_json_put(object, "state", json_string(ctl_state_name(report->state)));
	app_json_put_count(object, "bytes", report->bytes);
	app_json_put_count(object, "page_sz", report->page_sz);
	app_json_put(object, "numa_node", report->node >= 0 ? json_integer(report->node) : json_null());
	app_json_put(object, "placement", json_string(groove_placement_name(report->placement)));
	app_json_put_count(object, "volume_sz", report->volume_sz);
	app_json_put_count(object, "volume_max", report->volume_max);
	app_json_put_count(object, "volumes_with_memory", report->volume_memory_cnt);
	app_json_put_count(object, "volumes", report->volume_cnt);
	app_json_put_count(object, "join_max", report->join_max);
	app_json_put_count(object, "joins", report->join_cnt);
	app_json_put_count(object, "joins_dead", report->join_dead_cnt);
	app_json_put_count(object, "objects", report->obj_cnt);
	app_json_put_count(object, "object_bytes", report->obj_bytes);
	for (uint64_t i = 0; i < report->member_cnt; i++) {
		if (report->member_pid[i] != 0)
			json_array_append_new(pids, json_integer((json_int_t)report->member_pid[i]));
	}
	app_json_put(object, "pids", pids);
	app_json_put_count(object, "readers", report->reader_cnt);
	return object;
}

json_t *
ctl_result_json(const struct ctl_options *options)
{
	json_t *object = json_object();

	app_json_put_count(object, "schema", SCHEMA);
	app_json_put(object, "version", json_string(CTL_VERSION));
	app_json_put(object, "command",
		text_or_null(options->command < CTL_COMMAND_CNT ? ctl_commands[options->command].name : NULL));
	app_json_put(object, "name", text_or_null(options->name));
	app_json_put(object, "driver", text_or_null(options->driver));
	app_json_put(object, "dir", text_or_null(options->dir));
	return object;
}

void
ctl_json_keep(json_t *object)
{
	json_decref(kept);
	kept = object;
}

/* What the first error line says, whether a library or the program printed it. */
static json_t *
error_json(enum ctl_exit status)
{
	const char *text = app_complaint()[0] != '\0' ? app_complaint() : ctl_log_error();

	return status != CTL_EXIT_OK && text[0] != '\0' ? app_json_text(text) : json_null();
}

void
ctl_json_close(const struct ctl_options *options, enum ctl_exit status)
{
	if (!options->json)
		return;
	if (kept == NULL) {
		kept = ctl_result_json(options);
		app_json_put(kept, "result", json_string("not done"));
	}
	app_json_put(kept, "exit_status", json_integer(status));
	app_json_put(kept, "error", error_json(status));
	json_dumpf(kept, stdout, JSON_INDENT(2));
	putchar('\n');
	ctl_json_keep(NULL);
}

void
ctl_result(const struct ctl_options *options, const char *result, const char *line, json_t *more)
{
	char plain[2 * CTL_LINE_SZ];
	json_t *object;

	if (!options->json) {
		snprintf(plain, sizeof(plain), "%s", line);
		app_plain(plain);
		puts(plain);
		json_decref(more);
		return;
	}
	object = ctl_result_json(options);
	app_json_put(object, "result", json_string(result));
	if (more != NULL)
		json_object_update(object, more);
	json_decref(more);
	ctl_json_keep(object);
}
