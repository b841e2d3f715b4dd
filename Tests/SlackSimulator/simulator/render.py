"""Users, channels, files and messages as the API shows them."""

import re

from .identifiers import ts_number


def slug(text):
    return re.sub(r"[^a-z0-9._-]+", "_", text.lower()).strip("_") or "file"


class Render:
    def __init__(self, world, base_url):
        self.world, self.base_url = world, base_url

    def user(self, user, with_email=False):
        stranger = self.world.is_external(user)
        profile = {
            "title": "", "phone": "", "skype": "", "real_name": user.real_name, "real_name_normalized": user.real_name,
            "display_name": "" if user.is_bot else user.name,
            "display_name_normalized": "" if user.is_bot else user.name,
            "status_text": "", "status_emoji": "", "avatar_hash": "g" + user.id[-8:].lower(), "team": user.team_id,
            "image_72": f"{self.base_url}/_slack/avatar/{user.id}.svg",
        }  # fmt: skip
        if user.is_bot:
            profile.update(bot_id=user.bot_id, api_app_id=user.app_id, always_active=True)
        elif with_email and user.email and not stranger:
            profile["email"] = user.email
        shown = {
            "id": user.id, "team_id": user.team_id, "name": user.name, "deleted": user.deleted, "color": "9f69e7",
            "profile": profile, "is_bot": user.is_bot, "is_app_user": False, "updated": int(self.world.clock.now()),
        }  # fmt: skip
        if stranger:
            shown["is_stranger"] = True
        if not user.deleted:
            shown.update(
                real_name=user.real_name, tz=user.tz, tz_label="", tz_offset=0, is_admin=user.is_admin,
                is_owner=user.is_owner, is_primary_owner=False,
                is_restricted=user.is_guest or user.is_single_channel_guest,
                is_ultra_restricted=user.is_single_channel_guest, is_email_confirmed=not user.is_bot,
            )  # fmt: skip
        return shown

    def channel(self, channel, viewer, with_count=False):
        shown = {
            "id": channel.id, "created": channel.created, "creator": channel.creator,
            "is_archived": channel.is_archived,
            "is_org_shared": False, "context_team_id": channel.team_id, "updated": channel.created * 1000,
        }  # fmt: skip
        if channel.kind == "im":
            other = next((u for u in channel.members if u != viewer), viewer)
            shown.update(is_im=True, user=other, is_user_deleted=self.world.users[other].deleted, priority=0)
            return shown
        connected = [t for t in dict.fromkeys(u.team_id for u in self.world.members(channel)) if t != channel.team_id]
        shown.update(
            name=channel.name, name_normalized=channel.name, is_channel=channel.kind == "public",
            is_group=channel.kind == "private", is_im=False, is_mpim=channel.kind == "mpim",
            is_private=channel.kind != "public", is_member=viewer in channel.members,
            is_general=channel.name == "general",
            is_shared=channel.is_ext_shared, is_ext_shared=channel.is_ext_shared, is_pending_ext_shared=False,
            shared_team_ids=[channel.team_id, *connected], pending_shared=[], parent_conversation=None, unlinked=0,
            topic={"value": channel.topic, "creator": "", "last_set": 0},
            purpose={"value": channel.purpose, "creator": "", "last_set": 0}, previous_names=[],
        )  # fmt: skip
        if with_count:
            shown["num_members"] = len(channel.members)
        return shown

    def _shares(self, file):
        """Where a file is, which is how an app finds the message of its upload again."""
        shares = {}
        for channel_id, ts in file.shares:
            channel = self.world.channels[channel_id]
            message = channel.messages.get(ts)
            if message:
                entry = {"ts": ts, "channel_name": channel.name, "team_id": channel.team_id, "share_user_id": file.user}
                if message.thread_ts:
                    entry["thread_ts"] = message.thread_ts
                kind = "public" if channel.kind == "public" else "private"
                shares.setdefault(kind, {}).setdefault(channel_id, []).append(entry)
        return shares

    def file(self, file, opaque=False):
        if opaque:  # another company's: the app has to ask files.info
            return {
                "id": file.id,
                "mode": "file_access",
                "file_access": "check_file_info",
                "created": 0,
                "timestamp": 0,
                "user": "",
            }
        kind = file.name.rpartition(".")[2].lower() if "." in file.name else "binary"
        path = f"{self.world.team.id}-{file.id}"
        kinds = {"channels": ("public",), "groups": ("private", "mpim"), "ims": ("im",)}
        places = {
            name: [c for c in dict.fromkeys(c for c, _ in file.shares) if self.world.channels[c].kind in of]
            for name, of in kinds.items()
        }
        return {
            "shares": self._shares(file), **places,
            "id": file.id, "created": file.created, "timestamp": file.created, "name": file.name, "title": file.title,
            "mimetype": file.mimetype, "filetype": kind, "pretty_type": kind.upper(), "user": file.user,
            "user_team": self.world.users[file.user].team_id, "editable": False, "size": len(file.content),
            "mode": "hosted", "is_external": False, "external_type": "", "is_public": False,
            "public_url_shared": False, "display_as_bot": False, "username": "", "file_access": "visible",
            "url_private": f"{self.base_url}/files-pri/{path}/{slug(file.name)}",
            "url_private_download": f"{self.base_url}/files-pri/{path}/download/{slug(file.name)}",
            "permalink": f"{self.workspace_url()}files/{file.user}/{file.id}/{slug(file.name)}",
            "has_rich_preview": False,
        }  # fmt: skip

    def bot_profile(self, app):
        return {
            "id": app.bot_id, "app_id": app.id, "user_id": app.bot_user, "name": app.name, "icons": {},
            "deleted": False,
            "updated": int(self.world.clock.now()), "team_id": app.team_id,
        }  # fmt: skip

    def message(self, message, with_metadata=False, in_thread_list=True):
        channel = self.world.channels[message.channel]
        shown = {"type": "message", "text": message.text, "ts": message.ts}
        if message.subtype:
            shown["subtype"] = message.subtype
        if not message.username:
            shown["user"] = message.user
        app = self.world.apps.get(message.app_id)
        if app:
            shown.update(bot_id=app.bot_id, app_id=app.id, bot_profile=self.bot_profile(app))
        if message.username:
            shown["username"] = message.username
        shown["team"] = self.world.users[message.user].team_id
        for name in ("icons", "blocks", "attachments", "edited", "client_msg_id", "thread_ts"):
            if getattr(message, name):
                shown[name] = getattr(message, name)
        if message.files:
            shown.update(
                files=[self.file(f) for f in message.files if not f.deleted], upload=False, display_as_bot=False
            )
        if message.reactions:
            shown["reactions"] = [{"name": n, "users": u, "count": len(u)} for n, u in message.reactions.items()]
        if message.metadata and with_metadata:
            shown["metadata"] = message.metadata
        if message.stream:
            shown["streaming_state"] = "in_progress" if message.stream == "streaming" else "completed"
        replies = channel.replies(message.ts) if in_thread_list else []
        if message.is_reply:
            parent = channel.messages.get(message.thread_ts)
            shown["parent_user_id"] = parent.user if parent else ""
        elif replies:
            users = list(dict.fromkeys(r.user for r in replies))
            shown.update(
                thread_ts=message.ts, reply_count=len(replies), reply_users_count=len(users), reply_users=users[:5],
                latest_reply=replies[-1].ts, is_locked=False, subscribed=False,
            )  # fmt: skip
        return shown

    def view(self, view):
        app = self.world.apps[view.app_id]
        blank = {
            "private_metadata": "",
            "callback_id": "",
            "external_id": "",
            "clear_on_close": False,
            "notify_on_close": False,
        }
        if view.content.get("type") == "modal":
            blank.update(close=None, submit=None, submit_disabled=False)
        return {
            "id": view.id, "team_id": app.team_id, **blank, **view.content, "state": {"values": view.state},
            "hash": view.hash, "previous_view_id": view.previous_id or None, "root_view_id": view.root_id,
            "app_id": app.id, "app_installed_team_id": app.team_id, "bot_id": app.bot_id,
        }  # fmt: skip

    def workspace_url(self):
        return f"https://{self.world.team.domain}.slack.com/"

    def permalink(self, message):
        link = f"{self.workspace_url()}archives/{message.channel}/p{ts_number(message.ts)}"
        return f"{link}?thread_ts={message.thread_ts}&cid={message.channel}" if message.is_reply else link
