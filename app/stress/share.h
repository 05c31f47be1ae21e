/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef STRESS_SHARE_H
#define STRESS_SHARE_H

/**
 * @file
 * A groove with a name, in which several processes run the loop. They find the slot table (table.h) by a root word of
 * the region:
 *
 *     root word 7    handle of the slot table; 0: there is none
 *     root word 6    1: a process of this program made the groove, so the last to leave destroys it
 *
 * Each has a join for as long as it takes part, and the seat of that join. Coming and going is one process's at a time
 * (gate.h), so the process that leaves and sees no other living one is the last.
 */

#include <stdbool.h>

#include <groove_region.h>

#include "stress_loop.h"

struct stress_run;

/** This process's part in a shared groove. */
struct stress_share {
	struct stress_table *table; /**< NULL: not a shared groove, or not in it. */
	groove_data_t join;	    /**< For as long as it takes part. */
	bool joined;		    /**< That has been made. */
	struct stress_seat *seat;   /**< NULL: it takes no part. */
	unsigned int others;	    /**< Processes there when it came, or when it goes. */
	int gate;		    /**< Held while it comes or goes; -1: not held. */
	bool made;		    /**< It made the groove. */
	bool table_made;	    /**< It made the table. */
	bool last;		    /**< When it goes: nobody else is there. */
	bool ended;		    /**< It has left. */
	unsigned int dead_cnt;	    /**< Dead joins found during the loop, and not reported yet. */
	bool not_recovered;	    /**< That failed; it is not tried again. */
	bool destroy;		    /**< The groove goes with it. */
};

/* share.c */

/** Whether there is a groove of the options' name: 1; 0; an error, printed. */
int stress_share_is_there(const struct stress_options *options);

/**
 * Come to the groove of the run's name: attach it or make it, find or make the slot table, and have the settings of the
 * groove in the run's options. Returns GROOVE_SUCCESS, or an error of which the reason was printed; nothing is changed
 * then, once stress_share_give_up() and stress_share_close() were called.
 */
int stress_share_enter(struct stress_run *run);

/** Take part: be seen by the others, which may come and go from here on. When the run's loop is ready. */
void stress_share_take_part(struct stress_run *run);

/** What the loop needs besides. */
struct stress_shared stress_share_calls(struct stress_run *run);

/** Print where it came to. */
void stress_show_share(const struct stress_run *run);

/* settings.c */

/** Have the settings of the region, and of the table or their defaults, in the run's options. GROOVE_SUCCESS;
 * GROOVE_ERR_INVAL: another was asked for; GROOVE_ERR_KEY: no such CPU. Printed. */
int stress_settings_region(struct stress_run *run);
int stress_settings_table(struct stress_run *run);

/* share_end.c */

/**
 * Now and then during the loop, by one thread: return what processes that died held, but for the slots that they had
 * locked. Reports how much, and counts errors.
 */
void stress_share_look_after(struct stress_run *run);

/** Begin to go: no other process comes or goes until stress_share_leave(). Returns whether this is the last. */
void stress_share_begin_end(struct stress_run *run);

/** Of the last, before verify: return what processes that died held. Counts errors. */
void stress_share_settle(struct stress_run *run);

/** Of the last, at the end: free the table, see that nothing is left, and empty the groove if it was made here. */
void stress_share_clear(struct stress_run *run);

/** Take part no more. */
void stress_share_leave(struct stress_run *run);

/** Undo stress_share_enter(), whether it got through or not. */
void stress_share_give_up(struct stress_run *run);

/** When the region is detached: the last destroys it if it was made here, and the gate opens. */
void stress_share_close(struct stress_run *run);

#endif /* STRESS_SHARE_H */
