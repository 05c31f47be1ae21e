#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
#
# localise.sh OBJCOPY AR CC... -- ARCHIVE OUT [PATTERN...]: make of an archive one object in which only those symbols are
# global that fit a pattern and are not hidden, and an archive of it. The program that links it may have the other names
# for things of its own.

set -eu

objcopy=$1
ar=$2
shift 2
cc=
while [ "$1" != -- ]; do
	cc="$cc $1"
	shift
done
shift
archive=$1
out=$2
shift 2

set -f # a pattern is the linker's
keep=
for pattern; do
	keep="$keep --keep-global-symbol=$pattern"
done
object=${out%.a}.o
# shellcheck disable=SC2086 # words on purpose
$cc -r -nostdlib -o "$object" -Wl,--whole-archive "$archive" -Wl,--no-whole-archive
# shellcheck disable=SC2086 # words on purpose
"$objcopy" --wildcard --localize-hidden $keep "$object"
rm -f "$out"
"$ar" rcs "$out" "$object"
rm "$object"
