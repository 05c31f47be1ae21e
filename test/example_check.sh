#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
#
# example_check.sh PROGRAM EXPECTED [name]: run an example in a directory of its own, or with a name of its own. It
# prints what EXPECTED has, which is what the guide shows, and leaves no file.

set -eu

program=$1
expected=$2

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

argument=$dir
[ "${3:-}" != name ] || argument=$(basename "$dir")
"$program" "$argument" >"$dir/printed"
diff "$expected" "$dir/printed"
rm "$dir/printed"
rmdir "$dir" || {
	ls "$dir" >&2
	exit 1
}
trap - EXIT
