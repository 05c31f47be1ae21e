/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * groove-mempool-steps EAL-arguments: processes that are stopped, or killed, at a given point of a get or put of a
 * mempool, to which they go instruction by instruction. Memory has to be shared with children. Exit status 77: skipped,
 * with the reason.
 */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_mempool.h>

#include <groove_mempool.h>
#include <mp_ops.h>
#include <mp_seat.h>

#include "test.h"

#define ELT_CNT	 1023U
#define HELD_MAX 16U /* magazines that a get may hold */
#define SKIPPED	 77

static struct rte_mempool *mp;
static struct mp_pool *pool;
static void *objs[ELT_CNT + 1];

static int
pool_make(void)
{
	mp = rte_mempool_create_empty("steps", ELT_CNT, 64, 0, 0, SOCKET_ID_ANY, 0);
	TEST_ASSERT_NOT_NULL(mp, "pool: %s", rte_strerror(rte_errno));
	TEST_ASSERT_SUCCESS(rte_mempool_set_ops_byname(mp, "groove", NULL), "driver");
	TEST_ASSERT_EQUAL(rte_mempool_populate_default(mp), ELT_CNT, "populate");
	pool = mp_of(mp);
	return TEST_SUCCESS;
}

/* ---- a child, instruction by instruction ---- */

/* A child that makes a call when it is let go. */
static pid_t
child_begin(void (*call)(void))
{
	const pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
			_exit(SKIPPED);
		raise(SIGSTOP);
		call();
		_exit(EXIT_SUCCESS);
	}
	return pid;
}

/* Wait until it has stopped. False: it has ended. */
static bool
child_stopped(pid_t pid)
{
	int status = 0;

	return waitpid(pid, &status, 0) == pid && WIFSTOPPED(status);
}

/* Let it go on to where this is true. False: it has ended before. */
static bool
child_step(pid_t pid, bool (*is_there)(void))
{
	while (!is_there()) {
		if (ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL) != 0 || !child_stopped(pid))
			return false;
	}
	return true;
}

static void
child_kill(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* All elements can be got, and are different. */
static int
check_whole(void)
{
	TEST_ASSERT_EQUAL(rte_mempool_avail_count(mp), ELT_CNT, "elements in the pool");
	TEST_ASSERT_SUCCESS(rte_mempool_get_bulk(mp, objs, ELT_CNT), "all elements");
	for (unsigned int i = 0; i < ELT_CNT; i++)
		*(uint64_t *)objs[i] = i;
	for (unsigned int i = 0; i < ELT_CNT; i++)
		TEST_ASSERT_EQUAL(*(uint64_t *)objs[i], i, "an element twice");
	rte_mempool_put_bulk(mp, objs, ELT_CNT);
	return TEST_SUCCESS;
}

static enum groove_mempool_verdict
put_it(struct rte_mempool *in, void *obj, void *arg)
{
	RTE_SET_USED(in);
	RTE_SET_USED(obj);
	RTE_SET_USED(arg);
	return GROOVE_MEMPOOL_PUT;
}

static uint32_t
held_cnt(void)
{
	uint32_t cnt = 0;

	for (uint32_t i = 0; i < pool->magazine_cnt; i++)
		cnt += word_holder(__atomic_load_n(&mp_magazine(pool, i)->word, __ATOMIC_ACQUIRE)) != 0;
	return cnt;
}

/* ---- a get from all magazines ---- */

/* Elements in each magazine, as many threads could leave them; the last one stays out, at objs[ELT_CNT - 1]. */
static int
scatter(void)
{
	const uint32_t part = (ELT_CNT - 1) / pool->magazine_cnt;
	unsigned int left = ELT_CNT - 1;

	TEST_ASSERT_SUCCESS(rte_mempool_get_bulk(mp, objs, ELT_CNT), "all elements");
	for (uint32_t i = 0; left > 0; i = (i + 1) % pool->magazine_cnt) {
		const unsigned int n = RTE_MIN(left, RTE_MAX(part, 1U));

		seat_of(pool)->last = mp_magazine(pool, i);
		left -= n;
		rte_mempool_put_bulk(mp, objs + left, n);
	}
	return TEST_SUCCESS;
}

static void
get_all(void)
{
	static void *got[ELT_CNT];

	if (rte_mempool_get_bulk(mp, got, ELT_CNT - 1) != 0)
		_exit(EXIT_FAILURE);
}

static bool
holds_many(void)
{
	return held_cnt() >= HELD_MAX;
}

static bool
holds_more(void)
{
	return held_cnt() > HELD_MAX;
}

/* One that is stopped when it holds the most magazines leaves room for a put. */
static int
test_gather(pid_t pid)
{
	TEST_ASSERT(child_step(pid, holds_many), "a get of all held fewer than %u magazines", HELD_MAX);
	rte_mempool_put(mp, objs[ELT_CNT - 1]);
	TEST_ASSERT(!child_step(pid, holds_more), "a get holds %u magazines", held_cnt());
	TEST_ASSERT_EQUAL(groove_mempool_walk_dead(mp, put_it, NULL), ELT_CNT - 1, "elements that it had got");
	return check_whole();
}

/* A get from many magazines that fails leaves all as it was. */
static int
test_gather_fails(void)
{
	static void *got[ELT_CNT];

	/* Held by no process that is known: as by one that is stopped. */
	mp_magazine(pool, 0)->word |= word_held(0, OWNER_UNKNOWN);
	TEST_ASSERT(rte_mempool_get_bulk(mp, got, ELT_CNT - 1) < 0, "a get of more than can be got");
	TEST_ASSERT_EQUAL(held_cnt(), 1, "magazines held");
	mp_magazine(pool, 0)->word &= WORD_CNT_MASK;
	TEST_ASSERT_EQUAL(rte_mempool_avail_count(mp), ELT_CNT - 1, "elements in the pool");
	return TEST_SUCCESS;
}

static int
check_gather(pid_t *child)
{
	TEST_CALL(pool_make());
	TEST_CALL(scatter());
	TEST_CALL(test_gather_fails());
	rte_mempool_put(mp, objs[ELT_CNT - 1]);
	TEST_CALL(check_whole());
	TEST_CALL(scatter());
	*child = child_begin(get_all);
	if (!child_stopped(*child))
		return TEST_SKIPPED;
	TEST_CALL(test_gather(*child));
	rte_mempool_free(mp);
	return TEST_SUCCESS;
}

/* ---- a process without a place ---- */

#define PUT 32U

static unsigned int *settled; /* members that have a place */

static void
put_some(void)
{
	rte_mempool_put_bulk(mp, objs, PUT);
}

static bool
stranger_holds(void)
{
	for (uint32_t i = 0; i < pool->magazine_cnt; i++) {
		const uint32_t word = __atomic_load_n(&mp_magazine(pool, i)->word, __ATOMIC_ACQUIRE);

		if (word_holder(word) >= MEMBER_CNT && word_cnt(word) > 0)
			return true;
	}
	return false;
}

/* Children with a place each, until there is none left. */
static int
settle(pid_t *members, unsigned int cnt)
{
	for (unsigned int i = 0; i < cnt; i++) {
		members[i] = fork();
		if (members[i] == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			(void)seat_of(pool);
			__atomic_add_fetch(settled, 1, __ATOMIC_RELEASE);
			for (;;)
				pause();
		}
		TEST_ASSERT(members[i] > 0, "fork: %m");
	}
	while (__atomic_load_n(settled, __ATOMIC_ACQUIRE) < cnt)
		usleep(1000);
	return TEST_SUCCESS;
}

/* One that is killed in its put: the magazine comes back, while those with places live, and its elements stay ours. */
static int
test_stranger(pid_t *child)
{
	TEST_ASSERT_SUCCESS(rte_mempool_get_bulk(mp, objs, 2 * PUT), "some elements");
	*child = child_begin(put_some);
	if (!child_stopped(*child))
		return TEST_SKIPPED;
	TEST_ASSERT(child_step(*child, stranger_holds), "a stranger holds no magazine");
	TEST_ASSERT_EQUAL(groove_mempool_recover(mp), 0, "it lives");
	TEST_ASSERT_EQUAL(held_cnt(), 1, "magazines that it holds");
	child_kill(*child);
	TEST_ASSERT_EQUAL(groove_mempool_recover(mp), 1, "it is dead");
	TEST_ASSERT_EQUAL(held_cnt(), 0, "magazines that are held");
	TEST_ASSERT_EQUAL(groove_mempool_walk_dead(mp, put_it, NULL), 0, "it had got none");
	rte_mempool_put_bulk(mp, objs, 2 * PUT);
	return check_whole();
}

static int
check_stranger(pid_t *child)
{
	static pid_t members[MEMBER_CNT - 2];
	int result;

	TEST_CALL(pool_make());
	settled = mmap(NULL, sizeof(*settled), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	TEST_ASSERT(settled != MAP_FAILED, "mmap: %m");
	result = settle(members, RTE_DIM(members));
	if (result == TEST_SUCCESS)
		result = test_stranger(child);
	for (unsigned int i = 0; i < RTE_DIM(members) && members[i] > 0; i++)
		child_kill(members[i]);
	rte_mempool_free(mp);
	return result;
}

int
main(int argc, char **argv)
{
	pid_t child = 0;
	int result;

	if (rte_eal_init(argc, argv) < 0)
		return EXIT_FAILURE;
	result = check_gather(&child);
	if (result == TEST_SUCCESS)
		result = check_stranger(&child);
	if (result == TEST_SKIPPED)
		puts("SKIP: no process may step through another here");
	else if (result == TEST_SUCCESS)
		puts("pass");
	else if (child > 0)
		kill(child, SIGKILL);
	rte_eal_cleanup();
	return result == TEST_SUCCESS ? EXIT_SUCCESS : result == TEST_SKIPPED ? SKIPPED : EXIT_FAILURE;
}
