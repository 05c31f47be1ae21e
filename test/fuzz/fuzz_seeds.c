/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Run the seeds of a fuzzer, or the files that are given, once each, without libFuzzer. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"

#define FILE_MAX (1UL << 20)

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

int
main(int argc, char **argv)
{
	LLVMFuzzerInitialize(&argc, &argv);
	for (int i = 1; i < argc; i++)
		run_file(argv[i]);
	for (size_t i = 0; argc == 1 && i < fuzz_seed_cnt; i++) {
		announce(fuzz_seeds[i].name, fuzz_seeds[i].sz);
		LLVMFuzzerTestOneInput(fuzz_seeds[i].bytes, fuzz_seeds[i].sz);
	}
	return EXIT_SUCCESS;
}
