"""Price lists on a real server, through fetching and reading, to the ledger and /status."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bot.config import Settings
from bot.errors import SourceError
from bot.model.card import Card
from bot.model.rate import Evidence
from bot.priced import ledger_of
from bot.pricing import Pricing, pricing
from bot.services import Services, SetClock
from tests.asking import ask
from tests.conftest import START
from tests.delivering import until
from tests.living import live, with_history
from tests.servers.feeds import FeedServer, reset, serving

R1 = "deepseek/deepseek-r1"
NONE: Mapping[str, Any] = {}


@pytest.fixture
async def server() -> AsyncIterator[FeedServer]:
    async with serving() as found:
        yield found


class Shop:
    """The program's reading of two lists on that server, and what it was told."""

    def __init__(self, services: Services, server: FeedServer) -> None:
        self.services, self.server = services, server
        self.told: list[datetime] = []
        self.lists: Pricing | None = None

    @property
    def now(self) -> datetime:
        return self.services.clock.now()

    async def look(self, **later: float) -> None:
        assert isinstance(self.services.clock, SetClock)
        assert self.lists is not None
        self.services.clock.moment += timedelta(**later)
        await self.lists.look()

    async def tell(self, _services: Services, now: datetime) -> None:
        self.told.append(now)

    def models_dev(self, asked: float, models: int = 4, zetas: Mapping[str, Any] = NONE) -> None:
        others = {f"gpt-{n}": {"cost": {"input": 1, "output": 2}} for n in range(100, 100 + models)}
        data = {
            "openai": {"models": {"gpt-4o": {"cost": {"input": 2.5, "output": 10}}, **zetas}},
            "together": {"models": {R1: {"cost": {"input": asked, "output": asked * 4}}, **others}},
        }
        self.server.put("/api.json", json.dumps(data).encode())

    def openrouter(self, asked: str) -> None:
        rows = [{"id": R1, "pricing": {"prompt": asked, "completion": asked}}]
        self.server.put("/models", json.dumps({"data": rows}).encode())

    async def price(self, provider: str) -> tuple[Decimal | None, datetime | None] | None:
        """What a list has of R1's input at that provider, and since when."""
        ledger = await ledger_of(self.services.database)
        quote = ledger.quote(("deepseek", "DeepSeek-R1"), self.now, provider=provider)
        seen = [rate for rate in quote.rates if rate.evidence is Evidence.LISTED] if quote else []
        return (seen[0].input_mtok, seen[0].since) if seen else None

    async def status(self) -> Card:
        return await ask("/status", self.services)

    def asked(self, path: str) -> int:
        """How often that path was asked for."""
        return sum(one.path == path for one in self.server.asked)


@asynccontextmanager
async def shop(services: Services, server: FeedServer, **more: Any) -> AsyncIterator[Shop]:
    urls = {"models_dev_url": server.url("/api.json"), "openrouter_url": server.url("/models")}
    chosen = services.settings.prices.model_copy(update={**urls, **more})
    services = replace(services, settings=services.settings.model_copy(update={"prices": chosen}))
    made = Shop(services, server)
    made.models_dev(3)
    made.openrouter("0.0000005")
    async with pricing(services, made.tell) as lists:
        made.lists = lists
        await made.look()
        yield made


async def test_from_two_lists_to_the_ledger(seeded: Services, server: FeedServer) -> None:
    async with shop(seeded, server) as here:
        assert await here.price("together") == (Decimal(3), None)
        assert await here.price("openrouter") == (Decimal("0.5"), None)
        assert here.told == [here.now]


async def test_a_cut_begins_at_the_look_that_found_it_once_another_has_it_too(
    seeded: Services, server: FeedServer
) -> None:
    async with shop(seeded, server) as here:
        here.models_dev(2)
        await here.look(hours=1)
        assert await here.price("together") == (Decimal(3), None)  # it is not due yet
        await here.look(hours=5)
        cut = here.now
        assert await here.price("together") == (Decimal(3), None)
        await here.look(hours=6)
        assert here.told == [START, cut, here.now]
        assert await here.price("together") == (Decimal(2), cut)


async def test_a_list_that_goes_mad_is_told_of_by_status_and_believed_by_nobody(
    seeded: Services, server: FeedServer
) -> None:
    def cost(factor: float) -> None:
        models = {
            f"zeta-{n}": {"name": f"Zeta {n}", "cost": {"input": 2 * factor, "output": 8}}
            for n in range(8)
        }
        here.models_dev(3, zetas=models)

    async with shop(seeded, server) as here:
        cost(1)
        await here.look(hours=6)
        await here.look(hours=6)
        cost(0.5)
        await here.look(hours=6)
        fields = {one.name: one.value for one in (await here.status()).fields}
        assert fields["Model prices held"] == (
            "models.dev: 8 prices, the newest of 28 Jan 2025: read at one look only so far"
        )
        await here.look(hours=6)
        card = await here.status()
        fields = {one.name: one.value for one in card.fields}
        assert fields["Model prices held"] == (
            "models.dev: 8 prices, the newest of 28 Jan 2025: "
            "changed together with too many others to be believed at once"
        )
        assert card.facts["model_prices_held"] == {"models.dev": {"many": 8}}
        card = await ask("/alert explain zeta-3", here.services)
        assert card.title == "Zeta 3: 1 change of its price held back"
        (field,) = card.fields
        assert field.name == "Zeta 3: a price cut, held back"
        assert "Told to nobody: changed together with too many others" in field.value
        cost(1)
        await here.look(hours=6)
        assert "Model prices held" not in {one.name for one in (await here.status()).fields}


async def test_a_list_that_did_not_change_is_not_sent_again(
    seeded: Services, server: FeedServer
) -> None:
    async with shop(seeded, server) as here:
        await here.look(hours=6)
        assert "if-none-match" in server.asked[-1].headers
        card = await here.status()
        assert "28 Jan 2025" in next(f.value for f in card.fields if f.name == "Model prices")


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"<html>", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "not in the shape of models.dev"),
        (b"{}", "lists no price"),
        (
            b'{"a":{"models":{"b":{"cost":{"input":1,"output":1}}}}}',
            "lists 1 price and lacks most of the 6 it had",
        ),
    ],
)
async def test_a_list_that_fails_leaves_the_last_good_one(
    seeded: Services, server: FeedServer, body: bytes, why: str
) -> None:
    async with shop(seeded, server) as here:
        server.put("/api.json", body)
        await here.look(hours=6)
        assert await here.price("together") == (Decimal(3), None)
        card = await here.status()
        assert why in str(card.fields)
        assert card.facts["failing_sources"].keys() == {"models.dev"}
        # Its age is told: it was last read at the first look.
        assert card.facts["price_lists"]["models.dev"] == "2025-01-27T22:00:00+00:00"
        assert card.facts["price_lists"]["OpenRouter"] == "2025-01-28T04:00:00+00:00"
        here.models_dev(2)
        await here.look(hours=1)  # its pause is over, long before six hours
        read = here.now
        await here.look(hours=6)
        assert await here.price("together") == (Decimal(2), read)
        assert (await here.status()).facts["failing_sources"] == {}


async def test_a_list_that_stays_small_for_a_week_is_believed(
    seeded: Services, server: FeedServer
) -> None:
    async with shop(seeded, server) as here:
        data = {"together": {"models": {R1: {"cost": {"input": 2, "output": 8}}}}}
        server.put("/api.json", json.dumps(data).encode())
        for _day in range(7):
            await here.look(days=1)
            assert (await here.status()).facts["failing_sources"].keys() == {"models.dev"}
        for _day in range(2):
            await here.look(days=1)
            assert (await here.status()).facts["failing_sources"] == {}
        found = await here.price("together")
        assert found is not None
        assert found[0] == Decimal(2)


async def test_a_connection_that_breaks_hides_not_the_other_list(
    seeded: Services, server: FeedServer
) -> None:
    async with shop(seeded, server) as here:
        server.do("/api.json", reset)
        here.openrouter("0.0000004")
        await here.look(hours=6)
        read = here.now
        await here.look(hours=6)
        assert await here.price("together") == (Decimal(3), None)
        assert await here.price("openrouter") == (Decimal("0.4"), read)


async def test_a_program_that_starts_again_asks_only_what_is_due(
    seeded: Services, server: FeedServer
) -> None:
    async with shop(seeded, server) as here:
        async with pricing(here.services, here.tell) as again:
            await again.look()
        assert here.asked("/api.json") == 1


async def test_a_clock_that_was_ahead_stops_no_later_look(
    seeded: Services, server: FeedServer
) -> None:
    async with shop(seeded, server) as here:
        await here.look(days=900)
        here.models_dev(2)
        await here.look(days=-899)
        read = here.now
        await here.look(hours=6)
        assert await here.price("together") == (Decimal(2), read)


async def test_the_program_reads_them_as_it_runs(
    settings: Settings, server: FeedServer, tmp_path: Path, history_file: Path
) -> None:
    server.put("/models", b"{}")
    prices = settings.prices.model_copy(
        update={"models_dev_url": server.url("/none"), "openrouter_url": server.url("/models")}
    )
    with_history(tmp_path, history_file)
    async with live(settings.model_copy(update={"prices": prices})) as services:
        await until(lambda: {one.path for one in server.asked} == {"/none", "/models"})
        assert services.settings.prices.enabled


async def test_the_catalogue_is_fetched_only_where_that_is_asked(
    seeded: Services, server: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    refreshed = []
    monkeypatch.setattr("bot.priced.refreshed", lambda _now: refreshed.append(True))
    async with shop(seeded, server):
        assert refreshed == []
    async with shop(seeded, server, refresh_catalog=True) as here:
        assert refreshed == [True]
        await here.look(hours=1)
        assert refreshed == [True]
        await here.look(hours=5)
        assert refreshed == [True, True]


async def test_news_is_looked_for_while_no_list_can_be_read(
    seeded: Services, server: FeedServer
) -> None:
    async with shop(seeded, server) as here:
        begun = here.now
        server.do("/api.json", reset)
        server.do("/models", reset)
        for _hour in range(13):  # each is tried again long before six hours are over
            await here.look(hours=1)
        assert here.asked("/api.json") > 3
        assert here.told == [begun, begun + timedelta(hours=6), begun + timedelta(hours=12)]


async def test_a_catalogue_that_was_refreshed_is_looked_through_at_once(
    seeded: Services, server: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    fails = True

    def refreshed(_now: datetime) -> None:
        if fails:
            raise SourceError("its newest data could not be fetched (ConnectError)")

    monkeypatch.setattr("bot.priced.refreshed", refreshed)
    async with shop(seeded, server, refresh_catalog=True) as here:
        begun = here.now
        server.do("/api.json", reset)
        server.do("/models", reset)
        await here.look(hours=1)
        assert here.told == [begun]
        card = await here.status()
        assert "genai-prices" in str(card.fields)
        fails = False
        await here.look(hours=1)
        assert here.told == [begun, here.now]


async def test_a_look_for_news_that_failed_is_made_again(
    seeded: Services, server: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with shop(seeded, server) as here:
        whole, broken = here.tell, True

        async def tell(services: Services, now: datetime) -> None:
            if broken:
                raise OSError("the disk is full")
            await whole(services, now)

        async with pricing(here.services, tell) as lists:
            here.lists = lists
            with pytest.raises(OSError, match="full"):
                await here.look(hours=6)
            broken = False
            await here.look(minutes=10)
        assert here.told[1:] == [here.now]


async def test_a_program_that_starts_again_looks_for_what_began_while_it_was_off(
    seeded: Services, server: FeedServer
) -> None:
    async with shop(seeded, server) as here:
        async with pricing(here.services, here.tell) as again:
            here.lists = again
            await here.look(minutes=10)
            await here.look(minutes=10)
        assert len(here.told) == 2
        assert here.asked("/api.json") == 1


async def test_a_program_that_starts_again_fetches_the_catalogue_that_it_had_in_memory(
    seeded: Services, server: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched: list[datetime] = []
    fails = False

    def refreshed(now: datetime) -> None:
        fetched.append(now)
        if fails:
            raise SourceError("its newest data could not be fetched (ConnectError)")

    async def said() -> str:
        return {one.name: one.value for one in (await here.status()).fields}["genai-prices"]

    monkeypatch.setattr("bot.priced.refreshed", refreshed)
    async with shop(seeded, server, refresh_catalog=True) as here:
        fails = True
        async with pricing(here.services, here.tell) as again:
            here.lists = again
            await here.look(minutes=10)
            assert len(fetched) == 2
            assert await said() == (
                "failing since 27 Jan 2025, 22:10 UTC: its newest data could not be fetched "
                "(ConnectError); what came with the program is used; last good answer "
                "27 Jan 2025, 22:00 UTC"
            )
            fails = False
            await here.look(hours=1)
            fails = True
            await here.look(hours=6)
            assert "what came with the program" not in await said()
