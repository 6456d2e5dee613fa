# SPDX-License-Identifier: MIT
"""Requests byte for byte as a test wants them, signed by a small Signature V4 of our own."""
import dataclasses
import datetime
import hashlib
import hmac
import http.client
import re
import socket
import urllib.parse

import wire_v2

EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()
STREAM = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
STREAM_TRAILER = STREAM + "-TRAILER"
UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"

HOP_BY_HOP = {"connection", "expect", "transfer-encoding", "user-agent"}  # what SDKs leave unsigned


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def mac(key, text):
    return hmac.new(key, text if isinstance(text, bytes) else text.encode(), hashlib.sha256).digest()


def encode(data, safe=""):
    return urllib.parse.quote(data, safe=safe + "-._~")


def canonical_query(query, plus):
    """plus: what the client means by '+', a space or a plus sign."""
    pairs = []
    for part in filter(None, query.split("&")):
        name, _, value = part.replace("+", urllib.parse.quote(plus)).partition("=")
        pairs.append((encode(urllib.parse.unquote_to_bytes(name)), encode(urllib.parse.unquote_to_bytes(value))))
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))


class Reply:
    def __init__(self, raw):
        self.status = raw.status
        self.headers = [(name.lower(), value) for name, value in raw.getheaders()]
        self.body = raw.read()

    def header(self, name):
        """All values joined, or None."""
        found = [value for key, value in self.headers if key == name.lower()]
        return ", ".join(found) if found else None

    def element(self, name):
        found = re.search(rb"<%s>(.*?)</%s>" % (name.encode(), name.encode()), self.body, re.S)
        return found.group(1).decode() if found else None

    @property
    def code(self):
        """Of an error document; "" without one."""
        return self.element("Code") or "" if b"<Error>" in self.body else ""


@dataclasses.dataclass
class How:
    """What is unusual about a request, and mostly wrong."""
    anonymous: bool = False
    host: str = None
    payload: str = None  # x-amz-content-sha256 instead of the hash of the body; False: none
    at: object = None  # time of the signature: a datetime, or the text of x-amz-date
    date: str = "amz"  # "http": Date instead of x-amz-date; False: neither
    access_key: str = None
    secret: str = None
    day: str = None  # parts of the scope
    region: str = None
    service: str = "s3"
    signed: tuple = None  # exactly these headers
    signed_path: str = None
    signed_method: str = None
    plus: str = " "  # what '+' in the query means to the client
    mangle: object = None  # changes the Authorization, or the query that is signed
    expires: object = None  # signed in the query instead, and for so long
    version: int = 4
    host_bucket: str = None  # that Signature V2 adds to the path
    length: object = True  # Content-Length: of the body, this, or none for False
    chunks: tuple = None  # the body as aws-chunked
    trailer: tuple = None
    spoil: object = None  # see chunked()


class Signed:
    """A request on its way; `headers` are pairs in the order they are sent."""

    def __init__(self, wire, method, target, headers, body, how):
        self.wire, self.method, self.target, self.body, self.how = wire, method, target, body, how
        self.headers = [("Host", how.host or "%s:%d" % wire.address), *headers]
        self.payload = sha256(body) if how.payload is None else how.payload
        at = how.at or datetime.datetime.now(datetime.timezone.utc)
        self.stamp = at if isinstance(at, str) else at.strftime("%Y%m%dT%H%M%SZ")
        self.scope = f"{how.day or self.stamp[:8]}/{how.region or wire.region}/{how.service}/aws4_request"
        self.key = self.seed = None
        if self.payload and not ((how.anonymous or how.expires is not None or how.version == 2) and how.payload is None):
            self.headers.append(("x-amz-content-sha256", self.payload))
        if how.version == 2 and how.expires is not None:
            self.target = wire_v2.in_query(self, at)
        elif how.version == 2:
            self.headers += wire_v2.in_header(self, at)
        elif how.expires is not None:
            self.add_query()
        elif not how.anonymous:
            self.add_date(at)
            self.add_authorization()
        if how.chunks is not None:
            self.body = chunked(self, how.chunks, how.trailer, how.spoil)
        self.add_length()

    def add_date(self, at):
        if self.how.date == "http":
            self.headers.append(("Date", at.strftime("%a, %d %b %Y %H:%M:%S GMT")))
        elif self.how.date:
            self.headers.append(("x-amz-date", self.stamp))

    def canonical(self, names, payload):
        path, _, query = self.target.partition("?")
        path = self.how.signed_path or re.sub("(?i)%2f", "%2F", encode(urllib.parse.unquote_to_bytes(path), "/"))
        values = [(name.lower(), " ".join(value.split())) for name, value in self.headers]
        lines = [f"{n}:{','.join(v for k, v in values if k == n)}" for n in names]
        return "\n".join([self.how.signed_method or self.method, path, canonical_query(query, self.how.plus), *lines, "", ";".join(names),
                          payload]).encode("utf-8", "surrogateescape")

    def names(self):
        sent = {name.lower() for name, _ in self.headers} - HOP_BY_HOP
        return sorted(sent if self.how.signed is None else self.how.signed)

    def signature(self, names, payload):
        self.key = ("AWS4" + (self.how.secret or self.wire.secret_key)).encode()
        for part in self.scope.split("/"):
            self.key = mac(self.key, part)
        text = f"AWS4-HMAC-SHA256\n{self.stamp}\n{self.scope}\n{sha256(self.canonical(names, payload))}"
        self.seed = mac(self.key, text).hex()
        return self.seed

    def add_authorization(self):
        how, names = self.how, self.names()
        value = (f"AWS4-HMAC-SHA256 Credential={how.access_key or self.wire.access_key}/{self.scope}, "
                 f"SignedHeaders={';'.join(names)}, Signature={self.signature(names, self.payload or 'UNSIGNED-PAYLOAD')}")
        self.headers.append(("Authorization", how.mangle(value) if how.mangle else value))

    def add_query(self):
        how, names = self.how, self.names()
        credential = encode(f"{how.access_key or self.wire.access_key}/{self.scope}")
        self.target += "&" if "?" in self.target else "?"
        self.target += (f"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={credential}&X-Amz-Date={self.stamp}"
                        f"&X-Amz-Expires={how.expires}&X-Amz-SignedHeaders={encode(';'.join(names))}")
        self.target += f"&X-Amz-Signature={self.signature(names, how.payload or 'UNSIGNED-PAYLOAD')}"
        if how.mangle:
            self.target = how.mangle(self.target)

    def add_length(self):
        if self.how.length is not True:
            if self.how.length is not False:
                self.headers.append(("Content-Length", str(self.how.length)))
        elif self.body or self.method in ("PUT", "POST"):
            self.headers.append(("Content-Length", str(len(self.body))))

    def bytes(self):
        lines = [f"{self.method} {self.target} HTTP/1.1"] + [f"{name}: {value}" for name, value in self.headers]
        return "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + self.body


class Wire:
    """A client with a key pair."""

    def __init__(self, address, access_key, secret_key, region="us-east-1"):
        self.address, self.access_key, self.secret_key, self.region = address, access_key, secret_key, region

    def other(self, access_key, secret_key):
        return Wire(self.address, access_key, secret_key, self.region)

    def sign(self, method, target, headers=(), body=b"", **how):
        """how: see How."""
        return Signed(self, method, target, headers, body, How(**how))

    def send(self, method, target, headers=(), body=b"", **how):
        return self.exchange(self.sign(method, target, headers, body, **how).bytes(), method)

    def exchange(self, data, method="GET"):
        with socket.create_connection(self.address, timeout=60) as s:
            try:
                s.sendall(data)
            except (BrokenPipeError, ConnectionResetError):
                pass  # refused early
            raw = http.client.HTTPResponse(s, method=method)
            raw.begin()
            return Reply(raw)


def chunked(request, chunks, trailer, spoil):
    """aws-chunked. spoil: what is made wrong, by name, or a function of the whole body."""
    signs = request.payload in (STREAM, STREAM_TRAILER) and request.key is not None
    previous, begin = request.seed, [request.stamp, request.scope]
    pieces = []
    for data in [*chunks, b""]:
        extension = ""
        if signs:
            text = "\n".join(["AWS4-HMAC-SHA256-PAYLOAD", *begin, previous, EMPTY_SHA256, sha256(data)])
            previous = mac(request.key, text).hex()
            wrong = spoil == ("chunk signature" if data else "last signature")
            extension = ";chunk-signature=" + ("0" * 64 if wrong else previous)
        pieces.append(b"%x%s\r\n%s" % (len(data), extension.encode(), data + b"\r\n" if data else b""))
    if trailer:
        line = "%s:%s" % trailer
        pieces.append(line.encode() + b"\r\n")
        if signs and spoil != "no trailer signature":
            text = "\n".join(["AWS4-HMAC-SHA256-TRAILER", *begin, previous, sha256(line.encode() + b"\n")])
            previous = "0" * 64 if spoil == "trailer signature" else mac(request.key, text).hex()
            pieces.append(f"x-amz-trailer-signature:{previous}\r\n".encode())
    body = b"".join(pieces) + b"\r\n"
    return spoil(body) if callable(spoil) else body
