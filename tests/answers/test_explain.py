"""/alert explain: what it says of figures, levels, controls, decisions and delivery."""

from datetime import date, timedelta
from typing import Any

from bot.cards.to_text import to_plain
from bot.model.card import Card
from bot.model.rule import Condition, Rule
from bot.model.trust import Held
from bot.services import Services
from storage import trust
from tests.asking import ask
from tests.cycle.channel import DROP, Channel
from tests.replaying import replayed


async def explained(channel: Channel, target: str = "NVDA") -> dict[str, str]:
    """The steps, by name."""
    card = await ask(f"/alert explain {target}", channel.services, channel.receiver)
    return _steps(card)


def _steps(card: Card) -> dict[str, str]:
    return {field.name: field.value for field in card.fields}


async def test_a_52_week_rule_shows_the_price_beside_the_high(seeded: Services) -> None:
    await ask("/alert add NVDA high", seeded)
    await ask("/alert add NVDA low", seeded)
    steps = _steps(await ask("/alert explain NVDA", seeded))
    assert "Last figure: 118.42, high of 52 weeks 149.43; judged on" in steps["Alert 1"]
    assert "Last figure: 118.42, low of 52 weeks " in steps["Alert 2"]
    assert "New high: ready" in steps["Alert 1"]


async def test_a_move_has_a_direction(services: Services) -> None:
    channel = Channel(services, [100, 97])
    await channel.follow(Rule("NVDA", "move", (50_000,), 50_000, Condition.MOVE))
    await channel.close(1)
    assert "Last figure: down 3.0%;" in (await explained(channel))["Alert 1"]


async def test_only_silences_that_cover_it_are_listed_in_the_words_of_the_list(
    services: Services,
) -> None:
    channel = Channel(services, [100, 99])
    await channel.follow(DROP, Rule("AMD", "1y", (50_000,), 20_000))
    for what in ("AMD", "deepseek", "2"):
        await channel.say(f"/silence add {what} 1d")
    steps = await explained(channel)
    assert steps["Silences"] == "none that covers it"
    for what in ("1", "ai", "all"):
        await channel.say(f"/silence add {what} 2d")
    lines = (await explained(channel))["Silences"].split("\n")
    assert [line.partition(" until ")[0] for line in lines] == ["Alert 1", "ai", "Everything here"]
    text = to_plain(await ask("/alert explain NVDA", channel.services, channel.receiver))
    assert "rule:" not in text
    assert "lab:" not in text


async def test_what_waits_says_until_when_and_why(services: Services) -> None:
    channel = Channel(services, [100, 88])
    await channel.follow(DROP)
    assert "Waits" not in await explained(channel)
    await channel.say("/channel quiet=15:00-23:00 timezone=America/New_York cap=7")
    await channel.close(1)
    steps = await explained(channel)
    assert steps["Waits"] == "until 4 Mar 2025, 23:00 America/New_York (quiet hours)"
    assert steps["Quiet hours"] == (
        "15:00–23:00 America/New_York; now, until 4 Mar 2025, 23:00 America/New_York"
    )
    assert steps["At most"] == "7 messages an hour"
    overview = await ask("/alert explain", channel.services, channel.receiver)
    assert "waits until 4 Mar 2025, 23:00 America/New_York (quiet hours)" in overview.text
    await channel.later(hours=12)
    assert "Waits" not in await explained(channel)


async def test_moments_are_in_the_channels_time_zone(services: Services) -> None:
    channel = Channel(services, [100, 88])
    await channel.follow(DROP)
    await channel.say("/channel timezone=Asia/Taipei")
    await channel.close(1)
    card = await ask("/alert explain NVDA", channel.services, channel.receiver)
    assert "fired 5 Mar 2025, 05:05 Asia/Taipei" in _steps(card)["Alert 1"]
    assert card.footer == "Asked at 5 Mar 2025, 05:05 Asia/Taipei"
    assert "UTC" not in to_plain(card)


async def test_a_level_reached_before_the_alert_is_not_said_to_have_been_told(
    services: Services,
) -> None:
    channel = Channel(services, [100, 88, 88])
    await channel.follow(Rule("AMD", "1y", (50_000,), 20_000))
    await channel.close(1)
    await channel.say("/alert add NVDA drawdown 5,10,20")
    steps = await explained(channel)
    assert "−5% and −10%: reached before this alert was added; not told" in steps["Alert 2"]
    assert "−20%: ready" in steps["Alert 2"]
    assert "fired" not in steps["Alert 2"]


async def test_a_level_that_fired_for_an_earlier_alert_is_not_said_to_have_been_told(
    services: Services,
) -> None:
    channel = Channel(services, [100, 88, 88])
    await channel.follow(Rule("NVDA", "1y", (100_000,), 20_000))
    await channel.close(1)
    await channel.say("/alert remove 1")
    channel.set(channel.now + timedelta(hours=1))
    await channel.say("/alert add NVDA drawdown 10")
    steps = await explained(channel)
    (alert,) = [text for name, text in steps.items() if name.startswith("Alert")]
    assert "−10%: reached 4 Mar 2025, 21:05 UTC, before this alert was added; not told" in alert


async def test_decisions_say_of_which_level_and_nothing_comes_twice(services: Services) -> None:
    channel = Channel(services, [100, 88, 79])
    await channel.follow(DROP, Rule("NVDA", "move", (50_000,), 50_000, Condition.MOVE))
    await channel.say("/alert add ai members=yes levels=5,10,20")
    await channel.close(1)
    steps = await explained(channel)
    # The same rule by way of the basket and of its own.
    assert "Alerts 1 and 3" in steps
    lines = steps["Decided"].split("\n")
    first = [line for line in lines if "the first alert of a story" in line]
    assert len(first) == 1
    assert first[0].startswith(
        "4 Mar 2025, 21:05 UTC: alerts 1 and 3, −10%; alert 2, ±5%: the first alert"
    ) or first[0].startswith(
        "4 Mar 2025, 21:05 UTC: alert 2, ±5%; alerts 1 and 3, −10%: the first alert"
    )
    assert all("alert" not in line for line in lines if "confirmed" in line or "through" in line)
    assert len(lines) == len(set(lines))


async def test_once_sent_it_says_when() -> None:
    async with replayed("2025-01-27", "2025-01-27") as (services, receiver, _messages):
        card = await ask("/alert explain", services, receiver)
    assert card.text.split("\n")[0].endswith("; last told 27 Jan 2025, 21:05 UTC")
    assert "post, sent" in _steps(card)["Delivered"]


async def test_closes_towards_re_arming_are_counted_in_the_right_number(services: Services) -> None:
    channel = Channel(services, [100, 94, 97])
    await channel.follow(Rule("NVDA", "1y", (50_000,), 20_000))
    await channel.close(1)
    await channel.close(2)
    assert "; 1 of 5 closes needed to re-arm" in (await explained(channel))["Alert 1"]


async def test_a_held_price_that_is_none_is_not_zero(services: Services) -> None:
    channel = Channel(services, [100, 99])
    await channel.follow(DROP)
    now = channel.now

    async def hold(connection: Any) -> None:
        held = Held("NVDA", date(2025, 3, 4), 0, False, "NO_PRICE", now, now)
        await trust.put_held(connection, [held])

    await channel.services.database.write(hold)
    prices = (await explained(channel))["Prices"]
    assert prices == "NVDA: no price since 3 Mar 2025, 22:00 UTC"


async def test_without_a_target_there_is_a_line_on_each(services: Services) -> None:
    channel = Channel(services, [100, 88], [100, 99])
    await channel.follow(
        DROP, Rule("AMD", "1y", (50_000,), 20_000), Rule("compute", "1y", (900_000,), 20_000)
    )
    await channel.close(1)
    card = await ask("/alert explain", channel.services, channel.receiver)
    assert card.title == "What this channel follows: 3 targets"
    lines = card.text.split("\n")
    assert lines[0] == (
        "NVDA: −12.0%; under way since 4 Mar 2025, 21:05 UTC; "
        "the message of 4 Mar 2025, 21:05 UTC is on its way"
    )
    assert lines[1] == "AMD: −1.0%; nothing under way; never told here"
    assert lines[2].startswith("AI compute stocks: −")
    assert lines[3] == "NVDA, step by step:"
    assert "the first alert of a story" in _steps(card)["Decided"]
    assert [one["target"] for one in card.facts["followed"]] == ["NVDA", "AMD", "compute"]


async def test_a_member_is_told_in_its_baskets_table_and_each_basket_is_named_once(
    services: Services,
) -> None:
    channel = Channel(services, [100, 99])
    await channel.follow(Rule("ai", "1y", (50_000,), 20_000), Rule("ai", "6m", (50_000,), 20_000))
    steps = await explained(channel)
    assert steps["Rule"] == "None of its own: it is told in the table of AI stocks."
