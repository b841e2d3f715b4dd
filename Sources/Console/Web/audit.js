// The audit trail as a table, and up to where it can be proved whole.
import { el, icon, visible, isolated, duration, fullTime, stamp } from "./text.js";
import { get } from "./api.js";
import { byID, notice, setUpSidebar, showSignedOut, signedIn } from "./shell.js";
import { pretty, summary } from "./entries.js";

const PAGE = 100;
const SHOWN = ["seq", "at", "kind", "person", "tool", "arguments", "decision", "rule", "duration_ms"];
let oldest = null;

async function start() {
  setUpSidebar();
  await signedIn();
  const form = byID("filters");
  const asked = new URLSearchParams(location.search);
  for (const name of ["person", "tool", "session"]) form.elements[name].value = asked.get(name) ?? "";
  form.addEventListener("submit", (event) => { event.preventDefault(); load(true); });
  byID("older").addEventListener("click", () => load(false));
  byID("verify").prepend(icon("shield"));
  byID("verify").addEventListener("click", verify);
  load(true);
}

async function load(anew) {
  const query = new URLSearchParams({ order: "desc", limit: PAGE });
  for (const name of ["person", "tool", "session"]) {
    const value = byID("filters").elements[name].value.trim();
    if (value) query.set(name, value);
  }
  if (!anew && oldest !== null) query.set("before", oldest);
  const body = byID("rows");
  try {
    const { rows } = await get("/api/audit?" + query);
    if (anew) body.replaceChildren();
    body.append(...rows.flatMap(rowNodes));
    if (!body.childElementCount) {
      body.append(el("tr", {}, el("td.none", { colspan: 8 }, "Nothing is recorded that matches.")));
    }
    oldest = rows.length ? Math.min(...rows.map((row) => row.seq)) : oldest;
    byID("older").hidden = rows.length < PAGE;
    notice(null);
  } catch (error) {
    if (error.status === 401) showSignedOut(); else notice(error.message);
  }
}

function rowNodes(row) {
  const rest = Object.fromEntries(Object.entries(row).filter(([key]) => !SHOWN.includes(key) || key === "arguments"));
  const details = el("tr.details", { hidden: true, id: "details-" + row.seq },
    el("td", { colspan: 8 }, el("pre", { dir: "ltr", tabindex: "0" }, visible(pretty(rest)))));
  const toggle = el("button.quiet.number", {
    type: "button", "aria-expanded": "false", "aria-controls": "details-" + row.seq, "aria-label": "Details of row " + row.seq, on: {
      click: () => {
        details.hidden = !details.hidden;
        toggle.setAttribute("aria-expanded", String(!details.hidden));
      },
    },
  }, icon("chevron"), String(row.seq));
  const text = (value) => (value === null || value === undefined ? "" : isolated(String(value)));
  const decision = ["allow", "ask", "deny"].includes(row.decision) ? row.decision : "";
  return [el("tr", {},
    el("td", { "data-label": "No." }, toggle),
    el("td.time", { "data-label": "Time" }, el("time", { datetime: row.at, title: row.at }, stamp(row.at))),
    el("td", { "data-label": "Asked by" }, text(row.person), row.on_behalf_by ? el("small", {}, " by ", isolated(row.on_behalf_by)) : null),
    el("td", { "data-label": "What" }, row.tool ? el("code", {}, visible(row.tool)) : text(row.event ?? row.kind),
      row.tool && row.kind && row.kind !== "outcome" ? el("small", {}, " ", isolated(String(row.kind))) : null),
    el("td.arguments", { "data-label": "Arguments", dir: "ltr" }, row.arguments ? visible(summary(row.arguments)) : text(row.outcome)),
    el("td", { "data-label": "Decision" }, row.decision ? el("span.decision" + (decision ? "." + decision : ""), {}, visible(String(row.decision))) : ""),
    el("td", { "data-label": "Rule" }, text(row.rule)),
    el("td.amount", { "data-label": "Took" }, duration(row.duration_ms))), details];
}

async function verify() {
  const result = byID("verification");
  const button = byID("verify");
  button.disabled = true;
  result.hidden = false;
  result.className = "verification";
  result.replaceChildren(el("span.spinner"), "Checking every row against the chain");
  try {
    const found = await get("/api/audit/verify");
    const upTo = found.provable_to ?? found.rows ?? 0;
    result.classList.add(found.ok ? "good" : "bad");
    result.replaceChildren(icon(found.ok ? "check" : "cross"), el("div", {},
      el("strong", {}, found.ok ? "The history is whole." : "The history is not whole."),
      el("span", {}, " Provable up to row " + upTo + (found.provable_at ? " (" + fullTime(found.provable_at) + ")" : "") + ". "),
      found.problem ? el("span", {}, visible(String(found.problem))) : null,
      found.head ? el("small", {}, "Head ", el("code", {}, visible(String(found.head)))) : null));
  } catch (error) {
    result.classList.add("bad");
    result.replaceChildren(icon("cross"), error.message);
    if (error.status === 401) showSignedOut();
  }
  button.disabled = false;
}

start();
