// The sessions: one agent run each, for one person in one conversation.
import { el, isolated, stamp, duration } from "./text.js";
import { get } from "./api.js";
import { byID, notice, setUpSidebar, showSignedOut, signedIn } from "./shell.js";

async function start() {
  setUpSidebar();
  const me = await signedIn();
  const isAdmin = me.person.role === "owner" || me.person.role === "admin";
  byID("refresh").addEventListener("click", () => load(isAdmin));
  load(isAdmin);
}

async function load(isAdmin) {
  const body = byID("rows");
  try {
    const { sessions } = await get("/api/sessions");
    body.replaceChildren(...sessions.map((session) => el("tr", {},
      el("td", { "data-label": "Asked by" }, isolated(session.requester)),
      el("td", { "data-label": "State" }, el("span.decision" + (session.ended ? "" : ".allow"), {}, isolated(session.state))),
      el("td", { "data-label": "Labels" }, session.labels.length ? session.labels.map((label) => el("span.label", {}, isolated(label === "untrusted" ? "contains outside content" : label))) : ""),
      el("td.time", { "data-label": "Started" }, stamp(session.started)),
      el("td.amount", { "data-label": "Ran for" }, session.ended ? duration(new Date(session.ended) - new Date(session.started)) : "still running"),
      el("td", { "data-label": "Ended because" }, session.end_reason ? isolated(session.end_reason) : ""),
      el("td", { "data-label": "More" }, el("a", { href: "/c/" + encodeURIComponent(session.conversation) }, "Conversation"),
        isAdmin ? [" ", el("a", { href: "/audit?session=" + encodeURIComponent(session.id) }, "Audit")] : null))));
    if (!sessions.length) body.append(el("tr", {}, el("td.none", { colspan: 7 }, "No sessions yet.")));
    notice(null);
  } catch (error) {
    if (error.status === 401) showSignedOut(); else notice(error.message);
  }
}

start();
