"""Addresses that the bot listens at: may it have them, or has it got them already?"""

import errno
import socket
from collections.abc import Iterator

from bot.config import Settings
from bot.doctor.finding import Finding, ok, warning, wrong
from bot.errors import UserError
from bot.surfaces.slack.setting import address

AREA = "ports"


def examine(settings: Settings, *, runs: bool | None) -> list[Finding]:
    """Every address that the settings name; a socket is bound and closed at once."""
    return [
        _bound(name, setting, listen, runs=runs) for name, setting, listen in _addresses(settings)
    ]


def _addresses(settings: Settings) -> Iterator[tuple[str, str, str]]:
    if settings.health.listen:
        yield "health", "health.listen", settings.health.listen
    if settings.slack.mode == "http" and settings.speaks_slack():
        yield "Slack's requests", "slack.listen", settings.slack.listen


def _bound(name: str, setting: str, listen: str, *, runs: bool | None) -> Finding:
    try:
        host, port = address(listen)
    except UserError as error:
        what = str(error).replace("slack.listen", setting)
        return wrong(AREA, name, what, f"Correct {setting}.")
    try:
        places = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        family, kind, protocol, _name, place = places[0]
        with socket.socket(family, kind, protocol) as one:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            one.bind(place)
    except OSError as error:
        return taken(name, setting, listen, error.errno, runs=runs)
    if runs:
        mend = "Look in the bot's log for why it does not listen; stop it and start it again."
        return warning(AREA, name, f"the bot runs, but does not listen at {listen}", mend)
    return ok(AREA, name, f"{listen} is free for it")


def taken(
    name: str, setting: str, listen: str, number: int | None, *, runs: bool | None
) -> Finding:
    """What it means that an address cannot be had, by the system's error number."""
    if number == errno.EADDRINUSE and runs:
        return ok(AREA, name, f"the running bot listens at {listen}")
    mend = (
        f'Set {setting} to another one, such as "127.0.0.1:{9464 if name == "health" else 3000}".'
    )
    if number == errno.EADDRINUSE:
        mend = f"Stop the other program, or set {setting} to another port."
        return wrong(AREA, name, f"another program listens at {listen}", mend)
    if number == errno.EACCES:
        return wrong(AREA, name, f"only root may listen at {listen}; take a port above 1023", mend)
    return wrong(AREA, name, f"this machine has no address {listen}", mend)
