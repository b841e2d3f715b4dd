"""Time of the simulated Slack: real, faster, moved ahead, or standing still. All that waits in it waits for this clock."""

import asyncio
import heapq
import time


class Timer:
    def __init__(self, due, callback):
        self.due, self.callback, self.cancelled = due, callback, False

    def cancel(self):
        self.cancelled = True


class Clock:
    def __init__(self):
        self._real = self._then = time.time()  # at `_real` it was `_then` here
        self._rate = 1.0
        self._frozen = None
        self._timers = []
        self._count = 0
        self._changed = asyncio.Event()

    def now(self):
        if self._frozen is not None:
            return self._frozen
        return self._then + (time.time() - self._real) * self._rate

    def _set(self, moment):
        self._real, self._then = time.time(), moment

    @property
    def is_frozen(self):
        return self._frozen is not None

    def call_later(self, seconds, callback):
        """Calls `callback` on the event loop once this clock has moved by `seconds`."""
        timer = Timer(self.now() + seconds, callback)
        self._count += 1
        heapq.heappush(self._timers, (timer.due, self._count, timer))
        self._changed.set()
        return timer

    async def sleep(self, seconds):
        over = asyncio.get_running_loop().create_future()
        timer = self.call_later(seconds, lambda: over.done() or over.set_result(None))
        try:
            await over
        finally:
            timer.cancel()

    @property
    def rate(self):
        return self._rate

    def run_at(self, rate):
        """`rate` seconds pass here in each real one, from now on."""
        self._set(self.now())
        self._rate = rate
        self._changed.set()

    def freeze(self):
        self._frozen = self.now()

    def thaw(self):
        if self._frozen is not None:
            self._set(self._frozen)
            self._frozen = None
            self._changed.set()

    async def advance(self, seconds):
        """Moves ahead by way of every timer in between, so that each sees its own time, and may set more."""
        target = self.now() + seconds
        while self._timers and self._timers[0][0] <= target:
            self._move(self._timers[0][0])
            self._fire()
            await asyncio.sleep(0)
        self._move(target)

    def _move(self, moment):
        if moment <= self.now():
            return
        if self._frozen is not None:
            self._frozen = moment
        else:
            self._set(moment)

    def _fire(self):
        while self._timers and self._timers[0][0] <= self.now():
            timer = heapq.heappop(self._timers)[2]
            if not timer.cancelled:
                timer.callback()

    async def run(self):
        """Fires timers as real time passes. Ends when it is cancelled."""
        while True:
            self._fire()
            self._changed.clear()
            pause = None
            if self._timers and self._frozen is None:
                pause = max(0.0, self._timers[0][0] - self.now()) / self._rate
            try:
                await asyncio.wait_for(self._changed.wait(), pause)
            except asyncio.TimeoutError:
                pass
