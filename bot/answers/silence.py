"""/silence: say nothing of something for a while. Nothing is lost: it is told afterwards."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.answers.marking import How, show_silences
from bot.answers.sharing import change
from bot.answers.targets import channel_of, find_target, known
from bot.cards.marks import SILENCED
from bot.errors import UserError
from bot.model.basket import Lab
from bot.model.card import Card, Table
from bot.model.receiver import Receiver
from bot.model.wording import count, day, listing, moment
from bot.services import Request
from storage import controls, receivers, stories
from storage.controls import Silence

LONGEST = timedelta(days=365)
USUAL = timedelta(days=1)
# Two people who press the same button a moment apart ask for the same silence.
SAME = timedelta(minutes=1)
# "alert 2", "rule:2", "#2" or "2".
_NUMBER = re.compile(r"(?:alert|rule|subscription)?[\s:#]*(\d+)", re.IGNORECASE)
ALL = ("all", "everything", "channel")
# "target:META" is the stock alone, "lab:meta" the lab alone; "meta" is both.
TARGET, LAB = "target:", "lab:"


async def add(request: Request) -> Card:
    """Silence a symbol, a basket, an alert, a lab or the whole channel.

    Where a lab and a symbol have one name, both. Refuses what is silenced for as long already.
    """
    return await silence(request)


async def silence(request: Request, *, verb: str = SILENCED, message: int | None = None) -> Card:
    """As /silence add. What is open says so: who did what (`verb`) until when.

    `message` is the outbox row of the message under which a button was pressed, if one was.
    """
    how = How(verb, message)

    async def work(connection: AsyncConnection) -> tuple[list[int], list[str], datetime, str]:
        receiver = await channel_of(connection, request)
        targets = await _targets(connection, request, receiver)
        zone = (await controls.wishes(connection, [receiver.id]))[receiver.id].time_zone
        until = _until(request, zone)
        await _refuse_again(connection, request, receiver, targets, until, zone)
        numbers = [
            await controls.add_silence(
                connection, receiver.id, target, request.now, until, request.asker
            )
            for target in targets
        ]
        await show_silences(connection, request.services, receiver, request.now, how)
        return numbers, targets, until, zone

    numbers, targets, until, zone = await change(request, work, how)
    labs = request.services.releases.labs
    named = _capital(listing([about(target, labs) for target in targets]))
    ends = listing([f"/silence remove {number}" for number in numbers])
    return Card(
        title=f"{named} {'is' if len(targets) == 1 and not _plural(targets[0]) else 'are'} "
        f"silenced until {_local(until, zone)}",
        text="What is deeper by then than was told is told when it ends. "
        f"End it sooner with {ends}.",
        facts={
            "number": numbers[0],
            "numbers": numbers,
            "target": targets[0],
            "targets": targets,
            "until": until.isoformat(),
        },
    )


async def list_silences(request: Request) -> Card:
    """What is silenced here."""
    async with request.services.database.read() as connection:
        found = await _silences(connection, request)
        wishes = await controls.wishes(connection, [one.receiver_id for one in found])
    if not found:
        return Card(
            title="Nothing is silenced here",
            text="Silence something with /silence add, such as /silence add NVDA 1d.",
            facts={"silences": []},
        )
    zone, labs = wishes[found[0].receiver_id].time_zone, request.services.releases.labs
    return Card(
        title=count(len(found), "silence"),
        table=Table(
            columns=("number", "what", "until", "asked by"),
            rows=tuple(
                (
                    str(s.id),
                    about(s.target, labs),
                    _local(s.until, zone),
                    s.by or "unknown",
                )
                for s in found
            ),
        ),
        text="End one with /silence remove NUMBER.",
        facts={
            "silences": [
                {"number": s.id, "target": s.target, "until": s.until.isoformat(), "by": s.by}
                for s in found
            ]
        },
    )


async def remove(request: Request) -> Card:
    """End a silence before its time."""
    number = request.options["number"]

    async def work(connection: AsyncConnection) -> Silence:
        found = await _silences(connection, request)
        chosen = next((one for one in found if one.id == number), None)
        if chosen is None:
            numbers = listing([str(key) for key in sorted(one.id for one in found)]) or "none"
            raise UserError(f"There is no silence {number} here; there are: {numbers}.")
        await controls.end_silence(connection, chosen.id, request.now)
        await stories.wake(connection, chosen.receiver_id, request.now)
        await controls.wake_news(connection, chosen.receiver_id, request.now)
        receiver = await channel_of(connection, request)
        await show_silences(
            connection, request.services, receiver, request.now, since=chosen.starts_at
        )
        return chosen

    chosen = await change(request, work)
    verb = "are" if _plural(chosen.target) else "is"
    what = _capital(about(chosen.target, request.services.releases.labs))
    return Card(
        title=f"{what} {verb} no longer silenced",
        facts={"number": number},
    )


async def _refuse_again(
    connection: AsyncConnection,
    request: Request,
    receiver: Receiver,
    targets: list[str],
    until: datetime,
    zone: str,
) -> None:
    """Raise UserError where each target has a silence that lasts as long."""
    longest = {
        one.target: one
        for one in await controls.silences(connection, [receiver.id], request.now)
        if one.until >= until - SAME
    }
    if all(target in longest for target in targets):
        one, labs = longest[targets[0]], request.services.releases.labs
        verb = "are" if _plural(one.target) else "is"
        raise UserError(
            f"{_capital(about(one.target, labs))} {verb} silenced until "
            f"{_local(one.until, zone)} already, asked by {one.by or 'somebody unknown'}; "
            f"/silence remove {one.id} ends it."
        )


async def _silences(connection: AsyncConnection, request: Request) -> list[Silence]:
    receiver = await receivers.find_receiver(
        connection, request.receiver.surface, request.receiver.address
    )
    return (
        [] if receiver is None else await controls.silences(connection, [receiver.id], request.now)
    )


async def _targets(connection: AsyncConnection, request: Request, receiver: Receiver) -> list[str]:
    """What the words name: one thing, or a symbol or basket and the lab of the same name."""
    what = str(request.options["what"]).strip()
    if what.lower() in ALL:
        return [""]
    numbered = _NUMBER.fullmatch(what)
    if numbered is not None:
        number = int(numbered[1])
        found = await receivers.subscriptions(connection, receiver.id)
        if number not in [item.id for item in found]:
            raise UserError(f"This channel has no alert {number}; /alert list shows its alerts.")
        return [f"rule:{number}"]
    labs = request.services.releases.labs
    if what.startswith(LAB) and what.removeprefix(LAB) in labs:
        return [what]
    if what.startswith(TARGET):
        names = await known(connection, request)
        return [find_target(what.removeprefix(TARGET), names, request.receiver.owner)]
    lab = next(
        (k for k, lab in labs.items() if what.lower() in (k.lower(), lab.name.lower())), None
    )
    names = await known(connection, request)
    try:
        target = find_target(what, names, request.receiver.owner)
    except UserError:
        if lab is None:
            raise
        return [f"lab:{lab}"]
    return [target] if lab is None else [target, f"lab:{lab}"]


def _until(request: Request, zone: str) -> datetime:
    span, text = request.options.get("for"), request.options.get("until")
    if span is not None and text is not None:
        raise UserError("Give either for or until, not both.")
    until: datetime = request.now + (span or USUAL)
    if text is not None:
        try:
            until = datetime.fromisoformat(str(text).strip())
        except ValueError:
            raise UserError(
                f"{text} is not a time; write it as 2025-02-03 or 2025-02-03 08:00."
            ) from None
        if until.tzinfo is None:
            until = until.replace(tzinfo=ZoneInfo(zone))
        until = until.astimezone(UTC)
    if not request.now < until <= request.now + LONGEST:
        raise UserError("A silence ends in the future, within a year; give another time.")
    return until


def about(target: str, labs: Mapping[str, Lab]) -> str:
    """What a silence is about, as a sentence begins with it; models of a lab in lower case."""
    if not target:
        return "Everything here"
    kind, _, rest = target.partition(":")
    if kind == "rule":
        return f"Alert {rest}"
    if kind == "lab":
        return f"models of {labs[rest].name if rest in labs else rest}"
    return target.partition("@")[0]


def _capital(text: str) -> str:
    return "M" + text[1:] if text.startswith("models") else text


def _plural(target: str) -> bool:
    return target.startswith("lab:")


def _local(until: datetime, zone: str) -> str:
    """A moment on the channel's own clock, which it names."""
    if zone == "UTC":
        return moment(until)
    local = until.astimezone(ZoneInfo(zone))
    return f"{day(local.date())}, {local:%H:%M} ({zone})"
