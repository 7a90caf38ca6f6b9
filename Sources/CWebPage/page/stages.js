// The stages of a job: graph, metrics, and distribution of task times.
import { bar, h, number, section, table } from "./dom.js";
import { bytes, count, microseconds, seconds, short } from "./format.js";

const colorCount = 8;
export function color(index) { return `f${index % colorCount}`; }

export function stagesSection(job) {
  if (!job.stages.length) {
    const hint = job.state === "queued" ? "The job is queued." : "No stage has started.";
    return section("Stages", null, h("p", { class: "empty" }, hint));
  }
  return section("Stages", "Arrows point from a stage to the stages that read it. Stages without arrows run one after the other.", graph(job), metrics(job), distribution(job));
}

const rowLimit = 3;

// Assigns each stage a column and a row. Steps go left to right. Within a step, each graph takes rows, with one column per depth; a new
// block of columns starts after `rowLimit` rows.
function layout(stages) {
  const found = stages.map(() => ({ column: 0, row: 0 }));
  let left = 0;
  for (const step of [...new Set(stages.map((stage) => stage.step))].sort((a, b) => a - b)) {
    const graphs = new Map();
    const graphOf = new Map();
    for (const stage of stages.filter((one) => one.step === step)) {
      const graph = stage.upstream.length ? graphOf.get(stage.upstream[0]) : stage.index;
      graphOf.set(stage.index, graph);
      if (!graphs.has(graph)) graphs.set(graph, []);
      graphs.get(graph).push(stage);
    }
    let [row, deepest] = [0, 0];
    for (const members of graphs.values()) {
      const depths = new Map();
      const used = new Map();
      for (const stage of members) {
        const depth = stage.upstream.length ? 1 + Math.max(...stage.upstream.map((one) => depths.get(one) ?? 0)) : 0;
        depths.set(stage.index, depth);
        used.set(depth, (used.get(depth) || 0) + 1);
      }
      const height = Math.max(...used.values());
      if (row > 0 && row + height > rowLimit) {
        left += deepest + 1;
        [row, deepest] = [0, 0];
      }
      const taken = new Map();
      for (const stage of members) {
        const depth = depths.get(stage.index);
        const offset = taken.get(depth) || 0;
        taken.set(depth, offset + 1);
        found[stage.index] = { column: left + depth, row: row + offset };
        deepest = Math.max(deepest, depth);
      }
      row += height;
    }
    left += deepest + 1;
  }
  return found;
}

const box = { width: 186, height: 62, gapX: 34, gapY: 14, top: 22 };

function graph(job) {
  const stages = job.stages;
  const at = layout(stages);
  const left = (cell) => cell.column * (box.width + box.gapX) + 1;
  const top = (cell) => box.top + cell.row * (box.height + box.gapY);
  const width = Math.max(...at.map(left)) + box.width + 2;
  const height = Math.max(...at.map(top)) + box.height + 2;
  const edges = stages.flatMap((stage) => stage.upstream.map((from) => {
    const [x1, y1] = [left(at[from]) + box.width, top(at[from]) + box.height / 2];
    const [x2, y2] = [left(at[stage.index]), top(at[stage.index]) + box.height / 2];
    const bend = Math.max(14, (x2 - x1) / 2);
    return h("g", null,
      h("path", { class: "edge", d: `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2 - 7} ${y2}` }),
      h("polygon", { class: "head", points: `${x2},${y2} ${x2 - 8},${y2 - 4} ${x2 - 8},${y2 + 4}` }));
  }));
  const steps = [...new Set(stages.map((stage) => stage.step))].map((step) => {
    const first = Math.min(...stages.filter((stage) => stage.step === step).map((stage) => left(at[stage.index])));
    return h("text", { x: first, y: 12, class: "soft" }, `Step ${step + 1}: ${cut(job.steps[step]?.name ?? "", 22)}`);
  });
  const boxes = stages.map((stage) => stageBox(stage, left(at[stage.index]), top(at[stage.index])));
  const description = stages.map((stage) => `${stage.name}: ${stage.done} of ${stage.tasks} tasks` +
    (stage.upstream.length ? `, reads ${stage.upstream.map((from) => stages[from].name).join(" and ")}` : "")).join("; ");
  return h("div", { class: "graph", tabindex: "0", role: "region", "aria-label": "Stage graph" },
    h("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": description }, edges, steps, boxes));
}

function cut(text, length) { return text.length > length ? `${text.slice(0, length - 1)}…` : text; }

function stageBox(stage, x, y) {
  const state = stage.failed || stage.lost ? "failed" : stage.running && (stage.active || stage.done) ? "active" : "";
  const share = stage.tasks ? Math.min(1, stage.done / stage.tasks) : 0;
  const inner = box.width - 20;
  const rounds = stage.rounds > 1 ? `, ${count(stage.rounds)} rounds` : "";
  return h("g", null,
    h("title", null, `${stage.name} (${stage.operator})`),
    h("rect", { class: `box ${state}`, x, y, width: box.width, height: box.height, rx: 6 }),
    h("rect", { class: color(stage.index), x: x + 10, y: y + 12, width: 9, height: 9, rx: 2 }),
    h("text", { x: x + 25, y: y + 21 }, cut(stage.name, 23)),
    h("text", { x: x + 10, y: y + 38, class: "soft" }, `${count(stage.done)}/${count(stage.tasks)} tasks${rounds}`),
    h("rect", { class: "lane", x: x + 10, y: y + 47, width: inner, height: 6, rx: 3 }),
    share > 0 ? h("rect", { class: color(stage.index), x: x + 10, y: y + 47, width: Math.max(6, inner * share), height: 6, rx: 3 }) : null);
}

function label(stage) {
  return h("th", { scope: "row" }, h("span", { class: `dot ${color(stage.index)}`, "aria-hidden": "true" }), stage.name,
    stage.rounds > 1 ? h("span", { class: "soft" }, ` × ${count(stage.rounds)}`) : null);
}

function metrics(job) {
  const rows = job.stages.map((stage) => [
    label(stage),
    h("td", { class: "n" }, `${count(stage.done)}/${count(stage.tasks)}`, stage.running ? bar(stage.done, stage.active, stage.tasks) : null),
    seconds(stage.seconds), seconds(stage.taskSeconds),
    number(stage.rowsRead, short), number(stage.bytesRead, bytes), rate(stage),
    number(stage.shuffleWritten, bytes), number(stage.shuffleRead, bytes), number(stage.spilled, bytes, "warn"),
    number(stage.failed, count, "bad"), number(stage.lost, count, "bad"), number(stage.speculativeAttempts, count),
  ]);
  return table("Stage metrics", [
    ["Stage"], ["Tasks", true], ["Time", true], ["Task time", true], ["Rows read", true], ["Read", true], ["Rows/s", true],
    ["Shuffle out", true], ["Shuffle in", true], ["Spilled", true], ["Failed", true], ["Lost", true], ["Speculative", true],
  ], rows);
}

function rate(stage) { return stage.seconds > 0.001 && stage.rowsRead ? short(stage.rowsRead / stage.seconds) : "–"; }

// How task times and sizes vary within each stage.
function distribution(job) {
  const known = job.stages.filter((stage) => stage.times);
  if (!known.length) return null;
  const rows = known.map((stage) => {
    const [min, p25, median, p75, p95, max] = stage.times;
    const slow = stage.slowest.map((one) => `task ${one.partition}: ${microseconds(one.microseconds)} on worker-${one.worker}`).join("\n");
    return [
      label(stage), microseconds(min), microseconds(p25), microseconds(median), microseconds(p75), microseconds(p95),
      h("td", { class: "n", title: `Slowest tasks:\n${slow}` }, microseconds(max)),
      h("td", { class: isSkewed(stage) ? "n warn" : "n" }, stage.skew ? `${stage.skew.toFixed(1)} ×` : "–"),
      h("td", null, boxPlot(stage.times)),
      range(stage.rows, short), range(stage.bytes, bytes), range(stage.shuffled, bytes),
    ];
  });
  return table("Task distribution", [
    ["Stage"], ["Min", true], ["25 %", true], ["Median", true], ["75 %", true], ["95 %", true], ["Max", true], ["Skew", true],
    ["Task times"], ["Rows, median – max", true], ["Bytes, median – max", true], ["Shuffled, median – max", true],
  ], rows, { class: "next" });
}

/** Whether some task takes much longer than the median, and at least 0.2 s. */
export function isSkewed(stage) { return stage.skew > 3 && stage.times[5] >= 200000; }

function range(quantiles, text) {
  if (!quantiles || !quantiles[5]) return h("td", { class: "n soft" }, "–");
  return quantiles[0] === quantiles[5] ? text(quantiles[2]) : `${text(quantiles[2])} – ${text(quantiles[5])}`;
}

// A box plot from 0 to the maximum: min to max is a line, the middle half a bar, the median a gap in the bar.
function boxPlot(times) {
  const width = 90;
  const x = (value) => (width * value) / Math.max(times[5], 1);
  const from = Math.min(x(times[1]), width - 3);
  return h("svg", { width, height: 14, viewBox: `0 0 ${width} 14`, role: "img", "aria-label": `from ${microseconds(times[0])} to ${microseconds(times[5])}` },
    h("rect", { class: "lane", x: 0, y: 6, width, height: 2 }),
    h("rect", { class: "f7", x: x(times[0]), y: 6, width: Math.max(1, x(times[5]) - x(times[0])), height: 2 }),
    h("rect", { class: "f0", x: from, y: 2, width: Math.max(3, x(times[3]) - from), height: 10, rx: 1 }),
    h("rect", { class: "gap", x: Math.min(Math.max(from + 1, x(times[2]) - 0.75), width - 2), y: 2, width: 1.5, height: 10 }));
}
