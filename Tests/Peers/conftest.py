import pytest

import s3_servers


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
