# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
"""A guest with two NUMA nodes: qemu without KVM, Debian's cloud kernel, and an initramfs with programs of ours.

Its first process is init.c, which does what it is asked for over a serial line.
"""

import pathlib
import re
import stat
import subprocess
import threading

from cli import Mismatch

NODE_MIB = 384
ANSWER_S = 300  # where the machine is slow, and others use it
# where the machine is busy the guest's clock stutters, and the kernel would take its timer for broken
KERNEL_ARGUMENTS = "console=ttyS0 quiet panic=-1 no_timer_check nowatchdog"
INITRAMFS_DIRS = ("dev", "huge", "proc", "sys", "tmp", "var", "var/run")
# what the kernel does not make before its first process runs, major and minor
INITRAMFS_DEVICES = {"dev/console": (5, 1), "dev/null": (1, 3), "dev/zero": (1, 5), "dev/urandom": (1, 9),
                     "dev/ttyS1": (4, 65)}


class GuestError(Mismatch):
    """The guest does not start, or has ended."""


# ---- initramfs ----

def cpio_entry(name, mode, data=b"", device=(0, 0)):
    """An entry of a cpio archive, as the kernel's driver-api/early-userspace/buffer-format.rst has it."""
    path = name.encode() + b"\0"
    fields = (0, mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(path), 0)
    head = b"070701" + b"".join(b"%08X" % field for field in fields) + path
    return head + bytes(-len(head) % 4) + data + bytes(-len(data) % 4)


def libraries(program):
    """Shared libraries that a program needs, its loader too: the paths by which it finds them."""
    listed = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    return re.findall(r"^\s*(?:\S+ => )?(/\S+) \(0x", listed, re.MULTILINE)


def initramfs(init, programs):
    """Archive of the first process and of programs, each in the root folder, with what they need."""
    files = {"init": init, **{pathlib.Path(program).name: program for program in programs}}
    for program in programs:
        files.update({path.lstrip("/"): path for path in libraries(program)})
    folders = {str(parent) for path in [*files, *(f"{name}/x" for name in INITRAMFS_DIRS)]
               for parent in pathlib.PurePath(path).parents if str(parent) != "."}
    archive = b"".join(cpio_entry(name, stat.S_IFDIR | 0o755) for name in sorted(folders))
    for name, device in INITRAMFS_DEVICES.items():
        archive += cpio_entry(name, stat.S_IFCHR | 0o600, device=device)
    for name, path in files.items():
        archive += cpio_entry(name, stat.S_IFREG | 0o755, pathlib.Path(path).read_bytes())
    return archive + cpio_entry("TRAILER!!!", 0)


# ---- the guest ----

class Guest:
    """A guest that runs until it is closed. Node 0 has CPU 0, node 1 has CPU 1. Its first answer says that it is up."""

    def __init__(self, kernel, init, programs, folder):
        self.console = pathlib.Path(folder) / "console"
        archive = pathlib.Path(folder) / "initramfs"
        archive.write_bytes(initramfs(init, programs))
        command = ["qemu-system-x86_64", "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2,sockets=2",
                   "-m", str(2 * NODE_MIB), "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
                   "-kernel", str(kernel), "-initrd", str(archive), "-append", KERNEL_ARGUMENTS,
                   "-serial", f"file:{self.console}", "-serial", "stdio"]
        for node in range(2):
            command += ["-object", f"memory-backend-ram,id=memory{node},size={NODE_MIB}M",
                        "-numa", f"node,nodeid={node},memdev=memory{node}",
                        "-numa", f"cpu,node-id={node},socket-id={node}"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True, errors="replace")

    def answer(self):
        """The answer to a request: status and output."""
        output = ""
        # ends the wait for a guest that hangs
        watchdog = threading.Timer(ANSWER_S, self.process.kill)
        watchdog.start()
        try:
            for line in self.process.stdout:
                if re.fullmatch(r"= \d+\n", line):
                    return int(line[2:]), output
                output += line
        finally:
            watchdog.cancel()
        console = self.console.read_text(errors="replace") if self.console.exists() else ""
        raise GuestError(f"the guest ended, or gave no answer for {ANSWER_S} s: {output}{console[-2000:]}")

    def ask(self, *words):
        """Make a request. Returns status and output."""
        try:
            self.process.stdin.write(" ".join(str(word) for word in words) + "\n")
            self.process.stdin.flush()
        except OSError as error:
            raise GuestError(f"the guest has ended: {error}") from error
        return self.answer()

    def close(self):
        """End it."""
        self.process.kill()
        self.process.wait()
