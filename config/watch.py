#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
"""Run a test and end it when it makes no progress. No test is judged by the clock: machines differ, and so does load.

usage: watch.py COMMAND...

Progress is what the command and all its descendants do: time on a CPU, and bytes that they write. The command is ended
    when for IDLE_S seconds they write nothing and are on a CPU for less than IDLE_CPU_S: all of them wait;
    when they are on CPUs for SPIN_CPU_S and write nothing: they turn in circles.
Both limits are multiplied by GROOVE_TEST_PATIENCE (1), for sanitizers and emulators (and to test this script). Seconds are those in which this
process had its turn, so that a stopped or suspended machine does not count.

What a test relies on is so, whatever started it: signals have their default effect, none is blocked (nohup and shells
without job control leave some ignored), and no process of the test outlives it. The exit status is the command's; 124
when it was ended here, 128 + N when it or this process was ended by signal N.
"""

import ctypes
import os
import pathlib
import signal
import subprocess
import sys
import time

IDLE_S = 180
IDLE_CPU_S = 4
SPIN_CPU_S = 900
GRACE_S = 20  # for what is left to end by itself, and again from SIGTERM to SIGKILL
MARK = "GROOVE_TEST_WATCHED"
STATUS_ENDED = 124
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
LIBC = ctypes.CDLL(None)
TICKS_PER_S = os.sysconf("SC_CLK_TCK")
USUAL = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGPIPE, signal.SIGALRM, signal.SIGUSR1,
         signal.SIGUSR2, signal.SIGCHLD)
TAKEN = {signal.SIGCHLD, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM}


def reset_signals():
    """Let signals have their default effect, here and in what is started from here."""
    for signum in USUAL:
        signal.signal(signum, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, set())


def under_watch():
    """Start this script anew under watch, unless it is already. For test scripts that are run by hand."""
    if os.environ.get(MARK) != "1":
        os.execv(sys.executable, [sys.executable, __file__, sys.executable, *sys.argv])
    reset_signals()


def stat_fields(pid):
    """Fields of /proc/PID/stat from the third on; None when it has gone."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return None


def descendants():
    """Processes under this one, each with its fields."""
    stats = {int(name): stat_fields(name) for name in os.listdir("/proc") if name.isdigit()}
    children = {}
    for pid, fields in stats.items():
        if fields:
            children.setdefault(int(fields[1]), []).append(pid)
    found = {}
    todo = [os.getpid()]
    while todo:
        for pid in children.get(todo.pop(), []):
            found[pid] = stats[pid]
            todo.append(pid)
    return found


def cpu_s(processes):
    """Time on CPUs of processes, and of their children that have ended."""
    ended = os.times()
    return ended.children_user + ended.children_system + sum(
        sum(int(field) for field in fields[11:15]) for fields in processes.values()) / TICKS_PER_S


def written(processes):
    """Bytes that processes have written: whatever changes it is progress."""
    total = 0
    for pid in processes:
        try:
            text = pathlib.Path(f"/proc/{pid}/io").read_text(encoding="utf-8")
            total += int(text.split("wchar:")[1].split()[0])
        except (OSError, IndexError):
            continue
    return total


def tell(why, processes):
    """Say why the command is ended, and what each of its processes does."""
    print(f"watch: {why}", file=sys.stderr)
    for pid, fields in processes.items():
        words = []
        for name in ("cmdline", "wchan"):
            try:
                text = pathlib.Path(f"/proc/{pid}/{name}").read_text(encoding="utf-8", errors="replace")
            except OSError:
                text = "?"
            words.append(text.replace("\0", " ").strip())
        cpu = sum(int(field) for field in fields[11:13]) / TICKS_PER_S
        print(f"watch: process {pid}: state {fields[0]}, waits in {words[1]}, {cpu:.1f} s on a CPU: {words[0]}",
              file=sys.stderr)
    sys.stderr.flush()


def send_all(signum):
    """Send a signal to all descendants."""
    for pid in descendants():
        try:
            os.kill(pid, signum)
        except ProcessLookupError:
            continue


class Progress:
    """What a command has done so far."""

    def __init__(self, patience):
        self.idle_s = IDLE_S * patience
        self.spin_cpu_s = SPIN_CPU_S * patience
        self.bytes = -1
        self.still_s = 0  # seconds since it wrote or worked
        self.still_cpu_s = 0.0  # its time on CPUs then
        self.silent_cpu_s = 0.0  # its time on CPUs when it wrote last

    def missing(self, processes):
        """Look, a second later. Returns why this is no progress; None: it is, or may yet be."""
        now_cpu_s = cpu_s(processes)
        now_bytes = written(processes)
        wrote = now_bytes != self.bytes
        self.bytes = now_bytes
        # a process that nobody waited for takes its time along
        self.silent_cpu_s = now_cpu_s if wrote else min(self.silent_cpu_s, now_cpu_s)
        self.still_s += 1
        if wrote or not 0 <= now_cpu_s - self.still_cpu_s < IDLE_CPU_S:
            self.still_s = 0
            self.still_cpu_s = now_cpu_s
        if self.still_s >= self.idle_s:
            return f"no progress: for {self.still_s} s nothing was written and nearly nothing done"
        if now_cpu_s - self.silent_cpu_s >= self.spin_cpu_s:
            return f"no progress: {now_cpu_s - self.silent_cpu_s:.0f} s on CPUs, and nothing was written"
        return None


class Command:
    """The command under watch. Signals are taken one by one, so that none comes at a bad time."""

    def __init__(self, words, patience):
        self.patience = patience
        self.grace_s = max(1, int(GRACE_S * min(patience, 1)))
        signal.pthread_sigmask(signal.SIG_BLOCK, TAKEN)
        LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)  # an orphan comes here
        # a session of its own: a signal for the group around reaches it by way of this process only, and once
        # kept: once dropped, it would take leave of the process itself
        self.popen = subprocess.Popen(words, preexec_fn=self.child_setup, start_new_session=True)
        self.pid = self.popen.pid
        self.status = None

    @staticmethod
    def child_setup():
        """In the child, before it becomes the command."""
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        reset_signals()

    def reap(self):
        """Take leave of all that have ended."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if pid == self.pid:
                self.status = os.waitstatus_to_exitcode(status)

    def wait(self, seconds, done):
        """Let so many seconds pass in which this process has its turn, until done() or a signal, which it returns."""
        while seconds > 0 and not done():
            got = signal.sigtimedwait(TAKEN, 1)
            if got is None:
                seconds -= 1
            elif got.si_signo != signal.SIGCHLD:
                return got.si_signo
            self.reap()
        return None

    def end(self):
        """End all that is left: with a chance to clean up, then without."""
        self.reap()
        for signum in (signal.SIGTERM, signal.SIGKILL):
            send_all(signum)
            self.wait(self.grace_s, lambda: not descendants())

    def watch(self):
        """Returns its exit status, or the one that stands for what became of it."""
        progress = Progress(self.patience)
        while True:
            signum = self.wait(1, lambda: self.status is not None)
            if self.status is not None:
                return self.status if self.status >= 0 else 128 - self.status
            if signum is not None:
                self.pass_on(signum)
                self.end()
                return 128 + signum
            processes = descendants()
            why = progress.missing(processes)
            if why is not None:
                tell(why, processes)
                return STATUS_ENDED

    def pass_on(self, signum):
        """Hand a signal to the command, and let it end."""
        os.kill(self.pid, signum)
        self.wait(self.grace_s, lambda: self.status is not None)


def main():
    """Run a command under watch."""
    if len(sys.argv) < 2:
        print(__doc__.splitlines()[2], file=sys.stderr)
        return 2
    patience = float(os.environ.get("GROOVE_TEST_PATIENCE") or 1)
    os.environ[MARK] = "1"
    try:
        command = Command(sys.argv[1:], patience)
    except OSError as error:
        print(f"watch: {sys.argv[1]}: {error.strerror}", file=sys.stderr)
        return 127
    status = command.watch()
    command.wait(command.grace_s if status != STATUS_ENDED else 0, lambda: not descendants())  # what ends by itself may
    if descendants():
        if status != STATUS_ENDED:
            tell("left by the test, ended here", descendants())
        command.end()
    return status


if __name__ == "__main__":
    sys.exit(main())
