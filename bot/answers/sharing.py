"""The one way in for what a command changes: what it does here holds in the linked channel too.

What crosses is the difference that the command made, applied in the same transaction. So what one
side has already is left alone there, and what was told once on one side stays on the other.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.schedule import next_digest
from bot.answers.marking import PLAIN, How, show_silences
from bot.answers.rules import MOST_ALERTS
from bot.answers.shared import Delta, Kept, Key, Terms, delta, kept, replaced, wider
from bot.cycle.watch import follow, subscribe
from bot.errors import UserError
from bot.model.receiver import Receiver
from bot.model.room import by_other, called
from bot.services import Request, Services
from storage import controls, ended, market, receivers, rooms, stories
from storage.controls import Silence
from storage.receivers import Subscription

T = TypeVar("T")


async def change(
    request: Request, work: Callable[[AsyncConnection], Awaitable[T]], how: How = PLAIN
) -> T:
    """Run what a command changes in its channel, and do the same in the linked one.

    `how` something was silenced is said under the messages of the linked channel as well.
    Raises UserError where the linked channel cannot take it; nothing is changed then.
    """

    async def both(connection: AsyncConnection) -> T:
        here = await receivers.find_receiver(
            connection, request.receiver.surface, request.receiver.address
        )
        there = None if here is None else await twin_of(connection, here.id)
        if here is None or there is None:
            return await work(connection)
        before = await kept_of(connection, here.id, request.now)
        done = await work(connection)
        changed = delta(before, await kept_of(connection, here.id, request.now))
        if changed:
            await apply(connection, request.services, changed, here, there, request.now, how)
        return done

    return await request.services.database.write(both)


async def twin_of(connection: AsyncConnection, receiver_id: int) -> Receiver | None:
    """The channel that one is linked with, or None."""
    room = await rooms.room_of(connection, receiver_id)
    return None if room is None else room.other(receiver_id)


async def kept_of(connection: AsyncConnection, receiver_id: int, now: datetime) -> Kept:
    """What a channel gets, and what is silent there now."""
    return kept(
        await receivers.subscriptions(connection, receiver_id),
        await controls.silences(connection, [receiver_id], now),
    )


async def apply(
    connection: AsyncConnection,
    services: Services,
    changed: Delta,
    here: Receiver,
    there: Receiver,
    now: datetime,
    how: How = PLAIN,
) -> None:
    """Do in `there` what was done in `here`. What replaces something comes before that goes, so
    that a story which both tell stays open.
    """
    twin = await kept_of(connection, there.id, now)
    for key, item in changed.added:
        if key not in twin.subscriptions:
            old = replaced(item, changed.removed, twin.subscriptions)
            await _add(connection, services, item, old, there, now)
    await _silence(connection, changed, twin, here, there, now)
    gone = [twin.subscriptions[key] for key in changed.removed if key in twin.subscriptions]
    for item in gone:
        await ended.remove_subscription(connection, item.id)
    if gone:
        await stories.close_unfollowed(connection, there.id, now)
    if changed.silenced or changed.ended:
        began = [twin.silences[q].starts_at for q in changed.ended if q in twin.silences]
        since = min(began, default=None)
        await show_silences(connection, services, there, now, how, since=since)
    if changed.added:
        await _refuse_more(connection, there)


async def agree(
    connection: AsyncConnection,
    services: Services,
    one: Subscription,
    other: Subscription,
    now: datetime,
) -> None:
    """Let two channels that have the same alert have it on the same terms: the wider of both.

    So neither loses it, or a part of it, before the other does.
    """
    terms = wider(one, other)
    for item in (one, other):
        if item.rule is None or Terms(item.members, item.once, item.expires_at) == terms:
            continue
        await rooms.set_terms(
            connection, item.id, terms.members, once=terms.once, expires_at=terms.expires_at
        )
        if terms.members and not item.members:
            closes, baskets = (
                services.settings.alerts.rearm_closes,
                await market.baskets(connection),
            )
            await follow(connection, item.id, item.rule, now, closes, baskets, members=True)


async def _add(
    connection: AsyncConnection,
    services: Services,
    item: Subscription,
    old: Subscription | None,
    there: Receiver,
    now: datetime,
) -> None:
    """Subscribe the linked channel too. A role to mention is of one side, and stays there."""
    if item.rule is not None:
        like = old or item
        await subscribe(
            connection,
            there.id,
            item.rule,
            now,
            services.settings.alerts.rearm_closes,
            members=like.members,
            expires_at=like.expires_at,
            once=like.once,
            repeat_minutes=like.repeat_minutes,
            mention=None if old is None else old.mention,
            since=None if old is None else old.created_at,
        )
        return
    at = None
    if item.kind == "digest":
        zone = (await controls.wishes(connection, [there.id]))[there.id].time_zone
        weekday = item.filters["weekday"] if item.filters["every"] == "week" else None
        at = next_digest(now, zone, item.filters["minute"], weekday)
    await receivers.add_subscription(
        connection, there.id, now, kind=item.kind, filters=item.filters, next_at=at
    )


async def _silence(
    connection: AsyncConnection,
    changed: Delta,
    twin: Kept,
    here: Receiver,
    there: Receiver,
    now: datetime,
) -> None:
    numbers: dict[Key, int] = {}
    if changed.silenced:
        numbers = (await kept_of(connection, there.id, now)).numbers
    for (what, until), one in changed.silenced:
        if (what, until) in twin.silences:
            continue
        if isinstance(what, str):
            target = what
        elif what in numbers:
            target = f"rule:{numbers[what]}"
        else:
            continue  # told once there already, so there is nothing to silence
        by = _name_there(one, what, until, changed, twin, here)
        await controls.add_silence(connection, there.id, target, now, until, by)
    ended = [twin.silences[quiet] for quiet in changed.ended if quiet in twin.silences]
    for one in ended:
        await controls.end_silence(connection, one.id, now)
    if ended:
        await stories.wake(connection, there.id, now)
        await controls.wake_news(connection, there.id, now)


def _name_there(
    one: Silence, what: str | Key, until: datetime, changed: Delta, twin: Kept, here: Receiver
) -> str:
    """Who asked for a silence, as it is said in the linked channel.

    An alert that got other levels takes its silence along, and with it whoever asked for that.
    """
    for quiet in changed.ended:
        if quiet[1] == until and not isinstance(what, str) and quiet in twin.silences:
            return twin.silences[quiet].by
    return by_other(one.by, here)


async def _refuse_more(connection: AsyncConnection, there: Receiver) -> None:
    """Raise UserError where the linked channel would get more than a channel may."""
    if len(await receivers.subscriptions(connection, there.id)) > MOST_ALERTS:
        raise UserError(
            f"{called(there)}, which is linked with this channel, would have more than "
            f"{MOST_ALERTS} alerts and subscriptions; remove one there first."
        )
