# SPDX-License-Identifier: MIT
"""Multipart uploads over the wire."""


def part(number, etag):
    return f"<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>"


def completion(parts):
    return f"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>".encode()


class Upload:
    """A multipart upload; etags by part number."""

    def __init__(self, wire, target, headers=()):
        self.wire, self.target, self.etags = wire, target, {}
        self.created = wire.send("POST", target + "?uploads", headers)
        self.id = self.created.element("UploadId")

    def part(self, number, body, headers=(), **how):
        r = self.wire.send("PUT", f"{self.target}?partNumber={number}&uploadId={self.id}", headers, body, **how)
        if r.status == 200:
            self.etags[number] = r.header("etag")
        return r

    def complete(self, *numbers, headers=(), body=None):
        if body is None:
            body = completion("".join(part(n, self.etags[n]) for n in numbers))
        return self.wire.send("POST", f"{self.target}?uploadId={self.id}", headers, body)

    def abort(self):
        return self.wire.send("DELETE", f"{self.target}?uploadId={self.id}")

    def parts(self, query=""):
        return self.wire.send("GET", f"{self.target}?uploadId={self.id}{query}")
