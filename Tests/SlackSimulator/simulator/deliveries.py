"""Getting something to an app: faults on the way, retries after silence, and what becomes of it in the end."""

import asyncio
from dataclasses import dataclass, field

RETRIES = (0, 60, 300)  # seconds after the failure before, as Slack does for events


@dataclass
class Delivery:
    app: object
    kind: str  # events_api, interactive, slash_commands
    payload: dict
    attempt: int = 0
    reason: str = ""
    fragments: int = 0
    tampering: str = ""
    outcome: asyncio.Future = field(default=None)


@dataclass
class Outcome:
    """Of one attempt, and in the end of the delivery."""

    acknowledged: bool
    response: object = None
    reason: str = ""
    may_retry: bool = True


class Deliveries:
    def __init__(self, clock, journal, faults, spawn):
        self.clock, self.journal, self.faults, self.spawn = clock, journal, faults, spawn
        self.socket_mode = self.events_api = None  # set by the simulator

    def submit(self, app, kind, payload):
        """Sends in the order of the calls. The delivery's `outcome` is set when it was acknowledged or given up."""
        delivery = self._delivery(app, kind, payload)
        rule = self.faults.of_envelope(kind, payload)
        fault = rule["kind"] if rule else ""
        if fault == "drop":
            self._give_up(delivery, Outcome(False, reason="dropped"))
        elif fault == "duplicate":
            self._start(delivery)
            self._start(self._delivery(app, kind, payload))
        elif fault == "delay":
            self.clock.call_later(rule.get("seconds", 1), lambda: self._start(delivery))
        elif fault == "reorder":
            rule["held"].append(delivery)
            if rule["hits"] == rule["times"]:
                for held in reversed(rule["held"]):
                    self._start(held)
                rule["held"] = []
        else:
            delivery.fragments = rule.get("pieces", 3) if fault == "fragment" else 0
            delivery.tampering = fault if fault in ("bad_signature", "old_timestamp") else ""
            self._start(delivery)
        return delivery

    def _delivery(self, app, kind, payload):
        return Delivery(app, kind, payload, outcome=asyncio.get_running_loop().create_future())

    def _start(self, delivery):
        transport = self.socket_mode if delivery.app.socket_mode else self.events_api
        sent = transport.begin(delivery)  # at once, so that the order stays
        self.spawn(self._follow(delivery, sent))

    async def _follow(self, delivery, sent):
        outcome = await sent
        if outcome.acknowledged:
            delivery.outcome.set_result(outcome)
            return
        if delivery.kind == "events_api" and outcome.may_retry and delivery.attempt < len(RETRIES):
            pause = RETRIES[delivery.attempt]
            delivery.attempt += 1
            delivery.reason = outcome.reason
            if pause:
                await self.clock.sleep(pause)
            self._start(delivery)
        else:
            self._give_up(delivery, outcome)

    def _give_up(self, delivery, outcome):
        self.journal.note(
            "lost", app=delivery.app.id, type=delivery.kind, payload=delivery.payload, reason=outcome.reason
        )
        delivery.outcome.set_result(outcome)
