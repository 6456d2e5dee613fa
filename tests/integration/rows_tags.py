# SPDX-License-Identifier: MIT
"""Tags of objects: the rules of sets, of the header, and of what a change leaves alone."""
from row import Row, has, head

E = "\u00e9"


def tagging(*pairs):
    return ("<Tagging><TagSet>" + "".join(f"<Tag><Key>{k}</Key><Value>{v}</Value></Tag>" for k, v in pairs)
            + "</TagSet></Tagging>").encode()


def make_world(wire):
    assert wire.send("PUT", "/tags").status == 200
    for key in ("kept", "doc", "header"):
        assert wire.send("PUT", "/tags/" + key, body=b"hello").status == 200


def put(name, body, status, code="", target="/tags/doc?tagging"):
    return Row("document: " + name, "PUT", target, status, code, body=body)


def header(name, value, status, code=""):
    return Row("header: " + name, "PUT", "/tags/header", status, code, [("x-amz-tagging", value)], b"hello")


def got(name, *pairs, key="doc"):
    return Row(name, "GET", f"/tags/{key}?tagging", 200, check=has(tagging(*pairs).decode()[9:-10]))


DOCUMENT = [
    got("none is the empty set"),
    Row("not counted", "HEAD", "/tags/doc", 200, check=head(x_amz_tagging_count=None)),
    put("two", tagging(("b", "2"), ("a", "")), 200),
    got("in the order of the client", ("b", "2"), ("a", "")),
    Row("counted by HEAD", "HEAD", "/tags/doc", 200, check=head(x_amz_tagging_count="2")),
    Row("counted by GET", "GET", "/tags/doc", 200, check=head(x_amz_tagging_count="2")),
    Row("counted with a range", "GET", "/tags/doc", 206, "", [("Range", "bytes=0-1")], check=head(x_amz_tagging_count="2")),
    put("ten replace them", tagging(*[(f"k{i}", "v") for i in range(10)]), 200),
    got("they did", *[(f"k{i}", "v") for i in range(10)]),
    put("eleven", tagging(*[(f"k{i}", "v") for i in range(11)]), 400, "InvalidTag"),
    put("longest, in characters", tagging((E * 128, E * 256)), 200),
    got("comes back", (E * 128, E * 256)),
    put("key too long", tagging((E * 129, "")), 400, "InvalidTag"),
    put("value too long", tagging(("k", E * 257)), 400, "InvalidTag"),
    put("every mark", tagging(("+ - = . _ : / @", "+-=._:/@")), 200),
    put("another mark", tagging(("a*b", "")), 400, "InvalidTag"),
    put("a picture", tagging(("a", "\U0001F600")), 400, "InvalidTag"),
    put("a line feed", tagging(("a", "b&#xa;c")), 400, "InvalidTag"),
    put("no key", tagging(("", "v")), 400, "InvalidTag"),
    put("twice", tagging(("a", "1"), ("a", "2")), 400, "InvalidTag"),
    put("case makes another", tagging(("a", "1"), ("A", "2")), 200),
    put("system's", tagging(("aws:x", "1")), 400, "InvalidTag"),
    put("system's, in capitals", tagging(("AWS:x", "1")), 400, "InvalidTag"),
    put("nothing", b"", 400, "MalformedXML"),
    put("not XML", b"{}", 400, "MalformedXML"),
    put("another root", tagging().replace(b"Tagging", b"Tags"), 400, "MalformedXML"),
    put("no set", b"<Tagging/>", 400, "MalformedXML"),
    put("no value", b"<Tagging><TagSet><Tag><Key>a</Key></Tag></TagSet></Tagging>", 400, "MalformedXML"),
    put("no key element", b"<Tagging><TagSet><Tag><Value>a</Value></Tag></TagSet></Tagging>", 400, "MalformedXML"),
    got("refusals changed nothing", ("a", "1"), ("A", "2")),
    put("an empty set", tagging(), 200),
    got("is none"),
    put("of no key", tagging(("a", "1")), 404, "NoSuchKey", "/tags/none?tagging"),
    put("of no bucket", tagging(("a", "1")), 404, "NoSuchBucket", "/nobucket-x/k?tagging"),
    Row("document: anonymous", "PUT", "/tags/doc?tagging", 403, "AccessDenied", body=tagging(("a", "1")), anonymous=True),
    Row("get of no key", "GET", "/tags/none?tagging", 404, "NoSuchKey"),
    Row("delete of no key", "DELETE", "/tags/none?tagging", 404, "NoSuchKey"),
    Row("no such method", "POST", "/tags/doc?tagging", 405, "MethodNotAllowed"),
    Row("wrong version", "PUT", "/tags/doc?tagging&versionId=x", 400, "InvalidArgument", body=tagging(("a", "1"))),
    Row("delete, wrong version", "DELETE", "/tags/doc?tagging&versionId=x", 400, "InvalidArgument"),
]

HEADER = [
    header("two", "a=1&b=2", 200),
    got("are there", ("a", "1"), ("b", "2"), key="header"),
    header("key alone", "key&", 200),
    got("has an empty value", ("key", ""), key="header"),
    header("encoded", "a+b=%2B%3D&%C3%A9=x", 200),
    got("is decoded once", ("a b", "+="), (E, "x"), key="header"),
    header("a mark that is not allowed", "a=%26", 400, "InvalidTag"),
    header("back to one", "key", 200),
    header("bad escape", "a=%zz", 400, "InvalidArgument"),
    header("cut escape", "a=%4", 400, "InvalidArgument"),
    header("not UTF-8", "a=%ff", 400, "InvalidArgument"),
    header("twice", "a=1&a=2", 400, "InvalidTag"),
    header("no key", "=1", 400, "InvalidTag"),
    header("system's", "aws%3Ax=1", 400, "InvalidTag"),
    header("eleven", "&".join(f"k{i}=v" for i in range(11)), 400, "InvalidTag"),
    got("refusals stored nothing", ("key", ""), key="header"),
    Row("a put without takes them away", "PUT", "/tags/header", 200, body=b"x"),
    got("gone", key="header"),
    Row("upload: bad escape", "POST", "/tags/big?uploads", 400, "InvalidArgument", [("x-amz-tagging", "a=%zz")]),
    Row("upload: bad tag", "POST", "/tags/big?uploads", 400, "InvalidTag", [("x-amz-tagging", "aws:x=1")]),
]

KEPT = [
    put("before deletion", tagging(("a", "1")), 200, target="/tags/kept?tagging"),
    Row("deletion of tags", "DELETE", "/tags/kept?tagging", 204),
    Row("deletion of none", "DELETE", "/tags/kept?tagging", 204),
    Row("deletion of the null version's tags", "DELETE", "/tags/kept?tagging&versionId=null", 204,
        check=head(x_amz_version_id="null")),
    Row("the object is still there", "GET", "/tags/kept", 200, check=lambda r: r.body == b"hello"),
]

ROWS = [*DOCUMENT, *HEADER, *KEPT]
