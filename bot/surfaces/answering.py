"""A line somebody typed → the card that answers it; what goes with it. Shared by all surfaces."""

from dataclasses import replace
from datetime import datetime

from bot.commands import COMMANDS, find_answer
from bot.model.card import Card
from bot.model.receiver import Receiver
from bot.parsing import Parsed
from bot.services import Request, Services

OUR_FAULT = "Something went wrong on our side; it is in the log."
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
_OF_CHANNEL = ("alert", "subscribe", "channel")


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
) -> Card:
    """The card that answers a parsed command; raises UserError. Help needs no services."""
    request = Request(
        options=parsed.options,
        services=services,  # type: ignore[arg-type]
        receiver=receiver,
        now=now,
        commands=COMMANDS,
        asker=asker,
        known_at=known_at,
    )
    card = await find_answer(parsed.command)(request)
    if services is None or parsed.command.path[0] not in _OF_CHANNEL:
        return card
    from storage import receivers  # slow to import, and `ask "/help"` does not need it

    async with services.database.read() as connection:
        found = await receivers.find_receiver(connection, receiver.surface, receiver.address)
    if found is None or found.disabled_reason is None:
        return card
    why = f"Nothing is sent here: {found.disabled_reason}. Once that is put right, type /setup."
    return replace(card, text=f"{why}\n{card.text}".rstrip())


async def reopen(services: Services, place: Receiver) -> None:
    """Tell a channel again that was given up: the bot may post there now, and is asked to."""
    from storage import reach, receivers  # as above

    async with services.database.read() as connection:
        found = await receivers.find_receiver(connection, place.surface, place.address)
    if found is not None and found.disabled_reason is not None:
        now = services.clock.now()
        await services.database.write(lambda c: reach.enable(c, found.id, now))
