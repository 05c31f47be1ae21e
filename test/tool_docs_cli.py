#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
"""Man pages and bash completion of the programs, as they are installed: bash completes by them, man and mandoc read
them without a warning, and every option of the programs is in both.

usage: tool_docs_cli.py FOLDER [WORD...]: the folder of the programs, in which both are
"""

import os
import pathlib
import shutil
import subprocess
import sys

from cli import Mismatch, Skip, expect, main
from gen_tool_docs import INTERNAL

PROGRAMS = ("groove-ctl", "groove-perf", "groove-stress")
NAME = f"tool-docs-{os.getpid()}"


class ToolDocs:
    """Cases of man pages and completion."""

    def __init__(self, program, folder):
        self.build = pathlib.Path(program)
        self.folder = pathlib.Path(folder)

    def complete(self, *words, path=None):
        """What bash offers for the last of some words, with the programs of a folder."""
        script = self.build / f"{words[0]}.bash"
        text = ('source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); "_${1//-/_}"; '
                'printf "%s\\n" "${COMPREPLY[@]}"; complete -p "$1" >&2')
        done = subprocess.run(["bash", "-c", text, "bash", script, *words], capture_output=True, text=True, check=True,
                              cwd=self.folder, env={**os.environ, "PATH": f"{path or self.build}:{os.environ['PATH']}"})
        expect(done.stderr == f"complete -F _{words[0].replace('-', '_')} {words[0]}\n", done.stderr)
        return set(done.stdout.split())

    def options(self, program):
        """All options of a program, from its tables."""
        done = subprocess.run([self.build / program, "--list-options"], capture_output=True, text=True, check=True)
        return set(done.stdout.split()) - INTERNAL

    # ---- completion ----

    def test_every_option(self):
        commands = self.complete("groove-ctl", "") - self.complete("groove-ctl", "--")
        expect({"list", "walk", "destroy"} <= commands, f"{commands}")
        offered = set().union(*(self.complete("groove-ctl", command, "--") for command in commands))
        expect(offered == self.options("groove-ctl"), f"groove-ctl: {offered ^ self.options('groove-ctl')}")
        for program in PROGRAMS[1:]:
            offered = self.complete(program, "-l", "0", "--", "--")
            expect(offered == self.options(program), f"{program}: {offered ^ self.options(program)}")
            expect(self.complete(program, "") == {"--", "--help", "--version"}, f"{program}: before EAL's")

    def test_options_of_a_command(self):
        expect(self.complete("groove-ctl", "walk", "x", "--t") == {"--tag", "--trust-owner"}, "walk")
        expect(self.complete("groove-ctl", "info", "x", "--t") == {"--trust-owner"}, "info")
        expect(self.complete("groove-ctl", "--file-prefix=a", "--", "verify", "--th") == {"--threads"}, "after EAL's")
        expect(self.complete("groove-ctl", "sh") == {"shrink"}, "a command")
        expect(self.complete("groove-ctl", "--dir", "walk", "sh") == {"shrink"}, "after a value")

    def test_values(self):
        (self.folder / "some-directory").mkdir()
        (self.folder / "some-file").touch()
        for words, want in (
            (["groove-ctl", "list", "--driver", "m"], {"memfd", "memzone"}),
            (["groove-ctl", "list", "--dir", "so"], {"some-directory"}),
            (["groove-ctl", "create", "x", "--page-sz", ""], {"normal", "huge", "gigantic"}),
            (["groove-ctl", "walk", "x", "--tag", ""], set()),
            (["groove-ctl", "map", "x", "-o", "some-f"], {"some-file"}),
            (["groove-ctl", "-o", "map", "ma"], {"map"}),
            (["groove-stress", "--", "--inject", "d"], {"double-free"}),
            (["groove-stress", "--", "--json", "so"], {"some-directory", "some-file"}),
            (["groove-perf", "--", "--workload", "pi"], {"pipe", "pipe-bulk"}),
            (["groove-perf", "--", "--workload", "burst,pa"], {"burst,pair"}),
            (["groove-perf", "--", "--n", "3"], {"32"}),
        ):
            expect(self.complete(*words) == want, f"{words}: {self.complete(*words)}")

    def test_names(self):
        """Names of grooves that are there, of the driver and directory that the line has."""
        where = ["--driver", "file", "--dir", str(self.folder)]
        for name in (f"{NAME}-a", f"{NAME}-b"):
            subprocess.run([self.build / "groove-ctl", "create", name, *where, "--volume-sz", "32M"], check=True,
                           stdout=subprocess.DEVNULL)
        expect(self.complete("groove-ctl", "info", *where, NAME) == {f"{NAME}-a", f"{NAME}-b"}, "names")
        expect(self.complete("groove-ctl", "info", *where, f"{NAME}-a", NAME) == set(), "a second name")
        expect(self.complete("groove-ctl", "create", *where, NAME) == set(), "a new name")
        expect(self.complete("groove-ctl", "list", *where, NAME) == set(), "no name")
        for name in (f"{NAME}-a", f"{NAME}-b"):
            subprocess.run([self.build / "groove-ctl", "destroy", name, *where], check=True, stdout=subprocess.DEVNULL)

    def test_names_are_no_commands(self):
        """A name that a shell would run is neither run nor offered, whether groove-ctl lists it or not."""
        where = ["--driver", "file", "--dir", str(self.folder)]
        odd = ["$(touch pwned)", "`touch pwned`", "${x:=$(touch pwned)}"]
        for name in odd:
            (self.folder / f"groove.{name}").write_bytes(b"")
        expect(self.complete("groove-ctl", "info", *where, "") == self.complete("groove-ctl", "info", *where, "--"),
               "names of other files are offered")
        listing = "".join(f"file {name.replace(' ', '${IFS}')} whole\n" for name in ["name", f"{NAME}-a", *odd])
        fake = self.folder / "bin" / "groove-ctl"
        fake.parent.mkdir()
        fake.write_text(f"#!/bin/sh\ncat <<'EOF'\n{listing}EOF\n", encoding="ascii")
        fake.chmod(0o755)
        offered = self.complete("groove-ctl", "info", "", path=fake.parent)
        expect({word for word in offered if word[0] != "-"} == {f"{NAME}-a"}, f"{offered}")
        left = {path.name for path in self.folder.rglob("*")}
        expect("pwned" not in left, f"a name was run: {left}")
        shutil.rmtree(fake.parent)
        for name in odd:
            (self.folder / f"groove.{name}").unlink()

    # ---- man pages ----

    def page(self, program):
        """The page as a terminal shows it, in one line."""
        done = subprocess.run(["man", "--warnings", "-l", self.build / f"{program}.1"], capture_output=True, text=True,
                              check=True, env={**os.environ, "MANWIDTH": "200", "LC_ALL": "C"})
        expect(done.stderr == "", f"{program}: {done.stderr}")
        return " ".join(done.stdout.split())

    def test_man(self):
        if shutil.which("man") is None:
            raise Skip("needs man (Debian package man-db)")
        version = subprocess.run([self.build / "groove-ctl", "--version"], capture_output=True, text=True, check=True)
        for program in PROGRAMS:
            page = self.page(program)
            for option in self.options(program):
                expect(f" {option} " in page.replace(",", " "), f"{program}: no {option} in its page")
            for text in ("NAME", f"{program} - ", "SYNOPSIS", "EXIT STATUS 0 ", version.stdout.split()[1]):
                expect(text in page, f"{program}: no {text!r} in its page")
        expect("walk NAME its objects by ascending address" in self.page("groove-ctl"), "no walk in its page")

    def test_mandoc(self):
        if shutil.which("mandoc") is None:
            raise Skip("needs mandoc")
        for program in PROGRAMS:
            done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", self.build / f"{program}.1"],
                                  capture_output=True, text=True, check=False)
            # a page made by the build has no date of its own
            found = [line for line in done.stdout.splitlines() if "missing date" not in line]
            expect(found == [], f"{program}: {found}")


if __name__ == "__main__":
    try:
        sys.exit(main(ToolDocs, __doc__))
    except Mismatch as mismatch:
        sys.exit(str(mismatch))
