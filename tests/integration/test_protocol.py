# SPDX-License-Identifier: MIT
"""The protocol over raw sockets through the front server: a table of rows, and what takes more than one request."""
import concurrent.futures
import datetime
import hashlib
import http.client
import pathlib
import re
import socket
import urllib.parse

import pytest

from digests import crc32, sha256
from protocol_rows import BIG, DOMAIN, HELLO, KEYS, OTHER, PART, ROWS, SHA256, of
from row import judge
from upload import Upload, completion, part
from wire import Wire


def make_world(wire):
    assert wire.send("PUT", "/pro").status == 200
    assert wire.send("PUT", "/lst").status == 200
    for target, body in (("hello", HELLO), ("empty", b""), ("pl+us", b"+"), ("with/slash", b"/")):
        assert wire.send("PUT", "/pro/" + target, body=body).status == 200
    for key in KEYS:
        assert wire.send("PUT", "/lst/" + urllib.parse.quote(key), body=key.encode()).status == 200
    upload = Upload(wire, "/pro/multi")
    upload.part(1, PART)
    upload.part(2, b"tail")
    assert upload.complete(1, 2).status == 200


@pytest.fixture(scope="module")
def wire(server):
    where = urllib.parse.urlsplit(server.s3_url)
    wire = Wire((where.hostname, where.port), server.access_key, server.secret_key)
    make_world(wire)
    return wire


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_row(wire, front, row):
    judge(wire, front, row)


def built():
    """Names of the operations that are there, as the table of the program says."""
    table = pathlib.Path(__file__).parents[2] / "lib" / "s3" / "operations.def"
    return set(re.findall(r'^OP\(\w+, "(\w+)"', table.read_text(), re.M))


def test_no_sub_resource_of_the_model_is_taken_for_another(wire, server):
    """Every operation that boto3 knows by a query is built, unset, or refused."""
    model, there = server.client().meta.service_model, built()
    for name in model.operation_names:
        asked = model.operation_model(name).http
        target = asked["requestUri"].replace("{Bucket}", "pro").replace("{Key+}", "hello")
        if "?" not in target or name in there:
            continue
        r = wire.send(asked["method"], target, body=b"<X/>" if asked["method"] in ("PUT", "POST") else b"")
        unset = asked["method"] == "GET" and b"<ListBucketResult" not in r.body and r.body != HELLO
        assert r.code in ("NotImplemented", "MethodNotAllowed") or unset, (name, r.status, r.body)


# ---- multipart ----

def answer(r):
    return r.status, r.code


def test_an_upload_survives_every_refusal(wire):
    wire.send("PUT", "/pro/mp", body=b"before")
    up = Upload(wire, "/pro/mp", [("Content-Type", "text/x-mp"), ("x-amz-meta-a", "b")])
    assert up.created.status == 200 and up.part(1, PART).status == 200 and up.part(2, b"tail").status == 200
    target, one, two = f"/pro/mp?uploadId={up.id}", up.etags[1], up.etags[2]

    def complete(parts):
        return answer(up.complete(body=completion(parts)))

    for number in ("0", "10001", "x", ""):
        assert answer(wire.send("PUT", f"{target}&partNumber={number}", body=b"x")) == (400, "InvalidArgument"), number
    assert answer(up.complete(body=b"")) == (400, "MalformedXML")
    assert complete("") == (400, "MalformedXML")
    assert complete("<Part><PartNumber>1</PartNumber></Part>") == (400, "MalformedXML")
    assert complete(f"<Part><ETag>{one}</ETag></Part>") == (400, "MalformedXML")
    assert complete(part("x", one)) == (400, "MalformedXML")
    assert answer(up.complete(body=b"<Other/>")) == (400, "MalformedXML")
    assert complete(part(1, OTHER)) == (400, "InvalidPart")
    assert complete(part(1, one) + part(3, two)) == (400, "InvalidPart")
    assert complete(part(2, two) + part(1, one)) == (400, "InvalidPartOrder")
    assert complete(part(1, one) + part(1, one)) == (400, "InvalidPartOrder")
    up.part(3, b"more")
    assert answer(up.complete(1, 2, 3)) == (400, "EntityTooSmall")
    assert answer(up.complete(1, 2, headers=[("x-amz-mp-object-size", "1")])) == (400, "InvalidRequest")
    assert answer(up.complete(1, 2, headers=[("x-amz-checksum-crc64nvme", "AAAAAAAAAAA=")])) == (400, "BadDigest")
    assert answer(up.complete(1, 2, headers=[("If-None-Match", "*")])) == (412, "PreconditionFailed")
    assert answer(up.complete(1, 2, headers=[("If-Match", OTHER)])) == (412, "PreconditionFailed")
    assert wire.send("GET", "/pro/mp").body == b"before"

    whole = hashlib.md5(hashlib.md5(PART).digest() + hashlib.md5(b"tail").digest()).hexdigest() + "-2"
    done = up.complete(1, 2, headers=[("x-amz-mp-object-size", str(len(PART) + 4))])
    assert done.status == 200 and done.element("ETag") == f"&quot;{whole}&quot;", done.body
    got = wire.send("HEAD", "/pro/mp")
    assert (got.header("etag"), got.header("content-length")) == (f'"{whole}"', str(len(PART) + 4))
    assert (got.header("content-type"), got.header("x-amz-meta-a")) == ("text/x-mp", "b")
    again = up.complete(1, 2)
    assert again.status == 200 and again.element("ETag") == done.element("ETag")
    assert again.element("ChecksumCRC64NVME") == done.element("ChecksumCRC64NVME")
    for r in (up.part(1, b"x"), up.abort(), up.parts()):
        assert answer(r) == (404, "NoSuchUpload")


def test_an_empty_last_part_can_be_read(wire):
    up = Upload(wire, "/pro/tail")
    up.part(1, PART)
    up.part(2, b"")
    assert up.complete(1, 2).status == 200
    got = wire.send("GET", "/pro/tail?partNumber=2")
    assert (got.status, got.body, got.header("x-amz-mp-parts-count")) == (206, b"", "2")


def test_an_upload_belongs_to_its_key(wire):
    up = Upload(wire, "/pro/mine")
    up.part(1, b"x")
    other = "0" if up.id[-1] != "0" else "1"
    for target in (f"/pro/other?uploadId={up.id}", f"/lst/mine?uploadId={up.id}", f"/pro/mine?uploadId={up.id[:-1]}{other}",
                   "/pro/mine?uploadId=x", "/pro/mine?uploadId="):
        for r in (wire.send("PUT", target + "&partNumber=1", body=b"x"), wire.send("DELETE", target),
                  wire.send("POST", target, body=completion(part(1, up.etags[1]))), wire.send("GET", target)):
            assert answer(r) == (404, "NoSuchUpload"), (target, r.status, r.body)
    assert up.abort().status == 204
    assert answer(up.abort()) == (404, "NoSuchUpload")


def test_parts_and_uploads_are_listed_in_pages(wire):
    up = Upload(wire, "/lst/many/a")
    for number in (1, 2, 7):
        up.part(number, b"%d" % number)
    up.part(2, b"again")
    page = up.parts("&max-parts=2")
    assert (page.element("IsTruncated"), page.element("NextPartNumberMarker"), page.element("MaxParts")) == ("true", "2", "2")
    assert re.findall(rb"<Size>(\d+)</Size>", page.body) == [b"1", b"5"]
    page = up.parts("&part-number-marker=2")
    assert re.findall(rb"<PartNumber>(\d+)</PartNumber>", page.body) == [b"7"] and page.element("IsTruncated") == "false"
    assert up.parts("&max-parts=0").element("IsTruncated") == "false"
    assert up.parts("&max-parts=5000").element("MaxParts") == "1000"

    second, third = Upload(wire, "/lst/many/a"), Upload(wire, "/lst/many/b/c")
    page = wire.send("GET", "/lst?uploads&prefix=many/&max-uploads=1")
    assert (page.element("NextKeyMarker"), page.element("NextUploadIdMarker")) == ("many/a", up.id)
    page = wire.send("GET", f"/lst?uploads&prefix=many/&key-marker=many/a&upload-id-marker={up.id}")
    assert re.findall(r"<UploadId>(.*?)</UploadId>", page.body.decode()) == [second.id, third.id]
    page = wire.send("GET", "/lst?uploads&prefix=many/&key-marker=many/a")
    assert re.findall(r"<UploadId>(.*?)</UploadId>", page.body.decode()) == [third.id]
    page = wire.send("GET", "/lst?uploads&prefix=many/&delimiter=/")
    assert b"<CommonPrefixes><Prefix>many/b/</Prefix></CommonPrefixes>" in page.body and b"<Initiator>" in page.body and b"<Owner>" in page.body
    assert b"many" not in wire.send("GET", "/lst").body
    for upload in (up, second, third):
        assert upload.abort().status == 204


def test_checksums_of_uploads(wire):
    up = Upload(wire, "/pro/sums", [("x-amz-checksum-algorithm", "SHA256")])
    assert up.created.header("x-amz-checksum-type") == "COMPOSITE"
    assert answer(up.part(1, PART, [("x-amz-checksum-crc32", crc32(PART))])) == (400, "InvalidRequest")
    assert answer(up.part(1, PART, [("x-amz-checksum-sha256", SHA256)])) == (400, "BadDigest")
    for number, body in ((1, PART), (2, b"tail")):
        assert up.part(number, body, [("x-amz-checksum-sha256", sha256(body))]).status == 200
    whole = sha256(b"".join(hashlib.sha256(body).digest() for body in (PART, b"tail"))) + "-2"
    assert answer(up.complete(1, 2, headers=[("x-amz-checksum-sha256", SHA256 + "-2")])) == (400, "BadDigest")
    done = up.complete(1, 2, headers=[("x-amz-checksum-sha256", whole)])
    assert (done.element("ChecksumSHA256"), done.element("ChecksumType")) == (whole, "COMPOSITE")
    got = wire.send("HEAD", "/pro/sums?partNumber=2", [("x-amz-checksum-mode", "ENABLED")])
    assert got.header("x-amz-checksum-sha256") == sha256(b"tail")

    up = Upload(wire, "/pro/sums", [("x-amz-checksum-algorithm", "CRC32"), ("x-amz-checksum-type", "FULL_OBJECT")])
    up.part(1, PART)
    up.part(2, b"tail")
    done = up.complete(1, 2, headers=[("x-amz-checksum-crc32", crc32(PART + b"tail")), ("x-amz-checksum-type", "FULL_OBJECT")])
    assert (done.element("ChecksumCRC32"), done.element("ChecksumType")) == (crc32(PART + b"tail"), "FULL_OBJECT")
    for algorithm, kind in (("CRC64NVME", "COMPOSITE"), ("SHA1", "FULL_OBJECT"), ("SHA256", "FULL_OBJECT"), (None, "COMPOSITE"),
                            ("MD4", None)):
        headers = [(f"x-amz-checksum-{n}", v) for n, v in (("algorithm", algorithm), ("type", kind)) if v]
        assert answer(wire.send("POST", "/pro/sums?uploads", headers)) == (400, "InvalidRequest"), headers


# ---- at the same time ----

def at_once(n, call):
    with concurrent.futures.ThreadPoolExecutor(n) as pool:
        return [f.result() for f in [pool.submit(call, i) for i in range(n)]]


def test_of_parallel_creations_one_wins(wire):
    for turn in range(5):
        replies = at_once(64, lambda i: wire.send("PUT", f"/pro/race-{turn}", [("If-None-Match", "*")], b"by %d" % i))
        statuses = [r.status for r in replies]
        assert statuses.count(200) == 1 and statuses.count(412) == 63, statuses
        assert wire.send("GET", f"/pro/race-{turn}").body == b"by %d" % statuses.index(200)


def test_a_reader_keeps_what_it_opened(wire):
    old = b"o" * (16 << 20)
    wire.send("PUT", "/pro/slow", body=old)
    with socket.create_connection(wire.address, timeout=60) as s:
        s.sendall(wire.sign("GET", "/pro/slow").bytes())
        raw = http.client.HTTPResponse(s)
        raw.begin()
        assert raw.read(1000) == old[:1000]
        assert wire.send("PUT", "/pro/slow", body=b"n" * (16 << 20)).status == 200
        assert wire.send("DELETE", "/pro/slow").status == 204
        assert raw.read() == old[1000:]


def test_complete_twice_at_once(wire):
    up = Upload(wire, "/pro/twice")
    up.part(1, b"x")
    replies = at_once(8, lambda _: up.complete(1))
    assert [r.status for r in replies] == [200] * 8
    assert len({r.element("ETag") for r in replies}) == 1


def test_an_abort_ends_a_part_in_flight(wire):
    up = Upload(wire, "/pro/aborted")
    request = wire.sign("PUT", f"/pro/aborted?partNumber=1&uploadId={up.id}", body=BIG * 20).bytes()
    with socket.create_connection(wire.address, timeout=60) as s:
        s.sendall(request[:-100000])
        # The part is being read; both orders of the two requests end in the same state.
        assert up.abort().status == 204
        s.sendall(request[-100000:])
        assert b"404" in s.recv(100) and b"NoSuchUpload" in s.recv(10000)
    assert answer(up.parts()) == (404, "NoSuchUpload")


def test_a_body_cut_off_stores_nothing(wire):
    request = wire.sign("PUT", "/pro/cut", body=BIG).bytes()
    with socket.create_connection(wire.address, timeout=60) as s:
        s.sendall(request[:-1])
        s.shutdown(socket.SHUT_WR)
        s.recv(10000)
    assert wire.send("GET", "/pro/cut").status == 404


def test_a_refusal_answers_a_client_that_waits_for_100(wire, front):
    if front != "nginx":
        pytest.skip("only nginx can, see docs/front-servers.md")
    for secret, status in (("x" * 40, 403), (None, 412)):
        headers = [("Expect", "100-continue"), ("If-None-Match", "*")]
        request = wire.sign("PUT", "/pro/hello", headers, BIG, secret=secret).bytes()[:-len(BIG)]
        assert wire.exchange(request, "PUT").status == status
    assert wire.send("GET", "/pro/hello").body == HELLO


def test_listing_and_head_agree(wire):
    page = wire.send("GET", "/pro?list-type=2&prefix=hello")
    got = wire.send("HEAD", "/pro/hello")
    listed_at = datetime.datetime.strptime(page.element("LastModified"), "%Y-%m-%dT%H:%M:%S.000Z")
    assert listed_at.strftime("%a, %d %b %Y %H:%M:%S GMT") == got.header("last-modified")
    assert page.element("ETag").replace("&quot;", '"') == got.header("etag") and page.element("Size") == "10"


def test_pages_neither_lose_nor_repeat(wire):
    for limit in (1, 2, 3, 5):
        for query in ("", "&delimiter=/"):
            whole = wire.send("GET", of(f"list-type=2{query}")).body
            want = re.findall(rb"<Key>(.*?)</Key>|<CommonPrefixes><Prefix>(.*?)</Prefix>", whole)
            found, token = [], ""
            while token is not None:
                more = "&continuation-token=" + urllib.parse.quote(token) if token else ""
                page = wire.send("GET", of(f"list-type=2&max-keys={limit}{query}{more}"))
                found += re.findall(rb"<Key>(.*?)</Key>|<CommonPrefixes><Prefix>(.*?)</Prefix>", page.body)
                token = page.element("NextContinuationToken")
            assert sorted(found) == sorted(want) and len(found) == len(want)


# ---- two tenants ----

OPERATIONS = [
    ("GET", ""), ("HEAD", ""), ("DELETE", ""), ("GET", "?location"), ("GET", "?acl"), ("GET", "?list-type=2"), ("GET", "?uploads"),
    ("GET", "?policy"), ("GET", "?versioning"), ("PUT", "?policy"), ("GET", "?versions"), ("POST", "?delete"), ("GET", "/whose"),
    ("HEAD", "/whose"), ("PUT", "/whose"), ("DELETE", "/whose"), ("GET", "/whose?acl"), ("GET", "/whose?tagging"),
    ("POST", "/whose?uploads"), ("PUT", "/whose?partNumber=1&uploadId={up}"), ("POST", "/whose?uploadId={up}"),
    ("DELETE", "/whose?uploadId={up}"), ("GET", "/whose?uploadId={up}"), ("GET", "/none"), ("GET", "/whose?versionId=null")]


def neutral(r, name):
    """An answer without ids, times and the name that was asked for."""
    headers = [(k, v) for k, v in r.headers if k not in ("x-amz-request-id", "date", "content-length")]
    body = re.sub(rb"<RequestId>.*?</RequestId>", b"", r.body).replace(name.encode(), b"NAME")
    return r.status, headers, body


def test_a_bucket_of_a_tenants_other_user_is_closed(wire, server, two_tenants):
    server.admin("user", "create", "bob", "--tenant", "acme")
    key = server.admin("key", "create", "--user", "bob", "--tenant", "acme")
    bob = wire.other(key["accessKey"], key["secretKey"])
    assert answer(bob.send("PUT", "/backups")) == (409, "BucketAlreadyExists")
    for method, target in (("GET", "/backups"), ("GET", "/backups/whose"), ("GET", "/backups/none"), ("DELETE", "/backups/whose"),
                           ("DELETE", "/backups"), ("DELETE", "/backups/none")):
        assert answer(bob.send(method, target)) == (403, "AccessDenied")
    assert bob.send("PUT", "/bobs").status == 200
    for source in ("/backups/whose", "/backups/none"):
        assert answer(bob.send("PUT", "/bobs/copy", [("x-amz-copy-source", source)])) == (403, "AccessDenied")
    assert bob.send("DELETE", "/bobs").status == 204
    assert b"<Bucket>" not in bob.send("GET", "/").body


def test_nothing_of_another_tenant_shows(wire, two_tenants):
    (acme, _, key), (_, _, other_key) = two_tenants["acme"], two_tenants["globex"]
    mine, other = (wire.other(k["accessKey"], k["secretKey"]) for k in (key, other_key))
    up = Upload(mine, "/backups/whose")
    up.part(1, b"x")
    body = b"<Delete><Object><Key>whose</Key></Object></Delete>"
    theirs, missing, nobodys = f"{acme['id']}--backups", f"{acme['id']}--nothing", "tenant-0123abcd--backups"
    for method, rest in OPERATIONS:
        rest = rest.replace("{up}", up.id)
        for anonymous in (False, True):
            answers = [neutral(other.send(method, f"/{name}{rest}", body=body if method == "POST" else b"",
                                          anonymous=anonymous), name) for name in (theirs, missing, nobodys)]
            assert answers[0] == answers[1] == answers[2], (method, rest, anonymous)
            assert answers[0][0] == 404, (method, rest, anonymous)
        hosted = [neutral(other.send(method, "/" + rest.lstrip("/"), host=f"{name}.{DOMAIN}",
                                     body=body if method == "POST" else b""), name) for name in (theirs, missing)]
        assert hosted[0] == hosted[1], (method, rest)
        if "{up}" in rest:
            assert answer(other.send(method, "/backups" + rest)) == (404, "NoSuchUpload")
    assert answer(other.send("GET", "/backups/whose", [("x-amz-expected-bucket-owner", acme["id"])])) == (403, "AccessDenied")
    assert other.send("GET", "/backups/whose").body == b"globex"
    assert mine.send("GET", "/backups/whose").body == b"acme"
    assert b"globex" not in mine.send("GET", "/").body and mine.send("GET", "/").body.count(b"<Bucket>") == 1
    mine.send("PUT", "/backups/more")
    token = mine.send("GET", "/backups?list-type=2&max-keys=1").element("NextContinuationToken")
    assert b"acme" not in other.send("GET", f"/backups?list-type=2&continuation-token={token}").body
    assert mine.send("GET", f"/{acme['id']}--backups/whose").body == b"acme"
    assert up.parts().status == 200 and up.abort().status == 204
