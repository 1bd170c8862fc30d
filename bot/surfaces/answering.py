"""A line somebody typed → the card that answers it; what goes with it. Shared by all surfaces."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from bot.commands import COMMANDS, find_answer
from bot.errors import StorageError, UserError
from bot.model.card import Card
from bot.model.receiver import Receiver
from bot.model.wording import count
from bot.parsing import Parsed
from bot.services import Request, Services

log = logging.getLogger(__name__)

OUR_FAULT = "Something went wrong on our side; it is in the log."
NO_MEMORY = "The bot has too little memory for this just now; ask again in a few minutes."
NO_DATABASE = (
    "The bot's database cannot be used at the moment, so nothing was changed; try again in a few "
    "minutes. Whoever runs the bot finds the reason in its log."
)
# What they add is told where they were given.
ADDING = (
    ("alert", "add"),
    ("subscribe", "digest"),
    ("subscribe", "releases"),
    ("subscribe", "prices"),
    ("room", "invite"),
    ("room", "join"),
    ("room", "confirm"),
)
# Whoever asks about what this channel gets must hear that it gets nothing.
_OF_CHANNEL = ("alert", "subscribe", "channel", "setup")


def what_failed(error: Exception) -> str:
    """What whoever asked is told of a fault that is not theirs."""
    return NO_MEMORY if isinstance(error, MemoryError) else OUR_FAULT


def plainly(error: UserError, what: str) -> str:
    """What people in a channel are told of an error. Of a database that fails no more than that:
    they cannot mend it, and where it lies is none of their business; so that is logged.
    """
    if not isinstance(error, StorageError):
        return str(error)
    log.error("%s could not be answered: %s", what, error)
    return NO_DATABASE


def line(command: str, **options: object) -> str:
    """A command as people type it, each option by name; those that are None are left out."""
    words = [command]
    for name, value in options.items():
        if value is not None:
            quoted = str(value).replace("\\", "\\\\").replace('"', '\\"')
            words.append(f'{name.rstrip("_")}="{quoted}"')
    return " ".join(words)


async def answer(
    parsed: Parsed,
    services: Services | None,
    receiver: Receiver,
    now: datetime,
    asker: str = "somebody at the console",
    known_at: datetime | None = None,
    person: str = "",
    sees: Callable[[Receiver], bool] | None = None,
) -> Card:
    """The card that answers a parsed command; raises UserError. Help needs no services.

    `person` is the key of whoever asks, who may ask for what is costly only so often; "" for the
    console, which may always. `sees` says which other channels they may hear of; None: of none.
    """
    if parsed.command.costly and services is not None:
        refuse_too_many(services, person, now)
    request = Request(
        options=parsed.options,
        services=services,  # type: ignore[arg-type]
        receiver=receiver,
        now=now,
        commands=COMMANDS,
        asker=asker,
        known_at=known_at,
    )
    if sees is not None:
        request = replace(request, sees=sees)
    card = await find_answer(parsed.command)(request)
    if services is None or parsed.command.path[0] not in _OF_CHANNEL:
        return card
    from storage import receivers  # slow to import, and `ask "/help"` does not need it

    async with services.database.read() as connection:
        found = await receivers.find_receiver(connection, receiver.surface, receiver.address)
    if found is None or found.disabled_reason is None:
        return card
    why = (
        f"Nothing is sent here: {found.disabled_reason}. Once that is put right, {_again(parsed)}."
    )
    return replace(card, text=f"{why}\n{card.text}".rstrip())


def _again(parsed: Parsed) -> str:
    """How a closed channel is opened. Where /setup did not, whoever asked may not."""
    if parsed.command.path == ("setup",):
        return "have somebody who may change what this channel gets type /setup"
    return "type /setup"


def refuse_too_many(services: Services, person: str, now: datetime) -> None:
    """Count something costly that a person asks for; raises UserError where it is too much."""
    if not person:
        return
    most = services.settings.limits.costly_per_minute
    seconds = services.asked.take(person, most, now)
    if seconds:
        raise UserError(
            f"You asked {count(most, 'costly question')} within a minute; "
            f"ask again in {count(seconds, 'second')}."
        )


async def reopen(services: Services, place: Receiver) -> bool:
    """Tell a channel again that was given up: the bot may post there now, and is asked to.

    True where it was given up.
    """
    from storage import reach, receivers  # as above

    async with services.database.read() as connection:
        found = await receivers.find_receiver(connection, place.surface, place.address)
    if found is None or found.disabled_reason is None:
        return False
    now = services.clock.now()
    await services.database.write(lambda c: reach.enable(c, found.id, now))
    return True
