# SPDX-License-Identifier: MIT
"""Listings of objects and uploads at their edges."""
import re
import urllib.parse

from row import Row, has

KEYS = ["//", "a", "a--b", "a--c--d", "a/", "a/b//c", "b\x01", "bär", "b→c→d", "b→e", "~\n~", "€", "\U0001f600"]
IN_ORDER = sorted(KEYS, key=str.encode)


def make_world(wire):
    assert wire.send("PUT", "/edges").status == 200
    for key in KEYS:
        assert wire.send("PUT", "/edges/" + urllib.parse.quote(key), body=b"x").status == 200


def found(r):
    """Keys and groups of an answer with encoding-type=url."""
    text = r.body.decode()
    return ([urllib.parse.unquote(k) for k in re.findall("<Key>(.*?)</Key>", text)],
            [urllib.parse.unquote(p) for p in re.findall("<CommonPrefixes><Prefix>(.*?)</Prefix>", text)])


def page(name, query, keys, groups=(), **elements):
    """The same of both versions of the listing; query has no marker."""
    def check(r):
        return found(r) == (list(keys), list(groups)) and all(r.element(k) == v for k, v in elements.items())
    query = "&".join(f"{k}={urllib.parse.quote(v, safe='')}" for k, v in query.items())
    return [Row(f"{name}, v{v}", "GET", f"/edges?encoding-type=url&{kind}{query.replace('AFTER', after)}", 200, check=check)
            for v, kind, after in ((1, "", "marker"), (2, "list-type=2&", "start-after"))]


OBJECTS = [
    *page("byte order beyond ASCII", {}, IN_ORDER),
    *page("two characters part", {"delimiter": "--", "prefix": "a"}, ["a", "a/", "a/b//c"], ["a--"]),
    *page("two characters behind a prefix", {"delimiter": "--", "prefix": "a--"}, ["a--b"], ["a--c--"]),
    *page("several bytes part", {"delimiter": "→"}, [k for k in IN_ORDER if "→" not in k], ["b→"], Delimiter="%E2%86%92"),
    *page("several bytes behind a prefix", {"delimiter": "→", "prefix": "b→"}, ["b→e"], ["b→c→"]),
    *page("the first occurrence counts", {"delimiter": "/"}, [k for k in IN_ORDER if "/" not in k], ["/", "a/"]),
    *page("a slash after the prefix", {"delimiter": "/", "prefix": "/"}, [], ["//"]),
    *page("a delimiter across the prefix", {"delimiter": "--", "prefix": "a-"}, ["a--b"], ["a--c--"]),
    *page("a delimiter that is nowhere", {"delimiter": "longer than any key", "prefix": "a--"}, ["a--b", "a--c--d"]),
    *page("a control character parts", {"delimiter": "\x01", "prefix": "b"}, ["bär", "b→c→d", "b→e"], ["b\x01"],
          Delimiter="%01"),
    *page("a line break parts", {"delimiter": "\n"}, [k for k in IN_ORDER if "\n" not in k], ["~\n"], Delimiter="%0A"),
    *page("a prefix of a part of a character's", {"prefix": "b"}, ["b\x01", "bär", "b→c→d", "b→e"], Prefix="b"),
    *page("a group at the marker", {"delimiter": "--", "AFTER": "a--", "prefix": "a"}, ["a/", "a/b//c"]),
    *page("within a group", {"delimiter": "--", "AFTER": "a--b", "prefix": "a"}, ["a/", "a/b//c"], ["a--"]),
    *page("behind a group's last", {"delimiter": "--", "AFTER": "a--c--d", "prefix": "a"}, ["a/", "a/b//c"]),
    *page("a marker before the prefix", {"AFTER": "A", "prefix": "a--"}, ["a--b", "a--c--d"]),
    *page("a marker that is the prefix", {"AFTER": "a/", "prefix": "a/"}, ["a/b//c"]),
    *page("a marker behind the prefix", {"AFTER": "b", "prefix": "a"}, []),
    *page("a page of one group", {"delimiter": "--", "AFTER": "a", "prefix": "a", "max-keys": "1"}, [], ["a--"],
          IsTruncated="true"),
    *page("a last page that is full", {"prefix": "a--", "max-keys": "2"}, ["a--b", "a--c--d"], IsTruncated="false"),
    *page("no page", {"delimiter": "/", "max-keys": "0"}, [], IsTruncated="false", MaxKeys="0", Delimiter="/"),
    Row("fetch-owner false", "GET", "/edges?list-type=2&fetch-owner=false", 200, check=lambda r: b"<Owner>" not in r.body),
    Row("controls as references everywhere", "GET", "/edges?prefix=b%01&marker=%02&delimiter=%03", 200, check=has(
        "<Prefix>b&#x1;</Prefix>", "<Marker>&#x2;</Marker>", "<Delimiter>&#x3;</Delimiter>", "<Key>b&#x1;</Key>")),
    Row("NextMarker encoded", "GET", "/edges?encoding-type=url&delimiter=%0A&max-keys=1&prefix=~", 200, check=has(
        "<CommonPrefixes><Prefix>~%0A</Prefix></CommonPrefixes>", "<IsTruncated>false</IsTruncated>")),
    Row("NextMarker encoded, more", "GET", "/edges?encoding-type=url&delimiter=%0A&max-keys=1&marker=b%E2%86%92e", 200,
        check=has("<NextMarker>~%0A</NextMarker>", "<IsTruncated>true</IsTruncated>")),
]

UPLOADS = [
    Row(f"uploads, {what}", "GET", f"/edges?uploads&{query}", 400, "InvalidArgument") for what, query in (
        ("negative limit", "max-uploads=-1"), ("limit no number", "max-uploads=1x"), ("encoding unknown", "encoding-type=x"),
        ("id of nothing", "key-marker=a&upload-id-marker=0"))
] + [
    Row("uploads, echoed", "GET", "/edges?uploads&encoding-type=url&prefix=a%0A&delimiter=%E2%86%92"
        "&key-marker=b%20%2B&max-uploads=5000", 200, check=has(
            "<Prefix>a%0A</Prefix>", "<Delimiter>%E2%86%92</Delimiter>", "<KeyMarker>b%20%2B</KeyMarker>",
            "<UploadIdMarker></UploadIdMarker>", "<MaxUploads>1000</MaxUploads>", "<EncodingType>url</EncodingType>")),
    Row("uploads, an id alone is ignored", "GET", "/edges?uploads&upload-id-marker=0", 200),
    Row("uploads, limit 0", "GET", "/edges?uploads&max-uploads=0", 200, check=has("<IsTruncated>false</IsTruncated>")),
]

BUCKETS = [
    Row("buckets, whole", "GET", "/?prefix=edges", 200, check=lambda r: b"<ContinuationToken>" not in r.body and has(
        "<Bucket><Name>edges</Name><CreationDate>", "<BucketRegion>us-east-1</BucketRegion>", "<Prefix>edges</Prefix>")(r)),
    Row("buckets, of this region", "GET", "/?prefix=edges&bucket-region=us-east-1", 200, check=has("<Name>edges</Name>")),
    Row("buckets, without prefix", "GET", "/", 200, check=lambda r: b"<Prefix>" not in r.body and b"<Owner><ID>" in r.body),
    Row("buckets, prefix of none", "GET", "/?prefix=edges-", 200, check=lambda r: b"<Bucket>" not in r.body),
    Row("buckets, as many as there are", "GET", "/?prefix=edges&max-buckets=1", 200,
        check=lambda r: b"<ContinuationToken>" not in r.body),
    Row("buckets, at most", "GET", "/?max-buckets=10000", 200),
    Row("buckets, limit of words", "GET", "/?max-buckets=ten", 400, "InvalidArgument"),
]

ROWS = [*OBJECTS, *UPLOADS, *BUCKETS]
