"""A driver with a web page, and workers."""

import json
import re
import urllib.error
import urllib.request

from processes import LIMIT, Cluster, generate_events, wait_until

TOKEN = "the token of this test"


class WebCluster(Cluster):
    def __init__(self, folder, workers=1, state=True, token=TOKEN, options=(), env=None):
        self.folder = folder
        self.http = "127.0.0.1:0"
        options = list(options)
        if state:
            options += ["--state", folder / "state"]
        if token:
            secret = folder / "token"
            secret.write_text(token + "\n")
            secret.chmod(0o600)
            options += ["--token-file", secret]
        self.other_options = options
        super().__init__(workers, options, env)

    def start(self):
        self.options = ["--http", self.http, *self.other_options]
        super().start()
        self.url = re.search(r"page at (\S+)/", self.driver.wait_for("page at")).group(1)
        self.http = self.url.removeprefix("http://")

    def call(self, path, body=None, token=None, method=None, headers=None):
        """Sends a request. Returns status, headers and body."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, method=method or ("POST" if data is not None else "GET"))
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        for name, value in (headers or {}).items():
            request.add_header(name, value)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, error.read()

    def json(self, path, body=None, token=TOKEN, method=None):
        status, _, text = self.call(path, body, token if body is not None or method == "POST" else None, method)
        return status, json.loads(text)

    def submit(self, job, **more):
        return self.json("/api/v1/jobs", {"job": job, **more})

    def wait(self, job, *states, limit=LIMIT):
        """Waits until a job is in one of the states. Returns the job."""
        def poll():
            status, record = self.json(f"/api/v1/jobs/{job}")
            assert status == 200, record
            assert record["state"] in (*states, "queued", "running"), record
            return record if record["state"] in states else None

        return wait_until(poll, f"{job} is {' or '.join(states)}", limit, 0.05)


def events(folder, number=300_000, users=3000):
    """Generates events in `folder/raw`."""
    generate_events(folder / "raw", number, users)


def features(root, **more):
    return {
        "name": "features only",
        "steps": [{"type": "features", "input": f"{root}/raw/", "output": f"{root}/features/",
                   "startDate": "2025-04-01", "endDate": "2025-04-21", **more}]}


def pipeline(root):
    job = features(root)
    job["name"] = "user-segmentation"
    job["steps"].append({"type": "segment", "input": f"{root}/features/", "output": f"{root}/segments/", "clusters": 5, "seed": 42})
    return job
