#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
"""Test groove-perf as a user meets it: options good and bad, every workload, results for machines, the picture.

usage: perf_cli.py GROOVE_PERF [WORD...]

Runs the cases whose names contain one of the words, or all. GROOVE_HUGEPAGES in the environment says where memory comes
from: gigantic or huge, reserved already, or none (the default): normal pages. No figure is judged: only that it is there.
"""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

HUGEPAGES = os.environ.get("GROOVE_HUGEPAGES", "none")
QUICK = ["--volume-sz", "32M", "--volume-cnt", "8", "--reps", "2", "--rep-ms", "2", "--fill-s", "1"]
KEYS = ("workload allocator lcores call ns_per_op cpu_share p50 p99 p999 p9999 max sizes phase share ratio_to_groove reps seed "
        "version page_sz thp numa_node").split()
PERCENTILES = ("p50", "p99", "p999", "p9999", "max")
FIXED = ("burst", "bulk", "pair", "pipe", "pipe-bulk")
TIMED = ("churn", *FIXED, "mixed-free")
TWO_LCORES = ("pipe", "pipe-bulk", "mixed-free")
SIZES = ("main64k", "main10m", "packets", "uniform4k", "uniform64k", "uniform1m")
IN_PROCESS = ("groove", "rte_malloc", "rte_mempool")
PRELOADED = {"jemalloc": "libjemalloc2", "mimalloc": "libmimalloc2.0"}
CHILDREN = ("glibc", *PRELOADED)
TIMEOUT_S = 300


def cpu_cnt():
    """CPUs for lcores: two where there are two."""
    return min(2, len(os.sched_getaffinity(0)))


def eal(lcore_cnt):
    """EAL's arguments for this machine."""
    memory = ["--no-huge", "-m", "768", "--no-shconf"] if HUGEPAGES == "none" else ["--in-memory"]
    cpus = sorted(os.sched_getaffinity(0))[:lcore_cnt]
    return [*memory, "--lcores", ",".join(f"{lcore}@{cpu}" for lcore, cpu in enumerate(cpus))]


def errors_of(stderr):
    """Lines on stderr, without the warning that others use the CPUs."""
    return sum("do not trust the times" not in line for line in stderr.splitlines())


class Mismatch(Exception):
    """What a case expected and did not find."""


def expect(condition, what):
    """Fail the case when the condition does not hold."""
    if not condition:
        raise Mismatch(what)


class Tests:
    """The program under test, and its cases: every method test_*."""

    def __init__(self, program, folder):
        self.program = program
        self.folder = pathlib.Path(folder)

    def run(self, *options, eal_arguments=None, env=None):
        """Run to the end."""
        command = [self.program, *(eal(cpu_cnt()) if eal_arguments is None else eal_arguments), "--", *options]
        return subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False,
                              env={**os.environ, **(env or {})})

    def run_done(self, *options, **more):
        """Run to a good end."""
        done = self.run(*options, **more)
        expect(done.returncode == 0, f"exit status {done.returncode}:\n{done.stdout}{done.stderr}")
        return done

    def records(self, *options, **more):
        """The same; answers the records for machines, whose keys were checked, and the output."""
        path = self.folder / "out.json"
        path.unlink(missing_ok=True)
        done = self.run_done(*QUICK, *options, "--json", str(path), **more)
        records = json.loads(path.read_text(encoding="utf-8"))
        for record in records:
            expect(sorted(record) == sorted(KEYS), f"keys {sorted(set(record) ^ set(KEYS))} of {record}")
        return records, done

    def refused(self, options, *words):
        """Bad options: one line on stderr with these words, nothing on stdout, status 1."""
        done = self.run(*options)
        lines = done.stderr.splitlines()
        expect(done.returncode == 1, f"{options}: exit status {done.returncode}:\n{done.stdout}{done.stderr}")
        expect(done.stdout == "", f"{options}: stdout {done.stdout!r}")
        expect(len(lines) == 1, f"{options}: not one line: {done.stderr!r}")
        for word in words:
            expect(word in lines[0], f"{options}: no {word!r} in {lines[0]!r}")

    # ---- runs ----

    def test_every_timed_workload_with_every_allocator(self):
        records, done = self.records("--workload", ",".join(TIMED))
        here = [name for name in (*IN_PROCESS, *CHILDREN)
                if name not in PRELOADED or f"apt-get install {PRELOADED[name]}" not in done.stderr]
        wanted = {(workload, allocator, lcores) for workload in TIMED for allocator in here for lcores in (1, 2)
                  if (allocator != "rte_mempool" or workload in FIXED)
                  and lcores <= cpu_cnt() and (lcores == 2 or workload not in TWO_LCORES)}
        found = {(record["workload"], record["allocator"], record["lcores"]) for record in records}
        expect(found == wanted and len(records) == len(wanted), f"missing or too many: {found ^ wanted}")
        for record in records:
            expect(record["ns_per_op"] > 0 and record["ratio_to_groove"] > 0 and record["reps"] == 2, f"{record}")
            expect(all(record[key] is None for key in (*PERCENTILES, "call", "sizes", "phase", "share")), f"{record}")
            if record["allocator"] == "groove":
                expect(record["ratio_to_groove"] == 1, f"{record}")

    def test_ratio_is_that_of_the_figures(self):
        records, _ = self.records("--workload", "pair,churn", "--allocator", "glibc,groove")
        groove = {(record["workload"], record["lcores"]): record["ns_per_op"]
                  for record in records if record["allocator"] == "groove"}
        for record in records:
            ratio = record["ns_per_op"] / groove[record["workload"], record["lcores"]]
            expect(abs(record["ratio_to_groove"] / ratio - 1) < 1e-9, f"{record}: {ratio}")

    def test_no_ratio_without_groove(self):
        records, _ = self.records("--workload", "pair", "--allocator", "glibc", "--seed", "7")
        expect(records and all(record["ratio_to_groove"] is None and record["seed"] == 7 for record in records),
               f"{records}")

    def test_latency(self):
        records, _ = self.records("--workload", "latency", "--allocator", "groove,rte_malloc,glibc")
        expect({record["call"] for record in records} == {"alloc", "free"}, f"{records}")
        expect(len(records) == 3 * 2 * cpu_cnt(), f"{len(records)} records")
        for record in records:
            rising = [record[key] for key in PERCENTILES]
            expect(rising[0] > 0 and rising == sorted(rising), f"{record}")
            expect(0 < record["ns_per_op"] <= record["max"], f"{record}")

    def test_fill(self):
        records, _ = self.records("--workload", "fill", "--allocator", "groove,jemalloc,rte_malloc",
                                  "--sizes", "main64k,uniform64k")
        expect({(record["sizes"], record["phase"]) for record in records} ==
               {(sizes, phase) for sizes in ("main64k", "uniform64k") for phase in ("fresh", "churned")}, f"{records}")
        for record in records:
            expect(record["ns_per_op"] is None and record["p50"] is None and record["reps"] == 1, f"{record}")
            # a process-wide allocator may have had some address space before it was bounded
            most = 1.5 if record["allocator"] in CHILDREN else 1
            expect(record["share"] is None or 0 < record["share"] < most, f"{record}")
        shares = [record["share"] for record in records if record["allocator"] == "groove"]
        expect(all(shares), f"{shares}")

    def test_fill_of_every_size(self):
        records, _ = self.records("--workload", "fill", "--allocator", "groove", eal_arguments=eal(1))
        expect([record["sizes"] for record in records if record["phase"] == "fresh"] == list(SIZES), f"{records}")

    def test_fill_repeats_with_its_seed(self):
        options = ["--workload", "fill", "--allocator", "groove", "--sizes", "uniform64k", "--seed", "42"]
        first, second = (self.records(*options, eal_arguments=eal(1))[0] for _ in range(2))
        expect([record["share"] for record in first] == [record["share"] for record in second], f"{first}, {second}")

    def test_fill_that_takes_too_long_is_told_so(self):
        records, done = self.records("--workload", "fill", "--allocator", "rte_malloc", "--sizes", "packets",
                                     "--volume-cnt", "16", eal_arguments=eal(1))
        expect(any(record["share"] is None for record in records) == ("slow" in done.stdout), f"{records}{done.stdout}")

    def test_peers_are_told(self):
        records, done = self.records("--workload", "pair")
        page = os.sysconf("SC_PAGESIZE")
        for record in records:
            expect(record["version"][0].isdigit(), f"{record}")
            expect(record["page_sz"] == page if record["allocator"] in CHILDREN or HUGEPAGES == "none"
                   else record["page_sz"] >= 2 << 20, f"{record}")
            expect(record["numa_node"] is None or record["numa_node"] >= 0, f"{record}")
            expect(f"{record['allocator']} {record['version']}, " in done.stdout, f"{record} not in the table")

    def test_one_lcore(self):
        records, done = self.records("--workload", "pair,pipe,mixed-free", "--allocator", "groove",
                                     eal_arguments=eal(1))
        expect([(record["workload"], record["lcores"]) for record in records] == [("pair", 1)], f"{records}")
        for workload in ("pipe", "mixed-free"):
            expect(f"{workload}: left out, it takes two lcores" in done.stderr, done.stderr)

    def test_large_objects(self):
        records, _ = self.records("--workload", "churn", "--allocator", "groove", "--sz-max", "1M", "--reps", "1",
                                  eal_arguments=eal(1))
        expect(len(records) == 1, f"{records}")

    def test_missing_library_is_told(self):
        names = [name for name in PRELOADED if os.path.exists(f"/usr/lib/x86_64-linux-gnu/lib{name}.so.2")]
        records, done = self.records("--workload", "pair", "--allocator", "groove,jemalloc,mimalloc")
        for name, package in PRELOADED.items():
            told = f"{name}: no lib" in done.stderr and f"apt-get install {package}" in done.stderr
            run = any(record["allocator"] == name for record in records)
            expect(told != run, f"{name}: told {told}, run {run}")
            expect(run or name not in names, f"{name} is there and did not run")

    def test_own_preload_does_not_leak_into_the_children(self):
        records, _ = self.records("--workload", "pair", "--allocator", "glibc,groove",
                                  env={"LD_PRELOAD": "libm.so.6"})
        expect({record["allocator"] for record in records} == {"glibc", "groove"}, f"{records}")

    def test_picture(self):
        path = self.folder / "out.svg"
        options = [*QUICK, "--workload", "pair,latency,fill", "--allocator", "groove,glibc", "--sizes", "uniform64k",
                   "--plot", str(path)]
        if shutil.which("gnuplot") is None:
            self.refused(options, "--plot", "apt-get install gnuplot-nox")
            return
        self.run_done(*options)
        root = xml.etree.ElementTree.parse(path).getroot()
        expect(root.tag == "{http://www.w3.org/2000/svg}svg", f"root {root.tag}")
        text = " ".join(root.itertext())
        for word in ("groove", "glibc", "time of a call", "latency in churn", "share of the memory"):
            expect(word in text, f"no {word!r} in the picture")

    def test_no_memory_for_a_workload(self):
        done = self.run("--volume-sz", "32M", "--volume-cnt", "1", "--reps", "2", "--rep-ms", "2", "--sz-max", "10M",
                        "--workload", "churn", "--allocator", "groove,glibc", eal_arguments=eal(1))
        expect(done.returncode == 1, f"exit status {done.returncode}: {done.stdout}{done.stderr}")
        expect("churn: groove: lcore 1 of 1 gets no memory for" in done.stderr and "raise --volume-cnt" in done.stderr,
               done.stderr)
        expect(errors_of(done.stderr) == 1, f"more than that: {done.stderr}")
        expect("failed" in done.stdout and "glibc" in done.stdout, done.stdout)

    def test_child_that_dies(self):
        command = [self.program, *eal(1), "--", "--workload", "pair", "--allocator", "glibc", "--reps", "1000"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            children = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children")
            child = None
            while child is None and process.poll() is None:
                child = next((int(pid) for pid in children.read_text(encoding="utf-8").split()), None)
            os.kill(child, signal.SIGKILL)
            stdout, stderr = process.communicate(timeout=TIMEOUT_S)
        expect(process.returncode == 1, f"exit status {process.returncode}: {stdout}{stderr}")
        expect("glibc: its process was ended by signal 9" in stderr and errors_of(stderr) == 1, stderr)

    def test_help(self):
        done = subprocess.run([self.program, "--", "--help"], capture_output=True, text=True, timeout=TIMEOUT_S,
                              check=False)
        expect(done.returncode == 0 and done.stderr == "", done.stdout + done.stderr)
        for word in (*TIMED, "latency", "fill", *IN_PROCESS, *CHILDREN, *SIZES, *PRELOADED.values(), "--plot FILE.svg"):
            expect(word in done.stdout, f"help lacks {word}")
        expect("serve" not in done.stdout, "help names the hidden option")

    # ---- options that cannot be ----

    def test_bad_numbers(self):
        for option, value, bound in (
                ("--reps", "0", "from 1"), ("--reps", "1001", "1000"), ("--reps", "x", "whole"),
                ("--rep-ms", "0", "from 1"), ("--fill-s", "0", "from 1"), ("--sz-max", "7", "from 8"),
                ("--sz-max", "11M", "10M"), ("--volume-cnt", "0", "from 1"), ("--volume-sz", "16M", "32M"),
                ("--volume-sz", "48M", "power of two"), ("--seed", "-1", "from 0"), ("--seed", "9223372036854775808", "from 0")):
            self.refused([option, value], f"{option} {value}", bound)
        self.refused(["--volume-cnt", "2049"], "--volume-cnt 2049", "2048", "2 TiB")

    def test_bad_words(self):
        self.refused(["--workload", "chrun"], "--workload chrun", "churn", "mixed-free")
        self.refused(["--workload", "churn,"], "--workload ", "churn")
        self.refused(["--allocator", "groove,tcmalloc"], "--allocator tcmalloc", "groove", "mimalloc")
        self.refused(["--sizes", "huge"], "--sizes huge", "main10m")
        self.refused(["--serve", "nobody"], "nobody")
        self.refused(["--json", ""], "--json", "empty")
        self.refused(["--frobnicate"], "--frobnicate", "--help")
        self.refused(["--reps"], "--reps", "needs a value")
        self.refused(["leftover"], "leftover", "--help")

    def test_bad_files(self):
        self.refused([*QUICK, "--json", "/no/such/folder/out.json"], "/no/such/folder/out.json", "No such file")
        if shutil.which("gnuplot") is not None:
            self.refused([*QUICK, "--plot", "/no/such/folder/out.svg"], "/no/such/folder/out.svg", "No such file")
            self.refused([*QUICK, "--plot", "it's.svg"], "quotes")

    def test_nothing_to_run(self):
        done = self.run("--workload", "churn", "--allocator", "rte_mempool")
        expect(done.returncode == 1 and "nothing to run" in done.stderr, done.stdout + done.stderr)

    def test_options_on_the_wrong_side(self):
        done = subprocess.run([self.program, *eal(1), "--reps", "5"], capture_output=True, text=True,
                              timeout=TIMEOUT_S, check=False)
        expect(done.returncode == 1 and "--reps: stands among EAL's arguments" in done.stderr, done.stderr)


def main():
    """Run the cases and count."""
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        tests = Tests(str(pathlib.Path(sys.argv[1]).resolve()), folder)
        for name in [name for name in vars(Tests) if name.startswith("test_")]:
            title = name[len("test_"):].replace("_", " ")
            if sys.argv[2:] and not any(word in title for word in sys.argv[2:]):
                continue
            try:
                getattr(tests, name)()
                print(f"ok - {title}", flush=True)
                passed += 1
            except (Mismatch, subprocess.TimeoutExpired, ValueError, TypeError, KeyError, IndexError) as error:
                print(f"not ok - {title}: {type(error).__name__}: {error}", flush=True)
                failed += 1
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
