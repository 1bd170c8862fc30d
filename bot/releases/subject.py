"""What a sighting is about: a lab and models, by its judgement or else by its title. Pure."""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Protocol

from bot.releases.lab_names import compared, lab_of, load_names, plain
from bot.releases.links import is_listing
from bot.releases.mentions import named_in
from bot.releases.names import each, is_family

# States of a sighting (storage/sightings.py): what claims that a model is out, and what does not.
RELEASE, WAITING, HELD, OTHER, RUMOUR = "release", "waiting", "held", "other", "rumour"
CLAIMS = frozenset({RELEASE, WAITING, HELD})


class Told(Protocol):
    """What is compared: a sighting, or anything with these parts of one."""

    @property
    def feed(self) -> str: ...
    @property
    def lab(self) -> str: ...
    @property
    def model(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def published_at(self) -> datetime | None: ...
    @property
    def seen_at(self) -> datetime: ...
    @property
    def state(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Subject:
    """What a sighting is about: its lab, and canonical names of models."""

    lab: str
    names: tuple[str, ...]


def names_of(sighting: Told) -> tuple[str, ...]:
    """The canonical names that a sighting is about; the title's where no model is given."""
    return subject(sighting).names


def subject(sighting: Told) -> Subject:
    """What a sighting is about, once what it only compares with is left out."""
    told = sighting.model if sighting.state != OTHER else ""
    return _subject(sighting.lab, told, sighting.title, sighting.url)


@lru_cache(maxsize=8192)
def _subject(lab: str, model: str, title: str, url: str) -> Subject:
    if _only_compared(model, title):
        lab, model = lab_of(title, load_names()), ""
    elif not model:
        # What is no release is about what its title names, not about what a judgement guessed.
        lab = lab_of(title, load_names()) or lab
    elif re.search(rf"{re.escape(plain(model))} (?:generation|editing)\b", plain(title)):
        # "Image generation" says what a model does; it does not name it.
        model = model.rpartition(" ")[0] or model
    # A family alone ("Claude") names no release.
    names = tuple(name for name in each(lab, model) if not is_family(name)) if model else ()
    if not names:
        # What a title names first is what it is about.
        address = "" if is_listing(url) else url
        names = (named_in(title, lab, address) or named_in(title))[:1]
    return Subject(lab, names)


def _only_compared(model: str, title: str) -> bool:
    """Whether the title names this model only as what another one is held against."""
    wanted = plain(model)
    if not wanted:
        return False
    text = plain(title)
    places = [match.start() for match in re.finditer(re.escape(wanted), text)]
    return bool(places) and all(compared(text, place) for place in places)


def said_in_short(sighting: Told) -> tuple[str, ...]:
    """What the title calls the model where it says less of its name ("Gemini 3" of 3 Pro)."""
    return _shorter(sighting.lab, sighting.model, sighting.title)


@lru_cache(maxsize=8192)
def _shorter(lab: str, model: str, title: str) -> tuple[str, ...]:
    full = each(lab, model) if model else ()
    return tuple(
        name
        for name in named_in(title, lab)
        if re.search(r"\d", name) and any(one.startswith(f"{name}-") for one in full)
    )
