"""An app of slack_bolt that the tests talk to."""

import threading

from slack_bolt import App
from slack_sdk.errors import SlackApiError

WORLD = {
    "users": ["ada", "ben"],
    "apps": [
        {
            "name": "helper", "commands": ["/helper"],
            "shortcuts": [
                {"name": "Ask", "type": "message", "callback_id": "ask", "description": "x"},
                {"name": "New", "type": "global", "callback_id": "new", "description": "x"},
            ],
        }
    ],
    "channels": [{"name": "general", "members": ["ada", "ben"], "apps": ["helper"]}],
}  # fmt: skip
MODAL = {
    "type": "modal", "callback_id": "details", "title": {"type": "plain_text", "text": "Details"},
    "submit": {"type": "plain_text", "text": "Save"}, "private_metadata": "kept",
    "blocks": [
        {
            "type": "input", "block_id": "why", "label": {"type": "plain_text", "text": "Why?"},
            "element": {"type": "plain_text_input", "action_id": "text"},
        }
    ],
}  # fmt: skip


def button(action, value="1"):
    label = {"type": "plain_text", "text": action}
    return [{"type": "actions", "elements": [{"type": "button", "action_id": action, "value": value, "text": label}]}]


def answering_app(client, sim, seen):
    """An app that answers all a person can do. What it was sent goes into `seen`."""
    app = App(client=client)

    @app.event("app_mention")
    def mention(event, say):
        say(text=f"You said: {event['text']}", thread_ts=event["ts"], blocks=button("approve"))

    @app.event("message")
    def message(event):
        pass

    @app.event("app_home_opened")
    def home(event, client):
        blocks = [{"type": "header", "text": {"type": "plain_text", "text": "Your tasks"}}]
        client.views_publish(user_id=event["user"], view={"type": "home", "blocks": blocks})

    @app.action("approve")
    def approve(ack, body, respond):
        ack()
        seen.put(body)
        respond(text=f"approved by <@{body['user']['id']}>", replace_original=True)

    @app.action("details")
    def details(ack, body, client):
        ack()
        seen.put(client.views_open(trigger_id=body["trigger_id"], view=MODAL))

    @app.action("too_late")
    def too_late(ack, body, client):
        ack()
        sim.advance(4)
        try:
            client.views_open(trigger_id=body["trigger_id"], view=MODAL)
        except SlackApiError as error:
            seen.put(error.response["error"])

    @app.view("details")
    def submitted(ack, body, view):
        text = view["state"]["values"]["why"]["text"]["value"]
        seen.put(view)
        if text == "short":
            ack(response_action="errors", errors={"why": "say more"})
        elif text == "more":
            ack(response_action="update", view={**MODAL, "callback_id": "second"})
        else:
            ack()

    @app.command("/helper")
    def command(ack, body, respond):
        ack(f"heard {body['text']}")
        respond(text="for all", response_type="in_channel")

    @app.shortcut("ask")
    @app.shortcut("new")
    def shortcut(ack, body):
        ack()
        seen.put(body)

    return app


def hang_up(sim, handler):
    """The SDK's own close waits for its reads, so the simulator hangs up first."""
    handler.client.closed, handler.client.auto_reconnect_enabled = True, False
    sim.disturb("drop")
    threading.Thread(target=handler.close, daemon=True).start()
