// How much a conversation may do without asking. It can be made more cautious here, never less.
import { el, icon } from "./text.js";
import { byID } from "./shell.js";

const EXPLANATIONS = {
  bypassPermissions: "No questions. Only for tasks an admin marked.",
  auto: "Reads, writes and sealed commands run. Anything that cannot be undone or leaves the company asks first.",
  acceptEdits: "Reads and writes run. Every command asks first.",
  readOnly: "Looks, never changes anything.",
};

export class ModeChip {
  constructor(modes, tighten) {
    this.modes = modes;
    this.tighten = tighten;
    this.button = byID("mode");
    this.menu = byID("mode-menu");
    this.button.addEventListener("click", () => this.toggle(this.menu.hidden));
    this.menu.addEventListener("keydown", (event) => this.key(event));
    document.addEventListener("click", (event) => {
      if (!this.menu.hidden && !event.target.closest("#mode-menu, #mode")) this.toggle(false);
    });
  }

  hide() {
    this.toggle(false);
    this.button.hidden = true;
  }

  show(mode) {
    this.mode = mode;
    this.button.hidden = false;
    this.button.replaceChildren(icon("shield"), this.title(mode));
    this.button.title = EXPLANATIONS[mode] ?? "";
  }

  title(mode) {
    return this.modes.find((each) => each.mode === mode)?.title ?? mode;
  }

  toggle(open) {
    this.menu.hidden = !open;
    this.button.setAttribute("aria-expanded", String(open));
    if (!open) return;
    const now = this.modes.findIndex((each) => each.mode === this.mode);
    this.menu.replaceChildren(
      ...this.modes.map((each, index) => ({ ...each, index })).filter((each) => each.index >= now)
        .map((each) => el("button", {
          type: "button", role: "menuitemradio", "aria-checked": String(each.mode === this.mode),
          on: { click: () => this.choose(each.mode) },
        }, el("strong", {}, each.title), el("span", {}, EXPLANATIONS[each.mode] ?? ""))),
      el("p", {}, "A conversation only ever becomes more cautious. For a freer one, start anew."));
    this.menu.querySelector("button")?.focus();
  }

  key(event) {
    const items = [...this.menu.querySelectorAll("button")];
    const at = items.indexOf(document.activeElement);
    if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); this.toggle(false); this.button.focus(); }
    if (event.key === "ArrowDown") { event.preventDefault(); items[(at + 1) % items.length]?.focus(); }
    if (event.key === "ArrowUp") { event.preventDefault(); items[(at + items.length - 1) % items.length]?.focus(); }
  }

  async choose(mode) {
    this.toggle(false);
    this.button.focus();
    if (mode === this.mode) return;
    try {
      await this.tighten(mode);
      this.show(mode);
    } catch (error) {
      this.menu.hidden = false;
      this.menu.replaceChildren(el("p", { role: "alert" }, error.message));
    }
  }
}
