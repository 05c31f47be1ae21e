#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
"""Make, explain and check the size class table of groove (lib/groove/groove_szc.h).

The footprints are given: a cache line apart up to 1 KiB, then eight to a doubling, and at the top a slot for the
largest object, and the slice that divides volumes. What is chosen here is, for each class, the class whose slots hold
its superblocks (its parent) and how many objects such a superblock has.

Three wants pull in different directions:

outer waste  What headers and tails take, on all levels together: 1 - eff, where
             eff(c) = obj_cnt(c) * footprint(c) / footprint(parent) * eff(parent).
sharing      A superblock is for one class until it is empty. A slice is 32 MiB, in a small volume all there is, so it
             must not go to a class that few ask for. Classes up to 1 MiB reach it through two hubs only: 98, whose
             slots fill it to 0.3 %, and 109, for what does not fit well there. Two slices hold an object of each of
             them. A single hub would waste over 1 % more.
parents      Each class that holds superblocks has partly used ones of its own, and an empty one serves others only
             after it went back. So there are few.

PARENTS is the set of classes that may hold superblocks. PRICE is the waste that is accepted to avoid a superblock right
in a slot of a hub or in a slice. Both were found by trial (a search that added, dropped and shifted parents and changed
prices): the least waste with which two slices suffice, where waste up to 64 KiB counted ten times as much as that from
there to 1 MiB. Given them, every class takes the parent that is cheapest in waste and price, the largest class first,
since a class builds on the eff of its parent. Parents pay no price, because all below them share them and suffer from
their waste; classes above 1 MiB pay for slices only. After an edit, --report shows what it did.

Superblocks have at most 32 objects, so that a 64-bit word has room for as many free bits and a wide change counter; the
rules would also allow 48. One atomic shall move many objects, so they have at least as many as a cache, which takes
64 KiB of a class, or 16. Classes up to 1 KiB have superblocks of at most 32 KiB.

The checks know only the rules, not how the table was made, and read the C text itself.
"""

import argparse
import re
import sys
from collections import namedtuple

KIB = 1 << 10
MIB = 1 << 20

# As in groove_base.h, groove_szc.h and groove_volume.h; the generated file asserts that they agree where it can.
LINE = 64
BLOCK = 512
CLASS_CNT = 124
SLICE = 123
VOLUME = 127
GROUPS_MAX = 64
FOOTPRINT_MAX = 10 * MIB + BLOCK
VOLUME_UNIT = 32 * MIB
VOLUME_UNITS_MAX = 32
VOLUME_TABLE_PER_UNIT = 288 * KIB  # superblock table, 9/1024 of the volume
SLICE_FOOTPRINT = VOLUME_UNIT - VOLUME_TABLE_PER_UNIT - BLOCK

# Rules that the superblock table of a volume rests on: leaf superblocks are found by offset >> 11, those that hold
# superblocks in a pyramid of levels, from 32 KiB up, by floor(log2(footprint)).
LEAF_SUPERBLOCK_MIN = 2 * KIB
INTERNAL_SUPERBLOCK_MIN = 32 * KIB

# Superblocks that are active in all concurrency groups of a class together, at most; one group is always there.
GROUPS_BYTES = 4 * MIB

# Classes up to this footprint share SHARED_SLICES slices: an object of each fits there.
SHARED_MAX = 1 * MIB
SHARED_SLICES = 2

# Taste: see the docstring.
PARENTS = (
    *(23, 29, 34, 36, 40, 42, 44, 45, 52, 53, 59, 60, 61, 62, 64, 68, 76, 82, 85, 89, 90, 92, 95),
    *(98, 109, 122, SLICE),
)
PRICE = {98: 0.02, 109: 0.20, SLICE: 0.10}
CACHE_BYTES = 64 * KIB
CACHED_OBJ_MIN = 16
SMALL_MAX = 1 * KIB
SMALL_SUPERBLOCK_MAX = 32 * KIB
OBJ_MAX = 32

Row = namedtuple("Row", "footprint obj_cnt cgroup_mask parent")
Place = namedtuple("Place", "cost eff parent obj_cnt")


# ---- making a table ----


def footprints():
    """Footprints of all classes."""
    lines = [LINE * (i + 1) for i in range(16)]
    eighths = [(1 << e) + ((k + 1) << (e - 3)) for e in range(10, 24) for k in range(8)]
    return lines + [f for f in eighths if f < FOOTPRINT_MAX] + [FOOTPRINT_MAX, SLICE_FOOTPRINT]


FOOTPRINTS = footprints()


def obj_cnt_in(szc, parent):
    """Objects of szc that a superblock in a slot of parent gets; 0 when szc shall not go there."""
    footprint, superblock = FOOTPRINTS[szc], FOOTPRINTS[parent]
    if footprint <= SMALL_MAX and superblock > SMALL_SUPERBLOCK_MAX:
        return 0
    if footprint <= SHARED_MAX and superblock >= FOOTPRINT_MAX:
        return 0
    header = LINE if footprint % BLOCK else BLOCK
    cnt = min((superblock - header) // footprint, OBJ_MAX)
    least = max(2, min(CACHED_OBJ_MIN, CACHE_BYTES // footprint))
    return cnt if cnt >= least else 0


def options(szc, parents, price, places):
    """Places for a class, given those of all larger ones."""
    for parent in parents:
        cnt = obj_cnt_in(szc, parent) if parent > szc else 0
        if cnt == 0 or (szc in parents and FOOTPRINTS[parent] < INTERNAL_SUPERBLOCK_MIN):
            continue
        eff = cnt * FOOTPRINTS[szc] / FOOTPRINTS[parent] * places[parent].eff
        free = szc in parents or FOOTPRINTS[szc] > SHARED_MAX and parent != SLICE
        yield Place(1 - eff + (0 if free else price.get(parent, 0)), eff, parent, cnt)


def assign(parents, price):
    """The cheapest place of each class when superblocks may sit in slots of the given parents."""
    places = [None] * SLICE + [Place(0, 1, VOLUME, VOLUME_UNITS_MAX)]
    for szc in reversed(range(SLICE)):
        places[szc] = min(options(szc, parents, price, places))
    return places


def group_cnt(superblock):
    """Concurrency groups of a class with superblocks of that size: halved for each doubling above 64 KiB."""
    groups = GROUPS_MAX
    while groups > 1 and groups * superblock > GROUPS_BYTES:
        groups //= 2
    return groups


def make_rows():
    """The table."""
    rows = [
        Row(FOOTPRINTS[szc], place.obj_cnt, group_cnt(FOOTPRINTS[place.parent]) - 1, place.parent)
        for szc, place in enumerate(assign(PARENTS, PRICE)[:SLICE])
    ]
    return rows + [Row(SLICE_FOOTPRINT, VOLUME_UNITS_MAX, 0, VOLUME)]


# ---- explaining it ----


def shares(rows):
    """Share of a slice that holds objects, for each class."""
    share = [1.0] * len(rows)
    for szc in reversed(range(SLICE)):
        row = rows[szc]
        share[szc] = row.obj_cnt * row.footprint / rows[row.parent].footprint * share[row.parent]
    return share


def summary(name, losses):
    """One line on the losses of several classes."""
    return f"{name:<30} mean {sum(losses) / len(losses):6.2%}  max {max(losses):6.2%}"


def report(rows):
    """A table to read."""
    waste = [1 - share for share in shares(rows)]
    needed = slots_needed(rows, SHARED_MAX)
    parents = sorted({row.parent for row in rows[:SLICE]})

    yield "class  footprint  objects  parent  superblock  groups  outer waste"
    for szc, row in enumerate(rows[:SLICE]):
        yield (
            f"{szc:5}  {row.footprint:9}  {row.obj_cnt:7}  {row.parent:6}  {rows[row.parent].footprint:10}  "
            f"{row.cgroup_mask + 1:6}  {waste[szc]:11.2%}"
        )
    yield ""
    yield "Outer waste is a share of the slices; headers of volumes and their tables come on top (0.9 %)."
    yield f"{len(parents)} parents: " + ", ".join(f"{p} ({rows[p].footprint})" for p in parents)
    for name, least, most in (
        ("up to 64 KiB", 0, 64 * KIB),
        ("from there to 1 MiB", 64 * KIB, SHARED_MAX),
        ("above 1 MiB", SHARED_MAX, FOOTPRINT_MAX),
        ("above 64 KiB", 64 * KIB, FOOTPRINT_MAX),
    ):
        yield summary(f"outer waste {name}", [waste[c] for c in range(SLICE) if least < rows[c].footprint <= most])
    yield f"one object of each class up to 1 MiB needs {needed[SLICE]} slices, through " + ", ".join(
        f"class {hub} with {needed[hub]} slots, {rows[hub].obj_cnt} in a slice" for hub in hubs(rows)
    )
    yield f"one object of each class needs {slots_needed(rows, FOOTPRINT_MAX)[SLICE]} slices"


HEAD = """\
/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Made by config/gen_szc.py: do not edit. */

#include <groove_szc.h>
"""


def c_asserts():
    """Assertions that the constants here are those of the headers."""
    constants = {
        "GROOVE_LINE_SZ": LINE,
        "GROOVE_BLOCK_FOOTPRINT": BLOCK,
        "GROOVE_DATA_SZC_CNT": CLASS_CNT,
        "GROOVE_DATA_SZC_SLICE": SLICE,
        "GROOVE_DATA_SZC_VOLUME": VOLUME,
        "GROOVE_DATA_SZC_CGROUP_MAX": GROUPS_MAX,
        "GROOVE_DATA_ALLOC_FOOTPRINT_MAX": FOOTPRINT_MAX,
    }
    for name, value in constants.items():
        yield f'_Static_assert({name} == {value}, "not as in config/gen_szc.py");'


def c_rows(rows):
    """The initialisers: footprint, objects, group mask, parent."""
    for szc, (row, share) in enumerate(zip(rows, shares(rows))):
        where = f"superblock {rows[row.parent].footprint}, waste {1 - share:.2%}" if szc < SLICE else "in a volume"
        yield f"\t{{{row.footprint}, {row.obj_cnt}, {row.cgroup_mask}, {row.parent}}}, /* {szc}: {where} */"


def c_text(rows):
    """The C file."""
    array = ["const groove_data_szc_cfg_t groove_data_szc_cfg[GROOVE_DATA_SZC_CNT] = {", *c_rows(rows), "};"]
    return "\n".join([HEAD, *c_asserts(), "", *array, ""])


# ---- checking one ----


def parse(text):
    """The rows of a C table."""
    number = r"\s*(\d+)\s*"
    return [Row(*map(int, row)) for row in re.findall(rf"\{{{','.join([number] * 4)}\}}", text)]


def lookup(footprint):
    """groove_data_szc() of groove_szc.h."""
    last = footprint - 1
    if not 0 <= last < FOOTPRINT_MAX:
        return CLASS_CNT
    if last < 1024:
        return last >> 6
    msb = last.bit_length() - 1
    return 16 + ((msb - 10) << 3) + ((last >> (msb - 3)) & 7)


def superblock_of(rows, szc):
    """Bytes of the superblocks of a class that has a parent."""
    return rows[rows[szc].parent].footprint


def nested(rows):
    """Classes with a parent among the classes."""
    return [szc for szc, row in enumerate(rows) if row.parent < len(rows)]


def check_width(rows):
    """Each number fits the field that groove_data_szc_cfg_t has for it."""
    for szc, row in enumerate(rows):
        for name, value, bits in zip(Row._fields, row, (32, 8, 8, 8)):
            if value >> bits:
                yield f"class {szc}: {name} {value} does not fit {bits} bits"


def check_multiple(rows):
    """Footprints are multiples of a cache line, from 4 KiB of a block."""
    for szc, row in enumerate(rows):
        unit = BLOCK if row.footprint >= 4 * KIB else LINE
        if row.footprint == 0 or row.footprint % unit:
            yield f"class {szc}: footprint {row.footprint} is not a multiple of {unit}"


def check_ascending(rows):
    """Footprints grow."""
    for szc in range(1, len(rows)):
        if rows[szc].footprint <= rows[szc - 1].footprint:
            yield f"class {szc}: footprint {rows[szc].footprint} is not above {rows[szc - 1].footprint} before it"


def check_lookup(rows):
    """groove_data_szc() finds the tightest class around the footprint of each."""
    for szc, row in enumerate(rows[:SLICE]):
        last = szc == SLICE - 1
        wanted = {row.footprint - 1: szc, row.footprint: szc, row.footprint + 1: CLASS_CNT if last else szc + 1}
        if szc > 0 and row.footprint - 1 == rows[szc - 1].footprint:
            del wanted[row.footprint - 1]
        for footprint, want in wanted.items():
            if lookup(footprint) != want:
                yield f"class {szc}: groove_data_szc({footprint}) is {lookup(footprint)}, the table says {want}"


def check_obj_cnt(rows):
    """Objects per superblock suit the free bits."""
    for szc, row in enumerate(rows):
        if not 2 <= row.obj_cnt <= 32 and row.obj_cnt != 48:
            yield f"class {szc}: obj_cnt {row.obj_cnt} is neither in 2..32 nor 48"


def check_parent(rows):
    """Parents are larger classes with block-multiple slots; the slice's is the volume, and nobody else's."""
    for szc, row in enumerate(rows):
        if szc == SLICE:
            if row.parent != VOLUME:
                yield f"class {szc}: parent {row.parent} of the slice is not {VOLUME}, the volume"
        elif not szc < row.parent <= SLICE:
            yield f"class {szc}: parent {row.parent} is not in {szc + 1}..{SLICE}"
        elif rows[row.parent].footprint % BLOCK:
            yield f"class {szc}: slots of parent {row.parent} are no multiple of {BLOCK}"


def check_chain(rows):
    """From every class the parents lead to the slice."""
    for szc in range(len(rows)):
        seen = [szc]
        while seen[-1] != SLICE and rows[seen[-1]].parent < len(rows) and len(seen) <= len(rows):
            seen.append(rows[seen[-1]].parent)
        if seen[-1] != SLICE:
            yield f"class {szc}: parents {' > '.join(map(str, seen[:6]))} do not lead to {SLICE}, the slice"


def check_fit(rows):
    """Header and objects fit the parent's slot."""
    for szc in nested(rows):
        row, superblock = rows[szc], superblock_of(rows, szc)
        need = (LINE if row.footprint % BLOCK else BLOCK) + row.obj_cnt * row.footprint
        if need > superblock:
            yield f"class {szc}: header and {row.obj_cnt} objects take {need} bytes, the parent's slot has {superblock}"


def check_leaf(rows):
    """No two superblocks of objects share a 2 KiB unit of the volume's table."""
    internal = {row.parent for row in rows}
    for szc in nested(rows):
        if szc not in internal and superblock_of(rows, szc) < LEAF_SUPERBLOCK_MIN:
            yield f"class {szc}: superblock {superblock_of(rows, szc)} is below {LEAF_SUPERBLOCK_MIN}"


def check_internal(rows):
    """Superblocks of superblocks are on the levels of the pyramid, and none inside another of its level."""
    internal = {row.parent for row in rows}
    for szc in set(nested(rows)) & internal:
        row, superblock = rows[szc], superblock_of(rows, szc)
        if superblock < INTERNAL_SUPERBLOCK_MIN:
            yield f"class {szc}: holds superblocks, its own of {superblock} is below {INTERNAL_SUPERBLOCK_MIN}"
        if 2 * row.footprint > superblock:
            yield f"class {szc}: holds superblocks, its slot {row.footprint} is over half its superblock {superblock}"


def check_groups(rows):
    """Groups are a power of two, fall with the superblock, and their superblocks stay small together."""
    for szc in range(len(rows)):
        groups = rows[szc].cgroup_mask + 1
        if groups & (groups - 1) or groups > GROUPS_MAX:
            yield f"class {szc}: cgroup_mask {groups - 1} is not a power of two up to {GROUPS_MAX}, less one"
        if szc == SLICE and groups != 1:
            yield f"class {szc}: cgroup_mask {groups - 1} of the slice is not 0"
    for szc in nested(rows):
        groups, superblock = rows[szc].cgroup_mask + 1, superblock_of(rows, szc)
        if groups > 1 and groups * superblock > GROUPS_BYTES:
            yield f"class {szc}: {groups} groups with superblocks of {superblock} are more than {GROUPS_BYTES} bytes"
    ordered = sorted(nested(rows), key=lambda szc: superblock_of(rows, szc))
    for before, szc in zip(ordered, ordered[1:]):
        if rows[szc].cgroup_mask > rows[before].cgroup_mask:
            yield f"class {szc}: more groups than class {before}, which has a superblock no larger"


def check_slice(rows):
    """Volumes of each size hold their slices."""
    if rows[SLICE].footprint != SLICE_FOOTPRINT or rows[SLICE].obj_cnt != VOLUME_UNITS_MAX:
        yield f"class {SLICE}: the slice is not {VOLUME_UNITS_MAX} of {SLICE_FOOTPRINT} bytes"
    units = 1
    while units <= VOLUME_UNITS_MAX:
        room = units * (VOLUME_UNIT - VOLUME_TABLE_PER_UNIT) - BLOCK
        need = units * rows[SLICE].footprint + (BLOCK if units > 1 else 0)
        if need > room or (units == 1 and need != room):
            yield f"class {SLICE}: {units} slices need {need} bytes, a volume of {units * 32} MiB has {room}"
        units *= 2


def slots_needed(rows, largest):
    """Slots of each class that one object of each class up to a footprint takes, those of superblocks included."""
    needed = [int(row.footprint <= largest) for row in rows]
    for szc, row in enumerate(rows[:SLICE]):
        needed[row.parent] += -(-needed[szc] // row.obj_cnt)
    return needed


def hubs(rows):
    """Classes through which those up to SHARED_MAX reach slices."""
    needed = slots_needed(rows, SHARED_MAX)
    return [szc for szc in range(SLICE) if rows[szc].parent == SLICE and needed[szc]]


def check_shared(rows):
    """Few slices hold an object of each small class."""
    if any(not row.obj_cnt or not szc < row.parent < len(rows) for szc, row in enumerate(rows[:SLICE])):
        return
    needed = slots_needed(rows, SHARED_MAX)[SLICE]
    if needed > SHARED_SLICES:
        yield (
            f"class {SLICE}: one object of each class up to {SHARED_MAX} bytes needs {needed} slices, "
            f"not {SHARED_SLICES}; they come through classes {hubs(rows)}"
        )


RULES = {
    "width": check_width,
    "multiple": check_multiple,
    "ascending": check_ascending,
    "lookup": check_lookup,
    "obj_cnt": check_obj_cnt,
    "parent": check_parent,
    "chain": check_chain,
    "fit": check_fit,
    "leaf": check_leaf,
    "internal": check_internal,
    "groups": check_groups,
    "slice": check_slice,
    "shared": check_shared,
}


def check(text):
    """One line for each rule that a C table breaks, with the first class that breaks it."""
    rows = parse(text)
    if len(rows) != CLASS_CNT:
        return [f"classes: {len(rows)} in the table, not {CLASS_CNT}"]
    broken = []
    for name, rule in RULES.items():
        faults = list(rule(rows))
        if faults:
            more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
            broken.append(f"{name}: {faults[0]}{more}")
    return broken


# ---- command line ----


def complain(name, broken):
    """Print the broken rules of a table; the exit status."""
    for line in broken:
        print(f"{name}: {line}", file=sys.stderr)
    return 1 if broken else 0


def write_table(path):
    """Make a table and write it, unless it breaks a rule."""
    text = c_text(make_rows())
    broken = check(text)
    if not broken:
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
    return complain(path, broken)


def check_file(path):
    """Check a table that was written before."""
    with open(path, encoding="ascii") as file:
        return complain(path, check(file.read()))


def main():
    """Do one of three things."""
    parser = argparse.ArgumentParser(description="Make, explain or check the size class table of groove.")
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--out", metavar="FILE", help="write the table as C; fails when it breaks a rule")
    action.add_argument("--report", action="store_true", help="print what each class wastes")
    action.add_argument("--check", metavar="FILE", help="check a written table, one line for each rule it breaks")
    args = parser.parse_args()
    if args.report:
        print(*report(make_rows()), sep="\n")
        return 0
    try:
        return write_table(args.out) if args.out else check_file(args.check)
    except (OSError, UnicodeError) as error:
        return complain(args.out or args.check, [f"file: {error}"])


if __name__ == "__main__":
    sys.exit(main())
