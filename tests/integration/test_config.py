# SPDX-License-Identifier: MIT
"""Configurations of a bucket as an SDK sets them, and cross-origin requests as a browser sends them."""
import re
import shutil
import subprocess

import botocore.exceptions
import pytest

APP = "http://app.example"
RULES = [{"ID": "app", "AllowedOrigins": [APP, "https://*.app.example"], "AllowedMethods": ["GET", "PUT"],
          "AllowedHeaders": ["*"], "ExposeHeaders": ["ETag"], "MaxAgeSeconds": 60},
         {"AllowedOrigins": ["*"], "AllowedMethods": ["HEAD"]}]


def refused(call, **how):
    with pytest.raises(botocore.exceptions.ClientError) as failure:
        call(**how)
    r = failure.value.response
    return r["ResponseMetadata"]["HTTPStatusCode"], r["Error"]["Code"]


def test_configurations_make_the_round_trip(server, bucket):
    s3, tags = server.client(), [{"Key": "team", "Value": "a b"}, {"Key": "ünit", "Value": ""}]
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": RULES})
    assert s3.get_bucket_cors(Bucket=bucket)["CORSRules"] == RULES
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tags})
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == tags
    assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "BucketOwner"
    s3.put_bucket_request_payment(Bucket=bucket, RequestPaymentConfiguration={"Payer": "Requester"})
    assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "Requester"
    assert "Status" not in s3.get_bucket_accelerate_configuration(Bucket=bucket)
    s3.put_bucket_accelerate_configuration(Bucket=bucket, AccelerateConfiguration={"Status": "Enabled"})
    assert s3.get_bucket_accelerate_configuration(Bucket=bucket)["Status"] == "Enabled"
    s3.delete_bucket_cors(Bucket=bucket)
    s3.delete_bucket_tagging(Bucket=bucket)
    assert refused(s3.get_bucket_cors, Bucket=bucket) == (404, "NoSuchCORSConfiguration")
    assert refused(s3.get_bucket_tagging, Bucket=bucket) == (404, "NoSuchTagSet")


# What a configuration that cannot be set yet answers: the code, or nothing of this member.
UNSET = {
    "get_bucket_lifecycle_configuration": "NoSuchLifecycleConfiguration",
    "get_bucket_policy": "NoSuchBucketPolicy",
    "get_bucket_policy_status": "NoSuchBucketPolicy",
    "get_bucket_website": "NoSuchWebsiteConfiguration",
    "get_bucket_encryption": "ServerSideEncryptionConfigurationNotFoundError",
    "get_bucket_replication": "ReplicationConfigurationNotFoundError",
    "get_object_lock_configuration": "ObjectLockConfigurationNotFoundError",
    "get_public_access_block": "NoSuchPublicAccessBlockConfiguration",
    "get_bucket_ownership_controls": "OwnershipControlsNotFoundError",
    "get_bucket_analytics_configuration": "NoSuchConfiguration",
    "get_bucket_inventory_configuration": "NoSuchConfiguration",
    "get_bucket_metrics_configuration": "NoSuchConfiguration",
    "get_bucket_intelligent_tiering_configuration": "NoSuchConfiguration",
}
EMPTY = {
    "get_bucket_logging": "LoggingEnabled",
    "get_bucket_notification_configuration": "QueueConfigurations",
    "list_bucket_analytics_configurations": "AnalyticsConfigurationList",
    "list_bucket_inventory_configurations": "InventoryConfigurationList",
    "list_bucket_metrics_configurations": "MetricsConfigurationList",
    "list_bucket_intelligent_tiering_configurations": "IntelligentTieringConfigurationList",
}


def test_what_cannot_be_set_is_not_set(server, bucket):
    s3 = server.client()
    for name, code in UNSET.items():
        more = {"Id": "x"} if code == "NoSuchConfiguration" else {}
        assert refused(getattr(s3, name), Bucket=bucket, **more) == (404, code), name
    for name, member in EMPTY.items():
        assert member not in getattr(s3, name)(Bucket=bucket), name


def test_the_owner_has_full_control(server, bucket):
    acl = server.client().get_bucket_acl(Bucket=bucket)
    assert [(g["Grantee"]["ID"], g["Permission"]) for g in acl["Grants"]] == [(acl["Owner"]["ID"], "FULL_CONTROL")]


def test_a_requester_says_that_he_pays(server, two_tenants):
    tenant, owner, _ = two_tenants["acme"]
    requester, theirs = server.client(), {"Bucket": f"{tenant['id']}--backups", "Key": "whose"}
    owner.put_bucket_request_payment(Bucket="backups", RequestPaymentConfiguration={"Payer": "Requester"})
    assert refused(requester.get_object, **theirs) == (403, "AccessDenied")
    assert requester.get_object(**theirs, RequestPayer="requester")["RequestCharged"] == "requester"
    assert "RequestCharged" not in owner.get_object(Bucket="backups", Key="whose")
    owner.put_bucket_request_payment(Bucket="backups", RequestPaymentConfiguration={"Payer": "BucketOwner"})
    assert requester.get_object(**theirs)["Body"].read() == b"acme"


# ---- a browser ----

def curl(*args):
    """Status, headers and body of an answer."""
    if not shutil.which("curl"):
        pytest.skip("no curl")
    text = subprocess.run(["curl", "-sS", "-i", "--max-time", "60", *args], capture_output=True, check=True).stdout
    head, _, body = text.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines[1:] if ": " in line)}
    return int(lines[0].split()[1]), headers, body


def preflight(url, *args, method="PUT"):
    return curl("-X", "OPTIONS", "-H", f"Origin: {APP}", "-H", f"Access-Control-Request-Method: {method}",
                "-H", "Access-Control-Request-Headers: content-type", *args, url)


def test_a_browser_asks_before_and_hears_the_rules_with_every_answer(server, bucket):
    s3, url = server.client(), f"{server.s3_url}/{bucket}/k"
    assert preflight(url)[0] == 403
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": RULES})
    status, headers, body = preflight(url)
    assert status == 200 and body == b"" and headers["access-control-allow-origin"] == APP
    assert headers["access-control-allow-headers"] == "content-type" and headers["access-control-max-age"] == "60"
    put = s3.generate_presigned_url("put_object", {"Bucket": bucket, "Key": "k"})
    assert preflight(put)[0] == 200
    status, headers, body = curl("-H", f"Origin: {APP}", url)
    assert status == 403 and b"AccessDenied" in body and headers["access-control-allow-origin"] == APP
    assert headers["access-control-allow-credentials"] == "true" and "Origin" in headers["vary"]
    status, headers, _ = curl("-H", "Origin: http://other.example", url)
    assert status == 403 and "access-control-allow-origin" not in headers
    s3.delete_bucket_cors(Bucket=bucket)
    assert preflight(put)[0] == 403
    assert "access-control-allow-origin" not in curl("-H", f"Origin: {APP}", url)[1]


def test_a_tenants_bucket_is_found_by_key_name_and_domain(server, two_tenants):
    (acme, client, _), (_, other, _) = two_tenants["acme"], two_tenants["globex"]
    client.put_bucket_cors(Bucket="backups", CORSConfiguration={"CORSRules": RULES})
    server.admin("tenant", "set", acme["id"], "--domains", "acme.localhost")
    base, port = server.s3_url, server.s3_url.rsplit(":", 1)[1]
    signed = client.generate_presigned_url("put_object", {"Bucket": "backups", "Key": "whose"})
    for url in (signed, f"{base}/{acme['id']}--backups/whose", f"http://acme.localhost:{port}/backups/whose",
                f"http://backups.acme.localhost:{port}/whose"):
        host = re.sub("^http://|:.*", "", url)
        assert preflight(url, "--resolve", f"{host}:{port}:127.0.0.1")[0] == 200, url
    foreign = other.generate_presigned_url("put_object", {"Bucket": "backups", "Key": "whose"})
    assert preflight(foreign)[0] == 403 and preflight(f"{base}/backups/whose")[0] == 403
    server.admin("tenant", "set", acme["id"], "--domains", "")
    client.delete_bucket_cors(Bucket="backups")


def test_a_refused_preflight_does_not_tell_what_is_there(server, two_tenants):
    acme, client, _ = two_tenants["acme"]
    client.put_bucket_cors(Bucket="backups", CORSConfiguration={"CORSRules": RULES})
    told = set()
    for name in ("backups", "nothing"):
        url = f"{server.s3_url}/{acme['id']}--{name}/whose"
        status, headers, body = preflight(url, method="DELETE")
        unlike = ("date", "x-amz-request-id", "content-length")
        told.add((status, tuple((k, v) for k, v in headers.items() if k not in unlike),
                  re.sub(rb"<RequestId>.*?</RequestId>", b"", body).replace(name.encode(), b"NAME")))
    assert len(told) == 1 and told.pop()[0] == 403
    client.delete_bucket_cors(Bucket="backups")
