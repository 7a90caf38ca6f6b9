"""TLS with certificates of both sides in front of a server that has none, and the certificates."""

import socket
import ssl
import subprocess
import threading


def certificates(folder):
    """A CA (ca.pem), and for server and client a certificate and key (server.pem, server.key …) signed by it."""

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
    """Passes on what clients with a certificate of the CA say. Counts those it let in and those it did not."""

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
        # TLS objects may not be read and written by two threads at a time without a lock: one thread, two directions.
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
