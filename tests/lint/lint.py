#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The rules of CONTRIBUTING.md that a script can check: lint.py [SOURCE [BUILD]].

A rule is a generator of (path, line, text), one per violation, over the sources or over what was built of
them. test_lint.py holds a violation of each.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

sys.dont_write_bytecode = True
import operations as s3_operations  # noqa: E402

FOLDERS = ("apache", "bench", "docs", "fcgi", "htdocs", "lib", "nginx", "packaging", "tests", "tools", ".ci", ".")
SKIPPED = {"node_modules", "dist", "work", "www", "corpus", "__pycache__", ".deps", ".dirstamp"}
GENERATED = {"htdocs/src/api/schema.d.ts"}
MAX_LINES = 600

# Folders that stand beside each other: they never include each other.
APART = ({"s3", "console"}, {"fcgi", "tools", "bench"})
# Above lib/store, these alone touch files, of their own: the database and its locks, the master key, and
# the data directory itself, whose owner the tools become.
OWN_FILES = {"lib/meta/conn.c", "lib/meta/lease.c", "lib/meta/xlock.c", "lib/auth/sealbox.c", "lib/svc/svc.c"}
# Written once, under pthread_once, and read ever after; or of one thread.
OWN_GLOBALS = {
    "crc.o": {"once", "squares"},
    "crc64.o": {"once", "table", "fold", "use_pclmul"},
    "digest.o": {"once", "mds"},
    "conn.o": {"once"},
    "exchange.o": {"state"},
    "log.o": {"state"},
}

BANNED = r"strcpy|strcat|sprintf|vsprintf|atoi|atol|atoll|strtok|gets|alloca"
PATH_CALLS = (
    r"open|openat|creat|fopen|unlink|unlinkat|remove|rename|renameat|renameat2|link|linkat|symlink|mkdir|mkdirat|rmdir|"
    r"opendir|stat|lstat|fstatat|access|faccessat|chmod|fchmodat|chown|fchownat|lchown|truncate|mkstemp|mkdtemp|realpath"
)
SQL = r'"\s*(SELECT\s|INSERT\s+(OR\s+\w+\s+)?INTO\s|UPDATE\s+\w+\s+SET\s|DELETE\s+FROM\s|CREATE\s+(TABLE|INDEX)\s|PRAGMA\s)'
HOSTS = r"registry\.(npmjs|yarnpkg)|(files\.pythonhosted|pypi|proxy\.golang|deb\.debian)\.org|crates\.io"


class Tree:
    def __init__(self, source, build=None):
        self.source, self.build = Path(source), build and Path(build)
        self.texts = dict(self.read())

    def read(self):
        for folder in FOLDERS:
            top = self.source / folder
            for path in sorted(top.glob("*") if folder == "." else top.rglob("*")):
                name = path.relative_to(self.source)
                if not path.is_file() or SKIPPED & set(name.parts) or path.name.endswith("~"):
                    continue
                try:
                    yield str(name), path.read_text(encoding="utf-8")
                except UnicodeDecodeError:
                    pass  # not a source

    def code(self, *folders):
        """C sources below the folders as (path, text without comments)."""
        for name, text in self.texts.items():
            if name.startswith(tuple(f + "/" for f in folders)) and name.endswith((".c", ".h", ".def")):
                yield name, without_comments(text)

    def layers(self):
        """The folders of ARCHITECTURE.md's list, top first."""
        return re.findall(r"^\| `(?:lib/)?(\w+)` \|", self.texts.get("ARCHITECTURE.md", ""), re.M)

    def below(self, layer):
        """What a folder may include: itself and those above it in the list."""
        order = self.layers() + ["bench"]
        allowed = set(order[: order.index(layer) + 1]) if layer in order else set()
        for apart in APART:
            if layer in apart:
                allowed -= apart - {layer}
        return allowed


TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def without_comments(text):
    return TOKEN.sub(lambda m: "\n" * m[0].count("\n") if m[0].startswith("/") else m[0], text)


def without_strings(text):
    return TOKEN.sub('""', text)


def found(pattern, text):
    """(line, match) of every match."""
    for m in re.finditer(pattern, text, re.M):
        yield text.count("\n", 0, m.start()) + 1, m


def layer_of(name):
    """Of lib/X/..., fcgi/..., and of the tests of X; what all tests share is of base."""
    parts = name.split("/")
    if parts[0] == "lib":
        return parts[1]
    if parts[0] == "tests":
        return parts[2] if len(parts) > 3 else "base"
    return parts[0]


# ---- rules over the sources


def layers(tree):
    """A folder includes only itself and those above it; its tests only what it may include."""
    for name, text in tree.code("lib", "fcgi", "tools", "bench", "tests/unit"):
        allowed = tree.below(layer_of(name)) | ({"tests"} if name.startswith("tests/") else set())
        for line, m in found(r'^\s*#\s*include\s+"([^"]+)"', text):
            if m[1] != "config.h" and m[1].split("/")[0] not in allowed:
                yield name, line, f'includes "{m[1]}"'


def test_links(tree):
    """The tests of a folder link that folder's libraries and no others."""
    for name, text in tree.texts.items():
        if not re.fullmatch(r"tests/unit/\w+/Makefile\.inc", name):
            continue
        layer = layer_of(name)
        own = "LIBS_" + ("http" if layer == "fcgi" else layer).upper()  # what the transport stands on
        made_here = set(re.findall(r"^(\w+) *=", text, re.M))
        for line, m in found(r"\$\((LIBS_\w+)\)|\b(lib/lib\w+\.a)", text):
            if m[2] or (m[1] != own and m[1] not in made_here):
                yield name, line, f"links {m[1] or m[2]}"


def owners(tree):
    """libfcgi belongs to fcgi, SQL to lib/meta."""
    for name, text in tree.code("lib", "fcgi", "tools", "bench"):
        if not name.startswith("fcgi/"):
            for line, m in found(r"#\s*include\s*[<\"]fcgi\w*\.h|\bFCGX_\w+", text):
                yield name, line, f"{m[0]} outside fcgi"
        if not name.startswith("lib/meta/"):
            for line, m in found(r"#\s*include\s*[<\"]sqlite3\w*\.h|\bsqlite3_\w+|" + SQL, text):
                yield name, line, f"{m[0]} outside lib/meta"


def paths(tree):
    """Above lib/store nothing touches a path."""
    order = tree.layers()
    above = [f"lib/{x}" for x in order[order.index("store") + 1 :]] if "store" in order else []
    for name, text in tree.code(*above):
        if name not in OWN_FILES:
            for line, m in found(rf"(?<![\w>.])({PATH_CALLS})\s*\(", without_strings(text)):
                yield name, line, f"calls {m[1]}"


def banned(tree):
    for name, text in tree.code("lib", "fcgi", "tools", "bench", "docs", "tests"):
        for line, m in found(rf"(?<![\w>.])({BANNED})\s*\(", without_strings(text)):
            yield name, line, f"calls {m[1]}"


COMPARISON = r"\b(span_eq|span_eq_str|span_eq_ci|bcmp|memcmp|str\w*cmp)\s*\(((?:[^;(){}]|\([^;(){}]*\))*)\)"


def secrets(tree):
    """What proves who asks is compared in constant time, by span_eq_secret()."""
    for name, text in tree.code("lib", "fcgi", "tools"):
        for line, m in found(COMPARISON, without_strings(text)):
            if re.search(r"signature|secret|hmac|\bmac\b", m[2]):
                yield name, line, f"compares a secret by {m[1]}"


SOURCES = (".ac", ".am", ".awk", ".c", ".css", ".def", ".go", ".h", ".html", ".in", ".inc", ".java",
           ".js", ".mjs", ".py", ".rs", ".sh", ".ts", ".tsx", ".yaml")
NOT_OURS = {"config.h", "config.h.in", "Makefile.in", "aclocal.m4", "configure", "config.status", "libtool"}


def sources(tree):
    for name, text in tree.texts.items():
        if name not in NOT_OURS | GENERATED and (name.endswith(SOURCES) or text.startswith("#!")):
            yield name, text


def spdx(tree):
    for name, text in sources(tree):
        if "SPDX-License-Identifier: MIT" not in "\n".join(text.split("\n")[:3]):
            yield name, 1, "no SPDX header"


def length(tree):
    for name, text in sources(tree):
        lines = text.count("\n")
        if lines > MAX_LINES:
            yield name, lines, f"more than {MAX_LINES} lines"


def registries(tree):
    """What is installed comes from where the user's package manager is told to look."""
    for name, text in tree.texts.items():
        for line, m in found(HOSTS, text):
            yield name, line, f"names {m[0]}"
        if name.endswith("package-lock.json"):
            for line, _ in found(r'"resolved"\s*:', text):
                yield name, line, "has an address"


def rows(tree):
    """A test names every setting, metric and console route; operations have a rule of their own."""
    tests = "\n".join(t for n, t in tree.texts.items() if n.startswith("tests/") and not n.startswith("tests/lint/"))
    tables = {
        "lib/cfg/settings.def": r"^CFG_\w+\((\w+),",
        "lib/svc/metrics.def": r'^METRIC\((\w+), "(\w+)"',
        "lib/console/route.def": r'^ROUTE\("[^"]*", "\w+", "([^"]+)"',
    }
    for name, pattern in tables.items():
        for line, m in found(pattern, tree.texts.get(name, "")):
            names = [m[1], m[1].replace("_", "-")] if name.endswith("settings.def") else list(m.groups())
            if not any(re.search(rf"(?<![a-z0-9])(METRIC_)?{re.escape(x)}(?![a-z0-9])", tests) for x in names):
                yield name, line, f"no test names {m[1]}"


def operations(tree):
    """An integration test uses every S3 operation."""
    for op, ways in s3_operations.tested(tree.texts).items():
        if not ways:
            yield op.path, op.line, f"no integration test uses {op.name}"


# ---- rules over what was built


def archives(tree):
    """(layer, path) of every archive of lib/."""
    for path in sorted(tree.build.glob("lib/lib*.a")) if tree.build else []:
        yield path.stem[3:], path


def symbols(path):
    return subprocess.run(["nm", str(path)], capture_output=True, text=True, check=True).stdout


def variables(path):
    """(object file, section, name) of every variable."""
    out = subprocess.run(["objdump", "-t", str(path)], capture_output=True, text=True, check=True).stdout
    member = path.name
    for line in out.splitlines():
        if m := re.match(r"(\S+):\s+file format", line):
            member = m[1].split("/")[-1]
        elif m := re.search(r" O (\S+)\t\w+ +(?:\.hidden )?([\w.]+)$", line):
            yield member, m[1], re.sub(r"\.\d+$", "", m[2])


def globals_(tree):
    """Nothing outside the mains and the log can change but what is passed; the linker's tables know."""
    paths = [path for _, path in archives(tree)]
    if tree.build:
        paths += [*tree.build.glob("fcgi/libtransport.a"), *sorted(tree.build.glob("tools/*.o"))]
    for path in paths:
        if re.search(r"__(asan|tsan|ubsan|sanitizer|gcov|llvm)_", symbols(path)):
            continue  # instrumented: its counters can change
        for member, section, name in variables(path):
            fixed = section.startswith((".rodata", ".data.rel.ro")) or name in OWN_GLOBALS.get(member, ())
            if not fixed and re.match(r"\.t?data|\.t?bss|\*COM\*", section):
                yield f"{path.relative_to(tree.build)}({member})", 0, f"{name} can change"


def links(tree):
    """An archive needs only those that it may include."""
    made, needed = {}, {}
    for layer, path in archives(tree):
        out = symbols(path)
        made.update({s: layer for s in re.findall(r" [TDBRCVW] (\w+)$", out, re.M)})
        needed[layer] = set(re.findall(r" U (\w+)$", out, re.M))
    for layer, wanted in needed.items():
        for symbol in sorted(wanted):
            if symbol in made and made[symbol] not in tree.below(layer):
                yield f"lib/lib{layer}.a", 0, f"needs {symbol} of lib/{made[symbol]}"


RULES = (layers, test_links, owners, paths, banned, secrets, spdx, length, registries, rows, operations, globals_, links)


def check(tree):
    for rule in RULES:
        for path, line, text in rule(tree):
            yield f"{path}:{line}: {text} ({rule.__name__.strip('_')})"


def main(argv):
    tree = Tree(*(argv[1:3] or (os.environ.get("srcdir", "."), ".")))
    if not tree.layers():
        sys.exit("lint.py: ARCHITECTURE.md has no list of layers")
    bad = list(check(tree))
    print("\n".join(bad) if bad else f"{len(tree.texts)} files, {len(RULES)} rules")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
