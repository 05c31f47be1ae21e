/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef FITS_H
#define FITS_H

/** @file How many objects freed slots have room for, by their addresses and sizes alone: whatever the allocator does.
 */

#include <stdint.h>

/** A slot that was freed. */
struct perf_freed {
	uint64_t addr; /**< Where its object was, */
	uint64_t sz;   /**< and bytes of the slot. */
};

/**
 * Objects that fit the freed slots one by one.
 *
 * @param hdr
 *   Bytes of a slot that are lost when it is divided.
 * @param slot
 *   Bytes that an object takes.
 */
uint64_t perf_fits_slots(const struct perf_freed *freed, uint64_t cnt, uint64_t hdr, uint64_t slot);

/** Objects that fit runs of freed slots of one size that lie side by side; the slots are sorted by address for it. */
uint64_t perf_fits_runs(struct perf_freed *freed, uint64_t cnt, uint64_t hdr, uint64_t slot);

#endif /* FITS_H */
