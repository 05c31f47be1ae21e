/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "fork.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

#include "log.h"

/* The page, made by the first join of the process; a child inherits the address and finds zeros there. */
static uint64_t *guard_page;

/* A page of zeros that a child of fork finds to be zeros. NULL, logged. */
static uint64_t *
page_map(void)
{
	const size_t sz = (size_t)sysconf(_SC_PAGESIZE);
	void *fresh = mmap(NULL, sz, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (fresh == MAP_FAILED) {
		GROOVE_LOG(ERR, "no page to detect fork with: %s\n", strerror(errno));
		return NULL;
	}
	if (madvise(fresh, sz, MADV_WIPEONFORK) == 0)
		return fresh;
	GROOVE_LOG(ERR, "madvise(MADV_WIPEONFORK): %s: needs Linux 4.14\n", strerror(errno));
	munmap(fresh, sz);
	return NULL;
}

static uint64_t *
guard_page_get(void)
{
	uint64_t *page = __atomic_load_n(&guard_page, __ATOMIC_ACQUIRE); /* pairs with the swap below */
	uint64_t *fresh;

	if (page != NULL)
		return page;
	fresh = page_map();
	if (fresh == NULL)
		return NULL;
	/* Release: a thread that sees the address sees a page that fork wipes. */
	if (__atomic_compare_exchange_n(&guard_page, &page, fresh, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		return fresh;
	munmap(fresh, (size_t)sysconf(_SC_PAGESIZE));
	return page;
}

int
fork_guard_get(const uint64_t **guard, uint64_t *key)
{
	uint64_t *page = guard_page_get();

	if (page == NULL)
		return -1;

	/* Relaxed: the word says nothing but itself. */
	uint64_t now = __atomic_load_n(page, __ATOMIC_RELAXED);

	while (now == 0) {
		uint64_t random = 0;

		/* Random, so that no child ever has the key of an ancestor. Never blocks: early random numbers do. */
		if (getrandom(&random, sizeof(random), GRND_INSECURE) < 0 && errno != EINTR) {
			GROOVE_LOG(ERR, "getrandom: %s: needs Linux 5.6\n", strerror(errno));
			return -1;
		}
		if (random == 0)
			continue;
		if (__atomic_compare_exchange_n(page, &now, random, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
			now = random;
	}
	*guard = page;
	*key = now;
	return 0;
}

/* ---- words of joins ---- */

/* Those that nobody has: each holds the address of the next, an even number, where a key is odd. */
static uint64_t *words_free;

/* Pages are never given back. In a child of fork the list ends early, which costs it a page. */
static void
words_make(void)
{
	const size_t cnt = (size_t)sysconf(_SC_PAGESIZE) / sizeof(uint64_t);
	uint64_t *page = page_map();

	for (size_t i = 0; page != NULL && i < cnt; i++)
		fork_word_give(&page[i]);
}

uint64_t *
fork_word_take(uint64_t *key)
{
	static uint64_t last_key = 1; /* a child goes on from its parent's: no key of an ancestor comes again */
	uint64_t *word;

	if (words_free == NULL)
		words_make();
	word = words_free;
	if (word == NULL)
		return NULL;
	words_free = (uint64_t *)(uintptr_t)*word;
	last_key += 2;
	*key = last_key;
	__atomic_store_n(word, last_key, __ATOMIC_RELAXED);
	return word;
}

/* Relaxed: the word says nothing but itself. */
void
fork_word_give(uint64_t *word)
{
	__atomic_store_n(word, (uint64_t)(uintptr_t)words_free, __ATOMIC_RELAXED);
	words_free = word;
}
