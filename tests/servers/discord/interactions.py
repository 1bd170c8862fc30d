"""What people do (commands, buttons, menus, forms), and what they get to see for it."""

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from tests.servers.discord import permissions
from tests.servers.discord.checks import LABEL, SELECTS
from tests.servers.discord.messages import Message, leaves
from tests.servers.discord.options import NotOfferedError, Resolved, command_data, found, resolve
from tests.servers.discord.people import Member, User
from tests.servers.discord.world import DM, Channel

if TYPE_CHECKING:
    from tests.servers.discord.server import DiscordServer

COMMAND, COMPONENT, AUTOCOMPLETE, SUBMIT = 2, 3, 4, 5
Installed = Literal["guild", "user"]


@dataclass
class Interaction:
    """One interaction, and all that came of it, as it comes.

    `callback` is the type of the acknowledgement (4 message, 5 "thinking", 6 nothing yet,
    7 the message updated, 8 choices, 9 a form), `took` the seconds until it; `original` the
    message that answers it, `more` the follow-ups; `refused` the mistakes the bot was told of.
    """

    server: "DiscordServer"
    kind: int
    payload: dict[str, Any]
    by: Member | User
    where: Channel
    message: Message | None = None
    began: float = 0.0
    expires: float = 0.0
    earlier: int = 0
    callback: int | None = None
    took: float | None = None
    original: Message | None = None
    deleted: bool = False
    more: list[Message] = field(default_factory=list)
    offered: list[dict[str, Any]] = field(default_factory=list)
    form: dict[str, Any] | None = None
    refused: list[dict[str, Any]] = field(default_factory=list)

    async def acknowledged(self, seconds: float = 20) -> int:
        """The type of the acknowledgement, once there is one."""
        await self.server.bell.until(lambda: self.callback, "acknowledged", seconds)
        assert self.callback
        return self.callback

    async def response(self, seconds: float = 20) -> Message:
        """The message that answers, once it is more than "thinking"."""

        def there() -> bool:
            return self.original is not None and not self.original.loading

        await self.server.bell.until(there, f"a response to {self.payload['data']}", seconds)
        assert self.original
        return self.original

    async def edited(self, times: int = 1, seconds: float = 20) -> Message:
        """The answering message, once it was edited so often."""
        await self.server.bell.until(
            lambda: self.original and self.original.versions - self.earlier >= times,
            f"{times} edits",
            seconds,
        )
        assert self.original
        return self.original

    async def followups(self, count: int = 1, seconds: float = 20) -> list[Message]:
        """The follow-ups, once there are so many."""
        await self.server.bell.until(
            lambda: len(self.more) >= count, f"{count} follow-ups", seconds
        )
        return self.more

    async def choices(self, seconds: float = 20) -> list[dict[str, Any]]:
        """What autocomplete offers: names and values."""
        await self.server.bell.until(lambda: self.callback == 8, "choices", seconds)
        return self.offered

    async def modal(self, seconds: float = 20) -> dict[str, Any]:
        """The form that was opened: title, custom_id, components."""
        await self.server.bell.until(lambda: self.form, "a form", seconds)
        assert self.form
        return self.form

    def message_by_id(self, id_: int) -> Message | None:
        """A message that this interaction made."""
        return next((each for each in [self.original, *self.more] if each and each.id == id_), None)


class Interact:
    """Somebody does something. `by` a member of the channel's server or, elsewhere, a user.

    `installed="user"` is a person who has installed the bot for himself. What Discord would not
    have let the person do raises `NotOfferedError`. Each call sends the interaction to the
    shard it belongs to and returns at once.
    """

    def __init__(self, server: "DiscordServer") -> None:
        self._server = server

    def __call__(
        self, line: str, values: dict[str, Any] | None = None, *, by: Member | User,
        where: Channel, installed: Installed = "guild",
    ) -> Interaction:  # fmt: skip
        """Use a command, such as "alert add" with {"target": "NVDA"}."""
        command, _ = found(self._server, line)
        _offered(command, by, where, installed)
        data = command_data(self._server, line, values or {})
        return self._send(COMMAND, data, by, where, installed)

    def autocomplete(
        self, line: str, focused: str, typed: str, values: dict[str, Any] | None = None, *,
        by: Member | User, where: Channel, installed: Installed = "guild",
    ) -> Interaction:  # fmt: skip
        """Type into the option `focused`, other options having these `values` already."""
        given = {**(values or {}), focused: typed}
        data = command_data(self._server, line, given, focused)
        return self._send(AUTOCOMPLETE, data, by, where, installed)

    def press(self, message: Message, button: str, *, by: Member | User) -> Interaction:
        """Press a button, by its label or custom id."""
        found_ = message.component(button)
        if found_["type"] != 2 or found_.get("disabled") or "custom_id" not in found_:
            raise NotOfferedError(f"{button!r} cannot be pressed")
        data = {"custom_id": found_["custom_id"], "component_type": 2, "id": found_["id"]}
        return self._on(message, data, by)

    def select(
        self, message: Message, menu: str, chosen: list[Any], *, by: Member | User
    ) -> Interaction:
        """Choose in a menu, by its custom id: values, labels, or members, roles, channels."""
        found_ = message.component(menu)
        if found_["type"] not in SELECTS or found_.get("disabled"):
            raise NotOfferedError(f"{menu!r} is no menu, or disabled")
        least, most = found_.get("min_values", 1), found_.get("max_values", 1)
        if not least <= len(chosen) <= most:
            raise NotOfferedError(f"{menu!r} takes {least} to {most} values")
        resolved: Resolved = {}
        values = [_value(found_, each, resolved) for each in chosen]
        data = {"custom_id": found_["custom_id"], "component_type": found_["type"],
                "values": values, "id": found_["id"]}  # fmt: skip
        if found_["type"] != 3:
            data["resolved"] = resolved
        return self._on(message, data, by)

    def submit(self, opened: Interaction, values: dict[str, Any]) -> Interaction:
        """Fill in and send the form that an interaction opened; values by custom id."""
        if opened.form is None:
            raise NotOfferedError("no form was opened")
        fields = {each["custom_id"]: each for each in leaves(opened.form["components"])
                  if "custom_id" in each}  # fmt: skip
        if unknown := set(values) - set(fields):
            raise NotOfferedError(f"the form has no {sorted(unknown)}; it has {sorted(fields)}")
        resolved: Resolved = {}
        filled = [_filled(each, values, resolved) for each in opened.form["components"]]
        data = {"custom_id": opened.form["custom_id"], "components": filled,
                "resolved": resolved}  # fmt: skip
        installed: Installed = (
            "user" if "1" in opened.payload["authorizing_integration_owners"] else "guild"
        )
        return self._send(SUBMIT, data, opened.by, opened.where, installed, opened.message)

    def _on(self, message: Message, data: dict[str, Any], by: Member | User) -> Interaction:
        where = self._server.place_of(message)
        owners = message.payload.get("interaction_metadata", {}).get(
            "authorizing_integration_owners", {"0": ""}
        )
        installed: Installed = "guild" if "0" in owners else "user"
        return self._send(COMPONENT, data, by, where, installed, message)

    def _send(
        self, kind: int, data: dict[str, Any], by: Member | User, where: Channel,
        installed: Installed, message: Message | None = None,
    ) -> Interaction:  # fmt: skip
        server = self._server
        guild = where.guild
        user = by.user if isinstance(by, Member) else by
        if (guild is None) == isinstance(by, Member):
            raise NotOfferedError("members act in servers, users in direct messages")
        owner = {"1": str(user.id)} if installed == "user" else {"0": str(guild.id if guild else 0)}
        granted = permissions.DIRECT
        if guild and guild.joined:
            granted = guild.bot_member().permissions(where)
        payload: dict[str, Any] = {
            "id": str(server.clock.snowflake()), "application_id": str(server.application_id),
            "type": kind, "token": secrets.token_urlsafe(40), "version": 1, "data": data,
            "channel_id": str(where.id), "channel": where.payload(), "locale": "en-US",
            "entitlements": [], "app_permissions": str(granted),
            "context": 0 if guild else 1 if where.kind == DM else 2,
            "authorizing_integration_owners": owner, "attachment_size_limit": 10_485_760,
        }  # fmt: skip
        if guild and isinstance(by, Member):
            may = by.permissions(where)
            for id_, each in data.get("resolved", {}).get("channels", {}).items():
                each["permissions"] = str(by.permissions(server.channels[int(id_)]))
            payload |= {
                "guild_id": str(guild.id), "guild_locale": "en-US",
                "guild": {"id": str(guild.id), "locale": "en-US", "features": []},
                "member": {**by.payload(), "permissions": str(may)},
            }  # fmt: skip
            payload["channel"]["permissions"] = str(may)
            if not may & permissions.VIEW_CHANNEL:
                raise NotOfferedError(f"{user.name} does not see #{where.name}")
        else:
            payload["user"] = user.payload()
        if message is not None:
            payload["message"] = message.payload
        interaction = Interaction(server, kind, payload, by, where, message)
        interaction.began = server.seconds()
        interaction.earlier = message.versions if message else 0
        interaction.expires = server.clock.now() + 15 * 60
        server.interactions[payload["token"]] = interaction
        guild_id = guild.id if guild else None
        sessions = server.gateway.connected()
        if not any(each.wants("INTERACTION_CREATE", guild_id) for each in sessions):
            raise NotOfferedError("no client is connected on the shard of this interaction")
        server.gateway.emit("INTERACTION_CREATE", payload, guild_id)
        return interaction


def _offered(command: dict[str, Any], by: Member | User, where: Channel, how: Installed) -> None:
    contexts, installs = command.get("contexts"), command.get("integration_types")
    context = 0 if where.guild else 1 if where.kind == DM else 2
    name = command["name"]
    if contexts is not None and context not in contexts:
        raise NotOfferedError(f"/{name} is not offered in context {context}")
    if (0 if how == "guild" else 1) not in (installs or [0]):
        raise NotOfferedError(f"/{name} is not offered to who installed it for a {how}")
    needed = command.get("default_member_permissions")
    if needed is not None and isinstance(by, Member):
        may = by.permissions(where)
        if may & int(needed) != int(needed) or (not int(needed) and may != permissions.ALL):
            raise NotOfferedError(f"/{name} is not offered to {by.user.name}")


def _value(menu: dict[str, Any], chosen: Any, resolved: Resolved) -> str:
    if menu["type"] != 3:
        return resolve(chosen, resolved)
    for option in menu["options"]:
        if chosen in (option["value"], option["label"]):
            return str(option["value"])
    raise NotOfferedError(f"{chosen!r} is not in the menu: {[o['label'] for o in menu['options']]}")


def _filled(each: dict[str, Any], values: dict[str, Any], resolved: Resolved) -> dict[str, Any]:
    base = {"type": each["type"], "id": each.get("id", 0)}
    if each["type"] == LABEL:
        return {**base, "component": _filled(each["component"], values, resolved)}
    if "components" in each:
        inside = [_filled(child, values, resolved) for child in each["components"]]
        return {**base, "components": inside}
    if "custom_id" not in each:
        return base
    custom_id = each["custom_id"]
    base["custom_id"] = custom_id
    if each["type"] in SELECTS:
        chosen = values.get(custom_id, [])
        if not each.get("min_values", 1) <= len(chosen) <= each.get("max_values", 1):
            raise NotOfferedError(f"{custom_id!r} has too few or too many values")
        return {**base, "values": [_value(each, one, resolved) for one in chosen]}
    text = values.get(custom_id, each.get("value") or "")
    least = each.get("min_length") or (1 if each.get("required", True) else 0)
    if (text or least) and not least <= len(text) <= (each.get("max_length") or 4000):
        raise NotOfferedError(f"{custom_id!r} is too short or too long: {text!r}")
    return {**base, "value": text}
