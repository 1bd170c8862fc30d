"""The text of one option → its value: numbers, names, spans of time. Pure."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from bot.errors import UserError
from bot.model.command import Kind, Option
from bot.model.symbol import parse_symbol
from bot.model.wording import MINUS, listing


def _text(option: Option, text: str) -> str:
    if not text.strip():
        raise UserError(f"{option.name} is empty; give {option.kind.value}.")
    return text.strip()


def _choice(option: Option, text: str) -> str:
    lowered = text.strip().lower()
    if lowered in option.choices:
        return lowered
    choices = listing(list(option.choices), "or")
    if not text.strip():
        raise UserError(f"{option.name} is empty; write {option.name}= and {choices}.")
    raise UserError(f"{option.name} must be {choices}, not {text.strip()}.")


def _symbols(option: Option, text: str) -> tuple[str, ...]:
    found = tuple(parse_symbol(part) for part in _text(option, text).split(",") if part.strip())
    if not found:
        raise UserError(f"{option.name} is empty; give {option.kind.value}.")
    return found


def _names(option: Option, text: str) -> tuple[str, ...]:
    """Names, each once, as they were written; "vs" stands for a comma."""
    parts = (part.strip() for part in re.split(r",|\svs\.?\s", _text(option, text)))
    names = {part.lower(): part for part in reversed([part for part in parts if part])}
    if not names:
        raise UserError(f"{option.name} is empty; give {option.kind.value}.")
    return tuple(reversed(names.values()))


def _levels(option: Option, text: str) -> tuple[float, ...]:
    return read_levels(_text(option, text))


def read_levels(text: str) -> tuple[float, ...]:
    """Levels such as "5,10,20" or "10%" as ascending fractions; raises UserError."""
    levels = set()
    for part in text.split(","):
        number = part.strip().removesuffix("%").strip().lstrip("-" + MINUS)
        try:
            level = float(number)
        except ValueError:
            level = 0
        if not 0 < level < 100:
            raise UserError(
                f'"{part.strip()}" is not a level; write percentages between 0 and 100, '
                "such as 5,10,20."
            )
        fraction = round(level / 100, 6)
        if not 0 < fraction < 1:
            raise UserError(
                f'"{part.strip()}" is too fine a level; write percentages from 0.0001 to 99.9999.'
            )
        levels.add(fraction)
    return tuple(sorted(levels))


def _figures(option: Option, text: str) -> tuple[float, ...]:
    """Numbers such as "5,10", "−10%" or "$150", with their minus signs."""
    figures = []
    for part in _text(option, text).replace("$", "").replace(MINUS, "-").split(","):
        if not part.strip():
            continue
        try:
            plain = part.strip().removesuffix("%").strip().lstrip("±")
            figure = float(plain.rstrip("xX×") if option.name == "multiple" else plain)
        except ValueError:
            figure = 0.0
        if not 0 < abs(figure) < 1e9:
            what = "level" if option.name == "levels" else "number"
            raise UserError(f'"{part.strip()}" is not a {what}; give {option.help}.')
        figures.append(figure)
    if not figures:
        raise UserError(f"{option.name} is empty; give {option.help}.")
    return tuple(figures)


_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def _duration(option: Option, text: str) -> timedelta:
    stripped = text.strip().lower()
    unit, number = _UNITS.get(stripped[-1:]), stripped[:-1]
    if unit is None or not number.isdecimal() or not 0 < int(number) < 10_000:
        raise UserError(
            f"{option.name} {text} will not do; write 30m, 6h, 3d or 2w (minutes to weeks)."
        )
    return timedelta(**{unit: int(number)})


def whole_number(text: str) -> int | None:
    """A whole number such as "10000", "10,000" or "10k"; None where it is none."""
    plain = text.replace(",", "").replace(MINUS, "-").lower()
    times = {"k": 10**3, "m": 10**6}.get(plain[-1:], 1)
    try:
        return int(plain if times == 1 else plain[:-1]) * times
    except ValueError:
        return None


def _integer(option: Option, text: str) -> int:
    of_a_hundred = option.help.startswith("percent")
    number = whole_number(text.strip().removesuffix("%").strip() if of_a_hundred else text)
    if number is None or not option.lowest <= number <= option.highest:
        bounds = f"of {option.lowest} or more"
        if option.highest < 10**9 or (number is not None and number > option.highest):
            bounds = f"from {option.lowest:,} to {option.highest:,}"
        raise UserError(f"{option.name} {text} will not do; give a whole number {bounds}.")
    return number


def _yes_no(option: Option, text: str) -> bool:
    lowered = text.strip().lower()
    if lowered in ("yes", "y", "true", "on", "1"):
        return True
    if lowered in ("no", "n", "false", "off", "0"):
        return False
    raise UserError(f"{option.name} {text} will not do; say yes or no.")


# What reads each kind.
READERS: dict[Kind, Callable[[Option, str], Any]] = {
    Kind.TARGET: _text,
    Kind.SYMBOLS: _symbols,
    Kind.CHOICE: _choice,
    Kind.NAME: _text,
    Kind.NAMES: _names,
    Kind.WORDS: _text,
    Kind.LEVELS: _levels,
    Kind.FIGURES: _figures,
    Kind.DURATION: _duration,
    Kind.INTEGER: _integer,
    Kind.YES_NO: _yes_no,
}
