"""The findings as a person reads them, and as JSON. Pure."""

import json
import textwrap
from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby

from bot.doctor.finding import Finding, State, summary

WIDTH = 78
_MARKS = {
    State.OK: "ok",
    State.WARNING: "WARNING",
    State.WRONG: "WRONG",
    State.UNCHECKED: "unknown",
}
_COLOURS = {State.OK: "32", State.WARNING: "33", State.WRONG: "1;31", State.UNCHECKED: "36"}
_MARGIN = 11


def as_json(findings: Sequence[Finding]) -> str:
    """A list of {area, name, state, found, mend}."""
    return json.dumps([asdict(one) for one in findings], indent=2, ensure_ascii=False)


def as_text(findings: Sequence[Finding], *, colour: bool = False, width: int = WIDTH) -> str:
    """By area, a line or some on each, what has to be mended with how; then the count."""
    lines: list[str] = []
    for area, inside in groupby(findings, lambda one: one.area):
        lines.append(_painted(area.capitalize(), "1", colour))
        for one in inside:
            lines += _lines(one, colour, width)
        lines.append("")
    return "\n".join([*lines, summary(findings)])


def _lines(one: Finding, colour: bool, width: int) -> list[str]:
    mark = f"  {_MARKS[one.state]:<{_MARGIN - 2}}"
    first, *rest = _wrapped(f"{one.name}: {one.found}", width, _MARGIN)
    lines = [
        _painted(mark, _COLOURS[one.state], colour) + first,
        *(" " * _MARGIN + x for x in rest),
    ]
    if one.mend:
        arrow, margin = "-> ", _MARGIN + 3
        first, *rest = _wrapped(one.mend, width, margin)
        lines += [" " * _MARGIN + arrow + first, *(" " * margin + more for more in rest)]
    return lines


def _wrapped(text: str, width: int, margin: int) -> list[str]:
    """Lines of at most `width` columns; a command or address is never broken in two."""
    return textwrap.wrap(
        text, max(width - margin, 40), break_long_words=False, break_on_hyphens=False
    ) or [""]


def _painted(text: str, colour: str, wanted: bool) -> str:
    return f"\x1b[{colour}m{text}\x1b[0m" if wanted else text
