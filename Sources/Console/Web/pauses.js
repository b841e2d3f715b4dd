// The brake: what is paused, pausing and resuming. For admins.
import { el, isolated, stamp } from "./text.js";
import { get, post } from "./api.js";
import { announce, byID, notice, setUpSidebar, showSignedOut, signedIn } from "./shell.js";

const form = byID("brake");

async function start() {
  setUpSidebar();
  await signedIn();
  const { scope, name } = form.elements;
  const choose = () => {
    byID("which").hidden = scope.value === "all";
    name.required = scope.value !== "all";
  };
  scope.addEventListener("change", choose);
  choose();
  form.addEventListener("submit", (event) => { event.preventDefault(); pause(); });
  load();
}

function words(pause) {
  return pause.scope === "all" ? "Everything" : [{ person: "For ", channel: "Channel ", tool: "Tool " }[pause.scope] ?? "", isolated(pause.name)];
}

function target(scope, name) {
  return scope === "all" ? { scope } : { scope, name };
}

async function load() {
  const body = byID("rows");
  try {
    const { pauses } = await get("/api/pauses");
    body.replaceChildren(...pauses.map((pause) => {
      const button = el("button", { type: "button", on: { click: () => resume(pause, button) } }, "Resume",
        el("span.unseen", {}, " " + (pause.scope === "all" ? "everything" : pause.scope + " " + pause.name)));
      return el("tr", {},
        el("td", { "data-label": "Paused" }, el("strong", {}, words(pause))),
        el("td.time", { "data-label": "Since" }, stamp(pause.since)),
        el("td", { "data-label": "By" }, isolated(pause.by)),
        el("td", { "data-label": "Reason" }, pause.reason ? isolated(pause.reason) : ""),
        el("td.act", {}, button));
    }));
    if (!pauses.length) body.append(el("tr", {}, el("td.none", { colspan: 5 }, "Nothing is paused.")));
    notice(null);
  } catch (error) {
    body.replaceChildren();
    form.hidden = error.status === 403;
    if (error.status === 401) showSignedOut(); else notice(error.message);
  }
}

function trouble(text) {
  byID("trouble").textContent = text ?? "";
  byID("trouble").hidden = !text;
}

/** Runs it with the button out of the way, and shows what is paused then. */
async function change(button, action, done) {
  button.disabled = true;
  trouble(null);
  try {
    await action();
    announce(done);
  } catch (error) {
    if (error.status === 401) showSignedOut(); else trouble(error.message);
  }
  button.disabled = false;
  await load();
}

function pause() {
  const { scope, name, reason } = form.elements;
  change(form.querySelector("button"), async () => {
    await post("/api/pauses", { ...target(scope.value, name.value.trim()), reason: reason.value.trim() });
    form.reset();
    scope.dispatchEvent(new Event("change"));
  }, "Paused.");
}

function resume(pause, button) {
  change(button, () => post("/api/pauses/resume", target(pause.scope, pause.name)), "Resumed.");
}

start();
