"""Deployment files checked by their tools: Compose, Kustomize, the Kubernetes schemas, hadolint. scripts/check-image runs the lines of
the Dockerfile."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest
import yaml

from project import BIN, ROOT
from web_cluster import WebCluster

DEPLOY = ROOT / "deploy"
TOOLS = pathlib.Path(sys.executable).parent
SECRETS = {name: "secret" for name in ("SWIFTLET_SECRET", "SWIFTLET_TOKEN", "MINIO_PASSWORD", "GRAFANA_PASSWORD")}

sys.path.insert(0, str(ROOT / "Tests/Integration/image"))
import dockerfile  # noqa: E402


def run(*command, **options):
    return subprocess.run([str(one) for one in command], capture_output=True, text=True, timeout=60, **options)


@pytest.fixture(scope="module")
def compose():
    command = [TOOLS / "docker-compose", "-f", ROOT / "docker-compose.yml", "config", "--format", "json"]
    done = run(*command, env={**os.environ, **SECRETS})
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["services"]


@pytest.fixture(scope="module")
def kubernetes(tmp_path_factory):
    """Returns all objects that kustomize renders."""
    folder = tmp_path_factory.mktemp("kubernetes") / "swiftlet"
    shutil.copytree(DEPLOY / "kubernetes", folder)
    lines = (folder / "secrets.env.example").read_text().splitlines()
    (folder / "secrets.env").write_text("".join(line + "\n" if line.startswith("#") else f"{line}value\n" for line in lines))
    done = run(TOOLS / "kubectl", "kustomize", folder)
    assert done.returncode == 0, done.stderr
    (folder / "all.yaml").write_text(done.stdout)
    checked = run(TOOLS / "kubernetes-validate", "--strict", folder / "all.yaml")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    return list(yaml.safe_load_all(done.stdout))


def options(command):
    """Returns the options of a Swiftlet command."""
    return set(re.findall(r"^ +(--[a-z-]+)", run(BIN / command, "--help").stdout, re.MULTILINE))


def check_command(words):
    """Checks that a Swiftlet command line uses only existing options."""
    name = next(word for word in words if word.startswith("swift-"))
    given = {word.split("=")[0] for word in words if word.startswith("--")}
    assert given <= options(name), f"{name} has no options {given - options(name)}"


def test_compose_is_valid(compose):
    schema = run(TOOLS / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", ROOT / "docker-compose.yml")
    assert schema.returncode == 0, schema.stdout
    # Without secrets it explains what to do instead of starting with empty ones.
    refused = run(
        TOOLS / "docker-compose", "-f", ROOT / "docker-compose.yml", "--env-file", "/dev/null", "config", "-q",
        env={name: value for name, value in os.environ.items() if name not in SECRETS})
    assert refused.returncode != 0 and "scripts/compose" in refused.stderr


def test_compose_has_the_whole_pipeline(compose):
    wanted = {"kafka", "minio", "driver", "worker", "events", "airflow", "dashboard", "prometheus", "grafana"}
    assert wanted <= compose.keys()
    once = {"topic", "bucket", "events"}
    for name, service in compose.items():
        if name not in once:
            assert service["healthcheck"]["test"], f"{name} has no health check"
        for other, needed in service.get("depends_on", {}).items():
            expected = "service_completed_successfully" if other in once else "service_healthy"
            assert needed["condition"] == expected, f"{name} depends on {other}"
        for port in service.get("ports", []):
            assert port["host_ip"] == "127.0.0.1", f"{name} is reachable from the network"
        if image := service.get("image"):
            assert ":" in image and not image.endswith(":latest")
        for volume in service.get("volumes", []):
            if volume["type"] == "bind":
                assert pathlib.Path(volume["source"]).exists(), volume["source"]
    assert "container_name" not in compose["worker"], "a container name would allow only one worker"


@pytest.mark.parametrize("service", ["driver", "worker", "events"])
def test_compose_command_options(compose, service):
    # Ignore nested commands.
    line = re.sub(r"\$+\([^)]*\)", "", " ".join(compose[service]["command"]))
    check_command(line.replace("exec ", "").split())


def test_kubernetes(kubernetes):
    found = {(one["kind"], one["metadata"]["name"]): one for one in kubernetes}
    driver = found["StatefulSet", "driver"]["spec"]["template"]["spec"]
    worker = found["Deployment", "worker"]["spec"]["template"]["spec"]
    secret = next(name for kind, name in found if kind == "Secret")
    for pod in (driver, worker):
        [container] = pod["containers"]
        assert {"startupProbe", "livenessProbe", "readinessProbe"} <= container.keys()
        assert container["resources"]["limits"]["memory"] and container["resources"]["requests"]["cpu"]
        assert pod["securityContext"]["runAsNonRoot"] and container["securityContext"]["readOnlyRootFilesystem"]
        check_command(container["args"])
        assert [one["secret"]["secretName"] for one in pod["volumes"] if "secret" in one] == [secret]
        assert {one["name"] for one in container["volumeMounts"]} == {one["name"] for one in pod["volumes"]} | (
            {"data"} if pod is driver else set())
    # Longer than the worker's own shutdown timeout.
    assert worker["terminationGracePeriodSeconds"] > 60
    scaler = found["HorizontalPodAutoscaler", "worker"]["spec"]
    assert scaler["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": "worker"}
    assert "replicas" not in found["Deployment", "worker"]["spec"], "the autoscaler sets the replicas"
    rules = yaml.safe_load((DEPLOY / "prometheus/adapter-rules.yml").read_text())["rules"]["external"]
    assert [rule["name"]["as"] for rule in rules] == [metric["external"]["metric"]["name"] for metric in scaler["metrics"]]
    pods = [found["StatefulSet", "driver"], found["Deployment", "worker"]]
    labels = [one["spec"]["template"]["metadata"]["labels"].items() for one in pods]
    for kind in ("Service", "PodDisruptionBudget", "NetworkPolicy"):
        for name in [name for one, name in found if one == kind]:
            spec = found[kind, name]["spec"]
            selector = spec.get("podSelector") or spec["selector"]
            chosen = (selector.get("matchLabels") or selector).items()
            assert any(chosen <= one for one in labels), f"{kind} {name} selects nothing"


@pytest.mark.parametrize("file", ["Dockerfile", "dashboard/Dockerfile"])
def test_dockerfiles(file):
    linted = run(TOOLS / "hadolint", DEPLOY / file)
    assert linted.returncode == 0, linted.stdout
    last = dockerfile.stages((DEPLOY / file).read_text())[-1]
    names = [name for name, _ in last.lines]
    assert "HEALTHCHECK" in names and names.index("USER") > names.index("RUN")
    assert next(value for name, value in last.lines if name == "USER") not in ("0", "root")


def test_image_copies_existing_files():
    """Every source of a COPY exists and is not ignored, and everything that the package needs is copied."""
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    build, image = dockerfile.stages((DEPLOY / "Dockerfile").read_text())
    copies = [value for stage in (build, image) for name, value in stage.lines if name == "COPY"]
    sources = [value.split()[0] for value in copies if "--from" not in value]
    for source in sources:
        assert (ROOT / source).exists() and source in let_in, source
    for path in re.findall(r'path: "([A-Za-z]+)/', (ROOT / "Package.swift").read_text()):
        assert path in sources, f"the package reads {path}"
    embedded = 0
    for file in (ROOT / "Sources").rglob("*.c"):
        for name in re.findall(r'^#embed "([^"]+)"', file.read_text(), re.MULTILINE):
            path = (file.parent / name).resolve().relative_to(ROOT)
            assert any(path.is_relative_to(source) for source in sources), f"{file.name} embeds {path}"
            embedded += 1
    assert embedded > 5


def test_image_installs_needed_libraries():
    """The image installs the packages of all libraries that the binaries load, besides the C library and Swift's."""
    installed = {word for _, value in dockerfile.stages((DEPLOY / "Dockerfile").read_text())[-1].lines for word in value.split()}
    ours = ("libc.", "libm.", "libgcc_s", "ld-linux", "lib_", "libFoundation", "libswift", "libdispatch", "libBlocks")
    needed = {}
    for command in ("swift-submit", "swift-driver", "swift-worker", "swift-events"):
        # Indirect dependencies come with the packages.
        direct = set(re.findall(r"\(NEEDED\).*\[(.*)\]", run("readelf", "--dynamic", BIN / command).stdout))
        for line in run("ldd", BIN / command).stdout.splitlines():
            name, _, location = line.strip().partition(" => ")
            if name in direct and location and not name.startswith(ours):
                needed[name] = pathlib.Path(location.split(" ")[0])
    assert needed
    # dpkg lists files under their path before /lib became a link to /usr/lib.
    locations = {str(form).removeprefix("/usr") for path in needed.values() for form in (path, path.resolve())}
    owned = run("dpkg", "-S", *locations, *[f"/usr{location}" for location in locations]).stdout.splitlines()
    owners = {line.split(": ")[1].removeprefix("/usr"): line.split(":")[0] for line in owned}
    for name, path in needed.items():
        owner = owners.get(str(path.resolve()).removeprefix("/usr"))
        assert owner in installed, f"the binaries need {name} of {owner}, which deploy/Dockerfile does not install"


def test_used_metrics_exist(tmp_path):
    """Alerts, the Grafana dashboard and the autoscaler use metrics and labels that a driver exports."""
    used = (DEPLOY / "prometheus/alerts.yml").read_text() + (DEPLOY / "kubernetes/worker-autoscaler.yaml").read_text()
    dashboards = [json.loads(path.read_text()) for path in (DEPLOY / "grafana/dashboards").glob("*.json")]
    assert dashboards and len({one["uid"] for one in dashboards}) == len(dashboards)
    for one in dashboards:
        assert len({panel["id"] for panel in one["panels"]}) == len(one["panels"])
        used += "\n".join(target["expr"] for panel in one["panels"] for target in panel.get("targets", []))
    with WebCluster(tmp_path, workers=0) as cluster:
        text = cluster.call("/metrics")[2].decode()
    described = set(re.findall(r"^# TYPE (\S+)", text, re.MULTILINE))
    for name in set(re.findall(r"\bswiftlet_\w+", used)):
        assert re.sub(r"_(bucket|sum|count)$", "", name) in described, f"the driver has no {name}"
    for name, label, value in re.findall(r'(swiftlet_\w+)\{(\w+)="(\w+)"\}', used):
        assert re.search(rf'^{name}\{{[^}}]*{label}="{value}"', text, re.MULTILINE), f"{name} has no {label}={value}"
