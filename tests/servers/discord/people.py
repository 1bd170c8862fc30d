"""Who there is: users, the roles of a server, its members."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.servers.discord import permissions

if TYPE_CHECKING:
    from tests.servers.discord.world import Channel, Guild


@dataclass
class User:
    """Somebody; `accepts_dms` false for one who takes no direct messages from the bot."""

    id: int
    name: str
    bot: bool = False
    accepts_dms: bool = True
    dm: "Channel | None" = None

    def payload(self) -> dict[str, Any]:
        """As Discord sends it."""
        return {"id": str(self.id), "username": self.name, "global_name": self.name,
                "discriminator": "0", "avatar": None, "bot": self.bot,
                "public_flags": 0}  # fmt: skip


@dataclass
class Role:
    """A role of a server, with its permissions as bits."""

    id: int
    name: str
    permissions: int
    mentionable: bool = False

    def payload(self, position: int = 1) -> dict[str, Any]:
        """As Discord sends it."""
        colors = {"primary_color": 0, "secondary_color": None, "tertiary_color": None}
        return {"id": str(self.id), "name": self.name, "permissions": str(self.permissions),
                "position": position, "color": 0, "colors": colors, "hoist": False,
                "managed": False, "mentionable": self.mentionable, "flags": 0}  # fmt: skip


@dataclass
class Member:
    """A user in a server, with roles."""

    user: User
    guild: "Guild"
    roles: list[Role] = field(default_factory=list)

    def permissions(self, channel: "Channel | None" = None) -> int:
        """What the member may do, in a channel or in the server at large."""
        guild = self.guild
        parent = channel.parent or channel if channel else None
        return permissions.computed(
            self.user.id == guild.owner_id,
            self.user.id,
            (guild.id, guild.everyone.permissions),
            [(role.id, role.permissions) for role in self.roles],
            parent.overwrites if parent else {},
        )

    def payload(self, *, user: bool = True) -> dict[str, Any]:
        """As Discord sends it."""
        more = {"user": self.user.payload()} if user else {}
        return {"roles": [str(role.id) for role in self.roles], "nick": None, "avatar": None,
                "joined_at": "2024-01-01T00:00:00+00:00", "deaf": False, "mute": False,
                "flags": 0, "pending": False, **more}  # fmt: skip
