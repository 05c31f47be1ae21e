#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
#
# Run commands of groove-test with the EAL arguments that suit the machine.
#
# usage: run-eal-test.sh GROOVE_TEST NAME[,NAME]    or, for the prompt:    run-eal-test.sh GROOVE_TEST
#
# GROOVE_HUGEPAGES in the environment says where memory comes from: huge or gigantic, reserved already, or normal (the
# default). Two lcores, on two CPUs if there are two; GROOVE_TEST_TILES=N has N share these CPUs.

set -eu

if [ $# -lt 1 ] || [ $# -gt 2 ]; then
	echo "usage: $0 GROOVE_TEST [NAME[,NAME]]" >&2
	exit 2
fi

case ${GROOVE_HUGEPAGES:-normal} in
huge | gigantic) memory='--in-memory' ;;
normal | none) memory='--no-huge -m 1024 --no-shconf' ;;
*)
	echo "GROOVE_HUGEPAGES is \"$GROOVE_HUGEPAGES\", give gigantic, huge or normal" >&2
	exit 2
	;;
esac

cpus=$("$(dirname "$0")/../config/cpus.sh")
first=${cpus%%,*}
rest=${cpus#*,}
second=${rest%%,*}
lcores="0@$first,1@$second"
[ -z "${GROOVE_TEST_TILES:-}" ] || lcores="(0-$((GROOVE_TEST_TILES - 1)))@($first,$second)"
export DPDK_TEST="${2:-}"

# $memory is several words.
# shellcheck disable=SC2086
exec "$1" $memory --lcores "$lcores" --no-pci --no-telemetry --log-level=lib.eal:warning
