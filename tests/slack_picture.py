"""A message as a Slack reader sees it, drawn as SVG from its blocks."""

import base64
import io
import textwrap
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from PIL import Image

from bot.cards.charts import chart_png
from bot.cards.to_slack import Rendered
from tests.cards.slack_seen import rich, said

WIDTH, LEFT, EDGE = 600, 62, 16
INNER = WIDTH - LEFT - EDGE
COLUMNS, SMALL_COLUMNS, LINE = 70, 84, 21
ROW, CELL = 26, 12
STYLE = """\
text { font-family: Slack-Lato, Lato, "Noto Sans", "DejaVu Sans", Helvetica, Arial, sans-serif;
 font-size: 14px; fill: #1d1c1d; white-space: pre; }
.bold { font-weight: 700; }
.header { font-weight: 700; font-size: 17px; }
.small { font-size: 12px; fill: #616061; }
.tag { font-size: 10px; fill: #616061; font-weight: 700; }
.press { font-size: 13px; font-weight: 700; }"""

Block = Mapping[str, Any]


class _Sheet:
    """What is drawn so far, and how far down it reaches."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.y = 0.0

    def text(self, x: float, words: str, kind: str = "", anchor: str = "") -> None:
        """A line of text at the present height."""
        named = f' class="{kind}"' if kind else ""
        end = f' text-anchor="{anchor}"' if anchor else ""
        self.parts.append(f'<text x="{x:g}" y="{self.y:g}"{named}{end}>{escape(words)}</text>')

    def box(self, x: float, width: float, height: float, look: str) -> None:
        """A rectangle whose top is at the present height."""
        self.parts.append(
            f'<rect x="{x:g}" y="{self.y:g}" width="{width:g}" height="{height:g}" {look}/>'
        )

    def lines(self, text: str, columns: int, kind: str = "", step: float = LINE) -> None:
        """Text in lines of at most so many characters."""
        for line in text.split("\n"):
            for piece in textwrap.wrap(line, columns, break_on_hyphens=False) or [""]:
                self.y += step
                self.text(LEFT, piece, kind)


def slack_svg(rendered: Rendered, ago: str) -> str:
    """The message; `ago` stands where Slack says how long ago a moment was."""
    sheet = _Sheet()
    sheet.y = EDGE
    sheet.box(EDGE, 36, 36, 'rx="8" fill="#6f87a0"')
    sheet.parts.append(
        '<path d="M24 30 l7 4 5 -3 9 12" stroke="#fff" stroke-width="3" fill="none"/>'
    )
    sheet.y += 14
    sheet.text(LEFT, "Aftershock", "bold")
    sheet.y -= 11
    sheet.box(LEFT + 94, 30, 14, 'rx="3" fill="#eeeeee"')
    sheet.y += 10.5
    sheet.text(LEFT + 99, "APP", "tag")
    for block in rendered.with_chart("chart"):
        _block(sheet, block, rendered, ago)
    height = sheet.y + EDGE
    return (
        f'<svg viewBox="0 0 {WIDTH} {height:g}" width="{WIDTH}" '
        f'xmlns="http://www.w3.org/2000/svg">\n<style>\n{STYLE}\n</style>\n'
        f'<rect width="{WIDTH}" height="{height:g}" rx="8" fill="#ffffff" stroke="#dddddd"/>\n'
        + "\n".join(sheet.parts)
        + "\n</svg>\n"
    )


def text_of(block: Block, ago: str) -> str:
    """What is written in a block that is text."""
    if block["type"] == "rich_text":
        parts = block["elements"][0]["elements"]
        return "".join(ago if part["type"] == "date" else rich(part) for part in parts)
    if block["type"] == "header":
        return said(block["text"])
    return "\n".join(said(part) for part in block["elements"])


def _block(sheet: _Sheet, block: Block, rendered: Rendered, ago: str) -> None:
    kind = block["type"]
    if kind == "table":
        _table(sheet, [[rich(cell) for cell in row] for row in block["rows"]], block)
    elif kind == "image":
        _chart(sheet, rendered)
    elif kind == "actions":
        _buttons(sheet, [said(button["text"]) for button in block["elements"]])
    elif kind == "context":
        sheet.lines(text_of(block, ago), SMALL_COLUMNS, "small", LINE - 1)
    elif kind == "header":
        sheet.y += 4
        sheet.lines(text_of(block, ago), COLUMNS, "header", LINE + 2)
        sheet.y += 2
    else:
        sheet.lines(text_of(block, ago), COLUMNS)


def _table(sheet: _Sheet, rows: Sequence[Sequence[str]], block: Block) -> None:
    widths = [max(8.2 * len(row[i]) for row in rows) + 2 * CELL for i in range(len(rows[0]))]
    right = [one["align"] == "right" for one in block["column_settings"]]
    sheet.y += 12
    top = sheet.y
    sheet.box(LEFT, sum(widths), ROW * len(rows), 'rx="6" fill="none" stroke="#dddddd"')
    for number, row in enumerate(rows):
        if number:
            sheet.box(LEFT, sum(widths), 0.01, 'stroke="#dddddd" stroke-width="0.6"')
        sheet.y += ROW
        x = float(LEFT)
        sheet.y -= 8
        for cell, width, end in zip(row, widths, right, strict=True):
            at, anchor = (x + width - CELL, "end") if end else (x + CELL, "")
            sheet.text(at, cell, "" if number else "bold", anchor)
            x += width
        sheet.y += 8
    sheet.y = top + ROW * len(rows) + 2


def _chart(sheet: _Sheet, rendered: Rendered) -> None:
    chart = rendered.chart
    assert chart is not None
    image = Image.open(io.BytesIO(chart_png(chart, dark=False))).convert("RGB")
    small = io.BytesIO()
    image.quantize(48).save(small, "png", optimize=True)
    height = INNER * image.height / image.width
    source = base64.b64encode(small.getvalue()).decode()
    sheet.parts.append(
        f'<image x="{LEFT}" y="{sheet.y + 12:g}" width="{INNER}" height="{height:g}" '
        f'href="data:image/png;base64,{source}"><title>{escape(chart.alt)}</title></image>'
    )
    sheet.y += height + 14


def _buttons(sheet: _Sheet, labels: Sequence[str]) -> None:
    x, top = float(LEFT), sheet.y + 12
    for label in labels:
        width = 8 * len(label) + 24
        sheet.y = top
        sheet.box(x, width, 30, 'rx="6" fill="#ffffff" stroke="#bbbbbb"')
        sheet.y = top + 20
        sheet.text(x + width / 2, label, "press", "middle")
        x += width + 8
    sheet.y = top + 30
