#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
"""Copy a source file with one piece of its text replaced: what the test of a test is built from.

usage: mutate.py INPUT OUTPUT OLD NEW    OLD must be there exactly once: no mutation is lost when the code changes
"""

import pathlib
import sys


def main():
    """Copy the file."""
    source, output, old, new = sys.argv[1:]
    text = pathlib.Path(source).read_text(encoding="utf-8")
    if text.count(old) != 1:
        sys.exit(f"{source}: \"{old}\" is there {text.count(old)} times, not once: mutate something else")
    pathlib.Path(output).write_text(text.replace(old, new), encoding="utf-8")


if __name__ == "__main__":
    main()
