#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
#
# Check that config/gen_szc.py makes a good size class table, and refuses bad ones: one damage for each rule.
#
# usage: szc_check.sh GENERATOR SCRATCH_DIR

set -u

if [ $# -ne 2 ] || [ ! -f "$1" ] || [ ! -d "$2" ]; then
	echo "usage: $0 GENERATOR SCRATCH_DIR (a file and a directory, both must exist)" >&2
	exit 2
fi

generator=$1
good=$2/szc_good.c
bad=$2/szc_bad.c
messages=$2/szc_messages.txt
count=0
failed=0

# pass/fail WHAT: one numbered line for each check.
pass()
{
	count=$((count + 1))
	echo "ok $count - $1"
}

fail()
{
	count=$((count + 1))
	failed=$((failed + 1))
	echo "not ok $count - $1"
	sed 's/^/# /' "$messages"
}

# change CLASS FOOTPRINT OBJ_CNT CGROUP_MASK PARENT: the good table with one row changed; '-' leaves a number as it is.
change()
{
	awk -v szc="$1" -v new="$2 $3 $4 $5" '
		BEGIN { split(new, want, " ") }
		/^\t\{[0-9]/ && row++ == szc {
			split($0, part, /[{}]/)
			split(part[2], have, ", ")
			for (i = 1; i <= 4; i++)
				if (want[i] != "-")
					have[i] = want[i]
			$0 = "\t{" have[1] ", " have[2] ", " have[3] ", " have[4] "}" part[3]
		}
		{ print }' "$good" >"$bad"
}

# field CLASS N: number N (1 to 4) of a row of the good table.
field()
{
	awk -v szc="$1" -v n="$2" '
		/^\t\{[0-9]/ && row++ == szc { split($0, part, /[{}]/); split(part[2], have, ", "); print have[n] }' "$good"
}

# refused RULE WHAT: the bad table must differ from the good one and be refused, by a line that names the rule.
refused()
{
	if cmp -s "$good" "$bad"; then
		echo "the table was not changed" >"$messages"
		fail "$1: $2"
	elif python3 "$generator" --check "$bad" >"$messages" 2>&1; then
		echo "accepted" >>"$messages"
		fail "$1: $2"
	elif ! grep -q ": $1: " "$messages" || grep -q Traceback "$messages"; then
		fail "$1: $2"
	else
		pass "$1: $2"
	fi
}

: >"$messages"
if ! python3 "$generator" --out "$good" >"$messages" 2>&1; then
	fail "a table is made"
	exit 1
fi
pass "a table is made"

if python3 "$generator" --check "$good" >"$messages" 2>&1; then
	pass "it passes"
else
	fail "it passes"
fi

sed '/^	{64, /d' "$good" >"$bad"
refused classes "the first class is missing"

change 5 - 256 - -
refused width "256 objects do not fit a byte"

change 40 9728 - - -
refused lookup "a footprint that groove_data_szc() does not know"

change 40 9217 - - -
refused multiple "a footprint of 9217"

change 31 4160 - - -
refused multiple "a footprint above 4 KiB that is a multiple of 64 only"

change 10 640 - - -
refused ascending "two classes with the same footprint"

change 60 - 1 - -
refused obj_cnt "a superblock of one object"

change 0 - 33 - -
refused obj_cnt "33 objects"

change 20 - - - 20
refused parent "a class that is its own parent"

change 20 - - - 124
refused parent "a parent that is no class"

change 0 - - - 17
refused parent "a parent whose slots are no multiple of 512"

change 122 - - - 127
refused parent "a class other than the slice in a volume"

change 123 - - - 122
refused parent "the slice in a superblock"

hub=$(field 0 4)
change "$hub" - - - 0
refused chain "a circle of parents"

change 0 - 48 - -
refused fit "more objects than fit"

change 0 - 2 - 7
refused leaf "a superblock of 512 bytes"

change "$hub" - 2 - 44
refused internal "a superblock of superblocks of 13312 bytes"

change "$(field 90 4)" - - - $(($(field 90 4) + 1))
refused internal "a superblock of superblocks that nests in its own level"

change 0 - - 62 -
refused groups "63 groups"

change 0 - - 127 -
refused groups "128 groups"

change 100 - - 63 -
refused groups "64 groups with large superblocks"

change 0 - - 0 -
refused groups "fewer groups with a small superblock than with a large one"

change 123 - - 1 -
refused groups "two groups of slices"

change 123 33259520 - - -
refused slice "a slice that is too large for small volumes"

change 123 - 31 - -
refused slice "31 slices in a volume of 1 GiB"

change 95 - 31 - 123
refused hub "a class of 1 MiB with slices of its own"

change 61 53760 - - -
refused inner "a footprint that is 16 % below the next"

change 1 - 16 - -
refused outer "superblocks of 128-byte slots that are half empty"

if python3 "$generator" --check "$2/szc_no_such_file.c" >"$messages" 2>&1 || ! grep -q ": file: " "$messages"; then
	fail "a file that is not there"
else
	pass "a file that is not there"
fi

if [ "$failed" -ne 0 ]; then
	echo "$failed of $count failed"
	exit 1
fi
echo "all $count passed"
