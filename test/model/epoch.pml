/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * Grace periods (lib/groove/engine/epoch.h, epoch.c) and the way of a volume out of the groove and back (volume.c,
 * volume_add_remove.c), for Spin.
 *
 * Joins make these calls in any order: look at what the active slot leads to; take the volume from the pool, make it
 * active, withdraw it and give it back; remove it; add it again. One that has read the slot may touch the volume at any
 * time until it leaves its epoch. Meanwhile the volume must not be out of the groove, when it is its new owner's.
 *
 * Every access is one step and orders are sequentially consistent: why weaker ones suffice is the argument in the
 * programmer's guide, "Grace periods". Retries of swaps that fail are left out where the call may as well give up.
 *
 * Set by run_spin.py, with -D: JOINS; GRACE, epochs, from epoch.h; EPOCH_MAX, at which the epoch stands still.
 */

mtype = {OUT, ADDING, EMPTY, USED, RETIRED, REMOVING};

byte epoch = 1;
byte record[JOINS]; /* epoch that the join is in; 0: none */
mtype state = EMPTY; /* of the volume */
byte retired;	     /* in which epoch */
bool pooled = true;  /* the pool's head leads to the volume */
bool in_slot;	     /* the active slot does */

inline epoch_enter()
{
	now_epoch = epoch;
	record[me] = now_epoch
}

inline epoch_leave()
{
	record[me] = 0;
	now_epoch = 0
}

/* A compare-and-swap of the volume's state, and epoch of its retirement. */
inline state_swap(old, old_retired, new, new_retired)
{
	d_step {
		done = state == old && retired == old_retired;
		if
		:: done ->
			state = new;
			retired = new_retired
		:: else
		fi
	}
}

/* The pool has one volume at most, and only the join that took it out may put it in: no tag is needed. */
inline pool_pop()
{
	d_step {
		done = pooled;
		pooled = false
	}
}

inline touch()
{
	assert(state != OUT && state != ADDING && state != REMOVING)
}

proctype join(byte me)
{
	byte now_epoch;
	byte stamp;
	byte i;
	byte advances;
	bool done;
	bool seen;

idle:
	atomic {
		i = 0; advances = 0; stamp = 0; done = false; seen = false;
		if
		:: goto look
		:: goto use
		:: goto remove
		:: goto add
		:: goto unretire
		fi
	};

look:
	epoch_enter();
	seen = in_slot;
	if
	:: seen -> touch()
	:: else
	fi;
	seen = false;
	epoch_leave();
	goto idle;

use:
	epoch_enter();
	pool_pop();
	if
	:: done ->
		state = USED;
		touch();
		in_slot = true;
		touch();
		in_slot = false;
		touch();
		state_swap(USED, 0, EMPTY, 0);
		assert(done);
		pooled = true
	:: else
	fi;
	epoch_leave();
	goto idle;

remove: /* retired_find(), retire_one() */
	if
	:: state == RETIRED -> goto grace
	:: else
	fi;
	epoch_enter();
	pool_pop();
	if
	:: done ->
		stamp = epoch;
		state_swap(EMPTY, 0, RETIRED, stamp);
		assert(done)
	:: else
	fi;
	epoch_leave();
grace:
	atomic {
		if
		:: state != RETIRED -> goto idle
		:: else -> stamp = retired
		fi
	};
advance:
	if
	:: epoch >= stamp + GRACE -> goto out
	:: else
	fi;
	if
	:: advances == GRACE -> goto idle
	:: else
	fi;
	advances++;
	now_epoch = epoch; /* epoch_advance() */
	i = 0;
	do
	:: i < JOINS ->
		if
		:: record[i] != 0 && record[i] != now_epoch -> goto idle
		:: else -> i++
		fi
	:: else ->
		break
	od;
	i = 0;
	d_step {
		if
		:: epoch == now_epoch && epoch < EPOCH_MAX -> epoch++
		:: else
		fi;
		now_epoch = 0
	};
	goto advance;
out: /* pool_out() */
	state_swap(RETIRED, stamp, REMOVING, 0);
	if
	:: done -> state = OUT
	:: else
	fi;
	goto idle;

add:
	epoch_enter();
	state_swap(OUT, 0, ADDING, 0);
	if
	:: done ->
		state = EMPTY;
		pooled = true
	:: else
	fi;
	epoch_leave();
	goto idle;

unretire:
	atomic {
		if
		:: state == RETIRED -> stamp = retired
		:: else -> goto idle
		fi
	};
	state_swap(RETIRED, stamp, EMPTY, 0);
	if
	:: done -> pooled = true
	:: else
	fi;
	goto idle
}

init
{
	atomic {
		byte j = 0;
		do
		:: j < JOINS ->
			run join(j);
			j++
		:: else ->
			break
		od;
		j = 0
	}
}
