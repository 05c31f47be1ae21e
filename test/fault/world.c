/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "world.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <clock.h>

#include "region_private.h"

#define HAND_SEED     1UL
#define RECOVER_TRIES 100000U /* of one recovery, while others work: far more than it takes */
/* Of the main actor. In classes with few groups its group is that of a scenario's process, in others not. */
#define MAIN_HINT 5UL

/* ---- hands: in the child ---- */

struct task {
	enum hand_order order;
	uint64_t arg;
};

static int
sweeps(struct actor *actor, uint64_t cnt)
{
	for (uint64_t i = 0; i < cnt; i++) {
		TEST_CALL(actor_sweep(actor, i % GROOVE_DATA_SZC_SLICE));
		TEST_CALL(actor_turns(actor, 1));
	}
	return TEST_SUCCESS;
}

static int
work(struct actor *actor, struct board *board, unsigned int idx)
{
	/* Acquire pairs with hands_rest(); release with the one that waits for turns. */
	while (__atomic_load_n(&board->go_on, __ATOMIC_ACQUIRE) != 0) {
		TEST_CALL(actor_turns(actor, 1));
		__atomic_store_n(&board->turn_cnt[idx], actor->turn_cnt, __ATOMIC_RELEASE);
	}
	return TEST_SUCCESS;
}

static int
answer(int to, const struct actor *actor)
{
	struct hand_answer answer = {.at_hand = actor_at_hand(actor)};

	if (actor->joined)
		answer.join_idx = groove_data_join_idx(&actor->join);
	TEST_ASSERT_EQUAL(write(to, &answer, sizeof(answer)), sizeof(answer), "answer: %m");
	return TEST_SUCCESS;
}

static int
do_task(const struct world *world, unsigned int idx, struct actor *actor, const struct task *task, int to)
{
	switch (task->order) {
	case HAND_JOIN:
		actor->seed = HAND_SEED + idx; /* the same in each case */
		return actor_join(actor, idx + 1);
	case HAND_LEAVE:
		return actor->joined ? actor_leave(actor) : TEST_SUCCESS;
	case HAND_TURNS:
		return actor_turns(actor, task->arg);
	case HAND_SWEEPS:
		return sweeps(actor, task->arg);
	case HAND_WORK:
		actor->keeps = task->arg != 0;
		TEST_CALL(answer(to, actor));
		return work(actor, world->board, idx);
	default:
		return TEST_SUCCESS;
	}
}

static int
hand_live(struct world *world, unsigned int idx, int from, int to)
{
	struct actor actor;
	struct task task;

	world_actor(world, &actor);
	actor.alloc_cnt = world->board->alloc_cnt;
	TEST_CALL(actor_attach(&actor));
	groove_region_detach(world->main.region); /* what is left of it after fork */
	while (read(from, &task, sizeof(task)) == (ssize_t)sizeof(task)) {
		TEST_CALL(do_task(world, idx, &actor, &task, to));
		TEST_CALL(answer(to, &actor));
	}
	return TEST_SUCCESS;
}

/* ---- hands: from outside ---- */

void
hand_close(struct hand *hand)
{
	if (hand->pid == 0)
		return;
	close(hand->to);
	close(hand->from);
	hand->pid = 0;
}

int
hand_start(struct world *world, unsigned int idx)
{
	struct hand *hand = &world->hands[idx];
	int orders[2];
	int answers[2];

	hand_close(hand);
	TEST_ASSERT_SUCCESS(pipe(orders) | pipe(answers), "pipe: %m");
	fflush(NULL);
	hand->pid = fork();
	TEST_ASSERT(hand->pid >= 0, "fork: %m");
	hand->idx = idx;
	hand->to = orders[1];
	hand->from = answers[0];
	if (hand->pid == 0) {
		/* Of the others' pipes no copy is kept, so that they end when the program does. */
		for (unsigned int i = 0; i < HAND_MAX; i++) {
			close(i == idx || world->hands[i].pid != 0 ? world->hands[i].to : -1);
			close(i == idx || world->hands[i].pid != 0 ? world->hands[i].from : -1);
		}
		prctl(PR_SET_PDEATHSIG, SIGKILL);

		const int result = hand_live(world, idx, orders[0], answers[1]);

		fflush(NULL);
		_exit(result == TEST_SUCCESS ? EXIT_SUCCESS : EXIT_FAILURE);
	}
	close(orders[0]);
	close(answers[1]);
	return hand_tell(hand, HAND_LOOK, 0);
}

int
hand_order(const struct hand *hand, enum hand_order order, uint64_t arg)
{
	const struct task task = {order, arg};

	TEST_ASSERT_EQUAL(write(hand->to, &task, sizeof(task)), sizeof(task), "order to hand %u: %m", hand->idx);
	return TEST_SUCCESS;
}

static int
hand_wait(struct hand *hand)
{
	TEST_ASSERT_EQUAL(read(hand->from, &hand->answer, sizeof(hand->answer)), sizeof(hand->answer),
		"hand %u has ended", hand->idx);
	return TEST_SUCCESS;
}

int
hand_tell(struct hand *hand, enum hand_order order, uint64_t arg)
{
	TEST_CALL(hand_order(hand, order, arg));
	return hand_wait(hand);
}

static int
hands_wait(struct world *world)
{
	for (unsigned int i = 0; i < world->hand_cnt; i++)
		if (world->hands[i].pid != 0)
			TEST_CALL(hand_wait(&world->hands[i]));
	return TEST_SUCCESS;
}

int
hands_tell(struct world *world, enum hand_order order, uint64_t arg)
{
	__atomic_store_n(&world->board->go_on, 1, __ATOMIC_RELEASE);
	for (unsigned int i = 0; i < world->hand_cnt; i++)
		if (world->hands[i].pid != 0)
			TEST_CALL(hand_order(&world->hands[i], order, arg));
	return hands_wait(world);
}

/* Wait until a hand that works has made a turn more than it had made. */
static int
hand_watch(const struct world *world, const struct hand *hand, uint64_t had)
{
	while (__atomic_load_n(&world->board->turn_cnt[hand->idx], __ATOMIC_ACQUIRE) <= had) { /* pairs with work() */
		TEST_ASSERT_EQUAL(waitpid(hand->pid, NULL, WNOHANG), 0, "hand %u ended by itself", hand->idx);
		sched_yield();
	}
	return TEST_SUCCESS;
}

int
hands_work(struct world *world)
{
	uint64_t had[HAND_MAX];

	memcpy(had, world->board->turn_cnt, sizeof(had));
	TEST_CALL(hands_tell(world, HAND_WORK, 0));
	for (unsigned int i = 0; i < world->hand_cnt; i++)
		if (world->hands[i].pid != 0)
			TEST_CALL(hand_watch(world, &world->hands[i], had[i]));
	return TEST_SUCCESS;
}

int
hands_rest(struct world *world)
{
	__atomic_store_n(&world->board->go_on, 0, __ATOMIC_RELEASE); /* pairs with work() */
	return hands_wait(world);
}

int
child_killed(pid_t pid)
{
	int status;

	TEST_ASSERT_EQUAL(waitpid(pid, &status, 0), pid, "waitpid: %m");
	TEST_ASSERT(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "ended by itself, status %#x", status);
	return TEST_SUCCESS;
}

/* ---- the groove ---- */

void
world_actor(struct world *world, struct actor *actor)
{
	*actor = (struct actor){
		.slots = world->board->slot,
		.number = ++world->board->number,
		.fd = world->main.region != NULL ? groove_region_fd(world->main.region) : -1,
	};
}

static int
snapshot(struct world *world, uint64_t volumes)
{
	world->fronts[volumes] = malloc(world->front_sz);
	TEST_ASSERT_NOT_NULL(world->fronts[volumes], "no memory for a copy of the front");
	memcpy(world->fronts[volumes], world->main.region->range.base, world->front_sz);
	return TEST_SUCCESS;
}

/* What create added is to be grown step by step. */
static int
volumes_out(struct world *world)
{
	TEST_CALL(actor_join(&world->main, 0));
	for (uint64_t i = 0; i < WORLD_VOLUMES_MAX; i++)
		TEST_ASSERT_NOT_NULL(groove_data_volume_remove(&world->main.join), "volume_remove");
	TEST_CALL(actor_leave(&world->main));
	world->main.region->hdr->fresh = 0;
	return TEST_SUCCESS;
}

/* Keep what the front is like with no volume in the groove, with one, and so on. */
static int
snapshots(struct world *world)
{
	TEST_CALL(volumes_out(world));
	TEST_CALL(snapshot(world, 0));
	for (uint64_t i = 1; i <= WORLD_VOLUMES_MAX; i++) {
		TEST_CALL(actor_join(&world->main, 0));
		TEST_ASSERT_SUCCESS(groove_region_grow(world->main.region, &world->main.join, NULL), "grow");
		TEST_CALL(actor_leave(&world->main));
		TEST_CALL(snapshot(world, i));
	}
	return TEST_SUCCESS;
}

int
world_make(struct world *world, unsigned int hand_cnt, uint64_t volume_sz)
{
	const groove_region_cfg_t cfg = {
		.driver = "memfd",
		.volume_sz = volume_sz,
		.volume_cnt = WORLD_VOLUMES_MAX,
		.volume_max = WORLD_VOLUME_MAX,
		.join_max = WORLD_JOIN_MAX,
		.page = GROOVE_PAGE_NORMAL,
		.node = GROOVE_NODE_ANY,
	};

	memset(world, 0, sizeof(*world));
	world->board = test_mem_map(sizeof(*world->board));
	TEST_ASSERT_NOT_NULL(world->board, "no memory");
	world_actor(world, &world->main);
	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &world->main.region), "create");
	world->front_sz = world->main.region->fixed.front_sz;
	for (world->hand_cnt = 0; world->hand_cnt < hand_cnt; world->hand_cnt++)
		TEST_CALL(hand_start(world, world->hand_cnt));
	return snapshots(world);
}

void
world_end(struct world *world)
{
	for (unsigned int i = 0; i < HAND_MAX; i++) {
		const pid_t pid = world->hands[i].pid;

		hand_close(&world->hands[i]);
		if (pid != 0)
			waitpid(pid, NULL, 0);
	}
	for (uint64_t i = 0; i <= WORLD_VOLUMES_MAX; i++)
		free(world->fronts[i]);
	groove_region_detach(world->main.region);
	test_mem_unmap(world->board, sizeof(*world->board));
}

/* Write the head of an empty volume. */
static void
volume_clear(const struct world *world, uint64_t idx)
{
	const uint64_t volume_sz = groove_region_volume_sz(world->main.region);
	const uint64_t table_sz = volume_sz / 1024 * 9;
	groove_volume_t *volume =
		(groove_volume_t *)((uint8_t *)groove_region_volume0(world->main.region) + idx * volume_sz);

	/* What an add clears: header and table, and the header of the root superblock. */
	memset(volume, 0, GROOVE_BLOCK_FOOTPRINT + table_sz + GROOVE_DATA_HDR_FOOTPRINT);
	volume->magic = GROOVE_VOLUME_MAGIC;
	volume->idx = idx;
	volume->sz = volume_sz;
}

static bool
volume_is_absent(const groove_region_t *region, uint64_t idx)
{
	return region_state_kind(region_state_load(region_state_word(region, idx))) == REGION_ABSENT;
}

/* Whether a file has as much memory as it should: SEEK_HOLE would look at each of its pages. */
static bool
has_bytes(int fd, uint64_t bytes)
{
	struct stat file;

	return fstat(fd, &file) == 0 && (uint64_t)file.st_blocks * 512 == bytes;
}

/* Give volumes the memory that the front says they have, and no other: so that each run comes to the same points. */
static int
volumes_populate(const struct world *world)
{
	groove_region_t *region = world->main.region;
	const int fd = groove_region_fd(region);
	const uint64_t sz = groove_region_volume_sz(region);
	const uint64_t cnt = groove_region_volume_max(region);
	uint64_t bytes = world->front_sz;

	for (uint64_t i = 0; i < cnt; i++) {
		if (volume_is_absent(region, i))
			TEST_ASSERT_SUCCESS(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
						    (off_t)region_volume_off(region, i), (off_t)sz),
				"fallocate: %m");
		else
			bytes += sz;
	}
	for (uint64_t i = 0; i < cnt && !has_bytes(fd, bytes); i++) {
		const off_t off = (off_t)region_volume_off(region, i);

		if (volume_is_absent(region, i))
			continue;
		/* In the file first: an access to a hole is an error. */
		TEST_ASSERT_SUCCESS(fallocate(fd, 0, off, (off_t)sz), "fallocate: %m");
		TEST_ASSERT_SUCCESS(
			madvise((uint8_t *)region->range.base + off, sz, MADV_POPULATE_WRITE), "populate: %m");
	}
	return TEST_SUCCESS;
}

int
world_reset(struct world *world, uint64_t volumes)
{
	memcpy(world->main.region->range.base, world->fronts[volumes], world->front_sz);
	TEST_CALL(volumes_populate(world));
	for (uint64_t i = 0; i < volumes; i++)
		volume_clear(world, i);
	memset(world->board->slot, 0, sizeof(world->board->slot));
	return world_join(world);
}

int
world_join(struct world *world)
{
	world->main.seed = HAND_SEED;
	TEST_CALL(actor_join(&world->main, MAIN_HINT));
	return hands_tell(world, HAND_JOIN, 0);
}

int
world_leave(struct world *world)
{
	if (world->main.joined)
		TEST_CALL(actor_leave(&world->main));
	return hands_tell(world, HAND_LEAVE, 0);
}

int
actor_recover(struct actor *actor, struct board *board)
{
	const uint64_t begin = app_clock_ns();
	int err = GROOVE_ERR_AGAIN;
	uint64_t took;

	for (unsigned int i = 0; i < RECOVER_TRIES && err == GROOVE_ERR_AGAIN; i++)
		err = groove_region_recover(actor->region, &actor->join);
	took = app_clock_ns() - begin;
	TEST_ASSERT_SUCCESS(err, "recover: %s", groove_strerror(err));
	if (took > __atomic_load_n(&board->recover_ns_max, __ATOMIC_RELAXED))
		__atomic_store_n(&board->recover_ns_max, took, __ATOMIC_RELAXED);
	return TEST_SUCCESS;
}

/* ---- looking ---- */

/* Objects by the slot that their tag names. */
struct found {
	uint64_t off[SLOT_CNT];
	uint64_t tag[SLOT_CNT];
	uint64_t stray_cnt; /* objects of no slot, and second ones of a slot */
};

static void
find_object(void *arg, uint64_t off, uint64_t tag)
{
	struct found *found = arg;
	const uint64_t slot = tag_slot(tag);

	if (slot >= SLOT_CNT || found->off[slot] != 0) {
		found->stray_cnt++;
		return;
	}
	found->off[slot] = off;
	found->tag[slot] = tag;
}

/* The process that had a slot locked is dead: the object that it was making or freeing is there, or it is not. */
static void
settle(struct world *world, struct found *found, uint64_t i)
{
	struct slot *slot = &world->board->slot[i];

	slot->lock = 0;
	slot->off = found->off[i];
	world->settled++;
	/* He may not have come to write to it. */
	if (slot->off != 0 && found->tag[i] == slot_tag(i, slot->seq))
		object_mark(slot_obj(&world->main, i), found->tag[i]);
}

/* Whether a slot has the object that is live under its tag, as it was left; or neither has one. */
static bool
slot_is_sound(const struct world *world, const struct found *found, uint64_t i)
{
	const struct slot *slot = &world->board->slot[i];

	if (slot->off == 0 || slot->off != found->off[i])
		return slot->off == found->off[i];
	return found->tag[i] == slot_tag(i, slot->seq) && object_is_marked(slot_obj(&world->main, i), found->tag[i]);
}

/* Each live object is in its slot, and the object of each slot is live. */
static int
slots_settle(struct world *world, struct found *found)
{
	world->lost_objects = found->stray_cnt;
	for (uint64_t i = 0; i < SLOT_CNT; i++) {
		struct slot *slot = &world->board->slot[i];

		if (slot->lock != 0)
			settle(world, found, i);
		world->lost_objects += !slot_is_sound(world, found, i);
	}
	TEST_ASSERT_EQUAL(world->lost_objects, 0, "lost objects");
	return TEST_SUCCESS;
}

/* What the headers say that a join caches is on its shelves. */
static int
check_shelves(struct world *world)
{
	const struct actor *main = &world->main;
	uint64_t at_hand = actor_at_hand(main);

	TEST_ASSERT_EQUAL(world->account.cached_by[groove_data_join_idx(&main->join)], at_hand, "slots cached here");
	TEST_CALL(hands_tell(world, HAND_LOOK, 0));
	for (unsigned int i = 0; i < world->hand_cnt; i++) {
		const struct hand_answer *answer = &world->hands[i].answer;

		at_hand += answer->at_hand;
		if (answer->at_hand > 0)
			TEST_ASSERT_EQUAL(world->account.cached_by[answer->join_idx], answer->at_hand,
				"slots cached of hand %u", i);
	}
	TEST_ASSERT_EQUAL(world->account.cached_cnt, at_hand, "slots cached of living joins");
	return TEST_SUCCESS;
}

static int
judge(struct world *world, struct found *found)
{
	TEST_CALL(slots_settle(world, found));
	TEST_CALL(check_shelves(world));
	TEST_ASSERT(account_balances(&world->account), "%lu bytes are lost", world->account.lost);
	TEST_ASSERT_SUCCESS(world->verify, "verify");
	return TEST_SUCCESS;
}

int
world_look(struct world *world)
{
	static struct found found;
	int result;

	memset(&found, 0, sizeof(found));
	world->verify = groove_data_verify(&world->main.join);
	account_take(groove_region_shdata(world->main.region), groove_region_volume0(world->main.region), find_object,
		&found, &world->account);
	result = judge(world, &found);
	world->lost_bytes_sum += world->account.lost;
	world->lost_objects_sum += world->lost_objects;
	world->looks++;
	world->bad_looks += result != TEST_SUCCESS;
	world->verify_failed |= world->verify != GROOVE_SUCCESS;
	if (result != TEST_SUCCESS)
		account_print(stdout, &world->account);
	return result;
}

int
world_empty(struct world *world)
{
	world->full = world->account;
	for (uint64_t i = 0; i < SLOT_CNT; i++)
		TEST_CALL(actor_free(&world->main, i));
	TEST_CALL(hands_tell(world, HAND_LEAVE, 0));
	TEST_ASSERT_SUCCESS(groove_data_flush(&world->main.join), "flush");
	TEST_ASSERT_SUCCESS(groove_data_trim(&world->main.join), "trim");
	TEST_CALL(world_look(world));
	TEST_ASSERT_EQUAL(world->account.live + world->account.cached + world->account.tail, 0, "bytes in use");
	TEST_ASSERT_EQUAL(world->account.header, world->account.volume_cnt * GROOVE_BLOCK_FOOTPRINT,
		"bytes of headers: a superblock is left");
	return TEST_SUCCESS;
}
