#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
"""An EAL secondary that only calls groove is killed again and again, at random moments, while its primary runs: this one
goes on, EAL's locks stay free, and nothing is lost.

usage: eal_kill.py GROOVE_FAULT_EAL [KILLS]    (100)

A process that is killed while EAL starts may hang the others there: so it is killed after it has said that it is in the
groove. Needs root, and free pages of 2 MiB. Exit status 77: skipped, with the reason.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "share"))
import share_cli  # noqa: E402  pylint: disable=import-error,wrong-import-position

PAGES = 200
# above what secondaries, which have to map the same addresses, may have mapped already
BASE = ["--base-virtaddr", "0x200000000000"]


class Process:
    """A process of EAL."""

    started = []

    def __init__(self, program, eal, role, board):
        self.child = subprocess.Popen(
            [program, *eal, "--", role, board], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.started.append(self.child)

    def expect(self, word):
        """The next line that it prints must be this one."""
        line = self.child.stdout.readline().strip()
        if line != word:
            sys.exit(f"failed: expected \"{word}\", got {line!r}")

    def tell(self, order):
        """Give an order."""
        self.child.stdin.write(order + "\n")
        self.child.stdin.flush()


def kill_once(primary, secondary):
    """One death, and what the primary does about it."""
    secondary.expect("inside")
    primary.tell(f"strike {secondary.child.pid}")
    primary.expect("struck")
    if secondary.child.wait() != -9:
        sys.exit(f"failed: the secondary ended by itself, status {secondary.child.returncode}")
    primary.tell("recover")
    primary.expect("recovered")


def run(program, shared, board, kills):
    """All of it."""
    primary = Process(program, [*shared, *BASE, "--proc-type", "primary"], "primary", board)
    primary.expect("made")
    for _ in range(kills):
        kill_once(primary, Process(program, [*shared, "--proc-type", "secondary"], "secondary", board))
    primary.tell("end")
    output = primary.child.stdout.read()
    if primary.child.wait() != 0 or "lost 0 bytes, 0 objects" not in output:
        sys.exit(f"failed: {output}")
    print(output.strip())


def main():
    """Run the test."""
    share_cli.watch.under_watch()
    kills = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    if os.geteuid() != 0 or share_cli.free_pages() < PAGES:
        print(f"SKIP: needs root and {PAGES} free pages of 2 MiB")
        sys.exit(77)
    prefix = f"groove-fault-{os.getpid()}"
    with share_cli.hugetlbfs() as directory, tempfile.TemporaryDirectory() as temporary:
        shared = [*share_cli.EAL, "--huge-dir", directory, "--file-prefix", prefix]
        try:
            run(sys.argv[1], shared, str(pathlib.Path(temporary) / "board"), kills)
        finally:
            for child in Process.started:
                child.kill()
            shutil.rmtree(f"/var/run/dpdk/{prefix}", ignore_errors=True)
    print(f"{kills} kills\npass")


if __name__ == "__main__":
    main()
