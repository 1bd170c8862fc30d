"""A new model → the card that says so. Pure."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from bot.model.card import Card, Field
from bot.model.wording import day, listing


def release_card(facts: Mapping[str, Any]) -> Card:
    """A lab released a model."""
    weights = facts["open_weights"]
    kind = {True: "open weights", False: "closed weights", None: "weights not known"}[weights]
    lines = [f"{facts['lab_name']}, {day(date.fromisoformat(facts['released_on']))}"]
    lines[0] += f" · {facts['model_kind']} model"
    if facts["other_dates"]:
        lines.append(f"Sources differ on the date: also {_readable(facts['other_dates'])}")
    if facts["url"]:
        lines.append(facts["url"])
    fields = tuple(Field(item["symbol"], item["reason"]) for item in facts["exposed"])
    if fields:
        lines.append("Stocks to watch, and why:")
    return Card(
        title=f"{facts['model']}: a new model, {kind}",
        text="\n".join(lines),
        fields=fields,
        footer=f"Source: {facts['source']}, which gives the day but not the hour",
        facts=facts,
    )


def _readable(dates: str) -> str:
    """ "2024-12-20 (a); 2025-01-01 (b)" as people write dates."""
    parts = [part.split(" ", 1) for part in dates.split("; ")]
    return listing([f"{day(date.fromisoformat(when))} {source}" for when, source in parts])
