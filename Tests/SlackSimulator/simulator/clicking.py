"""Buttons, modals, shortcuts and commands, as a person uses them."""

from .deliveries import Outcome
from .errors import ControlError


class Clicking:
    """The half of `People` whose verbs return a delivery."""

    def click(self, user, args):
        """`action` is an action_id; in a message (channel, ts) or in a view. `chosen` goes into the action as it is."""
        if args.get("view"):
            view = self._view(user, args)
            block_id, element = find_element(view.content["blocks"], args.get("action"), args.get("value"))
            return self.sim.interactions.action(user, element, block_id, view=view, chosen=args.get("chosen"))
        _, message = self._message(user, args)
        if not message.app_id:
            raise ControlError(f"{message.ts} has nothing to click on")
        block_id, element = find_element(message.blocks, args.get("action"), args.get("value"))
        return self.sim.interactions.action(user, element, block_id, message=message, chosen=args.get("chosen"))

    def submit(self, user, args):
        """`values` maps block_id to {action_id: value}; a value that is a text is what was typed."""
        view = self._view(user, args)
        for block_id, inputs in args.get("values", {}).items():
            block = next((b for b in view.content["blocks"] if b["block_id"] == block_id), None)
            if block is None:
                raise ControlError(f"the view has no block {block_id!r}")
            kind = block.get("element", {}).get("type", "plain_text_input")
            view.state[block_id] = {
                name: value if isinstance(value, dict) else {"type": kind, "value": value}
                for name, value in inputs.items()
            }
        delivery = self.sim.interactions.submission(user, view)
        delivery.outcome.add_done_callback(lambda done: self._submitted(view, done.result()))
        return delivery

    def _submitted(self, view, outcome: Outcome):
        if outcome.acknowledged:
            self.sim.guard(self.sim.views.answered, view, outcome.response)

    def close(self, user, args):
        view = self._view(user, args)
        self.sim.views.close(view)
        return self.sim.interactions.closing(user, view) if view.content.get("notify_on_close") else None

    def _view(self, user, args):
        view = self.world.views.get(args.get("view"))
        if view is None or view.user != user.id or not view.is_open:
            raise ControlError(f"{user.name} sees no view {args.get('view')!r}")
        return view

    def shortcut(self, user, args):
        app = self.world.find_app(args.get("app"))
        channel, message = self._message(user, args) if args.get("ts") else (None, None)
        return self.sim.interactions.shortcut(app, user, args.get("callback_id"), channel, message)

    def command(self, user, args):
        """`/name text`. Slack takes no app's command in a thread."""
        if args.get("thread"):
            raise ControlError(f"{args.get('command')} is not supported in threads")
        channel, command = self._channel(user, args), args.get("command")
        app = next((a for a in self.world.apps.values() if command in a.commands), None)
        if app is None:
            raise ControlError(f"{command!r} is not a command of an app here")
        delivery = self.sim.interactions.command(app, user, channel, command, args.get("text", ""))
        place = {"app": app, "user": user.id, "channel": channel.id, "ts": None, "thread_ts": ""}

        def answered(done):
            outcome = done.result()
            if outcome.acknowledged and isinstance(outcome.response, dict) and outcome.response:
                self.sim.guard(self.sim.responses.apply, place, outcome.response)

        delivery.outcome.add_done_callback(answered)
        return delivery


def find_element(blocks, action_id, value=None):
    for block in blocks:
        for element in [*block.get("elements", []), block.get("accessory"), block.get("element")]:
            if isinstance(element, dict) and element.get("action_id") == action_id:
                if value is None or element.get("value") == value:
                    return block["block_id"], element
    raise ControlError(f"there is nothing to click with action_id {action_id!r}")
