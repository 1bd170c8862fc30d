"""A live session for the tests of the cycle."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.cycle.seed import seed_shipped
from bot.market.calendar import exchange_of, session_close
from bot.market.yahoo import YahooMarket
from bot.model.rule import Rule
from bot.services import Services
from tests.cycle.session import OPEN, Session, flat
from tests.servers.yahoo import YahooServer, running


@pytest.fixture
async def session(services: Services, tmp_path: Path) -> AsyncIterator[Session]:
    listed = {"NVDA": flat(100), "AMD": flat(50), "^GSPC": flat(6000), "^VIX": flat(15)}
    async with running(YahooServer(listed)) as server:
        yahoo = YahooMarket(
            tmp_path / "yahoo",
            lambda symbol, day: session_close(exchange_of(symbol), day),
            server.base_url,
            timeout_seconds=2,
        )
        live = replace(services, history=yahoo, quotes=yahoo)
        found = Session(live, server, yahoo)
        found.at(OPEN)
        await seed_shipped(live, OPEN)
        await found.follow(Rule("NVDA", "1y", (50_000, 100_000), 20_000))
        await found.poll()
        yield found
