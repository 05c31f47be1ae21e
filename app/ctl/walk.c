/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* walk: the objects of a groove, by tag, size and class. */

#include <inttypes.h>
#include <stdio.h>

#include "complain.h"
#include "json_put.h"
#include "text.h"
#include "work.h"

#define STOP 1 /* there are as many as were asked for */

struct walk {
	struct ctl_work *work;
	json_t *objects; /* NULL: printed as they come */
	uint64_t cnt;
	uint64_t bytes;
};

/* What is shown of an object. */
struct seen {
	uint64_t volume;
	uint64_t off; /* in the volume, of the object's first byte */
	uint64_t szc;
	uint64_t sz;
	uint64_t align;
	uint64_t tag;
	uint64_t handle; /* 0: none, as the groove may be torn */
};

/* In one place: all reads of the groove, so that none comes while something is printed. */
static struct seen
see(const struct ctl_work *work, const void *obj)
{
	const uint64_t off = (uint64_t)((const uint8_t *)obj - (const uint8_t *)groove_region_volume0(work->region));
	const uint64_t volume_sz = groove_region_volume_sz(work->region);

	return (struct seen){
		.volume = off / volume_sz,
		.off = off % volume_sz,
		.szc = groove_data_hdr_szc(*groove_data_object_hdr_const(obj)),
		.sz = groove_data_alloc_sz(obj),
		.align = groove_data_alloc_align(obj),
		.tag = groove_data_alloc_tag(obj),
		.handle = groove_region_handle(work->region, obj),
	};
}

static void
print_seen(const struct seen *seen, uint64_t before)
{
	if (before == 0)
		printf("%6s %12s %5s %10s %5s %18s %18s\n", "volume", "offset", "class", "size", "align", "tag",
			"handle");
	printf("%6" PRIu64 " %#12" PRIx64 " %5" PRIu64 " %10" PRIu64 " %5" PRIu64 " %#18" PRIx64 " %#18" PRIx64 "\n",
		seen->volume, seen->off, seen->szc, seen->sz, seen->align, seen->tag, seen->handle);
}

/* Tags and handles have 64 bits, and integers in JSON 63: so they are text. */
static json_t *
hex_json(uint64_t number)
{
	return json_sprintf("%#" PRIx64, number);
}

static json_t *
seen_json(const struct seen *seen)
{
	json_t *object = json_object();

	app_json_put_count(object, "volume", seen->volume);
	app_json_put_count(object, "offset", seen->off);
	app_json_put_count(object, "class", seen->szc);
	app_json_put_count(object, "sz", seen->sz);
	app_json_put_count(object, "align", seen->align);
	app_json_put(object, "tag", hex_json(seen->tag));
	app_json_put(object, "handle", hex_json(seen->handle));
	return object;
}

static int
visit(void *arg, void *obj)
{
	struct walk *walk = arg;
	const struct ctl_options *options = &walk->work->options;
	const struct seen seen = see(walk->work, obj);

	if (seen.sz < options->sz.min || seen.sz > options->sz.max)
		return 0;
	if (walk->objects != NULL)
		json_array_append_new(walk->objects, seen_json(&seen));
	else
		print_seen(&seen, walk->cnt);
	walk->bytes += seen.sz;
	return ++walk->cnt == options->limit ? STOP : 0;
}

static int
walk_all(void *arg)
{
	struct walk *walk = arg;
	const struct ctl_options *options = &walk->work->options;
	const groove_data_walk_filter_t filter = {
		.tag_min = options->tag.min,
		.tag_max = options->tag.max,
		.szc_min = options->szc.min,
		.szc_max = options->szc.max,
	};

	return groove_data_walk(&walk->work->join, &filter, visit, walk);
}

static void
show_end(struct walk *walk, int err)
{
	json_t *object;

	if (walk->objects == NULL) {
		printf("%s object%s of %s%s\n", app_text_count(walk->cnt).s, ctl_plural(walk->cnt),
			app_text_bytes(walk->bytes).s, err == STOP ? ", and there may be more: raise --limit" : "");
		return;
	}
	object = ctl_result_json(&walk->work->options);
	app_json_put(object, "result", json_string(err == STOP ? "limit" : "all"));
	app_json_put_count(object, "objects", walk->cnt);
	app_json_put_count(object, "object_bytes", walk->bytes);
	app_json_put(object, "visited", walk->objects);
	ctl_json_keep(object);
}

static enum ctl_exit
walk_joined(struct walk *walk)
{
	const int err = ctl_guarded(walk_all, walk);

	if (err == GROOVE_ERR_AGAIN || (err == GROOVE_ERR_CORRUPT && ctl_work_is_shared(walk->work))) {
		json_decref(walk->objects);
		return ctl_work_in_use(walk->work, ctl_look_problem(err));
	}
	show_end(walk, err);
	return err == STOP ? CTL_EXIT_OK : ctl_exit_of(err);
}

enum ctl_exit
ctl_walk(const struct ctl_options *options)
{
	static struct ctl_work work;
	struct walk walk = {.work = &work};
	enum ctl_exit status = ctl_work_find(&work, options, true);

	if (status == CTL_EXIT_OK)
		status = ctl_work_attach(&work, GROOVE_REGION_READ_ONLY);
	if (status != CTL_EXIT_OK)
		return status;
	status = ctl_work_join(&work);
	if (status == CTL_EXIT_OK) {
		walk.objects = options->json ? json_array() : NULL;
		status = walk_joined(&walk);
	}
	if (status == CTL_EXIT_OK && work.report.state == GROOVE_REGION_TORN)
		status = CTL_EXIT_DAMAGED;
	ctl_work_end(&work);
	return status;
}
