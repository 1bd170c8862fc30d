"""The sources that ship: each once, of a lab that is known, with what is known of its health."""

from collections import Counter

import pytest

from bot.model.feed import FeedKind
from bot.releases.shipped import load_labs
from bot.releases.sources import kind_of_url, load_feeds, load_off


def test_no_source_is_there_twice() -> None:
    every = [*load_feeds().values(), *(feed for feed, _why in load_off().values())]
    for said in ("url", "title"):
        twice = [v for v, n in Counter(getattr(feed, said) for feed in every).items() if n > 1]
        assert not twice


def test_each_source_says_whose_it_is_and_how_it_does() -> None:
    labs = load_labs()
    for feed in load_feeds().values():
        assert not feed.lab or feed.lab in labs, feed.key
        assert feed.note, feed.key
        assert feed.url.startswith("https://"), feed.key
        assert 300 <= feed.interval <= 3600, feed.key
        assert feed.kind is kind_of_url(feed.url), feed.key


def test_a_source_that_is_not_polled_says_why() -> None:
    assert {"xai-news", "mistral-news", "qwen-blog"} <= set(load_off())
    assert all(why for _feed, why in load_off().values())
    assert not set(load_off()) & set(load_feeds())


def test_each_frontier_lab_is_heard_of_beyond_the_lists_of_all_labs() -> None:
    heard = {feed.lab for feed in load_feeds().values()}
    assert {key for key, lab in load_labs().items() if lab.frontier} <= heard


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://huggingface.co/api/models?author=fjord", FeedKind.HUGGING_FACE),
        ("https://huggingface.co/blog/feed.xml", FeedKind.FEED),
        ("https://openrouter.ai/api/v1/models", FeedKind.OPENROUTER),
        ("https://models.dev/api.json", FeedKind.MODELS_DEV),
        ("https://api.github.com/repos/fjord-ai/fjord/releases?per_page=5", FeedKind.GITHUB),
        ("https://github.com/fjord-ai/fjord/releases.atom", FeedKind.GITHUB),
        ("https://github.com/fjord-ai/fjord/commits.atom", FeedKind.FEED),
    ],
)
def test_how_a_source_is_read_is_seen_from_its_address(url: str, kind: FeedKind) -> None:
    assert kind_of_url(url) is kind
