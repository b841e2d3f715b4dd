"""Rate limits: calls a minute for each method and app, and about a message a second in a channel."""

import math
from collections import deque

from .scopes import TIERS


class Limits:
    def __init__(self, clock):
        self._clock = clock
        self.is_on = True
        self.overrides = {}  # method -> calls a minute
        self.posts_at_once = 10  # a burst Slack lets pass in one channel
        self._windows = {}

    def wait(self, app, method, tier, channel=None):
        """Counts a call. The seconds to wait where it is one too many, else 0."""
        if not self.is_on:
            return 0
        if method == "chat.postMessage" and method not in self.overrides:
            return self._count((app.id, method, channel), self.posts_at_once, self.posts_at_once)
        most = self.overrides.get(method) or TIERS.get(method) or TIERS.get(tier)
        return self._count((app.id, method), most, 60) if most else 0

    def _count(self, key, most, seconds):
        window, now = self._windows.setdefault(key, deque()), self._clock.now()
        while window and window[0] <= now - seconds:
            window.popleft()
        if len(window) >= most:
            return max(1, math.ceil(window[0] + seconds - now))
        window.append(now)
        return 0
