#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
"""Write the compile commands of a build folder without those that would show clang-tidy the same again.

usage: tidy-commands.py BUILD FOLDER

Many files are compiled for several programs. Each stays once for each set of macros that it is compiled with.
"""

import json
import pathlib
import shlex
import sys

NAME = "compile_commands.json"


def macros(command):
    """What a command defines."""
    return tuple(sorted(word for word in shlex.split(command) if word.startswith("-D")))


def main():
    """Read, drop, write."""
    build, folder = (pathlib.Path(arg) for arg in sys.argv[1:])
    entries = json.loads((build / NAME).read_text(encoding="utf-8"))
    first = {}
    for entry in entries:
        first.setdefault((entry["file"], macros(entry["command"])), entry)
    folder.mkdir(exist_ok=True)
    (folder / NAME).write_text(json.dumps(list(first.values()), indent=1), encoding="utf-8")
    print(f"{len(first)} of {len(entries)} compilations in {len({name for name, _ in first})} files")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: tidy-commands.py BUILD FOLDER")
    main()
