#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
"""Test groove-perf as a user meets it: options good and bad, every workload, results for machines, the picture.

usage: perf_cli.py GROOVE_PERF [WORD...]

Runs the cases whose names contain one of the words, or all; cli.py has what it shares with tests of other programs. No
figure is judged: only that it is there.
"""

import os
import pathlib
import shutil
import signal
import subprocess
import sys
import xml.etree.ElementTree

from cli import CPUS, HUGEPAGES, Cli, errors_in, expect, lcores, main

QUICK = ["--volume-sz", "32M", "--volume-cnt", "8", "--reps", "2", "--rep-ms", "2", "--fill-s", "1"]
KEYS = ("workload allocator lcores variant sz n order touch call ns_per_op cycles_per_op cpu_share p50 p99 p999 p9999 max "
        "sizes phase share from_sz to_sz kept_of objs_freed objs_made objs_by_slots share_of_slots objs_by_neighbours "
        "share_of_neighbours fulls ns_first ns_last series ratio_to_groove ratio_to_rte_mempool reps seed version page_sz thp numa_node").split()
PERCENTILES = ("p50", "p99", "p999", "p9999", "max")
FIXED = ("burst", "pair", "pipe", "pipe-bulk")
FORMS = {"tight": ["64"], "batch": ["64x32 fifo", "64x32 lifo"], "work": ["256x1", "256x8"],
         "bulk": ["1920x32 touch", "64x8", "64x8 touch", "64x32", "64x32 touch"]}  # with --sz 64,1920 --n 1,8,32
TIMED = ("churn", *FIXED, "mixed-free")
TWO_LCORES = ("pipe", "pipe-bulk", "mixed-free")
SIZES = ("main64k", "main10m", "packets", "uniform4k", "uniform64k", "uniform1m")
IN_PROCESS = ("groove", "groove-nocache", "rte_malloc", "rte_mempool")
PRELOADED = {"jemalloc": "libjemalloc2", "mimalloc": "libmimalloc2.0", "tcmalloc": "libtcmalloc-minimal4"}
LIBRARIES = {"jemalloc": "libjemalloc.so.2", "mimalloc": "libmimalloc.so.2", "tcmalloc": "libtcmalloc_minimal.so.4"}
CHILDREN = ("glibc", *PRELOADED)
ONE_LCORE = lcores(1)


class Tests(Cli):
    """The cases of groove-perf."""

    memory_mib = 768
    quick = [*QUICK, "--workload", "pair", "--allocator", "groove,glibc"]
    endless = [*QUICK, "--workload", "burst,pair", "--allocator", "groove", "--reps", "1000", "--rep-ms", "10s"]
    option = "--reps"

    def run_done(self, *options, **more):
        """Run to a good end."""
        done = self.run(*options, **more)
        expect(done.returncode == 0, f"exit status {done.returncode}:\n{done.stdout}{done.stderr}")
        return done

    def records(self, *options, **more):
        """The same; returns the records for machines, whose keys were checked, and the output."""
        self.json_path.unlink(missing_ok=True)
        done = self.run_done(*QUICK, *options, "--json", str(self.json_path), **more)
        records = self.json_head("pass", 0)["records"]
        for record in records:
            expect(sorted(record) == sorted(KEYS), f"keys {sorted(set(record) ^ set(KEYS))} of {record}")
        return records, done

    # ---- runs ----

    def test_every_timed_workload_with_every_allocator(self):
        records, done = self.records("--workload", ",".join(TIMED))
        here = [name for name in (*IN_PROCESS, *CHILDREN)
                if name not in PRELOADED or f"apt-get install {PRELOADED[name]}" not in done.stderr]
        wanted = {(workload, allocator, lcores) for workload in TIMED for allocator in here for lcores in (1, 2)
                  if (allocator != "rte_mempool" or workload in FIXED)
                  and lcores <= len(CPUS) and (lcores == 2 or workload not in TWO_LCORES)}
        found = {(record["workload"], record["allocator"], record["lcores"]) for record in records}
        expect(found == wanted and len(records) == len(wanted), f"missing or too many: {found ^ wanted}")
        for record in records:
            expect(record["ns_per_op"] > 0 and record["ratio_to_groove"] > 0 and record["reps"] == 2, f"{record}")
            expect(all(record[key] is None for key in (*PERCENTILES, "variant", "n", "call", "sizes", "phase", "share")),
                   f"{record}")
            if record["allocator"] == "groove":
                expect(record["ratio_to_groove"] == 1, f"{record}")

    def test_every_form_with_every_allocator(self):
        records, done = self.records("--workload", ",".join(FORMS), "--sz", "64,1920", "--n", "1,8,32", "--rep-ms", "20")
        here = [name for name in (*IN_PROCESS, *CHILDREN)
                if name not in PRELOADED or f"apt-get install {PRELOADED[name]}" not in done.stderr]
        wanted = {(workload, variant, call, allocator, lcores) for workload, variants in FORMS.items()
                  for variant in variants for call in (("alloc", "free") if workload == "batch" else (None,))
                  for allocator in here for lcores in range(1, len(CPUS) + 1)}
        keys = ("workload", "variant", "call", "allocator", "lcores")
        found = {tuple(record[key] for key in keys): record for record in records}
        expect(set(found) == wanted and len(records) == len(wanted), f"missing or too many: {set(found) ^ wanted}")
        for (workload, variant, call, allocator, lcores), record in found.items():
            pool = found[workload, variant, call, "rte_mempool", lcores]
            # of work the time can be none
            expect(workload == "work" or record["ns_per_op"] > 0, f"{record}")
            if not record["ns_per_op"] or not pool["ns_per_op"]:
                continue
            ratio = record["ns_per_op"] / pool["ns_per_op"]
            expect(abs(record["ratio_to_rte_mempool"] / ratio - 1) < 1e-9, f"{record}, {pool}")
            expect(abs(record["cycles_per_op"] * pool["ns_per_op"] / pool["cycles_per_op"] / record["ns_per_op"] - 1) < 1e-9,
                   f"{record}, {pool}")
            expect(record["sz"] == int(variant.split("x")[0]), f"{record}")
        titles = [line for line in done.stdout.splitlines() if " lc" in line and "lcore" not in line]
        expect(titles and all(len(line) <= 80 for line in titles), f"{titles}")

    def test_ratio_is_that_of_the_figures(self):
        records, _ = self.records("--workload", "pair,churn", "--allocator", "glibc,groove")
        groove = {(record["workload"], record["lcores"]): record["ns_per_op"]
                  for record in records if record["allocator"] == "groove"}
        for record in records:
            ratio = record["ns_per_op"] / groove[record["workload"], record["lcores"]]
            expect(abs(record["ratio_to_groove"] / ratio - 1) < 1e-9, f"{record}: {ratio}")

    def test_ratios_of_groove_to_its_peers(self):
        peers = ["groove-nocache", "rte_mempool", "glibc"]
        records, done = self.records("--workload", "pair,churn,latency,fill", "--allocator", ",".join(["groove", *peers]),
                                     "--sizes", "uniform64k", eal_arguments=self.eal(*ONE_LCORE))
        table = done.stdout.split("\ngroove : peer, ")[1].splitlines()
        titles = [peer.removeprefix("groove-").removeprefix("rte_") for peer in peers]
        expect(table[2].split() == ["lc.", *titles], f"columns {table[2]!r}")
        shown = {" ".join(row.split()[:-len(peers)]): row.split()[-len(peers):] for row in table[3:] if row}
        expect(set(shown) == {"pair 1", "churn 1", "latency p50 alloc 1", "latency p50 free 1", "uniform64k fresh 1",
                              "uniform64k churned 1"}, f"rows {set(shown)}")
        for record in records:
            name = {"latency": f"latency p50 {record['call']}", "fill": f"uniform64k {record['phase']}"}.get(
                record["workload"], record["workload"])
            if record["allocator"] == "groove" or not record["ratio_to_groove"]:
                continue
            text = shown[f"{name} 1"][peers.index(record["allocator"])]
            expect(abs(float(text) - 1 / record["ratio_to_groove"]) < 0.001, f"{text} for {record}")
        expect(shown["churn 1"][peers.index("rte_mempool")] == "-", f"{shown['churn 1']}")

    def test_no_ratio_without_groove(self):
        records, done = self.records("--workload", "pair", "--allocator", "glibc", "--seed", "7")
        expect(records and all(record["ratio_to_groove"] is None and record["seed"] == 7 for record in records),
               f"{records}")
        expect("groove : peer" not in done.stdout, done.stdout)

    def test_latency(self):
        records, _ = self.records("--workload", "latency", "--allocator", "groove,rte_malloc,glibc")
        expect({record["call"] for record in records} == {"alloc", "free"}, f"{records}")
        expect(len(records) == 3 * 2 * len(CPUS), f"{len(records)} records")
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

    def test_shift(self):
        records, done = self.records("--workload", "shift", "--from", "1900,64000", "--to", "1900,64000", "--kept", "2,64",
                                     "--allocator", "groove,rte_malloc,glibc")
        found = {(record["from_sz"], record["to_sz"], record["kept_of"], record["allocator"]): record for record in records}
        expect(set(found) == {(*pair, kept, allocator) for pair in ((1900, 64000), (64000, 1900)) for kept in (2, 64)
                              for allocator in ("groove", "rte_malloc", "glibc")}, f"{found.keys()}")
        for (before, after, _, allocator), record in found.items():
            expect(record["lcores"] == 1 and record["ns_per_op"] is None, f"{record}")
            if record["share"] is not None:
                share = record["objs_made"] * after / (record["objs_freed"] * before)
                expect(abs(record["share"] - share) < 1e-9, f"{record}")
            for direction, room, part in ((before > after, "objs_by_slots", "share_of_slots"),
                                          (before < after, "objs_by_neighbours", "share_of_neighbours")):
                there = direction and allocator == "groove"
                expect(there or (record[room] is None and record[part] is None), f"{record}")
                if record[room]:
                    expect(abs(record[part] * record[room] - record["objs_made"]) < 1e-6, f"{record}")
        expect(found[64000, 1900, 2, "groove"]["objs_by_slots"] > 0, f"{records}")
        expect("objects : room" in done.stdout and "64000>1900 1/64" in done.stdout, done.stdout)

    def test_drift(self):
        records, done = self.records("--workload", "drift", "--turns", "6400", "--fill-s", "60", "--allocator",
                                     "groove,rte_malloc")
        expect({(record["allocator"], record["lcores"]) for record in records} ==
               {(name, lcores) for name in ("groove", "rte_malloc") for lcores in range(1, len(CPUS) + 1)}, f"{records}")
        for record in records:
            if record["series"] is None:
                continue
            points = record["series"]
            expect(len(points) == 64 and points[-1]["turn"] == 6400, f"{record}")
            expect(max(point["mean_sz"] for point in points) == 32768 and points[-1]["mean_sz"] == 2048, f"{record}")
            expect(sum(point["fulls"] for point in points) == record["fulls"], f"{record}")
            expect(abs(sum(point["share"] for point in points) / 64 / record["share"] - 1) < 1e-9, f"{record}")
            expect(0 < record["share"] <= .85 and record["ns_first"] > 0 and record["ns_last"] > 0, f"{record}")
        expect(all(record["series"] for record in records if record["allocator"] == "groove"), f"{records}")
        expect("failures" in done.stdout, done.stdout)

    def test_fill_of_every_size(self):
        records, _ = self.records("--workload", "fill", "--allocator", "groove", eal_arguments=self.eal(*ONE_LCORE))
        expect([record["sizes"] for record in records if record["phase"] == "fresh"] == list(SIZES), f"{records}")

    def test_fill_repeats_with_its_seed(self):
        options = ["--workload", "fill", "--allocator", "groove", "--sizes", "uniform64k", "--seed", "42"]
        first, second = (self.records(*options, eal_arguments=self.eal(*ONE_LCORE))[0] for _ in range(2))
        expect([record["share"] for record in first] == [record["share"] for record in second], f"{first}, {second}")

    def test_fill_that_takes_too_long_is_told_so(self):
        records, done = self.records("--workload", "fill", "--allocator", "rte_malloc", "--sizes", "packets",
                                     "--volume-cnt", "16", eal_arguments=self.eal(*ONE_LCORE))
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
                                     eal_arguments=self.eal(*ONE_LCORE))
        expect([(record["workload"], record["lcores"]) for record in records] == [("pair", 1)], f"{records}")
        for workload in ("pipe", "mixed-free"):
            expect(f"{workload}: left out, it takes two lcores" in done.stderr, done.stderr)

    def test_large_objects(self):
        records, _ = self.records("--workload", "churn", "--allocator", "groove", "--sz-max", "1M", "--reps", "1",
                                  eal_arguments=self.eal(*ONE_LCORE))
        expect(len(records) == 1, f"{records}")

    def test_missing_library_is_told(self):
        names = [name for name in PRELOADED if os.path.exists(f"/usr/lib/x86_64-linux-gnu/{LIBRARIES[name]}")]
        records, done = self.records("--workload", "pair", "--allocator", ",".join(["groove", *PRELOADED]))
        for name, package in PRELOADED.items():
            told = f"{name}: no lib" in done.stderr and f"apt-get install {package}" in done.stderr
            run = any(record["allocator"] == name for record in records)
            expect(told != run, f"{name}: told {told}, run {run}")
            expect(run or name not in names, f"{name} is there and did not run")

    def test_own_preload_does_not_leak_into_the_children(self):
        records, _ = self.records("--workload", "pair", "--allocator", "glibc,groove",
                                  env={**os.environ, "LD_PRELOAD": "libm.so.6"})
        expect({record["allocator"] for record in records} == {"glibc", "groove"}, f"{records}")

    def test_picture(self):
        path = self.folder / "out.svg"
        options = [*QUICK, "--workload", "pair,tight,batch,latency,fill,shift,drift", "--allocator", "groove,glibc", "--sizes",
                   "uniform64k", "--sz", "64", "--n", "1,32", "--from", "16000", "--to", "1900", "--turns", "20000",
                   "--plot", str(path)]
        if shutil.which("gnuplot") is None:
            self.refused(options, "--plot", "apt-get install gnuplot-nox")
            return
        self.run_done(*options)
        root = xml.etree.ElementTree.parse(path).getroot()
        expect(root.tag == "{http://www.w3.org/2000/svg}svg", f"root {root.tag}")
        text = " ".join(root.itertext())
        for word in ("groove", "glibc", "time of a call", "latency in churn", "share of the memory", "n objects of one size", "first in first out",
                     "for a byte freed", "drift: time of a call", "drift: allocs without memory"):
            expect(word in text, f"no {word!r} in the picture")

    def test_no_memory_for_a_workload(self):
        done = self.run("--volume-sz", "32M", "--volume-cnt", "1", "--reps", "2", "--rep-ms", "2", "--sz-max", "10M",
                        "--workload", "churn", "--allocator", "groove,glibc", eal_arguments=self.eal(*ONE_LCORE))
        expect(done.returncode == 1, f"exit status {done.returncode}: {done.stdout}{done.stderr}")
        expect("churn: groove: lcore 1 of 1 gets no memory for" in done.stderr and "raise --volume-cnt" in done.stderr,
               done.stderr)
        expect(len(errors_in(done.stderr)) == 1, f"more than that: {done.stderr}")
        expect("failed" in done.stdout and "glibc" in done.stdout, done.stdout)

    def test_child_that_dies(self):
        command = self.command(["--workload", "pair", "--allocator", "glibc", "--reps", "1000"], self.eal(*ONE_LCORE))
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            children = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children")
            child = None
            while child is None and process.poll() is None:
                child = next((int(pid) for pid in children.read_text(encoding="utf-8").split()), None)
            os.kill(child, signal.SIGKILL)
            stdout, stderr = process.communicate()
        expect(process.returncode == 1, f"exit status {process.returncode}: {stdout}{stderr}")
        expect("glibc: its process was ended by signal 9" in stderr and len(errors_in(stderr)) == 1, stderr)

    def test_help(self):
        done = self.run_bare("--", "--help")
        expect(done.returncode == 0 and done.stderr == "", done.stdout + done.stderr)
        for word in (*TIMED, *FORMS, "latency", "fill", "shift", "drift", "--from LIST", "--kept LIST", "--turns N", "--sz LIST", "--n LIST", *IN_PROCESS, *CHILDREN, *SIZES, *PRELOADED.values(), "--plot FILE.svg"):
            expect(word in done.stdout, f"help lacks {word}")
        expect("--serve" not in done.stdout, "help names what is for its own children")

    # ---- options that cannot be ----

    def test_bad_numbers(self):
        for option, value, bound in (
                ("--reps", "0", "from 1"), ("--reps", "1001", "1000"), ("--reps", "x", "whole"),
                ("--rep-ms", "0", "from 1"), ("--fill-s", "0", "from 1"), ("--turns", "63", "from 64"), ("--sz-max", "7", "from 8"),
                ("--sz-max", "11M", "10M"), ("--volume-cnt", "0", "from 1"), ("--volume-sz", "16M", "32M")):
            self.refused([option, value], f"{option} {value}", bound)

    def test_bad_words(self):
        self.refused(["--workload", "chrun"], "--workload chrun", "churn", "mixed-free")
        self.refused(["--workload", "churn,"], "--workload ", "churn")
        self.refused(["--allocator", "groove,hoard"], "--allocator hoard", "groove", "mimalloc")
        self.refused(["--sz", "64,65"], "--sz 65", "64", "4096")
        self.refused(["--n", "3"], "--n 3", "32", "2048")
        self.refused(["--from", "65"], "--from 65", "1900")
        self.refused(["--to", "1901"], "--to 1901", "1900")
        self.refused(["--kept", "1"], "--kept 1", "2", "64")
        self.refused(["--sizes", "huge"], "--sizes huge", "main10m")
        self.refused(["--serve", "nobody"], "nobody")

    def test_bad_plot_path(self):
        if shutil.which("gnuplot") is not None:
            self.refused([*QUICK, "--plot", "/no/such/folder/out.svg"], "/no/such/folder/out.svg", "No such file")
            self.refused([*QUICK, "--plot", "it's.svg"], "quotes")

    def test_nothing_to_run(self):
        done = self.run("--workload", "churn", "--allocator", "rte_mempool")
        expect(done.returncode == 1 and "nothing to run" in done.stderr, done.stdout + done.stderr)

    # ---- signals ----

    def ended(self, signum):
        """A signal between two workloads: the figures of the first are printed, and of the second those that it has."""
        reps = 200
        lines = self.interrupted(["--workload", "burst,pair", "--allocator", "groove,glibc", "--reps", str(reps),
                                  "--rep-ms", "5", "--volume-sz", "32M", "--volume-cnt", "8"], signum, "burst: ")
        expect(any(line.startswith("groove : peer") for line in lines), f"no ratios: {lines}")
        taken = {(record["workload"], record["allocator"], record["lcores"]): record["reps"]
                 for record in self.json_result()["records"]}
        bursts = {key: cnt for key, cnt in taken.items() if key[0] == "burst"}
        expect(len(bursts) == 2 * len(CPUS) and set(bursts.values()) == {reps}, f"{taken}")
        expect(taken.get(("pair", "glibc", len(CPUS)), 0) < reps, f"{taken}")

    def test_signal_to_the_whole_group(self):
        options = ["--workload", "pair", "--allocator", "glibc,jemalloc", "--reps", "1000"]
        with subprocess.Popen(self.command(options), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              start_new_session=True) as process:
            process.stdout.readline()
            os.killpg(process.pid, signal.SIGINT)
            stdout, stderr = process.communicate()
        expect(process.returncode == 128 + signal.SIGINT and stdout.endswith("\ninterrupted\n") and not errors_in(stderr),
               f"exit status {process.returncode}: {stdout}{stderr}")


if __name__ == "__main__":
    sys.exit(main(Tests, __doc__))
