#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
#
# run-stress.sh BUILD VOLUMES EAL_ARGUMENTS... -- ARGUMENTS...: groove-stress with that many volumes of 1 GiB, on the
# pages that with-hugepages.sh found.

set -eu

if [ $# -lt 2 ]; then
	echo "usage: $0 BUILD VOLUMES EAL_ARGUMENTS... -- ARGUMENTS..." >&2
	exit 2
fi
program=$1/app/groove-stress
volumes=$2
shift 2

# the option of the program goes in front of its others, so that these win
for arg in "$@"; do
	shift
	set -- "$@" "$arg"
	[ "$arg" != -- ] || set -- "$@" --volume-cnt "$volumes"
done
if [ "${GROOVE_HUGEPAGES:-none}" = none ]; then
	# the volumes, and a quarter of one for the shared region and EAL's own
	set -- --no-huge -m $((volumes * 1024 + 256)) "$@"
else
	set -- --in-memory "$@"
fi
set -- "$program" "$@"
echo "$*"
exec "$@"
