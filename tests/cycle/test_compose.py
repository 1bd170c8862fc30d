"""Cards of a fan-out: the closes are read once, and what is a channel's own stays its own."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.cycle import compose
from bot.cycle.compose import Composer
from bot.cycle.facts import drawdown_facts
from bot.cycle.load import load_board
from bot.cycle.watch import subscribe
from bot.model.card import UnderwaterChart
from bot.model.receiver import Notification, Receiver
from bot.model.rule import Rule
from bot.services import Services
from storage import receivers


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The targets of each time that closes were read."""
    found: list[Any] = []

    async def counted(connection: AsyncConnection, targets: Any, *more: Any) -> Any:
        found.append(targets)
        if len(found) > 90:
            raise OSError("disk")
        return await load_board(connection, targets, *more)

    monkeypatch.setattr(compose, "load_board", counted)
    return found


async def facts_of(services: Services, target: str) -> Mapping[str, Any]:
    async with services.database.read() as connection:
        board = await load_board(connection, [target], ["1y"], services.clock.now())
    return drawdown_facts(board, target, "1y", -100_000)


async def told(services: Services, facts: Mapping[str, Any], channels: int) -> list[Notification]:
    """A row for each of so many channels, each with a level of its own."""
    now = services.clock.now()

    async def work(connection: AsyncConnection) -> list[Receiver]:
        found = []
        for number in range(1, channels + 1):
            one = await receivers.receiver_of(connection, "discord", str(number), "a", now)
            rule = Rule(facts["target"], "1y", (-number * 10_000,), 20_000)
            await subscribe(connection, one.id, rule, now, 5)
            found.append(one)
        return found

    return [
        Notification(one.id, one, f"{one.id:024x}", "post", facts, "text", now, 0)
        for one in await services.database.write(work)
    ]


async def test_a_fan_out_reads_the_closes_once(seeded: Services, loads: list[Any]) -> None:
    rows = await told(seeded, await facts_of(seeded, "NVDA"), 20)
    composer = Composer(seeded)
    cards = await asyncio.gather(*(composer.card(row) for row in rows))
    assert loads == [["NVDA"]]
    charts = [card.chart for card in cards]
    assert [chart.levels for chart in charts if isinstance(chart, UnderwaterChart)] == [
        (-n / 100,) for n in range(1, 21)
    ]
    assert cards[4] == await compose.compose(seeded, rows[4])


async def test_other_figures_and_another_minute_are_read_anew(
    seeded: Services, loads: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    (row,) = await told(seeded, await facts_of(seeded, "NVDA"), 1)
    composer = Composer(seeded)
    running = {**row.facts, "day": "2025-01-28", "prices": {"NVDA": 90_000_000}}
    first = await composer.card(row)
    second = await composer.card(replace(row, facts=running))
    assert isinstance(first.chart, UnderwaterChart)
    assert isinstance(second.chart, UnderwaterChart)
    assert (first.chart.prices[-1], second.chart.prices[-1]) == (118.42, 90.0)
    assert len(loads) == 2
    monkeypatch.setattr(compose, "BOARD_SECONDS", 0)
    await composer.card(row)
    assert len(loads) == 3


async def test_a_failure_is_not_kept_and_the_oldest_is_forgotten(
    seeded: Services, loads: list[Any]
) -> None:
    (row,) = await told(seeded, await facts_of(seeded, "NVDA"), 1)
    composer = Composer(seeded)
    loads.extend(["NVDA"] * 90)
    with pytest.raises(OSError, match="disk"):
        await composer.card(row)
    loads.clear()
    for number in range(compose.BOARDS_KEPT + 2):
        at = {**row.facts, "as_of": f"2025-01-27T22:00:{number:02}+00:00"}
        await composer.card(replace(row, facts=at))
    assert len(composer._boards) == compose.BOARDS_KEPT


async def test_a_close_that_came_late_does_not_set_the_picture_against_the_words(
    seeded: Services,
) -> None:
    async with seeded.database.read() as connection:
        board = await load_board(connection, ["ai"], ["1y"], seeded.clock.now())
    short = board.without(["VRT", "NVDA"], date(2025, 1, 27))
    facts = drawdown_facts(short, "ai", "1y", -100_000)
    assert set(facts["missing"]) == {"NVDA", "VRT"}
    (row,) = await told(seeded, facts, 1)
    card = await Composer(seeded).card(row)  # by now both closes are stored
    assert card.chart is not None
    below = f"{-facts['depth']:.1%} below the peak at the end"
    assert below in card.chart.alt
    assert "13.7%" not in card.chart.alt
