#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
"""Test what groove writes to shared memory in the workloads of groove-perf, by groove-perf-count, and that program.

usage: perf_count_cli.py GROOVE_PERF_COUNT [WORD...]

Runs the cases whose names contain one of the words, or all; cli.py has what it shares with tests of other programs. No
time is judged: it is counts that have bounds.
"""

import sys

from cli import CPUS, Cli, expect, main

MEMORY = ["--volume-sz", "32M", "--volume-cnt", "32"]
COUNTS = ("calls", "atomics_header", "atomics_elsewhere", "atomics_own_record", "stores_elsewhere")
ON_ONE = ("churn", "burst", "bulk", "pair", "tight", "batch", "work", "latency")
ON_TWO = (*ON_ONE, "pipe", "pipe-bulk", "mixed-free")
CALLS = 10**7
BOUNDS = {"churn": 0.1, "pair": 0}  # atomics a call, elsewhere than on the header of the call's object


class Tests(Cli):
    """The cases of groove-perf-count."""

    memory_mib = 512
    quick = [*MEMORY, "--workload", "pair", "--calls", "1000"]
    option = "--calls"
    endless = [*MEMORY, "--workload", "pair", "--calls", "1000000000"]

    def counts(self, status, *options):
        """Run to the end with an exit status; returns the records by workload, lcores and call, sums checked; stderr."""
        self.json_path.unlink(missing_ok=True)
        done = self.run(*MEMORY, *options, "--json", str(self.json_path))
        expect(done.returncode in status, f"exit status {done.returncode}:\n{done.stdout}{done.stderr}")
        counts = {(record["workload"], record["lcores"], record["call"]): record for record in self.json_result()["records"]}
        for (workload, lcores, call), record in counts.items():
            if call != "all":
                continue
            for key in COUNTS:
                parts = [counts[workload, lcores, part][key] for part in ("alloc", "free")]
                expect(record[key] == sum(parts), f"{key}: {record[key]} of {parts}")
        return counts, done.stderr

    def test_shared_lines_are_left_alone(self):
        counts, _ = self.counts([0], "--workload", ",".join(BOUNDS), "--calls", str(CALLS))
        expect(len(counts) == len(BOUNDS) * len(CPUS) * 3, f"{counts.keys()}")
        for (workload, _, call), record in counts.items():
            per_call = record["atomics_elsewhere"] / record["calls"]
            expect(call != "all" or record["calls"] >= CALLS, f"{record}")
            expect(call != "all" or per_call <= BOUNDS[workload], f"{record}: {per_call} a call")
            # the free wins one compare-and-swap on the header
            expect(call != "free" or record["atomics_header"] >= record["calls"], f"{record}")

    def test_no_cache_is_caught(self):
        counts, stderr = self.counts([2], "--workload", ",".join(BOUNDS), "--calls", "100000", "--no-cache")
        for (workload, lcores, call), record in counts.items():
            expect(record["allocator"] == "groove-nocache", f"{record}")
            # it enters an epoch, in its own record, and changes a superblock's word
            # each claim and each put is one on the superblock's word at least, and an alloc enters the epoch
            expect(call != "alloc" or record["atomics_own_record"] >= record["calls"], f"{record}")
            expect(record["atomics_elsewhere"] >= record["calls"], f"{record}")
            expect(call != "all" or f"{workload}, {lcores} lcore" in stderr, stderr)

    def test_every_workload(self):
        # so few calls are no steady state: the bounds may be passed
        counts, _ = self.counts([0, 2], "--calls", "1000")
        wanted = {(workload, lcores, call) for lcores in range(1, len(CPUS) + 1)
                  for workload in (ON_ONE if lcores == 1 else ON_TWO) for call in ("alloc", "free", "all")}
        expect(set(counts) == wanted, f"missing or too many: {set(counts) ^ wanted}")
        for record in counts.values():
            expect(record["atomics_own_record"] <= record["atomics_elsewhere"], f"{record}")

    def test_help(self):
        done = self.run_bare("--", "--help")
        expect(done.returncode == 0 and done.stderr == "" and "--no-cache" in done.stdout, done.stdout + done.stderr)

    def ended(self, signum):
        """A signal in the first workload ends the run cleanly."""
        self.interrupted(self.endless, signum, "writes to shared memory")
        expect(self.json_result()["records"] == [], "a record, with no workload done")


if __name__ == "__main__":
    sys.exit(main(Tests, __doc__))
