"""A proxy that adds TLS with client certificates to a plain server, and a CA for it."""

import socket
import ssl
import subprocess
import threading


def certificates(folder):
    """Creates a CA (ca.pem), and a certificate and key for server and client (server.pem, server.key …)."""

    def openssl(*arguments):
        subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, cwd=folder, timeout=60)

    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "extensions").write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
    openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-days", 2, "-subj", "/CN=test ca")
    for name in ["server", "client"]:
        openssl("req", *key, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        openssl(
            "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", 2,
            "-extfile", "extensions", "-out", f"{name}.pem")
    return folder


class TLSProxy:
    """Forwards connections of clients with a certificate of the CA. Counts accepted and refused clients."""

    def __init__(self, port, target, folder):
        self.target = target
        self.accepted = self.refused = 0
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(folder / "server.pem", folder / "server.key")
        self.context.load_verify_locations(folder / "ca.pem")
        self.context.verify_mode = ssl.CERT_REQUIRED
        self.listener = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                plain, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(plain,), daemon=True).start()

    def serve(self, plain):
        try:
            plain.settimeout(10)
            client = self.context.wrap_socket(plain, server_side=True)
        except (OSError, ssl.SSLError):
            self.refused += 1
            plain.close()
            return
        self.accepted += 1
        server = socket.create_connection(("127.0.0.1", self.target))
        # One thread for both directions, because a TLS object must not be used by two threads at once.
        client.settimeout(0.005)
        server.settimeout(0.005)
        try:
            while True:
                for source, sink in [(client, server), (server, client)]:
                    try:
                        data = source.recv(1 << 16)
                    except (TimeoutError, ssl.SSLWantReadError):
                        continue
                    if not data:
                        return
                    sink.settimeout(10)
                    sink.sendall(data)
                    sink.settimeout(0.005)
        except OSError:
            pass
        finally:
            client.close()
            server.close()

    def close(self):
        self.listener.close()
