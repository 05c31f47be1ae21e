/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * The circulation of superblocks (lib/groove/engine/superblock_*.c) and the pool of volumes (pool.c), for Spin.
 *
 * Joins allocate, free and trim, in any order and, unless TURNS bounds it, without end; each access to shared memory is
 * one step, and Spin tries every order of all steps. What the code would log as corrupt is an assertion here. Whenever
 * no join is in a call everything must be in its one place, and when all have stopped, have freed all objects and one
 * trim was made, every volume must be in the pool.
 *
 * The model cannot drift from the words: it has none of its own. The transitions are those of sb_word.h, compiled into
 * the verifier; each word is made, handed to the function and taken apart again, and its change counter must have moved
 * on by one. The tag of heads is that of list.h: as long as each change of a head gives it a new one, a
 * compare-and-swap succeeds only if nobody changed the head since it was read, which is what "linked" below says, for
 * tags that never come round. Should list.h keep a tag, heads are compared by value, and Spin finds what comes of it.
 *
 * Labels are the functions of superblock_claim.c, superblock_return.c and superblock_trim.c; those of the lists and active
 * slots without their "sb_". A return address names the caller where there are several.
 * Limits of this model: see the programmer's guide, "How it is tested".
 *
 * Set by run_spin.py, with -D: JOINS; VOLUMES; GROUPS, of slots and lists; CLASSES, 1: superblocks of ROOT fill
 * volumes, 2: a class is nested in its slots, 3: two are; DRAIN, 1: a volume may be drained; WANT, most slots of a
 * claim; TURNS, calls of each join, 0: any number; TURNS_FIRST, those of the first join, FIRST_ALLOCS, 1: which does
 * nothing but allocate; DEATHS, 1: the second join may die at any step, and the first does nothing but recover;
 * BEGINS, by bits, what has been before (init).
 */

c_decl {
\#include "list.h"
\#include "sb_word.h"
}

#define SLOTS   2 /* of each superblock */
#if CLASSES > 1
#define ENTRIES (VOLUMES + VOLUMES * SLOTS)
#else
#define ENTRIES VOLUMES
#endif
#define ALL     ((1 << SLOTS) - 1)

/* Classes. */
#define ROOT 0

/* Entries: of the superblock in a volume, and of what is in each slot of that one. */
#define CHILD(root, slot) (VOLUMES + (root) * SLOTS + (slot))
#define PARENT(e)	  (((e) - VOLUMES) / SLOTS)
#define PARENT_SLOT(e)	  (((e) - VOLUMES) % SLOTS)
#define IS_ROOT(e)	  ((e) < VOLUMES)

/* Headers: of each slot, and of each volume's only slot. Memory of a superblock begins with one of these. */
#define SLOT_HDR(e, slot) ((e) * SLOTS + (slot))
#define MEMORY_HDR(e)	  (IS_ROOT(e) -> ENTRIES * SLOTS + (e) : (e) - VOLUMES)
#define HDRS		  (ENTRIES * SLOTS + VOLUMES)

/* Heads: of each class the slots of its groups, and its lists: those of its groups, the one aside, the drained. */
#define LISTS	     (GROUPS + 1 + DRAIN)
#define ACTIVE(c, g) ((c) * (GROUPS + LISTS) + (g))
#define LIST(c, l)   ((c) * (GROUPS + LISTS) + GROUPS + (l))
#define ASIDE	     GROUPS
#define DRAINED	     (GROUPS + 1)
#define POOL	     (CLASSES * (GROUPS + LISTS))
#define HEADS	     (POOL + 1)

/* Transitions of sb_word.h. */
#define BIRTH	    0
#define CLAIM	    1
#define CLAIM_HELD  2
#define INSTALL	    3
#define WITHDRAW    4
#define SHELVE	    5
#define UNSHELVE    6
#define CLAIM_TAKEN 7
#define PUT	    8
#define DISSOLVE    9
#define BURY	    10
#define TOUCH	    11
#define ADOPT	    12

/* What a header says. */
#define HDR_FREE       0
#define HDR_OBJECT     1
#define HDR_SUPERBLOCK 2

/* ---- shared memory ---- */

byte place[ENTRIES]; /* with free: the word */
byte free[ENTRIES];
byte next[ENTRIES]; /* entry plus 1 */
byte id[ENTRIES];   /* class plus 1; 0: none */
byte hdr[HDRS];
byte first[HEADS]; /* entry plus 1, or volume plus 1 */
byte pool_next[VOLUMES];
bool used[VOLUMES];

/* ---- what the model watches ---- */

short linked[JOINS];	    /* bit h: head h has not changed since the join read it */
byte out[ENTRIES * SLOTS]; /* slot was claimed, not put */
byte busy;		    /* joins in a call */
byte stopped;		    /* joins that call no more */

#if DEATHS
#define HOLDS 2 /* names of a join that works */

#define NAME_ENTRY(e)  ((e) + 1)
#define NAME_VOLUME(v) (ENTRIES + (v) + 1)

byte hold[JOINS * HOLDS]; /* names in the records; that of the recovering join, which nobody looks at, has none */

/* The join that dies, and what it was doing: nothing, a call, nothing any more. */
#define MORTAL	 1
#define IDLE	 0
#define CALLING	 1
#define STOPPED	 2
byte mortal;
bool dead;

byte word_same;	  /* entry plus 1, of which the word is as recovery has read it */
byte volume_same; /* volume plus 1, of which the state is */
bool alone;	  /* no other has been in a call since recovery looked at a name */
#endif

/* Arguments and results of C functions, within one d_step; 0 outside of it. */
byte arg_transition;
byte arg_entry;
byte arg_bits;
byte res_done;	 /* the transition was made; what was asked is true */
byte res_before; /* place */
byte res_place;	 /* after, or of the word that was refused */
byte res_mask;
byte res_fault; /* a slot in two hands, or a counter that stands still */
byte scan;

byte tagged; /* heads are */

c_code {
static const sb_transition transitions[] = {
	[BIRTH] = sb_birth,
	[CLAIM] = sb_claim,
	[CLAIM_HELD] = sb_claim_held,
	[INSTALL] = sb_install,
	[WITHDRAW] = sb_withdraw,
	[SHELVE] = sb_shelve,
	[UNSHELVE] = sb_unshelve,
	[CLAIM_TAKEN] = sb_claim_taken,
	[PUT] = sb_put,
	[DISSOLVE] = sb_dissolve,
	[BURY] = sb_bury,
	[TOUCH] = sb_touch,
	[ADOPT] = sb_adopt,
};

/* Apply a transition of sb_word.h to the word of an entry, and watch which thread has the slots. */
static void
word_update(unsigned char *place, unsigned char *free, unsigned char *out)
{
	const uint64_t changes = SB_CHANGES_MASK; /* the counter wraps */
	const uint64_t before = (uint64_t)place[now.arg_entry] << SB_PLACE_SHIFT | changes | free[now.arg_entry];
	struct sb_step step = {.cnt = SLOTS, .want = now.arg_bits, .mask = now.arg_bits};
	uint64_t word = before;
	uint64_t moved;

	now.res_before = (unsigned char)sb_word_place(before);
	now.res_done = transitions[now.arg_transition](&word, &step);
	now.res_fault = now.res_done ? (word & SB_CHANGES_MASK) != 0 : word != before;
	now.res_place = (unsigned char)sb_word_place(word);
	moved = now.res_done ? sb_word_free(before) ^ sb_word_free(word) : 0;
	now.res_mask = (unsigned char)step.mask;
	place[now.arg_entry] = now.res_place;
#if DEATHS
	/* By the counter of changes, which never comes round. */
	if (((word ^ before) & SB_CHANGES_MASK) != 0 && now.word_same == now.arg_entry + 1)
		now.word_same = 0;
#endif
	free[now.arg_entry] = (unsigned char)sb_word_free(word);
	for (unsigned int i = 0; i < SLOTS; i++) {
		unsigned char *slot_out = &out[now.arg_entry * SLOTS + i];
		const int claims = now.arg_transition == CLAIM || now.arg_transition == CLAIM_HELD ||
				   now.arg_transition == CLAIM_TAKEN;

		if ((moved >> i & 1) == 0)
			continue;
		/* claimed: nobody has it; put: somebody has; born or dissolved: nobody has any */
		now.res_fault |= *slot_out != (now.arg_transition == PUT);
		*slot_out = (unsigned char)claims;
	}
}

/* Where an entry is found: how often in the heads of its class that its place says, and in any. */
static void
count_in_heads(unsigned int entry, unsigned int *right, unsigned int *any)
{
	for (unsigned int h = 0; h < POOL; h++) {
		const unsigned int lists = h % (GROUPS + LISTS) >= GROUPS;
		unsigned int at = now.first[h];

		for (unsigned int i = 0; at != 0 && i < ENTRIES + 1; i++) {
			if (at - 1 == entry) {
				*any += 1;
				*right += h / (GROUPS + LISTS) + 1 == now.id[entry] &&
					  now.place[entry] == (lists ? SB_LISTED : SB_ACTIVE);
			}
			at = lists ? now.next[at - 1] : 0;
		}
	}
}

static int
slots_are_right(unsigned int entry)
{
	for (unsigned int i = 0; i < SLOTS; i++) {
		const unsigned int header = now.hdr[SLOT_HDR(entry, i)];
		const int is_free = now.free[entry] >> i & 1;

		if (now.out[entry * SLOTS + i] == is_free || (is_free && header != HDR_FREE) ||
			(!is_free && header == HDR_FREE))
			return 0;
	}
	return 1;
}

static int
memory_is_taken(unsigned int entry)
{
	return now.hdr[entry < VOLUMES ? ENTRIES * SLOTS + entry : entry - VOLUMES] == HDR_SUPERBLOCK &&
	       (entry < VOLUMES ? now.used[entry] : now.out[entry - VOLUMES]);
}

/* No join is in a call: each superblock is in its one place, each slot is free or an object or a superblock. */
static int
all_in_place(void)
{
	for (unsigned int e = 0; e < ENTRIES; e++) {
		const unsigned int where = now.place[e];
		unsigned int right = 0;
		unsigned int any = 0;

		count_in_heads(e, &right, &any);
		if (where == SB_HELD || where == SB_RETURNING)
			return 0;
		if (where == SB_NONE && any == 0)
			continue;
		if (where == SB_FULL ? any != 0 || now.free[e] != 0 : any != 1 || right != 1)
			return 0;
		if (!memory_is_taken(e) || !slots_are_right(e))
			return 0;
	}
	return 1;
}

/* Superblocks of a class. */
static unsigned int
superblock_cnt(unsigned int szc)
{
	unsigned int cnt = 0;

	for (unsigned int e = 0; e < ENTRIES; e++)
		cnt += now.place[e] != SB_NONE && now.id[e] == szc + 1;
	return cnt;
}

/* Volumes in the pool, each once and empty; 255 when it is no list. */
static unsigned int
pool_cnt(void)
{
	unsigned int cnt = 0;

	for (unsigned int at = now.first[POOL]; at != 0; at = now.pool_next[at - 1])
		if (++cnt > VOLUMES || now.used[at - 1] || now.place[at - 1] != SB_NONE)
			return 255;
	return cnt;
}

static int
volumes_in_place(void)
{
	unsigned int used_cnt = 0;

	for (unsigned int v = 0; v < VOLUMES; v++)
		used_cnt += now.used[v];
	return pool_cnt() + used_cnt == VOLUMES;
}

/* Whether a change of a head gives it a tag that it did not have. */
static int
heads_are_tagged(void)
{
	const uint64_t head = 7UL << 32 | 1;

	return list_head_next(head, 1) != head && list_head_first(list_head_next(head, 2)) == 2;
}
}

/* ---- accesses ---- */

/* Within a d_step. bits: claim: how many; put: the slots. place_now: after it, or of the word that was refused. */
inline apply(transition, entry, bits)
{
	arg_transition = transition;
	arg_entry = entry;
	arg_bits = bits;
	c_code { word_update(now.place, now.free, now.out); };
	assert(!res_fault);
	done = res_done;
	place_before = res_before;
	place_now = res_place;
	all_free = free[entry] == ALL;
	taken = (done -> res_mask : 0);
	arg_transition = 0;
	arg_entry = 0;
	arg_bits = 0;
	res_done = 0;
	res_before = 0;
	res_place = 0;
	res_mask = 0
}

inline update(transition, entry, bits)
{
	d_step {
		apply(transition, entry, bits)
	}
}

/* What nothing can keep a join from: it holds the superblock, or has the slots. */
inline move(transition, entry, bits)
{
	d_step {
		apply(transition, entry, bits);
		assert(done)
	}
}

/* What a join holds (hold.h). */
#if DEATHS
inline hold_push(name)
{
	atomic {
		assert(holds < HOLDS);
		hold[me * HOLDS + holds] = (me != 0 -> name : 0);
		holds = holds + (me != 0)
	}
}

inline hold_drop()
{
	atomic {
		assert(me == 0 || holds > 0);
		holds = holds - (me != 0);
		hold[me * HOLDS + holds] = 0
	}
}

#define HOLD_ENTRY(e)  hold_push(NAME_ENTRY(e));
#define HOLD_VOLUME(v) hold_push(NAME_VOLUME(v));
#define HOLD_DROP      hold_drop();
/* hold_keep_last() of two */
#define HOLD_KEEP_LAST                                                                                                 \
	assert(holds == 2);                                                                                            \
	hold[me * HOLDS] = hold[me * HOLDS + 1];                                                                       \
	hold_drop();
#define VOLUME_CHANGED(v) volume_same = (volume_same == (v) + 1 -> 0 : volume_same)
#else
#define HOLD_ENTRY(e)
#define HOLD_VOLUME(v)
#define HOLD_DROP
#define HOLD_KEEP_LAST
#define VOLUME_CHANGED(v) true
#endif

inline volume_use(v, yes)
{
	d_step {
		assert(used[v] != yes);
		used[v] = yes;
		VOLUME_CHANGED(v)
	}
}

inline forget()
{
	done = false;
	place_before = 0;
	place_now = 0;
	all_free = false;
	taken = 0;
	head = 0;
	link = 0
}

inline head_load(h, to)
{
	d_step {
		to = first[h];
		linked[me] = linked[me] | (1 << (h))
	}
}

/* done, or what is there now, in seen. */
inline head_swap(h, seen, new, done)
{
	d_step {
		if
		:: (tagged && (linked[me] & (1 << (h)))) || (!tagged && first[h] == seen) ->
			first[h] = new;
			done = true;
			scan = 0;
			do
			:: scan < JOINS ->
				linked[scan] = linked[scan] & ~(1 << (h));
				scan++
			:: else ->
				break
			od
		:: else ->
			done = false;
			seen = first[h];
			linked[me] = linked[me] | (1 << (h))
		fi;
		scan = 0
	}
}

#define OWN (me % GROUPS) /* the join's group */

/*
 * drain_has(). The name of the volume that is drained is a hint that may be as old as can be: nothing that must hold may
 * depend on it, so each look may find either.
 */
inline drain_ask(yes)
{
	if
	:: yes = false
	:: DRAIN -> yes = true
	fi
}

/* list_home() */
inline list_home(to)
{
	if
	:: to = OWN
	:: DRAIN -> to = DRAINED
	fi
}

/* ---- a join ---- */

/* Return addresses. */
#define TO_PUT	   1 /* of settle, insert: from put */
#define TO_FIRST   2 /* of settle: from list_settle_first */
#define TO_INSTALL 3 /* of settle: from slot_install, slot_insert */
#define TO_CLEAR   4 /* of settle: from slot_clear */
#define TO_SIFT	   5 /* of settle, insert: from list_sift */
#define TO_SETTLE  6 /* of put, insert: from settle */
#define TO_UNDO	   7 /* of put: from claim_undo */
#define TO_FREE	   8 /* of put: from a free */
#define TO_KEPT	   9 /* of settle: from list_pop_kept */
#define TO_PLACE   10 /* of settle: from place_recover */
#define TO_SLOTS   11 /* of put: from slots_recover */
#define TO_VOLUME  12 /* of settle: from volume_recover */

#define VOLUME_IS_USED 1

/* Where a look through the names goes on. */
#define LOOK_PLACE  1
#define LOOK_AGAIN  2
#define LOOK_SLOTS  3
#define LOOK_PUT    4
#define LOOK_VOLUME 5
#define LOOK_LAST   6

#define MY_TURNS     (me == 0 -> TURNS_FIRST : TURNS)
#define TAKE	     (1 + (class == top) * (want - 1)) /* slots to claim: memory is one slot */
#define LEVEL	     (IS_ROOT(x) -> 0 : 1)
#define SETTLE_CLASS (IS_ROOT(x) -> ROOT : nested)

#if DEATHS
#define WHILE_ALIVE provided (!(dead && _pid == MORTAL + 1)) /* init is process 0 */
#else
#define WHILE_ALIVE
#endif

proctype join(byte me) WHILE_ALIVE
{
	byte turns;   /* calls so far */
	bool last;    /* to stop: it frees all objects */
	byte top;     /* class that is asked for */
	byte want;    /* slots */
	byte class;   /* that is claimed from: top, or that of its memory */
	byte group;   /* whose slot, or which list, is looked at */
	bool foreign; /* in claim_foreign */
	bool again;   /* after slot_install, claim again */
	bool done;	   /* of the last compare-and-swap, of the last transition: */
	byte place_before;
	byte place_now;
	bool all_free;
	byte taken;
	byte at;     /* claim, trim: entry plus 1 */
	byte got;    /* claim: slots */
	byte head;   /* what a head was */
	byte link;   /* what a link was */
	byte x;	     /* put, settle: entry */
	byte mask;   /* put: slots */
	byte nested; /* put, settle: class of what is no root */
	byte to;     /* insert: which list */
	byte looked; /* list_pop_any: lists so far */
	byte left;   /* list_sift, by the last of all: superblocks to look at, at most */
	/* return addresses, and settle_first's list, by level: a nested superblock's slot is put while it is settled */
	byte from_put[2];
	byte from_settle[2];
	byte from_insert;
	byte first_list[2];
#if DEATHS
	byte holds; /* names */
	byte walk;  /* recovery: entries to look at before the names */
	byte h;	    /* names of the dead join that are left */
	byte thing; /* entry or volume that is named */
	byte look;  /* where a look through the names goes on */
	byte name;  /* that is looked for */
	bool there; /* it is where it should be */
	bool second; /* superblock_in_list: the list aside was looked through before the others */
#endif

idle:
	atomic {
		linked[me] = 0;
		class = 0; group = 0; foreign = false; again = false; done = false;
		at = 0; got = 0; head = 0; link = 0; x = 0; mask = 0; nested = 0; top = 0; want = 0;
		to = 0; looked = 0; left = 0;
		from_put[0] = 0; from_put[1] = 0; from_settle[0] = 0; from_settle[1] = 0; from_insert = 0;
		first_list[0] = 0; first_list[1] = 0;
		if
		:: busy == 0 ->
			d_step {
				c_code { now.res_done = all_in_place() && volumes_in_place(); };
				assert(res_done);
				res_done = 0
			}
		:: else
		fi;
		if
		:: last -> goto free_all
		:: else
		fi;
		if
		:: !TURNS || turns < MY_TURNS ->
			if
			:: TURNS -> turns++
			:: else
			fi;
			busy++;
#if DEATHS
			alone = alone && me == MORTAL;
			if
			:: me == MORTAL -> mortal = CALLING
			:: me == 0 -> goto recover
			:: else
			fi;
#endif
			if
			:: goto alloc
			:: me != 0 || !FIRST_ALLOCS -> goto free_object
			:: me != 0 || !FIRST_ALLOCS -> goto trim
			fi
		:: !TURNS || turns == MY_TURNS ->
			turns = 0;
#if DEATHS
			mortal = (me == MORTAL -> STOPPED : mortal);
#endif
			stopped++;
			if
			:: stopped == JOINS ->
				last = true;
				goto free_all
			:: else ->
				goto end
			fi
		fi
	};

	/* ---- the end ---- */
free_all:
	atomic {
		busy++;
		x = 0;
		do
		:: x < ENTRIES && (hdr[SLOT_HDR(x, 0)] == HDR_OBJECT || hdr[SLOT_HDR(x, 1)] == HDR_OBJECT) ->
			goto free_object
		:: x < ENTRIES && !(hdr[SLOT_HDR(x, 0)] == HDR_OBJECT || hdr[SLOT_HDR(x, 1)] == HDR_OBJECT) ->
			x++
		:: x == ENTRIES ->
			break
		od;
		x = 0;
		goto trim
	};

	/* ---- alloc ---- */
alloc:
	atomic {
		if
		:: CLASSES < 3 -> top = CLASSES - 1
		:: CLASSES == 3 -> top = 1
		:: CLASSES == 3 && (me != 0 || !FIRST_ALLOCS) -> top = 2 /* of the two, one is as the other */
		:: CLASSES == 2 -> top = ROOT
		fi;
		if
		:: want = 1
		:: WANT > 1 -> want = WANT
		fi;
		class = top;
		goto superblock_claim
	};
alloc_object:
	true;
	atomic { /* hdr_store(): from here on anybody may free it */
		if
		:: got & 1 ->
			assert(hdr[SLOT_HDR(at - 1, 0)] == HDR_FREE);
			hdr[SLOT_HDR(at - 1, 0)] = HDR_OBJECT;
			got = got & ~1
		:: else ->
			assert(hdr[SLOT_HDR(at - 1, 1)] == HDR_FREE);
			hdr[SLOT_HDR(at - 1, 1)] = HDR_OBJECT;
			got = got & ~2
		fi;
		if
		:: got != 0 -> goto alloc_object
		:: else
		fi
	};
	HOLD_DROP
	goto call_end;

	/* ---- free: free_win() of one object or, as a spill does, of all of a superblock, then put ---- */
free_object:
	atomic {
		x = 0;
		do
		:: x + 1 < ENTRIES -> x++
		:: true -> break
		od;
		if
		:: hdr[SLOT_HDR(x, 0)] == HDR_OBJECT -> mask = 1
		:: hdr[SLOT_HDR(x, 1)] == HDR_OBJECT -> mask = 2
		:: WANT > 1 && hdr[SLOT_HDR(x, 0)] == HDR_OBJECT && hdr[SLOT_HDR(x, 1)] == HDR_OBJECT -> mask = 3
		:: else -> goto call_end
		fi
#if DEATHS
	};
	HOLD_ENTRY(x)
	atomic {
		if
		:: (mask & 1 && hdr[SLOT_HDR(x, 0)] != HDR_OBJECT) || (mask & 2 && hdr[SLOT_HDR(x, 1)] != HDR_OBJECT) ->
			mask = 0;
			goto freed_already
		:: else
		fi
#endif
		;
		if
		:: mask & 1 -> hdr[SLOT_HDR(x, 0)] = HDR_FREE
		:: else
		fi;
		if
		:: mask & 2 -> hdr[SLOT_HDR(x, 1)] = HDR_FREE
		:: else
		fi;
		nested = id[x] - 1;
		from_put[LEVEL] = TO_FREE;
		goto superblock_put
	};

#if DEATHS
freed_already:
	HOLD_DROP
#endif
call_end:
	atomic {
		busy--;
#if DEATHS
		mortal = (me == MORTAL -> IDLE : mortal);
#endif
	};
	goto idle;

	/* ---- lists ---- */

	/* list_insert() of x where it belongs, and the return of list_push() */
list_insert:
	atomic {
		forget();
		list_home(to)
	};
list_insert_to:
	head_load(LIST(SETTLE_CLASS, to), link);
list_insert_try:
	next[x] = link;
	head_swap(LIST(SETTLE_CLASS, to), link, x + 1, done);
	atomic {
		if
		:: !done -> goto list_insert_try
		:: else -> to = 0
		fi;
		if
		:: from_insert == TO_SETTLE -> goto settled
		:: from_insert == TO_PUT -> goto put_drop
		:: from_insert == TO_SIFT ->
			from_insert = 0;
			goto list_moved
		fi
	};

	/* ---- birth and return ---- */

superblock_new:
	if
	:: class != ROOT ->
		class = ROOT;
		goto superblock_claim /* returns to memory_taken */
	:: else
	fi;
	/* groove_volume_pool_acquire() */
	head_load(POOL, head);
pool_pop:
	if
	:: head == 0 -> goto claim_full
	:: else
	fi;
	link = pool_next[head - 1];
	HOLD_VOLUME(head - 1)
	at = head;
	head_swap(POOL, head, link, done);
	if
	:: !done ->
		HOLD_DROP
		goto pool_pop
	:: else
	fi;
	volume_use(at - 1, true);
memory_taken: /* at: the new superblock */
	atomic { /* nobody else reads these */
		hdr[SLOT_HDR(at - 1, 0)] = HDR_FREE;
		hdr[SLOT_HDR(at - 1, 1)] = HDR_FREE
	};
	id[at - 1] = class + 1;
	HOLD_ENTRY(at - 1)
	move(BIRTH, at - 1, 0);
	hdr[MEMORY_HDR(at - 1)] = HDR_SUPERBLOCK;
	HOLD_KEEP_LAST
	goto claim_new;

	/* listed_settle() of x, which was taken out of a list */
listed_settle:
	move(UNSHELVE, x, 0);
	/* superblock_settle() of x, which is held */
superblock_settle:
	atomic { forget() };
	assert(hdr[MEMORY_HDR(x)] == HDR_SUPERBLOCK);
	update(DISSOLVE, x, 0);
	if
	:: done
	:: else ->
		move(SHELVE, x, 0);
		from_insert = TO_SETTLE;
		goto list_insert
	fi;
superblock_return:
	HOLD_VOLUME(x)
	hdr[MEMORY_HDR(x)] = HDR_FREE;
	move(BURY, x, 0);
	id[x] = 0;
	/* memory_give() */
	if
	:: !IS_ROOT(x) ->
		d_step {
			mask = 1 << PARENT_SLOT(x);
			x = PARENT(x);
			from_put[0] = TO_SETTLE
		};
		goto superblock_put
	:: else
	fi;
	volume_use(x, false);
pool_push:
	head_load(POOL, link);
pool_push_try:
	pool_next[x] = link;
	head_swap(POOL, link, x + 1, done);
	if
	:: !done -> goto pool_push_try
	:: else
	fi;
	HOLD_DROP
	/* returns of superblock_settle(), of x */
settled:
	atomic {
		forget();
		from_insert = 0;
		if
		:: from_settle[LEVEL] == TO_PUT ->
			from_settle[LEVEL] = 0;
			goto put_drop
		:: from_settle[LEVEL] == TO_FIRST ->
			from_settle[LEVEL] = 0;
			goto settle_drop
		:: from_settle[LEVEL] == TO_INSTALL ->
			from_settle[LEVEL] = 0;
			goto installed
		:: from_settle[LEVEL] == TO_CLEAR ->
			from_settle[LEVEL] = 0;
			goto slot_cleared
		:: from_settle[LEVEL] == TO_KEPT ->
			from_settle[LEVEL] = 0;
			x = 0;
			nested = 0;
			goto list_settled
		:: from_settle[LEVEL] == TO_SIFT ->
			from_settle[LEVEL] = 0;
			goto list_moved
#if DEATHS
		:: from_settle[LEVEL] == TO_PLACE ->
			from_settle[LEVEL] = 0;
			goto slots_recover
		:: from_settle[LEVEL] == TO_VOLUME ->
			from_settle[LEVEL] = 0;
			goto name_recovered
#endif
		fi
	};

	/* ---- claim ---- */

superblock_claim:
	group = OWN;
	foreign = false;
claim_active:
	atomic { forget() };
	head_load(ACTIVE(class, group), at);
	if
	:: at == 0 && !foreign -> goto claim_listed
	:: at == 0 && foreign -> goto claim_foreign
	:: at != 0
	:: DRAIN && at != 0 -> goto slot_clear
	fi;
	HOLD_ENTRY(at - 1)
	update(CLAIM, at - 1, TAKE);
	if
	:: done -> goto claim_check
	:: !done && place_now == c_expr { SB_ACTIVE } -> goto slot_withdraw
	:: else
	fi;
	/* not active: then the slot has changed */
	atomic {
		forget();
		assert((linked[me] & (1 << ACTIVE(class, group))) == 0)
	};
claim_again:
	HOLD_DROP
	goto claim_active;
claim_check: /* sb_is() */
	atomic {
		got = taken;
		forget();
		if
		:: id[at - 1] == class + 1 -> goto claimed
		:: else
		fi
	};
	/* claim_undo() */
	atomic {
		assert(id[at - 1] != 0);
		nested = id[at - 1] - 1;
		x = at - 1;
		mask = got;
		got = 0;
		from_put[LEVEL] = TO_UNDO;
		goto superblock_put
	};
claim_undone:
	atomic {
		assert((linked[me] & (1 << ACTIVE(class, group))) == 0);
		goto claim_active
	};

slot_withdraw:
	head = at;
	head_swap(ACTIVE(class, group), head, 0, done);
	if
	:: !done -> goto claim_again
	:: else
	fi;
	move(WITHDRAW, at - 1, 0);
	atomic {
		if
		:: place_now == c_expr { SB_HELD } ->
			again = true;
			goto slot_install
		:: else ->
			goto claim_again
		fi
	};

	/* slot_clear() of at, for a claim or for trim, which wants no slots */
slot_clear:
	HOLD_ENTRY(at - 1)
	head = at;
	head_swap(ACTIVE(class, group), head, 0, done);
	if
	:: !done -> goto slot_cleared
	:: else
	fi;
	move(WITHDRAW, at - 1, 0);
	atomic {
		if
		:: place_now == c_expr { SB_HELD } ->
			x = at - 1;
			nested = class;
			from_settle[LEVEL] = TO_CLEAR;
			goto superblock_settle
		:: else
		fi
	};
slot_cleared:
	HOLD_DROP
	atomic {
		x = 0;
		nested = 0;
		if
		:: want != 0 -> goto claim_active
		:: else -> goto trim_next
		fi
	};

	/* slot_install() and slot_insert() of at */
slot_install:
	if
	:: first[ACTIVE(class, group)] != 0 ->
		atomic {
			x = at - 1;
			nested = class;
			from_settle[LEVEL] = TO_INSTALL;
			goto superblock_settle
		}
	:: else
	fi;
	move(INSTALL, at - 1, 0);
slot_insert:
	head_load(ACTIVE(class, group), head);
	if
	:: head != 0 -> goto slot_is_taken
	:: else
	fi;
	head_swap(ACTIVE(class, group), head, at, done);
	if
	:: done -> goto installed
	:: else
	fi;
slot_is_taken:
	move(WITHDRAW, at - 1, 0);
	atomic {
		if
		:: place_now == c_expr { SB_HELD } ->
			x = at - 1;
			nested = class;
			from_settle[LEVEL] = TO_INSTALL;
			goto superblock_settle
		:: else
		fi
	};
installed:
	atomic {
		x = 0;
		nested = 0;
		if
		:: again ->
			again = false;
			goto claim_again
		:: else ->
			goto claimed
		fi
	};

list_settled: /* what was to be kept */
	HOLD_DROP
	/* list_pop_any(): the own list, then each; the drained one not always */
claim_listed:
	group = OWN;
	looked = 0;
list_pop:
	head_load(LIST(class, group), at);
list_pop_try:
	if
	:: at == 0 && looked >= GROUPS + 1 ->
		group = OWN;
		looked = 0;
		goto superblock_new
	:: at == 0 && looked < LISTS ->
		group = looked;
		looked++;
		goto list_pop
	:: at != 0
	fi;
	link = next[at - 1];
	HOLD_ENTRY(at - 1)
	head = at;
	head_swap(LIST(class, group), at, link, done);
	if
	:: !done ->
		HOLD_DROP
		goto list_pop_try
	:: else
	fi;
	at = head;
	assert(id[at - 1] == class + 1);
	/* list_pop_kept() */
	atomic {
		group = OWN;
		looked = 0;
		drain_ask(done);
		if
		:: done ->
			done = false;
			x = at - 1;
			nested = class;
			from_settle[LEVEL] = TO_KEPT;
			goto listed_settle
		:: else
		fi
	};
	move(CLAIM_TAKEN, at - 1, TAKE);
	atomic {
		got = taken;
		if
		:: place_now == c_expr { SB_ACTIVE } -> goto slot_insert
		:: else -> goto claimed
		fi
	};

claim_new:
	move(CLAIM_HELD, at - 1, TAKE);
	atomic {
		got = taken;
		if
		:: place_now == c_expr { SB_HELD } -> goto slot_install
		:: else -> goto claimed
		fi
	};

claim_foreign: /* the next group */
	atomic {
		group++;
		if
		:: group < GROUPS -> goto claim_active
		:: else -> goto claim_failed
		fi
	};
claim_full: /* no memory */
	atomic {
		foreign = true;
		group = 0;
		goto claim_active
	};

	/* returns of superblock_claim() */
claimed:
	atomic {
		forget();
		foreign = false;
		if
		:: class != top ->
			at = CHILD(at - 1, (got & 1 -> 0 : 1)) + 1;
			got = 0;
			class = top;
			group = OWN;
			goto memory_taken
		:: else ->
			goto alloc_object
		fi
	};
claim_failed:
	atomic {
		if
		:: class != top ->
			class = top;
			goto claim_full
		:: else ->
			goto call_end
		fi
	};

	/* ---- put ---- */

	/* superblock_put() of slots of x */
superblock_put:
	assert(id[x] == SETTLE_CLASS + 1);
	move(PUT, x, mask);
superblock_put_on:
	atomic {
		mask = 0;
		if
		:: place_before == c_expr { SB_FULL } && place_now == c_expr { SB_LISTED } ->
			from_insert = TO_PUT;
			goto list_insert
		:: place_before == c_expr { SB_FULL } && place_now != c_expr { SB_LISTED } ->
			from_settle[LEVEL] = TO_PUT;
			goto superblock_settle
		:: place_before == c_expr { SB_LISTED } && all_free ->
			first_list[LEVEL] = 0
		:: else ->
			goto put_drop
		fi
	};
	HOLD_DROP
	/* list_settle_first() for each list of the class */
list_settle_first:
	head_load(LIST(SETTLE_CLASS, first_list[LEVEL]), head);
	if
	:: head == 0 -> goto settle_next
	:: else
	fi;
	if
	:: free[head - 1] != ALL -> goto settle_next
	:: else
	fi;
	head_load(LIST(SETTLE_CLASS, first_list[LEVEL]), head);
settle_pop:
	if
	:: head == 0 -> goto settle_next
	:: else
	fi;
	link = next[head - 1];
	HOLD_ENTRY(head - 1)
	d_step { /* what was swapped out, if it was */
		mask = head;
	}
	head_swap(LIST(SETTLE_CLASS, first_list[LEVEL]), head, link, done);
	if
	:: !done ->
		HOLD_DROP
		goto settle_pop
	:: else
	fi;
	assert(id[mask - 1] == SETTLE_CLASS + 1);
	atomic {
		x = mask - 1;
		mask = 0;
		from_settle[LEVEL] = TO_FIRST;
		goto listed_settle
	};
settle_drop:
	HOLD_DROP
settle_next:
	atomic {
		forget();
		mask = 0;
		first_list[LEVEL]++;
		if
		:: first_list[LEVEL] < LISTS -> goto list_settle_first
		:: else ->
			first_list[LEVEL] = 0;
			goto put_back
		fi
	};
	/* returns of superblock_put(), of slots of x */
put_drop:
	HOLD_DROP
put_back:
	atomic {
		forget();
		from_insert = 0;
		if
		:: from_put[LEVEL] == TO_FREE -> goto call_end
#if DEATHS
		:: from_put[LEVEL] == TO_SLOTS ->
			from_put[LEVEL] = 0;
			goto name_recovered
#endif
		:: from_put[LEVEL] == TO_UNDO ->
			from_put[LEVEL] = 0;
			x = 0;
			nested = 0;
			goto claim_undone
		:: from_put[LEVEL] == TO_SETTLE ->
			/* of what was nested in x, the settle of which ends here */
			from_put[0] = 0;
			x = VOLUMES;
			goto settled
		fi
	};

	/* ---- trim: classes from the nested ones, of each the slots, then the lists ---- */
trim:
	atomic {
		class = (CLASSES > 1 -> 1 : 0);
		group = 0
	};
trim_slot:
	head_load(ACTIVE(class, group), at);
	if
	:: at == 0 -> goto trim_next
	:: else
	fi;
	atomic {
		assert(id[at - 1] == class + 1 || (linked[me] & (1 << ACTIVE(class, group))) == 0);
		if
		:: id[at - 1] != class + 1 || free[at - 1] != ALL -> goto trim_next
		:: else -> goto slot_clear
		fi
	};
trim_next: /* the next slot, or the lists */
	atomic {
		forget();
		at = 0;
		group++;
		if
		:: group < GROUPS -> goto trim_slot
		:: else -> group = 0
		fi;
		if
		:: last -> c_code { Pjoin->left = 2 * superblock_cnt(Pjoin->class); }
		:: else
		fi
	};
	/*
	 * list_sift(): each into the list aside, from there to where it belongs. The counters that bound it change
	 * meanwhile, so it may stop anywhere; but not when nobody else calls.
	 */
list_sift:
	atomic {
		forget();
		at = 0;
		x = 0;
		nested = 0;
		if
		:: last && left == 0 -> goto trim_class_next
		:: last && left != 0 -> left--
		:: !last
#if DEATHS
		:: !last && me == 0 && !alone -> goto list_sought
		:: !last && me != 0 -> goto trim_class_next
#else
		:: !last -> goto trim_class_next
#endif
		fi
	};
	head_load(LIST(class, group), at);
sift_pop:
	if
	:: at == 0 -> goto sift_next
	:: else
	fi;
	link = next[at - 1];
	HOLD_ENTRY(at - 1)
	head = at;
	head_swap(LIST(class, group), at, link, done);
	if
	:: !done ->
		HOLD_DROP
		goto sift_pop
	:: else
	fi;
	atomic {
		x = head - 1;
		nested = class;
		at = 0;
#if DEATHS
		there = there || (look != 0 && x == thing);
#endif
		forget();
		assert(id[x] == class + 1)
	};
	if
	:: free[x] == ALL ->
		from_settle[LEVEL] = TO_SIFT;
		goto listed_settle
	:: else
	fi;
	move(TOUCH, x, 0); /* list_move() */
	atomic {
		forget();
		from_insert = TO_SIFT;
		if
		:: group != ASIDE ->
			to = ASIDE;
			goto list_insert_to
		:: else -> goto list_insert
		fi
	};
list_moved:
	HOLD_DROP
	goto list_sift;
sift_next: /* the next list; the one aside is the last */
	atomic {
		forget();
		if
		:: last -> left++ /* nothing came by */
		:: else
		fi;
		if
		:: group + 1 < GROUPS ->
			group++;
			goto list_sift
		:: group + 1 == GROUPS ->
			group = (DRAIN -> DRAINED : ASIDE);
			goto list_sift
		:: group > ASIDE ->
			group = ASIDE;
			goto list_sift
#if DEATHS
		:: group == ASIDE && look != 0 && !second ->
			second = true;
			group = 0;
			goto list_sift
		:: group == ASIDE && look != 0 && second -> goto list_sought
#endif
		:: else -> goto trim_class_next
		fi
	};
trim_class_next:
	atomic {
		forget();
		group = 0;
		left = 0;
		if
		:: class == ROOT -> goto trimmed
		:: class != ROOT && class + 1 < CLASSES -> class++
		:: else -> class = ROOT
		fi;
		goto trim_slot
	};
trimmed:
	if
	:: last ->
		d_step {
			c_code { now.res_done = pool_cnt() == VOLUMES; };
			assert(res_done);
			res_done = 0
		};
		goto end
	:: else ->
		goto call_end
	fi;

#if DEATHS
	/* ---- recovery from the death of MORTAL, by join 0 (recover_held.c); one class ---- */

recover:
	atomic { /* claim_dead() */
		dead = true;
		walk = ENTRIES;
		class = ROOT
	};
names_recover:
	atomic {
		forget();
		linked[me] = 0;
		at = 0; x = 0; nested = 0; mask = 0; group = 0; looked = 0;
		look = 0; name = 0; there = false; second = false; thing = 0;
		word_same = 0; volume_same = 0;
		alone = busy == 1 + (mortal == CALLING);
		if
		:: walk != 0 ->
			thing = ENTRIES - walk;
			name = NAME_ENTRY(thing);
			goto superblock_search
		:: else
		fi;
		/* from the last; superblocks before volumes, as these are in them */
		h = HOLDS;
		do
		:: h != 0 && (hold[MORTAL * HOLDS + h - 1] == 0 || hold[MORTAL * HOLDS + h - 1] > ENTRIES) -> h--
		:: else -> break
		od;
		h = (h == 0 -> HOLDS : h);
		do
		:: h != 0 && hold[MORTAL * HOLDS + h - 1] == 0 -> h--
		:: else -> break
		od;
		if
		:: h == 0 -> goto recovered
		:: else -> name = hold[MORTAL * HOLDS + h - 1]
		fi;
		if
		:: name > ENTRIES ->
			thing = name - ENTRIES - 1;
			goto volume_recover
		:: else ->
			thing = name - 1;
			goto place_recover
		fi
	};
superblock_search: /* whether the superblock or a slot of it may be nobody's */
	atomic {
		place_before = place[thing];
		taken = (place_before >= c_expr { SB_FULL } -> ALL & ~free[thing] : 0);
		done = place_before == c_expr { SB_HELD } || place_before == c_expr { SB_RETURNING }
	};
	done = done || (taken & 1 && hdr[SLOT_HDR(thing, 0)] == HDR_FREE);
	done = done || (taken & 2 && hdr[SLOT_HDR(thing, 1)] == HDR_FREE);
	atomic {
		taken = 0;
		if
		:: done -> done = false
		:: else -> goto name_recovered
		fi
	};
place_recover:
	atomic {
		place_before = place[thing];
		word_same = thing + 1
	};
	atomic {
		if
		:: place_before <= c_expr { SB_FULL } && place_before != c_expr { SB_RETURNING } -> goto slots_recover
		:: else ->
			look = LOOK_PLACE;
			goto names_look
		fi
	};
place_check:
	if
	:: place_before == c_expr { SB_ACTIVE } -> there = first[ACTIVE(class, group)] == thing + 1
	:: place_before == c_expr { SB_LISTED } ->
		group = ASIDE;
		goto list_sift
	:: else
	fi;
	goto place_checked;
list_sought:
	atomic { /* superblock_in_list() has looked through all of them, or stopped */
		if
		:: !there && (group != ASIDE || !second) -> goto name_again
		:: else
		fi
	};
place_checked:
	atomic {
		forget();
		at = 0;
		x = 0;
		group = 0;
		second = false;
		if
		:: there -> goto slots_recover
		:: else ->
			look = LOOK_AGAIN;
			goto names_look
		fi
	};
place_adopt:
	atomic {
		if
		:: word_same != thing + 1 -> goto name_again
		:: else
		fi;
		move(ADOPT, thing, 0);
		look = 0;
		x = thing;
		if
		:: place_now == c_expr { SB_FULL } -> goto slots_recover
		:: else
		fi
	};
	/* superblock_inherit() */
	if
	:: hdr[MEMORY_HDR(thing)] == HDR_SUPERBLOCK && place_now == c_expr { SB_RETURNING } ->
		from_settle[LEVEL] = TO_PLACE;
		goto superblock_return
	:: hdr[MEMORY_HDR(thing)] == HDR_SUPERBLOCK && place_now != c_expr { SB_RETURNING } ->
		from_settle[LEVEL] = TO_PLACE;
		goto superblock_settle
	:: else
	fi;
	if
	:: place_now != c_expr { SB_RETURNING } -> move(DISSOLVE, thing, 0)
	:: else
	fi;
	move(BURY, thing, 0);

slots_recover:
	atomic {
		place_before = place[thing];
		taken = ALL & ~free[thing];
		word_same = thing + 1;
		place_now = 0; all_free = false; done = false; head = 0; link = 0;
		x = 0; nested = 0; mask = 0; look = 0; there = false
	};
	atomic {
		if
		:: place_before == c_expr { SB_NONE } -> goto name_recovered
		:: else ->
			look = LOOK_SLOTS;
			goto names_look
		fi
	};
slots_unmarked:
	atomic {
		if
		:: place_before < c_expr { SB_FULL } -> taken = 0
		:: else
		fi
	};
	if
	:: taken & 1 && hdr[SLOT_HDR(thing, 0)] == HDR_FREE -> mask = mask | 1
	:: else
	fi;
	if
	:: taken & 2 && hdr[SLOT_HDR(thing, 1)] == HDR_FREE -> mask = mask | 2
	:: else
	fi;
	if
	:: mask == 0 && word_same == thing + 1 -> goto name_recovered
	:: mask == 0 && word_same != thing + 1 -> goto name_again
	:: else ->
		look = LOOK_PUT;
		goto names_look
	fi;
slots_put:
	atomic {
		if
		:: word_same != thing + 1 -> goto name_again
		:: else
		fi;
		move(PUT, thing, mask);
		look = 0;
		x = thing;
		from_put[LEVEL] = TO_SLOTS;
		goto superblock_put_on
	};

volume_recover:
	atomic {
		volume_same = thing + 1;
		look = LOOK_VOLUME;
		if
		:: used[thing] ->
			place_before = VOLUME_IS_USED;
			goto names_look
		:: else -> goto names_look
		fi
	};
volume_check:
	if
	:: place_before == VOLUME_IS_USED -> /* volume_has_root() */
		there = place[thing] != c_expr { SB_NONE };
		goto volume_checked
	:: else
	fi;
	/* pool_has() */
	head_load(POOL, head);
	do
	:: head == 0 || there -> break
	:: else ->
		there = head - 1 == thing;
		head = pool_next[head - 1]
	od;
	if
	:: (linked[me] & (1 << POOL)) == 0 -> goto name_again
	:: else
	fi;
volume_checked:
	atomic {
		head = 0;
		if
		:: there -> goto name_recovered
		:: else ->
			look = LOOK_LAST;
			goto names_look
		fi
	};
volume_inherit:
	atomic {
		if
		:: volume_same != thing + 1 -> goto name_again
		:: else
		fi;
		used[thing] = false;
		volume_same = 0;
		x = thing;
		look = 0;
		place_before = 0;
		from_settle[LEVEL] = TO_VOLUME;
		goto pool_push
	};

	/* is_held(): names of those that live, from the top down */
names_look:
	atomic {
		if
		:: looked < (JOINS - 2) * HOLDS && hold[(2 + looked / HOLDS) * HOLDS + HOLDS - 1 - looked % HOLDS] == name ->
			goto name_again
		:: looked < (JOINS - 2) * HOLDS && hold[(2 + looked / HOLDS) * HOLDS + HOLDS - 1 - looked % HOLDS] != name ->
			looked++
		:: else -> goto names_looked
		fi
	};
	true;
	goto names_look;
names_looked:
	atomic {
		looked = 0;
		if
		:: look == LOOK_PLACE -> goto place_check
		:: look == LOOK_AGAIN -> goto place_adopt
		:: look == LOOK_SLOTS -> goto slots_unmarked
		:: look == LOOK_PUT -> goto slots_put
		:: look == LOOK_VOLUME -> goto volume_check
		:: look == LOOK_LAST -> goto volume_inherit
		fi
	};

name_again: /* something has changed, or a living join has it: the same name again, or all of recovery */
	atomic {
		assert(!alone);
		if
		:: walk != 0 -> walk--
		:: walk == 0
		:: walk == 0 ->
			walk = ENTRIES
		fi;
		goto names_recover
	};
name_recovered:
	atomic {
		if
		:: walk != 0 -> walk--
		:: else -> hold[MORTAL * HOLDS + h - 1] = 0
		fi;
		goto names_recover
	};
recovered:
	atomic {
		if
		:: mortal == CALLING -> busy--
		:: else
		fi;
		if
		:: mortal != STOPPED -> stopped++
		:: else
		fi;
		mortal = STOPPED;
		alone = false;
		goto call_end
	};
#endif

end:
	skip
}

#if DEATHS
inline begin(bits)
{
	free[0] = bits;
	used[0] = true;
	id[0] = ROOT + 1;
	hdr[MEMORY_HDR(0)] = HDR_SUPERBLOCK;
	out[0] = !(bits & 1);
	out[1] = !(bits & 2);
	hdr[SLOT_HDR(0, 0)] = (bits & 1 -> HDR_FREE : HDR_OBJECT);
	hdr[SLOT_HDR(0, 1)] = (bits & 2 -> HDR_FREE : HDR_OBJECT);
	if
	:: place[0] == c_expr { SB_ACTIVE } -> first[ACTIVE(ROOT, 0)] = 1
	:: place[0] == c_expr { SB_LISTED } -> first[LIST(ROOT, 0)] = 1
	:: else
	fi;
	/* the pool has the others, the highest first */
	pool_next[(VOLUMES > 1 -> 1 : 0)] = 0;
	first[POOL] = (VOLUMES > 1 -> VOLUMES : 0)
}
#endif

init
{
	atomic {
		c_code { now.tagged = heads_are_tagged(); };
		byte i = 0;
		do
		:: i < VOLUMES ->
			pool_next[i] = i;
			first[POOL] = i + 1;
			i++
		:: else ->
			break
		od;
#if DEATHS
		/* what has been before: the superblock of volume 0 is anywhere */
		if
		:: BEGINS & 1 -> true
		:: BEGINS & 2 ->
			place[0] = c_expr { SB_FULL };
			begin(0)
		:: BEGINS & 4 ->
			place[0] = c_expr { SB_ACTIVE };
			begin(0)
		:: BEGINS & 8 ->
			place[0] = c_expr { SB_ACTIVE };
			begin(1)
		:: BEGINS & 16 ->
			place[0] = c_expr { SB_ACTIVE };
			begin(ALL)
		:: BEGINS & 32 ->
			place[0] = c_expr { SB_LISTED };
			begin(1)
		:: BEGINS & 64 ->
			place[0] = c_expr { SB_LISTED };
			begin(ALL)
		fi;
#endif
		i = 0;
		do
		:: i < JOINS ->
			run join(i);
			i++
		:: else ->
			break
		od;
		i = 0
	}
}
