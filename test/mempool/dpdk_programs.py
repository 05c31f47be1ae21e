#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
"""DPDK's own programs with their mbufs in the mempool driver, as a plug-in: dpdk-test's tests of mempools and mbufs, and
dpdk-testpmd, which forwards between rings, then between two namespaces.

usage: dpdk_programs.py PLUG_IN [PACKETS]    packets that testpmd forwards over net_ring (1000000)

Needs root, dpdk-test and dpdk-testpmd (Debian: dpdk-dev), network namespaces, and free pages of 2 MiB. Exit status 77: skipped, with the
reason.
"""

import contextlib
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "share"))
import share_cli  # noqa: E402  pylint: disable=import-error,wrong-import-position

PAGES = 100
FRAMES = 500
LCORES = ["--lcores", "0@0,1@0"]  # two, on any machine
USED = re.compile(r"mempool/groove: \S+: \d+ elements")  # the driver's debug line
EAL = ["--in-memory", "--no-pci", "--no-telemetry", "--mbuf-pool-ops-name", "groove", "--log-level", "mempool.groove:debug"]
# send frames of a type of our own and count those that the other end sends back; that end
PEER = """
import socket, sys
link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x88b5))
link.bind((sys.argv[1], 0x88b5))
link.settimeout(1)
head = bytes.fromhex("ffffffffffff") + link.getsockname()[4] + b"\\x88\\xb5"
if sys.argv[2] == "echo":
    print("ready", flush=True)
    link.settimeout(None)
    while True:
        frame, address = link.recvfrom(2048)
        if address[2] != socket.PACKET_OUTGOING:
            link.send(head + frame[14:])
left = int(sys.argv[2])
tries = 0
while left and tries < 20:
    body = left.to_bytes(4, "big") * (15 + left % 300)
    link.send(head + body)
    try:
        while link.recv(2048)[14:] != body:
            pass
        left -= 1
    except TimeoutError:
        tries += 1
print(left)
"""


def run_autotest(plug_in, name):
    """One of dpdk-test's tests."""
    done = subprocess.run(["dpdk-test", *EAL, *LCORES, "-d", plug_in], env={**os.environ, "DPDK_TEST": name},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    if "Test OK" not in said or not USED.search(said):
        sys.exit(f"failed: {name}: {said[-3000:]}")
    print(f"{name}: OK", flush=True)


class Testpmd:
    """dpdk-testpmd, which forwards as long as the block runs, and must end cleanly."""

    def __init__(self, plug_in, devices, *options):
        vdevs = [word for device in devices for word in ("--vdev", device)]
        self.child = subprocess.Popen(["dpdk-testpmd", *EAL, *LCORES, "-d", plug_in, *vdevs, "--",
            "--total-num-mbufs", "4096", "--no-lsc-interrupt", "--auto-start", "--stats-period", "1", *options],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.said = ""

    def line(self):
        """The next line that it prints."""
        line = self.child.stdout.readline()
        self.said += line
        if not line:
            sys.exit(f"failed: testpmd ended: {self.said[-3000:]}")
        return line

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.child.send_signal(signal.SIGKILL if kind is not None else signal.SIGINT)
        self.said += self.child.stdout.read()
        status = self.child.wait()
        # it ends its ports, then itself by the signal
        if kind is None and (status not in (0, -signal.SIGINT) or "Bye..." not in self.said or
                             not USED.search(self.said)):
            sys.exit(f"failed: testpmd, status {status}: {self.said[-3000:]}")


def forward_rings(plug_in, packets):
    """Between two ports that are rings."""
    with Testpmd(plug_in, ["net_ring0", "net_ring1"], "--tx-first") as testpmd:
        received = 0
        while received < packets:
            found = re.search(r"RX-packets: (\d+)", testpmd.line())
            received = max(received, int(found[1]) if found else 0)
    print(f"net_ring: {received} packets on a port", flush=True)


@contextlib.contextmanager
def namespaces():
    """Two network namespaces, each with one end of a veth pair; the other ends are here."""
    names = [f"groove-test-{os.getpid()}-{end}" for end in "ab"]
    links = [f"grv{os.getpid() % 100000}{end}" for end in "ab"]
    try:
        for name, link in zip(names, links):
            ip("netns", "add", name)
            ip("link", "add", link, "type", "veth", "peer", "name", "inner", "netns", name)
            ip("link", "set", link, "up")
            ip("-n", name, "link", "set", "inner", "up")
        yield names, links
    finally:
        for name, link in zip(names, links):
            subprocess.run(["ip", "link", "del", link], check=False, capture_output=True)
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)


def ip(*words):
    """The command."""
    subprocess.run(["ip", *words], check=True, capture_output=True)


def peer(name, word):
    """One end of the traffic, in its namespace."""
    return subprocess.Popen(["ip", "netns", "exec", name, sys.executable, "-c", PEER, "inner", word],
        stdout=subprocess.PIPE, text=True)


def forward_namespaces(plug_in):
    """Between two veth ports: each frame that one namespace sends comes back from the other."""
    with namespaces() as (names, links):
        devices = [f"net_af_packet{i},iface={link}" for i, link in enumerate(links)]
        with Testpmd(plug_in, devices) as testpmd:
            while "statistics" not in testpmd.line():
                pass
            echo = peer(names[1], "echo")
            try:
                echo.stdout.readline()
                sender = peer(names[0], str(FRAMES))
                left = sender.communicate()[0].strip()
            finally:
                echo.kill()
                echo.wait()
            if left != "0":
                sys.exit(f"failed: {left} of {FRAMES} frames did not come back")
    print(f"net_af_packet: {FRAMES} frames went there and back", flush=True)


def main():
    """Run the test."""
    share_cli.watch.under_watch()
    missing = [program for program in ("dpdk-test", "dpdk-testpmd", "ip") if shutil.which(program) is None]
    if missing:
        sys.exit(f"failed: no {', '.join(missing)}: install dpdk-dev and iproute2")
    if os.geteuid() != 0 or share_cli.free_pages() < PAGES:
        print(f"SKIP: needs root and {PAGES} free pages of 2 MiB")
        sys.exit(77)
    if subprocess.run(["unshare", "-n", "true"], check=False, capture_output=True).returncode != 0:
        print("SKIP: needs network namespaces, which this container does not allow")
        sys.exit(77)
    plug_in = str(pathlib.Path(sys.argv[1]).resolve())
    for name in ("mempool_autotest", "mbuf_autotest"):
        run_autotest(plug_in, name)
    forward_rings(plug_in, int(sys.argv[2]) if len(sys.argv) > 2 else 1000000)
    forward_namespaces(plug_in)
    print("pass")


if __name__ == "__main__":
    main()
