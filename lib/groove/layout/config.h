/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_CONFIG_H
#define GROOVE_CONFIG_H

/*
 * What a groove was made for, as its shared region says.
 */

#include <stdbool.h>

#include <groove_data.h>

/* A configuration with the defaults filled in. False, logged, when a value is out of range. */
bool cfg_complete(const groove_data_cfg_t *cfg, groove_data_cfg_t *full);

/* Whether a shared region, which may be damaged, is that of a library with another layout or other size classes. */
bool config_is_foreign(const struct groove_shdata *shdata);
/* Whether there can be a groove of a configuration, in which a zero stands for no default. */
bool config_is_possible(const groove_data_cfg_t *full);

/* Bytes of shared region for a possible configuration. */
uint64_t config_footprint(const groove_data_cfg_t *full);

/* Checksum of the size class table and its hosts: a groove is only for libraries that have the same. */
uint64_t config_szc_sum(void);

/* Whether there is a groove at an address, of this layout, with a sound configuration. Logs, naming the call, when not.
 */
bool is_groove(const void *shmem, const char *call);

/*
 * Whether what is_groove() found has a pool of the same volumes. Apart from it, as a damaged configuration may be sound
 * and place the pool beyond the memory that there is. Logs, naming the call, when not.
 */
bool groove_has_pool(const struct groove_shdata *shdata, const char *call);

/* Whether the configuration in the shared region is still that which a join was made with. Logs when not. */
bool config_is_sound(const groove_data_t *data);

#endif /* GROOVE_CONFIG_H */
