/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef STRESS_HOOK_H
#define STRESS_HOOK_H

/**
 * @file
 * Included before app/stress/object.c: its calls of groove go through the test, which can have an accessor say
 * something wrong, or a call fail.
 */

#include <groove.h>

/** What is added to what the accessors say, and to where alloc says that the object is. */
struct stress_hook {
	int64_t align;
	int64_t sz;
	int64_t tag;
	int64_t start;
	int64_t stop;
	int64_t obj;
	unsigned int full_cnt;	/**< The next so many allocs say FULL. */
	int alloc_err;		/**< And then this one, once; 0: none. */
	int free_err;		/**< What free says, without having done it; 0: as it is. */
	unsigned int alloc_cnt; /**< Allocs asked for. */
	void (*on_alloc)(void); /**< Called before each; NULL: nobody. */
};
extern struct stress_hook stress_hook;

static inline uint64_t
stress_hook_align(const void *obj)
{
	return groove_data_alloc_align(obj) + (uint64_t)stress_hook.align;
}

static inline uint64_t
stress_hook_sz(const void *obj)
{
	return groove_data_alloc_sz(obj) + (uint64_t)stress_hook.sz;
}

static inline uint64_t
stress_hook_tag(const void *obj)
{
	return groove_data_alloc_tag(obj) + (uint64_t)stress_hook.tag;
}

static inline const void *
stress_hook_start(const void *obj)
{
	return (const uint8_t *)groove_data_alloc_start_const(obj) + stress_hook.start;
}

static inline const void *
stress_hook_stop(const void *obj)
{
	return (const uint8_t *)groove_data_alloc_stop_const(obj) + stress_hook.stop;
}

static inline void *
stress_hook_alloc(groove_data_t *data, uint64_t align, uint64_t sz, uint64_t tag, int *err)
{
	uint8_t *obj;

	if (stress_hook.on_alloc != NULL)
		stress_hook.on_alloc();
	stress_hook.alloc_cnt++;
	*err = stress_hook.full_cnt > 0 ? GROOVE_ERR_FULL : stress_hook.alloc_err;
	if (stress_hook.full_cnt > 0)
		stress_hook.full_cnt--;
	else
		stress_hook.alloc_err = 0;
	if (*err != GROOVE_SUCCESS)
		return NULL;
	obj = groove_data_alloc(data, align, sz, tag, err);
	return obj != NULL ? obj + stress_hook.obj : NULL;
}

static inline int
stress_hook_free(groove_data_t *data, void *obj)
{
	return stress_hook.free_err != 0 ? stress_hook.free_err : groove_data_free(data, obj);
}

#define groove_data_alloc_align(obj)		     stress_hook_align(obj)
#define groove_data_alloc_sz(obj)		     stress_hook_sz(obj)
#define groove_data_alloc_tag(obj)		     stress_hook_tag(obj)
#define groove_data_alloc_start_const(obj)	     stress_hook_start(obj)
#define groove_data_alloc_stop_const(obj)	     stress_hook_stop(obj)
#define groove_data_alloc(data, align, sz, tag, err) stress_hook_alloc(data, align, sz, tag, err)
#define groove_data_free(data, obj)		     stress_hook_free(data, obj)

#endif /* STRESS_HOOK_H */
