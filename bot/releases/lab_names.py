"""Which lab is meant: names, organisations and families of models, in English and Chinese."""

import re
import tomllib
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

_FILE = files("bot.shipped").joinpath("names.toml")
# What is longer is no title and no summary.
_LONGEST = 800
_HAN = re.compile(r"[\u3400-\u9fff]")
# Labs whose name is a word: in running text only where it is written with a capital.
_WORDS = frozenset(
    {"apple", "meta", "cursor", "runway", "writer", "stability", "reka", "inception"}
    | {"inflection", "cognition"}
)
# Labs that offer models of others too: a model named beside them says more.
_HOSTS = frozenset({"windsurf", "cursor", "perplexity", "nvidia", "amazon", "microsoft"})


@dataclass(frozen=True, slots=True)
class Naming:
    """What one lab and its models are called, as in names.toml."""

    also: tuple[str, ...]
    brands: tuple[str, ...]
    loose: tuple[str, ...]
    words: tuple[str, ...]
    short: str

    @property
    def families(self) -> tuple[str, ...]:
        """Every family of models of this lab."""
        return (*self.brands, *self.loose, *self.words)


@cache
def load_names() -> Mapping[str, Naming]:
    """The names by lab key."""
    rows = tomllib.loads(_FILE.read_text("utf-8"))
    return {lab: _naming(row) for lab, row in rows.items()}


def _naming(row: Mapping[str, Any]) -> Naming:
    lists = (tuple(row.get(name, ())) for name in ("also", "brands", "loose", "words"))
    also, brands, loose, words = lists
    return Naming(also, brands, loose, words, row.get("short", ""))


def narrow(text: str) -> str:
    """One kind of hyphen, quote and space; full-width forms made narrow."""
    if text.isascii():
        return " ".join(text.split())
    text = unicodedata.normalize("NFKC", text)
    text = re.sub(r"[\u2010-\u2015\u2212\uff0d]", "-", text)
    return re.sub(r"\s+", " ", text.replace("’", "'").replace("·", "-")).strip()


def plain(text: str) -> str:
    """As `narrow`, in lower case."""
    return narrow(text).lower()


# What follows these is what the model is held against.
_AGAINST = re.compile(
    r"(?:\b(?:rivals?|rivaling|beats?|surpass(?:es|ing)?|outperform(?:s|ing)?|than|vs\.?|versus"
    r"|takes on|(?:comparable|answer|rival|alternative|similar|close|equal) to|back at"
    r"|competes? with|match(?:es|ing)?|like|against)|超越|媲美|对标|比肩)\s*(?:[\w.]+(?:'s)?\s+)?$"
)


def compared(text: str, start: int) -> bool:
    """Whether a name at this place of a lower-case text is only what another is compared with."""
    return _AGAINST.search(text, max(0, start - 40), start) is not None


def lab_key(name: str, labs: Collection[str]) -> str:
    """The lab that `name` alone is a name of ("Zhipu", "zai-org", "智谱"), or "".

    `labs` maps or lists the keys that count.
    """
    key = _exact().get(_squeezed(name), "")
    return key if key in labs else ""


def lab_of(text: str, labs: Collection[str]) -> str:
    """The lab that a text is about, or "".

    An organisation before a slash or a colon decides; else whichever is named first, a lab or a
    family of models; but a model goes before somebody who offers models of others.
    """
    text = narrow(text[:_LONGEST])
    head = re.match(r"~?([\w.-]+)/|([\w. -]{2,30}):\s", text)
    if head and (found := lab_key(head[1] or head[2], labs)):
        return found
    if found := lab_key(text, labs):
        return found
    if "nemotron" in text.lower() and "nvidia" in labs:
        # Named after the model it was made from: "Llama 3.3 Nemotron", "Mistral Nemotron".
        return "nvidia"
    made = next(_matches(_made(), text, labs), None)
    said = next(_matches(_said(), text, labs), None)
    if made is None or said is None:
        return (made or said or (0, ""))[1]
    if said[1] in _HOSTS:
        return made[1]
    return min(made, said)[1]


def _matches(
    names: tuple[re.Pattern[str], Mapping[str, str]], text: str, labs: Collection[str]
) -> Iterator[tuple[int, str]]:
    pattern, owner = names
    lowered = text.lower()
    for match in pattern.finditer(lowered):
        if compared(lowered, match.start()):
            continue
        if match[0] in _WORDS and text[match.start() : match.start() + 1].islower():
            # "a meta analysis"
            continue
        key = owner[re.sub(r"[-. ]?[vhx]?\d$", "", match[0])] if match.lastgroup else ""
        key = key or owner.get(match[0], "")
        if key in labs:
            yield match.start(), key


def _squeezed(text: str) -> str:
    return re.sub(r"[\s._-]+", "", plain(text).lstrip("~"))


@cache
def own_names(lab: str) -> frozenset[str]:
    """A lab's names without spaces and points."""
    naming = load_names().get(lab)
    return frozenset(map(_squeezed, (lab, *naming.also))) if naming else frozenset()


@cache
def _exact() -> Mapping[str, str]:
    """Every name of a lab without spaces and points, to its key."""
    found: dict[str, str] = {}
    for key, naming in load_names().items():
        for name in (key, *naming.also):
            found.setdefault(_squeezed(name), key)
    return found


@cache
def _said() -> tuple[re.Pattern[str], Mapping[str, str]]:
    """Names of labs in running text."""
    owner: dict[str, str] = {}
    for key, naming in load_names().items():
        for name in (key, *naming.also):
            if len(name) > 2 or _HAN.search(name):
                owner.setdefault(plain(name), key)
    return re.compile(_any_of(owner)), owner


@cache
def _made() -> tuple[re.Pattern[str], Mapping[str, str]]:
    """Families of models in running text; ordinary words only before a number."""
    owner: dict[str, str] = {}
    numbered: dict[str, str] = {}
    for key, naming in load_names().items():
        ordinary = {plain(name) for name in naming.words}
        for name in ordinary:
            numbered.setdefault(name, key)
        for name in (*naming.brands, *naming.loose):
            if plain(name) not in ordinary:
                owner.setdefault(plain(name), key)
    counted = "|".join(re.escape(name) for name in sorted(numbered, key=len, reverse=True))
    pattern = rf"{_any_of(owner)}|(?<![a-z0-9])(?P<counted>(?:{counted})[-. ]?[vhx]?\d)"
    return re.compile(pattern), {**numbered, **owner}


def _any_of(names: Collection[str]) -> str:
    """Any of these, the longest first, in a lower-case text."""
    by_length = sorted(names, key=len, reverse=True)
    # Chinese sets no spaces around a name; a Latin one is not part of a longer word.
    latin = "|".join(re.escape(name) for name in by_length if not _HAN.search(name))
    chinese = "|".join(name for name in by_length if _HAN.search(name))
    pattern = rf"(?<![a-z0-9])(?:{latin})(?![a-z])"
    return f"{pattern}|{chinese}" if chinese else pattern
