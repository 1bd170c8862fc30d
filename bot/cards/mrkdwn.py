"""Text of others in Slack's mrkdwn: shown as it is, and unable to do anything. Pure.

mrkdwn has no sign that takes the meaning from another. So what could format is written as its
look-alike ("∗" for "*"), and what could name somebody, a channel or an emoji is parted by a space
of no width. `bot.cards.to_slack` avoids it where it can: Slack reads no markup in plain_text and
rich_text. It is left for what is bold beside what is not in a field, and for the line that
notifications show.
"""

import re
from html import unescape

from bot.cards.addresses import pieces
from bot.cards.markdown import INVISIBLE, shortened, units
from bot.cards.to_text import clean

LOOK_ALIKES = str.maketrans("*`_~", "∗ˋˍ∼")
# Slack leaves the last two alone between letters or digits, as in snake_case.
_MARKERS = re.compile(r"[*`]|(?<![0-9A-Za-z])[_~]|[_~](?![0-9A-Za-z])")
_PARTED = re.compile(
    r"(?<=:)(?=//)"  # addresses that are no links
    r"|(?<=:)(?=[\w+'-]+:)"  # :tada:
    r"|(?<=@)(?=channel|everyone|here)"
    r"|(?<=(?<!\w)[@#])(?=\w)",  # @ann, #general
    re.IGNORECASE,
)
# Quotes, and what people take for lists, where a line begins.
_LINE_START = re.compile(r"^(?=&gt;|(?:[-*∗•◦]|\d+[.)])(?:\s|$))")
_GROUP = re.compile(r"<!subteam\^(S[0-9A-Z]{2,20})(?:\|[^<>|]{0,80})?>")
_SEEN = re.compile(
    rf"<((?i:https?)://[^ >]+)>|<!subteam\^(\w+)>|(\*|{INVISIBLE})",
)


def plain(text: str) -> str:
    """`text` as mrkdwn that shows it as it is: no mentions, no formatting, no links in disguise.

    Newlines stay, and so do addresses that can be read as they stand.
    """
    return "\n".join(_line(line, links=True) for line in text.split("\n"))


def inert(text: str) -> str:
    """`text` in one line as with `plain`, without links: for titles and names."""
    return _line(text, links=False)


def entities(text: str) -> str:
    """`text` with the three characters that Slack gives a meaning written as entities."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def size(text: str) -> int:
    """How much of a limit `text` takes at most: Slack may count an "&" as "&amp;"."""
    return units(entities(text))


def literal(text: str, limit: int) -> str:
    """`text` in one clean line for where Slack reads no markup, of a size of at most `limit`."""
    return unescape(shortened(text, limit, entities))


def group_of(mention: str) -> str | None:
    """The id of the user group that `mention` really calls ("<!subteam^ID>"); None for others."""
    found = _GROUP.fullmatch(mention.strip())
    return found[1] if found else None


def as_seen(text: str) -> str:
    """What a reader sees of mrkdwn written here, without its markup."""
    return unescape(_SEEN.sub(_one_seen, text))


def _one_seen(found: re.Match[str]) -> str:
    address, group, _markup = found.groups()
    return address or (f"@group {group}" if group else "")


def _line(text: str, *, links: bool) -> str:
    text = clean(text).strip()
    parts = pieces(text) if links else [(text, False)]
    written = (f"<{entities(part)}>" if sound else _quiet(part) for part, sound in parts)
    return _LINE_START.sub(INVISIBLE, "".join(written))


def _quiet(text: str) -> str:
    text = _MARKERS.sub(lambda marker: marker[0].translate(LOOK_ALIKES), text)
    return entities(_PARTED.sub(INVISIBLE, text))
