"""What is wrong with a setting, and what to write instead, in plain words. Pure."""

import json
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

_LISTS = {"alerts.levels_percent": "[5, 10, 20]", "market.watch": '["NVDA", "^GSPC"]'}
_LONGEST = 60


def explain(found: Sequence[tuple[str, str]]) -> str:
    """One line for the first of the mistakes, and how many more there are."""
    text = found[0][1]
    return text if len(found) == 1 else f"{text} (and {len(found) - 1} more)"


def mistakes(
    error: "ValidationError",
    path: Path | None,
    origins: Mapping[str, str],
    known: Sequence[str],
    secrets: Mapping[str, str],
) -> list[tuple[str, str]]:
    """Each mistake: its key, and one line on it.

    `origins`: the environment variable that a key is from; `known`: every section and key, as
    "alerts.window"; `secrets`: the variables of keys whose value must not be shown.
    """
    errors = error.errors(include_input=True, include_url=False)
    return [_mistake(one, path, origins, known, secrets) for one in errors]


def _mistake(
    error: "ErrorDetails",
    path: Path | None,
    origins: Mapping[str, str],
    known: Sequence[str],
    secrets: Mapping[str, str],
) -> tuple[str, str]:
    parts = [str(part) for part in error["loc"]]
    key = ".".join(parts[:2])
    place = origins.get(key) or f"{path or 'settings'}: {key}"
    if parts[0] in secrets:
        text = f"{secrets[parts[0]]} is not a valid token"
    elif error["type"] == "extra_forbidden":
        near = get_close_matches(key, known, 1)
        advice = f"did you mean {near[0]}?" if near else "see config.example.toml."
        text = f"{place} is not a setting; {advice}"
    elif len(parts) == 1:
        text = f"{place} is a section; write [{key}] with its keys below it."
    elif error["type"] == "value_error":
        text = f"{place}: {error['ctx']['error']}."
    elif len(parts) > 2:
        text = f"{place}: {shown(error['input'])} in the list will not do; {right(error, key)}."
    else:
        text = f"{place} = {shown(error['input'])} will not do; {right(error, key)}."
    return key, text


def shown(value: Any) -> str:
    """A value as it stands in a settings file."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def right(error: "ErrorDetails", key: str) -> str:
    """What to write instead."""
    kind, limits = error["type"], error.get("ctx", {})
    if kind == "string_too_short":
        return "write something there"
    if kind in ("tuple_type", "list_type"):
        return f"write a list, such as {_LISTS.get(key, '[1, 2]')}"
    if kind.startswith("int"):
        return "write a whole number, such as 5"
    if kind.startswith("float"):
        return f"write {'numbers' if key in _LISTS else 'a number'}, such as " + (
            _LISTS.get(key, "2.5")
        )
    if kind.startswith("bool"):
        return "write true or false"
    if kind in ("literal_error", "enum"):
        return f"write {limits['expected'].replace(chr(39), chr(34))}"
    if kind.startswith(("datetime", "timezone")):
        return "write a time with its offset, such as 2027-01-31T09:30:00+00:00"
    if kind == "string_type":
        example = _LISTS.get(key, '"text"')
        return f"write text between quotation marks, such as {example}"
    for limit, words in (
        ("ge", "{:g} or more"),
        ("gt", "more than {:g}"),
        ("le", "{:g} or less"),
        ("lt", "less than {:g}"),
    ):
        if limit in limits:
            return f"write {words.format(limits[limit])}"
    return error["msg"][0].lower() + error["msg"][1:]
