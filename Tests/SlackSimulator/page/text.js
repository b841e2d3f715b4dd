// Slack's mark-up as DOM. Only nodes and textContent: what an app writes is never taken for HTML.

export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (key === "class") made.className = value;
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

const unescape = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
const STYLES = [
  [/^```\n?([\s\S]*?)```/, (m) => element("pre", {}, unescape(m[1]))],
  [/^`([^`\n]+)`/, (m) => element("code", {}, unescape(m[1]))],
  [/^\*\*([^*\n]+)\*\*/, (m, names) => element("strong", {}, ...marked(m[1], names))],
  [/^\*([^*\n]+)\*(?!\w)/, (m, names) => element("strong", {}, ...marked(m[1], names))],
  [/^_([^_\n]+)_(?!\w)/, (m, names) => element("em", {}, ...marked(m[1], names))],
  [/^~([^~\n]+)~(?!\w)/, (m, names) => element("s", {}, ...marked(m[1], names))],
  [/^<([^<>]+)>/, (m, names) => token(m[1], names)],
];

function link(url, label) {
  const address = unescape(url);
  if (!/^(https?:\/\/|mailto:)/i.test(address)) return document.createTextNode(unescape(label));
  return element("a", { href: address, rel: "noreferrer noopener", target: "_blank" }, unescape(label));
}

function token(text, names) {
  const [head, label] = [text.split("|")[0], text.split("|").slice(1).join("|")];
  if (head.startsWith("@")) return element("span", { class: "mention" }, `@${names.get(head.slice(1)) ?? label ?? head}`);
  if (head.startsWith("#")) return element("span", { class: "mention" }, `#${label || names.get(head.slice(1)) || head}`);
  if (head.startsWith("!")) return element("span", { class: "mention" }, `@${label || head.slice(1)}`);
  return link(head, label || head);
}

// Nodes for a text in mrkdwn (or the little Markdown that looks alike).
export function marked(text, names) {
  const nodes = [];
  let plain = "", rest = text, before = "";
  const flush = () => { if (plain) nodes.push(unescape(plain)); plain = ""; };
  while (rest) {
    let hit = null;
    if (!/\w/.test(before)) {
      for (const [pattern, make] of STYLES) {
        const match = pattern.exec(rest);
        if (match) { hit = [match, make]; break; }
      }
    }
    if (hit) {
      flush();
      nodes.push(hit[1](hit[0], names));
      before = " ";
      rest = rest.slice(hit[0][0].length);
    } else {
      before = rest[0];
      plain += before;
      rest = rest.slice(1);
    }
  }
  flush();
  return nodes;
}

export function rich(node, names) {
  const inside = () => (node.elements ?? []).map((child) => rich(child, names));
  switch (node.type) {
    case "rich_text": case "rich_text_section": return element("span", {}, ...inside());
    case "rich_text_preformatted": return element("pre", {}, ...inside());
    case "rich_text_quote": return element("blockquote", {}, ...inside());
    case "rich_text_list": return element(node.style === "ordered" ? "ol" : "ul", {}, ...inside().map((i) => element("li", {}, i)));
    case "user": return token(`@${node.user_id}`, names);
    case "channel": return token(`#${node.channel_id}`, names);
    case "broadcast": return token(`!${node.range}`, names);
    case "link": return link(node.url, node.text ?? node.url);
    case "date": return document.createTextNode(new Date(node.timestamp * 1000).toLocaleString([], { dateStyle: "medium", timeStyle: "short" }));
    case "emoji": return document.createTextNode(`:${node.name}:`);
    default: return document.createTextNode(node.text ?? "");
  }
}
