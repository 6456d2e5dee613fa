# SPDX-License-Identifier: MIT
"""Over TLS, with buckets in the name of the host and in the path, behind the examples of the installation."""
import os
import subprocess

import pytest
from botocore.exceptions import ClientError

import sites

LARGE = os.urandom(9 << 20)
STYLES = [(domain, style) for domain in sites.DOMAINS for style in ("virtual", "path")]


@pytest.fixture(scope="module")
def site(front, tmp_path_factory):
    s = sites.TlsSite(tmp_path_factory.mktemp("tls") / "server", front)
    with sites.names_are_local():
        yield s
    s.close()


@pytest.fixture(scope="module")
def shared(site):
    """A bucket that all cases use."""
    site.client().create_bucket(Bucket="shared")
    return "shared"


def curl(site, url, *args, signed=True, stdin=None):
    """The answer's protocol and status, and its body."""
    host = url.split("/")[2]
    sign = ["--aws-sigv4", "aws:amz:us-east-1:s3", "--user", f"{site.access_key}:{site.secret_key}",
            "-H", "x-amz-content-sha256: UNSIGNED-PAYLOAD"] if signed else []
    out = subprocess.run(["curl", "-sS", "--max-time", "60", "--cacert", site.ca, "--resolve", f"{host}:{site.port}:127.0.0.1",
                          "-w", "%{stderr}%{http_version} %{http_code}", *sign, *args,
                          url.replace(host, f"{host}:{site.port}", 1)], stdin=stdin, capture_output=True, timeout=120)
    return out.stderr.decode(), out.stdout


@pytest.mark.parametrize("domain,style", STYLES)
def test_boto3(site, shared, domain, style):
    s3, key = site.client(domain, style), f"{domain}/{style}/a+b ü"
    s3.put_object(Bucket=shared, Key=key, Body=LARGE, Metadata={"a": "b"})
    got = s3.get_object(Bucket=shared, Key=key)
    assert got["Body"].read() == LARGE and got["Metadata"] == {"a": "b"}
    assert [e["Key"] for e in s3.list_objects_v2(Bucket=shared, Prefix=f"{domain}/{style}/")["Contents"]] == [key]
    upload = s3.create_multipart_upload(Bucket=shared, Key="parts")["UploadId"]
    part = s3.upload_part(Bucket=shared, Key="parts", UploadId=upload, PartNumber=1, Body=LARGE)
    s3.complete_multipart_upload(Bucket=shared, Key="parts", UploadId=upload,
                                 MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
    assert s3.get_object(Bucket=shared, Key="parts", Range="bytes=5-9")["Body"].read() == LARGE[5:10]
    s3.delete_object(Bucket=shared, Key=key)
    with pytest.raises(ClientError) as caught:
        s3.head_object(Bucket=shared, Key=key)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


@pytest.mark.parametrize("version", ("1.1", "2"))
@pytest.mark.parametrize("domain,style", STYLES)
def test_curl(site, shared, domain, style, version, tmp_path):
    base = f"https://{shared}.{domain}" if style == "virtual" else f"https://{domain}/{shared}"
    flag = f"--http{version}"
    (tmp_path / "large").write_bytes(LARGE)
    assert curl(site, f"{base}/curl", flag, "-T", tmp_path / "large") == (f"{version} 200", b"")
    assert curl(site, f"{base}/curl", flag) == (f"{version} 200", LARGE)
    said, body = curl(site, f"{base}/curl", flag, "-H", "Range: bytes=10-19")
    assert (said, body) == (f"{version} 206", LARGE[10:20])
    said, body = curl(site, f"{base}/none", flag)
    assert said == f"{version} 404" and b"<Code>NoSuchKey</Code>" in body
    said, body = curl(site, f"{base}/a/../../../b", flag, "--path-as-is")
    assert said == f"{version} 400" and b"<Code>InvalidURI</Code>" in body


def test_an_upload_of_unknown_length_over_http_2(site, shared, front, tmp_path):
    """nginx tells nobody that such a body follows; Apache makes it a chunked one."""
    (tmp_path / "large").write_bytes(LARGE)
    with open(tmp_path / "large", "rb") as f:
        said, body = curl(site, f"https://{shared}.{sites.DOMAINS[0]}/piped", "--http2", "-T", "-", stdin=f)
    if front == "nginx":
        assert said == "2 411" and b"<Code>MissingContentLength</Code>" in body
    else:
        assert (said, body) == ("2 200", b"")
        assert site.client().get_object(Bucket=shared, Key="piped")["Body"].read() == LARGE


def test_the_location_of_a_completed_upload_is_of_https(site, shared):
    s3 = site.client()
    upload = s3.create_multipart_upload(Bucket=shared, Key="loc")["UploadId"]
    part = s3.upload_part(Bucket=shared, Key="loc", UploadId=upload, PartNumber=1, Body=b"x")
    done = s3.complete_multipart_upload(Bucket=shared, Key="loc", UploadId=upload,
                                        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
    assert done["Location"].startswith("https://")


def test_the_console_has_a_name_of_its_own(site):
    said, body = curl(site, f"https://{sites.CONSOLE}/metrics", signed=False)
    assert said == "2 200" and b"maxiofs_" in body
    said, body = curl(site, f"https://{sites.CONSOLE}/api/v1/me", signed=False)
    assert said == "2 401" and b'"code"' in body
