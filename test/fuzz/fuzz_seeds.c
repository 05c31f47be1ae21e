/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * Run the seeds of a fuzzer, or the files that are given, once each, without libFuzzer; with --draw=N the seeds, and
 * then N inputs that are drawn from them, the same each time; with --bits=N each N-th of those that change one bit.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

#define FILE_MAX (1UL << 20)

#define INPUT_MAX 256U /* bytes of one that is drawn */
#define PIECE_MAX 12U  /* bytes of it that are random */

/* So that a finding is seen to be that of a seed. */
static void
announce(const char *name, size_t sz)
{
	printf("%s, %zu bytes\n", name, sz);
	fflush(stdout);
}

static void
run_file(const char *path)
{
	uint8_t *bytes = malloc(FILE_MAX);
	FILE *file = fopen(path, "re");
	size_t sz;

	FUZZ_CHECK(bytes != NULL && file != NULL, "%s: %m", path);
	sz = fread(bytes, 1, FILE_MAX, file);
	fclose(file);
	announce(path, sz);
	LLVMFuzzerTestOneInput(bytes, sz);
	free(bytes);
}

static void
run_seeds(void)
{
	for (size_t i = 0; i < fuzz_seed_cnt; i++) {
		announce(fuzz_seeds[i].name, fuzz_seeds[i].sz);
		LLVMFuzzerTestOneInput(fuzz_seeds[i].bytes, fuzz_seeds[i].sz);
	}
}

/* ---- inputs that are drawn ---- */

/* A number below n; SplitMix64 of Steele, Lea and Flood. */
static size_t
draw(uint64_t *state, size_t n)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (z ^ z >> 31) % n;
}

/* Random bytes, or the end of a seed. */
static size_t
draw_piece(uint64_t *state, uint8_t *to, size_t room)
{
	const struct fuzz_seed *seed = &fuzz_seeds[draw(state, fuzz_seed_cnt)];
	const bool from_seed = draw(state, 3) == 0;
	const size_t skipped = draw(state, seed->sz);
	const size_t wanted = from_seed ? seed->sz - skipped : 1 + draw(state, PIECE_MAX);
	const size_t sz = wanted < room ? wanted : room;

	if (from_seed)
		memcpy(to, seed->bytes + skipped, sz);
	for (size_t i = 0; !from_seed && i < sz; i++)
		to[i] = (uint8_t)draw(state, 256);
	return sz;
}

static void
run_drawn(uint64_t cnt)
{
	uint8_t bytes[INPUT_MAX];

	for (uint64_t i = 0; i < cnt; i++) {
		uint64_t state = i;
		const size_t sz = 1 + draw(&state, INPUT_MAX);

		for (size_t done = 0; done < sz;)
			done += draw_piece(&state, bytes + done, sz - done);
		printf("input %" PRIu64 " of those that are drawn, %zu bytes\n", i, sz);
		fflush(stdout);
		LLVMFuzzerTestOneInput(bytes, sz);
	}
}

static void
run_bits(uint64_t step)
{
	uint8_t bytes[FUZZ_BIT_INPUT_MAX];
	uint64_t cnt = 0;
	size_t sz;

	for (uint64_t i = 0; (sz = fuzz_bit_input(i, bytes)) != 0; i += step, cnt++) {
		printf("bit %" PRIu64 "\n", i);
		fflush(stdout);
		LLVMFuzzerTestOneInput(bytes, sz);
	}
	FUZZ_CHECK(cnt > 0, "this fuzzer has no such inputs");
}

int
main(int argc, char **argv)
{
	uint64_t drawn_cnt = 0;
	uint64_t step = 0;
	const bool draws = argc == 2 && sscanf(argv[1], "--draw=%" SCNu64, &drawn_cnt) == 1;

	if (argc == 2 && sscanf(argv[1], "--bits=%" SCNu64, &step) == 1 && step > 0) {
		LLVMFuzzerInitialize(&argc, &argv);
		run_bits(step);
		return EXIT_SUCCESS;
	}
	LLVMFuzzerInitialize(&argc, &argv);
	for (int i = 1; !draws && i < argc; i++)
		run_file(argv[i]);
	if (draws || argc == 1)
		run_seeds();
	run_drawn(drawn_cnt);
	return EXIT_SUCCESS;
}
