"""/silence: say nothing of something for a while. Nothing is lost: it is told afterwards."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.answers.targets import find_target, known
from bot.errors import UserError
from bot.model.card import Card, Table
from bot.model.receiver import Receiver
from bot.model.wording import count, listing, moment
from bot.services import Request
from storage import controls, receivers, stories
from storage.controls import Silence

LONGEST = timedelta(days=365)
USUAL = timedelta(days=1)
ALL = ("all", "everything", "channel")


async def add(request: Request) -> Card:
    """Silence a symbol, a basket, an alert, a lab or the whole channel."""

    async def work(connection: AsyncConnection) -> tuple[int, str, datetime]:
        receiver = await _receiver(connection, request)
        target = await _target(connection, request, receiver)
        zone = (await controls.wishes(connection, [receiver.id]))[receiver.id].time_zone
        until = _until(request, zone)
        by = request.receiver.title
        number = await controls.add_silence(connection, receiver.id, target, request.now, until, by)
        return number, target, until

    number, target, until = await request.services.database.write(work)
    return Card(
        title=f"{_named(target)} is silenced until {moment(until)}",
        text="What is deeper by then than was told is told when it ends. "
        f"End it sooner with /silence remove {number}.",
        facts={"number": number, "target": target, "until": until.isoformat()},
    )


async def list_silences(request: Request) -> Card:
    """What is silenced here."""
    async with request.services.database.read() as connection:
        found = await _silences(connection, request)
    if not found:
        return Card(
            title="Nothing is silenced here",
            text="Silence something with /silence add, such as /silence add NVDA 1d.",
            facts={"silences": []},
        )
    return Card(
        title=count(len(found), "silence"),
        table=Table(
            columns=("number", "what", "until"),
            rows=tuple((str(s.id), _named(s.target), moment(s.until)) for s in found),
        ),
        text="End one with /silence remove NUMBER.",
        facts={
            "silences": [
                {"number": s.id, "target": s.target, "until": s.until.isoformat()} for s in found
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
            numbers = listing([str(one.id) for one in found]) or "none"
            raise UserError(f"There is no silence {number} here; there are: {numbers}.")
        await controls.end_silence(connection, chosen.id, request.now)
        await stories.wake(connection, chosen.receiver_id, request.now)
        await controls.wake_news(connection, chosen.receiver_id, request.now)
        return chosen

    chosen = await request.services.database.write(work)
    return Card(title=f"{_named(chosen.target)} is no longer silenced", facts={"number": number})


async def _receiver(connection: AsyncConnection, request: Request) -> Receiver:
    given = request.receiver
    return await receivers.receiver_of(
        connection, given.surface, given.address, given.title, request.now
    )


async def _silences(connection: AsyncConnection, request: Request) -> list[Silence]:
    receiver = await receivers.find_receiver(
        connection, request.receiver.surface, request.receiver.address
    )
    return (
        [] if receiver is None else await controls.silences(connection, [receiver.id], request.now)
    )


async def _target(connection: AsyncConnection, request: Request, receiver: Receiver) -> str:
    what = str(request.options["what"])
    if what.lower() in ALL:
        return ""
    labs = request.services.releases.labs
    lab = next(
        (k for k, lab in labs.items() if what.lower() in (k.lower(), lab.name.lower())), None
    )
    number = what.lower().removeprefix("alert").strip()
    if number.isdigit():
        found = await receivers.subscriptions(connection, receiver.id)
        if int(number) not in [item.id for item in found]:
            raise UserError(f"This channel has no alert {number}; /alert list shows its alerts.")
        return f"rule:{number}"
    names = await known(connection, request)
    if lab is not None and what.upper() not in names.symbols:
        return f"lab:{lab}"
    return find_target(what, names, request.receiver.owner)


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


def _named(target: str) -> str:
    if not target:
        return "Everything here"
    kind, _, rest = target.partition(":")
    if kind == "rule":
        return f"Alert {rest}"
    return f"Lab {rest}" if kind == "lab" else target.partition("@")[0]
