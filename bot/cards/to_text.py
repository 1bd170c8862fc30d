"""Card → text: plain for pipes, coloured for terminals, JSON for scripts."""

import json
import math
import re
import textwrap
import unicodedata
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import IO, TYPE_CHECKING, Any

from bot.model.card import Card, Field, Table, Tone
from bot.model.wording import MINUS

if TYPE_CHECKING:
    from rich.console import RenderableType

WIDTH = 78
_ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b.?")
_COLOURS = {Tone.DOWN: "red", Tone.UP: "green", Tone.NEUTRAL: "blue"}
_GAP = "  "


def clean(text: str) -> str:
    """`text` without terminal escapes, control and invisible formatting characters, or newlines."""
    if text.isprintable():  # nothing of the kind, in a fraction of the time
        return text
    text = _ESCAPES.sub("", text)
    kept = (" " if c in "\t\n\r\x0b\x0c" else c for c in text)
    return "".join(c for c in kept if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Zl", "Zp"))


def width_of(text: str) -> int:
    """How many columns `text` takes: two for wide characters, none for combining ones."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def cut(text: str, width: int) -> str:
    """`text` in at most `width` columns, ending in "…" where it was longer."""
    if width_of(text) <= width:
        return text
    kept = ""
    for character in text:
        if width_of(kept + character) > width - 1:
            break
        kept += character
    return kept.rstrip() + "…"


def _pad(text: str, width: int, *, right: bool) -> str:
    space = " " * (width - width_of(text))
    return space + text if right else text + space


def _wrap(text: str, width: int, indent: str = "") -> list[str]:
    lines: list[str] = []
    for part in text.split("\n"):
        line = clean(part)
        if line.isascii() or all(width_of(c) == 1 for c in line):
            lines += textwrap.wrap(line, width, subsequent_indent=indent) or [""]
        else:
            lines += _wrap_wide(line, width, indent)
    return lines


def _wrap_wide(line: str, width: int, indent: str) -> list[str]:
    """Wrap a line with wide characters, which may break anywhere."""
    lines, current = [], ""
    for character in line:
        if width_of(current + character) > width:
            lines.append(current.rstrip())
            current = indent
        current += character
    return [*lines, current.rstrip()]


def to_plain(card: Card, *, width: int = WIDTH) -> str:
    """The card as plain text, no line wider than `width` columns (at least 20)."""
    title, badge = clean(card.title), clean(card.badge)
    lines: list[str] = []
    if badge and width_of(title) + width_of(badge) + 2 <= width:
        lines.append(title + " " * (width - width_of(title) - width_of(badge)) + badge)
    else:
        lines += _wrap(title, width) + (_wrap(badge, width) if badge else [])
    if card.text:
        lines += _wrap(card.text, width)
    if card.mention:
        lines += _wrap(f"For: {card.mention}", width)
    lines += _fields(card.fields, width)
    if card.table is not None:
        lines += _table(card.table, width)
    for mark in filter(None, map(clean, card.marks)):
        lines += _wrap(mark, width)
    if card.footer:
        lines += _wrap(card.footer, width)
    return "\n".join(line.rstrip() for line in lines)


def _fields(fields: Sequence[Field], width: int) -> list[str]:
    if not fields:
        return []
    names = min(max(width_of(clean(field.name)) for field in fields), width // 2)
    indent = " " * (names + 2)
    lines = []
    for field in fields:
        name = _pad(cut(clean(field.name), names), names, right=False)
        value = _wrap(field.value, width - names - 2)
        lines += [name + _GAP + value[0], *(indent + line for line in value[1:])]
    return lines


def _widths(table: Table, rows: Sequence[Sequence[str]], width: int) -> list[int]:
    """Column widths that fit: the widest columns give way first, empty ones last."""
    widths = [max(width_of(row[i]) for row in rows) for i in range(len(table.columns))]
    room = width - len(_GAP) * (len(widths) - 1) - 1
    while sum(widths) > room and max(widths) > 1:
        widths[widths.index(max(widths))] -= 1
    return widths


def _table(table: Table, width: int) -> list[str]:
    rows = [tuple(clean(cell) for cell in row) for row in (table.columns, *table.rows)]
    widths = _widths(table, rows, width)
    lines = []
    for row in rows:
        wrapped = [_wrap(cell, max(1, widths[i])) for i, cell in enumerate(row)]
        for parts in zip_longest(*wrapped, fillvalue=""):
            cells = [
                _pad(part, widths[i], right=i in table.numeric) for i, part in enumerate(parts)
            ]
            lines.append(" " + _GAP.join(cells))
    if table.note:
        lines += [" " + line for line in _wrap(table.note, width - 1)]
    return lines


def print_card(card: Card, out: IO[str], *, indent: int = 0) -> None:
    """Print the card in colour to a terminal, `indent` columns from its left edge."""
    from rich.console import Console
    from rich.padding import Padding

    console = Console(file=out, highlight=False)
    # Written as one string: a progress bar that is showing then knows to move out of the way.
    with console.capture() as captured:
        shown = to_rich(card, width=min(console.width, 100) - 2 - indent)
        console.print(Padding.indent(shown, indent) if indent else shown)
    out.write(captured.get())


def to_rich(card: Card, *, width: int = WIDTH) -> "RenderableType":
    """The card for rich: a colour bar by tone, bold title, falls red and rises green."""
    from rich.text import Text

    colour = _COLOURS[card.tone]
    body = Text()
    for line in to_plain(card, width=width).split("\n"):
        body.append("▌ ", style=colour)
        body.append(line + "\n")
    body.rstrip()
    body.highlight_regex(rf"{MINUS}[\d.,]+%", "red")
    body.highlight_regex(r"\+[\d.,]+%", "green")
    first = body.plain.find("\n")
    body.stylize("bold", 2, len(body.plain) if first < 0 else first)
    if card.footer:
        start = body.plain.rfind("\n▌ " + clean(card.footer)[:20])
        if start >= 0:
            body.stylize("dim", start + 3)
    return body


def to_json(card: Card) -> str:
    """The card as JSON, its raw figures under `facts`; what is not a number becomes null."""
    table, chart = card.table, card.chart
    value = {
        "title": card.title,
        "text": card.text,
        "badge": card.badge,
        "fields": [{"name": field.name, "value": field.value} for field in card.fields],
        "table": None
        if table is None
        else {
            "columns": list(table.columns),
            "rows": [list(row) for row in table.rows],
            "note": table.note,
        },
        "chart": None if chart is None else {"title": chart.title, "alt": chart.alt},
        "marks": list(card.marks),
        "footer": card.footer,
        "tone": card.tone.value,
        "mention": card.mention,
        "facts": _finite(card.facts),
    }
    return _visible(json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False))


def _visible(text: str) -> str:
    """JSON with what cannot be seen, or not even be written, as "\\u202e"."""
    if text.replace("\n", "").isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in text)


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    return value
