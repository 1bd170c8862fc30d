"""What a judgement of an entry says to people. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.model.card import Field
from bot.model.feed import Judgement
from bot.model.reason import in_words

# What was made of an entry, as people call it.
STATES: Mapping[str, str] = {
    "release": "a release",
    "waiting": "not sure yet",
    "rumour": "a rumour",
    "other": "no release",
    "held": "one of too many at once",
}
# What the facts of a message say of how it was decided; those from before feeds were read do not.
JUDGED = ("confidence", "reason", "words", "also", "source", "rumour")


def verdict(one: Judgement, sure: float, doubtful: float) -> str:
    """What would be done with it: "release", "waits", "rumour" or "no release"."""
    if one.reason.startswith(("rumor", "rumour")):
        return "rumour"
    if one.chance >= sure:
        return "release"
    return "waits" if one.chance >= doubtful else "no release"


def why_text(reason: str, words: Sequence[str]) -> str:
    """The reason, with the words that decided where it does not quote them."""
    said = in_words(reason)
    missing = [word for word in words if word.lower() not in said.lower()]
    quoted = ", ".join(f"“{word}”" for word in missing)
    if not quoted:
        return said or "not said"
    return f"{said} ({quoted})" if said else quoted


def judged_fields(facts: Mapping[str, Any]) -> list[Field]:
    """How a release was judged: why, by which words, how sure, and by which sources."""
    fields = []
    reason, words = str(facts.get("reason") or ""), list(facts.get("words") or ())
    if reason or words:
        what = "a rumour" if facts.get("rumour") else "a release"
        fields.append(Field("Judged", f"{what}: {why_text(reason, words)}"))
    if facts.get("confidence") is not None:
        fields.append(Field("Sure", f"{facts['confidence']:.0%}"))
    also = [str(one) for one in facts.get("also") or ()]
    source = str(facts.get("source") or "")
    if source:
        told = f"{source}, first; then {', '.join(also)}" if also else f"{source} alone"
        fields.append(Field("Sources", told))
    return fields
