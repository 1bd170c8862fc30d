"""Is a release of the kind that a subscription asks for? Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.model.basket import Lab
from bot.model.release import Release
from bot.model.wording import listing
from bot.releases.naming import starts_word

KINDS = ("language", "code", "image", "video", "audio", "embedding", "other")
# What a subscription's filters hold; what is missing narrows nothing.
LISTS = ("labs", "kinds", "keywords", "without")
SWITCHES = ("open_only", "rumours")
# Which studies of the sessions after a release a channel is told.
ALWAYS, UNUSUAL, NEVER = STUDIES = ("always", "unusual", "never")
_STUDIED = {
    ALWAYS: ", each with a study of what followed",
    UNUSUAL: "",
    NEVER: ", without studies of what followed",
}
Identity = tuple[tuple[str, ...] | bool, ...]


def notable(release: Release, labs: Mapping[str, Lab]) -> bool:
    """A language model of a lab at the frontier: what a channel gets unless it asks for more."""
    lab = labs.get(release.lab)
    return release.kind == "language" and lab is not None and lab.frontier


def wanted(
    release: Release,
    labs: Mapping[str, Lab],
    filters: Mapping[str, Any],
    *,
    title: str = "",
    rumour: bool = False,
) -> bool:
    """Whether `filters` let the release through, which was heard of under `title`.

    Keys: `labs` (keys of labs), `kinds`, `open_only`, `keywords` (any of them) and `without` (none
    of them) in the model's name, the lab's or the title, `rumours`. With neither labs, kinds nor
    keywords, notable releases only.
    """
    if rumour and not filters.get("rumours"):
        return False
    if filters.get("open_only") and release.open_weights is not True:
        return False
    if filters.get("labs") and release.lab not in filters["labs"]:
        return False
    if filters.get("kinds") and release.kind not in filters["kinds"]:
        return False
    name = labs[release.lab].name if release.lab in labs else ""
    said = (release.model, release.lab, name, title)
    keywords = filters.get("keywords")
    if keywords and not _mentions(keywords, said):
        return False
    if _mentions(filters.get("without") or (), said):
        return False
    asked = any(filters.get(key) for key in ("labs", "kinds", "keywords"))
    return asked or notable(release, labs)


def _mentions(words: Sequence[str], said: Sequence[str]) -> bool:
    return any(starts_word(word, text) for word in words for text in said)


def identity(filters: Mapping[str, Any]) -> Identity:
    """What tells filters apart: equal where the same releases pass, however they were written and
    whichever studies follow.
    """
    lists = (tuple(sorted(str(one) for one in filters.get(key) or ())) for key in LISTS)
    return (*lists, *(bool(filters.get(key)) for key in SWITCHES))


def wanted_text(filters: Mapping[str, Any], labs: Mapping[str, Lab]) -> str:
    """What `filters` let through, in a sentence: "new models of DeepSeek with open weights"."""
    chosen, kinds = filters.get("labs"), filters.get("kinds")
    keywords, without = filters.get("keywords"), filters.get("without")
    if chosen:
        names = listing([labs[key].name if key in labs else key for key in chosen])
        text = f"{_models(kinds)} of {names}"
    elif kinds or keywords:
        text = f"{_models(kinds)} of all labs"
    else:
        text = "new language models of frontier labs"
    text += " with open weights" if filters.get("open_only") else ""
    text += f", named {listing(list(keywords), 'or')}" if keywords else ""
    text += f", without {listing(list(without), 'or')}" if without else ""
    text += ", rumours too" if filters.get("rumours") else ""
    return text + _STUDIED[study_wish(filters)]


def _models(kinds: Sequence[str] | None) -> str:
    if not kinds:
        return "new models"
    if list(kinds) == ["other"]:
        return "new models of other kinds"
    return f"new {listing([one for one in KINDS if one in kinds])} models"


def study_wish(filters: Mapping[str, Any]) -> str:
    """Which studies a channel is told: "unusual" ones, unless it asked for another of `STUDIES`."""
    return str(filters.get("study") or UNUSUAL)
