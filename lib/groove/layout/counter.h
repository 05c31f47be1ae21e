/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_COUNTER_H
#define GROOVE_COUNTER_H

/*
 * How calls are counted: for each join, size class and direction (alloc, free) one word, so that one store counts a
 * call and its bytes. As a word is only added to, it is (bytes << 22) + calls of all time, modulo 2^64. So it has the
 * low 22 bits of the calls, and with the calls known, the low 42 of the bytes. The rest is noted in a second word, each
 * 2^20 calls or 2^40 bytes:
 *
 *     63               22 21              0
 *     | bytes            | calls           |   struct groove_count, in groove_record.count
 *     | calls >> 20      | bytes >> 40     |   the same struct, in groove_record.count_high
 *
 * Between two notes less than 2^22 - 2^20 calls and 2^42 - 2^40 bytes are counted, so both words give the total, up to
 * 2^62. Also when the join died before it noted: the next one does, after as many calls at most, and its recoverer.
 */

#include "shared.h"

#define COUNTER_CALLS_MASK ((1UL << GROOVE_COUNT_CALLS_BITS) - 1)
#define COUNTER_BYTES_MASK (UINT64_MAX >> GROOVE_COUNT_CALLS_BITS)
#define COUNTER_NOTE_CALLS GROOVE_COUNT_NOTE_BITS /* log2 of the calls to the next note, */
#define COUNTER_NOTE_BYTES 40			  /* and of the bytes */
#define COUNTER_TOTAL_BITS 62
_Static_assert(GROOVE_DATA_CACHE_SLOT_SZ << COUNTER_NOTE_CALLS < 1UL << COUNTER_NOTE_BYTES,
	"calls that only look whether a note is due by their number do not change as many bytes");

/* A count of all time. */
struct counter_total {
	uint64_t calls;
	uint64_t bytes; /* asked for */
};

/* What a word and its second one say. */
static inline struct counter_total
counter_total(uint64_t word, uint64_t high)
{
	const uint64_t calls = high >> GROOVE_COUNT_CALLS_BITS << COUNTER_NOTE_CALLS;
	const uint64_t bytes = (high & COUNTER_CALLS_MASK) << COUNTER_NOTE_BYTES;
	struct counter_total total;

	total.calls = calls + ((word - calls) & COUNTER_CALLS_MASK);
	total.bytes = bytes + ((((word - total.calls) >> GROOVE_COUNT_CALLS_BITS) - bytes) & COUNTER_BYTES_MASK);
	return total;
}

/* The second word of a total. */
static inline uint64_t
counter_high(struct counter_total total)
{
	return total.calls >> COUNTER_NOTE_CALLS << GROOVE_COUNT_CALLS_BITS |
	       (total.bytes >> COUNTER_NOTE_BYTES & COUNTER_CALLS_MASK);
}

/* Note the total of a class and direction: only by the join, or its recoverer. */
static inline void
counter_note(struct groove_record *record, uint64_t szc, unsigned int dir)
{
	uint64_t *high = &record->count_high[szc].calls[dir];
	const struct counter_total total = counter_total(record->count[szc].calls[dir], *high);

	/* Release: a join that sees it sees the word, which pairs with counter_read(). */
	__atomic_store_n(high, counter_high(total), __ATOMIC_RELEASE);
}

/* Count n calls, fewer than 2^20, that were made: only the join does, or its recoverer. */
static inline void
counter_add(struct groove_record *record, uint64_t szc, unsigned int dir, uint64_t n, uint64_t bytes)
{
	uint64_t *word = &record->count[szc].calls[dir];
	const uint64_t old = __atomic_load_n(word, __ATOMIC_RELAXED);
	const uint64_t now = old + groove_count_delta(n, bytes);

	/* Release: recovery sees what was done before; a join that sums the counters, no free without its alloc. */
	__atomic_store_n(word, now, __ATOMIC_RELEASE);
	/* Less one: the short ways leave the first call after as many to this one (groove_count_is_due()). */
	if (__builtin_expect((((old - 1) ^ (now - 1)) >> COUNTER_NOTE_CALLS & 1) != 0 ||
				     (old ^ now) >> (GROOVE_COUNT_CALLS_BITS + COUNTER_NOTE_BYTES) != 0,
		    0))
		counter_note(record, szc, dir);
}

/* Begin a count with a total. */
static inline void
counter_set(struct groove_record *record, uint64_t szc, unsigned int dir, struct counter_total total)
{
	record->count[szc].calls[dir] = groove_count_delta(total.calls, total.bytes);
	record->count_high[szc].calls[dir] = counter_high(total);
}

/*
 * A count of any join, which goes on counting. Both words are of one moment if the second is the same before and after
 * the first: acquire, so that they are read in this order, and pairs with the stores: a second word that is there when
 * the first is read is seen. Another turn is due to 2^20 calls that were made since.
 */
static inline struct counter_total
counter_read(const struct groove_record *record, uint64_t szc, unsigned int dir)
{
	const uint64_t *high = &record->count_high[szc].calls[dir];
	uint64_t again = __atomic_load_n(high, __ATOMIC_ACQUIRE);
	uint64_t before;
	uint64_t word;

	do {
		before = again;
		word = __atomic_load_n(&record->count[szc].calls[dir], __ATOMIC_ACQUIRE);
		again = __atomic_load_n(high, __ATOMIC_ACQUIRE);
	} while (again != before);
	return counter_total(word, before);
}

/* A difference of totals of bytes, or of sums of such, modulo 2^62. */
static inline uint64_t
counter_less(uint64_t total, uint64_t other)
{
	return (uint64_t)((int64_t)((total - other) << (64 - COUNTER_TOTAL_BITS)) >> (64 - COUNTER_TOTAL_BITS));
}

/* Objects that a join has allocated less those that it has freed. */
static inline uint64_t
counter_objects(const struct groove_record *record, uint64_t szc)
{
	return counter_less(counter_read(record, szc, GROOVE_COUNT_ALLOC).calls,
		counter_read(record, szc, GROOVE_COUNT_FREE).calls);
}

#endif /* GROOVE_COUNTER_H */
