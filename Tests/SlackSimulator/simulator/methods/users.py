"""users.*, bots.info, team.info, auth.test."""

from ..calls import method
from ..errors import SlackError
from .paging import page


@method("auth.test", "special", token="any")
def auth_test(call):
    team = call.world.team
    answer = {
        "url": call.sim.render.workspace_url(),
        "team": team.name,
        "team_id": team.id,
        "is_enterprise_install": False,
    }
    if call.user is None:  # an app-level token: it is the app itself
        return {**answer, "app_id": call.app.id, "app_name": call.app.name} if call.app else answer
    answer.update(user=call.user.name, user_id=call.user.id)
    if call.user.is_bot:
        answer["bot_id"] = call.app.bot_id
    return answer


@method("users.info", 4, "users:read", json=False)
def info(call):
    return {"user": call.sim.render.user(call.person(), "users:read.email" in call.scopes)}


@method("users.list", 2, "users:read", json=False)
def list_users(call):
    part, cursor = page(call, list(call.world.users.values()), lambda u: u.id, "user:", 1000)
    shown = [call.sim.render.user(user, "users:read.email" in call.scopes) for user in part]
    answer = {"members": shown, "cache_ts": int(call.world.clock.now())}
    return {**answer, "response_metadata": {"next_cursor": cursor}}


@method("users.lookupByEmail", 3, "users:read.email", json=False)
def lookup_by_email(call):
    email = call.text("email", required=True).lower()
    for user in call.world.users.values():
        if user.email.lower() == email and not user.deleted and not call.world.is_external(user):
            return {"user": call.sim.render.user(user, with_email=True)}
    raise SlackError("users_not_found")


@method("bots.info", 3, "users:read", json=False)
def bots_info(call):
    for app in call.world.apps.values():
        if app.bot_id == call.text("bot"):
            return {"bot": {**call.sim.render.bot_profile(app), "user_id": app.bot_user}}
    raise SlackError("bot_not_found")


@method("team.info", 3, "team:read")
def team_info(call):
    team = call.world.teams.get(call.text("team")) or call.world.team
    return {"team": {"id": team.id, "name": team.name, "domain": team.domain, "email_domain": "", "icon": {}}}
