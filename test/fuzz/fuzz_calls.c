/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * Calls: an input is a row of calls of several joins on one groove, good and bad ones, which are compared with a model
 * of it. At the end all comes back: no object, no superblock, and each volume can be removed.
 */

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include <rte_common.h>

#include "cache.h"
#include "calls_model.h"
#include "shared.h"

#define VOLUME_SZ  GROOVE_VOLUME_FOOTPRINT_MIN
#define VOLUME_MAX 6UL
#define RECORD_CNT 5UL /* joins at one time, with dead ones */
#define BULK_MAX   80UL
#define STALE_MAX  16UL
#define INFO	   "volume"

static const groove_data_cfg_t cfg = {
	.volume_sz = VOLUME_SZ,
	.volume_max = VOLUME_MAX,
	.join_max = RECORD_CNT,
};

enum op {
	OP_ALLOC,
	OP_FREE,
	OP_ALLOC_BULK,
	OP_ALLOC_BURST,
	OP_FREE_BULK,
	OP_FREE_BURST,
	OP_FREE_BAD,
	OP_FLUSH,
	OP_TRIM,
	OP_CACHE_LIMIT,
	OP_VOLUME_ADD,
	OP_VOLUME_REMOVE,
	OP_JOIN,
	OP_LEAVE,
	OP_DIE,
	OP_RECOVER,
	OP_WALK,
	OP_STATS,
	OP_VOLUME_STATS,
	OP_VERIFY,
	OP_CHECK,
	OP_DRAIN,
	OP_TIDY,
	OP_CNT,
};

enum member_kind {
	MEMBER_NONE,
	MEMBER_LIVE,
	MEMBER_DEAD,
};

/* A join, by the index of its record. */
struct member {
	enum member_kind kind;
	uint64_t volume_max;
	groove_data_t join;
};

static struct {
	void *shmem;
	struct fuzz_input input;
	struct model model;
	struct member members[RECORD_CNT];
	void *stale[STALE_MAX]; /* what was freed last */
	uint64_t stale_cnt;
} run;

/* ---- joins ---- */

/* A live join, the i-th and so on; there always is one. */
static groove_data_t *
join_pick(void)
{
	const uint64_t first = fuzz_pick(&run.input, RECORD_CNT);

	for (uint64_t i = 0; i < RECORD_CNT; i++) {
		struct member *member = &run.members[(first + i) % RECORD_CNT];

		if (member->kind == MEMBER_LIVE)
			return &member->join;
	}
	fuzz_fail(__FILE__, __LINE__, "a join", "none is live");
}

static uint64_t
members_cnt(enum member_kind kind)
{
	uint64_t cnt = 0;

	for (uint64_t i = 0; i < RECORD_CNT; i++)
		cnt += run.members[i].kind == kind;
	return cnt;
}

/* Volumes up to the highest that is in the groove. */
static uint64_t
volume_top(void)
{
	return run.model.volumes != 0 ? 64 - (uint64_t)__builtin_clzll(run.model.volumes) : 0;
}

static void
run_join(uint64_t volume_max, uint64_t hint)
{
	const uint64_t reach = volume_max != 0 ? volume_max : VOLUME_MAX;
	const bool fits = members_cnt(MEMBER_NONE) > 0 && reach <= VOLUME_MAX && reach >= volume_top();
	groove_data_t join;

	if (groove_data_join(&join, run.shmem, run.model.volume0, volume_max, hint) == NULL) {
		FUZZ_CHECK(!fits, "join with %lu volumes", volume_max);
		return;
	}

	struct member *member = &run.members[groove_data_join_idx(&join)];

	FUZZ_CHECK(fits && member->kind == MEMBER_NONE, "joined with %lu volumes", volume_max);
	FUZZ_CHECK(groove_data_volume_max(&join) == reach && groove_data_cgroup_hint(&join) == hint &&
			   groove_data_shdata(&join) == run.shmem && groove_data_volume0(&join) == run.model.volume0 &&
			   groove_data_volume1(&join) == run.model.volume0 + reach * VOLUME_SZ,
		"accessors");
	*member = (struct member){MEMBER_LIVE, reach, join};
}

static void
run_leave(groove_data_t *join)
{
	struct member *member = &run.members[groove_data_join_idx(join)];

	if (members_cnt(MEMBER_LIVE) == 1)
		return;
	FUZZ_CHECK(groove_data_leave(join) == join, "leave");
	FUZZ_CHECK(groove_data_flush(join) == GROOVE_ERR_INVAL, "a join that left");
	member->kind = MEMBER_NONE;
}

/* Its process is gone, perhaps in the midst of a call that had changed nothing yet. */
static void
run_die(groove_data_t *join)
{
	const bool inside = fuzz_pick(&run.input, 2) == 1;

	if (members_cnt(MEMBER_LIVE) == 1)
		return;
	if (inside)
		join->record->epoch = join->shdata->epoch;
	run.members[groove_data_join_idx(join)].kind = MEMBER_DEAD;
	cache_drop(join);
}

static int
is_dead(void *arg, uint64_t join_idx)
{
	(void)arg;
	return run.members[join_idx].kind == MEMBER_DEAD;
}

static void
run_recover(groove_data_t *join)
{
	FUZZ_CHECK(groove_data_recover(join, is_dead, NULL) == GROOVE_SUCCESS, "recover");
	for (uint64_t i = 0; i < RECORD_CNT; i++)
		if (run.members[i].kind == MEMBER_DEAD)
			run.members[i].kind = MEMBER_NONE;
	FUZZ_CHECK(groove_data_verify(join) == GROOVE_SUCCESS, "verify after recover");
}

/* ---- alloc ---- */

struct request {
	uint64_t align;
	uint64_t sz;
	bool possible;
};

static struct request
request_make(uint64_t align, uint64_t sz)
{
	const bool aligned = align <= 512 && (align & (align - 1)) == 0;
	const uint64_t off = align > 16 ? align : 16;

	return (struct request){align, sz, aligned && sz <= (10UL << 20) + 512 - off};
}

static struct request
take_request(void)
{
	const uint64_t kind = fuzz_take(&run.input, 1);
	const uint64_t align = kind % 16 < 10 ? 1UL << kind % 16 : 0;
	const uint64_t off = align > 16 ? align : 16;
	uint64_t szc;

	switch (kind / 16) {
	case 0:
		return request_make(fuzz_take(&run.input, 2), fuzz_take(&run.input, 8));
	case 1:
	case 2:
	case 3:
	case 4:
		return request_make(align, fuzz_take(&run.input, 1) * (kind / 16));
	case 5:
	case 6:
	case 7:
		return request_make(align, fuzz_take(&run.input, 2));
	case 8:
		return request_make(align, fuzz_take(&run.input, 3));
	default: /* to the byte around what a class holds */
		szc = fuzz_pick(&run.input, GROOVE_DATA_SZC_SLICE);
		return request_make(align, groove_data_szc_cfg[szc].obj_footprint - off + kind % 3 - 1);
	}
}

/* FULL is right only if no volume is empty. */
static void
check_full(groove_data_t *join)
{
	groove_data_stats_t stats;

	FUZZ_CHECK(groove_data_stats(join, &stats) == GROOVE_SUCCESS, "stats");
	FUZZ_CHECK(stats.volume_empty_cnt == 0, "full with %lu empty volumes", stats.volume_empty_cnt);
}

static void
run_alloc(groove_data_t *join)
{
	const struct request request = take_request();
	const uint64_t tag = run.model.next_tag++;
	int err = 1;
	void *obj;

	if (!model_has_room(&run.model, 1))
		return;
	obj = groove_data_alloc(join, request.align, request.sz, tag, &err);
	FUZZ_CHECK(err == (obj != NULL		     ? GROOVE_SUCCESS
				  : request.possible ? GROOVE_ERR_FULL
						     : GROOVE_ERR_INVAL),
		"alloc of %lu bytes aligned to %lu: %p, %d", request.sz, request.align, obj, err);
	if (obj != NULL)
		model_add(&run.model, obj, request.align, request.sz, tag);
	else if (request.possible)
		check_full(join);
}

static void
run_alloc_many(groove_data_t *join, bool burst)
{
	const struct request request = take_request();
	const uint64_t n = fuzz_pick(&run.input, BULK_MAX);
	const bool tagged = fuzz_pick(&run.input, 2) == 1;
	uint64_t tags[BULK_MAX];
	void *objs[BULK_MAX];
	uint64_t done;
	int err;

	if (!model_has_room(&run.model, n))
		return;
	for (uint64_t i = 0; i < n; i++)
		tags[i] = tagged ? run.model.next_tag++ : 0;
	if (burst) {
		done = groove_data_alloc_burst(join, request.align, request.sz, tagged ? tags : NULL, objs, n, &err);
	} else {
		err = groove_data_alloc_bulk(join, request.align, request.sz, tagged ? tags : NULL, objs, n);
		done = err == GROOVE_SUCCESS ? n : 0;
	}
	FUZZ_CHECK(done <= n && err == (!request.possible  ? GROOVE_ERR_INVAL
					       : done == n ? GROOVE_SUCCESS
							   : GROOVE_ERR_FULL),
		"alloc of %lu of %lu bytes aligned to %lu: %lu, %d", n, request.sz, request.align, done, err);
	for (uint64_t i = 0; i < done; i++)
		model_add(&run.model, objs[i], request.align, request.sz, tags[i]);
	if (err == GROOVE_ERR_FULL && burst)
		check_full(join);
}

/* ---- free ---- */

static void
note_stale(void *obj)
{
	run.stale[run.stale_cnt++ % STALE_MAX] = obj;
}

static void
free_one(groove_data_t *join, uint64_t rank)
{
	void *obj = model_take(&run.model, rank);

	FUZZ_CHECK(groove_data_free(join, obj) == GROOVE_SUCCESS, "free of %p", obj);
	note_stale(obj);
}

static void
run_free(groove_data_t *join)
{
	const uint64_t idx = fuzz_take(&run.input, 2);

	if (run.model.cnt > 0)
		free_one(join, idx % run.model.cnt);
}

/* Near an object, but none: an address that is no object's. */
static void *
take_bad(void)
{
	uint8_t *obj = run.model.cnt > 0 ? run.model.live[fuzz_take(&run.input, 1) % run.model.cnt].obj : NULL;
	const uint64_t kind = fuzz_pick(&run.input, 8);
	const uint64_t number = fuzz_take(&run.input, 2);

	switch (kind) {
	case 0:
		return obj != NULL ? obj + 1 + number % 15 : NULL;
	case 1:
		return obj != NULL ? obj + 16 + number * 16 : NULL;
	case 2:
		return obj != NULL ? obj - 16 - number % 8 * 16 : NULL;
	case 3:
		return run.model.volume0 + number * 64;
	case 4:
		return (uint8_t *)run.shmem + number;
	case 5:
		return run.model.volume0 - number;
	case 6:
		return run.model.volume0 + VOLUME_MAX * VOLUME_SZ + number;
	default:
		return run.stale_cnt > 0 ? run.stale[number % RTE_MIN(run.stale_cnt, STALE_MAX)] : NULL;
	}
}

static bool
is_live(const void *obj)
{
	return model_find(&run.model, obj) < run.model.cnt;
}

/* Objects for a bulk, each once; bad: one of them is not, or is there twice. */
static uint64_t
take_objs(void *objs[BULK_MAX], uint64_t *bad)
{
	const uint64_t cnt = RTE_MIN(fuzz_pick(&run.input, BULK_MAX - 1), run.model.cnt);
	const uint64_t first = fuzz_take(&run.input, 1);
	const uint64_t kind = fuzz_pick(&run.input, 4);

	for (uint64_t i = 0; i < cnt; i++)
		objs[i] = run.model.live[(first + i) % run.model.cnt].obj;
	*bad = UINT64_MAX;
	if (kind > 1)
		return cnt;
	*bad = fuzz_pick(&run.input, cnt + 1);
	if (*bad != cnt)
		memmove(&objs[*bad + 1], &objs[*bad], (cnt - *bad) * sizeof(objs[0]));
	if (kind == 0 && cnt > 0) {
		objs[*bad] = objs[*bad == cnt ? 0 : *bad + 1];
		return cnt + 1;
	}
	objs[*bad] = take_bad();
	if (is_live(objs[*bad]))
		objs[*bad] = NULL;
	return cnt + 1;
}

/* All but the bad one are to be freed, or were not. */
static void
objs_take(void *const *objs, uint64_t n, uint64_t bad)
{
	for (uint64_t i = 0; i < n; i++)
		if (i != bad)
			note_stale(model_take(&run.model, model_find(&run.model, objs[i])));
}

static void
objs_check(void *const *objs, uint64_t n, uint64_t bad)
{
	for (uint64_t i = 0; i < n; i++)
		if (i != bad)
			model_check(&run.model, model_find(&run.model, objs[i]));
}

static void
run_free_bulk(groove_data_t *join)
{
	void *objs[BULK_MAX];
	uint64_t bad;
	const uint64_t n = take_objs(objs, &bad);
	int err;

	if (bad == UINT64_MAX)
		objs_take(objs, n, bad);
	err = groove_data_free_bulk(join, objs, n);
	FUZZ_CHECK((err == GROOVE_SUCCESS) == (bad == UINT64_MAX), "free_bulk of %lu, bad %lu: %d", n, bad, err);
	if (bad != UINT64_MAX)
		objs_check(objs, n, bad);
}

static void
run_free_burst(groove_data_t *join)
{
	void *objs[BULK_MAX];
	uint64_t bad;
	const uint64_t n = take_objs(objs, &bad);
	uint64_t done;
	int err;

	objs_take(objs, n, bad);
	done = groove_data_free_burst(join, objs, n, &err);
	FUZZ_CHECK(done == n - (bad != UINT64_MAX) && (err == GROOVE_SUCCESS) == (bad == UINT64_MAX),
		"free_burst of %lu, bad %lu: %lu, %d", n, bad, done, err);
}

static void
run_free_bad(groove_data_t *join)
{
	groove_data_stats_t stats;
	void *obj = take_bad();
	int err;

	if (is_live(obj))
		return;
	err = groove_data_free(join, obj);
	FUZZ_CHECK(err == GROOVE_ERR_INVAL || err == GROOVE_ERR_CORRUPT, "free of %p: %d", obj, err);
	FUZZ_CHECK(groove_data_stats(join, &stats) == GROOVE_SUCCESS, "stats");
	model_check_stats(&run.model, &stats);
}

/* ---- volumes ---- */

static bool
all_reach(uint64_t volumes)
{
	for (uint64_t i = 0; i < RECORD_CNT; i++)
		if (run.members[i].kind != MEMBER_NONE && run.members[i].volume_max < volumes)
			return false;
	return true;
}

static void
run_volume_add(groove_data_t *join, uint64_t idx, uint64_t cnt)
{
	const uint64_t bits = ((1UL << cnt) - 1) << idx;
	const bool fits = cnt > 0 && idx + cnt <= VOLUME_MAX && (run.model.volumes & bits) == 0 && all_reach(idx + cnt);
	const int err =
		groove_data_volume_add(join, run.model.volume0 + idx * VOLUME_SZ, cnt * VOLUME_SZ, INFO, sizeof(INFO));

	FUZZ_CHECK(err == (fits ? GROOVE_SUCCESS : GROOVE_ERR_INVAL), "add of %lu at %lu: %d", cnt, idx, err);
	if (fits)
		run.model.volumes |= bits;
}

static bool
run_volume_remove(groove_data_t *join)
{
	const groove_volume_t *volume = groove_data_volume_remove(join);
	const uint64_t idx = (uint64_t)((const uint8_t *)volume - run.model.volume0) / VOLUME_SZ;

	if (volume == NULL)
		return false;
	FUZZ_CHECK(idx < VOLUME_MAX && (run.model.volumes >> idx & 1) != 0 && !model_uses_volume(&run.model, idx),
		"removed volume %lu", idx);
	FUZZ_CHECK(volume->magic == 0 && volume->idx == idx && strcmp((const char *)volume->info, INFO) == 0,
		"header of volume %lu", idx);
	run.model.volumes &= ~(1UL << idx);
	return true;
}

/* Of one volume, or, with the last number, of none. */
static void
run_volume_drain(groove_data_t *join)
{
	const uint64_t idx = fuzz_pick(&run.input, VOLUME_MAX + 2);
	const bool is_in = idx > VOLUME_MAX || (run.model.volumes >> idx & 1) != 0;
	const int err = groove_data_volume_drain(join, idx > VOLUME_MAX ? GROOVE_VOLUME_NONE : idx);

	FUZZ_CHECK(err == (is_in ? GROOVE_SUCCESS : GROOVE_ERR_INVAL), "drain of volume %lu: %d", idx, err);
}

static void
run_volume_stats(groove_data_t *join)
{
	const uint64_t idx = fuzz_pick(&run.input, VOLUME_MAX + 1);
	const bool is_in = (run.model.volumes >> idx & 1) != 0;
	groove_data_volume_stats_t stats;
	const int err =
		groove_data_volume_stats(join, (const groove_volume_t *)(run.model.volume0 + idx * VOLUME_SZ), &stats);

	FUZZ_CHECK(err == (is_in ? GROOVE_SUCCESS : GROOVE_ERR_INVAL), "stats of volume %lu: %d", idx, err);
	if (is_in)
		FUZZ_CHECK(stats.used_bytes + stats.free_bytes <= VOLUME_SZ &&
				   (stats.used_bytes > 0 || !model_uses_volume(&run.model, idx)),
			"volume %lu: %lu bytes used, %lu free", idx, stats.used_bytes, stats.free_bytes);
}

/* ---- looking ---- */

struct walk {
	groove_data_t *join;
	groove_data_walk_filter_t filter;
	uint64_t next; /* rank of the next live object that may come */
	bool frees;
};

static bool
is_wanted(const struct walk *walk, const struct model_obj *obj)
{
	const uint64_t szc = groove_data_hdr_szc(groove_data_alloc_hdr(obj->obj));

	return obj->tag >= walk->filter.tag_min && obj->tag <= walk->filter.tag_max && szc >= walk->filter.szc_min &&
	       szc <= walk->filter.szc_max;
}

static int
visit(void *arg, void *obj)
{
	struct walk *walk = arg;
	const struct model *model = &run.model;

	while (walk->next < model->cnt && !is_wanted(walk, &model->live[walk->next]))
		walk->next++;
	FUZZ_CHECK(walk->next < model->cnt && model->live[walk->next].obj == obj, "walk visits %p", obj);
	if (!walk->frees) {
		walk->next++;
		return 0;
	}
	free_one(walk->join, walk->next);
	return 0;
}

static void
run_walk(groove_data_t *join)
{
	struct walk walk = {
		.join = join,
		.filter.tag_min = fuzz_take(&run.input, 1),
		.filter.tag_max = fuzz_take(&run.input, 2),
		.filter.szc_min = fuzz_take(&run.input, 1) / 4,
		.filter.szc_max = fuzz_take(&run.input, 1),
		.frees = fuzz_pick(&run.input, 4) == 3,
	};

	FUZZ_CHECK(groove_data_walk(join, &walk.filter, visit, &walk) == GROOVE_SUCCESS, "walk");
	for (; walk.next < run.model.cnt; walk.next++)
		FUZZ_CHECK(!is_wanted(&walk, &run.model.live[walk.next]), "object %lu not visited",
			run.model.live[walk.next].tag);
}

static void
run_stats(groove_data_t *join)
{
	groove_data_stats_t stats;

	FUZZ_CHECK(groove_data_stats(join, &stats) == GROOVE_SUCCESS, "stats");
	model_check_stats(&run.model, &stats);
	FUZZ_CHECK(stats.join_cnt == RECORD_CNT - members_cnt(MEMBER_NONE), "%lu joins", stats.join_cnt);
}

static void
run_check(void)
{
	for (uint64_t i = 0; i < run.model.cnt; i++)
		model_check(&run.model, i);
}

/* ---- one call ---- */

static void
expect_success(const char *call, int err)
{
	FUZZ_CHECK(err == GROOVE_SUCCESS, "%s: %d", call, err);
}

static void
run_op(enum op op, groove_data_t *join)
{
	uint64_t a;

	switch (op) {
	case OP_ALLOC:
		return run_alloc(join);
	case OP_FREE:
		return run_free(join);
	case OP_ALLOC_BULK:
	case OP_ALLOC_BURST:
		return run_alloc_many(join, op == OP_ALLOC_BURST);
	case OP_FREE_BULK:
		return run_free_bulk(join);
	case OP_FREE_BURST:
		return run_free_burst(join);
	case OP_FREE_BAD:
		return run_free_bad(join);
	case OP_FLUSH:
		return expect_success("flush", groove_data_flush(join));
	case OP_TRIM:
		return expect_success("trim", groove_data_trim(join));
	case OP_CACHE_LIMIT:
		a = fuzz_take(&run.input, 1);
		return expect_success("cache_limit", groove_data_cache_limit(join, a << 10, a << 14));
	case OP_VOLUME_ADD:
		a = fuzz_pick(&run.input, VOLUME_MAX + 1);
		return run_volume_add(join, a, fuzz_pick(&run.input, 3));
	case OP_VOLUME_REMOVE:
		run_volume_remove(join);
		return;
	case OP_JOIN:
		a = fuzz_pick(&run.input, VOLUME_MAX + 2);
		return run_join(a, fuzz_take(&run.input, 1));
	case OP_LEAVE:
		return run_leave(join);
	case OP_DIE:
		return run_die(join);
	case OP_RECOVER:
		return run_recover(join);
	case OP_DRAIN:
		return run_volume_drain(join);
	case OP_TIDY:
		return expect_success("tidy", groove_data_tidy(join));
	case OP_WALK:
		return run_walk(join);
	case OP_STATS:
		return run_stats(join);
	case OP_VOLUME_STATS:
		return run_volume_stats(join);
	case OP_VERIFY:
		return expect_success("verify", groove_data_verify(join));
	default:
		return run_check();
	}
}

/* ---- begin and end ---- */

static void
begin(const uint8_t *bytes, size_t sz)
{
	uint8_t *volume0 = run.model.volume0;

	run.input = (struct fuzz_input){bytes, sz};
	run.stale_cnt = 0;
	memset(run.members, 0, sizeof(run.members));
	run.model = (struct model){.volume0 = volume0, .volume_sz = VOLUME_SZ, .volume_max = VOLUME_MAX, .next_tag = 1};
	FUZZ_CHECK(groove_data_new_cfg(run.shmem, &cfg) == run.shmem, "new");
	run_join(0, 0);
	run_volume_add(&run.members[0].join, 0, 2);
}

/* Leave one join, and no object. */
static groove_data_t *
settle(void)
{
	groove_data_t *join = join_pick();

	run_recover(join);
	while (run.model.cnt > 0)
		free_one(join, run.model.cnt - 1);
	for (uint64_t i = 0; i < RECORD_CNT; i++)
		if (run.members[i].kind == MEMBER_LIVE && &run.members[i].join != join)
			run_leave(&run.members[i].join);
	return join;
}

static void
end(void)
{
	groove_data_t *join = settle();
	unsigned int tries = 0;

	expect_success("flush", groove_data_flush(join));
	expect_success("verify", groove_data_verify(join));
	run_stats(join);
	while (run.model.volumes != 0)
		FUZZ_CHECK(run_volume_remove(join) || tries++ < 2 * VOLUME_MAX, "volumes %#lx stay", run.model.volumes);
	expect_success("verify without volumes", groove_data_verify(join));
	FUZZ_CHECK(groove_data_leave(join) == join && groove_data_delete(run.shmem) == run.shmem, "delete");
	FUZZ_CHECK(madvise(run.model.volume0, VOLUME_MAX * VOLUME_SZ, MADV_DONTNEED) == 0, "%m");
}

/* ---- the fuzzer ---- */

void
fuzz_setup(void)
{
	run.shmem = fuzz_map_guarded(groove_data_footprint_cfg(&cfg));
	run.model.volume0 = fuzz_reserve(VOLUME_MAX * VOLUME_SZ);
	FUZZ_CHECK(mprotect(run.model.volume0, VOLUME_MAX * VOLUME_SZ, PROT_READ | PROT_WRITE) == 0, "%m");
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t sz)
{
	begin(bytes, sz);
	while (run.input.left > 0) {
		const enum op op = (enum op)fuzz_pick(&run.input, OP_CNT);

		run_op(op, join_pick());
	}
	end();
	return 0;
}

const struct fuzz_seed fuzz_seeds[] = {
	FUZZ_SEED("each_call", OP_ALLOC, 0, 0x10, 100, OP_ALLOC, 0, 0x53, FUZZ_U16(5000), OP_JOIN, 0, 0, 1,
		OP_ALLOC_BULK, 1, 0x20, 50, 40, 1, OP_ALLOC_BURST, 0, 0x99, 70, 3, 0, OP_FREE, 1, FUZZ_U16(3),
		OP_FREE_BULK, 0, 10, 2, 0, 3, OP_FREE_BULK, 0, 10, 2, 2, OP_FREE_BURST, 1, 5, 1, 1, 2, 0, 1,
		FUZZ_U16(7), OP_FREE_BAD, 0, 0, 7, FUZZ_U16(1), OP_VOLUME_ADD, 0, 3, 2, OP_VOLUME_ADD, 0, 0, 1,
		OP_CACHE_LIMIT, 0, 2, OP_VERIFY, 0, OP_CHECK, 0, OP_STATS, 0, OP_VOLUME_STATS, 0, 0, OP_WALK, 0, 0,
		FUZZ_U16(1000), 0, 255, 0, OP_FLUSH, 0, OP_TRIM, 1, OP_DIE, 1, 1, OP_VOLUME_REMOVE, 0, OP_RECOVER, 0,
		OP_VOLUME_REMOVE, 0, OP_LEAVE, 0),
	FUZZ_SEED("drain", OP_ALLOC_BURST, 0, 0x10, 50, 70, 0, OP_DRAIN, 0, 0, OP_TIDY, 0, OP_FREE_BURST, 0, 60, 0, 3,
		OP_ALLOC, 0, 0x10, 50, OP_VOLUME_REMOVE, 0, OP_DRAIN, 0, 7, OP_DRAIN, 0, 3),
	FUZZ_SEED("full", OP_ALLOC_BURST, 0, 0x80, 0, 0, 160, 6, 0, OP_ALLOC, 0, 0x80, 0, 0, 160, OP_ALLOC_BULK, 0,
		0x80, 0, 0, 160, 3, 0, OP_ALLOC, 0, 0x10, 1, OP_WALK, 0, 0, FUZZ_U16(65535), 0, 255, 3),
};
const size_t fuzz_seed_cnt = sizeof(fuzz_seeds) / sizeof(fuzz_seeds[0]);
