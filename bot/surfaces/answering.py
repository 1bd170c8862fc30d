"""A line somebody typed → the card that answers it. Shared by `ask` and the prompt."""

from datetime import datetime

from bot.commands import COMMANDS, find_answer
from bot.model.card import Card
from bot.model.receiver import Receiver
from bot.parsing import Parsed
from bot.services import Request, Services


async def answer(
    parsed: Parsed,
    services: Services | None,
    receiver: Receiver,
    now: datetime,
    asker: str = "somebody at the console",
) -> Card:
    """The card that answers a parsed command; raises UserError. Help needs no services."""
    request = Request(
        options=parsed.options,
        services=services,  # type: ignore[arg-type]
        receiver=receiver,
        now=now,
        commands=COMMANDS,
        asker=asker,
    )
    return await find_answer(parsed.command)(request)
