"""Ingest from a second broker, Tansu, over TLS with client certificates."""

import json

import pytest

from kafka_brokers import BIN, LIMIT, Tansu
from kafka_ingest import checksum, ingest, messages, output
from processes import free_port
from tls_proxy import TLSProxy, certificates


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    return certificates(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def secured(tmp_path, keys):
    port = free_port()
    with Tansu(tmp_path / "tansu", advertised=port) as broker:
        proxy = TLSProxy(port, broker.port, keys)
        broker.address = f"127.0.0.1:{port}"
        broker.client = properties(keys)
        yield broker, proxy
        proxy.close()


def properties(keys):
    return {
        "security.protocol": "SSL", "ssl.ca.location": str(keys / "ca.pem"),
        "ssl.certificate.location": str(keys / "client.pem"), "ssl.key.location": str(keys / "client.key")}


def conf(properties):
    return {f"kafka.{name}": value for name, value in properties.items()}


def test_events_to_files(secured, keys, tmp_path):
    broker, proxy = secured
    topic = broker.topic("clicks", 3)
    options = [part for item in conf(properties(keys)).items() for part in ("--conf", "=".join(item))]
    broker.events(topic, "--events", 20_000, "--users", 300, *options)
    # This broker reports the start of the last batch as the end of a partition, so a final batch with one blank message marks the
    # end.
    producer = broker.producer()
    for partition in range(3):
        producer.produce(topic, b"", partition=partition)
    assert producer.flush(LIMIT) == 0
    report = ingest(tmp_path, broker, topic, conf=conf(properties(keys)), maxOffsetsPerSplit=1500)
    assert report["rowsWritten"] == 20_000
    sent = [value for *_, value in messages(broker, topic) if value]
    found = [line for _, line in output(tmp_path)]
    assert len(sent) == len(found) == 20_000 and checksum(sent) == checksum(found)
    assert proxy.accepted >= 3 and proxy.refused == 0
    # The second job is configured by environment variables.
    variables = {
        "KAFKA_SECURITY_PROTOCOL": "SSL", "KAFKA_SSL_CA_LOCATION": str(keys / "ca.pem"),
        "KAFKA_SSL_CERTIFICATE_LOCATION": str(keys / "client.pem"), "KAFKA_SSL_KEY_LOCATION": str(keys / "client.key")}
    broker.environment = {**broker.environment, **variables}
    assert ingest(tmp_path / "again", broker, topic)["rowsWritten"] == 20_000


def test_untrusted_peers_are_refused(secured, keys, tmp_path):
    broker, proxy = secured
    secret = {"ssl.key.password": "hush-hush"}
    # A server with an untrusted certificate.
    error = ingest(
        tmp_path / "a", broker, "clicks", timeoutSeconds=2, code=1,
        conf=conf({"security.protocol": "SSL", "ssl.ca.location": str(keys / "client.pem"), **secret}))
    assert "certificate verify failed" in error and "hush" not in error
    # A client without a certificate.
    ingest(
        tmp_path / "b", broker, "clicks", timeoutSeconds=2, code=1,
        conf=conf({"security.protocol": "SSL", "ssl.ca.location": str(keys / "ca.pem")}))
    assert proxy.accepted == 0 and proxy.refused >= 2
    done = broker.run(
        BIN / "swift-submit", "--json", "--conf", "kafka.ssl.key.location=/no/such.key", "--conf",
        "kafka.ssl.key.password=hush-hush", tmp_path / "a" / "ingest.json", code=1)
    assert "hush" not in done.stdout + done.stderr and json.loads(done.stdout)["status"] == "failed"
