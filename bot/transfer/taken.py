"""Putting what a file asks for into the database: what is missing is added, nothing removed."""

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.answers.basket import MOST_BASKETS
from bot.answers.own_feeds import MOST_FEEDS, named, same_page
from bot.answers.rules import MOST_ALERTS
from bot.answers.shared import Key, key_of
from bot.cycle.watch import subscribe
from bot.model.receiver import Receiver
from bot.services import Services
from bot.transfer.document import Side, place
from bot.transfer.plan import Plan, Wanted, WantedChannel
from storage import chosen, controls, feeds, guilds, market, receivers
from storage.chosen import Link
from storage.controls import Silence
from storage.guilds import GuildSettings
from storage.receivers import Subscription


@dataclass
class Done:
    """What was added, changed and found there, by what it is; `notes` are whole sentences."""

    added: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    there: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    mistakes: list[str] = field(default_factory=list)


async def take(connection: AsyncConnection, services: Services, plan: Plan, now: datetime) -> Done:
    """Do what a plan without mistakes asks for; limits that it goes over are mistakes, and then
    the transaction must not be kept.
    """
    done = Done()
    await _baskets(connection, plan, done)
    await _feeds(connection, plan, now, done)
    ids: dict[tuple[str, str], int] = {}
    for wanted in plan.channels:
        receiver = await _channel(connection, wanted, now, done)
        ids[(receiver.surface, receiver.address)] = receiver.id
        numbers = await _items(connection, services, wanted, receiver, now, done)
        await _silences(connection, wanted, receiver.id, numbers, now, done)
    present = await chosen.guilds(connection)
    for one in plan.document.communities:
        settings = GuildSettings(one.manager_role, one.public_answers)
        _tally(done, "community", present.get(one.id), settings)
        await guilds.set_guild(connection, one.id, settings)
    await _rooms(connection, services, plan, ids, now, done)
    return done


def _tally(done: Done, what: str, before: object, after: object) -> None:
    if before is None:
        done.added[what] += 1
    else:
        (done.there if before == after else done.changed)[what] += 1


async def _baskets(connection: AsyncConnection, plan: Plan, done: Done) -> None:
    present = await market.baskets(connection)
    for number, item in enumerate(plan.baskets):
        before = present.get(item.target)
        if before is not None:
            done.there["basket"] += 1
            if (before.members, before.title) != (item.members, item.title):
                done.notes.append(
                    f"{item.name} of {item.owner} is there with other symbols or another title; "
                    "it was left as it is."
                )
            continue
        owned = sum(one.owner == item.owner for one in present.values())
        if owned >= MOST_BASKETS:
            done.mistakes.append(
                f"{place(('baskets', number))}: {item.owner} would have more than {MOST_BASKETS} "
                "baskets."
            )
        present = {**present, item.target: item}
        await market.put_basket(connection, item)
        done.added["basket"] += 1


async def _feeds(connection: AsyncConnection, plan: Plan, now: datetime, done: Done) -> None:
    present = [state.feed for state in await feeds.feeds(connection) if state.feed.owner]
    for number, (item, added_by) in enumerate(plan.feeds):
        own = [one for one in present if one.owner == item.owner]
        if any(same_page(one.url) == same_page(item.url) for one in own):
            done.there["feed"] += 1
            continue
        if len(own) >= MOST_FEEDS:
            done.mistakes.append(
                f"{place(('feeds', number))}: {item.owner} would have more than {MOST_FEEDS} feeds."
            )
        titled = named(item, {one.title for one in own})
        present.append(titled)
        await feeds.add_feed(connection, titled, now, added_by)
        done.added["feed"] += 1


async def _channel(
    connection: AsyncConnection, wanted: WantedChannel, now: datetime, done: Done
) -> Receiver:
    """The channel, made if it is new, set as the file says."""
    one = wanted.receiver
    found = await receivers.find_receiver(connection, one.surface, one.address)
    before = None
    if found is not None:
        before = (await controls.wishes(connection, [found.id]))[found.id]
    else:
        found = await receivers.receiver_of(
            connection, one.surface, one.address, one.title, now, one.community
        )
    _tally(done, "channel", before, wanted.wishes)
    if before != wanted.wishes:
        await controls.set_wishes(connection, found.id, wanted.wishes)
    if wanted.set_up_by:
        await receivers.claim_set_up(connection, found.id, wanted.set_up_by)
    return found


async def _items(
    connection: AsyncConnection,
    services: Services,
    wanted: WantedChannel,
    receiver: Receiver,
    now: datetime,
    done: Done,
) -> list[tuple[int, Wanted]]:
    """What the channel follows, each with its number; what is there already stays as it is."""
    present = await receivers.subscriptions(connection, receiver.id)
    known = {_key(item): item.id for item in present}
    numbers = []
    for one in wanted.items:
        key, what = _key(one.item), "alert" if one.item.rule else "subscription"
        if key in known:
            done.there[what] += 1
            numbers.append((known[key], one))
            continue
        known[key] = await _add(connection, services, one, receiver.id, now)
        numbers.append((known[key], one))
        done.added[what] += 1
    if len(known) > max(MOST_ALERTS, len(present)):
        done.mistakes.append(
            f"{wanted.place}: it would have {len(known)} alerts and subscriptions, and a channel "
            f"has at most {MOST_ALERTS}."
        )
    return numbers


def _key(item: Subscription) -> Key:
    """What a subscription is of, its channel's own baskets included."""
    key = key_of(item)
    if key is not None:
        return key
    if item.rule is not None:
        return ("rule", item.rule.spec)
    filters = item.filters
    weekday = filters["weekday"] if filters["every"] == "week" else None
    return ("digest", filters["every"], filters["minute"], weekday, filters["target"])


async def _add(
    connection: AsyncConnection, services: Services, one: Wanted, receiver_id: int, now: datetime
) -> int:
    """Begin it as a command would: what holds already is not told."""
    item = one.item
    if item.rule is not None:
        return await subscribe(
            connection,
            receiver_id,
            item.rule,
            now,
            services.settings.alerts.rearm_closes,
            members=item.members,
            expires_at=item.expires_at,
            once=item.once,
            repeat_minutes=item.repeat_minutes,
            mention=item.mention,
        )
    return await receivers.add_subscription(
        connection,
        receiver_id,
        now,
        kind=item.kind,
        filters=item.filters,
        expires_at=item.expires_at,
        once=item.once,
        repeat_minutes=item.repeat_minutes,
        mention=item.mention,
        next_at=item.next_at,
    )


async def _silences(
    connection: AsyncConnection,
    wanted: WantedChannel,
    receiver_id: int,
    numbers: list[tuple[int, Wanted]],
    now: datetime,
    done: Done,
) -> None:
    asked = list(wanted.silences)
    asked += [(f"rule:{n}", *one.silenced) for n, one in numbers if one.silenced is not None]
    present: list[Silence] = await controls.silences(connection, [receiver_id], now)
    for target, until, by in asked:
        if any(one.target == target and one.until >= until for one in present):
            done.there["silence"] += 1
            continue
        await controls.add_silence(connection, receiver_id, target, now, until, by)
        done.added["silence"] += 1


async def _rooms(
    connection: AsyncConnection,
    services: Services,
    plan: Plan,
    ids: dict[tuple[str, str], int],
    now: datetime,
    done: Done,
) -> None:
    present = await chosen.links(connection)
    pairs = [{one.inviter_id, one.joiner_id} for one in present]
    for number, room in enumerate(plan.document.rooms):
        one, other = (_id(side, ids) for side in (room.invited, room.joined))
        if {one, other} in pairs:
            done.there["room"] += 1
            continue
        if one == other or any({one, other} & pair for pair in pairs):
            done.mistakes.append(
                f"{place(('rooms', number))}: one of its channels is linked with another already."
            )
            continue
        # No code leads to it: both sides agreed before.
        digest = hashlib.sha256(services.nonce().encode()).hexdigest()
        link = Link(one, other, room.invited_by, room.joined_by)
        await chosen.add_link(connection, link, digest, now)
        pairs.append({one, other})
        done.added["room"] += 1


def _id(side: Side, ids: dict[tuple[str, str], int]) -> int:
    return ids[(side.surface, side.address)]
