# SPDX-License-Identifier: MIT
"""Both responders as plain CGI: Apache starts one process for each request."""
import json
import os
import shutil
import subprocess
import urllib.error
import urllib.request

import pytest

import bare
import raw

CONFIG = """
ServerRoot "{dir}"
ServerName localhost
PidFile "{dir}/front.pid"
ErrorLog "{dir}/apache-log"
DefaultRuntimeDir "{dir}"
Mutex "fcntl:{dir}" default
{user}
LoadModule mpm_event_module "/usr/lib/apache2/modules/mod_mpm_event.so"
LoadModule authz_core_module "/usr/lib/apache2/modules/mod_authz_core.so"
LoadModule env_module "/usr/lib/apache2/modules/mod_env.so"
LoadModule alias_module "/usr/lib/apache2/modules/mod_alias.so"
LoadModule cgid_module "/usr/lib/apache2/modules/mod_cgid.so"
ScriptSock "{dir}/cgid.sock"
Listen 127.0.0.1:{s3_port}
Listen 127.0.0.1:{console_port}
AllowEncodedSlashes NoDecode
MergeSlashes Off
SetEnv ap_trust_cgilike_cl 1
SetEnv MAXIOFS_DATA_DIR "{data}"
<Location "/">
	CGIPassAuth On
	Require all granted
</Location>
<VirtualHost *:{s3_port}>
	ScriptAliasMatch "^" "{dir}/cgi/s3.fcgi"
</VirtualHost>
<VirtualHost *:{console_port}>
	ScriptAliasMatch "^" "{dir}/cgi/console.fcgi"
</VirtualHost>
"""


@pytest.fixture(scope="module")
def gateway(front, tmp_path_factory):
    if front != "apache":
        pytest.skip("nginx starts no CGI programs")
    b = bare.Bare(tmp_path_factory.mktemp("cgi") / "server", front)
    shutil.copytree(b.libexec, b.dir / "cgi")
    shutil.move(b.data, b.dir / "data")
    b.data = b.dir / "data"
    user = ""
    if bare.WORKER:
        user = f"User #{bare.WORKER.pw_uid}\nGroup #{bare.WORKER.pw_gid}"
        subprocess.run(["chown", "-R", f"{bare.WORKER.pw_uid}:{bare.WORKER.pw_gid}", b.data], check=True)
    s3_port, console_port = bare.free_port(), bare.free_port()
    b.front_from(CONFIG.format(dir=b.dir, user=user, s3_port=s3_port, console_port=console_port, data=b.data), s3_port)
    b.console_url = f"http://127.0.0.1:{console_port}"
    yield b
    b.close()


def test_objects_come_and_go(gateway):
    s3 = gateway.client()
    s3.create_bucket(Bucket="cgi")
    for key, body in (("empty", b""), ("small", b"v"), ("dir//odd%2Fkey ü", b"w"), ("large", os.urandom(9 << 20))):
        assert s3.put_object(Bucket="cgi", Key=key, Body=body)["ETag"] == f'"{raw.md5(body)}"'
        got = s3.get_object(Bucket="cgi", Key=key)
        assert got["Body"].read() == body and got["ContentLength"] == len(body)
        assert s3.head_object(Bucket="cgi", Key=key)["ETag"] == f'"{raw.md5(body)}"'
    assert s3.get_object(Bucket="cgi", Key="large", Range="bytes=5-9")["ContentLength"] == 5
    listed = [e["Key"] for e in s3.list_objects_v2(Bucket="cgi")["Contents"]]
    assert listed == sorted(["empty", "small", "dir//odd%2Fkey ü", "large"], key=str.encode)
    s3.delete_object(Bucket="cgi", Key="small")
    with pytest.raises(s3.exceptions.NoSuchKey):
        s3.get_object(Bucket="cgi", Key="small")


def test_a_query_without_a_value_is_no_argument(gateway):
    """A gateway passes `?uploads` as an argument of the program, and `?--data-dir%3D/x` as well."""
    s3 = gateway.client()
    s3.create_bucket(Bucket="args")
    s3.create_multipart_upload(Bucket="args", Key="k")
    assert [u["Key"] for u in s3.list_multipart_uploads(Bucket="args")["Uploads"]] == ["k"]
    assert s3.get_bucket_location(Bucket="args")["ResponseMetadata"]["HTTPStatusCode"] == 200
    for query in ("--version", "--help", "--data-dir%3D/nonexistent", "--log-level+debug"):
        with pytest.raises(urllib.error.HTTPError) as caught:
            raw.get(f"{gateway.s3_url}/args?{query}")
        assert caught.value.code == 403 and b"AccessDenied" in caught.value.read()


def test_a_refused_request_gets_its_error(gateway):
    stranger = gateway.client(secret_key="x" * 40)
    with pytest.raises(stranger.exceptions.ClientError) as caught:
        stranger.put_object(Bucket="cgi", Key="no", Body=b"x" * 100_000)
    assert caught.value.response["Error"]["Code"] == "SignatureDoesNotMatch"
    assert raw.get(gateway.s3_url + "/health")[0] == 200
    assert raw.get(gateway.s3_url + "/ready")[0] == 200


def test_a_body_that_is_cut_stores_nothing(gateway):
    s3 = gateway.client()
    s3.create_bucket(Bucket="cut")
    with raw.dial(gateway) as s:
        s.sendall(raw.upload_head(gateway, "/cut/k", 100_000) + b"x" * 50_000)
    bare.wait_until(lambda: not [p for p in (gateway.data / "objects").rglob("k%*")], "a file is left over")
    assert "Contents" not in s3.list_objects_v2(Bucket="cut")


def ask_console(gateway, method, path, token=None, body=None):
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(gateway.console_url + path, method=method, headers=headers,
                                     data=json.dumps(body).encode() if body is not None else None)
    with urllib.request.urlopen(request, timeout=30) as r:
        return json.loads(r.read() or b"null")


def test_the_console_logs_in(gateway):
    told = ask_console(gateway, "POST", "/api/v1/auth/login", body={"user": gateway.user, "password": gateway.password})
    me = ask_console(gateway, "GET", "/api/v1/me", token=told["token"])
    assert gateway.user in json.dumps(me)
    with pytest.raises(urllib.error.HTTPError) as caught:
        ask_console(gateway, "GET", "/api/v1/me")
    assert caught.value.code == 401
