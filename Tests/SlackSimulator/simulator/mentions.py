"""Slack's own mark-up in a text: who it pings, and the rich_text block a typed message comes with."""

import re

TOKEN = re.compile(r"<([^<>]+)>")
LINKED = re.compile(r"(?<![\w@])@(channel|here|everyone)\b")


def mentioned_users(text):
    return [token[1:].split("|")[0] for token in TOKEN.findall(text or "") if token.startswith("@")]


def pings(message):
    """Who is notified: user ids, and channel, here, everyone, subteam:ID. Looks where Slack looks."""
    found = []
    for text in _mrkdwn_texts(message.blocks) if message.blocks else [message.text]:
        for token in TOKEN.findall(text):
            if token.startswith("@"):
                found.append(token[1:].split("|")[0])
            elif token.startswith("!subteam^"):
                found.append("subteam:" + token[9:].split("|")[0])
            elif re.match(r"!(channel|here|everyone)\b", token):
                found.append(re.match(r"!(\w+)", token).group(1))
        if message.link_names:
            found += LINKED.findall(text)
    for element in _elements(message.blocks):
        if element.get("type") == "user":
            found.append(element.get("user_id"))
        elif element.get("type") == "broadcast":
            found.append(element.get("range"))
        elif element.get("type") == "usergroup":
            found.append(f"subteam:{element.get('usergroup_id')}")
    return list(dict.fromkeys(found))


def _elements(node):
    if isinstance(node, list):
        for item in node:
            yield from _elements(item)
    elif isinstance(node, dict):
        yield node
        for item in node.values():
            yield from _elements(item)


def _mrkdwn_texts(blocks):
    return [
        node["text"]
        for node in _elements(blocks)
        if node.get("type") in ("mrkdwn", "markdown") and isinstance(node.get("text"), str)
    ]


def unescape(text):
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def rich_text(text, block_id):
    """What Slack's clients send beside the text of a typed message."""
    elements, position = [], 0

    def plain(piece):
        if piece:
            elements.append({"type": "text", "text": unescape(piece)})

    for match in TOKEN.finditer(text):
        plain(text[position : match.start()])
        token, _, label = match.group(1).partition("|")
        if token.startswith("@"):
            elements.append({"type": "user", "user_id": token[1:]})
        elif token.startswith("#"):
            elements.append({"type": "channel", "channel_id": token[1:]})
        elif token.startswith("!subteam^"):
            elements.append({"type": "usergroup", "usergroup_id": token[9:]})
        elif token.startswith("!"):
            elements.append({"type": "broadcast", "range": token[1:]})
        else:
            elements.append({"type": "link", "url": unescape(token), **({"text": unescape(label)} if label else {})})
        position = match.end()
    plain(text[position:])
    section = {"type": "rich_text_section", "elements": elements}
    return [{"type": "rich_text", "block_id": block_id, "elements": [section]}]
