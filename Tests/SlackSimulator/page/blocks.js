// Block Kit as DOM. `act(element, block, chosen)` is called when something is used.

import { element, marked, rich } from "./text.js";

const plain = (text) => (text && typeof text === "object" ? text.text : text) ?? "";

function textOf(text, names) {
  if (!text) return [];
  return text.type === "mrkdwn" ? marked(text.text, names) : [plain(text)];
}

function interactive(item, block, names, act) {
  if (item.type === "button") {
    if (item.url) return element("a", { href: /^https?:/.test(item.url) ? item.url : "#", target: "_blank", rel: "noreferrer" }, plain(item.text));
    return element("button", { type: "button", class: item.style ?? "", onclick: () => act(item, block) }, plain(item.text));
  }
  if (item.options) {
    const options = item.options.map((o, at) => element("option", { value: at }, plain(o.text)));
    const change = (event) => {
      const chosen = item.options[event.target.value];
      if (chosen) act(item, block, { selected_option: chosen });
    };
    return element("select", { onchange: change, "aria-label": plain(item.placeholder) || item.action_id },
      element("option", { value: "" }, plain(item.placeholder) || "Choose…"), ...options);
  }
  if (item.type === "image") return element("span", { class: "note" }, `[image: ${item.alt_text ?? ""}]`);
  if (item.type === "mrkdwn" || item.type === "plain_text") return element("span", {}, ...textOf(item, names));
  return element("span", { class: "note" }, `[${item.type}]`);
}

function cell(item, names) {
  return element("td", {}, item.type === "rich_text" ? rich(item, names) : plain(item));
}

export function input(block) {
  const field = block.element;
  const attributes = { name: `${block.block_id}\n${field.action_id}`, placeholder: plain(field.placeholder), required: !block.optional };
  const initial = field.initial_value ?? "";
  if (field.options) {
    const options = field.options.map((o, at) => element("option", { value: at }, plain(o.text)));
    return element("select", attributes, ...options);
  }
  if (field.multiline) return element("textarea", { ...attributes, rows: 4 }, initial);
  return element("input", { ...attributes, value: initial });
}

export function show(block, names, act) {
  const box = (...children) => element("div", { class: `block ${block.type}` }, ...children);
  switch (block.type) {
    case "section": {
      const fields = (block.fields ?? []).map((f) => element("div", {}, ...textOf(f, names)));
      return box(...textOf(block.text, names), fields.length ? element("div", { class: "fields" }, ...fields) : null,
        block.accessory ? element("div", { class: "actions" }, interactive(block.accessory, block, names, act)) : null);
    }
    case "header": return box(plain(block.text));
    case "divider": return element("hr");
    case "markdown": return box(...marked(block.text, names));
    case "rich_text": return box(rich(block, names));
    case "context": return box(...(block.elements ?? []).flatMap((e) => [interactive(e, block, names, act), " "]));
    case "actions": return element("div", { class: "actions" }, ...(block.elements ?? []).map((e) => interactive(e, block, names, act)));
    case "image": return box(element("span", { class: "note" }, `[image: ${block.alt_text ?? ""}]`));
    case "table": return element("table", {}, ...(block.rows ?? []).map((r) => element("tr", {}, ...r.map((c) => cell(c, names)))));
    case "task_card": return box(`${{ complete: "✓", error: "✗", in_progress: "…" }[block.status] ?? "·"} ${plain(block.title)}`);
    case "plan": return box(element("strong", {}, plain(block.title)));
    case "input": return box(element("label", {}, plain(block.label), input(block)));
    default: return box(element("span", { class: "note" }, `[${block.type}]`));
  }
}
