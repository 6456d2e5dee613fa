#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Cuts the power under a load, again and again, and checks what is left (docs/durability.md).

A file system on a loop device is shut down without writing what it holds in memory
(FS_IOC_SHUTDOWN, the flag that leaves out the journal), mounted again, and compared with what
had been acknowledged. Needs root, mount(8), and mkfs.ext4 or mkfs.xfs.
"""
import argparse
import fcntl
import os
import random
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FS_IOC_SHUTDOWN = 0x8004587D  # _IOR('X', 125, uint32); XFS knows it as GOINGDOWN
NO_LOG_FLUSH = 2


def shut_down(mount):
    fd = os.open(mount, os.O_RDONLY)
    try:
        fcntl.ioctl(fd, FS_IOC_SHUTDOWN, struct.pack("I", NO_LOG_FLUSH))
    finally:
        os.close(fd)


class Disk:
    def __init__(self, where, kind):
        self.image, self.mount = where / "disk.img", where / "mnt"
        self.mount.mkdir()
        with open(self.image, "wb") as f:
            f.truncate(2 << 30)
        quiet = ["-q"] if kind == "ext4" else ["-q", "-f"]
        subprocess.run([f"mkfs.{kind}", *quiet, self.image], check=True)

    def __enter__(self):
        subprocess.run(["mount", "-o", "loop", self.image, self.mount], check=True)
        return self

    def __exit__(self, *_):
        subprocess.run(["umount", self.mount], check=True)


def crash(disk, load, log, number):
    with disk, open(log, "ab") as out:
        child = subprocess.Popen([load, "write", disk.mount / "data", str(number)], stdout=out,
                                 stderr=subprocess.DEVNULL)
        time.sleep(random.uniform(0.2, 1.2))
        shut_down(disk.mount)
        try:
            child.wait(5)  # its threads end as their writes fail
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def check(disk, load, log):
    with disk:
        done = subprocess.run([load, "check", disk.mount / "data", log], text=True,
                              stdout=subprocess.PIPE)
    return done.returncode, done.stdout.strip()


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("load", type=Path, help="the program tests/powercut/load")
    p.add_argument("--crashes", type=int, default=20)
    p.add_argument("--fs", choices=("ext4", "xfs"), default="ext4")
    p.add_argument("--seed", type=int, default=1)
    args = p.parse_args()
    random.seed(args.seed)
    with tempfile.TemporaryDirectory() as where:
        disk, log = Disk(Path(where), args.fs), Path(where) / "log"
        for i in range(args.crashes):
            crash(disk, args.load.resolve(), log, i)
            status, said = check(disk, args.load.resolve(), log)
            print(f"crash {i + 1}: {said}", flush=True)
            if status != 0:
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
