#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
#
# run-fuzz.sh BUILD SECONDS: run each fuzzer of a build folder for a time, as many at once as there are CPUs, from its
# seeds and what earlier runs have kept in BUILD/corpus. What is found lies in BUILD/findings. The last line counts.

set -u

build=${1:?usage: run-fuzz.sh BUILD SECONDS}
seconds=${2:?usage: run-fuzz.sh BUILD SECONDS}
build=$(realpath "$build") || exit 1
passed=0
failed=0

mkdir -p "$build/findings"

# longer inputs are slower and find no more; an input that takes 20 s hangs, one that takes 1 GiB grows without bound
fuzz() { # PROGRAM
	local name=${1##*/fuzz-}

	mkdir -p "$build/corpus/$name" "$build/seeds/$name"
	"$1" --seeds="$build/seeds/$name" &&
		"$1" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=1024 -max_len=512 -len_control=0 \
			-seed="${FUZZ_SEED:-0}" -verbosity=0 -print_final_stats=1 -artifact_prefix="$build/findings/$name-" \
			"$build/corpus/$name" "$build/seeds/$name" >"$build/fuzz-$name.log" 2>&1
}

summary() { # NAME STATUS
	awk -v name="$1" -v result="$2" '
		/stat::number_of_executed_units/ { runs = $2 }
		/stat::average_exec_per_sec/ { rate = $2 }
		END { printf "%-10s %-6s %10d inputs, %d a second\n", name, result, runs, rate }
	' "$build/fuzz-$1.log"
}

pids=()
names=()
for program in "$build"/test/fuzz/fuzz-*; do
	case $program in
	*-seeds | *.p) continue ;;
	esac
	while [ "$(jobs -rp | wc -l)" -ge "$(nproc)" ]; do
		sleep 0.2
	done
	fuzz "$program" &
	pids+=($!)
	names+=("${program##*/fuzz-}")
done
for i in "${!pids[@]}"; do
	if wait "${pids[$i]}"; then
		passed=$((passed + 1))
		summary "${names[$i]}" ok
		continue
	fi
	failed=$((failed + 1))
	summary "${names[$i]}" FAILED
	grep -vE '^(INFO|#|stat::|Dictionary)' "$build/fuzz-${names[$i]}.log" | tail -n 60
done
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
