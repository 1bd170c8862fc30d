"""Silences, quiet hours, caps, repeats and one-offs, from the rule to the outbox."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.cycle.recheck import silenced
from bot.errors import UserError
from bot.model.receiver import Receiver
from bot.model.rule import Condition, Rule
from bot.services import Services
from storage import controls, outbox, receivers
from storage.schema import held_news
from storage.schema import outbox as outbox_table
from tests.asking import ask
from tests.cycle.channel import DROP, Channel


async def test_a_silence_holds_and_what_is_deeper_is_told_once_it_ends(services: Services) -> None:
    channel = Channel(services, [100, 88, 79])
    await channel.follow(DROP)
    assert "silenced until" in await channel.say("/silence add NVDA 3d")
    await channel.close(1)
    await channel.close(2)
    assert await channel.told() == []
    await channel.later(days=3)
    assert await channel.told() == [("post", "drawdown:NVDA")]


async def test_a_silence_ended_early_tells_at_once(services: Services) -> None:
    channel = Channel(services, [100, 88])
    await channel.follow(DROP)
    await channel.say("/silence add all 3d")
    await channel.close(1)
    number = (await ask("/silence list", channel.services, channel.receiver)).facts["silences"]
    await channel.say(f"/silence remove {number[0]['number']}")
    await channel.later(seconds=10)
    assert await channel.told() == [("post", "drawdown:NVDA")]


async def test_a_silence_set_after_the_claim_takes_the_message_back(services: Services) -> None:
    channel = Channel(services, [100, 88])
    await channel.follow(DROP)
    await channel.close(1)
    assert await channel.told() == [("post", "drawdown:NVDA")]
    await channel.say("/silence add NVDA 1d")
    now = channel.now

    async def claim(connection: Any) -> set[int]:
        batch = await outbox.claim(connection, now, "s", now + timedelta(minutes=1), {"console": 9})
        return await silenced(connection, batch, now)

    assert len(await channel.services.database.write(claim)) == 1
    assert await channel.told() == []
    await channel.later(days=1, minutes=1)
    assert await channel.told() == [("post", "drawdown:NVDA")]


async def test_quiet_hours_sum_up_afterwards(services: Services) -> None:
    channel = Channel(services, [100, 88], [100, 90])
    await channel.follow(DROP, Rule("AMD", "1y", (50_000,), 20_000))
    await channel.say("/channel quiet=15:00-23:00 timezone=New_York")
    await channel.close(1)
    assert await channel.told() == []
    await channel.later(hours=12)
    assert await channel.told() == [("post", "summary:")]
    async with channel.services.database.read() as connection:
        facts = (await connection.execute(select(outbox_table.c.facts))).scalar_one()
    assert [line["text"].split(" is ")[0] for line in facts["lines"]] == ["AMD", "NVDA"]
    assert facts["held_by"] == "quiet hours"


async def test_a_single_message_held_by_quiet_hours_comes_as_itself(services: Services) -> None:
    channel = Channel(services, [100, 88])
    await channel.follow(DROP)
    await channel.say("/channel quiet=15:00-23:00 timezone=America/New_York")
    await channel.close(1)
    await channel.later(hours=12)
    assert await channel.told() == [("post", "drawdown:NVDA")]


async def test_the_cap_holds_what_is_too_much_and_sums_it_up(services: Services) -> None:
    channel = Channel(services, [100, 88], [100, 90])
    rules = [Rule(s, "1y", (50_000,), 20_000) for s in ("NVDA", "AMD", "compute")]
    await channel.follow(*rules)
    await channel.say("/channel cap=1")
    await channel.close(1)
    assert len(await channel.told()) == 1
    await channel.later(minutes=59)
    assert len(await channel.told()) == 1
    await channel.later(minutes=2)
    assert [kind for _action, kind in await channel.told()][1:] == ["summary:"]


async def test_news_is_held_in_quiet_hours_too(services: Services) -> None:
    channel = Channel(services, [100, 99])
    await channel.follow(DROP)
    await channel.say("/channel quiet=00:00-23:59")
    from bot.cycle.flush import tell_news
    from storage.receivers import Subscription

    async def work(connection: Any) -> None:
        number = await receivers.add_subscription(
            connection, channel.receiver.id, channel.now, kind="releases"
        )
        found = Subscription(number, channel.receiver.id, "releases", None, False, {}, channel.now)
        facts = {"version": 1, "kind": "release", "lab": "deepseek", "lab_name": "DeepSeek",
                 "model": "R1", "released_on": "2025-01-20"}  # fmt: skip
        await tell_news(connection, channel.services, found, facts, channel.now)

    await channel.services.database.write(work)
    assert await channel.told() == []
    async with channel.services.database.read() as connection:
        assert (await connection.execute(select(held_news.c.held_by))).scalar_one() == "quiet hours"
    await channel.say("/channel quiet=off")
    await channel.later(days=1)
    assert await channel.told() == [("post", "release:")]


async def test_a_daily_move_is_told_on_each_day_it_happens(services: Services) -> None:
    channel = Channel(services, [100, 106, 99, 98.5, 105])
    await channel.follow(Rule("NVDA", "move", (50_000,), 50_000, Condition.MOVE))
    for number in range(1, 5):
        await channel.close(number)
    assert len(await channel.told()) == 3


async def test_a_price_is_told_once_until_it_is_well_back(services: Services) -> None:
    channel = Channel(services, [100, 96, 94, 96, 94, 98, 94])
    await channel.follow(Rule("NVDA", "below", (-95_000_000,), 1_900_000, Condition.BELOW))
    for number in range(1, 7):
        await channel.close(number)
    assert len(await channel.told()) == 2


async def test_once_is_told_once_and_gone(services: Services) -> None:
    channel = Channel(services, [100, 94, 88])
    await channel.follow(DROP, once=True)
    await channel.close(1)
    await channel.close(2)
    assert len(await channel.told()) == 1
    assert await channel.say("/alert list") == "This channel has no alerts"


async def test_an_alert_expires(services: Services) -> None:
    channel = Channel(services, [100, 99, 88])
    await channel.follow(DROP)
    await channel.say("/alert remove 1")
    await channel.say("/alert add NVDA drawdown 10 expires=12h")
    await channel.close(1)
    await channel.close(2)
    assert await channel.told() == []


async def test_it_is_said_again_while_it_lasts(services: Services) -> None:
    channel = Channel(services, [100, 88])
    await channel.follow(DROP, repeat_minutes=360, mention="@traders")
    await channel.close(1)
    await channel.later(hours=5)
    assert len(await channel.told()) == 1
    await channel.later(hours=2)
    assert await channel.told() == [("post", "drawdown:NVDA"), ("reply", "drawdown:NVDA")]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("/silence add NVDA until=yesterday", "write it as 2025-02-03"),
        ("/silence add NVDA until=2020-01-01", "ends in the future"),
        ("/silence add alert99", "has no alert 99"),
        ("/silence add 99", "has no alert 99"),
        ("/silence remove 5", "no silence 5"),
        ("/silence add NVDA forever", "write 30m, 6h"),
        ("/channel quiet=late", "write it as 22:00-07:00"),
        ("/channel timezone=Mars", "is not a time zone"),
        ("/alert add NVDA above", "needs a figure"),
        ("/alert add NVDA crowding", "is about a basket"),
        ("/alert add ai above 10", "is about one symbol"),
        ("/alert add NVDA drawdown 150", "between 0 and 100"),
        ("/alert add NVDA high 10", "takes no levels"),
    ],
)
async def test_a_mistake_gets_one_sentence(services: Services, line: str, says: str) -> None:
    channel = Channel(services, [100, 99])
    await channel.follow(DROP)
    with pytest.raises(UserError, match=says) as error:
        await channel.say(line)
    assert "\n" not in str(error.value)


async def test_explain_tells_of_every_step(services: Services) -> None:
    channel = Channel(services, [100, 88])
    await channel.follow(DROP)
    await channel.close(1)
    card = await ask("/alert explain NVDA", channel.services, channel.receiver)
    steps = {field.name: field.value for field in card.fields}
    assert "−5% and −10%: fired 4 Mar 2025, 21:05 UTC" in steps["Alert 1"]
    assert "−20%: ready" in steps["Alert 1"]
    assert "the first alert of a story" in steps["Decided"]
    assert "post, pending" in steps["Delivered"]
    unfollowed = await ask("/alert explain AMD", channel.services, channel.receiver)
    assert any("does not follow it" in field.value for field in unfollowed.fields)


async def test_silences_of_another_channel_change_nothing_here(services: Services) -> None:
    channel = Channel(services, [100, 88])
    await channel.follow(DROP)
    other = Receiver(0, "console", "elsewhere", "elsewhere")
    await ask("/silence add all 3d", channel.services, other)
    await channel.close(1)
    assert await channel.told() == [("post", "drawdown:NVDA")]
    async with channel.services.database.read() as connection:
        assert await controls.silences(connection, [channel.receiver.id], channel.now) == []
    assert datetime(2025, 3, 4, tzinfo=UTC) < channel.now


async def test_a_digest_comes_at_eight_in_taipei_and_once(services: Services) -> None:
    channel = Channel(services, [100, 88, 90], [100, 95, 96])
    await channel.follow(DROP)
    await channel.say("/channel timezone=Asia/Taipei")
    assert "every day at 08:00 in Asia/Taipei" in await channel.say("/subscribe digest")
    await channel.close(1)  # 05:00 in Taipei
    before = await channel.told()
    await channel.later(hours=2, minutes=50)
    assert await channel.told() == before
    await channel.later(minutes=6)  # 08:01
    assert (await channel.told())[-1] == ("post", "digest:ai")
    await channel.later(hours=1)
    assert len(await channel.told()) == len(before) + 1
    async with channel.services.database.read() as connection:
        facts = (
            await connection.execute(
                select(outbox_table.c.facts).order_by(outbox_table.c.id.desc()).limit(1)
            )
        ).scalar_one()
    assert facts["under_way"] == [{"title": "NVDA", "depth": -0.12, "since": "2025-03-04"}]
    assert {m["symbol"]: round(m["span_move"], 3) for m in facts["members"]} == {
        "NVDA": -0.12,
        "AMD": -0.05,
    }


async def test_a_digest_slept_through_is_told_late_or_left_out(services: Services) -> None:
    channel = Channel(services, [100, 99])
    await channel.follow(DROP)
    await channel.close(1)
    await channel.say("/subscribe digest day 08:00 ai")
    await channel.later(days=2)  # two were due; the newest is 13 hours late
    assert await channel.told() == []
    await channel.later(hours=20)
    assert await channel.told() == [("post", "digest:ai")]
