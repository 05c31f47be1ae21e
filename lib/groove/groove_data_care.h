/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_DATA_CARE_H
#define GROOVE_DATA_CARE_H

/**
 * @file
 * Care of a groove: drain, counts, walk, recovery, rebuild, verify, dump. groove_data.h says which calls may run at the
 * same time.
 */

#include <stdio.h>

#include <groove_data_join.h>
#include <groove_szc.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Have a volume drained while others work: from now on memory is taken from elsewhere as long as there is some, and the
 * joins give back what they cache there, each at its next groove_data_tidy() or, at the latest, after some calls that
 * refill or empty its caches. As the objects in it are freed the volume becomes empty, and groove_data_volume_remove()
 * can have it. At most one volume is drained at a time; a later call names another. It ends when the volume has been
 * removed, and when an allocation finds no memory elsewhere: objects come before a volume's removal.
 *
 * Any join at any time.
 *
 * @param data
 *   A join.
 * @param volume
 *   Index of a volume in the groove, [0, volume_max); GROOVE_VOLUME_NONE ends the drain.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL, logged, nothing changed.
 */
int groove_data_volume_drain(groove_data_t *data, uint64_t volume);

/**
 * Give back what the groove wants back of this join: what it caches of a volume that is being drained. A program whose
 * memory is to shrink under load calls it now and then, say once in each turn of its main loop: it is one load as long
 * as nothing is wanted.
 *
 * @param data
 *   A join.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL, logged, for a bad join.
 */
int groove_data_tidy(groove_data_t *data);

/** Counts of one size class. */
typedef struct groove_data_szc_stats {
	uint64_t alloc_cnt;  /**< Objects allocated so far, with those that a bulk got and gave back as it failed. */
	uint64_t free_cnt;   /**< Objects freed so far, with the same. */
	uint64_t obj_cnt;    /**< Live objects. */
	uint64_t req_bytes;  /**< Bytes asked for by the live objects. */
	uint64_t slot_bytes; /**< Bytes of the live objects' slots. */
	uint64_t superblock_cnt; /**< Superblocks of this class. */
	uint64_t cached_cnt;	 /**< Free slots that joins cache. */
} groove_data_szc_stats_t;

/** Counts of a groove. */
typedef struct groove_data_stats {
	uint64_t join_cnt;				  /**< Joins now. */
	uint64_t volume_cnt;				  /**< Volumes in the groove. */
	uint64_t volume_empty_cnt;			  /**< Of these, empty ones. */
	groove_data_szc_stats_t total;			  /**< Sums over all classes. */
	groove_data_szc_stats_t szc[GROOVE_DATA_SZC_CNT]; /**< By class. */
} groove_data_stats_t;

/**
 * Read the counts, since the groove was made. Exact when the groove is idle, else each lags by the calls under way.
 *
 * @param data
 *   A join.
 * @param stats
 *   Receives the counts.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL, logged, for a NULL argument or a bad join.
 */
int groove_data_stats(const groove_data_t *data, groove_data_stats_t *stats);

/** Where the bytes of a volume are. The rest of it are its table, headers of superblocks, and tails. */
typedef struct groove_data_volume_stats {
	uint64_t used_bytes;	 /**< In slots of live objects, and in slots that joins cache. */
	uint64_t free_bytes;	 /**< In free slots, of all sizes; an empty volume: all but its table. */
	uint64_t superblock_cnt; /**< Superblocks. */
} groove_data_volume_stats_t;

/**
 * Read how full a volume is. Exact when the groove is idle, else each superblock is counted as it is at some moment of
 * the call. Reads the volume's table, 9/1024 of it; costs other joins nothing.
 *
 * @param data
 *   A join.
 * @param volume
 *   Address of a volume in the groove.
 * @param stats
 *   Receives the counts.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL, logged, for a NULL argument, a bad join, or what is no volume of this groove.
 */
int groove_data_volume_stats(groove_data_t *data, const groove_volume_t *volume, groove_data_volume_stats_t *stats);

/**
 * Which objects to walk: those whose tag and size class are both within their bounds. 0 is a bound like any other, so
 * set both highest ones: UINT64_MAX where there is no limit.
 */
typedef struct groove_data_walk_filter {
	uint64_t tag_min; /**< Lowest tag. */
	uint64_t tag_max; /**< Highest tag; below tag_min: no object. */
	uint64_t szc_min; /**< Lowest size class. */
	uint64_t szc_max; /**< Highest size class; below szc_min: no object. */
} groove_data_walk_filter_t;

/**
 * Called with each object. 0 goes on, anything else ends the walk. May free the object and make any other call but
 * groove_data_leave() and groove_data_recover(). As long as it runs no volume can be removed.
 */
typedef int (*groove_data_walk_fn)(void *arg, void *obj);

/**
 * Visit the live objects by ascending address, each once, while other joins run.
 *
 * An object that lives from the start of the walk to its end is visited, also when a bulk free that includes it is
 * refused meanwhile; one that is allocated or freed meanwhile may be. An object that another join is freeing in bulk at
 * that moment is not freed by this one: GROOVE_ERR_INVAL. If that join is dead, recovery frees it. So a program that
 * frees objects here, or relies on their bytes, must know that no other join frees them: for instance, because their
 * tags are those of a dead process.
 *
 * With a join of groove_data_join_readonly() it visits what groove_data_rebuild() would keep.
 *
 * @param data
 *   A join.
 * @param filter
 *   NULL: all objects.
 * @param fn
 *   Called with each object.
 * @param arg
 *   What fn is called with.
 * @return
 *   GROOVE_SUCCESS when all were visited; what fn returned to end the walk; GROOVE_ERR_INVAL, logged, for a bad
 *   argument; GROOVE_ERR_CORRUPT, logged: it met a damaged header.
 */
int groove_data_walk(groove_data_t *data, const groove_data_walk_filter_t *filter, groove_data_walk_fn fn, void *arg);

/**
 * Index of a join, [0, join_max): what identifies it to groove_data_recover().
 *
 * @param data
 *   A join.
 * @return
 *   The index.
 */
uint64_t groove_data_join_idx(const groove_data_t *data);

/**
 * Return what dead joins held, while others work: what they had cached, claimed, half allocated or half freed,
 * superblocks and volumes that they had taken; and give back their records. Live objects stay as they are, also one
 * that was allocated and not handed out yet: groove_data_walk() finds it by its tag. A bulk free that had begun is
 * finished for the objects that it had come to. The counters are exact afterwards, as far as joins are idle.
 *
 * Any join may call it, several at the same time, and one that dies in it is recovered as any other. It waits for
 * nobody. Reads every header about twice. When dead joins have all records, groove_data_join_recover() makes a join.
 *
 * @param data
 *   A join.
 * @param dead
 *   Says which joins are dead. It must be right: what a dead join has is taken from it. NULL: none is; what damage has
 *   put out of circulation is looked for, and what an earlier call had to leave.
 * @param arg
 *   What dead is called with.
 * @return
 *   GROOVE_SUCCESS: nothing of a dead join is left. GROOVE_ERR_AGAIN: something is, all else has been returned: a
 * living join is inside a call with the same superblock or volume in its hands, or another one is at the recovery of
 * the same join, or (logged) there is no memory to search with. Call again, with the same or another join. One that is
 * stopped at the recovery of a join keeps what that had cached and in its hands until it goes on or is dead itself, and
 * no more; so do not wait for GROOVE_SUCCESS without end. GROOVE_ERR_INVAL, logged, nothing changed, for a bad join;
 * GROOVE_ERR_CORRUPT, logged, when what is left is damaged.
 */
int groove_data_recover(groove_data_t *data, groove_data_dead_fn dead, void *arg);

/* ---- after a crash of the machine ---- */

/** Why an object could not be kept. */
enum groove_data_lost_why {
	GROOVE_DATA_LOST_UNREACHABLE, /**< A superblock that it lies in is not there: the page of its header is older.
				       */
	GROOVE_DATA_LOST_OVERLAPPED,  /**< Its header lies in the bytes of an object that was kept. */
};

/** An object that rebuild could not keep, as its header says. */
typedef struct groove_data_lost {
	uint64_t volume;	       /**< Volume that it was in. */
	uint64_t off;		       /**< Bytes from the start of the volume to its header. */
	uint64_t szc;		       /**< Its size class. */
	uint64_t align;		       /**< Its alignment. */
	uint64_t sz;		       /**< Its size, bytes. */
	uint64_t tag;		       /**< Its tag. */
	enum groove_data_lost_why why; /**< What is in the way. */
} groove_data_lost_t;

/** Called with each object that could not be kept, before its header is cleared; its bytes are there still. */
typedef void (*groove_data_lost_fn)(void *arg, const groove_data_lost_t *lost);

/** Asked for each volume: non-zero when it has memory, all of it readable and writable. */
typedef int (*groove_data_volume_fn)(void *arg, uint64_t volume);

/**
 * Make a groove good again whose memory may be torn: any page of the shared region and of the volumes may be older than
 * the next, or zeros. For a groove in a file after power loss or a crash of the kernel. No join and no reader may have
 * it open.
 *
 * Keeps each object to which an unbroken row of headers leads from the start of its volume, with its tag, size and
 * place; its bytes are as they were found, which only the application can judge. All else is made anew, and no two
 * objects that are kept overlap. Each object whose header is found elsewhere is reported: it was lost, or it was freed
 * or moved before the crash and the page is old. Reads all bytes of the volumes that have memory, once: the time is
 * bounded, whatever is in them. Counts of objects begin anew with those that are kept.
 *
 * When it is interrupted by the death of its process, or the machine's, rebuild again; what was reported before is not
 * reported again.
 *
 * @param shdata
 *   Shared region, groove_data_align()ed, of groove_data_footprint_cfg(cfg) bytes.
 * @param cfg
 *   What the groove was made with (NULL: the default).
 * @param volume0
 *   Address here of volume 0, aligned to GROOVE_VOLUME_ALIGN.
 * @param has_memory
 *   Which volumes there are, in the groove or not; NULL: all that the groove can have.
 * @param lost
 *   Called with each object that could not be kept, by ascending address; may be NULL.
 * @param arg
 *   For both.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL, logged, nothing changed: an argument is wrong, or the groove is one of a library
 *   with another layout.
 */
int groove_data_rebuild(void *shdata, const groove_data_cfg_t *cfg, void *volume0, groove_data_volume_fn has_memory,
	groove_data_lost_fn lost, void *arg);

/* ---- checking ---- */

/**
 * Check the whole state, without trusting any of it. Needs an idle groove.
 *
 * @param data
 *   A join.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL, logged, for a bad join; GROOVE_ERR_CORRUPT, the first damage logged with its
 *   place; GROOVE_ERR_AGAIN, logged: no memory to work with.
 */
int groove_data_verify(const groove_data_t *data);

/**
 * Check one volume, and the slots and lists as far as they lead into it. Volumes may be checked in parallel.
 *
 * @param data
 *   A join.
 * @param volume
 *   A volume of the groove.
 * @return
 *   As groove_data_verify(); also GROOVE_ERR_INVAL, logged, when volume is none of the groove's.
 */
int groove_data_volume_verify(const groove_data_t *data, const groove_volume_t *volume);

/**
 * Do a part of groove_data_verify(): check one volume, and count what is in it. All volumes, by as many threads as
 * there are joins, each with one of its own and counts of its own, and groove_data_verify_counts() with the sum check
 * what groove_data_verify() checks.
 *
 * @param data
 *   A join.
 * @param volume
 *   Index of a volume, [0, volume_max).
 * @param found
 *   To which what the headers of the volume show is added: obj_cnt, req_bytes, slot_bytes, superblock_cnt and
 *   cached_cnt, of each class and of total. The rest is left as it is.
 * @return
 *   As groove_data_volume_verify(), but GROOVE_ERR_EMPTY, silent, when the volume is not in the groove.
 */
int groove_data_verify_part(const groove_data_t *data, uint64_t volume, groove_data_stats_t *found);

/**
 * Compare what groove_data_verify_part() found in all volumes with the counters of the groove.
 *
 * @param data
 *   A join.
 * @param found
 *   The sum of all volumes.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_CORRUPT, logged: they differ; GROOVE_ERR_INVAL, logged, for a bad argument.
 */
int groove_data_verify_counts(const groove_data_t *data, const groove_data_stats_t *found);

/**
 * Write the state of an idle groove for people to read.
 *
 * @param file
 *   Where it is written to.
 * @param data
 *   A join.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL, logged, for a NULL argument or a bad join, or when file cannot be written.
 */
int groove_data_dump(FILE *file, const groove_data_t *data);

#ifdef __cplusplus
}
#endif

#endif /* GROOVE_DATA_CARE_H */
