// One message, as a list item.

import { element, marked } from "./text.js";
import { show } from "./blocks.js";

// By name: not every machine has the pictures, and a developer wants the name.
export const emoji = (name) => `:${name}:`;

export function message(m, context) {
  const { names, userId, act, world } = context;
  const user = Object.values(world.users).find((u) => u.id === m.user);
  const name = m.username ?? names.get(m.user) ?? m.user;
  const time = new Date(Number(m.ts) * 1000);
  const head = element("div", {},
    element("span", { class: "who" }, name),
    user?.is_bot || m.app_id ? element("span", { class: "badge" }, "app") : null,
    element("time", { datetime: time.toISOString() }, time.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })),
    m.edited ? element("span", { class: "edited" }, "(edited)") : null,
    m.stream === "streaming" ? element("span", { class: "edited" }, "streaming…") : null,
    m.ephemeral_to ? element("span", { class: "edited" }, "only you see this") : null);
  const shown = m.blocks.length && !m.stream
    ? m.blocks.map((b) => show(b, names, (item, block, chosen) => act("click", { ts: m.ts, action: item.action_id, value: item.value, chosen })))
    : [element("div", { class: "text" }, ...marked(m.text, names)), ...m.blocks.map((b) => show(b, names, () => {}))];
  const files = m.files.map((f) => element("div", {},
    element("a", { href: `/_sim/file?id=${f.id}`, download: f.name }, f.name), element("span", { class: "note" }, ` file, ${f.size} bytes`)));
  return element("li", { class: m.ephemeral_to ? "ephemeral" : "", "data-ts": m.ts },
    element("div", { class: "face", "aria-hidden": true }, name.slice(0, 1).toUpperCase()),
    element("div", {}, head, ...shown, ...files, feet(m, { ...context, userId })));
}

function feet(m, { userId, act, replies, openThread, inThread, names }) {
  const reactions = Object.entries(m.reactions).map(([name, users]) => {
    const mine = users.includes(userId);
    const title = users.map((u) => names.get(u)).join(", ");
    return element("button", { type: "button", class: mine ? "mine" : "", title, onclick: () => act(mine ? "unreact" : "react", { ts: m.ts, name }) },
      `${emoji(name)} ${users.length}`);
  });
  const count = replies?.get(m.ts) ?? 0;
  const actions = m.ephemeral_to ? [] : [
    ...["+1", "eyes"].filter((n) => !m.reactions[n]).map((n) => element("button", {
      type: "button", "aria-label": `React with ${n}`, onclick: () => act("react", { ts: m.ts, name: n }) }, emoji(n))),
    inThread ? null : element("button", { type: "button", class: "open", onclick: () => openThread(m.thread_ts ?? m.ts) },
      count ? `${count} ${count === 1 ? "reply" : "replies"}` : "Reply in thread"),
    m.stream === "streaming" ? element("button", { type: "button", onclick: () => act("stop_stream", { ts: m.ts }) }, "Stop") : null,
    m.user === userId ? element("button", { type: "button", class: "open", onclick: () => act("delete", { ts: m.ts }) }, "Delete") : null,
  ];
  return element("div", { class: "reactions" }, ...reactions, ...actions.filter(Boolean));
}
