# SPDX-License-Identifier: MIT
"""Copies by an ordinary client, within and across tenants; and writes that race for one key."""
import concurrent.futures
import os
import socket
import urllib.error
import urllib.parse
import urllib.request

import pytest
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from harness import Server
from wire import Wire

ROUNDS = int(os.environ.get("MAXIOFS_TEST_RACE_ROUNDS", 20))
RACERS = 64


def wire_to(server):
    where = urllib.parse.urlsplit(server.s3_url)
    return Wire((where.hostname, where.port), server.access_key, server.secret_key)


def refused(call, **how):
    with pytest.raises(ClientError) as e:
        call(**how)
    return e.value.response["ResponseMetadata"]["HTTPStatusCode"], e.value.response["Error"]["Code"]


def body_of(s3, bucket, key):
    return s3.get_object(Bucket=bucket, Key=key)["Body"].read()


def test_a_client_copies(server, bucket):
    s3 = server.client()
    key = "a b/ü+%2F?versionId=null&c"
    s3.put_object(Bucket=bucket, Key=key, Body=b"x" * 100, ContentType="text/x", Metadata={"who": "me"},
                  ChecksumAlgorithm="SHA256")
    done = s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": key})
    assert done["CopyObjectResult"]["ETag"] == s3.head_object(Bucket=bucket, Key=key)["ETag"]
    assert done["CopyObjectResult"]["ChecksumType"] == "FULL_OBJECT" and done["CopyObjectResult"]["ChecksumSHA256"]
    got = s3.head_object(Bucket=bucket, Key="copy", ChecksumMode="ENABLED")
    assert (got["ContentType"], got["Metadata"]) == ("text/x", {"who": "me"})
    assert got["ChecksumSHA256"] == done["CopyObjectResult"]["ChecksumSHA256"]
    s3.copy_object(Bucket=bucket, Key="copy", CopySource=urllib.parse.quote(f"{bucket}/copy"), MetadataDirective="REPLACE",
                   Metadata={"who": "you"}, CacheControl="no-cache")
    got = s3.get_object(Bucket=bucket, Key="copy")
    assert (got["CacheControl"], got["Metadata"], got["Body"].read()) == ("no-cache", {"who": "you"}, b"x" * 100)
    assert refused(s3.copy_object, Bucket=bucket, Key="copy", CopySource=f"{bucket}/copy") == (400, "InvalidRequest")
    attributes = s3.get_object_attributes(Bucket=bucket, Key="copy", ObjectAttributes=["ETag", "ObjectSize", "Checksum"])
    assert (f'"{attributes["ETag"]}"', attributes["ObjectSize"]) == (got["ETag"], 100) and attributes["Checksum"]["ChecksumSHA256"]


def test_a_client_copies_in_parts(server, bucket):
    s3 = server.client()
    data = os.urandom((12 << 20) + 17)
    s3.put_object(Bucket=bucket, Key="large", Body=data, ContentType="text/x", Metadata={"who": "me"})
    config = TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20)
    for source, target in (("large", "parts"), ("parts", "again")):
        s3.copy({"Bucket": bucket, "Key": source}, bucket, target, Config=config)
        got = s3.get_object(Bucket=bucket, Key=target)
        assert got["ETag"].endswith('-3"') and got["Body"].read() == data
        assert (got["ContentType"], got["Metadata"]) == ("text/x", {"who": "me"})
    parts = s3.get_object_attributes(Bucket=bucket, Key="again", ObjectAttributes=["ObjectParts"], MaxParts=2)["ObjectParts"]
    assert parts["TotalPartsCount"] == 3 and parts["IsTruncated"] and parts["NextPartNumberMarker"] == 2
    assert [p["Size"] for p in parts["Parts"]] == [5 << 20] * 2
    s3.copy_object(Bucket=bucket, Key="whole", CopySource={"Bucket": bucket, "Key": "again"})
    got = s3.get_object(Bucket=bucket, Key="whole")
    assert got["ETag"] == s3.head_object(Bucket=bucket, Key="large")["ETag"] and got["Body"].read() == data


def test_versions_are_copied(server, bucket):
    s3 = server.client()
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket=bucket, Key="k", Body=b"first")["VersionId"]
    s3.put_object(Bucket=bucket, Key="k", Body=b"second")
    done = s3.copy_object(Bucket=bucket, Key="k", CopySource={"Bucket": bucket, "Key": "k", "VersionId": first})
    assert done["CopySourceVersionId"] == first and done["VersionId"] not in (None, first)
    assert body_of(s3, bucket, "k") == b"first"
    marker = s3.delete_object(Bucket=bucket, Key="k")["VersionId"]
    source = {"Bucket": bucket, "Key": "k"}
    assert refused(s3.copy_object, Bucket=bucket, Key="x", CopySource=source) == (404, "NoSuchKey")
    assert refused(s3.copy_object, Bucket=bucket, Key="x", CopySource={**source, "VersionId": marker}) == (400, "InvalidRequest")


def test_a_presigned_copy_copies_what_was_signed(server, bucket):
    s3 = server.client()
    s3.put_object(Bucket=bucket, Key="source", Body=b"mine")
    s3.put_object(Bucket=bucket, Key="other", Body=b"other")
    copy = s3.generate_presigned_url("copy_object", {"Bucket": bucket, "Key": "copy", "CopySource": f"{bucket}/source"})
    put = s3.generate_presigned_url("put_object", {"Bucket": bucket, "Key": "copy"})

    def status(url, source):
        request = urllib.request.Request(url, method="PUT", headers={"x-amz-copy-source": source})
        try:
            return urllib.request.urlopen(request).status
        except urllib.error.HTTPError as e:
            return e.code

    assert status(copy, f"{bucket}/other") == 403 and status(put, f"{bucket}/other") == 403
    assert refused(s3.get_object, Bucket=bucket, Key="copy") == (404, "NoSuchKey")
    assert status(copy, f"{bucket}/source") == 200
    assert body_of(s3, bucket, "copy") == b"mine"


def test_only_what_may_be_read_is_copied(server, two_tenants):
    """Both tenants have a bucket `backups` with an object `whose`."""
    (acme, a, _), (globex, g, _) = two_tenants["acme"], two_tenants["globex"]
    assert body_of(a, "backups", "whose") == b"acme"
    a.copy_object(Bucket="backups", Key="mine", CopySource="backups/whose")
    assert body_of(a, "backups", "mine") == b"acme"
    for source in (f"{globex['id']}--backups/whose", "tenant-0123abcd--backups/whose"):
        assert refused(a.copy_object, Bucket="backups", Key="c", CopySource=source) == (404, "NoSuchBucket")
    assert refused(a.copy_object, Bucket=f"{globex['id']}--backups", Key="c", CopySource="backups/whose") == (404, "NoSuchBucket")
    up = a.create_multipart_upload(Bucket="backups", Key="c")["UploadId"]
    assert refused(a.upload_part_copy, Bucket="backups", Key="c", UploadId=up, PartNumber=1,
                   CopySource=f"{globex['id']}--backups/whose") == (404, "NoSuchBucket")
    a.abort_multipart_upload(Bucket="backups", Key="c", UploadId=up)
    # The global administrator may read the one and write the other.
    server.client().copy_object(Bucket=f"{acme['id']}--backups", Key="theirs", CopySource=f"{globex['id']}--backups/whose")
    assert body_of(a, "backups", "theirs") == b"globex"
    assert refused(g.get_object, Bucket="backups", Key="theirs") == (404, "NoSuchKey")
    for key in ("mine", "theirs"):
        a.delete_object(Bucket="backups", Key=key)


def test_one_of_many_writers_makes_a_key(server, bucket):
    """Puts and copies with `If-None-Match: *`, all at one time: one of them is the first, every time."""
    wire = wire_to(server)
    assert wire.send("PUT", f"/{bucket}/source", body=b"copied").status == 200

    def write(number, key):
        if number % 8 == 0:
            return wire.send("PUT", key, [("If-None-Match", "*"), ("x-amz-copy-source", f"/{bucket}/source")])
        return wire.send("PUT", key, [("If-None-Match", "*")], b"%d" % number)

    with concurrent.futures.ThreadPoolExecutor(RACERS) as pool:
        for i in range(ROUNDS):
            key = f"/{bucket}/race-{i}"
            replies = list(pool.map(write, range(RACERS), [key] * RACERS))
            won = [n for n, r in enumerate(replies) if r.status == 200]
            assert len(won) == 1 and all((r.status, r.code) == (412, "PreconditionFailed")
                                         for n, r in enumerate(replies) if n not in won), [r.status for r in replies]
            assert wire.send("GET", key).body == (b"copied" if won[0] % 8 == 0 else b"%d" % won[0])


@pytest.fixture
def impatient(front, tmp_path):
    """A server that takes a copy of some MiB for a long one."""
    server = Server(tmp_path / "server", front, ["--copy-notice-ms", "1"])
    server.root.mkdir()
    server.start()
    server.client().create_bucket(Bucket="long")
    yield server
    server.stop()


def test_a_long_copy_lets_no_client_time_out(impatient, front):
    data = os.urandom(64 << 20)
    s3, wire = impatient.client(), wire_to(impatient)
    s3.put_object(Bucket="long", Key="source", Body=data)
    done = s3.copy_object(Bucket="long", Key="copy", CopySource="long/source", ChecksumAlgorithm="SHA256")
    assert done["CopyObjectResult"]["ETag"] == s3.head_object(Bucket="long", Key="source")["ETag"]
    assert body_of(s3, "long", "copy") == data
    headers = [("x-amz-copy-source", "/long/source"), ("x-amz-checksum-algorithm", "SHA256")]
    r = wire.send("PUT", "/long/copy", headers)
    assert r.status == 200 and r.body.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n '), r.body
    assert r.header("content-length") is None and r.header("content-type") == "application/xml" and r.header("x-amz-request-id")
    if front != "nginx":
        return
    assert r.header("x-accel-buffering") is None
    # The first of it arrives while the copy is on its way.
    with socket.create_connection(wire.address, timeout=60) as s:
        s.sendall(wire.sign("PUT", "/long/copy", headers).bytes())
        assert b"CopyObjectResult" not in s.recv(65536)


def test_a_late_failure_of_a_copy_is_an_error_to_the_client(impatient):
    s3 = impatient.client(retries={"total_max_attempts": 1})
    s3.put_object(Bucket="long", Key="source", Body=os.urandom(64 << 20))
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        slow = pool.submit(refused, s3.copy_object, Bucket="long", Key="copy", CopySource="long/source", IfNoneMatch="*",
                           ChecksumAlgorithm="SHA256")
        s3.put_object(Bucket="long", Key="copy", Body=b"first")
        assert slow.result()[1] == "PreconditionFailed"
    assert body_of(s3, "long", "copy") == b"first"
