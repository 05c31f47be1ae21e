/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * Two processes share a heap. The worker is killed, and what it allocated is there for the other.
 *
 * usage: hello [NAME]
 */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <groove_heap.h>

struct flow {
	unsigned int port, packets;
};

static int
count(void *sum, void *flow)
{
	*(unsigned int *)sum += ((struct flow *)flow)->packets;
	return 0;
}

int
main(int argc, char **argv)
{
	const groove_heap_cfg_t cfg = {.cfg_sz = sizeof(cfg), .name = argc > 1 ? argv[1] : "flows"};
	groove_heap_t *heap;
	unsigned int sum = 0;

	if (groove_heap_open(&cfg, &heap) != GROOVE_SUCCESS)
		return EXIT_FAILURE; /* the log says why */
	pid_t worker = fork();
	if (worker == 0) {
		if (groove_heap_open(&cfg, &heap) != GROOVE_SUCCESS)
			return EXIT_FAILURE;
		for (unsigned int port = 1; port <= 3; port++) {
			struct flow *flow = groove_heap_alloc(heap, sizeof(*flow), 0, GROOVE_HEAP_ZERO);
			if (flow)
				*flow = (struct flow){.port = port, .packets = 10 * port};
		}
		kill(getpid(), SIGKILL); /* as kill -9 does */
	}
	waitpid(worker, NULL, 0);
	groove_heap_walk(heap, NULL, count, &sum);
	printf("the worker is dead, and its flows have seen %u packets\n", sum);

	void *obj = groove_heap_alloc(heap, 1000, 0, 0); /* nothing has to be put right first */
	printf("alloc: %s, free: %s\n", obj ? "success" : "failed", groove_strerror(groove_heap_free(heap, obj)));
	groove_heap_close(heap);
	return EXIT_SUCCESS;
}
