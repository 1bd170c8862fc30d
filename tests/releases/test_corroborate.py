"""A doubtful headline is told once somebody else says so, and dropped when nobody does."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.model.feed import Feed, FeedKind, Judgement, Voice
from bot.releases.corroborate import weigh
from bot.releases.rumour import is_rumour
from tests.releases.told import NOON, Seen, seen

FEEDS = {
    feed.key: feed
    for feed in (
        Feed("router", FeedKind.OPENROUTER, Voice.REGISTER, "", "OpenRouter"),
        Feed("lab", FeedKind.FEED, Voice.LAB, "", "DeepSeek news", lab="deepseek"),
        Feed("one", FeedKind.FEED, Voice.NEWS, "", "The One"),
        Feed("two", FeedKind.FEED, Voice.NEWS, "", "The Two"),
        Feed("three", FeedKind.FEED, Voice.NEWS, "", "The Three"),
    )
}
DOUBTFUL = seen(
    "DeepSeek-R2", "deepseek", feed="one", state="waiting", title="Is DeepSeek's R2 out?",
    url="https://one.example/r2",
)  # fmt: skip


TITLES = {
    "two": "At last: R2 is here for all to try",
    "three": "Hangzhou's quiet launch of a thinking model",
}


def _by(
    feed: str, *, hours: float = 1, state: str = "waiting", title: str = "", url: str = ""
) -> Seen:
    return seen(
        "DeepSeek R2",
        "deepseek",
        feed=feed,
        days=hours / 24,
        state=state,
        title=title or TITLES.get(feed, "DeepSeek R2"),
        url=url or f"https://{feed}.example/story",
    )


@pytest.mark.parametrize(
    ("others", "hours", "outcome", "reason"),
    [
        ([], 1, "wait", "waits for a second source"),
        ([], 48, "drop", "nobody else told of it within 48 hours"),
        ([_by("router", state="release")], 2, "release", "OpenRouter lists DeepSeek R2"),
        ([_by("router", state="other")], 2, "wait", "waits for a second source"),
        ([_by("lab")], 2, "release", "the lab itself tells of DeepSeek R2"),
        ([_by("two", state="release")], 2, "release", "The Two tells of DeepSeek R2"),
        ([_by("two")], 2, "wait", "waits for a second source"),
        ([_by("two"), _by("three")], 2, "release", "The Two and The Three told of it too"),
        ([_by("two", state="rumour"), _by("three")], 2, "wait", "waits for a second source"),
        ([_by("two"), _by("three", url="https://two.example/story")], 2, "wait", "waits for a"),
        ([_by("two"), _by("three", title="At last, R2 is here for all to try")], 2, "wait", ""),
        ([_by("one", state="release")], 2, "wait", "waits for a second source"),
        ([_by("router", hours=49, state="release")], 49, "drop", "nobody else"),
    ],
)
def test_what_becomes_of_a_doubtful_headline(
    others: list[Seen], hours: float, outcome: str, reason: str
) -> None:
    verdict = weigh(DOUBTFUL, others, FEEDS, NOON + timedelta(hours=hours))
    assert verdict.outcome == outcome
    assert verdict.reason.startswith(reason)


def test_the_labs_own_doubtful_entry_needs_one_other() -> None:
    own = replace(DOUBTFUL, feed="lab", url="https://lab.example/r2")
    assert weigh(own, [_by("two")], FEEDS, NOON).outcome == "release"


def test_another_model_bears_nothing_out() -> None:
    other = seen("DeepSeek-V4", "deepseek", feed="router")
    assert weigh(DOUBTFUL, [other], FEEDS, NOON).outcome == "wait"


def test_only_what_is_no_release_is_a_rumour() -> None:
    assert is_rumour(Judgement(False, 0.9, "rumor: spotted"))
    assert not is_rumour(Judgement(False, 0.9, "availability: now on"))
    assert not is_rumour(Judgement(True, 0.9, "rumoured for weeks, now here"))
