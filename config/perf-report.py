#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
"""Make a page for the guides of what groove-perf wrote with --json.

usage: perf-report.py JSON... > PAGE.rst

Each workload gets a section with the command of its file, and a table: a row for each form, number of lcores and call, a
column for each allocator, and last the options that repeat the row. A workload that is in several files is taken from
the last.
"""

import json
import shlex
import sys

# options that say what to run, and where results go: a row has its own
OWN = ("--workload", "--allocator", "--sizes", "--sz", "--n", "--from", "--to", "--kept", "--json", "--plot")
CPU_SHARE_GOOD = 0.95
POOL = "rte_mempool"
LICENCE = """..  SPDX-License-Identifier: BSD-3-Clause
    Copyright(c) 2026 The groove authors

..  made by config/perf-report.py of what groove-perf wrote: do not edit
"""
INTRO = """groove and other allocators
===========================

You want to know how groove compares with what you could use instead, and to repeat it. :doc:`../tools/groove_perf` says
what each workload does. Times are medians, in ns and in cycles of the TSC for a call; ``x`` is the time divided by that
of ``rte_mempool`` in the same run. The last column has the options that repeat the row, after those of the section's
command.
"""


def base_command(command):
    """The words of a command that hold for all its rows."""
    words, skip = [], False
    for word in command:
        name, has_value, _ = word.partition("=")
        if not skip and name not in OWN:
            words.append(word)
        skip = not skip and name in OWN and not has_value
    return words


def options_of(record):
    """The options that repeat a record."""
    words = ["--workload", record["workload"]]
    if record["sizes"]:
        words += ["--sizes", record["sizes"]]
    if record["from_sz"]:
        words += ["--from", record["from_sz"], "--to", record["to_sz"], "--kept", record["kept_of"]]
    elif record["variant"]:
        # the one size of work is no choice
        words += [*([] if record["workload"] == "work" else ["--sz", record["sz"]]), "--n", record["n"]]
    return " ".join(str(word) for word in words)


def time_text(record):
    """A time of a call: ns, cycles, and over rte_mempool's."""
    if record["ns_per_op"] is None:
        return ""
    text = f"{record['ns_per_op']:.2f} ns, {record['cycles_per_op']:.1f} cy"
    if record["ratio_to_rte_mempool"] and record["allocator"] != POOL:
        text += f", {record['ratio_to_rte_mempool']:.2f} x"
    return text


def shift_text(record):
    """A share of the freed bytes, and of what the slots have room for."""
    if record["share"] is None:
        return "slow"
    room = next((record[key] for key in ("share_of_slots", "share_of_neighbours") if record[key] is not None), None)
    return f"{record['share']:.3f}" + (f"; of the room {room:.3f}" if room is not None else "")


def drift_text(record):
    """Failures, share, and time at first and last."""
    if record["share"] is None:
        return "slow"
    return f"{record['fulls']:.0f} failures, {record['share']:.3f} live, {record['ns_first']:.0f} to {record['ns_last']:.0f} ns"


def latency_text(record):
    """Quantiles."""
    return ", ".join(f"{record[key]:.0f}" for key in ("p50", "p99", "p999", "p9999")) + " ns"


def text_of(record):
    """What stands in a record's place."""
    if record["workload"] == "shift":
        return shift_text(record)
    if record["workload"] == "drift":
        return drift_text(record)
    if record["workload"] == "latency":
        return latency_text(record)
    if record["phase"]:
        return "slow" if record["share"] is None else f"{record['share']:.3f}"
    return time_text(record)


def row_of(record):
    """What tells a row from others."""
    return record["variant"] or record["sizes"] or "", record["lcores"], record["call"] or record["phase"] or ""


def table(head, rows):
    """A list-table."""
    lines = [".. list-table::", "   :header-rows: 1", ""]
    for row in [head, *rows]:
        lines += [f"   {'*' if i == 0 else ' '} - {cell}".rstrip() for i, cell in enumerate(row)]
    return "\n".join(lines) + "\n"


def workload_table(records):
    """All figures of a workload."""
    names = list(dict.fromkeys(record["allocator"] for record in records))
    cells = {(row_of(record), record["allocator"]): text_of(record) for record in records}
    first = {}
    for record in records:
        first.setdefault(row_of(record), record)
    rows = [[form, lcores, call, *(cells.get(((form, lcores, call), name), "") for name in names),
             f"``{options_of(record)}``"] for (form, lcores, call), record in first.items()]
    return table(["form", "lcores", "call", *(f"``{name}``" for name in names), "repeat with"], rows)


def bulk_table(records):
    """groove's bulk calls over its single ones, where both were timed; empty: nowhere."""
    single = {}
    for record in records:
        if (record["workload"], record["allocator"], record["order"]) == ("batch", "groove", "fifo"):
            single.setdefault((record["sz"], record["n"], record["lcores"]), []).append(record["ns_per_op"])
    rows = []
    for record in records:
        ns = single.get((record["sz"], record["n"], record["lcores"]))
        if record["workload"] == "bulk" and record["allocator"] == "groove" and not record["touch"] and ns:
            rows.append([record["variant"], record["lcores"], f"{record['ns_per_op'] * len(ns) / sum(ns):.2f}",
                         f"``--workload bulk,batch --sz {record['sz']} --n {record['n']}``"])
    return table(["form", "lcores", "bulk : single", "repeat with"], rows) if rows else ""


def section(title, *parts):
    """A section of the page."""
    return "\n".join([f"\n{title}\n{'-' * len(title)}\n", *parts])


def whose(records):
    """Allocators with version and page size."""
    found = {record["allocator"]: record for record in records}
    return "; ".join(f"{name} {record['version']}" + (f" on pages of {record['page_sz'] >> 10} KiB" if record["page_sz"] else "")
                     for name, record in found.items())


def workload_section(workload, result, records):
    """All that a file says of a workload."""
    command = shlex.join([*base_command(result["command"]), "--workload", workload])
    shares = [record["cpu_share"] for record in records if record["cpu_share"]]
    parts = [f"{result['start'][:10]}, DPDK {result['dpdk']}: {whose(records)}.\n",
             f".. code-block:: console\n\n   {command}\n"]
    if shares and min(shares) < CPU_SHARE_GOOD:
        parts.append(f".. warning:: Other programs ran on these CPUs: the lcores had {min(shares) * 100:.0f} % of them at "
                     "worst. Do not trust the times.\n")
    return section(workload, *parts, workload_table(records))


def page(results):
    """The whole page."""
    workloads = {}
    for result in results:
        found = {}
        for record in result["records"]:
            found.setdefault(record["workload"], []).append(record)
        workloads.update({name: (result, records) for name, records in found.items()})
    parts = [workload_section(name, result, records) for name, (result, records) in workloads.items()]
    bulks = bulk_table([record for _, records in workloads.values() for record in records])
    if bulks:
        parts.append(section("Bulk calls over single ones", "The time of groove's bulk calls that touch no object, divided by "
                             "that of as many single ones.\n", bulks))
    return "\n".join([LICENCE, INTRO, *parts])


def main():
    """Print the page. Returns the exit status."""
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        print(__doc__, file=sys.stderr)
        return 2
    results = []
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as file:
            results.append(json.load(file))
    print(page(results), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
