/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <stddef.h>

#include "commands.h"
#include "values.h"

#define FIELD(name) offsetof(struct ctl_options, name)

#define COMMANDS_END                                                                                                   \
	{                                                                                                              \
		APP_OPTIONS_END, NULL, NULL                                                                            \
	}

const struct ctl_option ctl_options_common[] = {
	{APP_WORD("driver", FIELD(driver)), "NAME",
		"grooves of this volume driver only: memfd, hugetlbfs, file, memzone; default: of all"},
	{APP_WORD("dir", FIELD(dir)), "DIR", "directory of their files; default: the driver's"},
	{APP_FLAG("json", FIELD(json)), NULL, "print the result for machines"},
	{APP_FLAG("trust-owner", FIELD(trust_owner)), NULL, "also a groove that another user has, or may write to"},
	{APP_FLAG("help", FIELD(help)), NULL, "print this"},
	{APP_FLAG("version", FIELD(version)), NULL, "print the version"},
	COMMANDS_END,
};

static const struct ctl_option walk_options[] = {
	{APP_TEXT("tag", ctl_tag_parse), "RANGE", "objects of these tags: 7, 0x10..0x1f, 7.. or ..7"},
	{APP_TEXT("sz", ctl_sz_parse), "RANGE", "objects of these sizes: 0..64, 1M.."},
	{APP_TEXT("class", ctl_szc_parse), "RANGE", "objects of these size classes, as stats numbers them"},
	{APP_NUMBER("limit", FIELD(limit), 1, INT64_MAX, APP_UNIT_NONE), "N", "end after so many objects"},
	COMMANDS_END,
};

static const struct ctl_option map_options[] = {
	{APP_WORD("output", FIELD(output)), "FILE", "the page: HTML that any browser shows"},
	COMMANDS_END,
};

static const struct ctl_option verify_options[] = {
	{APP_FLAG("force", FIELD(force)), NULL,
		"also a groove that others have; what they do at that moment may be taken for damage"},
	{APP_NUMBER("threads", FIELD(thread_cnt), 1, 1024, APP_UNIT_NONE), "N",
		"threads, of which each checks a volume at a time; default: one for each CPU"},
	COMMANDS_END,
};

static const struct ctl_option create_options[] = {
	{APP_NUMBER(
		 "volume-cnt", FIELD(volume_cnt), 1, GROOVE_VOLUME_REACH / GROOVE_VOLUME_FOOTPRINT_MIN, APP_UNIT_NONE),
		"N", "volumes with memory from the start (1)"},
	{APP_NUMBER(
		 "volume-max", FIELD(volume_max), 1, GROOVE_VOLUME_REACH / GROOVE_VOLUME_FOOTPRINT_MIN, APP_UNIT_NONE),
		"N", "most volumes it can grow to; default: as many as it has"},
	{APP_VOLUME_SZ(FIELD(volume_sz)), "SZ", "bytes of a volume, a power of two from 32M to 1G (1G)"},
	{APP_NUMBER("join-max", FIELD(join_max), 1, GROOVE_DATA_JOIN_MAX, APP_UNIT_NONE), "N",
		"most joins at one time (128)"},
	{APP_TEXT("page-sz", ctl_page_parse), "P", "normal, huge or gigantic; default: the largest that has room"},
	{APP_NUMBER("node", FIELD(node), 0, GROOVE_NODE_MAX - 1, APP_UNIT_NONE), "N",
		"have all memory on this NUMA node; default: any"},
	COMMANDS_END,
};

static const struct ctl_option grow_options[] = {
	{APP_NUMBER(
		 "volume-cnt", FIELD(volume_cnt), 1, GROOVE_VOLUME_REACH / GROOVE_VOLUME_FOOTPRINT_MIN, APP_UNIT_NONE),
		"N", "so many volumes (1)"},
	COMMANDS_END,
};

static const struct ctl_option drain_options[] = {
	{APP_NUMBER("volume", FIELD(volume), 0, GROOVE_VOLUME_REACH / GROOVE_VOLUME_FOOTPRINT_MIN - 1, APP_UNIT_NONE),
		"N", "the volume, as stats numbers them"},
	{APP_FLAG("end", FIELD(end)), NULL, "drain none any more"},
	COMMANDS_END,
};

const struct ctl_command_row ctl_commands[CTL_COMMAND_CNT] = {
	[CTL_LIST] = {"list", CTL_TAKES_NOTHING, "the grooves there are, and how they are", NULL},
	[CTL_INFO] = {"info", CTL_TAKES_NAME, "what is known of one, from a copy of its front", NULL},
	[CTL_STATS] = {"stats", CTL_TAKES_NAME, "where its memory is: objects, size classes, volumes", NULL},
	[CTL_WALK] = {"walk", CTL_TAKES_NAME,
		"its objects by ascending address; of a torn one those that rebuild would keep", walk_options},
	[CTL_MAP] = {"map", CTL_TAKES_NAME, "draw where its objects lie: a page to look at in a browser", map_options},
	[CTL_EXPORT] = {"export", CTL_MAY_TAKE_NAME, "counts of one, or of all there are, as Prometheus reads them",
		NULL},
	[CTL_VERIFY] = {"verify", CTL_TAKES_NAME, "check all of its state; no other process may work with it",
		verify_options},
	[CTL_RECOVER] = {"recover", CTL_TAKES_NAME, "put right what processes left that died in the midst of it", NULL},
	[CTL_REBUILD] = {"rebuild", CTL_TAKES_NAME, "make good again what was in use when the machine went down", NULL},
	[CTL_CREATE] = {"create", CTL_TAKES_NAME, "make one, without objects, that stays when this process ends",
		create_options},
	[CTL_GROW] = {"grow", CTL_TAKES_NAME, "give it more volumes", grow_options},
	[CTL_SHRINK] = {"shrink", CTL_TAKES_NAME, "give volumes without objects back to the machine", grow_options},
	[CTL_DRAIN] = {"drain", CTL_TAKES_NAME,
		"have a volume emptied as its objects are freed, so that shrink can have it", drain_options},
	[CTL_DESTROY] = {"destroy", CTL_TAKES_NAME, "remove it; no process may have it", NULL},
};
