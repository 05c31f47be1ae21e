/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <string.h>

#include "pattern.h"
#include "stress_draw.h"

#define WORD_SZ	  sizeof(uint64_t)
#define CHUNK_CNT 64 /* words checked between two branches: 512 bytes */

/* Word i is key + i * STEP: the key differs for each tag, the odd step for each position, and adding vectorises
 * everywhere. */
#define STEP 0x9e3779b97f4a7c15UL

static uint64_t
pattern_key(uint64_t tag)
{
	return stress_mix(tag ^ 0x70617474657266UL);
}

void
stress_pattern_fill(void *start, size_t sz, uint64_t tag)
{
	uint64_t *words = start;
	const size_t word_cnt = sz / WORD_SZ;
	const uint64_t key = pattern_key(tag);
	size_t i = 0;

	for (; i + CHUNK_CNT <= word_cnt; i += CHUNK_CNT) {
		for (size_t k = 0; k < CHUNK_CNT; k++)
			words[i + k] = key + (i + k) * STEP;
	}
	for (; i < word_cnt; i++)
		words[i] = key + i * STEP;
}

/* Offset of the first wrong byte among words [from, to); that of word `to` when all are right. */
static size_t
first_wrong(const uint64_t *words, size_t from, size_t to, uint64_t key)
{
	for (size_t i = from; i < to; i++) {
		const uint64_t expected = key + i * STEP;
		const uint8_t *found_bytes = (const uint8_t *)&words[i];
		uint8_t bytes[WORD_SZ];

		if (words[i] == expected)
			continue;
		memcpy(bytes, &expected, WORD_SZ);
		for (size_t k = 0; k < WORD_SZ; k++) {
			if (found_bytes[k] != bytes[k])
				return i * WORD_SZ + k;
		}
	}
	return to * WORD_SZ;
}

size_t
stress_pattern_check(const void *start, size_t sz, uint64_t tag)
{
	const uint64_t *words = start;
	const size_t word_cnt = sz / WORD_SZ;
	const uint64_t key = pattern_key(tag);
	size_t i = 0;

	for (; i + CHUNK_CNT <= word_cnt; i += CHUNK_CNT) {
		uint64_t diff = 0;

		for (size_t k = 0; k < CHUNK_CNT; k++)
			diff |= words[i + k] ^ (key + (i + k) * STEP);
		if (diff != 0)
			break;
	}
	return first_wrong(words, i, word_cnt, key);
}

uint8_t
stress_pattern_byte(uint64_t tag, size_t off)
{
	const uint64_t word = pattern_key(tag) + off / WORD_SZ * STEP;
	uint8_t bytes[WORD_SZ];

	memcpy(bytes, &word, WORD_SZ);
	return bytes[off % WORD_SZ];
}
