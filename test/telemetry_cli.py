#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
"""What DPDK's telemetry says of the regions of a running process, asked by dpdk-telemetry.py, against groove-ctl.

usage: telemetry_cli.py PROGRAM [WORD...]: PROGRAM is groove-ctl
"""

import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys

from cli import RUNTIME, Mismatch, Skip, expect, main

ASK = "dpdk-telemetry.py"
NAME = f"telemetry-{os.getpid()}"
PREFIX = f"groove-telemetry-{os.getpid()}"
EAL = ["--no-huge", "-m", "64", "--no-pci", "--file-prefix", PREFIX, "--"]
JOINS = 3
OBJECTS = 40


class Telemetry:
    """Cases of telemetry."""

    def __init__(self, program, folder):
        self.program = program
        self.folder = folder
        self.maker = pathlib.Path(program).parent.parent / "test" / "ctl" / "groove-ctl-maker"

    @contextlib.contextmanager
    def running(self, *second, ends=True):
        """A process with EAL that has a region, joined, with objects in it."""
        if shutil.which(ASK) is None:
            raise Skip(f"needs {ASK} (Debian package dpdk)")
        words = [self.maker, *EAL, "file", self.folder, NAME, "normal", str(JOINS), str(OBJECTS), *second]
        with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              text=True) as maker:
            try:
                expect(any(line == "ready\n" for line in maker.stdout), "the process has not started")
                yield maker
                maker.stdin.close()
                expect(maker.wait() == 0 or not ends, f"exit status {maker.returncode}")
            finally:
                maker.kill()
                maker.wait()
                shutil.rmtree(RUNTIME / PREFIX, ignore_errors=True)
                (pathlib.Path(self.folder) / f"groove.{NAME}").unlink(missing_ok=True)

    def ask(self, *commands):
        """The answers to some commands, in their order."""
        done = subprocess.run([ASK, "-f", PREFIX], input="".join(f"{one}\n" for one in commands), capture_output=True,
                              text=True, check=False)
        expect(done.returncode == 0, f"{commands}: {done.stdout}{done.stderr}")
        answers, text = [], done.stdout[done.stdout.index("{"):]
        while text.lstrip().startswith("{"):
            answer, end = json.JSONDecoder().raw_decode(text.lstrip())
            answers.append(answer)
            text = text.lstrip()[end:]
        # the first is what the process says of itself
        answers = [answer for answer in answers if any(key.startswith("/") for key in answer)]
        expect(len(answers) == len(commands), f"{commands}: {done.stdout}")
        return [next(iter(answer.values())) for answer in answers]

    def ctl(self, *words):
        """What groove-ctl says of it."""
        done = subprocess.run([self.program, *words, NAME, "--driver", "file", "--dir", self.folder, "--json"],
                              capture_output=True, text=True, check=True)
        return json.loads(done.stdout)

    def test_all(self):
        with self.running():
            names, info, stats, classes, joins, qualified = self.ask(
                "/groove/list", f"/groove/info,{NAME}", f"/groove/stats,{NAME}", f"/groove/classes,{NAME}",
                f"/groove/joins,{NAME}", f"/groove/info,file/{NAME}")
            expect(names == [NAME], f"{names}")
            region, counts = self.ctl("info")["region"], self.ctl("stats")
        expect(qualified == info, f"by its driver: {qualified}")
        expect((info["name"], info["driver"], info["access"]) == (NAME, "file", "read-write"), f"{info}")
        for key in ("bytes", "page_sz", "volume_sz", "volume_max", "volumes_with_memory", "join_max"):
            expect(info[key] == region[key], f"{key}: {info[key]}, not {region[key]}")
        for key, value in counts["total"].items():
            expect(stats[key] == value, f"{key}: {stats[key]}, not {value}")
        expect(stats["objects"] == JOINS * OBJECTS, f"{stats}")
        expect((stats["joins"], stats["volumes"], stats["volumes_empty"]) == (JOINS, 1, 0), f"{stats}")
        used = [one for one in counts["classes"] if one["superblocks"] > 0]
        for key, column in classes.items():
            expect(column == [one[key] for one in used], f"classes, {key}: {column}")
        expect(set(classes) == {"class", "slot_sz", "objects", "object_bytes", "superblocks", "cached"}, f"{classes}")
        expect(sorted(joins["alive"]) == list(range(JOINS)) and joins["dead"] == [], f"{joins}")
        expect((joins["alive_cnt"], joins["dead_cnt"], joins["join_max"]) == (JOINS, 0, region["join_max"]), f"{joins}")

    def test_what_is_not_there(self):
        with self.running():
            answers = self.ask(*(f"/groove/{what}{name}" for what in ("info", "stats", "classes", "joins")
                                 for name in ("", ",none", f",memfd/{NAME}", f",{NAME}x", f",{NAME[:-1]}")))
            expect(all(answer is None for answer in answers), f"{answers}")
            expect(self.ask(f"/groove/stats,{NAME}")[0]["objects"] == JOINS * OBJECTS, "asked again")

    def test_two_of_one_name(self):
        with self.running("memfd"):
            names, alone, first, second = self.ask("/groove/list", f"/groove/info,{NAME}",
                                                   f"/groove/info,file/{NAME}", f"/groove/stats,memfd/{NAME}")
        expect(names == [NAME, NAME] and alone is None, f"{names}, {alone}")
        expect(first["driver"] == "file" and second["objects"] == 0, f"{first}, {second}")

    def test_two_directories_have_the_name(self):
        """One driver has it twice: neither is asked, as nobody knows which is meant."""
        where = [self.program, "destroy", NAME, "--driver", "file"]
        try:
            with self.running("file"):
                names, *answers = self.ask("/groove/list", f"/groove/info,{NAME}", f"/groove/stats,file/{NAME}")
        finally:
            subprocess.run(where, stdout=subprocess.DEVNULL, check=False)
        expect(names == [NAME, NAME] and answers == [None, None], f"{names}, {answers}")

    def test_memory_that_is_not_there(self):
        """A file that was cut is an error of the question, and ends no process."""
        with self.running(ends=False) as maker:
            os.truncate(pathlib.Path(self.folder) / f"groove.{NAME}", 4096)
            names, *answers = self.ask("/groove/list", *(f"/groove/{what},{NAME}"
                                                         for what in ("info", "stats", "classes", "joins")))
            expect(names == [NAME] and answers == 4 * [None], f"{names}, {answers}")
            expect(maker.poll() is None, "a question has ended the process")
            maker.kill()

    def test_nobody_is_kept_from_detaching(self):
        """The process ends while it is asked, and leaves a groove that is whole and has no join."""
        with self.running() as maker:
            with subprocess.Popen([ASK, "-f", PREFIX], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL, text=True) as asker:
                asker.stdin.write(f"/groove/stats,{NAME}\n" * 500)
                asker.stdin.flush()
                maker.stdin.close()
                expect(maker.wait() == 0, f"exit status {maker.returncode}")
                asker.kill()
            region = self.ctl("info")["region"]
            expect((region["state"], region["joins"], region["pids"]) == ("whole", 0, []), f"{region}")


if __name__ == "__main__":
    try:
        sys.exit(main(Telemetry, __doc__))
    except Mismatch as mismatch:
        sys.exit(str(mismatch))
