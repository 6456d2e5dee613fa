# SPDX-License-Identifier: MIT
"""Versioning: what is refused, and what null versions and their markers answer."""
from row import Row, has, head

UNKNOWN = "0" * 15 + "1" + "0" * 15 + "1"
PAST = "Mon, 01 Jan 2001 00:00:00 GMT"


def status(word):
    return f"<VersioningConfiguration><Status>{word}</Status></VersioningConfiguration>".encode()


def keys(*objects):
    return ("<Delete>" + "".join(f"<Object>{o}</Object>" for o in objects) + "</Delete>").encode()


def make_world(wire):
    for bucket in ("vers", "vers-off", "vers-list"):
        assert wire.send("PUT", "/" + bucket).status == 200
    for target in ("vers/old", "vers/gone", "vers-off/plain", "vers-list/a/1", "vers-list/a/2", "vers-list/b%0A+%01"):
        assert wire.send("PUT", "/" + target, body=b"old").status == 200
    assert wire.send("PUT", "/vers-list?versioning", body=status("Suspended")).status == 200
    assert wire.send("DELETE", "/vers-list/a/1").status == 204


def put(name, code, body, status_=400):
    return Row(f"configuration: {name}", "PUT", "/vers?versioning", status_, code, body=body)


CONFIGURING = [
    Row("never configured", "GET", "/vers?versioning", 200, check=lambda r: b"Status" not in r.body),
    put("nothing", "MalformedXML", b""),
    put("not XML", "MalformedXML", b"{}"),
    put("another root", "MalformedXML", b"<Versioning/>"),
    put("without Status", "IllegalVersioningConfigurationException", b"<VersioningConfiguration/>"),
    put("wrong case", "MalformedXML", status("enabled")),
    put("unknown status", "MalformedXML", status("Off")),
    put("MFA", "NotImplemented", status("Enabled").replace(b"</V", b"<MfaDelete>Enabled</MfaDelete></V"), 501),
    Row("unconfigure", "DELETE", "/vers?versioning", 405, "MethodNotAllowed"),
    Row("configure none", "PUT", "/nobucket-x?versioning", 404, "NoSuchBucket", body=status("Enabled")),
    Row("configure, anonymous", "PUT", "/vers?versioning", 403, "AccessDenied", body=status("Enabled"), anonymous=True),
    Row("nothing is told before", "PUT", "/vers/plain", 200, body=b"x", check=head(x_amz_version_id=None)),
    Row("nor at a read", "GET", "/vers/plain", 200, check=head(x_amz_version_id=None)),
    Row("nor at a deletion", "DELETE", "/vers/plain", 204, check=head(x_amz_version_id=None, x_amz_delete_marker=None)),
    Row("null, never versioned", "GET", "/vers-off/plain?versionId=null", 200, check=head(x_amz_version_id="null")),
    Row("suspended first", "PUT", "/vers?versioning", 200, body=status("Suspended")),
    Row("is suspended", "GET", "/vers?versioning", 200, check=has("<Status>Suspended</Status>")),
]

SUSPENDED = [
    Row("put, suspended", "PUT", "/vers/old", 200, body=b"new", check=head(x_amz_version_id=None)),
    Row("get, suspended", "GET", "/vers/old", 200, check=lambda r: r.body == b"new" and r.header("x-amz-version-id") == "null"),
    Row("get null", "GET", "/vers/old?versionId=null", 200, check=lambda r: r.body == b"new"),
    Row("head null", "HEAD", "/vers/old?versionId=null", 200, check=head(x_amz_version_id="null", content_length="3")),
    Row("range of null", "GET", "/vers/old?versionId=null", 206, "", [("Range", "bytes=1-1")], check=lambda r: r.body == b"e"),
    Row("acl of null", "GET", "/vers/old?acl&versionId=null", 200),
    Row("deletion makes a marker", "DELETE", "/vers/gone", 204, check=head(x_amz_delete_marker="true", x_amz_version_id="null")),
    Row("marker, current", "GET", "/vers/gone", 404, "NoSuchKey",
        check=head(x_amz_delete_marker="true", x_amz_version_id="null")),
    Row("marker, head", "HEAD", "/vers/gone", 404, check=head(x_amz_delete_marker="true", x_amz_version_id="null")),
    Row("marker, tagging", "GET", "/vers/gone?tagging", 404, "NoSuchKey", check=head(x_amz_delete_marker="true")),
    Row("marker by id", "GET", "/vers/gone?versionId=null", 405, "MethodNotAllowed", check=lambda r: r.header(
        "last-modified") and head(allow="DELETE", x_amz_delete_marker="true", x_amz_version_id="null")(r)),
    Row("marker by id, head", "HEAD", "/vers/gone?versionId=null", 405, check=head(allow="DELETE")),
    Row("marker by id, acl", "GET", "/vers/gone?acl&versionId=null", 405, "MethodNotAllowed"),
    Row("marker by id, tagging", "GET", "/vers/gone?tagging&versionId=null", 405, "MethodNotAllowed"),
    Row("marker by id, retention", "GET", "/vers/gone?retention&versionId=null", 405, "MethodNotAllowed"),
    Row("marker by id, hold", "GET", "/vers/gone?legal-hold&versionId=null", 405, "MethodNotAllowed"),
    Row("marker, attributes", "GET", "/vers/gone?attributes", 404, "NoSuchKey", [("x-amz-object-attributes", "ETag")]),
    Row("marker by id, attributes", "GET", "/vers/gone?attributes&versionId=null", 405, "MethodNotAllowed",
        [("x-amz-object-attributes", "ETag")], check=head(x_amz_delete_marker="true")),
    Row("marker is not listed", "GET", "/vers?prefix=gone", 200, check=lambda r: b"<Key>" not in r.body),
    Row("put If-Match on a marker", "PUT", "/vers/gone", 404, "NoSuchKey", [("If-Match", "*")], b"x"),
    Row("delete If-Match on a marker", "DELETE", "/vers/gone", 412, "PreconditionFailed", [("If-Match", '"x"')]),
    Row("delete by size on a marker", "DELETE", "/vers/gone", 412, "PreconditionFailed", [("x-amz-if-match-size", "0")]),
    Row("delete by time on a marker", "DELETE", "/vers/gone", 412, "PreconditionFailed",
        [("x-amz-if-match-last-modified-time", PAST)]),
    Row("delete * on a marker", "DELETE", "/vers/gone", 204, "", [("If-Match", "*")], check=head(x_amz_version_id="null")),
    Row("delete the marker", "DELETE", "/vers/gone?versionId=null", 204, check=head(
        x_amz_delete_marker="true", x_amz_version_id="null")),
    Row("and again", "DELETE", "/vers/gone?versionId=null", 204, check=head(x_amz_delete_marker=None, x_amz_version_id="null")),
    Row("put If-None-Match where nothing is", "PUT", "/vers/gone", 200, "", [("If-None-Match", "*")], b"back"),
]

NAMING = [
    *[Row(f"{method} {what}", method, f"/vers/old?{query}", code_status, code) for method in ("GET", "DELETE")
      for what, query, code_status, code in (
          ("empty id", "versionId=", 400, "InvalidArgument"), ("empty id, no sign", "versionId", 400, "InvalidArgument"),
          ("malformed id", "versionId=x", 400, "InvalidArgument"), ("id in capitals", "versionId=NULL", 400, "InvalidArgument"),
          ("id too long", f"versionId={UNKNOWN}0", 400, "InvalidArgument"))],
    Row("malformed, told", "GET", "/vers/old?versionId=x", 400, "InvalidArgument", check=has(
        "<Message>Invalid version id specified</Message>", "<ArgumentName>versionId</ArgumentName>")),
    Row("malformed, head", "HEAD", "/vers/old?versionId=x", 400),
    Row("malformed of no bucket", "GET", "/nobucket-x/old?versionId=x", 404, "NoSuchBucket"),
    Row("malformed, anonymous", "GET", "/vers/old?versionId=x", 403, "AccessDenied", anonymous=True),
    Row("unknown", "GET", f"/vers/old?versionId={UNKNOWN}", 404, "NoSuchVersion",
        check=has("<Key>old</Key>", f"<VersionId>{UNKNOWN}</VersionId>")),
    Row("unknown, head", "HEAD", f"/vers/old?versionId={UNKNOWN}", 404),
    Row("unknown of no key", "GET", "/vers/none?versionId=null", 404, "NoSuchVersion"),
    Row("unknown, acl", "GET", f"/vers/old?acl&versionId={UNKNOWN}", 404, "NoSuchVersion"),
    Row("unknown, deleted", "DELETE", f"/vers/old?versionId={UNKNOWN}", 204, check=head(x_amz_version_id=UNKNOWN)),
    Row("unknown, conditions", "DELETE", f"/vers/old?versionId={UNKNOWN}", 204, "", [("If-Match", '"x"')]),
    *[Row(f"not taken: {name}", method, f"/vers/old?{query}versionId=null", 400, "InvalidArgument", body=b"",
          check=has("This operation does not accept a version-id."))
      for name, method, query in (("put", "PUT", ""), ("create upload", "POST", "uploads&"), ("list parts", "GET", "uploadId=x&"),
                                  ("part", "PUT", "partNumber=1&uploadId=x&"), ("complete", "POST", "uploadId=x&"),
                                  ("abort", "DELETE", "uploadId=x&"))],
    Row("of a bucket, ignored", "GET", "/vers?versionId=x", 200),
    Row("of the null version, condition", "DELETE", "/vers/old?versionId=null", 412, "PreconditionFailed", [("If-Match", '"x"')]),
    Row("of the null version, size", "DELETE", "/vers/old?versionId=null", 412, "PreconditionFailed",
        [("x-amz-if-match-size", "4")]),
    Row("is still there", "GET", "/vers/old", 200),
]

DELETING = [
    Row("many: ids", "POST", "/vers?delete", 200, body=keys(
        "<Key>old</Key><VersionId>x</VersionId>", f"<Key>old</Key><VersionId>{UNKNOWN}</VersionId>",
        "<Key>old</Key><VersionId>null</VersionId><Size>9</Size>", "<Key>old</Key>"),
        check=has("<Error><Key>old</Key><VersionId>x</VersionId><Code>InvalidArgument</Code>",
                  f"<Deleted><Key>old</Key><VersionId>{UNKNOWN}</VersionId></Deleted>",
                  "<VersionId>null</VersionId><Code>PreconditionFailed</Code>",
                  "<Deleted><Key>old</Key><DeleteMarker>true</DeleteMarker>"
                  "<DeleteMarkerVersionId>null</DeleteMarkerVersionId></Deleted>")),
    Row("many: a marker", "POST", "/vers?delete", 200, body=keys("<Key>old</Key><VersionId>null</VersionId>"),
        check=has("<Deleted><Key>old</Key><VersionId>null</VersionId><DeleteMarker>true</DeleteMarker>"
                  "<DeleteMarkerVersionId>null</DeleteMarkerVersionId></Deleted>")),
    Row("many: conditions", "POST", "/vers?delete", 200, body=keys(
        "<Key>gone</Key><ETag>x</ETag>", f"<Key>gone</Key><LastModifiedTime>{PAST}</LastModifiedTime>",
        "<Key>gone</Key><Size>4</Size><VersionId>null</VersionId>", "<Key>none</Key><ETag>x</ETag>"),
        check=lambda r: r.body.count(b"PreconditionFailed") == 2 and has(
            "<Deleted><Key>gone</Key><VersionId>null</VersionId></Deleted>", "<Deleted><Key>none</Key>")(r)),
]


def versions(name, query, status_, code="", check=None):
    return Row("versions: " + name, "GET", "/vers-list?versions" + query, status_, code, check=check)


LISTING = [
    versions("all", "", 200, check=has(
        "<KeyMarker></KeyMarker><VersionIdMarker></VersionIdMarker><MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated>",
        "<DeleteMarker><Key>a/1</Key><VersionId>null</VersionId><IsLatest>true</IsLatest>", "<DisplayName>",
        "<Version><Key>a/2</Key><VersionId>null</VersionId><IsLatest>true</IsLatest>", "<Key>b\n+&#x1;</Key>")),
    versions("a page", "&max-keys=1", 200, check=has(
        "<NextKeyMarker>a/1</NextKeyMarker><NextVersionIdMarker>null</NextVersionIdMarker><MaxKeys>1</MaxKeys>",
        "<IsTruncated>true</IsTruncated>")),
    versions("the next", "&key-marker=a/1&version-id-marker=null", 200, check=lambda r: b"a/1</Key>" not in r.body and
             has("<KeyMarker>a/1</KeyMarker><VersionIdMarker>null</VersionIdMarker>", "<Key>a/2</Key>")(r)),
    versions("groups", "&delimiter=/&max-keys=1", 200, check=lambda r: b"NextVersionIdMarker" not in r.body and has(
        "<CommonPrefixes><Prefix>a/</Prefix></CommonPrefixes>", "<NextKeyMarker>a/</NextKeyMarker>")(r)),
    versions("behind a group", "&delimiter=/&key-marker=a/", 200, check=lambda r: b"a/</Prefix>" not in r.body and
             r.body.count(b"<Key>") == 1),
    versions("encoded", "&encoding-type=url&prefix=b%0A&delimiter=%20%2B&key-marker=a%0A", 200, check=has(
        "<Key>b%0A%2B%01</Key>", "<Prefix>b%0A</Prefix><KeyMarker>a%0A</KeyMarker>", "<Delimiter>%20%2B</Delimiter>",
        "<EncodingType>url</EncodingType>")),
    versions("none", "&max-keys=0", 200, check=lambda r: b"<Key>" not in r.body and b"<IsTruncated>false" in r.body),
    versions("at most", "&max-keys=5000", 200, check=has("<MaxKeys>1000</MaxKeys>")),
    *[versions(f"refused {query}", query, 400, "InvalidArgument") for query in (
        "&version-id-marker=null", "&key-marker=&version-id-marker=null", "&key-marker=a&version-id-marker=",
        "&key-marker=a&version-id-marker=x", "&max-keys=-1", "&max-keys=x", "&encoding-type=base64")],
    Row("versions: of no bucket", "GET", "/nobucket-x?versions", 404, "NoSuchBucket"),
    Row("versions: anonymous", "GET", "/vers-list?versions", 403, "AccessDenied", anonymous=True),
    Row("versions: never configured", "GET", "/vers-off?versions", 200, check=has(
        "<Key>plain</Key><VersionId>null</VersionId><IsLatest>true</IsLatest>")),
    Row("versions: markers fill a bucket", "DELETE", "/vers-list", 409, "BucketNotEmpty"),
]

ROWS = [*CONFIGURING, *SUSPENDED, *NAMING, *DELETING, *LISTING]
