"""A fake driver with a REST API, for tests of its clients."""

import http.server
import json
import threading


class FakeDriver:
    """Records requests. A job ends after `polls` polls. `ends`: final states by step type, one per job; the last one repeats. `outage`: number
    of requests to answer with 503."""

    def __init__(self, token="token", polls=2, ends=None):
        self.token, self.polls, self.ends = token, polls, ends or {}
        self.jobs, self.requests, self.outage = {}, [], 0
        self.lock = threading.Lock()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(10)

    def answer(self, method, path, token, body):
        with self.lock:
            self.requests.append((method, path))
            if self.outage:
                self.outage -= 1
                return 503, {"error": {"code": "unavailable", "message": "starting", "details": []}}
            if method == "POST" and token != f"Bearer {self.token}":
                return 401, {"error": {"code": "unauthorized", "message": "token required", "details": []}}
            parts = path.removeprefix("/api/v1/").split("/")
            if method == "POST" and parts == ["jobs"]:
                return self.submit(body)
            job = self.jobs.get(parts[1]) if parts[0] == "jobs" and len(parts) > 1 else None
            if job is None:
                return 404, {"error": {"code": "notFound", "message": "no such job", "details": []}}
            if method == "POST" and parts[2:] == ["cancel"]:
                if job["shown"]["state"] in ("queued", "running"):
                    job["shown"]["state"] = "cancelled"
                return 202, job["shown"]
            return 200, self.poll(job)

    def submit(self, body):
        known = self.jobs.get(body["id"])
        if known:
            if known["body"] == body:
                return 200, known["shown"]
            return 409, {"error": {"code": "conflict", "message": "another job", "details": []}}
        [step] = body["job"]["steps"]
        if "wrong" in step:
            details = [{"location": "steps[0].wrong", "message": "unknown key"}]
            return 400, {"error": {"code": "invalidJob", "message": "the job is wrong", "details": details}}
        shown = {"id": body["id"], "name": body["job"]["name"], "state": "queued", "steps": []}
        self.jobs[body["id"]] = {"body": body, "shown": shown, "left": self.polls}
        return 201, shown

    def poll(self, job):
        shown, [step] = job["shown"], job["body"]["job"]["steps"]
        if shown["state"] in ("queued", "running"):
            shown["state"] = "running"
            job["left"] -= 1
            if job["left"] <= 0:
                ends = self.ends.get(step["type"], ["done"])
                shown["state"] = ends.pop(0) if len(ends) > 1 else ends[0]
                if shown["state"] == "failed":
                    shown["error"] = "disk full"
                numbers = {"sizes": [6, 4]}
                if step["type"] == "features":
                    numbers = {"recordsRead": 100, "recordsRejected": 1, "rowsWritten": 10}
                shown["steps"] = [{"type": step["type"], "state": shown["state"], "seconds": 1.0, **numbers}]
        return shown

    def _handler(fake):
        class Handler(http.server.BaseHTTPRequestHandler):
            def reply(self):
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length)) if length else None
                code, answer = fake.answer(self.command, self.path, self.headers.get("Authorization"), body)
                data = json.dumps(answer).encode()
                self.send_response(code)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = reply

            def log_message(self, *_):
                pass

        return Handler
