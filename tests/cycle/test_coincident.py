"""What a fall's message names beside it: which releases, in which order, and what else happened."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from bot.cards.aftershock import coincident_lines, rival_lines
from bot.cards.notices import card_of
from bot.cycle.coincident import Fall, coincident, link, policy_between
from bot.cycle.compose import compose
from bot.market.policy import PolicyEvent
from bot.model.bar import MarketEvent
from bot.model.receiver import MessageRef, Notification, Receiver
from bot.model.rule import Rule
from storage import market, tracked
from storage.tracked import Tracked
from tests.cycle.aftermath import RELEASED, Aftermath, close

FALL = Fall(("NVDA", "AMD"), date(2025, 1, 27))
RULE = Rule("NVDA", "1y", (200_000,), 20_000)


def event(model: str, **more: Any) -> Tracked:
    """A release of 20 January that Nvidia is exposed to."""
    given: dict[str, Any] = {
        "key": model, "released_on": date(2025, 1, 20), "zero": date(2025, 1, 21),
        "last": date(2025, 1, 28), "opened_at": RELEASED, "exposed": ("NVDA", "MSFT"),
    }  # fmt: skip
    facts = {
        "model": model,
        "times_dearer": more.pop("times", None),
        "open_weights": more.pop("open", None),
    }
    return Tracked(facts=facts, **(given | more))


@pytest.mark.parametrize(
    ("events", "named"),
    [
        ([event("a")], ["a"]),
        ([event("a", exposed=("MSFT",))], []),  # depends on what did not fall
        ([event("a", zero=date(2025, 1, 28))], []),  # came after
        ([event("a", last=date(2025, 1, 24))], []),  # was over
        ([event("a", zero=FALL.day, last=FALL.day)], ["a"]),
        ([event("a"), event("b", times=27.0)], ["b", "a"]),
        ([event("a", open=True), event("b", open=False)], ["a", "b"]),
        ([event("a", times=3.0), event("b", open=True), event("c", times=27.0)], ["c", "a"]),
        ([event("a"), event("b", released_on=date(2025, 1, 24))], ["b", "a"]),
        ([event("a", times=0.2), event("b", open=True)], ["b", "a"]),  # dearer is not notable
    ],
)
def test_at_most_two_the_most_notable_first(events: list[Tracked], named: list[str]) -> None:
    assert [one.key for one in coincident(events, FALL)] == named


def test_acts_of_government_one_on_each_subject_the_newest() -> None:
    acts = [
        PolicyEvent(date(2025, 1, day), what, about, "s")
        for day, what, about in [
            (13, "too early", "x"), (17, "upheld", "TikTok"), (20, "put off", "TikTok"),
            (21, "Stargate", "data centres"), (28, "too late", "y"),
        ]
    ]  # fmt: skip
    found = policy_between(acts, date(2025, 1, 15), date(2025, 1, 27))
    assert [one.what for one in found] == ["Stargate", "put off"]


@pytest.mark.parametrize(
    ("surface", "community", "found"),
    [
        ("discord", "77", "https://discord.com/channels/77/55/17.0001"),
        ("discord", "", "https://discord.com/channels/@me/55/17.0001"),
        ("slack", "T1", "https://slack.com/archives/55/p170001"),
        ("console", "", ""),
    ],
)
def test_the_address_of_a_message(surface: str, community: str, found: str) -> None:
    receiver = Receiver(1, surface, "55", "news", community=community)
    assert link(receiver, MessageRef("55", "17.0001")) == found


async def _fall(after: Aftermath, channel: Receiver) -> tuple[Any, str]:
    """The message about Nvidia's fall, and its text as sent."""
    await after.tick(RELEASED)
    await after.send()
    await after.tick(close(24), close(27, 0), close(27))
    row = next(r for r in await after.rows(channel) if r.facts["kind"] == "drawdown")
    note = Notification(
        row.id, channel, row.nonce, row.action, row.facts, row.fallback, row.created_at, 0
    )
    return row, (await compose(after.services, note)).text


@pytest.mark.parametrize(
    ("name", "ends"),
    [
        ("discord:55", ": https://discord.com/channels/77/55/17.0001"),
        ("slack:55", ": https://slack.com/archives/55/p170001"),
        ("news", ""),
    ],
)
async def test_the_fall_links_to_the_channels_own_message(
    after: Aftermath, name: str, ends: str
) -> None:
    channel = await after.subscribe(name, RULE)
    _row, text = await _fall(after, channel)
    assert f"Coincident: DeepSeek-R1, released 20 Jan 2025{ends}" in text.splitlines()
    assert "caused" not in text


async def test_no_channel_is_given_the_address_of_anothers_message(after: Aftermath) -> None:
    """Four channels that heard of it: each fall names the message in its own channel only."""
    names = ("discord:55", "discord:56", "slack:57", "slack:58")
    several = [await after.subscribe(name, RULE) for name in names]
    await _fall(after, several[0])
    linked = {}
    for one in several:
        rows = await after.rows(one)
        fall = next(row for row in rows if row.facts["kind"] == "drawdown")
        named = {each["row"] for each in fall.facts["coincident"]["releases"]}
        linked[one.id] = named
        assert None not in named
        assert named <= {row.id for row in rows if row.facts["kind"] == "release"}
    assert len(set().union(*linked.values())) == sum(len(rows) for rows in linked.values())


async def test_what_coincides_is_looked_up_once_however_many_channels_are_told(
    after: Aftermath, monkeypatch: pytest.MonkeyPatch
) -> None:
    several = [await after.subscribe(f"discord:{number}", RULE) for number in range(4)]
    asked: list[object] = []
    heard = tracked.heard

    async def counted(*given: Any) -> Any:
        asked.append(given)
        return await heard(*given)

    monkeypatch.setattr(tracked, "heard", counted)
    await _fall(after, several[0])
    assert len(asked) == 1 + 1  # a study, and the fall


async def test_a_channel_without_that_message_reads_plain_text(after: Aftermath) -> None:
    await after.subscribe()
    channel = await after.subscribe("discord:56", RULE, labs=["meta"])
    row, text = await _fall(after, channel)
    assert "Coincident: DeepSeek-R1, released 20 Jan 2025" in text.splitlines()
    assert row.facts["coincident"]["releases"][0]["row"] is None


async def test_what_else_happened_is_named(after: Aftermath) -> None:
    day = date(2025, 1, 27)
    report = MarketEvent("NVDA", day, "earnings", None, False, "Yahoo")
    await after.services.database.write(
        lambda c: market.put_events(c, [report], datetime(2025, 1, 20, tzinfo=UTC))
    )
    channel = await after.subscribe("news", RULE)
    row, text = await _fall(after, channel)
    (line,) = (one for one in text.splitlines() if one.startswith("Also then: "))
    assert "earnings of NVDA that day" in line
    assert "puts off the law against TikTok" in line
    assert "the whole market moved" not in line  # −1.5% is usual for the index
    rivals = row.facts["coincident"]["rivals"]
    assert rivals["earnings"] == [{"symbol": "NVDA", "source": "Yahoo", "estimated": False}]
    assert all(one["source"].startswith("https://") for one in rivals["policy"])
    explained = await after.said("/alert explain NVDA", channel)
    assert "Coincident: DeepSeek-R1" in explained
    assert "NVDA is exposed to DeepSeek; first session 21 Jan 2025" in explained


async def test_a_fall_that_nothing_came_before_names_nothing(after: Aftermath) -> None:
    channel = await after.subscribe("news", Rule("VST", "1y", (200_000,), 20_000))
    row, text = await _fall(after, channel)  # of power no release of a lab's is named
    assert "coincident" not in row.facts
    assert "Coincident" not in text


def test_a_move_of_the_whole_market_is_put_in_words() -> None:
    beside = {
        "releases": [],
        "rivals": {"earnings": [], "policy": [], "index": {"move": -0.03, "usual": 0.008}},
    }
    assert coincident_lines(beside) == [
        "Also then: the whole market moved (S&P 500 −3.0%, usually within ±1.6%)"
    ]


def test_rows_of_before_say_nothing_of_it() -> None:
    assert coincident_lines(None) == []
    assert card_of({"kind": "note", "title": "t", "text": "x"}).text == "x"


def test_a_day_of_earnings_that_is_not_sure_says_so() -> None:
    earnings = [
        {"symbol": "NVDA", "source": "s", "estimated": True},
        {"symbol": "AMD", "source": "s", "estimated": False},
        {"symbol": "MU", "source": "s"},  # as rows of before have it
    ]
    (line,) = rival_lines({"earnings": earnings, "policy": [], "index": None})
    unsure = "earnings of NVDA that day, a day that is not sure"
    assert line == f"Also then: earnings of AMD and MU that day; {unsure}"
