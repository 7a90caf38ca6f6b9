// The stages of a job: as a graph, and as numbers.
import { bar, h, number, section, table } from "./dom.js";
import { bytes, count, microseconds, seconds, short } from "./format.js";

const colours = 8;
export function colour(index) { return `f${index % colours}`; }

export function stagesSection(job) {
  if (!job.stages.length) {
    const words = job.state === "queued" ? "The job waits for its turn." : "No stage has begun.";
    return section("Stages", null, h("p", { class: "empty" }, words));
  }
  return section("Stages", "a box reads the ones that point at it; what is not joined runs one after the other", graph(job), numbers(job), spread(job));
}

const rowLimit = 3;

// Steps side by side, in their order. Within a step, each graph is a row of its stages by depth; rows fill columns from the top.
function places(stages) {
  const found = stages.map(() => ({ column: 0, row: 0 }));
  let left = 0;
  for (const step of [...new Set(stages.map((stage) => stage.step))].sort((a, b) => a - b)) {
    const graphs = new Map();
    const home = new Map();
    for (const stage of stages.filter((one) => one.step === step)) {
      const graph = stage.upstream.length ? home.get(stage.upstream[0]) : stage.index;
      home.set(stage.index, graph);
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
        const place = taken.get(depth) || 0;
        taken.set(depth, place + 1);
        found[stage.index] = { column: left + depth, row: row + place };
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
  const at = places(stages);
  const left = (place) => place.column * (box.width + box.gapX) + 1;
  const top = (place) => box.top + place.row * (box.height + box.gapY);
  const width = Math.max(...at.map((place) => left(place))) + box.width + 2;
  const height = Math.max(...at.map((place) => top(place))) + box.height + 2;
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
  const words = stages.map((stage) => `${stage.name}: ${stage.done} of ${stage.tasks} tasks` +
    (stage.upstream.length ? `, reads ${stage.upstream.map((from) => stages[from].name).join(" and ")}` : "")).join("; ");
  return h("div", { class: "graph", tabindex: "0", role: "region", "aria-label": "Graph of the stages" },
    h("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": words }, edges, steps, boxes));
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
    h("rect", { class: colour(stage.index), x: x + 10, y: y + 12, width: 9, height: 9, rx: 2 }),
    h("text", { x: x + 25, y: y + 21 }, cut(stage.name, 23)),
    h("text", { x: x + 10, y: y + 38, class: "soft" }, `${count(stage.done)}/${count(stage.tasks)} tasks${rounds}`),
    h("rect", { class: "lane", x: x + 10, y: y + 47, width: inner, height: 6, rx: 3 }),
    share > 0 ? h("rect", { class: colour(stage.index), x: x + 10, y: y + 47, width: Math.max(6, inner * share), height: 6, rx: 3 }) : null);
}

function label(stage) {
  return h("th", { scope: "row" }, h("span", { class: `dot ${colour(stage.index)}`, "aria-hidden": "true" }), stage.name,
    stage.rounds > 1 ? h("span", { class: "soft" }, ` × ${count(stage.rounds)}`) : null);
}

function numbers(job) {
  const rows = job.stages.map((stage) => [
    label(stage),
    h("td", { class: "n" }, `${count(stage.done)}/${count(stage.tasks)}`, stage.running ? bar(stage.done, stage.active, stage.tasks) : null),
    seconds(stage.seconds), seconds(stage.taskSeconds),
    number(stage.rowsRead, short), number(stage.bytesRead, bytes), rate(stage),
    number(stage.shuffleWritten, bytes), number(stage.shuffleRead, bytes), number(stage.spilled, bytes, "warn"),
    number(stage.failed, count, "bad"), number(stage.lost, count, "bad"), number(stage.copies, count),
  ]);
  return table("Stages in numbers", [
    ["Stage"], ["Tasks", true], ["Time", true], ["Time of tasks", true], ["Rows read", true], ["Read", true], ["Rows/s", true],
    ["Shuffle out", true], ["Shuffle in", true], ["Spilled", true], ["Failed", true], ["Lost", true], ["Copies", true],
  ], rows);
}

function rate(stage) { return stage.seconds > 0.001 && stage.rowsRead ? short(stage.rowsRead / stage.seconds) : "–"; }

// How even the tasks of each stage are.
function spread(job) {
  const known = job.stages.filter((stage) => stage.times);
  if (!known.length) return null;
  const rows = known.map((stage) => {
    const [least, low, middle, high, most95, most] = stage.times;
    const slow = stage.slowest.map((one) => `task ${one.partition}: ${microseconds(one.microseconds)} on worker-${one.worker}`).join("\n");
    return [
      label(stage), microseconds(least), microseconds(low), microseconds(middle), microseconds(high), microseconds(most95),
      h("td", { class: "n", title: `The slowest:\n${slow}` }, microseconds(most)),
      h("td", { class: isUneven(stage) ? "n warn" : "n" }, stage.skew ? `${stage.skew.toFixed(1)} ×` : "–"),
      h("td", null, boxPlot(stage.times)),
      range(stage.rows, short), range(stage.bytes, bytes), range(stage.shuffled, bytes),
    ];
  });
  return table("How even the tasks are", [
    ["Task times"], ["Least", true], ["25 %", true], ["Median", true], ["75 %", true], ["95 %", true], ["Most", true], ["Skew", true],
    ["Spread"], ["Rows, to most", true], ["Bytes, to most", true], ["Shuffled, to most", true],
  ], rows, { class: "next" });
}

/** Some task takes far longer than most, and long enough to matter. */
export function isUneven(stage) { return stage.skew > 3 && stage.times[5] >= 200000; }

function range(quantiles, text) {
  if (!quantiles || !quantiles[5]) return h("td", { class: "n soft" }, "–");
  return quantiles[0] === quantiles[5] ? text(quantiles[2]) : `${text(quantiles[2])} – ${text(quantiles[5])}`;
}

// From nothing to the longest: least to most as a line, the middle half as a bar, the median as a gap in it.
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
