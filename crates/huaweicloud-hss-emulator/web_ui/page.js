// The web UI: the live view, and the API viewer of this emulator.
"use strict";

const dark = matchMedia("(prefers-color-scheme: dark)");
const dress = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dress();
dark.addEventListener("change", dress);

const byId = (id) => document.getElementById(id);

/** Fills a table. Data of requests is added as text, never as markup. */
function fill(id, rows, empty) {
  const body = byId(id).tBodies[0];
  const columns = byId(id).tHead.rows[0].cells.length;
  body.replaceChildren(...(rows.length ? rows : [[{ text: empty, kind: "none", span: columns }]]).map((cells) => {
    const row = document.createElement("tr");
    for (const cell of cells) {
      const field = row.insertCell();
      field.textContent = cell?.text ?? cell ?? "";
      if (cell?.kind) field.className = cell.kind;
      if (cell?.span) field.colSpan = cell.span;
    }
    return row;
  }));
}

let queues = [];
/** Times also count down between two events. */
function showQueues() {
  const now = performance.now();
  const left = (queue) => (queue.ends_in_millis === null ? "no end" : `${Math.max(0, (queue.ends - now) / 1000).toFixed(1)} s`);
  fill("queues", queues.map((queue) => [queue.project_id, queue.enterprise_project_id, queue.category, left(queue)]), "all free");
}
setInterval(showQueues, 200);

function show(live) {
  const now = performance.now();
  queues = live.queues.map((queue) => ({ ...queue, ends: now + queue.ends_in_millis }));
  showQueues();
  fill("scans", live.scans.map((call) => [
    call.number, { text: decodeURI(call.path).split("/")[2], kind: "long" }, call.accepted.selector, call.accepted.processed,
    { text: call.accepted.ids.join(", ") + (call.more_ids ? ` and ${call.more_ids} more` : ""), kind: "long" },
  ]), "none yet");
  fill("calls", live.calls.map((call) => [
    call.number, call.method, { text: call.path + (call.query ? `?${call.query}` : ""), kind: "long" },
    { text: call.status || "none", kind: call.status >= 200 && call.status < 300 ? "good" : "bad" }, call.error_code,
    `${call.auth} ${call.auth_result}`.replaceAll("_", " "), call.fault,
  ]), "none yet");
  byId("state").textContent = `${live.answered} requests, ${live.hosts} hosts in ${live.groups} groups`
    + (live.faults.length ? `; faults: ${live.faults.join(" · ")}` : "");
}

const source = new EventSource("/_emulator/live");
source.addEventListener("message", (event) => show(JSON.parse(event.data)));
source.addEventListener("error", () => { byId("state").textContent = "the emulator does not respond; waiting for it …"; });

byId("reset").addEventListener("click", () => fetch("/_emulator/reset", { method: "POST" }));

SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#api",
  tryItOutEnabled: true,
  validatorUrl: null,
  requestInterceptor: (request) => {
    const named = Object.keys(request.headers).some((name) => /^(x-auth-token|authorization)$/i.test(name));
    if (!named && byId("token").value) request.headers["X-Auth-Token"] = byId("token").value;
    return request;
  },
});
