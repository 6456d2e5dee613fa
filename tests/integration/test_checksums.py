# SPDX-License-Identifier: MIT
"""Every checksum algorithm on every way in: header, trailer, parts, copies; and what is kept and told of it."""
import base64
import functools
import urllib.parse

import pytest

from digests import ALGORITHMS, b64
from wire import STREAM_TRAILER, UNSIGNED_TRAILER, Wire

HELLO = b"0123456789" * 1000
PART, TAIL = b"p" * (5 << 20), b"the tail"
TYPES = [(name, "COMPOSITE") for name in ("CRC32", "CRC32C", "SHA1", "SHA256")] + [
    (name, "FULL_OBJECT") for name in ("CRC32", "CRC32C", "CRC64NVME")]


@functools.cache
def checksum(name, data):
    return ALGORITHMS[name](data)


def header(name):
    return "x-amz-checksum-" + name.lower()


def wrong(name):
    return b64(bytes(len(base64.b64decode(checksum(name, b"")))))


def final(name, kind, parts):
    """Of an object of these parts."""
    if kind == "FULL_OBJECT":
        return checksum(name, b"".join(parts))
    return checksum(name, b"".join(base64.b64decode(checksum(name, p)) for p in parts)) + f"-{len(parts)}"


@pytest.fixture(scope="module")
def wire(server):
    where = urllib.parse.urlsplit(server.s3_url)
    wire = Wire((where.hostname, where.port), server.access_key, server.secret_key)
    assert wire.send("PUT", "/sums").status == 200
    return wire


def stored(wire, target):
    """What HEAD tells: algorithm, value and type."""
    r = wire.send("HEAD", target, [("x-amz-checksum-mode", "ENABLED")])
    assert r.status == 200
    found = [(name, r.header(header(name))) for name in ALGORITHMS if r.header(header(name))]
    assert len(found) == 1, found
    return (*found[0], r.header("x-amz-checksum-type"))


@pytest.mark.parametrize("name", ALGORITHMS)
def test_in_a_header(wire, name):
    target = f"/sums/header-{name}"
    r = wire.send("PUT", target, [(header(name), wrong(name))], HELLO)
    assert (r.status, r.code) == (400, "BadDigest") and wire.send("HEAD", target).status == 404
    r = wire.send("PUT", target, [(header(name), checksum(name, HELLO))], HELLO)
    assert r.status == 200 and r.header(header(name)) == checksum(name, HELLO)
    assert stored(wire, target) == (name, checksum(name, HELLO), "FULL_OBJECT")


@pytest.mark.parametrize("payload", [UNSIGNED_TRAILER, STREAM_TRAILER])
@pytest.mark.parametrize("name", ALGORITHMS)
def test_in_a_trailer(wire, name, payload):
    target = f"/sums/trailer-{name}-{payload}"
    headers = [("Content-Encoding", "aws-chunked"), ("x-amz-decoded-content-length", str(len(HELLO))),
               ("x-amz-trailer", header(name)), ("x-amz-sdk-checksum-algorithm", name)]

    def send(value):
        return wire.send("PUT", target, headers, chunks=(HELLO[:8192], HELLO[8192:]), payload=payload,
                         trailer=(header(name), value))

    r = send(wrong(name))
    assert (r.status, r.code) == (400, "BadDigest") and wire.send("HEAD", target).status == 404
    r = send(checksum(name, HELLO))
    assert r.status == 200 and r.header(header(name)) == checksum(name, HELLO)
    assert stored(wire, target) == (name, checksum(name, HELLO), "FULL_OBJECT")


def create(wire, target, name, kind):
    r = wire.send("POST", target + "?uploads", [("x-amz-checksum-algorithm", name), ("x-amz-checksum-type", kind)])
    assert r.status == 200
    return f"{target}?uploadId={r.element('UploadId')}"


def complete(wire, target, name, kind, etags, parts, headers=()):
    listed = "".join(f"<Part><PartNumber>{n}</PartNumber><ETag>{etag}</ETag><Checksum{name}>{checksum(name, p)}</Checksum{name}>"
                     "</Part>" for n, (etag, p) in enumerate(zip(etags, parts), 1))
    return wire.send("POST", target, [("x-amz-checksum-type", kind), *headers],
                     f"<CompleteMultipartUpload>{listed}</CompleteMultipartUpload>".encode())


def finish(wire, target, name, kind, etags, parts):
    """Completes, first with a wrong value for the whole and for a part."""
    r = complete(wire, target, name, kind, etags, parts, [(header(name), wrong(name) + ("-2" if kind == "COMPOSITE" else ""))])
    assert (r.status, r.code) == (400, "BadDigest")
    r = complete(wire, target, name, kind, etags, [HELLO, TAIL])
    assert (r.status, r.code) == (400, "InvalidPart")
    want = final(name, kind, parts)
    r = complete(wire, target, name, kind, etags, parts, [(header(name), want)])
    assert r.status == 200 and (r.element(f"Checksum{name}"), r.element("ChecksumType")) == (want, kind), r.body
    assert stored(wire, target.split("?")[0]) == (name, want, kind)


@pytest.mark.parametrize(("name", "kind"), TYPES)
def test_of_parts(wire, name, kind):
    target = create(wire, f"/sums/parts-{name}-{kind}", name, kind)
    other = "SHA1" if name != "SHA1" else "CRC32"
    r = wire.send("PUT", target + "&partNumber=1", [(header(other), checksum(other, TAIL))], TAIL)
    assert (r.status, r.code) == (400, "InvalidRequest")
    r = wire.send("PUT", target + "&partNumber=1", [(header(name), wrong(name))], TAIL)
    assert (r.status, r.code) == (400, "BadDigest")
    first = wire.send("PUT", target + "&partNumber=1", [(header(name), checksum(name, PART))], PART)
    headers = [("Content-Encoding", "aws-chunked"), ("x-amz-decoded-content-length", str(len(TAIL))),
               ("x-amz-trailer", header(name))]
    second = wire.send("PUT", target + "&partNumber=2", headers, chunks=(TAIL,), payload=UNSIGNED_TRAILER,
                       trailer=(header(name), checksum(name, TAIL)))
    assert first.header(header(name)) == checksum(name, PART) and second.header(header(name)) == checksum(name, TAIL)
    finish(wire, target, name, kind, [first.header("etag"), second.header("etag")], [PART, TAIL])


@pytest.mark.parametrize(("name", "kind"), TYPES)
def test_of_copied_parts(wire, name, kind):
    """A whole object with a checksum of the upload's algorithm, which need not be read, and a range, which must be."""
    assert wire.send("PUT", "/sums/source", [(header(name), checksum(name, PART))], PART).status == 200
    assert wire.send("PUT", "/sums/range", body=b"<" + TAIL + b">").status == 200
    target = create(wire, f"/sums/copied-{name}-{kind}", name, kind)
    first = wire.send("PUT", target + "&partNumber=1", [("x-amz-copy-source", "/sums/source")])
    second = wire.send("PUT", target + "&partNumber=2", [("x-amz-copy-source", "/sums/range"),
                                                         ("x-amz-copy-source-range", f"bytes=1-{len(TAIL)}")])
    for r, data in ((first, PART), (second, TAIL)):
        assert r.status == 200 and r.element(f"Checksum{name}") == checksum(name, data)
    finish(wire, target, name, kind, [r.element("ETag").replace("&quot;", "") for r in (first, second)], [PART, TAIL])
    assert wire.send("GET", target.split("?")[0]).body == PART + TAIL
    # A copy of it is a plain object: its checksum is one of the whole.
    copy = wire.send("PUT", "/sums/plain", [("x-amz-copy-source", target.split("?")[0])])
    assert copy.status == 200 and stored(wire, "/sums/plain") == (name, checksum(name, PART + TAIL), "FULL_OBJECT")


@pytest.mark.parametrize("name", ALGORITHMS)
def test_of_copies(wire, name):
    assert wire.send("PUT", "/sums/from", [(header(name), checksum(name, HELLO))], HELLO).status == 200
    assert wire.send("PUT", "/sums/kept", [("x-amz-copy-source", "/sums/from")]).status == 200
    assert stored(wire, "/sums/kept") == (name, checksum(name, HELLO), "FULL_OBJECT")
    for other in ALGORITHMS:
        r = wire.send("PUT", "/sums/other", [("x-amz-copy-source", "/sums/from"), ("x-amz-checksum-algorithm", other)])
        assert r.status == 200 and r.element(f"Checksum{other}") == checksum(other, HELLO)
        assert stored(wire, "/sums/other") == (other, checksum(other, HELLO), "FULL_OBJECT")
