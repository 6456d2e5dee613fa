# SPDX-License-Identifier: MIT
"""A responder by itself, on a socket of its own: the settings that say how long and how many."""
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

import pytest

from fastcgi import Connection

LOGIN = ("POST", "/api/v1/auth/login")


class Responder:
    def __init__(self, root: pathlib.Path):
        self.root, self.data = root, root / "data"
        self.address, self.log = str(root / "c.sock"), root / "log"
        self.process = None

    def start(self, *settings):
        program = pathlib.Path(shutil.which("maxiofs")).parent.parent / "libexec" / "maxiofs" / "console.fcgi"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [program, f"--data-dir={self.data}", f"--console-listen={self.address}", *settings], stderr=log)
        until = time.monotonic() + 20
        while not os.path.exists(self.address):
            assert self.process.poll() is None and time.monotonic() < until, self.log.read_text()
            time.sleep(0.02)
        return self

    def health(self):
        c = Connection(self.address)
        c.send("GET", "/health")
        return c.answer()[0], c

    def stalled(self):
        """A connection whose request has a body that does not come."""
        c = Connection(self.address)
        c.send(*LOGIN, length=10, body=b"{")
        return c


@pytest.fixture
def responder(tmp_path_factory):
    root = tmp_path_factory.mktemp("r")
    (root / "data").mkdir()
    r = Responder(root)
    yield r
    if r.process.poll() is None:
        r.process.kill()
    r.process.wait()


def seconds(work):
    began = time.monotonic()
    assert work()
    return time.monotonic() - began


def test_log_format_json_is_one_object_per_line(responder):
    responder.start("--log-format=json")
    assert responder.health()[0] == 200
    responder.process.send_signal(signal.SIGTERM)
    assert responder.process.wait(20) == 0
    lines = [json.loads(line) for line in responder.log.read_text().splitlines()]
    assert lines and all({"time", "level", "program", "pid"} <= line.keys() for line in lines), lines


def test_idle_timeout_s_closes_an_idle_connection(responder):
    responder.start("--idle-timeout-s=1")
    status, connection = responder.health()
    assert status == 200 and 0.5 < seconds(connection.closed) < 10


def test_body_timeout_s_cuts_a_client_that_sends_nothing(responder):
    responder.start("--body-timeout-s=1")

    def ends():
        try:
            return responder.stalled().answer()[0] >= 400
        except (EOFError, ConnectionResetError):
            return True
    assert 0.5 < seconds(ends) < 10


def test_transfer_threads_bounds_the_bodies_that_move_at_one_time(responder):
    responder.start("--transfer-threads=1")
    first = responder.stalled()
    time.sleep(0.3)
    second = Connection(responder.address)
    second.send(*LOGIN, length=2, body=b"{}")
    assert second.answer()[0] == 503
    assert responder.health()[0] == 200
    first.sock.close()


def test_drain_timeout_s_ends_what_does_not_end(responder):
    responder.start("--drain-timeout-s=1")
    stalled = responder.stalled()
    time.sleep(0.3)
    responder.process.send_signal(signal.SIGTERM)
    assert 0.5 < seconds(lambda: responder.process.wait(30) == 1) < 15
    stalled.sock.close()


def test_listen_backlog_is_that_of_the_socket(responder):
    responder.start("--listen-backlog=16")
    responder.process.send_signal(signal.SIGSTOP)
    waiting = []
    with pytest.raises(BlockingIOError):
        for _ in range(64):
            s = socket.socket(socket.AF_UNIX)
            s.setblocking(False)
            waiting.append(s)
            s.connect(responder.address)
    assert 16 <= len(waiting) <= 20
    responder.process.send_signal(signal.SIGCONT)
    for s in waiting:
        s.close()
