# SPDX-License-Identifier: MIT
"""Forms as clients make and send them: SDKs sign, curl sends; large files, and forms that end too early."""
import os
import re
import shutil
import socket
import urllib.parse

import pytest
import urllib3

from forms import CONTENT_TYPE, form
from harness import run
from wire import Wire

MiB = 1 << 20


@pytest.fixture
def wire(server):
    where = urllib.parse.urlsplit(server.s3_url)
    return Wire((where.hostname, where.port), server.access_key, server.secret_key)


def keys_of(server, bucket):
    return [e["Key"] for e in server.client().list_objects_v2(Bucket=bucket).get("Contents", ())]


def files_of(server, bucket):
    return [p for p in (server.data / "objects" / bucket).rglob("*") if p.is_file()]


def peak_kib(server):
    with open(f"/proc/{server.pid_of('s3')}/status", encoding="ascii") as f:
        return int(re.search(r"VmHWM:\s+(\d+)", f.read()).group(1))


def arguments(post):
    return [arg for name, value in post["fields"].items() for arg in ("-F", f"{name}={value}")]


@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_boto3_signs_and_any_client_sends(server, bucket, version):
    client = server.client(signature_version=version)
    post = client.generate_presigned_post(
        bucket, "up/${filename}", Fields={"acl": "private", "success_action_status": "201", "Content-Type": "text/x"},
        Conditions=[{"acl": "private"}, {"success_action_status": "201"}, ["starts-with", "$Content-Type", "text/"],
                    ["content-length-range", 1, 100]])
    assert ("x-amz-signature" in post["fields"]) == (version == "s3v4")

    def send(data, **fields):
        fields = {**post["fields"], **fields, "file": ("näme.txt", data, "text/plain")}
        return urllib3.PoolManager().request("POST", post["url"], fields=fields, retries=False)

    sent = send(b"from a form")
    assert sent.status == 201 and b"<Key>up/n\xc3\xa4me.txt</Key>" in sent.data, sent.data
    got = client.get_object(Bucket=bucket, Key="up/näme.txt")
    assert (got["Body"].read(), got["ContentType"], got["ETag"]) == (b"from a form", "text/x", sent.headers["etag"])
    assert send(b"").status == 400 and send(b"x" * 101).status == 400
    assert send(b"x", key="elsewhere").status == 403
    assert keys_of(server, bucket) == ["up/näme.txt"]


def test_a_large_file_passes_through(server, bucket, tmp_path):
    source, size = tmp_path / "large", 64 * MiB
    with open(source, "wb") as f:
        for _ in range(64):
            f.write(os.urandom(MiB))
    post = server.client().generate_presigned_post(bucket, "large", Conditions=[["content-length-range", size, size]])
    command = ["curl", "-s", "-S", "-o", tmp_path / "answer", "-w", "%{http_code}", *arguments(post), "-F", f"file=@{source}"]
    small = server.client().generate_presigned_post(bucket, "small")
    run(["curl", "-s", "-S", *arguments(small), "-F", "file=x", small["url"]], os.environ)
    before = peak_kib(server)
    for how in ([], ["-H", "Transfer-Encoding: chunked"], ["-H", "Expect: 100-continue"]):
        assert run([*command, *how, post["url"]], os.environ).stdout == "204", (tmp_path / "answer").read_text()
    grown = peak_kib(server) - before
    assert grown < 16 * 1024, f"{grown} KiB more for a form of 64 MiB"
    got = server.client().get_object(Bucket=bucket, Key="large")["Body"]
    with open(source, "rb") as f:
        while piece := f.read(MiB):
            assert got.read(len(piece)) == piece
    too_large = server.client().generate_presigned_post(bucket, "none", Conditions=[["content-length-range", 0, size - 1]])
    out = run(["curl", "-s", "-S", *arguments(too_large), "-F", f"file=@{source}", too_large["url"]], os.environ)
    assert "<Code>EntityTooLarge</Code>" in out.stdout
    assert keys_of(server, bucket) == ["large", "small"]


def test_a_form_cut_off_stores_nothing(server, bucket, wire):
    body = form(file=b"x" * 200_000, bucket=bucket)(wire)
    request = wire.sign("POST", "/" + bucket, CONTENT_TYPE, body, anonymous=True).bytes()
    head = len(request) - len(body)
    for end in (head + 10, head + 1500, head + 100_000, len(request) - 50, len(request) - 3):
        with socket.create_connection(wire.address, timeout=60) as s:
            s.sendall(request[:end])
            s.shutdown(socket.SHUT_WR)
            s.recv(10000)
    assert keys_of(server, bucket) == [] and files_of(server, bucket) == []


def test_a_bucket_of_the_host(server, wire):
    assert wire.send("PUT", "/hosted-forms").status == 200
    host = f"hosted-forms.s3.example.test:{wire.address[1]}"
    body = form({"key": "a/b", "success_action_status": "201"}, bucket="hosted-forms")(wire)
    r = wire.send("POST", "/", CONTENT_TYPE, body, anonymous=True, host=host)
    assert r.status == 201 and r.element("Location") == f"http://{host}/a/b", r.body
    assert keys_of(server, "hosted-forms") == ["a/b"]


def test_whoever_signs_must_be_allowed(server, two_tenants, wire):
    """The name of a bucket is that of the signer's namespace, and only his rights count."""
    for name, (_, client, key) in two_tenants.items():
        theirs = wire.other(key["accessKey"], key["secretKey"])
        r = wire.send("POST", "/backups", CONTENT_TYPE, form({"key": "by-form"}, name.encode(), bucket="backups")(theirs), anonymous=True)
        assert r.status == 204, r.body
        assert client.get_object(Bucket="backups", Key="by-form")["Body"].read() == name.encode()
    (acme, _, _), (_, _, key) = two_tenants["acme"], two_tenants["globex"]
    target = f"{acme['id']}--backups"
    r = wire.send("POST", "/" + target, CONTENT_TYPE, form(bucket=target)(wire.other(key["accessKey"], key["secretKey"])), anonymous=True)
    assert (r.status, r.code) == (404, "NoSuchBucket"), r.body


@pytest.mark.browser
def test_a_browser_sends_a_form(server, bucket, tmp_path):
    """Chromium without a driver: a page that submits itself, and what the bucket then holds."""
    chromium = shutil.which("chromium")
    assert chromium, "chromium is not installed"
    post = server.client().generate_presigned_post(bucket, "page/${filename}", Fields={"success_action_status": "201"},
                                                   Conditions=[{"success_action_status": "201"}])
    fields = "".join(f'<input name="{name}" value="{value}">' for name, value in post["fields"].items())
    page = tmp_path / "page.html"
    page.write_text(f"""<!doctype html><meta charset="utf-8">
        <form id="f" action="{post['url']}" method="post" enctype="multipart/form-data">{fields}
        <input type="file" name="file" id="file"></form>
        <script>const d = new DataTransfer();
        d.items.add(new File(["from a browser"], 'a "quoted" ü.txt'));
        document.getElementById("file").files = d.files;
        document.getElementById("f").submit();</script>""", encoding="utf-8")
    out = run([chromium, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}",
               "--virtual-time-budget=10000", "--dump-dom", page.as_uri()], os.environ, timeout=120, check=False)
    got = server.client().list_objects_v2(Bucket=bucket).get("Contents", ())
    assert [e["Key"] for e in got] == ['page/a "quoted" ü.txt'], out.stdout[-2000:]
    assert server.client().get_object(Bucket=bucket, Key='page/a "quoted" ü.txt')["Body"].read() == b"from a browser"
