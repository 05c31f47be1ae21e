#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
"""Check that each function of the public headers has a comment with @param for each parameter and @return for its result,
and that the API reference has it, where one is given.

usage: api_doc_check.py [--html FOLDER] HEADER...
"""

import pathlib
import re
import sys

# a comment, then what it is of: up to the parameters of a function
FUNCTION = re.compile(
    r"(?P<comment>/\*\*(?:(?!\*/).)*\*/\n)?"
    r"(?:/\*[^*](?:(?!\*/).)*\*/\n)?(?:#if[^\n]*\n)?"
    r"^(?P<type>(?:static inline )?[a-z_][\w ]*?[ *\n]+)(?P<name>groove_\w+)\((?P<params>[^()]*(?:\([^()]*\)[^()]*)*)\)"
    r"(?:\s*GROOVE_BUILD_SYMBOL\(\w+\))?\s*(?P<end>[;{])",
    re.MULTILINE | re.DOTALL)


def parameters(text):
    """Names of the parameters."""
    text = " ".join(text.split())
    if text in ("", "void"):
        return []
    return [re.search(r"(\w+)(?:\[\w*\])?$", word.strip()).group(1) for word in text.split(",")]


def check(function, comments):
    """What is missing from one function's comment."""
    name = function["name"]
    comment = function["comment"] or comments.get(name)
    if comment is None:
        return [f"{name}: no comment"]
    comments[name] = comment
    described = [word for names in re.findall(r"@param\s+([\w, ]+?)\n", comment) for word in re.split(r"[, ]+", names)]
    wanted = parameters(function["params"])
    missing = [f"{name}: no @param {word}" for word in wanted if word not in described]
    missing += [f"{name}: @param {word}, which it has not" for word in described if word not in wanted]
    returns = " ".join(function["type"].split()).removeprefix("static inline ") != "void"
    if returns != ("@return" in comment):
        missing.append(f"{name}: {'no' if returns else 'a'} @return")
    return missing


def main():
    """Check all headers."""
    arguments = sys.argv[1:]
    html = None
    if arguments[:1] == ["--html"]:
        html = "".join(path.read_text(encoding="utf-8") for path in pathlib.Path(arguments[1]).glob("*8h.html"))
        arguments = arguments[2:]
    names = set()
    missing = []
    for header in arguments:
        comments = {}
        for function in FUNCTION.finditer(pathlib.Path(header).read_text(encoding="utf-8")):
            names.add(function["name"])
            missing += check(function, comments)
    if html is not None:
        # the heading of a function's own section
        missing += [f"{name}: not in the API reference" for name in sorted(names) if f"</span>{name}()" not in html]
    print("\n".join(missing))
    print(f"{len(names)} functions in {len(arguments)} headers, {len(missing)} things missing")
    return 1 if missing or len(names) < 100 else 0


if __name__ == "__main__":
    sys.exit(main())
