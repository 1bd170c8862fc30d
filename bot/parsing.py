"""A line of text → a command of the table with typed options. Every mistake gets one sentence."""

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from difflib import get_close_matches
from typing import Any

from bot.errors import UserError
from bot.model.command import Command, Kind, Option
from bot.model.symbol import parse_symbol
from bot.model.wording import MINUS, listing

# Forty symbols fit, and no sentence that quotes what was written grows beyond a message.
LONGEST_VALUE = 500


@dataclass(frozen=True, slots=True)
class Parsed:
    """A command and its options by name, each typed; those not given have their default."""

    command: Command
    options: Mapping[str, Any]


def parse_line(line: str, commands: Sequence[Command]) -> Parsed:
    """Read `name [sub] positional… option=value…`, with or without a leading slash."""
    try:
        words = shlex.split(line.replace("’", "'") if "'" not in line else line)
    except ValueError:
        raise UserError(
            'A quotation mark is not closed; write "two words" with two of them.'
        ) from None
    if not words:
        raise UserError("Type a command, such as /drawdown NVDA; /help lists them all.")
    command, rest = _find(words, commands)
    return Parsed(command, _options(command, rest))


def _find(words: list[str], commands: Sequence[Command]) -> tuple[Command, list[str]]:
    first = words[0].lower().lstrip("/")
    group = [command for command in commands if command.path[0] == first]
    if not group:
        near = get_close_matches(first, sorted({c.path[0] for c in commands}), 1, 0.5)
        advice = f"did you mean /{near[0]}?" if near else "/help lists them all."
        raise UserError(f"/{first} is not a command; {advice}")
    if len(group[0].path) == 1:
        return group[0], words[1:]
    subs = [command.path[1] for command in group]
    names = listing([command.name for command in group], "or")
    if len(words) == 1:
        raise UserError(f"/{first} needs one more word: {names}.")
    second = words[1].lower()
    for command in group:
        if command.path[1] == second:
            return command, words[2:]
    near = get_close_matches(second, subs, 1, 0.5)
    advice = f"did you mean /{first} {near[0]}?" if near else f"there is {names}."
    raise UserError(f"/{first} {second} is not a command; {advice}")


def _options(command: Command, words: list[str]) -> dict[str, Any]:
    return read_options(command, _texts(command, _commas_joined(words)))


def read_options(command: Command, texts: Mapping[str, str]) -> dict[str, Any]:
    """What was written for each option by name → typed values; raises UserError.

    Options that are not in `texts` have their default.
    """
    values: dict[str, Any] = {}
    for option in command.options:
        if len(texts.get(option.name, "")) > LONGEST_VALUE:
            raise UserError(
                f"{option.name} is too long; give {option.help}, at most {LONGEST_VALUE} letters."
            )
        if option.name in texts:
            form = option.forms.get(str(values.get(option.by)))
            fitting = option if form is None else replace(option, help=form)
            _refuse_figure(command, option, texts[option.name])
            values[option.name] = _READERS[option.kind](fitting, texts[option.name])
        elif option.required:
            raise UserError(f"{command.name} needs {option.help}; write {command.usage}")
        else:
            values[option.name] = option.default
    return values


def _refuse_figure(command: Command, option: Option, text: str) -> None:
    """Raise UserError where a figure stands in the place of what says how it is meant."""
    if option.kind is not Kind.CHOICE or not text.lstrip("-" + MINUS)[:1].isdigit():
        return
    for other in command.options:
        if other.by == option.name:
            raise UserError(
                f"{option.name} must be {listing(list(option.choices), 'or')}, not {text}; "
                f"write {other.name}={text} if you leave it out."
            )


def _texts(command: Command, words: list[str]) -> dict[str, str]:
    """What was written for each option, by name or by position."""
    texts: dict[str, str] = {}
    free: list[str] = []
    last: Option | None = None  # the option just named, while it may take more words
    flags = {option.name for option in command.options if option.kind is Kind.YES_NO}
    for word in words:
        name, equals, value = _named_as(command, word)
        if word.lower() in flags and word.lower() not in texts:  # the name alone means yes
            texts[word.lower()] = "yes"
            last = None
        elif equals and name.isidentifier():
            last = _named(command, name.lower())
            if last.name in texts:
                raise UserError(f"{last.name} is given twice; keep one of them.")
            texts[last.name] = value
        elif last is not None and _goes_on(last, texts[last.name], word, named=True):
            texts[last.name] = f"{texts[last.name]} {word}".strip()
        else:
            free.append(word)
            last = None
    left = [option for option in command.options if option.name not in texts]
    while free:
        if not left:
            raise UserError(f"“{free[0]}” is one word too many; write {command.usage}")
        option = left.pop(0)
        texts[option.name] = free.pop(0)
        # Names of models have spaces: a target that nothing can follow takes all the words.
        whole = option.kind is Kind.TARGET and option is command.options[-1]
        while free and (whole or _goes_on(option, texts[option.name], free[0])):
            texts[option.name] += f" {free.pop(0)}"
    return texts


def _named_as(command: Command, word: str) -> tuple[str, str, str]:
    """ "labs=OpenAI" in its parts; "labs:OpenAI", as Discord shows it, means the same."""
    name, colon, value = word.partition(":")
    if colon and any(option.name == name.lower() for option in command.options):
        return name, "=", value
    return word.partition("=")


def _goes_on(option: Option, text: str, word: str, *, named: bool = False) -> bool:
    """Whether `word` still belongs to the option that `text` was written for.

    Names that were not asked for by the option's own name leave the next word to the next option,
    but where there must be some.
    """
    if option.kind is Kind.NAMES:
        return named or option.required
    return option.kind is Kind.WORDS or (text.lower() in option.prefixes and word.isdigit())


def _commas_joined(words: list[str]) -> list[str]:
    """ "10," and "20" are one list, as "10,20" is."""
    joined: list[str] = []
    for word in words:
        if joined and (joined[-1].endswith(",") or word.startswith(",")) and "=" not in word:
            joined[-1] += f" {word}"
        else:
            joined.append(word)
    return joined


def _named(command: Command, name: str) -> Option:
    for option in command.options:
        if option.name == name:
            return option
    names = [option.name for option in command.options]
    near = get_close_matches(name, names, 1, 0.5)
    if near:
        raise UserError(f"{name} is not an option of {command.name}; did you mean {near[0]}?")
    raise UserError(f"{name} is not an option of {command.name}; write {command.usage}")


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
    return tuple(parse_symbol(part) for part in _text(option, text).split(",") if part.strip())


def _names(option: Option, text: str) -> tuple[str, ...]:
    """Names, each once, as they were written."""
    parts = (part.strip() for part in _text(option, text).split(","))
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
        levels.add(round(level / 100, 6))
    return tuple(sorted(levels))


def _figures(option: Option, text: str) -> tuple[float, ...]:
    """Numbers such as "5,10", "−10%" or "$150", with their minus signs."""
    figures = []
    for part in _text(option, text).replace("$", "").replace(MINUS, "-").split(","):
        if not part.strip():
            continue
        try:
            figure = float(part.strip().removesuffix("%").strip().lstrip("±"))
        except ValueError:
            figure = 0.0
        if not 0 < abs(figure) < 1e9:
            raise UserError(f'"{part.strip()}" is not a level; give {option.help}.')
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


def _integer(option: Option, text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = None
    if number is None or not option.lowest <= number <= option.highest:
        bounds = f"from {option.lowest} to {option.highest}" if option.highest < 10**9 else ""
        what = f"a whole number {bounds}".strip()
        raise UserError(f"{option.name} {text} will not do; give {what}.")
    return number


def _yes_no(option: Option, text: str) -> bool:
    lowered = text.strip().lower()
    if lowered in ("yes", "y", "true", "on", "1"):
        return True
    if lowered in ("no", "n", "false", "off", "0"):
        return False
    raise UserError(f"{option.name} {text} will not do; say yes or no.")


_READERS: dict[Kind, Callable[[Option, str], Any]] = {
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
