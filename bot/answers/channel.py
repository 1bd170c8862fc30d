"""/channel: all that a channel gets, and how it wants to be told."""

import re
from dataclasses import replace
from datetime import datetime
from functools import cache
from zoneinfo import available_timezones

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.schedule import next_digest
from bot.answers.alert import counted, described, of_channel
from bot.answers.sharing import twin_of
from bot.answers.targets import Known, channel_of, known
from bot.errors import UserError
from bot.model.card import Card, Field, Table
from bot.model.receiver import Receiver
from bot.model.room import called
from bot.model.wording import clock_hours, count, moment
from bot.services import Request
from storage import controls, receivers, stories
from storage.controls import Wishes
from storage.receivers import Subscription

_HOURS = re.compile(r"(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})")


async def channel(request: Request) -> Card:
    """Show what this channel gets; change its quiet hours, time zone or cap where given."""
    options = request.options
    changed = [name for name in ("quiet", "timezone", "cap") if options.get(name) is not None]

    async def work(
        connection: AsyncConnection,
    ) -> tuple[Wishes, list[Subscription], Known, list[controls.Silence], int, Receiver | None]:
        receiver = await channel_of(connection, request)
        wishes = (await controls.wishes(connection, [receiver.id]))[receiver.id]
        if changed:
            before, wishes = wishes, _changed(wishes, request)
            await controls.set_wishes(connection, receiver.id, wishes)
            if wishes.time_zone != before.time_zone:
                await _reschedule(connection, receiver.id, wishes.time_zone, request.now)
            # What the old wishes held back is judged by the new ones.
            await stories.wake(connection, receiver.id, request.now)
            await controls.wake_news(connection, receiver.id, request.now)
        return (
            wishes,
            await of_channel(connection, request),
            await known(connection, request),
            await controls.silences(connection, [receiver.id], request.now),
            await controls.held_counts(connection, receiver.id),
            await twin_of(connection, receiver.id),
        )

    wishes, found, names, silences, waiting, twin = await request.services.database.write(work)
    cap = wishes.hourly_cap or request.services.settings.alerts.hourly_cap
    fields = [
        Field("Time zone", wishes.time_zone),
        Field("Quiet hours", _hours(wishes)),
        Field("At most", f"{count(cap, 'message')} an hour"),
    ]
    if twin is not None:
        fields.append(Field("Linked with", called(twin)))
    if silences:
        fields.append(Field("Silenced", f"{count(len(silences), 'silence')}; see /silence list"))
    if waiting:
        fields.append(Field("Waiting", f"{count(waiting, 'message')}, summed up afterwards"))
    return Card(
        title=f"This channel gets {counted(found, '') or 'nothing yet'}",
        text="Changed: " + ", ".join(changed) if changed else "",
        fields=tuple(fields),
        table=Table(
            columns=("number", "what"),
            rows=tuple((str(s.id), described(s, names)) for s in found),
        )
        if found
        else None,
        footer=f"Asked at {moment(request.now)}",
        facts={
            "time_zone": wishes.time_zone,
            "quiet": None if wishes.quiet_from is None else _hours(wishes),
            "hourly_cap": cap,
            "subscriptions": [s.id for s in found],
            "silences": [s.id for s in silences],
            "waiting": waiting,
            "linked": None if twin is None else called(twin),
        },
    )


async def _reschedule(
    connection: AsyncConnection, receiver_id: int, time_zone: str, now: datetime
) -> None:
    """Digests keep their local time in another zone; one that is due already still comes."""
    for item in await receivers.subscriptions(connection, receiver_id, "digest"):
        if item.next_at is not None and item.next_at <= now:
            continue
        weekday = item.filters["weekday"] if item.filters["every"] == "week" else None
        at = next_digest(now, time_zone, item.filters["minute"], weekday)
        await receivers.set_next(connection, item.id, at)


def _hours(wishes: Wishes) -> str:
    if wishes.quiet_from is None or wishes.quiet_to is None:
        return "none"
    return clock_hours(wishes.quiet_from, wishes.quiet_to)


def _changed(wishes: Wishes, request: Request) -> Wishes:
    options = request.options
    if options.get("quiet") is not None:
        start, end = read_quiet(str(options["quiet"]))
        wishes = replace(wishes, quiet_from=start, quiet_to=end)
    if options.get("timezone") is not None:
        wishes = replace(wishes, time_zone=read_zone(str(options["timezone"])))
    if options.get("cap") is not None:
        wishes = replace(wishes, hourly_cap=options["cap"])
    return wishes


def read_quiet(text: str) -> tuple[int | None, int | None]:
    """Quiet hours as minutes after midnight, None for "off"; raises UserError."""
    if text.lower() in ("off", "none", "no"):
        return None, None
    match = _HOURS.fullmatch(text.strip())
    if match is not None:
        hours = [int(part) for part in match.groups()]
        start, end = hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]
        if start < 1440 and end < 1440 and hours[1] < 60 and hours[3] < 60 and start != end:
            return start, end
    raise UserError(f"quiet {text} will not do; write it as 22:00-07:00, or off.")


@cache
def _zones() -> dict[str, str]:
    """The names of all time zones, by themselves in small letters: finding them reads folders."""
    return {name.lower(): name for name in available_timezones()}


def read_zone(text: str) -> str:
    """The time zone that `text` names, by its last part too; raises UserError."""
    zones = _zones()
    found = zones.get(text.strip().lower().replace(" ", "_"))
    if found is None:
        last = [n for low, n in sorted(zones.items()) if low.endswith("/" + text.strip().lower())]
        if len(last) == 1:
            return last[0]
        raise UserError(f"{text} is not a time zone; write it as Europe/Berlin or Asia/Taipei.")
    return found
