"""What there is: servers with their channels and threads, direct messages."""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.servers.discord.clock import Clock
from tests.servers.discord.messages import Message
from tests.servers.discord.people import Member, Role, User
from tests.servers.discord.permissions import Overwrite

TEXT, DM, ANNOUNCEMENT, ANNOUNCEMENT_THREAD, THREAD, FORUM = 0, 1, 5, 10, 11, 15
THREADS = (ANNOUNCEMENT_THREAD, THREAD, 12)
Emit = Callable[[str, dict[str, Any], int | None], None]


def stamp(seconds: float) -> str:
    """An instant as Discord writes it."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()


@dataclass
class Channel:
    """A channel, thread or direct message, with its messages in order of their ids."""

    id: int
    name: str
    kind: int
    guild: "Guild | None" = None
    parent: "Channel | None" = None
    recipient: User | None = None
    overwrites: dict[int, Overwrite] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    order: list[int] = field(default_factory=list)
    archived: bool = False
    locked: bool = False
    created: float = 0.0

    @property
    def sent(self) -> list[Message]:
        """The messages that are there, oldest first."""
        return [self.messages[id_] for id_ in self.order]

    def deny(self, denied: int, who: Role | Member | None = None) -> None:
        """Take permissions from a role or member; from the bot unless told otherwise."""
        guild = self._guild()
        who = who or guild.bot_member()
        target, kind = (who.id, 0) if isinstance(who, Role) else (who.user.id, 1)
        self.overwrites.setdefault(target, Overwrite(kind)).deny |= denied
        guild.emit("CHANNEL_UPDATE", self.payload(), guild.id)

    def allow_all(self) -> None:
        """Take back whatever was denied."""
        guild = self._guild()
        self.overwrites.clear()
        guild.emit("CHANNEL_UPDATE", self.payload(), guild.id)

    def rename(self, name: str) -> None:
        """Give it another name."""
        guild, self.name = self._guild(), name
        guild.emit("CHANNEL_UPDATE", self.payload(), guild.id)

    def say(self, by: Member, text: str) -> Message:
        """Somebody else posts something."""
        guild = self._guild()
        id_, now = guild.clock.snowflake(), guild.clock.now()
        payload = {
            "id": str(id_), "channel_id": str(self.id), "type": 0, "author": by.user.payload(),
            "timestamp": stamp(now), "edited_timestamp": None, "content": text, "tts": False,
            "pinned": False, "embeds": [], "attachments": [], "reactions": [], "components": [],
            "flags": 0, "mentions": [], "mention_roles": [], "mention_everyone": False,
        }  # fmt: skip
        message = Message(payload, now)
        self.keep(message)
        guild.emit("MESSAGE_CREATE", {**payload, "guild_id": str(guild.id)}, guild.id)
        return message

    def remove_message(self, message: Message) -> None:
        """Somebody deletes a message."""
        self.forget(message)
        guild = self._guild()
        told = {"id": str(message.id), "channel_id": str(self.id), "guild_id": str(guild.id)}
        guild.emit("MESSAGE_DELETE", told, guild.id)

    def keep(self, message: Message) -> None:
        """Take a message in: the newest, for ids only grow."""
        self.messages[message.id] = message
        self.order.append(message.id)

    def forget(self, message: Message) -> None:
        """Take a message out."""
        del self.messages[message.id]
        del self.order[bisect_left(self.order, message.id)]

    def add_thread(self, name: str, id_: int | None = None) -> "Channel":
        """A public thread under this channel; one that begins at a message has its id."""
        guild = self._guild()
        thread = Channel(id_ or guild.clock.snowflake(), name, THREAD, guild, self)
        thread.created = guild.clock.now()
        guild.channels[thread.id] = guild.all_channels[thread.id] = thread
        guild.emit("THREAD_CREATE", {**thread.payload(), "newly_created": True}, guild.id)
        return thread

    def archive(self, archived: bool = True) -> None:
        """Put a thread into the archive, as happens where nobody writes, or take it out."""
        guild, self.archived = self._guild(), archived
        guild.emit("THREAD_UPDATE", self.payload(), guild.id)

    def _guild(self) -> "Guild":
        if self.guild is None:
            raise ValueError("a direct message has neither permissions nor threads")
        return self.guild

    def payload(self) -> dict[str, Any]:
        """As Discord sends it."""
        last = str(self.order[-1]) if self.order else None
        base = {"id": str(self.id), "type": self.kind, "last_message_id": last, "flags": 0}
        if self.guild is None:
            assert self.recipient
            return {**base, "recipients": [self.recipient.payload()]}
        base |= {"guild_id": str(self.guild.id), "name": self.name, "rate_limit_per_user": 0}
        if self.parent is None:
            shown = [
                {"id": str(id_), "type": each.kind, "allow": str(each.allow),
                 "deny": str(each.deny)} for id_, each in self.overwrites.items()
            ]  # fmt: skip
            return {**base, "position": 0, "permission_overwrites": shown, "nsfw": False,
                    "topic": None, "parent_id": None}  # fmt: skip
        return {
            **base, "parent_id": str(self.parent.id), "owner_id": str(self.guild.bot.id),
            "message_count": len(self.order), "member_count": 1,
            "total_message_sent": len(self.order),
            "thread_metadata": {
                "archived": self.archived, "locked": self.locked, "auto_archive_duration": 1440,
                "archive_timestamp": stamp(self.created), "create_timestamp": stamp(self.created),
            },
        }  # fmt: skip


@dataclass
class Guild:
    """A server. `joined` is false where only somebody who installed the bot for himself has it."""

    id: int
    name: str
    owner_id: int
    bot: User
    clock: Clock
    emit: Emit
    all_channels: dict[int, Channel]
    users: dict[int, User]
    joined: bool = True
    roles: dict[int, Role] = field(default_factory=dict)
    members: dict[int, Member] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)

    @property
    def everyone(self) -> Role:
        """The role that all have."""
        return self.roles[self.id]

    def bot_member(self) -> Member:
        """The bot as a member."""
        return self.members[self.bot.id]

    def add_channel(self, name: str, kind: int = TEXT) -> Channel:
        """A channel that everybody may read and write."""
        channel = Channel(self.clock.snowflake(), name, kind, self, created=self.clock.now())
        self.channels[channel.id] = self.all_channels[channel.id] = channel
        self.emit("CHANNEL_CREATE", channel.payload(), self.id)
        return channel

    def remove_channel(self, channel: Channel) -> None:
        """Delete a channel with its threads, or a thread."""
        threads = [each for each in self.channels.values() if each.parent is channel]
        for gone in [*threads, channel]:
            del self.channels[gone.id], self.all_channels[gone.id]
        event = "THREAD_DELETE" if channel.parent else "CHANNEL_DELETE"
        self.emit(event, channel.payload(), self.id)

    def add_role(self, name: str, granted: int = 0, *, mentionable: bool = False) -> Role:
        """A role with permissions beyond everybody's."""
        role = Role(self.clock.snowflake(), name, granted, mentionable)
        self.roles[role.id] = role
        self.emit("GUILD_ROLE_CREATE", {"guild_id": str(self.id), "role": role.payload()}, self.id)
        return role

    def remove_role(self, role: Role) -> None:
        """Delete a role; nobody has it any more."""
        del self.roles[role.id]
        for member in self.members.values():
            member.roles = [each for each in member.roles if each is not role]
        told = {"guild_id": str(self.id), "role_id": str(role.id)}
        self.emit("GUILD_ROLE_DELETE", told, self.id)

    def outage(self) -> None:
        """Become unavailable, as servers do for a while; `recover` ends it."""
        self.emit("GUILD_DELETE", {"id": str(self.id), "unavailable": True}, self.id)

    def recover(self) -> None:
        """Be available again."""
        self.emit("GUILD_CREATE", self.payload(), self.id)

    def add_member(self, user: User | str, *roles: Role) -> Member:
        """Somebody who joins; a name makes a new user."""
        if isinstance(user, str):
            user = User(self.clock.snowflake(), user)
        self.users[user.id] = user
        member = self.members[user.id] = Member(user, self, list(roles))
        return member

    def payload(self) -> dict[str, Any]:
        """As GUILD_CREATE sends it: everything, but of the members only the bot."""
        channels = [each.payload() for each in self.channels.values() if not each.parent]
        threads = [each.payload() for each in self.channels.values()
                   if each.parent and not each.archived]  # fmt: skip
        return {
            "id": str(self.id), "name": self.name, "owner_id": str(self.owner_id),
            "icon": None, "splash": None, "features": [], "preferred_locale": "en-US",
            "verification_level": 0, "default_message_notifications": 1, "afk_timeout": 300,
            "explicit_content_filter": 0, "mfa_level": 0, "nsfw_level": 0, "premium_tier": 0,
            "system_channel_flags": 0, "emojis": [], "stickers": [],
            "roles": [role.payload(0 if role.id == self.id else 1) for role in self.roles.values()],
            "joined_at": "2024-01-01T00:00:00+00:00", "large": False, "unavailable": False,
            "member_count": len(self.members), "voice_states": [], "presences": [],
            "members": [self.bot_member().payload()] if self.joined else [],
            "channels": channels, "threads": threads, "stage_instances": [],
            "guild_scheduled_events": [], "soundboard_sounds": [],
        }  # fmt: skip
