/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * The functions that gcc's -fsanitize=thread calls, without ThreadSanitizer: each write is told to the counter, and
 * atomic accesses are made, in the strongest order, as the caller leaves them to us.
 */

#include "count.h"
#include "hooks_plain.h"

void
hooks_write(void *addr, uint64_t sz)
{
	(void)sz;
	count_write(addr, COUNT_STORE);
}

/* A read-modify-write that gcc has a builtin of the same name for. */
#define MODIFY(bits, name, builtin)                                                                                    \
	uint##bits##_t __tsan_atomic##bits##_##name(uint##bits##_t *p, uint##bits##_t v, int mo);                      \
                                                                                                                       \
	uint##bits##_t __tsan_atomic##bits##_##name(uint##bits##_t *p, uint##bits##_t v, int mo)                       \
	{                                                                                                              \
		(void)mo;                                                                                              \
		count_write(p, COUNT_ATOMIC);                                                                          \
		return builtin(p, v, __ATOMIC_SEQ_CST);                                                                \
	}

#define SWAP(bits, strength, weak)                                                                                     \
	int __tsan_atomic##bits##_compare_exchange_##strength(                                                         \
		uint##bits##_t *p, uint##bits##_t *old, uint##bits##_t v, int mo, int fail);                           \
                                                                                                                       \
	int __tsan_atomic##bits##_compare_exchange_##strength(                                                         \
		uint##bits##_t *p, uint##bits##_t *old, uint##bits##_t v, int mo, int fail)                            \
	{                                                                                                              \
		(void)mo;                                                                                              \
		(void)fail;                                                                                            \
		count_write(p, COUNT_ATOMIC);                                                                          \
		return __atomic_compare_exchange_n(p, old, v, weak, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);               \
	}

#define ATOMIC(bits)                                                                                                   \
	uint##bits##_t __tsan_atomic##bits##_load(const uint##bits##_t *p, int mo);                                    \
	void __tsan_atomic##bits##_store(uint##bits##_t *p, uint##bits##_t v, int mo);                                 \
                                                                                                                       \
	uint##bits##_t __tsan_atomic##bits##_load(const uint##bits##_t *p, int mo)                                     \
	{                                                                                                              \
		(void)mo;                                                                                              \
		return __atomic_load_n(p, __ATOMIC_SEQ_CST);                                                           \
	}                                                                                                              \
	void __tsan_atomic##bits##_store(uint##bits##_t *p, uint##bits##_t v, int mo)                                  \
	{                                                                                                              \
		count_write(p, mo == __ATOMIC_SEQ_CST ? COUNT_ATOMIC : COUNT_STORE);                                   \
		__atomic_store_n(p, v, __ATOMIC_SEQ_CST);                                                              \
	}                                                                                                              \
	MODIFY(bits, exchange, __atomic_exchange_n)                                                                    \
	MODIFY(bits, fetch_add, __atomic_fetch_add)                                                                    \
	MODIFY(bits, fetch_sub, __atomic_fetch_sub)                                                                    \
	MODIFY(bits, fetch_and, __atomic_fetch_and)                                                                    \
	MODIFY(bits, fetch_or, __atomic_fetch_or)                                                                      \
	SWAP(bits, strong, false)                                                                                      \
	SWAP(bits, weak, true)

ATOMIC(8)
ATOMIC(16)
ATOMIC(32)
ATOMIC(64)
