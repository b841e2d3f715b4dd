"""Ids, tokens and timestamps that look like Slack's. The same seed and the same calls give the same ids."""

import random
import uuid

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


class Identifiers:
    def __init__(self, clock, seed):
        self._clock = clock
        self._random = random.Random(seed)
        self._last = 0

    def _pick(self, letters, count):
        return "".join(self._random.choice(letters) for _ in range(count))

    def make(self, prefix, length=10):
        return prefix + "0" + self._pick(LETTERS, length - 1)

    def ts(self):
        """Later than every timestamp before it, also where many come within a microsecond."""
        self._last = max(int(self._clock.now() * 1_000_000), self._last + 1)
        return ts_text(self._last)

    def uuid(self):
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def digits(self, count):
        return self._random.choice("123456789") + self._pick("0123456789", count - 1)

    def hex(self, count):
        return self._pick("0123456789abcdef", count)

    def bot_token(self):
        return f"xoxb-{self.digits(12)}-{self.digits(13)}-{self._pick(LETTERS + LETTERS.lower(), 24)}"

    def user_token(self):
        return f"xoxp-{self.digits(12)}-{self.digits(12)}-{self.digits(13)}-{self.hex(32)}"

    def app_token(self, app_id):
        return f"xapp-1-{app_id}-{self.digits(13)}-{self.hex(64)}"

    def configuration_token(self):
        return f"xoxe.xoxp-1-{self._pick(LETTERS + LETTERS.lower(), 60)}"

    def trigger(self):
        return f"{self.digits(13)}.{self.digits(12)}.{self.hex(32)}"


def ts_text(microseconds):
    return f"{microseconds // 1_000_000}.{microseconds % 1_000_000:06d}"


def ts_number(text):
    """Microseconds of a timestamp as Slack takes it; ValueError where it is none."""
    whole, _, rest = str(text).partition(".")
    if not whole.isdigit() or (rest and not rest.isdigit()):
        raise ValueError(text)
    return int(whole) * 1_000_000 + int((rest + "000000")[:6])
