#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
"""Make, explain and check the table of where superblocks may lie besides their parent's slots (layout/szc_hosts.h).

A class has a parent, in whose slots its superblocks lie while there is fresh memory (gen_szc.py). When there is none,
they lie in free slots of other classes, their hosts, with as many slots as fit there. What was freed in one size so
serves another.

way    What to do with a free slot of a host for objects of a smaller class: make it a superblock of the class itself,
       or of one between, in whose slots superblocks of the class lie in turn. A superblock has at most 32 slots, so
       that many small ones fill a large slot only so. Each class has one way for each host, that with most slots;
       those that leave least unused come first.
level  Superblocks are found by their class and start alone (layout/geometry.h). So the level of the volume's table
       follows from the class: the power of two of the smallest slot in which its superblocks may lie. Each has two
       slots or more. So what lies in a slot of another superblock is less than half of any host of that, and on a lower
       level; and what lies apart is on one level as far apart as its unit.
leaf   Superblocks in slots under 32 KiB share one level of 2 KiB. So classes that may have such hold no superblocks.

The checks know only the rules, not how the table was made, and read the C text itself.
"""

import argparse
import functools
import re
import sys
from collections import namedtuple

import gen_szc
from gen_szc import BLOCK, CLASS_CNT, KIB, OBJECT_HEADER, OBJ_MAX, SLICE, VOLUME

LEAF_SHIFT = 11
LEAF_ROOM = 2 * KIB  # least slot for a superblock
PYRAMID_ROOM = 32 * KIB  # and for one that may hold superblocks
DEPTH_MAX = 13  # superblocks around each other: a join that returns all of them names each (HOLD_MAX), and two things
CHAIN_MAX = 4  # superblocks made for one
PREFER_SHORT = 1.02  # one more between has to give so much more

Entry = namedtuple("Entry", "hosts level ways")
Way = namedtuple("Way", "host first")


# ---- making it ----


class Maker:
    """What fits where, for the rows of a class table."""

    def __init__(self, rows):
        self.footprint = [row.footprint for row in rows]
        self.parent = [row.parent for row in rows]

    def may_host(self, szc):
        """Whether slots of a class may be superblocks of others than its parent's children."""
        return szc < SLICE and self.footprint[szc] % BLOCK == 0 and self.footprint[szc] >= LEAF_ROOM

    def slots(self, szc, host):
        """Slots of a superblock of a class in a slot of another; 0: it may not lie there."""
        room = self.footprint[host]
        if not self.may_host(host) or room < (PYRAMID_ROOM if self.may_host(szc) else LEAF_ROOM):
            return 0
        cnt = min(OBJ_MAX, (room - gen_szc.header_of(self.footprint[szc])) // self.footprint[szc])
        return cnt if cnt >= 2 else 0

    @functools.lru_cache(None)
    def best(self, szc, host, chain=CHAIN_MAX):
        """Slots of a class that a slot of a host gives, by at most so many superblocks in each other; and the first."""
        cnt, first = self.slots(szc, host), szc
        if chain > 1:
            for between in range(szc + 1, host):
                outer = self.slots(between, host)
                if outer > 0 and outer * self.best(szc, between, chain - 1)[0] > cnt * PREFER_SHORT:
                    cnt, first = outer * self.best(szc, between, chain - 1)[0], between
        return cnt, first

    def ways(self, szc):
        """The ways of a class, best first."""
        found = [(self.best(szc, host)[0] / self.footprint[host], host) for host in range(szc + 1, SLICE)]
        return [Way(host, self.best(szc, host)[1]) for share, host in sorted(found, reverse=True) if share > 0]


def make_entries(rows):
    """The table."""
    maker = Maker(rows)
    ways = [maker.ways(szc) for szc in range(SLICE)]
    hosts = [{row.parent} - {VOLUME} for row in rows]
    for way in (way for each in ways for way in each):
        hosts[way.first].add(way.host)
    return [
        Entry(hosts[szc], level_of(min(rows[host].footprint for host in hosts[szc])), ways[szc])
        for szc in range(SLICE)
    ] + [Entry(set(), 0, [])]


def level_of(room):
    """log2 of the unit of the level for superblocks of which the smallest has so many bytes."""
    return room.bit_length() - 1 if room >= PYRAMID_ROOM else LEAF_SHIFT


# ---- explaining it ----


def yields(rows, entries):
    """Of each host and class: slots of the class that a slot of the host gives, and most that it could have."""
    for host in range(SLICE):
        for szc in range(host):
            most = (rows[host].footprint - OBJECT_HEADER) // rows[szc].footprint
            if most >= 2 and rows[host].footprint % BLOCK == 0:
                yield host, szc, slots_by_way(rows, entries, szc, host), most


def slots_by_way(rows, entries, szc, host):
    """Slots of a class that a slot of a host gives, by the ways of the class."""
    cnt = 1
    while host != szc:
        first = next((way.first for way in entries[szc].ways if way.host == host), None)
        if first is None or not szc <= first < host:
            return 0
        cnt *= min(OBJ_MAX, (rows[host].footprint - gen_szc.header_of(rows[first].footprint)) // rows[first].footprint)
        host = first
    return cnt


def report(rows, entries):
    """What a freed slot of one size gives for another."""
    yield "   freed       for     slots   at most  share of slots  share of bytes"
    for host, szc, cnt, most in yields(rows, entries):
        outer, inner = rows[host].footprint, rows[szc].footprint
        yield f"{outer:8}  {inner:8}  {cnt:8}  {most:8}  {cnt / most:14.2%}  {cnt * inner / outer:14.2%}"


HEAD = """\
/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Made by config/gen_hosts.py: do not edit. */

#include "szc_hosts.h"
"""


def c_mask(hosts):
    """The initialiser of a set of classes."""
    mask = sum(1 << host for host in hosts)
    return f"{{{mask & (1 << 64) - 1:#x}, {mask >> 64:#x}}}"


def c_text(entries):
    """The C file."""
    lines = [HEAD, "const struct szc_hosts szc_hosts[GROOVE_DATA_SZC_CNT] = {"]
    first = 0
    for szc, entry in enumerate(entries):
        lines.append(f"\t{{{c_mask(entry.hosts)}, {first}, {len(entry.ways)}, {entry.level}}}, /* {szc} */")
        first += len(entry.ways)
    lines += ["};", "", "const struct szc_way szc_ways[] = {"]
    for szc, entry in enumerate(entries):
        pairs = [f"{{{way.host}, {way.first}}}" for way in entry.ways]
        for i in range(0, len(pairs), 10):
            lines.append("\t" + ", ".join(pairs[i : i + 10]) + f", /* {szc} */")
    return "\n".join([*lines, "};", ""])


# ---- checking one ----


def parse(text):
    """The entries of a C table."""
    heads = re.findall(r"\{\{(0x[0-9a-f]+), (0x[0-9a-f]+)\}, (\d+), (\d+), (\d+)\}", text)
    pairs = [Way(int(host), int(first)) for host, first in re.findall(r"\{(\d+), (\d+)\}", text)]
    entries = []
    for low, high, first, cnt, level in heads:
        mask = int(low, 16) | int(high, 16) << 64
        hosts = {bit for bit in range(128) if mask >> bit & 1}
        entries.append(Entry(hosts, int(level), pairs[int(first) : int(first) + int(cnt)]))
    if sum(len(entry.ways) for entry in entries) != len(pairs):
        return []
    return entries


def is_leaf(entry):
    """Whether the superblocks of a class are on the level of 2 KiB."""
    return entry.level == LEAF_SHIFT


def check_hosts(rows, entries):
    """Hosts are larger classes whose slots are whole blocks and have room for two slots; the parent is one."""
    for szc, entry in enumerate(entries[:SLICE]):
        if rows[szc].parent not in entry.hosts:
            yield f"class {szc}: its parent {rows[szc].parent} is no host"
        for host in entry.hosts:
            room = rows[host].footprint if szc < host < CLASS_CNT else 0
            if room % BLOCK or room < LEAF_ROOM or room < header_and_two(rows, szc):
                yield f"class {szc}: two slots of {rows[szc].footprint} do not fit host {host}, with blocks in {room}"
            if host == SLICE and rows[szc].parent != SLICE:
                yield f"class {szc}: lies in slices, which are for their own"


def header_and_two(rows, szc):
    """Bytes of a superblock of two slots."""
    return gen_szc.header_of(rows[szc].footprint) + 2 * rows[szc].footprint


def check_level(rows, entries):
    """The level is that of the smallest host."""
    for szc, entry in enumerate(entries[:SLICE]):
        room = min((rows[host].footprint for host in entry.hosts if host < CLASS_CNT), default=0)
        if entry.level != (room.bit_length() - 1 if room >= PYRAMID_ROOM else LEAF_SHIFT):
            yield f"class {szc}: level {entry.level}, its smallest host has {room} bytes"


def check_nest(rows, entries):
    """What holds superblocks has none under 32 KiB, and these are on lower levels: so no two share an entry."""
    for szc, entry in enumerate(entries[:SLICE]):
        for host in entry.hosts:
            if host < SLICE and (is_leaf(entries[host]) or entries[host].level <= entry.level):
                yield f"class {szc}, of level {entry.level}: lies in class {host}, of level {entries[host].level}"


def check_ways(rows, entries):
    """Each way leads from its host to the class, by hosts."""
    for szc, entry in enumerate(entries[:SLICE]):
        if len({way.host for way in entry.ways}) != len(entry.ways):
            yield f"class {szc}: two ways for one host"
        for way in entry.ways:
            if not szc <= way.first < way.host < SLICE or way.host not in entries[way.first].hosts:
                yield f"class {szc}: host {way.host} has no superblocks of class {way.first}"
            elif slots_by_way(rows, entries, szc, way.host) < 2:
                yield f"class {szc}: the way from host {way.host} by class {way.first} leads nowhere"


def check_order(rows, entries):
    """The ways that leave least of a host unused come first."""
    for szc, entry in enumerate(entries[:SLICE]):
        shares = [slots_by_way(rows, entries, szc, way.host) / rows[way.host].footprint for way in entry.ways]
        if any(before < share for before, share in zip(shares, shares[1:])):
            yield f"class {szc}: a way with more slots comes after one with less"


def check_all(rows, entries):
    """A class has a way for each slot of whole blocks with room for some of its superblocks."""
    for szc, entry in enumerate(entries[:SLICE]):
        hosts = {way.host for way in entry.ways}
        for host in range(szc + 1, SLICE):
            fits = rows[host].footprint >= max(header_and_two(rows, szc), PYRAMID_ROOM)
            if fits and rows[host].footprint % BLOCK == 0 and host not in hosts:
                yield f"class {szc}: has no way for host {host}"


def check_depth(_, entries):
    """Superblocks are in few others."""

    @functools.lru_cache(None)
    def depth(szc):
        return 1 + max((depth(host) for host in entries[szc].hosts if szc < host < CLASS_CNT), default=0)

    for szc in range(SLICE):
        if depth(szc) > DEPTH_MAX:
            yield f"class {szc}: superblocks of {depth(szc)} classes around each other, at most {DEPTH_MAX}"


RULES = {
    "hosts": check_hosts,
    "level": check_level,
    "nest": check_nest,
    "ways": check_ways,
    "order": check_order,
    "all": check_all,
    "depth": check_depth,
}


def check(rows, text):
    """One line for each rule that a C table breaks, with the first class that breaks it."""
    entries = parse(text)
    if len(entries) != CLASS_CNT:
        return [f"classes: {len(entries)} in the table, not {CLASS_CNT}, or other ways than theirs"]
    broken = []
    for name, rule in RULES.items():
        faults = list(rule(rows, entries))
        if faults:
            more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
            broken.append(f"{name}: {faults[0]}{more}")
    return broken


# ---- command line ----


def main():
    """Do one of three things."""
    parser = argparse.ArgumentParser(description="Make, explain or check the table of hosts of groove.")
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--out", metavar="FILE", help="write the table as C; fails when it breaks a rule")
    action.add_argument("--report", action="store_true", help="print what a freed slot of each size gives for others")
    action.add_argument("--check", metavar="FILE", help="check a written table, one line for each rule it breaks")
    args = parser.parse_args()
    rows = gen_szc.make_rows()
    if args.report:
        print(*report(rows, make_entries(rows)), sep="\n")
        return 0
    name = args.out or args.check
    try:
        if args.out:
            text = c_text(make_entries(rows))
            broken = check(rows, text)
            if not broken:
                with open(name, "w", encoding="ascii") as file:
                    file.write(text)
        else:
            with open(name, encoding="ascii") as file:
                broken = check(rows, file.read())
    except (OSError, UnicodeError) as error:
        broken = [f"file: {error}"]
    return gen_szc.complain(name, broken)


if __name__ == "__main__":
    sys.exit(main())
