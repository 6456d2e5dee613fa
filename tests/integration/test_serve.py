# SPDX-License-Identifier: MIT
"""`maxiofs serve` as a person uses it: start, stop, start again, settings, probes."""
import json
import os
import pathlib
import pwd
import re
import signal
import socket
import stat
import subprocess
import time
import urllib.error
import urllib.request

import pytest

from harness import Server


def get(url, headers=None):
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers or {}), timeout=10) as r:
            return r.status, r.headers, r.read()
    except urllib.error.HTTPError as e:
        return e.code, e.headers, e.read()


def test_second_start_goes_on_with_the_same_data(own_server):
    s = own_server
    s.client().create_bucket(Bucket="kept")
    s.client().put_object(Bucket="kept", Key="k", Body=b"v")
    s.stop()
    told = s.start()
    assert told["password"] is None and told["accessKey"] is None and told["secretKey"] is None
    assert s.client().get_object(Bucket="kept", Key="k")["Body"].read() == b"v"


def test_a_start_that_fails_makes_no_credentials(front, tmp_path):
    s = Server(tmp_path, front)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        out = subprocess.run(["maxiofs", "serve", "--data-dir", str(s.data), "--s3-port", port, "--console-port", "0",
                              "--front", front, "--detach"], capture_output=True, text=True, timeout=60)
    assert out.returncode == 1 and out.stdout == ""
    assert out.stderr == f"maxiofs serve: port {port} of 127.0.0.1 cannot be used: Address already in use\n"
    assert s.start()["password"]
    s.stop()


@pytest.mark.parametrize("source", ("file", "environment"))
def test_the_port_may_come_from_the_settings(front, tmp_path, monkeypatch, source):
    s = Server(tmp_path, front)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    if source == "file":
        (s.data / ".maxiofs").mkdir(parents=True)
        (s.data / ".maxiofs" / "maxiofs.conf").write_text(f"s3_port = {port}\n")
    else:
        monkeypatch.setenv("MAXIOFS_S3_PORT", str(port))
    subprocess.run(["maxiofs", "serve", "--data-dir", str(s.data), "--console-port", "0", "--front", front, "--detach"],
                   check=True, stdout=subprocess.DEVNULL, timeout=60)
    assert get(f"http://127.0.0.1:{port}/health")[0] == 200
    s.stop()


def test_any_name_of_a_data_directory_will_do(front, tmp_path, monkeypatch):
    s = Server(tmp_path / "it's a \"dir\" with \\ and ü", front)
    s.root.mkdir()
    monkeypatch.chdir(s.root)
    absolute, s.data = s.data, s.data.relative_to(s.root)
    told = s.start()
    assert told["dataDir"] == str(absolute)
    s.client().create_bucket(Bucket="kept")
    s.stop()
    assert (absolute / "objects" / "kept").is_dir()


def test_the_group_ends_with_its_supervisor_and_starts_again(own_server):
    s = own_server
    s.client().create_bucket(Bucket="kept")
    pids = [s.pid_of(n) for n in ("s3", "console", s.front)]
    os.kill(s.pid, signal.SIGKILL)
    until = time.monotonic() + 30
    while any(os.path.exists(f"/proc/{pid}") for pid in pids):
        assert time.monotonic() < until, s.logs()
        time.sleep(0.02)
    assert s.start()["password"] is None
    assert [b["Name"] for b in s.client().list_buckets()["Buckets"]] == ["kept"]


def test_nothing_stays_outside_of_the_data_directory(front, tmp_path):
    s = Server(tmp_path / ("long" * 25), front)  # no socket's address can hold its path
    s.root.mkdir()
    note = s.data / ".maxiofs" / "run" / "outside"
    s.start()
    first = note.read_text()
    os.kill(s.pid, signal.SIGKILL)
    until = time.monotonic() + 30
    while os.path.exists(f"/proc/{s.pid_of('s3')}"):
        assert time.monotonic() < until, s.logs()
        time.sleep(0.02)
    assert os.path.isdir(first)
    s.start()
    second = note.read_text()
    assert second != first and os.path.isdir(second) and not os.path.exists(first)
    s.stop()
    assert not os.path.exists(second) and not note.exists()


def test_a_second_group_on_the_same_directory_is_refused(own_server):
    again = subprocess.run(["maxiofs", "serve", "--data-dir", str(own_server.data), "--s3-port", "0",
                            "--console-port", "0"], capture_output=True, text=True, timeout=60)
    assert again.returncode == 1 and "already serves" in again.stderr


def test_everything_is_below_the_data_directory(own_server):
    run_dir = own_server.data / ".maxiofs" / "run"
    assert {"serve.pid", "s3.pid", "console.pid"} <= {p.name for p in run_dir.iterdir()}
    assert stat.S_IMODE(own_server.data.stat().st_mode) == 0o750
    assert stat.S_IMODE((own_server.data / ".maxiofs").stat().st_mode) == 0o700
    for path in (own_server.data / ".maxiofs").rglob("*"):
        if path.is_file() and path.name != "front.pid":  # Apache insists on 0644
            assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    own_server.client().create_bucket(Bucket="modes")
    own_server.client().put_object(Bucket="modes", Key="a/b", Body=b"x")
    place = own_server.data / "objects" / "modes"
    assert stat.S_IMODE((place / "a").stat().st_mode) == 0o755
    (leaf,) = (place / "a").iterdir()
    assert stat.S_IMODE(leaf.stat().st_mode) == 0o644
    assert re.fullmatch(r"b%@[0-9a-f]{16}", leaf.name)
    note = json.loads((own_server.data / ".maxiofs" / "buckets" / "global" / "modes.json").read_text())
    assert note["name"] == "modes"


def test_a_given_password_leaves_the_environment(front, tmp_path, monkeypatch):
    monkeypatch.setenv("MAXIOFS_ADMIN_PASSWORD", "given beforehand")
    s = Server(tmp_path, front)
    assert s.start()["password"] == "given beforehand"
    try:
        for name in ("serve", "s3", "console", front):
            environ = pathlib.Path(f"/proc/{s.pid_of(name)}/environ").read_bytes()
            assert b"given beforehand" not in environ, name
    finally:
        s.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_root_serves_as_the_owner_of_the_directory(front, tmp_path):
    owner = pwd.getpwnam("nobody")
    for parent in (tmp_path, *tmp_path.parents[:-1]):
        parent.chmod(parent.stat().st_mode | 0o011)
    s = Server(tmp_path, front)
    s.data.mkdir(mode=0o750)
    os.chown(s.data, owner.pw_uid, owner.pw_gid)
    s.start()
    try:
        s.client().create_bucket(Bucket="owned")
        s.admin("user", "create", "eve")
        for path in (s.data, *s.data.rglob("*")):
            assert path.lstat().st_uid == owner.pw_uid, path
    finally:
        s.stop()


def test_the_port_may_be_a_setting(front, tmp_path, monkeypatch):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("MAXIOFS_S3_PORT", str(port))
    out = subprocess.run(["maxiofs", "serve", "--data-dir", str(tmp_path / "data"), "--console-port", "0",
                          "--front", front, "--detach", "--json"], capture_output=True, text=True, timeout=120)
    assert out.returncode == 0, out.stderr
    try:
        assert json.loads(out.stdout)["s3Url"] == f"http://127.0.0.1:{port}"
    finally:
        subprocess.run(["maxiofs", "serve", "--data-dir", str(tmp_path / "data"), "--stop"], check=True, timeout=120)


def test_ctrl_c_stops_all(front, tmp_path):
    s = Server(tmp_path, front)
    p = subprocess.Popen(["maxiofs", "serve", "--data-dir", str(s.data), "--s3-port", "0", "--console-port", "0",
                          "--front", front, "--json"], stdout=subprocess.PIPE, text=True)
    told = json.loads(p.stdout.readline())
    pids = [s.pid_of(n) for n in ("s3", "console", front)]
    assert get(told["s3Url"] + "/health")[0] == 200
    p.send_signal(signal.SIGINT)
    assert p.wait(60) == 0
    for pid in pids:
        assert not os.path.exists(f"/proc/{pid}")


def test_a_bad_setting_is_refused_with_its_place(tmp_path):
    data = tmp_path / "data"
    (data / ".maxiofs").mkdir(parents=True)
    (data / ".maxiofs" / "maxiofs.conf").write_text("region = us-east-1\nrequest_threads = many\n")
    out = subprocess.run(["maxiofs", "config", "check", "--data-dir", str(data)], capture_output=True, text=True)
    assert out.returncode != 0
    assert "maxiofs.conf:2" in out.stderr and "request_threads" in out.stderr


def test_probes_on_both_ports(server):
    for base in (server.s3_url, server.console_url):
        assert get(base + "/health")[0] == 200
        assert get(base + "/ready")[0] == 200
        status, headers, body = get(base + "/metrics")
        assert status == 200 and headers["Content-Type"].startswith("text/plain")
        assert b"maxiofs_requests_in_flight" in body


def test_a_signed_request_for_a_probe_path_is_the_bucket(server):
    server.client().create_bucket(Bucket="health")
    server.client().put_object(Bucket="health", Key="k", Body=b"v")
    assert server.client().list_objects_v2(Bucket="health")["KeyCount"] == 1
    assert get(server.s3_url + "/health")[0] == 200


def test_metrics_count_requests_by_operation(server, bucket):
    server.client().put_object(Bucket=bucket, Key="counted", Body=b"x")
    body = get(server.s3_url + "/metrics")[2].decode()
    assert re.search(r'maxiofs_requests_total\{operation="PutObject",code="OK"\} [1-9]', body)


def test_every_metric_is_shown_and_means_something(server, bucket):
    server.client().put_object(Bucket=bucket, Key="counted", Body=b"x")
    body = get(server.s3_url + "/metrics")[2].decode()
    value = {m[0]: int(m[1]) for m in re.findall(r"^(maxiofs_\w+) (\d+)$", body, re.M)}
    assert value["maxiofs_requests_in_flight"] >= 1 and value["maxiofs_transfers_active"] >= 0
    assert value["maxiofs_front_connections"] >= 1
    assert value["maxiofs_meta_commit_operations_total"] >= value["maxiofs_meta_commits_total"] >= 1
    assert value["maxiofs_meta_commit_failures_total"] == 0 and value["maxiofs_meta_checkpoints_total"] >= 0
    assert value["maxiofs_gc_pending"] >= 0 and value["maxiofs_gc_removed_total"] >= 0
    assert value["maxiofs_orphans_removed_total"] == 0
    assert value["maxiofs_disk_bytes_total"] > value["maxiofs_disk_bytes_free"] > 0


def test_a_change_by_the_tool_holds_for_the_next_request(server):
    server.admin("user", "create", "eve")
    key = server.admin("key", "create", "--user", "eve")
    client = server.client(key["accessKey"], key["secretKey"])
    for _ in range(5):
        assert client.list_buckets()["ResponseMetadata"]["HTTPStatusCode"] == 200
        server.admin("user", "set", "eve", "--status", "suspended")
        try:
            client.list_buckets()
            raise AssertionError("a suspended user was served")
        except client.exceptions.ClientError as e:
            assert e.response["ResponseMetadata"]["HTTPStatusCode"] == 403
        server.admin("user", "set", "eve", "--status", "active")


def test_a_given_pair_becomes_an_access_key(server, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY12\n")
    server.admin("user", "create", "carol")
    server.admin("key", "create", "--user", "carol", "--access-key", "CAROLSACCESSKEY00001",
                 "--secret-key-file", str(secret))
    client = server.client("CAROLSACCESSKEY00001", secret.read_text().strip())
    assert client.list_buckets()["Buckets"] == []


def kill_and_await(server, name):
    pid = server.pid_of(name)
    os.kill(pid, signal.SIGKILL)
    until = time.monotonic() + 20
    while server.pid_of(name) in (None, pid):
        assert time.monotonic() < until, server.logs()
        time.sleep(0.02)
    server.wait_ready()


def test_a_killed_responder_is_started_again(own_server):
    for name in ("s3", "console"):
        kill_and_await(own_server, name)
    own_server.client().list_buckets()


def test_a_responder_killed_at_once_again_and_again_is_still_started(own_server):
    for _ in range(13):
        kill_and_await(own_server, "s3")
        time.sleep(0.2)  # the supervisor, too, has seen it answer
    own_server.client().list_buckets()
