#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
"""Processes that get, hold and put elements of one mempool are killed at random moments: the others go on, every element is
accounted for, and all are back when the application has said so. First children of one process, then secondaries of EAL,
with mempool caches.

usage: mempool_kill.py GROOVE_MEMPOOL_KILL [KILLS [SECONDARIES]]    (50 and 5)
       mempool_kill.py GROOVE_MEMPOOL_KILL others [KILLS]    (2000) the same kills of DPDK's own drivers, which are
                                                             counted until the survivor hangs or has no element left

Needs root, and free pages of 2 MiB. Exit status 77: skipped, with the reason.
"""

import os
import pathlib
import select
import shutil
import signal
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "share"))
import share_cli  # noqa: E402  pylint: disable=import-error,wrong-import-position

PAGES = 100
PATIENCE = 20  # seconds without a line from one that lives: it hangs
BASE = ["--base-virtaddr", "0x200000000000"]
# other lcores, which there are on any machine, one of them for services
EAL_2 = ["--lcores", "1@0,2@0", "-S", "2", *share_cli.EAL[2:]]


def start(program, eal, *words):
    """A process of the program."""
    return subprocess.Popen([program, *eal, "--", *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        start_new_session=True)


def expect(process, word):
    """The next line that a process prints must be this one."""
    line = process.stdout.readline().strip()
    if line != word:
        sys.exit(f"failed: expected \"{word}\", got {line!r}")


def tell(process, order):
    """Give the primary an order."""
    process.stdin.write(order + "\n")
    process.stdin.flush()


def children(program, kills):
    """Kill children."""
    eal = [*share_cli.EAL, "--in-memory"]
    done = subprocess.run(
        [program, *eal, "--", "fork", "groove", str(kills)], capture_output=True, text=True, check=False)
    if done.returncode != 0 or "none lost" not in done.stdout:
        sys.exit(f"failed: {done.stdout[-500:]}{done.stderr[-2000:]}")
    print(done.stdout.strip().splitlines()[-1])


def secondaries(program, shared, kills):
    """Kill secondaries, which have lcores of their own, the same ones one after the other."""
    started = [start(program, [*shared, *BASE, "--proc-type", "primary"], "primary")]
    primary = started[0]
    try:
        expect(primary, "made")
        for _ in range(kills):
            eal = [*EAL_2, *shared[len(share_cli.EAL):], "--proc-type", "secondary"]
            started.append(start(program, eal, "secondary"))
            expect(started[-1], "inside")
            tell(primary, f"strike {started[-1].pid}")
            expect(primary, "struck")
            if started[-1].wait() != -9:
                sys.exit(f"failed: the secondary ended by itself, status {started[-1].returncode}")
            tell(primary, "recover")
            expect(primary, "recovered")
        tell(primary, "end")
        output = primary.stdout.read()
        if primary.wait() != 0 or "none lost" not in output:
            sys.exit(f"failed: {output}")
        print(f"{kills} secondaries killed, {output.strip()}")
    finally:
        for process in started:
            process.kill()


def survive(program, driver, kills):
    """How long the survivor of kills goes on with another driver."""
    process = start(program, [*share_cli.EAL, "--in-memory"], "fork", driver, str(kills))
    last = "0 kills"
    end = "goes on"
    while True:
        if not select.select([process.stdout], [], [], PATIENCE)[0]:
            end = "the survivor hangs at the next kill"
            break
        line = process.stdout.readline()
        if not line or "none lost" in line:
            break
        last = line.strip()
        if last.endswith(" 0 elements"):
            end = "nothing is left"
            break
    os.killpg(process.pid, signal.SIGKILL)  # with the child that is not killed yet
    process.wait()
    print(f"{driver}: {last}: {end}", flush=True)


def main():
    """Run the test."""
    share_cli.watch.under_watch()
    program, words = sys.argv[1], sys.argv[2:]
    if os.geteuid() != 0 or share_cli.free_pages() < PAGES:
        print(f"SKIP: needs root and {PAGES} free pages of 2 MiB")
        sys.exit(77)
    if words[:1] == ["others"]:
        for driver in ("ring_mp_mc", "stack", "lf_stack", "groove"):
            survive(program, driver, int(words[1]) if len(words) > 1 else 2000)
        return
    children(program, int(words[0]) if words else 50)
    prefix = f"groove-mempool-{os.getpid()}"
    with share_cli.hugetlbfs() as directory:
        try:
            secondaries(program, [*share_cli.EAL, "--huge-dir", directory, "--file-prefix", prefix],
                int(words[1]) if len(words) > 1 else 5)
        finally:
            shutil.rmtree(f"/var/run/dpdk/{prefix}", ignore_errors=True)
    print("pass")


if __name__ == "__main__":
    main()
