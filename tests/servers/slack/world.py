"""What is in a loopback Slack: workspaces, people, channels, messages, files and views."""

from dataclasses import dataclass, field
from typing import Any

from tests.servers.slack.clock import Clock

Json = dict[str, Any]


@dataclass
class User:
    """Somebody in a workspace. `admin` and `owner` are what users.info says of them."""

    id: str
    name: str
    team: str
    admin: bool = False
    owner: bool = False
    bot: bool = False
    deleted: bool = False
    restricted: bool = False
    tz: str = "America/New_York"
    display_name: str = ""
    bot_id: str = ""

    def payload(self) -> Json:
        """As users.info gives it."""
        profile: Json = {
            "real_name": self.name.capitalize(), "display_name": self.display_name,
            "team": self.team,
        }  # fmt: skip
        if self.bot:
            profile["bot_id"] = self.bot_id
        return {
            "id": self.id, "team_id": self.team, "name": self.name, "deleted": self.deleted,
            "real_name": self.name.capitalize(), "tz": self.tz, "tz_label": "", "tz_offset": 0,
            "profile": profile, "is_admin": self.admin, "is_owner": self.owner,
            "is_primary_owner": False, "is_restricted": self.restricted,
            "is_ultra_restricted": False, "is_bot": self.bot, "is_app_user": False, "updated": 0,
        }  # fmt: skip


@dataclass(eq=False)
class Message:
    """A message. `thread_ts` is its thread's first message; None outside of threads.

    `ephemeral_to` is who alone sees it, None for everybody; `posted_at` is in seconds since 1970,
    `edited` is the timestamp of its last edit.
    """

    ts: str
    channel: str
    text: str
    blocks: list[Json]
    user: str
    bot_id: str = ""
    thread_ts: str | None = None
    metadata: Json | None = None
    edited: str | None = None
    ephemeral_to: str | None = None
    reply_broadcast: bool = False
    posted_at: float = 0.0
    files: list[str] = field(default_factory=list)

    @property
    def is_reply(self) -> bool:
        """Whether it stands in a thread, below the first message."""
        return self.thread_ts is not None and self.thread_ts != self.ts

    def buttons(self) -> list[Json]:
        """The buttons under it, each with the `block_id` of its block."""
        return [
            {**element, "block_id": block.get("block_id", "")}
            for block in self.blocks
            for element in (*block.get("elements", ()), block.get("accessory") or {})
            if element.get("type") == "button"
        ]


@dataclass(eq=False)
class Channel:
    """A channel, or a conversation of two (`user` is who speaks with the bot; "" if neither).

    `is_member` says whether the bot is in it, `shared` whether with other workspaces.
    """

    id: str
    name: str
    team: str
    private: bool = False
    is_member: bool = True
    archived: bool = False
    shared: bool = False
    direct: bool = False
    user: str = ""
    deleted: bool = False
    members: set[str] = field(default_factory=set)
    messages: list[Message] = field(default_factory=list)

    def payload(self) -> Json:
        """As conversations.info gives it."""
        if self.direct:
            return {
                "id": self.id, "created": 0, "is_im": True, "is_org_shared": False,
                "user": self.user, "is_user_deleted": False, "context_team_id": self.team,
                "is_archived": self.archived, "is_channel": False, "is_group": False,
                "is_mpim": False,
            }  # fmt: skip
        return {
            "id": self.id, "name": self.name, "name_normalized": self.name,
            "is_channel": not self.private, "is_group": self.private, "is_im": False,
            "is_mpim": False, "is_private": self.private, "is_archived": self.archived,
            "is_general": False, "is_shared": self.shared, "is_ext_shared": self.shared,
            "is_org_shared": False, "is_member": self.is_member, "created": 0, "creator": "",
            "context_team_id": self.team, "num_members": len(self.members),
            "topic": {"value": "", "creator": "", "last_set": 0},
            "purpose": {"value": "", "creator": "", "last_set": 0},
        }  # fmt: skip


@dataclass(eq=False)
class File:
    """A file. `wait` is how often it will be asked for before Slack has processed it."""

    id: str
    team: str
    name: str
    size: int
    title: str = ""
    alt_text: str = ""
    content: bytes | None = None
    complete: bool = False
    wait: int = 0
    shared_in: list[str] = field(default_factory=list)

    @property
    def processed(self) -> bool:
        """Whether it can stand in a message."""
        return self.complete and self.wait <= 0


@dataclass(eq=False)
class View:
    """A dialog or a Home tab: what the app sent, and to whom it is shown. `open` until closed."""

    id: str
    user: str
    team: str
    content: Json
    hash: str
    open: bool = True
    external_id: str = ""
    root_id: str = ""
    previous_id: str | None = None

    @property
    def blocks(self) -> list[Json]:
        """Its blocks."""
        blocks: list[Json] = self.content.get("blocks", [])
        return blocks


class Workspace:
    """One workspace with the app in it. `refusal` is what the bot's token is answered, if bad.

    `scopes` are what the token may do; None for everything.
    """

    def __init__(self, clock: Clock, name: str, *, app_id: str) -> None:
        self.clock = clock
        self.name = name
        self.domain = name.lower().replace(" ", "-")
        self.team = clock.id("T")
        self.app_id = app_id
        self.bot_id = clock.id("B")
        self.bot_token = f"xoxb-{clock.word()}-{clock.word()}"
        self.refusal: str | None = None
        self.scopes: set[str] | None = None
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.files: dict[str, File] = {}
        self.views: dict[str, View] = {}
        self.homes: dict[str, View] = {}
        bot = self.add_user("aftershock")
        bot.bot, bot.bot_id = True, self.bot_id
        self.bot_user = bot.id

    def install(self) -> None:
        """The app is installed (again): what was revoked is replaced by another token."""
        if self.refusal in ("account_inactive", "token_revoked"):
            self.bot_token = f"xoxb-{self.clock.word()}-{self.clock.word()}"
        self.refusal = None

    def uninstall(self) -> None:
        """The workspace removes the app; the app hears of it by an event, if the test sends one."""
        self.refusal = "account_inactive"

    def add_user(self, name: str, *, admin: bool = False, owner: bool = False) -> User:
        """Somebody new, in no channel yet."""
        user = User(self.clock.id("U"), name, self.team, admin, owner)
        self.users[user.id] = user
        return user

    def add_channel(
        self, name: str, *members: User, private: bool = False, is_member: bool = True,
        shared: bool = False,
    ) -> Channel:  # fmt: skip
        """A channel with these people in it, and the bot unless not `is_member`."""
        channel = Channel(self.clock.id("C"), name, self.team, private, is_member, shared=shared)
        channel.members = {each.id for each in members}
        if is_member:
            channel.members.add(self.bot_user)
        self.channels[channel.id] = channel
        return channel

    def dm(self, user: User) -> Channel:
        """The bot's direct messages with somebody."""
        for channel in self.channels.values():
            if channel.direct and channel.user == user.id:
                return channel
        channel = Channel(self.clock.id("D"), "directmessage", self.team, direct=True, user=user.id)
        channel.members = {user.id, self.bot_user}
        self.channels[channel.id] = channel
        return channel

    def dm_between(self, one: User, other: User) -> Channel:
        """A conversation of two people that the bot is no part of; commands can be typed there."""
        channel = Channel(
            self.clock.id("D"), "directmessage", self.team, is_member=False, direct=True
        )
        channel.members = {one.id, other.id}
        self.channels[channel.id] = channel
        return channel

    def invite(self, channel: Channel) -> None:
        """The bot is invited to a channel."""
        channel.is_member = True
        channel.members.add(self.bot_user)

    def remove(self, channel: Channel) -> None:
        """The bot is removed from a channel."""
        channel.is_member = False
        channel.members.discard(self.bot_user)
