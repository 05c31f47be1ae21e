/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <stdio.h>
#include <stdlib.h>

#include <groove.h>

int
main(void)
{
	const groove_data_cfg_t cfg = {.volume_sz = GROOVE_VOLUME_FOOTPRINT_MIN, .volume_max = 1};
	const uint64_t align = groove_data_align();
	void *shared = aligned_alloc(align, (groove_data_footprint_cfg(&cfg) + align - 1) / align * align);
	void *volume = aligned_alloc(GROOVE_VOLUME_ALIGN, cfg.volume_sz);
	groove_data_t join;

	if (!groove_data_new_cfg(shared, &cfg) || !groove_data_join(&join, shared, volume, 0, 0))
		return 1;
	groove_data_volume_add(&join, volume, cfg.volume_sz, NULL, 0);

	int err;
	char *packet = groove_data_alloc(&join, 64, 1500, 42, &err); /* any lcore, any process */
	if (!packet)
		return 1;
	printf("tag %lu, %lu bytes\n", groove_data_alloc_tag(packet), groove_data_alloc_sz(packet));
	err = groove_data_free(&join, packet); /* and any other may free it */
	printf("free: %s, verify: %s\n", groove_strerror(err), groove_strerror(groove_data_verify(&join)));

	groove_data_leave(&join);
	free(volume);
	free(groove_data_delete(shared));
	return 0;
}
