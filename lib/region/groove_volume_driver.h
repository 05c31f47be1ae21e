/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_VOLUME_DRIVER_H
#define GROOVE_VOLUME_DRIVER_H

/**
 * @file
 * What a volume driver provides: memory for a region. Drivers register themselves before main() and are found by name.
 *
 * The memory of a region is one range, the same offsets in each process:
 *
 *     0                       front, rounded up             + volume_max * volume_sz
 *     | front                | volume 0 | volume 1 | ...    |
 *
 * lib/region keeps in the front what the processes share, decides which volumes have memory, and checks what it
 * attaches. A driver finds, maps, populates and punches.
 */

#include <stdbool.h>

#include <groove_region.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GROOVE_VOLUME_ROOM_ALIGN (2UL << 20) /**< Least alignment of a range and of volume 0, bytes. */

/** Memory that a driver is asked for. lib/region has checked the values. */
typedef struct groove_volume_request {
	uint64_t id;			 /**< Random number of the region, not 0; 0: of no region. */
	const char *name;		 /**< NULL: private. */
	const char *dir;		 /**< NULL: the driver's default. */
	unsigned int mode;		 /**< Permission bits. */
	uint64_t front_sz;		 /**< Bytes of the front, at least. */
	uint64_t volume_sz;		 /**< Bytes of a volume. */
	uint64_t volume_cnt;		 /**< Volumes that will be populated at once. */
	uint64_t volume_max;		 /**< Volumes to have address space for. */
	enum groove_page page;		 /**< Size of the pages. */
	int node;			 /**< NUMA node, or GROOVE_NODE_ANY. */
	enum groove_placement placement; /**< On that node. */
	void *at;			 /**< Where to map it; NULL: where there is room. */
	bool if_new;			 /**< That the name is taken is not logged. */
} groove_volume_request_t;

/** A range of memory, as a driver has it. */
typedef struct groove_volume_range {
	void *base;	   /**< Start, aligned to GROOVE_VOLUME_ROOM_ALIGN and the page; NULL: not mapped. */
	uint64_t sz;	   /**< Bytes. */
	uint64_t front_sz; /**< Bytes before volume 0: the front, rounded up to the alignment. Of no meaning to open. */
	uint64_t page_sz;  /**< Bytes of the pages. */
	int fd;		   /**< File that holds it; -1: none. */
	void *priv;	   /**< The driver's own. */
	uint64_t id;	   /**< That of the request; of one that was opened, lib/region sets it from the header. */
	bool loose_dir;	   /**< Found in a directory that is not groove_volume_dir_is_safe(). */
	int keep_fd;	   /**< The driver's own: of what open keeps from being removed, plus 1; 0: nothing. */
	void *at;	   /**< Where map is to map it; NULL: where there is room. */
} groove_volume_range_t;

/** A volume driver. Errors are logged with their remedy; nothing is kept then, and range is not touched. */
typedef struct groove_volume_driver {
	const char *name; /**< By which it is found. */
	/**
	 * Make a range of zeros, mapped, which nobody can find yet.
	 * GROOVE_SUCCESS; GROOVE_ERR_INVAL: cannot be had in this set-up; GROOVE_ERR_FULL: not enough memory;
	 * GROOVE_ERR_KEY: the name is taken.
	 */
	int (*create)(const groove_volume_request_t *request, groove_volume_range_t *range);
	/**
	 * Let others find a range by its name, when all is in it. GROOVE_SUCCESS; GROOVE_ERR_KEY: the name is taken;
	 * GROOVE_ERR_INVAL. NULL: they always could, and know by the front whether all is in it.
	 */
	int (*publish)(const groove_volume_request_t *request, groove_volume_range_t *range);
	/**
	 * All is in a range that was made and could be found before: a process that takes its name away asks the front
	 * from here on, not the driver. NULL: nothing to do.
	 */
	void (*made)(const groove_volume_range_t *range);
	/**
	 * Find a range, not mapped yet if it has a descriptor. GROOVE_SUCCESS; GROOVE_ERR_KEY, silent: no such name;
	 * GROOVE_ERR_INVAL: it cannot be opened, or cannot be a range.
	 */
	int (*open)(const char *dir, const char *name, groove_volume_range_t *range);
	/**
	 * The locks of lib/region keep a range that was opened from being removed; until here, or close, the driver
	 * does. NULL: what was opened stays, whatever becomes of its name.
	 */
	void (*attached)(groove_volume_range_t *range);
	/** As open, from a descriptor, which stays the caller's. NULL: the driver has none. */
	int (*open_fd)(int fd, groove_volume_range_t *range);
	/**
	 * Map what was opened, at range->at if that is not NULL. GROOVE_SUCCESS; GROOVE_ERR_FULL: no address space, or
	 * something is mapped there; GROOVE_ERR_INVAL: misaligned. NULL: open did, and neither it nor create can choose
	 * the address.
	 */
	int (*map)(groove_volume_range_t *range);
	/**
	 * Whether what was mapped is there no more, for what it came from has gone before it: then nothing of it is
	 * touched, and close comes next. NULL: it cannot be.
	 */
	bool (*is_gone)(const groove_volume_range_t *range);
	/** Unmap and close. Memory that nobody can find goes with the last. Also of a range that was not mapped. */
	void (*close)(groove_volume_range_t *range);
	/**
	 * Have memory for a part of a range, in the process and in the file, on a node or GROOVE_NODE_ANY. What is
	 * there stays, and is not asked for again. Bound memory may come from another node all the same: lib/region
	 * looks, and gives it back. GROOVE_SUCCESS; GROOVE_ERR_FULL: not enough; some of what was missing may be there
	 * then. NULL: it always is.
	 */
	int (*populate)(const groove_volume_range_t *range, uint64_t off, uint64_t sz, int node,
		enum groove_placement placement);
	/** Give the memory of a part of a range back, for all processes. NULL: cannot. */
	void (*punch)(const groove_volume_range_t *range, uint64_t off, uint64_t sz);
	/**
	 * Have what was written to a part of a range, off of whole pages, survive the machine. GROOVE_SUCCESS;
	 * GROOVE_ERR_INVAL. NULL: nothing does, so a region is never torn, and what has holes is not rebuilt.
	 */
	int (*sync)(const groove_volume_range_t *range, uint64_t off, uint64_t sz);
	/**
	 * A new open file description, O_CLOEXEC, of the same file in all processes, for OFD locks: by them dead
	 * processes are known. Where the range has no file, create made one, and its name has the number of the region:
	 * it is never made here. A negative code, logged: cannot.
	 */
	int (*lock_open)(const groove_volume_range_t *range);
	/** Take the name of an open range away. GROOVE_SUCCESS; GROOVE_ERR_INVAL; GROOVE_ERR_KEY: gone already. */
	int (*unlink)(const char *dir, const char *name, const groove_volume_range_t *range);
	/** List names: as groove_region_list(). */
	int (*list)(const char *dir, groove_region_list_fn fn, void *arg);
	struct groove_volume_driver *next; /**< For the registry. */
} groove_volume_driver_t;

/**
 * Add a driver to the registry. Called before main(), or from a plug-in's constructor in rte_eal_init(). A second
 * driver of the same name is ignored, logged.
 *
 * @param driver
 *   The driver, which stays in use.
 */
void groove_volume_driver_register(groove_volume_driver_t *driver);

/**
 * The driver of a name (NULL: GROOVE_REGION_DRIVER_DEFAULT); NULL when there is none.
 *
 * @param name
 *   Name of a driver; NULL: GROOVE_REGION_DRIVER_DEFAULT.
 * @return
 *   The driver; NULL: there is none of that name.
 */
const groove_volume_driver_t *groove_volume_driver_find(const char *name);

/* ---- identity: lib/region decides, for all drivers ---- */

/**
 * Whether a file belongs to the user of this process or to root, and nobody else may write to it.
 *
 * @param fd
 *   A descriptor.
 * @return
 *   Whether it is.
 */
bool groove_volume_fd_is_safe(int fd);

/**
 * The same of a directory. With the sticky bit others may add files, but not replace what they do not own.
 *
 * @param fd
 *   A descriptor.
 * @return
 *   Whether it is.
 */
bool groove_volume_dir_is_safe(int fd);

/**
 * The number of the region whose front lies at an address; 0: none yet.
 *
 * @param front
 *   Front of a region.
 * @return
 *   The number; 0: there is none.
 */
uint64_t groove_volume_id(const void *front);

/**
 * Note the number of the region that is about to be made at an address, whose first bytes are zeros.
 *
 * @param front
 *   Front of the region.
 * @param id
 *   The number.
 */
void groove_volume_id_note(void *front, uint64_t id);

/**
 * Whether a descriptor leads to the lock file that the header of a mapped range names.
 *
 * @param range
 *   Memory of the driver.
 * @param fd
 *   A descriptor.
 * @return
 *   Whether it does.
 */
bool groove_volume_owns(const groove_volume_range_t *range, int fd);

/**
 * The command line of groove-ctl that does something to a region, for messages.
 *
 * @param command
 *   "destroy", "rebuild", "recover", "list".
 * @param driver
 *   Driver of the region; NULL: of all.
 * @param dir
 *   Directory of its file; NULL: the default.
 * @param name
 *   Its name; NULL: the command takes none.
 * @return
 *   The line, valid until the thread's next call.
 */
const char *groove_volume_ctl(const char *command, const char *driver, const char *dir, const char *name);

/**
 * Whether a front is that of a region that groove_region_destroy() was called for.
 *
 * @param front
 *   Front of a region, mapped.
 * @return
 *   Whether it is.
 */
bool groove_volume_is_destroyed(const void *front);

/**
 * Whether a file holds a region that groove_region_destroy() was called for.
 *
 * @param fd
 *   A descriptor.
 * @return
 *   Whether it does.
 */
bool groove_volume_fd_is_destroyed(int fd);

/* ---- what the machine has, for drivers that count before they try ---- */

/**
 * The node that all memory of a request must come from; GROOVE_NODE_ANY when it may come from several.
 *
 * @param request
 *   What is asked for.
 * @return
 *   The node, or GROOVE_NODE_ANY.
 */
static inline int
groove_volume_node_bound(const groove_volume_request_t *request)
{
	return request->placement == GROOVE_PLACEMENT_BOUND ? request->node : GROOVE_NODE_ANY;
}

/**
 * Bytes of memory that this process can still take: the least of what the machine has and of what each memory cgroup of
 * the process, or around it, allows; with swap, and with what the kernel takes back. UINT64_MAX when that is unknown.
 * where receives what has the least: "the machine", or the file of the cgroup that has the limit. Beyond it the kernel
 * kills a process, so drivers ask before they take.
 *
 * @param where
 *   Receives the path of what sets the limit.
 * @param where_sz
 *   Bytes at where.
 * @return
 *   Bytes.
 */
uint64_t groove_volume_memory_available(char *where, size_t where_sz);

/**
 * Hugepages of a size that the cgroups of this process still allow; UINT64_MAX: any. where: as above; "": none.
 *
 * @param page_sz
 *   Bytes of a page.
 * @param where
 *   Receives the path of what sets the limit.
 * @param where_sz
 *   Bytes at where.
 * @return
 *   Bytes.
 */
uint64_t groove_volume_hugepages_allowed(uint64_t page_sz, char *where, size_t where_sz);

/**
 * Bytes that a file of this process may have (RLIMIT_FSIZE): a larger one ends it by SIGXFSZ. UINT64_MAX: any.
 *
 * @return
 *   Bytes.
 */
uint64_t groove_volume_file_sz_max(void);

#define GROOVE_VOLUME_ERROR_SZ 160 /**< Bytes for groove_volume_error_text(). */

/**
 * What an errno says, with the limit of the process that it may come from and how to raise it. Returns text.
 *
 * @param error
 *   Value of errno.
 * @param text
 *   What it is about.
 * @return
 *   The text.
 */
const char *groove_volume_error_text(int error, char text[GROOVE_VOLUME_ERROR_SZ]);

#define GROOVE_VOLUME_WHERE_SZ 1536 /**< Bytes for a where of the calls above. */

/**
 * A count of the kernel's hugepages of a size ("free_hugepages"), of a node or all; 0 when there are no such pages.
 *
 * @param page_sz
 *   Bytes of a page.
 * @param node
 *   NUMA node, or GROOVE_NODE_ANY.
 * @param file
 *   Name of the count.
 * @return
 *   Pages.
 */
uint64_t groove_volume_hugepages(uint64_t page_sz, int node, const char *file);

/**
 * Hugepages of a size, of a node or all, that are free and that nobody has reserved. The kernel counts reserved ones
 * for all nodes, and takes any node's for them. A mount with min_size= has some reserved for itself: these are not
 * counted.
 *
 * @param page_sz
 *   Bytes of a page.
 * @param node
 *   NUMA node, or GROOVE_NODE_ANY.
 * @return
 *   Pages.
 */
uint64_t groove_volume_hugepages_free(uint64_t page_sz, int node);

/**
 * Whether there is memory of this process at an address, or address space that becomes some.
 *
 * @param addr
 *   An address.
 * @return
 *   Whether there is.
 */
bool groove_volume_is_mapped(const void *addr);

/**
 * Where that count is: the kernel's path, cut to path_sz.
 *
 * @param path
 *   Receives the path.
 * @param path_sz
 *   Bytes at path.
 * @param page_sz
 *   Bytes of a page.
 * @param node
 *   NUMA node, or GROOVE_NODE_ANY.
 * @param file
 *   Name of the count.
 */
void groove_volume_hugepages_path(char *path, size_t path_sz, uint64_t page_sz, int node, const char *file);

/** Register a driver with one line in its file. */
#define GROOVE_VOLUME_DRIVER(driver)                                                                                   \
	__attribute__((__constructor__)) static void groove_volume_driver_init_##driver(void)                          \
	{                                                                                                              \
		groove_volume_driver_register(&driver);                                                                \
	}

#ifdef __cplusplus
}
#endif

#endif /* GROOVE_VOLUME_DRIVER_H */
