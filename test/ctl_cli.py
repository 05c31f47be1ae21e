#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
"""The command line of groove-ctl, on regions of all drivers that living processes have, and that killed ones left.

usage: ctl_cli.py PROGRAM [WORD...]
"""

import base64
import contextlib
import fcntl
import hashlib
import json
import os
import pathlib
import re
import resource
import shutil
import signal
import struct
import subprocess
import sys

from cli import CPUS, RUNTIME, Mismatch, Skip, expect, hugetlbfs, main

NAME = f"ctl-cli-{os.getpid()}"
JOINS = 3
# a sample in the text form of Prometheus, as its documentation has it
SAMPLE = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)\{([a-zA-Z_]\w*="[^"\\\n]*"(?:,[a-zA-Z_]\w*="[^"\\\n]*")*)\} (\d+)')
JOIN_MAX = 8  # of test/ctl/maker.c
OBJECT_SZ = 1000
VOLUME_SZ = 32 << 20
OBJECTS = 1000  # of each join: more lines than a pipe holds
OK, ERROR, DAMAGED, IN_USE = range(4)
COMMANDS = ("list", "info", "stats", "walk", "map", "export", "verify", "recover", "rebuild", "create", "grow", "shrink",
            "drain", "destroy")
NOBODY = 65534
AS_NOBODY = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
# where nothing else lies: a secondary must find it free
BASE = ["--base-virtaddr", "0x200000000000"]
# in the file of a region: lib/region/region_hdr.h
MAGIC = 0
FIXED = 16
BOOT = 208


class CtlCli:
    """Cases of groove-ctl."""

    def __init__(self, program, folder):
        self.program = program
        self.folder = pathlib.Path(folder)
        self.maker = pathlib.Path(program).parent.parent / "test" / "ctl" / "groove-ctl-maker"

    # ---- running ----

    def run(self, *words, status=OK, eal=()):
        """Run to the end. Returns stdout and stderr."""
        done = subprocess.run([self.program, *eal, *words], capture_output=True, text=True, check=False)
        expect(done.returncode == status,
               f"{words}: exit status {done.returncode}, not {status}:\n{done.stdout}{done.stderr}")
        return done.stdout, done.stderr

    def result(self, *words, **how):
        """What it prints for machines, and nothing else."""
        return json.loads(self.run(*words, "--json", **how)[0])

    def refused(self, *words, says, status=ERROR, eal=()):
        """Nothing is printed but one line on stderr with some words."""
        stdout, stderr = self.run(*words, status=status, eal=eal)
        expect(stdout == "", f"{words}: stdout {stdout!r}")
        expect(len(stderr.splitlines()) == 1, f"{words}: not one line: {stderr!r}")
        for word in says:
            expect(word in stderr, f"{words}: no {word!r} in {stderr!r}")
        result = json.loads(self.run("--json", *words, status=status, eal=eal)[0])
        expect((result["exit_status"], result["result"]) == (status, "not done"), f"{words}: {result}")
        expect(result["error"] in stderr.rstrip("\n"), f"{words}: {result['error']!r} for {stderr!r}")

    @contextlib.contextmanager
    def made(self, driver, directory=None, page="normal", eal=(), joins=JOINS, objects=1, align=16):
        """A process that has made a region and is in it; killed at the end if it still is."""
        if driver == "file":
            (self.folder / f"groove.{NAME}").unlink(missing_ok=True)
        with subprocess.Popen([self.maker, *eal, driver, directory or "-", NAME, page, str(joins),
                               str(objects), "-", str(align)],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              text=True) as maker:
            try:
                lines = iter(maker.stdout)
                expect(any(line == "ready\n" for line in lines), f"no region of driver {driver}")
                yield maker
            finally:
                maker.kill()

    def listed(self, *where, **how):
        """The regions of this test's name, in the list."""
        return [region for region in self.result("list", *where, **how)["regions"] if region["name"] == NAME]

    def info(self, *where, **how):
        """What is known of the region."""
        return self.result("info", NAME, *where, **how)["region"]

    # ---- the command line ----

    def test_help_and_version(self):
        version = (pathlib.Path(__file__).resolve().parent.parent / "VERSION").read_text(encoding="ascii").strip()
        for word in ("-h", "--help"):
            stdout, stderr = self.run(word)
            expect(stderr == "" and "Exit status" in stdout, f"{word}: {stdout}{stderr}")
            expect(all(len(line) <= 80 for line in stdout.splitlines()), f"lines beyond 80 columns:\n{stdout}")
            for what in (*COMMANDS, "--driver", "--dir", "--json", "--force", "--threads", "--tag", "--sz", "--class",
                         "--limit", "--output", "--volume-cnt", "--volume-max", "--volume-sz", "--join-max", "--page-sz", "--node",
                         "--volume", "--end", "--trust-owner", "--version"):
                expect(re.search(rf"^  (-[ho], )?{what}\b", stdout, re.MULTILINE), f"no {what} in the help")
        expect(self.run("--version") == (f"groove-ctl {version}\n", ""), "the version")

    def test_bad_words(self):
        self.refused(says=["no command", "list"])
        self.refused("frobnicate", says=["frobnicate", "no such command"])
        self.refused("info", says=["info", "name of a groove"])
        self.refused("list", NAME, says=[NAME, "one word too many"])
        self.refused("destroy", NAME, "other", says=["other", "one word too many"])
        self.refused("list", "--bogus", says=["--bogus", "--help"])
        self.refused("list", "-x", says=["-x", "--help"])
        self.refused("list", "--driver", says=["--driver: needs a value"])
        self.refused("list", "--driver", "", says=["--driver", "empty"])
        self.refused("map", NAME, says=["--output map.html"])
        self.refused("info", NAME, "-o", "x", says=["-o", "no such option"])
        self.refused("export", "--driver", "nosuch", says=["nosuch", "one of memfd, hugetlbfs, file"])
        self.refused("export", NAME, says=[f"no groove {NAME}", "groove-ctl list"])
        self.refused("list", "--driver", "nosuch", says=["nosuch", "one of memfd, hugetlbfs, file"])
        self.refused("info", NAME, "--tag", "3", says=["--tag", "no such option"])
        self.refused("drain", NAME, says=["--volume N", "--end"])
        self.refused("drain", NAME, "--volume", "1", "--end", says=["--volume N", "--end"])
        for bad in ("", "..", "5..3", "x", "1..y", "-1", "1...2"):
            self.refused("walk", NAME, "--tag", bad, says=[f"--tag {bad}: must be a number or a range"])
        self.refused("walk", NAME, "--class", "124", says=["--class 124", "from 0 to 123"])
        self.refused("walk", NAME, "--sz", "1G", says=["--sz 1G", "from 0 to 10486272"])
        self.refused("create", NAME, says=["--driver hugetlbfs"])
        self.refused("create", NAME, "--driver", "memfd", says=["memfd", "gone with its last process"])
        self.refused("create", NAME, "--driver", "file", "--volume-cnt", "3", "--volume-max", "2",
                     says=["--volume-max 2", "3 of --volume-cnt"])
        self.refused("create", NAME, "--driver", "file", "--volume-sz", "33M", says=["--volume-sz 33M", "power of two"])
        self.refused("create", NAME, "--driver", "file", "--page-sz", "large", says=["--page-sz large", "gigantic"])
        self.refused("info", NAME, "--driver", "nosuch", says=["nosuch", "one of memfd, hugetlbfs, file"])
        for driver in ("memfd", "memzone"):
            self.refused("list", "--driver", driver, "--dir", "/tmp", says=["--dir /tmp", driver, "leave it out"])
        self.refused("list", "--driver", "memzone", says=["memzone needs EAL", "-- list --driver memzone"])
        for command in ("info", "stats", "walk", "verify", "recover", "rebuild", "grow", "shrink", "destroy"):
            self.refused(command, NAME, says=[f"no groove {NAME}", "groove-ctl list"])
            where = f"--driver file --dir {self.folder}"
            self.refused(command, NAME, *where.split(), says=[f": no groove {NAME} of driver file in {self.folder}",
                                                              f"groove-ctl list {where}"])
            self.refused(command, "a/b", "--driver", "file", says=["a/b", "letters"])

    def test_json_of_bad_words(self):
        """What asks for JSON gets it, with the error, whatever is wrong with the words."""
        wrong = b"caf\xe9"  # Latin-1
        for words, says in (
            (["list", "--json=yes"], "--json=yes: takes no value"),
            (["info", "--json", wrong], "word 3"),
            (["list", "--driver", "file", "--dir", b"/tmp/" + wrong, "--json"], "word 5"),
            ([wrong, "--json"], "word 1"),
            (["--file-prefix", wrong, "--", "list", "--json"], "word 2"),
        ):
            done = subprocess.run([self.program, *words], capture_output=True, check=False)
            stderr = done.stderr.decode("utf-8")
            expect(done.returncode == ERROR and len(stderr.splitlines()) == 1 and says in stderr, f"{words}: {stderr}")
            expect("UTF-8" in stderr or wrong not in words, f"{words}: {stderr}")
            result = json.loads(done.stdout)
            expect((result["exit_status"], result["result"], result["name"]) == (ERROR, "not done", None), f"{result}")
            expect(result["error"] in stderr, f"{words}: {result['error']!r} for {stderr!r}")
        # a name on disk may be any; without JSON it is shown as it is
        done = subprocess.run([self.program, "info", wrong], capture_output=True, check=False)
        expect(done.returncode == ERROR and b"no groove " + wrong in done.stderr, f"{done.stderr}")

    # ---- names and paths that are more than text elsewhere ----

    # to a shell, to Prometheus, to a terminal, to JSON, and to a path
    ODD_NAMES = (b"$(touch pwned)", b"`touch pwned`", b'a"b} 5\nup{job="db', b"\x1b]0;x\x07", b"\xc2\x9b31m", b"caf\xe9",
                 b"<script>", b"a b", b"a\\", b".hidden", b"n" * 49)

    def test_names_that_no_groove_has(self):
        """What lies there under such a name is not listed, exported, shown or opened."""
        where = ["--driver", "file", "--dir", str(self.folder)]
        self.run("create", NAME, *where, "--volume-sz", "32M")
        content = (self.folder / f"groove.{NAME}").read_bytes()[:1 << 20]
        paths = [os.fsencode(self.folder) + b"/groove." + name for name in self.ODD_NAMES]
        for path in paths:
            with open(path, "wb") as file:
                file.write(content)
        expect([region["name"] for region in self.result("list", *where)["regions"]] == [NAME], "the list for machines")
        expect([line.split()[1] for line in self.run("list", *where)[0].splitlines()] == ["name", NAME], "the list")
        grooves = {dict(labels)["groove"] for _, labels in self.samples(self.run("export", *where)[0])}
        expect(grooves == {NAME}, f"exported {grooves}")
        for name in self.ODD_NAMES:
            done = subprocess.run([self.program, "info", name, *where], capture_output=True, check=False)
            expect(done.returncode == ERROR and b"letters, digits" in done.stderr and done.stdout == b"", f"{done}")
            expect(not re.search(rb"[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]", done.stderr), f"{done.stderr}")
        for path in paths:
            os.unlink(path)
        self.run("destroy", NAME, *where)

    def test_paths_that_are_more_than_text(self):
        """A command that is proposed is what a shell reads back, and no path steers a terminal."""
        for odd in ("it's $(touch pwned)", "`touch pwned`", "\\\x1b[31m", "a b", "*", "x;touch pwned", "-\"x\"\u009b"):
            folder = self.folder / odd
            folder.mkdir()
            stderr = self.run("info", NAME, "--driver", "file", "--dir", str(folder), status=ERROR)[1]
            expect(not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", stderr), f"{stderr!r}")
            line = re.search(r"groove-ctl( list .*)$", stderr, re.MULTILINE)[1]
            read = subprocess.run(["bash", "-c", f"printf '%s\\0' {line}"], capture_output=True, check=True,
                                  cwd=self.folder).stdout.split(b"\0")
            expect(read[:-2] == [b"list", b"--driver", b"file", b"--dir"], f"{line}: {read}")
            # a terminal has no sign for it: it is '?' there
            expect(read[-2].decode() == str(folder).replace("\u009b", "??"), f"{line}: {read}")
            folder.rmdir()
        expect(list(self.folder.iterdir()) == [], "a shell has run something")
        page = self.folder / "\x1b[31m.html"
        self.run("create", NAME, "--driver", "file", "--dir", str(self.folder), "--volume-sz", "32M")
        stdout = self.run("map", NAME, "--dir", str(self.folder), "-o", str(page))[0]
        expect("\x1b" not in stdout and page.exists(), f"{stdout!r}")
        page.unlink()
        self.run("destroy", NAME, "--dir", str(self.folder))

    def test_results_that_cannot_be_written(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = subprocess.run([self.program, "list"], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
        expect(done.returncode == ERROR and "standard output" in done.stderr, f"{done.returncode}: {done.stderr}")

    # ---- a region's life, as its users leave it ----

    def life(self, driver, directory=None, page="normal"):
        """Looked at, while a process is in it and after its death; what dies with its processes is gone then."""
        where = ["--driver", driver, *(["--dir", directory] if directory else [])]
        with self.made(driver, directory, page) as maker:
            self.in_use(driver, where, maker.pid)
            maker.kill()
            maker.wait()
            if driver == "memfd":
                expect(self.listed(*where) == [], "still listed")
                return
            self.after_death(where)
        expect(self.listed(*where) == [], "still listed")

    def in_use(self, driver, where, pid, eal=()):
        """Of a region that one process is in."""
        found = self.listed(*where, eal=eal)
        expect(len(found) == 1, f"listed: {found}")
        region = self.info(*where, eal=eal)
        expect(region == found[0], f"listed {found[0]}, info {region}")
        expect(self.info(eal=eal, *where[2:])["driver"] == driver, "not found without --driver")
        expected = {"driver": driver, "state": "whole", "volume_sz": VOLUME_SZ, "volumes": 1, "join_max": JOIN_MAX,
                    "joins": JOINS, "joins_dead": 0, "objects": JOINS, "object_bytes": JOINS * OBJECT_SZ, "pids": [pid]}
        expect(expected.items() <= region.items(), f"{region}")
        for words, says in ((["verify", NAME], f"process {pid}"), (["destroy", NAME], "in use")):
            stderr = self.run(*words, *where, status=IN_USE, eal=eal)[1]
            expect(says in stderr, f"{words}: {stderr}")
        expect(self.result("verify", NAME, *where, "--force", eal=eal)["result"] == "pass", "verify by force")
        expect(self.result("recover", NAME, *where, eal=eal)["joins_recovered"] == 0, "recovered a living one")
        expect(self.info(*where, eal=eal) == region, "changed by what should change nothing")

    def after_death(self, where, eal=()):
        """Of a region whose process was killed."""
        region = self.info(*where, eal=eal)
        expect(region["joins"] == region["joins_dead"] == JOINS and region["pids"] == [], f"{region}")
        expect(self.info(*where, eal=eal) == region, "changed by a look")
        stderr = self.run("verify", NAME, *where, status=IN_USE, eal=eal)[1]
        expect(" ".join(["groove-ctl", *eal, "recover", NAME, *where]) in stderr, stderr)
        expect(self.result("recover", NAME, *where, eal=eal)["joins_recovered"] == JOINS, "recover")
        region = self.info(*where, eal=eal)
        expect(region["joins"] == 0 and region["objects"] == JOINS and region["state"] == "whole", f"{region}")
        expect(self.result("verify", NAME, *where, eal=eal)["result"] == "pass", "verify")
        expect(self.result("rebuild", NAME, *where, eal=eal)["result"] == "whole", "rebuild of what is whole")
        expect(self.result("destroy", NAME, *where, eal=eal)["result"] == "destroyed", "destroy")

    def test_memfd(self):
        self.life("memfd")

    def test_file(self):
        self.life("file", str(self.folder))
        expect(list(self.folder.iterdir()) == [], "left something")

    def test_on_hugepages_hugetlbfs(self):
        with hugetlbfs() as directory:
            self.life("hugetlbfs", directory, "huge")
            expect(os.listdir(directory) == [], "left something")

    def test_on_hugepages_of_two_directories(self):
        """A name that both have is listed and exported once; --dir says which is meant."""
        with hugetlbfs() as first, hugetlbfs() as second:
            for directory in (first, second):
                self.run("create", NAME, "--driver", "hugetlbfs", "--dir", directory, "--volume-sz", "32M")
            expect(len(self.listed("--driver", "hugetlbfs")) == 1, "listed twice")
            samples = self.samples(self.run("export", NAME, "--driver", "hugetlbfs")[0])
            expect(len([metric for metric, _ in samples if metric == "groove_whole"]) == 1, f"{samples}")
            for directory in (first, second):
                expect(len(self.listed("--driver", "hugetlbfs", "--dir", directory)) == 1, directory)
                self.run("destroy", NAME, "--driver", "hugetlbfs", "--dir", directory)

    def test_on_hugepages_memfd(self):
        with hugetlbfs():
            self.life("memfd", None, "huge")

    def test_on_hugepages_memzone(self):
        prefix = f"groove-ctl-{os.getpid()}"
        where = ["--driver", "memzone"]
        try:
            with hugetlbfs() as directory:
                shared = ["--huge-dir", directory, "--file-prefix", prefix, "--no-pci", "--no-telemetry"]
                eal = [*shared, "--lcores", f"0@{CPUS[-1]}", "--"]
                # with memory from the start: a secondary needs some, which a primary cannot get while others have all
                # hugepages, nor once it is dead
                first = [*shared, *BASE, "-m", "256", "--lcores", f"0@{CPUS[0]}", "--"]
                with self.made("memzone", None, "huge", first) as maker:
                    self.in_use("memzone", where, maker.pid, eal)
                    second = subprocess.run([self.maker, *first, "memzone", "-", "second", "huge", "0"], check=False,
                                            stdin=subprocess.DEVNULL, capture_output=True)
                    expect(second.returncode != 0, "a second primary has started in the files of one that lives")
                    self.in_use("memzone", where, maker.pid, eal)
                    maker.kill()
                    maker.wait()
                    lines = self.run("list", eal=eal)[1].splitlines()
                    expect(len(lines) == 1 and "primary process has died" in lines[0], f"{lines}")
                    self.after_death(where, eal)
                    expect(self.listed(*where, eal=eal) == [], "still listed")
        finally:
            shutil.rmtree(RUNTIME / prefix, ignore_errors=True)

    # ---- a primary process that EAL would wait for ----

    def test_primary_that_has_not_started(self):
        prefix = f"groove-ctl-{os.getpid()}"
        eal = ["--file-prefix", prefix, "--"]
        try:
            subprocess.run([self.maker, "--huge-dir", self.folder / "none", "--no-pci", *eal, "memzone", "-", NAME,
                            "huge", "0"], check=False, stdin=subprocess.DEVNULL, capture_output=True)
            for equal in (eal, [f"--file-prefix={prefix}", "--"]):
                self.refused("list", eal=equal, says=[prefix, "failed or died before it finished its start"])
            with open(RUNTIME / prefix / "config", "r+b") as config:
                fcntl.lockf(config, fcntl.LOCK_EX)  # as a primary that lives
                self.refused("list", eal=eal, says=[prefix, f"process {os.getpid()}", "has not finished its start"])
            self.refused("list", eal=["--file-prefix", f"{prefix}-none", "--"], says=["name its --file-prefix"])
            for alone in ("--in-memory", "--no-shconf"):
                self.refused("list", eal=[alone, *eal], says=[alone, "leave it out"])
        finally:
            for directory in (prefix, f"{prefix}-none"):
                shutil.rmtree(RUNTIME / directory, ignore_errors=True)

    # ---- what a look may not do ----

    def test_looks_change_nothing(self):
        directory = str(self.folder)
        path = self.folder / f"groove.{NAME}"
        with self.made("file", directory) as maker:
            maker.kill()
        before = hashlib.sha256(path.read_bytes()).digest(), path.stat().st_mtime_ns, path.stat().st_blocks
        self.run("list", "--dir", directory)
        self.run("info", NAME, "--dir", directory)
        self.run("stats", NAME, "--dir", directory)
        self.run("walk", NAME, "--dir", directory)
        self.run("verify", NAME, "--dir", directory, "--force")
        expect(before == (hashlib.sha256(path.read_bytes()).digest(), path.stat().st_mtime_ns, path.stat().st_blocks),
               "the file was written to")
        self.run("destroy", NAME, "--dir", directory)

    def looking(self, directory, after):
        """A walk that is stopped at its output, in a groove of more objects than a pipe holds: after(process), then
        the rest of the output and the exit status."""
        words = [self.program, "walk", NAME, "--driver", "file", "--dir", directory]
        with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as walk:
            first = walk.stdout.readline()
            expect(first.split()[:2] == ["volume", "offset"], first)
            after(walk)
            rest, stderr = walk.communicate()
        return rest, stderr, walk.returncode

    def test_looks_cannot_write(self):
        """What looks has every byte of the groove mapped for reading alone, and is nobody's join."""
        directory = str(self.folder)

        def check(walk):
            maps = pathlib.Path(f"/proc/{walk.pid}/maps").read_text(encoding="ascii").splitlines()
            rights = {line.split()[1] for line in maps if line.endswith(f"/groove.{NAME}")}
            # the rest is mapped without any access: it keeps the locks
            expect("r--s" in rights and not any("w" in right for right in rights), f"mapped {rights}")
            region = self.info("--dir", directory)
            expect(region["joins"] == JOINS and region["readers"] == 1 and region["pids"] == [maker.pid], f"{region}")
            stderr = self.run("destroy", NAME, "--dir", directory, status=IN_USE)[1]
            expect("in use" in stderr, stderr)

        with self.made("file", directory, objects=OBJECTS) as maker:
            rest, stderr, status = self.looking(directory, check)
            expect(status == OK and stderr == "", f"{status}: {stderr}")
            last = f"{JOINS * OBJECTS:,} objects of {self.bytes_of(JOINS * OBJECTS)}"
            expect(rest.splitlines()[-1] == last, rest[-99:])
        self.run("destroy", NAME, "--dir", directory)

    @staticmethod
    def bytes_of(objects):
        """As it prints so many objects' bytes."""
        return f"{objects * OBJECT_SZ / (1 << 20):.1f} MiB"

    def test_memory_goes_as_it_is_read(self):
        """A file that is cut under a look ends the look, with an exit status."""
        directory = str(self.folder)
        with self.made("file", directory, objects=OBJECTS) as maker:
            maker.stdin.close()
            maker.wait()
        front = (self.folder / f"groove.{NAME}").stat().st_size - 4 * VOLUME_SZ
        rest, stderr, status = self.looking(directory, lambda walk: os.truncate(self.folder / f"groove.{NAME}", front))
        expect(status == IN_USE and "memory went as it was read" in stderr, f"{status}: {stderr}{rest[-99:]}")
        self.run("destroy", NAME, "--dir", directory)

    # ---- what it holds ----

    def walked(self, *words, **how):
        """What walk shows, and what it says of it."""
        return self.result("walk", NAME, "--driver", "file", "--dir", str(self.folder), *words, **how)

    def test_walk(self):
        with self.made("file", str(self.folder), objects=10):
            whole = self.walked()
            tags = sorted(int(one["tag"], 16) for one in whole["visited"])
            expect(tags == list(range(10 * JOINS)) and whole["result"] == "all", f"{tags}")
            expect(whole["objects"] == len(tags) and whole["object_bytes"] == len(tags) * OBJECT_SZ, f"{whole}")
            places = [(one["volume"], one["offset"]) for one in whole["visited"]]
            expect(places == sorted(set(places)), "not each once by ascending address")
            expect(len({one["handle"] for one in whole["visited"]}) == len(tags), "handles")
            one = whole["visited"][0]
            expect((one["sz"], one["align"], one["volume"]) == (OBJECT_SZ, 16, 0), f"{one}")
            for words, want in ((["--tag", "7"], [7]), (["--tag", "0x1b.."], [27, 28, 29]), (["--tag", "..1"], [0, 1]),
                                (["--tag", "3..4"], [3, 4]), (["--sz", "1000"], tags), (["--sz", "..999"], []),
                                (["--sz", "1001.."], []), (["--class", str(one["class"])], tags),
                                (["--class", f"{one['class'] + 1}.."], []), (["--tag", "99"], [])):
                found = sorted(int(one["tag"], 16) for one in self.walked(*words)["visited"])
                expect(found == want, f"{words}: {found}")
            some = self.walked("--limit", "4")
            expect(some["result"] == "limit" and some["visited"] == whole["visited"][:4], f"{some}")
            stdout = self.run("walk", NAME, "--dir", str(self.folder), "--limit", "2")[0].splitlines()
            expect(len(stdout) == 4 and stdout[0].split()[0] == "volume" and "raise --limit" in stdout[3], f"{stdout}")
        self.run("destroy", NAME, "--dir", str(self.folder))

    def test_stats(self):
        where = ["--driver", "file", "--dir", str(self.folder)]
        with self.made("file", str(self.folder), objects=10):
            stats = self.result("stats", NAME, *where)
            total = stats["total"]
            cnt = 10 * JOINS
            expect((total["objects"], total["object_bytes"], total["allocs"], total["frees"]) ==
                   (cnt, cnt * OBJECT_SZ, cnt, 0), f"{total}")
            expect(stats["joins"] == JOINS, f"{stats['joins']} joins")
            for key in total:
                if key not in ("superblocks", "cached"):  # those of whole volumes are in no class of objects
                    expect(sum(one[key] for one in stats["classes"]) == total[key], f"sum of {key}")
            walked = self.walked()["visited"]
            used = [one for one in stats["classes"] if one["objects"] > 0]
            expect([one["class"] for one in used] == [walked[0]["class"]] and used[0]["objects"] == cnt, f"{used}")
            expect(used[0]["slot_bytes"] == cnt * used[0]["slot_sz"], f"{used}")
            volume = stats["volumes"]
            expect([one["volume"] for one in volume] == [0], f"{volume}")
            expect(total["slot_bytes"] <= volume[0]["used_bytes"] < volume[0]["used_bytes"] + volume[0]["free_bytes"]
                   <= VOLUME_SZ, f"{volume}")
            text = self.run("stats", NAME, *where)[0]
            expect(re.search(rf"^objects +{cnt} of 29\.3 KiB", text, re.MULTILINE), text)
        self.run("destroy", NAME, *where)

    @staticmethod
    def columns(volume):
        """The objects of a volume as a page has them: (slot, offset, size, tag, class) of each."""
        cnt = volume["objects"]
        data = [struct.unpack(f"<{cnt}{kind}", base64.b64decode(volume[key]))
                for key, kind in (("off", "I"), ("at", "I"), ("sz", "I"), ("tag", "Q"), ("szc", "B"))]
        return list(zip(*data))

    def test_map(self):
        where = ["--driver", "file", "--dir", str(self.folder)]
        page = self.folder / "map.html"
        with self.made("file", str(self.folder), objects=50):
            done = self.result("map", NAME, *where, "-o", str(page))
            walked = self.walked()["visited"]
            stats = self.result("stats", NAME, *where)
            stderr = self.run("map", NAME, *where, "--output", str(self.folder / "none" / "x"), status=ERROR)[1]
            expect("--output" in stderr and "No such file" in stderr, stderr)
            expect("No space" in self.run("map", NAME, *where, "--output", "/dev/full", status=ERROR)[1], "a full disk")
        text = page.read_text(encoding="utf-8")
        expect("http:" not in text and "https:" not in text and " src=" not in text, "it fetches something")
        data = json.loads(re.search(r"^const DATA = (\{.*?\]\});$", text, re.MULTILINE | re.DOTALL)[1])
        total = stats["total"]
        expect((data["objects"], data["object_bytes"]) == (total["objects"], total["object_bytes"]), "not as stats")
        expect((done["objects"], done["object_bytes"]) == (total["objects"], total["object_bytes"]), f"{done}")
        expect((data["name"], data["volume_sz"]) == (NAME, VOLUME_SZ), f"{data['name']}, {data['volume_sz']}")
        expect(data["slot_sz"] == [one["slot_sz"] for one in stats["classes"]], "slots")
        drawn = [(volume["volume"], *one) for volume in data["volumes"] for one in self.columns(volume)]
        expect([(volume, *rest) for volume, _, *rest in drawn] ==
               [(one["volume"], one["offset"], one["sz"], int(one["tag"], 16), one["class"]) for one in walked],
               "not as walk")
        self.slots_hold_objects(drawn, data["slot_sz"])
        page.unlink()
        self.run("destroy", NAME, *where)

    @staticmethod
    def slots_hold_objects(drawn, slot_sz):
        """Each object in its slot, and no byte in two slots."""
        last = (0, 0)
        for volume, slot, offset, size, _, szc in drawn:
            expect(slot <= offset and offset + size <= slot + slot_sz[szc], f"{offset:#x} is not in its slot {slot:#x}")
            expect(last <= (volume, slot), f"slot {slot:#x} begins before {last} ends")
            last = (volume, slot + slot_sz[szc])

    def data_of(self, page):
        """What a page draws."""
        text = page.read_text(encoding="utf-8")
        return json.loads(re.search(r"^const DATA = (\{.*?\]\});$", text, re.MULTILINE | re.DOTALL)[1])

    def test_map_of_aligned_objects(self):
        """Also of an object that lies away from the start of its slot; under the name that the file has now."""
        directory = str(self.folder)
        page = self.folder / "map.html"
        for align in (64, 128, 512):
            with self.made("file", directory, objects=50, align=align):
                self.run("map", NAME, "--dir", directory, "-o", str(page))
                walked = self.walked()["visited"]
            data = self.data_of(page)
            drawn = [(volume["volume"], *one) for volume in data["volumes"] for one in self.columns(volume)]
            self.slots_hold_objects(drawn, data["slot_sz"])
            expect([one[2] for one in drawn] == [one["offset"] for one in walked], f"objects of alignment {align}")
            # an object lies its alignment after the start of its slot
            expect({one[2] - one[1] for one in drawn} == {align}, f"slots of alignment {align}")
        moved = (self.folder / f"groove.{NAME}").rename(self.folder / f"groove.{NAME}-moved")
        self.run("map", f"{NAME}-moved", "--dir", directory, "-o", str(page))
        expect(self.data_of(page)["name"] == f"{NAME}-moved", "the name")
        page.unlink()
        moved.unlink()

    def test_map_keeps_what_is_there(self):
        """A page that cannot be written leaves the old one; no page takes the place of a groove."""
        where = ["--driver", "file", "--dir", str(self.folder)]
        page = self.folder / "map.html"
        page.write_text("yesterday", encoding="ascii")
        for name in (NAME, f"{NAME}-2"):
            self.run("create", name, *where, "--volume-sz", "32M")
        link = self.folder / "link"
        link.symlink_to(self.folder / f"groove.{NAME}")
        hard = self.folder / "hard"
        hard.hardlink_to(self.folder / f"groove.{NAME}")
        files = {path: path.stat().st_ino for path in self.folder.glob("groove.*")}
        for path in (*files, link, hard):
            stderr = self.run("map", NAME, *where, "-o", str(path), status=ERROR)[1]
            expect("file of a groove" in stderr, stderr)
        expect({path: path.stat().st_ino for path in self.folder.glob("groove.*")} == files, "a groove is gone")
        expect(link.is_symlink(), "the link is gone")

        def small():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

        done = subprocess.run([self.program, "map", NAME, *where, "-o", page], capture_output=True, text=True,
                              check=False, preexec_fn=small)
        expect(done.returncode == ERROR and "File too large" in done.stderr, f"{done}")
        expect(page.read_text(encoding="ascii") == "yesterday", "the old page is gone")
        for path in (link, hard, page):
            path.unlink()
        for name in (NAME, f"{NAME}-2"):
            self.run("destroy", name, *where)
        expect(list(self.folder.iterdir()) == [], "left something")

    @staticmethod
    def samples(text):
        """{(metric, labels): value} of the text form of Prometheus, which is checked: a HELP and a TYPE line before
        the samples of each metric, which stand together, each with other labels."""
        samples, seen, helped = {}, [], None
        expect(text.endswith("\n"), "the last line has no end")
        for line in text.splitlines():
            if line.startswith("# HELP "):
                helped = line.split()[2]
                expect(helped not in seen, f"twice: {line}")
                continue
            if line.startswith("# TYPE "):
                _, _, name, kind = line.split()
                expect(name == helped and name.endswith("_total") == (kind == "counter"), line)
                expect(kind in ("counter", "gauge"), line)
                seen.append(name)
                continue
            match = SAMPLE.fullmatch(line)
            expect(match and match[1] == seen[-1], f"{seen[-1:]}: {line}")
            labels = tuple(sorted(re.findall(r'(\w+)="([^"]*)"', match[2])))
            expect((match[1], labels) not in samples, f"twice: {line}")
            samples[match[1], labels] = int(match[3])
        return samples

    def test_export(self):
        where = ["--dir", str(self.folder)]
        with self.made("file", str(self.folder), objects=10) as maker:
            self.run("create", f"{NAME}-2", "--driver", "file", *where, "--volume-sz", "32M")
            every = self.samples(self.run("export", "--driver", "file", *where)[0])
            one = self.samples(self.run("export", NAME, *where)[0])
            stats = self.result("stats", NAME, *where)
            region = self.info(*where)
            listed = self.result("export", NAME, *where)["metrics"]
            expect(region["pids"] == [maker.pid], "left something attached")
        own = (("driver", "file"), ("groove", NAME))
        expect({key: value for key, value in every.items() if ("groove", NAME) in key[1]} == one, "one of all")
        expect(every["groove_objects", (("driver", "file"), ("groove", f"{NAME}-2"))] == 0, "the second")
        for metric, value in (("objects", region["objects"]), ("object_bytes", region["object_bytes"]),
                              ("processes", 1), ("joins", JOINS), ("joins_dead", 0), ("joins_max", JOIN_MAX),
                              ("volumes", 1), ("volumes_with_memory", 1), ("volumes_max", 4),
                              ("volume_bytes", VOLUME_SZ), ("whole", 1)):
            expect(one[f"groove_{metric}", own] == value, f"{metric}: {one[f'groove_{metric}', own]}, not {value}")
        for used in stats["classes"]:
            labels = (("class", str(used["class"])), *own, ("slot", str(used["slot_sz"])))
            for metric, key in (("allocs_total", "allocs"), ("frees_total", "frees"), ("objects", "objects"),
                                ("object_bytes", "object_bytes"), ("slot_bytes", "slot_bytes"),
                                ("superblocks", "superblocks"), ("cached_slots", "cached")):
                expect(one.get((f"groove_class_{metric}", labels), 0) == used[key], f"{metric} of class {used}")
        objects = [value for (metric, _), value in one.items() if metric == "groove_class_objects"]
        expect(sum(objects) == 10 * JOINS, f"objects: {objects}")
        expect(len(listed) == len(one) and sum(row["value"] for row in listed) == sum(one.values()), "JSON")
        self.run("destroy", NAME, "--driver", "file", *where)
        self.run("destroy", f"{NAME}-2", "--driver", "file", *where)
        expect(self.samples(self.run("export", "--driver", "file", *where)[0]) == {}, "none is left")

    # ---- how many volumes ----

    def test_create_and_resize(self):
        where = ["--driver", "file", "--dir", str(self.folder)]
        made = self.result("create", NAME, *where, "--volume-sz", "32M", "--volume-cnt", "2", "--volume-max", "4",
                           "--join-max", "9", "--page-sz", "normal")
        expect((made["volumes"], made["volume_max"], made["volume_sz"]) == (2, 4, VOLUME_SZ), f"{made}")
        stderr = self.run("create", NAME, *where, "--volume-sz", "32M", status=ERROR)[1]
        expect("exists: attach" in stderr, f"made twice: {stderr}")
        region = self.info(*where)
        expect({"join_max": 9, "volumes": 2, "state": "whole", "joins": 0}.items() <= region.items(), f"{region}")
        done = self.result("verify", NAME, *where, "--threads", "2")
        expect((done["result"], done["threads"], done["volumes"], done["objects"]) == ("pass", 2, 2, 0), f"{done}")
        # the groove has as many more as were asked for, also where it was made with some
        grown = self.result("grow", NAME, *where)
        expect((grown["volumes_changed"], grown["volumes"]) == (1, 3), f"{grown}")
        expect(self.info(*where)["volumes_with_memory"] == 3, "memory")
        grown = self.result("grow", NAME, *where, "--volume-cnt", "3", status=ERROR)
        expect((grown["volumes_changed"], grown["volumes"]) == (1, 4), f"{grown}")
        expect("no volume left" in grown["error"], f"{grown}")
        shrunk = self.result("shrink", NAME, *where, "--volume-cnt", "3")
        expect((shrunk["volumes_changed"], shrunk["volumes"]) == (3, 1), f"{shrunk}")
        expect(self.info(*where)["volumes_with_memory"] == 1, "memory")
        shrunk = self.result("shrink", NAME, *where, "--volume-cnt", "2", status=IN_USE)
        expect((shrunk["volumes_changed"], shrunk["volumes"]) == (1, 0), f"{shrunk}")
        self.run("destroy", NAME, *where)

    def test_drain(self):
        where = ["--driver", "file", "--dir", str(self.folder)]
        with self.made("file", str(self.folder)):
            stdout = self.run("drain", NAME, *where, "--volume", "0")[0]
            expect(f"groove-ctl shrink {NAME} --driver file" in stdout, stdout)
            stderr = self.run("shrink", NAME, *where, status=IN_USE)[1]
            expect(f"groove-ctl drain {NAME} --driver file" in stderr and "--volume N" in stderr, stderr)
            expect("volume 3" in self.run("drain", NAME, *where, "--volume", "3", status=ERROR)[1], "no such volume")
            self.run("drain", NAME, *where, "--end")
        self.run("destroy", NAME, *where)

    def test_left_in_good_order(self):
        directory = str(self.folder)
        with self.made("file", directory) as maker:
            maker.stdin.close()
            maker.wait()
        region = self.info("--dir", directory)
        expect(region["joins"] == 0 and region["pids"] == [] and region["objects"] == JOINS, f"{region}")
        expect(self.result("verify", NAME, "--dir", directory)["result"] == "pass", "verify")
        self.run("destroy", NAME, "--dir", directory)

    def test_the_dead_hold_every_join_record(self):
        directory = str(self.folder)
        with self.made("file", directory, joins=JOIN_MAX) as maker:
            maker.kill()
        region = self.info("--dir", directory)
        expect(region["joins"] == region["joins_dead"] == region["join_max"] == JOIN_MAX, f"{region}")
        expect(self.result("recover", NAME, "--dir", directory)["joins_recovered"] == JOIN_MAX, "recover")
        region = self.info("--dir", directory)
        expect(region["joins"] == 0 and region["objects"] == JOIN_MAX and region["state"] == "whole", f"{region}")
        expect(self.result("verify", NAME, "--dir", directory)["result"] == "pass", "verify")
        self.run("destroy", NAME, "--dir", directory)

    def test_directory_that_may_not_be_listed(self):
        """A groove that is named is found there all the same."""
        if os.geteuid() != 0 or shutil.which("setpriv") is None:
            raise Skip("needs root and setpriv")
        path = self.folder / f"groove.{NAME}"
        words = ["--driver", "file", "--dir", str(self.folder)]
        with self.made("file", str(self.folder)) as maker:
            maker.stdin.close()
            maker.wait()
        os.chown(path, NOBODY, NOBODY)
        self.folder.chmod(0o711)
        done = subprocess.run([*AS_NOBODY, self.program, "info", NAME, *words], capture_output=True, text=True,
                              check=False)
        self.folder.chmod(0o700)
        self.run("destroy", NAME, *words, "--trust-owner")
        expect(done.returncode == OK and f"groove       {NAME}\n" in done.stdout, f"{done.stdout}{done.stderr}")

    def test_two_drivers_have_the_name(self):
        directory = str(self.folder)
        with self.made("file", directory), self.made("memfd"):
            self.refused("destroy", NAME, "--dir", directory, says=["--driver", "memfd", "file"])
            self.refused("info", NAME, "--dir", directory, says=["--driver", "memfd", "file"])
            expect(self.info("--driver", "memfd")["driver"] == "memfd", "memfd")
        self.run("destroy", NAME, "--driver", "file", "--dir", directory)

    # ---- what is not whole ----

    def damaged(self, offset, data, state, status):
        """A killed process's region with some bytes written over: shown so, and destroyed."""
        directory = str(self.folder)
        path = self.folder / f"groove.{NAME}"
        with self.made("file", directory) as maker:
            maker.kill()
        with open(path, "r+b") as file:
            file.seek(offset)
            file.write(data)
        expect(self.listed("--dir", directory)[0]["state"] == state, f"{self.listed('--dir', directory)}")
        stdout, stderr = self.run("info", NAME, "--dir", directory, "--json", status=status)
        expect(json.loads(stdout)["region"]["state"] == state, stdout)
        return directory, stderr

    def test_damaged(self):
        directory, stderr = self.damaged(FIXED + 40, b"\x55", "damaged", DAMAGED)
        expect(re.search(rf"^region: .*destroy it: groove-ctl destroy {NAME} --driver file --dir {directory}$", stderr,
                         re.MULTILINE), f"the library names no command: {stderr}")
        expect(f"groove-ctl destroy {NAME} --driver file --dir {directory}" in stderr, stderr)
        for command in ("stats", "walk", "verify", "recover", "rebuild", "grow"):
            self.run(command, NAME, "--dir", directory, status=DAMAGED)
        self.run("destroy", NAME, "--dir", directory)
        expect(list(self.folder.iterdir()) == [], "left something")

    def test_half_made(self):
        directory, stderr = self.damaged(MAGIC, bytes(8), "half made", IN_USE)
        expect(f"groove-ctl destroy {NAME} --driver file --dir {directory}" in stderr, stderr)
        self.run("destroy", NAME, "--dir", directory)
        expect(list(self.folder.iterdir()) == [], "left something")

    def test_no_region_at_all(self):
        directory = str(self.folder)
        path = self.folder / f"groove.{NAME}"
        self.run("create", NAME, "--driver", "file", "--dir", directory, "--volume-sz", "32M")
        made = path.read_bytes()[:1 << 20]
        self.run("destroy", NAME, "--dir", directory)
        newer = made[:FIXED] + struct.pack("<I", 3) + made[FIXED + 4:]
        for content in (b"", b"x", b"no region" * 10000, newer):
            path.write_bytes(content)
            expect(self.listed("--dir", directory)[0]["state"] == "foreign", f"{content[:9]}")
            for command in ("info", "stats", "walk", "verify", "recover", "rebuild"):
                self.run(command, NAME, "--dir", directory, status=ERROR)
            if content:
                # somebody's file, or a groove of another library, whose locks lie elsewhere: it stays as it is
                stderr = self.run("destroy", NAME, "--dir", directory, status=ERROR)[1]
                expect("no region" in stderr and "nothing was destroyed" in stderr, stderr)
                expect(path.read_bytes() == content, "a file that is no groove was written to")
                path.unlink()
            else:
                # its maker died at once
                self.run("destroy", NAME, "--dir", directory)
            expect(list(self.folder.iterdir()) == [], "left something")

    def test_torn(self):
        directory, stderr = self.damaged(BOOT, struct.pack("<Q", 0x1235), "torn", DAMAGED)
        expect(f"groove-ctl rebuild {NAME} --driver file --dir {directory}" in stderr, stderr)
        for command in ("verify", "recover"):
            stderr = self.run(command, NAME, "--dir", directory, status=DAMAGED)[1]
            expect(f"groove-ctl rebuild {NAME} --driver file --dir {directory}" in stderr, stderr)
        walked = self.result("walk", NAME, "--dir", directory, status=DAMAGED)
        expect([int(one["tag"], 16) for one in walked["visited"]] == list(range(JOINS)), f"{walked}")
        rebuilt = self.result("rebuild", NAME, "--dir", directory)
        expect(rebuilt["result"] == "done" and rebuilt["lost"] == 0, f"{rebuilt}")
        expect(self.result("verify", NAME, "--dir", directory)["objects"] == JOINS, "objects that were kept")
        self.run("destroy", NAME, "--dir", directory)


if __name__ == "__main__":
    try:
        sys.exit(main(CtlCli, __doc__))
    except Mismatch as mismatch:
        sys.exit(str(mismatch))
