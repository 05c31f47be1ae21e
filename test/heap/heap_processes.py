#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
"""A heap in a DPDK primary, its secondary, and a process without EAL: each frees what the others allocated, and goes on
when one of them is killed.

usage: heap_processes.py GROOVE_HEAP_PROCESS

With hugepages, which a secondary needs: run it under config/with-hugepages.sh. Without it has a primary and a process
without EAL alone.
"""

import contextlib
import os
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from cli import CPUS, RUNTIME, Skip, hugetlbfs  # noqa: E402  pylint: disable=wrong-import-position

NAME = f"heap-cli-{os.getpid()}"
HUGEPAGES = os.environ.get("GROOVE_HUGEPAGES", "none")
EAL = ["--no-pci", "--no-telemetry", "--log-level", "lib.eal:error"]
SHARED = ["--file-prefix", NAME, "-m", "64"]
ALONE = ["--no-huge", "-m", "64", "--no-shconf"]
# where nothing else lies, in any process: a secondary must find it free
BASE = ["--base-virtaddr", "0x200000000000"]


class Process:
    """A process that has the heap open."""

    def __init__(self, program, kind, eal):
        self.kind = kind
        self.child = subprocess.Popen([program, NAME, *eal], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.expect("open")

    def expect(self, words):
        """Read a line, which must be that."""
        line = self.child.stdout.readline().rstrip("\n")
        if line != words:
            sys.exit(f"{self.kind}: \"{line}\", expected \"{words}\"")

    def do(self, command, words):
        """Have something done, and see what it says."""
        self.child.stdin.write(command + "\n")
        self.child.stdin.flush()
        self.expect(words)

    def kill(self):
        """End it as kill -9 does."""
        self.child.kill()
        self.child.wait()

    def end(self):
        """Let it end."""
        self.child.stdin.close()
        if self.child.wait() != 0:
            sys.exit(f"{self.kind}: exit status {self.child.returncode}")


def run(program, directory):
    """Run all; with a secondary where there is a mount of hugepages."""
    eal = [*EAL, *(["--huge-dir", directory, *SHARED, *BASE] if directory is not None else ALONE)]
    primary = Process(program, "primary", [*eal, "-l", ",".join(CPUS)])
    others = [Process(program, "plain", [])]
    if directory is not None:
        others.append(Process(program, "secondary", [*eal, "-l", CPUS[0], "--proc-type", "secondary"]))
    primary.do("alloc 500 1", "allocated 500")
    for number, other in enumerate(others):
        other.do("free 1", f"freed {500 if number == 0 else 0}, bad 0")
        other.do(f"alloc 300 {2 + number}", "allocated 300")
    primary.do("lcores 20000", f"lcores {len(CPUS)}")
    others[-1].do("alloc 200 9", "allocated 200")
    others[-1].kill()
    primary.do("free 9", "freed 200, bad 0")
    for number in range(len(others)):
        primary.do(f"free {2 + number}", "freed 300, bad 0")
    for other in others[:-1]:
        other.do("alloc 100 7", "allocated 100")
        primary.do("free 7", "freed 100, bad 0")
        other.end()
    primary.do("verify", "verify: success")
    primary.end()
    print(f"{len(others) + 1} processes: primary, {', '.join(other.kind for other in others)}: pass")


def main():
    """Run with what there is."""
    try:
        with hugetlbfs() if HUGEPAGES != "none" else contextlib.nullcontext() as directory:
            run(sys.argv[1], directory)
    except Skip as skip:
        print(f"SKIP: {skip}")
        sys.exit(77)
    finally:
        shutil.rmtree(RUNTIME / NAME, ignore_errors=True)


if __name__ == "__main__":
    main()
