#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
"""Check that config/gen_hosts.py makes a good table, refuses bad ones, and reports what a search of its own finds.

usage: hosts_check.py GEN_HOSTS GEN_SZC
"""

import functools
import os
import re
import subprocess
import sys
import tempfile


def run(script, *args):
    """Exit status, and all that a script says."""
    done = subprocess.run(
        [sys.executable, script, *args], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    return done.returncode, done.stdout


class Tables:
    """What the two C texts say, by another reading than the generator's."""

    def __init__(self, rows_text, hosts_text):
        rows = re.findall(r"^\t\{(\d+), (\d+), (\d+), (\d+)\}", rows_text, re.MULTILINE)
        self.footprint = [int(row[0]) for row in rows]
        heads = re.findall(r"^\t\{\{(\w+), (\w+)\}, (\d+), (\d+), (\d+)\}", hosts_text, re.MULTILINE)
        pairs = re.findall(r"\{(\d+), (\d+)\}", hosts_text.split("szc_ways[]")[1])
        self.hosts = [int(low, 16) + (int(high, 16) << 64) for low, high, *_ in heads]
        self.first = [
            {int(host): int(first) for host, first in pairs[int(start) : int(start) + int(cnt)]}
            for _, _, start, cnt, _ in heads
        ]

    def fit(self, szc, host):
        """Slots of a class side by side in a slot of another, after a header."""
        footprint = self.footprint[szc]
        room = self.footprint[host] - (64 if footprint % 512 else 512)
        cnt = 0
        while cnt < 32 and (cnt + 1) * footprint <= room:
            cnt += 1
        return cnt

    def by_way(self, szc, host):
        """Slots of a class in a slot of another as the library splits it."""
        cnt = 1
        while host != szc:
            if host not in self.first[szc]:
                return 0
            cnt, host = cnt * self.fit(self.first[szc][host], host), self.first[szc][host]
        return cnt

    @functools.lru_cache(None)
    def most(self, szc, host):
        """The same by the best of all splits that the table allows."""
        return max(
            [self.fit(szc, host) if self.hosts[szc] >> host & 1 else 0]
            + [self.fit(q, host) * self.most(szc, q) for q in range(szc + 1, host) if self.hosts[q] >> host & 1]
        )


def check_report(tables, report):
    """Each line of the report, and that there is one for each pair."""
    szc_of = {footprint: szc for szc, footprint in enumerate(tables.footprint)}
    seen = 0
    for line in report.splitlines()[1:]:
        outer, inner, cnt, most = map(int, line.split()[:4])
        host, szc = szc_of[outer], szc_of[inner]
        assert cnt == tables.by_way(szc, host), line
        assert most == (outer - 16) // inner, line
        assert cnt * 1.1 >= tables.most(szc, host), f"{line}: {tables.most(szc, host)} are possible"
        assert line.split()[4] == f"{cnt / most:.2%}", line
        seen += 1
    expected = sum(
        outer % 512 == 0 and (outer - 16) // inner >= 2
        for i, outer in enumerate(tables.footprint[:-1])
        for inner in tables.footprint[:i]
    )
    assert seen == expected, f"{seen} lines for {expected} pairs"


def bad_tables(text):
    """A rule, and a table that breaks it."""

    def change(szc, edit):
        lines = text.split("\n")
        at = next(i for i, line in enumerate(lines) if line.endswith(f"}}, /* {szc} */") and line.startswith("\t{{0x"))
        lines[at] = re.sub(r"\{\{(\w+), (\w+)\}, (\d+), (\d+), (\d+)\}", edit, lines[at])
        return "\n".join(lines)

    def mask(extra):
        low, high = extra & (1 << 64) - 1, extra >> 64
        return lambda m: (
            f"{{{{{int(m[1], 16) ^ low:#x}, {int(m[2], 16) ^ high:#x}}}, {m[3]}, {m[4]}, {m[5]}}}"
        )

    ways = text.index("szc_ways[]")
    pair = re.compile(r"\{(\d+), (\d+)\}").search(text, ways)
    yield "classes", text.replace("/* 5 */", "", 1).replace("\t{{0x", "\t{0x", 1)
    yield "hosts", change(40, mask(1 << 41))  # one slot fits
    yield "hosts", change(40, mask(1 << 123))  # a slice
    yield "hosts", change(20, mask(1 << 56))  # not in its parent's
    yield "level", change(60, lambda m: f"{{{{{m[1]}, {m[2]}}}, {m[3]}, {m[4]}, {int(m[5]) + 1}}}")
    yield "nest", change(39, mask(1 << 47))  # superblocks of superblocks under 32 KiB
    yield "ways", text[: pair.start()] + f"{{{pair[1]}, {pair[1]}}}" + text[pair.end() :]
    second = re.compile(r"\{(\d+), (\d+)\}").search(text, pair.end())
    yield "order", text[: pair.start()] + second[0] + text[pair.end() : second.start()] + pair[0] + text[second.end() :]
    last = list(re.finditer(r"(, )?\{(\d+), (\d+)\}, /\* (\d+) \*/", text))[-1]
    text = change(int(last[4]), lambda m: f"{{{{{m[1]}, {m[2]}}}, {m[3]}, {int(m[4]) - 1}, {m[5]}}}")
    last = list(re.finditer(r"(, )?\{(\d+), (\d+)\}, /\* (\d+) \*/", text))[-1]
    yield "all", text[: last.start()] + "/**/" + text[last.end() :]


def main():
    """Make a table, check it, damage it."""
    gen_hosts, gen_szc = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        rows, hosts, bad = (os.path.join(folder, name) for name in ("rows.c", "hosts.c", "bad.c"))
        for script, path in ((gen_szc, rows), (gen_hosts, hosts)):
            status, said = run(script, "--out", path)
            assert status == 0, said
        with open(hosts, encoding="ascii") as file:
            text = file.read()
        with open(rows, encoding="ascii") as file:
            tables = Tables(file.read(), text)
        status, said = run(gen_hosts, "--check", hosts)
        assert (status, said) == (0, ""), said
        status, said = run(gen_hosts, "--report")
        assert status == 0, said
        check_report(tables, said)
        for rule, damaged in bad_tables(text):
            assert damaged != text, f"{rule}: no damage"
            with open(bad, "w", encoding="ascii") as file:
                file.write(damaged)
            status, said = run(gen_hosts, "--check", bad)
            assert status == 1 and f": {rule}: " in said and "Traceback" not in said, f"{rule}: {said}"
        status, said = run(gen_hosts, "--check", os.path.join(folder, "none.c"))
        assert status == 1 and ": file: " in said, said
    print("ok")


if __name__ == "__main__":
    main()
