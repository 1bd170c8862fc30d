"""Dates as feeds write them. Pure; a date is shown, and never says which entry it is."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_NAMES, start=1)}
_ZONES = {"GMT": "+00:00", "UTC": "+00:00", "Z": "+00:00", "+0000": "+00:00"}
_OFFSET = re.compile(r"[+-]\d\d:?\d\d\Z")
_WORDS = re.compile(r"([A-Za-z]{3})[a-z]*\.? (\d{1,2}),? (\d{4})\b")
_CHINESE = re.compile(r"(\d{4})\s*[年/.]\s*(\d{1,2})\s*[月/.]\s*(\d{1,2})")
_MILLISECONDS = 100_000_000_000
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_LATEST = datetime(2100, 1, 1, tzinfo=UTC)


def read_date(value: Any) -> datetime | None:
    """The moment in UTC, or None where nobody could say which one is meant."""
    try:
        moment = _number(value) if isinstance(value, (int, float)) else _text(str(value or ""))
        if moment is None:
            return None
        if moment.tzinfo is not UTC:
            zoned = moment.tzinfo is not None
            moment = moment.astimezone(UTC) if zoned else moment.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError, OSError):
        return None
    return moment if _EARLIEST <= moment < _LATEST else None


def _number(value: float) -> datetime | None:
    """Seconds or, as some lists have it, milliseconds since 1970."""
    if isinstance(value, bool):
        return None
    return datetime.fromtimestamp(value / 1000 if value > _MILLISECONDS else value, UTC)


def _text(text: str) -> datetime | None:
    text = text.strip()[:64]
    if not text:
        return None
    if text[:4].isdigit():
        if text.isdigit() and len(text) > 8:
            return _number(int(text))
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass
    if usual := _usual(text):
        return usual
    if chinese := _CHINESE.match(text):
        return datetime(int(chinese[1]), int(chinese[2]), int(chinese[3]), tzinfo=UTC)
    words = _WORDS.match(text)
    if words and words[1].lower() in _MONTHS:
        return datetime(int(words[3]), _MONTHS[words[1].lower()], int(words[2]), tzinfo=UTC)
    return parsedate_to_datetime(text)


def _usual(text: str) -> datetime | None:
    """ "Thu, 04 Dec 2025 21:06:46 GMT", as nearly every RSS feed has it; the rest takes longer."""
    words = text.split(" ")
    if len(words) == 6 and words[0].endswith(","):
        del words[0]
    if len(words) != 5:
        return None
    day, month, year, clock, zone = words
    number = _MONTHS.get(month.lower())
    offset = _ZONES.get(zone) or (zone if _OFFSET.match(zone) else "")
    if number is None or not offset or len(clock) != 8 or len(year) != 4:
        return None
    clock = clock if clock[6:] != "60" else clock[:6] + "59"  # a leap second
    return datetime.fromisoformat(f"{year}-{number:02}-{day:0>2}T{clock}{offset}")
