/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "joins.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fork.h"
#include "log.h"

struct groove_join_note {
	groove_data_t copy; /* the handle, as it is between calls */
	struct groove_join_note *next;
	const void *thread;		  /* that leaves it at its end; NULL: none */
	uint64_t *guard;		  /* of the thread's handle; NULL: the process's */
	bool (*is_gone)(const void *arg); /* whether the memory of its groove is gone, when the thread ends */
	const void *arg;
};

static pthread_mutex_t notes_lock = PTHREAD_MUTEX_INITIALIZER; /* guards the list; of this process alone */
static struct groove_join_note *notes;

/* ---- fork: the child has no joins ---- */

static void
fork_before(void)
{
	pthread_mutex_lock(&notes_lock);
}

static void
fork_parent(void)
{
	pthread_mutex_unlock(&notes_lock);
}

static void
fork_child(void)
{
	notes = NULL;
	pthread_mutex_unlock(&notes_lock);
}

static void
fork_watch(void)
{
	pthread_atfork(fork_before, fork_parent, fork_child);
}

/* ---- notes ---- */

int
joins_add(groove_data_t *data)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct groove_join_note *note = aligned_alloc(_Alignof(struct groove_join_note), sizeof(*note));

	if (note == NULL) {
		GROOVE_LOG(ERR, "join: no %zu bytes of heap\n", sizeof(*note));
		return -1;
	}
	pthread_once(&once, fork_watch);
	memset(note, 0, sizeof(*note));
	data->note = note;
	note->copy = *data;
	pthread_mutex_lock(&notes_lock);
	note->next = notes;
	notes = note;
	pthread_mutex_unlock(&notes_lock);
	return 0;
}

void
joins_complete(const groove_data_t *data)
{
	pthread_mutex_lock(&notes_lock);
	data->note->copy = *data;
	pthread_mutex_unlock(&notes_lock);
}

static void
note_free(struct groove_join_note *note)
{
	if (note->guard != NULL)
		fork_word_give(note->guard);
	free(note);
}

void
joins_remove(struct groove_join_note *note)
{
	struct groove_join_note **link = &notes;

	pthread_mutex_lock(&notes_lock);
	while (*link != NULL && *link != note)
		link = &(*link)->next;
	if (*link != NULL) {
		*link = note->next;
		note_free(note);
	}
	pthread_mutex_unlock(&notes_lock);
}

void
joins_forget(const void *shdata)
{
	struct groove_join_note **link = &notes;

	pthread_mutex_lock(&notes_lock);
	while (*link != NULL) {
		struct groove_join_note *note = *link;

		if (note->copy.shdata != shdata) {
			link = &note->next;
			continue;
		}
		*link = note->next;
		note_free(note);
	}
	pthread_mutex_unlock(&notes_lock);
}

unsigned int
joins_of(const void *shdata, char *text, size_t text_sz)
{
	unsigned int cnt = 0;
	size_t used = 0;

	text[0] = '\0';
	pthread_mutex_lock(&notes_lock);
	for (const struct groove_join_note *note = notes; note != NULL; note = note->next) {
		if (note->copy.shdata != shdata)
			continue;
		cnt++;
		if (note->copy.record != NULL && used < text_sz)
			used += (size_t)snprintf(text + used, text_sz - used, " %" PRIu64, note->copy.join_idx);
	}
	pthread_mutex_unlock(&notes_lock);
	return cnt;
}

/* ---- joins of a thread ---- */

void
joins_bind(groove_data_t *ljoin, const void *thread, bool (*is_gone)(const void *arg), const void *arg)
{
	struct groove_join_note *note = ljoin->note;

	pthread_mutex_lock(&notes_lock);
	note->thread = thread;
	note->is_gone = is_gone;
	note->arg = arg;
	/* The copy keeps the guard of the process; so does the handle, where there is no other. */
	if (ljoin->record != NULL && (note->guard = fork_word_take(&ljoin->fork_key)) != NULL)
		ljoin->fork_guard = note->guard;
	pthread_mutex_unlock(&notes_lock);
}

bool
joins_take_of(const void *thread, groove_data_t *join, bool *gone)
{
	struct groove_join_note *note;

	pthread_mutex_lock(&notes_lock);
	for (note = notes; note != NULL && note->thread != thread; note = note->next)
		;
	if (note != NULL) {
		note->thread = NULL;
		*join = note->copy;
		*gone = note->is_gone(note->arg); /* under the lock: detach forgets the note before its region goes */
		if (note->guard != NULL)
			fork_word_give(note->guard); /* copies of the handle are refused from here on */
		note->guard = NULL;
	}
	pthread_mutex_unlock(&notes_lock);
	return note != NULL;
}
