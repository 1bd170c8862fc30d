"""The sources that ship with the program, and what an address of somebody's choosing is."""

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from bot.model.feed import Feed, FeedKind, Voice

_KINDS = (
    (re.compile(r"https?://huggingface\.co/api/models\b", re.IGNORECASE), FeedKind.HUGGING_FACE),
    (re.compile(r"https?://openrouter\.ai/api/v1/models\b", re.IGNORECASE), FeedKind.OPENROUTER),
    (re.compile(r"https?://models\.dev/\w+\.json", re.IGNORECASE), FeedKind.MODELS_DEV),
    (
        re.compile(
            r"https?://(api\.github\.com/repos/[^/]+/[^/]+/releases\b"
            r"|github\.com/[^/]+/[^/]+/releases\.atom)",
            re.IGNORECASE,
        ),
        FeedKind.GITHUB,
    ),
)


@cache
def load_feeds() -> dict[str, Feed]:
    """The sources that are polled, by key."""
    return {key: _feed(key, row) for key, row in _rows().items() if "off" not in row}


@cache
def load_off() -> dict[str, tuple[Feed, str]]:
    """The sources that are known and not polled, each with the reason why."""
    return {key: (_feed(key, row), row["off"]) for key, row in _rows().items() if "off" in row}


def kind_of_url(url: str) -> FeedKind:
    """How a source at an address is read."""
    return next((kind for pattern, kind in _KINDS if pattern.match(url)), FeedKind.FEED)


def _rows() -> dict[str, dict[str, Any]]:
    return tomllib.loads(files("bot.shipped").joinpath("feeds.toml").read_text("utf-8"))


def _feed(key: str, row: dict[str, Any]) -> Feed:
    return Feed(
        key=key,
        kind=FeedKind(row.get("kind", "feed")),
        voice=Voice(row["voice"]),
        url=row["url"],
        title=row["title"],
        lab=row.get("lab", ""),
        interval=row.get("interval", 900),
        note=row.get("note", ""),
    )
