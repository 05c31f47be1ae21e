/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "identity.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "region_lock.h"
#include "region_log.h"

#define BOOT_ID_LEN    36 /* of a UUID */
#define OTHERS_WRITE   0022U
#define NS_PER_S       1000000000UL
#define LOAD(word)     __atomic_load_n(&(word), __ATOMIC_SEQ_CST)
#define STORE(word, n) __atomic_store_n(&(word), n, __ATOMIC_SEQ_CST)

/* ---- the start of the machine ---- */

/* FNV-1a of the UUID; odd, so never 0. */
static uint64_t
sum_of_text(const char *text)
{
	uint64_t sum = 0xcbf29ce484222325UL;

	for (; *text != '\0'; text++)
		sum = (sum ^ (uint8_t)*text) * 0x100000001b3UL;
	return sum | 1;
}

uint64_t
identity_boot(void)
{
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");
	char text[BOOT_ID_LEN + 1] = "";
	size_t len = 0;

	if (file != NULL) {
		len = fread(text, 1, BOOT_ID_LEN, file);
		fclose(file);
	}
	return len == BOOT_ID_LEN ? sum_of_text(text) : 0;
}

/* ---- the file ---- */

/* Which file a descriptor leads to; .ino is 0 when that is unknown. */
static struct region_file
file_of(int fd)
{
	struct region_file file = {.ino = 0};
	struct statx now;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_INO | STATX_BTIME, &now) != 0 || (now.stx_mask & STATX_INO) == 0)
		return file;
	file.dev = (uint64_t)now.stx_dev_major << 32 | now.stx_dev_minor;
	file.ino = now.stx_ino;
	if ((now.stx_mask & STATX_BTIME) != 0)
		file.birth = (uint64_t)now.stx_btime.tv_sec * NS_PER_S + now.stx_btime.tv_nsec;
	return file;
}

/*
 * The number of a file that was removed is given to the next on many file systems, so it takes the time of birth, too.
 * Memory files and those of hugetlbfs have none, and numbers that are not given again.
 */
static bool
is_file(const struct region_hdr *hdr, const struct region_file *file, bool needs_birth)
{
	return file->ino != 0 && LOAD(hdr->file.ino) == file->ino && LOAD(hdr->file.dev) == file->dev &&
	       LOAD(hdr->file.birth) == file->birth && (file->birth != 0 || !needs_birth);
}

static void
note_file(struct region_hdr *hdr, struct region_file file)
{
	STORE(hdr->file.dev, file.dev);
	STORE(hdr->file.birth, file.birth);
	STORE(hdr->file.ino, file.ino);
}

int
identity_note_lock(struct region_hdr *hdr, const groove_volume_driver_t *driver, const groove_volume_range_t *range)
{
	const int fd = driver->lock_open(range);

	if (fd < 0)
		return fd;
	note_file(hdr, file_of(fd));
	close(fd);
	return GROOVE_SUCCESS;
}

uint64_t
groove_volume_id(const void *front)
{
	return ((const struct region_hdr *)front)->fixed.id;
}

void
groove_volume_id_note(void *front, uint64_t id)
{
	((struct region_hdr *)front)->fixed.id = id;
}

bool
groove_volume_owns(const groove_volume_range_t *range, int fd)
{
	const struct region_file file = file_of(fd);

	return is_file(range->base, &file, false);
}

/* ---- whole, or not ---- */

void
identity_note(struct region_hdr *hdr, const groove_volume_driver_t *driver, const groove_volume_range_t *range)
{
	const bool in_use = LOAD(hdr->attach_seq) != LOAD(hdr->clean_seq);

	/* One that is in use has been found whole, so what was noted is this start, by another container's name. */
	if (driver->sync != NULL && (!in_use || LOAD(hdr->boot) == 0))
		STORE(hdr->boot, identity_boot());
	if (range->fd >= 0)
		note_file(hdr, file_of(range->fd));
}

/* Whether a living process vouches for it. What cannot be asked is no proof. */
static bool
is_vouched(const groove_volume_driver_t *driver, const groove_volume_range_t *range)
{
	const int fd = driver->lock_open(range);
	bool vouched;

	if (fd < 0)
		return false;
	vouched = region_lock_is_held(fd, REGION_VOUCH_BYTE);
	close(fd);
	return vouched;
}

static enum identity
by_header(const struct region_hdr *hdr, const groove_volume_driver_t *driver, const groove_volume_range_t *range)
{
	/* What no driver can write to disk is memory, which no start of the machine survives. */
	const bool survives = driver->sync != NULL;
	const uint64_t boot = survives ? identity_boot() : 0;
	const uint64_t noted = LOAD(hdr->boot);
	const struct region_file file = file_of(range->fd);

	if (survives && (boot == 0 || noted == 0))
		return IDENTITY_NO_START;
	if (survives && boot != noted)
		return IDENTITY_OTHER_START;
	return is_file(hdr, &file, survives) ? IDENTITY_WHOLE : IDENTITY_COPY;
}

enum identity
identity_of(struct region_hdr *hdr, const groove_volume_driver_t *driver, const groove_volume_range_t *range)
{
	enum identity identity;

	/* A range without a file is memory of processes that live: EAL's. */
	if (range->fd < 0 || LOAD(hdr->attach_seq) == LOAD(hdr->clean_seq))
		return IDENTITY_WHOLE;
	identity = by_header(hdr, driver, range);
	/*
	 * Looked at after the header was read: a process that moves the counts on vouches before. One that rebuilds
	 * vouches after all is on disk, and nobody vouches while it works.
	 */
	if (identity != IDENTITY_WHOLE && is_vouched(driver, range))
		return IDENTITY_WHOLE;
	return identity;
}

const char *
identity_text(enum identity identity)
{
	switch (identity) {
	case IDENTITY_OTHER_START:
		return "was in use when the machine went down, its content may be torn";
	case IDENTITY_NO_START:
		return "was in use, and whether the machine went down since is unknown, its content may be torn";
	case IDENTITY_COPY:
		return "is a copy of a region that was in use, its content may be torn";
	default:
		return "is whole";
	}
}

/* ---- its owner ---- */

static bool
is_trusted_user(uid_t uid)
{
	return uid == 0 || uid == geteuid();
}

bool
groove_volume_fd_is_safe(int fd)
{
	struct stat stat_buf;

	return fstat(fd, &stat_buf) == 0 && is_trusted_user(stat_buf.st_uid) && (stat_buf.st_mode & OTHERS_WRITE) == 0;
}

bool
groove_volume_dir_is_safe(int fd)
{
	struct stat stat_buf;

	return fstat(fd, &stat_buf) == 0 && is_trusted_user(stat_buf.st_uid) &&
	       ((stat_buf.st_mode & OTHERS_WRITE) == 0 || (stat_buf.st_mode & S_ISVTX) != 0);
}

/* Why a range is not safe; false: it is. */
static bool
is_unsafe(int fd, const groove_volume_range_t *range, enum identity_use use, char *why, size_t why_sz)
{
	struct stat stat_buf;

	if (fstat(fd, &stat_buf) != 0)
		snprintf(why, why_sz, "has an unknown owner");
	else if (!is_trusted_user(stat_buf.st_uid))
		snprintf(why, why_sz, "belongs to user %u, not to %u or root", stat_buf.st_uid, geteuid());
	else if (use == IDENTITY_ATTACH && (stat_buf.st_mode & OTHERS_WRITE) != 0)
		snprintf(why, why_sz, "has mode %#o, so that others may write to it", stat_buf.st_mode & 0777);
	else if (use == IDENTITY_ATTACH && range->loose_dir)
		snprintf(why, why_sz, "lies in a directory that other users may change");
	else
		return false;
	return true;
}

int
identity_check_owner(const groove_volume_driver_t *driver, const groove_volume_range_t *range, enum identity_use use,
	uint64_t flags, const char *what)
{
	bool unsafe;
	char why[80];
	int fd;

	if (use == IDENTITY_LOOK)
		return GROOVE_SUCCESS;
	fd = range->fd >= 0 ? range->fd : driver->lock_open(range);
	if (fd < 0)
		return fd;
	unsafe = is_unsafe(fd, range, use, why, sizeof(why));
	if (fd != range->fd)
		close(fd);
	if (!unsafe)
		return GROOVE_SUCCESS;
	if ((flags & GROOVE_REGION_TRUST) != 0) {
		REGION_LOG(WARNING, "%s %s: trusted, as asked; they can damage it, and end this process", what, why);
		return GROOVE_SUCCESS;
	}
	REGION_LOG(
		ERR, "%s %s: refused; take another name, or trust it (GROOVE_REGION_TRUST, --trust-owner)", what, why);
	return GROOVE_ERR_INVAL;
}
