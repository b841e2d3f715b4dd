// Work that begins by itself: what there is, when it runs next, how it went.
import { el, visible, isolated, stamp } from "./text.js";
import { get, post } from "./api.js";
import { announce, byID, notice, setUpSidebar, showSignedOut, signedIn } from "./shell.js";

let shown = null;

async function start() {
  setUpSidebar();
  const me = await signedIn();
  byID("everybody").hidden = me.person.role !== "owner" && me.person.role !== "admin";
  for (const id of ["all", "ended"]) byID(id).addEventListener("change", load);
  const form = byID("new");
  form.zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone;
  byID("try").addEventListener("click", () => attempt(() => preview(form)));
  form.addEventListener("submit", (event) => { event.preventDefault(); attempt(() => make(form)); });
  load();
}

async function load() {
  const query = new URLSearchParams({ all: byID("all").checked, ended: byID("ended").checked });
  try {
    const { tasks } = await get("/api/tasks?" + query);
    const details = await Promise.all(tasks.filter((task) => task.state === "active").slice(0, 50)
      .map((task) => get("/api/tasks/" + encodeURIComponent(task.id))));
    byID("rows").replaceChildren(...tasks.map(row));
    if (!tasks.length) byID("rows").append(el("tr", {}, el("td.none", { colspan: 6 }, "There are no tasks. Ask the assistant to do something every Monday.")));
    showCalendar(details);
    if (shown) await open(shown);
    notice(null);
  } catch (error) {
    if (error.status === 401) showSignedOut(); else notice(error.message);
  }
}

function row(task) {
  const action = (name, path, extra = {}) => {
    const button = el("button", { type: "button", on: { click: () => act(task, path, button, extra) } }, name,
      el("span.unseen", {}, " " + task.name));
    return button;
  };
  const buttons = task.state === "ended" ? [] : [
    action("Run now", "run"),
    task.state === "active" ? action("Pause", "pause") : action("Resume", "resume"),
    action("Cancel", "cancel", { confirm: "Cancel this task for good? Its history stays." })];
  return el("tr", {},
    el("td", { "data-label": "Task" }, el("button.link", { type: "button", on: { click: () => open(task.id) } }, isolated(task.name)),
      el("small", {}, " ", isolated(task.owner))),
    el("td", { "data-label": "Runs" }, isolated(task.when)),
    el("td.time", { "data-label": "Next" }, task.next?.length ? stamp(task.next[0]) : ""),
    el("td", { "data-label": "Reports to" }, isolated(task.channel)),
    el("td", { "data-label": "State" }, el("span.decision" + (task.state === "active" ? ".allow" : ""), {}, visible(task.state)),
      task.reason ? el("small", {}, " ", isolated(task.reason)) : ""),
    el("td.act", {}, buttons));
}

function showCalendar(tasks) {
  const end = Date.now() + 7 * 86_400_000;
  const runs = tasks.flatMap((task) => (task.next ?? []).map((at) => ({ task, at: new Date(at) })))
    .filter((run) => run.at.getTime() < end).sort((one, other) => one.at - other.at);
  const days = Map.groupBy ? Map.groupBy(runs, (run) => run.at.toDateString())
    : runs.reduce((map, run) => map.set(run.at.toDateString(), [...(map.get(run.at.toDateString()) ?? []), run]), new Map());
  byID("calendar").replaceChildren(...(runs.length ? [...days.values()].map((day) => el("section.day", {},
    el("h3", {}, day[0].at.toLocaleDateString(undefined, { weekday: "long", day: "numeric", month: "long" })),
    el("ul", {}, ...day.map((run) => el("li", {}, el("time", { datetime: run.at.toISOString() },
      run.at.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" })), " ", isolated(run.task.name))))))
    : [el("p.lead", {}, "Nothing is due.")]));
}

async function open(id) {
  const task = await get("/api/tasks/" + encodeURIComponent(id));
  shown = id;
  byID("history").hidden = false;
  byID("history-title").replaceChildren("Runs of ", isolated(task.name));
  byID("told").replaceChildren(isolated(task.prompt));
  byID("runs").replaceChildren(...task.runs.map((run) => el("tr", {},
    el("td.time", { "data-label": "Due" }, stamp(run.due)),
    el("td", { "data-label": "Why" }, visible(run.cause + (run.attempt > 1 ? ", attempt " + run.attempt : ""))),
    el("td", { "data-label": "State" }, el("span.decision" + (run.state === "succeeded" ? ".allow" : run.state === "failed" ? ".deny" : ""), {}, visible(run.state))),
    el("td", { "data-label": "Reason" }, run.reason ? isolated(run.reason) : ""),
    el("td.amount", { "data-label": "Took" }, run.seconds === undefined ? "" : run.seconds.toFixed(1) + " s"),
    el("td.amount", { "data-label": "Cost" }, "$" + (run.microdollars / 1e6).toFixed(4)),
    el("td.act", {}, run.conversation ? el("a", { href: "/c/" + encodeURIComponent(run.conversation) }, "Open") : ""))));
  if (!task.runs.length) byID("runs").append(el("tr", {}, el("td.none", { colspan: 7 }, "It has not run yet.")));
}

const fields = (form) => ({ name: form.name.value, prompt: form.prompt.value,
  schedule: { kind: "cron", expression: form.expression.value, zone: form.zone.value } });

async function preview(form) {
  const answer = await post("/api/tasks/preview", fields(form));
  byID("preview").hidden = false;
  byID("preview").replaceChildren(isolated(answer.when), ": ", answer.next.map((at) => new Date(at).toLocaleString()).join("; "));
}

async function make(form) {
  const task = await post("/api/tasks", fields(form));
  announce("Made: " + task.name);
  form.name.value = form.prompt.value = form.expression.value = "";
  byID("preview").hidden = true;
  await load();
}

async function act(task, path, button, { confirm: question } = {}) {
  if (question && !confirm(question)) return;
  button.disabled = true;
  await attempt(async () => { await post("/api/tasks/" + encodeURIComponent(task.id) + "/" + path, {}); await load(); });
  button.disabled = false;
}

async function attempt(work) {
  byID("trouble").hidden = true;
  try {
    await work();
  } catch (error) {
    if (error.status === 401) return showSignedOut();
    if (byID("make").open) { byID("trouble").hidden = false; byID("trouble").textContent = error.message; } else notice(error.message);
  }
}

start();
