/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "hooks.h"

void __tsan_init(void);
void __tsan_func_entry(void *pc);
void __tsan_func_exit(void);
void __tsan_read_range(void *addr, long sz);
void __tsan_write_range(void *addr, long sz);

void
__tsan_init(void)
{
}

void
__tsan_func_entry(void *pc)
{
	(void)pc;
}

void
__tsan_func_exit(void)
{
}

void
__tsan_read_range(void *addr, long sz)
{
	(void)addr;
	(void)sz;
}

void
__tsan_write_range(void *addr, long sz)
{
	hooks_write(addr, (uint64_t)sz, __builtin_return_address(0));
}

#define PLAIN(sz)                                                                                                      \
	void __tsan_read##sz(void *addr);                                                                              \
	void __tsan_write##sz(void *addr);                                                                             \
	void __tsan_read##sz(void *addr)                                                                               \
	{                                                                                                              \
		(void)addr;                                                                                            \
	}                                                                                                              \
	void __tsan_write##sz(void *addr)                                                                              \
	{                                                                                                              \
		hooks_write(addr, sz, __builtin_return_address(0));                                                    \
	}

PLAIN(1)
PLAIN(2)
PLAIN(4)
PLAIN(8)
PLAIN(16)
