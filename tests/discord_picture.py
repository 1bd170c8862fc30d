"""A message as a Discord reader sees it, drawn as SVG: the bar, the text, the table, the chart."""

import base64
import io
import re
import textwrap
from collections.abc import Sequence
from html import escape

from PIL import Image

from bot.cards.charts import chart_png
from bot.cards.markdown import as_seen
from bot.cards.to_discord import Rendered

WIDTH, LEFT, EDGE = 600, 66, 14
INNER = LEFT + EDGE
TEXT_COLUMNS, TITLE_COLUMNS, LINE, MONO = 66, 58, 21, 18
STYLE = """\
text { font-family: "gg sans", "Noto Sans", "DejaVu Sans", Helvetica, Arial, sans-serif;
 font-size: 14px; fill: #dbdee1; white-space: pre; }
.bold { font-weight: 600; fill: #f2f3f5; }
.mono { font-family: "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: 13px; }
.small { font-size: 12px; fill: #a3a6ac; }
.tag { font-size: 10px; fill: #ffffff; font-weight: 600; }"""
_SINCE = re.compile(r"\[time since [^\]]*\]")


class _Sheet:
    """What is drawn so far, and how far down the next line stands."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.y = 0.0

    def text(self, x: float, words: str, kind: str = "", step: float = LINE) -> None:
        """A line of text; **bold** is bold."""
        self.y += step
        spans = []
        for number, part in enumerate(words.split("**")):
            if seen := as_seen(part):
                bold = ' class="bold"' if number % 2 else ""
                spans.append(f"<tspan{bold}>{escape(seen)}</tspan>")
        named = f' class="{kind}"' if kind else ""
        self.parts.append(f'<text x="{x}" y="{self.y:g}"{named}>{"".join(spans)}</text>')

    def box(self, x: float, y: float, width: float, height: float, fill: str, rx: float) -> str:
        """A rectangle, to be put where it belongs."""
        return (
            f'<rect x="{x}" y="{y:g}" width="{width}" height="{height:g}" rx="{rx}" fill="{fill}"/>'
        )


def seen_after(text: str, ago: str) -> str:
    """What a reader sees of a moment in a picture text: how long ago it was."""
    return _SINCE.sub(ago, text)


def discord_svg(rendered: Rendered, ago: str, buttons: Sequence[str] = ()) -> str:
    """The message; `ago` stands where Discord says how long ago a moment was."""
    sheet = _Sheet()
    sheet.parts.append('<circle cx="34" cy="34" r="20" fill="#6f87a0"/>')
    sheet.parts.append(
        '<path d="M22 28 l7 4 5 -3 12 14" stroke="#fff" stroke-width="3" fill="none"/>'
    )
    sheet.text(LEFT, "**Aftershock**", step=28)
    sheet.parts.append(sheet.box(LEFT + 92, sheet.y - 11, 30, 14, "#5865f2", 3))
    sheet.parts.append(f'<text x="{LEFT + 97}" y="{sheet.y - 0.5:g}" class="tag">APP</text>')
    if rendered.content:
        sheet.text(LEFT, rendered.content)
    top, position = sheet.y + 10, len(sheet.parts)
    sheet.y = top + 2
    _embed(sheet, rendered, ago)
    height = sheet.y + EDGE - top
    colour = f"#{int(rendered.embed.colour or 0):06x}"
    sheet.parts[position:position] = [
        sheet.box(LEFT, top, WIDTH - LEFT - EDGE, height, colour, 4),
        sheet.box(LEFT + 4, top, WIDTH - LEFT - EDGE - 4, height, "#2b2d31", 3),
    ]
    sheet.y = top + height
    _buttons(sheet, buttons)
    total = sheet.y + EDGE
    return (
        f'<svg viewBox="0 0 {WIDTH} {total:g}" width="{WIDTH}" xmlns="http://www.w3.org/2000/svg">\n'
        f"<style>\n{STYLE}\n</style>\n"
        + "\n".join([sheet.box(0, 0, WIDTH, total, "#313338", 8), *sheet.parts])
        + "\n</svg>\n"
    )


def _embed(sheet: _Sheet, rendered: Rendered, ago: str) -> None:
    embed = rendered.embed
    for piece in textwrap.wrap(embed.title or "", TITLE_COLUMNS, break_on_hyphens=False):
        sheet.text(INNER, f"**{piece}**")
    for number, part in enumerate(re.split(r"```\n?", embed.description or "")):
        if number % 2:
            _code(sheet, part.strip("\n").split("\n"))
        else:
            _lines(sheet, re.sub(r"<t:\d+:R>", ago, part.strip("\n")))
    for field in embed.fields:
        sheet.text(INNER, f"**{field.name}**", step=LINE + 4)
        _lines(sheet, field.value or "")
    if rendered.chart is not None:
        _chart(sheet, rendered)
    if embed.footer.text:
        sheet.text(INNER, embed.footer.text.replace("*", "\\*"), "small", step=LINE + 2)


def _buttons(sheet: _Sheet, labels: Sequence[str]) -> None:
    if not labels:
        return
    left, top = float(LEFT), sheet.y + 8
    for label in labels:
        width = 26 + 7.6 * len(label)
        sheet.parts.append(sheet.box(left, top, round(width), 32, "#4e5058", 4))
        middle = left + width / 2
        sheet.parts.append(
            f'<text x="{middle:g}" y="{top + 21:g}" class="bold" text-anchor="middle">'
            f"{escape(label)}</text>"
        )
        left += width + 8
    sheet.y = top + 32


def _lines(sheet: _Sheet, text: str) -> None:
    for line in text.split("\n") if text else ():
        for piece in textwrap.wrap(line, TEXT_COLUMNS, break_on_hyphens=False) or [""]:
            sheet.text(INNER, piece)


def _code(sheet: _Sheet, lines: list[str]) -> None:
    height = MONO * len(lines) + EDGE
    sheet.parts.append(
        sheet.box(INNER, sheet.y + 8, WIDTH - INNER - 2 * EDGE, height, "#1e1f22", 4)
    )
    sheet.y += 12
    for line in lines:
        sheet.y += MONO
        words = escape(line).replace(" ", "\u00a0")
        sheet.parts.append(f'<text x="{INNER + 8}" y="{sheet.y:g}" class="mono">{words}</text>')
    sheet.y += EDGE


def _chart(sheet: _Sheet, rendered: Rendered) -> None:
    chart = rendered.chart
    assert chart is not None
    image = Image.open(io.BytesIO(chart_png(chart, dark=True))).convert("RGB")
    small = io.BytesIO()
    image.quantize(48).save(small, "png", optimize=True)
    width = WIDTH - INNER - 2 * EDGE
    height = width * image.height / image.width
    source = base64.b64encode(small.getvalue()).decode()
    sheet.parts.append(
        f'<image x="{INNER}" y="{sheet.y + 12:g}" width="{width}" height="{height:g}" '
        f'href="data:image/png;base64,{source}"><title>{escape(chart.alt)}</title></image>'
    )
    sheet.y += height + 14
