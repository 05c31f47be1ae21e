# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
"""Cases of groove-stress with --name: several processes in one groove, which come and go, or die, in any order.

Processes run for an hour or until a signal ends them, which comes when all have come and one has had its turns, so
that nothing depends on how fast a machine is.
"""

import contextlib
import errno
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile

from cli import CPUS, Mismatch, Skip, expect, hugetlbfs

NAME = f"cli-{os.getpid()}"
VOLUME_SZ = 32 << 20
SHAPE = ["--volume-sz", "32M", "--volume-cnt", "2", "--sz-max", "16K", "--slot-cnt", "256"]
TURNS = ["--alloc-cnt", "10000"]
HOUR = ["--duration", "1h", "--allow-interrupt"]
# what needs neither hugepages nor other processes of EAL
ALONE = ["--no-huge", "-m", "64", "--no-shconf"]
# where nothing else lies, in any process and under any sanitizer: a secondary must find it free
BASE = ["--base-virtaddr", "0x200000000000"]
# in the file of a groove: lib/region/region_hdr.h
ROOT_WORD_7 = 312
ATTACH_SEQ = 192
BOOT = 208
MEMBERS = 384
MEMBER_SZ = 64
MEMBER_CNT = 256
STATES = 16768


def lock_files(prefix):
    """By which processes of an EAL know which of them live, with what identifies the file."""
    return sorted((path.name, path.stat().st_ino) for path in pathlib.Path(f"/var/run/dpdk/{prefix}").glob("groove.*"))


class Process:
    """One of several groove-stress."""

    cnt = 0

    def __init__(self, case, eal, options):
        Process.cnt += 1
        self.json_path = case.folder / f"named-{Process.cnt}.json"
        self.err_path = case.folder / f"named-{Process.cnt}.err"
        self.lines = []
        words = [case.program, *eal, "--lcores", f"0@{CPUS[Process.cnt % len(CPUS)]}", "--", *options,
                 "--json", str(self.json_path)]
        with open(self.err_path, "w", encoding="utf-8") as stderr:
            self.child = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=stderr, text=True)
        case.running.append(self.child)

    def come(self):
        """Wait until it takes part. Returns what it says of that."""
        for line in self.child.stdout:
            self.lines.append(line.rstrip("\n"))
            if line.startswith("groove "):
                return self.lines[-1]
        return self.end()

    def say(self, start):
        """Wait until it says something, whatever it says before. Returns the line."""
        for line in self.child.stdout:
            self.lines.append(line.rstrip("\n"))
            if line.startswith(start):
                return self.lines[-1]
        raise Mismatch(f"did not say {start!r}: {self.lines}")

    def rest(self):
        """Wait until it ends. Returns all that it printed."""
        self.lines += self.child.stdout.read().splitlines()
        self.child.wait()
        return "\n".join(self.lines)

    def end(self, status=0, told=False):
        """The same, with a status and the last line of that, or of one that a signal ended."""
        text = self.rest()
        stderr = self.err_path.read_text(encoding="utf-8")
        expect(self.child.returncode == status, f"exit status {self.child.returncode}, not {status}:\n{text}\n{stderr}")
        expect(self.lines[-1] == ("FAIL" if status else "interrupted" if told else "pass"), text)
        return text

    def tell(self, status=0):
        """Tell it to end."""
        self.child.send_signal(signal.SIGINT)
        return self.end(status, told=True)

    def die(self):
        """Let it die where it is."""
        self.child.kill()
        self.rest()

    def result(self):
        """What it wrote for machines."""
        return json.loads(self.json_path.read_text(encoding="utf-8"))


def nothing_lost(results):
    """Of all processes together."""
    allocs, frees = (sum(result[key] for result in results) for key in ("allocs", "frees"))
    expect(allocs == frees > 0, f"allocs {allocs}, frees {frees}")
    for result in results:
        expect(result["name"] == NAME and result["errors"] == 0, f"{result}")
        # one that a signal ended may have had no turn yet
        expect(result["turns"] > 0 or result["interrupted"], f"{result}")
    expect([result["last"] for result in results] == [False] * (len(results) - 1) + [True], "the last process")
    expect([result["verify"] for result in results] == ["not done"] * (len(results) - 1) + ["pass"], "the process that verified")


class Named:
    """Cases for a class that has Cli for its base, too."""

    def start(self, options, driver, eal=None):
        """Start one that names the groove."""
        return Process(self, ALONE if eal is None else eal, ["--name", NAME, *driver, *options])

    @contextlib.contextmanager
    def family(self):
        """Whoever is left when a case fails ends with it."""
        self.running = []
        try:
            yield
        finally:
            for child in self.running:
                child.kill()
                child.wait()
                child.stdout.close()

    @contextlib.contextmanager
    def file_groove(self):
        """Options for the driver file, with a directory that is to be empty at the end."""
        with tempfile.TemporaryDirectory(prefix="groove-test-", dir="/dev/shm") as directory, self.family():
            yield ["--driver", "file", "--dir", directory]
            expect(os.listdir(directory) == [], f"left: {os.listdir(directory)}")

    def come_and_go(self, driver, maker_goes):
        """Two come at once; a third comes and ends by itself, then the one that made the groove, or the other."""
        maker, other = (self.start([*SHAPE, *HOUR], driver) for _ in range(2))
        said = [process.come() for process in (maker, other)]
        if "made here" in said[1]:
            maker, other = other, maker
        expect(sorted(line.count("made here") for line in said) == [0, 1], f"{said}")
        expect(all(re.search(r"its volumes from 0x[0-9a-f]+ on$", line) for line in said), f"{said}")
        goes, stays = (maker, other) if maker_goes else (other, maker)
        third = self.start([*SHAPE, *TURNS], driver)
        text = third.end()
        expect("attached, with 2 other processes, its volumes from 0x" in text, text)
        expect(f"2 other processes go on in groove {NAME}, the last to leave verifies" in text, text)
        text = goes.tell()
        expect(f"1 other process goes on in groove {NAME}, " in text and "live objects: pass" not in text, text)
        text = stays.tell()
        expect(re.search(r"^verify with [\d,]+ live objects: pass\nverify with all objects freed: pass$", text, re.M),
               text)
        nothing_lost([process.result() for process in (third, goes, stays)])

    # ---- in any order ----

    def test_named_file(self):
        for maker_goes in (True, False):
            with self.file_groove() as driver:
                self.come_and_go(driver, maker_goes)

    def test_named_memfd(self):
        with self.family():
            self.come_and_go(["--driver", "memfd", "--page-sz", "normal"], True)

    def test_named_on_hugepages_hugetlbfs(self):
        for maker_goes in (True, False):
            with hugetlbfs() as directory, self.family():
                self.come_and_go(["--driver", "hugetlbfs", "--dir", directory], maker_goes)
                expect(os.listdir(directory) == [], f"left: {os.listdir(directory)}")

    def test_named_on_hugepages_memzone(self):
        """The primary has to come first, but may go at any time."""
        for primary_goes in (True, False):
            prefix = f"groove-cli-{os.getpid()}"
            try:
                with hugetlbfs() as directory, self.family():
                    shared = ["--huge-dir", directory, "--file-prefix", prefix]
                    secondary = [*shared, "--proc-type", "secondary"]
                    primary = self.start([*SHAPE, *HOUR], [], [*shared, *BASE, "--proc-type", "primary"])
                    primary.come()
                    self.intrude(directory, prefix)
                    others = [self.start([*SHAPE, *amount], [], secondary) for amount in (TURNS, HOUR)]
                    for process in others:
                        process.come()
                    others[0].end()
                    order = [primary, others[1]] if primary_goes else [others[1], primary]
                    text = [process.tell() for process in order][1]
                    expect("verify with all objects freed: pass" in text, text)
                    nothing_lost([process.result() for process in (others[0], *order)])
                    expect(lock_files(prefix) == [], f"left: {lock_files(prefix)}")
            finally:
                shutil.rmtree(f"/var/run/dpdk/{prefix}", ignore_errors=True)

    def intrude(self, directory, prefix):
        """A process that shares nothing, of the same --file-prefix: what the others share is not its own."""
        before = lock_files(prefix)
        expect(len(before) == 1, f"{before} for one region")
        alone = ["--in-memory", "--huge-dir", directory, "--file-prefix", prefix, *BASE]
        process = Process(self, alone, ["--volume-sz", "32M", "--volume-cnt", "2", "--sz-max", "16K", *TURNS])
        process.end()
        expect(lock_files(prefix) == before, f"{before} became {lock_files(prefix)}")

    def test_named_one_comes_at_a_time(self):
        """A process that is about to come waits for the one inside, until that is out or a signal ends the waiting one."""
        for interrupt in (False, True):
            with self.file_groove() as driver, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as gate:
                gate.bind(f"\0groove-stress.file.{NAME}")
                process = self.start([*SHAPE, *TURNS], driver)
                line = process.child.stdout.readline()
                expect(line == f"waiting: another process comes to or goes from groove {NAME}\n", line)
                if interrupt:
                    process.child.send_signal(signal.SIGINT)
                    rest = process.rest()
                    expect(process.child.returncode == 128 + signal.SIGINT, process.child.returncode)
                    expect(rest == "interrupted", rest)
                    continue
                gate.close()
                process.end()
                nothing_lost([process.result()])

    # ---- growth ----

    def test_named_groove_grows_until_no_volume_is_left(self):
        """4,096 slots of objects up to 10 MiB do not fit; each process finds that out."""
        with self.file_groove() as driver:
            large = ["--volume-sz", "32M", "--volume-cnt", "2", "--sz-max", "10M", "--slot-cnt", "4096"]
            both = [self.start([*large, *HOUR], driver) for _ in range(2)]
            texts = [process.end(status=1) for process in both]
            for text in texts:
                expect("no volume left: 2 of 2 in use, raise --volume-cnt; " in text, text)
            results = [process.result() for process in both]
            expect(sum(result["allocs"] - result["frees"] for result in results) == 0, f"{results}")
            expect(all(result["volumes"] == 2 for result in results), f"{results}")
            expect(sorted(result["verify"] for result in results)[-1] == "pass", f"{results}")

    @contextlib.contextmanager
    def volume_growing(self, driver, idx):
        """Another process is adding a volume, which has no memory yet, all the time. Returns where it is in the file."""
        maker = self.share_start("make", driver)
        expect(maker.stdout.readline() == "made\n", "no groove")
        path = f"{driver[3]}/groove.{NAME}"
        with open(path, "r+b", buffering=0) as groove:
            groove.seek(MEMBERS)
            words = [int.from_bytes(groove.read(MEMBER_SZ)[:8], sys.byteorder) for _ in range(MEMBER_CNT)]
            owner = max(words)  # of the only one
            groove.seek(STATES + 8 * idx)
            groove.write((1 << 32 | owner << 3 | 1).to_bytes(8, sys.byteorder))
            yield groove
            groove.seek(STATES + 8 * idx)
            groove.write((2 << 32).to_bytes(8, sys.byteorder))
        maker.communicate()
        expect(maker.returncode == 0, f"groove-share make: {maker.returncode}")

    def test_named_volume_that_another_is_adding_is_not_touched(self):
        """Nor does it matter that it is not there."""
        with self.file_groove() as driver:
            with self.volume_growing(driver, 7) as groove:
                process = self.start(["--slot-cnt", "64", "--sz-max", "4K", *TURNS], driver)
                process.end()
                start = os.fstat(groove.fileno()).st_size - VOLUME_SZ
                try:
                    found = os.lseek(groove.fileno(), start, os.SEEK_DATA)
                except OSError as error:
                    expect(error.errno == errno.ENXIO, f"{error}")
                else:
                    expect(False, f"a page at {found - start:#x} of the volume")
            self.share("check", driver)
            self.share("destroy", driver)

    # ---- what is there already ----

    def test_named_groove_gives_the_settings(self):
        with self.file_groove() as driver:
            first = self.start([*SHAPE, *HOUR], driver)
            first.come()
            second = self.start(TURNS, driver)
            second.come()
            expect("256 slots, objects up to 16 KiB" in second.lines[0], second.lines[0])
            second.end()
            first.tell()
            nothing_lost([second.result(), first.result()])

    def test_named_groove_contradicts_options(self):
        with self.file_groove() as driver:
            first = self.start([*SHAPE, *HOUR], driver)
            first.come()
            for option, asked, has in (("--volume-sz", "64M", "32M"), ("--volume-cnt", "3", "2"),
                                       ("--sz-max", "32K", "16K"), ("--slot-cnt", "100", "256"),
                                       ("--page-sz", "huge", "normal pages"),
                                       ("--placement", "preferred", "bound memory")):
                self.refused(["--name", NAME, *driver, option, asked], f"{option} {asked}: groove {NAME} has {has}",
                             f"leave {option} out", eal_arguments=ALONE)
            same = self.start(["--placement", "bound", *TURNS], driver)
            same.end()
            first.tell()
            nothing_lost([same.result(), first.result()])

    def test_named_groove_with_preferred_memory(self):
        with self.file_groove() as driver:
            first = self.start([*SHAPE, *HOUR, "--placement", "preferred"], driver)
            first.come()
            self.refused(["--name", NAME, *driver, "--placement", "bound"],
                         f"--placement bound: groove {NAME} has preferred memory", "leave --placement out",
                         eal_arguments=ALONE)
            for more in ([], ["--placement", "preferred"]):
                self.start([*TURNS, *more], driver).end()
            first.tell()

    def share_command(self, role, driver, *more):
        """Another program that knows the same groove."""
        program = pathlib.Path(self.program).parent.parent / "test" / "share" / "groove-share"
        if not program.exists():
            raise Skip(f"needs {program}")
        return [program, role, driver[1], driver[3], NAME, *more]

    def share(self, role, driver, *more, **how):
        """Let it do something to the end."""
        return subprocess.run(self.share_command(role, driver, *more), capture_output=True, text=True,
                              check=True, stdin=subprocess.DEVNULL, **how).stdout

    def share_start(self, role, driver):
        """Let it do something until its input ends."""
        child = subprocess.Popen(self.share_command(role, driver), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                 text=True)
        self.running.append(child)
        return child

    def test_named_groove_of_others_stays(self):
        with self.file_groove() as driver:
            self.share("make", driver)
            for _ in range(2):
                process = self.start(["--slot-cnt", "64", "--sz-max", "4K", *TURNS], driver)
                expect("attached, with 0 other processes" in process.come(), f"{process.lines}")
                process.end()
                nothing_lost([process.result()])
            # nothing is changed by one that is refused
            self.refused(["--name", NAME, *driver, "--volume-sz", "64M"], "--volume-sz 64M", "32M",
                         eal_arguments=ALONE)
            counts = re.search(r"in all allocs (\d+) frees (\d+)", self.share("check", driver))
            expect(counts and counts[1] == counts[2], f"{counts}")
            self.share("destroy", driver)

    def test_named_objects_of_others_stay(self):
        with self.file_groove() as driver:
            self.share("make", driver)
            self.share("work", driver)  # it leaves its table
            process = self.start(["--slot-cnt", "64", "--sz-max", "4K", *TURNS], driver)
            text = process.end()
            expect(f"objects of other programs stay in groove {NAME}: 1" in text, text)
            counts = re.search(r"in all allocs (\d+) frees (\d+)", self.share("check", driver))
            expect(counts and counts[1] == counts[2], f"{counts}")
            self.share("destroy", driver)

    def test_named_groove_of_another_program_is_left_alone(self):
        """The last root word, which is where this program has its table, holds something else."""
        with self.file_groove() as driver:
            self.share("make", driver)
            before = self.share("check", driver)
            with open(f"{driver[3]}/groove.{NAME}", "r+b") as groove:
                groove.seek(ROOT_WORD_7)
                groove.write(b"theirs!!")
            self.refused(["--name", NAME, *driver], "root word 7", f"{int.from_bytes(b'theirs!!', sys.byteorder):#x}",
                         "another program's", "another name", eal_arguments=ALONE)
            after = self.share("check", driver)
            expect(before.split("in all")[1] == after.split("in all")[1], f"{before!r}, then {after!r}")
            self.share("destroy", driver)

    def test_named_groove_that_may_be_torn_is_left_alone(self):
        """It was in use when the machine went down: its count of attachments is ahead, in another boot."""
        with self.file_groove() as driver:
            self.share("make", driver)
            with open(f"{driver[3]}/groove.{NAME}", "r+b") as groove:
                groove.seek(ATTACH_SEQ)
                attached = int.from_bytes(groove.read(8), sys.byteorder)
                for offset, value in ((ATTACH_SEQ, attached + 1), (BOOT, 1)):
                    groove.seek(offset)
                    groove.write(value.to_bytes(8, sys.byteorder))
            done = self.run("--name", NAME, *driver, eal_arguments=ALONE)
            expect(done.returncode == 1 and done.stdout == "", f"exit status {done.returncode}: {done.stdout}")
            expect(re.search(f"^groove-stress: --name {NAME}: the groove may be torn .*groove-ctl rebuild {NAME} .*"
                             "another name$", done.stderr, re.M), done.stderr)
            expect("--slot-cnt" not in done.stderr, done.stderr)
            self.share("destroy", driver)

    def test_named_what_cannot_be(self):
        for name, told in (("a/b", "letters, digits"), ("x" * 49, "1 to 48")):
            self.refused(["--name", name, "--driver", "memfd"], told, eal_arguments=ALONE)
        self.refused(["--name", NAME, "--slot-cnt", "80899"], "--slot-cnt 80899", "at most 80898 with --name",
                     eal_arguments=ALONE)
        self.refused(["--name", NAME, "--driver", "file", "--dir", "/no/such/folder", *SHAPE], "/no/such/folder",
                     eal_arguments=ALONE)
        # by no --file-prefix could another process find it
        for eal in (["--no-huge", "-m", "128", "--no-shconf"], ["--no-huge", "-m", "128"]):
            prefix = f"groove-cli-{os.getpid()}"
            try:
                self.refused(["--name", NAME, *SHAPE], f"region {NAME}", "--in-memory", "--no-huge", "another driver",
                             eal_arguments=[*eal, "--file-prefix", prefix])
            finally:
                shutil.rmtree(f"/var/run/dpdk/{prefix}", ignore_errors=True)

    # ---- deaths ----

    def test_named_death_of_one(self):
        with self.file_groove() as driver:
            first, second = (self.start([*SHAPE, *HOUR], driver) for _ in range(2))
            for process in (first, second):
                process.come()
            self.start([*SHAPE, *TURNS], driver).end()
            second.die()
            # its own and its tile's, if that had begun
            line = first.say("recovered during the loop after processes that died: ")
            expect(re.search(r": joins [12]; slots that they had locked stay so$", line), line)
            text = first.tell()
            # what it had in a slot is for the end
            expect(not re.search(r"^recovered after processes that died: joins [^0]", text, re.M), text)
            expect(text.count("recovered during the loop") == 1, text)
            expect("verify with all objects freed: pass" in text, text)
            expect(first.result()["last"], "the last one that lives is not the last")

    def test_named_death_of_all(self):
        with self.file_groove() as driver:
            dead = [self.start([*SHAPE, *HOUR], driver) for _ in range(2)]
            for process in dead:
                process.come()
            for process in dead:  # both at a time, or one might recover the other
                process.child.send_signal(signal.SIGSTOP)
            for process in dead:
                process.die()
            recoverer = self.start(TURNS, driver)
            expect("attached, with 0 other processes" in recoverer.come(), f"{recoverer.lines}")
            joins = re.findall(r"^recovered .*after processes that died: joins (\d)", recoverer.end(), re.M)
            expect(2 <= sum(map(int, joins)) <= 4, f"{recoverer.lines}")

    # ---- damage ----

    def test_named_damage_is_found_by_anybody(self):
        with self.file_groove() as driver:
            watcher = self.start([*SHAPE, *HOUR, "--keep-going"], driver)
            watcher.come()
            culprit = self.start([*SHAPE, *TURNS, "--inject", "flip", "--keep-going"], driver)
            text = culprit.rest() + "\n"
            watcher.child.send_signal(signal.SIGINT)
            text += watcher.rest()
            injected = re.findall(r"^injected: flip (at volume \d+ offset 0x[0-9a-f]+)$", text, re.M)
            found = re.findall(r"^MISMATCH: pattern of a live object is damaged (at .*?): ", text, re.M)
            expect(len(injected) == 1 and found == injected, f"injected {injected}, found {found}:\n{text}")
            statuses = sorted((culprit.child.returncode, watcher.child.returncode))
            expect(statuses == [0, 2], f"exit status {statuses}:\n{text}")

    def test_named_leak_is_found_by_the_last(self):
        with self.file_groove() as driver:
            watcher = self.start([*SHAPE, *HOUR], driver)
            watcher.come()
            culprit = self.start([*SHAPE, *TURNS, "--inject", "leak"], driver)
            injected = re.search(r"^injected: leak (at volume \d+ offset 0x[0-9a-f]+)$", culprit.end(), re.M)
            text = watcher.tell(status=2)
            expect(injected and f"MISMATCH: leak of an object {injected[1]}: " in text, text)
