"""Client of the driver's REST API, /api/v1. Blocking; every request has a timeout."""

import json
import time
import urllib.error
import urllib.parse
import urllib.request

LIMIT_SECONDS = 30
TRIES = 4
ENDED = {"done", "failed", "cancelled"}


class Refused(Exception):
    """The driver rejected the request. A retry would not help."""


class Unreachable(Exception):
    """The driver did not respond, or responded with a server error. A retry may help."""


class Unknown(Exception):
    """The driver does not know the job: it was never submitted, or the state was lost."""


class Client:
    """Sends requests with the token. The token never appears in errors or logs."""

    def __init__(self, url, token=None):
        if not url.startswith(("http://", "https://")):
            raise Refused(f"expected the driver's address as http://HOST:PORT, found '{url}'")
        self.url = url.rstrip("/")
        self._token = token or None

    @classmethod
    def of(cls, connection):
        """Creates a client from an Airflow connection: host, port, schema (http or https), and the token as password."""
        scheme = connection.schema or "http"
        host = connection.host or ""
        if "://" in host:
            scheme, _, host = host.partition("://")
        port = f":{connection.port}" if connection.port else ""
        return cls(f"{scheme}://{host}{port}", connection.password)

    def submit(self, job_id, job, variables, conf, force):
        """Submits a job. Returns the existing job if the id and the job are the same."""
        body = {"id": job_id, "job": job, "variables": variables, "conf": conf, "force": force}
        return self._call("POST", "/jobs", {key: value for key, value in body.items() if value not in (None, {}, False)})

    def status(self, job_id):
        return self._call("GET", self._path(job_id))

    def cancel(self, job_id):
        self._call("POST", self._path(job_id) + "/cancel", {})

    @staticmethod
    def _path(job_id):
        return "/jobs/" + urllib.parse.quote(job_id, safe="")

    def _call(self, method, path, body=None):
        last = None
        for attempt in range(TRIES):
            if attempt:
                time.sleep(2**attempt / 2)
            try:
                return self._once(method, path, body)
            except Unreachable as error:
                last = error
        raise last

    def _once(self, method, path, body):
        request = urllib.request.Request(self.url + "/api/v1" + path, method=method)
        request.add_header("Accept", "application/json")
        if self._token and method != "GET":
            request.add_header("Authorization", f"Bearer {self._token}")
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=LIMIT_SECONDS) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            self._fail(f"{method} {path}", error)
        except (OSError, TimeoutError) as error:
            raise Unreachable(f"{method} {self.url}{path}: {getattr(error, 'reason', error)}") from None
        try:
            return json.loads(text) if text.strip() else {}
        except ValueError:
            raise Unreachable(f"{method} {path}: the response is not JSON; is {self.url} a Swiftlet driver?") from None

    @staticmethod
    def _fail(what, error):
        try:
            answer = json.loads(error.read(1 << 20))["error"]
            details = "".join(f"\n  {one.get('location', '')}: {one.get('message', '')}" for one in answer.get("details") or [])
            message = f"{answer.get('message', '')}{details}"
        except (ValueError, KeyError, TypeError, AttributeError, OSError):
            message = error.reason
        message = f"{what}: {error.code} {message}"
        if error.code == 404:
            raise Unknown(message) from None
        # 408 and 429 are temporary; other 4xx errors are final.
        raise (Unreachable if error.code >= 500 or error.code in (408, 429) else Refused)(message) from None
