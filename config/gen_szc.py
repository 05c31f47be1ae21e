#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
"""Make, explain and check the size class table of groove (lib/groove/groove_szc.h).

A size class has a bound: bounds are a cache line apart up to 1 KiB, then eight to a doubling, and the largest object.
Its footprint is at most the bound and above the bound before, so groove_data_szc() finds the class by arithmetic and
one comparison. What is chosen here is, for each class, the class that has slots for its superblocks (its parent), how many
objects such a superblock has, and the footprint, so that header and slots just fill the parent's slot.

outer waste  What headers and tails take, on all levels together: 1 - eff, where
             eff(c) = obj_cnt(c) * footprint(c) / footprint(parent) * eff(parent).
inner waste  What a slot has and the object did not ask for. A footprint is at most an eighth above the one before.
hoarding     Each class has partly used superblocks, which no other class can use: large superblocks cost memory, even
             if they waste nothing. So a parent has a price by the byte.
slices       A slice is 32 MiB, in a small volume all there is. All but the classes above 5.5 MiB reach it through
             one class, HUB, of which it holds three. A slot of HUB is also the largest object.

PARENTS is the set of classes that may hold superblocks. It was found by trial, a search that added, dropped and shifted
parents: with a simulation of what groove-perf fill does, and the waste up to 64 KiB, as judges. Given it, every class
takes the footprint and parent that are cheapest, the largest class first, since a class builds on the eff of its
parent. After an edit, --report shows what it did.

Superblocks have at most 32 objects, so that a 64-bit word has room for as many free bits and a wide change counter; the
rules would also allow 48. One atomic should move many objects, so they have at least 16, or as many as fit in 64 KiB,
but at least 2. Classes up to 1 KiB have superblocks of at most 32 KiB.

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
OBJECT_HEADER = 16
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

# Rules on waste. Outer waste is that of a slice and of the volume's table, averaged over classes up to a footprint, and
# over those above it.
INNER_MAX = 0.125
OUTER_SPLIT = 64 * KIB
OUTER_MAX = (0.025, 0.04)
VOLUME_WASTE = VOLUME_TABLE_PER_UNIT / VOLUME_UNIT

# The class through which classes up to HUB_USER_MAX reach slices: a slot is a third of a slice.
HUB = 122
HUB_USER_MAX = 5632 * KIB

# Taste: see the docstring.
PARENTS = (23, 31, 34, 35, 39, 42, 47, 49, 50, 56, 59, 60, 64, 65, 66, 68, 72, 73, 77, 78, 88, 93, 96, 98, 101, 110, HUB)
LARGE = 64  # classes from here on may be alone with their superblocks
PRICE = (1e-9, 4e-9)  # of a byte of the parent, below LARGE and above
SHRINK_PRICE = 0.02  # of a footprint below its bound
TAILORED = {59: 31 * 1536 + BLOCK}  # superblocks for full Ethernet frames
BLOCK_MULTIPLES = (1536, 2048, 2560, 3072, 3584)  # for alignments above 64
OBJ_MIN = 16
OBJ_MIN_BYTES = 64 * KIB
SMALL_MAX = 1 * KIB
SMALL_SUPERBLOCK_MAX = 32 * KIB
OBJ_MAX = 32

Row = namedtuple("Row", "footprint obj_cnt cgroup_mask parent")
Place = namedtuple("Place", "cost footprint obj_cnt parent eff")


# ---- making a table ----


def bounds():
    """Bounds of all classes of objects."""
    lines = [LINE * (i + 1) for i in range(16)]
    eighths = [(1 << e) + ((k + 1) << (e - 3)) for e in range(10, 24) for k in range(8)]
    return lines + [bound for bound in eighths if bound < FOOTPRINT_MAX] + [FOOTPRINT_MAX]


BOUNDS = bounds()


def header_of(footprint):
    """Bytes before the first slot of a superblock."""
    return LINE if footprint % BLOCK else BLOCK


def footprints(szc, above, superblock):
    """Footprints that a class may have, given that of the next: the bound, and those that fill a superblock."""
    bound = BOUNDS[szc]
    if bound <= SMALL_MAX or bound in BLOCK_MULTIPLES:
        return {bound}
    if szc in TAILORED:
        return {TAILORED[szc]}
    unit = BLOCK if szc in PARENTS or bound >= 4 * KIB else LINE
    least = max(BOUNDS[szc - 1] + 1, above * (1 - INNER_MAX) + OBJECT_HEADER - 1)
    filling = (
        (superblock - header) // cnt // multiple * multiple
        for header, multiple in ((LINE, LINE), (BLOCK, BLOCK))
        for cnt in range(2, OBJ_MAX + 1)
    )
    return {min(footprint, bound) for footprint in filling if footprint % unit == 0 and footprint >= least}


def may_hold(szc, parent, superblock):
    """Whether superblocks of a class may be slots of another."""
    if parent == SLICE:
        return BOUNDS[szc] > HUB_USER_MAX
    if szc in PARENTS and (superblock < INTERNAL_SUPERBLOCK_MIN or superblock < 2 * BOUNDS[szc]):
        return False
    return szc < parent and superblock >= LEAF_SUPERBLOCK_MIN and superblock % BLOCK == 0


def places_in(szc, above, parent, superblock, eff):
    """Places of a class in slots of a parent."""
    if BOUNDS[szc] <= SMALL_MAX and superblock > SMALL_SUPERBLOCK_MAX:
        return
    for footprint in footprints(szc, above, superblock):
        cnt = min((superblock - header_of(footprint)) // footprint, OBJ_MAX)
        if cnt < max(2, min(OBJ_MIN, OBJ_MIN_BYTES // footprint)):
            continue
        share = cnt * footprint / superblock * eff
        shrink = SHRINK_PRICE * (1 - footprint / BOUNDS[szc])
        yield Place(1 - share + PRICE[szc >= LARGE] * superblock + shrink, footprint, cnt, parent, share)


def assign():
    """The cheapest place of each class."""
    third = (SLICE_FOOTPRINT - BLOCK) // 3 // BLOCK * BLOCK
    places = {
        SLICE: Place(0, SLICE_FOOTPRINT, VOLUME_UNITS_MAX, VOLUME, 1),
        HUB: Place(0, third, 3, SLICE, 3 * third / SLICE_FOOTPRINT),
    }
    for szc in reversed(range(HUB)):
        candidates = (
            place
            for parent in (SLICE, *sorted(PARENTS))
            if parent in places and may_hold(szc, parent, places[parent].footprint)
            for place in places_in(
                szc, places[szc + 1].footprint, parent, places[parent].footprint, places[parent].eff
            )
        )
        places[szc] = min(candidates)
    return [places[szc] for szc in range(CLASS_CNT)]


def group_cnt(superblock):
    """Concurrency groups of a class with superblocks of that size: halved for each doubling above 64 KiB."""
    groups = GROUPS_MAX
    while groups > 1 and groups * superblock > GROUPS_BYTES:
        groups //= 2
    return groups


def make_rows():
    """The table."""
    places = assign()
    rows = [
        Row(place.footprint, place.obj_cnt, group_cnt(places[place.parent].footprint) - 1, place.parent)
        for place in places[:SLICE]
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


def outer_losses(rows):
    """Outer waste of the classes up to OUTER_SPLIT, and of those above."""
    waste = [1 - share * (1 - VOLUME_WASTE) for share in shares(rows)[:SLICE]]
    split = sum(row.footprint <= OUTER_SPLIT for row in rows[:SLICE])
    return waste[:split], waste[split:]


def inner_losses(rows):
    """Most that a slot of each class has and the object did not ask for, as a share of the slot."""
    return [
        (row.footprint - (before.footprint + 1 - OBJECT_HEADER)) / row.footprint
        for before, row in zip(rows, rows[1:SLICE])
    ]


def report(rows):
    """A table to read."""
    outer = [loss for losses in outer_losses(rows) for loss in losses]
    inner = [1, *inner_losses(rows)]
    parents = sorted({row.parent for row in rows[:SLICE]})
    first = next(szc for szc in range(SLICE) if rows[szc].footprint > SMALL_MAX)

    yield "class  footprint  objects  parent  superblock  groups  outer waste  inner waste"
    for szc, row in enumerate(rows[:SLICE]):
        yield (
            f"{szc:5}  {row.footprint:9}  {row.obj_cnt:7}  {row.parent:6}  {rows[row.parent].footprint:10}  "
            f"{row.cgroup_mask + 1:6}  {outer[szc]:11.2%}  {inner[szc]:11.2%}"
        )
    yield ""
    yield f"Outer waste has the tables of volumes in it, {VOLUME_WASTE:.2%}. Inner waste is the most."
    yield f"{len(parents)} parents: " + ", ".join(f"{p} ({rows[p].footprint})" for p in parents)
    for name, losses in zip(("up to 64 KiB", "above 64 KiB"), outer_losses(rows)):
        yield summary(f"outer waste {name}", losses)
    yield summary("inner waste above 1 KiB", inner[first:])
    for name, largest in (("class up to 64 KiB", OUTER_SPLIT), ("class up to 1 MiB", MIB), ("class", FOOTPRINT_MAX)):
        yield f"one object of each {name} needs {slots_needed(rows, largest)[SLICE]} slices"


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


def lookup(rows, footprint):
    """groove_data_szc() of groove_szc.h."""
    last = footprint - 1
    if not 0 <= last < FOOTPRINT_MAX:
        return CLASS_CNT
    msb = (last | BLOCK).bit_length() - 1
    szc = ((msb - 9) << 3) + (last >> (msb - 3))
    return szc + (footprint > rows[szc].footprint)


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
    if any(before.footprint >= row.footprint for before, row in zip(rows, rows[1:])):
        return
    for szc, row in enumerate(rows[:SLICE]):
        least = rows[szc - 1].footprint + 1 if szc > 0 else 1
        for footprint in {least, min(row.footprint, FOOTPRINT_MAX)}:
            if lookup(rows, footprint) != szc:
                yield f"class {szc}: groove_data_szc({footprint}) is {lookup(rows, footprint)}, the table says {szc}"
    if rows[SLICE - 1].footprint < FOOTPRINT_MAX:
        yield f"class {SLICE - 1}: footprint {rows[SLICE - 1].footprint} is below the largest object's"


def check_inner(rows):
    """Slots above 1 KiB are at most an eighth too large."""
    for szc, loss in enumerate(inner_losses(rows), 1):
        if rows[szc].footprint > SMALL_MAX and loss > INNER_MAX:
            yield f"class {szc}: inner waste up to {loss:.2%}, at most {INNER_MAX:.1%}"


def check_outer(rows):
    """Little memory goes to headers, tails and tables."""
    if any(not szc < row.parent < len(rows) for szc, row in enumerate(rows[:SLICE])):
        return
    for name, losses, most in zip(("up to", "above"), outer_losses(rows), OUTER_MAX):
        mean = sum(losses) / len(losses) if losses else 0
        if mean > most:
            yield f"classes {name} {OUTER_SPLIT} bytes: mean outer waste {mean:.2%}, at most {most:.1%}"


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
        need = header_of(row.footprint) + row.obj_cnt * row.footprint
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


def check_hub(rows):
    """Classes up to HUB_USER_MAX share slices: they are in no slice of their own."""
    for szc, row in enumerate(rows[:SLICE]):
        if row.footprint <= HUB_USER_MAX and row.parent == SLICE:
            yield f"class {szc}: has slices of its own, with a footprint of {row.footprint} up to {HUB_USER_MAX}"


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
    "hub": check_hub,
    "inner": check_inner,
    "outer": check_outer,
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
