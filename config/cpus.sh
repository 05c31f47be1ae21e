#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
#
# cpus.sh: the CPUs that this process may use and EAL can number as lcores, as for its -l.

set -eu

# RTE_MAX_LCORE of Debian's DPDK
lcore_max=128

sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' /proc/self/status | tr ',' '\n' | awk -F - -v max="$lcore_max" '
{
	for (cpu = $1; cpu <= $NF && cpu < max; cpu++)
		list = list (list == "" ? "" : ",") cpu
}
END { print list }'
