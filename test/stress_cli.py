#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
"""Test groove-stress as a user meets it: options good and bad, results, deliberate damage, signals, a terminal.

usage: stress_cli.py GROOVE_STRESS [WORD...]

Runs the cases whose names contain one of the words, or all; cli.py has what it shares with tests of other programs.
"""

import fcntl
import os
import pathlib
import pty
import re
import shutil
import signal
import struct
import subprocess
import sys
import termios

from cli import CPUS, HUGEPAGES, Cli, Skip, expect, lcores, main
from stress_named import Named

MEMORY = ["--volume-sz", "32M", "--volume-cnt", "8", "--sz-max", "64K"]
SMALL = [*MEMORY, "--slot-cnt", "512", "--alloc-cnt", "5000"]
OPTIONS_WITH_VALUE = ("--name --driver --dir --volume-cnt --volume-sz --page-sz --near-cpu --placement --alloc-cnt "
                      "--duration --sz-max "
                      "--slot-cnt --seed --json --inject").split()
KEYS = ("tiles turns allocs frees validations full_events volumes bytes_live_peak elapsed_s turns_per_s driver page_sz "
        "numa_node numa_pages seed errors first_error per_tile verify result").split()
SEED_MAX = 2**63 - 1
ONE_LCORE = lcores(1)


class Tests(Named, Cli):
    """The cases of groove-stress."""

    memory_mib = 512
    quick = SMALL
    option = "--alloc-cnt"
    endless = [*MEMORY, "--duration", "1h"]

    def run_status(self, status, *options, eal_arguments=None):
        """Run to the end with an exit status, and the last line that goes with it."""
        done = self.run(*options, eal_arguments=eal_arguments)
        expect(done.returncode == status, f"exit status {done.returncode}, not {status}:\n{done.stdout}{done.stderr}")
        last = done.stdout.splitlines()[-1] if done.stdout else ""
        expect(last == ("FAIL" if status else "pass"), f"last line {last!r}")
        return done

    def run_json(self, status, *options, eal_arguments=None):
        """The same; returns the result for machines, whose keys and sums were checked."""
        self.json_path.unlink(missing_ok=True)
        self.run_status(status, *options, "--json", str(self.json_path), eal_arguments=eal_arguments)
        result = self.json_result()
        missing = [key for key in KEYS if key not in result]
        expect(not missing, f"no {missing} in the result")
        expect(result["tiles"] == len(result["per_tile"]), "tiles and per_tile differ")
        for key in ("turns", "allocs", "frees", "validations", "full_events"):
            total = sum(tile[key] for tile in result["per_tile"])
            expect(result[key] == total, f"{key}: {result[key]}, sum over tiles {total}")
        return result

    def refused_job(self, options, *words):
        """What cannot be, once the job was printed."""
        done = self.run(*options)
        told = done.stdout
        expect(re.fullmatch(r"\d+ tiles?, .* slots, .*, seed \d+\n", told), f"{options}: stdout {told!r}")
        self.refused(options, *words, stdout=told)

    # ---- sound runs ----

    def test_result_of_a_sound_run(self):
        result = self.run_json(0, *SMALL)
        tiles = result["tiles"]
        expect(result["turns"] == 2 * 5000 * tiles, f"turns {result['turns']}")
        expect(result["allocs"] == result["frees"] > 0, f"allocs {result['allocs']}, frees {result['frees']}")
        # each turn either allocates or checks, and the sweep checks what is left
        left = result["allocs"] + result["validations"] - result["turns"]
        expect(0 < left <= 512, f"{left} objects at the end")
        expect(result["result"] == result["verify"] == "pass", f"{result['result']}, verify {result['verify']}")
        expect(result["errors"] == 0 and result["first_error"] is None, f"first_error {result['first_error']}")
        # it begins without volumes, adds one whenever it finds the groove full, and does not need them all
        expect(1 <= result["volumes"] < 8, f"volumes {result['volumes']}")
        expect(result["full_events"] >= result["volumes"], f"full_events {result['full_events']}")
        expect(0 < result["bytes_live_peak"] < 32 << 20, f"bytes_live_peak {result['bytes_live_peak']}")
        expect(abs(result["turns_per_s"] * result["elapsed_s"] / result["turns"] - 1) < 0.01, "rate and time differ")
        expect(result["driver"] == "memzone" and result["seed"] == 0, f"{result['driver']}, {result['seed']}")
        page_sz = {"none": os.sysconf("SC_PAGESIZE"), "huge": 2 << 20, "gigantic": 1 << 30}[HUGEPAGES]
        # the largest that has room: others may have left larger pages free
        expect(result["page_sz"] == page_sz or result["page_sz"] > page_sz >= 2 << 20, f"page_sz {result['page_sz']}")

    def test_one_lcore_repeats_with_its_seed(self):
        options = [*SMALL, "--seed", "42"]
        first, second = (self.run_json(0, *options, eal_arguments=self.eal(*ONE_LCORE)) for _ in range(2))
        other = self.run_json(0, *SMALL, "--seed", "0x2b", eal_arguments=self.eal(*ONE_LCORE))
        for key in ("turns", "allocs", "frees", "validations", "bytes_live_peak"):
            expect(first[key] == second[key], f"{key}: {first[key]}, then {second[key]}")
        expect(first["allocs"] != other["allocs"] or first["bytes_live_peak"] != other["bytes_live_peak"],
               "another seed, and the same run")
        expect(other["seed"] == 43, f"seed {other['seed']}")

    def test_lcores_map(self):
        result = self.run_json(0, *SMALL, eal_arguments=self.eal("--lcores", f"3@{CPUS[0]},(5)@{CPUS[0]}",
                                                                   "--main-lcore", "5"))
        places = [(tile["lcore"], tile["cpu"], tile["pinned"]) for tile in result["per_tile"]]
        cpu = int(CPUS[0])
        expect(places == [(5, cpu, True), (3, cpu, True)], f"lcores, CPUs and pinning {places}")

    def test_unpinned_lcore_is_told(self):
        if len(CPUS) < 2:
            raise Skip("needs two CPUs, may use one")
        done = self.run_status(0, *SMALL, eal_arguments=self.eal("--lcores", f"7@({','.join(CPUS)})"))
        expect("1 of 1 tiles not pinned to one CPU, tile 0 (lcore 7)" in done.stdout, "no warning")

    def test_duration(self):
        for duration in ("1", "1s"):
            result = self.run_json(0, *MEMORY, "--sz-max", "4k", "--duration", duration)
            expect(result["elapsed_s"] >= 1, f"elapsed_s {result['elapsed_s']}")
        for duration, told in (("90s", "1:30"), ("10m", "10:00"), ("2h", "2:00:00"), ("1d", "24:00:00"), ("600", "10:00")):
            command = self.command([*MEMORY, "--duration", duration])
            with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
                job = process.stdout.readline()
                process.kill()
            expect(f"for {told}, seed" in job, f"{duration}: {job!r}")

    def test_extremes(self):
        self.run_json(0, "--volume-sz", "32M", "--sz-max", "0", "--slot-cnt", "1", "--alloc-cnt", "1")
        result = self.run_json(0, "--volume-sz", "64m", "--sz-max", "10485760", "--slot-cnt", "8", "--alloc-cnt", "200",
                               "--volume-cnt", "4", "--seed", str(SEED_MAX))
        expect(result["seed"] == SEED_MAX, f"seed {result['seed']}")

    def test_near_cpu(self):
        result = self.run_json(0, *SMALL, "--near-cpu", CPUS[0])
        folder = pathlib.Path(f"/sys/devices/system/cpu/cpu{CPUS[0]}")
        nodes = [int(node.name[len("node"):]) for node in folder.glob("node[0-9]*")]
        expect(result["numa_node"] in [*nodes, None], f"numa_node {result['numa_node']} for CPU {CPUS[0]} of {nodes}")
        if result["numa_node"] is not None:
            pages = result["numa_pages"]
            expect(list(pages) == [str(result["numa_node"])], f"numa_pages {pages} on node {result['numa_node']}")
            expect(pages.popitem()[1] * result["page_sz"] > 8 * (32 << 20), f"{result['numa_pages']} for 8 x 32 MiB")

    def test_page_sz_by_name(self):
        name = "normal" if HUGEPAGES == "none" else HUGEPAGES
        done = self.run_status(0, *SMALL, "--page-sz", name)
        expect(f"{name} pages" in done.stdout, "page size not printed")

    def test_help(self):
        done = self.run_bare("--", "--help")
        expect(done.returncode == 0 and "--volume-cnt N" in done.stdout, done.stdout + done.stderr)
        for told in ("of small ones take 5 times", "--inject DAMAGE", "serves one object size serves no other",
                     "of groove that failed though it must not", "SIGHUP"):
            expect(told in " ".join(done.stdout.split()), f"help does not say {told!r}:\n{done.stdout}")

    # ---- options that cannot be ----

    def test_bad_numbers(self):
        for option, value, bound in (
                ("--volume-cnt", "0", "from 1"), ("--volume-cnt", "-1", "from 1"), ("--volume-cnt", "two", "whole"),
                ("--volume-cnt", "65537", "65536"), ("--volume-cnt", "1x", "whole"), ("--volume-cnt", "", "whole"),
                ("--volume-sz", "16M", "32M"), ("--volume-sz", "2G", "1G"), ("--volume-sz", "48M", "power of two"),
                ("--volume-sz", "1T", "K, M, G"), ("--sz-max", "11M", "10M"), ("--sz-max", "-4K", "from 0"),
                ("--sz-max", "99999999999999999999", "10M"), ("--volume-sz", "17179869185G", "1G"),
                ("--alloc-cnt", "0", "from 1"), ("--alloc-cnt", "-5", "from 1"), ("--alloc-cnt", "1.5", "whole"),
                ("--slot-cnt", "0", "from 1"), ("--slot-cnt", "1K", "whole"), ("--duration", "0", "from 1"),
                ("--seed", "-1", "from 0"), ("--seed", str(SEED_MAX + 1), f"to {SEED_MAX}"),
                ("--seed", str(2**64 - 1), f"to {SEED_MAX}"), ("--seed", str(2**64), f"to {SEED_MAX}"),
                ("--near-cpu", "-1", "from 0")):
            shown = "48M" if value == "48M" else value
            self.refused([option, value], f"{option} {shown}", bound)

    def test_bad_words(self):
        self.refused(["--page-sz", "tiny"], "--page-sz tiny", "gigantic")
        self.refused(["--placement", "near"], "--placement near", "preferred")
        self.refused(["--inject", "rust"], "--inject rust", "double-free")
        self.refused(["--keep-going=1"], "--keep-going=1", "no value")
        for option in OPTIONS_WITH_VALUE:
            self.refused([option], f"{option}: needs a value")
        self.refused(["--driver", ""], "--driver", "empty")
        self.refused(["--name", ""], "--name", "empty")
        self.refused(["--alloc-cnt", "5", "--duration", "5"], "--alloc-cnt 5", "--duration 5")
        for driver in ("memfd", "memzone"):
            self.refused(["--driver", driver, "--dir", "/tmp"], "--dir /tmp", driver, "leave it out")

    def test_json_of_a_job_that_cannot_be(self):
        self.json_path.unlink(missing_ok=True)
        self.refused_job([*SMALL, "--json", str(self.json_path), "--driver", "floppy"], "floppy")
        self.json_head("not run", 1)

    def test_json_replaces_a_longer_result(self):
        self.json_path.write_text("x" * 100000, encoding="utf-8")
        self.run_status(0, *SMALL, "--json", str(self.json_path))
        result = self.json_result()
        expect(result["result"] == "pass", f"{result}")

    def test_bad_driver(self):
        self.refused_job([*SMALL, "--driver", "floppy"], "floppy", "memzone")

    def test_bad_cpu(self):
        self.refused_job([*SMALL, "--near-cpu", "4095"], "4095", "online")

    def test_more_volumes_than_memory(self):
        self.refused_job(["--volume-cnt", "2048"], "2048 x 1024 MiB")

    def test_page_size_that_is_not_there(self):
        if HUGEPAGES == "none":
            self.refused_job([*SMALL, "--page-sz", "huge"], "--no-huge", "--page-sz normal")
        else:
            self.refused_job([*SMALL, "--page-sz", "normal"], "--no-huge")

    def test_word_among_eal_arguments(self):
        done = self.run(*SMALL, eal_arguments=[*self.eal(), "surprise"])
        expect(done.returncode == 1 and "surprise: not an EAL argument" in done.stderr, done.stdout + done.stderr)

    def test_bad_eal_arguments(self):
        for arguments, cause in ((["--bogus"], "unrecognized option '--bogus'"),
                                 (["-l", "0-999"], "Too many lcores"),
                                 (["--no-huge", "-l", "127"], "lcore 127 unavailable"),
                                 (["--file-prefix"], "requires an argument"),
                                 (["--no-huge", "--no-shconf", "-d", "missing.so"], "missing.so: cannot open"),
                                 (["--no-huge", "--no-shconf", "-m", "999999999"], "Cannot allocate memseg list")):
            self.refused(SMALL, f"EAL does not start with {' '.join(arguments)}: ", cause, "; see --help",
                         eal_arguments=arguments)

    def test_no_hugepages(self):
        # nobody has pages there, whatever is reserved on this machine
        arguments = ["--huge-dir", "/no/such/folder", "--no-shconf", *ONE_LCORE]
        self.refused(SMALL, f"EAL does not start with {' '.join(arguments)}: Cannot get hugepage information",
                     "reserve hugepages", "--no-huge -m 1280", eal_arguments=arguments)

    def test_no_mount(self):
        if os.geteuid() != 0:
            raise Skip("needs root, for a mount namespace of its own")
        # a namespace in which none is mounted, whatever is on this machine
        hide = "mount --make-rprivate / && umount -at hugetlbfs; exec \"$@\""
        done = subprocess.run(["unshare", "--mount", "sh", "-c", hide, "sh",
                               *self.command(SMALL, ["--no-pci", "--file-prefix", f"cli-{os.getpid()}", *ONE_LCORE])],
                              capture_output=True, text=True, check=False)
        expect(done.returncode == 1 and "give it --in-memory, or mount -t hugetlbfs none /dev/hugepages" in done.stderr
               and "--no-huge -m 1280" in done.stderr and done.stdout == "", done)

    def test_two_at_once(self):
        prefix = ["--file-prefix", f"cli-{os.getpid()}"]
        eal = ["--no-huge", "-m", "512", *prefix, *ONE_LCORE]
        with subprocess.Popen(self.command(self.endless, eal), stdout=subprocess.PIPE, text=True) as process:
            process.stdout.readline()
            self.refused(SMALL, "EAL does not start with", "a --file-prefix of its own", eal_arguments=eal)
            process.kill()
        shutil.rmtree(f"/var/run/dpdk/{prefix[1]}", ignore_errors=True)

    def test_columns(self):
        done = self.run_status(0, *SMALL)
        wide = [line for line in done.stdout.splitlines() if len(line) > 80]
        expect(not wide, f"wider than 80 columns: {wide}")
        for columns in (80, 60, 40, 25):
            lines = self.on_terminal(columns, [*SMALL, "--seed", "123456789012345678"])
            wide = [line for line in lines if len(line) > columns]
            expect(lines[-1] == "pass" and not wide, f"wider than {columns} columns: {wide}")
            wide = [line for line in self.on_terminal(columns, ["--help"], []) if len(line) > columns]
            expect(not wide, f"help wider than {columns} columns: {wide}")

    def on_terminal(self, columns, options, eal=None):
        """What a terminal of so many columns shows, as lines."""
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        with subprocess.Popen(self.command(options, eal), stdout=theirs, stderr=theirs) as process:
            os.close(theirs)
            text = b""
            while True:
                try:
                    text += os.read(ours, 4096)
                except OSError:  # the other side is closed
                    break
            expect(process.wait() == 0, f"exit status {process.returncode}: {text}")
        os.close(ours)
        return [line.rstrip() for line in text.decode().replace("\r\n", "\n").replace("\r", "\n").splitlines()]

    def test_what_eal_is_asked_to_print(self):
        done = self.run(*SMALL, eal_arguments=["--help"])
        expect(done.returncode == 0 and "--lcores" in done.stdout and "--volume-cnt N" in done.stdout,
               f"status {done.returncode}: {done.stdout}{done.stderr}")
        done = self.run(*SMALL, eal_arguments=["--log-level=lib.eal:debug", "--bogus"])
        lines = done.stderr.splitlines()
        expect(len(lines) > 2 and "EAL does not start with --log-level=lib.eal:debug --bogus" in lines[-1], done.stderr)
        done = self.run_status(0, *SMALL, eal_arguments=[*self.eal(), "-v"])
        expect("RTE Version" in done.stderr, done.stderr)

    # ---- runs that must fail ----

    def test_no_volume_left(self):
        options = ["--volume-sz", "32M", "--volume-cnt", "2", "--sz-max", "10M"]
        done = self.run_status(1, *options)
        expect("no volume left: 2 of 2 in use, raise --volume-cnt" in done.stdout, done.stdout)
        result = self.run_json(1, *options)
        expect(result["result"] == "FAIL" and result["verify"] == "pass", f"{result['result']}, {result['verify']}")
        expect(result["allocs"] == result["frees"], "allocs and frees differ")
        told = re.fullmatch(r"no volume left: 2 of 2 in use, raise --volume-cnt; ([\d.]+) MiB live of 64 MiB",
                            result["first_error"])
        expect(told and 1 < float(told[1]) <= 64, result["first_error"])

    def inject(self, damage, what, details="", *options):
        """Do a damage; the place where it was done is the place that is named."""
        done = self.run_status(2, *SMALL, "--inject", damage, *options)
        injected = re.search(rf"^injected: {damage} at volume (\d+) offset (0x[0-9a-f]+)$", done.stdout, re.M)
        expect(injected, f"no place of the damage:\n{done.stdout}")
        place = f"at volume {injected[1]} offset {injected[2]}"
        named = [line for line in done.stdout.splitlines() if line.startswith("MISMATCH: ")]
        expect(len(named) == 1 and f"{what} {place}: " in named[0] and details in named[0],
               f"{what} {place}: {details} not in {named}")
        for detail in (r"address +virtual 0x[0-9a-f]+, physical .*NUMA node", r"object +tag 0x[0-9a-f]{16}, size \d+"):
            expect(re.search(detail, done.stdout), f"no {detail!r} in:\n{done.stdout}")
        return done.stdout

    def test_inject_flip(self):
        for seed in range(3):
            text = self.inject("flip", "pattern of a live object is damaged", "expected", "--seed", str(seed))
            expected, found = (bytes.fromhex(re.search(rf"^  {word} +([0-9a-f ]+)$", text, re.M)[1])
                               for word in ("expected", "found"))
            bits = sum(bin(a ^ b).count("1") for a, b in zip(expected, found))
            expect(len(expected) == len(found) and bits == 1, f"{bits} bits of {expected.hex()} and {found.hex()}")

    def test_inject_header(self):
        for seed in range(3):
            self.inject("header", "header of a live object is damaged", "expected", "--seed", str(seed))

    def test_inject_leak(self):
        self.inject("leak", "leak of an object", "it is live, and in no slot")

    def test_inject_double_free(self):
        self.inject("double-free", "double free of an object", "groove refused it, invalid argument (-1)")

    def test_inject_in_the_shortest_run(self):
        for damage, what in (("flip", "pattern of a live object is damaged"),
                             ("header", "header of a live object is damaged"),
                             ("leak", "leak of an object"), ("double-free", "double free of an object")):
            self.inject(damage, what, "", "--alloc-cnt", "1")

    def test_first_error_has_the_place(self):
        for damage in ("flip", "header", "leak", "double-free"):
            result = self.run_json(2, *MEMORY, "--alloc-cnt", "3000", "--inject", damage, eal_arguments=self.eal(*ONE_LCORE))
            expect(re.search(r" at volume \d+ offset 0x[0-9a-f]+: ", result["first_error"]),
                   f"{damage}: {result['first_error']}")

    def test_inject_result(self):
        result = self.run_json(2, *SMALL, "--inject", "flip", "--keep-going")
        expect(result["result"] == "FAIL" and result["errors"] == 1, f"{result['result']}, {result['errors']} errors")
        expect("pattern of a live object" in result["first_error"], result["first_error"])
        expect(result["turns"] == 2 * 5000 * result["tiles"], f"turns {result['turns']}")
        expect(result["allocs"] == result["frees"], "allocs and frees differ")

    # ---- signals, and a terminal ----

    def ended(self, signum):
        """A signal once the run has begun ends it cleanly."""
        lines = self.interrupted(self.endless, signum, "volumes of")
        expect("interrupted: ending cleanly" in lines and "verify with all objects freed: pass" in lines, f"{lines}")
        result = self.json_result()
        expect(result["interrupted"] and result["allocs"] == result["frees"], f"{result}")

    def test_interrupt_that_is_allowed(self):
        for signum in (signal.SIGINT, signal.SIGTERM):
            self.interrupt(0, [*self.endless, "--allow-interrupt"], signum, "volumes of")
            self.json_head("interrupted", 0)

    def test_signal_while_memory_is_reserved(self):
        options = [*MEMORY, "--duration", "3600"]
        with subprocess.Popen(self.command(options), stdout=subprocess.PIPE, text=True) as process:
            job = process.stdout.readline()
            process.send_signal(signal.SIGTERM)
            rest = process.stdout.read().splitlines()
            status = process.wait()
        expect("slots, objects up to" in job, f"first line {job!r}")
        # it depends on how far the program is by now
        expect(status == 128 + signal.SIGTERM and rest[-1] == "interrupted", f"exit status {status}: {rest}")

    def test_ignored_hangup_stays_ignored(self):
        def ignored():
            """Start as nohup does."""
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
            os.kill(os.getpid(), signal.SIGHUP)

        options = [*MEMORY, "--duration", "1"]
        with subprocess.Popen(self.command(options), stdout=subprocess.PIPE, text=True, preexec_fn=ignored) as process:
            process.stdout.readline()
            process.send_signal(signal.SIGHUP)
            rest = process.stdout.read()
            status = process.wait()
        expect(status == 0 and "interrupted" not in rest and rest.endswith("\npass\n"), f"status {status}: {rest}")

    def test_live_line_on_a_terminal_until_ctrl_c(self):
        pid, terminal = pty.fork()
        if pid == 0:
            os.execv(self.program, self.command([*MEMORY, "--duration", "3600"]))
        text = ""
        asked = False
        while True:
            try:
                text += os.read(terminal, 4096).decode()
            except OSError:  # the other side is closed
                break
            if not asked and text.count("to go") >= 2:
                os.write(terminal, b"\x03")
                asked = True
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        os.close(terminal)
        expect(status == 128 + signal.SIGINT and text.split()[-1] == "interrupted",
               f"exit status {status}: {text[-300:]!r}")
        live = re.findall(r"\r +\d+ %  [\d.]+ [kM ]*turns/s  [\d,]+ objects  [\d.]+ \w+ live  \d/8 volumes  [\d:]+ to go",
                          text)
        expect(len(live) >= 2, f"live lines {live}: {text[:600]!r}")


if __name__ == "__main__":
    sys.exit(main(Tests, __doc__))
