// One line of the transcript, and the tool calls that led to it.
import { el, icon, visible, visibleText, isolated, bytes, duration, timeOfDay, fullTime } from "./text.js";
import { post } from "./api.js";
import { linked, renderMarkdown } from "./markdown.js";

/** Which tool calls somebody unfolded: kept when the live turn becomes an entry. */
const unfolded = new Set();

export function entryNode(entry) {
  const body = el("div.body");
  if (entry.kind === "assistant") {
    body.classList.add("markdown");
    renderMarkdown(body, entry.text);
  } else {
    body.classList.add("typed");
    body.setAttribute("dir", "auto");
    body.append(...linked(entry.text).flat(Infinity).filter((node) => node));
  }
  return el("article.entry." + entry.kind, { "data-id": entry.id, "aria-label": visibleText(entry.author) },
    el("header", {}, el("span.author", {}, isolated(entry.author)),
      entry.labels?.includes("untrusted") ? el("small.label", {}, "contains outside content") : null,
      el("time", { datetime: entry.at, title: fullTime(entry.at) }, timeOfDay(entry.at))),
    entry.tools?.length ? toolList(entry.tools) : null,
    entry.text ? body : null,
    entry.attachments?.length ? attachmentList(entry.attachments) : null,
    entry.private_answer ? privateAnswer(entry) : null);
}

/** Under an answer that only its reader has: posting it where it was asked. Under the line that stands for it there: a way
 * to it. */
function privateAnswer(entry) {
  const answer = entry.private_answer;
  if (answer.message !== entry.id) {
    return el("p.private", {}, el("a", { href: "/c/" + encodeURIComponent(answer.conversation) }, "Read the answer"),
      answer.posted ? " (posted here)" : null);
  }
  const state = el("span", { role: "status" }, "Only you can read this. ");
  const button = el("button.quiet", { type: "button" }, "Post in ", isolated(answer.channel_name));
  const done = () => { state.textContent = "Posted where you asked."; button.remove(); };
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      await post("/api/answers/" + encodeURIComponent(answer.message) + "/post");
      done();
    } catch (error) {
      state.textContent = error.message + " ";
      button.disabled = error.status === 409;
    }
  });
  const row = el("p.private", {}, state, button);
  if (answer.posted) done();
  return row;
}

export function attachmentList(attachments) {
  return el("ul.attachments", {}, attachments.map((file) => el("li", {},
    el("a.attachment", { href: "/api/files/" + encodeURIComponent(file.id), download: visibleText(file.name) },
      icon("file"), el("span.file-name", {}, isolated(file.name)), el("small", {}, bytes(file.bytes))))));
}

export function toolList(tools) {
  return el("div.tools", { role: "group", "aria-label": "Tool calls" }, tools.map(toolNode));
}

const STATES = {
  running: "Running", waiting: "Waiting for approval", done: "Done", failed: "Failed", denied: "Denied",
  cancelled: "Cancelled",
};

export function toolNode(tool) {
  const state = STATES[tool.state] ? tool.state : "running";
  const details = el("details.tool." + state, { "data-call": tool.call, open: unfolded.has(tool.call) },
    el("summary", {},
      el("span.state", { role: "img", "aria-label": STATES[state], title: STATES[state] }, stateIcon(state)),
      el("span.tool-name", {}, visible(tool.tool)),
      el("span.tool-summary", { dir: "ltr" }, visible(summary(tool.arguments))),
      el("span.tool-time", {}, state === "done" ? duration(tool.milliseconds) : STATES[state]
        + (tool.milliseconds !== null && state !== "running" && state !== "waiting" ? ", " + duration(tool.milliseconds) : "")),
      icon("chevron")),
    el("div.tool-body", {},
      el("h3", {}, "Arguments"), el("pre", { dir: "ltr", tabindex: "0" }, visible(pretty(tool.arguments))),
      tool.result === null || tool.result === undefined ? null
        : [el("h3", {}, "Result"), el("pre.result", { dir: "ltr", tabindex: "0" }, tool.result === "" ? el("em", {}, "empty") : visible(tool.result))],
      undoButton(tool)));
  details.addEventListener("toggle", () => {
    if (details.open) unfolded.add(tool.call); else unfolded.delete(tool.call);
  });
  return details;
}

/** Puts back what a file change replaced, or does it again; asks once more where the file was changed since. */
function undoButton(tool) {
  if (!tool.undo) return null;
  const trouble = el("p.trouble", { role: "alert", hidden: true });
  const button = el("button.undo", { type: "button" });
  let force = false;
  const label = () => { button.textContent = tool.undo.state === "done" ? "Redo" : force ? "Undo all the same" : "Undo"; };
  label();
  button.addEventListener("click", async () => {
    button.disabled = true;
    trouble.hidden = true;
    const again = tool.undo.state === "done";
    try {
      const receipt = await post("/api/calls/" + encodeURIComponent(again ? tool.undo.by : tool.call) + "/undo", force ? { force } : {});
      tool.undo = again ? { state: "possible" } : { state: "done", by: receipt.call };
      force = false;
    } catch (error) {
      trouble.textContent = error.message;
      trouble.hidden = false;
      force = !again && error.status === 409 && error.message.includes("--force");
    }
    button.disabled = false;
    label();
  });
  return el("div.undo", {}, button, trouble);
}

function stateIcon(state) {
  switch (state) {
    case "done": return icon("check");
    case "failed": case "denied": case "cancelled": return icon("cross");
    case "waiting": return icon("clock");
    default: return el("span.spinner");
  }
}

export function pretty(value) {
  return JSON.stringify(value, null, 2);
}

/** The argument that says most, in one line. */
export function summary(value) {
  if (value === null || typeof value !== "object") return String(value);
  const entries = Object.entries(value);
  const best = ["command", "path", "pattern", "query", "url", "text", "name"]
    .map((key) => value[key]).find((each) => typeof each === "string");
  const text = best ?? entries.map(([key, each]) =>
    key + ": " + (typeof each === "string" ? each : JSON.stringify(each))).join(", ");
  return text.replace(/\s+/g, " ").slice(0, 160);
}
