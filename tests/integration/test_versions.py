# SPDX-License-Identifier: MIT
"""The life of versions as an SDK sees it."""
import concurrent.futures

import botocore.exceptions
import pytest


class Key:
    """A key of a bucket: each call answers as boto3 does."""

    def __init__(self, s3, bucket, key="a/key"):
        self.s3, self.where = s3, {"Bucket": bucket, "Key": key}

    def put(self, body, **how):
        return self.s3.put_object(**self.where, Body=body, **how).get("VersionId")

    def get(self, **version):
        r = self.s3.get_object(**self.where, **version)
        return r["Body"].read(), r.get("VersionId")

    def delete(self, **how):
        r = self.s3.delete_object(**self.where, **how)
        return r.get("VersionId"), r.get("DeleteMarker", False)


def configure(s3, bucket, status):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": status})
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == status


def refused(call, **how):
    with pytest.raises(botocore.exceptions.ClientError) as failure:
        call(**how)
    r = failure.value.response
    return r["ResponseMetadata"]["HTTPStatusCode"], r["Error"]["Code"]


def listed(s3, bucket, **how):
    """(key, id, is a marker, is the latest), page by page."""
    found = []
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, **how):
        both = [(v, False) for v in page.get("Versions", [])] + [(v, True) for v in page.get("DeleteMarkers", [])]
        found += [(v["Key"], v["VersionId"], marker, v["IsLatest"]) for v, marker in both]
    return found


def empty(s3, bucket):
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        both = page.get("Versions", []) + page.get("DeleteMarkers", [])
        objects = [{"Key": v["Key"], "VersionId": v["VersionId"]} for v in both]
        assert "Errors" not in s3.delete_objects(Bucket=bucket, Delete={"Objects": objects})
    s3.delete_bucket(Bucket=bucket)


def test_the_life_of_a_key(server, bucket):
    s3 = server.client()
    key = Key(s3, bucket)
    assert key.put(b"before") is None and key.get() == (b"before", None)
    assert "Status" not in s3.get_bucket_versioning(Bucket=bucket)
    configure(s3, bucket, "Enabled")
    assert key.get() == (b"before", "null")
    one, two = key.put(b"one"), key.put(b"two")
    marker, made = key.delete()
    assert made and len({one, two, marker}) == 3
    assert refused(key.get) == (404, "NoSuchKey") and refused(key.get, VersionId=marker) == (405, "MethodNotAllowed")
    assert [key.get(VersionId=v)[0] for v in ("null", one, two)] == [b"before", b"one", b"two"]
    configure(s3, bucket, "Suspended")
    assert key.put(b"after") is None and key.get() == (b"after", "null")
    assert key.get(VersionId=one) == (b"one", one)
    assert [v[1:] for v in listed(s3, bucket)] == [("null", False, True), (two, False, False), (one, False, False),
                                                   (marker, True, False)]
    assert key.delete() == ("null", True) and refused(key.get, VersionId="null") == (405, "MethodNotAllowed")
    # Deleting the newest restores the one before.
    assert key.delete(VersionId="null") == ("null", True) and refused(key.get) == (404, "NoSuchKey")
    assert key.delete(VersionId=marker) == (marker, True) and key.get() == (b"two", two)
    assert key.delete(VersionId=two) == (two, False) and key.get() == (b"one", one)
    assert key.delete(VersionId=two) == (two, False)
    assert refused(key.get, VersionId=two) == (404, "NoSuchVersion")
    assert refused(s3.delete_bucket, Bucket=bucket) == (409, "BucketNotEmpty")
    told = server.admin("bucket", "show", bucket)
    assert (told["versioning"], told["objects"], told["versions"], told["bytes"]) == ("suspended", 1, 1, 3)
    empty(s3, bucket)


def test_multipart_and_many_deletes(server, bucket):
    s3 = server.client()
    configure(s3, bucket, "Enabled")
    key = Key(s3, bucket, "big")
    small = key.put(b"small")
    up = s3.create_multipart_upload(**key.where)["UploadId"]
    part = s3.upload_part(**key.where, UploadId=up, PartNumber=1, Body=b"p" * (5 << 20))
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    done = s3.complete_multipart_upload(**key.where, UploadId=up, MultipartUpload=parts)["VersionId"]
    again = s3.complete_multipart_upload(**key.where, UploadId=up, MultipartUpload=parts)["VersionId"]
    assert done == again and key.get(VersionId=small)[0] == b"small"
    assert s3.get_object(**key.where, VersionId=done, PartNumber=1)["PartsCount"] == 1
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [
        {"Key": "big"}, {"Key": "none"}, {"Key": "big", "VersionId": small}, {"Key": "big", "VersionId": done, "ETag": "x"}]})
    big, none, gone = answer["Deleted"]
    assert big["DeleteMarker"] and none["DeleteMarker"] and gone == {"Key": "big", "VersionId": small}
    assert [(e["Code"], e["VersionId"]) for e in answer["Errors"]] == [("PreconditionFailed", done)]
    marker = {"Key": "big", "VersionId": big["DeleteMarkerVersionId"]}
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [marker]})["Deleted"]
    assert answer == [{**marker, "DeleteMarker": True, "DeleteMarkerVersionId": marker["VersionId"]}]
    assert key.get()[1] == done
    empty(s3, bucket)


def test_a_key_of_many_versions_is_listed_in_pages(server, bucket):
    s3 = server.client()
    configure(s3, bucket, "Enabled")
    for name in ("a", "b/1", "b/2", "c"):
        key = Key(s3, bucket, name)
        for n in range(5):
            key.put(b"%d" % n)
        key.delete()
    whole = listed(s3, bucket)
    assert len(whole) == 24 and [v[0] for v in whole if v[3]] == ["a", "b/1", "b/2", "c"]
    for size in (1, 2, 5, 7):
        pages = listed(s3, bucket, PaginationConfig={"PageSize": size})
        assert sorted(pages) == sorted(whole)
    page = s3.list_object_versions(Bucket=bucket, Delimiter="/")
    assert len(page["Versions"]) == 10 and [p["Prefix"] for p in page["CommonPrefixes"]] == ["b/"]
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)
    empty(s3, bucket)


def test_of_parallel_creations_over_a_marker_one_wins(server, bucket):
    s3 = server.client(max_pool_connections=16)
    configure(s3, bucket, "Enabled")
    key = Key(s3, bucket)
    key.put(b"old")

    def create(n):
        try:
            return key.put(b"%d" % n, IfNoneMatch="*")
        except botocore.exceptions.ClientError as e:
            assert e.response["Error"]["Code"] == "PreconditionFailed"
            return None
    for _ in range(10):
        key.delete()
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            made = list(pool.map(create, range(16)))
        won = [version for version in made if version]
        assert len(won) == 1 and key.get() == (b"%d" % made.index(won[0]), won[0])
    assert refused(key.delete, IfMatch='"x"') == (412, "PreconditionFailed")
    assert len(listed(s3, bucket)) == 21
    empty(s3, bucket)


def test_every_parallel_write_is_a_version(server, bucket):
    s3 = server.client(max_pool_connections=16)
    configure(s3, bucket, "Enabled")
    key = Key(s3, bucket)
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        made = dict(pool.map(lambda n: (key.put(b"%d" % n), b"%d" % n), range(64)))
    assert len(made) == 64 and {v[1] for v in listed(s3, bucket)} == set(made)
    assert all(key.get(VersionId=version)[0] == body for version, body in made.items())
    newest = listed(s3, bucket)[0][1]
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda version: key.delete(VersionId=version), [v for v in made if v != newest]))
    assert key.get() == (made[newest], newest) and len(listed(s3, bucket)) == 1
    empty(s3, bucket)
