"""Card → a Discord message: an embed within Discord's limits, fit to be read on a phone."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import discord

from bot.cards import markdown
from bot.cards.markdown import (
    INVISIBLE,
    as_seen,
    inert,
    joined,
    last_lines,
    left_out,
    shortened,
    units,
    whole_lines,
)
from bot.cards.phone_table import Laid, laid
from bot.cards.to_text import width_of
from bot.model.card import Card, Chart, Field, Tone

TITLE, DESCRIPTION, FIELDS, NAME, VALUE, FOOTER, EMBED = 256, 4096, 25, 256, 1024, 2048, 6000
CONTENT = 2000
CHART = "chart.png"
# Each has a contrast of at least 3 to Discord's dark and light backgrounds.
COLOURS = {Tone.DOWN: 0xE5484D, Tone.UP: 0x2B9A66, Tone.NEUTRAL: 0x6F87A0}
# Three fields beside each other leave room for about so many columns in each.
_NARROW = 30
_LONGEST_BADGE = 80
_LONGEST_NOTE = 500
_LONGEST_MARK, _LONGEST_MARKS = 200, 1000
_ROLE = re.compile(r"<@&(\d{1,20})>")
_NO_ROOM = "One message has no room for them."

plain = markdown.plain


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message: its content ("" for none), its embed, and the chart that the embed refers to.

    Where `chart` is not None, whoever sends draws it and attaches it as `chart.png`.
    """

    content: str
    embed: discord.Embed
    chart: Chart | None


def alert(card: Card) -> Rendered:
    """What the bot posts by itself: the headline is the content, so that a push can show it."""
    heading = _heading(card)
    content = joined([f"**{heading[0]}**" if heading[0] else "", heading[1], _called(card.mention)])
    return Rendered(content, _embed(card, ""), card.chart)


def answer(card: Card) -> Rendered:
    """The answer to a command: all of it is in the embed."""
    return Rendered("", _embed(card, joined(_heading(card))), card.chart)


def sentence(text: str) -> str:
    """A message's content that says `text` as it is, harmless, within Discord's 2,000 units."""
    return shortened(text, CONTENT, plain)


def role_of(mention: str) -> int | None:
    """The id of the role that `mention` really calls ("<@&ID>"); None for anything else."""
    found = _ROLE.fullmatch(mention.strip())
    return int(found[1]) if found else None


def picture_text(rendered: Rendered) -> str:
    """What a reader sees of a message, from top to bottom, as plain text."""
    embed = rendered.embed
    parts = [as_seen(rendered.content), as_seen(embed.title or "")]
    parts.append(as_seen(embed.description or ""))
    parts += [
        f"{as_seen(f.name or '')}\n  {_indented(as_seen(f.value or ''))}" for f in embed.fields
    ]
    if rendered.chart is not None:
        parts.append(f"[chart: {rendered.chart.alt}]")
    parts.append(embed.footer.text or "")
    return joined(parts, "\n")


def _indented(text: str) -> str:
    return text.replace("\n", "\n  ")


def _heading(card: Card) -> tuple[str, str]:
    """Title and badge, harmless, together short enough for an embed's title."""
    badge = shortened(card.badge, _LONGEST_BADGE, inert)
    return shortened(card.title, TITLE - units(badge) - 3, inert), badge


def _called(mention: str) -> str:
    """Whom a message calls: a real mention only of a role's id."""
    if not mention:
        return ""
    role = role_of(mention)
    return f"for {shortened(mention, 100, inert)}" if role is None else f"for <@&{role}>"


def _embed(card: Card, title: str) -> discord.Embed:
    footer = shortened(card.footer, FOOTER // 2, str)
    room = EMBED - units(title) - units(footer)
    table = None if card.table is None else laid(card.table)
    description, fields = _description(card, table, DESCRIPTION), _fields(card.fields, EMBED)
    if units(description) + _size(fields) > room:
        fields = _fields(card.fields, max(room - units(description), room // 2))
        description = _description(card, table, min(DESCRIPTION, room - _size(fields)))
    if not (title or description or fields or footer):
        description = INVISIBLE  # Discord refuses an embed that says nothing
    embed = discord.Embed(title=title or None, description=description or None)
    embed.colour = discord.Colour(COLOURS[card.tone])
    for name, value in fields:
        embed.add_field(name=name, value=value, inline=_is_narrow(value))
    if card.chart is not None:
        embed.set_image(url=f"attachment://{CHART}")
    if footer:
        embed.set_footer(text=footer)
    return embed


def _is_narrow(value: str) -> bool:
    return "\n" not in value and width_of(as_seen(value)) <= _NARROW


def _size(fields: Sequence[tuple[str, str]]) -> int:
    return sum(units(name) + units(value) for name, value in fields)


def _fields(fields: Sequence[Field], room: int) -> list[tuple[str, str]]:
    """Names and values; where they are too many or too long, how many were left out."""
    written = [_field(field) for field in fields[:FIELDS]]
    for kept in range(len(written), -1, -1):
        rest = len(fields) - kept
        shown = written[:kept] + ([(left_out(rest), _NO_ROOM)] if rest else [])
        if len(shown) <= FIELDS and _size(shown) <= room:
            return shown
    return []


def _field(field: Field) -> tuple[str, str]:
    name = shortened(field.name, NAME, inert) or INVISIBLE
    lines, more = whole_lines(_written(field.value, VALUE), VALUE)
    return name, joined([*lines, more], "\n") or "–"


def _written(text: str, limit: int) -> list[str]:
    """Lines of text, each of which fits into `limit` beside what is said of lines left out."""
    return [shortened(line, limit - 30, plain) for line in text.split("\n")] if text else []


def _description(card: Card, shape: Laid | None, limit: int) -> str:
    """Text, table and marks; of what is too long, whole lines and rows are left out."""
    marks = _marks(card.marks)
    said = _said(card, shape, limit - units(marks) - 1)
    return joined([said, marks], "\n")


def _marks(marks: Sequence[str]) -> str:
    """What has come of the alert, in small print."""
    lines = filter(None, (shortened(mark, _LONGEST_MARK, inert) for mark in marks))
    return "\n".join(f"-# {line}" for line in last_lines(list(lines), _LONGEST_MARKS))


def _said(card: Card, shape: Laid | None, limit: int) -> str:
    note = card.table.note if card.table else ""
    table = "" if shape is None else _table(shape, note, limit)
    room = max(limit - units(table) - 1, limit // 2)
    since = "" if card.at is None else f"<t:{int(card.at.timestamp())}:R>"
    lines = _written(card.text, room - len(since) - 3)
    if since:
        lines = [joined([*lines[:1], since]), *lines[1:]]
    kept, more = whole_lines(lines, room)
    # Empty lines between paragraphs stay.
    text = "\n".join([*kept, more] if more else kept)
    if shape is not None and units(text) + units(table) + 1 > limit:
        table = _table(shape, note, limit - units(text) - 1)
    # A block of code brings a line break of its own.
    return joined([text, table], "\n").strip("\n")


def _table(shape: Laid, said: str, limit: int) -> str:
    """The table with its note, in at most `limit` units."""
    before, after = ("```\n", "\n```") if shape.fenced else ("", "")
    note = shortened(said, min(_LONGEST_NOTE, limit // 4), plain)
    head = "\n".join(shape.head)
    room = limit - units(before + after + head + note) - 3
    if room < 0:  # a head of letters with hundreds of accents each
        return joined([left_out(len(shape.rows)), note], "\n")
    rows, more = whole_lines(shape.rows, room)
    body = joined([head, *rows], "\n")
    return joined([body and before + body + after, more, note], "\n")
