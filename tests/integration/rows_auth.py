# SPDX-License-Identifier: MIT
"""Authentication that is not Signature V4 in the header: in the query, of Version 2, and none at all."""
from digests import crc32, md5
from row import Row, ago, has, head
from wire import STREAM, UNSIGNED_TRAILER, sha256

HELLO = b"0123456789"


def make_world(wire):
    assert wire.send("PUT", "/aut").status == 200
    assert wire.send("PUT", "/aut/hello", body=HELLO).status == 200
    assert wire.send("PUT", "/aut/gone", body=HELLO).status == 200


def presigned(name, method, target, status, code="", headers=(), expires=60, **how):
    return Row("presigned, " + name, method, target, status, code, headers, expires=expires, **how)


def query(change):
    """Changes each part of the query, after it was signed; None drops it."""
    def mangle(target):
        path, _, parts = target.partition("?")
        return path + "?" + "&".join(filter(None, map(change, parts.split("&"))))
    return mangle


def without(field):
    return query(lambda part: None if part.startswith(field + "=") else part)


def put(field, value):
    return query(lambda part: f"{field}={value}" if part.startswith(field + "=") else part)


def also(text):
    return lambda target: target + text


BAD_QUERY = "AuthorizationQueryParametersError"

PRESIGNED = [
    presigned("get", "GET", "/aut/hello", 200, check=lambda r: r.body == HELLO),
    presigned("head", "HEAD", "/aut/hello", 200),
    presigned("list", "GET", "/aut?list-type=2&prefix=he", 200, check=has("<Key>hello</Key>")),
    presigned("put", "PUT", "/aut/put", 200, body=b"put"),
    presigned("delete", "DELETE", "/aut/gone", 204),
    presigned("create an upload", "POST", "/aut/mp?uploads", 200, check=has("<UploadId>")),
    presigned("delete several", "POST", "/aut?delete", 200, body=b"<Delete><Object><Key>none</Key></Object></Delete>",
              check=has("<Deleted>")),
    presigned("other method", "DELETE", "/aut/hello", 403, "SignatureDoesNotMatch", signed_method="GET"),
    presigned("no key", "GET", "/aut/none", 404, "NoSuchKey"),
    presigned("no bucket", "GET", "/aut-none/none", 404, "NoSuchBucket"),
    presigned("another parameter", "GET", "/aut/hello", 403, "SignatureDoesNotMatch", mangle=also("&versionId=null")),
    presigned("another key", "GET", "/aut/hello", 403, "SignatureDoesNotMatch", mangle=lambda t: t.replace("hello", "put")),
    presigned("unknown access key", "GET", "/aut/hello", 403, "InvalidAccessKeyId", access_key="AKIAUNKNOWNUNKNOWN00"),
    presigned("wrong secret", "GET", "/aut/hello", 403, "SignatureDoesNotMatch", secret="x" * 40,
              check=has("<StringToSign>AWS4-HMAC-SHA256", "<CanonicalRequest>GET", "UNSIGNED-PAYLOAD", "<SignatureProvided>")),
    *[presigned(f"without {field}", "GET", "/aut/hello", 400, BAD_QUERY, mangle=without(field))
      for field in ("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders",
                    "X-Amz-Signature")],
    *[presigned(f"{field} {value!r}", "GET", "/aut/hello", 400, BAD_QUERY, mangle=put(field, value)) for field, value in (
        ("X-Amz-Algorithm", "AWS4-HMAC-SHA1"), ("X-Amz-Algorithm", ""), ("X-Amz-Credential", "x"), ("X-Amz-Credential", ""),
        ("X-Amz-Credential", "K/2026/us-east-1/s3/aws4_request"), ("X-Amz-Date", "yesterday"), ("X-Amz-Date", ""),
        ("X-Amz-Date", "20200101T000000Z"), ("X-Amz-SignedHeaders", ""), ("X-Amz-Signature", ""))],
    presigned("a field twice", "GET", "/aut/hello", 400, BAD_QUERY, mangle=also("&X-Amz-Expires=60")),
    presigned("short signature", "GET", "/aut/hello", 403, "SignatureDoesNotMatch", mangle=lambda t: t[:-1]),
    presigned("other service", "GET", "/aut/hello", 400, BAD_QUERY, service="ec2"),
    presigned("wrong region", "GET", "/aut/hello", 400, BAD_QUERY, region="mars-1", check=has("<Region>us-east-1</Region>")),
    presigned("wrong region, HEAD", "HEAD", "/aut/hello", 400, region="mars-1", check=head(x_amz_bucket_region="us-east-1")),
    presigned("day of another date", "GET", "/aut/hello", 400, BAD_QUERY, day="20200101"),
    presigned("expires 0", "GET", "/aut/hello", 403, "AccessDenied", expires=0,
              check=has("<Message>Request has expired</Message>", "<X-Amz-Expires>0<", "<Expires>", "<ServerTime>")),
    presigned("expires -1", "GET", "/aut/hello", 400, BAD_QUERY, expires=-1),
    presigned("expires 604800", "GET", "/aut/hello", 200, expires=604800),
    presigned("expires 604801", "GET", "/aut/hello", 400, BAD_QUERY, expires=604801),
    *[presigned(f"expires {value!r}", "GET", "/aut/hello", 400, BAD_QUERY, expires=value)
      for value in ("", "soon", "60s", "6e1", "0x3c", "99999999999999999999999")],
    presigned("expired", "GET", "/aut/hello", 403, "AccessDenied", at=ago(seconds=62), check=has("has expired", "Z</Expires>")),
    presigned("old and valid", "GET", "/aut/hello", 200, at=ago(days=6), expires=604800),
    presigned("14 minutes ahead", "GET", "/aut/hello", 200, at=ago(minutes=-14)),
    presigned("16 minutes ahead", "GET", "/aut/hello", 403, "AccessDenied", at=ago(minutes=-16), check=has("not yet valid")),
    presigned("year 9999", "GET", "/aut/hello", 403, "AccessDenied", at="99991231T000000Z"),
    presigned("signed header", "PUT", "/aut/meta", 200, "", [("x-amz-meta-a", "1"), ("Content-Type", "text/x-a")]),
    presigned("signed header, other value", "PUT", "/aut/meta", 403, "SignatureDoesNotMatch",
              mangle=lambda t: t.replace("/aut/meta", "/aut/met%61a")),
    *[presigned(f"unsigned {name}", "PUT", "/aut/unsigned", 403, "AccessDenied", [(name, value)], signed=["host"],
                check=has(f"<HeadersNotSigned>{name}</HeadersNotSigned>"))
      for name, value in (("x-amz-copy-source", "/aut/hello"), ("x-amz-acl", "private"), ("x-amz-tagging", "a=b"),
                          ("x-amz-meta-a", "1"))],
    presigned("host unsigned", "GET", "/aut/hello", 403, "AccessDenied", signed=["x-amz-date"]),
    presigned("nothing was stored", "GET", "/aut/unsigned", 404, "NoSuchKey"),
    presigned("unsigned headers that mean little", "GET", "/aut/hello", 206, "", [("Range", "bytes=0-1"), ("Accept", "*/*")],
              signed=["host"], check=lambda r: r.body == b"01"),
    presigned("metadata in the query", "PUT", "/aut/fields?x-amz-meta-a_b=1%202&X-Amz-Meta-C=%2B", 200),
    Row("presigned, metadata is there", "HEAD", "/aut/fields", 200, check=head(x_amz_meta_c="+")),
    presigned("copy source in the query", "PUT", "/aut/copied?x-amz-copy-source=%2Faut%2Fhello", 200,
              check=has("<CopyObjectResult")),
    presigned("copied", "GET", "/aut/copied", 200, check=lambda r: r.body == HELLO),
    presigned("ACL in the query", "PUT", "/aut/fields?x-amz-acl=mine", 400, "InvalidArgument"),
    presigned("line break in the query", "PUT", "/aut/fields?x-amz-meta-a=1%0d%0aX:%202", 400, "InvalidArgument"),
    presigned("checksum in the query", "PUT", f"/aut/fields?x-amz-checksum-crc32={crc32(b'x').replace('=', '%3D')}", 200, body=b"x"),
    presigned("wrong checksum in the query", "PUT", "/aut/fields?x-amz-checksum-crc32=AAAAAA%3D%3D", 400, "BadDigest", body=b"x"),
    presigned("payload hash", "PUT", "/aut/hash", 200, body=b"x", payload=sha256(b"x")),
    presigned("payload hash, other body", "PUT", "/aut/hash", 400, "XAmzContentSHA256Mismatch", body=b"y", payload=sha256(b"x")),
    presigned("payload nonsense", "PUT", "/aut/hash", 400, "InvalidArgument", body=b"y", payload="nonsense"),
    presigned("stream", "PUT", "/aut/stream", 200, "", [("x-amz-decoded-content-length", "10")], chunks=(HELLO,), payload=STREAM),
    presigned("response headers", "GET", "/aut/hello?response-content-type=text%2Fx-a&response-expires=never", 200,
              check=head(content_type="text/x-a", expires="never")),
    presigned("session token", "GET", "/aut/hello?X-Amz-Security-Token=x%2By", 400, "InvalidToken",
              check=has("<Token-0>x+y</Token-0>")),
    presigned("header as well", "GET", "/aut/hello", 400, "InvalidArgument", [("Authorization", "AWS a:b")], signed=["host"]),
    presigned("V2 as well", "GET", "/aut/hello", 400, "InvalidArgument", mangle=also("&Signature=x")),
    presigned("plus is a space", "GET", "/aut?prefix=a+b", 200, check=has("<Prefix>a b</Prefix>")),
    presigned("plus is a plus when so signed", "GET", "/aut?prefix=a+b", 200, plus="+", check=has("<Prefix>a+b</Prefix>")),
]

HEADER = [
    Row("session token", "GET", "/aut/hello", 400, "InvalidToken", [("x-amz-security-token", "x")]),
    Row("session token of an unknown key", "GET", "/aut/hello", 400, "InvalidToken", [("x-amz-security-token", "x")],
        access_key="AKIAUNKNOWNUNKNOWN00"),
    Row("session token, empty", "GET", "/aut/hello", 200, "", [("x-amz-security-token", "")]),
    Row("skew is told in whole seconds", "GET", "/aut/hello", 403, "RequestTimeTooSkewed", at="20200101T000000Z",
        check=lambda r: len(r.element("ServerTime")) == 20 and r.element("RequestTime") == "20200101T000000Z"),
]



def v2(name, method, target, status, code="", headers=(), **how):
    how.setdefault("date", "http")
    return Row("V2, " + name, method, target, status, code, headers, version=2, **how)


def of_v2(value):
    return {"headers": [("Authorization", value)], "anonymous": True}


V2 = [
    v2("get", "GET", "/aut/hello", 200, check=lambda r: r.body == HELLO),
    v2("head", "HEAD", "/aut/hello", 200),
    v2("list", "GET", "/aut?prefix=he&max-keys=1", 200, check=has("<Key>hello</Key>")),
    v2("buckets", "GET", "/", 200),
    v2("bucket, signed with a slash", "GET", "/aut", 200, signed_path="/aut/"),
    v2("sub-resource", "GET", "/aut?location", 200),
    v2("sub-resource with an empty value", "GET", "/aut?location=", 200),
    v2("sub-resource, signed bare", "GET", "/aut?location=", 200, signed_path="/aut?location"),
    v2("sub-resource that is not signed", "GET", "/aut?location", 403, "SignatureDoesNotMatch", signed_path="/aut"),
    v2("sub-resource that V2 does not know", "GET", "/aut?policyStatus", 404, "NoSuchBucketPolicy"),
    v2("put", "PUT", "/aut/v2", 200, "", [("Content-Type", "text/x-a"), ("x-amz-meta-a_b", "1"), ("x-amz-meta-a", "2"),
                                          ("x-amz-meta-a", "3")], body=b"v2", front="nginx"),
    Row("V2, put is there", "HEAD", "/aut/v2", 200, check=head(content_type="text/x-a", x_amz_meta_a="2,3"), front="nginx"),
    v2("put with MD5", "PUT", "/aut/v2", 200, "", [("Content-MD5", md5(b"v2"))], body=b"v2"),
    v2("put with a payload hash", "PUT", "/aut/v2", 400, "XAmzContentSHA256Mismatch", body=b"v2", payload=sha256(b"x")),
    v2("put of a signed stream", "PUT", "/aut/v2", 400, "InvalidRequest", body=b"v2", payload=STREAM),
    v2("delete", "DELETE", "/aut/v2", 204),
    v2("virtual host", "GET", "/hello", 200, host="aut.s3.example.test", host_bucket="aut"),
    v2("virtual host, list", "GET", "/?prefix=hello", 200, host="aut.s3.example.test", host_bucket="aut"),
    v2("virtual host, bucket unsigned", "GET", "/hello", 403, "SignatureDoesNotMatch", host="aut.s3.example.test"),
    v2("escaped path", "GET", "/aut/h%65llo", 200),
    v2("escaped path, signed plain", "GET", "/aut/h%65llo", 403, "SignatureDoesNotMatch", signed_path="/aut/hello"),
    v2("x-amz-date", "GET", "/aut/hello", 200, date="amz"),
    v2("x-amz-date governs", "GET", "/aut/hello", 200, "", [("Date", "Mon, 01 Jan 2001 00:00:00 GMT")], date="amz"),
    v2("unknown access key", "GET", "/aut/hello", 403, "InvalidAccessKeyId", access_key="AKIAUNKNOWNUNKNOWN00"),
    v2("wrong secret", "GET", "/aut/hello", 403, "SignatureDoesNotMatch", secret="x" * 40,
       check=has("<StringToSign>GET\n\n\n", "/aut/hello</StringToSign>", "<SignatureProvided>")),
    v2("wrong secret, missing bucket", "GET", "/aut-none", 403, "SignatureDoesNotMatch", secret="x" * 40),
    *[Row(f"V2, {value!r}", "GET", "/aut/hello", 400, "InvalidArgument", **of_v2(value))
      for value in ("AWS x", "AWS :", "AWS x:", "AWS :x", "aws x:y")],
    v2("no date", "GET", "/aut/hello", 403, "AccessDenied", date=False),
    v2("date unparsable", "GET", "/aut/hello", 403, "AccessDenied", at="yesterday"),
    v2("x-amz-date unparsable", "GET", "/aut/hello", 403, "AccessDenied", at="yesterday", date="amz"),
    v2("before 1970", "GET", "/aut/hello", 403, "AccessDenied", at="Wed, 31 Dec 1969 23:59:59 GMT"),
    v2("skewed back", "GET", "/aut/hello", 403, "RequestTimeTooSkewed", at=ago(minutes=16)),
    v2("skewed forth", "GET", "/aut/hello", 403, "RequestTimeTooSkewed", at=ago(minutes=-16)),
    v2("year 9999", "GET", "/aut/hello", 403, "RequestTimeTooSkewed", at="Fri, 31 Dec 9999 23:59:59 GMT",
       check=has("<RequestTime>Fri, 31 Dec 9999")),
    v2("14 minutes", "GET", "/aut/hello", 200, at=ago(minutes=14)),
    v2("session token", "GET", "/aut/hello", 400, "InvalidToken", [("x-amz-security-token", "x")]),
    v2("query as well", "GET", "/aut/hello?Signature=x", 400, "InvalidArgument"),
]


def v2_query(name, method, target, status, code="", headers=(), expires=60, **how):
    return Row("V2 query, " + name, method, target, status, code, headers, version=2, expires=expires, **how)


V2_QUERY = [
    v2_query("get", "GET", "/aut/hello", 200, check=lambda r: r.body == HELLO),
    v2_query("head", "HEAD", "/aut/hello", 200),
    v2_query("put", "PUT", "/aut/v2q", 200, body=b"x"),
    v2_query("delete", "DELETE", "/aut/v2q", 204),
    v2_query("other method", "DELETE", "/aut/hello", 403, "SignatureDoesNotMatch", signed_method="GET"),
    v2_query("response headers", "GET", "/aut/hello?response-content-type=text%2Fx%20a", 200, check=head(content_type="text/x a")),
    v2_query("virtual host", "GET", "/hello", 200, host="aut.s3.example.test", host_bucket="aut"),
    v2_query("far future", "GET", "/aut/hello", 200, expires="4102444800"),
    v2_query("expired", "GET", "/aut/hello", 403, "AccessDenied", expires="1175139620",
             check=has("<Message>Request has expired</Message>", "<Expires>2007-03-29T03:40:20Z</Expires>", "<ServerTime>")),
    v2_query("expires 0", "GET", "/aut/hello", 403, "AccessDenied", expires="0"),
    *[v2_query(f"expires {value!r}", "GET", "/aut/hello", 403, "AccessDenied", expires=value)
      for value in ("", "soon", "-1", "1e9", "99999999999999999999999")],
    *[v2_query(f"without {field}", "GET", "/aut/hello", 403, "AccessDenied", mangle=without(field))
      for field in ("AWSAccessKeyId", "Expires", "Signature")],
    v2_query("a field twice", "GET", "/aut/hello", 403, "AccessDenied", mangle=also("&Expires=4102444800")),
    v2_query("another expiry", "GET", "/aut/hello", 403, "SignatureDoesNotMatch", mangle=put("Expires", "4102444800")),
    *[v2_query(f"and then ?{word}", "GET", "/aut/hello", 403, "SignatureDoesNotMatch", mangle=also("&" + word))
      for word in ("acl", "versionId=null", "response-expires=x", "retention", "x-amz-acl=private")],
    v2_query("unknown access key", "GET", "/aut/hello", 403, "InvalidAccessKeyId", access_key="AKIAUNKNOWNUNKNOWN00"),
    v2_query("wrong secret", "GET", "/aut/hello", 403, "SignatureDoesNotMatch", secret="x" * 40),
    v2_query("signed header", "PUT", "/aut/v2q", 200, "", [("Content-Type", "text/x-a"), ("x-amz-meta-a", "1")]),
    v2_query("signed copy source", "PUT", "/aut/copied-too", 200, "", [("x-amz-copy-source", "/aut/hello")],
             check=has("<CopyObjectResult")),
    v2_query("session token", "GET", "/aut/hello", 400, "InvalidToken", [("x-amz-security-token", "x")]),
    v2_query("no key", "GET", "/aut/none", 404, "NoSuchKey"),
    v2_query("no bucket", "GET", "/aut-none/none", 404, "NoSuchBucket"),
]

ANONYMOUS = [
    Row("anonymous, " + name, method, target, status, code, headers, body, anonymous=True, **how)
    for name, method, target, status, code, headers, body, how in (
        ("no bucket", "GET", "/aut-none/k", 404, "NoSuchBucket", [], b"", {}),
        ("buckets", "GET", "/", 403, "AccessDenied", [], b"", {}),
        ("upload", "POST", "/aut/k?uploads", 403, "AccessDenied", [], b"", {}),
        ("copy", "PUT", "/aut/k", 403, "AccessDenied", [("x-amz-copy-source", "/aut/hello")], b"", {}),
        ("response header", "GET", "/aut/hello?response-expires=x", 400, "InvalidRequest", [], b"", {}),
        ("response type", "HEAD", "/aut/hello?response-content-type=x", 400, "", [], b"", {}),
        ("response header of a list", "GET", "/aut?response-expires=x", 403, "AccessDenied", [], b"", {}),
        ("field in the query", "GET", "/aut/hello?x-amz-acl=mine", 403, "AccessDenied", [], b"", {}),
        ("signed stream", "PUT", "/aut/k", 400, "InvalidRequest", [], b"x", {"payload": STREAM}),
        ("unsigned stream", "PUT", "/aut/k", 403, "AccessDenied", [], b"x", {"payload": UNSIGNED_TRAILER}))
]

ROWS = [*PRESIGNED, *HEADER, *V2, *V2_QUERY, *ANONYMOUS]
