"""Driver restarts: jobs resume, clients and workers reconnect. Also event logs."""

import contextlib
import hashlib
import json
import shutil
import signal
import socket
import struct
import subprocess
import threading
import urllib.request

import pytest

from processes import LIMIT, Process, submit, wait_until
from project import BIN
from web_cluster import WebCluster, events, pipeline


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    folder = tmp_path_factory.mktemp("restart")
    # Large enough to interrupt the job on any machine.
    events(folder, number=3_000_000, users=20_000)
    return folder / "raw"


def digest(root):
    files = sorted(path for name in ["features", "segments"] for path in (root / name).rglob("*.parquet"))
    assert files
    return hashlib.sha256(b"".join(path.name.encode() + path.read_bytes() for path in files)).hexdigest()


@pytest.fixture(scope="module")
def expected(raw, tmp_path_factory):
    root = tmp_path_factory.mktemp("expected")
    (root / "raw").symlink_to(raw)
    submit(pipeline(root))
    return digest(root)


def detail(cluster, job):
    return json.loads(cluster.call(f"/api/v1/jobs/{job}/detail")[2])


@pytest.mark.parametrize("step", [0, 1])
def test_driver_killed_during_a_job(raw, expected, tmp_path, step):
    """SIGKILL during the first step, and after it was committed."""
    (tmp_path / "raw").symlink_to(raw)
    job = pipeline(tmp_path)
    with WebCluster(tmp_path, workers=2, options=["--event-log", tmp_path / "log"]) as cluster:
        assert cluster.submit(job, id="goes-on", force=True)[0] == 201

        def reached():
            if step == 1:
                return cluster.json("/api/v1/jobs/goes-on")[1]["steps"][0]["state"] == "done"
            page = detail(cluster, "goes-on")
            return page["stages"] and 3 <= page["stages"][0]["done"] < page["stages"][0]["tasks"]

        wait_until(reached)
        before = cluster.json("/api/v1/jobs/goes-on")[1]
        cluster.driver.stop(kill=True)
        assert cluster.driver.process.returncode == -9, "the driver was not killed in time"
        cluster.start()
        record = cluster.wait("goes-on", "done")
        if before["state"] != "done":
            assert record["runs"] == 2
            assert [w["name"] for w in cluster.json("/api/v1/cluster")[1]["workers"]], "workers did not rejoin"
        if step == 1:
            assert record["steps"][0] == before["steps"][0], "a committed step ran again"
        assert digest(tmp_path) == expected
        # Submitting the same job again returns the existing one.
        assert cluster.submit(job, id="goes-on", force=True)[0] == 200
        page = detail(cluster, "goes-on")
        assert page["state"] == "done" and page["stages"], "the job page must exist, from the log if necessary"
        assert not [path.name for path in tmp_path.iterdir() if path.name.startswith(".")], "temporary files were left behind"


def test_driver_stopped(raw, expected, tmp_path):
    """SIGTERM also leaves detached jobs to the next driver."""
    (tmp_path / "raw").symlink_to(raw)
    with WebCluster(tmp_path, workers=2) as cluster:
        assert cluster.submit(pipeline(tmp_path), id="handed-over")[0] == 201
        wait_until(lambda: cluster.json("/api/v1/jobs/handed-over")[1]["state"] == "running")
        cluster.driver.stop()
        assert cluster.driver.process.returncode == 0
        cluster.start()
        cluster.wait("handed-over", "done")
        assert digest(tmp_path) == expected


def test_two_drivers_cannot_share_a_state_folder(tmp_path):
    with WebCluster(tmp_path, workers=0):
        run = subprocess.run(
            [BIN / "swift-driver", "--listen", "127.0.0.1:0", "--state", tmp_path / "state"], capture_output=True, text=True, timeout=LIMIT)
        assert run.returncode == 1 and "another driver" in run.stderr


class Client:
    """swift-submit, connected to a driver until its job ends."""

    def __init__(self, cluster, root, *options, address=None):
        job = root / "job.json"
        job.write_text(json.dumps(pipeline(root)))
        self.process = subprocess.Popen(
            [BIN / "swift-submit", "--json", "--master", f"swiftlet://{address or cluster.address}", *map(str, options), job],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        wait_until(lambda: cluster.json("/api/v1/jobs?state=running")[1]["jobs"])
        (listed,) = cluster.json("/api/v1/jobs")[1]["jobs"]
        self.job = listed["id"]

    def end(self, code):
        """Waits for the exit. Returns stderr and the parsed JSON."""
        output, errors = self.process.communicate(timeout=LIMIT)
        assert self.process.returncode == code, errors
        return errors, json.loads(output)


def in_features(cluster, job):
    stages = detail(cluster, job)["stages"]
    return stages and 3 <= stages[0]["done"] < stages[0]["tasks"]


@pytest.mark.parametrize("kill", [True, False], ids=["SIGKILL", "SIGTERM"])
def test_client_follows_its_job_to_the_next_driver(raw, expected, tmp_path, kill):
    (tmp_path / "raw").symlink_to(raw)
    with WebCluster(tmp_path, workers=2) as cluster:
        client = Client(cluster, tmp_path)
        wait_until(lambda: in_features(cluster, client.job))
        cluster.driver.stop(kill=kill)
        assert cluster.driver.process.returncode == (-9 if kill else 0), "the driver was not killed in time"
        cluster.start()
        errors, summary = client.end(0)
        assert errors.count("the driver was lost") == 1 and errors.count("the driver is back") == 1, errors
        assert summary["status"] == "done" and summary["id"] == client.job
        assert [step["type"] for step in summary["steps"]] == ["features", "segment"] and errors.count("[1/2]") == 1
        assert cluster.json(f"/api/v1/jobs/{client.job}")[1]["runs"] == 2
        assert digest(tmp_path) == expected


def test_job_ends_while_its_client_is_stopped(raw, expected, tmp_path):
    """The client is stopped while its driver is killed, and continues after the next driver finished the job."""
    (tmp_path / "raw").symlink_to(raw)
    with WebCluster(tmp_path, workers=2) as cluster:
        client = Client(cluster, tmp_path)
        wait_until(lambda: in_features(cluster, client.job))
        client.process.send_signal(signal.SIGSTOP)
        cluster.driver.stop(kill=True)
        cluster.start()
        cluster.wait(client.job, "done")
        client.process.send_signal(signal.SIGCONT)
        errors, summary = client.end(0)
        assert "the driver is back" in errors and len(summary["steps"]) == 2
        assert digest(tmp_path) == expected


class Relay:
    """Forwards a client's connection to a driver until it is cut. A new connection gets a new path."""

    def __init__(self, target):
        host, port = target.rsplit(":", 1)
        self.target = (host, int(port))
        self.ways = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.create_connection(self.target)
            self.ways.append((client, server))
            for one, other in [(client, server), (server, client)]:
                threading.Thread(target=self.pump, args=(one, other), daemon=True).start()

    @staticmethod
    def pump(source, sink):
        try:
            while data := source.recv(1 << 16):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def cut(self):
        for way in self.ways:
            for end in way:
                # Reset both sides at once, with data in flight.
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                with contextlib.suppress(OSError):  # The other side may already be closed.
                    end.shutdown(socket.SHUT_RDWR)
                end.close()


def test_client_reconnects(raw, expected, tmp_path):
    """The driver keeps running, and so does the job. It does not start again."""
    (tmp_path / "raw").symlink_to(raw)
    with WebCluster(tmp_path, workers=2) as cluster:
        relay = Relay(cluster.address)
        client = Client(cluster, tmp_path, address=relay.address)
        wait_until(lambda: in_features(cluster, client.job))
        relay.cut()
        errors, summary = client.end(0)
        assert len(relay.ways) == 2, "the client did not reconnect"
        assert errors.count("the driver was lost") == 1 and errors.count("the driver is back") == 1, errors
        assert len(summary["steps"]) == 2 and cluster.json(f"/api/v1/jobs/{client.job}")[1]["runs"] == 1
        assert digest(tmp_path) == expected
        relay.listener.close()


def test_driver_does_not_come_back(raw, tmp_path):
    """The client exits with advice. The next driver does not run the job."""
    (tmp_path / "raw").symlink_to(raw)
    with WebCluster(tmp_path, workers=0, options=["--rejoin", 2]) as cluster:
        client = Client(cluster, tmp_path, "--rejoin", 1)
        cluster.driver.stop(kill=True)
        errors, summary = client.end(1)
        assert "the driver was lost" in errors and "not back within 1 s" in errors
        assert f"swift-submit status --master swiftlet://{cluster.address} {client.job}" in summary["error"]
        cluster.start()
        record = cluster.wait(client.job, "failed")
        assert record["error"] == "its client was disconnected for 2 s"


def test_client_killed(raw, tmp_path):
    (tmp_path / "raw").symlink_to(raw)
    with WebCluster(tmp_path, workers=0, options=["--rejoin", 1]) as cluster:
        client = Client(cluster, tmp_path)
        client.process.kill()
        record = cluster.wait(client.job, "failed")
        assert "its client was disconnected for 1 s" in record["error"]
        client.process.communicate(timeout=LIMIT)


def test_driver_without_state_folder(raw, tmp_path):
    (tmp_path / "raw").symlink_to(raw)
    with WebCluster(tmp_path, workers=0, state=False) as cluster:
        client = Client(cluster, tmp_path)
        cluster.driver.stop(kill=True)
        errors, _ = client.end(1)
        assert f"with job {client.job}, as it runs without --state; submit the job again" in errors
        assert "reconnecting" not in errors


def test_driver_lost_its_state(raw, tmp_path):
    (tmp_path / "raw").symlink_to(raw)
    with WebCluster(tmp_path, workers=0) as cluster:
        client = Client(cluster, tmp_path)
        cluster.driver.stop(kill=True)
        shutil.rmtree(tmp_path / "state")
        cluster.start()
        errors, _ = client.end(1)
        assert f"the driver is back, but it has no job {client.job}: the job is lost; submit it again" in errors


def test_ctrl_c_while_the_driver_is_gone(raw, tmp_path):
    (tmp_path / "raw").symlink_to(raw)
    with WebCluster(tmp_path, workers=0, options=["--rejoin", 1]) as cluster:
        client = Client(cluster, tmp_path)
        cluster.driver.stop(kill=True)
        assert "reconnecting for 60 s" in client.process.stderr.readline()
        client.process.send_signal(signal.SIGINT)
        client.end(130)
        cluster.start()
        assert "its client was disconnected for 1 s" in cluster.wait(client.job, "failed")["error"]


def test_history(raw, tmp_path):
    """A history server shows the log of a finished job written by swift-submit."""
    (tmp_path / "raw").symlink_to(raw)
    summary = submit(pipeline(tmp_path), "--event-log", tmp_path / "log")
    (log,) = (tmp_path / "log").iterdir()
    assert log.name == summary["id"] + ".jsonl"
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert lines[0]["format"] == "swiftlet.events" and lines[0]["version"] == 1
    succeeded = sum(line["event"] == "attempt" and line["outcome"] == "success" for line in lines)
    with Process("swift-driver", "--history", tmp_path / "log", "--http", "127.0.0.1:0", until="page at") as history:
        url = history.wait_for("page at").split("page at ")[1].rstrip("/")

        def get(path):
            with urllib.request.urlopen(url + path, timeout=30) as answer:
                return json.loads(answer.read())

        (listed,) = get("/api/v1/jobs")["jobs"]
        assert listed["id"] == summary["id"] and listed["state"] == "done"
        page = get(f"/api/v1/jobs/{summary['id']}/detail")
        assert sum(stage["done"] for stage in page["stages"]) == succeeded
        assert page["stages"][0]["rowsRead"] == 3_000_000 and page["stages"][0]["times"]
        request = urllib.request.Request(url + "/api/v1/jobs", data=b"{}", method="POST")
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=30)
        assert refused.value.code == 403
