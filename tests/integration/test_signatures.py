# SPDX-License-Identifier: MIT
"""What ordinary clients sign in other ways than Signature V4 in the header; and that no log tells of it."""
import http.client
import os
import pathlib
import urllib.parse

import pytest
from botocore.exceptions import ClientError

from harness import run, tree_digest
from wire import Wire

PART = b"p" * (5 << 20)


def fetch(url, method="GET", body=None, headers=()):
    """(status, headers, body) as a client without any S3 gets them; no header is sent that nobody asked for."""
    where = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(where.netloc, timeout=60)
    try:
        connection.request(method, url[url.index("/", 8):], body, dict(headers))
        r = connection.getresponse()
        return r.status, r.headers, r.read()
    finally:
        connection.close()


VERSIONS = pytest.mark.parametrize("version", ["s3v4", "s3"])


@VERSIONS
def test_urls_of_boto3(server, bucket, version):
    client = server.client(signature_version=version)

    def url(operation, **params):
        return client.generate_presigned_url(operation, {"Bucket": bucket, "Key": "ünï code+%.txt", **params}, ExpiresIn=60)

    assert fetch(url("put_object"), "PUT", b"hello")[0] == 200
    assert fetch(url("get_object"))[2] == b"hello"
    assert fetch(url("get_object"), headers={"Range": "bytes=1-2"})[::2] == (206, b"el")
    assert fetch(url("head_object"), "HEAD")[1]["Content-Length"] == "5"
    shown = fetch(url("get_object", ResponseContentType="text/x-a", ResponseContentDisposition='attachment; filename="ü b"'))
    assert shown[1]["Content-Type"] == "text/x-a" and shown[1]["Content-Disposition"].startswith("attachment")
    assert fetch(url("get_object"), "PUT", b"other")[0] == 403
    assert fetch(url("get_object") + "&versionId=null")[0] == 403
    assert fetch(client.generate_presigned_url("list_objects", {"Bucket": bucket}))[2].count(b"<Key>") == 1
    assert fetch(url("delete_object"), "DELETE")[0] == 204
    assert fetch(url("get_object"))[0] == 404


@VERSIONS
def test_urls_of_parts(server, bucket, version):
    client = server.client(signature_version=version)
    where = {"Bucket": bucket, "Key": "parts"}
    where["UploadId"] = client.create_multipart_upload(**where)["UploadId"]
    parts = []
    for number, body in ((1, PART), (2, b"tail")):
        url = client.generate_presigned_url("upload_part", {**where, "PartNumber": number})
        status, headers, told = fetch(url, "PUT", body)
        assert status == 200, told
        assert fetch(url.replace("partNumber=", "partNumber=9"), "PUT", body)[0] == 403
        parts.append({"PartNumber": number, "ETag": headers["ETag"]})
    client.complete_multipart_upload(**where, MultipartUpload={"Parts": parts})
    assert client.get_object(Bucket=bucket, Key="parts")["Body"].read() == PART + b"tail"


@VERSIONS
def test_urls_with_signed_headers(server, bucket, version):
    """Version 4 wants them sent, Version 2 has them in the URL."""
    client = server.client(signature_version=version)
    params = {"Bucket": bucket, "Key": "k", "ContentType": "text/x-signed", "Metadata": {"a": "b c"}}
    url = client.generate_presigned_url("put_object", params)
    headers = {"Content-Type": "text/x-signed"}
    if version == "s3v4":
        headers["x-amz-meta-a"] = "b c"
        assert fetch(url, "PUT", b"x", {"Content-Type": "text/x-signed"})[0] == 403
    assert fetch(url, "PUT", b"x", headers)[0] == 200
    assert fetch(url, "PUT", b"x", {**headers, "Content-Type": "text/x-other"})[0] == 403
    assert fetch(url, "PUT", b"x", {**headers, "x-amz-meta-other": "1"})[0] == 403
    stored = server.client().head_object(Bucket=bucket, Key="k")
    assert stored["ContentType"] == "text/x-signed" and stored["Metadata"] == {"a": "b c"}


def test_urls_of_virtual_hosts(server, bucket):
    address = urllib.parse.urlsplit(server.s3_url)
    server.client().put_object(Bucket=bucket, Key="k", Body=b"v")
    for version in ("s3v4", "s3"):
        client = server.client(signature_version=version, s3={"addressing_style": "virtual"},
                               endpoint_url=f"http://s3.example.test:{address.port}")
        url = urllib.parse.urlsplit(client.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "k"}))
        assert url.hostname == f"{bucket}.s3.example.test"
        local = url._replace(netloc=address.netloc).geturl()
        assert fetch(local, headers={"Host": url.netloc})[::2] == (200, b"v"), version
        assert fetch(local, headers={"Host": address.netloc})[0] in (400, 403), version


def test_urls_of_curl_and_the_command_line(server, bucket, tmp_path):
    env = server.env(tmp_path / "home")
    (tmp_path / "file").write_bytes(os.urandom(300000))
    client = server.client()
    put = client.generate_presigned_url("put_object", {"Bucket": bucket, "Key": "file"})
    run(["curl", "-sSf", "-T", tmp_path / "file", put], env)
    get = run(["aws", "--endpoint-url", server.s3_url, "s3", "presign", f"s3://{bucket}/file"], env).stdout.strip()
    run(["curl", "-sSf", "-o", tmp_path / "back", get], env)
    assert (tmp_path / "back").read_bytes() == (tmp_path / "file").read_bytes()
    host = server.s3_url.removeprefix("http://")
    signed = run([*s3cmd(server, tmp_path, 2), "signurl", f"s3://{bucket}/file", "+60"], env).stdout.strip()
    assert "Signature=" in signed and "X-Amz" not in signed
    signed = signed.replace("https://", "http://").replace(f"http://{bucket}.{host}/", f"http://{host}/{bucket}/")
    assert fetch(signed)[2] == (tmp_path / "file").read_bytes()


def test_version_2_of_boto3(server, bucket, front):
    client = server.client(signature_version="s3")
    odd = {"under_score": "1", "da-sh": "2"} if front == "nginx" else {}  # Apache drops such names
    client.put_object(Bucket=bucket, Key="a b+c/ü", Body=b"hello", Metadata={"k": "v", **odd}, ContentType="text/x-a",
                      CacheControl="no-cache")
    stored = client.get_object(Bucket=bucket, Key="a b+c/ü", ResponseContentType="text/x b")
    assert stored["Body"].read() == b"hello" and stored["ContentType"] == "text/x b" and stored["Metadata"] == {"k": "v", **odd}
    assert [o["Key"] for o in client.list_objects_v2(Bucket=bucket, Prefix="a b+")["Contents"]] == ["a b+c/ü"]
    assert client.get_bucket_location(Bucket=bucket)["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert client.get_bucket_acl(Bucket=bucket)["Grants"]
    up = client.create_multipart_upload(Bucket=bucket, Key="mp")["UploadId"]
    part = client.upload_part(Bucket=bucket, Key="mp", UploadId=up, PartNumber=1, Body=b"one")
    client.complete_multipart_upload(Bucket=bucket, Key="mp", UploadId=up,
                                     MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
    gone = client.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "mp"}, {"Key": "a b+c/ü"}]})
    assert len(gone["Deleted"]) == 2
    with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
        server.client(secret_key="x" * 40, signature_version="s3").list_buckets()


def s3cmd(server, tmp_path, version):
    host = server.s3_url.removeprefix("http://")
    config = tmp_path / "s3cfg"
    config.write_text(f"[default]\naccess_key = {server.access_key}\nsecret_key = {server.secret_key}\n"
                      f"host_base = {host}\nhost_bucket = {host}\nuse_https = False\nbucket_location = us-east-1\n"
                      f"signature_v2 = {version == 2}\nmultipart_chunk_size_mb = 5\n")
    return ["s3cmd", "-c", config, "--no-progress", "--no-preserve"]


@pytest.fixture
def tree(tmp_path):
    root = tmp_path / "up"
    (root / "deep er").mkdir(parents=True)
    for i, name in enumerate(["a", "b c", "plus+", "deep er/ü%20", "(paren)", "semi;=&"]):
        (root / name).write_bytes(os.urandom(i * 1000))
    (root / "large").write_bytes(os.urandom(11 << 20))
    return root


def test_version_2_of_s3cmd(server, bucket, tree, tmp_path):
    env, command = server.env(tmp_path / "home"), s3cmd(server, tmp_path, 2)
    run([*command, "sync", f"{tree}/", f"s3://{bucket}/up/"], env)
    assert len(run([*command, "ls", "--recursive", f"s3://{bucket}/"], env).stdout.splitlines()) == len(tree_digest(tree))
    (tmp_path / "down").mkdir()
    run([*command, "sync", f"s3://{bucket}/up/", f"{tmp_path}/down/"], env)
    assert tree_digest(tmp_path / "down") == tree_digest(tree)
    run([*command, "info", f"s3://{bucket}/up/b c"], env)
    run([*command, "del", "--recursive", "--force", f"s3://{bucket}/"], env)


def test_version_2_of_rclone(server, bucket, tree, tmp_path):
    env = server.env(tmp_path / "home")
    env.pop("AWS_ENDPOINT_URL")
    env.update(RCLONE_CONFIG_M_TYPE="s3", RCLONE_CONFIG_M_PROVIDER="Other", RCLONE_CONFIG_M_V2_AUTH="true",
               RCLONE_CONFIG_M_ENDPOINT=server.s3_url, RCLONE_CONFIG_M_ACCESS_KEY_ID=server.access_key,
               RCLONE_CONFIG_M_SECRET_ACCESS_KEY=server.secret_key, RCLONE_CONFIG_M_REGION="us-east-1",
               RCLONE_CONFIG=str(tmp_path / "rclone.conf"), RCLONE_RETRIES="1", RCLONE_S3_UPLOAD_CUTOFF="6M",
               RCLONE_S3_CHUNK_SIZE="5M")
    run(["rclone", "sync", tree, f"m:{bucket}/up"], env)
    run(["rclone", "check", "--download", tree, f"m:{bucket}/up"], env)
    run(["rclone", "purge", f"m:{bucket}/up"], env)


def parts_of(signed):
    """What nobody may read in a log: the signature and the query."""
    value = dict(signed.headers).get("Authorization", signed.target).replace("%3D", "=")
    mark = "Signature=" if "Signature=" in value else ":"
    return value.partition(mark)[2].partition("&")[0], signed.target.partition("?")[2]


def test_no_log_tells_a_signature_or_a_secret(own_server):
    server = own_server
    server.stop()
    server.settings += ["--log-level", "debug"]
    server.start()
    address = urllib.parse.urlsplit(server.s3_url)
    wire = Wire((address.hostname, address.port), server.access_key, server.secret_key)
    wire.send("PUT", "/logged")
    told = {"Signature=", "signature=", "AWSAccessKeyId", "X-Amz-", "uthorization", server.secret_key, "x" * 40}
    for how in ({}, {"expires": 60}, {"version": 2, "date": "http"}, {"version": 2, "expires": 60}):
        for target in ("/logged/k", "/logged?list-type=2&prefix=remembered", "/nothing-here/k"):
            for more in ({}, {"secret": "x" * 40}, {"access_key": "AKIAUNKNOWNUNKNOWN00"}):
                signed = wire.sign("GET", target, **how, **more)
                wire.exchange(signed.bytes())
                told.update(filter(None, parts_of(signed)))
    logs = "".join(p.read_text(errors="replace") for p in pathlib.Path(server.data, ".maxiofs", "log").glob("*"))
    assert logs.count("bucket=logged") > 20, "nothing was logged"
    assert not [text for text in told if text in logs]
