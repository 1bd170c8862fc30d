"""Marks: what has come of an alert since it was told, as lines under its message. Pure.

A mark is JSON-ready: {"kind": "silence", "verb": "Snoozed", "by", "until", "zone", "target"} or
{"kind": "deeper", "level", "at", "zone"}, the level in parts per million; where the message says
other things too, "title" names what is silenced or went deeper, and "text" says what is no fall.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.model.rule import PPM
from bot.model.wording import level, moment, sentence, weekday

Mark = Mapping[str, Any]
SILENCE, DEEPER = "silence", "deeper"
# What they did who silenced it: by a button, or by a command.
SNOOZED, SILENCED = "Snoozed", "Silenced"


def silence_mark(
    verb: str, by: str, until: datetime, zone: str, target: str, *, title: str = ""
) -> dict[str, Any]:
    """Somebody silenced `target` until then; `verb` is "Snoozed" or "Silenced"."""
    mark = {
        "kind": SILENCE,
        "verb": verb,
        "by": by,
        "until": until.isoformat(),
        "zone": zone,
        "target": target,
    }
    return mark | ({"title": title} if title else {})


def deeper_mark(
    level_ppm: int, at: datetime, zone: str, *, title: str = "", text: str = ""
) -> dict[str, Any]:
    """A deeper level was told at that moment."""
    mark = {"kind": DEEPER, "level": level_ppm, "at": at.isoformat(), "zone": zone}
    return mark | ({"title": title} if title else {}) | ({"text": text} if text else {})


def with_mark(marks: Iterable[Mark], mark: Mark) -> list[Mark]:
    """The marks with one more, in place of an earlier one of its kind (and of what it names)."""
    kept = [one for one in marks if _place(one) != _place(mark)]
    return sorted([*kept, mark], key=lambda one: one["kind"] == SILENCE)


def _place(mark: Mark) -> tuple[str, str]:
    return str(mark["kind"]), str(mark.get("title", ""))


def without_deeper(marks: Iterable[Mark], at: datetime, before: Iterable[Mark]) -> list[Mark]:
    """The marks where what went deeper at that moment was not told after all.

    What was told `before` it comes back in its place.
    """
    kept = [one for one in marks if one["kind"] != DEEPER or one["at"] != at.isoformat()]
    places = {_place(one) for one in kept}
    back = [one for one in before if one["kind"] == DEEPER and _place(one) not in places]
    return [*back, *kept]


def lasting(marks: Iterable[Mark], now: datetime) -> list[Mark]:
    """The marks that a recovered message still carries: silences that are not over."""
    return [
        one
        for one in marks
        if one["kind"] == SILENCE and datetime.fromisoformat(one["until"]) > now
    ]


def mark_lines(marks: Sequence[Mark]) -> tuple[str, ...]:
    """A line for each mark, in plain words; a kind that is not known has none."""
    return tuple(line for one in marks if (line := _line(one)))


def _line(mark: Mark) -> str:
    zone = str(mark.get("zone") or "UTC")
    if mark["kind"] == SILENCE:
        until = datetime.fromisoformat(mark["until"])
        did = f"{mark['verb']} by {mark['by'] or 'somebody'} until {_when(until, zone)}"
        return f"{mark['title']}: {did[0].lower()}{did[1:]}" if mark.get("title") else did
    if mark["kind"] == DEEPER:
        at = moment(datetime.fromisoformat(mark["at"]), zone)
        if mark.get("text"):
            return f"{sentence(mark['text'])}, told on {at}"
        went = f"went on to {level(mark['level'] / PPM)}, told on {at}"
        return sentence(f"{mark.get('title', '')} {went}".strip())
    return ""


def _when(until: datetime, zone: str) -> str:
    """A moment with its weekday: "Mon 27 Jan 2025, 18:00 UTC"."""
    local = until.astimezone(ZoneInfo(zone))
    return f"{weekday(local.date())}, {local:%H:%M} {zone}"
