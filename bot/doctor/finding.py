"""What was found of one thing: how it is, in plain words, and how to mend it. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.cards.to_text import clean
from bot.model.wording import count


class State(StrEnum):
    """How a thing is."""

    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"
    UNCHECKED = "could not check"


_PASSWORD = re.compile(r"(?<=://)[^/@\s\"']+@")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing of an area: how it is, what was found, and one sentence on how to mend it."""

    area: str
    name: str
    state: State
    found: str
    mend: str = ""


def ok(area: str, name: str, found: str) -> Finding:
    """It is as it should be, or there is nothing to say against it."""
    return Finding(area, name, State.OK, found)


def warning(area: str, name: str, found: str, mend: str) -> Finding:
    """It works, but not as well as it should, or not for long."""
    return Finding(area, name, State.WARNING, found, mend)


def wrong(area: str, name: str, found: str, mend: str) -> Finding:
    """It does not work."""
    return Finding(area, name, State.WRONG, found, mend)


def unchecked(area: str, name: str, found: str, mend: str = "") -> Finding:
    """Nobody knows: it could not be looked at."""
    return Finding(area, name, State.UNCHECKED, found, mend)


def summary(findings: Sequence[Finding]) -> str:
    """The last line: "4 things to mend, 1 warning."."""
    bad, doubtful, unknown = (
        sum(one.state is state for one in findings)
        for state in (State.WRONG, State.WARNING, State.UNCHECKED)
    )
    said = [count(bad, "thing") + " to mend"] if bad else ["Nothing to mend"]
    if doubtful:
        said.append(count(doubtful, "warning"))
    if unknown:
        said.append(f"{count(unknown, 'thing')} could not be checked")
    return ", ".join(said) + "."


def without_passwords(text: str) -> str:
    """The text without users and passwords in its addresses."""
    return _PASSWORD.sub("***@", text)


def without(findings: Iterable[Finding], secrets: Sequence[str]) -> list[Finding]:
    """The findings with every secret struck out, and what would confuse a terminal."""

    def struck(text: str) -> str:
        for secret in secrets:
            text = text.replace(secret, "***")
        return clean(without_passwords(text))

    return [
        replace(one, name=struck(one.name), found=struck(one.found), mend=struck(one.mend))
        for one in findings
    ]
