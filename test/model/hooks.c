/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * The functions that gcc's -fsanitize=thread calls, without ThreadSanitizer: atomic accesses become points of the
 * scheduler, plain ones nothing. The memory orders are ignored, as all threads are coroutines of one.
 */

#include <stddef.h>
#include <stdint.h>

#include "schedule.h"

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
	schedule_write(addr, (uint64_t)sz);
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
		schedule_write(addr, sz);                                                                              \
	}

PLAIN(1)
PLAIN(2)
PLAIN(4)
PLAIN(8)
PLAIN(16)

#define ATOMIC(bits)                                                                                                   \
	typedef uint##bits##_t u##bits;                                                                                \
	u##bits __tsan_atomic##bits##_load(const u##bits *p, int mo);                                                  \
	void __tsan_atomic##bits##_store(u##bits *p, u##bits v, int mo);                                               \
	u##bits __tsan_atomic##bits##_exchange(u##bits *p, u##bits v, int mo);                                         \
	u##bits __tsan_atomic##bits##_fetch_add(u##bits *p, u##bits v, int mo);                                        \
	u##bits __tsan_atomic##bits##_fetch_sub(u##bits *p, u##bits v, int mo);                                        \
	u##bits __tsan_atomic##bits##_fetch_and(u##bits *p, u##bits v, int mo);                                        \
	int __tsan_atomic##bits##_compare_exchange_strong(u##bits *p, u##bits *old, u##bits v, int mo, int fail);      \
	int __tsan_atomic##bits##_compare_exchange_weak(u##bits *p, u##bits *old, u##bits v, int mo, int fail);        \
                                                                                                                       \
	u##bits __tsan_atomic##bits##_load(const u##bits *p, int mo)                                                   \
	{                                                                                                              \
		(void)mo;                                                                                              \
		schedule_point(p);                                                                                     \
		return *p;                                                                                             \
	}                                                                                                              \
	void __tsan_atomic##bits##_store(u##bits *p, u##bits v, int mo)                                                \
	{                                                                                                              \
		(void)mo;                                                                                              \
		schedule_point(p);                                                                                     \
		schedule_write(p, sizeof(*p));                                                                         \
		*p = v;                                                                                                \
	}                                                                                                              \
	u##bits __tsan_atomic##bits##_exchange(u##bits *p, u##bits v, int mo)                                          \
	{                                                                                                              \
		(void)mo;                                                                                              \
		schedule_point(p);                                                                                     \
		schedule_write(p, sizeof(*p));                                                                         \
		const u##bits old = *p;                                                                                \
		*p = v;                                                                                                \
		return old;                                                                                            \
	}                                                                                                              \
	u##bits __tsan_atomic##bits##_fetch_add(u##bits *p, u##bits v, int mo)                                         \
	{                                                                                                              \
		(void)mo;                                                                                              \
		schedule_point(p);                                                                                     \
		schedule_write(p, sizeof(*p));                                                                         \
		const u##bits old = *p;                                                                                \
		*p = (u##bits)(old + v);                                                                               \
		return old;                                                                                            \
	}                                                                                                              \
	u##bits __tsan_atomic##bits##_fetch_sub(u##bits *p, u##bits v, int mo)                                         \
	{                                                                                                              \
		return __tsan_atomic##bits##_fetch_add(p, (u##bits) - v, mo);                                          \
	}                                                                                                              \
	u##bits __tsan_atomic##bits##_fetch_and(u##bits *p, u##bits v, int mo)                                         \
	{                                                                                                              \
		(void)mo;                                                                                              \
		schedule_point(p);                                                                                     \
		schedule_write(p, sizeof(*p));                                                                         \
		const u##bits old = *p;                                                                                \
		*p = old & v;                                                                                          \
		return old;                                                                                            \
	}                                                                                                              \
	int __tsan_atomic##bits##_compare_exchange_strong(u##bits *p, u##bits *old, u##bits v, int mo, int fail)       \
	{                                                                                                              \
		(void)mo;                                                                                              \
		(void)fail;                                                                                            \
		schedule_point(p);                                                                                     \
		if (*p == *old) {                                                                                      \
			schedule_write(p, sizeof(*p));                                                                 \
			*p = v;                                                                                        \
			return 1;                                                                                      \
		}                                                                                                      \
		*old = *p;                                                                                             \
		return 0;                                                                                              \
	}                                                                                                              \
	int __tsan_atomic##bits##_compare_exchange_weak(u##bits *p, u##bits *old, u##bits v, int mo, int fail)         \
	{                                                                                                              \
		return __tsan_atomic##bits##_compare_exchange_strong(p, old, v, mo, fail);                             \
	}

/* Calls that change memory without an access of their own; the linker's --wrap leads them here. */
void *__real_memset(void *to, int c, size_t n);
void *__real_memcpy(void *to, const void *from, size_t n);
void *__real_memmove(void *to, const void *from, size_t n);
void *__wrap_memset(void *to, int c, size_t n);
void *__wrap_memcpy(void *to, const void *from, size_t n);
void *__wrap_memmove(void *to, const void *from, size_t n);

void *
__wrap_memset(void *to, int c, size_t n)
{
	schedule_write(to, n);
	return __real_memset(to, c, n);
}

void *
__wrap_memcpy(void *to, const void *from, size_t n)
{
	schedule_write(to, n);
	return __real_memcpy(to, from, n);
}

void *
__wrap_memmove(void *to, const void *from, size_t n)
{
	schedule_write(to, n);
	return __real_memmove(to, from, n);
}

ATOMIC(8)
ATOMIC(16)
ATOMIC(32)
ATOMIC(64)
