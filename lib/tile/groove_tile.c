/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <assert.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>

#include <numa.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_pause.h>

#include <groove_tile.h>

static_assert(RTE_MAX_LCORE <= GROOVE_TILE_MAX, "EAL can have more lcores than there may be tiles");

/* What a tile runs, and what it returned: tile 0's to write while it is not busy, the tile's while it is. */
struct tile_job {
	groove_tile_fn fn;
	void *arg;
	unsigned int tile;
	int result;
	int busy;
};

/* The last job of each lcore. */
static struct tile_job tile_jobs[RTE_MAX_LCORE];

enum { TILE_HOLD, TILE_GO, TILE_CANCEL };

/* A start of all tiles together. */
struct tile_start {
	groove_tile_fn fn;
	void *arg;
	unsigned int arrived; /* Tiles that wait for the go. */
	unsigned int go;      /* TILE_HOLD until all have arrived. */
};

/* The first worker lcore after another; RTE_MAX_LCORE when there is none. */
static unsigned int
tile_lcore_after(unsigned int lcore)
{
	return rte_get_next_lcore(lcore, 1, 0);
}

#define TILE_LCORE_BEFORE_FIRST UINT_MAX

unsigned int
groove_tile_cnt(void)
{
	unsigned int lcore = TILE_LCORE_BEFORE_FIRST;
	unsigned int cnt = 1;

	while ((lcore = tile_lcore_after(lcore)) < RTE_MAX_LCORE)
		cnt++;
	return cnt;
}

int
groove_tile_lcore(unsigned int tile)
{
	unsigned int lcore = TILE_LCORE_BEFORE_FIRST;

	if (tile == 0)
		return (int)rte_get_main_lcore();
	while ((lcore = tile_lcore_after(lcore)) < RTE_MAX_LCORE) {
		if (--tile == 0)
			return (int)lcore;
	}
	return GROOVE_ERR_KEY;
}

int
groove_tile_self(void)
{
	const unsigned int self = rte_lcore_id();
	unsigned int lcore = TILE_LCORE_BEFORE_FIRST;

	if (self == rte_get_main_lcore())
		return 0;
	for (int tile = 1; (lcore = tile_lcore_after(lcore)) < RTE_MAX_LCORE; tile++) {
		if (lcore == self)
			return tile;
	}
	return GROOVE_ERR_KEY;
}

int
groove_tile_cpu(unsigned int tile)
{
	const int lcore = groove_tile_lcore(tile);

	if (lcore < 0)
		return GROOVE_ERR_KEY;

	const rte_cpuset_t set = rte_lcore_cpuset((unsigned int)lcore);

	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (CPU_ISSET(cpu, &set))
			return cpu;
	}
	return GROOVE_ERR_KEY;
}

int
groove_tile_node(unsigned int tile)
{
	const int cpu = groove_tile_cpu(tile);

	if (cpu < 0)
		return GROOVE_ERR_KEY;
	/* Not rte_lcore_to_socket_id(): it takes the lcore id for the CPU, which --lcores maps break. */
	if (numa_available() < 0)
		return 0;

	const int node = numa_node_of_cpu(cpu);

	return node < 0 ? GROOVE_ERR_KEY : node;
}

static int
job_run(void *arg)
{
	struct tile_job *job = arg;

	job->result = job->fn(job->tile, job->arg);
	/* Release: pairs with the acquire of job_busy(). EAL orders this too, where ThreadSanitizer does not see it. */
	__atomic_store_n(&job->busy, 0, __ATOMIC_RELEASE);
	return 0;
}

static int
job_busy(const struct tile_job *job)
{
	/* Acquire: pairs with the release of job_run(). */
	return __atomic_load_n(&job->busy, __ATOMIC_ACQUIRE);
}

static int
job_start(struct tile_job *job, unsigned int lcore)
{
	job->busy = 1;
	if (rte_eal_remote_launch(job_run, job, lcore) == 0)
		return GROOVE_SUCCESS;
	job->busy = 0;
	return GROOVE_ERR_AGAIN;
}

static void
job_wait(const struct tile_job *job, unsigned int lcore)
{
	rte_eal_wait_lcore(lcore);
	while (job_busy(job))
		rte_pause();
}

static int
pinned_self(unsigned int tile, void *arg)
{
	const int cpu = groove_tile_cpu(tile);
	cpu_set_t set;

	(void)arg;
	if (cpu < 0 || pthread_getaffinity_np(pthread_self(), sizeof(set), &set) != 0)
		return GROOVE_ERR_KEY;
	return CPU_COUNT(&set) == 1 && CPU_ISSET(cpu, &set);
}

int
groove_tile_pinned(unsigned int tile)
{
	struct tile_job question = {.fn = pinned_self, .tile = tile};
	const int lcore = groove_tile_lcore(tile);
	const int self = groove_tile_self();

	if (lcore < 0)
		return GROOVE_ERR_KEY;
	if (self == (int)tile)
		return pinned_self(tile, NULL);
	if (self != 0 || job_start(&question, (unsigned int)lcore) != GROOVE_SUCCESS)
		return GROOVE_ERR_AGAIN;
	job_wait(&question, (unsigned int)lcore);
	return question.result;
}

int
groove_tile_launch(unsigned int tile, groove_tile_fn fn, void *arg)
{
	const int lcore = groove_tile_lcore(tile);

	if (lcore < 0)
		return GROOVE_ERR_KEY;
	if (tile == 0 || fn == NULL || groove_tile_self() != 0)
		return GROOVE_ERR_INVAL;

	struct tile_job *job = &tile_jobs[lcore];

	if (job_busy(job) || rte_eal_get_lcore_state((unsigned int)lcore) != WAIT)
		return GROOVE_ERR_AGAIN;
	*job = (struct tile_job){.fn = fn, .arg = arg, .tile = tile};
	return job_start(job, (unsigned int)lcore);
}

int
groove_tile_wait(unsigned int tile, int *result)
{
	const int lcore = groove_tile_lcore(tile);

	if (lcore < 0)
		return GROOVE_ERR_KEY;
	if (tile == 0 || groove_tile_self() != 0)
		return GROOVE_ERR_INVAL;

	struct tile_job *job = &tile_jobs[lcore];

	job_wait(job, (unsigned int)lcore);
	if (result != NULL)
		*result = job->result;
	job->result = 0;
	return GROOVE_SUCCESS;
}

/* Wait at the start with the others, then run. */
static int
tile_start_run(unsigned int tile, void *arg)
{
	struct tile_start *start = arg;
	unsigned int go;

	/* Release: pairs with the acquire of tile_start_all(), which takes the last arrival for everybody's. */
	__atomic_fetch_add(&start->arrived, 1, __ATOMIC_RELEASE);
	/* Acquire: pairs with the release of tile_start_say(). */
	while ((go = __atomic_load_n(&start->go, __ATOMIC_ACQUIRE)) == TILE_HOLD)
		rte_pause();
	return go == TILE_GO ? start->fn(tile, start->arg) : 0;
}

static void
tile_start_say(struct tile_start *start, unsigned int go)
{
	/* Release: pairs with the acquire of tile_start_run(). */
	__atomic_store_n(&start->go, go, __ATOMIC_RELEASE);
}

/* Bring all tiles but 0 to the start. On error none is left there. */
static int
tile_start_all(struct tile_start *start, unsigned int tile_cnt)
{
	unsigned int tile;

	for (tile = 1; tile < tile_cnt; tile++) {
		if (groove_tile_launch(tile, tile_start_run, start) != GROOVE_SUCCESS)
			break;
	}
	if (tile < tile_cnt) {
		tile_start_say(start, TILE_CANCEL);
		while (--tile > 0)
			groove_tile_wait(tile, NULL);
		return GROOVE_ERR_AGAIN;
	}
	/* Acquire: pairs with the release of tile_start_run(). */
	while (__atomic_load_n(&start->arrived, __ATOMIC_ACQUIRE) != tile_cnt - 1)
		rte_pause();
	return GROOVE_SUCCESS;
}

int
groove_tile_run(groove_tile_fn fn, void *arg, int *results)
{
	const unsigned int tile_cnt = groove_tile_cnt();
	struct tile_start start = {.fn = fn, .arg = arg, .go = TILE_HOLD};
	int err = GROOVE_SUCCESS;

	if (fn == NULL || groove_tile_self() != 0)
		return GROOVE_ERR_INVAL;
	if (tile_start_all(&start, tile_cnt) != GROOVE_SUCCESS)
		return GROOVE_ERR_AGAIN;

	tile_start_say(&start, TILE_GO);
	for (unsigned int tile = 0; tile < tile_cnt; tile++) {
		int result = 0;

		if (tile == 0)
			result = fn(0, arg);
		else
			groove_tile_wait(tile, &result);
		if (results != NULL)
			results[tile] = result;
		if (result != 0)
			err = GROOVE_ERR_CORRUPT;
	}
	return err;
}
