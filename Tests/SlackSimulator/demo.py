"""A small company for talking by hand, and what an app needs to be in it."""

from simulator.setup import Setup

COMPANY = {
    "team": {"name": "Acme", "domain": "acme"},
    "teams": [{"name": "Partner", "domain": "partner"}],
    "users": [
        {"name": "ada", "real_name": "Ada Lovelace", "is_admin": True, "is_owner": True},
        {"name": "ben", "real_name": "Ben Okri"},
        {"name": "cleo", "real_name": "Cleo Marsh"},
        {"name": "gil", "real_name": "Gil (guest)", "is_guest": True},
        {"name": "pat", "real_name": "Pat (partner)", "team": "Partner"},
    ],
    "apps": [
        {
            "name": "Bulkhead", "bot_name": "bulkhead", "commands": ["/bulkhead"],
            "shortcuts": [
                {"name": "Ask about this", "type": "message", "callback_id": "ask_about", "description": "Ask"},
            ],
        }
    ],
    "channels": [
        {"name": "general", "members": ["ada", "ben", "cleo"], "apps": ["bulkhead"], "topic": "Everything"},
        {"name": "support", "members": ["ada", "ben", "gil"], "apps": ["bulkhead"]},
        {"name": "board", "kind": "private", "members": ["ada", "cleo"]},
        {"name": "partner-project", "members": ["ada", "pat"], "apps": ["bulkhead"]},
    ],
}  # fmt: skip


async def build_demo(simulator):
    world = await Setup(simulator).build(COMPANY)
    simulator.limits.posts_at_once = 30
    app = world["apps"]["bulkhead"]
    print(f"base URL    {world['base_url']}")
    print(f"bot token   {app['bot_token']}")
    print(f"app token   {app['app_token']}", flush=True)
