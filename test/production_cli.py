#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
"""What operators do to a running system, as the guide "In production" has it: containers, users, limits, debuggers,
backup, upgrades, crashes. Each case plays a line of that page with the real programs.

usage: production_cli.py GROOVE_STRESS [WORD...]
"""

import contextlib
import os
import pathlib
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile

from cli import CPUS, Skip, expect, main

NAME = f"production-{os.getpid()}"
VOLUME_SZ = 32 << 20
# what needs neither hugepages nor other processes of EAL
EAL = ["--no-huge", "-m", "64", "--no-shconf", "--lcores", f"0@{CPUS[0]}"]
SHAPE = ["--volume-sz", "32M", "--volume-cnt", "1", "--sz-max", "4K", "--slot-cnt", "64"]
TURNS = ["--alloc-cnt", "2000"]
HOUR = ["--duration", "3600"]
NOBODY = 65534
# in the header of a region: lib/region/region_hdr.h
VERSION = 16
# a program that may make namespaces; what it makes ends with it
CONTAINER = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--ipc", "--uts"]
AS_NOBODY = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
# root in a namespace of users, and a user outside
ROOTLESS = [*AS_NOBODY, "unshare", "--user", "--map-root-user"]


def needs(*programs):
    """Skip where a program is missing, or root."""
    if os.geteuid() != 0:
        raise Skip("needs root")
    for program in programs:
        if shutil.which(program) is None:
            raise Skip(f"needs {program}")


def may(*command):
    """Skip where a command is refused, as to make namespaces may be in a container."""
    done = subprocess.run([*command, "true"], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Skip(f"{command[0]} is refused here: {done.stderr.strip()}")


def stop(child):
    """Stop a process, and wait until it is: a call of the kernel that it is in ends first."""
    child.send_signal(signal.SIGSTOP)
    while pathlib.Path(f"/proc/{child.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "T":
        os.sched_yield()


@contextlib.contextmanager
def memory_group(limit_sz):
    """A group of processes with a limit of memory. Gives its folder, and the name of the limit's file."""
    for base in ("/sys/fs/cgroup/memory", "/sys/fs/cgroup"):
        group = pathlib.Path(base) / NAME
        try:
            group.mkdir()
        except OSError:
            continue
        try:
            for limit in ("memory.limit_in_bytes", "memory.max"):
                if (group / limit).exists():
                    (group / limit).write_text(str(limit_sz), encoding="ascii")
                    yield group, limit
                    return
        finally:
            group.rmdir()
    raise Skip("no cgroup with a limit of memory can be made here")


class ProductionCli:
    """Cases with a groove of driver file in a folder of its own, unless they say otherwise."""

    def __init__(self, program, folder):
        self.stress = program
        build = pathlib.Path(program).parent.parent
        self.ctl = build / "app" / "groove-ctl"
        self.share = build / "test" / "share" / "groove-share"
        self.preload = build / "test" / "production" / "groove-test-preload.so"
        self.folder = folder
        self.running = []

    # ---- running ----

    @contextlib.contextmanager
    def place(self, **how):
        """A folder for a groove. All that a case started ends before the folder does."""
        with tempfile.TemporaryDirectory(prefix="groove-test-", **how) as folder:
            try:
                yield folder
            finally:
                for child in self.running:
                    child.kill()
                    child.wait()
                    child.stdout.close()
                self.running.clear()

    def words(self, where, *options, driver="file", wrap=()):
        """The command of a groove-stress in the groove of that folder."""
        place = ["--driver", driver, "--page-sz", "normal", *(["--dir", where] if where else [])]
        return [*wrap, self.stress, *EAL, "--", "--name", NAME, *place, *options]

    def run(self, *command, status=0, **how):
        """Run to the end. Returns what it printed."""
        done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              check=False, **how)
        expect(done.returncode == status, f"{command}: exit status {done.returncode}, not {status}:\n{done.stdout}")
        return done.stdout

    def start(self, command, says="groove ", **how):
        """Start what says so once it takes part in a groove."""
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **how)
        self.running.append(child)
        lines = []
        for line in child.stdout:
            lines.append(line)
            if line.startswith(says):
                return child
        child.wait()
        expect(False, f"{command}: exit status {child.returncode}:\n{''.join(lines)}")
        return child

    def make(self, where):
        """Make a groove that is at rest."""
        self.run(self.share, "make", "file", where, NAME, stdin=subprocess.DEVNULL)

    def die(self, child):
        """Kill it where it is, with all that it started."""
        child.kill()
        child.stdout.read()
        child.wait()

    def passes(self, where, *options, **how):
        """A run of some turns in the groove ends in pass."""
        text = self.run(*self.words(where, *options, *TURNS, **how))
        expect(text.splitlines()[-1] == "pass", text)
        return text

    # ---- containers ----

    def test_containers_share_a_file(self):
        """Processes of one number, each the first of its own container."""
        needs("unshare")
        may(*CONTAINER)
        with self.place() as where:
            first = self.start(self.words(where, *SHAPE, *HOUR, wrap=CONTAINER))
            self.start(self.words(where, *HOUR, wrap=CONTAINER))
            self.die(first)
            text = self.passes(where)
            expect("attached, with 1 other process" in text, text)

    def test_container_with_a_boot_id_of_its_own(self):
        """It has the groove of a living process, and that has it still."""
        needs("unshare", "mount")
        may(*CONTAINER)
        with self.place() as where:
            boot_id = pathlib.Path(where) / "boot_id"
            boot_id.write_text("01234567-89ab-cdef-0123-456789abcdef\n", encoding="ascii")
            other_boot = [*CONTAINER, "sh", "-c",
                          f'mount --bind "{boot_id}" /proc/sys/kernel/random/boot_id && exec "$@"', "sh"]
            self.start(self.words(where, *SHAPE, *HOUR))
            for wrap in (other_boot, ()):
                text = self.passes(where, wrap=wrap)
                expect("attached, with 1 other process" in text, text)

    def test_container_with_another_clock(self):
        """A container that was moved keeps its time."""
        clock = ["unshare", "--time", "--boottime", "1000000", "--monotonic", "1000000", "--fork", "--kill-child"]
        needs("unshare")
        may(*clock)
        with self.place() as where:
            first = self.start(self.words(where, *SHAPE, *HOUR))
            self.passes(where, wrap=clock)
            self.die(first)
            text = self.passes(where, wrap=clock)
            expect("recovered after processes that died: joins" in text, text)

    def test_container_that_is_stopped(self):
        """As by docker pause: nobody waits for it."""
        with self.place() as where:
            first = self.start(self.words(where, *SHAPE, *HOUR))
            first.send_signal(signal.SIGSTOP)
            self.passes(where)
            first.send_signal(signal.SIGCONT)

    def test_container_does_not_see_memfd(self):
        """Its /proc has no descriptors of others: it makes a groove of its own."""
        needs("unshare")
        may(*CONTAINER)
        with self.place():
            self.start(self.words(None, *SHAPE, *HOUR, driver="memfd"))
            text = self.passes(None, driver="memfd")
            expect("attached, with 1 other process" in text, text)
            text = self.passes(None, *SHAPE, driver="memfd", wrap=CONTAINER)
            expect("made here" in text, text)

    # ---- users ----

    def test_other_user_may_not(self):
        needs("setpriv")
        with self.place() as where:
            os.chmod(where, 0o755)
            self.start(self.words(where, *SHAPE, *HOUR))
            text = self.run(*self.words(where, *TURNS, wrap=AS_NOBODY), status=1)
            expect("Permission denied" in text and where in text, text)

    def planted(self, where, uid, mode):
        """A groove at rest, which then belongs to a user and has a mode."""
        self.make(where)
        os.chown(f"{where}/groove.{NAME}", uid, uid)
        os.chmod(f"{where}/groove.{NAME}", mode)

    def refused_unless_trusted(self, where, word):
        """The line says why, and which option takes it; with that it is used."""
        text = self.run(*self.words(where, *TURNS), status=1)
        expect(word in text and "--trust-owner" in text, text)
        text = self.passes(where, "--trust-owner")
        expect(word in text and "trusted, as asked" in text, text)

    def test_groove_planted_by_another_user(self):
        needs()
        with self.place() as where:
            self.planted(where, NOBODY, 0o600)
            self.refused_unless_trusted(where, f"belongs to user {NOBODY}")

    def test_groove_that_others_may_write(self):
        needs()
        with self.place() as where:
            self.planted(where, 0, 0o666)
            self.refused_unless_trusted(where, "has mode 0666")

    def test_directory_that_others_may_change(self):
        needs()
        with self.place() as where:
            self.make(where)
            os.chmod(where, 0o777)
            self.refused_unless_trusted(where, "lies in a directory that other users may change")

    def test_rootless_container(self):
        """Its root is the user that started it, in the one as outside."""
        needs("setpriv", "unshare")
        may(*ROOTLESS)
        with self.place() as where:
            os.chown(where, NOBODY, NOBODY)
            self.start(self.words(where, *SHAPE, *HOUR, wrap=AS_NOBODY))
            for wrap in (ROOTLESS, AS_NOBODY):
                text = self.passes(where, wrap=wrap)
                expect("attached, with 1 other process" in text, text)

    # ---- limits ----

    def limited(self, limit, value, *options, words, driver="file"):
        """A run under a limit of its process ends with an error that says so, and leaves no file."""
        with self.place() as where:
            text = self.run(*self.words(where if driver == "file" else None, *options, driver=driver), status=1,
                            preexec_fn=lambda: resource.setrlimit(limit, (value, value)))
            for word in words:
                expect(word in text, f"no {word!r} in {text!r}")
            expect(os.listdir(where) == [], os.listdir(where))

    def test_memory_limit_of_a_container(self):
        """Cgroups of either version. What it has no room for is an error, and nobody is killed."""
        needs()
        with self.place(), memory_group(6 * VOLUME_SZ) as (group, limit):
            inside = ["sh", "-c", f'echo 0 >"{group}/cgroup.procs" && exec "$@"', "sh"]
            text = self.run(*self.words(None, *SHAPE, *TURNS, "--volume-cnt", "8", driver="memfd", wrap=inside), status=1)
            expect(f"{group}/{limit} has" in text and "raise that limit" in text, text)
            text = self.run(*self.words(None, *SHAPE, *TURNS, driver="memfd", wrap=inside))
            expect(text.splitlines()[-1] == "pass", text)

    def test_ulimit_of_file_size(self):
        """EAL has a file of the memory that it is started with, so the limit is above that."""
        for driver in ("file", "memfd"):
            self.limited(resource.RLIMIT_FSIZE, 3 * VOLUME_SZ, "--volume-sz", "128M", "--volume-cnt", "1",
                         words=["ulimit -f"], driver=driver)

    def test_ulimit_of_address_space(self):
        self.limited(resource.RLIMIT_AS, 8 << 30, "--volume-sz", "1G", "--volume-cnt", "16", words=["address space"])

    def test_ulimit_of_locked_memory(self):
        """Nothing is locked, so a limit of zero is none; root has no such limit."""
        needs("setpriv")
        with self.place() as where:
            os.chown(where, NOBODY, NOBODY)
            text = self.run(*self.words(where, *SHAPE, *TURNS, wrap=["prlimit", "--memlock=0", "--", *AS_NOBODY]))
            expect(text.splitlines()[-1] == "pass", text)

    def test_ulimit_of_descriptors(self):
        """The line names the limit; with enough of them for the program itself the region has enough, too."""
        with self.place() as where:
            for cnt in range(4, 16):
                command = ["prlimit", f"--nofile={cnt}", "--", self.share, "make", "file", where, NAME]
                done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                      text=True, check=False)
                if done.returncode == 0:
                    break
                expect("Too many open files" in done.stderr, f"{cnt} descriptors: {done.stderr}")
                expect(os.listdir(where) == [], os.listdir(where))
            expect(done.returncode == 0, f"not with {cnt} descriptors either: {done.stderr}")

    def test_mount_that_is_too_small(self):
        needs("unshare", "mount")
        may("unshare", "--mount")
        with self.place() as where:
            small = ["unshare", "--mount", "sh", "-c", f'mount -t tmpfs -o size=40M none "{where}" && exec "$@"', "sh"]
            text = self.run(*self.words(where, "--volume-sz", "32M", "--volume-cnt", "2", wrap=small), status=1)
            expect("no memory for" in text or "No space left" in text, text)

    # ---- debuggers ----

    def work(self, driver, folder, **how):
        """Start a program that makes a groove of up to 8 volumes and works in it. Returns it, and where the file is."""
        where = folder if driver == "file" else None
        return self.start([self.share, "found", driver, where or "-", NAME], says="base ", stdin=subprocess.PIPE,
                          **how), where

    def end_work(self, worker):
        """Have it end; it checks every object that it frees."""
        worker.stdin.close()
        text = worker.stdout.read()
        expect(worker.wait() == 0 and "allocs" in text, f"exit status {worker.returncode}: {text}")

    def preloaded(self, what):
        """The environment of a program to which another library does this."""
        return {**os.environ, "LD_PRELOAD": str(self.preload), "GROOVE_TEST_PRELOAD": what}

    def blocks(self, child, where):
        """Blocks that a groove's file has: the one in that folder, or the memory file of a process."""
        if where:
            return os.stat(f"{where}/groove.{NAME}").st_blocks
        files = [each for each in pathlib.Path(f"/proc/{child.pid}/fd").iterdir() if "memfd:groove" in os.readlink(each)]
        expect(files, "no memory file")
        return os.stat(files[0]).st_blocks

    def test_gcore_of_a_running_process(self):
        """No hole gets memory by it, and the process goes on."""
        if shutil.which("gcore") is None:
            raise Skip("needs gcore, of Debian's package gdb")
        for driver in ("file", "memfd"):
            with self.place() as folder:
                worker, where = self.work(driver, folder)
                stop(worker)
                before = self.blocks(worker, where)
                self.run("gcore", "-o", f"{folder}/core", worker.pid)
                after = self.blocks(worker, where)
                expect(after == before, f"{driver}: {before} blocks, then {after}")
                worker.send_signal(signal.SIGCONT)
                self.end_work(worker)

    def test_all_memory_is_locked(self):
        """Before the program begins. Only what it has grown has memory: of 8 volumes it uses one."""
        for driver in ("file", "memfd"):
            with self.place() as folder:
                worker, where = self.work(driver, folder, env=self.preloaded("lock"))
                blocks = self.blocks(worker, where)
                expect(blocks * 512 < 2 * VOLUME_SZ, f"{driver}: {blocks} blocks")
                self.end_work(worker)

    def test_profiler_with_a_timer(self):
        """A signal every 100 us: growing ends, and so does all else."""
        for driver in ("file", "memfd"):
            with self.place() as folder:
                where = folder if driver == "file" else None
                text = self.run(*self.words(where, *SHAPE, *TURNS, "--volume-cnt", "4", driver=driver),
                                env=self.preloaded("profiler"))
                expect(text.splitlines()[-1] == "pass", text)

    # ---- terminals ----

    def test_nohup(self):
        """A terminal that goes away ends nothing."""
        with self.place() as where:
            first = self.start(self.words(where, *SHAPE, *HOUR, wrap=["nohup"]))
            first.send_signal(signal.SIGHUP)
            text = self.passes(where)
            expect("attached, with 1 other process" in text, text)
            expect(first.poll() is None, "ended by SIGHUP")

    # ---- backup ----

    def test_backup_of_a_groove_in_use(self):
        """The copy is noticed to be one, and may be torn."""
        with self.place() as where, self.place() as elsewhere:
            first = self.start(self.words(where, *SHAPE, *HOUR))
            self.run("cp", f"{where}/groove.{NAME}", elsewhere)
            text = self.run(*self.words(elsewhere, *TURNS), status=1)
            expect("is a copy of a region that was in use" in text, text)
            self.passes(where)
            expect(first.poll() is None, "the original is no longer in use")

    def test_backup_of_a_groove_at_rest(self):
        """A copy of every byte is whole. A plain one, which is no clone, has holes where there was memory."""
        with self.place() as where, self.place() as plain, self.place() as elsewhere:
            self.make(where)
            self.run("cp", "--reflink=never", f"{where}/groove.{NAME}", plain)
            self.run("cp", "--sparse=never", f"{where}/groove.{NAME}", elsewhere)
            text = self.run(self.ctl, "info", NAME, "--driver", "file", "--dir", plain, status=2)
            expect("is torn" in text, text)
            for folder in (where, elsewhere):
                text = self.passes(folder)
                expect("attached, with 0 other process" in text, text)

    def test_file_removed_in_use(self):
        """Those that have it go on with it; the name is free for another."""
        with self.place() as where:
            first = self.start(self.words(where, *SHAPE, *HOUR))
            os.unlink(f"{where}/groove.{NAME}")
            text = self.passes(where, *SHAPE)
            expect("made here" in text, text)
            first.send_signal(signal.SIGINT)
            first.wait()

    # ---- upgrades ----

    def test_upgrade_meets_another_layout(self):
        """It is refused before anything of it is read, and nothing is changed."""
        with self.place() as where:
            self.make(where)
            path = pathlib.Path(where) / f"groove.{NAME}"
            with open(path, "r+b") as groove:
                groove.seek(VERSION)
                version = int.from_bytes(groove.read(4), sys.byteorder)
                groove.seek(VERSION)
                groove.write((version + 1).to_bytes(4, sys.byteorder))
            before = path.read_bytes()
            text = self.run(*self.words(where, *TURNS), status=1)
            expect(f"has layout {version + 1}" in text, text)
            expect(path.read_bytes() == before, "it was changed")
            text = self.run(self.ctl, "destroy", NAME, "--driver", "file", "--dir", where, status=1)
            expect("nothing was destroyed" in text and "use that library" in text, text)
            expect(path.read_bytes() == before, "it was changed by destroy")

    # ---- after a crash ----

    def test_crash_of_all(self):
        """The next finds it, recovers, and has all of it."""
        with self.place() as where:
            dead = [self.start(self.words(where, *SHAPE, *HOUR)), self.start(self.words(where, *HOUR))]
            for child in dead:
                child.send_signal(signal.SIGSTOP)
            for child in dead:
                self.die(child)
            text = self.passes(where)
            joins = sum(int(cnt) for cnt in re.findall("processes that died: joins (\\d+)", text))
            expect(joins >= 2, text)


if __name__ == "__main__":
    sys.exit(main(ProductionCli, __doc__))
