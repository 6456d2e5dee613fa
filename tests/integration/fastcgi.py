# SPDX-License-Identifier: MIT
"""Just enough of a FastCGI front server to say what no real one would."""
import socket
import struct

BEGIN, PARAMS, STDIN, STDOUT, END = 1, 4, 5, 6, 3


def record(kind, content=b""):
    return struct.pack(">BBHHBx", 1, kind, 1, len(content), 0) + content


def request(method, uri, length=0, body=None):
    """A whole request, or, with a body shorter than its length, one whose client has stalled."""
    params = {"REQUEST_METHOD": method, "REQUEST_URI": uri, "CONTENT_LENGTH": str(length) if length else "",
              "REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "localhost", "CONTENT_TYPE": "application/json"}
    pairs = b"".join(bytes((len(k), len(v))) + k.encode() + v.encode() for k, v in params.items())
    stdin = (record(STDIN, body) if body else b"") + (record(STDIN) if length == len(body or b"") else b"")
    return record(BEGIN, struct.pack(">HB5x", 1, 1)) + record(PARAMS, pairs) + record(PARAMS) + stdin


class Connection:
    def __init__(self, address):
        self.sock = socket.socket(socket.AF_UNIX if isinstance(address, str) else socket.AF_INET)
        self.sock.settimeout(30)
        self.sock.connect(address)

    def send(self, *args, **kwargs):
        self.sock.sendall(request(*args, **kwargs))

    def _exactly(self, n):
        data = b""
        while len(data) < n:
            more = self.sock.recv(n - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def answer(self):
        """(status, body) of the next answer; EOFError if the responder closes first."""
        out = b""
        while True:
            _, kind, _, n, padding = struct.unpack(">BBHHBx", self._exactly(8))
            content = self._exactly(n + padding)[:n]
            if kind == STDOUT:
                out += content
            elif kind == END:
                head, _, body = out.partition(b"\r\n\r\n")
                status = next((line[8:11] for line in head.split(b"\r\n") if line.startswith(b"Status: ")), b"200")
                return int(status), body

    def closed(self):
        """Waits until the responder has closed."""
        try:
            return self.sock.recv(1) == b""
        except ConnectionResetError:
            return True
