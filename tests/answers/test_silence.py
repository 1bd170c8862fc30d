"""/silence: what can be named, until when, and who asked."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.answers.silence import add, list_silences
from bot.errors import UserError
from bot.services import Request, Services, SetClock
from tests.asking import CONSOLE, ask


def request(services: Services, what: str, **options: Any) -> Request:
    """`/silence add` as a surface hands it over."""
    given: dict[str, Any] = {"what": what, "for": None, "until": None, **options}
    return Request(given, services, CONSOLE, services.clock.now(), asker="dana")


@pytest.fixture
async def channel(seeded: Services) -> Services:
    """A channel with two alerts, in Berlin."""
    await ask("/alert add NVDA", seeded)
    await ask("/alert add AMD", seeded)
    await ask("/channel timezone=Europe/Berlin", seeded)
    return seeded


@pytest.mark.parametrize("what", ["2", "alert 2", "alert2", "Alert 2", "rule 2", "rule:2", "#2"])
async def test_an_alert_by_its_number(channel: Services, what: str) -> None:
    card = await add(request(channel, what))
    assert card.facts["target"] == "rule:2"
    assert card.title.startswith("Alert 2 is silenced until")


async def test_a_lab_and_a_symbol_of_one_name_are_both_silenced(channel: Services) -> None:
    card = await add(request(channel, "meta"))
    assert card.facts["targets"] == ["META", "lab:meta"]
    assert card.title.startswith("META and models of Meta are silenced until")
    assert "/silence remove 1 and /silence remove 2" in card.text
    stock = await add(request(channel, "target:META", **{"for": timedelta(days=2)}))
    assert stock.facts["targets"] == ["META"]
    only = await add(request(channel, "DeepSeek"))
    assert only.facts["targets"] == ["lab:deepseek"]
    assert only.title.startswith("Models of DeepSeek are silenced until")


async def test_a_time_is_read_and_said_in_the_channels_zone(channel: Services) -> None:
    card = await add(request(channel, "NVDA", until="2025-02-03 08:00"))
    assert card.title == "NVDA is silenced until 3 Feb 2025, 08:00 (Europe/Berlin)"
    assert card.facts["until"] == "2025-02-03T07:00:00+00:00"


async def test_who_asked_is_kept(channel: Services) -> None:
    await add(request(channel, "NVDA", **{"for": timedelta(hours=1)}))
    listed = await list_silences(replace(request(channel, ""), options={}))
    assert listed.facts["silences"][0]["by"] == "dana"
    assert listed.table is not None
    assert listed.table.rows == (("1", "NVDA", "28 Jan 2025, 00:00 (Europe/Berlin)", "dana"),)


async def test_what_is_silenced_for_as_long_already_is_not_silenced_twice(
    seeded: Services,
) -> None:
    await ask("/silence add NVDA 1d", seeded)
    with pytest.raises(UserError, match=r"NVDA is silenced until .* already, asked by somebody at"):
        await ask("/silence add NVDA 1h", seeded)
    # Somebody who presses the same button a moment later asks for the same.
    later = replace(seeded, clock=SetClock(seeded.clock.now() + timedelta(seconds=30)))
    with pytest.raises(UserError, match="already"):
        await ask("/silence add NVDA 1d", later)
    await ask("/silence add NVDA 2d", seeded)
    await ask("/silence add AMD 1h", seeded)
    assert len((await ask("/silence list", seeded)).facts["silences"]) == 3


async def test_a_lab_can_be_named_by_its_key(seeded: Services) -> None:
    card = await ask("/silence add lab:deepseek 1d", seeded)
    assert card.facts["targets"] == ["lab:deepseek"]
