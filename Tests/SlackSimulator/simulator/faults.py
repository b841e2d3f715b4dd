"""What is to go wrong, set by the test: for calls of a method, or for envelopes on their way to the app."""

import fnmatch

from .errors import ControlError
from .journal import matches

CALL_KINDS = {
    "ratelimited": "429 with Retry-After: retry_after",
    "error": "ok: false with error, needed, provided",
    "status": "an HTTP status, with body and location",
    "timeout": "no answer, and nothing done",
    "latency": "seconds before it is done",
    "reset": "the connection breaks, and nothing is done",
    "lost_response": "it is done, and the connection breaks before the answer",
    "malformed": "200 with something that is no JSON",
}
ENVELOPE_KINDS = {
    "duplicate": "sent twice, under one event id",
    "drop": "never sent",
    "delay": "sent after seconds",
    "reorder": "held until `times` of them are there, then sent the other way round",
    "fragment": "in pieces, a ping between them (Socket Mode)",
    "bad_signature": "signed with another secret (HTTP)",
    "old_timestamp": "signed ten minutes ago (HTTP)",
}
FIELDS = {
    "method", "envelope", "kind", "where", "times", "skip", "retry_after", "error", "needed", "provided", "status",
    "body", "location",
    "seconds", "pieces", "id", "hits", "held",
}  # fmt: skip


class Faults:
    def __init__(self, journal):
        self.rules, self._journal, self._count = [], journal, 0

    def add(self, rule):
        """`times` is how often it strikes (null: always), `skip` how many it lets pass before."""
        unknown = set(rule) - FIELDS
        if unknown:
            raise ControlError(f"a fault has no {', '.join(sorted(unknown))}")
        if ("method" in rule) == ("envelope" in rule):
            raise ControlError("a fault is for a `method` or for an `envelope`")
        kinds = CALL_KINDS if "method" in rule else ENVELOPE_KINDS
        if rule.get("kind") not in kinds:
            raise ControlError(f"no fault {rule.get('kind')!r} here; there are: {', '.join(kinds)}")
        self._count += 1
        added = {"times": 1, "skip": 0, "where": {}, **rule, "id": self._count, "hits": 0, "held": []}
        if added["kind"] == "reorder" and not added["times"]:
            raise ControlError("reorder needs to know how many: times")
        self.rules.append(added)
        return added["id"]

    def clear(self):
        self.rules = []

    def of_call(self, method, arguments):
        return self._take("method", method, arguments)

    def of_envelope(self, kind, payload):
        return self._take("envelope", kind, payload)

    def _take(self, key, name, value):
        for rule in self.rules:
            if key not in rule or not fnmatch.fnmatchcase(name, rule[key]) or not matches(value, rule["where"]):
                continue
            if rule["times"] is not None and rule["hits"] >= rule["times"]:
                continue
            if rule["skip"] > 0:
                rule["skip"] -= 1
                continue
            rule["hits"] += 1
            self._journal.note("fault", rule=rule["id"], fault=rule["kind"], on=name)
            return rule
        return None
