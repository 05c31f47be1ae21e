/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef ACCOUNT_H
#define ACCOUNT_H

/*
 * Where each byte of the volumes of an idle groove is. This reads the layout that the programmer's guide describes
 * ("Memory"), by its constants and structs alone: it calls nothing of the library, and works out for itself where
 * things lie. A byte that is nowhere is lost: nobody has it, and no alloc will ever find it.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define ACCOUNT_JOIN_MAX 1024

struct account {
	uint64_t volume_cnt; /* volumes in the groove */
	uint64_t volumes_sz; /* bytes of them */

	/* Bytes: these are all of them, if nothing is lost. */
	uint64_t live;	 /* slots of live objects */
	uint64_t cached; /* slots that living joins keep cached */
	uint64_t free;	 /* slots that some alloc can find, and empty volumes */
	uint64_t header; /* of volumes and superblocks */
	uint64_t table;	 /* of volumes */
	uint64_t tail;	 /* of superblocks: after the last slot */

	uint64_t lost; /* bytes that are none of this */
	uint64_t live_cnt;
	uint64_t cached_cnt;
	uint64_t lost_cnt;		      /* places where bytes were lost */
	uint64_t cached_by[ACCOUNT_JOIN_MAX]; /* by join, slots */
	char first_loss[160];		      /* the first of these places; "" */
};

/* Called with each live object: where it is, bytes from volume 0, and its tag. */
typedef void (*account_fn)(void *arg, uint64_t off, uint64_t tag);

/* Walk the groove of a shared region and the volumes at volume0. */
void account_take(const void *shdata, const void *volume0, account_fn fn, void *arg, struct account *account);

/* Whether nothing is lost, and the terms are the size of the volumes. */
bool account_balances(const struct account *account);

/* One line with each term. */
void account_print(FILE *file, const struct account *account);

#endif /* ACCOUNT_H */
