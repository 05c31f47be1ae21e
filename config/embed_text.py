#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
"""Make a C array of a text, so that a program has it without a file.

usage: embed_text.py TEXT NAME OUTPUT
"""

import pathlib
import sys


def main():
    """Write it."""
    text, name, output = sys.argv[1:]
    lines = pathlib.Path(text).read_text(encoding="utf-8").splitlines(keepends=True)
    strings = (line.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") for line in lines)
    body = "\n".join(f'\t"{string}"' for string in strings)
    pathlib.Path(output).write_text(f"extern const char {name}[];\nconst char {name}[] =\n{body};\n", encoding="utf-8")


if __name__ == "__main__":
    main()
