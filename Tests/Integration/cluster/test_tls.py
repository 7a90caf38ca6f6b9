"""A cluster with TLS and a secret on all connections: same bytes as without, and strangers are refused."""

import re
import socket
import ssl
import subprocess

import pytest

from processes import LIMIT, Process, generate_events, run
from test_cluster import JOB, digest, run_job

SECRET = "a-secret-that-no-log-may-show"


class Authority:
    """A CA in a folder. Uses the commands of docs/security.md."""

    def __init__(self, folder, name):
        self.folder, self.name = folder, name
        self.run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                 "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.pem")

    def run(self, *arguments):
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True, timeout=LIMIT)

    def issue(self, name, names="DNS:localhost,IP:127.0.0.1"):
        self.run("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
                 "-addext", f"subjectAltName={names}", "-keyout", f"{name}.key", "-out", f"{name}.csr")
        self.run("x509", "-req", "-in", f"{name}.csr", "-CA", f"{self.name}.pem", "-CAkey", f"{self.name}.key",
                 "-copy_extensions", "copy", "-days", "2", "-out", f"{name}.pem")
        return self

    def options(self, name, authority=None):
        at = self.folder
        return ["--tls-cert", at / f"{name}.pem", "--tls-key", at / f"{name}.key",
                "--tls-ca", at / f"{authority or self.name}.pem"]


@pytest.fixture(scope="module")
def ca(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    (folder / "secret").write_text(SECRET + "\n")
    (folder / "secret").chmod(0o600)
    ca = Authority(folder, "ca")
    for name in ["driver", "worker-1", "worker-2", "submit"]:
        ca.issue(name)
    ca.issue("elsewhere", "DNS:elsewhere.example")
    ca.stranger = Authority(folder, "other-ca").issue("stranger")
    return ca


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls-raw") / "raw"
    generate_events(folder, 600_000, 6000, seed=5, start_date="2025-04-01", days=21, format="jsonl")
    return folder


@pytest.fixture(scope="module")
def cluster(ca):
    secret = ["--secret-file", ca.folder / "secret"]
    driver = Process("swift-driver", "--listen", "127.0.0.1:0", *secret, *ca.options("driver"), until="listening on")
    # One worker is configured by options, one by environment variables.
    variables = dict(zip(["SWIFTLET_TLS_CERT", "SWIFTLET_TLS_KEY", "SWIFTLET_TLS_CA"],
                         map(str, ca.options("worker-2")[1::2])))
    workers = [
        Process("swift-worker", "--driver", driver.address, "--cores", "1", *secret, *ca.options("worker-1"),
                until="joined"),
        Process("swift-worker", "--driver", driver.address, "--cores", "1",
                env=variables | {"SWIFTLET_SECRET": SECRET}, until="joined")]
    processes = [driver, *workers]
    yield processes
    for process in reversed(processes):
        process.stop()
    # The log is complete now.
    logs = "".join(process.text for process in processes)
    keys = [line for key in ca.folder.glob("*.key") for line in key.read_text().splitlines() if "-----" not in line]
    assert keys and SECRET not in logs
    assert not [line for line in keys if line in logs]


def test_same_bytes_as_without(ca, cluster, raw, tmp_path):
    run_job(raw, tmp_path / "plain", "local[2]")
    driver = cluster[0]
    run_job(raw, tmp_path / "tls", f"swiftlet://{driver.address}", "--secret-file", ca.folder / "secret",
           *ca.options("submit"))
    assert digest(tmp_path / "tls") == digest(tmp_path / "plain")


def test_openssl_sees_tls_13_and_is_asked_for_a_certificate(ca, cluster):
    address = cluster[0].address

    def client(*options):
        return subprocess.run(
            ["openssl", "s_client", "-connect", address, "-CAfile", ca.folder / "ca.pem", "-verify_ip", "127.0.0.1",
             "-verify_return_error", *options],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LIMIT)

    seen = client("-cert", ca.folder / "submit.pem", "-key", ca.folder / "submit.key")
    text = seen.stdout + seen.stderr
    assert "TLSv1.3" in text and "Verify return code: 0 (ok)" in text, text
    assert "Acceptable client certificate CA names" in text or "Client Certificate Types" in text \
        or "Requested Signature Algorithms" in text, text
    older = client("-tls1_2", "-cert", ca.folder / "submit.pem", "-key", ca.folder / "submit.key")
    assert older.returncode != 0 and "alert" in older.stderr, older.stderr
    # Without a client certificate the handshake fails with an alert.
    context = ssl.create_default_context(cafile=ca.folder / "ca.pem")
    host, port = address.split(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        with pytest.raises(ssl.SSLError, match="CERTIFICATE_REQUIRED"):
            with context.wrap_socket(connection, server_hostname=host) as stranger:
                stranger.send(b"x" * 100)
                stranger.recv(100)


@pytest.mark.parametrize("kind, message", [
    ("stranger", r"not trusted|refused"), ("plain", r"--tls-cert"), ("no secret", r"--secret-file"),
])
def test_strangers_are_refused(ca, cluster, kind, message):
    secret = [] if kind == "no secret" else ["--secret-file", ca.folder / "secret"]
    tls = {"stranger": ca.stranger.options("stranger", "ca"), "plain": [], "no secret": ca.options("worker-1")}[kind]
    done = run("swift-worker", "--driver", cluster[0].address, "--cores", "1", "--rejoin", "0", *secret, *tls, code=1)
    assert re.search(message, done.stderr), done.stderr
    assert cluster[0].address in done.stderr
    assert SECRET not in done.stderr
    cluster[0].wait_for("refused ")


def test_submit_checks_the_driver(ca, raw, tmp_path):
    (tmp_path / "raw").symlink_to(raw)
    with Process("swift-driver", "--listen", "127.0.0.1:0", *ca.options("elsewhere"), until="listening on") as driver:
        arguments = ["--master", f"swiftlet://{driver.address}", "--set", f"root={tmp_path}"]
        wrong_host = run("swift-submit", *arguments, *ca.options("submit"), JOB, code=1)
        assert "no subjectAltName for 127.0.0.1" in wrong_host.stderr, wrong_host.stderr
        plain = run("swift-submit", *arguments, JOB, code=1)
        assert "--tls-cert" in plain.stderr, plain.stderr
        other = run("swift-submit", *arguments, *ca.options("submit", "other-ca"), JOB, code=1)
        assert "other-ca.pem" in other.stderr, other.stderr
    with Process("swift-driver", "--listen", "127.0.0.1:0", until="listening on") as plain:
        done = run("swift-submit", "--master", f"swiftlet://{plain.address}", "--set", f"root={tmp_path}",
                   *ca.options("submit"), JOB, code=1)
        assert "does it use TLS?" in done.stderr, done.stderr
        plain.wait_for("uses TLS and this process does not")


def test_all_three_files_or_none(ca):
    for command in ["swift-driver", "swift-worker", "swift-submit"]:
        job = [JOB] if command == "swift-submit" else []
        done = run(command, "--tls-cert", ca.folder / "driver.pem", *job, code=2)
        assert "--tls-key and --tls-ca" in done.stderr, done.stderr
        done = run(command, *ca.options("none"), *job, code=2)
        assert "none.pem" in done.stderr, done.stderr
