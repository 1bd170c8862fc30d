"""Acts of government that ship with the program: what else may have moved AI stocks on a day."""

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

_FOLDER = files("bot.shipped")


@dataclass(frozen=True, slots=True)
class PolicyEvent:
    """What was announced, signed or came into force on `day`; `about` is its subject in a word or
    two ("chip exports"), `source` the address of whoever made it known.
    """

    day: date
    what: str
    about: str
    source: str


@cache
def load_policy_events() -> tuple[PolicyEvent, ...]:
    """Every shipped event, oldest first."""
    rows = csv.DictReader(_FOLDER.joinpath("policy_events.csv").read_text("utf-8").splitlines())
    events = (
        PolicyEvent(date.fromisoformat(row["date"]), row["what"], row["about"], row["source"])
        for row in rows
    )
    return tuple(sorted(events, key=lambda event: event.day))
