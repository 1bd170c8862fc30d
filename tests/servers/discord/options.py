"""A command's options as a client sends them: typed by the command's own description."""

from typing import TYPE_CHECKING, Any

from tests.servers.discord.command_checks import (
    BOOLEAN,
    CHANNEL,
    GROUP,
    INTEGER,
    NUMBER,
    ROLE,
    STRING,
    SUBCOMMAND,
    USER,
)  # fmt: skip
from tests.servers.discord.people import Member, Role, User
from tests.servers.discord.world import Channel

if TYPE_CHECKING:
    from tests.servers.discord.server import DiscordServer


class NotOfferedError(Exception):
    """What a person could not have done: Discord's own client does not offer or let through it."""


Resolved = dict[str, dict[str, Any]]


def found(server: "DiscordServer", line: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The command that "alert add" begins with, and its steps down to the leaf."""
    name, *rest = line.split()
    if name not in server.commands:
        raise NotOfferedError(f"no command /{name}; there are {sorted(server.commands)}")
    steps = [server.commands[name]]
    for step in rest:
        inside = {each["name"]: each for each in steps[-1].get("options") or []}
        if step not in inside or inside[step]["type"] not in (SUBCOMMAND, GROUP):
            raise NotOfferedError(
                f"no subcommand {step!r} of {steps[-1]['name']!r}: {sorted(inside)}"
            )
        steps.append(inside[step])
    leaf = steps[-1]
    if any(each["type"] in (SUBCOMMAND, GROUP) for each in leaf.get("options") or []):
        raise NotOfferedError(f"/{line} is a group")
    return steps[0], steps


def command_data(
    server: "DiscordServer", line: str, values: dict[str, Any], focused: str | None = None
) -> dict[str, Any]:
    """The `data` of a command or, with the name of the option being typed, of autocomplete."""
    command, steps = found(server, line)
    resolved: Resolved = {}
    known = {each["name"]: each for each in steps[-1].get("options") or []}
    if unknown := sorted(set(values) - set(known)):
        raise NotOfferedError(f"/{line} has no option {unknown}; it has {sorted(known)}")
    if focused is None:
        missing = [n for n, each in known.items() if each.get("required") and n not in values]
        if missing:
            raise NotOfferedError(f"/{line} needs {missing}")
    elif not known[focused].get("autocomplete"):
        raise NotOfferedError(f"/{line} completes nothing for {focused!r}")
    options = []
    for name, value in values.items():
        if name == focused:
            options.append({"name": name, "type": known[name]["type"], "value": value,
                            "focused": True})  # fmt: skip
        else:
            options.append(_typed(known[name], value, resolved, f"/{line} {name}"))
    for step in reversed(steps[1:]):
        options = [{"name": step["name"], "type": step["type"], "options": options}]
    data = {"id": command["id"], "name": command["name"], "type": 1, "options": options}
    return {**data, "resolved": resolved} if resolved else data


def _typed(option: dict[str, Any], value: Any, resolved: Resolved, where: str) -> dict[str, Any]:
    kind = option["type"]
    wanted: dict[int, tuple[type, ...]] = {
        STRING: (str,), INTEGER: (int,), BOOLEAN: (bool,), NUMBER: (int, float),
        USER: (Member, User), CHANNEL: (Channel,), ROLE: (Role,),
    }  # fmt: skip
    flag_for_number = isinstance(value, bool) and kind != BOOLEAN
    if not isinstance(value, wanted.get(kind, (object,))) or flag_for_number:
        raise NotOfferedError(f"{where} takes no {type(value).__name__}")
    if choices := option.get("choices"):
        by_name = {each["name"]: each["value"] for each in choices}
        value = by_name.get(value, value)
        if value not in by_name.values():
            raise NotOfferedError(f"{where} offers {list(by_name)}, not {value!r}")
    size = len(value) if kind == STRING else value
    least = option.get("min_length" if kind == STRING else "min_value")
    most = option.get("max_length" if kind == STRING else "max_value")
    if kind in (STRING, INTEGER, NUMBER):
        if (least is not None and size < least) or (most is not None and size > most):
            raise NotOfferedError(f"{where} is between {least} and {most}")
        if kind == STRING and len(value) > 6000:
            raise NotOfferedError(f"{where} holds 6,000 characters")
    if (
        kind == CHANNEL
        and option.get("channel_types")
        and value.kind not in option["channel_types"]
    ):
        raise NotOfferedError(f"{where} takes no channel of type {value.kind}")
    if kind in (USER, CHANNEL, ROLE):
        value = resolve(value, resolved)
    return {"name": option["name"], "type": kind, "value": value}


def resolve(value: Any, resolved: Resolved) -> str:
    """Note who or what an option or a menu names, and return its id."""
    if isinstance(value, Member):
        resolved.setdefault("members", {})[str(value.user.id)] = {
            **value.payload(user=False), "permissions": str(value.permissions()),
        }  # fmt: skip
        value = value.user
    if isinstance(value, User):
        resolved.setdefault("users", {})[str(value.id)] = value.payload()
    elif isinstance(value, Role):
        resolved.setdefault("roles", {})[str(value.id)] = value.payload()
    else:
        shown = {**value.payload(), "permissions": "0"}
        resolved.setdefault("channels", {})[str(value.id)] = shown
    return str(value.id)
