# SPDX-License-Identifier: MIT
"""One row of the protocol tests: what is sent and what must come back; and how it is judged."""
import datetime

import pytest


def ago(**delta):
    """When asked: the table may be a while old when a row is sent."""
    return lambda: datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(**delta)


class Row:
    """body: bytes, or a function of the wire; check: of the reply; front: the only front server that this can pass, see docs/front-servers.md."""

    def __init__(self, name, method, target, status, code="", headers=(), body=b"", check=None, front=None, **how):
        self.name, self.method, self.target, self.status, self.code = name, method, target, status, code
        self.headers, self.body, self.check, self.front, self.how = list(headers), body, check, front, how


def has(*texts):
    return lambda r: all(t.encode() in r.body for t in texts)


def head(**wanted):
    return lambda r: all(r.header(name.replace("_", "-")) == value for name, value in wanted.items())


def judge(wire, front, row):
    """Behind a front server that cannot pass a row it does not pass, or the manual's list is wrong."""
    if row.front in (None, front):
        send(wire, row)
    elif "length" in row.how:
        pytest.skip(f"{front} waits for all of the body")
    else:
        with pytest.raises(AssertionError):
            send(wire, row)


def send(wire, row):
    """Sends a row and checks its answer."""
    how = {name: value() if callable(value) and name == "at" else value for name, value in row.how.items()}
    body = row.body(wire) if callable(row.body) else row.body
    r = wire.send(row.method, row.target, row.headers, body, **how)
    told = f"{r.status} {r.code} {r.headers} {r.body[:2000]}"
    assert r.status == row.status, told
    if row.method == "HEAD" or r.status in (204, 304):
        assert r.body == b"", told
    elif row.code:
        assert r.code == row.code and r.header("content-type") == "application/xml", told
    elif row.code is None:
        assert r.code, told
    if row.code and row.method != "HEAD" and r.header("x-amz-id-2"):
        assert r.element("RequestId") == r.header("x-amz-request-id") and r.element("HostId") == r.header("x-amz-id-2"), told
        assert r.element("Message") and r.element("Resource"), told
    assert row.check is None or row.check(r), told
