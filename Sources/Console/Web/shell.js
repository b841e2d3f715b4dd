// What all pages share: who is signed in, the sidebar's foot, the signed-out state, notices.
import { el, icon, isolated } from "./text.js";
import { get, post, useToken } from "./api.js";

export const byID = (id) => document.getElementById(id);

/** Who is signed in; shows the signed-out page and never returns where nobody is. */
export async function signedIn() {
  for (let pause = 1000; ; pause = Math.min(15_000, pause * 2)) {
    try {
      const me = await get("/api/me");
      useToken(me.csrf);
      document.body.dataset.ready = "true";
      showPerson(me);
      showOnBehalf(me);
      notice(null);
      return me;
    } catch (error) {
      if (error.status === 401) { showSignedOut(); return new Promise(() => {}); }
      notice(error.message + " Trying again.");
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

function showPerson(me) {
  const foot = byID("person");
  if (!foot) return;
  const isAdmin = me.person.role === "owner" || me.person.role === "admin";
  const here = document.documentElement.dataset.page;
  const link = (page, path, name, image) => el("a.foot-link",
    { href: path, "aria-current": page === here ? "page" : null }, icon(image), name);
  foot.replaceChildren(
    here === "chat" ? "" : link("chat", "/", "Chat", "hash"),
    isAdmin ? link("audit", "/audit", "Audit", "shield") : "",
    link("sessions", "/sessions", "Sessions", "list"),
    link("tasks", "/tasks", "Tasks", "clock"),
    link("grants", "/grants", "Grants", "check"),
    isAdmin ? link("pauses", "/pauses", "Pause", "stop") : "",
    el("div.who", {},
      el("span.avatar", { "aria-hidden": "true" }, [...me.person.name][0]?.toUpperCase() ?? "?"),
      el("span.who-name", {}, isolated(me.person.name), el("small", {}, me.person.role)),
      el("button.quiet.square", { type: "button", title: "Sign out", "aria-label": "Sign out", on: { click: signOut } },
        icon("leave"))));
}

/** Stays while the page does: whoever reads over the shoulder sees that this is not the person alone. */
function showOnBehalf(me) {
  if (!me.on_behalf_by || byID("on-behalf")) return;
  const admin = me.on_behalf_by_name ?? me.on_behalf_by;
  byID("notice").before(el("p", { id: "on-behalf", role: "note" },
    el("strong", {}, "You are signed in as ", isolated(me.person.name), ", by ", isolated(admin), "."),
    " What is done here is recorded as done by ", isolated(admin), ", and approvals cannot be answered."));
}

async function signOut() {
  try { await post("/api/logout"); } finally { showSignedOut("You are signed out."); }
}

export function showSignedOut(title = "Your sign-in has expired") {
  document.body.dataset.ready = "true";
  if (byID("signed-out")) return;
  const dialog = el("dialog.signed-out", { id: "signed-out", "aria-labelledby": "signed-out-title" },
    el("h2", { id: "signed-out-title" }, title),
    el("p", {}, "Open a new sign-in link to go on: the command bulkhead login-link makes one, or an admin makes "
      + "one for you. What you were writing is kept in this tab."),
    el("button", { type: "button", on: { click: () => location.reload() } }, "I have signed in"));
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  document.body.append(dialog);
  dialog.showModal();
}

/** A line over the content; null takes it away. */
export function notice(text, action) {
  const bar = byID("notice");
  bar.hidden = !text;
  bar.replaceChildren(...(text ? [el("span", {}, text)] : []),
    ...(text && action ? [el("button.quiet", { type: "button", on: { click: action.run } }, action.name)] : []));
}

export function announce(text) {
  byID("announcer").textContent = text;
}

export function setUpSidebar() {
  const sidebar = byID("sidebar");
  const toggle = byID("open-sidebar");
  const set = (open) => {
    document.body.classList.toggle("sidebar-open", open);
    toggle.setAttribute("aria-expanded", String(open));
  };
  toggle.append(icon("menu"));
  toggle.addEventListener("click", () => {
    set(true);
    sidebar.querySelector("a, button")?.focus();
  });
  byID("backdrop").addEventListener("click", () => set(false));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !document.body.classList.contains("sidebar-open")) return;
    event.preventDefault();
    set(false);
    toggle.focus();
  });
  return { close: () => set(false) };
}
