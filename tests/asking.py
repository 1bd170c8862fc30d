"""Asking a command as a channel would."""

from bot.commands import parse
from bot.model.card import Card
from bot.model.receiver import Receiver
from bot.services import Services
from bot.surfaces.answering import answer

CONSOLE = Receiver(0, "console", "local", "console")


async def ask(line: str, services: Services, receiver: Receiver = CONSOLE) -> Card:
    """The card that answers `line`."""
    return await answer(parse(line), services, receiver, services.clock.now())
