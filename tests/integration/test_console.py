# SPDX-License-Identifier: MIT
"""The console port as a browser and as an attacker see it: headers, caching, errors, what is not served."""
import gzip
import http.client
import json
import os
import pathlib
import re
import time
import urllib.parse

import pytest

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'")
API_POLICY = "default-src 'none'; frame-ancestors 'none'"


class Answer:
    def __init__(self, response):
        self.status, self.headers, self.body = response.status, response.getheaders(), response.read()

    def all(self, name):
        return [v for k, v in self.headers if k.lower() == name.lower()]

    def one(self, name):
        (value,) = self.all(name)
        return value


def call(url, method, target, body=None, headers=None):
    c = http.client.HTTPConnection(urllib.parse.urlparse(url).netloc, timeout=30)
    try:
        c.request(method, target, body=body, headers=headers or {})
        return Answer(c.getresponse())
    finally:
        c.close()


@pytest.fixture
def get(server):
    return lambda target, **headers: call(server.console_url, "GET", target, headers=headers)


@pytest.fixture
def asset(get):
    found = re.search(r'/assets/[^"]+\.js', get("/").body.decode())
    if not found:
        pytest.skip("built without the console")
    return found.group()


def login(server, user, password, tenant=None):
    body = {"user": user, "password": password, **({"tenant": tenant} if tenant else {})}
    return call(server.console_url, "POST", "/api/v1/auth/login", json.dumps(body), {"Content-Type": "application/json"})


def test_every_file_comes_with_the_policy_and_is_cached_by_its_kind(get, asset):
    for target, status, cache in (
            ("/", 200, "no-cache"), ("/index.html", 200, "no-cache"), ("/theme.js", 200, "no-cache"),
            ("/buckets", 200, "no-cache"), ("/.maxiofs/maxiofs.db", 200, "no-cache"),
            (asset, 200, "public, max-age=31536000, immutable"), ("/assets/missing.js", 404, "no-cache")):
        answer = get(target)
        assert answer.status == status, target
        assert answer.one("Content-Security-Policy") == PAGE_POLICY, target
        assert answer.one("Cache-Control") == cache, target
        assert answer.one("X-Content-Type-Options") == "nosniff", target
        assert answer.one("Referrer-Policy") == "no-referrer", target
        assert answer.one("Cross-Origin-Opener-Policy") == "same-origin", target


def test_scripts_are_compressed_and_answers_of_the_api_are_not(get, asset):
    packed = get(asset, **{"Accept-Encoding": "gzip"})
    assert packed.one("Content-Encoding") == "gzip" and "Accept-Encoding" in packed.one("Vary")
    assert gzip.decompress(packed.body) == get(asset).body
    assert get("/metrics", **{"Accept-Encoding": "gzip"}).all("Content-Encoding") == []


def test_the_api_and_the_probes_bring_their_own_headers_once(server, get):
    signed_in = "Bearer " + json.loads(login(server, server.user, server.password).body)["token"]
    for target, status, kind in (
            ("/api/v1/me", 200, "application/json"), ("/api/v1/nothing", 404, "application/problem+json"),
            ("/health", 200, "application/json"), ("/metrics", 200, "text/plain; version=0.0.4")):
        answer = get(target, **({"Authorization": signed_in} if "/api/" in target else {}))
        assert answer.status == status, target
        assert answer.one("Content-Type") == kind
        assert answer.one("Content-Security-Policy") == API_POLICY
        assert answer.one("Cache-Control") == "no-store"
        assert answer.one("X-Content-Type-Options") == "nosniff"


def remove_socket(server, name):
    arguments = pathlib.Path(f"/proc/{server.pid_of(name)}/cmdline").read_text().split("\0")
    (socket,) = [a.partition("=")[2] for a in arguments if a.startswith(f"--{name}-listen=")]
    os.unlink(socket)


def test_a_front_servers_own_refusal_is_an_error_of_ours(own_server, front):
    remove_socket(own_server, "s3")
    answer = call(own_server.s3_url, "GET", "/bucket/key")
    assert answer.status == 503 and b"<Code>ServiceUnavailable</Code>" in answer.body
    remove_socket(own_server, "console")
    answer = call(own_server.console_url, "GET", "/api/v1/me")
    assert answer.status == 503
    assert json.loads(answer.body)["code"] == "Busy"
    if front == "nginx":
        assert answer.one("Content-Type") == "application/problem+json"
        assert answer.one("Retry-After") == "1"
        large = call(own_server.console_url, "POST", "/api/v1/auth/login", b"x" * (2 << 20))
        assert large.status == 413 and json.loads(large.body)["code"] == "BodyTooLarge"


def test_the_console_port_serves_nothing_of_the_data_directory(server, get):
    server.client().create_bucket(Bucket="not-on-the-console")
    server.client().put_object(Bucket="not-on-the-console", Key="k", Body=b"between us")
    for target in ("/objects/not-on-the-console/k", "/.maxiofs/master.key", "/.maxiofs/run/nginx.conf",
                   "/assets/..%2f..%2f..%2f..%2fetc%2fpasswd", "/%2e%2e/%2e%2e/etc/passwd", "/../../etc/passwd",
                   "/.vite/manifest.json", "/assets/.%2e/.%2e/theme.js%00"):
        answer = get(target)
        assert answer.status in (400, 403, 404) or b'<div id="root">' in answer.body or not answer.body, target
        assert b"root:" not in answer.body and b"between us" not in answer.body


def test_changes_by_the_tool_end_sessions_at_once(server):
    server.admin("tenant", "create", "umbrella")
    server.admin("user", "create", "pat", "--tenant", "umbrella", "--password-file", "-", stdin="first password\n")

    def token(password):
        answer = login(server, "pat", password, "umbrella")
        assert answer.status == 200, answer.body
        return json.loads(answer.body)["token"]

    def status(bearer):
        return call(server.console_url, "GET", "/api/v1/me", headers={"Authorization": "Bearer " + bearer}).status

    def change(*args, stdin=None):
        server.admin("user", "set", "pat", "--tenant", "umbrella", *args, stdin=stdin)

    session = token("first password")
    change("--display-name", "Pat")
    assert status(session) == 200
    change("--password-file", "-", stdin="second password\n")
    assert status(session) == 401
    session = token("second password")
    change("--role", "tenant-admin")
    assert status(session) == 401
    session = token("second password")
    change("--status", "suspended")
    assert status(session) == 401
    assert login(server, "pat", "second password", "umbrella").status == 401
    change("--status", "active")
    assert status(session) == 401
    session = token("second password")
    server.admin("tenant", "set", "umbrella", "--status", "suspended")
    assert status(session) == 401


def test_a_login_takes_as_long_for_nobody(server):
    server.admin("user", "create", "slow", "--password-file", "-", stdin="a real password\n")
    times = {"slow": [], "nobody": []}
    for _ in range(5):
        for user, found in times.items():
            started = time.monotonic()
            assert login(server, user, "not the password").status == 401
            found.append(time.monotonic() - started)
    assert min(times["nobody"]) > min(times["slow"]) / 3
