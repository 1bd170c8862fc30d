"""The line under a message that says who silenced it until when. Pure."""

from datetime import datetime

MOST_CONTENT = 2000
# Discord's small print; nothing else that the bot posts begins a line so.
_LEAD = "-# "


def mark(verb: str, user_id: int, until: datetime) -> str:
    """Who did what until when: "-# Silenced by <@1> until …", each reader's own clock."""
    stamp = int(until.timestamp())
    return f"{_LEAD}{verb} by <@{user_id}> until <t:{stamp}:f>, <t:{stamp}:R>"


def with_mark(content: str, line: str) -> str:
    """The message's content with that line at its end, in place of an earlier one."""
    kept = [part for part in content.split("\n") if not part.startswith(_LEAD)]
    text = "\n".join(kept).rstrip()
    room = MOST_CONTENT - len(line) - 1
    if len(text) > room:
        text = text[: room - 1].rstrip() + "…"
    return f"{text}\n{line}" if text else line
