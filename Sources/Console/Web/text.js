// Building DOM nodes from values and showing text as it is. Nothing here, nor anywhere in these scripts, turns text into
// markup: the pages run under Trusted Types, which refuses innerHTML and its kin.

/** el("a.class", {href, on: {click}}, ...children): children are nodes, text, arrays or null. */
export function el(tag, properties = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const node = document.createElement(name);
  if (classes.length) node.className = classes.join(" ");
  for (const [key, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    // With its text: a browser looks for the direction again at each child of a node that has it already.
    if (key === "dir") continue;
    if (key === "on") for (const [event, handler] of Object.entries(value)) node.addEventListener(event, handler);
    else node.setAttribute(key, value === true ? "" : String(value));
  }
  add(node, children);
  if (properties.dir) node.setAttribute("dir", properties.dir);
  return node;
}

export function add(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child);
  }
  return node;
}

const icons = {
  menu: "M3 5h14M3 10h14M3 15h14",
  plus: "M10 4v12M4 10h12",
  attach: "M14.5 9.5l-5 5a3.2 3.2 0 0 1-4.6-4.6l6-6a2.2 2.2 0 0 1 3.1 3.1l-5.8 5.8a1.1 1.1 0 0 1-1.6-1.6l5-5",
  send: "M10 16V4.5M5 9l5-5 5 5",
  stop: "M6 6h8v8H6z",
  chevron: "M7.5 5l5 5-5 5",
  down: "M10 4v11.5M5 11l5 5 5-5",
  check: "M4.5 10.5l3.5 3.5 7.5-8",
  cross: "M5.5 5.5l9 9M14.5 5.5l-9 9",
  file: "M5.5 3h6l3.5 3.5V17h-9.5zM11.5 3v3.5H15",
  copy: "M7 7V3.5h9.5V13H13M3.5 7H13v9.5H3.5z",
  clock: "M10 6v4.2l2.8 1.8M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14z",
  shield: "M10 2.8l6 2.2v4.6c0 3.6-2.5 6.2-6 7.6-3.5-1.4-6-4-6-7.6V5z",
  hash: "M7.5 4l-1.5 12M14 4l-1.5 12M4 8h12.5M3.5 12.5H16",
  person: "M10 10a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM4 16.5c.6-3 3-4.5 6-4.5s5.4 1.5 6 4.5",
  list: "M7 5h10M7 10h10M7 15h10M3.5 5h.01M3.5 10h.01M3.5 15h.01",
  leave: "M8 4H4v12h4M8 10h9M13.5 6.5L17 10l-3.5 3.5",
};

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", icons[name] ?? "");
  svg.append(path);
  return svg;
}

// Characters that are not seen, or that change how others are seen: controls, the bidirectional embeddings, overrides,
// isolates and marks, zero-width ones, tag characters, fillers. Line feed and tab are text. Joiners (200C, 200D) and
// variation selectors are text too where they follow what can use them, once: scripts and emoji need them, and runs of
// them hide messages.
const HIDDEN =
  /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180E\u200B\u200E\u200F\u2028-\u202E\u2060-\u206F\u3164\uFEFF\uFFA0\uFFF0-\uFFFB\u{E0000}-\u{E007F}\u{1D173}-\u{1D17A}]|(?<=[\u0000-\u024F\u200C\u200D]|^)[\u200C\u200D]|(?<=[\u0000-\u0022\u0024-\u0029\u002B-\u002F\u003A-\u00A8\u00AA-\u00AD\u00AF-\u024F\uFE00-\uFE0F\u{E0100}-\u{E01EF}]|^)[\uFE00-\uFE0F\u{E0100}-\u{E01EF}]/gu;

const names = {
  0x00ad: "soft hyphen", 0x061c: "Arabic letter mark", 0x200b: "zero-width space", 0x200c: "zero-width non-joiner",
  0x200d: "zero-width joiner", 0x200e: "left-to-right mark", 0x200f: "right-to-left mark",
  0x2028: "line separator", 0x2029: "paragraph separator", 0x202a: "left-to-right embedding",
  0x202b: "right-to-left embedding", 0x202c: "pop directional formatting", 0x202d: "left-to-right override",
  0x202e: "right-to-left override", 0x2060: "word joiner", 0x2066: "left-to-right isolate",
  0x2067: "right-to-left isolate", 0x2068: "first strong isolate", 0x2069: "pop directional isolate",
  0xfeff: "zero-width no-break space", 0x1b: "escape", 0x7f: "delete", 0x08: "backspace", 0x0d: "carriage return",
};

function symbol(code) {
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return "\u2421";
  return "U+" + code.toString(16).toUpperCase().padStart(4, "0");
}

/** The text as nodes, hidden characters drawn as marked symbols. CR LF counts as one line break. */
export function visible(text) {
  const nodes = [];
  const clean = text.replace(/\r\n/g, "\n");
  let from = 0;
  for (const match of clean.matchAll(HIDDEN)) {
    if (match.index > from) nodes.push(document.createTextNode(clean.slice(from, match.index)));
    const code = match[0].codePointAt(0);
    const name = names[code] ?? (code >= 0xe0000 && code <= 0xe007f ? "tag character" : "control character");
    nodes.push(el("span.hidden-character", { title: name + " (" + "U+" + code.toString(16).toUpperCase().padStart(4, "0") + ")" }, symbol(code)));
    from = match.index + match[0].length;
  }
  if (from < clean.length) nodes.push(document.createTextNode(clean.slice(from)));
  return nodes;
}

/** For places that take text only (titles, labels): hidden characters become symbols. */
export function visibleText(text) {
  return text.replace(HIDDEN, (match) => "\u27E8" + symbol(match.codePointAt(0)) + "\u27E9");
}

/** A name or title among other text, kept from reordering it. */
export function isolated(text) {
  return el("bdi", {}, visible(text));
}

export function bytes(count) {
  if (count < 1000) return count + " B";
  if (count < 1e6) return (count / 1e3).toFixed(count < 1e4 ? 1 : 0) + " kB";
  if (count < 1e9) return (count / 1e6).toFixed(count < 1e7 ? 1 : 0) + " MB";
  return (count / 1e9).toFixed(1) + " GB";
}

export function duration(milliseconds) {
  if (milliseconds === null || milliseconds === undefined) return "";
  if (milliseconds < 1000) return Math.round(milliseconds) + " ms";
  const seconds = milliseconds / 1000;
  if (seconds < 60) return seconds.toFixed(1) + " s";
  return Math.floor(seconds / 60) + " min " + Math.round(seconds % 60) + " s";
}

export function timeOfDay(at) {
  const date = new Date(at);
  if (isNaN(date)) return "";
  return date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}

export function fullTime(at) {
  const date = new Date(at);
  return isNaN(date) ? String(at) : date.toLocaleString();
}

export function dayAndTime(at) {
  const date = new Date(at);
  if (isNaN(date)) return "";
  const today = new Date().toDateString() === date.toDateString();
  return today ? timeOfDay(at)
    : date.toLocaleDateString([], { day: "numeric", month: "short" }) + ", " + timeOfDay(at);
}

/** For tables: the same width in every row. */
export function stamp(at) {
  const date = new Date(at);
  return isNaN(date) ? String(at) : date.toLocaleString([], {
    day: "2-digit", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
  });
}
