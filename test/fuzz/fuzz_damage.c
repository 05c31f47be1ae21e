/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * Damage: an input overwrites words of a groove and makes calls on it, of a join that was there before and of one that
 * comes after. No call crashes, loops, leaves the memory of the groove, or returns what it does not promise. What alloc
 * would do is not asked.
 */

#include <stdio.h>

#include "damage.h"
#include "geometry.h"
#include "sb_word.h"
#include "shared.h"

/* What seeds know of the scene: the class of roots and the bytes of its slots, and the slots of superblock 1. */
#define ROOT_SZ	 11085824UL
#define ROOT_SZC 122
#define SB1_CNT	 8

#define DUMP_MAX 4 /* of an input */

static struct damage_scene scene;

/* ---- the calls ---- */

enum op {
	OP_EDIT, /* half of all numbers: what follows as in damage.h */
	OP_VERIFY,
	OP_VOLUME_VERIFY,
	OP_WALK,
	OP_STATS,
	OP_VOLUME_STATS,
	OP_DUMP,
	OP_FREE,
	OP_FREE_BULK,
	OP_FLUSH,
	OP_TRIM,
	OP_VOLUME_REMOVE,
	OP_JOIN, /* leave and come again */
	OP_RECOVER,
	OP_DELETE,
	OP_CACHE_LIMIT,
	OP_DRAIN,
	OP_TIDY,
	OP_CNT,
};

/* While an input runs. */
struct run {
	struct fuzz_input input;
	groove_data_t late;   /* a join that came after some of the damage */
	bool late_is_in;      /* whether it did */
	groove_data_t *join;  /* which of both the next call is made on */
	uint64_t visited_cnt; /* by a walk */
	uint64_t dump_cnt;    /* dumps so far */
	bool frees;	      /* what a walk does with what it visits */
	bool is_damaged;      /* whether anything was overwritten yet */
};

/* Whether a result is one of those that a call may return. */
static void
check_answer(const char *call, int answer, unsigned int allowed)
{
	FUZZ_CHECK(answer <= 0 && answer >= -6 && (allowed >> -answer & 1) != 0, "%s returned %d", call, answer);
}

#define ANSWER(err) (1U << -(err))
#define DONE	    ANSWER(GROOVE_SUCCESS)
#define INVAL	    ANSWER(GROOVE_ERR_INVAL)
#define AGAIN	    ANSWER(GROOVE_ERR_AGAIN)
#define CORRUPT	    ANSWER(GROOVE_ERR_CORRUPT)

static groove_volume_t *
volume_at(uint64_t idx)
{
	return (groove_volume_t *)(scene.volume0 + idx * DAMAGE_VOLUME_SZ);
}

static void
run_verify(struct run *run)
{
	const uint64_t lines = fuzz_log_cnt();
	const int err = groove_data_verify(run->join);

	check_answer("verify", err, run->is_damaged ? DONE | CORRUPT : DONE);
	FUZZ_CHECK((err == GROOVE_SUCCESS) == (fuzz_log_cnt() == lines), "verify: %d, %lu lines", err,
		fuzz_log_cnt() - lines);
}

static int
visit(void *arg, void *obj)
{
	struct run *run = arg;
	const uint8_t *start = groove_data_alloc_start_const(obj);
	const uint8_t *stop = groove_data_alloc_stop_const(obj);
	const uint8_t *end = (const uint8_t *)obj + groove_data_alloc_sz(obj);

	FUZZ_CHECK(start > scene.volume0 && start <= (uint8_t *)obj && end <= stop &&
			   stop <= scene.volume0 + DAMAGE_VOLUME_MAX * DAMAGE_VOLUME_SZ,
		"object %p, %p to %p", obj, (const void *)start, (const void *)stop);
	run->visited_cnt++;
	if (run->frees)
		groove_data_free(run->join, obj);
	return 0;
}

static void
run_walk(struct run *run)
{
	const groove_data_walk_filter_t filter = {
		.tag_min = fuzz_take(&run->input, 2),
		.tag_max = UINT64_MAX,
		.szc_max = fuzz_take(&run->input, 1),
	};

	run->visited_cnt = 0;
	check_answer("walk", groove_data_walk(run->join, &filter, visit, run), DONE | CORRUPT);
	FUZZ_CHECK(run->visited_cnt <= DAMAGE_VOLUME_MAX * DAMAGE_VOLUME_SZ / GROOVE_LINE_SZ, "%lu objects",
		run->visited_cnt);
}

/* A list without end takes a dump as many lines as there can be superblocks: all that an input has would take long. */
static void
run_dump(struct run *run)
{
	FILE *file;

	if (++run->dump_cnt > DUMP_MAX)
		return;
	file = fopen("/dev/null", "we");
	FUZZ_CHECK(file != NULL, "%m");
	check_answer("dump", groove_data_dump(file, run->join), DONE);
	fclose(file);
}

/* An address: of an object, of or near a slot, anywhere in the volumes, or of something else. */
static void *
take_address(struct run *run)
{
	const uint64_t kind = fuzz_pick(&run->input, 8);
	const uint64_t i = fuzz_take(&run->input, 2);

	switch (kind) {
	case 0:
		return (uint8_t *)scene.slot[i % scene.slot_cnt] + 16;
	case 1:
		return (uint8_t *)scene.slot[i % scene.slot_cnt] + 16 * fuzz_take(&run->input, 1);
	case 2:
		return scene.volume0 + i * GROOVE_BLOCK_FOOTPRINT + fuzz_take(&run->input, 2);
	case 3:
		return scene.volume0 + i % (DAMAGE_VOLUME_MAX + 1) * DAMAGE_VOLUME_SZ + fuzz_take(&run->input, 3) * 16;
	case 4:
		return scene.shmem + i;
	case 5:
		return scene.volume0 - i;
	case 6:
		return (void *)(uintptr_t)fuzz_take(&run->input, 8);
	default:
		return scene.obj[i % scene.obj_cnt];
	}
}

static void
run_free_bulk(struct run *run)
{
	void *objs[8];
	const uint64_t cnt = fuzz_pick(&run->input, 9);
	int err;

	for (uint64_t i = 0; i < cnt; i++)
		objs[i] = take_address(run);
	if (groove_data_free_burst(run->join, objs, cnt / 2, &err) < cnt / 2)
		check_answer("free_burst", err, INVAL | CORRUPT);
	check_answer(
		"free_bulk", groove_data_free_bulk(run->join, objs + cnt / 2, cnt - cnt / 2), DONE | INVAL | CORRUPT);
}

static void
run_volume_remove(struct run *run)
{
	const uint8_t *volume = (const uint8_t *)groove_data_volume_remove(run->join);

	FUZZ_CHECK(volume == NULL || (volume >= scene.volume0 && volume < (uint8_t *)volume_at(DAMAGE_VOLUME_IN) &&
					     (uint64_t)(volume - scene.volume0) % DAMAGE_VOLUME_SZ == 0),
		"removed %p", (const void *)volume);
}

static void
run_leave(struct run *run)
{
	if (!run->late_is_in)
		return;
	FUZZ_CHECK(groove_data_leave(&run->late) == &run->late, "leave");
	run->late_is_in = false;
	run->join = &scene.live;
}

static void
run_join(struct run *run)
{
	const uint64_t volume_max = fuzz_pick(&run->input, DAMAGE_VOLUME_MAX + 2);

	run_leave(run);
	if (damage_is_beyond_memory(&scene))
		return;
	run->late_is_in =
		groove_data_join(&run->late, scene.shmem, scene.volume0, volume_max, fuzz_take(&run->input, 1)) != NULL;
	FUZZ_CHECK(!run->late_is_in || (groove_data_volume_max(&run->late) <= DAMAGE_VOLUME_MAX &&
					       groove_data_volume_sz(&run->late) == DAMAGE_VOLUME_SZ),
		"joined %lu volumes of %lu", groove_data_volume_max(&run->late), groove_data_volume_sz(&run->late));
}

/* Which joins are dead: a bit for each. */
static int
is_dead(void *arg, uint64_t join_idx)
{
	FUZZ_CHECK(join_idx < DAMAGE_JOIN_MAX, "asked for join %lu", join_idx);
	return (*(const uint64_t *)arg >> join_idx & 1) != 0;
}

static void
run_recover(struct run *run)
{
	uint64_t dead = fuzz_take(&run->input, 1);

	/* Joins that are used further on are not. */
	dead &= ~(1UL << groove_data_join_idx(&scene.live));
	if (run->late_is_in)
		dead &= ~(1UL << groove_data_join_idx(&run->late));
	check_answer("recover", groove_data_recover(run->join, is_dead, &dead), DONE | INVAL | AGAIN | CORRUPT);
}

static void
run_delete(void)
{
	if (!damage_is_beyond_memory(&scene))
		groove_data_delete(scene.shmem);
}

static void
run_op(struct run *run, enum op op)
{
	groove_data_stats_t stats;
	groove_data_volume_stats_t volume_stats;
	uint64_t number;

	switch (op) {
	case OP_VERIFY:
		return run_verify(run);
	case OP_VOLUME_VERIFY:
		number = fuzz_pick(&run->input, DAMAGE_VOLUME_MAX + 1);
		return check_answer("volume_verify", groove_data_volume_verify(run->join, volume_at(number)),
			DONE | INVAL | CORRUPT);
	case OP_WALK:
		return run_walk(run);
	case OP_STATS:
		return check_answer("stats", groove_data_stats(run->join, &stats), DONE);
	case OP_VOLUME_STATS:
		number = fuzz_pick(&run->input, DAMAGE_VOLUME_MAX + 1);
		return check_answer("volume_stats",
			groove_data_volume_stats(run->join, volume_at(number), &volume_stats), DONE | INVAL);
	case OP_DUMP:
		return run_dump(run);
	case OP_FREE:
		return check_answer("free", groove_data_free(run->join, take_address(run)), DONE | INVAL | CORRUPT);
	case OP_FREE_BULK:
		return run_free_bulk(run);
	case OP_FLUSH:
		return check_answer("flush", groove_data_flush(run->join), DONE);
	case OP_TRIM:
		return check_answer("trim", groove_data_trim(run->join), DONE);
	case OP_VOLUME_REMOVE:
		return run_volume_remove(run);
	case OP_JOIN:
		return run_join(run);
	case OP_RECOVER:
		return run_recover(run);
	case OP_DELETE:
		return run_delete();
	case OP_CACHE_LIMIT:
		number = fuzz_take(&run->input, 1);
		return check_answer(
			"cache_limit", groove_data_cache_limit(run->join, number << 10, number << 14), DONE);
	case OP_DRAIN:
		return check_answer(
			"drain", groove_data_volume_drain(run->join, fuzz_take(&run->input, 1)), DONE | INVAL);
	case OP_TIDY:
		return check_answer("tidy", groove_data_tidy(run->join), DONE);
	default:
		run->is_damaged = true;
		return damage_edit(&scene, &run->input);
	}
}

/* ---- the fuzzer ---- */

void
fuzz_setup(void)
{
	damage_scene_make(&scene);
	FUZZ_CHECK(groove_data_szc_cfg[scene.sb[0].szc].obj_footprint == ROOT_SZ && scene.sb[0].szc == ROOT_SZC &&
			   groove_data_szc_cfg[scene.sb[1].szc].obj_cnt == SB1_CNT,
		"roots are of class %lu, superblock 1 of %lu", scene.sb[0].szc, scene.sb[1].szc);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t sz)
{
	struct run run = {.input = {bytes, sz}, .join = &scene.live};

	damage_scene_reset(&scene);
	while (run.input.left > 0) {
		const uint64_t word = fuzz_take(&run.input, 1);
		const uint64_t op = word % (2UL * OP_CNT);
		const bool reads = op >= OP_VERIFY && op <= OP_DUMP;

		run.join = run.late_is_in && word >= 128 ? &run.late : &scene.live;
		run.frees = op == OP_WALK && run.late_is_in && fuzz_pick(&run.input, 2) == 1;
		damage_scene_guard(&scene, reads && !run.frees);
		run_op(&run, op < OP_CNT ? (enum op)op : OP_EDIT);
	}
	damage_scene_guard(&scene, false);
	run_leave(&run);
	return 0;
}

/* ---- seeds: what was found, after the first ---- */

#define EDIT(place, ...) OP_EDIT, place, __VA_ARGS__
#define U16		 FUZZ_U16
#define U24(x)		 FUZZ_U16(x), (uint8_t)((uint64_t)(x) >> 16)
#define U64		 FUZZ_U64
#define WORD(offset)	 ((offset) / sizeof(uint64_t))

/* The class of superblock i of the scene, as an index of slots and lists. Superblock 0 is the root of volume 0, and 1
 * lies in it. */
#define SZC_OF(i) (SHDATA_SZC_PITCH + (i))
/* The first block that a superblock of volume 4, which is not in the groove, could have. */
#define BLOCK_OUT (4 * DAMAGE_VOLUME_SZ / GROOVE_BLOCK_FOOTPRINT + 577)

/* The state of a volume, with the bit that makes it one. */
#define VOLUME_STATE(state) ((state) | (uint64_t)__builtin_parityll(state) << 63)

/* How many superblocks of it record 0 counts. */
#define ROOT_CNT_WORD                                                                                                  \
	WORD(offsetof(struct groove_shdata, record) + offsetof(struct groove_record, superblock_cnt[ROOT_SZC]))

/*
 * A forged object in slot 2 of a root superblock, at 16 MiB, so that the superblock would begin before its volume: by
 * the arithmetic of one volume at FORGED_SB in it, where the table has a forged entry.
 */
#define FORGED_AT  (16UL << 20)
#define FORGED_SB  (FORGED_AT - 512 - 2 * ROOT_SZ + DAMAGE_VOLUME_SZ)
#define FORGED_HDR (GROOVE_DATA_HDR_TYPE_ALLOC | 2UL << 16 | (uint64_t)ROOT_SZC << 22 | 16UL << 29)
#define FORGED_ID  ((uint64_t)ROOT_SZC << SB_ID_SZC_SHIFT | FORGED_SB / GROOVE_LINE_SZ)
#define FORGED_IDX (DAMAGE_VOLUME_SZ / 2048 + 2 + FORGED_SB / (DAMAGE_VOLUME_SZ / 2))

const struct fuzz_seed fuzz_seeds[] = {
	FUZZ_SEED("nothing", OP_VERIFY, OP_VOLUME_VERIFY, 0, OP_WALK, U16(0), 255, OP_STATS, OP_VOLUME_STATS, 1,
		OP_DUMP, OP_FREE, 7, U16(3), OP_FREE_BULK, 2, 7, U16(4), 7, U16(5), OP_FLUSH, OP_TRIM, OP_VOLUME_REMOVE,
		OP_JOIN, 0, 1, OP_CACHE_LIMIT, 8, OP_RECOVER, 1 << DAMAGE_JOIN_DEAD, OP_VERIFY, OP_DELETE),
	FUZZ_SEED("join_volume_sz",
		EDIT(DAMAGE_POOL, U16(WORD(offsetof(struct pool_shared, volume_sz))), DAMAGE_BIT, 63), OP_JOIN, 0, 1),
	FUZZ_SEED("join_volume_max",
		EDIT(DAMAGE_POOL, U16(WORD(offsetof(struct pool_shared, volume_max))), DAMAGE_BIT, 30), OP_JOIN, 0, 1),
	FUZZ_SEED("join_no_footprint",
		EDIT(DAMAGE_CONFIG, U16(WORD(offsetof(struct groove_shdata, join_max))), DAMAGE_LITERAL,
			U64(1UL << 51)),
		EDIT(DAMAGE_CONFIG, U16(WORD(offsetof(struct groove_shdata, footprint))), DAMAGE_ZERO), OP_JOIN, 0, 1),
	FUZZ_SEED("verify_joins",
		EDIT(DAMAGE_CONFIG, U16(WORD(offsetof(struct groove_shdata, join_max))), DAMAGE_SMALL, 255),
		EDIT(DAMAGE_CONFIG, U16(WORD(offsetof(struct groove_shdata, footprint))), DAMAGE_LITERAL,
			U64(sizeof(struct groove_shdata) + 255 * sizeof(struct groove_record) + 256)),
		OP_VERIFY, OP_RECOVER, 0),
	FUZZ_SEED("dump_endless", EDIT(DAMAGE_LIST, 0, ROOT_SZC, DAMAGE_BLOCK, 0),
		EDIT(DAMAGE_SB, U16(1), DAMAGE_BLOCK, 0),
		EDIT(DAMAGE_SHARED, U16(ROOT_CNT_WORD), DAMAGE_LITERAL, U64(1UL << 62)), OP_DUMP),
	FUZZ_SEED("dump_out", EDIT(DAMAGE_ACTIVE, 0, SZC_OF(1), DAMAGE_LITERAL, U64(BLOCK_OUT)),
		EDIT(DAMAGE_LIST, 0, SZC_OF(1), DAMAGE_LITERAL, U64(BLOCK_OUT)), OP_DUMP),
	FUZZ_SEED("trim_slot_out", EDIT(DAMAGE_ACTIVE, 0, SZC_OF(1), DAMAGE_LITERAL, U64(BLOCK_OUT)), OP_TRIM),
	FUZZ_SEED("trim_list_out", EDIT(DAMAGE_LIST, 0, SZC_OF(1), DAMAGE_LITERAL, U64(BLOCK_OUT)), OP_TRIM),
	FUZZ_SEED("trim_index", EDIT(DAMAGE_SB, U16(2), DAMAGE_PLACE, SB_ACTIVE, FUZZ_U32((1UL << SB1_CNT) - 1)),
		EDIT(DAMAGE_ACTIVE, 0, SZC_OF(1), DAMAGE_BLOCK, 1), EDIT(DAMAGE_SB_HDR, U16(2), DAMAGE_BIT, 21),
		OP_TRIM),
	FUZZ_SEED("remove_out", EDIT(DAMAGE_RECORD, DAMAGE_JOIN_DEAD, 1, DAMAGE_ZERO),
		EDIT(DAMAGE_VOLUME, U16(2 * 2), DAMAGE_LITERAL, U64(VOLUME_STATE(VOLUME_EMPTY))),
		EDIT(DAMAGE_VOLUME, U16(2 * 4), DAMAGE_LITERAL, U64(VOLUME_STATE(1 << 3 | VOLUME_RETIRED))),
		OP_VOLUME_REMOVE),
	FUZZ_SEED("free_before_volume", EDIT(DAMAGE_DATA, 0, U24(WORD(FORGED_AT)), DAMAGE_LITERAL, U64(FORGED_HDR)),
		EDIT(DAMAGE_TABLE, 0, U24(2 * FORGED_IDX), DAMAGE_PLACE, SB_FULL, FUZZ_U32(0)),
		EDIT(DAMAGE_TABLE, 0, U24(2 * FORGED_IDX + 1), DAMAGE_LITERAL, U64(FORGED_ID << 32)), OP_FREE, 3,
		U16(0), U24(FORGED_AT / 16 + 1)),
	FUZZ_SEED("recover_out", EDIT(DAMAGE_VOLUME, U16(2 * 4), DAMAGE_LITERAL, U64(VOLUME_STATE(VOLUME_EMPTY))),
		OP_RECOVER, 1 << DAMAGE_JOIN_DEAD),
	FUZZ_SEED("recover_removing",
		EDIT(DAMAGE_VOLUME, U16(2 * 4), DAMAGE_LITERAL, U64(VOLUME_STATE(VOLUME_REMOVING))), OP_RECOVER,
		1 << DAMAGE_JOIN_DEAD),
};
const size_t fuzz_seed_cnt = sizeof(fuzz_seeds) / sizeof(fuzz_seeds[0]);
