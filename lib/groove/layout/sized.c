/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "sized.h"

#include <stdint.h>
#include <string.h>

#include "log.h"

#define SIZE_MAX_SANE 4096 /* more is no size, but what lay on the stack */

/* The first byte of a part that is not zero; its end when all are. */
static size_t
first_set(const uint8_t *bytes, size_t from, size_t to)
{
	while (from < to && bytes[from] == 0)
		from++;
	return from;
}

bool
sized_copy(void *full, size_t full_sz, size_t first_sz, const void *given, const char *what)
{
	size_t size;
	size_t set;

	memcpy(&size, given, sizeof(size));
	if (size == 0)
		size = first_sz;
	if (size < sizeof(size) || size > SIZE_MAX_SANE) {
		GROOVE_LOG(ERR, "%s has the size %zu: set it to sizeof(%s), or to 0, and all fields not used to 0\n",
			what, size, what);
		return false;
	}
	set = first_set(given, full_sz, size);
	if (set < size) {
		GROOVE_LOG(ERR,
			"%s has %zu bytes, of which this library knows %zu, and byte %zu is not 0: leave out what is "
			"newer, "
			"or use the library that the program was built for\n",
			what, size, full_sz, set);
		return false;
	}
	memset(full, 0, full_sz);
	memcpy(full, given, size < full_sz ? size : full_sz);
	return true;
}
