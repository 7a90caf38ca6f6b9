"""A proxy in front of an S3 server that injects faults, a given number of each kind."""

import collections
import http.client
import http.server
import socket
import socketserver
import struct
import threading
import time

SLOW_DOWN = b"<?xml version=\"1.0\"?><Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"

# Where each fault can be injected: only in object downloads, or in any request.
BODIES = {"truncated", "short", "slow"}
ANY = {"503", "429", "500", "reset", "lost-answer", "duplicate"}


class FaultProxy:
    """`faults`: how often to inject each kind. `fired`: how often it was injected."""

    def __init__(self, upstream, faults=None, every=3, hook=None):
        self.upstream = upstream.removeprefix("http://")
        self.left = dict(faults or {})
        assert set(self.left) <= BODIES | ANY
        self.fired = collections.Counter()
        self.requests = collections.Counter()
        self.hook = hook or (lambda method, path: None)
        self.every = every
        self.count = 0
        self.lock = threading.Lock()
        proxy = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def handle_any(self):
                proxy.handle(self)

            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_any

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True
            request_queue_size = 128

            def handle_error(self, *_):
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        self.endpoint = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def choose(self, method, path, headers):
        """Returns the fault to inject into this request, or None: one in `every` requests, while faults are left."""
        with self.lock:
            self.requests[method] += 1
            self.count += 1
            if self.count % self.every:
                return None
            has_body = method == "GET" and "Range" in headers
            for kind, left in self.left.items():
                if left > 0 and (kind in ANY or has_body):
                    # Kinds alternate.
                    del self.left[kind]
                    self.left[kind] = left - 1
                    self.fired[kind] += 1
                    return kind
            return None

    def handle(self, handler):
        length = int(handler.headers.get("Content-Length") or 0)
        body = handler.rfile.read(length) if length else b""
        self.hook(handler.command, handler.path)
        fault = self.choose(handler.command, handler.path, handler.headers)
        if fault in ("503", "429", "500"):
            return self.answer(handler, int(fault), {"Content-Type": "application/xml"}, SLOW_DOWN)
        if fault == "reset":
            return self.reset(handler)
        status, headers, data = self.forward(handler, body)
        if fault == "duplicate":
            status, headers, data = self.forward(handler, body)
        if fault == "lost-answer":
            return self.reset(handler)
        if fault == "short" and status == 206:
            return self.answer(handler, status, headers, data[:len(data) // 2])
        if fault == "truncated" and status == 206:
            self.head(handler, status, headers, len(data))
            handler.wfile.write(data[:len(data) // 2])
            handler.wfile.flush()
            handler.close_connection = True
            return None
        if fault == "slow" and status == 206:
            self.head(handler, status, headers, len(data))
            for start in range(0, len(data), max(1, len(data) // 8)):
                time.sleep(0.1)
                handler.wfile.write(data[start:start + max(1, len(data) // 8)])
            return None
        return self.answer(handler, status, headers, data)

    def forward(self, handler, body):
        connection = http.client.HTTPConnection(self.upstream, timeout=60)
        try:
            connection.putrequest(handler.command, handler.path, skip_host=True, skip_accept_encoding=True)
            for name, value in handler.headers.items():
                if name.lower() != "connection":
                    connection.putheader(name, value)
            connection.endheaders(body)
            response = connection.getresponse()
            return response.status, dict(response.getheaders()), response.read()
        finally:
            connection.close()

    def head(self, handler, status, headers, length):
        handler.send_response_only(status)
        for name, value in headers.items():
            if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                handler.send_header(name, value)
        if handler.command == "HEAD":
            length = next((v for n, v in headers.items() if n.lower() == "content-length"), "0")
        handler.send_header("Content-Length", str(length))
        handler.end_headers()

    def answer(self, handler, status, headers, data):
        self.head(handler, status, headers, len(data))
        if handler.command != "HEAD":
            handler.wfile.write(data)

    @staticmethod
    def reset(handler):
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        handler.close_connection = True
        handler.connection.close()
