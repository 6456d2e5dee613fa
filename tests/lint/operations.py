#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Which S3 operations the integration tests use, and how: operations.py SOURCE adds that to the page on standard input.

A test calls an operation by boto3's name for it, or sends a request, written as "METHOD", "/bucket/key?query", that the
tables of lib/s3 route to it.
"""

import re
import sys
from pathlib import Path

TABLES = ("lib/s3/operations.def", "lib/s3/unset.def")
OPERATION = re.compile(r'^(?:OP|UNSET)\(\w+, "(\w+)", (?:"(\w+)", )?(SERVICE|BUCKET|OBJECT), "([^"]*)", (?:"([^"]*)", )?', re.M)
REQUEST = re.compile(r'"(GET|PUT|HEAD|POST|DELETE|OPTIONS)",\s*f?"(/[^"]*)"(.*)')
RAW, SDK = "raw requests", "boto3"


class Operation:
    def __init__(self, path, line, match):
        self.path, self.line = path, line
        self.name, method, self.target, query, header = match.groups()
        self.method, self.header = method or "GET", header or ""
        self.selectors = [s for s in query.split("&") if s]
        self.call = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", self.name).lower()  # of boto3

    def rank(self, method, target, params, rest):
        """How many selectors a request meets, or -1; rest is what follows it on its line."""
        names = {p.split("=")[0] for p in params}
        if (method, target) != (self.method, self.target) or self.header not in rest:
            return -1
        if not all(s in (params if "=" in s else names) for s in self.selectors):
            return -1
        return len(self.selectors) + bool(self.header)


def table(texts):
    for path in TABLES:
        text = texts.get(path, "")
        for match in OPERATION.finditer(text):
            yield Operation(path, text.count("\n", 0, match.start()) + 1, match)


def target_of(path):
    bucket, _, key = path.strip("/").partition("/")
    return "OBJECT" if key else "BUCKET" if bucket else "SERVICE"


def sent(operations, text):
    """Names of the operations that the requests of a test go to."""
    for method, target, rest in REQUEST.findall(text):
        path, _, query = target.partition("?")
        asked = (method, target_of(path), query.split("&"), rest)
        best = max(operations, key=lambda op: op.rank(*asked), default=None)
        if best and best.rank(*asked) >= 0:
            yield best.name


def tested(texts):
    """{operation: how integration tests use it}, of RAW and SDK."""
    operations = list(table(texts))
    ways = {op: set() for op in operations}
    for path, text in texts.items():
        if not re.fullmatch(r"tests/integration/\w+\.py", path):
            continue
        names = set(sent(operations, text))
        for op in operations:
            ways[op] |= ({RAW} if op.name in names else set()) | ({SDK} if re.search(rf"\b{op.call}\b", text) else set())
    return ways


def annotate(page, ways):
    """The page with a column more in its first table."""
    added = {op.name: ", ".join(sorted(how)) for op, how in ways.items()}
    added.update({"Operation": "Tested by", "---": "---"})
    for line in page:
        name = re.match(r"\|[ ]?([\w-]+)", line)
        known = name and name[1] in added and line.count("|") - line.count("||") == 5
        yield f"{line.rstrip()} {added[name[1]]} |\n".replace("| --- |", "|---|") if known else line


def main(argv):
    source = Path(argv[1])
    paths = [source / p for p in TABLES] + sorted((source / "tests/integration").glob("*.py"))
    texts = {str(p.relative_to(source)): p.read_text(encoding="utf-8") for p in paths}
    sys.stdout.writelines(annotate(sys.stdin, tested(texts)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
