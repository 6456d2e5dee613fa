# SPDX-License-Identifier: MIT
"""Requests by hand: signed, on a plain socket, sent as far as a test wants; and FastCGI records."""
import hashlib
import socket
import struct
import time
import urllib.parse
import urllib.request

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials


class Unsigned(S3SigV4Auth):
    """Signature V4 in the header, over an unsigned payload."""

    def payload(self, request):
        return "UNSIGNED-PAYLOAD"


def head(server, method, path, headers=(), secret_key=None):
    """The head of a signed request, as it goes over the wire."""
    request = AWSRequest(method=method, url=server.s3_url + path, headers=dict(headers))
    request.headers["Host"] = urllib.parse.urlsplit(server.s3_url).netloc
    key = Credentials(server.access_key, secret_key or server.secret_key)
    Unsigned(key, "s3", "us-east-1").add_auth(request)
    lines = [f"{method} {path} HTTP/1.1"] + [f"{k}: {v}" for k, v in request.headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def upload_head(server, path, length, headers=(), secret_key=None):
    return head(server, "PUT", path, {"Content-Length": str(length), **dict(headers)}, secret_key)


def dial(server, timeout=60):
    url = urllib.parse.urlsplit(server.s3_url)
    s = socket.create_connection((url.hostname, url.port), timeout=timeout)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return s


def answer(s):
    """(status, headers, body) of the next final answer on the socket; the head only if there is no length."""
    data = b""
    while True:
        while b"\r\n\r\n" not in data:
            more = s.recv(65536)
            if not more:
                raise ConnectionError(f"closed after {data!r}")
            data += more
        top, data = data.split(b"\r\n\r\n", 1)
        lines = top.decode("latin-1").split("\r\n")
        status = int(lines[0].split()[1])
        if status != 100:
            break
    headers = {k.lower(): v.strip() for k, v in (line.split(":", 1) for line in lines[1:])}
    length = int(headers.get("content-length", 0))
    while len(data) < length:
        more = s.recv(65536)
        if not more:
            break
        data += more
    return status, headers, data


def get(url, timeout=10):
    with urllib.request.urlopen(url, timeout=timeout) as r:
        return r.status, r.read()


def gauge(server, name):
    for line in get(server.s3_url + "/metrics")[1].decode().splitlines():
        if line.startswith(name + " "):
            return float(line.split()[1])
    raise AssertionError(f"no gauge {name}")


def await_gauge(server, name, wanted, seconds=30):
    until = time.monotonic() + seconds
    while not wanted(gauge(server, name)):
        assert time.monotonic() < until, f"{name} is {gauge(server, name)}"
        time.sleep(0.05)


def http2_get(port, path):
    """A GET over HTTP/2 whose end is withheld: the socket, once an answer has begun."""
    def frame(kind, flags, stream, payload=b""):
        return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload

    fields = {":method": "GET", ":scheme": "http", ":path": path, ":authority": "localhost"}
    block = b"".join(bytes([0, len(k)]) + k.encode() + bytes([len(v)]) + v.encode() for k, v in fields.items())
    s = socket.create_connection(("127.0.0.1", port), timeout=30)
    s.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0) + frame(1, 4, 1, block))
    stream = s.makefile("rb")
    while True:
        top = stream.read(9)
        assert len(top) == 9, "closed"
        stream.read(int.from_bytes(top[:3], "big"))
        if top[3] == 1:
            return s


def md5(data):
    return hashlib.md5(data).hexdigest()


# ---- FastCGI records ------------------------------------------------------------------------------------

BEGIN, END, PARAMS, STDIN, STDOUT = 1, 3, 4, 5, 6


def record(kind, content=b"", request_id=1):
    return struct.pack(">BBHHBx", 1, kind, request_id, len(content), 0) + content


def param(name, value):
    def length(s):
        return bytes([len(s)]) if len(s) < 128 else struct.pack(">I", len(s) | 1 << 31)
    name, value = name.encode(), value.encode()
    return length(name) + length(value) + name + value


def forged_request(http_head):
    """The records of a request with these header lines, as a front server would send them."""
    lines = http_head.decode().split("\r\n")
    method, uri, _ = lines[0].split()
    params = param("REQUEST_METHOD", method) + param("REQUEST_URI", uri) + param("REMOTE_ADDR", "127.0.0.1")
    for line in lines[1:]:
        if line:
            name, value = line.split(":", 1)
            params += param("HTTP_" + name.upper().replace("-", "_"), value.strip())
    return record(BEGIN, b"\0\1\1\0\0\0\0\0") + record(PARAMS, params) + record(PARAMS) + record(STDIN)


class Front:
    """A responder's side of one connection of the front server: reads requests, answers or not."""

    def __init__(self, connection):
        self.connection = connection
        self.buffer = b""

    def take(self, n):
        while len(self.buffer) < n:
            more = self.connection.recv(65536)
            if not more:
                raise ConnectionError
            self.buffer += more
        taken, self.buffer = self.buffer[:n], self.buffer[n:]
        return taken

    def request(self):
        """The parameters' bytes of the next whole request; ConnectionError when there is none."""
        params, ended = b"", False
        while not ended:
            _, kind, _, length, padding = struct.unpack(">BBHHBx", self.take(8))
            content = self.take(length + padding)[:length]
            if kind == PARAMS:
                params += content
            ended = kind == STDIN and length == 0
        return params

    def respond(self, text):
        self.connection.sendall(record(STDOUT, text) + record(STDOUT) + record(END, bytes(8)))
