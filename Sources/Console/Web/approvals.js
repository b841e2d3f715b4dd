// Questions of the gate. They stand in a dock of their own between transcript and composer: nothing a model or a file
// says can be drawn there, and nothing drawn in the transcript can look like one.
import { el, icon, visible, isolated } from "./text.js";
import { post } from "./api.js";
import { announce, byID } from "./shell.js";

// A card that appears under a finger or below the Enter key must not be answered by accident.
const SETTLE = 600;

const EFFECTS = { read: "Reads", write: "Changes files", destructive: "Cannot be undone", external: "Reaches others" };

const LABELS = { untrusted: "outside content", private: "something private" };
const SCOPES = { once: "Allow once", conversation: "Allow for this conversation", channel: "Always here", company: "For the company" };

const cards = new Map();

export function showApproval(approval) {
  if (cards.has(approval.id)) return;
  const title = "approval-" + cards.size + "-" + Date.now();
  const scopes = approval.yours ? approval.scopes.filter((scope) => SCOPES[scope]) : [];
  const allow = scopes.map((scope) => el("button" + (scope === "once" ? ".primary" : ""),
    { type: "button", disabled: true, on: { click: () => answer({ decision: "allow", scope }, "Allowed") } }, SCOPES[scope]));
  const deny = el("button", { type: "button", disabled: true, "aria-expanded": "false" }, "Deny\u2026");
  const reason = el("input", { type: "text", maxlength: 300, "aria-label": "Reason", placeholder: "Why not? The assistant is told (optional)", autocomplete: "off" });
  const refuse = el("button", {}, "Deny");
  const refusal = el("form.refusal", { hidden: true }, reason, refuse);
  const trouble = el("p.trouble", { role: "alert", hidden: true });
  const expiry = el("span.expiry", {});
  const end = el("div.end");
  // Allowing needs that the last argument was on the screen: what matters may stand below the fold.
  let hasSettled = false, hasBeenSeen = false, isBusy = false, isExpired = false;
  const update = () => {
    deny.disabled = refuse.disabled = !hasSettled || isBusy || isExpired;
    for (const button of allow) {
      button.disabled = deny.disabled || !hasBeenSeen;
      button.title = hasSettled && !hasBeenSeen ? "Scroll to the end of the arguments first" : "";
    }
  };
  const card = el("section.approval", { role: "group", "aria-labelledby": title, tabindex: "-1", "data-id": approval.id },
    el("header", {}, icon("shield"),
      el("h2", { id: title }, "Allow ", el("code", {}, visible(approval.tool)), "?"),
      el("span.effect." + (EFFECTS[approval.effect] ? approval.effect : "external"), {},
        EFFECTS[approval.effect] ?? visible(String(approval.effect)))),
    el("p.why", {}, "Asked by ", isolated(approval.requester), ". ", isolated(sentence(approval.reason)),
      " Rule: ", isolated(approval.rule), ". To be decided by ", isolated(approval.approvers), ".",
      approval.labels?.length ? [" This conversation has touched ",
        approval.labels.map((label) => el("span.label", {}, isolated(LABELS[label] ?? label)))] : null,
      scopes.length > 1 && approval.exact ? " Beyond this once, a yes holds for these very arguments." : null),
    argumentList(approval.arguments, approval.tool),
    approval.details ? el("dl.arguments.details", {}, el("dt", {}, "What it works on now"),
      el("dd", {}, el("pre", { dir: "ltr", tabindex: "0" }, visible(approval.details)))) : null, end, trouble);

  const answer = async (body, outcome) => {
    isBusy = true;
    update();
    trouble.hidden = true;
    try {
      await post("/api/approvals/" + encodeURIComponent(approval.id), body);
      closeApproval(approval.id, outcome);
    } catch (error) {
      trouble.textContent = error.message;
      trouble.hidden = false;
      if (error.status === 404 || error.status === 409) setTimeout(() => closeApproval(approval.id, "No longer open"), 4000);
      isBusy = false;
      update();
    }
  };
  deny.addEventListener("click", () => {
    refusal.hidden = !refusal.hidden;
    deny.setAttribute("aria-expanded", String(!refusal.hidden));
    if (!refusal.hidden) reason.focus();
  });
  refusal.addEventListener("submit", (event) => {
    event.preventDefault();
    if (refuse.disabled) return;
    answer(reason.value.trim() ? { decision: "deny", reason: reason.value.trim() } : { decision: "deny" }, "Denied");
  });
  // Escape closes the field; it does not stop the turn.
  refusal.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    refusal.hidden = true;
    deny.setAttribute("aria-expanded", "false");
    deny.focus();
  });
  const settle = setTimeout(() => { hasSettled = true; update(); }, SETTLE);
  const footer = el("footer", {}, expiry, approval.yours ? [deny, [...allow].reverse(), refusal] : el("span.waits", {}, "Not yours to decide"));
  card.append(footer);
  byID("approvals").append(card);
  // The foot sticks to the lower edge and covers what is under it.
  const sight = new IntersectionObserver((sightings) => {
    if (!sightings.some((sighting) => sighting.isIntersecting)) return;
    hasBeenSeen = true;
    update();
    count();
  }, { root: byID("approvals"), rootMargin: "0px 0px -" + (footer.offsetHeight + 4) + "px 0px" });
  sight.observe(end);
  const count = () => {
    const left = Math.max(0, Math.round((new Date(approval.expires) - Date.now()) / 1000));
    expiry.textContent = left === 0 ? "Expired"
      : (hasBeenSeen || !approval.yours ? "" : "Scroll to the end to allow. ") + "Expires in " + time(left);
    if (left === 0) { isExpired = true; update(); clearInterval(timer); }
  };
  const timer = setInterval(count, 1000);
  count();
  cards.set(approval.id, { card, stop: () => { clearTimeout(settle); clearInterval(timer); sight.disconnect(); } });
  announce("Approval needed: " + approval.tool);
}

export function closeApproval(id, outcome) {
  const open = cards.get(id);
  if (!open) return;
  const hadFocus = open.card.contains(document.activeElement);
  open.stop();
  open.card.remove();
  cards.delete(id);
  if (hadFocus) (byID("approvals").querySelector("section") ?? byID("text")).focus();
  if (outcome) announce("Approval closed: " + outcome);
}

/** Leaves those with these identifiers and closes the rest. */
export function keepApprovals(ids) {
  for (const id of [...cards.keys()]) if (!ids.includes(id)) closeApproval(id);
}

function time(seconds) {
  if (seconds < 120) return seconds + " s";
  return seconds < 7200 ? Math.round(seconds / 60) + " min" : Math.round(seconds / 3600) + " h";
}

/** Policies and rules give reasons as they please: here one stands for itself. */
function sentence(text) {
  return text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) || !text ? "" : ".");
}

/** Each argument with its name, text as it is (line breaks included), everything else as JSON; with its size, so that
 * nothing hides below the fold. */
function argumentList(value, tool) {
  const entries = value !== null && typeof value === "object" && !Array.isArray(value)
    ? Object.entries(value) : [["value", value]];
  if (!entries.length) return el("p.none", {}, "Without arguments.");
  return el("dl.arguments", {}, entries.map(([key, each]) => {
    const isText = typeof each === "string";
    const text = isText ? each : JSON.stringify(each, null, 2);
    const lines = text.split("\n").length;
    const size = lines > 6 || text.length > 400 ? lines + (lines === 1 ? " line, " : " lines, ") + text.length + " characters" : null;
    return [el("dt", {}, visible(key), size ? el("small", {}, size) : null),
      el("dd", {}, el(tool === "bash" && key === "command" ? "pre.command" : "pre", { dir: "ltr", tabindex: size ? "0" : null }, text === "" ? el("em", {}, "empty") : visible(text)))];
  }));
}
