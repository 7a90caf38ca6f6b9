"""The S3 object store: list, read in ranges and write, compared with boto3."""

import collections
import concurrent.futures
import hashlib
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import uuid

import pytest

from processes import wait_until
from project import BIN
from s3_faults import FaultProxy
from s3_servers import free_ports

LIMIT = 120
STRANGE = ["a b", "a+b", "a=b", "100%", "a%20b", "ü/ñ🙂", "x&y<z>\"'", "a//b", "dt=2025-04-01/part 0.jsonl", "~!*()'", "#?;:@,$", "a/../b",
           "caf\u00e9", "cafe\u0301", "a\x01b"]


def check(server, command, uri, endpoint=None, input=None, trusted=None, **settings):
    """Runs s3-check without the AWS settings of this process."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
    if trusted:
        environment["AWS_CA_BUNDLE"] = str(trusted)
    given = {**server.settings(endpoint), **settings}
    return subprocess.run(
        [BIN / "s3-check", command, uri, *(f"{k}={v}" for k, v in given.items() if v is not None)], input=input,
        capture_output=True, timeout=LIMIT, env={**environment, "AWS_EC2_METADATA_DISABLED": "true"})


def text(done):
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


@pytest.fixture
def bucket(server):
    name = f"b-{uuid.uuid4().hex[:12]}"
    server.client().create_bucket(Bucket=name)
    return name


def put_all(server, bucket, objects):
    client = server.client()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda item: client.put_object(Bucket=bucket, Key=item[0], Body=item[1]), objects.items()))


def test_unusual_keys(server, bucket):
    # SeaweedFS stores objects as files in folders, so it has no empty names and no `..`.
    names = [n for n in STRANGE if "//" not in n and ".." not in n] if type(server).__name__ == "SeaweedFS" else STRANGE
    put_all(server, bucket, {f"in/{name}": name.encode() for name in names})
    listed = text(check(server, "list", f"s3://{bucket}/in/")).splitlines()
    # Names that start with a dot are hidden in listings, but can be read by name.
    expected = sorted((name for name in names if ".." not in name), key=str.encode)
    assert listed == [f"{len(name.encode())}\ts3://{bucket}/in/{name}" for name in expected]
    for name in names:
        assert text(check(server, "cat", f"s3://{bucket}/in/{name}")) == name
        text(check(server, "put", f"s3://{bucket}/out/{name}", input=name.encode() * 2))
    client = server.client()
    for name in names:
        assert client.get_object(Bucket=bucket, Key=f"out/{name}")["Body"].read() == name.encode() * 2


def test_stores_do_the_same(server, bucket, tmp_path):
    local = subprocess.run([BIN / "s3-check", "conform", tmp_path / "root"], capture_output=True, timeout=LIMIT)
    expected = text(local).splitlines()
    assert expected == [
        "absent: done", "absent again: refused", "unchanged: done", "changed: refused", "content: 33",
        "scan: _side cafe\u0301 caf\u00e9 d/_hidden d/b.bz2 one", "list: cafe\u0301 caf\u00e9 d/b.bz2 one", "copy: 33", "left: 0"]
    found = text(check(server, "conform", f"s3://{bucket}/root")).splitlines()
    if type(server).__name__ == "OpenStackSwift":
        expected[:4] = ["absent: unsupported", "absent again: unsupported", "unchanged: unsupported", "changed: unsupported"]
    assert found == expected


def test_listing_with_several_pages(server, bucket):
    # SeaweedFS lists 1000 per page, OpenStack Swift is set to 100.
    count = 1_105 if type(server).__name__ == "SeaweedFS" else 215
    put_all(server, bucket, {f"p/{i % 7}/{i:05}": b"x" * (i % 3) for i in range(count)})
    put_all(server, bucket, {"p/_hidden": b"1", "p/a/.hidden": b"1", "p/_x/y": b"1", "p/folder/": b"", "pq": b"1", "o": b"1"})
    with FaultProxy(server.endpoint) as proxy:
        listed = text(check(server, "list", f"s3://{bucket}/p", endpoint=proxy.endpoint)).splitlines()
        # The missing manifest, and the pages.
        assert proxy.requests["GET"] == 1 + (2 if count > 1000 else 3)
    expected = sorted((f"p/{i % 7}/{i:05}", i % 3) for i in range(count))
    assert listed == [f"{size}\ts3://{bucket}/{key}" for key, size in expected]


def test_object_by_name(server, bucket):
    put_all(server, bucket, {"x": b"abc", "x-y": b"1"})
    assert text(check(server, "list", f"s3://{bucket}/x")) == f"3\ts3://{bucket}/x\n"


@pytest.mark.parametrize("size", [0, 1, (8 << 20) - 1, (8 << 20) + 1, 30_000_001])
def test_sizes(server, bucket, size):
    data = random.Random(size).randbytes(size)
    text(check(server, "put", f"s3://{bucket}/x", input=data, **{"s3.partBytes": 5 << 20}))
    assert server.client().get_object(Bucket=bucket, Key="x")["Body"].read() == data
    done = check(server, "cat", f"s3://{bucket}/x")
    assert done.returncode == 0 and done.stdout == data
    assert not server.client().list_multipart_uploads(Bucket=bucket).get("Uploads")


def test_memory_is_bounded(seaweed):
    """Writes and reads 300 MB. scripts/s3-soak does it with gigabytes."""
    seaweed.client().create_bucket(Bucket="memory")
    data = random.Random(1).randbytes(50_000_000) * 6
    done = check(seaweed, "put", "s3://memory/x", input=data)
    assert done.returncode == 0, done.stderr.decode()
    back = check(seaweed, "cat", "s3://memory/x")
    assert back.returncode == 0, back.stderr.decode()
    assert hashlib.sha256(back.stdout).digest() == hashlib.sha256(data).digest()
    for run in [done, back]:
        told = json.loads(run.stderr)
        assert told["bytes"] == len(data)
        assert told["peakKiB"] < 100 << 10


FAULTS = {"503": 3, "429": 2, "500": 2, "reset": 3, "lost-answer": 3, "duplicate": 3}


def test_faults(server, bucket):
    data = random.Random(2).randbytes(24_000_000)
    with FaultProxy(server.endpoint, FAULTS, every=2) as proxy:
        for turn in range(5):
            done = check(server, "put", f"s3://{bucket}/{turn}", input=data, endpoint=proxy.endpoint, **{"s3.partBytes": 5 << 20})
            assert done.returncode == 0, done.stderr.decode()
        assert dict(proxy.fired) == FAULTS
    for turn in range(4):
        assert server.client().get_object(Bucket=bucket, Key=f"{turn}")["Body"].read() == data
    faults = {**FAULTS, "truncated": 3, "short": 3, "slow": 2}
    with FaultProxy(server.endpoint, faults, every=2) as proxy:
        for turn in range(8):
            done = check(server, "cat", f"s3://{bucket}/{turn % 4}", endpoint=proxy.endpoint)
            assert done.returncode == 0, done.stderr.decode()
            assert done.stdout == data
        assert dict(proxy.fired) == faults


def test_time_limit(seaweed):
    with FaultProxy(seaweed.endpoint, {"503": 1000}, every=1) as proxy:
        done = check(seaweed, "list", "s3://any/", endpoint=proxy.endpoint, **{"s3.retrySeconds": 2})
        assert done.returncode == 1
        assert b"HTTP 503, SlowDown: Please reduce your request rate., after " in done.stderr
        assert 3 <= proxy.fired["503"] <= 60


def test_changed_object_is_detected(server, bucket):
    client = server.client()
    client.put_object(Bucket=bucket, Key="x", Body=b"a" * 40_000_000)
    gets = []

    def hook(method, path):
        if method == "GET":
            gets.append(path)
            if len(gets) == 3:
                client.put_object(Bucket=bucket, Key="x", Body=b"b" * 40_000_000)

    with FaultProxy(server.endpoint, hook=hook) as proxy:
        done = check(server, "cat", f"s3://{bucket}/x", endpoint=proxy.endpoint)
    assert done.returncode == 1
    assert b"has changed since it was listed; run the job again" in done.stderr
    assert b"b" not in done.stdout


def test_error_messages(server, bucket):
    def error_of(uri, **settings):
        done = check(server, "list", uri, **settings)
        assert done.returncode == 1
        assert server.secret.encode() not in done.stderr
        return done.stderr.decode()

    assert "access denied" in error_of(f"s3://{bucket}/x", **{"s3.secretAccessKey": "wrong"})
    assert "(from the settings s3.accessKeyId" in error_of(f"s3://{bucket}/x", **{"s3.secretAccessKey": "wrong"})
    assert "there is no such bucket" in error_of("s3://no-such-bucket-here/x")
    assert "there are no objects under this prefix" in error_of(f"s3://{bucket}/none/")
    none = error_of(f"s3://{bucket}/x", **{"s3.accessKeyId": None, "s3.secretAccessKey": None})
    assert "none found; tried" in none and "AWS_ACCESS_KEY_ID" in none
    refused = error_of(f"s3://{bucket}/x", endpoint="http://127.0.0.1:1", **{"s3.retrySeconds": 0})
    assert "127.0.0.1:1" in refused and "onnect" in refused


def test_wrong_region(openstack):
    done = check(openstack, "list", "s3://any/x", **{"s3.region": "eu-west-1"})
    assert done.returncode == 1
    assert b"the bucket is in region us-east-1, the request was for eu-west-1; set s3.region" in done.stderr


def test_tls_and_http_2(seaweed, tmp_path):
    """Through a proxy that records the HTTP version."""
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    assert shutil.which("nghttpx"), "nghttp2-proxy is missing: run scripts/setup --peers"
    seaweed.client().create_bucket(Bucket="tls")
    key, certificate, log = tmp_path / "key", tmp_path / "certificate", tmp_path / "log"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
         "/CN=x", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
        check=True, capture_output=True, timeout=LIMIT)
    [port] = free_ports(1)
    proxy = subprocess.Popen(
        ["nghttpx", "--conf=/dev/null", f"-f127.0.0.1,{port}", f"-b{seaweed.endpoint.removeprefix('http://').replace(':', ',')}",
         f"--accesslog-file={log}", "--workers=1", key, certificate], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True)
    try:
        wait_until(lambda: socket.socket().connect_ex(("127.0.0.1", port)) == 0, "nghttpx")
        data = random.Random(3).randbytes(20_000_000)
        seaweed.client().put_object(Bucket="tls", Key="x", Body=data)
        endpoint = f"https://127.0.0.1:{port}"
        refused = check(seaweed, "cat", "s3://tls/x", endpoint=endpoint, **{"s3.retrySeconds": 10})
        assert refused.returncode == 1 and b"certificate" in refused.stderr
        for version in ["1.1", "2"]:
            before = log.read_text() if log.exists() else ""
            done = check(seaweed, "cat", "s3://tls/x", endpoint=endpoint, trusted=certificate, **{"s3.http": version})
            assert done.returncode == 0, done.stderr.decode()
            assert done.stdout == data
            text(check(seaweed, "put", "s3://tls/y", input=b"abc", endpoint=endpoint, trusted=certificate, **{"s3.http": version}))
            spoken = collections.Counter(line.split()[7].rstrip('"') for line in log.read_text().removeprefix(before).splitlines())
            assert set(spoken) == {f"HTTP/{version}"} and spoken[f"HTTP/{version}"] >= 5
    finally:
        os.killpg(proxy.pid, signal.SIGKILL)
        proxy.wait(10)
