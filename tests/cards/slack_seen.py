"""What a reader sees of a message in Slack, from top to bottom, as plain text."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.cards.mrkdwn import as_seen
from bot.cards.to_text import width_of

Block = Mapping[str, Any]


def seen(text: str, blocks: Sequence[Block]) -> str:
    """The line of the notification, and the message below it."""
    return "\n".join([f"[notification] {as_seen(text)}", *(_block(block) for block in blocks)])


def _block(block: Block) -> str:
    kind = block["type"]
    if kind == "header":
        return f"# {said(block['text'])}"
    if kind == "section":
        return "\n".join(f"| {said(field)}".replace("\n", "\n|   ") for field in block["fields"])
    if kind == "context":
        return "\n".join(f"({said(element)})" for element in block["elements"])
    if kind == "image":
        return f"[image {block['slack_file']['id']}: {block['alt_text']}]"
    if kind == "actions":
        return " ".join(f"[{said(button['text'])}]" for button in block["elements"])
    if kind == "table":
        return table_seen(block)
    return rich(block)


def said(text: Block) -> str:
    """The text of a text object."""
    return as_seen(text["text"]) if text["type"] == "mrkdwn" else str(text["text"])


def rich(part: Block) -> str:
    """The text of rich text."""
    if "elements" in part:
        return "".join(rich(element) for element in part["elements"])
    if part["type"] == "date":
        return f"[time since {part['fallback']}]"
    if part["type"] == "usergroup":
        return f"@group {part['usergroup_id']}"
    return str(part["url"] if part["type"] == "link" else part["text"])


def table_seen(block: Block) -> str:
    """A table with its columns aligned as Slack aligns them."""
    rows = [[rich(cell) for cell in row] for row in block["rows"]]
    widths = [max(width_of(row[i]) for row in rows) for i in range(len(rows[0]))]
    right = [one["align"] == "right" for one in block["column_settings"]]
    lines = []
    for row in rows:
        gaps = [" " * (width - width_of(cell)) for cell, width in zip(row, widths, strict=True)]
        cells = zip(row, gaps, right, strict=True)
        lines.append("  ".join(gap + cell if end else cell + gap for cell, gap, end in cells))
    return "\n".join(line.rstrip() for line in lines)
