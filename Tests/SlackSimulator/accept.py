#!/usr/bin/env python3
"""Puts messages and modals before the simulator with Slack's own SDK, and says of each what became of it.

Standard input: a line of JSON each, {"text", "blocks"} for a message, {"view"} for a modal. Standard output: a line of JSON
each, in order: {"error": null or Slack's word, "messages": Slack's complaints, "pings": who was called}.
"""

import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from slack_sdk import WebClient  # noqa: E402
from slack_sdk.errors import SlackApiError  # noqa: E402
from slack_sdk.socket_mode.builtin import SocketModeClient  # noqa: E402
from slack_sdk.socket_mode.response import SocketModeResponse  # noqa: E402

from scenario import Scenario  # noqa: E402


class Acceptance:
    def __init__(self, scenario):
        self.sim, app = scenario, scenario.app()
        self.client = WebClient(token=app["bot_token"], base_url=scenario.base_url, retry_handlers=[])
        self.socket = SocketModeClient(app_token=app["app_token"], web_client=self.client)
        self.socket.socket_mode_request_listeners.append(self.opened)
        self.view, self.outcome = None, None
        self.socket.connect()
        scenario.wait("connected")
        scenario.limits(on=False)

    def close(self):
        self.socket.close()

    def answer(self, entry):
        return self.modal(entry["view"]) if "view" in entry else self.message(entry)

    def message(self, entry):
        # link_names: as if somebody had asked Slack to look for @channel in the text, too.
        return self.tried(
            lambda: self.client.chat_postMessage(
                channel="general", text=entry["text"], blocks=entry["blocks"], link_names=True
            )
        )

    def tried(self, call):
        mark = self.sim.mark()
        try:
            call()
        except SlackApiError as error:
            data = error.response.data
            return {"error": data["error"], "messages": data.get("response_metadata", {}).get("messages", []), "pings": []}
        entries = self.sim.journal("message", after=mark)
        return {"error": None, "messages": [], "pings": [ping for entry in entries for ping in entry["pings"]]}

    def modal(self, view):
        """A modal is opened with the trigger of something that a person did."""
        self.view, self.outcome = view, None
        self.sim.person("ada").commands("general", "/helper")
        return self.outcome

    def opened(self, client, request):
        trigger = request.payload["trigger_id"]
        self.outcome = self.tried(lambda: self.client.views_open(trigger_id=trigger, view=self.view))
        client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))


def main():
    with Scenario() as scenario:
        acceptance = Acceptance(scenario)
        for line in sys.stdin:
            print(json.dumps(acceptance.answer(json.loads(line))), flush=True)
        acceptance.close()


if __name__ == "__main__":
    main()
