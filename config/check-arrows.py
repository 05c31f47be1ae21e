#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
"""Check that the files of a build use each other in no circle, and only downwards.

usage: check-arrows.py [--list] BUILD

A file uses another whose symbol its object file takes (nm), or that it includes. BUILD/floors.txt, which meson.build
writes, has the floors from the ground up: a line is a floor, the words in it are folders with all below them. A file
may use files of its own folder and of floors below its own. Each word is a folder of its own: two on one floor do not
use each other. Below test/ and doc/ anything may use anything; nothing else may use them.

--list prints each arrow: the file, what it uses, and by what.
"""

import argparse
import collections
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

FREE = ("test", "doc")  # no object files are looked at
INCLUDE = re.compile(r'^\s*#\s*include\s+["<]([^">]+)[">]', re.MULTILINE)
DEFINED = "TDBRVWCiu"


class House:
    """The files of a build, the floors that they are on, and the arrows between them."""

    def __init__(self, build):
        self.build = build.resolve()
        self.commands = json.loads((self.build / "compile_commands.json").read_text(encoding="utf-8"))
        lines = (self.build / "floors.txt").read_text(encoding="utf-8").splitlines()
        self.root = pathlib.Path(lines[0])
        self.floors = {folder: floor for floor, line in enumerate(lines[1:]) for folder in line.split()}
        self.arrows = collections.defaultdict(lambda: collections.defaultdict(set))
        self.targets = collections.defaultdict(dict)
        self.paths = collections.defaultdict(list)
        self.read_commands()

    def name(self, path):
        """A path below the top, or None."""
        path = pathlib.Path(os.path.normpath(path))
        return None if self.build in path.parents or self.root not in path.parents else str(path.relative_to(self.root))

    def folder(self, name):
        """The folder of floors.txt that a file is in."""
        parents = [str(parent) for parent in pathlib.PurePath(name).parents]
        return next((parent for parent in parents if parent in self.floors), None)

    def is_free(self, name):
        """Whether a file is one whose own arrows are not looked at."""
        return pathlib.PurePath(name).parts[0] in FREE

    def read_commands(self):
        """The objects of each target, and where the files of a folder look for what they include."""
        for command in self.commands:
            name = self.name(pathlib.Path(command["directory"], command["file"]))
            target = command["output"].rsplit("/", 1)[0]
            if name is None or self.is_free(name) or self.is_free(target):
                continue
            self.targets[target][name] = self.build / command["output"]
            folders = self.paths[os.path.dirname(name)]
            for word in shlex.split(command["command"]):
                if word.startswith("-I"):
                    folder = self.name(pathlib.Path(command["directory"], word[2:]))
                    if folder is not None and folder not in folders:
                        folders.append(folder)

    def sources(self):
        """All files on a floor but those below the free folders."""
        for folder in self.floors:
            if not self.is_free(folder):
                yield from (str(path.relative_to(self.root)) for path in (self.root / folder).rglob("*.[ch]"))

    def read_includes(self):
        """Arrows of includes."""
        for name in set(self.sources()):
            here = os.path.dirname(name)
            for included in INCLUDE.findall((self.root / name).read_text(encoding="utf-8")):
                for folder in [here, *self.paths[here]]:
                    used = os.path.normpath(os.path.join(folder, included))
                    if (self.root / used).is_file():
                        self.arrows[name][used].add(f'includes "{included}"')
                        break

    def read_symbols(self):
        """Arrows of symbols: of an object of the same program or library, else of a library."""
        defined = collections.defaultdict(lambda: collections.defaultdict(list))
        taken = []
        for target, objects in self.targets.items():
            for name, path in objects.items():
                for kind, symbol in symbols(path):
                    if kind in DEFINED:
                        defined[target][symbol].append(name)
                    elif kind in "Uw":
                        taken.append((target, name, symbol))
        libraries = [target for target in defined if not target.startswith("app/")]
        for target, name, symbol in taken:
            owner = next((each for each in [target, *libraries] if symbol in defined[each]), None)
            for used in defined[owner][symbol] if owner is not None else []:
                if used != name:
                    self.arrows[name][used].add(symbol)

    def lost(self):
        """Files on no floor."""
        names = {name for objects in self.targets.values() for name in objects}
        return [f"{name}: on no floor" for name in sorted(names) if self.folder(name) is None]

    def upward(self):
        """Arrows that run up, or across."""
        for name, used, why in self.each():
            own, other = self.folder(name), self.folder(used)
            if other is None or (own != other and self.floors[own] <= self.floors[other]):
                yield f"{name} uses {used}, which is not below it: {why}"

    def each(self):
        """Each arrow."""
        for name in sorted(self.arrows):
            for used in sorted(self.arrows[name]):
                yield name, used, ", ".join(sorted(self.arrows[name][used]))

    def circles(self):
        """The shortest circle through each file that is in one; each circle once."""
        seen = set()
        for name in sorted(self.arrows):
            circle = self.circle(name)
            if circle is not None and not seen & set(circle):
                seen |= set(circle)
                yield "circle: " + " -> ".join([*circle, name])

    def circle(self, name):
        """The shortest way from a file back to it."""
        ways = collections.deque([[name]])
        met = set()
        while ways:
            way = ways.popleft()
            for used in sorted(self.arrows[way[-1]]) if way[-1] in self.arrows else []:
                if used == name:
                    return way
                if used not in met:
                    met.add(used)
                    ways.append([*way, used])
        return None


def symbols(path):
    """Kind and name of each symbol of an object file."""
    result = subprocess.run(["nm", str(path)], capture_output=True, text=True, check=False)
    if result.returncode != 0:
        sys.exit(f"{path}: {result.stderr.strip()}: build all first")
    words = [line.split() for line in result.stdout.splitlines()]
    return [(each[-2], each[-1]) for each in words if len(each) > 1]


def main():
    """Check a build."""
    parser = argparse.ArgumentParser(usage="check-arrows.py [--list] BUILD", add_help=False)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("build", type=pathlib.Path)
    options = parser.parse_args()
    house = House(options.build)
    house.read_includes()
    house.read_symbols()
    if options.list:
        for name, used, why in house.each():
            print(f"{name} -> {used}: {why}")
    wrong = [*house.lost(), *house.upward(), *house.circles()]
    for line in wrong:
        print(line)
    if wrong:
        sys.exit(f"{len(wrong)} wrong: what two files of a circle share belongs on a floor below both")
    print(f"{sum(map(len, house.arrows.values()))} arrows: all run down, none in a circle")


if __name__ == "__main__":
    main()
