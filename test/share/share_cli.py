#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
"""Several processes in one named region, of EAL and plain: they work, one of them has volumes taken away and added again,
and all end; then another finds every object, checks it, frees it and verifies.

usage: share_cli.py GROOVE_SHARE DRIVER [CYCLES [SECONDS]]    CYCLES: in which a volume goes and comes (100);
SECONDS: the least that they work (1)
       share_cli.py PROGRAM alone    one process of an EAL that shares its memory

Needs root, and free pages of 2 MiB for hugetlbfs and memzone. Exit status 77: skipped, with the reason.
"""

import contextlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

EAL = ["-l", "0", "--no-pci", "--no-telemetry", "--log-level", "lib.eal:error"]
ALONE = [*EAL, "--no-huge", "-m", "64", "--no-shconf"]
# where nothing else lies, in any process and under any sanitizer: a secondary must find it free
BASE = ["--base-virtaddr", "0x200000000000"]
NAME = "share"

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent / "config"))
import watch  # noqa: E402  pylint: disable=wrong-import-position

running = []  # all that were started


class Process:
    """A role that is being played."""

    def __init__(self, program, eal, role, driver, directory, *more):
        words = [program, *(eal + ["--"] if eal else []), role, driver, directory, NAME, *more]
        self.what = " ".join(words[1:])
        self.child = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        running.append(self.child)

    def line(self):
        """The next line that it prints."""
        return self.child.stdout.readline().strip()

    def pause(self):
        """Let a founder end its work. Returns what it printed of it."""
        self.child.stdin.write("\n")
        self.child.stdin.flush()
        return self.line()

    def end(self, tell):
        """Let it end: tell it to, or wait until it does by itself. Returns what else it printed."""
        if tell:
            self.child.stdin.close()
        output = self.child.stdout.read()
        status = self.child.wait()
        if status != 0:
            sys.exit(f"failed: {self.what}: exit status {status}, said {output!r}")
        return output


def end_all():
    """End what a failed test left running."""
    for child in running:
        if child.poll() is None:
            child.kill()
            child.wait()


def number(pattern, text):
    """The number after a word."""
    found = re.search(pattern + r" (\d+)", text)
    if not found:
        sys.exit(f"failed: no \"{pattern}\" in {text!r}")
    return int(found.group(1))


def base(process):
    """Where it has the volumes."""
    line = process.line()
    if not line.startswith("base 0x"):
        sys.exit(f"failed: {process.what}: said {line!r}, not its base")
    print(f"{line}: {process.what}", flush=True)
    return line


def play(program, driver, directory, eals, amount, apart, founder=None):
    """Workers with these EAL arguments each, the founder if it is one, and a cycler; amount: cycles and seconds."""
    wanted, seconds = amount
    start = time.monotonic()
    workers = [Process(program, eal, "work", driver, directory) for eal in eals]
    cycler = Process(program, eals[-1], "cycle", driver, directory, str(wanted))
    bases = [base(process) for process in [*workers, cycler, *([founder] if founder else [])]]
    if apart and len(set(bases)) != len(bases):
        sys.exit("failed: two have the volumes at one address, which proves nothing")
    time.sleep(max(0, seconds - (time.monotonic() - start)))
    cycles = number("cycles", cycler.end(tell=True))
    allocs = [number("allocs", worker.end(tell=True)) for worker in workers]
    if founder:
        allocs.append(number("allocs", founder.pause()))
    print(f"{cycles} cycles; workers made {allocs} objects", flush=True)
    if cycles < wanted or min(allocs) == 0:
        sys.exit("failed: too little was done")


def check(program, driver, directory, eal):
    """A new process finds all as it should be."""
    checker = Process(program, eal, "check", driver, directory)
    base(checker)
    print(checker.end(tell=False).strip(), flush=True)


def free_pages():
    """Free hugepages of 2 MiB."""
    return int(pathlib.Path("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages").read_text(encoding="ascii"))


@contextlib.contextmanager
def hugetlbfs():
    """A mount of its own."""
    with tempfile.TemporaryDirectory(prefix="groove-test-") as directory:
        subprocess.run(["mount", "-t", "hugetlbfs", "-o", "pagesize=2M", "none", directory], check=True)
        try:
            yield directory
        finally:
            end_all()
            subprocess.run(["umount", directory], check=True)


def test_outliving(program, driver, directory, amount):
    """The region is there when nobody is."""
    maker = Process(program, [], "make", driver, directory)
    maker.line()
    maker.end(tell=True)
    play(program, driver, directory, [ALONE, ALONE, []], amount, apart=True)
    check(program, driver, directory, [])
    Process(program, [], "destroy", driver, directory).end(tell=False)


def test_memfd(program, amount):
    """The region is there as long as somebody has it."""
    maker = Process(program, [], "make", "memfd", "-")
    maker.line()
    play(program, "memfd", "-", [ALONE, []], amount, apart=True)
    check(program, "memfd", "-", [])
    maker.end(tell=True)


def test_memzone(program, amount):
    """Primary and secondaries."""
    prefix = f"groove-{os.getpid()}"
    try:
        with hugetlbfs() as directory:
            shared = [*EAL, "--huge-dir", directory, "--file-prefix", prefix]
            secondary = [*shared, "--proc-type", "secondary"]
            founder = Process(program, [*shared, *BASE, "--proc-type", "primary"], "found", "memzone", "-")
            if founder.line() != "made":
                founder.end(tell=True)
                sys.exit("failed: no region")
            play(program, "memzone", "-", [secondary, secondary], amount, apart=False, founder=founder)
            check(program, "memzone", "-", secondary)
            founder.end(tell=True)
    finally:
        shutil.rmtree(f"/var/run/dpdk/{prefix}", ignore_errors=True)


def test_alone(program):
    """A primary that nobody joins."""
    prefix = f"groove-{os.getpid()}"
    try:
        with hugetlbfs() as directory:
            words = [program, *EAL, "--huge-dir", directory, "--file-prefix", prefix]
            status = subprocess.run(words, check=False).returncode
            if status != 0:
                sys.exit(f"failed: {' '.join(words)}: exit status {status}")
    finally:
        shutil.rmtree(f"/var/run/dpdk/{prefix}", ignore_errors=True)


def main():
    """Run the test of a driver."""
    watch.under_watch()
    program, driver = sys.argv[1:3]
    amount = (int(sys.argv[3]) if len(sys.argv) > 3 else 100, float(sys.argv[4]) if len(sys.argv) > 4 else 1)
    if driver in ("hugetlbfs", "memzone", "alone") and (os.geteuid() != 0 or free_pages() < 400):
        print("SKIP: needs root and 800 MiB of free 2 MiB pages")
        sys.exit(77)
    if driver == "memzone":
        test_memzone(program, amount)
    elif driver == "alone":
        test_alone(program)
    elif driver == "memfd":
        test_memfd(program, amount)
    elif driver == "hugetlbfs":
        with hugetlbfs() as directory:
            test_outliving(program, driver, directory, amount)
    else:
        with tempfile.TemporaryDirectory(prefix="groove-test-", dir="/dev/shm") as directory:
            test_outliving(program, driver, directory, amount)
    print("pass")


if __name__ == "__main__":
    main()
