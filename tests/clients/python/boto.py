#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""boto3; ../README.md has the verbs. `boto.py VERSION` presigns with that signature version."""
import os
import sys

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config

ENV = os.environ
BUCKET = ENV["S3_BUCKET"]
PARTS = TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20)
VALID_S = 600


def client(**config):
    return boto3.client(
        "s3", endpoint_url=ENV["S3_ENDPOINT"], region_name=ENV["S3_REGION"], aws_access_key_id=ENV["S3_ACCESS_KEY"],
        aws_secret_access_key=ENV["S3_SECRET_KEY"],
        config=Config(s3={"addressing_style": ENV["S3_STYLE"]}, retries={"max_attempts": 0}, **config))


S3 = client()
SIGNER = client(signature_version=sys.argv[1])


def save(file, body):
    with open(file, "wb") as f:
        for block in body.iter_chunks():
            f.write(block)


def put(key, file):
    with open(file, "rb") as f:
        S3.put_object(Bucket=BUCKET, Key=key, Body=f)


def upload(key, file):
    S3.upload_file(file, BUCKET, key, Config=PARTS)


def get(key, file):
    save(file, S3.get_object(Bucket=BUCKET, Key=key)["Body"])


def get_range(key, file, first, last):
    save(file, S3.get_object(Bucket=BUCKET, Key=key, Range=f"bytes={first}-{last}")["Body"])


def list_keys(prefix):
    pages = S3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix, PaginationConfig={"PageSize": 2})
    return [entry["Key"] for page in pages for entry in page.get("Contents", ())]


def copy(source, target):
    S3.copy_object(Bucket=BUCKET, Key=target, CopySource={"Bucket": BUCKET, "Key": source})


def presign(operation):
    return lambda key: [SIGNER.generate_presigned_url(operation, {"Bucket": BUCKET, "Key": key}, VALID_S)]


def delete(*keys):
    if len(keys) == 1:
        S3.delete_object(Bucket=BUCKET, Key=keys[0])
        return
    answer = S3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": key} for key in keys]})
    if answer.get("Errors"):
        raise RuntimeError(answer["Errors"])


VERBS = {"put": put, "upload": upload, "get": get, "range": get_range, "list": list_keys, "copy": copy,
         "presign-get": presign("get_object"), "presign-put": presign("put_object"), "delete": delete}

for line in sys.stdin:
    verb, *words = line.rstrip("\n").split("\t")
    try:
        print("ok", *(VERBS[verb](*words) or ()), sep="\t", flush=True)
    except Exception as e:
        print("error", " ".join(repr(e).split()), sep="\t", flush=True)
