"""For all tests: the modules of support/, servers that several tests share, and programs that log text, so that tests can search it."""

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent / "support"))
os.environ["SWIFTLET_LOG_FORMAT"] = "text"


@pytest.fixture(scope="session")
def seaweed(tmp_path_factory):
    from s3_servers import SeaweedFS

    server = SeaweedFS(tmp_path_factory.mktemp("seaweed"))
    yield server
    server.close()


@pytest.fixture(scope="session")
def openstack(tmp_path_factory):
    from s3_servers import OpenStackSwift

    server = OpenStackSwift(tmp_path_factory.mktemp("openstack"))
    yield server
    server.close()


@pytest.fixture(params=["seaweed", "openstack"])
def server(request):
    """Each S3 server in turn."""
    return request.getfixturevalue(request.param)
