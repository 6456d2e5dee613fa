# SPDX-License-Identifier: MIT
"""Object Lock and tags as an SDK sees them: versions by id, every kind of write, every way to delete."""
import datetime

import botocore.exceptions
import pytest
import urllib3

FAR = datetime.datetime(2997, 1, 1, tzinfo=datetime.timezone.utc)


def refused(call, **how):
    with pytest.raises(botocore.exceptions.ClientError) as failure:
        call(**how)
    r = failure.value.response
    return r["ResponseMetadata"]["HTTPStatusCode"], r["Error"]["Code"]


@pytest.fixture(name="worm")
def make_worm(server, request):
    """A client and a bucket with Object Lock, which may stay behind."""
    s3 = server.client()
    name = "worm-" + request.node.name.translate(str.maketrans("_[", "--", "]"))[5:55].strip("-")
    s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
    return s3, name


def upload(s3, bucket, key, **how):
    ref = {"Bucket": bucket, "Key": key}
    ref["UploadId"] = s3.create_multipart_upload(**ref, **how)["UploadId"]
    part = s3.upload_part(**ref, PartNumber=1, Body=b"part")
    parts = [{"PartNumber": 1, "ETag": part["ETag"]}]
    return s3.complete_multipart_upload(**ref, MultipartUpload={"Parts": parts})["VersionId"]


def put(s3, bucket, key, **how):
    return s3.put_object(Bucket=bucket, Key=key, Body=b"x", **how)["VersionId"]


def copy(s3, bucket, key, **how):
    s3.put_object(Bucket=bucket, Key="source", Body=b"x")
    return s3.copy_object(Bucket=bucket, Key=key, CopySource={"Bucket": bucket, "Key": "source"}, **how)["VersionId"]


def post(s3, bucket, key, **how):
    names = {"ObjectLockMode": "x-amz-object-lock-mode", "ObjectLockLegalHoldStatus": "x-amz-object-lock-legal-hold",
             "ObjectLockRetainUntilDate": "x-amz-object-lock-retain-until-date"}
    fields = {names[name]: value if isinstance(value, str) else value.isoformat() for name, value in how.items()}
    form = s3.generate_presigned_post(bucket, key, Fields=fields, Conditions=[{n: v} for n, v in fields.items()])
    r = urllib3.request("POST", form["url"], fields={**form["fields"], "file": ("f", b"x")})
    assert r.status == 204, r.data
    return r.headers["x-amz-version-id"]


WRITES = [put, copy, post, upload]


def test_compliance_is_passed_by_nobody(worm):
    s3, bucket = worm
    version = s3.put_object(Bucket=bucket, Key="k", Body=b"x", ObjectLockMode="COMPLIANCE",
                            ObjectLockRetainUntilDate=FAR)["VersionId"]
    ref = {"Bucket": bucket, "Key": "k", "VersionId": version}
    assert refused(s3.delete_object, **ref) == (403, "AccessDenied")
    assert refused(s3.delete_object, **ref, BypassGovernanceRetention=True) == (403, "AccessDenied")
    r = s3.delete_objects(Bucket=bucket, BypassGovernanceRetention=True, Delete={"Objects": [
        {"Key": "k", "VersionId": version}, {"Key": "none"}]})
    assert [(e["Key"], e["Code"]) for e in r["Errors"]] == [("k", "AccessDenied")] and len(r["Deleted"]) == 1
    marker = s3.delete_object(Bucket=bucket, Key="k")
    assert marker["DeleteMarker"]
    s3.put_object(Bucket=bucket, Key="k", Body=b"newer")
    assert refused(s3.delete_object, **ref) == (403, "AccessDenied")
    assert s3.delete_object(Bucket=bucket, Key="k", VersionId=marker["VersionId"])["DeleteMarker"]
    assert s3.get_object(**ref)["Body"].read() == b"x"
    assert refused(s3.delete_bucket, Bucket=bucket) == (409, "BucketNotEmpty")


def test_governance_and_holds_give_way_to_who_may(worm):
    s3, bucket = worm
    version = s3.put_object(Bucket=bucket, Key="k", Body=b"x", ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=FAR,
                            ObjectLockLegalHoldStatus="ON")["VersionId"]
    ref = {"Bucket": bucket, "Key": "k", "VersionId": version}
    assert refused(s3.delete_object, **ref, BypassGovernanceRetention=True) == (403, "AccessDenied")
    s3.put_object_legal_hold(**ref, LegalHold={"Status": "OFF"})
    assert refused(s3.delete_object, **ref) == (403, "AccessDenied")
    sooner = {"Mode": "GOVERNANCE", "RetainUntilDate": FAR - datetime.timedelta(days=1)}
    assert refused(s3.put_object_retention, **ref, Retention=sooner) == (403, "AccessDenied")
    s3.put_object_retention(**ref, Retention=sooner, BypassGovernanceRetention=True)
    s3.delete_object(**ref, BypassGovernanceRetention=True)
    s3.delete_bucket(Bucket=bucket)


@pytest.mark.parametrize("write", WRITES)
def test_every_write_takes_a_lock(worm, write):
    s3, bucket = worm
    version = write(s3, bucket, "own/" + write.__name__, ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=FAR,
                    ObjectLockLegalHoldStatus="ON")
    r = s3.head_object(Bucket=bucket, Key="own/" + write.__name__, VersionId=version)
    assert (r["ObjectLockMode"], r["ObjectLockRetainUntilDate"], r["ObjectLockLegalHoldStatus"]) == ("GOVERNANCE", FAR, "ON")


@pytest.mark.parametrize("write", WRITES)
def test_the_default_comes_with_every_write(worm, write):
    s3, bucket = worm
    s3.put_object_lock_configuration(Bucket=bucket, ObjectLockConfiguration={
        "ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 2}}})
    version = write(s3, bucket, "k")
    r = s3.get_object_retention(Bucket=bucket, Key="k", VersionId=version)["Retention"]
    left = r["RetainUntilDate"] - datetime.datetime.now(datetime.timezone.utc)
    assert r["Mode"] == "GOVERNANCE" and datetime.timedelta(days=1, hours=23) < left <= datetime.timedelta(days=2, minutes=1)
    assert refused(s3.delete_object, Bucket=bucket, Key="k", VersionId=version) == (403, "AccessDenied")
    s3.delete_object(Bucket=bucket, Key="k", VersionId=version, BypassGovernanceRetention=True)


def test_a_copy_leaves_the_lock_of_its_source(worm):
    s3, bucket = worm
    source = put(s3, bucket, "source", ObjectLockMode="COMPLIANCE", ObjectLockRetainUntilDate=FAR, Tagging="a=1")
    version = s3.copy_object(Bucket=bucket, Key="copy", CopySource={
        "Bucket": bucket, "Key": "source", "VersionId": source})["VersionId"]
    assert refused(s3.get_object_retention, Bucket=bucket, Key="copy") == (404, "NoSuchObjectLockConfiguration")
    assert s3.get_object_tagging(Bucket=bucket, Key="copy")["TagSet"] == [{"Key": "a", "Value": "1"}]
    s3.delete_object(Bucket=bucket, Key="copy", VersionId=version)


def test_an_upload_keeps_the_lock_and_tags_of_its_creation(worm):
    s3, bucket = worm
    version = upload(s3, bucket, "k", ObjectLockMode="COMPLIANCE", ObjectLockRetainUntilDate=FAR,
                     ObjectLockLegalHoldStatus="ON", Tagging="a=1&b")
    r = s3.head_object(Bucket=bucket, Key="k")
    assert (r["ObjectLockMode"], r["ObjectLockRetainUntilDate"], r["ObjectLockLegalHoldStatus"]) == ("COMPLIANCE", FAR, "ON")
    assert r["VersionId"] == version and r["ResponseMetadata"]["HTTPHeaders"]["x-amz-tagging-count"] == "2"
    assert s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": ""}]


def test_tags_of_a_version_change_nothing_else(server, bucket):
    s3 = server.client()
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    ref = {"Bucket": bucket, "Key": "k"}
    first = s3.put_object(**ref, Body=b"1", Tagging="n=1")["VersionId"]
    second = s3.put_object(**ref, Body=b"2")["VersionId"]
    before = s3.head_object(**ref, VersionId=first)
    r = s3.put_object_tagging(**ref, VersionId=first, Tagging={"TagSet": [{"Key": "n", "Value": "é"}]})
    assert r["VersionId"] == first
    after = s3.head_object(**ref, VersionId=first)
    assert (after["LastModified"], after["ETag"]) == (before["LastModified"], before["ETag"])
    r = s3.get_object_tagging(**ref, VersionId=first)
    assert r["TagSet"] == [{"Key": "n", "Value": "é"}] and r["VersionId"] == first
    assert s3.get_object_tagging(**ref)["TagSet"] == []
    assert s3.delete_object_tagging(**ref, VersionId=first)["VersionId"] == first
    assert s3.get_object(**ref, VersionId=first)["Body"].read() == b"1"
    assert s3.head_object(**ref)["VersionId"] == second
    for version in (first, second):
        s3.delete_object(**ref, VersionId=version)
