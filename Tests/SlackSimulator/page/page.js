// State of the page: who one is, where one looks, and what has happened since.

import { element } from "./text.js";
import { input, show } from "./blocks.js";
import { message } from "./messages.js";

const $ = (id) => document.getElementById(id);
const state = { world: null, person: null, channel: null, thread: null, seen: 0, unread: new Set(), modal: null };

async function request(path, body) {
  const options = body ? { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) } : {};
  const response = await fetch(`/_sim/${path}`, options);
  const answer = await response.json();
  if (!response.ok && response.status !== 408) throw new Error(answer.error ?? response.statusText);
  return answer;
}

function notice(text) {
  $("notice").textContent = text;
  $("notice").hidden = !text;
  clearTimeout(notice.timer);
  notice.timer = setTimeout(() => { $("notice").hidden = true; }, 6000);
}

async function act(verb, args) {
  try {
    const answer = await request("act", { user: state.person, do: verb, channel: state.channel, ...args });
    if (answer.acknowledged === false) notice(`The app did not answer (${answer.reason}).`);
    return answer;
  } catch (error) {
    notice(error.message);
    return null;
  }
}

const apps = () => Object.entries(state.world.apps);
const names = () => new Map([
  ...Object.values(state.world.users).map((u) => [u.id, u.real_name]),
  ...Object.values(state.world.channels).map((c) => [c.id, c.name]),
]);
const userId = () => state.world.users[state.person].id;

function drawSide() {
  $("team").textContent = state.world.team.name;
  const people = Object.entries(state.world.users).filter(([name, u]) => !u.is_bot && name !== "slackbot");
  $("person").replaceChildren(...people.map(([name, u]) => element("option", { value: name, selected: name === state.person }, u.real_name)));
  const rows = Object.values(state.world.channels)
    .filter((c) => c.name && c.members.includes(userId()))
    .map((c) => [c.id, `${c.kind === "private" ? "◆" : "#"} ${c.name}`]);
  for (const [name] of apps()) rows.push([`dm:${state.person}:${name}`, `✉ ${name}`], [`home:${name}`, `⌂ ${name}`]);
  $("channels").replaceChildren(...rows.map(([id, label]) => element("button", {
    type: "button", "aria-current": id === state.channel ? "true" : null, class: state.unread.has(id) ? "unread" : "", onclick: () => enter(id),
  }, label)));
}

async function enter(channel) {
  state.channel = channel;
  state.thread = null;
  state.unread.delete(channel);
  if (channel.startsWith("home:")) await act("open_home", { app: channel.slice(5) });
  await draw();
}

async function draw() {
  if (!state.channel) return;
  drawSide();
  $("thread").hidden = !state.thread;
  const isHome = state.channel.startsWith("home:");
  $("composer").hidden = isHome;
  if (isHome) return drawHome(state.channel.slice(5));
  const [found, room] = await Promise.all([
    request(`messages?channel=${encodeURIComponent(state.channel)}&user=${state.person}`), request(`channel?channel=${encodeURIComponent(state.channel)}`)]);
  const entry = Object.values(state.world.channels).find((c) => c.id === found.channel);
  $("place").textContent = entry?.name ? `# ${entry.name}` : state.channel.split(":").pop();
  $("topic").textContent = `${room.members.length} members`;
  const replies = new Map();
  for (const m of found.messages) if (m.thread_ts && m.thread_ts !== m.ts) replies.set(m.thread_ts, (replies.get(m.thread_ts) ?? 0) + 1);
  const context = { names: names(), userId: userId(), world: state.world, act, replies, openThread };
  const isTop = (m) => !m.thread_ts || m.thread_ts === m.ts || m.subtype === "thread_broadcast";
  fill($("messages"), found.messages.filter(isTop).map((m) => message(m, context)), room, null);
  if (state.thread) {
    const inside = found.messages.filter((m) => m.ts === state.thread || m.thread_ts === state.thread);
    fill($("replies"), inside.map((m) => message(m, { ...context, inThread: true })), room, state.thread);
  }
}

function fill(list, items, room, thread) {
  const status = room.statuses[thread];
  if (thread && status) items.push(element("li", { class: "status" }, status.status));
  const wasAtEnd = list.scrollTop + list.clientHeight >= list.scrollHeight - 40;
  list.replaceChildren(...items);
  if (wasAtEnd) list.scrollTop = list.scrollHeight;
}

async function drawHome(app) {
  const { homes } = await request(`views?user=${state.person}`);
  const view = homes[state.world.apps[app].id];
  $("place").textContent = `Home of ${app}`;
  $("topic").textContent = "";
  const use = (item, block, chosen) => act("click", { view: view.id, action: item.action_id, value: item.value, chosen });
  const blocks = view ? view.blocks.map((b) => show(b, names(), use)) : [element("p", { class: "note" }, "Nothing published yet.")];
  $("messages").replaceChildren(element("li", {}, element("span"), element("div", {}, ...blocks)));
}

function openThread(ts) {
  state.thread = ts;
  draw().then(() => document.querySelector("#reply textarea").focus());
}

async function drawModal() {
  const { modals } = await request(`views?user=${state.person}`);
  const view = modals.at(-1), dialog = $("modal");
  if (!view) return dialog.close();
  if (state.modal === view.hash && dialog.open) return;
  state.modal = view.hash;
  const use = (item, block, chosen) => act("click", { view: view.id, action: item.action_id, value: item.value, chosen });
  const blocks = view.blocks.map((b) => (b.type === "input"
    ? element("div", {}, element("label", {}, b.label.text, input(b)), element("div", { class: "error", "data-block": b.block_id }))
    : show(b, names(), use)));
  const close = () => act("close", { view: view.id }).then(drawModal);
  const form = element("form", { onsubmit: (event) => { event.preventDefault(); submit(view, event.target); } },
    element("h2", {}, view.title.text), ...blocks, element("div", { class: "buttons" },
      element("button", { type: "button", onclick: close }, view.close?.text ?? "Cancel"), view.submit ? element("button", { class: "primary" }, view.submit.text) : null));
  dialog.oncancel = (event) => { event.preventDefault(); close(); };
  dialog.replaceChildren(form);
  if (!dialog.open) dialog.showModal();
}

async function submit(view, form) {
  const values = {};
  for (const [name, value] of new FormData(form)) {
    const [block, action] = name.split("\n");
    const field = view.blocks.find((b) => b.block_id === block).element;
    values[block] = { [action]: field.options ? { type: field.type, selected_option: field.options[value] } : value };
  }
  const answer = await act("submit", { view: view.id, values });
  for (const place of form.querySelectorAll(".error")) place.textContent = answer?.response?.errors?.[place.dataset.block] ?? "";
  await drawModal();
}

function composer(form, thread) {
  const field = form.querySelector("textarea"), file = form.querySelector("input[type=file]");
  const send = async (event) => {
    event?.preventDefault();
    const text = field.value.trim(), attached = file?.files[0];
    if (!text && !attached) return;
    field.value = "";
    const where = thread() ? { thread: thread() } : {};
    const [command, ...rest] = text.split(" ");
    if (attached) {
      const bytes = new Uint8Array(await attached.arrayBuffer());
      const hex = Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
      file.value = "";
      await act("upload", { ...where, text, name: attached.name, hex });
    } else if (apps().some(([, app]) => app.commands.includes(command))) {
      await act("command", { ...where, command, text: rest.join(" ") });
    } else {
      await act("post", { ...where, text });
    }
    await draw();
  };
  form.addEventListener("submit", send);
  field.addEventListener("keydown", (event) => { if (event.key === "Enter" && !event.shiftKey && !event.isComposing) send(event); });
}

async function follow() {
  for (;;) {
    try {
      const news = await request(`journal?after=${state.seen}&wait=20`);
      state.seen = news.last;
      if (!news.entries.length) continue;
      state.world = await request("world");
      for (const entry of news.entries) if (entry.kind === "message" && entry.channel !== state.channel) state.unread.add(entry.channel);
      const { connections } = await request("connections");
      $("connection").textContent = connections.length ? `${connections.length} connection(s) of an app` : "No app is connected.";
      await draw();
      await drawModal();
    } catch {
      $("connection").textContent = "The simulator does not answer.";
      await new Promise((done) => setTimeout(done, 1000));
    }
  }
}

async function start() {
  state.world = await request("world");
  state.seen = (await request("journal?after=999999999")).last;
  state.person = Object.entries(state.world.users).find(([, u]) => !u.is_bot)?.[0];
  if (!state.person) return notice("Nobody is here yet. Start with --demo, or POST /_sim/world.");
  $("person").addEventListener("change", (event) => { state.person = event.target.value; start.enter(); });
  $("close-thread").addEventListener("click", () => { state.thread = null; draw(); });
  composer($("composer"), () => null);
  composer($("reply"), () => state.thread);
  start.enter = () => enter(Object.values(state.world.channels).find((c) => c.name && c.members.includes(userId()))?.id ?? `dm:${state.person}`);
  $("connection").textContent = (await request("connections")).connections.length ? "An app is connected." : "No app is connected.";
  await start.enter();
  follow();
}

start();
