# SPDX-License-Identifier: MIT
"""Every table of rows of a file rows_*.py: its ROWS in order, after its make_world(wire), if it has one."""
import importlib
import pathlib
import urllib.parse

import pytest

from row import judge
from wire import Wire

TABLES = sorted(path.stem for path in pathlib.Path(__file__).parent.glob("rows_*.py"))
CASES = [(name, row) for name in TABLES for row in importlib.import_module(name).ROWS]


@pytest.fixture(scope="module")
def world(server):
    """The wire to the server, once the world of a table is made."""
    where = urllib.parse.urlsplit(server.s3_url)
    wire = Wire((where.hostname, where.port), server.access_key, server.secret_key)
    made = set()

    def enter(table):
        if table not in made:
            made.add(table)
            getattr(importlib.import_module(table), "make_world", lambda _: None)(wire)
        return wire
    return enter


@pytest.mark.parametrize(("table", "row"), CASES, ids=lambda it: it if isinstance(it, str) else it.name)
def test_row(world, front, table, row):
    judge(world(table), front, row)
