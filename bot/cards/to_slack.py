"""Card → a Slack message: blocks within Slack's limits, fit to be read on a phone.

What can be said without markup is said in plain_text and rich_text, in which Slack reads none; only
a field's bold name makes its text mrkdwn. There is no colour bar: only attachments have one, which
Slack calls legacy and folds, and the cards say in words whether something fell or rose.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from typing import Any

from bot.cards import mrkdwn
from bot.cards.addresses import pieces
from bot.cards.markdown import joined, last_lines, left_out, shortened, whole_lines
from bot.cards.mrkdwn import entities, group_of, inert, literal, plain
from bot.cards.slack_limits import ALT, FIELDS, HEADER, MESSAGE, OVERHEAD, SECTION, VALUE, weight
from bot.cards.slack_names import LABELS, SHARE, block_id
from bot.cards.slack_table import EMPTY, Laid, laid
from bot.model.card import Card, Chart, Field
from bot.model.wording import moment

Block = dict[str, Any]

# A sentence is a message of its own; what Slack recommends for a text at most.
SENTENCE = 4000
_LONGEST_TITLE, _LONGEST_BADGE, _LONGEST_FOOTER = 400, 80, 1000
_LONGEST_NAME, _LONGEST_VALUE, _MOST_FIELDS = 150, 1500, 3 * FIELDS
_LONGEST_NOTE, _LONGEST_MARK, _LONGEST_MARKS = 500, 200, 1000
# "… 1,000 more", "3 columns more".
_COUNTS = 50
_NO_ROOM = "One message has no room for them."
_NOTHING = EMPTY


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message: what a notification says, its blocks, and the chart that belongs to it.

    Where `chart` is not None, whoever sends uploads it and asks `with_chart` for the blocks.
    """

    text: str
    blocks: list[Block]
    chart: Chart | None
    chart_at: int = 0

    def with_chart(self, file_id: str | None) -> list[Block]:
        """The blocks with the chart that Slack keeps as that file; None: with its words only."""
        if self.chart is None:
            return self.blocks
        picture = _picture(self.chart, file_id)
        return [*self.blocks[: self.chart_at], picture, *self.blocks[self.chart_at :]]


def alert(card: Card, *, nonce: str, actions: Sequence[str]) -> Rendered:
    """What the bot posts by itself. `actions` are ids of the buttons that it gets."""
    buttons = [_button(action, nonce) for action in actions]
    return _rendered(card, card.mention, buttons, {"block_id": block_id(nonce)})


def answer(card: Card, *, share: str | None = None, actions: Sequence[str] = ()) -> Rendered:
    """The answer to a command; `share` is the line that was asked, where it can be shared.

    `actions` are ids of the other buttons that it gets.
    """
    buttons = [_button(action) for action in actions]
    if share is not None and mrkdwn.size(share) <= VALUE:
        buttons.append(_button(SHARE, share))
    return _rendered(card, "", buttons, {})


def sentence(text: str) -> str:
    """mrkdwn that says `text` as it is, harmless, within 4,000 characters."""
    # One limit for all lines: what is too long loses whole lines, a long line its end.
    lines = [shortened(line, SENTENCE - 30, plain) for line in text.split("\n")]
    kept, more = whole_lines(lines, SENTENCE)
    return "\n".join([*kept, more] if more else kept)


def _rendered(card: Card, mention: str, buttons: list[Block], block: Block) -> Rendered:
    top = _heading(card)
    bottom = [*_marks(card.marks), *_small(literal(card.footer, _LONGEST_FOOTER))]
    if buttons:
        bottom.append({"type": "actions", "elements": buttons, **block})
    pictured = [] if card.chart is None else [_picture(card.chart, None)]
    room = MESSAGE - weight([*top, *bottom, *pictured])
    text = _text(card, mention, min(SECTION, room // 2))
    room -= weight(text)
    # What fields leave, a table may take; either can count on half of it.
    fields = _fields(card.fields, room if card.table is None else room // 2)
    room -= weight(fields)
    table = [] if card.table is None else _table(laid(card.table), card.table.note, room)
    said = [*top, *text, *fields, *table]
    if not (said or bottom or pictured):
        said = [{"type": "header", "text": _plain(_NOTHING)}]
    return Rendered(_headline(card, mention), [*said, *bottom], card.chart, len(said))


def _headline(card: Card, mention: str) -> str:
    """What a notification shows, in one line of mrkdwn; it calls whom the message calls."""
    group = group_of(mention)
    title = shortened(card.title, _LONGEST_TITLE, inert)
    badge = shortened(card.badge, _LONGEST_BADGE, inert)
    return joined([title, badge, f"for <!subteam^{group}>" if group else ""]) or _NOTHING


def _heading(card: Card) -> list[Block]:
    """Title and badge as a header; in bold where they are too long for one."""
    title = literal(card.title, _LONGEST_TITLE)
    both = joined([title, literal(card.badge, _LONGEST_BADGE)])
    if not both:
        return []
    if mrkdwn.size(both) <= HEADER:
        return [{"type": "header", "text": _plain(both)}]
    return [_rich([{"type": "text", "text": both, "style": {"bold": True}}])]


def _text(card: Card, mention: str, limit: int) -> list[Block]:
    """The lines of the text; of what is too long, whole lines are left out."""
    since = [] if card.at is None else [_since(card.at)]
    called = _called(mention)
    # Room for the time since, and for whom it calls.
    limit -= OVERHEAD + 170
    lines = card.text.split("\n") if card.text else []
    kept, more = whole_lines([shortened(line, limit - 30, entities) for line in lines], limit)
    written = [_linked(unescape(line)) for line in kept]
    if since:
        first = [*written[0], _words(" · ")] if written and written[0] else []
        written[:1] = [[*first, *since]]
    written += [[_words(more)]] if more else []
    written += [called] if called else []
    elements: list[Block] = []
    for line in written:
        elements += [_words("\n"), *line] if elements else line
    return [_rich(_merged(elements))] if any(e.get("text") != "\n" for e in elements) else []


def _linked(line: str) -> list[Block]:
    """A line as rich text: addresses that can be read as they stand are links."""
    return [
        {"type": "link", "url": part} if sound else _words(part)
        for part, sound in pieces(line)
        if part
    ]


def _since(at: datetime) -> Block:
    """How long ago a moment was, as the reader's own Slack says it."""
    return {
        "type": "date",
        "timestamp": int(at.timestamp()),
        "format": "{ago}",
        "fallback": moment(at),
    }


def _called(mention: str) -> list[Block]:
    """Whom a message calls: a real mention only of a user group's id."""
    group = group_of(mention)
    if group:
        return [_words("for "), {"type": "usergroup", "usergroup_id": group}]
    named = literal(mention, 100)
    return [_words(f"for {named}")] if named else []


def _merged(elements: Sequence[Block]) -> list[Block]:
    """The elements with neighbouring texts made one."""
    merged: list[Block] = []
    for element in elements:
        if merged and element["type"] == merged[-1]["type"] == "text":
            merged[-1] = _words(merged[-1]["text"] + element["text"])
        else:
            merged.append(element)
    return merged


def _fields(fields: Sequence[Field], room: int) -> list[Block]:
    """Sections of ten fields; where they are too many or too long, how many were left out."""
    written = [_field(field) for field in fields[:_MOST_FIELDS]]
    for kept in range(len(written), -1, -1):
        rest = len(fields) - kept
        shown = written[:kept] + ([_marked(f"*{left_out(rest)}*\n{_NO_ROOM}")] if rest else [])
        sections: list[Block] = [
            {"type": "section", "fields": shown[at : at + FIELDS]}
            for at in range(0, len(shown), FIELDS)
        ]
        if len(shown) <= _MOST_FIELDS and weight(sections) <= room:
            return sections
    return []


def _field(field: Field) -> Block:
    name = shortened(field.name, _LONGEST_NAME, inert)
    lines = [shortened(line, _LONGEST_VALUE - 30, plain) for line in field.value.split("\n")]
    kept, more = whole_lines(lines, _LONGEST_VALUE)
    value = joined([*kept, more], "\n") or _NOTHING
    return _marked(joined([f"*{name}*" if name else "", value], "\n"))


def _table(shape: Laid, said: str, room: int) -> list[Block]:
    """The table, and below it what it leaves out and its note."""
    note = literal(said, _LONGEST_NOTE)
    kept = shape.fitting(room - OVERHEAD - mrkdwn.size(note) - _COUNTS)
    rest = len(shape.rows) - kept
    below = joined([left_out(rest) if rest else "", shape.narrower, note], "\n")
    return [*([shape.block(kept)] if kept else []), *_small(below)]


def _marks(marks: Sequence[str]) -> list[Block]:
    """What has come of the alert, the newest where there is no room for all."""
    lines = filter(None, (shortened(mark, _LONGEST_MARK, entities) for mark in marks))
    return _small(unescape("\n".join(last_lines(list(lines), _LONGEST_MARKS))))


def _picture(chart: Chart, file_id: str | None) -> Block:
    alt = literal(chart.alt, ALT) or "A chart"
    if file_id is None:
        return _small(f"Chart: {literal(alt, ALT - 10)}")[0]
    return {"type": "image", "slack_file": {"id": file_id}, "alt_text": alt}


def _button(action: str, value: str = "") -> Block:
    button = {"type": "button", "action_id": action, "text": _plain(LABELS[action])}
    return {**button, "value": value} if value else button


def _small(text: str) -> list[Block]:
    """Small print, if there is any."""
    return [{"type": "context", "elements": [_plain(text)]}] if text else []


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text, "emoji": False}


def _marked(text: str) -> Block:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _words(text: str) -> Block:
    return {"type": "text", "text": text}


def _rich(elements: list[Block]) -> Block:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]}
