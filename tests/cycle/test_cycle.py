"""The cycle on a small market: stories, inhibition, silences, waiting, catching up."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from bot.alerts.stories import Timing
from bot.cycle.seed import seed_shipped
from bot.cycle.tick import tell_due, tick
from bot.cycle.watch import subscribe
from bot.market.calendar import NEW_YORK, session_close
from bot.model.rule import Rule
from bot.model.story import Reason
from bot.services import Services, SetClock
from storage import receivers
from storage.schema import outbox, silence
from tests.asking import ask
from tests.cycle.falling import SmallMarket

NOW = Timing(timedelta(0), timedelta(minutes=15))
LEVELS = (50_000, 100_000, 200_000)


class Market:
    """Services on a small market, stepped one close at a time."""

    def __init__(self, services: Services, nvda: Sequence[float], amd: Any = None) -> None:
        self.history = SmallMarket(nvda, amd)
        self.services = replace(services, history=self.history)
        self.receiver_id = 0
        self.closes = len(nvda)

    def set(self, moment: datetime) -> None:
        """Set the clock."""
        assert isinstance(self.services.clock, SetClock)
        self.services.clock.moment = moment

    async def follow(self, *targets: str, members: bool = False, known: int = 1) -> None:
        """Subscribe a receiver to targets after `known` sessions."""
        before = session_close(NEW_YORK, self.history.day(known - 1)) + timedelta(hours=1)
        self.set(before)
        await seed_shipped(self.services, before)

        async def work(connection: Any) -> None:
            receiver = await receivers.receiver_of(connection, "console", "local", "c", before)
            self.receiver_id = receiver.id
            for target in targets:
                rule = Rule(target, "1y", LEVELS, 20_000)
                await subscribe(connection, receiver.id, rule, before, 5, members=members)

        await self.services.database.write(work)

    async def close(self, number: int, timing: Timing = NOW) -> list[tuple[str, Reason]]:
        """Both polls of the close of a session: what was decided."""
        decided: list[Any] = []
        for late in (timedelta(0), timedelta(minutes=5)):
            self.set(session_close(NEW_YORK, self.history.day(number)) + late)
            decided += (await tick(self.services, timing)).decisions
        return [(target, reason) for _receiver, target, reason in decided]

    async def told(self) -> list[tuple[str, str]]:
        """Action and target of every row of the outbox."""
        async with self.services.database.read() as connection:
            rows = await connection.execute(select(outbox).order_by(outbox.c.id))
            return [(row.action, row.facts["target"]) for row in rows]


async def test_deeper_replies_and_recovery_edits(services: Services) -> None:
    market = Market(services, [100, 89, 88, 79, 95, 97, 98, 97, 98, 99])
    await market.follow("NVDA")
    for number in range(1, 10):
        await market.close(number)
    assert await market.told() == [("post", "NVDA"), ("reply", "NVDA"), ("edit", "NVDA")]


async def test_the_same_level_again_is_no_news(services: Services) -> None:
    market = Market(services, [100, 89, 91, 89, 92, 90, 91, 89.5])
    await market.follow("NVDA")
    for number in range(1, 8):
        await market.close(number)
        await tick(market.services, NOW)  # polled twice, as a live day is
    assert await market.told() == [("post", "NVDA")]


async def test_members_of_a_falling_basket_stay_in_its_table(services: Services) -> None:
    market = Market(services, [100, 80, 79], [100, 85, 84])
    await market.follow("ai", members=True)
    decided = await market.close(1)
    assert ("NVDA", Reason.MEMBER_OF_OPEN_BASKET) in decided
    assert await market.told() == [("post", "ai")]


async def test_a_rule_of_its_own_tells_a_member_too(services: Services) -> None:
    market = Market(services, [100, 80], [100, 85])
    await market.follow("ai", "NVDA")
    await market.close(1)
    assert sorted(await market.told()) == [("post", "NVDA"), ("post", "ai")]


async def test_a_wider_basket_inhibits_its_sub_basket(services: Services) -> None:
    market = Market(services, [100, 80], [100, 85])
    await market.follow("compute", "ai")
    decided = await market.close(1)
    assert ("compute", Reason.INSIDE_WIDER_BASKET) in decided
    assert await market.told() == [("post", "ai")]


async def test_a_story_waits_for_company_and_is_told_at_its_deepest(services: Services) -> None:
    market = Market(services, [100, 94, 88])
    await market.follow("NVDA")
    waits = Timing(timedelta(days=1, minutes=10), timedelta(minutes=15))
    await market.close(1, waits)
    await market.close(2, waits)
    assert await market.told() == []
    market.set(session_close(NEW_YORK, market.history.day(2)) + timedelta(minutes=15))
    await tell_due(market.services, waits)
    async with market.services.database.read() as connection:
        rows = (await connection.execute(select(outbox.c.facts))).scalars().all()
    assert [facts["level"] for facts in rows] == [0.1]


async def test_a_fall_known_before_subscribing_is_not_posted(services: Services) -> None:
    market = Market(services, [100, 88, 87, 79])
    await market.follow("NVDA", known=2)
    await market.close(2)
    assert await market.told() == []
    await market.close(3)
    assert await market.told() == [("post", "NVDA")]


async def test_a_level_told_lately_is_not_told_to_a_new_subscriber(services: Services) -> None:
    market = Market(services, [100, 89, 90.5, 89.5])
    await market.follow("NVDA", known=3)  # at −9.5%, days after −11%
    await market.close(3)
    assert await market.told() == []


async def test_a_silence_holds_and_one_message_follows_it(services: Services) -> None:
    market = Market(services, [100, 89, 79, 78])
    await market.follow("NVDA")
    until = session_close(NEW_YORK, market.history.day(3)) - timedelta(hours=1)
    start = market.services.clock.now()
    values = {"receiver_id": market.receiver_id, "target": "NVDA", "starts_at": start,
              "until": until, "by": "a test"}  # fmt: skip
    await market.services.database.write(lambda c: c.execute(insert(silence).values(values)))
    assert ("NVDA", Reason.SILENCED) in await market.close(1)
    await market.close(2)
    assert await market.told() == []
    await market.close(3)
    assert await market.told() == [("post", "NVDA")]


async def test_a_fall_and_recovery_missed_by_a_sleeping_machine_make_no_burst(
    services: Services,
) -> None:
    market = Market(services, [100, 89, 100, 101, 102])
    await market.follow("NVDA")
    assert ("NVDA", Reason.NEVER_TOLD) in await market.close(4)
    assert await market.told() == []


async def test_a_closed_day_and_a_missing_price_are_held(services: Services) -> None:
    market = Market(services, [100, 50])
    await market.follow("NVDA")
    open_days = market.history.sessions

    async def closed(first: Any, last: Any) -> Any:
        return (await open_days(first, last))[:0]

    market.history.sessions = closed  # type: ignore[method-assign]
    market.set(session_close(NEW_YORK, market.history.day(1)))
    done = await tick(market.services, NOW)
    assert (done.stored, len(done.held)) == (0, 2)
    assert await market.told() == []


async def test_state_and_outbox_commit_together(
    services: Services, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    market = Market(services, [100, 80])
    await market.follow("NVDA")

    async def fails(*_args: Any, **_more: Any) -> int:
        raise RuntimeError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr("storage.outbox.enqueue", fails)
        with pytest.raises(RuntimeError):
            await market.close(1)
    assert await market.told() == []
    await market.close(1)  # nothing was half done: the next tick tells it
    assert await market.told() == [("post", "NVDA")]


async def test_unsubscribing_ends_the_story_and_subscribing_again_begins_one(
    services: Services,
) -> None:
    market = Market(services, [100, 88, 99, 99, 99, 99, 99, 88])
    await market.follow("NVDA")
    await market.close(1)
    await ask("/alert remove 1", market.services)
    for number in range(2, 7):
        await market.close(number)
    await market.follow("NVDA", known=7)
    await market.close(7)
    assert await market.told() == [("post", "NVDA"), ("post", "NVDA")]
