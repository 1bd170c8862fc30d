"""Feeds: where releases are heard of, and what one entry of a feed says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple


class FeedKind(StrEnum):
    """How a source is read. All but the first are structured: their entries are models."""

    FEED = "feed"  # RSS, Atom, RDF or JSON Feed; which one is seen from its first bytes
    HUGGING_FACE = "huggingface"
    OPENROUTER = "openrouter"
    MODELS_DEV = "modelsdev"
    GITHUB = "github"

    @property
    def structured(self) -> bool:
        """Whether its entries are models by construction, but for aliases and re-uploads."""
        return self is not FeedKind.FEED


class Voice(StrEnum):
    """Who speaks in a feed, which says how far a headline is to be believed."""

    LAB = "lab"  # the maker itself, or a scrape of its page
    PLATFORM = "platform"  # somebody who offers models of others
    NEWS = "news"  # somebody who writes about them
    REGISTER = "register"  # a list of models


@dataclass(frozen=True, slots=True)
class Feed:
    """A source of entries, shipped or of a community's own choosing.

    `key` names it ("openai-news"; "own:ID" for a chosen one). `lab` is whose releases it tells of
    ("" for several). `owner` is "" for a shipped one, else as `Receiver.owner`. `interval` is the
    usual number of seconds between two looks. `note` says what is known of its health.
    """

    key: str
    kind: FeedKind
    voice: Voice
    url: str
    title: str
    lab: str = ""
    owner: str = ""
    interval: int = 900
    note: str = ""


class Entry(NamedTuple):
    """One entry, as a feed gave it: text without markup, at most 300 characters of summary.

    `id` is the feed's own ("" where it gives none). `published` is what the feed says, which is
    never an identity. `given` are figures of a structured source by name (context, input_mtok,
    licence, …), JSON-ready. A tuple, since hundreds are made of each feed.
    """

    feed: str
    id: str
    title: str
    url: str = ""
    summary: str = ""
    published: datetime | None = None
    given: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Judgement:
    """Is an entry a release?

    `confidence` is between 0 and 1: how sure that it is as `release` says. `lab` is a key of
    labs.toml where it is one; `model` is the name as people write it; `kind` as in `Release.kind`;
    `open_weights` is None where the entry does not say. `reason` says in words what decided, for
    what is no release beginning with the kind of thing it is instead ("rumor", "availability",
    "product_feature", …). `words` are the words that decided.
    """

    release: bool
    confidence: float
    reason: str
    lab: str = ""
    model: str = ""
    kind: str = "language"
    open_weights: bool | None = None
    words: tuple[str, ...] = ()

    @property
    def chance(self) -> float:
        """How likely it is a release, between 0 and 1, whatever was decided."""
        return self.confidence if self.release else 1.0 - self.confidence
