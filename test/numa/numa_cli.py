#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
"""Where memory lies: on this machine, and in a guest of two NUMA nodes with hugepages on each.

usage: numa_cli.py BUILD [WORD...]

Runs the cases whose names contain one of the words, or all. guest.py has the guest, numa.c the program that is run in
it; the kernel is fetched once, by config/guest-kernel.sh. Exit status 77: skipped, with the reason.
"""

import atexit
import contextlib
import json
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from cli import expect, main  # noqa: E402
from guest import Guest  # noqa: E402

FULL = -5
NO_KEY = -6
INVAL = -1
PAGES = 40  # of 2 MiB on each node
FRONT = 1  # pages of a region without volumes
VOLUME = 16  # pages of a volume
PAGE_KIB = 2048
EAL = ["--in-memory", "--no-pci", "--no-telemetry", "--log-level", "lib.eal:error", "-l", "0", "--"]
FILES = (("memfd", "-"), ("hugetlbfs", "/huge"))  # drivers, of which each page is counted
STRESS = "--page-sz huge --volume-sz 32M --sz-max 64K --slot-cnt 256 --alloc-cnt 300 --json /tmp/out.json".split()


class Job:
    """What groove-numa printed."""

    def __init__(self, output):
        self.output = output
        self.steps = []  # name, status, KiB of memory, free hugepages of each node
        self.facts = {}
        self.errors = []
        for line in output.splitlines():
            name, *numbers = line.split()
            if name in ("start", "create", "grow", "detach"):
                status, kib, *free = (int(number) for number in numbers)
                self.steps.append((name, status, kib, free))
            elif name in ("told", "found", "node", "objects"):
                self.facts[name] = [int(number) for number in numbers]
            else:
                self.errors.append(line)

    def statuses(self):
        """What create and each growth came to."""
        return [status for name, status, _, _ in self.steps if name in ("create", "grow")]

    def free(self, step):
        """Free hugepages of each node, after a step."""
        return self.steps[step][3]

    def expect_statuses(self, *statuses, others=False):
        """Create and growth returned this, nothing else went wrong, and all memory was given back.

        others: other programs take and give hugepages while this one runs, so their number says nothing.
        """
        expect(self.statuses() == list(statuses), f"{self.statuses()}, not {statuses}:\n{self.output}")
        expect(self.steps[-1][1] == 0 or len(statuses) == 1, f"damaged:\n{self.output}")
        expect(others or self.free(-1) == self.free(0), f"pages kept:\n{self.output}")

    def expect_pages(self, *pages):
        """So many lie on each node, by library and kernel."""
        expect(self.facts["told"] == [*pages, 0], f"{self.facts['told']}, not {pages} and 0:\n{self.output}")
        expect(self.facts["found"] == list(pages), f"numa_maps has {self.facts['found']}:\n{self.output}")
        nodes = [node for node, cnt in enumerate(pages) if cnt > 0]
        expect(self.facts["node"] == (nodes if len(nodes) == 1 else [NO_KEY]), f"node:\n{self.output}")

    def expect_error(self, *words, cnt=1):
        """One line says what is wrong, or one each time; the last has these words."""
        expect(len(self.errors) == cnt, f"not {cnt}: {self.errors}")
        for word in words:
            expect(word in self.errors[-1], f"no {word!r} in {self.errors[-1]!r}")


def on(node, cnt):
    """So many pages on one of two nodes."""
    return [cnt if each == node else 0 for each in range(2)]


def hugepages(node):
    """Where the kernel keeps the hugepages of a node."""
    return f"/sys/devices/system/node/node{node}/hugepages/hugepages-2048kB"


def fetch_kernel(folder):
    """The guest's kernel, fetched if it is not there yet."""
    if not (folder / "vmlinuz").exists() and not shutil.which("apt-get"):
        print(f"SKIP: no apt-get here to fetch the guest's kernel with: put Debian's cloud kernel at {folder}/vmlinuz")
        sys.exit(77)
    if not shutil.which("qemu-system-x86_64"):
        sys.exit("no qemu-system-x86_64 to run a guest: install the package qemu-system-x86")
    done = subprocess.run([HERE.parent.parent / "config" / "guest-kernel.sh", folder], text=True,
                          stderr=subprocess.PIPE, check=False)
    if done.returncode != 0:
        sys.exit(done.stderr.strip())
    return folder / "vmlinuz"


class Tests:
    """The cases. The guest is started for the first that needs it, and serves all."""

    def __init__(self, build, folder):
        self.build = pathlib.Path(build)
        self.programs = [self.build / "test" / "numa" / "groove-numa", self.build / "app" / "groove-stress"]
        self.folder = folder
        self.kernel = fetch_kernel(self.build / "test" / "numa")
        self._guest = None

    @property
    def guest(self):
        """The guest."""
        if self._guest is None:
            self._guest = Guest(self.kernel, self.build / "test" / "numa" / "guest-init", self.programs, self.folder)
            atexit.register(self._guest.close)
            self._guest.answer()
            free = [self.set_hugepages(node, PAGES) for node in range(2)]
            expect(free == [PAGES, PAGES], f"{free} hugepages, not {PAGES} on each node")
        return self._guest

    def set_hugepages(self, node, cnt):
        """Give a node of the guest so many hugepages, as far as they are available. Returns how many are free."""
        self.guest.ask("write", f"{hugepages(node)}/nr_hugepages", cnt)
        return int(self.guest.ask("read", f"{hugepages(node)}/free_hugepages")[1])

    @contextlib.contextmanager
    def hugepages_as(self, node, cnt):
        """Another number of them for a while."""
        try:
            yield self.set_hugepages(node, cnt)
        finally:
            self.set_hugepages(node, PAGES)

    def numa(self, *words, eal=()):
        """Run groove-numa in the guest."""
        status, output = self.guest.ask("run", "/groove-numa", *eal, *words)
        expect(status == 0, f"{words}: exit status {status}:\n{output}")
        return Job(output)

    def stress(self, *options, eal=()):
        """Run groove-stress in the guest. Returns its status, its output, and its result for machines."""
        status, output = self.guest.ask("run", "/groove-stress", "--in-memory", *eal, "--", *STRESS, *options)
        result = json.loads(self.guest.ask("read", "/tmp/out.json")[1]) if status == 0 else None
        return status, output, result

    # ---- this machine ----

    def told_here(self, node, placement):
        """A region of normal pages on this machine, where the kernel may be moving some, and says nothing of them."""
        for _ in range(10):
            done = subprocess.run([self.programs[0], "memfd", "-", "normal", str(node), placement, "1", "1"],
                                  capture_output=True, text=True, check=False)
            job = Job(done.stdout + done.stderr)
            if job.facts.get("told", [0])[-1] == 0:
                break
        return job

    def test_this_machine(self):
        nodes = pathlib.Path("/sys/devices/system/node/has_memory").read_text(encoding="ascii")
        node = int(nodes.replace(",", "-").split("-")[0])
        for placement in ("bound", "preferred"):
            job = self.told_here(node, placement)
            job.expect_statuses(0, 0, 0, others=True)
            expect(len(job.facts["found"]) > node, f"no node {node}: {job.output}")
            job.expect_pages(*((FRONT + 2 * VOLUME) * 512 if each == node else 0
                               for each in range(len(job.facts["found"]))))

    # ---- where there is room ----

    def test_hugepages_of_each_node(self):
        for driver, directory in FILES:
            for node in range(2):
                for placement in ("bound", "preferred"):
                    job = self.numa(driver, directory, "huge", node, placement, 1, 1)
                    job.expect_statuses(0, 0, 0)
                    job.expect_pages(*on(node, FRONT + 2 * VOLUME))
                    expect(job.free(3) == [PAGES - cnt for cnt in on(node, FRONT + 2 * VOLUME)], job.output)
                    expect(not job.errors, f"{job.errors}")

    def test_normal_pages_of_each_node(self):
        for driver, directory in (("memfd", "-"), ("file", "/tmp")):
            for node in range(2):
                job = self.numa(driver, directory, "normal", node, "bound", 1, 0)
                job.expect_statuses(0, 0)
                job.expect_pages(*on(node, (FRONT + VOLUME) * 512))

    def test_memzone_of_each_node(self):
        for node in range(2):
            job = self.numa("memzone", "-", "huge", node, "bound", 1, 0, eal=EAL)
            job.expect_statuses(0, 0)
            job.expect_pages(*on(node, FRONT + VOLUME))

    # ---- a node that runs out ----

    def test_too_much_for_a_bound_node(self):
        for driver, directory in FILES:
            job = self.numa(driver, directory, "huge", 1, "bound", 3, 0)
            job.expect_statuses(FULL)
            job.expect_error("3 x 32 MiB", f"need {FRONT + 3 * VOLUME} pages", f"{PAGES} are free",
                             f"add {FRONT + 3 * VOLUME - PAGES} to {hugepages(1)}/nr_hugepages")

    def test_growth_on_a_bound_node(self):
        for driver, directory in FILES:
            for who in ("self", "other"):
                job = self.numa(driver, directory, "huge", 1, "bound", 1, 3, who)
                job.expect_statuses(0, 0, 0, FULL, FULL)
                expect(job.free(3) == [PAGES, PAGES - FRONT - 2 * VOLUME], job.output)
                # what cannot be had whole is given back, each time
                expect(job.steps[4][2:] == job.steps[3][2:] == job.steps[5][2:], job.output)
                expect(job.steps[3][2] == (FRONT + 2 * VOLUME) * PAGE_KIB, job.output)
                job.expect_error(f"need {VOLUME} pages", f"{PAGES - FRONT - 2 * VOLUME} are free", hugepages(1), cnt=2)
                expect(job.errors[0] == job.errors[1], f"{job.errors}")
                expect(job.facts["objects"][0] > 32, f"{job.facts['objects']} objects of 1 MiB in 64 MiB")

    def test_growth_on_a_preferred_node(self):
        for driver, directory in FILES:
            job = self.numa(driver, directory, "huge", 1, "preferred", 1, 2)
            job.expect_statuses(0, 0, 0, 0)
            job.expect_pages(FRONT + 3 * VOLUME - PAGES, PAGES)
            expect(job.free(4) == [2 * PAGES - FRONT - 3 * VOLUME, 0], job.output)
            job.expect_error("node 1 is preferred and full", f"{FRONT + 3 * VOLUME - PAGES} of {VOLUME} huge pages",
                             "node 0")

    def test_growth_by_another_keeps_to_what_is_preferred(self):
        job = self.numa("memfd", "-", "huge", 0, "preferred", 0, 3, "other")
        job.expect_statuses(0, 0, 0, 0)
        expect(job.free(4) == [0, 2 * PAGES - FRONT - 3 * VOLUME], job.output)

    def test_both_nodes_run_out(self):
        job = self.numa("memfd", "-", "huge", 1, "preferred", 4, 1)
        job.expect_statuses(0, 0, 0, 0, 0, FULL)
        expect(job.steps[5][2:] == job.steps[6][2:], f"kept:\n{job.output}")
        job.expect_pages(FRONT + 4 * VOLUME - PAGES, PAGES)
        expect("/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages" in job.errors[-1], f"{job.errors}")

    def test_memzone_of_a_full_node(self):
        with self.hugepages_as(1, VOLUME - 4):
            job = self.numa("memzone", "-", "huge", 1, "bound", 1, 0, eal=EAL)
            job.expect_statuses(FULL)
            job.expect_error("32 MiB", "on node 1", f"{VOLUME - 4} are free", f"{hugepages(1)}/nr_hugepages")
            job = self.numa("memzone", "-", "huge", 1, "preferred", 1, 0, eal=EAL)
        job.expect_statuses(0, 0)
        # it lies on one node, whole
        job.expect_pages(FRONT + VOLUME, 0)
        pages = FRONT + VOLUME
        job.expect_error("node 1 is preferred and full", f"{pages} of {pages} huge pages", "node 0")

    def free_volumes(self, node):
        """Volumes of normal pages that a node has memory for, at most."""
        meminfo = self.guest.ask("read", f"/sys/devices/system/node/node{node}/meminfo")[1]
        return int(meminfo.split("MemFree:")[1].split()[0]) // (VOLUME * PAGE_KIB)

    def test_normal_pages_of_a_full_node(self):
        # hugepages take most of what the node has, as far as they are available
        with self.hugepages_as(1, PAGES + (self.free_volumes(1) - 1) * VOLUME):
            self.fill_normal_pages(self.free_volumes(1) + 1)

    def fill_normal_pages(self, cnt):
        """One volume more than node 1 has room for."""
        job = self.numa("memfd", "-", "normal", 1, "bound", 0, cnt)
        good = job.statuses().count(0) - 1
        expect(0 <= good < cnt, f"{cnt} volumes where {cnt - 1} have room:\n{job.output}")
        job.expect_statuses(0, *good * [0], *(cnt - good) * [FULL])
        for step in job.steps[good + 1:-1]:
            expect(step[2] == (FRONT + good * VOLUME) * PAGE_KIB, f"kept:\n{job.output}")
        job.expect_error("NUMA node 1 is full", "of 8192 normal pages", "node 0", cnt=cnt - good)
        job = self.numa("memfd", "-", "normal", 1, "preferred", 0, cnt)
        job.expect_statuses(0, *cnt * [0])
        told = job.facts["told"][:2]
        expect(told[0] > 0 and sum(told) == (FRONT + cnt * VOLUME) * 512, job.output)
        job.expect_pages(*told)
        strays = re.findall(r"node 1 is preferred and full: (\d+) of \d+ normal pages", "\n".join(job.errors))
        expect(len(strays) == len(job.errors) and sum(map(int, strays)) == told[0],
               f"{told[0]} elsewhere, said {job.errors}")

    def test_no_such_node(self):
        job = self.numa("memfd", "-", "huge", 2, "bound", 1, 0)
        job.expect_statuses(INVAL)
        job.expect_error("NUMA node 2", "has_memory")

    # ---- groove-stress ----

    def placed(self, node, *options, eal):
        """A run whose memory lies on a node."""
        status, output, result = self.stress(*options, eal=eal)
        expect(status == 0, f"{options}: exit status {status}:\n{output}")
        expect(result["numa_node"] == node and list(result["numa_pages"]) == [str(node)],
               f"{options}: node {result['numa_node']}, pages {result['numa_pages']}")
        expect(result["page_sz"] == 2 << 20 and f", NUMA node {node}\n" in output, output)

    def test_near_cpu(self):
        for driver in ("memfd", "hugetlbfs", "memzone"):
            self.placed(1, "--driver", driver, "--near-cpu", 1, eal=["-l", "0"])
        self.placed(0, "--driver", "memfd", "--near-cpu", 0, eal=["-l", "1"])
        self.placed(1, eal=["-l", "1"])

    def test_near_cpu_of_a_full_node(self):
        status, output, _ = self.stress("--driver", "memfd", "--near-cpu", 1, "--volume-cnt", 3, eal=["-l", "0"])
        expect(status == 1 and hugepages(1) in output.splitlines()[-1], f"exit status {status}:\n{output}")
        status, output, result = self.stress("--driver", "memfd", "--near-cpu", 1, "--volume-cnt", 3, "--placement",
                                             "preferred", eal=["-l", "0"])
        rest = FRONT + 3 * VOLUME - PAGES
        expect(status == 0 and f"NUMA nodes 0 ({rest} pages), 1 ({PAGES} pages) " in " ".join(output.split()), output)
        expect(result["numa_node"] is None and result["numa_pages"] == {"0": rest, "1": PAGES}, f"{result}")


if __name__ == "__main__":
    sys.exit(main(Tests, __doc__))
