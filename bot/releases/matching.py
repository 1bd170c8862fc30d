"""Which model is meant by what somebody typed. Forgiving: "gpt4o", "claude opus", "r1". Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches

from bot.model.basket import Lab
from bot.releases.naming import starts_word

# First words of names that people leave out.
_FAMILIES = ("claude", "deepseek", "gpt", "openai", "google", "meta")
# A snapshot's date, which people leave out too.
_SNAPSHOT = re.compile(r"[-_ @](20\d{6}|20\d\d-\d\d-\d\d)$")
MOST_NEAR = 3


@dataclass(frozen=True, slots=True)
class Named:
    """A model that can be asked for, by its name or one of its aliases."""

    lab: str
    name: str
    released_on: date
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """The models that were meant, the likeliest first; `exact` where the text is the name."""

    found: tuple[Named, ...] = ()
    exact: bool = False


def match(text: str, names: Sequence[Named], labs: Mapping[str, Lab]) -> Match:
    """What `text` means: the very name, else a name without its family, its beginning, its words.

    Of those that fit alike the newest comes first.
    """
    wanted = _plain(text)
    if not wanted:
        return Match()
    newest = sorted(names, key=lambda one: one.released_on, reverse=True)
    same = [one for one in newest if wanted in {_plain(form) for form in _forms(one)}]
    if same:
        # "Claude" was a model once, and is what people call the newest of many.
        kin = [one for one in newest if one not in same and _is_first_word(text, one.name)]
        if kin and wanted.isalpha():
            return Match(tuple(one for one in newest if one in same or one in kin))
        return Match(tuple(same), exact=True)
    short = [one for one in newest if wanted in set(_short(one, labs))]
    began = short or [one for one in newest if _plain(one.name).startswith(wanted)]
    if began and len(wanted) > 1:
        return Match(tuple(began))
    words = text.split()
    said = [one for one in newest if all(starts_word(w, _said(one, labs)) for w in words)]
    return Match(tuple(said))


def near(text: str, names: Sequence[Named]) -> list[str]:
    """Names that resemble what was typed, for where none fits."""
    plain = {_plain(form): one.name for one in names for form in _forms(one)}
    close = get_close_matches(_plain(text), plain, MOST_NEAR, 0.6)
    return list(dict.fromkeys(plain[one] for one in close))


def _is_first_word(text: str, name: str) -> bool:
    word = text.strip().lower()
    return name.lower().startswith(word) and not name[len(word) : len(word) + 1].isalpha()


def _forms(one: Named) -> Iterator[str]:
    for name in (one.name, *one.aliases):
        yield name
        yield _SNAPSHOT.sub("", name)
        yield name.rsplit("/", 1)[-1]


def _short(one: Named, labs: Mapping[str, Lab]) -> Iterator[str]:
    """Its names with the lab before them, and without the first word where that is a family."""
    lab = labs[one.lab].name if one.lab in labs else one.lab
    for form in _forms(one):
        first, _, rest = re.sub(r"[-_ ]", " ", form).partition(" ")
        if rest and first.lower() in (*_FAMILIES, one.lab, lab.lower()):
            yield _plain(rest)
        yield _plain(f"{lab}{form}")
        yield _plain(f"{one.lab}{form}")


def _said(one: Named, labs: Mapping[str, Lab]) -> str:
    lab = labs[one.lab].name if one.lab in labs else one.lab
    return " ".join((lab, one.lab, one.name, *one.aliases))


def _plain(text: str) -> str:
    """A spelling without what people vary: "GPT-4.1 mini" → "gpt41mini"."""
    return re.sub(r"[\W_]", "", text.lower().replace("+", "plus"))
