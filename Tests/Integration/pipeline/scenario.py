"""The scenario of a run: two days of the pipeline. The driver is killed on the second day."""

import json
import re
import time

import checks
from project import JOBS

JOB = JOBS / "pipeline.json"
START = "2025-04-01"
# For each run: its last day and the day after.
FIRST, SECOND = ("2025-04-13", "2025-04-14"), ("2025-04-14", "2025-04-15")
LIMIT = 180
# Seconds until the output lock of a killed driver expires.
LOCK = 5


class Scenario:

    def __init__(self, services, browser, screenshots, report, events, rate=None):
        self.services = services
        self.browser = browser
        self.screenshots = screenshots
        self.report = report
        self.rate = rate
        self.waves = [events * 4 // 5, events - events * 4 // 5]
        self.users = max(50, events // 60)
        self.produced = (0, 0)

    def produce(self, seed, start, days):
        """Produces a wave of events to the topic. Each seed generates other users."""
        arguments = [
            "--events", self.waves[seed], "--users", max(1, self.users // (1 if seed == 0 else 4)), "--seed", seed, "--start-date", start,
            "--days", days, "--malformed", 0.001]
        if self.rate:
            arguments += ["--rate", self.rate]
        output = self.services.broker.events(self.services.topic, *arguments, timeout=3600).stderr
        found = re.search(r"(\d+) of (\d+) messages delivered(?: \((\d+) malformed\))?", output)
        checks.expect(found and found[1] == found[2], f"swift-events: {output}")
        events, malformed = self.waves[seed], int(found[3] or 0)
        checks.expect(int(found[1]) == events + malformed, f"swift-events: {output}")
        self.produced = (self.produced[0] + events, self.produced[1] + malformed)
        self.report.row(f"wave {seed + 1} produced", f"{events:,} events, {malformed:,} malformed messages")

    def variables(self, day):
        return {
            "root": self.services.root, "topic": f"kafka://{self.services.broker.address}/{self.services.topic}", "run": f"dt={day}/",
            "start": START, "end": day}

    def status(self, job):
        code, record = self.services.cluster.json(f"/api/v1/jobs/{job}")
        checks.expect(code == 200, f"the driver does not know {job}: {record}")
        return record

    def wait(self, job, what, condition):
        """Returns the job as soon as a condition holds."""
        end = time.monotonic() + LIMIT
        while True:
            record = self.status(job)
            if condition(record):
                return record
            checks.expect(record["state"] in ("queued", "running"), f"{job} is {record['state']}: {record.get('error')}")
            checks.expect(time.monotonic() < end, f"{job}: not {what} within {LIMIT} s")
            time.sleep(0.01)

    def done(self, job):
        record = self.wait(job, "done", lambda record: record["state"] == "done")
        seconds = ", ".join(f"{step['type']} {step['seconds']:.1f} s" for step in record["steps"])
        self.report.row(job, f"done; {seconds}")
        return record

    def undisturbed_day(self):
        """Submits by swift-submit --detach and follows the job on the page."""
        job, services = f"daily-{FIRST[0]}", self.services
        self.browser.open(services.cluster.url + "/")
        self.browser.wait_for_text("main", "No jobs yet")
        self.screenshots.take("cluster-before", "light")
        settings = [part for name, value in self.variables(FIRST[0]).items() for part in ("--set", f"{name}={value}")]
        services.submit("--detach", "--id", job, "--conf", f"s3.lockSeconds={LOCK}", *settings, JOB)
        # Usually the job is still running; on a fast machine it may have finished.
        self.browser.wait_for_text("main", "pipeline", job)
        self.screenshots.take("cluster-at-work", "light")
        self.browser.open(f"{services.cluster.url}/#/jobs/{job}")
        self.browser.wait_for_text(".title", "pipeline")
        self.screenshots.take("job-at-work", "light")
        self.done(job)

    def killed_day(self, kill):
        """Submits over the REST API and kills the driver while features are computed."""
        job, cluster = f"daily-{SECOND[0]}", self.services.cluster
        text = json.loads(JOB.read_text())
        code, answer = cluster.json("/api/v1/jobs", {
            "id": job, "job": text, "variables": self.variables(SECOND[0]), "conf": {"s3.lockSeconds": LOCK}}, self.services.token)
        checks.expect(code == 201, f"the job was rejected: {answer}")
        self.browser.open(f"{cluster.url}/#/jobs/{job}")
        if kill:
            before = self.wait(job, "computing features", lambda record: record["steps"][1]["state"] == "running")
            tasks = self.wait_for_some_tasks(job)
            cluster.driver.stop(kill=True)
            checks.expect(cluster.driver.process.returncode == -9, "the driver was not killed")
            gone = time.monotonic()
            self.report.step(f"the driver is killed while computing features, {tasks} tasks done")
            self.browser.wait_for_text("#live", "disconnected")
            self.screenshots.take("driver-killed", "light")
            cluster.start()
            self.report.step(f"the driver is restarted, {time.monotonic() - gone:.1f} s later")
            self.browser.wait_for_text("#live", "live")
            self.screenshots.take("driver-back", "light")
        record = self.done(job)
        if kill:
            checks.expect(record["runs"] == 2, f"the job has run {record['runs']} times")
            checks.expect(record["steps"][0] == before["steps"][0], "the committed ingest step ran again")
            back = [worker["state"] for worker in cluster.json("/api/v1/cluster")[1]["workers"]]
            checks.expect(back == ["ready"] * len(cluster.workers), f"the workers are {back}")
            self.report.row(
                "driver", f"SIGKILL in features ({tasks} tasks done), restarted; job done {time.monotonic() - gone:.1f} s later, {len(back)} workers came back")
        return job

    def wait_for_some_tasks(self, job):
        """Waits up to 0.3 s until some tasks of the features step are done. Returns the progress: `3 of 56`."""
        end = time.monotonic() + 0.3
        while True:
            stages = json.loads(self.services.cluster.call(f"/api/v1/jobs/{job}/detail")[2])["stages"]
            now = [stage for stage in stages if stage["step"] == 1]
            if time.monotonic() > end or any(stage["done"] for stage in now):
                return f"{sum(stage['done'] for stage in now)} of {sum(stage['tasks'] for stage in now)}"
            time.sleep(0.01)

    def pages(self, job, mirror):
        """Takes screenshots of the driver's pages, the dashboard and the report."""
        browser, screenshots, services = self.browser, self.screenshots, self.services
        looks = ["light", "dark", "narrow", "narrow-dark"]
        browser.open(f"{services.cluster.url}/#/jobs/{job}")
        browser.wait_for_text("main", "segment", "Skew")
        screenshots.take("job", *looks)
        browser.open(services.cluster.url + "/")
        browser.wait_for_text("main", "daily-", "ready")
        screenshots.take("cluster", *looks)
        services.dashboard.wait()
        for view in ["Sizes", "Segments", "Movement", "Funnel", "Data quality"]:
            # Reloaded for each look, because Streamlit changes its layout when the window changes.
            for look in looks if view == "Sizes" else looks[:1]:
                screenshots.show(look, height=1300)
                services.dashboard.show(browser, view, chart=view != "Data quality")
                screenshots.save(f"dashboard-{view.replace(' ', '-').lower()}-{look}")
        screenshots.show("light")
        # Drop errors from the killed driver and from Streamlit.
        browser.console_errors()
        browser.open((mirror / f"user_segments/dt={SECOND[0]}/_report.html").as_uri())
        checks.expect("segments" in browser.text(), "the report is empty")
        screenshots.take("report", *looks)
        errors = browser.console_errors()
        checks.expect(not errors, f"the report has console errors: {errors}")
        self.report.row("pages", f"{len(screenshots.names)} screenshots of driver, dashboard and report")

    def run(self, kill):
        self.produce(0, START, 14)
        self.undisturbed_day()
        self.produce(1, SECOND[0], 1)
        job = self.killed_day(kill)
        mirror = self.services.mirror()
        report, services = self.report, self.services
        report.row("raw/", "exactly once: " + checks.exactly_once(services.broker, services.topic, mirror, self.produced))
        for day, after in (FIRST, SECOND):
            report.row(f"features {day}", checks.features(mirror, day, START, after) + " as computed by DuckDB")
            report.row(f"segments {day}", checks.segments(mirror, day))
        report.row("Athena", checks.queries(mirror, self.produced[0]) + ", in DuckDB")
        self.pages(job, mirror)
