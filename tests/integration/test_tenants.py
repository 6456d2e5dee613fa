# SPDX-License-Identifier: MIT
"""Two tenants, each with a bucket `backups`, see their own and nothing of the other's."""
import re
import socket

import pytest
from botocore.exceptions import ClientError


def anonymized(error):
    """An answer without what differs between any two requests."""
    meta = error.response["ResponseMetadata"]
    return (meta["HTTPStatusCode"], error.response["Error"]["Code"], error.response["Error"]["Message"])


def answer(call, **args):
    with pytest.raises(ClientError) as caught:
        call(**args)
    return anonymized(caught.value)


def test_same_name_independent_buckets(two_tenants):
    for name, (_, client, _) in two_tenants.items():
        assert [b["Name"] for b in client.list_buckets()["Buckets"]] == ["backups"]
        assert client.get_object(Bucket="backups", Key="whose")["Body"].read() == name.encode()


def test_another_tenants_bucket_looks_missing(two_tenants):
    acme, globex = two_tenants["acme"], two_tenants["globex"]
    theirs = f"{acme[0]['id']}--backups"
    missing = f"{acme[0]['id']}--nothing"
    client = globex[1]
    for call, args in ((client.get_object, {"Key": "whose"}), (client.list_objects_v2, {}),
                       (client.put_object, {"Key": "x", "Body": b"x"}), (client.delete_object, {"Key": "whose"}),
                       (client.head_object, {"Key": "whose"}), (client.delete_bucket, {}),
                       (client.create_multipart_upload, {"Key": "x"}), (client.get_bucket_location, {})):
        assert answer(call, Bucket=theirs, **args) == answer(call, Bucket=missing, **args)
    assert acme[1].get_object(Bucket="backups", Key="whose")["Body"].read() == b"acme"


def test_a_tenant_may_name_its_own_bucket_explicitly(two_tenants):
    tenant, client, _ = two_tenants["acme"]
    got = client.get_object(Bucket=f"{tenant['id']}--backups", Key="whose")
    assert got["Body"].read() == b"acme"


def test_a_tenants_domain_names_its_namespace(server, two_tenants, monkeypatch):
    """There a bucket is the tenant's, whosever key signs; who may not see it learns nothing."""
    resolve = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *args, **more: resolve(
        "127.0.0.1" if host.endswith(".localhost") else host, *args, **more))
    port = server.s3_url.rsplit(":", 1)[1]
    tenant = two_tenants["acme"][0]
    server.admin("tenant", "set", tenant["id"], "--domains", "acme.localhost")
    url = f"http://acme.localhost:{port}"
    keys = {name: (key["accessKey"], key["secretKey"]) for name, (_, _, key) in two_tenants.items()}
    for style in ("path", "virtual"):
        def client(*pair):
            return server.client(*pair, endpoint_url=url, s3={"addressing_style": style})
        assert client(*keys["acme"]).get_object(Bucket="backups", Key="whose")["Body"].read() == b"acme"
        assert client().get_object(Bucket="backups", Key="whose")["Body"].read() == b"acme"
        assert client(*keys["acme"]).list_objects_v2(Bucket="backups")["Name"] == "backups"
        foreign = client(*keys["globex"])
        assert answer(foreign.get_object, Bucket="backups", Key="whose") == \
            answer(foreign.get_object, Bucket="nothing", Key="whose")
    server.admin("tenant", "set", tenant["id"], "--domains", "")


def test_the_global_admin_reaches_every_bucket(server, two_tenants):
    tenant, _, _ = two_tenants["globex"]
    got = server.client().get_object(Bucket=f"{tenant['id']}--backups", Key="whose")
    assert got["Body"].read() == b"globex"


def test_an_upload_id_of_another_tenant_is_unknown(two_tenants):
    acme, globex = two_tenants["acme"][1], two_tenants["globex"][1]
    upload = acme.create_multipart_upload(Bucket="backups", Key="mp")["UploadId"]
    refused = answer(globex.upload_part, Bucket="backups", Key="mp", UploadId=upload, PartNumber=1, Body=b"x")
    assert refused[:2] == (404, "NoSuchUpload")
    assert answer(globex.abort_multipart_upload, Bucket="backups", Key="mp", UploadId=upload)[1] == "NoSuchUpload"
    acme.abort_multipart_upload(Bucket="backups", Key="mp", UploadId=upload)


def test_a_suspended_tenant_is_refused_with_the_next_request(server):
    server.admin("tenant", "create", "initech")
    server.admin("user", "create", "bob", "--tenant", "initech")
    key = server.admin("key", "create", "--user", "bob", "--tenant", "initech")
    client = server.client(key["accessKey"], key["secretKey"])
    client.create_bucket(Bucket="bbb")
    server.admin("tenant", "set", "initech", "--status", "suspended")
    assert answer(client.list_buckets)[0] == 403
    server.admin("tenant", "set", "initech", "--status", "active")
    assert [b["Name"] for b in client.list_buckets()["Buckets"]] == ["bbb"]
    server.admin("key", "delete", key["accessKey"])
    assert answer(client.list_buckets)[:2] == (403, "InvalidAccessKeyId")


def test_reserved_names_cannot_be_created(server, two_tenants):
    tenant = two_tenants["acme"][0]["id"]
    assert re.fullmatch(r"tenant-[0-9a-f]{8}", tenant)
    for name in (tenant, "global--x"):
        assert answer(server.client().create_bucket, Bucket=name)[1] == "InvalidBucketName"
