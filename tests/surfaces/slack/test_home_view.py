"""The tab's blocks within Slack's limits, whatever there is to show."""

from datetime import UTC, date, datetime

import pytest

from bot.cards.slack_limits import view_faults
from bot.surfaces.slack.home_health import health_of
from bot.surfaces.slack.home_view import (
    MOST_CHANNELS,
    MOST_FALLS,
    MOST_LINES,
    MOST_TARGETS,
    ChannelGets,
    Fall,
    Following,
    Health,
    Home,
    Standing,
    home_view,
)
from tests.surfaces.slack.home_scene import text_of_blocks

AT = datetime(2025, 1, 27, 22, tzinfo=UTC)
DAY = date(2025, 1, 27)
LONG = "*&<!here> _Very_ long stocks, " * 30


def full(label: str) -> Home:
    """As much as the tab may show, and more."""
    standing = Standing(label, DAY, -0.2075, -0.17, 118.42, "USD", DAY, adjusted=True)
    falls = [Fall(standing, 0.1, DAY, (label,) * 30, (label,))] * MOST_FALLS
    gets = tuple(ChannelGets(label, (label,) * 50, label) for _number in range(40))
    return Home(
        AT,
        Following([standing] * MOST_TARGETS, 7, label),
        Following(falls, 1, label),
        gets,
        Health(label, (label,) * 30, label),
    )


@pytest.mark.parametrize("label", ["NVDA", LONG, "&" * 3000, "😀" * 3000])
def test_slack_takes_it_however_much_there_is(label: str) -> None:
    assert view_faults(home_view(full(label), "m" * 200)) == []


def test_what_does_not_fit_is_counted() -> None:
    seen = text_of_blocks(home_view(full("NVDA"))["blocks"])
    assert "7 symbols and baskets more; type /aftershock drawdown and a name" in seen
    assert "1 drawdown more; type /aftershock alert explain to see the rest." in seen
    assert f"{40 - MOST_CHANNELS} channels more; type /aftershock channel there" in seen
    assert f"… and {50 - MOST_LINES} more; type /aftershock channel there" in seen
    assert f"{30 - MOST_LINES} lines more; type /aftershock status" in seen


def test_what_others_wrote_does_nothing() -> None:
    blocks = str(home_view(full("<!channel> <@U1> *bold*"))["blocks"])
    assert "<!channel>" not in blocks
    assert "<@U1>" not in blocks


def test_what_cannot_be_read_says_so_part_by_part() -> None:
    seen = text_of_blocks(home_view(Home(AT, None, None, None, None))["blocks"])
    assert seen.count("This could not be read just now. Press Refresh in a minute.") == 4


def test_figures_that_are_not_known_are_not_zero() -> None:
    rows = [Standing("TSM"), Standing("NVDA", DAY, 0.0, None, 150.0, "USD", DAY)]
    home = Home(AT, Following(rows), Following(), (), None)
    seen = text_of_blocks(home_view(home)["blocks"])
    assert "no price yet · TSM" in seen
    assert "at its peak · NVDA · last $150.00 · peak of 27 Jan 2025" in seen


def test_health_speaks_of_what_the_workspace_follows_only() -> None:
    facts = {
        "stopped_surfaces": {},
        "failing_sources": {"Yahoo": "no answer"},
        "held": {"NVDA": "stale", "TSM": "unit"},
        "old_prices": {"NVDA": "2025-01-20", "TSM": "2025-01-20"},
        "no_price_yet": ["AMD", "TSM"],
        "prices_to": "2025-01-26",
        "price_age_days": 1,
        "asked_at": AT.isoformat(),
    }
    health = health_of(facts, {"NVDA", "AMD"})
    assert health.sentence == "It works, with something to know:"
    text = "\n".join(health.lines)
    assert "TSM" not in text
    assert "Prices to 26 Jan 2025, 1 day old." in text
    assert "Yahoo fails: no answer" in text
    assert "NVDA is held back: the price is old for an open market" in text
    assert "Old prices: NVDA to 20 Jan 2025" in text
    assert "No price yet: AMD" in text
