# SPDX-License-Identifier: MIT
"""Requests byte for byte as a test wants them, signed by a small Signature V4 of our own."""
import datetime
import hashlib
import hmac
import http.client
import re
import socket
import urllib.parse

EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()
STREAM = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
STREAM_TRAILER = STREAM + "-TRAILER"
UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"

HOP_BY_HOP = ("connection", "expect", "transfer-encoding", "user-agent")  # what SDKs leave unsigned


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
    def __init__(self, raw, method):
        self.status, self.reason = raw.status, raw.reason
        self.headers = [(name.lower(), value) for name, value in raw.getheaders()]
        self.body = raw.read()
        self.method = method

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


class Signed:
    """Head and body of one request. `headers` are pairs in the order they are sent."""

    def __init__(self, method, target, headers, body):
        self.method, self.target, self.headers, self.body = method, target, headers, body

    def bytes(self):
        lines = [f"{self.method} {self.target} HTTP/1.1"] + [f"{name}: {value}" for name, value in self.headers]
        return "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + self.body


class Wire:
    """A client with a key pair. What is wrong about a request is said by keywords of sign()."""

    def __init__(self, address, access_key, secret_key, region="us-east-1"):
        self.address, self.access_key, self.secret_key, self.region = address, access_key, secret_key, region

    def other(self, access_key, secret_key):
        return Wire(self.address, access_key, secret_key, self.region)

    def sign(self, method, target, headers=(), body=b"", *, payload=None, at=None, region=None, day=None,
             signed=None, secret=None, plus=" ", length=True, access_key=None, mangle=None, host=None,
             service="s3", chunks=None, trailer=None, anonymous=False, spoil=None, date="amz", signed_path=None):
        """payload: x-amz-content-sha256, False for none; signed: names to sign beyond the usual, or exactly
        those of a list; mangle: changes the Authorization; chunks, trailer, spoil: an aws-chunked body."""
        at = at or datetime.datetime.now(datetime.timezone.utc)
        stamp = at if isinstance(at, str) else at.strftime("%Y%m%dT%H%M%SZ")
        headers = [("Host", host or "%s:%d" % self.address), *headers]
        if payload is None:
            payload = sha256(body)
        if payload is not False and not anonymous:
            headers.append(("x-amz-content-sha256", payload))
        elif anonymous and payload in (STREAM, STREAM_TRAILER, UNSIGNED_TRAILER):
            headers.append(("x-amz-content-sha256", payload))
        seed = key = scope = None
        if not anonymous:
            if date == "http":
                headers.append(("Date", at.strftime("%a, %d %b %Y %H:%M:%S GMT")))
            elif date:
                headers.append(("x-amz-date", stamp))
            names = signed or [name.lower() for name, _ in headers if name.lower() not in HOP_BY_HOP]
            path, _, query = target.partition("?")
            path = signed_path or re.sub("(?i)%2f", "%2F", encode(urllib.parse.unquote_to_bytes(path), "/"))
            values = [(name.lower(), " ".join(value.split())) for name, value in headers]
            names = sorted(set(names))
            canonical = "\n".join([
                method, path, canonical_query(query, plus),
                *[f"{n}:{','.join(v for k, v in values if k == n)}" for n in names], "", ";".join(names),
                payload or "UNSIGNED-PAYLOAD"])
            day = day or stamp[:8]
            scope = f"{day}/{region or self.region}/{service}/aws4_request"
            key = ("AWS4" + (secret or self.secret_key)).encode()
            for part in scope.split("/"):
                key = mac(key, part)
            text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n" + sha256(canonical.encode("utf-8", "surrogateescape"))
            seed = mac(key, text).hex()
            value = (f"AWS4-HMAC-SHA256 Credential={access_key or self.access_key}/{scope}, "
                     f"SignedHeaders={';'.join(names)}, Signature={seed}")
            headers.append(("Authorization", mangle(value) if mangle else value))
        if chunks is not None:
            body = chunked(chunks, payload, key, seed, stamp, scope, trailer, spoil)
        if length is True and (body or method in ("PUT", "POST")):
            headers.append(("Content-Length", str(len(body))))
        elif length not in (True, None, False):
            headers.append(("Content-Length", str(length)))
        return Signed(method, target, headers, body)

    def send(self, method, target, headers=(), body=b"", **how):
        request = self.sign(method, target, headers, body, **how)
        return self.exchange(request.bytes(), method)

    def exchange(self, data, method="GET"):
        with socket.create_connection(self.address, timeout=60) as s:
            try:
                s.sendall(data)
            except (BrokenPipeError, ConnectionResetError):
                pass  # refused early
            raw = http.client.HTTPResponse(s, method=method)
            raw.begin()
            return Reply(raw, method)


def chunked(chunks, payload, key, previous, stamp, scope, trailer, spoil):
    """aws-chunked. spoil: what is made wrong, a function of the list of pieces or one of the words below."""
    signs = payload in (STREAM, STREAM_TRAILER) and key is not None
    pieces = []
    for data in [*chunks, b""]:
        extension = ""
        if signs:
            text = "\n".join(["AWS4-HMAC-SHA256-PAYLOAD", stamp, scope, previous, EMPTY_SHA256, sha256(data)])
            previous = mac(key, text).hex()
            wrong = spoil == "chunk signature" and data or spoil == "last signature" and not data
            extension = ";chunk-signature=" + ("0" * 64 if wrong else previous)
        pieces.append(b"%x%s\r\n%s" % (len(data), extension.encode(), data + b"\r\n" if data else b""))
    if trailer:
        name, value = trailer
        pieces.append(f"{name}:{value}\r\n".encode())
        if signs:
            text = "\n".join(["AWS4-HMAC-SHA256-TRAILER", stamp, scope, previous, sha256(f"{name}:{value}\n".encode())])
            previous = "0" * 64 if spoil == "trailer signature" else mac(key, text).hex()
            if spoil != "no trailer signature":
                pieces.append(f"x-amz-trailer-signature:{previous}\r\n".encode())
    pieces.append(b"\r\n")
    if callable(spoil):
        return spoil(b"".join(pieces))
    return b"".join(pieces)
