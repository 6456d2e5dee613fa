# SPDX-License-Identifier: MIT
"""Rules at their edges: what is decided first, names, ranges, conditions and deletions beside those of protocol_rows."""
import hashlib

from row import Row, has, head

HELLO = b"0123456789"
ETAG, OTHER = '"%s"' % hashlib.md5(HELLO).hexdigest(), '"%s"' % ("0" * 32)
PAST, FUTURE = "Mon, 01 Jan 2001 00:00:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT"
LONGEST = "edg-" + "x" * 59


def make_world(wire):
    assert wire.send("PUT", "/edg").status == 200
    for key, body in (("hello", HELLO), ("empty", b""), ("a", b""), ("b/1", b""), ("b/2", b""), ("c", b"")):
        assert wire.send("PUT", "/edg/" + key, body=body).status == 200


def get(name, status, code="", headers=(), target="/edg/hello", method="GET", **how):
    return Row("get: " + name, method, target, status, code, headers, **how)


def anonymous(name, *headers, target="/edg/k"):
    return Row("authority first: " + name, "PUT", target, 403, "AccessDenied", headers, HELLO, anonymous=True)


GENERAL = [
    anonymous("encryption unknown", ("x-amz-server-side-encryption", "ROT13")),
    anonymous("encryption", ("x-amz-server-side-encryption", "AES256")),
    anonymous("acl unknown", ("x-amz-acl", "mine")),
    anonymous("acl", ("x-amz-acl", "public-read")),
    anonymous("storage class unknown", ("x-amz-storage-class", "GOLD")),
    anonymous("MD5 malformed", ("Content-MD5", "x")),
    anonymous("tags malformed", ("x-amz-tagging", "a=%zz")),
    anonymous("a sub-resource that is not there", target="/edg?policy"),
    get("URI told", 400, "InvalidURI", target="/edg/%ff", check=has("<Message>Couldn't parse the specified URI.</Message>")),
    *[Row(f"copy source: {method} {target}", method, target, 400, "InvalidArgument", [("x-amz-copy-source", "/edg/hello")])
      for method, target in (("DELETE", "/edg/hello"), ("PUT", "/edg"), ("GET", "/edg"), ("PUT", "/edg/hello?tagging"),
                             ("POST", "/edg?delete"), ("DELETE", "/edg/hello?uploadId=x"), ("GET", "/"))],
    Row("copy source: empty", "GET", "/edg/hello", 400, "InvalidArgument", [("x-amz-copy-source", "")]),
    Row("copy source: a part's range, empty", "PUT", "/edg/copy", 400, "InvalidArgument",
        [("x-amz-copy-source", "/edg/hello"), ("x-amz-copy-source-range", "")]),
    Row("copy source: HEAD", "HEAD", "/edg/hello", 400, headers=[("x-amz-copy-source", "/edg/hello")]),
    Row("post to the service, another service's action", "POST", "/", 405, "MethodNotAllowed",
        [("Content-Type", "application/x-www-form-urlencoded")], b"Version=2010-05-08"),
]

UNSET = [Row(f"unset: {word}", "GET", f"/edg?{word}&id=x", 404, "NoSuchConfiguration")
         for word in ("analytics", "intelligent-tiering", "inventory", "metrics")]

BUCKETS = [
    Row("name of 3", "PUT", "/edg", 200),
    Row("name of 63", "PUT", "/" + LONGEST, 200, check=head(location="/" + LONGEST)),
    Row("name of 63, deleted", "DELETE", "/" + LONGEST, 204),
    Row("name of digits and dots", "PUT", "/1.2.3", 200),
    Row("name of digits and dots, deleted", "DELETE", "/1.2.3", 204),
    Row("again by its owner, same ACL", "PUT", "/edg", 200, "", [("x-amz-acl", "private")]),
    *[Row(f"configuration with {name}", "PUT", "/edg-loc", 501, "NotImplemented", body=(
        f"<CreateBucketConfiguration><{name}/></CreateBucketConfiguration>").encode()) for name in ("Tags", "Bucket", "Location")],
    Row("not made", "HEAD", "/edg-loc", 404),
]


def listing(name, query, check):
    return Row("list: " + name, "GET", "/edg?" + query, 200, check=check)


LISTING = [
    listing("NextMarker is a key", "delimiter=/&max-keys=1", has("<NextMarker>a</NextMarker>", "<IsTruncated>true<")),
    listing("no NextMarker at the end", "delimiter=/", lambda r: b"NextMarker" not in r.body and has("<IsTruncated>false<")(r)),
    listing("whose, in both", "prefix=c", has("<Owner><ID>", "</ID><DisplayName>")),
]


def ranged(name, text, status, code="", body=None, target="/edg/hello"):
    return Row("range: " + name, "GET", target, status, code, [("Range", text)], check=lambda r: body is None or r.body == body)


RANGES = [
    *[ranged(f"malformed {text!r}", text, 200, "", HELLO) for text in (
        "bytes", "bytes=", "bytes=-", "bytes=1", "bytes=1-2x", "bytes=x1-2", "bytes=1--2", "bytes=--2", "bytes 1-2",
        "bytes=0-1,", "items=0-1")],
    ranged("one byte", "bytes=0-0", 206, "", b"0"),
    ranged("the last", "bytes=9-", 206, "", b"9"),
    ranged("all as suffix", "bytes=-10", 206, "", HELLO),
    *[ranged(f"of nothing, {text}", text, 416, "InvalidRange", target="/edg/empty") for text in ("bytes=0-", "bytes=-0", "bytes=1-1")],
    ranged("told", "bytes=10-20", 416, "InvalidRange"),
    Row("range: size told", "GET", "/edg/hello", 416, "InvalidRange", [("Range", "bytes=10-20")],
        check=has("<RangeRequested>bytes=10-20</RangeRequested>", "<ActualObjectSize>10</ActualObjectSize>")),
    get("HEAD, part and range", 400, headers=[("Range", "bytes=0-1")], target="/edg/hello?partNumber=1", method="HEAD"),
]

CONDITIONS = [
    get("If-Match of another beats 304", 412, "PreconditionFailed", [("If-Match", OTHER), ("If-None-Match", ETAG)]),
    get("If-Match and If-None-Match", 304, headers=[("If-Match", ETAG), ("If-None-Match", ETAG)], check=head(etag=ETAG)),
    get("If-Match true beats Unmodified, then 304", 304,
        headers=[("If-Match", ETAG), ("If-Unmodified-Since", PAST), ("If-None-Match", ETAG)]),
    get("If-None-Match *", 304, headers=[("If-None-Match", "*")], check=head(etag=ETAG)),
    get("If-None-Match bare", 304, headers=[("If-None-Match", ETAG.strip('"'))]),
    get("If-None-Match in a list", 304, headers=[("If-None-Match", f"{OTHER}, {ETAG}")]),
    get("If-None-Match, and modified", 304, headers=[("If-None-Match", ETAG), ("If-Modified-Since", PAST)]),
    get("If-Match bare, of another", 412, "PreconditionFailed", [("If-Match", OTHER.strip('"'))]),
    get("If-Match of none", 404, "NoSuchKey", [("If-Match", "*")], "/edg/none"),
    get("If-Unmodified-Since nonsense", 200, headers=[("If-Unmodified-Since", "x")]),
    get("304 of a range", 304, headers=[("If-None-Match", ETAG), ("Range", "bytes=0-1")]),
    get("412 of a range", 412, "PreconditionFailed", [("If-Match", OTHER), ("Range", "bytes=99-")]),
    Row("put: If-None-Match of nothing", "PUT", "/edg/fresh", 200, "", [("If-None-Match", "*")], HELLO),
    Row("put: If-None-Match * bare etag", "PUT", "/edg/fresh", 412, "PreconditionFailed", [("If-None-Match", ETAG.strip('"'))], b"x"),
    Row("put: If-Match *", "PUT", "/edg/fresh", 200, "", [("If-Match", "*")], HELLO),
    Row("delete: another than it", "DELETE", "/edg/fresh", 412, "PreconditionFailed",
        [("If-Match", ETAG), ("x-amz-if-match-size", "11")]),
    Row("delete: time nonsense", "DELETE", "/edg/fresh", 400, "InvalidArgument", [("x-amz-if-match-last-modified-time", "x")]),
    Row("delete: of it", "DELETE", "/edg/fresh", 204, "", [("If-Match", ETAG), ("x-amz-if-match-size", "10")]),
    get("deleted", 404, "NoSuchKey", target="/edg/fresh"),
    *[Row(f"delete: {name} of none", "DELETE", "/edg/none", 204, "", [(name, value)]) for name, value in (
        ("If-Match", "*"), ("x-amz-if-match-size", "10"), ("x-amz-if-match-last-modified-time", PAST))],
]

DELETING = [
    Row("delete: a key twice", "POST", "/edg?delete", 200, body=b"<Delete>" + b"<Object><Key>twice</Key></Object>" * 2 + b"</Delete>",
        check=lambda r: r.body.count(b"<Deleted><Key>twice</Key></Deleted>") == 2),
    Row("delete: no digest", "POST", "/edg?delete", 200, body=b"<Delete><Object><Key>none</Key></Object></Delete>"),
]

ROWS = [*GENERAL, *UNSET, *BUCKETS, *LISTING, *RANGES, *CONDITIONS, *DELETING]
