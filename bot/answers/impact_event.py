"""What /impact is asked: words that may be in each other's place, a release's name or a day."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.costs.asked import parse_day
from bot.errors import UserError
from bot.market.window import EARLIEST, LATEST, parse_window
from bot.model.release import Release
from bot.model.wording import day, listing
from bot.releases.matching import Named, match, near
from bot.services import Request

MOST_OTHERS = 3
DEFAULT = "0..5"
_LIKE_A_DAY = re.compile(r"\d{4}-\d{1,2}-\d{1,2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Event:
    """A day, and the release that came then where one was asked for; `others` may have been meant
    as well.
    """

    day: date
    release: Release | None = None
    others: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """How it is called: "DeepSeek-R1", "27 Jan 2025"."""
        return day(self.day) if self.release is None else self.release.model


@dataclass(frozen=True, slots=True)
class Words:
    """What stands for what: the event's name, the target's, the window; None where not given."""

    event: str | None
    target: str | None
    window: tuple[int, int]
    history: bool


def sorted_out(
    options: Mapping[str, Any], is_target: Callable[[str], bool], is_event: Callable[[str], bool]
) -> Words:
    """The options, where people left some out or wrote a name of two words without quotation
    marks: "DeepSeek R1 compute", "r1 -1..10", "history=yes NVDA". Raises UserError.
    """
    event: str | None = options.get("release")
    target: str | None = options.get("target")
    window, ranking = str(options["window"]), bool(options.get("history"))
    if event is not None and is_target(event) and not is_event(event):
        if target is None and not ranking:
            raise UserError(
                f"{event} is no release; name one as well, such as /impact DeepSeek-R1 {event}, or "
                f"rank them all with /impact history=yes {event}."
            )
        if target is not None and is_event(target) and not is_target(target):
            event, target = target, event
    if event is not None and target is not None and not is_target(target):
        given = [event, *target.split(), *([] if window == DEFAULT else window.split())]
        ends = [end for end in range(2, len(given) + 1) if is_event(" ".join(given[:end]))]
        if ends:  # the longest name that there is
            rest = given[ends[-1] :]
            event = " ".join(given[: ends[-1]])
            target = rest.pop(0) if rest and is_target(rest[0]) else None
            window = " ".join(rest) or DEFAULT
        elif parse_window(target) is not None and not target.isdigit():
            window, target = target, None
    if ranking and target is None:
        target, event = event, None  # the first word after the command
        if target is not None and not is_target(target) and parse_window(target) is not None:
            window, target = target, None
    span = parse_window(window)
    several = [one for one in f"{target or ''},{window if span is None else ''}".split(",") if one]
    if len(several) > 1 and all(is_target(one) for one in several):
        raise UserError(
            f"One target at a time: {listing(several, 'or')}; /basket add makes a basket of them."
        )
    if span is None:
        raise UserError(
            f"“{window}” is not a window; write sessions around the first one after the release, "
            f"such as 0..5 or -1..10, from {EARLIEST} to {LATEST}."
        )
    if event is None and not ranking:
        raise UserError(
            "Name a release or a day, such as /impact DeepSeek-R1; "
            "/impact history=yes ranks past releases."
        )
    return Words(event, target, span, ranking)


def is_event(text: str, known: Sequence[Release], request: Request) -> bool:
    """Whether `text` is a day or names a release known by now."""
    if parse_day(text, request.now.date()) is not None:
        return True
    return bool(match(text, _named(known), request.services.releases.labs).found)


def _named(known: Sequence[Release]) -> list[Named]:
    return [Named(one.lab, one.model, one.released_on) for one in known]


def find_event(text: str, known: Sequence[Release], request: Request) -> Event:
    """The event that `text` names among the releases `known` by now; raises UserError."""
    today = request.now.date()
    asked = parse_day(text, today)
    if asked is not None:
        if asked > today:
            raise UserError(f"{day(asked)} is yet to come; ask for a day up to {day(today)}.")
        return Event(asked)
    names = {(one.lab, one.model, one.released_on): one for one in known}
    named = _named(known)
    found = match(text, named, request.services.releases.labs).found
    if not found and _LIKE_A_DAY.fullmatch(text.strip()):
        raise UserError(f"{text} is not a day of the calendar; write one such as 2025-01-27.")
    if not found:
        close = near(text, named)
        advice = (
            f"did you mean {listing(close, 'or')}?"
            if close
            else "/releases search finds them by a word; a day such as 2025-01-27 does as well."
        )
        raise UserError(f"No release {text} is known up to {day(today)}; {advice}")
    first, *rest = found
    release = names[first.lab, first.name, first.released_on]
    return Event(release.released_on, release, tuple(one.name for one in rest[:MOST_OTHERS]))
