"""/subscribe: digests, and the news that a channel gets."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.schedule import next_digest
from bot.answers.alert import role
from bot.answers.releases import lab_key
from bot.answers.rules import MOST_ALERTS
from bot.answers.sharing import change, twin_of
from bot.answers.targets import channel_of, known
from bot.errors import UserError
from bot.market.shipped import REFERENCE
from bot.model.card import Card
from bot.model.wording import listing, moment
from bot.releases.wanted import KINDS, SWITCHES, UNUSUAL, identity, study_wish, wanted_text
from bot.services import Request
from storage import controls, receivers
from storage.receivers import Subscription

_TIME = re.compile(r"(\d{1,2}):(\d{2})")


async def digest(request: Request) -> Card:
    """A daily or weekly digest of a basket at a local time."""
    options = request.options
    match = _TIME.fullmatch(str(options["at"]).strip())
    if match is None or int(match[1]) > 23 or int(match[2]) > 59:
        raise UserError(f"at {options['at']} will not do; write a local time such as 08:00.")
    minute = int(match[1]) * 60 + int(match[2])
    weekday = options["weekday"] if options["every"] == "week" else None

    async def work(connection: AsyncConnection) -> Card:
        names = await known(connection, request)
        if str(options["basket"]).lower() == REFERENCE:
            raise UserError(
                "benchmarks is a list to compare with, not a basket; /basket list shows baskets."
            )
        basket = names.basket(str(options["basket"]), request.receiver.owner)
        if basket is None:
            raise UserError(f"There is no basket {options['basket']}; /basket list shows them.")
        receiver = await channel_of(connection, request)
        zone = (await controls.wishes(connection, [receiver.id]))[receiver.id].time_zone
        found = await receivers.subscriptions(connection, receiver.id)
        for present in found:
            if present.kind == "digest" and _same(
                present.filters, options["every"], minute, weekday, basket.target
            ):
                raise UserError(
                    f"This channel has that digest already, as subscription {present.id}."
                )
        refuse_more(found)
        at = next_digest(request.now, zone, minute, weekday)
        number = await receivers.add_subscription(
            connection,
            receiver.id,
            request.now,
            kind="digest",
            filters={
                "every": options["every"],
                "minute": minute,
                "weekday": options["weekday"],
                "target": basket.target,
                "basket": basket.name,
            },
            next_at=at,
        )
        local = f"{minute // 60:02}:{minute % 60:02} in {zone}"
        when = f"every {weekday.capitalize()} at {local}" if weekday else f"every day at {local}"
        return Card(
            title=f"Subscription {number}: a digest of {basket.name}, {when}",
            text=f"The next one comes at {moment(at)}. The time zone is the channel's: change it "
            f"with /channel timezone=Asia/Taipei. End it with /subscribe remove {number}.",
            facts={"number": number, "next_at": at.isoformat(), "time_zone": zone},
        )

    return await change(request, work)


def _same(
    filters: Mapping[str, Any], every: str, minute: int, weekday: str | None, target: str
) -> bool:
    """Whether a digest's filters are these; the weekday counts only for a weekly one."""
    wanted = (every, minute, weekday, target)
    on = filters["weekday"] if filters["every"] == "week" else None
    return wanted == (filters["every"], filters["minute"], on, filters["target"])


async def releases(request: Request) -> Card:
    """New models as they come: language models of frontier labs, or those that are asked for."""
    filters, labs = filters_of(request), request.services.releases.labs
    mention = role(request.options.get("role"))
    what = wanted_text(filters, labs)

    async def work(connection: AsyncConnection) -> int:
        receiver = await channel_of(connection, request)
        present = await receivers.subscriptions(connection, receiver.id)
        for item in present:
            if item.kind == "releases" and identity(item.filters) == identity(filters):
                if study_wish(item.filters) != study_wish(filters):
                    await _study_otherwise(connection, receiver.id, filters)
                    return item.id
                raise UserError(
                    f"This channel is told of {what} already, as subscription {item.id}."
                )
        refuse_more(present)
        return await receivers.add_subscription(
            connection,
            receiver.id,
            request.now,
            kind="releases",
            filters=filters,
            mention=mention,
        )

    number = await change(request, work)
    called = f" Each mentions {mention}." if mention else ""
    return Card(
        title=f"Subscription {number}: {what}",
        text=f"What was released before is not told.{called} End it with "
        f"/subscribe remove {number}.",
        facts={"number": number, "filters": filters, "mention": mention},
    )


async def _study_otherwise(
    connection: AsyncConnection, receiver_id: int, filters: Mapping[str, Any]
) -> None:
    """The subscription that lets the same releases through brings other studies from now on, in
    the linked channel too.
    """
    twin = await twin_of(connection, receiver_id)
    for key in (receiver_id, *([] if twin is None else [twin.id])):
        for item in await receivers.subscriptions(connection, key, "releases"):
            if identity(item.filters) == identity(filters):
                await receivers.set_filters(connection, item.id, filters)


def filters_of(request: Request) -> dict[str, Any]:
    """What a subscription to releases lets through, as it is stored; raises UserError."""
    options = request.options
    filters: dict[str, Any] = {}
    if options.get("labs"):
        filters["labs"] = list(dict.fromkeys(lab_key(one, request) for one in options["labs"]))
    if options.get("kinds"):
        filters["kinds"] = [_kind(one) for one in options["kinds"]]
    for name in ("keywords", "without"):
        if options.get(name):
            filters[name] = [_keyword(name, one) for one in options[name]]
    for name in SWITCHES:
        if options.get(name):
            filters[name] = True
    if (options.get("study") or UNUSUAL) != UNUSUAL:
        filters["study"] = options["study"]
    return filters


def _kind(text: str) -> str:
    if text.lower() in KINDS:
        return text.lower()
    raise UserError(f"{text} is not a kind of model; kinds are {listing(list(KINDS))}.")


def _keyword(option: str, text: str) -> str:
    """A word to look for, in small letters. Raises UserError for what no name can have."""
    if not any(letter.isalnum() for letter in text):
        raise UserError(f'{option}: "{text}" has no letter or digit; give words of names.')
    return text.lower()


def refuse_more(present: Sequence[Subscription]) -> None:
    """Raise UserError where a channel gets as much as it may."""
    if len(present) >= MOST_ALERTS:
        raise UserError(
            f"A channel has at most {MOST_ALERTS} alerts and subscriptions; remove one first."
        )
