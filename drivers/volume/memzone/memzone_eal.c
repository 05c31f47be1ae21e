/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "memzone_eal.h"

#include <pthread.h>

#include <rte_eal.h>
#include <rte_lcore.h>
#include <rte_memory.h>

#include <groove_volume_driver.h>

/* Address space of EAL, which goes at rte_eal_cleanup(); NULL: nothing of it was used yet. */
static const void *eal_sign;

/* A memzone may be freed, the address space that EAL has it in stays. */
void
memzone_eal_note(const struct rte_memzone *zone)
{
	__atomic_store_n(&eal_sign, rte_mem_virt2memseg_list(zone->addr)->base_va, __ATOMIC_RELAXED);
}

bool
memzone_eal_is_there(void)
{
	/* Relaxed: the calls of a process that ends EAL are ordered by it. */
	const void *sign = __atomic_load_n(&eal_sign, __ATOMIC_RELAXED);

	return rte_lcore_count() > 0 && (sign == NULL || groove_volume_is_mapped(sign));
}

static int
action_unused(const struct rte_mp_msg *msg, const void *peer)
{
	(void)msg;
	(void)peer;
	return 0;
}

bool
memzone_eal_shares(void)
{
	static const char action[] = "groove_memzone";
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	bool shares;

	if (!rte_eal_has_hugepages())
		return false;
	pthread_mutex_lock(&lock);
	shares = rte_mp_action_register(action, action_unused) == 0;
	if (shares)
		rte_mp_action_unregister(action);
	pthread_mutex_unlock(&lock);
	return shares;
}
