"""Marks under what was told: silences on both sides of a room, and levels told in a thread."""

from typing import Any

import pytest

from bot.cycle.facts import release_facts
from bot.cycle.recheck import silenced
from bot.errors import UserError
from bot.services import Services
from storage import outbox
from tests.answers.linked import DISCORD, SLACK, STRANGER, Rooms
from tests.cycle.channel import Channel
from tests.cycle.pair import marks, press, rows, sent, told


async def opened(services: Services, closes: list[float], *more: str) -> tuple[Channel, Rooms]:
    """A room that follows NVDA, and a stranger who does too; the first fall is told and sent."""
    market = Channel(services, closes)
    await market.follow()
    rooms = Rooms(market.services)
    for where in (DISCORD, STRANGER):
        await rooms.say(where, "/alert add NVDA levels=10,20")
    for line in more:
        await rooms.say(DISCORD, line)
    await rooms.link()
    await market.close(1)
    await sent(rooms.services)
    return market, rooms


async def test_a_deeper_level_is_said_under_the_first_message_where_replies_are_out_of_sight(
    services: Services,
) -> None:
    market, rooms = await opened(services, [100, 88, 79])
    await market.close(2)
    assert await told(rooms, DISCORD) == [("post", "drawdown"), ("reply", "drawdown")]
    assert await told(rooms, SLACK) == [
        ("post", "drawdown"), ("reply", "drawdown"), ("edit", "drawdown"),
    ]  # fmt: skip
    post, reply, edit = await rows(rooms, SLACK)
    assert await marks(rooms, SLACK) == ["Went on to −20%, told on 5 Mar 2025, 21:05 UTC"]
    assert (edit.root_id, edit.facts["level"]) == (post.id, 0.1)
    assert "marks" not in reply.facts


async def test_a_press_silences_both_sides_and_marks_both_messages(services: Services) -> None:
    market, rooms = await opened(services, [100, 88, 79])
    assert "silenced until" in await press(rooms, DISCORD, 0, days=3)
    assert await marks(rooms, DISCORD) == ["Snoozed by Ann until Fri 7 Mar 2025, 21:05 UTC"]
    assert await marks(rooms, SLACK) == [
        "Snoozed by Ann on Discord until Fri 7 Mar 2025, 21:05 UTC"
    ]
    assert await told(rooms, STRANGER) == [("post", "drawdown")]
    await sent(rooms.services)
    await market.close(2)
    for where in (DISCORD, SLACK):
        assert ("reply", "drawdown") not in await told(rooms, where)
    assert await told(rooms, STRANGER) == [("post", "drawdown"), ("reply", "drawdown")]

    # Ended on the other side: both marks go, and what was held is told on both.
    (silence,) = await rooms.silences(SLACK)
    await rooms.say(SLACK, f"/silence remove {silence.id}")
    assert [await marks(rooms, where) for where in (DISCORD, SLACK)] == [[], []]
    await market.later(seconds=10)
    for where in (DISCORD, SLACK):
        assert ("reply", "drawdown") in await told(rooms, where)


async def test_a_typed_silence_marks_whatever_open_story_it_holds_for(services: Services) -> None:
    _market, rooms = await opened(services, [100, 88], "/alert add AMD")
    await rooms.say(SLACK, "/silence add AMD 1h")
    assert [await marks(rooms, where) for where in (DISCORD, SLACK)] == [[], []]
    await rooms.say(SLACK, "/silence add NVDA 1h", "Bob")
    assert await marks(rooms, SLACK) == ["Silenced by Bob until Tue 4 Mar 2025, 22:05 UTC"]
    assert await marks(rooms, DISCORD) == [
        "Silenced by Bob on Slack until Tue 4 Mar 2025, 22:05 UTC"
    ]
    number = (await rooms.subscriptions(DISCORD))[0].id
    await rooms.say(DISCORD, f"/silence add {number} 2h", "Ann")
    assert await marks(rooms, SLACK) == [
        "Silenced by Ann on Discord until Tue 4 Mar 2025, 23:05 UTC"
    ]
    # The longer one, of the alert, is ended; that of the stock holds, and is said again.
    longer = next(s for s in await rooms.silences(SLACK) if s.target.startswith("rule:"))
    await rooms.say(SLACK, f"/silence remove {longer.id}")
    assert await marks(rooms, DISCORD) == [
        "Silenced by Bob on Slack until Tue 4 Mar 2025, 22:05 UTC"
    ]


@pytest.mark.parametrize("what", ["all", "compute"])
async def test_a_silence_of_all_or_of_its_basket_is_said_under_a_story(
    services: Services, what: str
) -> None:
    _market, rooms = await opened(services, [100, 88])
    await rooms.say(SLACK, f"/silence add {what} 5h", "Bob")
    for where, by in ((DISCORD, "Bob on Slack"), (SLACK, "Bob")):
        assert await marks(rooms, where) == [f"Silenced by {by} until Wed 5 Mar 2025, 02:05 UTC"]
    # A shorter one changes nothing of what holds.
    await rooms.say(DISCORD, "/silence add NVDA 1h", "Eve")
    assert "Bob" in (await marks(rooms, SLACK))[0]
    longer = (await rooms.silences(DISCORD))[-1]
    await rooms.say(DISCORD, f"/silence remove {longer.id}")
    assert await marks(rooms, SLACK) == [
        "Silenced by Eve on Discord until Tue 4 Mar 2025, 22:05 UTC"
    ]


async def test_of_two_alerts_silenced_together_one_is_ended(services: Services) -> None:
    """They end at one moment; only the message of the one that was ended says nothing more."""
    _market, rooms = await opened(services, [100, 88], "/alert add AMD")
    nvda, amd = (s.id for s in await rooms.subscriptions(DISCORD))
    for number in (nvda, amd):
        await rooms.say(DISCORD, f"/silence add {number} until=2025-03-06")
    (_nvda, of_amd) = await rooms.silences(SLACK)
    await rooms.say(SLACK, f"/silence remove {of_amd.id}")
    for where in (DISCORD, SLACK):
        assert len(await marks(rooms, where)) == 1


async def test_a_silence_that_comes_with_the_link_is_said_under_what_was_told(
    services: Services,
) -> None:
    market = Channel(services, [100, 88])
    await market.follow()
    rooms = Rooms(market.services)
    for where in (DISCORD, SLACK):
        await rooms.say(where, "/alert add NVDA levels=10,20")
    await market.close(1)
    await sent(rooms.services)
    await rooms.say(SLACK, "/silence add NVDA 1h", "Bob")
    await rooms.link()
    assert await marks(rooms, DISCORD) == [
        "Silenced by Bob on Slack until Tue 4 Mar 2025, 22:05 UTC"
    ]


async def test_a_deeper_level_that_a_silence_takes_back_is_not_said_to_have_been_told(
    services: Services,
) -> None:
    market, rooms = await opened(services, [100, 88, 79])
    await market.close(2)
    await rooms.say(DISCORD, "/silence add NVDA 1d")
    now = rooms.services.clock.now()

    async def claimed(connection: Any) -> int:
        batch = await outbox.claim(connection, now, "test", now, {"slack": 9})
        return len(await silenced(connection, batch, now))

    assert await rooms.services.database.write(claimed) == 1
    assert await told(rooms, SLACK) == [("post", "drawdown"), ("edit", "drawdown")]
    assert await marks(rooms, SLACK) == [
        "Silenced by Ann on Discord until Thu 6 Mar 2025, 21:05 UTC"
    ]

    # What was held is told when it ends, and said then.
    await sent(rooms.services)
    (silence,) = await rooms.silences(SLACK)
    await rooms.say(SLACK, f"/silence remove {silence.id}")
    await market.later(seconds=10)
    assert (await marks(rooms, SLACK))[0].startswith("Went on to −20%, told on 5 Mar 2025")


async def test_a_snooze_shows_under_a_summary_of_the_other_side_too(services: Services) -> None:
    market = Channel(services, [100, 88], [100, 88])
    await market.follow()
    rooms = Rooms(market.services)
    for target in ("NVDA", "AMD"):
        await rooms.say(DISCORD, f"/alert add {target} levels=10,20")
    await rooms.say(SLACK, "/channel quiet=20:00-23:00")
    await rooms.link()
    await market.close(1)
    await market.later(hours=3)
    await sent(rooms.services)
    assert await told(rooms, SLACK) == [("post", "summary")]
    place = [row.facts["target"] for row in await rows(rooms, DISCORD)].index("NVDA")
    await press(rooms, DISCORD, place, days=1)
    first = "NVDA: snoozed by Ann on Discord until Thu 6 Mar 2025, 00:05 UTC"
    assert await marks(rooms, SLACK) == [first]
    assert len(await marks(rooms, DISCORD)) == 1
    await rooms.say(SLACK, "/silence add all 2d", "Bob")
    assert await marks(rooms, SLACK) == [
        first, "Silenced by Bob until Fri 7 Mar 2025, 00:05 UTC"
    ]  # fmt: skip
    for silence in await rooms.silences(SLACK):
        await rooms.say(SLACK, f"/silence remove {silence.id}")
    assert [await marks(rooms, where) for where in (DISCORD, SLACK)] == [[], []]


async def test_what_went_deeper_in_a_summary_is_said_under_the_first_message(
    services: Services,
) -> None:
    market, rooms = await opened(services, [100, 88, 79], "/alert add NVDA move 5")
    await rooms.say(SLACK, "/alert add AMD levels=10")
    await rooms.say(SLACK, "/channel quiet=20:00-23:00")
    await market.close(2)
    await market.later(hours=3)
    kinds = await told(rooms, SLACK)
    assert ("post", "summary") in kinds
    assert ("edit", "drawdown") in kinds
    assert (await marks(rooms, SLACK))[0].startswith("Went on to −20%, told on ")


async def test_a_level_told_before_the_first_message_left_is_said_under_it_later(
    services: Services,
) -> None:
    market = Channel(services, [100, 88, 79])
    await market.follow()
    rooms = Rooms(market.services)
    await rooms.say(SLACK, "/alert add NVDA levels=10,20")
    await market.close(1)
    await market.close(2)
    assert await told(rooms, SLACK) == [
        ("post", "drawdown"), ("reply", "drawdown"), ("edit", "drawdown"),
    ]  # fmt: skip
    assert await marks(rooms, SLACK) == ["Went on to −20%, told on 5 Mar 2025, 21:05 UTC"]


async def test_when_the_longer_of_two_silences_is_ended_the_message_tells_of_the_other(
    services: Services,
) -> None:
    _market, rooms = await opened(services, [100, 88])
    await rooms.say(SLACK, "/silence add NVDA 1h", "Bob")
    await rooms.say(DISCORD, "/silence add NVDA 5h")
    longer = (await rooms.silences(DISCORD))[-1]
    await rooms.say(DISCORD, f"/silence remove {longer.id}")
    assert await marks(rooms, DISCORD) == [
        "Silenced by Bob on Slack until Tue 4 Mar 2025, 22:05 UTC"
    ]


@pytest.mark.parametrize("arrived", [True, False])
async def test_a_recovery_while_a_silence_lasts_keeps_its_mark(
    services: Services, arrived: bool
) -> None:
    market, rooms = await opened(services, [100, 88, 101])
    await press(rooms, SLACK, 0, days=30)
    if arrived:
        await sent(rooms.services)
    await market.close(2)
    for where, by in ((DISCORD, "Ann on Slack"), (SLACK, "Ann")):
        newest = (await rows(rooms, where))[-1]
        assert (newest.action, newest.facts["kind"]) == ("edit", "recovery")
        assert await marks(rooms, where) == [f"Snoozed by {by} until Thu 3 Apr 2025, 21:05 UTC"]
        assert newest.story_id is not None


async def test_a_recovery_after_the_silence_has_no_mark(services: Services) -> None:
    market, rooms = await opened(services, [100, 88, 101])
    await press(rooms, SLACK, 0, hours=1)
    await sent(rooms.services)
    await market.close(2)
    newest = (await rows(rooms, SLACK))[-1]
    assert newest.facts["kind"] == "recovery"
    assert "marks" not in newest.facts


async def test_what_has_not_been_sent_yet_is_held_and_not_marked(services: Services) -> None:
    market, rooms = await opened(services, [100, 95, 88])
    await market.close(2)
    await rooms.say(DISCORD, "/silence add NVDA 1d")
    assert await told(rooms, DISCORD) == [("post", "drawdown")]


async def test_a_release_is_marked_in_both_channels(services: Services) -> None:
    _market, rooms = await opened(services, [100, 99], "/subscribe releases")
    known = rooms.services.releases
    facts = [
        release_facts(release, known.labs, known.exposures)
        for release in known.releases
        if release.lab == "deepseek"
    ][:2]

    async def work(connection: Any) -> None:
        for where in (await rooms.stored(DISCORD), await rooms.stored(SLACK)):
            for number, one in enumerate(facts):
                nonce = f"{where.id}-{number}"
                await outbox.enqueue(connection, where.id, nonce, "post", one, "R1", market_now)

    market_now = rooms.services.clock.now()
    await rooms.services.database.write(work)
    await sent(rooms.services)
    await press(rooms, SLACK, 0, hours=1)
    for where in (DISCORD, SLACK):
        *_others, edit = await rows(rooms, where)
        assert len(await marks(rooms, where)) == 1
        assert edit.facts["model"] == facts[0]["model"]


async def test_what_is_no_longer_followed_cannot_be_snoozed(services: Services) -> None:
    _market, rooms = await opened(services, [100, 88])
    await rooms.say(DISCORD, "/alert remove 1")
    with pytest.raises(UserError, match="no longer follows NVDA"):
        await press(rooms, SLACK, 0, hours=1)
    assert await marks(rooms, DISCORD) == []
