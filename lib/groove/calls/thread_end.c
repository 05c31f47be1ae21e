/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "thread_end.h"

#include <pthread.h>
#include <unistd.h>

#include "cache.h"
#include "joins.h"

static pthread_key_t thread_key;
static bool has_thread_key;

/* Its address differs for each running thread. */
static _Thread_local char self;

/* The note goes when all else is done, so that the groove stays mapped till then. */
static void
thread_end(void *thread)
{
	groove_data_t join;
	bool gone;

	while (joins_take_of(thread, &join, &gone)) {
		if (!gone) {
			groove_data_leave(&join);
			continue;
		}
		if (join.shelf != NULL)
			cache_drop(&join);
		joins_remove(join.note);
	}
}

static void
watch(void)
{
	has_thread_key = pthread_key_create(&thread_key, thread_end) == 0;
}

/* Whether memory ends with the calling thread. The first thread ends with the process. */
static bool
ends_with_thread(const void *mem)
{
	pthread_attr_t attr;
	void *stack = NULL;
	size_t sz = 0;

	if (gettid() == getpid() || pthread_getattr_np(pthread_self(), &attr) != 0)
		return false;
	if (pthread_attr_getstack(&attr, &stack, &sz) != 0)
		sz = 0;
	pthread_attr_destroy(&attr);
	return (uintptr_t)mem - (uintptr_t)stack < sz;
}

void
thread_end_leaves(groove_data_t *ljoin, bool (*is_gone)(const void *arg), const void *arg)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, watch);
	if (has_thread_key && ends_with_thread(ljoin) && pthread_setspecific(thread_key, &self) == 0)
		joins_bind(ljoin, &self, is_gone, arg);
}
