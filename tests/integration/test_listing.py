# SPDX-License-Identifier: MIT
"""Listings against a model of what they must be, by random keys and questions."""
import random

SEED = 20
PIECES = ["a", "b", "/", "--", "é", "\n", "+", "z"]


def word(rng, most):
    return "".join(rng.choice(PIECES) for _ in range(rng.randint(0, most)))


def model(entries, prefix, delimiter, limit):
    """Pages of (keys or versions, groups): entries are (key, value), sorted."""
    pages, page, group = [], ([], []), None
    for key, value in entries:
        if not key.startswith(prefix) or (group and key.startswith(group)):
            continue
        at = key.find(delimiter, len(prefix)) if delimiter else -1
        group = key[:at + len(delimiter)] if at >= 0 else None
        if len(page[0]) + len(page[1]) == limit:
            pages.append(page)
            page = ([], [])
        page[1 if group else 0].append(group or value)
    return [*pages, page]


def asked(pages, *names):
    """The same of the answers of a paginator."""
    return [([tuple(e[n] for n in names) if len(names) > 1 else e[names[0]]
              for kind in ("Contents", "Versions", "DeleteMarkers", "Uploads") for e in p.get(kind, [])],
             [g["Prefix"] for g in p.get("CommonPrefixes", [])]) for p in pages]


def question(rng, keys):
    prefix = rng.choice(["", rng.choice(keys)[:rng.randint(0, 3)], word(rng, 2)])
    return {"Prefix": prefix, "Delimiter": rng.choice(["", "/", "--", word(rng, 2)])}, rng.choice([1, 2, 3, 7, 1000])


def pages_of(s3, operation, bucket, limit, **how):
    return list(s3.get_paginator(operation).paginate(Bucket=bucket, PaginationConfig={"PageSize": limit}, **how))


def by_bytes(keys):
    return sorted(keys, key=lambda k: (k[0] if isinstance(k, tuple) else k).encode())


def test_objects_as_the_model_has_them(server, bucket):
    rng, s3 = random.Random(SEED), server.client()
    keys = by_bytes({word(rng, 6) or "empty" for _ in range(60)})
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    for _ in range(40):
        how, limit = question(rng, keys)
        want = model([(k, k) for k in keys], how["Prefix"], how["Delimiter"], limit)
        for operation in ("list_objects", "list_objects_v2"):
            assert asked(pages_of(s3, operation, bucket, limit, **how), "Key") == want, (operation, how, limit)
        after = word(rng, 4)
        rest = s3.list_objects_v2(Bucket=bucket, StartAfter=after)
        assert [o["Key"] for o in rest.get("Contents", [])] == [k for k in keys if k.encode() > after.encode()], after


def test_versions_as_the_model_has_them(server, bucket):
    rng, s3 = random.Random(SEED), server.client()
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    names, made = [word(rng, 5) or "empty" for _ in range(25)], {}
    for _ in range(80):
        key = rng.choice(names)
        call = s3.delete_object if rng.random() < 0.3 else s3.put_object
        made.setdefault(key, []).insert(0, call(Bucket=bucket, Key=key)["VersionId"])
    entries = by_bytes([(key, (key, version)) for key, versions in made.items() for version in versions])
    for _ in range(30):
        how, limit = question(rng, names)
        want = model(entries, how["Prefix"], how["Delimiter"], limit)
        got = asked(pages_of(s3, "list_object_versions", bucket, limit, **how), "Key", "VersionId")
        # boto3 has versions and delete markers apart.
        assert [(sorted(v), g) for v, g in got] == [(sorted(v), g) for v, g in want], (how, limit)


def test_uploads_as_the_model_has_them(server, bucket):
    rng, s3 = random.Random(SEED), server.client()
    names, made = [word(rng, 5) or "empty" for _ in range(15)], []
    for _ in range(40):
        key = rng.choice(names)
        made.append((key, (key, s3.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"])))
    entries = by_bytes(made)
    for _ in range(30):
        how, limit = question(rng, names)
        want = model(entries, how["Prefix"], how["Delimiter"], limit)
        got = asked(pages_of(s3, "list_multipart_uploads", bucket, limit, **how), "Key", "UploadId")
        assert got == want, (how, limit)


def test_parts_and_buckets_in_pages_join_to_the_whole(server, bucket):
    s3 = server.client()
    where = {"Bucket": bucket, "Key": "parts"}
    where["UploadId"] = s3.create_multipart_upload(**where)["UploadId"]
    numbers = [1, 2, 5, 9999, 10000]
    for number in numbers:
        s3.upload_part(**where, PartNumber=number, Body=b"%d" % number)
    buckets = [f"{bucket}-{i}" for i in range(5)]
    for name in buckets:
        s3.create_bucket(Bucket=name)
    for limit in (1, 2, 3, 5, 1000):
        pages = list(s3.get_paginator("list_parts").paginate(**where, PaginationConfig={"PageSize": limit}))
        assert [p["PartNumber"] for page in pages for p in page["Parts"]] == numbers
        assert [page["IsTruncated"] for page in pages] == [True] * (-(-5 // limit) - 1) + [False]
        pages = list(s3.get_paginator("list_buckets").paginate(Prefix=bucket + "-", PaginationConfig={"PageSize": limit}))
        assert [b["Name"] for page in pages for b in page["Buckets"]] == buckets
        assert len(pages) == -(-5 // limit)
