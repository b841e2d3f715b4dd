"""Modals and Home tabs: checks, opening, changing, and what an app's answer to a submission does."""

from . import blocks
from .errors import SlackError, invalid_arguments
from .model import View

LARGEST = 250_000
MOST_PUSHED = 3


class Views:
    def __init__(self, simulator):
        self.sim, self.world = simulator, simulator.world

    def checked(self, content, kind=None):
        problems = []

        def complain(text, pointer):
            problems.append(f"{text} [json-pointer:/view{pointer}]")

        if not isinstance(content, dict):
            raise invalid_arguments("must provide an object [json-pointer:/view]")
        if content.get("type") not in ("modal", "home") or (kind and content["type"] != kind):
            complain(f"unsupported type: {content.get('type')}", "/type")
        for name, most in (("title", 24), ("submit", 24), ("close", 24)):
            label = content.get(name)
            if label is None and name == "title" and content.get("type") == "modal":
                complain("missing required field: title", "/title")
            elif label is not None and not (isinstance(label, dict) and 0 < len(str(label.get("text") or "")) <= most):
                complain(f"must be less than {most + 1} characters", f"/{name}/text")
        for name, most in (("private_metadata", 3000), ("callback_id", 255), ("external_id", 255)):
            if len(str(content.get(name) or "")) > most:
                complain(f"must be less than {most + 1} characters", f"/{name}")
        given = content.get("blocks")
        if not isinstance(given, list):
            complain("missing required field: blocks", "/blocks")
            given = []
        if content.get("type") == "modal" and "submit" not in content:
            if any(isinstance(block, dict) and block.get("type") == "input" for block in given):
                complain("missing required field: submit", "/submit")
        if problems:
            raise invalid_arguments(*problems)
        if len(str(content)) > LARGEST:
            raise SlackError("view_too_large")
        return {**content, "blocks": blocks.checked(given, self.world.ids, "view", "/view/blocks")}

    def make(self, app, user_id, content, previous=None):
        self._unique(app, content)
        view_id = self.world.ids.make("V")
        root = previous.root_id if previous else view_id
        view = View(view_id, app.id, user_id, content, self._hash(), root, previous.id if previous else "")
        self.world.views[view.id] = view
        self._note("opened" if content["type"] == "modal" else "published", view)
        return view

    def push(self, app, user_id, content, top):
        if len(self.stack(app, user_id)) >= MOST_PUSHED:
            raise SlackError("push_limit_reached")
        return self.make(app, user_id, content, previous=top)

    def change(self, view, content):
        view.content, view.hash = content, self._hash()
        named = {block["block_id"] for block in content["blocks"]}
        view.state = {name: value for name, value in view.state.items() if name in named}
        self._note("updated", view)

    def close(self, view):
        view.is_open = False
        self._note("closed", view)

    def stack(self, app, user_id):
        """A person's open modals of an app, the lowest first."""
        mine = [v for v in self.world.views.values() if v.app_id == app.id and v.user == user_id]
        return [v for v in mine if v.is_open and v.content["type"] == "modal"]

    def answered(self, view, response):
        """What the ack of a submission does with the modal."""
        app = self.world.apps[view.app_id]
        action = response.get("response_action") if isinstance(response, dict) else None
        if action == "errors":
            self._note("errors", view, errors=response.get("errors"))
        elif action == "update":
            self.change(view, self.checked(response.get("view"), "modal"))
        elif action == "push":
            self.push(app, view.user, self.checked(response.get("view"), "modal"), view)
        elif action == "clear":
            for one in self.stack(app, view.user):
                self.close(one)
        else:
            self.close(view)

    def _unique(self, app, content):
        external = content.get("external_id")
        for view in self.world.views.values():
            if external and view.app_id == app.id and view.is_open and view.content.get("external_id") == external:
                raise SlackError("duplicate_external_id")

    def _hash(self):
        return f"{int(self.world.clock.now())}.{self.world.ids.hex(8)}"

    def _note(self, change, view, **more):
        self.sim.journal.note(
            "view", change=change, view_id=view.id, app=view.app_id, user=view.user, type=view.content["type"],
            callback_id=view.content.get("callback_id"), view=self.sim.render.view(view), **more,
        )  # fmt: skip
