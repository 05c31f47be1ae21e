#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
"""Check that each line of a guide's table names tests, and that there are these tests.

A table is one whose last column is called "shown by". What stands in its last column between double backquotes is one of
    NAME                            a test of meson
    SCRIPT WORDS                    cases of test/SCRIPT.py: those whose names contain the words
    groove-fault FORM [--OPTION] [SCENARIO]    a scenario of groove-fault
    groove-interleave [--OPTION] [SCENARIO]    one of groove-interleave
    PROGRAM --OPTION [VALUE]        an option that a case of the program's script gives it
    PATH                            a file of the tree
A line that no test shows says "not shown here".

usage: survives_check.py BUILD GUIDE...
"""

import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
# what a script has in another file
PARTS = {"stress_cli": ["stress_cli", "stress_named", "cli"], "perf_cli": ["perf_cli", "cli"]}
FAULT_FORMS = ("matrix", "soak", "stop", "deaths", "recovery")
LIST_ROW = re.compile(r"^ +\* - ", re.MULTILINE)
CELL = re.compile(r"^ +(?:\* )?- ?", re.MULTILINE)


def rows_of(guide):
    """Lines of all tables with such a column, each as a list of cells without line breaks."""
    rows = []
    for table in guide.read_text(encoding="utf-8").split(".. list-table::")[1:]:
        table = re.split(r"^\S", table, maxsplit=1, flags=re.MULTILINE)[0]  # up to the next line of text
        found = [[" ".join(cell.split()) for cell in CELL.split(row) if cell.strip()] for row in
                 LIST_ROW.split(table)[1:]]
        if found and found[0][-1] == "shown by":
            rows += found[1:]
    return rows


class Known:
    """The tests of a build folder and of the tree."""

    def __init__(self, build):
        self.build = build
        tests = json.loads((build / "meson-info" / "intro-tests.json").read_text(encoding="utf-8"))
        self.names = {test["name"] for test in tests}

    def scenarios(self, program, *words):
        """What a program lists."""
        listed = subprocess.run([self.build / program, *words, "--list"], capture_output=True, text=True, check=True)
        return listed.stdout.splitlines()

    def plays(self, program, folder, text, *words):
        """Whether a program has the option and the scenario of [--OPTION] [SCENARIO]."""
        option, scenario = re.fullmatch(r"(?:--(\w+) ?)?(.*)", text).groups()
        source = (ROOT / "test" / folder / "main.c").read_text(encoding="utf-8")
        return (option is None or f'"{option}"' in source or f"--{option}" in source) and (
            not scenario or scenario in self.scenarios(program, *words))

    def source(self, script):
        """Text of a script of tests, of all its parts; empty: there is none."""
        paths = [ROOT / "test" / f"{part}.py" for part in PARTS.get(script, [script])]
        return "".join(path.read_text(encoding="utf-8") for path in paths if path.exists())

    def has(self, text):
        """Whether there is what a guide names so."""
        word, _, rest = text.partition(" ")
        if not rest:
            return word in self.names or (ROOT / word).is_file()
        if word == "groove-fault":
            form, _, scenario = rest.partition(" ")
            return form in FAULT_FORMS and self.plays("test/groove-fault", "fault", scenario, "matrix")
        if word == "groove-interleave":
            return self.plays("test/model/groove-interleave", "model", rest)
        if rest.startswith("--"):
            source = self.source(word.removeprefix("groove-") + "_cli")
            return all(f'"{part}"' in source for part in rest.split())
        return any(rest in case.replace("_", " ") for case in re.findall(r"def test_(\w+)", self.source(word)))


def main():
    """Check all guides. Returns the exit status."""
    if len(sys.argv) < 3:
        print(__doc__, file=sys.stderr)
        return 2
    known = Known(pathlib.Path(sys.argv[1]))
    wrong = 0
    for guide in map(pathlib.Path, sys.argv[2:]):
        rows = rows_of(guide)
        if not rows:
            print(f"{guide}: no table with a column \"shown by\"")
            wrong += 1
        for row in rows:
            named = re.findall(r"``(.+?)``", row[-1])
            if not named and row[-1] != "not shown here":
                print(f"{guide}: {row[0]}: no test is named")
                wrong += 1
            for text in named:
                if not known.has(text):
                    print(f"{guide}: {row[0]}: there is no ``{text}``")
                    wrong += 1
        print(f"{guide}: {len(rows)} lines")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
