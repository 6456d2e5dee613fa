# SPDX-License-Identifier: MIT
"""The clients of tests/clients, each with every verb it has. MAXIOFS_TEST_CLIENTS is where install.sh put them."""
import os
import pathlib
import shutil
import subprocess
import sys
import uuid

import pytest

import sites
from harness import run, tree_digest

DIR = pathlib.Path(os.environ.get("MAXIOFS_TEST_CLIENTS", "/nonexistent"))
SOURCES = pathlib.Path(__file__).parent.parent / "clients"
pytestmark = pytest.mark.skipif(not DIR.is_dir(), reason="the clients are not installed")

VERBS = ("put", "upload", "list", "range", "copy", "presign-get", "presign-put", "delete")
NO_PRESIGNED_PUT = tuple(v for v in VERBS if v != "presign-put")

CLIENTS = {
    "boto3": (VERBS, [sys.executable, "-B", SOURCES / "python/boto.py", "s3v4"]),
    "boto3-debian": (VERBS, ["/usr/bin/python3", "-B", SOURCES / "python/boto.py", "s3"]),
    "aws-cli-1": (NO_PRESIGNED_PUT, [SOURCES / "shell/aws.sh", shutil.which("aws")]),
    "aws-cli-2": (NO_PRESIGNED_PUT, [SOURCES / "shell/aws.sh", DIR / "aws2/aws"]),
    "aws-cli-2-debian": (NO_PRESIGNED_PUT, [SOURCES / "shell/aws.sh", "/usr/bin/aws"]),
    "js-aws": (VERBS, ["node", DIR / "js/main.js", "aws"]),
    "js-minio": (VERBS, ["node", DIR / "js/main.js", "minio"]),
    "go-aws": (VERBS, [DIR / "go-clients", "aws"]),
    "go-minio": (VERBS, [DIR / "go-clients", "minio"]),
    "java-aws": (VERBS, ["java", "-cp", f"{DIR}/java:{DIR}/java/jars/*", "Client"]),
    "rust-object-store": (VERBS, [DIR / "rust/target/debug/clients"]),
    "s3cmd": (tuple(v for v in NO_PRESIGNED_PUT if v != "range"), [SOURCES / "shell/s3cmd.sh"]),
    "rclone": (NO_PRESIGNED_PUT, [SOURCES / "shell/rclone.sh"]),
}
# Over TLS, with the bucket in the name of the host.
TLS_CLIENTS = ("boto3", "boto3-debian", "aws-cli-2", "js-aws", "js-minio", "go-aws", "go-minio", "java-aws", "rust-object-store",
               "s3cmd", "rclone")
CASES = [(name, verb, "plain") for name, (verbs, _) in CLIENTS.items() for verb in verbs]
CASES += [(name, verb, "tls") for name in TLS_CLIENTS for verb in CLIENTS[name][0]]


def installed(name):
    """Its version; skips the test where install.sh could not get it."""
    for line in (DIR / "clients.tsv").read_text().splitlines():
        found, state, text = line.split("\t")
        if found == name:
            if state != "ok":
                pytest.skip(f"NOT RUN: {text}")
            return text
    raise AssertionError(f"install.sh says nothing of {name}")


class Client:
    """A program of tests/clients that runs, with a bucket of its own."""

    style = "path"

    def __init__(self, server, argv, directory):
        self.dir, self.bucket, self.server = directory, "m-" + uuid.uuid4().hex[:20], server
        self.s3 = server.client()
        self.s3.create_bucket(Bucket=self.bucket)
        env = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "S3_"))}
        env.update(HOME=str(directory), LC_ALL="C.UTF-8", S3_ENDPOINT=server.s3_url, S3_REGION="us-east-1",
                   S3_ACCESS_KEY=server.access_key, S3_SECRET_KEY=server.secret_key, S3_BUCKET=self.bucket,
                   S3_STYLE=self.style, AWS_EC2_METADATA_DISABLED="true", **self.trust())
        self.log = open(directory / "log", "ab")
        self.process = subprocess.Popen([str(a) for a in (*self.within(), *argv)], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=self.log, text=True)

    def __call__(self, *words):
        print(*words, sep="\t", file=self.process.stdin, flush=True)
        state, *values = self.process.stdout.readline().rstrip("\n").split("\t")
        assert state == "ok", (words, values, (self.dir / "log").read_text()[-2000:])
        return values

    def trust(self):
        return {}

    def within(self):
        """What starts the program."""
        return []

    def curl(self, url, *args):
        """No client at all: what whoever is given a presigned URL has."""
        return subprocess.run([*self.within(), "curl", "-sS", "--fail-with-body", "--max-time", "60", *args, url], check=True,
                              timeout=90, stdout=subprocess.PIPE, env=os.environ | self.trust()).stdout

    def close(self):
        self.process.stdin.close()
        self.process.wait(30)
        self.log.close()

    # What the server has, by a client that is not tested here.

    def store(self, key, content):
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=content)

    def stored(self, key):
        return self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()

    def keys(self, prefix):
        return [e["Key"] for e in self.s3.list_objects_v2(Bucket=self.bucket, Prefix=prefix).get("Contents", ())]

    def file(self, content=b""):
        path = self.dir / uuid.uuid4().hex
        path.write_bytes(content)
        return path


class TlsClient(Client):
    """Sees a file of hosts of its own, as few clients can be told what address a name has."""

    style = "virtual"

    def trust(self):
        ca, store = str(self.server.ca), self.server.dir / "ca.p12"
        if shutil.which("keytool") and not store.exists():
            run(["keytool", "-importcert", "-noprompt", "-file", ca, "-keystore", store, "-storepass", "changeit"], os.environ)
        return {"SSL_CERT_FILE": ca, "AWS_CA_BUNDLE": ca, "NODE_EXTRA_CA_CERTS": ca, "CURL_CA_BUNDLE": ca,
                "JAVA_TOOL_OPTIONS": f"-Djavax.net.ssl.trustStore={store} -Djavax.net.ssl.trustStorePassword=changeit"}

    def within(self):
        hosts = self.dir / "hosts"
        hosts.write_text(f"127.0.0.1 localhost {sites.DOMAINS[0]} {self.bucket}.{sites.DOMAINS[0]}\n")
        return ["unshare", "-rm", "sh", "-c", 'mount --bind "$0" /etc/hosts && exec "$@"', hosts]


@pytest.fixture(scope="module")
def tls_site(front, tmp_path_factory):
    if subprocess.run(["unshare", "-rm", "true"], stderr=subprocess.DEVNULL).returncode != 0:
        pytest.skip("NOT RUN: no namespace may be made, in which a name has another address")
    site = sites.TlsSite(tmp_path_factory.mktemp("tls") / "server", front)
    with sites.names_are_local():
        yield site
    site.close()


@pytest.fixture(scope="module")
def clients(request, tmp_path_factory):
    started = {}

    def client(name, world):
        installed(name)
        if (name, world) not in started:
            make, server = (TlsClient, "tls_site") if world == "tls" else (Client, "server")
            started[name, world] = make(request.getfixturevalue(server), CLIENTS[name][1], tmp_path_factory.mktemp(name))
        return started[name, world]

    yield client
    for c in started.values():
        c.close()


LARGE = os.urandom(12 << 20)


def fetched(client, key):
    path = client.file()
    client("get", key, path)
    return path.read_bytes()


def check_put(c):
    for key, content in (("put/plain", os.urandom(5000)), ("put/with a+b=ü&ß.txt", b"odd"), ("put/empty", b"")):
        c("put", key, c.file(content))
        assert c.stored(key) == content
    assert fetched(c, "put/with a+b=ü&ß.txt") == b"odd" and fetched(c, "put/empty") == b""


def check_upload(c):
    c("upload", "upload/large", c.file(LARGE))
    assert c.s3.head_object(Bucket=c.bucket, Key="upload/large")["ETag"].endswith('-3"')
    assert c.stored("upload/large") == LARGE and fetched(c, "upload/large") == LARGE


def check_list(c):
    names = [f"list/{n}" for n in ("a", "b c", "d/e", "f+g", "ü")]
    for name in names:
        c.store(name, name.encode())
    c.store("lisu", b"")
    assert c("list", "list/") == names


def check_range(c):
    c.store("range/large", LARGE)
    for first, last in ((0, 0), (5242870, 5242899), (len(LARGE) - 7, len(LARGE) - 1)):
        path = c.file()
        c("range", "range/large", path, first, last)
        assert path.read_bytes() == LARGE[first:last + 1]


ODD = "odd/a+b ü"


def check_copy(c):
    c.store(ODD, LARGE[:70000])
    c("copy", ODD, ODD + " again")
    assert c.stored(ODD + " again") == LARGE[:70000]


def check_presign_get(c):
    c.store(ODD, LARGE[:70000])
    (url,) = c("presign-get", ODD)
    assert c.curl(url) == LARGE[:70000]


def check_presign_put(c):
    (url,) = c("presign-put", "presign/put")
    c.curl(url, "--upload-file", c.file(b"presigned"))
    assert c.stored("presign/put") == b"presigned"


def check_delete(c):
    names = [f"delete/{n}" for n in ("alone", "a", "b c", "ü+")]
    for name in names:
        c.store(name, b"x")
    c("delete", names[0])
    assert c.keys("delete/") == sorted(names[1:])
    c("delete", *names[1:])
    assert c.keys("delete/") == []


@pytest.mark.parametrize("name,verb,world", CASES, ids=["-".join(case) for case in CASES])
def test_client(clients, name, verb, world):
    globals()["check_" + verb.replace("-", "_")](clients(name, world))


# ---- tools that keep a tree, in a form of their own ----


@pytest.fixture
def tree(tmp_path):
    root = tmp_path / "tree"
    (root / "a" / "deep").mkdir(parents=True)
    (root / "empty").write_bytes(b"")
    (root / "odd name+ü&").write_bytes(b"odd")
    (root / "a" / "deep" / "large").write_bytes(LARGE)
    for i in range(20):
        (root / f"file-{i:02}").write_bytes(os.urandom(i * 997))
    return root


def test_restic(server, bucket, tree, tmp_path):
    installed("restic")
    env = server.env(tmp_path / "home") | {"RESTIC_REPOSITORY": f"s3:{server.s3_url}/{bucket}/r", "RESTIC_PASSWORD": "p"}
    run(["restic", "init"], env)
    run(["restic", "backup", tree], env)
    (tree / "file-07").write_bytes(b"changed")
    (tree / "empty").unlink()
    run(["restic", "backup", tree], env)
    run(["restic", "check", "--read-data"], env)
    run(["restic", "restore", "latest", "--target", tmp_path / "back"], env)
    assert tree_digest(tmp_path / "back" / tree.relative_to("/")) == tree_digest(tree)
    run(["restic", "forget", "--keep-last", "1", "--prune"], env)
    run(["restic", "check", "--read-data"], env)


def test_duplicity(server, bucket, tree, tmp_path):
    installed("duplicity")
    env = server.env(tmp_path / "home") | {"PATH": "/usr/bin:/bin"}
    duplicity = ["duplicity", "--no-encryption", "--s3-endpoint-url", server.s3_url, "--s3-region-name", "us-east-1",
                 "--archive-dir", tmp_path / "cache", "--volsize", "6"]
    url = f"boto3+s3://{bucket}/kept"
    run([*duplicity, "full", tree, url], env)
    (tree / "file-07").write_bytes(b"changed")
    run([*duplicity, "incremental", tree, url], env)
    run([*duplicity, "verify", "--compare-data", url, tree], env)
    run([*duplicity, "restore", url, tmp_path / "back"], env)
    assert tree_digest(tmp_path / "back") == tree_digest(tree)


@pytest.fixture
def mounted(server, bucket, tmp_path):
    installed("s3fs")
    point, passwords = tmp_path / "mnt", tmp_path / "passwd"
    point.mkdir()
    passwords.touch(0o600)
    passwords.write_text(f"{server.access_key}:{server.secret_key}")
    run(["s3fs", bucket, point, "-o", f"url={server.s3_url},use_path_request_style,passwd_file={passwords},endpoint=us-east-1,"
         "multipart_size=5,retries=1"], os.environ)
    yield point
    run(["fusermount", "-u", point], os.environ)


def test_s3fs(server, bucket, mounted, tree):
    shutil.copytree(tree, mounted / "tree")
    (mounted / "tree" / "file-07").rename(mounted / "tree" / "renamed")
    (tree / "file-07").rename(tree / "renamed")
    with open(mounted / "tree" / "file-09", "ab") as f:
        f.write(b"appended")
    with open(tree / "file-09", "ab") as f:
        f.write(b"appended")
    (mounted / "tree" / "empty").unlink()
    (tree / "empty").unlink()
    os.chmod(mounted / "tree" / "file-10", 0o600)
    assert tree_digest(mounted / "tree") == tree_digest(tree)
    s3 = server.client()
    stored = {e["Key"].removeprefix("tree/").encode(): s3.get_object(Bucket=bucket, Key=e["Key"])["Body"].read()
              for e in s3.list_objects_v2(Bucket=bucket, Prefix="tree/")["Contents"] if not e["Key"].endswith("/")}
    assert stored == tree_digest(tree)
    shutil.rmtree(mounted / "tree")
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)
