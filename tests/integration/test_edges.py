# SPDX-License-Identifier: MIT
"""Rules that take more than one request: times of an object, what an upload takes over, writes and deletions side by side."""
import concurrent.futures
import datetime
import http.client
import re
import socket
import urllib.parse

import pytest

from digests import md5
from upload import Upload
from wire import Wire

HELLO, PART = b"0123456789", b"p" * (5 << 20)
OTHER = '"%s"' % ("0" * 32)


@pytest.fixture(scope="module")
def wire(server):
    where = urllib.parse.urlsplit(server.s3_url)
    wire = Wire((where.hostname, where.port), server.access_key, server.secret_key)
    assert wire.send("PUT", "/side").status == 200
    assert wire.send("PUT", "/side/hello", body=HELLO).status == 200
    return wire


def answer(r):
    return r.status, r.code


def test_the_owner_that_was_expected(wire):
    owner = wire.send("GET", "/").element("ID")
    right = [("x-amz-expected-bucket-owner", owner)]
    assert wire.send("GET", "/side/hello", right).body == HELLO
    copied = [("x-amz-copy-source", "/side/hello"), ("x-amz-source-expected-bucket-owner", owner), *right]
    assert wire.send("PUT", "/side/owned", copied).status == 200
    for method, target in (("HEAD", "/side"), ("GET", "/side?list-type=2"), ("PUT", "/side/owned"), ("DELETE", "/side/owned"),
                           ("POST", "/side/owned?uploads"), ("GET", "/side?versioning"), ("DELETE", "/side")):
        assert wire.send(method, target, [(right[0][0], "0" * 64)]).status == 403, (method, target)


def test_times_of_an_object(wire):
    got = wire.send("HEAD", "/side/hello")
    made, etag = got.header("last-modified"), got.header("etag")
    at = datetime.datetime.strptime(made, "%a, %d %b %Y %H:%M:%S GMT")
    before = (at - datetime.timedelta(seconds=1)).strftime("%a, %d %b %Y %H:%M:%S GMT")

    def get(**conditions):
        return wire.send("GET", "/side/hello", [(f"If-{k.replace('_', '-')}", v) for k, v in conditions.items()])

    r = get(Modified_Since=made)
    assert (r.status, r.body, r.header("etag"), r.header("last-modified")) == (304, b"", etag, made)
    assert get(Modified_Since=before).status == 200
    assert get(Unmodified_Since=made).status == 200
    assert answer(get(Unmodified_Since=before)) == (412, "PreconditionFailed")
    assert get(None_Match=OTHER, Modified_Since=made).status == 200
    assert answer(get(Unmodified_Since=before, Modified_Since=made)) == (412, "PreconditionFailed")
    for name, value, status in (("modified", made, 412), ("modified", before, 200), ("unmodified", made, 200),
                                ("unmodified", before, 412)):
        headers = [("x-amz-copy-source", "/side/hello"), (f"x-amz-copy-source-if-{name}-since", value)]
        assert wire.send("PUT", "/side/copy", headers).status == status, (name, value)


def test_a_deletion_of_what_was_seen(wire):
    wire.send("PUT", "/side/seen", body=HELLO)
    made = wire.send("HEAD", "/side/seen").header("last-modified")
    stated = [("If-Match", "*"), ("x-amz-if-match-size", "10"), ("x-amz-if-match-last-modified-time", made)]
    assert answer(wire.send("DELETE", "/side/seen", [*stated[:2], (stated[2][0], "Mon, 01 Jan 2001 00:00:00 GMT")])) == (
        412, "PreconditionFailed")
    assert wire.send("DELETE", "/side/seen", stated).status == 204
    assert wire.send("HEAD", "/side/seen").status == 404


def test_many_deletions_of_what_was_seen(wire):
    """What does not match is kept, the rest goes."""
    for key in ("one", "two", "three"):
        wire.send("PUT", f"/side/{key}", body=HELLO)
    got = wire.send("HEAD", "/side/one")
    made, etag = got.header("last-modified"), got.header("etag")
    whole = f"<ETag>{etag}</ETag><LastModifiedTime>{made}</LastModifiedTime><Size>10</Size>"
    body = (f"<Delete><Object><Key>one</Key>{whole}</Object><Object><Key>two</Key><Size>11</Size></Object>"
            f"<Object><Key>three</Key><ETag>{OTHER}</ETag></Object></Delete>").encode()
    r = wire.send("POST", "/side?delete", body=body)
    assert r.status == 200 and re.findall(rb"<Deleted><Key>(.*?)</Key>", r.body) == [b"one"]
    assert re.findall(rb"<Error><Key>(.*?)</Key><Code>(.*?)</Code>", r.body) == [
        (b"two", b"PreconditionFailed"), (b"three", b"PreconditionFailed")]
    assert [wire.send("HEAD", f"/side/{key}").status for key in ("one", "two", "three")] == [404, 200, 200]


def test_a_conditional_completion(wire):
    up = Upload(wire, "/side/guarded")
    up.part(1, HELLO)
    up.etags[1] = up.etags[1].strip('"')
    for condition in ('"x"', "*"):
        assert answer(up.complete(1, headers=[("If-Match", condition)])) == (404, "NoSuchKey")
    before = wire.send("PUT", "/side/guarded", body=b"before").header("etag")
    for headers in ([("If-Match", OTHER)], [("If-None-Match", "*")], [("If-None-Match", before)]):
        assert answer(up.complete(1, headers=headers)) == (412, "PreconditionFailed")
    assert wire.send("GET", "/side/guarded").body == b"before"
    done = up.complete(1, headers=[("If-Match", before)])
    assert done.status == 200 and wire.send("GET", "/side/guarded").body == HELLO
    # Remembered: also when the key has another object by now.
    wire.send("PUT", "/side/guarded", body=b"after")
    again = up.complete(1)
    assert again.status == 200 and again.element("ETag") == done.element("ETag")
    assert wire.send("GET", "/side/guarded").body == b"after"


def test_what_an_upload_takes_at_its_creation(wire):
    up = Upload(wire, "/side/taken", [
        ("Content-Type", "text/x-a"), ("Content-Encoding", "gzip"), ("Content-Language", "de"), ("Cache-Control", "c"),
        ("Content-Disposition", "d"), ("Expires", "e"), ("x-amz-website-redirect-location", "/there"), ("x-amz-meta-a", "1"),
        ("x-amz-tagging", "k=v&l="), ("x-amz-checksum-algorithm", "SHA1")])
    up.part(1, PART, [("Content-Type", "ignored/x"), ("x-amz-meta-b", "2")])
    up.part(2, b"old")
    up.part(2, b"new")
    assert up.parts().element("MaxParts") == "1000" and up.parts().element("ChecksumAlgorithm") == "SHA1"
    assert up.complete(1, 2, headers=[("x-amz-meta-c", "3")]).status == 200
    got = wire.send("GET", "/side/taken", [("x-amz-checksum-mode", "ENABLED")])
    assert got.status == 200 and got.body == PART + b"new"
    wanted = {"content-type": "text/x-a", "content-encoding": "gzip", "content-language": "de", "cache-control": "c",
              "content-disposition": "d", "expires": "e", "x-amz-website-redirect-location": "/there", "x-amz-meta-a": "1",
              "x-amz-meta-b": None, "x-amz-meta-c": None, "x-amz-tagging-count": "2", "x-amz-checksum-type": "COMPOSITE"}
    assert {name: got.header(name) for name in wanted} == wanted
    assert b"<Key>k</Key><Value>v</Value>" in wire.send("GET", "/side/taken?tagging").body


def begun(wire, method, target, body):
    """A request whose last byte is not sent yet."""
    s = socket.create_connection(wire.address, timeout=60)
    s.sendall(wire.sign(method, target, body=body).bytes()[:-1])
    return s


def ended(s, body):
    with s:
        s.sendall(body[-1:])
        raw = http.client.HTTPResponse(s)
        raw.begin()
        return raw.status


def test_the_write_that_ends_last_wins(wire):
    up = Upload(wire, "/side/slow")
    for target, read in (("/side/late", lambda: wire.send("GET", "/side/late").body),
                         (f"/side/slow?partNumber=1&uploadId={up.id}", None)):
        early = begun(wire, "PUT", target, b"early" * 2000)
        assert wire.send("PUT", target, body=b"quick").status == 200
        assert read is None or read() == b"quick"
        assert ended(early, b"early") == 200
        assert read is None or read() == b"early" * 2000
    assert up.parts().element("Size") == "10000" and up.abort().status == 204


def test_a_token_beats_what_to_start_after(wire):
    for key in "abc":
        wire.send("PUT", f"/side/token/{key}")
    first = wire.send("GET", "/side?list-type=2&prefix=token/&max-keys=1")
    token = first.element("NextContinuationToken")
    page = wire.send("GET", f"/side?list-type=2&prefix=token/&start-after=token/b&continuation-token={urllib.parse.quote(token)}")
    assert re.findall(rb"<Key>token/(.)</Key>", page.body) == [b"b", b"c"]
    assert (page.element("StartAfter"), page.element("ContinuationToken")) == ("token/b", token)


def test_many_delete_the_same(wire):
    keys = [f"many/{i}" for i in range(100)]
    for key in keys:
        wire.send("PUT", f"/side/{key}")
    body = ("<Delete>" + "".join(f"<Object><Key>{key}</Key></Object>" for key in keys) + "</Delete>").encode()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda _: wire.send("POST", "/side?delete", body=body), range(8)))
    assert [(r.status, r.body.count(b"<Deleted>"), r.body.count(b"<Error>")) for r in replies] == [(200, 100, 0)] * 8
    assert b"<Key>" not in wire.send("GET", "/side?prefix=many/").body


def test_one_answer_never_mixes_two_objects(wire):
    """Headers and bytes are of the same write while two kinds of it take turns."""
    kinds = {b"a" * 70000: "text/x-a", b"b" * 200000: "text/x-b"}

    def write(turn):
        body, kind = list(kinds.items())[turn % 2]
        return wire.send("PUT", "/side/mixed", [("Content-Type", kind), ("Content-MD5", md5(body))], body).status

    assert write(0) == 200
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        writes = [pool.submit(write, turn) for turn in range(60)]
        while not all(w.done() for w in writes):
            got = wire.send("GET", "/side/mixed")
            assert got.status == 200 and kinds.get(got.body) == got.header("content-type")
    assert {w.result() for w in writes} == {200}
