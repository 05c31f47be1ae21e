/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* map: a page that draws where the objects of a groove lie. The page, map.html, is in the program; its data goes in. */

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "complain.h"
#include "json_put.h"
#include "replace.h"
#include "text.h"
#include "work.h"

extern const char ctl_map_page[]; /* made of map.html */

#define DATA_MARK   "/*DATA*/null" /* in the page, where the data goes */
#define FILE_PREFIX "groove."	   /* of the files that grooves lie in */

/* The objects of a volume, by ascending address: a column for each thing that is drawn. */
struct volume {
	uint64_t cnt;
	uint64_t room;
	uint32_t *off; /* of its slot */
	uint32_t *at;  /* of the object */
	uint32_t *sz;
	uint64_t *tag;
	uint8_t *szc;
};

struct map {
	struct ctl_work *work;
	struct volume *volumes; /* all there can be */
	uint64_t obj_cnt;
	uint64_t obj_bytes;
	bool no_memory;
};

/* ---- the objects ---- */

static bool
column_grow(void *column, size_t cell_sz, uint64_t room)
{
	void **at = column;
	void *grown = realloc(*at, cell_sz * room);

	if (grown != NULL)
		*at = grown;
	return grown != NULL;
}

static bool
volume_grow(struct volume *volume)
{
	const uint64_t room = volume->room != 0 ? 2 * volume->room : 1024;

	if (!column_grow(&volume->off, sizeof(*volume->off), room) ||
		!column_grow(&volume->at, sizeof(*volume->at), room) ||
		!column_grow(&volume->sz, sizeof(*volume->sz), room) ||
		!column_grow(&volume->tag, sizeof(*volume->tag), room) ||
		!column_grow(&volume->szc, sizeof(*volume->szc), room))
		return false;
	volume->room = room;
	return true;
}

/* A volume has 1 GiB at most, an object 10 MiB: both fit into 32 bits. The slot begins with the header of the object,
 * which an aligned object lies away from. */
static int
visit(void *arg, void *obj)
{
	struct map *map = arg;
	const uint64_t volume_sz = groove_region_volume_sz(map->work->region);
	const uint8_t *volume0 = groove_region_volume0(map->work->region);
	const groove_data_hdr_t *slot = groove_data_object_hdr_const(obj);
	const uint64_t off = (uint64_t)((const uint8_t *)slot - volume0);
	const uint64_t sz = groove_data_alloc_sz(obj);
	const uint64_t tag = groove_data_alloc_tag(obj);
	const uint64_t szc = groove_data_hdr_szc(*slot);
	struct volume *volume = &map->volumes[off / volume_sz];

	if (volume->cnt == volume->room && !volume_grow(volume)) {
		map->no_memory = true;
		return GROOVE_ERR_FULL;
	}
	volume->off[volume->cnt] = (uint32_t)(off % volume_sz);
	volume->at[volume->cnt] = (uint32_t)(((uint64_t)((const uint8_t *)obj - volume0)) % volume_sz);
	volume->sz[volume->cnt] = (uint32_t)sz;
	volume->tag[volume->cnt] = tag;
	volume->szc[volume->cnt++] = (uint8_t)szc;
	map->obj_cnt++;
	map->obj_bytes += sz;
	return 0;
}

static int
walk_all(void *arg)
{
	struct map *map = arg;

	return groove_data_walk(&map->work->join, NULL, visit, map);
}

/* ---- the page ---- */

static void
put_base64(FILE *file, const char *key, const void *column, size_t sz)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const uint8_t *bytes = column;

	fprintf(file, ",\"%s\":\"", key);
	for (size_t i = 0; i < sz; i += 3) {
		const size_t cnt = sz - i < 3 ? sz - i : 3;
		const uint32_t three = (uint32_t)bytes[i] << 16 | (cnt > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) |
				       (cnt > 2 ? bytes[i + 2] : 0);

		putc(digits[three >> 18], file);
		putc(digits[three >> 12 & 63], file);
		putc(cnt > 1 ? digits[three >> 6 & 63] : '=', file);
		putc(cnt > 2 ? digits[three & 63] : '=', file);
	}
	putc('"', file);
}

/* Columns are as they are in memory, low bytes first, as the arrays of the page read them. */
static void
put_volume(FILE *file, uint64_t idx, const struct volume *volume)
{
	fprintf(file, "{\"volume\":%" PRIu64 ",\"objects\":%" PRIu64, idx, volume->cnt);
	put_base64(file, "off", volume->off, volume->cnt * sizeof(*volume->off));
	put_base64(file, "at", volume->at, volume->cnt * sizeof(*volume->at));
	put_base64(file, "sz", volume->sz, volume->cnt * sizeof(*volume->sz));
	put_base64(file, "tag", volume->tag, volume->cnt * sizeof(*volume->tag));
	put_base64(file, "szc", volume->szc, volume->cnt * sizeof(*volume->szc));
	putc('}', file);
}

/* Text in a script in a page: whatever it is, it ends neither of them. */
static void
put_text(FILE *file, const char *text)
{
	putc('"', file);
	for (; *text != '\0'; text++) {
		if (isalnum((unsigned char)*text) || strchr("_-. ", *text) != NULL)
			putc(*text, file);
		else
			fprintf(file, "\\u%04x", (unsigned char)*text);
	}
	putc('"', file);
}

/* By the name that it was found by: the one in its header stays when a file is moved. */
static void
put_data(FILE *file, const struct map *map)
{
	const groove_region_t *region = map->work->region;
	bool first = true;

	fputs("{\"name\":", file);
	put_text(file, map->work->options.name);
	fputs(",\"driver\":", file);
	put_text(file, groove_region_driver(region));
	fprintf(file, ",\"volume_sz\":%" PRIu64 ",\"objects\":%" PRIu64, groove_region_volume_sz(region), map->obj_cnt);
	fprintf(file, ",\"object_bytes\":%" PRIu64 ",\"slot_sz\":[", map->obj_bytes);
	for (uint64_t i = 0; i < GROOVE_DATA_SZC_SLICE; i++)
		fprintf(file, "%s%u", i > 0 ? "," : "", groove_data_szc_cfg[i].obj_footprint);
	fputs("],\"volumes\":[", file);
	for (uint64_t i = 0; i < groove_region_volume_max(region); i++) {
		if (map->volumes[i].cnt == 0)
			continue;
		fputs(first ? "\n" : ",\n", file);
		put_volume(file, i, &map->volumes[i]);
		first = false;
	}
	fputs("]}", file);
}

static void
put_page(FILE *file, const void *arg)
{
	const char *mark = strstr(ctl_map_page, DATA_MARK);

	fwrite(ctl_map_page, 1, (size_t)(mark - ctl_map_page), file);
	put_data(file, arg);
	fputs(mark + strlen(DATA_MARK), file);
}

/* Whether a path leads to the file of the groove. */
static bool
is_own_file(const groove_region_t *region, const char *path)
{
	const int fd = groove_region_fd(region);
	struct stat own;
	struct stat other;

	return fd >= 0 && fstat(fd, &own) == 0 && stat(path, &other) == 0 && own.st_dev == other.st_dev &&
	       own.st_ino == other.st_ino;
}

/* Whether a path leads to another groove, by the name that its file would have. */
static bool
is_other_groove(const groove_region_t *region, const char *path)
{
	char *resolved = realpath(path, NULL);
	char *file = resolved != NULL ? strrchr(resolved, '/') + 1 : NULL;
	groove_region_report_t report = {.size = sizeof(report), .state = GROOVE_REGION_FOREIGN};

	if (file != NULL && strncmp(file, FILE_PREFIX, strlen(FILE_PREFIX)) == 0) {
		const groove_region_id_t id = {.driver = groove_region_driver(region),
			.dir = resolved,
			.name = file + strlen(FILE_PREFIX),
			.flags = GROOVE_REGION_IF_THERE};

		file[-1] = '\0';
		ctl_log_mute(true);
		if (groove_region_inspect(&id, &report) != GROOVE_SUCCESS)
			report.state = GROOVE_REGION_FOREIGN;
		ctl_log_mute(false);
	}
	free(resolved);
	return report.state != GROOVE_REGION_FOREIGN;
}

static int
page_write(const struct map *map, const char *path)
{
	int error;

	if (is_own_file(map->work->region, path) || is_other_groove(map->work->region, path)) {
		app_complain("--output %s: is the file of a groove, name another", path);
		return GROOVE_ERR_INVAL;
	}
	error = app_replace(path, put_page, map);
	if (error == 0)
		return GROOVE_SUCCESS;
	app_complain("--output %s: %s, name a file that can be written", path, strerror(error));
	return GROOVE_ERR_INVAL;
}

/* ---- the whole ---- */

static void
volumes_free(struct map *map)
{
	for (uint64_t i = 0; i < groove_region_volume_max(map->work->region); i++) {
		free(map->volumes[i].off);
		free(map->volumes[i].at);
		free(map->volumes[i].sz);
		free(map->volumes[i].tag);
		free(map->volumes[i].szc);
	}
	free(map->volumes);
}

static enum ctl_exit
map_make(struct map *map)
{
	const struct ctl_options *options = &map->work->options;
	char text[2 * CTL_LINE_SZ];
	json_t *more;
	int err = ctl_guarded(walk_all, map);

	if (err == GROOVE_ERR_AGAIN || (err == GROOVE_ERR_CORRUPT && ctl_work_is_shared(map->work)))
		return ctl_work_in_use(map->work, ctl_look_problem(err));
	if (map->no_memory)
		app_complain("no memory for what is known of %" PRIu64 " objects", map->obj_cnt);
	if (err == GROOVE_SUCCESS)
		err = page_write(map, options->output);
	if (err != GROOVE_SUCCESS)
		return ctl_exit_of(err);
	snprintf(text, sizeof(text), "map of %s: %s object%s of %s in %s", options->name,
		app_text_count(map->obj_cnt).s, ctl_plural(map->obj_cnt), app_text_bytes(map->obj_bytes).s,
		options->output);
	more = ctl_count_json("objects", map->obj_cnt);
	app_json_put_count(more, "object_bytes", map->obj_bytes);
	app_json_put(more, "output", app_json_text(options->output));
	ctl_result(options, "done", text, more);
	return CTL_EXIT_OK;
}

enum ctl_exit
ctl_map(const struct ctl_options *options)
{
	static struct ctl_work work;
	struct map map = {.work = &work};
	enum ctl_exit status;

	if (options->output == NULL) {
		app_complain("map: name the file that the page goes to: --output map.html");
		return CTL_EXIT_ERROR;
	}
	status = ctl_work_look(&work, options);
	if (status != CTL_EXIT_OK)
		return status;
	map.volumes = calloc(groove_region_volume_max(work.region), sizeof(*map.volumes));
	if (map.volumes == NULL) {
		app_complain("no memory for %" PRIu64 " volumes", groove_region_volume_max(work.region));
		status = CTL_EXIT_ERROR;
	} else {
		status = map_make(&map);
		volumes_free(&map);
	}
	ctl_work_end(&work);
	return status;
}
