/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "region_hdr.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include <rte_common.h>

#include "config.h"
#include "region_ctl.h"
#include "region_log.h"
#include "region_name.h"
#include "region_state.h"
#include "shared.h"

#define ROUND_UP(value, align) (((value) + (align)-1) / (align) * (align))

/* ---- sums ---- */

/* FNV-1a. */
static uint64_t
sum_of(const void *mem, size_t sz)
{
	const uint8_t *bytes = mem;
	uint64_t sum = 0xcbf29ce484222325UL;

	for (size_t i = 0; i < sz; i++)
		sum = (sum ^ bytes[i]) * 0x100000001b3UL;
	return sum;
}

uint64_t
region_hdr_sum(const struct region_fixed *fixed)
{
	return sum_of(fixed, sizeof(*fixed));
}

uint64_t
region_hdr_layout_sum(void)
{
	const uint64_t layout[] = {
		sizeof(struct region_hdr),
		sizeof(struct region_fixed),
		REGION_MEMBER_CNT,
		REGION_KIND_CNT,
		SHDATA_VERSION,
		sizeof(struct groove_shdata),
		sizeof(struct groove_record),
		sizeof(struct pool_shared),
		sizeof(struct volume_slot),
	};

	return sum_of(layout, sizeof(layout));
}

uint64_t
region_hdr_random(void)
{
	uint64_t number = 0;

	/* Never blocks: early random numbers do. As lib/groove/calls/fork.c. */
	while (number == 0 && getrandom(&number, sizeof(number), GRND_INSECURE) < 0 && errno == EINTR)
		;
	return number;
}

bool
groove_volume_is_destroyed(const void *front)
{
	const struct region_hdr *hdr = front;

	return __atomic_load_n(&hdr->magic, __ATOMIC_ACQUIRE) == REGION_MAGIC &&
	       __atomic_load_n(&hdr->destroyed, __ATOMIC_SEQ_CST) == REGION_DESTROYED;
}

bool
groove_volume_fd_is_destroyed(int fd)
{
	struct region_hdr hdr;

	return pread(fd, &hdr, sizeof(hdr), 0) == (ssize_t)sizeof(hdr) && groove_volume_is_destroyed(&hdr);
}

/* ---- making ---- */

uint64_t
region_hdr_shdata_off(uint64_t volume_max)
{
	const uint64_t off = sizeof(struct region_hdr) + volume_max * sizeof(uint64_t);

	return ROUND_UP(off, groove_data_align());
}

void
region_hdr_fill(struct region_fixed *fixed, const groove_volume_request_t *request, const groove_volume_range_t *range,
	const groove_data_cfg_t *cfg, const char *driver)
{
	memset(fixed, 0, sizeof(*fixed));
	fixed->version = REGION_VERSION;
	fixed->hdr_sz = sizeof(struct region_hdr);
	fixed->layout_sum = region_hdr_layout_sum();
	fixed->id = request->id;
	fixed->page_sz = range->page_sz;
	fixed->volume_sz = request->volume_sz;
	fixed->volume_max = request->volume_max;
	fixed->join_max = cfg->join_max;
	fixed->shdata_off = region_hdr_shdata_off(request->volume_max);
	fixed->shdata_sz = groove_data_footprint_cfg(cfg);
	fixed->front_sz = range->front_sz;
	fixed->sz = range->sz;
	fixed->node = request->node;
	fixed->placement = request->placement;
	snprintf(fixed->driver, sizeof(fixed->driver), "%s", driver);
	snprintf(fixed->name, sizeof(fixed->name), "%s", request->name != NULL ? request->name : "");
}

/* ---- checking: nothing is trusted ---- */

static int
check_kind(const struct region_hdr *hdr, const char *what)
{
	const struct region_fixed *fixed = &hdr->fixed;

	if (hdr->magic == 0) {
		REGION_LOG(ERR, "%s is being made, or its maker died: try again, or destroy it: %s", what,
			region_ctl("destroy"));
		return GROOVE_ERR_AGAIN;
	}
	if (hdr->magic != REGION_MAGIC) {
		REGION_LOG(ERR, "%s is no region: magic %#" PRIx64 ", name another", what, hdr->magic);
		return GROOVE_ERR_INVAL;
	}
	if (fixed->version != REGION_VERSION) {
		REGION_LOG(ERR, "%s has layout %u, this library reads layout %u: use the library that made it", what,
			fixed->version, REGION_VERSION);
		return GROOVE_ERR_INVAL;
	}
	if (hdr->sum != region_hdr_sum(fixed)) {
		REGION_LOG(ERR, "%s has a damaged header: sum %#" PRIx64 ", expected %#" PRIx64 ": destroy it: %s",
			what, region_hdr_sum(fixed), hdr->sum, region_ctl("destroy"));
		return GROOVE_ERR_CORRUPT;
	}
	if (fixed->hdr_sz != sizeof(struct region_hdr) || fixed->layout_sum != region_hdr_layout_sum()) {
		REGION_LOG(ERR, "%s was made by a library built in another way: use that one", what);
		return GROOVE_ERR_INVAL;
	}
	return GROOVE_SUCCESS;
}

static bool
is_terminated(const char *text, size_t sz)
{
	return memchr(text, '\0', sz) != NULL;
}

/*
 * Whether the front has room for the header and the shared region, and no more than drivers add to be aligned: attach
 * has memory made for all of it.
 */
static bool
front_is_sound(const struct region_fixed *fixed)
{
	const uint64_t used = fixed->shdata_off + fixed->shdata_sz;
	const uint64_t align = RTE_MAX(fixed->page_sz, GROOVE_VOLUME_ROOM_ALIGN);

	return fixed->front_sz >= used && fixed->front_sz - used < align &&
	       fixed->front_sz % GROOVE_VOLUME_ROOM_ALIGN == 0;
}

groove_data_cfg_t
region_hdr_data_cfg(const struct region_fixed *fixed)
{
	return (groove_data_cfg_t){
		.volume_sz = fixed->volume_sz,
		.volume_max = fixed->volume_max,
		.join_max = fixed->join_max,
	};
}

/* The header may have a right sum and wrong numbers all the same: somebody may have meant it. */
static bool
sizes_are_sound(const struct region_fixed *fixed)
{
	const groove_data_cfg_t cfg = region_hdr_data_cfg(fixed);

	/* The core would log what is out of range with words of its own, which name no region. */
	return config_is_possible(&cfg) && fixed->shdata_sz == groove_data_footprint_cfg(&cfg) &&
	       fixed->shdata_off == region_hdr_shdata_off(fixed->volume_max) && front_is_sound(fixed) &&
	       fixed->sz == fixed->front_sz + fixed->volume_max * fixed->volume_sz;
}

/* A file that was moved has another name than its header says; one that no region can have was put there. */
static int
check_name(const struct region_fixed *fixed, const char *what)
{
	if (fixed->name[0] == '\0' || region_is_name(fixed->name))
		return GROOVE_SUCCESS;
	REGION_LOG(ERR, "%s has a name in its header that no region can have: destroy it: %s", what,
		region_ctl("destroy"));
	return GROOVE_ERR_CORRUPT;
}

static int
check_sizes(const struct region_fixed *fixed, const groove_volume_range_t *range, const char *what)
{
	if (!is_terminated(fixed->name, sizeof(fixed->name)) || !is_terminated(fixed->driver, sizeof(fixed->driver)) ||
		!sizes_are_sound(fixed)) {
		REGION_LOG(ERR,
			"%s has sizes that contradict each other: %" PRIu64 " volumes of %" PRIu64 " bytes, %" PRIu64
			" joins, %" PRIu64 " bytes in all: destroy it: %s",
			what, fixed->volume_max, fixed->volume_sz, fixed->join_max, fixed->sz, region_ctl("destroy"));
		return GROOVE_ERR_CORRUPT;
	}
	if (fixed->sz != range->sz) {
		REGION_LOG(ERR, "%s has %" PRIu64 " bytes, its header says %" PRIu64 ": destroy it: %s", what,
			range->sz, fixed->sz, region_ctl("destroy"));
		return GROOVE_ERR_CORRUPT;
	}
	if (fixed->placement != GROOVE_PLACEMENT_BOUND && fixed->placement != GROOVE_PLACEMENT_PREFERRED) {
		REGION_LOG(ERR,
			"%s has the placement %" PRIu64 ", this library knows bound and preferred: destroy it: %s",
			what, fixed->placement, region_ctl("destroy"));
		return GROOVE_ERR_CORRUPT;
	}
	if (fixed->page_sz != range->page_sz) {
		REGION_LOG(ERR,
			"%s was made for pages of %" PRIu64 " bytes and lies on pages of %" PRIu64
			": move it back, or destroy it: %s",
			what, fixed->page_sz, range->page_sz, region_ctl("destroy"));
		return GROOVE_ERR_INVAL;
	}
	return GROOVE_SUCCESS;
}

int
region_hdr_read(const groove_volume_range_t *range, void *mem, uint64_t sz, const char *what)
{
	if (range->sz < sz) {
		REGION_LOG(ERR, "%s is no region: %" PRIu64 " bytes, name another", what, range->sz);
		return GROOVE_ERR_EMPTY;
	}
	if (range->fd < 0) {
		/* Acquire pairs with the release of the magic. */
		if (__atomic_load_n((const uint64_t *)range->base, __ATOMIC_ACQUIRE) == 0)
			memset(mem, 0, sz);
		else
			memcpy(mem, range->base, sz);
		return GROOVE_SUCCESS;
	}
	if (pread(range->fd, mem, sz, 0) == (ssize_t)sz)
		return GROOVE_SUCCESS;
	REGION_LOG(ERR, "%s cannot be read: %m; check where it lies", what);
	return GROOVE_ERR_INVAL;
}

int
region_hdr_check(const struct region_hdr *hdr, const groove_volume_range_t *range, const char *driver, const char *what)
{
	int err = check_kind(hdr, what);

	if (err == GROOVE_SUCCESS)
		err = check_sizes(&hdr->fixed, range, what);
	if (err == GROOVE_SUCCESS)
		err = check_name(&hdr->fixed, what);
	if (err != GROOVE_SUCCESS)
		return err;
	if (strcmp(hdr->fixed.driver, driver) != 0) {
		REGION_LOG(ERR, "%s was made by driver %s, not %s: move it back, or destroy it: %s", what,
			region_is_name(hdr->fixed.driver) ? hdr->fixed.driver : "?", driver, region_ctl("destroy"));
		return GROOVE_ERR_INVAL;
	}
	if (__atomic_load_n(&hdr->destroyed, __ATOMIC_RELAXED) == REGION_DESTROYED) {
		REGION_LOG(ERR, "%s was destroyed: make a new one; destroy it again where its name is still there: %s",
			what, region_ctl("destroy"));
		return GROOVE_ERR_KEY;
	}
	return GROOVE_SUCCESS;
}

/* Whether the core's shared region is what the header says. Its own checks have been made. */
static bool
groove_fits(const struct region_fixed *fixed, struct groove_shdata *shdata)
{
	const struct pool_shared *pool = shdata_pool(shdata);

	return 1UL << shdata->volume_shift == fixed->volume_sz && shdata->volume_max == fixed->volume_max &&
	       shdata->join_max == fixed->join_max && pool->volume_max == fixed->volume_max &&
	       pool->volume_sz == fixed->volume_sz;
}

/* Whether a volume's state is one. A volume that the groove uses must have memory. */
static bool
volume_is_sound(const uint64_t *word, const uint64_t *used)
{
	const uint64_t state = region_state_load(word);

	if (region_state_kind(state) >= REGION_KIND_CNT ||
		region_state_is_held(state) != (region_state_owner(state) != REGION_OWNER_NONE))
		return false;
	/* Acquire: the state is read again after it. When it has changed another is growing or shrinking. */
	return region_state_kind(state) != REGION_ABSENT ||
	       volume_state_kind(__atomic_load_n(used, __ATOMIC_ACQUIRE)) != VOLUME_USED ||
	       region_state_load(word) != state;
}

int
region_hdr_check_config(struct groove_shdata *shdata, const struct region_fixed *fixed, const char *what)
{
	if (!is_groove(shdata, "region"))
		return GROOVE_ERR_CORRUPT;
	if (groove_fits(fixed, shdata))
		return GROOVE_SUCCESS;
	REGION_LOG(ERR,
		"%s: its groove, of %" PRIu64 " volumes of %" PRIu64
		" bytes, is not that of its header: destroy it: %s",
		what, shdata->volume_max, 1UL << shdata->volume_shift, region_ctl("destroy"));
	return GROOVE_ERR_CORRUPT;
}

int
region_hdr_check_groove(struct region_hdr *hdr, const struct region_fixed *fixed, const char *what)
{
	struct groove_shdata *shdata = (struct groove_shdata *)((uint8_t *)hdr + fixed->shdata_off);
	const int err = region_hdr_check_config(shdata, fixed, what);

	if (err != GROOVE_SUCCESS)
		return err;
	for (uint64_t i = 0; i < fixed->volume_max; i++) {
		const uint64_t *word = &region_hdr_states(hdr)[i];

		if (volume_is_sound(word, &shdata_pool(shdata)->slot[i].state))
			continue;
		REGION_LOG(ERR, "%s: volume %" PRIu64 " has the damaged state %#" PRIx64 ": destroy it: %s", what, i,
			*word, region_ctl("destroy"));
		return GROOVE_ERR_CORRUPT;
	}
	return GROOVE_SUCCESS;
}
