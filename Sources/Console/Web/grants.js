// What was allowed beyond one call, and taking it back.
import { el, visible, isolated, stamp } from "./text.js";
import { get, post } from "./api.js";
import { announce, byID, notice, setUpSidebar, showSignedOut, signedIn } from "./shell.js";
import { pretty, summary } from "./entries.js";

let isAdmin = false;

async function start() {
  setUpSidebar();
  const me = await signedIn();
  isAdmin = me.person.role === "owner" || me.person.role === "admin";
  byID("ended").addEventListener("change", load);
  load();
}

async function load() {
  const body = byID("rows");
  try {
    const { grants } = await get("/api/grants");
    const shown = grants.filter((grant) => grant.in_force || byID("ended").checked);
    body.replaceChildren(...shown.map(row));
    if (!shown.length) body.append(el("tr", {}, el("td.none", { colspan: 8 }, "Nothing is granted: every question is asked.")));
    await loadNetwork();
    notice(null);
  } catch (error) {
    if (error.status === 401) showSignedOut(); else notice(error.message);
  }
}

function row(grant) {
  const where = grant.scope === "channel" ? ["All of ", isolated(grant.channel)]
    : [el("a", { href: "/c/" + encodeURIComponent(grant.conversation) }, "One conversation"), " in ", isolated(grant.channel)];
  const button = el("button", { type: "button", on: { click: () => revoke(grant, button) } }, "Revoke",
    el("span.unseen", {}, " the grant of " + grant.tool + " for " + grant.requester));
  return el("tr", {},
    el("td", { "data-label": "For" }, isolated(grant.requester)),
    el("td", { "data-label": "Tool" }, el("code", {}, visible(grant.tool))),
    grant.arguments === null ? el("td", { "data-label": "With" }, el("span", {}, "Whatever the rule ", isolated(grant.rule), " asks about"))
      : el("td", { "data-label": "With" }, el("details.exact", {}, el("summary", { dir: "ltr" }, visible(summary(grant.arguments))),
        el("pre", { dir: "ltr", tabindex: "0" }, visible(pretty(grant.arguments))))),
    el("td", { "data-label": "Where" }, el("span", {}, where)),
    el("td", { "data-label": "Given by" }, isolated(grant.giver)),
    el("td.time", { "data-label": "Until" }, stamp(grant.expires)),
    el("td", { "data-label": "State" }, el("span.decision" + (grant.in_force ? ".allow" : ""), {}, isolated(grant.end ?? "in force"))),
    el("td.act", {}, grant.in_force ? button : ""));
}

// Which addresses of the network are granted; for admins.
async function loadNetwork() {
  if (!isAdmin) return;
  let answer;
  try {
    answer = await get("/api/egress");
  } catch (error) {
    // An installation without a network.
    if (error.status === 404) return;
    throw error;
  }
  const { grants, policy } = answer;
  const shown = grants.filter((grant) => grant.in_force || byID("ended").checked);
  byID("network").hidden = false;
  byID("addresses").replaceChildren(...policy.map(policyRow), ...shown.map(addressRow));
  if (!policy.length && !shown.length) {
    byID("addresses").append(el("tr", {}, el("td.none", { colspan: 7 }, "Nothing is granted: no sandbox reaches the network.")));
  }
}

function policyRow(entry) {
  const whom = [["roles", "Role "], ["channels", "Channel "], ["requesters", "Person "]]
    .filter(([key]) => entry[key]).map(([key, word]) => word + entry[key].join(", "));
  return el("tr", {},
    el("td", { "data-label": "Addresses" }, el("code", { dir: "ltr" }, visible(entry.entries.join(", ")))),
    el("td", { "data-label": "For" }, isolated(whom.join("; ") || "Everybody")),
    el("td", { "data-label": "Given by" }, "The policy file"),
    el("td", { "data-label": "Reason" }, isolated(entry.rule)),
    el("td.time", { "data-label": "Until" }, ""),
    el("td", { "data-label": "State" }, el("span.decision." + (entry.decision === "deny" ? "deny" : "allow"), {}, visible(entry.decision))),
    el("td.act", {}, ""));
}

function addressRow(grant) {
  const whom = { company: "Everybody", channel: "Channel " + grant.for, person: grant.for }[grant.scope] ?? "One session";
  const button = el("button", { type: "button", on: { click: () => revokeAddress(grant, button) } }, "Revoke",
    el("span.unseen", {}, " " + grant.entry));
  return el("tr", {},
    el("td", { "data-label": "Addresses" }, el("code", { dir: "ltr" }, visible(grant.entry))),
    el("td", { "data-label": "For" }, isolated(whom)),
    el("td", { "data-label": "Given by" }, isolated(grant.by)),
    el("td", { "data-label": "Reason" }, isolated(grant.reason)),
    el("td.time", { "data-label": "Until" }, grant.expires ? stamp(grant.expires) : "No end"),
    el("td", { "data-label": "State" }, el("span.decision" + (grant.in_force ? ".allow" : ""), {}, isolated(grant.end ?? "in force"))),
    el("td.act", {}, grant.in_force ? button : ""));
}

async function revokeAddress(grant, button) {
  button.disabled = true;
  try {
    await post("/api/egress/deny", { what: grant.id });
    await load();
    announce("Revoked: what was open through it is closed.");
    byID("ended").focus();
  } catch (error) {
    button.disabled = false;
    if (error.status === 401) showSignedOut(); else notice(error.message);
  }
}

async function revoke(grant, button) {
  button.disabled = true;
  try {
    await post("/api/grants/" + encodeURIComponent(grant.id) + "/revoke");
    await load();
    announce("Revoked: from now on it is asked again.");
    byID("ended").focus();
  } catch (error) {
    button.disabled = false;
    if (error.status === 401) showSignedOut();
    else { if (error.status === 404 || error.status === 409) await load(); notice(error.message); }
  }
}

start();
