// Who is in a channel, and bringing somebody in or taking somebody out.
import { el, icon, isolated } from "./text.js";
import { get, post, request } from "./api.js";
import { byID } from "./shell.js";

export class Members {
  constructor(me, changed) {
    this.me = me;
    this.changed = changed;
    this.button = byID("members");
    this.button.append(icon("person"), "Members");
    this.button.addEventListener("click", () => this.open());
  }

  /** Direct conversations have one member, and nothing to show. */
  show(channel) {
    this.channel = channel;
    this.button.hidden = channel?.kind !== "room";
  }

  get path() {
    return "/api/channels/" + encodeURIComponent(this.channel.id) + "/members";
  }

  open() {
    const field = el("input", { type: "text", name: "person", required: true, maxlength: 64, autocomplete: "off",
      "aria-label": "Name of the person", placeholder: "Name" });
    this.problem = el("p.problem", { role: "alert", hidden: true });
    this.list = el("ul.members", {});
    this.dialog = el("dialog.panel", { "aria-labelledby": "members-title" },
      el("h2", { id: "members-title" }, "Members of ", isolated(this.channel.name)),
      el("p", {}, "Members read everything said here, also what was said before they came."),
      this.list,
      el("form", { on: { submit: (event) => { event.preventDefault(); this.bringIn(field); } } },
        field, el("button.primary", {}, "Add")),
      this.problem,
      el("button", { type: "button", on: { click: () => this.dialog.close() } }, "Close"));
    this.dialog.addEventListener("close", () => { this.dialog.remove(); this.button.focus(); });
    document.body.append(this.dialog);
    this.dialog.showModal();
    this.attempt(() => get(this.path));
  }

  async attempt(action) {
    this.problem.hidden = true;
    try {
      this.draw((await action()).members);
      return true;
    } catch (error) {
      this.problem.textContent = error.message;
      this.problem.hidden = false;
      return false;
    }
  }

  draw(members) {
    this.list.replaceChildren(...members.map((person) => el("li", {},
      el("span", {}, isolated(person.name), el("small", {}, person.role)),
      el("button.quiet", { type: "button", "aria-label": (person.id === this.me.person.id ? "Leave" : "Remove " + person.name),
        on: { click: () => this.takeOut(person) } }, person.id === this.me.person.id ? "Leave" : "Remove"))));
  }

  async bringIn(field) {
    if (await this.attempt(() => post(this.path, { person: field.value.trim() }))) field.value = "";
  }

  async takeOut(person) {
    const done = await this.attempt(() => request("DELETE", this.path + "/" + encodeURIComponent(person.id), {}));
    if (done && person.id === this.me.person.id) {
      this.dialog.close();
      this.changed();
    }
  }
}
