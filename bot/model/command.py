"""Commands and their options, as the table lists them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What an option takes."""

    TARGET = "a symbol or basket"
    SYMBOLS = "symbols, comma-separated"
    CHOICE = "one of a few words"
    NAME = "a name"
    NAMES = "names, comma-separated"
    WORDS = "words"
    LEVELS = "percentages, comma-separated"
    FIGURES = "numbers, comma-separated"
    DURATION = "a time span, such as 6h or 3d"
    INTEGER = "a whole number"
    YES_NO = "yes or no"


@dataclass(frozen=True, slots=True)
class Option:
    """One option. `default` is typed as its value; `lowest` to `highest` bound a number.

    `prefixes` are words that a number belongs to ("alert 2" is one value). What figures look like
    may depend on the option `by`: `forms` says it for each of that option's values.
    """

    name: str
    kind: Kind
    help: str
    required: bool = False
    default: Any = None
    choices: tuple[str, ...] = ()
    lowest: int = 1
    highest: int = 10**9
    prefixes: tuple[str, ...] = ()
    by: str = ""
    forms: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Command:
    """One command. `answer` names its function as "module:function", imported when first needed.

    `changes` marks those that change what a channel gets; `community` those of them that change
    what a whole server or workspace has, wherever they are typed. `address` names an option that
    may be the address of a page: asking with one takes the permission that changing does. `costly`
    marks charts, studies and look-ups, which one person may ask for only so often.
    """

    path: tuple[str, ...]
    summary: str
    answer: str
    options: tuple[Option, ...] = ()
    example: str = ""
    changes: bool = False
    community: bool = False
    address: str = ""
    costly: bool = False

    def guarded(self, options: Mapping[str, Any]) -> bool:
        """Whether asking with these options takes the permission to change things."""
        return self.changes or "://" in str(options.get(self.address) or "")

    @property
    def name(self) -> str:
        """As people type it: "/alert add"."""
        return "/" + " ".join(self.path)

    @property
    def usage(self) -> str:
        """Name and options in one line: "/drawdown [target] [window=1y]"."""
        parts = [self.name]
        for option in self.options:
            if option.required:
                parts.append(f"<{option.name}>")
            elif option.default is None:
                parts.append(f"[{option.name}]")
            else:
                parts.append(f"[{option.name}={shown(option.default)}]")
        return " ".join(parts)


def shown(default: Any) -> str:
    """A default as people would type it."""
    if isinstance(default, bool):
        return "yes" if default else "no"
    return str(default)
