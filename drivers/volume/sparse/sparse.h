/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef SPARSE_H
#define SPARSE_H

/*
 * What drivers with one sparse file per region share: the file has the size of the whole range from the start, and
 * memory where the range has. Private to hugetlbfs, memfd and file.
 */

#include <rte_log.h>

#include <groove_volume_driver.h>

extern int sparse_logtype;

/* The driver of a range. */
#define SPARSE_DRIVER(range) ((const char *)(range)->priv)

#define VOLUME_LOG(level, driver, fmt, ...)                                                                            \
	rte_log(RTE_LOG_##level, sparse_logtype, "volume/%s: " fmt "\n", driver, ##__VA_ARGS__)

/* What an errno says, with the limit that it may come from, for a log line. */
#define SPARSE_ERROR_TEXT(error) groove_volume_error_text(error, (char[GROOVE_VOLUME_ERROR_SZ]){0})

/* Give a new, empty file the size and mode of a range, and map it. The descriptor is closed on error. */
int sparse_make(const groove_volume_request_t *request, uint64_t page_sz, int fd, groove_volume_range_t *range,
	const char *driver);

/* A range, not mapped, of a file that was opened. GROOVE_ERR_INVAL, logged, and closed, when it is no regular file. */
int sparse_of_fd(int fd, groove_volume_range_t *range, const char *driver, const char *what);

/* Open an existing file of a directory, no link, without waiting for anybody. As the driver's open. */
int sparse_open_at(const char *dir, const char *file, groove_volume_range_t *range, const char *driver);

/* A new description of what a descriptor leads to; a negative code, logged, when there is none. */
int sparse_reopen(int fd, const char *driver);

/* A new file without a name in a directory; a negative code, logged. */
int sparse_tmpfile(const char *dir, const char *driver);

/* Give it a name, if nothing has that yet; quiet: that something has is not logged. */
int sparse_link(int fd, const char *dir, const char *file, bool quiet, const char *driver);

/* Remove a name that leads to an open file. */
int sparse_unlink(int fd, const char *dir, const char *file, const char *driver);

/* Files are named by this and a region's name. */
#define SPARSE_PREFIX  "groove."
#define SPARSE_FILE_SZ (GROOVE_REGION_NAME_MAX + sizeof(SPARSE_PREFIX))

/* List the names of the files in a directory; as groove_region_list(). A directory that is not there has none. */
int sparse_list_dir(const char *dir, const char *driver, groove_region_list_fn fn, void *arg);

/* Why there are no hugepages for a request. */
struct sparse_lack {
	uint64_t page_sz; /* of the smallest hugepages that were looked at; 0: none */
	uint64_t need_cnt;
	uint64_t free_cnt;
	char where[GROOVE_VOLUME_WHERE_SZ]; /* the cgroup's file or the mount that allows no more; "": the pool is used
					       up */
};

/* Choose hugepages: the largest asked for of which a volume is whole pages, and all that is needed at once may be
 * there. dir: on a hugetlbfs; NULL: for a memory file. Bytes of a page; 0: none. */
uint64_t sparse_hugepage(const groove_volume_request_t *request, const char *dir, struct sparse_lack *lack);

/* Say what lacks. Returns the error for it. */
int sparse_explain(const groove_volume_request_t *request, const struct sparse_lack *lack, const char *driver);

/* Bytes of the pages that a file has. */
uint64_t sparse_page_sz(int fd);

/* As the driver's calls of these names. */
int sparse_map(groove_volume_range_t *range);
void sparse_close(groove_volume_range_t *range);
int sparse_populate(
	const groove_volume_range_t *range, uint64_t off, uint64_t sz, int node, enum groove_placement placement);
void sparse_punch(const groove_volume_range_t *range, uint64_t off, uint64_t sz);
int sparse_lock_open(const groove_volume_range_t *range);

#endif /* SPARSE_H */
