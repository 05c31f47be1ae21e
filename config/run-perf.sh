#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
#
# run-perf.sh BUILD ARGUMENTS...: groove-perf on the pages that with-hugepages.sh found; table, figures, picture and a page of them go
# to BUILD/perf.

set -eu

program=$1/app/groove-perf
out=$1/perf
shift
if [ "${GROOVE_HUGEPAGES:-none}" = none ]; then
	# two volumes, the shared region, and what rte_malloc and rte_mempool take besides
	set -- --no-huge -m 3072 "$@"
else
	set -- --in-memory "$@"
fi
mkdir -p "$out"
set -- "$program" "$@" --json "$out/perf.json" --plot "$out/perf.svg"
echo "$*"
rm -f "$out"/*
# Ctrl-C reaches all of them: the program ends cleanly, and what it then says is still written
trap : INT
{ "$@" 2>&1 || touch "$out/failed"; } | tee -i "$out/perf.txt"
if [ -e "$out/failed" ]; then
	echo "some figures are missing, see above" >&2
	exit 1
fi
"$(dirname "$0")/perf-report.py" "$out/perf.json" >"$out/perf.rst"
cd "$out"
echo "written to $out:" ./*
