#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
"""Check what watch.py promises of a test that it runs: status, signals, no progress, and what is left of it.

usage: watch_check.py WATCH
"""

import contextlib
import os
import signal
import subprocess
import sys

IGNORED = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM)
STILL = "0.005"  # of the limits: no progress for a second is the end


def run(*command, patience="1", **how):
    """Run a command under watch."""
    return subprocess.run([sys.argv[1], *command], capture_output=True, text=True, check=False,
                          env={**os.environ, "GROOVE_TEST_PATIENCE": patience}, **how)


def ignore():
    """Start as nohup and a shell without job control do, and worse."""
    for signum in IGNORED:
        signal.signal(signum, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, IGNORED)
    with contextlib.suppress(OSError):  # closed before the tests began
        os.close(0)


def expect(condition, what):
    """Count what does not hold."""
    if not condition:
        sys.exit(f"failed: {what}")


def main():
    """All checks."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    done = run("sh", "-c", "echo said; echo complained >&2; exit 77")
    expect((done.returncode, done.stdout, done.stderr) == (77, "said\n", "complained\n"), done)
    done = run("sh", "-c", "kill -KILL $$")
    expect(done.returncode == 128 + signal.SIGKILL, done)
    done = run("/no/such/program")
    expect(done.returncode == 127 and "/no/such/program: No such file" in done.stderr, done)

    done = run("sh", "-c", "grep -E '^Sig(Blk|Ign)' /proc/self/status; ps -o tty= -p $$", preexec_fn=ignore)
    states = [line.split()[1] for line in done.stdout.splitlines() if line.startswith("Sig")]
    bits = sum(1 << signum - 1 for signum in IGNORED)
    expect(len(states) == 2 and not any(int(state, 16) & bits for state in states), done)
    for signum in IGNORED:
        done = run("sh", "-c", f"kill -{int(signum)} $$; exit 0", preexec_fn=ignore)
        expect(done.returncode == 128 + signum, (signum, done))

    done = run("sleep", "1000", patience=STILL)
    expect(done.returncode == 124 and "no progress" in done.stderr and "sleep 1000" in done.stderr, done)
    done = run(sys.executable, "-c", "while True: pass", patience=STILL)
    expect(done.returncode == 124 and "no progress" in done.stderr, done)
    done = run("sh", "-c", "for i in 1 2 3; do sleep 0.5; echo $i; done", patience="0.02")
    expect(done.returncode == 0 and done.stdout == "1\n2\n3\n", done)

    # what ignores its end is ended, too, wherever it has gone
    done = run("sh", "-c", "trap '' TERM; setsid sleep 1000 </dev/null >/dev/null 2>&1 & echo $!; exit 3", patience=STILL)
    expect(done.returncode == 3 and "left by the test" in done.stderr, done)
    expect(not os.path.exists(f"/proc/{done.stdout.strip()}"), done)
    with subprocess.Popen([sys.argv[1], "sh", "-c", "trap 'echo told; exit 0' TERM; echo ready; sleep 1000 & wait"],
                          stdout=subprocess.PIPE, text=True, env={**os.environ, "GROOVE_TEST_PATIENCE": "0.1"}) as process:
        expect(process.stdout.readline() == "ready\n", "not ready")
        process.send_signal(signal.SIGTERM)
        said = process.stdout.read()
        expect(process.wait() == 128 + signal.SIGTERM and said == "told\n", (process.returncode, said))
    print("pass")


if __name__ == "__main__":
    main()
