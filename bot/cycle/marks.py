"""Marks under messages that were sent: each is an edit, on its way like any other.

An edit says all that its message says by then, so that neither a mark loses a recovery nor a
recovery a mark.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.cards.marks import Mark, deeper_mark, with_mark, without_deeper
from bot.cycle.due import Judged
from bot.cycle.facts import DRAWDOWN, fallback_text
from bot.model.story import Action, Reason
from bot.services import Services
from storage import messages, outbox


async def change_marks(
    connection: AsyncConnection,
    services: Services,
    message_id: int,
    change: Callable[[Sequence[Mark]], Sequence[Mark]],
    now: datetime,
    *,
    on_its_way: bool = False,
) -> bool:
    """Edit a message so that it carries the marks that `change` makes of those it has.

    False where nothing changed, or where the message never got there; one that is still on its
    way is edited after it only with `on_its_way`.
    """
    message = await messages.standing(connection, message_id, on_its_way=on_its_way)
    if message is None:
        return False
    before = list(message.facts.get("marks", ()))
    after = list(change(before))
    if after == before:
        return False
    facts: dict[str, Any] = {k: v for k, v in message.facts.items() if k != "marks"}
    # It belongs to no story: /alert explain tells of what was told, not of who was there.
    await outbox.enqueue(
        connection,
        message.receiver_id,
        services.nonce(),
        Action.EDIT,
        facts | ({"marks": after} if after else {}),
        message.fallback,
        now,
        root_id=message_id,
    )
    return True


async def marks_of(connection: AsyncConnection, message_id: int) -> list[Mark]:
    """The marks that a message carries."""
    message = await messages.standing(connection, message_id, on_its_way=True)
    return [] if message is None else list(message.facts.get("marks", ()))


async def went_deeper(
    connection: AsyncConnection,
    services: Services,
    told: Sequence[Judged],
    zone: str,
    now: datetime,
) -> None:
    """Say under a story's first message that a deeper level was told since, by whatever message.

    Where that first message has yet to be sent, it is edited once it is there.
    """
    lead = told[0]
    root_id, facts = lead.story.root_id, lead.facts
    if root_id is None or facts is None or lead.due.reason is not Reason.DEEPER:
        return
    message = await messages.standing(connection, root_id, on_its_way=True)
    if message is None:
        return
    own = message.posted.get("target") == lead.story.target
    mark = deeper_mark(
        lead.due.level,
        now,
        zone,
        title="" if own else str(facts["title"]),
        text="" if facts["kind"] == DRAWDOWN else fallback_text(facts, dated=False),
    )
    await change_marks(
        connection,
        services,
        root_id,
        lambda marks: with_mark(marks, mark),
        now,
        on_its_way=True,
    )


async def not_told(connection: AsyncConnection, story_id: int, at: datetime) -> None:
    """A deeper level that was about to be told at that moment was taken back: its mark, which
    leaves after it, says nothing of it.
    """
    found = await messages.waiting_edit(connection, story_id)
    if found is None:
        return
    row, facts, before = found
    marks = list(facts.get("marks", ()))
    left = without_deeper(marks, at, before.get("marks", ()))
    if left != marks:
        bare = {name: value for name, value in facts.items() if name != "marks"}
        await messages.rewrite(connection, row, bare | ({"marks": left} if left else {}))
