# SPDX-License-Identifier: MIT
"""What is sent and what comes back, row by row, in the order of the S3 protocol's parts. Rows build on those before."""
import hashlib
import re
import urllib.parse

from digests import b64, crc32, md5, sha256
from row import Row, ago, has, head
from wire import EMPTY_SHA256, STREAM, STREAM_TRAILER, UNSIGNED_TRAILER

DOMAIN = "s3.example.test"

HELLO = b"0123456789"
BIG = b"x" * 20000
PART = b"p" * (5 << 20)
ETAG = '"%s"' % hashlib.md5(HELLO).hexdigest()
OTHER = '"%s"' % ("0" * 32)
MD5, CRC32, SHA256 = md5(HELLO), crc32(HELLO), sha256(HELLO)
NIL = b64(bytes(4))


GENERAL = [
    Row("no bucket", "GET", "/nobucket-x", 404, "NoSuchBucket", check=has("<BucketName>nobucket-x</BucketName>")),
    Row("no bucket, object", "GET", "/nobucket-x/k", 404, "NoSuchBucket"),
    Row("no bucket, anonymous", "GET", "/nobucket-x", 404, "NoSuchBucket", anonymous=True),
    Row("no bucket, anonymous delete", "DELETE", "/nobucket-x/k", 404, "NoSuchBucket", anonymous=True),
    Row("no key", "GET", "/pro/none", 404, "NoSuchKey", check=has("<Key>none</Key>", "<Resource>/")),
    Row("unknown parameters", "GET", "/pro/hello?foo=1&x-id=GetObject", 200),
    Row("owner other", "GET", "/pro/hello", 403, "AccessDenied", [("x-amz-expected-bucket-owner", "1" * 64)]),
    Row("key of 1024", "PUT", "/pro/" + "k" * 1024, 200),
    Row("key of 1025", "PUT", "/pro/" + "k" * 1025, 400, "KeyTooLongError"),
    Row("key of 1024, escaped", "PUT", "/pro/" + "%C3%A9" * 512, 200),
    Row("headers over 8 KiB", "GET", "/pro/hello", 400, "RequestHeaderSectionTooLarge",
        [(f"x-pad-{i}", "v" * 1000) for i in range(9)]),
    Row("one header over 16 KiB", "GET", "/pro/hello", 400, "RequestHeaderSectionTooLarge", [("x-pad", "v" * 17000)],
        front="nginx"),
    Row("150 headers", "GET", "/pro/hello", 200, "", [(f"x-p-{i}", "v") for i in range(150)]),
    Row("300 headers", "GET", "/pro/hello", 400, "RequestHeaderSectionTooLarge", [(f"x-p-{i}", "v") for i in range(300)],
        front="nginx"),
    Row("URI over 15 KiB", "GET", "/pro/hello?p=" + "v" * 16500, 414, "InvalidURI"),
    Row("part number alone", "PUT", "/pro/k?partNumber=1", 400, "InvalidArgument"),
    Row("upload id alone", "PUT", "/pro/k?uploadId=1", 400, "InvalidArgument"),
    Row("uploads of a key", "GET", "/pro/hello?uploads", 400, "InvalidRequest"),
    Row("versions of a key", "GET", "/pro/hello?versions", 400, "InvalidRequest"),
    Row("post to the service", "POST", "/", 405, "MethodNotAllowed"),
    Row("unknown method", "BREW", "/pro/hello", 405, "MethodNotAllowed"),
    Row("trace", "TRACE", "/pro/hello", 405, "MethodNotAllowed"),
    Row("copy source of a read", "GET", "/pro/hello", 400, "InvalidArgument", [("x-amz-copy-source", "/pro/hello")]),
    Row("key not UTF-8", "PUT", "/pro/%ff", 400, "InvalidURI"),
    Row("key overlong", "PUT", "/pro/%c0%af", 400, "InvalidURI"),
    Row("key surrogate", "PUT", "/pro/%ed%a0%80", 400, "InvalidURI"),
    Row("query not UTF-8", "GET", "/pro?prefix=%ff", 400, "InvalidURI"),
    Row("query bad escape", "GET", "/pro?prefix=%zz", 400, "InvalidURI"),
    Row("path bad escape", "GET", "/pro/%zz", 400, "InvalidURI"),
    Row("a parameter 300 times", "GET", "/pro?" + "&".join(["p=1"] * 300), 400, "InvalidURI"),
    Row("a carriage return in a header", "PUT", "/pro/cr", 400, None, [("x-amz-meta-a", "a\rb")]),
]

WRONG_METHOD = [
    Row(f"{method} {target}?{query}", method, f"/pro{target}?{query}", 405, "MethodNotAllowed")
    for target, method, queries in (
        ("", "DELETE", ("location", "uploads", "delete", "uploadId=x")),
        ("", "PUT", ("location", "uploads", "delete", "uploadId=x")),
        ("", "GET", ("delete", "uploadId=x")),
        ("", "POST", ("location", "uploads")),
        ("/hello", "DELETE", ("uploads", "delete", "policy", "lifecycle", "versioning", "location")),
        ("/hello", "PUT", ("uploads", "delete", "policy", "lifecycle", "versioning", "cors")),
        ("/hello", "GET", ("delete", "policy", "location")),
        ("/hello", "POST", ("delete", "versions")),
        ("/hello", "DELETE", ("versions",)))
    for query in queries
]

BUCKET_WORDS = ("acl analytics encryption intelligent-tiering inventory lifecycle logging metrics notification "
                "ownershipControls policy publicAccessBlock replication "
                "website metadataConfiguration metadataTable").split()
OBJECT_WORDS = "acl encryption renameObject select torrent".split()

NOT_THERE = [
    *[Row(f"PUT bucket?{word}", "PUT", f"/pro?{word}", 501, "NotImplemented", body=b"<X/>") for word in BUCKET_WORDS],
    *[Row(f"DELETE bucket?{word}", "DELETE", f"/pro?{word}", 501, "NotImplemented") for word in BUCKET_WORDS],
    *[Row(f"PUT object?{word}", "PUT", f"/pro/hello?{word}", 501, "NotImplemented", body=b"<X/>")
      for word in OBJECT_WORDS],
    *[Row(f"DELETE object?{word}", "DELETE", f"/pro/hello?{word}", 501, "NotImplemented") for word in OBJECT_WORDS],
    Row("GET object?torrent", "GET", "/pro/hello?torrent", 501, "NotImplemented"),
    *[Row(f"PUT with {name}", "PUT", "/pro/guarded", 501, "NotImplemented", [(name, value)]) for name, value in (
        ("x-amz-acl", "public-read"), ("x-amz-grant-read", "id=1"), ("x-amz-server-side-encryption", "AES256"),
        ("x-amz-server-side-encryption-customer-algorithm", "AES256"),
        ("x-amz-storage-class", "GLACIER"), ("x-amz-write-offset-bytes", "0"))],
    *[Row(f"POST ?uploads with {name}", "POST", "/pro/guarded?uploads", 501, "NotImplemented", [(name, value)])
      for name, value in (("x-amz-acl", "public-read"),
                          ("x-amz-server-side-encryption", "aws:kms"), ("x-amz-storage-class", "STANDARD_IA"))],
    Row("bucket, public", "PUT", "/pro-acl", 501, "NotImplemented", [("x-amz-acl", "public-read")]),
    Row("bucket, ownership", "PUT", "/pro-own", 501, "NotImplemented", [("x-amz-object-ownership", "ObjectWriter")]),
    Row("harmless values", "PUT", "/pro/harmless", 200, "", [("x-amz-acl", "private"), ("x-amz-storage-class", "STANDARD")]),
    Row("bucket, namespace", "PUT", "/pro-names", 501, "NotImplemented", [("x-amz-bucket-namespace", "account-regional")]),
    Row("bad acl", "PUT", "/pro/guarded", 400, "InvalidArgument", [("x-amz-acl", "mine")]),
    Row("bad storage class", "PUT", "/pro/guarded", 400, "InvalidStorageClass", [("x-amz-storage-class", "GOLD")]),
    Row("nothing was stored", "GET", "/pro/guarded", 404, "NoSuchKey"),
]

UNSET = [
    *[Row(f"GET bucket?{word}", "GET", f"/pro?{word}", 404, code) for word, code in (
        ("tagging", "NoSuchTagSet"), ("cors", "NoSuchCORSConfiguration"), ("lifecycle", "NoSuchLifecycleConfiguration"),
        ("policy", "NoSuchBucketPolicy"), ("policyStatus", "NoSuchBucketPolicy"), ("website", "NoSuchWebsiteConfiguration"),
        ("encryption", "ServerSideEncryptionConfigurationNotFoundError"),
        ("replication", "ReplicationConfigurationNotFoundError"),
        ("object-lock", "ObjectLockConfigurationNotFoundError"),
        ("publicAccessBlock", "NoSuchPublicAccessBlockConfiguration"),
        ("ownershipControls", "OwnershipControlsNotFoundError"))],
    *[Row(f"GET bucket?{word}", "GET", f"/pro?{word}", 200, "", check=has(text)) for word, text in (
        ("versioning", "<VersioningConfiguration"), ("logging", "<BucketLoggingStatus"),
        ("notification", "<NotificationConfiguration"), ("requestPayment", "<Payer>BucketOwner</Payer>"),
        ("accelerate", "<AccelerateConfiguration"), ("acl", "<Permission>FULL_CONTROL</Permission>"))],
    Row("GET object?tagging", "GET", "/pro/hello?tagging", 200, "", check=has("<TagSet></TagSet>")),
    Row("GET object?acl", "GET", "/pro/hello?acl", 200, "", check=has("<Permission>FULL_CONTROL</Permission>")),
    Row("GET object?retention", "GET", "/pro/hello?retention", 400, "InvalidRequest"),
    Row("GET object?legal-hold", "GET", "/pro/hello?legal-hold", 400, "InvalidRequest"),
    Row("GET object?tagging of none", "GET", "/pro/none?tagging", 404, "NoSuchKey"),
    Row("unset of no bucket", "GET", "/nobucket-x?policy", 404, "NoSuchBucket"),
]


def authorization(text):
    """Not signed: the header is this."""
    return {"headers": [("Authorization", text)], "anonymous": True}


def without(field):
    return lambda value: re.sub(rf"{field}=[^, ]*(, )?", "", value).rstrip(", ")


AUTH = [
    Row("unknown access key", "GET", "/pro", 403, "InvalidAccessKeyId", access_key="AKIAUNKNOWNUNKNOWN00"),
    Row("wrong secret", "GET", "/pro", 403, "SignatureDoesNotMatch", secret="x" * 40, check=has(
        "<StringToSign>AWS4-HMAC-SHA256", "<CanonicalRequest>GET", "<SignatureProvided>")),
    Row("wrong secret, missing bucket", "GET", "/nobucket-x", 403, "SignatureDoesNotMatch", secret="x" * 40),
    Row("no scheme", "GET", "/pro", 400, "InvalidArgument", **authorization("nonsense")),
    Row("unknown scheme", "GET", "/pro", 400, "InvalidArgument", **authorization("Basic eDp5")),
    Row("V2 without colon", "GET", "/pro", 400, "InvalidArgument", **authorization("AWS x")),
    Row("empty", "GET", "/pro", 403, "AccessDenied", **authorization("")),
    Row("nothing behind the scheme", "GET", "/pro", 400, "AuthorizationHeaderMalformed",
        **authorization("AWS4-HMAC-SHA256 x")),
    Row("no Credential", "GET", "/pro", 400, "AuthorizationHeaderMalformed", mangle=without("Credential")),
    Row("no SignedHeaders", "GET", "/pro", 400, "AuthorizationHeaderMalformed", mangle=without("SignedHeaders")),
    Row("no Signature", "GET", "/pro", 400, "AuthorizationHeaderMalformed", mangle=without("Signature")),
    Row("short Signature", "GET", "/pro", 400, "AuthorizationHeaderMalformed", mangle=lambda v: v[:-1]),
    Row("short Credential", "GET", "/pro", 400, "AuthorizationHeaderMalformed", mangle=lambda v: v.replace("/s3/", "/")),
    Row("other service", "GET", "/pro", 400, "AuthorizationHeaderMalformed", service="ec2"),
    Row("other terminal", "GET", "/pro", 400, "AuthorizationHeaderMalformed",
        mangle=lambda v: v.replace("aws4_request", "aws5_request")),
    Row("scope date no date", "GET", "/pro", 400, "AuthorizationHeaderMalformed", day="2025"),
    Row("scope date of another day", "GET", "/pro", 400, "AuthorizationHeaderMalformed", day="20200101"),
    Row("wrong region", "GET", "/pro", 400, "AuthorizationHeaderMalformed", region="mars-1",
        check=has("<Region>us-east-1</Region>")),
    Row("wrong region, HEAD", "HEAD", "/pro", 400, region="mars-1", check=head(x_amz_bucket_region="us-east-1")),
    Row("compact Authorization", "GET", "/pro", 200, mangle=lambda v: v.replace(", ", ",")),
    Row("skewed back", "GET", "/pro", 403, "RequestTimeTooSkewed", at=ago(minutes=16)),
    Row("skewed forth", "GET", "/pro", 403, "RequestTimeTooSkewed", at=ago(minutes=-16)),
    Row("14 minutes", "GET", "/pro", 200, at=ago(minutes=14)),
    Row("year 9999", "GET", "/pro", 403, "RequestTimeTooSkewed", at="99991231T000000Z"),
    Row("before 1970", "GET", "/pro", 403, "AccessDenied", at="19690101T000000Z"),
    Row("date unparsable", "GET", "/pro", 403, "AccessDenied", at="yesterday", day="20260101"),
    Row("no date", "GET", "/pro", 403, "AccessDenied", mangle=lambda v: v, date=False),
    Row("Date serves", "GET", "/pro", 200, date="http"),
    Row("x-amz-date governs", "GET", "/pro", 200, "", [("Date", "Mon, 01 Jan 2001 00:00:00 GMT")]),
    Row("x-amz header unsigned", "PUT", "/pro/k", 403, "AccessDenied", [("x-amz-meta-a", "1")],
        signed=["host", "x-amz-date", "x-amz-content-sha256"],
            check=has("<HeadersNotSigned>x-amz-meta-a</HeadersNotSigned>")),
    Row("host unsigned", "GET", "/pro", 403, "AccessDenied", signed=["x-amz-date", "x-amz-content-sha256"]),
    Row("payload wrong", "PUT", "/pro/wrong", 400, "XAmzContentSHA256Mismatch", body=b"x", payload=EMPTY_SHA256),
    Row("payload wrong, XML", "POST", "/pro?delete", 400, "XAmzContentSHA256Mismatch",
        body=b"<Delete><Object><Key>hello</Key></Object></Delete>", payload=EMPTY_SHA256),
    Row("payload nonsense", "PUT", "/pro/wrong", 400, "InvalidArgument", body=b"x", payload="nonsense"),
    Row("payload absent", "PUT", "/pro/wrong", 400, "InvalidRequest", body=b"x", payload=False),
    Row("payload unsigned", "PUT", "/pro/unsigned", 200, body=b"x", payload="UNSIGNED-PAYLOAD"),
    Row("no user agent", "GET", "/pro/hello", 200),
    Row("empty user agent", "GET", "/pro/hello", 200, "", [("User-Agent", "")]),
    Row("header and query", "GET", "/pro?X-Amz-Algorithm=AWS4-HMAC-SHA256", 400, "InvalidArgument"),
    Row("anonymous list", "GET", "/pro", 403, "AccessDenied", anonymous=True),
    Row("anonymous get", "GET", "/pro/hello", 403, "AccessDenied", anonymous=True),
    Row("anonymous get of none", "GET", "/pro/none", 403, "AccessDenied", anonymous=True),
    Row("anonymous put", "PUT", "/pro/hello", 403, "AccessDenied", anonymous=True, body=b"x"),
    Row("anonymous buckets", "GET", "/", 403, "AccessDenied", anonymous=True),
    Row("anonymous upload", "POST", "/pro/hello?uploads", 403, "AccessDenied", anonymous=True),
    Row("anonymous bucket", "PUT", "/pro-anon", 403, "AccessDenied", anonymous=True),
    Row("plus is a space", "GET", "/pro?prefix=a+b", 200, check=has("<Prefix>a b</Prefix>")),
    Row("plus is a plus when so signed", "GET", "/pro?prefix=a+b", 200, plus="+", check=has("<Prefix>a+b</Prefix>")),
    Row("escaped plus", "GET", "/pro?prefix=a%2Bb", 200, check=has("<Prefix>a+b</Prefix>")),
    Row("plus in a path", "GET", "/pro/pl+us", 200),
    Row("escaped plus in a path", "GET", "/pro/pl%2Bus", 200),
    Row("escaped slash in a path", "GET", "/pro/with%2Fslash", 200),
    Row("escaped slash, signed as a slash", "GET", "/pro/with%2Fslash", 200, signed_path="/pro/with/slash"),
    Row("lower-case escapes", "GET", "/pro/%68ello", 200),
    Row("a duplicate of a signed header", "GET", "/pro/hello", 200, "", [("x-amz-test", "1"), ("x-amz-test", "2")],
        front="nginx"),
    Row("blanks in a header", "GET", "/pro/hello", 200, "", [("x-amz-test", "  a   b  ")]),
]

BUCKETS = [
    *[Row(f"name {name!r}", "PUT", f"/{name}", 400, "InvalidBucketName") for name in (
        "ab", "x" * 64, "Upper", "un_der", "-lead", "trail-", "1.2.3.4", "a..b", "a.-b", "a-.b", "%20ab", "a%2fb",
        "%C3%A9tage", "global--x", "tenant-00000000", "tenant-00000000--x")],
    Row("again by its owner", "PUT", "/pro", 200),
    Row("contents are kept", "GET", "/pro/hello", 200),
    Row("location wrong", "PUT", "/pro-loc", 400, "InvalidLocationConstraint",
        body=b"<CreateBucketConfiguration><LocationConstraint>mars-1</LocationConstraint></CreateBucketConfiguration>"),
    Row("location right", "PUT", "/pro-loc", 200,
        body=b"<CreateBucketConfiguration><LocationConstraint>us-east-1</LocationConstraint></CreateBucketConfiguration>"),
    Row("location echoed", "GET", "/pro-loc?location", 200, check=has(">us-east-1</LocationConstraint>")),
    Row("location empty", "GET", "/pro?location", 200, check=has("></LocationConstraint>")),
    Row("configuration of another root", "PUT", "/pro-xml", 400, "MalformedXML", body=b"<Other/>"),
    Row("configuration cut", "PUT", "/pro-xml", 400, "MalformedXML", body=b"<CreateBucketConfiguration>"),
    Row("configuration over 64 KiB", "PUT", "/pro-xml", 400, "MalformedXML",
        body=b"<CreateBucketConfiguration/>" + b" " * 66000),
    Row("bad ownership", "PUT", "/pro-xml", 400, "InvalidArgument", [("x-amz-object-ownership", "Nobody")]),
    Row("bad acl", "PUT", "/pro-xml", 400, "InvalidArgument", [("x-amz-acl", "mine")]),
    Row("head", "HEAD", "/pro", 200, check=head(x_amz_bucket_region="us-east-1")),
    Row("head of none", "HEAD", "/nobucket-x", 404),
    Row("delete, not empty", "DELETE", "/pro", 409, "BucketNotEmpty"),
    Row("delete", "DELETE", "/pro-loc", 204),
    Row("delete again", "DELETE", "/pro-loc", 404, "NoSuchBucket"),
    Row("trailing slash", "GET", "/pro/", 200, check=has("<ListBucketResult")),
    Row("buckets by prefix", "GET", "/?prefix=pro", 200, check=has("<Name>pro</Name>", "<Prefix>pro</Prefix>")),
    Row("buckets of another region", "GET", "/?bucket-region=mars-1", 200, check=lambda r: b"<Bucket>" not in r.body),
    *[Row(f"max-buckets={n}", "GET", f"/?max-buckets={n}", 400, "InvalidArgument") for n in ("0", "10001", "-1", "x")],
    Row("buckets in pages", "GET", "/?max-buckets=1", 200, check=has("<ContinuationToken>")),
    Row("bucket token wrong", "GET", "/?continuation-token=x", 400, "InvalidArgument"),
    Row("host style", "GET", "/hello", 200, host="pro." + DOMAIN, check=lambda r: r.body == HELLO),
    Row("host style, list", "GET", "/?list-type=2", 200, host="pro." + DOMAIN + ":80", check=has("<Name>pro</Name>")),
    Row("host style, none", "GET", "/hello", 404, "NoSuchBucket", host="nobucket-x." + DOMAIN),
    Row("the domain itself", "GET", "/pro/hello", 200, host=DOMAIN),
    Row("explicit name", "GET", "/global--pro/hello", 200),
]

KEYS = ["a", "a+b", "a/b", "a/b/c", "asdf+b", "asdf/b", "bell\x07", "c d", "dir/", "dir/x", "new\nline", "z&<>\"'", "é"]


def listed(keys=None, prefixes=None, **elements):
    """Keys and CommonPrefixes of an url-encoded listing, in order, and further elements."""
    def check(r):
        text = r.body.decode()
        found = [urllib.parse.unquote(k) for k in re.findall("<Key>(.*?)</Key>", text, re.S)]
        groups = [urllib.parse.unquote(p) for p in
                  re.findall("<CommonPrefixes><Prefix>(.*?)</Prefix></CommonPrefixes>", text, re.S)]
        return ((keys is None or found == keys) and (prefixes is None or groups == prefixes) and
                all(r.element(name) == value for name, value in elements.items()))
    return check


def of(query):
    return "/lst?encoding-type=url&" + query


LISTING = [
    Row("all", "GET", of(""), 200, check=listed(KEYS, [], IsTruncated="false", Prefix="", Marker="", MaxKeys="1000")),
    Row("all, v2", "GET", of("list-type=2"), 200,
        check=listed(KEYS, [], IsTruncated="false", KeyCount=str(len(KEYS)), Marker=None)),
    Row("groups in byte order", "GET", of("delimiter=/&prefix=a"), 200,
        check=listed(["a", "a+b", "asdf+b"], ["a/", "asdf/"], Delimiter="/", Prefix="a")),
    Row("prefix equal to a key", "GET", of("delimiter=/&prefix=dir/"), 200, check=listed(["dir/", "dir/x"], [])),
    Row("group behind a prefix", "GET", of("delimiter=/&prefix=a/b"), 200, check=listed(["a/b"], ["a/b/"])),
    Row("long delimiter", "GET", of("delimiter=sdf"), 200, check=listed(None, ["asdf"])),
    Row("empty delimiter", "GET", of("delimiter="), 200, check=listed(KEYS, [], Delimiter=None)),
    Row("both count", "GET", of("delimiter=/&max-keys=2&list-type=2"), 200,
        check=listed(["a", "a+b"], [], KeyCount="2", IsTruncated="true")),
    Row("a group counts", "GET", of("delimiter=/&max-keys=3&list-type=2"), 200,
        check=listed(["a", "a+b"], ["a/"], KeyCount="3", IsTruncated="true")),
    Row("NextMarker is a group", "GET", of("delimiter=/&max-keys=3"), 200, check=listed(None, ["a/"], NextMarker="a/")),
    Row("marker skips its group", "GET", of("delimiter=/&marker=a/&max-keys=1"), 200, check=listed(["asdf+b"], [])),
    Row("marker skips its group, v2", "GET", of("delimiter=/&start-after=a/&max-keys=1&list-type=2"), 200,
        check=listed(["asdf+b"], [])),
    Row("no NextMarker without delimiter", "GET", of("max-keys=2"), 200,
        check=listed(KEYS[:2], [], NextMarker=None, IsTruncated="true")),
    Row("marker need not exist", "GET", of("marker=a,"), 200, check=listed(KEYS[2:], [], Marker="a%2C")),
    Row("marker past the end", "GET", of("marker=%F4%8F%BF%BF"), 200, check=listed([], [], IsTruncated="false")),
    Row("marker with newline", "GET", of("marker=new%0Aline&prefix=%0A"), 200,
        check=listed([], [], Marker="new%0Aline", Prefix="%0A")),
    Row("space and plus encoded", "GET", of("prefix=c"), 200, check=has("<Key>c%20d</Key>")),
    Row("plus encoded", "GET", of("prefix=a%2B"), 200, check=has("<Key>a%2Bb</Key>", "<Prefix>a%2B</Prefix>")),
    Row("control as reference", "GET", "/lst?prefix=bell", 200, check=has("<Key>bell&#x7;</Key>")),
    Row("escaped", "GET", "/lst?prefix=z", 200, check=has("<Key>z&amp;&lt;&gt;&quot;'</Key>")),
    Row("max-keys 0", "GET", of("max-keys=0"), 200, check=listed([], [], IsTruncated="false", MaxKeys="0")),
    Row("max-keys 5000", "GET", of("max-keys=5000"), 200, check=listed(KEYS, [], MaxKeys="1000")),
    *[Row(f"max-keys {n}", "GET", of(f"max-keys={n}"), 400, "InvalidArgument") for n in ("-1", "x", "1.5", "99999999999")],
    Row("encoding unknown", "GET", "/lst?encoding-type=base64", 400, "InvalidArgument"),
    Row("StartAfter echoed", "GET", of("list-type=2&start-after=c%20d"), 200,
        check=listed(KEYS[8:], [], StartAfter="c%20d")),
    Row("empty StartAfter echoed", "GET", of("list-type=2&start-after="), 200, check=listed(KEYS, [], StartAfter="")),
    Row("empty token echoed", "GET", of("list-type=2&continuation-token="), 200,
        check=listed(KEYS, [], ContinuationToken="")),
    Row("token wrong", "GET", of("list-type=2&continuation-token=x"), 400, "InvalidArgument"),
    Row("v1 owner", "GET", of("prefix=c"), 200, check=has("<DisplayName>", "<StorageClass>STANDARD</StorageClass>")),
    Row("v2 no owner", "GET", of("prefix=c&list-type=2"), 200, check=lambda r: b"<Owner>" not in r.body),
    Row("v2 owner", "GET", of("prefix=c&list-type=2&fetch-owner=true"), 200, check=has("<Owner>")),
    Row("uploads: none", "GET", "/lst?uploads", 200,
        check=has("<IsTruncated>false</IsTruncated>", "<MaxUploads>1000</MaxUploads>")),
    Row("uploads: marker ignored without key", "GET", "/lst?uploads&upload-id-marker=x", 200),
    Row("uploads: marker wrong", "GET", "/lst?uploads&key-marker=a&upload-id-marker=x", 400, "InvalidArgument"),
    Row("uploads: bad limit", "GET", "/lst?uploads&max-uploads=x", 400, "InvalidArgument"),
    Row("parts of no upload", "GET", "/lst/a?uploadId=x", 404, "NoSuchUpload"),
    Row("parts: bad limit", "GET", "/lst/a?uploadId=x&max-parts=x", 400, "InvalidArgument"),
    Row("parts: bad marker", "GET", "/lst/a?uploadId=x&part-number-marker=-1", 400, "InvalidArgument"),
]


def put(name, status, code="", headers=(), body=HELLO, **how):
    return Row("put: " + name, "PUT", "/pro/put", status, code, headers, body, **how)


def get(name, status, code="", headers=(), target="/pro/hello", method="GET", **how):
    return Row("get: " + name, method, target, status, code, headers, **how)


WRITING = [
    put("MD5", 200, "", [("Content-MD5", MD5)], check=head(etag=ETAG)),
    put("MD5 of other bytes", 400, "BadDigest", [("Content-MD5", b64(bytes(16)))]),
    put("MD5 too short", 400, "InvalidDigest", [("Content-MD5", b64(bytes(15)))]),
    put("MD5 not base64", 400, "InvalidDigest", [("Content-MD5", "*" * 24)]),
    put("MD5 empty", 400, "InvalidDigest", [("Content-MD5", "")]),
    put("no length", 411, "MissingContentLength", length=False, body=b""),
    put("negative length", 400, None, length="-1", body=b""),
    put("length no number", 400, None, length="x", body=b""),
    put("empty length", 400, None, length="", body=b""),
    put("over 5 GiB", 400, "EntityTooLarge", length=(5 << 30) + 1, payload="UNSIGNED-PAYLOAD", body=b"", front="nginx"),
    put("chunked", 200, "", [("Transfer-Encoding", "chunked")], body=b"a\r\n0123456789\r\n0\r\n\r\n", length=False,
        payload="UNSIGNED-PAYLOAD", check=head(etag=ETAG)),
    put("chunked and broken", 400, None, [("Transfer-Encoding", "chunked")], body=b"zz\r\n0123456789\r\n0\r\n\r\n",
        length=False, payload="UNSIGNED-PAYLOAD"),
    put("expect", 200, "", [("Expect", "100-continue")]),
    put("metadata of 2048", 200, "", [("x-amz-meta-a", "v" * 2047)]),
    put("metadata over 2048", 400, "MetadataTooLarge", [("x-amz-meta-a", "v" * 2048)]),
    put("redirect nonsense", 400, "InvalidRedirectLocation", [("x-amz-website-redirect-location", "nowhere")]),
    put("checksum", 200, "", [("x-amz-checksum-crc32", CRC32)],
        check=head(x_amz_checksum_crc32=CRC32, x_amz_checksum_type="FULL_OBJECT")),
    put("checksum sha256", 200, "", [("x-amz-checksum-sha256", SHA256)], check=head(x_amz_checksum_sha256=SHA256)),
    put("no checksum", 200, check=lambda r: len(r.header("x-amz-checksum-crc64nvme")) == 12),
    put("checksum of other bytes", 400, "BadDigest", [("x-amz-checksum-crc32", NIL)]),
    put("checksum undecodable", 400, "InvalidRequest", [("x-amz-checksum-crc32", "*")]),
    put("checksum too long", 400, "InvalidRequest", [("x-amz-checksum-crc32", SHA256)]),
    put("two checksums", 400, "InvalidRequest", [("x-amz-checksum-crc32", CRC32), ("x-amz-checksum-sha256", SHA256)]),
    put("checksum unknown", 400, "InvalidRequest", [("x-amz-checksum-md4", NIL)]),
    put("announced another", 400, "InvalidRequest",
        [("x-amz-checksum-crc32", CRC32), ("x-amz-sdk-checksum-algorithm", "SHA256")]),
    put("announced and absent", 400, "InvalidRequest", [("x-amz-sdk-checksum-algorithm", "CRC32")]),
    put("checksum promised for a trailer", 400, "MalformedTrailerError", [("x-amz-trailer", "x-amz-checksum-crc32")]),
    put("If-None-Match *", 412, "PreconditionFailed", [("If-None-Match", "*")]),
    put("If-None-Match of it", 412, "PreconditionFailed", [("If-None-Match", ETAG)]),
    put("If-None-Match of another", 200, "", [("If-None-Match", OTHER)]),
    put("If-Match of it", 200, "", [("If-Match", ETAG)]),
    put("If-Match bare", 200, "", [("If-Match", ETAG.strip('"'))]),
    put("If-Match of another", 412, "PreconditionFailed", [("If-Match", OTHER)]),
    Row("put: If-Match of none", "PUT", "/pro/put-none", 404, "NoSuchKey", [("If-Match", ETAG)], HELLO),
    Row("put: If-Match * of none", "PUT", "/pro/put-none", 404, "NoSuchKey", [("If-Match", "*")], HELLO),
    get("nothing was stored by a refusal", 200, target="/pro/put", check=lambda r: r.body == HELLO),
    put("stored headers", 200, "", [
        ("Content-Type", "text/x-a; charset=utf-8"), ("Content-Encoding", "aws-chunked,gzip,aws-chunked"),
        ("Content-Language", "de"), ("Content-Disposition", "inline; filename=\"é\""), ("Cache-Control", "no-cache"),
        ("Expires", "soon"), ("x-amz-website-redirect-location", "/x"), ("x-amz-meta-Empty", ""), ("x-amz-meta-two", "1,2"),
        ("x-amz-meta-utf", "é日"), ("x-amz-meta-mime", "=?UTF-8?B?w6nml6U=?=")]),
    get("stored headers", 200, target="/pro/put", check=head(
        content_type="text/x-a; charset=utf-8", content_encoding="gzip", content_language="de",
        content_disposition="inline; filename=\"é\"".encode().decode("latin-1"), cache_control="no-cache", expires="soon",
        x_amz_website_redirect_location="/x", x_amz_meta_empty="", x_amz_meta_two="1,2",
        x_amz_meta_utf="é日".encode().decode("latin-1"), x_amz_meta_mime="=?UTF-8?B?w6nml6U=?=")),
    put("aws-chunked alone", 200, "", [("Content-Encoding", "aws-chunked"), ("Content-Type", "")]),
    get("replaced whole", 200, target="/pro/put", check=head(
        content_encoding=None, content_type="binary/octet-stream", x_amz_meta_two=None, expires=None)),
    put("metadata twice", 200, "", [("x-amz-meta-two", "1"), ("x-amz-meta-two", "2")], front="nginx"),
    get("metadata twice", 200, target="/pro/put", check=head(x_amz_meta_two="1,2"), front="nginx"),
    put("control character in metadata", 400, None, [("x-amz-meta-a", "a\x01b")]),
    put("quote in a metadata name", 400, None, [('x-amz-meta-a"b', "v")]),
    put("metadata name not ASCII", 400, None, [("x-amz-meta-ä", "v")]),
    put("underscore in metadata", 200, "", [("x-amz-meta-a_b", "u")], front="nginx"),
    get("underscore in metadata", 200, target="/pro/put", check=lambda r: r.header("x-amz-meta-a_b") == "u",
        front="nginx"),
    put("underscore beside dash", 200, "", [("x-amz-meta-a_b", "u"), ("x-amz-meta-a-b", "d")], front="nginx"),
    get("underscore beside dash", 200, target="/pro/put", front="nginx",
        check=lambda r: (r.header("x-amz-meta-a_b"), r.header("x-amz-meta-a-b")) == ("u", "d")),
    put("dash beside underscore", 200, "", [("x-amz-meta-a-b", "d"), ("x-amz-meta-a_b", "u")], front="nginx"),
    get("dash beside underscore", 200, target="/pro/put", front="nginx",
        check=lambda r: (r.header("x-amz-meta-a_b"), r.header("x-amz-meta-a-b")) == ("u", "d")),
]

FUTURE = "Fri, 01 Jan 2100 00:00:00 GMT"
PAST = "Mon, 01 Jan 2001 00:00:00 GMT"


def ranged(name, text, status, code="", body=None, content_range=None, target="/pro/hello"):
    def check(r):
        return (body is None or r.body == body) and r.header("content-range") == content_range
    return Row("range: " + name, "GET", target, status, code, [("Range", text)], check=check if not code else None)


READING = [
    ranged("middle", "bytes=2-4", 206, "", b"234", "bytes 2-4/10"),
    ranged("clamped", "bytes=8-99", 206, "", b"89", "bytes 8-9/10"),
    ranged("open", "bytes=7-", 206, "", b"789", "bytes 7-9/10"),
    ranged("suffix", "bytes=-3", 206, "", b"789", "bytes 7-9/10"),
    ranged("suffix too long", "bytes=-99", 206, "", HELLO, "bytes 0-9/10"),
    ranged("leading zeros", "bytes=0002-0004", 206, "", b"234", "bytes 2-4/10"),
    ranged("whole", "bytes=0-9", 206, "", HELLO, "bytes 0-9/10"),
    ranged("behind the end", "bytes=10-", 416, "InvalidRange"),
    ranged("suffix of nothing", "bytes=-0", 416, "InvalidRange"),
    ranged("beyond 64 bits", "bytes=99999999999999999999-", 416, "InvalidRange"),
    ranged("of an empty object", "bytes=0-1", 416, "InvalidRange", target="/pro/empty"),
    ranged("suffix of an empty object", "bytes=-5", 200, "", b"", target="/pro/empty"),
    ranged("reversed", "bytes=4-2", 200, "", HELLO),
    ranged("several", "bytes=0-1,3-4", 200, "", HELLO),
    ranged("other unit", "lines=0-1", 200, "", HELLO),
    ranged("malformed", "bytes=a-b", 200, "", HELLO),
    ranged("across parts", "bytes=5242878-5242881", 206, "", b"ppta", "bytes 5242878-5242881/5242884", "/pro/multi"),
    get("If-Range of it", 206, headers=[("Range", "bytes=2-4"), ("If-Range", ETAG)]),
    get("If-Range of another", 200, headers=[("Range", "bytes=2-4"), ("If-Range", OTHER)], check=lambda r: r.body == HELLO),
    get("HEAD in a range", 206, headers=[("Range", "bytes=2-4")], method="HEAD", check=head(content_length="3")),
    get("HEAD behind the end", 416, headers=[("Range", "bytes=10-")], method="HEAD"),
    get("checksum not asked for", 200, check=head(x_amz_checksum_crc64nvme=None)),
    get("checksum asked for", 200, headers=[("x-amz-checksum-mode", "ENABLED")], check=lambda r: bool(
        r.header("x-amz-checksum-crc64nvme")) and r.header("x-amz-checksum-type") == "FULL_OBJECT"),
    get("no checksum of a range", 206, headers=[("x-amz-checksum-mode", "ENABLED"), ("Range", "bytes=0-1")],
        check=head(x_amz_checksum_crc64nvme=None)),
    get("part 1 of a plain object", 206, target="/pro/hello?partNumber=1", check=lambda r: r.body == HELLO and
        r.header("x-amz-mp-parts-count") is None and r.header("etag") == ETAG),
    get("part 2 of a plain object", 416, "InvalidPartNumber", target="/pro/hello?partNumber=2"),
    get("part 0", 400, "InvalidArgument", target="/pro/hello?partNumber=0"),
    get("part 10001", 400, "InvalidArgument", target="/pro/hello?partNumber=10001"),
    get("part and range", 400, "InvalidRequest", [("Range", "bytes=0-1")], target="/pro/hello?partNumber=1"),
    get("part 2", 206, target="/pro/multi?partNumber=2", check=lambda r: r.body == b"tail" and
        r.header("x-amz-mp-parts-count") == "2" and r.header("etag").endswith('-2"') and
        r.header("content-range") == "bytes 5242880-5242883/5242884"),
    get("HEAD part 1", 206, target="/pro/multi?partNumber=1", method="HEAD", check=head(content_length="5242880")),
    get("part beyond the last", 416, "InvalidPartNumber", target="/pro/multi?partNumber=3"),
    get("overrides", 200, target="/pro/hello?response-content-type=text/x&response-cache-control=c"
        "&response-content-disposition=d&response-content-encoding=e&response-content-language=l&response-expires=x",
        check=head(content_type="text/x", cache_control="c", content_disposition="d", content_encoding="e",
                   content_language="l", expires="x")),
    get("override with a line break", 400, "InvalidArgument", target="/pro/hello?response-content-type=a%0D%0Ab:c"),
    get("override with a control character", 400, "InvalidArgument", target="/pro/hello?response-content-type=%01"),
    get("overrides too long", 400, "InvalidArgument", target="/pro/hello?response-expires=" + "x" * 8000),
    get("If-Match", 200, headers=[("If-Match", ETAG)]),
    get("If-Match *", 200, headers=[("If-Match", "*")]),
    get("If-Match in a list", 200, headers=[("If-Match", f"{OTHER}, {ETAG}")]),
    get("If-Match other", 412, "PreconditionFailed", [("If-Match", OTHER)]),
    get("If-Match true beats Unmodified", 200, headers=[("If-Match", ETAG), ("If-Unmodified-Since", PAST)]),
    get("If-None-Match", 304, headers=[("If-None-Match", ETAG)], check=head(etag=ETAG)),
    get("If-None-Match other beats Modified", 200, headers=[("If-None-Match", OTHER), ("If-Modified-Since", FUTURE)]),
    get("If-Modified-Since past", 200, headers=[("If-Modified-Since", PAST)]),
    get("If-Modified-Since future", 200, headers=[("If-Modified-Since", FUTURE)]),
    get("If-Modified-Since nonsense", 200, headers=[("If-Modified-Since", "x")]),
    get("If-Unmodified-Since past", 412, "PreconditionFailed", [("If-Unmodified-Since", PAST)]),
    get("Unmodified beats 304", 412, "PreconditionFailed", [("If-Unmodified-Since", PAST), ("If-None-Match", ETAG)]),
    get("If-Unmodified-Since future", 200, headers=[("If-Unmodified-Since", FUTURE)]),
    get("HEAD If-None-Match", 304, headers=[("If-None-Match", ETAG)], method="HEAD", check=head(etag=ETAG)),
    get("HEAD If-Match other", 412, headers=[("If-Match", OTHER)], method="HEAD"),
    get("HEAD of none", 404, target="/pro/none", method="HEAD"),
    get("HEAD of empty", 200, target="/pro/empty", method="HEAD", check=head(content_length="0"), front="nginx"),
]


def delete_body(*keys, quiet=False):
    objects = "".join(f"<Object>{k}</Object>" for k in keys)
    return f"<Delete>{'<Quiet>true</Quiet>' if quiet else ''}{objects}</Delete>".encode()


def deleting(name, status, code, body, headers=(), check=None, **how):
    return Row("delete: " + name, "POST", "/pro?delete", status, code, headers, body, check, **how)


DELETING = [
    Row("delete: missing", "DELETE", "/pro/none", 204),
    Row("delete: If-Match missing", "DELETE", "/pro/none", 204, "", [("If-Match", ETAG)]),
    Row("delete: If-Match other", "DELETE", "/pro/hello", 412, "PreconditionFailed", [("If-Match", OTHER)]),
    Row("delete: size other", "DELETE", "/pro/hello", 412, "PreconditionFailed", [("x-amz-if-match-size", "9")]),
    Row("delete: size nonsense", "DELETE", "/pro/hello", 400, "InvalidArgument", [("x-amz-if-match-size", "x")]),
    Row("delete: time other", "DELETE", "/pro/hello", 412, "PreconditionFailed", [("x-amz-if-match-last-modified-time", PAST)]),
    deleting("many", 200, "", delete_body("<Key>none</Key>", "<Key>x&amp;y</Key>", "<Key> blank </Key>"),
             check=has("<Deleted><Key>none</Key></Deleted>", "<Key>x&amp;y</Key>", "<Key> blank </Key>")),
    deleting("quiet", 200, "", delete_body("<Key>none</Key>", quiet=True), check=lambda r: b"<Deleted>" not in r.body),
    deleting("one of them fails", 200, "", delete_body("<Key>none</Key>", f"<Key>{'k' * 1025}</Key>"),
             check=has("<Deleted><Key>none</Key></Deleted>", "<Code>KeyTooLongError</Code>")),
    deleting("condition of one", 200, "", delete_body(f"<Key>hello</Key><ETag>{OTHER}</ETag>"), check=has(
        "<Code>PreconditionFailed</Code>")),
    deleting("1000 keys", 200, "", delete_body(*[f"<Key>n{i}</Key>" for i in range(1000)], quiet=True)),
    deleting("1001 keys", 400, "MalformedXML", delete_body(*[f"<Key>n{i}</Key>" for i in range(1001)])),
    deleting("no key", 400, "MalformedXML", delete_body()),
    deleting("nothing", 400, "MalformedXML", b""),
    deleting("not XML", 400, "MalformedXML", b"{}"),
    deleting("another root", 400, "MalformedXML", b"<Remove><Object><Key>hello</Key></Object></Remove>"),
    deleting("DOCTYPE", 400, "MalformedXML", b'<!DOCTYPE d [<!ENTITY e "hello">]>' + delete_body("<Key>&e;</Key>")),
    deleting("too deep", 400, "MalformedXML", b"<Delete>" + b"<a>" * 40 + b"</a>" * 40 + b"</Delete>"),
    deleting("with namespace", 200, "", b'<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
             b"<Object><Key>none</Key></Object></Delete>"),
    deleting("with prefix", 200, "", b'<s:Delete xmlns:s="http://s3.amazonaws.com/doc/2006-03-01/">'
             b"<s:Object><s:Key>none</s:Key></s:Object></s:Delete>", check=has("<Key>none</Key>")),
    deleting("over 8 MiB", 400, "MalformedXML", b"<Delete>" + b" " * (8 << 20) + b"</Delete>"),
    deleting("MD5 wrong", 400, "BadDigest", delete_body("<Key>hello</Key>"), [("Content-MD5", MD5)]),
    deleting("MD5 malformed", 400, "InvalidDigest", delete_body("<Key>hello</Key>"), [("Content-MD5", "x")]),
    deleting("checksum wrong", 400, "BadDigest", delete_body("<Key>hello</Key>"), [("x-amz-checksum-crc32", NIL)]),
    get("nothing was deleted by a refusal", 200),
]


def stream(name, status, code="", payload=STREAM, chunks=(BIG,), decoded=None, headers=(), trailer=None,
           declared=None, coding="aws-chunked", **how):
    """decoded: x-amz-decoded-content-length, False for none; declared: x-amz-trailer."""
    size = sum(len(c) for c in chunks) if decoded is None else decoded
    headers = [*headers, ("Content-Encoding", coding)]
    if size is not False:
        headers.append(("x-amz-decoded-content-length", str(size)))
    if declared or trailer:
        headers.append(("x-amz-trailer", declared or trailer[0]))
    return Row(f"stream: {name}", "PUT", "/pro/stream", status, code, headers,
               chunks=chunks, payload=payload, trailer=trailer, **how)


CRC = ("x-amz-checksum-crc32", crc32(BIG))
STREAMING = [
    stream("signed", 200),
    stream("signed, several chunks", 200, chunks=(BIG[:8192], BIG[:9000], BIG[:5])),
    stream("signed, empty", 200, chunks=()),
    stream("signed trailer", 200, payload=STREAM_TRAILER, trailer=CRC, check=head(x_amz_checksum_crc32=crc32(BIG))),
    stream("unsigned trailer", 200, payload=UNSIGNED_TRAILER, trailer=CRC, check=head(x_amz_checksum_crc32=crc32(BIG))),
    get("no framing is stored", 200, target="/pro/stream", check=lambda r: r.body == BIG and
        r.header("content-encoding") is None),
    stream("chunk signature wrong", 403, "SignatureDoesNotMatch", spoil="chunk signature"),
    stream("last signature wrong", 403, "SignatureDoesNotMatch", spoil="last signature"),
    stream("trailer signature wrong", 403, "SignatureDoesNotMatch", payload=STREAM_TRAILER, trailer=CRC,
           spoil="trailer signature"),
    stream("trailer signature absent", 403, "SignatureDoesNotMatch", payload=STREAM_TRAILER, trailer=CRC,
           spoil="no trailer signature"),
    stream("chunk extension wrong", 400, "IncompleteBody", spoil=lambda b: b.replace(b";chunk-signature=", b";signature=", 1)),
    stream("size no number", 400, "IncompleteBody", spoil=lambda b: b"g" + b[1:]),
    stream("size enormous", 400, "IncompleteBody", spoil=lambda b: b"f" * 17 + b),
    stream("cut off", 400, "IncompleteBody", spoil=lambda b: b[:-30]),
    stream("cut off in data", 400, "IncompleteBody", spoil=lambda b: b[:500]),
    stream("no last chunk", 400, "IncompleteBody", spoil=lambda b: b[:b.rindex(b"0;")]),
    stream("bytes behind", 400, "IncompleteBody", spoil=lambda b: b + b"x"),
    stream("small chunk in the middle", 400, "InvalidChunkSizeError", chunks=(BIG[:8191], BIG)),
    stream("decoded length absent", 411, "MissingContentLength", decoded=False),
    stream("decoded length no number", 411, "MissingContentLength", decoded="x"),
    stream("decoded length less", 400, "IncompleteBody", decoded=19999),
    stream("decoded length more", 400, "IncompleteBody", decoded=20001),
    stream("trailer missing", 400, "MalformedTrailerError", payload=UNSIGNED_TRAILER, declared=CRC[0]),
    stream("trailer undeclared", 400, "MalformedTrailerError", payload=UNSIGNED_TRAILER, trailer=CRC,
           declared="x-amz-checksum-sha256"),
    stream("trailer unannounced", 400, "MalformedTrailerError", payload=UNSIGNED_TRAILER),
    stream("trailer undecodable", 400, "InvalidRequest", payload=UNSIGNED_TRAILER, trailer=(CRC[0], "*")),
    stream("trailer wrong", 400, "BadDigest", payload=UNSIGNED_TRAILER, trailer=(CRC[0], NIL)),
    stream("MD5 wrong", 400, "BadDigest", headers=[("Content-MD5", MD5)]),
    stream("header checksum wrong", 400, "BadDigest", headers=[("x-amz-checksum-crc32", NIL)]),
    stream("anonymous signed", 400, "InvalidRequest", anonymous=True),
    stream("anonymous unsigned", 403, "AccessDenied", payload=UNSIGNED_TRAILER, trailer=CRC, anonymous=True),
    get("nothing was stored by a refusal, stream", 200, target="/pro/stream", check=lambda r: r.body == BIG),
    stream("coding kept", 200, coding="gzip,aws-chunked"),
    get("coding kept", 200, target="/pro/stream", check=head(content_encoding="gzip")),
]

ROWS = [*GENERAL, *WRONG_METHOD, *NOT_THERE, *UNSET, *AUTH, *BUCKETS, *LISTING, *WRITING, *READING, *DELETING, *STREAMING]
