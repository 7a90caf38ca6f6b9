"""For all checks: servers that several of them use, and programs that log as on a terminal, so that what they say can be looked for."""

import os

import pytest

import s3_servers

os.environ["SWIFTLET_LOG_FORMAT"] = "text"


@pytest.fixture(scope="session")
def seaweed(tmp_path_factory):
    server = s3_servers.SeaweedFS(tmp_path_factory.mktemp("seaweed"))
    yield server
    server.close()


@pytest.fixture(scope="session")
def openstack(tmp_path_factory):
    server = s3_servers.OpenStackSwift(tmp_path_factory.mktemp("openstack"))
    yield server
    server.close()


@pytest.fixture(params=["seaweed", "openstack"])
def server(request):
    """Each of the two."""
    return request.getfixturevalue(request.param)
