"""One call of a Web API method: its arguments, whoever calls, and the look-ups methods share."""

import json

from . import blocks
from .errors import SlackError, invalid_arguments
from .identifiers import ts_number

METHODS = {}
TRUE, FALSE = ("1", "true", "True", True, 1), ("0", "false", "False", False, 0, "")


class Method:
    def __init__(self, name, handler, tier, scopes, token, takes_json):
        self.name, self.handler, self.tier, self.scopes = name, handler, tier, scopes
        self.token, self.takes_json = token, takes_json


def method(name, tier, *scopes, token="bot", json=True):
    """Registers a handler. Any one of `scopes` will do; `json` says whether it takes JSON bodies."""

    def register(handler):
        METHODS[name] = Method(name, handler, tier, scopes, token, json)
        return handler

    return register


class Call:
    def __init__(self, simulator, method, caller, arguments):
        self.sim, self.world, self.method, self.arguments = simulator, simulator.world, method, arguments
        self.app, self.scopes = caller.app, caller.scopes
        self.user = self.world.users[caller.user_id] if caller.user_id else None
        self.warnings = []

    def require(self, *scopes):
        if not set(scopes) & set(self.scopes):
            raise missing_scope(scopes, self.scopes)

    # --- Arguments --------------------------------------------------------------------------------------------------

    def text(self, name, required=False, default=""):
        value = self.arguments.get(name)
        if value is None or value == "":
            if required:
                raise invalid_arguments(f"missing required field: {name}")
            return default
        return value if isinstance(value, str) else str(value)

    def flag(self, name, default=False):
        value = self.arguments.get(name)
        if value is None:
            return default
        return value in TRUE

    def whole(self, name, default, least, most, error="invalid_limit"):
        value = self.arguments.get(name)
        if value in (None, ""):
            return default
        try:
            number = int(value)
        except (TypeError, ValueError):
            raise SlackError(error) from None
        if not least <= number <= most:
            raise SlackError(error)
        return number

    def structure(self, name, kind, error=None):
        """An object or array: JSON in a form, itself in a JSON body."""
        value = self.arguments.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except ValueError:
                raise SlackError(error or "invalid_arguments") from None
        if not isinstance(value, kind):
            raise SlackError(error or "invalid_arguments")
        return value

    def blocks(self, name="blocks"):
        given = self.structure(name, list, "invalid_blocks_format")
        return None if given is None else blocks.checked(given, self.world.ids)

    def metadata(self):
        value = self.structure("metadata", dict, "invalid_metadata_format")
        if not value:
            return value
        if not isinstance(value.get("event_type"), str) or not isinstance(value.get("event_payload", {}), dict):
            raise SlackError("invalid_metadata_format")
        if len(json.dumps(value)) > 16_000:
            raise SlackError("metadata_too_large")
        return {"event_type": value["event_type"], "event_payload": value.get("event_payload", {})}

    # --- Look-ups ---------------------------------------------------------------------------------------------------

    def channel(self, name="channel", error="channel_not_found"):
        """One the caller may know of: public, or one it is in."""
        reference = self.text(name, required=True)
        channel = self.world.channels.get(reference)
        if channel is None and not reference.startswith(("C", "D", "G", "U")):
            channel = next(
                (c for c in self.world.channels.values() if c.name == reference.lstrip("#") and c.name), None
            )
        if channel is None or (channel.kind != "public" and self.user.id not in channel.members):
            raise SlackError(error)
        return channel

    def joined(self, name="channel"):
        channel = self.channel(name)
        if self.user.id not in channel.members:
            raise SlackError("not_in_channel")
        return channel

    def message(self, channel, name="ts", error="message_not_found"):
        message = channel.messages.get(self.text(name, required=True))
        if message is None or message.subtype == "tombstone":
            raise SlackError(error)
        return message

    def person(self, name="user", error="user_not_found"):
        user = self.world.users.get(self.text(name))
        if user is None:
            raise SlackError(error)
        return user

    def moment(self, name, error):
        value = self.text(name)
        if not value:
            return None
        try:
            return ts_number(value)
        except ValueError:
            raise SlackError(error) from None


def missing_scope(needed, provided):
    return SlackError("missing_scope", needed=",".join(needed), provided=",".join(provided))
