#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each rule of lint.py catches its violation, and lets pass what is right."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
import lint  # noqa: E402

SPDX = "/* SPDX-License-Identifier: MIT */\n"
LAYERS = "base codec model cfg store meta auth svc http s3 console fcgi tools".split()
ARCHITECTURE = "".join(f"| `{'' if x in ('fcgi', 'tools') else 'lib/'}{x}` | duty |\n" for x in LAYERS)
OP = 'OP(PUT_BUCKET_CORS, "PutBucketCors", "PUT", BUCKET, "cors", "", PUT_BUCKET_CORS, XML, 0, config_put)'
CC = (os.environ.get("CC") or "cc").split()

# rule: (files that break it, files that do not)
CASES = {
    "layers": [
        ({"lib/base/a.c": '#include "codec/uri.h"\n'}, {"lib/codec/a.c": '#include "base/err.h"\n#include "codec/uri.h"\n'}),
        ({"lib/console/a.c": '#include "s3/s3.h"\n'}, {"lib/console/a.c": '#include "http/http.h"\n'}),
        ({"lib/s3/a.c": '#include "console/app.h"\n'}, {"fcgi/a.c": '#include "console/app.h"\n#include "config.h"\n'}),
        ({"tools/a.c": '#include "fcgi/serve.h"\n'}, {"tools/a.c": '/* #include "fcgi/serve.h" */\n'}),
        ({"bench/a.c": '#include "tools/tool.h"\n'}, {"bench/a.c": '#include "auth/sigv4.h"\n'}),
        ({"lib/base/a.h": '#include "err.h"\n'}, {"lib/base/a.h": "#include <err.h>\n"}),
        ({"tests/unit/base/a.c": '#include "codec/uri.h"\n'}, {"tests/unit/codec/a.c": '#include "tests/unit/testing.h"\n'}),
    ],
    "test_links": [
        ({"tests/unit/base/Makefile.inc": "x_LDADD = $(LIBS_CODEC)\n"}, {"tests/unit/base/Makefile.inc": "x_LDADD = $(LIBS_BASE)\n"}),
        (
            {"tests/unit/base/Makefile.inc": "x_LDADD = lib/libcodec.a\n"},
            {"tests/unit/s3/Makefile.inc": "LIBS_S3_TEST = $(LIBS_S3)\nx_LDADD = $(LIBS_S3_TEST)\n"},
        ),
        ({"tests/unit/fcgi/Makefile.inc": "x_LDADD = $(LIBS_S3)\n"}, {"tests/unit/fcgi/Makefile.inc": "x_LDADD = $(LIBS_HTTP)\n"}),
    ],
    "owners": [
        ({"lib/http/a.c": "#include <fcgiapp.h>\n"}, {"fcgi/a.c": "#include <fcgiapp.h>\n"}),
        ({"tools/a.c": "int x = sqlite3_step(s);\n"}, {"lib/meta/a.c": '#include <sqlite3.h>\nchar s[] = "SELECT 1";\n'}),
        ({"lib/svc/a.c": 'char s[] = "DELETE FROM objects";\n'}, {"lib/svc/a.c": 'char s[] = "DELETE";\n'}),
    ],
    "paths": [
        ({"lib/svc/a.c": "int x = open(p, O_RDONLY);\n"}, {"lib/svc/a.c": "int x = s->ops->open(s), y = my_open(s);\n"}),
        ({"lib/s3/a.c": "\tunlink(p);\n"}, {"lib/store/a.c": "\tunlink(p);\n", "lib/s3/a.c": 'char s[] = "open(";\n'}),
    ],
    "banned": [
        ({"lib/base/a.c": "\tstrcpy(a, b);\n"}, {"lib/base/a.c": "\tmy_strcpy(a, b); /* strcpy(a) */\n"}),
        ({"tests/unit/base/a.c": "\tint n = atoi (s);\n"}, {"tests/unit/base/a.c": "\tsnprintf(s, n, f);\n"}),
    ],
    "spdx": [
        ({"lib/base/b.c": "\nint x;\n"}, {"lib/base/b.c": SPDX + "int x;\n"}),
        ({"run": "#!/bin/sh\n"}, {"run": "#!/bin/sh\n# SPDX-License-Identifier: MIT\n", "README.md": "words\n"}),
    ],
    "length": [({"lib/base/a.c": "int x;\n" * 600}, {"lib/base/a.c": "int x;\n" * 599})],
    "registries": [
        ({"htdocs/.npmrc": "https://registry" + ".npmjs.org\n"}, {"htdocs/.npmrc": "audit=false\n"}),
        ({"htdocs/package-lock.json": '{"resolved": "x"}\n'}, {"htdocs/package-lock.json": '{"integrity": "x"}\n'}),
    ],
    "secrets": [
        (
            {"lib/a.c": f"return {call};\n"},
            {"lib/a.c": f"return {good};\n"},
        )
        for call, good in (
            ("span_eq(hex, sig->signature)", "span_eq_secret(hex, sig->signature)"),
            ("memcmp(\n\traw, mac, 16) == 0", "memcmp(raw, md5, 16) == 0"),
            ("strcmp(secret_key, text)", 'strcmp(row->kind, "secret")'),
            ("span_eq_str(text(given), cfg->secret)", 'span_eq_str(text(name), "x") && cfg->secret'),
        )
    ],
    "rows": [
        (
            {"lib/cfg/settings.def": 'CFG_STR(data_dir, "", any, "")\n', "tests/a.py": "# data_directory\n"},
            {"lib/cfg/settings.def": 'CFG_STR(data_dir, "", any, "")\n', "tests/a.py": "run('--data-dir')\n"},
        ),
        (
            {"lib/svc/metrics.def": 'METRIC(DISK, "maxiofs_disk", "gauge", "")\n', "tests/a.py": "maxiofs_disk2\n"},
            {"lib/svc/metrics.def": 'METRIC(DISK, "maxiofs_disk", "gauge", "")\n', "tests/unit/svc/a.c": "METRIC_DISK\n"},
        ),
        (
            {"lib/console/route.def": 'ROUTE("me", "GET", "/api/me", PUBLIC)\n'},
            {"lib/console/route.def": 'ROUTE("me", "GET", "/api/me", PUBLIC)\n', "tests/a.py": "get('/api/me')\n"},
        ),
    ],
    "operations": [
        (
            {"lib/s3/operations.def": f"{OP}\n", "tests/integration/test_a.py": text},
            {"lib/s3/operations.def": f"{OP}\n", "tests/integration/test_a.py": good},
        )
        for text, good in (
            ("put_bucket_corset()\n", "s3.put_bucket_cors()\n"),
            ('Row("PUT", "/b", 200)\n', 'Row("PUT", "/b?cors", 200)\n'),
            ('Row("PUT", "/b/k?cors", 200)\n', 'Row("PUT", f"/{b}?x=1&cors", 200)\n'),
            ('Row("GET", "/b?cors", 200)\n', 'wire.send("PUT", "/b/?cors")\n'),
        )
    ],
}
# rule: (C source per layer that breaks it, the same that does not)
BUILT = {
    "globals": [
        ({"base": "int base_count = 1;"}, {"base": "const int base_count = 1;"}),
        ({"base": "int *base(void) { static int n; return &n; }"}, {"base": "int base(void) { static const int n = 1; return n; }"}),
        ({"base": "const char *base_word = \"x\";"}, {"base": "const char *const base_word = \"x\";"}),
    ],
    "links": [
        (
            {"base": "int codec(void); int base(void) { return codec(); }", "codec": "int codec(void) { return 1; }"},
            {"base": "int base(void) { return 1; }", "codec": "int base(void); int codec(void) { return base(); }"},
        ),
    ],
}


class Rules(unittest.TestCase):
    def setUp(self):
        self.dir = Path(tempfile.mkdtemp(prefix="maxiofs-lint-"))
        self.addCleanup(shutil.rmtree, self.dir)

    def write(self, name, files):
        top = self.dir / name
        for path, text in {"ARCHITECTURE.md": ARCHITECTURE, **files}.items():
            (top / path).parent.mkdir(parents=True, exist_ok=True)
            starts = text.startswith(("#!", "\n", "/* SPDX")) or not path.endswith((".c", ".h", ".def", ".inc", ".py"))
            header = "" if starts else SPDX if path.endswith((".c", ".h", ".def")) else "# SPDX-License-Identifier: MIT\n"
            (top / path).write_text(header + text)
        return top

    def compile(self, name, units):
        top = self.dir / name
        (top / "lib").mkdir(parents=True)
        for layer, code in units.items():
            unit = top / f"{layer}.c"
            unit.write_text(code + "\n")
            subprocess.run([*CC, "-fPIE", "-c", unit, "-o", unit.with_suffix(".o")], check=True)
            subprocess.run(["ar", "rc", top / f"lib/lib{layer}.a", unit.with_suffix(".o")], check=True)
        return top

    def rules_broken(self, *where):
        return {line.rsplit("(", 1)[1].rstrip(")") for line in lint.check(lint.Tree(*where))}

    def test_every_rule_has_a_case(self):
        self.assertEqual({r.__name__.strip("_") for r in lint.RULES}, set(CASES) | set(BUILT))

    def test_sources(self):
        for rule, cases in CASES.items():
            for i, (bad, good) in enumerate(cases):
                with self.subTest(rule=rule, case=i):
                    self.assertEqual(self.rules_broken(self.write(f"{rule}{i}-bad", bad)), {rule})
                    self.assertEqual(self.rules_broken(self.write(f"{rule}{i}-good", good)), set())

    def test_built(self):
        source = self.write("source", {})
        for rule, cases in BUILT.items():
            for i, (bad, good) in enumerate(cases):
                with self.subTest(rule=rule, case=i):
                    self.assertEqual(self.rules_broken(source, self.compile(f"{rule}{i}-bad", bad)), {rule})
                    self.assertEqual(self.rules_broken(source, self.compile(f"{rule}{i}-good", good)), set())


if __name__ == "__main__":
    unittest.main()
