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


def reflected_table(poly):
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (poly if byte & 1 else 0)
        table.append(byte)
    return table


CRC32C_TABLE, CRC64_TABLE = reflected_table(0x82F63B78), reflected_table(0x9A6C9329AC4BC9B5)


def crc_of(data, table, bits, before=0):
    """before: the CRC of what came before."""
    mask = (1 << bits) - 1
    crc = before ^ mask
    for byte in data:
        crc = crc >> 8 ^ table[(crc ^ byte) & 0xFF]
    return crc ^ mask


def crc32c(data):
    return b64(crc_of(data, CRC32C_TABLE, 32).to_bytes(4, "big"))


def crc64nvme(data):
    return b64(crc_of(data, CRC64_TABLE, 64).to_bytes(8, "big"))


def sha1(data):
    return b64(hashlib.sha1(data).digest())


ALGORITHMS = {"CRC32": crc32, "CRC32C": crc32c, "CRC64NVME": crc64nvme, "SHA1": sha1, "SHA256": sha256}
