"""Sources of S3 credentials, with fakes of STS, the container agent and the instance metadata service. SeaweedFS verifies the
credentials."""

import datetime
import http.server
import json
import os
import subprocess
import threading
import urllib.parse

import pytest

from project import BIN


@pytest.fixture(scope="module")
def bucket(seaweed):
    seaweed.client().create_bucket(Bucket="keys")
    seaweed.client().put_object(Bucket="keys", Key="x", Body=b"abc")
    return "s3://keys/x"


class KeyServer:
    """Fakes all three services and records the requests."""

    def __init__(self, access, secret):
        asked = self.asked = []
        end = (datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        document = json.dumps({"Code": "Success", "AccessKeyId": access, "SecretAccessKey": secret, "Expiration": end})
        sts = f"""<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
          <AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>{access}</AccessKeyId>
          <SecretAccessKey>{secret}</SecretAccessKey><Expiration>{end}</Expiration></Credentials>
          </AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>"""

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def answer(self, text, status=200):
                self.send_response(status)
                self.send_header("Content-Length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())

            def do_PUT(self):
                asked.append(("PUT", self.path))
                assert self.headers["X-aws-ec2-metadata-token-ttl-seconds"]
                self.answer("the-token")

            def do_GET(self):
                asked.append(("GET", self.path))
                if self.path == "/container":
                    return self.answer(document if self.headers["Authorization"] == "container-token" else "", 200)
                if self.headers["X-aws-ec2-metadata-token"] != "the-token":
                    return self.answer("", 401)
                if self.path.endswith("/security-credentials/"):
                    return self.answer("my role")
                return self.answer(document, 200 if self.path.endswith("/my%20role") else 404)

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                form = dict(urllib.parse.parse_qsl(body))
                asked.append(("POST", form))
                if form["WebIdentityToken"] != "my.web/token+=":
                    return self.answer("<ErrorResponse><Error><Code>InvalidIdentityToken</Code><Message>bad</Message></Error></ErrorResponse>", 400)
                return self.answer(sts)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.endpoint = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def keys(seaweed):
    server = KeyServer(seaweed.access, seaweed.secret)
    yield server
    server.server.shutdown()


def run(seaweed, bucket, environment, *settings):
    clean = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
    return subprocess.run(
        [BIN / "s3-check", "list", bucket, *settings], capture_output=True, text=True, timeout=60,
        env={**clean, "HOME": "/nonexistent", "AWS_ENDPOINT_URL_S3": seaweed.endpoint, "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
             "AWS_EC2_METADATA_DISABLED": "true", **environment})


def works(done):
    assert done.returncode == 0, done.stderr
    assert done.stdout == "3\ts3://keys/x\n"


def test_environment(seaweed, bucket):
    works(run(seaweed, bucket, {"AWS_ACCESS_KEY_ID": seaweed.access, "AWS_SECRET_ACCESS_KEY": seaweed.secret}))


def test_profile(seaweed, bucket, tmp_path):
    (tmp_path / "config").write_text(f"[profile mine]\nregion = us-east-1\nendpoint_url = {seaweed.endpoint}\n")
    (tmp_path / "credentials").write_text(
        f"[default]\naws_access_key_id = no\naws_secret_access_key = no\n[mine]\naws_access_key_id = {seaweed.access}\n"
        f"aws_secret_access_key = {seaweed.secret}\n")
    files = {"AWS_CONFIG_FILE": str(tmp_path / "config"), "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials")}
    works(run(seaweed, bucket, {**files, "AWS_PROFILE": "mine", "AWS_ENDPOINT_URL_S3": "", "AWS_ENDPOINT_URL": ""}))
    wrong = {"AWS_ACCESS_KEY_ID": "no", "AWS_SECRET_ACCESS_KEY": "no"}
    works(run(seaweed, bucket, {**files, **wrong}, "s3.profile=mine"))
    denied = run(seaweed, bucket, {**files, **wrong, "AWS_PROFILE": "mine"})
    assert denied.returncode == 1 and "(from the environment" in denied.stderr
    missing = run(seaweed, bucket, {**files, "AWS_PROFILE": "yours"})
    assert missing.returncode == 1 and "'yours'" in missing.stderr


def test_web_identity(seaweed, bucket, keys, tmp_path):
    token = tmp_path / "token"
    token.write_text("my.web/token+=\n")
    environment = {"AWS_WEB_IDENTITY_TOKEN_FILE": str(token), "AWS_ROLE_ARN": "arn:aws:iam::1:role/x", "AWS_ENDPOINT_URL_STS": keys.endpoint}
    works(run(seaweed, bucket, environment))
    assert keys.asked[0][1]["RoleArn"] == "arn:aws:iam::1:role/x"
    token.write_text("stolen")
    refused = run(seaweed, bucket, environment)
    assert refused.returncode == 1 and "InvalidIdentityToken bad" in refused.stderr and "stolen" not in refused.stderr


def test_container(seaweed, bucket, keys, tmp_path):
    (tmp_path / "token").write_text("container-token\n")
    environment = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{keys.endpoint}/container"}
    works(run(seaweed, bucket, {**environment, "AWS_CONTAINER_AUTHORIZATION_TOKEN": "container-token"}))
    works(run(seaweed, bucket, {**environment, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(tmp_path / "token")}))
    assert run(seaweed, bucket, environment).returncode == 1
    stranger = run(seaweed, bucket, {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1.example.com/x"})
    assert stranger.returncode == 1 and "must use https" in stranger.stderr


def test_instance(seaweed, bucket, keys):
    works(run(seaweed, bucket, {"AWS_EC2_METADATA_DISABLED": "false", "AWS_EC2_METADATA_SERVICE_ENDPOINT": keys.endpoint}))
    assert [method for method, _ in keys.asked] == ["PUT", "GET", "GET"]


def test_no_credentials(seaweed, bucket):
    done = run(seaweed, bucket, {})
    assert done.returncode == 1 and "none found; tried" in done.stderr
