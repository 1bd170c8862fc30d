"""One release is one story, whoever tells of it; two releases stay two."""

from itertools import permutations

import pytest

from bot.releases.clusters import best, cluster
from bot.releases.same import is_same, likeness
from tests import evaluate_clusters
from tests.labelled import ABSENT
from tests.releases.told import Seen, seen


def _tied(a: Seen, b: Seen) -> bool:
    assert is_same(a, b) == is_same(b, a)
    return is_same(a, b)


@pytest.mark.parametrize(
    ("lab", "one", "other", "days"),
    [
        ("deepseek", "DeepSeek-R1", "deepseek/deepseek-r1:free", 2),
        ("deepseek", "DeepSeek-R1", "DeepSeek-R1-Zero", 0),
        ("deepseek", "DeepSeek-V4-Flash", "DeepSeek-V4-Pro", 0.5),
        ("openai", "GPT-5", "GPT-5 mini", 0),
        ("anthropic", "Claude Opus 4", "Claude Sonnet 4", 0),
        ("anthropic", "Claude Opus 4.5", "claude-4.5-opus-20251101", 1),
        ("alibaba", "Qwen3", "Qwen3-235B-A22B", 1),
        ("minimax", "MiniMax-M2", "MiniMax M2", 5),
    ],
)
def test_one_release(lab: str, one: str, other: str, days: float) -> None:
    assert _tied(seen(one, lab), seen(other, lab, days=days, feed="b"))


@pytest.mark.parametrize(
    ("lab", "one", "other", "days"),
    [
        ("openai", "GPT-5", "GPT-5.1", 0),
        ("openai", "GPT-5.1", "GPT-5.1-Codex", 0),
        ("deepseek", "DeepSeek-R1", "DeepSeek-R1-0528", 3),
        ("deepseek", "DeepSeek-V3.1", "DeepSeek-V3.1-Terminus", 32),
        ("xai", "Grok 4.1", "Grok 4.1 Fast", 2),
        ("anthropic", "Claude Sonnet 4.5", "Claude Haiku 4.5", 16),
        ("alibaba", "Qwen3-VL", "Qwen3-Omni", 0),
        ("alibaba", "Qwen3.5-397B-A17B", "Qwen3.5-27B", 7),
    ],
)
def test_two_releases(lab: str, one: str, other: str, days: float) -> None:
    assert not _tied(seen(one, lab), seen(other, lab, days=days, feed="b"))


def test_a_page_tells_two_titles_together_but_not_two_models_of_one_feed() -> None:
    page = "https://lab.example/news/pictures?utm_source=rss"
    again = "https://www.lab.example/news/pictures/"
    assert _tied(seen(title="Pictures are here", url=page), seen(title="New: pictures", url=again))
    one = seen("GLM-7", "zai", url="https://docs.example/releases-of-all")
    other = seen("CogView-9", "zai", url="https://docs.example/releases-of-all")
    assert not _tied(one, other)


def test_a_listing_that_every_entry_links_to_ties_nothing() -> None:
    listing = "https://docs.example/release-notes/"
    assert not _tied(seen(title="One thing", url=listing), seen(title="Another", url=listing))


def test_headlines_without_a_model_are_compared_by_their_words() -> None:
    one = seen(title="A new voice for your phone, in nine languages")
    other = seen(title="A New Voice for Your Phone in Nine Languages", feed="b", days=1)
    assert _tied(one, other)
    assert likeness(one, other).reason == "nearly the same title"
    assert not _tied(one, seen(title="A new camera", feed="b"))


def test_a_date_far_from_when_it_was_seen_is_not_believed() -> None:
    honest = seen("GPT-7", "openai", days=0)
    lying = Seen("b", "openai", "GPT-7", "GPT-7", "", seen(days=-900).seen_at, honest.seen_at)
    assert _tied(honest, lying)


DAY = [
    seen("Claude Opus 4", "anthropic", feed="a"),
    seen("Claude Sonnet 4", "anthropic", feed="a"),
    seen("claude-opus-4", "anthropic", feed="b", days=0.4),
    seen(title="Claude Opus 4 is now on our cloud", lab="anthropic", state="other", days=9),
    seen("Claude Opus 4.1", "anthropic", feed="a", days=75),
    seen("GPT-5", "openai", feed="c", days=76),
]


def test_groups_do_not_depend_on_the_order() -> None:
    groups = {
        frozenset(frozenset(id(one) for one in group) for group in cluster(order))
        for order in permutations(DAY)
    }
    assert len(groups) == 1
    assert [len(group) for group in cluster(DAY)] == [4, 1, 1]


def test_a_doubtful_headline_is_compared_as_a_release() -> None:
    assert _tied(seen("GPT-5 mini", "openai"), seen("GPT-5", "openai", state="waiting"))
    assert not _tied(seen("GPT-5 mini", "openai"), seen("GPT-5.1", "openai", state="waiting"))


def test_what_a_model_is_held_against_is_not_what_it_is_about() -> None:
    title = "Cheap new reasoner rivals OpenAI o1"
    assert not _tied(seen("o1", "openai", title=title), seen("o1", "openai", days=3))


def test_a_release_stays_apart_from_news_of_its_sister() -> None:
    groups = [[seen("Claude Sonnet 4.5", "anthropic")]]
    groups.append([seen(title="What Sonnet 4.5 does well", lab="anthropic", state="other")])
    place, _ = best(seen("Claude Haiku 4.5", "anthropic", days=16), groups)
    assert place is None


@pytest.mark.skipif(not evaluate_clusters.HEADLINES.is_file(), reason=ABSENT)
def test_labelled_headlines_fall_into_their_releases() -> None:
    rows = evaluate_clusters.headlines()
    for given in (rows, evaluate_clusters.by_detect(rows)):
        found = evaluate_clusters.score(given)
        assert found.precision >= 0.95
        assert found.recall >= 0.90
