"""What was held back is told afterwards: all of it, with its day, and what became of it."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.cards.notices import card_of
from bot.model.rule import Condition, Rule
from bot.services import Services
from storage.schema import decision, held_news
from tests.asking import ask
from tests.cycle.channel import DROP, Channel

MOVE = Rule("NVDA", "move", (50_000,), 50_000, Condition.MOVE)
TEN = Rule("NVDA", "1y", (100_000,), 20_000)
AMD_TEN = Rule("AMD", "1y", (100_000,), 20_000)
QUIET = "/channel quiet=15:00-23:00 timezone=America/New_York"


async def reasons(channel: Channel) -> list[str]:
    """Every decision on what was told."""
    async with channel.services.database.read() as connection:
        rows = select(decision.c.reason).where(decision.c.step == "told").order_by(decision.c.id)
        return list((await connection.execute(rows)).scalars())


async def test_a_move_held_over_the_next_close_is_told_of_its_own_day(services: Services) -> None:
    channel = Channel(services, [100, 88, 87.9, 88])
    await channel.follow(MOVE)
    await channel.say("/silence add NVDA 30h")
    await channel.close(1)
    await channel.close(2)
    await channel.later(hours=20)
    await channel.close(3)
    (row,) = await channel.rows()
    card = card_of(row.facts)
    assert card.title == "NVDA was down 12.0% on 4 Mar 2025 (alert at 5% or more)"
    assert card.text.startswith("Tue 4 Mar 2025, at the close · −12.0% on the day")


async def test_every_day_of_moves_in_long_quiet_hours_is_told(services: Services) -> None:
    channel = Channel(services, [100, 88, 88.1, 80, 80.1])
    await channel.follow(MOVE)
    await channel.say("/channel quiet=15:00-14:00 timezone=America/New_York")
    channel.set(channel.now)
    await channel.say("/silence add all 4d")
    for number in (1, 2, 3, 4):
        await channel.close(number)
    channel.set(channel.now.replace(hour=18, minute=30) + timedelta(days=3))  # 14:30 in New York
    await channel.later(seconds=1)
    (row,) = await channel.rows()
    assert card_of(row.facts).title == "NVDA was down 12.0% on 4 Mar 2025 (alert at 5% or more)"
    assert row.facts["also"] == ["NVDA was down 9.2% on 6 Mar 2025 (alert at 5% or more)"]


async def test_a_move_that_was_told_is_over_with_its_session(services: Services) -> None:
    channel = Channel(services, [100, 88, 87.9])
    await channel.follow(MOVE)
    await channel.close(1)
    await channel.close(2)
    assert (await reasons(channel))[-1] == "a new session: the move of the one before is over"


async def test_a_fall_held_back_is_told_as_what_it_was(services: Services) -> None:
    channel = Channel(services, [100, 88, 91.5])
    await channel.follow(TEN)
    await channel.say("/silence add NVDA 30h")
    await channel.close(1)
    await channel.close(2)
    await channel.later(hours=12)
    (row,) = await channel.rows()
    assert row.fallback == "NVDA is 8.5% below the peak (reached −10% on 2025-03-04)"
    card = card_of(row.facts)
    assert card.title == "NVDA is 8.5% below its peak"
    assert card.badge == "reached −10% on 4 Mar 2025"


async def test_a_fall_told_late_but_still_so_names_its_day(services: Services) -> None:
    channel = Channel(services, [100, 88, 88.5])
    await channel.follow(TEN)
    await channel.say("/silence add NVDA 30h")
    await channel.close(1)
    await channel.close(2)
    await channel.later(hours=12)
    (row,) = await channel.rows()
    assert card_of(row.facts).badge == "crossed −10% on 4 Mar 2025"


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        (
            Rule("NVDA", "below", (-95_000_000,), 1_900_000, Condition.BELOW),
            "NVDA was below 95.00 on 4 Mar 2025; is at 96.00 now",
        ),
        (
            Rule("NVDA", "below", (-97_000_000,), 1_900_000, Condition.BELOW),
            "NVDA is at 96.00, below 97.00",
        ),
    ],
)
async def test_a_price_held_back_is_told_as_what_it_was(
    services: Services, rule: Rule, says: str
) -> None:
    channel = Channel(services, [100, 94, 96])
    await channel.follow(rule)
    await channel.say("/silence add NVDA 30h")
    await channel.close(1)
    await channel.close(2)
    await channel.later(hours=12)
    assert await channel.texts() == [says]


async def summed(services: Services, *later: float) -> Channel:
    """Two falls told in one summary, then quiet hours off and more closes."""
    closes = [100.0, 88, *later]
    channel = Channel(services, closes, closes)
    await channel.follow(Rule("NVDA", "1y", (100_000, 200_000), 20_000), AMD_TEN)
    await channel.say(QUIET)
    await channel.close(1)
    await channel.later(hours=10)
    assert await channel.told() == [("post", "summary:")]
    await channel.say("/channel quiet=off")
    return channel


async def test_what_a_summary_told_gets_its_recovery_as_a_reply(services: Services) -> None:
    channel = await summed(services, 101)
    await channel.close(2)
    rows = await channel.rows()
    assert [(r.action, r.facts["kind"], r.root_id) for r in rows[1:]] == [
        ("reply", "recovery", rows[0].id),
        ("reply", "recovery", rows[0].id),
    ]
    card = card_of(rows[1].facts)
    assert (card.title, card.badge) == ("AMD has recovered", "from −10%")
    assert "first told on 4 Mar 2025" in card.text
    assert (await reasons(channel))[-1] == "recovered: the first message says so"


async def test_what_is_deeper_than_a_summary_told_answers_it(services: Services) -> None:
    channel = await summed(services, 78)
    await channel.close(2)
    rows = await channel.rows()
    assert [(r.action, r.facts["target"], r.root_id) for r in rows[1:]] == [
        ("reply", "NVDA", rows[0].id)
    ]


async def test_a_recovery_reply_is_held_in_quiet_hours_too(services: Services) -> None:
    channel = await summed(services, 101)
    await channel.say(QUIET)
    await channel.close(2)
    assert len(await channel.rows()) == 1
    await channel.say("/channel quiet=off")
    await channel.later(seconds=1)
    assert len(await channel.rows()) == 2  # one more summary, of both


async def test_a_recovery_is_told_though_another_rule_fired_first(services: Services) -> None:
    channel = Channel(services, [100, 92, 86, 101])
    await channel.follow(Rule("NVDA", "below", (-95_000_000,), 1_900_000, Condition.BELOW), TEN)
    await channel.say("/silence add NVDA 60h")
    await channel.close(1)
    await channel.close(2)
    await channel.later(hours=20)
    (first,) = await channel.rows()
    assert first.facts["kind"] == "drawdown"
    assert first.facts["also"] == ["NVDA is at 86.00, below 95.00"]
    await channel.close(3)
    assert [(r.action, r.facts["kind"]) for r in await channel.rows()][1:] == [("edit", "recovery")]


async def test_a_summary_dates_a_level_by_its_own_crossing(services: Services) -> None:
    channel = Channel(services, [100, 88, 88, 88, 78], [100, 100, 100, 100, 88])
    await channel.follow(DROP, AMD_TEN)
    await channel.close(1)
    await channel.say(QUIET)
    for number in (2, 3, 4):
        await channel.close(number)
    await channel.later(hours=10)
    assert card_of((await channel.rows())[-1].facts).text.splitlines() == [
        "7 Mar 2025, 21:05 UTC: NVDA is 22.0% below the peak (crossed −20%)",
        "7 Mar 2025, 21:05 UTC: AMD is 12.0% below the peak (crossed −10%)",
    ]


async def test_a_silence_of_everything_ends_in_one_summary(services: Services) -> None:
    channel = Channel(services, [100, 85, 84], [100, 85, 84])
    await channel.follow(DROP, AMD_TEN)
    await channel.say("/silence add all 3d")
    await channel.close(1)
    await channel.close(2)
    await channel.later(days=3)
    assert await channel.told() == [("post", "summary:")]
    assert card_of((await channel.rows())[0].facts).title == "2 messages held back during a silence"


async def test_only_the_newest_digest_is_told_after_a_silence(services: Services) -> None:
    channel = Channel(services, [100, *[99] * 5])
    await channel.follow(DROP)
    await channel.say("/subscribe digest day 08:00 ai")
    await channel.say("/silence add all 4d")
    for number in (1, 2, 3, 4):
        await channel.close(number)
        await channel.later(hours=12)
    channel.set(channel.now)
    await channel.later(seconds=1)
    days = [r.facts["day"] for r in await channel.rows()]
    assert days == sorted(set(days))
    assert len(days) == 1


@pytest.mark.parametrize("change", ["quiet=off", "timezone=Asia/Taipei", "quiet=01:00-02:00"])
async def test_a_channel_that_wants_to_hear_again_hears_at_once(
    services: Services, change: str
) -> None:
    channel = Channel(services, [100, 88])
    await channel.follow(DROP)
    await channel.say("/channel quiet=15:00-23:00 timezone=America/New_York")
    await channel.close(1)
    card = await ask("/channel", channel.services, channel.receiver)
    assert {f.name: f.value for f in card.fields}["Waiting"].startswith("1 message")
    await channel.say(f"/channel {change}")
    await channel.later(seconds=1)
    assert len(await channel.rows()) == 1


async def test_a_higher_cap_lets_out_what_a_lower_one_held(services: Services) -> None:
    channel = Channel(services, [100, 88], [100, 88])
    await channel.follow(TEN, AMD_TEN)
    await channel.say("/channel cap=1")
    await channel.close(1)
    assert len(await channel.rows()) == 1
    await channel.say("/channel cap=5")
    await channel.later(seconds=1)
    assert len(await channel.rows()) == 2


async def test_the_cap_counts_messages_not_rules(services: Services) -> None:
    channel = Channel(services, [100, 88])
    await channel.follow(TEN, MOVE)
    await channel.say("/channel cap=1")
    await channel.close(1)
    (row,) = await channel.rows()
    assert row.facts["also"] == ["NVDA is down 12.0% on the day (alert at 5% or more)"]


async def test_a_digest_removed_while_it_is_held_is_not_told(services: Services) -> None:
    channel = Channel(services, [100, 99, 99])
    await channel.follow(DROP)
    await channel.say("/channel quiet=00:00-10:00")
    await channel.say("/subscribe digest day 08:00 ai")
    await channel.close(1)
    await channel.later(hours=12)
    await channel.say("/subscribe remove 2")
    await channel.later(hours=12)
    assert await channel.rows() == []


async def test_news_says_what_holds_it_now(services: Services) -> None:
    channel = Channel(services, [100, 99, 99])
    await channel.follow(DROP)
    await channel.say("/subscribe digest day 08:00 ai")
    await channel.say("/channel quiet=00:00-10:00")
    await channel.close(1)
    await channel.later(hours=12)

    async def held() -> Any:
        async with channel.services.database.read() as connection:
            return (await connection.execute(select(held_news.c.held_by))).scalar_one()

    assert await held() == "quiet hours"
    await channel.say("/silence add all 1d")
    await channel.later(hours=2)
    assert await held() == "silence"
