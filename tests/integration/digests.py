# SPDX-License-Identifier: MIT
"""Digests as the headers of S3 carry them."""
import base64
import hashlib
import zlib


def b64(data):
    return base64.b64encode(data).decode()


def md5(data):
    return b64(hashlib.md5(data).digest())


def crc32(data):
    return b64(zlib.crc32(data).to_bytes(4, "big"))


def sha256(data):
    return b64(hashlib.sha256(data).digest())
