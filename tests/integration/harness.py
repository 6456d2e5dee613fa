# SPDX-License-Identifier: MIT
"""A MaxIOFS of our own: `maxiofs serve` on free ports below a temporary directory."""
import json
import os
import pathlib
import subprocess
import time
import urllib.request

import boto3
from botocore.config import Config


class Server:
    """One data directory; start() and stop() may be repeated on it."""

    def __init__(self, root: pathlib.Path, front: str, settings=()):
        self.root = root
        self.data = root / "data"
        self.front = front
        self.settings = list(settings)
        self.user = self.password = self.access_key = self.secret_key = None

    def start(self, check_json=None):
        out = subprocess.run(
            ["maxiofs", "serve", "--data-dir", str(self.data), "--s3-port", "0", "--console-port", "0",
             "--front", self.front, "--detach", "--json", *self.settings],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120)
        assert out.returncode == 0, out.stderr + self.logs()
        told = json.loads(out.stdout)
        self.s3_url, self.console_url, self.pid = told["s3Url"], told["consoleUrl"], told["pid"]
        if told["password"]:
            self.user, self.password = told["user"], told["password"]
            self.access_key, self.secret_key = told["accessKey"], told["secretKey"]
        return told

    def stop(self):
        subprocess.run(["maxiofs", "serve", "--data-dir", str(self.data), "--stop"], check=True, timeout=120)

    def logs(self):
        text = ""
        for path in sorted((self.data / ".maxiofs" / "log").glob("*.log")):
            text += f"--- {path.name}\n" + path.read_text(errors="replace")[-4000:]
        return text

    def pid_of(self, name):
        """None while no process of that name runs."""
        try:
            return int((self.data / ".maxiofs" / "run" / f"{name}.pid").read_text())
        except FileNotFoundError:
            return None

    def admin(self, *args, stdin=None):
        """Runs `maxiofs ARGS --json` on the live data directory and returns what it prints."""
        out = subprocess.run(["maxiofs", *args, "--data-dir", str(self.data), "--json"], input=stdin,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60)
        assert out.returncode == 0, out.stderr
        return json.loads(out.stdout) if out.stdout.strip() else None

    def client(self, access_key=None, secret_key=None, **config):
        config.setdefault("retries", {"max_attempts": 1})
        s3 = config.pop("s3", {})
        s3.setdefault("addressing_style", "path")
        return boto3.client(
            "s3", endpoint_url=config.pop("endpoint_url", self.s3_url), region_name="us-east-1",
            aws_access_key_id=access_key or self.access_key,
            aws_secret_access_key=secret_key or self.secret_key, verify=config.pop("verify", None),
            config=Config(s3=s3, **config))

    def env(self, home: pathlib.Path):
        """Environment for command-line clients, with a home of their own."""
        home.mkdir(parents=True, exist_ok=True)
        env = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
        env.update(HOME=str(home), AWS_ACCESS_KEY_ID=self.access_key, AWS_SECRET_ACCESS_KEY=self.secret_key,
                   AWS_DEFAULT_REGION="us-east-1", AWS_EC2_METADATA_DISABLED="true",
                   AWS_ENDPOINT_URL=self.s3_url, AWS_MAX_ATTEMPTS="1")
        return env

    def wait_ready(self, seconds=30):
        until = time.monotonic() + seconds
        while True:
            try:
                with urllib.request.urlopen(self.s3_url + "/ready", timeout=5) as r:
                    if r.status == 200:
                        return
            except OSError:
                pass
            assert time.monotonic() < until, "not ready\n" + self.logs()
            time.sleep(0.02)


def run(argv, env, timeout=600, check=True):
    out = subprocess.run([str(a) for a in argv], env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         text=True, errors="replace", timeout=timeout)
    assert not check or out.returncode == 0, out.stdout[-4000:]
    return out


def tree_digest(root: pathlib.Path):
    """{relative name as bytes: content} of a tree; links are followed as clients do."""
    found = {}
    base = os.fsencode(root)
    for where, _, names in os.walk(base, followlinks=True):
        for name in names:
            path = os.path.join(where, name)
            if os.path.isfile(path):
                with open(path, "rb") as f:
                    found[os.path.relpath(path, base)] = f.read()
    return found
