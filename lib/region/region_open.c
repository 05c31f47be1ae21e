/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Create, attach, detach, destroy and list. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <numa.h>

#include "config.h"
#include "identity.h"
#include "joins.h"
#include "region_ctl.h"
#include "region_log.h"
#include "region_private.h"
#include "region_state.h"
#include "sized.h"
#include "volume_drivers.h"

#define DRIVER_NAMES_MAX 256
#define MODE_DEFAULT	 0600U
#define MODE_MASK	 0666U
#define REGION_WHAT_SZ	 (GROOVE_REGION_NAME_MAX + 48)

/* ---- arguments ---- */

static int
find_driver(const char *name, const groove_volume_driver_t **driver)
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

static bool
is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
	       c == '.';
}

/* A name may become part of a path: no '/', no "..", nothing hidden. */
static bool
is_name(const char *name)
{
	const size_t len = strnlen(name, GROOVE_REGION_NAME_MAX + 1);

	if (len == 0 || len > GROOVE_REGION_NAME_MAX || name[0] == '.')
		return false;
	for (size_t i = 0; i < len; i++) {
		if (!is_name_char(name[i]))
			return false;
	}
	return true;
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

static int
check_name(const char *name)
{
	char shown[2 * GROOVE_REGION_NAME_MAX];

	if (name != NULL && is_name(name))
		return GROOVE_SUCCESS;
	name_show(name, shown, sizeof(shown));
	REGION_LOG(ERR, "name \"%s\": take 1 to %d letters, digits, '_', '-' or '.', not a '.' first", shown,
		GROOVE_REGION_NAME_MAX);
	return GROOVE_ERR_INVAL;
}

static bool
check_flags(uint64_t flags)
{
	if ((flags & ~GROOVE_REGION_TRUST) == 0)
		return true;
	REGION_LOG(ERR, "flags %#" PRIx64 ": take bits of %#" PRIx64, flags, (uint64_t)GROOVE_REGION_TRUST);
	return false;
}

/* Of the configurations that first had a size: programs that leave it 0 have no more. They grow at their ends. */
#define CFG_SIZE_FIRST 88U
#define ID_SIZE_FIRST  40U
_Static_assert(sizeof(groove_region_cfg_t) >= CFG_SIZE_FIRST, "up to placement");
_Static_assert(sizeof(groove_region_id_t) >= ID_SIZE_FIRST, "up to flags");

bool
region_id_complete(const groove_region_id_t *id, groove_region_id_t *full, const char *call)
{
	if (id != NULL)
		return sized_copy(full, sizeof(*full), ID_SIZE_FIRST, id, "groove_region_id_t") &&
		       check_flags(full->flags);
	REGION_LOG(ERR, "%s() needs a name", call);
	return false;
}

/* The core knows which sizes and numbers there can be. To it no volumes would be as many as there can be. */
static int
check_volumes(const groove_region_cfg_t *cfg, groove_data_cfg_t *data_cfg, groove_volume_request_t *request)
{
	data_cfg->volume_sz = cfg->volume_sz != 0 ? cfg->volume_sz : GROOVE_VOLUME_FOOTPRINT;
	data_cfg->volume_max = cfg->volume_max != 0 ? cfg->volume_max : cfg->volume_cnt;
	data_cfg->join_max = cfg->join_max != 0 ? cfg->join_max : GROOVE_DATA_JOIN_DEFAULT;
	if (data_cfg->volume_max == 0) {
		REGION_LOG(ERR, "0 volumes make no region: take 1 or more");
		return GROOVE_ERR_INVAL;
	}
	if (cfg->volume_cnt > data_cfg->volume_max) {
		REGION_LOG(ERR, "%" PRIu64 " volumes are more than volume_max %" PRIu64 ": take fewer, or raise it",
			cfg->volume_cnt, cfg->volume_max);
		return GROOVE_ERR_INVAL;
	}
	if (groove_data_footprint_cfg(data_cfg) == 0)
		return GROOVE_ERR_INVAL;
	request->volume_sz = data_cfg->volume_sz;
	request->volume_cnt = cfg->volume_cnt;
	request->volume_max = data_cfg->volume_max;
	request->front_sz = region_hdr_shdata_off(data_cfg->volume_max) + groove_data_footprint_cfg(data_cfg);
	return GROOVE_SUCCESS;
}

static bool
node_exists(int node)
{
	if (numa_available() < 0)
		return node == 0;
	return node >= 0 && node <= numa_max_node() && numa_bitmask_isbitset(numa_all_nodes_ptr, (unsigned int)node);
}

static int
check_place(const groove_region_cfg_t *cfg, groove_volume_request_t *request)
{
	const bool is_default = cfg->placement == GROOVE_PLACEMENT_DEFAULT;
	const int node = is_default && cfg->node == 0 ? GROOVE_NODE_ANY : cfg->node;

	if (cfg->page != GROOVE_PAGE_ANY && groove_page_sz(cfg->page) == 0) {
		REGION_LOG(ERR, "no page size %d: take normal, huge or gigantic", (int)cfg->page);
		return GROOVE_ERR_INVAL;
	}
	if (node != GROOVE_NODE_ANY && !node_exists(node)) {
		REGION_LOG(ERR, "no memory on NUMA node %d: name one of /sys/devices/system/node/has_memory", node);
		return GROOVE_ERR_INVAL;
	}
	if ((unsigned int)cfg->placement > GROOVE_PLACEMENT_PREFERRED) {
		REGION_LOG(ERR, "no placement %d: take bound or preferred", (int)cfg->placement);
		return GROOVE_ERR_INVAL;
	}
	if ((cfg->mode & ~MODE_MASK) != 0) {
		REGION_LOG(ERR, "mode %#o: take bits of %#o", cfg->mode, MODE_MASK);
		return GROOVE_ERR_INVAL;
	}
	request->page = cfg->page;
	request->node = node;
	request->placement = is_default ? GROOVE_PLACEMENT_BOUND : cfg->placement;
	request->dir = cfg->dir;
	request->mode = cfg->mode != 0 ? cfg->mode : MODE_DEFAULT;
	return GROOVE_SUCCESS;
}

static int
check_cfg(const groove_region_cfg_t *cfg, const groove_volume_driver_t **driver, groove_data_cfg_t *data_cfg,
	groove_volume_request_t *request)
{
	int err = find_driver(cfg->driver, driver);

	if (err == GROOVE_SUCCESS && cfg->name != NULL)
		err = check_name(cfg->name);
	if (err == GROOVE_SUCCESS)
		err = check_volumes(cfg, data_cfg, request);
	if (err == GROOVE_SUCCESS)
		err = check_place(cfg, request);
	request->name = cfg->name;
	request->id = region_hdr_random();
	if (err == GROOVE_SUCCESS && request->id == 0) {
		REGION_LOG(ERR, "the kernel gives no random number to name a region by: %m; needs Linux 5.6");
		err = GROOVE_ERR_INVAL;
	}
	return err;
}

static groove_region_t *
region_alloc(const groove_volume_driver_t *driver)
{
	groove_region_t *region = calloc(1, sizeof(*region));

	if (region == NULL) {
		REGION_LOG(ERR, "no %zu bytes of heap for a region", sizeof(*region));
		return NULL;
	}
	region->driver = driver;
	return region;
}

/* ---- becoming and ceasing to be attached ---- */

/* Have the first bytes of the range survive the machine, where they can. What has no name goes with its processes. */
static int
sync_part(const groove_region_t *region, uint64_t sz)
{
	if (region->driver->sync == NULL || region->fixed.name[0] == '\0')
		return GROOVE_SUCCESS;
	return region->driver->sync(&region->range, 0, sz);
}

int
region_mark_in_use(groove_region_t *region, const char *what)
{
	struct region_hdr *hdr = region->hdr;
	const int err = region_member_vouch(&region->self, region->driver, &region->range, what);

	if (err != GROOVE_SUCCESS)
		return err;
	identity_note(hdr, region->driver, &region->range);
	/* Pairs with mark_clean(), the byte was locked before; and with identity_of(), which looks in the other order.
	 */
	__atomic_add_fetch(&hdr->attach_seq, 1, __ATOMIC_SEQ_CST);
	/* On disk before anything else is: else a torn region would look clean. */
	return sync_part(region, sizeof(*hdr));
}

/*
 * If no other process is attached, all that was written is there after a new start of the machine, too.
 *
 * This process is no member any more: of several that detach at one time the last one sees nobody, and the counts of
 * all. Who attached by the count that was read had locked its byte before, so it has ended all it did when it is not
 * seen; who attaches later moves the count on.
 */
static void
mark_clean(groove_region_t *region)
{
	struct region_hdr *hdr = region->hdr;
	const uint64_t seq = __atomic_load_n(&hdr->attach_seq, __ATOMIC_SEQ_CST);
	uint64_t clean = __atomic_load_n(&hdr->clean_seq, __ATOMIC_SEQ_CST);
	uint32_t owner;

	if (region_member_other(&region->self, &owner) || sync_part(region, region->range.sz) != GROOVE_SUCCESS)
		return;
	while (clean < seq &&
		!__atomic_compare_exchange_n(&hdr->clean_seq, &clean, seq, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		;
	sync_part(region, sizeof(*hdr));
}

int
region_check_left(const groove_region_t *region, const char *call)
{
	char list[128];
	const unsigned int cnt = joins_of(groove_region_shdata(region), list, sizeof(list));

	if (cnt == 0)
		return GROOVE_SUCCESS;
	REGION_LOG(ERR, "%s: region %s has %u joins of this process:%s%s: leave them first", call,
		region->fixed.name[0] != '\0' ? region->fixed.name : "without a name", cnt,
		list[0] != '\0' ? list : " read-only", strlen(list) + 1 == sizeof(list) ? "..." : "");
	return GROOVE_ERR_AGAIN;
}

int
groove_region_detach(groove_region_t *region)
{
	bool is_self;

	if (region == NULL)
		return GROOVE_SUCCESS;
	/* Joins in memory that went with EAL cannot leave any more. */
	if (region_member_is_self(&region->self) && region_is_gone(region))
		joins_forget(groove_region_shdata(region));
	if (region_check_left(region, "detach") != GROOVE_SUCCESS)
		return GROOVE_ERR_AGAIN;
	is_self = region_member_is_self(&region->self);
	if (is_self && region->dma != NULL && groove_volume_is_mapped(region->dma))
		groove_region_dma_unregister(region);
	if (is_self && !region->readonly && !region_is_gone(region)) {
		region_member_unlock(&region->self);
		mark_clean(region);
	}
	region_member_leave(&region->self);
	region_guard_end(&region->guard);
	/* In a child of fork what has no file is the parent's, who may still use it. */
	if (is_self && region_file_is_lost(region, "detach"))
		region->range.fd = -1; /* it is the program's by now */
	if (is_self || region->range.fd >= 0)
		region->driver->close(&region->range);
	free(region);
	return GROOVE_SUCCESS;
}

/* ---- create ---- */

/* An empty groove in populated memory of zeros; the magic last. */
static int
hdr_make(groove_region_t *region, const groove_data_cfg_t *data_cfg, uint64_t volume_cnt)
{
	struct region_hdr *hdr = region->hdr;

	hdr->fixed = region->fixed;
	hdr->sum = region_hdr_sum(&region->fixed);
	for (uint64_t i = 0; i < volume_cnt; i++)
		region_hdr_states(hdr)[i] = region_state_next(0, REGION_PRESENT, 0);
	if (groove_data_new_cfg(groove_region_shdata(region), data_cfg) == NULL)
		return GROOVE_ERR_INVAL;
	hdr->fresh = volume_cnt << 32;
	return GROOVE_SUCCESS;
}

/* The volumes that have memory, so that the first allocation has some. Nobody can find the region yet. */
static int
volumes_add(const groove_region_t *region, uint64_t volume_cnt)
{
	groove_data_t join;
	int err;

	if (volume_cnt == 0)
		return GROOVE_SUCCESS;
	if (groove_data_join(&join, groove_region_shdata(region), groove_region_volume0(region),
		    region->fixed.volume_max, 0) == NULL)
		return GROOVE_ERR_FULL;
	err = groove_data_volume_add(
		&join, groove_region_volume0(region), volume_cnt * region->fixed.volume_sz, NULL, 0);
	groove_data_leave(&join);
	return err;
}

/* What a driver promises. */
static int
check_aligned(const groove_region_t *region)
{
	if ((uintptr_t)region->range.base % GROOVE_VOLUME_ROOM_ALIGN == 0)
		return GROOVE_SUCCESS;
	REGION_LOG(ERR, "driver %s gave memory at %p, not aligned to %lu: take another driver", region->driver->name,
		region->range.base, GROOVE_VOLUME_ROOM_ALIGN);
	return GROOVE_ERR_INVAL;
}

static int
region_fill(groove_region_t *region, const groove_data_cfg_t *data_cfg, const groove_volume_request_t *request)
{
	const uint64_t sz = region->fixed.front_sz + request->volume_cnt * request->volume_sz;
	int err = check_aligned(region);

	region_guard_holes(region);
	if (err == GROOVE_SUCCESS)
		err = region_populate(region, 0, sz);
	region->hdr = region->range.base;
	if (err == GROOVE_SUCCESS)
		err = hdr_make(region, data_cfg, request->volume_cnt);
	if (err == GROOVE_SUCCESS && region->range.fd < 0)
		err = identity_note_lock(region->hdr, region->driver, &region->range);
	if (err == GROOVE_SUCCESS)
		err = volumes_add(region, request->volume_cnt);
	if (err == GROOVE_SUCCESS)
		err = region_member_enter(&region->self, region->driver, &region->range, region->hdr, "the new region");
	if (err != GROOVE_SUCCESS)
		return err;
	err = region_mark_in_use(region, "the new region");
	/* Release: who sees the magic sees a region. Pairs with hdr_read(). */
	__atomic_store_n(&region->hdr->magic, REGION_MAGIC, __ATOMIC_RELEASE);
	if (region->driver->made != NULL)
		region->driver->made(&region->range);
	/* What is fixed is on disk before anybody can find it. */
	if (err == GROOVE_SUCCESS)
		err = sync_part(region, region->fixed.front_sz);
	if (err == GROOVE_SUCCESS && request->name != NULL && region->driver->publish != NULL)
		err = region->driver->publish(request, &region->range);
	if (err != GROOVE_SUCCESS)
		region_member_leave(&region->self);
	return err;
}

/* What a driver made that shows its names from the start. */
static void
undo_create(groove_region_t *region, const groove_volume_request_t *request)
{
	if (request->name != NULL && region->driver->publish == NULL)
		region->driver->unlink(request->dir, request->name, &region->range);
	region_guard_end(&region->guard);
	region->driver->close(&region->range);
}

int
groove_region_create(const groove_region_cfg_t *cfg, groove_region_t **region)
{
	const groove_volume_driver_t *driver;
	groove_volume_request_t request = {0};
	groove_region_cfg_t full;
	groove_data_cfg_t data_cfg = {0};
	groove_region_t *made;
	int err;

	if (cfg == NULL || region == NULL) {
		REGION_LOG(ERR, "groove_region_create() needs a configuration and a place for the region");
		return GROOVE_ERR_INVAL;
	}
	if (!sized_copy(&full, sizeof(full), CFG_SIZE_FIRST, cfg, "groove_region_cfg_t"))
		return GROOVE_ERR_INVAL;
	err = check_cfg(&full, &driver, &data_cfg, &request);
	if (err != GROOVE_SUCCESS)
		return err;
	made = region_alloc(driver);
	if (made == NULL)
		return GROOVE_ERR_FULL;
	err = driver->create(&request, &made->range);
	if (err != GROOVE_SUCCESS) {
		free(made);
		return err;
	}
	region_file_note(made);
	region_hdr_fill(&made->fixed, &request, &made->range, &data_cfg, driver->name);
	err = region_fill(made, &data_cfg, &request);
	if (err != GROOVE_SUCCESS) {
		undo_create(made, &request);
		free(made);
		return err;
	}
	*region = made;
	return GROOVE_SUCCESS;
}

/* ---- attach ---- */

/* A copy of the header, without touching what may not be there. */
static int
hdr_read(const groove_volume_range_t *range, struct region_hdr *hdr, const char *what)
{
	if (range->sz < sizeof(*hdr)) {
		REGION_LOG(ERR, "%s is no region: %" PRIu64 " bytes, name another", what, range->sz);
		return GROOVE_ERR_INVAL;
	}
	if (range->fd < 0) {
		/* Acquire pairs with the release of the magic. */
		if (__atomic_load_n((const uint64_t *)range->base, __ATOMIC_ACQUIRE) == 0)
			memset(hdr, 0, sizeof(*hdr));
		else
			memcpy(hdr, range->base, sizeof(*hdr));
		return GROOVE_SUCCESS;
	}
	if (pread(range->fd, hdr, sizeof(*hdr), 0) == (ssize_t)sizeof(*hdr))
		return GROOVE_SUCCESS;
	REGION_LOG(ERR, "%s cannot be read: %m; check where it lies", what);
	return GROOVE_ERR_INVAL;
}

/* Whether nobody destroyed it between the look and the lock. */
static int
check_not_destroyed(const groove_region_t *region, const char *what)
{
	if (!region_is_destroyed(region->hdr))
		return GROOVE_SUCCESS;
	REGION_LOG(ERR, "%s was destroyed: make a new one; destroy it again where its name is still there: %s", what,
		region_ctl("destroy"));
	return GROOVE_ERR_KEY;
}

/* Nor began to rebuild it. */
static int
check_alive(const groove_region_t *region, const char *what)
{
	const int err = check_not_destroyed(region, what);

	if (err != GROOVE_SUCCESS)
		return err;
	if (identity_of(region->hdr, region->driver, &region->range) == IDENTITY_WHOLE)
		return GROOVE_SUCCESS;
	REGION_LOG(ERR, "%s is being rebuilt: try again", what);
	return GROOVE_ERR_AGAIN;
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

/* Nothing in it can be changed by mistake. */
static int
enter_readonly(groove_region_t *region, const char *what)
{
	int err = region_member_enter(&region->self, region->driver, &region->range, NULL, what);

	if (err != GROOVE_SUCCESS)
		return err;
	region_dump_nothing(region);
	err = check_not_destroyed(region, what); /* it may take an intent back, so before the protection */
	if (err == GROOVE_SUCCESS && mprotect(region->range.base, region->range.sz, PROT_READ) != 0) {
		REGION_LOG(ERR, "%s cannot be mapped read-only: %m; take fewer or smaller volumes", what);
		err = GROOVE_ERR_FULL;
	}
	if (err != GROOVE_SUCCESS)
		region_member_leave(&region->self);
	region->readonly = err == GROOVE_SUCCESS;
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
region_enter(groove_region_t *region, const char *what)
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
		return enter_writable(region, what);
	}
	err = explain_damage(region, identity, identity != IDENTITY_WHOLE ? NULL : &where, what);
	return err == GROOVE_SUCCESS ? enter_readonly(region, what) : err;
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
	int err = hdr_read(range, &hdr, what);

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
	err = region_enter(made, what);
	if (err != GROOVE_SUCCESS) {
		region_guard_end(&made->guard);
		driver->close(&made->range);
		free(made);
		return err;
	}
	*region = made;
	return GROOVE_SUCCESS;
}

/* Open by name with one driver. What is not to be used is closed, and what it is, is logged. */
static int
open_by(const groove_region_id_t *id, enum identity_use use, const groove_volume_driver_t *driver,
	groove_volume_range_t *range)
{
	char what[REGION_WHAT_SZ];
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
	int err = check_name(id->name);

	if (err != GROOVE_SUCCESS)
		return err;
	if (id->driver != NULL) {
		err = find_driver(id->driver, driver);
		if (err != GROOVE_SUCCESS)
			return err;
		err = open_by(id, use, *driver, range);
	} else {
		err = open_by_any(id, use, driver, range);
	}
	if (err == GROOVE_ERR_KEY)
		REGION_LOG(ERR, "no region %s%s%s%s%s: create it, or list those there are: %s", id->name,
			id->driver != NULL ? " of driver " : "", id->driver != NULL ? id->driver : "",
			id->dir != NULL ? " in " : "", id->dir != NULL ? id->dir : "",
			groove_volume_ctl("list", id->driver, id->dir, NULL));
	return err;
}

int
groove_region_attach(const groove_region_id_t *id, groove_region_t **region)
{
	const groove_volume_driver_t *driver;
	groove_volume_range_t range = {.fd = -1};
	groove_region_id_t full;
	char what[REGION_WHAT_SZ];
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
	snprintf(what, sizeof(what), "region %s", full.name);
	return attach_range(driver, &range, full.flags, what, region);
}

/* The driver that made what a descriptor leads to; NULL when that cannot be told. */
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
			"answers",
			what);
		return GROOVE_ERR_INVAL;
	}
	if (!check_flags(flags))
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

/* ---- list ---- */

int
groove_region_list(const char *driver, const char *dir, groove_region_list_fn fn, void *arg)
{
	const groove_volume_driver_t *each;
	int err = GROOVE_SUCCESS;

	if (driver != NULL) {
		err = find_driver(driver, &each);
		return err != GROOVE_SUCCESS ? err : each->list(dir, fn, arg);
	}
	for (each = volume_drivers_first(); each != NULL && err == GROOVE_SUCCESS; each = each->next)
		err = each->list(dir, fn, arg);
	return err;
}
