"""The releases, labs and exposures that ship with the program."""

import csv
import re
import tomllib
from datetime import UTC, date, datetime, time
from functools import cache
from importlib.resources import files

from bot.model.basket import Exposure, Lab
from bot.model.release import Release

_FOLDER = files("bot.shipped")
_OPEN = {"yes": True, "no": False}
# Known by their date only, so not before that day is over.
_KNOWN = time(23, 59, 59, tzinfo=UTC)


@cache
def load_labs() -> dict[str, Lab]:
    """Labs by key."""
    rows = tomllib.loads(_FOLDER.joinpath("labs.toml").read_text("utf-8"))
    return {key: Lab(key, row["name"], row.get("frontier", False)) for key, row in rows.items()}


@cache
def load_exposures() -> dict[str, tuple[Exposure, ...]]:
    """The stocks that depend on each lab, most exposed first."""
    rows = tomllib.loads(_FOLDER.joinpath("exposure.toml").read_text("utf-8"))
    return {
        lab: tuple(
            Exposure(lab, item["symbol"], item["reason"], item.get("since")) for item in items
        )
        for lab, items in rows.items()
    }


@cache
def load_releases() -> tuple[Release, ...]:
    """Every shipped release, oldest first."""
    text = _FOLDER.joinpath("releases.csv").read_text("utf-8")
    return tuple(_release(row) for row in csv.DictReader(text.splitlines()))


def _release(row: dict[str, str]) -> Release:
    day = date.fromisoformat(row["date"])
    slug = re.sub(r"[^\w.]+", "-", row["model"].lower()).strip("-")
    return Release(
        key=f"{row['lab']}/{slug}/{day.isoformat()}",
        lab=row["lab"],
        model=row["model"],
        kind=row["kind"],
        released_on=day,
        known_at=datetime.combine(day, _KNOWN),
        open_weights=_OPEN.get(row["open_weights"]),
        source=row["source"],
        url=row["url"],
        other_dates=row["other_dates"],
    )
