# SPDX-License-Identifier: MIT
"""What stands between a client and the responders: slow clients, bodies that nobody reads, starts and ends."""
import os
import resource
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
import uuid

import pytest

import bare
import raw
from harness import Server

MiB = 1 << 20
TRANSFERS, IN_FLIGHT = "maxiofs_transfers_active", "maxiofs_requests_in_flight"


def files_of(server, bucket):
    return [p for p in (server.data / "objects" / bucket).rglob("*") if p.is_file()]


def keys_of(server, bucket):
    return [e["Key"] for e in server.client().list_objects_v2(Bucket=bucket).get("Contents", ())]


# ---- bodies that nobody reads ---------------------------------------------------------------------------


@pytest.mark.parametrize("sled_bytes", [9_600, 64_000, MiB])
def test_a_refused_body_is_never_a_request(server, bucket, sled_bytes):
    """The body of a refused upload holds a request that would be granted; it must stay a body.

    A small one lies behind the 8 KiB that libfcgi reads at once, and nginx has sent it whole: with a long header
    it reads both into one buffer."""
    server.client().put_object(Bucket=bucket, Key="victim", Body=b"alive")
    forged = raw.forged_request(raw.head(server, "DELETE", f"/{bucket}/victim"))
    sled = raw.record(raw.STDIN, bytes(8), request_id=9)  # of no request: skipped
    for shift in range(len(sled)):
        body = b"\0" * shift + sled * (sled_bytes // len(sled)) + forged
        with raw.dial(server) as s:
            s.sendall(raw.upload_head(server, f"/{bucket}/k", len(body), {"X-Pad": "x" * 2000}, secret_key="x" * 40) + body)
            assert raw.answer(s)[0] == 403
    assert keys_of(server, bucket) == ["victim"]
    for _ in range(20):
        assert server.client().get_object(Bucket=bucket, Key="victim")["Body"].read() == b"alive"


def test_an_early_refusal_needs_no_body(server, bucket):
    """nginx passes it on at once; Apache only when the upload has come to its end."""
    total, sent = 64 * MiB, 0
    with raw.dial(server) as s:
        s.sendall(raw.upload_head(server, f"/{bucket}/k", total, {"Expect": "100-continue"}, secret_key="x" * 40))
        if server.front == "nginx":
            status, _, body = raw.answer(s)
        else:
            while sent < total:
                s.sendall(b"x" * MiB)
                sent += MiB
            status, _, body = raw.answer(s)
    assert status == 403 and b"SignatureDoesNotMatch" in body
    assert keys_of(server, bucket) == [] and files_of(server, bucket) == []


def test_an_upload_to_a_bucket_that_is_not_there_is_refused_early(server):
    with raw.dial(server) as s:
        s.sendall(raw.upload_head(server, f"/no-{uuid.uuid4().hex}/k", 8 * MiB) + b"x" * 65536)
        if server.front == "apache":
            s.sendall(b"x" * (8 * MiB - 65536))
        status, _, body = raw.answer(s)
    assert status == 404 and b"NoSuchBucket" in body


# ---- clients that go ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("chunked", [False, True])
def test_a_client_that_goes_during_an_upload_stores_nothing(server, bucket, chunked):
    server.client().put_object(Bucket=bucket, Key="kept", Body=b"old")
    for key in ("kept", "new"):
        with raw.dial(server) as s:
            if chunked:
                s.sendall(raw.head(server, "PUT", f"/{bucket}/{key}", {"Transfer-Encoding": "chunked"}))
                s.sendall(b"40000\r\n" + b"x" * 0x40000 + b"\r\n40000\r\nhalf")
            else:
                s.sendall(raw.upload_head(server, f"/{bucket}/{key}", MiB) + b"x" * (MiB // 2))
            raw.await_gauge(server, TRANSFERS, lambda n: n >= 1)
    raw.await_gauge(server, TRANSFERS, lambda n: n == 0)
    assert keys_of(server, bucket) == ["kept"]
    assert server.client().get_object(Bucket=bucket, Key="kept")["Body"].read() == b"old"
    bare.wait_until(lambda: len(files_of(server, bucket)) == 1, "files are left over")


def test_a_client_that_goes_during_a_download_frees_its_thread(server, bucket):
    server.client().put_object(Bucket=bucket, Key="large", Body=bytes(64 * MiB))
    socks = [raw.dial(server) for _ in range(5)]
    for s in socks:
        s.sendall(raw.head(server, "GET", f"/{bucket}/large"))
        assert b"200" in s.recv(1024)
    raw.await_gauge(server, TRANSFERS, lambda n: n >= 5)
    for s in socks:
        s.close()
    raw.await_gauge(server, TRANSFERS, lambda n: n == 0)
    raw.await_gauge(server, IN_FLIGHT, lambda n: n == 1)  # the one that asks


# ---- clients that take their time -----------------------------------------------------------------------------


@pytest.fixture
def small_limit_server(front, tmp_path):
    """Started with the soft limit of open files that is usual; this process gets what it may have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(1024, hard), hard))
    s = Server(tmp_path / "server", front)
    s.root.mkdir()
    try:
        s.start()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield s
    s.stop()
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def stall_uploads(server, bucket, count):
    socks = []
    for i in range(count):
        s = raw.dial(server)
        s.sendall(raw.upload_head(server, f"/{bucket}/slow-{i:04}", 100_000) + b"s" * 1000)
        socks.append(s)
    raw.await_gauge(server, TRANSFERS, lambda n: n >= count)
    return socks


def stall_downloads(server, bucket, count):
    server.client().put_object(Bucket=bucket, Key="large", Body=bytes(16 * MiB))
    socks = []
    for _ in range(count):
        s = raw.dial(server)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        s.sendall(raw.head(server, "GET", f"/{bucket}/large"))
        assert b"200" in s.recv(1024)
        socks.append(s)
    return socks


def others_are_fast(server, bucket, seconds=4):
    """GET, PUT, HEAD and the probe, again and again; how long each took."""
    s3, took, n = server.client(read_timeout=20), [], 0
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        key = f"fast-{n}"
        for call in (lambda: s3.put_object(Bucket=bucket, Key=key, Body=b"x" * 4096),
                     lambda: s3.get_object(Bucket=bucket, Key=key)["Body"].read(),
                     lambda: s3.head_object(Bucket=bucket, Key=key),
                     lambda: raw.get(server.s3_url + "/ready")):
            began = time.monotonic()
            call()
            took.append(time.monotonic() - began)
        n += 1
    assert n > 5 and statistics.median(took) < 0.25 and max(took) < 5, (n, statistics.median(took), max(took))


def test_slow_clients_stop_nobody(small_limit_server, front):
    """A thousand stalled uploads and some stalled downloads; Apache has threads for fewer."""
    server, bucket = small_limit_server, "slow"
    uploads, downloads = (950, 50) if front == "nginx" else (250, 30)
    server.client().create_bucket(Bucket=bucket)
    readers = stall_downloads(server, bucket, downloads)
    writers = stall_uploads(server, bucket, uploads)
    raw.await_gauge(server, TRANSFERS, lambda n: n >= uploads + downloads)
    others_are_fast(server, bucket)
    for s in writers[:10]:
        s.sendall(b"e" * 99_000)
        assert raw.answer(s)[0] == 200
    for s in writers + readers:
        s.close()
    raw.await_gauge(server, TRANSFERS, lambda n: n == 0)
    slow = sorted(k for page in server.client().get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="slow-")
                  for k in (e["Key"] for e in page.get("Contents", ())))
    assert slow == [f"slow-{i:04}" for i in range(10)]
    body = server.client().get_object(Bucket=bucket, Key="slow-0003")["Body"].read()
    assert body == b"s" * 1000 + b"e" * 99_000


def test_uploads_beyond_all_transfers_are_told_to_slow_down(front, tmp_path):
    server = Server(tmp_path, front, ["--transfer-threads=4"])
    server.start()
    try:
        server.client().create_bucket(Bucket="full")
        server.client().put_object(Bucket="full", Key="k", Body=b"v")
        writers = stall_uploads(server, "full", 4)
        with raw.dial(server) as s:
            s.sendall(raw.upload_head(server, "/full/one-more", 4096) + b"x" * 4096)
            status, _, body = raw.answer(s)
        assert status == 503 and b"<Code>SlowDown</Code>" in body
        assert server.client().get_object(Bucket="full", Key="k")["Body"].read() == b"v"
        for s in writers:
            s.close()
        raw.await_gauge(server, TRANSFERS, lambda n: n == 0)
        server.client().put_object(Bucket="full", Key="one-more", Body=b"x" * 4096)
    finally:
        server.stop()


# ---- responders that are started, replaced and told -----------------------------------------------------------


@pytest.fixture(scope="module")
def ground(front, tmp_path_factory):
    b = bare.Bare(tmp_path_factory.mktemp("bare") / "server", front)
    yield b
    b.close()


@pytest.fixture
def unserved(ground):
    yield ground
    ground.end_processes()
    (ground.dir / "s3.sock").unlink(missing_ok=True)


def round_trip(server):
    s3, bucket = server.client(), "t-" + uuid.uuid4().hex[:20]
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="k", Body=b"v" * MiB)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"v" * MiB
    assert s3.head_object(Bucket=bucket, Key="k")["ContentLength"] == MiB
    return bucket


def start_by_itself(b, path, port):
    b.responder("s3", f"--s3-listen={path}")


def start_by_itself_on_tcp(b, path, port):
    b.responder("s3", f"--s3-listen=127.0.0.1:{port}")
    return f"127.0.0.1:{port}"


def start_by_spawn_fcgi(b, path, port):
    b.run(["spawn-fcgi", "-n", "-s", path, "-M", "0660", "--",
           b.libexec / "s3.fcgi", f"--data-dir={b.data}"])


def start_by_spawn_fcgi_on_tcp(b, path, port):
    b.run(["spawn-fcgi", "-n", "-a", "127.0.0.1", "-p", port, "--", b.libexec / "s3.fcgi", f"--data-dir={b.data}"])
    return f"127.0.0.1:{port}"


def start_with_a_passed_socket(b, path, port):
    b.run([sys.executable, bare.__file__, port, b.libexec / "s3.fcgi", f"--data-dir={b.data}"])
    return f"127.0.0.1:{port}"


def start_by_systemd(b, path, port):
    if not shutil.which("systemd-socket-activate"):
        pytest.skip("systemd is not installed")
    b.run(["systemd-socket-activate", "-l", f"127.0.0.1:{port}", b.libexec / "s3.fcgi", f"--data-dir={b.data}"])
    return f"127.0.0.1:{port}"


@pytest.mark.parametrize("start", [start_by_itself, start_by_itself_on_tcp, start_by_spawn_fcgi,
                                   start_by_spawn_fcgi_on_tcp, start_with_a_passed_socket, start_by_systemd])
def test_a_responder_may_be_started_in_each_way(unserved, start):
    path, port = unserved.dir / "s3.sock", bare.free_port()
    upstream = start(unserved, path, port)
    if upstream:
        bare.wait_until(lambda: bare.answers(("127.0.0.1", port)), "it does not listen")
    else:
        unserved.wait_socket(path)
    unserved.serve_front(path, upstream)
    round_trip(unserved)
    unserved.stop_front()
    (responder,) = [p for p in unserved.processes if p is not unserved.front_process]
    responder.terminate()
    assert responder.wait(30) == 0, unserved.logs()


def test_a_get_over_http_2_that_withholds_its_end_stops_nobody(unserved, front):
    """It may have a body, for all that nginx knows: no request thread waits to see."""
    if front != "nginx":
        pytest.skip("the configuration for Apache has no HTTP/2")
    path, port = unserved.dir / "s3.sock", bare.free_port()
    unserved.responder("s3", f"--s3-listen={path}")
    unserved.wait_socket(path)
    unserved.serve_front(path, http2_port=port)
    socks = [raw.http2_get(port, "/no-bucket/k") for _ in range(20)]
    began = time.monotonic()
    round_trip(unserved)
    assert time.monotonic() - began < 5
    for s in socks:
        s.close()


class Load(threading.Thread):
    """A client that never tries again, and remembers what failed."""

    def __init__(self, server, bucket, number, stop):
        super().__init__(daemon=True)
        self.s3 = server.client(read_timeout=30, retries={"max_attempts": 0, "mode": "standard"})
        self.bucket, self.key, self.stop = bucket, f"k{number}", stop
        self.done, self.failures = 0, []

    def run(self):
        while not self.stop.is_set():
            body = os.urandom(2000)
            try:
                self.s3.put_object(Bucket=self.bucket, Key=self.key, Body=body)
                assert self.s3.get_object(Bucket=self.bucket, Key=self.key)["Body"].read() == body
                self.s3.head_object(Bucket=self.bucket, Key=self.key)
                self.done += 3
            except Exception as e:
                self.failures.append(repr(e))


def test_a_successor_takes_over_without_an_error(unserved):
    """Under load: the new responder binds, the old one is told to end. Not one request fails."""
    path = unserved.dir / "s3.sock"
    old = [unserved.responder("s3", f"--s3-listen={path}")]
    unserved.wait_socket(path)
    unserved.serve_front(path)
    unserved.client().create_bucket(Bucket="kept")
    stop = threading.Event()
    load = [Load(unserved, "kept", i, stop) for i in range(8)]
    for t in load:
        t.start()
    for _ in range(4):
        time.sleep(0.8)
        inode = os.stat(path).st_ino
        new = unserved.responder("s3", f"--s3-listen={path}")
        bare.wait_until(lambda: os.stat(path).st_ino != inode, "no successor")
        old[-1].send_signal(signal.SIGTERM)
        old.append(new)
    time.sleep(1)
    stop.set()
    for t in load:
        t.join(60)
    assert [f for t in load for f in t.failures] == [], unserved.logs()
    assert sum(t.done for t in load) > 100
    unserved.stop_front()
    old.pop()
    for p in old:
        assert p.wait(30) == 0, unserved.logs()


def test_a_responder_that_comes_back_is_reached_at_once(own_server):
    """Between its first moment and the supervisor's next look, the front server's workers may connect to it."""
    with open(f"/proc/{own_server.pid_of('s3')}/cmdline", "rb") as f:
        argv = f.read().split(b"\0")[:-1]
    (path,) = [a.split(b"=", 1)[1] for a in argv if a.startswith(b"--s3-listen=")]
    inode = os.stat(path).st_ino
    p = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        bare.wait_until(lambda: os.stat(path).st_ino != inode, "no successor")
        assert raw.get(own_server.s3_url + "/health")[0] == 200
    finally:
        p.terminate()
        p.wait(60)


def test_sighup_reads_the_log_level_again(own_server):
    s, conf = own_server, own_server.data / ".maxiofs" / "maxiofs.conf"
    log = s.data / ".maxiofs" / "log" / "s3.log"
    pid = s.pid_of("s3")

    def reload(level):
        conf.write_text(f"log_level = {level}\n")
        before = log.stat().st_size
        os.kill(s.pid, signal.SIGHUP)
        if level == "info":
            bare.wait_until(lambda: b"read again" in log.read_bytes()[before:], "SIGHUP is not heard")
        else:
            time.sleep(1)

    def logged():
        before = log.stat().st_size
        s.client().list_buckets()
        time.sleep(0.2)
        return b"ListBuckets" in log.read_bytes()[before:]

    assert logged()
    reload("error")
    assert not logged()
    reload("info")
    assert logged()
    assert s.pid_of("s3") == pid


# ---- a request is sent once -------------------------------------------------------------------------------------


class Forgetful(threading.Thread):
    """A responder that takes every second request of a connection and goes without an answer."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.seen = []
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        self.listener.listen(64)

    def run(self):
        while True:
            threading.Thread(target=self.serve, args=(self.listener.accept()[0],), daemon=True).start()

    def serve(self, connection):
        front = raw.Front(connection)
        try:
            for answered in (True, False):
                self.seen.append(front.request())
                if answered:
                    front.respond(b"Status: 204 No Content\r\n\r\n")
        except ConnectionError:
            pass
        connection.close()


def test_a_request_is_never_sent_twice(unserved):
    """A kept connection that breaks off under a DELETE: it may have been done, so the client is told."""
    path = unserved.dir / "s3.sock"
    responder = Forgetful(path)
    responder.start()
    if bare.WORKER:
        os.chmod(path, 0o777)
    unserved.serve_front(path)
    with raw.dial(unserved) as s:
        for i in range(20):
            s.sendall(f"DELETE /b/k{i} HTTP/1.1\r\nHost: x\r\nX-Mark: mark-{i}-\r\n\r\n".encode())
            status, headers, body = raw.answer(s)
            assert status == 204 or status == 503 and b"<Code>ServiceUnavailable</Code>" in body
            if headers.get("connection") == "close":
                s.close()
                s = raw.dial(unserved)
        s.close()
    for i in range(20):
        assert sum(f"mark-{i}-".encode() in params for params in responder.seen) == 1
