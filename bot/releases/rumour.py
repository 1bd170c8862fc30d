"""Rumours: what is said of a model before it is out. Pure."""

from bot.model.feed import Judgement


def is_rumour(judgement: Judgement) -> bool:
    """Whether an entry says that a model will come, not that it has."""
    return not judgement.release and judgement.reason.lower().startswith("rumo")
