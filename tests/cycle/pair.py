"""A Discord and a Slack channel in one room, a stranger beside them, and what each was told."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.answers.pressed import silence_message
from bot.cards.marks import mark_lines
from bot.cards.notices import card_of
from bot.model.receiver import MessageRef, Receiver
from bot.services import Request, Services
from storage import attempts, outbox
from storage.attempts import Outcome
from storage.schema import outbox as outbox_table
from tests.answers.linked import Rooms


async def sent(services: Services) -> None:
    """All that is on its way arrives."""
    now = services.clock.now()

    async def work(connection: AsyncConnection) -> None:
        waiting = select(outbox_table).where(outbox_table.c.state == "pending")
        for row in list(await connection.execute(waiting.order_by(outbox_table.c.id))):
            begun = await attempts.begin_attempts(connection, [row.id], now)
            ref = MessageRef("channel", row.nonce)
            outcome = Outcome(row.id, begun[row.id], now, attempts.SENT, ref=ref)
            await attempts.record(connection, [outcome])

    await services.database.write(work)


async def rows(rooms: Rooms, where: Receiver) -> Sequence[Any]:
    """What a channel was told, notes apart, oldest first."""
    key = (await rooms.stored(where)).id
    async with rooms.services.database.read() as connection:
        statement = select(outbox_table).where(
            outbox_table.c.receiver_id == key, outbox_table.c.state != "dead"
        )
        found = list(await connection.execute(statement.order_by(outbox_table.c.id)))
    return [row for row in found if row.facts["kind"] != "note"]


async def told(rooms: Rooms, where: Receiver) -> list[tuple[str, str]]:
    """Action and kind of each of them."""
    return [(row.action, row.facts["kind"]) for row in await rows(rooms, where)]


async def marks(rooms: Rooms, where: Receiver) -> list[str]:
    """The marks of the newest edit there, as they read."""
    edits = [row for row in await rows(rooms, where) if row.action == "edit"]
    return list(mark_lines(edits[-1].facts.get("marks", ()))) if edits else []


async def press(rooms: Rooms, where: Receiver, number: int, **span: float) -> str:
    """Snooze under the message of that place among those told there; the answer's title."""
    row = (await rows(rooms, where))[number]
    async with rooms.services.database.read() as connection:
        message = await outbox.by_nonce(connection, row.nonce)
    assert message is not None
    assert card_of(row.facts).title
    now = rooms.services.clock.now()
    request = Request({}, rooms.services, message.receiver, now, asker="Ann")
    return (await silence_message(request, message, timedelta(**span))).title
