"""Socket Mode: one-use addresses, up to ten connections, each envelope to one of them, again if not acked."""

import asyncio
import json

from aiohttp import WSMsgType, web

from .connection import Connection
from .deliveries import Outcome
from .errors import ControlError

ACK_SECONDS = 3
TICKET_SECONDS = 30
MOST_CONNECTIONS = 10
REASONS = ("warning", "refresh_requested", "too_many_websockets", "link_disabled")


class SocketMode:
    def __init__(self, simulator):
        self.sim, self.clock, self.journal, self.ids = (
            simulator,
            simulator.clock,
            simulator.journal,
            simulator.world.ids,
        )
        self.tickets = {}  # ticket -> (app, good until)
        self.connections = []
        self.pending = {}  # envelope id -> (app, future)
        self.refusals = 0  # handshakes that get 503
        self._turn = 0

    # --- Coming and going -------------------------------------------------------------------------------------------

    def open(self, app):
        ticket = self.ids.uuid()
        self.tickets[ticket] = (app, self.clock.now() + TICKET_SECONDS)
        scheme = self.sim.base_url.replace("http", "ws", 1)
        return f"{scheme}/link/?ticket={ticket}&app_id={app.id}"

    async def handle(self, request):
        if self.refusals > 0:
            self.refusals -= 1
            return web.Response(status=503, text="temporarily unavailable")
        app, until = self.tickets.pop(request.query.get("ticket", ""), (None, 0))
        if app is None or self.clock.now() > until:
            self.journal.note("refused", reason="ticket")
            return web.Response(
                status=401, text="this address was used or is too old: call apps.connections.open again"
            )
        socket = web.WebSocketResponse(autoping=False, compress=False, max_msg_size=4 << 20)
        await socket.prepare(request)
        connection = Connection(self.ids.uuid(), app, socket, request.transport, self.clock)
        writer = self.sim.spawn(connection.write())
        try:
            if len(self.of(app)) >= MOST_CONNECTIONS:
                self.disconnect(connection, "too_many_websockets")
            else:
                self.connections.append(connection)
                self.journal.note("connected", connection=connection.id, app=app.id, count=len(self.of(app)))
                connection.send(self._hello(app))
            await self._read(connection)
        finally:
            writer.cancel()
            if connection in self.connections:
                self.connections.remove(connection)
            self.journal.note("closed", connection=connection.id, app=app.id, code=socket.close_code)
        return socket

    async def _read(self, connection):
        async for message in connection.socket:
            if message.type == WSMsgType.PING:
                await connection.pong(message.data)
            elif message.type == WSMsgType.PONG:
                connection.last_pong = self.clock.now()
            elif message.type == WSMsgType.TEXT:
                self._acknowledged(connection, message.data)

    def of(self, app):
        return [c for c in self.connections if c.app is app]

    def _hello(self, app):
        return {
            "type": "hello", "num_connections": len(self.of(app)), "connection_info": {"app_id": app.id},
            "debug_info": {"host": "applink-7fc4fdbb64-4x5xq", "build_number": 10,
            "approximate_connection_time": 18060},
        }  # fmt: skip

    def disconnect(self, connection, reason, grace=10):
        """A `disconnect` frame, then the end: after `grace` seconds where the app may change over, else at once."""
        if reason not in REASONS:
            raise ControlError(f"no disconnect reason {reason!r}; there are: {', '.join(REASONS)}")
        connection.is_leaving = True
        connection.send({"type": "disconnect", "reason": reason, "debug_info": {"host": "wss-111.slack.com"}})
        self.journal.note("disconnecting", connection=connection.id, app=connection.app.id, reason=reason)
        if reason in ("warning", "refresh_requested"):
            self.clock.call_later(grace, connection.close)
        else:
            connection.close()

    # --- Envelopes --------------------------------------------------------------------------------------------------

    def begin(self, delivery):
        """Puts the envelope on a connection now; what is returned is awaited for the ack."""
        open_ones = [c for c in self.of(delivery.app) if not c.is_closing]
        usable = [c for c in open_ones if not c.is_leaving] or open_ones
        envelope = self._envelope(delivery)
        if not usable:
            self._note("unsent", delivery, envelope)
            return self._outcome(None, Outcome(False, reason="timeout"))
        self._turn += 1
        connection = usable[self._turn % len(usable)]
        acked = asyncio.get_running_loop().create_future()
        self.pending[envelope["envelope_id"]] = (delivery.app, acked)
        connection.send(envelope, delivery.fragments)
        self._note("sent", delivery, envelope, connection=connection.id)
        return self._outcome(envelope["envelope_id"], acked)

    def _envelope(self, delivery):
        envelope = {
            "envelope_id": self.ids.uuid(), "payload": delivery.payload, "type": delivery.kind,
            "accepts_response_payload": delivery.kind != "events_api",
        }  # fmt: skip
        if delivery.kind == "events_api":
            envelope.update(retry_attempt=delivery.attempt, retry_reason=delivery.reason)
        return envelope

    async def _outcome(self, envelope_id, acked):
        if isinstance(acked, Outcome):
            return acked
        late = asyncio.ensure_future(self.clock.sleep(ACK_SECONDS))
        await asyncio.wait({acked, late}, return_when=asyncio.FIRST_COMPLETED)
        late.cancel()
        self.pending.pop(envelope_id, None)
        if acked.done():
            return Outcome(True, acked.result())
        self.journal.note("unacked", envelope_id=envelope_id)
        return Outcome(False, reason="timeout")

    def _acknowledged(self, connection, text):
        try:
            answer = json.loads(text)
            envelope_id = answer["envelope_id"]
        except (ValueError, KeyError, TypeError):
            self.journal.note("nonsense", connection=connection.id, text=text[:1000])
            return
        app, acked = self.pending.get(envelope_id, (None, None))
        if app is not connection.app or acked.done():
            self.journal.note("late_ack", connection=connection.id, envelope_id=envelope_id)
            return
        acked.set_result(answer.get("payload"))
        self.journal.note("acked", connection=connection.id, envelope_id=envelope_id, payload=answer.get("payload"))

    def _note(self, kind, delivery, envelope, **more):
        self.journal.note(
            kind, app=delivery.app.id, type=delivery.kind, envelope_id=envelope["envelope_id"],
            attempt=delivery.attempt,
            payload=delivery.payload, **more,
        )  # fmt: skip
