#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
"""Check that check-arrows.py finds a circle and an arrow up, by symbols and by includes, and nothing where all is well.

usage: arrows_check.py CHECK_ARROWS
"""

import json
import pathlib
import subprocess
import sys
import tempfile

FLOORS = ["low", "mid left", "app/common", "app/one", "test"]
# each file of a house in which all is well
HOUSE = {
    "low/word.h": "int word(void);\n",
    "low/word.c": '#include "word.h"\nint word(void) { return 1; }\n',
    "mid/list.h": '#include "word.h"\nint list(void);\n',
    "mid/list.c": '#include "list.h"\nint put(void);\nint list(void) { return word() + put(); }\n',
    "mid/put.c": '#include "word.h"\nint put(void);\nint put(void) { return word(); }\n',
    "left/side.c": '#include "word.h"\nint side(void);\nint side(void) { return word(); }\n',
    "app/common/text.c": "int text(void);\nint text(void) { return 2; }\n",
    "app/one/main.c": '#include "list.h"\nint text(void);\nint main(void) { return list() + text(); }\n',
    "test/any.c": "int any(void);\nint any(void) { return 3; }\n",
}
LIBRARY = "lib/libhouse.a.p"
PROGRAM = "app/one.p"
BROKEN = [
    ("a circle of symbols", {"mid/put.c": "int list(void);\nint put(void);\nint put(void) { return list(); }\n"},
     "circle: mid/list.c -> mid/put.c -> mid/list.c"),
    ("a circle of includes", {"low/word.h": '#pragma once\n#include "more.h"\nint word(void);\n',
                              "low/more.h": '#pragma once\n#include "word.h"\n'},
     "circle: low/more.h -> low/word.h -> low/more.h"),
    ("a symbol of a floor above",
     {"low/word.c": "int side(void);\nint word(void);\nint word(void) { return side(); }\n"},
     "low/word.c uses left/side.c, which is not below it: side"),
    ("an include of a floor above", {"low/word.c": '#include "list.h"\nint word(void) { return 1; }\n'},
     'low/word.c uses mid/list.h, which is not below it: includes "list.h"'),
    ("a symbol of a folder on the same floor",
     {"left/side.c": "int put(void);\nint side(void);\nint side(void) { return put(); }\n"},
     "left/side.c uses mid/put.c, which is not below it: put"),
    ("a library that uses a program",
     {"mid/put.c": '#include "../app/one/one.h"\nint put(void);\nint put(void) { return ONE; }\n',
      "app/one/one.h": "#define ONE 1\n"},
     'mid/put.c uses app/one/one.h, which is not below it: includes "../app/one/one.h"'),
    ("a file on no floor", {"other/file.c": "int file(void);\nint file(void) { return 4; }\n"},
     "other/file.c: on no floor"),
]


def check(files):
    """Build a house, and check it: exit status and lines."""
    with tempfile.TemporaryDirectory(prefix="groove-arrows-") as folder:
        root = pathlib.Path(folder).resolve()
        build = root / "build"
        commands = []
        for name, text in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, encoding="utf-8")
        for name in files:
            if name.endswith(".c"):
                target = PROGRAM if name.startswith("app/") else LIBRARY
                output = f"{target}/{name.replace('/', '_')}.o"
                command = ["cc", "-I../low", "-I../mid", "-o", output, "-c", f"../{name}"]
                (build / target).mkdir(parents=True, exist_ok=True)
                subprocess.run(command, cwd=build, check=True)
                commands.append({"directory": str(build), "command": " ".join(command), "file": f"../{name}",
                                 "output": output})
        (build / "compile_commands.json").write_text(json.dumps(commands), encoding="utf-8")
        (build / "floors.txt").write_text("\n".join([str(root), *FLOORS]) + "\n", encoding="utf-8")
        result = subprocess.run([sys.argv[1], str(build)], capture_output=True, text=True, check=False)
        return result.returncode, result.stdout.splitlines(), result.stderr


def expect(condition, what):
    """The first that does not hold ends it."""
    if not condition:
        sys.exit(f"failed: {what}")


def main():
    """All checks."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    status, lines, errors = check(HOUSE)
    expect(status == 0, f"a house in which all is well: {lines} {errors}")
    for what, change, line in BROKEN:
        status, lines, errors = check({**HOUSE, **change})
        expect(status == 1 and line in lines, f"{what}: status {status}, {lines} {errors}")
    print(f"{len(BROKEN) + 1} houses: as promised")


if __name__ == "__main__":
    main()
