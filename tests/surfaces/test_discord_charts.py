"""Discord's charts: drawn once for all who ask, and never in the way of a message."""

import asyncio
from dataclasses import replace

import pytest

from bot.cards import charts
from bot.errors import DeliveryError
from bot.model.card import UnderwaterChart
from bot.surfaces import discord_charts
from bot.surfaces.discord_charts import Charts
from tests.surfaces.test_discord_notifier import CARD, CHART, telling


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The titles of the charts that were drawn."""
    titles: list[str] = []
    draw = charts.draw

    async def counted(chart: UnderwaterChart, *, dark: bool) -> bytes:
        titles.append(chart.title)
        return await draw(chart, dark=dark)

    monkeypatch.setattr(discord_charts, "draw", counted)
    return titles


async def test_a_fan_out_draws_each_chart_once(drawn: list[str]) -> None:
    kept = Charts(kept=2)
    first, second, third = (replace(CHART, title=title) for title in ("a", "b", "c"))
    pictures = await asyncio.gather(*(kept.png(replace(first)) for _channel in range(20)))
    assert drawn == ["a"]
    assert set(pictures) == {charts.underwater_png(first, dark=True)}
    for chart in (second, third, first):
        await kept.png(chart)
    assert drawn == ["a", "b", "c", "a"]


async def test_whoever_gives_up_waiting_takes_the_drawing_from_nobody() -> None:
    kept = Charts()
    waiting = [asyncio.create_task(kept.png(CHART)) for _channel in range(2)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    png = await waiting[1]
    assert png is not None
    assert png.startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "error", [MemoryError(), OSError("no font"), RuntimeError("can't start new thread"), None]
)
async def test_a_chart_that_cannot_be_drawn_keeps_no_message(
    error: Exception | None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """None: the drawing never ends."""

    async def fail(_chart: UnderwaterChart, *, dark: bool) -> bytes:
        assert dark
        if error is None:
            await asyncio.Event().wait()
        raise error or AssertionError

    async with telling() as told:
        root = await told.notifier.send(told.row(), replace(CARD, chart=CHART))
        monkeypatch.setattr(discord_charts, "draw", fail)
        told.notifier._charts = Charts(seconds=0.05)
        for row in (told.row(), told.row("edit", root=root), told.row("reply", root=root)):
            await told.notifier.send(row, replace(CARD, chart=CHART))
        assert len(told.channel.sent) == 3
        for message in told.channel.sent:
            assert message.content.startswith("**AI stocks are 13.7% below their peak**")
            assert not message.payload["attachments"]
            assert "image" not in message.embed
    assert caplog.text.count("the chart 'AI stocks' is left out") == 1  # not for each message


async def test_a_row_waits_if_the_client_is_logged_out_while_its_chart_is_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with telling() as told:

        async def slow(_chart: UnderwaterChart, *, dark: bool) -> bytes:
            assert dark
            told.client.clear()
            await told.client.http.close()
            return b""

        monkeypatch.setattr(discord_charts, "draw", slow)
        with pytest.raises(DeliveryError, match="not connected") as caught:
            await told.notifier.send(told.row(), replace(CARD, chart=CHART))
        assert not caught.value.permanent
