"""views.*: modals and Home tabs."""

from ..calls import method
from ..errors import SlackError, invalid_arguments


def content(call, kind=None):
    given = call.structure("view", dict)
    if given is None:
        raise invalid_arguments("missing required field: view")
    return call.sim.views.checked(given, kind)


@method("views.open", 4)
def open_view(call):
    view = content(call, "modal")
    user = call.sim.interactions.exchange(call.app, call.text("trigger_id", required=True))
    return {"view": call.sim.render.view(call.sim.views.make(call.app, user, view))}


@method("views.push", 4)
def push(call):
    view = content(call, "modal")
    user = call.sim.interactions.exchange(call.app, call.text("trigger_id", required=True))
    stack = call.sim.views.stack(call.app, user)
    if not stack:
        raise SlackError("not_found")
    return {"view": call.sim.render.view(call.sim.views.push(call.app, user, view, stack[-1]))}


def unchanged(call, view):
    if call.text("hash") and call.text("hash") != view.hash:
        raise SlackError("hash_conflict")


@method("views.update", 4)
def update(call):
    changed = content(call)
    view_id, external_id = call.text("view_id"), call.text("external_id")
    for view in call.world.views.values():
        if view.app_id == call.app.id and view.is_open:
            if view.id == view_id or (external_id and view.content.get("external_id") == external_id):
                unchanged(call, view)
                call.sim.views.change(view, changed)
                return {"view": call.sim.render.view(view)}
    raise SlackError("not_found")


@method("views.publish", 4)
def publish(call):
    home = content(call, "home")
    if not call.app.has_home:
        raise SlackError("not_enabled")
    user = call.person("user_id", "invalid_arguments")
    view = call.app.homes.get(user.id)
    if view is None:
        view = call.app.homes[user.id] = call.sim.views.make(call.app, user.id, home)
    else:
        unchanged(call, view)
        call.sim.views.change(view, home)
    return {"view": call.sim.render.view(view)}
