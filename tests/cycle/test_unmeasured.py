"""What cannot be measured when it is due holds up nobody else."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from bot.cycle import due
from bot.cycle.board import Board
from bot.cycle.facts import drawdown_facts
from bot.market.calendar import NEW_YORK, session_close, sessions
from bot.model.bar import Bar
from bot.model.basket import Basket
from bot.model.rule import Rule
from bot.model.story import NOTHING, Reason, Story
from bot.services import Services
from storage.followers import Follower
from storage.schema import decision, valuation
from storage.stories import StoredStory
from tests.cycle.channel import DROP, Channel

NOW = datetime(2025, 1, 28, 15, tzinfo=UTC)
DAYS = sessions(NEW_YORK, date(2023, 1, 3), date(2025, 1, 27))


def board(days: list[date], eps: dict[str, dict[date, int]] | None = None) -> Board:
    """Three symbols that swing, ever more alike at the end."""
    bars = [
        Bar(symbol, day, round(1e8 + n * step % 7 * 1e6 + (n > 500) * n * 1e6),
            session_close(NEW_YORK, day), NOW, "test")
        for symbol, step in (("NVDA", 2), ("AMD", 3), ("MU", 5))
        for n, day in enumerate(days)
    ]  # fmt: skip
    basket = Basket("compute", "AI compute stocks", ("NVDA", "AMD", "MU"))
    return Board.of(bars, {"compute": basket}, eps)


def judged(board: Board, target: str, measure: str, level: int, day: date) -> due.Judged:
    """A story of that measure that is due now."""
    state = Story(level, NOTHING, None, NOW)
    topic = measure if measure != "1y" else "drawdown"
    story = StoredStory(1, 1, target, topic, measure, None, 1, NOW, state, crossed_on=day)
    return due.judge(story, [Follower(1, level, measure, day, NOW)], {}, {}, board, NOW)


@pytest.mark.parametrize(("target", "measure"), [("compute", "crowding"), ("NVDA", "volatility")])
def test_what_is_judged_on_closes_is_told_of_the_last_close(target: str, measure: str) -> None:
    running = board(DAYS).priced({s: (NOW.date(), 10**9, NOW) for s in ("NVDA", "AMD", "MU")}, NOW)
    found = judged(running, target, measure, 10_000, DAYS[-1])
    assert found.facts is not None
    assert (found.facts["day"], found.facts["final"]) == ("2025-01-27", True)
    assert 0 < found.facts["value"] <= 1


@pytest.mark.parametrize("measure", ["1y", "above"])
def test_one_session_is_enough_for_what_needs_no_more(measure: str) -> None:
    found = judged(board(DAYS[:1]), "NVDA", measure, NOTHING + 1, DAYS[0])
    assert found.facts is not None
    assert found.facts["day"] == DAYS[0].isoformat()


@pytest.mark.parametrize("measure", ["crowding", "move", "pe-above", "high"])
def test_without_a_figure_it_is_looked_at_again_later(measure: str) -> None:
    found = judged(board(DAYS[:1]), "compute", measure, 1, DAYS[0])
    assert (found.facts, found.due.reason) == (None, Reason.UNMEASURED)
    assert found.due.state == Story(1, NOTHING, None, NOW + timedelta(hours=6))
    assert judged(board([]), "NVDA", "1y", 1, DAYS[0]).due.reason is Reason.UNMEASURED


async def told_reasons(channel: Channel) -> list[str]:
    """Every decision on what was told."""
    async with channel.services.database.read() as connection:
        rows = select(decision.c.reason).where(decision.c.step == "told").order_by(decision.c.id)
        return list((await connection.execute(rows)).scalars())


async def test_earnings_that_turn_negative_stop_no_tick(services: Services) -> None:
    channel = Channel(services, [100, 130, 131])

    async def earns(day: date, eps: int) -> None:
        row = {"symbol": "NVDA", "day": day, "as_of": channel.now, "name": "forward_eps",
               "period": "", "value": eps, "source": "t"}  # fmt: skip

        async def work(connection: Any) -> None:
            await connection.execute(insert(valuation).values(row))

        await channel.services.database.write(work)
        channel.services.live.board = None

    await channel.follow(Rule("AMD", "1y", (100_000,), 20_000))
    await earns(channel.history.day(0), 3_000_000)
    await channel.say("/alert add NVDA pe-above 40 repeat=6h")
    await channel.close(1)
    assert await channel.texts() == ["NVDA is at 43.3 times forward earnings, above 40"]
    await earns(channel.history.day(1), -1_000_000)
    await channel.later(hours=7)
    assert len(await channel.rows()) == 1
    assert (await told_reasons(channel))[-1] == Reason.UNMEASURED


async def test_a_story_that_cannot_be_judged_holds_up_no_other(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = Channel(services, [100, 88], [100, 88])
    await channel.follow(DROP, Rule("AMD", "1y", (100_000,), 20_000))
    facts = drawdown_facts

    def fails(board: Board, target: str, *rest: Any) -> Any:
        if target == "NVDA":
            raise IndexError("no such session")
        return facts(board, target, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(due, "drawdown_facts", fails)
        await channel.close(1)
    assert await channel.told() == [("post", "drawdown:AMD")]
    assert Reason.FAILED in await told_reasons(channel)
    await channel.later(hours=2)
    assert await channel.told() == [("post", "drawdown:AMD"), ("post", "drawdown:NVDA")]
