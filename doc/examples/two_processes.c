/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * Two processes share a groove. The worker makes it and is killed in the midst of its work. The other process goes on,
 * recovers what the worker held, reads the worker's sessions, and destroys the groove.
 *
 * usage: two_processes [DIR]
 */

#define _POSIX_C_SOURCE 200809L

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <groove_region.h>

/* The tag of an object says what it is for. Each process can read it. */
enum tag {
	TAG_SESSION = 1,
	TAG_SCRATCH,
};

/* Objects refer to each other by handles, since each process may map the groove at another address. */
struct session {
	uint64_t next;
	unsigned int port;
};

static int
failed(const char *what)
{
	fprintf(stderr, "%s failed\n", what); /* the log says why */
	return EXIT_FAILURE;
}

/* The worker: make the groove and three sessions, then allocate and free until somebody kills it. */
static int
work(const groove_region_id_t *id, int ready)
{
	const groove_region_cfg_t cfg = {.driver = id->driver,
		.dir = id->dir,
		.name = id->name,
		.volume_sz = GROOVE_VOLUME_FOOTPRINT_MIN,
		.volume_cnt = 1};
	groove_region_t *region;
	groove_data_t join;

	if (groove_region_create(&cfg, &region) != GROOVE_SUCCESS || !groove_region_join(region, &join, 0))
		return failed("create");

	uint64_t *first = groove_region_root(region, 0); /* a word that all processes share */
	for (unsigned int port = 1; port <= 3; port++) {
		struct session *session = groove_data_alloc(&join, 0, sizeof(*session), TAG_SESSION, NULL);
		if (!session)
			return failed("alloc");
		*session = (struct session){.next = *first, .port = port};
		__atomic_store_n(first, groove_region_handle(region, session), __ATOMIC_RELEASE);
	}
	printf("worker: three sessions, now at work\n");
	fflush(stdout);
	if (write(ready, "", 1) != 1)
		return failed("write");
	for (;;) {
		void *scratch = groove_data_alloc(&join, 0, 1000, TAG_SCRATCH, NULL);
		if (!scratch || groove_data_free(&join, scratch) != GROOVE_SUCCESS)
			return failed("work");
	}
}

/* Called with each object of the groove: free those that only the worker knew. */
static int
free_scratch(void *join, void *obj)
{
	return groove_data_alloc_tag(obj) == TAG_SCRATCH ? groove_data_free(join, obj) : GROOVE_SUCCESS;
}

/* The other process: attach while the worker works, kill it, and go on without it. */
static int
survive(const groove_region_id_t *id, pid_t worker)
{
	groove_region_t *region;
	groove_data_t join;

	int err = groove_region_attach(id, &region);
	kill(worker, SIGKILL); /* as kill -9 does, at any instruction */
	waitpid(worker, NULL, 0);
	if (err != GROOVE_SUCCESS || !groove_region_join(region, &join, 0))
		return failed("attach");
	printf("other: the worker is dead\n");

	/* It blocks no other process: all calls go on, also before recovery. */
	void *obj = groove_data_alloc(&join, 0, 1000, TAG_SCRATCH, NULL);
	printf("other: alloc: %s\n", obj ? "success" : "failed");
	printf("other: free: %s\n", groove_strerror(groove_data_free(&join, obj)));

	/* Memory that the worker held, but had not handed out, returns to the groove. */
	printf("other: recover: %s\n", groove_strerror(groove_region_recover(region, &join)));

	/* Its objects stay. An object that nothing leads to is found by its tag: here at most one scratch object. */
	err = groove_data_walk(&join, NULL, free_scratch, &join);
	printf("other: walk: %s\n", groove_strerror(err));
	uint64_t handle = __atomic_load_n(groove_region_root(region, 0), __ATOMIC_ACQUIRE);
	while (handle != 0) {
		struct session *session = groove_region_pointer(region, handle);
		if (!session)
			return failed("handle");
		printf("other: session of port %u\n", session->port);
		handle = session->next;
		groove_data_free(&join, session);
	}

	/* Nothing is left: the only volume is empty, so its memory can go back to the operating system. */
	printf("other: verify: %s\n", groove_strerror(groove_data_verify(&join)));
	groove_data_flush(&join);
	do
		err = groove_region_shrink(region, &join, NULL);
	while (err == GROOVE_ERR_AGAIN);
	printf("other: shrink: %s\n", groove_strerror(err));

	groove_region_leave(region, &join);
	err = groove_region_detach(region);
	printf("other: detach: %s\n", groove_strerror(err));
	err = groove_region_destroy(id);
	printf("other: destroy: %s\n", groove_strerror(err));
	return err == GROOVE_SUCCESS ? EXIT_SUCCESS : EXIT_FAILURE;
}

int
main(int argc, char **argv)
{
	const groove_region_id_t id = {.driver = "file", .dir = argc > 1 ? argv[1] : NULL, .name = "sessions"};
	int ready[2];
	char byte;

	if (pipe(ready) != 0)
		return failed("pipe");
	pid_t worker = fork();
	if (worker == 0)
		return work(&id, ready[1]);
	close(ready[1]);
	if (worker < 0 || read(ready[0], &byte, 1) != 1) /* the worker is ready */
		return failed("worker");
	return survive(&id, worker);
}
