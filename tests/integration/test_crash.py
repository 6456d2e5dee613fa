# SPDX-License-Identifier: MIT
"""kill -9 of s3.fcgi under load: what was acknowledged is there, whole; what was not is old or new, never torn."""
import hashlib
import os
import random
import signal
import threading
import time

import pytest

ROUNDS = int(os.environ.get("MAXIOFS_TEST_CRASH_ROUNDS", 20))
WRITERS = 6
MARKER = "a delete marker"


class Writer(threading.Thread):
    """Overwrites keys of its own and remembers what was acknowledged and what is in doubt."""

    def __init__(self, server, bucket, number, stop):
        super().__init__(daemon=True)
        self.s3 = server.client(connect_timeout=5, read_timeout=10, retries={"max_attempts": 0})
        self.bucket, self.number, self.stop = bucket, number, stop
        self.known = {}   # key: digest acknowledged, or None for "deleted"
        self.doubt = {}   # key: digests that an unanswered request may have left
        self.random = random.Random(number)
        self.acknowledged = 0

    def run(self):
        while not self.stop.is_set():
            key = f"w{self.number}/{self.random.randrange(40)}"
            try:
                self.step(key)
                self.acknowledged += 1
            except Exception:
                time.sleep(0.01)

    def step(self, key):
        what = self.random.randrange(10)
        if what == 0:
            self.doubtful(key, None)
            self.s3.delete_object(Bucket=self.bucket, Key=key)
            self.settled(key, None)
            return
        if what == 2:
            self.copy(key)
            return
        body = os.urandom(self.random.choice((0, 100, 4096, 70000, 300000)))
        digest = hashlib.sha256(body).hexdigest()
        self.doubtful(key, digest)
        if what == 1:
            self.multipart(key, body)
        else:
            self.s3.put_object(Bucket=self.bucket, Key=key, Body=body)
        self.settled(key, digest)

    def copy(self, key):
        """Of what is certain, as it is or read for another checksum."""
        sources = [k for k, digest in self.known.items() if digest and k not in self.doubt and k != key]
        if not sources:
            return
        source = self.random.choice(sources)
        self.doubtful(key, self.known[source])
        self.s3.copy_object(Bucket=self.bucket, Key=key, CopySource={"Bucket": self.bucket, "Key": source},
                            **self.random.choice(({}, {"ChecksumAlgorithm": "SHA256"})))
        self.settled(key, self.known[source])

    def multipart(self, key, body):
        upload = self.s3.create_multipart_upload(Bucket=self.bucket, Key=key)["UploadId"]
        part = self.s3.upload_part(Bucket=self.bucket, Key=key, UploadId=upload, PartNumber=1, Body=body)
        self.s3.complete_multipart_upload(
            Bucket=self.bucket, Key=key, UploadId=upload,
            MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})

    def doubtful(self, key, digest):
        self.doubt.setdefault(key, set()).add(digest)

    def settled(self, key, digest):
        self.known[key] = digest
        self.doubt.pop(key, None)


class VersionWriter(Writer):
    """In a versioned bucket: puts, delete markers, deletions of single versions. known and doubt are of (key, version);
    unsettled are what the versions that nobody told of may hold, by key."""

    def __init__(self, *args):
        super().__init__(*args)
        self.unsettled = {}

    def step(self, key):
        what = self.random.randrange(10)
        if what < 2 and self.known:
            one = self.random.choice(list(self.known))
            self.doubtful(one, None)
            self.s3.delete_object(Bucket=self.bucket, Key=one[0], VersionId=one[1])
            del self.known[one], self.doubt[one]
            return
        body = None if what == 2 else os.urandom(self.random.choice((0, 100, 4096, 70000)))
        digest = MARKER if body is None else hashlib.sha256(body).hexdigest()
        self.unsettled.setdefault(key, set()).add(digest)
        made = (self.s3.delete_object(Bucket=self.bucket, Key=key) if body is None else
                self.s3.put_object(Bucket=self.bucket, Key=key, Body=body))
        self.known[key, made["VersionId"]] = digest
        del self.unsettled[key]


def stored(s3, bucket, key, **version):
    try:
        got = s3.get_object(Bucket=bucket, Key=key, **version)
    except s3.exceptions.NoSuchKey:
        return None
    body = got["Body"].read()
    assert len(body) == got["ContentLength"]
    if "-" not in got["ETag"]:
        assert got["ETag"].strip('"') == hashlib.md5(body).hexdigest()
    return hashlib.sha256(body).hexdigest()


def check(server, bucket, writers):
    s3 = server.client(retries={"max_attempts": 3})
    for w in writers:
        for key in set(w.known) | set(w.doubt):
            allowed = {w.known.get(key)} | w.doubt.get(key, set())
            found = stored(s3, bucket, key)
            assert found in allowed, f"{key}: {found} is none of {allowed}"
            w.known[key] = found
            w.doubt.pop(key, None)


def versions_of(s3, bucket, prefix=""):
    """{(key, version): is it a marker}, and the latest of each key."""
    found, latest = {}, {}
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
        for kind in ("Versions", "DeleteMarkers"):
            for v in page.get(kind, ()):
                found[v["Key"], v["VersionId"]] = kind == "DeleteMarkers"
                if v["IsLatest"]:
                    assert v["Key"] not in latest
                    latest[v["Key"]] = v["VersionId"]
    return found, latest


def check_versions(server, bucket, writers):
    s3 = server.client(retries={"max_attempts": 3})
    for w in writers:
        found, latest = versions_of(s3, bucket, f"w{w.number}/")
        missing = set(w.known) - set(found)
        assert missing <= set(w.doubt), f"lost: {missing - set(w.doubt)}"
        held = {one: MARKER if marker else stored(s3, bucket, one[0], VersionId=one[1]) for one, marker in found.items()}
        for one, digest in held.items():
            allowed = {w.known[one]} if one in w.known else w.unsettled.get(one[0], set())
            assert digest in allowed, f"{one}: {digest} is none of {allowed}"
        for key, version in latest.items():
            assert (stored(s3, bucket, key) or MARKER) == held[key, version]
        w.known, w.doubt, w.unsettled = held, {}, {}


def files_below(server, bucket):
    root = server.data / "objects" / bucket
    return [p for p in root.rglob("*") if p.is_file()]


@pytest.fixture
def server(front, tmp_path):
    from harness import Server
    s = Server(tmp_path, front, ["--gc-delay-s=1", "--orphan-grace-s=0", "--gc-interval-ms=100"])
    s.start()
    s.client().create_bucket(Bucket="crash")
    yield s
    s.stop()


def kill_under_load(server, bucket, kind, judge, rounds):
    writers = None
    total = 0
    for _ in range(rounds):
        stop = threading.Event()
        old, writers = writers, [kind(server, bucket, i, stop) for i in range(WRITERS)]
        for i, w in enumerate(writers):
            if old:
                w.known = old[i].known
            w.random.seed()
            w.start()
        time.sleep(random.uniform(0.2, 0.8))
        pid = server.pid_of("s3")
        os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)
        stop.set()
        for w in writers:
            w.join(60)
            assert not w.is_alive()
            total += w.acknowledged
        server.wait_ready()
        assert server.pid_of("s3") != pid
        judge(server, bucket, writers)
    assert total > rounds * 5
    print(f"{rounds} kills, {total} acknowledgements")


@pytest.mark.crash
def test_kill_under_load_loses_nothing(server):
    kill_under_load(server, "crash", Writer, check, ROUNDS)
    nothing_is_left_over(server, "crash")


@pytest.mark.crash
def test_kill_under_load_keeps_every_version(server):
    server.client().put_bucket_versioning(Bucket="crash", VersioningConfiguration={"Status": "Enabled"})
    kill_under_load(server, "crash", VersionWriter, check_versions, max(ROUNDS // 4, 1))
    nothing_is_left_over(server, "crash")


def nothing_is_left_over(server, bucket):
    """After the unfinished uploads are aborted and garbage is collected, files and objects agree."""
    s3 = server.client()
    for page in s3.get_paginator("list_multipart_uploads").paginate(Bucket=bucket):
        for upload in page.get("Uploads", ()):
            s3.abort_multipart_upload(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])
    objects = sum(not marker for marker in versions_of(s3, bucket)[0].values())
    server.admin("recount")
    server.stop()
    server.start()
    until = time.monotonic() + 60
    while True:
        server.admin("scan")
        left = files_below(server, bucket)
        if len(left) == objects:
            return
        assert time.monotonic() < until, f"{len(left)} files for {objects} objects"
        time.sleep(0.5)
