"""A message that Discord took although it answered with a fault is told once, whatever follows."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.delivery import Delivery
from bot.services import Services
from bot.surfaces.discord_doubt import doubt, tries
from storage.schema import attempt, outbox
from tests.delivering import advance, card, counts, enqueue
from tests.surfaces.test_discord_notifier import POSTS, Told, telling

HOUR = 3600.0


def delivery_of(services: Services, told: Told) -> Delivery:
    """Delivery to that Discord."""
    return Delivery(services, {"discord": told.notifier}, card, "start-1")


async def outcomes(services: Services) -> tuple[list[str], list[int]]:
    """What became of each attempt, and how many tries each row counts."""
    async with services.database.read() as connection:
        how = (await connection.execute(select(attempt.c.outcome).order_by(attempt.c.id))).scalars()
        rows = (await connection.execute(select(outbox.c.attempts))).scalars()
        return list(how), list(rows)


def test_only_what_a_task_asks_for_is_doubted() -> None:
    doubt()
    with tries() as made:
        assert not made.unsure
        with tries() as other:
            doubt()
        assert (other.unsure, made.unsure) == (True, False)


@pytest.mark.parametrize("by", ["the retry itself", "somebody else", "a refused token"])
async def test_what_was_stored_before_a_block_is_not_told_again_after_it(
    services: Services, by: str
) -> None:
    async with telling() as told:
        await enqueue(services, "a" * 24, surface="discord", address=str(told.channel.id))
        delivery = delivery_of(services, told)
        told.server.fail(POSTS, "status after")  # stored, and a 502
        if by == "somebody else":
            told.server.fail("GET /channels/*", "cloudflare", retry_after=HOUR)
        elif by == "a refused token":
            told.server.fail(POSTS, 401)
        else:
            told.server.fail(POSTS, "cloudflare", retry_after=HOUR)
        drained = asyncio.create_task(delivery.drain())
        await told.server.until(lambda: told.channel.sent, "the message")
        if by == "somebody else":
            with pytest.raises(Exception, match="429"):
                await told.client.fetch_channel(told.channel.id)
        assert await drained == 0
        assert (await outcomes(services))[1] == [1]
        for _look in range(12):  # stopped for long: that counts as nothing
            advance(services, timedelta(seconds=HOUR / 4))
            assert await delivery.drain() == 0
            delivery.resume("discord")
        how, tried = await outcomes(services)
        assert how[0] == "unknown"
        assert set(how[1:]) == {"stopped"}
        assert tried == [1]
        told.server.clock.advance(HOUR)  # Discord has forgotten its nonce
        told.notifier._pacing.resume()
        assert await delivery.drain() == 1
        assert len(told.channel.sent) == 1
        assert told.server.deduplicated == 0
        assert await counts(services) == {"sent": 1}


async def test_what_never_left_is_not_looked_for(services: Services) -> None:
    async with telling() as told:
        await enqueue(services, "a" * 24, surface="discord", address=str(told.channel.id))
        delivery = delivery_of(services, told)
        told.server.fail(POSTS, "cloudflare", retry_after=HOUR)
        assert await delivery.drain() == 0
        assert await outcomes(services) == (["stopped"], [0])
        delivery.resume("discord")
        told.notifier._pacing.resume()
        assert await delivery.drain() == 1
        asked = [one.method for one in told.server.requests if one.path.endswith("/messages")]
        assert asked == ["POST", "POST"]
