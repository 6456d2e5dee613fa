# SPDX-License-Identifier: MIT
"""CopyObject and UploadPartCopy."""
import hashlib

from digests import crc32, sha256
from row import Row, has, head

HELLO = b"0123456789"
ETAG = '"%s"' % hashlib.md5(HELLO).hexdigest()
OTHER = '"%s"' % ("0" * 32)
PAST, FUTURE = "Mon, 01 Jan 2001 00:00:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT"
STRANGE = "a+b c%d/é?versionId=null"  # a key that does not survive a second decoding

TAGS = "<Tagging><TagSet><Tag><Key>kept</Key><Value>1</Value></Tag></TagSet></Tagging>"

UPLOAD = {}


def make_world(wire):
    for bucket in ("/cpy", "/cpo"):
        assert wire.send("PUT", bucket).status == 200
    headers = [("Content-Type", "text/x-a"), ("Cache-Control", "c"), ("Content-Disposition", "d"), ("Content-Encoding", "e"),
               ("Content-Language", "l"), ("Expires", "x"), ("x-amz-website-redirect-location", "/there"),
               ("x-amz-meta-a", "1"), ("x-amz-meta-b", "é"), ("x-amz-checksum-crc32", crc32(HELLO))]
    assert wire.send("PUT", "/cpy/hello", headers, HELLO).status == 200
    assert wire.send("PUT", "/cpy/empty").status == 200
    assert wire.send("PUT", "/cpy/a%2Bb%20c%25d/%C3%A9%3FversionId=null", body=b"strange").status == 200
    UPLOAD["id"] = wire.send("POST", "/cpy/parts?uploads", [("x-amz-checksum-algorithm", "CRC32")]).element("UploadId")


class PartRow(Row):
    """{id} in the target is the upload made for this table."""

    @property
    def target(self):
        return self.pattern.replace("{id}", UPLOAD.get("id", ""))

    @target.setter
    def target(self, pattern):
        self.pattern = pattern


def copy(name, source, status, code="", headers=(), target="/cpo/copy", **how):
    return Row(f"copy: {name}", "PUT", target, status, code, [("x-amz-copy-source", source), *headers], **how)


def self_copy(name, status, *headers, source="/cpy/own", **how):
    return copy(f"onto itself, {name}", source, status, "" if status == 200 else "InvalidRequest", headers, "/cpy/own", **how)


def when(name, status, *conditions):
    return copy(f"when {name}", "/cpy/hello", status, "" if status == 200 else "PreconditionFailed",
                [(f"x-amz-copy-source-if-{key}", value) for key, value in conditions])


def part_copy(name, status, code="", range_=None, source="/cpy/hello", number=1, upload="{id}", **how):
    headers = [("x-amz-copy-source", source)]
    if range_ is not None:
        headers.append(("x-amz-copy-source-range", range_))
    return PartRow(f"part copy: {name}", "PUT", f"/cpy/parts?partNumber={number}&uploadId={upload}", status, code, headers,
                   **how)


def got(name, target="/cpo/copy", body=HELLO, **headers):
    wanted = head(**headers)
    return Row(f"copied: {name}", "GET", target, 200, "", [("x-amz-checksum-mode", "ENABLED")],
               check=lambda r: r.body == body and wanted(r))


RESULT = has("<CopyObjectResult", "<LastModified>", ETAG.replace('"', "&quot;"),
             f"<ChecksumCRC32>{crc32(HELLO)}</ChecksumCRC32>", "<ChecksumType>FULL_OBJECT</ChecksumType>")

ROWS = [
    copy("between buckets", "/cpy/hello", 200, "", [("Content-Type", "ignored/x"), ("x-amz-meta-c", "3")], check=RESULT),
    got("metadata, not the redirect", etag=ETAG, content_type="text/x-a", cache_control="c", content_disposition="d",
        content_encoding="e", content_language="l", expires="x", x_amz_meta_a="1", x_amz_meta_b="é".encode().decode("latin-1"),
        x_amz_meta_c=None, x_amz_website_redirect_location=None, x_amz_checksum_crc32=crc32(HELLO),
        x_amz_checksum_type="FULL_OBJECT"),
    copy("replacing", "cpy/hello", 200, "", [
        ("x-amz-metadata-directive", "REPLACE"), ("Content-Type", "text/x-b"), ("x-amz-meta-c", "3"),
        ("x-amz-website-redirect-location", "/here"), ("x-amz-checksum-algorithm", "SHA256")],
        check=has(f"<ChecksumSHA256>{sha256(HELLO)}<")),
    got("replaced", content_type="text/x-b", cache_control=None, x_amz_meta_a=None, x_amz_meta_c="3",
        x_amz_website_redirect_location="/here", x_amz_checksum_sha256=sha256(HELLO), x_amz_checksum_crc32=None),
    copy("with a redirect", "/cpy/hello", 200, "", [("x-amz-website-redirect-location", "/new")]),
    got("with a redirect", x_amz_meta_a="1", x_amz_website_redirect_location="/new"),
    copy("of nothing", "/cpy/empty", 200),
    got("of nothing", body=b"", content_length="0"),
    copy("of a strange key", "/cpy/a+b%20c%25d/%C3%A9%3FversionId=null", 200),
    got("of a strange key", body=b"strange"),
    copy("decoded twice", "/cpy/a+b%20c%2525d/%C3%A9%3FversionId=null", 404, "NoSuchKey"),
    copy("an escaped slash", "cpy%2Fhello", 200),
    copy("an escaped first slash", "%2Fcpy/hello", 200),
    copy("an explicit namespace", "/global--cpy/hello", 200),
    copy("no source", "", 400, "InvalidArgument"),
    copy("no key", "/cpy", 400, "InvalidArgument"),
    copy("an empty key", "/cpy/", 400, "InvalidArgument"),
    copy("a bad escape", "/cpy/%zz", 400, "InvalidArgument"),
    copy("not UTF-8", "/cpy/%ff", 400, "InvalidArgument"),
    copy("a bad bucket", "/CPY/hello", 400, "InvalidArgument"),
    copy("an access point", "arn:aws:s3:us-east-1:1:accesspoint/a/object/k", 400, "InvalidArgument"),
    copy("a key of 1025", "/cpy/" + "k" * 1025, 400, "InvalidArgument"),
    copy("another sub-resource", "/cpy/hello?acl", 400, "InvalidArgument"),
    copy("a bad version", "/cpy/hello?versionId=x", 400, "InvalidArgument"),
    copy("an empty version", "/cpy/hello?versionId=", 400, "InvalidArgument"),
    copy("an unknown version", "/cpy/hello?versionId=" + "0" * 15 + "1" + "0" * 15 + "1", 404, "NoSuchVersion"),
    copy("the null version", "/cpy/hello?versionId=null", 200),
    copy("no bucket", "/nobucket-x/k", 404, "NoSuchBucket", check=has("<BucketName>nobucket-x<")),
    copy("no such key", "/cpy/no%20ne", 404, "NoSuchKey", check=has("<Key>no ne<")),
    copy("to no bucket", "/cpy/hello", 404, "NoSuchBucket", target="/nobucket-x/k"),
    copy("owner of the source", "/cpy/hello", 403, "AccessDenied", [("x-amz-source-expected-bucket-owner", "1" * 64)]),
    copy("owner of the destination", "/cpy/hello", 403, "AccessDenied", [("x-amz-expected-bucket-owner", "1" * 64)]),
    copy("anonymous", "/cpy/hello", 403, "AccessDenied", anonymous=True),
    copy("directive unknown", "/cpy/hello", 400, "InvalidArgument", [("x-amz-metadata-directive", "MERGE")]),
    copy("directive in another case", "/cpy/hello", 400, "InvalidArgument", [("x-amz-metadata-directive", "replace")]),
    copy("directive of tags unknown", "/cpy/hello", 400, "InvalidArgument", [("x-amz-tagging-directive", "MERGE")]),
    Row("tags for the next", "PUT", "/cpy/empty?tagging", 200, body=TAGS.encode()),
    copy("its tags", "/cpy/empty", 200, "", [("x-amz-tagging", "ignored=1")]),
    Row("copied: its tags", "GET", "/cpo/copy?tagging", 200, check=has("<Key>kept</Key><Value>1</Value>")),
    copy("other tags", "/cpy/empty", 200, "", [("x-amz-tagging-directive", "REPLACE"), ("x-amz-tagging", "new=2")]),
    Row("copied: other tags", "GET", "/cpo/copy?tagging", 200, check=has("<TagSet><Tag><Key>new</Key><Value>2</Value></Tag></TagSet>")),
    copy("no tags", "/cpy/empty", 200, "", [("x-amz-tagging-directive", "REPLACE")]),
    Row("copied: no tags", "GET", "/cpo/copy?tagging", 200, check=has("<TagSet></TagSet>")),
    copy("tags malformed", "/cpy/empty", 400, "InvalidArgument",
         [("x-amz-tagging-directive", "REPLACE"), ("x-amz-tagging", "a=%zz")]),
    copy("tags refused", "/cpy/empty", 400, "InvalidTag", [("x-amz-tagging-directive", "REPLACE"), ("x-amz-tagging", "aws:a=b")]),
    copy("algorithm unknown", "/cpy/hello", 400, "InvalidRequest", [("x-amz-checksum-algorithm", "CRC16")]),
    copy("storage class unknown", "/cpy/hello", 400, "InvalidStorageClass", [("x-amz-storage-class", "GOLD")]),
    copy("storage class not there", "/cpy/hello", 501, "NotImplemented", [("x-amz-storage-class", "GLACIER")]),
    copy("redirect nonsense", "/cpy/hello", 400, "InvalidRedirectLocation", [("x-amz-website-redirect-location", "nowhere")]),
    copy("metadata too large", "/cpy/hello", 400, "MetadataTooLarge",
         [("x-amz-metadata-directive", "REPLACE"), ("x-amz-meta-a", "v" * 2048)]),
    copy("metadata too large, and ignored", "/cpy/hello", 200, "", [("x-amz-meta-a", "v" * 2048)]),
    copy("a range", "/cpy/hello", 400, "InvalidArgument", [("x-amz-copy-source-range", "bytes=0-1")]),
    copy("a key of the source", "/cpy/hello", 501, "NotImplemented",
         [("x-amz-copy-source-server-side-encryption-customer-algorithm", "AES256")]),
    copy("encryption", "/cpy/hello", 501, "NotImplemented", [("x-amz-server-side-encryption", "AES256")]),
    copy("a part number alone", "/cpy/hello", 400, "InvalidArgument", target="/cpo/copy?partNumber=1"),
    copy("an upload id alone", "/cpy/hello", 400, "InvalidArgument", target="/cpo/copy?uploadId=1"),
    copy("onto a bucket", "/cpy/hello", 400, "InvalidArgument", target="/cpo"),
    Row("copy: a condition alone", "PUT", "/cpo/copy", 400, "InvalidArgument", [("x-amz-copy-source-if-match", ETAG)], HELLO),
    Row("copy: a source of an upload", "POST", "/cpo/copy?uploads", 400, "InvalidArgument",
        [("x-amz-copy-source", "/cpy/hello")]),

    when("it matches", 200, ("match", ETAG)),
    when("it matches in a list", 200, ("match", f"{OTHER}, {ETAG}")),
    when("another matches", 412, ("match", OTHER)),
    when("it does not match", 412, ("none-match", ETAG)),
    when("another does not match", 200, ("none-match", OTHER)),
    when("modified since long", 200, ("modified-since", PAST)),
    when("modified in future", 200, ("modified-since", FUTURE)),
    when("unmodified since long", 412, ("unmodified-since", PAST)),
    when("unmodified in future", 200, ("unmodified-since", FUTURE)),
    when("a match beats unmodified", 200, ("match", ETAG), ("unmodified-since", PAST)),
    when("none-match beats modified", 412, ("none-match", ETAG), ("modified-since", PAST)),
    when("unmodified beats none-match", 412, ("none-match", OTHER), ("unmodified-since", PAST)),
    copy("If-None-Match of what is there", "/cpy/hello", 412, "PreconditionFailed", [("If-None-Match", "*")]),
    copy("If-None-Match of nothing", "/cpy/hello", 200, "", [("If-None-Match", "*")], "/cpo/fresh"),
    copy("If-Match of another", "/cpy/hello", 412, "PreconditionFailed", [("If-Match", OTHER)]),
    copy("If-Match of it", "/cpy/hello", 200, "", [("If-Match", ETAG)]),
    copy("If-Match of nothing", "/cpy/hello", 404, "NoSuchKey", [("If-Match", "*")], "/cpo/none"),
    got("nothing by a refusal"),

    copy("for the next", "/cpy/hello", 200, target="/cpy/own"),
    self_copy("unchanged", 400),
    self_copy("unchanged, escaped", 400, source="cpy/%6Fwn"),
    self_copy("unchanged, by version", 400, source="/cpy/own?versionId=null"),
    self_copy("the same checksum", 400, ("x-amz-checksum-algorithm", "CRC32")),
    self_copy("another checksum", 200, ("x-amz-checksum-algorithm", "CRC32C")),
    self_copy("its storage class", 200, ("x-amz-storage-class", "STANDARD")),
    self_copy("replacing", 200, ("x-amz-metadata-directive", "REPLACE"), ("x-amz-meta-z", "9")),
    got("onto itself", "/cpy/own", x_amz_meta_z="9", x_amz_meta_a=None),
    self_copy("a redirect", 200, ("x-amz-website-redirect-location", "/z")),

    part_copy("whole", 200, check=has("<CopyPartResult", ETAG.replace('"', "&quot;"), f"<ChecksumCRC32>{crc32(HELLO)}<")),
    part_copy("a range", 200, range_="bytes=2-4", check=has(f"<ChecksumCRC32>{crc32(b'234')}<")),
    part_copy("to the last byte", 200, range_="bytes=9-9"),
    part_copy("past the end", 416, "InvalidRange", "bytes=5-10"),
    part_copy("behind the end", 416, "InvalidRange", "bytes=10-10"),
    part_copy("of nothing", 416, "InvalidRange", "bytes=0-0", "/cpy/empty"),
    *[part_copy(f"range {text!r}", 400, "InvalidArgument", text)
      for text in ("bytes=4-2", "bytes=0-", "bytes=-3", "bytes=0-1,3-4", "0-3", "lines=0-1", "bytes=0-x", "bytes= 0-1")],
    part_copy("no such key", 404, "NoSuchKey", source="/cpy/none"),
    part_copy("no bucket", 404, "NoSuchBucket", source="/nobucket-x/k"),
    part_copy("no source", 400, "InvalidArgument", source=""),
    part_copy("no upload", 404, "NoSuchUpload", upload="x"),
    part_copy("number 0", 400, "InvalidArgument", number=0),
    part_copy("number 10001", 400, "InvalidArgument", number=10001),
    part_copy("anonymous", 403, "AccessDenied", anonymous=True),
]
