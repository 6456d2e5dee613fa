# SPDX-License-Identifier: MIT
"""Signature V2 of our own: what a request of `wire` needs to be signed by it, in the header or in the query."""
import base64
import email.utils
import hashlib
import hmac
import urllib.parse

SIGNED = {"acl", "cors", "delete", "lifecycle", "location", "logging", "notification", "partNumber", "policy", "tagging",
          "requestPayment", "torrent", "uploadId", "uploads", "versionId", "versioning", "versions", "website"}


def resource(target, host_bucket):
    """Path as it is sent, then the signed part of the query, decoded."""
    path, _, query = target.partition("?")
    signed = []
    for part in filter(None, query.split("&")):
        name, is_pair, value = part.partition("=")
        if name in SIGNED or name.startswith("response-"):
            signed.append((name, name + is_pair + urllib.parse.unquote(value)))
    text = "&".join(part for _, part in sorted(signed, key=lambda pair: pair[0]))
    return (f"/{host_bucket}" if host_bucket else "") + path + ("?" + text if text else "")


def string_to_sign(method, target, headers, line, host_bucket):
    found = {}
    for name, value in headers:
        found.setdefault(name.lower(), []).append(value.strip())
    amz = [f"{name}:{','.join(values)}\n" for name, values in sorted(found.items()) if name.startswith("x-amz-")]
    first = [found.get(name, [""])[0] for name in ("content-md5", "content-type")]
    return "\n".join([method, *first, line, "".join(amz) + resource(target, host_bucket)])


def sign(secret, text):
    return base64.b64encode(hmac.new(secret.encode(), text.encode("utf-8", "surrogateescape"), hashlib.sha1).digest()).decode()


def in_header(request, at):
    """The headers that `request` (wire.Signed) lacks; at: a datetime, or the text of the date."""
    how, date = request.how, at if isinstance(at, str) else email.utils.format_datetime(at)
    extra = {"http": [("Date", date)], "amz": [("x-amz-date", date)], False: []}[how.date]
    text = string_to_sign(how.signed_method or request.method, how.signed_path or request.target, request.headers + extra,
                          date if how.date == "http" else "", how.host_bucket)
    value = f"AWS {how.access_key or request.wire.access_key}:{sign(how.secret or request.wire.secret_key, text)}"
    return [*extra, ("Authorization", how.mangle(value) if how.mangle else value)]


def in_query(request, at):
    """The target of `request`, signed to hold for how.expires seconds from `at`, or until how.expires if that is text."""
    how = request.how
    expires = how.expires if isinstance(how.expires, str) else str(int(at.timestamp()) + how.expires)
    text = string_to_sign(how.signed_method or request.method, how.signed_path or request.target, request.headers, expires,
                          how.host_bucket)
    query = [("AWSAccessKeyId", how.access_key or request.wire.access_key), ("Expires", expires),
             ("Signature", sign(how.secret or request.wire.secret_key, text))]
    target = request.target + ("&" if "?" in request.target else "?") + urllib.parse.urlencode(query)
    return how.mangle(target) if how.mangle else target
