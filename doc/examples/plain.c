/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * A process without EAL. Threads allocate lines of text, and end; another thread reads and frees them.
 *
 * usage: plain
 */

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include <groove_heap.h>

#define THREAD_CNT 4
#define LINE_CNT   1000

struct line {
	struct line *next;
	char text[];
};

static groove_heap_t *heap;

/* Lines, the last first; NULL when there is no room. The thread joins the heap here, and leaves it when it ends. */
static void *
write_lines(void *arg)
{
	struct line *list = NULL;

	(void)arg;
	for (int i = 0; i < LINE_CNT; i++) {
		struct line *line = groove_heap_alloc(heap, sizeof(*line) + 16, 0, 0);
		if (!line)
			return NULL;
		int len = snprintf(line->text, 16, "line %d", i);
		/* To the size that is needed. The bytes and the tag stay, the address may change. */
		line = groove_heap_realloc(heap, line, sizeof(*line) + (size_t)len + 1, 0, 0, NULL);
		line->next = list;
		list = line;
	}
	return list;
}

int
main(void)
{
	const groove_heap_cfg_t cfg = {
		.cfg_sz = sizeof(cfg), .limit_sz = 256UL << 20, /* no more than 256 MiB */
	};
	pthread_t threads[THREAD_CNT];
	unsigned int lines = 0, bytes = 0;

	if (groove_heap_open(&cfg, &heap) != GROOVE_SUCCESS)
		return EXIT_FAILURE; /* the log says why */
	for (int i = 0; i < THREAD_CNT; i++) {
		if (pthread_create(&threads[i], NULL, write_lines, NULL) != 0)
			return EXIT_FAILURE;
	}
	for (int i = 0; i < THREAD_CNT; i++) {
		void *list = NULL;

		pthread_join(threads[i], &list);
		while (list) {
			struct line *line = list;

			list = line->next;
			lines++;
			bytes += (unsigned int)strlen(line->text);
			if (groove_heap_free(heap, line) != GROOVE_SUCCESS)
				return EXIT_FAILURE;
		}
	}
	printf("%u lines, %u bytes of text\n", lines, bytes);
	printf("verify: %s\n", groove_strerror(groove_heap_verify(heap)));
	groove_heap_close(heap);
	return EXIT_SUCCESS;
}
