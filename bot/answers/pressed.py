"""The buttons under what the bot posts, on whatever surface: which there are, what they do.

Each names the nonce of its message's row in the outbox, so that a press finds what was told.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.cards.marks import SNOOZED
from bot.errors import UserError
from bot.model.card import Card
from bot.model.receiver import Notification
from bot.model.story import Action
from bot.services import Request, Services
from storage import market, outbox, receivers

# The buttons by action, in their order.
LABELS = {
    "explain": "Explain",
    "snooze-1h": "Snooze 1 h",
    "snooze-1d": "Snooze 1 d",
    "silence": "Silence",
}
# What can be silenced under what was told; all else can only be explained.
FIRED = ("drawdown", "condition", "release", "prices")
SNOOZES = {"snooze-1h": timedelta(hours=1), "snooze-1d": timedelta(days=1)}
# How long a silence can be asked for, as it is chosen. It ends within a year.
LENGTHS = {
    "1d": "1 day",
    "1w": "1 week",
    "30d": "1 month",
    "365d": "Until I end it, a year at most",
}
SPANS = {
    "1d": timedelta(days=1),
    "1w": timedelta(weeks=1),
    "30d": timedelta(days=30),
    "365d": timedelta(days=365),
}
USUAL_LENGTH = "1d"
WHEN_IT_ENDS = "What is deeper by then than was told is told when it ends."
GONE = "What this message told is no longer on record; /alert explain tells of what is followed."
ELSEWHERE = "This message is a copy of another channel's; its buttons work only there."
OF_NOTHING = (
    "This message is not about one target or lab, so its buttons cannot silence it; name what to "
    "silence, such as /silence add NVDA 1d."
)
_NONCE = re.compile("[0-9a-f]{24}")


def is_nonce(text: str) -> bool:
    """Whether this may name a row of the outbox."""
    return _NONCE.fullmatch(text) is not None


def actions(notification: Notification) -> tuple[str, ...]:
    """The buttons that make sense under a message.

    What fired can be silenced; what has recovered, a digest and a summary only explained.
    """
    if notification.facts.get("kind") in FIRED:
        return tuple(LABELS)
    return ("explain",)


async def told(services: Services, nonce: str, surface: str, address: str) -> Notification:
    """The row of a message that is shown in that channel.

    Raises UserError where the row is gone, or is another channel's.
    """
    async with services.database.read() as connection:
        found = await outbox.by_nonce(connection, nonce)
    if found is None:
        raise UserError(GONE)
    if (found.receiver.surface, found.receiver.address) != (surface, address):
        raise UserError(ELSEWHERE)
    return found


def target_of(facts: Mapping[str, Any]) -> str:
    """What a silence of this message is of: its target, or its lab. UserError where it has none."""
    if "lab" in facts:
        return f"lab:{facts['lab']}"
    if "target" not in facts:
        raise UserError(OF_NOTHING)
    return str(facts["target"])


def name_of(facts: Mapping[str, Any]) -> str:
    """What people call it: "ai", "DeepSeek"."""
    return str(facts.get("lab_name") or target_of(facts).partition("@")[0])


async def silence_message(
    request: Request, told: Notification, span: timedelta, verb: str = SNOOZED
) -> Card:
    """Silence what a message is about for so long, as /silence add does.

    The request is of the message's channel. The message says who did it until when, and so does
    its copy in the linked channel. Raises UserError where the channel would not be told of it any
    more anyway, and where it is silenced for as long already.
    """
    from bot.answers.silence import TARGET, silence  # not before it is pressed: it is slow

    await refuse_unfollowed(request.services, told)
    exact = "" if "lab" in told.facts else TARGET
    options = {"what": f"{exact}{target_of(told.facts)}", "for": span, "until": None}
    message = told.root_id if told.action == Action.EDIT else told.id
    return await silence(replace(request, options=options), verb=verb, message=message)


def news_kind(facts: Mapping[str, Any]) -> str:
    """The kind of subscription that news of a lab comes by."""
    return "prices" if facts["kind"] == "prices" else "releases"


async def refuse_unfollowed(services: Services, told: Notification) -> None:
    """Raise UserError where this channel would not be told of it any more anyway."""
    target = target_of(told.facts)
    async with services.database.read() as connection:
        found = await receivers.subscriptions(connection, told.receiver.id)
        baskets = await market.baskets(connection, told.receiver.owner)
    if "lab" in told.facts:
        followed = any(item.kind == news_kind(told.facts) for item in found)
    else:
        followed = any(
            item.rule is not None
            and (
                item.rule.target == target
                or (
                    item.members
                    and item.rule.target in baskets
                    and target in baskets[item.rule.target].members
                )
            )
            for item in found
        )
    if not followed:
        raise UserError(
            f"This channel no longer follows {name_of(told.facts)}, so there is nothing to "
            "silence; /channel shows what it follows."
        )
