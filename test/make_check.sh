#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
#
# Check the front door: each target of `make help` installs what it needs first, from a scope that there is, and
# `make run` builds the program that it runs and nothing else.
#
# usage: make_check.sh

set -u

top=$(cd "$(dirname "$0")/.." && pwd)
failed=0

# of a make around, which would say where it is
unset MAKEFLAGS MAKELEVEL MFLAGS

# what a target would do where nothing is built yet
plan() { # TARGET
	make --no-print-directory -C "$top" -n "$1" BUILD=/no/such/folder 2>/dev/null
}

fail() {
	echo "not ok - $*"
	failed=1
}

targets=$(make --no-print-directory -C "$top" help | awk '{ print $2 }')
[ "$(echo "$targets" | wc -l)" -gt 10 ] || fail "make help lists: $targets"
for target in $targets; do
	case $target in
	clean | help) continue ;;
	esac
	first=$(plan "$target" | grep -v '^make' | head -n 1)
	scope=${first#*install-packages.sh }
	[ "$scope" != "$first" ] || fail "make $target does not install anything first: $first"
	# the scope is a word
	# shellcheck disable=SC2086
	"$top"/config/install-packages.sh --list $scope >/dev/null || fail "make $target: no packages for $scope"
done
plan run | grep '^ninja' | grep -qx 'ninja -C /no/such/folder app/groove-stress drivers/groove_volume_memzone.so' ||
	fail "make run builds: $(plan run | grep '^ninja')"
"$top"/config/install-packages.sh --list nothing >/dev/null 2>&1 && fail "a scope that there is not"
"$top"/config/install-packages.sh --list all | grep -q ' doxygen ' || fail "all is not all"
# each package is one that there is, where apt has a list of them
if find /var/lib/apt/lists -name '*_Packages*' 2>/dev/null | grep -q .; then
	for each in $("$top"/config/install-packages.sh --list all); do
		echo "$each" | tr '|' '\n' | LC_ALL=C xargs apt-cache policy | grep 'Candidate: [^(]' >/dev/null ||
			fail "no package $each"
	done
fi
exit "$failed"
