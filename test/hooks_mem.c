/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * Calls that change memory without an access of their own. They are made in two halves, each of which is reported: so a
 * process can be stopped in between.
 */

#include <stddef.h>

#include "hooks.h"

void *__real_memset(void *to, int c, size_t n);
void *__real_memcpy(void *to, const void *from, size_t n);
void *__real_memmove(void *to, const void *from, size_t n);
void *__wrap_memset(void *to, int c, size_t n);
void *__wrap_memcpy(void *to, const void *from, size_t n);
void *__wrap_memmove(void *to, const void *from, size_t n);

/* Tell of the second half: no call returns to where that is said to be. */
static void
tell_second(void *to, size_t n, const void *site)
{
	hooks_write(to, n, (const uint8_t *)site + 1);
}

void *
__wrap_memset(void *to, int c, size_t n)
{
	uint8_t *second = (uint8_t *)to + n / 2;

	hooks_write(to, n / 2, __builtin_return_address(0));
	__real_memset(to, c, n / 2);
	tell_second(second, n - n / 2, __builtin_return_address(0));
	__real_memset(second, c, n - n / 2);
	return to;
}

void *
__wrap_memcpy(void *to, const void *from, size_t n)
{
	uint8_t *second = (uint8_t *)to + n / 2;

	hooks_write(to, n / 2, __builtin_return_address(0));
	__real_memcpy(to, from, n / 2);
	tell_second(second, n - n / 2, __builtin_return_address(0));
	__real_memcpy(second, (const uint8_t *)from + n / 2, n - n / 2);
	return to;
}

/* What overlaps is moved at once. */
void *
__wrap_memmove(void *to, const void *from, size_t n)
{
	hooks_write(to, n, __builtin_return_address(0));
	return __real_memmove(to, from, n);
}
