/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef PERF_H
#define PERF_H

/**
 * @file
 * What workloads and allocators know of each other.
 *
 * A *job* is one repetition: one workload on one allocator, with a number of lcores. Each lcore is a *worker* with a
 * handle of the allocator. A workload is a file with its loops; they are compiled once for each *family*, that is for
 * each set of calls (calls_*.h), so that calls are direct, and inlined where the allocator's own header allows it. An
 * allocator is a file that gets memory for a family. workloads.c and allocators.c list them.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stress_draw.h"

#define PERF_ALIGN	   128 /**< Two cache lines: the adjacent-line prefetcher does not couple neighbours either. */
#define PERF_TEXT_MAX	   160 /**< Bytes of a line for people. */
#define PERF_NAME_MAX	   32  /**< Bytes of a version. */
#define PERF_BURST	   32  /**< Objects of a burst or a bulk. */
#define PERF_SZ_MIN	   8UL /**< Smallest object where sizes vary: rte_malloc makes none of 0 bytes. */
#define PERF_LATENCY_CALLS 2   /**< alloc, free */
#define PERF_VARIANT_MAX   24  /**< Bytes of the name of a variant. */
#define PERF_DRIFT_POINTS  64  /**< Of the picture of drift. */

/** Sets of calls. */
enum perf_family {
	PERF_GROOVE,
	PERF_LIBC,
	PERF_RTE_MALLOC,
	PERF_RTE_MEMPOOL,
	PERF_FAMILY_CNT,
};

/** Distributions of sizes for fill, in the order in which they are shown. */
enum perf_sizes {
	PERF_MAIN64K,
	PERF_MAIN10M,
	PERF_PACKETS,
	PERF_UNIFORM4K,
	PERF_UNIFORM64K,
	PERF_UNIFORM1M,
	PERF_SIZES_CNT,
};

/** What a workload measures. */
enum perf_kind {
	PERF_TIME,    /**< The time of a call. */
	PERF_APART,   /**< The time of an alloc, and that of a free. */
	PERF_LATENCY, /**< The time of each single call. */
	PERF_FILL,    /**< Shares of a bounded memory, and no time. */
	PERF_SHIFT,   /**< What comes back of it for another size. */
	PERF_DRIFT,   /**< How it fares while sizes change. */
};

/** One form of a workload. */
struct perf_variant {
	char name[PERF_VARIANT_MAX]; /**< Empty: the workload has only this one. */
	uint64_t sz;		     /**< Bytes of each object; 0: sizes vary. */
	uint64_t from_sz;	     /**< For shift: bytes of an object before, */
	uint64_t to_sz;		     /**< and after. */
	uint32_t n;		     /**< Objects at a time, or of which one is kept; 0: there is no such number. */
	uint32_t pool;		     /**< For mempool: which (pools.h), and rte_mempool alone has it; 0: none. */
	bool lifo;		     /**< The last that was allocated is freed first. */
	bool touch;		     /**< Each object is written to. */
};

/** One repetition. Goes to child processes as it is. */
struct perf_job {
	uint32_t workload;  /**< Index in the list of workloads. */
	uint32_t variant;   /**< Of the workload; for fill an enum perf_sizes. */
	uint32_t lcore_cnt; /**< Workers. */
	uint32_t bounded;   /**< Non-zero: the allocator has volume_cnt x volume_sz bytes and no more. */
	uint64_t fixed_sz;  /**< Of the variant: bytes of each object; 0: sizes vary, */
	uint64_t from_sz;   /**< for shift: bytes of an object before, */
	uint64_t to_sz;	    /**< and after, */
	uint32_t n;	    /**< objects at a time, or of which one is kept, */
	uint32_t pool;	    /**< which pool of mempool (pools.h), */
	bool lifo;	    /**< whether the last is freed first, */
	bool touch;	    /**< and whether objects are written to. */
	uint64_t sz_max;    /**< Largest object, bytes. */
	uint64_t seed;
	uint64_t rep_ns;  /**< How long to take the time. */
	uint64_t fill_ns; /**< How long a fill may take. */
	uint64_t turns;	  /**< Of drift. */
	uint64_t volume_sz;
	uint64_t volume_cnt;
};

static inline uint64_t
perf_capacity(const struct perf_job *job)
{
	return job->volume_sz * job->volume_cnt;
}

/** Latencies of one kind of call, ns. */
struct perf_latency {
	double mean;
	double p50;
	double p99;
	double p999;
	double p9999;
	double max;
};

/** What freed memory was good for. */
struct perf_shift {
	double freed;	  /**< Objects, */
	double made;	  /**< and those that came in. */
	double fit;	  /**< Objects that the freed slots have room for; 0: none, or not known. */
	double share;	  /**< Bytes that came in over bytes freed. */
	double share_fit; /**< made over fit. */
};

/** A point of a drift: what happened since the one before. */
struct perf_drift_point {
	double mean_sz; /**< Of the sizes drawn, bytes. */
	double share;	/**< Of the memory, that holds requested bytes. */
	double fulls;	/**< Allocs without memory. */
	double ns;	/**< Time of a call. */
};

/** How a memory fared while sizes changed. */
struct perf_drift {
	double fulls;	 /**< Allocs without memory, */
	double share;	 /**< and the mean share of the memory. */
	double ns_first; /**< Time of a call in the first wave of sizes, */
	double ns_last;	 /**< and in the last. */
	struct perf_drift_point points[PERF_DRIFT_POINTS];
};

/** What came of a job. Comes from child processes as it is. */
struct perf_result {
	uint32_t interrupted;		     /**< Non-zero: a signal came, the rest says nothing. */
	int32_t err;			     /**< GROOVE_SUCCESS, or what went wrong: */
	char error[PERF_TEXT_MAX];	     /**< in one line. */
	char version[PERF_NAME_MAX];	     /**< Of the allocator. */
	uint64_t page_sz;		     /**< Bytes of the pages its objects lie on; 0: not known. */
	uint32_t thp;			     /**< Non-zero: transparent hugepages among them. */
	int32_t node;			     /**< NUMA node its objects lie on; below 0: not known. */
	double ns_per_op;		     /**< Time of a call on one lcore: an alloc or a free of one object. */
	double apart_ns[PERF_LATENCY_CALLS]; /**< Of PERF_APART: that of an alloc, and of a free. */
	double cpu_share;		     /**< How much of the time the lcores really had their CPUs. */
	struct perf_latency latency[PERF_LATENCY_CALLS];
	double share_fresh; /**< For fill. 0: it took too long. */
	double share_churned;
	struct perf_shift shift;
	struct perf_drift drift; /**< All zeros: it took too long. */
};

struct perf_allocator;
struct perf_scene;

/** One lcore at work. */
struct perf_worker {
	unsigned int idx;
	void *handle; /**< Of the allocator; NULL where it needs none. */
	struct perf_scene *scene;
	void *mem; /**< The workload's, from its prepare step. */
	struct stress_rng rng;
	uint64_t ops;			    /**< Calls in the time taken, */
	uint64_t ns;			    /**< which was so long. */
	uint64_t ticks[PERF_LATENCY_CALLS]; /**< Of the TSC, in two parts of that time that the workload tells apart. */
	uint64_t cpu_ns;		    /**< Of that, on a CPU. */
} __attribute__((__aligned__(PERF_ALIGN)));

/** A job under way: what its workers share. */
struct perf_scene {
	const struct perf_job *job;
	const struct perf_allocator *allocator;
	struct perf_worker *workers; /**< lcore_cnt. */
	struct perf_result *result;
	void *shared;	 /**< The workload's, from set_up. */
	uint32_t failed; /**< Non-zero: some worker wrote the error of the result. */
	uint32_t arrived __attribute__((__aligned__(PERF_ALIGN))); /**< Barrier: workers there, */
	uint32_t phase;						   /**< and times all were. */
};

/** The calls of a family. All are static inline functions: a loop that is inlined with them calls directly. */
struct perf_calls {
	/** An object; NULL: no memory. */
	void *(*alloc)(struct perf_worker *worker, uint64_t sz);
	void (*free)(struct perf_worker *worker, void *obj);
	/** n objects of one size, all or none. False: no memory. */
	bool (*alloc_bulk)(struct perf_worker *worker, uint64_t sz, void **objs, unsigned int n);
	void (*free_bulk)(struct perf_worker *worker, void **objs, unsigned int n);
};

/** An allocator. */
struct perf_allocator {
	const char *name;
	enum perf_family family;
	const struct perf_calls *calls; /**< For what needs no speed. */
	const char *const *libraries;	/**< The first present takes the place of malloc in a child. NULL: no child. */
	const char *package;		/**< Debian's name of what holds it. */
	bool own_process;		/**< Its malloc is that of a whole process. */
	bool only_fixed;		/**< Makes objects of one size only. */
	void (*version)(char *buf, size_t buf_sz);
	/** Get memory for the jobs that follow. GROOVE_SUCCESS, or an error, printed. NULL: nothing to do. */
	int (*open)(const struct perf_job *job);
	/**
	 * Give it back. all_freed: no object is left, as far as its users know. GROOVE_SUCCESS; GROOVE_ERR_CORRUPT,
	 * printed: the allocator thinks otherwise, or is damaged. NULL: nothing to do.
	 */
	int (*close)(bool all_freed);
	/** Make and drop the calling worker's handle. False: none, perf_scene_fail() was called. NULL: needs none. */
	bool (*join)(struct perf_worker *worker);
	void (*leave)(struct perf_worker *worker);
	/** Called by each worker when its rounds begin of which the time is taken, and when they end. NULL: nobody
	 * looks. */
	void (*watch)(struct perf_worker *worker, bool begins);
	/** Bytes of the slot that an object lies in, and of the one that an object of a size needs. NULL: not known. */
	uint64_t (*slot_of)(const void *obj);
	uint64_t (*slot_for)(uint64_t sz);
	uint64_t slot_hdr; /**< Bytes of a slot that are lost when it is divided. */
	/** Take no more memory than so much from here on; 0: lift that. NULL: open saw to it. */
	bool (*limit)(uint64_t bytes);
};

/** A step of a workload on one worker, compiled for each family. */
typedef uint64_t (*perf_step_fn)(struct perf_worker *worker);

/** A workload. The steps are tables of a function per family; NULL where there is nothing to do. */
struct perf_workload {
	const char *name;
	const char *what;
	uint64_t fixed_sz;	/**< Bytes of each object, in all forms; 0: sizes vary, or the form has it. */
	unsigned int lcore_min; /**< 2: it takes two lcores, or any even number of them. */
	unsigned int lcore_max; /**< 0: any number. */
	bool on_request;	/**< Runs only when it is named. */
	bool any_lcore_cnt;	/**< With an lcore_min of 2: also an odd number from 3. */
	enum perf_kind kind;
	unsigned int variant_cnt; /**< Forms; 0: one, with objects of fixed_sz. */
	struct perf_variant (*variant)(uint32_t idx);
	/** Get what the workers share. False: perf_scene_fail() was called. NULL: nothing. */
	bool (*set_up)(struct perf_scene *scene);
	void (*tear_down)(struct perf_scene *scene);
	const perf_step_fn *prepare; /**< Before the time is taken. */
	const perf_step_fn *warmed;  /**< After rounds that do not count. */
	const perf_step_fn *round;   /**< Over and over while it is timed; returns how many calls it made. */
	const perf_step_fn *clean;   /**< After it: free all objects. */
	/** Read from the workers what is more than the time of a call. NULL: nothing. */
	void (*collect)(struct perf_scene *scene);
};

/* allocators.c, workloads.c */

extern const struct perf_allocator *const perf_allocators[];
extern const unsigned int perf_allocator_cnt;
extern const struct perf_allocator perf_groove; /**< What the others are compared to. */
extern const struct perf_allocator perf_groove_nocache;
extern const struct perf_allocator perf_rte_mempool; /**< The limit that a DPDK user knows. */
extern const struct perf_workload *const perf_workloads[];
extern const unsigned int perf_workload_cnt;

/** All lcores of so many that a workload can use; 0: there are too few. */
uint32_t perf_workload_lcores(const struct perf_workload *workload, uint32_t lcore_cnt);

/** Make a job one of a form of a workload. */
void perf_job_form(struct perf_job *job, uint32_t workload, uint32_t variant);

/* forms.c */

/** Whether a workload looks at a bounded memory that nobody has used. */
static inline bool
perf_is_bounded(const struct perf_workload *workload)
{
	return workload->kind >= PERF_FILL;
}

/** Forms that a workload has, at least 1. */
uint32_t perf_variant_cnt(const struct perf_workload *workload);

/** One of them. */
struct perf_variant perf_variant_of(const struct perf_workload *workload, uint32_t idx);

/** Whether a workload has so many forms that in tables a row is a form, and a column an allocator. */
bool perf_is_matrix(const struct perf_workload *workload);

/** Bytes of an object in tight, batch and bulk. */
#define PERF_FORM_SZ_CNT 6
extern const uint64_t perf_form_szs[PERF_FORM_SZ_CNT];

/* job.c */

/** Run a job on the tiles of this process. The allocator is open. What goes wrong is in the result. */
void perf_job_run(const struct perf_allocator *allocator, const struct perf_job *job, struct perf_result *result);

/* perf_scene.c */

/** Wait for all workers of the job. */
void perf_barrier(struct perf_worker *worker);

/** Whether some worker failed, so that nothing needs to be done any more. */
static inline bool
perf_failed(const struct perf_scene *scene)
{
	/* Relaxed: only a hint to stop; the error is read when all workers have ended. */
	return __atomic_load_n(&scene->failed, __ATOMIC_RELAXED) != 0;
}

/** End the job with an error. The first one stays. */
void perf_scene_fail(struct perf_scene *scene, int err, const char *fmt, ...)
	__attribute__((__format__(__printf__, 3, 4), __cold__));

/** The same, for want of memory for an object. Returns 0: no call was made. */
uint64_t perf_no_memory(struct perf_worker *worker, uint64_t sz) __attribute__((__cold__));

/* room.c */

/** Zeroed memory from the kernel, so that no allocator under test has a hand in it. NULL: none. */
void *perf_room(uint64_t sz);
void perf_room_back(void *mem, uint64_t sz);

/* place.c */

/** Read the page size and the NUMA node of an object's memory into the result. */
void perf_place_read(const void *obj, struct perf_result *result);

#endif /* PERF_H */
