# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
"""What tests of the programs' command lines share: how a program is run, cases that hold for each of them, the counting.

A test is a script with a class of cases, every method test_*, that has Cli for its base; it ends in main(). The script
takes the program, and words: it runs the cases whose names contain one of them, or all. GROOVE_HUGEPAGES in the
environment says where memory comes from: gigantic or huge, reserved already, or none (the default): normal pages.

Nothing has a limit of time: config/watch.py ends a script that makes no progress.
"""

import contextlib
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "config"))
import watch  # noqa: E402  pylint: disable=wrong-import-position

# keys that every result for machines begins with
JSON_HEAD = ["schema", "program", "version", "dpdk", "command", "start", "end", "result", "exit_status", "error"]
# where EAL has its files
RUNTIME = pathlib.Path("/var/run" if os.getuid() == 0 else os.environ.get("XDG_RUNTIME_DIR", "/tmp")) / "dpdk"
PAGES = pathlib.Path("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages")
PAGES_MIN = 128
HUGEPAGES = os.environ.get("GROOVE_HUGEPAGES", "none")
ROOT = pathlib.Path(__file__).resolve().parent.parent


def cpus():
    """CPUs that this process may use, the first two."""
    listed = subprocess.run([ROOT / "config" / "cpus.sh"], capture_output=True, text=True, check=True)
    return listed.stdout.strip().split(",")[:2]


CPUS = cpus()


def lcores(cnt=len(CPUS)):
    """EAL's arguments for so many lcores, each with a CPU of its own."""
    return ["--lcores", ",".join(f"{lcore}@{cpu}" for lcore, cpu in enumerate(CPUS[:cnt]))]


class Mismatch(Exception):
    """What a case expected and did not find."""


class Skip(Exception):
    """What a case needs and the machine has not."""


def expect(condition, what):
    """Fail the case when the condition does not hold."""
    if not condition:
        raise Mismatch(what)


def errors_in(stderr):
    """Lines on stderr, without the warning that others use the CPUs."""
    return [line for line in stderr.splitlines() if "do not trust the times" not in line]


@contextlib.contextmanager
def hugetlbfs():
    """A mount of one's own."""
    if os.geteuid() != 0 or not PAGES.exists() or int(PAGES.read_text(encoding="ascii")) < PAGES_MIN:
        raise Skip(f"needs root and {2 * PAGES_MIN} MiB of free 2 MiB pages")
    with tempfile.TemporaryDirectory(prefix="groove-test-") as directory:
        subprocess.run(["mount", "-t", "hugetlbfs", "-o", "pagesize=2M", "none", directory], check=True)
        try:
            yield directory
        finally:
            subprocess.run(["umount", directory], check=True)


class Cli:
    """The program under test, and cases that hold for each. A script's own class says what these need."""

    memory_mib = None  # on normal pages
    quick = None  # options of a short run
    endless = None  # options of a run that takes an hour
    option = None  # that takes a number

    def __init__(self, program, folder):
        self.program = program
        self.folder = pathlib.Path(folder)
        self.json_path = self.folder / "out.json"

    # ---- running ----

    def eal(self, *arguments):
        """EAL's arguments for this machine; without any, its lcores."""
        memory = ["--no-huge", "-m", str(self.memory_mib), "--no-shconf"] if HUGEPAGES == "none" else ["--in-memory"]
        return [*memory, *(arguments or lcores())]

    def command(self, options, eal_arguments=None):
        """Command line of a run."""
        return [self.program, *(self.eal() if eal_arguments is None else eal_arguments), "--", *options]

    def run(self, *options, eal_arguments=None, **how):
        """Run to the end."""
        how = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **how}
        return subprocess.run(self.command(options, eal_arguments), text=True, check=False, **how)

    def run_bare(self, *words, **how):
        """The same, without any argument that was not asked for."""
        how = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **how}
        return subprocess.run([self.program, *words], text=True, check=False, **how)

    def refused(self, options, *words, eal_arguments=None, stdout=""):
        """Bad options: one line on stderr with these words, stdout as given, status 1."""
        done = self.run(*options, eal_arguments=eal_arguments)
        lines = done.stderr.splitlines()
        expect(done.returncode == 1, f"{options}: exit status {done.returncode}:\n{done.stdout}{done.stderr}")
        expect(done.stdout == stdout, f"{options}: stdout {done.stdout!r}")
        expect(len(lines) == 1, f"{options}: not one line: {done.stderr!r}")
        for word in words:
            expect(word in lines[0], f"{options}: no {word!r} in {lines[0]!r}")

    def json_result(self):
        """What the last run wrote for machines."""
        return json.loads(self.json_path.read_text(encoding="utf-8"))

    # ---- options that cannot be ----

    def test_bad_words_of_any_program(self):
        self.refused(["--frobnicate"], "--frobnicate", "--help")
        self.refused(["-x"], "-x", "--help")
        self.refused([self.option], f"{self.option}: needs a value")
        self.refused(["leftover"], "leftover", "--help")
        self.refused(["--json", ""], "--json", "empty")
        self.refused(["--seed", "-1"], "--seed -1", "from 0")
        self.refused(["--seed", str(2**63)], f"--seed {2**63}", f"to {2**63 - 1}")
        self.refused(["--volume-sz", "48M"], "--volume-sz 48M", "power of two")
        self.refused(["--volume-cnt", "2049"], "--volume-cnt 2049", "2048", "2 TiB")

    def test_options_on_the_wrong_side(self):
        for word in (self.option, f"{self.option}=5"):
            done = self.run_bare(*self.eal(), word, "5")
            expect(done.returncode == 1 and done.stdout == "", f"status {done.returncode}: {done.stdout}")
            expect(f"{word}: stands among EAL's arguments" in done.stderr, done.stderr)
        self.refused(["-l", "0"], "-l", "--help")

    def test_bad_json_path(self):
        self.refused([*self.quick, "--json", "/no/such/folder/out.json"], "/no/such/folder/out.json", "No such file")
        self.refused([*self.quick, "--json", str(self.folder)], f"--json {self.folder}", "Is a directory")

    def json_head(self, result, status, error=None):
        """The last run's result for machines, of which the keys that all have were checked; the old one is gone."""
        found = self.json_result()
        expect(list(found)[:len(JSON_HEAD)] == JSON_HEAD, f"keys {list(found)}")
        expect(found["schema"] == 1 and found["program"] == pathlib.Path(self.program).name, f"{found}")
        expect(re.fullmatch(r"\d+\.\d+\.\d+", found["version"]) and found["dpdk"][0].isdigit(), f"{found}")
        expect(found["command"][0] == self.program and "--json" in found["command"], f"{found['command']}")
        expect(all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", found[key]) for key in ("start", "end")), f"{found}")
        expect(found["start"] <= found["end"], f"{found}")
        expect((found["result"], found["exit_status"]) == (result, status), f"{found}")
        expect(error is None if found["error"] is None else error in found["error"], f"{found['error']!r}")
        expect([name for name in os.listdir(self.folder) if name.startswith(self.json_path.name)] == [self.json_path.name], "a temporary file is left")
        return found

    def test_json_of_a_run_that_cannot_be(self):
        for old in (None, "the result of yesterday\n"):
            for options, eal, error in ((self.quick, ["--bogus"], "EAL does not start"),
                                        (["--frobnicate"], None, "--frobnicate"), ([self.option, "x"], None, self.option),
                                        (self.quick, ["-h"], None)):
                self.json_path.unlink(missing_ok=True)
                if old:
                    self.json_path.write_text(old, encoding="utf-8")
                self.run(*options, "--json", str(self.json_path), eal_arguments=eal)
                self.json_head("not run", None if eal == ["-h"] else 1, error)

    def test_json_of_a_run_that_is_killed(self):
        self.json_path.write_text("the result of yesterday\n", encoding="utf-8")
        command = self.command([*self.endless, "--json", str(self.json_path)])
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
            process.stdout.readline()
            process.kill()
        self.json_head("unfinished", None)

    def test_json_on_stdout(self):
        for options, result, status in ((self.quick, "pass", 0), (["--frobnicate"], "not run", 1)):
            done = self.run(*options, "--json", "-")
            found = json.loads(done.stdout)
            expect(done.returncode == status and (found["result"], found["exit_status"]) == (result, status), done)
            expect(done.stderr and not pathlib.Path("-").exists(), done)

    def test_json_keeps_mode_and_link(self):
        target = self.folder / "target"
        target.write_text("x", encoding="utf-8")
        target.chmod(0o640)
        self.json_path.unlink(missing_ok=True)
        self.json_path.symlink_to(target)
        self.run(*self.quick, "--json", str(self.json_path))
        expect(self.json_path.is_symlink() and target.stat().st_mode & 0o777 == 0o640, "mode or link")
        self.json_head("pass", 0)
        self.json_path.unlink()
        target.unlink()

    def test_version_and_help(self):
        name = pathlib.Path(self.program).name
        for words in (["--version"], ["--", "--version"], [*self.eal(), "--", *self.quick, "--version"]):
            done = self.run_bare(*words)
            expect(done.returncode == 0 and done.stderr == "", done)
            expect(re.fullmatch(rf"{name} \d+\.\d+\.\d+ \(DPDK \d.*\)\n", done.stdout), done.stdout)
        texts = [self.run_bare("--", word).stdout for word in ("--help", "-h")]
        expect(texts[0] == texts[1] and "-h, --help" in texts[0] and "--version" in texts[0], texts)
        wide = [line for line in texts[0].splitlines() if len(line) > 80]
        expect(not wide, f"wider than 80 columns: {wide}")

    def test_json_to_a_full_device(self):
        done = self.run(*self.quick, "--json", "/dev/full")
        errors = errors_in(done.stderr)
        expect(done.returncode == 1, f"exit status {done.returncode}: {done.stdout}{done.stderr}")
        expect(len(errors) == 1 and "--json /dev/full: No space left" in errors[0], done.stderr)

    # ---- standard streams ----

    def untold(self, done):
        """A run that could not write its result."""
        errors = errors_in(done.stderr)
        expect(done.returncode == 1, f"exit status {done.returncode}: {done.stderr}")
        expect(len(errors) == 1 and "standard output: cannot be written" in errors[0], done.stderr)

    def test_full_stdout(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            self.untold(self.run(*self.quick, stdout=full))
            self.untold(self.run_bare("--", "--help", stdout=full))

    def test_closed_stdout(self):
        self.json_path.unlink(missing_ok=True)
        self.untold(self.run(*self.quick, "--json", str(self.json_path), stdout=None, preexec_fn=lambda: os.close(1)))
        expect(self.json_result(), "no result for machines either")

    def test_reader_that_leaves(self):
        reader, writer = os.pipe()
        os.close(reader)
        try:
            self.untold(self.run(*self.quick, stdout=writer))
        finally:
            os.close(writer)

    # ---- signals ----

    def interrupted(self, options, signum, when):
        """A signal, once the output has this text, ends a run cleanly. Returns its lines."""
        lines = self.interrupt(128 + signum, options, signum, when)
        self.json_head("interrupted", 128 + signum)
        return lines

    def interrupt(self, wanted, options, signum, when):
        """The same, with an exit status."""
        command = self.command([*options, "--json", str(self.json_path)])
        self.json_path.unlink(missing_ok=True)
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            lines = []
            asked = False
            for line in process.stdout:
                lines.append(line.rstrip("\n"))
                if when in line and not asked:
                    asked = True
                    process.send_signal(signum)
            status = process.wait()
        expect(status == wanted, f"exit status {status}, not {wanted}: {lines}")
        expect(lines[-1] == "interrupted", f"last line: {lines}")
        return lines

    def ended(self, signum):
        """A signal during a run ends it cleanly."""
        raise NotImplementedError

    def test_sigint(self):
        self.ended(signal.SIGINT)

    def test_sigterm(self):
        self.ended(signal.SIGTERM)

    def test_sighup(self):
        self.ended(signal.SIGHUP)

    def test_signal_before_the_run(self):
        for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            def pending(signum=signum):
                """Have the signal wait until the program listens."""
                signal.pthread_sigmask(signal.SIG_BLOCK, {signum})
                os.kill(os.getpid(), signum)

            self.json_path.unlink(missing_ok=True)
            for options, status in (([], 128 + signum), (["--allow-interrupt"], 0)):
                done = self.run(*self.quick, *options, "--json", str(self.json_path), preexec_fn=pending)
                expect(done.returncode == status and done.stdout == "interrupted\n" and done.stderr == "",
                       f"{signum.name}: exit status {done.returncode}: {done.stdout!r} {done.stderr!r}")
                self.json_head("interrupted", status)


def cases(tests):
    """Names of all cases, those that hold for any program first."""
    return [name for kind in reversed(type(tests).__mro__) for name in vars(kind) if name.startswith("test_")]


def main(kind, usage):
    """Run the cases of a class and count. Returns the exit status: 77 when all were skipped."""
    if len(sys.argv) < 2:
        print(usage, file=sys.stderr)
        return 2
    watch.under_watch()
    passed = failed = skipped = 0
    why = None
    with tempfile.TemporaryDirectory() as folder:
        tests = kind(str(pathlib.Path(sys.argv[1]).resolve()), folder)
        for name in cases(tests):
            title = name[len("test_"):].replace("_", " ")
            if sys.argv[2:] and not any(word in title for word in sys.argv[2:]):
                continue
            try:
                getattr(tests, name)()
                print(f"ok - {title}", flush=True)
                passed += 1
            except Skip as reason:
                print(f"skip - {title}: {reason}", flush=True)
                skipped += 1
                why = reason
            except (Mismatch, subprocess.TimeoutExpired, ValueError, TypeError, KeyError, IndexError) as error:
                print(f"not ok - {title}: {type(error).__name__}: {error}", flush=True)
                failed += 1
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    if skipped and not passed and not failed:
        print(f"Test Skipped: {why}")
        return 77
    return 1 if failed or not passed else 0
