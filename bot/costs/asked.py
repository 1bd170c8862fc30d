"""What people type when they ask for prices: a day, and a mix of input and output. Pure."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from math import gcd

from bot.errors import UserError
from bot.model.wording import MINUS, day

_WRITTEN = ("%d %b %Y", "%d %B %Y", "%b %d %Y", "%B %d %Y", "%Y/%m/%d", "%d.%m.%Y")
_NUMBER = rf"[-{MINUS}]?\d+(?:\.\d+)?"
_BETWEEN = r"\s*%?(?:\s*(?::|/|,|;|to|-)\s*|\s+)"
_MIX = re.compile(rf"({_NUMBER}){_BETWEEN}({_NUMBER})\s*%?", re.IGNORECASE)
_ONE = re.compile(rf"({_NUMBER})\s*(%?)")
_HIGHEST = 10**6


@dataclass(frozen=True, slots=True)
class Mix:
    """How many tokens of input go with how many of output; both above zero."""

    input: Decimal
    output: Decimal

    def __str__(self) -> str:
        """ "3:1", in the smallest whole numbers where both are whole."""
        if self.input == int(self.input) and self.output == int(self.output):
            shared = gcd(int(self.input), int(self.output))
            return f"{int(self.input) // shared}:{int(self.output) // shared}"
        return f"{self.input.normalize():f}:{self.output.normalize():f}"


def parse_mix(text: str) -> Mix:
    """ "3:1", "75/25", "3 to 1" or "75%", which leaves the rest to output; raises UserError."""
    words = text.strip()
    if found := _MIX.fullmatch(words):
        first, second = (Decimal(one.replace(MINUS, "-")) for one in found.groups())
    elif found := _ONE.fullmatch(words):
        first = Decimal(found[1].replace(MINUS, "-"))
        second = 100 - first if found[2] else Decimal(1)
    else:
        raise UserError(
            f"“{words}” is not a mix; write input tokens to output tokens, such as 3:1."
        )
    if not (0 < first <= _HIGHEST and 0 < second <= _HIGHEST):
        raise UserError(
            f"A mix of {words} will not do; input and output must both be above zero and at most "
            "a million, such as 3:1."
        )
    return Mix(first, second)


def parse_day(text: str, today: date) -> date | None:
    """ "2025-01-28", "28 Jan 2025", "Jan 28, 2025", "today" or "yesterday"; None where `text` is
    no day.
    """
    words = " ".join(text.replace(",", " ").split())
    if words.lower() in ("today", "now"):
        return today
    if words.lower() == "yesterday":
        return today - timedelta(days=1)
    if re.fullmatch(r"\d{4}-\d\d-\d\d", words):
        try:
            return date.fromisoformat(words)
        except ValueError:
            return None
    for form in _WRITTEN:
        try:
            return datetime.strptime(words, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None


def not_a_day(text: str) -> UserError:
    """What to say where `parse_day` found none."""
    return UserError(f"“{text.strip()}” is not a day; write it as 2025-01-28 or 28 Jan 2025.")


def moment_on(asked: date, now: datetime) -> datetime:
    """The moment that prices of a day are told for: its end (UTC), or now if it has not ended;
    raises UserError where it has not begun.
    """
    if asked > now.date():
        raise UserError(f"{day(asked)} has not come yet; give today or an earlier day.")
    return min(now, datetime.combine(asked, time(23, 59, 59, 999_999), UTC))
