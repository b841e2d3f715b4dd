"""Cursors as Slack gives them: opaque, and refused where they are nobody's."""

import base64
import binascii

from ..errors import SlackError


def encode(text):
    return base64.b64encode(text.encode()).decode()


def decode(cursor, prefix):
    try:
        text = base64.b64decode(cursor, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise SlackError("invalid_cursor") from None
    if not text.startswith(prefix):
        raise SlackError("invalid_cursor")
    return text[len(prefix) :]


def page(call, items, key, prefix, default, most=1000):
    """A page of `items`, told apart by `key`, and the cursor of the next or an empty one."""
    limit = call.whole("limit", default, 1, most)
    start = 0
    if call.text("cursor"):
        first = decode(call.text("cursor"), prefix)
        start = next((i for i, item in enumerate(items) if key(item) == first), None)
        if start is None:
            raise SlackError("invalid_cursor")
    part = items[start : start + limit]
    following = items[start + limit : start + limit + 1]
    return part, encode(prefix + key(following[0])) if following else ""
