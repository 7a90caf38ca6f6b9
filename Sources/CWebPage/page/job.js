// The job page: errors first, then progress and metrics.
import { bar, h, section, table, tag } from "./dom.js";
import { bytes, clock, count, seconds, short } from "./format.js";
import { isSkewed, stagesSection } from "./stages.js";
import { timelineSection } from "./timeline.js";

export function jobPage(job, cluster, cancel) {
  const active = job.state === "running" || job.state === "queued";
  return [
    h("div", { class: "title" }, h("h1", null, job.name), tag(job.state), h("span", { class: "mono soft" }, job.id),
      active && cluster?.canChange ? h("button", { type: "button", class: "danger", onclick: () => cancel(job) }, "Cancel…") : null),
    job.error ? h("div", { class: "note error", role: "alert" }, h("b", null, "Error: "), job.error) : null,
    job.status ? h("div", { class: "note" }, job.status) : null,
    numbers(job),
    problems(job),
    steps(job),
    stagesSection(job),
    timelineSection(job),
    results(job),
    log(job),
  ];
}

function numbers(job) {
  const sum = (key) => job.stages.reduce((total, stage) => total + stage[key], 0);
  const first = job.stages.filter((stage) => !stage.upstream.length);
  const skew = Math.max(0, ...job.stages.filter((stage) => stage.skew && stage.times[5] >= 200000).map((stage) => stage.skew));
  const item = (name, value, small, mark) => h("div", null, h("dt", null, name), h("dd", { class: mark || null }, value, small ? h("small", null, ` ${small}`) : null));
  const failed = job.attempts.failed + job.attempts.lost;
  return h("dl", { class: "numbers" },
    item("Time", job.seconds === undefined ? "–" : seconds(job.seconds), job.runs > 1 ? `${count(job.runs)} runs` : ""),
    item("Tasks", count(sum("done")), `of ${count(sum("tasks"))}`),
    item("Running", count(job.runningTasks), job.queuedTasks ? `${count(job.queuedTasks)} queued` : ""),
    item("Rows read", short(first.reduce((total, stage) => total + stage.rowsRead, 0)), bytes(first.reduce((total, stage) => total + stage.bytesRead, 0))),
    item("Shuffled", bytes(sum("shuffleWritten")), sum("spilled") ? `${bytes(sum("spilled"))} spilled` : ""),
    item("Failed", count(failed), job.attempts.lost ? `${count(job.attempts.lost)} lost` : "", failed ? "bad" : ""),
    item("Largest skew", skew ? `${skew.toFixed(1)} ×` : "–", "", job.stages.some(isSkewed) ? "warn" : ""));
}

function problems(job) {
  if (!job.problems.length) return null;
  const all = job.attempts.failed + job.attempts.lost;
  const rows = job.problems.map((one) => [
    h("td", null, clock(one.at)), h("td", null, one.stage), `${one.partition}`, `${one.attempt}`, h("td", { class: "mono" }, one.worker), one.kind,
    h("td", { class: "words" }, one.message),
  ]);
  return section("Failed attempts", all > rows.length ? `the last ${count(rows.length)} of ${count(all)}` : `${count(all)}`,
    table("Failed attempts", [["Time"], ["Stage"], ["Task", true], ["Attempt", true], ["Worker"], ["Kind"], ["Error"]], rows));
}

function steps(job) {
  const rows = job.steps.map((step, index) => {
    const stages = job.stages.filter((stage) => stage.step === index);
    const done = stages.reduce((sum, stage) => sum + stage.done, 0);
    const tasks = stages.reduce((sum, stage) => sum + stage.tasks, 0);
    const running = stages.reduce((sum, stage) => sum + stage.active, 0);
    return [
      h("th", { scope: "row" }, `${index + 1}. ${step.name}`), h("td", { class: "soft" }, step.type),
      step.skipped ? h("span", { class: "tag" }, "up to date") : tag(step.state),
      h("td", { class: "n" }, tasks ? `${count(done)}/${count(tasks)}` : "–", step.state === "running" && tasks ? bar(done, running, tasks) : null),
      step.seconds === null ? "–" : seconds(step.seconds), h("td", { class: "words mono" }, step.output || ""),
    ];
  });
  return section("Steps", null, table("Steps", [["Step"], ["Type"], ["State"], ["Tasks", true], ["Time", true], ["Output"]], rows));
}

function results(job) {
  const reported = job.steps.filter((step) => step.text);
  return reported.map((step) => section(`Result of ${step.name}`, null, h("pre", { tabindex: "0", role: "region", "aria-label": `Result of ${step.name}` }, step.text.trimEnd())));
}

function log(job) {
  if (!job.lines.length) return null;
  const rows = [...job.lines].reverse().map((line) => [h("td", { class: "soft" }, clock(line.time)), h("td", { class: "words" }, line.text)]);
  return section("Log", job.omittedLines ? `newest first, ${count(job.omittedLines)} older lines omitted` : "newest first",
    table("Log", [["Time"], ["Message"]], rows, { class: "lines" }));
}
