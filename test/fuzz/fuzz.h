/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef FUZZ_H
#define FUZZ_H

/**
 * @file
 * What the fuzzers share. Each is one file fuzz_<name>.c that has fuzz_setup(), LLVMFuzzerTestOneInput() and its seeds,
 * and reads its input as a row of small commands. The same files make two programs: fuzz-<name>, with libFuzzer, and
 * fuzz-<name>-seeds, which any compiler builds and which runs the seeds, or the files it is given, once.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- what a fuzzer has ---- */

/** An input that is kept: one that leads somewhere, or that has found something. */
struct fuzz_seed {
	const char *name;
	const uint8_t *bytes;
	size_t sz;
};

/** A seed: its name, then its bytes, written with the enums of the fuzzer that they are for. */
#define FUZZ_SEED(seed_name, ...)                                                                                      \
	{                                                                                                              \
		seed_name, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})                      \
	}
/** A number of 2, 4 or 8 bytes as fuzz_take() reads it. */
#define FUZZ_U16(x) (uint8_t)(x), (uint8_t)((uint64_t)(x) >> 8)
#define FUZZ_U32(x) FUZZ_U16(x), FUZZ_U16((uint64_t)(x) >> 16)
#define FUZZ_U64(x) FUZZ_U32(x), FUZZ_U32((uint64_t)(x) >> 32)

extern const struct fuzz_seed fuzz_seeds[];
extern const size_t fuzz_seed_cnt;

/** Make what all inputs start from. Called once. */
void fuzz_setup(void);

#define FUZZ_BIT_INPUT_MAX 64 /**< Bytes of an input of fuzz_bit_input(). */

/**
 * Inputs that change one bit of one word, at one moment, and make each call: one for each bit.
 *
 * @param number
 *   Which, from 0.
 * @param bytes
 *   Receives the input, FUZZ_BIT_INPUT_MAX bytes at most.
 * @return
 *   Bytes; 0: there are no more, or the fuzzer has none.
 */
size_t fuzz_bit_input(uint64_t number, uint8_t *bytes);

/** libFuzzer's: run one input. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t sz);

/** libFuzzer's: called once. With the argument --seeds=DIR writes the seeds there and exits. */
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* ---- input ---- */

/** What is left of an input; after its end there are zeros. */
struct fuzz_input {
	const uint8_t *next;
	size_t left;
};

/** The next number of up to 8 bytes, little endian. */
uint64_t fuzz_take(struct fuzz_input *input, unsigned int bytes);

/** The next byte as a number below n. */
static inline uint64_t
fuzz_pick(struct fuzz_input *input, uint64_t n)
{
	return fuzz_take(input, n > 256 ? 2 : 1) % n;
}

/* ---- findings ---- */

/** Print a line and abort. */
void fuzz_fail(const char *file, int line, const char *cond, const char *fmt, ...)
	__attribute__((__noreturn__, __format__(__printf__, 4, 5)));

/** FUZZ_CHECK(condition, "message with values", ...) */
#define FUZZ_CHECK(cond, ...)                                                                                          \
	do {                                                                                                           \
		if (!(cond))                                                                                           \
			fuzz_fail(__FILE__, __LINE__, #cond, __VA_ARGS__);                                             \
	} while (0)

/* ---- memory and logs ---- */

/** Memory of zeros that ends, rounded up to 64 bytes, where memory that cannot be touched begins. */
void *fuzz_map_guarded(size_t sz);

/** Address space that cannot be touched, with as much before and after it; aligned to 2 MiB. */
void *fuzz_reserve(size_t sz);

/**
 * From here on what the libraries log goes nowhere, or, if the environment has FUZZ_LOG, to stderr. Its lines are made
 * all the same, and counted.
 */
void fuzz_log_drop(void);

/** Lines logged so far. */
uint64_t fuzz_log_cnt(void);

#endif /* FUZZ_H */
