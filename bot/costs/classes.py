"""Classes of models whose prices are compared with each other. Pure."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from bot.model.known import Model

# So many months after its release a leading model is no longer at the frontier.
FRONTIER_MONTHS = 18


class Class(StrEnum):
    """What is compared with what."""

    FRONTIER = "frontier"  # its lab's best when it came, for a year and a half
    REASONING = "reasoning"  # those that are known to reason before they answer
    ALL = "all"  # every language model


# How a model of each class is called in a sentence.
NOUNS: Mapping[Class, str] = {
    Class.FRONTIER: "frontier model",
    Class.REASONING: "reasoning model",
    Class.ALL: "language model",
}


def in_class(model: Model, which: Class, day: date) -> bool:
    """Whether a model belongs to a class on that day; none does before its release."""
    if model.kind != "language" or day < model.released_on:
        return False
    if which is Class.FRONTIER:
        return model.leads and day < _months_later(model.released_on, FRONTIER_MONTHS)
    return model.reasoning is True if which is Class.REASONING else True


def _months_later(day: date, months: int) -> date:
    """The same day so many months on; the first of the next where that month has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    try:
        return date(year, month + 1, day.day)
    except ValueError:
        return date(year, month + 2, 1)
