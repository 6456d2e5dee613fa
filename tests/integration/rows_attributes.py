# SPDX-License-Identifier: MIT
"""GetObjectAttributes, RestoreObject, and reads of one part."""
import hashlib
import re

from digests import crc32, sha256
from row import Row, has, head

HELLO = b"0123456789"
PART, TAIL = b"p" * (5 << 20), b"tail"
NUMBERS = (2, 3, 7)  # parts keep the numbers they were uploaded with
HELLO_TAG = hashlib.md5(HELLO).hexdigest()
MULTI_TAG = hashlib.md5(b"".join(hashlib.md5(p).digest() for p in (PART, PART, TAIL))).hexdigest() + "-3"
MULTI_SIZE = 2 * len(PART) + len(TAIL)


def make_world(wire):
    assert wire.send("PUT", "/att").status == 200
    assert wire.send("PUT", "/att/hello", [("x-amz-checksum-sha256", sha256(HELLO))], HELLO).status == 200
    up = wire.send("POST", "/att/multi?uploads", [("x-amz-checksum-algorithm", "CRC32")]).element("UploadId")
    parts = ""
    for number, body in zip(NUMBERS, (PART, PART, TAIL)):
        r = wire.send("PUT", f"/att/multi?partNumber={number}&uploadId={up}", [("x-amz-checksum-crc32", crc32(body))], body)
        parts += (f"<Part><PartNumber>{number}</PartNumber><ETag>{r.header('etag')}</ETag>"
                  f"<ChecksumCRC32>{crc32(body)}</ChecksumCRC32></Part>")
    body = f"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>".encode()
    assert wire.send("POST", f"/att/multi?uploadId={up}", body=body).status == 200


def attributes(name, status, code="", wanted=None, target="hello", query="", headers=(), method="GET", **how):
    headers = [*headers, *([("x-amz-object-attributes", wanted)] if wanted is not None else [])]
    return Row(f"attributes: {name}", method, f"/att/{target}?attributes{query}", status, code, headers, **how)


def page(numbers, truncated, limit, marker, last):
    """ObjectParts of the multipart object."""
    def check(r):
        found = re.findall(r"<Part>.*?<PartNumber>(\d+)</PartNumber>.*?</Part>", r.body.decode())
        return ([int(n) for n in found] == numbers and r.element("PartsCount") == "3" and r.element("MaxParts") == str(limit) and
                r.element("PartNumberMarker") == str(marker) and r.element("IsTruncated") == truncated and
                r.element("NextPartNumberMarker") == last)
    return check


def restore(name, status, code, body=b"<RestoreRequest><Days>1</Days></RestoreRequest>", target="hello", **how):
    return Row(f"restore: {name}", "POST", f"/att/{target}?restore", status, code, body=body, **how)


def part(name, number, status, code="", headers=(), target="multi", method="GET", **how):
    return Row(f"part: {name}", method, f"/att/{target}?partNumber={number}", status, code, headers, **how)


CHECKSUMS = [("x-amz-checksum-mode", "ENABLED")]

ROWS = [
    attributes("all", 200, wanted="ETag,Checksum,ObjectParts,StorageClass,ObjectSize", check=lambda r: has(
        "<GetObjectAttributesResponse", f"<ETag>{HELLO_TAG}</ETag>", f"<Checksum><ChecksumSHA256>{sha256(HELLO)}<",
        "<ChecksumType>FULL_OBJECT<", "<StorageClass>STANDARD<", "<ObjectSize>10<")(r) and b"<ObjectParts>" not in r.body and
        r.header("last-modified") and r.header("x-amz-version-id") is None),
    attributes("one", 200, wanted="ObjectSize", check=lambda r: has("<ObjectSize>10<")(r) and b"<ETag>" not in r.body),
    attributes("blanks between", 200, wanted="ETag , ObjectSize", check=has("<ETag>", "<ObjectSize>")),
    attributes("several headers", 200, wanted="ETag", headers=[("x-amz-object-attributes", "ObjectSize")],
               check=has("<ETag>", "<ObjectSize>"), front="nginx"),
    attributes("none named", 400, "InvalidRequest"),
    attributes("empty", 400, "InvalidRequest", ""),
    attributes("unknown", 400, "InvalidArgument", "Owner"),
    attributes("in another case", 400, "InvalidArgument", "etag"),
    attributes("one too many", 400, "InvalidArgument", "ETag,"),
    attributes("no key", 404, "NoSuchKey", "ETag", "none"),
    attributes("the null version", 200, wanted="ETag", query="&versionId=null", check=head(x_amz_version_id="null")),
    attributes("a bad version", 400, "InvalidArgument", "ETag", query="&versionId=x"),
    attributes("anonymous", 403, "AccessDenied", "ETag", anonymous=True),
    attributes("put", 405, "MethodNotAllowed", "ETag", method="PUT"),
    attributes("of parts", 200, wanted="ETag,ObjectParts,ObjectSize,Checksum", target="multi", check=lambda r: has(
        f"<ETag>{MULTI_TAG}<", f"<ObjectSize>{MULTI_SIZE}<", "<ChecksumType>COMPOSITE<",
        f"<Part><ChecksumCRC32>{crc32(TAIL)}</ChecksumCRC32><PartNumber>7</PartNumber><Size>4</Size></Part>")(r) and
        page([2, 3, 7], "false", 1000, 0, "7")(r)),
    attributes("first page", 200, wanted="ObjectParts", target="multi", headers=[("x-amz-max-parts", "2")],
               check=page([2, 3], "true", 2, 0, "3")),
    attributes("second page", 200, wanted="ObjectParts", target="multi",
               headers=[("x-amz-max-parts", "2"), ("x-amz-part-number-marker", "3")], check=page([7], "false", 2, 3, "7")),
    attributes("no page", 200, wanted="ObjectParts", target="multi", headers=[("x-amz-max-parts", "0")],
               check=page([], "false", 0, 0, None)),
    attributes("many", 200, wanted="ObjectParts", target="multi", headers=[("x-amz-max-parts", "5000")],
               check=page([2, 3, 7], "false", 1000, 0, "7")),
    *[attributes(f"{name} {value}", 400, "InvalidArgument", "ObjectParts", "multi", headers=[(name, value)])
      for name in ("x-amz-max-parts", "x-amz-part-number-marker") for value in ("x", "-1")],

    restore("of STANDARD", 403, "InvalidObjectState", check=has("<StorageClass>STANDARD<")),
    restore("no key", 404, "NoSuchKey", target="none"),
    restore("nothing", 400, "MalformedXML", b""),
    restore("not XML", 400, "MalformedXML", b"{}"),
    restore("another root", 400, "MalformedXML", b"<Restore/>"),
    restore("0 days", 400, "MalformedXML", b"<RestoreRequest><Days>0</Days></RestoreRequest>"),
    restore("anonymous", 403, "AccessDenied", anonymous=True),
    Row("restore: read", "GET", "/att/hello?restore", 405, "MethodNotAllowed"),

    Row("class: STANDARD", "PUT", "/att/class", 200, "", [("x-amz-storage-class", "STANDARD")], HELLO,
        check=head(x_amz_storage_class=None)),
    Row("class: not told of STANDARD", "HEAD", "/att/class", 200, check=head(x_amz_storage_class=None)),
    Row("class: not there", "PUT", "/att/class", 501, "NotImplemented", [("x-amz-storage-class", "GLACIER_IR")], HELLO),
    Row("class: unknown", "PUT", "/att/class", 400, "InvalidStorageClass", [("x-amz-storage-class", "standard")], HELLO),

    part("the last", 7, 206, headers=CHECKSUMS, check=lambda r: r.body == TAIL and head(
        etag=f'"{MULTI_TAG}"', x_amz_mp_parts_count="3", content_range=f"bytes {MULTI_SIZE - 4}-{MULTI_SIZE - 1}/{MULTI_SIZE}",
        x_amz_checksum_crc32=crc32(TAIL), x_amz_checksum_type="COMPOSITE")(r)),
    part("HEAD", 3, 206, headers=CHECKSUMS, method="HEAD", check=head(
        content_length=str(len(PART)), x_amz_checksum_crc32=crc32(PART), x_amz_mp_parts_count="3")),
    part("no checksum unless asked for", 7, 206, check=head(x_amz_checksum_crc32=None, x_amz_checksum_type=None)),
    part("between the numbers", 4, 416, "InvalidPartNumber", check=has("<ActualPartCount>3<")),
    part("beyond the last", 8, 416, "InvalidPartNumber"),
    part("1 of a plain object", 1, 206, headers=CHECKSUMS, target="hello", check=lambda r: r.body == HELLO and head(
        content_range="bytes 0-9/10", x_amz_mp_parts_count=None, x_amz_checksum_sha256=sha256(HELLO),
        x_amz_checksum_type="FULL_OBJECT")(r)),
    part("2 of a plain object", 2, 416, "InvalidPartNumber", target="hello"),
    part("and a range", 7, 400, "InvalidRequest", [("Range", "bytes=0-1")]),
    part("and a condition", 7, 304, headers=[("If-None-Match", f'"{MULTI_TAG}"')]),
    *[part(f"number {n}", n, 400, "InvalidArgument") for n in ("0", "10001", "-1", "x")],
]
