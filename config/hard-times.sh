#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
#
# hard-times.sh BUILD TEST...: run tests of a build folder where tests have failed before:
#
#   nohup  signals ignored, no terminal, no input
#   load   while four busy loops run for each two CPUs
#   pages  on 2 MiB pages, while a few 1 GiB pages are free (needs root)
#
# HARD_TIMES in the environment names those to run, all by default. The last line counts.

set -u

if [ $# -lt 2 ]; then
	echo "usage: $0 BUILD TEST..." >&2
	exit 2
fi
build=$1
shift
config=$(dirname "$0")
gigantic=/sys/kernel/mm/hugepages/hugepages-1048576kB
passed=0
failed=0
skipped=0
loops=()
pages=0
log=$(mktemp)

# shellcheck disable=SC2317 # the trap calls it
clean_up() {
	[ ${#loops[@]} -eq 0 ] || kill "${loops[@]}" 2>/dev/null
	loops=()
	[ "$pages" -eq 0 ] || echo $(($(<"$gigantic/nr_hugepages") - pages)) >"$gigantic/nr_hugepages"
	pages=0
	rm -f "$log"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# count NAME: add up what run-tests.py said last in the log.
count() {
	local counts

	counts=$(grep -E '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$log" | tail -n 1 | tr -dc '0-9 ')
	read -r -a counts <<<"${counts:-0 1 0}"
	passed=$((passed + counts[0]))
	failed=$((failed + counts[1]))
	skipped=$((skipped + counts[2]))
	echo "$1: ${counts[0]} passed, ${counts[1]} failed"
}

tests() { # COMMAND... before what runs them
	"$@" "$config/run-tests.py" "$build" -- "${names[@]}" 2>&1 | tee "$log"
}

in_nohup() {
	(
		trap '' HUP INT QUIT TERM
		tests setsid nohup "$config/with-hugepages.sh" 3G -- <&-
	)
}

in_load() {
	local cpu _

	for cpu in $("$config/cpus.sh" | tr ',' ' '); do
		for _ in 1 2; do
			taskset -c "$cpu" sh -c 'while :; do :; done' &
			loops+=($!)
		done
	done
	tests "$config/with-hugepages.sh" 3G --
	kill "${loops[@]}"
	wait "${loops[@]}" 2>/dev/null
	loops=()
}

in_pages() {
	local before after

	[ -w "$gigantic/nr_hugepages" ] && before=$(<"$gigantic/nr_hugepages") &&
		echo $((before + 2)) >"$gigantic/nr_hugepages" && after=$(<"$gigantic/nr_hugepages")
	pages=$((${after:-0} - ${before:-0}))
	if [ "$pages" -eq 0 ]; then
		echo "0 passed, 0 failed, 1 skipped" >"$log"
		echo "skipped: pages: no 1 GiB page is available here"
		return
	fi
	GROOVE_HUGEPAGES=huge tests "$config/with-hugepages.sh" 3G --
	echo $(($(<"$gigantic/nr_hugepages") - pages)) >"$gigantic/nr_hugepages"
	pages=0
}

names=("$@")
for each in ${HARD_TIMES:-nohup load pages}; do
	case $each in
	nohup | load | pages) ;;
	*)
		echo "HARD_TIMES has \"$each\", give nohup, load or pages" >&2
		exit 2
		;;
	esac
	printf '\n== %s\n' "$each"
	"in_$each"
	count "$each"
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ $((passed + skipped)) -gt 0 ]
