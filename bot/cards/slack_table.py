"""A table as Slack's own table block. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.cards.mrkdwn import literal, size
from bot.cards.slack_limits import CELL_TEXT, CELLS, OVERHEAD, ROWS
from bot.model.card import Table
from bot.model.wording import count

LONGEST_HEAD, LONGEST_CELL = 100, 400
# A cell longer than this is read in several lines; Slack cuts it off otherwise.
SENTENCE = 40
# Slack refuses a table with an empty cell: what is in it, and above what a row is about.
EMPTY, FIRST = "–", "name"


@dataclass(frozen=True, slots=True)
class Laid:
    """The cells of a table, none of them empty; `narrower` says how many columns had no room."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: frozenset[int]
    narrower: str

    def fitting(self, room: int) -> int:
        """How many rows fit into a block that takes `room` of its message, and Slack's limits."""
        room = min(room - OVERHEAD, CELL_TEXT) - _length(self.head)
        for kept, row in enumerate(self.rows[: ROWS - 1]):
            room -= _length(row)
            if room < 0:
                return kept
        return min(len(self.rows), ROWS - 1)

    def block(self, kept: int) -> dict[str, Any]:
        """The block with the first `kept` rows."""
        rows = [[{"type": "raw_text", "text": cell} for cell in row] for row in self.rows[:kept]]
        return {
            "type": "table",
            "rows": [[_bold(cell) for cell in self.head], *rows],
            "column_settings": [self._column(i) for i in range(len(self.head))],
        }

    def _column(self, i: int) -> dict[str, Any]:
        """How a column is set: figures to the right, sentences in several lines."""
        if i in self.right:
            return {"align": "right"}
        wide = any(len(row[i]) > SENTENCE for row in self.rows)
        return {"align": "left", "is_wrapped": True} if wide else {"align": "left"}


def laid(table: Table) -> Laid:
    """The table's cells, each cut to what one can hold."""
    over = len(table.columns) - CELLS
    head = [column or FIRST * (not number) for number, column in enumerate(table.columns)]
    return Laid(
        _cells(head, LONGEST_HEAD),
        tuple(_cells(row, LONGEST_CELL) for row in table.rows),
        table.numeric,
        f"{count(over, 'column')} more" if over > 0 else "",
    )


def _cells(cells: Sequence[str], longest: int) -> tuple[str, ...]:
    return tuple(literal(cell, longest) or EMPTY for cell in cells[:CELLS])


def _length(cells: Sequence[str]) -> int:
    return sum(map(size, cells))


def _bold(text: str) -> dict[str, Any]:
    words = {"type": "text", "text": text, "style": {"bold": True}}
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": [words]}],
    }
