/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <stdio.h>
#include <stdlib.h>

#include <groove_region.h>

int
main(void)
{
	const groove_region_cfg_t cfg = {.volume_sz = GROOVE_VOLUME_FOOTPRINT_MIN, .volume_cnt = 1};
	groove_region_t *region;
	groove_data_t join;
	char drivers[64];

	if (groove_region_create(&cfg, &region) != GROOVE_SUCCESS || groove_region_join(region, &join, 0) == NULL)
		return EXIT_FAILURE; /* the log says why */

	void *obj = groove_data_alloc(&join, 0, 100, 0, NULL);
	if (obj == NULL)
		return EXIT_FAILURE;
	groove_region_driver_names(drivers, sizeof(drivers));
	printf("driver %s of %s\n", groove_region_driver(region), drivers);

	int err = groove_data_free(&join, obj);
	printf("free: %s, verify: %s\n", groove_strerror(err), groove_strerror(groove_data_verify(&join)));
	groove_region_leave(region, &join);
	return groove_region_detach(region) == GROOVE_SUCCESS ? EXIT_SUCCESS : EXIT_FAILURE;
}
