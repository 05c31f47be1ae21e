/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * groove-stray: one bit of one shared word is changed, then every call is made, and alloc most of all. Each returns an
 * error or does no harm: no object lies outside of the volumes or over another, nothing crashes, nothing goes on
 * without end. Steps are counted, not time.
 *
 *     groove-stray [--step N] [--first N]      each N-th of all bits (1), from one on (0); of the words that lead to
 *                                              memory sixteen times as many
 *
 * The words are all of the shared region, and of the volumes: words, links and ids of the superblocks that there are,
 * the headers of these and of their slots, and the heads of the volumes.
 */

#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "damage.h"
#include "geometry.h"
#include "hooks.h"
#include "pool.h"
#include "sb_word.h"
#include "shelf.h"

#define STEP_MAX   40000000UL /* accesses of all calls on one bit: a hundred times what they take */
#define LIVE_MAX   2048U
#define WORD_MAX   65536U
#define VOLUMES_SZ (DAMAGE_VOLUME_IN * DAMAGE_VOLUME_SZ)

/* fuzz.c asks for these; there are no inputs here. */
const struct fuzz_seed fuzz_seeds[] = {{0}};
const size_t fuzz_seed_cnt;

void
fuzz_setup(void)
{
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t sz)
{
	(void)bytes;
	(void)sz;
	return 0;
}

static struct damage_scene scene;

/* What is being tried, to be printed when it fails. */
static struct {
	uint64_t number; /* of the bit */
	const char *where;
	uint64_t idx;
	unsigned int bit;
	const char *call;
	uint64_t steps;
} trial;

static __attribute__((__noreturn__)) void
trial_fail(const char *what)
{
	fprintf(stderr, "bit %u of %s %" PRIu64 ", %s: %s; to repeat it: groove-stray --first %" PRIu64 " --only\n",
		trial.bit, trial.where, trial.idx, trial.call, what, trial.number);
	_exit(EXIT_FAILURE);
}

#define CHECK(cond, what)                                                                                              \
	do {                                                                                                           \
		if (!(cond))                                                                                           \
			trial_fail(what);                                                                              \
	} while (0)

static void
crashed(int sig)
{
	(void)sig;
	trial_fail("crashed");
}

static void
step(void)
{
	if (++trial.steps > STEP_MAX)
		trial_fail("does not end");
}

/* ---- undo: what is in the volumes is kept page by page, when it is first written to ---- */

#define PAGE_SZ	 4096UL
#define PAGE_MAX (VOLUMES_SZ / PAGE_SZ)

static struct {
	uint8_t *shmem;
	groove_data_t live;
	struct groove_cache cache;
	uint8_t (*pages)[PAGE_SZ];
	uint32_t page[PAGE_MAX]; /* which they are of */
	uint32_t page_cnt;
	bool dirty[PAGE_MAX];
} kept;

/* Bytes of the volumes are about to be written. */
static void
undo_keep(const void *addr, uint64_t sz)
{
	const uint64_t off = (uint64_t)((uintptr_t)addr - (uintptr_t)scene.volume0);

	if (kept.pages == NULL)
		return; /* the scene is being made */
	for (uint64_t page = off / PAGE_SZ; off < VOLUMES_SZ && page < PAGE_MAX && page * PAGE_SZ < off + sz; page++) {
		if (kept.dirty[page])
			continue;
		kept.dirty[page] = true;
		memcpy(kept.pages[kept.page_cnt], scene.volume0 + page * PAGE_SZ, PAGE_SZ);
		kept.page[kept.page_cnt++] = (uint32_t)page;
	}
}

static void
undo_make(void)
{
	kept.shmem = malloc(scene.shmem_sz);
	kept.pages = malloc(VOLUMES_SZ);
	CHECK(kept.shmem != NULL && kept.pages != NULL, "no memory");
	memcpy(kept.shmem, scene.shmem, scene.shmem_sz);
	kept.live = scene.live;
	kept.cache = *cache_of(&scene.live);
}

static void
undo(void)
{
	memcpy(scene.shmem, kept.shmem, scene.shmem_sz);
	scene.live = kept.live;
	*cache_of(&scene.live) = kept.cache;
	while (kept.page_cnt > 0) {
		const uint32_t page = kept.page[--kept.page_cnt];

		memcpy(scene.volume0 + page * PAGE_SZ, kept.pages[kept.page_cnt], PAGE_SZ);
		kept.dirty[page] = false;
	}
}

/* ---- hooks ---- */

void
hooks_write(void *addr, uint64_t sz, const void *site)
{
	(void)site;
	step();
	undo_keep(addr, sz);
}

void
hooks_atomic(void *addr, uint64_t sz, enum hooks_op op, int mo, const void *site)
{
	(void)mo;
	(void)site;
	step();
	if (op != HOOKS_LOAD)
		undo_keep(addr, sz);
}

/* ---- live objects ---- */

struct live {
	uint8_t *obj;
	uint8_t *start; /* of the slot */
	uint8_t *stop;
};

static struct {
	struct live obj[LIVE_MAX];
	unsigned int cnt;
} lives, lives_made;

static const uint8_t *removed; /* a volume that is out of the groove; NULL: none */

static void
fill(void *bytes)
{
	undo_keep(bytes, 16);
	memset(bytes, 0xff, 16);
}

static struct live
live_of(void *obj)
{
	return (struct live){obj, (uint8_t *)groove_data_object_hdr(obj), groove_data_alloc_stop(obj)};
}

/* An object that alloc gave: it lies in the groove, and over no other that is live. */
static void
live_add(void *obj)
{
	const struct live new = live_of(obj);

	CHECK(new.start >= scene.volume0 &&new.stop <= scene.volume0 + VOLUMES_SZ, "an object outside of the volumes");
	CHECK(removed == NULL || new.stop <= removed || new.start >= removed + DAMAGE_VOLUME_SZ,
		"an object in a volume that was removed");
	for (unsigned int i = 0; i < lives.cnt; i++)
		CHECK(new.stop <= lives.obj[i].start || new.start >= lives.obj[i].stop, "two objects overlap");
	CHECK(lives.cnt < LIVE_MAX, "too many objects");
	lives.obj[lives.cnt++] = new;
	/* It is all the caller's. */
	fill(groove_data_alloc_start(obj));
	fill((uint8_t *)groove_data_alloc_stop(obj) - 16);
}

static void
live_drop(unsigned int i)
{
	lives.obj[i] = lives.obj[--lives.cnt];
}

static unsigned int
live_find(const void *obj)
{
	for (unsigned int i = 0; i < lives.cnt; i++)
		if (lives.obj[i].obj == obj)
			return i;
	return lives.cnt;
}

/* ---- calls ---- */

/* Sizes of several kinds: cached and not, aligned and not, with superblocks in slots of others, and the largest. */
static const struct {
	uint64_t align;
	uint64_t sz;
	unsigned int cnt;
} wanted[] = {
	{0, 100, 40},
	{32, 1000, 10},
	{512, 3000, 10},
	{0, 9000, 6},
	{128, 0, 3},
	{64, 100000, 4},
	{0, 500000, 2},
	{256, 2UL << 20, 2},
	{16, 10UL << 20, 3},
	{0, 11000000 >> 1, 2},
};

static uint64_t
wanted_sz(size_t i)
{
	const uint64_t zones = 2 * GROOVE_DATA_RED_ZONE;

	return wanted[i].sz > zones ? wanted[i].sz - zones : 0;
}

static void
allocs(groove_data_t *join)
{
	trial.call = "alloc";
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		for (unsigned int n = 0; n < wanted[i].cnt; n++) {
			int err = GROOVE_SUCCESS;
			void *obj = groove_data_alloc(join, wanted[i].align, wanted_sz(i), 7, &err);

			CHECK((obj != NULL) == (err == GROOVE_SUCCESS), "an object or an error");
			if (obj == NULL && err == GROOVE_ERR_FULL)
				break;
			if (obj != NULL)
				live_add(obj);
		}
	}
}

static void
bulks(groove_data_t *join)
{
	void *objs[20];

	trial.call = "alloc_bulk";
	if (groove_data_alloc_bulk(join, 0, 600, NULL, objs, 20) != GROOVE_SUCCESS)
		return;
	for (unsigned int i = 0; i < 20; i++)
		live_add(objs[i]);
	trial.call = "free_bulk";
	if (groove_data_free_bulk(join, objs, 20) != GROOVE_SUCCESS)
		return;
	for (unsigned int i = 0; i < 20; i++)
		live_drop(live_find(objs[i]));
}

/* Free each N-th of all live objects. One that cannot be freed stays where it is. */
static void
frees(groove_data_t *join, unsigned int nth)
{
	trial.call = "free";
	for (unsigned int i = lives.cnt; i-- > 0;)
		if (i % nth == 0 && groove_data_free(join, lives.obj[i].obj) == GROOVE_SUCCESS)
			live_drop(i);
}

static int
visit(void *arg, void *obj)
{
	const uint8_t *start = groove_data_alloc_start_const(obj);
	const uint8_t *stop = groove_data_alloc_stop_const(obj);

	(void)arg;
	CHECK(start > scene.volume0 && start <= (uint8_t *)obj && stop <= scene.volume0 + VOLUMES_SZ,
		"an object outside of the volumes");
	return 0;
}

static void
looks(groove_data_t *join)
{
	groove_data_stats_t stats;
	groove_data_volume_stats_t volume_stats;

	groove_volume_t *volume =
		(groove_volume_t *)(scene.volume0 + trial.number % DAMAGE_VOLUME_MAX * DAMAGE_VOLUME_SZ);

	trial.call = "verify";
	groove_data_verify(join);
	trial.call = "volume_verify";
	if (trial.number % 8 == 0)
		groove_data_volume_verify(join, volume);
	trial.call = "volume_stats";
	groove_data_volume_stats(join, volume, &volume_stats);
	trial.call = "walk";
	groove_data_walk(join, NULL, visit, NULL);
	trial.call = "stats";
	groove_data_stats(join, &stats);
}

static void
dump(const groove_data_t *join)
{
	static FILE *file;

	trial.call = "dump";
	if (file == NULL)
		file = fopen("/dev/null", "we");
	groove_data_dump(file, join);
}

static void
care(groove_data_t *join)
{
	trial.call = "flush";
	groove_data_flush(join);
	trial.call = "trim";
	groove_data_trim(join);
	trial.call = "tidy";
	groove_data_tidy(join);
}

static int
is_dead(void *arg, uint64_t join_idx)
{
	(void)arg;
	return join_idx == DAMAGE_JOIN_DEAD;
}

/* A volume goes, and comes back. */
static void
volumes(groove_data_t *join)
{
	trial.call = "volume_remove";
	for (int i = 0; i < 4 && removed == NULL; i++)
		removed = (const uint8_t *)groove_data_volume_remove(join);
	if (removed == NULL)
		return;
	CHECK(removed >= scene.volume0 && removed < scene.volume0 + VOLUMES_SZ &&
			(uint64_t)(removed - scene.volume0) % DAMAGE_VOLUME_SZ == 0,
		"what was removed is no volume");
	for (unsigned int i = 0; i < lives.cnt; i++)
		CHECK(lives.obj[i].stop <= removed || lives.obj[i].start >= removed + DAMAGE_VOLUME_SZ,
			"a volume with objects was removed");
	allocs(join);
	trial.call = "volume_add";
	if (groove_data_volume_add(join, (void *)(uintptr_t)removed, DAMAGE_VOLUME_SZ, NULL, 0) == GROOVE_SUCCESS)
		removed = NULL;
}

/* A join that comes after the damage. */
static void
late(void)
{
	groove_data_t join;

	trial.call = "join";
	if (damage_is_beyond_memory(&scene) || groove_data_join(&join, scene.shmem, scene.volume0, 0, 3) == NULL)
		return;
	allocs(&join);
	frees(&join, 4);
	trial.call = "leave";
	CHECK(groove_data_leave(&join) == &join, "leave");
}

static void
calls(void)
{
	groove_data_t *join = &scene.live;

	allocs(join);
	bulks(join);
	frees(join, 3);
	care(join);
	allocs(join);
	looks(join);
	if (trial.number % 16 == 0)
		dump(join);
	trial.call = "recover";
	groove_data_recover(join, is_dead, NULL);
	allocs(join);
	frees(join, 2);
	trial.call = "drain";
	groove_data_volume_drain(join, 0);
	allocs(join);
	groove_data_volume_drain(join, GROOVE_VOLUME_NONE);
	late();
	frees(join, 1);
	care(join);
	volumes(join);
	trial.call = "recover (NULL)";
	groove_data_recover(join, NULL, NULL);
	allocs(join);
	trial.call = "cache_limit";
	groove_data_cache_limit(join, 1000, 20000);
	bulks(join);
	looks(join);
}

/* ---- bits ---- */

struct word {
	void *addr;
	const char *where;
	uint64_t idx;
	unsigned int bits;
	bool leads; /* to memory: it says where a superblock or a volume is, or what is free in it */
};

static struct word words[WORD_MAX];
static unsigned int word_cnt;

static void
word_add(void *addr, unsigned int bits, const char *where, uint64_t idx)
{
	CHECK(word_cnt < WORD_MAX, "too many words");
	words[word_cnt++] = (struct word){addr, where, idx, bits, false};
}

/* The same, of a word that leads to memory. */
static void
word_add_leading(void *addr, unsigned int bits, const char *where, uint64_t idx)
{
	word_add(addr, bits, where, idx);
	words[word_cnt - 1].leads = true;
}

static void
words_collect(void)
{
	const groove_data_t *join = &scene.live;

	trial.call = "setup";
	for (uint64_t i = 0; i < scene.shmem_sz / 8; i++) {
		uint64_t *word = (uint64_t *)scene.shmem + i;

		word_add(word, 64, "word of the shared region", i);
		words[word_cnt - 1].leads = (void *)word >= join->pool.shpool || word == &join->shdata->drain;
	}
	for (uint64_t i = 0; i < scene.sb_cnt; i++) {
		struct groove_sb *sb = sb_entry(join, scene.sb[i].szc, scene.sb[i].block);

		word_add_leading(&sb->word, 64, "word of superblock", i);
		word_add_leading(entry_id(join, sb), 32, "id of superblock", i);
		word_add_leading(entry_link(join, sb), 32, "link of superblock", i);
		word_add_leading(block_addr(join, scene.sb[i].block), 64, "header of superblock", i);
	}
	for (uint64_t i = 0; i < scene.slot_cnt; i++)
		word_add(&scene.slot[i]->bits, 64, "header of slot", i);
	for (uint64_t i = 0; i < DAMAGE_VOLUME_IN; i++)
		for (uint64_t k = 0; k < 5; k++)
			word_add(scene.volume0 + i * DAMAGE_VOLUME_SZ + k * 8, 64, "word of the head of volume",
				10 * i + k);
}

static void
flip(const struct word *word, unsigned int bit)
{
	trial.where = word->where;
	trial.idx = word->idx;
	trial.bit = bit;
	trial.steps = 0;
	undo_keep(word->addr, 8);
	if (word->bits == 32)
		*(uint32_t *)word->addr ^= 1U << bit;
	else
		*(uint64_t *)word->addr ^= 1UL << bit;
}

static void
try_bit(const struct word *word, unsigned int bit)
{
	undo();
	memcpy(&lives, &lives_made, sizeof(lives));
	removed = NULL;
	flip(word, bit);
	calls();
}

/* Try each step-th of all bits; with only one, that alone. */
static uint64_t
try_all(uint64_t first, uint64_t step_sz, bool only)
{
	uint64_t number = 0;
	uint64_t tried = 0;

	for (unsigned int i = 0; i < word_cnt; i++) {
		for (unsigned int bit = 0; bit < words[i].bits; bit++, number++) {
			const uint64_t each = words[i].leads ? (step_sz + 15) / 16 : step_sz;

			if (number < first || (number - first) % each != 0 || (only && number != first))
				continue;
			trial.number = number;
			try_bit(&words[i], bit);
			tried++;
		}
	}
	return tried;
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {
		{"step", required_argument, NULL, 's'},
		{"first", required_argument, NULL, 'f'},
		{"only", no_argument, NULL, 'o'},
		{0},
	};
	uint64_t first = 0;
	uint64_t step_sz = 1;
	bool only = false;
	int opt;

	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (opt == '?')
			return EXIT_FAILURE;
		if (opt == 's')
			step_sz = strtoull(optarg, NULL, 0);
		else if (opt == 'f')
			first = strtoull(optarg, NULL, 0);
		else
			only = true;
	}
	if (step_sz == 0)
		return EXIT_FAILURE;
	fuzz_log_drop();
	damage_scene_make(&scene);
	damage_scene_reset(&scene);
	undo_make();
	for (uint64_t i = 0; i < scene.obj_cnt; i++)
		lives_made.obj[lives_made.cnt++] = live_of(scene.obj[i]);
	words_collect();
	signal(SIGSEGV, crashed);
	signal(SIGBUS, crashed);
	printf("%" PRIu64 " bits of %u words were changed, one at a time\n", try_all(first, step_sz, only), word_cnt);
	return EXIT_SUCCESS;
}
