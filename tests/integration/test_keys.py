# SPDX-License-Identifier: MIT
"""Keys that the front server lets through all work, next to each other, and list in byte order."""
import http.client
import urllib.parse

import pytest

KEYS = ["a", "a/", "a/b", "a//b", "//", "/", "/lead", "x/../y", "x/./y", "x/..", "..x", "dir/", "dir/.", "dir//",
        "tab\tkey", "bell\x07key", "del\x7fkey", "new\nline", "cr\rkey", "q?uery", "h#ash", "per%cent", "per%25cent", "p+lus",
        "sp ace", "ünï", "日本", "😀", "a%@0123456789abcdef", "a%p/00001", "%-", "%+", "k" * 1024,
        "/".join(["d" * 50] * 20), "c" * 300 + "/" + "e" * 300, "é" * 400, "seg/" * 60 + "leaf",
        "a&b", "a=b", "a;b", "a:b", "a'b", 'a"b', "a<b>", "a\\b", "~", "*", "(", ")", "!", "$", ",", "@", "health", "metrics"]


@pytest.fixture(scope="module")
def filled(server, front):
    s3 = server.client()
    s3.create_bucket(Bucket="keys")
    for key in KEYS:
        s3.put_object(Bucket="keys", Key=key, Body=b"body of " + key.encode())
    return s3


def test_each_key_reads_back(filled):
    for key in KEYS:
        assert filled.get_object(Bucket="keys", Key=key)["Body"].read() == b"body of " + key.encode(), repr(key)
        assert filled.head_object(Bucket="keys", Key=key)["ContentLength"] == 8 + len(key.encode())


def test_listing_is_complete_and_in_byte_order(filled):
    found = []
    for page in filled.get_paginator("list_objects_v2").paginate(Bucket="keys", PaginationConfig={"PageSize": 7}):
        found += [entry["Key"] for entry in page["Contents"]]
    assert [k.encode() for k in found] == sorted(k.encode() for k in KEYS)


def test_delete_of_one_leaves_its_neighbours(filled):
    filled.put_object(Bucket="keys", Key="n", Body=b"1")
    filled.put_object(Bucket="keys", Key="n/", Body=b"2")
    filled.put_object(Bucket="keys", Key="n/m", Body=b"3")
    filled.delete_object(Bucket="keys", Key="n/")
    assert filled.get_object(Bucket="keys", Key="n")["Body"].read() == b"1"
    assert filled.get_object(Bucket="keys", Key="n/m")["Body"].read() == b"3"
    filled.delete_objects(Bucket="keys", Delete={"Objects": [{"Key": "n"}, {"Key": "n/m"}]})


def test_a_key_over_1024_bytes_is_too_long(filled):
    with pytest.raises(filled.exceptions.ClientError) as caught:
        filled.put_object(Bucket="keys", Key="k" * 1025, Body=b"")
    assert caught.value.response["Error"]["Code"] == "KeyTooLongError"


@pytest.mark.parametrize("target", ["/../x", "/%zz", "/a%00b", "/x\x01y"])
def test_what_the_front_server_refuses_is_still_s3_xml(server, target):
    host = urllib.parse.urlsplit(server.s3_url).netloc
    c = http.client.HTTPConnection(host, timeout=10)
    c._validate_path = lambda url: None
    c.putrequest("GET", target, skip_host=False, skip_accept_encoding=True)
    c.endheaders()
    r = c.getresponse()
    body = r.read()
    assert r.status in (400, 403, 404)
    assert b"<Error>" in body and b"<Code>" in body, body[:200]
