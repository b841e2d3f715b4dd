"""What happened, in order, and waiting until something has. Tokens never stand in it."""

import asyncio
import re

from .errors import ControlError


class Journal:
    def __init__(self, clock):
        self._clock = clock
        self.entries = []
        self._grown = asyncio.Event()

    def note(self, kind, **what):
        self.entries.append({"seq": len(self.entries) + 1, "time": self._clock.now(), "kind": kind, **what})
        self._grown.set()

    def find(self, kind=None, where=None, after=0):
        return [
            entry
            for entry in self.entries[max(0, after) :]
            if (kind is None or entry["kind"] == kind) and matches(entry, where or {})
        ]

    async def wait(self, kind=None, where=None, after=0, count=1, seconds=10):
        """The entries that match, once there are `count`; what there is where that does not happen in time.

        Real seconds: a test waits for a program, and that runs in real time.
        """
        deadline = asyncio.get_running_loop().time() + seconds
        found = []
        while True:
            seen = len(self.entries)
            found += self.find(kind, where, after)
            after = max(after, seen)
            left = deadline - asyncio.get_running_loop().time()
            if len(found) >= count or left <= 0:
                return found
            self._grown.clear()
            try:
                await asyncio.wait_for(self._grown.wait(), left)
            except asyncio.TimeoutError:
                pass


def matches(entry, where):
    """`where` maps a field, dotted where it is nested, to a value or a condition on it."""
    return all(_holds(_at(entry, path), wanted) for path, wanted in where.items())


def _at(value, path):
    for name in path.split("."):
        if isinstance(value, list) and name.isdigit() and int(name) < len(value):
            value = value[int(name)]
        elif isinstance(value, dict):
            value = value.get(name)
        else:
            return None
    return value


def _holds(value, wanted):
    if not isinstance(wanted, dict):
        return value == wanted
    for condition, argument in wanted.items():
        if condition == "matches":
            holds = isinstance(value, str) and re.search(argument, value) is not None
        elif condition == "has":
            holds = value is not None and argument in value
        elif condition == "in":
            holds = value in argument
        elif condition == "not":
            holds = value != argument
        elif condition == "exists":
            holds = (value is not None) == argument
        else:
            raise ControlError(f"there is no condition {condition!r}; take matches, has, in, not or exists")
        if not holds:
            return False
    return True
