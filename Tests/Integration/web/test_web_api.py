"""The HTTP API of a real driver: documents, idempotency, errors, metrics in Prometheus format, events, the command line."""

import errno
import http.client
import json
import re
import socket
import threading
import time

import jsonschema
import pytest
from prometheus_client.parser import text_string_to_metric_families

from processes import LIMIT, run
from project import ROOT
from web_cluster import TOKEN, WebCluster, events, features, pipeline

OPENAPI = json.loads((ROOT / "docs/openapi.json").read_text())


def check(name, document):
    """Validates a document against docs/openapi.json."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": OPENAPI["components"]}
    jsonschema.Draft202012Validator(schema).validate(document)
    return document


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("web")
    events(folder)
    return folder


@pytest.fixture(scope="module")
def cluster(data):
    with WebCluster(data, workers=2, options=["--event-log", data / "log"]) as cluster:
        yield cluster


def test_submit_status_list(cluster, data):
    job = pipeline(data)
    status, accepted = cluster.submit(job, id="nightly-1")
    assert status == 201 and accepted["id"] == "nightly-1" and accepted["state"] in ("queued", "running")
    check("Job", accepted)
    assert cluster.submit(job, id="nightly-1")[0] == 200
    record = check("Job", cluster.wait("nightly-1", "done"))
    assert [step["state"] for step in record["steps"]] == ["done", "done"]
    assert record["steps"][0]["recordsRead"] == 300_000 and sum(record["steps"][1]["sizes"]) == 3000
    status, again = cluster.submit(job, id="nightly-1")
    assert status == 200 and again["state"] == "done" and again["finished"] == record["finished"]
    status, refused = cluster.submit(job, id="nightly-1", force=True)
    assert status == 409 and check("Error", refused)["error"]["code"] == "conflict"
    assert check("Jobs", cluster.json("/api/v1/jobs?state=done")[1])["jobs"][0] == record
    assert cluster.json("/api/v1/jobs?state=failed")[1] == {"jobs": []}
    check("Cluster", cluster.json("/api/v1/cluster")[1])
    lines = check("JobLines", cluster.json("/api/v1/jobs/nightly-1/logs")[1])["lines"]
    assert [line["text"].split(":")[0] for line in lines][0] == "step 1 of 2 begins" and lines[-1]["text"] == "done"


def test_concurrent_submits_create_one_job(cluster, data):
    answers = []
    threads = [
        threading.Thread(target=lambda: answers.append(cluster.submit(features(data), id="raced"))) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LIMIT)
    assert sorted(status for status, _ in answers) == [200] * 11 + [201]
    assert cluster.wait("raced", "done")["runs"] == 1


def test_invalid_jobs_are_located(cluster, data):
    job = features(data, startDate="soon", clusters=3)
    status, answer = cluster.submit(job)
    assert status == 400
    check("Error", answer)
    assert {one["location"] for one in answer["error"]["details"]} == {"job.steps[0].startDate", "job.steps[0].clusters"}
    relative = features("data")
    assert cluster.submit(relative)[0] == 400
    for body in [b"", b"{", b"[]", b"\xff", json.dumps({"job": features(data), "iid": "x"}).encode()]:
        status, answer = cluster.json("/api/v1/jobs", body)
        assert status == 400 and check("Error", answer)["error"]["code"] == "invalid_request", body


def test_changes_need_the_token(cluster, data):
    for token in [None, "", "wrong", TOKEN + "x", TOKEN[:-1]]:
        for path in ["/api/v1/jobs", "/api/v1/jobs/nightly-1/cancel"]:
            status, headers, text = cluster.call(path, {"job": features(data)}, token)
            assert status == 401 and headers["WWW-Authenticate"] == "Bearer"
            assert check("Error", json.loads(text))["error"]["code"] == "unauthorized"
    assert not any(TOKEN in line for line in cluster.driver.lines)


def test_no_changes_without_a_token(data, tmp_path):
    with WebCluster(tmp_path, workers=0, state=False, token=None) as cluster:
        for token in [None, TOKEN]:
            status, _, text = cluster.call("/api/v1/jobs", {"job": features(data)}, token)
            assert status == 403 and json.loads(text)["error"]["code"] == "read_only"
        assert cluster.json("/api/v1/jobs")[1] == {"jobs": []}


def test_public_address_requires_a_token():
    assert "--token-file" in run("swift-driver", "--listen", "127.0.0.1:0", "--http", "0.0.0.0:0", code=2).stderr


def test_cancel(data, tmp_path):
    # Without workers the job runs until it is cancelled.
    with WebCluster(tmp_path, workers=0, state=False) as idle:
        status, record = idle.submit(features(data), id="waits", force=True)
        assert status == 201
        idle.wait("waits", "running")
        status, answer = idle.json("/api/v1/jobs/waits/cancel", method="POST")
        assert status == 202 and check("JobReference", answer)["id"] == "waits"
        assert idle.wait("waits", "cancelled")["finished"]
        assert idle.json("/api/v1/jobs/waits/cancel", method="POST")[1] == {"id": "waits", "state": "cancelled"}
        assert idle.json("/api/v1/jobs/nobody/cancel", method="POST")[0] == 404


def test_failed_job_reports_the_error(cluster, data, tmp_path):
    status, record = cluster.submit(features(tmp_path), id="no-input")
    assert status == 201
    record = cluster.wait("no-input", "failed")
    assert str(tmp_path) in record["error"] and record["steps"][0]["state"] == "failed"


def raw(cluster, text, limit=30):
    """Sends raw bytes. Returns the response until the server closes the connection."""
    host, port = cluster.http.split(":")
    with socket.create_connection((host, int(port)), timeout=limit) as connection:
        connection.sendall(text)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while part := connection.recv(65536):
            answer += part
        return answer


@pytest.mark.parametrize("path", [
    "/../../etc/passwd", "/..%2f..%2fetc%2fpasswd", "/assets/../../etc/passwd", "/assets/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd",
    "/%00", "/api/v1/jobs/..%2f..%2fstate", "/api/v1/jobs/%2e%2e", "/assets/app.js%00.png", "/%ff", "/%zz",
    "/api/v1/jobs/" + "x" * 4000, "http://127.0.0.1/etc/passwd", "*"])
def test_path_tricks(cluster, path):
    answer = raw(cluster, f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    assert re.match(rb"HTTP/1\.1 4\d\d", answer), answer[:200]
    assert b"root:" not in answer


def test_malformed_requests(cluster):
    for text in [b"\x00\x01\x02\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\x16\x03\x01\x02\x00\x01", b"G" * 200_000,
                 b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 20_000 + b"\r\n",
                 b"POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n",
                 b"POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"]:
        try:
            answer = raw(cluster, text)
        # Reset by the server, or closed before we closed our side.
        except OSError as error:
            assert error.errno in (errno.ECONNRESET, errno.EPIPE, errno.ENOTCONN), text[:80]
            answer = b""
        assert not answer.startswith(b"HTTP/1.1 2"), text[:80]
    assert cluster.call("/healthz")[0] == 200


def test_other_host_names_are_refused(cluster):
    assert cluster.call("/api/v1/jobs", headers={"Host": "evil.example"})[0] == 421
    assert cluster.call("/api/v1/jobs", headers={"Host": "localhost:9"})[0] == 200


def test_oversized_bodies(cluster):
    assert cluster.call("/api/v1/jobs", b" " * ((1 << 20) + 1), TOKEN)[0] == 413
    host, port = cluster.http.split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=30)
    connection.request("POST", "/api/v1/jobs", body=(b" " * 65536 for _ in range(32)), headers={"Authorization": f"Bearer {TOKEN}"}, encode_chunked=True)
    assert connection.getresponse().status == 413
    connection.close()
    # Refused before the body is sent.
    answer = raw(cluster, b"POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413"), answer[:100]


def test_slow_clients_are_dropped(cluster):
    """Forty clients that send slowly and forty that never read do not disturb others, and are dropped in time."""
    host, port = cluster.http.split(":")
    slow = [socket.create_connection((host, int(port))) for _ in range(40)]
    start = time.monotonic()
    for connection in slow:
        connection.sendall(b"POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n")
    assert cluster.call("/healthz")[0] == 200
    open_ones = set(slow)
    while open_ones:
        assert time.monotonic() - start < 40, f"{len(open_ones)} are still connected"
        for connection in list(open_ones):
            try:
                connection.sendall(b"x")
                connection.settimeout(0.001)
                if connection.recv(1000) == b"":
                    raise ConnectionError
            except TimeoutError:
                continue
            except OSError:
                open_ones.discard(connection)
                connection.close()
        assert cluster.call("/healthz")[0] == 200
        time.sleep(0.3)
    assert time.monotonic() - start > 10, "a slow client was dropped too early"
    assert not cluster.driver.has_ended


def test_connection_limit(cluster):
    host, port = cluster.http.split(":")
    many = [socket.create_connection((host, int(port))) for _ in range(300)]
    for connection in many:
        connection.close()
    end = time.monotonic() + LIMIT
    while True:
        try:
            assert cluster.call("/healthz")[0] == 200
            break
        except OSError:
            assert time.monotonic() < end
            time.sleep(0.05)


def test_security_headers(cluster):
    status, headers, _ = cluster.call("/")
    assert status == 200
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff" and headers["Referrer-Policy"] == "no-referrer"


def test_openapi_is_served_and_current(cluster):
    status, _, text = cluster.call("/api/v1/openapi.json")
    assert status == 200 and json.loads(text) == OPENAPI
    for path, methods in OPENAPI["paths"].items():
        for method in methods:
            if method != "get" or "events" in path:
                continue
            status, _, _ = cluster.call(path.replace("{id}", "nightly-1"))
            assert status == 200, path


def test_metrics(cluster):
    status, headers, text = cluster.call("/metrics")
    assert status == 200 and headers["Content-Type"].startswith("text/plain; version=0.0.4")
    families = {family.name: family for family in text_string_to_metric_families(text.decode())}
    for name, family in families.items():
        assert re.match(r"^(swiftlet|process)_[a-z_]+$", name) and family.documentation, name
        assert family.type != "unknown" and family.samples or name == "swiftlet_worker_last_heartbeat_timestamp_seconds", name
        if family.type == "counter":
            assert all(sample.name.endswith("_total") for sample in family.samples)

    def value(name, **labels):
        return next(s.value for f in families.values() for s in f.samples if s.name == name and s.labels == labels)

    assert value("swiftlet_workers", state="ready") == 2 and value("swiftlet_slots") == 2
    assert value("swiftlet_jobs_finished_total", outcome="done") >= 2
    assert value("swiftlet_task_duration_seconds_count") == value("swiftlet_task_attempts_total", outcome="success") > 20
    assert value("swiftlet_rows_read_total") >= 300_000 and value("swiftlet_tasks_queued") == 0
    dashboard = (ROOT / "deploy/grafana/dashboards/swiftlet-driver.json").read_text()
    used = set(re.findall(r"(?:swiftlet|process)_[a-z_]+", dashboard))
    known = {sample.name for family in families.values() for sample in family.samples} | set(families)
    assert used and used <= known, used - known


def test_health(cluster):
    assert cluster.call("/healthz")[0] == 200 and cluster.call("/readyz")[0] == 200


def test_event_stream(data, tmp_path):
    """The event stream reports the start, progress and end of a job."""
    with WebCluster(tmp_path, workers=0, state=False) as cluster:
        host, port = cluster.http.split(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=30)
        connection.request("GET", "/api/v1/events?job=heard")
        answer = connection.getresponse()
        assert answer.status == 200 and answer.headers["Content-Type"].startswith("text/event-stream")
        assert cluster.submit(pipeline(data), id="heard", force=True)[0] == 201
        kinds, states, name = set(), [], None
        end = time.monotonic() + LIMIT
        while not states or states[-1] != "done":
            assert time.monotonic() < end, states
            line = answer.readline().decode().rstrip("\n")
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
                kinds.add(name)
            elif line.startswith("data: ") and name == "job" and (job := json.loads(line.removeprefix("data: "))):
                if job["state"] == "running" and "running" not in states:
                    # The job waits for a worker, and the page shows that.
                    assert "No worker is there" in cluster.json("/api/v1/cluster")[1]["problems"][0]["text"]
                    cluster.worker()
                states.append(job["state"])
                last = job
        assert kinds == {"cluster", "job"} and "running" in states
        assert last["stages"][0]["done"] == last["stages"][0]["tasks"] > 0 and last["timeline"]["lanes"]
        connection.close()


def command(cluster, *arguments, code=0):
    done = run("swift-submit", *arguments, "--master", cluster.master, code=code)
    return done.stdout, done.stderr


def test_command_line(cluster, data):
    job = data / "job.json"
    job.write_text(json.dumps(pipeline(data)))
    assert command(cluster, "--detach", "--force", "--id", "by-hand", job)[0] == "by-hand\n"
    assert "step 1 of 2 begins: features" in command(cluster, "logs", "by-hand", "--follow")[0]
    text, _ = command(cluster, "status", "by-hand", "--wait")
    assert text.startswith("user-segmentation (by-hand): done") and "2. segment" in text
    assert json.loads(command(cluster, "status", "by-hand", "--json")[0]) == cluster.json("/api/v1/jobs/by-hand")[1]
    listed, _ = command(cluster, "list", "--state", "done")
    assert re.search(r"^by-hand +done +2/2", listed, re.M)
    assert command(cluster, "cancel", "by-hand")[0] == "by-hand is done\n"
    # Submitting the same job again starts nothing. Another job with the same id is refused.
    assert command(cluster, "--detach", "--force", "--id", "by-hand", job)[0] == "by-hand\n"
    assert "another job" in command(cluster, "--detach", "--id", "by-hand", job, code=1)[1]
    assert "has no job" in command(cluster, "status", "nobody", code=1)[1]
    assert "not a job id" in command(cluster, "status", "../x", code=2)[1]
    assert "expected one of" in command(cluster, "list", "--state", "dead", code=2)[1]


def test_detach_requires_a_driver(data):
    assert "swiftlet://" in run("swift-submit", "--detach", data / "job.json", code=2).stderr


def test_logs_are_json_without_a_terminal(data):
    done = run("swift-worker", "--driver", "127.0.0.1:1", "--rejoin", "0", code=None, env={"SWIFTLET_LOG_FORMAT": "auto"})
    first = json.loads(done.stderr.splitlines()[0])
    assert first["program"] == "swift-worker" and first["level"] == "info" and "MiB" in first["message"]
