/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* The drivers that are part of libgroove. Their objects are in a program that links libgroove.a because this one is. */

#include <volume_drivers.h>

extern groove_volume_driver_t volume_driver_memfd;
extern groove_volume_driver_t volume_driver_hugetlbfs;
extern groove_volume_driver_t volume_driver_file;

groove_volume_driver_t *const volume_drivers_linked_in[] = {
	&volume_driver_memfd,
	&volume_driver_hugetlbfs,
	&volume_driver_file,
	NULL,
};
