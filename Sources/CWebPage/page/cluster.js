// The cluster page: totals, jobs, workers.
import { bar, h, number, section, table, tag } from "./dom.js";
import { bytes, clock, count, memory, seconds, short } from "./format.js";

const states = ["all", "running", "queued", "failed", "done", "cancelled"];
let shown = "all";

export function clusterPage(cluster, rerender) {
  return [
    cluster.isHistory ? null : numbers(cluster),
    jobs(cluster, rerender),
    cluster.isHistory ? null : workers(cluster),
    cluster.formerWorkers.length ? former(cluster) : null,
  ];
}

function numbers(cluster) {
  const totals = cluster.totals;
  const attempts = totals.attempts;
  const failed = Object.entries(attempts).reduce((sum, [kind, number]) =>
    (kind === "success" || kind === "cancelled" ? sum : sum + number), 0);
  const item = (name, value, small) => h("div", null, h("dt", null, name), h("dd", null, value, small ? h("small", null, ` ${small}`) : null));
  return h("dl", { class: "numbers" },
    item("Workers", count(cluster.workers.length), totals.workersLost ? `${count(totals.workersLost)} lost` : ""),
    item("Busy slots", count(cluster.runningTasks), `of ${count(cluster.slots)}`),
    item("Queued tasks", count(cluster.queuedTasks)),
    item("Successful attempts", count(attempts.success), failed ? `${count(failed)} failed` : ""),
    item("Rows read", short(totals.rowsRead), bytes(totals.bytesRead)),
    item("Shuffled", bytes(totals.shuffleWritten), totals.spilled ? `${bytes(totals.spilled)} spilled` : ""));
}

function jobs(cluster, rerender) {
  const filters = h("span", { class: "filters", role: "group", "aria-label": "Filter jobs by state" }, states.map((state) => {
    const number = state === "all" ? cluster.jobs.length : cluster.jobs.filter((job) => job.state === state).length;
    if (state !== "all" && state !== shown && !number) return null;
    return h("button", {
      type: "button", "aria-pressed": String(state === shown), onclick: () => { shown = state; rerender(); },
    }, `${state} ${count(number)}`);
  }));
  const list = cluster.jobs.filter((job) => shown === "all" || job.state === shown);
  const heading = h("h2", null, "Jobs", filters);
  if (!list.length) {
    const hint = cluster.isHistory ? "No event logs in this folder." : "No jobs yet. Submit one with swift-submit --master swiftlet://… or POST /api/v1/jobs.";
    return h("section", null, heading, h("p", { class: "empty" }, cluster.jobs.length ? `No ${shown} jobs.` : hint));
  }
  const rows = list.map((job) => [
    h("th", { scope: "row" }, h("a", { href: `#/jobs/${encodeURIComponent(job.id)}`, class: "mono" }, job.id)),
    tag(job.state),
    h("td", { class: "words" }, h("div", null, job.name),
      job.error ? h("div", { class: "bad" }, firstLine(job.error)) : job.status ? h("div", { class: "soft" }, job.status) : null),
    h("td", null, `${job.stepsDone} of ${job.stepCount}`, job.state === "running" ? bar(job.stepsDone, 1, job.stepCount) : null),
    job.seconds === undefined ? "–" : seconds(job.seconds), clock(job.submitted),
  ]);
  const more = cluster.jobCount > cluster.jobs.length
    ? h("p", { class: "empty" }, `Showing the newest ${count(cluster.jobs.length)} of ${count(cluster.jobCount)} jobs. GET /api/v1/jobs lists all.`) : null;
  return h("section", null, heading, table("Jobs", [
    ["Job"], ["State"], ["Name and status"], ["Steps"], ["Time", true], ["Submitted", true],
  ], rows), more);
}

export function firstLine(text) {
  const line = text.split("\n")[0];
  return line.length > 240 ? `${line.slice(0, 240)}…` : line;
}

function workers(cluster) {
  if (!cluster.workers.length) {
    return section("Workers", null, h("p", { class: "empty" }, "No workers yet. Start one with swift-worker --driver HOST:PORT."));
  }
  const rows = cluster.workers.map((worker) => [
    h("th", { scope: "row", class: "mono" }, worker.name), tag(worker.state),
    h("td", null, `${worker.running} of ${worker.slots}` + (worker.queued ? ` +${worker.queued}` : ""), bar(worker.running, 0, worker.slots)),
    memory(worker.memory),
    h("td", { class: worker.silentSeconds > 3 ? "n warn" : "n" }, worker.silentSeconds < 1.5 ? "now" : `${seconds(worker.silentSeconds)} ago`),
    count(worker.tasksDone),
    number(worker.tasksFailed, count, "bad"), number(worker.rowsRead, short), number(worker.spilled, bytes, "warn"), clock(worker.joined),
    h("td", { class: "words" }, worker.reason ? `excluded until ${clock(worker.excludedUntil)}: ${worker.reason}` : h("span", { class: "soft mono" }, worker.address)),
  ]);
  return section("Workers", `${count(cluster.slots)} slots, ${memory(cluster.memory)} memory`, table("Workers", [
    ["Worker"], ["State"], ["Slots"], ["Memory", true], ["Last heartbeat", true], ["Tasks done", true], ["Failed", true], ["Rows read", true],
    ["Spilled", true], ["Joined", true], ["Shuffle address or exclusion"],
  ], rows));
}

function former(cluster) {
  const rows = cluster.formerWorkers.map((worker) => [
    h("th", { scope: "row", class: "mono" }, worker.name), worker.orderly ? h("span", { class: "tag" }, "left") : tag("lost"),
    clock(worker.left), h("td", { class: "words" }, worker.reason),
  ]);
  return section("Former workers", null, table("Former workers", [["Worker"], ["Status"], ["Left", true], ["Reason"]], rows));
}
