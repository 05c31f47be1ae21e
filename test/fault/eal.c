/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * groove-fault-eal EAL-arguments -- primary|secondary BOARD: processes of EAL in one groove in a memzone.
 *
 * The secondary joins the groove, says so, and works in it until it is killed: it calls nothing of EAL any more. The
 * primary does what each line asks, and replies with a line:
 *
 *   strike PID   works until the secondary has made some turns, kills it at a random moment, and goes on working
 *   recover      recovers what it left, and allocates from EAL
 *   end          accounts for every byte, and ends
 *
 * BOARD: a file that both map, for what they share outside of the groove.
 */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_malloc.h>
#include <rte_memzone.h>

#include "region_private.h"
#include "world.h"

#define NAME	    "fault"
#define DRIVER	    "memzone"
#define VOLUME_CNT  4UL
#define TURNS_MAX   400UL /* that the secondary has made, at most, before it is killed */
#define TURNS_AFTER 300UL
#define SPINS_MAX   2000UL

static struct world world;

static int
board_open(const char *path)
{
	const int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	TEST_ASSERT(fd >= 0, "%s: %m", path);
	TEST_ASSERT_SUCCESS(ftruncate(fd, sizeof(*world.board)), "%s: %m", path);
	world.board = mmap(NULL, sizeof(*world.board), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	TEST_ASSERT(world.board != MAP_FAILED, "%s: %m", path);
	return TEST_SUCCESS;
}

/* ---- the secondary ---- */

static int
secondary(void)
{
	const groove_region_id_t id = {.driver = DRIVER, .name = NAME};
	struct actor actor;

	world_actor(&world, &actor);
	actor.seed = actor.number;
	TEST_ASSERT_SUCCESS(groove_region_attach(&id, &actor.region), "attach");
	TEST_CALL(actor_join(&actor, actor.number));
	__atomic_store_n(&world.board->turn_cnt[0], 0, __ATOMIC_RELEASE);
	puts("inside");
	fflush(stdout);
	for (;;) {
		TEST_CALL(actor_turns(&actor, 1));
		__atomic_store_n(&world.board->turn_cnt[0], actor.turn_cnt, __ATOMIC_RELEASE);
	}
}

/* ---- the primary ---- */

static int
strike(pid_t pid, uint64_t *seed)
{
	const uint64_t turns = 1 + test_rand(seed) % TURNS_MAX;
	volatile uint64_t spins = test_rand(seed) % SPINS_MAX;

	while (__atomic_load_n(&world.board->turn_cnt[0], __ATOMIC_ACQUIRE) < turns) {
		TEST_ASSERT_SUCCESS(kill(pid, 0), "the secondary ended by itself");
		TEST_CALL(actor_turns(&world.main, 1));
	}
	while (spins-- > 0)
		;
	TEST_ASSERT_SUCCESS(kill(pid, SIGKILL), "kill: %m");
	TEST_CALL(actor_turns(&world.main, TURNS_AFTER));
	puts("struck");
	return TEST_SUCCESS;
}

/* EAL's own locks are free. */
static int
call_eal(void)
{
	void *obj = rte_malloc(NULL, 64, 0);
	const struct rte_memzone *zone = rte_memzone_reserve("fault_probe", 4096, SOCKET_ID_ANY, 0);

	TEST_ASSERT(obj != NULL && zone != NULL, "EAL has no memory");
	rte_free(obj);
	TEST_ASSERT_SUCCESS(rte_memzone_free(zone), "rte_memzone_free");
	return TEST_SUCCESS;
}

static int
recover(void)
{
	TEST_CALL(actor_recover(&world.main, world.board));
	TEST_CALL(actor_turns(&world.main, TURNS_AFTER));
	TEST_CALL(call_eal());
	TEST_CALL(world_look(&world));
	puts("recovered");
	return TEST_SUCCESS;
}

static int
end(void)
{
	TEST_CALL(world_look(&world));
	account_print(stdout, &world.account);
	TEST_CALL(world_empty(&world));
	TEST_CALL(world_leave(&world));
	groove_region_detach(world.main.region);
	printf("settled %" PRIu64 ", lost %" PRIu64 " bytes, %" PRIu64 " objects; recovery took at most %.2f ms\n",
		world.settled, world.lost_bytes_sum, world.lost_objects_sum, (double)world.board->recover_ns_max / 1e6);
	return TEST_SUCCESS;
}

static int
obey(void)
{
	uint64_t seed = 1;
	char line[64];

	while (fgets(line, sizeof(line), stdin) != NULL) {
		if (strncmp(line, "strike ", 7) == 0)
			TEST_CALL(strike((pid_t)strtol(line + 7, NULL, 10), &seed));
		else if (strcmp(line, "recover\n") == 0)
			TEST_CALL(recover());
		else if (strcmp(line, "end\n") == 0)
			return end();
		else
			TEST_ASSERT(false, "no order: %s", line);
		fflush(stdout);
	}
	return TEST_FAILED;
}

static int
primary(void)
{
	const groove_region_cfg_t cfg = {
		.driver = DRIVER,
		.name = NAME,
		.volume_sz = GROOVE_VOLUME_FOOTPRINT_MIN,
		.volume_cnt = VOLUME_CNT,
		.node = GROOVE_NODE_ANY,
	};

	world_actor(&world, &world.main);
	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &world.main.region), "create");
	TEST_CALL(actor_join(&world.main, 0));
	TEST_ASSERT_SUCCESS(groove_region_grow(world.main.region, &world.main.join, NULL), "grow");
	puts("made");
	fflush(stdout);
	return obey();
}

int
main(int argc, char **argv)
{
	const int used = rte_eal_init(argc, argv);
	int result = TEST_FAILED;

	if (used < 0 || argc - used != 3) {
		fprintf(stderr, "usage: groove-fault-eal EAL-arguments -- primary|secondary BOARD\n");
		return EXIT_FAILURE;
	}
	argv += used;
	if (board_open(argv[2]) == TEST_SUCCESS)
		result = strcmp(argv[1], "primary") == 0 ? primary() : secondary();
	fflush(stdout);
	rte_eal_cleanup();
	return result == TEST_SUCCESS ? EXIT_SUCCESS : EXIT_FAILURE;
}
