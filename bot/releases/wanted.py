"""Is a release of the kind that a subscription asks for? Pure."""

from collections.abc import Mapping
from typing import Any

from bot.model.basket import Lab
from bot.model.release import Release
from bot.model.wording import listing


def notable(release: Release, labs: Mapping[str, Lab]) -> bool:
    """A language model of a lab at the frontier: what a channel gets unless it asks for more."""
    lab = labs.get(release.lab)
    return release.kind == "language" and lab is not None and lab.frontier


def wanted(release: Release, labs: Mapping[str, Lab], filters: Mapping[str, Any]) -> bool:
    """Whether `filters` let the release through.

    Keys: `labs` (list of lab keys), `kinds` (list of kinds), `open_only`. With neither labs nor
    kinds, notable releases only.
    """
    if filters.get("open_only") and release.open_weights is not True:
        return False
    if filters.get("labs") and release.lab not in filters["labs"]:
        return False
    if filters.get("kinds"):
        return release.kind in filters["kinds"]
    return bool(filters.get("labs")) or notable(release, labs)


def wanted_text(filters: Mapping[str, Any], labs: Mapping[str, Lab]) -> str:
    """What `filters` let through, in a sentence: "new models of DeepSeek with open weights"."""
    chosen = filters.get("labs")
    if chosen:
        names = listing([labs[key].name if key in labs else key for key in chosen])
        text = f"new models of {names}"
    else:
        text = "new language models of frontier labs"
    return text + (" with open weights" if filters.get("open_only") else "")
