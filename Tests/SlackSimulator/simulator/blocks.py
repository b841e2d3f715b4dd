"""Checks of Block Kit: what Slack refuses, with the words it refuses it in."""

from .errors import SlackError

SURFACES = {"message": 50, "view": 100}
KNOWN = {
    "actions", "alert", "call", "card", "carousel", "context", "context_actions", "divider", "file", "header", "image",
    "input", "markdown", "plan", "rich_text", "section", "table", "task_card", "video",
}  # fmt: skip
TOTAL = 13_200


class Check:
    """Collects complaints, each with a pointer to where it is."""

    def __init__(self, root="/blocks"):
        self.root, self.messages = root, []

    def complain(self, text, *path):
        self.messages.append(f"[ERROR] {text} [json-pointer:{self.root}{''.join(f'/{p}' for p in path)}]")

    def length(self, value, most, *path, least=1):
        if not isinstance(value, str):
            self.complain("missing required field" if value is None else "must be a string", *path)
        elif len(value) < least:
            self.complain(f"must be more than {least - 1} characters", *path)
        elif len(value) > most:
            self.complain(f"must be less than {most + 1} characters", *path)

    def text(self, value, most, *path, kinds=("plain_text", "mrkdwn")):
        if not isinstance(value, dict):
            return self.complain("missing required field" if value is None else "must be an object", *path)
        if value.get("type") not in kinds:
            self.complain(f"unsupported type: {value.get('type')}", *path, "type")
        self.length(value.get("text"), most, *path, "text")

    def items(self, value, most, *path):
        if not isinstance(value, list) or not value:
            self.complain("must be a non-empty array", *path)
            return []
        if len(value) > most:
            self.complain(f"no more than {most} items allowed", *path)
        return value

    def block(self, block, index):
        if not isinstance(block, dict):
            return self.complain("must be an object", index)
        kind = block.get("type")
        if kind not in KNOWN:
            return self.complain(f"unsupported type: {kind}", index, "type")
        if "block_id" in block:
            self.length(block["block_id"], 255, index, "block_id")
        if kind == "section":
            if block.get("fields") is not None:
                for at, item in enumerate(self.items(block["fields"], 10, index, "fields")):
                    self.text(item, 2000, index, "fields", at)
            if block.get("fields") is None or "text" in block:
                self.text(block.get("text"), 3000, index, "text")
            if "accessory" in block:
                self.element(block["accessory"], index, "accessory")
        elif kind == "header":
            self.text(block.get("text"), 150, index, "text", kinds=("plain_text",))
        elif kind == "context":
            self.items(block.get("elements"), 10, index, "elements")
        elif kind == "actions":
            for at, item in enumerate(self.items(block.get("elements"), 25, index, "elements")):
                self.element(item, index, "elements", at)
        elif kind == "image":
            self.length(block.get("alt_text"), 2000, index, "alt_text")
        elif kind == "input":
            self.text(block.get("label"), 2000, index, "label", kinds=("plain_text",))
            self.element(block.get("element"), index, "element")
        elif kind == "markdown":
            self.length(block.get("text"), 12_000, index, "text")
        elif kind == "rich_text":
            self.items(block.get("elements"), 1000, index, "elements")
        elif kind == "table":
            for at, row in enumerate(self.items(block.get("rows"), 100, index, "rows")):
                self.items(row, 20, index, "rows", at)

    def element(self, element, *path):
        if not isinstance(element, dict) or "type" not in element:
            return self.complain("missing required field: element", *path)
        if "action_id" in element:
            self.length(element["action_id"], 255, *path, "action_id")
        if element["type"] == "button":
            self.text(element.get("text"), 75, *path, "text", kinds=("plain_text",))
            if element.get("value") is not None:
                self.length(element["value"], 2000, *path, "value", least=0)
            if element.get("style") not in (None, "primary", "danger"):
                self.complain(f"unsupported style: {element['style']}", *path, "style")

    def repeated(self, blocks):
        seen = set()
        for index, block in enumerate(blocks):
            name = block.get("block_id") if isinstance(block, dict) else None
            if name is not None and name in seen:
                self.complain(f"`block_id` {name} already exists", index, "block_id")
            seen.add(name)


def checked(blocks, identifiers, surface="message", root="/blocks"):
    """The blocks with ids of their own where they came without, or `invalid_blocks`."""
    if not isinstance(blocks, list):
        raise SlackError("invalid_blocks_format")
    check = Check(root)
    if len(blocks) > SURFACES[surface]:
        check.complain(f"no more than {SURFACES[surface]} items allowed")
    for index, block in enumerate(blocks):
        check.block(block, index)
    check.repeated(blocks)
    if check.messages:
        error = "invalid_blocks" if surface == "message" else "invalid_arguments"
        raise SlackError(error, response_metadata={"messages": check.messages})
    if surface == "message" and sum(_letters(block) for block in blocks) > TOTAL:
        raise SlackError("msg_blocks_too_long")
    return [_named(block, identifiers) for block in blocks]


def _letters(node):
    if isinstance(node, dict):
        return sum(len(v) if k == "text" and isinstance(v, str) else _letters(v) for k, v in node.items())
    return sum(map(_letters, node)) if isinstance(node, list) else 0


def _named(block, identifiers):
    named = {**block, "block_id": block.get("block_id") or identifiers.hex(5)}
    for key in ("elements", "accessory", "element"):
        if block["type"] in ("actions", "section", "input") and key in block:
            value = block[key]
            named[key] = (
                [_action(e, identifiers) for e in value] if isinstance(value, list) else _action(value, identifiers)
            )
    return named


def _action(element, identifiers):
    if element.get("type") == "image":
        return element
    return {**element, "action_id": element.get("action_id") or identifiers.hex(5)}
