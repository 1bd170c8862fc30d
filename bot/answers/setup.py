"""/setup: how far this channel is set up, and the command for each step."""

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.answers.alert import of_channel
from bot.model.card import Card, Table
from bot.model.wording import clock_hours, count
from bot.services import Request
from storage import controls, receivers
from storage.controls import Wishes
from storage.receivers import Subscription

# What each step is about, and what sets it.
_STEPS = (
    ("falls and moves", "/alert add ai"),
    ("new models", "/subscribe releases"),
    ("token prices", "/subscribe prices"),
    ("digest", "/subscribe digest day 08:00 ai"),
    ("time zone", "/channel timezone=Asia/Taipei"),
    ("quiet hours", "/channel quiet=22:00-07:00"),
)


async def setup(request: Request) -> Card:
    """The steps of setting up this channel: what is set, and what sets it. Changes nothing."""
    async with request.services.database.read() as connection:
        found = await of_channel(connection, request)
        wishes = await _wishes(connection, request)
    states = _states(found, wishes)
    done = sum(state is not None for state in states)
    return Card(
        title=f"{done} of {len(_STEPS)} steps are set in this channel",
        text="Each is as you like; /channel shows all that this channel gets.",
        table=Table(
            columns=("step", "now", "set it with"),
            rows=tuple(
                (step, state or "not set", command)
                for (step, command), state in zip(_STEPS, states, strict=True)
            ),
        ),
        facts={
            "steps": [
                {"step": step, "now": state, "command": command}
                for (step, command), state in zip(_STEPS, states, strict=True)
            ]
        },
    )


def _states(found: list[Subscription], wishes: Wishes | None) -> list[str | None]:
    """What each step is set to; None where it is not."""
    alerts = sum(item.rule is not None for item in found)
    news = sum(item.kind == "releases" for item in found)
    costs = sum(item.kind == "prices" for item in found)
    digests = sum(item.kind == "digest" for item in found)
    zone = wishes.time_zone if wishes is not None and wishes.time_zone != "UTC" else None
    quiet = None
    if wishes is not None and wishes.quiet_from is not None and wishes.quiet_to is not None:
        quiet = clock_hours(wishes.quiet_from, wishes.quiet_to)
    return [
        count(alerts, "alert") if alerts else None,
        count(news, "subscription") if news else None,
        count(costs, "subscription") if costs else None,
        count(digests, "digest") if digests else None,
        zone,
        quiet,
    ]


async def _wishes(connection: AsyncConnection, request: Request) -> Wishes | None:
    given = request.receiver
    receiver = await receivers.find_receiver(connection, given.surface, given.address)
    if receiver is None:
        return None
    return (await controls.wishes(connection, [receiver.id]))[receiver.id]
