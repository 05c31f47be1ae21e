/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * What joins cache together: a part of the groove at most, however many there are, and whether they work or not.
 */

#include <shared.h>
#include <stdlib.h>

#include "fixture.h"

#define VOLUME_CNT 16UL
#define JOIN_CNT   1000UL
#define OBJ_CNT	   64UL	    /* of a join */
#define SZ_MAX	   65536UL  /* of an object */
#define FILL_MAX   200000UL /* objects that the groove has room for */
#define PART	   64UL	    /* of the groove, by the design: all joins may cache one part of so many */
#define GROOVE_SZ  (VOLUME_CNT * VOLUME_SZ_MIN)

static groove_data_t joins[JOIN_CNT];
static void *objs[JOIN_CNT][OBJ_CNT];
static void *fill[FILL_MAX];

static uint64_t rng;

static uint64_t
draw(uint64_t n)
{
	rng ^= rng << 13;
	rng ^= rng >> 7;
	rng ^= rng << 17;
	return rng % n;
}

/* A size, each power of two as likely as the others. */
static uint64_t
draw_sz(void)
{
	const uint64_t top = 1UL << draw(16);

	return top + draw(top);
}

static int
make(struct fixture *fix)
{
	*fix = (struct fixture){
		.cfg = {.size = sizeof(fix->cfg),
			.volume_sz = VOLUME_SZ_MIN,
			.volume_max = VOLUME_CNT,
			.join_max = 1024},
		.volumes_sz = GROOVE_SZ,
	};
	fix->shmem_sz = groove_data_footprint_cfg(&fix->cfg);
	fix->shmem = test_mem_map(fix->shmem_sz);
	fix->volume0 = test_mem_map(fix->volumes_sz);
	TEST_ASSERT(fix->shmem != NULL && fix->volume0 != NULL, "no memory");
	TEST_ASSERT_EQUAL(groove_data_new_cfg(fix->shmem, &fix->cfg), fix->shmem, "new");
	TEST_CALL(fixture_join(fix, &fix->data, 0));
	return fixture_add(fix, 0, VOLUME_CNT);
}

/* What a join may cache, by its record. */
static uint64_t
keep_of(const groove_data_t *data)
{
	return data->record->keep;
}

static uint64_t
keep_sum(const groove_data_t *data)
{
	uint64_t sum = 0;

	for (uint64_t i = 0; i < data->join_max; i++)
		sum += data->shdata->record[i].keep;
	return sum;
}

/* All is well, and the joins together are within their part. */
static int
check_part(const groove_data_t *data)
{
	const uint64_t bytes = fixture_cached_bytes(data);

	TEST_ASSERT(keep_sum(data) <= GROOVE_SZ / PART, "%lu bytes may be cached, of %lu", keep_sum(data), GROOVE_SZ);
	TEST_ASSERT(bytes <= keep_sum(data), "%lu bytes are cached, %lu may be", bytes, keep_sum(data));
	return TEST_SUCCESS;
}

/* ---- a thousand joins, of which one works ---- */

/* Bytes of objects of all sizes that a join gets until it is full. They are freed again. */
static int
fill_up(groove_data_t *data, uint64_t *bytes)
{
	uint64_t cnt = 0;
	int err = GROOVE_SUCCESS;

	rng = 88172645463325252UL;
	for (*bytes = 0; cnt < FILL_MAX; cnt++) {
		const uint64_t sz = draw_sz();

		fill[cnt] = groove_data_alloc(data, 0, sz, 0, &err);
		if (fill[cnt] == NULL)
			break;
		*bytes += sz;
	}
	TEST_ASSERT_EQUAL(err, GROOVE_ERR_FULL, "the groove is full after %lu objects", cnt);
	TEST_CALL(objects_free(data, fill, cnt));
	TEST_ASSERT_SUCCESS(groove_data_flush(data), "flush");
	return groove_data_trim(data);
}

/* A join works for a while: it allocates and frees objects of all sizes in no order. */
static int
work(groove_data_t *data, void **slots, unsigned int turns)
{
	while (turns-- > 0) {
		void **slot = &slots[draw(OBJ_CNT)];

		if (*slot == NULL) {
			*slot = groove_data_alloc(data, 0, draw_sz(), 0, NULL);
			TEST_ASSERT_NOT_NULL(*slot, "alloc");
		} else {
			TEST_ASSERT_SUCCESS(groove_data_free(data, *slot), "free");
			*slot = NULL;
		}
	}
	return TEST_SUCCESS;
}

static int
clear(groove_data_t *data, void **slots)
{
	for (unsigned int i = 0; i < OBJ_CNT; i++) {
		if (slots[i] != NULL)
			TEST_ASSERT_SUCCESS(groove_data_free(data, slots[i]), "free");
		slots[i] = NULL;
	}
	return TEST_SUCCESS;
}

static int
test_thousand(void)
{
	struct fixture fix;
	uint64_t alone, among;

	TEST_CALL(make(&fix));
	TEST_CALL(fill_up(&fix.data, &alone));
	for (uint64_t i = 0; i < JOIN_CNT; i++)
		TEST_CALL(fixture_join(&fix, &joins[i], i + 1));
	for (unsigned int turn = 0; turn < 3; turn++)
		for (uint64_t i = 0; i < JOIN_CNT; i++)
			TEST_CALL(work(&joins[i], objs[i], OBJ_CNT));
	TEST_CALL(check_part(&fix.data));
	for (uint64_t i = 0; i < JOIN_CNT; i++)
		TEST_CALL(clear(&joins[i], objs[i]));
	TEST_CALL(check_part(&fix.data));
	TEST_CALL(fill_up(&fix.data, &among));
	TEST_ASSERT(among >= alone * 9 / 10, "%lu bytes among %lu idle joins, %lu alone", among, JOIN_CNT, alone);
	for (uint64_t i = 0; i < JOIN_CNT; i++)
		TEST_ASSERT_EQUAL(groove_data_leave(&joins[i]), &joins[i], "leave");
	TEST_ASSERT_EQUAL(keep_sum(&fix.data), 0, "bytes that may be cached, when all have left");
	return fixture_end(&fix);
}

/* ---- shares ---- */

/* Bursts of 8 classes. */
static int
bursts(groove_data_t *data)
{
	for (unsigned int i = 0; i < 12; i++)
		for (uint64_t sz = 1000; sz <= 8000; sz += 1000) {
			TEST_CALL(objects_alloc(data, fill, sz, 384));
			TEST_CALL(objects_free(data, fill, 384));
		}
	return TEST_SUCCESS;
}

/*
 * However much those before it have, and whether they work or not, a join that comes finds something left; and one that
 * works gives back what it has above what it would get now.
 */
static int
test_shares(void)
{
	struct fixture fix;
	uint64_t first;

	TEST_CALL(make(&fix));
	TEST_CALL(bursts(&fix.data));
	first = keep_of(&fix.data);
	TEST_ASSERT(first > GROOVE_SZ / PART / 8, "a join alone may cache %lu bytes", first);
	for (unsigned int i = 0; i < 6; i++) {
		TEST_CALL(fixture_join(&fix, &joins[i], 1));
		TEST_CALL(bursts(&joins[i]));
		TEST_ASSERT(fixture_cached_bytes(&fix.data) > 0 && keep_of(&joins[i]) > 0, "join %u caches nothing", i);
		TEST_CALL(check_part(&fix.data));
	}
	TEST_ASSERT_EQUAL(keep_of(&fix.data), first, "an idle join keeps what it has");
	for (unsigned int i = 0; i < 4; i++)
		TEST_CALL(bursts(&fix.data));
	TEST_ASSERT(2 * keep_of(&fix.data) <= GROOVE_SZ / PART - (keep_sum(&fix.data) - keep_of(&fix.data)),
		"%lu bytes, all together %lu", keep_of(&fix.data), keep_sum(&fix.data));
	for (unsigned int i = 0; i < 6; i++)
		TEST_ASSERT_EQUAL(groove_data_leave(&joins[i]), &joins[i], "leave");
	return fixture_end(&fix);
}

/* Idle ones may be many: the last that comes has its own part all the same. */
static int
test_many_idle(void)
{
	struct fixture fix;

	TEST_CALL(make(&fix));
	for (unsigned int i = 0; i < 100; i++) {
		TEST_CALL(fixture_join(&fix, &joins[i], 1));
		TEST_CALL(bursts(&joins[i]));
		for (unsigned int turn = 0; turn < 8; turn++) {
			TEST_CALL(objects_alloc(&joins[i], fill, 48, 16));
			TEST_CALL(objects_free(&joins[i], fill, 16));
		}
		TEST_ASSERT(keep_of(&joins[i]) > 0, "join %u caches nothing", i);
		TEST_CALL(check_part(&fix.data));
	}
	for (unsigned int i = 0; i < 100; i++)
		TEST_ASSERT_EQUAL(groove_data_leave(&joins[i]), &joins[i], "leave");
	return fixture_end(&fix);
}

/* ---- death ---- */

static int
die_with_share(void *arg)
{
	groove_data_t join;

	TEST_CALL(fixture_join(arg, &join, 1));
	return bursts(&join); /* the process ends here, without leaving */
}

static int
is_other(void *arg, uint64_t join_idx)
{
	return join_idx != groove_data_join_idx(arg);
}

/* A dead join has its share until it is recovered. */
static int
test_death(void)
{
	struct fixture fix;

	TEST_CALL(make(&fix));
	TEST_CALL(test_child_run(die_with_share, &fix));
	TEST_ASSERT(keep_sum(&fix.data) > keep_of(&fix.data), "the dead one has a share");
	TEST_CALL(check_part(&fix.data));
	TEST_ASSERT_SUCCESS(groove_data_recover(&fix.data, is_other, &fix.data), "recover");
	TEST_ASSERT_EQUAL(keep_sum(&fix.data), keep_of(&fix.data), "bytes that may be cached, after recovery");
	return fixture_end(&fix);
}

static int
test_share(void)
{
	TEST_CALL(test_shares());
	TEST_CALL(test_many_idle());
	TEST_CALL(test_death());
	return test_thousand();
}

GROOVE_TEST(share_autotest, fast, test_share);
