/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * The functions that gcc's -fsanitize=thread calls, without ThreadSanitizer: atomic accesses become points of the
 * scheduler, plain ones nothing. The memory orders are ignored, as all threads are coroutines of one.
 */

#include <stddef.h>
#include <stdint.h>

#include "hooks_plain.h"
#include "schedule.h"

void
hooks_write(void *addr, uint64_t sz)
{
	schedule_write(addr, sz);
}

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
