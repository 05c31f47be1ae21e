/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <stdbool.h>

#include "hooks.h"

__attribute__((weak)) uint64_t
hooks_made(const void *addr, uint64_t sz, enum hooks_op op, int mo, uint64_t before)
{
	(void)addr;
	(void)sz;
	(void)op;
	(void)mo;
	return before;
}

#define TELL(bits, p, op, mo) hooks_atomic((void *)(uintptr_t)(p), (bits) / 8, (op), (mo), __builtin_return_address(0))

/* A read-modify-write that gcc has a builtin of the same name for. */
#define MODIFY(bits, name, builtin)                                                                                    \
	uint##bits##_t __tsan_atomic##bits##_##name(uint##bits##_t *p, uint##bits##_t v, int mo);                      \
                                                                                                                       \
	uint##bits##_t __tsan_atomic##bits##_##name(uint##bits##_t *p, uint##bits##_t v, int mo)                       \
	{                                                                                                              \
		TELL(bits, p, HOOKS_MODIFY, mo);                                                                       \
		v = builtin(p, v, __ATOMIC_SEQ_CST);                                                                   \
		hooks_made(p, (bits) / 8, HOOKS_MODIFY, mo, v);                                                        \
		return v;                                                                                              \
	}

/* Never weak: what fails without a reason would make runs differ. */
#define SWAP(bits, strength)                                                                                           \
	int __tsan_atomic##bits##_compare_exchange_##strength(                                                         \
		uint##bits##_t *p, uint##bits##_t *old, uint##bits##_t v, int mo, int fail);                           \
                                                                                                                       \
	int __tsan_atomic##bits##_compare_exchange_##strength(                                                         \
		uint##bits##_t *p, uint##bits##_t *old, uint##bits##_t v, int mo, int fail)                            \
	{                                                                                                              \
		TELL(bits, p, HOOKS_MODIFY, mo);                                                                       \
                                                                                                                       \
		const bool done = __atomic_compare_exchange_n(p, old, v, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);   \
                                                                                                                       \
		hooks_made(p, (bits) / 8, done ? HOOKS_MODIFY : HOOKS_MISS, done ? mo : fail, *old);                   \
		return done;                                                                                           \
	}

#define ATOMIC(bits)                                                                                                   \
	uint##bits##_t __tsan_atomic##bits##_load(const uint##bits##_t *p, int mo);                                    \
	void __tsan_atomic##bits##_store(uint##bits##_t *p, uint##bits##_t v, int mo);                                 \
                                                                                                                       \
	uint##bits##_t __tsan_atomic##bits##_load(const uint##bits##_t *p, int mo)                                     \
	{                                                                                                              \
		TELL(bits, p, HOOKS_LOAD, mo);                                                                         \
		return (uint##bits##_t)hooks_made(                                                                     \
			p, (bits) / 8, HOOKS_LOAD, mo, __atomic_load_n(p, __ATOMIC_SEQ_CST));                          \
	}                                                                                                              \
	void __tsan_atomic##bits##_store(uint##bits##_t *p, uint##bits##_t v, int mo)                                  \
	{                                                                                                              \
		TELL(bits, p, HOOKS_STORE, mo);                                                                        \
                                                                                                                       \
		const uint64_t before = __atomic_load_n(p, __ATOMIC_RELAXED);                                          \
                                                                                                                       \
		if (mo == __ATOMIC_SEQ_CST)                                                                            \
			__atomic_store_n(p, v, __ATOMIC_SEQ_CST);                                                      \
		else                                                                                                   \
			__atomic_store_n(p, v, __ATOMIC_RELEASE);                                                      \
		hooks_made(p, (bits) / 8, HOOKS_STORE, mo, before);                                                    \
	}                                                                                                              \
	MODIFY(bits, exchange, __atomic_exchange_n)                                                                    \
	MODIFY(bits, fetch_add, __atomic_fetch_add)                                                                    \
	MODIFY(bits, fetch_sub, __atomic_fetch_sub)                                                                    \
	MODIFY(bits, fetch_and, __atomic_fetch_and)                                                                    \
	MODIFY(bits, fetch_or, __atomic_fetch_or)                                                                      \
	SWAP(bits, strong)                                                                                             \
	SWAP(bits, weak)

ATOMIC(8)
ATOMIC(16)
ATOMIC(32)
ATOMIC(64)

/* One of the compiler's alone: nothing is made. */
void __tsan_atomic_signal_fence(int mo);

void
__tsan_atomic_signal_fence(int mo)
{
	(void)mo;
}
