# SPDX-License-Identifier: MIT
import pytest

from harness import Server


def pytest_addoption(parser):
    parser.addoption("--front", choices=("nginx", "apache"), default="nginx")


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.get_closest_marker("last") is not None)


@pytest.fixture(scope="session")
def front(request):
    return request.config.getoption("--front")


@pytest.fixture(scope="session")
def server(front, tmp_path_factory):
    s = Server(tmp_path_factory.mktemp("server"), front, ["--domains", "s3.example.test"])
    s.start()
    yield s
    s.stop()


@pytest.fixture
def own_server(front, tmp_path):
    """A server of this test alone, for those that stop or kill it."""
    s = Server(tmp_path / "server", front)
    s.root.mkdir()
    s.start()
    yield s
    s.stop()


@pytest.fixture
def bucket(server):
    """A fresh bucket of the administrator."""
    import uuid
    name = "t-" + uuid.uuid4().hex[:20]
    server.client().create_bucket(Bucket=name)
    return name


@pytest.fixture(scope="session")
def two_tenants(server, tmp_path_factory):
    """Clients of two tenants, each with a bucket `backups`."""
    clients = {}
    for name in ("acme", "globex"):
        tenant = server.admin("tenant", "create", name)
        server.admin("user", "create", "ann", "--tenant", name)
        key = server.admin("key", "create", "--user", "ann", "--tenant", name)
        client = server.client(key["accessKey"], key["secretKey"])
        client.create_bucket(Bucket="backups")
        client.put_object(Bucket="backups", Key="whose", Body=name.encode())
        clients[name] = (tenant, client, key)
    return clients
