"""Writes and reads one large object. See scripts/s3-soak."""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import s3_servers
from project import BIN

BLOCK = 1 << 20
MEMORY_KIB = 200 << 10


def tool(server, command, **more):
    pairs = [f"{k}={v}" for k, v in server.settings().items()]
    return subprocess.Popen([BIN / "s3-check", command, "s3://soak/big", *pairs], stderr=subprocess.PIPE, **more)


def result_of(process):
    text = process.stderr.read()
    assert process.wait(60) == 0, text.decode()
    return json.loads(text)


def write(server, size):
    """Writes an object of random bytes. Returns the hash of the bytes sent."""
    seed = os.urandom(BLOCK)
    sent = hashlib.sha256()
    process = tool(server, "put", stdin=subprocess.PIPE)
    for index in range(size // BLOCK):
        block = index.to_bytes(8, "little") + seed[8:]
        sent.update(block)
        process.stdin.write(block)
    process.stdin.close()
    return result_of(process), sent.hexdigest()


def read(server):
    process = tool(server, "cat", stdout=subprocess.PIPE)
    got = hashlib.sha256()
    while block := process.stdout.read(BLOCK):
        got.update(block)
    return result_of(process), got.hexdigest()


def curl(server, size, parallel=3, piece=8 << 20):
    """Reads the same ranges with parallel curl over persistent connections to /dev/null. Returns the wall seconds."""
    url = server.client().generate_presigned_url("get_object", Params={"Bucket": "soak", "Key": "big"}, ExpiresIn=3600)
    ranges = [(start, min(start + piece, size) - 1) for start in range(0, size, piece)]
    with tempfile.TemporaryDirectory() as folder:
        processes = []
        start = time.monotonic()
        for part in range(parallel):
            config = Path(folder) / str(part)
            config.write_text("\nnext\n".join(
                f'url = "{url}"\nrange = {a}-{b}\noutput = /dev/null\nsilent\nfail' for a, b in ranges[part::parallel]))
            processes.append(subprocess.Popen(["curl", "--config", config]))
        assert all(process.wait(900) == 0 for process in processes)
        return time.monotonic() - start


def ours(server):
    process = tool(server, "cat", stdout=subprocess.DEVNULL)
    return result_of(process)


def main(gib):
    size = int(float(gib) * (1 << 30)) // BLOCK * BLOCK
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR", "/tmp")) as folder:
        server = s3_servers.SeaweedFS(Path(folder) / "seaweed")
        try:
            server.client().create_bucket(Bucket="soak")
            put, sent = write(server, size)
            cat, got = read(server)
            assert sent == got, "different bytes came back"
            rows = [("written in parts", put), ("read in ranges, hashed by the peer", cat)]
            # Alternating, so that other load affects both.
            times = {"curl": [], "swiftlet": []}
            for _ in range(3):
                times["curl"].append(curl(server, size))
                run = ours(server)
                times["swiftlet"].append(run["seconds"])
            rows.append(("read in ranges", run))
        finally:
            server.close()
    print(f"{size / (1 << 30):.2f} GiB, same SHA-256 written and read")
    for name, row in rows:
        print(f"{name:36} {row['bytes'] / row['seconds'] / 1e6:7.0f} MB/s   peak {row['peakKiB'] / 1024:6.1f} MiB")
        assert row["peakKiB"] < MEMORY_KIB
    best = {name: min(values) for name, values in times.items()}
    print(f"curl, 3 at a time, to /dev/null      {size / best['curl'] / 1e6:7.0f} MB/s")
    print(f"ours / curl                          {best['curl'] / best['swiftlet']:7.2f} (best of 3, alternating)")


if __name__ == "__main__":
    main(sys.argv[1])
