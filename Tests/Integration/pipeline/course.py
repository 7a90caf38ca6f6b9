"""The course of a run: two days of the pipeline, the second one with a driver that is killed in the middle of it."""

import json
import re
import time

import checks
from project import JOBS

JOB = JOBS / "pipeline.json"
START = "2025-04-01"
# Last day of a run, and the day after it.
FIRST, SECOND = ("2025-04-13", "2025-04-14"), ("2025-04-14", "2025-04-15")
LIMIT = 180
# A driver that was killed leaves the lock on its output behind, which holds for so long.
LOCK = 5


class Course:
    """`place`: what it runs on, `eyes`: a browser, `report`: who is told."""

    def __init__(self, place, eyes, report, events, rate=None):
        self.place = place
        self.eyes = eyes
        self.report = report
        self.rate = rate
        self.waves = [events * 4 // 5, events - events * 4 // 5]
        self.users = max(50, events // 60)
        self.produced = (0, 0)

    def produce(self, seed, start, days):
        """A wave of events to the topic; another seed has other users."""
        arguments = [
            "--events", self.waves[seed], "--users", max(1, self.users // (1 if seed == 0 else 4)), "--seed", seed, "--start-date", start,
            "--days", days, "--malformed", 0.001]
        if self.rate:
            arguments += ["--rate", self.rate]
        told = self.place.broker.events(self.place.topic, *arguments, timeout=3600).stderr
        found = re.search(r"(\d+) of (\d+) messages delivered(?: \((\d+) malformed\))?", told)
        checks.expect(found and found[1] == found[2], f"swift-events: {told}")
        events, malformed = self.waves[seed], int(found[3] or 0)
        checks.expect(int(found[1]) == events + malformed, f"swift-events: {told}")
        self.produced = (self.produced[0] + events, self.produced[1] + malformed)
        self.report.row(f"wave {seed + 1} produced", f"{events:,} events, {malformed:,} malformed messages")

    def variables(self, day):
        return {
            "root": self.place.root, "topic": f"kafka://{self.place.broker.address}/{self.place.topic}", "run": f"dt={day}/",
            "start": START, "end": day}

    def status(self, job):
        code, record = self.place.cluster.json(f"/api/v1/jobs/{job}")
        checks.expect(code == 200, f"the driver does not know {job}: {record}")
        return record

    def until(self, job, what, found):
        """The job, as soon as it is so."""
        end = time.monotonic() + LIMIT
        while True:
            record = self.status(job)
            if found(record):
                return record
            checks.expect(record["state"] in ("queued", "running"), f"{job} is {record['state']}: {record.get('error')}")
            checks.expect(time.monotonic() < end, f"{job}: {what} not within {LIMIT} s")
            time.sleep(0.01)

    def done(self, job):
        record = self.until(job, "done", lambda record: record["state"] == "done")
        seconds = ", ".join(f"{step['type']} {step['seconds']:.1f} s" for step in record["steps"])
        self.report.row(job, f"done; {seconds}")
        return record

    def quiet_day(self):
        """By swift-submit --detach, with the page open."""
        job, place = f"daily-{FIRST[0]}", self.place
        self.eyes.open(place.cluster.url + "/")
        self.eyes.see("main", "No job yet")
        self.eyes.look("cluster-before", "light")
        settings = [part for name, value in self.variables(FIRST[0]).items() for part in ("--set", f"{name}={value}")]
        place.submit("--detach", "--id", job, "--conf", f"s3.lockSeconds={LOCK}", *settings, JOB)
        # Mostly while it runs; a fast machine may be through with a small one by now.
        self.eyes.see("main", "pipeline", job)
        self.eyes.look("cluster-at-work", "light")
        self.eyes.open(f"{place.cluster.url}/#/jobs/{job}")
        self.eyes.see(".title", "pipeline")
        self.eyes.look("job-at-work", "light")
        self.done(job)

    def killed_day(self, kill):
        """By REST; SIGKILL for the driver when features are being made."""
        job, cluster = f"daily-{SECOND[0]}", self.place.cluster
        text = json.loads(JOB.read_text())
        code, answer = cluster.json("/api/v1/jobs", {
            "id": job, "job": text, "variables": self.variables(SECOND[0]), "conf": {"s3.lockSeconds": LOCK}}, self.place.token)
        checks.expect(code == 201, f"the job was not taken: {answer}")
        self.eyes.open(f"{cluster.url}/#/jobs/{job}")
        if kill:
            before = self.until(job, "features begin", lambda record: record["steps"][1]["state"] == "running")
            tasks = self.in_the_middle(job)
            cluster.driver.end(kill=True)
            checks.expect(cluster.driver.process.returncode == -9, "the driver was not killed")
            gone = time.monotonic()
            self.report.step(f"the driver is killed while features are made, {tasks} tasks are done")
            self.eyes.see("#live", "no driver")
            self.eyes.look("driver-killed", "light")
            cluster.start()
            self.report.step(f"the driver is started again, {time.monotonic() - gone:.1f} s later")
            self.eyes.see("#live", "live")
            self.eyes.look("driver-back", "light")
        record = self.done(job)
        if kill:
            checks.expect(record["runs"] == 2, f"the job has run {record['runs']} times")
            checks.expect(record["steps"][0] == before["steps"][0], "the committed ingest ran again")
            back = [worker["state"] for worker in cluster.json("/api/v1/cluster")[1]["workers"]]
            checks.expect(back == ["ready"] * len(cluster.workers), f"the workers are {back}")
            self.report.row(
                "driver", f"SIGKILL in features ({tasks} tasks done), started again; job done {time.monotonic() - gone:.1f} s after it, {len(back)} workers came back")
        return job

    def in_the_middle(self, job):
        """Waits, but not for long, until some tasks of the features are done: `3 of 56`."""
        end = time.monotonic() + 0.3
        while True:
            stages = json.loads(self.place.cluster.call(f"/api/v1/jobs/{job}/detail")[2])["stages"]
            now = [stage for stage in stages if stage["step"] == 1]
            if time.monotonic() > end or any(stage["done"] for stage in now):
                return f"{sum(stage['done'] for stage in now)} of {sum(stage['tasks'] for stage in now)}"
            time.sleep(0.01)

    def pages(self, job, mirror):
        """The driver's pages after the run, the dashboard and the report."""
        eyes, place = self.eyes, self.place
        looks = ["light", "dark", "narrow", "narrow-dark"]
        eyes.open(f"{place.cluster.url}/#/jobs/{job}")
        eyes.see("main", "segment", "Skew")
        eyes.look("job", *looks)
        eyes.open(place.cluster.url + "/")
        eyes.see("main", "daily-", "ready")
        eyes.look("cluster", *looks)
        place.dashboard.wait()
        for view in ["Sizes", "Segments", "Movement", "Funnel", "Data quality"]:
            # Anew for each look: Streamlit moves its parts about when a window changes.
            for look in looks if view == "Sizes" else looks[:1]:
                eyes.look_at(look, height=1300)
                place.dashboard.show(eyes.driver, view, chart=view != "Data quality")
                eyes.shoot(f"dashboard-{view.replace(' ', '-').lower()}-{look}")
        eyes.look_at("light")
        # What came before told of the driver that was gone, and of Streamlit.
        eyes.complaints()
        eyes.open((mirror / f"user_segments/dt={SECOND[0]}/_report.html").as_uri())
        checks.expect("segments" in eyes.text("body"), "the report is empty")
        eyes.look("report", *looks)
        said = eyes.complaints()
        checks.expect(not said, f"the report complains on the console: {said}")
        self.report.row("pages", f"{len(eyes.taken)} pictures of driver, dashboard and report")

    def run(self, kill):
        self.produce(0, START, 14)
        self.quiet_day()
        self.produce(1, SECOND[0], 1)
        job = self.killed_day(kill)
        mirror = self.place.mirror()
        report, place = self.report, self.place
        report.row("raw/", "exactly once: " + checks.exactly_once(place.broker, place.topic, mirror, self.produced))
        for day, after in (FIRST, SECOND):
            report.row(f"features {day}", checks.features(mirror, day, START, after) + " as DuckDB makes them")
            report.row(f"segments {day}", checks.segments(mirror, day))
        report.row("Athena", checks.queries(mirror, self.produced[0]) + ", in DuckDB")
        self.pages(job, mirror)
