"""One WebSocket of an app, and the ways it can fail."""

import asyncio
import json

from .frames import fragments

PING_SECONDS = 5


class Connection:
    """What is to be sent queues up here: one writer keeps the order, and a client that does not read delays nobody."""

    def __init__(self, id, app, socket, transport, clock):
        self.id, self.app, self.socket, self._transport, self._clock = id, app, socket, transport, clock
        self._outgoing = asyncio.Queue()
        self.is_leaving = False  # a disconnect frame went out
        self.is_closing = False
        self.is_stale = False  # open, and dead: nothing is sent any more, no ping is answered
        self.last_pong = clock.now()

    def send(self, message, pieces=0):
        self._outgoing.put_nowait((json.dumps(message), pieces))

    def close(self):
        self.is_closing = True
        self._outgoing.put_nowait(None)

    def drop(self):
        """The network is gone: no close frame."""
        self.is_closing = True
        self._transport.abort()

    async def pong(self, data):
        if not self.is_stale:
            await self.socket.pong(data)

    async def write(self):
        """Until it is cancelled. Pings in between, as Slack's servers do."""
        try:
            while True:
                try:
                    item = await asyncio.wait_for(self._outgoing.get(), PING_SECONDS)
                except asyncio.TimeoutError:
                    if not self.is_stale:
                        await self.socket.ping(b"Ping from applink-7fc4fdbb64-4x5xq")
                    continue
                if item is None:
                    await self.socket.close(code=1000)
                    return
                if not self.is_stale:
                    await self._put(*item)
        except (ConnectionError, RuntimeError):
            self.is_closing = True  # the other side went first; the reader says so

    async def _put(self, text, pieces):
        if not pieces:
            return await self.socket.send_str(text)
        for part in fragments(text, pieces):
            self._transport.write(part)
            await asyncio.sleep(0)
