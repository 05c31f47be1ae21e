#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
"""Check the models *.pml with Spin, in several configurations of each.

usage: run_spin.py [--long] [--lib FOLDER] [--model FOLDER] [--only NAME] [--keep FOLDER]

A configuration that ends badly prints the steps that lead there, as few as there are: process, line of the model, its
label or inline, statement. The same configuration prints the same steps again; --keep leaves the verifier and its trail.
A statement that no configuration reaches fails the run as well: it would check nothing.
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
# what more optimisation saves, it costs to compile
FLAGS = ["-Og", "-w", "-DSAFETY", "-DCOLLAPSE", "-DMEMLIM=2800"]
DEPTH = 4000000
STEP = re.compile(r"^\s*\d+:\s+proc\s+(\d+) \((\w+)\) \S+\.pml:(\d+) \(state \d+\)\s+\[(.*)\]$")
PLACE = re.compile(r"^(?:inline )?(\w+)(?::|\()")
UNREACHED = re.compile(r"^\t\S+\.pml:(\d+), state (\d+), \"(.*)\"$")


def superblock(joins, volumes, groups, classes, want, turns, **more):
    """Macros of superblock.pml. more: macros that are not as usual."""
    macros = {"JOINS": joins, "VOLUMES": volumes, "GROUPS": groups, "CLASSES": classes, "WANT": want, "TURNS": turns,
              "TURNS_FIRST": turns, "FIRST_ALLOCS": 0, "DRAIN": 0, "DEATHS": 0, "BEGINS": 1}
    assert more.keys() <= macros.keys()
    return {**macros, **more}


def epoch(joins, epoch_max):
    """Macros of epoch.pml. GRACE, None here, is that of the sources."""
    return {"JOINS": joins, "EPOCH_MAX": epoch_max, "GRACE": None}


# name, model, macros; those of SHORT take up to 2 GiB, of LONG up to 3, and minutes
SHORT = [
    ("one-class", "superblock.pml", superblock(2, 1, 1, 1, 2, 0)),
    ("two-volumes", "superblock.pml", superblock(2, 2, 1, 1, 2, 3, TURNS_FIRST=1)),
    ("two-groups", "superblock.pml", superblock(2, 2, 2, 1, 1, 2)),
    ("drained", "superblock.pml", superblock(2, 1, 1, 1, 1, 2, DRAIN=1)),
    ("nested", "superblock.pml", superblock(2, 1, 1, 2, 1, 2)),
    ("siblings", "superblock.pml", superblock(2, 1, 1, 3, 1, 4, TURNS_FIRST=1, FIRST_ALLOCS=1)),
    ("three-joins", "superblock.pml", superblock(3, 1, 1, 1, 1, 1)),
    ("death", "superblock.pml", superblock(2, 1, 1, 1, 2, 2, TURNS_FIRST=1, DEATHS=1, BEGINS=127)),
    ("recovery", "superblock.pml", superblock(3, 1, 1, 1, 1, 1, DEATHS=1, BEGINS=3)),
    ("grace", "epoch.pml", epoch(2, 8)),
]
LONG = [
    ("two-volumes-long", "superblock.pml", superblock(2, 2, 1, 1, 1, 3)),
    ("two-groups-long", "superblock.pml", superblock(2, 2, 2, 1, 1, 3)),
    ("drained-long", "superblock.pml", superblock(2, 1, 1, 1, 1, 3, DRAIN=1)),
    ("drained-volumes", "superblock.pml", superblock(2, 2, 1, 1, 1, 2, DRAIN=1)),
    ("siblings-long", "superblock.pml", superblock(2, 1, 1, 3, 1, 4, TURNS_FIRST=1)),
    ("death-endless", "superblock.pml", superblock(2, 2, 1, 1, 2, 0, DEATHS=1, BEGINS=127)),
    ("recovery-long", "superblock.pml", superblock(3, 1, 1, 1, 1, 1, DEATHS=1, BEGINS=127)),
    ("grace-three", "epoch.pml", epoch(3, 8)),
]


class Broken(Exception):
    """A model that does not build, or a run that does not end."""


def call(command, folder):
    """Run a command; what it printed."""
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return result.returncode, result.stdout + result.stderr


def grace(lib):
    """Epochs of a grace period, by the sources."""
    match = re.search(r"^#define EPOCH_GRACE (\d+)$", (lib / "engine" / "epoch.h").read_text(encoding="utf-8"), re.MULTILINE)
    if match is None:
        raise Broken(f"{lib}/engine/epoch.h: no '#define EPOCH_GRACE' with a number")
    return match[1]


def build(folder, model, macros, options, flags):
    """Make the verifier of a model."""
    defines = [f"-D{name}={grace(options.lib) if value is None else value}" for name, value in macros.items()]
    includes = [f"-I{options.lib}/layout"]
    status, said = call(["spin", "-a", *defines, str(options.model / model)], folder)
    if status != 0 or "Error" in said or not (folder / "pan.c").exists():
        raise Broken(f"spin: {said.strip()}")
    status, said = call([*options.cc, *FLAGS, *flags, *defines, *includes, "-o", "pan", "pan.c"], folder)
    if status != 0:
        raise Broken(f"{options.cc[0]}: {said.strip()}")


def verify(folder, macros):
    """Run the verifier: errors, states, statements not reached."""
    # one that is dead ends anywhere
    _, said = call(["./pan", f"-m{DEPTH}", *(["-E"] if macros.get("DEATHS") else [])], folder)
    errors = re.search(r"errors: (\d+)", said)
    states = re.search(r"(\d+) states, stored", said)
    if errors is None or states is None or "max search depth too small" in said or "out of memory" in said:
        raise Broken(said.strip()[-2000:])
    unreached = {}
    proctype = ""
    for line in said.splitlines():
        if line.startswith("unreached in "):
            proctype = line.split()[-1]
        match = UNREACHED.match(line)
        if match and match[3] != "-end-":  # of processes that go on for ever
            unreached[(proctype, int(match[2]))] = (int(match[1]), match[3])
    what = re.search(r"^pan:1: (.*)$", said, re.MULTILINE)
    return int(errors[1]), int(states[1]), unreached, what[1] if what else ""


def places(path):
    """The label or inline that each line of a model is in."""
    place = ""
    found = [place]
    for line in path.read_text(encoding="utf-8").splitlines():
        match = PLACE.match(line)
        place = match[1] if match else place
        found.append(place)
    return found


def explain(folder, model, macros, options):
    """Print the shortest way to the error."""
    build(folder, model, macros, options, ["-DBFS"])
    verify(folder, macros)
    _, said = call(["./pan", "-r", f"{model}.trail"], folder)
    place = places(options.model / model)
    for line in said.splitlines():
        match = STEP.match(line)
        if not match or match[4] == "else" or place[int(match[3])] == "forget":
            continue
        statement = "" if match[4].startswith("D_STEP") else match[4].strip()
        print(f"  {match[2]} {match[1]}  {match[3]:>4} {place[int(match[3])]:20} {statement}".rstrip())


def check(name, model, macros, options):
    """One configuration: whether it holds, what it does not reach."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="groove-spin-", dir=options.keep))
    try:
        build(folder, model, macros, options, [])
        errors, states, unreached, what = verify(folder, macros)
        if errors != 0:
            print(f"not ok - {name}: {what}", flush=True)
            explain(folder, model, macros, options)
        else:
            print(f"ok - {name:20} {states:10,} states", flush=True)
        return errors == 0, unreached
    except (Broken, subprocess.TimeoutExpired) as error:
        print(f"not ok - {name}: {error}")
        return False, {}
    finally:
        if options.keep is None:
            shutil.rmtree(folder)


def death_lines(path):
    """Lines that the processes of a model have only with deaths; not those of inlines, which are in many places."""
    lines = set()
    inside = False
    process = False
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        process = line.startswith("proctype") or (process and line != "}")
        if line.startswith("#"):
            inside = line == "#if DEATHS"
        elif inside and process:
            lines.add(number)
    return lines


def check_reached(unreached, options):
    """Whether each statement of each model was reached in one configuration at least. unreached: by model, deaths."""
    fine = True
    for (model, deaths), sets in unreached.items():
        own = death_lines(options.model / model)
        for key in sorted(set.intersection(*(set(one) for one in sets))):
            line, statement = sets[0][key]
            if deaths == (line in own):
                fine = False
                print(f"not ok - {model}: never reached: line {line} of {key[0]}: {statement}")
    return fine


def main():
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--long", action="store_true", help="larger configurations as well")
    parser.add_argument("--lib", type=pathlib.Path, default=HERE.parent.parent / "lib" / "groove")
    parser.add_argument("--model", type=pathlib.Path, default=HERE, help="folder of the models")
    parser.add_argument("--only", help="configuration to check")
    parser.add_argument("--keep", type=pathlib.Path, help="folder to leave the verifiers in")
    options = parser.parse_args()
    options.cc = os.environ.get("CC", "gcc").split()
    options.lib = options.lib.resolve()
    options.model = options.model.resolve()

    if shutil.which("spin") is None:
        sys.exit("spin is not installed: config/install-packages.sh model")
    if options.keep is not None:
        options.keep.mkdir(parents=True, exist_ok=True)
    configurations = [one for one in SHORT + (LONG if options.long else []) if options.only in (None, one[0])]
    if not configurations:
        sys.exit(f"no configuration '{options.only}': " + " ".join(one[0] for one in SHORT + LONG))

    fine = True
    unreached = {}
    for name, model, macros in configurations:
        good, missed = check(name, model, macros, options)
        fine = fine and good
        unreached.setdefault((model, bool(macros.get("DEATHS"))), []).append(missed)
    if fine and options.only is None:
        fine = check_reached(unreached, options)
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
