"""swift-submit from a user's view: exit codes, streams, --json, a terminal, Ctrl-C."""

import fcntl
import json
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import termios
import time

import pytest

from project import BIN, ROOT

SUBMIT = BIN / "swift-submit"
LIMIT = 120


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    folder = tmp_path_factory.mktemp("events") / "raw"
    subprocess.run(
        [BIN / "swift-events", "--events", "600000", "--users", "3000", "--output", folder], check=True, timeout=LIMIT)
    return folder


@pytest.fixture
def root(events, tmp_path):
    (tmp_path / "raw").symlink_to(events)
    return tmp_path


@pytest.fixture
def long_root(events, tmp_path):
    """The same events ten times, so that the job is still running when the signal comes."""
    (tmp_path / "raw").mkdir()
    for number in range(10):
        (tmp_path / f"raw/{number}").symlink_to(events)
    return tmp_path


def submit(root, *options, job=ROOT / "jobs/segmentation.json", **environment):
    return subprocess.run(
        [SUBMIT, "--set", f"root={root}", *options, job], cwd=root, capture_output=True, text=True, timeout=LIMIT,
        env={**os.environ, **environment})


def test_json(root):
    run = submit(root, "--json", "--master", "local[2]")
    assert run.returncode == 0, run.stderr
    result = json.loads(run.stdout)
    assert run.stdout.count("\n") == 1
    assert result["job"] == "user-segmentation" and result["status"] == "done" and result["id"]
    features, segment = result["steps"]
    assert features["type"] == "features" and segment["type"] == "segment"
    assert features["recordsRead"] == 600_000 and features["recordsRejected"] == 0
    assert features["rowsWritten"] == 3000 and features["output"] == str(root / "features")
    assert segment["clusters"] == 5 and sum(segment["sizes"]) == 3000
    assert segment["iterations"] >= 1 and segment["cost"] > 0 and -1 <= segment["silhouette"] <= 1
    assert result["seconds"] >= features["seconds"] + segment["seconds"] - 0.01
    # A second run has nothing to do. With --force it computes the same again.
    again = json.loads(submit(root, "--json").stdout)
    assert [step["skipped"] for step in again["steps"]] == [True, True]
    forced = json.loads(submit(root, "--json", "--force", "--master", "local[1]").stdout)
    assert [step["skipped"] for step in forced["steps"]] == [False, False]
    assert forced["steps"][1]["cost"] == segment["cost"] and forced["steps"][1]["sizes"] == segment["sizes"]


def test_streams(root):
    run = submit(root)
    assert run.returncode == 0
    assert run.stdout.startswith("user-segmentation (") and "5 segments of 3,000 users" in run.stdout
    # Without a terminal: one line per step, no control characters.
    assert [line.split()[1] for line in run.stderr.splitlines()] == ["[1/2]", "[2/2]"]
    assert "\x1b" not in run.stdout + run.stderr
    quiet = submit(root, "--quiet", "--force")
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")


def test_explain_runs_nothing(root):
    run = submit(root, "--explain")
    assert run.returncode == 0, run.stderr
    assert "21 tasks" in run.stdout and "Step 2: segment" in run.stdout
    assert not (root / "features").exists()


def test_unwritable_output_fails(root):
    with open("/dev/full", "w") as full:
        run = subprocess.run([SUBMIT, "--explain", "--json", "--set", f"root={root}", ROOT / "jobs/segmentation.json"], stdout=full, stderr=subprocess.PIPE,
                             text=True, timeout=LIMIT)
    assert run.returncode == 1
    assert run.stderr == "error: cannot write to stdout: No space left on device\n"


def test_failed_job(root):
    raw = root / "bad"
    raw.mkdir()
    (raw / "x.jsonl").write_text("no event\n" * 10)
    job = root / "job.json"
    job.write_text(json.dumps({"name": "bad", "steps": [
        {"type": "features", "input": "bad/", "output": "out/", "startDate": "2025-04-01", "endDate": "2025-04-21"}]}))
    run = subprocess.run([SUBMIT, "--json", job], cwd=root, capture_output=True, text=True, timeout=LIMIT)
    assert run.returncode == 1
    result = json.loads(run.stdout)
    assert result["status"] == "failed" and result["steps"] == []
    assert "x.jsonl" in result["error"] and result["error"] in run.stderr
    assert not (root / "out/_SUCCESS").exists()


def test_usage_errors(root):
    assert submit(root, "--bogus").returncode == 2
    assert submit(root, "--master", "mesos://x:1").returncode == 2
    assert submit(root, "--set", "rot=x").returncode == 2
    assert submit(root, "--conf", "nothing.known=1").returncode == 2
    assert submit(root, job=root / "none.json").returncode == 2
    # An unreachable driver is not a usage error.
    run = submit(root, "--json", "--master", "swiftlet://127.0.0.1:9")
    assert run.returncode == 1 and json.loads(run.stdout)["status"] == "failed"


class Terminal:
    """A process in a pseudo terminal."""

    def __init__(self, arguments, columns=100, **environment):
        self.pid, self.descriptor = pty.fork()
        if self.pid == 0:
            os.environ.update({"TERM": "xterm", "LC_ALL": "C.UTF-8", **environment})
            os.environ.pop("NO_COLOR", None) if "NO_COLOR" not in environment else None
            os.execv(arguments[0], [str(argument) for argument in arguments])
        fcntl.ioctl(self.descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        self.text = ""

    def read(self, until=None):
        """Reads to the end, or until a text was printed."""
        limit = time.monotonic() + LIMIT
        while until is None or until not in self.text:
            assert time.monotonic() < limit, self.text
            if not select.select([self.descriptor], [], [], 1)[0]:
                continue
            try:
                data = os.read(self.descriptor, 1 << 16)
            except OSError:
                break
            if not data:
                break
            self.text += data.decode(errors="replace")
        return self.text

    def interrupt(self):
        os.write(self.descriptor, b"\x03")

    def wait(self):
        self.read()
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def command(root, *options):
    return [SUBMIT, "--set", f"root={root}", *options, ROOT / "jobs/segmentation.json"]


def test_progress_on_a_terminal(root):
    terminal = Terminal(command(root, "--master", "local[1]"))
    assert terminal.wait() == 0
    assert "[1/2] features" in terminal.text and "█" in terminal.text and "rows" in terminal.text
    # The cursor is hidden once and shown again at the end. Every line fits.
    assert terminal.text.count("\x1b[?25l") == 1
    assert terminal.text.rindex("\x1b[?25h") > terminal.text.rindex("\x1b[?25l")
    progress = terminal.text[: terminal.text.rindex("\x1b[?25h")]
    for line in re.sub(r"\x1b\[[0-9?]*[a-zA-Z]", "", progress).splitlines():
        assert len(line.replace("\r", "")) <= 100, line


def test_no_color(root):
    terminal = Terminal(command(root, "--master", "local[1]"), NO_COLOR="1")
    assert terminal.wait() == 0
    assert "█" in terminal.text and not re.search(r"\x1b\[[0-9;]*m", terminal.text)


@pytest.mark.parametrize("master", ["local[1]", "local-cluster[2]"])
def test_interrupt(long_root, master):
    terminal = Terminal(command(long_root, "--master", master))
    terminal.read(until="running")
    terminal.interrupt()
    assert terminal.wait() == 130, terminal.text
    assert "cancelled" in terminal.text
    assert terminal.text.rindex("\x1b[?25h") > terminal.text.rindex("\x1b[?25l")
    assert not (long_root / "user_segments/_SUCCESS").exists()
    # The next run succeeds.
    assert submit(long_root, "--quiet").returncode == 0


def signalled(root, number, *wrapper):
    """Sends a signal to a running job. Returns exit code, stdout and stderr."""
    process = subprocess.Popen(
        [*wrapper, *command(root, "--master", "local[1]", "--json")], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    # Signal handlers are installed before the work folder is created.
    limit = time.monotonic() + LIMIT
    while process.poll() is None and not any("features" in name for name in os.listdir(root)):
        assert time.monotonic() < limit
        time.sleep(0.005)
    process.send_signal(number)
    output, told = process.communicate(timeout=LIMIT)
    return process.returncode, output, told


def test_terminate(long_root):
    code, output, told = signalled(long_root, signal.SIGTERM)
    assert code == 130, told
    assert json.loads(output)["status"] == "cancelled"
    shutil.rmtree(long_root / "features", ignore_errors=True)


def test_hangup(long_root):
    """When the terminal closes, the job is cancelled as by Ctrl-C. Under nohup it continues."""
    # The tests may run under nohup.
    code, output, told = signalled(long_root, signal.SIGHUP, "env", "--default-signal=HUP")
    assert code == 130, told
    assert json.loads(output)["status"] == "cancelled"
    assert not [name for name in os.listdir(long_root) if name.startswith(".features")]
    code, output, told = signalled(long_root, signal.SIGHUP, "nohup")
    assert code == 0, told


def test_links_do_not_hide_an_input(events, tmp_path):
    """An output that is the input under another name is refused before anything runs."""
    raw = tmp_path / "raw"
    shutil.copytree(events, raw)
    (tmp_path / "link").symlink_to(raw)
    before = sorted(path.name for path in raw.rglob("*"))
    for source, output in [("link", "raw"), ("raw", "link"), ("raw/", "link/new"), ("link", "./link/../raw")]:
        job = tmp_path / "job.json"
        job.write_text(json.dumps({"steps": [
            {"type": "features", "input": source, "output": output, "startDate": "2025-04-01", "endDate": "2025-04-02"}]}))
        run = subprocess.run([SUBMIT, job], cwd=tmp_path, capture_output=True, text=True, timeout=LIMIT)
        assert run.returncode == 2 and "steps[0].output" in run.stderr, (source, output, run.stderr)
    assert sorted(path.name for path in raw.rglob("*")) == before


def test_concurrent_runs_have_separate_logs(root):
    processes = []
    for number in range(6):
        job = root / f"job{number}.json"
        job.write_text(json.dumps({"steps": [
            {"type": "features", "input": "raw", "output": f"out{number}", "startDate": "2025-04-01", "endDate": "2025-04-01"}]}))
        processes.append(subprocess.Popen(
            [SUBMIT, "--master", "local[1]", "--quiet", "--event-log", "logs", job], cwd=root, stderr=subprocess.PIPE))
    for process in processes:
        assert process.wait(LIMIT) == 0, process.stderr.read()
    logs = sorted((root / "logs").iterdir())
    assert len(logs) == 6 and all(log.suffix == ".jsonl" for log in logs)
    for log in logs:
        events = [json.loads(line)["event"] for line in log.read_text().splitlines()]
        assert events.count("jobSubmitted") == events.count("finished") == 1


def test_malformed_pairs_do_not_reveal_values(root):
    run = submit(root, "--conf", "s3.secretAccessKey:hidden-value")
    assert run.returncode == 2 and "s3.secretAccessKey…" in run.stderr and "hidden-value" not in run.stderr
