"""Attempts to send rows of the outbox, and what became of them; many rows at a time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.receiver import MessageRef
from storage.ended import remove_spent, unspend
from storage.schema import attempt, outbox

SENT, REFUSED, UNKNOWN, FAILED, STOPPED, PUT_OFF, HELD = (
    "sent", "refused", "unknown", "failed", "stopped", "put off", "held",
)  # fmt: skip
# What was no try: nothing left, so nothing has to be looked for.
NO_TRY = (STOPPED, PUT_OFF)
LONGEST_DETAIL = 500

_one = outbox.c.id == bindparam("row")
_FREE = {"claimed_by": None, "lease_until": None}
_SENT = (
    update(outbox)
    .where(_one)
    .values(
        state="sent",
        sent_at=bindparam("at"),
        channel_ref=bindparam("channel"),
        thread_ref=bindparam("thread"),
        message_ref=bindparam("message"),
        **_FREE,
    )
)
_DEAD = update(outbox).where(_one).values(state="dead", **_FREE)
_AGAIN = (
    update(outbox)
    .where(_one)
    .values(
        state="pending",
        next_attempt_at=bindparam("again"),
        attempts=outbox.c.attempts - bindparam("forgiven"),
        **_FREE,
    )
)
_ENDED = (
    update(attempt)
    .where(attempt.c.id == bindparam("attempt"))
    .values(ended_at=bindparam("at"), outcome=bindparam("how"), detail=bindparam("why"))
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one attempt at the row `row`, at the moment `at`.

    `how` is one of SENT, REFUSED (never to be tried again), UNKNOWN (it may have arrived), FAILED,
    STOPPED (the surface takes nothing from anybody: this was no try), PUT_OFF (the surface asks to
    wait and took nothing: no try either) and HELD. `ref` is where a sent message is; `again` is
    when an unsent one is due next.
    """

    row: int
    attempt: int
    at: datetime
    how: str
    detail: str = ""
    ref: MessageRef | None = None
    again: datetime | None = None


async def begin_attempts(
    connection: AsyncConnection, rows: Sequence[int], now: datetime
) -> dict[int, int]:
    """Record that sends begin; the attempts' ids by row. Until one ends its outcome is unknown."""
    if not rows:
        return {}
    statement = insert(attempt).returning(attempt.c.outbox_id, attempt.c.id)
    begun = [
        {"outbox_id": row, "started_at": now, "outcome": UNKNOWN, "detail": ""} for row in rows
    ]
    return {found[0]: found[1] for found in await connection.execute(statement, begun)}


async def record(connection: AsyncConnection, outcomes: Sequence[Outcome]) -> None:
    """Record outcomes: one statement for each kind, however many there are."""
    sent = [(o, o.ref) for o in outcomes if o.ref is not None]
    if sent:
        places = [
            {
                "row": o.row, "at": o.at, "channel": ref.channel, "thread": ref.thread,
                "message": ref.message,
            }
            for o, ref in sent
        ]  # fmt: skip
        await connection.execute(_SENT, places)
        await remove_spent(connection, [o.row for o, _ref in sent])
    dead = [o.row for o in outcomes if o.how in (REFUSED, HELD)]
    if dead:
        await connection.execute(_DEAD, [{"row": row} for row in dead])
        await unspend(connection, dead)
    again = [o for o in outcomes if o.again is not None]
    if again:
        values = [{"row": o.row, "again": o.again, "forgiven": int(o.how in NO_TRY)} for o in again]
        await connection.execute(_AGAIN, values)
    await _end(connection, outcomes)


async def _end(connection: AsyncConnection, outcomes: Iterable[Outcome]) -> None:
    values = [
        {"attempt": o.attempt, "at": o.at, "how": o.how, "why": o.detail[:LONGEST_DETAIL]}
        for o in outcomes
    ]
    if values:
        await connection.execute(_ENDED, values)


async def give_up(connection: AsyncConnection, row: int, now: datetime, detail: str) -> None:
    """Take back a claimed row before it is sent; it stays for the record."""
    begun = await begin_attempts(connection, [row], now)
    await record(connection, [Outcome(row, begun[row], now, HELD, detail)])


async def leave_out(
    connection: AsyncConnection, receiver_id: int, before: datetime, now: datetime
) -> int:
    """Give up what has waited for a receiver since before an instant; how many rows."""
    waiting = select(outbox.c.id).where(
        outbox.c.receiver_id == receiver_id,
        outbox.c.state == "pending",
        outbox.c.created_at < before,
    )
    rows = list((await connection.execute(waiting.order_by(outbox.c.id))).scalars())
    begun = await begin_attempts(connection, rows, now)
    why = "the channel could not be told for too long"
    await record(connection, [Outcome(row, begun[row], now, HELD, why) for row in rows])
    return len(rows)
