#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
"""Check the page that config/perf-report.py makes: figures that are known, read back from its tables.

usage: perf_report_check.py PERF_REPORT
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile

KEYS = ("workload allocator lcores variant sz n order touch call ns_per_op cycles_per_op cpu_share p50 p99 p999 p9999 max sizes "
        "phase share from_sz to_sz kept_of share_of_slots share_of_neighbours fulls ns_first ns_last ratio_to_rte_mempool "
        "version page_sz").split()
COMMAND = ["groove-perf", "--in-memory", "-l", "0,1", "--", "--workload", "batch,bulk", "--sz=64", "--n", "32", "--reps", "7",
           "--json", "out.json", "--plot=x.svg", "--allocator", "groove,rte_mempool"]
BASE = "groove-perf --in-memory -l 0,1 -- --reps 7"


def record(workload, allocator, ns=None, **more):
    """A record; what is not said is null."""
    values = {"lcores": 1, "ns_per_op": ns, "cycles_per_op": ns and 2.5 * ns, "version": "1.2", "page_sz": 4096, **more}
    return {**dict.fromkeys(KEYS), "workload": workload, "allocator": allocator, **values}


def form(variant, sz, n, **more):
    """What a form has."""
    return {"variant": variant, "sz": sz, "n": n, "touch": False, **more}


def batch(call, groove, pool):
    """groove's and rte_mempool's times in a batch."""
    more = form("64x32 fifo", 64, 32, order="fifo", call=call, cpu_share=.99)
    return [record("batch", "groove", groove, ratio_to_rte_mempool=groove / pool, **more),
            record("batch", "rte_mempool", pool, ratio_to_rte_mempool=1, **more)]


RECORDS = [
    *batch("alloc", 6, 4), *batch("free", 10, 3.2),
    record("bulk", "groove", 4, cpu_share=.5, ratio_to_rte_mempool=8, **form("64x32", 64, 32)),
    record("bulk", "groove", 5, cpu_share=.9, **form("64x32 touch", 64, 32, touch=True)),
    record("pair", "glibc", 2, sz=64),
    record("latency", "groove", 9, call="free", p50=50, p99=99, p999=100.4, p9999=1000),
    record("shift", "groove", share=0, from_sz=64000, to_sz=1900, kept_of=2, share_of_slots=.25, variant="64000>1900 1/2"),
    record("shift", "glibc", from_sz=64000, to_sz=1900, kept_of=2, variant="64000>1900 1/2"),
    record("drift", "groove", 30, share=.85, fulls=7, ns_first=31, ns_last=29.4),
    record("fill", "groove", sizes="packets", phase="fresh", share=.8714),
    record("fill", "groove", sizes="packets", phase="churned"),
]
# section: rows of its table
EXPECTED = {
    "batch": [["form", "lcores", "call", "``groove``", "``rte_mempool``", "repeat with"],
              ["64x32 fifo", "1", "alloc", "6.00 ns, 15.0 cy, 1.50 x", "4.00 ns, 10.0 cy", "``--workload batch --sz 64 --n 32``"],
              ["64x32 fifo", "1", "free", "10.00 ns, 25.0 cy, 3.12 x", "3.20 ns, 8.0 cy", "``--workload batch --sz 64 --n 32``"]],
    "bulk": [["form", "lcores", "call", "``groove``", "repeat with"],
             ["64x32", "1", "", "4.00 ns, 10.0 cy, 8.00 x", "``--workload bulk --sz 64 --n 32``"],
             ["64x32 touch", "1", "", "5.00 ns, 12.5 cy", "``--workload bulk --sz 64 --n 32``"]],
    "pair": [["form", "lcores", "call", "``glibc``", "repeat with"], ["", "1", "", "2.00 ns, 5.0 cy", "``--workload pair``"]],
    "latency": [["form", "lcores", "call", "``groove``", "repeat with"],
                ["", "1", "free", "50, 99, 100, 1000 ns", "``--workload latency``"]],
    "shift": [["form", "lcores", "call", "``groove``", "``glibc``", "repeat with"],
              ["64000>1900 1/2", "1", "", "0.000; of the room 0.250", "slow", "``--workload shift --from 64000 --to 1900 --kept 2``"]],
    "drift": [["form", "lcores", "call", "``groove``", "repeat with"],
              ["", "1", "", "7 failures, 0.850 live, 31 to 29 ns", "``--workload drift``"]],
    "fill": [["form", "lcores", "call", "``groove``", "repeat with"],
             ["packets", "1", "fresh", "0.871", "``--workload fill --sizes packets``"],
             ["packets", "1", "churned", "slow", "``--workload fill --sizes packets``"]],
    # 4 for a call in bulk, 6 and 10 for single ones
    "Bulk calls over single ones": [["form", "lcores", "bulk : single", "repeat with"],
                                    ["64x32", "1", "0.50", "``--workload bulk,batch --sz 64 --n 32``"]],
}


def tables(page):
    """The sections of a page: title, text, and rows of the table."""
    parts = re.split(r"^(\S.*)\n-+\n", page, flags=re.MULTILINE)[1:]
    for title, body in zip(parts[::2], parts[1::2]):
        rows = []
        for mark, cell in re.findall(r"^   ([* ]) -(?: (.*))?$", body, flags=re.MULTILINE):
            if mark == "*":
                rows.append([])
            rows[-1].append(cell)
        yield title, body, rows


def made_of(program, *results):
    """The page of some results."""
    with tempfile.TemporaryDirectory(prefix="groove-test-") as folder:
        paths = []
        for i, records in enumerate(results):
            paths.append(pathlib.Path(folder) / f"{i}.json")
            paths[-1].write_text(json.dumps({"start": f"2026-01-0{i + 1}T00:00:00Z", "dpdk": "22.11", "command": COMMAND,
                                             "records": records}), encoding="utf-8")
        return subprocess.run([program, *paths], capture_output=True, text=True, check=True).stdout


def main():
    """Check it. Returns the exit status."""
    wrong = []
    # what is in two files is taken from the last
    page = made_of(sys.argv[1], [record("pair", "glibc", 77, sz=64)], RECORDS)
    found = {title: (body, rows) for title, body, rows in tables(page)}
    if set(found) != set(EXPECTED):
        wrong.append(f"sections {list(found)}")
    for title, rows in EXPECTED.items():
        body, seen = found.get(title, ("", []))
        if seen != rows:
            wrong.append(f"{title}: {seen}, expected {rows}")
        if title[0].islower() and f"   {BASE} --workload {title}\n" not in body:
            wrong.append(f"{title}: no command in {body}")
        if (".. warning::" in body) != (title == "bulk") or ("50 % of them" in body) != (title == "bulk"):
            wrong.append(f"{title}: warning in {body}")
    if "groove 1.2 on pages of 4 KiB" not in found["batch"][0]:
        wrong.append(f"no version in {found['batch'][0]}")
    if subprocess.run([sys.argv[1]], capture_output=True, check=False).returncode != 2:
        wrong.append("no file is good enough")
    print(*wrong, sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
