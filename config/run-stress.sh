#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
#
# run-stress.sh BUILD ARGUMENTS...: groove-stress on the pages that with-hugepages.sh found.

set -eu

program=$1/app/groove-stress
shift
if [ "${GROOVE_HUGEPAGES:-none}" = none ]; then
	# two volumes, the shared region and EAL's own
	set -- --no-huge -m 2304 "$@"
else
	set -- --in-memory "$@"
fi
set -- "$program" "$@"
echo "$*"
exec "$@"
