"""/subscribe: digests, and the news that a channel gets."""

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.schedule import next_digest
from bot.answers.targets import known
from bot.errors import UserError
from bot.market.shipped import REFERENCE
from bot.model.card import Card
from bot.model.wording import moment
from bot.services import Request
from storage import controls, receivers

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
        given = request.receiver
        receiver = await receivers.receiver_of(
            connection, given.surface, given.address, given.title, request.now
        )
        zone = (await controls.wishes(connection, [receiver.id]))[receiver.id].time_zone
        for present in await receivers.subscriptions(connection, receiver.id, "digest"):
            if _same(present.filters, options["every"], minute, weekday, basket.target):
                raise UserError(
                    f"This channel has that digest already, as subscription {present.id}."
                )
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

    return await request.services.database.write(work)


def _same(
    filters: Mapping[str, Any], every: str, minute: int, weekday: str | None, target: str
) -> bool:
    """Whether a digest's filters are these; the weekday counts only for a weekly one."""
    wanted = (every, minute, weekday, target)
    on = filters["weekday"] if filters["every"] == "week" else None
    return wanted == (filters["every"], filters["minute"], on, filters["target"])


async def releases(request: Request) -> Card:
    """New models of frontier labs."""

    async def work(connection: AsyncConnection) -> int:
        given = request.receiver
        receiver = await receivers.receiver_of(
            connection, given.surface, given.address, given.title, request.now
        )
        if await receivers.subscriptions(connection, receiver.id, "releases"):
            raise UserError("This channel is told of new models already; see /channel.")
        return await receivers.add_subscription(
            connection, receiver.id, request.now, kind="releases"
        )

    number = await request.services.database.write(work)
    return Card(
        title=f"Subscription {number}: new language models of frontier labs",
        text=f"What was released before is not told. End it with /subscribe remove {number}.",
        facts={"number": number},
    )
