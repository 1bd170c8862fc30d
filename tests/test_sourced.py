"""Which sources count: those that the settings use, and none that they used once."""

from dataclasses import replace
from typing import Any

import pytest

from bot.config import load
from bot.market.shipped import ShippedHistory
from bot.model.trust import Health
from bot.services import Services
from bot.sourced import in_use
from storage import trust
from tests.asking import ask
from tests.conftest import START

LISTS = {"models.dev", "OpenRouter"}
EVERY = ("backup", "models.dev", "Yahoo", "Yahoo quotes", "Yahoo stream", "shipped history")


def settled(services: Services, **environ: str) -> Services:
    given = {f"AFTERSHOCK_{name}": value for name, value in environ.items()}
    return replace(services, settings=load(None, given), history=ShippedHistory(), quotes=None)


@pytest.mark.parametrize(
    ("environ", "used"),
    [
        ({"MARKET__SOURCE": "shipped"}, {"shipped history", "backup"} | LISTS),
        ({"MARKET__SOURCE": "shipped", "PRICES__ENABLED": "no"}, {"shipped history", "backup"}),
        ({"MARKET__SOURCE": "shipped", "PRICES__REFRESH_CATALOG": "yes", "STORAGE__BACKUPS": "0"},
         {"shipped history", "genai-prices"} | LISTS),
    ],
)  # fmt: skip
def test_sources_are_those_of_the_settings(
    services: Services, environ: dict[str, str], used: set[str]
) -> None:
    assert in_use(settled(services, **environ)) == used


class _Quotes:
    name = "Yahoo"


@pytest.mark.parametrize("stream", [True, False])
def test_yahoo_is_several_sources(services: Services, stream: bool) -> None:
    found = settled(services, MARKET__SOURCE="yahoo", YAHOO__STREAM=str(stream))
    quotes: Any = _Quotes()
    used = in_use(replace(found, history=quotes, quotes=quotes))
    assert used - LISTS - {"backup"} == {
        "Yahoo", "Yahoo quotes", "Yahoo estimates", *(["Yahoo stream"] if stream else []),
    }  # fmt: skip


async def test_what_failed_under_other_settings_is_not_told_of(services: Services) -> None:
    found = settled(services, MARKET__SOURCE="shipped", PRICES__ENABLED="no", STORAGE__BACKUPS="0")

    async def work(connection: Any) -> None:
        for name in EVERY:
            await trust.put_source(connection, Health(name, START, 9, START, None, "gone"))

    await services.database.write(work)
    card = await ask("/status", found)
    assert card.facts["failing_sources"] == {"shipped history": "gone"}
    assert "Backups" not in [field.name for field in card.fields]
