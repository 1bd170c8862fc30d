"""Which session a crossing belongs to."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from bot.cycle.evaluate import Crossing
from bot.cycle.tell import group
from bot.cycle.watch import subscribe
from bot.model.level import Change, Reading
from bot.model.rule import Condition, Rule
from bot.model.story import Reason
from bot.services import Services
from storage import levels, receivers, stories
from tests.cycle.channel import TIMING

MOVE = Rule("BHP.AX", "move", (50_000, 100_000), 50_000, Condition.MOVE)


async def test_a_session_that_begins_the_evening_before_in_utc_is_one(services: Services) -> None:
    opened = datetime(2025, 3, 3, 23, 30, tzinfo=UTC)  # Sydney's Tuesday, the 4th

    async def work(connection: Any) -> list[Reason]:
        given = await receivers.receiver_of(connection, "console", "local", "c", opened)
        await subscribe(connection, given.id, MOVE, opened, 5)
        five, ten = await levels.levels_of(connection, MOVE.key)
        found = []
        for level, later, day in ((five, 0, 4), (ten, 3, 4), (five, 24, 5)):
            at = date(2025, 3, day)
            reading = Reading(-level.state.level, at, at, at, final=False)
            crossing = Crossing(level, Change.FIRED, MOVE.target, MOVE.measure, reading)
            now = opened + timedelta(hours=later)
            found += await group(connection, [crossing], {}, now, TIMING)
        opens = await stories.open_stories(connection)
        # What was not told yet of the first session stays beside the second's.
        assert [(s.crossed_on, s.state.level) for s in opens] == [
            (date(2025, 3, 4), 100_000),
            (date(2025, 3, 5), 50_000),
        ]
        return [reason for _receiver, _target, reason in found]

    reasons = await services.database.write(work)
    assert reasons == [Reason.FIRST, Reason.WAITING, Reason.FIRST]
