/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <groove.h>

int
main(void)
{
	const groove_data_cfg_t cfg = {.volume_sz = GROOVE_VOLUME_FOOTPRINT_MIN, .volume_max = 1};
	void *shared = aligned_alloc(groove_data_align(), groove_data_footprint_cfg(&cfg));
	void *volume = aligned_alloc(GROOVE_VOLUME_ALIGN, cfg.volume_sz);
	groove_data_t join;

	if (!groove_data_new_cfg(shared, &cfg) || !groove_data_join(&join, shared, volume, 0, 0) ||
		groove_data_volume_add(&join, volume, cfg.volume_sz, NULL, 0) != GROOVE_SUCCESS)
		return EXIT_FAILURE; /* the log says why */

	char *packet = groove_data_alloc(&join, 64, 1500, 42, NULL); /* on any lcore, in any process */
	if (!packet)
		return EXIT_FAILURE;
	printf("tag %" PRIu64 ", %" PRIu64 " bytes\n", groove_data_alloc_tag(packet), groove_data_alloc_sz(packet));

	int err = groove_data_free(&join, packet); /* any other may free it */
	printf("free: %s, verify: %s\n", groove_strerror(err), groove_strerror(groove_data_verify(&join)));
	return groove_data_leave(&join) && groove_data_delete(shared) ? EXIT_SUCCESS : EXIT_FAILURE;
}
