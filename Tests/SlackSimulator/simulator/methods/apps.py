"""apps.*: where a Socket Mode connection begins, and manifests."""

from ..calls import method
from ..errors import SlackError, invalid_arguments
from ..manifest import faults


@method("apps.connections.open", 3, "connections:write", token="app")
def open_connection(call):
    # Slack documents no error of its own for an app whose Socket Mode is off; this is the nearest it lists.
    if not call.app.socket_mode:
        raise SlackError("forbidden_team")
    return {"url": call.sim.socket_mode.open(call.app)}


@method("apps.event.authorizations.list", 4, "authorizations:read", token="app")
def authorizations(call):
    bot = {"team_id": call.app.team_id, "user_id": call.app.bot_user, "is_bot": True, "is_enterprise_install": False}
    return {"authorizations": [{"enterprise_id": None, **bot}]}


def manifest(call):
    given = call.structure("manifest", dict, "invalid_manifest")
    if given is None:
        raise invalid_arguments("missing required field: manifest")
    found = faults(given)
    if found:
        raise SlackError("invalid_manifest", errors=found)
    return given


@method("apps.manifest.validate", 3, "app_configurations:write", token="configuration")
def validate(call):
    manifest(call)
    return {"errors": []}


@method("apps.manifest.create", 1, "app_configurations:write", token="configuration")
def create(call):
    app = call.world.add_app(manifest(call))
    return {
        "app_id": app.id,
        "credentials": {"signing_secret": app.signing_secret, "verification_token": app.verification_token},
    }
