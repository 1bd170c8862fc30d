"""Trust before speed: is this bar fit to be judged? Pure, with a named reason."""

from collections.abc import Collection
from datetime import date, datetime
from enum import StrEnum

from bot.model.bar import Bar


class Verdict(StrEnum):
    """Why a bar was accepted, or held back from every judgement."""

    ACCEPTED = "accepted"
    NO_PRICE = "the price is missing or zero"
    NOT_CLOSED = "the session has not closed yet"
    NOT_A_SESSION = "the exchange was closed that day"


def judge(bar: Bar, sessions: Collection[date], now: datetime) -> Verdict:
    """The verdict on a final daily bar; `sessions` are the exchange's open days."""
    if bar.close <= 0:
        return Verdict.NO_PRICE
    if bar.as_of > now or not bar.final:
        return Verdict.NOT_CLOSED
    if bar.day not in sessions:
        return Verdict.NOT_A_SESSION
    return Verdict.ACCEPTED
