#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
#
# Check that each public header compiles alone, in C11 and in C++17, with every compiler there is, and has no _Atomic.
#
# usage: headers_check.sh SCRATCH_DIR HEADER...

set -u

if [ $# -lt 2 ] || [ ! -d "$1" ]; then
	echo "usage: $0 SCRATCH_DIR HEADER..." >&2
	exit 2
fi

scratch=$1
shift
flags=(-Wall -Wextra -Werror -pedantic)
for header in "$@"; do
	flags+=("-I$(dirname "$header")")
done
compiled=0
failed=0

# compile COMPILER STANDARD SUFFIX HEADER
compile()
{
	source=$scratch/header_alone.$3
	# a header may be of macros alone, a program may not
	printf '#include <%s>\nextern int header_alone;\n' "$(basename "$4")" >"$source"
	if "$1" -std="$2" "${flags[@]}" -fsyntax-only "$source"; then
		compiled=$((compiled + 1))
	else
		echo "$(basename "$4") does not compile alone with $1 -std=$2" >&2
		failed=$((failed + 1))
	fi
}

for header in "$@"; do
	if grep -n '_Atomic\|stdatomic' "$header"; then
		echo "$(basename "$header") uses C11 atomics, which C++ does not have" >&2
		failed=$((failed + 1))
	fi
	for compiler in gcc clang; do
		command -v "$compiler" >/dev/null && compile "$compiler" c11 c "$header"
	done
	for compiler in g++ clang++; do
		command -v "$compiler" >/dev/null && compile "$compiler" c++17 cc "$header"
	done
done
rm -f "$scratch/header_alone.c" "$scratch/header_alone.cc"

if ! command -v g++ >/dev/null && ! command -v clang++ >/dev/null; then
	echo "SKIP: no C++ compiler: install g++"
	[ "$failed" -eq 0 ] && exit 77
fi
echo "$# headers, $compiled compilations without complaint, $failed failures"
[ "$failed" -eq 0 ] && [ "$compiled" -gt 0 ]
