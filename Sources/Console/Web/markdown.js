// Markdown to DOM nodes, for text that nobody vouches for. Raw HTML is text. Links go to http, https and mailto only, and
// show where they go. Images are never loaded: they become links. Time is linear in the text, nesting is bounded.
import { el, icon, visible } from "./text.js";

const MAXIMUM_LENGTH = 400_000;
const MAXIMUM_DEPTH = 12;
const MAXIMUM_COLUMNS = 64;

/** Renders into `container`; blocks that did not change since the last call keep their nodes, so that text that streams
 * in neither flickers nor costs more the longer it gets, and a selection in it survives. */
export function renderMarkdown(container, text) {
  const blocks = text.length > MAXIMUM_LENGTH
    ? [{ kind: "plain", lines: [text] }] : splitBlocks(text.replace(/\r\n?/g, "\n").split("\n"), 0);
  const before = container.renderedBlocks ?? [];
  let same = 0;
  while (same < blocks.length && same < before.length && key(blocks[same]) === before[same]) same += 1;
  while (container.childNodes.length > same) container.lastChild.remove();
  for (const block of blocks.slice(same)) container.append(renderBlock(block, 0));
  container.renderedBlocks = blocks.map(key);
}

function key(block) {
  return block.kind + "\n" + block.lines.join("\n");
}

// Blocks

const HEADING = /^ {0,3}(#{1,6})(?:[ \t]+(.*))?$/;
const RULE = /^ {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$/;
const QUOTE = /^ {0,3}> ?/;
const ITEM = /^( {0,3})([-*+]|\d{1,9}[.)])( {1,4}(?=\S)|[ \t]*$| )/;
const DELIMITER_ROW = /^ {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/;

/** The mark and language of an opening fence, else null. */
function fenceOf(line) {
  const match = /^ {0,3}(`{3,}|~{3,})/.exec(line);
  if (!match) return null;
  const rest = line.slice(match[0].length);
  if (match[1][0] === "`" && rest.includes("`")) return null;
  return { mark: match[1][0], length: Math.min(match[1].length, 100), language: rest.trimStart().split(/\s/, 1)[0] };
}

function isHeading(line) {
  return line.length < 2000 && HEADING.test(line);
}

function isDelimiterRow(line) {
  return line !== undefined && line.length < 2000 && DELIMITER_ROW.test(line);
}

function isBlank(line) {
  return /^\s*$/.test(line);
}

function startsBlock(line) {
  return fenceOf(line) !== null || isHeading(line) || RULE.test(line) || QUOTE.test(line) || ITEM.test(line);
}

function splitBlocks(lines, depth) {
  const blocks = [];
  if (depth >= MAXIMUM_DEPTH) return lines.some((line) => !isBlank(line)) ? [{ kind: "plain", lines }] : [];
  let at = 0;
  while (at < lines.length) {
    const line = lines[at];
    if (isBlank(line)) { at += 1; continue; }
    const start = at;
    const fence = fenceOf(line);
    if (fence) {
      const end = new RegExp("^ {0,3}" + fence.mark + "{" + fence.length + ",}[ \\t]*$");
      at += 1;
      while (at < lines.length && !end.test(lines[at])) at += 1;
      at = Math.min(at + 1, lines.length);
      const closed = at - 1 > start && end.test(lines[at - 1]);
      blocks.push({ kind: "code", lines: lines.slice(start, at), closed, language: fence.language });
    } else if (isHeading(line)) {
      at += 1;
      blocks.push({ kind: "heading", lines: [line] });
    } else if (RULE.test(line)) {
      at += 1;
      blocks.push({ kind: "rule", lines: [line] });
    } else if (QUOTE.test(line)) {
      while (at < lines.length && (QUOTE.test(lines[at]) || (!isBlank(lines[at]) && !startsBlock(lines[at])))) at += 1;
      blocks.push({ kind: "quote", lines: lines.slice(start, at) });
    } else if (ITEM.test(line)) {
      at = endOfList(lines, start);
      blocks.push({ kind: "list", lines: lines.slice(start, at) });
    } else if (line.includes("|") && isDelimiterRow(lines[at + 1])
      && cells(line).length === cells(lines[at + 1]).length) {
      at += 2;
      while (at < lines.length && !isBlank(lines[at]) && lines[at].includes("|")) at += 1;
      blocks.push({ kind: "table", lines: lines.slice(start, at) });
    } else {
      at += 1;
      while (at < lines.length && !isBlank(lines[at]) && !interruptsParagraph(lines[at])
        && !(lines[at].includes("|") && isDelimiterRow(lines[at + 1]))) at += 1;
      blocks.push({ kind: "paragraph", lines: lines.slice(start, at) });
    }
  }
  return blocks;
}

function interruptsParagraph(line) {
  if (!startsBlock(line)) return false;
  // A number at a line's start begins a list within a paragraph only if it is 1: "in\n1984. It was".
  const item = ITEM.exec(line);
  return !item || RULE.test(line) || !/^\d/.test(item[2]) || /^1[.)]$/.test(item[2]);
}

function indentOf(line) {
  return line.length - line.trimStart().length;
}

function isOrdered(marker) {
  return /^\d/.test(marker);
}

function endOfList(lines, start) {
  const first = ITEM.exec(lines[start]);
  let at = start + 1;
  const base = first[1].length;
  let inFence = false;
  while (at < lines.length) {
    const line = lines[at];
    if (isBlank(line)) {
      let next = at + 1;
      while (next < lines.length && isBlank(lines[next])) next += 1;
      if (next >= lines.length) return at;
      const item = ITEM.exec(lines[next]);
      const goesOn = indentOf(lines[next]) >= base + 2
        || (item && isOrdered(item[2]) === isOrdered(first[2]) && !RULE.test(lines[next]));
      if (!goesOn && !inFence) return at;
      at = next;
      continue;
    }
    const item = ITEM.exec(line);
    if (/^\s*(```|~~~)/.test(line)) inFence = !inFence;
    if (item && !inFence && !RULE.test(line)) {
      if (isOrdered(item[2]) !== isOrdered(first[2]) && indentOf(line) < base + 2) return at;
    } else if (indentOf(line) < base + 2 && !inFence && (startsBlock(line) || isBlank(lines[at - 1]))) {
      return at;
    }
    at += 1;
  }
  return at;
}

function renderBlock(block, depth) {
  switch (block.kind) {
    case "heading": {
      const [, marks, content] = HEADING.exec(block.lines[0]);
      // The page has its own h1 and h2; content starts below them.
      return el("h" + Math.min(6, marks.length + 2), { class: "level-" + marks.length, dir: "auto" },
        renderInline((content ?? "").replace(/[ \t]+#+[ \t]*$/, "")));
    }
    case "rule": return el("hr");
    case "quote": {
      const inner = splitBlocks(block.lines.map((line) => line.replace(QUOTE, "")), depth + 1);
      return el("blockquote", { dir: "auto" }, inner.map((each) => renderBlock(each, depth + 1)));
    }
    case "code": {
      const indent = indentOf(block.lines[0]);
      const body = block.lines.slice(1, block.closed ? -1 : undefined)
        .map((line) => line.slice(Math.min(indent, indentOf(line)))).join("\n");
      return codeBlock(body, block.language);
    }
    case "list": return renderList(block.lines, depth);
    case "table": return renderTable(block.lines);
    case "plain": return el("p.plain", { dir: "auto" }, visible(block.lines.join("\n")));
    default: return el("p", { dir: "auto" }, renderInline(block.lines.map((line) => line.trimStart()).join("\n")));
  }
}

function renderList(lines, depth) {
  const first = ITEM.exec(lines[0]);
  const ordered = isOrdered(first[2]);
  const base = first[1].length;
  const items = [];
  let content = 0;
  for (const line of lines) {
    const candidate = ITEM.exec(line);
    const item = candidate && (!items.length || (candidate[1].length < Math.min(content, base + 2)
      && isOrdered(candidate[2]) === ordered && !RULE.test(line))) ? candidate : null;
    if (item) {
      content = item[0].trim().length === item[0].length - item[1].length
        ? item[0].length + 1 : item[0].length;
      items.push([line.slice(item[0].length)]);
    } else {
      items[items.length - 1].push(line.slice(Math.min(content, indentOf(line))));
    }
  }
  const loose = items.some((item, index) => item.some((line, at) =>
    at > 0 && isBlank(line) && (at < item.length - 1 || index < items.length - 1)));
  const nodes = [];
  for (const item of items) {
    const task = /^\[([ xX])\][ \t]+/.exec(item[0]);
    if (task) item[0] = item[0].slice(task[0].length);
    const node = el("li", {});
    if (task) {
      node.className = "task";
      node.append(el("input", { type: "checkbox", disabled: true, checked: task[1] !== " ", "aria-label": "task" }));
    }
    for (const block of splitBlocks(item, depth + 1)) {
      const child = renderBlock(block, depth + 1);
      if (!loose && block.kind === "paragraph") node.append(...child.childNodes);
      else node.append(child);
    }
    nodes.push(node);
  }
  const start = ordered ? parseInt(first[2], 10) : 1;
  return el(ordered ? "ol" : "ul", { dir: "auto", start: start === 1 ? null : start }, nodes);
}

function cells(line) {
  const parts = [];
  let cell = "";
  const row = line.trim().replace(/^\|/, "").replace(/\|$/, "");
  for (let at = 0; at < row.length; at += 1) {
    if (row[at] === "\\" && row[at + 1] === "|") { cell += "|"; at += 1; }
    else if (row[at] === "|") { parts.push(cell.trim()); cell = ""; }
    else cell += row[at];
    if (parts.length > MAXIMUM_COLUMNS) break;
  }
  parts.push(cell.trim());
  return parts;
}

function renderTable(lines) {
  const alignments = cells(lines[1]).map((cell) =>
    /^:-+:$/.test(cell) ? "center" : /-:$/.test(cell) ? "right" : null);
  const row = (line, tag) => {
    const values = cells(line);
    return el("tr", {}, alignments.map((align, index) =>
      el(tag + (align ? "." + align : ""), { dir: "auto" }, renderInline(values[index] ?? ""))));
  };
  return el("div.table", { tabindex: "0", role: "region", "aria-label": "Table" }, el("table", {},
    el("thead", {}, row(lines[0], "th")), el("tbody", {}, lines.slice(2).map((line) => row(line, "td")))));
}

export function codeBlock(text, language) {
  const label = el("span.language", {}, visible((language ?? "").slice(0, 40)));
  const button = el("button.quiet.copy", { type: "button", on: { click: () => copy(text, button) } },
    icon("copy"), el("span", {}, "Copy"));
  return el("figure.code", {}, el("figcaption", {}, label, button),
    el("pre", { dir: "ltr", tabindex: "0" }, el("code", {}, visible(text))));
}

async function copy(text, button) {
  const label = button.querySelector("span");
  try {
    await navigator.clipboard.writeText(text);
    label.textContent = "Copied";
  } catch {
    const range = document.createRange();
    range.selectNodeContents(button.closest("figure").querySelector("code"));
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    label.textContent = "Selected";
  }
  setTimeout(() => { label.textContent = "Copy"; }, 2000);
}

// Links

/** The URL, where it is one that may be opened; else null. */
export function safeLink(text) {
  if (text.length > 4096 || /[\u0000-\u0020\u007F-\u009F\u200B-\u200F\u2028-\u202E\u2060-\u206F\uFEFF]/.test(text)) return null;
  let url;
  try { url = new URL(text); } catch { return null; }
  if (!["http:", "https:", "mailto:"].includes(url.protocol)) return null;
  // https://bank.example@evil.example reads as the bank.
  if (url.username || url.password) return null;
  if (url.protocol !== "mailto:" && !url.hostname) return null;
  return url;
}

function linkNode(url, label, labelText) {
  const address = url.protocol === "mailto:" ? decodeSafely(url.pathname) : url.hostname + (url.port ? ":" + url.port : "");
  const plain = labelText.trim().toLowerCase();
  const tells = plain === url.href.toLowerCase() || plain + "/" === url.href.toLowerCase()
    || plain === address.toLowerCase();
  return [
    el("a", { href: url.href, target: "_blank", rel: "noopener noreferrer nofollow", title: url.href, dir: "auto" }, label),
    tells ? null : el("span.target", { dir: "ltr" }, " (", ...visible(address), ")"),
  ];
}

function decodeSafely(text) {
  try { return decodeURIComponent(text); } catch { return text; }
}

/** Plain text with the addresses in it made links; for what people typed. */
export function linked(text) {
  const nodes = [];
  let from = 0;
  for (const match of text.matchAll(/\bhttps?:\/\/[^\s<>"'`]{1,2000}/gi)) {
    const address = trimAddress(match[0]);
    const url = safeLink(address);
    if (!url) continue;
    nodes.push(visible(text.slice(from, match.index)), linkNode(url, visible(address), address));
    from = match.index + address.length;
  }
  nodes.push(visible(text.slice(from)));
  return nodes;
}

function trimAddress(address) {
  let text = address.replace(/[.,;:!?*_~'"]+$/, "");
  while (text.endsWith(")") && text.split("(").length < text.split(")").length) text = text.slice(0, -1);
  return text.replace(/[.,;:!?*_~'"]+$/, "");
}

// Inline: one pass makes a linked list of pieces, brackets and emphasis are resolved with stacks (as CommonMark does),
// so that no input makes it look back more than once.

const PUNCTUATION = /[!-\/:-@\[-`{-~\p{P}\p{S}]/u;

class Pieces {
  constructor() {
    this.first = { end: true };
    this.last = { end: true };
    this.first.next = this.last;
    this.last.prev = this.first;
  }

  append(piece) {
    piece.prev = this.last.prev;
    piece.next = this.last;
    piece.prev.next = piece;
    this.last.prev = piece;
    return piece;
  }
}

function remove(piece) {
  piece.prev.next = piece.next;
  piece.next.prev = piece.prev;
}

/** Takes out what stands between two pieces and puts one piece there. */
function wrap(from, to, make) {
  const children = [];
  let depth = 0;
  for (let piece = from.next; piece !== to; piece = piece.next) {
    children.push(piece);
    depth = Math.max(depth, piece.depth ?? 0);
  }
  const plain = plainText(children);
  // Deeper than anyone writes: shown without further nesting.
  const piece = depth < MAXIMUM_DEPTH
    ? { depth: depth + 1, make: make(children), plain } : { depth, text: plain };
  from.next = piece;
  piece.prev = from;
  piece.next = to;
  to.prev = piece;
  return piece;
}

const build = (pieces) => pieces.map((piece) => (piece.make ? piece.make() : visible(piece.text)));
/** A link within a link is text. */
const buildLabel = (pieces) => pieces.map((piece) =>
  (piece.make && !piece.isLink ? piece.make() : visible(piece.plain ?? piece.text)));

function plainText(pieces) {
  let text = "";
  for (const piece of pieces) text += piece.plain ?? piece.text;
  return text;
}

export function renderInline(text) {
  if (text.length > 50_000) return visible(text);
  const pieces = new Pieces();
  const brackets = [];
  const delimiters = [];
  const closers = codeClosers(text);
  let at = 0;
  let plain = "";
  const flush = () => { if (plain) { pieces.append({ text: plain }); plain = ""; } };
  const place = (make, plainForm = "", isLink = false) => { flush(); pieces.append({ make, plain: plainForm, isLink }); };

  while (at < text.length) {
    const c = text[at];
    if (c === "\\" && at + 1 < text.length) {
      if (text[at + 1] === "\n") { place(() => el("br")); at += 2; continue; }
      if (/[!-\/:-@\[-`{-~]/.test(text[at + 1])) { plain += text[at + 1]; at += 2; continue; }
      plain += c; at += 1;
    } else if (c === "`") {
      const run = runLength(text, at, "`");
      const end = closers.find(run, at + run);
      if (end === null) { plain += text.slice(at, at + run); at += run; continue; }
      let code = text.slice(at + run, end).replace(/\n/g, " ");
      if (/^ .*\S.* $/.test(code)) code = code.slice(1, -1);
      place(() => el("code", { dir: "ltr" }, visible(code)), code);
      at = end + run;
    } else if (c === "\n") {
      const hard = plain.endsWith("  ");
      plain = plain.trimEnd();
      if (hard) place(() => el("br")); else plain += "\n";
      at += 1;
    } else if (c === "<") {
      const auto = /^<((?:https?:\/\/|mailto:)[^\s<>]{1,2000})>/i.exec(text.slice(at, at + 2100));
      const url = auto && safeLink(auto[1]);
      if (url) { place(() => linkNode(url, visible(auto[1]), auto[1]), auto[1], true); at += auto[0].length; continue; }
      plain += c; at += 1;
    } else if ((c === "h" || c === "H") && !/[\p{L}\p{N}_]$/u.test(plain.slice(-2)) && /^https?:\/\//i.test(text.slice(at, at + 8))) {
      const match = /^https?:\/\/[^\s<>"`|\]]{1,2000}/i.exec(text.slice(at, at + 2100));
      const address = match && trimAddress(match[0]);
      const url = address && !brackets.some((bracket) => bracket.active && !bracket.image) && safeLink(address);
      if (url) { place(() => linkNode(url, visible(address), address), address, true); at += address.length; continue; }
      plain += c; at += 1;
    } else if (c === "[" || (c === "!" && text[at + 1] === "[")) {
      flush();
      const mark = c === "!" ? "![" : "[";
      const piece = pieces.append({ text: mark });
      brackets.push({ piece, image: c === "!", active: true, delimiters: delimiters.length });
      at += mark.length;
    } else if (c === "]") {
      const bracket = brackets.pop();
      const target = bracket?.active ? readTarget(text, at + 1) : null;
      const url = target && safeLink(target.address);
      if (!url) { plain += c; at += 1; continue; }
      flush();
      resolveEmphasis(delimiters, bracket.delimiters);
      const piece = wrap(bracket.piece, pieces.last, (children) => () => bracket.image
        ? linkNode(url, ["Image: ", visible(plainText(children) || "untitled")], "")
        : linkNode(url, buildLabel(children), plainText(children)));
      piece.isLink = true;
      remove(bracket.piece);
      if (!bracket.image) for (const outer of brackets) if (!outer.image) outer.active = false;
      at = target.end;
    } else if (c === "*" || c === "_" || c === "~") {
      const run = runLength(text, at, c);
      if (c === "~" && run !== 2) { plain += text.slice(at, at + run); at += run; continue; }
      const before = at ? previousCharacter(text, at) : " ";
      const after = at + run < text.length ? String.fromCodePoint(text.codePointAt(at + run)) : " ";
      const spaceBefore = /\s/u.test(before), spaceAfter = /\s/u.test(after);
      const markBefore = PUNCTUATION.test(before), markAfter = PUNCTUATION.test(after);
      const left = !spaceAfter && (!markAfter || spaceBefore || markBefore);
      const right = !spaceBefore && (!markBefore || spaceAfter || markAfter);
      flush();
      const piece = pieces.append({ text: text.slice(at, at + run) });
      delimiters.push({
        piece, mark: c, count: run, original: run,
        opens: c === "_" ? left && (!right || markBefore) : left,
        closes: c === "_" ? right && (!left || markAfter) : right,
      });
      at += run;
    } else {
      plain += c; at += 1;
    }
  }
  flush();
  resolveEmphasis(delimiters, 0);
  const all = [];
  for (let piece = pieces.first.next; piece !== pieces.last; piece = piece.next) all.push(piece);
  return build(all);
}

function previousCharacter(text, at) {
  const low = text.charCodeAt(at - 1);
  return low >= 0xdc00 && low <= 0xdfff && at > 1 ? text.slice(at - 2, at) : text[at - 1];
}

function runLength(text, at, mark) {
  let end = at;
  while (text[end] === mark) end += 1;
  return end - at;
}

/** Where runs of backticks stand, by length; each position is passed once. */
function codeClosers(text) {
  const positions = new Map();
  for (const match of text.matchAll(/`+/g)) {
    const length = match[0].length;
    if (!positions.has(length)) positions.set(length, { at: 0, list: [] });
    positions.get(length).list.push(match.index);
  }
  return {
    find(length, from) {
      const runs = positions.get(length);
      if (!runs) return null;
      while (runs.at < runs.list.length && runs.list[runs.at] < from) runs.at += 1;
      return runs.at < runs.list.length ? runs.list[runs.at] : null;
    },
  };
}

/** `(address "title")` right after a bracket. */
function readTarget(text, at) {
  if (text[at] !== "(") return null;
  const window = text.slice(at, at + 4400);
  const match = /^\(\s{0,20}(?:<([^<>\n]{0,4096})>|([^\s()<>]{0,4096}(?:\([^\s()<>]{0,1000}\)[^\s()<>]{0,1000}){0,4}))(?:\s{1,20}(?:"[^"\n]{0,200}"|'[^'\n]{0,200}'))?\s{0,20}\)/.exec(window);
  if (!match) return null;
  return { address: match[1] ?? match[2], end: at + match[0].length };
}

const TAGS = { "*1": "em", "*2": "strong", _1: "em", _2: "strong", "~2": "del" };

function resolveEmphasis(delimiters, bottom) {
  // For each kind of closer, below where no opener is left: keeps the whole linear.
  const floor = {};
  let closer = bottom;
  while (closer < delimiters.length) {
    const end = delimiters[closer];
    if (!end.closes || !end.count) { closer += 1; continue; }
    const kind = end.mark + (end.opens ? "b" : "") + (end.original % 3);
    let opener = closer - 1;
    let found = null;
    while (opener >= Math.max(bottom, floor[kind] ?? bottom)) {
      const start = delimiters[opener];
      if (start.count && start.opens && start.mark === end.mark
        && !((start.closes || end.opens) && (start.original + end.original) % 3 === 0
          && (start.original % 3 || end.original % 3))) { found = start; break; }
      opener -= 1;
    }
    if (!found) { floor[kind] = closer; closer += 1; continue; }
    const used = end.mark === "~" ? 2 : Math.min(2, found.count, end.count);
    wrap(found.piece, end.piece, (children) => () => el(TAGS[end.mark + used], {}, build(children)));
    for (let between = opener + 1; between < closer; between += 1) delimiters[between].count = 0;
    for (const side of [found, end]) {
      side.count -= used;
      side.piece.text = side.mark.repeat(side.count);
    }
    if (!end.count) closer += 1;
  }
  delimiters.length = bottom;
}
