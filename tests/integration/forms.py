# SPDX-License-Identifier: MIT
"""Forms for PostObject as browsers send them, signed by a few lines of our own, and every way to spoil them."""
import base64
import datetime
import hashlib
import hmac
import json

from wire import mac

BOUNDARY = "----frontier1x"
CONTENT_TYPE = [("Content-Type", "multipart/form-data; boundary=" + BOUNDARY)]


def part(name, value, filename=None, boundary=BOUNDARY):
    value = value if isinstance(value, bytes) else value.encode()
    filename = "" if filename is None else f'; filename="{filename}"'
    return f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{filename}\r\n\r\n'.encode() + value + b"\r\n"


def expiration(seconds=3600):
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def v4_fields(wire, region=None, stamp=None, day=None):
    stamp = stamp or datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    scope = f"{day or stamp[:8]}/{region or wire.region}/s3/aws4_request"
    return {"x-amz-algorithm": "AWS4-HMAC-SHA256", "x-amz-credential": f"{wire.access_key}/{scope}", "x-amz-date": stamp}


def v4_signature(wire, policy, credential):
    key = ("AWS4" + wire.secret_key).encode()
    for text in credential.split("/")[1:]:
        key = mac(key, text)
    return mac(key, policy).hex()


def v2_signature(wire, policy):
    return base64.b64encode(hmac.new(wire.secret_key.encode(), policy.encode(), hashlib.sha1).digest()).decode()


def policy_of(fields, conditions, bucket, until):
    if conditions is None:
        conditions = [{name: value} for name, value in fields if not name.startswith("x-ignore-")]
        conditions.append({"bucket": bucket})
    return {"expiration": until or expiration(), "conditions": conditions}


def signed(wire, fields, version, conditions, more, policy, bucket, until):
    """The fields that sign; `more` are conditions beside those that were given."""
    own = v4_fields(wire) if version == 4 else {}
    if conditions is not None:
        conditions = [*conditions, *[{name: value} for name, value in own.items()], *more]
    text = policy_of([*fields, *own.items()], conditions, bucket, until) if policy is None else policy
    text = text if isinstance(text, str) else base64.b64encode(json.dumps(text).encode()).decode()
    if version == 4:
        own["x-amz-signature"] = v4_signature(wire, text, own["x-amz-credential"])
    else:
        own = {"AWSAccessKeyId": wire.access_key, "signature": v2_signature(wire, text)}
    return [("policy", text), *own.items()]


def form(fields=(("key", "key"),), file=b"0123456789", filename="file.txt", version=4, conditions=None, more=(), policy=None,
         bucket="frm", until=None, change=(), drop=(), behind=b"", end=True, named=None):
    """A body to send: a function of the wire whose key signs it. version 0: unsigned; file None: none; named: of every field."""
    fields = [*fields.items()] if isinstance(fields, dict) else list(fields)

    def body(wire):
        change_by = dict(change)
        pairs = fields + (signed(wire, fields, version, conditions, more, policy, bucket, until) if version else [])
        parts = [part(name, change_by.get(name, value), named) for name, value in pairs if name not in drop]
        if file is not None:
            parts.append(part("file", file, filename))
        return b"".join(parts) + behind + (f"--{BOUNDARY}--\r\n".encode() if end else b"")
    return body
