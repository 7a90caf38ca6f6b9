// Listens to the driver, and shows the page that the address names: #/ the cluster, #/jobs/ID a job.
import { fill, h } from "./dom.js";
import { clusterPage } from "./cluster.js";
import { clock, count, seconds } from "./format.js";
import { jobPage } from "./job.js";

const main = document.getElementById("main");
const live = document.getElementById("live");
const dialog = document.getElementById("cancel");
const known = { cluster: null, job: null, id: null, source: null, heard: 0, missing: false, away: false };

function place() {
  const match = location.hash.match(/^#\/jobs\/([^/]+)$/);
  try { return match ? decodeURIComponent(match[1]) : null; } catch { return null; }
}

function listen() {
  known.source?.close();
  known.job = null;
  known.missing = false;
  known.id = place();
  const query = known.id ? `?job=${encodeURIComponent(known.id)}` : "";
  const source = new EventSource(`/api/v1/events${query}`);
  known.source = source;
  const take = (event) => { known.heard = Date.now(); known.away = false; live.className = "live on"; return JSON.parse(event.data); };
  source.addEventListener("cluster", (event) => { known.cluster = take(event); draw(); });
  source.addEventListener("job", (event) => { known.job = take(event); known.missing = known.job === null; draw(); });
  source.onopen = () => { known.heard = Date.now(); live.className = "live on"; live.textContent = known.cluster?.isHistory ? "history" : "live"; };
  source.onerror = () => {
    live.className = "live off";
    live.textContent = "no driver";
    if (!known.away) { known.away = true; draw(); }
    // A server that refuses for now is asked again; the browser itself gives up on it.
    if (source.readyState === EventSource.CLOSED) setTimeout(() => { if (known.source === source) listen(); }, 2000);
  };
  draw();
}

function draw() {
  const { cluster, job, id } = known;
  if (!cluster) return;
  if (live.className === "live on") live.textContent = cluster.isHistory ? "history" : "live";
  const facts = cluster.isHistory ? [h("span", null, "event logs, version ", h("b", null, cluster.driver.version))] : [
    h("span", null, h("b", null, count(cluster.workers.length)), cluster.workers.length === 1 ? " worker" : " workers"),
    h("span", null, h("b", null, `${count(cluster.runningTasks)}/${count(cluster.slots)}`), " slots"),
    h("span", null, "up ", h("b", null, seconds(cluster.driver.uptimeSeconds))),
    h("span", null, "version ", h("b", null, cluster.driver.version)),
  ];
  fill(document.getElementById("facts"), facts);
  const away = known.away
    ? [h("div", { class: "note error" }, "The driver does not answer. This is what it told last; the page goes on by itself when the driver is back.")] : [];
  fill(document.getElementById("problems"), away.concat(cluster.problems.map((one) => h("div", { class: `note ${one.level}` }, one.at ? h("span", { class: "soft" }, `${clock(one.at)}  `) : null, one.text))));
  fill(document.getElementById("trail"), id
    ? [h("a", { href: "#/" }, cluster.isHistory ? "History" : "Cluster"), " / ", h("span", { class: "here mono", "aria-current": "page" }, id)]
    : [h("span", { class: "here", "aria-current": "page" }, cluster.isHistory ? "History" : "Cluster")]);
  const name = id ? (job?.name ?? id) : cluster.isHistory ? "History" : "Cluster";
  const state = id && job ? `${job.state} – ` : "";
  document.title = `${state}${name} – Swiftlet`;
  if (!id) fill(main, clusterPage(cluster, draw));
  else if (job) fill(main, jobPage(job, cluster, askToCancel));
  else if (known.missing) fill(main, h("p", { class: "empty" }, `There is no job ${id} here. `, h("a", { href: "#/" }, "All jobs")));
  else fill(main, h("p", { class: "empty" }, "Waiting for the job…"));
}

// Cancelling asks for the token each time it is not known in this tab; it is kept nowhere else.
let asked = null;
let token = "";

function askToCancel(job) {
  asked = job.id;
  document.getElementById("cancel-what").textContent = `${job.name} (${job.id}) stops, and its outputs stay as they were.`;
  document.getElementById("cancel-error").textContent = "";
  document.getElementById("token").value = token;
  dialog.showModal();
  document.getElementById("token").focus();
}

async function cancel() {
  token = document.getElementById("token").value;
  const problem = document.getElementById("cancel-error");
  try {
    const answer = await fetch(`/api/v1/jobs/${encodeURIComponent(asked)}/cancel`, { method: "POST", headers: { Authorization: `Bearer ${token}` } });
    if (answer.ok) return dialog.close();
    problem.textContent = answer.status === 401 ? "This is not the driver's token." : (await answer.json()).error.message;
  } catch (error) {
    problem.textContent = `The driver does not answer (${error.message}).`;
  }
}

dialog.querySelector("form").addEventListener("submit", (event) => {
  event.preventDefault();
  cancel();
});
document.getElementById("cancel-keep").onclick = () => dialog.close();
addEventListener("hashchange", () => { listen(); main.focus({ preventScroll: true }); scrollTo(0, 0); });
setInterval(() => {
  if (known.heard && Date.now() - known.heard > 15000 && live.className === "live on") {
    live.className = "live off";
    live.textContent = "silent";
  }
}, 2000);
listen();
