"""swift-events to S3: the same bytes as on disk, all or nothing, replaced only with --force."""

import json
import os
import re
import subprocess
import uuid

from project import BIN

TAG = re.compile(r"-[0-9a-f]{16}(?=\.)")


def run(server, *arguments, code=0):
    """Runs swift-events with credentials in the environment and the endpoint in --conf. Returns stdout and stderr."""
    env = {**os.environ, "AWS_ACCESS_KEY_ID": server.access, "AWS_SECRET_ACCESS_KEY": server.secret}
    done = subprocess.run(
        [BIN / "swift-events", *map(str, arguments), "--conf", f"s3.endpoint={server.endpoint}"], env=env, capture_output=True, text=True,
        timeout=120)
    assert done.returncode == code, done.stderr
    return done.stdout + done.stderr


def test_same_events_as_in_a_folder(server, tmp_path):
    client, bucket = server.client(), f"events-{uuid.uuid4().hex[:12]}"
    client.create_bucket(Bucket=bucket)
    arguments = ["--events", 20_000, "--users", 300, "--days", 3, "--malformed", 0.01]
    subprocess.run([BIN / "swift-events", *map(str, arguments), "--output", tmp_path / "raw"], check=True, capture_output=True, timeout=60)

    def stored():
        listed = [one["Key"] for one in client.list_objects_v2(Bucket=bucket).get("Contents", [])]
        return {TAG.sub("", key): client.get_object(Bucket=bucket, Key=key)["Body"].read() for key in listed}

    place = f"s3://{bucket}/raw"
    assert "20000 events" in run(server, *arguments, "--output", place)
    found = stored()
    local = {str(path.relative_to(tmp_path)): path.read_bytes() for path in (tmp_path / "raw").rglob("*") if path.is_file()}
    assert found.keys() == local.keys() and len(local) == 5
    assert {key: value for key, value in found.items() if "_SUCCESS" not in key} == {
        key: value for key, value in local.items() if "_SUCCESS" not in key}
    rows = [json.loads(text["raw/_SUCCESS"])["rows"] for text in (found, local)]
    assert rows[0] == rows[1] > 20_000
    assert not client.list_multipart_uploads(Bucket=bucket).get("Uploads")

    assert "already holds these events" in run(server, *arguments, "--output", place)
    assert "is not empty" in run(server, *arguments, "--seed", 1, "--output", place, code=1)
    assert stored() == found
    run(server, *arguments, "--seed", 1, "--force", "--output", place)
    again = stored()
    assert again.keys() == found.keys() and all(again[key] != found[key] for key in found)
