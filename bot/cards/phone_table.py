"""A table as a phone can show it in a Discord message. Pure.

A block of code is aligned, but a phone breaks its lines where the screen ends: on common ones
(360 to 390 points wide) an embed has room for 32 to 36 columns of it. A table that fits is laid
out so, at best in 32 columns, if need be with long heads in two lines and less space between the
columns. A wider one becomes a line of text per row, which wraps without harm; its columns are then
named once, above. Colours inside a block (`ansi`) are left out: phones show none of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.cards.markdown import inert, joined, shortened
from bot.cards.to_text import clean, width_of
from bot.model.card import Table

WIDTH = 36
LONGEST_CELL = 400
# Columns that may be taken, spaces between two of them, and whether a head may take two lines.
_TRIES = ((32, 2, False), (32, 2, True), (32, 1, True), (WIDTH, 1, True))


@dataclass(frozen=True, slots=True)
class Laid:
    """Lines of a table: its head, and one per row. `fenced` where they are for a code block."""

    head: tuple[str, ...]
    rows: tuple[str, ...]
    fenced: bool


def laid(table: Table) -> Laid:
    """The table as it is best read."""
    cells = [[_in_code(cell) for cell in row] for row in table.rows]
    heads = [_in_code(column) for column in table.columns]
    for most, gap, wrapped in _TRIES:
        halves = [_halves(head, wrapped, _widest(cells, i)) for i, head in enumerate(heads)]
        widths = [
            max(_widest(cells, i), *(width_of(half) for half in two))
            for i, two in enumerate(halves)
        ]
        if sum(widths) + gap * (len(widths) - 1) <= most:
            top = [line for line in zip(*halves, strict=True) if any(line)]
            return Laid(
                tuple(_aligned(line, widths, gap, table) for line in top),
                tuple(_aligned(row, widths, gap, table) for row in cells),
                fenced=True,
            )
    return Laid(_named(table.columns), tuple(_in_text(row) for row in table.rows), fenced=False)


def _in_code(cell: str) -> str:
    """A cell inside a block of code, where nothing can be escaped: no backtick may end it."""
    return clean(cell).replace("`", "'").strip()


def _widest(rows: Sequence[Sequence[str]], column: int) -> int:
    return max((width_of(row[column]) for row in rows), default=0)


def _halves(head: str, wrapped: bool, cells: int) -> tuple[str, str]:
    """A head above its column: in two lines where it is wider than the column's cells."""
    words = head.split()
    if not wrapped or width_of(head) <= cells or len(words) < 2:
        return "", head
    splits = [(" ".join(words[:at]), " ".join(words[at:])) for at in range(1, len(words))]
    return min(splits, key=lambda two: max(map(width_of, two)))


def _aligned(row: Sequence[str], widths: Sequence[int], gap: int, table: Table) -> str:
    parts = []
    for i, cell in enumerate(row):
        space = " " * (widths[i] - width_of(cell))
        parts.append(space + cell if i in table.numeric else cell + space)
    return (" " * gap).join(parts).rstrip()


def _named(columns: Sequence[str]) -> tuple[str, ...]:
    names = joined(shortened(column, 100, inert) for column in columns)
    return (f"*{names}*",) if names else ()


def _in_text(row: Sequence[str]) -> str:
    """A row as text: what it is about in bold, then its other cells; an empty one is a dash."""
    cells = [shortened(cell, LONGEST_CELL, inert) for cell in row]
    while len(cells) > 1 and not cells[-1]:
        cells.pop()
    first, *others = (cell or "–" for cell in cells)
    return joined([f"**{first}**", *others])
