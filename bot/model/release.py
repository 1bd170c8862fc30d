"""A model release."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Release:
    """A model that a lab made available.

    `released_on` is the date the lab or a register gives. `known_at` (UTC) is when the bot
    may use it: a release known only by its date is known from 23:59:59 UTC of that day on.
    `kind` is "language", "code", "image", "video", "audio", "embedding" or "other".
    `open_weights` is None where unknown. `other_dates` lists dates that other sources give.
    """

    key: str
    lab: str
    model: str
    kind: str
    released_on: date
    known_at: datetime
    open_weights: bool | None
    source: str
    url: str = ""
    other_dates: str = ""
