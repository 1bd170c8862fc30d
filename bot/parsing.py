"""A line of text → a command of the table with typed options. Every mistake gets one sentence."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

from bot.errors import UserError
from bot.model.command import Command, Kind, Option
from bot.model.wording import MINUS, listing
from bot.values import READERS, whole_number

# Forty symbols fit, and no sentence that quotes what was written grows beyond a message.
LONGEST_VALUE = 500
# What is quoted of a word that is no command or option.
_LONGEST_WORD = 60
# Options that people name in a sentence: "from GPT-4o to DeepSeek-V3".
_PREPOSITIONS = ("from", "to")
# Options that take names of models, which have spaces.
_OF_MODELS = ("model", "models", "names", *_PREPOSITIONS)


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
        raise UserError(f"/{_cut(first)} is not a command; {advice}")
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
    raise UserError(f"/{first} {_cut(second)} is not a command; {advice}")


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
            try:
                _refuse_figure(command, option, texts[option.name])
                values[option.name] = READERS[option.kind](fitting, texts[option.name])
            except UserError as error:  # it repeats what was typed, which may be many lines
                raise UserError(" ".join(str(error).split())) from None
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


def _undashed(command: Command, words: Sequence[str]) -> list[str]:
    """ "--on 2025-01-28", as at a shell, is "on=2025-01-28"; so is "--as-of 2025-01-28" where a
    command takes a day.
    """
    days = {"as-of": "on"}
    found: list[str] = []
    name = ""
    for word in words:
        wanted = word.removeprefix("--").replace("as_of", "as-of").lower()
        wanted = days.get(wanted, wanted)
        if name:
            found.append(f"{name}={word}")
            name = ""
        elif word.startswith("--") and wanted in {option.name for option in command.options}:
            name = wanted
        else:
            found.append(word)
    return [*found, f"--{name}"] if name else found


def _texts(command: Command, words: list[str]) -> dict[str, str]:
    """What was written for each option, by name or by position."""
    texts: dict[str, str] = {}
    free: list[str] = []
    last: Option | None = None  # the option just named, while it may take more words
    flags = {option.name for option in command.options if option.kind is Kind.YES_NO}
    for word in _undashed(command, words):
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
            raise UserError(f"“{_cut(free[0])}” is one word too many; write {command.usage}")
        option = left.pop(0)
        if len(free) > 1 and free[0].lower() == option.name in _PREPOSITIONS:
            free.pop(0)
        texts[option.name] = free.pop(0)
        # Names of models have spaces: a target that nothing can follow takes all the words.
        whole = option.kind is Kind.TARGET and option is command.options[-1]
        while free and (
            whole
            or _goes_on(option, texts[option.name], free[0])
            or _is_more_of_name(command, option, left, free)
        ):
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


def _is_more_of_name(
    command: Command, option: Option, left: Sequence[Option], free: Sequence[str]
) -> bool:
    """Whether the next word is of a name that other options follow: the "r1" of "deepseek r1 1000".

    Of two names in a row, the first is one word unless the second's own ("to") stands between. In
    names that only figures could follow, a number is of a name: "llama 2".
    """
    if option.name not in _OF_MODELS:
        return False
    if option.kind is Kind.NAMES:
        return all(one.kind is Kind.FIGURES for one in left)
    if option.kind is not Kind.NAME:
        return False
    if not left:  # every other was named: "deepseek r1 on=2025-01-28 provider=OpenRouter"
        return option.required and option is not command.options[-1]
    after = left[0]
    if after.kind is Kind.NAME and not after.required and option.required:
        return True
    if after.kind is Kind.INTEGER and after.required:
        return whole_number(free[0]) is None
    words = [word.lower() for word in free]
    return after.name in _PREPOSITIONS and after.name in words and words[0] != after.name


def _commas_joined(words: list[str]) -> list[str]:
    """ "10," and "20" are one list, as "10,20" is."""
    joined: list[str] = []
    for word in words:
        if joined and (joined[-1].endswith(",") or word.startswith(",")) and "=" not in word:
            joined[-1] += f" {word}"
        else:
            joined.append(word)
    return joined


def _cut(word: str) -> str:
    """A word as a sentence can quote it."""
    return word if len(word) <= _LONGEST_WORD else word[: _LONGEST_WORD - 1] + "…"


def _named(command: Command, name: str) -> Option:
    for option in command.options:
        if option.name == name:
            return option
    names = [option.name for option in command.options]
    near = get_close_matches(name, names, 1, 0.5)
    if near:
        raise UserError(f"{_cut(name)} is not an option of {command.name}; did you mean {near[0]}?")
    raise UserError(f"{_cut(name)} is not an option of {command.name}; write {command.usage}")
