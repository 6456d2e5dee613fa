# SPDX-License-Identifier: MIT
"""Forms of browsers: what they store, what is answered, and every way in which one is refused."""
from digests import b64, crc32, md5, sha256
from forms import BOUNDARY, CONTENT_TYPE, expiration, form, part
from row import Row, has, head

DATA = b"0123456789"
ETAG = "781e5e245d69b566979b86e28d23f2c7"
QUERY = f"bucket=frm&key=key&etag=%22{ETAG}%22"
BUCKET = {"bucket": "frm"}
KEY = {"key": "key"}


def make_world(wire):
    for bucket in ("frm", "frm-versions"):
        assert wire.send("PUT", "/" + bucket).status == 200
    enabled = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
    assert wire.send("PUT", "/frm-versions?versioning", body=enabled).status == 200


def post(name, status, code="", check=None, headers=CONTENT_TYPE, target="/frm", front=None, **how):
    return Row(name, "POST", target, status, code, headers, form(**how), check, front, anonymous=True)


def raw(name, status, code, body, check=None):
    return Row(name, "POST", "/frm", status, code, CONTENT_TYPE, body, check, anonymous=True)


def field(name, value, status, code="", check=None, **how):
    """A form with one field more than its key."""
    return post(f"{name}: {value}"[:60], status, code, check, fields={"key": "key", name: value}, **how)


def there(name, key="key", body=DATA, **wanted):
    return Row(f"{name}, stored", "GET", "/frm/" + key, 200,
               check=lambda r: r.body == body and head(**wanted)(r))


def named(name):
    return has(f"field named '{name}'")


def answer(name, status, location=None, **fields):
    return post(name, status, "", lambda r: location is None or r.header("location") == location,
                fields={"key": "key", **fields})


NO_FORM = [
    Row("no type", "POST", "/frm", 412, "PreconditionFailed", body=b"x", anonymous=True,
        check=has("<Condition>Bucket POST must be of the enclosure-type multipart/form-data</Condition>")),
    *[post(f"type {kind}"[:40], status, code, headers=[("Content-Type", kind)]) for kind, status, code in (
        ("application/x-www-form-urlencoded", 412, "PreconditionFailed"),
        ("multipart/mixed; boundary=" + BOUNDARY, 412, "PreconditionFailed"),
        ("multipart/form-data", 400, "MalformedPOSTRequest"),
        ("multipart/form-data; boundary=", 400, "MalformedPOSTRequest"),
        ("multipart/form-data; boundary=" + "b" * 71, 400, "MalformedPOSTRequest"),
        ("multipart/form-data; boundary=other", 400, "MalformedPOSTRequest"))],
    raw("nothing", 400, "MalformedPOSTRequest", b""),
    raw("a query", 400, "MalformedPOSTRequest", b"key=key&file=x"),
    raw("a part without a name", 400, "MalformedPOSTRequest", b"--%s\r\n\r\nx\r\n--%s--" % ((BOUNDARY.encode(),) * 2)),
    post("no end", 400, "MalformedPOSTRequest", end=False),
    post("a boundary that goes on", 400, "MalformedPOSTRequest", behind=b"--%sX\r\n" % BOUNDARY.encode()),
    post("no bucket", 404, "NoSuchBucket", target="/nobucket-x", bucket="nobucket-x"),
    Row("signed in a header", "POST", "/frm", 400, "InvalidArgument", CONTENT_TYPE, form(version=0)),
    Row("form to a key", "POST", "/frm/key", 405, "MethodNotAllowed", CONTENT_TYPE, form(), anonymous=True),
]

FIELDS = [
    post("no file", 400, "IncorrectNumberOfFilesInPostRequest", file=None),
    post("no key", 400, "InvalidArgument", named("key"), fields={"acl": "private"}),
    post("key behind the file", 400, "InvalidArgument", named("key"), fields={}, behind=part("key", "key")),
    post("empty key", 400, "UserKeyMustBeSpecified", fields={"key": ""}),
    post("key of 1025", 400, "KeyTooLongError", fields={"key": "k" * 1025}),
    post("key of 1024", 204, fields={"key": "k" * 1024}),
    post("not UTF-8", 400, "MalformedPOSTRequest", change={"key": b"\xff"}),
    post("a field twice", 400, "InvalidArgument", fields=[("key", "a"), ("KEY", "b")]),
    post("20 KiB before the file", 400, "MaxPostPreDataLengthExceeded", fields={"key": "key", "x-ignore-a": "a" * 20480}),
    post("19 KiB before the file", 204, fields={"key": "key", "x-ignore-a": "a" * 18000}),
    post("a name that makes them 20 KiB", 400, "MaxPostPreDataLengthExceeded", filename="f" * 300,
         fields={"key": "key", "x-ignore-a": "${filename}" * 100}),
    post("100 fields", 400, "MaxPostPreDataLengthExceeded", fields=[("key", "key")] + [("x-ignore-a", "")] * 100),
    post("a large field without a policy", 400, "MaxPostPreDataLengthExceeded", fields={"a": "a" * 100000}, version=0),
]

STORED = [
    post("V4", 204, "", head(etag=f'"{ETAG}"', x_amz_checksum_type="FULL_OBJECT")),
    there("V4", content_type="binary/octet-stream", etag=f'"{ETAG}"'),
    post("V2", 204, version=2, fields={"key": "v2"}),
    there("V2", "v2"),
    post("a version", 204, "", lambda r: len(r.header("x-amz-version-id")) == 32, target="/frm-versions", bucket="frm-versions"),
    post("no version", 204, "", lambda r: r.header("x-amz-version-id") is None),
    post("empty file", 204, fields={"key": "empty"}, file=b""),
    there("empty file", "empty", b""),
    post("no name", 204, fields={"key": "a${filename}b"}, filename=None, conditions=[BUCKET, ["eq", "$key", "ab"]]),
    there("no name", "ab"),
    post("name of a file", 204, fields={"key": "up/${filename}", "x-amz-meta-name": "${filename}!"}, filename=r"C:\dir\a ü.txt",
         conditions=[BUCKET, ["starts-with", "$key", "up/a "], {"x-amz-meta-name": "a ü.txt!"}]),
    there("name of a file", "up/a%20%C3%BC.txt"),
    post("a name cannot leave its prefix", 204, fields={"key": "up/${filename}"}, filename="../../other",
         conditions=[BUCKET, ["starts-with", "$key", "up/"]]),
    there("a name cannot leave its prefix", "up/other"),
    post("a key with dots", 204, fields={"key": "../../frm/../x"}),
    Row("a key with dots, stored", "GET", "/frm?prefix=..", 200, check=has("<Key>../../frm/../x</Key>")),
    post("names of any case", 204, fields={"KEY": "case", "Acl": "private", "X-AMZ-Meta-A": "b"},
         conditions=[BUCKET, ["EQ", "$Key", "case"], ["Starts-With", "$ACL", ""], {"x-amz-META-a": "b"}]),
    there("names of any case", "case", x_amz_meta_a="b"),
    post("fields with file names", 204, named="x.txt", fields={"key": "named", "x-amz-meta-a": "b"}),
    there("fields with file names", "named", x_amz_meta_a="b"),
    post("fields behind the file", 204, fields={"key": "behind"}, behind=part("x-amz-meta-a", "b") + part("file", "other", "f")),
    Row("fields behind the file, stored", "GET", "/frm/behind", 200,
        check=lambda r: r.body == DATA and r.header("x-amz-meta-a") is None),
    post("headers beside the form", 204, headers=[*CONTENT_TYPE, ("x-amz-meta-a", "1"), ("Content-Encoding", "gzip"),
                                                 ("x-amz-acl", "public-read"), ("If-None-Match", '"x"')]),
    Row("headers beside the form, stored", "GET", "/frm/key", 200,
        check=lambda r: r.header("x-amz-meta-a") is None and r.header("content-encoding") is None),
    post("what is stored", 204, fields={
        "key": "full", "Content-Type": "text/x", "Cache-Control": "no-store", "Content-Disposition": "inline",
        "Content-Language": "de", "Expires": "never", "x-amz-meta-a": " b, c ", "x-amz-storage-class": "STANDARD",
        "x-amz-website-redirect-location": "/other", "x-ignore-this": "x"}),
    there("what is stored", "full", content_type="text/x", cache_control="no-store", content_disposition="inline",
          content_language="de", expires="never", x_amz_meta_a="b, c", x_amz_website_redirect_location="/other"),
]

ANSWERS = [
    answer("status 200", 200, success_action_status="200"),
    post("status 201", 201, "", lambda r: has("<PostResponse><Location>http://", "/frm/a%20b/c</Location><Bucket>frm</Bucket>",
                                              "<Key>a b/c</Key>", f"<ETag>&quot;{ETAG}&quot;</ETag></PostResponse>")(r)
         and r.header("location").endswith("/frm/a%20b/c") and r.header("content-type") == "application/xml",
         fields={"key": "a b/c", "success_action_status": "201"}),
    answer("status 204", 204, success_action_status="204"),
    answer("status 302", 204, success_action_status="302"),
    answer("status unknown", 204, success_action_status="x"),
    answer("redirect", 303, "https://www.example.com/?" + QUERY, success_action_redirect="https://www.example.com/"),
    answer("redirect with a query", 303, "http://h/a?b=c&" + QUERY, success_action_redirect="http://h/a?b=c"),
    answer("redirect with a fragment", 303, f"http://h/?{QUERY}#d", success_action_redirect="http://h/#d"),
    answer("redirect, as it was", 303, "http://h/?" + QUERY, redirect="http://h/"),
    answer("redirect before status", 303, "http://h/?" + QUERY, success_action_redirect="http://h/", success_action_status="201"),
    *[post(f"redirect of {n}", status, "", fields={"key": "k" * 1024, "success_action_redirect": "http://h/".ljust(n, "a")},
           conditions=[BUCKET, ["starts-with", "$key", ""], ["starts-with", "$success_action_redirect", ""]])
      for n, status in ((4096, 303), (4097, 204))],
    *[answer(f"redirect {url!r}", 200, success_action_redirect=url, success_action_status="200")
      for url in ("", "/there", "javascript:alert(1)", "//h/", "http://", "http:///a", "http://h/\r\nSet-Cookie: a=b", "http://h/ ")],
]

SIGNATURES = [
    post("unsigned", 403, "AccessDenied", version=0),
    post("no policy", 400, "InvalidArgument", named("policy"), drop=["policy"]),
    post("no policy, V2", 400, "InvalidArgument", named("policy"), drop=["policy"], version=2),
    *[post(f"without {name}", 400, "InvalidArgument", named(told), drop=[name], version=version) for name, told, version in (
        ("x-amz-signature", "X-Amz-Signature", 4), ("x-amz-credential", "X-Amz-Credential", 4), ("x-amz-date", "X-Amz-Date", 4),
        ("x-amz-algorithm", "X-Amz-Algorithm", 4), ("signature", "Signature", 2), ("AWSAccessKeyId", "AWSAccessKeyId", 2))],
    post("policy alone", 400, "InvalidArgument", drop=["x-amz-signature", "x-amz-credential", "x-amz-date", "x-amz-algorithm"]),
    post("wrong signature", 403, "SignatureDoesNotMatch", has("<StringToSign>", "<SignatureProvided>0"),
         change={"x-amz-signature": "0" * 64}),
    post("wrong signature, V2", 403, "SignatureDoesNotMatch", change={"signature": b64(bytes(20))}, version=2),
    post("another policy", 403, "SignatureDoesNotMatch", change={"policy": b64(b"{}")}),
    post("unknown key", 403, "InvalidAccessKeyId", has("<AWSAccessKeyId>AKIAX</AWSAccessKeyId>"),
         change={"x-amz-credential": "AKIAX/20261125/us-east-1/s3/aws4_request", "x-amz-date": "20261125T000000Z"}),
    post("unknown key, V2", 403, "InvalidAccessKeyId", change={"AWSAccessKeyId": "AKIAX"}, version=2),
    *[post(f"{name} {value}", 400, "AuthorizationQueryParametersError", check, change={name: value})
      for name, value, check in (
          ("x-amz-algorithm", "AWS4-HMAC-SHA512", None), ("x-amz-credential", "AKIAX", None),
          ("x-amz-credential", "A/20261125/mars/s3/aws4_request", has("<Region>us-east-1</Region>")),
          ("x-amz-credential", "A/20261125/us-east-1/sts/aws4_request", None), ("x-amz-date", "today", None),
          ("x-amz-date", "20201125T000000Z", has("Invalid credential date")))],
    field("x-amz-security-token", "token", 400, "InvalidToken", has("<Token-0>token</Token-0>")),
]


def policy(name, status, code, text=None, check=None, **how):
    return post(name, status, code, check or (has(text) if text else None), **how)


def document(*conditions, **more):
    return {"expiration": expiration(), "conditions": list(conditions), **more}


POLICIES = [
    *[policy(f"policy {name}", 400, "InvalidPolicyDocument", "Invalid Policy: " + text, policy=doc, version=2)
      for name, doc, text in (
          ("not Base64", "{}", "Invalid JSON."), ("not JSON", b64(b"{"), "Invalid JSON."), ("a list", [], "Invalid JSON."),
          ("without expiration", {"conditions": []}, "Policy missing expiration."),
          ("in capitals", {"EXPIRATION": expiration(), "conditions": []}, "Policy missing expiration."),
          ("without conditions", {"expiration": expiration()}, "Policy missing conditions."),
          ("with Conditions", {"expiration": expiration(), "Conditions": []}, "Policy missing conditions."),
          ("expires some day", {"expiration": "some day", "conditions": []}, "Invalid 'expiration' value"),
          ("empty condition", document({}), "Invalid Simple-Condition: Simple-Conditions must have exactly one property"),
          ("two properties", document({**BUCKET, **KEY}), "Invalid Simple-Condition: Simple-Conditions must have exactly one"),
          ("a number", document({"key": 1}), "Invalid Simple-Condition: value must be a string."),
          ("an unknown operation", document(["ends-with", "$key", "y"]), "Invalid Condition"),
          ("two arguments", document(["eq", "$key"]), "Invalid Condition"),
          ("a name without $", document(["eq", "key", "key"]), "Invalid Condition"),
          ("a negative range", document(["content-length-range", -1, 5]), "Invalid content-length-range"),
          ("a range of words", document(["content-length-range", "a", "b"]), "Invalid content-length-range"),
          ("a range upside down", document(["content-length-range", 5, 1]), "Invalid content-length-range"))],
    policy("policy with commas behind", 204, "", version=2,
           policy=b64(b'{"expiration": "%s", "conditions": [{"bucket": "frm"}, {"key": "key"},]}' % expiration().encode())),
    policy("expired", 403, "AccessDenied", "Invalid according to Policy: Policy expired.", until=expiration(-1)),
    policy("unmet eq", 403, "AccessDenied",
           "Policy Condition failed: [&quot;eq&quot;, &quot;$key&quot;, &quot;KEY&quot;]", conditions=[BUCKET, {"key": "KEY"}]),
    policy("unmet starts-with", 403, "AccessDenied",
           "Policy Condition failed: [&quot;starts-with&quot;, &quot;$key&quot;, &quot;up/&quot;]",
           conditions=[BUCKET, ["starts-with", "$key", "up/"]]),
    policy("condition on what was not sent", 403, "AccessDenied", "Policy Condition failed",
           conditions=[BUCKET, KEY, ["starts-with", "$Content-Type", ""]]),
    policy("one of two conditions", 403, "AccessDenied", conditions=[BUCKET, KEY, ["starts-with", "$key", "up/"]]),
    policy("not covered", 403, "AccessDenied", "Extra input fields: x-amz-meta-a, x-amz-meta-b",
           fields={"key": "key", "x-amz-meta-a": "1", "x-amz-meta-b": "1"}, conditions=[BUCKET, KEY]),
    policy("key not covered", 403, "AccessDenied", "Extra input fields: key", conditions=[BUCKET]),
    policy("bucket not covered", 403, "AccessDenied", "Extra input fields: bucket", conditions=[KEY]),
    policy("another bucket", 403, "AccessDenied", "Policy Condition failed", conditions=[KEY, {"bucket": "other"}]),
    policy("another bucket in a field", 403, "AccessDenied", "Policy Condition failed",
           fields={"key": "key", "bucket": "other"}, conditions=[KEY, ["starts-with", "$bucket", ""]]),
    policy("the bucket in a field", 204, "", fields={"key": "key", "bucket": "frm"}),
    policy("date not covered", 403, "AccessDenied", "Extra input fields: x-amz-algorithm, x-amz-credential, x-amz-date",
           policy=document(BUCKET, KEY)),
    policy("fields that are ignored", 204, "", fields={"key": "key", "x-ignore-a": "1", "X-Ignore-B": "2"},
           conditions=[BUCKET, KEY]),
    policy("a list of types", 204, "", fields={"key": "key", "Content-Type": "image/png, image/gif"},
           conditions=[BUCKET, KEY, ["starts-with", "$Content-Type", "image/"]]),
    policy("a list with another type", 403, "AccessDenied", fields={"key": "key", "Content-Type": "image/png,text/html"},
           conditions=[BUCKET, KEY, ["starts-with", "$content-type", "image/"]]),
    *[policy(f"range {least} to {most}", status, code, text,
             fields={"key": "sized"}, conditions=[BUCKET, {"key": "sized"}, ["content-length-range", least, most]])
      for least, most, status, code, text in (
          (0, 9, 400, "EntityTooLarge", "<MaxSizeAllowed>9</MaxSizeAllowed>"),
          (11, 20, 400, "EntityTooSmall", "<ProposedSize>10</ProposedSize><MinSizeAllowed>11</MinSizeAllowed>"))],
    Row("nothing out of range is stored", "GET", "/frm/sized", 404, "NoSuchKey"),
    policy("range met", 204, "", fields={"key": "sized"},
           conditions=[BUCKET, {"key": "sized"}, ["content-length-range", 10, "10"]]),
]

REFUSED = [
    field("acl", "public-read", 501, "NotImplemented"),
    field("acl", "mine", 400, "InvalidArgument"),
    field("x-amz-storage-class", "GOLD", 400, "InvalidStorageClass"),
    field("x-amz-server-side-encryption", "AES256", 501, "NotImplemented"),
    field("x-amz-copy-source", "/frm/key", 400, "InvalidArgument"),
    field("x-amz-website-redirect-location", "there", 400, "InvalidRedirectLocation"),
    field("x-amz-meta-a", "a\nb", 400, "InvalidArgument"),
    field("x-amz-meta-a", "a" * 3000, 400, "MetadataTooLarge"),
    field("x-amz-meta-a", "a" * 9000, 400, "RequestHeaderSectionTooLarge",
          conditions=[BUCKET, KEY, ["starts-with", "$x-amz-meta-a", ""]]),
]

CHECKSUMS = [
    field("x-amz-checksum-crc32", crc32(DATA), 204, "", head(x_amz_checksum_crc32=crc32(DATA))),
    field("x-amz-checksum-sha256", sha256(DATA), 204, "", head(x_amz_checksum_sha256=sha256(DATA))),
    field("x-amz-checksum-crc32", b64(bytes(4)), 400, "BadDigest"),
    field("x-amz-checksum-crc32", "x", 400, "InvalidRequest"),
    field("x-amz-checksum-algorithm", "CRC32", 400, "InvalidRequest"),
    post("algorithm and value", 204, fields={"key": "key", "x-amz-checksum-algorithm": "CRC32", "x-amz-checksum-crc32": crc32(DATA)}),
    post("two checksums", 400, "InvalidRequest",
         fields={"key": "key", "x-amz-checksum-sha256": sha256(DATA), "x-amz-checksum-crc32": crc32(DATA)}),
    field("Content-MD5", md5(DATA), 204),
    field("Content-MD5", md5(b"x"), 400, "BadDigest"),
]



def tagged(name, status, code, document, **how):
    return post("tagging " + name, status, code, fields={"key": "tagged", "tagging": document},
                conditions=[BUCKET, {"key": "tagged"}, ["starts-with", "$tagging", ""]], **how)


def tagging(*keys):
    return "<Tagging><TagSet>" + "".join(f"<Tag><Key>{k}</Key><Value>v</Value></Tag>" for k in keys) + "</TagSet></Tagging>"


TAGS = [
    tagged("not XML", 400, "MalformedXML", "a=b"),
    tagged("another root", 400, "MalformedXML", "<TagSet/>"),
    tagged("eleven", 400, "InvalidTag", tagging(*range(11))),
    tagged("twice", 400, "InvalidTag", tagging("a", "a")),
    Row("nothing tagged is stored", "GET", "/frm/tagged", 404, "NoSuchKey"),
    tagged("two", 204, "", tagging("b", "a")),
    Row("two tags", "GET", "/frm/tagged?tagging", 200, check=has("<Tag><Key>b</Key><Value>v</Value></Tag><Tag><Key>a</Key>")),
    tagged("none", 204, "", tagging()),
    Row("no tags", "HEAD", "/frm/tagged", 200, check=head(x_amz_tagging_count=None)),
    post("x-amz-tagging", 204, fields={"key": "tagged", "x-amz-tagging": "c=d"}),
    Row("a tag of a header", "GET", "/frm/tagged?tagging", 200, check=has("<Key>c</Key><Value>d</Value>")),
]

ROWS = NO_FORM + FIELDS + STORED + ANSWERS + SIGNATURES + POLICIES + REFUSED + CHECKSUMS + TAGS
