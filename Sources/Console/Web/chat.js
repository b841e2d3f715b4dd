// The chat page: sidebar, transcript, the turn under way, and what ties them to the address.
import { el, icon, isolated, visibleText, dayAndTime } from "./text.js";
import { get, post, EventFeed } from "./api.js";
import { announce, byID, notice, setUpSidebar, showSignedOut, signedIn } from "./shell.js";
import { entryNode, toolNode } from "./entries.js";
import { renderMarkdown } from "./markdown.js";
import { closeApproval, keepApprovals, showApproval } from "./approvals.js";
import { Composer } from "./composer.js";
import { Members } from "./members.js";
import { ModeChip } from "./mode.js";

const transcript = byID("transcript");
const scroller = byID("scroller");
const sidebar = setUpSidebar();
let me, channels = [], feed = null, composer, modeChip, members;
// What is open: a conversation, or (without one) a channel in which the next message starts one.
let place = { channel: null, conversation: null };
let live = null;
let isRunning = false;
let generation = 0;
// Grows with each answer and each end of a turn.
let turnsEnded = 0;

async function start() {
  me = await signedIn();
  document.title = me.assistant.name;
  composer = new Composer(me.limits, { send, cancel });
  modeChip = new ModeChip(me.modes, tighten);
  members = new Members(me, leftChannel);
  byID("new").prepend(icon("plus"));
  byID("new").addEventListener("click", (event) => { event.preventDefault(); go({ channel: place.channel, conversation: null }); });
  byID("new-channel").addEventListener("submit", createChannel);
  byID("latest").append(icon("down"), "Latest");
  byID("latest").addEventListener("click", () => toBottom(true));
  scroller.addEventListener("scroll", () => { byID("latest").hidden = isAtBottom(); }, { passive: true });
  new ResizeObserver(() => { if (sticks) toBottom(); }).observe(transcript);
  new ResizeObserver(() => { if (sticks) toBottom(); }).observe(scroller);
  window.addEventListener("popstate", () => open(fromAddress()));
  document.addEventListener("visibilitychange", () => { if (!document.hidden) loadChannels().catch(report); });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && isRunning && !event.defaultPrevented && !event.isComposing) cancel();
  });
  await attempt(loadChannels);
  await open(fromAddress());
}

/** Runs it; what goes wrong is told. */
async function attempt(action) {
  try { return await action(); } catch (error) { report(error); return undefined; }
}

function report(error) {
  if (error.status === 401) showSignedOut();
  else notice(error.message, { name: "Dismiss", run: () => notice(null) });
}

// Places

function fromAddress() {
  const [kind, id] = location.pathname.split("/").filter(Boolean).map(decodeURIComponent);
  if (kind === "c" && id) return { channel: null, conversation: id };
  if (kind === "n" && id) return { channel: id, conversation: null };
  return { channel: defaultChannel(), conversation: null };
}

function defaultChannel() {
  return (channels.find((channel) => channel.kind === "dm") ?? channels[0])?.id ?? null;
}

function go(next) {
  const path = next.conversation ? "/c/" + encodeURIComponent(next.conversation)
    : next.channel && next.channel !== defaultChannel() ? "/n/" + encodeURIComponent(next.channel) : "/";
  if (path !== location.pathname) history.pushState(null, "", path);
  sidebar.close();
  return open(next);
}

async function open(next) {
  const turn = ++generation;
  feed?.close();
  feed = null;
  keepApprovals([]);
  setRunning(false);
  endLive();
  notice(null);
  place = next;
  members.show(channelOf(next));
  transcript.replaceChildren();
  composer.open(next.conversation ?? "new-" + next.channel);
  drawSidebar();
  if (!next.conversation) { showEmpty(); composer.focus(); return; }
  let view;
  try {
    view = await get("/api/conversations/" + encodeURIComponent(next.conversation));
  } catch (error) {
    if (turn !== generation) return;
    if (error.status === 404 || error.status === 403) {
      transcript.replaceChildren(el("div.empty", {}, el("h2", {}, "Not here"), el("p", {}, error.message)));
    } else report(error);
    return;
  }
  if (turn !== generation) return;
  place.channel = view.conversation.channel;
  members.show(channelOf(place));
  show(view);
  drawSidebar();
  follow(view);
  toBottom();
  composer.focus();
}

function show(view) {
  byID("title").replaceChildren(isolated(view.conversation.title || "Conversation"));
  document.title = visibleText(view.conversation.title || "Conversation") + " \u00b7 " + me.assistant.name;
  modeChip.show(view.conversation.mode);
  for (const entry of view.entries) addEntry(entry);
  showLive(view.live);
}

function showLive(state) {
  endLive();
  keepApprovals((state?.approvals ?? []).map((approval) => approval.id));
  setRunning(Boolean(state));
  if (!state) {
    attempt(showWaiting);
    return;
  }
  const turn = liveTurn();
  for (const tool of state.tools) setTool(tool);
  if (state.draft) setDraft(state.draft);
  else turn.status.lastChild.textContent = "Working";
  for (const approval of state.approvals) showApproval(approval);
  if (state.approvals.length) setStatus("Waiting for approval");
}

/** Questions outlive the turn that asked: those of this conversation wait here, whether anything runs or not. */
async function showWaiting() {
  const conversation = place.conversation;
  const turn = generation;
  if (!conversation) return;
  const { approvals } = await get("/api/approvals");
  if (turn !== generation || isRunning) return;
  const here = approvals.filter((approval) => approval.conversation === conversation);
  keepApprovals(here.map((approval) => approval.id));
  for (const approval of here) showApproval(approval);
}

function follow(view) {
  const turn = generation;
  const last = view.entries.reduce((most, entry) => Math.max(most, entry.seq), 0);
  feed = new EventFeed(view.conversation.id, last, {
    event: (kind, data) => { if (turn === generation) received(kind, data); },
    connected: () => { if (turn === generation) notice(null); },
    waiting: (seconds) => {
      if (turn !== generation) return;
      notice("Connection lost. Trying again in " + seconds + (seconds === 1 ? " second." : " seconds."),
        { name: "Try now", run: () => feed?.retryNow() });
    },
    refresh: async () => {
      const fresh = await get("/api/conversations/" + encodeURIComponent(view.conversation.id));
      if (turn !== generation) return;
      for (const entry of fresh.entries) if (entry.seq > feed.after) addEntry(entry);
      feed.after = fresh.entries.reduce((most, entry) => Math.max(most, entry.seq), feed.after);
      modeChip.show(fresh.conversation.mode);
      showLive(fresh.live);
    },
    signedOut: () => showSignedOut(),
  });
}

// What happens

function received(kind, data) {
  const stay = sticks;
  switch (kind) {
    case "entry":
      addEntry(data);
      if (data.kind !== "user") {
        turnsEnded += 1;
        endLive();
        announce(data.kind === "assistant" ? me.assistant.name + " answered: " + data.text.slice(0, 300) : data.text.slice(0, 300));
        attempt(loadChannels);
      }
      break;
    case "draft":
      setRunning(true);
      setDraft(data.reset ? data.text : liveTurn().draft + data.text);
      break;
    case "tool": setRunning(true); setTool(data); break;
    case "approval": setRunning(true); showApproval(data); setStatus("Waiting for approval"); break;
    case "approval_closed":
      closeApproval(data.id, data.outcome);
      if (isRunning) setStatus("Working");
      break;
    case "state": setRunning(true); setStatus(data.text); break;
    case "done": turnsEnded += 1; setRunning(false); endLive(); attempt(showWaiting); break;
  }
  if (stay) toBottom();
}

function addEntry(entry) {
  transcript.querySelector(".empty")?.remove();
  const node = entryNode(entry);
  const old = transcript.querySelector('[data-id="' + CSS.escape(entry.id) + '"]');
  const typed = pending.get(entry.id);
  if (old) old.replaceWith(node);
  else if (typed?.isConnected) typed.replaceWith(node);
  else transcript.insertBefore(node, live?.node ?? firstPending());
  pending.delete(entry.id);
}

// The turn under way

function liveTurn() {
  if (live) return live;
  const tools = el("div.tools", { role: "group", "aria-label": "Tool calls" });
  const body = el("div.body.markdown");
  const status = el("p.status", {}, el("span.spinner"), el("span", {}, "Working"));
  const node = el("article.entry.assistant.live", { "aria-label": me.assistant.name, "aria-busy": "true" },
    el("header", {}, el("span.author", {}, isolated(me.assistant.name))), tools, body, status);
  tools.hidden = true;
  live = { node, tools, body, status, draft: "", calls: new Map() };
  transcript.querySelector(".empty")?.remove();
  transcript.append(node);
  return live;
}

function endLive() {
  if (live?.frame) cancelAnimationFrame(live.frame);
  live?.node.remove();
  live = null;
}

function setDraft(text) {
  const turn = liveTurn();
  turn.draft = text;
  if (turn.frame) return;
  turn.frame = requestAnimationFrame(() => {
    turn.frame = null;
    const stay = sticks;
    renderMarkdown(turn.body, turn.draft);
    turn.status.hidden = turn.draft !== "" && ![...turn.calls.values()].some((tool) => tool.state === "running");
    if (stay) toBottom();
  });
}

function setTool(tool) {
  const turn = liveTurn();
  const node = toolNode(tool);
  const old = turn.tools.querySelector('[data-call="' + CSS.escape(tool.call) + '"]');
  if (old) {
    const hadFocus = old.contains(document.activeElement);
    old.replaceWith(node);
    if (hadFocus) node.querySelector("summary").focus();
  } else turn.tools.append(node);
  turn.calls.set(tool.call, tool);
  turn.tools.hidden = false;
}

function setStatus(text) {
  const { status } = liveTurn();
  status.lastChild.textContent = text;
  status.hidden = false;
}

function setRunning(running) {
  isRunning = running;
  composer?.setRunning(running);
}

// What people do

const pending = new Map();

function firstPending() {
  return transcript.querySelector(".pending");
}

/** Shows the message at once, marked until the server has it. Sending it again sends the same one: the server knows it
 * by its id. */
async function send(message) {
  const turn = generation;
  transcript.querySelector(".empty")?.remove();
  const node = entryNode({
    id: "pending-" + message.clientID, kind: "user", author: me.person.name, text: message.text,
    at: new Date().toISOString(), attachments: message.attachments,
  });
  node.classList.add("pending");
  transcript.append(node);
  toBottom(true);
  await deliver(node, message, { ...place }, turn);
}

async function deliver(node, message, target, turn) {
  node.querySelector(".delivery")?.remove();
  const before = turnsEnded;
  try {
    const receipt = await post("/api/messages", {
      channel: target.channel, ...(target.conversation ? { conversation: target.conversation } : {}),
      text: message.text, client_id: message.clientID, attachments: message.attachments.map((file) => file.id),
    });
    if (turn !== generation) { node.remove(); attempt(loadChannels); return; }
    if (transcript.querySelector('[data-id="' + CSS.escape(receipt.message) + '"]')) node.remove();
    else pending.set(receipt.message, node);
    node.classList.remove("pending");
    node.dataset.id = receipt.message;
    if (!target.conversation) {
      await attempt(loadChannels);
      if (turn === generation) await go({ channel: target.channel, conversation: receipt.conversation });
    } else if (turnsEnded === before) {
      // Not where the answer overtook the receipt.
      setRunning(true);
      liveTurn();
      toBottom();
    }
  } catch (error) {
    if (error.status === 401) showSignedOut();
    node.append(el("p.delivery", { role: "alert" }, error.message + " ",
      el("button.quiet", { type: "button", on: { click: () => deliver(node, message, target, turn) } }, "Send again"),
      el("button.quiet", { type: "button", on: { click: () => { node.remove(); composer.restore(message); } } }, "Edit")));
  }
}

function cancel() {
  if (!place.conversation) return;
  setStatus("Stopping");
  attempt(() => post("/api/conversations/" + encodeURIComponent(place.conversation) + "/cancel"));
}

async function tighten(mode) {
  await post("/api/conversations/" + encodeURIComponent(place.conversation) + "/mode", { mode });
  announce("Mode changed.");
}

async function createChannel(event) {
  event.preventDefault();
  const field = event.target.elements.name;
  if (!field.value.trim()) return;
  const channel = await attempt(() => post("/api/channels", { name: field.value.trim() }));
  if (!channel) return;
  field.value = "";
  event.target.closest("details").open = false;
  await attempt(loadChannels);
  go({ channel: channel.id, conversation: null });
}

function channelOf(where) {
  return channels.find((channel) => channel.id === where.channel);
}

async function leftChannel() {
  await attempt(loadChannels);
  go({ channel: defaultChannel(), conversation: null });
}

// The sidebar and the empty conversation

async function loadChannels() {
  channels = (await get("/api/channels")).channels;
  if (!place.channel && !place.conversation) place.channel = defaultChannel();
  drawSidebar();
}

function drawSidebar() {
  const link = (target, path, content, properties = {}) => el("a", {
    href: path, ...properties, on: {
      click: (event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
        event.preventDefault();
        go(target);
      },
    },
  }, content);
  byID("channels").replaceChildren(...channels.map((channel) => el("section", {},
    el("h2", {}, link({ channel: channel.id, conversation: null }, "/n/" + encodeURIComponent(channel.id),
      [icon(channel.kind === "dm" ? "person" : "hash"), isolated(channel.kind === "dm" ? "You and " + me.assistant.name : channel.name)],
      { "aria-current": !place.conversation && place.channel === channel.id ? "page" : null })),
    el("ul", {}, channel.conversations.map((conversation) => el("li", {},
      link({ channel: channel.id, conversation: conversation.id }, "/c/" + encodeURIComponent(conversation.id),
        isolated(conversation.title || "Untitled"),
        { "aria-current": conversation.id === place.conversation ? "page" : null, title: dayAndTime(conversation.updated) })))))));
}

function showEmpty() {
  const channel = channels.find((each) => each.id === place.channel);
  byID("title").replaceChildren(channel && channel.kind === "room" ? isolated(channel.name) : "New conversation");
  document.title = me.assistant.name;
  modeChip.hide();
  transcript.replaceChildren(el("div.empty", {},
    el("h2", {}, "What can I do for you?"),
    el("p", {}, me.assistant.model === "offline"
      ? [el("strong", {}, "The offline model answers here. It is no AI: "), "it follows plain commands, so that you can see everything work without a key. Start with one of these:"]
      : "Each conversation works in its own sealed containers. What the assistant does is checked, recorded and shown here."),
    el("ul.starters", {}, me.starters.map((starter) => el("li", {}, el("button.starter", {
      type: "button", on: { click: () => composer.take(starter.text) },
    }, el("strong", {}, starter.title), el("span", { dir: "auto" }, starter.text)))))));
}

// Scrolling: stays at the end until somebody scrolls up.

let sticks = true;

function isAtBottom() {
  return scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 60;
}

scroller.addEventListener("scroll", () => { sticks = isAtBottom(); }, { passive: true });

function toBottom(force = false) {
  if (force) sticks = true;
  scroller.scrollTop = scroller.scrollHeight;
}

start();
