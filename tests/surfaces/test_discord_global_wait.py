"""A global limit of Discord ends when its time is over, whoever was cancelled meanwhile."""

import asyncio
from typing import Any

import pytest

from bot.surfaces.discord_global_wait import global_seconds
from tests.surfaces.test_discord_notifier import CARD, telling


@pytest.mark.parametrize(
    ("body", "seconds"),
    [
        (b'{"retry_after": 1.5, "global": true}', 1.5),
        (b'{"retry_after": 2, "global": true}', 2.0),
        (b'{"retry_after": 1.5, "global": false}', None),
        (b'{"retry_after": 1.5}', None),
        (b'{"global": true}', None),
        (b'{"retry_after": null, "global": true}', None),
        (b'{"retry_after": NaN, "global": true}', None),
        (b"[]", None),
        (b"<html>You are being rate limited</html>", None),
        (b"\xff", None),
        (b"", None),
    ],
)
def test_how_long_all_must_wait(body: bytes, seconds: float | None) -> None:
    assert global_seconds(body) == seconds


async def test_a_limit_that_lasts_longer_than_a_sends_deadline_holds_nobody_up_after_it() -> None:
    async with telling() as told:
        limits = told.server.limits
        other = told.server.add_guild("Fabs").add_channel("news")
        first, second = told.row(), told.row()
        limits.requests, limits.seconds = 0, 0.5
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await told.notifier.send(first, CARD)
        limits.requests, limits.seconds = 1_000, 1.0
        assert told.server.limited == 1
        loop = asyncio.get_running_loop()
        began = loop.time()
        async with asyncio.timeout(10):
            await told.client.get_partial_messageable(other.id).send("news")
            assert loop.time() - began > 0.2  # Discord's time is kept
            assert await told.notifier.find(first) is None
            await told.notifier.send(first, CARD)
            await told.notifier.send(second, CARD)
        assert [len(other.sent), len(told.channel.sent)] == [1, 2]
        assert told.server.limited == 1


async def test_an_earlier_limit_that_is_over_does_not_end_a_later_one() -> None:
    async with telling() as told:
        http: Any = told.client.http
        limits, loop = told.server.limits, asyncio.get_running_loop()
        guild = told.server.add_guild("Fabs")
        limits.requests = 0
        for number, seconds in enumerate((0.5, 1.5), 1):
            limits.seconds = seconds
            http._global_over.set()  # the second left before it heard of the first's limit
            place = told.client.get_partial_messageable(guild.add_channel(f"c{number}").id)
            send = asyncio.create_task(place.send("news"))
            await told.server.until(lambda n=number: told.server.limited == n, "a limit")
            await told.server.until(lambda: not http._global_over.is_set(), "the wait")
            send.cancel()
            await asyncio.wait([send])
        began = loop.time()
        limits.requests = 1_000
        await told.notifier.send(told.row(), CARD)
        assert loop.time() - began > 1.0
