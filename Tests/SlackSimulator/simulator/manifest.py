"""App manifests: what an app is granted, and what Slack says of a faulty one."""

from .errors import ControlError
from .scopes import BOT_SCOPES, EVENT_SCOPES


def settings_of(manifest):
    found = faults(manifest)
    if found:
        raise ControlError("the manifest is refused: " + "; ".join(f"{e['pointer']}: {e['message']}" for e in found))
    features, settings = manifest.get("features", {}), manifest.get("settings", {})
    subscriptions, interactivity = settings.get("event_subscriptions", {}), settings.get("interactivity", {})
    return {
        "bot_name": features.get("bot_user", {}).get("display_name") or manifest["display_information"]["name"],
        "bot_scopes": list(manifest.get("oauth_config", {}).get("scopes", {}).get("bot", [])),
        "events": list(subscriptions.get("bot_events", [])),
        "commands": [entry["command"] for entry in features.get("slash_commands", [])],
        "shortcuts": list(features.get("shortcuts", [])),
        "socket_mode": bool(settings.get("socket_mode_enabled", False)),
        "request_url": subscriptions.get("request_url", ""),
        "interactivity_url": interactivity.get("request_url", ""),
        "has_home": bool(features.get("app_home", {}).get("home_tab_enabled", False)),
        "is_assistant": "assistant_view" in features or "agent_view" in features,
    }


def faults(manifest):
    """As apps.manifest.validate lists them: message and pointer."""
    found = []

    def complain(message, pointer):
        found.append({"message": message, "pointer": pointer})

    if not isinstance(manifest, dict):
        return [{"message": "must be an object", "pointer": "/"}]
    name = manifest.get("display_information", {}).get("name")
    if not isinstance(name, str) or not 1 <= len(name) <= 35:
        complain("must be 1 to 35 characters", "/display_information/name")
    scopes = manifest.get("oauth_config", {}).get("scopes", {}).get("bot", [])
    for index, scope in enumerate(scopes):
        if scope not in BOT_SCOPES:
            complain(f"Unknown scope: {scope}", f"/oauth_config/scopes/bot/{index}")
    features, settings = manifest.get("features", {}), manifest.get("settings", {})
    if scopes and "bot_user" not in features:
        complain("Bot scopes need a bot user", "/features/bot_user")
    for index, entry in enumerate(features.get("slash_commands", [])):
        if not str(entry.get("command", "")).startswith("/"):
            complain("Must begin with a slash", f"/features/slash_commands/{index}/command")
        if "commands" not in scopes:
            complain("Needs the scope commands", f"/features/slash_commands/{index}")
    for index, event in enumerate(settings.get("event_subscriptions", {}).get("bot_events", [])):
        pointer = f"/settings/event_subscriptions/bot_events/{index}"
        if event not in EVENT_SCOPES:
            complain(f"Unknown event: {event}", pointer)
        elif EVENT_SCOPES[event] and not set(EVENT_SCOPES[event]) & set(scopes):
            complain(f"Event {event} requires scope: {' or '.join(EVENT_SCOPES[event])}", pointer)
    return found
