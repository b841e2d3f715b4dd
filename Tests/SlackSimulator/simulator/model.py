"""What a workspace is made of. Plain values; rules stand elsewhere."""

from dataclasses import dataclass, field


@dataclass
class Team:
    id: str
    name: str
    domain: str


@dataclass
class User:
    id: str
    name: str
    real_name: str
    team_id: str
    email: str = ""
    tz: str = "Europe/Berlin"
    is_bot: bool = False
    bot_id: str = ""
    app_id: str = ""
    is_admin: bool = False
    is_owner: bool = False
    is_guest: bool = False  # may see several channels
    is_single_channel_guest: bool = False
    deleted: bool = False


@dataclass
class File:
    id: str
    name: str
    title: str
    mimetype: str
    content: bytes
    user: str
    created: int
    shares: list = field(default_factory=list)  # (channel id, ts)
    deleted: bool = False


@dataclass
class Message:
    ts: str
    channel: str
    user: str
    text: str = ""
    bot_id: str = ""
    app_id: str = ""
    thread_ts: str = ""
    subtype: str = ""
    blocks: list = field(default_factory=list)
    attachments: list = field(default_factory=list)
    metadata: dict = field(default_factory=dict)
    files: list = field(default_factory=list)  # File
    reactions: dict = field(default_factory=dict)  # name -> [user id], in order
    edited: dict = field(default_factory=dict)
    username: str = ""
    icons: dict = field(default_factory=dict)
    client_msg_id: str = ""
    ephemeral_to: str = ""
    unfurl_links: object = None
    unfurl_media: object = None
    link_names: bool = False
    stream: str = ""  # "", "streaming", "stopped", "stopped_by_user", "expired"
    stream_recipient: str = ""
    is_broadcast: bool = False

    @property
    def is_reply(self):
        return bool(self.thread_ts) and self.thread_ts != self.ts


@dataclass
class Channel:
    id: str
    name: str
    kind: str  # public, private, im, mpim
    team_id: str
    creator: str
    created: int
    members: list = field(default_factory=list)
    topic: str = ""
    purpose: str = ""
    is_archived: bool = False
    is_ext_shared: bool = False
    messages: dict = field(default_factory=dict)  # ts -> Message, in order of ts
    statuses: dict = field(default_factory=dict)  # thread_ts -> status of an app
    titles: dict = field(default_factory=dict)
    prompts: dict = field(default_factory=dict)

    @property
    def family(self):
        """As in scopes and event names: channels:history, message.groups."""
        return {"public": "channels", "private": "groups", "im": "im", "mpim": "mpim"}[self.kind]

    def replies(self, ts):
        return [m for m in self.messages.values() if m.thread_ts == ts and m.ts != ts]


@dataclass
class View:
    id: str
    app_id: str
    user: str
    content: dict  # as the app gave it, blocks with ids
    hash: str
    root_id: str
    previous_id: str = ""
    state: dict = field(default_factory=dict)
    is_open: bool = True


@dataclass
class App:
    id: str
    name: str
    bot_user: str
    bot_id: str
    team_id: str
    bot_token: str
    signing_secret: str
    verification_token: str
    bot_scopes: list
    events: list
    user_tokens: dict = field(default_factory=dict)  # token -> (user id, scopes)
    app_tokens: dict = field(default_factory=dict)  # token -> scopes
    commands: list = field(default_factory=list)
    shortcuts: list = field(default_factory=list)
    socket_mode: bool = True
    request_url: str = ""
    interactivity_url: str = ""
    has_home: bool = True
    is_assistant: bool = True
    streams: bool = True  # whether the workspace's plan has native streaming
    history_is_restricted: bool = False  # as for distributed apps outside the Marketplace
    token_state: str = ""  # "", or the error the bot token answers with
    homes: dict = field(default_factory=dict)  # user id -> View
