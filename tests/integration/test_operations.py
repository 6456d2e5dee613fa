# SPDX-License-Identifier: MIT
"""At the end of a run the server's counts must tell that every operation was answered as docs/operations.md says."""
import pathlib
import re
import urllib.request

import pytest

PAGE = pathlib.Path(__file__).parents[2] / "docs" / "operations.md"
SENDERS = {"test_protocol.py", "test_rows.py"}
# Nothing here is ever archived, so a request to restore it is refused by its class of storage.
OTHERWISE = {"RestoreObject": "InvalidObjectState"}


def promised():
    """{operation: the code of its answer} of the first table of the page."""
    for name, available in re.findall(r"^\| (\w+) \| `[A-Z]+ .*? \| `.*? \| (yes|never set: [^|]+) \|", PAGE.read_text(), re.M):
        code = re.fullmatch(r"never set: (\w+)", available)
        yield name, OTHERWISE.get(name, code[1] if code else "OK")


def counted(server):
    with urllib.request.urlopen(server.s3_url + "/metrics") as r:
        return set(re.findall(r'^maxiofs_requests_total\{operation="(\w+)",code="(\w+)"\} [1-9]', r.read().decode(), re.M))


@pytest.mark.last
def test_every_operation_was_answered(server, request):
    if request.config.option.keyword or not SENDERS <= {item.path.name for item in request.session.items}:
        pytest.skip("only a run of all rows sends every operation")
    wanted = set(promised())
    assert len(wanted) > 50 and wanted - counted(server) == set()
