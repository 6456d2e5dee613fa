# SPDX-License-Identifier: MIT
"""The console in a real browser: log in with the printed password, see the buckets, log out."""
import os
import pathlib
import shutil
import subprocess

import pytest


@pytest.mark.browser
def test_console_in_chromium(server, tmp_path):
    modules = os.environ.get("MAXIOFS_TEST_NODE_MODULES")
    assert modules, "MAXIOFS_TEST_NODE_MODULES names the console's installed node_modules"
    assert shutil.which("chromium"), "chromium is not installed"
    server.client().create_bucket(Bucket="seen-in-browser")
    server.admin("tenant", "create", "verbose", "--display-name", "A name of a tenant that goes on and on " * 3)
    server.admin("user", "create", "vera", "--tenant", "verbose")
    server.admin("bucket", "create", "b" * 63, "--owner", "vera", "--tenant", "verbose")
    script = pathlib.Path(__file__).parent / "browser" / "console.mjs"
    home = tmp_path / "run"
    home.mkdir()
    shutil.copy(script, home)
    (home / "node_modules").symlink_to(modules)
    env = dict(os.environ, MAXIOFS_CONSOLE_URL=server.console_url, MAXIOFS_USER=server.user,
               MAXIOFS_PASSWORD=server.password, MAXIOFS_BUCKET="seen-in-browser", OUT=str(tmp_path))
    out = subprocess.run(["node", "console.mjs"], cwd=home, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         text=True, timeout=180)
    assert out.returncode == 0, out.stdout[-4000:]
