// Follows the driver's event stream and renders the page that the URL names: #/ is the cluster, #/jobs/ID a job.
import { fill, h } from "./dom.js";
import { clusterPage } from "./cluster.js";
import { clock, count, seconds } from "./format.js";
import { jobPage } from "./job.js";

const main = document.getElementById("main");
const live = document.getElementById("live");
const dialog = document.getElementById("cancel");
const state = { cluster: null, job: null, id: null, source: null, lastEvent: 0, missing: false, offline: false };

function selectedJob() {
  const match = location.hash.match(/^#\/jobs\/([^/]+)$/);
  try { return match ? decodeURIComponent(match[1]) : null; } catch { return null; }
}

function connect() {
  state.source?.close();
  state.job = null;
  state.missing = false;
  state.id = selectedJob();
  const query = state.id ? `?job=${encodeURIComponent(state.id)}` : "";
  const source = new EventSource(`/api/v1/events${query}`);
  state.source = source;
  const receive = (event) => { state.lastEvent = Date.now(); state.offline = false; live.className = "live on"; return JSON.parse(event.data); };
  source.addEventListener("cluster", (event) => { state.cluster = receive(event); render(); });
  source.addEventListener("job", (event) => { state.job = receive(event); state.missing = state.job === null; render(); });
  source.onopen = () => { state.lastEvent = Date.now(); live.className = "live on"; live.textContent = state.cluster?.isHistory ? "history" : "live"; };
  source.onerror = () => {
    live.className = "live off";
    live.textContent = "disconnected";
    if (!state.offline) { state.offline = true; render(); }
    // The browser does not retry after an error response.
    if (source.readyState === EventSource.CLOSED) setTimeout(() => { if (state.source === source) connect(); }, 2000);
  };
  render();
}

function render() {
  const { cluster, job, id } = state;
  if (!cluster) return;
  if (live.className === "live on") live.textContent = cluster.isHistory ? "history" : "live";
  const facts = cluster.isHistory ? [h("span", null, "event logs, version ", h("b", null, cluster.driver.version))] : [
    h("span", null, h("b", null, count(cluster.workers.length)), cluster.workers.length === 1 ? " worker" : " workers"),
    h("span", null, h("b", null, `${count(cluster.runningTasks)}/${count(cluster.slots)}`), " slots"),
    h("span", null, "up ", h("b", null, seconds(cluster.driver.uptimeSeconds))),
    h("span", null, "version ", h("b", null, cluster.driver.version)),
  ];
  fill(document.getElementById("facts"), facts);
  const offline = state.offline
    ? [h("div", { class: "note error" }, "The driver is not responding. This is the last known state; the page reconnects by itself.")] : [];
  fill(document.getElementById("problems"), offline.concat(cluster.problems.map((one) => h("div", { class: `note ${one.level}` }, one.at ? h("span", { class: "soft" }, `${clock(one.at)}  `) : null, one.text))));
  fill(document.getElementById("trail"), id
    ? [h("a", { href: "#/" }, cluster.isHistory ? "History" : "Cluster"), " / ", h("span", { class: "here mono", "aria-current": "page" }, id)]
    : [h("span", { class: "here", "aria-current": "page" }, cluster.isHistory ? "History" : "Cluster")]);
  const name = id ? (job?.name ?? id) : cluster.isHistory ? "History" : "Cluster";
  const prefix = id && job ? `${job.state} – ` : "";
  document.title = `${prefix}${name} – Swiftlet`;
  if (!id) fill(main, clusterPage(cluster, render));
  else if (job) fill(main, jobPage(job, cluster, askToCancel));
  else if (state.missing) fill(main, h("p", { class: "empty" }, `Job ${id} not found. `, h("a", { href: "#/" }, "All jobs")));
  else fill(main, h("p", { class: "empty" }, "Waiting for the job…"));
}

// The token is kept in this tab only.
let jobToCancel = null;
let token = "";

function askToCancel(job) {
  jobToCancel = job.id;
  document.getElementById("cancel-what").textContent = `${job.name} (${job.id}) will stop. Existing outputs stay unchanged.`;
  document.getElementById("cancel-error").textContent = "";
  document.getElementById("token").value = token;
  dialog.showModal();
  document.getElementById("token").focus();
}

async function cancel() {
  token = document.getElementById("token").value;
  const problem = document.getElementById("cancel-error");
  try {
    const answer = await fetch(`/api/v1/jobs/${encodeURIComponent(jobToCancel)}/cancel`, { method: "POST", headers: { Authorization: `Bearer ${token}` } });
    if (answer.ok) return dialog.close();
    problem.textContent = answer.status === 401 ? "Wrong driver token." : (await answer.json()).error.message;
  } catch (error) {
    problem.textContent = `Cannot reach the driver (${error.message}).`;
  }
}

dialog.querySelector("form").addEventListener("submit", (event) => {
  event.preventDefault();
  cancel();
});
document.getElementById("cancel-keep").onclick = () => dialog.close();
addEventListener("hashchange", () => { connect(); main.focus({ preventScroll: true }); scrollTo(0, 0); });
setInterval(() => {
  if (state.lastEvent && Date.now() - state.lastEvent > 15000 && live.className === "live on") {
    live.className = "live off";
    live.textContent = "no data";
  }
}, 2000);
connect();
