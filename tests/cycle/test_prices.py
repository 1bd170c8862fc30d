"""News about prices: found once, told to whom it is news, in one message, as the channel asks."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.costs.ledger import Ledger
from bot.cycle import digest_prices, prices
from bot.cycle.prices import find_and_tell
from bot.model.rate import Evidence, Rate
from bot.priced import shipped_ledger
from bot.services import Services, SetClock
from storage import price_events
from tests.cycle.channel import Channel

OPENED = datetime(2026, 1, 10, 12, tzinfo=UTC)


class Desk:
    """A channel, and a ledger of prices that a test writes."""

    def __init__(self, services: Services) -> None:
        self.channel = Channel(services, [100])
        self.channel.services = services
        self.services, self.rates = services, list(shipped_ledger().rates)
        self.at(OPENED)

    def at(self, moment: datetime) -> None:
        assert isinstance(self.services.clock, SetClock)
        self.services.clock.moment = moment

    def later(self, **span: float) -> None:
        self.at(self.services.clock.now() + timedelta(**span))

    async def ledger(self, _database: object) -> Ledger:
        return Ledger(self.rates, shipped_ledger().released)

    async def look(self) -> int:
        return await find_and_tell(self.services, self.services.clock.now())

    def asks(
        self, model: str, old: str, new: str, *, lab: str = "openai",
        at: datetime | None = None, source: str = "models.dev",
    ) -> None:  # fmt: skip
        """A list had a model at `old`, and has had it at `new` since now, or since `at`."""
        now = self.services.clock.now()
        at = at or now
        for price, since, until in ((old, OPENED - timedelta(days=9), at), (new, at, None)):
            asked, answered = (Decimal(one) for one in price.split("/"))
            self.rates.append(
                Rate((lab, model), lab, asked, answered, source, now, Evidence.LISTED, since, until)
            )

    async def texts(self) -> list[str]:
        return await self.channel.texts()


@contextmanager
def _open(services: Services, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    desk = Desk(services)
    monkeypatch.setattr(prices, "ledger_of", desk.ledger)
    monkeypatch.setattr(digest_prices, "ledger_of", desk.ledger)
    yield desk


@pytest.fixture
def desk(services: Services, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    with _open(services, monkeypatch) as found:
        yield found


async def test_the_first_look_is_silent_and_the_next_tells_what_is_new_once(desk: Desk) -> None:
    await desk.channel.say("/subscribe prices")
    desk.later(hours=2)  # a look that comes late, as after an update of the program
    desk.asks("GPT-5.1", "1.25/10", "1/8", at=OPENED + timedelta(hours=1))
    assert await desk.look() > 0  # kept, so that it is never told
    assert await desk.texts() == []
    desk.later(hours=1)
    desk.asks("GPT-5.2", "1.75/14", "0.875/7")
    assert await desk.look() == 1
    for _again in range(3):
        desk.later(hours=1)
        assert await desk.look() == 0
    assert await desk.texts() == [
        "GPT-5.2 costs 50% less: $0.875 in, $7 out per million tokens, from 10 Jan 2026"
    ]


async def begun(desk: Desk, line: str = "/subscribe prices") -> None:
    """A channel that subscribed, after the first look."""
    await desk.look()
    await desk.channel.say(line)
    desk.later(hours=1)


async def test_another_source_or_another_day_for_the_same_change_is_no_news(desk: Desk) -> None:
    await begun(desk)
    desk.asks("GPT-5.2", "1.75/14", "0.875/7")
    await desk.look()
    desk.later(days=3)
    desk.asks("GPT-5.2", "1.75/14", "0.875/7", source="OpenRouter")
    assert await desk.look() == 0
    # The first list is corrected: it was two days before, say its keepers.
    desk.rates = list(shipped_ledger().rates)
    desk.asks("GPT-5.2", "1.75/14", "0.875/7", at=OPENED - timedelta(days=1))
    assert await desk.look() == 0
    assert len(await desk.texts()) == 1


async def test_what_is_learnt_late_is_told_with_its_date_within_weeks(desk: Desk) -> None:
    await begun(desk)
    desk.later(days=60)
    now = desk.services.clock.now()
    desk.asks("GPT-5.2", "1.75/14", "0.875/7", at=now - timedelta(days=10))
    desk.asks("GPT-5.1", "1.25/10", "1/8", at=now - timedelta(days=46))
    await desk.look()
    assert await desk.texts() == [
        "GPT-5.2 costs 50% less: $0.875 in, $7 out per million tokens, from 1 Mar 2026"
    ]


async def test_what_began_before_a_channel_subscribed_is_not_told_there(desk: Desk) -> None:
    await desk.look()
    desk.later(hours=2)
    changed = desk.services.clock.now()
    desk.later(hours=2)
    await desk.channel.say("/subscribe prices")
    desk.asks("GPT-5.2", "1.75/14", "0.875/7", at=changed)
    assert await desk.look() == 1
    assert await desk.texts() == []


async def test_what_a_lab_did_on_a_day_is_one_message_with_a_table(desk: Desk) -> None:
    await begun(desk)
    desk.asks("GPT-5.1", "1.25/10", "0.625/5")
    desk.asks("GPT-5.2", "1.75/14", "0.875/7")
    desk.asks("Claude Opus 4.5", "5/25", "4/20", lab="anthropic")
    await desk.look()
    rows = await desk.channel.rows()
    assert [row.fallback for row in rows] == [
        "Claude Opus 4.5 costs 20% less: $4 in, $20 out per million tokens, from 10 Jan 2026",
        "GPT-5.1 and -5.2 cost less, from 10 Jan 2026",
    ]
    assert [one["model"] for one in rows[1].facts["events"]] == ["GPT-5.1", "GPT-5.2"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("/subscribe prices", True),  # 20%, a frontier lab
        ("/subscribe prices percent=21", False),
        ("/subscribe prices labs=Anthropic", False),
        ("/subscribe prices labs=Anthropic,OpenAI percent=20", True),
        ("/subscribe prices models=GPT-5.2", True),
        ("/subscribe prices models=gpt5.1", False),
        ("/subscribe prices labs=Anthropic models=gpt5.2", True),  # either will do
    ],
)
async def test_a_channel_is_told_what_it_asked_for(desk: Desk, line: str, told: bool) -> None:
    await begun(desk, line)
    desk.asks("GPT-5.2", "1.75/14", "1.40/11.2")
    await desk.look()
    assert bool(await desk.texts()) is told


async def test_two_subscriptions_of_a_channel_are_one_message(desk: Desk) -> None:
    await begun(desk, "/subscribe prices models=GPT-5.1")
    await desk.channel.say("/subscribe prices models=GPT-5.2 role=@desk")
    desk.later(minutes=1)
    desk.asks("GPT-5.1", "1.25/10", "0.625/5")
    desk.asks("GPT-5.2", "1.75/14", "0.875/7")
    await desk.look()
    (row,) = await desk.channel.rows()
    assert [one["model"] for one in row.facts["events"]] == ["GPT-5.1", "GPT-5.2"]
    assert row.facts["mention"] == "@desk"


async def test_sources_that_part_are_told_where_that_was_asked_for(desk: Desk) -> None:
    await begun(desk, "/subscribe prices parting=30")
    now = desk.services.clock.now()
    for source, price in (("models.dev", "2"), ("OpenRouter", "3")):
        desk.rates.append(
            Rate(("openai", "Zeta"), "openai", Decimal(price), Decimal(8), source, now,
                 Evidence.LISTED, now)
        )  # fmt: skip
    await desk.look()
    (text,) = await desk.texts()
    what = "Sources differ on what Zeta costs: $2 to $3 in, $8 out per million tokens"
    assert text == f"{what}, from 10 Jan 2026"


async def test_a_silenced_lab_is_told_afterwards(desk: Desk) -> None:
    await begun(desk)
    await desk.channel.say("/silence add OpenAI 1d")
    desk.asks("GPT-5.2", "1.75/14", "0.875/7")
    desk.asks("Claude Opus 4.5", "5/25", "4/20", lab="anthropic")
    await desk.look()
    assert [text[:15] for text in await desk.texts()] == ["Claude Opus 4.5"]
    await desk.channel.later(days=1, minutes=1)
    assert [text[:15] for text in await desk.texts()] == ["Claude Opus 4.5", "GPT-5.2 costs 5"]


async def test_a_failed_look_keeps_and_tells_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await begun(desk)
    desk.asks("GPT-5.2", "1.75/14", "0.875/7")

    async def broken(*_: Any, **__: Any) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(prices, "tell_news", broken)
        with pytest.raises(OSError, match="full"):
            await desk.look()
    assert await desk.look() == 1
    assert len(await desk.texts()) == 1


async def test_a_digest_tells_what_changed_since_the_last(desk: Desk) -> None:
    await begun(desk)
    start = desk.services.clock.now() - timedelta(minutes=30)
    async with desk.services.database.read() as connection:
        now = desk.services.clock.now()
        assert await digest_prices.price_facts(connection, desk.services, start, now) is None
    desk.asks("GPT-5.2", "1.75/14", "0.875/7")
    await desk.look()
    async with desk.services.database.read() as connection:
        found = await digest_prices.price_facts(connection, desk.services, start, now)
        assert await digest_prices.price_facts(connection, desk.services, now, now) is None
        kept = await price_events.found_between(connection, start, now)
    assert [one.model for one in kept] == ["GPT-5.2"]
    assert found is not None
    assert [one["model"] for one in found["moves"]] == ["GPT-5.2"]
    assert found["cheapest"]["model"] == "DeepSeek-V3.2"
