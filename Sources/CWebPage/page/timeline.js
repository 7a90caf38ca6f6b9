// The timeline: busy slots of each worker by stage over the run time of the job.
import { h, section } from "./dom.js";
import { clock, count, seconds } from "./format.js";
import { color } from "./stages.js";

const lane = { height: 18, gap: 5, label: 190 };

export function timelineSection(job) {
  const time = job.timeline;
  if (!time.lanes.length) return null;
  const width = 1180;
  const cell = (width - lane.label) / time.columns;
  const used = Math.max(20, ...time.lanes.map((one) => one.cells.length / 2), ...time.lanes.flatMap((one) => one.failed.map(([column]) => column + 1)));
  const scale = time.columns / used;
  const height = time.lanes.length * (lane.height + lane.gap) + 22;
  const lanes = time.lanes.map((one, row) => {
    const y = row * (lane.height + lane.gap);
    return h("g", null,
      h("text", { x: lane.label - 10, y: y + 13, "text-anchor": "end" }, short(one.worker)),
      h("title", null, `${one.worker}, ${count(one.slots)} slots`),
      h("rect", { class: "lane", x: lane.label, y, width: width - lane.label, height: lane.height, rx: 2 }),
      runs(one.cells).map(([from, to, level, group]) => {
        const full = Math.max(2, (lane.height * (level + 1)) / 10);
        return h("rect", {
          class: color(group), x: (lane.label + from * cell * scale).toFixed(1), y: y + lane.height - full,
          width: Math.max(0.8, (to - from) * cell * scale).toFixed(1), height: full,
        });
      }),
      one.failed.map(([column, number]) => h("circle", {
        class: "fail", cx: Math.min(width - 4, lane.label + (column + 0.5) * cell * scale).toFixed(1), cy: y + 5, r: 4,
      }, h("title", null, `${count(number)} failed or lost`))));
  });
  const whole = used * time.columnSeconds;
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((share) => h("text", {
    class: "soft", x: lane.label + share * (width - lane.label), y: height - 4,
    "text-anchor": share === 0 ? "start" : share === 1 ? "end" : "middle",
  }, share === 0 ? clock(time.start) : `+${seconds(share * whole)}`));
  const failures = time.lanes.reduce((sum, one) => sum + one.failed.reduce((part, [, number]) => part + number, 0), 0);
  const description = `${count(time.lanes.length)} workers over ${seconds(whole)}, ${count(failures)} failed or lost attempts`;
  return section("Timeline", `busy slots per worker, in intervals of ${seconds(time.columnSeconds)}`,
    h("div", { class: "time scroll", tabindex: "0", role: "region", "aria-label": "Worker timeline" },
      h("svg", { class: "chart", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": description }, lanes, ticks)),
    h("div", { class: "legend" },
      job.stages.map((stage) => h("span", null, h("span", { class: `dot ${color(stage.index)}` }), stage.name)),
      failures ? h("span", { class: "bad" }, "● failed or lost") : null));
}

function short(name) { return name.length > 26 ? `…${name.slice(-25)}` : name; }

// Merges equal neighboring cells: [from, to, level, group].
function runs(cells) {
  const found = [];
  for (let column = 0; 2 * column < cells.length; column += 1) {
    const level = cells[2 * column];
    if (level === " ") continue;
    const group = parseInt(cells[2 * column + 1], 36);
    const last = found.at(-1);
    if (last && last[1] === column && last[2] === Number(level) && last[3] === group) last[1] = column + 1;
    else found.push([column, column + 1, Number(level), group]);
  }
  return found;
}
